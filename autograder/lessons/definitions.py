"""A submission cut to its definitions, for a file that does not get to its end when it is loaded.

Nothing that may be slow stays: loops, calls that stand alone and blocks behind `if __name__` are
left out, and an assignment stays only where a definition uses it.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator

from autograder.lessons.statements import blocks, statements
from autograder.lessons.submission import Submission

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)


def definitions_only(submission: Submission) -> Submission:
    """The same submission in the same lines, of which only what defines something is executed."""
    trees = [tree for unit, tree in submission.parsed() if not unit.file]
    found = [node for tree in trees for node in statements(tree.body)]
    used = names_used(found)
    dropped = [node for node in found if not (_is_needed if blocks(node) else keep)(node, used)]
    places = frozenset((node.lineno, node.col_offset) for node in dropped)
    return dataclasses.replace(submission, dropped=places)


def keep(node: ast.stmt, used: set[str]) -> bool:
    """Whether a statement defines something, or sets what a definition uses."""
    if isinstance(node, (*DEFINITIONS, *IMPORTS)):
        return True
    if isinstance(node, ast.For):  # for example one that fills a table
        return not node.orelse and all(
            isinstance(inner, ASSIGNMENTS) and stores(inner) & used for inner in node.body
        )
    return bool(stores(node) & used) or is_alias(node)


def _is_needed(node: ast.stmt, used: set[str]) -> bool:
    """Whether anything in a block stays; what stands behind `if __name__` never runs."""
    if isinstance(node, ast.If) and "__name__" in loaded(node.test):
        return False
    inner = [each for block in blocks(node) for each in statements(block)]
    return any(keep(each, used) for each in inner if not blocks(each))


def names_used(found: Iterable[ast.stmt]) -> set[str]:
    """Every name that a definition has or can come to read, through assignments too."""
    setters: dict[str, list[ast.stmt]] = {}
    used, waiting = set(), []
    for node in found:
        if isinstance(node, DEFINITIONS):
            used.add(node.name)
            waiting += loaded(node)
        for name in stores(node):
            setters.setdefault(name, []).append(node)
    for name in used & setters.keys():
        waiting += [read for node in setters.pop(name) for read in loaded(node)]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += [read for node in setters.get(name, ()) for read in loaded(node)]
    return used


def stores(node: ast.stmt) -> set[str]:
    """The names that a statement sets or changes: `x` also for `x.y = 1` and `x[0] = 1`.

    So does `setattr(x, "y", 1)`, and a loop does what its assignments do.
    """
    if isinstance(node, ast.For):
        return {name for inner in node.body for name in stores(inner)}
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        sets = isinstance(call.func, ast.Name) and call.func.id == "setattr" and call.args
        return set(_roots(call.args[0])) if sets else set()
    if not isinstance(node, ASSIGNMENTS):
        return set()
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {name for target in targets for name in _roots(target)}


def is_alias(node: ast.stmt) -> bool:
    """Whether an assignment gives another name to a function, or a name to a lambda."""
    value = getattr(node, "value", None)
    return isinstance(node, ASSIGNMENTS) and isinstance(
        value, ast.Lambda | ast.Name | ast.Attribute
    )


def loaded(node: ast.AST) -> set[str]:
    """All names that a piece of code has in it."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _roots(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _roots(element)
        return
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id
