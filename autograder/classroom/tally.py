"""How much a source has given so far, in all and of each student: both have a bound."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from autograder.classroom.unzipping import Refused
from autograder.lessons.errors import GradschoolError

MAX_FILES, MAX_UNPACKED = 200_000, 8 * 2**30
# Of one student: who hands in more has handed in something else than work.
MAX_OWN_FILES, MAX_OWN_UNPACKED = 10_000, 512 * 2**20
# Scripts and notebooks, of which each is looked into.
MAX_OWN_WORK = 500


class TooMuch(GradschoolError):
    """A source of more than is taken from one."""


@dataclass
class _Count:
    own: Counter[str] = field(default_factory=Counter)
    all: int = 0

    def add(self, owner: str, more: int) -> None:
        self.own[owner] += more
        self.all += more

    def told(self) -> str:
        (owner, _), *_ = self.own.most_common(1)
        return f"most of them in {owner!r}; name only what was handed in"


@dataclass
class Tally:
    """Counts by owner; `over` says of those that have too much what that is."""

    source: Path
    over: dict[str, str] = field(default_factory=dict)
    _files: _Count = field(default_factory=_Count)
    _work: Counter[str] = field(default_factory=Counter)
    _bytes: _Count = field(default_factory=_Count)

    def add_file(self, owner: str, *, is_work: bool) -> None:
        """Raises TooMuch where the source has too many files."""
        self._files.add(owner, 1)
        self._work[owner] += is_work
        if self._work[owner] > MAX_OWN_WORK:
            self.over[owner] = f"there are more than {MAX_OWN_WORK} scripts and notebooks"
        if self._files.own[owner] > MAX_OWN_FILES:
            self.over[owner] = f"there are more than {MAX_OWN_FILES} files"
        if self._files.all > MAX_FILES:
            raise TooMuch(f"{self.source} has more than {MAX_FILES} files, {self._files.told()}")

    def add_bytes(self, owner: str, size: int) -> None:
        """Raises Refused where an owner has too much, and TooMuch where the source has."""
        self._bytes.add(owner, size)
        if self._bytes.own[owner] > MAX_OWN_UNPACKED:
            self.over[owner] = f"there are more than {_size(MAX_OWN_UNPACKED)} unpacked"
            raise Refused(self.over[owner])
        if self._bytes.all > MAX_UNPACKED:
            most = f"{_size(MAX_UNPACKED)} unpacked"
            raise TooMuch(f"{self.source} has more than {most}, {self._bytes.told()}")


def _size(number: int) -> str:
    return f"{number // 2**30} GiB" if number >= 2**30 else f"{number // 2**20} MiB"
