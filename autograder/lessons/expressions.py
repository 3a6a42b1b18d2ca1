"""Small sums as a person types them, such as `-log(1/27)`: worked out without running any code."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    # Of floats: a whole number of a million digits would take for ever.
    ast.Pow: lambda base, power: _whole(math.pow(base, power)),
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    name: getattr(math, name)
    for name in ("exp", "log", "log2", "log10", "sqrt", "tanh", "sin", "cos")
}
_FUNCTIONS["abs"] = abs
_CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf}


def number(text: str) -> int | float:
    """The number that a text stands for; raises ValueError where it stands for none."""
    try:
        value: int | float = _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise ValueError(text) from error
    return value


def _value(node: ast.AST) -> Any:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left), _value(right))
        case ast.Call(func=function, args=arguments, keywords=[]) if _name(function) in _FUNCTIONS:
            return _FUNCTIONS[_name(function)](*map(_value, arguments))
        case _ if _name(node) in _CONSTANTS:
            return _CONSTANTS[_name(node)]
    raise ValueError(ast.unparse(node))


def _name(node: ast.AST) -> str:
    """`log` of `log` and of `math.log`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="math"), attr=name):
            return name
    return ""


def _whole(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
