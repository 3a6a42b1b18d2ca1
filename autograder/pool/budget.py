"""What a submission may use of a grader, over all the processes that it is run in."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import dataclass, field

from autograder.worker.wire import MAX_BYTES

# Seconds that are charged (see `Clock`): of loading; of what is cut to its definitions, after it
# did not end in that time; of all that answers; and of everything, what hangs included.
LOAD_TIMEOUT = 10.0
CUT_LOAD_TIMEOUT = 3.0
LONGEST_WORK = 30.0
LONGEST_RUN = 50.0
# On a busy machine they may last so many times as long.
BUSY = 5
# After this many hanging exercises the rest of the file gets less time: it will hang there too.
PATIENCE = 2
SHORT_TIMEOUT = 2.0
# The observations of every exercise may have so many bytes, and signs that part values; beyond
# that all share the rest, so that a flood costs the exercise that sends it.
OWN_BYTES, MORE_BYTES = 2**20, MAX_BYTES
OWN_SIGNS, MORE_SIGNS = 20_000, 100_000


@dataclass
class Budget:
    """What is left; one is for all runs of a submission.

    `longest` caps the seconds of an exercise, `load_timeout` those of loading; `patience` is how
    many more exercises may hang before that cap gets short.
    """

    longest: float = math.inf
    patience: int = PATIENCE
    load_timeout: float = LOAD_TIMEOUT
    statement_timeout: float = math.inf
    work: float = LONGEST_WORK
    seconds: float = LONGEST_RUN
    bytes_left: int = MORE_BYTES
    signs_left: int = MORE_SIGNS
    deadline: float = field(default_factory=lambda: time.monotonic() + BUSY * LONGEST_RUN)
    _bytes: defaultdict[str, int] = field(default_factory=lambda: defaultdict(lambda: OWN_BYTES))
    _signs: defaultdict[str, int] = field(default_factory=lambda: defaultdict(lambda: OWN_SIGNS))

    def charge(self, seconds: float, *, answered: bool) -> None:
        self.seconds -= seconds
        if answered:
            self.work -= seconds

    def hurry(self, seconds: float) -> None:
        """Where loading has taken so long, a statement was stopped: stop it sooner next time."""
        if seconds > 0.75 * self.load_timeout:
            self.statement_timeout = SHORT_TIMEOUT

    @property
    def is_over(self) -> bool:
        return min(self.seconds, self.work) <= 0 or time.monotonic() > self.deadline

    def left(self, timeout: float, spent: float = 0.0) -> float:
        """How many seconds something may still take that has taken `spent` of its timeout."""
        return min(timeout - spent, self.work, self.seconds)

    def item(self, timeout: float, spent: float) -> float:
        """The same for an item of an exercise."""
        longest = self.longest if self.patience > 0 else SHORT_TIMEOUT
        return self.left(min(timeout, longest), spent)

    def takes(self, exercise: str, size: int, signs: int = 0) -> str:
        """Count what an exercise has sent; a sentence's end where it is too much."""
        self.bytes_left -= _beyond(self._bytes, exercise, size)
        self.signs_left -= _beyond(self._signs, exercise, signs)
        if self.bytes_left < 0:
            self.bytes_left = 0
            return "more bytes of observations than are taken"
        if self.signs_left < 0:
            self.signs_left = 0
            return "more values than are taken"
        return ""


def _beyond(own: defaultdict[str, int], exercise: str, size: int) -> int:
    """Take from what is an exercise's own; how much is not covered by it."""
    covered = min(own[exercise], size)
    own[exercise] -= covered
    return size - covered
