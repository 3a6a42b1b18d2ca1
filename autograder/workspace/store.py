"""Progress that lasts: SQLite in the workspace, safe under several processes.

The file is `progress.sqlite` in the workspace's hidden folder. It holds the last verdict of every
exercise, every attempt, the hints that were given, the answers to predictions and the tries of open
tasks; `reviews.py`, `hunts.py` and `tries.py` keep theirs there too. A damaged file is set aside
and a new one begun; grading rebuilds the verdicts.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.lessons.errors import Unusable
from autograder.reports.details import Tone, details
from autograder.reports.report import PASSED, TODO, Report
from autograder.workspace.places import kept

MISTAKE = Tone.MISTAKE

_SCHEMA = """
CREATE TABLE IF NOT EXISTS verdicts (
    lesson TEXT, exercise TEXT, verdict TEXT, points INTEGER, max_points INTEGER,
    fingerprint TEXT, at REAL, PRIMARY KEY (lesson, exercise));
CREATE TABLE IF NOT EXISTS attempts (
    lesson TEXT, exercise TEXT, verdict TEXT, diagnosis TEXT, at REAL);
CREATE TABLE IF NOT EXISTS hints (
    lesson TEXT, exercise TEXT, level INTEGER, PRIMARY KEY (lesson, exercise));
CREATE TABLE IF NOT EXISTS clues (
    lesson TEXT, exercise TEXT, fingerprint TEXT, clues TEXT, PRIMARY KEY (lesson, exercise));
CREATE TABLE IF NOT EXISTS places (
    lesson TEXT, exercise TEXT, fingerprint TEXT, says TEXT, PRIMARY KEY (lesson, exercise));
CREATE TABLE IF NOT EXISTS predictions (
    lesson TEXT, prediction TEXT, said TEXT, true TEXT, correct INTEGER, at REAL,
    PRIMARY KEY (lesson, prediction));
CREATE TABLE IF NOT EXISTS reviews (
    lesson TEXT, exercise TEXT, round INTEGER, seed INTEGER, tries INTEGER, back INTEGER,
    fingerprint TEXT, at REAL);
CREATE TABLE IF NOT EXISTS hunts (
    lesson TEXT, exercise TEXT, bug TEXT, misses INTEGER, found INTEGER, solved INTEGER,
    symptom TEXT, fingerprint TEXT, at REAL);
CREATE TABLE IF NOT EXISTS tries (
    lesson TEXT, task TEXT, score REAL, bar REAL, margin REAL, data TEXT, at REAL);
CREATE TABLE IF NOT EXISTS position (
    id INTEGER PRIMARY KEY CHECK (id = 1), lesson TEXT, exercise TEXT);
"""


@dataclass(frozen=True)
class KeptVerdict:
    """The last verdict on an exercise, and the fingerprint of the file that it was given on."""

    exercise: str
    verdict: str
    points: int
    max_points: int
    fingerprint: str


@dataclass(frozen=True)
class Attempt:
    """One grading of an exercise after its file had changed; `at` is in seconds since 1970."""

    lesson: str
    exercise: str
    verdict: str
    diagnosis: str
    at: float


@dataclass(frozen=True)
class Predicted:
    """The first answer to a prediction and what was measured, as they are shown."""

    prediction: str
    said: str
    true: str
    right: bool


class Damaged(Unusable):
    """The file of a store could not be read, and is set aside; a new one is begun."""


class Store:
    """The progress of one workspace. `notice` is a sentence where a damaged file was set aside."""

    def __init__(self, workspace: Path):
        self.path = kept(workspace) / "progress.sqlite"
        self.notice = ""
        try:
            self.path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise Unusable.because(error) from error
        try:
            self._create()
        except Damaged as found:
            self.notice = str(found)

    def record(self, report: Report, fingerprint: str, now: float | None = None) -> None:
        """Keep a report's verdicts.

        An attempt is counted where an exercise that was begun has another verdict than at the last
        attempt, or still fails in a file that has changed. A file that cannot be used is none.
        """
        now = time.time() if now is None else now
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT exercise, verdict, fingerprint FROM verdicts WHERE lesson = ?",
                (report.lesson,),
            )
            known = {exercise: (verdict, of) for exercise, verdict, of in rows}
            tried = _last_attempts(connection, report.lesson)
            for exercise in report.exercises:
                row = (report.lesson, exercise.id, exercise.verdict)
                connection.execute(
                    "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*row, exercise.points, exercise.max_points, fingerprint, now),
                )
                clues = [
                    [label, text] for label, text, tone in details(exercise) if tone is MISTAKE
                ]
                connection.execute(
                    "INSERT OR REPLACE INTO clues VALUES (?, ?, ?, ?)",
                    (report.lesson, exercise.id, fingerprint, json.dumps(clues)),
                )
                before, graded = known.get(exercise.id, ("", ""))
                last = before if before == TODO else tried.get(exercise.id, "")
                changed = fingerprint != graded
                if not exercise.loading and _is_attempt(exercise.verdict, last, changed):
                    connection.execute(
                        "INSERT INTO attempts VALUES (?, ?, ?, ?, ?)",
                        (*row, exercise.diagnosis, now),
                    )

    def verdicts(self, lesson: str) -> dict[str, KeptVerdict]:
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT exercise, verdict, points, max_points, fingerprint FROM verdicts"
                " WHERE lesson = ?",
                (lesson,),
            )
            return {row[0]: KeptVerdict(*row) for row in rows}

    def has_passed(self, lesson: str, exercise: str) -> bool:
        known = self.verdicts(lesson).get(exercise)
        return known is not None and known.verdict == PASSED

    def attempts(self) -> list[Attempt]:
        """All attempts, the oldest first."""
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT lesson, exercise, verdict, diagnosis, at FROM attempts ORDER BY at"
            )
            return [Attempt(*row) for row in rows]

    def clues(self, lesson: str, exercise: str, fingerprint: str) -> list[tuple[str, str]]:
        """What the last report said about what is wrong, if it was on this very file.

        Each clue is a label and a text, as a report has them.
        """
        with self.connection() as connection:
            row = connection.execute(
                "SELECT clues FROM clues WHERE lesson = ? AND exercise = ? AND fingerprint = ?",
                (lesson, exercise, fingerprint),
            ).fetchone()
        return [(label, text) for label, text in json.loads(row[0])] if row else []

    def place(self, lesson: str, exercise: str, fingerprint: str) -> str | None:
        """The sentence of the place that was found in this file, "" where none was, else None."""
        with self.connection() as connection:
            row = connection.execute(
                "SELECT says FROM places WHERE lesson = ? AND exercise = ? AND fingerprint = ?",
                (lesson, exercise, fingerprint),
            ).fetchone()
            return row[0] if row else None

    def set_place(self, lesson: str, exercise: str, fingerprint: str, says: str) -> None:
        with self.connection() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?)",
                (lesson, exercise, fingerprint, says),
            )

    def hints(self, lesson: str, exercise: str) -> int:
        """How many hints of an exercise were given."""
        with self.connection() as connection:
            row = connection.execute(
                "SELECT level FROM hints WHERE lesson = ? AND exercise = ?", (lesson, exercise)
            ).fetchone()
            return row[0] if row else 0

    def all_hints(self) -> dict[tuple[str, str], int]:
        """How many hints were given, by lesson and exercise."""
        with self.connection() as connection:
            rows = connection.execute("SELECT lesson, exercise, level FROM hints").fetchall()
        return {(lesson, exercise): level for lesson, exercise, level in rows}

    def set_hints(self, lesson: str, exercise: str, level: int) -> None:
        with self.connection() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO hints VALUES (?, ?, ?)", (lesson, exercise, level)
            )

    def predicted(self, lesson: str) -> dict[str, Predicted]:
        """The predictions of a lesson that were answered."""
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT prediction, said, true, correct FROM predictions WHERE lesson = ?",
                (lesson,),
            )
            return {row[0]: Predicted(row[0], row[1], row[2], bool(row[3])) for row in rows}

    def predict(self, lesson: str, predicted: Predicted) -> None:
        """Keep an answer; the first one to a prediction stays, whatever is said later."""
        row = (predicted.prediction, predicted.said, predicted.true, predicted.right)
        with self.connection() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO predictions VALUES (?, ?, ?, ?, ?, ?)",
                (lesson, *row, time.time()),
            )

    def position(self) -> tuple[str, str] | None:
        """The lesson and exercise that were followed last."""
        with self.connection() as connection:
            row = connection.execute("SELECT lesson, exercise FROM position").fetchone()
            return (row[0], row[1]) if row else None

    def set_position(self, lesson: str, exercise: str) -> None:
        with self.connection() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO position VALUES (1, ?, ?)", (lesson, exercise)
            )

    def _create(self) -> None:
        with self.connection() as connection:
            connection.executescript(_SCHEMA)

    @contextlib.contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction; another process's is waited for.

        Raises Unusable; Damaged where the file is none of SQLite's, and has been set aside.
        """
        try:
            with (
                contextlib.closing(sqlite3.connect(self.path, timeout=10)) as connection,
                connection,
            ):
                yield connection
        except sqlite3.OperationalError as error:  # locked, read-only, no room, not its tables
            raise Unusable(
                f"{self.path} cannot be used ({error}); see to it, or move it"
            ) from error
        except sqlite3.DatabaseError as error:
            raise Damaged(self._set_aside()) from error

    def _set_aside(self) -> str:
        aside = self.path.with_name(f"progress.damaged-{time.time_ns()}.sqlite")
        try:
            self.path.replace(aside)
        except OSError as error:
            raise Unusable.because(error) from error
        self._create()
        return (
            f"{self.path.name} was damaged and is now {aside.name}; progress is rebuilt"
            " as your files are graded"
        )


def _last_attempts(connection: sqlite3.Connection, lesson: str) -> dict[str, str]:
    """The verdict of each exercise's last attempt."""
    query = "SELECT exercise, verdict FROM attempts WHERE lesson = ? ORDER BY at"
    return dict(connection.execute(query, (lesson,)).fetchall())


def _is_attempt(verdict: str, last: str, changed: bool) -> bool:
    if verdict == TODO:
        return False
    return verdict != last or (verdict != PASSED and changed)
