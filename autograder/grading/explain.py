"""Explaining: what went wrong with an exercise, in the words of its report."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.grading.comparison import Difference
from autograder.grading.display import show
from autograder.grading.plan import EXAMPLES, Plan
from autograder.grading.result import Raised, Result
from autograder.lessons.lesson import Exercise
from autograder.lessons.submission import Submission
from autograder.pool.pool import Item
from autograder.reports.report import (
    BLOCKED,
    CRASHED,
    PASSED,
    TIMED_OUT,
    WRONG,
    CheckReport,
    ExerciseReport,
)
from autograder.worker.observation import Node

if TYPE_CHECKING:
    from autograder.grading.verdicts import Failure

VERDICTS = {
    "raised": CRASHED,
    "died": CRASHED,
    "malformed": CRASHED,
    "syntax": CRASHED,
    "load": CRASHED,
    "timed out": TIMED_OUT,
}


def failed(base: ExerciseReport, verdict: str, **changes) -> ExerciseReport:
    return dataclasses.replace(base, verdict=verdict, points=0, **changes)


def with_checks(base: ExerciseReport, checks: tuple[CheckReport, ...]) -> ExerciseReport:
    return dataclasses.replace(base, checks=checks)


def passed(base: ExerciseReport, printed: str) -> ExerciseReport:
    return dataclasses.replace(base, printed=printed)


def spoiled(base: ExerciseReport, kind: str, message: str, place: str) -> ExerciseReport:
    """The file, or the cell that holds the exercise, cannot be used."""
    verdict = VERDICTS.get(kind, WRONG)
    return failed(base, verdict, kind=kind, message=message, place=place)


def blocked(base: ExerciseReport, blockers: Sequence[str]) -> ExerciseReport:
    names = " and ".join(blockers[:2])
    message = f"it builds on {names}, which {'is' if len(blockers) == 1 else 'are'} still to do"
    return failed(base, BLOCKED, kind="blocked", message=message, first=tuple(blockers))


def wrong(
    base: ExerciseReport,
    *,
    plan: Plan,
    submission: Submission,
    failure: Failure,
    inputs: list[tuple[str, Node]],
    diagnosis: str,
    first: tuple[str, ...],
    printed: str,
) -> ExerciseReport:
    """The first failure of an exercise, with its smallest inputs and what it looks like."""
    kind, message, place = _what(plan, submission, base.id, failure)
    return failed(
        base,
        VERDICTS.get(kind, WRONG),
        kind=kind,
        says=_says(plan, failure.item),
        message=message,
        place=place,
        diagnosis=diagnosis,
        inputs={name: show(value, 300) for name, value in inputs},
        first=first,
        printed=printed,
        error=failure.result.error.type if kind == "raised" else "",
    )


def check(plan: Plan, item: Item, failure: Failure | None, waits: bool) -> CheckReport:
    name = EXAMPLES if item.code else plan.check_of(item).name
    if failure is None:
        return CheckReport(name, _says(plan, item), PASSED)
    kind, verdict = failure.difference.kind, BLOCKED if waits else "failed"
    message = str(failure.difference) if failure.result.kind == "returned" else ""
    return CheckReport(name, _says(plan, item), verdict, kind, message)


def missing(exercise: Exercise) -> str:
    return f"{exercise.id} is not defined in this file; keep the name that the lesson gives it"


def ended(result: Result) -> str:
    """How a process that gave no answer came to its end."""
    if result.kind == "timed out":
        return "it did not end in time"
    if result.kind == "died":
        return _DEATHS.get(result.detail, f"it ended its process ({result.detail})")
    return f"it sent something that is no observation ({result.detail})"


_DEATHS = {
    "SIGSEGV": "it crashed the interpreter (segmentation fault)",
    "SIGABRT": "it aborted the interpreter",
    "SIGXCPU": "it used more processor time than it may",
    "SIGKILL": "it used more memory or time than it may",
    "SIGSYS": "it made a system call that is not allowed",
}


def error(submission: Submission, raised: Raised) -> tuple[str, str]:
    """An error of the learner's code: the message, and the learner's own last line."""
    text = f"{raised.type}: {raised.message}" if raised.message else raised.type
    if not raised.lines:
        return text, ""
    where, line = submission.place(raised.lines[-1])
    return f"{text} ({where})", f"{where}: {line}"


def _what(plan: Plan, submission: Submission, id: str, failure: Failure) -> tuple[str, str, str]:
    result = failure.result
    if result.kind == "refused":
        shortcut = result.error.message
        says = plan.declarations.sentence(id, shortcut)
        return "refused", says or f"{shortcut} may not be used in this exercise", ""
    if result.kind == "raised":
        message, place = error(submission, result.error)
        if _was_called_wrongly(result.error):
            message += f"; the lesson calls it as {signature(plan, id)}"
        return "raised", message, place
    if result.kind != "returned":
        return result.kind, ended(result), ""
    if failure.item.code:
        return failure.difference.kind, _example(plan, id, failure.difference), ""
    return failure.difference.kind, str(failure.difference), ""


def _was_called_wrongly(raised: Raised) -> bool:
    """Whether the function could not take the lesson's arguments, as far as the error says."""
    return raised.type == "TypeError" and not raised.lines and "argument" in raised.message


def signature(plan: Plan, id: str) -> str:
    """An exercise's first line as the lesson has it, without `def` and the colon."""
    line = plan.lesson.lines[plan.lesson.exercises[id].line - 1].strip()
    return inspect.cleandoc(line.removeprefix("def ").rstrip(":"))


def _says(plan: Plan, item: Item) -> str:
    declared = plan.check_of(item)
    return declared.says if declared else "The examples in the docstring."


def _example(plan: Plan, id: str, difference: Difference) -> str:
    """A difference in a docstring's examples, told by the example's own line."""
    sources = [
        example.source.strip()
        for example, (mode, _) in zip(
            plan.lesson.exercises[id].examples, plan.items[f"{id}/{EXAMPLES}"].code, strict=True
        )
        if mode == "eval"
    ]
    place, _, rest = difference.path.removeprefix("[").partition("]")
    if not place.isdigit() or int(place) >= len(sources):
        return str(difference)
    inner = dataclasses.replace(difference, path=rest.lstrip("."))
    return f">>> {sources[int(place)]}\n{inner}"
