"""Tables as CSV, whose cells no spreadsheet executes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.classroom.overview import LessonOverview
from autograder.lessons.errors import WrongUse

Cell = str | int | float

# A cell that begins so is a formula to Excel, LibreOffice or Google Sheets, the wide forms too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def defused(cell: Cell) -> Cell:
    """A cell that is shown as its text; a number stays one, and so does a dash."""
    if not isinstance(cell, str) or not cell.startswith(_FORMULA) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(text: str) -> bool:
    digits = text[1:].replace(".", "", 1)
    return text[:1] in "+-" and text.isascii() and (digits.isdecimal() or not text[1:])


def as_csv(rows: Iterable[Sequence[Cell]], delimiter: str = ",") -> str:
    """Rows as the text of a CSV file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def read_csv(path: Path) -> tuple[list[list[str]], str]:
    """The rows of a CSV file that another program wrote, and its delimiter; raises WrongUse."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongUse(
            f"{path} is not UTF-8 at byte {error.start}; export it again as CSV in UTF-8"
        ) from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise WrongUse(f"{path} is not a CSV file ({error}); export it again") from None
    if not rows or not any(rows[0]):
        raise WrongUse(f"{path} is empty; export it again")
    return rows, delimiter


def by_exercise(lesson: LessonOverview) -> list[list[Cell]]:
    """student x exercise: points, with the sum, and what there is to look at."""
    ids = [exercise.id for exercise in lesson.exercises]
    worth = [exercise.max_points for exercise in lesson.exercises]
    rows: list[list[Cell]] = [["student", *ids, "points", "max_points", "look at"]]
    for row in lesson.rows:
        # Nothing, where nothing could be graded: an earned 0 is another thing.
        earned: list[Cell] = list(row.earned) or [""] * len(worth)
        rows.append([row.student, *earned, row.points, lesson.max_points, row.concern])
    return rows


def by_lesson(lessons: Sequence[LessonOverview]) -> list[list[Cell]]:
    """student x lesson: points; nothing where nothing was handed in."""
    points = {(each.lesson, row.student): row.points for each in lessons for row in each.rows}
    students = sorted({student for _, student in points})
    names = [each.lesson for each in lessons]
    rows: list[list[Cell]] = [["student", *names, "points", "max_points"]]
    most = sum(each.max_points for each in lessons)
    for student in students:
        found = [points.get((name, student)) for name in names]
        cells: list[Cell] = ["" if each is None else each for each in found]
        rows.append([student, *cells, sum(each or 0 for each in found), most])
    return rows
