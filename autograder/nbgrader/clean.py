"""What a submission brings along, made harmless before anybody looks at it in a browser."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.lessons.course import Course
from autograder.nbgrader.assigned import assigned
from autograder.nbgrader.markdown import as_text, is_safe, pictures
from autograder.nbgrader.needs import all_released


class Clean(NbGraderPreprocessor):
    """Turns a submission's raw cells into text, and so its Markdown where that could run scripts.

    nbgrader's formgrader and feedback show a notebook's Markdown with all the HTML in it, in the
    instructor's own session. Attachments that are no pictures go.
    """

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        known = assigned(resources)
        if known is not None:
            released = all_released(Course.find(), known.lesson)
            nb.cells = [_clean(cell, released) for cell in nb.cells]
        return nb, resources


def _clean(cell: Any, released: set[str]) -> Any:
    if cell.cell_type == "raw":
        return new_markdown_cell(as_text(cell.source), metadata=cell.metadata, id=cell.id)
    if cell.cell_type == "markdown":
        attached = pictures(cell.pop("attachments", {}))
        if cell.source not in released and not is_safe(cell.source, attached):
            cell.source = as_text(cell.source)
        elif attached:
            cell.attachments = attached
    return cell
