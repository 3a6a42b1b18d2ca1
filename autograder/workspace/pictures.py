"""What a learner's stages have drawn and said: files beside the lesson, and lines, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.lessons.disk import write_atomically
from autograder.workspace.places import kept, workspace_of

SUFFIXES = {".png": "image/png", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Drawn:
    """What a stage has drawn last, and its sentence; `files` lie beside the lesson.

    said: the lines that it printed for the learner, such as what a model has written.
    """

    stage: str
    says: str
    files: tuple[str, ...]
    said: tuple[str, ...] = ()


def drawn(workspace: Path, lesson: str) -> tuple[Drawn, ...]:
    """What was drawn of a lesson, the latest last; a damaged record counts as not there."""
    try:
        rows = json.loads(_record(workspace, lesson).read_text(encoding="utf-8"))
        return tuple(
            Drawn(row["stage"], row["says"], tuple(row["files"]), tuple(row.get("said", ())))
            for row in rows
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return ()


def keep_drawn(lesson_file: Path, new: Drawn) -> None:
    """Keep what a stage of a learner's file has drawn; of any other file nothing is kept."""
    workspace = workspace_of(lesson_file)
    if workspace is None or not (new.files or new.said):
        return
    others = [each for each in drawn(workspace, lesson_file.stem) if each.stage != new.stage]
    text = json.dumps([asdict(each) for each in [*others, new]], indent=2) + "\n"
    write_atomically(_record(workspace, lesson_file.stem), text.encode())


def _record(workspace: Path, lesson: str) -> Path:
    return kept(workspace) / "pictures" / f"{lesson}.json"
