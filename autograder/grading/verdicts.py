"""Grading: a submission and an answer key in, a report out.

The verdicts are made here, in the grader's own process, from plain data: the results of the
submission's items beside those of the reference.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from autograder.grading import explain, notes
from autograder.grading.answer_key import AnswerKey, Results
from autograder.grading.comparison import Difference
from autograder.grading.diagnosis import diagnose
from autograder.grading.plan import Plan
from autograder.grading.result import Result
from autograder.lessons.definitions import definitions_only
from autograder.lessons.lesson import Exercise
from autograder.lessons.submission import Submission
from autograder.pool.pool import CUT_LOAD_TIMEOUT, Item, Pool, Run
from autograder.reports.report import PASSED, TODO, CheckReport, ExerciseReport, Report


@dataclass(frozen=True)
class Failure:
    """An item whose result is not the reference's."""

    item: Item
    result: Result
    difference: Difference


@dataclass
class Grading:
    """The state of one grading: what ran, what failed, and which exercises stand in the way."""

    plan: Plan
    key: AnswerKey
    submission: Submission
    exercises: list[Exercise]
    results: Results = field(default_factory=dict)
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    untouched: list[str] = field(default_factory=list)
    load: Result | None = None
    shortened: bool = False

    @property
    def begun(self) -> list[str]:
        return [each.id for each in self.exercises if each.id not in self.untouched]

    @cached_property
    def watched(self) -> tuple[str, ...]:
        """The names of exercises, and of their classes, that may come to hold something else."""
        names = {id.partition(".")[0] for id in self.plan.lesson.exercises}
        return self.submission.rebound(names)

    def waits_for(self, failure: Failure) -> tuple[str, ...]:
        """The untouched exercises that this failure comes from.

        That it raised a stub's error is only the submission's word, but a word that nobody gains
        from: without it, there is no need to look.
        """
        result = failure.result
        if result.kind != "raised" or result.error.type != "NotImplementedError":
            return ()
        # A right solution may call a stub that the reference does without.
        line = result.error.lines[-1] if result.error.lines else 0
        called = [id for id in self.untouched if self.submission.spans(id, line)]
        return tuple(called) or self.blockers(failure.item, self.untouched)

    def blockers(self, item: Item, among: Iterable[str]) -> tuple[str, ...]:
        """Those exercises of `among` without which the reference itself fails this item."""
        return tuple(
            id for id in among if id != item.exercise and item.name in self.key.dependencies(id)
        )


def grade(
    submission: Submission, key: AnswerKey, pool: Pool, only: Collection[str] | None = None
) -> Report:
    """Grade the exercises of `key`'s lesson (those in `only`, where it is given)."""
    begun = time.perf_counter()
    exercises = key.plan.lesson.exercises.values()
    wanted = [exercise for exercise in exercises if only is None or exercise.id in only]
    grading = Grading(key.plan, key, submission, wanted)
    # Whether an exercise is blocked can depend on ones that were not asked for.
    grading.untouched = [each.id for each in exercises if submission.is_untouched(each)]
    _run(grading, pool)
    reports = tuple(_exercise_report(grading, exercise) for exercise in wanted)
    seconds = time.perf_counter() - begun
    found = notes.of_file(submission, grading.load, grading.watched, shortened=grading.shortened)
    return Report(key.plan.lesson.name, submission.path, key.seed, seconds, reports, found)


def _run(grading: Grading, pool: Pool) -> None:
    items = grading.plan.items_of(*grading.begun)
    sources = grading.submission.sources()
    if not items or not sources:
        return
    run = pool.run(_job(grading, sources), items)
    if run.load.kind != "answered":
        run = _definitions_only(grading, pool, items) or run
    grading.load = Result(run.load)
    grading.results = {
        item.name: Result(answer) for item, answer in zip(items, run.answers, strict=True)
    }
    for item in items:
        result = grading.results[item.name]
        if difference := grading.key.differs(item, result):
            failure = Failure(item, result, difference)
            grading.failures.setdefault(item.exercise, []).append(failure)


def _job(grading: Grading, sources: list[tuple[str, int]]) -> dict[str, Any]:
    submission = grading.submission
    job = grading.plan.job(sources, submission.path, grading.key.seed)
    return {
        **job,
        "files": submission.files(),
        "dropped": sorted(submission.dropped),
        "watched": grading.watched,
    }


def _definitions_only(grading: Grading, pool: Pool, items: list[Item]) -> Run | None:
    """Run a file that hangs or ends its process while it is loaded, cut to its definitions."""
    cut = definitions_only(grading.submission)
    if not cut.dropped:
        return None
    run = pool.run(_job(replace(grading, submission=cut), cut.sources()), items, CUT_LOAD_TIMEOUT)
    grading.shortened = run.load.kind == "answered"
    return run if grading.shortened else None


def _exercise_report(grading: Grading, exercise: Exercise) -> ExerciseReport:
    points = grading.plan.points(exercise.id)
    base = ExerciseReport(
        exercise.id, PASSED, points, points, line=grading.submission.line_of(exercise.id)
    )
    if exercise.id in grading.untouched:
        return explain.failed(base, TODO)
    base = explain.with_checks(base, _check_reports(grading, exercise))
    if spoiled := _spoiled(grading, exercise):
        return explain.spoiled(base, *spoiled)
    failures = grading.failures.get(exercise.id, [])
    printed = _printed(grading, exercise)
    if not failures and not _all_ran(grading, exercise):
        return explain.spoiled(base, "missing", explain.missing(exercise), "")
    if not failures:
        return explain.passed(base, printed)
    unblocked = [failure for failure in failures if not grading.waits_for(failure)]
    if not unblocked:
        return explain.blocked(base, grading.waits_for(failures[0]))
    return _wrong(grading, base, unblocked, printed)


def _all_ran(grading: Grading, exercise: Exercise) -> bool:
    """Nothing passes that was not run: an exercise without results has not been seen."""
    items = grading.plan.items_of(exercise.id)
    return bool(items) and all(item.name in grading.results for item in items)


def _wrong(
    grading: Grading, base: ExerciseReport, failures: list[Failure], printed: str
) -> ExerciseReport:
    """Report the first failure, preferring one that no other failing exercise explains."""
    others = [id for id in grading.failures if id not in grading.untouched]
    own = [failure for failure in failures if not grading.blockers(failure.item, others)]
    failure = (own or failures)[0]
    first = () if own else grading.blockers(failure.item, others)
    # A known mistake explains everything by itself, whether or not the code uses those others.
    diagnosis = diagnose(grading.key, base.id, failures, grading.results, strictly=True)
    if diagnosis:
        first = ()
    else:
        diagnosis = diagnose(grading.key, base.id, own or failures, grading.results, others)
    return explain.wrong(
        base,
        plan=grading.plan,
        submission=grading.submission,
        failure=failure,
        inputs=grading.key.inputs[failure.item.name],
        diagnosis=diagnosis,
        first=first,
        printed=printed,
    )


def _check_reports(grading: Grading, exercise: Exercise) -> tuple[CheckReport, ...]:
    """One line for the examples and for each check: its first failing case, or that it passed."""
    failed = {}
    for failure in grading.failures.get(exercise.id, []):
        failed.setdefault(failure.item.check, failure)
    reports = []
    for item in grading.plan.items_of(exercise.id):
        if item.case == 0:
            failure = failed.get(item.check)
            waits = bool(failure and grading.waits_for(failure))
            reports.append(explain.check(grading.plan, item, failure, waits))
    return tuple(reports)


def _spoiled(grading: Grading, exercise: Exercise) -> tuple[str, str, str] | None:
    """What is wrong with the file or the cell that this exercise is in: kind, message, place."""
    submission, load = grading.submission, grading.load
    failing = load is None or exercise.id in grading.failures
    for problem in submission.problems:
        if load is None or (failing and submission.unit_defines(problem.line, exercise.id)):
            where, _ = submission.place(problem.line)
            return "syntax", f"{where}: {problem.message}", where
    if load is not None and load.kind != "returned":
        return load.kind, f"{explain.ended(load)} while the file was loading", ""
    if not failing:
        return None
    for line, error in notes.load_errors(load):
        if submission.fails_with(exercise.id, line):
            return "load", *explain.error(submission, error)
    if not submission.defines(exercise.id):
        return "missing", explain.missing(exercise), ""
    return None


def _printed(grading: Grading, exercise: Exercise) -> str:
    """What the exercise's code printed in the first item in which it printed anything."""
    for item in grading.plan.items_of(exercise.id):
        result = grading.results.get(item.name)
        # The reference prints nothing, so an answer that is the reference's need not be read.
        if item.code or not result or result.answer == grading.key.reference[item.name].answer:
            continue
        if result.printed:
            return result.printed
    return ""
