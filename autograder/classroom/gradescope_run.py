"""In Gradescope's container: `prepare` once, then `grade` a submission into results.json.

What it prints only the instructor sees. Where there is no honest result to give, it writes none and
ends with 1: Gradescope then says that the autograder has failed, which is no mark.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.classroom.graded import Graded
from autograder.classroom.gradescope import CONFIG
from autograder.classroom.handed_in import Rules, work_in
from autograder.classroom.judging import grade
from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError
from autograder.lessons.files import SUFFIXES
from autograder.lessons.finding import VARIABLE
from autograder.reports.services import gradescope, gradescope_refusal
from autograder.worker.sandbox import capabilities

# Folders deeper than this, or more of them, are no submission of a lesson.
MOST_FOLDERS = 200


def main(what: str, place: str) -> int:
    """Prepare or grade; the exit code."""
    root = Path(place)
    source = root / "source"
    config = json.loads((source / CONFIG).read_text(encoding="utf-8"))
    os.environ.setdefault("GRADSCHOOL_CACHE", str(root / "cache"))
    if (source / "course").is_dir():
        os.environ[VARIABLE] = str(source / "course")
    if what == "prepare":
        return _prepare(config)
    try:
        graded = _graded(root, config)
    except GradschoolError as error:
        print(f"nothing is graded: {error}")
        return 1
    _write(root / "results" / "results.json", graded)
    return 0


def _prepare(config: dict[str, Any]) -> int:
    """Make the answer key, so that no submission waits for it, and say what wall there is."""
    _say_wall(config)
    course = Course.find()
    with Session(course) as session:
        exercises = course.lesson(config["lesson"]).exercises
        session.key(config["lesson"], config["seed"]).files(exercises)
    return 0


def _graded(root: Path, config: dict[str, Any]) -> Graded:
    _say_wall(config)
    lesson, course = config["lesson"], Course.find()
    rules = Rules({lesson: ""}, "", config["seed"], config["carry_forward"])
    folder = _folder(root / "submission")
    trust = "make the zip again with --trust, for submissions that you trust"
    with Session(course, confined=not config["trust"], trust=trust) as session:
        shown = folder.relative_to(root).as_posix()
        work = work_in(folder, lesson, "submission", shown, rules)
        graded = grade(session, work).graded
    print(f"{graded.outcome}, {graded.points} points, {graded.seconds:.1f} s. {graded.why}")
    if graded.concern:
        print(f"Look at this one: {graded.concern}")
    return graded


def _say_wall(config: dict[str, Any]) -> None:
    found = capabilities()
    if found.full:
        print("Submissions are shut in: they read no other files, and open no connection.")
        return
    then = "graded all the same, as configured" if config["trust"] else "refused, as configured"
    print(f"This container cannot shut submissions in ({'; '.join(found.reasons)}): {then}.")


def _folder(submission: Path) -> Path:
    """Where the files lie: at the top, else in the first folder that has any."""
    return next((each for each in _folders(submission) if _has_files(each)), submission)


def _folders(top: Path) -> Iterator[Path]:
    todo = [top]
    for _ in range(MOST_FOLDERS):
        if not todo:
            return
        folder = todo.pop(0)
        yield folder
        inner = (each for each in sorted(folder.iterdir()) if not each.is_symlink())
        todo += [each for each in inner if each.is_dir() and each.name[:1] not in "._"]


def _has_files(folder: Path) -> bool:
    return any(path.suffix in SUFFIXES for path in folder.iterdir() if path.is_file())


def _write(path: Path, graded: Graded) -> None:
    notebook = graded.file.endswith(".ipynb")
    data = gradescope_refusal(f"It could not be graded: {graded.why}")
    if graded.report:
        data = gradescope(graded.report.hidden(), notebook=notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
