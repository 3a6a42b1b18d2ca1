"""What a learner waits for: from a save to its verdict on the screen of the real `grad watch`.

The program runs in a pseudo-terminal, in a workspace of its own in which everything else of the
lesson is solved, so that each save grades the whole lesson. Every save changes one exercise, and
its verdict shows something that no other shows: a wrong value, or for a right solution its text
beside the reference.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.lesson import Lesson

EXERCISE = "gradient"
SAVES = 60
PATIENCE = 60.0
_WRONG = "return [{number}.0 for _ in xs]"
_RIGHT = """\
slopes = []
for i, at in enumerate(xs):
    slopes.append(derivative(lambda x: f(*xs[:i], x, *xs[i + 1:]), at, h))
return slopes"""


def figures(lesson: str = "part0_micrograd_engine") -> list[tuple[str, str]]:
    """The rows of the table: half of the time from a save to its verdict is below p50."""
    seconds = sorted(latencies(lesson))
    middle, late = statistics.median(seconds), seconds[int(0.95 * len(seconds))]
    return [
        ("watch: save to verdict on the screen, p50", f"{middle * 1000:.1f} ms"),
        ("watch: save to verdict on the screen, p95", f"{late * 1000:.1f} ms"),
    ]


def latencies(lesson: str) -> list[float]:
    """Seconds from the close of the file to its verdict, one for each save."""
    course = Course.find()
    with tempfile.TemporaryDirectory() as folder:
        path = _workspace(Path(folder) / "workspace", course.lesson(lesson))
        with _watch(path.parent.parent) as screen:
            saves = [_save(path, course.lesson(lesson), screen, n) for n in range(1, SAVES + 1)]
    return saves


def _workspace(folder: Path, lesson: Lesson) -> Path:
    command = [sys.executable, "-m", "autograder", "init", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    path = folder / "exercises" / f"{lesson.name}.py"
    path.write_text(lesson.edited(EXERCISE, _WRONG.format(number=0)), encoding="utf-8")
    return path


def _save(path: Path, lesson: Lesson, screen: Screen, number: int) -> float:
    """Save wrong code, then right code, in turn; every third save is by rename, as editors do."""
    right = number % 2 == 0
    body = f"{_RIGHT}  # {number}" if right else _WRONG.format(number=number)
    source = lesson.edited(EXERCISE, body)
    target = path.with_suffix(".part") if number % 3 == 0 else path
    screen.forget()
    target.write_text(source, encoding="utf-8")
    closed = time.perf_counter()
    os.replace(target, path)
    screen.wait_for(f"return slopes  # {number}" if right else f"got {number}.0")
    return time.perf_counter() - closed


class Screen:
    """The near end of a pseudo-terminal: everything that the program wrote since `forget`."""

    def __init__(self, descriptor: int):
        self._descriptor = descriptor
        self._written = b""

    def forget(self) -> None:
        """Let the program come to rest, and begin anew."""
        while self._read(0.1):
            pass
        self._written = b""

    def wait_for(self, words: str) -> None:
        """Return as soon as the words have been written; they stand on one line, in one style."""
        deadline = time.monotonic() + PATIENCE
        while words.encode() not in self._written:
            self._read(0.1)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{words!r} never came on the screen of grad watch")

    def _read(self, seconds: float) -> bool:
        if not select.select([self._descriptor], [], [], seconds)[0]:
            return False
        with contextlib.suppress(OSError):  # the program has left
            self._written += (some := os.read(self._descriptor, 65536))
            return bool(some)
        return False


@contextlib.contextmanager
def _watch(workspace: Path) -> Iterator[Screen]:
    """The real program, from its first verdict on; at the end it is told to quit."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    command = [sys.executable, "-m", "autograder", "watch", EXERCISE]
    environment = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        command, cwd=workspace, env=environment, stdin=far, stdout=far, stderr=far
    )
    os.close(far)
    screen = Screen(near)
    try:
        screen.wait_for("got 0.0")
        yield screen
        os.write(near, b"q")
        screen.forget()  # what nobody reads would keep the program from leaving
        process.wait(10)
    finally:
        process.kill()
        process.wait()
        os.close(near)


if __name__ == "__main__":
    for name, figure in figures():
        print(f"{name}: {figure}")
