"""The table of what was collected, `collected.csv`: what was taken stays in it, whenever it was."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from autograder.classroom.placing import Row
from autograder.classroom.spreadsheets import armed, defused
from autograder.lessons.disk import write_atomically
from autograder.reports.terminal import one_line

FILE = "collected.csv"
# Names in a zip may have 64 KiB.
_LONGEST = 2000
_COLUMNS = ("what", "student", "lesson", "file", "source", "id", "late", "why")


def write_table(folder: Path, rows: list[Row]) -> None:
    """Write the rows, and before them those of an earlier table that are still true."""
    now = {(row.student, row.lesson) for row in rows if row.file}
    kept = [
        row for row in _read(folder) if row["file"] and (row["student"], row["lesson"]) not in now
    ]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for named in (*kept, *({c: getattr(row, c) for c in _COLUMNS} for row in rows)):
        writer.writerow({column: defused(_cell(named[column])) for column in _COLUMNS})
    write_atomically(folder / FILE, buffer.getvalue().encode())


def read_table(folder: Path) -> dict[str, str]:
    """The students by a platform's numbers for them, from what was collected before."""
    return {row["id"]: row["student"] for row in _read(folder) if row["id"] and row["file"]}


def _read(folder: Path) -> list[dict[str, str]]:
    path = folder / FILE
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = list(csv.DictReader(file))
    return [{c: armed(row.get(c) or "") for c in _COLUMNS} for row in rows]


def shown(text: str) -> str:
    """A text of strangers in one line, which any reader of CSV takes."""
    line = one_line(text[: _LONGEST + 1])
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def _cell(value: object) -> str:
    return "yes" * value if isinstance(value, bool) else shown(str(value))
