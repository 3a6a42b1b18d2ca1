"""Where a learner stands: the lessons with their last verdicts, and the next step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.lessons.lesson import Exercise, Lesson
from autograder.lessons.predictions import Prediction
from autograder.reports.report import PASSED, TODO
from autograder.workspace.store import KeptVerdict, Predicted
from autograder.workspace.tries import Try

# Before what to type for a prediction that stands before an exercise.
ASKED = "Predict first"
STAR = "\N{BLACK STAR}"
# What a prediction is, in the place of a verdict: no answer yet, right, or something to learn from.
OPEN, RIGHT, SURPRISE = "predict", "right", "surprise"


@dataclass(frozen=True)
class Standing:
    """An exercise and its last verdict; `stale` where the file has changed since.

    An exercise that was never graded is stale too, and `graded` is False.
    """

    exercise: Exercise
    verdict: str
    points: int
    max_points: int
    stale: bool
    graded: bool = True


@dataclass(frozen=True)
class LessonProgress:
    """A lesson in the workspace; `path` is the learner's file, which may be missing.

    predicted: the predictions that were answered, by their ids; none of them is an exercise.
    tried: the best try of each open task that was tried, by its id.
    """

    lesson: Lesson
    path: Path
    standings: tuple[Standing, ...]
    predicted: Mapping[str, Predicted] = field(default_factory=dict)
    tried: Mapping[str, Try] = field(default_factory=dict)

    @property
    def answered(self) -> list[Predicted]:
        """What was predicted of the questions that the lesson still asks, in its order."""
        return [self.predicted[id] for id in self.lesson.predictions if id in self.predicted]

    def asked_before(self, exercise: str) -> list[Prediction]:
        """The predictions just before an exercise (with "", at the end) that wait for an answer."""
        asked = self.lesson.predictions_before(exercise)
        return [each for each in asked if each.id not in self.predicted]

    @property
    def stars(self) -> int:
        """How many open tasks have met their bar."""
        return sum(id in self.tried and self.tried[id].passed for id in self.lesson.tasks)

    @property
    def points(self) -> int:
        return sum(standing.points for standing in self.standings)

    @property
    def max_points(self) -> int:
        return sum(standing.max_points for standing in self.standings)

    @property
    def passed(self) -> int:
        return sum(standing.verdict == PASSED for standing in self.standings)

    def after(self, exercise: str) -> Standing | None:
        """What is open behind an exercise in this lesson."""
        ids = [standing.exercise.id for standing in self.standings]
        behind = self.standings[ids.index(exercise) + 1 :]
        return next((each for each in behind if each.verdict != PASSED), None)

    @property
    def stale(self) -> bool:
        return any(standing.stale for standing in self.standings)

    @property
    def graded(self) -> bool:
        return any(standing.graded for standing in self.standings)


@dataclass(frozen=True)
class Progress:
    """All lessons of a course in one workspace."""

    lessons: tuple[LessonProgress, ...]

    @property
    def points(self) -> int:
        return sum(lesson.points for lesson in self.lessons)

    @property
    def max_points(self) -> int:
        return sum(lesson.max_points for lesson in self.lessons)

    @property
    def predicted(self) -> str:
        """How often the learner was right, in a sentence; "" where nothing was predicted."""
        answered = [each for lesson in self.lessons for each in lesson.answered]
        right = sum(each.right for each in answered)
        return f"You predicted {right} of {len(answered)} right." if answered else ""

    @property
    def stars(self) -> str:
        """How many open tasks have met their bar, in a sentence; "" where none was tried."""
        if not any(lesson.tried for lesson in self.lessons):
            return ""
        total = sum(len(lesson.lesson.tasks) for lesson in self.lessons)
        passed = sum(lesson.stars for lesson in self.lessons)
        return f"{STAR} {passed} of {total} open task{'s' * (total != 1)} met."

    def open(self) -> Iterator[tuple[LessonProgress, Standing]]:
        """What has not passed yet, in the order of the course."""
        for lesson in self.lessons:
            for standing in lesson.standings:
                if standing.verdict != PASSED:
                    yield lesson, standing

    def after(self, lesson: str, exercise: str) -> tuple[LessonProgress, Standing] | None:
        """What is open behind an exercise, or else from the start."""
        places = [
            (of.lesson.name, each.exercise.id) for of in self.lessons for each in of.standings
        ]
        here = places.index((lesson, exercise))
        found = list(self.open())
        behind = (
            each
            for each in found
            if places.index((each[0].lesson.name, each[1].exercise.id)) > here
        )
        return next(behind, next(iter(found), None))

    def data(self) -> dict[str, Any]:
        """The progress as JSON's types, as `grad status --json` prints it."""
        following = next(self.open(), None)
        return {
            "points": self.points,
            "max_points": self.max_points,
            "next": f"{following[0].lesson.name}:{following[1].exercise.id}" if following else None,
            "lessons": [_lesson_data(lesson) for lesson in self.lessons],
        }


def _lesson_data(progress: LessonProgress) -> dict[str, Any]:
    return {
        "lesson": progress.lesson.name,
        "title": progress.lesson.title,
        "submission": str(progress.path),
        "points": progress.points,
        "max_points": progress.max_points,
        "exercises": [
            {
                "id": standing.exercise.id,
                "verdict": standing.verdict,
                "points": standing.points,
                "max_points": standing.max_points,
                "stale": standing.stale,
            }
            for standing in progress.standings
        ],
        "predictions": [asdict(each) for each in progress.answered],
        "open_tasks": [{**asdict(each), "passed": each.passed} for each in progress.tried.values()],
    }


def outcome(predicted: Predicted | None) -> tuple[str, str]:
    """What became of a prediction: a word, and what was said and measured."""
    if predicted is None:
        return OPEN, ""
    said = f": you said {predicted.said}, it is {predicted.true}"
    return RIGHT if predicted.right else SURPRISE, said


def best_tries(lesson: Lesson, tries: Iterable[Try]) -> dict[str, Try]:
    """The best try of each open task that the lesson still has, and of equals the first.

    One that meets its bar comes first, and then one on the real data.
    """
    best: dict[str, Try] = {}
    for each in tries:
        known = best.get(each.task)
        if each.task in lesson.tasks and (known is None or _rank(each) > _rank(known)):
            best[each.task] = each
    return best


def _rank(tried: Try) -> tuple[bool, bool, float]:
    return tried.passed, tried.data != "small", tried.margin


def lesson_progress(
    lesson: Lesson, path: Path, fingerprint: str, known: dict[str, KeptVerdict]
) -> LessonProgress:
    """A lesson as the verdicts that are kept say; `path` has the file with this fingerprint now."""
    standings = []
    for exercise in lesson.exercises.values():
        verdict = known.get(exercise.id)
        if verdict is None:
            standings.append(Standing(exercise, TODO, 0, 1, stale=path.exists(), graded=False))
        else:
            standings.append(
                Standing(
                    exercise,
                    verdict.verdict,
                    verdict.points,
                    verdict.max_points,
                    stale=verdict.fingerprint != fingerprint,
                )
            )
    return LessonProgress(lesson, path, tuple(standings))
