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


class Clock:
    """The seconds that a process is charged, and the number of its threads.

    It starts with this object: what the process did before is not charged. Where the system does
    not tell, every second counts.
    """

    def __init__(self, number: int):
        self.threads = 1
        self._folder = f"/proc/{number}"
        # Linux: the clock of a process's threads together, as clock_getcpuclockid(3) makes it.
        self._clock = (~number << 3) | 2
        self._begun = self._looked = time.monotonic()
        self._slept = self._worked = 0.0
        self._is_told = os.path.exists(f"{self._folder}/stat")
        self._since = self._worked_before = self._processor_time() if self._is_told else 0.0

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
        now, worked = time.monotonic(), self._processor_time()
        passed = min(waited, now - self._looked) - (worked - self._worked_before)
        self._looked, self._worked_before = now, worked
        if not self._works():
            self._slept += max(0.0, passed)

    def _processor_time(self) -> float:
        with contextlib.suppress(OSError):  # it has ended
            self._worked = time.clock_gettime(self._clock)
        return self._worked

    def _works(self) -> bool:
        """Whether any of its threads does, and how many there are."""
        try:
            state, threads = _state_and_threads(f"{self._folder}/stat")
            self.threads = threads
            if state in _WORKS or threads == 1:
                return state in _WORKS
            tasks = f"{self._folder}/task"
            each = (f"{tasks}/{name}/stat" for name in os.listdir(tasks))
            return any(_state_and_threads(path)[0] in _WORKS for path in each)
        except (OSError, ValueError, IndexError):
            return False


def _state_and_threads(path: str) -> tuple[str, int]:
    """From proc_pid_stat(5); the second field is a name, and may hold blanks and brackets."""
    with open(path, "rb", buffering=0) as file:
        fields = file.read(4096).rpartition(b")")[2].split()
    return fields[0].decode("ascii"), int(fields[17])
