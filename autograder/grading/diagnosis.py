"""Diagnosis: which known mistake yields what the submission yields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.grading.answer_key import AnswerKey, Results
from autograder.grading.result import Failure, Outcome, Result, difference
from autograder.pool.pool import Item


@dataclass(frozen=True)
class Diagnosis:
    """The comparison of one exercise's results with those of its known mistakes."""

    key: AnswerKey
    exercise: str
    results: Results

    def says(
        self, failures: Sequence[Failure], others: Sequence[str] = (), *, strictly: bool = False
    ) -> str:
        """The sentence of the mistake that the results look like, or "".

        A mistake fits best when it agrees with the submission in everything that the exercise's
        items saw. Failing that, and not `strictly`, one that agrees in every item that failed,
        where more than one check did: in a single one, many a mistake looks like another. Items
        that depend on `others`, exercises that are themselves wrong, are left out.
        """
        items = self._unaffected(others)
        failing = {failure.item.name for failure in failures}
        failed = [item for item in items if item.name in failing]
        several = len({item.check for item in failed}) > 1
        for chosen in (items, failed if several and not strictly else []):
            for mistake, theirs in self.key.mistakes(self.exercise):
                if self._agree(chosen, theirs) and self._telling(chosen, theirs):
                    return mistake.says
        return ""

    def _unaffected(self, others: Sequence[str]) -> list[Item]:
        wrong = [other for other in others if other != self.exercise]
        affected = {name for other in wrong for name in self.key.dependencies(other)}
        return [i for i in self.key.plan.items_of(self.exercise) if i.name not in affected]

    def _agree(self, items: Sequence[Item], theirs: Results) -> bool:
        return all(
            difference(theirs[i.name], self.results[i.name], self.key.plan.tolerance(i)) is None
            for i in items
        )

    def _telling(self, items: Sequence[Item], theirs: Results) -> bool:
        """Whether agreement means something: a wrong value in common, or the very same error."""
        for item in items:
            one = theirs[item.name]
            if self.key.differs(item, one) and (
                one.outcome is Outcome.RETURNED or _same_error(one, self.results[item.name])
            ):
                return True
        return False


def _same_error(one: Result, other: Result) -> bool:
    if one.outcome is not Outcome.RAISED:
        return one.outcome is other.outcome
    return (one.error.type, one.error.message) == (other.error.type, other.error.message)
