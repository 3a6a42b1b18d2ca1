"""`grad plot`: the pictures of a lesson's stages, drawn with the learner's own functions."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from autograder.cli.console import Data, DataOption, console, open_workspace
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.stages import Stage
from autograder.reports.terminal import plain
from autograder.workspace.stages import (
    missing_sentences,
    resolve,
    shortest,
    standing_of,
    standings,
)
from autograder.workspace.workspace import Workspace


def plot(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="An exercise, a stage, or a lesson; without one, all pictures are listed.",
        ),
    ] = "",
    data: DataOption = Data.AUTO,
) -> None:
    """Show what your function does in a picture, once it has passed.

    The picture is saved beside the lesson's file. For a lesson, its pictures are listed.
    """
    course = Course.find()
    workspace = open_workspace(course)
    lesson, stages = resolve(course, name) if name else ("", [])
    if stages:
        raise typer.Exit(_draw(workspace, stages, data))
    for each in [lesson] if lesson else course.names:
        _list(workspace, each, whole=bool(lesson))


def _draw(workspace: Workspace, stages: list[Stage], data: Data) -> int:
    """Run the stages that can be shown; say of the others what is missing."""
    from autograder.milestone.stage import run_stages

    course = workspace.course
    found = standing_of(workspace, stages)
    ready = [each.stage.name for each in found if each.is_ready]
    missing = list(missing_sentences(course, (each for each in found if not each.is_ready)))
    if not ready:
        raise WrongUse(missing[0])
    code = run_stages(workspace.present(stages[0].lesson), ready, "--data", data.value)
    for sentence in missing:
        console().print(plain(sentence))
    return code


def _list(workspace: Workspace, lesson: str, *, whole: bool) -> None:
    """A lesson's pictures; in one line where none can be shown yet and many lessons are listed."""
    found, course = standings(workspace, lesson), workspace.course
    heading = f"{lesson}: {plain(course.lesson(lesson).title)}"
    if not found:
        if whole:
            console().print(f"{lesson} has no pictures.")
        return
    if not whole and not any(each.is_ready for each in found):
        console().print(f"{heading}: {len(found)} pictures to come", style="dim")
        return
    console().print(heading, style="bold")
    for each in found:
        command = f"grad plot {shortest(course, each.stage)}" if each.is_ready else each.stage.name
        needs = "" if each.is_ready else f" (still needs {each.still_needs(course)})"
        time = " (takes minutes)" if each.stage.is_ablation else ""
        told = plain(each.stage.says + time + needs)
        color, tone = ("green", "") if each.is_ready else ("dim", "dim")
        console().print(Text.assemble("  ", (f"{command:28}  ", color), (told, tone)))
