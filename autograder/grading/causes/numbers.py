"""Numbers that stand in a simple relation to those that are due, in every failing case."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy

from autograder.grading.causes.evidence import Evidence, close
from autograder.grading.causes.sizes import by_size
from autograder.grading.leaves import telling
from autograder.reports.cause import Cause
from autograder.worker.decoding import Array

# So many different numbers in a relation are no chance.
ENOUGH = 2
# Of a relation with numbers of its own, as many again.
MANY = 4
Relation = Callable[[Array, Array], bool]


def related(evidence: Evidence) -> Iterator[Cause]:
    """The first relation in which the first difference of all failing cases stands, or a place."""
    for group in evidence.groups:
        pairs = group.pairs
        if not pairs or any(e.shape != a.shape for e, a in pairs):
            continue
        if all(leaf.place.endswith(" afterwards") for leaf in group.leaves):
            continue  # what a call has left tells of a change in place, and not of arithmetic
        known = len({value for leaf in group.leaves for value in telling(leaf)})
        if says := _degenerate(pairs):
            yield evidence.about(group, "degenerate", says)
            return
        if known >= ENOUGH and (says := _simple(pairs)):
            yield evidence.about(group, "related numbers", says)
            return
        if known >= ENOUGH and (sized := by_size(evidence, group)):
            says, label = sized
            safe = says.format(label="a size of the input")
            yield evidence.about(group, "sized", says.format(label=label), safe=safe)
            return
        if says := _always_same(pairs):
            yield evidence.about(group, "always the same", says)
            return
        if known >= MANY and (says := _stretched(pairs)):
            yield evidence.about(group, "stretched", says)
            return


def _degenerate(pairs: list[tuple[Array, Array]]) -> str:
    if all(numpy.isnan(a).any() and not numpy.isnan(e).any() for e, a in pairs):
        return "it is not a number (nan): 0 / 0, inf - inf, or a root of something negative"
    if all(numpy.isinf(a).any() and not numpy.isinf(e).any() for e, a in pairs):
        return "it is infinite: a division by 0, the logarithm of 0, or exp of something large"
    if (
        all(not a.any() and e.any() and numpy.isfinite(e).all() for e, a in pairs)
        and sum(e.size for e, _ in pairs) > 2
    ):
        return (
            "it is 0 in every failing case: what should change it never does, or is not kept, or "
            "it is cut to a whole number (`//`, int)"
        )
    return ""


def _simple(pairs: list[tuple[Array, Array]]) -> str:
    for holds, says in _RELATIONS:
        if all(holds(e, a) for e, a in pairs):
            return says
    return ""


def _always_same(pairs: list[tuple[Array, Array]]) -> str:
    first = pairs[0][1]
    alike = all(a.shape == first.shape and close(a, first) for _, a in pairs)
    due = {round(float(e.sum()), 5) for e, _ in pairs}
    if alike and len(pairs) >= MANY - 1 and len(due) >= MANY - 1:
        return "it is the same in every failing case: what it is given plays no part in it"
    return ""


def _stretched(pairs: list[tuple[Array, Array]]) -> str:
    """One factor and one summand that are between all numbers that are due and those there."""
    e, a = (numpy.concatenate([each.ravel() for each in side]) for side in zip(*pairs, strict=True))
    if not (numpy.isfinite(e).all() and numpy.isfinite(a).all()) or numpy.ptp(e) < 1e-3:
        return ""
    factor, summand = numpy.polyfit(e, a, 1).tolist()
    if abs(factor) < 1e-3 or not close(a, factor * e + summand):
        return ""
    if math.isclose(factor, 1, abs_tol=1e-4):
        return f"every number is off by the same amount, {summand:+.4g}: a term too many or too few"
    if abs(summand) < 1e-5:
        return f"every number is {factor:.4g} times what it has to be, in every case"
    return f"every number is {factor:.4g} times what it has to be, and {summand:+.4g}"


def _times(factor: float) -> Relation:
    return lambda e, a: bool(e.any()) and close(a, factor * e)


def _plus(offset: float) -> Relation:
    return lambda e, a: close(a, e + offset)


def _rows(function: Callable[[Array], Array]) -> Relation:
    """A relation of rows: only for tensors that have some."""
    return lambda e, a: e.ndim > 0 and e.shape[-1] > 1 and close(e, function(a))


def _axes(e: Array) -> list[tuple[int, int]]:
    return [(i, j) for i in range(e.ndim) for j in range(i)]


def _softmax(numbers: Array) -> Array:
    powers: Array = numpy.exp(numbers - numbers.max(-1, keepdims=True))
    powers /= powers.sum(-1, keepdims=True)
    return powers


_RELATIONS: tuple[tuple[Relation, str], ...] = (
    (_times(-1), "the numbers are right but for their sign, which is turned round"),
    (_times(2), "every number is twice what it has to be: something counts twice, or a half is "
     "missing"),
    (_times(0.5), "every number is half of what it has to be: a factor 2 is missing, or a half "
     "too many"),
    (_times(4), "every number is 4 times what it has to be: something is multiplied by 2 where "
     "it has to be divided by it, or counts twice and twice again"),
    (_times(0.25), "every number is a quarter of what it has to be: something is divided by 2 "
     "where it has to be multiplied by it"),
    (_times(3), "every number is 3 times what it has to be"),
    (_times(1 / 3), "every number is a third of what it has to be"),
    (_times(10), "every number is 10 times what it has to be"),
    (_times(0.1), "every number is a tenth of what it has to be"),
    (_times(100), "the numbers are a hundred times too large: percent where a share is due"),
    (_times(0.01), "the numbers are a hundred times too small"),
    (lambda e, a: bool((e > 0).all()) and close(a, numpy.log(e)),
     "these are logarithms of the right numbers: exp is missing, or a logarithm too many"),
    (_rows(lambda a: a / a.sum(-1, keepdims=True)),
     "the numbers are not divided by their sum: each row has to sum to 1"),
    (_rows(_softmax), "softmax of these numbers would be right: it is not taken"),
    (_rows(numpy.log), "the logarithm of these numbers would be right: it is not taken"),
    (lambda e, a: e.ndim > 0 and e.shape[-1] > 1 and close(a, _softmax(e)),
     "softmax is taken once too often"),
    (lambda e, a: close(a, numpy.square(e)) and bool((e >= 0).all()),
     "these are the squares of the right numbers: a root is missing, or a square too many"),
    (lambda e, a: close(numpy.square(a), e),
     "these are the roots of the right numbers: a root too many, or a square is missing"),
    (lambda e, a: bool((a > 0).all()) and close(numpy.log(a), e),
     "the logarithm of these numbers would be right: it is not taken"),
    (lambda e, a: bool(e.all()) and close(a, 1 / e),
     "these are one over the right numbers: a division is the wrong way round"),
    (_plus(1), "every number is one too large"),
    (_plus(-1), "every number is one too small"),
    (lambda e, a: close(a, 1 - e), "these are one minus the right numbers: the complement"),
    (lambda e, a: any(close(a, whole(e)) for whole in (numpy.floor, numpy.trunc, numpy.rint)),
     "the numbers are rounded to whole ones: `//`, int(...) or round(...) may be too much"),
    (lambda e, a: e.ndim > 1 and any(close(a, e.swapaxes(i, j)) for i, j in _axes(e)
                                     if e.shape == e.swapaxes(i, j).shape),
     "it is transposed: two axes are exchanged"),
    (lambda e, a: e.ndim > 1 and any(close(a, numpy.flip(e, i)) for i in range(1, e.ndim)),
     "it is the wrong way round along an axis: reversed"),
    (lambda e, a: e.ndim > 0 and e.shape[0] > 1 and close(a, numpy.cumsum(e, 0)),
     "each has what came before it added: something is not begun anew for each, inside the loop"),
    (lambda e, a: e.ndim > 0 and e.shape[0] > 1 and close(numpy.cumsum(a, 0), e),
     "each is what it adds to the one before: the running sum is not kept"),
    (lambda e, a: e.ndim > 1 and close(e.sum(-1), numpy.ones(e.shape[:-1]))
     and close(a.sum(0), numpy.ones(e.shape[1:])) and not close(a.sum(-1), e.sum(-1)),
     "each column has a sum of 1 where each row has to: it is divided along the wrong axis"),
    (lambda e, a: e.size > 1 and numpy.ptp(e) == 0 and numpy.ptp(a) > 1e-3,
     "all of it has to be one and the same number, and is not"),
    (lambda e, a: close(a, numpy.abs(e)),
     "the sign of negative numbers is lost: an absolute value, or a square, is too much"),
    (lambda e, a: close(numpy.abs(a), e) and bool((a < 0).any()), "an absolute value is missing"),
    (lambda e, a: close(a, numpy.maximum(e, 0)), "negative numbers have become 0"),
)  # fmt: skip
