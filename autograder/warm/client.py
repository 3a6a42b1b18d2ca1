"""The learner's side: grades by a warm server, and by itself wherever there is none."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.lessons.grafting import grafted
from autograder.reports.report import Report
from autograder.warm.place import connected, listening, settings, socket_of
from autograder.workspace.workspace import Workspace

if TYPE_CHECKING:
    from autograder.grading.plan import Seed
    from autograder.grading.session import Session


class Sitting:
    """Grades as a Session does; use it as a context manager.

    server: whether to ask a warm server at all. begin: whether to start one where none is running,
    which is left behind. `confined` is what is known of the wall once something was graded.
    """

    def __init__(self, workspace: Workspace, *, server: bool = True, begin: bool = False):
        self.confined = True
        self._workspace, self._begin = workspace, begin
        self._path = socket_of(workspace) if server else None
        self._session: Session | None = None

    def __enter__(self) -> Sitting:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session:
            self._session.pool.close()

    def grade(
        self, file: Path, lesson: str, seed: Seed = 0, only: Collection[str] | None = None
    ) -> Report:
        """Grade a file as `Session.grade` does."""
        chosen = None if only is None else sorted(only)
        question = {"file": str(file), "lesson": lesson, "seed": seed, "only": chosen}
        return self._graded(question) or self._own().grade(file, lesson, seed, only)

    def grade_grafted(
        self, file: Path, scratch: Path, lesson: str, exercise: str, seed: Seed
    ) -> Report:
        """Grade one exercise as a scratch file has it, and all else as a lesson's file does.

        Raises Unreadable and WrongUse as `grafted` does.
        """
        question = {"file": str(file), "lesson": lesson, "seed": seed, "only": [exercise]}
        if report := self._graded({**question, "scratch": str(scratch)}):
            return report
        submission = grafted(file, scratch, self._workspace.course.lesson(lesson), exercise)
        return self._own().grade(submission, lesson, seed, {exercise})

    def _graded(self, question: dict[str, Any]) -> Report | None:
        """The server's report, or None where there is no server, or it has no answer."""
        if self._path and (answer := self._asked(self._path, question)):
            self.confined = answer["confined"]
            return Report.of(answer["report"])
        self._path = None
        return None

    def _own(self) -> Session:
        if self._session is None:
            from autograder.grading.session import Session
            from autograder.worker.sandbox import capabilities

            self._session = Session(self._workspace.course)
            self.confined = capabilities().full  # while the workers import torch
        return self._session

    def _asked(self, path: Path, question: dict[str, Any]) -> dict[str, Any] | None:
        """The server's answer, or None where it has none: then whoever asks grades by itself."""
        with contextlib.suppress(OSError, ValueError):
            connection = connected(path)
            if connection is None and self._begin:
                begin(self._workspace, path)
                connection = connected(path)
            if connection is None:
                return None
            with connection, connection.makefile("rb") as lines:
                connection.sendall(json.dumps(question).encode() + b"\n")
                answer: dict[str, Any] = json.loads(lines.readline())
                return answer if "report" in answer else None
        return None


def begin(workspace: Workspace, path: Path) -> None:
    """Start a server that listens at a path; it outlives this process, and ends by itself.

    The socket is made here, so that the first question can be asked at once. Raises OSError.
    """
    course = workspace.course
    places = (workspace.folder, course.solutions, course.checks)
    with listening(path) as listener:
        os.set_inheritable(listener.fileno(), True)
        _detached(
            [
                *(sys.executable, "-P", "-m", "autograder.warm.server"),
                *(str(listener.fileno()), str(path)),
                *(str(place.resolve()) for place in places),
            ]
        )


def _detached(command: list[str]) -> None:
    """Run a program in a session of its own, with nothing of this terminal's."""
    environment = {**os.environ, **settings()}
    null = [(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_RDWR, 0) for n in (0, 1, 2)]
    try:
        os.posix_spawn(command[0], command, environment, file_actions=null, setsid=True)
    except (NotImplementedError, AttributeError) as error:
        raise OSError(str(error)) from error
