"""What a worker has used, read from outside: nothing that it says about itself counts.

Its time is that of all its threads on the processor, and what it has slept: a busy machine costs
nobody anything, and who waits for nothing comes to an end all the same.
"""

from __future__ import annotations

import contextlib
import os
import time

# The states of a thread that works, or would if it had a processor or a disk.
_WORKS = "RD"
_DISK = "D"
# So often, in seconds, is looked at a process that gives something all the time.
_EVERY = 0.2


class Clock:
    """The seconds that a process is charged, and the number of its threads.

    It starts with this object: what the process did before is not charged. Where the system does
    not tell, every second counts.
    """

    def __init__(self, number: int):
        self.threads, self.state = 1, ""
        self._folder = f"/proc/{number}"
        # Linux: the clock of a process's threads together, as clock_getcpuclockid(3) makes it.
        self._clock = (~number << 3) | 2
        self._begun = self._looked = time.monotonic()
        self._slept = self._worked = 0.0
        self._is_told = os.path.exists(f"{self._folder}/stat")
        self._since = self._worked_before = self._processor_time() if self._is_told else 0.0
        self._queued: dict[str, int] = {}
        self._queues_are_told = os.path.exists(f"{self._folder}/schedstat")

    def charged(self) -> float:
        """The seconds of processor time, and those that it was seen to sleep."""
        if not self._is_told:
            return time.monotonic() - self._begun
        return self._processor_time() + self._slept - self._since

    def look(self, waited: float) -> None:
        """See what the process does; it has given nothing for `waited` seconds.

        A grader that was itself kept from the processor counts no more than it wanted to wait.
        """
        if not self._is_told:
            return
        passed = min(waited, self._passed()) - self._worked_since()
        self._look_at_state()
        if self._queues_are_told:
            passed -= self._queued_since()
            works = self.state == _DISK
        else:
            works = self._works()
        if not works:
            self._slept += max(0.0, passed)

    def glance(self, *, is_held_up: bool) -> None:
        """The same of a process that does give something: it may sleep between two bytes.

        is_held_up: whether it has given so much that it may have had to wait for its reader.
        """
        if not self._queues_are_told or time.monotonic() - self._looked < _EVERY:
            return
        self.look(0.0 if is_held_up else float("inf"))

    def _passed(self) -> float:
        before, self._looked = self._looked, time.monotonic()
        return self._looked - before

    def _worked_since(self) -> float:
        before, self._worked_before = self._worked_before, self._processor_time()
        return self._worked_before - before

    def _queued_since(self) -> float:
        """How long its threads have waited for a processor, all of them together."""
        before, self._queued = self._queued, {}
        for name in self._tasks():
            with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended
                self._queued[name] = int(_read(f"{self._folder}/task/{name}/schedstat").split()[1])
        return sum(now - before.get(name, 0) for name, now in self._queued.items()) / 1e9

    def _tasks(self) -> list[str]:
        with contextlib.suppress(OSError):
            return os.listdir(f"{self._folder}/task")
        return []

    def _processor_time(self) -> float:
        with contextlib.suppress(OSError):  # it has ended
            self._worked = time.clock_gettime(self._clock)
        return self._worked

    def _look_at_state(self) -> None:
        """The state of its first thread, and how many there are."""
        self.state = "?"
        with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended
            self.state, self.threads = _state_and_threads(f"{self._folder}/stat")

    def _works(self) -> bool:
        """Whether any of its threads does."""
        if self.state in _WORKS or self.threads == 1:
            return self.state in _WORKS
        try:
            each = (f"{self._folder}/task/{name}/stat" for name in self._tasks())
            return any(_state_and_threads(path)[0] in _WORKS for path in each)
        except (OSError, ValueError, IndexError):
            return False


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read(4096)


def _state_and_threads(path: str) -> tuple[str, int]:
    """From proc_pid_stat(5); the second field is a name, and may hold blanks and brackets."""
    fields = _read(path).rpartition(b")")[2].split()
    return fields[0].decode("ascii"), int(fields[17])
