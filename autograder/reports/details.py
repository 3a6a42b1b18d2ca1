"""What there is to say about one exercise below its verdict, in the order of every renderer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import NamedTuple

from autograder.reports.report import BLOCKED, PASSED, TODO, ExerciseReport

CERTAIN, HEDGED = "what is wrong", "one thing that would look like this"
_LABELS = {"place": "the place"}
# Of the causes that speak; nobody reads more guesses than these.
MOST = 3


class Tone(Enum):
    """What a detail is to its reader; each renderer has a style for each."""

    PLAIN = auto()
    MAIN = auto()
    VALUE = auto()
    MISTAKE = auto()
    FIRST = auto()


class Detail(NamedTuple):
    """One thing to say; `label` is empty where the text speaks for itself."""

    label: str
    text: str
    tone: Tone


def details(exercise: ExerciseReport) -> Iterator[Detail]:
    """Everything that helps to mend an exercise, and what its code printed."""
    if exercise.carried:
        yield Detail("", f"right by itself; fix {listed(exercise.carried)} first", Tone.FIRST)
    if exercise.verdict == TODO and exercise.message:
        yield Detail("", exercise.message, Tone.PLAIN)
    elif exercise.verdict not in (PASSED, TODO):
        yield from _failure(exercise)
    if exercise.printed:
        yield Detail("your code printed", exercise.printed.rstrip("\n"), Tone.VALUE)


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _failure(exercise: ExerciseReport) -> Iterator[Detail]:
    if exercise.says:
        yield Detail("", exercise.says, Tone.PLAIN)
    if exercise.message:
        yield Detail("", exercise.message, Tone.MAIN)
    if exercise.place:
        yield Detail("in your code", exercise.place, Tone.VALUE)
    for name, value in exercise.inputs.items():
        yield Detail(f"with {name}", value, Tone.VALUE)
    if exercise.diagnosis:
        yield Detail("it looks like this", exercise.diagnosis, Tone.MISTAKE)
    for cause in exercise.causes[:MOST]:
        label = HEDGED if cause.hedged else _LABELS.get(cause.name, CERTAIN)
        yield Detail(label, str(cause), Tone.MISTAKE)
    if exercise.first and exercise.verdict != BLOCKED:
        yield Detail("fix this first", ", ".join(exercise.first), Tone.FIRST)
