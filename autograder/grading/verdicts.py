"""Grading: a submission and an answer key in, a report out.

The verdicts are made here, in the grader's own process, from plain data: the results of the
submission's items beside those of the reference.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from autograder.grading.answer_key import AnswerKey, Results
from autograder.grading.carry import Carried, carry
from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.rules import causes, causes_beside_references
from autograder.grading.diagnosis import diagnosis
from autograder.grading.display import show
from autograder.grading.explain import Trouble
from autograder.grading.findings import Findings
from autograder.grading.likeness import Likeness
from autograder.grading.renamed import renamed
from autograder.grading.result import Failure, Outcome
from autograder.lessons.submission import Submission
from autograder.pool.pool import Item, Pool
from autograder.reports.report import (
    BLOCKED,
    PASSED,
    TODO,
    CheckReport,
    CheckVerdict,
    ExerciseReport,
    Kind,
    Report,
    Verdict,
)


def grade(
    submission: Submission,
    key: AnswerKey,
    pool: Pool,
    only: Collection[str] | None = None,
    *,
    told: Collection[str] | None = None,
    widely: bool = False,
    carry_forward: bool = True,
) -> Report:
    """Grade the exercises of `key`'s lesson (those in `only`, where it is given).

    told: report on these of them alone; a report on what is wrong takes longest to make.
    widely: where one of `only` fails, look at all the others, which may be what makes it fail.
    carry_forward: let what is right by itself pass beside exercises that are not.
    """
    begun = time.perf_counter()
    exercises = list(key.plan.lesson.exercises)
    wanted = [id for id in exercises if only is None or id in only]
    findings = Findings(key, submission)
    findings.run(wanted, pool)
    if widely and findings.failures:
        findings.run([id for id in exercises if id not in wanted], pool)
    carried = carry(findings, pool) if carry_forward and findings.failures else None
    shown = [id for id in wanted if told is None or id in told]
    reports = tuple(Judge(findings, carried, id).report() for id in shown)
    return Report(
        key.plan.lesson.name,
        submission.path,
        key.seed,
        time.perf_counter() - begun,
        reports,
        findings.notes(),
    )


@dataclass(frozen=True)
class Judge:
    """Makes the report on one exercise from what was found."""

    findings: Findings
    carried: Carried | None
    id: str

    def report(self) -> ExerciseReport:
        findings = self.findings
        points = findings.plan.points(self.id)
        line = findings.submission.shown_line(self.id)
        base = ExerciseReport(self.id, PASSED, points, points, line=line)
        if self.id in findings.untouched:
            return _failed(base, TODO)
        if self._is_stub_after_all:
            return _failed(base, TODO)
        base = dataclasses.replace(base, checks=tuple(self._checks()))
        if right := self._right_by_itself(base):
            return right
        if trouble := findings.trouble(self.id):
            report = _troubled(base, trouble)
            if trouble.kind is not Kind.MISSING:
                return report
            names = renamed(findings.submission, findings.plan.lesson, self.id)
            return dataclasses.replace(report, causes=names)
        base = dataclasses.replace(base, printed=findings.printed(self.id))
        if not self._failures:
            if findings.all_ran(self.id):
                return base
            return _troubled(base, findings.explainer.missing(self.id))
        return self._blocked(base) or self._wrong(base)

    @property
    def _is_stub_after_all(self) -> bool:
        """Whether what took the stub's name was no function, so that the stub itself has run."""
        findings = self.findings
        errors = [
            each.result.error for each in self._failures if each.result.outcome is Outcome.RAISED
        ]
        own = [e for e in errors if e.lines and findings.submission.spans(self.id, e.lines[-1])]
        raised = bool(own) and all(error.type == "NotImplementedError" for error in own)
        return raised and findings.submission.is_stub(findings.plan.lesson.exercises[self.id])

    def _right_by_itself(self, base: ExerciseReport) -> ExerciseReport | None:
        first = self.carried.right.get(self.id) if self.carried else None
        if first is None:
            return None
        checks = (CheckReport(each.name, each.says, CheckVerdict.PASSED) for each in base.checks)
        printed = self.findings.printed(self.id)
        return dataclasses.replace(base, checks=tuple(checks), carried=first, printed=printed)

    @property
    def _failures(self) -> list[Failure]:
        return self.findings.failures.get(self.id, [])

    def _checks(self) -> list[CheckReport]:
        """One line for the examples and for each check: its first failing case, or how it went."""
        failed: dict[int, Failure] = {}
        for failure in self._failures:
            failed.setdefault(failure.item.check, failure)
        firsts = [item for item in self.findings.plan.items_of(self.id) if item.case == 0]
        return [self._check(item, failed.get(item.check)) for item in firsts]

    def _check(self, item: Item, failure: Failure | None) -> CheckReport:
        verdict = CheckVerdict.FAILED
        if failure is None:
            ran = item.name in self.findings.results
            verdict = CheckVerdict.PASSED if ran else CheckVerdict.NOT_RUN
        elif self.findings.waits_for(failure):
            verdict = CheckVerdict.BLOCKED
        return self.findings.explainer.check(item, verdict, failure)

    def _blocked(self, base: ExerciseReport) -> ExerciseReport | None:
        """Where every failure comes from an exercise that is still to do."""
        if not all(map(self.findings.waits_for, self._failures)):
            return None
        names = self.findings.waits_for(self._failures[0])
        verb = "is" if len(names) == 1 else "are"
        message = f"it builds on {' and '.join(names[:2])}, which {verb} still to do"
        if self.carried and self.id in self.carried.wrong:
            message += "; with the reference in its place it fails as well"
        # What it printed before it came to the stub is no news.
        base = dataclasses.replace(base, printed="", **self._diagnosis())
        return _failed(base, BLOCKED, kind=Kind.BLOCKED, message=message, first=names)

    def _wrong(self, base: ExerciseReport) -> ExerciseReport:
        """Report the first failure, preferring one that no other failing exercise explains."""
        findings = self.findings
        failures = [each for each in self._failures if not findings.waits_for(each)]
        own = [each for each in failures if not findings.blockers(each, findings.failing)]
        shown = (own or failures)[0]
        first = () if own else self._to_mend(shown)
        inputs = findings.key.inputs[shown.item.name]
        return dataclasses.replace(
            _troubled(base, findings.explainer.failure(self.id, shown)),
            error=shown.result.error.type if shown.result.outcome is Outcome.RAISED else "",
            says=findings.plan.says(shown.item),
            printed=shown.result.printed,
            inputs={name: show(value, 300) for name, value in inputs},
            first=first,
            **self._diagnosis(),
        )

    def _to_mend(self, failure: Failure) -> tuple[str, ...]:
        """What this failure may come from: wrong exercises that its code names."""
        findings, right = self.findings, self.carried.right if self.carried else {}
        among = [id for id in findings.failing if id not in right]
        blockers = findings.blockers(failure, among)
        return tuple(id for id in blockers if findings.submission.mentions(self.id, id))

    def _diagnosis(self) -> dict[str, Any]:
        """The known mistake that this looks like, and causes, of what is wrong by itself alone."""
        clean = self.carried.wrong.get(self.id) if self.carried else None
        if clean is None and self.findings.builds_on(self.id):
            return {"diagnosis": ""}
        likeness = self._likeness(self.findings.results if clean is None else clean)
        says = diagnosis(likeness)
        if clean is None:
            evidence = Evidence(likeness, self.findings.submission)
            return {"diagnosis": says, "causes": causes(evidence, known=bool(says))}
        evidence = Evidence(self._likeness(self.findings.results), self.findings.submission)
        found = causes_beside_references(evidence, likeness, known=bool(says))
        return {"diagnosis": says, "causes": found, "beside_references": True}

    def _likeness(self, results: Results) -> Likeness:
        return Likeness(self.findings.key, self.id, results)


def _failed(base: ExerciseReport, verdict: Verdict, **changes: Any) -> ExerciseReport:
    return dataclasses.replace(base, verdict=verdict, points=0, **changes)


def _troubled(base: ExerciseReport, trouble: Trouble) -> ExerciseReport:
    return _failed(
        base,
        trouble.verdict,
        kind=trouble.kind,
        message=trouble.message,
        place=trouble.place,
        loading=trouble.loading,
    )
