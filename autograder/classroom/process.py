"""A grading process: it holds one warm pool, and grades one submission after another.

It is started by `guards`, which kills and replaces it; `python -m autograder.classroom.process`
takes a number of bytes and a descriptor. It reads submissions, so its memory is bounded.
"""

from __future__ import annotations

import sys
from typing import Any

from autograder.classroom.bounds import bounded_memory
from autograder.classroom.judging import grade
from autograder.classroom.serving import end_with_parent, serve
from autograder.classroom.work import TRUST, KeyWanted, Place, Work
from autograder.grading.session import Session
from autograder.pool.pool import Pool


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


def main() -> None:
    end_with_parent()
    grader = Grader()
    with bounded_memory(int(sys.argv[1])):
        serve(lambda asked: grader.answer(*asked))


if __name__ == "__main__":
    main()
