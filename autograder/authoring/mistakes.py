"""Rules about known mistakes: each is caught, told from the others, and costs nobody else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from autograder.authoring.inspection import Inspection
from autograder.checks import Mistake
from autograder.grading.plan import EXAMPLES
from autograder.reports.report import PASSED, CheckVerdict, ExerciseReport, Kind


def mistakes_are_diagnosed(inspection: Inspection) -> Iterator[str]:
    """Every mistake is caught by a check of its own exercise, and diagnosed as itself."""
    for mistake in inspection.mistakes:
        if mistake.exercise in inspection.plan.lesson.exercises:
            yield from _mistake_problems(inspection, mistake)


def _mistake_problems(inspection: Inspection, mistake: Mistake) -> Iterator[str]:
    try:
        source = inspection.with_mistake(mistake)
    except ValueError as error:
        yield f"a mistake of {mistake.exercise} does not fit: {error}"
        return
    (report,) = inspection.grade(source, only={mistake.exercise}).exercises
    label = f"{mistake.exercise}: {mistake.says!r}"
    if report.kind == Kind.SYNTAX:
        yield f"{label} is not Python once it is applied"
    elif report.verdict == PASSED:
        yield f"{label} is not caught"
    elif not any(_failed_beyond_examples(report)):
        yield f"{label} is caught by the examples alone"
    elif report.diagnosis != mistake.says:
        yield f"{label} is diagnosed as {report.diagnosis!r}"


def mistakes_cost_once(inspection: Inspection) -> Iterator[str]:
    """Beside a mistake, every exercise that builds on that one is right by itself, and told so."""
    with inspection.hurried():
        for mistake in inspection.mistakes:
            # What does not fit is named by the rules above.
            with contextlib.suppress(ValueError, KeyError):
                yield from _costs(inspection, mistake, inspection.with_mistake(mistake))


def _costs(inspection: Inspection, mistake: Mistake, source: str) -> Iterator[str]:
    dependent = inspection.key().dependencies(mistake.exercise)
    others = {inspection.plan.items[name].exercise for name in dependent} - {mistake.exercise}
    if not others:
        return
    wanted = {mistake.exercise, *others}
    for exercise in inspection.grade(source, only=wanted, told=others).exercises:
        if exercise.verdict != PASSED:
            told = f", told {exercise.diagnosis!r}," if exercise.diagnosis else ""
            yield f"{mistake.exercise}: {mistake.says!r} costs {exercise.id}{told} its points"


def _failed_beyond_examples(report: ExerciseReport) -> Iterator[bool]:
    for check in report.checks:
        if check.name != EXAMPLES:
            yield check.verdict == CheckVerdict.FAILED
