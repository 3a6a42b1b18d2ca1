"""The last words of what does not end: where it is, and what its variables hold.

An item has a little less time here than the grader's side gives it. When that is over, the child
says where it is and is ended. Of a docstring's examples the time is the processor's, and short.
"""

from __future__ import annotations

import contextlib
import signal
import time
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from autograder.worker import observation
from autograder.worker.wire import LATE

# What examples may take of the processor, in seconds.
EXAMPLES = 2.0
# Of the grader's time, the part after which the child speaks.
SHARE = 0.85
MAX_LOCALS, MAX_LINES, MAX_SHOWN = 6, 8, 12


class Deadline:
    """Watches items, whose exercises have their time together; `send` takes the last words."""

    def __init__(self, path: str, send: Callable[[bytes], None]):
        self._path, self._send = path, send
        self._spent: defaultdict[str, float] = defaultdict(float)

    @contextlib.contextmanager
    def watching(self, exercise: str, seconds: float, examples: bool) -> Iterator[None]:
        """Have the last words said where an item does not end; else nothing.

        seconds: what the exercise has in all, or 0 where nobody waits for words.
        """
        if not seconds or not hasattr(signal, "setitimer"):
            yield
            return
        begun = time.monotonic()
        left = SHARE * (seconds - self._spent[exercise])
        timers = [(signal.ITIMER_REAL, signal.SIGALRM, left)]
        if examples:
            timers.append((signal.ITIMER_PROF, signal.SIGPROF, EXAMPLES))
        for timer, number, after in timers:
            signal.signal(number, self._over)
            signal.setitimer(timer, max(after, 0.01))
        try:
            yield
        finally:
            for timer, _, _ in timers:
                signal.setitimer(timer, 0)
            self._spent[exercise] += time.monotonic() - begun

    def _over(self, _: int, frame: types.FrameType | None) -> None:
        """Say where the process is. The grader's side ends it then, and nothing goes on here."""
        with contextlib.suppress(BaseException):
            self._send(LATE + observation.encode(self._words(frame)))
        while True:
            time.sleep(60)

    def _words(self, frame: types.FrameType | None) -> dict[str, Any]:
        lines: list[int] = []
        held: dict[str, Any] = {}
        while frame is not None:
            if frame.f_code.co_filename == self._path:
                if not lines:
                    held = _held(frame.f_locals)
                lines.append(frame.f_lineno)
            frame = frame.f_back
        return {"lines": lines[MAX_LINES - 1 :: -1] or lines, "locals": held}


def _held(names: dict[str, Any]) -> dict[str, Any]:
    """A few of the values, those that are large cut to their beginning."""
    shown = [(name, value) for name, value in names.items() if not name.startswith("_")]
    plain = [(name, _cut(value)) for name, value in shown if type(value) in _PLAIN]
    return dict(plain[:MAX_LOCALS])


def _cut(value: Any) -> Any:
    return value[:MAX_SHOWN] if type(value) in (list, tuple, str) else value


_PLAIN = {int, float, bool, str, list, tuple, type(None)}
