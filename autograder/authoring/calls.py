"""What an exercise's function is called with: one run of the reference, with a probe around it."""

from __future__ import annotations

import ast
import json
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.authoring import tricks
from autograder.lessons.lesson import Exercise, Lesson, functions

_ANY_NUMBER = {"str", "list"}


@dataclass
class Seen:
    """What one argument, or the result, was in a run: the descriptions of `tricks.described`."""

    name: str
    default: str | None = None
    values: list[dict[str, Any]] = field(default_factory=list)

    @property
    def kinds(self) -> set[str]:
        return {value["kind"] for value in self.values}

    def all(self, key: str) -> set[Any]:
        return {value[key] for value in self.values if key in value}

    @property
    def is_sequence(self) -> bool:
        """It has any number of items: a tuple that always has as many is a record."""
        return bool(self.kinds & _ANY_NUMBER) or (
            "tuple" in self.kinds and len(self.all("size")) > 1
        )

    def lengths(self, dimension: int) -> set[int]:
        """The sizes that a dimension of the tensors had."""
        shapes = [value["shape"] for value in self.values if "shape" in value]
        return {shape[dimension] for shape in shapes if len(shape) > dimension}

    @property
    def example(self) -> str | None:
        """The number that was passed in the first call."""
        return next((value["value"] for value in self.values if "value" in value), None)


@dataclass
class Calls:
    """An exercise's function, and everything that was passed and returned in a run."""

    parameters: list[str]
    arguments: list[Seen]
    result: Seen

    @property
    def is_method(self) -> bool:
        return self.parameters[:1] == ["self"]


def prelude() -> str:
    """The source that stands before the weakened lesson: the tricks as a module of their own."""
    text = Path(tricks.__file__).read_text(encoding="utf-8")
    return f"import types\ntricks = types.ModuleType('tricks')\nexec({text!r}, vars(tricks))\n"


def probe(lesson: Lesson, exercise: Exercise) -> str:
    """A solution that prints each sort of call."""
    parameters = _parameters(_function(lesson, exercise))
    named = ", ".join(f"{name!r}: {name}" for name in parameters if name != "self")
    passed = f"_passed = tricks.passed({{{named}}})"
    return wrapped(exercise, parameters, passed, "tricks.returned(_passed, _result)")


def calls(lesson: Lesson, exercise: Exercise, printed: str) -> Calls:
    """Read what the probe printed."""
    function = _function(lesson, exercise)
    parameters, defaults = _parameters(function), _defaults(function)
    seen = [Seen(name, defaults.get(name)) for name in parameters if name != "self"]
    result, lines = Seen("result"), printed.splitlines()
    told = (line.removeprefix(tricks.MARK) for line in lines if line.startswith(tricks.MARK))
    for call in (call for line in told for call in _read(line)):
        result.values.append(call["result"])
        for argument in seen:
            argument.values.append(call["arguments"][argument.name])
    return Calls(parameters, seen, result)


def _read(line: str) -> list[dict[str, Any]]:
    try:
        return [json.loads(line)]
    except ValueError:
        # The end of a long text is cut at the wall.
        return []


def together(arguments: list[Seen], dimension: int) -> list[list[Seen]]:
    """The tensors that have such a dimension, those together for which it is always as long.

    One that is always 1 is there to be broadcast, and is no number of rows.
    """
    groups: list[list[Seen]] = []
    for argument in arguments:
        if argument.lengths(dimension) - {1}:
            fitting = (group for group in groups if as_long(group[0], argument, dimension))
            group = next(fitting, None)
            if group is None:
                groups.append(group := [])
            group.append(argument)
    return groups


def as_long(one: Seen, other: Seen, dimension: int = 0) -> bool:
    """Whether two tensors have the same size in a dimension whenever both are there."""
    pairs = zip(one.values, other.values, strict=True)
    shapes = [(a["shape"], b["shape"]) for a, b in pairs if "shape" in a and "shape" in b]
    sizes = [(a[dimension : dimension + 1], b[dimension : dimension + 1]) for a, b in shapes]
    return bool(sizes) and all(first == second for first, second in sizes)


def could_be(argument: Seen, result: Seen) -> bool:
    """Whether an argument could hold the result: a list for a list, a tensor for one like it."""
    pairs = zip(argument.values, result.values, strict=True)
    both = [(a, b) for a, b in pairs if a["kind"] == b["kind"] and not a.get("grad")]
    listed = any(a["kind"] in ("list", "dict") and a["of"] == b["of"] for a, b in both)
    tensors = [a == b for a, b in both if a["kind"] == "tensor"]
    return listed or (bool(tensors) and all(tensors))


def wrapped(exercise: Exercise, parameters: list[str], before: str, behind: str) -> str:
    """A solution that calls the reference between these statements, and returns `_result`."""
    arguments = ", ".join(parameters)
    return "\n".join(
        (
            f"def _reference({arguments}):",
            textwrap.indent(exercise.code, "    "),
            before,
            f"_result = _reference({arguments})",
            behind,
            "return _result",
        )
    )


def _function(lesson: Lesson, exercise: Exercise) -> ast.FunctionDef:
    return dict(functions(ast.parse(lesson.source)))[exercise.id]


def _parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def _defaults(function: ast.FunctionDef) -> dict[str, str]:
    given = function.args
    positional = [each.arg for each in (*given.posonlyargs, *given.args)]
    pairs = list(zip(reversed(positional), reversed(given.defaults), strict=False))
    named = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    pairs += [(each.arg, value) for each, value in named if value]
    return {name: ast.unparse(value) for name, value in pairs}
