"""`python -m autograder.milestone.stage FILE --stage NAME`: stages with a learner's functions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.lessons.course import Course
from autograder.lessons.definitions import definitions_only
from autograder.lessons.errors import GradschoolError, WrongUse
from autograder.lessons.files import read
from autograder.milestone.composed import composed, taken_names
from autograder.milestone.program import call, describe_error, run_milestone
from autograder.worker.loading import Loader


def stage_command(file: Path, stages: Sequence[str], *options: str) -> list[str]:
    """What runs stages of a learner's file in a process of its own."""
    named = [word for stage in stages for word in ("--stage", stage)]
    return [sys.executable, "-P", "-m", "autograder.milestone.stage", str(file), *named, *options]


def run_stages(file: Path, stages: Sequence[str], *options: str) -> int:
    """Run stages of a learner's file; what they print goes where this program's output goes."""
    return call(stage_command(file, stages, *options))


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
    except Exception as error:  # of a lesson that this one imports: what it runs at its top fails
        print(describe_error(error, file.parent))
        return 1
    return run_milestone(names["milestone"], arguments[1:])


def learners(file: Path) -> dict[str, Any]:
    """What a learner's file defines; a statement that fails leaves the others standing.

    Raises Unreadable where it cannot be read, and WrongUse where none of it is Python.
    """
    submission = read(file)
    if not submission.readable:
        raise WrongUse(f"{file.name}, {submission.problems[0].message}")
    names: dict[str, Any] = {"__name__": file.stem, "__file__": str(file)}
    dropped = definitions_only(submission).dropped
    loader = Loader(str(file), names, lambda line, error: None, dropped)
    for source, line in submission.sources():
        loader.load(source, line)
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
