"""Arguments that are changed in place, under their own name or another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.source import Source, called
from autograder.lessons.names import blocks
from autograder.reports.cause import Cause


def argument_changed(evidence: Evidence) -> Iterator[Cause]:
    """A line that changes a parameter in place, which the reference never does."""
    source = evidence.source
    if source is None:
        return
    theirs = {name for name, _ in _changes(evidence.reference, ast.Subscript | ast.Attribute)}
    for name, line in _changes(source, ast.Subscript):
        if name not in theirs and _may_change(evidence, name, line):
            says = f"this line changes the argument `{name}` itself; whoever called still uses it"
            ours = name in evidence.reference.parameters
            safe = says if ours else "an argument itself is changed; whoever called still uses it"
            yield evidence.cause("argument changed", says, line=line, hedged=True, safe=safe)
            return


def default_shared(evidence: Evidence) -> Iterator[Cause]:
    """A list or dict as a default, which is one object for all calls, and is changed."""
    for source in evidence.reached:
        for name in _mutable_defaults(source.node.args):
            lines = [line for each, line in _changes(source, ast.Subscript) if each == name]
            for line in lines[:1]:
                says = (
                    f"the default of `{name}` is one object for all calls, and this line changes "
                    "it: what one call leaves there, the next one finds"
                )
                ours = name in evidence.reference.parameters
                safe = says if ours else "a default is one object for all calls, and is changed"
                yield evidence.cause("default shared", says, line=line, safe=safe)
                return


def _mutable_defaults(arguments: ast.arguments) -> Iterator[str]:
    named = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(named), reversed(arguments.defaults), strict=False)]
    pairs += [
        (name, default)
        for name, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default
    ]
    for name, default in pairs:
        made = isinstance(default, ast.Call) and called(default) in ("list", "dict", "set")
        if made or isinstance(default, ast.List | ast.Dict | ast.Set):
            yield name.arg


def _may_change(evidence: Evidence, name: str, line: int) -> bool:
    """Whether the line would change what is given: `x += 1` changes a tensor, and no number."""
    node = evidence.statement(line)
    if not isinstance(node, ast.AugAssign) or not isinstance(node.target, ast.Name):
        return True
    given = (value for each in evidence.inputs.values() for key, value in each if key == name)
    return any(value.is_tensor or value.kind in ("list", "dict", "set") for value in given)


def changes_nothing(source: Source) -> bool:
    """Whether a function changes none of its arguments, as far as its own lines tell.

    A loop runs through parts of them; to call a part, as one calls a layer, may change it.
    """
    loops = [node for node in source.own if isinstance(node, ast.For | ast.comprehension)]
    parts = {n.id for loop in loops for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    given = {*source.parameters, *parts}
    if any(_may_touch(node, given) for node in source.own):
        return False
    return not _changes(source, ast.Subscript | ast.Attribute)


def _may_touch(node: ast.AST, given: set[str]) -> bool:
    """Whether a node may change what some names hold, itself or by a call that it is made for."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        own = isinstance(function, ast.Attribute) and _root(function.value) not in given
        return not (own and called(node.value) in _CHANGING) and called(node.value) != "print"
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in given
    if isinstance(node, ast.AugAssign):
        return _root(node.target) in given
    stored = isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store)
    return stored and _root(node) in given


def _root(node: ast.AST) -> str:
    """The name that an attribute or a place belongs to in the end, or ""."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _changes(source: Source, through: Any) -> list[tuple[str, int]]:
    """The parameters that are changed in place, under their own or another name, with the line."""
    bound = {name: name for name in source.parameters if name != "self"}
    found: list[tuple[str, int]] = []
    for node in _in_order(source.node.body):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found += [
                    (bound[n], node.lineno) for n in _stored_into(target, through) if n in bound
                ]
                if isinstance(target, ast.Name):
                    alias = isinstance(node.value, ast.Name) and node.value.id in bound
                    if alias and isinstance(node.value, ast.Name):
                        bound[target.id] = bound[node.value.id]
                    else:
                        bound.pop(target.id, None)
        elif isinstance(node, ast.AugAssign):
            inside = _stored_into(node.target, through) or [getattr(node.target, "id", "")]
            found += [(bound[n], node.lineno) for n in inside if n in bound]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
                name, method = function.value.id, function.attr
                if name in bound and (
                    method in _CHANGING or method.endswith("_") and method[0] != "_"
                ):
                    found.append((bound[name], node.lineno))
    return found


_CHANGING = {"append", "extend", "insert", "pop", "remove", "sort", "reverse", "clear", "update"}


def _stored_into(target: ast.expr, through: Any) -> list[str]:
    """The name of what `x[...]` is stored into, or another of the kinds of targets."""
    inner: Any = target
    while isinstance(inner, through):
        inner = inner.value
    return [inner.id] if isinstance(inner, ast.Name) and inner is not target else []


def _in_order(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        inner = blocks(node)
        if isinstance(node, ast.For | ast.While):
            inner = [node.body, node.orelse]
        for block in inner:
            yield from _in_order(block)
