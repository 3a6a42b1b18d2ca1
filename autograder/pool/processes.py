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
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from autograder.lessons.errors import GradschoolError
from autograder.pool.clock import Clock
from autograder.worker import readable
from autograder.worker.wire import MAX_PROCESS_BYTES, READY

# How long answers are gathered: this share of the time that the job has run, at most so long.
GATHERING = 0.02
LONGEST_GATHERING = 0.01

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


class Template:
    """The warm process that forks; it starts at once and is waited for when first needed.

    One child is always forked ahead, and shuts itself in while the last one's answers are read.
    What is asked of the template is answered in its order, and read when somebody needs it.
    """

    def __init__(self) -> None:
        self._control, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            self._process = _python("fork", str(far.fileno()), pass_fds=[far.fileno()])
        self._answers: deque[_Answer] = deque([_Answer()])  # the first one is that it is ready
        # Several threads may ask; what is written and what is read stay in one order.
        self.asking = threading.RLock()
        self._spare = self._fork()

    def start(self) -> Child:
        with self.asking:
            child, self._spare = self._spare, self._fork()
            # Importing torch takes seconds, which are no submission's fault.
            child.number = self.await_answer(child.answer)
        if child.is_gone():  # it was killed by somebody else while it waited
            child.close()
            return self.start()
        return child

    def ask(self, request: str, descriptors: Sequence[int] = ()) -> _Answer:
        with self.asking:
            try:
                socket.send_fds(self._control, [request.encode()], descriptors)
            except OSError:
                raise self._ended() from None
            self._answers.append(_Answer())
            return self._answers[-1]

    def await_answer(self, answer: _Answer) -> int:
        with self.asking:
            while answer.text is None:
                text = self._control.recv(100)
                if not text:
                    raise self._ended()
                self._answers.popleft().text = text
            return int(answer.text)

    def _ended(self) -> PoolError:
        return PoolError(f"the worker ended by itself, with status {self._process.wait()}")

    def _fork(self) -> _Forked:
        job_read, job_write = os.pipe()
        result_read, result_write = os.pipe()
        number = self.ask("fork", [job_read, result_write])
        os.close(job_read)
        os.close(result_write)
        return _Forked(number, job_write, result_read, self)

    def close(self) -> None:
        self._spare.let_go()
        self._control.close()
        self._process.kill()  # its children end with it
        self._process.wait()


@dataclass
class _Answer:
    """What the template says to one request, as soon as it is read."""

    text: bytes | None = None


class _Timed:
    """A process with a clock, which is started when its job begins."""

    _clock: Clock

    def charged(self) -> float:
        return self._clock.charged()

    @property
    def threads(self) -> int:
        return self._clock.threads


class _Forked(_Timed):
    def __init__(self, answer: _Answer, job_end: int, result_end: int, template: Template):
        self.answer, self._template = answer, template
        self.number: int | None = None  # as soon as the template has answered
        self._job_end, self._result_end = job_end, result_end
        self._status: _Answer | None = None
        self._readable = select.poll()
        self._readable.register(result_end, select.POLLIN)
        self._begun = 0.0

    def is_gone(self) -> bool:
        return bool(self._readable.poll(0))

    def send(self, job: bytes) -> None:
        assert self.number
        self._begun = time.monotonic()
        self._clock = Clock(self.number)
        with contextlib.suppress(BrokenPipeError), os.fdopen(self._job_end, "wb") as pipe:
            pipe.write(job)

    def read(self, timeout: float) -> bytes | None:
        # To wake up costs more than most answers: those of a moment are read together.
        gathering = GATHERING * (time.monotonic() - self._begun)
        time.sleep(min(gathering, LONGEST_GATHERING, timeout))
        if not self._readable.poll(timeout * 1000):
            self._clock.look(timeout)
            return None
        return os.read(self._result_end, 2**20)

    def end(self) -> int:
        self._kill()
        assert self._status
        return self._template.await_answer(self._status)

    def _kill(self) -> None:
        # The template has not waited for the child yet, so the number is still the child's own;
        # one that has already ended keeps the status that it ended with.
        with self._template.asking:
            if self._status is None:
                assert self.number
                os.kill(self.number, signal.SIGKILL)
                self._status = self._template.ask(f"wait {self.number}")

    def close(self) -> None:
        self._kill()
        os.close(self._result_end)

    def let_go(self) -> None:
        """Close the descriptors of a child that was sent nothing."""
        os.close(self._job_end)
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
        self._spare.close()


class _Spawned(_Timed):
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
