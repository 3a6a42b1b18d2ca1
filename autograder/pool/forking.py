"""Starting workers by forking a warm template; this module is for systems that can (`posix`).

A template is a fresh Python with torch imported; a fork of it costs about ten milliseconds. It is
started by exec, never forked from the grader, so that nothing the grader knows is in its memory.

Not multiprocessing's forkserver: its server and children inherit the grader's environment, import
the grader's `__main__` anew, and unpickle what they are sent before anything could shut them in.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.pool.clock import Clock
from autograder.pool.processes import Child, PoolError, Timed, python

# How long answers are gathered: this share of the time that the job has run, at most so long.
GATHERING = 0.02
LONGEST_GATHERING = 0.01
# So many bytes at once may have filled the pipe, which holds 64 KiB.
HELD_UP = 2**15


class Template:
    """The warm process that forks; it starts at once and is waited for when first needed.

    One child is always forked ahead, and shuts itself in while the last one's answers are read.
    What is asked of the template is answered in its order, and read when somebody needs it.
    """

    def __init__(self) -> None:
        self._control, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            self._process = python("fork", str(far.fileno()), pass_fds=[far.fileno()])
        self._answers: deque[_Answer] = deque([_Answer()])  # the first one is that it is ready
        # Several threads may ask; what is written and what is read stay in one order.
        self.asking = threading.RLock()
        self._early: set[str] = set()
        self._spare = self._fork()

    def start(self, early: Sequence[str] = ()) -> Child:
        """A child; those after it have imported `early`, which nobody is made to wait for."""
        with self.asking:
            for module in set(early) - self._early:
                self.ask(f"import {module}")
                self._early.add(module)
            child, self._spare = self._spare, self._fork()
            # Importing torch takes seconds, which are no submission's fault.
            child.number = self.await_answer(child.answer)
        if child.is_gone():  # it was killed by somebody else while it waited
            child.close()
            return self.start(early)
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
                try:
                    text = self._control.recv(100)
                except ConnectionResetError:  # it ended with a request unread
                    text = b""
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


class _Forked(Timed):
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
        part = os.read(self._result_end, 2**20)
        self._clock.glance(is_held_up=len(part) >= HELD_UP)
        return part

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
