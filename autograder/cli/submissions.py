"""The command that grades anybody's files: `grad grade`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.cli.console import TO_LOOK_AT, error_line
from autograder.cli.grading import CarryForward, Json, Seed, Verbose, print_report, several
from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError, WrongUse
from autograder.lessons.naming import lesson_of
from autograder.reports.report import Report, to_json, to_json_line

if TYPE_CHECKING:
    from autograder.grading.session import Session


def add_to(app: typer.Typer) -> None:
    app.command("grade", epilog="Example: grad grade LESSON.py --json")(grade)


Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="Submissions: .py or .ipynb files, or folders."),
]
Lesson = Annotated[str, typer.Option(help="The lesson; by default as the file is named.")]
JsonLines = Annotated[
    bool, typer.Option("--json-lines", help="Print a JSON object a line, as they come.")
]
Hidden = Annotated[
    bool, typer.Option(help="An instructor's feedback: no values, no inputs, no messages.")
]
Places = Annotated[
    bool, typer.Option(help="Look for one change of their own code that would make it pass.")
]
Trust = Annotated[bool, typer.Option(help="Grade even if this machine can't shut the code in.")]


def grade(
    files: Files,
    lesson: Lesson = "",
    json: Json = False,
    json_lines: JsonLines = False,
    seed: Seed = "0",
    hidden: Hidden = False,
    carry_forward: CarryForward = True,
    places: Places = False,
    trust: Trust = False,
    verbose: Verbose = False,
) -> None:
    """Grade any files as submissions.

    For a whole class there's grad class grade. The exit code is 0 where everything passed, 1 where
    something did not, 3 where one is to be looked at by hand, and 2 where a file cannot be read;
    the others are graded all the same.
    """
    from autograder.grading.session import Session

    told = _Told(_Form.LINES if json_lines else _Form.JSON if json else _Form.TEXT, hidden, verbose)
    with Session(Course.find(), confined=not trust) as session:
        for path in _each_file(files):
            options = {"seed": seed, "carry_forward": carry_forward}
            told.add(path, _graded_or_told(session, path, lesson, options, places=places))
    raise typer.Exit(told.finish())


class _Form(Enum):
    TEXT, JSON, LINES = range(3)


@dataclass
class _Told:
    """What is printed of each file as it comes, and at the end."""

    form: _Form
    hidden: bool
    verbose: bool
    reports: list[Report] = field(default_factory=list)
    unreadable: list[dict[str, str]] = field(default_factory=list)
    _codes: set[int] = field(default_factory=set)

    def add(self, path: Path, report: Report | Exception) -> None:
        if isinstance(report, Report):
            self._add(report)
            return
        self._codes.add(2 if isinstance(report, WrongUse) else TO_LOOK_AT)
        error_line(str(report))
        self.unreadable.append({"submission": str(path), "error": str(report)})
        if self.form is _Form.LINES:
            print(to_json_line(self.unreadable[-1]), flush=True)

    def _add(self, report: Report) -> None:
        self._codes.add(TO_LOOK_AT if report.loading or report.looks_handmade else 0)
        self._codes.add(0 if report.all_passed else 1)
        report = report.hidden() if self.hidden else report
        if self.form is _Form.LINES:
            print(to_json_line(report.data()), flush=True)
        elif self.form is _Form.JSON:
            self.reports.append(report)
        else:
            print_report(report, self.verbose)

    def finish(self) -> int:
        """Print what is still to be printed; the exit code."""
        if self.form is _Form.JSON:
            _print_json(self.reports, self.unreadable)
        return next((code for code in (2, TO_LOOK_AT, 1) if code in self._codes), 0)


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
) -> Report | Exception:
    """The report on a file, or why there is none: one file never stops the others."""
    try:
        return _grade_file(session, path, lesson, options, places=places)
    except WrongUse as error:
        return error
    except GradschoolError:  # not the file's fault: the next one would fare no better
        raise
    except Exception as error:
        failed = type(error).__name__
        return RuntimeError(f"{path} could not be graded ({failed}); look at it by hand")


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
