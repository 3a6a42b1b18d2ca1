"""What names an edit may put in the place of others: those of the function and of its class."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """Names that a function may mean.

    `names` are its parameters and locals; `own` the attributes that the class gives to `self`;
    `attributes` those that the function reads of anything else; `texts` its string constants;
    `modules` are names from outside, imported ones among them. `unused` are the names, and the
    attributes of `self`, that the function could use and does not.
    """

    names: tuple[str, ...]
    own: tuple[str, ...]
    attributes: tuple[str, ...]
    texts: tuple[str, ...]
    modules: frozenset[str]
    unused: tuple[str, ...]

    @classmethod
    def of(cls, function: ast.FunctionDef, *files: ast.Module) -> Scope:
        """The scope of a function, which is or was a part of one of the files."""
        nodes = [node for statement in function.body for node in ast.walk(statement)]
        names = dict.fromkeys([*parameters(function), *stored(function)])
        holder = _class_around(function, files)
        around = ast.walk(holder) if holder else nodes
        own = Counter(
            node.attr
            for node in around
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        )
        used = {node.id for node in nodes if isinstance(node, ast.Name)}
        modules = frozenset({*used, *_imported(files)} - set(names))
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
            _unused(nodes, names, own),
        )


# More of them are a sign of code that was not meant to use them.
_MOST_UNUSED = 4


def _unused(nodes: list[ast.AST], names: Iterable[str], own: Iterable[str]) -> tuple[str, ...]:
    loaded = [node for node in nodes if isinstance(getattr(node, "ctx", None), ast.Load)]
    read = {node.id for node in loaded if isinstance(node, ast.Name)}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    found = [name for name in names if name not in read | {"self", "_"}]
    if "self" in names:
        found += [f"self.{name}" for name in own if name not in attributes]
    return tuple(found) if len(found) <= _MOST_UNUSED else ()


def _class_around(function: ast.FunctionDef, files: tuple[ast.Module, ...]) -> ast.AST | None:
    """The class whose body holds a function of this name in this line."""
    for node in (each for file in files for each in file.body if isinstance(each, ast.ClassDef)):
        for member in node.body:
            is_function = isinstance(member, ast.FunctionDef) and member.name == function.name
            if is_function and member.lineno == function.lineno:
                return node
    return None


def _imported(files: tuple[ast.Module, ...]) -> set[str]:
    statements = (node for file in files for node in file.body)
    imports = (node for node in statements if isinstance(node, ast.Import | ast.ImportFrom))
    names = (alias for node in imports for alias in node.names)
    return {alias.asname or alias.name.partition(".")[0] for alias in names}


def parameters(function: ast.FunctionDef) -> list[str]:
    """The names of a function's parameters, in their order."""
    given = function.args
    listed = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [each.arg for each in listed if each]


def stored(function: ast.FunctionDef) -> list[str]:
    """The names that a function's own code gives a value, in the order of the tree."""
    nodes = (node for statement in function.body for node in ast.walk(statement))
    return [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
