"""Which names a piece of a file comes to, by way of all that the file defines."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property

from autograder.lessons.names import Names, given_names


class Reach:
    """What is reached from the exercises of a file; each is followed once.

    definitions: the functions and methods by their qualified names.
    """

    def __init__(self, trees: Iterable[ast.Module], definitions: dict[str, list[ast.FunctionDef]]):
        self._trees = list(trees)
        self._definitions = definitions
        self._reaches: dict[str, set[str]] = {}

    def mentions(self, id: str, other: str) -> bool:
        """Whether an exercise's own code, or code of the file that it names, names another.

        Operators name their methods, and a class those that Python calls by itself (`__init__`).
        """
        owner, _, name = other.rpartition(".")
        if id not in self._reaches:
            self._reaches[id] = self._reach(id)
        reach = self._reaches[id]
        return name in reach or (name.startswith("__") and owner in reach)

    def _reach(self, id: str) -> set[str]:
        """The names in an exercise's definitions, and in those of all that is named there."""
        seen: set[str] = set()
        todo = list(self._definitions.get(id) or self._named.get(id.rpartition(".")[2], []))
        while todo:
            for name in self._names.of(todo.pop()) - seen:
                seen.add(name)
                todo += self._named.get(name, [])
        return seen

    @cached_property
    def _names(self) -> Names:
        return Names(node for found in self._named.values() for node in found)

    @cached_property
    def _named(self) -> dict[str, list[ast.AST]]:
        """Functions and assigned values by their last names, wherever they stand."""
        found: dict[str, list[ast.AST]] = {}
        for tree in self._trees:
            for node in ast.walk(tree):
                for name in given_names(node):
                    found.setdefault(name, []).append(node)
        return found
