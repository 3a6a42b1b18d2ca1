"""What was practiced beside the lessons, in numbers: reviews, and hunts for known mistakes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.workspace.hunts import Hunt, Hunts, sentence
from autograder.workspace.reviews import Reviews
from autograder.workspace.standing import Progress
from autograder.workspace.workspace import Workspace


@dataclass(frozen=True)
class Practice:
    """How many reviews ended, came back, and came back at the first try; how many are `due`.

    `hunts` are those for bugs.
    """

    ended: int
    back: int
    at_once: int
    due: int
    hunts: tuple[Hunt, ...] = ()

    @classmethod
    def of(cls, workspace: Workspace, progress: Progress) -> Practice:
        reviews, now = Reviews(workspace.store), time.time()
        ended = [each for each in reviews.all() if each.back is not None]
        return cls(
            len(ended),
            sum(bool(each.back) for each in ended),
            sum(each.at_once for each in ended),
            sum(each.due <= now for each in reviews.known(progress)),
            tuple(Hunts(workspace.store).all()),
        )

    @property
    def reviewed(self) -> str:
        """How reviews went, in a sentence; "" where there were none."""
        told = f"You reviewed {self.ended}: {self.back} came back, {self.at_once} at the first try."
        return told if self.ended else ""

    def sentences(self) -> Iterator[str]:
        """A line for each kind of practice, for the screen of progress."""
        are = "exercise is" if self.due == 1 else "exercises are"
        waiting = f"{self.due} passed {are} due again: grad review" if self.due else ""
        if told := f"{self.reviewed} {waiting}".strip():
            yield told
        if told := self.hunted:
            yield told

    @property
    def hunted(self) -> str:
        """How hunts went, in a sentence; "" where there were none."""
        return sentence(self.hunts)

    def data(self) -> dict[str, Any]:
        """The same as JSON's types."""
        solved = sum(each.solved for each in self.hunts)
        at_once = sum(each.at_once for each in self.hunts)
        return {
            "reviews": {"due": self.due, "ended": self.ended, "back": self.back},
            "hunts": {"seen": len(self.hunts), "solved": solved, "at_once": at_once},
        }
