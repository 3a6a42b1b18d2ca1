"""What a learner is told about a wrong answer, and whether it is true."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from autograder.authoring.wrong import WrongAnswer
from autograder.grading.session import Session
from autograder.lessons.submission import Submission, Unit
from autograder.reports.details import MOST
from autograder.reports.report import FAILED, ExerciseReport


class Judged(StrEnum):
    """Whether a sentence leads to what is wrong, or astray, or nowhere, as a person has judged."""

    TRUE = "true"
    FALSE = "false"
    VAGUE = "vague"
    UNJUDGED = "unjudged"


class Outcome(StrEnum):
    """What an answer got, the worst or the best of all that is said about it."""

    CAUSE = "cause"
    LINE = "line"
    NOTHING = "nothing"
    FALSE = "false"
    UNJUDGED = "unjudged"
    NOT_WRONG = "not wrong"


@dataclass(frozen=True)
class Sentence:
    """One thing that is said. `source` is the rule's name, or `mistake` for a known mistake."""

    source: str
    says: str
    hedged: bool
    judged: Judged


@dataclass(frozen=True)
class Told:
    """All that is said about one wrong answer.

    `lines` has where each line comes from that is named and wrong indeed, and `place` the sentence
    of the search with the first line that it names; `astray` says that this one is not wrong.
    `seconds` is the wall time of grading, and of the search where one was made.
    """

    id: str
    exercise: str
    wrong: str
    verdict: str
    sentences: tuple[Sentence, ...] = ()
    lines: tuple[str, ...] = ()
    place: str = ""
    astray: bool = False
    seconds: float = 0.0
    outcome: Outcome = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcome", self._outcome())

    def _outcome(self) -> Outcome:
        if self.verdict not in FAILED:
            return Outcome.NOT_WRONG
        if self.misled:
            return Outcome.FALSE
        judged = {sentence.judged for sentence in self.sentences}
        if Judged.TRUE in judged:
            return Outcome.CAUSE
        if self.lines:
            return Outcome.LINE
        return Outcome.UNJUDGED if Judged.UNJUDGED in judged else Outcome.NOTHING

    @property
    def misled(self) -> bool:
        """Whether the first sentence, or one that is said without a hedge, is false."""
        return any(
            sentence.judged is Judged.FALSE and (number == 0 or not sentence.hedged)
            for number, sentence in enumerate(self.sentences)
        )

    def data(self) -> dict[str, Any]:
        return asdict(self)


def tell(session: Session, answer: WrongAnswer, *, places: bool) -> Told:
    """Grade a wrong answer, and judge what its report says; with `places`, search as well."""
    submission = Submission(f"{answer.lesson}.py", [Unit(answer.source)])
    begun = time.perf_counter()
    graded = session.grade(submission, answer.lesson, only={answer.exercise})
    (report,) = graded.exercises
    place = _place(session, answer, submission) if places and report.verdict in FAILED else None
    seconds = time.perf_counter() - begun
    found = place is not None and all(map(answer.lines.intersection, place.spans))
    return Told(
        answer.id,
        answer.exercise,
        answer.wrong,
        report.verdict,
        tuple(_sentences(answer, report)),
        (*_lines_named(answer, report), *["search"] * found),
        place.says if place else "",
        place is not None and not found,
        seconds,
    )


class _Place(NamedTuple):
    says: str
    spans: tuple[range, ...]


def _place(session: Session, answer: WrongAnswer, submission: Submission) -> _Place | None:
    from autograder.repair.search import find_place

    key = session.key(answer.lesson)
    place = find_place(submission, key, answer.exercise, session.pool)
    if place is None:
        return None
    spans = ((place.line, place.last_line), *place.others)
    return _Place(place.says, tuple(range(first, last + 1) for first, last in spans))


def _lines_named(answer: WrongAnswer, report: ExerciseReport) -> Iterator[str]:
    """Where the report itself names a line that is wrong: at the error, or for a cause."""
    error = re.match(r"line (\d+)", report.place)
    if error and int(error[1]) in answer.lines:
        yield "error"
    if any(cause.line in answer.lines for cause in report.causes[:MOST]):
        yield "cause"


def _sentences(answer: WrongAnswer, report: ExerciseReport) -> list[Sentence]:
    said = [("mistake", report.diagnosis, False)] if report.diagnosis else []
    said += [(cause.name, cause.says, cause.hedged) for cause in report.causes[:MOST]]
    return [Sentence(*each, judge(answer, each[1])) for each in said]


def judge(answer: WrongAnswer, says: str) -> Judged:
    """Whether a sentence is true of an answer, by the patterns that a person wrote for it."""
    for patterns, judged in (
        (answer.false, Judged.FALSE),
        (answer.vague, Judged.VAGUE),
        (answer.true, Judged.TRUE),
    ):
        if any(re.search(pattern, says, re.IGNORECASE) for pattern in patterns):
            return judged
    return Judged.UNJUDGED
