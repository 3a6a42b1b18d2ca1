"""Generic mutants of a solution: small changes that a good set of checks must notice.

Each mutant changes one place: an operator, a comparison, a constant, a sign, or a statement that
is dropped. Those that change nothing anybody could see are listed beside the checks, in
`equivalent.toml`, with the reason.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.listed import read_listed
from autograder.lessons.lesson import Exercise

Change = Callable[[ast.AST], None]

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


@dataclass(frozen=True)
class Mutant:
    """A changed solution; `line` is the statement before the change, `becomes` after it."""

    exercise: str
    line: str
    becomes: str
    solution: str


@dataclass(frozen=True)
class Equivalent:
    """A mutant that cannot be seen from outside, and the reason."""

    exercise: str
    line: str
    becomes: str
    because: str


def mutants(exercise: Exercise) -> Iterator[Mutant]:
    """Every mutant of an exercise's solution, in the order of its lines."""
    # The solution may return or yield, which only a function's body may.
    function = "def solution():\n" + textwrap.indent(exercise.solution, "    ")
    tree = ast.parse(function)
    changes = [change for node in ast.walk(tree.body[0]) for change in _changes(node)]
    for index in range(len(changes)):
        mutated = copy.deepcopy(tree)
        again = [(node, c) for node in ast.walk(mutated.body[0]) for c in _changes(node)]
        node, change = again[index]
        statement = _statement_around(mutated, node)
        line = _shown(statement)
        change(node)
        ast.fix_missing_locations(mutated)
        becomes = _shown(statement)
        changed = mutated.body[0]
        assert isinstance(changed, ast.FunctionDef)
        body = "\n".join(ast.unparse(part) for part in changed.body)
        yield Mutant(exercise.id, line, becomes, body)


def _changes(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
        yield _put("op", _OPERATORS[type(node.op)]())
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARISONS[type(node.ops[0])]:
            yield _put("ops", [other()])
    if isinstance(node, ast.BoolOp):
        yield _put("op", ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield _put("op", ast.UAdd())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield _put("operand", ast.UnaryOp(ast.Not(), node.operand))
    if isinstance(node, ast.Constant):
        yield from _constant_changes(node)
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if isinstance(block, list):
            yield from _dropped(block, field)


def _put(field: str, value: Any) -> Change:
    return lambda node: setattr(node, field, value)


def _constant_changes(node: ast.Constant) -> Iterator[Change]:
    if isinstance(node.value, bool):
        yield _put("value", not node.value)
    elif isinstance(node.value, int | float):
        yield _put("value", node.value + 1)


def _dropped(block: list[ast.stmt], field: str) -> Iterator[Change]:
    for index, statement in enumerate(block):
        if isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign | ast.If | ast.For):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue

            def drop(node: ast.AST, index: int = index) -> None:
                statement = getattr(node, field)[index]
                getattr(node, field)[index] = ast.copy_location(ast.Pass(), statement)

            yield drop


def _statement_around(tree: ast.AST, wanted: ast.AST) -> ast.AST:
    """The innermost statement that contains a node."""
    found = wanted
    for statement in ast.walk(tree):
        if isinstance(statement, ast.stmt) and any(n is wanted for n in ast.walk(statement)):
            found = statement
    return found


def _shown(statement: ast.AST) -> str:
    return " ".join(ast.unparse(statement).removeprefix("def solution():").split())


def read_equivalents(path: Path) -> list[Equivalent]:
    """The list beside a lesson's checks; empty where there is none."""
    return read_listed(path, "mutant", Equivalent)


def is_listed(mutant: Mutant, equivalents: list[Equivalent]) -> bool:
    key = (mutant.exercise, mutant.line, mutant.becomes)
    return any(key == (entry.exercise, entry.line, entry.becomes) for entry in equivalents)
