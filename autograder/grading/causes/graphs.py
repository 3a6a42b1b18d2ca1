"""Graphs that are lost or kept, as far as a check's own words for a place tell of them."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.grading.causes.evidence import Evidence, Group
from autograder.grading.causes.returned import nothing_returned
from autograder.reports.cause import Cause


def graphs(evidence: Evidence) -> Iterator[Cause]:
    """What is asked of leaves, of requires_grad and of gradients, and is not so in any case."""
    if any(nothing_returned(evidence)):
        return  # a None that is no gradient: nobody has returned one
    for group in evidence.groups:
        for rule in (_flags, _no_gradient):
            if says := rule(group):
                yield evidence.about(group, "graph", says)
                return


def _flags(group: Group) -> str:
    """What the name of a truth tells: the check's author has written it, and not the learner."""
    due = {leaf.expected.value for leaf in group.leaves if leaf.expected.kind == "bool"}
    given = {leaf.actual.value for leaf in group.leaves if leaf.actual.kind == "bool"}
    if len(due) != 1 or len(given) != 1 or due == given:
        return ""
    paths = [leaf.path.lower() for leaf in group.leaves]
    if all("leaf" in path for path in paths) and due == {True}:
        return (
            "it is the result of an operation and so no leaf: no gradient stays in it. Make its "
            "numbers first, and switch on requires_grad last"
        )
    if all("requires" in path for path in paths):
        if due == {True}:
            return "it requires no gradient: requires_grad is not switched on, or it is cut off"
        return "it still requires gradients: it hangs on the graph; detach() it, or use no_grad"
    return ""


def _no_gradient(group: Group) -> str:
    none = all(leaf.actual.kind == "none" and leaf.expected.kind != "none" for leaf in group.leaves)
    if group.leaves and none and all("grad" in leaf.path.lower() for leaf in group.leaves):
        return "no gradient has come there: backward does not reach it, or it has been cleared"
    return ""
