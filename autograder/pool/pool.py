"""Warm workers: hold them to their deadlines, kill and replace them.

Whatever a child does, the pool comes back with one `Answer` for each item: the child's frames
are counted, measured and timed here, and are not believed further than that.
"""

from __future__ import annotations

import contextlib
import marshal
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import CodeType

from autograder.pool.budget import BUSY, LOAD_TIMEOUT, Budget
from autograder.pool.processes import Child, Spawner, Starter, describe_status
from autograder.worker import posix
from autograder.worker.wire import (
    HEADER,
    LATE,
    MAX_BYTES,
    ItemMessage,
    Job,
    Message,
    signs,
    structure,
)

# How a process ended that started more threads than it may.
TOO_MANY_THREADS = "threads"
# Every so often a worker is looked at that gives nothing.
LOOK = 0.05
# torch and numpy start none behind the wall, and a pool of threads has 32.
MAX_THREADS = 64
# What sends so little at a time is read no more often than it takes to write more.
TRICKLE, PAUSE = 4096, 0.001
# Less than this is no time to wait for.
MOMENT = 0.001


@dataclass(frozen=True)
class Item:
    """One thing to run: case `case` of check number `check`, or the compiled examples in `code`."""

    exercise: str
    name: str
    check: int = -1
    case: int = 0
    code: tuple[tuple[str, CodeType], ...] = ()
    timeout: float = 10.0

    @property
    def is_examples(self) -> bool:
        return bool(self.code)

    @property
    def group(self) -> str:
        """What shares its time, and ends where one of it fails: an exercise."""
        return self.exercise

    def message(self) -> ItemMessage:
        if self.is_examples:
            return {"exercise": self.exercise, "name": self.name, "code": list(self.code)}
        return {
            "exercise": self.exercise,
            "name": self.name,
            "check": self.check,
            "case": self.case,
        }


class Fate(StrEnum):
    """What became of an item."""

    ANSWERED = "answered"
    TIMED_OUT = "timed out"
    DIED = "died"
    MALFORMED = "malformed"


@dataclass(frozen=True)
class Answer:
    """What became of one item; `payload` is the frame's bytes where it was answered."""

    fate: Fate
    payload: bytes = b""
    detail: str = ""


@dataclass(frozen=True)
class Run:
    """The answers to one job: how the loading went, and one answer an item, by the item's name."""

    load: Answer
    answers: dict[str, Answer]


def _starter(method: str) -> Starter:
    if method != "fork":
        return Spawner()
    from autograder.pool.forking import Template

    return Template()


class Interrupted(BaseException):
    """A run was to end before its time: somebody wants no answer any more."""


class Pool:
    """Workers for jobs of any number of threads; use it as a context manager.

    `method` is "fork" or "spawn"; by default GRADSCHOOL_START, else what the system can do.
    `longest` caps the seconds of every exercise. With `confined`, nothing runs where the system
    cannot shut it in. While `stopped()` holds, runs end with Interrupted.
    """

    def __init__(self, method: str | None = None, *, confined: bool = False):
        default = "fork" if posix.CAN_FORK else "spawn"
        self.method = method or os.environ.get("GRADSCHOOL_START") or default
        self.longest = math.inf
        self.stopped: Callable[[], bool] = lambda: False
        self._confined = confined
        self._running: set[Child] = set()
        self._starter = _starter(self.method)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._starter.close()

    def interrupt(self) -> None:
        """From another thread: end at once what runs now; `stopped` is to hold already."""
        for child in list(self._running):
            child.end()

    def budget(self) -> Budget:
        """What one submission may use."""
        return Budget(self.longest)

    def run(
        self,
        job: Job,
        items: Sequence[Item],
        load_timeout: float = 0.0,
        budget: Budget | None = None,
        *,
        seconds: float = math.inf,
    ) -> Run:
        """Run a job's items; one that hangs or kills its process costs only its own exercise.

        A job without items is loaded all the same. load_timeout: how many seconds the file may take
        to load, where that is not as usual. budget: what is left for the submission. What has not
        run after `seconds` by the clock has timed out.
        """
        answers: dict[str, Answer] = {}
        budget, load = budget or self.budget(), None
        budget.deadline = min(budget.deadline, time.monotonic() + seconds)
        budget.load_timeout = load_timeout or LOAD_TIMEOUT
        while (left := [item for item in items if item.name not in answers]) or load is None:
            self._refuse_when_stopped()
            with self._started(job, left, budget) as frames:
                load = frames.load()
                if load.fate is Fate.ANSWERED:
                    answers |= _collected(frames, left, budget)
                else:
                    answers |= _all(left, load)
            if budget.is_over:
                answers = _all(left, Answer(Fate.TIMED_OUT)) | answers
        self._refuse_when_stopped()
        return Run(load, answers)

    def _refuse_when_stopped(self) -> None:
        if self.stopped():
            raise Interrupted

    @contextlib.contextmanager
    def _started(self, job: Job, items: list[Item], budget: Budget) -> Iterator[_Frames]:
        sent = [_timed(item, budget) for item in items]
        message: Message = {
            **job,
            "confined": self._confined,
            "items": sent,
            "load_timeout": min(budget.load_timeout, budget.statement_timeout),
        }
        child = self._starter.start(job.get("early", ()))
        self._running.add(child)
        try:
            child.send(marshal.dumps(dict(message)))
            yield _Frames(child, budget)
        finally:
            self._running.discard(child)
            child.close()


def _timed(item: Item, budget: Budget) -> ItemMessage:
    """An item's message, with the time that its process has where it has no time of its own."""
    message = item.message()
    if "seconds" in message:
        return message
    return {**message, "timeout": budget.item(item.timeout, 0.0)}


def _collected(frames: _Frames, items: list[Item], budget: Budget) -> dict[str, Answer]:
    """The answers until one fails, which then stands for what is left of its exercise."""
    answers: dict[str, Answer] = {}
    for item in items:
        answer = answers[item.name] = frames.item(item)
        if answer.fate is not Fate.ANSWERED:
            budget.patience -= answer.fate is Fate.TIMED_OUT
            rest = [each for each in items if each.group == item.group]
            return _all(rest, answer) | answers
    return answers


def _all(items: Iterable[Item], answer: Answer) -> dict[str, Answer]:
    """The same answer for each of the items."""
    return {item.name: answer for item in items}


class _Frames:
    """The frames of one child, each waited for no longer than its deadline."""

    def __init__(self, child: Child, budget: Budget):
        self._child, self._budget = child, budget
        self._buffer = bytearray()
        self._charged = 0.0
        self._spent: defaultdict[str, float] = defaultdict(float)

    def load(self) -> Answer:
        """How the loading went."""
        answer = self._next("", self._budget.left(self._budget.load_timeout))
        self._budget.hurry(self._charge(answer))
        return answer

    def item(self, item: Item) -> Answer:
        """The answer to the item that is due."""
        left = self._budget.item(item.timeout, self._spent[item.group])
        answer = self._next(item.exercise, left)
        self._spent[item.group] += self._charge(answer)
        return answer

    def _charge(self, answer: Answer) -> float:
        """Charge the budget with what the child has used since it was last asked."""
        before, self._charged = self._charged, self._child.charged()
        seconds = self._charged - before
        self._budget.charge(seconds, answered=answer.fate is Fate.ANSWERED)
        return seconds

    def _next(self, exercise: str, seconds: float) -> Answer:
        latest = min(time.monotonic() + BUSY * seconds, self._budget.deadline)
        while True:
            if answer := self._cut(exercise):
                return answer
            left = self._charged + seconds - self._child.charged()
            if left < MOMENT or time.monotonic() > latest:
                return Answer(Fate.TIMED_OUT)
            part = self._child.read(min(left, LOOK))
            if part == b"":
                return Answer(Fate.DIED, detail=describe_status(self._child.end()))
            if self._child.threads > MAX_THREADS:
                return Answer(Fate.DIED, detail=TOO_MANY_THREADS)
            self._buffer += part or b""
            if part is not None and len(part) < TRICKLE and not self._is_whole:
                time.sleep(PAUSE)

    @property
    def _end(self) -> int:
        """Where the first frame ends, as it says itself; 0 as long as it does not."""
        is_said = len(self._buffer) >= HEADER.size
        return HEADER.size + int(HEADER.unpack_from(self._buffer)[0]) if is_said else 0

    @property
    def _is_whole(self) -> bool:
        return 0 < self._end <= len(self._buffer)

    def _cut(self, exercise: str) -> Answer | None:
        """The first frame of the buffer, where it is whole or will never be."""
        if (end := self._end) > MAX_BYTES:
            return Answer(Fate.MALFORMED, detail=f"an observation of {end} bytes")
        if not self._is_whole:
            return None
        frame = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        if too_much := self._budget.takes(exercise, end, signs(frame[: structure(frame)])):
            return Answer(Fate.MALFORMED, detail=too_much)
        if frame.startswith(LATE):
            return Answer(Fate.TIMED_OUT, frame[len(LATE) :])
        return Answer(Fate.ANSWERED, frame)
