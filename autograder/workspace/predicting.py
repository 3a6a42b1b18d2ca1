"""Answering a prediction: what was typed is read, the truth measured, the first answer kept."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from autograder.grading.measuring import truth
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import Unreadable, read
from autograder.lessons.lesson import Lesson
from autograder.lessons.predictions import Prediction
from autograder.lessons.submission import Submission
from autograder.workspace.store import Predicted
from autograder.workspace.workspace import Workspace


@dataclass(frozen=True)
class Told:
    """What is said of an answer; `first` is the one that is kept, where it was another one."""

    prediction: Prediction
    answer: Predicted
    first: Predicted | None = None

    @property
    def text(self) -> str:
        """The answer in a sentence, and another one where an earlier answer is kept."""
        answer = self.answer
        told = self.prediction.told(answer.said, answer.true, right=answer.right)
        if self.first is None or self.first.said == answer.said:
            return told
        return f"{told}\nYour first answer was {self.first.said}; that is the one that is kept."


def answered(course: Course, lesson: Lesson, prediction: Prediction, text: str) -> Told:
    """What there is to say of an answer, which is not kept.

    Raises WrongUse where the text is no answer of the kind that is asked for.
    """
    kind = prediction.kind
    said = kind.read(text)
    true = truth(course, lesson, prediction)
    shown = kind.shown(said), kind.shown(true)
    return Told(prediction, Predicted(prediction.id, *shown, kind.agrees(said, true)))


def predict(workspace: Workspace, lesson: Lesson, prediction: Prediction, text: str) -> Told:
    """Answer a prediction, and keep the answer if it is the first one. Raises WrongUse."""
    told = answered(workspace.course, lesson, prediction, text)
    first = workspace.store.predicted(lesson.name).get(prediction.id)
    workspace.store.predict(lesson.name, told.answer)
    return replace(told, first=first)


def remembered(workspace: Workspace, lesson: Lesson, prediction: Prediction) -> Told | None:
    """What was said of the first answer; None where there is none."""
    first = workspace.store.predicted(lesson.name).get(prediction.id)
    return Told(prediction, first) if first else None


def written_answer(submission: Submission, prediction: Prediction) -> str:
    """What a learner's file returns in the place of `None`, as text; "" where nothing."""
    node = submission.definition_of(prediction.id)
    last = node.body[-1] if node else None
    if not isinstance(last, ast.Return) or last.value is None:
        return ""
    text = ast.unparse(last.value)
    return "" if text == "None" else text


def answers_in_file(workspace: Workspace, lesson: Lesson) -> dict[str, str]:
    """The answers that stand in the learner's file, by prediction; none where it cannot be read."""
    try:
        submission = read(workspace.path(lesson.name))
    except Unreadable:
        return {}
    found = {id: written_answer(submission, each) for id, each in lesson.predictions.items()}
    return {id: text for id, text in found.items() if text}


def next_open(workspace: Workspace) -> tuple[Lesson, Prediction]:
    """The first prediction of the course without an answer; raises WrongUse where none is left."""
    for lesson in workspace.progress().lessons:
        for prediction in lesson.lesson.predictions.values():
            if prediction.id not in lesson.predicted:
                return lesson.lesson, prediction
    raise WrongUse("every prediction is answered; `grad list` shows them")
