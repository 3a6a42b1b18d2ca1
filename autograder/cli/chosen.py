"""`grad --course`: which course a command is about, in its own process and in those it starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.finding import VARIABLE


def _choose(context: typer.Context, value: str) -> str:
    """Name the course for as long as the command runs. Raises WrongUse."""
    if value:
        chosen = Course.named(value, "--course")
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = chosen.reference
        context.call_on_close(lambda: _put_back(before))
    return value


def _put_back(value: str | None) -> None:
    os.environ.pop(VARIABLE, None)
    if value is not None:
        os.environ[VARIABLE] = value


# Eager, so that `grad --course FOLDER --help` is about that course too.
ChosenCourse = Annotated[
    str,
    typer.Option(
        "--course",
        metavar="FOLDER",
        callback=_choose,
        is_eager=True,
        help="The course of lessons: its folder, or the name of an installed one.",
    ),
]


def refuse_lessons(folder: Path) -> None:
    """Raise WrongUse where an nbgrader course is meant and the folder holds lessons."""
    if (folder / "solutions").is_dir() and not (folder / "nbgrader_config.py").exists():
        raise WrongUse(
            f"{folder} is a course of lessons, and nbgrader's is to be a folder of its own; the "
            f"lessons are named before the command: grad --course {folder} ..."
        )
