"""Where a workspace keeps what is not the learner's own writing."""

from __future__ import annotations

from pathlib import Path

from autograder.lessons.places import KEPT


def kept(workspace: Path) -> Path:
    """The folder beside `exercises/`: progress, backups, milestones, JupyterLab's settings."""
    return workspace / KEPT


def workspace_of(lesson_file: Path) -> Path | None:
    """The workspace that a learner's file lies in; None for any other file."""
    if lesson_file.parent.name != "exercises":
        return None
    return lesson_file.parent.parent
