"""The results of a class in `class.db`: SQLite, written as they come, safe under several processes.

Every grading is a run, and a result belongs to one: whatever is stopped goes on in its run, and
nothing has two results in the same. Earlier results stay, so that a later run can say what has
changed; `latest` has the newest of each submission. Of students who were dropped all is kept, and
nothing is given.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder.classroom.graded import (
    Graded,
    Key,
    Outcome,
    Seed,
    packed_report,
    unpacked_report,
    unpacked_submission,
)
from autograder.classroom.schema import upgraded
from autograder.lessons.errors import Unusable, WrongUse
from autograder.lessons.submission import Submission

FILE = "class.db"
# Another process's transaction is waited for so many seconds.
_PATIENCE = 60
_FIELDS = "student, lesson, file, digest, outcome, why, seconds, seed, course, engine"
_NEWEST = (
    "student NOT IN (SELECT student FROM dropped)"
    " AND id IN (SELECT max(id) FROM results {where} GROUP BY lesson, student)"
)


class Store:
    """The results of one class; use it as a context manager. Raises Unusable.

    Only the thread that has made it may use it.
    """

    def __init__(self, path: Path):
        self.path = path
        with self._told():
            if not path.exists():  # a secret seed is in it
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            self._connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        try:
            self._prepare()
        except Unusable:
            self._connection.close()
            raise

    @classmethod
    def of(cls, folder: Path) -> Store:
        """The store of a class that was graded before; WrongUse where there is none."""
        if not folder.is_dir():
            raise WrongUse(f"there is no folder {folder}; `grad class collect` makes one")
        if not (folder / FILE).is_file():
            raise WrongUse(f"{folder} has no {FILE}; `grad class grade {folder}` makes it")
        return cls(folder / FILE)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def begin(self, asked: dict[str, Any]) -> int:
        """A run's number: of the last one where that was stopped and asked for the same."""
        text = json.dumps(asked, sort_keys=True)
        with self._transaction():
            last = self._row("SELECT id, asked, ended FROM runs ORDER BY id DESC LIMIT 1")
            if last and last[1] == text and last[2] is None:
                return int(last[0])
            row = self._row(
                "INSERT INTO runs (asked, started) VALUES (?, ?) RETURNING id", text, time.time()
            )
            return int(row[0]) if row else 0

    def end(self, run: int) -> None:
        """A run has graded all that it was asked for."""
        with self._transaction():
            self._connection.execute("UPDATE runs SET ended = ? WHERE id = ?", (time.time(), run))

    def put(self, graded: Graded, content: bytes = b"", run: int = 0) -> None:
        """Keep a result, and the submission as it was graded, packed.

        In the same run it takes the place of what has the same key.
        """
        named = {name: getattr(graded, name) for name in _FIELDS.split(", ")}
        named |= {"seed": json.dumps(graded.seed), "report": packed_report(graded.report)}
        row = {"run": run, **named, "at": time.time()}
        marks = ", ".join("?" * len(row))
        with self._transaction():
            if content:
                self._connection.execute(
                    "INSERT OR IGNORE INTO submissions VALUES (?, ?)", (graded.digest, content)
                )
            self._connection.execute(
                f"INSERT OR REPLACE INTO results ({', '.join(row)}) VALUES ({marks})",
                tuple(row.values()),
            )

    def drop(self, students: Iterable[str]) -> None:
        """Leave students out from now on."""
        with self._transaction():
            rows = [(student, time.time()) for student in students]
            self._connection.executemany("INSERT OR IGNORE INTO dropped VALUES (?, ?)", rows)

    def take_back(self, students: Iterable[str]) -> None:
        """Let students who were dropped count again."""
        with self._transaction():
            rows = [(student,) for student in students]
            self._connection.executemany("DELETE FROM dropped WHERE student = ?", rows)

    def dropped(self) -> list[str]:
        """The students who were dropped, by name."""
        return self._names("SELECT student FROM dropped ORDER BY student")

    def students(self) -> list[str]:
        """All who have a result, dropped or not, by name."""
        return self._names("SELECT DISTINCT student FROM results ORDER BY student")

    def last_seed(self) -> Seed | None:
        """What the last run has drawn the checks' inputs from."""
        with self._told():
            row = self._row("SELECT asked FROM runs ORDER BY id DESC LIMIT 1")
        seed: Seed | None = json.loads(row[0]).get("seed") if row else None
        return seed

    def latest(self, lesson: str | None = None) -> Iterator[Graded]:
        """The newest result of each submission, ordered by lesson, then student; it streams."""
        where = "WHERE lesson = ?" if lesson else ""
        query = f"{_NEWEST.format(where=where)} ORDER BY lesson, student"
        yield from self._results(query, *([lesson] if lesson else []))

    def key(self, student: str, lesson: str, run: int | None = None) -> Key | None:
        """What the newest result of a submission depends on; None where there is none.

        run: the newest of this run alone.
        """
        query = (
            "SELECT digest, seed, course, engine FROM results WHERE lesson = ? AND student = ?"
            " AND run = ifnull(?, run) ORDER BY id DESC LIMIT 1"
        )
        with self._told():
            row = self._row(query, lesson, student, run)
        return (row[0], json.loads(row[1]), row[2], row[3]) if row else None

    def of_run(self, run: int) -> Iterator[Graded]:
        """The newest results of a run, ordered by lesson, then student."""
        where = _NEWEST.format(where="WHERE run = ?")
        yield from self._results(f"{where} ORDER BY lesson, student", run)

    def before(self, run: int, student: str, lesson: str) -> Graded | None:
        """The result of a submission that a run has replaced."""
        query = "lesson = ? AND student = ? AND run < ? ORDER BY id DESC LIMIT 1"
        return next(self._results(query, lesson, student, run), None)

    def submission(self, student: str, lesson: str) -> Submission | None:
        """A submission as it was last graded; None where it could not be read."""
        query = (
            "SELECT content FROM results LEFT JOIN submissions USING (digest)"
            " WHERE lesson = ? AND student = ? ORDER BY id DESC LIMIT 1"
        )
        with self._told():
            row = self._row(query, lesson, student)
        return unpacked_submission(row[0]) if row and row[0] else None

    def source(self, student: str, lesson: str) -> str:
        """The text of a submission as it was last graded, the lines as reports count them.

        The cells of a notebook follow one another; a text that could not be read is empty.
        """
        found = self.submission(student, lesson)
        return "\n".join(unit.source for unit in found.units) if found else ""

    def _results(self, where: str, *values: Any) -> Iterator[Graded]:
        with self._told():
            query = f"SELECT {_FIELDS}, report FROM results WHERE {where}"
            for row in self._connection.execute(query, values):
                named = dict(zip([*_FIELDS.split(", "), "report"], row, strict=True))
                outcome, seed = Outcome(named["outcome"]), json.loads(named["seed"])
                report = unpacked_report(named["report"])
                yield Graded(**{**named, "outcome": outcome, "seed": seed, "report": report})

    def _names(self, query: str) -> list[str]:
        with self._told():
            return [row[0] for row in self._connection.execute(query)]

    def _row(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
        return row

    def _prepare(self) -> None:
        with self._told():
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")  # power may fail
            self._connection.execute("PRAGMA cache_size = -512")  # KiB: nothing is read twice
        with self._transaction():
            if not upgraded(self._connection):
                raise Unusable(f"{self.path} was written by a newer Gradschool; update this one")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """Whole or not at all; it takes the right to write at once, so that none has to give up."""
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """An error of the disk or of SQLite's as one sentence."""
        try:
            yield
        except OSError as error:
            raise Unusable.because(error) from error
        except sqlite3.Error as error:
            raise Unusable(
                f"{self.path} cannot be used ({error}); see to it, or move it away and grade again"
            ) from error
