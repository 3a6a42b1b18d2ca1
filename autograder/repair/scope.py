"""What names an edit may put in the place of others: those of the function and of its class."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """Names that a function may mean.

    `names` are its parameters and locals; `own` the attributes that the class gives to `self`;
    `attributes` those that the function reads of anything else; `texts` its string constants.
    """

    names: tuple[str, ...]
    own: tuple[str, ...]
    attributes: tuple[str, ...]
    texts: tuple[str, ...]
    modules: frozenset[str]

    @classmethod
    def of(cls, function: ast.FunctionDef, surroundings: ast.AST | None = None) -> Scope:
        nodes = [node for statement in function.body for node in ast.walk(statement)]
        names = dict.fromkeys([*parameters(function), *stored(function)])
        around = ast.walk(surroundings) if surroundings else nodes
        own = Counter(
            node.attr
            for node in around
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        )
        used = {node.id for node in nodes if isinstance(node, ast.Name)}
        modules = frozenset(used - set(names))
        attributes = Counter(
            node.attr
            for node in nodes
            if isinstance(node, ast.Attribute)
            and not (isinstance(node.value, ast.Name) and node.value.id in {"self", *modules})
        )
        texts = [
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        return cls(
            tuple(name for name in names if name not in ("self", "_")),
            tuple(own),
            tuple(attributes),
            tuple(dict.fromkeys(texts[1:] if ast.get_docstring(function) else texts)),
            modules,
        )


def parameters(function: ast.FunctionDef) -> list[str]:
    """The names of a function's parameters, in their order."""
    given = function.args
    listed = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [each.arg for each in listed if each]


def stored(function: ast.FunctionDef) -> list[str]:
    """The names that a function's own code gives a value, in the order of the tree."""
    nodes = (node for statement in function.body for node in ast.walk(statement))
    return [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
