"""Reports: verdicts as flat data, and what of them an instructor's feedback may say."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PASSED = "passed"
TODO = "todo"
WRONG = "wrong"
CRASHED = "crashed"
TIMED_OUT = "timed out"
BLOCKED = "blocked"


@dataclass(frozen=True)
class CheckReport:
    """One check, or the examples, over all its cases.

    `verdict` is passed, failed, blocked or not run. `kind` says how it failed (value, shape,
    dtype, type, raised, timed out, ...), `message` the difference in full.
    """

    name: str
    says: str
    verdict: str
    kind: str = ""
    message: str = ""


@dataclass(frozen=True)
class ExerciseReport:
    """One exercise's verdict and what there is to say about it.

    `message` is the first difference in words, `diagnosis` the known mistake that it looks like,
    `inputs` the smallest failing case's, `place` the learner's own line that raised, `first` the
    exercises to finish or mend before this one, and `printed` what the learner's code printed.
    """

    id: str
    verdict: str
    points: int
    max_points: int
    message: str = ""
    diagnosis: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    checks: tuple[CheckReport, ...] = ()
    kind: str = ""
    says: str = ""
    line: int | None = None
    place: str = ""
    first: tuple[str, ...] = ()
    printed: str = ""


class Note(str):
    """A sentence about the whole file; `safe` is what an instructor's feedback may say of it."""

    safe: str

    def __new__(cls, text: str, safe: str = "") -> Note:
        note = super().__new__(cls, text)
        note.safe = safe
        return note


@dataclass(frozen=True)
class Report:
    """What grading one submission of one lesson found; `seconds` is wall time."""

    lesson: str
    submission: str
    seed: int | str | None
    seconds: float
    exercises: tuple[ExerciseReport, ...]
    notes: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def max_points(self) -> int:
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def all_passed(self) -> bool:
        return all(exercise.verdict == PASSED for exercise in self.exercises)

    def listed(self) -> Iterator[ExerciseReport]:
        """The exercises as they are shown together: one syntax error is quoted once."""
        said = set()
        for exercise in self.exercises:
            again = exercise.kind == "syntax" and exercise.message in said
            said.add(exercise.message)
            changes = {"message": "the same syntax error"} if again else {}
            yield dataclasses.replace(exercise, **changes)

    def data(self) -> dict[str, Any]:
        """The report as JSON's types, as `--json` prints it."""
        head = {
            "lesson": self.lesson,
            "submission": self.submission,
            "points": self.points,
            "max_points": self.max_points,
            "seconds": round(self.seconds, 4),
            "seed": self.seed,
        }
        exercises = [dataclasses.asdict(exercise) for exercise in self.exercises]
        return {**head, "exercises": exercises, "notes": list(self.notes)}

    def hidden(self) -> Report:
        """The report as an instructor's feedback.

        Hidden checks say their sentence, the kind of difference and the diagnosis. Nothing is
        repeated that the submission itself could have put there: no message of its errors, no
        value, no output. The seed, from which the inputs could be drawn again, is left out.
        """
        exercises = tuple(map(_hidden, self.exercises))
        safe = tuple(Note(note.safe, note.safe) for note in self.notes if _is_safe(note))
        return dataclasses.replace(
            self, seed=None, exercises=exercises, notes=safe[:MAX_SAFE_NOTES]
        )


def _is_safe(note: str) -> bool:
    return isinstance(note, Note) and bool(note.safe)


# Which statements fail is up to the submission, and could spell something out.
MAX_SAFE_NOTES = 8


def _hidden(exercise: ExerciseReport) -> ExerciseReport:
    if exercise.verdict in (PASSED, TODO):
        return dataclasses.replace(exercise, printed="", message="")
    checks = tuple(dataclasses.replace(check, message="") for check in exercise.checks)
    return dataclasses.replace(
        exercise,
        message=KINDS.get(exercise.kind, "it fails"),
        inputs={},
        checks=checks,
        place="",
        printed="",
    )


# How something failed, in words that contain nothing of what failed.
KINDS = {
    "value": "a value differs",
    "shape": "a shape differs",
    "dtype": "a dtype is of another kind",
    "type": "another kind of value was returned",
    "length": "a length differs",
    "keys": "the keys of a dict differ",
    "raised": "the code raised an error",
    "refused": "a short cut was used that this lesson forbids",
    "timed out": "it did not end in time",
    "died": "it ended its process",
    "malformed": "it sent something that is no observation",
    "missing": "it is not defined",
    "syntax": "the file is not Python",
    "load": "the file fails when it is loaded",
    "blocked": "it builds on an exercise that is still to do",
}


def to_json(data: Any) -> str:
    """JSON that is safe to print on a terminal: everything but ASCII is escaped."""
    return json.dumps(data, indent=2, ensure_ascii=True)
