"""A class's results in the forms of others: tables, grade books, and a file a submission."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.classroom.formats import Format
from autograder.classroom.gradebooks import BOOKS
from autograder.classroom.graded import Graded
from autograder.classroom.marks import by_exercise, by_lesson
from autograder.classroom.overview import overviews
from autograder.classroom.spreadsheets import as_csv
from autograder.classroom.store import Store
from autograder.classroom.table import NOT_KNOWN, hand_ins, read_table
from autograder.lessons.errors import WrongUse
from autograder.reports.junit import junit
from autograder.reports.services import classroom50, gradescope, gradescope_refusal
from autograder.reports.terminal import one_line

Files = Iterator[tuple[str, bytes]]


@dataclasses.dataclass
class Export:
    """What is to be written, by file names; `told` fills with sentences while it is made."""

    folder: Path
    store: Store
    lesson: str | None = None
    gradebook: Path | None = None
    assignment: str = ""
    told: list[str] = dataclasses.field(default_factory=list)

    def files(self, format: Format) -> Files:
        """The files of a format, one after the other. Raises WrongUse."""
        if format in BOOKS:
            return self._gradebook(format)
        if self.gradebook is not None or self.assignment:
            option = "--gradebook" if self.gradebook is not None else "--assignment"
            raise WrongUse(f"{option} goes with --to {' or --to '.join(BOOKS)}")
        if format is Format.CSV:
            return self._tables()
        return self._json() if format is Format.JSON else self._each(format)

    def _tables(self) -> Files:
        lessons = overviews(self.store.latest(self.lesson), hand_ins(self.folder))
        yield "lessons.csv", as_csv(by_lesson(lessons)).encode()
        for each in lessons:
            yield f"{each.lesson}.csv", as_csv(by_exercise(each)).encode()

    def _json(self) -> Files:
        """A line a submission; without the seed, which is a secret."""
        lines, came = [], hand_ins(self.folder)
        for graded in self.store.latest(self.lesson):
            report = graded.report
            data = dataclasses.replace(report, seed=None).data() if report else None
            head = dataclasses.asdict(dataclasses.replace(graded, report=None))
            known = came.get((graded.student, graded.lesson), NOT_KNOWN)
            when = {"handed_in": known.handed_in or None, "late": known.late}
            lines.append(json.dumps({**head, **when, "seed": None, "report": data}))
        yield "results.jsonl", "".join(f"{line}\n" for line in lines).encode()

    def _gradebook(self, format: Format) -> Files:
        if self.gradebook is None:
            raise WrongUse(f"name the file that {format} exports, with --gradebook FILE")
        lessons = overviews(self.store.latest(self.lesson), {})
        ids = {student: id for id, student in read_table(self.folder).items()}
        filled = BOOKS[format](self.gradebook, lessons, ids, self.assignment)
        self.told += filled.told
        yield f"{format}.csv", filled.text.encode()

    def _each(self, format: Format) -> Files:
        name, make = _FORMS[format]
        for graded in self.store.latest(self.lesson):
            if content := make(graded, self.folder):
                yield f"{format}/{one_line(graded.student)}/{graded.lesson}/{name}", content
            else:
                self.told.append(f"{graded.student}: {graded.lesson} has no report; {graded.why}")


def _gradescope(graded: Graded, _: Path) -> bytes:
    if graded.report is None:
        return _as_json(gradescope_refusal(f"It could not be graded: {graded.why}"))
    return _as_json(gradescope(graded.report.hidden(), notebook=graded.file.endswith(".ipynb")))


def _classroom50(graded: Graded, folder: Path) -> bytes:
    if graded.report is None:
        return b""
    file = folder / graded.file
    result = classroom50(
        graded.report.hidden(),
        classroom=folder.resolve().name,
        owner=graded.student,
        submission=f"submit/{graded.digest}",
        source=graded.file,
        at=file.stat().st_mtime if file.is_file() else time.time(),
    )
    return _as_json(result)


def _junit(graded: Graded, _: Path) -> bytes:
    return junit([graded.report.hidden()]) if graded.report else b""


def _as_json(data: object) -> bytes:
    return (json.dumps(data, indent=2) + "\n").encode()


_FORMS: dict[Format, tuple[str, Callable[[Graded, Path], bytes]]] = {
    Format.GRADESCOPE: ("results.json", _gradescope),
    Format.CLASSROOM50: ("result.json", _classroom50),
    Format.JUNIT: ("junit.xml", _junit),
}
