"""Zips of strangers: opened and read within bounds, whatever they say of themselves.

Nothing is extracted by the names that stand in a zip: they are labels.
"""

from __future__ import annotations

import stat
import time
import zipfile
from typing import IO, Any

from autograder.lessons.errors import WrongUse

# A zip's table of contents, of which all is held in memory: of a student's own, and of a download.
MAX_CONTENTS = 8 * 2**20
MAX_CONTENTS_OF_ALL = 256 * 2**20
_UNSET = (1980, 1, 1, 0, 0, 0)


class Refused(WrongUse):
    """A file that is not taken; the message says why, and begins with a small letter."""


class _Opening:
    """A file that gives only so many bytes before `is_open` is set."""

    def __init__(self, file: IO[bytes], most: int):
        self._file, self._left, self.is_open = file, most, False

    def read(self, size: int = -1) -> bytes:
        if self.is_open:
            return self._file.read(size)
        content = self._file.read(size if 0 <= size <= self._left else self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise Refused("its table of contents is too long")
        return content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def opened(file: IO[bytes], most: int) -> zipfile.ZipFile:
    """A zip, whose table of contents may have so many bytes. Raises Refused."""
    opening: Any = _Opening(file, most)
    try:
        archive = zipfile.ZipFile(opening)
    except Refused:
        raise
    except Exception as why:  # each format of compression has errors of its own
        raise Refused(f"it is no zip that can be read ({_said(why)})") from None
    opening.is_open = True
    return archive


def unzipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """At most one byte more than the limit, counted as they come. Raises Refused."""
    try:
        with archive.open(entry) as file:
            return file.read(limit + 1)
    except Exception as why:
        raise Refused(f"it cannot be unpacked ({_said(why)})") from None


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a name in a zip."""
    return tuple(p for p in name.replace("\\", "/").split("/") if p not in ("", "."))


def problem_of(entry: zipfile.ZipInfo) -> str:
    """Why an entry is not taken, or an empty text."""
    if ".." in parts_of(entry.filename) or entry.filename.startswith(("/", "\\")):
        return "its name leads out of the zip"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link, which is not followed"
    if entry.flag_bits & 1:
        return "it is encrypted; unpack it first"
    return ""


def time_of(entry: zipfile.ZipInfo, otherwise: float) -> float:
    """A zip has no time zone; where it has no time at all, its own counts."""
    if entry.date_time[:6] == _UNSET:
        return otherwise
    try:
        return time.mktime((*entry.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return otherwise


def _said(why: Exception) -> str:
    return str(why) or type(why).__name__
