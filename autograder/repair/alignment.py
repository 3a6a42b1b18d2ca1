"""Two functions that are meant to do the same, side by side: whose names are whose, what differs.

Differences are edits of the first function that would make it the second. Each is told at several
levels, from the smallest node that differs up to the whole statement.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Sequence

from autograder.repair.edit import Edit, Slot, Splice, head_of, lines_of, moved, size
from autograder.repair.place import Kind, kind_of
from autograder.repair.scope import parameters, stored

# Of statements of one kind, and of two: what is less alike has no counterpart in the other.
ALIKE, VERY_ALIKE = 0.25, 0.7
# Of two local names: how alike the values that they are given have to be.
SAME_VALUE = 0.45

Levels = list[Edit]


def counterpart_names(mine: ast.FunctionDef, theirs: ast.FunctionDef) -> dict[str, str]:
    """For the names of one function's parameters and locals, those of the other that mean the same.

    Parameters go by their order, locals by their name, or else by what they are given.
    """
    found = dict(zip(parameters(theirs), parameters(mine), strict=False))
    left = [n for n in dict.fromkeys(stored(mine)) if n not in found.values()]
    open_ones = [name for name in dict.fromkeys(stored(theirs)) if name not in found]
    for name in open_ones:
        if name in left:
            found[name] = name
            left.remove(name)
    given, ours = _values(theirs), _values(mine)
    for name in open_ones:
        if name in found or not left:
            continue
        wanted = tokens(given.get(name), found)
        alike = {other: _overlap(wanted, tokens(ours.get(other), {})) for other in left}
        best = max(left, key=lambda other: alike[other])
        if alike[best] > SAME_VALUE:
            found[name] = best
            left.remove(best)
    return found


def _values(function: ast.FunctionDef) -> dict[str, ast.AST]:
    """What each local is given first: an assigned value, or what a loop goes through."""
    found: dict[str, ast.AST] = {}
    for node in ast.walk(function):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None) or getattr(node, "iter", None)
        for target in targets:
            for name in ast.walk(target) if target else ():
                if isinstance(name, ast.Name) and value is not None:
                    found.setdefault(name.id, value)
    return found


def tokens(node: ast.AST | None, names: dict[str, str]) -> Counter[str]:
    """What a piece of code is made of, with some names said otherwise."""
    counted: Counter[str] = Counter()
    for each in ast.walk(node) if node else ():
        if isinstance(each, ast.Name):
            counted[names.get(each.id, each.id)] += 1
        elif isinstance(each, ast.Constant):
            counted[repr(each.value)] += 1
        elif isinstance(each, ast.Attribute):
            counted["." + each.attr] += 1
        elif not isinstance(each, ast.expr_context):
            counted[type(each).__name__] += 1
    return counted


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    both = one.total() + other.total()
    return 2 * (one & other).total() / both if both else 0.0


def likeness(one: ast.AST, other: ast.AST) -> float:
    """From 0 to 1: how much two pieces of code have in common."""
    return _overlap(tokens(one, {}), tokens(other, {}))


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]):
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.copy_location(ast.Name(self._names.get(node.id, node.id), node.ctx), node)


def renamed(function: ast.FunctionDef, names: dict[str, str]) -> ast.FunctionDef:
    """A copy of a function with other names for its parameters and locals."""
    changed = copy.deepcopy(function)
    changed.body = [_Renamed(names).visit(statement) for statement in changed.body]
    return changed


def code_of(function: ast.FunctionDef) -> list[ast.stmt]:
    """A function's body without its docstring."""
    return function.body[ast.get_docstring(function) is not None :]


def differences(mine: ast.FunctionDef, theirs: ast.FunctionDef) -> list[Levels]:
    """The changes that make the body of one function that of another, the last one first.

    In this order all of them can be applied one after another.
    """
    start = len(mine.body) - len(code_of(mine))
    return _block(mine, "body", mine.body, code_of(theirs), start)[::-1]


def _block(
    owner: ast.AST, field: str, mine: list[ast.stmt], theirs: list[ast.stmt], start: int = 0
) -> list[Levels]:
    found: list[Levels] = []
    for i, j in _aligned(mine[start:], theirs):
        if i is None and j is not None:
            at = start + _before(mine[start:], theirs, j)
            found.append([_inserted(owner, field, mine, at, theirs[j])])
        elif i is not None and j is None:
            node = mine[start + i]
            splice = Splice(start + i, 1, ())
            found.append([Edit(owner, field, splice, *head_of(node), Kind.SUPERFLUOUS)])
        elif i is not None and j is not None:
            found += _statement(Slot(owner, field, start + i, mine[start + i]), theirs[j])
    return found


def _inserted(owner: ast.AST, field: str, block: list[ast.stmt], at: int, node: ast.stmt) -> Edit:
    """A statement of the other function before the one that is at a place of a block."""
    near = block[min(at, len(block) - 1)] if block else owner
    lines = head_of(near)
    if block and at == len(block):
        lines = (lines_of(near)[1],) * 2
    splice, cost = Splice(at, 0, (moved(node, near),)), 1.0 + 0.02 * size(node)
    return Edit(owner, field, splice, *lines, Kind.MISSING, cost=cost)


def _before(mine: list[ast.stmt], theirs: list[ast.stmt], j: int) -> int:
    """Before which of `mine` the statement `theirs[j]` belongs."""
    pairs = [(a, b) for a, b in _aligned(mine, theirs) if a is not None and b is not None]
    return next((a for a, b in pairs if b > j), len(mine))


def _aligned(
    mine: Sequence[ast.stmt], theirs: Sequence[ast.stmt]
) -> list[tuple[int | None, int | None]]:
    """Counterparts in order: the pairs that have most in common (Needleman and Wunsch, 1970)."""
    alike = [[_worth(one, other) for other in theirs] for one in mine]
    n, m = len(mine), len(theirs)
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + alike[i][j])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < n or j < m:
        if i < n and j < m and alike[i][j] > 0 and best[i][j] == best[i + 1][j + 1] + alike[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif i < n and (j == m or best[i][j] == best[i + 1][j]):
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return pairs


def _worth(one: ast.stmt, other: ast.stmt) -> float:
    """How much is won by taking two statements for counterparts; of a kind they may be unlike."""
    alike = likeness(one, other)
    if isinstance(one, ast.Return) and isinstance(other, ast.Return):
        return alike + 0.1
    least = ALIKE if type(one) is type(other) else VERY_ALIKE
    return alike if alike > least else 0.0


def _statement(slot: Slot, other: ast.stmt) -> list[Levels]:
    mine = slot.node
    if type(mine) is not type(other):
        return [[_replaced(slot, other)]]
    if not isinstance(mine, ast.For | ast.While | ast.If | ast.With | ast.FunctionDef):
        return _node(slot, other)
    found: list[Levels] = []
    for field, value in ast.iter_fields(mine):
        theirs = getattr(other, field)
        if field in ("body", "orelse"):
            found += _block(mine, field, value, theirs)
        elif isinstance(value, ast.AST):
            found += _node(Slot(mine, field, None, value, slot), theirs)
        elif _told(value) != _told(theirs):
            return [[_replaced(slot, other)]]
    return found


def _node(slot: Slot, other: ast.AST) -> list[Levels]:
    """What differs in one expression or plain statement: nothing, or one place of it."""
    mine = slot.node
    if _told(mine) == _told(other):
        return []
    here = _replaced(slot, other)
    if type(mine) is not type(other):
        return [[here]]
    inner: list[Levels] = []
    for mine_slot, theirs in _parts(slot, other):
        if mine_slot is None:
            return [[here]]
        inner += _node(mine_slot, theirs)
    if len(inner) != 1:
        return [[here]]
    return [[*inner[0], here]]


def _parts(slot: Slot, other: ast.AST) -> Iterator[tuple[Slot | None, ast.AST]]:
    """The inner nodes of two nodes of one kind; None where they cannot be paired."""
    mine = slot.node
    for field, value in ast.iter_fields(mine):
        theirs = getattr(other, field, None)
        if _told(value) == _told(theirs) or field == "ctx":
            continue
        if isinstance(value, ast.expr | ast.arguments | ast.comprehension) and theirs:
            yield Slot(mine, field, None, value, slot), theirs
        elif isinstance(value, list) and isinstance(theirs, list) and len(value) == len(theirs):
            for index, (one, another) in enumerate(zip(value, theirs, strict=True)):
                if _told(one) != _told(another):
                    paired = isinstance(one, ast.AST) and isinstance(another, ast.AST)
                    yield (Slot(mine, field, index, one, slot) if paired else None), another
        else:
            yield None, other


def _replaced(slot: Slot, other: ast.AST) -> Edit:
    new = moved(other, slot.node)
    lines = head_of(slot.node) if isinstance(slot.node, ast.stmt) else lines_of(slot.node)
    above = slot.above
    while above is not None and not hasattr(slot.node, "lineno") and lines == (1, 1):
        lines, above = lines_of(above.node), above.above
    kind, what = kind_of(slot.owner, slot.field, slot.node, other)
    cost = 0.01 * size(other)
    return Edit(slot.owner, slot.field, slot.holding(new), *lines, kind, what, cost)


def _told(value: object) -> str:
    if isinstance(value, ast.AST):
        return ast.dump(value)
    if isinstance(value, list):
        return "".join(map(_told, value))
    return repr(value)
