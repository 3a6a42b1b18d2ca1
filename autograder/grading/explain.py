"""Explaining: what went wrong with an exercise, in the words of its report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from autograder.grading.display import show
from autograder.grading.examples import example_difference, example_lines
from autograder.grading.glance import not_defined
from autograder.grading.plan import EXAMPLES, Plan
from autograder.grading.result import Failure, Outcome, Raised, Result
from autograder.lessons.submission import Submission
from autograder.pool.pool import MAX_THREADS, TOO_MANY_THREADS, Item
from autograder.reports.report import (
    CRASHED,
    TIMED_OUT,
    WRONG,
    CheckReport,
    CheckVerdict,
    Kind,
    Verdict,
)

_VERDICTS = {
    Kind.RAISED: CRASHED,
    Kind.DIED: CRASHED,
    Kind.MALFORMED: CRASHED,
    Kind.SYNTAX: CRASHED,
    Kind.LOAD: CRASHED,
    Kind.TIMED_OUT: TIMED_OUT,
}


# Of the learner's lines that an error crossed; the last ones tell the most.
MOST_LINES = 3


class Trouble(NamedTuple):
    """How something failed: the message, and the learner's own line where one raised.

    With `loading`, the file or the cell could not be used.
    """

    kind: Kind
    message: str
    place: str = ""
    loading: bool = False

    @property
    def verdict(self) -> Verdict:
        return _VERDICTS.get(self.kind, WRONG)


@dataclass(frozen=True)
class Explainer:
    """Has the words for one submission of a lesson."""

    plan: Plan
    submission: Submission

    def check(self, item: Item, verdict: CheckVerdict, failure: Failure | None) -> CheckReport:
        """A check, or the examples, with its first failing case."""
        declared = self.plan.check_of(item)
        name, says = declared.name if declared else EXAMPLES, self.plan.says(item)
        if failure is None:
            return CheckReport(name, says, verdict)
        returned = failure.result.outcome is Outcome.RETURNED
        message = str(failure.difference) if returned else ""
        return CheckReport(name, says, verdict, failure.difference.kind, message)

    def missing(self, id: str) -> Trouble:
        return Trouble(Kind.MISSING, not_defined(id))

    def error(self, raised: Raised) -> tuple[str, str]:
        """An error of the learner's code: the message, and the learner's lines that led there."""
        text = f"{raised.type}: {raised.message}" if raised.message else raised.type
        if not raised.lines:
            return text, ""
        # A line that was run through twice, such as a lambda's, counts where it came last.
        last = reversed(dict.fromkeys(reversed(raised.lines)))
        places = [self.submission.place(line) for line in last]
        shown = [f"{where}: {line}" for where, line in places[-MOST_LINES:]]
        return f"{text} ({places[-1][0]})", "\n".join(shown)

    def failure(self, id: str, failure: Failure) -> Trouble:
        """How one item of an exercise failed."""
        outcome = failure.result.outcome
        if outcome is Outcome.REFUSED:
            return Trouble(Kind.REFUSED, self._shortcut(id, failure.result.error.message))
        if outcome is Outcome.RAISED:
            message, place = self.error(failure.result.error)
            message += self._call(id, failure.result.error)
            if failure.item.is_examples:
                message = "\n".join([*example_lines(self.plan, id, failure.result.at), message])
            return Trouble(Kind.RAISED, message, place)
        if outcome is Outcome.TIMED_OUT:
            return self._late(failure.result)
        if outcome is not Outcome.RETURNED:
            return Trouble(outcome.kind, ended(failure.result))
        if failure.item.is_examples:
            message = example_difference(self.plan, id, failure.difference)
            return Trouble(failure.difference.kind, message)
        return Trouble(failure.difference.kind, str(failure.difference))

    def _late(self, result: Result) -> Trouble:
        """Where something was at the end of its time, and what its variables held."""
        lines, held = result.late
        if not lines:
            return Trouble(Kind.TIMED_OUT, ended(result))
        where, line = self.submission.place(lines[-1])
        values = ", ".join(f"{name} = {show(value, 60)}" for name, value in held)
        told = f", with {values}" if values else ""
        return Trouble(
            Kind.TIMED_OUT, f"{ended(result)}: at last it was in {where}{told}", f"{where}: {line}"
        )

    def _shortcut(self, id: str, shortcut: str) -> str:
        says = self.plan.declarations.sentence(id, shortcut)
        return says or f"{shortcut} may not be used in this exercise"

    def _call(self, id: str, raised: Raised) -> str:
        """How the lesson calls an exercise that could not take the lesson's arguments."""
        called_wrongly = raised.type == "TypeError" and "argument" in raised.message
        if raised.lines or not called_wrongly:
            return ""
        return f"; the lesson calls it as {self.plan.signature(id)}"


def ended(result: Result) -> str:
    """How a process that gave no answer came to its end."""
    if result.outcome is Outcome.TIMED_OUT:
        return "it did not end in time"
    if result.outcome is Outcome.DIED:
        return _DEATHS.get(result.detail, f"it ended its process ({result.detail})")
    return f"it sent something that is no observation ({result.detail})"


_DEATHS = {
    TOO_MANY_THREADS: f"it started more threads than the {MAX_THREADS} that it may",
    "SIGSEGV": "it crashed the interpreter (segmentation fault)",
    "SIGABRT": "it aborted the interpreter",
    "SIGXCPU": "it used more processor time than it may",
    "SIGKILL": "it used more memory or time than it may",
    "SIGSYS": "it made a system call that is not allowed",
}
