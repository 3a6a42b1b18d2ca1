"""Commands for who and what is in a class: `grad class collect` and `grad class drop`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.classroom import Folder, group
from autograder.cli.console import console, error_line
from autograder.lessons.course import Course
from autograder.reports.terminal import one_line

if TYPE_CHECKING:
    from autograder.classroom.placing import Row


def add_to(_: typer.Typer) -> None:
    group.command(
        "collect",
        short_help="Take what a learning platform gives out.",
        epilog="Example: grad class collect canvas.zip --into spring",
    )(collect)
    group.command(
        "drop",
        short_help="Leave out a student who has withdrawn.",
        epilog="Example: grad class drop spring lovelaceada",
    )(drop)


def _moment(text: str) -> float:
    """Raises typer.BadParameter."""
    from autograder.classroom.times import seconds_of

    try:
        return seconds_of(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time; write it as 2026-11-01 23:59, with a time zone behind it if it "
            "is another than this machine's"
        ) from None


Sources = Annotated[
    list[Path], typer.Argument(metavar="SOURCE", help="Folders, zips, or single files.")
]
Into = Annotated[Path, typer.Option(help="The folder of the class; made where there is none.")]
Lesson = Annotated[str, typer.Option(help="The lesson; by default it's recognized.")]
Due = Annotated[
    float | None,
    typer.Option(parser=_moment, metavar="TIME", help="When it is due, such as 2026-11-01 23:59."),
]


def collect(sources: Sources, into: Into, lesson: Lesson = "", due: Due = None) -> None:
    """Take the downloads of Canvas, Moodle, Gradescope, GitHub Classroom or nbgrader.

    Each file goes to FOLDER/submitted/STUDENT/LESSON; what it replaces is backed up. What was taken
    and what could not be placed is in FOLDER/collected.csv. The exit code is 1 where a file could
    not be placed. What is late costs no points; the report and the tables say it.
    """
    from autograder.classroom.collected import counted, lines
    from autograder.classroom.collecting import collect as take

    course = Course.find()
    name = course.resolve_lesson(lesson) if lesson else ""
    rows = take(course, sources, into, name, due)
    for line in lines(rows):
        console().print(line)
    console().print(counted(rows))
    if due is not None:
        _tell_of_timeless(rows)
    raise typer.Exit(1 if any(row.is_missing for row in rows) or not rows else 0)


def _tell_of_timeless(rows: list[Row]) -> None:
    number = sum(row.is_taken and row.handed_in is None for row in rows)
    if number:
        files = "1 file comes" if number == 1 else f"{number} files come"
        error_line(
            f"{files} without a time of hand-in, so --due says nothing of it; late is what the "
            "platform calls late"
        )


def drop(
    folder: Folder,
    students: Annotated[
        list[str] | None,
        typer.Argument(metavar="STUDENT", help="As the report names them; none lists the dropped."),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Let them count again.")] = False,
) -> None:
    """Leave students out of grading, the report, exports and feedback.

    Their files and results stay where they are. What was written before stays too: write it again.
    """
    from autograder.classroom import members

    named = list(dict.fromkeys(students or []))
    with members.store_of(folder) as store:
        if undo:
            members.take_back(store, named)
        else:
            members.drop(folder, store, named)
        told = named or store.dropped()
    for student in told:
        says = "counts again" if undo and named else "is dropped"
        console().print(one_line(f"{student} {says}"))
    if not told:
        console().print("Nobody is dropped.")
