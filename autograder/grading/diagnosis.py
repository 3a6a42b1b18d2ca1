"""Diagnosis: which known mistake yields what the submission yields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.grading.answer_key import AnswerKey, Results
from autograder.grading.comparison import distance
from autograder.grading.result import Outcome, Result, difference
from autograder.pool.pool import Item

# By chance, a mistake's numbers are this many times nearer to the submission's than the reference's
# are. A check of statistics has a wide tolerance, within which many a mistake would agree.
NEARER = 16


@dataclass(frozen=True)
class Diagnosis:
    """The comparison of one exercise's results with those of its known mistakes.

    All that fails in the results comes from this exercise alone.
    """

    key: AnswerKey
    exercise: str
    results: Results

    def says(self) -> str:
        """The sentence of the mistake that the results look like, or "".

        A mistake fits best when it agrees with the submission in everything that the exercise's
        items saw. Failing that, one that agrees in every item that failed, where more than one
        check did: in a single one, many a mistake looks like another.
        """
        items = self.key.plan.items_of(self.exercise)
        failed = [item for item in items if self.key.differs(item, self.results[item.name])]
        several = len({item.check for item in failed}) > 1
        for chosen in (items, failed if several else []):
            for mistake, theirs in self.key.mistakes(self.exercise):
                if self._agree(chosen, theirs) and self._telling(chosen, theirs):
                    return mistake.says
        return ""

    def _agree(self, items: Sequence[Item], theirs: Results) -> bool:
        return all(self._alike(item, theirs[item.name]) for item in items)

    def _alike(self, item: Item, theirs: Result) -> bool:
        """Whether a mistake's result is the submission's, as far as one can tell from numbers."""
        ours, reference = self.results[item.name], self.key.reference[item.name]
        if difference(theirs, ours, self.key.plan.tolerance(item)):
            return False
        if difference(theirs, ours) is None or self.key.differs(item, theirs) is None:
            return True
        # Two results that agree but for their numbers were returned, both of them.
        if reference.outcome is not Outcome.RETURNED:
            return True
        near = distance(theirs.value, ours.value, by_chance=True)
        return NEARER * near < distance(reference.value, ours.value)

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
