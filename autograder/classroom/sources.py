"""Files in what a learning platform gives out: folders, zips, and zips in zips once.

Nothing is extracted by the names that stand in a zip: a file is read when it is wanted, and written
by whoever has read it to a place of their own. No link is followed, and sizes and counts have a
bound, whatever the zip says of itself.
"""

from __future__ import annotations

import io
import os
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from autograder.lessons.bounds import MAX_NOTEBOOK
from autograder.lessons.errors import GradschoolError, Unusable, WrongUse

MAX_FILES = 200_000
MAX_UNPACKED = 8 * 2**30
# Of a zip in a zip, which is held in memory.
MAX_NESTED = 256 * 2**20
# What is no work of anybody's, wherever it lies; nor is what is hidden.
IGNORED = {"__MACOSX", "__pycache__", "node_modules"}
# What reading a damaged or an odd zip raises.
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)
_UNSET = (1980, 1, 1, 0, 0, 0)


class Refused(WrongUse):
    """A file that is not taken; the message says why, and begins with a small letter."""


class TooMuch(GradschoolError):
    """A source of more than is taken from one."""


@dataclass(frozen=True)
class Found:
    """A file of a source: its path in there, zips as folders, and its time in seconds since 1970.

    `name` is how people find it again. `read` gives its bytes, and raises Refused.
    """

    parts: tuple[str, ...]
    name: str
    time: float
    read: Callable[[], bytes]


@dataclass
class Source:
    """One SOURCE of the command: walk it by `files`.

    `refused` has what was passed by, each with a sentence; `clones` are folders with a `.git` in
    them, by their parts.
    """

    path: Path
    refused: list[tuple[str, str]] = field(default_factory=list)
    clones: set[tuple[str, ...]] = field(default_factory=set)
    _count: int = 0
    _unpacked: int = 0

    def files(self) -> Iterator[Found]:
        """Every file that may be wanted. Raises WrongUse where the source is none."""
        if not self.path.exists():
            raise WrongUse(f"there is no {self.path}; name a folder, a zip or a file")
        if self.path.is_dir():
            yield from self._folder()
        elif zipfile.is_zipfile(self.path):
            yield from self._zip_file(self.path, (), nested=True)
        else:
            parts = (self.path.name,)
            yield Found(parts, str(self.path), self.path.stat().st_mtime, _reader(self.path))

    def _folder(self) -> Iterator[Found]:
        def fail(error: OSError) -> None:
            self.refused.append((str(error.filename), f"it cannot be read: {error.strerror}"))

        for place, folders, files in os.walk(self.path, onerror=fail):
            here = Path(place)
            parts = here.relative_to(self.path).parts
            if ".git" in folders or ".git" in files:
                self.clones.add(parts)
            for name in sorted([*folders, *files]):
                if (here / name).is_symlink():
                    self.refused.append((str(here / name), "it is a link, which is not followed"))
            folders[:] = sorted(name for name in folders if not _is_ignored((name,)))
            for name in sorted(files):
                yield from self._on_disk(here / name, (*parts, name))

    def _on_disk(self, path: Path, parts: tuple[str, ...]) -> Iterator[Found]:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode) or _is_ignored(parts):
            return
        self._counted()
        if path.suffix.lower() == ".zip":
            yield from self._zip_file(path, (*parts[:-1], path.stem), nested=True)
        else:
            yield Found(parts, str(path), about.st_mtime, _reader(path))

    def _zip_file(self, path: Path, parts: tuple[str, ...], *, nested: bool) -> Iterator[Found]:
        try:
            with path.open("rb") as file:
                yield from self._zip(file, str(path), parts, path.stat().st_mtime, nested=nested)
        except OSError as error:
            raise Unusable.because(error) from error

    def _zip(
        self, file: IO[bytes], name: str, parts: tuple[str, ...], age: float, *, nested: bool
    ) -> Iterator[Found]:
        try:
            archive = zipfile.ZipFile(file)
        except _BROKEN as error:
            self.refused.append((name, f"it is no zip that can be read ({error})"))
            return
        for entry in archive.infolist():
            yield from self._entry(archive, entry, f"{name}/{entry.filename}", parts, age, nested)

    def _entry(
        self,
        archive: zipfile.ZipFile,
        entry: zipfile.ZipInfo,
        name: str,
        above: tuple[str, ...],
        age: float,
        nested: bool,
    ) -> Iterator[Found]:
        parts = (*above, *_parts(entry.filename))
        if ".git" in parts:
            self.clones.add(parts[: parts.index(".git")])
        if entry.is_dir():
            return
        self._counted()
        if problem := _problem(entry):
            self.refused.append((name, problem))
            return
        if _is_ignored(parts):
            return
        when = _time(entry, age)
        if not name.lower().endswith(".zip"):
            limit = MAX_NOTEBOOK
            yield Found(parts, name, when, lambda: self._unzipped(archive, entry, limit))
        elif not nested:
            self.refused.append((name, "it is a zip in a zip in a zip; unpack it first"))
        else:
            try:
                inner = io.BytesIO(self._unzipped(archive, entry, MAX_NESTED))
            except Refused as error:
                self.refused.append((name, str(error)))
                return
            parts = (*parts[:-1], parts[-1][: -len(".zip")])
            yield from self._zip(inner, name, parts, when, nested=False)

    def _unzipped(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
        """At most so many bytes, counted as they come: what the zip says of sizes may be a lie."""
        try:
            with archive.open(entry) as file:
                content = file.read(limit + 1)
        except _BROKEN as why:
            raise Refused(f"it cannot be unpacked ({why})") from None
        if len(content) > limit:
            raise Refused(f"it has more than {limit // 2**20} MiB unpacked")
        self._unpacked += len(content)
        if self._unpacked > MAX_UNPACKED:
            most = f"{MAX_UNPACKED // 2**30} GiB unpacked"
            raise TooMuch(f"{self.path} has more than {most}; is it what was handed in?")
        return content

    def _counted(self) -> None:
        self._count += 1
        if self._count > MAX_FILES:
            raise TooMuch(
                f"{self.path} has more than {MAX_FILES} files; name the folders that were handed in"
            )


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            if path.stat().st_size > MAX_NOTEBOOK:
                raise Refused(f"it has more than {MAX_NOTEBOOK // 2**20} MiB")
            return path.read_bytes()
        except OSError as error:
            raise Refused(f"it cannot be read: {error.strerror}") from None

    return read


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a name in a zip: labels, because nothing is written there."""
    return tuple(p for p in name.replace("\\", "/").split("/") if p not in ("", "."))


def _problem(entry: zipfile.ZipInfo) -> str:
    if ".." in _parts(entry.filename) or entry.filename.startswith(("/", "\\")):
        return "its name leads out of the zip"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link, which is not followed"
    if entry.flag_bits & 1:
        return "it is encrypted; unpack it first"
    return ""


def _is_ignored(parts: tuple[str, ...]) -> bool:
    return any(part in IGNORED or part.startswith(".") for part in parts)


def _time(entry: zipfile.ZipInfo, otherwise: float) -> float:
    """A zip has no time zone; where it has no time at all, its own counts."""
    if entry.date_time[:6] == _UNSET:
        return otherwise
    try:
        return time.mktime((*entry.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return otherwise
