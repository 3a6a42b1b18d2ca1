"""What comes after a passed exercise: what it taught, a lesson's milestone, and the next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.reports.report import Report
from autograder.workspace.workspace import Workspace


def learned(workspace: Workspace, reports: Sequence[Report]) -> str:
    """What one exercise teaches, where it alone was graded and has passed; else nothing."""
    graded = [(report.lesson, exercise.id) for report in reports for exercise in report.exercises]
    if len(graded) != 1 or not reports[-1].all_passed:
        return ""
    ((lesson, id),) = graded
    return workspace.course.lesson(lesson).exercises[id].learned


def after(workspace: Workspace, reports: Sequence[Report]) -> Iterator[str]:
    """Where all of `reports` has passed: the milestone of a complete lesson, and the next step."""
    if not all(report.all_passed for report in reports):
        return
    lesson, id = reports[-1].lesson, reports[-1].exercises[-1].id
    own = workspace.standing(lesson)
    if own.passed == len(own.standings):
        yield f"The lesson is complete. Its milestone: grad milestone {lesson}"
    if following := own.after(id):
        name = workspace.course.shortest(lesson, following.exercise.id)
        yield f"Next: {name}; read about it with grad show {name}"
    elif elsewhere := workspace.progress().after(lesson, id):
        name = workspace.course.shortest(elsewhere[0].lesson.name, elsewhere[1].exercise.id)
        yield f"Next: {name}; read about it with grad show {name}"


def next_hint(workspace: Workspace, lesson: str, exercise: str) -> str:
    """The next of the author's hints, which counts as given from now on."""
    hints = workspace.course.lesson(lesson).exercises[exercise].hints
    if not hints:
        return f"{exercise} has no hints."
    if workspace.store.has_passed(lesson, exercise):  # nobody needs them any more
        return "\n".join(f"{number}. {hint}" for number, hint in enumerate(hints, 1))
    number = min(workspace.store.hints(lesson, exercise) + 1, len(hints))
    workspace.store.set_hints(lesson, exercise, number)
    left = len(hints) - number
    return f"{number}. {hints[number - 1]}\n" + (
        f"{left} more" if left else "That was the last hint."
    )
