"""Small changes of whole statements: one too many, missing, misplaced, or of another form."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.repair.edit import Edit, Slot, Splice, head_of, lines_of, moved, placed, slots
from autograder.repair.place import Kind
from autograder.repair.scope import Scope

_BLOCKS = ("body", "orelse", "finalbody")


def statement_edits(function: ast.FunctionDef, scope: Scope) -> Iterator[Edit]:
    """Every change of one statement of a function."""
    for slot in slots(function):
        if isinstance(slot.node, ast.stmt) and slot.index is not None:
            yield from _forms(slot)
            yield from _drops(slot)
            if "torch" in scope.modules:
                yield from _unwatched(slot)
            yield from _moves(slot)
            yield from _out_and_in(slot)
    yield from _returns(function, scope)


def _edit(slot: Slot, nodes: list[ast.stmt], kind: Kind, cost: float, what: str = "") -> Edit:
    """Other statements in a slot's place."""
    value = slot.holding(*(placed(node, slot.node) for node in nodes))
    return Edit(slot.owner, slot.field, value, *head_of(slot.node), kind, what, cost)


def _forms(slot: Slot) -> Iterator[Edit]:
    """`=` for `+=` and the other way round, `return` for a bare value, `if` for `while`."""
    node = slot.node
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            for op, cost in ((ast.Add(), 0.7), (ast.Sub(), 2.0), (ast.Mult(), 3.0)):
                yield _edit(slot, [ast.AugAssign(target, op, value)], Kind.ASSIGNMENT, cost)
    elif isinstance(node, ast.AugAssign):
        yield _edit(slot, [ast.Assign([node.target], node.value)], Kind.ASSIGNMENT, 0.8)
        yield from _out_of_place(slot, node)
        for other in (ast.Add, ast.Sub, ast.Mult, ast.Div):
            if not isinstance(node.op, other):
                changed = ast.AugAssign(node.target, other(), node.value)
                yield _edit(slot, [changed], Kind.ASSIGNMENT, 1.0)
    elif isinstance(node, ast.Expr):
        yield _edit(slot, [ast.Return(node.value)], Kind.RETURN, 1.0)
    elif isinstance(node, ast.While):
        yield _edit(slot, [ast.If(node.test, node.body, node.orelse)], Kind.STATEMENT, 3.0)
    elif isinstance(node, ast.If):
        yield _edit(slot, [ast.While(node.test, node.body, [])], Kind.STATEMENT, 3.5)
        yield _edit(slot, node.body, Kind.CONDITION, 2.5)
        if node.orelse:
            yield _edit(slot, node.orelse, Kind.CONDITION, 2.5)
    elif isinstance(node, ast.With):
        yield _edit(slot, node.body, Kind.STATEMENT, 2.5)


def _out_of_place(slot: Slot, node: ast.AugAssign) -> Iterator[Edit]:
    """`x = x + y` for `x += y`, which changes the object that others hold too."""
    if isinstance(node.target, ast.Name):
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        yield _edit(slot, [ast.Assign([node.target], value)], Kind.ASSIGNMENT, 1.2)


def _drops(slot: Slot) -> Iterator[Edit]:
    if not isinstance(slot.node, ast.Import | ast.ImportFrom | ast.Pass):
        yield _edit(slot, [], Kind.SUPERFLUOUS, 1.5)
    if isinstance(slot.node, ast.Expr | ast.Assign | ast.AugAssign):
        yield _edit(slot, [slot.node, slot.node], Kind.MISSING, 5.0)


def _unwatched(slot: Slot) -> Iterator[Edit]:
    """A statement for which no gradients are kept."""
    if isinstance(
        slot.node, ast.For | ast.While | ast.If | ast.Assign | ast.AugAssign | ast.Return
    ):
        no_grad = ast.parse("torch.no_grad()", mode="eval").body
        inside = ast.With([ast.withitem(moved(no_grad, slot.node))], [slot.node])
        yield _edit(slot, [inside], Kind.STATEMENT, 2.5)


def _moves(slot: Slot) -> Iterator[Edit]:
    """A statement behind the next one, behind all, or before all of its block."""
    block, index = getattr(slot.owner, slot.field), slot.index
    assert index is not None
    lines = head_of(slot.node)
    rest = [*block[:index], *block[index + 1 :]]
    for at in dict.fromkeys((index + 1, len(rest), 0)):
        if at != index and at <= len(rest) and not (at == 0 and index == 1):
            moved = [*rest[:at], slot.node, *rest[at:]]
            cost = 2.2 if at == index + 1 else 3.5
            yield Edit(slot.owner, slot.field, moved, *lines, Kind.MOVED, "", cost)


def _out_and_in(slot: Slot) -> Iterator[Edit]:
    """The last or first statement of a block out of it; a neighbor of a block into it."""
    node, index = slot.node, slot.index
    block = getattr(slot.owner, slot.field)
    assert index is not None
    if not isinstance(node, ast.For | ast.While | ast.If | ast.With):
        return
    inner = node.body
    if len(inner) > 1:
        for outside, kept, last in ((inner[-1], inner[:-1], True), (inner[0], inner[1:], False)):
            shorter = _with_body(node, kept)
            nodes = [shorter, outside] if last else [outside, shorter]
            value = slot.holding(*nodes)
            lines = head_of(outside)
            yield Edit(slot.owner, slot.field, value, *lines, Kind.MOVED, "", 2.0 + (not last))
    if index + 1 < len(block):
        longer = _with_body(node, [*inner, block[index + 1]])
        value = [*block[:index], longer, *block[index + 2 :]]
        lines = head_of(block[index + 1])
        yield Edit(slot.owner, slot.field, value, *lines, Kind.MOVED, "", 2.2)
    if index > 0:
        longer = _with_body(node, [block[index - 1], *inner])
        value = [*block[: index - 1], longer, *block[index + 1 :]]
        lines = head_of(block[index - 1])
        yield Edit(slot.owner, slot.field, value, *lines, Kind.MOVED, "", 2.5)


def _with_body(node: ast.stmt, body: list[ast.stmt]) -> ast.stmt:
    fields = dict(ast.iter_fields(node)) | {"body": body}
    return ast.copy_location(type(node)(**fields), node)


def _returns(function: ast.FunctionDef, scope: Scope) -> Iterator[Edit]:
    """A `return` at the end, of what the last statement gives a value to or of any name."""
    last = function.body[-1]
    if isinstance(last, ast.Return):
        return
    end = lines_of(last)[1]
    target = last.targets[0] if isinstance(last, ast.Assign) else getattr(last, "target", None)
    values: list[ast.expr] = []
    if isinstance(target, ast.Name):
        values.append(ast.Name(target.id, ast.Load()))
    values += [ast.Name(name, ast.Load()) for name in (*reversed(scope.names), "self")]
    for number, value in enumerate(values):
        added = placed(ast.Return(value), last)
        cost = 0.9 + 0.1 * number
        added_last = Splice(len(function.body), 0, (added,))
        yield Edit(function, "body", added_last, end, end, Kind.RETURN, "", cost)
