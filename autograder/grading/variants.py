"""Wrong variants of a reference that no author has listed: its slips, and pairs of known mistakes.

They are run on the first failing item alone, many to a process; only those that agree there are run
on everything. What was run is kept in the answer key.
"""

from __future__ import annotations

import ast
import copy
import itertools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.checks import Mistake
from autograder.grading.agreement import explained
from autograder.grading.answer_key import Results
from autograder.grading.causes.source import shown_names
from autograder.grading.likeness import Likeness
from autograder.grading.slips.generate import slips
from autograder.grading.slips.slip import compiled, made
from autograder.lessons.disk import digest
from autograder.lessons.lesson import Lesson, functions
from autograder.pool.pool import Item
from autograder.worker.wire import Edited

# Of all variants of one kind on one item, and of those that agree there on everything.
SECONDS = 1.0
SURVIVORS = 6
PAIRS = 60
MIXED = 500


@dataclass(frozen=True)
class Variant:
    """A wrong function in the reference's place, and the sentences about it."""

    says: tuple[str, ...]
    edited: Edited


Found = list[tuple[Variant, Results]]


def slips_like(likeness: Likeness) -> Found:
    """The slips that agree with a submission on the first item that fails, with all results."""
    return _like(likeness, "slips", _slips_of(likeness.key.plan.lesson, likeness.exercise))


def pairs_like(likeness: Likeness) -> Found:
    """The pairs of known mistakes that agree on the first item that fails, with all results."""
    edits = _edits(likeness)
    return _like(likeness, "pairs", _pairs_of(likeness.key.plan.lesson, likeness.exercise, edits))


def _edits(likeness: Likeness) -> tuple[Mistake, ...]:
    """The known mistakes of an exercise that change a part of its body."""
    every = likeness.key.plan.declarations.mistakes
    return tuple(each for each in every if each.exercise == likeness.exercise and not each.body)


def mixed_like(likeness: Likeness) -> Found:
    """A known mistake and a slip at once, where that agrees on the first item that fails."""
    lesson, id = likeness.key.plan.lesson, likeness.exercise
    return _like(likeness, "mixed", _mixed_of(lesson, id, _edits(likeness)))


def slips_in_part(likeness: Likeness) -> Found:
    """The slips that explain a place of the first item that fails, with all results."""
    variants = _slips_of(likeness.key.plan.lesson, likeness.exercise)
    return _like(likeness, "slips", variants, in_part=True)


def _like(
    likeness: Likeness, kind: str, variants: Sequence[Variant], *, in_part: bool = False
) -> Found:
    first = next(item for item in likeness.failed if likeness.leaves(item))
    part = f"{kind} {likeness.exercise} {first.name} {_generator()}"
    edits = [variant.edited for variant in variants]
    results = likeness.key.under(part, [first], edits, SECONDS)
    weigh = _share if in_part else _whole
    weighed = [
        (weigh(likeness, first, theirs), variant)
        for variant, theirs in zip(variants, results, strict=True)
    ]
    best = sorted(weighed, key=lambda pair: -pair[0])[:SURVIVORS]
    alike = [variant for weight, variant in best if weight]
    part = f"{part} {[variant.says for variant in alike]}"
    edits = [variant.edited for variant in alike]
    everything = likeness.key.under(part, likeness.items, edits, SECONDS)
    return list(zip(alike, everything, strict=True))


def _whole(likeness: Likeness, first: Item, theirs: Results) -> int:
    return likeness.alike(first, theirs[first.name]) and likeness.telling([first], theirs)


def _share(likeness: Likeness, first: Item, theirs: Results) -> int:
    """How many telling values of the first item that fails a variant explains."""
    return sum(map(len, explained(likeness, [first], theirs).values()))


@lru_cache(maxsize=64)
def _slips_of(lesson: Lesson, exercise: str) -> tuple[Variant, ...]:
    function = _function(lesson, exercise)
    found = []
    for slip in slips(function, words_of(lesson)):
        with made(slip):
            code = compiled(function)
        if code:
            found.append(Variant((slip.says,), (*_owner_and_name(exercise), code)))
    return tuple(found)


@lru_cache(maxsize=64)
def _pairs_of(lesson: Lesson, exercise: str, mistakes: tuple[Mistake, ...]) -> tuple[Variant, ...]:
    """Two known mistakes at once, where both can be made in the same text."""
    function, found = _function(lesson, exercise), []
    for one, other in itertools.islice(itertools.combinations(mistakes, 2), PAIRS):
        body = _both(lesson.exercises[exercise].code, one, other)
        if body:
            function.body = body
            if code := compiled(function):
                edited = (*_owner_and_name(exercise), code)
                found.append(Variant((one.says, other.says), edited))
    return tuple(found)


@lru_cache(maxsize=16)
def _mixed_of(lesson: Lesson, exercise: str, mistakes: tuple[Mistake, ...]) -> tuple[Variant, ...]:
    """Each known mistake with each slip that can be made beside it, the likeliest slips first."""
    function, found = _function(lesson, exercise), []
    for mistake in mistakes:
        function.body = _parsed(mistake.applied(lesson.exercises[exercise].code))
        for slip in slips(function, words_of(lesson))[: MIXED // len(mistakes)]:
            with made(slip):
                code = compiled(function)
            if code:
                edited = (*_owner_and_name(exercise), code)
                found.append(Variant((mistake.says, slip.says), edited))
    return tuple(found)


def _both(solution: str, one: Mistake, other: Mistake) -> list[ast.stmt]:
    """The body with two mistakes in it; nothing where they do not fit together."""
    for first, second in ((one, other), (other, one)):
        try:
            return _parsed(second.applied(first.applied(solution)))
        except (ValueError, SyntaxError):
            continue
    return []


def _parsed(body: str) -> list[ast.stmt]:
    """The statements of a body. Raises SyntaxError where it is none."""
    function = ast.parse("def solution():\n" + textwrap.indent(body, "    ")).body[0]
    assert isinstance(function, ast.FunctionDef)
    return function.body


def _function(lesson: Lesson, exercise: str) -> ast.FunctionDef:
    """A copy of a reference's function, to be changed."""
    return copy.deepcopy(_functions(lesson)[exercise])


@lru_cache(maxsize=16)
def _functions(lesson: Lesson) -> dict[str, ast.FunctionDef]:
    return dict(functions(ast.parse(lesson.source)))


def _owner_and_name(exercise: str) -> tuple[str, str]:
    owner, _, name = exercise.rpartition(".")
    return owner, name


@lru_cache(maxsize=16)
def words_of(lesson: Lesson) -> frozenset[str]:
    """The names in a lesson's stubs, which every learner has read."""
    return shown_names(lesson.stub())


@lru_cache(maxsize=1)
def _generator() -> str:
    """What makes variants, so that kept answers are those of these variants."""
    here = Path(__file__)
    files = sorted([here, *(here.parent / "slips").glob("*.py")])
    return digest(*(path.read_bytes() for path in files), length=16)
