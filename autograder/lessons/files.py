"""Reading a learner's file, a script or a notebook, as a submission.

A file that cannot be graded as it is raises Unreadable, with one sentence that says why.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from autograder.lessons import bounds
from autograder.lessons.bounds import (
    MAX_CELLS,
    MAX_CODE,
    MAX_NOTEBOOK,
    MAX_VALUES,
    TooLarge,
    Unreadable,
)
from autograder.lessons.cells import Cell, code_in, from_cells, script_units
from autograder.lessons.submission import Submission

__all__ = [
    "TooLarge",
    "Unreadable",
    "content_of",
    "files_in",
    "is_text",
    "parsed",
    "read",
    "submission_of",
]

SUFFIXES = (".py", ".ipynb")
# It is released beside every lesson, and nobody's work.
RELEASED = "autograder.py"

_MIB = 2**20


def is_work(name: str) -> bool:
    """Whether a file's name is a script's or a notebook's."""
    return Path(name).suffix in SUFFIXES


def files_in(folder: Path) -> list[Path]:
    """The scripts and notebooks below a folder, by name: nothing hidden, and nothing by a link."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        paths = (Path(place, name) for name in names if not name.startswith("."))
        found += [path for path in paths if path.suffix in SUFFIXES and path.name != RELEASED]
    return sorted(found)


def read(path: Path, *, links: bool = True) -> Submission:
    """Read a `.py` or `.ipynb` file; raises Unreadable with one sentence where it cannot be.

    With `links` False a link is refused, because it may lead to somebody else's work; a file that
    has another name (a hard link) is one.
    """
    return parsed(path, content_of(path, links=links))


def parsed(path: Path, content: bytes) -> Submission:
    """The submission in a file's bytes; raises Unreadable. path: its name, where it came from."""
    _refuse(path, len(content))
    text = _text(path, content)
    if path.suffix != ".ipynb":
        _rehearse_unless_small(path, text, [text])
        return submission_of(path, text)
    cells = _cells(path, text)
    _rehearse_unless_small(path, text, code_in(cells))
    return from_cells(str(path), cells)


def submission_of(path: Path, text: str) -> Submission:
    """The text of a file as a submission, however long that takes."""
    if path.suffix == ".ipynb":
        return from_cells(str(path), _cells(path, text))
    return Submission(str(path), script_units(text))


def notebook_cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook that `read` has read, as they stand in it."""
    return _listed(_text(path, content_of(path, links=False)))


def _rehearse_unless_small(path: Path, text: str, code: list[str]) -> None:
    if not bounds.is_small(code):
        bounds.rehearse(path, text)


def content_of(path: Path, *, links: bool = True) -> bytes:
    """The bytes of a file that `parsed` may be able to read; raises Unreadable as `read` does."""
    if not links and path.is_symlink():
        raise Unreadable(f"{path} is a symbolic link; hand in the file itself")
    if path.is_dir():
        raise Unreadable(f"{path} is a folder; name a .py or .ipynb file")
    if not path.exists():
        raise Unreadable(f"there is no file {path}; check the name")
    if not path.is_file():
        raise Unreadable(f"{path} is not a plain file; name a .py or .ipynb file")
    try:
        return _content(path, links=links)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None


def is_text(name: str) -> bool:
    """Whether the bytes of a file's name are UTF-8; any other can stand in no database and page."""
    try:
        return bool(name.encode())
    except UnicodeEncodeError:
        return False


def _refuse(path: Path, size: int) -> None:
    if path.suffix not in SUFFIXES:
        raise Unreadable(f"{path} ends in {path.suffix!r}; only .py and .ipynb can be graded")
    limit = MAX_NOTEBOOK if path.suffix == ".ipynb" else MAX_CODE
    if size > limit:
        has = f"{path} has {size / _MIB:.3g} MiB, more than the {limit // _MIB} MiB"
        such = ", such as the outputs" if path.suffix == ".ipynb" else ""
        raise TooLarge(f"{has} that are read; take out what is not code{such}")


def _text(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    if "\0" in text:
        raise Unreadable(f"{path} has a NUL byte at {text.index(chr(0))}; save it as plain text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _content(path: Path, *, links: bool) -> bytes:
    """The bytes of a file, as far as they may be read; what it is, is asked of the open file."""
    # A named pipe that came since would let us wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable(f"{path} is not a plain file; name a .py or .ipynb file")
        if about.st_nlink > 1 and not links:
            same = f"{path} is the same file as another one (a hard link)"
            raise Unreadable(f"{same}; hand in a copy")
        _refuse(path, about.st_size)
        return file.read(MAX_NOTEBOOK)


def _cells(path: Path, text: str) -> list[Cell]:
    """The cells of a notebook of format 4 or 3."""
    if sum(map(text.count, "[{,")) > MAX_VALUES:
        many = f"{path} has more than {MAX_VALUES} lists and values in it"
        raise TooLarge(f"{many}; clear its outputs, and save it again")
    try:
        listed = _listed(text)
        if len(listed) > MAX_CELLS:
            raise TooLarge(f"{path} has {len(listed)} cells, more than {MAX_CELLS}; take some out")
        cells = [_cell(cell, number) for number, cell in enumerate(listed, 1)]
    except RecursionError:
        raise Unreadable(f"{path} is nested too deeply to be a notebook") from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise Unreadable(f"{path} is not a notebook; save it again from Jupyter") from None
    if not any(cell.source for cell in cells if cell.is_code):
        raise Unreadable(f"{path} has no cell with code; is it the right file?")
    if sum(map(len, code_in(cells))) > MAX_CODE:
        raise TooLarge(f"{path} has more than {MAX_CODE // _MIB} MiB of code; take some out")
    return cells


def _listed(text: str) -> list[dict[str, Any]]:
    notebook = json.loads(text)
    listed = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
    if not isinstance(listed, list):
        raise TypeError(f"cells that are {type(listed).__name__}")
    return listed


def _cell(cell: dict[str, Any], number: int) -> Cell:
    source: Any = cell.get("source", cell.get("input", ""))
    kind, metadata = cell["cell_type"], cell.get("metadata")
    claimed = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    claimed = claimed if isinstance(claimed, dict) else {}
    if kind == "code" and not isinstance(source, str):
        source = "".join(source)
    elif not isinstance(source, str):
        parts = source if isinstance(source, list) else []
        source = "".join(part for part in parts if isinstance(part, str))
    grade_id = claimed.get("grade_id")
    return Cell(
        source.replace("\r\n", "\n").replace("\r", "\n"),
        number,
        is_code=kind == "code",
        is_answer=claimed.get("solution") is True and claimed.get("cell_type", "code") == "code",
        grade_id=grade_id if isinstance(grade_id, str) else "",
    )
