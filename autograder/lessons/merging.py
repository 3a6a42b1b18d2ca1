"""Three versions of a text by lines: what somebody has changed is put into a newer one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Lines = Sequence[str]


@dataclass(frozen=True)
class Change:
    """Lines `first` to `last` of the base (from 0, without the last) are others in a version.

    `at` is where they begin in that version, `own` whether it is the person's.
    """

    first: int
    last: int
    own: bool
    lines: Lines
    at: int

    @property
    def inserts(self) -> bool:
        return self.first == self.last


def merged(base: Lines | None, own: Lines, new: Lines) -> tuple[list[str], list[int]]:
    """The new text with what differs between `base` and `own` in it, and what could not be put in.

    The latter are numbers of lines of `own`, from 1: both have changed there, and the new text
    stands. Where no base is known, only what `own` has more than `new` is put in.
    """
    if base is None:
        return _with_additions(own, new), []
    lines: list[str] = []
    clashes: list[int] = []
    at = 0
    for group in _groups([*_changes(base, new, own=False), *_changes(base, own, own=True)]):
        first, last = group[0].first, max(change.last for change in group)
        lines += base[at:first]
        theirs, ours = (_applied(base, group, first, last, own=side) for side in (False, True))
        if all(change.own for change in group):
            lines += ours
        else:
            lines += theirs
            if any(change.own for change in group) and ours != theirs:
                clashes.append(next(change.at for change in group if change.own) + 1)
        at = last
    return [*lines, *base[at:]], clashes


def _with_additions(own: Lines, new: Lines) -> list[str]:
    lines: list[str] = []
    for kind, i, j, a, b in SequenceMatcher(None, own, new, autojunk=False).get_opcodes():
        lines += own[i:j] if kind == "delete" else new[a:b]
    return lines


def _changes(base: Lines, version: Lines, *, own: bool) -> Iterator[Change]:
    for kind, i, j, a, b in SequenceMatcher(None, base, version, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Change(i, j, own, version[a:b], a)


def _groups(changes: list[Change]) -> Iterator[list[Change]]:
    """Changes of the same lines together; what is only inserted beside others stands alone."""
    group: list[Change] = []
    for change in sorted(changes, key=lambda each: (each.first, each.last, each.own)):
        last = max((each.last for each in group), default=-1)
        same = change.inserts and group and change == _of(group[0], change)
        if group and not same and change.first >= last:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _of(one: Change, other: Change) -> Change:
    """A change as the other version would have it, to see whether both have made it."""
    return Change(one.first, one.last, other.own, one.lines, other.at)


def _applied(base: Lines, group: list[Change], first: int, last: int, *, own: bool) -> list[str]:
    """What one version has in place of the base's lines `first` to `last`."""
    lines: list[str] = []
    for change in (each for each in group if each.own == own):
        lines += [*base[first : change.first], *change.lines]
        first = change.last
    return [*lines, *base[first:last]]
