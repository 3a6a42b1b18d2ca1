"""Slips in statements: one left out, twice, in another order, overwritten, or never conditional."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from autograder.grading.slips.slip import Slip, Slot
from autograder.grading.slips.words import Words

Slips = Iterator[Slip]
_TURNED: dict[type[ast.operator], tuple[ast.operator, str]] = {
    ast.Add: (ast.Sub(), "`-=` stands for `+=`"),
    ast.Sub: (ast.Add(), "`+=` stands for `-=`"),
    ast.Mult: (ast.Div(), "`/=` stands for `*=`"),
    ast.Div: (ast.Mult(), "`*=` stands for `/=`"),
}


def statements(slot: Slot, words: Words) -> Slips:
    node = slot.node
    if not isinstance(node, ast.stmt) or slot.index is None:
        return
    yield from _left_out(slot, node, words)
    yield from _assigned(slot, node, words)
    yield from _unconditional(slot, node, words)
    yield from _loops(slot, node, words)
    if isinstance(node, ast.AugAssign) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield slot.slip(f"{_step(node, words)} is done twice", node, node)
    siblings = getattr(slot.owner, slot.field)
    if slot.index + 1 < len(siblings):
        after = siblings[slot.index + 1]
        if not isinstance(node, ast.Return) and not isinstance(after, ast.Return):
            values = list(siblings)
            values[slot.index : slot.index + 2] = [after, node]
            says = "two steps are in the wrong order"
            yield Slip(slot.owner, slot.field, values, says)


def _left_out(slot: Slot, node: ast.stmt, words: Words) -> Slips:
    if isinstance(node, ast.Return | ast.FunctionDef | ast.Pass | ast.Import | ast.ImportFrom):
        return
    yield slot.slip(f"{_step(node, words)} is left out", ast.Pass())


def _step(node: ast.stmt, words: Words) -> str:
    """A statement in words: what it sets or calls, where that may be said."""
    if isinstance(node, ast.Assign | ast.AugAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        what = words.quoted(target, "a value")
        return f"the step that {'sets' if isinstance(node, ast.Assign) else 'adds to'} {what}"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return f"the call of {words.quoted(node.value.func, 'a function')}"
    if isinstance(node, ast.If):
        return "a special case"
    if isinstance(node, ast.For | ast.While):
        return "a whole loop"
    if isinstance(node, ast.Break):
        return "the `break`"
    if isinstance(node, ast.Continue):
        return "the `continue`"
    return "a step"


def _assigned(slot: Slot, node: ast.stmt, words: Words) -> Slips:
    if isinstance(node, ast.AugAssign):
        target = words.quoted(node.target, "what is there already")
        says = f"`=` overwrites {target} where it has to be added to (`+=`)"
        yield slot.slip(says, ast.Assign([node.target], node.value))
        if type(node.op) in _TURNED:
            op, says = _TURNED[type(node.op)]
            yield slot.slip(says, ast.AugAssign(node.target, op, node.value))
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target_node = node.targets[0]
        if isinstance(target_node, ast.Attribute | ast.Subscript):
            target = words.quoted(target_node, "it")
            says = f"something is added to {target} (`+=`) where it has to be set"
            yield slot.slip(says, ast.AugAssign(target_node, ast.Add(), node.value))


def _unconditional(slot: Slot, node: ast.stmt, words: Words) -> Slips:
    if isinstance(node, ast.If):
        condition = "a condition is left out: what stands behind the `if` is always done"
        yield slot.slip(condition, *node.body)
        if node.orelse:
            yield slot.slip(
                "the case of an `if` is left out: the `else` is always done", *node.orelse
            )
            bare = ast.If(node.test, node.body, [])
            yield slot.slip("the `else` of a condition is left out", bare)
        turned = ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        yield slot.slip("a condition is the wrong way round", turned)
    if isinstance(node, ast.With):
        what = words.quoted(node.items[0].context_expr, "the `with`")
        yield slot.slip(f"{what} is left out", *node.body)


def _loops(slot: Slot, node: ast.stmt, words: Words) -> Slips:
    if isinstance(node, ast.For | ast.While):
        siblings = getattr(slot.owner, slot.field)
        after = siblings[slot.index + 1 :] if slot.index is not None else []
        if after and isinstance(after[0], ast.Return):
            says = "the `return` stands inside the loop, which so ends in its first round"
            yield Slip(node, "body", [*node.body, after[0]], says)
        for number, inner in enumerate(node.body):
            if number and not isinstance(inner, ast.Break | ast.Continue):
                out = [*node.body[:number], *node.body[number + 1 :]]
                shorter = ast.For(node.target, node.iter, out, node.orelse) if isinstance(
                    node, ast.For
                ) else ast.While(node.test, out, node.orelse)  # fmt: skip
                says = "a step stands behind the loop and not in it: it is done once, at the end"
                yield slot.slip(says, shorter, inner)
        if isinstance(node, ast.For):
            yield from _not_carried(slot, node, words)
        if isinstance(node, ast.For) and slot.index is not None and slot.index:
            before = siblings[slot.index - 1]
            if isinstance(before, ast.Assign):
                values = list(siblings)
                changed = ast.For(node.target, node.iter, [before, *node.body], node.orelse)
                values[slot.index - 1 : slot.index + 1] = [changed]
                says = "a value is set anew in every round: it has to be set once, before the loop"
                yield Slip(slot.owner, slot.field, values, says)


def _not_carried(slot: Slot, node: ast.For, words: Words) -> Slips:
    """A value that goes from round to round, and that each round takes from before the loop."""
    for number, inner in enumerate(node.body):
        target = inner.targets[0] if isinstance(inner, ast.Assign) else None
        if not isinstance(inner, ast.Assign) or not isinstance(target, ast.Name):
            continue
        taken = _Renamed(target.id, f"{target.id}_before_the_loop")
        value = taken.visit(copy.deepcopy(inner.value))
        if not taken.found:
            continue
        kept = ast.Assign([ast.Name(taken.to, ast.Store())], ast.Name(target.id, ast.Load()))
        changed = [*node.body[:number], ast.Assign(inner.targets, value), *node.body[number + 1 :]]
        what = words.quoted(target, "it")
        says = (
            f"each round is given what {what} was before the loop, and not what the round before "
            "has made of it"
        )
        yield slot.slip(says, kept, ast.For(node.target, node.iter, changed, node.orelse))


class _Renamed(ast.NodeTransformer):
    """Reads another name in the place of one."""

    def __init__(self, name: str, to: str):
        self.name, self.to, self.found = name, to, False

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id != self.name or not isinstance(node.ctx, ast.Load):
            return node
        self.found = True
        return ast.Name(self.to, ast.Load())
