"""Find the one change, or the two, of a learner's own code that would make an exercise pass."""

from __future__ import annotations

import ast
import contextlib
import copy
from collections.abc import Iterator

from autograder.grading.answer_key import AnswerKey
from autograder.grading.findings import Findings
from autograder.grading.result import Failure, Outcome, Result
from autograder.lessons.submission import Submission
from autograder.pool.pool import Item, Pool
from autograder.repair.candidates import generic_repairs, ranked
from autograder.repair.edit import Costly, Edit, Repair, applied, compiled
from autograder.repair.material import Material
from autograder.repair.place import Place, place_of
from autograder.repair.rewritten import rewritten
from autograder.repair.scope import Scope
from autograder.repair.trial import Trial
from autograder.worker.wire import Edited

SECONDS = 4.0
# The share of one place, and how many first places a second one is looked for behind.
ONE, FIRSTS = 0.65, 4
# Of any exercise, for its usual run.
PATIENCE = 3.0


def find_place(
    submission: Submission,
    key: AnswerKey,
    exercise: str,
    pool: Pool,
    *,
    material: bool = True,
    seconds: float = SECONDS,
) -> Place | None:
    """Where one change (or two) would make an exercise pass; None where none was found in time.

    material: whether parts of the reference and of known mistakes may be tried too, and the
    reference of other exercises stands in where those are wrong. That is for a learner's own
    machine: without it nothing but the submission's own code is in the processes.
    """
    function = submission.definition_of(exercise)
    if function is None or submission.is_untouched(key.plan.lesson.exercises[exercise]):
        return None
    with _hurried(pool):
        findings = Findings(key, submission)
        findings.run(key.plan.lesson.exercises, pool)
        if exercise not in findings.failures or findings.loading(exercise):
            return None
        return _Search(findings, exercise, function, pool, material, seconds).place()


@contextlib.contextmanager
def _hurried(pool: Pool) -> Iterator[None]:
    """Wait for no exercise as long as for a verdict: what hangs was waited for already."""
    longest, pool.longest = pool.longest, min(pool.longest, PATIENCE)
    try:
        yield
    finally:
        pool.longest = longest


class _Search:
    def __init__(
        self,
        findings: Findings,
        exercise: str,
        function: ast.FunctionDef,
        pool: Pool,
        material: bool,
        seconds: float,
    ):
        self._findings, self._exercise, self._pool = findings, exercise, pool
        self._function = copy.deepcopy(function)
        self._material = material
        self._references = findings.builds_on(exercise) if material else ()
        self._trial = Trial(findings, exercise, self._references, pool, seconds)
        self._items = findings.plan.items_of(exercise)
        self._helpful: list[tuple[int, Repair]] = []

    def place(self) -> Place | None:
        item = self._failing()
        if item is None:
            return None
        repair = self._one(item) or self._two()
        submission = self._findings.submission
        return place_of(repair, lambda line: submission.place(line)[0]) if repair else None

    def _failing(self) -> Item | None:
        """The item that edits are tried on: the first that fails, beside references if need be."""
        failures: list[Failure] = self._findings.failures[self._exercise]
        if self._references:
            results = self._findings.again([self._exercise], self._references, self._pool)
            failures = self._findings.failed(self._items, results).get(self._exercise, [])
        return failures[0].item if failures else None

    def _one(self, item: Item) -> Repair | None:
        """The likeliest repair of one place; what only helps is kept for a second one."""
        self._trial.spend(ONE * self._trial.left)
        return self._first_that_mends(item, self._helpful)

    def _two(self) -> Repair | None:
        """A repair of two places, of which the first is one that helps."""
        self._helpful.sort(key=lambda pair: pair[0])
        for number, (_, first) in enumerate(self._helpful[:FIRSTS]):
            self._trial.spend(self._trial.rest / (min(FIRSTS, len(self._helpful)) - number))
            with applied(*first):
                item = self._failing_under()
                second = self._first_that_mends(item, []) if item else None
            if second:
                return (*first, *second)
        return None

    def _first_that_mends(self, item: Item, helpful: list[tuple[int, Repair]]) -> Repair | None:
        edited = self._edited()
        before, ran = self._trial.lines(item, edited)
        repairs = ranked(self._candidates(), self._own_lines(ran), self._suspects(before))
        for number, tried in self._trial.in_turn(item, self._codes(repairs)):
            if self._findings.key.differs(item, tried) is None:
                if self._mends(repairs[number]):
                    return repairs[number]
                helpful.append((0, repairs[number]))
            elif _goes_further(before, tried):
                helpful.append((1, repairs[number]))
        return None

    def _failing_under(self) -> Item | None:
        """The first item that fails under the edits that are in the function now."""
        edited = self._edited()
        if edited is None or self._trial.left <= 0:
            return None
        results = self._trial.each(self._items, edited)
        pairs = zip(self._items, results, strict=True)
        return next(
            (item for item, result in pairs if self._findings.key.differs(item, result)), None
        )

    def _candidates(self) -> Iterator[Costly]:
        files = [tree for _, tree in self._findings.submission.parsed()]
        scope = Scope.of(self._function, *files)
        yield from generic_repairs(self._function, scope)
        if self._material:
            yield from Material(self._findings.plan, self._exercise, self._function).repairs()

    def _own_lines(self, ran: list[int]) -> list[int]:
        first, last = self._function.lineno, self._function.end_lineno or self._function.lineno
        return [line for line in ran if first <= line <= last]

    def _suspects(self, result: Result) -> tuple[int, ...]:
        return result.error.lines if result.outcome is Outcome.RAISED else ()

    def _codes(self, repairs: list[Repair]) -> Iterator[tuple[int, Edited]]:
        seen = set()
        for number, repair in enumerate(repairs):
            edited = self._edited(*repair)
            if edited and edited[2].co_consts not in seen:
                seen.add(edited[2].co_consts)
                yield number, edited

    def _edited(self, *edits: Edit) -> Edited | None:
        owner, _, name = self._exercise.rpartition(".")
        with applied(*edits):
            code = compiled(self._function, self._findings.submission.path)
        return (owner, name, code) if code else None

    def _mends(self, edits: Repair) -> bool:
        """Whether a fresh and usual run of the edited file passes."""
        edited = self._edited(*edits)
        if edited is None or self._trial.left <= 0:
            return False
        if any(map(self._findings.key.differs, self._items, self._trial.each(self._items, edited))):
            return False
        with applied(*edits):
            submission = rewritten(self._findings.submission, self._exercise, self._function)
        findings = Findings(self._findings.key, submission)
        if self._references:
            results = findings.again([self._exercise], self._references, self._pool)
            return not findings.failed(self._items, results)
        findings.run([self._exercise], self._pool)
        return findings.all_ran(self._exercise) and not findings.failures


def _goes_further(before: Result, after: Result) -> bool:
    """Whether code that raised an error or did not end has come to a value under an edit."""
    return before.outcome is not Outcome.RETURNED and after.outcome is Outcome.RETURNED
