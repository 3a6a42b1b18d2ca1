"""Whether what a submission yields is what some wrong variant of the reference yields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from autograder.grading.answer_key import AnswerKey, Results
from autograder.grading.comparison import distance
from autograder.grading.leaves import Leaf, differing, differing_values, telling, values
from autograder.grading.result import Outcome, Result, difference
from autograder.pool.pool import Item

# By chance, a variant's numbers are this many times nearer to the submission's than the reference's
# are. A check of statistics has a wide tolerance, within which many a variant would agree.
NEARER = 16


@dataclass(frozen=True)
class Likeness:
    """The results of one exercise, to be held beside those of wrong variants of the reference.

    All that fails in the results comes from this exercise alone.
    """

    key: AnswerKey
    exercise: str
    results: Results

    @cached_property
    def items(self) -> list[Item]:
        return self.key.plan.items_of(self.exercise)

    @cached_property
    def failed(self) -> list[Item]:
        return [item for item in self.items if self.key.differs(item, self.results[item.name])]

    def agree(self, items: Iterable[Item], theirs: Results) -> bool:
        return all(self.alike(item, theirs[item.name]) for item in items)

    def alike(self, item: Item, theirs: Result) -> bool:
        """Whether a variant's result is the submission's, as far as one can tell from numbers."""
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

    def telling(self, items: Iterable[Item], theirs: Results) -> bool:
        """Whether agreement means something: a wrong value in common, or the very same error."""
        for item in items:
            one = theirs[item.name]
            if self.key.differs(item, one) and (
                one.outcome is Outcome.RETURNED or same_error(one, self.results[item.name])
            ):
                return True
        return False

    def weight(self, items: Sequence[Item]) -> int:
        """How many different wrong values some failing items have that nobody has by chance."""
        return len(
            {value for item in items for leaf in self.leaves(item) for value in telling(leaf)}
        )

    def leaves(self, item: Item) -> list[Leaf]:
        """Where an item that returned differs from the reference."""
        if item.name not in self._leaves:
            self._leaves[item.name] = self.leaves_of(item, self.results[item.name])
        return self._leaves[item.name]

    @cached_property
    def _leaves(self) -> dict[str, list[Leaf]]:
        """Every variant is held beside them."""
        return {}

    def leaves_of(self, item: Item, theirs: Result) -> list[Leaf]:
        """The same of another result for an item."""
        reference = self.key.reference[item.name]
        if theirs.outcome is not Outcome.RETURNED or reference.outcome is not Outcome.RETURNED:
            return []
        leaves = differing_values if item.is_examples else differing
        return list(leaves(reference.value, theirs.value, self.key.plan.tolerance(item)))

    def given(self, item: Item) -> set[object]:
        """The values among an item's inputs: to leave them as they were is many a mistake's way."""
        if item.name not in self._given:
            nodes = [node for _, node in self.key.inputs[item.name]]
            self._given[item.name] = {value for node in nodes for value in values(node)}
        return self._given[item.name]

    @cached_property
    def _given(self) -> dict[str, set[object]]:
        return {}


def same_error(one: Result, other: Result) -> bool:
    if one.outcome is not Outcome.RAISED:
        return one.outcome is other.outcome
    return (one.error.type, one.error.message) == (other.error.type, other.error.message)
