"""Small changes of one expression, as rules: what stands in a slot in, what could stand there out.

A rule yields changes: the node to put there, the kind of change, its words, and its cost, which is
lower the likelier such a slip is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from autograder.lessons.spelling import similar
from autograder.repair.edit import Slot
from autograder.repair.place import Kind
from autograder.repair.scope import Scope


class Change(NamedTuple):
    """What could stand in a slot."""

    node: ast.AST
    kind: Kind
    what: str = ""
    cost: float = 1.0


Changes = Iterator[Change]

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult, ast.Div),
    ast.Mult: (ast.Div, ast.Add, ast.MatMult, ast.Pow, ast.Sub),
    ast.Div: (ast.Mult, ast.FloorDiv, ast.Sub),
    ast.FloorDiv: (ast.Div, ast.Mod, ast.Mult),
    ast.Mod: (ast.FloorDiv, ast.Div),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
_UNEVEN = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult, ast.Add)
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE, ast.Eq),
    ast.LtE: (ast.Lt, ast.GtE, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE, ast.NotEq),
    ast.GtE: (ast.Gt, ast.LtE, ast.Lt),
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE),
    ast.NotEq: (ast.Eq, ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


def operators(slot: Slot, scope: Scope) -> Changes:
    """Another operator, operands in the other order, grouped otherwise, or one of them alone."""
    del scope
    node = slot.node
    if not isinstance(node, ast.BinOp):
        return
    left, right = node.left, node.right
    for number, other in enumerate(_OPERATORS.get(type(node.op), ())):
        yield Change(ast.BinOp(left, other(), right), Kind.OPERATOR, cost=1 + 0.5 * number)
    if isinstance(node.op, _UNEVEN):
        cost = 3.0 if isinstance(node.op, ast.Add) else 1.5
        yield Change(ast.BinOp(right, node.op, left), Kind.ORDER, cost=cost)
    if isinstance(left, ast.BinOp):
        inner = ast.BinOp(left.right, node.op, right)
        yield Change(ast.BinOp(left.left, left.op, inner), Kind.EXPRESSION, cost=2.0)
    if isinstance(right, ast.BinOp):
        inner = ast.BinOp(left, node.op, right.left)
        yield Change(ast.BinOp(inner, right.op, right.right), Kind.EXPRESSION, cost=2.0)
    yield Change(left, Kind.EXPRESSION, cost=2.2)
    yield Change(right, Kind.EXPRESSION, cost=2.4)


def comparisons(slot: Slot, scope: Scope) -> Changes:
    """Another comparison, `and` for `or`, a condition turned round, or one part of it alone."""
    del scope
    node = slot.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for number, other in enumerate(_COMPARISONS[type(node.ops[0])]):
            changed = ast.Compare(node.left, [other()], node.comparators)
            yield Change(changed, Kind.CONDITION, cost=1 + 0.3 * number)
    elif isinstance(node, ast.BoolOp):
        other_op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield Change(ast.BoolOp(other_op, node.values), Kind.CONDITION, cost=1.2)
        for value in node.values:
            yield Change(value, Kind.CONDITION, cost=2.5)
    if slot.field == "test":
        plain = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        turned = node.operand if plain else ast.UnaryOp(ast.Not(), node)  # type: ignore[attr-defined, arg-type]
        yield Change(turned, Kind.CONDITION, cost=1.5)
    if isinstance(node, ast.IfExp):
        yield Change(ast.IfExp(node.test, node.orelse, node.body), Kind.CONDITION, cost=1.5)
        yield Change(node.body, Kind.CONDITION, cost=2.5)
        yield Change(node.orelse, Kind.CONDITION, cost=2.5)


def constants(slot: Slot, scope: Scope) -> Changes:
    """Another number near by or of those that are common, another truth, another of the texts."""
    node = slot.node
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield Change(ast.Constant(not value), Kind.CONSTANT, f"the constant `{value!r}`", 0.8)
    elif isinstance(value, int | float):
        near = [value + 1, value - 1, -value, 0, 1, -1, 2 * value, value / 2, value * value]
        near += [1 - value, 1 / value] if isinstance(value, float) and value else [2, 3]
        seen: set[float] = {value}
        for number, other in enumerate(near):
            if other in seen:
                continue
            seen.add(other)
            kept = type(value)(other) if float(other).is_integer() else other
            yield Change(
                signed(kept), Kind.CONSTANT, f"the constant `{value!r}`", 1.2 + 0.15 * number
            )
    elif isinstance(value, str):
        for text in scope.texts:
            if text != value:
                yield Change(ast.Constant(text), Kind.CONSTANT, cost=3.0)


def signed(value: float) -> ast.expr:
    """A number as Python's parser would have it."""
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def signs(slot: Slot, scope: Scope) -> Changes:
    """A minus too many or too few; one too many or too few; a factor."""
    del scope
    node = slot.node
    if isinstance(node, ast.UnaryOp):
        kind = Kind.CONDITION if isinstance(node.op, ast.Not) else Kind.SIGN
        yield Change(node.operand, kind, cost=1.0)
        return
    if not isinstance(node, ast.expr) or isinstance(node, ast.Constant | ast.JoinedStr):
        return
    whole = slot.field in ("value", "args", "left", "right") and is_read(node)
    if whole and isinstance(slot.owner, ast.Return | ast.Assign | ast.AugAssign | ast.Call):
        yield Change(ast.UnaryOp(ast.USub(), node), Kind.SIGN, cost=2.5)
    if whole and isinstance(slot.owner, ast.BinOp):
        yield Change(ast.UnaryOp(ast.USub(), node), Kind.SIGN, cost=3.0)
        yield Change(ast.BinOp(node, ast.Pow(), ast.Constant(2)), Kind.EXPRESSION, cost=3.5)
    if _counts(slot):
        for op in (ast.Sub(), ast.Add()):
            yield Change(ast.BinOp(node, op, ast.Constant(1)), Kind.EXPRESSION, cost=2.0)
    if isinstance(slot.owner, ast.Return | ast.Assign | ast.AugAssign) and whole:
        for other in (ast.Mult(), ast.Div()):
            yield Change(ast.BinOp(node, other, ast.Constant(2)), Kind.EXPRESSION, cost=3.5)


def is_read(node: ast.AST) -> bool:
    """Whether an expression is one whose value is used, and not a target."""
    context = getattr(node, "ctx", None)
    no_value = isinstance(node, ast.Slice | ast.Starred)
    literal = isinstance(node, ast.Tuple | ast.List | ast.Dict | ast.Set | ast.Lambda)
    return not literal and not no_value and (context is None or isinstance(context, ast.Load))


def _counts(slot: Slot) -> bool:
    """Whether an expression stands where one more or less is a likely slip."""
    node, owner = slot.node, slot.owner
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.BinOp):
        return False
    if isinstance(owner, ast.Call):
        return isinstance(owner.func, ast.Name) and owner.func.id in ("range", "arange", "randint")
    if isinstance(owner, ast.Compare | ast.Slice):
        return True
    if isinstance(owner, ast.Subscript):
        return slot.field == "slice"
    return isinstance(owner, ast.BinOp) and isinstance(owner.op, ast.Div | ast.FloorDiv)


def indices(slot: Slot, scope: Scope) -> Changes:
    """Other bounds of a slice, an index too many, or the parts of a pair in the other order."""
    del scope
    node = slot.node
    if isinstance(node, ast.Slice):
        yield from _slices(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield Change(node.value, Kind.INDEX, cost=2.5)
    elif isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1:
        kind = Kind.INDEX if slot.field == "slice" else Kind.ORDER
        for number in range(len(node.elts) - 1):
            turned = list(node.elts)
            turned[number : number + 2] = reversed(turned[number : number + 2])
            yield Change(type(node)(turned, node.ctx), kind, cost=1.8)
        for number in range(len(node.elts)):
            left = node.elts[:number] + node.elts[number + 1 :]
            yield Change(type(node)(left, node.ctx), kind, cost=3.0)
    elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp):
        yield from _comprehensions(node)


def _slices(node: ast.Slice) -> Changes:
    one, minus = ast.Constant(1), ast.UnaryOp(ast.USub(), ast.Constant(1))
    if node.lower is None:
        yield Change(ast.Slice(one, node.upper, node.step), Kind.INDEX, cost=1.8)
    if node.upper is None:
        yield Change(ast.Slice(node.lower, minus, node.step), Kind.INDEX, cost=1.8)
    if node.lower is not None and node.upper is not None:
        yield Change(ast.Slice(None, node.upper, node.step), Kind.INDEX, cost=2.0)
        yield Change(ast.Slice(node.lower, None, node.step), Kind.INDEX, cost=2.0)
    elif node.lower is not None or node.upper is not None:
        yield Change(ast.Slice(node.upper, node.lower, node.step), Kind.INDEX, cost=1.5)
        yield Change(ast.Slice(None, None, node.step), Kind.INDEX, cost=2.0)
        last = ast.Slice(None, minus) if node.upper is None else ast.Slice(one, None)
        yield Change(last, Kind.INDEX, cost=1.8)
    if node.step is None:
        yield Change(ast.Slice(node.lower, node.upper, minus), Kind.INDEX, cost=3.0)
    else:
        yield Change(ast.Slice(node.lower, node.upper, None), Kind.INDEX, cost=2.0)


def _comprehensions(node: ast.AST) -> Changes:
    generators = node.generators  # type: ignore[attr-defined]
    for number, each in enumerate(generators):
        if each.ifs:
            without = ast.comprehension(each.target, each.iter, [], each.is_async)
            changed = [*generators[:number], without, *generators[number + 1 :]]
            fields = dict(ast.iter_fields(node)) | {"generators": changed}
            yield Change(type(node)(**fields), Kind.CONDITION, cost=2.5)
    if len(generators) == 2:
        fields = dict(ast.iter_fields(node)) | {"generators": generators[::-1]}
        yield Change(type(node)(**fields), Kind.ORDER, cost=2.0)


def names(slot: Slot, scope: Scope) -> Changes:
    """Another name that is in scope, `self.` before it or not, another attribute of the same."""
    node = slot.node
    if isinstance(node, ast.Name) and node.id in scope.names:
        context = node.ctx
        stored = 1.5 * (not isinstance(context, ast.Load))
        what = f"the name `{node.id}`"
        for other in scope.names:
            if other != node.id:
                yield Change(ast.Name(other, context), Kind.NAME, what, 1.8 + stored)
        if node.id in scope.own:
            attribute = ast.Attribute(ast.Name("self", ast.Load()), node.id, context)
            yield Change(attribute, Kind.NAME, what, 1.0)
        if isinstance(node.ctx, ast.Load):
            for attr in scope.attributes:
                yield Change(ast.Attribute(node, attr, ast.Load()), Kind.NAME, what, 3.0)
    elif isinstance(node, ast.Name):
        yield from _from_outside(node, scope)
    elif isinstance(node, ast.Attribute):
        yield from _attributes(slot, node, scope)


def _from_outside(node: ast.Name, scope: Scope) -> Changes:
    """A name that nothing in the function gives a value: it lacks `self.`, or is misspelt."""
    what = f"the name `{node.id}`"
    if node.id in scope.own:
        attribute = ast.Attribute(ast.Name("self", ast.Load()), node.id, node.ctx)
        yield Change(attribute, Kind.NAME, what, 0.6)
    for other in similar(node.id, scope.names):
        yield Change(ast.Name(other, node.ctx), Kind.NAME, what, 1.0)


def _attributes(slot: Slot, node: ast.Attribute, scope: Scope) -> Changes:
    base = node.value.id if isinstance(node.value, ast.Name) else ""
    what = f"the name `{node.attr}`"
    if base in scope.modules or (isinstance(slot.owner, ast.Call) and slot.field == "func"):
        return
    for other in scope.own if base == "self" else scope.attributes:
        if other != node.attr:
            yield Change(ast.Attribute(node.value, other, node.ctx), Kind.NAME, what, 1.8)
    if base == "self" and node.attr in scope.names:
        yield Change(ast.Name(node.attr, node.ctx), Kind.NAME, what, 1.5)
    if isinstance(node.ctx, ast.Load) and base != "self":
        yield Change(node.value, Kind.NAME, what, 2.5)
    if base == "self" or base in scope.names:
        for other in (*scope.names, "self"):
            if other != base:
                owner = ast.Name(other, ast.Load())
                yield Change(ast.Attribute(owner, node.attr, node.ctx), Kind.NAME, what, 2.0)
