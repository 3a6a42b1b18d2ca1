"""Shapes and dtypes that are not those that are due, in every failing case alike."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from autograder.grading.causes.evidence import Evidence
from autograder.grading.leaves import Leaf, Tensor
from autograder.reports.cause import Cause


def other_shape(evidence: Evidence) -> Iterator[Cause]:
    """What every failing case's first shape has in common."""
    leaves = evidence.firsts
    pairs = [(leaf.one, leaf.other) for leaf in leaves]
    numbers = [(e, a) for e, a in pairs if e is not None and a is not None]
    if not leaves or len(numbers) < len(leaves):
        return
    if all(map(_dtype_alone, leaves)):
        kind = "integers" if _whole(leaves[0]) else "floats"
        says = f"the values are right and of another dtype: {kind} are due"
        yield evidence.cause("dtype", says)
        return
    if any(e.shape == a.shape for e, a in numbers):
        return
    for holds, says in _RULES:
        if all(holds(e, a) for e, a in numbers):
            yield evidence.cause("shape", says, hedged=says not in _CERTAIN)
            return


def _dtype_alone(leaf: Leaf) -> bool:
    if not (leaf.expected.is_tensor and leaf.actual.is_tensor):
        return False
    one, other = leaf.expected.value, leaf.actual.value
    alike = one.shape == other.shape and torch.allclose(one.double(), other.double())
    return bool(alike and one.is_floating_point() != other.is_floating_point())


def _whole(leaf: Leaf) -> bool:
    return not leaf.expected.value.is_floating_point()


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and bool(torch.allclose(one, other, rtol=1e-4, atol=1e-6))


def _squeezed(e: Tensor, a: Tensor) -> bool:
    return a.dim() < e.dim() and e.squeeze().shape == a.squeeze().shape


def _unsqueezed(e: Tensor, a: Tensor) -> bool:
    return a.dim() > e.dim() and e.squeeze().shape == a.squeeze().shape


def _transposed(e: Tensor, a: Tensor) -> bool:
    turned = e.dim() >= 2 and a.dim() == e.dim() and e.shape != a.shape
    return turned and any(_same(a.transpose(i, j), e) for i in range(e.dim()) for j in range(i))


def _turned_shape(e: Tensor, a: Tensor) -> bool:
    return e.dim() == a.dim() == 2 and tuple(a.shape) == tuple(e.shape[::-1])


def _reshaped(e: Tensor, a: Tensor) -> bool:
    return e.numel() == a.numel() and e.numel() > 1 and _same(e.flatten(), a.flatten())


def _broadcast(e: Tensor, a: Tensor) -> bool:
    return e.dim() < a.dim() == 2 and a.shape[0] == a.shape[1] == max(e.shape, default=0) > 1


def _not_reduced(e: Tensor, a: Tensor) -> bool:
    if e.dim() != 0 or a.dim() == 0 or not a.numel():
        return False
    return _same(a.mean(), e) or _same(a.sum(), e)


def _reduced(e: Tensor, a: Tensor) -> bool:
    return a.dim() < e.dim() and a.numel() < e.numel()


def _one_less(e: Tensor, a: Tensor) -> bool:
    return e.dim() == a.dim() > 0 and sum(_gaps(e, a)) == 1 and min(_gaps(e, a)) == 0


def _one_more(e: Tensor, a: Tensor) -> bool:
    return _one_less(a, e)


def _gaps(e: Tensor, a: Tensor) -> list[int]:
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
    (_one_less, "an axis is one shorter than it has to be: the first or last is left out"),
    (_one_more, "an axis is one longer than it has to be: one too many at an end"),
    (_reduced, "an axis has disappeared: it is summed, averaged or indexed away"),
)  # fmt: skip
