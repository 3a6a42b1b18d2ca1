"""Pairs of markers in a script: comments that say where in a function something begins and ends."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence

from autograder.lessons.errors import LessonError


def last_line(node: ast.stmt) -> int:
    """Where a statement ends; what was parsed always says it."""
    return node.end_lineno or node.lineno


def lines_of(node: ast.stmt) -> range:
    """The numbers of a statement's lines, from 1."""
    return range(node.lineno, last_line(node) + 1)


def marked(
    lines: Sequence[str], name: str, node: ast.FunctionDef, pair: tuple[str, str]
) -> tuple[int, int] | None:
    """The lines of the two markers in a function; None where it has neither.

    Raises LessonError, whose sentence begins with the line, where they are no pair.
    """
    beginning, ending = pair
    begin = [n for n in lines_of(node) if lines[n - 1].strip() == beginning]
    end = [n for n in lines_of(node) if lines[n - 1].strip() == ending]
    end += [n for n in _trailing(lines, node, pair) if not end]
    if not begin and not end:
        return None
    if len(begin) != 1 or len(end) != 1:
        needed = f"`{name}` needs exactly one {beginning} and one {ending}"
        raise LessonError(f"line {node.lineno}: {needed}")
    return begin[0], end[0]


def _trailing(lines: Sequence[str], node: ast.FunctionDef, pair: tuple[str, str]) -> Iterator[int]:
    """The end marker is a comment, so it lies behind the last statement that `ast` sees."""
    for number in range(last_line(node) + 1, len(lines) + 1):
        text = lines[number - 1].strip()
        if text == pair[1]:
            yield number
        if text and not text.startswith("#"):
            return
        if text in pair:
            return


def refuse_strays(lines: Sequence[str], pair: tuple[str, str], owned: Collection[int]) -> None:
    """Raise LessonError where a marker stands in a line that no pair in a function has."""
    words = [marker.strip("# ") for marker in pair]
    for number, line in enumerate(lines, 1):
        if number not in owned and any(word in line for word in words):
            raise LessonError(
                f"line {number}: {line.strip()!r} is in no function's own body; "
                "put one pair of markers into each function that has any"
            )


def remarks(text: str, word: str) -> tuple[str, ...]:
    """What the comments `# word: ...` say, in their order."""
    return tuple(re.findall(rf"^\s*# {word}: (.+)$", text, re.MULTILINE))
