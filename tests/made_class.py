"""A made class: what thirty people, or a thousand, really hand in for the miniature lesson.

Every tenth is of the same kind but not the same text, so that nobody is graded by another's digest.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.grading.plan import Plan
from autograder.lessons.course import Course

LESSON = "sums"
HANGS = "\n\nclass Endless:\n    while True:\n        pass\n"
HOSTILE = [
    "import os\nos._exit(0)\n",
    "import torch\ntorch.allclose = torch.equal = lambda *a, **k: True\n",
    "import os, struct\n"
    "for number in range(3, 64):\n"
    "    try: os.write(number, struct.pack('!I', 4) + b'mine')\n"
    "    except OSError: pass\n",
]
KINDS = ["right", "partial", "wrong", "right", "wrong", "untouched", "wrong", "partial", "broken"]


@dataclass(frozen=True)
class HandedIn:
    """What one student hands in; `kind` is one of KINDS, `hanging` or `hostile`."""

    student: str
    kind: str
    file: str
    content: bytes

    @property
    def number(self) -> int:
        return int(re.sub(r"\D", "", self.student))


def made_class(course: Course, count: int = 30, *, hanging: int = 1) -> list[HandedIn]:
    """A class of `count`; the last of its notebooks `hanging` times does not end."""
    return [_handed_in(course, number, number >= count - hanging) for number in range(count)]


def lay_out(folder: Path, handed_in: Iterable[HandedIn]) -> Path:
    """nbgrader's layout: `folder/submitted/STUDENT/LESSON/FILE`."""
    for each in handed_in:
        place = folder / "submitted" / each.student / LESSON
        place.mkdir(parents=True, exist_ok=True)
        (place / each.file).write_bytes(each.content)
    return folder


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of files by their names in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def canvas(handed_in: Iterable[HandedIn]) -> Iterator[tuple[str, bytes]]:
    """The files of a Canvas download, every fifth one late."""
    for each in handed_in:
        late = "_LATE" * (each.number % 5 == 0)
        stem, dot, ending = each.file.rpartition(".")
        name = f"{each.student}{late}_{1000 + each.number}_{50000 + each.number}_{stem}-1"
        yield name + dot + ending, each.content


def moodle(handed_in: Iterable[HandedIn]) -> Iterator[tuple[str, bytes]]:
    for each in handed_in:
        yield f"{each.student}_{7000 + each.number}_assignsubmission_file/{each.file}", each.content


def _handed_in(course: Course, number: int, hangs: bool) -> HandedIn:
    kind = "hanging" if hangs else [*KINDS, "hostile"][number % 10]
    source = f"{_source(course, kind, number)}\n# by student {number}\n"
    is_notebook = number % 3 != 1
    content = as_notebook(source).encode() if is_notebook else source.encode()
    if kind == "broken" and is_notebook:
        content = content[: len(content) // 2]
    file = f"{LESSON}.ipynb" if is_notebook else f"{LESSON}.py"
    return HandedIn(f"student{number:04}", kind, file, content)


def _source(course: Course, kind: str, number: int) -> str:
    lesson = course.lesson(LESSON)
    match kind:
        case "right":
            return lesson.source
        case "untouched":
            return lesson.stub()
        case "partial":
            return lesson.stub({"shares", "Tally.add"} if number % 2 else {"centred"})
        case "broken":
            return lesson.source.replace("def ", "dfe ")
        case "hanging":
            return lesson.source + HANGS
        case "hostile":
            return HOSTILE[number // 10 % len(HOSTILE)] + lesson.source
    known = Plan.load(course, LESSON).declarations.mistakes
    mistake = known[number * 7 % len(known)]
    code = lesson.exercises[mistake.exercise].code
    return lesson.edited(mistake.exercise, mistake.applied(code))


def as_notebook(source: str, **metadata: Any) -> str:
    """A percent script as a notebook; text cells keep their comment signs off."""
    cells = []
    for part in re.split(r"^# %%", source, flags=re.MULTILINE):
        first, _, body = part.partition("\n")
        is_text = "[markdown]" in first
        text = re.sub(r"^# ?", "", body, flags=re.MULTILINE) if is_text else body.strip("\n")
        cell = {"cell_type": "markdown" if is_text else "code", "metadata": {}, "source": text}
        cells.append(cell if is_text else {**cell, "outputs": [], "execution_count": None})
    form = {"nbformat": 4, "nbformat_minor": 4, "metadata": metadata}
    return json.dumps({"cells": cells, **form})
