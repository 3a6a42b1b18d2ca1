"""The author's hints of a step: which are given away, and how a person reads them without TeX."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.lessons.lesson import Exercise, Lesson
from autograder.lessons.predictions import Prediction
from autograder.reports.formulas import readable
from autograder.workspace.workspace import Workspace

LAST = "That was the last hint."


@dataclass(frozen=True)
class Hints:
    """The hints that are told, numbered and with their formulas in Unicode; so many are `left`.

    With `passed` nobody needs them any more: all may be read, and none is counted.
    """

    told: list[str]
    left: int
    passed: bool


def level_of(workspace: Workspace, lesson: Lesson, step: Exercise | Prediction, asked: int) -> int:
    """The hint up to which is told: the one that is asked for, or one more with 0."""
    given = workspace.store.hints(lesson.name, step.id)
    every = len(step.hints)
    if not asked:
        asked = every if workspace.store.has_passed(lesson.name, step.id) else given + 1
    return min(asked, every)


def give(workspace: Workspace, lesson: Lesson, step: Exercise | Prediction, level: int) -> Hints:
    """Tell the hints up to a level, which count as given from now on."""
    store = workspace.store
    passed = store.has_passed(lesson.name, step.id)
    if step.hints and not passed:
        store.set_hints(lesson.name, step.id, max(level, store.hints(lesson.name, step.id)))
    told = [f"{number}. {readable(hint)}" for number, hint in enumerate(step.hints[:level], 1)]
    return Hints(told, len(step.hints) - level, passed)


def next_hint(workspace: Workspace, lesson: Lesson, step: Exercise | Prediction) -> str:
    """The next one alone, for a place where those before it are still to be seen."""
    if not step.hints:
        return f"{step.id} has no hints."
    hints = give(workspace, lesson, step, level_of(workspace, lesson, step, 0))
    if hints.passed:
        return "\n".join(hints.told)
    return f"{hints.told[-1]}\n{f'{hints.left} more' if hints.left else LAST}"
