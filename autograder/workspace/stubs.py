"""The stubs that each of a workspace's files was begun with, or last brought up to.

What a learner has changed is told from them when the course is a newer one.
"""

from __future__ import annotations

from pathlib import Path

from autograder.lessons.disk import write_atomically
from autograder.workspace.places import kept
from autograder.workspace.workspace import Workspace


def begun_with(workspace: Workspace, lesson: str) -> Path:
    """Where the stubs of one lesson are kept."""
    return kept(workspace.folder) / "stubs" / f"{lesson}.py"


def remember(workspace: Workspace, lesson: str, *, anew: bool = True) -> None:
    """Keep the stubs as they are in the course now; not `anew` only where none are kept."""
    path = begun_with(workspace, lesson)
    if anew or not path.exists():
        write_atomically(path, workspace.course.lesson(lesson).stub().encode())
