"""What is kept of the tries of an open task: each score, and the weights of the best one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.checks.tasks import EXACT, Task
from autograder.lessons.disk import write_atomically
from autograder.lessons.errors import WrongUse
from autograder.lessons.lesson import Lesson
from autograder.lessons.open_tasks import OpenTask
from autograder.lessons.weights import SUFFIX
from autograder.workspace.places import kept
from autograder.workspace.standing import STAR, best_tries
from autograder.workspace.tries import Tries, Try
from autograder.workspace.workspace import Workspace


@dataclass(frozen=True)
class Told:
    """A scored try, the best one before it on the same data, and what there is to say."""

    tried: Try
    before: Try | None
    lines: tuple[str, ...]

    @property
    def is_best(self) -> bool:
        return self.before is None or self.tried.margin > self.before.margin


def weights_path(file: Path, task: str) -> Path:
    """Where the weights of an open task lie, beside the lesson's file."""
    return file.with_name(f"{file.stem}.{task}{SUFFIX}")


def present_weights(workspace: Workspace, lesson: Lesson, task: OpenTask) -> Path:
    """The file of weights; raises WrongUse where there is none."""
    path = weights_path(workspace.present(lesson.name), task.id)
    if not path.exists() and not path.is_symlink():
        name = workspace.course.shortest(lesson.name, task.id)
        raise WrongUse(
            f"there is no exercises/{path.name}; `grad try {name} --train` trains with your "
            f"{task.train} and writes it"
        )
    return path


def keep(workspace: Workspace, lesson: Lesson, task: Task, tried: Try, weights: Path) -> Told:
    """Keep a try, and a copy of its weights where it is the best; say how it went."""
    alike = (each for each in Tries(workspace.store).of(lesson.name) if each.data == tried.data)
    before = best_tries(lesson, alike).get(task.id)
    Tries(workspace.store).add(lesson.name, tried)
    told = Told(tried, before, tuple(_lines(task, tried, before)))
    if told.is_best:
        name = f"{weights.stem}{'.' * bool(tried.data)}{tried.data}{SUFFIX}"
        write_atomically(kept(workspace.folder) / "best" / name, weights.read_bytes())
    return told


def shown(task: Task, score: float) -> str:
    """A score as a person reads it."""
    return f"{100 * score:.4g} %" if task.score == EXACT else f"{score:.4f} nats"


def bar_text(task: Task, bar: float) -> str:
    return f"at {'least' if task.score == EXACT else 'most'} {shown(task, bar)}"


def _lines(task: Task, tried: Try, before: Try | None) -> list[str]:
    on = f" on the {tried.data} data" if tried.data else ""
    bar = f"the bar{on} is {bar_text(task, tried.bar)}"
    lines = [f"{task.id}: {shown(task, tried.score)}; {bar}"]
    if tried.passed:
        lines.append(f"{STAR} The bar is met.")
    else:
        lines.append(f"{shown(task, -tried.margin)} to go; a try costs nothing.")
    if before is not None and tried.margin <= before.margin:
        lines.append(f"Your best is {shown(task, before.score)}; it stays.")
    elif before is not None:
        lines.append(f"Your best so far: it was {shown(task, before.score)} before.")
    return lines
