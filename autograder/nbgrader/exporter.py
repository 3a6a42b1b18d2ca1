"""Reading a submitted notebook without trusting that it is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from autograder.lessons.errors import WrongUse
from autograder.lessons.files import Unreadable, notebook_cells, read
from autograder.nbgrader.assigned import assigned, in_gradebook
from autograder.nbgrader.collected import Collected
from autograder.nbgrader.folders import shield, stamp_trouble

UNREADABLE = "gradschool_unreadable"
# A person has to look: two notebooks of one lesson were handed in, or nobody knows when.
TO_REVIEW = "gradschool_to_review"
# What a cell was in the learner's own file, whatever is made of it.
ORIGIN = "gradschool_origin"
_MAX_TEXT = 2 * 2**20
_MAKE: dict[str, Callable[..., Any]] = {"code": new_code_cell, "raw": new_raw_cell}


class SubmissionExporter(NotebookExporter):
    """Reads what of a lesson's submission is believed: the kinds, texts and grade ids of its cells.

    Outputs, widgets and all other metadata are left behind, however large or broken they are. Where
    the file is no notebook, an empty one goes on, with the reason in `resources`.
    """

    def __init__(self, config: Any = None, parent: Any = None, **keywords: Any):
        super().__init__(config=config, parent=parent, **keywords)
        if parent is not None:
            stop_at_unknown(parent)
        collected = None
        if isinstance(parent, Autograde):
            shield(parent)
            collected = Collected(parent)
        self._files = collected.files if collected else {}
        self._reasons = collected.reasons if collected else {}
        self._doubled = collected.doubled if collected else {}

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **keywords: Any
    ) -> tuple[Any, dict[str, Any]]:
        path = Path(filename)
        if resources is None or not self._is_submitted(path, resources):
            return super().from_filename(filename, resources=resources, **keywords)
        file = self._files.get(filename, path)
        student = resources["nbgrader"]["student"]
        told = (self._doubled.get(filename), stamp_trouble(path.parent))
        if sentence := "; ".join(filter(None, told)):
            resources[TO_REVIEW] = sentence
            self.log.error("%s, %s: %s; marked for review", student, path.stem, sentence)
        elif file != path:
            self.log.warning("%s, %s: handed in as %r", student, path.stem, file.name)
        try:
            if reason := self._reasons.get(filename):
                raise Unreadable(reason)
            refuse_links(file, levels=3)
            notebook = new_notebook(cells=_cells(file))
        except Unreadable as error:
            notebook = new_notebook()
            resources[UNREADABLE] = _without_folder(str(error), file)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(notebook, resources=resources, **keywords)

    def _is_submitted(self, path: Path, resources: dict[str, Any]) -> bool:
        """Whether this is a learner's own file of a lesson, and not what nbgrader made of it."""
        about = resources.get("nbgrader")
        if not about or self.parent is None:
            return False
        places = self.parent.coursedir
        step = (places.submitted_directory, about["student"], about["assignment"])
        return Path(places.format_path(*step)) == path.parent and assigned(resources) is not None


def stop_at_unknown(converter: Any) -> None:
    """End nbgrader's run before it has begun where its assignment is none that it may run.

    Later each student would be an error with a traceback of its own.
    """
    places = converter.coursedir
    with Gradebook(places.db_url) as gradebook:
        wanted = [a for a in gradebook.assignments if a.name == places.assignment_id]
        try:
            for notebook in (notebook for each in wanted for notebook in each.notebooks):
                in_gradebook(notebook)
        except WrongUse as error:
            converter.log.error("%s", error)
            raise NbGraderException(str(error)) from None


def refuse_links(path: Path, levels: int) -> None:
    """Raise Unreadable where a file may be somebody else's.

    It is a symbolic link, or one of the folders above it is.
    """
    for place in (path, *list(path.parents)[: levels - 1]):
        if place.is_symlink():
            raise Unreadable(f"{path} is reached by a symbolic link; hand in the file itself")


def _cells(path: Path) -> list[dict[str, Any]]:
    read(path, links=False)
    cells = [_cell(cell, number) for number, cell in enumerate(notebook_cells(path), 1)]
    if sum(len(cell["source"]) for cell in cells) > _MAX_TEXT:
        most = f"{_MAX_TEXT // 2**20} MiB of text in its cells"
        raise Unreadable(f"{path} has more than {most}; leave out what is no code")
    return cells


def _cell(cell: dict[str, Any], number: int) -> Any:
    """A cell with its text and nbgrader's metadata, which still have to be compared."""
    source = _source(cell.get("source", cell.get("input", "")))
    make = _MAKE.get(cell["cell_type"], new_markdown_cell)
    metadata = cell.get("metadata")
    claimed = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    kept = {"nbgrader": claimed} if isinstance(claimed, dict) else {}
    kept[ORIGIN] = {"number": number, "is_code": cell["cell_type"] == "code"}
    made = make(source=source, metadata=kept, id=f"cell-{number}")
    if made.cell_type == "markdown" and _is_attached(cell.get("attachments")):
        made.attachments = cell["attachments"]
    return made


def _source(written: Any) -> str:
    """A cell's text, which is one string or a list of them; what is neither holds no text.

    Half of a surrogate pair can stand in JSON, but in no file.
    """
    parts = written if isinstance(written, list) else [written]
    text = "".join(part for part in parts if isinstance(part, str))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode()


def _is_attached(value: Any) -> bool:
    """Pictures in a text, as the notebook format has them: {name: {kind: data}}."""
    return isinstance(value, dict) and all(
        isinstance(kinds, dict) and all(isinstance(data, str) for data in kinds.values())
        for kinds in value.values()
    )


def _without_folder(sentence: str, path: Path) -> str:
    """A sentence for the learner: where the instructor keeps the course is nobody's business."""
    return sentence.replace(str(path), path.name)
