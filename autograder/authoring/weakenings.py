"""Weakenings of a solution: right for the small and tame inputs that checks tend to feed.

A weakening keeps the reference and puts a trick before or behind it (`tricks.py`): it looks at the
first items of a list alone, returns the first result for ever, or leaves an argument changed. What
applies to an exercise is decided by the arguments of one run of the reference, and not by whether
any check would notice. Those that the contract allows are listed beside the checks, in
`equivalent.toml`, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.calls import Calls, Seen, as_long, could_be, together, wrapped
from autograder.authoring.listed import read_listed
from autograder.lessons.lesson import Exercise

# What is harder to notice stands first: the first that a check catches ends its chain.
ITEMS = (50, 20, 10, 5, 3)
LETTERS = (20, 10)
# Rows that are missing from a sum are silent; those that are missing from the result are seen.
ROWS = (1000, 100, 32, 8)
OWN_ROWS = (32, 8)
COLUMNS = (32, 8)
GROUPS = (32, 4)
RESULTS = (100, 50, 20, 10)

PLAIN = {"none", "bool", "number"}
ORDERED = {"str", "number", "tuple"}
_MODES = re.compile(r"\b(train|training|eval|evaluation|inference)\b")


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


Chain = list[Weakening]
Family = list[Chain]
Tricks = Iterator[list[list[Trick]]]


@dataclass(frozen=True)
class Allowed:
    """A weakening that the contract allows, and the reason."""

    exercise: str
    name: str
    because: str


def weakenings(exercise: Exercise, calls: Calls) -> Iterator[Family]:
    """Families of chains: a check that catches one of a chain catches those behind it.

    While one of a chain survives, the chains behind it in the family tell nothing new.
    """
    for family in _families(exercise, calls):
        yield [[_weakening(exercise, calls, trick) for trick in chain] for chain in family]


def _weakening(exercise: Exercise, calls: Calls, trick: Trick) -> Weakening:
    solution = wrapped(exercise, calls.parameters, trick.before, trick.behind)
    return Weakening(exercise.id, trick.name, solution)


def _families(exercise: Exercise, calls: Calls) -> Tricks:
    for argument in calls.arguments:
        if argument.is_sequence:
            yield from _cut(argument)
        yield from _replaced(argument)
        yield from _kept(argument, calls.result)
        if argument.all("trains") and _MODES.search(exercise.docstring + exercise.code):
            yield from _left(argument)
    for group in together(calls.arguments, 0):
        yield from _cut_rows(group, calls.result)
    for group in together(calls.arguments, 1):
        yield _cut_columns(group)
    yield _remembered(exercise, calls)
    yield from _changed(exercise, calls.result)


def _cut(argument: Seen) -> Tricks:
    x, items = argument.name, argument.all("of")
    yield [
        [_before(x, f"the first {k} alone", f"tricks.first({x}, {k})") for k in ITEMS],
        [_before(x, f"whole groups of {k} alone", f"tricks.groups({x}, {k})") for k in GROUPS],
    ]
    if items & {"str", "list", "tuple"} and "list" in argument.kinds:
        each = "the first {} of each"
        yield [[_before(x, each.format(k), f"tricks.first_of_each({x}, {k})") for k in LETTERS]]
    if items & ORDERED:
        yield [[_before(x, "each once", f"tricks.each_once({x})")]]
        yield [[_before(x, "in order", f"tricks.in_order({x})")]]
    yield [[_before(x, "behind those of the calls before", f"tricks.behind_the_last({x})")]]


def _cut_rows(group: list[Seen], result: Seen) -> Tricks:
    silent = not as_long(group[0], result)
    first = "the first {} rows alone", "tricks.rows({}, {})"
    whole = "whole groups of {} rows alone", "tricks.row_groups({}, {})"
    yield [
        [_together(group, *first, count) for count in (ROWS if silent else OWN_ROWS)],
        [_together(group, *whole, count) for count in GROUPS],
    ]
    if silent and any(True in argument.all("whole") for argument in group):
        yield [[_together(group, "each row once", "tricks.rows_once({1})")]]


def _cut_columns(group: list[Seen]) -> list[list[Trick]]:
    columns = "the first {} columns alone", "tricks.columns({}, {})"
    return [[_together(group, *columns, count) for count in COLUMNS]]


def _together(group: list[Seen], what: str, call: str, count: int = 0) -> Trick:
    names = [argument.name for argument in group]
    arguments = ", ".join(names)
    before = f"[{arguments}] = {call.format(count, arguments)}"
    return Trick(f"{' and '.join(names)}, {what.format(count)}", before)


def _replaced(argument: Seen) -> Tricks:
    x, default, example = argument.name, argument.default, argument.example
    if default is not None:
        yield [[_before(x, f"always {default}", default)]]
    if example not in (None, default) and "tensor" not in argument.kinds:
        yield [[_before(x, f"always {example}", f"tricks.constant({x}, {example})")]]
    if "generator" in argument.kinds:
        own = _before(x, "one of its own", f"tricks.own_generator({x})")
        yield [[own, _before(x, "always with the seed 0", f"tricks.same_seed({x})")]]
        yield [[_before(x, "begun again with its seed", f"tricks.begun_again({x})")]]
        yield [[_before(x, "the global one", "None")]]


def _kept(argument: Seen, result: Seen) -> Tricks:
    """Arguments that are not as they were when the function has returned."""
    x = argument.name
    if could_be(argument, result):
        yield [[_behind(x, "changed into the result", f"_result = tricks.into({x}, _result)")]]
    if argument.kinds & {"list", "dict", "tensor"}:
        yield [[_behind(x, "emptied afterwards", f"tricks.empty({x}, _result)")]]


def _left(argument: Seen) -> Tricks:
    x = argument.name
    yield [[_behind(x, "left in training", f"tricks.train({x}, True)")]]
    yield [[_behind(x, "left at inference", f"tricks.train({x}, False)")]]


def _remembered(exercise: Exercise, calls: Calls) -> list[list[Trick]]:
    """Results that are those of an earlier call."""
    arguments = ", ".join(argument.name for argument in calls.arguments)
    chain = []
    # An object is made once.
    if calls.is_method and not exercise.id.endswith(".__init__"):
        key = f"tricks.key_of_object(self, {arguments})"
        chain.append(_memory("kept for each object and the sizes of the arguments", key))
    if any(argument.kinds - PLAIN for argument in calls.arguments):
        chain.append(_memory("kept for the sizes of the arguments", f"tricks.key({arguments})"))
    return [[*chain, _memory("that of the first call", "None")]]


def _memory(what: str, key: str) -> Trick:
    before = f"_key = {key}\nif _key in tricks.kept:\n    return tricks.kept[_key]"
    return Trick(f"result, {what}", before, "tricks.kept[_key] = _result")


def _changed(exercise: Exercise, result: Seen) -> Tricks:
    if result.is_sequence:
        yield [[_result(f"the first {k} alone", f"tricks.first(_result, {k})") for k in RESULTS]]
    if result.kinds & {"list", "dict", "tensor"}:
        yield [[_result("the same object in every call", "tricks.again(_result)")]]
    if "dict" in result.kinds:
        yield [[_result("with one more key", "tricks.one_more(_result)")]]
    if True in result.all("grad"):
        yield [[_result("detached", "tricks.detached(_result)")]]
    if "no_grad" in exercise.code:
        yield [[_behind("gradients", "left off afterwards", "tricks.gradients_off()")]]
        if result.all("grad") == {False}:
            yield [[_result("requiring gradients", "tricks.requiring(_result)")]]


def _before(x: str, what: str, value: str) -> Trick:
    return Trick(f"{x}, {what}", before=f"{x} = {value}")


def _behind(x: str, what: str, statement: str) -> Trick:
    return Trick(f"{x}, {what}", behind=statement)


def _result(what: str, value: str) -> Trick:
    return _behind("result", what, f"_result = {value}")


def read_allowed(path: Path) -> list[Allowed]:
    """The list beside a lesson's checks; empty where there is none."""
    return read_listed(path, "weakening", Allowed)
