"""The table of what was collected, `collected.csv`: what was taken stays in it, whenever it was."""

from __future__ import annotations

import csv
import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.placing import LEFT_OUT, NOT_PLACED, UNCHANGED, Row
from autograder.classroom.spreadsheets import armed, defused
from autograder.classroom.times import seconds_of, text_of
from autograder.lessons.disk import write_atomically
from autograder.reports.terminal import one_line

FILE = "collected.csv"
# Names in a zip may have 64 KiB.
_LONGEST = 2000
_COLUMNS = (
    "what",
    "student",
    "lesson",
    "file",
    "source",
    "id",
    "given",
    "handed_in",
    "late",
    "why",
)


@dataclass(frozen=True)
class HandIn:
    """What is known of how a submission came: its name in the download, its time as a text."""

    given: str = ""
    handed_in: str = ""
    late: bool = False


HandIns = dict[tuple[str, str], HandIn]
NOT_KNOWN = HandIn()


def write_table(folder: Path, rows: list[Row]) -> None:
    """Write the rows, and before them those of an earlier table that are still true."""
    now = {(row.student, row.lesson) for row in rows if row.is_taken}
    kept = [row for row in _taken(folder) if (row["student"], row["lesson"]) not in now]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for named in (*kept, *({c: getattr(row, c) for c in _COLUMNS} for row in rows)):
        writer.writerow({column: defused(_cell(named[column])) for column in _COLUMNS})
    write_atomically(folder / FILE, buffer.getvalue().encode())


def read_table(folder: Path) -> dict[str, str]:
    """The students by a platform's numbers for them, from what was collected before."""
    return {row["id"]: row["student"] for row in _taken(folder) if row["id"]}


def hand_ins(folder: Path) -> HandIns:
    """Of each student and lesson how it was handed in, where it was collected."""
    return {
        (row["student"], row["lesson"]): HandIn(row["given"], row["handed_in"], bool(row["late"]))
        for row in _taken(folder)
    }


def dated(row: Row, before: HandIns, due: float | None) -> Row:
    """A row that says whether it is late: by the platform's word, or by what is due.

    What has not changed since an earlier time was handed in then.
    """
    known = before.get((row.student, row.lesson), NOT_KNOWN)
    at, late = row.handed_in, row.late
    if row.what == UNCHANGED and known.handed_in and at is not None:
        at = min(at, _seconds(known.handed_in, at))
    if row.what == UNCHANGED and due is None:
        late = late or known.late
    if due is not None and at is not None:
        late = late or at > due
    return dataclasses.replace(row, handed_in=at, late=late)


def _seconds(text: str, otherwise: float) -> float:
    try:
        return seconds_of(text)
    except ValueError:  # somebody has edited it
        return otherwise


def _taken(folder: Path) -> list[dict[str, str]]:
    others = (LEFT_OUT, NOT_PLACED)
    return [row for row in _read(folder) if row["file"] and row["what"] not in others]


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
    if isinstance(value, bool):
        return "yes" * value
    if value is None or isinstance(value, float):
        return text_of(value)
    return shown(str(value))
