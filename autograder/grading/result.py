"""Results: what a worker claims about one item, read with care, and how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from autograder.grading.comparison import Difference, Tolerance, compare
from autograder.pool.pool import Answer, Fate, Item
from autograder.reports.report import Kind
from autograder.worker.decoding import Malformed, Node, decode
from autograder.worker.wire import MAX_PRINTED

_EMPTY = Node("dict", [], 0)
# What reading a tree of an unexpected shape raises; Malformed is a ValueError.
UNREADABLE = (KeyError, ValueError)


class Outcome(StrEnum):
    """How one item ended."""

    RETURNED = "returned"
    RAISED = "raised"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    DIED = "died"
    MALFORMED = "malformed"

    @property
    def kind(self) -> Kind:
        """The same as the way in which something failed."""
        return Kind(self.value)


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

    `detail` says more of a process that died and of an answer that is malformed.
    """

    answer: Answer

    @property
    def outcome(self) -> Outcome:
        return self._read[0]

    @property
    def detail(self) -> str:
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[Outcome, str, dict[str, Node]]:
        if self.answer.fate is not Fate.ANSWERED:
            return Outcome(self.answer.fate.value), self.answer.detail, {}
        try:
            given = fields(decode(self.answer.payload))
            if "error" in given:
                refused = raised(given["error"]).type == "ShortcutRefused"
                return Outcome.REFUSED if refused else Outcome.RAISED, "", given
            if "value" not in given:
                raise Malformed("the answer has no value")
            return Outcome.RETURNED, "", given
        except UNREADABLE as error:
            return Outcome.MALFORMED, str(error), {}

    def told(self, name: str) -> Node:
        """Something else that the worker tells; raises KeyError where it does not."""
        return self._read[2][name]

    @property
    def value(self) -> Node:
        return self._read[2]["value"]

    @cached_property
    def error(self) -> Raised:
        return raised(self._read[2]["error"])

    @cached_property
    def late(self) -> tuple[list[int], list[tuple[str, Node]]]:
        """Of what did not end, the lesson's lines that it was in at last, and what names held.

        It is what the process says of itself.
        """
        try:
            given = fields(decode(self.answer.payload)) if self.answer.payload else {}
            lines = [line_number(line) for line in value_of(given["lines"], "list")[:8]]
            return lines, list(fields(given["locals"]).items())[:6]
        except UNREADABLE:
            return [], []

    @property
    def at(self) -> int:
        """Of examples, the number of the one that ran at last, as the process says."""
        node = self._read[2].get("at")
        return node.value if node and node.kind == "int" and 0 <= node.value < 1000 else 0

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
    number: int = value_of(node, "int")
    if not 0 <= number < 10**7:
        raise Malformed("a line number that no file has")
    return number


@dataclass(frozen=True)
class Failure:
    """An item whose result is not the reference's."""

    item: Item
    result: Result
    difference: Difference


def load_errors(load: Result | None) -> list[tuple[int, Raised]]:
    """The units that failed, each by its first line, as far as the process can be understood."""
    try:
        listed = value_of(fields(load.value)["errors"], "list") if load else []
        return [(line_number(fields(entry)["line"]), raised(entry)) for entry in listed[:20]]
    except UNREADABLE:
        return []


def difference(expected: Result, actual: Result, tolerance: Tolerance = None) -> Difference | None:
    """How an item's result differs from the reference's; None where they agree.

    Errors agree when they are of the same type: their messages are not compared.
    """
    if expected.answer == actual.answer:
        return None
    if expected.outcome != actual.outcome:
        return Difference(actual.outcome.kind, "", "a value", actual.outcome)
    if actual.outcome is Outcome.RETURNED:
        return _compared(expected.value, actual.value, tolerance)
    if actual.outcome is Outcome.RAISED and expected.error.type != actual.error.type:
        return Difference(Kind.RAISED, "", "a value", actual.outcome)
    return None


def _compared(expected: Node, actual: Node, tolerance: Tolerance | None) -> Difference | None:
    """What nobody has thought of costs its own exercise, and not the whole file."""
    try:
        return compare(expected, actual, tolerance)
    except Exception as error:
        text = f"one that cannot be compared ({type(error).__name__})"
        return Difference(Kind.TYPE, "", "a value", text)
