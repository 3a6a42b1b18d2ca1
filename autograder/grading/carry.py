"""Carrying forward: no mistake costs twice, and right code is never accused.

An exercise that fails beside others that it builds on runs once more, with the reference in the
place of those. Where it passes now, it is right by itself. Its own reference is never in that
process, and of this run nothing is shown: it says of an exercise that it is right, or which known
mistake it looks like.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder.grading.answer_key import Results
from autograder.grading.findings import Findings
from autograder.grading.result import Failure, Outcome, Result
from autograder.pool.pool import Pool

# What hangs or takes long in one run does so in the next: then what is left stays as it was.
PATIENCE = 2


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
    return _Inquiry(findings, pool).carried()


class _Inquiry:
    def __init__(self, findings: Findings, pool: Pool):
        self._findings, self._pool = findings, pool
        failing = findings.failing
        usable = [id for id in failing if not findings.loading(id)]
        self._builds_on = {id: findings.builds_on(id) for id in usable}
        pending = [id for id in usable if self._builds_on[id]]
        # What the file does not seem to define may be inherited, or given in some other way.
        self._absent = [id for id in pending if findings.trouble(id)]
        self._pending = [id for id in pending if id not in self._absent]
        self._references = [id for id in failing if id not in self._pending]
        untouched = set(findings.untouched)
        self._needed = {id: frozenset(untouched & {*on}) for id, on in self._builds_on.items()}
        self._carried = Carried()
        self._hanging = 0

    @property
    def _patient(self) -> bool:
        budget = self._findings.budget_of(self._pool)
        return self._hanging < PATIENCE and not budget.is_over

    def carried(self) -> Carried:
        while self._pending and self._patient:
            results = self._again(self._pending, self._references)
            for group, references in self._beside_whole_classes() if self._patient else ():
                results |= self._again(group, references)
            alone = [id for id in self._pending if self._alone(id)] or self._pending
            self._carried.wrong |= dict.fromkeys(alone, results)
            self._references = [*self._references, *alone]
            self._pending = [id for id in self._pending if id not in alone]
        for id in self._absent if self._patient else []:
            self._again([id], [each for each in self._references if each != id])
        return self._carried

    def _again(self, exercises: list[str], references: list[str]) -> Results:
        """Run exercises beside references; those that are right are pending no more."""
        findings, results = self._findings, dict[str, Result]()
        groups: dict[frozenset[str], list[str]] = {}
        for id in exercises:
            groups.setdefault(self._needed[id], []).append(id)
        for needed, group in groups.items():
            results |= findings.again(group, [*references, *sorted(needed)], self._pool)
        # What passed without references need not pass with them: code may fit its own kind only.
        before = [failure.item for id in exercises for failure in findings.failures[id]]
        failed = findings.failed(before, results)
        self._hanging += sum(map(_hangs, failed.values()))
        for id in exercises:
            if id not in failed:
                self._carried.right[id] = findings.first(id, {*self._references, *self._needed[id]})
        self._pending = [id for id in self._pending if id not in self._carried.right]
        return results

    def _beside_whole_classes(self) -> Iterator[tuple[list[str], list[str]]]:
        """What is pending, by class, and references with all that has passed in other classes.

        A class may keep what its methods share under names of its own, which the reference of one
        of its methods does not know.
        """
        groups: dict[str, list[str]] = {}
        for id in self._pending:
            groups.setdefault(_class_of(id), []).append(id)
        beside = {*self._references}.union(*(self._needed[id] for id in self._pending))
        classes = {_class_of(id) for id in beside} - {""}
        for owner, group in groups.items():
            mates = [id for id in self._passed() if _class_of(id) in classes - {owner}]
            if mates:
                yield group, [*self._references, *mates]

    def _passed(self) -> list[str]:
        findings = self._findings
        left = {*self._references, *self._pending, *findings.untouched}
        return [id for id in findings.plan.lesson.exercises if id not in left]

    def _alone(self, id: str) -> bool:
        """Whether nothing else that is pending can be why an exercise still fails."""
        return not set(self._builds_on[id]) & set(self._pending)


def _hangs(failures: list[Failure]) -> bool:
    return any(failure.result.outcome is Outcome.TIMED_OUT for failure in failures)


def _class_of(id: str) -> str:
    return id.rpartition(".")[0]
