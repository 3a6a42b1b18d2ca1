"""What an instructor's feedback may say: nothing that a submission could have spelled out there."""

from __future__ import annotations

import builtins
import dataclasses
import re

from autograder.reports.cause import safe_causes
from autograder.reports.exercise import ExerciseReport
from autograder.reports.verdict import KINDS, PASSED, TODO, Kind


def hidden_exercise(exercise: ExerciseReport) -> ExerciseReport:
    """Without what the submission could have put there: its errors' messages, values, outputs.

    Hidden checks say their sentence, the kind of difference and the diagnosis.
    """
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
