"""What the results look like: a slip of the reference, two known mistakes, or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from autograder.grading.answer_key import Results
from autograder.grading.likeness import Likeness
from autograder.grading.variants import pairs_like, slips_like, words_of
from autograder.pool.pool import Item
from autograder.reports.cause import Cause

# So many different wrong values in common are no chance.
FEW, SOME = 1, 3
# Of partial agreements, as many may be as good as the best before none of them is believed.
TIES = 2
_PARTLY = "; that would explain a part of what fails, and not all"


def looks(likeness: Likeness) -> Iterator[Cause]:
    """Hedged causes, of which the results agree with a wrong variant of the reference."""
    slips = slips_like(likeness)
    for variant, theirs in slips:
        if _wholly(likeness, theirs):
            yield _slip(likeness, "slip", variant.says[0])
            return
    for variant, theirs in pairs_like(likeness):
        if _wholly(likeness, theirs):
            yield _cause("two mistakes", f"two things at once: {'; and '.join(variant.says)}")
            return
    mistakes = likeness.key.mistakes(likeness.exercise)
    if says := _partly(likeness, ((mistake.says, theirs) for mistake, theirs in mistakes)):
        yield _cause("part of a mistake", says + _PARTLY)
    elif says := _partly(likeness, ((variant.says[0], theirs) for variant, theirs in slips)):
        yield _slip(likeness, "part of a slip", says, _PARTLY)


def _slip(likeness: Likeness, name: str, says: str, more: str = "") -> Cause:
    """A slip, of which feedback hears where it quotes only what the stub has shown."""
    quoted = re.findall(r"`([^`]+)`", says)
    known = words_of(likeness.key.plan.lesson)
    open_ = all(each in known or not re.search(r"\w", each) for each in quoted)
    return Cause(name, says + more, safe=says + more if open_ else "")


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
