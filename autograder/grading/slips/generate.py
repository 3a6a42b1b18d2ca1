"""All slips of one reference function, the likeliest kinds first."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Set

from autograder.grading.slips import calls, expressions, statements
from autograder.grading.slips.inputs import inputs
from autograder.grading.slips.slip import Slip, Slot, made, slots
from autograder.grading.slips.words import Words

Rule = Callable[[Slot, Words], Iterator[Slip]]
RULES: tuple[Rule, ...] = (
    expressions.operators,
    expressions.signs,
    calls.calls,
    statements.statements,
    expressions.comparisons,
    expressions.constants,
    expressions.slices,
    expressions.tuples,
)
# Of one exercise; what is beyond them is seldom what anybody wrote.
MOST = 400
# As many names as can be exchanged with one another before there are too many pairs.
NAMES = 7


def slips(function: ast.FunctionDef, known: Set[str]) -> list[Slip]:
    """The slips of a function whose `known` names may be said; no two of them the same code."""
    seen, found = {ast.unparse(function)}, []
    for slip in _all(function, Words(known)):
        with made(slip):
            text = _text(function)
        if text and text not in seen:
            seen.add(text)
            found.append(slip)
        if len(found) == MOST:
            break
    return found


def _all(function: ast.FunctionDef, words: Words) -> Iterator[Slip]:
    places = list(slots(function))
    for rule in RULES:
        for slot in places:
            yield from rule(slot, words)
    yield from inputs(function, words)
    others, attributes = _variables(function), _attributes(places)
    for slot in places:
        yield from calls.names(slot, words, others, attributes)


def _text(function: ast.FunctionDef) -> str:
    try:
        return ast.unparse(function)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ""


def _variables(function: ast.FunctionDef) -> tuple[str, ...]:
    """Its parameters and locals, the first few."""
    found = {each.arg: None for each in function.args.args if each.arg != "self"}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
    return (*found,)[:NAMES]


def _attributes(places: list[Slot]) -> tuple[str, ...]:
    """The attributes that it reads or sets and does not call, the first few."""
    found: dict[str, None] = {}
    for slot in places:
        called = isinstance(slot.owner, ast.Call) and slot.field == "func"
        if isinstance(slot.node, ast.Attribute) and not called and slot.node.attr != "T":
            found[slot.node.attr] = None
    return (*found,)[:NAMES]
