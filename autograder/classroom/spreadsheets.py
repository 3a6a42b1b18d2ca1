"""CSV files, whose cells no spreadsheet executes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.lessons.errors import WrongUse

Cell = str | int | float

# A cell that begins so is a formula to Excel, LibreOffice or Google Sheets, the wide forms too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def defused(cell: Cell) -> Cell:
    """A cell that is shown as its text; a number stays one, and so does a dash."""
    if not isinstance(cell, str) or not cell.startswith(_FORMULA) or _is_number(cell):
        return cell
    return f"'{cell}"


def armed(cell: str) -> str:
    """What `defused` was given."""
    return cell[1:] if cell[:1] == "'" and defused(cell[1:]) == cell else cell


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
