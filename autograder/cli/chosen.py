"""`grad --course`: which course a command is about, in its own process and in those it starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from autograder.lessons.course import NBGRADER, Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.finding import VARIABLE, installed, own_name


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
    """Raise WrongUse where an nbgrader course is meant and something else is named."""
    if (folder / NBGRADER).exists():
        return
    own = "nbgrader's is to be a folder of its own"
    before = f"the lessons are named before the command: grad --course {folder} ..."
    if (folder / "solutions").is_dir():
        raise WrongUse(f"{folder} is a course of lessons, and {own}; {before}")
    if (folder / "exercises").is_dir():
        raise WrongUse(f"{folder} is a workspace, and {own}; name another one")
    if not folder.exists() and str(folder) in (own_name(), *installed()):
        raise WrongUse(f"{folder} names a course of lessons, and {own}; {before}")
