"""Grading beside the screen: the newest request wins, and no stale verdict is ever delivered."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.session import Session
from autograder.lessons.errors import GradschoolError
from autograder.lessons.files import read
from autograder.lessons.submission import Submission
from autograder.pool.pool import Interrupted
from autograder.repair.sitting import find_sentence
from autograder.reports.report import TIMED_OUT, Report
from autograder.workspace.workspace import Workspace

# Seconds until a grading is begun again that gave way.
MOMENT = 0.05


@dataclass(frozen=True)
class Delivery:
    """A lesson's file as it was graded, or the sentence that says why it could not be."""

    lesson: str
    report: Report | None
    fingerprint: str
    problem: str = ""

    @property
    def hurried(self) -> bool:
        """Whether another grading may say something else: time ran out, or nothing was graded."""
        return self.report is None or any(
            exercise.verdict == TIMED_OUT for exercise in self.report.exercises
        )


@dataclass(frozen=True)
class Located:
    """The sentence of the place that was found in a lesson's file; "" where none was."""

    lesson: str
    exercise: str
    fingerprint: str
    says: str


@dataclass(frozen=True)
class _Work:
    """What is being done: a file is graded, or searched for the place of one exercise."""

    lesson: str
    fingerprint: str
    exercise: str = ""


class Ended(Exception):
    """The watch is over, and answers nobody any more."""


class Grader:
    """A thread with warm workers. `deliver` is called in that thread with each Delivery.

    `located` is called there with each place; a search gives way to whatever is to be graded.
    """

    def __init__(
        self,
        workspace: Workspace,
        deliver: Callable[[Delivery], None],
        located: Callable[[Located], None],
    ):
        self._workspace, self._deliver, self._located = workspace, deliver, located
        self._wanted: dict[str, None] = {}
        self._sought: tuple[str, str] | None = None
        self._delivered: dict[str, Delivery] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._working: _Work | None = None
        self._given_up = threading.Event()
        self._times_given_up = 0
        self._session = Session(workspace.course)
        self._session.pool.stopped = self._given_up.is_set
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def request(self, lesson: str) -> None:
        """Grade a lesson soon; asking again before it is begun changes nothing.

        What has become useless ends at once: a search, and the grading of what the file was.
        """
        with self._changed:
            self._wanted[lesson] = None
            if self._is_useless(lesson):
                self._give_up()
            self._changed.notify()

    def locate(self, lesson: str, exercise: str) -> None:
        """Search a file for the place of an exercise's mistake, once nothing else waits."""
        with self._changed:
            self._sought = lesson, exercise
            self._changed.notify()

    def grade(
        self, file: Submission | Path, lesson: str, seed: int | str, only: list[str] | None
    ) -> Report:
        """Grade for somebody else, from another thread; begun again where the watch gives way."""
        while not self._closing:
            before = self._times_given_up
            with contextlib.suppress(Interrupted):
                report = self._session.grade(file, lesson, seed, only)
                # What was killed for somebody else's sake looks as if it had died.
                if self._times_given_up == before:
                    return report
            time.sleep(MOMENT)
        raise Ended

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._give_up()
            self._changed.notify()
        self._thread.join(timeout=2)
        self._session.pool.close()

    def _is_useless(self, wanted: str) -> bool:
        work = self._working
        if work is None or work.exercise:
            return work is not None
        return work.lesson == wanted and work.fingerprint != self._workspace.fingerprint(wanted)

    def _give_up(self) -> None:
        self._times_given_up += 1
        self._given_up.set()
        self._session.pool.interrupt()

    def _work(self) -> None:
        self._session.warm_up()  # while the screen is already there
        while work := self._next():
            try:
                if work.exercise:
                    self._search(work)
                else:
                    self._grade(work)
            except Interrupted:  # somebody has asked for something newer
                pass

    def _next(self) -> _Work | None:
        """What to do next, as soon as there is something; None at the end."""
        with self._changed:
            self._working = None
            while not (self._wanted or self._sought or self._closing):
                self._changed.wait()
            if self._closing:
                return None
            self._given_up.clear()
            if self._wanted:
                lesson, exercise = next(iter(self._wanted)), ""
                del self._wanted[lesson]
            elif self._sought:
                (lesson, exercise), self._sought = self._sought, None
            self._working = _Work(lesson, self._workspace.fingerprint(lesson), exercise)
            return self._working

    def _grade(self, work: _Work) -> None:
        """Grade what is in the file now; if it changes meanwhile, grade again, deliver nothing.

        A file that was graded already keeps its verdict: one save may be announced twice.
        """
        lesson = work.lesson
        last = self._delivered.get(lesson)
        if last and last.fingerprint == work.fingerprint and not last.hurried:
            self._deliver(last)
            return
        report, problem = None, ""
        try:
            report = self._session.grade(self._workspace.present(lesson), lesson)
        except GradschoolError as error:
            problem = str(error)
        except Interrupted:
            raise
        except Exception as error:  # of ours; without this the screen would wait for ever
            problem = f"this could not be graded ({type(error).__name__}: {error}); save it again"
        if self._workspace.fingerprint(lesson) != work.fingerprint:
            self.request(lesson)
            return
        self._delivered[lesson] = Delivery(lesson, report, work.fingerprint, problem)
        self._deliver(self._delivered[lesson])

    def _search(self, work: _Work) -> None:
        """Deliver the place in what is in the file now, from the store if it was looked for."""
        store = self._workspace.store
        says = store.place(work.lesson, work.exercise, work.fingerprint)
        if says is None:
            try:
                submission = read(self._workspace.present(work.lesson))
                says = find_sentence(self._session, submission, work.lesson, work.exercise)
            except Interrupted:
                raise
            except Exception:  # without a place the screen is as it was
                return
            if self._workspace.fingerprint(work.lesson) != work.fingerprint:
                return
            store.set_place(work.lesson, work.exercise, work.fingerprint, says)
        self._located(Located(work.lesson, work.exercise, work.fingerprint, says))
