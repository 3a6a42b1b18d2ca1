"""What to do next about an exercise, and an instructor's feedback on it as plain lines."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.reports.details import details
from autograder.reports.report import (
    BLOCKED,
    CRASHED,
    KINDS,
    PASSED,
    TIMED_OUT,
    TODO,
    CheckVerdict,
    ExerciseReport,
)

ADVICE = {
    TODO: "Not begun yet: fill in its cell, and run the locked cell below it.",
    TIMED_OUT: "Try it on a small input; look for a loop that does not end.",
    CRASHED: "Call it in a cell of your own, with a small input, and read the error from below.",
}
RUN_EXAMPLES = "Run the locked cell in your notebook: it shows what the example expects."
BY_HAND = "Work out by hand, for the smallest case, what the failed sentence says, and compare."
# Where what was handed in is a script.
_SCRIPTS = {
    ADVICE[TODO]: "Not begun yet: fill in its body.",
    ADVICE[CRASHED]: "Call it yourself, with a small input, and read the error from below.",
    RUN_EXAMPLES: "Try the example in its docstring: it shows what is expected.",
}


def next_step(exercise: ExerciseReport, *, notebook: bool = True) -> str:
    """What to do about an exercise, in a sentence; nothing where it has passed."""
    step = _next_step(exercise)
    return step if notebook else _SCRIPTS.get(step, step)


def _next_step(exercise: ExerciseReport) -> str:
    if exercise.verdict == PASSED:
        return ""
    if exercise.first:  # where it is not blocked, the report itself says what to fix
        return f"Finish {exercise.first[0]} first." if exercise.verdict == BLOCKED else ""
    if exercise.verdict in ADVICE:
        return ADVICE[exercise.verdict]
    examples = next((check for check in exercise.checks if check.name == "examples"), None)
    return BY_HAND if examples is None or examples.verdict == CheckVerdict.PASSED else RUN_EXAMPLES


def feedback_lines(exercise: ExerciseReport, *, notebook: bool = True) -> Iterator[str]:
    """An exercise of a hidden report in sentences: what is wrong, each check, what to do next.

    The sentence of a check that is listed is not said twice.
    """
    checks = exercise.checks if exercise.verdict != TODO else ()
    sentences = {check.says for check in checks}
    for detail in details(exercise):
        if detail.text not in sentences:
            yield f"{detail.label.capitalize()}: {detail.text}" if detail.label else detail.text
    for check in checks:
        other = check.kind if check.kind != exercise.kind else None
        how = f" ({KINDS[other]})" if other and check.verdict == CheckVerdict.FAILED else ""
        yield f"{check.verdict}: {check.says}{how}"
    if step := next_step(exercise, notebook=notebook):
        yield f"Next: {step}"
