"""Grade books of Canvas and Moodle: the file that they export, with this class's points in it.

Whose row is whose is found by the number or address that `collected.csv` has of a student, then by
what the file says of each person: ids, login, address, or the name as their downloads write it.
What fits no row, or two, is told and never guessed.

Canvas: Gradebook > Export, and Import. Moodle: an assignment's grading worksheet ("Download grading
worksheet", "Upload grading worksheet"), or the grader report's export as plain text and its import.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.classroom.overview import LessonOverview
from autograder.classroom.spreadsheets import Cell, as_csv, read_csv
from autograder.lessons.errors import WrongUse

_CANVAS = (
    "Student",
    "ID",
    "SIS User ID",
    "SIS Login ID",
    "Integration ID",
    "Root Account",
    "Section",
)
_MOODLE = ("First name", "Surname", "Last name", "ID number", "Email address")
# Canvas writes its own number behind an assignment's name.
_NUMBER = re.compile(r"\s*\(\d+\)$")


@dataclass
class Filled:
    """A grade book with points in it; `told` are sentences about what it does not have."""

    text: str
    told: list[str] = field(default_factory=list)


@dataclass
class People:
    """Whose row is whose: by everything that a row may be known by, its number.

    ids: a platform's number or address of a student, where it is known.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    rows: dict[str, set[int]] = field(default_factory=dict)
    taken: dict[int, str] = field(default_factory=dict)

    def add(self, number: int, *names: str) -> None:
        for name in filter(None, map(key_of, names)):
            self.rows.setdefault(name, set()).add(number)

    def row_of(self, student: str) -> int | None:
        """The one row that a student's name in the class means."""
        for name in filter(None, (key_of(self.ids.get(student, "")), *_names(student))):
            found = self.rows.get(name, set())
            if len(found) == 1:
                return next(iter(found))
            if found:
                return None
        return None


def key_of(name: str) -> str:
    """A name without accents, spaces and signs, as the downloads of these systems write it."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def _names(student: str) -> Iterator[str]:
    """What a student may be called in a grade book.

    The whole; of a download's name the first number, which is the person's, and what is before it.
    """
    yield key_of(student)
    if parts := re.match(r"([^_]*)(?:_LATE)?_(\d+)", student):
        yield from (parts[2], key_of(parts[1]))


def canvas(
    path: Path, lessons: Sequence[LessonOverview], ids: Mapping[str, str], assignment: str = ""
) -> Filled:
    """Canvas's export, filled in; a lesson that it has no column for becomes a new assignment.

    assignment: what Canvas calls it; by default it is named like the lesson. Raises WrongUse.
    """
    rows, delimiter = read_csv(path)
    head = rows[0]
    _need(path, head, ("Student", "ID"), "Canvas's grade book; in Canvas: Grades > Export")
    worth = next((row for row in rows[1:3] if _is_worth(row)), [])
    columns = [_column(head, assignment or each.lesson) for each in lessons]
    _need_assignment(path, assignment, columns)
    pairs = list(zip(columns, lessons, strict=True))
    most = [_possible(worth, column, each) for column, each in pairs]
    names = [head[column] if column else each.lesson for column, each in pairs]
    persons = {n: row for n, row in enumerate(rows) if n and _get(row, head.index("ID"))}
    people = _in_canvas(head, persons, ids)
    points, told = _points(path, people, lessons, most)
    told += [_new(path, each.lesson) for column, each in pairs if not column]
    table = _table(head, _CANVAS, names, persons, points)
    blank = [""] * (len(table[0]) - len(most) - 1)
    table.insert(1, ["    Points Possible", *blank, *map(_whole, most)])
    return Filled(as_csv(table, delimiter), told)


def _need_assignment(path: Path, assignment: str, columns: Sequence[int]) -> None:
    if assignment and len(columns) != 1:
        raise WrongUse(f"{assignment!r} is one assignment; say with --lesson NAME which it is")
    if assignment and not all(columns):
        raise WrongUse(f"{path} has no assignment {assignment!r}; write it as its first line does")


def _new(path: Path, lesson: str) -> str:
    return (
        f"{lesson}: {path.name} has no assignment of this name, so Canvas makes a new one; if it"
        " has another name there, say --assignment NAME"
    )


def _in_canvas(head: list[str], persons: Mapping[int, list[str]], ids: Mapping[str, str]) -> People:
    people = People(ids)
    at = {name: head.index(name) for name in _CANVAS if name in head}
    for number, row in persons.items():
        last, _, first = _get(row, at["Student"]).partition(",")
        own = [_get(row, at.get(name)) for name in _CANVAS[1:5]]
        login = own[2].partition("@")[0]
        people.add(number, *own, login, last + first, first + last)
    return people


def moodle(
    path: Path, lessons: Sequence[LessonOverview], ids: Mapping[str, str], assignment: str = ""
) -> Filled:
    """Moodle's grading worksheet, or its grade book, filled in. Raises WrongUse."""
    if assignment:
        raise WrongUse("--assignment is for Canvas; Moodle asks which column it is when it imports")
    rows, delimiter = read_csv(path)
    if "Identifier" in rows[0]:
        return _worksheet(path, rows, delimiter, lessons, ids)
    head, persons = rows[0], dict(enumerate(rows[1:], 1))
    _need(path, head, ("Email address",), "Moodle's grade book or grading worksheet")
    people, most = _in_moodle(head, persons, ids), [float(each.max_points) for each in lessons]
    points, told = _points(path, people, lessons, most)
    table = _table(head, _MOODLE, [each.lesson for each in lessons], persons, points)
    return Filled(as_csv(table, delimiter), told)


def _in_moodle(head: list[str], persons: Mapping[int, list[str]], ids: Mapping[str, str]) -> People:
    people = People(ids)
    at = {name: head.index(name) for name in _MOODLE if name in head}
    for number, row in persons.items():
        email, own, first = (
            _get(row, at.get(n)) for n in ("Email address", "ID number", "First name")
        )
        last = _get(row, at.get("Last name", at.get("Surname")))
        people.add(number, own, email, email.partition("@")[0], first + last, last + first)
    return people


def _table(
    head: list[str],
    kept: Sequence[str],
    names: Sequence[str],
    persons: Mapping[int, list[str]],
    points: Mapping[tuple[int, int], float],
) -> list[list[Cell]]:
    """The columns that say who somebody is, and one for each lesson."""
    columns = [at for at, name in enumerate(head) if name in kept]
    table: list[list[Cell]] = [[*(head[at] for at in columns), *names]]
    for number, row in persons.items():
        cells: list[Cell] = [points.get((number, at), "") for at in range(len(names))]
        table.append([*(_get(row, at) for at in columns), *cells])
    return table


def _worksheet(
    path: Path,
    rows: list[list[str]],
    delimiter: str,
    lessons: Sequence[LessonOverview],
    ids: Mapping[str, str],
) -> Filled:
    """One assignment's worksheet: all its columns stay as they are, Moodle refuses any other."""
    if len(lessons) != 1:
        raise WrongUse(f"{path} is the worksheet of one assignment; say which with --lesson NAME")
    head = [name.casefold() for name in rows[0]]
    _need(path, head, ("identifier", "grade", "maximum grade"), "Moodle's grading worksheet")
    at = {name: number for number, name in enumerate(head)}
    people, table = People(ids), [list(row) for row in rows]
    for number, row in enumerate(table[1:], 1):
        email, name = (_get(row, at.get(each)) for each in ("email address", "full name"))
        id = _get(row, at["identifier"]).rpartition(" ")[2]
        own = _get(row, at.get("id number"))
        people.add(number, id, own, email, email.partition("@")[0], name)
    possible = next((_number(_get(row, at["maximum grade"])) for row in table[1:]), 0.0)
    points, told = _points(path, people, lessons, [possible or lessons[0].max_points])
    for (number, _), value in points.items():
        if _get(table[number], at.get("grade can be changed")).casefold() in ("no", "nein", "non"):
            told.append(f"{people.taken[number]}: Moodle says that this grade cannot be changed")
        else:
            table[number][at["grade"]] = f"{value:.2f}"
    return Filled(as_csv(table, delimiter), told)


def _points(
    path: Path, people: People, lessons: Sequence[LessonOverview], most: Sequence[float]
) -> tuple[dict[tuple[int, int], float], list[str]]:
    """By row and lesson the points, in the scale of the grade book; and what is to be told."""
    found: dict[tuple[int, int], float] = {}
    told: dict[str, None] = {}
    for column, lesson in enumerate(lessons):
        scale = most[column] / lesson.max_points if lesson.max_points else 0.0
        if lesson.max_points and scale != 1:
            told[f"{lesson.lesson}: {lesson.max_points} points are {most[column]:g} there"] = None
        for row in lesson.rows:
            number = people.row_of(row.student)
            owner = people.taken.setdefault(number, row.student) if number is not None else ""
            if not row.is_graded:
                told[f"{row.student}: not graded, so its cell is empty; {row.concern}"] = None
            elif number is None:
                told[f"{row.student}: no row of {path.name}, or several, is this one's"] = None
            elif owner != row.student:
                told[f"{row.student}: its row of {path.name} is {owner}'s too; look at both"] = None
            else:
                found[number, column] = _whole(round(row.points * scale, 2))
    return found, list(told)


def _need(path: Path, head: list[str], names: Sequence[str], what: str) -> None:
    if missing := [name for name in names if name not in head]:
        raise WrongUse(f"{path} has no column {missing[0]!r}; export {what}")


def _get(row: list[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""


def _is_worth(row: list[str]) -> bool:
    return bool(row) and row[0].strip().startswith("Points Possible")


def _column(head: list[str], assignment: str) -> int:
    """Where an assignment of this name is, with Canvas's number or without; 0 for nowhere."""
    if assignment in head:
        return head.index(assignment)
    names = [key_of(_NUMBER.sub("", each)) for each in head]
    name = key_of(_NUMBER.sub("", assignment))
    return names.index(name) if name in names else 0


def _possible(worth: list[str], column: int, lesson: LessonOverview) -> float:
    return column and _number(_get(worth, column)) or float(lesson.max_points)


def _whole(value: float) -> float:
    """A whole number without its point."""
    return int(value) if value == int(value) else value


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return 0.0


Book = Callable[[Path, Sequence[LessonOverview], Mapping[str, str], str], Filled]
BOOKS: dict[str, Book] = {
    "canvas": canvas,
    "moodle": moodle,
}
