"""One sitting of grading: a course, warm workers, and the plans and keys that were already read.

The workers start with the session and import torch while this process does other things; what is
heavy here is imported when it is first needed.
"""

from __future__ import annotations

import gc
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import read
from autograder.lessons.submission import Submission
from autograder.pool.pool import Pool
from autograder.reports.report import Report

if TYPE_CHECKING:
    from autograder.grading.answer_key import AnswerKey
    from autograder.grading.plan import Seed

TRUST = "say --trust for files that you trust"


class Session:
    """What every front end grades with; use it as a context manager.

    With `confined` nothing runs but shut in: where this machine cannot do that, it is WrongUse,
    and `trust` is the part of its sentence that tells how to grade all the same.
    keys: the folder of answer keys; the user's own by default.
    """

    def __init__(
        self,
        course: Course | None = None,
        pool: Pool | None = None,
        *,
        confined: bool = False,
        trust: str = TRUST,
        keys: Path | None = None,
    ):
        self.course = course or Course.find()
        if confined:
            refuse_without_wall(trust)
        self.pool = pool or Pool(confined=confined)
        self._folder = keys
        self._keys: dict[tuple[str, Seed], AnswerKey] = {}
        self._warm = False

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.close()

    def warm_up(self) -> None:
        """Import what is heavy now, and not in the first grading."""
        if self._warm:
            return
        import autograder.grading.verdicts  # noqa: F401

        # All of it is imported by now and stays: no collection of garbage need walk through it.
        gc.freeze()
        self._warm = True

    def key(self, lesson: str, seed: Seed = 0) -> AnswerKey:
        """The answer key of a lesson, by any name that it goes by. Raises CourseError."""
        self.warm_up()
        from autograder.grading.answer_key import AnswerKey
        from autograder.grading.plan import Plan

        name = self.course.resolve_lesson(lesson)
        if (name, seed) not in self._keys:
            self._keys[name, seed] = AnswerKey(
                Plan.load(self.course, name), seed, self.pool, self._folder
            )
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
        an exercise pass that is right by itself, beside others that are not; never in what was put
        together, whose other exercises are those of a file that has passed.
        """
        if isinstance(submission, Path):
            submission = read(submission)
        carry_forward = carry_forward and not submission.origins
        key = self.key(lesson, seed)
        from autograder.grading.verdicts import grade

        return grade(submission, key, self.pool, only, widely=True, carry_forward=carry_forward)


def refuse_without_wall(trust: str = TRUST) -> None:
    """WrongUse where this machine cannot shut submissions in; `trust` tells what to do then."""
    from autograder.worker.sandbox import capabilities

    found = capabilities()
    if not found.full:
        raise WrongUse(
            f"this machine cannot shut submissions in ({'; '.join(found.reasons)}); "
            f"grade on Linux with Landlock and seccomp, or {trust}"
        )
