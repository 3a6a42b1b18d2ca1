"""Warm workers: hold them to their deadlines, kill and replace them.

Whatever a child does, the pool comes back with one `Answer` for each item: the child's frames
are counted, measured and timed here, and are not believed further than that.
"""

from __future__ import annotations

import contextlib
import marshal
import math
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.frames import HEADER, MAX_BYTES
from autograder.processes import Child, Spawner, Template, describe_status

MAX_JOB_BYTES = 2 * MAX_BYTES
LOAD_TIMEOUT = 10.0
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

    def run(self, job: dict[str, Any], items: list[Item]) -> Run:
        """Run a job's items; one that hangs or kills its process costs only its own exercise."""
        left = list(enumerate(items))
        answers: list[Answer | None] = [None] * len(items)
        load, hanging, begun = Answer("died"), 0, time.monotonic()
        while True:
            if time.monotonic() - begun > LONGEST_RUN:
                return Run(load, [answer or Answer("timed out") for answer in answers])
            with self._started(job, [item for _, item in left]) as frames:
                load = frames.next(LOAD_TIMEOUT)
                if load.kind != "answered":
                    return Run(load, [answer or load for answer in answers])
                longest = SHORT_TIMEOUT if hanging >= PATIENCE else self.longest
                failed = _collect(frames, left, answers, longest)
            if failed is None:
                return Run(load, answers)
            hanging += failed[1].kind == "timed out"
            left = _without(left, *failed, answers)
            if not left:
                return Run(load, answers)

    @contextlib.contextmanager
    def _started(self, job: dict[str, Any], items: list[Item]) -> Iterator[_Frames]:
        sent = [item.message() for item in items]
        message = {**job, "limits": LIMITS, "confined": self._confined, "items": sent}
        child = self._starter.start()
        frames = _Frames(child)
        try:
            child.send(marshal.dumps(message))
            frames.begin()
            yield frames
        finally:
            frames.end()


def _collect(frames, left, answers, longest: float) -> tuple[str, Answer] | None:
    """Fill in the answers until one fails; then the exercise at fault and its answer."""
    spent: dict[str, float] = {}
    for index, item in left:
        begun = time.monotonic()
        timeout = min(item.timeout, longest)
        answer = frames.next(timeout - spent.get(item.exercise, 0.0))
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


class _Frames:
    """The frames of one child, read by a thread so that waiting for them can have a deadline."""

    def __init__(self, child: Child):
        self._child = child
        self._queue: queue.SimpleQueue[bytes | str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def next(self, timeout: float) -> Answer:
        try:
            frame = self._queue.get(timeout=max(timeout, 0.001))
        except queue.Empty:
            return Answer("timed out")
        if isinstance(frame, bytes):
            return Answer("answered", frame)
        if frame == "end":
            return Answer("died", detail=describe_status(self._child.end()))
        return Answer("malformed", detail=frame)

    def end(self) -> None:
        self._child.end()
        if self._thread.ident is not None:
            self._thread.join()
        self._child.close()

    def _read(self) -> None:
        buffer, total = bytearray(), 0
        while part := self._child.read():
            buffer += part
            total += len(part)
            if total > MAX_JOB_BYTES:
                self._queue.put(f"more than {MAX_JOB_BYTES // 2**20} MiB of observations")
                return
            while len(buffer) >= HEADER.size:
                end = HEADER.size + HEADER.unpack_from(buffer)[0]
                if end > MAX_BYTES:
                    self._queue.put(f"an observation of {end} bytes")
                    return
                if len(buffer) < end:
                    break
                self._queue.put(bytes(buffer[HEADER.size : end]))
                del buffer[:end]
        self._queue.put("end")
