"""Loops that go on for ever because something in them stays as it was."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.source import Source
from autograder.grading.result import Outcome
from autograder.reports.cause import Cause

# Of names that stay as they were, so many can be looked through.
MOST = 2


def stuck(evidence: Evidence) -> Iterator[Cause]:
    """A loop that did not end, and what is set before it, read in it, and never changed."""
    source = evidence.source
    outcomes = {failure.result.outcome for failure in evidence.failures}
    if source is None or Outcome.TIMED_OUT not in outcomes:
        return
    for loop in source.own:
        if isinstance(loop, ast.While):
            same = _unchanged(source, loop)
            if 0 < len(same) <= MOST:
                names = " and ".join(f"`{name}`" for name in same)
                says = f"this loop did not end, and nothing in it gives {names} another value"
                safe = "a loop did not end, and something that it reads never gets another value"
                yield evidence.cause("stuck", says, line=loop.lineno, hedged=True, safe=safe)
                return


def _unchanged(source: Source, loop: ast.While) -> list[str]:
    """The locals that are set before a loop, that it reads, and that nothing in it can change."""
    before = {
        node.id
        for node in source.own
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        and node.lineno < loop.lineno
    }  # fmt: skip
    inside = [*ast.walk(loop)]
    read = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return sorted((before & read) - {name for node in inside for name in _changed(node)})


def _changed(node: ast.AST) -> Iterator[str]:
    """The names that a node gives a value, or whose value a call or a store may change."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
        return
    stored = isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
    if stored or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield from (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
