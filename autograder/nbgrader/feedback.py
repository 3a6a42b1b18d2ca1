"""A student's feedback page: a table of the exercises, and below it the notebook with verdicts.

The page has no script and needs no network. What stands below a test cell is rendered here, from
the report's data, so that nothing of a notebook reaches the page as HTML but what is cleaned.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import Exporter
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.nbgrader.assigned import Assigned, assigned
from autograder.nbgrader.markdown import rendered
from autograder.nbgrader.needs import all_released
from autograder.reports import pages
from autograder.reports.report import ExerciseReport, exercise_data, exercise_of
from autograder.reports.rows import Row, advised, first_to_mend

# What nbgrader itself writes below a cell that was left as it came.
NO_RESPONSE = "No response."
# Under this name a test cell's output carries the report's data.
DATA = "gradschool"


class FeedbackExporter(HTMLExporter):
    """The pages of lessons; every other notebook has nbgrader's own page."""

    def from_notebook_node(
        self, nb: Any, resources: Any = None, **keywords: Any
    ) -> tuple[Any, dict[str, Any]]:
        try:
            known = assigned(resources)
        except WrongUse:  # nothing is run here, so there is nothing to refuse
            known = None
        if known is None:
            return super().from_notebook_node(nb, resources, **keywords)
        nb, resources = Exporter.from_notebook_node(self, nb, resources, **keywords)
        return page(nb, resources["nbgrader"], known), resources


def outcome(exercise: ExerciseReport, notices: Iterable[str] = ()) -> dict[str, Any]:
    """A test cell's verdict as JSON's types, for the metadata of its output."""
    return {DATA: {"exercise": exercise_data(exercise), "notices": list(notices)}}


@dataclasses.dataclass(frozen=True)
class Block:
    """A piece of the page; the `lesson`, which is the same for everybody, is folded away."""

    html: Markup = Markup()
    row: Row | None = None
    comment: Markup = Markup()
    lesson: bool = False
    title: str = ""


def page(nb: Any, about: dict[str, Any], known: Assigned) -> str:
    """The page of one submission, whose scores stand in the cells' metadata."""
    released = all_released(Course.find(), known.lesson)
    blocks = list(_joined(_block(cell, known, released) for cell in nb.cells))
    rows = [block.row for block in blocks if block.row]
    return pages.rendered(
        "autograder.nbgrader",
        "feedback.html.j2",
        title=Course.find().lesson(known.lesson).title,
        about=about,
        rows=rows,
        blocks=blocks,
        notices=dict.fromkeys(notice for row in rows for notice in row.notices),
        first=first_to_mend(rows),
        styles=_code_styles(),
    )


def _block(cell: Any, known: Assigned, released: set[str]) -> Block:
    scored = cell.metadata.get("nbgrader", {})
    row = _row(cell, known) if scored.get("grade") or scored.get("task") else None
    if scored.get("grade_id") in known.exercises:
        return Block(row=row)
    comment = scored.get("comment") or ""
    said = Markup(rendered(comment)) if comment not in ("", NO_RESPONSE) else Markup()
    lesson = cell.source in released and not row and not said
    if cell.cell_type == "code":
        return Block(_code(cell.source), row, said, lesson)
    shown = rendered(cell.source, cell.get("attachments"), released=cell.source in released)
    title = cell.source.partition("\n")[0] if cell.source.startswith("#") else ""
    return Block(Markup(shown), row, said, lesson, title.strip("# "))


def _row(cell: Any, known: Assigned) -> Row:
    scored = cell.metadata["nbgrader"]
    found = _data(cell)
    report, notices = _report(found.get("exercise")), tuple(map(str, found.get("notices", ())))
    shown = advised(report) if report else _written(cell, notices)
    return Row(
        name=known.exercises.get(scored["grade_id"], scored["grade_id"]),
        anchor=scored["grade_id"],
        verdict=report.verdict if report else "not graded" if notices else "",
        score=float(scored.get("score") or 0),
        points=float(scored.get("points") or 0),
        report=shown,
        notices=notices,
    )


def _data(cell: Any) -> dict[str, Any]:
    for output in cell.get("outputs", []):
        found = output.get("metadata", {}).get(DATA)
        if isinstance(found, dict):
            return found
    return {}


def _report(data: Any) -> ExerciseReport | None:
    """A report from its data; None where another version wrote it, or somebody else."""
    try:
        return exercise_of(data)
    except (TypeError, KeyError, ValueError):
        return None


def _written(cell: Any, notices: tuple[str, ...]) -> Markup:
    """What a test cell printed, of a submission that was graded in another way."""
    texts = [output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])]
    return Markup() if notices or not texts else Markup("<pre>{}</pre>").format("\n".join(texts))


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Neighbours of the lesson's own text as one block, to be folded away together."""
    for lesson, group in itertools.groupby(blocks, lambda block: block.lesson):
        if lesson:
            held = list(group)
            title = next((block.title for block in held if block.title), "")
            yield Block(Markup().join(block.html for block in held), lesson=True, title=title)
        else:
            yield from group


def _code(source: str) -> Markup:
    return Markup(highlight(source, PythonLexer(), HtmlFormatter(cssclass="code")))


@functools.cache
def _code_styles() -> Markup:
    light = HtmlFormatter(style="default", cssclass="code").get_style_defs()
    dark = HtmlFormatter(style="github-dark", cssclass="code").get_style_defs()
    return Markup(f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}")
