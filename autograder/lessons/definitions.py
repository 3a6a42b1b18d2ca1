"""A submission cut to its definitions, for a file that does not get to its end when it is loaded.

Nothing that may be slow stays: loops, calls that stand alone and blocks behind `if __name__` are
left out, and an assignment stays only where a definition uses it.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator

from autograder.lessons.names import blocks, statements
from autograder.lessons.submission import Submission

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)


def definitions_only(submission: Submission) -> Submission:
    """The same submission in the same lines, of which only what defines something is executed."""
    trees = [tree for unit, tree in submission.parsed() if not unit.file]
    found = [node for tree in trees for node in statements(tree.body)]
    needed = _needed(found, names_used(found))
    dropped = [node for node in found if id(node) not in needed]
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


def _needed(found: list[ast.stmt], used: set[str]) -> set[int]:
    """The ids of the statements that stay: of a block so much as one that is in it.

    found: every statement before those that are in it.
    """
    outer = {id(each): node for node in found for block in blocks(node) for each in block}
    filled: set[int] = set()
    needed: set[int] = set()
    for node in reversed(found):
        stays = id(node) in filled if blocks(node) else keep(node, used)
        if stays and id(node) in outer:
            filled.add(id(outer[id(node)]))
        if stays and not is_main(node):
            needed.add(id(node))
    return needed


def is_main(node: ast.stmt) -> bool:
    """Whether a statement is the block behind `if __name__`, which never runs."""
    return isinstance(node, ast.If) and "__name__" in loaded(node.test)


def names_used(found: Iterable[ast.stmt]) -> set[str]:
    """Every name that a definition has or can come to read, through assignments too."""
    setters: dict[str, list[ast.stmt]] = {}
    used: set[str] = set()
    waiting: list[str] = []
    for node in found:
        if isinstance(node, DEFINITIONS):
            used.add(node.name)
            waiting += loaded(node)
        for name in stores(node):
            setters.setdefault(name, []).append(node)
    waiting += used & setters.keys()
    used -= setters.keys()
    read: set[int] = set()
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            # Each is read once, however many names it sets.
            news = [node for node in setters.get(name, ()) if id(node) not in read]
            read.update(map(id, news))
            waiting += [each for node in news for each in loaded(node)]
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
