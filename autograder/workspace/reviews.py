"""Reviews: what has passed is written once more, after a while that grows with each success."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from autograder.lessons.course import Course
from autograder.reports.report import PASSED
from autograder.workspace.standing import Progress
from autograder.workspace.store import Attempt, Store

DAY = 86400.0
# Until the next review, after so many in a row that came back at the first try.
DAYS = (1, 3, 7, 16, 35, 80)
COUNT = 3

Place = tuple[str, str]


@dataclass(frozen=True)
class Review:
    """One exercise that was set: how often it was tried, and whether it came back.

    `back` is None while it is open. `at` is when it was set, and then when it was graded last.
    What was set together has one `round`.
    """

    lesson: str
    exercise: str
    round: int
    seed: int
    tries: int
    back: bool | None
    fingerprint: str
    at: float

    @property
    def place(self) -> Place:
        return self.lesson, self.exercise

    @property
    def at_once(self) -> bool:
        return bool(self.back) and self.tries == 1


@dataclass(frozen=True)
class Known:
    """An exercise that has passed, and how well it is known.

    `tries` and `hints` are what it took to pass; `last` is when it passed or was reviewed.
    """

    lesson: str
    exercise: str
    tries: int
    hints: int
    last: float
    reviews: tuple[Review, ...] = ()

    @property
    def place(self) -> Place:
        return self.lesson, self.exercise

    @property
    def interval(self) -> float:
        """Seconds from the last time until it is due."""
        level = 0
        for review in self.reviews:
            level = level + review.at_once if review.back else 0
        return DAYS[min(level, len(DAYS) - 1)] * DAY

    @property
    def due(self) -> float:
        return self.last + self.interval

    def urgency(self, now: float) -> float:
        """How long it has waited, as a share of its interval; the harder it was, the more."""
        return (now - self.last) / self.interval * (self.tries + self.hints)


class Reviews:
    """The reviews of one workspace, beside its progress."""

    def __init__(self, store: Store):
        self._store = store

    def all(self) -> list[Review]:
        """Every review, the oldest first."""
        query = "SELECT lesson, exercise, round, seed, tries, back, fingerprint, at FROM reviews"
        with self._store.connection() as connection:
            rows = connection.execute(f"{query} ORDER BY rowid").fetchall()
        return [Review(*row[:5], *map(_as_bool, row[5:6]), *row[6:]) for row in rows]

    def set_now(self, course: Course) -> list[Review]:
        """What was set last, of what the course still has; nothing where all of it has ended."""
        every = self.all()
        last = [
            each for each in every if each.round == every[-1].round and _is_in(course, *each.place)
        ]
        return last if any(each.back is None for each in last) else []

    def begin(self, places: Iterable[Place], now: float) -> None:
        """Set exercises, in place of what was set before: that was given up where it was tried."""
        every = self.all()
        done = [each.place for each in every if each.back is not None or each.tries]
        following = 1 + max((each.round for each in every), default=0)
        with self._store.connection() as connection:
            connection.execute("DELETE FROM reviews WHERE back IS NULL AND tries = 0")
            connection.execute("UPDATE reviews SET back = 0, at = ? WHERE back IS NULL", (now,))
            for place in places:
                connection.execute(
                    "INSERT INTO reviews VALUES (?, ?, ?, ?, 0, NULL, '', ?)",
                    (*place, following, done.count(place) + 1, now),  # another seed each time
                )

    def tried(self, review: Review, *, back: bool, fingerprint: str, now: float) -> Review:
        """Keep a grading of what is open; a file that was graded already is no other try."""
        tries = review.tries + (fingerprint != review.fingerprint)
        with self._store.connection() as connection:
            connection.execute(
                "UPDATE reviews SET tries = ?, back = ?, fingerprint = ?, at = ?"
                " WHERE lesson = ? AND exercise = ? AND back IS NULL",
                (tries, True if back else None, fingerprint, now, *review.place),
            )
        return replace(review, tries=tries, back=back or None, fingerprint=fingerprint, at=now)

    def known(self, progress: Progress) -> list[Known]:
        """What has passed and can be reviewed, in the order of the course.

        Not what comes solved.
        """
        ended = [each for each in self.all() if each.back is not None]
        attempts = _by_place(self._store.attempts())
        hints = self._store.all_hints()
        found = []
        for lesson in progress.lessons:
            for standing in lesson.standings:
                place = (lesson.lesson.name, standing.exercise.id)
                if standing.verdict == PASSED and not standing.exercise.worked:
                    reviews = tuple(each for each in ended if each.place == place)
                    tries, passed = _passing(attempts.get(place, []))
                    last = max([passed, *(each.at for each in reviews)])
                    found.append(Known(*place, tries, hints.get(place, 0), last, reviews))
        return found


def chosen(known: Collection[Known], now: float, count: int = COUNT) -> list[Known]:
    """The most urgent ones, of which no two have the same name: they share a file."""
    found: dict[str, Known] = {}
    for each in sorted(known, key=lambda each: -each.urgency(now)):
        found.setdefault(each.exercise, each)
    return list(found.values())[:count]


def _as_bool(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _is_in(course: Course, lesson: str, exercise: str) -> bool:
    return lesson in course.names and exercise in course.lesson(lesson).exercises


def _by_place(attempts: list[Attempt]) -> dict[Place, list[Attempt]]:
    def place(attempt: Attempt) -> Place:
        return attempt.lesson, attempt.exercise

    return {key: list(rows) for key, rows in groupby(sorted(attempts, key=place), place)}


def _passing(attempts: list[Attempt]) -> tuple[int, float]:
    """How many attempts it took until the first pass, and when the last pass was."""
    passes = [number for number, each in enumerate(attempts, 1) if each.verdict == PASSED]
    if not passes:
        return 1, 0.0
    return passes[0], attempts[passes[-1] - 1].at
