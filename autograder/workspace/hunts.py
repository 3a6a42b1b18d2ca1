"""Hunts for bugs, kept beside the progress: which were seen, found and mended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from autograder.workspace.store import Store

if TYPE_CHECKING:
    from autograder.workspace.bugs import Bug

Place = tuple[str, str]


@dataclass(frozen=True)
class Hunt:
    """One bug that was shown: wrong answers so far, whether its line is found, and it is mended.

    `symptom` is the failing case as it was shown, `at` when it began, in seconds.
    """

    lesson: str
    exercise: str
    bug: str
    misses: int
    found: bool
    solved: bool
    symptom: str
    fingerprint: str
    at: float

    @property
    def place(self) -> Place:
        return self.lesson, self.exercise

    @property
    def at_once(self) -> bool:
        return self.solved and not self.misses


class Hunts:
    """The hunts of one workspace."""

    def __init__(self, store: Store):
        self._store = store

    def all(self) -> list[Hunt]:
        """Every hunt, the oldest first."""
        return [Hunt(*row[:4], *map(bool, row[4:6]), *row[6:]) for row in self._rows() if row[6]]

    def current(self) -> Hunt | None:
        """The last one, while it is not mended."""
        last = next(iter(self.all()[-1:]), None)
        return last if last and not last.solved else None

    def order(self, bugs: Iterable[Bug]) -> list[Bug]:
        """The bugs with those first that were never seen, or longest ago; in turns by exercise."""
        by_bug: dict[str, float] = {}
        by_place: dict[Place, float] = {}
        for lesson, exercise, bug, *_, at in self._rows():
            by_bug[bug] = by_place[lesson, exercise] = at

        def seen(bug: Bug) -> tuple[float, float]:
            place = (bug.lesson.name, bug.exercise)
            return by_bug.get(bug.name, 0.0), by_place.get(place, 0.0)

        return sorted(bugs, key=seen)

    def begin(self, bug: Bug, symptom: str, now: float) -> Hunt:
        """Keep a bug as seen; one without a symptom is no hunt, and is not offered soon again."""
        hunt = Hunt(bug.lesson.name, bug.exercise, bug.name, 0, False, False, symptom, "", now)
        with self._store.connection() as connection:
            connection.execute(
                "INSERT INTO hunts VALUES (?, ?, ?, 0, 0, 0, ?, '', ?)",
                (*hunt.place, hunt.bug, symptom, now),
            )
        return hunt

    def guessed(self, hunt: Hunt, *, right: bool) -> Hunt:
        """Keep an answer to the question which line it is."""
        return self._keep(replace(hunt, found=right, misses=hunt.misses + (not right)))

    def tried(self, hunt: Hunt, *, solved: bool, fingerprint: str) -> Hunt:
        """Keep a grading; a file that was graded already is no other miss."""
        missed = not solved and fingerprint != hunt.fingerprint
        kept = replace(hunt, solved=solved, misses=hunt.misses + missed, fingerprint=fingerprint)
        return self._keep(kept)

    def _keep(self, hunt: Hunt) -> Hunt:
        with self._store.connection() as connection:
            connection.execute(
                "UPDATE hunts SET misses = ?, found = ?, solved = ?, fingerprint = ?"
                " WHERE bug = ? AND at = ?",
                (hunt.misses, hunt.found, hunt.solved, hunt.fingerprint, hunt.bug, hunt.at),
            )
        return hunt

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        query = (
            "SELECT lesson, exercise, bug, misses, found, solved, symptom, fingerprint, at"
            " FROM hunts ORDER BY rowid"
        )
        with self._store.connection() as connection:
            yield from connection.execute(query).fetchall()


def sentence(hunts: Collection[Hunt]) -> str:
    """How hunts went, in a sentence; "" where there were none."""
    solved, at_once = sum(each.solved for each in hunts), sum(each.at_once for each in hunts)
    told = f"You solved {solved} of {len(hunts)} bug hunts, {at_once} at the first try."
    return told if hunts else ""
