"""What became of one submission of a class, and how that is written down."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.lessons.submission import Submission, Unit
from autograder.reports.report import TODO, Kind, Note, Report

Seed = int | str
# What a result depends on: the submission's digest, the seed, the course, the engine.
Key = tuple[str, Seed, str, str]


class Outcome(StrEnum):
    """How the grading of a submission ended; all but `graded` are for a person to look at."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    HANGING = "hanging"
    CRASHED = "crashed"
    TOO_LARGE = "too large"


GRADED, UNREADABLE, HANGING, CRASHED, TOO_LARGE = Outcome


@dataclass(frozen=True)
class Graded:
    """One submission's result; `file` is below the class's folder.

    `why` says of one that was not graded what is wrong, and of two files which one counts; else it
    is empty.
    `digest` names what was handed in, `course` the lesson and the rules that it was graded by, and
    `engine` the program: as long as these and the seed stay the same, so does the result. `seconds`
    is wall time. A submission that hangs or crashes while it loads may have a report all the same.
    """

    student: str
    lesson: str
    file: str
    digest: str
    outcome: Outcome
    why: str
    seconds: float
    seed: Seed
    course: str
    engine: str
    report: Report | None = None

    @property
    def key(self) -> Key:
        """What the result depends on."""
        return self.digest, self.seed, self.course, self.engine

    @property
    def points(self) -> int:
        return self.report.points if self.report else 0

    @property
    def looks_handmade(self) -> bool:
        return self.report is not None and self.report.looks_handmade

    @property
    def not_python(self) -> str:
        """Where nothing of what was begun could be run for a syntax error, the place of it."""
        exercises = self.report.hidden().exercises if self.report else ()
        begun = [each for each in exercises if each.verdict != TODO]
        alike = all(each.kind is Kind.SYNTAX for each in begun)
        return begun[0].message if begun and alike else ""

    @property
    def concern(self) -> str:
        """Why a person should look at it; empty where nobody need."""
        if self.outcome is not GRADED:
            return f"{self.outcome}: {self.why}" if self.why else str(self.outcome)
        if self.looks_handmade:
            return "looks hand-made: it sent something that is no observation"
        return self.why or self.not_python


@dataclass(frozen=True)
class Change:
    """An exercise that another grading judges otherwise; no verdict where there was no report."""

    student: str
    lesson: str
    exercise: str
    before: str
    after: str
    points_before: int
    points_after: int


def changes(old: Graded, new: Graded) -> list[Change]:
    """The exercises of one submission whose verdict or points differ, in the lesson's order."""
    before, after = _verdicts(old), _verdicts(new)
    return [
        Change(new.student, new.lesson, id, *(a[0], b[0]), *(a[1], b[1]))
        for id in dict.fromkeys([*after, *before])
        if (a := before.get(id, (old.outcome, 0))) != (b := after.get(id, (new.outcome, 0)))
    ]


def _verdicts(graded: Graded) -> dict[str, tuple[str, int]]:
    exercises = graded.report.exercises if graded.report else ()
    return {each.id: (str(each.verdict), each.points) for each in exercises}


def packed_report(report: Report | None) -> bytes | None:
    """A report for the disk; unlike `Report.data` it keeps what of the notes is safe to tell."""
    if report is None:
        return None
    safe = [note.safe if isinstance(note, Note) else "" for note in report.notes]
    return _packed([report.data(), safe])


def unpacked_report(packed: bytes | None) -> Report | None:
    if packed is None:
        return None
    data, safe = _unpacked(packed)
    notes = [Note(*pair) for pair in zip(data["notes"], safe, strict=True)]
    return Report.of({**data, "notes": notes})


def packed_submission(submission: Submission) -> bytes:
    """What was executed of a submission, for the disk."""
    units = [[u.source, u.line, u.label, u.file, u.appends] for u in submission.units]
    return _packed([submission.path, units, sorted(submission.grade_ids)])


def unpacked_submission(packed: bytes) -> Submission:
    path, units, ids = _unpacked(packed)
    return Submission(path, [Unit(*unit) for unit in units], grade_ids=frozenset(ids))


def _packed(data: Any) -> bytes:
    return zlib.compress(json.dumps(data).encode(), 6)


def _unpacked(packed: bytes) -> Any:
    return json.loads(zlib.decompress(packed))
