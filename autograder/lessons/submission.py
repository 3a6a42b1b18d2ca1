"""Submissions: a learner's file read as text, without running any of it.

A `.py` file is one unit, because Python would not read half of it. In a notebook each code cell is
a unit of its own: one that is not Python leaves the others standing, as in Jupyter.
"""

from __future__ import annotations

import ast
import bisect
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from autograder.lessons.lesson import Exercise
from autograder.lessons.markers import last_line
from autograder.lessons.names import (
    assigned_names,
    bound_names,
    definitions,
    first_line,
    statements,
)
from autograder.lessons.reach import Reach
from autograder.lessons.units import (
    MAX_SHOWN,
    Problem,
    Unit,
    block,
    definition,
    line_in_text,
    parse,
)

__all__ = ["Submission", "Unit"]


@dataclass
class Submission:
    """A learner's file: its path as it is shown, and its units.

    `notes` are sentences about how it was read, `grade_ids` those that nbgrader has given its
    cells, and `dropped` the statements that are not executed, by their lines and columns. Where it
    was put together, `origins` has for each line the file or cell, and how that counts the line.
    """

    path: str
    units: list[Unit]
    notes: tuple[str, ...] = ()
    grade_ids: frozenset[str] = frozenset()
    dropped: frozenset[tuple[int, int]] = frozenset()
    origins: tuple[tuple[str, int], ...] = ()

    @property
    def readable(self) -> bool:
        """Whether any of it is Python."""
        return any(tree for tree, _ in self._parsed)

    @cached_property
    def problems(self) -> list[Problem]:
        return [problem for _, problem in self._parsed if problem]

    @cached_property
    def _parsed(self) -> list[tuple[ast.Module | None, Problem | None]]:
        return [parse(unit) for unit in self.units]

    def sources(self) -> list[tuple[str, int]]:
        """What a worker executes: the units that are Python, each with its first line."""
        return [(unit.source, unit.line) for unit, _ in self.parsed() if not unit.file]

    def files(self) -> dict[str, list[tuple[str, int]]]:
        """What was written into files: by their names, the pieces of each with their lines."""
        found: dict[str, list[tuple[str, int]]] = {}
        for unit, _ in self.parsed():
            if unit.file:
                before = found.get(unit.file, []) if unit.appends else []
                found[unit.file] = [*before, (unit.source, unit.line)]
        return found

    def parsed(self) -> list[tuple[Unit, ast.Module]]:
        """The units that are Python, with their trees."""
        pairs = zip(self.units, self._parsed, strict=True)
        return [(unit, tree) for unit, (tree, _) in pairs if tree]

    def rebound(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of some names that may come to hold something else than what was defined."""
        bound = {name for _, tree in self.parsed() for name in bound_names(tree)}
        # A function that says `global` is rare, and looking for one is not cheap.
        for unit, tree in self.parsed():
            inner = ast.walk(tree) if "global " in unit.source else ()
            bound.update(name for n in inner if isinstance(n, ast.Global) for name in n.names)
        return tuple(sorted(bound.intersection(names)))

    def fails_with(self, id: str, line: int) -> bool:
        """Whether the statement that begins in a line holds an exercise's last definition."""
        place = self.line_of(id)
        beginning = self._beginning.get(line, ())
        return place is not None and any(n.lineno <= place <= last_line(n) for n in beginning)

    @cached_property
    def _beginning(self) -> dict[int, list[ast.stmt]]:
        """What is executed once, by the lines where it begins."""
        found: dict[int, list[ast.stmt]] = {}
        for _, tree in self.parsed():
            for node in statements(tree.body):
                found.setdefault(first_line(node), []).append(node)
        return found

    def is_untouched(self, exercise: Exercise) -> bool:
        """Whether an exercise is a stub, and nothing else in the file gives its name a value."""
        return self.is_stub(exercise) and exercise.id.rpartition(".")[2] not in self._assigned

    def is_stub(self, exercise: Exercise) -> bool:
        """Whether the only definition of an exercise does nothing but raise NotImplementedError."""
        found = self._definitions.get(exercise.id) or self._in_text(exercise.id)
        if len(found) != 1 or exercise.worked:
            return False
        body = found[0].body[1:] if ast.get_docstring(found[0]) is not None else found[0].body
        return len(body) == 1 and _raises_not_implemented(body[0])

    def _in_text(self, id: str) -> list[ast.FunctionDef]:
        """A definition in a unit that is not Python, where its own lines are."""
        for unit, (tree, _) in zip(self.units, self._parsed, strict=True):
            line = None if tree else line_in_text(unit, id)
            if line:
                alone, _ = parse(Unit(block(unit.source.split("\n")[line - unit.line :])))
                body = alone.body if alone else []
                return [node for node in body if isinstance(node, ast.FunctionDef)]
        return []

    def line_of(self, id: str) -> int | None:
        """The line of an exercise's last definition, or None.

        In a unit that is not Python the definition is looked for as text.
        """
        if id not in self._lines:
            self._lines[id] = self._line(id)
        return self._lines[id]

    @cached_property
    def _lines(self) -> dict[str, int | None]:
        return {}

    def _line(self, id: str) -> int | None:
        if found := self._definitions.get(id):
            return found[-1].lineno
        for unit, (tree, _) in zip(reversed(self.units), reversed(self._parsed), strict=True):
            if tree is None and (line := line_in_text(unit, id)):
                return line
        return None

    def definition_of(self, id: str) -> ast.FunctionDef | None:
        """The syntax tree of an exercise's last definition, which nobody may change."""
        found = self._definitions.get(id)
        return found[-1] if found else None

    def is_attempt(self, id: str) -> bool:
        """Whether an exercise's code makes anything of its arguments; else it was hardly begun."""
        definition = self.definition_of(id)
        if definition is None:
            return True
        held = {node.arg for node in ast.walk(definition.args) if isinstance(node, ast.arg)}
        inside = (node for each in definition.body for node in ast.walk(each))
        return not held or any(isinstance(n, ast.Name) and n.id in held for n in inside)

    def spans(self, id: str, line: int) -> bool:
        """Whether a line of the file belongs to an exercise's last definition."""
        found = self._definitions.get(id)
        return found is not None and found[-1].lineno <= line <= last_line(found[-1])

    def body_of(self, id: str) -> list[str]:
        """The lines of an exercise's last definition, without its docstring, dedented."""
        for unit, (tree, _) in zip(reversed(self.units), reversed(self._parsed), strict=True):
            nodes = [node for name, node in definitions(tree) if name == id] if tree else []
            if nodes:
                lines = unit.source.split("\n")
                start = nodes[-1].body[0].lineno
                if ast.get_docstring(nodes[-1]) is not None:
                    start = last_line(nodes[-1].body[0]) + 1
                body = lines[start - unit.line : last_line(nodes[-1]) - unit.line + 1]
                return textwrap.dedent("\n".join(body)).splitlines()
        return []

    def broken_unit(self, id: str) -> Problem | None:
        """The first unit that is not Python and has the words that would define an exercise."""
        name = id.rpartition(".")[2]
        if name not in self._broken:
            words = definition(name)
            broken = ((p, unit) for unit, (_, p) in zip(self.units, self._parsed, strict=True) if p)
            found = (problem for problem, unit in broken if words.search(unit.source))
            self._broken[name] = next(found, None)
        return self._broken[name]

    @cached_property
    def _broken(self) -> dict[str, Problem | None]:
        return {}

    def place(self, line: int) -> tuple[str, str]:
        """Where a line is, as a person says it, and its text."""
        number = bisect.bisect_right(self._starts, line) - 1
        if number < 0:
            return f"line {line}", ""
        unit, inside = self.units[number], line - self.units[number].line
        lines = self._texts[number]
        text = lines[inside].strip()[:MAX_SHOWN] if inside < len(lines) else ""
        label, shown = self._origin(line) or (unit.label, inside + 1 if unit.label else line)
        return f"{label}, line {shown}" if label else f"line {shown}", text

    def _origin(self, line: int) -> tuple[str, int] | None:
        return self.origins[line - 1] if 0 < line <= len(self.origins) else None

    def shown_line(self, id: str) -> int | None:
        """The line of an exercise's last definition, as the file counts it that it came from."""
        line = self.line_of(id)
        origin = self._origin(line) if line else None
        return origin[1] if origin else line

    @cached_property
    def _starts(self) -> list[int]:
        return [unit.line for unit in self.units]

    @cached_property
    def _texts(self) -> list[list[str]]:
        return [unit.source.split("\n") for unit in self.units]

    def defines(self, id: str) -> bool:
        """Whether any definition or assignment in the file could give this exercise."""
        return id in self._definitions or id.rpartition(".")[2] in self._assigned

    def mentions(self, id: str, other: str) -> bool:
        """Whether an exercise's own code, or code of the file that it names, names another."""
        return self._reach.mentions(id, other)

    @cached_property
    def _reach(self) -> Reach:
        return Reach((tree for _, tree in self.parsed()), self._definitions)

    @cached_property
    def _definitions(self) -> dict[str, list[ast.FunctionDef]]:
        found: dict[str, list[ast.FunctionDef]] = {}
        for tree, _ in self._parsed:
            for name, node in definitions(tree) if tree else ():
                found.setdefault(name, []).append(node)
        return found

    @cached_property
    def _assigned(self) -> set[str]:
        """Names that are given a value outside functions, and attributes that are anywhere."""
        return {name for tree, _ in self._parsed if tree for name in assigned_names(tree)}


def _raises_not_implemented(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Raise) or statement.cause is not None:
        return False
    raised = statement.exc
    if isinstance(raised, ast.Call) and not raised.args and not raised.keywords:
        raised = raised.func
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
