"""Slips in expressions: operators, operands, comparisons, constants, slices."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from autograder.grading.slips.slip import Slip, Slot
from autograder.grading.slips.words import Words

Slips = Iterator[Slip]

_OPERATORS: dict[type[ast.operator], tuple[tuple[type[ast.operator], str], ...]] = {
    ast.Add: (
        (ast.Sub, "something is subtracted that has to be added: `-` stands for `+`"),
        (ast.Mult, "something is multiplied that has to be added: `*` stands for `+`"),
    ),
    ast.Sub: (
        (ast.Add, "something is added that has to be subtracted: `+` stands for `-`"),
        (ast.Div, "something is divided by what has to be subtracted: `/` stands for `-`"),
    ),
    ast.Mult: (
        (ast.Div, "it divides where it has to multiply: `/` stands for `*`"),
        (ast.Add, "it adds where it has to multiply: `+` stands for `*`"),
        (ast.Pow, "it takes a power where it has to multiply: `**` stands for `*`"),
        (ast.MatMult, "a matrix product stands where element goes with element: `@` for `*`"),
    ),
    ast.Div: (
        (ast.Mult, "it multiplies where it has to divide: `*` stands for `/`"),
        (ast.FloorDiv, "the quotient is rounded down: `//` stands for `/`"),
        (ast.Sub, "it subtracts where it has to divide: `-` stands for `/`"),
    ),
    ast.FloorDiv: (
        (ast.Div, "the quotient keeps its fraction: `/` stands for `//`"),
        (ast.Mod, "the remainder stands where the quotient is meant: `%` for `//`"),
    ),
    ast.Mod: ((ast.FloorDiv, "the quotient stands where the remainder is meant: `//` for `%`"),),
    ast.Pow: ((ast.Mult, "it multiplies where it has to take a power: `*` stands for `**`"),),
    ast.MatMult: (
        (ast.Mult, "element goes with element where a matrix product is meant: `*` for `@`"),
    ),
}
_LEFT_OUT: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("{left} is left out of the sum", "{right} is left out of the sum"),
    ast.Sub: ("{left} is left out of the difference", "{right} is not subtracted"),
    ast.Mult: ("{left} is left out of the product", "{right} is left out of the product"),
    ast.Div: ("{left} is left out of the quotient", "the division by {right} is left out"),
    ast.Pow: ("the base of the power is left out", "the power (or root) is left out"),
    ast.FloorDiv: ("", "the division by {right} is left out"),
    ast.Mod: ("", "the remainder by {right} is not taken"),
    ast.MatMult: ("the product with {left} is left out", "the product with {right} is left out"),
}
_TURNED = {
    ast.Sub: "the two sides of a difference are exchanged: its sign is turned round",
    ast.Div: "the two sides of a quotient are exchanged",
    ast.Pow: "base and power are exchanged",
    ast.MatMult: "the two sides of a matrix product are exchanged",
    ast.FloorDiv: "the two sides of a quotient are exchanged",
}
_SIGNS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt, ast.GtE),
    ast.Gt: (ast.GtE, ast.LtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_LOOSE = (ast.Add, ast.Sub)
_TIGHT = (ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.FloorDiv)


def operators(slot: Slot, words: Words) -> Slips:
    node = slot.node
    if not isinstance(node, ast.BinOp):
        return
    left, right, kind = node.left, node.right, type(node.op)
    for other, says in _OPERATORS.get(kind, ()):
        yield slot.slip(says, ast.BinOp(left, other(), right))
    if kind in _TURNED:
        yield slot.slip(_TURNED[kind], ast.BinOp(right, node.op, left))
    names = {"left": words.quoted(left, "one side"), "right": words.quoted(right, "one side")}
    for says, kept in zip(_LEFT_OUT.get(kind, ("", "")), (right, left), strict=True):
        if says:
            yield slot.slip(says.format(**names), kept)
    yield from _brackets(slot, node)
    if kind is ast.MatMult:
        yield from _transposed(slot, node)


def _brackets(slot: Slot, node: ast.BinOp) -> Slips:
    """`a * (b + c)` without its brackets."""
    says = "brackets are missing: an operator takes less, or more, than it has to"
    op, left, right = node.op, node.left, node.right
    if isinstance(right, ast.BinOp) and _needs_brackets(op, right.op, ast.Div | ast.Pow | ast.Sub):
        yield slot.slip(says, ast.BinOp(ast.BinOp(left, op, right.left), right.op, right.right))
    if isinstance(left, ast.BinOp) and _needs_brackets(op, left.op, ast.Pow):
        yield slot.slip(says, ast.BinOp(left.left, left.op, ast.BinOp(left.right, op, right)))


def _needs_brackets(outer: ast.operator, inner: ast.operator, strict: Any) -> bool:
    """Whether an operation inside another one has brackets; always inside a `strict` one."""
    if isinstance(outer, ast.Sub):
        return strict is not ast.Pow and isinstance(inner, _LOOSE)
    return isinstance(outer, _TIGHT) and (isinstance(inner, _LOOSE) or isinstance(outer, strict))


def _transposed(slot: Slot, node: ast.BinOp) -> Slips:
    says = "one side of a matrix product is transposed, or is not where it has to be"
    for left, right in ((_turned(node.left), node.right), (node.left, _turned(node.right))):
        yield slot.slip(says, ast.BinOp(left, node.op, right))


def _turned(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def comparisons(slot: Slot, words: Words) -> Slips:
    node = slot.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        here = _SIGNS[type(node.ops[0])]
        for other in _COMPARISONS[type(node.ops[0])]:
            says = f"a comparison is another: `{_SIGNS[other]}` stands for `{here}`"
            yield slot.slip(says, ast.Compare(node.left, [other()], node.comparators))
    if isinstance(node, ast.BoolOp):
        both = isinstance(node.op, ast.And)
        says = "`or` stands for `and`" if both else "`and` stands for `or`"
        yield slot.slip(says, ast.BoolOp(ast.Or() if both else ast.And(), node.values))
        for number in range(len(node.values)):
            rest = node.values[:number] + node.values[number + 1 :]
            value = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
            yield slot.slip("one part of a condition is left out", value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield slot.slip("a condition is the wrong way round: `not` is missing", node.operand)


def signs(slot: Slot, words: Words) -> Slips:
    node = slot.node
    if not isinstance(node, ast.expr):
        return
    place = isinstance(slot.owner, ast.Slice | ast.Subscript | ast.keyword)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not place:
        yield slot.slip("a minus sign is missing", node.operand)
    if isinstance(slot.owner, ast.Return) and not isinstance(node, ast.Tuple | ast.Constant):
        yield slot.slip("the sign of the result is turned round", ast.UnaryOp(ast.USub(), node))
    whole = isinstance(slot.owner, ast.Assign | ast.AugAssign) and slot.field == "value"
    if whole and isinstance(node, ast.BinOp | ast.Call | ast.Attribute):
        yield slot.slip("a sign is turned round", ast.UnaryOp(ast.USub(), node))


def constants(slot: Slot, words: Words) -> Slips:
    node = slot.node
    if not isinstance(node, ast.Constant) or isinstance(slot.owner, ast.keyword | ast.JoinedStr):
        return
    value = node.value
    if isinstance(value, bool):
        yield slot.slip(f"{not value} stands where {value} is meant", ast.Constant(not value))
    elif isinstance(value, int):
        for other in {value + 1, value - 1, -value, 0, 1, 2 * value} - {value}:
            says = f"a number is another: `{other}` stands where `{value}` is meant"
            yield slot.slip(says, _number(other))
    elif isinstance(value, float):
        for other_float in {0.0, 1.0, -value, value * 2, value / 2, 1 - value, value * 10} - {
            value
        }:
            tiny = 0 < value < 1e-3
            says = "the small number that keeps it finite (eps) is left out, or another"
            if not tiny:
                says = f"a number is another: `{other_float:g}` stands where `{value:g}` is meant"
            yield slot.slip(says, _number(other_float))


def _number(value: float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def slices(slot: Slot, words: Words) -> Slips:
    node = slot.node
    if isinstance(node, ast.Slice):
        lower, upper, step = node.lower, node.upper, node.step
        if lower is not None:
            says = "what comes first is kept and has to go, as if a slice began at the start"
            yield slot.slip(says, ast.Slice(None, upper, step))
        if upper is not None:
            yield slot.slip("a slice goes on to the end, and not where it has to stop",
                            ast.Slice(lower, None, step))  # fmt: skip
        if step is not None:
            yield slot.slip("the step of a slice (or the turning round) is left out",
                            ast.Slice(lower, upper, None))  # fmt: skip
        says = "a slice begins or ends one place off"
        for other in _off_by_one(lower):
            yield slot.slip(says, ast.Slice(other, upper, step))
        for other in _off_by_one(upper):
            yield slot.slip(says, ast.Slice(lower, other, step))
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield slot.slip("an index or a cut is left out: all of it is taken", node.value)
        if not isinstance(node.slice, ast.Slice | ast.Tuple | ast.Constant):
            for other in _off_by_one(node.slice):
                yield slot.slip("an index is one off", ast.Subscript(node.value, other, node.ctx))


def _off_by_one(node: ast.expr | None) -> Iterator[ast.expr]:
    if node is not None:
        yield ast.BinOp(node, ast.Add(), ast.Constant(1))
        yield ast.BinOp(node, ast.Sub(), ast.Constant(1))


def tuples(slot: Slot, words: Words) -> Slips:
    node = slot.node
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
        if len(node.elts) == 2:
            says = "two things that stand side by side are exchanged"
            yield slot.slip(says, type(node)(node.elts[::-1], node.ctx))
        for number in range(len(node.elts)) if len(node.elts) > 1 else ():
            rest = node.elts[:number] + node.elts[number + 1 :]
            yield slot.slip("one of several parts is left out", type(node)(rest, node.ctx))
    if isinstance(node, ast.IfExp):
        yield slot.slip("a condition is the wrong way round",
                        ast.IfExp(node.test, node.orelse, node.body))  # fmt: skip
        yield slot.slip("a case is left out: there is one value whatever the condition", node.body)
        yield slot.slip(
            "a case is left out: there is one value whatever the condition", node.orelse
        )
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
        for number, each in enumerate(node.generators):
            if each.ifs:
                bare = ast.comprehension(each.target, each.iter, [], each.is_async)
                inside = [*node.generators[:number], bare, *node.generators[number + 1 :]]
                fields = dict(ast.iter_fields(node)) | {"generators": inside}
                yield slot.slip("a condition is left out", type(node)(**fields))
