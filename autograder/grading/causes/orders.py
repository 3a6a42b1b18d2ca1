"""The right things in another order or another number: lists, texts, truths and tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy

from autograder.grading.causes.evidence import Evidence, Group
from autograder.grading.comparison import compare
from autograder.grading.leaves import Leaf
from autograder.reports.cause import Cause
from autograder.worker.decoding import Node

Relation = Callable[[list[Any], list[Any]], bool]


def reordered(evidence: Evidence) -> Iterator[Cause]:
    """What the differences of all failing cases have in common, or those of one place."""
    for group in evidence.groups:
        if says := _truths(evidence, group) or _unchanged(evidence, group) or _listed(group):
            yield evidence.about(group, "order", says)
            return


def _unchanged(evidence: Evidence, group: Group) -> str:
    # Of the examples in a docstring nobody has recorded the arguments.
    known = [(name, leaf) for name, leaf in group.named if evidence.inputs[name]]
    if any(leaf.place.endswith(" afterwards") for leaf in group.leaves):
        return ""  # `left_as_it_was` has the words for that
    if known and all(_is_argument(evidence, name, leaf) for name, leaf in known):
        return "what is given comes back as it is: nothing has been done to it, or it is not kept"
    return ""


def _listed(group: Group) -> str:
    pairs = [(_items(leaf.expected), _items(leaf.actual)) for leaf in group.leaves]
    listed = [(e, a) for e, a in pairs if e is not None and a is not None]
    if not any(len(e) > 1 or len(a) > 1 for e, a in listed):
        return ""
    if len(listed) == len(pairs) and all(leaf.expected.kind == "dict" for leaf in group.leaves):
        return _keys(listed)
    fitting = (says for holds, says in _RELATIONS if all(holds(e, a) for e, a in listed))
    return next(fitting, "") if len(listed) == len(pairs) else ""


def _keys(pairs: list[tuple[list[Any], list[Any]]]) -> str:
    """What is wrong with the keys of dicts; those of another order are the same."""
    both = [(set(map(repr, e)), set(map(repr, a))) for e, a in pairs]
    if all(not a for _, a in both):
        return "nothing is in it: what should fill it never does"
    if all(a < e for e, a in both):
        return "some keys are missing"
    if all(a > e for e, a in both):
        return "there are keys too many"
    turned = (set(map(repr, (k[::-1] for k in e if isinstance(k, tuple)))) for e, _ in pairs)
    if all(a == t and a for (_, a), t in zip(both, turned, strict=True)):
        return "each key is the wrong way round: its parts are exchanged"
    return ""


def _truths(evidence: Evidence, group: Group) -> str:
    if len(group.leaves) < 2 or not all(map(_is_truth, group.leaves)):
        return ""
    # A condition that is the wrong way round leaves no answer as it has to be.
    wrong = sum(_is_truth(leaf) for _, leaves in evidence.cases for leaf in leaves)
    both = len({leaf.actual.value for leaf in group.leaves}) == 2
    if not both or wrong < sum(map(_truths_in, evidence.due)):
        return ""
    return "yes and no are exchanged: a condition is the wrong way round"


def _is_truth(leaf: Leaf) -> bool:
    return leaf.expected.kind == leaf.actual.kind == "bool"


def _truths_in(node: Node) -> int:
    if node.kind == "dict":
        return sum(_truths_in(value) for _, value in node.value)
    if node.kind in ("list", "set"):
        return sum(map(_truths_in, node.value))
    return node.kind == "bool"


def _is_argument(evidence: Evidence, item: str, leaf: Leaf) -> bool:
    same = (value for _, value in evidence.inputs[item] if _substantial(value))
    return any(compare(value, leaf.actual) is None for value in same)


def _substantial(node: Node) -> bool:
    if node.is_tensor:
        return bool(node.value.size > 1)
    return node.kind in ("list", "str", "dict") and len(node.value) > 1


# A pattern shows in a few; to make Python's objects of a million numbers takes a gigabyte.
MOST_ITEMS = 5000


def _items(node: Node) -> list[Any] | None:
    """The elements of a list, a text or a tensor's first axis, so that they can be compared.

    None where there are none, or too many.
    """
    if _size(node) > MOST_ITEMS:
        return None
    if node.kind == "str":
        return list(node.value)
    if node.kind == "list":
        return [_plain(item) for item in node.value]
    if node.kind == "dict":
        return sorted((_plain(key) for key, _ in node.value), key=repr)
    if node.is_tensor and node.value.ndim:
        return [_frozen(row) for row in _rounded(node)]
    return None


def _size(node: Node) -> int:
    """How many values it holds, all levels together; it stops to count above the bound."""
    if node.is_tensor:
        return int(node.value.size)
    if node.kind == "str":
        return len(node.value)
    if node.kind in ("list", "set"):
        total = len(node.value)
        for each in node.value:
            total += _size(each) if total <= MOST_ITEMS else 0
        return total
    return 1


def _plain(node: Node) -> Any:
    if node.kind in ("list", "set"):
        return tuple(_plain(item) for item in node.value)
    if node.is_tensor:
        return _frozen(_rounded(node))
    if node.kind == "float":
        return round(node.value, 4)
    return repr(node.value) if node.kind == "dict" else node.value


def _rounded(node: Node) -> Any:
    """A tensor's numbers to four decimals, as lists in lists."""
    return numpy.round(numpy.real(node.value).astype(numpy.float64), 4).tolist()


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _sorted(values: list[Any]) -> list[str]:
    return sorted(map(repr, values))


def _flat(values: list[Any]) -> list[Any]:
    return [x for each in values for x in (each if isinstance(each, tuple) else (each,))]


_RELATIONS: tuple[tuple[Relation, str], ...] = (
    (lambda e, a: len(e) > 1 and a == e[::-1], "it is the wrong way round: reversed"),
    (lambda e, a: len(e) > 0 and a == e[1:], "the first is missing"),
    (lambda e, a: len(e) > 0 and a == e[:-1], "the last is missing"),
    (lambda e, a: len(a) > 0 and a[1:] == e, "there is one too many at the beginning"),
    (lambda e, a: len(a) > 0 and a[:-1] == e, "there is one too many at the end"),
    (lambda e, a: len(e) > 2 and len(a) == len(e) and (a[1:] == e[:-1] or a[:-1] == e[1:]),
     "everything is one place off: shifted by one"),
    (lambda e, a: len(e) > 1 and _sorted(e) == _sorted(a), "the right things are there, in another "
     "order"),
    (lambda e, a: len(a) > len(e) > 0 and set(map(repr, a)) == set(map(repr, e)),
     "some of it is there more than once"),
    (lambda e, a: not a and bool(e), "nothing is in it: what should fill it never does"),
    (lambda e, a: len(e) > 1 and len(a) == 1 and a[0] == e[0], "only the first is there: does a "
     "`return` stand in the loop?"),
    (lambda e, a: len(a) == len(e) > 2 and len(set(map(repr, a))) == 1 and a[-1] == e[-1],
     "every place has the last value: the same object is stored again and again"),
    (lambda e, a: bool(a) and _flat(a) == e and a != e, "it is nested: a list of lists where one "
     "flat list is due (extend, and not append)"),
    (lambda e, a: bool(e) and _flat(e) == a and a != e, "it is flat where a list of lists is due"),
    (lambda e, a: len(a) < len(e) and set(map(repr, a)) <= set(map(repr, e)),
     "some of it is missing"),
)  # fmt: skip
