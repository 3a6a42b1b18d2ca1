"""Errors of Python and torch in a learner's words: what they mean, and where to look."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.messages import MESSAGES
from autograder.grading.causes.names import (
    missing_attribute,
    missing_in_module,
    unknown_name,
    unset_name,
)
from autograder.grading.causes.source import called
from autograder.grading.result import Raised
from autograder.reports.cause import Cause


def raised(evidence: Evidence) -> Iterator[Cause]:
    """The cause of the error that the first failing item raised, if it raised one."""
    if not evidence.errors:
        return
    error = evidence.errors[0]
    for rule in _RULES:
        if cause := rule(evidence, error):
            yield replace(cause, hedged=True) if _is_elsewhere(evidence, error) else cause
            return


def _is_elsewhere(evidence: Evidence, error: Raised) -> bool:
    """Whether it arose in another exercise, or beyond it, which was given too little perhaps."""
    spans, own = evidence.submission.spans, evidence.exercise
    if not error.lines or spans(own, error.lines[-1]):
        return False
    others = set(evidence.key.plan.lesson.exercises) - {own}
    return any(spans(other, line) for line in error.lines for other in others)


def asks_the_keyboard(evidence: Evidence, error: Raised) -> Cause | None:
    line = evidence.at(error)
    if error.type == "BdbQuit" and line:  # a breakpoint stops in the line behind its own
        line -= 1
    statement = evidence.statement(line)
    for node in ast.walk(statement) if statement else ():
        if isinstance(node, ast.Call) and called(node) in _KEYBOARD:
            says = f"`{called(node)}()` waits for a person, and nobody is there: take it out"
            return evidence.cause("keyboard", says, line=node.lineno)
    return None


def ends_the_program(evidence: Evidence, error: Raised) -> Cause | None:
    if error.type != "SystemExit":
        return None
    says = "this line ends the whole program, and not only the function: take it out"
    return evidence.cause("ends the program", says, line=evidence.at(error))


def calls_itself(evidence: Evidence, error: Raised) -> Cause | None:
    if error.type != "RecursionError":
        return None
    source, line = evidence.source, evidence.at(error)
    inside = source is not None and line is not None and source.statement(line) is not None
    if inside:
        says = "this line leads back into the function that it stands in, without an end"
    else:
        says = "functions call one another without an end"
    return evidence.cause("calls itself", says, line=line)


def still_a_stub(evidence: Evidence, error: Raised) -> Cause | None:
    line = evidence.at(error)
    if error.type != "NotImplementedError" or not line:
        return None
    if not evidence.submission.spans(evidence.exercise, line):
        return None
    says = "the stub's own `raise NotImplementedError` is still there: take it out"
    return evidence.cause("stub left", says, line=line)


def init_not_called(evidence: Evidence, error: Raised) -> Cause | None:
    if "before Module.__init__() call" not in error.message and not (
        error.type == "AttributeError"
        and re.search(r"'_(parameters|modules|buffers)'", error.message)
    ):
        return None
    says = "`super().__init__()` is missing: it has to come before anything is kept in `self`"
    return evidence.cause("super missing", says, line=evidence.at(error))


def called_with_others(evidence: Evidence, error: Raised) -> Cause | None:
    """The lesson's checks call it with arguments that it does not take."""
    mismatch = error.type == "TypeError" and "argument" in error.message
    source = evidence.source
    if error.lines or not mismatch or source is None:
        return None
    if evidence.exercise.rpartition(".")[2] not in error.message:
        return None
    given, due = source.parameters, evidence.reference.parameters
    if source.owner and due[:1] == ["self"] and given[:1] != ["self"] and len(given) < len(due):
        says = "`self` is missing as the first parameter"
        return evidence.cause("self missing", says, line=source.node.lineno)
    if given != due:
        says = f"its parameters are not the lesson's: {', '.join(due)}"
        return evidence.cause("other parameters", says, line=source.node.lineno)
    return None


def needless_backward(evidence: Evidence, error: Raised) -> Cause | None:
    """Nothing can go backward here, and the reference does not."""
    source = evidence.source
    lost = "does not require grad and does not have a grad_fn" in error.message
    if not lost or source is None or any(evidence.reference.calls("backward", "grad")):
        return None
    for call in source.calls("backward"):
        says = "nothing is to go backward in this exercise: take `backward()` out"
        return evidence.cause("needless backward", says, line=call.lineno)
    return None


def known_message(evidence: Evidence, error: Raised) -> Cause | None:
    """What one of Python's or torch's messages means, where the learner's own line raised it."""
    if not error.lines:
        return None
    for name, kind, pattern, says in MESSAGES:
        found = re.search(pattern, error.message) if kind in ("", error.type) else None
        if found:
            given = {key: value or "" for key, value in found.groupdict().items()}
            return evidence.cause(
                name, says.format(**given), line=evidence.at(error), safe=says if not given else ""
            )
    return None


_KEYBOARD = ("input", "breakpoint", "set_trace", "getpass")
_RULES = (
    still_a_stub,
    asks_the_keyboard,
    ends_the_program,
    init_not_called,
    calls_itself,
    unknown_name,
    unset_name,
    missing_attribute,
    missing_in_module,
    called_with_others,
    needless_backward,
    known_message,
)
