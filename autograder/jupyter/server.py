"""The grader behind a notebook: a process of its own, so that no reference is in the kernel.

It reads one JSON object a line from stdin and answers with one a line on stdout. A question has a
`wish` ("report", "hint", "plot" or "predict"), `units` (the fields of each Unit), `exercise` (or
nothing for a whole lesson; or a prediction, with its `answer` as text), and what is known of the
lesson: `lesson` as the learner wrote it, `file`, the notebook. An answer has `report`, `more`
lines to show below it and codes to show `beside` each other, by what they are; or `hint`, or
`told`, or what is needed to draw, or `error` with a sentence.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.grading.session import Session
from autograder.jupyter.kernel import KernelSubmission
from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError, WrongUse
from autograder.lessons.naming import named_after
from autograder.lessons.stages import Need
from autograder.lessons.units import Unit
from autograder.milestone.composed import taken_names
from autograder.reports.report import PASSED, TODO, ExerciseReport, Kind, Report
from autograder.workspace.hints import next_hint
from autograder.workspace.predicting import answered, predict, remembered, written_answer
from autograder.workspace.stages import missing_sentences, passed_exercises, resolve, standing
from autograder.workspace.steps import NOTEBOOK, after, learned
from autograder.workspace.workspace import Workspace


def answer(session: Session, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question; a learner's mistake becomes a sentence, never a traceback."""
    try:
        if question["wish"] == "hint":
            return {"hint": _hint(session.course, question)}
        if question["wish"] == "predict":
            return {"told": _predicted(session.course, question)}
        if question["wish"] == "plot":
            return _pictures(session, question)
        lesson, exercise = find(session.course, question)
        workspace = _workspace(session.course, lesson, Path(question["file"]))
        units = [Unit(*unit) for unit in question["units"]]
        submission, only = KernelSubmission("this notebook", units), {exercise} - {""}
        report = session.grade(submission, lesson, only=only or None)
        return {
            "report": _for_notebook(report).data(),
            "more": _recorded(workspace, report),
            "beside": _beside(workspace, submission, report),
        }
    except GradschoolError as error:
        return {"error": str(error)}
    except Exception as error:
        return {"error": f"the grader failed: {type(error).__name__}: {error}"}


def _workspace(course: Course, lesson: str, file: Path) -> Workspace | None:
    """The workspace that the notebook is a lesson of, where it is one."""
    if file.stem != lesson or file.parent.name != "exercises" or not file.is_file():
        return None
    return Workspace(file.parent.parent, course)


def _recorded(workspace: Workspace | None, report: Report) -> list[str]:
    """Keep the verdicts of what was run as those of the file; what there is to say besides."""
    if workspace is None:
        return []
    run = tuple(each for each in report.exercises if each.kind != Kind.MISSING)
    kept = dataclasses.replace(report, exercises=run)
    workspace.store.record(kept, workspace.fingerprint(report.lesson))
    if not run or len(run) < len(report.exercises):
        return []
    taught = learned(workspace, [report])
    steps = after(workspace, [report], NOTEBOOK)
    return [*([f"What you learned: {taught}"] if taught else []), *steps]


def _beside(
    workspace: Workspace | None, submission: KernelSubmission, report: Report
) -> dict[str, str]:
    """The learner's own body and the reference's, where one exercise has passed in a workspace."""
    if workspace is None or len(report.exercises) != 1 or not report.all_passed:
        return {}
    id = report.exercises[0].id
    exercise = workspace.course.lesson(report.lesson).exercises[id]
    own = "\n".join(submission.body_of(id))
    return {} if exercise.worked else {"your own": own, "the reference": exercise.code}


def _pictures(session: Session, question: dict[str, Any]) -> dict[str, Any]:
    """What the kernel needs to draw the stages of an exercise; the sentence of what is missing."""
    if not question["exercise"]:
        raise WrongUse('say which exercise or picture: plot("NAME")')
    file = Path(question["file"])
    lesson, stages = resolve(session.course, word_of(session.course, question))
    submission = KernelSubmission("this notebook", [Unit(*unit) for unit in question["units"]])
    needs = {need for stage in stages for need in stage.needs}
    workspace = _workspace(session.course, lesson, file)
    passed = _passed_here(session, submission, lesson, needs)
    passed |= _passed_elsewhere(workspace, lesson, needs)
    found = [standing(session.course, stage, passed) for stage in stages]
    waiting = [each for each in found if not each.is_ready]
    missing = missing_sentences(session.course, waiting, NOTEBOOK.check)
    source = session.course.lesson(lesson)
    return {
        "lesson": lesson,
        "stages": [each.stage.name for each in found if each.is_ready],
        "missing": list(missing),
        "stub": source.stub(),
        "taken": taken_names(source),
    }


def _passed_here(
    session: Session, submission: KernelSubmission, lesson: str, needs: set[Need]
) -> set[Need]:
    """What passes as the kernel holds it now."""
    wanted = {need.exercise for need in needs if need.lesson == lesson}
    report = session.grade(submission, lesson, only=wanted)
    worked = {id for id, each in session.course.lesson(lesson).exercises.items() if each.worked}
    right = {each.id for each in report.exercises if each.verdict == PASSED}
    return {Need(lesson, id) for id in right | worked}


def _passed_elsewhere(workspace: Workspace | None, lesson: str, needs: set[Need]) -> set[Need]:
    """What has passed of other lessons; outside of a workspace nobody knows, and it is tried."""
    others = {need for need in needs if need.lesson != lesson}
    if workspace is None:
        return others
    return passed_exercises(workspace, {need.lesson for need in others})


def _hint(course: Course, question: dict[str, Any]) -> str:
    if not question["exercise"]:
        raise WrongUse('say for which exercise: hint("NAME")')
    lesson, step = course.resolve_step(word_of(course, question))
    workspace = _workspace(course, lesson.name, Path(question["file"]))
    if workspace is None:
        raise WrongUse(f"hints are counted in a workspace; type `grad hint {step.id}` in yours")
    return next_hint(workspace, lesson, step)


def _predicted(course: Course, question: dict[str, Any]) -> str:
    """What there is to say of an answer, or of the question where there is none."""
    if not question["exercise"]:
        raise WrongUse('say which prediction: predict("NAME", ANSWER)')
    lesson, prediction = course.resolve_prediction(word_of(course, question))
    workspace = _workspace(course, lesson.name, Path(question["file"]))
    units = [Unit(*unit) for unit in question["units"]]
    written = written_answer(KernelSubmission("this notebook", units), prediction)
    if text := question["answer"] or written:
        if workspace is None:
            return answered(course, lesson, prediction, text).text
        return predict(workspace, lesson, prediction, text).text
    told = remembered(workspace, lesson, prediction) if workspace else None
    more = told.text if told else f'Your prediction: predict("{prediction.id}", ANSWER)'
    return f"{prediction.asked}\n\n{more}"


def named(course: Course, question: dict[str, Any]) -> tuple[str, str]:
    """The lesson, or nothing, and the word for an exercise or prediction.

    The lesson is the one that was named, else the one that the notebook is named after.
    """
    lesson, word = question["lesson"], question["exercise"]
    if not lesson and ":" in word:
        lesson, _, word = word.rpartition(":")
    file = Path(question["file"]).stem
    return course.resolve_lesson(lesson) if lesson else named_after(course, file), word


def word_of(course: Course, question: dict[str, Any]) -> str:
    """What is meant, as `LESSON:NAME`, or without a lesson where none is known."""
    return ":".join(filter(None, named(course, question)))


def find(course: Course, question: dict[str, Any]) -> tuple[str, str]:
    """The lesson and the exercise that are meant; the exercise is empty for a whole lesson.

    The lesson is the one that `named` gives, else the only one with such an exercise.
    """
    lesson, exercise = named(course, question)
    if exercise:
        found, meant = course.resolve(word_of(course, question))
        return found.name, meant.id
    if not lesson:
        names = ", ".join(course.names)
        raise WrongUse(f"say which lesson is meant: progress('NAME'); there are {names}")
    return lesson, ""


def _for_notebook(report: Report) -> Report:
    """Line numbers count through all cells, and old cells may have failed: both would mislead."""
    alone = len(report.exercises) == 1
    exercises = tuple(_in_kernel(exercise, alone=alone) for exercise in report.exercises)
    return dataclasses.replace(report, exercises=exercises, notes=())


def _in_kernel(exercise: ExerciseReport, *, alone: bool) -> ExerciseReport:
    if exercise.kind != Kind.MISSING:
        return dataclasses.replace(exercise, line=None)
    message = f"{exercise.id} is not defined in this kernel; run its cell first" if alone else ""
    return dataclasses.replace(exercise, verdict=TODO, line=None, message=message)


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
