"""`grad hint`: what is known of one's own code, where to look in it, and the author's hints."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.cli.console import ExerciseName, console, open_workspace
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import Unreadable, read
from autograder.lessons.lesson import Exercise, Lesson
from autograder.repair.place import told_from
from autograder.reports.report import FAILED, PASSED, TODO
from autograder.reports.terminal import plain
from autograder.workspace.hints import LAST, give, level_of
from autograder.workspace.workspace import Workspace

NOTHING = "No one change of your code was found that would make it pass."


def hint(
    exercise: ExerciseName,
    level: Annotated[int, typer.Option(help="Show the hints up to this one.")] = 0,
) -> None:
    """Give the next hint for an exercise. Each call gives away one more.

    What the last check said about your code comes first. The second-to-last hint comes with the
    line where a change would make it pass; the first does, where that check could name no mistake.
    """
    course = Course.find()
    lesson, found = course.resolve_step(exercise)
    workspace = open_workspace(course)
    if level < 0:
        raise WrongUse(f"there is no hint {level}; the first is 1")
    level = level_of(workspace, lesson, found, level)
    fingerprint = workspace.fingerprint(lesson.name)
    clues = workspace.store.clues(lesson.name, found.id, fingerprint)
    for label, text in clues:
        console().print(f"{label}: {plain(text)}", style="cyan")
    verdict = _verdict(workspace, lesson, found.id, fingerprint)
    is_named = bool(clues) or verdict not in FAILED
    due = level >= told_from(len(found.hints), is_named=is_named)
    if isinstance(found, Exercise) and due and verdict not in (PASSED, TODO):
        _say_place(workspace, lesson, found, fingerprint)
    if not found.hints:
        console().print(f"{found.id} has no hints.")
        return
    hints = give(workspace, lesson, found, level)
    for text in hints.told:
        console().print(plain(text))
    more = f"{hints.left} more: grad hint {course.shortest(lesson.name, found.id)}"
    console().print(more if hints.left else LAST)


def _verdict(workspace: Workspace, lesson: Lesson, id: str, fingerprint: str) -> str | None:
    """The last verdict, where it is on the very file that is there."""
    known = workspace.store.verdicts(lesson.name).get(id)
    return known.verdict if known and known.fingerprint == fingerprint else None


def _say_place(workspace: Workspace, lesson: Lesson, exercise: Exercise, fingerprint: str) -> None:
    """Say where a change would make the exercise pass."""
    says = workspace.store.place(lesson.name, exercise.id, fingerprint)
    if says is None:
        says = _look(workspace, lesson, exercise)
        if says is None:
            return
        workspace.store.set_place(lesson.name, exercise.id, fingerprint, says)
    console().print(f"the place: {plain(says)}" if says else NOTHING, style="cyan")


def _look(workspace: Workspace, lesson: Lesson, exercise: Exercise) -> str | None:
    """The sentence of the place, "" where none was found, None where nothing was written."""
    try:
        submission = read(workspace.path(lesson.name))
    except (Unreadable, OSError):
        return None
    if submission.is_untouched(exercise) or not submission.defines(exercise.id):
        return None
    console().print("Looking for the place in your code ...", style="dim")
    from autograder.grading.session import Session
    from autograder.repair.sitting import find_sentence

    with Session(workspace.course) as session:
        return find_sentence(session, submission, lesson.name, exercise.id)
