"""Pieces of one person's code found in another's, whatever their names are."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection

Bound = dict[str, ast.AST]


def unified(pattern: ast.AST, node: ast.AST, free: Collection[str]) -> Bound | None:
    """What the pattern's free names stand for, where it fits a node; None where it does not.

    The operands of a sum or product may stand in either order.
    """
    bound: Bound = {}
    return bound if _fits(pattern, node, free, bound) else None


def _fits(pattern: object, node: object, free: Collection[str], bound: Bound) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id in free and isinstance(node, ast.expr):
        before = bound.setdefault(pattern.id, node)
        return before is node or _told(before) == _told(node)
    if isinstance(pattern, ast.AST):
        if type(pattern) is not type(node):
            return False
        kept = dict(bound)
        if all(
            _fits(value, getattr(node, field, None), free, bound)
            for field, value in ast.iter_fields(pattern)
            if field not in ("ctx", "kind", "type_comment")
        ):
            return True
        bound.clear()
        bound.update(kept)
        return _fits_turned(pattern, node, free, bound)
    if isinstance(pattern, list):
        return (
            isinstance(node, list)
            and len(pattern) == len(node)
            and all(_fits(a, b, free, bound) for a, b in zip(pattern, node, strict=True))
        )
    return type(pattern) is type(node) and pattern == node


def _fits_turned(pattern: ast.AST, node: object, free: Collection[str], bound: Bound) -> bool:
    if not isinstance(pattern, ast.BinOp) or not isinstance(node, ast.BinOp):
        return False
    if not isinstance(pattern.op, ast.Add | ast.Mult) or type(pattern.op) is not type(node.op):
        return False
    return _fits(pattern.left, node.right, free, bound) and _fits(
        pattern.right, node.left, free, bound
    )


def telling(pattern: ast.AST, free: Collection[str]) -> int:
    """How much a pattern asks for: its nodes that are not free names."""
    nodes = [node for node in ast.walk(pattern) if not isinstance(node, ast.expr_context)]
    return sum(not (isinstance(node, ast.Name) and node.id in free) for node in nodes)


class _Filled(ast.NodeTransformer):
    def __init__(self, bound: Bound, names: dict[str, str]):
        self._bound, self._names = bound, names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if (there := self._bound.get(node.id)) is not None and isinstance(node.ctx, ast.Load):
            return copy.deepcopy(there)
        name = there.id if isinstance(there, ast.Name) else self._names.get(node.id, node.id)
        return ast.copy_location(ast.Name(name, node.ctx), node)


def filled(template: ast.AST, bound: Bound, names: dict[str, str]) -> ast.AST:
    """A copy of a piece of code with what its free names stand for; others are renamed."""
    result: ast.AST = _Filled(bound, names).visit(copy.deepcopy(template))
    for node in ast.walk(result):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not hasattr(node, "ctx"):
            node.ctx = ast.Load()
    return result


def _told(node: ast.AST) -> str:
    return ast.dump(node).replace("Store()", "Load()")
