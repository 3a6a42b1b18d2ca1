"""Grading a class: what is new or has changed, by a crew, into the store, and what came of it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.crew import Crew, streamed
from autograder.classroom.graded import Change, Graded, Seed, changes
from autograder.classroom.handed_in import Rules, Submitted, root_of, submitted, work_of
from autograder.classroom.locking import locked
from autograder.classroom.store import FILE, Store
from autograder.classroom.work import Work, course_id, engine_id
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse

LOCK = ".class.lock"


@dataclass(frozen=True)
class Asked:
    """What a run is asked for: a lesson or all, whether again; no seed is the class's own."""

    lesson: str = ""
    seed: Seed | None = None
    again: bool = False
    carry_forward: bool = True


class Grading:
    """One run over a class.

    `waiting` are the submissions that have to be graded, `unchanged` counts the others, `dropped`
    are students of whom nothing is graded, and `strangers` names folders that are no lesson's.
    Raises WrongUse where nothing was handed in.
    """

    def __init__(self, folder: Path, store: Store, course: Course, asked: Asked):
        self._folder, self._store, self._course = folder, store, course
        self._lesson = asked.lesson
        there, self.strangers = submitted(folder, course, asked.lesson)
        self.dropped = sorted({each.student for each in there}.intersection(store.dropped()))
        found = [each for each in there if each.student not in self.dropped]
        seed = asked.seed if asked.seed is not None else store.last_seed()
        self.rules = _rules(course, found, asked, secrets.token_hex(16) if seed is None else seed)
        about = {"lesson": asked.lesson, "seed": self.rules.seed, "again": asked.again}
        self.run = store.begin({**about, "carry_forward": asked.carry_forward})
        self._there = {(each.lesson, each.student) for each in found}
        of_run = self.run if asked.again else None
        self.waiting = [
            each
            for each in found
            if store.key(each.student, each.lesson, of_run) != self._work(each).key
        ]
        self.unchanged = len(found) - len(self.waiting)

    def results(self, crew: Crew) -> Iterator[Graded]:
        """Grade what waits; each result is in the store before it is yielded."""
        for done in streamed(crew, self._works(crew)):
            self._store.put(done.graded, done.content, self.run)
            yield done.graded
        self._store.end(self.run)

    def everyone(self) -> Iterator[Graded]:
        """The newest result of each submission that was asked for."""
        for graded in self._store.latest(self._lesson or None):
            if (graded.lesson, graded.student) in self._there:
                yield graded

    def gone(self) -> Iterator[Graded]:
        """The newest result of each submission whose folder is not there any more."""
        for graded in self._store.latest(self._lesson or None):
            if (graded.lesson, graded.student) not in self._there:
                yield graded

    def changes(self) -> Iterator[Change]:
        """What this run judges otherwise than the one before it did."""
        for new in self._store.of_run(self.run):
            if old := self._store.before(self.run, new.student, new.lesson):
                yield from changes(old, new)

    def _works(self, crew: Crew) -> Iterator[Work]:
        lesson = ""
        for each in self.waiting:
            if each.lesson != lesson:
                lesson = each.lesson
                crew.prepare(self._course, lesson, self.rules.seed)
            yield self._work(each)

    def _work(self, each: Submitted) -> Work:
        return work_of(each, self._folder, self.rules)


def _rules(course: Course, found: list[Submitted], asked: Asked, seed: Seed) -> Rules:
    carry = asked.carry_forward
    names = {each.lesson for each in found}
    courses = {name: course_id(course, name, carry_forward=carry) for name in names}
    return Rules(courses, engine_id(), seed, carry)


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """The store of a class, for the one process at a time that grades it.

    Raises WrongUse where another does.
    """
    if not folder.is_dir():
        raise WrongUse(f"there is no folder {folder}; `grad class collect` makes one")
    root_of(folder)  # nothing is written into a folder that was named by mistake
    with locked(folder, LOCK, "grade"), Store(folder / FILE) as store:
        yield store
