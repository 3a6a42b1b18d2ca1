"""Feedback as a platform takes it back: a zip that is named like what the platform gave out.

Moodle's "Upload multiple feedback files in a zip" knows a student by the number in
`NAME_1234_assignsubmission_file` at the beginning of a path, and shows what lies below it under its
own name.

Canvas's "Re-Upload Submissions" knows student and file by the two numbers in a file's name, and
shows it under the name of the student's own file. So a notebook's feedback is a notebook.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import PurePosixPath

from autograder.classroom import feedback
from autograder.classroom.graded import Graded
from autograder.classroom.layouts import in_canvas, in_moodle
from autograder.classroom.notes import ZIP

_NOTE = "This is the feedback on the file that you have handed in under this name.\n\n"
Entry = tuple[str, bytes]


class Platform(StrEnum):
    """What `grad class feedback` writes a zip for."""

    MOODLE = "moodle"
    CANVAS = "canvas"


def zipped(entries: Iterable[Entry]) -> bytes:
    """A zip of files by their names in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def entry(platform: Platform, given: str, graded: Graded, title: str) -> Entry | None:
    """A student's feedback under its name in the zip; None where `given` is no such download's.

    given: what the platform called what the student has handed in.
    """
    return _ENTRIES[platform](given, graded, title)


def _in_moodle(given: str, graded: Graded, title: str) -> Entry | None:
    """Beside the file, or in the folder, that was downloaded."""
    found = in_moodle(given)
    if found is None:
        return None
    page = f"{graded.lesson}.html"
    is_folder = found.file in ("", ZIP)
    place = f"{given.removesuffix(ZIP)}/" if is_folder else given.removesuffix(found.file)
    return f"{place}{page}", feedback.page(graded, title).encode()


def _in_canvas(given: str, graded: Graded, title: str) -> Entry | None:
    """Under the same name, as a file of the same kind; what is a folder now was a zip."""
    if in_canvas(given) is None:
        return None
    ending = PurePosixPath(given).suffix.lower()
    text = f"{_NOTE}{feedback.markdown(graded, title)}"
    if ending == ".ipynb":
        return given, _as_notebook(text)
    if ending == ".py":
        return given, _as_script(text)
    page = (f"{graded.lesson}.html", feedback.page(graded, title).encode())
    return f"{given.removesuffix(ZIP)}{ZIP}", zipped([page])


def _as_notebook(text: str) -> bytes:
    cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": text}
    form = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps({"cells": [cell], **form}, indent=1).encode()


def _as_script(text: str) -> bytes:
    lines = (f"# {line}".rstrip() for line in text.splitlines())
    return "\n".join(["# %% [markdown]", *lines, ""]).encode()


_ENTRIES: dict[Platform, Callable[[str, Graded, str], Entry | None]] = {
    Platform.MOODLE: _in_moodle,
    Platform.CANVAS: _in_canvas,
}
