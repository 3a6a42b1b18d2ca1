"""Laying out: what counts goes to `submitted/STUDENT/LESSON/`, what it replaces into `backups/`."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.classroom.handed_in import SUBMITTED
from autograder.classroom.placing import (
    LEFT_OUT,
    NEW,
    NOT_PLACED,
    REPLACED,
    UNCHANGED,
    Candidate,
    Row,
    chosen,
)
from autograder.lessons.files import SUFFIXES

BACKUPS = "backups"
# Zips count in steps of two seconds.
_SAME_TIME = 2.0


def placed(folder: Path, candidates: list[Candidate]) -> Iterator[Row]:
    """Lay out what counts below a class's folder; a row for every candidate."""
    for counts, others in chosen(candidates):
        yield _place(folder, counts)
        yield from others


def _place(folder: Path, each: Candidate) -> Row:
    """Put a file where it belongs, unless what is there is the same, or newer."""
    place = folder / SUBMITTED / each.origin.student / each.lesson
    target = place / f"{each.lesson}{each.path.suffix}"
    file = target.relative_to(folder).as_posix()
    if any(path.is_symlink() for path in (place, place.parent, place.parent.parent)):
        return each.row(NOT_PLACED, f"{place} is reached by a symbolic link; put a folder there")
    there = [path for end in SUFFIXES if os.path.lexists(path := target.with_suffix(end))]
    if there == [target] and _is_same(target, each.path):
        return each.row(UNCHANGED, file=file)
    newest = max((path.lstat().st_mtime for path in there), default=0.0)
    if newest > each.time + _SAME_TIME:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(newest))
        return each.row(
            LEFT_OUT, f"what is there is newer, of {when}", there[0].relative_to(folder).as_posix()
        )
    backups = [_backed_up(folder, path) for path in there]
    place.mkdir(parents=True, exist_ok=True)
    os.utime(each.path, (each.time, each.time))
    os.replace(each.path, target)
    why = f"the old one is {backups[0].relative_to(folder)}" if backups else ""
    return each.row(REPLACED if backups else NEW, why, file)


def _is_same(one: Path, other: Path) -> bool:
    return not one.is_symlink() and one.is_file() and one.read_bytes() == other.read_bytes()


def _backed_up(folder: Path, path: Path) -> Path:
    """Move a file into the backups, under a name that nothing has there."""
    place = folder / BACKUPS / path.relative_to(folder / SUBMITTED).parent
    place.mkdir(parents=True, exist_ok=True)
    stamp, number = time.strftime("%Y%m%d-%H%M%S"), 0
    while os.path.lexists(backup := place / f"{stamp}{f'-{number}' if number else ''}-{path.name}"):
        number += 1
    shutil.move(path, backup)
    return backup
