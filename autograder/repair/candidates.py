"""All one-place edits of a function that are worth a try, the likeliest first."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from autograder.repair import calls, rules
from autograder.repair.edit import (
    Costly,
    Edit,
    Repair,
    Slot,
    lines_of,
    placed,
    put,
    size,
    slots,
    taken,
)
from autograder.repair.forgotten import forgotten_statements, unused_names
from autograder.repair.scope import Scope
from autograder.repair.statements import statement_edits

RULES = (
    rules.operators,
    rules.comparisons,
    rules.constants,
    rules.signs,
    rules.indices,
    rules.names,
    calls.arguments,
    calls.called_things,
    calls.wrappings,
    unused_names,
)


# Of a slip that is made in several places: a piece of code of at most this many nodes.
SMALL = 6
AGAIN, MOST = 0.8, 4


def generic_repairs(function: ast.FunctionDef, scope: Scope) -> Iterator[Costly]:
    """Every edit of one place, and those that make the same change wherever the same stands."""
    alike: dict[tuple[str, str], list[Edit]] = {}
    for edit in generic_edits(function, scope):
        yield edit.cost, (edit,)
        if change := _small(edit):
            alike.setdefault(change, []).append(edit)
    for edits in alike.values():
        if 1 < len(edits) <= MOST:
            yield max(edit.cost for edit in edits) + AGAIN, tuple(edits)


def _small(edit: Edit) -> tuple[str, str] | None:
    """What becomes of what, where that is a small expression."""
    before, after = taken(edit), put(edit)
    if not isinstance(before, ast.expr) or after is None or size(before) > SMALL:
        return None
    return ast.dump(before), ast.dump(after)


def generic_edits(function: ast.FunctionDef, scope: Scope) -> Iterator[Edit]:
    """Every edit that needs no material but the function itself, in the order of its code."""
    for slot in slots(function):
        if isinstance(slot.node, ast.expr):
            yield from _expression_edits(slot, scope)
    yield from statement_edits(function, scope)
    yield from forgotten_statements(function)


def _expression_edits(slot: Slot, scope: Scope) -> Iterator[Edit]:
    lines = lines_of(slot.node)
    for rule in RULES:
        for node, kind, what, cost in rule(slot, scope):
            value = slot.holding(placed(node, slot.node))
            yield Edit(slot.owner, slot.field, value, *lines, kind, what, cost)


def ranked(
    repairs: Iterable[Costly], ran: Collection[int], suspects: Collection[int]
) -> list[Repair]:
    """Repairs in the order in which they are tried.

    ran: the lines that the failing case came by; what others hold cannot have made it fail, but for
    what was to run and did not. suspects: the lines that are likeliest at fault.
    """
    lines, likely = set(ran), set(suspects)
    kept = []
    for cost, repair in repairs:
        here = {line for e in repair for line in range(e.line, e.last_line + 1)}
        if not lines or not lines.isdisjoint(here):
            kept.append((cost - 1.0 * bool(likely & here), repair))
    kept.sort(key=lambda pair: pair[0])
    return [repair for _, repair in kept]
