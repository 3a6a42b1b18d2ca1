"""A submission with another text for one function, for a usual run of what an edit has made."""

from __future__ import annotations

import ast
import dataclasses
import textwrap

from autograder.lessons.names import first_line
from autograder.lessons.submission import Submission, Unit


def rewritten(submission: Submission, id: str, function: ast.FunctionDef) -> Submission:
    """The same submission, in which the last definition of an exercise is this one.

    Lines behind it keep their numbers as long as it has no more lines than before.
    """
    before = submission.definition_of(id)
    assert before is not None
    first, last = first_line(before), before.end_lineno or before.lineno
    units = []
    for unit in submission.units:
        count = unit.source.count("\n") + 1
        if unit.line <= first < unit.line + count and not unit.file:
            unit = dataclasses.replace(unit, source=_spliced(unit, first, last, before, function))
        units.append(unit)
    return dataclasses.replace(submission, units=units)


def _spliced(
    unit: Unit, first: int, last: int, before: ast.FunctionDef, function: ast.FunctionDef
) -> str:
    lines = unit.source.split("\n")
    text = textwrap.indent(ast.unparse(function), " " * before.col_offset).split("\n")
    text += [""] * (last - first + 1 - len(text))
    lines[first - unit.line : last - unit.line + 1] = text
    return "\n".join(lines)
