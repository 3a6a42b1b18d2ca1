"""Reports: what grading one submission found, as flat data.

The words, an exercise's part, and what feedback may say of it have modules of their own; whoever
reads a report imports all of it from here.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.reports.exercise import (
    MAX_TEXT,
    CheckReport,
    ExerciseReport,
    exercise_data,
    exercise_of,
)
from autograder.reports.hidden import hidden_exercise
from autograder.reports.verdict import (
    BLOCKED,
    CRASHED,
    FAILED,
    KINDS,
    PASSED,
    TIMED_OUT,
    TODO,
    WRONG,
    CheckVerdict,
    Kind,
    Verdict,
)

__all__ = [
    "BLOCKED",
    "CRASHED",
    "FAILED",
    "KINDS",
    "PASSED",
    "TIMED_OUT",
    "TODO",
    "WRONG",
    "CheckReport",
    "CheckVerdict",
    "ExerciseReport",
    "Kind",
    "Note",
    "Report",
    "Verdict",
    "exercise_data",
    "exercise_of",
    "to_json",
    "to_json_line",
]

# Which statements fail is up to the submission, and could spell something out.
MAX_SAFE_NOTES = 8


class Note(str):
    """A sentence about the whole file; `safe` is what an instructor's feedback may say of it."""

    safe: str

    def __new__(cls, text: str, safe: str = "") -> Note:
        note = super().__new__(cls, text[:MAX_TEXT])
        note.safe = safe[:MAX_TEXT]
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
    def loading(self) -> bool:
        """Whether the process hung or ended while the file was loading: nothing of it was tried."""
        ended = (Kind.TIMED_OUT, Kind.DIED, Kind.MALFORMED)
        return any(exercise.loading and exercise.kind in ended for exercise in self.exercises)

    @property
    def looks_handmade(self) -> bool:
        """Whether its process sent what no honest worker sends."""
        kinds = (k for each in self.exercises for k in (each.kind, *(c.kind for c in each.checks)))
        return Kind.MALFORMED in kinds

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def max_points(self) -> int:
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def absent(self) -> list[str]:
        """The exercises of cells that were not run yet: they are to do, and not there either."""
        return [e.id for e in self.exercises if e.verdict == TODO and e.kind == Kind.MISSING]

    @property
    def all_passed(self) -> bool:
        return all(exercise.verdict == PASSED for exercise in self.exercises)

    def listed(self) -> Iterator[ExerciseReport]:
        """The exercises as they are shown together: one syntax error is quoted once."""
        said: set[str] = set()
        for exercise in self.exercises:
            again = exercise.kind == Kind.SYNTAX and exercise.message in said
            said.add(exercise.message)
            same = dataclasses.replace(exercise, message="the same syntax error")
            yield same if again else exercise

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
        exercises = [exercise_data(exercise) for exercise in self.exercises]
        return {**head, "exercises": exercises, "notes": list(self.notes)}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Report:
        """The report that `data` was made of."""
        return cls(
            lesson=data["lesson"],
            submission=data["submission"],
            seed=data["seed"],
            seconds=data["seconds"],
            exercises=tuple(map(exercise_of, data["exercises"])),
            notes=tuple(data["notes"]),
        )

    def hidden(self) -> Report:
        """The report as an instructor's feedback: nothing that the submission could have put there.

        The seed, from which the inputs could be drawn again, is left out.
        """
        exercises = tuple(map(hidden_exercise, self.exercises))
        safe = tuple(
            Note(note.safe, note.safe)
            for note in self.notes
            if isinstance(note, Note) and note.safe
        )
        return dataclasses.replace(
            self, seed=None, exercises=exercises, notes=safe[:MAX_SAFE_NOTES]
        )


def to_json(data: Any) -> str:
    """JSON that is safe to print on a terminal: everything but ASCII is escaped."""
    return json.dumps(data, indent=2, ensure_ascii=True)


def to_json_line(data: Any) -> str:
    """The same in one line."""
    return json.dumps(data, ensure_ascii=True)
