"""What comes after a passed exercise: what it taught, a milestone, the next step, or the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.reports.report import PASSED, Report, Verdict
from autograder.workspace.stages import offered, shortest
from autograder.workspace.standing import ASKED
from autograder.workspace.workspace import Workspace


@dataclass(frozen=True)
class Words:
    """What to type for a verdict, a picture, a question and a text, with braces for its name."""

    check: str
    plot: str
    predict: str
    read: str


TERMINAL = Words(
    "grad check {}", "grad plot {}", "grad predict {}", "; read about it with grad show {}"
)
# The text stands there already.
NOTEBOOK = Words('grade("{}")', 'plot("{}")', 'predict("{}")', "")


def learned(workspace: Workspace, reports: Sequence[Report]) -> str:
    """What one exercise teaches, where it alone was graded and has passed; else nothing."""
    passed = alone(reports, PASSED)
    return workspace.course.lesson(passed[0]).exercises[passed[1]].learned if passed else ""


def alone(reports: Sequence[Report], verdict: Verdict) -> tuple[str, str] | None:
    """The lesson and the exercise, where one alone was graded and has this verdict."""
    graded = [(report.lesson, exercise) for report in reports for exercise in report.exercises]
    if len(graded) != 1 or graded[0][1].verdict != verdict:
        return None
    return graded[0][0], graded[0][1].id


def after(
    workspace: Workspace, reports: Sequence[Report], words: Words = TERMINAL
) -> Iterator[str]:
    """Where all of `reports` has passed: pictures of the one exercise, and the next step."""
    if not all(report.all_passed for report in reports):
        return
    lesson, id = reports[-1].lesson, reports[-1].exercises[-1].id
    if len(reports) == 1 and len(reports[-1].exercises) == 1:
        for stage in offered(workspace, lesson, id):
            command = words.plot.format(shortest(workspace.course, stage))
            yield f"See it: {command}  ({stage.says})"
    own = workspace.standing(lesson)
    if own.passed == len(own.standings):
        yield f"The lesson is complete. Its milestone: grad milestone {lesson}"
        for task in own.lesson.tasks:
            if task not in own.tried:
                name = workspace.course.shortest(lesson, task)
                yield f"An open task, as often as you like: grad try {name}"
    beside = own.after(id)
    if following := (own, beside) if beside else workspace.progress().after(lesson, id):
        for prediction in following[0].asked_before(following[1].exercise.id)[:1]:
            asked = workspace.course.shortest(following[0].lesson.name, prediction.id)
            yield f"{ASKED}: {words.predict.format(asked)}"
        name = workspace.course.shortest(following[0].lesson.name, following[1].exercise.id)
        yield f"Next: {name}{words.read.format(name)}"
    else:
        yield "That is all of it. What you have built, on one page: grad report"
