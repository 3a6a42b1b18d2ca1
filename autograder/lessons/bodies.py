"""The bodies of a lesson's exercises as lines: taken out of one text, and put into another."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from autograder.lessons.lesson import functions
from autograder.lessons.markers import last_line
from autograder.lessons.units import Unit, parse

Lines = Sequence[str]


def bodies(source: str) -> dict[str, list[str]]:
    """The lines below the docstring of every function and method at the top of a text, by its id.

    Of several definitions the first counts. One that begins on the line of its `def` is left out.
    """
    lines = source.split("\n")
    return {id: lines[span] for id, span in _spans(source).items()}


def with_bodies(source: str, wanted: Mapping[str, Lines]) -> str:
    """The text with other lines as the bodies of some of its functions, indented as they are."""
    lines, spans = source.split("\n"), _spans(source)
    for id in sorted(wanted.keys() & spans.keys(), key=lambda id: spans[id].start, reverse=True):
        lines[spans[id]] = _indented_like(lines[spans[id]], wanted[id])
    return "\n".join(lines)


def contracts(source: str) -> dict[str, str]:
    """What a learner is told of each function: the lines from its `def` to its body, by its id."""
    lines, tree = source.split("\n"), parse(Unit(source))[0]
    spans = _spans(source)
    found = functions(tree) if tree else ()
    return {
        id: "\n".join(lines[node.lineno - 1 : spans[id].start]) for id, node in found if id in spans
    }


def _spans(source: str) -> dict[str, slice]:
    lines, tree = source.split("\n"), parse(Unit(source))[0]
    found: dict[str, slice | None] = {}
    for id, node in functions(tree) if tree else ():
        found.setdefault(id, _span(node, lines))
    return {id: span for id, span in found.items() if span is not None}


def _span(node: ast.FunctionDef, lines: Lines) -> slice | None:
    has_text = ast.get_docstring(node, clean=False) is not None
    statements = node.body[1:] if has_text else node.body
    if not statements:
        return None
    first = statements[0]
    if lines[first.lineno - 1][: first.col_offset].strip():
        return None
    start = last_line(node.body[0]) if has_text else first.lineno - 1
    while not has_text and lines[start - 1].strip().startswith("#"):
        start -= 1
    end = last_line(node)
    for number in range(end, len(lines)):
        text = lines[number].strip()
        if text and (not text.startswith("#") or _indent(lines[number]) <= node.col_offset):
            break
        end = number + 1 if text else end
    return slice(start, end)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _indented_like(there: Lines, wanted: Lines) -> Lines:
    """The wanted lines, moved to the right or left as a whole; a text in them stays as it is."""
    tree = parse(Unit("\n".join(["if True:", *wanted])))[0]
    if tree is None or not there:
        return wanted
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
    texts = [node for node in nodes if isinstance(node, ast.Constant | ast.JoinedStr)]
    inside = {n for node in texts for n in range(node.lineno + 1, (node.end_lineno or 0) + 1)}
    begun = tree.body[0]
    assert isinstance(begun, ast.If)
    here, theirs = min(map(_indent, filter(str.strip, there))), begun.body[0].col_offset
    return [
        line if number in inside or not line.strip() else _moved(line, here - theirs)
        for number, line in enumerate(wanted, 2)
    ]


def _moved(line: str, right: int) -> str:
    return " " * right + line if right > 0 else line[min(-right, _indent(line)) :]
