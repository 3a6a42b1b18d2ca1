"""How often learners are told what is wrong: the measure behind `grad dev diagnose`."""

from __future__ import annotations

import dataclasses
import functools
import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from autograder.authoring.jobs import mapping
from autograder.authoring.told import Judged, Outcome, Told, tell
from autograder.authoring.wrong import WrongAnswer, read_wrong
from autograder.grading.session import Session
from autograder.lessons.course import Course


@dataclass(frozen=True)
class Measured:
    """What was said about some wrong answers."""

    told: tuple[Told, ...]

    def count(self, *outcomes: Outcome) -> int:
        return sum(each.outcome in outcomes for each in self.told)

    @property
    def helped(self) -> float:
        """The share that got a true cause or a true line, and was not led astray before it."""
        return self.count(Outcome.CAUSE, Outcome.LINE) / len(self.told)

    @property
    def misled(self) -> float:
        """The share whose first sentence, or one without a hedge, is false."""
        return self.count(Outcome.FALSE) / len(self.told)

    @property
    def seconds(self) -> tuple[float, float]:
        """Median and 95th percentile."""
        ordered = sorted(each.seconds for each in self.told)
        return statistics.median(ordered), ordered[math.ceil(0.95 * len(ordered)) - 1]

    def data(self) -> dict[str, Any]:
        median, slow = self.seconds
        return {
            "answers": len(self.told),
            **{outcome.value: self.count(outcome) for outcome in Outcome},
            "helped": round(self.helped, 4),
            "misled": round(self.misled, 4),
            "median": round(median, 3),
            "p95": round(slow, 3),
        }

    def by_lesson(self) -> dict[str, Measured]:
        groups = groupby(self.told, lambda each: each.id.partition("/")[0])
        return {lesson: Measured(tuple(told)) for lesson, told in groups}


def measure(
    course: Course, files: Iterable[Path], *, places: bool, every: int, jobs: int
) -> Measured:
    """Grade each `every`-th wrong answer of all files; those of a lesson in one process."""
    answers = [answer for path in files for answer in read_wrong(path, course)]
    answers.sort(key=lambda answer: course.names.index(answer.lesson))
    chosen = groupby(answers[::every], lambda answer: answer.lesson)
    groups = [list(group) for _, group in chosen]
    grade = functools.partial(_lesson, course, places)
    with mapping(min(jobs, len(groups))) as mapped:
        return Measured(tuple(told for group in mapped(grade, groups) for told in group))


def _lesson(course: Course, places: bool, answers: Sequence[WrongAnswer]) -> list[Told]:
    with Session(course) as session:
        # Else the first answer's time would be that of torch's import.
        session.key(answers[0].lesson)
        return [tell(session, answer, places=places) for answer in answers]


def whole(measured: Measured) -> dict[str, Any]:
    """All of it as JSON's types."""
    return {
        "all": measured.data(),
        "lessons": {name: part.data() for name, part in measured.by_lesson().items()},
        "told": [dataclasses.asdict(each) for each in measured.told],
    }


COLUMNS = (Outcome.CAUSE, Outcome.LINE, Outcome.NOTHING, Outcome.FALSE, Outcome.UNJUDGED)


def table(measured: Measured) -> Iterator[str]:
    """A line for each lesson, and one for all."""
    head = "".join(f"{outcome.value:>10}" for outcome in COLUMNS)
    yield f"{'lesson':24}{'answers':>8}{head}{'told':>8}{'median':>9}{'p95':>8}"
    lessons = measured.by_lesson()
    for name, part in {**lessons, "all": measured}.items() if len(lessons) > 1 else lessons.items():
        counts = "".join(f"{part.count(outcome):>10}" for outcome in COLUMNS)
        median, slow = part.seconds
        times = f"{median:>7.1f} s{slow:>6.1f} s"
        yield f"{name:24}{len(part.told):>8}{counts}{part.helped:>8.0%}{times}"


def remarks(measured: Measured, *, verbose: bool) -> Iterator[str]:
    """What a person has to look at: answers that are not wrong, and sentences to judge."""
    for told in measured.told:
        if told.outcome is Outcome.NOT_WRONG:
            yield f"{told.id} is {told.verdict}: {told.wrong}"
    judged = (Judged.UNJUDGED, Judged.FALSE, *[Judged.TRUE] * verbose)
    for told in measured.told:
        said = [
            f"{each.judged}, {each.source}: {each.says}"
            for each in told.sentences
            if each.judged in judged
        ]
        if told.place and (told.astray or verbose):
            said.append(f"{'elsewhere' if told.astray else 'true'}: {told.place}")
        if said or (verbose and told.outcome is Outcome.NOTHING):
            yield f"{told.id}, {told.exercise}: {told.wrong}"
            yield from (f"    {sentence}" for sentence in said)


def broken(measured: Measured, least: float, most_misled: float) -> Iterator[str]:
    """Which bounds do not hold."""
    if measured.helped < least:
        yield f"{measured.helped:.1%} are told what or where, and at least {least:.1%} should be"
    if measured.misled > most_misled:
        yield f"{measured.misled:.1%} are misled, and at most {most_misled:.1%} may be"
    if count := measured.count(Outcome.NOT_WRONG):
        yield f"{count} of the answers are not graded as wrong"
