"""Small changes of a call, and of what is done with a value: arguments, methods, wrappings."""

from __future__ import annotations

import ast

from autograder.repair.edit import Slot
from autograder.repair.place import Kind, last_name
from autograder.repair.rules import Change, Changes, is_read, signed
from autograder.repair.scope import Scope

# Functions that are taken one for another; the first families hold those of one shape.
FAMILIES = tuple(
    family.split()
    for family in (
        "sum mean prod max min",
        "var std",
        "max min argmax argmin",
        "argmax argmin sum mean",
        "amax amin max min logsumexp sum mean",
        "zeros ones empty randn rand full",
        "zeros_like ones_like empty_like randn_like",
        "append extend insert",
        "tanh sigmoid relu exp log",
        "sin cos",
        "sqrt rsqrt square",
        "view reshape transpose permute",
        "softmax log_softmax sigmoid exp",
        "cat stack concat",
        "triu tril",
        "range enumerate reversed",
        "floor ceil round int float",
        "any all",
        "sorted list set reversed",
        "keys values items",
        "mm matmul dot mul",
        "randint randperm arange",
        "encode decode",
        "parameters children modules",
        "unsqueeze squeeze flatten",
        "train eval",
        "abs neg",
        "isinstance issubclass",
        "long int float double bool",
        "mul div add sub",
        "mul_ div_ add_ sub_ zero_",
    )
)
# Reductions, which may keep the axis that they reduce, and what else asks for an axis.
KEEPING = frozenset(
    "sum mean prod max min amax amin var std logsumexp argmax argmin any all norm".split()  # noqa: SIM905
)
AXES = KEEPING | {"softmax", "log_softmax", "cumsum", "cat", "stack", "concat", "unsqueeze"}
AXES |= {"squeeze", "normalize", "flip"}
_ATTRIBUTES = ("T", "data", "grad")
_METHODS = ("item", "clone", "detach", "float", "long", "exp", "log", "sqrt", "tolist", "copy")
_FUNCTIONS = ("float", "int", "list", "tuple", "reversed", "sorted", "len", "abs", "str")


def arguments(slot: Slot, scope: Scope) -> Changes:
    """An argument dropped, added, or exchanged with its neighbor."""
    node = slot.node
    if not isinstance(node, ast.Call):
        return
    name = last_name(node.func)
    args, keywords = node.args, node.keywords
    for i in range(len(args)):
        yield _call(node, [*args[:i], *args[i + 1 :]], keywords, 1.8)
    for i in range(len(keywords)):
        yield _call(node, args, [*keywords[:i], *keywords[i + 1 :]], 1.5)
    for i in range(len(args) - 1):
        yield _call(node, [*args[:i], args[i + 1], args[i], *args[i + 2 :]], keywords, 1.5)
    if name == "range" and len(args) == 1:
        yield _call(node, [ast.Constant(1), *args], keywords, 1.6)
    yield from _keywords(node, name, scope)


def _call(node: ast.Call, args: list[ast.expr], keywords: list[ast.keyword], cost: float) -> Change:
    """The same call with other arguments."""
    name = last_name(node.func)
    what = f"the arguments of `{name}`" if name else ""
    return Change(ast.Call(node.func, args, keywords), Kind.ARGUMENTS, what, cost)


def _keywords(node: ast.Call, name: str, scope: Scope) -> Changes:
    """A keyword that is missing: an axis, `keepdim`, the divisor, the generator that is there."""
    args, keywords = node.args, node.keywords
    given = {keyword.arg for keyword in keywords}
    if name in AXES:
        yield from _axes(node, name, given)
    if name in ("var", "std") and not given & {"correction", "unbiased"}:
        for value in (False, True):
            added = ast.keyword("unbiased", ast.Constant(value))
            yield _call(node, args, [*keywords, added], 1.0)
    for other in ("generator", "dtype", "device"):
        if other in scope.names and other not in given:
            added = ast.keyword(other, ast.Name(other, ast.Load()))
            yield _call(node, args, [*keywords, added], 1.3)


def _axes(node: ast.Call, name: str, given: set[str | None]) -> Changes:
    args, keywords = node.args, node.keywords
    keep = ast.keyword("keepdim", ast.Constant(True))
    bare = isinstance(node.func, ast.Attribute) and not args
    named = bool(given & {"dim", "axis"})
    if (named or (args and not bare)) and name in KEEPING and not given & {"keepdim", "keepdims"}:
        yield _call(node, args, [*keywords, keep], 0.7)
    for number in () if named else (0, 1, -1):
        axis = ast.keyword("dim", signed(number))
        yield _call(node, args, [*keywords, axis], 1.2)
        if name in KEEPING:
            yield _call(node, args, [*keywords, axis, keep], 1.4)


def called_things(slot: Slot, scope: Scope) -> Changes:
    """Another function of the same family, none at all, or a method that was never called."""
    node = slot.node
    if isinstance(node, ast.Call):
        yield from _without_call(node)
        yield from _relatives(node)
    elif (
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and slot.field != "func"
    ):
        what = f"what is done with `{node.attr}`"
        yield Change(ast.Call(node, [], []), Kind.CALLED, what, 2.2)
    del scope


def _without_call(node: ast.Call) -> Changes:
    what = f"the call of `{last_name(node.func)}`" if last_name(node.func) else ""
    if isinstance(node.func, ast.Attribute):
        yield Change(node.func.value, Kind.CALLED, what, 2.0)
        if not node.args and not node.keywords:
            yield Change(node.func, Kind.CALLED, what, 2.5)
    for argument in node.args[:2]:
        if not isinstance(argument, ast.Starred):
            yield Change(argument, Kind.CALLED, what, 2.2)


def _relatives(node: ast.Call) -> Changes:
    name, function = last_name(node.func), node.func
    what = f"the call of `{name}`"
    for family in FAMILIES:
        for number, other in enumerate(family if name in family else ()):
            if other == name:
                continue
            changed: ast.expr
            if isinstance(function, ast.Attribute):
                changed = ast.Attribute(function.value, other, ast.Load())
            else:
                changed = ast.Name(other, ast.Load())
            call = ast.Call(changed, node.args, node.keywords)
            yield Change(call, Kind.CALLED, what, 1.5 + 0.1 * number)


def wrappings(slot: Slot, scope: Scope) -> Changes:
    """Something more that is done with a value: converted, turned, indexed, reduced."""
    del scope
    node = slot.node
    if not isinstance(node, ast.expr) or not is_read(node) or isinstance(node, ast.Constant):
        return
    if isinstance(slot.owner, ast.Expr | ast.Attribute | ast.Index) or slot.field == "func":
        return
    whole = isinstance(slot.owner, ast.Return | ast.Assign | ast.AugAssign | ast.Call | ast.Tuple)
    cost = 3.0 if whole else 4.0
    for attribute in _ATTRIBUTES:
        yield Change(ast.Attribute(node, attribute, ast.Load()), Kind.EXPRESSION, cost=cost)
    for number in (0, -1, 1):
        yield Change(ast.Subscript(node, signed(number), ast.Load()), Kind.INDEX, cost=cost + 0.3)
    for slice in (ast.Slice(ast.Constant(1)), ast.Slice(None, signed(-1))):
        yield Change(ast.Subscript(node, slice, ast.Load()), Kind.INDEX, cost=cost + 0.2)
    if not whole and not isinstance(slot.owner, ast.BinOp | ast.For | ast.comprehension):
        return
    for method in _METHODS:
        function = ast.Attribute(node, method, ast.Load())
        yield Change(ast.Call(function, [], []), Kind.EXPRESSION, cost=cost + 0.5)
    for name in _FUNCTIONS:
        call = ast.Call(ast.Name(name, ast.Load()), [node], [])
        yield Change(call, Kind.EXPRESSION, cost=cost + 0.6)
    yield from _shapes(node, cost + 0.8)


def _shapes(node: ast.expr, cost: float) -> Changes:
    for number in (0, 1, -1):
        for method, keep in (("sum", False), ("sum", True), ("unsqueeze", False), ("mean", False)):
            function = ast.Attribute(node, method, ast.Load())
            keywords = [ast.keyword("keepdim", ast.Constant(True))] if keep else []
            call = ast.Call(function, [signed(number)], keywords)
            yield Change(call, Kind.EXPRESSION, cost=cost)
