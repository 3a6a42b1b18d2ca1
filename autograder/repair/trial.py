"""Trying edits of one exercise behind the wall, many to a process, and looking at what they yield.

Nothing expected is sent: the observations come out and are compared here, as in every grading.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from autograder.grading.findings import Findings
from autograder.grading.result import UNREADABLE, Result, line_number, value_of
from autograder.pool.attempt import Attempt
from autograder.pool.pool import Answer, Fate, Item, Pool
from autograder.worker.wire import Edited, Job

# An edit may take this many seconds, and this many times as long as the reference.
SECONDS, TIMES = 0.15, 10
# The grader waits a little longer than the far side, which interrupts the edit itself.
GRACE = 0.5
# Edits in one process: few at first, so that what is likely is known soon.
FEWEST, MOST = 12, 48
WORKERS = 2

Numbered = tuple[int, Edited]


class Trial:
    """Runs edited versions of one exercise of a submission until `seconds` are over."""

    def __init__(
        self,
        findings: Findings,
        exercise: str,
        references: Sequence[str],
        pool: Pool,
        seconds: float,
    ):
        self.findings, self.exercise = findings, exercise
        self._pool, self._references = pool, references
        self._end = self._until = time.monotonic() + seconds

    @property
    def rest(self) -> float:
        """The seconds that are left of the whole search."""
        return self._end - time.monotonic()

    @property
    def left(self) -> float:
        """The seconds that may be spent now."""
        return min(self._until, self._end) - time.monotonic()

    def spend(self, seconds: float) -> None:
        """Spend no more than these for what comes next."""
        self._until = time.monotonic() + seconds

    def job(self) -> Job:
        return self.findings.job(self._references)

    def attempt(
        self, item: Item, edited: Edited | None, number: int = 0, *, traced: bool = False
    ) -> Attempt:
        return Attempt(
            exercise=item.exercise,
            name=f"{number} {item.name}",
            check=item.check,
            case=item.case,
            code=item.code,
            timeout=SECONDS * TIMES + GRACE,
            of=item.name,
            edited=edited,
            seconds=SECONDS * TIMES if traced else SECONDS,
            traced=traced,
        )

    def lines(self, item: Item, edited: Edited | None = None) -> tuple[Result, list[int]]:
        """What an item yields now, and the submission's lines that ran, as it claims."""
        attempt = self.attempt(item, edited, traced=True)
        answer = self._pool.run(self.job(), [attempt], seconds=self.left).answers[attempt.name]
        return Result(answer), _lines(answer)

    def results(self, item: Item, edits: Sequence[Edited]) -> list[Result]:
        """What one item yields under each of some edits."""
        attempts = [self.attempt(item, edited, n) for n, edited in enumerate(edits)]
        answers = self._pool.run(self.job(), attempts, seconds=max(self.left, 0.0)).answers
        return [Result(answers[attempt.name]) for attempt in attempts]

    def each(self, items: Sequence[Item], edited: Edited) -> list[Result]:
        """What each of some items yields under one edit."""
        attempts = [self.attempt(item, edited, n) for n, item in enumerate(items)]
        answers = self._pool.run(self.job(), attempts, seconds=max(self.left, 0.0)).answers
        return [Result(answers[attempt.name]) for attempt in attempts]

    def in_turn(self, item: Item, edits: Iterator[Numbered]) -> Iterator[tuple[int, Result]]:
        """The results of numbered edits, in their order, as far as the time reaches.

        Two processes work side by side, and the next edits are made while they do.
        """
        workers, size = ThreadPoolExecutor(WORKERS), FEWEST
        waiting = deque[tuple[list[Numbered], Future[list[Result]]]]()
        try:
            while self.left > 0:
                while len(waiting) < WORKERS and (batch := _some(edits, size)):
                    codes = [edited for _, edited in batch]
                    waiting.append((batch, workers.submit(self.results, item, codes)))
                    size = min(2 * size, MOST)
                if not waiting:
                    return
                batch, future = waiting.popleft()
                if more := _some(edits, size):
                    codes = [edited for _, edited in more]
                    waiting.append((more, workers.submit(self.results, item, codes)))
                for (number, _), result in zip(batch, future.result(), strict=True):
                    yield number, result
        finally:  # nobody waits for what is on its way
            workers.shutdown(wait=False, cancel_futures=True)


def _some(edits: Iterator[Numbered], count: int) -> list[Numbered]:
    return list(itertools.islice(edits, count))


def _lines(answer: Answer) -> list[int]:
    if answer.fate is not Fate.ANSWERED:
        return []
    try:
        return [line_number(node) for node in value_of(Result(answer).told("lines"), "list")]
    except UNREADABLE:
        return []
