"""Keys without Enter: the terminal's own mode is put back whatever happens."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator

from autograder.worker.posix import termios, tty

if sys.platform == "win32":
    import msvcrt

_ESCAPES = {
    "\x1b[A": "up",
    "\x1b[B": "down",
    "\x1b[C": "right",
    "\x1b[D": "left",
    "\x1b[5~": "page up",
    "\x1b[6~": "page down",
    "\x1b": "escape",
    "\r": "enter",
    "\n": "enter",
    "\x7f": "backspace",
    "\b": "backspace",
    "\x03": "quit",
    "\x04": "quit",
}


@contextlib.contextmanager
def pressed(heard: Callable[[str], None]) -> Iterator[None]:
    """Call `heard` with the name of each key that is pressed while the block runs.

    Control-C still raises KeyboardInterrupt in the main thread.
    """
    with _single_keys():
        threading.Thread(target=_read, args=(heard,), daemon=True).start()
        yield


@contextlib.contextmanager
def _single_keys() -> Iterator[None]:
    """Keys at once and unseen, instead of lines and their echo."""
    if termios is None or not sys.stdin.isatty():
        yield
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _read(heard: Callable[[str], None]) -> None:
    if sys.platform == "win32":
        arrows = {"H": "up", "P": "down", "M": "right", "K": "left"}
        while True:
            character = msvcrt.getwch()
            if character in ("\x00", "\xe0"):
                heard(arrows.get(msvcrt.getwch(), ""))
            else:
                heard(_ESCAPES.get(character, character))
    else:
        while data := os.read(sys.stdin.fileno(), 64):
            for name in names(data.decode(errors="ignore")):
                heard(name)
        heard("quit")


def names(text: str) -> Iterator[str]:
    """The keys in what a terminal sent at once; an escape that begins no known one is itself."""
    while text:
        length = next((n for n in (4, 3, 1) if text[:n] in _ESCAPES), 1)
        yield _ESCAPES.get(text[:length], text[:length])
        text = text[length:]
