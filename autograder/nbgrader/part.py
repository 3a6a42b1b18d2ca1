"""A process that autogrades the students that it is told, one after another.

`parallel` starts several of them in the folder of a course: `python -m autograder.nbgrader.part
LESSON again|once DESCRIPTOR`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from autograder.classroom.serving import end_with_parent, serve

if TYPE_CHECKING:
    from autograder.nbgrader.autograding import Autograding


class _Answers:
    """The course is opened with the first request, so that what is wrong with it is an answer."""

    def __init__(self, lesson: str, *, again: bool):
        self._about = lesson, again
        self._open: Autograding | None = None

    def __call__(self, request: str | None) -> Any:
        if self._open is None:
            lesson, again = self._about
            self._open = _opened(lesson, again)
        return self._open.students() if request is None else self._open.grade(request)


def _opened(lesson: str, again: bool) -> Autograding:
    """Import nbgrader without what takes half of the time: a grammar that jsonschema may lack.

    It is for the formats of addresses, which no notebook's schema has.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from autograder.nbgrader.autograding import Autograding

    return Autograding(lesson, again=again)


def main() -> None:
    end_with_parent()
    lesson, way = sys.argv[1:3]
    serve(_Answers(lesson, again=way == "again"))


if __name__ == "__main__":
    main()
