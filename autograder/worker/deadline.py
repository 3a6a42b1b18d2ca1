"""The last words of what does not end: where it is, and what its variables hold.

An item has a little less time here than the grader's side gives it, and as there it is the time of
the processor, or of sleep. When that is over, the child says where it is and is ended. Examples in
docstrings have a short time.
"""

from __future__ import annotations

import contextlib
import time
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from autograder.worker import observation, posix
from autograder.worker.wire import LATE

# What examples may take of the processor, in seconds.
EXAMPLES = 2.0
# Of the grader's time, the part after which the child speaks.
SHARE = 0.85
# What has used so little of that time sleeps: even on a busy machine it would have had more.
ASLEEP = 0.02
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
        if not seconds:
            yield
            return
        begun = time.process_time()
        left = max(SHARE * (seconds - self._spent[exercise]), 0.01)
        working = min(left, EXAMPLES) if examples else left

        def asleep(number: int, frame: types.FrameType | None) -> None:
            if time.process_time() - begun < ASLEEP * left:
                self._over(number, frame)

        try:
            with posix.timer(working, self._over, working=True), posix.timer(left, asleep):
                yield
        finally:
            self._spent[exercise] += time.process_time() - begun

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
