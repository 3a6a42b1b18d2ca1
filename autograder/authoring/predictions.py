"""What a course proves about its predictions: what is measured holds, and no stub tells it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.authoring.inspection import Inspection
from autograder.grading.measuring import Measured, measure
from autograder.lessons.lesson import Lesson, functions
from autograder.lessons.predictions import Prediction

# Nobody waits longer for an answer; of the processor's time.
MOST_SECONDS = 5.0
# Shorter lines say nothing: `x = 1`.
LONG_ENOUGH = 8


def predictions_are_measured(inspection: Inspection) -> Iterator[str]:
    """Each prediction gives an answer of its kind, soon, and right under every other seed."""
    lesson = inspection.plan.lesson
    if not lesson.predictions:
        return
    runs = measure(inspection.course, lesson, list(lesson.predictions), inspection.seeds)
    for prediction in lesson.predictions.values():
        yield from _problems(prediction, [run for run in runs if run.id == prediction.id])


def _problems(prediction: Prediction, runs: list[Measured]) -> Iterator[str]:
    id, kind = prediction.id, prediction.kind
    first = runs[0]
    for run in runs:
        if run.problem:
            yield f"{id} cannot be measured at seed {run.seed}: {run.problem}"
            return
        if run.seconds > MOST_SECONDS:
            yield f"{id} takes {run.seconds:.1f} s, more than {MOST_SECONDS:.0f}; measure less"
            return
        if not kind.agrees(first.true, run.true) or not kind.agrees(run.true, first.true):
            values = f"{kind.shown(first.true)} and {kind.shown(run.true)}"
            yield f"{id} is {values} at seeds {first.seed} and {run.seed}; allow for more"
            return


def stubs_ask(inspection: Inspection) -> Iterator[str]:
    """The stub of each prediction has its question, and nothing of what measures or explains it."""
    lesson = inspection.plan.lesson
    stub = Lesson(lesson.name, lesson.stub())
    nodes = dict(functions(ast.parse(stub.source)))
    for prediction in lesson.predictions.values():
        node = nodes[prediction.id]
        text = "\n".join(stub.lines[node.lineno - 1 : node.end_lineno])
        if prediction.question not in (ast.get_docstring(node) or ""):
            yield f"the stub of {prediction.id} does not ask its question"
        # What is asked about may be code; what explains it may not be in the question.
        code = [x for x in prediction.code.splitlines() if x.strip() not in prediction.question]
        for line in (each.strip() for each in (*code, *prediction.hints, prediction.because)):
            if len(line) >= LONG_ENOUGH and line in text:
                yield f"the stub of {prediction.id} tells {line!r}"
