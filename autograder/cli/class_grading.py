"""Commands that grade a whole class: `grad class grade` and `grad class autograde`."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from autograder.cli.chosen import refuse_lessons
from autograder.cli.classroom import Folder, group
from autograder.cli.console import TO_LOOK_AT, console, error_line
from autograder.cli.grading import CarryForward, parse_seed
from autograder.lessons.course import Course
from autograder.reports.terminal import one_line

if TYPE_CHECKING:
    from autograder.classroom.graded import Graded
    from autograder.classroom.grading import Grading

T = TypeVar("T")

Jobs = Annotated[
    int, typer.Option(min=0, help="How many at a time; by default as many as there are cores.")
]


def add_to(_: typer.Typer) -> None:
    group.command("grade", epilog="Example: grad class grade spring --jobs 4")(grade)
    group.command(
        "autograde",
        short_help="Do what nbgrader autograde does, several at a time.",
        epilog="Example: grad class autograde LESSON --course school",
    )(autograde)


def grade(
    folder: Folder,
    lesson: Annotated[str, typer.Option(help="Grade this lesson only.")] = "",
    seed: Annotated[
        Any,
        typer.Option(
            parser=parse_seed,
            metavar="SEED",
            help="What inputs are drawn from; by default a text that this class keeps.",
        ),
    ] = None,
    jobs: Jobs = 0,
    again: Annotated[bool, typer.Option("--again", help="Grade what hasn't changed too.")] = False,
    carry_forward: CarryForward = True,
    dask: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The scheduler of a Dask cluster to grade on.")
    ] = "",
) -> None:
    """Grade what a class has handed in, below FOLDER/submitted.

    Results go into FOLDER/class.db as they come; a run that was stopped picks up where it left
    off. The exit code is 3 where a submission is to be looked at by hand.
    """
    from autograder.classroom.grading import Asked, Grading, opened

    begun, course = time.monotonic(), Course.find()
    name = course.resolve_lesson(lesson) if lesson else ""
    with opened(folder) as store:
        grading = Grading(folder, store, course, Asked(name, seed, again, carry_forward))
        for stranger in grading.strangers:
            error_line(f"{stranger!r} is no lesson; what was handed in for it is left out")
        with _crew(jobs, dask) as crew, _told_when_stopped():
            for graded in _progressing(grading.results(crew), len(grading.waiting)):
                if graded.concern:
                    console().print(_line(graded), style="yellow")
        raise typer.Exit(_summary(grading, time.monotonic() - begun))


def autograde(
    lesson: Annotated[str, typer.Argument(metavar="LESSON", help="The assignment.")],
    course_folder: Annotated[Path, typer.Option("--course", help="The nbgrader course.")],
    jobs: Jobs = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Autograde what was autograded already too.")
    ] = False,
) -> None:
    """Run nbgrader's autograde for a whole class, several students at a time, on one gradebook.

    The marks are those of `nbgrader autograde`. A run that was stopped picks up where it left
    off. A submission that can't be read is named, and waits for review in the formgrader. The
    exit code is 1 where the grading of a student failed, and else 3 where somebody waits for
    review.
    """
    from autograder.nbgrader.parallel import ClassAutograde
    from autograder.worker.posix import cores

    refuse_lessons(course_folder)
    begun, counts, waiting = time.monotonic(), Counter[str](), []
    with ClassAutograde(course_folder, lesson, jobs or cores(), again=force) as autograding:
        total = len(autograding.students)
        for part in _progressing(autograding.parts(), total):
            counts[part.what] += 1
            waiting += [part.student] * part.waits
            for line in part.lines or ("failed",) * (part.what == "failed"):
                console().print(one_line(f"  {part.student}  {line}"), style="yellow")
    told = ", ".join(f"{number} {what}" for what, number in counts.items())
    console().print(f"{told}, {time.monotonic() - begun:.1f} s")
    if waiting:
        console().print(f"Look at {len(waiting)} in the formgrader:", style="bold")
    for student in sorted(waiting):
        console().print(one_line(f"  {student}"))
    raise typer.Exit(1 if counts["failed"] else TO_LOOK_AT if waiting else 0)


@contextlib.contextmanager
def _told_when_stopped() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        error_line("stopped; what was graded is kept, and the same command goes on from there")
        raise


def _crew(jobs: int, dask: str) -> Any:
    if dask:
        from autograder.classroom.cluster import DaskCrew

        return DaskCrew(dask)
    from autograder.classroom.crew import LocalCrew

    return LocalCrew(jobs)


def _progressing(results: Iterable[T], total: int) -> Iterator[T]:
    """The results, and where there is a terminal a bar with the rate and the time that is left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.fields[rate]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    begun = time.monotonic()
    with Progress(*columns, console=console(), disable=not console().is_terminal) as progress:
        task = progress.add_task("", total=total, rate="starting")
        for number, result in enumerate(results, 1):
            rate = number / (time.monotonic() - begun)
            progress.update(task, advance=1, rate=f"{rate:.1f} a second")
            yield result


def _line(graded: Graded, says: str = "") -> str:
    return one_line(f"  {graded.student}  {graded.lesson}  {says or graded.concern}")


def _summary(grading: Grading, seconds: float) -> int:
    """What has changed, how many were graded in what time, and whom to look at."""
    for change in grading.changes():
        points = f"{change.points_before} -> {change.points_after}"
        where = f"{change.student}  {change.lesson}  {change.exercise}"
        console().print(one_line(f"  {where}  {change.before} -> {change.after}  {points}"))
    graded, unchanged = len(grading.waiting), grading.unchanged
    dropped = f", {len(grading.dropped)} dropped" if grading.dropped else ""
    console().print(f"{graded} graded, {unchanged} unchanged{dropped}, {seconds:.1f} s")
    for each in grading.gone():
        console().print(_line(each, "its folder is gone; its last result still counts"))
    concerns = [graded for graded in grading.everyone() if graded.concern]
    if concerns:
        console().print(f"Look at {len(concerns)}:", style="bold")
    for each in concerns:
        console().print(_line(each))
    return TO_LOOK_AT if concerns else 0
