"""At a glance: verdicts that need nothing to be run, so that neither torch nor a worker is started.

An untouched stub, a file that is not Python and a name that no statement defines can be told from
the text alone. What cannot be is graded as usual.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Collection
from dataclasses import replace

from autograder.grading.renamed import renamed
from autograder.lessons.lesson import Lesson
from autograder.lessons.submission import Submission
from autograder.reports.report import CRASHED, TODO, WRONG, ExerciseReport, Kind, Report

# What brings names into a file that do not stand in it.
_BRINGS_NAMES = re.compile(
    r"import\s*\*|\b(exec|eval|setattr|globals|locals|vars|__dict__|get_ipython)\b|^\s*%",
    re.MULTILINE,
)


def glance(
    lesson: Lesson, submission: Submission, checks_source: str, only: Collection[str] | None
) -> Report | None:
    """The report on these exercises (all where `only` is None), or None where code has to run.

    Hidden checks are not listed in it: which there are says the text of the checks.
    """
    begun = time.perf_counter()
    try:
        points = _points(checks_source)
    except SyntaxError:  # the course is at fault, which grading says
        return None
    found = []
    for exercise in lesson.exercises.values():
        if only is not None and exercise.id not in only:
            continue
        line, most = submission.shown_line(exercise.id), points.get(exercise.id, 1)
        base = ExerciseReport(exercise.id, TODO, 0, most, line=line)
        if not submission.is_untouched(exercise):
            failed = _unreadable(submission, base) or _absent(submission, lesson, base)
            if failed is None:
                return None
            base = failed
        found.append(base)
    seconds = time.perf_counter() - begun
    return Report(lesson.name, submission.path, 0, seconds, tuple(found), submission.notes)


def not_defined(id: str) -> str:
    """The sentence for an exercise that a file does not have."""
    return f"{id} is not defined in this file; keep the name that the lesson gives it"


def _unreadable(submission: Submission, base: ExerciseReport) -> ExerciseReport | None:
    """Where nothing of the file is Python, so that nothing of it can be run."""
    if submission.readable or not submission.problems:
        return None
    problem = submission.problems[0]
    where, _ = submission.place(problem.line)
    message = f"{where}: {problem.message}"
    return replace(base, verdict=CRASHED, message=message, kind=Kind.SYNTAX, loading=True)


def _absent(submission: Submission, lesson: Lesson, base: ExerciseReport) -> ExerciseReport | None:
    """Where no statement of the file could define it."""
    if submission.problems or submission.defines(base.id):
        return None
    if any(_BRINGS_NAMES.search(unit.source) for unit in submission.units):
        return None
    causes = renamed(submission, lesson, base.id)
    message = not_defined(base.id)
    return replace(base, verdict=WRONG, message=message, kind=Kind.MISSING, causes=causes)


def _points(checks_source: str) -> dict[str, int]:
    """What exercises are worth, as `exercise("name", points=2)` says in the text of the checks."""
    if "points=" not in checks_source:
        return {}
    calls = (node for node in ast.walk(ast.parse(checks_source)) if isinstance(node, ast.Call))
    return {
        ast.literal_eval(call.args[0]): ast.literal_eval(keyword.value)
        for call in calls
        for keyword in call.keywords
        if keyword.arg == "points"
    }
