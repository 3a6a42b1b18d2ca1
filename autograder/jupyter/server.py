"""The grader behind a notebook: a process of its own, so that no reference is in the kernel.

It reads one JSON object a line from stdin and answers with one a line on stdout. A question has
`units` (the fields of each Unit), `exercise` (or nothing for a whole lesson), and what is known of
the lesson: `lesson` as the learner wrote it, `file` as the notebook is named. An answer has
`report`, or `error` with a sentence.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from autograder.grading.session import Session
from autograder.jupyter.kernel import KernelSubmission
from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError, WrongUse
from autograder.lessons.naming import named_after
from autograder.lessons.submission import Unit
from autograder.reports.report import ExerciseReport, Kind, Report


def answer(session: Session, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question; a learner's mistake becomes a sentence, never a traceback."""
    try:
        lesson, exercise = find(session.course, question)
        units = [Unit(*unit) for unit in question["units"]]
        submission, only = KernelSubmission("this notebook", units), {exercise} - {""}
        report = session.grade(submission, lesson, only=only or None)
    except GradschoolError as error:
        return {"error": str(error)}
    except Exception as error:
        return {"error": f"the grader failed: {type(error).__name__}: {error}"}
    return {"report": _for_notebook(report).data()}


def find(course: Course, question: dict[str, Any]) -> tuple[str, str]:
    """The lesson and the exercise that are meant; the exercise is empty for a whole lesson.

    The lesson is the one that was named, else the one that the notebook is named after, else the
    only one with such an exercise.
    """
    lesson, exercise = question["lesson"], question["exercise"]
    if not lesson and ":" in exercise:
        lesson, _, exercise = exercise.rpartition(":")
    lesson = course.resolve_lesson(lesson) if lesson else named_after(course, question["file"])
    if exercise:
        found, meant = course.resolve(f"{lesson}:{exercise}" if lesson else exercise)
        return found.name, meant.id
    if not lesson:
        names = ", ".join(course.names)
        raise WrongUse(f"say which lesson is meant: progress('NAME'); there are {names}")
    return lesson, ""


def _for_notebook(report: Report) -> Report:
    """Line numbers count through all cells, and old cells may have failed: both would mislead."""
    exercises = tuple(_in_kernel(exercise) for exercise in report.exercises)
    return dataclasses.replace(report, exercises=exercises, notes=())


def _in_kernel(exercise: ExerciseReport) -> ExerciseReport:
    if exercise.kind != Kind.MISSING:
        return dataclasses.replace(exercise, line=None)
    message = f"{exercise.id} is not defined in this kernel; run its cell first"
    return dataclasses.replace(exercise, line=None, message=message)


def questions() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def main() -> None:
    """Answer until stdin ends, which it does when the kernel goes away, however it goes."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    for each in _answers():
        answers.write(json.dumps(each) + "\n")
        answers.flush()


def _answers() -> Iterator[dict[str, Any]]:
    try:
        session = Session()
    except GradschoolError as error:
        answer_to_all = {"error": str(error)}
        yield from (answer_to_all for _ in questions())
        return
    with session:
        session.warm_up()
        for question in questions():
            yield answer(session, question)


if __name__ == "__main__":
    main()
