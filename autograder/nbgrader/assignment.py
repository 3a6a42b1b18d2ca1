"""A lesson as an nbgrader assignment: the notebook with its metadata. No torch, no nbgrader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autograder.lessons.lesson import BEGIN, Exercise, Lesson
from autograder.lessons.percent import Cell, split_cells
from autograder.lessons.predictions import Prediction
from autograder.nbgrader.ids import code_id, test_id, text_id
from autograder.nbgrader.places import Place, place

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

INSTRUCTIONS = """\
**How this assignment works.** Run the next cell first: it installs what is missing, on your own
machine as in Colab, Kaggle or VS Code. Fill in the cells that say `YOUR CODE HERE`, and run them.
The locked cell below each of them runs the examples of the text; the hidden checks run when you
submit. Write your code in the cells that are there, or add cells of your own. If a function is
defined twice, the last definition counts."""

MILESTONE = """\
The lesson ends with a milestone: your functions train a model. It comes with the course itself,
which is not part of this assignment."""


PREDICTION = """\
**Predict first.** {asked} It isn't graded."""

OPEN_TASK = """\
**An open task.** It isn't graded here. With the whole course on your machine, `grad try` takes the
weights that you train, and says how far you are from the bar."""

FURTHER_DOWN = """\
The locked cell of `{exercise}` stands further down, below `{name}`, which it uses."""


def notebook(
    lesson: Lesson,
    points: Callable[[str], int],
    checked: Mapping[str, set[str]] | None = None,
    start: str = "",
) -> str:
    """The instructor's notebook, with solutions, as JSON; the same lesson gives the same bytes.

    points: what an exercise is worth. checked: the names that its hidden checks use. start: the
    cell that brings what the notebook needs.
    """
    content = {
        "cells": _with_unique_ids(_cells(lesson, points, checked or {}, start)),
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cells(
    lesson: Lesson, points: Callable[[str], int], checked: Mapping[str, set[str]], start: str
) -> Iterator[dict[str, Any]]:
    """Each code cell, and behind it the locked test cells that find there what they need."""
    places = _places(lesson, checked)
    waiting = [_text_cell(lesson, INSTRUCTIONS), *_start(lesson, start)]
    for cell, stub in zip(lesson.cells, split_cells(lesson.asking()), strict=True):
        if _is_main(cell):
            yield _text_cell(lesson, MILESTONE)
        elif cell.kind == "markdown":
            yield _text_cell(lesson, _without_commands(cell.source))
        elif asked := predictions_in(lesson, cell):
            for prediction in asked:
                yield from _asking(lesson, prediction)
        elif any(cell.line <= task.line <= cell.last for task in lesson.tasks.values()):
            yield _text_cell(lesson, OPEN_TASK)
            yield _code_cell(text_id(lesson.name, stub.source), stub.source, {})
        else:
            yield _code(lesson, cell)
            for exercise in exercises_in(lesson, cell):
                if name := places[exercise.id].name:
                    words = FURTHER_DOWN.format(exercise=exercise.id, name=name)
                    yield _text_cell(lesson, words)
            for exercise in lesson.exercises.values():
                if places[exercise.id].line == cell.line:
                    yield _test(lesson, exercise, points(exercise.id))
        yield from waiting
        waiting = []


def _without_commands(text: str) -> str:
    """A text without its paragraphs about pictures: students may have the notebook alone."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(each for each in paragraphs if "`grad plot " not in each)


def released_texts(lesson: Lesson, start: str) -> set[str]:
    """Every cell of a lesson's assignment that is the same for all students, by what it says."""
    cells = _cells(lesson, lambda exercise: 0, {}, start)
    return {"".join(cell["source"]) for cell in cells if not cell["metadata"].get("nbgrader")}


def _start(lesson: Lesson, source: str) -> list[dict[str, Any]]:
    """The cell that comes first; nobody need see what is in it, in JupyterLab or in Colab."""
    folded = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return [_code_cell(text_id(lesson.name, source), source, folded)] if source else []


def _places(lesson: Lesson, checked: Mapping[str, set[str]]) -> dict[str, Place]:
    code = [cell for cell in lesson.cells if cell.kind == "code" and not _is_main(cell)]
    return {
        exercise.id: place(exercise, cell, code, checked.get(exercise.id, set()))
        for cell in code
        for exercise in exercises_in(lesson, cell)
    }


def _asking(lesson: Lesson, prediction: Prediction) -> Iterator[dict[str, Any]]:
    """A question, and a cell for the answer; what measures it stays with the course."""
    yield _text_cell(lesson, PREDICTION.format(asked=prediction.asked))
    call = f'predict("{prediction.id}", None, lesson="{lesson.name}")'
    source = f"from autograder import predict\n\n{call}  # your answer in place of None"
    yield _code_cell(text_id(lesson.name, source), source, {})


def _code(lesson: Lesson, cell: Cell) -> dict[str, Any]:
    if BEGIN not in cell.source:
        return _code_cell(text_id(lesson.name, cell.source), cell.source, {})
    id = code_id(lesson.name, exercises_in(lesson, cell)[0].id)
    return _code_cell(id, cell.source, _metadata(id, solution=True))


def _test(lesson: Lesson, exercise: Exercise, points: int) -> dict[str, Any]:
    id = test_id(lesson.name, exercise.id)
    graded = _metadata(id, grade=True, locked=True, points=points)
    return _code_cell(id, test_source(lesson.name, exercise.id), graded)


def exercises_in(lesson: Lesson, cell: Cell) -> list[Exercise]:
    return [each for each in lesson.exercises.values() if cell.line <= each.line <= cell.last]


def predictions_in(lesson: Lesson, cell: Cell) -> list[Prediction]:
    return [each for each in lesson.predictions.values() if cell.line <= each.line <= cell.last]


def test_source(lesson: str, exercise: str) -> str:
    """What stands in a test cell: it works in any order, and whatever the notebook is named."""
    return f'from autograder import grade\n\ngrade("{exercise}", lesson="{lesson}")'


def _is_main(cell: Cell) -> bool:
    """Whether a cell runs the milestone; in a kernel `__name__` is "__main__" too."""
    return cell.kind == "code" and cell.source.startswith('if __name__ == "__main__":')


def _text_cell(lesson: Lesson, source: str) -> dict[str, Any]:
    id = text_id(lesson.name, source)
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": _lines(source)}


def _code_cell(id: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": id,
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": _lines(source),
    }


def _metadata(
    id: str,
    *,
    grade: bool = False,
    solution: bool = False,
    locked: bool = False,
    points: int | None = None,
) -> dict[str, Any]:
    found = {"grade": grade, "grade_id": id, "locked": locked, "solution": solution, "task": False}
    worth = {} if points is None else {"points": float(points)}
    return {"nbgrader": {"schema_version": 3, **found, **worth}}


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def _with_unique_ids(cells: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two cells with the same text have the same digest; the later ones get a number."""
    seen: dict[str, int] = {}
    listed = []
    for cell in cells:
        count = seen[cell["id"]] = seen.get(cell["id"], 0) + 1
        listed.append(cell if count == 1 else {**cell, "id": f"{cell['id'][:60]}-{count}"})
    return listed
