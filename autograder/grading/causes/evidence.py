"""What the rules look at: one exercise's failing results beside the reference's, and its source."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

import numpy

from autograder.grading.answer_key import AnswerKey
from autograder.grading.causes.source import Names, Source, names_in
from autograder.grading.leaves import Leaf
from autograder.grading.likeness import Likeness
from autograder.grading.result import Failure, Outcome, Raised
from autograder.lessons.submission import Submission
from autograder.reports.cause import Cause
from autograder.worker.decoding import Array, Node

# Of the places of one observation that are looked at by themselves.
MOST_PLACES = 4
# How near numbers are that stand in a relation.
RELATIVE, ABSOLUTE = 1e-4, 1e-6


def close(one: Array, other: Array) -> bool:
    """Whether numbers are as near as makes a relation."""
    return bool(numpy.allclose(one, other, rtol=RELATIVE, atol=ABSOLUTE))


@dataclass(frozen=True)
class Group:
    """Differences that may have something in common, each with the name of its item."""

    place: str
    named: list[tuple[str, Leaf]]

    @property
    def leaves(self) -> list[Leaf]:
        return [leaf for _, leaf in self.named]

    @property
    def items(self) -> list[str]:
        return [name for name, _ in self.named]

    @cached_property
    def pairs(self) -> list[tuple[Array, Array]]:
        """What is expected and what is there, as numbers; nothing where one is none."""
        both = [(leaf.one, leaf.other) for leaf in self.leaves]
        found = [(e, a) for e, a in both if e is not None and a is not None]
        return found if len(found) == len(both) else []


@dataclass(frozen=True)
class Evidence:
    """All that is known of a failing exercise; what fails in `results` comes from it alone."""

    likeness: Likeness
    submission: Submission

    @property
    def key(self) -> AnswerKey:
        return self.likeness.key

    @property
    def exercise(self) -> str:
        return self.likeness.exercise

    @cached_property
    def failures(self) -> list[Failure]:
        """The failing items in the order in which they ran."""
        found = []
        for item in self.likeness.failed:
            result = self.likeness.results[item.name]
            if difference := self.key.differs(item, result):
                found.append(Failure(item, result, difference))
        return found

    @cached_property
    def errors(self) -> list[Raised]:
        """What the failing items raised, the first failing one's first."""
        outcomes = (each.result for each in self.failures)
        return [result.error for result in outcomes if result.outcome is Outcome.RAISED]

    @cached_property
    def cases(self) -> list[tuple[str, list[Leaf]]]:
        """The failing items that returned, each with where it differs, leaf by leaf."""
        found = [(item.name, self.likeness.leaves(item)) for item in self.likeness.failed]
        return [(name, leaves) for name, leaves in found if leaves]

    @cached_property
    def groups(self) -> list[Group]:
        """What may have something in common: the first difference of every failing case, then
        all differences of one and the same place.
        """
        every = len(self.cases) == len(self.failures)
        found = [Group("", [(name, leaves[0]) for name, leaves in self.cases])] if every else []
        places = dict.fromkeys(leaf.place for _, leaves in self.cases for leaf in leaves)
        for place in [each for each in places if each][:MOST_PLACES]:
            there = [
                (n, leaf) for n, leaves in self.cases for leaf in leaves if leaf.place == place
            ]
            if len(there) > 1:
                found.append(Group(place, there))
        return found

    @cached_property
    def due(self) -> list[Node]:
        """What the reference returned, for the items that pass too."""
        results = [self.key.reference[item.name] for item in self.likeness.items]
        return [result.value for result in results if result.outcome is Outcome.RETURNED]

    @cached_property
    def inputs(self) -> dict[str, list[tuple[str, Node]]]:
        """What was drawn for each failing item, by name."""
        return {each.item.name: self.key.inputs[each.item.name] for each in self.failures}

    @cached_property
    def source(self) -> Source | None:
        """The learner's own definition, where there is one."""
        return Source.of(self.submission, self.exercise)

    @cached_property
    def reached(self) -> list[Source]:
        """The learner's own definition, and the helpers of his own that it names."""
        if self.source is None:
            return []
        exercises = self.key.plan.lesson.exercises
        others = [
            self.submission.definition_of(name)
            for name in sorted(self.words)
            if name not in exercises
        ]
        return [self.source, *(Source(node, "") for node in others if node)]

    @cached_property
    def reference(self) -> Source:
        """The reference's definition."""
        source = Source.in_lesson(self.key.plan.lesson.source, self.exercise)
        assert source is not None
        return source

    @cached_property
    def names(self) -> Names:
        return Names.of(self.submission, self.key.plan.lesson.stub())

    @cached_property
    def words(self) -> frozenset[str]:
        """Every name and attribute in the learner's own definition."""
        return names_in(self.source.node) if self.source else frozenset()

    def where(self, line: int | None) -> str:
        return self.submission.place(line)[0] if line else ""

    def cause(
        self,
        name: str,
        says: str,
        *,
        line: int | None = None,
        hedged: bool = False,
        safe: str | None = None,
    ) -> Cause:
        """A cause; `safe` is for a sentence that quotes the submission."""
        told = says if safe is None else safe
        return Cause(name, says, hedged, line, self.where(line), told)

    def about(
        self, group: Group, name: str, says: str, *, hedged: bool = True, safe: str = ""
    ) -> Cause:
        """A cause that a group's differences have in common; `safe` where it names an input."""
        told = f"{group.place}: {says}" if group.place else says
        return self.cause(name, told, hedged=hedged, safe=safe or says)

    def at(self, error: Raised) -> int | None:
        """The learner's own line at which an error arose."""
        return error.lines[-1] if error.lines else None

    def statement(self, line: int | None) -> ast.AST | None:
        """The simple statement of the learner's definition that covers a line."""
        return self.source.statement(line) if self.source and line else None
