"""Which lesson a submission is of, whatever its file was called on the way here."""

from __future__ import annotations

from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.submission import Submission

# A name weighs as much as half of a lesson's exercises: pasted code of another lesson has less.
_NAMED = 0.5


def lesson_of(course: Course, submission: Submission) -> str:
    """The lesson that nbgrader's grade ids say, else the exercises together with the file's name.

    Raises WrongUse, with one sentence, where that says nothing, or says two lessons alike.
    """
    if lesson := _by_grade_ids(course, submission):
        return lesson
    path = Path(submission.path)
    named = named_after(course, path.stem)
    shares = {name: _share(course, name, submission) for name in course.names}
    weights = {name: shares[name] + _NAMED * (name == named) for name in course.names}
    best = max(weights, key=weights.__getitem__, default="")
    if not best or not weights[best]:
        raise WrongUse(
            f"{path.name} is named like no lesson and defines no lesson's exercises; "
            "say which one it is with --lesson NAME"
        )
    if best != named and (also := _also(course, best, submission)):
        raise WrongUse(
            f"{path.name} is named like no lesson, and could be {best} or {also} by what it "
            "defines; say which one it is with --lesson NAME"
        )
    return best


def named_after(course: Course, name: str) -> str:
    """The lesson whose name stands in a name, or an empty text; the longest of several."""
    return max((each for each in course.names if each in name), key=len, default="")


def _by_grade_ids(course: Course, submission: Submission) -> str:
    counts = {
        name: sum(id.startswith(f"{name}-") for id in submission.grade_ids) for name in course.names
    }
    best = max(counts, key=counts.__getitem__, default="")
    return best if counts.get(best) else ""


def _defined(course: Course, lesson: str, submission: Submission) -> set[str]:
    ids = course.lesson(lesson).exercises
    return {id for id in ids if submission.line_of(id) or _is_assigned(submission, id)}


def _is_assigned(submission: Submission, id: str) -> bool:
    return "." not in id and submission.defines(id)


def _share(course: Course, lesson: str, submission: Submission) -> float:
    exercises = course.lesson(lesson).exercises
    return len(_defined(course, lesson, submission)) / len(exercises) if exercises else 0.0


def _also(course: Course, best: str, submission: Submission) -> str:
    """Another lesson that has all of the exercises by which the best one was found."""
    mine = _defined(course, best, submission)
    others = (name for name in course.names if name != best)
    return next((name for name in others if mine <= _defined(course, name, submission)), "")
