"""Findings: what the items of one submission yielded, what failed, and what stands in the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from autograder.grading.answer_key import AnswerKey, Results
from autograder.grading.explain import Explainer, Trouble, ended
from autograder.grading.notes import notes_of_file
from autograder.grading.plan import Plan
from autograder.grading.result import Failure, Outcome, Raised, Result, load_errors
from autograder.lessons.definitions import definitions_only
from autograder.lessons.submission import Submission
from autograder.pool.budget import CUT_LOAD_TIMEOUT, Budget
from autograder.pool.pool import Fate, Item, Pool, Run
from autograder.reports.report import Kind, Note
from autograder.worker.wire import Job


@dataclass
class Findings:
    """What is known of a submission; `run` adds to it."""

    key: AnswerKey
    submission: Submission
    results: Results = field(default_factory=dict)
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    load: Result | None = None
    begun: list[str] = field(default_factory=list)
    shortened: bool = False
    _budget: Budget | None = None

    def __post_init__(self) -> None:
        # What is run: the submission itself, or cut to its definitions where it does not end.
        self._loaded = self.submission

    @property
    def plan(self) -> Plan:
        return self.key.plan

    @cached_property
    def explainer(self) -> Explainer:
        return Explainer(self.plan, self.submission)

    @cached_property
    def untouched(self) -> list[str]:
        """The exercises still to do, in the whole lesson: whoever is graded may build on them."""
        exercises = self.plan.lesson.exercises.values()
        return [each.id for each in exercises if self.submission.is_untouched(each)]

    def run(self, exercises: Iterable[str], pool: Pool) -> None:
        """Run the items of those exercises that have been begun."""
        self.begun += (id for id in exercises if id not in self.untouched)
        items = [item for item in self.plan.items_of(*self.begun) if item.name not in self.results]
        if not items or not self._loaded.sources():
            return
        run = pool.run(self.job(), items, self._load_timeout, self.budget_of(pool))
        if run.load.fate is not Fate.ANSWERED and not self.shortened:
            run = self._run_definitions(items, pool) or run
        self.load = Result(run.load)
        results = {item.name: Result(run.answers[item.name]) for item in items}
        self.results |= results
        self.failures |= self.failed(items, results)

    @property
    def _load_timeout(self) -> float:
        return CUT_LOAD_TIMEOUT if self.shortened else 0.0

    def budget_of(self, pool: Pool) -> Budget:
        """What is left for the submission, over all its runs."""
        if self._budget is None:
            self._budget = pool.budget()
        return self._budget

    def job(self, references: Collection[str] = ()) -> Job:
        """What a worker is told; these references take the place of the submission's own."""
        loaded = self._loaded
        job = self.plan.job(loaded.sources(), loaded.path, self.key.seed, references=references)
        job["files"], job["dropped"] = loaded.files(), sorted(loaded.dropped)
        job["watched"] = self._watched
        return job

    @cached_property
    def _watched(self) -> tuple[str, ...]:
        """The names of exercises, and of their classes, that may come to hold something else."""
        names = {id.partition(".")[0] for id in self.plan.lesson.exercises}
        return self.submission.rebound(names)

    def _run_definitions(self, items: list[Item], pool: Pool) -> Run | None:
        """Run a file that hangs or ends its process while it is loaded, cut to its definitions."""
        cut = definitions_only(self.submission)
        if not cut.dropped:
            return None
        self._loaded = cut
        run = pool.run(self.job(), items, CUT_LOAD_TIMEOUT, self.budget_of(pool))
        self.shortened = run.load.fate is Fate.ANSWERED
        if not self.shortened:
            self._loaded = self.submission
            return None
        return run

    def failed(self, items: Iterable[Item], results: Results) -> dict[str, list[Failure]]:
        """The items whose results are not the reference's, by exercise."""
        found: dict[str, list[Failure]] = {}
        for item in items:
            if difference := self.key.differs(item, results[item.name]):
                failure = Failure(item, results[item.name], difference)
                found.setdefault(item.exercise, []).append(failure)
        return found

    def again(self, exercises: Collection[str], references: Collection[str], pool: Pool) -> Results:
        """The results of exercises with the reference of others in the place of those."""
        items = self.plan.items_of(*exercises)
        job, budget = self.job(references), self.budget_of(pool)
        answers = pool.run(job, items, self._load_timeout, budget).answers
        return {item.name: Result(answers[item.name]) for item in items}

    @property
    def failing(self) -> list[str]:
        """The exercises that were begun and failed, in the lesson's order."""
        return [id for id in self.plan.lesson.exercises if id in self.failures]

    def builds_on(self, exercise: str) -> tuple[str, ...]:
        """The untouched and failing exercises that an exercise's failures may come from.

        An untouched one counts where the reference needs it: else its reference would do the work
        of an exercise that is alike. So does one that makes nothing of what it is given. Of two
        that use each other the first does not build on the second: else each could stand in for
        the other.
        """
        failures, order = self.failures[exercise], list(self.plan.lesson.exercises)
        waits = any(self.waits_for(failure) for failure in failures)
        needed = {id for id in self.untouched if waits and self._needs(exercise, id)}
        others = {id for id in self.failing if id != exercise and self._uses(exercise, id)}
        after = order[order.index(exercise) :]
        others -= {id for id in others if id in after and self._uses(id, exercise)}
        return tuple(id for id in order if id in needed | others)

    def first(self, exercise: str, among: Collection[str]) -> tuple[str, ...]:
        """Which of `among` to mend before an exercise: those that the reference needs, if any."""
        named = [id for id in self.builds_on(exercise) if id in among]
        needed = [id for id in named if id in self.untouched or self._needs(exercise, id)]
        return tuple(needed or named)

    def _uses(self, exercise: str, other: str) -> bool:
        if self._needs(exercise, other):
            return True
        submission = self.submission
        return submission.mentions(exercise, other) and submission.is_attempt(other)

    def _needs(self, exercise: str, other: str) -> bool:
        """Whether the reference fails without another where this exercise does."""
        items = {failure.item.name for failure in self.failures[exercise]}
        return not items.isdisjoint(self.key.dependencies(other))

    def all_ran(self, exercise: str) -> bool:
        """Nothing passes that was not run: an exercise without results has not been seen."""
        items = self.plan.items_of(exercise)
        return bool(items) and all(item.name in self.results for item in items)

    def waits_for(self, failure: Failure) -> tuple[str, ...]:
        """The untouched exercises that this failure comes from.

        That it raised a stub's error is only the submission's word. What it gains is to be run once
        more beside the references of those, where it has to pass all the same.
        """
        result = failure.result
        if result.outcome is not Outcome.RAISED or result.error.type != "NotImplementedError":
            return ()
        # A right solution may call a stub that the reference does without.
        line = result.error.lines[-1] if result.error.lines else 0
        called = [id for id in self.untouched if self.submission.spans(id, line)]
        return tuple(called) or self.blockers(failure, self.untouched)

    def blockers(self, failure: Failure, among: Iterable[str]) -> tuple[str, ...]:
        """Those exercises of `among` without which the reference itself fails this item."""
        item = failure.item
        return tuple(
            id for id in among if id != item.exercise and item.name in self.key.dependencies(id)
        )

    @property
    def ended_loading(self) -> bool:
        """Whether the process ended or hung before anything in the file was tried."""
        return self.load is not None and self.load.outcome is not Outcome.RETURNED

    def trouble(self, exercise: str) -> Trouble | None:
        """What is wrong with the file or the cell that an exercise is in."""
        if trouble := self._syntax(exercise):
            return trouble
        if self.load is not None and self.ended_loading:
            message = f"{ended(self.load)} while the file was loading"
            return Trouble(self.load.outcome.kind, message, loading=True)
        return self._load_error(exercise) or self._absence(exercise)

    def loading(self, exercise: str) -> bool:
        """Whether the file or the cell that an exercise is in could not be used."""
        trouble = self.trouble(exercise)
        return trouble is not None and trouble.loading

    def _syntax(self, exercise: str) -> Trouble | None:
        problem = None
        if self.load is None:
            problem = next(iter(self.submission.problems), None)
        elif exercise in self.failures:
            problem = self.submission.broken_unit(exercise)
        if problem is None:
            return None
        where, _ = self.submission.place(problem.line)
        return Trouble(Kind.SYNTAX, f"{where}: {problem.message}", loading=True)

    def _load_error(self, exercise: str) -> Trouble | None:
        for line, error in self.load_errors if exercise in self.failures else ():
            if self.submission.fails_with(exercise, line):
                return Trouble(Kind.LOAD, *self.explainer.error(error), loading=True)
        return None

    def _absence(self, exercise: str) -> Trouble | None:
        failed = exercise in self.failures or not self.all_ran(exercise)
        if failed and not self.submission.defines(exercise):
            return self.explainer.missing(exercise)
        return None

    @property
    def load_errors(self) -> list[tuple[int, Raised]]:
        return load_errors(self.load)

    def printed(self, exercise: str) -> str:
        """What the exercise's code printed in the first check in which it printed anything."""
        for item in self.plan.items_of(exercise):
            result = self.results.get(item.name)
            if item.is_examples or result is None:
                continue
            # The reference prints nothing, so an answer that is the reference's need not be read.
            if result.answer != self.key.reference[item.name].answer and result.printed:
                return result.printed
        return ""

    def notes(self) -> tuple[Note, ...]:
        """How the whole file was read and loaded."""
        return notes_of_file(self.explainer, self.load, self._watched, shortened=self.shortened)
