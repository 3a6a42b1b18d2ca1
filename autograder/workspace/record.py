"""What a milestone's run leaves behind: its record, and where records lie in a workspace.

A learner's run of `exercises/<lesson>.py` is recorded in the workspace's hidden folder, in
`milestones/<lesson>.json`. A run of any other file, such as a solution, is nobody's progress and
leaves no record there.
"""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autograder.lessons.disk import write_atomically
from autograder.workspace.places import kept, workspace_of


def number_text(value: Any) -> str:
    """A number as a person reads it: at most four decimals, thousands apart; other values by str.

    >>> number_text(2.16999), number_text(200000), number_text(0.00001234)
    ('2.17', '200,000', '1.23e-05')
    """
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    value = float(value)
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    if abs(value) < 0.001:
        return f"{value:.3g}"
    return f"{value:,.4f}".rstrip("0").rstrip(".")


@dataclass
class Figure:
    """One measured figure; `passed` is None for a figure that is told but not judged.

    lecture: the figure to compare with. whose: who has measured that, in a word.
    """

    name: str
    value: float | int | str
    lecture: float | int | str | None = None
    passed: bool | None = None
    whose: str = "lecture"

    def text(self) -> str:
        """The figure in words, such as `dev loss 2.21 (lecture: 2.17)`."""
        other = "" if self.lecture is None else f" ({self.whose}: {number_text(self.lecture)})"
        return f"{self.name} {number_text(self.value)}{other}"


@dataclass
class Record:
    """The outcome of the last run that came to its end.

    data: for each data set that was read, the sentence that says which it was.
    plots: names of the PNG files, which lie beside the lesson.
    finished, passed_on: dates with time, ISO 8601; `passed_on` is that of the first pass, or None.
    """

    lesson: str
    passed: bool
    figures: list[Figure]
    seconds: float
    steps: int
    full: bool
    interrupted: bool
    device: str
    real_data: bool
    finished: str
    data: list[str] = field(default_factory=list)
    plots: list[str] = field(default_factory=list)
    passed_on: str | None = None

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2, default=str, allow_nan=False) + "\n"


def plain_number(value: Any) -> float | int | str:
    """A value as JSON can hold it: numbers of numpy and torch become Python's, NaN the text nan."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, bool | int | float) else str(value)


def workspace_record(lesson_file: Path) -> Path | None:
    """Where the run of a lesson's file is recorded, or None where the file is not a learner's."""
    workspace = workspace_of(lesson_file)
    return workspace and _records(workspace) / f"{lesson_file.stem}.json"


def read_records(workspace: Path) -> dict[str, Record]:
    """The records of a workspace by lesson; a damaged one counts as not there."""
    files = sorted(_records(workspace).glob("*.json"))
    records = {file.stem: read_record(file) for file in files}
    return {lesson: record for lesson, record in records.items() if record}


def _records(workspace: Path) -> Path:
    return kept(workspace) / "milestones"


def read_record(file: Path) -> Record | None:
    """One record, or None where there is none that can be read."""
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        fields["figures"] = [Figure(**figure) for figure in fields["figures"]]
        return Record(**fields)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_record(record: Record, file: Path) -> None:
    """Write a record; the date of an earlier pass stays."""
    earlier = read_record(file)
    now = record.finished if record.passed else None
    record.passed_on = (earlier.passed_on if earlier else None) or now
    write_atomically(file, record.as_json().encode())
