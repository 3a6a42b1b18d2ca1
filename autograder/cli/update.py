"""`grad update`: the new version of the course, with the learner's own code in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.console import console, error_line
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.places import shown_path
from autograder.reports.details import listed
from autograder.reports.terminal import plain
from autograder.workspace.clone import Clone
from autograder.workspace.update import Updated
from autograder.workspace.update import update as bring_up
from autograder.workspace.workspace import Workspace


def add_to(app: typer.Typer) -> None:
    app.command("update", epilog="Example: grad update")(update)


def update(
    folder: Annotated[
        Path | None,
        typer.Option("--from", help="A folder with the new version, where there is no network."),
    ] = None,
    pull: Annotated[bool, typer.Option(help="Whether a clone gets the new version by git.")] = True,
) -> None:
    """Bring your exercises up to the new version of the course.

    Your code stays in them, and every file that is changed is backed up. In a clone this gets the
    new version first, as git pull would.
    """
    course = Course.find()
    workspace = Workspace.find(course)
    source = _source(folder) if folder else None
    clone = Clone.of(workspace)
    if clone is None or not pull:
        _exercises(workspace, source or course)
        if source and not clone:
            _say_installation(course, source, folder)
        return
    _exercises(workspace, course, silent=True)
    commit = clone.fetch(folder)
    if clone.has(commit):
        console().print("The course is up to date.")
        return
    if clone.take(commit):
        error_line("the new version needs other packages; type make")
    # The program itself may be another one by now.
    again = [sys.executable, "-m", "autograder", "update", "--no-pull"]
    if subprocess.call(again, cwd=workspace.folder):
        raise WrongUse(
            "the new version does not run yet; type make, then grad update --no-pull "
            "(your lessons are as you left them)"
        )


def _source(folder: Path) -> Course:
    if not (folder / "solutions").is_dir():
        raise WrongUse(f"{folder} holds no version of the course: it has no folder named solutions")
    return Course(folder / "solutions", folder / "checks")


def _exercises(workspace: Workspace, course: Course, *, silent: bool = False) -> None:
    found = list(bring_up(workspace, course))
    for updated in found:
        _say(updated)
    if found:
        console().print("To grade your progress anew: grad status --grade")
    elif not silent:
        console().print("Your exercises are up to date.")


def _say_installation(course: Course, source: Course, folder: Path | None) -> None:
    """The stubs are of the folder, but the program that grades them is the installed one."""
    same = course.names == source.names and all(
        course.lesson(name).source == source.lesson(name).source for name in course.names
    )
    if not same:
        error_line(
            "your exercises are of another version now than the program that grades them; "
            f"install that one too: pip install {folder}"
        )


def _say(updated: Updated) -> None:
    """What became of one lesson, in a line for each thing that happened."""
    path = shown_path(updated.path)
    if updated.problem:
        console().print(f"{path}: {plain(updated.problem)}", style="yellow")
        return
    console().print(f"{path}: {'a new lesson' if updated.new else 'updated'}", style="bold")
    for names, says in (
        (updated.arrived, "new"),
        (updated.changed, "what is asked has changed"),
        (updated.gone, "gone"),
        (updated.lost, "gone, and your code for it is in the backup"),
    ):
        if names:
            console().print(f"  {says}: {listed(names)}")
    for line in updated.clashes:
        console().print(
            f"  line {line} of the backup: the course has changed this too; its text stands",
            style="yellow",
        )
    if updated.backup:
        console().print(f"  What you had is in {shown_path(updated.backup)}", style="dim")
