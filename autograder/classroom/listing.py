"""An exercise's own code of a submission: as it was written, or without what tells its author."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass

from autograder.classroom.alike import Alike, last_definitions
from autograder.classroom.fingerprints import grams
from autograder.lessons.markers import last_line
from autograder.lessons.names import first_line
from autograder.lessons.submission import Submission

# More is no example, and no pair is looked at line by line.
MAX_LINES = 60


@dataclass(frozen=True)
class Line:
    """A line of code; `same` where the other one of a pair has it too."""

    text: str
    same: bool


def side_by_side(
    alike: Alike, exercise: str, one: Submission, other: Submission
) -> tuple[list[Line], list[Line]]:
    """An exercise of two submissions, with the lines marked that are the same up to names."""
    nodes = [_function(each, exercise) for each in (one, other)]
    rows = [grams(node, alike.kept) if node else [] for node in nodes]
    common = {gram.hash for gram in rows[0]} & {gram.hash for gram in rows[1]}
    sides = []
    for submission, node, own in zip((one, other), nodes, rows, strict=True):
        spans = [range(gram.first, gram.last + 1) for gram in own if gram.hash in common]
        same = {line for span in spans for line in span}
        sides.append(_lines(submission, node, same) if node else [])
    return sides[0], sides[1]


def anonymous(submission: Submission, exercise: str) -> str:
    """An exercise's code without comments and docstring, in Python's own layout; or nothing."""
    node = _function(submission, exercise)
    if node is None:
        return ""
    bare = ast.FunctionDef(**{name: getattr(node, name) for name in node._fields})
    if ast.get_docstring(node) is not None:
        bare.body = node.body[1:] or [ast.Pass()]
    try:
        lines = ast.unparse(ast.fix_missing_locations(bare)).splitlines()
    except (RecursionError, ValueError):  # nested too deeply, or a number of too many digits
        return ""
    return "\n".join(_cut(lines))


def _function(submission: Submission, exercise: str) -> ast.FunctionDef | None:
    return last_definitions(submission, {exercise}).get(exercise)


def _lines(submission: Submission, node: ast.FunctionDef, same: Collection[int]) -> list[Line]:
    first, last = first_line(node), last_line(node)
    unit = next(unit for unit in reversed(submission.units) if unit.line <= first)
    texts = unit.source.split("\n")[first - unit.line : last - unit.line + 1]
    found = [Line(text, first + at in same and bool(text.strip())) for at, text in enumerate(texts)]
    return found if len(found) <= MAX_LINES else [*found[:MAX_LINES], Line("...", False)]


def _cut(lines: list[str]) -> list[str]:
    return lines if len(lines) <= MAX_LINES else [*lines[:MAX_LINES], "..."]
