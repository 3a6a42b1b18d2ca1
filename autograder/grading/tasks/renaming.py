"""Numbering the tokens of an open task anew, in the inputs and in the weights that know them.

A network whose tables are renumbered with the tokens computes the same. A function that does
without its weights, or has a table of its own, doesn't know any more which token is which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import numpy

from autograder.checks.tasks import Task
from autograder.lessons.weights import Array, Weights


@dataclass(frozen=True)
class Renaming:
    """What each token is called now, by its own number."""

    names: Array

    @classmethod
    def drawn(cls, task: Task, random: Random) -> Renaming:
        """One drawn at random, or the one that changes nothing where the task wants none."""
        names = list(range(task.vocabulary))
        if task.renamed:
            random.shuffle(names)
        return cls(numpy.asarray(names))

    def weights(self, weights: Weights, renamed: Mapping[str, int]) -> Weights:
        """The same weights, of which those tensors are in the new order."""
        order = numpy.argsort(self.names)
        moved = {name: weights[name].take(order, axis) for name, axis in renamed.items()}
        return {**weights, **moved}

    def tokens(self, tokens: Array) -> Array:
        renamed: Array = self.names[tokens]
        return renamed

    def logits(self, logits: Array) -> Array:
        """Logits for the new names as logits for the tokens' own."""
        return logits[:, self.names]
