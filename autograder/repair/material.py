"""Edits out of the author's material: the reference, and the known mistakes the other way round.

They are for a learner's own machine, where both lie on the disk already.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from autograder.grading.plan import Plan
from autograder.lessons.lesson import functions
from autograder.repair.alignment import (
    code_of,
    counterpart_names,
    differences,
    likeness,
    renamed,
)
from autograder.repair.edit import (
    Costly,
    Edit,
    Slot,
    Splice,
    applied,
    head_of,
    lines_of,
    moved,
    put,
    size,
    slots,
    taken,
)
from autograder.repair.patterns import filled, telling, unified
from autograder.repair.place import Kind, kind_of
from autograder.repair.scope import parameters, stored

# Of the pieces of the reference, how many are tried in one place.
NEAREST = 3
# A piece of the reference may be this much larger than what it replaces, and so many nodes more.
TIMES_LARGER, NODES_MORE = 1.5, 10
# What it costs to change two places at once: nearly all that is likely at one is tried first.
TWO = 2.3
# What asks for less than this is found anywhere.
LEAST_TELLING = 3


@dataclass(frozen=True)
class Material:
    """What the author has written about one exercise, for one learner's function."""

    plan: Plan
    exercise: str
    function: ast.FunctionDef

    def repairs(self) -> Iterator[Costly]:
        """Repairs with their costs, in no order."""
        yield from self._aligned()
        yield from self._mistakes()
        yield from self._pieces()

    @cached_property
    def _reference(self) -> ast.FunctionDef:
        tree = ast.parse(self.plan.lesson.source)
        return next(node for id, node in functions(tree) if id == self.exercise)

    @cached_property
    def _names(self) -> dict[str, str]:
        return counterpart_names(self.function, self._reference)

    @cached_property
    def _renamed(self) -> ast.FunctionDef:
        return renamed(self._reference, self._names)

    def _aligned(self) -> Iterator[Costly]:
        """The differences from the reference: the only one, both, or each by itself."""
        found = differences(self.function, self._renamed)
        if len(found) == 1:
            yield from ((0.1 * n, (edit,)) for n, edit in enumerate(found[0]))
            return
        if len(found) == 2 and all(self._is_fair(levels[0]) for levels in found):
            yield TWO, (found[0][0], found[1][0])
        for levels in found:
            for n, edit in enumerate(levels):
                if self._is_fair(edit):
                    yield 0.7 + 0.3 * n + edit.cost, (edit,)

    def _mistakes(self) -> Iterator[Costly]:
        free = {*parameters(self._reference), *stored(self._reference)} - {"self"}
        seen: set[str] = set()
        for mistake in self.plan.declarations.mistakes:
            if mistake.exercise != self.exercise:
                continue
            for levels in self._made_by(mistake.applied(self._solution)):
                for level, edit in enumerate(levels):
                    told = _told(edit)
                    if told not in seen:
                        seen.add(told)
                        for cost, found in self._reversed(edit, free):
                            yield cost + 0.2 * level, found

    @property
    def _solution(self) -> str:
        return self.plan.lesson.exercises[self.exercise].code

    def _made_by(self, body: str) -> list[list[Edit]]:
        """What would mend a mistake in the reference; nothing for one that is of another style."""
        wrong = copy.copy(self._reference)
        try:
            tree = ast.parse("def wrong():\n" + textwrap.indent(textwrap.dedent(body), "    "))
        except SyntaxError:
            return []
        outer = tree.body[0]
        assert isinstance(outer, ast.FunctionDef)
        wrong.body = outer.body
        found = differences(wrong, self._reference)
        return found if len(found) <= 3 else []

    def _reversed(self, edit: Edit, free: set[str]) -> Iterator[Costly]:
        before, after = taken(edit), put(edit)
        if after is None:
            return
        if before is None:
            assert isinstance(after, ast.stmt)
            yield from self._inserted(after)
            return
        certain = telling(before, free)
        found: list[Edit] = []
        for slot in slots(self.function) if certain >= LEAST_TELLING else ():
            bound = unified(before, slot.node, free)
            if bound is not None:
                new = moved(filled(after, bound, self._names), slot.node)
                found.append(_replaced(slot, new))
        cost = 1.0 - 0.05 * min(certain, 12)
        yield from ((cost, (edit,)) for edit in found)
        if len(found) > 1:
            yield cost + 0.5, tuple(found)

    def _inserted(self, statement: ast.stmt) -> Iterator[Costly]:
        """A statement that a mistake lacks, in every place that it could have."""
        if size(statement) > 40 or (isinstance(statement, ast.Return) and size(statement) > 8):
            return
        for slot in slots(self.function):
            if isinstance(slot.node, ast.stmt) and slot.index is not None:
                for at in (slot.index, slot.index + 1) if slot.index == 0 else (slot.index + 1,):
                    for names in self._namings(statement):
                        new = moved(filled(statement, {}, names), slot.node)
                        splice, lines = Splice(at, 0, (new,)), head_of(slot.node)
                        edit = Edit(slot.owner, slot.field, splice, *lines, Kind.MISSING)
                        yield 1.8 + 0.02 * size(statement), (edit,)

    def _namings(self, statement: ast.stmt) -> Iterator[dict[str, str]]:
        """The learner's names for a statement's; any of them for one without counterpart."""
        used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        strange = used & {*stored(self._reference)} - {*self._names}
        if len(strange) != 1:
            yield self._names
            return
        (name,) = strange
        for own in dict.fromkeys([*parameters(self.function), *stored(self.function)]):
            if own != "self":
                yield self._names | {name: own}

    def _pieces(self) -> Iterator[Costly]:
        """A piece of the reference for one of the learner's that is like it."""
        pieces = self._expressions
        for slot in slots(self.function):
            if not isinstance(slot.node, ast.expr) or not _is_read(slot):
                continue
            alike = [(likeness(slot.node, piece), piece) for piece in pieces]
            alike.sort(key=lambda pair: -pair[0])
            for nearness, piece in [pair for pair in alike if pair[0] < 1][:NEAREST]:
                edit = _replaced(slot, moved(piece, slot.node))
                if nearness > 0.2 and self._is_fair(edit):
                    yield 3.2 - 1.8 * nearness, (edit,)

    @cached_property
    def _expressions(self) -> list[ast.expr]:
        """The reference's expressions in the learner's names, each once."""
        found: dict[str, ast.expr] = {}
        known = {*parameters(self.function), *stored(self.function)}
        strange = {*parameters(self._reference), *stored(self._reference)} - {*self._names}
        for statement in code_of(self._renamed):
            for node in ast.walk(statement):
                if isinstance(node, ast.expr) and not isinstance(
                    getattr(node, "ctx", None), ast.Store
                ):
                    used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
                    if size(node) <= 30 and not (used & strange - known):
                        found.setdefault(ast.dump(node), node)
        return list(found.values())

    def _is_fair(self, edit: Edit) -> bool:
        """Whether an edit leaves the learner's code what it is: not all of it gives way to it."""
        before, after = taken(edit), put(edit)
        if after is None:
            return True
        if before is None:
            long = isinstance(after, ast.Return) and size(after) > 8
            return size(after) <= 40 and not long
        if size(after) > TIMES_LARGER * size(before) + NODES_MORE:
            return False
        names = {*stored(self.function)}
        used = _read(self.function) & names
        with applied(edit):
            lost = used - _read(self.function)
        return len(lost) <= (size(after) <= 8)


def _replaced(slot: Slot, new: ast.AST) -> Edit:
    is_statement = isinstance(slot.node, ast.stmt)
    lines = head_of(slot.node) if is_statement else lines_of(slot.node)
    kind, what = kind_of(slot.owner, slot.field, slot.node, new)
    return Edit(slot.owner, slot.field, slot.holding(new), *lines, kind, what)


def _is_read(slot: Slot) -> bool:
    return isinstance(getattr(slot.node, "ctx", ast.Load()), ast.Load)


def _read(function: ast.FunctionDef) -> set[str]:
    nodes = (node for statement in function.body for node in ast.walk(statement))
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _told(edit: Edit) -> str:
    before, after = taken(edit), put(edit)
    return " -> ".join(ast.dump(node) if node else "" for node in (before, after))
