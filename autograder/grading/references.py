"""The reference's functions as bare code, to stand in for a learner's that are wrong or missing.

What is sent holds no docstring, no line number and no name of a local variable: whoever looks at it
in the process that it is sent to sees the instructions, and what they name.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection
from functools import cached_property
from types import CodeType

from autograder.lessons.lesson import Lesson, functions
from autograder.worker import wire

_STUB = "raise NotImplementedError()"


class References:
    """The functions of a lesson's reference, compiled one by one when they are asked for."""

    def __init__(self, lesson: Lesson):
        self._lesson = lesson
        self._compiled: dict[str, CodeType] = {}

    def message(self, exercises: Collection[str]) -> wire.References:
        """What a worker needs to put these exercises in place: `given` code, and each function.

        A function is (its class or "", its name, code that defines `make`), where
        `make(__class__)` returns it.
        """
        listed = [(*_owner_and_name(id), self._function(id)) for id in exercises]
        return {"given": self._given, "functions": listed}

    def _function(self, id: str) -> CodeType:
        if id not in self._compiled:
            node = copy.deepcopy(self._nodes[id])
            # In a function with this parameter, `super()` in the inner one finds it.
            make = ast.parse(f"def make(__class__):\n    pass\n    return {node.name}")
            outer = make.body[0]
            assert isinstance(outer, ast.FunctionDef)
            outer.body[0] = node
            self._compiled[id] = bare(make)
        return self._compiled[id]

    @cached_property
    def _given(self) -> CodeType:
        """The lesson's own imports, helpers and classes; its exercises are stubs in it."""
        tree = ast.parse(self._lesson.asking())
        tree.body = [node for node in tree.body if not _is_main(node)]
        for id, node in functions(tree):
            if id in self._lesson.exercises:
                node.body = ast.parse(_STUB).body
        return bare(tree)

    @cached_property
    def _nodes(self) -> dict[str, ast.FunctionDef]:
        return dict(functions(ast.parse(self._lesson.source)))


def _owner_and_name(id: str) -> tuple[str, str]:
    owner, _, name = id.rpartition(".")
    return owner, name


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def bare(tree: ast.Module) -> CodeType:
    """Compile without docstrings, annotations, line numbers and the names of local variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            _drop_docstring(node)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        for place in ("lineno", "end_lineno", "col_offset", "end_col_offset"):
            if place in node._attributes:
                setattr(node, place, int(place.endswith("lineno")))
    return _unnamed(compile(tree, "<reference>", "exec", dont_inherit=True))


def _drop_docstring(node: ast.Module | ast.FunctionDef | ast.ClassDef) -> None:
    if ast.get_docstring(node) is not None:
        node.body[0] = ast.Pass()


def _unnamed(code: CodeType) -> CodeType:
    """The same code with numbers for the names of its locals; arguments keep theirs."""
    arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4)
    arguments += bool(code.co_flags & 8)
    kept = {*code.co_varnames[:arguments], *code.co_cellvars, *code.co_freevars}
    names = (n if n in kept else f"v{i}" for i, n in enumerate(code.co_varnames))
    constants = (_unnamed(each) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_varnames=tuple(names), co_consts=tuple(constants))
