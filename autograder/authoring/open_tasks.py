"""What a course proves about its open tasks: they're declared, fair, and met by their author."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy

from autograder.authoring.inspection import Inspection
from autograder.checks.tasks import Asked, Task
from autograder.grading.tasks.admission import admitted
from autograder.grading.tasks.trying import Trial, Tried
from autograder.lessons.errors import GradschoolError
from autograder.lessons.open_tasks import OpenTask
from autograder.lessons.submission import Submission, Unit
from autograder.lessons.weights import SUFFIX, Weights
from autograder.milestone.attempt import Material, material

# Shorter lines say nothing: `x = 1`.
LONG_ENOUGH = 12


def tasks_are_declared(inspection: Inspection) -> Iterator[str]:
    """Each open task is declared, and says its bar and its limit; each draws what it may."""
    tasks, declared = inspection.plan.lesson.tasks, inspection.plan.declarations.tasks
    for id in sorted(set(tasks) ^ set(declared)):
        where = "the lesson" if id in declared else "tasks.py"
        yield f"the open task {id} is not in {where}"
    for id in sorted(set(tasks) & set(declared)):
        yield from _unsaid(tasks[id], declared[id])
        yield from _undrawn(inspection, declared[id])


def _unsaid(task: OpenTask, declared: Task) -> Iterator[str]:
    bars = {f"{declared.bar:g}", f"{100 * declared.bar:g}"}
    if not any(bar in task.says for bar in bars):
        yield f"the first sentence of {task.id} doesn't say its bar, {declared.bar:g}"


def _undrawn(inspection: Inspection, task: Task) -> Iterator[str]:
    """Inputs that are not drawn, or that no seed changes."""
    if task.draws is None:
        yield f"{task.id} has no function under `@{task.id}.hidden`"
        return
    one, other = (_asked(inspection, task, seed) for seed in (0, 1))
    if one == other:
        yield f"{task.id} draws the same hidden inputs under every seed"


def _asked(inspection: Inspection, task: Task, seed: int) -> list[Asked]:
    assert task.draws
    return list(task.draws(random.Random(seed), _material(inspection, task).words))


def _material(inspection: Inspection, task: Task) -> Material:
    return material(inspection.course, task, "small")


def stubs_leave_tasks_open(inspection: Inspection) -> Iterator[str]:
    """The stub of an open task has nothing of the author's own way."""
    lesson = inspection.plan.lesson
    stub = lesson.stub()
    for task in lesson.tasks.values():
        code = [line.strip() for region in task.regions for line in region.code.splitlines()]
        for line in code:
            if len(line) >= LONG_ENOUGH and f"    {line}\n" in stub and line not in task.docstring:
                yield f"the stub of {task.id} tells {line!r}"


def tasks_are_met(inspection: Inspection) -> Iterator[str]:
    """The author's weights in `tests/weights/` meet the bar; zeros and the stub do not."""
    plan = inspection.plan
    for id in set(plan.lesson.tasks) & set(plan.declarations.tasks):
        task = plan.declarations.tasks[id]
        path = _weights(inspection, id)
        if not path.exists():
            yield f"{path} is missing: weights with which the author's function meets the bar"
            continue
        try:
            yield from _problems(inspection, task, admitted(task, path))
        except GradschoolError as error:
            yield str(error)


def _weights(inspection: Inspection, id: str) -> Path:
    return inspection.course.folder / "tests" / "weights" / f"{inspection.name}.{id}{SUFFIX}"


def _problems(inspection: Inspection, task: Task, weights: Weights) -> Iterator[str]:
    lesson, bar = inspection.plan.lesson, task.bar_of(real=False)
    met = _tried(inspection, task, lesson.source, weights)
    if met.problem or task.margin(met.score(task), bar) < 0:
        told = met.problem or f"reaches {met.score(task):.4f}, and the bar is {bar:g}"
        yield f"the author's own {task.id} {told}"
    empty = {name: numpy.zeros_like(each) for name, each in weights.items()}
    for what, tried in (
        ("weights of zeros", _tried(inspection, task, lesson.source, empty)),
        ("the stub", _tried(inspection, task, lesson.stub(), weights)),
    ):
        if not tried.problem and task.margin(tried.score(task), bar) >= 0:
            yield f"{what} meets the bar of {task.id}"


def _tried(inspection: Inspection, task: Task, source: str, weights: Weights) -> Tried:
    submission = Submission(f"{inspection.name}.py", [Unit(source)])
    trial = Trial(inspection.plan, task, submission, weights, inspection.session.pool)
    return trial.tried(inspection.seeds[0], _material(inspection, task).words)
