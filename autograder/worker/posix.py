"""The one door to what POSIX systems have and Windows has not; what is missing is done without.

Nothing else in the engine asks for it, but the wall itself (`sandbox`) and the processes that fork.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

Handler = Callable[[int, types.FrameType | None], Any]


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


# Modules of the standard library, each None where the system has it not.
resource, fcntl, termios, tty = map(_module, ("resource", "fcntl", "termios", "tty"))

# macOS has fork, but its own libraries may not be used after one.
CAN_FORK = sys.platform == "linux" and hasattr(os, "fork")
HAS_TIMERS = hasattr(signal, "setitimer")


@contextlib.contextmanager
def timer(
    seconds: float, act: Handler, *, again: float = 0.0, working: bool = False
) -> Iterator[None]:
    """Have `act` called once the block has run for so long, and `again` so often after that.

    working: whether only the time counts in which this process works. Call it in the main thread.
    """
    if not HAS_TIMERS:
        yield
        return
    which, number = signal.ITIMER_REAL, signal.SIGALRM
    if working:
        which, number = signal.ITIMER_PROF, signal.SIGPROF
    signal.signal(number, act)
    signal.setitimer(which, seconds, again)
    try:
        yield
    finally:
        signal.setitimer(which, 0)


@contextlib.contextmanager
def on_resize(changed: Callable[[], None]) -> Iterator[None]:
    """Have `changed` called when the terminal's size changes, where the system tells."""
    number = getattr(signal, "SIGWINCH", None)
    if number is None:
        yield
        return
    before = signal.signal(number, lambda *_: changed())
    try:
        yield
    finally:
        signal.signal(number, before)


def user() -> int | None:
    """The number of the user whose rights this process has; None where users have none."""
    return os.geteuid() if hasattr(os, "geteuid") else None


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
