"""One try of an open task: the learner's function on hidden inputs behind the wall, and its score.

What is wanted of an input never enters the process that sees it. Each round has a process of its
own, and so has each token of an answer: no process remembers what another one saw.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy

from autograder.checks.tasks import EXACT, Asked, Task
from autograder.grading.comparison import Difference
from autograder.grading.explain import Explainer
from autograder.grading.plan import Plan, Seed
from autograder.grading.result import Failure, Outcome, Result
from autograder.grading.tasks.renaming import Renaming
from autograder.grading.tasks.scoring import first_unlike, logits_of, losses, means
from autograder.lessons.definitions import definitions_only
from autograder.lessons.errors import CourseError
from autograder.lessons.submission import Submission
from autograder.lessons.units import Unit
from autograder.lessons.weights import Array, Weights
from autograder.pool.budget import Budget
from autograder.pool.forward import Forward
from autograder.pool.pool import Pool
from autograder.worker.wire import Job, Numbers

# Of inputs in one process.
MOST_INPUTS = 8000


@dataclass(frozen=True)
class Tried:
    """What became of a try: the score of each part of the inputs, or why there is none.

    place: the learner's own line where an error arose.
    """

    parts: dict[str, float] = field(default_factory=dict)
    problem: str = ""
    place: str = ""

    def score(self, task: Task) -> float:
        """That of the worst part."""
        return min(self.parts.values()) if task.score == EXACT else max(self.parts.values())


class _Failed(Exception):
    """The function gave nothing that can be scored."""


@dataclass
class Trial:
    """A submission's function with its weights; `tried` draws inputs and scores it."""

    plan: Plan
    task: Task
    submission: Submission
    weights: Weights
    pool: Pool

    def __post_init__(self) -> None:
        self._reference = Submission("<reference>", [Unit(self.plan.lesson.source)])

    def tried(self, seed: Seed, words: Sequence[str] = ()) -> Tried:
        """Draw the hidden inputs by a seed, run the function on them, and score what it returns.

        words: the data set that the task draws from.
        """
        if self.task.draws is None:
            raise CourseError(f"{self.task.id} has no function under `@....hidden`")
        chance = random.Random(f"{seed}/{self.task.id}")
        asked = list(self.task.draws(chance, words))
        tokens = {token for each in asked for token in (*each.given, *each.wanted)}
        if not asked or not tokens <= set(range(self.task.vocabulary)):
            raise CourseError(
                f"{self.task.id} draws no inputs, or tokens that are not below "
                f"{self.task.vocabulary}"
            )
        self._renaming = Renaming.drawn(self.task, chance)
        self._moved = self._renaming.weights(self.weights, self.task.renamed)
        self._budgets = {each.path: self._budget() for each in (self.submission, self._reference)}
        try:
            score = self._answered if self.task.score == EXACT else self._predicted
            return Tried(means(value for each in _rounds(asked) for value in score(each)))
        except _Failed as error:
            return Tried(problem=error.args[0], place=error.args[1])

    def _predicted(self, asked: Sequence[Asked]) -> Iterable[tuple[str, float]]:
        """The loss of each input."""
        logits = self._logits(numpy.asarray([each.given for each in asked]))
        lost = losses(logits, [each.wanted[0] for each in asked])
        return zip((each.among for each in asked), lost.tolist(), strict=True)

    def _answered(self, asked: Sequence[Asked]) -> Iterable[tuple[str, float]]:
        """Whether each answer is right, when the likeliest token is appended again and again."""
        tokens = numpy.asarray([each.given for each in asked])
        wanted = numpy.asarray([each.wanted for each in asked])
        for _ in range(wanted.shape[1]):
            likeliest = self._logits(tokens).argmax(1)
            tokens = numpy.concatenate([tokens, likeliest[:, None]], 1)
        right = (tokens[:, -wanted.shape[1] :] == wanted).all(1)
        return zip((each.among for each in asked), right.astype(float).tolist(), strict=True)

    def _logits(self, tokens: Array) -> Array:
        """The submission's logits; those of the author's function must be the same where wanted."""
        logits = self._run(self.submission, tokens)
        if self.task.as_reference:
            row = first_unlike(logits, self._run(self._reference, tokens))
            if row is not None:
                raise _Failed(
                    f"{self.task.id} does not compute what the model of its text computes with "
                    f"these weights: the logits differ for the input {tokens[row].tolist()}",
                    "",
                )
        return self._renaming.logits(logits)

    def _run(self, submission: Submission, tokens: Array) -> Array:
        inputs = self._renaming.tokens(tokens)
        item = Forward(
            exercise=self.task.id,
            name=self.task.id,
            timeout=self.task.seconds,
            inputs=_numbers(inputs, "<i8"),
        )
        budget = self._budgets[submission.path]
        run = self.pool.run(self._job(submission), [item], budget=budget)
        result = Result(run.answers[item.name])
        if result.outcome is not Outcome.RETURNED:
            raise self._failed(submission, item, result)
        try:
            return logits_of(result.value, len(tokens), self.task.vocabulary)
        except ValueError as error:
            raise _Failed(f"{self.task.id}: {error}", "") from None

    def _job(self, submission: Submission) -> Job:
        cut = definitions_only(submission)
        job = self.plan.job(cut.sources(), cut.path, 0)
        job["seeds"] = {self.task.id: 0}
        job["files"], job["dropped"] = cut.files(), sorted(cut.dropped)
        job["weights"] = {name: _numbers(each, "<f4") for name, each in self._moved.items()}
        return job

    def _budget(self) -> Budget:
        """All rounds of a try have their seconds together."""
        seconds = self.task.seconds
        return Budget(load_timeout=seconds, work=seconds, seconds=seconds)

    def _failed(self, submission: Submission, item: Forward, result: Result) -> _Failed:
        if submission is self._reference:
            return _Failed(f"{self.task.id} cannot be compared: the model does not fit them", "")
        failure = Failure(item, result, Difference(result.outcome.kind, "", "logits", ""))
        trouble = Explainer(self.plan, submission).failure(self.task.id, failure)
        if "NotImplementedError" in trouble.message:
            return _Failed(f"{self.task.id} is still to do", trouble.place)
        return _Failed(f"{self.task.id}: {trouble.message}", trouble.place)


def _rounds(asked: Iterable[Asked]) -> Iterable[list[Asked]]:
    """The inputs that are seen together."""
    found: defaultdict[int, list[Asked]] = defaultdict(list)
    for each in asked:
        found[each.round].append(each)
    for same in found.values():
        yield from (same[n : n + MOST_INPUTS] for n in range(0, len(same), MOST_INPUTS))


def _numbers(array: Array, dtype: str) -> Numbers:
    return array.shape, numpy.ascontiguousarray(array, dtype).tobytes()
