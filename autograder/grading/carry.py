"""Carrying forward: no mistake costs twice, and right code is never accused.

An exercise that fails beside others that it builds on runs once more, with the reference in the
place of those. Where it passes now, it is right by itself. Its own reference is never in that
process, and of this run nothing is shown: it says of an exercise that it is right, or which known
mistake it looks like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.grading.answer_key import Results
from autograder.grading.findings import Findings
from autograder.pool.pool import Item, Pool


@dataclass
class Carried:
    """What the second runs say.

    `right` has the exercises that are right by themselves, each with those to mend first. `wrong`
    has those that fail by themselves too, beside references only, each with its results there.
    """

    right: dict[str, tuple[str, ...]] = field(default_factory=dict)
    wrong: dict[str, Results] = field(default_factory=dict)


def carry(findings: Findings, pool: Pool) -> Carried:
    """Find out which of the failing exercises are right by themselves.

    Those that build on nothing wrong are wrong themselves. The others run with the reference in
    place of these; what still fails, and builds on nothing else that fails, is wrong too, and so
    on.
    """
    carried = Carried()
    usable = [id for id in findings.failing if findings.trouble(id) is None]
    builds_on = {id: findings.builds_on(id) for id in usable}
    pending = [id for id in usable if builds_on[id]]
    references = [id for id in findings.failing if id not in pending]
    if any(id in findings.untouched for id in _all(builds_on.values())):
        references += findings.untouched
    while pending:
        results = findings.again(pending, references, pool)
        failed = findings.failed(_failed_before(findings, pending), results)
        for id in pending:
            if id not in failed:
                carried.right[id] = tuple(each for each in builds_on[id] if each in references)
        pending = [id for id in pending if id in failed]
        alone = [id for id in pending if not set(builds_on[id]) & set(pending)] or pending
        carried.wrong |= dict.fromkeys(alone, results)
        references += alone
        pending = [id for id in pending if id not in alone]
    return carried


def _failed_before(findings: Findings, exercises: Iterable[str]) -> list[Item]:
    """What passed without references need not pass with them: code may fit its own kind only."""
    return [failure.item for id in exercises for failure in findings.failures[id]]


def _all(lists: Iterable[tuple[str, ...]]) -> set[str]:
    return {id for each in lists for id in each}
