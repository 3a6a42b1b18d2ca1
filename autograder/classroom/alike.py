"""Pairs of submissions whose code is the same up to names, comments and order, and rare in a class.

What half of a class writes says nothing, so an exercise weighs as much as what two have in common
is rare: the logarithm of one over the share of the class that has all of it, times how much of
their code it is. The weights of a lesson's exercises are added. A pair is named where its sum is
both larger than chance among so many pairs would have it, and far from what the others have.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_
from typing import Any

from autograder.classroom.fingerprints import fingerprints, grams
from autograder.lessons.lesson import Lesson
from autograder.lessons.names import Names, definitions
from autograder.lessons.submission import Submission

# Of two functions less than this in common is nothing: half of any function is like another.
LEAST = 0.5
# The chance that among all pairs of a class of strangers one weighs as much.
CHANCE = 0.01
# So many standard deviations further out than the farthest of so many pairs is by chance.
BEYOND = 1.2

Prints = frozenset[bytes]


@dataclass(frozen=True)
class Shared:
    """One exercise of a pair: the share of their code that is the same, and how many have it.

    `having` counts everybody in the class who has all that the two have in common.
    """

    exercise: str
    similarity: float
    having: int
    weight: float


@dataclass(frozen=True)
class Pair:
    """Two students whose code is to be looked at, and where; the weightiest exercise first."""

    lesson: str
    one: str
    other: str
    weight: float
    shared: tuple[Shared, ...]


class Alike:
    """A lesson's submissions side by side; `add` them, and then ask for the `pairs`."""

    def __init__(self, lesson: Lesson):
        self.lesson = lesson
        self._prints: dict[str, dict[str, Prints]] = {}

    def add(self, student: str, submission: Submission) -> None:
        """Take a submission; only its fingerprints are kept."""
        found = last_definitions(submission, self.lesson.exercises)
        own = {
            id: frozenset(gram.hash for gram in fingerprints(node, self.kept)) - self._common[id]
            for id, node in found.items()
        }
        self._prints[student] = {id: prints for id, prints in own.items() if prints}

    def pairs(self) -> list[Pair]:
        """The pairs to look at, the weightiest first."""
        students = sorted(self._prints)
        count = len(students) * (len(students) - 1) // 2
        if not count:
            return []
        exercises = [self._exercise(id, students) for id in self.lesson.exercises]
        weights: Any = sum(each.weights() for each in exercises)
        least = _least(weights, count)
        found = []
        for one, other in _above(weights, least):
            shared = [each.shared(one, other) for each in exercises]
            listed = sorted(filter(None, shared), key=lambda each: -each.weight)
            pair = (students[one], students[other], float(weights[one, other]))
            found.append(Pair(self.lesson.name, *pair, tuple(listed)))
        return sorted(found, key=lambda pair: (-pair.weight, pair.one, pair.other))

    def _exercise(self, id: str, students: list[str]) -> _Exercise:
        return _Exercise(id, [self._prints[name].get(id, frozenset()) for name in students])

    @cached_property
    def _reference(self) -> dict[str, ast.FunctionDef]:
        return _functions(self.lesson.source)

    @cached_property
    def kept(self) -> frozenset[str]:
        """The names that mean the same in everybody's file: what the lesson gives and imports."""
        found = {name for node in self._reference.values() for name in Names([node]).of(node)}
        return frozenset(found | {id.rpartition(".")[2] for id in self._reference})

    @cached_property
    def _common(self) -> dict[str, Prints]:
        """What is nobody's own: it is in the stub, or in the reference and so in many answers."""
        stub = _functions(self.lesson.stub())
        return {
            id: frozenset(
                gram.hash
                for node in (self._reference[id], stub[id])
                for gram in grams(node, self.kept)
            )
            for id in self.lesson.exercises
        }


def last_definitions(
    submission: Submission, exercises: Collection[str]
) -> dict[str, ast.FunctionDef]:
    """The function of each exercise that counts: the last one, as in Python."""
    trees = [tree for _, tree in submission.parsed()]
    return {id: node for tree in trees for id, node in definitions(tree) if id in exercises}


def _functions(source: str) -> dict[str, ast.FunctionDef]:
    return dict(definitions(ast.parse(source)))


class _Exercise:
    """One exercise of everybody; who has the same fingerprints is one row of the matrices."""

    def __init__(self, id: str, prints: list[Prints]):
        self.id = id
        self.count = len(prints)
        self.distinct = list(dict.fromkeys(prints))
        numbers = {each: number for number, each in enumerate(self.distinct)}
        self.rows = [numbers[each] for each in prints]
        self._having: dict[bytes, int] = {}
        for student, each in enumerate(prints):
            for hash in each:
                self._having[hash] = self._having.get(hash, 0) | 1 << student

    def weights(self) -> Any:
        """students x students: how much each pair's common code weighs."""
        import numpy

        similar = self._similarities
        found = numpy.zeros(similar.shape, numpy.float32)
        for one, other in _above(similar, LEAST, own=True):
            common = self._common(one, other)
            found[one, other] = found[other, one] = similar[one, other] * self._rarity(common)
        rows = numpy.array(self.rows)
        return found[numpy.ix_(rows, rows)]

    def shared(self, one: int, other: int) -> Shared | None:
        """What two students have in common, where it weighs anything."""
        rows = (self.rows[one], self.rows[other])
        similarity = float(self._similarities[rows])
        common = self._common(*rows)
        if similarity < LEAST or common == self.count:
            return None
        return Shared(self.id, similarity, common, similarity * self._rarity(common))

    def _rarity(self, having: int) -> float:
        return math.log(self.count / having)

    def _common(self, one: int, other: int) -> int:
        """How many students have all that two rows have in common."""
        masks = (self._having[hash] for hash in self.distinct[one] & self.distinct[other])
        return reduce(and_, masks, (1 << self.count) - 1).bit_count()

    @cached_property
    def _similarities(self) -> Any:
        """rows x rows: fingerprints in common, by fingerprints in either."""
        import numpy

        columns = {hash: number for number, hash in enumerate(self._having)}
        has = numpy.zeros((len(self.distinct), max(len(columns), 1)), numpy.float32)
        for row, prints in enumerate(self.distinct):
            has[row, [columns[hash] for hash in prints]] = 1.0
        common, sizes = has @ has.T, has.sum(1)
        return common / numpy.maximum(sizes[:, None] + sizes[None, :] - common, 1.0)


def _least(weights: Any, count: int) -> float:
    """What a pair must weigh at least to be named."""
    import numpy

    above = weights[numpy.triu_indices(len(weights), 1)].astype(numpy.float64)
    farthest = math.sqrt(2 * math.log(max(count, 2))) + BEYOND
    apart = float(above.mean() + farthest * above.std())
    return max(math.log(count / CHANCE), apart)


def _above(matrix: Any, least: float, *, own: bool = False) -> Iterator[tuple[int, int]]:
    """The places over the diagonal (with `own` on it too) that are `least` or more."""
    import numpy

    rows, columns = numpy.nonzero(numpy.triu(matrix, 0 if own else 1) >= least)
    yield from zip(rows.tolist(), columns.tolist(), strict=True)
