"""A grading process: it holds one warm pool, and grades one submission after another.

It is started by `guards`, which kills and replaces it; `python -m autograder.classroom.process`
takes a descriptor and a number of bytes. It reads submissions, so its memory is bounded; it ends
with whoever has started it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

from autograder.classroom.bounds import bounded_memory
from autograder.classroom.judging import grade
from autograder.classroom.work import KeyWanted, Place, Work
from autograder.grading.session import Session
from autograder.lessons.errors import GradschoolError
from autograder.pool.pool import Pool
from autograder.pool.processes import PoolError

TRUST = "use `grad grade --trust` for files that you trust"


class Grader:
    """Answers requests with one pool, and a session for each course that it is told."""

    def __init__(self) -> None:
        self._pool = Pool(confined=True)  # which imports torch meanwhile, as this does
        import autograder.grading.verdicts  # noqa: F401

        self._sessions: dict[Place, Session] = {}

    def answer(self, request: Work | KeyWanted, place: Place) -> Any:
        session = self._session(place)
        if isinstance(request, KeyWanted):
            key = session.key(request.lesson, request.seed)
            return key.files(request.exercises)
        return grade(session, request)

    def _session(self, place: Place) -> Session:
        if place not in self._sessions:
            self._sessions[place] = Session(
                place.course, self._pool, confined=True, trust=TRUST, keys=place.keys
            )
        return self._sessions[place]


def _end_with_parent() -> None:
    """Wait for the end of standard input, which only the parent keeps open."""
    while os.read(0, 1024):
        pass
    os._exit(1)


def serve(connection: Connection, memory: int) -> None:
    """Answer requests until there are no more."""
    grader = Grader()
    request, place = connection.recv()
    with bounded_memory(memory):
        while True:
            try:
                answer = grader.answer(request, place)
            except PoolError:
                raise  # this process ends, and is replaced
            except GradschoolError as error:
                answer = error
            connection.send(answer)
            request, place = connection.recv()


def main() -> None:
    descriptor, memory = map(int, sys.argv[1:])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection = Connection(descriptor)
    with contextlib.suppress(EOFError):
        serve(connection, memory)


if __name__ == "__main__":
    main()
