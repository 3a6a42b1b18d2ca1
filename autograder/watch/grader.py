"""Grading beside the screen: the newest request wins, and no stale verdict is ever delivered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.lessons.course import Course, WrongUse
from autograder.pool.pool import Pool
from autograder.reports.report import TIMED_OUT, Report
from autograder.workspace.standing import lesson_fingerprint, lesson_path, present


@dataclass(frozen=True)
class Verdict:
    """A graded lesson: its report, or the sentence that says why its file cannot be read."""

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


class Grader:
    """A thread with warm workers. `deliver` is called in that thread with each Verdict."""

    def __init__(self, course: Course, workspace: Path, deliver: Callable[[Verdict], None]):
        self._course, self._workspace, self._deliver = course, workspace, deliver
        self._wanted: dict[str, None] = {}
        self._delivered: dict[str, Verdict] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._pool = Pool()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def request(self, lesson: str) -> None:
        """Grade a lesson soon; asking again before it is begun changes nothing."""
        with self._changed:
            self._wanted[lesson] = None
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout=2)
        self._pool.close()

    def _work(self) -> None:
        from autograder.grading.session import Session  # torch, while the screen is already there

        session = Session(self._course, self._pool)
        while True:
            with self._changed:
                while not self._wanted and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                lesson = next(iter(self._wanted))
                del self._wanted[lesson]
            self._grade(session, lesson)

    def _grade(self, session, name: str) -> None:
        """Grade what is in the file now; if it changes meanwhile, grade again, deliver nothing.

        A file that was graded already keeps its verdict: one save may be announced twice.
        """
        lesson, path = self._course.lesson(name), lesson_path(self._workspace, name)
        before = lesson_fingerprint(lesson, path)
        last = self._delivered.get(name)
        if last and last.fingerprint == before and not last.hurried:
            self._deliver(last)
            return
        report, problem = None, ""
        try:
            report = session.grade(present(self._workspace, name), name)
        except WrongUse as error:
            problem = str(error)
        except Exception as error:  # of ours; without this the screen would wait for ever
            problem = f"this could not be graded ({type(error).__name__}: {error}); save it again"
        if lesson_fingerprint(lesson, path) != before:
            self.request(name)
            return
        self._delivered[name] = Verdict(name, report, before, problem)
        self._deliver(self._delivered[name])
