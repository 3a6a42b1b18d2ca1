"""Results: what a worker claims about one item, read with care, and how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.grading.comparison import Difference, compare
from autograder.pool.pool import Answer
from autograder.worker.observation import Malformed, Node, decode

MAX_PRINTED = 2000
_EMPTY = Node("dict", [], 0)
# What reading a tree of an unexpected shape raises; Malformed is a ValueError.
UNREADABLE = (KeyError, ValueError)


@dataclass(frozen=True)
class Raised:
    """An error as the far side describes it; `lines` are the lesson's lines that it crossed.

    `builtin` is whether it is one of Python's own errors, and not a class of the lesson.
    """

    type: str
    message: str
    lines: tuple[int, ...] = ()
    builtin: bool = True


@dataclass(frozen=True)
class Result:
    """One item's answer, read when somebody asks: most answers are, byte for byte, the reference's.

    `kind` is returned, raised, refused, timed out, died or malformed; `detail` says more of the
    last two.
    """

    answer: Answer

    @property
    def kind(self) -> str:
        return self._read[0]

    @property
    def detail(self) -> str:
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[str, str, dict[str, Node]]:
        if self.answer.kind != "answered":
            return self.answer.kind, self.answer.detail, {}
        try:
            given = fields(decode(self.answer.payload))
            if "error" in given:
                refused = raised(given["error"]).type == "ShortcutRefused"
                return "refused" if refused else "raised", "", given
            if "value" not in given:
                raise Malformed("the answer has no value")
            return "returned", "", given
        except UNREADABLE as error:
            return "malformed", str(error), {}

    @property
    def value(self) -> Node:
        return self._read[2]["value"]

    @cached_property
    def error(self) -> Raised:
        return raised(self._read[2]["error"])

    @property
    def printed(self) -> str:
        node = self._read[2].get("printed")
        return node.value[:MAX_PRINTED] if node and node.kind == "str" else ""

    @property
    def inputs(self) -> list[tuple[str, Node]]:
        """The recorded inputs, where the worker was asked to record them."""
        return list(fields(self._read[2].get("inputs", _EMPTY)).items())


def fields(node: Node) -> dict[str, Node]:
    return {key.value: value for key, value in value_of(node, "dict") if key.kind == "str"}


def raised(node: Node) -> Raised:
    """Read an error's description; raises Malformed or KeyError where it is none."""
    given = fields(node)
    lines = tuple(line_number(line) for line in value_of(given["lines"], "list")[:8])
    builtin = value_of(given["builtin"], "bool") if "builtin" in given else True
    kind, message = value_of(given["type"], "str")[:80], value_of(given["message"], "str")[:500]
    return Raised(kind, message, lines, builtin)


def value_of(node: Node, kind: str) -> Any:
    """The value of a node that has to be of one kind."""
    if node.kind != kind:
        raise Malformed(f"{node.kind} where {kind} was due")
    return node.value


def line_number(node: Node) -> int:
    if not 0 <= value_of(node, "int") < 10**7:
        raise Malformed("a line number that no file has")
    return node.value


def difference(
    expected: Result, actual: Result, tolerance: tuple[float, float] | None = None
) -> Difference | None:
    """How an item's result differs from the reference's; None where they agree.

    Errors agree when they are of the same type: their messages are not compared.
    """
    if expected.answer == actual.answer:
        return None
    if expected.kind == actual.kind == "returned":
        try:
            return compare(expected.value, actual.value, tolerance)
        except Exception as error:
            # What nobody has thought of costs its own exercise, and not the whole file.
            text = f"one that cannot be compared ({type(error).__name__})"
            return Difference("type", "", "a value", text)
    if expected.kind == actual.kind == "raised" and expected.error.type == actual.error.type:
        return None
    if expected.kind == actual.kind and expected.kind not in ("returned", "raised"):
        return None
    return Difference(actual.kind, "", "a value", actual.kind)
