"""Reports in the forms that other graders read: Gradescope's results, and Classroom 50's.

Both take hidden reports: what they show is a student's feedback.
"""

from __future__ import annotations

import datetime
from typing import Any

from autograder.reports.advice import feedback_lines
from autograder.reports.report import PASSED, Report
from autograder.reports.terminal import plain, summary


def gradescope(report: Report, *, notebook: bool = True) -> dict[str, Any]:
    """What Gradescope's autograder reads as `results.json`: a test an exercise.

    https://gradescope-autograders.readthedocs.io/en/latest/specs/
    """
    tests = [
        {
            "name": exercise.id,
            "number": str(number),
            "score": exercise.points,
            "max_score": exercise.max_points,
            "status": "passed" if exercise.verdict == PASSED else "failed",
            "output": plain("\n".join([exercise.verdict, *_lines(exercise, notebook)])),
            "output_format": "text",
            "visibility": "visible",
        }
        for number, exercise in enumerate(report.exercises, 1)
    ]
    return {
        "score": report.points,
        "execution_time": round(report.seconds),
        "output": plain("\n".join([*report.notes, summary(report)])),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def gradescope_refusal(sentence: str) -> dict[str, Any]:
    """The result of a submission that could not be graded, with the sentence that says why."""
    return {
        "score": 0,
        "output": plain(sentence),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def classroom50(
    report: Report, *, classroom: str, owner: str, submission: str, source: str, at: float
) -> dict[str, Any]:
    """What Classroom 50 reads as `result.json`, schema `classroom50/result/v1`.

    source: what stands for the commit, its release and its review, which the service that
    publishes the result knows. at: when it was handed in, in seconds of the epoch.
    """
    tests = [
        {
            "test-name": exercise.id,
            "passed": exercise.verdict == PASSED,
            "score": exercise.points,
            "max-score": exercise.max_points,
            "output": plain("\n".join(_lines(exercise, True))),
        }
        for exercise in report.exercises
    ]
    return {
        "schema": "classroom50/result/v1",
        "classroom": classroom,
        "assignment": report.lesson,
        "assignment_type": "individual",
        "owner": owner,
        "submission": submission,
        "commit": source,
        "release": source,
        "review": source,
        "datetime": _utc(at),
        "graded_at": _utc(datetime.datetime.now().timestamp()),
        "score": report.points,
        "max-score": report.max_points,
        "tests": tests,
    }


def _lines(exercise: Any, notebook: bool) -> list[str]:
    return list(feedback_lines(exercise, notebook=notebook))


def _utc(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
