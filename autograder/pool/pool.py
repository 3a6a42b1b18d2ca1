"""Warm workers: hold them to their deadlines, kill and replace them.

Whatever a child does, the pool comes back with one `Answer` for each item: the child's frames
are counted, measured and timed here, and are not believed further than that.
"""

from __future__ import annotations

import contextlib
import marshal
import math
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import CodeType

from autograder.pool.processes import Child, Spawner, Template, describe_status
from autograder.worker.wire import (
    HEADER,
    MAX_BYTES,
    MAX_JOB_BYTES,
    MAX_STRUCTURE,
    SMALL_STRUCTURE,
    ItemMessage,
    Job,
    Limits,
    Message,
    structure,
)

LOAD_TIMEOUT = 10.0
# Of a file that is cut to its definitions, after it did not end in the time above.
CUT_LOAD_TIMEOUT = 3.0
# After this many hanging exercises the rest of the file gets less time: it will hang there too.
PATIENCE = 2
SHORT_TIMEOUT = 2.0
# Processes that end slowly, one after another, do not take a class's time either.
LONGEST_RUN = 120.0
LIMITS: Limits = {"memory": 2 * 2**30, "cpu_seconds": 300}


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


@dataclass(frozen=True)
class Attempt(Item):
    """An item run with an edited function in place: one that fails costs nothing but itself.

    `of` is the item's own name; `edited` is (owner, name, code of `make`); `seconds` is when it is
    interrupted. With `traced` the lines that ran are told.
    """

    of: str = ""
    edited: tuple[str, str, CodeType] | None = None
    seconds: float = 0.0
    traced: bool = False

    @property
    def group(self) -> str:
        return self.name

    def message(self) -> ItemMessage:
        message = super().message()
        message |= {"name": self.of, "seconds": self.seconds, "traced": self.traced}
        return message | {"edited": self.edited} if self.edited else message


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


@dataclass
class Budget:
    """What one job may still use, over all its processes.

    `longest` caps the seconds of an exercise, `load_timeout` those of loading; `patience` is how
    many more exercises may hang before that cap gets short; `deadline` is when the run has to end;
    `bytes_left` is for frames, and `structure_left` for that part of the large ones that has to be
    parsed.
    """

    longest: float = math.inf
    patience: int = PATIENCE
    deadline: float = field(default_factory=lambda: time.monotonic() + LONGEST_RUN)
    bytes_left: int = MAX_JOB_BYTES
    structure_left: int = MAX_STRUCTURE
    load_timeout: float = LOAD_TIMEOUT
    statement_timeout: float = math.inf

    def hurry(self, seconds: float) -> None:
        """Where loading has taken so long, a statement was stopped: stop it sooner next time."""
        if seconds > 0.75 * self.load_timeout:
            self.statement_timeout = SHORT_TIMEOUT

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.deadline

    def seconds(self, item: Item, spent: float) -> float:
        """How long to wait for an item whose exercise has taken `spent` seconds so far."""
        longest = self.longest if self.patience > 0 else SHORT_TIMEOUT
        return min(min(item.timeout, longest) - spent, self.deadline - time.monotonic())


class Interrupted(Exception):
    """A run was to end before its time: somebody wants no answer any more."""


class Pool:
    """Workers for jobs of any number of threads; use it as a context manager.

    `method` is "fork" or "spawn"; by default GRADSCHOOL_START, else what the system can do.
    `longest` caps the wall time in seconds of every exercise. With `confined`, nothing runs where
    the system cannot shut it in. While `stopped()` holds, runs end with Interrupted.
    """

    def __init__(self, method: str | None = None, *, confined: bool = False):
        default = "fork" if sys.platform == "linux" else "spawn"
        self.method = method or os.environ.get("GRADSCHOOL_START") or default
        self.longest = math.inf
        self.stopped: Callable[[], bool] = lambda: False
        self._confined = confined
        self._running: set[Child] = set()
        self._starter = Template() if self.method == "fork" else Spawner()

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

    def run(
        self,
        job: Job,
        items: Sequence[Item],
        load_timeout: float = 0.0,
        seconds: float = LONGEST_RUN,
    ) -> Run:
        """Run a job's items; one that hangs or kills its process costs only its own exercise.

        A job without items is loaded all the same. load_timeout: how many seconds the file may take
        to load, where that is not as usual. What has not run after `seconds` has timed out.
        """
        answers: dict[str, Answer] = {}
        budget, load = Budget(self.longest, load_timeout=load_timeout or LOAD_TIMEOUT), None
        budget.deadline = min(budget.deadline, time.monotonic() + seconds)
        while (left := [item for item in items if item.name not in answers]) or load is None:
            self._refuse_when_stopped()
            with self._started(job, left, budget) as frames:
                begun = time.monotonic()
                load = frames.next(budget.load_timeout)
                budget.hurry(time.monotonic() - begun)
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
        sent = [item.message() for item in items]
        message: Message = {
            **job,
            "limits": LIMITS,
            "confined": self._confined,
            "items": sent,
            "load_timeout": min(budget.load_timeout, budget.statement_timeout),
        }
        child = self._starter.start()
        self._running.add(child)
        try:
            child.send(marshal.dumps(dict(message)))
            yield _Frames(child, budget)
        finally:
            child.end()
            self._running.discard(child)
            child.close()


def _collected(frames: _Frames, items: list[Item], budget: Budget) -> dict[str, Answer]:
    """The answers until one fails, which then stands for what is left of its exercise."""
    answers: dict[str, Answer] = {}
    spent: defaultdict[str, float] = defaultdict(float)
    for item in items:
        begun = time.monotonic()
        answer = answers[item.name] = frames.next(budget.seconds(item, spent[item.group]))
        if answer.fate is not Fate.ANSWERED:
            budget.patience -= answer.fate is Fate.TIMED_OUT
            rest = [each for each in items if each.group == item.group]
            return _all(rest, answer) | answers
        spent[item.group] += time.monotonic() - begun
    return answers


def _all(items: Iterable[Item], answer: Answer) -> dict[str, Answer]:
    """The same answer for each of the items."""
    return {item.name: answer for item in items}


class _Frames:
    """The frames of one child, each waited for no longer than its deadline."""

    def __init__(self, child: Child, budget: Budget):
        self._child, self._budget = child, budget
        self._buffer = bytearray()

    def next(self, timeout: float) -> Answer:
        deadline = time.monotonic() + timeout
        while True:
            if frame := self._cut():
                return frame
            left = deadline - time.monotonic()
            part = self._child.read(left) if left > 0 else None
            if part is None:
                return Answer(Fate.TIMED_OUT)
            if not part:
                return Answer(Fate.DIED, detail=describe_status(self._child.end()))
            self._buffer += part
            self._budget.bytes_left -= len(part)
            if self._budget.bytes_left < 0:
                detail = f"more than {MAX_JOB_BYTES // 2**20} MiB of observations"
                return Answer(Fate.MALFORMED, detail=detail)

    def _cut(self) -> Answer | None:
        """The first frame of the buffer, where it is whole or will never be."""
        if len(self._buffer) < HEADER.size:
            return None
        end = HEADER.size + int(HEADER.unpack_from(self._buffer)[0])
        if end > MAX_BYTES:
            return Answer(Fate.MALFORMED, detail=f"an observation of {end} bytes")
        if len(self._buffer) < end:
            return None
        frame = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        if (size := structure(frame)) > SMALL_STRUCTURE:
            self._budget.structure_left -= size
            if self._budget.structure_left < 0:
                detail = f"more than {MAX_STRUCTURE // 2**20} MiB of structure"
                return Answer(Fate.MALFORMED, detail=detail)
        return Answer(Fate.ANSWERED, frame)
