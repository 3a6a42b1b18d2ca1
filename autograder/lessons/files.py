"""Reading a learner's file, a script or a notebook, as a submission.

A file that cannot be graded as it is raises Unreadable, with one sentence that says why.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from autograder.lessons.cells import Cell, from_cells, script_units
from autograder.lessons.errors import WrongUse
from autograder.lessons.submission import Submission

MAX_BYTES = 2 * 2**20
MAX_NOTEBOOK_BYTES = 256 * 2**20
MAX_CELLS = 2000
SUFFIXES = (".py", ".ipynb")
# It is released beside every lesson, and nobody's work.
RELEASED = "autograder.py"


class Unreadable(WrongUse):
    """A file that cannot be graded as it is; the message says why and what to do."""


class TooLarge(Unreadable):
    """A file of more bytes, code or cells than are read."""


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

    With `links` False a symbolic link is refused, because it may lead to somebody else's work.
    """
    return parsed(path, content_of(path, links=links))


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
    _refuse(path, path.stat().st_size)
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None


def parsed(path: Path, content: bytes) -> Submission:
    """The submission in a file's bytes; raises Unreadable. path: its name, where it came from."""
    _refuse(path, len(content))
    text = _text(path, content)
    if path.suffix == ".ipynb":
        return from_cells(str(path), _cells(path, text))
    return Submission(str(path), script_units(text))


def _refuse(path: Path, size: int) -> None:
    if path.suffix not in SUFFIXES:
        raise Unreadable(f"{path} ends in {path.suffix!r}; only .py and .ipynb can be graded")
    limit = MAX_NOTEBOOK_BYTES if path.suffix == ".ipynb" else MAX_BYTES
    if size > limit:
        raise TooLarge(
            f"{path} has {size / 2**20:.0f} MiB, more than the {limit // 2**20} MiB that are read;"
            " take out what is not code"
        )


def _text(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    if "\0" in text:
        raise Unreadable(f"{path} has a NUL byte at {text.index(chr(0))}; save it as plain text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cells(path: Path, text: str) -> list[Cell]:
    """The cells of a notebook of format 4 or 3."""
    try:
        notebook = json.loads(text)
        listed = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        cells = [_cell(cell, number) for number, cell in enumerate(listed, 1)]
    except RecursionError:
        raise Unreadable(f"{path} is nested too deeply to be a notebook") from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise Unreadable(f"{path} is not a notebook; save it again from Jupyter") from None
    if not any(cell.source for cell in cells if cell.is_code):
        raise Unreadable(f"{path} has no cell with code; is it the right file?")
    if sum(len(cell.source) for cell in cells if cell.is_code) > MAX_BYTES:
        raise TooLarge(f"{path} has more than {MAX_BYTES // 2**20} MiB of code; take some out")
    if sum(bool(cell.source) for cell in cells if cell.is_code) > MAX_CELLS:
        raise TooLarge(f"{path} has more than {MAX_CELLS} cells of code; take some out")
    return cells


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
