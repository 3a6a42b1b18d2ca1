"""Grafting: an exercise that was written in another file, put in its place in the lesson's file.

All else is the learner's own lesson. Whoever reads the report has the other file open, so that
every line is told as the file counts it that it came from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.lessons.definitions import DEFINITIONS, IMPORTS, loaded, stores
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import read
from autograder.lessons.lesson import Lesson
from autograder.lessons.markers import last_line
from autograder.lessons.names import definitions, first_line
from autograder.lessons.places import shown_path
from autograder.lessons.submission import Submission
from autograder.lessons.units import Unit, parse


@dataclass(frozen=True)
class Row:
    """A line of code, and where it came from; the other file's lines have no label."""

    text: str
    label: str
    number: int


Rows = list[Row]


def grafted(file: Path, scratch: Path, lesson: Lesson, id: str) -> Submission:
    """The submission in a lesson's file with the scratch file's definition of one exercise.

    What that definition needs of the scratch file, such as a helper, comes along. Raises
    Unreadable, and WrongUse where one of the two is not Python or the definition is gone.
    """
    own, tree = read(file), _tree(scratch)
    if not own.readable and own.problems:
        raise WrongUse(_broken(file, own.problems[0].line))
    node = next((node for name, node in definitions(tree) if name == id), None)
    if node is None:
        raise WrongUse(
            f"{shown_path(scratch)} doesn't define {id} any more; put its `def` back, or say --new"
        )
    lines = scratch.read_text(encoding="utf-8-sig").split("\n")
    helpers = [row for each in _helpers(tree, node, own, lesson) for row in _rows(lines, each)]
    pieces = [_own_rows(own, unit, file.name) for unit in own.units]
    _put(pieces, own, id, _rows(lines, node), helpers, _rows(lines, _statement(tree, node)))
    return _submission(own, pieces)


def _tree(scratch: Path) -> ast.Module:
    submission = read(scratch)
    if submission.problems:
        raise WrongUse(_broken(scratch, submission.problems[0].line))
    return ast.Module([node for _, tree in submission.parsed() for node in tree.body], [])


def _broken(file: Path, line: int) -> str:
    return f"{shown_path(file)} is not Python in line {line}; mend it, and ask again"


def _rows(lines: Sequence[str], node: ast.stmt) -> Rows:
    span = range(first_line(node), last_line(node) + 1)
    return [Row(lines[number - 1], "", number) for number in span]


def _own_rows(own: Submission, unit: Unit, name: str) -> Rows:
    begun = 1 if unit.label else unit.line
    texts = unit.source.split("\n")
    return [Row(text, unit.label or name, begun + n) for n, text in enumerate(texts)]


def _put(
    pieces: list[Rows], own: Submission, id: str, rows: Rows, helpers: Rows, whole: Rows
) -> None:
    """Put the rows where the exercise is defined last, or where it would be."""
    for piece, unit in zip(reversed(pieces), reversed(own.units), strict=True):
        tree, _ = parse(replace(unit, line=1))
        if span := _place(tree, id) if tree else None:
            start, end, before, indent = span
            piece[start:end] = _indented(rows, indent)
            piece[before:before] = helpers
            return
    pieces[-1].extend([*helpers, *whole])  # the file has neither it nor its class any more


def _place(tree: ast.Module, id: str) -> tuple[int, int, int, int] | None:
    """Which rows of a unit to replace, before which one helpers stand, and the indentation."""
    owner = id.rpartition(".")[0]
    if found := [node for name, node in definitions(tree) if name == id]:
        node = found[-1]
        span = first_line(node) - 1, last_line(node)
        return *span, first_line(_statement(tree, node)) - 1, node.col_offset
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == owner]
    if not classes:
        return None
    end = last_line(classes[-1])
    return end, end, first_line(classes[-1]) - 1, classes[-1].body[0].col_offset


def _statement(tree: ast.Module, node: ast.stmt) -> ast.stmt:
    """The statement at the top of a module that holds a definition."""
    return next(each for each in tree.body if node in ast.walk(each))


def _indented(rows: Rows, indent: int) -> Rows:
    """The rows moved to a column; those in the middle of a text that begins further left stay."""
    first = rows[0].text
    here = len(first) - len(first.lstrip())
    if here == indent:
        return rows
    return [
        replace(row, text=" " * indent + row.text[here:])
        if row.text[:here].isspace() or not here
        else row
        for row in rows
    ]


def _helpers(
    tree: ast.Module, node: ast.stmt, own: Submission, lesson: Lesson
) -> Iterator[ast.stmt]:
    """The statements of the scratch file, in its order, that a definition needs.

    Other exercises are taken from the lesson's file, and so is what that one imports.
    """
    exercises = {id.partition(".")[0] for id in lesson.exercises}
    known = {name for _, each in own.parsed() for n in each.body for name in _gives(n)}
    others: dict[str, list[ast.stmt]] = {}
    for each in tree.body:
        for name in _gives(each) - (known if isinstance(each, IMPORTS) else exercises):
            others.setdefault(name, []).append(each)
    waiting, needed = [*loaded(node)], set[int]()
    while waiting:
        for each in others.pop(waiting.pop(), ()):
            if id(each) not in needed:
                needed.add(id(each))
                waiting += loaded(each)
    yield from (each for each in tree.body if id(each) in needed)


def _gives(node: ast.stmt) -> set[str]:
    """The names that a statement defines, sets or imports."""
    if isinstance(node, DEFINITIONS):
        return {node.name}
    if isinstance(node, IMPORTS):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return stores(node)


def _submission(own: Submission, pieces: list[Rows]) -> Submission:
    units, line = [], 1
    for unit, piece in zip(own.units, pieces, strict=True):
        source = "\n".join(row.text for row in piece)
        units.append(replace(unit, source=source, line=line))
        line += len(piece)
    origins = tuple((row.label, row.number) for piece in pieces for row in piece)
    return replace(own, units=units, origins=origins)
