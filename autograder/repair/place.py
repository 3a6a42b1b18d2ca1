"""The place of a mistake, in words: the line and the kind of change, and never the change."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from autograder.repair.edit import Edit, Repair


class Kind(StrEnum):
    """The kind of a change, in words that contain nothing of anybody's code."""

    OPERATOR = "an operator"
    CONSTANT = "a constant"
    SIGN = "a sign"
    CONDITION = "a condition"
    ARGUMENTS = "the arguments of a call"
    CALLED = "what is called"
    NAME = "a name"
    INDEX = "an index"
    ORDER = "the order of what stands there"
    EXPRESSION = "an expression"
    ASSIGNMENT = "how something is assigned"
    RETURN = "what is returned"
    SUPERFLUOUS = "a statement too many"
    MISSING = "a statement that is missing"
    MOVED = "a statement in the wrong place"
    STATEMENT = "a statement"


@dataclass(frozen=True)
class Place:
    """Where a change would make an exercise pass, by the lines of the submission, from 1.

    `says` is the sentence for whoever wrote the code, and `safe` one that repeats nothing of it.
    `others` are the lines, first and last, that have to be changed as well.
    """

    line: int
    last_line: int
    kind: str
    says: str
    safe: str
    others: tuple[tuple[int, int], ...] = ()


def told_from(hints: int, *, is_named: bool = True) -> int:
    """With how many of an exercise's hints the place is given away.

    It is the last but one, and the first where the report has named nothing that may be wrong.
    """
    return max(hints - 1, 1) if is_named else 1


def place_of(repair: Repair, where: Callable[[int], str]) -> Place:
    """The place of a repair of one or more edits; `where` says a line of the file in words."""
    edits = _one_a_line(repair)
    first, *more = edits
    return Place(
        first.line,
        first.last_line,
        first.kind,
        _sentence(edits, [edit.what or edit.kind for edit in edits], where),
        _sentence(edits, [edit.kind for edit in edits], where),
        tuple((edit.line, edit.last_line) for edit in more),
    )


def _one_a_line(repair: Repair) -> list[Edit]:
    """The edits by their lines; several in one line are a change of the statement there."""
    lines: dict[int, Edit] = {}
    for edit in sorted(repair, key=lambda edit: edit.line):
        if other := lines.get(edit.line):
            last = max(edit.last_line, other.last_line)
            edit = dataclasses.replace(edit, last_line=last, kind=Kind.STATEMENT, what="")
        lines[edit.line] = edit
    return list(lines.values())


def _sentence(edits: list[Edit], whats: list[str], where: Callable[[int], str]) -> str:
    lines = [where(edit.line) for edit in edits]
    if len(edits) == 1:
        return f"a change in {lines[0]} alone would make it pass: {whats[0]}"
    places = ", and in ".join(f"{line} ({what})" for line, what in zip(lines, whats, strict=True))
    return f"changes at {len(edits)} places would make it pass: in {places}"


def kind_of(owner: ast.AST, field: str, before: ast.AST, after: ast.AST) -> tuple[Kind, str]:
    """The kind of a change by what stood there and what comes there, and its words."""
    if isinstance(before, ast.stmt):
        return (Kind.RETURN if isinstance(after, ast.Return) else Kind.STATEMENT), ""
    if isinstance(before, ast.Constant) and isinstance(after, ast.Constant | ast.UnaryOp):
        is_text = isinstance(before.value, str)
        return Kind.CONSTANT, "" if is_text else f"the constant `{before.value!r}`"
    if isinstance(before, ast.Name | ast.Attribute) and isinstance(after, ast.Name | ast.Attribute):
        name = before.id if isinstance(before, ast.Name) else before.attr
        return Kind.NAME, f"the name `{name}`"
    if isinstance(before, ast.Call) and isinstance(after, ast.Call):
        name = last_name(before.func)
        if name and ast.dump(before.func) == ast.dump(after.func):
            return Kind.ARGUMENTS, f"the arguments of `{name}`"
    if isinstance(before, ast.Compare | ast.BoolOp | ast.IfExp) or field == "test":
        return Kind.CONDITION, ""
    if isinstance(before, ast.UnaryOp) or isinstance(after, ast.UnaryOp):
        return Kind.SIGN, ""
    if isinstance(before, ast.BinOp) and isinstance(after, ast.BinOp):
        sides = [(ast.dump(node.left), ast.dump(node.right)) for node in (before, after)]
        if sides[0] == sides[1]:
            return Kind.OPERATOR, ""
    if isinstance(before, ast.Slice | ast.Subscript) or field == "slice":
        return Kind.INDEX, ""
    if isinstance(owner, ast.Call) and field == "args" and (name := last_name(owner.func)):
        return Kind.ARGUMENTS, f"the arguments of `{name}`"
    if isinstance(owner, ast.Return):
        return Kind.RETURN, ""
    return Kind.EXPRESSION, ""


def last_name(function: ast.AST) -> str:
    """The last name of what is called, where it has one."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
