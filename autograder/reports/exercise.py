"""What there is to say about one exercise and its checks, as flat data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from autograder.reports.cause import Cause
from autograder.reports.verdict import CheckVerdict, Kind, Verdict


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
