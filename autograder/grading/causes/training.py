"""The order of a training step: gradients cleared, backward, and only then the update."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import Enum, auto

from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.source import called
from autograder.reports.cause import Cause


class Step(Enum):
    """What a statement does with gradients."""

    BACKWARD = auto()
    CLEAR = auto()
    USE = auto()


Steps = list[tuple[Step, int]]


def cleared_too_early(evidence: Evidence) -> Iterator[Cause]:
    """Gradients that are cleared behind `backward` and before anything has used them."""
    for block in _blocks(evidence):
        steps = _steps(block)
        for number, (step, line) in enumerate(steps):
            before = [each for each, _ in steps[:number] if each is not Step.CLEAR]
            after = [each for each, _ in steps[number:] if each is not Step.CLEAR]
            if step is Step.CLEAR and before[-1:] == [Step.BACKWARD] and after[:1] == [Step.USE]:
                says = (
                    "this line clears the gradients behind `backward` and before the update, which "
                    "then moves nothing"
                )
                yield evidence.cause("cleared too early", says, line=line)
                return


def used_too_early(evidence: Evidence) -> Iterator[Cause]:
    """An update that stands before the `backward` that makes its gradients."""
    for number, block in enumerate(_blocks(evidence)):
        kinds = [step for step, _ in _steps(block) if step is not Step.CLEAR]
        if kinds == [Step.USE, Step.BACKWARD]:
            line = next(line for step, line in _steps(block) if step is Step.USE)
            says = "the update stands before `backward`, so it takes the gradients of before"
            # In a loop they are those of the round before, which somebody may have meant.
            yield evidence.cause("used too early", says, line=line, hedged=number > 0)
            return


def never_backward(evidence: Evidence) -> Iterator[Cause]:
    """Gradients that are used, and no `backward` where the reference has one."""
    source = evidence.source
    if source is None or not any(evidence.reference.calls("backward")):
        return
    uses = [line for block in _blocks(evidence) for step, line in _steps(block) if step is Step.USE]
    helped = {called(node) for node in ast.walk(source.node) if isinstance(node, ast.Call)}
    own = evidence.names.module & helped - evidence.names.lesson
    if uses and not own and not any(source.calls("backward", "grad")):
        says = "gradients are used here, and nothing calls `backward()` to make them"
        yield evidence.cause("never backward", says, line=uses[0], hedged=True)


def _blocks(evidence: Evidence) -> Iterator[list[ast.stmt]]:
    """The body, and those of its loops: one training step is one of them."""
    source = evidence.source
    if source is None:
        return
    yield source.body
    for node in source.own:
        if isinstance(node, ast.For | ast.While):
            yield node.body


def _steps(block: list[ast.stmt]) -> Steps:
    """What the statements of a block do with gradients, in their order."""
    found: Steps = []
    for statement in block:
        kinds = list({kind for node in ast.walk(statement) if (kind := _kind(node))})
        if len(kinds) > 1:  # nothing is known of their order
            return []
        found += [(kind, statement.lineno) for kind in kinds]
    return found


def _kind(node: ast.AST) -> Step | None:
    if isinstance(node, ast.Call):
        name = called(node)
        if name == "backward":
            return Step.BACKWARD
        if name == "zero_grad" or (name in ("zero_", "fill_") and _is_grad(_owner(node.func))):
            return Step.CLEAR
        return Step.USE if name == "step" else None
    if isinstance(node, ast.Assign) and any(_is_grad(target) for target in node.targets):
        return Step.CLEAR
    reads = isinstance(node, ast.BinOp | ast.AugAssign)
    inside = ast.walk(node) if reads else ()
    return Step.USE if any(_is_grad(each) for each in inside) else None


def _owner(function: ast.expr) -> ast.expr:
    """What a method is called of."""
    return function.value if isinstance(function, ast.Attribute) else function


def _is_grad(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "grad"
