"""How strong a lesson's checks are: rules about mutants and weakenings of the reference.

Both are made by a program, and each must be noticed by the checks of its own exercise or be listed
with the reason why nobody could.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from autograder.authoring.calls import calls, probe
from autograder.authoring.inspection import Inspection
from autograder.authoring.mutants import is_listed, mutants, read_equivalents
from autograder.authoring.weakenings import Chain, Weakening, read_allowed, weakenings
from autograder.lessons.lesson import Exercise

WEAKENING_TIMEOUT = 5.0


def mutants_are_caught(inspection: Inspection) -> Iterator[str]:
    """Generic mutants are caught; those that are equivalent are listed with the reason."""
    path = inspection.course.checks / inspection.name / "equivalent.toml"
    equivalents = read_equivalents(path)
    used = set()
    with inspection.hurried():
        exercises = inspection.plan.lesson.exercises.values()
        for mutant in itertools.chain.from_iterable(map(mutants, exercises)):
            if is_listed(mutant, equivalents):
                used.add((mutant.exercise, mutant.line, mutant.becomes))
                continue
            if inspection.passes(mutant.exercise, mutant.solution):
                yield f"{mutant.exercise}: mutant survives: `{mutant.line}` -> `{mutant.becomes}`"
    for entry in equivalents:
        if (entry.exercise, entry.line, entry.becomes) not in used:
            yield f"{path.name} lists what is no mutant: {entry.line!r} -> {entry.becomes!r}"


def weakenings_are_caught(inspection: Inspection) -> Iterator[str]:
    """Weakenings are caught; those that the contract allows are listed with the reason."""
    path = inspection.course.checks / inspection.name / "equivalent.toml"
    allowed = {(entry.exercise, entry.name) for entry in read_allowed(path)}
    made = set()
    with inspection.hurried(WEAKENING_TIMEOUT):
        for exercise in inspection.plan.lesson.exercises.values():
            passes, printed = inspection.tricked(exercise, probe(inspection.plan.lesson, exercise))
            if not passes:
                yield f"{exercise.id}: the reference fails once it is called by another function"
                continue
            for family in weakenings(exercise, calls(inspection.plan.lesson, exercise, printed)):
                made |= {(each.exercise, each.name) for chain in family for each in chain}
                survivors = (_survivor(inspection, exercise, chain, allowed) for chain in family)
                if survivor := next(filter(None, survivors), None):
                    yield f"{exercise.id}: weakening survives: {survivor.name}"
    for id, name in sorted(allowed - made):
        yield f"{path.name} lists what is no weakening of {id}: {name!r}"


def _survivor(
    inspection: Inspection, exercise: Exercise, chain: Chain, allowed: set[tuple[str, str]]
) -> Weakening | None:
    """The last weakening of a chain that no check notices, before the first that one does.

    Where one is allowed, so are those before it, which are harder to notice.
    """
    listed = [n for n, each in enumerate(chain, 1) if (each.exercise, each.name) in allowed]
    survivor = None
    for weakening in chain[max(listed, default=0) :]:
        if not inspection.tricked(exercise, weakening.solution)[0]:
            break
        survivor = weakening
    return survivor
