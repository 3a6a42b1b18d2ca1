"""What a walk through a source has noted: whose the files are, and what was passed by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.classroom.layouts import is_around, is_named_by_platform, owner_of
from autograder.classroom.tally import Tally
from autograder.lessons.files import is_work

Parts = tuple[str, ...]
ZIP = ".zip"
# What is no work of anybody's, wherever it lies; nor is what is hidden.
IGNORED = {"__MACOSX", "__pycache__", "node_modules", "site-packages"}


@dataclass
class Notes:
    """Of one walk.

    `refused` has what was passed by: its parts, its name, and a sentence; `clones` are the folders
    with a `.git` in them of those that the platform has written. `over` says of owners that have
    too much what that is: of them nothing more is taken. `owners` has a first part of each owner.
    """

    source: Path
    over: dict[str, str]
    refused: list[tuple[Parts, str, str]] = field(default_factory=list)
    clones: set[str] = field(default_factory=set)
    owners: dict[str, str] = field(default_factory=dict)
    _around: Parts = ()
    _is_chosen: bool = False

    def __post_init__(self) -> None:
        self._tally = Tally(self.source, self.over)

    def choose(self, around: Parts) -> None:
        """Look at nothing but a folder in the source."""
        self._around, self._is_chosen = around, bool(around)

    def find_around(self, names: Iterable[str]) -> None:
        """Pass through the one folder that all others are known to lie in.

        Whatever lies in any other was named by a student. names: all that stands at the top.
        """
        tops = {name for name in names if name and not is_ignored((name,))}
        own = re.sub(r" ?\([0-9]+\)$|-[0-9]+$", "", self.source.stem)
        if not self._around and len(tops) == 1:
            (top,) = tops
            if is_around(top) or top in (own, self.source.stem):
                self._around = (top,)

    def own(self, parts: Parts) -> Parts:
        """The parts from the one on that the platform has written for a student."""
        depth = len(self._around)
        if parts[:depth] == self._around and len(parts) > depth:
            return parts[depth:]
        return () if self._is_chosen else parts[-1:]

    def add_clone(self, parts: Parts) -> None:
        if parts and parts[:-1] == self._around:
            self.clones.add(parts[-1])

    def refuse(self, parts: Parts, name: str, why: str) -> None:
        self.refused.append((self.own(parts), name, why))

    def counted(self, parts: Parts) -> bool:
        """Count a file, and say whether it may be taken. Raises TooMuch."""
        if not self.is_over(parts):
            self._tally.add_file(self._owner(parts), is_work=is_work(parts[-1]))
        return not self.is_over(parts)

    def is_over(self, parts: Parts) -> bool:
        return self._owner(parts) in self.over

    def add_bytes(self, parts: Parts, size: int) -> None:
        """Count what was unpacked. Raises Refused and TooMuch."""
        self._tally.add_bytes(self._owner(parts), size)

    def _owner(self, parts: Parts) -> str:
        first = "".join(self.own(parts)[:1])
        first = first[: -len(ZIP)] if first.lower().endswith(ZIP) else first
        owner = owner_of(first)
        self.owners.setdefault(owner, first)
        return owner


def as_part(name: str) -> str:
    """What stands in the paths for a file beside folders; nothing for what is nobody's."""
    if name.lower().endswith(ZIP):
        return name[: -len(ZIP)]
    return name if is_work(name) or is_named_by_platform(name) else ""


def is_ignored(parts: Parts) -> bool:
    """Whether a file is nobody's work, by its name or a folder's above it."""
    return any(part in IGNORED or part.startswith(".") for part in parts)
