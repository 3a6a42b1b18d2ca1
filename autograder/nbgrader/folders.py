"""What else lies in a submission's folder, so that none of it keeps a student from being recorded.

nbgrader copies every file beside a notebook, and reads a time stamp; where either fails, it leaves
the student out of the gradebook.
"""

from __future__ import annotations

import glob
import itertools
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.utils import parse_utc

STAMP = "timestamp.txt"
# Files that are copied; looking at each, nbgrader lists its folder several times.
MOST = 500
_LONGEST_STAMP = 200


def shield(converter: Any) -> None:
    """Let nbgrader's Autograde copy what can be copied, and read no time stamp that is none."""
    places, begin = converter.coursedir, converter.init_assignment

    def init_assignment(assignment_id: str, student_id: str) -> None:
        folder = Path(places.format_path(places.submitted_directory, student_id, assignment_id))
        left_out, ignored = _not_copied(folder, places.max_file_size * 1000), places.ignore
        if left_out:
            shown = ", ".join(map(repr, left_out[:3])) + (" and more" if len(left_out) > 3 else "")
            converter.log.warning("%s: %s cannot be copied; left out", student_id, shown)
        try:
            places.ignore = [*ignored, *map(glob.escape, left_out)]
            if len(left_out) > MOST:
                places.ignore = ["*"]
            begin(assignment_id, student_id)
        finally:
            places.ignore = ignored

    def get_existing_timestamp(folder: str) -> datetime | None:
        found: datetime | None = None if stamp_trouble(Path(folder)) else _stamp(Path(folder))
        return found

    converter.init_assignment = init_assignment
    places.get_existing_timestamp = get_existing_timestamp


def stamp_trouble(folder: Path) -> str:
    """Why a submission's time cannot be known; nothing where it can, or where there is none."""
    try:
        _stamp(folder)
    except (ValueError, OverflowError, OSError):
        return f"its {STAMP} holds no time; see yourself whether it is late"
    return ""


def _stamp(folder: Path) -> datetime | None:
    """The time in a folder's stamp; None where there is none, or it is empty."""
    path = folder / STAMP
    try:
        about = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(about.st_mode) or about.st_size > _LONGEST_STAMP:
        raise ValueError(f"{path} is no time stamp")
    text = path.read_text(encoding="utf-8").strip()
    return parse_utc(text) if text else None


def _not_copied(folder: Path, most_bytes: int) -> list[str]:
    """The names of files that cannot be copied or are too large; all where there are too many."""
    found = list(itertools.islice(_files(folder), MOST + 1))
    if len(found) > MOST:
        return [path.name for path in found]
    return [path.name for path in found if not _can_be_copied(path, most_bytes)]


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)


def _can_be_copied(path: Path, most_bytes: int) -> bool:
    try:
        about = path.stat()
        str(path).encode()
    except (OSError, ValueError):
        return False
    is_plain = stat.S_ISREG(about.st_mode) and about.st_size <= most_bytes
    return is_plain and os.access(path, os.R_OK)
