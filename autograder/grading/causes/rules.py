"""The rules in the order of how sure they are, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy

from autograder.grading.causes import (
    changed,
    graphs,
    loops,
    numbers,
    orders,
    parts,
    shapes,
    training,
    unused,
)
from autograder.grading.causes.errors import raised
from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.looks import looks
from autograder.grading.causes.returned import another_kind, nothing_returned, returned_too_early
from autograder.grading.likeness import Likeness
from autograder.reports.cause import Cause

Rule = Callable[[Evidence], Iterator[Cause]]

# What the source alone tells, and what the results may mean.
SOURCE: tuple[Rule, ...] = (
    nothing_returned,
    unused.called_at_once,
    unused.never_called,
    returned_too_early,
    unused.without_effect,
    unused.endless,
    unused.argument_unused,
    training.cleared_too_early,
    training.used_too_early,
    changed.default_shared,
    unused.result_dropped,
)
GUESSES: tuple[Rule, ...] = (
    graphs.graphs,
    loops.stuck,
    training.never_backward,
    parts.left_as_it_was,
    parts.exchanged,
    shapes.other_shape,
    numbers.related,
    orders.reordered,
    parts.at_one_end,
    changed.argument_changed,
    unused.value_unused,
    unused.attribute_unused,
)
MOST = 3


def causes(evidence: Evidence, *, known: bool) -> tuple[Cause, ...]:
    """What the rules say, the certain first, each sentence once; at most `MOST`.

    known: whether a known mistake agrees with everything; then no guess is made beside it.
    """
    first = _said(evidence, (raised, *SOURCE, another_kind))
    told = [cause for cause in first if not cause.hedged]
    if not known:
        told += looks(evidence.likeness, evidence.words) if evidence.cases else ()
        told += _said(evidence, GUESSES)
    return _best([*told, *first])


def causes_beside_references(
    evidence: Evidence, second: Likeness, *, known: bool
) -> tuple[Cause, ...]:
    """The same for an exercise that failed beside references too, in a `second` run.

    Of that run nobody is told what it raised or gave: whoever reads the references in it could say
    so what they are. What is told is which of our own variants it looks like.
    """
    told = _said(evidence, SOURCE)
    if not known and any(map(second.leaves, second.failed)):
        told += looks(second, evidence.words)
    return _best(told)


@numpy.errstate(all="ignore")  # a learner's numbers may be anything
def _said(evidence: Evidence, rules: tuple[Rule, ...]) -> list[Cause]:
    return [cause for rule in rules for cause in rule(evidence)]


def _best(told: list[Cause]) -> tuple[Cause, ...]:
    once = {cause.says: cause for cause in reversed(told)}
    kept = [cause for cause in dict.fromkeys(told) if once[cause.says] is cause]
    return tuple(sorted(kept, key=lambda cause: cause.hedged)[:MOST])
