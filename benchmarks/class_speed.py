"""What a class costs: two jobs against one, and many submissions against few.

`python -m benchmarks --class` measures all of it, which takes an hour on two cores; `python -m
benchmarks.class_speed COUNT JOBS` measures one class, as one line of JSON. Processor time is of
this process and all below it; wall times say something on an idle machine alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.classroom.crew import LocalCrew
from autograder.classroom.grading import Asked, Grading, opened
from autograder.lessons.course import Course
from benchmarks.processes import descendants, peak_memory, processor_time

LESSON = "part1_bigrams"
# Until then the processes start and import torch.
WARM = 40


def figures(*, long: bool) -> Iterator[tuple[str, str]]:
    """Rows of the table; `long` are those with 10,000 submissions."""
    one, two = _measured(240, 1), _measured(240, 2)
    yield "a class, submissions a second with one job", f"{1 / one['wall']:.1f}"
    yield "the same with two jobs", f"{1 / two['wall']:.1f}, {one['wall'] / two['wall']:.2f} times"
    yield "a submission of a class, processor time", f"{one['cpu'] * 1000:.0f} ms"
    yield "of it in the one process that hands them out", f"{one['own'] * 1000:.1f} ms"
    if long:
        few, many = _measured(140, 2), _measured(10_000, 2)
        yield (
            "a submission of 10,000 against one of 100, processor time",
            f"{many['cpu'] / few['cpu']:.2f} times",
        )
        for what, name in (("the process that hands out", "memory"), ("a grader", "graders")):
            grown = f"{many[name]:.0f} MiB, {many[name] / few[name]:.2f} times"
            yield f"memory of {what} with 10,000 against 100", grown


def _measured(count: int, jobs: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.class_speed", str(count), str(jobs)]
    found: dict[str, float] = json.loads(subprocess.check_output(command))
    return found


def measure(count: int, jobs: int) -> dict[str, float]:
    """Seconds a submission, after the first ones, and peaks of memory in MiB.

    `cpu` is the processor's, `own` this process's part of it, `wall` the clock's; `graders` is the
    peak of the largest process below it.
    """
    course = Course.find()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _hand_in(folder, course, count)
        with opened(folder) as store, LocalCrew(jobs) as crew:
            grading = Grading(folder, store, course, Asked(seed=0))
            for number, _ in enumerate(grading.results(crew), 1):
                if number == WARM:
                    begun = _now()
            ended = _now()
            graders = max(map(peak_memory, descendants(os.getpid())))
    spent = {name: (ended[name] - begun[name]) / (count - WARM) for name in ended}
    return {**spent, "memory": peak_memory(os.getpid()), "graders": graders}


def _hand_in(folder: Path, course: Course, count: int) -> None:
    """A third right, a third with one exercise left out, a third untouched; no two alike."""
    lesson = course.lesson(LESSON)
    ids = list(lesson.exercises)
    for number in range(count):
        texts = [lesson.source, lesson.stub({ids[number % len(ids)]}), lesson.stub()]
        path = folder / "submitted" / f"s{number:05}" / LESSON / f"{LESSON}.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"{texts[number % 3]}\n# {number}\n")


def _now() -> dict[str, float]:
    own = time.process_time()
    below = sum(map(processor_time, descendants(os.getpid())))
    return {"wall": time.perf_counter(), "own": own, "cpu": own + below}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
