"""Comparing two observations, and saying in words where they first differ.

`expected` comes from the reference, `actual` from the submission; both are decoded Nodes. The
order of the reference decides what is first. Shapes and kinds of dtype are compared exactly,
values with torch.testing's tolerances for the less precise of the two dtypes.
"""

from __future__ import annotations

import cmath
import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy

from autograder.grading.closeness import default_tolerance, dtype_kind, near
from autograder.grading.display import kind_of, show, show_float
from autograder.reports.report import Kind
from autograder.worker.decoding import MAX_NODES, Array, Node

# How far a value may be from the reference's, relative and absolute; None is the dtype's own.
Tolerance = tuple[float, float] | None

# A Python float may come from float32 arithmetic, and nothing in it says so.
FLOAT_TOLERANCE = (1e-5, 1e-6)
# So many keys or items beyond twice the right number are told by their count alone.
MANY = 200


@dataclass(frozen=True)
class Difference:
    """Where two observations first differ.

    `kind` is how they differ, or how the submission's came to be none; `path` names the place.
    `expected` and `actual` are short texts, never longer than a line.
    """

    kind: Kind
    path: str
    expected: str
    actual: str

    def __str__(self) -> str:
        at = "at " if self.path.startswith("[") else ""
        where = f"{at}{self.path}: " if self.path else ""
        what = f"{self.kind} " if self.kind in (Kind.SHAPE, Kind.DTYPE, Kind.LENGTH) else ""
        return f"{where}expected {what}{self.expected}, got {what}{self.actual}"


def compare(
    expected: Node, actual: Node, tolerance: Tolerance = None, path: str = ""
) -> Difference | None:
    """The first difference, or None where the observations agree within the tolerance."""
    if _is_number(expected) and _is_number(actual):
        return _numbers(expected, actual, tolerance, path)
    if _is_truth(expected) and _is_truth(actual):
        same = _plain_number(expected) == _plain_number(actual)
        return None if same else Difference(Kind.VALUE, path, show(expected), show(actual))
    if expected.kind != actual.kind or expected.kind == "object":
        if expected.kind == actual.kind and expected.value == actual.value:
            return None
        return Difference(Kind.TYPE, path, kind_of(expected), kind_of(actual))
    return _COMPARISONS.get(expected.kind, _values)(expected, actual, tolerance, path)


def distance(expected: Node, actual: Node, *, by_chance: bool = False) -> float:
    """The largest difference between two numbers of the observations; inf where they are unlike.

    by_chance: whether a number may only be near where it can have come about by chance: whole ones
    (a bias that is always 0) do not.
    """
    if _is_number(expected) and _is_number(actual):
        one, other = _plain_number(expected), _plain_number(actual)
        if any(type(number) is int and abs(number) > 2**53 for number in (one, other)):
            return 0.0 if one == other else math.inf
        return _tensors_apart(numpy.asarray(one), numpy.asarray(other), by_chance)
    if _is_truth(expected) and _is_truth(actual):
        return 0.0 if _plain_number(expected) == _plain_number(actual) else math.inf
    if expected.kind != actual.kind:
        return math.inf
    if expected.is_tensor:
        return _tensors_apart(expected.value, actual.value, by_chance)
    pairs = _pairs(expected, actual)
    if pairs is None:
        return 0.0 if compare(expected, actual) is None else math.inf
    return max((distance(*pair, by_chance=by_chance) for pair in pairs), default=0.0)


def _pairs(expected: Node, actual: Node) -> list[tuple[Node, Node]] | None:
    """What stands in the same place of two lists or dicts; None for anything else."""
    if expected.kind == "list" and len(expected.value) == len(actual.value):
        return list(zip(expected.value, actual.value, strict=True))
    if expected.kind == "dict":
        ours, theirs = ({_key(k): v for k, v in node.value} for node in (expected, actual))
        if ours.keys() == theirs.keys():
            return [(ours[key], theirs[key]) for key in ours]
    return None


@numpy.errstate(all="ignore")
def _tensors_apart(one: Array, other: Array, by_chance: bool) -> float:
    if one.shape != other.shape or one.dtype.kind == "c" or other.dtype.kind == "c":
        return 0.0 if numpy.array_equal(one, other) else math.inf
    one, other = (numpy.atleast_1d(each).astype(numpy.float64) for each in (one, other))
    rtol, atol = FLOAT_TOLERANCE
    same = numpy.isclose(other, one, rtol=rtol, atol=atol, equal_nan=True)
    gaps = numpy.nan_to_num(numpy.abs(one - other), nan=math.inf)
    if by_chance:
        gaps[one == numpy.rint(one)] = math.inf
    gaps[same] = 0.0
    return float(gaps.max(initial=0.0))


def _is_number(node: Node) -> bool:
    if node.is_tensor:
        return bool(node.value.ndim == 0 and node.dtype != "bool")
    return node.kind in ("int", "float", "complex")


def _is_truth(node: Node) -> bool:
    if node.is_tensor:
        return bool(node.value.ndim == 0 and node.dtype == "bool")
    return node.kind == "bool"


def _numbers(expected: Node, actual: Node, tolerance: Tolerance, path: str) -> Difference | None:
    """Two scalars, each a Python number or a tensor of no dimension: by value alone."""
    if expected.is_tensor and actual.is_tensor:
        return _tensors(expected, actual, tolerance, path)
    one, other = _plain_number(expected), _plain_number(actual)
    if one == other or (one != one and other != other):
        return None
    if _near(one, other, *(tolerance or ((0.0, 0.0) if type(one) is int else FLOAT_TOLERANCE))):
        return None
    return Difference(Kind.VALUE, path, show(expected), show(actual))


def _near(one: complex, other: complex, rtol: float, atol: float) -> bool:
    try:
        finite = cmath.isfinite(one) and cmath.isfinite(other)
        return finite and abs(one - other) <= atol + rtol * abs(one)
    except OverflowError:
        # An int beyond every float is near to nothing but itself.
        return False


def _plain_number(node: Node) -> Any:
    return node.value.item() if node.is_tensor else node.value


def _tensors(expected: Node, actual: Node, tolerance: Tolerance, path: str) -> Difference | None:
    one, other = expected.value, actual.value
    if one.shape != other.shape:
        return Difference(Kind.SHAPE, path, str(one.shape), str(other.shape))
    if dtype_kind(expected) != dtype_kind(actual):
        return Difference(Kind.DTYPE, path, expected.dtype, actual.dtype)
    index = _first_far(expected, actual, tolerance)
    if index is None:
        return None
    place = f"{path}{list(index)}" if index else path
    return Difference(Kind.VALUE, place, _element(one, index), _element(other, index))


def _first_far(expected: Node, actual: Node, tolerance: Tolerance) -> tuple[int, ...] | None:
    """The index of the first element that is not near."""
    if numpy.array_equal(expected.value, actual.value):
        return None
    if expected.dtype == "bool":
        tolerance = (0.0, 0.0)
    close = near(expected, actual, *(tolerance or default_tolerance(expected, actual)))
    return None if close.all() else tuple(numpy.argwhere(~close)[0].tolist())


def _element(tensor: Array, index: tuple[int, ...]) -> str:
    value = tensor[index].item()
    return show_float(value) if type(value) is float else str(value)


def _lists(expected: Node, actual: Node, tolerance: Tolerance, path: str) -> Difference | None:
    pairs = zip(expected.value, actual.value, strict=False)
    if expected.length != actual.length:
        return Difference(
            Kind.LENGTH, path, f"{expected.length} {show(expected, 80)}",
            f"{actual.length} {show(actual, 80)}",
        )  # fmt: skip
    for index, (one, other) in enumerate(pairs):
        if difference := compare(one, other, tolerance, f"{path}[{index}]"):
            return difference
    return _unseen(expected, actual, path)


def _unseen(expected: Node, actual: Node, path: str) -> Difference | None:
    """What was cut at the wall was not compared, and so cannot be called equal."""
    if len(actual.value) == actual.length == len(expected.value):
        return None
    limit = f"at most {MAX_NODES} values"
    return Difference(Kind.LENGTH, path, limit, f"{actual.length} values in one observation")


def _dicts(expected: Node, actual: Node, tolerance: Tolerance, path: str) -> Difference | None:
    if many := _many(expected, actual, path, "keys"):
        return many
    theirs = {_key(key): value for key, value in actual.value}
    for key, value in expected.value:
        place = _join(path, key)
        if _key(key) not in theirs:
            keys = show(Node("list", [key for key, _ in actual.value]), 80)
            return Difference(Kind.KEYS, path, f"the key {show(key, 60)}", f"the keys {keys}")
        if difference := compare(value, theirs[_key(key)], tolerance, place):
            return difference
    known = {_key(key) for key, _ in expected.value}
    for key, _ in actual.value:
        if _key(key) not in known:
            shown = show(key, 60)
            return Difference(Kind.KEYS, path, f"no key {shown}", f"the key {shown} as well")
    return _unseen(expected, actual, path)


def _many(expected: Node, actual: Node, path: str, what: str) -> Difference | None:
    """Where there is far more than can be right, nobody looks at each."""
    ours, theirs = len(expected.value), len(actual.value)
    if theirs <= 2 * ours + MANY:
        return None
    return Difference(Kind.LENGTH, path, f"{ours} {what}", f"{theirs} {what}")


def _key(node: Node) -> str:
    """Keys agree as Python's would: 1, 1.0 and a tensor's 1 are one key."""
    if node.kind in ("int", "float"):
        return f"number {float(node.value)!r}" if abs(node.value) < 2**53 else repr(node.value)
    if node.kind == "list":
        return "(" + ",".join(_key(item) for item in node.value) + ")"
    if node.is_tensor:
        digest = hashlib.sha256(node.value.tobytes()).hexdigest()
        return f"{node.kind} {node.dtype} {node.value.shape} {digest}"
    return f"{node.kind} {node.value!r}"


def _join(path: str, key: Node) -> str:
    if key.kind == "str":
        return f"{path}.{key.value}" if path else key.value
    return f"{path}[{show(key, 40)}]"


def _sets(expected: Node, actual: Node, tolerance: Tolerance, path: str) -> Difference | None:
    if many := _many(expected, actual, path, "items of the set"):
        return many
    ours = {_key(item): item for item in expected.value}
    theirs = {_key(item): item for item in actual.value}
    for key, item in ours.items():
        if key not in theirs:
            return Difference(Kind.VALUE, path, f"{show(item, 80)} in the set", "none")
    for key, item in theirs.items():
        if key not in ours:
            return Difference(Kind.VALUE, path, f"no {show(item, 80)} in the set", "one")
    return _unseen(expected, actual, path)


def _values(expected: Node, actual: Node, tolerance: Tolerance, path: str) -> Difference | None:
    if expected.value == actual.value:
        return None
    return Difference(Kind.VALUE, path, show(expected), show(actual))


_COMPARISONS = {
    "tensor": _tensors,
    "array": _tensors,
    "list": _lists,
    "dict": _dicts,
    "set": _sets,
}
