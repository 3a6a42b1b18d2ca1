"""Weakenings of a solution: right for the small and tame inputs that checks tend to feed.

A weakening keeps the reference and puts a trick before or behind it (`tricks.py`): it looks at the
first items of a list alone, returns the first result for ever, or leaves an argument changed. What
applies to an exercise is decided by the arguments of one run of the reference, and not by whether
any check would notice. Those that the contract allows are listed beside the checks, in
`<lesson>.equivalent.toml`, with the reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.calls import Calls, Seen, wrapped
from autograder.lessons.lesson import Exercise

# What is harder to notice stands first: the first that a check catches ends its chain.
ITEMS = (50, 20, 10, 5, 3)
LETTERS = (20, 10)
ROWS = (1000, 100, 32, 8)
COLUMNS = (32, 8)
GROUPS = (32, 4)
RESULTS = (100, 50, 20, 10)

PLAIN = {"none", "bool", "number"}
ORDERED = {"str", "number", "tuple"}


@dataclass(frozen=True)
class Trick:
    """Statements before and behind the call of the reference, and what they do, in words."""

    name: str
    before: str = ""
    behind: str = ""


@dataclass(frozen=True)
class Weakening:
    """A weakened solution; `name` tells the argument or result, and what becomes of it."""

    exercise: str
    name: str
    solution: str


@dataclass(frozen=True)
class Allowed:
    """A weakening that the contract allows, and the reason."""

    exercise: str
    name: str
    because: str


def weakenings(exercise: Exercise, calls: Calls) -> Iterator[list[Weakening]]:
    """Chains of weakenings: in each, a check that catches one catches those behind it."""
    for chain in _chains(exercise, calls):
        yield [_weakening(exercise, calls, trick) for trick in chain]


def _weakening(exercise: Exercise, calls: Calls, trick: Trick) -> Weakening:
    solution = wrapped(exercise, calls.parameters, trick.before, trick.behind)
    return Weakening(exercise.id, trick.name, solution)


def _chains(exercise: Exercise, calls: Calls) -> Iterator[list[Trick]]:
    for argument in calls.arguments:
        if argument.is_sequence:
            yield from _cut(argument)
        yield from _replaced(argument)
        yield from _kept(argument, calls.result)
    for group in calls.groups:
        yield from _cut_rows(group, [a for a in calls.arguments if a.name in group])
    yield from _remembered(calls)
    yield from _changed(exercise, calls.result)


def _cut(argument: Seen) -> Iterator[list[Trick]]:
    x, items = argument.name, argument.all("of")
    yield [_before(x, f"the first {k} alone", f"tricks.first({x}, {k})") for k in ITEMS]
    yield [
        _before(x, f"without the rest of a division by {k}", f"tricks.multiple({x}, {k})")
        for k in GROUPS
    ]
    if items & {"str", "list", "tuple"} and "list" in argument.kinds:
        yield [
            _before(x, f"the first {k} of each", f"tricks.first_of_each({x}, {k})") for k in LETTERS
        ]
    if items & ORDERED:
        yield [_before(x, "each once", f"tricks.each_once({x})")]
        yield [_before(x, "in order", f"tricks.in_order({x})")]
    yield [_before(x, "behind those of the calls before", f"tricks.behind_the_last({x})")]


def _cut_rows(names: list[str], arguments: list[Seen]) -> Iterator[list[Trick]]:
    group, label = ", ".join(names), " and ".join(names)
    target = f"{group}," if len(names) == 1 else group

    def rows(what: str, call: str) -> Trick:
        return Trick(f"{label}, {what}", f"{target} = {call}")

    yield [rows(f"the first {k} rows alone", f"tricks.rows({k}, {group})") for k in ROWS]
    yield [
        rows(f"without the rest of a division by {k}", f"tricks.multiple_rows({k}, {group})")
        for k in GROUPS
    ]
    if any(True in argument.all("whole") for argument in arguments):
        yield [rows("each row once", f"tricks.rows_once({group})")]
    for argument in arguments:
        if argument.dimensions > 1:
            x = argument.name
            yield [
                _before(x, f"the first {k} columns alone", f"tricks.columns({x}, {k})")
                for k in COLUMNS
            ]


def _replaced(argument: Seen) -> Iterator[list[Trick]]:
    x, constants = argument.name, []
    if argument.default is not None:
        constants.append(_before(x, f"always {argument.default}", argument.default))
    if argument.example not in (None, argument.default):
        value = argument.example
        constants.append(_before(x, f"always {value}", f"tricks.constant({x}, {value})"))
    yield from ([constant] for constant in constants)
    if "generator" in argument.kinds:
        yield [
            _before(x, "one of its own", f"tricks.own_generator({x})"),
            _before(x, "always with the seed 0", f"tricks.same_seed({x})"),
        ]
        yield [_before(x, "begun again with its seed", f"tricks.begun_again({x})")]
        yield [_before(x, "the global one", "None")]


def _kept(argument: Seen, result: Seen) -> Iterator[list[Trick]]:
    """Arguments that are not as they were when the function has returned."""
    x, held = argument.name, argument.kinds & {"list", "dict", "tensor"}
    if held & result.kinds:
        yield [_behind(x, "changed into the result", f"_result = tricks.into({x}, _result)")]
    if held:
        yield [_behind(x, "emptied afterwards", f"tricks.empty({x}, _result)")]
    if argument.all("trains"):
        yield [_behind(x, "left in training", f"tricks.train({x}, True)")]
        yield [_behind(x, "left at inference", f"tricks.train({x}, False)")]


def _remembered(calls: Calls) -> Iterator[list[Trick]]:
    """Results that are those of an earlier call."""
    arguments = ", ".join(argument.name for argument in calls.arguments)
    chain = []
    if calls.is_method:
        key = f"tricks.key_of_object(self, {arguments})"
        chain.append(_memory("kept for each object and the sizes of the arguments", key))
    if any(argument.kinds - PLAIN for argument in calls.arguments):
        chain.append(_memory("kept for the sizes of the arguments", f"tricks.key({arguments})"))
    yield [*chain, _memory("that of the first call", "None")]


def _memory(what: str, key: str) -> Trick:
    before = f"_key = {key}\nif _key in tricks.kept:\n    return tricks.kept[_key]"
    return Trick(f"result, {what}", before, "tricks.kept[_key] = _result")


def _changed(exercise: Exercise, result: Seen) -> Iterator[list[Trick]]:
    if result.is_sequence:
        yield [_result(f"the first {k} alone", f"tricks.first(_result, {k})") for k in RESULTS]
    if result.kinds & {"list", "dict", "tensor"}:
        yield [_result("the same object in every call", "tricks.again(_result)")]
    if "dict" in result.kinds:
        yield [_result("with one more key", "tricks.one_more(_result)")]
    if True in result.all("grad"):
        yield [_result("detached", "tricks.detached(_result)")]
    if "no_grad" in exercise.code:
        yield [_behind("gradients", "left off afterwards", "tricks.torch.set_grad_enabled(False)")]
        if result.all("grad") == {False}:
            yield [_result("requiring gradients", "tricks.requiring(_result)")]


def _before(x: str, what: str, value: str) -> Trick:
    return Trick(f"{x}, {what}", before=f"{x} = {value}")


def _behind(x: str, what: str, statement: str) -> Trick:
    return Trick(f"{x}, {what}", behind=statement)


def _result(what: str, value: str) -> Trick:
    return _behind("result", what, f"_result = {value}")


def read_allowed(path: Path) -> list[Allowed]:
    """The list beside a lesson's checks; empty where there is none."""
    if not path.exists():
        return []
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Allowed(**entry) for entry in data.get("weakening", [])]
