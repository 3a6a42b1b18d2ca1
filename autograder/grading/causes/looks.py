"""What the results look like: a slip of the reference, two known mistakes, or a part of one."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Set

from autograder.grading.agreement import Where, explained
from autograder.grading.answer_key import Results
from autograder.grading.causes.source import is_builtin
from autograder.grading.likeness import Likeness
from autograder.grading.variants import (
    Variant,
    mixed_like,
    pairs_like,
    slips_in_part,
    slips_like,
    words_of,
)
from autograder.pool.pool import Item
from autograder.reports.cause import Cause

# So many different wrong values in common are no chance.
FEW, SOME = 1, 3
# Of partial agreements, as many may be as good as the best before none of them is believed.
TIES = 2
_QUOTED, _NAME = re.compile(r"`([^`]+)`"), re.compile(r"[A-Za-z_]\w*")
_CALL = re.compile(r"(?:arguments? of|that) `(\w+)`")
_PARTLY = "; that would explain a part of what fails, and not all"


def looks(likeness: Likeness, words: Set[str]) -> Iterator[Cause]:
    """Hedged causes, of which the results agree with a wrong variant of the reference.

    words: all names in the submission. Of variants that yield the same, the one is told that speaks
    of what stands there.
    """

    def strange(says: str) -> int:
        """How many names a sentence has that the submission has not."""
        quoted = set(_NAME.findall(" ".join(_QUOTED.findall(says)))) - words
        return sum(not keyword.iskeyword(name) and not is_builtin(name) for name in quoted)

    slips = [each for each in slips_like(likeness) if _calls_are_made(each[0], words)]
    if whole := [_alone(variant) for variant, theirs in slips if _wholly(likeness, theirs)]:
        yield _slip(likeness, "slip", min(whole, key=strange))
        return
    for together in (pairs_like, mixed_like):
        found = together(likeness)
        if whole := [_both(variant) for variant, theirs in found if _wholly(likeness, theirs)]:
            yield _slip(likeness, "two mistakes", min(whole, key=strange))
            return
    mistakes = likeness.key.mistakes(likeness.exercise)
    if says := _partly(likeness, ((mistake.says, theirs) for mistake, theirs in mistakes)):
        yield _cause("part of a mistake", says + _PARTLY)
    elif says := _partly(likeness, ((_alone(variant), theirs) for variant, theirs in slips)):
        yield _slip(likeness, "part of a slip", says, _PARTLY)
    else:
        yield from _at_places(likeness, words)


def _calls_are_made(variant: Variant, words: Set[str]) -> bool:
    """Whether the submission has the call of which a sentence says what it is given."""
    return set(_CALL.findall(_alone(variant))) <= words


def _alone(variant: Variant) -> str:
    return variant.says[0]


def _both(variant: Variant) -> str:
    return f"two things at once: {'; and '.join(variant.says)}"


def _at_places(likeness: Likeness, words: Set[str]) -> Iterator[Cause]:
    """What explains some places of what fails and leaves the others, at most two such causes."""
    known = [(mistake.says, theirs) for mistake, theirs in likeness.key.mistakes(likeness.exercise)]
    slips = (
        (_alone(variant), theirs)
        for variant, theirs in slips_in_part(likeness)
        if _calls_are_made(variant, words)
    )
    left: set[Where] | None = None
    for says, places in _explaining(likeness, [*known, *slips]):
        told = set(places) if left is None else set(places) & left
        if told:
            yield _slip(likeness, "part of what fails", says, _only(told))
            if left is not None:
                return
            left = _wrong_places(likeness) - told


def _only(told: set[Where]) -> str:
    names = sorted({place for _, place in told if place})
    return _PARTLY if not names else f'; that would explain "{names[0]}", and not all that fails'


def _wrong_places(likeness: Likeness) -> set[Where]:
    return {(item.check, leaf.place) for item in likeness.failed for leaf in likeness.leaves(item)}


def _explaining(
    likeness: Likeness, variants: Iterable[tuple[str, Results]]
) -> list[tuple[str, dict[Where, set[object]]]]:
    """The variants that explain a place by values that nobody has by chance, the best first."""
    found = []
    for says, theirs in variants:
        places = explained(likeness, likeness.items, theirs)
        if len({value for values in places.values() for value in values}) >= SOME:
            found.append((says, places))
    return sorted(found, key=lambda pair: -sum(map(len, pair[1].values())))


def _slip(likeness: Likeness, name: str, says: str, more: str = "") -> Cause:
    """A slip, of which feedback hears where it quotes only what the stub has shown.

    Feedback does not hear which places it explains.
    """
    quoted = _QUOTED.findall(says)
    known = words_of(likeness.key.plan.lesson)
    open_ = all(each in known or not re.search(r"\w", each) for each in quoted)
    return Cause(name, says + more, safe=says + _PARTLY * bool(more) if open_ else "")


def _cause(name: str, says: str) -> Cause:
    return Cause(name, says, safe=says)


def _wholly(likeness: Likeness, theirs: Results) -> bool:
    items, failed = likeness.items, likeness.failed
    if not likeness.agree(items, theirs) or not likeness.telling(failed, theirs):
        return False
    return likeness.weight(failed) > FEW


def _partly(likeness: Likeness, variants: Iterable[tuple[str, Results]]) -> str:
    """The sentence that agrees with the most of what fails, the first failing check included.

    It may contradict nothing that passes, and little of what fails in another way than it would.
    """
    found: dict[str, int] = {}
    for says, theirs in variants:
        wrong = {
            item.name for item in likeness.items if likeness.key.differs(item, theirs[item.name])
        }
        failed = {item.name for item in likeness.failed}
        agreeing = [item for item in likeness.failed if _agrees(likeness, item, theirs)]
        names = {item.name for item in agreeing}
        opposed = wrong - names
        if not wrong <= failed or len(agreeing) < max(2, 2 * len(opposed)):
            continue
        if _first_check(likeness) <= names and likeness.weight(agreeing) >= SOME:
            found[says] = max(found.get(says, 0), len(agreeing))
    best = [says for says, count in found.items() if count == max(found.values())]
    return best[0] if 0 < len(best) <= TIES else ""


def _agrees(likeness: Likeness, item: Item, theirs: Results) -> bool:
    return likeness.agree([item], theirs) and likeness.telling([item], theirs)


def _first_check(likeness: Likeness) -> set[str]:
    """The failing cases of the first check that fails and did return."""
    returned = [item for item in likeness.failed if likeness.leaves(item)]
    return {item.name for item in returned if item.check == returned[0].check} or {""}
