"""Shapes and dtypes that are not those that are due, in every failing case alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy

from autograder.grading.causes.evidence import Evidence, close
from autograder.grading.leaves import Leaf
from autograder.reports.cause import Cause
from autograder.worker.decoding import Array

_GONE = "an axis has disappeared: it is summed, averaged or indexed away"


def other_shape(evidence: Evidence) -> Iterator[Cause]:
    """What the shapes of every failing case have in common, or those of one place."""
    for group in evidence.groups:
        if group.pairs and all(map(_dtype_alone, group.leaves)):
            kind = "integers" if _whole(group.leaves[0]) else "floats"
            says = f"the values are right and of another dtype: {kind} are due"
            yield evidence.about(group, "dtype", says, hedged=False)
            return
        if says := _named_shape(group.leaves):
            yield evidence.about(group, "shape", says)
            return
        # A list that is too short or too long has no axes; what is said of lists is `reordered`'s.
        lists = any(leaf.expected.kind == "list" for leaf in group.leaves)
        if group.pairs and not lists and all(e.shape != a.shape for e, a in group.pairs):
            for holds, says in _RULES:
                if all(holds(e, a) for e, a in group.pairs):
                    yield evidence.about(group, "shape", says, hedged=says not in _CERTAIN)
                    return


def _named_shape(leaves: list[Leaf]) -> str:
    """What is wrong with a shape that a check has looked at as such."""
    said = {_shape(leaf) for leaf in leaves}
    return said.pop() if len(said) == 1 else ""


def _shape(leaf: Leaf) -> str:
    if not leaf.place.endswith("shape") or leaf.one is None or leaf.other is None:
        return ""
    due, there = leaf.one.tolist(), leaf.other.tolist()
    if len(there) < len(due):
        return _GONE
    if len(there) > len(due):
        return "there is an axis too many: squeeze it, or leave keepdim out"
    if sorted(there) == sorted(due):
        return "two axes, or two sizes, are exchanged"
    wrong = [(one, other) for one, other in zip(due, there, strict=True) if one != other]
    if len(wrong) > 1:
        return ""
    short = wrong[0][1] < wrong[0][0]
    return f"one axis is {'shorter' if short else 'longer'} than it has to be"


def _dtype_alone(leaf: Leaf) -> bool:
    if not (leaf.expected.is_tensor and leaf.actual.is_tensor):
        return False
    one, other = leaf.expected.value, leaf.actual.value
    alike = one.shape == other.shape and numpy.allclose(
        numpy.real(one) * 1.0, numpy.real(other) * 1.0
    )
    return bool(alike and (one.dtype.kind == "f") != (other.dtype.kind == "f"))


def _whole(leaf: Leaf) -> bool:
    return bool(leaf.expected.value.dtype.kind != "f")


def _same(one: Array, other: Array) -> bool:
    return one.shape == other.shape and close(one, other)


def _squeezed(e: Array, a: Array) -> bool:
    return a.ndim < e.ndim and e.squeeze().shape == a.squeeze().shape


def _unsqueezed(e: Array, a: Array) -> bool:
    return a.ndim > e.ndim and e.squeeze().shape == a.squeeze().shape


def _transposed(e: Array, a: Array) -> bool:
    turned = e.ndim >= 2 and a.ndim == e.ndim and e.shape != a.shape
    return turned and any(_same(a.swapaxes(i, j), e) for i in range(e.ndim) for j in range(i))


def _turned_shape(e: Array, a: Array) -> bool:
    return e.ndim == a.ndim == 2 and tuple(a.shape) == tuple(e.shape[::-1])


def _reshaped(e: Array, a: Array) -> bool:
    return e.size == a.size and e.size > 1 and _same(e.ravel(), a.ravel())


def _broadcast(e: Array, a: Array) -> bool:
    return e.ndim < a.ndim == 2 and a.shape[0] == a.shape[1] == max(e.shape, default=0) > 1


def _not_reduced(e: Array, a: Array) -> bool:
    if e.ndim != 0 or a.ndim == 0 or not a.size:
        return False
    return _same(a.mean(), e) or _same(a.sum(), e)


def _reduced(e: Array, a: Array) -> bool:
    return a.ndim < e.ndim and a.size < e.size


def _one_place(e: Array, a: Array) -> bool:
    """Whether only the first or the last along an axis is there, with that axis or without."""
    places = ((axis, end) for axis in range(e.ndim) for end in (0, -1) if e.shape[axis] > 1)
    return any(_same(e.take(end, axis).ravel(), a.ravel()) for axis, end in places)


def _part(e: Array, a: Array) -> bool:
    """Whether the first or the last along one axis are there, and right."""
    if not a.size or not _shorter(e, a):
        return False
    axis, left = next((axis, gap) for axis, gap in enumerate(_gaps(e, a)) if gap)
    whole = numpy.arange(e.shape[axis])
    return any(_same(e.take(kept, axis), a) for kept in (whole[:-left], whole[left:]))


def _combined(e: Array, a: Array) -> bool:
    """Whether an axis is summed, averaged or at its largest where it has to stay."""
    ways = (numpy.sum, numpy.mean, numpy.max)
    axes = [axis for axis in range(e.ndim) if e.shape[axis] > 1]
    return any(_same(way(e, axis=axis).ravel(), a.ravel()) for way in ways for axis in axes)


def _shorter(e: Array, a: Array) -> bool:
    """Whether one axis alone is of another length, and is too short."""
    gaps = [gap for gap in _gaps(e, a) if gap] if e.ndim == a.ndim else []
    return len(gaps) == 1 and gaps[0] > 0


def _longer(e: Array, a: Array) -> bool:
    return _shorter(a, e)


def _one_less(e: Array, a: Array) -> bool:
    return e.ndim == a.ndim > 0 and sum(_gaps(e, a)) == 1 and min(_gaps(e, a)) == 0


def _one_more(e: Array, a: Array) -> bool:
    return _one_less(a, e)


def _gaps(e: Array, a: Array) -> list[int]:
    return [int(one) - int(other) for one, other in zip(e.shape, a.shape, strict=True)]


_CERTAIN = {
    "the values are right and an axis of length 1 is missing: keepdim=True, or unsqueeze",
    "the values are right and an axis of length 1 is too many: squeeze it, or leave keepdim out",
    "it is transposed: two axes are exchanged",
    "the numbers are right and in another shape",
}
_RULES = (
    (lambda e, a: _squeezed(e, a) and _reshaped(e, a),
     "the values are right and an axis of length 1 is missing: keepdim=True, or unsqueeze"),
    (_squeezed, "an axis of length 1 is missing: keepdim=True, or unsqueeze"),
    (lambda e, a: _unsqueezed(e, a) and _reshaped(e, a),
     "the values are right and an axis of length 1 is too many: squeeze it, or leave keepdim out"),
    (_unsqueezed, "there is an axis of length 1 too many: squeeze it, or leave keepdim out"),
    (_transposed, "it is transposed: two axes are exchanged"),
    (_reshaped, "the numbers are right and in another shape"),
    (_turned_shape, "the shape is transposed: two axes, or two sizes, are exchanged"),
    (_broadcast, "(n,) has met (n, 1), which gives (n, n): one needs another shape (keepdim)"),
    (_not_reduced, "the numbers are there one by one: their mean or sum is not taken"),
    (_one_place, "only the first or the last along an axis is there: an index takes one of all, or "
     "one alone is ever kept"),
    (_part, "what is there is right, and along one axis the first or the last are missing"),
    (_combined, "an axis is summed, averaged, or taken at its largest, and it has to stay"),
    (_one_less, "an axis is one shorter than it has to be: the first or last is left out"),
    (_one_more, "an axis is one longer than it has to be: one too many at an end"),
    (_shorter, "one axis is shorter than it has to be: a part along it is left out"),
    (_longer, "one axis is longer than it has to be: something along it is too much"),
    (_reduced, _GONE),
)  # fmt: skip
