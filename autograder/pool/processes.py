"""Starting workers: forked from a warm template where the system can, spawned elsewhere.

A template is a fresh Python with torch imported; a fork of it costs about ten milliseconds. It is
started by exec, never forked from the grader, so that nothing the grader knows is in its memory.
A spawner starts a whole process for every job, and always one ahead.

Not multiprocessing's forkserver: its server and children inherit the grader's environment, import
the grader's `__main__` anew, and unpickle what they are sent before anything could shut them in.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import Protocol

from autograder.lessons.errors import GradschoolError
from autograder.worker import readable
from autograder.worker.wire import MAX_JOB_BYTES, READY

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

    def end(self) -> int:
        """Kill the process if it still runs; its exit status as of `os.waitpid`.

        Any thread may ask.
        """
        ...

    def close(self) -> None:
        """Let go of its descriptors, after `end`."""
        ...


class Template:
    """The warm process that forks; it starts at once and is waited for when first needed."""

    def __init__(self) -> None:
        self._control, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            self._process = _python("fork", str(far.fileno()), pass_fds=[far.fileno()])
        self._ready = False
        # A request and its answer belong together, whichever thread asks.
        self._asking = threading.Lock()

    def start(self) -> Child:
        job_read, job_write = os.pipe()
        result_read, result_write = os.pipe()
        with self._asking:
            if not self._ready:
                self._expect(READY)
                self._ready = True
            socket.send_fds(self._control, [b"fork"], [job_read, result_write])
            number = int(self._answer())
        os.close(job_read)
        os.close(result_write)
        return _Forked(number, job_write, result_read, self)

    def wait(self, number: int) -> int:
        with self._asking:
            self._control.send(f"wait {number}".encode())
            return int(self._answer())

    def close(self) -> None:
        self._control.close()
        self._process.wait()

    def _expect(self, word: bytes) -> None:
        if (answer := self._answer()) != word:
            raise PoolError(f"the worker said {answer!r} where {word!r} was due")

    def _answer(self) -> bytes:
        answer = self._control.recv(100)
        if not answer:
            raise PoolError(f"the worker ended by itself, with status {self._process.wait()}")
        return answer


class _Forked:
    def __init__(self, number: int, job_end: int, result_end: int, template: Template):
        self._number, self._template = number, template
        self._job_end, self._result_end = job_end, result_end
        self._status: int | None = None
        self._ending = threading.Lock()
        self._readable = select.poll()
        self._readable.register(result_end, select.POLLIN)

    def send(self, job: bytes) -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(self._job_end, "wb") as pipe:
            pipe.write(job)

    def read(self, timeout: float) -> bytes | None:
        if not self._readable.poll(timeout * 1000):
            return None
        return os.read(self._result_end, 2**20)

    def end(self) -> int:
        # The template has not waited for the child yet, so the number is still the child's own;
        # one that has already ended keeps the status that it ended with.
        with self._ending:
            if self._status is None:
                os.kill(self._number, signal.SIGKILL)
                self._status = self._template.wait(self._number)
            return self._status

    def close(self) -> None:
        os.close(self._result_end)


class Spawner:
    """A process for every job; the next one is started while the last one works."""

    def __init__(self) -> None:
        self._spare = _Spawned()
        self._changing = threading.Lock()

    def start(self) -> Child:
        with self._changing:
            child, self._spare = self._spare, _Spawned()
        child.await_ready()
        return child

    def close(self) -> None:
        self._spare.end()
        self._spare.close()


class _Spawned:
    """A thread reads what it writes: not every system can wait for a pipe with a deadline."""

    def __init__(self) -> None:
        self._process = _python("once", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin and self._process.stdout
        self._input, self._output = self._process.stdin, self._process.stdout
        self._parts: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read_all, daemon=True)

    def await_ready(self) -> None:
        """Importing torch takes seconds, which are no submission's fault."""
        if os.read(self._output.fileno(), len(READY)) != READY:
            raise PoolError(f"the worker did not start, status {self._process.wait()}")
        self._thread.start()

    def _read_all(self) -> None:
        total = 0
        while total <= MAX_JOB_BYTES and (part := os.read(self._output.fileno(), 2**20)):
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
            return None

    def end(self) -> int:
        self._process.kill()
        code = self._process.wait()
        return code << 8 if code >= 0 else -code

    def close(self) -> None:
        if self._thread.ident is not None:
            self._thread.join()
        self._output.close()
        with contextlib.suppress(BrokenPipeError, OSError):
            self._input.close()


def _python(
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
