"""The place of a mistake, in words: the line and the kind of change, and never the change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from autograder.repair.edit import Edit


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
    SUPERFLUOUS = "a statement that should not be there"
    MISSING = "a statement that is missing there"
    MOVED = "where a statement stands"
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


def place_of(edits: tuple[Edit, ...], where: Callable[[int], str]) -> Place:
    """The place of a repair of one or more edits; `where` says a line of the file in words."""
    first, *more = edits
    return Place(
        first.line,
        first.last_line,
        first.kind,
        _sentence(edits, [edit.what or edit.kind for edit in edits], where),
        _sentence(edits, [edit.kind for edit in edits], where),
        tuple((edit.line, edit.last_line) for edit in more),
    )


def _sentence(edits: tuple[Edit, ...], whats: list[str], where: Callable[[int], str]) -> str:
    lines = [where(edit.line) for edit in edits]
    if len(edits) == 1:
        return f"a change in {lines[0]} alone would make it pass: {whats[0]}"
    places = ", and in ".join(f"{line} ({what})" for line, what in zip(lines, whats, strict=True))
    return f"changes at {len(edits)} places would make it pass: in {places}"
