"""One submission in a grading process: which file counts, its report, and how it ended."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from autograder.classroom.graded import (
    CRASHED,
    GRADED,
    HANGING,
    TOO_LARGE,
    UNREADABLE,
    Outcome,
    packed_submission,
)
from autograder.classroom.work import Done, Work, result
from autograder.grading.session import Session
from autograder.lessons.choosing import Read, chosen
from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError
from autograder.lessons.files import TooLarge, Unreadable, parsed
from autograder.reports.report import Kind, Report


def grade(session: Session, work: Work) -> Done:
    """Grade one submission; whatever it is, there is a result.

    Raises CourseError, and PoolError or OSError where the workers have ended.
    """
    begun = time.monotonic()

    def done(
        outcome: Outcome, why: str, name: str = "", report: Report | None = None, kept: bytes = b""
    ) -> Done:
        return Done(result(work, outcome, why, time.monotonic() - begun, name, report), kept)

    try:
        path, why, submission = _read(session.course, work)
        report = session.grade(submission, work.lesson, work.seed, carry_forward=work.carry_forward)
    except TooLarge as error:
        return done(TOO_LARGE, str(error))
    except Unreadable as error:
        return done(UNREADABLE, str(error))
    except MemoryError:
        return done(TOO_LARGE, "there was not memory enough to grade it")
    except (GradschoolError, OSError):  # not its fault: the next would fare no better
        raise
    except Exception as error:
        return done(CRASHED, f"the grader failed at it ({type(error).__name__})")
    outcome = _outcome(report)
    why = why or (outcome is not GRADED) * "nothing of it could be run"
    return done(outcome, why, path.name, report, packed_submission(submission))


def _read(course: Course, work: Work) -> tuple[Path, str, Any]:
    """The file that counts, why that one, and what is in it; raises Unreadable."""
    if work.refused:
        raise work.refused
    files = {Path(name): _parsed(name, content) for name, content in work.files}
    path, why = chosen(course, work.lesson, files)
    found = files[path]
    if isinstance(found, Unreadable):
        raise found
    return path, why, found


def _parsed(name: str, content: bytes) -> Read:
    try:
        return parsed(Path(name), content)
    except Unreadable as error:
        return error


def _outcome(report: Report) -> Outcome:
    if not report.loading:
        return GRADED
    hung = any(each.loading and each.kind is Kind.TIMED_OUT for each in report.exercises)
    return HANGING if hung else CRASHED
