"""Attempts: an item run under an edit of the lesson, in a process that runs many of them."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.pool.pool import Item
from autograder.worker.wire import Edited, ItemMessage


@dataclass(frozen=True)
class Attempt(Item):
    """An item run with an edited function in place: one that fails costs nothing but itself.

    `of` is the item's own name; after `seconds` it is interrupted. With `traced` the lines that ran
    are told.
    """

    of: str = ""
    edited: Edited | None = None
    seconds: float = 0.0
    traced: bool = False

    @property
    def group(self) -> str:
        return self.name

    def message(self) -> ItemMessage:
        message = super().message()
        message |= {"name": self.of, "seconds": self.seconds, "traced": self.traced}
        return message | {"edited": self.edited} if self.edited else message
