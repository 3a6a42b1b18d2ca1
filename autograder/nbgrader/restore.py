"""A submission's cells put right: what the gradebook knows replaces what the submission claims."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.nbgrader.assigned import Assigned, AssignedCell, assigned
from autograder.nbgrader.exporter import UNREADABLE


class Restore(NbGraderPreprocessor):
    """Gives every released cell its metadata, points and, where it is locked, its text again.

    The first cell with a grade id keeps it; copies become ordinary cells. A test cell that was
    edited stays as an ordinary cell before the right one, and one that is missing is added. Every
    such change is logged in one line.
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
        if reason := resources.get(UNREADABLE):
            nb.metadata[UNREADABLE] = reason
            self.log.error("%s cannot be graded and is marked for review: %s", self._who, reason)
        self._remove_linked(resources)
        return nb, resources

    def _cells(self, cells: list[Any], known: Assigned) -> Iterator[Any]:
        missing = dict(known.cells)
        for cell in cells:
            claimed = cell.metadata.pop("nbgrader", {}).get("grade_id")
            claimed = claimed if isinstance(claimed, str) else None
            released = missing.pop(claimed, None)
            if released is not None:
                yield from self._released(cell, released)
                continue
            if claimed in known.cells:
                self.log.warning("%s: a copy of the cell %s is not scored", self._who, claimed)
            yield cell
        for released in missing.values():
            if released.is_test:
                if self._is_readable:
                    self.log.warning(
                        "%s: the missing cell %s is added", self._who, released.grade_id
                    )
                yield _cell(released, released.source)

    def _released(self, cell: Any, released: AssignedCell) -> Iterator[Any]:
        """The released cell, and what the learner made of it where that may not stand in it."""
        locked = released.metadata["locked"]
        if locked and cell.source.strip() != released.source.strip():
            self.log.warning("%s: the locked cell %s is put back", self._who, released.grade_id)
            yield cell
        yield _cell(released, released.source if locked else cell.source)

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


def _cell(released: AssignedCell, source: str) -> Any:
    make = new_code_cell if released.cell_type == "code" else new_markdown_cell
    fixed = {"deletable": False, "editable": False} if released.metadata["locked"] else {}
    return make(source=source, metadata={**fixed, "nbgrader": dict(released.metadata)})


def _links(places: Any, about: dict[str, str]) -> Iterator[Path]:
    """Where the copies of a submission's symbolic links lie."""
    student, assignment = about["student"], about["assignment"]
    source = Path(places.format_path(places.submitted_directory, student, assignment))
    copies = Path(places.format_path(places.autograded_directory, student, assignment))
    for folder, _, names in os.walk(source):
        for path in (Path(folder, name) for name in names):
            if path.is_symlink() and path.suffix != ".ipynb":
                yield copies / path.relative_to(source)
