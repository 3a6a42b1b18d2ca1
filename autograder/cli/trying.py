"""`grad try`: a score that is to be reached, tried for as often as one likes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.cli.console import (
    Data,
    DataOption,
    console,
    error_line,
    open_workspace,
    room,
    telling,
)
from autograder.cli.grading import Json, parse_seed
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.lesson import Lesson
from autograder.lessons.open_tasks import OpenTask
from autograder.reports.paragraphs import prose
from autograder.reports.report import to_json
from autograder.reports.terminal import plain
from autograder.workspace.workspace import Workspace

if TYPE_CHECKING:
    from autograder.milestone.attempt import Outcome


def add_to(app: typer.Typer) -> None:
    app.command("try", epilog="Example: grad try hidden_names --train")(try_task)


def try_task(
    task: Annotated[
        str, typer.Argument(metavar="TASK", help="An open task; without one, all are listed.")
    ] = "",
    train: Annotated[
        bool, typer.Option("--train", help="Train first, with your own function.")
    ] = False,
    data: DataOption = Data.AUTO,
    threads: Annotated[int, typer.Option(help="Threads of the processor, for training.")] = 1,
    seed: Annotated[
        Any,
        typer.Option(
            parser=parse_seed, metavar="SEED", help="Draw these hidden inputs; else new ones."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Try an open task: your function, with the weights that you trained, on hidden inputs.

    Meeting the bar is a star; falling short costs nothing, and the best try is kept. The exit code
    is 0 where this try meets the bar, and 1 where it doesn't.
    """
    course = Course.find()
    workspace = open_workspace(course)
    if not task:
        _list(workspace)
        return
    lesson, found = course.resolve_task(task)
    if train and json:
        raise WrongUse("--json prints one object and nothing else; train first, without it")
    if train:
        _train(workspace, lesson, found, data, threads)
    passed = _try(workspace, lesson, found, seed, data, json=json)
    raise typer.Exit(0 if passed else 1)


def _train(workspace: Workspace, lesson: Lesson, task: OpenTask, data: Data, threads: int) -> None:
    from autograder.milestone.training import train

    file = workspace.present(lesson.name)
    code = train(file, task.id, "--data", data.value, "--threads", str(threads))
    if code:
        raise typer.Exit(code)


def _try(
    workspace: Workspace, lesson: Lesson, task: OpenTask, seed: Any, data: Data, *, json: bool
) -> bool:
    """Whether this try meets the bar; what became of it is said."""
    from autograder.grading.session import Session
    from autograder.milestone.attempt import attempt
    from autograder.worker.sandbox import capabilities

    drawn = secrets.token_hex(8) if seed is None else seed
    with Session(workspace.course) as session, telling(f"trying {task.id} ..."):
        outcome = attempt(workspace, session.pool, lesson, task, drawn, data.value)
    if json:
        print(to_json(outcome.data()))
    else:
        if not capabilities().full:
            error_line("this machine cannot shut your code in; it runs in a process of its own")
        _say(outcome)
    return outcome.passed


def _say(outcome: Outcome) -> None:
    """The score and how far it is from the bar, or why there is none."""
    if outcome.material.sentence:
        console().print(plain(outcome.material.sentence), style="dim")
    if outcome.told is None:
        console().print(plain(outcome.found.problem), style="red")
        if outcome.found.place:
            console().print(f"  {plain(outcome.found.place)}")
        return
    parts = outcome.found.parts
    for name, score in parts.items() if len(parts) > 1 else ():
        console().print(f"  {plain(name)}: {score:.4f}")
    for line in outcome.told.lines:
        console().print(plain(line), style="green" if outcome.passed else "cyan")


def _list(workspace: Workspace) -> None:
    """Every open task of the course, with the best try and what is to be reached."""
    lessons = [lesson for lesson in workspace.progress().lessons if lesson.lesson.tasks]
    if not lessons:
        raise WrongUse("this course has no open tasks")
    from autograder.cli.status import task_line

    for lesson in lessons:
        for task in lesson.lesson.tasks.values():
            console().print(task_line(lesson, task))
            for line in prose(task.says, room() - 4):
                console().print("    ", line, sep="")
    console().print("Train and try one: grad try TASK --train")
