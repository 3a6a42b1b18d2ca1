"""What is returned is of another kind than what is due."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.grading.causes.evidence import Evidence
from autograder.grading.comparison import compare
from autograder.grading.leaves import Leaf
from autograder.lessons.markers import last_line
from autograder.reports.cause import Cause
from autograder.worker.decoding import Node

_NOT_CALLED = {"method", "function", "builtin_function_or_method", "method-wrapper"}
_LAZY = {"generator", "map", "zip", "filter", "range", "dict_keys", "dict_values", "dict_items",
         "enumerate", "reversed", "list_reverseiterator"}  # fmt: skip


def nothing_returned(evidence: Evidence) -> Iterator[Cause]:
    """The reference returns a value, and the submission's definition never does, or not always."""
    source = evidence.source
    if source is None or not evidence.reference.gives_values:
        return
    if not source.gives_values:
        last = source.body[-1] if source.body else source.node
        prints = any(source.calls("print"))
        says = "nothing is returned: `return` is missing"
        if prints:
            says = "the result is printed and not returned: `return` is missing"
        yield evidence.cause("nothing returned", says, line=last.lineno)
    elif falls_through(source.body) and any(_is_none(leaf) for leaf in _leaves(evidence)):
        end = _end(source.body)
        says = "on some path nothing is returned: is `return` missing at the end, or too far in?"
        yield evidence.cause("nothing returned", says, line=end)


def returned_too_early(evidence: Evidence) -> Iterator[Cause]:
    """A `return` that ends a loop in its first round, whatever is in it."""
    source = evidence.source
    for node in source.own if source else ():
        if isinstance(node, ast.For | ast.While):
            last = node.body[-1]
            leaves = isinstance(last, ast.Return) and not _may_go_on(node)
            if leaves:
                says = "this `return` stands inside the loop and ends it in its first round"
                yield evidence.cause("returned too early", says, line=last.lineno)
                return


def another_kind(evidence: Evidence) -> Iterator[Cause]:
    """Another kind of value, in the first difference of every failing case."""
    for group in evidence.groups[:1]:
        for rule in _KINDS:
            said = [rule(leaf) for leaf in group.leaves]
            if said and said[0] and len(set(said)) == 1:
                yield evidence.about(group, "another kind", said[0], hedged=False)
                return


def _named(node: Node) -> str:
    """What kind of object it is, also where it is the text that Python shows of one."""
    if node.kind == "object":
        return str(node.value)
    words = str(node.value).lstrip("<").replace("(", " ").split() if node.kind == "shown" else []
    two = " ".join(words[:2])
    return _SHOWN.get(two, words[0] if words else "")


_SHOWN = {"bound method": "method", "built-in method": "method", "built-in function": "function"}


def _not_called(leaf: Leaf) -> str:
    if _named(leaf.actual) in _NOT_CALLED:
        return "a method itself is there and not its result: its `()` are missing"
    return ""


def _lazy(leaf: Leaf) -> str:
    kind = _named(leaf.actual)
    if kind in _LAZY and leaf.expected.kind == "list":
        return f"a {kind} is there where a list is due: put list(...) round it"
    return ""


def _wrapped(leaf: Leaf) -> str:
    expected, actual = leaf.expected, leaf.actual
    if actual.kind == "list" and len(actual.value) == 1 and _same(expected, actual.value[0]):
        return "the right value is inside a list or tuple of its own: a comma or brackets too many"
    if actual.kind == "list" and len(actual.value) > 1:
        places = [n for n, item in enumerate(actual.value) if _same(expected, item)]
        if places and expected.kind != "list":
            return "several values are there where one of them is due: take that one alone"
    due = expected.value if expected.kind == "list" and actual.kind != "list" else ()
    if any(_same(item, actual) for item in due):
        return "one value is there where several are due: the others are missing"
    return ""


def _tensor_for_number(leaf: Leaf) -> str:
    expected, actual = leaf.expected, leaf.actual
    if not (actual.is_tensor and actual.value.size == 1 and actual.value.ndim):
        return ""
    if expected.kind in ("int", "float") or (expected.is_tensor and not expected.value.ndim):
        one = f"{_NAMES[actual.kind]} of one element"
        return f"{one} is there where a plain number is due: take its item()"
    return ""


def _list_for_tensor(leaf: Leaf) -> str:
    due, there = leaf.expected.kind, leaf.actual.kind
    if makes := _MAKES.get((due, there)):
        return f"{_NAMES[there]} is there where {_NAMES[due]} is due: {makes} makes one"
    return ""


_NAMES = {"list": "a list", "tensor": "a tensor", "array": "a numpy array"}
# What makes the first of the second.
_MAKES = {
    ("tensor", "list"): "torch.tensor(...) or torch.stack(...)",
    ("tensor", "array"): "torch.from_numpy(...)",
    ("array", "list"): "np.array(...)",
    ("array", "tensor"): "numpy()",
    ("list", "tensor"): "tolist()",
    ("list", "array"): "tolist()",
}


def _number_for_tensor(leaf: Leaf) -> str:
    if (
        leaf.expected.is_tensor
        and leaf.expected.value.ndim
        and leaf.actual.kind in ("int", "float")
    ):
        whole = "array" if leaf.expected.kind == "array" else "tensor"
        return f"one number is there where a whole {whole} is due: is something summed or averaged?"
    return ""


def _text_for_number(leaf: Leaf) -> str:
    numbers = ("int", "float")
    if leaf.expected.kind in numbers and leaf.actual.kind == "str":
        return "a string is there where a number is due"
    if leaf.expected.kind == "str" and leaf.actual.kind in numbers:
        return "a number is there where a string is due: str(...) makes one"
    if leaf.expected.kind == "str" and leaf.actual.kind == "list":
        return "a list is there where a string is due: ''.join(...) makes one"
    if leaf.expected.kind == "list" and leaf.actual.kind == "str":
        return "a string is there where a list is due"
    return ""


def _number_for_list(leaf: Leaf) -> str:
    due, there = leaf.expected.kind, leaf.actual.kind
    if there in ("int", "float", "bool") and due in ("list", "dict"):
        whole = "a dict" if due == "dict" else "a list or tuple"
        return f"one plain number is there where {whole} is due: is another part of it returned?"
    return ""


def _element(leaf: Leaf) -> str:
    """In lists as long as one another, the first element that is of another kind."""
    one, other = leaf.expected, leaf.actual
    if not one.kind == other.kind == "list" or len(one.value) != len(other.value):
        return ""
    for due, there in zip(one.value, other.value, strict=True):
        if due.kind != there.kind and (says := _text_for_number(Leaf(leaf.path, due, there))):
            return f"in some places {says}"
    return ""


def _other_container(leaf: Leaf) -> str:
    names = {"list": "a list or tuple", "dict": "a dict", "set": "a set"}
    one, other = names.get(leaf.expected.kind), names.get(leaf.actual.kind)
    return f"{other} is there where {one} is due" if one and other and one != other else ""


def _object_for_value(leaf: Leaf) -> str:
    if leaf.actual.kind == "object" and leaf.expected.kind in ("int", "float"):
        return "a whole object is there where the number inside it is due"
    return ""


_KINDS = (
    _not_called,
    _lazy,
    _wrapped,
    _tensor_for_number,
    _list_for_tensor,
    _number_for_tensor,
    _text_for_number,
    _number_for_list,
    _element,
    _other_container,
    _object_for_value,
)


def falls_through(body: list[ast.stmt]) -> bool:
    """Whether control can come to the end of a block."""
    if not body:
        return True
    last = body[-1]
    if isinstance(last, ast.Return | ast.Raise):
        return False
    if isinstance(last, ast.If):
        return falls_through(last.body) or falls_through(last.orelse)
    if isinstance(last, ast.With | ast.AsyncWith):
        return falls_through(last.body)
    if isinstance(last, ast.Try):
        ends = [last.orelse or last.body, *(handler.body for handler in last.handlers)]
        return not last.finalbody and any(map(falls_through, ends))
    if isinstance(last, ast.While):
        forever = isinstance(last.test, ast.Constant) and bool(last.test.value)
        return not forever or any(isinstance(node, ast.Break) for node in ast.walk(last))
    if isinstance(last, ast.Match):
        return True
    return True


def _end(body: list[ast.stmt]) -> int:
    return last_line(body[-1])


def _may_go_on(loop: ast.For | ast.While) -> bool:
    return any(isinstance(node, ast.Continue) for node in ast.walk(loop))


def _leaves(evidence: Evidence) -> list[Leaf]:
    return [leaf for _, leaves in evidence.cases for leaf in leaves]


def _is_none(leaf: Leaf) -> bool:
    return leaf.actual.kind == "none" and leaf.expected.kind != "none"


def _same(expected: Node, actual: Node) -> bool:
    return compare(expected, actual) is None
