"""`grad review`: exercises that have passed, written once more from memory."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli.console import console, open_workspace, telling
from autograder.cli.grading import somebody_waits
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.places import shown_path
from autograder.reports.report import PASSED, TODO, ExerciseReport
from autograder.reports.terminal import exercise_lines
from autograder.warm.client import Sitting
from autograder.workspace import scratch
from autograder.workspace.grafts import fingerprint, graded
from autograder.workspace.reviews import COUNT, DAY, Known, Place, Review, Reviews, chosen
from autograder.workspace.workspace import Workspace

NOTHING = "Nothing to review yet: write an exercise, and once it has passed it comes back here."
SAYS = "Write these once more, from memory; save, and type: grad review"


def review(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Passed exercises; those most in need by default."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many are set.")] = COUNT,
    new: Annotated[
        bool, typer.Option("--new", help="Set others in place of those set now.")
    ] = False,
) -> None:
    """Write exercises that have passed once more, from memory.

    It writes their stubs into practice/review.py; your lessons stay as they are. Say it again to
    grade what you wrote. The longer ago and the harder it was, the sooner an exercise is set.
    """
    course = Course.find()
    workspace = open_workspace(course)
    reviews = Reviews(workspace.store)
    known = reviews.known(workspace.progress())
    wanted = _wanted(course, known, names or [])
    present = reviews.set_now(course)
    places = {each.place for each in present}
    is_set = bool(present) and scratch.path_of(workspace, scratch.REVIEW).is_file()
    if is_set and not new and places.issuperset(each.place for each in wanted):
        raise typer.Exit(_grade(workspace, reviews, present))
    if not known:
        console().print(NOTHING)
        return
    _set(workspace, reviews, wanted or _others(known, places if new else (), count))


def _wanted(course: Course, known: Iterable[Known], names: Iterable[str]) -> list[Known]:
    """What is named. Raises WrongUse where that has not passed."""
    places = {each.place: each for each in known}
    found: dict[str, Known] = {}
    for name in names:
        lesson, exercise = course.resolve(name)
        if exercise.worked:
            raise WrongUse(f"{exercise.id} comes solved; review an exercise of your own")
        if (lesson.name, exercise.id) not in places:
            shortest = course.shortest(lesson.name, exercise.id)
            raise WrongUse(
                f"{exercise.id} has not passed yet, and only what has is reviewed; "
                f"say `grad check {shortest}`"
            )
        if exercise.id in found and found[exercise.id].lesson != lesson.name:
            raise WrongUse(f"{exercise.id} is named twice, of two lessons; review one at a time")
        found[exercise.id] = places[lesson.name, exercise.id]
    return list(found.values())


def _others(known: list[Known], places: Collection[Place], count: int) -> list[Known]:
    """The most urgent ones, and others than these where there are any."""
    rest = [each for each in known if each.place not in places]
    return chosen(rest or known, time.time(), count)


def _set(workspace: Workspace, reviews: Reviews, wanted: list[Known]) -> None:
    now, course = time.time(), workspace.course
    sections = [
        scratch.Section(lesson, each.exercise, lesson.stub())
        for each in wanted
        for lesson in [course.lesson(each.lesson)]
    ]
    backup = scratch.write(workspace, scratch.REVIEW, SAYS, sections)
    reviews.begin([each.place for each in wanted], now)
    path = shown_path(scratch.path_of(workspace, scratch.REVIEW))
    these = "One exercise" if len(wanted) == 1 else f"{len(wanted)} exercises"
    console().print(f"{these} to write once more, in {path}:", style="bold")
    width = max(len(each.exercise) for each in wanted)
    for each in wanted:
        console().print(f"  {each.exercise.ljust(width)}  {_past(each, now)}")
    if backup:
        console().print(f"What you had there is in {shown_path(backup)}")
    console().print("Write from memory, save, and type: grad review")


def _past(known: Known, now: float) -> str:
    """When it was written last, and what it took."""
    days = round((now - known.last) / DAY)
    ago = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    took = f"in {known.tries} attempts" if known.tries > 1 else "at the first attempt"
    hints = f" with {known.hints} hint{'s' if known.hints > 1 else ''}" if known.hints else ""
    last = f"reviewed {ago}, passed before" if known.reviews else f"passed {ago}"
    return f"{last} {took}{hints}"


def _grade(workspace: Workspace, reviews: Reviews, present: list[Review]) -> int:
    """Grade what is set and has not come back, and say how it stands; the exit code."""
    path, back = scratch.path_of(workspace, scratch.REVIEW), 0
    mark, now = fingerprint(path), time.time()
    with Sitting(workspace, begin=somebody_waits()) as sitting:
        for each in present:
            report = None
            if not each.back:
                with telling(f"grading {each.exercise} ..."):
                    report = graded(workspace, sitting, path, *each.place, each.seed)
                if report.verdict != TODO:
                    passed = report.verdict == PASSED
                    each = reviews.tried(each, back=passed, fingerprint=mark, now=now)
            back += bool(each.back)
            _say(workspace, reviews, each, report)
    if back == len(present):
        console().print("All of it came back. More of it: grad review", style="bold green")
        return 0
    console().print(f"{back} of {len(present)} came back. Save {shown_path(path)}, and ask again.")
    return 1


def _say(
    workspace: Workspace, reviews: Reviews, review: Review, report: ExerciseReport | None
) -> None:
    if report and not review.back:
        for line in exercise_lines(report):
            console().print(line)
        return
    known = {each.place: each for each in reviews.known(workspace.progress())}
    how = "at the first try" if review.at_once else f"after {review.tries} tries"
    due = known[review.place].due if review.place in known else None
    again = f"; again on {time.strftime('%Y-%m-%d', time.localtime(due))}" if due else ""
    console().print(Text.assemble(("  came back  ", "green"), f"{review.exercise}  {how}{again}"))
