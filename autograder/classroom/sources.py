"""Files in what a learning platform gives out: folders, zips, and zips in zips once.

Nothing is extracted by the names that stand in a zip: a file is read when it is wanted, and written
by whoever has read it to a place of their own. No link is followed, and sizes and counts have a
bound, whatever the zip says of itself.
"""

from __future__ import annotations

import functools
import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import InitVar, dataclass
from pathlib import Path
from typing import IO

from autograder.classroom.notes import ZIP, Notes, as_part, is_ignored
from autograder.classroom.unzipping import (
    MAX_CONTENTS,
    MAX_CONTENTS_OF_ALL,
    Refused,
    opened,
    parts_of,
    problem_of,
    time_of,
    unzipped,
)
from autograder.lessons.errors import Unusable, WrongUse
from autograder.lessons.files import is_work

# Of a zip in a zip, which is held in memory.
MAX_NESTED = 256 * 2**20
_LINK = "it is a link, which is not followed"


@dataclass(frozen=True)
class Found:
    """A file of a source: its path in there, zips as folders, and its time in seconds since 1970.

    The first of `parts` is what the platform has written. `name` is how people find the file again.
    `sent` is the time of what the platform was given: of a file in a student's zip that zip's.
    `is_packed` is whether a student has packed it. `read` gives at most `limit` bytes, and raises
    Refused.
    """

    parts: tuple[str, ...]
    name: str
    time: float
    sent: float
    read: Callable[[int], bytes]
    is_packed: bool = False

    @property
    def is_work(self) -> bool:
        return is_work(self.parts[-1])


@dataclass
class Source:
    """One SOURCE of the command: walk it by `files`, once.

    over: what is wrong with owners that have too much; of them nothing is given.
    """

    path: Path
    over: InitVar[Mapping[str, str] | None] = None

    def __post_init__(self, over: Mapping[str, str] | None) -> None:
        self.notes = Notes(self.path, dict(over or {}))

    def files(self) -> Iterator[Found]:
        """Every file that may be wanted. Raises WrongUse where the source is none."""
        yield from (found for found in self._everything(self._place()) if found.parts)

    def _everything(self, place: Path) -> Iterator[Found]:
        if place.is_dir():
            yield from self._folder(place)
        elif zipfile.is_zipfile(place):
            yield from self._zip_file(place)
        else:
            parts = (place.name,)
            when = place.stat().st_mtime
            yield Found(parts, str(place), when, when, _reader(place))

    def _place(self) -> Path:
        """The folder, zip or file; behind a zip's name may stand a folder in there."""
        for place in (self.path, *self.path.parents):
            if zipfile.is_zipfile(place) or (place == self.path and place.exists()):
                self.notes.choose(self.path.relative_to(place).parts)
                return place
        raise WrongUse(f"there is no {self.path}; name a folder, a zip or a file")

    def _folder(self, root: Path) -> Iterator[Found]:
        def fail(error: OSError) -> None:
            place = Path(os.fsdecode(error.filename))
            self.notes.refuse(place.relative_to(root).parts, str(place), _unread(error))

        for place, folders, files in os.walk(root, onerror=fail):
            here = Path(place)
            parts = here.relative_to(root).parts
            if not parts:
                self.notes.find_around([*folders, *map(as_part, files)])
            if ".git" in folders or ".git" in files:
                self.notes.add_clone(parts)
            for name in sorted([*folders, *files]):
                if os.path.islink(here / name):
                    self.notes.refuse((*parts, name), str(here / name), _LINK)
            is_over = bool(parts) and self.notes.is_over(parts)
            folders[:] = sorted(name for name in folders if not (is_over or is_ignored((name,))))
            for name in sorted(files):
                yield from self._on_disk(here / name, (*parts, name))

    def _on_disk(self, path: Path, parts: tuple[str, ...]) -> Iterator[Found]:
        try:
            about = path.lstat()
        except OSError as error:
            self.notes.refuse(parts, str(path), _unread(error))
            return
        if not stat.S_ISREG(about.st_mode) or is_ignored(parts) or not self.notes.counted(parts):
            return
        if about.st_nlink > 1:
            why = "it is the same file as another one (a hard link); put a copy there"
            self.notes.refuse(parts, str(path), why)
        elif path.suffix.lower() == ZIP:
            yield from self._zip_on_disk(path, (*parts[:-1], path.stem), about.st_mtime)
        else:
            when = about.st_mtime
            yield Found(self.notes.own(parts), str(path), when, when, _reader(path))

    def _zip_on_disk(self, path: Path, parts: tuple[str, ...], age: float) -> Iterator[Found]:
        try:
            file = path.open("rb")
        except OSError as error:
            self.notes.refuse(parts, str(path), _unread(error))
            return
        with file:
            yield from self._zip(file, str(path), parts, age, MAX_CONTENTS, nested=True)

    def _zip_file(self, path: Path) -> Iterator[Found]:
        try:
            with path.open("rb") as file:
                age = path.stat().st_mtime
                yield from self._zip(file, str(path), (), age, MAX_CONTENTS_OF_ALL, nested=True)
        except OSError as error:
            raise Unusable.because(error) from error

    def _zip(
        self,
        file: IO[bytes],
        name: str,
        parts: tuple[str, ...],
        age: float,
        most: int,
        *,
        nested: bool,
    ) -> Iterator[Found]:
        try:
            archive = opened(file, most)
        except Refused as why:
            self.notes.refuse(parts, name, str(why))
            return
        if not parts:
            tops = [parts_of(entry.filename) for entry in archive.infolist()]
            self.notes.find_around(top[0] if top[1:] else as_part(top[0]) for top in tops if top)
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
        parts = (*above, *parts_of(entry.filename))
        if ".git" in parts:
            self.notes.add_clone(parts[: parts.index(".git")])
        problem = problem_of(entry)
        if not parts or entry.filename.endswith("/") or (is_ignored(parts) and not problem):
            return
        if not self.notes.counted(parts):
            return
        if problem:
            self.notes.refuse(parts, name, problem)
            return
        when = time_of(entry, age)
        if not parts[-1].lower().endswith(ZIP):
            read = functools.partial(self._read, archive, entry, parts)
            sent = age if above else when
            yield Found(self.notes.own(parts), name, when, sent, read, bool(above))
        elif not nested:
            self.notes.refuse(parts, name, "it is a zip in a zip in a zip; unpack it first")
        else:
            try:
                inner = io.BytesIO(self._read(archive, entry, parts, MAX_NESTED))
            except Refused as error:
                self.notes.refuse(parts, name, str(error))
                return
            parts = (*parts[:-1], parts[-1][: -len(ZIP)])
            yield from self._zip(inner, name, parts, when, MAX_CONTENTS, nested=False)

    def _read(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, parts: tuple[str, ...], limit: int
    ) -> bytes:
        content = unzipped(archive, entry, limit)
        self.notes.add_bytes(parts, len(content))
        if len(content) > limit:
            raise Refused(f"it has more than {limit // 2**20} MiB unpacked")
        return content


def _reader(path: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        try:
            with path.open("rb") as file:
                content = file.read(limit + 1)
        except OSError as error:
            raise Refused(_unread(error)) from None
        if len(content) > limit:
            raise Refused(f"it has more than {limit // 2**20} MiB")
        return content

    return read


def _unread(error: OSError) -> str:
    return f"it cannot be read: {error.strerror}"
