"""Scores from outputs: here, in the grader's process, and from nothing else that was said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy

from autograder.lessons.weights import Array
from autograder.worker.decoding import Node

# How far apart two functions' log-probabilities may be that compute the same in float32.
ABSOLUTE, RELATIVE = 1e-2, 1e-3


def logits_of(node: Node, rows: int, vocabulary: int) -> Array:
    """The logits that a function returned, a row for each input; ValueError for anything else."""
    if not node.is_tensor or not node.dtype.startswith(("float", "bfloat")):
        raise ValueError(f"it returned {_named(node)}, where a float tensor of logits is due")
    logits: Array = node.value
    if logits.shape != (rows, vocabulary):
        raise ValueError(f"it returned the shape {logits.shape}; {(rows, vocabulary)} is due")
    if not numpy.isfinite(logits).all():
        raise ValueError("it returned logits that are not finite")
    return logits.astype("float64")


def _named(node: Node) -> str:
    if node.is_tensor:
        return f"a tensor of {node.dtype}"
    return f"a {node.value}" if node.kind == "object" else f"a value of the kind {node.kind}"


def log_probabilities(logits: Array) -> Array:
    """The logits of each row, normalized here: a row of any numbers is one distribution."""
    shifted = logits - logits.max(1, keepdims=True)
    normalized: Array = shifted - numpy.log(numpy.exp(shifted).sum(1, keepdims=True))
    return normalized


def losses(logits: Array, wanted: Sequence[int]) -> Array:
    """The cross entropy of each row, in nats."""
    picked: Array = log_probabilities(logits)[numpy.arange(len(wanted)), numpy.asarray(wanted)]
    return -picked


def first_unlike(logits: Array, reference: Array) -> int | None:
    """The first row in which two functions do not give the same distribution."""
    one, other = log_probabilities(logits), log_probabilities(reference)
    apart = numpy.abs(one - other) > ABSOLUTE + RELATIVE * numpy.abs(other)
    rows = numpy.flatnonzero(apart.any(1))
    return int(rows[0]) if len(rows) else None


def means(values: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The mean of the values under each name, in the order of the names."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for name, value in values:
        found[name].append(value)
    return {name: float(numpy.mean(found[name])) for name in sorted(found)}
