"""Wrong answers as edits of right ones: the edited text, and the lines that are wrong in it."""

from __future__ import annotations

import ast
import functools
import textwrap
from collections.abc import Iterable, Sequence

from autograder.lessons.markers import last_line
from autograder.lessons.names import definitions

Span = tuple[int, int]


def edited(
    source: str, exercise: str, edits: Iterable[Sequence[str]]
) -> tuple[str, frozenset[int]]:
    """A text after `edits` (what stands there, what is written), and the lines that are wrong.

    What stands there is looked for in the exercise, and if it is not in it, in the whole text,
    where it must stand once; ValueError otherwise.
    """
    spans: list[Span] = []
    for there, written in edits:
        at = _find(source, exercise, there)
        source = source[:at] + written + source[at + len(there) :]
        longer = len(written) - len(there)
        spans = [(a + longer, b + longer) if a > at else (a, b) for a, b in spans]
        spans.append((at, at + len(written)))
    return source, frozenset(line for span in spans for line in _lines(source, span))


def with_body(
    source: str, exercise: str, body: str, at: Iterable[str]
) -> tuple[str, frozenset[int]]:
    """A text with another body for an exercise, and the lines of what stands `at` in it."""
    node = _definition(source, exercise)
    if node is None:
        raise ValueError(f"{exercise} is not in the base")
    lines = source.splitlines(keepends=True)
    first = node.body[0]
    written = textwrap.indent(textwrap.dedent(body).strip("\n"), " " * first.col_offset)
    source = "".join([*lines[: first.lineno - 1], written + "\n", *lines[last_line(node) :]])
    return source, lines_of(source, exercise, at)


def lines_of(source: str, exercise: str, texts: Iterable[str]) -> frozenset[int]:
    """The lines of the statements that these texts stand in."""
    starts = [(_find(source, exercise, text), len(text)) for text in texts]
    return frozenset(line for a, length in starts for line in _lines(source, (a, a + length)))


def _find(source: str, exercise: str, text: str) -> int:
    node = _definition(source, exercise)
    if node is not None:
        starts = _starts(source)
        first, last = starts[node.lineno - 1], starts[last_line(node)]
        if (at := source.find(text, first, last)) >= 0:
            return at
    if (count := source.count(text)) != 1:
        raise ValueError(f"{text!r} stands in it {count} times" if count else f"no {text!r} in it")
    return source.index(text)


def _definition(source: str, exercise: str) -> ast.FunctionDef | None:
    found = definitions(_tree(source))
    return next((node for name, node in found if name == exercise), None)


@functools.lru_cache(maxsize=4)
def _tree(source: str) -> ast.Module:
    """The tree of a text; where it is no Python, one with nothing in it."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])


def _starts(source: str) -> list[int]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _lines(source: str, span: Span) -> set[int]:
    """The lines of what was written, widened to its innermost statements.

    Where something was taken away, they are those of the neighbors that are left.
    """
    begin, end = span
    written = source[begin:end]
    if written.strip():
        begin += len(written) - len(written.lstrip())
        end -= len(written) - len(written.rstrip())
        touched = range(_line(source, begin), _line(source, end - 1) + 1)
    else:
        before = len(source[:begin].rstrip()) - 1
        after = len(source) - len(source[end:].lstrip())
        touched = [_line(source, before), _line(source, after)]  # type: ignore[assignment]
    return {each for line in touched for each in _statement(source, line)}


def _line(source: str, at: int) -> int:
    return source.count("\n", 0, max(at, 0)) + 1


def _statement(source: str, line: int) -> range:
    """The lines of the innermost statement that holds a line; of a block, its head alone."""
    found = range(line, line + 1)
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= last_line(node):
            body = getattr(node, "body", None)
            end = max(body[0].lineno - 1, node.lineno) if body else last_line(node)
            if line <= end:
                found = range(node.lineno, end + 1)
    return found
