"""Diagnosis: which known mistake yields what the submission yields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.checks import Mistake
from autograder.grading.answer_key import AnswerKey, Results
from autograder.grading.result import Result, difference
from autograder.pool.pool import Item

if TYPE_CHECKING:
    from autograder.grading.verdicts import Failure


def diagnose(
    key: AnswerKey,
    exercise: str,
    failures: Sequence[Failure],
    results: Results,
    others: Sequence[str] = (),
    *,
    strictly: bool = False,
) -> str:
    """The sentence of the mistake that these results look like, or "".

    A mistake fits best when it agrees with the submission in everything that the exercise's items
    saw. Failing that, and not `strictly`, one that agrees in every item that failed, where more
    than one check did: in a single one, many a mistake looks like another. Items that depend on
    `others`, exercises that are themselves wrong, are left out.
    """
    affected = {name for other in others if other != exercise for name in key.dependencies(other)}
    items = [item for item in key.plan.items_of(exercise) if item.name not in affected]
    failing = {failure.item.name for failure in failures}
    failed = [item for item in items if item.name in failing]
    several = len({item.check for item in failed}) > 1
    for chosen in (items, failed if several and not strictly else []):
        for mistake, theirs in key.mistakes(exercise):
            if _agree(key, chosen, theirs, results) and _telling(key, chosen, theirs, results):
                return mistake.says
    return ""


def confused(key: AnswerKey, exercise: str) -> list[tuple[Mistake, Mistake]]:
    """Pairs of mistakes that no item of their exercise tells apart."""
    items = key.plan.items_of(exercise)
    known = key.mistakes(exercise)
    return [
        (one, other)
        for index, (one, ours) in enumerate(known)
        for other, theirs in known[index + 1 :]
        if _agree(key, items, ours, theirs)
    ]


def _agree(key: AnswerKey, items: Sequence[Item], one: Results, other: Results) -> bool:
    return all(
        difference(one[item.name], other[item.name], _tolerance(key, item)) is None
        for item in items
    )


def _telling(key: AnswerKey, items: Sequence[Item], theirs: Results, ours: Results) -> bool:
    """Whether agreement means something: a wrong value in common, or the very same error."""
    for item in items:
        one, other = theirs[item.name], ours[item.name]
        if key.differs(item, one) and (one.kind == "returned" or _same_error(one, other)):
            return True
    return False


def _same_error(one: Result, other: Result) -> bool:
    if one.kind != "raised":
        return one.kind == other.kind
    return (one.error.type, one.error.message) == (other.error.type, other.error.message)


def _tolerance(key: AnswerKey, item: Item) -> tuple[float, float] | None:
    check = key.plan.check_of(item)
    return check.tolerance if check else None
