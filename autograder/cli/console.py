"""Where the commands print: rich on a terminal, plain text elsewhere; NO_COLOR is respected."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from autograder.lessons.course import Course
from autograder.reports.paragraphs import hanging
from autograder.reports.terminal import plain
from autograder.workspace.workspace import Workspace

# The exit code where all was done, and something waits for a person to look at it.
TO_LOOK_AT = 3

ExerciseName = Annotated[
    str, typer.Argument(metavar="EXERCISE", help="Its name, or any part that no other has.")
]


class Data(StrEnum):
    """What a milestone trains on."""

    AUTO = "auto"
    REAL = "real"
    SMALL = "small"


DataOption = Annotated[
    Data,
    typer.Option(help="The real data, the small data, or auto: the real data where it can be had."),
]


class _Console(Console):
    """On a terminal a text too wide goes on below at a whole word; elsewhere its lines stay."""

    def print(
        self, *objects: Any, sep: str = " ", soft_wrap: bool | None = None, **options: Any
    ) -> None:
        texts = all(isinstance(each, str | Text) for each in objects)
        if objects and texts and self.is_terminal and soft_wrap is None:
            each = (text if isinstance(text, Text) else Text(text) for text in objects)
            lines = Text(sep).join(each).split("\n", allow_blank=True)
            parts = (part for line in lines for part in hanging(self, line, self.width))
            objects = (Text("\n").join(parts),)
        super().print(*objects, sep=sep, soft_wrap=soft_wrap, **options)


@functools.cache
def console(*, stderr: bool = False) -> Console:
    """Nothing in a text is read as markup."""
    return _Console(stderr=stderr, soft_wrap=True, markup=False, highlight=False, emoji=False)


def room() -> int:
    """The columns of the terminal; without one, a line may be as long as it likes."""
    return console().width if console().is_terminal else sys.maxsize


def age() -> float:
    """Seconds since this process was started, where the system tells; else 0."""
    try:
        about = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        started = int(about[19]) / os.sysconf("SC_CLK_TCK")
        seconds = time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0
    return max(0.0, seconds)


class Stopwatch:
    """The wall time of a command: from its beginning, and between one look and the next."""

    def __init__(self) -> None:
        self.start()

    def start(self, already: float = 0.0) -> None:
        """Begin anew, as if so many seconds had passed already."""
        self._begun = self._looked = time.perf_counter() - already

    def passed(self) -> float:
        """Seconds since the command has begun."""
        return time.perf_counter() - self._begun

    def lap(self) -> float:
        """Seconds since this was last asked."""
        before, self._looked = self._looked, time.perf_counter()
        return self._looked - before


STOPWATCH = Stopwatch()
# Seconds after which a person is told that something is being done.
PATIENCE = 0.3


@contextlib.contextmanager
def telling(sentence: str) -> Iterator[None]:
    """Say on a terminal what is being done, once it takes long; it is gone at the end."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield
        return
    said = threading.Event()

    def say() -> None:
        said.set()
        print(sentence, end="", file=sys.stderr, flush=True)

    timer = threading.Timer(max(0.0, PATIENCE - STOPWATCH.passed()), say)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if said.is_set():
            blank = " " * len(sentence)
            print(f"\r{blank}\r", end="", file=sys.stderr, flush=True)


def open_workspace(course: Course) -> Workspace:
    """The workspace here with its progress; says so where a damaged file was set aside."""
    workspace = Workspace.find(course)
    if notice := workspace.store.notice:
        error_line(notice)
    return workspace


def error_line(sentence: str) -> None:
    """One sentence for a person on stderr."""
    console(stderr=True).print(f"grad: {plain(sentence)}")
