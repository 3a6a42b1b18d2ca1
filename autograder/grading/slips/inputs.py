"""Slips in what a function looks at: a part of an argument, or another value in its place.

The reference itself is left as it is, and is given something else than it was called with. So it
does not matter how somebody has written it: who goes through all but the last column has the result
of the reference for all but the last column.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from autograder.grading.slips.slip import Slip
from autograder.grading.slips.words import Words

Slips = Iterator[Slip]

# What a parameter becomes, and what somebody has done then. What it cannot become raises an error,
# and is nobody's slip.
_PARTS = (
    ("{x}[:-1]", "the last of `{x}` is left out"),
    ("{x}[1:]", "the first of `{x}` is left out"),
    ("{x}[:, :-1]", "the last column of `{x}` is left out"),
    ("{x}[:, 1:]", "the first column of `{x}` is left out"),
    ("{x}[:1]", "only the first of `{x}` is looked at"),
    ("{x}[-1:]", "only the last of `{x}` is looked at"),
    ("{x}[::-1]", "`{x}` is taken the wrong way round, from its end"),
    ("{x}.flip(0)", "the rows of `{x}` are in the opposite order"),
    ("{x}.flip(1)", "the columns of `{x}` are in the opposite order"),
    ("{x}.mT", "`{x}` is transposed"),
    ("list(dict.fromkeys({x}))", "what stands in `{x}` more than once counts once"),
    ("sorted({x})", "`{x}` is sorted first"),
)
_VALUES = (
    ("{x} + 1 if type({x}) is int else {x}", "`{x}` is one too large"),
    ("{x} - 1 if type({x}) is int else {x}", "`{x}` is one too small"),
    (
        "1 - {x} if type({x}) is float else {x}",
        "`1 - {x}` stands where `{x}` is meant, or the other way round",
    ),
    ("-{x}", "the sign of `{x}` is turned round"),
    ("not {x}", "`{x}` is taken the wrong way round: yes for no"),
    ("2 * {x}", "`{x}` counts twice"),
    ("{x} / 2", "only a half of `{x}` counts"),
    ("{x}.abs()", "the sign of what is in `{x}` is lost"),
)
_TIES = (
    ("{x}.detach()", "the graph that `{x}` hangs on is cut off"),
    ("__import__('copy').deepcopy({x})", "a copy of `{x}` is changed, and not `{x}` itself"),
)
_WRAPPED = """
def outer():
    kept = self.{name}
    self.{name} = {value}
    try:
        pass
    finally:
        self.{name} = kept
"""


def inputs(function: ast.FunctionDef, words: Words) -> Slips:
    """Every argument cut, turned, or in another's place; what `self` keeps, with another value."""
    names = [each.arg for each in function.args.args if each.arg not in ("self", "generator")]
    for name in names:
        yield from _defaults(function, name)
        for value, says in (*_PARTS, *_VALUES, *_TIES):
            yield _before(function, name, value.format(x=name), says.format(x=name))
    for one, other in zip(names, names[1:], strict=False):
        says = f"`{one}` and `{other}` stand in each other's place"
        yield _before(function, f"{one}, {other}", f"{other}, {one}", says)
    for name in _of_self(function):
        if name in words.known:
            for value, says in _VALUES[:5]:
                yield _kept(function, name, value, says)


def _defaults(function: ast.FunctionDef, name: str) -> Slips:
    """An argument that plays no part: it has its default's value whatever is given."""
    named = function.args.args
    defaults = dict(zip(reversed(named), reversed(function.args.defaults), strict=False))
    for parameter, default in defaults.items():
        if parameter.arg == name:
            value = ast.unparse(default)
            says = f"`{name}` plays no part: it is as if it were always `{value}`"
            yield _before(function, name, value, says)


def _before(function: ast.FunctionDef, target: str, value: str, says: str) -> Slip:
    """The function with a statement in front that gives a parameter another value."""
    (first,) = ast.parse(f"{target} = {value}").body
    return Slip(function, "body", [first, *_without_text(function)], says)


def _kept(function: ast.FunctionDef, name: str, value: str, says: str) -> Slip:
    """The function while an attribute of `self` has another value."""
    attribute = f"self.{name}"
    text = _WRAPPED.format(name=name, value=value.format(x=attribute))
    outer = ast.parse(textwrap.dedent(text)).body[0]
    assert isinstance(outer, ast.FunctionDef) and isinstance(outer.body[-1], ast.Try)
    outer.body[-1].body = _without_text(function)
    return Slip(function, "body", outer.body, says.format(x=attribute))


def _without_text(function: ast.FunctionDef) -> list[ast.stmt]:
    return function.body[ast.get_docstring(function) is not None :]


def _of_self(function: ast.FunctionDef) -> list[str]:
    """The attributes of `self` that it reads and does not call or set."""
    called = {id(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
    found: dict[str, None] = {}
    stored = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
            if not isinstance(node.ctx, ast.Load):
                stored.add(node.attr)
            elif id(node) not in called:
                found[node.attr] = None
    return [name for name in found if name not in stored]
