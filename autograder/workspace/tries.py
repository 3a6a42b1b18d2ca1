"""Tries of open tasks, kept beside the progress."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass

from autograder.workspace.store import Store


@dataclass(frozen=True)
class Try:
    """A try of an open task; margin: how much better than the bar; data: real, small or ""."""

    task: str
    score: float
    bar: float
    margin: float
    data: str = ""

    @property
    def passed(self) -> bool:
        return self.margin >= 0


class Tries:
    """The scored tries of one workspace."""

    def __init__(self, store: Store):
        self._store = store

    def of(self, lesson: str) -> list[Try]:
        """Those of a lesson's open tasks, the oldest first."""
        query = "SELECT task, score, bar, margin, data FROM tries WHERE lesson = ? ORDER BY at"
        with self._store.connection() as connection:
            return [Try(*row) for row in connection.execute(query, (lesson,))]

    def add(self, lesson: str, tried: Try) -> None:
        with self._store.connection() as connection:
            row = (lesson, *astuple(tried), time.time())
            connection.execute("INSERT INTO tries VALUES (?, ?, ?, ?, ?, ?, ?)", row)
