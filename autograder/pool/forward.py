"""An item of an open task: the learner's function on one round of hidden inputs."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.pool.pool import Item
from autograder.worker.wire import ItemMessage, Numbers


@dataclass(frozen=True)
class Forward(Item):
    """The function named `exercise`, called with the job's weights and these inputs."""

    inputs: Numbers = ((), b"")

    def message(self) -> ItemMessage:
        return {"exercise": self.exercise, "name": self.name, "inputs": self.inputs}
