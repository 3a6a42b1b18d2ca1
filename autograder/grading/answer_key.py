"""The answer key of a lesson and seed: what the reference and its known mistakes yield.

It is computed by the same workers that run submissions, when a part of it is first needed, and
kept on disk under a name made of everything that it came from. A key that is being built is never
seen half-way: it is written beside its place and moved there in one step.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from autograder.checks import Mistake
from autograder.grading.cache import Cache
from autograder.grading.comparison import Difference, compare
from autograder.grading.plan import Plan, Seed
from autograder.grading.result import Outcome, Result, difference
from autograder.lessons.disk import digest
from autograder.lessons.errors import CourseError
from autograder.lessons.places import PACKAGE, cache_folder
from autograder.pool.attempt import Attempt
from autograder.pool.budget import BUSY, Budget
from autograder.pool.pool import Answer, Fate, Item, Pool
from autograder.worker.decoding import Node
from autograder.worker.wire import Edited

Results = dict[str, Result]
# An edited reference is interrupted after as many seconds: it hangs, or is of no use.
ATTEMPT = 0.15


class BrokenReference(CourseError):
    """The reference itself fails; the course is at fault, and no submission."""


class AnswerKey:
    """The key of `plan`'s lesson for one seed; parts are made with `pool` and kept in `folder`."""

    def __init__(self, plan: Plan, seed: Seed, pool: Pool, folder: Path | None = None):
        self.plan = plan
        self.seed = seed
        self._pool = pool
        self._cache = Cache(folder or cache_folder())
        self._mistakes: dict[str, list[tuple[Mistake, Results]]] = {}
        self._dependencies: dict[str, set[str]] = {}
        self._names: set[str] = set()

    @cached_property
    def reference(self) -> Results:
        """The reference's results for every item."""
        return self._kept("reference", self._items, self._reference_answers)

    @cached_property
    def inputs(self) -> dict[str, list[tuple[str, Node]]]:
        """What was drawn for every item, by name; the same for the reference and any submission."""

        def recorded() -> list[Answer]:
            return self._run(self.plan.lesson.source, self._items, record=True)

        kept = self._kept("inputs", self._items, recorded)
        return {name: result.inputs for name, result in kept.items()}

    @cached_property
    def _items(self) -> list[Item]:
        return list(self.plan.items.values())

    def _reference_answers(self) -> list[Answer]:
        """Run the reference; raises BrokenReference where it fails or says what nobody can match.

        An observation that was cut at the wall differs even from itself.
        """
        answers = self._run(self.plan.lesson.source, self._items)
        for item, answer in zip(self._items, answers, strict=True):
            result, where = Result(answer), f"{self.plan.lesson.name}: {item.name}"
            if result.outcome is not Outcome.RETURNED:
                why = f"{result.outcome} {result.detail}"
                if result.outcome is Outcome.RAISED:
                    why = f"{result.error.type}: {result.error.message}"
                raise BrokenReference(f"{where} fails: {why}")
            if result.printed or compare(result.value, result.value):
                raise BrokenReference(f"{where} prints, or observes more than can be compared")
        return answers

    def mistakes(self, exercise: str) -> list[tuple[Mistake, Results]]:
        """Each known mistake of an exercise, with its results for the exercise's own items."""
        if exercise not in self._mistakes:
            self._mistakes[exercise] = [
                (mistake, self._mistake(mistake))
                for mistake in self.plan.declarations.mistakes
                if mistake.exercise == exercise
            ]
        return self._mistakes[exercise]

    def dependencies(self, exercise: str) -> set[str]:
        """The names of the items of other exercises that fail while this one is a stub."""
        if exercise not in self._dependencies:
            self._dependencies[exercise] = self._dependents(exercise)
        return self._dependencies[exercise]

    def _dependents(self, exercise: str) -> set[str]:
        items = [item for item in self.plan.items.values() if item.exercise != exercise]
        source = self.plan.lesson.stub({exercise})
        results = self._kept(f"stub {exercise}", items, lambda: self._run(source, items))
        return {item.name for item in items if self.differs(item, results[item.name])}

    def files(self, exercises: Iterable[str]) -> dict[str, bytes]:
        """What the key of these exercises is kept in, by the files' names; it is made first.

        Another key of the same lesson, seed and engine finds them in its own folder.
        """
        _ = self.reference, self.inputs
        for exercise in exercises:
            self.dependencies(exercise)
            self.mistakes(exercise)
        return self._cache.files(self._names)

    def differs(self, item: Item, result: Result) -> Difference | None:
        """How a result differs from the reference's, with the check's own tolerance."""
        return difference(self.reference[item.name], result, self.plan.tolerance(item))

    def under(
        self, part: str, items: Sequence[Item], edits: Sequence[Edited], seconds: float
    ) -> list[Results]:
        """The results of some items with each of some functions in the reference's place.

        part: what the edits are made of, for the name under which their answers are kept. What has
        not run in so many seconds has timed out; a busy machine may take longer.
        """
        attempts = [_attempt(n, item, edit) for n, edit in enumerate(edits) for item in items]

        def run() -> list[Answer]:
            job = self.plan.job([(self.plan.lesson.source, 1)], "<reference>", self.seed)
            budget = Budget(work=seconds, seconds=seconds)
            answers = self._pool.run(job, attempts, budget=budget, seconds=BUSY * seconds).answers
            return [answers[attempt.name] for attempt in attempts]

        found = self._kept(part, attempts, run, (Fate.ANSWERED,)) if attempts else {}
        return [{item.name: found[f"{n} {item.name}"] for item in items} for n in range(len(edits))]

    def _mistake(self, mistake: Mistake) -> Results:
        items = self.plan.items_of(mistake.exercise)
        solution = self.plan.lesson.exercises[mistake.exercise].code
        try:
            source = self.plan.lesson.edited(mistake.exercise, mistake.applied(solution))
        except ValueError as error:
            raise CourseError(f"{self.plan.lesson.name}, a mistake: {error}") from error
        part = f"mistake {mistake.exercise} {source}"
        return self._kept(part, items, lambda: self._run(source, items))

    def _run(self, source: str, items: list[Item], *, record: bool = False) -> list[Answer]:
        job = self.plan.job([(source, 1)], "<reference>", self.seed, record=record)
        answers = self._pool.run(job, items).answers
        return [answers[item.name] for item in items]

    def _kept(
        self,
        part: str,
        items: Sequence[Item],
        make: Callable[[], list[Answer]],
        lasting: Collection[Fate] = (Fate.ANSWERED, Fate.TIMED_OUT),
    ) -> Results:
        """Answers as they were kept, or made now and kept where all of them have such a fate."""
        name = f"{self.plan.lesson.name}-{self._name(part)}.key"
        self._names.add(name)
        answers = self._cache.read(name)
        if answers is None or len(answers) != len(items):
            answers = make()
            # A process may die for want of memory, which says nothing about the lesson.
            if all(answer.fate in lasting for answer in answers):
                self._cache.write(name, answers)
        names = (item.name for item in items)
        return dict(zip(names, map(Result, answers), strict=True))

    def _name(self, part: str) -> str:
        return digest(self._origin.encode(), part.encode(), length=32)

    @cached_property
    def _origin(self) -> str:
        """A digest of everything that a key comes from."""
        engine = [path.read_text(encoding="utf-8") for path in far_side()]
        versions = [sys.version, version("torch"), version("numpy")]
        lesson = [self.plan.lesson.name, self.plan.lesson.source, self.plan.checks_source]
        parts = [*engine, *versions, *lesson, str(self.seed)]
        return digest(*(part.encode() for part in parts), length=64)


def _attempt(number: int, item: Item, edit: Edited) -> Item:
    return Attempt(
        exercise=item.exercise,
        name=f"{number} {item.name}",
        check=item.check,
        case=item.case,
        code=item.code,
        timeout=10 * ATTEMPT,
        of=item.name,
        edited=edit,
        seconds=ATTEMPT,
    )


def far_side() -> list[Path]:
    """The files that decide what an observation is: all that runs beyond the wall, and the plan."""
    beyond = [*(PACKAGE / "worker").rglob("*.py"), *(PACKAGE / "checks").glob("*.py")]
    return sorted([*beyond, Path(__file__).with_name("plan.py")])
