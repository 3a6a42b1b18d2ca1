"""What the gradebook knows of an assignment: the only thing about its cells that is believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.lessons.course import Course
from autograder.nbgrader.ids import exercises_by_test


@dataclass(frozen=True)
class AssignedCell:
    """A cell with nbgrader's metadata, as it was released."""

    grade_id: str
    cell_type: str
    source: str
    metadata: dict[str, Any]

    @property
    def is_locked(self) -> bool:
        return self.metadata["locked"]

    def holds(self, cell: Any) -> bool:
        """Whether a cell has the text that was released; spaces at the ends of lines are none."""
        mine, theirs = self.source.strip().split("\n"), cell.source.strip().split("\n")
        return [line.rstrip() for line in mine] == [line.rstrip() for line in theirs]

    @property
    def is_test(self) -> bool:
        """Whether nbgrader scores it by its output: locked code with points."""
        return self.cell_type == "code" and self.metadata["grade"] and self.metadata["locked"]


@dataclass(frozen=True)
class Assigned:
    """A notebook of the gradebook: its lesson, its cells, and the exercise of each test cell."""

    lesson: str
    cells: dict[str, AssignedCell]
    exercises: dict[str, str]


def assigned(resources: dict[str, Any]) -> Assigned | None:
    """The notebook that is being converted, or None where it is no lesson of this course."""
    from nbgrader.api import Gradebook, MissingEntry

    about = resources["nbgrader"]
    course = Course.find()
    if about["notebook"] not in course.names:
        return None
    lesson = course.lesson(about["notebook"])
    tests = exercises_by_test(lesson.name, lesson.exercises)
    with Gradebook(about["db_url"]) as gradebook:
        try:
            found = _cells(gradebook.find_notebook(about["notebook"], about["assignment"]))
        except MissingEntry:
            return None
    exercises = {id: tests[id] for id in found if id in tests}
    return Assigned(lesson.name, found, exercises) if exercises else None


def _cells(notebook: Any) -> dict[str, AssignedCell]:
    points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name: cell.max_score for cell in notebook.task_cells}
    found = {}
    for cell in notebook.source_cells:
        metadata = {
            "schema_version": 3,
            "grade_id": cell.name,
            "grade": cell.name in points,
            "solution": cell.name in solutions,
            "task": cell.name in tasks,
            "locked": cell.locked,
            "checksum": cell.checksum,
            "cell_type": cell.cell_type,
        }
        if cell.name in points or cell.name in tasks:
            metadata["points"] = float({**tasks, **points}[cell.name])
        found[cell.name] = AssignedCell(cell.name, cell.cell_type, cell.source, metadata)
    return found
