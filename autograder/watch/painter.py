"""Pictures beside the screen: a process draws them, and the last order wins."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from autograder.milestone.stage import stage_command

SAVED = "plot: "


class Painter:
    """Draws stages of a lesson. `told` is called in another thread, with the lines to show."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def draw(
        self, file: Path, stages: Sequence[str], told: Callable[[tuple[str, ...]], None]
    ) -> None:
        """Begin to draw with a learner's file; whatever is being drawn is given up."""
        self.close()
        self._process = process = subprocess.Popen(
            stage_command(file, stages),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._wait, args=(process, told), daemon=True).start()

    def close(self) -> None:
        """End what is being drawn."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _wait(
        self, process: subprocess.Popen[str], told: Callable[[tuple[str, ...]], None]
    ) -> None:
        output, _ = process.communicate()
        if process is self._process:
            self._process = None
            told(tuple(_telling(output, failed=process.returncode != 0)))


def _telling(output: str, *, failed: bool) -> Iterator[str]:
    """Where the pictures are; the last line too where something went wrong."""
    lines = output.splitlines()
    yield from (line for line in lines if line.startswith(SAVED))
    if failed and lines and not lines[-1].startswith(SAVED):
        yield lines[-1]
