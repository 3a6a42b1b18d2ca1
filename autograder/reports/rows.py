"""The rows of a feedback page: an exercise's place, verdict, points, and what there is to say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from autograder.reports.advice import next_step
from autograder.reports.html import COLOURS, details_html
from autograder.reports.report import TODO, ExerciseReport


@dataclass(frozen=True)
class Row:
    """An exercise in the table: where it is on the page, its verdict, and its points."""

    name: str
    anchor: str
    verdict: str
    score: float
    points: float
    report: Markup = Markup()
    notices: tuple[str, ...] = ()

    @property
    def colour(self) -> str:
        return COLOURS.get(self.verdict, COLOURS[TODO])


def row_of(exercise: ExerciseReport, *, notebook: bool = True) -> Row:
    """The row of an exercise of a hidden report."""
    return Row(
        name=exercise.id,
        anchor=re.sub(r"\W+", "-", exercise.id),
        verdict=exercise.verdict,
        score=exercise.points,
        points=exercise.max_points,
        report=advised(exercise, notebook=notebook),
    )


def first_to_mend(rows: list[Row]) -> Row | None:
    """Where to begin: the first exercise that lacks points and has something to say."""
    return next((row for row in rows if row.score < row.points and row.report), None)


def advised(exercise: ExerciseReport, *, notebook: bool = True) -> Markup:
    """What is wrong with an exercise, each check by its sentence, and what to do next."""
    step = next_step(exercise, notebook=notebook)
    advice = Markup('<p class="next">{}</p>').format(step) if step else Markup()
    return Markup(details_html(exercise, checks=True)) + advice
