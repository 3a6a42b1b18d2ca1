"""Where a test cell stands: behind its exercise, and behind all that its examples and checks use.

In a notebook that runs from top to bottom nothing then fails for coming too early. No torch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.lessons.lesson import Exercise
from autograder.lessons.percent import Cell


@dataclass(frozen=True)
class Place:
    """The line of the code cell that a test cell stands behind, and the name that put it there."""

    line: int
    name: str = ""


def place(exercise: Exercise, own: Cell, code: Iterable[Cell], checked: set[str]) -> Place:
    """The place of an exercise's test cell.

    own: the cell that defines the exercise. code: all cells that the notebook runs. checked: the
    names that its hidden checks use.
    """
    used = _used(exercise) | checked
    later = [
        Place(cell.line, name)
        for cell in code
        if cell.line > own.line
        for name in _defined(cell)
        if name in used
    ]
    return max(later, key=lambda found: found.line, default=Place(own.line))


def names_in_checks(source: str, checks: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The lesson's names that the checks of each exercise use, also through helpers of the file.

    checks: the exercise and the name of each check.
    """
    functions = {n.name: n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)}
    found: dict[str, set[str]] = {}
    for exercise, check in checks:
        waiting, seen = [check], set()
        while waiting:
            name = waiting.pop()
            if name in functions and name not in seen:
                seen.add(name)
                nodes = list(ast.walk(functions[name]))
                waiting += [node.id for node in nodes if isinstance(node, ast.Name)]
                found.setdefault(exercise, set()).update(_of_lesson(nodes))
    return found


def _of_lesson(nodes: list[ast.AST]) -> Iterator[str]:
    """`X` of every `lesson.X`: a check's first argument has this name by agreement."""
    for node in nodes:
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "lesson":
            yield node.attr


def _used(exercise: Exercise) -> set[str]:
    """The names in an exercise's examples."""
    trees = [ast.parse(example.source) for example in exercise.examples]
    return {n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)}


def _defined(cell: Cell) -> Iterator[str]:
    for node in ast.parse(cell.source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            stored = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            yield from (n.id for n in stored if isinstance(n.ctx, ast.Store))
