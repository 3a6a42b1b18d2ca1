"""What a Jupyter kernel holds, as a submission: the cells that were executed, cut to definitions.

Nothing that was slow in the notebook runs again: loops, calls that stand alone and blocks behind
`if __name__` are left out, and an assignment stays only where a definition uses it. Of a name that
was defined more than once the last definition counts; it is moved up where an earlier statement
needs it, because in the kernel that statement found an earlier definition.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from autograder.lessons.files import without_magics
from autograder.lessons.submission import Submission, Unit, parse

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)


class KernelSubmission(Submission):
    """A submission in which of several definitions of an exercise only the last one stands."""

    @cached_property
    def _definitions(self) -> dict[str, list[ast.stmt]]:
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
        return self.node.name if isinstance(self.node, _DEFINITIONS) else ""

    @cached_property
    def stores(self) -> set[str]:
        """The names that an assignment sets or changes: `x` also for `x.y = 1` and `x[0] = 1`."""
        if not isinstance(self.node, _ASSIGNMENTS):
            return set()
        several = isinstance(self.node, ast.Assign)
        targets = self.node.targets if several else [self.node.target]
        return {name for target in targets for name in _roots(target)}

    @property
    def is_alias(self) -> bool:
        """Whether an assignment gives another name to a function, or a name to a lambda."""
        value = getattr(self.node, "value", None)
        return isinstance(value, ast.Lambda | ast.Name | ast.Attribute)

    @cached_property
    def uses(self) -> set[str]:
        """All names that it reads, now or when it is called."""
        return _loaded(self.node)

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
        self._statements = list(_statements(cells))
        self._names = names
        self._begun: set[Statement] = set()
        self._ordered: list[Statement] = []

    def units(self) -> list[Unit]:
        """The definitions as units; the line of each is counted through, its label is the cell."""
        for statement in self._kept:
            self._order(statement)
        units, line = [], 1
        for statement in self._ordered:
            padded = "\n" * (statement.line - 1) + statement.source
            units.append(Unit(padded, line, f"In [{statement.cell}]"))
            line += padded.count("\n") + 1
        return units

    def _order(self, statement: Statement) -> None:
        """Put a statement behind the definitions that it needs while it is executed."""
        if statement not in self._begun:
            self._begun.add(statement)
            for name in self._needed(statement):
                self._order(self._last[name])
            self._ordered.append(statement)

    def _needed(self, statement: Statement) -> list[str]:
        """Definitions needed at once; for a call these are all that the callee may reach."""
        found, waiting = {}, deque(sorted(statement.uses_at_once))
        while waiting:
            name = waiting.popleft()
            if name in self._last and name not in found and self._last[name] is not statement:
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
        used = self._used
        kept = []
        for statement in self._statements:
            if isinstance(statement.node, _IMPORTS):
                kept.append(statement)
            elif statement.defines:
                if self._last.get(statement.defines) is statement:
                    kept.append(statement)
            elif statement.stores & used or statement.is_alias:
                kept.append(statement)
        return kept

    @cached_property
    def _used(self) -> set[str]:
        """Every name that a definition can come to read, through assignments too."""
        stored: dict[str, list[Statement]] = {}
        for statement in self._statements:
            for name in statement.stores:
                stored.setdefault(name, []).append(statement)
        used = set(self._last)
        waiting = [name for statement in self._last.values() for name in statement.uses]
        while waiting:
            name = waiting.pop()
            if name not in used:
                used.add(name)
                for statement in stored.get(name, ()):
                    waiting += statement.uses
        return used


def _statements(cells: Iterable[str]) -> Iterator[Statement]:
    """Imports, definitions and assignments at the top of the cells that are Python."""
    for number, cell in enumerate(cells):
        source = without_magics(cell)
        tree, _ = parse(Unit(source))
        lines = source.splitlines()
        for node in _reduced(tree.body if tree else []):
            line = _first_line(node)
            yield Statement(node, _segment(lines, node, line), line, number)


def _first_line(node: ast.stmt) -> int:
    """The line of the first decorator, or of the statement itself."""
    return min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])


def _reduced(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that define something; `if` and `try` are looked into."""
    for node in body:
        if isinstance(node, (*_DEFINITIONS, *_IMPORTS, *_ASSIGNMENTS)):
            yield node
        elif isinstance(node, ast.Try) and all(isinstance(n, _IMPORTS) for n in node.body):
            yield from node.body


def _segment(source: list[str], node: ast.stmt, first: int) -> str:
    """The statement's own text from line `first` on; written anew where it shares its lines."""
    lines = source[first - 1 : node.end_lineno]
    behind = lines[-1].encode()[node.end_col_offset :].strip()
    if node.col_offset or (behind and not behind.startswith(b"#")):
        return ast.unparse(node)
    return "\n".join(lines)


def _roots(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _roots(element)
        return
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


def _loaded(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _loaded_at_once(node: ast.AST) -> set[str]:
    """Names outside of function bodies; a decorator or a default value is executed at once."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        outside = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
        return set().union(*map(_loaded, outside))
    if isinstance(node, ast.ClassDef):
        outside = [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
        inside = (_loaded_at_once(member) for member in node.body)
        return set().union(*map(_loaded, outside), *inside)
    return _loaded(node)
