"""Whether a file's weights are those of an open task: names, shapes, and how many numbers."""

from __future__ import annotations

from pathlib import Path

from autograder.checks.tasks import Shape, Task
from autograder.lessons.errors import WrongUse
from autograder.lessons.weights import Weights, parameters_of, read_weights


def admitted(task: Task, path: Path) -> Weights:
    """The weights in a file, as float32. Raises WrongUse, a sentence, where they do not fit."""
    weights = read_weights(path, task.bytes)
    for name, shape in task.tensors.items():
        if name not in weights:
            has = _has(weights)
            raise WrongUse(f"{path} holds no tensor {name!r}, which {task.id} needs; {has}")
        if not _fits(weights[name].shape, shape):
            raise WrongUse(
                f"{path}: {name!r} has the shape {weights[name].shape}; {task.id} needs "
                f"{_shown(shape)}"
            )
    others = [name for name in weights if name not in task.tensors]
    if others and not task.others:
        raise WrongUse(f"{path} holds {others[0]!r}, which is no tensor of {task.id}; leave it out")
    if (count := parameters_of(weights)) > task.parameters:
        raise WrongUse(
            f"{path} holds {count:,} parameters, more than the {task.parameters:,} of {task.id}; "
            "make the model smaller"
        )
    return weights


def _fits(actual: tuple[int, ...], wanted: Shape) -> bool:
    pairs = zip(actual, wanted, strict=False)
    return len(actual) == len(wanted) and all(need in (None, size) for size, need in pairs)


def _shown(shape: Shape) -> str:
    sizes = ["any" if size is None else str(size) for size in shape]
    return f"({', '.join(sizes)}{',' * (len(sizes) == 1)})"


def _has(weights: Weights) -> str:
    names = [*list(weights)[:5], *(["..."] if len(weights) > 5 else [])]
    return f"it holds {', '.join(names)}"
