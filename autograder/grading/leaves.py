"""Two observations taken apart into their leaves: the numbers, tensors and texts that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy

from autograder.grading.comparison import Tolerance, compare
from autograder.worker.decoding import Array, Node

_NUMBERS = ("int", "float")


@dataclass(frozen=True)
class Leaf:
    """One place of two observations; `path` names it for the learner."""

    path: str
    expected: Node
    actual: Node

    @cached_property
    def place(self) -> str:
        """The name of the place without the number of an example or an element."""
        return re.sub(r"^\[\d+\]\.?|\[\d+\]$", "", self.path)

    @cached_property
    def one(self) -> Array | None:
        """What is expected as doubles; None where it is no rectangle of numbers."""
        return numbers(self.expected)

    @cached_property
    def other(self) -> Array | None:
        """What the submission gave as doubles."""
        return numbers(self.actual)


def differing_values(expected: Node, actual: Node, tolerance: Tolerance = None) -> Iterator[Leaf]:
    """The leaves of a docstring's examples, whose values have nothing to do with one another."""
    if expected.kind == actual.kind == "list" and len(expected.value) == len(actual.value):
        for number, pair in enumerate(zip(expected.value, actual.value, strict=True)):
            yield from differing(*pair, tolerance, f"[{number}]")
    else:
        yield from differing(expected, actual, tolerance)


def differing(
    expected: Node, actual: Node, tolerance: Tolerance = None, path: str = ""
) -> Iterator[Leaf]:
    """The leaves that are not near; where the structure differs, that place is one leaf."""
    parts = _parts(expected, actual, path)
    if parts is None:
        if compare(expected, actual, tolerance):
            yield Leaf(path, *(_counted(expected, actual) or (expected, actual)))
        return
    for place, one, other in parts:
        yield from differing(one, other, tolerance, place)


def _parts(expected: Node, actual: Node, path: str) -> list[tuple[str, Node, Node]] | None:
    if expected.kind == actual.kind == "dict":
        theirs = {key.value: value for key, value in actual.value if key.kind == "str"}
        ours = [(key.value, value) for key, value in expected.value if key.kind == "str"]
        if len(ours) == len(expected.value) and theirs.keys() == {key for key, _ in ours}:
            join = f"{path}." if path else ""
            return [(f"{join}{key}", value, theirs[key]) for key, value in ours]
    same = expected.kind == actual.kind == "list" and len(expected.value) == len(actual.value)
    if same and numbers(expected) is None:
        pairs = zip(expected.value, actual.value, strict=True)
        return [(f"{path}[{index}]", *pair) for index, pair in enumerate(pairs)]
    return None


def _counted(expected: Node, actual: Node) -> tuple[Node, Node] | None:
    """The numbers alone of two dicts that have them for the same keys, in one order."""
    if not expected.kind == actual.kind == "dict" or not expected.value:
        return None
    ours, theirs = ({repr(k): v for k, v in node.value} for node in (expected, actual))
    every = [*ours.values(), *theirs.values()]
    if ours.keys() != theirs.keys() or any(each.kind not in _NUMBERS for each in every):
        return None
    values = (list(ours.values()), [theirs[key] for key in ours])
    one, other = (Node("list", each, len(each)) for each in values)
    return one, other


def _doubles(value: Array) -> Array | None:
    """In what a memory happened to hold may be bits at which a conversion complains."""
    with numpy.errstate(all="ignore"):
        return value.astype(numpy.float64) if value.dtype.kind in "iuf" else None


def numbers(node: Node) -> Array | None:
    """Numbers as doubles: one, a tensor, or a list of lists as long as one another."""
    if node.is_tensor:
        return _doubles(node.value)
    if node.kind in _NUMBERS:
        return numpy.array(float(node.value)) if _small(node) else None
    if node.kind == "list" and node.value:
        rows = [numbers(item) for item in node.value]
        if all(
            row is not None and row.shape == rows[0].shape for row in rows if rows[0] is not None
        ):
            found = [row for row in rows if row is not None]
            return numpy.stack(found) if len(found) == len(rows) else None
    return None


def _small(node: Node) -> bool:
    return type(node.value) is float or abs(node.value) < 2**53


# Values that many a mistake has, and that so tell nothing.
_COMMON = {0.0, 1.0, -1.0}
_SEEN = 24


def telling(leaf: Leaf) -> set[object]:
    """The values of the submission's in a leaf that nobody has by chance."""
    return _values(leaf.actual, leaf.other)


def values(node: Node) -> set[object]:
    """The first values of a node, without those that many a mistake has."""
    return _values(node, numbers(node))


def _values(node: Node, flat: Array | None) -> set[object]:
    if flat is not None:
        some = flat.ravel()[:_SEEN].tolist()
        return {round(x, 5) for x in some if x == x and abs(x) != float("inf")} - _COMMON
    if node.kind in ("str", "shown") and len(node.value) > 2:
        return {node.value}
    if node.kind in ("list", "dict", "set") and node.value:
        return {repr(node)[:500]}
    return set()
