"""Commands for what a class's grading has found: `grad class report`, `alike` and others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.classroom.formats import Format
from autograder.cli.classroom import Folder, group
from autograder.cli.console import console, error_line
from autograder.cli.grading import parse_seed
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
        (feedback, "spring", "Write a page and a text for each student."),
        (gradescope, "LESSON", "Write the zip that Gradescope grades a lesson with."),
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
        if name := _resolved(lesson):
            _need_results(store, folder, name)
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

    place, name = into or folder / "export", _resolved(lesson)
    with Store.of(folder) as store:
        _need_results(store, folder, name)
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


def feedback(
    folder: Folder,
    into: Annotated[
        Path | None,
        typer.Option(
            help="The folder to write to; FOLDER/feedback by default, as nbgrader has it."
        ),
    ] = None,
    lesson: Lesson = "",
) -> None:
    """Write a page and a Markdown text for each submission, that may be sent to its student.

    They're laid out as nbgrader does it: STUDENT/LESSON/LESSON.html.
    """
    from autograder.classroom import feedback as made
    from autograder.classroom.store import Store

    course, place, written = Course.find(), into or folder / "feedback", 0
    name = _resolved(lesson)
    with Store.of(folder) as store:
        _need_results(store, folder, name)
        for graded in store.latest(name):
            known = graded.lesson in course.names
            title = course.lesson(graded.lesson).title if known else graded.lesson
            path = place / one_line(graded.student) / graded.lesson / graded.lesson
            write_atomically(path.with_name(f"{path.name}.html"), made.page(graded, title).encode())
            write_atomically(
                path.with_name(f"{path.name}.md"), made.markdown(graded, title).encode()
            )
            written += 1
    who = "submission" if written == 1 else "submissions"
    console().print(f"The feedback on {written} {who} is in {plain(shown_path(place))}")


def gradescope(
    lesson: Annotated[str, typer.Argument(metavar="LESSON", help="The lesson to grade.")],
    to: Annotated[Path, typer.Option(help="The zip to write.")] = Path("autograder.zip"),
    seed: Annotated[
        Any,
        typer.Option(
            parser=parse_seed,
            metavar="SEED",
            help="What inputs are drawn from; by default a new text, which stays in the zip.",
        ),
    ] = None,
    carry_forward: Annotated[
        bool, typer.Option(help="Whether what's right by itself passes beside what isn't.")
    ] = True,
    trust: Annotated[
        bool, typer.Option(help="Grade even if the container can't shut submissions in.")
    ] = False,
) -> None:
    """Write the zip with which Gradescope's autograder grades a lesson.

    It holds this installation and the course, with its solutions: keep it to yourself.
    """
    import secrets

    from autograder.classroom.gradescope import autograder_zip

    course = Course.find()
    drawn = secrets.token_hex(16) if seed is None else seed
    config = {"seed": drawn, "carry_forward": carry_forward, "trust": trust}
    write_atomically(to, autograder_zip(course, course.resolve_lesson(lesson), config))
    console().print(f"{plain(shown_path(to))} is written; upload it under Configure Autograder")


def _need_results(store: Store, folder: Path, lesson: str | None) -> None:
    if next(store.latest(lesson), None) is None:
        what = lesson or "any lesson"
        raise WrongUse(
            f"nothing of {what} was graded in {folder}; `grad class grade {folder}` does"
        )


def _resolved(lesson: str) -> str | None:
    return Course.find().resolve_lesson(lesson) if lesson else None
