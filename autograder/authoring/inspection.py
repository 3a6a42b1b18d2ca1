"""A lesson under inspection, and the questions that the rules put to it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.authoring.calls import prelude
from autograder.checks import Mistake
from autograder.grading.answer_key import AnswerKey
from autograder.grading.plan import Plan
from autograder.grading.result import Result
from autograder.grading.session import Session
from autograder.grading.verdicts import grade
from autograder.lessons.course import Course
from autograder.lessons.lesson import Exercise
from autograder.lessons.submission import Submission, Unit
from autograder.reports.report import Report

# What is wrong may loop for ever; the reference needs a small part of this.
HURRIED = 2.0


@dataclass
class Inspection:
    """A lesson, and everything that is needed to put questions to it."""

    course: Course
    session: Session
    plan: Plan
    seeds: Sequence[int]
    every: int = 1

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The known mistakes that are tried: each `every`-th one."""
        return tuple(self.plan.declarations.mistakes)[:: self.every]

    @property
    def name(self) -> str:
        return self.plan.lesson.name

    def key(self, seed: int = 0) -> AnswerKey:
        return self.session.key(self.name, seed)

    def grade(
        self,
        source: str,
        seed: int = 0,
        only: set[str] | None = None,
        told: set[str] | None = None,
    ) -> Report:
        submission = Submission(f"{self.name}.py", [Unit(source)])
        return grade(submission, self.key(seed), self.session.pool, only, told=told)

    def tricked(self, exercise: Exercise, solution: str) -> tuple[bool, str]:
        """Whether a solution that uses tricks passes its own checks, and what it printed."""
        units = [(prelude(), 1), (self.plan.lesson.edited(exercise.id, solution), 1)]
        passes, results = self._run(exercise.id, units)
        return passes, "\n".join(result.printed for result in results)

    def passes(self, id: str, solution: str) -> bool:
        """Whether an exercise with this solution passes its own checks; why not is left open."""
        return self._run(id, [(self.plan.lesson.edited(id, solution), 1)])[0]

    def _run(self, id: str, units: list[tuple[str, int]]) -> tuple[bool, list[Result]]:
        items, key = self.plan.items_of(id), self.key()
        run = self.session.pool.run(self.plan.job(units, f"{self.name}.py", 0), items)
        pairs = [(item, Result(run.answers[item.name])) for item in items]
        passes = not any(key.differs(item, result) for item, result in pairs)
        return passes, [result for _, result in pairs]

    def with_mistake(self, mistake: Mistake) -> str:
        """The reference with one mistake in it; ValueError where it does not fit."""
        solution = mistake.applied(self.plan.lesson.exercises[mistake.exercise].code)
        return self.plan.lesson.edited(mistake.exercise, solution)

    @contextlib.contextmanager
    def hurried(self, longest: float = HURRIED) -> Iterator[None]:
        """Let nothing take as long as a learner's code may: wrong code often loops for ever."""
        self.session.pool.longest = longest
        try:
            yield
        finally:
            self.session.pool.longest = math.inf
