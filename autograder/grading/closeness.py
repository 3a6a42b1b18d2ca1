"""Whether two tensors' numbers are near, as torch would say, without torch.

The grader needs no more of torch than this. What is here rounds as torch's own comparison does, so
that a number at the edge of a tolerance is judged alike.
"""

from __future__ import annotations

import numpy

from autograder.worker.decoding import Array, Node

# The tolerances of torch.testing, relative and absolute; whole numbers have none.
_DEFAULTS = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
}
_KINDS = {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}


def dtype_kind(node: Node) -> str:
    """What a tensor holds: bool, int, float or complex."""
    return _KINDS[node.value.dtype.kind]


def default_tolerance(one: Node, other: Node) -> tuple[float, float]:
    """Of two tensors the wider tolerance, relative and absolute, as torch.testing has it."""
    both = [_DEFAULTS.get(node.dtype, (0.0, 0.0)) for node in (one, other)]
    return max(rtol for rtol, _ in both), max(atol for _, atol in both)


@numpy.errstate(all="ignore")
def near(expected: Node, actual: Node, rtol: float, atol: float) -> Array:
    """For each number of two tensors of one shape and kind, whether it is near; nan is near nan.

    The tolerance is relative to what is expected.
    """
    wide = numpy.result_type(expected.value, actual.value)
    one, other = (numpy.atleast_1d(node.value).astype(wide) for node in (expected, actual))
    close = (one == other) | ((one != one) & (other != other))
    if rtol or atol:
        narrow = expected.dtype if expected.dtype == actual.dtype else ""
        gap, allowed = _gap_and_allowed(one, other, rtol, atol, narrow)
        close |= numpy.isfinite(gap) & (gap <= allowed)
    shaped: Array = close.reshape(expected.value.shape)
    return shaped


def _gap_and_allowed(
    one: Array, other: Array, rtol: float, atol: float, narrow: str
) -> tuple[Array, Array]:
    """How far apart numbers are and may be; whole ones are compared as float32."""
    if one.dtype.kind in "iub":
        one, other = one.astype(numpy.float32), other.astype(numpy.float32)
    if narrow not in ("float16", "bfloat16"):
        exact = one.real.dtype.type
        return numpy.abs(other - one), exact(atol) + numpy.abs(exact(rtol) * one)
    one, other = one.astype(numpy.float32), other.astype(numpy.float32)
    share = _rounded(numpy.float32(rtol) * one, narrow)
    allowed = _rounded(numpy.float32(atol) + numpy.abs(share), narrow)
    return numpy.abs(_rounded(other - one, narrow)), allowed


def _rounded(numbers: Array, narrow: str) -> Array:
    """float32 numbers as they are after a step of narrow arithmetic."""
    if narrow == "float16":
        return numbers.astype(numpy.float16).astype(numpy.float32)
    bits = numbers.view(numpy.uint32)
    half = ((bits >> 16) & 1) + 0x7FFF  # to the nearest, and to the even one between two
    upper = ((bits.astype(numpy.uint64) + half) & 0xFFFF0000).astype(numpy.uint32)
    return numpy.where(numpy.isnan(numbers), numbers, upper.view(numpy.float32))
