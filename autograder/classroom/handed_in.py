"""What a class has handed in, in nbgrader's layout `submitted/STUDENT/LESSON/`, as work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.classroom.graded import Seed
from autograder.classroom.work import Work
from autograder.lessons.choosing import MOST, unplaced
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import RELEASED, SUFFIXES, Unreadable, content_of, is_text
from autograder.reports.terminal import one_line

SUBMITTED = "submitted"


@dataclass(frozen=True, order=True, slots=True)
class Submitted:
    """One student's folder of one lesson; sorted by lesson, then student. A class has many.

    `name` is that of the student's folder on the disk.
    """

    lesson: str
    name: str
    root: Path = field(compare=False)

    @property
    def student(self) -> str:
        """The name in all results: one line of text, and no other folder's."""
        return one_line(self.name.replace("\\", "\\\\"))

    @property
    def folder(self) -> Path:
        return self.root / self.name / self.lesson

    @property
    def is_linked(self) -> bool:
        return self.folder.is_symlink() or self.folder.parent.is_symlink()


@dataclass(frozen=True)
class Rules:
    """What everything is graded by: the ids of each lesson and of the engine, and the seed."""

    courses: dict[str, str]
    engine: str
    seed: Seed
    carry_forward: bool


def root_of(folder: Path) -> Path:
    """Where a class's submissions lie; raises WrongUse where there is no such folder."""
    root = folder / SUBMITTED
    if not root.is_dir():
        raise WrongUse(
            f"{folder} has no folder named {SUBMITTED}; `grad class collect SOURCE --into {folder}`"
            " makes it"
        )
    return root


def submitted(folder: Path, course: Course, lesson: str = "") -> tuple[list[Submitted], list[str]]:
    """The students' folders of one lesson, or of all, and folders that are no lesson's.

    Raises WrongUse where there is nothing.
    """
    root = root_of(folder)
    found = [each for each in _folders(root) if not lesson or each.lesson == lesson]
    known = sorted(each for each in found if each.lesson in course.names)
    if not known:
        raise WrongUse(
            f"nothing of {lesson or 'any lesson'} was handed in below {root}; it is looked for in"
            f" {SUBMITTED}/STUDENT/LESSON/"
        )
    names = {each.lesson for each in found if each.lesson not in course.names}
    return known, sorted(names)


def students_in(folder: Path) -> set[str]:
    """All who have handed in anything, by their names in the results."""
    root = folder / SUBMITTED
    return {each.student for each in _folders(root)} if root.is_dir() else set()


def _folders(root: Path) -> Iterator[Submitted]:
    with os.scandir(root) as students:
        for student in students:
            if student.is_dir() and not student.name.startswith("."):
                with os.scandir(student) as places:
                    for place in places:
                        if place.is_dir() and not place.name.startswith("."):
                            yield Submitted(sys.intern(place.name), student.name, root)


def work_of(each: Submitted, root: Path, rules: Rules) -> Work:
    """Read what lies in a student's folder, of which the path from `root` is told."""
    shown = one_line(each.folder.relative_to(root).as_posix())
    return work_in(each.folder, each.lesson, each.student, shown, rules, linked=each.is_linked)


def work_in(
    place: Path, lesson: str, student: str, folder: str, rules: Rules, *, linked: bool = False
) -> Work:
    """Read what lies in a place; of what is too much, or not theirs, nothing is read."""
    files: tuple[tuple[str, bytes], ...] = ()
    refused = None
    try:
        _refuse_unless_text(place.parent.name, "folder")
        if linked:
            raise Unreadable(
                "the folder is reached by a symbolic link; hand in the files themselves"
            )
        files = tuple(_files(place, lesson))
    except Unreadable as error:
        refused = error
    except OSError as error:
        refused = Unreadable(f"the folder cannot be read: {error.strerror}")
    return Work(
        student,
        lesson,
        folder,
        files,
        rules.seed,
        rules.carry_forward,
        rules.courses[lesson],
        rules.engine,
        refused,
    )


def _files(folder: Path, lesson: str) -> Iterator[tuple[str, bytes]]:
    """The candidates, the newest last. Raises Unreadable where there is none."""
    there = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    paths = [path for path in there if path.suffix in SUFFIXES and path.name != RELEASED]
    if not paths:
        raise Unreadable(unplaced([path for path in there if path.name != RELEASED], lesson))
    named = [path for path in paths if path.stem == lesson]
    others = sorted((path for path in paths if path not in named), key=_age)
    read, errors = [], []
    for path in sorted([*named, *others[-MOST:]], key=_age):
        try:
            _refuse_unless_text(path.name, "file")
            read.append((path.name, content_of(path, links=False)))
        except Unreadable as error:
            errors.append(type(error)(str(error).replace(str(path), path.name)))
    if not read:
        raise errors[-1]
    yield from read


def _refuse_unless_text(name: str, what: str) -> None:
    """Raise Unreadable where a name's bytes are no text, which no database and no page takes."""
    if not is_text(name):
        raise Unreadable(f"the name of the {what} '{one_line(name)}' is not UTF-8; rename it")


def _age(path: Path) -> float:
    return path.lstat().st_mtime
