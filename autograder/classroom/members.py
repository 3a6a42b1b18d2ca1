"""Who is in a class: a student who has withdrawn is left out, and all of theirs is kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.classroom.handed_in import root_of, students_in
from autograder.classroom.store import FILE, Store
from autograder.lessons.errors import WrongUse
from autograder.lessons.spelling import similar


def store_of(folder: Path) -> Store:
    """The store of a class, also of one that was not graded yet. Raises WrongUse."""
    if folder.is_dir() and not (folder / FILE).is_file():
        root_of(folder)  # nothing is written into a folder that was named by mistake
        return Store(folder / FILE)
    return Store.of(folder)


def drop(folder: Path, store: Store, students: Iterable[str]) -> None:
    """Leave students out. Raises WrongUse where one is not in the class, and drops nobody then."""
    known = {*store.students(), *students_in(folder)}
    for student in students:
        _need(student, known, f"{folder} has no student {student!r}")
    store.drop(students)


def take_back(store: Store, students: Iterable[str]) -> None:
    """Let dropped students count again. Raises WrongUse where one was not dropped."""
    known = set(store.dropped())
    for student in students:
        _need(student, known, f"{student!r} was not dropped")
    store.take_back(students)


def _need(student: str, known: set[str], otherwise: str) -> None:
    if student not in known:
        meant = similar(student, known, 1, 0.6)
        hint = f"did you mean {meant[0]}?" if meant else "the report names everybody"
        raise WrongUse(f"{otherwise}; {hint}")
