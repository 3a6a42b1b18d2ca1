"""A learner's commands beside grading: watch, hints, solutions, milestones, a new workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli.console import Data, DataOption, ExerciseName, console, open_workspace, room
from autograder.cli.predict import show_prediction
from autograder.lessons.course import Course
from autograder.lessons.disk import refuse_used
from autograder.lessons.errors import WrongUse
from autograder.lessons.lesson import Exercise, Lesson
from autograder.lessons.places import shown_path
from autograder.lessons.predictions import Prediction
from autograder.reports.paragraphs import prose
from autograder.reports.report import PASSED
from autograder.reports.terminal import plain
from autograder.workspace.workspace import Workspace


def add_to(app: typer.Typer) -> None:
    from autograder.cli.fix import fix
    from autograder.cli.hint import hint
    from autograder.cli.plot import plot
    from autograder.cli.review import review

    app.command("watch", epilog="Example: grad watch EXERCISE")(watch)
    app.command("hint", epilog="Example: grad hint EXERCISE")(hint)
    app.command("show", epilog="Example: grad show EXERCISE")(show)
    app.command("reset", epilog="Example: grad reset EXERCISE")(reset)
    app.command("plot", epilog="Example: grad plot LESSON")(plot)
    app.command("review", epilog="Example: grad review")(review)
    app.command("fix", epilog="Example: grad fix")(fix)
    app.command("milestone", epilog="Example: grad milestone LESSON --full")(milestone)
    app.command("init", epilog="Example: grad init lessons")(init)


def show(
    exercise: ExerciseName,
    solution: Annotated[bool, typer.Option(help="Show the reference solution too.")] = False,
) -> None:
    """Show an exercise and the lesson's text before it.

    The solution is shown once the exercise has passed.
    """
    from autograder.reports.prose import LessonText

    course = Course.find()
    lesson, found = course.resolve_step(exercise)
    if isinstance(found, Prediction):
        show_prediction(open_workspace(course), lesson, found)
        return
    workspace = open_workspace(course) if solution else Workspace.find(course)
    if solution:
        _require_passed(workspace, lesson, found)
    path = workspace.path(lesson.name)
    title = f"  {shown_path(path)}, lesson {plain(lesson.title)}\n"
    console().print(Text.assemble((found.id, "bold"), title))
    if text := lesson.text_before(found.line):
        console().print(LessonText(text), "", sep="\n", soft_wrap=False)
    console().print(lesson.lines[found.line - 1].strip())
    for line in prose(found.docstring, room() - 4):
        console().print(Text("    " if line else "") + line)
    if solution:
        console().print("\nThe reference:", style="bold")
        console().print(found.code)


def _require_passed(workspace: Workspace, lesson: Lesson, exercise: Exercise) -> None:
    verdict = workspace.store.verdicts(lesson.name).get(exercise.id)
    if verdict is None or verdict.verdict != PASSED:
        name = workspace.course.shortest(lesson.name, exercise.id)
        raise WrongUse(
            f"the solution of {exercise.id} is shown once your own has passed; "
            f"until then there is `grad hint {name}`"
        )


def reset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An exercise, or a whole lesson.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Put the stub back. The file as it is now is backed up first."""
    from autograder.workspace.reset import reset_exercise, reset_lesson

    course = Course.find()
    workspace = Workspace.find(course)
    lesson, exercise = course.resolve_either(name)
    what = f"the stub of {exercise.id}" if exercise else f"all stubs of {lesson.name}"
    path = workspace.path(lesson.name)
    if not yes and path.exists() and not typer.confirm(f"Put {what} back? Your file is backed up"):
        raise typer.Exit(1)
    if exercise:
        backup = reset_exercise(workspace, lesson, exercise)
    else:
        backup = reset_lesson(workspace, lesson)
    console().print(f"{shown_path(path)} has {what} again.")
    if backup:
        console().print(f"What you had is in {shown_path(backup)}")


def watch(
    exercise: Annotated[
        str, typer.Argument(metavar="EXERCISE", help="Where to start; else where you left off.")
    ] = "",
) -> None:
    """Save your file and see the verdict at once. The key ? explains the others."""
    import sys

    from autograder.watch.loop import Watch
    from autograder.watch.messages import Place

    course = Course.find()
    start = None
    if exercise:
        lesson, found = course.resolve(exercise)
        start = Place(lesson.name, found.id)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise WrongUse("grad watch needs a terminal; `grad check` prints the verdicts once")
    Watch(open_workspace(course), start).run()


def milestone(
    lesson: Annotated[str, typer.Argument(metavar="LESSON", help="A lesson.")],
    full: Annotated[bool, typer.Option(help="Train for the full length.")] = False,
    device: Annotated[str, typer.Option(help="Where torch computes: cpu, cuda or mps.")] = "cpu",
    threads: Annotated[int, typer.Option(help="Threads of the processor.")] = 1,
    steps: Annotated[int | None, typer.Option(help="Steps of each training loop.")] = None,
    data: DataOption = Data.AUTO,
) -> None:
    """Train a lesson's model with your own functions.

    It is the same as running the lesson's file with these options.
    """
    from autograder.milestone import run_file

    course = Course.find()
    name = course.resolve_lesson(lesson)
    path = Workspace.find(course).present(name)
    if not course.lesson(name).has_milestone:
        raise WrongUse(f"the lesson {name} has no milestone")
    arguments = ["--device", device, "--threads", str(threads), "--data", data.value]
    arguments += ["--full"] * full + (["--steps", str(steps)] if steps is not None else [])
    raise typer.Exit(run_file(path, arguments))


def init(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="The new workspace: a new folder, or an empty one."),
    ],
) -> None:
    """Make a new workspace with all exercises as stubs.

    It belongs to the course that grad uses here, and stays with it.
    """
    refuse_used(folder)
    from autograder.workspace.new import write_workspace

    course = Course.find()
    write_workspace(folder, course)
    count = len(course.names)
    lessons = f"{count} lessons are" if count > 1 else "1 lesson is"
    console().print(f"{lessons} in {folder / 'exercises'}.")
    console().print(f"Next: cd {folder}, then grad status --grade")
