"""Commands that grade: the workspace's own files, or anybody's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.cli.console import console, error_line, open_workspace
from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError, WrongUse
from autograder.lessons.naming import lesson_of
from autograder.reports.report import Report, to_json
from autograder.reports.terminal import plain, report_lines
from autograder.workspace.standing import Progress
from autograder.workspace.steps import after, learned
from autograder.workspace.workspace import Workspace

if TYPE_CHECKING:
    from autograder.grading.session import Session

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def _seed(text: str) -> int | str:
    """A number, or a text that is to stay a secret."""
    return int(text) if text.isdecimal() else text


Seed = Annotated[
    Any, typer.Option(parser=_seed, metavar="SEED", help="Draw other inputs: a number, or a text.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="List what is still to do too.")]


def add_to(app: typer.Typer) -> None:
    app.command("check", epilog="Example: grad check gradient")(check)
    app.command("grade", epilog="Example: grad grade part1_bigrams.py --json")(grade)
    app.command("doctor", epilog="Example: grad doctor")(doctor)


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Exercises or whole lessons; all by default."),
    ] = None,
    json: Json = False,
    seed: Seed = "0",
    verbose: Verbose = False,
) -> None:
    """Grade your own files in the workspace.

    The exit code is 0 where everything that was asked for passed, and 1 where something did not.
    """
    workspace = open_workspace(Course.find())
    wanted = _wanted(workspace.course, names or [])
    present = _present(workspace, wanted, asked=bool(names))
    seen = {} if json else {name: workspace.glance(name, wanted[name]) for name in present}
    reports = []
    with contextlib.ExitStack() as stack:
        session = None
        for name in present:
            report = seen.get(name)
            if report is None:
                session = session or stack.enter_context(_own_session(workspace, json))
                report = workspace.grade(session, name, seed, wanted[name])
            reports.append(report)
            if not json:
                _print(report, verbose)
    if reports and not json:
        _say_next(workspace, reports)
    _finish(reports, json, len(wanted) - len(present))


def _own_session(workspace: Workspace, json: bool) -> Session:
    from autograder.grading.session import Session

    _say_isolation(json)
    return Session(workspace.course)


def _present(workspace: Workspace, lessons: Iterable[str], *, asked: bool) -> list[str]:
    """The lessons to grade; a missing file ends the command only where it was asked for."""
    found = []
    for name in lessons:
        try:
            workspace.present(name)
            found.append(name)
        except WrongUse as error:
            if asked:
                raise
            error_line(str(error))
    return found


def _say_next(workspace: Workspace, reports: list[Report]) -> None:
    """What one exercise taught, and the step after what has passed."""
    if taught := learned(workspace, reports):
        console().print(f"  What you learned: {plain(taught)}", style="green")
    for line in after(workspace, reports):
        console().print(f"  {line}")


def grade(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Submissions: .py or .ipynb files.")
    ],
    lesson: Annotated[str, typer.Option(help="The lesson; by default as the file is named.")] = "",
    json: Json = False,
    seed: Seed = "0",
    hidden: Annotated[
        bool, typer.Option(help="An instructor's feedback: no values, no inputs, no messages.")
    ] = False,
    carry_forward: Annotated[
        bool, typer.Option(help="Whether what is right by itself passes beside what is not.")
    ] = True,
    places: Annotated[
        bool, typer.Option(help="Look for one change of their own code that would make it pass.")
    ] = False,
    trust: Annotated[
        bool, typer.Option(help="Grade although this machine cannot shut the code in.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Grade any files as submissions.

    The exit code is 0 where everything passed, 1 where something did not, and 2 where a file
    cannot be read; the others are graded all the same.
    """
    from autograder.grading.session import Session

    reports, unreadable = [], 0
    with Session(Course.find(), confined=not trust) as session:
        for path in files:
            options = {"seed": seed, "carry_forward": carry_forward}
            report = _graded_or_told(session, path, lesson, options, places=places)
            if report is None:
                unreadable += 1
                continue
            reports.append(report.hidden() if hidden else report)
            if not json:
                _print(reports[-1], verbose)
    if unreadable and not reports:
        raise typer.Exit(2)
    _finish(reports, json, unreadable)


def _graded_or_told(
    session: Session, path: Path, lesson: str, options: dict[str, Any], *, places: bool
) -> Report | None:
    """The report on a file, or None after a sentence: one file never stops the others."""
    try:
        return _grade_file(session, path, lesson, options, places=places)
    except WrongUse as error:
        error_line(str(error))
    except GradschoolError:  # not the file's fault: the next one would fare no better
        raise
    except Exception as error:
        error_line(f"{path} could not be graded ({type(error).__name__}); look at it by hand")
    return None


def _grade_file(
    session: Session, path: Path, lesson: str, options: dict[str, Any], *, places: bool
) -> Report:
    from autograder.lessons.files import read

    submission = read(path, links=False)
    meant = lesson or lesson_of(session.course, submission)
    report = session.grade(submission, meant, **options)
    if places:
        from autograder.repair.sitting import with_places

        return with_places(session, submission, report)
    return report


def grade_changed(workspace: Workspace, progress: Progress) -> None:
    """Grade the lessons whose files have changed, for the store alone."""
    from autograder.grading.session import Session

    with Session(workspace.course) as session:
        for lesson in progress.lessons:
            if lesson.stale and lesson.path.is_file():
                workspace.grade(session, lesson.lesson.name)


def _wanted(course: Course, names: Iterable[str]) -> dict[str, set[str] | None]:
    """The lessons to grade, each with its exercises; None stands for all of them."""
    wanted: dict[str, set[str] | None] = {}
    for name in names:
        lesson, exercise = course.resolve_either(name)
        if exercise is None:
            wanted[lesson.name] = None
        elif (some := wanted.setdefault(lesson.name, set())) is not None:
            some.add(exercise.id)
    return wanted or dict.fromkeys(course.names)


def _print(report: Report, verbose: bool) -> None:
    for line in report_lines(report, verbose=verbose):
        console().print(line)


def _finish(reports: list[Report], json: bool, unreadable: int = 0) -> None:
    if json and len(reports) == 1:
        print(to_json(reports[0].data()))
    elif json:
        print(to_json(_several(reports)))
    if unreadable:
        raise typer.Exit(2)
    if not all(report.all_passed for report in reports):
        raise typer.Exit(1)


def _several(reports: list[Report]) -> dict[str, Any]:
    return {
        "points": sum(report.points for report in reports),
        "max_points": sum(report.max_points for report in reports),
        "seconds": round(sum(report.seconds for report in reports), 4),
        "reports": [report.data() for report in reports],
    }


def _say_isolation(json: bool) -> None:
    from autograder.worker.sandbox import capabilities

    found = capabilities()
    if not found.full and not json:
        error_line("this machine cannot shut your code in; it runs in a process of its own")


def doctor() -> None:
    """Try what isolation this machine gives, and say what is missing."""
    from autograder.cli.doctor import findings

    worst = 0
    for finding in findings():
        mark = "ok     " if finding.ok else "missing"
        console().print(mark, style="green" if finding.ok else "red", end="  ")
        console().print(finding.text)
        worst = max(worst, 0 if finding.ok or finding.optional else 1)
    raise typer.Exit(worst)
