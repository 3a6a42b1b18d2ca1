"""Names that another name is meant for: what somebody has mistyped."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# To compare names costs their lengths' product: what is more than this is nobody's typing.
MOST_COMPARED = 300_000
# How alike, from 0 to 1, a slip of a name is to the name, and what may be meant at all.
ALIKE, LOOSELY = 0.75, 0.5


def nearest(name: str, among: Iterable[str]) -> str:
    """The one name that another is a slip of, or ""."""
    options = _to_compare(name, among)
    bare = name.strip("_").lower()
    same = [option for option in options if bare and option.strip("_").lower() == bare]
    return next(iter(same or similar(name, options, 1, ALIKE)), "")


def similar(name: str, among: Iterable[str], count: int = 3, alike: float = LOOSELY) -> list[str]:
    """Names that may be meant by another, the most alike first."""
    return difflib.get_close_matches(name, _to_compare(name, among), n=count, cutoff=alike)


def _to_compare(name: str, among: Iterable[str]) -> list[str]:
    options = sorted(set(among) - {name})
    few = len(name) * sum(map(len, options)) <= MOST_COMPARED
    return options if few else []
