"""Grading beside the screen: the newest request wins, and no stale verdict is ever delivered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from autograder.grading.session import Session
from autograder.lessons.errors import GradschoolError
from autograder.reports.report import TIMED_OUT, Report
from autograder.workspace.workspace import Workspace


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


class Grader:
    """A thread with warm workers. `deliver` is called in that thread with each Delivery."""

    def __init__(self, workspace: Workspace, deliver: Callable[[Delivery], None]):
        self._workspace, self._deliver = workspace, deliver
        self._wanted: dict[str, None] = {}
        self._delivered: dict[str, Delivery] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._session = Session(workspace.course)
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
        self._session.pool.close()

    def _work(self) -> None:
        self._session.warm_up()  # while the screen is already there
        while True:
            with self._changed:
                while not self._wanted and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                lesson = next(iter(self._wanted))
                del self._wanted[lesson]
            self._grade(lesson)

    def _grade(self, lesson: str) -> None:
        """Grade what is in the file now; if it changes meanwhile, grade again, deliver nothing.

        A file that was graded already keeps its verdict: one save may be announced twice.
        """
        before = self._workspace.fingerprint(lesson)
        last = self._delivered.get(lesson)
        if last and last.fingerprint == before and not last.hurried:
            self._deliver(last)
            return
        report, problem = None, ""
        try:
            report = self._session.grade(self._workspace.present(lesson), lesson)
        except GradschoolError as error:
            problem = str(error)
        except Exception as error:  # of ours; without this the screen would wait for ever
            problem = f"this could not be graded ({type(error).__name__}: {error}); save it again"
        if self._workspace.fingerprint(lesson) != before:
            self.request(lesson)
            return
        self._delivered[lesson] = Delivery(lesson, report, before, problem)
        self._deliver(self._delivered[lesson])
