"""Where what was found belongs: one file for each student and lesson, and a row for every file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.folder_names import folder_name, safe_name
from autograder.classroom.layouts import Origin
from autograder.lessons.choosing import counting, is_begun
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import Unreadable, is_work, parsed
from autograder.lessons.naming import lesson_of, named_after

NEW, REPLACED, UNCHANGED, LEFT_OUT, NOT_PLACED = (
    "new",
    "replaced",
    "unchanged",
    "left out",
    "not placed",
)


@dataclass(frozen=True)
class Row:
    """What became of one file: `what` is one of the words above, `why` a sentence.

    `file` is below the class's folder, `source` where it came from, and `given` what the platform
    calls that. `handed_in` is in seconds since 1970, None where nobody knows.
    """

    what: str
    student: str
    lesson: str
    file: str
    source: str
    id: str = ""
    late: bool = False
    why: str = ""
    given: str = ""
    handed_in: float | None = None

    @property
    def is_work(self) -> bool:
        return is_work(self.source)

    @property
    def is_taken(self) -> bool:
        return self.what not in (LEFT_OUT, NOT_PLACED)

    @property
    def is_missing(self) -> bool:
        """Whether it may be somebody's work that counts nowhere."""
        return self.what == NOT_PLACED


@dataclass(frozen=True)
class Candidate:
    """A file that may be a lesson: staged at `path`, with its time, and whether it is begun."""

    origin: Origin
    source: str
    time: float
    path: Path
    lesson: str
    begun: bool

    def row(self, what: str, why: str = "", file: str = "") -> Row:
        return row_of(self.origin, what, self.source, why, self.lesson, file)


def row_of(
    origin: Origin, what: str, source: str, why: str, lesson: str = "", file: str = ""
) -> Row:
    """A row with all that is known of where a file comes from."""
    return Row(
        what,
        origin.student,
        lesson,
        file,
        source,
        origin.id,
        origin.late,
        why,
        origin.given,
        origin.handed_in,
    )


def identified(
    course: Course, name: str, content: bytes, origin: Origin, lesson: str
) -> tuple[str, bool]:
    """The lesson of a file and whether it is begun; raises WrongUse with a sentence.

    A file that cannot be read is placed by its name all the same: grading will say what is wrong.
    lesson: the one that everything is of, or empty.
    """
    path = Path(name)
    try:
        submission = parsed(path, content)
    except Unreadable:
        told = lesson or origin.lesson or named_after(course, path.stem)
        if not told:
            raise
        return told, False
    except MemoryError:
        raise WrongUse(f"{name} needs more memory than there is to be read") from None
    told = lesson or origin.lesson or lesson_of(course, submission)
    return told, is_begun(course, told, submission)


def chosen(candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, list[Row]]]:
    """Of each student and lesson the file that counts, with rows for those that do not."""
    groups: dict[tuple[str, str], list[Candidate]] = {}
    for each in candidates:
        groups.setdefault((each.origin.student, each.lesson), []).append(each)
    for group in groups.values():
        yield _counting(sorted(group, key=_preference, reverse=True))


def _counting(group: list[Candidate]) -> tuple[Candidate, list[Row]]:
    found = {each.path: each for each in group}
    first, *others = found
    newest = all(found[first].time > found[path].time for path in others)
    one_time = "they are of one time, and a notebook or the lesson's own name goes first"
    first_is = "it is the newest" if newest else one_time
    counts, why = counting(first, first_is, others, lambda path: found[path].begun)
    return found[counts], [found[path].row(LEFT_OUT, why) for path in found if path != counts]


def _preference(each: Candidate) -> tuple[float, bool, bool]:
    """The newest first; of the same time a notebook, and the one of the lesson's own name."""
    return each.time, each.path.suffix == ".ipynb", Path(each.origin.file).stem == each.lesson


def with_stable_names(origins: Iterable[Origin], known: dict[str, str]) -> dict[Origin, Origin]:
    """The same with names that are folders, and two people of one name apart.

    known: the students of a platform's numbers, from before; it grows. A name that has another
    number already gets its own number behind it.
    """
    named: dict[Origin, Origin] = {}
    taken = {student: id for id, student in known.items()}
    for origin in dict.fromkeys(origins):
        student = folder_name(origin)
        if origin.id and origin.id in known:
            student = known[origin.id]
        elif origin.id:
            while taken.get(student, origin.id) != origin.id:
                student = f"{student}_{safe_name(origin.id)}"
            known[origin.id] = student
            taken[student] = origin.id
        named[origin] = dataclasses.replace(origin, student=student)
    return named
