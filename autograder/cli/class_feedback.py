"""Commands for what platforms take: `grad class feedback` and `grad class gradescope`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.classroom.handing_back import Platform
from autograder.cli.class_results import Lesson, need_results, resolved
from autograder.cli.classroom import Folder, group
from autograder.cli.console import console, error_line
from autograder.cli.grading import CarryForward, parse_seed
from autograder.lessons.course import Course
from autograder.lessons.disk import write_atomically
from autograder.lessons.errors import WrongUse
from autograder.lessons.places import shown_path
from autograder.reports.terminal import few, one_line, plain

if TYPE_CHECKING:
    from autograder.classroom.graded import Graded

_WHERE = {
    Platform.MOODLE: "Upload multiple feedback files in a zip",
    Platform.CANVAS: "Re-Upload Submissions",
}


def add_to(_: typer.Typer) -> None:
    group.command(
        "feedback",
        short_help="Write a page and a text for each student.",
        epilog="Example: grad class feedback spring",
    )(feedback)
    group.command(
        "gradescope",
        short_help="Write the zip that Gradescope grades a lesson with.",
        epilog="Example: grad class gradescope LESSON",
    )(gradescope)


Into = Annotated[
    Path | None,
    typer.Option(help="The folder to write to; FOLDER/feedback by default, as nbgrader has it."),
]
To = Annotated[
    Platform | None,
    typer.Option(help="Write a zip that this platform hands back to those whose work it gave out."),
]


def feedback(folder: Folder, into: Into = None, lesson: Lesson = "", to: To = None) -> None:
    """Write a page and a Markdown text for each submission, that may be sent to its student.

    They're laid out as nbgrader does it: STUDENT/LESSON/LESSON.html. With --to it's one zip for
    each lesson, with the names that grad class collect has found in the download.
    """
    from autograder.classroom.store import Store

    place, name = into or folder / "feedback", resolved(lesson)
    with Store.of(folder) as store:
        need_results(store, folder, name)
        if to:
            _hand_back(to, folder, place, store.latest(name))
        else:
            _write(place, store.latest(name))


def _write(place: Path, results: Iterable[Graded]) -> None:
    from autograder.classroom import feedback as made

    course, written = Course.find(), 0
    for graded in results:
        title = _title(course, graded.lesson)
        path = place / one_line(graded.student) / graded.lesson / graded.lesson
        write_atomically(path.with_name(f"{path.name}.html"), made.page(graded, title).encode())
        write_atomically(path.with_name(f"{path.name}.md"), made.markdown(graded, title).encode())
        written += 1
    console().print(f"The feedback on {_counted(written)} is in {plain(shown_path(place))}")


def _hand_back(to: Platform, folder: Path, place: Path, results: Iterable[Graded]) -> None:
    from autograder.classroom.handing_back import zipped

    found, others = _entries(to, folder, results)
    if not found:
        raise WrongUse(f"nothing in {folder} was collected from {to.title()}, so no zip is written")
    for lesson, students in others.items():
        error_line(
            f"{lesson}: {_counted(len(students))} not from {to.title()} left out: {few(students)}"
        )
    for lesson, entries in found.items():
        path = place / f"{lesson}-{to}.zip"
        write_atomically(path, zipped(entries.items()))
        where = plain(shown_path(path))
        console().print(f"The feedback on {_counted(len(entries))} is in {where}")
    console().print(f"Upload it in {to.title()} at the assignment, under {_WHERE[to]}.")


def _entries(
    to: Platform, folder: Path, results: Iterable[Graded]
) -> tuple[dict[str, dict[str, bytes]], dict[str, list[str]]]:
    """Of each lesson the files of its zip, and whose work did not come from this platform."""
    from autograder.classroom.handing_back import entry
    from autograder.classroom.table import NOT_KNOWN, hand_ins

    course, known = Course.find(), hand_ins(folder)
    found: dict[str, dict[str, bytes]] = {}
    others: dict[str, list[str]] = {}
    for graded in results:
        given = known.get((graded.student, graded.lesson), NOT_KNOWN).given
        if made := entry(to, given, graded, _title(course, graded.lesson)):
            found.setdefault(graded.lesson, {}).update([made])
        else:
            others.setdefault(graded.lesson, []).append(graded.student)
    return found, others


def _title(course: Course, lesson: str) -> str:
    return course.lesson(lesson).title if lesson in course.names else lesson


def _counted(number: int) -> str:
    return f"{number} {'submission' if number == 1 else 'submissions'}"


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
    carry_forward: CarryForward = True,
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
