"""`grad predict`: a question of the course, answered before it is measured."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli.console import console, error_line, open_workspace, room
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.lesson import Lesson
from autograder.lessons.predictions import Prediction
from autograder.reports.paragraphs import prose
from autograder.reports.report import PASSED
from autograder.reports.terminal import plain
from autograder.workspace.predicting import Told, answers_in_file, next_open, predict, remembered
from autograder.workspace.workspace import Workspace


def add_to(app: typer.Typer) -> None:
    # An answer may begin with a minus, and is no option then.
    settings = {"ignore_unknown_options": True}
    example = "Example: grad predict first_loss_of_randn 3.3"
    app.command("predict", epilog=example, context_settings=settings)(predict_first)


def predict_first(
    name: Annotated[
        str,
        typer.Argument(metavar="PREDICTION", help="Its name; the next one by default."),
    ] = "",
    answer: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ANSWER", help="Your answer; by default what your file says, or you are asked."
        ),
    ] = None,
) -> None:
    """Say what you expect; only then see what it is, and why.

    Your first answer is kept, and shown with your progress. It gives no points and costs none.
    """
    course = Course.find()
    workspace = open_workspace(course)
    lesson, prediction = course.resolve_prediction(name) if name else next_open(workspace)
    written = answers_in_file(workspace, lesson)
    text = " ".join(answer or ()) or written.get(prediction.id, "")
    if text:
        told = predict(workspace, lesson, prediction, text)
    else:
        show_question(lesson, prediction)
        told = _asked(workspace, lesson, prediction)
    console().print(plain(told.text), style="green" if told.answer.right else "cyan")
    _say_next(workspace, lesson, prediction)


def show_question(lesson: Lesson, prediction: Prediction) -> None:
    title = f"  a prediction of {plain(lesson.title)}\n"
    console().print(Text.assemble((prediction.id, "bold"), title))
    for text in prose(prediction.asked, room()):
        console().print(text)


def _asked(workspace: Workspace, lesson: Lesson, prediction: Prediction) -> Told:
    """Ask until the answer is of the kind that is wanted; once where nobody sits at a terminal."""
    while True:
        text = input("\nYour prediction: ")
        try:
            return predict(workspace, lesson, prediction, text)
        except WrongUse as error:
            if not sys.stdin.isatty():
                raise
            error_line(str(error))


def show_prediction(workspace: Workspace, lesson: Lesson, prediction: Prediction) -> None:
    """The question, with the answer where there is one, else with what to type."""
    show_question(lesson, prediction)
    if told := remembered(workspace, lesson, prediction):
        console().print(f"\n{plain(told.text)}")
    else:
        name = workspace.course.shortest(lesson.name, prediction.id)
        console().print(f"\nAnswer it: grad predict {name}")


def _say_next(workspace: Workspace, lesson: Lesson, prediction: Prediction) -> None:
    """The next question without an answer, or exercise that has not passed, behind this one."""
    verdicts = workspace.store.verdicts(lesson.name).items()
    done = {id for id, known in verdicts if known.verdict == PASSED}
    done |= workspace.store.predicted(lesson.name).keys()
    behind = (step for step in lesson.steps if step.line > prediction.line)
    if following := next((step for step in behind if step.id not in done), None):
        name = workspace.course.shortest(lesson.name, following.id)
        what = "predict" if isinstance(following, Prediction) else "show"
        console().print(f"Next: grad {what} {name}")
