"""Find the one change, or the two, of a learner's own code that would make an exercise pass."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from autograder.grading.answer_key import AnswerKey
from autograder.grading.findings import Findings
from autograder.grading.result import Failure, Outcome, Result
from autograder.lessons.submission import Submission
from autograder.pool.pool import Item, Pool
from autograder.repair.candidates import generic_edits, ranked
from autograder.repair.edit import Costly, Edit, Repair, applied, compiled
from autograder.repair.material import Material
from autograder.repair.place import Place, place_of
from autograder.repair.rewritten import rewritten
from autograder.repair.scope import Scope
from autograder.repair.trial import Edited, Trial

SECONDS = 4.0


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
    findings = Findings(key, submission)
    findings.run(key.plan.lesson.exercises, pool)
    function = submission.definition_of(exercise)
    if exercise not in findings.failures or function is None or findings.loading(exercise):
        return None
    return _Search(findings, exercise, function, pool, material, seconds).place()


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

    def place(self) -> Place | None:
        item = self._failing()
        if item is None:
            return None
        repair = self._one(item)
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
        result, ran = self._trial.lines(item)
        repairs = ranked(self._candidates(), self._own_lines(ran), self._suspects(result))
        for number, tried in self._trial.in_turn(item, self._codes(repairs)):
            if self._findings.key.differs(item, tried) is None and self._mends(repairs[number]):
                return repairs[number]
        return None

    def _candidates(self) -> Iterator[Costly]:
        files = [tree for _, tree in self._findings.submission.parsed()]
        scope = Scope.of(self._function, *files)
        yield from ((edit.cost, (edit,)) for edit in generic_edits(self._function, scope))
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
        if edited is None or self._trial.passes(self._items, edited) < len(self._items):
            return False
        with applied(*edits):
            submission = rewritten(self._findings.submission, self._exercise, self._function)
        findings = Findings(self._findings.key, submission)
        if self._references:
            results = findings.again([self._exercise], self._references, self._pool)
            return not findings.failed(self._items, results)
        findings.run([self._exercise], self._pool)
        return findings.all_ran(self._exercise) and not findings.failures
