"""The rules in the order of how sure they are, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograder.grading.causes import numbers, orders, shapes, unused
from autograder.grading.causes.errors import raised
from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.looks import looks
from autograder.grading.causes.returned import another_kind, nothing_returned, returned_too_early
from autograder.grading.likeness import Likeness
from autograder.reports.cause import Cause

Rule = Callable[[Evidence], Iterator[Cause]]

# What is certain, and what only speaks where no known mistake agrees.
FACTS: tuple[Rule, ...] = (
    nothing_returned,
    raised,
    unused.called_at_once,
    unused.never_called,
    returned_too_early,
    unused.without_effect,
    unused.endless,
    unused.argument_unused,
    another_kind,
)
GUESSES: tuple[Rule, ...] = (
    shapes.other_shape,
    numbers.related,
    orders.reordered,
    unused.argument_changed,
    unused.value_unused,
    unused.attribute_unused,
)
MOST = 3


def causes(evidence: Evidence, likeness: Likeness, *, known: bool) -> tuple[Cause, ...]:
    """What the rules say, the certain first, each sentence once; at most `MOST`.

    known: whether a known mistake agrees with everything; then no guess is made beside it.
    """
    told = [cause for rule in FACTS for cause in rule(evidence)]
    if not known:
        told += looks(likeness) if evidence.cases else ()
        told += [cause for rule in GUESSES for cause in rule(evidence)]
    found = {cause.says: cause for cause in reversed(told)}
    once = [cause for cause in dict.fromkeys(told) if found[cause.says] is cause]
    return tuple(sorted(once, key=lambda cause: cause.hedged)[:MOST])
