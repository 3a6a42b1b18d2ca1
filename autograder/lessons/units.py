"""Units: the pieces of a learner's file, each of them Python as a whole or text alone."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from dataclasses import dataclass

# Of a line, as it is shown in a report.
MAX_SHOWN = 500


@dataclass(frozen=True)
class Unit:
    """A piece of source that is Python as a whole, or is not.

    `line` is its first line in the file; the cells of a notebook are counted through as if they
    stood in one file, and `label` names the cell. With `file` it is not executed, but is what can
    be imported from a file of that name; it `appends` to what was written before.
    """

    source: str
    line: int = 1
    label: str = ""
    file: str = ""
    appends: bool = False


@dataclass(frozen=True)
class Problem:
    """A unit that is not Python: its line, and the parser's message with the line and a caret."""

    line: int
    message: str


def parse(unit: Unit) -> tuple[ast.Module | None, Problem | None]:
    """The tree of a unit, with the lines of the file, or what is wrong with it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a submission's escapes; nobody's terminal
            tree = ast.parse(unit.source)
        return ast.increment_lineno(tree, unit.line - 1) if unit.line > 1 else tree, None
    except SyntaxError as error:
        line = unit.line - 1 + (error.lineno or 1)
        text = (error.text or "").rstrip("\n")[:MAX_SHOWN]
        caret = " " * min(max((error.offset or 1) - 1, 0), MAX_SHOWN) + "^"
        return None, Problem(line, f"syntax error: {error.msg}\n    {text}\n    {caret}")
    except (ValueError, RecursionError, MemoryError) as error:
        return None, Problem(unit.line, str(error) or "the code is nested too deeply")


def line_in_text(unit: Unit, id: str) -> int | None:
    """Where the words stand that begin each part of an id: its class, then its method."""
    at = 0
    for name in id.split("."):
        found = definition(name).search(unit.source, at)
        if found is None:
            return None
        at = found.end()
    return unit.line + unit.source.count("\n", 0, at)


def block(lines: list[str]) -> str:
    """The first line with all that is indented below it, dedented."""
    first, *rest = lines
    depth = len(first) - len(first.lstrip())
    end = next(
        (n for n, text in enumerate(rest) if text.strip() and not text[: depth + 1].isspace()),
        len(rest),
    )
    return textwrap.dedent("\n".join([first, *rest[:end]]))


def definition(name: str) -> re.Pattern[str]:
    """The words that begin a function or a class of a name."""
    return re.compile(rf"^[ \t]*(async[ \t]+)?(def|class)[ \t]+{re.escape(name)}\b", re.MULTILINE)
