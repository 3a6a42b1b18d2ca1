"""Who handed in a file, by the way in which platforms lay out what they give out. Pure.

- nbgrader: `STUDENT/LESSON/FILE`
- Canvas: `NAME_123_456_FILE`, and `NAME_LATE_123_456_FILE`; 123 is the student's number
- Moodle: `NAME_1234_assignsubmission_file_/FILE`, or all of it in one name
- Gradescope: `submission_123/FILE`, and who that is in `submission_metadata.yml`
- GitHub Classroom: clones named `ASSIGNMENT-USERNAME`
- else a folder, or a zip, for each student

Only the first part of a path says who it is, and of that what stands before the student's own file
name: the platform has written it. Whatever comes behind it was named by the student.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from autograder.classroom.gradescope_people import Members, Times

_NAMED = re.compile(
    r"(?P<name>.+?)"
    r"(?:_(?P<moodle>[0-9]+)_assignsubmission_[a-z]+_?(?P<moodle_file>.*)"
    r"|(?P<late>_LATE|_late)?_(?P<canvas>[0-9]+)_[0-9]+_(?P<canvas_file>.+))",
    re.DOTALL,
)
# The folder that nbgrader and Gradescope put round all others.
_AROUND = re.compile(r"submitted|assignment_[0-9]+_export")
_MOODLE_AGAIN = re.compile(r"(?:^|_)[0-9]+_assignsubmission_")


@dataclass(frozen=True)
class Origin:
    """Whose a file is: the student, the platform's number or address for them, and whether late.

    `file` is what the student called it, `lesson` the one that the layout names. `given` is what
    the platform calls what it gives out, `handed_in` when it was handed in, where that is known.
    """

    student: str
    id: str = ""
    late: bool = False
    file: str = ""
    lesson: str = ""
    given: str = ""
    handed_in: float | None = None


@dataclass
class Seen:
    """What lies in one folder of a source, or in one zip: work, and folders that have some."""

    names: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Layout:
    """What is known of a whole source.

    `submitters` is Gradescope's metadata, where there is such a file. `is_canvas` is whether most
    of what the platform wrote is named as Canvas does it, which others may be by chance; `clones`
    are those of GitHub Classroom, whose names begin with the same `assignment`; `unclear` are
    folders that may be a student's, or hold several students' work. `times` has those of folders
    of which the source itself says when they were handed in.
    """

    lessons: Collection[str]
    submitters: Mapping[str, Members] | None = None
    is_canvas: bool = False
    clones: Collection[str] = ()
    assignment: str = ""
    unclear: Collection[str] = ()
    times: Mapping[str, float | None] = field(default_factory=dict)

    def origins(self, parts: tuple[str, ...]) -> list[Origin]:
        """Whose a file is: several students' of a group, and nobody's where it cannot be told."""
        part, *below = parts
        if self.submitters is not None:
            return [_submitter(member, parts[-1]) for member in self.submitters.get(part, ())]
        moodle = in_moodle(part)
        if moodle and _MOODLE_AGAIN.search(moodle.file):
            return []  # two numbers: a person's name has one in it, or the file's
        if found := moodle or (in_canvas(part) if self.is_canvas else None):
            return [replace(found, file=parts[-1]) if below or not found.file else found]
        if not below or part in self.unclear:
            return []
        if part in self.clones:
            return [Origin(self._username(part), file=parts[-1])]
        lesson = below[0] if len(below) > 1 and below[0] in self.lessons else ""
        return [Origin(part, file=parts[-1], lesson=lesson)]

    def handed_in(self, parts: tuple[str, ...], sent: float) -> float | None:
        """When a file was handed in, in seconds since 1970; None where nobody knows.

        sent: the time that it has in the source. Canvas and Moodle put the time of the download
        there, and a clone has that of the cloning.
        """
        part = parts[0]
        is_download = in_moodle(part) or (self.is_canvas and in_canvas(part))
        if self.submitters is None and not is_download and part not in self.clones:
            return self.times.get("/".join(parts[:2]), sent)
        return self.times.get(part)

    def why_nobody(self, parts: tuple[str, ...]) -> str:
        """Why `origins` is empty, in a sentence."""
        if self.submitters is not None:
            return "Gradescope's metadata does not say who handed it in"
        if parts[0] in self.unclear and len(parts) > 1:
            return (
                f"{parts[0]!r} may be one student's, or hold the work of several; if it does, "
                "collect it as a SOURCE of its own, and if not, put the work into "
                f"{parts[0]}/LESSON"
            )
        return "who handed it in cannot be told from its name, nor from the folder that it is in"

    def _username(self, clone: str) -> str:
        if self.assignment:
            return clone.removeprefix(self.assignment)
        for lesson in sorted(self.lessons, key=len, reverse=True):
            for name in (lesson, lesson.replace("_", "-")):
                if clone.startswith(f"{name}-"):
                    return clone[len(name) + 1 :]
        return clone


def layout(
    lessons: Collection[str],
    tops: Mapping[str, Seen],
    clones: Collection[str],
    metadata: Mapping[str, Members] | None,
    times: Times,
) -> Layout:
    """What a source's files have in common.

    tops: what the platform has written, with what lies in each; metadata: Gradescope's, if any;
    times: of folders, of which the source says it.
    """
    like_canvas = sum(in_canvas(name) is not None for name in tops)
    cloned = [name for name in tops if name in clones]
    if 2 * len(cloned) <= sum(bool(seen.names) for seen in tops.values()):
        cloned = []  # a student can put a `.git` into a folder too
    unclear = [
        name
        for name, seen in tops.items()
        if name not in cloned
        and _may_be_several(seen, lessons, alone=len(tops) == 1 or is_around(name))
    ]
    assignment = _assignment(cloned)
    is_canvas = 2 * like_canvas > len(tops)
    return Layout(lessons, metadata, is_canvas, cloned, assignment, unclear, times)


def is_named_by_platform(part: str) -> bool:
    """Whether Canvas or Moodle may have written a name."""
    return _NAMED.fullmatch(part) is not None


def is_around(part: str) -> bool:
    """Whether a folder is called like the one in which a platform puts those of all students."""
    return _AROUND.fullmatch(part) is not None


def owner_of(part: str) -> str:
    """Whose a part is that a platform has written: the same for all that one student hands in."""
    found = _NAMED.fullmatch(part)
    return f"{found['name']}_{found['moodle'] or found['canvas']}" if found else part


def in_moodle(part: str) -> Origin | None:
    """Whose something is that Moodle has named."""
    found = _NAMED.fullmatch(part)
    if not found or found["moodle"] is None:
        return None
    return Origin(found["name"], found["moodle"], file=found["moodle_file"])


def in_canvas(part: str) -> Origin | None:
    """Whose a file is, if Canvas has named it."""
    found = _NAMED.fullmatch(part)
    if not found or found["canvas"] is None:
        return None
    return Origin(found["name"], found["canvas"], bool(found["late"]), found["canvas_file"])


def _submitter(member: Mapping[str, str], file: str) -> Origin:
    names = [member.get(f":{key}", "").strip() for key in ("sid", "email", "name")]
    known = [name for name in names if name and name not in ("null", "~")]
    return Origin(known[0] if known else "", names[1], file=file)


def _may_be_several(seen: Seen, lessons: Collection[str], *, alone: bool) -> bool:
    """Whether what lies in a folder looks like a download, or like the folders of students."""
    named = Counter(map(owner_of, filter(is_named_by_platform, seen.names)))
    is_download = len(named) > 1 and 2 * named.total() > len(seen.names)
    return is_download or (alone and len(seen.folders - set(lessons)) > 1)


def _assignment(clones: Iterable[str]) -> str:
    """What the names of all clones begin with, up to a hyphen."""
    names = list(clones)
    if len(names) < 2:
        return ""
    common = os.path.commonprefix(names)
    return common[: common.rfind("-") + 1]
