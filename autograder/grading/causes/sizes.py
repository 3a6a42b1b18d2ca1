"""A factor between what is due and what is there that is a size of the inputs: n, 1/n, n - 1."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy

from autograder.grading.causes.evidence import Evidence, Group, close
from autograder.worker.decoding import Array, Node


def by_size(evidence: Evidence, group: Group) -> tuple[str, str] | None:
    """A factor that is a size of the inputs, the same one in every case: the sentence, its name.

    The examples of a docstring have no inputs that anybody has recorded.
    """
    named = zip(group.items, group.pairs, strict=True)
    known = [(evidence.inputs[name], pair) for name, pair in named if evidence.inputs[name]]
    factors = [_factor(e, a) for _, (e, a) in known]
    sizes = [_sizes(inputs) for inputs, _ in known]
    if None in factors or len(factors) < 2:
        return None
    for label in (each for each in sizes[0] if all(each in size for size in sizes)):
        counts = [size[label] for size in sizes]
        if all(count > 1 for count in counts) and (says := _sized(factors, counts)):
            return says, label
    return None


def _sized(factors: list[float | None], counts: list[int]) -> str:
    for change, says in _SIZED:
        pairs = zip(factors, map(change, counts), strict=True)
        if all(f is not None and math.isclose(f, due, rel_tol=1e-3) for f, due in pairs):
            return says
    return ""


_SIZED: tuple[tuple[Callable[[int], float], str], ...] = (
    (lambda n: n, "the numbers are too large by {label}: a sum stands where a mean is meant, or a "
     "division is missing"),
    (lambda n: 1 / n, "the numbers are too small by {label}: a mean stands where a sum is meant, "
     "or it is divided too often"),
    (lambda n: math.sqrt(n), "the numbers are too large by the root of {label}"),
    (lambda n: 1 / math.sqrt(n), "the numbers are too small by the root of {label}"),
    (lambda n: n / (n - 1), "it is divided by n - 1 where n is meant (n is {label})"),
    (lambda n: (n - 1) / n, "it is divided by n where n - 1 is meant (n is {label})"),
    (lambda n: (n + 1) / n, "it counts n + 1 where n is meant (n is {label})"),
    (lambda n: n / (n + 1), "it counts n where n + 1 is meant (n is {label})"),
)  # fmt: skip


def _factor(e: Array, a: Array) -> float | None:
    """The one factor between two tensors; None where there is none."""
    place = int(numpy.abs(e).argmax()) if e.size else -1
    if place < 0 or not e.ravel()[place]:
        return None
    factor = float(a.ravel()[place] / e.ravel()[place])
    usable = math.isfinite(factor) and abs(factor) > 1e-6
    return factor if usable and close(a, factor * e) else None


def _sizes(inputs: list[tuple[str, Node]]) -> dict[str, int]:
    found = {}
    for name, node in inputs:
        if node.is_tensor:
            for axis, size in enumerate(node.value.shape):
                found[f"the length of axis {axis} of `{name}`"] = int(size)
            found[f"the number of elements of `{name}`"] = node.value.size
            if node.value.ndim > 1 and len(node.value):
                each = node.value.size // len(node.value)
                found[f"the number of elements in a row of `{name}`"] = each
        elif node.kind in ("list", "str"):
            found[f"the length of `{name}`"] = len(node.value)
        elif node.kind == "int":
            found[f"`{name}`"] = node.value
    return found
