"""Lessons as JupyterLab gets and saves them: jupytext's notebooks, which nothing but work changes.

JupyterLab marks a notebook as changed when its kernel says what it is, so that it is said before.
The first cell tells how to ask for a verdict; it is shown, and never saved.
"""

from __future__ import annotations

import platform
from pathlib import PurePosixPath
from typing import Any

import nbformat
from jupytext import TextFileContentsManager

from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError

_SHOWN = "gradschool"
# What ipykernel says of itself.
_LANGUAGE = {
    "name": "python",
    "version": platform.python_version(),
    "mimetype": "text/x-python",
    "codemirror_mode": {"name": "ipython", "version": 3},
    "pygments_lexer": "ipython3",
    "nbconvert_exporter": "python",
    "file_extension": ".py",
}


class Lessons(TextFileContentsManager):
    """The files of a workspace; the scripts of lessons are notebooks."""

    def get(self, path: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        """A file as JupyterLab shows it."""
        model: dict[str, Any] = super().get(path, *arguments, **options)
        notebook = model.get("content")
        if model["type"] == "notebook" and notebook and path.endswith(".py"):
            notebook["metadata"]["language_info"] = dict(_LANGUAGE)
            if says := how_to_ask(PurePosixPath(path).stem):
                notebook["cells"].insert(0, _cell(says))
        return model

    def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Write a file without what was only shown."""
        if model["type"] == "notebook" and (content := model.get("content")):
            cells = [cell for cell in content["cells"] if _SHOWN not in cell["metadata"]]
            model = {**model, "content": {**content, "cells": cells}}
        saved: dict[str, Any] = super().save(model, path)
        return saved


def how_to_ask(lesson: str) -> str:
    """How the exercises of a lesson are graded in its notebook; nothing for any other file."""
    try:
        course = Course.find()
        exercises = course.lesson(lesson).exercises if lesson in course.names else {}
    except GradschoolError:
        return ""
    name = next((each.id for each in exercises.values() if not each.worked), "")
    return name and (
        f'Run the cells that you have written, then ask in a new one: `grade("{name}")` says '
        f'whether it is right, `hint("{name}")` helps, and `progress()` shows the whole lesson. '
        "(This cell is only shown, and is not part of your file.)"
    )


def _cell(says: str) -> dict[str, Any]:
    metadata = {_SHOWN: "shown", "editable": False, "deletable": False}
    cell: dict[str, Any] = nbformat.v4.new_markdown_cell(says, metadata=metadata)
    return cell
