"""An exercise that is not there, and a definition that may be meant for it under another name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.lessons.lesson import Lesson
from autograder.lessons.spelling import nearest
from autograder.lessons.submission import Submission
from autograder.reports.cause import Cause

_DEFINED = ast.FunctionDef | ast.ClassDef


def renamed(submission: Submission, lesson: Lesson, id: str) -> tuple[Cause, ...]:
    """The definition of a name that is nearly an exercise's, or nearly its class's."""
    owner, _, name = id.rpartition(".")
    known = {part for each in lesson.exercises for part in each.split(".")}
    tops = [node for _, tree in submission.parsed() for node in tree.body]
    classes = [node for node in tops if isinstance(node, ast.ClassDef) and node.name == owner]
    if owner and not classes:
        name, nodes = owner, list(_definitions(tops))
    else:
        nodes = list(_definitions([n for each in classes for n in each.body] if owner else tops))
    meant = nearest(name, {node.name for node in nodes} - known)
    found = [node for node in nodes if node.name == meant]
    if not found:
        return ()
    line, says = found[-1].lineno, f"`{meant}` stands where `{name}` is meant: it is misspelt"
    safe = f"`{name}` is misspelt, or has been given another name"
    where = submission.place(line)[0]
    return (Cause("misspelt", says, hedged=False, line=line, where=where, safe=safe),)


def line_of(submission: Submission, lesson: Lesson, id: str) -> int | None:
    """The line of an exercise's definition, or of the one that may be meant for it."""
    if line := submission.line_of(id):
        return line
    return next((cause.line for cause in renamed(submission, lesson, id)), None)


def _definitions(nodes: list[ast.stmt]) -> Iterator[_DEFINED]:
    return (node for node in nodes if isinstance(node, _DEFINED))
