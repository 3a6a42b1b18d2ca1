"""Reports: verdicts as flat data, and what of them an instructor's feedback may say."""

from __future__ import annotations

import builtins
import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeGuard

from autograder.reports.cause import Cause, safe_causes


class Verdict(StrEnum):
    """What became of an exercise."""

    PASSED = "passed"
    TODO = "todo"
    WRONG = "wrong"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    BLOCKED = "blocked"


PASSED, TODO, WRONG, CRASHED, TIMED_OUT, BLOCKED = Verdict


class CheckVerdict(StrEnum):
    """What became of a check over all its cases; `not run` where its file could not be used."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    NOT_RUN = "not run"


class Kind(StrEnum):
    """How something failed; `KINDS` says it in words."""

    VALUE = "value"
    SHAPE = "shape"
    DTYPE = "dtype"
    TYPE = "type"
    LENGTH = "length"
    KEYS = "keys"
    RETURNED = "returned"
    RAISED = "raised"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    DIED = "died"
    MALFORMED = "malformed"
    MISSING = "missing"
    SYNTAX = "syntax"
    LOAD = "load"
    BLOCKED = "blocked"


# Words that contain nothing of what failed.
KINDS = {
    Kind.VALUE: "a value differs",
    Kind.SHAPE: "a shape differs",
    Kind.DTYPE: "a dtype is of another kind",
    Kind.TYPE: "another kind of value was returned",
    Kind.LENGTH: "a length differs",
    Kind.KEYS: "the keys of a dict differ",
    Kind.RETURNED: "a value was returned where an error is due",
    Kind.RAISED: "the code raised an error",
    Kind.REFUSED: "a short cut was used that this lesson forbids",
    Kind.TIMED_OUT: "it did not end in time",
    Kind.DIED: "it ended its process",
    Kind.MALFORMED: "it sent something that is no observation",
    Kind.MISSING: "it is not defined",
    Kind.SYNTAX: "its cell or file is not Python",
    Kind.LOAD: "the file fails when it is loaded",
    Kind.BLOCKED: "it builds on an exercise that is still to do",
}


@dataclass(frozen=True)
class CheckReport:
    """One check, or the examples, over all its cases; `message` is the difference in full."""

    name: str
    says: str
    verdict: CheckVerdict
    kind: Kind | None = None
    message: str = ""

    def __post_init__(self) -> None:
        _cut(self, "message")


@dataclass(frozen=True)
class ExerciseReport:
    """One exercise's verdict and what there is to say about it.

    `message` is the first difference in words, `diagnosis` the known mistake that it looks like,
    `inputs` the smallest failing case's, `place` the learner's own line that raised, `first` the
    exercises to finish or mend before this one, `printed` what the learner's code printed, and
    `error` the name of the error that was raised.
    With `loading` its file or cell could not be used, which says nothing about the exercise.
    Where it passed with the reference in place of others, `carried` names those: mend them first.
    With `beside_references` the diagnosis is of such a run. `causes` has the most certain first.
    """

    id: str
    verdict: Verdict
    points: int
    max_points: int
    message: str = ""
    diagnosis: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    checks: tuple[CheckReport, ...] = ()
    kind: Kind | None = None
    says: str = ""
    line: int | None = None
    place: str = ""
    first: tuple[str, ...] = ()
    printed: str = ""
    loading: bool = False
    carried: tuple[str, ...] = ()
    error: str = ""
    beside_references: bool = False
    causes: tuple[Cause, ...] = ()

    def __post_init__(self) -> None:
        _cut(self, "message", "place", "printed", "error")


# Of any text that a submission can have put into a report, in characters.
MAX_TEXT = 4000


def _cut(report: CheckReport | ExerciseReport, *names: str) -> None:
    for name in names:
        if len(text := getattr(report, name)) > MAX_TEXT:
            object.__setattr__(report, name, text[:MAX_TEXT] + "...")


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


def _is_safe(note: str) -> TypeGuard[Note]:
    return isinstance(note, Note) and bool(note.safe)


# Which statements fail is up to the submission, and could spell something out.
MAX_SAFE_NOTES = 8


def _hidden(exercise: ExerciseReport) -> ExerciseReport:
    if exercise.verdict in (PASSED, TODO):
        return dataclasses.replace(exercise, printed="", message="", causes=())
    return dataclasses.replace(
        exercise,
        message=_in_words(exercise),
        # A run beside references answers a stranger one bit, and which mistake it is would be more.
        diagnosis="" if exercise.beside_references else exercise.diagnosis,
        causes=() if exercise.beside_references else tuple(safe_causes(exercise.causes)),
        error=_builtin(exercise.error),
        inputs={},
        checks=tuple(dataclasses.replace(check, message="") for check in exercise.checks),
        place="",
        printed="",
    )


def _builtin(name: str) -> str:
    """The name of one of Python's own errors, or nothing: any other name is the submission's."""
    found = getattr(builtins, name, None)
    return name if isinstance(found, type) and issubclass(found, BaseException) else ""


# Where a syntax error is, of all that a message says of it.
_WHERE = re.compile(r"(?:cell \d+, )?line \d+: ", re.ASCII)


def _in_words(exercise: ExerciseReport) -> str:
    """The kind of failure; of Python's own errors the name too, which is no text of anybody's."""
    if error := _builtin(exercise.error):
        return f"the code raised {'an' if error[0] in 'AEIOU' else 'a'} {error}"
    says = KINDS[exercise.kind] if exercise.kind else "it fails"
    where = _WHERE.match(exercise.message) if exercise.kind is Kind.SYNTAX else None
    return f"{where[0]}{says}" if where else says


def exercise_data(exercise: ExerciseReport) -> dict[str, Any]:
    """As JSON has it; no kind is an empty text."""
    data = dataclasses.asdict(exercise)
    for part in (data, *data["checks"]):
        part["kind"] = part["kind"] or ""
    return data


def exercise_of(data: dict[str, Any]) -> ExerciseReport:
    """The report that `exercise_data` was made of."""
    checks = tuple(CheckReport(**_typed(check, CheckVerdict)) for check in data["checks"])
    lists = {name: tuple(data[name]) for name in ("first", "carried")}
    causes = tuple(Cause(**cause) for cause in data.get("causes", ()))
    parts = {**lists, "checks": checks, "causes": causes}
    return ExerciseReport(**{**_typed(data, Verdict), **parts})


def _typed(data: dict[str, Any], verdict: type[StrEnum]) -> dict[str, Any]:
    kind = Kind(data["kind"]) if data["kind"] else None
    return {**data, "verdict": verdict(data["verdict"]), "kind": kind}


def to_json(data: Any) -> str:
    """JSON that is safe to print on a terminal: everything but ASCII is escaped."""
    return json.dumps(data, indent=2, ensure_ascii=True)


def to_json_line(data: Any) -> str:
    """The same in one line."""
    return json.dumps(data, ensure_ascii=True)
