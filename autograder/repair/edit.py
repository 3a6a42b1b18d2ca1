"""Edits of one function as data: a field of one node of its syntax tree gets another value.

An edit is put into the tree and taken out again in place, so that hundreds of them can be compiled
without copying the tree. New values may share nodes with what they replace.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any, NamedTuple, TypeVar

Node = TypeVar("Node", bound=ast.AST)
# Fields of nodes that no edit touches.
_FIXED = {(ast.NamedExpr, "target"), (ast.AnnAssign, "target"), (ast.FormattedValue, "format_spec")}
_NO_CODE = {"annotation", "returns", "decorator_list", "type_params", "ctx"}


class Splice(NamedTuple):
    """A list with other nodes in place of `dropped` of its own, from the index `at` on."""

    at: int
    dropped: int
    nodes: tuple[ast.AST, ...]


@dataclass(frozen=True, eq=False)
class Edit:
    """One change: `owner`'s field `field` becomes `value`, or is spliced where that is a Splice.

    `line` and `last_line` are those of what is changed; `kind` and `what` say in words what kind of
    change it is, and `what` may name something of the code. The lower `cost`, the likelier.
    """

    owner: ast.AST
    field: str
    value: Any
    line: int
    last_line: int
    kind: str
    what: str = ""
    cost: float = 1.0


def taken(edit: Edit) -> ast.AST | None:
    """What an edit takes away: one node, or nothing where it inserts."""
    value = getattr(edit.owner, edit.field)
    if not isinstance(edit.value, Splice):
        return value if isinstance(value, ast.AST) else None
    there = value[edit.value.at : edit.value.at + edit.value.dropped]
    return there[0] if there else None


def put(edit: Edit) -> ast.AST | None:
    """What an edit puts there: one node, or nothing where it only takes away."""
    if isinstance(edit.value, Splice):
        return edit.value.nodes[0] if edit.value.nodes else None
    return edit.value if isinstance(edit.value, ast.AST) else None


# What is tried at once, one edit or several, and with what it costs.
Repair = tuple[Edit, ...]
Costly = tuple[float, Repair]


@dataclass(frozen=True, eq=False)
class Slot:
    """A place in a tree that holds one node: a field of its owner, or one element of a list."""

    owner: ast.AST
    field: str
    index: int | None
    node: ast.AST
    above: Slot | None = None

    def holding(self, *nodes: ast.AST) -> Any:
        """The value of the owner's field with other nodes here; none only in a list."""
        if self.index is None:
            (node,) = nodes
            return node
        return Splice(self.index, 1, nodes)

    @property
    def statement(self) -> ast.stmt:
        """The innermost statement that the node is in, or is."""
        slot: Slot | None = self
        while slot is not None and not isinstance(slot.node, ast.stmt):
            slot = slot.above
        return slot.node if slot is not None and isinstance(slot.node, ast.stmt) else _NOWHERE


_NOWHERE = ast.Pass(lineno=1, end_lineno=1, col_offset=0, end_col_offset=0)


def slots(function: ast.FunctionDef) -> Iterator[Slot]:
    """The expressions and statements of a function's body and defaults, outer ones first."""
    skipped = function.body[0] if ast.get_docstring(function) is not None else None
    for slot in _inner(Slot(function, "", None, function)):
        if slot.node is not skipped and slot.above and slot.above.node is not skipped:
            yield slot


def _inner(slot: Slot) -> Iterator[Slot]:
    for field, value in ast.iter_fields(slot.node):
        if field in _NO_CODE or (type(slot.node), field) in _FIXED:
            continue
        if isinstance(value, ast.AST):
            yield from _each(Slot(slot.node, field, None, value, slot))
        elif isinstance(value, list):
            for index, node in enumerate(value):
                if isinstance(node, ast.AST):
                    yield from _each(Slot(slot.node, field, index, node, slot))


def _each(slot: Slot) -> Iterator[Slot]:
    if isinstance(slot.node, ast.pattern):
        return
    part_of_text = isinstance(slot.owner, ast.JoinedStr)
    if isinstance(slot.node, ast.expr | ast.stmt) and not part_of_text:
        yield slot
    yield from _inner(slot)


def placed(node: Node, there: ast.AST) -> Node:
    """A new node with the place of another, for itself and what is new in it.

    What has a place already keeps it: a change may be a node that stood there before.
    """
    if isinstance(node, ast.expr | ast.stmt) and not hasattr(node, "lineno"):
        ast.copy_location(node, there)
    return ast.fix_missing_locations(node)


def moved(node: Node, there: ast.AST) -> Node:
    """A copy of a node from elsewhere, with the place of another in all that is in it."""
    new = copy.deepcopy(node)
    for each in ast.walk(new):
        if isinstance(each, ast.expr | ast.stmt | ast.keyword | ast.arg | ast.ExceptHandler):
            ast.copy_location(each, there)
    return new


def lines_of(node: ast.AST) -> tuple[int, int]:
    first = getattr(node, "lineno", 1)
    return first, getattr(node, "end_lineno", None) or first


def head_of(node: ast.AST) -> tuple[int, int]:
    """The lines of a statement without those of the block below it."""
    first, last = lines_of(node)
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        last = max(first, lines_of(body[0])[0] - 1)
    return first, last


def size(node: ast.AST) -> int:
    """Of how many nodes a piece of code is made."""
    return sum(not isinstance(each, ast.expr_context) for each in ast.walk(node))


@contextlib.contextmanager
def applied(*edits: Edit) -> Iterator[None]:
    """Have some edits in the tree inside the `with` block."""
    before: list[tuple[Edit, Any]] = []
    try:
        for edit in edits:
            old, value = getattr(edit.owner, edit.field), edit.value
            if isinstance(value, Splice):
                end = value.at + value.dropped
                value = [*old[: value.at], *value.nodes, *old[end:]]
                if edit.field == "body" and not value:
                    value = [ast.copy_location(ast.Pass(), edit.owner)]
            before.append((edit, old))
            setattr(edit.owner, edit.field, value)
        yield
    finally:
        for edit, value in reversed(before):
            setattr(edit.owner, edit.field, value)


def compiled(function: ast.FunctionDef, path: str) -> CodeType | None:
    """Code that defines `make(__class__)`, which returns the function; None where it is none."""
    make = ast.parse(f"def make(__class__):\n    pass\n    return {function.name}")
    outer = make.body[0]
    assert isinstance(outer, ast.FunctionDef)
    outer.body[0] = function
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(make, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, TypeError, RecursionError):
        return None
