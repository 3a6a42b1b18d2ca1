"""The server's side: one question a connection, a JSON object in a line, answered with another.

A question has a `file`, its `lesson`, a `seed`, and `only` these exercises (or null); with a
`scratch` file, that one's definition of the one exercise stands in the place of the file's. An
answer has a `report` and whether its code was `confined`, or `error`; whoever gets that grades by
itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.lessons.grafting import grafted
from autograder.lessons.submission import Submission
from autograder.reports.report import Report
from autograder.warm.place import is_own, socket_of
from autograder.worker.sandbox import capabilities
from autograder.workspace.workspace import Workspace

# Seconds without a question after which a server ends, those from one look at its own files to the
# next, and those that a question may take to arrive.
IDLE = 600.0
LOOK = 5.0
ARRIVAL = 5.0
MAX_QUESTION = 2**20

Grade = Callable[["Submission | Path", str, "int | str", "list[str] | None"], Report]


class Server:
    """Answers at a socket, with `grade`, until it is told to stop or has become useless."""

    def __init__(self, workspace: Workspace, socket_: socket.socket, path: Path, grade: Grade):
        self._workspace, self._socket, self._path, self._grade = workspace, socket_, path, grade
        self._number = path.lstat().st_ino
        self._wakes, self._wake = os.pipe()

    def run(self, idle: float = IDLE) -> None:
        """Answer until nobody has asked for `idle` seconds, or the code is another one."""
        asked = time.monotonic()
        try:
            while time.monotonic() - asked < idle and self._is_of_use():
                listener = self._socket.fileno()
                ready, _, _ = select.select([listener, self._wakes], [], [], min(LOOK, idle))
                if self._wakes in ready:
                    return
                if ready:
                    self._answer(self._socket.accept()[0])
                    asked = time.monotonic()
        finally:
            self._socket.close()
            if self._is_mine():
                self._path.unlink(missing_ok=True)

    def stop(self) -> None:
        """From another thread: end once the question at hand is answered."""
        os.write(self._wake, b".")

    def _is_of_use(self) -> bool:
        return self._is_mine() and socket_of(self._workspace) == self._path

    def _is_mine(self) -> bool:
        """Whether the path still leads to this server, and not to another one or nowhere."""
        with contextlib.suppress(OSError):
            return self._path.lstat().st_ino == self._number
        return False

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError):
            connection.settimeout(ARRIVAL)
            if not is_own(connection):
                return
            with connection.makefile("rb") as lines:
                question = json.loads(lines.readline(MAX_QUESTION))
            connection.settimeout(None)
            connection.sendall(json.dumps(self._answered(question)).encode() + b"\n")

    def _answered(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            lesson, seed, only = question["lesson"], question["seed"], question["only"]
            report = self._grade(self._submission(question), lesson, seed, only)
            return {"report": report.data(), "confined": self._is_confined}
        except Exception as error:
            return {"error": str(error)}

    def _submission(self, question: dict[str, Any]) -> Submission | Path:
        file = Path(question["file"])
        if "scratch" not in question:
            return file
        lesson = self._workspace.course.lesson(question["lesson"])
        return grafted(file, Path(question["scratch"]), lesson, question["only"][0])

    @cached_property
    def _is_confined(self) -> bool:
        return capabilities().full


def main() -> None:
    """`server DESCRIPTOR PATH WORKSPACE SOLUTIONS CHECKS`: the socket listens already."""
    descriptor, path, *places = sys.argv[1:]
    folder, solutions, checks = map(Path, places)
    os.chdir(os.sep)
    workspace = Workspace(folder, Course(solutions, checks))
    with Session(workspace.course) as session:
        listener = socket.socket(fileno=int(descriptor))
        listener.set_inheritable(False)
        listener.listen()  # anew: whoever asks is told of this process as the one that listens
        Server(workspace, listener, Path(path), session.grade).run()


if __name__ == "__main__":
    main()
