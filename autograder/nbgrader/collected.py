"""Notebooks that were handed in under another name than the one they were released with.

nbgrader knows a notebook by its file's name alone, and skips any other. Here each is found out by
what is in it, and nbgrader is told to convert the name that it knows. Nothing is renamed on disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import read
from autograder.lessons.naming import lesson_of
from autograder.lessons.submission import Submission

# A student who hands in more than these is told to choose.
_MOST = 10


class Collected:
    """What stands for each notebook of an assignment: another file, or why there is none.

    converter: nbgrader's Autograde, whose list of notebooks is put right.
    """

    def __init__(self, converter: Any):
        self.files: dict[str, Path] = {}
        self.reasons: dict[str, str] = {}
        lessons = _lessons(converter)
        for folder, paths in converter.assignments.items() if lessons else ():
            converter.assignments[folder] = self._placed(Path(folder), paths, lessons)

    def _placed(self, folder: Path, paths: list[str], lessons: list[str]) -> list[str]:
        """The notebooks to convert in one student's folder."""
        there = {Path(path).stem for path in paths}
        missing = [lesson for lesson in lessons if lesson not in there]
        strays = sorted((Path(path) for path in paths if Path(path).stem not in lessons), key=_age)
        placed = list(paths)
        found = {}
        for stray in strays[:_MOST]:  # the newest of several comes last, and counts
            lesson = _lesson_in(stray)
            if lesson in missing:
                found[lesson] = stray
        if len(strays) == len(missing) == 1:  # the folder says what the file does not
            found.setdefault(missing[0], strays[0])
        for lesson in missing if strays else ():
            name = str(folder / f"{lesson}.ipynb")
            if lesson in found:
                self.files[name] = found[lesson]
                placed = [path for path in placed if path != str(found[lesson])]
            elif not found and not there.intersection(lessons):
                self.reasons[name] = _unplaced(strays, lesson)
            else:
                continue
            placed.append(name)
        return placed


def _lessons(converter: Any) -> list[str]:
    """The notebooks of the assignment that are lessons of the course."""
    from nbgrader.api import Gradebook, MissingEntry

    try:
        names = Course.find().names
        with Gradebook(converter.coursedir.db_url, converter.coursedir.course_id) as gradebook:
            assignment = gradebook.find_assignment(converter.coursedir.assignment_id)
            return [notebook.name for notebook in assignment.notebooks if notebook.name in names]
    except (MissingEntry, WrongUse):
        return []


def _lesson_in(path: Path) -> str:
    """The lesson of a notebook, or an empty text where it cannot be known."""
    try:
        return lesson_of(Course.find(), read(path, links=False))
    except WrongUse:
        return _by_name(path)


def _by_name(path: Path) -> str:
    try:
        return lesson_of(Course.find(), Submission(str(path), []))
    except WrongUse:
        return ""


def _age(path: Path) -> float:
    return path.lstat().st_mtime


def _unplaced(strays: Iterable[Path], lesson: str) -> str:
    names = [repr(path.name) for path in strays]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"none of {shown} is this lesson's notebook; hand in {lesson}.ipynb"
