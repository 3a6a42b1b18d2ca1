"""What stands in the source and has no effect: computed and dropped, defined and never called."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autograder.grading.causes.changed import changes_nothing
from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.source import Source, called
from autograder.reports.cause import Cause

_IDLE = (ast.Compare, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Name, ast.Attribute, ast.Subscript)
# Methods of tensors, lists and strings that change nothing and only return.
_PURE = {
    "masked_fill", "view", "reshape", "transpose", "permute", "squeeze", "unsqueeze", "float",
    "long", "sum", "mean", "exp", "log", "detach", "clone", "contiguous", "t", "item", "tolist",
    "softmax", "relu", "tanh", "sqrt", "abs", "clamp", "expand", "flatten", "split", "replace",
    "join", "strip", "lower", "upper", "keys", "values", "items", "copy", "cat", "stack", "zeros",
    "ones", "tensor", "pow", "encode", "decode", "repeat", "sigmoid", "log_softmax",
}  # fmt: skip
_DRAWING = {
    "sorted",
    "reversed",
    "len",
    "sum",
    "max",
    "min",
    "list",
    "tuple",
    "abs",
    "round",
    "str",
}


def without_effect(evidence: Evidence) -> Iterator[Cause]:
    """A line that computes something and keeps nothing of it."""
    for node in idle_lines(evidence.source) if evidence.source else ():
        yield evidence.cause("without effect", _dropped(node.value), line=node.lineno)
        return


def result_dropped(evidence: Evidence) -> Iterator[Cause]:
    """A call of another exercise, which returns something new and changes nothing."""
    source, lesson = evidence.source, evidence.key.plan.lesson
    for name, line in dropped_results(source, lesson.source) if source else ():
        says = f"`{name}` returns something new and changes nothing, and this line drops it"
        yield evidence.cause("result dropped", says, line=line)
        return


def dropped_results(source: Source, lesson: str) -> Iterator[tuple[str, int]]:
    """The functions of a lesson's text that are called for their results, which no one takes."""
    for node in ast.walk(source.node):
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            if call.func.id == source.node.name:  # it may gather in what it hands on
                continue
            meant = Source.in_lesson(lesson, call.func.id)
            if meant and meant.gives_values and changes_nothing(meant):
                yield call.func.id, call.lineno


def idle_lines(source: Source) -> Iterator[ast.Expr]:
    """The statements that do nothing, but for those that a `try` makes to see whether they fail."""
    tries = [node for node in ast.walk(source.node) if isinstance(node, ast.Try)]
    probes = {id(statement) for each in tries for statement in each.body}
    for node in ast.walk(source.node):
        if isinstance(node, ast.Expr) and id(node) not in probes and _dropped(node.value):
            yield node


def _dropped(value: ast.expr) -> str:
    if isinstance(value, ast.Compare):
        return "this line compares and does nothing with the answer: is `=` meant for `==`?"
    if isinstance(value, ast.Attribute | ast.Name):
        return "this line names something and does not call it: are its `()` missing?"
    if isinstance(value, _IDLE):
        return "this line computes something and keeps nothing of it"
    if isinstance(value, ast.Call):
        name = called(value)
        method = isinstance(value.func, ast.Attribute)
        if (method and name in _PURE) or (not method and name in _DRAWING):
            return f"`{name}` returns something new and changes nothing, and this line drops it"
    return ""


def never_called(evidence: Evidence) -> Iterator[Cause]:
    """An inner function that is defined and never named again."""
    source = evidence.source
    for node in source.own if source else ():
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            inside = {id(each) for each in ast.walk(node)}
            uses = _reads(source, node.name) if source else []
            if all(id(use) in inside for use in uses):
                says = "a function is defined in here and never called"
                yield evidence.cause("never called", says, line=node.lineno)
                return


def called_at_once(evidence: Evidence) -> Iterator[Cause]:
    """The result of an inner function that returns nothing is kept: the function was meant."""
    source = evidence.source
    if source is None:
        return
    silent = {n.name for n in source.own if isinstance(n, ast.FunctionDef) and _returns_nothing(n)}
    for node in source.own:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Name) and function.id in silent:
                says = "a function is called at once, and its result None is kept: drop the `()`"
                yield evidence.cause("called at once", says, line=node.lineno)
                return


def _returns_nothing(node: ast.FunctionDef) -> bool:
    return not Source(node, "").gives_values


def argument_unused(evidence: Evidence) -> Iterator[Cause]:
    """A parameter that the reference reads and the submission does not."""
    source, reference = evidence.source, evidence.reference
    if source is None or source.parameters != reference.parameters or not source.body:
        return
    for name in source.parameters:
        if name != "self" and _reads(reference, name) and not _reads(source, name):
            says = f"the argument `{name}` is never used"
            yield evidence.cause("argument unused", says, line=source.node.lineno)
            return


def attribute_unused(evidence: Evidence) -> Iterator[Cause]:
    """Something that `self` has in the stub's own words, and that only the reference reads."""
    source, reference = evidence.source, evidence.reference
    if source is None or not source.owner or "self" not in source.parameters[:1]:
        return
    helpers = {called(node) for node in ast.walk(source.node) if isinstance(node, ast.Call)}
    own = evidence.names.attributes.get(source.owner, frozenset())
    if helpers & (own - evidence.names.lesson):
        return
    known = evidence.names.lesson & own
    for name in sorted(_of_self(reference) & known - _of_self(source)):
        says = f"`self.{name}` is not used here"
        yield evidence.cause("attribute unused", says, line=source.node.lineno, hedged=True)
        return


def value_unused(evidence: Evidence) -> Iterator[Cause]:
    """A local name that is given a value which nothing reads."""
    source = evidence.source
    for node in source.own if source else ():
        target = (
            node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        )
        if source and isinstance(target, ast.Name) and _is_idle(source, target.id):
            says = "this line gives a name a value that nothing uses"
            yield evidence.cause("value unused", says, line=target.lineno, hedged=True)
            return


def _is_idle(source: Source, name: str) -> bool:
    meant = name.startswith("_")
    return not meant and not _reads(source, name) and not _is_global(source, name)


def endless(evidence: Evidence) -> Iterator[Cause]:
    """A loop of which nothing changes what its condition asks."""
    source = evidence.source
    for node in ast.walk(source.node) if source else ():
        if isinstance(node, ast.While) and not _can_end(node):
            says = "nothing in this loop changes what its condition asks, and nothing leaves it"
            yield evidence.cause("endless", says, line=node.lineno)
            return


def _can_end(loop: ast.While) -> bool:
    inner = [each for part in loop.body for each in ast.walk(part)]
    if any(isinstance(node, ast.Break | ast.Return | ast.Raise) for node in inner):
        return True
    asked = {n.id for n in ast.walk(loop.test) if isinstance(n, ast.Name)}
    if any(isinstance(n, ast.Call) and called(n) != "len" for n in ast.walk(loop.test)):
        return True
    for node in inner:
        if isinstance(node, ast.Name) and node.id in asked and not isinstance(node.ctx, ast.Load):
            return True
        # A method may change what it belongs to, and a function what it is given.
        if isinstance(node, ast.Call):
            names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            if names & asked:
                return True
        stored = isinstance(node, ast.Subscript | ast.Attribute) and not _is_read(node)
        if stored and {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & asked:
            return True
    return not asked and not isinstance(loop.test, ast.Constant)


def _is_read(node: ast.Subscript | ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Load)


def _reads(source: Source, name: str) -> Sequence[ast.AST]:
    found = []
    for node in ast.walk(source.node):
        if (
            (
                isinstance(node, ast.Name)
                and node.id == name
                and isinstance(node.ctx, ast.Load)
                or isinstance(node, ast.Call)
                and called(node) in ("locals", "vars", "eval", "exec")
            )
            or isinstance(node, ast.AugAssign)
            and ast.unparse(node.target) == name
        ):
            found.append(node)
    return found


def _is_global(source: Source, name: str) -> bool:
    outer = (n for n in ast.walk(source.node) if isinstance(n, ast.Global | ast.Nonlocal))
    return any(name in node.names for node in outer)


def _of_self(source: Source) -> set[str]:
    """The attributes of `self` that a method reads."""
    return {
        node.attr
        for node in ast.walk(source.node)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name) and node.value.id == "self"
    }  # fmt: skip
