"""Measuring predictions: the author's code runs in a process of its own, and says what is true.

A learner's file takes no part in it, and nothing is kept here. `measure` starts the process, in
which `main` runs; the answers come back as JSON, a line.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import random
import subprocess
import sys
import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

from autograder.lessons.answers import ERROR, Answer, Shape
from autograder.lessons.course import Course
from autograder.lessons.errors import CourseError, Unusable
from autograder.lessons.lesson import Lesson
from autograder.lessons.predictions import Prediction

# Seconds for all that is measured at a time, with the import of torch.
PATIENCE = 120.0
# What a call raises whose arguments do not fit, which may be what was asked.
_REFUSALS = (RuntimeError, IndexError, TypeError, ValueError)


@dataclass(frozen=True)
class Measured:
    """What one run of a prediction's code gave, or the sentence of what is wrong with it.

    seconds: of the processor.
    """

    id: str
    seed: int
    true: Answer | None
    problem: str
    seconds: float


def truth(course: Course, lesson: Lesson, prediction: Prediction) -> Answer:
    """What is measured; raises CourseError where the author's code does not say it."""
    (found,) = measure(course, lesson, [prediction.id])
    if found.true is None:
        raise CourseError(f"{lesson.name}: {prediction.id} cannot be measured: {found.problem}")
    return found.true


def measure(
    course: Course, lesson: Lesson, ids: Collection[str], seeds: Iterable[int] = (0,)
) -> list[Measured]:
    """Measure predictions of a lesson under each seed. Raises CourseError, Unusable."""
    question = {"folder": str(course.solutions), "lesson": lesson.name, "ids": list(ids)}
    command = [sys.executable, "-P", "-m", "autograder.grading.measuring"]
    try:
        ran = subprocess.run(
            command,
            input=json.dumps({**question, "seeds": list(seeds)}),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise Unusable(f"{', '.join(ids)}: measuring took too long; try it again") from error
    if ran.returncode:
        told = ran.stderr.strip().splitlines()[-1:] or [f"exit code {ran.returncode}"]
        raise CourseError(f"{lesson.name}: its predictions cannot be measured: {told[0]}")
    return [Measured(**each) for each in json.loads(ran.stdout)]


def main() -> None:
    """Answer the question on stdin; what the author's code prints is nobody's business."""
    question = json.load(sys.stdin)
    with contextlib.redirect_stdout(io.StringIO()):
        path = Path(question["folder"]) / f"{question['lesson']}.py"
        asked = Lesson(path.stem, path.read_text(encoding="utf-8")).predictions
        sys.path.insert(0, str(path.parent))
        module = imported(path)
        found = [
            _measured(module, asked[id], seed)
            for id in question["ids"]
            for seed in question["seeds"]
        ]
    print(json.dumps([asdict(each) for each in found]))


def _measured(module: ModuleType, prediction: Prediction, seed: int) -> Measured:
    true, problem = None, ""
    _settle(seed)
    begun = time.process_time()
    try:
        true = prediction.kind.measured(_value(module, prediction))
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - begun
    return Measured(prediction.id, seed, true, problem, round(seconds, 3))


def _value(module: ModuleType, prediction: Prediction) -> object:
    try:
        return getattr(module, prediction.id)()
    except _REFUSALS:
        if isinstance(prediction.kind, Shape) and prediction.kind.may_fail:
            return ERROR
        raise


def imported(path: Path) -> ModuleType:
    """A solution as a module; other lessons are found where `sys.path` leads to their folder."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _settle(seed: int) -> None:
    """The same chance for the same seed, and one thread: what is measured is small."""
    random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)
        torch.set_num_threads(1)


if __name__ == "__main__":
    main()
