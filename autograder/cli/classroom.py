"""The commands for a whole class, `grad class`: the group that they are in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.chosen import ChosenCourse
from autograder.cli.help import help_alone

group = typer.Typer(invoke_without_command=True)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the class.")]


def add_to(app: typer.Typer) -> None:
    group.callback()(begin)
    app.add_typer(
        group, name="class", short_help="Grade a whole class, from a download to a grade book."
    )


def begin(context: typer.Context, course: ChosenCourse = "") -> None:
    """Grade a whole class: collect, then grade, then report, export and feedback.

    All of it is in one folder; `grad docs class` shows the way from a download to a grade book.
    """
    help_alone(context)
