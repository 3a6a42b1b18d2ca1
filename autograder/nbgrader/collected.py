"""Notebooks that were handed in under another name than the one they were released with.

nbgrader knows a notebook by its file's name alone, and skips any other. Here each is found out by
what is in it, and nbgrader is told to convert the name that it knows, also for a folder in which
there is none. Nothing is renamed or written on disk.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.lessons.choosing import MOST, NAMED, counting, is_begun, lesson_in, unplaced
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import Unreadable, is_text, read
from autograder.lessons.submission import Submission


class Collected:
    """What stands for each notebook of an assignment: another file, or why there is none.

    `doubled` has a sentence for each notebook that lies beside another one of its lesson.
    converter: nbgrader's Autograde, whose list of notebooks is put right.
    """

    def __init__(self, converter: Any):
        self.files: dict[str, Path] = {}
        self.reasons: dict[str, str] = {}
        self.doubled: dict[str, str] = {}
        lessons = _lessons(converter)
        folders = {**dict.fromkeys(_bare(converter), ()), **converter.assignments}
        for folder, paths in folders.items() if lessons else ():
            converter.assignments[folder] = self._placed(Path(folder), paths, lessons)

    def _placed(self, folder: Path, paths: Iterable[str], lessons: list[str]) -> list[str]:
        """The notebooks to convert in one student's folder."""
        paths = list(filter(is_text, paths))
        exact = {Path(path).stem: path for path in paths if Path(path).stem in lessons}
        missing = [lesson for lesson in lessons if lesson not in exact]
        strays = sorted((Path(path) for path in paths if Path(path).stem not in lessons), key=_age)
        known = {stray: lesson_in(Course.find(), stray, _read(stray)) for stray in strays[:MOST]}
        # the newest of several comes last, and counts
        found = {lesson: stray for stray, lesson in known.items() if lesson in missing}
        if len(strays) == len(missing) == 1 and known[strays[0]] not in exact:
            found.setdefault(missing[0], strays[0])  # the folder says what the file does not
        doubles = [stray for stray, lesson in known.items() if lesson in exact]
        for lesson in {known[stray]: None for stray in doubles}:
            self._choose(exact[lesson], [each for each in doubles if known[each] == lesson])
        used = {str(stray) for stray in (*found.values(), *doubles)}
        placed = [path for path in paths if path not in used]
        for lesson in missing:
            name = str(folder / f"{lesson}.ipynb")
            if lesson in found:
                self.files[name] = found[lesson]
            elif not found and not exact:
                self.reasons[name] = unplaced(strays or _files(folder), lesson)
            else:
                continue
            placed.append(name)
        return placed

    def _choose(self, path: str, others: list[Path]) -> None:
        """Let the notebook of the right name count, unless the work is in one of the others."""
        named = Path(path)
        counts, self.doubled[path] = counting(
            named, NAMED, others, lambda each: is_begun(Course.find(), named.stem, _read(each))
        )
        if counts != named:
            self.files[path] = counts


def _bare(converter: Any) -> list[str]:
    """Students' folders that nbgrader leaves out, because no notebook is in them.

    None that a symbolic link leads to: nbgrader would copy what is in it.
    """
    places = converter.coursedir
    if places.notebook_id != "*":
        return []
    step = (places.submitted_directory, places.student_id, places.assignment_id)
    found = map(Path, set(glob.glob(places.format_path(*step))) - set(converter.assignments))
    return [str(each) for each in found if each.is_dir() and not _is_linked(each)]


def _is_linked(folder: Path) -> bool:
    return folder.is_symlink() or folder.parent.is_symlink()


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


def _read(path: Path) -> Submission | Unreadable:
    try:
        return read(path, links=False)
    except Unreadable as error:
        return error


def _age(path: Path) -> float:
    return path.lstat().st_mtime


def _files(folder: Path) -> list[Path]:
    """What a student handed in instead; the time stamp is nbgrader's."""
    names = sorted(glob.glob("*", root_dir=folder))
    return [folder / name for name in names if name != "timestamp.txt"]
