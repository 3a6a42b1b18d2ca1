"""Commands for what a class's grading has found: `grad class report`, `alike`, `export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.classroom.formats import Format
from autograder.cli.classroom import Folder, group
from autograder.cli.console import console, error_line
from autograder.lessons.course import Course
from autograder.lessons.disk import write_atomically
from autograder.lessons.errors import WrongUse
from autograder.lessons.places import shown_path
from autograder.reports.terminal import one_line, plain

if TYPE_CHECKING:
    from autograder.classroom.store import Store


def add_to(_: typer.Typer) -> None:
    for command, example, short in (
        (report, "spring", "Write one page about the class."),
        (alike, "spring --lesson LESSON", "Name pairs whose code is alike and rare in the class."),
        (export, "spring --to csv", "Write tables, grade books, or what other graders read."),
    ):
        name = command.__name__
        group.command(name, short_help=short, epilog=f"Example: grad class {name} {example}")(
            command
        )


Lesson = Annotated[str, typer.Option(help="This lesson only.")]


def report(
    folder: Folder,
    to: Annotated[
        Path | None, typer.Option(help="The file to write; FOLDER/report.html by default.")
    ] = None,
) -> None:
    """Write one page about the class, for a browser or a printer.

    Points, the hardest exercises, the commonest mistakes, whom to look at, and what looks alike.
    """
    from autograder.classroom.page import page
    from autograder.classroom.store import Store

    path = to or folder / "report.html"
    with Store.of(folder) as store:
        write_atomically(path, page(store, Course.find(), folder).encode())
    console().print(f"{plain(shown_path(path))} is written; open it in a browser.")


def alike(folder: Folder, lesson: Lesson = "") -> None:
    """Name pairs whose code is the same but for names, comments and order, and rare in the class.

    The page of grad class report shows them side by side.
    """
    from autograder.classroom.page import pairs_of
    from autograder.classroom.store import Store

    course = Course.find()
    with Store.of(folder) as store:
        handed_in: dict[str, list[str]] = {}
        if name := resolved(lesson):
            need_results(store, folder, name)
        for graded in store.latest(name):
            handed_in.setdefault(graded.lesson, []).append(graded.student)
        pairs = [
            pair
            for name, students in handed_in.items()
            if name in course.names
            for pair in pairs_of(store, course, name, students)
        ]
    for pair in pairs:
        names = ", ".join(shared.exercise for shared in pair.shared)
        console().print(one_line(f"{pair.lesson}  {pair.one}  {pair.other}  {names}"))
    count = f"{len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'}"
    console().print(f"{count} to look at" if pairs else "No two submissions look alike.")


def export(
    folder: Folder,
    to: Annotated[Format, typer.Option(help="The form.")],
    into: Annotated[
        Path | None, typer.Option(help="The folder to write to; FOLDER/export by default.")
    ] = None,
    gradebook: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What Canvas or Moodle exports, to be filled in."),
    ] = None,
    assignment: Annotated[
        str, typer.Option(metavar="NAME", help="Its name in Canvas, if not the lesson's.")
    ] = "",
    lesson: Lesson = "",
) -> None:
    """Write the results as tables, grade books, or files that other graders read."""
    from autograder.classroom.export import Export
    from autograder.classroom.store import Store

    place, name = into or folder / "export", resolved(lesson)
    with Store.of(folder) as store:
        need_results(store, folder, name)
        exported = Export(folder, store, name, gradebook, assignment)
        written = 0
        for path, content in exported.files(to):
            if gradebook and (place / path).exists() and (place / path).samefile(gradebook):
                raise WrongUse(f"{gradebook} would be overwritten; write --into another folder")
            write_atomically(place / path, content)
            written += 1
    for sentence in exported.told:
        error_line(one_line(sentence))
    where = plain(shown_path(place))
    console().print(f"{written} {'file is' if written == 1 else 'files are'} written to {where}")


def need_results(store: Store, folder: Path, lesson: str | None) -> None:
    """Raises WrongUse where nothing was graded."""
    if next(store.latest(lesson), None) is None:
        what = lesson or "any lesson"
        raise WrongUse(
            f"nothing of {what} was graded in {folder}; `grad class grade {folder}` does"
        )


def resolved(lesson: str) -> str | None:
    """The whole name of a lesson, where one was asked for."""
    return Course.find().resolve_lesson(lesson) if lesson else None
