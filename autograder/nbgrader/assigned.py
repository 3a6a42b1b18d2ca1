"""What the gradebook knows of an assignment: the only thing about its cells that is believed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.nbgrader.ids import exercises_by_test

# Whatever looks like one of our test cells, also where an instructor has edited it.
_OURS = re.compile(
    r"from autograder import grade\b(?:.*?\bgrade\(\s*[\"'](?P<exercise>[^\"']+)"
    r"(?:[\"']\s*,\s*lesson=[\"'](?P<lesson>[^\"']+))?)?",
    re.DOTALL,
)
# One process has one nbgrader_config.py.
_others_run = False


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


def let_others_run(allowed: bool) -> None:
    """Set whether plain nbgrader may run assignments of this course that are not Gradschool's."""
    global _others_run
    _others_run = allowed


def assigned(resources: dict[str, Any]) -> Assigned | None:
    """The lesson's notebook that is being converted.

    None stands for an assignment that Gradschool did not release, where such ones are allowed to
    run. Raises WrongUse in every other case: whatever is not known is not run beside the gradebook.
    """
    from nbgrader.api import Gradebook, MissingEntry

    about = resources["nbgrader"]
    with Gradebook(about["db_url"]) as gradebook:
        try:
            found = gradebook.find_notebook(about["notebook"], about["assignment"])
        except MissingEntry:
            raise WrongUse(
                f"the gradebook has no notebook {about['notebook']!r} of {about['assignment']!r}; "
                f"run `nbgrader generate_assignment {about['assignment']}`"
            ) from None
        return in_gradebook(found)


def in_gradebook(notebook: Any) -> Assigned | None:
    """A notebook of the gradebook, as `assigned` gives it."""
    cells, course = _cells(notebook), Course.find()
    told = {id: found for id, cell in cells.items() if (found := _OURS.search(cell.source))}
    asked = {id: found for id, found in told.items() if found["exercise"] and cells[id].is_test}
    if not told:
        if _others_run:
            return None
        raise WrongUse(
            f"{notebook.name} has no cell of Gradschool's, so nothing would shut its submissions "
            'in; to run them as plain nbgrader does, write configure(c, others="run") in '
            "nbgrader_config.py"
        )
    lesson = next((found["lesson"] for found in asked.values()), "") or notebook.name
    if lesson not in course.names:
        raise WrongUse(
            f"{notebook.name} is of the lesson {lesson!r}, which is not in {course.solutions}; "
            "name the folder of its course in nbgrader_config.py: configure(c, course=...)"
        )
    tests = exercises_by_test(lesson, course.lesson(lesson).exercises)
    if unknown := [found["exercise"] for id, found in asked.items() if id not in tests]:
        raise WrongUse(
            f"the lesson {lesson} has no exercise {unknown[0]!r} (any more), which {notebook.name} "
            "asks for; grade with the course that it was released from"
        )
    return Assigned(lesson, cells, {id: tests[id] for id in cells if id in tests})


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
