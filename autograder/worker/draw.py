"""Seeded inputs for checks.

A check asks for its inputs by name. The same seed, check and case give the same inputs in every
process, so that the learner's lesson and the reference see the same ones without anything being
sent. What is drawn is recorded at once, before the lesson can change it, so that a report can
show the inputs of a failing case. Numbers are rounded, because a person will read them. Of two
values under one name the last is shown. A size is shown only where it has a name: most shape
something that is shown itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch

Drawn = TypeVar("Drawn")


class Draw:
    """The inputs of one case of one check; case 0 is the smallest, case `cases - 1` the largest.

    `record`, where given, is called as `record(name, value)` for everything that is drawn.
    """

    def __init__(
        self,
        seed: int | str,
        check: str,
        case: int = 0,
        cases: int = 1,
        record: Callable[[str, Any], None] | None = None,
    ):
        self.case = case
        self.cases = cases
        self._record = record
        self._random = random.Random(f"{seed}/{check}/{case}")

    def given(self, name: str, value: Drawn) -> Drawn:
        """A value that the check fixes itself; recorded like a drawn one."""
        if self._record is not None:
            self._record(name, value)
        return value

    def number(self, name: str, low: float = -2.0, high: float = 2.0) -> float:
        """A float of two decimals."""
        return self.given(name, self._number(low, high))

    def numbers(self, name: str, count: int, low: float = -2.0, high: float = 2.0) -> list[float]:
        """A list of floats of two decimals."""
        return self.given(name, [self._number(low, high) for _ in range(count)])

    def integer(self, name: str, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included, each as likely as the others."""
        return self.given(name, self._random.randint(low, high))

    def size(self, low: int, high: int, name: str = "") -> int:
        """A size that grows with the case: `low` in the first, `high` in the last.

        A `name` is for a size that the learner's code is given; then it is recorded.
        """
        share = self.case / (self.cases - 1) if self.cases > 1 else 0.0
        size = low + round(share * (high - low))
        return self.given(name, size) if name else size

    def choice(self, name: str, options: Sequence[Drawn]) -> Drawn:
        return self.given(name, self._random.choice(options))

    def shuffled(self, name: str, items: Sequence[Drawn]) -> list[Drawn]:
        """The items as a list, in another order."""
        return self.given(name, self._random.sample(list(items), len(items)))

    def words(
        self,
        name: str,
        count: int,
        alphabet: str = "abcde",
        shortest: int = 1,
        longest: int = 5,
    ) -> list[str]:
        """A list of `count` words; they may repeat."""
        return self.given(name, [self._text(alphabet, shortest, longest) for _ in range(count)])

    def text(self, name: str, length: int, alphabet: str = "abcde ") -> str:
        return self.given(name, self._text(alphabet, length, length))

    def tensor(
        self,
        name: str,
        *shape: int,
        low: float | None = None,
        high: float | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> torch.Tensor:
        """Standard normal numbers, or uniform ones in [low, high]; two decimals, no gradient."""
        generator = self._generator()
        if low is None and high is None:
            values = torch.randn(*shape, generator=generator, dtype=torch.float64)
        else:
            low, high = (-1.0 if low is None else low), (1.0 if high is None else high)
            values = torch.rand(*shape, generator=generator, dtype=torch.float64)
            values = low + (high - low) * values
        return self.given(name, values.mul(100).round().div(100).to(dtype))

    def indices(self, name: str, *shape: int, high: int) -> torch.Tensor:
        """int64 numbers from 0 to `high` - 1."""
        return self.given(name, torch.randint(high, shape, generator=self._generator()))

    def generator(self, name: str = "generator") -> torch.Generator:
        """A seeded torch generator; what code draws from it, and in which order, is not graded."""
        del name
        return self._generator()

    def _number(self, low: float, high: float) -> float:
        return round(self._random.uniform(low, high), 2)

    def _text(self, alphabet: str, shortest: int, longest: int) -> str:
        length = self._random.randint(shortest, longest)
        return "".join(self._random.choice(alphabet) for _ in range(length))

    def _generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self._random.getrandbits(62))
