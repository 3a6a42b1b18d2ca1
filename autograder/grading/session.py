"""One sitting of grading: a course, warm workers, and the plans and keys that were already read."""

from __future__ import annotations

import gc
from collections.abc import Collection
from pathlib import Path

from autograder.grading.answer_key import AnswerKey
from autograder.grading.plan import Plan, Seed
from autograder.grading.verdicts import grade
from autograder.lessons.course import Course
from autograder.lessons.files import read
from autograder.lessons.submission import Submission
from autograder.pool.pool import Pool
from autograder.reports.report import Report


class Session:
    """What every front end grades with; use it as a context manager."""

    def __init__(self, course: Course | None = None, pool: Pool | None = None):
        self.course = course or Course.find()
        self.pool = pool or Pool()
        self._keys: dict[tuple[str, Seed], AnswerKey] = {}
        # All of torch is imported by now and stays: no collection of garbage need walk through it.
        gc.freeze()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.close()

    def key(self, lesson: str, seed: Seed = 0) -> AnswerKey:
        name = self.course.resolve_lesson(lesson)
        if (name, seed) not in self._keys:
            self._keys[name, seed] = AnswerKey(Plan.load(self.course, name), seed, self.pool)
        return self._keys[name, seed]

    def grade(
        self,
        submission: Submission | Path,
        lesson: str,
        seed: Seed = 0,
        only: Collection[str] | None = None,
        *,
        carry_forward: bool = True,
    ) -> Report:
        """Grade a file, or a submission already read, as one of `lesson`.

        With `only` these exercises alone are graded; where one of them fails, the whole file is,
        because only that tells whether another exercise is to be mended first. `carry_forward` lets
        an exercise pass that is right by itself, beside others that are not.
        """
        if isinstance(submission, Path):
            submission = read(submission)
        key = self.key(lesson, seed)
        return grade(submission, key, self.pool, only, widely=True, carry_forward=carry_forward)
