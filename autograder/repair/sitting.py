"""The search in a sitting of grading: the sentence for a learner, the places for a whole report."""

from __future__ import annotations

import dataclasses
import time

from autograder.grading.session import Session
from autograder.lessons.submission import Submission
from autograder.reports.cause import Cause
from autograder.reports.report import FAILED, ExerciseReport, Report

# Of one exercise, and of all exercises of a stranger's submission together.
SECONDS = 4.0
LONGEST = 30.0


def find_sentence(session: Session, submission: Submission, lesson: str, exercise: str) -> str:
    """The place in a learner's own file, as a sentence; "" where none was found in time."""
    key = session.key(lesson)
    from autograder.repair.search import find_place

    place = find_place(submission, key, exercise, session.pool, seconds=SECONDS)
    return place.says if place else ""


def with_places(session: Session, submission: Submission, report: Report) -> Report:
    """A stranger's report with the places that a search in their own code alone has found."""
    end = time.monotonic() + LONGEST
    exercises = tuple(_with_place(session, submission, report, e, end) for e in report.exercises)
    return dataclasses.replace(report, exercises=exercises)


def _with_place(
    session: Session, submission: Submission, report: Report, exercise: ExerciseReport, end: float
) -> ExerciseReport:
    seconds = min(SECONDS, end - time.monotonic())
    if exercise.verdict not in FAILED or exercise.loading or seconds <= 0:
        return exercise
    key = session.key(report.lesson, report.seed or 0)
    from autograder.repair.search import find_place

    place = find_place(submission, key, exercise.id, session.pool, material=False, seconds=seconds)
    if place is None:
        return exercise
    cause = Cause("place", place.says, hedged=False, line=place.line, safe=place.safe)
    return dataclasses.replace(exercise, causes=(cause, *exercise.causes))
