"""Slips in calls and names: another function, another axis, an argument less, another name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.grading.slips.slip import Slip, Slot
from autograder.grading.slips.words import Words

Slips = Iterator[Slip]
_OTHERS = {
    "sum": ("mean", "max", "prod"), "mean": ("sum", "max"), "max": ("min", "sum"),
    "min": ("max",), "exp": ("log", "exp2"), "log": ("exp", "log10", "log2"),
    "argmax": ("argmin", "max"), "argmin": ("argmax",), "all": ("any",), "any": ("all",),
    "std": ("var",), "var": ("std",), "zeros": ("ones",), "ones": ("zeros",), "randn": ("rand",),
    "rand": ("randn",), "append": ("extend",), "extend": ("append",), "tril": ("triu",),
    "triu": ("tril",), "floor": ("ceil",), "ceil": ("floor",), "stack": ("cat",), "cat": ("stack",),
    "sqrt": ("square",), "tanh": ("sigmoid",), "sigmoid": ("tanh",), "softmax": ("log_softmax",),
    "log_softmax": ("softmax",), "zip": ("product",), "train": ("eval",), "eval": ("train",),
    "vstack": ("hstack",), "pop": ("append",), "insert": ("append",), "relu": ("tanh",),
    "cumsum": ("cumprod",), "linspace": ("logspace",),
}  # fmt: skip
# Calls that are wrapped round something for no visible reason, and so are easily left out.
_MODULES = {"torch", "math", "F", "nn", "np", "numpy", "random", "re", "regex", "itertools"}
_NOT_WRAPPERS = {
    "range",
    "len",
    "zip",
    "enumerate",
    "super",
    "isinstance",
    "zeros",
    "ones",
    "arange",
}
_ALONG = {
    "sum", "mean", "max", "min", "softmax", "log_softmax", "argmax", "argmin", "std", "var", "all",
    "any", "transpose", "permute", "unsqueeze", "squeeze", "size", "cat", "stack", "split",
    "cumsum", "flatten", "topk", "norm", "gather",
}  # fmt: skip
_AXES = {"dim", "axis", "dims"}


def calls(slot: Slot, words: Words) -> Slips:
    node = slot.node
    if not isinstance(node, ast.Call):
        return
    name = _name(node)
    yield from _other_function(slot, node, name)
    yield from _left_out(slot, node, name)
    yield from _keywords(slot, node, name)
    yield from _arguments(slot, node, name)


def _other_function(slot: Slot, node: ast.Call, name: str) -> Slips:
    for other in _OTHERS.get(name, ()):
        if isinstance(node.func, ast.Attribute):
            function: ast.expr = ast.Attribute(node.func.value, other, ast.Load())
        else:
            function = ast.Name(other, ast.Load())
        says = f"`{other}` stands where `{name}` is meant"
        yield slot.slip(says, ast.Call(function, node.args, node.keywords))


def _left_out(slot: Slot, node: ast.Call, name: str) -> Slips:
    method = isinstance(node.func, ast.Attribute) and not _is_module(node.func.value)
    if isinstance(slot.owner, ast.Expr):
        return
    if method and isinstance(node.func, ast.Attribute) and name not in ("__init__",):
        yield slot.slip(f"`{name}` is left out", node.func.value)
    elif len(node.args) >= 1 and name not in _NOT_WRAPPERS:
        copies = " (it makes a copy)" if name in ("list", "dict", "set", "deepcopy") else ""
        yield slot.slip(f"`{name}` is left out{copies}", node.args[0])


def _keywords(slot: Slot, node: ast.Call, name: str) -> Slips:
    for number, keyword in enumerate(node.keywords):
        rest = node.keywords[:number] + node.keywords[number + 1 :]
        if keyword.arg is None:
            continue
        says = f"`{name}` is called without `{keyword.arg}=...`"
        yield slot.slip(says, ast.Call(node.func, node.args, rest))
        for other, words_for in _values(keyword.value, keyword.arg):
            changed = [*node.keywords]
            changed[number] = ast.keyword(keyword.arg, other)
            yield slot.slip(f"in `{name}` {words_for}", ast.Call(node.func, node.args, changed))


def _values(value: ast.expr, name: str) -> Iterator[tuple[ast.expr, str]]:
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        turned = not value.value
        yield ast.Constant(turned), f"`{name}` is {turned} where {value.value} is meant"
        return
    number = _integer(value)
    if number is not None and name in _AXES:
        for other in (0, 1, -1, 2, -2):
            if other != number:
                yield _constant(other), f"the axis is another: `{name}={other}`"


def _arguments(slot: Slot, node: ast.Call, name: str) -> Slips:
    arguments = node.args
    for number in range(len(arguments) - 1):
        turned = list(arguments)
        turned[number : number + 2] = turned[number : number + 2][::-1]
        says = f"two arguments of `{name}` are exchanged"
        yield slot.slip(says, ast.Call(node.func, turned, node.keywords))
    method = isinstance(node.func, ast.Attribute)
    if arguments and (method or len(arguments) > 1):
        says = f"an argument of `{name}` is left out"
        yield slot.slip(says, ast.Call(node.func, arguments[:-1], node.keywords))
    for number, argument in enumerate(arguments):
        value = _integer(argument)
        if value is not None and method and -3 < value < 3:
            for other in (0, 1, -1, 2, -2):
                if other != value:
                    changed = [*arguments]
                    changed[number] = _constant(other)
                    what = "axis" if name in _ALONG else "number"
                    says = f"the {what} that `{name}` is given is another: `{other}`"
                    yield slot.slip(says, ast.Call(node.func, changed, node.keywords))
        elif name in ("range", "arange", "randint") and value is None:
            for more, op in ((1, ast.Add()), (-1, ast.Sub())):
                changed = [*arguments]
                changed[number] = ast.BinOp(argument, op, ast.Constant(1))
                count = "many" if more > 0 else "few"
                says = f"`{name}` counts one too {count}, or begins one off"
                yield slot.slip(says, ast.Call(node.func, changed, node.keywords))
    if name in ("range", "arange") and len(arguments) == 1:
        changed = [ast.Constant(1), arguments[0]]
        yield slot.slip(f"`{name}` begins at 1 and leaves the first out",
                        ast.Call(node.func, changed, node.keywords))  # fmt: skip


def names(slot: Slot, words: Words, others: tuple[str, ...], attributes: tuple[str, ...]) -> Slips:
    """Another variable of the function, or another attribute."""
    node = slot.node
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in others:
        for other in others:
            if other != node.id:
                yield slot.slip(_instead(words, node, ast.Name(other)), ast.Name(other, ast.Load()))
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        called = isinstance(slot.owner, ast.Call) and slot.field == "func"
        if not called and not _is_module(node.value) and node.attr in attributes:
            for other in attributes:
                if other != node.attr:
                    changed = ast.Attribute(node.value, other, ast.Load())
                    yield slot.slip(_instead(words, node, changed), changed)


def _instead(words: Words, due: ast.expr, there: ast.expr) -> str:
    one, other = words.quoted(due, ""), words.quoted(there, "")
    if one and other:
        return f"{other} stands where {one} is meant"
    if one:
        return f"something else stands where {one} is meant"
    return "another variable stands where the right one is meant"


def _is_module(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in _MODULES


def _name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else "a function"


def _integer(node: ast.expr) -> int | None:
    minus = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    inner = node.operand if minus and isinstance(node, ast.UnaryOp) else node
    if isinstance(inner, ast.Constant) and type(inner.value) is int:
        return -inner.value if minus else inner.value
    return None


def _constant(value: int) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)
