"""Starting workers where a system cannot fork: a whole process for every job, always one ahead.

`forking` has the way of systems that can, which is a hundred times faster.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import Protocol

from autograder.lessons.errors import GradschoolError
from autograder.pool.clock import Clock
from autograder.worker import readable
from autograder.worker.wire import MAX_PROCESS_BYTES, READY

# What a worker takes over of the environment; Windows finds libraries by PATH.
KEPT = ["LD_LIBRARY_PATH", "GRADSCHOOL_ASSUME_NO_SANDBOX"]
if os.name == "nt":
    KEPT += ["PATH", "SYSTEMROOT"]


class PoolError(GradschoolError):
    """The template process itself failed; no submission is to blame."""


class Child(Protocol):
    """A started process: takes one job, gives frames."""

    def send(self, job: bytes) -> None: ...

    def read(self, timeout: float) -> bytes | None:
        """The next bytes of its frames, b"" at the end, None where none come in time (seconds)."""
        ...

    def charged(self) -> float:
        """The seconds that it has used, as a Clock has them."""
        ...

    @property
    def threads(self) -> int:
        """How many threads it had when it was last waited for."""
        ...

    def end(self) -> int:
        """Kill the process if it still runs; its exit status as of `os.waitpid`.

        Any thread may ask.
        """
        ...

    def close(self) -> None:
        """Kill the process if it still runs, and let go of it."""
        ...


class Starter(Protocol):
    """Has a process ready for every job; `early` are modules that it may have imported already."""

    def start(self, early: Sequence[str] = ()) -> Child: ...

    def close(self) -> None: ...


class Timed:
    """A process with a clock, which is started when its job begins."""

    _clock: Clock

    def charged(self) -> float:
        return self._clock.charged()

    @property
    def threads(self) -> int:
        return self._clock.threads


class Spawner:
    """A process for every job; the next one is started while the last one works."""

    def __init__(self) -> None:
        self._spare = _Spawned()
        self._changing = threading.Lock()

    def start(self, early: Sequence[str] = ()) -> Child:
        with self._changing:
            child, self._spare = self._spare, _Spawned()
        child.await_ready()
        return child

    def close(self) -> None:
        self._spare.close()


class _Spawned(Timed):
    """A thread reads what it writes: not every system can wait for a pipe with a deadline."""

    def __init__(self) -> None:
        self._process = python("once", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin and self._process.stdout
        self._input, self._output = self._process.stdin, self._process.stdout
        self._parts: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read_all, daemon=True)

    def await_ready(self) -> None:
        """Importing torch takes seconds, which are no submission's fault."""
        if os.read(self._output.fileno(), len(READY)) != READY:
            raise PoolError(f"the worker did not start, status {self._process.wait()}")
        self._thread.start()
        self._clock = Clock(self._process.pid)

    def _read_all(self) -> None:
        total = 0
        while total <= MAX_PROCESS_BYTES and (part := os.read(self._output.fileno(), 2**20)):
            total += len(part)
            self._parts.put(part)
        self._parts.put(b"")

    def send(self, job: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, OSError), self._input as pipe:
            pipe.write(job)

    def read(self, timeout: float) -> bytes | None:
        try:
            return self._parts.get(timeout=timeout)
        except queue.Empty:
            self._clock.look(timeout)
            return None

    def end(self) -> int:
        self._process.kill()
        code = self._process.wait()
        return code << 8 if code >= 0 else -code

    def close(self) -> None:
        self.end()
        if self._thread.ident is not None:
            self._thread.join()
        self._output.close()
        with contextlib.suppress(BrokenPipeError, OSError):
            self._input.close()


def python(
    *arguments: str,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """A worker in a clean environment: of the user's own only what finds the shared libraries.

    The hash seed is fixed, so that code which depends on the order of a set behaves the same in
    every run.
    """
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {
        "LANG": "C.UTF-8",
        "HOME": os.devnull,
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": tempfile.gettempdir(),
        "OMP_NUM_THREADS": "1",
        # Large pages, where the system has them: a fork copies the table of pages, and then less.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        "PYTHONHASHSEED": "0",
        # torch makes this folder when an optimizer is imported; it has to be there already.
        "TORCHINDUCTOR_CACHE_DIR": os.sep,
    }
    error = None if os.environ.get("GRADSCHOOL_DEBUG") else subprocess.DEVNULL
    module = ["-m", "autograder.worker.template", *arguments, *readable.chosen()]
    command = [sys.executable, "-s", "-P", "-B", *module]
    return subprocess.Popen(
        command,
        env=environment,
        cwd=os.sep,
        stdin=stdin,
        stdout=stdout,
        stderr=error,
        pass_fds=pass_fds,
    )


def describe_status(status: int) -> str:
    """How a process ended, from its status as of `os.waitpid`."""
    if status & 0x7F:
        return signal.Signals(status & 0x7F).name
    return f"exit code {status >> 8}"
