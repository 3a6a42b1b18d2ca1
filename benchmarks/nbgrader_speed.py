"""`python -m benchmarks.nbgrader_speed`: a class of ten, graded three ways.

The same ten submissions of one lesson through `nbgrader autograde` with this course's
configuration, through it as it comes (each notebook in a kernel, which asks the installed
engine), and through `grad grade`. `--class COUNT` measures `grad class autograde` alone on so many
submissions, two jobs against one; that says something on two idle cores only.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.plan import Plan
from autograder.lessons.course import Course
from autograder.lessons.lesson import Lesson

STUDENTS = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nbgrader_speed")
    parser.add_argument("--lesson", default="part0_micrograd_engine")
    parser.add_argument("--class", dest="count", metavar="COUNT", type=int)
    asked = parser.parse_args()
    rows = figures(asked.lesson) if asked.count is None else with_jobs(asked.lesson, asked.count)
    for name, value in rows:
        print(f"{name:60} {value}")


def figures(lesson: str) -> list[tuple[str, str]]:
    """The rows of the table: what was measured, and the seconds that it took.

    Processor seconds are those of all processes; on a machine that does other work as well they
    say more than wall time.
    """
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), lesson)
        room.fill()
        ours = room.autograde()
        room.environment["PYTHONWARNINGS"] = "ignore"
        stock = room.autograde(stock=True)
        command = room.grade()
    return [
        (f"nbgrader as it comes, {STUDENTS} submissions", _seconds(stock)),
        ("nbgrader with this course's configuration", _seconds(ours, stock)),
        ("`grad grade` on the same files", _seconds(command, stock)),
    ]


def with_jobs(lesson: str, count: int) -> list[tuple[str, str]]:
    """A class of `count` with one job and with two, each on a gradebook that has nothing yet."""
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), lesson)
        room.fill(count)
        one, two = room.class_autograde(1), room.class_autograde(2)
    return [
        (f"`grad class autograde`, {count} submissions, one job", f"{one.wall:.1f} s"),
        ("the same with two jobs", f"{two.wall:.1f} s, {one.wall / two.wall:.2f} times as fast"),
    ]


@dataclass(frozen=True)
class Cost:
    """Seconds of one command, on the wall and of all processors."""

    wall: float
    processor: float


def _seconds(cost: Cost, compared: Cost | None = None) -> str:
    each = f"{cost.wall / STUDENTS:.2f} s a submission, {cost.processor / STUDENTS:.2f} s of CPU"
    if compared is None:
        return each
    ratios = (compared.wall / cost.wall, compared.processor / cost.processor)
    return f"{each} ({ratios[0]:.1f} and {ratios[1]:.1f} times as fast)"


class Room:
    """A course folder with ten submissions: the solution, and known mistakes in it."""

    def __init__(self, folder: Path, lesson: str):
        self.lesson, self.folder = lesson, folder / "course"
        bin = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        home = folder / "home"
        home.mkdir()
        own = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
        self.environment = {**os.environ, **own, "PATH": bin, "IPYTHONDIR": str(home / "ipython")}

    def fill(self, count: int = STUDENTS) -> None:
        course = Course.find()
        self._run(["grad", "release", self.lesson, "--course", str(self.folder)], Path.cwd())
        self._run(["nbgrader", "generate_assignment", self.lesson])
        plan = Plan.load(course, self.lesson)
        sources = itertools.cycle(_submissions(plan))
        for number, source in enumerate(itertools.islice(sources, count)):
            path = self.folder / "submitted" / f"student{number}" / self.lesson
            path.mkdir(parents=True)
            (path / f"{self.lesson}.ipynb").write_text(self._notebook(plan.lesson, source))

    def autograde(self, *, stock: bool = False) -> Cost:
        if stock:
            (self.folder / "nbgrader_config.py").write_text("c = get_config()\n")
            shutil.rmtree(self.folder / "autograded")
        return self._run(["nbgrader", "autograde", self.lesson])

    def class_autograde(self, jobs: int) -> Cost:
        copy = shutil.copytree(self.folder, self.folder.with_name(f"with {jobs}"))
        command = ["grad", "class", "autograde", self.lesson, "--course", str(copy)]
        return self._run([*command, "--jobs", str(jobs)])

    def grade(self) -> Cost:
        files = [str(path) for path in sorted(self.folder.glob("submitted/*/*/*.ipynb"))]
        return self._run(["grad", "grade", *files])

    def _notebook(self, lesson: Lesson, source: str) -> str:
        """The source notebook with the cells of an edited script."""
        notebook = json.loads(
            (self.folder / "source" / self.lesson / f"{self.lesson}.ipynb").read_text()
        )
        edited = Lesson(lesson.name, source)
        texts = {
            old.source: new.source for old, new in zip(lesson.cells, edited.cells, strict=True)
        }
        for cell in notebook["cells"]:
            text = "".join(cell["source"])
            cell["source"] = texts.get(text, text)
        return json.dumps(notebook)

    def _run(self, command: list[str], folder: Path | None = None) -> Cost:
        begun, used = time.perf_counter(), _processor()
        done = subprocess.run(
            command, cwd=folder or self.folder, env=self.environment, capture_output=True, text=True
        )
        # `grad grade` ends with 1 where not everything has passed.
        if done.returncode not in ((0, 1) if command[1] == "grade" else (0,)):
            raise SystemExit(done.stdout + done.stderr)
        return Cost(time.perf_counter() - begun, _processor() - used)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _submissions(plan: Plan) -> list[str]:
    """The reference, and with one mistake each, spread over the lesson."""
    mistakes = plan.declarations.mistakes
    chosen = mistakes[:: max(len(mistakes) // (STUDENTS - 1), 1)][: STUDENTS - 1]
    edited = [
        plan.lesson.edited(m.exercise, m.applied(plan.lesson.exercises[m.exercise].solution))
        for m in chosen
    ]
    return [plan.lesson.source, *edited]


if __name__ == "__main__":
    main()
