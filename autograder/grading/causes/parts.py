"""Which part of what is due is wrong: two of them exchanged, an end left out, a change not kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy

from autograder.grading.causes.evidence import ABSOLUTE, RELATIVE, Evidence, Group
from autograder.grading.comparison import compare
from autograder.grading.leaves import Leaf, telling
from autograder.reports.cause import Cause
from autograder.worker.decoding import Array, Node


def exchanged(evidence: Evidence) -> Iterator[Cause]:
    """In every failing case that has several parts, what is due as one of them is another."""
    several = [leaves for _, leaves in evidence.cases if len(_named(leaves)) > 1]
    found = [_exchanged(_named(leaves)) for leaves in several]
    if len(found) < 2 or not all(found):
        return
    one, other = found[0][0]
    says = f"what is due as `{one}` stands as `{other}`, and the other way round"
    safe = "two things that are due stand in each other's place"
    yield evidence.cause("exchanged", says, hedged=True, safe=safe)


def _named(leaves: list[Leaf]) -> list[Leaf]:
    return [leaf for leaf in leaves if leaf.place]


def _exchanged(leaves: list[Leaf]) -> list[tuple[str, str]]:
    pairs = itertools.combinations(leaves, 2)
    return [(one.path, other.path) for one, other in pairs if _is_swapped(one, other)]


def _is_swapped(one: Leaf, other: Leaf) -> bool:
    crossed = (one.expected, other.actual), (other.expected, one.actual)
    return bool(telling(one)) and not any(compare(due, there) for due, there in crossed)


def left_as_it_was(evidence: Evidence) -> Iterator[Cause]:
    """What a check says that it looks at after the call: changed, or not changed."""
    for group in evidence.groups:
        if group.leaves and all(leaf.place.endswith(" afterwards") for leaf in group.leaves):
            says = _kept(evidence, group)
            if says:
                yield evidence.about(group, "afterwards", says)
            return


def _kept(evidence: Evidence, group: Group) -> str:
    known = [(leaf, _inputs(evidence, item)) for item, leaf in group.named]
    known = [(leaf, inputs) for leaf, inputs in known if inputs]
    if known and all(_among(leaf.actual, inputs) for leaf, inputs in known):
        return (
            "it is as it was before the call and has to be changed itself: a copy was changed, or "
            "a new object made"
        )
    if known and all(_among(leaf.expected, inputs) for leaf, inputs in known):
        return "the call has changed what it was given: work on a copy (clone), or make a new one"
    return ""


def _inputs(evidence: Evidence, item: str) -> list[Node]:
    return [value for _, value in evidence.inputs[item]]


def _among(node: Node, inputs: list[Node]) -> bool:
    return any(compare(value, node) is None for value in inputs)


def at_one_end(evidence: Evidence) -> Iterator[Cause]:
    """All that is wrong is the first or the last of tensors or lists, in every failing case."""
    every = sum(len(leaves) for _, leaves in evidence.cases)
    for group in evidence.groups:
        pairs = group.pairs
        if len(pairs) < max(2, every) or any(e.shape != a.shape or not e.ndim for e, a in pairs):
            continue
        for axis in range(max(e.ndim for e, _ in pairs)):
            for end, name in ((0, "first"), (-1, "last")):
                if all(_only(e, a, axis, end) for e, a in pairs):
                    what = ("row", "column")[axis] if axis < 2 and pairs[0][0].ndim == 2 else "one"
                    says = f"only the {name} {what} is wrong: is it left out, or treated apart?"
                    yield evidence.about(group, "at one end", says)
                    return


def _only(e: Array, a: Array, axis: int, end: int) -> bool:
    """Whether exactly one slice at an end of an axis differs, of at least three."""
    if e.ndim <= axis or e.shape[axis] < 3:
        return False
    others = tuple(each for each in range(e.ndim) if each != axis)
    wrong = (~numpy.isclose(e, a, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)).any(axis=others)
    return bool(numpy.flatnonzero(wrong).tolist() == [end % e.shape[axis]])
