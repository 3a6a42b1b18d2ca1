"""nbgrader's export with one more column: what a zero means."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.plugins.export import CsvExportPlugin

COLUMN = "state"


class ExportWithState(CsvExportPlugin):
    """The CSV file that nbgrader writes, and at the end of each row the state of the submission.

    It is `graded`, `to review` (nothing could be run, or a person has to grade a part), or
    `missing` where nothing was handed in.
    """

    def export(self, gradebook: Any) -> None:
        super().export(gradebook)
        path = Path(self.to or "grades.csv")
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        named = [dict(zip(header, row, strict=False)) for row in rows]
        states = [_state(gradebook, row["assignment"], row["student_id"]) for row in named]
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*header, COLUMN])
            writer.writerows([*row, state] for row, state in zip(rows, states, strict=True))


def _state(gradebook: Any, assignment: str, student: str) -> str:
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return "missing"
    return "to review" if submission.needs_manual_grade else "graded"
