"""Names of an assignment's cells: made from lesson and exercise, so that a rerun makes the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograder.lessons.disk import digest

# The longest cell id that a notebook may have.
_LONGEST = 64


def test_id(lesson: str, exercise: str) -> str:
    """The grade id of an exercise's locked test cell."""
    return _identifier(f"{lesson}-{exercise}")


def code_id(lesson: str, exercise: str) -> str:
    """The grade id of the cell in which a learner writes; `exercise` is the first one in it."""
    return _identifier(f"{lesson}-{exercise}-code")


def text_id(lesson: str, source: str) -> str:
    """The id of any other cell, from what stands in it."""
    return _identifier(f"{lesson[:40]}-{_digest(source)}")


def exercises_by_test(lesson: str, exercises: Iterable[str]) -> dict[str, str]:
    """The grade ids of a lesson's test cells, each with its exercise."""
    return {test_id(lesson, exercise): exercise for exercise in exercises}


def _identifier(name: str) -> str:
    """Letters, digits, `-` and `_`, at most 64; cut names end in a digest of the whole."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", name)
    return plain if len(plain) <= _LONGEST else f"{plain[:55]}-{_digest(name)}"


def _digest(text: str) -> str:
    return digest(text.encode(), length=8)
