"""Diagnosis: which known mistake yields what the submission yields."""

from __future__ import annotations

from autograder.grading.likeness import Likeness


def diagnosis(likeness: Likeness) -> str:
    """The sentence of the known mistake that the results look like, or "".

    A mistake fits best when it agrees with the submission in everything that the exercise's items
    saw. Failing that, one that agrees in every item that failed, where more than one check did: in
    a single one, many a mistake looks like another.
    """
    failed = likeness.failed
    several = len({item.check for item in failed}) > 1
    for chosen in (likeness.items, failed if several else []):
        for mistake, theirs in likeness.key.mistakes(likeness.exercise):
            if likeness.agree(chosen, theirs) and likeness.telling(chosen, theirs):
                return mistake.says
    return ""
