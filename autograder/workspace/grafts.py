"""Grading what was written into a scratch file, beside the rest of the learner's own lesson."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from autograder.grading.glance import glance
from autograder.lessons.disk import digest
from autograder.lessons.grafting import grafted
from autograder.reports.exercise import ExerciseReport
from autograder.workspace.workspace import Workspace

if TYPE_CHECKING:
    from autograder.grading.plan import Seed
    from autograder.reports.report import Report


class Grafts(Protocol):
    """What grades one exercise as a scratch file has it, such as a warm server's client."""

    def grade_grafted(
        self, file: Path, scratch: Path, lesson: str, exercise: str, seed: Seed, /
    ) -> Report: ...


def graded(
    workspace: Workspace, grafts: Grafts, scratch: Path, lesson: str, exercise: str, seed: Seed = 0
) -> ExerciseReport:
    """The report on one exercise of a scratch file; nothing of it is kept as progress.

    A stub is told at a glance, and nothing is run. Raises Unreadable and WrongUse.
    """
    file, course = workspace.present(lesson), workspace.course
    submission = grafted(file, scratch, course.lesson(lesson), exercise)
    report = glance(course.lesson(lesson), submission, course.checks_source(lesson), {exercise})
    if report is None:
        report = grafts.grade_grafted(file, scratch, lesson, exercise, seed)
    return report.exercises[0]


def fingerprint(scratch: Path) -> str:
    """Of a scratch file as it is."""
    return digest(scratch.read_bytes(), length=16)
