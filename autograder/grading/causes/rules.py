"""The rules in the order of how sure they are, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autograder.grading.causes.errors import raised
from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.looks import looks
from autograder.grading.causes.returned import another_kind, nothing_returned, returned_too_early
from autograder.grading.likeness import Likeness
from autograder.reports.cause import Cause

Rule = Callable[[Evidence], Iterator[Cause]]

RULES: tuple[Rule, ...] = (nothing_returned, raised, returned_too_early, another_kind)
MOST = 3


def causes(evidence: Evidence, likeness: Likeness, *, known: bool) -> tuple[Cause, ...]:
    """What the rules say, the certain first, each sentence once; at most `MOST`.

    known: whether a known mistake agrees with everything; then no guess is made beside it.
    """
    found: dict[str, Cause] = {}
    for rule in RULES:
        for cause in rule(evidence):
            found.setdefault(cause.says, cause)
    told = list(found.values())
    if not known and evidence.cases:
        told += looks(likeness)
    return tuple(sorted(told, key=lambda cause: cause.hedged)[:MOST])
