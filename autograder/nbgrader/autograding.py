"""nbgrader's own autograde for one student after another; what it writes is what nbgrader writes.

For a process of its own, `part`, that grades and does nothing else.
"""

from __future__ import annotations

import contextlib
import glob
import logging
import re
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from autograder.lessons.errors import WrongUse
from autograder.nbgrader import gradebook
from autograder.nbgrader.exporter import SubmissionExporter, stop_at_unknown
from autograder.nbgrader.parallel import AT_WORK, FAILED, GRADED, SKIPPED, Part

# How often it is tried where the gradebook is busy for longer than anybody waits.
_TRIES = 3


class OneByOne(Autograde):
    """nbgrader's converter for a student at a time, also for one who has handed in no notebook."""

    student = ""

    def init_notebooks(self) -> None:
        folder = self._format_source(self.coursedir.assignment_id, self.student)
        found = glob.glob(str(Path(glob.escape(folder)) / f"{self.coursedir.notebook_id}.ipynb"))
        self.assignments = {folder: found} if found else {}
        self.notebooks: list[str] = []


class Autograding:
    """One assignment in the current folder's course. Raises WrongUse where it cannot be graded."""

    def __init__(self, lesson: str, *, again: bool):
        self._lesson, self._again = lesson, again
        app = AutogradeApp()
        try:
            app.initialize([lesson])
        except SystemExit as error:  # the course's configuration says why
            raise WrongUse(str(error.code)) from None
        if app.config.Autograde.get("exporter_class") is not SubmissionExporter:
            raise WrongUse(
                "this course's nbgrader_config.py does not grade with Gradschool; `grad release`"
                " writes one that does"
            )
        app.coursedir.assignment_id = lesson
        app.config.Exporter.optimistic_validation = True  # once, and not after every preprocessor
        gradebook.share()
        self._converter = OneByOne(coursedir=app.coursedir, parent=app)
        self._warnings = _Lines()
        app.log.handlers = [self._warnings]
        try:
            stop_at_unknown(self._converter)
        except NbGraderException as error:
            raise WrongUse(str(error)) from None

    def students(self) -> list[str]:
        """Whoever has a folder for this assignment, by name."""
        places = self._converter.coursedir
        step = (places.submitted_directory, "(?P<student_id>.*)", self._lesson)
        known = re.compile(places.format_path(*step, escape=True))
        folders = glob.glob(places.format_path(places.submitted_directory, "*", self._lesson))
        found = (known.fullmatch(folder) for folder in folders if Path(folder).is_dir())
        return sorted(match["student_id"] for match in found if match)

    def grade(self, student: str) -> Part:
        """What nbgrader does for one student; one that was interrupted is graded again."""
        mark = AT_WORK / self._lesson / student
        converter = self._converter
        converter.student = student
        converter.coursedir.student_id = glob.escape(student)
        converter.force = self._again or mark.exists()
        mark.parent.mkdir(parents=True, exist_ok=True)
        with self._warnings.collected() as lines:
            if not converter.init_destination(self._lesson, student):
                return Part(student, SKIPPED, waits=self._waits(student))
            mark.touch()
            what = self._converted()
            mark.unlink()
        return Part(student, what, tuple(lines), self._waits(student))

    def _waits(self, student: str) -> bool:
        places = self._converter.coursedir
        with Gradebook(places.db_url, places.course_id) as book:
            try:
                return bool(book.find_submission(self._lesson, student).needs_manual_grade)
            except MissingEntry:  # the grading has failed
                return False

    def _converted(self) -> str:
        for _ in range(_TRIES):
            try:
                self._converter.start()
                return GRADED
            except NbGraderException as error:
                if "accessing the nbgrader database" not in str(error):
                    break
        return FAILED


class _Lines(logging.Handler):
    """The warnings and errors of a log, a line each."""

    # What nbgrader says of what Gradschool does, or says itself.
    _NOISE = re.compile(r"No submitted file|Removing existing|There was an error processing|above")

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[str] = []

    @contextlib.contextmanager
    def collected(self) -> Iterator[list[str]]:
        self._lines = []
        yield self._lines

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().strip().splitlines()
        if text and not self._NOISE.search(text[-1]):
            self._lines.append(text[-1])
