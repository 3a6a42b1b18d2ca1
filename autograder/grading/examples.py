"""A docstring's example that fails, as its reader knows it: with its lines and its names."""

from __future__ import annotations

import ast
import dataclasses

from autograder.grading.comparison import Difference
from autograder.grading.plan import EXAMPLES, Plan

# Of the lines that stand before the one that fails.
MOST = 8


def example_difference(plan: Plan, id: str, difference: Difference) -> str:
    """A difference in an exercise's examples: the lines up to the failing one, and what differs."""
    shown = [n for n, (mode, _) in enumerate(plan.items[f"{id}/{EXAMPLES}"].code) if mode == "eval"]
    place, _, rest = difference.path.removeprefix("[").partition("]")
    if not place.isdigit() or int(place) >= len(shown):
        return str(difference)
    number = shown[int(place)]
    source = plan.lesson.exercises[id].examples[number].source
    inner = dataclasses.replace(difference, path=_named(source, rest.lstrip(".")))
    return "\n".join([*example_lines(plan, id, number), str(inner)])


def example_lines(plan: Plan, id: str, number: int) -> list[str]:
    """The lines of an exercise's examples that lead up to one of them, as a docstring has them.

    An example that needs nothing from those before it stands alone.
    """
    examples = plan.lesson.exercises[id].examples
    needed = _needed([example.source for example in examples[: number + 1]])
    sources = [examples[n].source.rstrip("\n") for n in needed]
    lines = [line for source in sources for line in _prompted(source)]
    return lines[-MOST:]


def _prompted(source: str) -> list[str]:
    first, *rest = source.split("\n")
    return [f">>> {first}", *(f"... {line}" for line in rest)]


def _needed(sources: list[str]) -> list[int]:
    """The examples that the last of some builds on, in their order, and itself."""
    *before, last = [ast.parse(source) for source in sources]
    wanted, found = _read(last), [len(before)]
    for number, tree in reversed([*enumerate(before)]):
        if (_set(tree) | _changed(tree)) & wanted:
            wanted |= _read(tree)
            found.append(number)
    return sorted(found)


def _read(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _set(tree: ast.Module) -> set[str]:
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not _is_read(n)}
    return names | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _changed(tree: ast.Module) -> set[str]:
    """The names that a statement without a value may change: of its objects and arguments."""
    statements = [node for node in tree.body if isinstance(node, ast.Expr)]
    calls = [each for node in statements for each in _touched(node.value)]
    stored = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute | ast.Subscript)]
    objects = [node.value for node in stored if not isinstance(node.ctx, ast.Load)]
    return {name for node in (*calls, *objects) for name in _read(node)}


def _touched(value: ast.expr) -> list[ast.expr]:
    """Of a call, its arguments and what its method belongs to."""
    if not isinstance(value, ast.Call):
        return []
    owner = [value.func.value] if isinstance(value.func, ast.Attribute) else []
    return [*owner, *value.args]


def _named(source: str, path: str) -> str:
    """A place in the value of `a.grad, b.grad` by the part's own text, and not by its number."""
    value = ast.parse(source).body[-1]
    place, _, rest = path.removeprefix("[").partition("]")
    tuple_of = value.value if isinstance(value, ast.Expr) else None
    if not isinstance(tuple_of, ast.Tuple) or not path.startswith("[") or not place.isdigit():
        return path
    parts = tuple_of.elts
    return ast.unparse(parts[int(place)]) + rest if int(place) < len(parts) else path
