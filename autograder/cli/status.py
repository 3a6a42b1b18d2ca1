"""Where a learner stands: `grad`, `grad status`, `grad list`, `grad report`; all without torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli.chosen import ChosenCourse
from autograder.cli.console import console, open_workspace
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.open_tasks import OpenTask
from autograder.lessons.places import shown_path
from autograder.reports.report import to_json
from autograder.reports.terminal import STYLES, bar, plain
from autograder.workspace.practice import Practice
from autograder.workspace.standing import ASKED, RIGHT, STAR, LessonProgress, Progress, outcome
from autograder.workspace.workspace import Workspace


def add_to(app: typer.Typer) -> None:
    app.callback(invoke_without_command=True)(start)
    app.command("status", epilog="Example: grad status --grade")(status)
    app.command("list", epilog="Example: grad list LESSON")(list_exercises)
    app.command("report", epilog="Example: grad report --output progress.html")(report)


def start(context: typer.Context, course: ChosenCourse = "") -> None:
    """Show the progress where no command is given."""
    if context.invoked_subcommand is None:
        status(json=False, grade=False)


def status(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    grade: Annotated[bool, typer.Option(help="Grade what has changed first.")] = False,
) -> None:
    """Show your progress and the next step. Nothing is run unless --grade says so."""
    workspace = open_workspace(Course.find())
    progress = workspace.progress()
    if grade and any(lesson.stale for lesson in progress.lessons):
        from autograder.cli.grading import grade_changed

        grade_changed(workspace, progress)
        progress = workspace.progress()
    if json:
        print(to_json(progress.data() | Practice.of(workspace, progress).data()))
    else:
        _print_progress(workspace, progress)


def _print_progress(workspace: Workspace, progress: Progress) -> None:
    for lesson in progress.lessons:
        count = f"{lesson.passed:3d} of {len(lesson.standings):2d}"
        console().print(
            lesson.lesson.name.ljust(24),
            bar(lesson.passed, len(lesson.standings)),
            count + _remark(lesson),
        )
        if twice := workspace.twice(lesson.lesson.name):
            console().print(f"  {twice}")
    console().print(f"\n{_sum(progress)}")
    if any(lesson.graded and lesson.stale for lesson in progress.lessons):
        console().print("To grade what has changed since: grad status --grade")
    if progress.predicted:
        console().print(progress.predicted)
    if progress.stars:
        console().print(progress.stars)
    for sentence in Practice.of(workspace, progress).sentences():
        console().print(sentence)
    following = next(progress.open(), None)
    if following is None:
        _celebrate(workspace, progress)
        return
    lesson, standing = following
    id = standing.exercise.id
    name = workspace.course.shortest(lesson.lesson.name, id)
    for prediction in lesson.asked_before(id)[:1]:
        asked = workspace.course.shortest(lesson.lesson.name, prediction.id)
        console().print(f"{ASKED}: grad predict {asked}")
    console().print(f"Next: {id} ({standing.verdict}), in {_place(lesson, id)}")
    if standing.exercise.worked:
        console().print(
            "It is solved already, as an example. Read it, then type: grad check " + name
        )
        return
    console().print(f"Read it, write it, then type: grad check {name}")
    console().print(f"Stuck? grad hint {name}")


def _celebrate(workspace: Workspace, progress: Progress) -> None:
    from autograder.workspace.built import Built

    console().print("That is all of it: every exercise has passed.", style="bold green")
    console().print(Built.of(workspace, progress).sentence)
    trained = [each.lesson.name for each in progress.lessons if each.lesson.has_milestone]
    if trained:
        console().print("Train what you have built, for the full length:")
    for name in trained:
        console().print(f"  grad milestone {name} --full")
    console().print("What you have built, on a page to show to a friend: grad report")


def _remark(lesson: LessonProgress) -> str:
    if not lesson.path.exists():
        return f"  not in this workspace; grad reset {lesson.lesson.name} writes it"
    if not lesson.graded:
        return "  not graded yet"
    return "  changed" if lesson.stale else ""


def _sum(progress: Progress) -> str:
    """Exercises, as the bars count them; points where they are known: once all has been graded."""
    passed = sum(lesson.passed for lesson in progress.lessons)
    total = sum(len(lesson.standings) for lesson in progress.lessons)
    known = all(lesson.graded for lesson in progress.lessons)
    points = f" ({progress.points} of {progress.max_points} points)" if known else ""
    return f"{passed} of {total} exercises passed{points}."


def _place(lesson: LessonProgress, id: str) -> str:
    from autograder.grading.renamed import line_of
    from autograder.lessons.files import Unreadable, read

    try:
        line = line_of(read(lesson.path), lesson.lesson, id)
    except Unreadable:
        line = None
    return f"{shown_path(lesson.path)}:{line}" if line else shown_path(lesson.path)


def list_exercises(
    lesson: Annotated[
        str,
        typer.Argument(metavar="LESSON", help="A lesson, or a part of several names; else all."),
    ] = "",
) -> None:
    """List the exercises with their last verdicts."""
    course = Course.find()
    workspace = open_workspace(course)
    chosen = course.matching(lesson) if lesson else course.names
    for progress in workspace.progress().lessons:
        if progress.lesson.name in chosen:
            console().print(f"{progress.lesson.name}: {plain(progress.lesson.title)}", style="bold")
            for line in _listed(progress):
                console().print(line)


def _listed(progress: LessonProgress) -> Iterator[Text]:
    """The exercises and predictions of a lesson in its order."""
    verdicts = {standing.exercise.id: standing.verdict for standing in progress.standings}
    for step in progress.lesson.steps:
        if verdict := verdicts.get(step.id):
            yield Text.assemble((f"  {verdict:11}", STYLES[verdict]), step.id)
        else:
            word, said = outcome(progress.predicted.get(step.id))
            style = "green" if word == RIGHT else "cyan"
            yield Text.assemble((f"  {word:11}", style), step.id, said)
    for task in progress.lesson.tasks.values():
        yield task_line(progress, task)


def task_line(progress: LessonProgress, task: OpenTask) -> Text:
    """An open task with its best try."""
    best = progress.tried.get(task.id)
    word = "try" if best is None else f"{STAR} met" if best.passed else "tried"
    told = f": best {best.score:.4g}, the bar is {best.bar:g}" if best else ""
    style = "green" if best and best.passed else "cyan"
    return Text.assemble((f"  {word:11}", style), task.id, told)


def report(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path(
        "progress.html"
    ),
) -> None:
    """Write what you have built so far as one HTML page.

    It has your pictures, what your models wrote, your code and your numbers. It needs no network,
    so you can send it to a friend.
    """
    from autograder.workspace.page import page

    html = page(open_workspace(Course.find()))
    if not output.parent.is_dir():
        raise WrongUse(f"there is no folder {output.parent}; make it first")
    output.write_text(html, encoding="utf-8")
    console().print(f"{output} is written; open it in a browser.")
