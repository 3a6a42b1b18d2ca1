"""The source of one definition, and the names that a submission and its lesson have."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from autograder.lessons.lesson import functions
from autograder.lessons.markers import last_line
from autograder.lessons.submission import Submission

Function = ast.FunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True)
class Source:
    """A definition, and the name of its class, or ""."""

    node: Function
    owner: str

    @classmethod
    def of(cls, submission: Submission, exercise: str) -> Source | None:
        node = submission.definition_of(exercise)
        return cls(node, exercise.rpartition(".")[0]) if node else None

    @classmethod
    def in_lesson(cls, source: str, exercise: str) -> Source | None:
        node = _lesson_functions(source).get(exercise)
        return cls(node, exercise.rpartition(".")[0]) if node else None

    @cached_property
    def body(self) -> list[ast.stmt]:
        """The statements without the docstring."""
        has_text = ast.get_docstring(self.node) is not None
        return self.node.body[1:] if has_text else self.node.body

    @cached_property
    def own(self) -> list[ast.AST]:
        """Every node of the body that is not inside an inner function or class."""
        return list(_own(self.body))

    @cached_property
    def returns(self) -> list[ast.Return]:
        return [node for node in self.own if isinstance(node, ast.Return)]

    @property
    def gives_values(self) -> bool:
        """Whether any `return` of it has a value, or it is a generator."""
        yields = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in self.own)
        return yields or any(_has_value(node) for node in self.returns)

    @cached_property
    def parameters(self) -> list[str]:
        found = self.node.args
        every = [*found.posonlyargs, *found.args, *found.kwonlyargs, found.vararg, found.kwarg]
        return [each.arg for each in every if each]

    @cached_property
    def locals(self) -> set[str]:
        """Its parameters, and every name that it gives a value."""
        return {*self.parameters, *_stored(self.node)}

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """Its calls of functions or methods by these names, inner functions included."""
        for node in ast.walk(self.node):
            if isinstance(node, ast.Call) and called(node) in names:
                yield node

    def statement(self, line: int) -> ast.stmt | None:
        """The innermost statement that covers a line."""
        found = [n for n in ast.walk(self.node) if isinstance(n, ast.stmt) and _covers(n, line)]
        return min(found, key=lambda n: last_line(n) - n.lineno) if found else None


@dataclass(frozen=True)
class Names:
    """The names at the top of a submission, those of its lesson, and what objects hold."""

    module: frozenset[str]
    lesson: frozenset[str]
    attributes: dict[str, frozenset[str]]

    @classmethod
    def of(cls, submission: Submission, lesson: str) -> Names:
        trees = [tree for _, tree in submission.parsed()]
        module = {name for tree in trees for name in _module_names(tree)}
        held: dict[str, frozenset[str]] = {}
        for tree in trees:
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    held[node.name] = held.get(node.name, frozenset()) | _attributes(node)
        return cls(frozenset(module), shown_names(lesson), held)

    def holders(self, attribute: str) -> list[str]:
        """The classes whose objects have an attribute."""
        return [name for name, held in self.attributes.items() if attribute in held]


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


def _own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    todo = list(body)
    while todo:
        node = todo.pop(0)
        yield node
        if not isinstance(node, _SCOPES):
            todo.extend(ast.iter_child_nodes(node))


def _has_value(node: ast.Return) -> bool:
    empty = isinstance(node.value, ast.Constant) and node.value.value is None
    return node.value is not None and not empty


def _stored(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found


def _module_names(tree: ast.Module) -> Iterator[str]:
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        if not isinstance(node, _SCOPES):
            todo.extend(ast.iter_child_nodes(node))


def _attributes(node: ast.ClassDef) -> frozenset[str]:
    """The methods of a class, and what its methods keep in `self`."""
    found = {each.name for each in node.body if isinstance(each, Function)}
    found |= {n.id for each in node.body if isinstance(each, ast.Assign) for n in each.targets
              if isinstance(n, ast.Name)}  # fmt: skip
    for inner in ast.walk(node):
        stored = isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
        if stored and isinstance(inner, ast.Attribute) and ast.unparse(inner.value) == "self":
            found.add(inner.attr)
    return frozenset(found)


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= last_line(node)


@lru_cache(maxsize=16)
def _lesson_functions(source: str) -> dict[str, Function]:
    return dict(functions(ast.parse(source)))


@lru_cache(maxsize=16)
def shown_names(source: str) -> frozenset[str]:
    """Every name and attribute that the stubs have, which every learner has read."""
    return names_in(ast.parse(source))


def names_in(tree: ast.AST) -> frozenset[str]:
    """Every name and attribute in a piece of code."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return frozenset(found)
