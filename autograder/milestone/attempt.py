"""One try of an open task in a workspace: the weights admitted, the data read, the score kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograder.checks.tasks import Task
from autograder.grading.plan import Plan, Seed
from autograder.grading.tasks.admission import admitted
from autograder.grading.tasks.trying import Trial, Tried
from autograder.lessons.course import Course
from autograder.lessons.errors import CourseError
from autograder.lessons.files import read
from autograder.lessons.lesson import Lesson
from autograder.lessons.open_tasks import OpenTask
from autograder.milestone import datasets
from autograder.pool.pool import Pool
from autograder.workspace.attempts import Told, keep, present_weights
from autograder.workspace.tries import Try
from autograder.workspace.workspace import Workspace


@dataclass(frozen=True)
class Material:
    """What a task draws its hidden inputs from; sentence says which it is, "" where none is."""

    words: Sequence[str] = ()
    real: bool = True
    sentence: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a try; `told` is what was kept, nothing where there was no score."""

    task: str
    told: Told | None
    found: Tried
    material: Material

    @property
    def passed(self) -> bool:
        return self.told is not None and self.told.tried.passed

    def data(self) -> dict[str, Any]:
        """The same as JSON's types."""
        tried = self.told.tried if self.told else None
        return {
            "task": self.task,
            "score": tried.score if tried else None,
            "bar": tried.bar if tried else None,
            "passed": self.passed,
            "parts": self.found.parts,
            "data": self.material.sentence,
            "problem": self.found.problem,
        }


def declared(course: Course, lesson: Lesson, task: OpenTask) -> tuple[Plan, Task]:
    """The plan of a lesson, and what it declares of a task; raises CourseError where nothing."""
    plan = Plan.load(course, lesson.name)
    if task.id not in plan.declarations.tasks:
        raise CourseError(f"{lesson.name} declares no open task {task.id} in its tasks.py")
    return plan, plan.declarations.tasks[task.id]


def material(course: Course, task: Task, source: str) -> Material:
    """The data of a task; source: as a milestone takes it. Raises CourseError, DataError."""
    if not task.data:
        return Material()
    if task.data not in course.about.data:
        raise CourseError(f"{task.id} draws from {task.data!r}, which course.toml doesn't register")
    dataset = datasets.load(course, task.data, source)
    words = dataset.text.split() if course.about.data[task.data].words else dataset.text
    return Material(words, dataset.real, dataset.sentence)


def attempt(
    workspace: Workspace, pool: Pool, lesson: Lesson, task: OpenTask, seed: Seed, source: str
) -> Outcome:
    """Try an open task, and keep what came of it: nothing where there was no score.

    Raises WrongUse where the weights cannot be used.
    """
    plan, about = declared(workspace.course, lesson, task)
    path = present_weights(workspace, lesson, task)
    weights, data = admitted(about, path), material(workspace.course, about, source)
    submission = read(workspace.present(lesson.name))
    found = Trial(plan, about, submission, weights, pool).tried(seed, data.words)
    if found.problem:
        return Outcome(task.id, None, found, data)
    score, bar = found.score(about), about.bar_of(real=data.real)
    on = "" if about.small_bar is None else "real" if data.real else "small"
    tried = Try(task.id, score, bar, about.margin(score, bar), on)
    return Outcome(task.id, keep(workspace, lesson, about, tried, path), found, data)
