"""At which places of what the checks saw a wrong variant of the reference explains a submission.

Two slips at once agree with no variant in everything. But where each shows at places of its own
(the output here, the running mean there), a variant agrees with the submission at one of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograder.grading.answer_key import Results
from autograder.grading.comparison import compare
from autograder.grading.leaves import Leaf, telling
from autograder.grading.likeness import Likeness
from autograder.grading.result import Outcome
from autograder.pool.pool import Item

# A check, and the name that its author gave to what it saw.
Where = tuple[int, str]


def explained(
    likeness: Likeness, items: Iterable[Item], theirs: Results
) -> dict[Where, set[object]]:
    """The places at which every wrong value is the variant's too, with values that tell.

    Nothing where the variant is wrong at a place that is right in the submission.
    """
    found: dict[Where, set[object]] = {}
    opposed: set[Where] = set()
    for item in items:
        if likeness.results[item.name].outcome is not Outcome.RETURNED:
            continue
        if theirs[item.name].outcome is not Outcome.RETURNED:
            return {}
        ours = {leaf.path: leaf for leaf in likeness.leaves(item)}
        given = likeness.given(item)
        other = {leaf.path: leaf for leaf in likeness.leaves_of(item, theirs[item.name])}
        if not other.keys() <= ours.keys():
            return {}
        for path, leaf in ours.items():
            where = item.check, leaf.place
            if path in other and _same(leaf, other[path]):
                found.setdefault(where, set()).update(telling(leaf) - given)
            else:
                opposed.add(where)
    return {where: values for where, values in found.items() if where not in opposed}


def _same(one: Leaf, other: Leaf) -> bool:
    return compare(one.actual, other.actual) is None
