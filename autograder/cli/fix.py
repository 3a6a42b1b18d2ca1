"""`grad fix`: a hunt for a known mistake, in code much like what one has written oneself."""

from __future__ import annotations

import dataclasses
import sys
import time
from itertools import islice
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli.console import console, error_line, open_workspace, telling
from autograder.cli.grading import somebody_waits
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.places import shown_path
from autograder.reports.details import details
from autograder.reports.report import PASSED, WRONG, ExerciseReport
from autograder.reports.terminal import exercise_lines, plain
from autograder.warm.client import Sitting
from autograder.workspace import scratch
from autograder.workspace.bugs import Bug, bugs_of
from autograder.workspace.grafts import fingerprint, graded
from autograder.workspace.hunts import Hunt, Hunts, sentence
from autograder.workspace.workspace import Workspace

NOTHING = "No bug to hunt yet: write an exercise, and once it has passed its bugs come here."
SAYS = "Find the wrong line, mend it, save, and type: grad fix"
# Bugs that are tried until one shows; what fits the reference need not fit a learner's class.
MOST = 6


def fix(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A passed exercise; another each time by default.")
    ] = "",
    line: Annotated[int | None, typer.Option(help="The line that you think is wrong.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Another bug in place of this one.")] = False,
) -> None:
    """Find a bug that somebody has made, and mend it.

    It shows a passed exercise with a known mistake, and what goes wrong. Say which line it is, mend
    it in practice/fix.py, and say grad fix again. Each time it's another mistake.
    """
    course = Course.find()
    workspace = open_workspace(course)
    hunts, places = Hunts(workspace.store), _places(workspace, name)
    hunting = None if new else _current(workspace, hunts)
    if hunting and (not name or hunting.hunt.place in places):
        raise typer.Exit(_go_on(hunting, line))
    if line is not None:
        raise WrongUse(f"there is no bug to hunt{f' in {name}' if name else ''}; say `grad fix`")
    if not places:
        console().print(NOTHING)
        return
    of = [bug for each in dict(places) for bug in bugs_of(course, each)]
    hunting = _begun(workspace, hunts, [b for b in of if (b.lesson.name, b.exercise) in places])
    if hunting is None:
        where = f"in {name} " if name else ""
        raise WrongUse(f"no bug shows itself {where}now; say `grad fix` for another one")
    _show(hunting)
    _ask(hunting)


def _places(workspace: Workspace, name: str) -> list[tuple[str, str]]:
    """The exercises whose bugs may be shown. Raises WrongUse where that is not the one named."""
    passed = [
        (lesson.lesson.name, standing.exercise.id)
        for lesson in workspace.progress().lessons
        for standing in lesson.standings
        if standing.verdict == PASSED and not standing.exercise.worked
    ]
    if not name:
        return passed
    lesson, exercise = workspace.course.resolve(name)
    if exercise.worked:
        raise WrongUse(f"{exercise.id} comes solved; hunt in an exercise of your own")
    if (lesson.name, exercise.id) not in passed:
        shortest = workspace.course.shortest(lesson.name, exercise.id)
        raise WrongUse(
            f"{exercise.id} has not passed yet, and a bug would show nearly all of its solution; "
            f"say `grad check {shortest}`"
        )
    return [(lesson.name, exercise.id)]


@dataclasses.dataclass
class _Hunting:
    """The hunt at hand. `offset` is the line of the scratch file before the exercise's first."""

    workspace: Workspace
    hunts: Hunts
    hunt: Hunt
    bug: Bug
    offset: int

    @property
    def wrong(self) -> list[int]:
        return sorted(self.offset + n + 1 for n in self.bug.wrong)

    @property
    def shown(self) -> dict[int, str]:
        """The code by the lines of the scratch file."""
        lines = self.bug.section.text.splitlines()
        return {self.offset + n + 1: lines[n] for n in self.bug.shown}

    @property
    def file(self) -> str:
        return shown_path(scratch.path_of(self.workspace, scratch.FIX))


def _current(workspace: Workspace, hunts: Hunts) -> _Hunting | None:
    """The hunt that is not over, where the course and the scratch file still have its bug."""
    hunt, course = hunts.current(), workspace.course
    if hunt is None or hunt.lesson not in course.names:
        return None
    for bug in bugs_of(course, hunt.lesson):
        if bug.name == hunt.bug:
            offset = scratch.line_before(workspace, scratch.FIX, bug.section)
            return None if offset is None else _Hunting(workspace, hunts, hunt, bug, offset)
    return None


def _begun(workspace: Workspace, hunts: Hunts, bugs: list[Bug]) -> _Hunting | None:
    """A hunt for the first bug in turn that shows itself in the learner's own lesson."""
    backup = None
    with Sitting(workspace, begin=somebody_waits()) as sitting:
        for bug in islice((bug for bug in hunts.order(bugs) if bug.is_hunt), MOST):
            backup = scratch.write(workspace, scratch.FIX, SAYS, [bug.section]) or backup
            with telling("looking for a bug ..."):
                report = _graded(workspace, sitting, bug)
            shows = report.verdict == WRONG and report.diagnosis == bug.mistake.says
            hunt = hunts.begin(bug, _symptom(report) if shows else "", time.time())
            offset = scratch.line_before(workspace, scratch.FIX, bug.section)
            if shows and offset is not None:
                if backup:
                    console().print(f"What you had there is in {shown_path(backup)}")
                return _Hunting(workspace, hunts, hunt, bug, offset)
    return None


def _graded(workspace: Workspace, sitting: Sitting, bug: Bug) -> ExerciseReport:
    path = scratch.path_of(workspace, scratch.FIX)
    return graded(workspace, sitting, path, bug.lesson.name, bug.exercise)


def _symptom(report: ExerciseReport) -> str:
    """The failing case as reports show it, without a word about what may be wrong."""
    told = details(_bare(report))
    return "\n".join(f"{label}: {text}" if label else text for label, text, _ in told)


def _bare(report: ExerciseReport) -> ExerciseReport:
    return dataclasses.replace(report, diagnosis="", causes=(), first=())


def _show(hunting: _Hunting) -> None:
    bug = hunting.bug
    console().print(Text.assemble("A bug in ", (bug.exercise, "bold"), f", of {bug.lesson.name}:"))
    width = len(str(max(hunting.shown)))
    for number, text in hunting.shown.items():
        console().print(Text.assemble((f"  {number:{width}}  ", "dim"), text))
    console().print("What goes wrong:")
    for text in hunting.hunt.symptom.split("\n"):
        console().print(f"  {plain(text)}")


def _ask(hunting: _Hunting) -> int:
    """Ask for the line where somebody sits at a terminal; else say how to answer."""
    if hunting.hunt.found:
        console().print(f"Mend it in {hunting.file}, save, and type: grad fix")
        return 0
    if not sys.stdin.isatty():
        console().print(
            f"Which line is it? grad fix --line N. Or mend it in {hunting.file} at once."
        )
        return 0
    while typed := input("Which line is it (Enter: later)? ").strip():
        if not typed.isdecimal():
            error_line(f"{typed!r} is no line; type its number")
            continue
        try:
            if _guess(hunting, int(typed)) == 0:
                return 0
        except WrongUse as error:
            error_line(str(error))
    console().print(f"Later: grad fix --line N, or mend it in {hunting.file} and type grad fix")
    return 0


def _guess(hunting: _Hunting, line: int) -> int:
    """Say whether it is the line; what is wrong with it is told once it is found."""
    if line not in hunting.shown:
        first, last = min(hunting.shown), max(hunting.shown)
        raise WrongUse(f"line {line} is none of those shown; say one from {first} to {last}")
    if hunting.hunt.found:
        console().print(f"You found it already, in line {hunting.wrong[0]}.")
        return 0
    right = line in hunting.wrong
    hunting.hunt = hunting.hunts.guessed(hunting.hunt, right=right)
    if not right:
        console().print(f"No, not line {line}. Work the failing case out by hand, line by line.")
        return 1
    console().print(f"Yes, line {line}: {plain(hunting.bug.mistake.says)}", style="green")
    console().print(f"Mend it in {hunting.file}, save, and type: grad fix")
    return 0


def _go_on(hunting: _Hunting, line: int | None) -> int:
    """Take an answer, or grade the repair, or show the bug again; the exit code."""
    if line is not None:
        return _guess(hunting, line)
    if not scratch.has_work(hunting.workspace, scratch.FIX):
        _show(hunting)
        return _ask(hunting)
    workspace, bug = hunting.workspace, hunting.bug
    says = telling(f"grading {bug.exercise} ...")
    with Sitting(workspace, begin=somebody_waits()) as sitting, says:
        report = _graded(workspace, sitting, bug)
    solved = report.verdict == PASSED
    mark = fingerprint(scratch.path_of(workspace, scratch.FIX))
    hunting.hunt = hunting.hunts.tried(hunting.hunt, solved=solved, fingerprint=mark)
    if not solved:
        for each in exercise_lines(report if hunting.hunt.found else _bare(report)):
            console().print(each)
        console().print("Not mended yet. Save, and type grad fix again.")
        return 1
    found = "" if hunting.hunt.found else f" It was line {hunting.wrong[0]}: {bug.mistake.says}."
    console().print(f"Mended.{plain(found)}", style="bold green")
    console().print(f"{sentence(hunting.hunts.all())} Another: grad fix")
    return 0
