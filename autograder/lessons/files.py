"""Reading a learner's file, a script or a notebook, into the pieces of a submission.

In a notebook, what only Jupyter understands (magics, shell lines) is taken out. A file that cannot
be graded as it is raises Unreadable, with one sentence that says why.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.lessons.errors import WrongUse
from autograder.lessons.submission import Submission, Unit

MAX_BYTES = 2 * 2**20
MAX_NOTEBOOK_BYTES = 256 * 2**20
MAX_CELLS = 2000
_LINE_MAGIC = re.compile(r"^[ \t]*[%!?]|\?[ \t]*$")
_PYTHON_CELL_MAGIC = re.compile(r"^%%(time|timeit|capture|prun)\b")


class Unreadable(WrongUse):
    """A file that cannot be graded as it is; the message says why and what to do."""


def read(path: Path, *, links: bool = True) -> Submission:
    """Read a `.py` or `.ipynb` file; raises Unreadable with one sentence where it cannot be.

    With `links` False a symbolic link is refused, because it may lead to somebody else's work.
    """
    text = _text(path, links)
    if path.suffix == ".ipynb":
        return Submission(str(path), list(_cells(path, text)))
    return Submission(str(path), [Unit(text)])


def _text(path: Path, links: bool) -> str:
    if not links and path.is_symlink():
        raise Unreadable(f"{path} is a symbolic link; hand in the file itself")
    if path.is_dir():
        raise Unreadable(f"{path} is a folder; name a .py or .ipynb file")
    if not path.exists():
        raise Unreadable(f"there is no file {path}; check the name")
    if not path.is_file():
        raise Unreadable(f"{path} is not a plain file; name a .py or .ipynb file")
    if path.suffix not in (".py", ".ipynb"):
        raise Unreadable(f"{path} ends in {path.suffix!r}; only .py and .ipynb can be graded")
    limit = MAX_NOTEBOOK_BYTES if path.suffix == ".ipynb" else MAX_BYTES
    if (size := path.stat().st_size) > limit:
        raise Unreadable(
            f"{path} has {size / 2**20:.0f} MiB, more than the {limit // 2**20} MiB that are read;"
            " take out what is not code"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    if "\0" in text:
        raise Unreadable(f"{path} has a NUL byte at {text.index(chr(0))}; save it as plain text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cells(path: Path, text: str) -> Iterator[Unit]:
    """The code cells of a notebook of format 4 or 3, without what only Jupyter understands."""
    try:
        notebook = json.loads(text)
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        code = [_source(cell) if cell["cell_type"] == "code" else None for cell in cells]
    except RecursionError:
        raise Unreadable(f"{path} is nested too deeply to be a notebook") from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise Unreadable(f"{path} is not a notebook; save it again from Jupyter") from None
    if not any(code):
        raise Unreadable(f"{path} has no cell with code; is it the right file?")
    if sum(len(source) for source in code if source) > MAX_BYTES:
        raise Unreadable(f"{path} has more than {MAX_BYTES // 2**20} MiB of code; take some out")
    if sum(map(bool, code)) > MAX_CELLS:
        raise Unreadable(f"{path} has more than {MAX_CELLS} cells of code; take some out")
    line = 1
    for number, source in enumerate(code, 1):
        if source:
            yield Unit(without_magics(source), line, f"cell {number}")
            line += source.count("\n") + 1


def _source(cell: dict) -> str:
    source = cell.get("source", cell.get("input", ""))
    return source if isinstance(source, str) else "".join(source)


def without_magics(source: str) -> str:
    """A cell as plain Python; magics and shell lines become comments in their places."""
    if source.lstrip().startswith("%%"):
        first, _, rest = source.lstrip().partition("\n")
        if not _PYTHON_CELL_MAGIC.match(first):
            return "\n" * source.count("\n")
        source = f"#{first}\n{rest}"
    if not re.search(_LINE_MAGIC.pattern, source, re.MULTILINE) or _is_python(source):
        return source
    lines = source.split("\n")
    return "\n".join(_without_magic(line) for line in lines)


def _without_magic(line: str) -> str:
    if not _LINE_MAGIC.search(line):
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass  # {line.strip()}"


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
