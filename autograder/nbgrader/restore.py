"""A submission's cells put right: what the gradebook knows replaces what the submission claims."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.nbgrader.assigned import Assigned, AssignedCell, assigned
from autograder.nbgrader.exporter import ORIGIN, TO_REVIEW, UNREADABLE

# More cells than these are told of in one line.
MANY = 3


class Restore(NbGraderPreprocessor):
    """Gives every released cell its metadata, points and, where it is locked, its text again.

    The first cell with a grade id keeps it; copies become ordinary cells. A test cell that was
    edited stays as an ordinary cell before the right one, and one that is missing is added. Where
    the metadata is lost, a test cell is known by its text. Every such change is logged in one line.
    """

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        known = assigned(resources)
        if known is None:
            return nb, resources
        self._who = f"{resources['nbgrader']['student']}, {resources['nbgrader']['notebook']}"
        self._is_readable = UNREADABLE not in resources
        restored = list(self._cells(nb.cells, known))
        self._give_ids(restored)
        nb.cells, nb.metadata = restored, type(nb.metadata)()
        if sentence := resources.get(TO_REVIEW):
            nb.metadata[TO_REVIEW] = sentence
        if reason := resources.get(UNREADABLE):
            nb.metadata[UNREADABLE] = reason
            self.log.error("%s cannot be graded and is marked for review: %s", self._who, reason)
        self._remove_linked(resources)
        return nb, resources

    def _cells(self, cells: list[Any], known: Assigned) -> Iterator[Any]:
        claims, copies = _claims(cells, known)
        self._tell("a copy of the cell %s is not scored", copies)
        by_text = _by_text(cells, claims, known)
        if by_text:
            words = "%s: nbgrader's metadata is lost; %d cells are known by their text"
            self.log.warning(words, self._who, len(by_text))
        found = claims | by_text
        edited = [f.grade_id for n, f in found.items() if f.is_locked and not f.holds(cells[n])]
        self._tell("the locked cell %s is put back", edited)
        for number, cell in enumerate(cells):
            if released := found.get(number):
                yield from _released(cell, released)
            else:
                cell.metadata.pop("nbgrader", None)
                yield cell
        there = {released.grade_id for released in found.values()}
        missing = [each for id, each in known.cells.items() if id not in there and each.is_test]
        if self._is_readable:
            self._tell("the missing cell %s is added", [each.grade_id for each in missing])
        yield from (_cell(released, released.source) for released in missing)

    def _tell(self, words: str, grade_ids: list[str]) -> None:
        """One line of log for each cell, or one for all where something befell the notebook."""
        if len(grade_ids) > MANY:
            shown = f"{grade_ids[0]} (and {len(grade_ids) - 1} more like it)"
            grade_ids = [shown]
        for grade_id in grade_ids:
            self.log.warning(f"%s: {words}", self._who, grade_id)

    def _give_ids(self, cells: list[Any]) -> None:
        """Unique ids: a released cell has its grade id, the others are numbered."""
        for number, cell in enumerate(cells, 1):
            cell.id = cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell-{number}"

    def _remove_linked(self, resources: dict[str, Any]) -> None:
        """Take out what nbgrader has copied through symbolic links: it may be another's work."""
        for path in _links(self.parent.parent.coursedir, resources["nbgrader"]):
            if path.exists():
                path.unlink()
                self.log.warning("%s: %s was a symbolic link and is removed", self._who, path.name)


def _claims(cells: list[Any], known: Assigned) -> tuple[dict[int, AssignedCell], list[str]]:
    """The cells that say by their metadata which one they are, and the ids of copies."""
    found, copies, taken = {}, [], set()
    for number, cell in enumerate(cells):
        claimed = cell.metadata.get("nbgrader", {}).get("grade_id")
        if isinstance(claimed, str) and claimed in known.cells:
            if claimed in taken:
                copies.append(claimed)
            else:
                found[number] = known.cells[claimed]
            taken.add(claimed)
    return found, copies


def _by_text(
    cells: list[Any], claims: dict[int, AssignedCell], known: Assigned
) -> dict[int, AssignedCell]:
    """Test cells that say nothing of themselves, but hold what was released."""
    claimed = {released.grade_id for released in claims.values()}
    waiting = [each for id, each in known.cells.items() if each.is_test and id not in claimed]
    found = {}
    for number, cell in enumerate(cells):
        if number not in claims and "nbgrader" not in cell.metadata:
            released = next((each for each in waiting if each.holds(cell)), None)
            if released:
                waiting.remove(released)
                found[number] = released
    return found


def _released(cell: Any, released: AssignedCell) -> Iterator[Any]:
    """The released cell, and what the learner made of it where that may not stand in it."""
    origin = cell.metadata.get(ORIGIN)
    cell.metadata.pop("nbgrader", None)
    if released.is_locked and not released.holds(cell):
        yield cell
    yield _cell(released, released.source if released.is_locked else cell.source, origin)


def _cell(released: AssignedCell, source: str, origin: Any = None) -> Any:
    make = new_code_cell if released.cell_type == "code" else new_markdown_cell
    fixed = {"deletable": False, "editable": False} if released.is_locked else {}
    about = {**fixed, "nbgrader": dict(released.metadata), **({ORIGIN: origin} if origin else {})}
    return make(source=source, metadata=about)


def _links(places: Any, about: dict[str, str]) -> Iterator[Path]:
    """Where the copies of a submission's symbolic links lie."""
    student, assignment = about["student"], about["assignment"]
    source = Path(places.format_path(places.submitted_directory, student, assignment))
    copies = Path(places.format_path(places.autograded_directory, student, assignment))
    for folder, _, names in os.walk(source):
        for path in (Path(folder, name) for name in names):
            if path.is_symlink() and path.suffix != ".ipynb":
                yield copies / path.relative_to(source)
