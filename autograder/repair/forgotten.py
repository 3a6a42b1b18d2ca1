"""Changes that use what a function has and does not use: names, a copy, a function inside of it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from autograder.repair.edit import Edit, Slot, Splice, head_of, moved, slots
from autograder.repair.place import Kind, last_name
from autograder.repair.rules import Change, Changes, is_read
from autograder.repair.scope import Scope, parameters

_OPERATORS = (ast.Add, ast.Mult, ast.Sub, ast.Div, ast.MatMult)
_COPIES = ("{}.clone()", "list({})", "dict({})", "{}.copy()")


def unused_names(slot: Slot, scope: Scope) -> Changes:
    """A parameter, local or attribute that is never used, joined to a value or handed to a call."""
    node = slot.node
    if not isinstance(node, ast.expr) or not is_read(node):
        return
    for text in scope.unused:
        unused = ast.parse(text, mode="eval").body
        if isinstance(node, ast.Call):
            what = f"the arguments of `{last_name(node.func)}`"
            more = [*node.args, moved(unused, node)]
            yield Change(ast.Call(node.func, more, node.keywords), Kind.ARGUMENTS, what, 1.6)
        whole = isinstance(
            slot.owner, ast.Return | ast.Assign | ast.AugAssign | ast.Call | ast.BinOp
        )
        if whole and slot.field in ("value", "args", "left", "right"):
            for number, op in enumerate(_OPERATORS):
                joined = ast.BinOp(node, op(), moved(unused, node))
                yield Change(joined, Kind.EXPRESSION, cost=2.0 + 0.1 * number)


def forgotten_statements(function: ast.FunctionDef) -> Iterator[Edit]:
    """A copy of an argument before anything is done, and the call of a function inside."""
    first = next((s for s in slots(function) if isinstance(s.node, ast.stmt)), None)
    if first is None or first.index is None:
        return
    for name in parameters(function):
        for copy in _COPIES if name != "self" else ():
            text = f"{name} = {copy.format(name)}"
            yield _inserted(first, first.index, text, 3.0)
    used = _names_in(function)
    for slot in slots(function):
        inner = slot.node
        if not isinstance(inner, ast.FunctionDef) or slot.index is None:
            continue
        if used[inner.name] == _names_in(inner)[inner.name]:  # nobody else calls it
            names = [*parameters(function), ""] if parameters(inner) else [""]
            for name in names:
                for at in range(slot.index + 1, len(getattr(slot.owner, slot.field)) + 1):
                    yield _inserted(slot, at, f"{inner.name}({name})", 1.6)


def _names_in(function: ast.FunctionDef) -> Counter[str]:
    return Counter(node.id for node in ast.walk(function) if isinstance(node, ast.Name))


def _inserted(slot: Slot, at: int, text: str, cost: float) -> Edit:
    """A new statement in the block of a slot."""
    block = getattr(slot.owner, slot.field)
    near = block[min(at, len(block) - 1)]
    statement = moved(ast.parse(text).body[0], near)
    splice = Splice(at, 0, (statement,))
    return Edit(slot.owner, slot.field, splice, *head_of(near), Kind.MISSING, "", cost)
