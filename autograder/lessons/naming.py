"""Which lesson a file is of."""

from __future__ import annotations

from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse


def lesson_of(course: Course, path: Path) -> str:
    """The lesson that a file's name says. Raises WrongUse where it says none."""
    if lesson := named_after(course, path.stem):
        return lesson
    raise WrongUse(f"{path.name} is named like no lesson; say which one it is with --lesson NAME")


def named_after(course: Course, name: str) -> str:
    """The lesson that a name begins with, or an empty text; the longest of several."""
    return max((each for each in course.names if name.startswith(each)), key=len, default="")
