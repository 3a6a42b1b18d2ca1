"""Commands that grade the workspace's own files: `grad check`, and `grad doctor`."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from autograder.cli.console import STOPWATCH, console, error_line, open_workspace, telling
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.reports.report import TODO, Report, to_json
from autograder.reports.terminal import plain, report_lines
from autograder.warm.client import Sitting
from autograder.workspace.standing import Progress
from autograder.workspace.steps import after, alone, learned
from autograder.workspace.workspace import Workspace

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def parse_seed(text: str) -> int | str:
    """A number, or a text that is to stay a secret."""
    return int(text) if text.isdecimal() else text


Seed = Annotated[
    Any,
    typer.Option(parser=parse_seed, metavar="SEED", help="Draw other inputs: a number, or a text."),
]
CarryForward = Annotated[
    bool, typer.Option(help="Whether what's right by itself passes beside what isn't.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="List what is still to do too.")]


def add_to(app: typer.Typer) -> None:
    app.command("check", epilog="Example: grad check EXERCISE")(check)
    app.command("doctor", epilog="Example: grad doctor")(doctor)


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Exercises or whole lessons; all by default."),
    ] = None,
    json: Json = False,
    seed: Seed = "0",
    junit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the results as JUnit XML too, for a CI system."),
    ] = None,
    verbose: Verbose = False,
    server: Annotated[
        bool,
        typer.Option(help="Whether a warm server grades, and is left behind for some minutes."),
    ] = True,
) -> None:
    """Grade your own files in the workspace.

    The exit code is 0 where everything that was asked for passed, and 1 where something did not.
    """
    workspace = open_workspace(Course.find())
    wanted = _wanted(workspace.course, names or [])
    present = _present(workspace, wanted, asked=bool(names))
    reports = []
    with Sitting(workspace, server=server, begin=somebody_waits()) as sitting:
        for name in present:
            report = _graded(sitting, workspace, name, seed, wanted[name], json)
            reports.append(report)
            if not json:
                print_report(report, verbose)
                if twice := workspace.twice(name):
                    console().print(f"  {twice}")
    if not json and not sitting.confined:
        error_line("this machine cannot shut your code in; it runs in a process of its own")
    if junit:
        from autograder.lessons.disk import write_atomically
        from autograder.reports.junit import junit as as_junit

        write_atomically(junit, as_junit(reports))
    if reports and not json:
        _say_next(workspace, reports)
    _finish(reports, json, len(wanted) - len(present))


def somebody_waits() -> bool:
    """Whether to leave a server behind: for a person, and where GRADSCHOOL_SERVER says so."""
    return sys.stdout.isatty() or os.environ.get("GRADSCHOOL_SERVER") == "1"


def _graded(
    sitting: Sitting,
    workspace: Workspace,
    lesson: str,
    seed: int | str,
    only: set[str] | None,
    json: bool,
) -> Report:
    """The report on a lesson; its seconds are those that whoever has asked has waited."""
    report = None if json else workspace.glance(lesson, only)
    if report is None:
        what = lesson if only is None or len(only) > 1 else next(iter(only))
        with telling(f"grading {what} ..."):
            report = workspace.grade(sitting, lesson, seed, only)
    return dataclasses.replace(report, seconds=STOPWATCH.lap())


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
    """What one exercise taught, and the step after what has passed; of a stub, where to begin."""
    if untouched := alone(reports, TODO):
        name = workspace.course.shortest(*untouched)
        console().print(f"  Write it there, save, and ask again. Stuck? grad hint {name}")
    if taught := learned(workspace, reports):
        console().print(f"  What you learned: {plain(taught)}", style="green")
    for line in after(workspace, reports):
        console().print(f"  {line}")


def grade_changed(workspace: Workspace, progress: Progress) -> None:
    """Grade the lessons whose files have changed, for the store alone."""
    with Sitting(workspace, begin=somebody_waits()) as sitting:
        for lesson in progress.lessons:
            if lesson.stale and lesson.path.is_file():
                with telling(f"grading {lesson.lesson.name} ..."):
                    workspace.grade(sitting, lesson.lesson.name)


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


def print_report(report: Report, verbose: bool) -> None:
    for line in report_lines(report, verbose=verbose):
        console().print(line)


def _finish(reports: list[Report], json: bool, unreadable: int = 0) -> None:
    if json and len(reports) == 1:
        print(to_json(reports[0].data()))
    elif json:
        print(to_json(several(reports)))
    if unreadable:
        raise typer.Exit(2)
    if not all(report.all_passed for report in reports):
        raise typer.Exit(1)


def several(reports: list[Report]) -> dict[str, Any]:
    return {
        "points": sum(report.points for report in reports),
        "max_points": sum(report.max_points for report in reports),
        "seconds": round(sum(report.seconds for report in reports), 4),
        "reports": [report.data() for report in reports],
    }


def doctor() -> None:
    """Try what isolation this machine offers, and say what's missing."""
    from autograder.cli.doctor import findings

    worst = 0
    for finding in findings():
        mark = "ok     " if finding.ok else "missing"
        color = "green" if finding.ok else "red"
        console().print(Text.assemble((mark, color), "  ", finding.text))
        worst = max(worst, 0 if finding.ok or finding.optional else 1)
    raise typer.Exit(worst)
