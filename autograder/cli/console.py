"""Where the commands print: rich on a terminal, plain text elsewhere; NO_COLOR is respected."""

from __future__ import annotations

import functools
import sys
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from autograder.lessons.course import Course
from autograder.reports.terminal import plain
from autograder.workspace.workspace import Workspace

ExerciseName = Annotated[
    str, typer.Argument(metavar="EXERCISE", help="Its name, or any part that no other has.")
]


class Data(StrEnum):
    """What a milestone trains on."""

    AUTO = "auto"
    REAL = "real"
    SMALL = "small"


@functools.cache
def console() -> Console:
    """Long lines are left to the terminal, and nothing in a text is read as markup."""
    return Console(soft_wrap=True, markup=False, highlight=False, emoji=False)


def open_workspace(course: Course) -> Workspace:
    """The workspace here with its progress; says so where a damaged file was set aside."""
    workspace = Workspace.find(course)
    if notice := workspace.store.notice:
        error_line(notice)
    return workspace


def error_line(sentence: str) -> None:
    """One sentence for a person on stderr."""
    print(f"grad: {plain(sentence)}", file=sys.stderr)
