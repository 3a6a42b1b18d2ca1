"""A slip as data: a field of one node of the reference's tree gets another value."""

from __future__ import annotations

import ast
import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

_SKIPPED = {"annotation", "returns", "decorator_list", "type_params", "ctx", "defaults", "args"}


@dataclass(frozen=True, eq=False)
class Slip:
    """`owner`'s field `field` becomes `value`; `says` what somebody has done who wrote it so."""

    owner: ast.AST
    field: str
    value: Any
    says: str


@dataclass(frozen=True, eq=False)
class Slot:
    """A place that holds one node: a field of its owner, or an element of a list there."""

    owner: ast.AST
    field: str
    index: int | None
    node: ast.AST
    parents: tuple[ast.AST, ...] = ()

    def slip(self, says: str, *nodes: ast.AST) -> Slip:
        """Other nodes in this place; none or several only in a list."""
        if self.index is None:
            (value,) = nodes
            return Slip(self.owner, self.field, value, says)
        values = list(getattr(self.owner, self.field))
        values[self.index : self.index + 1] = nodes
        return Slip(self.owner, self.field, values, says)


def slots(function: ast.FunctionDef) -> Iterator[Slot]:
    """The expressions and statements of a function's body without its docstring, outer first."""
    first = function.body[0] if ast.get_docstring(function) is not None else None
    for index, node in enumerate(function.body):
        if node is not first:
            yield from _slots(Slot(function, "body", index, node, (function,)))


def _slots(slot: Slot) -> Iterator[Slot]:
    if isinstance(slot.node, ast.expr | ast.stmt):
        yield slot
    parents = (*slot.parents, slot.node)
    for field, value in ast.iter_fields(slot.node):
        if field in _SKIPPED and not isinstance(slot.node, ast.Call):
            continue
        if isinstance(value, ast.AST):
            yield from _slots(Slot(slot.node, field, None, value, parents))
        elif isinstance(value, list):
            for index, node in enumerate(value):
                if isinstance(node, ast.AST):
                    yield from _slots(Slot(slot.node, field, index, node, parents))


@contextlib.contextmanager
def made(*slips: Slip) -> Iterator[None]:
    """Have some slips in the tree inside the `with` block."""
    before: list[tuple[Slip, Any]] = []
    try:
        for slip in slips:
            before.append((slip, getattr(slip.owner, slip.field)))
            setattr(slip.owner, slip.field, slip.value)
        yield
    finally:
        for slip, value in reversed(before):
            setattr(slip.owner, slip.field, value)


def compiled(function: ast.FunctionDef) -> CodeType | None:
    """Code that defines `make(__class__)`, which returns the function; None where it is none."""
    make = ast.parse(f"def make(__class__):\n    pass\n    return {function.name}")
    outer = make.body[0]
    assert isinstance(outer, ast.FunctionDef)
    outer.body[0] = function
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(
                ast.fix_missing_locations(make), "<reference>", "exec", dont_inherit=True
            )
    except (SyntaxError, ValueError, TypeError, RecursionError):
        return None
