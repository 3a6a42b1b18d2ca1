"""`python -m autograder.milestone.training FILE TASK ...`: train for an open task, keep weights.

The learner's own `train_TASK(run)` runs as a milestone does, with a bar and the data, and what it
returns is written beside the lesson's file as safetensors.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError, WrongUse
from autograder.lessons.open_tasks import OpenTask
from autograder.lessons.places import shown_path
from autograder.lessons.weights import Array, parameters_of, write_weights
from autograder.milestone.program import (
    STOPPED,
    call,
    computing,
    describe_error,
    parse_options,
)
from autograder.milestone.run import Run
from autograder.milestone.stage import learners
from autograder.workspace.attempts import weights_path
from autograder.workspace.places import workspace_of
from autograder.workspace.reset import back_up
from autograder.workspace.workspace import Workspace


def train(file: Path, task: str, *options: str) -> int:
    """Train in a process of its own, with a milestone's options. Returns its exit code."""
    module = "autograder.milestone.training"
    return call([sys.executable, "-P", "-m", module, str(file), task, *options])


def main(arguments: Sequence[str]) -> int:
    """Train and write the weights: 0; the learner's function fails: 1; wrong use: 2."""
    file, (name, *options) = Path(arguments[0]).absolute(), arguments[1:]
    sys.path.insert(0, str(file.parent))  # where a lesson finds the one that it builds on
    chosen = parse_options(file.stem, options)
    run = Run(file, chosen.full, chosen.device, chosen.steps, chosen.data)
    try:
        course = Course.find()
        task = course.lesson(file.stem).tasks[name]
        function = _function(file, task)
        with computing(chosen.threads):
            weights = _arrays(task, function(run))
        say = _keep(course, file, task, weights)
    except KeyboardInterrupt:
        run.close()
        print("stopped; nothing is kept")
        return STOPPED
    except GradschoolError as error:
        run.close()
        print(error)
        return 2
    except (Exception, SystemExit) as error:
        run.close()
        print(describe_error(error, file.parent))
        return 1
    print(say)
    return 0


def _function(file: Path, task: OpenTask) -> Callable[[Run], Any]:
    function = learners(file).get(task.train)
    if not callable(function):
        raise WrongUse(f"{file.name} defines no function {task.train}; it trains for {task.id}")
    return function  # type: ignore[no-any-return]


def _arrays(task: OpenTask, weights: Any) -> dict[str, Array]:
    """What the function returned as arrays, by name."""
    if not isinstance(weights, Mapping) or not all(map(_is_tensor, weights.values())):
        kind = type(weights).__name__
        raise WrongUse(
            f"{task.train} returned a {kind}; return the weights as a dict from names to tensors"
        )
    return {str(name): tensor.detach().float().cpu().numpy() for name, tensor in weights.items()}


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def _keep(course: Course, file: Path, task: OpenTask, weights: Mapping[str, Array]) -> str:
    """Write the weights, with a backup of those that lay there; the sentence that says so."""
    path = weights_path(file, task.id)
    folder = workspace_of(file)
    backup = back_up(Workspace(folder, course), path) if folder else None
    write_weights(path, weights)
    before = f"; those before are in {shown_path(backup)}" if backup else ""
    return f"{path.name} has {parameters_of(weights):,} parameters{before}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
