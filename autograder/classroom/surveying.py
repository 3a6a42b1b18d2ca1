"""A first walk through a source: how it is laid out can be told when all of it was seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from autograder.classroom.gradescope_people import (
    MAX_METADATA,
    METADATA,
    Members,
    Times,
    submitters,
)
from autograder.classroom.layouts import Layout, Seen, is_named_by_platform, layout
from autograder.classroom.sources import Found, Source
from autograder.classroom.times import utc_seconds_of
from autograder.lessons.errors import WrongUse

# nbgrader's exchange puts it beside the notebook.
_STAMP = "timestamp.txt"
_LONGEST_STAMP = 200


def is_stamp(each: Found, lessons: Collection[str]) -> bool:
    """Whether a file is nbgrader's word on when something was handed in, and not a student's."""
    return each.parts[2:] == (_STAMP,) and each.parts[1] in lessons and not each.is_packed


@dataclass
class Survey:
    """What a walk has seen; `problems` are files that tell of others and cannot be read."""

    problems: list[tuple[str, str]] = field(default_factory=list)
    _tops: dict[str, Seen] = field(default_factory=dict)
    _metadata: dict[str, Members] | None = None
    _times: Times = field(default_factory=dict)

    def walk(self, source: Source, lessons: Collection[str]) -> Layout:
        """The layout of a source that was not walked yet."""
        for each in source.files():
            if each.parts == (METADATA,):
                self._read_metadata(each)
            elif is_stamp(each, lessons):
                self._times["/".join(each.parts[:2])] = _stamp(each)
            else:
                self._see(each)
        return layout(lessons, self._tops, source.notes.clones, self._metadata, self._times)

    def _see(self, each: Found) -> None:
        part, *below = each.parts
        if below or each.is_work or is_named_by_platform(part):
            seen = self._tops.setdefault(part, Seen())
            if below and each.is_work:
                seen.names.add(below[0])
            if below[1:] and each.is_work:
                seen.folders.add(below[0])

    def _read_metadata(self, each: Found) -> None:
        self._metadata = {}
        try:
            self._metadata, times = submitters(each.read(MAX_METADATA))
            self._times |= times
        except WrongUse as error:
            self.problems.append((each.name, str(error)))


def _stamp(each: Found) -> float | None:
    try:
        text = each.read(_LONGEST_STAMP).decode("utf-8", "replace")
    except WrongUse:
        return None
    return utc_seconds_of(text)
