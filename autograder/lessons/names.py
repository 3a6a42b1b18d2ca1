"""What code defines, sets and uses, read from its syntax tree alone."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Iterator

from autograder.lessons.lesson import functions


class Names:
    """The names that pieces of code have from outside; each piece is walked through once.

    pieces: nodes of which one may stand in another.
    """

    def __init__(self, pieces: Iterable[ast.AST]):
        self._pieces = {id(node): node for node in pieces}
        self._known: dict[int, tuple[set[str], set[str]]] = {}

    def of(self, node: ast.AST) -> set[str]:
        """The names and attributes that code reads, and the methods of its operators."""
        found, own = self._found_and_own(node)
        return found - own

    def _found_and_own(self, node: ast.AST) -> tuple[set[str], set[str]]:
        if id(node) not in self._known:
            found: set[str] = set()
            own: set[str] = set()
            self._known[id(node)] = found, own
            for inner in self._note(node, found, own):
                for held, more in zip((found, own), self._found_and_own(inner), strict=True):
                    held |= more
        return self._known[id(node)]

    def _note(self, piece: ast.AST, found: set[str], own: set[str]) -> list[ast.AST]:
        """Add the names in a piece, but for the pieces in it, which are returned."""
        inside: list[ast.AST] = []
        todo = [piece]
        while todo:
            node = todo.pop()
            if node is not piece and id(node) in self._pieces:
                inside.append(node)
                continue
            if isinstance(node, ast.Name):
                (found if isinstance(node.ctx, ast.Load) else own).add(node.id)
            elif isinstance(node, ast.arg):
                own.add(node.arg)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.operator | ast.unaryop | ast.cmpop):
                method = _METHODS.get(type(node).__name__, type(node).__name__.lower())
                found |= {f"__{method}__", f"__r{method}__", f"__i{method}__"}
            todo += ast.iter_child_nodes(node)
        return inside


_METHODS = {
    "Mult": "mul",
    "MatMult": "matmul",
    "Div": "truediv",
    "USub": "neg",
    "UAdd": "pos",
    "LtE": "le",
    "GtE": "ge",
    "NotEq": "ne",
}


def given_names(node: ast.AST) -> list[str]:
    """The last names that a statement gives to a function or a value."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names + [target.attr for target in targets if isinstance(target, ast.Attribute)]


def assigned_names(tree: ast.AST) -> Iterator[str]:
    # Not recursive: a submission may nest deeper than Python's stack.
    todo = [(tree, False)]
    while todo:
        node, local = todo.pop()
        stored = isinstance(getattr(node, "ctx", None), ast.Store)
        if stored and isinstance(node, ast.Attribute):
            yield node.attr
        if stored and isinstance(node, ast.Name) and not local:
            yield node.id
        if isinstance(node, ast.Global):
            yield from node.names
        local = local or isinstance(node, ast.FunctionDef | ast.Lambda)
        todo += [(child, local) for child in ast.iter_child_nodes(node)]


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
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def imported_modules(source: str) -> set[str]:
    """The names of the modules that a script imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found
