"""What an author declares of an open task, in a `tasks.py` that never leaves the grader."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

# How outputs become a score: the mean cross entropy in nats, of which less is better; or the share
# of answers that are right in every token, each of them the likeliest after those before it.
LOSS, EXACT = "loss", "exact match"
# A tensor's dimensions: a size, or None where any will do.
Shape = tuple[int | None, ...]


class Asked(NamedTuple):
    """One hidden input and what is wanted of it.

    given: the tokens that the function sees, all of a round as many. wanted: the tokens that it is
    scored by and never sees; one for a loss. among: a name for a part of the inputs: the score is
    that of the worst part. round: what has the same number is seen together, by a process of its
    own, so that no input tells what is wanted of another.
    """

    given: Sequence[int]
    wanted: Sequence[int]
    among: str = "hidden inputs"
    round: int = 0


# hidden(random, words): draws the inputs; `words` is the data set of the task, a list or a text.
Hidden = Callable[[random.Random, Sequence[str]], Iterable[Asked]]


@dataclass
class Task:
    """An open task: its score and bar, its limits, and the shape of its weights.

    vocabulary: how many tokens there are. bar: what the score must reach; small_bar: the same with
    the small data. parameters, bytes: of the file of weights, at most; seconds: of all the hidden
    inputs together, loading included. tensors: the shapes of those that the file must hold; with
    `others` it may hold any besides. renamed: the tensors that know the tokens, each with its
    dimension that is one of tokens; tokens are then numbered anew at every try. as_reference: the
    author's own function must give the same outputs with these weights. data: the data set that
    `hidden` draws from.
    """

    id: str
    vocabulary: int
    bar: float
    parameters: int
    score: str = LOSS
    small_bar: float | None = None
    seconds: float = 20.0
    bytes: int = 2**20
    tensors: Mapping[str, Shape] = field(default_factory=dict)
    others: bool = True
    renamed: Mapping[str, int] = field(default_factory=dict)
    as_reference: bool = False
    data: str = ""
    draws: Hidden | None = None

    def __post_init__(self) -> None:
        if self.score not in (LOSS, EXACT):
            raise ValueError(f"{self.score!r} is no score of {self.id}; say {LOSS!r} or {EXACT!r}")
        for name, dimension in self.renamed.items():
            if self.tensors.get(name, ())[dimension : dimension + 1] != (self.vocabulary,):
                raise ValueError(
                    f"{self.id} renames dimension {dimension} of {name!r}, which `tensors` does "
                    f"not give {self.vocabulary} tokens"
                )

    def hidden(self, function: Hidden) -> Hidden:
        """Declare the decorated function the one that draws the hidden inputs."""
        self.draws = function
        return function

    def bar_of(self, *, real: bool) -> float:
        return self.bar if real or self.small_bar is None else self.small_bar

    def margin(self, score: float, bar: float) -> float:
        """By how much a score is better than a bar; below 0 where it is worse."""
        return bar - score if self.score == LOSS else score - bar
