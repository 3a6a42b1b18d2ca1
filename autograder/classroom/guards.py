"""Grading processes under guard: bounds of time and memory, and a new process for one that ends.

The processes are started by exec, never forked, and answer over a pipe, so that a guard can kill
one in whatever it is: also below another program's worker, such as Dask's, whose own processes may
have no children of `multiprocessing`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from autograder.classroom.graded import CRASHED, HANGING
from autograder.classroom.work import Done, KeyWanted, Place, Work, result
from autograder.lessons.errors import GradschoolError, Unusable

_PROCESS = "autograder.classroom.process"


@dataclass(frozen=True)
class Bounds:
    """For one submission, in all its parts: wall time in seconds, and bytes of memory.

    `start` is for a process that starts and imports torch, `key` for an answer key.
    """

    seconds: float = 600.0
    memory: int = 3 * 2**30
    start: float = 120.0
    key: float = 3600.0


class Ended(Exception):
    """A grading process has ended by itself; the text says how."""


class Late(Exception):
    """A grading process has not answered in time, and was killed."""


class Guard:
    """One process, started when it is first asked; not for several threads at a time.

    command: what starts it, a module and its arguments; a descriptor comes behind them. `serving`
    is its side. start: seconds that the first answer may take longer than the others.
    """

    def __init__(self, command: Sequence[str], start: float, folder: Path | None = None):
        self._command, self._seconds_to_start, self._folder = command, start, folder
        self._killed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def ask(self, request: Any, seconds: float) -> Any:
        """The answer to a request. Raises Ended, Late, or the GradschoolError that is answered."""
        if self._killed:
            raise Ended("stopped")
        if self._connection is None:
            self._start()
            seconds += self._seconds_to_start
        assert self._connection
        try:
            self._connection.send(request)
            if not self._connection.poll(seconds):
                self.close()
                raise Late
            answer = self._connection.recv()
        except (EOFError, OSError) as error:
            raise Ended(self.close()) from error
        if isinstance(answer, GradschoolError):
            raise answer
        return answer

    def kill(self) -> None:
        """End the process for good, also from another thread, which then meets Ended."""
        self._killed = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> str:
        """End the process, in whatever it is; how it had ended, where it had."""
        if self._process is None or self._connection is None:
            return ""
        self._connection.close()
        assert self._process.stdin
        try:
            self._process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        code = self._process.wait()
        self._process.stdin.close()
        self._process = self._connection = None
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def _start(self) -> None:
        here, far = socket.socketpair()
        self._connection = Connection(here.detach())
        with far:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", *self._command, str(far.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("GRADSCHOOL_DEBUG") else subprocess.DEVNULL,
                pass_fds=[far.fileno()],
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                cwd=self._folder,
                start_new_session=True,  # Ctrl-C is for the one who has started all of them
            )


class Guards:
    """As many guarded processes as there are threads that grade at the same time."""

    def __init__(self, bounds: Bounds | None = None):
        self.bounds = bounds or Bounds()
        self._idle: list[Guard] = []
        self._all: list[Guard] = []
        self._lock = threading.Lock()
        self._stopped = False

    def grade(self, work: Work, place: Place) -> Done:
        """Grade one submission; where its process ends, once more in a new one."""
        begun = time.monotonic()
        with self._guard() as guard:
            for _ in range(2):
                try:
                    done: Done = guard.ask((work, place), self.bounds.seconds)
                    return done
                except Late:
                    outcome = HANGING
                    why = f"grading it took more than {self.bounds.seconds:g} seconds"
                    break
                except Ended as error:
                    if self._stopped:
                        raise
                    outcome, why = CRASHED, f"the process that graded it ended twice ({error})"
        return Done(result(work, outcome, why, time.monotonic() - begun))

    def key(self, wanted: KeyWanted, place: Place) -> dict[str, bytes]:
        """A part of an answer key, by files. Raises Unusable where the process ends at it."""
        with self._guard() as guard:
            try:
                files: dict[str, bytes] = guard.ask((wanted, place), self.bounds.key)
                return files
            except (Ended, Late) as error:
                raise Unusable(
                    f"the answer key of {wanted.lesson} could not be made: its process ended"
                    f" ({error or 'it took too long'}); see to the memory of this machine"
                ) from error

    def stop(self) -> None:
        """Kill what is at work, also in other threads; they end with Ended. Then say `close`."""
        with self._lock:
            self._stopped = True
            for guard in self._all:
                guard.kill()

    def close(self) -> None:
        for guard in self._all:
            guard.close()

    @contextmanager
    def _guard(self) -> Iterator[Guard]:
        with self._lock:
            if not self._idle:
                command = [_PROCESS, str(self.bounds.memory)]
                self._idle.append(Guard(command, self.bounds.start))
                self._all.append(self._idle[-1])
                if self._stopped:
                    self._idle[-1].kill()
            guard = self._idle.pop()
        try:
            yield guard
        finally:
            with self._lock:
                self._idle.append(guard)
