"""Lessons as notebooks that work alone, in Colab, Kaggle or anywhere: with stubs, without grades.

The page beside them has a badge for each lesson where their place on GitHub is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.disk import Written, write_where_changed
from autograder.lessons.errors import WrongUse
from autograder.lessons.lesson import Lesson
from autograder.lessons.percent import split_cells
from autograder.nbgrader.assignment import INSTRUCTIONS, notebook
from autograder.nbgrader.badges import address, table
from autograder.nbgrader.needs import start_cell


def release_alone(course: Course, names: list[str], folder: Path) -> Iterator[Written]:
    """Write the notebooks and a page that lists them. Raises WrongUse where `folder` is a file."""
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"{folder} is a file; name a folder for the notebooks")
    for name, text in files_alone(course, names, address(course, folder)).items():
        yield write_where_changed(folder / name, text)


def files_alone(course: Course, names: Sequence[str], at: str) -> dict[str, str]:
    """The notebooks and their page by file names; `at` is what `address` says of their folder."""
    notebooks = {f"{name}.ipynb": alone(course, course.lesson(name)) for name in names}
    return {**notebooks, "README.md": f"{_HEAD}{table(course, names, at)}"}


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


_HOW = """\
**How this notebook works.** Run the next cell first: it installs what is missing, on your own
machine as in Colab, Kaggle or VS Code. Fill in the cells that say `YOUR CODE HERE`, and run them.
The cell below each of them runs the examples of the text. If a function is defined twice, the last
definition counts."""
_HEAD = """\
# Notebooks

Each of these works alone: run its first cell, and it brings what the lesson needs. Fill in the
cells that say `YOUR CODE HERE`; the cell below each one runs the examples.

"""
