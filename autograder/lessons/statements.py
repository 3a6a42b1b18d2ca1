"""The statements of a module, and what they define and set: read, never run."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Iterator

from autograder.lessons.lesson import functions


def definitions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods of a module, with their qualified names."""
    yield from functions(ast.Module(list(statements(tree.body)), []))


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Names that something else than `def` and `class` sets or deletes outside of functions."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that a module executes once: those in `if`, `with` and `try` too."""
    todo = deque(body)
    while todo:
        node = todo.popleft()
        yield node
        todo.extendleft(reversed([inner for block in blocks(node) for inner in block]))


def blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    """The blocks of a statement that opens no scope and repeats nothing, in their order."""
    if not isinstance(node, ast.If | ast.With | ast.AsyncWith | ast.Try | ast.TryStar):
        return []
    handlers = [handler.body for handler in getattr(node, "handlers", [])]
    behind = [getattr(node, name, []) for name in ("orelse", "finalbody")]
    return [node.body, *handlers, *behind]


def first_line(node: ast.stmt) -> int:
    """The line of the first decorator, or of the statement itself."""
    return min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
