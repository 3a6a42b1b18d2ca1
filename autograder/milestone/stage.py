"""`python -m autograder.milestone.stage FILE --stage NAME`: stages with a learner's functions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError
from autograder.milestone.composed import composed, learners, taken_names
from autograder.milestone.program import run_milestone


def stage_command(file: Path, stages: Sequence[str], *options: str) -> list[str]:
    """What runs stages of a learner's file in a process of its own."""
    named = [word for stage in stages for word in ("--stage", stage)]
    return [sys.executable, "-P", "-m", "autograder.milestone.stage", str(file), *named, *options]


def run_stages(file: Path, stages: Sequence[str], *options: str) -> int:
    """Run stages of a learner's file; what they print goes where this program's output goes."""
    return subprocess.call(stage_command(file, stages, *options))


def main(arguments: Sequence[str]) -> int:
    """Compose the lesson, and run the stages. The exit codes are those of a milestone."""
    file = Path(arguments[0]).absolute()
    sys.path.insert(0, str(file.parent))  # where a lesson finds the one that it builds on
    try:
        lesson = Course.find().lesson(file.stem)
        names = composed(lesson.stub(), file, learners(file), taken_names(lesson))
    except GradschoolError as error:
        print(error)
        return 2
    return run_milestone(names["milestone"], arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
