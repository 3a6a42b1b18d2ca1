"""Lessons as notebooks that work alone, in Colab, Kaggle or anywhere: with stubs, without grades.

In a folder of a repository on GitHub the page beside them has a badge for each lesson.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.disk import Written, write_where_changed
from autograder.lessons.errors import WrongUse
from autograder.lessons.lesson import Lesson, split_cells
from autograder.nbgrader.assignment import INSTRUCTIONS, notebook
from autograder.nbgrader.needs import start_cell

_COLAB = "https://colab.research.google.com/github"
_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
_KAGGLE = "https://kaggle.com/kernels/welcome?src=https://github.com"
_ADDRESS = re.compile(r"github\.com[:/](?P<name>[^/]+/[^/]+?)(?:\.git)?/?$")


def release_alone(course: Course, names: list[str], folder: Path) -> Iterator[Written]:
    """Write the notebooks and a page that lists them. Raises WrongUse where `folder` is a file."""
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"{folder} is a file; name a folder for the notebooks")
    for name in names:
        text = alone(course, course.lesson(name))
        yield write_where_changed(folder / f"{name}.ipynb", text)
    rows = "".join(_row(course.lesson(name), address(folder)) for name in names)
    yield write_where_changed(folder / "README.md", f"{_HEAD}{rows}")


def alone(course: Course, lesson: Lesson) -> str:
    """A lesson's notebook as JSON, with stubs in place of solutions and nobody's grade in it."""
    data = json.loads(notebook(lesson, lambda exercise: 0, start=start_cell(course, lesson)))
    pairs = zip(lesson.cells, split_cells(lesson.stub()), strict=True)
    others = {cell.source: stub.source for cell, stub in pairs} | {INSTRUCTIONS: _HOW}
    for cell in data["cells"]:
        source = "".join(cell["source"])
        cell["source"] = others.get(source, source).splitlines(keepends=True)
        cell["metadata"].pop("nbgrader", None)
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def address(folder: Path) -> str:
    """Where GitHub shows a folder, as OWNER/NAME/blob/BRANCH/PLACE; "" where it is not known."""
    asked = ("remote get-url origin", "rev-parse --abbrev-ref HEAD", "rev-parse --show-prefix")
    remote, branch, place = (_git(folder, *words.split()) for words in asked)
    found = _ADDRESS.search(remote)
    return f"{found['name']}/blob/{branch}/{place}".rstrip("/") if found and branch else ""


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:  # there is no git
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _row(lesson: Lesson, at: str) -> str:
    file = f"{lesson.name}.ipynb"
    badge = f"[![Open in Colab]({_BADGE})]({_COLAB}/{at}/{file})" if at else ""
    kaggle = f"[Kaggle]({_KAGGLE}/{at}/{file})" if at else ""
    return f"| [{lesson.title}]({file}) | {badge} | {kaggle} |\n"


_HOW = """\
**How this notebook works.** Run the next cell first: it installs what is missing, on your own
machine as in Colab, Kaggle or VS Code. Fill in the cells that say `YOUR CODE HERE`, and run them.
The cell below each of them runs the examples of the text. If a function is defined twice, the last
definition counts."""
_HEAD = """\
# Notebooks

Each of these works alone: run its first cell, and it brings what the lesson needs. Fill in the
cells that say `YOUR CODE HERE`; the cell below each one runs the examples.

| lesson | Colab | Kaggle |
| --- | --- | --- |
"""
