"""Which of several files counts, where one student has handed in more than one of a lesson."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import Unreadable
from autograder.lessons.naming import lesson_of
from autograder.lessons.submission import Submission

# A student who hands in more than these is told to choose.
MOST = 10
# So many are named in a sentence.
_TOLD = 3
NAMED = "it has the assignment's name"
Read = Submission | Unreadable


def chosen(course: Course, lesson: str, files: Mapping[Path, Read]) -> tuple[Path, str]:
    """The file of a student's folder that counts as a lesson, and why, where others could.

    files: all that lie there, the newest last. A single one counts, whatever it is called: the
    folder says what the file does not. Raises Unreadable where none of several can be the lesson.
    """
    if len(files) == 1:
        return next(iter(files)), ""
    named = sorted((path for path in files if path.stem == lesson), key=lambda path: path.suffix)
    unnamed = (path for path in files if path not in named)
    others = [path for path in unnamed if lesson_in(course, path, files[path]) == lesson]
    if not named and not others:
        raise Unreadable(unplaced(sorted(files), lesson))
    first, why = (named.pop(0), NAMED) if named else (others.pop(), "it is the newest")
    rest = [*named, *others]
    return counting(first, why, rest, lambda path: is_begun(course, lesson, files[path]))


def counting(
    first: Path, why: str, others: Sequence[Path], begun: Callable[[Path], bool]
) -> tuple[Path, str]:
    """The first one, unless it is not begun and exactly one of the others is; and a sentence."""
    if not others:
        return first, ""
    counts, worked = first, [path for path in others if begun(path)]
    if len(worked) == 1 and not begun(first):
        counts, why = worked[0], f"no exercise of {first.name!r} is begun"
    names = " and ".join(_told([first, *others]))
    return counts, f"{names} are of this lesson; {counts.name!r} counts, because {why}"


def lesson_in(course: Course, path: Path, found: Read) -> str:
    """The lesson of a file, or an empty text where it cannot be known."""
    for submission in (found, Submission(str(path), [])):
        if isinstance(submission, Submission):
            try:
                return lesson_of(course, submission)
            except WrongUse:
                pass
    return ""


def is_begun(course: Course, lesson: str, found: Read) -> bool:
    """Whether any exercise is worked on; in a file that cannot be read none is."""
    if not isinstance(found, Submission):
        return False
    return any(
        found.line_of(each.id) or found.defines(each.id)
        for each in course.lesson(lesson).exercises.values()
        if not each.worked and not found.is_untouched(each)
    )


def unplaced(files: Sequence[Path], lesson: str) -> str:
    """Why nothing in a student's folder can be the lesson."""
    if not files:
        return f"the folder is empty; hand in {lesson}.ipynb"
    *listed, last = _told(files)
    shown = f"{', '.join(listed)} and {last}" if len(files) > _TOLD else ", ".join([*listed, last])
    return f"none of {shown} is this lesson's notebook; hand in {lesson}.ipynb"


def _told(paths: Sequence[Path]) -> list[str]:
    """The names of a few, and how many more there are."""
    more = [f"{len(paths) - _TOLD} more"] if len(paths) > _TOLD else []
    return [*quoted(paths[:_TOLD]), *more]


def quoted(paths: Iterable[Path]) -> list[str]:
    return [repr(path.name) for path in paths]
