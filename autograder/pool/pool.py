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
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.pool.processes import Child, Spawner, Template, describe_status
from autograder.worker.wire import HEADER, MAX_BYTES, MAX_JOB_BYTES

LOAD_TIMEOUT = 10.0
# Of a file that is cut to its definitions, after it did not end in the time above.
CUT_LOAD_TIMEOUT = 3.0
# After this many hanging exercises the rest of the file gets less time: it will hang there too.
PATIENCE = 2
SHORT_TIMEOUT = 2.0
# Processes that end slowly, one after another, do not take a class's time either.
LONGEST_RUN = 120.0
LIMITS = {"memory": 2 * 2**30, "cpu_seconds": 300}


@dataclass(frozen=True)
class Item:
    """One thing to run: case `case` of check number `check`, or the compiled examples in `code`."""

    exercise: str
    name: str
    check: int = -1
    case: int = 0
    code: tuple = ()
    timeout: float = 10.0

    def message(self) -> dict[str, Any]:
        message = {"exercise": self.exercise, "name": self.name}
        if self.code:
            return {**message, "code": list(self.code)}
        return {**message, "check": self.check, "case": self.case}


@dataclass(frozen=True)
class Answer:
    """What became of one item: answered (with the frame's bytes), timed out, died or malformed."""

    kind: str
    payload: bytes = b""
    detail: str = ""


@dataclass
class Run:
    """The answers to one job: how the loading went, and one answer an item."""

    load: Answer
    answers: list[Answer] = field(default_factory=list)


class Pool:
    """Workers for any number of jobs, one at a time; use it as a context manager.

    `method` is "fork" or "spawn"; by default GRADSCHOOL_START, else what the system can do.
    `longest` caps the wall time in seconds of every exercise. With `confined`, nothing runs where
    the system cannot shut it in.
    """

    def __init__(self, method: str | None = None, *, confined: bool = False):
        default = "fork" if sys.platform == "linux" else "spawn"
        self.method = method or os.environ.get("GRADSCHOOL_START") or default
        self.longest = math.inf
        self._confined = confined
        self._starter = Template() if self.method == "fork" else Spawner()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._starter.close()

    def run(self, job: dict[str, Any], items: list[Item], load_timeout: float = 0.0) -> Run:
        """Run a job's items; one that hangs or kills its process costs only its own exercise.

        load_timeout: how many seconds the file may take to load, where that is not as usual.
        """
        load_timeout = load_timeout or LOAD_TIMEOUT
        job = {**job, "load_timeout": load_timeout}
        left = list(enumerate(items))
        answers: list[Answer | None] = [None] * len(items)
        load, hanging, end = Answer("died"), 0, time.monotonic() + LONGEST_RUN
        room = Room(MAX_JOB_BYTES)
        while True:
            if time.monotonic() > end:
                return Run(load, [answer or Answer("timed out") for answer in answers])
            with self._started(job, [item for _, item in left], room) as frames:
                begun = time.monotonic()
                load = frames.next(load_timeout)
                if time.monotonic() - begun > 0.75 * load_timeout:
                    # A statement was stopped; it need not take as long in the next process.
                    job = {**job, "load_timeout": min(SHORT_TIMEOUT, load_timeout)}
                if load.kind != "answered":
                    return Run(load, [answer or load for answer in answers])
                longest = SHORT_TIMEOUT if hanging >= PATIENCE else self.longest
                failed = _collect(frames, left, answers, longest, end)
            if failed is None:
                return Run(load, answers)
            hanging += failed[1].kind == "timed out"
            left = _without(left, *failed, answers)
            if not left:
                return Run(load, answers)

    @contextlib.contextmanager
    def _started(self, job: dict[str, Any], items: list[Item], room: Room) -> Iterator[_Frames]:
        sent = [item.message() for item in items]
        message = {**job, "limits": LIMITS, "confined": self._confined, "items": sent}
        child = self._starter.start()
        try:
            child.send(marshal.dumps(message))
            yield _Frames(child, room)
        finally:
            child.end()
            child.close()


def _collect(frames, left, answers, longest: float, end: float) -> tuple[str, Answer] | None:
    """Fill in the answers until one fails; then the exercise at fault and its answer.

    longest: seconds that an exercise may take. end: when the whole run has to end.
    """
    spent: dict[str, float] = {}
    for index, item in left:
        begun = time.monotonic()
        timeout = min(item.timeout, longest) - spent.get(item.exercise, 0.0)
        answer = frames.next(min(timeout, end - begun))
        answers[index] = answer
        if answer.kind != "answered":
            return item.exercise, answer
        spent[item.exercise] = spent.get(item.exercise, 0.0) + time.monotonic() - begun
    return None


def _without(left, exercise: str, answer: Answer, answers) -> list[tuple[int, Item]]:
    """What is still to be run after an exercise has ended its process."""
    remaining = []
    for index, item in left:
        if answers[index] is None and item.exercise == exercise:
            answers[index] = answer
        elif answers[index] is None:
            remaining.append((index, item))
    return remaining


@dataclass
class Room:
    """How many bytes of observations a job may still send, over all its processes."""

    left: int


class _Frames:
    """The frames of one child, each waited for no longer than its deadline."""

    def __init__(self, child: Child, room: Room):
        self._child, self._room = child, room
        self._buffer = bytearray()

    def next(self, timeout: float) -> Answer:
        deadline = time.monotonic() + timeout
        while True:
            if frame := self._cut():
                return frame
            left = deadline - time.monotonic()
            part = self._child.read(left) if left > 0 else None
            if part is None:
                return Answer("timed out")
            if not part:
                return Answer("died", detail=describe_status(self._child.end()))
            self._buffer += part
            self._room.left -= len(part)
            if self._room.left < 0:
                detail = f"more than {MAX_JOB_BYTES // 2**20} MiB of observations"
                return Answer("malformed", detail=detail)

    def _cut(self) -> Answer | None:
        """The first frame of the buffer, where it is whole or will never be."""
        if len(self._buffer) < HEADER.size:
            return None
        end = HEADER.size + HEADER.unpack_from(self._buffer)[0]
        if end > MAX_BYTES:
            return Answer("malformed", detail=f"an observation of {end} bytes")
        if len(self._buffer) < end:
            return None
        frame = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return Answer("answered", frame)
