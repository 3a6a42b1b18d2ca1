"""Putting stubs back, never without a backup."""

from __future__ import annotations

import time
from pathlib import Path

from autograder.lessons.errors import WrongUse
from autograder.lessons.files import read
from autograder.lessons.lesson import Exercise, Lesson, functions
from autograder.lessons.units import Unit, parse
from autograder.workspace.places import kept
from autograder.workspace.stubs import remember
from autograder.workspace.workspace import Workspace


def back_up(workspace: Workspace, path: Path) -> Path | None:
    """Copy a file into the workspace's folder of backups; None where there is nothing to keep."""
    if not path.exists():
        return None
    folder = kept(workspace.folder) / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    backup = folder / f"{path.stem}.{stamp}.{time.time_ns() % 10**9:09d}{path.suffix}"
    backup.write_bytes(path.read_bytes())
    return backup


def reset_lesson(workspace: Workspace, lesson: Lesson) -> Path | None:
    """Write the lesson's stubs over its file; returns the backup of what was there."""
    path = workspace.path(lesson.name)
    backup = back_up(workspace, path)
    path.with_suffix(".py").write_text(lesson.stub(), encoding="utf-8")
    if path.suffix == ".ipynb":
        path.unlink()
    remember(workspace, lesson.name)
    return backup


def reset_exercise(workspace: Workspace, lesson: Lesson, exercise: Exercise) -> Path | None:
    """Put one exercise's stub back in place of the learner's definition of it.

    Raises WrongUse where the file has no such definition that could be replaced.
    """
    path = workspace.path(lesson.name)
    if path.suffix != ".py" or not path.is_file():
        raise WrongUse(f"{path} is no script; reset the whole lesson {lesson.name} instead")
    source = read(path).units[0].source
    theirs = _span(source, exercise.id)
    if theirs is None:
        raise WrongUse(
            f"{path} has no definition of {exercise.id} that can be read; "
            f"reset the whole lesson {lesson.name} instead"
        )
    backup = back_up(workspace, path)
    lines, stub = source.split("\n"), lesson.stub()
    lines[theirs] = stub.split("\n")[_span(stub, exercise.id) or slice(0)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return backup


def _span(source: str, id: str) -> slice | None:
    """The lines of a function's last definition."""
    tree, _ = parse(Unit(source))
    found = [node for name, node in functions(tree) if name == id] if tree else []
    return slice(found[-1].lineno - 1, found[-1].end_lineno) if found else None
