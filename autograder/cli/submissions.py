"""The command that grades anybody's files: `grad grade`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.cli.console import error_line
from autograder.cli.grading import Json, Seed, Verbose, print_report, several
from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError, WrongUse
from autograder.lessons.naming import lesson_of
from autograder.reports.report import Report, to_json, to_json_line

if TYPE_CHECKING:
    from autograder.grading.session import Session


def add_to(app: typer.Typer) -> None:
    app.command("grade", epilog="Example: grad grade LESSON.py --json")(grade)


def grade(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Submissions: .py or .ipynb files, or folders."),
    ],
    lesson: Annotated[str, typer.Option(help="The lesson; by default as the file is named.")] = "",
    json: Json = False,
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="Print a JSON object a line, as they come.")
    ] = False,
    seed: Seed = "0",
    hidden: Annotated[
        bool, typer.Option(help="An instructor's feedback: no values, no inputs, no messages.")
    ] = False,
    carry_forward: Annotated[
        bool, typer.Option(help="Whether what's right by itself passes beside what isn't.")
    ] = True,
    places: Annotated[
        bool, typer.Option(help="Look for one change of their own code that would make it pass.")
    ] = False,
    trust: Annotated[
        bool, typer.Option(help="Grade even if this machine can't shut the code in.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Grade any files as submissions.

    For a whole class there's grad class grade. The exit code is 0 where everything passed, 1 where
    something did not, and 2 where a file cannot be read; the others are graded all the same.
    """
    from autograder.grading.session import Session

    reports: list[Report] = []
    unreadable: list[dict[str, str]] = []
    passed = True
    with Session(Course.find(), confined=not trust) as session:
        for path in _each_file(files):
            options = {"seed": seed, "carry_forward": carry_forward}
            report = _graded_or_told(session, path, lesson, options, places=places)
            if isinstance(report, str):
                error_line(report)
                unreadable.append({"submission": str(path), "error": report})
                if json_lines:
                    print(to_json_line(unreadable[-1]), flush=True)
                continue
            passed = passed and report.all_passed
            report = report.hidden() if hidden else report
            if json_lines:
                print(to_json_line(report.data()), flush=True)
            elif json:
                reports.append(report)
            else:
                print_report(report, verbose)
    if json and not json_lines:
        _print_json(reports, unreadable)
    if unreadable or not passed:
        raise typer.Exit(2 if unreadable else 1)


def _each_file(paths: Iterable[Path]) -> Iterator[Path]:
    """The files, and of each folder all that may be a submission."""
    from autograder.lessons.files import files_in

    for path in paths:
        if path.is_dir() and not path.is_symlink():
            found = files_in(path)
            if not found:
                raise WrongUse(f"{path} has no .py or .ipynb file in it; name another folder")
            yield from found
        else:
            yield path


def _graded_or_told(
    session: Session, path: Path, lesson: str, options: dict[str, Any], *, places: bool
) -> Report | str:
    """The report on a file, or why there is none: one file never stops the others."""
    try:
        return _grade_file(session, path, lesson, options, places=places)
    except WrongUse as error:
        return str(error)
    except GradschoolError:  # not the file's fault: the next one would fare no better
        raise
    except Exception as error:
        return f"{path} could not be graded ({type(error).__name__}); look at it by hand"


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


def _print_json(reports: list[Report], unreadable: list[dict[str, str]]) -> None:
    """One report as it is; several, or what could not be read, in an object."""
    if len(reports) == 1 and not unreadable:
        print(to_json(reports[0].data()))
    else:
        print(to_json({**several(reports), "unreadable": unreadable}))
