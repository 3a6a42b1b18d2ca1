"""Collecting: from what a platform gives out to nbgrader's layout, with a table of what was taken.

Sources are only read. What counts is laid out as `submitted/STUDENT/LESSON/LESSON.ipynb` (or
`.py`), byte for byte; what it replaces goes into `backups/`.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.classroom.bounds import bounded_memory
from autograder.classroom.folder_names import given_name, safe_name
from autograder.classroom.gradescope_people import METADATA
from autograder.classroom.laying_out import placed
from autograder.classroom.layouts import Layout, Origin, owner_of
from autograder.classroom.locking import locked
from autograder.classroom.notes import Notes
from autograder.classroom.placing import (
    LEFT_OUT,
    NOT_PLACED,
    Candidate,
    Row,
    identified,
    row_of,
    with_stable_names,
)
from autograder.classroom.sources import Found, Source
from autograder.classroom.surveying import Survey, is_stamp
from autograder.classroom.table import dated, hand_ins, read_table, write_table
from autograder.lessons.bounds import MAX_NOTEBOOK
from autograder.lessons.course import Course
from autograder.lessons.errors import Unusable, WrongUse
from autograder.lessons.files import RELEASED

LOCK = ".collect.lock"
_STAGING = ".collecting-"
_DAY = 24 * 3600
_MEMORY = 3 * 2**30


def collect(
    course: Course, sources: list[Path], folder: Path, lesson: str = "", due: float | None = None
) -> list[Row]:
    """Take what can be placed and say of every other file why not; the table is written too.

    lesson: the one that everything is of; by default it is found out. due: in seconds since 1970;
    what was handed in after it is late. Raises WrongUse where a source is none, and Unusable where
    the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _staging(folder) as staging, bounded_memory(_MEMORY):
            collection = _Collection(course, Path(staging), lesson, read_table(folder))
            for path in sources:
                collection.take(Source(path))
            rows = collection.rows + list(placed(folder, collection.candidates))
        rows += collection.left(rows)
        before = hand_ins(folder)
        rows = [dated(row, before, due) for row in rows]
        write_table(folder, rows)
    except OSError as error:
        raise Unusable.because(error) from error
    return rows


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[str]:
    """A place for what may be taken, below the class's folder.

    What runs that were killed have left there goes. Raises WrongUse where another one collects
    into this folder.
    """
    with locked(folder, LOCK, "collect") as alone:
        for left in folder.glob(f"{_STAGING}*"):
            if alone or left.lstat().st_mtime < time.time() - _DAY:
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=_STAGING) as staging:
            yield staging


@dataclass
class _Collection:
    """What was found so far: candidates, and rows for what is none."""

    course: Course
    staging: Path
    lesson: str
    known: dict[str, str]
    candidates: list[Candidate] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    _others: list[Row] = field(default_factory=list)

    def take(self, source: Source) -> None:
        """Walk a source twice: who handed in a file can be told when all of them are known."""
        survey = Survey()
        found = survey.walk(source, self.course.names)
        again = Source(source.path, source.notes.over)
        seen: list[tuple[str, Candidate | Row]] = []
        for each in again.files():
            is_ours = each.parts == (METADATA,) or is_stamp(each, self.course.names)
            if each.parts[-1] != RELEASED and not is_ours:
                owner = owner_of(each.parts[0])
                seen += [(owner, what) for what in self._looked_at(each, found)]
        kept = [what for owner, what in seen if owner not in again.notes.over]
        self.candidates += [what for what in kept if isinstance(what, Candidate)]
        self._others += [what for what in kept if isinstance(what, Row)]
        for parts, name, why in _refused(again.notes):
            origins = found.origins(parts) if parts else []
            named = with_stable_names(origins, self.known).values()
            for student in [origin.student for origin in named] or [""]:
                self.rows.append(Row(NOT_PLACED, student, "", "", name, why=why))
        self.rows += [Row(NOT_PLACED, "", "", "", name, why=why) for name, why in survey.problems]

    def _looked_at(self, each: Found, found: Layout) -> list[Candidate | Row]:
        """A file, once for each student whose it is."""
        origins = found.origins(each.parts)
        if not origins:
            return [Row(NOT_PLACED, "", "", "", each.name, why=found.why_nobody(each.parts))]
        named = with_stable_names(origins, self.known)
        given = given_name(each.name, each.parts[0])
        at = found.handed_in(each.parts, each.sent)
        return [
            self._looked_at_for(each, replace(named[origin], given=given, handed_in=at))
            for origin in origins
        ]

    def _looked_at_for(self, each: Found, origin: Origin) -> Candidate | Row:
        why = ""
        if not origin.student:
            why = "who handed it in has no name that can be a folder's"
        elif not each.is_work:
            why = "it is neither a notebook nor a script"
        else:
            try:
                return self._candidate(each, origin)
            except WrongUse as error:
                why = str(error)
        return row_of(origin, NOT_PLACED, each.name, why)

    def _candidate(self, each: Found, origin: Origin) -> Candidate:
        path = Path(origin.file)
        name = f"{safe_name(path.stem) or 'work'}{path.suffix}"
        content = each.read(MAX_NOTEBOOK)
        try:
            told, begun = identified(self.course, name, content, origin, self.lesson)
        except WrongUse as error:  # beside the file's whole name its own need not be said again
            raise WrongUse(re.sub(f"^{re.escape(name)}(?= )", "it", str(error))) from error
        place = Path(tempfile.mkdtemp(dir=self.staging))
        (place / name).write_bytes(content)
        return Candidate(origin, each.name, each.time, place / name, told, begun)

    def left(self, rows: list[Row]) -> Iterator[Row]:
        """What was not taken: of a student who has handed in a lesson too, it is only left out.

        So is what is no work and nobody's.
        """
        served = {row.student for row in rows if row.file}
        for row in self._others:
            needless = row.student in served or not (row.is_work or row.student)
            yield replace(row, what=LEFT_OUT) if needless else row


def _refused(notes: Notes) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What a source has not given, with why; of those who have too much all in one."""
    for parts, name, why in notes.refused:
        if owner_of("".join(parts[:1])) not in notes.over:
            yield parts, name, why
    for owner, why in notes.over.items():
        place = (notes.owners.get(owner, owner), "")
        yield place, f"{notes.source}/{owner}", f"{why}; nothing of it is taken"
