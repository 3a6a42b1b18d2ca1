"""What a Jupyter kernel holds, as a submission: the cells that were executed, cut to definitions.

Nothing that was slow in the notebook runs again: loops, calls that stand alone and blocks behind
`if __name__` are left out, and an assignment stays only where a definition uses it. Of a name that
was defined more than once the last definition counts; it is moved up where an earlier statement
needs it, because in the kernel that statement found an earlier definition.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from autograder.lessons.cells import cell_unit
from autograder.lessons.definitions import (
    ASSIGNMENTS,
    DEFINITIONS,
    IMPORTS,
    is_alias,
    is_main,
    loaded,
    names_used,
    stores,
)
from autograder.lessons.names import blocks, first_line
from autograder.lessons.submission import Submission
from autograder.lessons.units import Unit, parse


class KernelSubmission(Submission):
    """A submission in which of several definitions of an exercise only the last one stands."""

    @cached_property
    def _definitions(self) -> dict[str, list[ast.FunctionDef]]:
        return {id: found[-1:] for id, found in super()._definitions.items()}


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement at the top of an executed cell; `cell` is its number in the history."""

    node: ast.stmt
    source: str
    line: int
    cell: int

    @cached_property
    def defines(self) -> str:
        """The name of the function or class, or nothing."""
        return self.node.name if isinstance(self.node, DEFINITIONS) else ""

    @cached_property
    def uses(self) -> set[str]:
        """All names that it reads, now or when it is called."""
        return loaded(self.node)

    @cached_property
    def uses_at_once(self) -> set[str]:
        """The names that it reads while it is executed: a function's body waits."""
        return _loaded_at_once(self.node)


class History:
    """The inputs of a kernel in the order of their execution.

    names: what the kernel holds now; a definition of anything else was deleted or never came
    about. None stands for everything.
    """

    def __init__(self, cells: Iterable[str], names: Collection[str] | None = None):
        units = [cell_unit(cell) for cell in cells]
        self._written = [
            dataclasses.replace(cell, label=f"In [{number}]")
            for number, cell in enumerate(units)
            if cell.file
        ]
        self._statements = list(_statements(units))
        self._names = names
        self._begun: set[Statement] = set()
        self._ordered: list[Statement] = []
        self._placed: set[Statement] = set()
        self._settled: set[str] = set()

    def units(self) -> list[Unit]:
        """The definitions as units; the line of each is counted through, its label is the cell."""
        for statement in self._kept:
            self._order(statement)
        units: list[Unit] = []
        line = 1
        for label, text in _joined(self._ordered):
            units.append(Unit(text, line, label))
            line += text.count("\n") + 1
        for unit in self._written:
            units.append(dataclasses.replace(unit, line=line))
            line += unit.source.count("\n") + 1
        return units

    def _order(self, statement: Statement) -> None:
        """Put a statement behind the definitions that it needs while it is executed."""
        if statement not in self._begun:
            self._begun.add(statement)
            needed = self._needed(statement)
            # What others build on comes last in the list: so hardly anything waits for another.
            for name in reversed(needed):
                self._order(self._last[name])
            self._ordered.append(statement)
            self._placed.add(statement)
            reached = [self._last[name] for name in needed]
            # What may reach this statement may reach all that its own body names.
            if all(e in self._placed and statement.defines not in e.uses for e in reached):
                self._settled.update(needed)

    def _needed(self, statement: Statement) -> list[str]:
        """Definitions needed at once; for a call these are all that the callee may reach.

        Those that are settled have their place, and so has all that they may reach.
        """
        found, waiting = {}, deque(sorted(statement.uses_at_once))
        while waiting:
            name = waiting.popleft()
            if name in self._settled or name not in self._last or name in found:
                continue
            if self._last[name] is not statement:
                found[name] = True
                waiting += sorted(self._last[name].uses)
        return list(found)

    @cached_property
    def _last(self) -> dict[str, Statement]:
        """The last definition of every function and class that the kernel still holds."""
        found = {s.defines: s for s in self._statements if s.defines}
        return {n: s for n, s in found.items() if self._names is None or n in self._names}

    @cached_property
    def _kept(self) -> list[Statement]:
        last = set(self._last.values())
        used = names_used(s.node for s in self._statements if not s.defines or s in last)
        return [
            statement
            for statement in self._statements
            if isinstance(statement.node, IMPORTS)
            or statement in last
            or stores(statement.node) & used
            or is_alias(statement.node)
        ]


def _joined(statements: Iterable[Statement]) -> Iterator[tuple[str, str]]:
    """The label and the text of each unit: statements of one cell, each in its own line there."""
    texts: list[str] = []
    cell, end = -1, 0
    for statement in statements:
        if statement.cell != cell or statement.line <= end:
            if texts:
                yield f"In [{cell}]", "".join(texts)
            texts, cell, end = [], statement.cell, 0
        texts.append("\n" * (statement.line - (end or 1)) + statement.source)
        end = statement.line + statement.source.count("\n")
    if texts:
        yield f"In [{cell}]", "".join(texts)


def _statements(cells: Iterable[Unit]) -> Iterator[Statement]:
    """Imports, definitions and assignments at the top of the cells that are Python."""
    for number, cell in enumerate(cells):
        tree, _ = parse(cell)
        if tree is None or cell.file:
            continue
        lines = cell.source.encode().split(b"\n")
        for node in _reduced(tree.body):
            line = first_line(node)
            yield Statement(node, _segment(lines, node, line), line, number)


def _reduced(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that define something; `if`, `with` and `try` are looked into."""
    # Not recursive: a chain of `elif` may nest deeper than Python's stack.
    todo = [(node, True) for node in reversed(body)]
    while todo:
        node, is_top = todo.pop()
        if isinstance(node, (*DEFINITIONS, *IMPORTS)) or (is_top and isinstance(node, ASSIGNMENTS)):
            yield node
        elif not isinstance(node, ASSIGNMENTS) and not is_main(node):
            # Of several the first counts: what stands behind `else` or `except` is the way out.
            inner = [each for block in reversed(blocks(node)) for each in block]
            todo += [(each, False) for each in reversed(inner)]


# Behind a statement that has its lines for itself stands nothing, or a comment.
_NOTHING = re.compile(rb"\s*(?:#|$)")


def _segment(lines: list[bytes], node: ast.stmt, first: int) -> str:
    """The statement's own text from line `first` on; written anew where it shares its lines."""
    last = node.end_lineno or first
    if node.col_offset or not _NOTHING.match(lines[last - 1], node.end_col_offset or 0):
        return ast.unparse(node)
    return b"\n".join(lines[first - 1 : last]).decode()


def _loaded_at_once(node: ast.AST) -> set[str]:
    """Names outside of function bodies; a decorator or a default value is executed at once."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        outside = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
        return set().union(*map(loaded, outside))
    if isinstance(node, ast.ClassDef):
        outside = [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
        inside = (_loaded_at_once(member) for member in node.body)
        return set().union(*map(loaded, outside), *inside)
    return loaded(node)
