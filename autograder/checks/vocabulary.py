"""What the checks of many lessons say again and again. It crosses the wall with them.

A worker imports it before the lesson is loaded, and hides it together with the engine. The grader
imports it too, for the tolerances, and has no need of torch.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

# How far two right results may lie apart by chance: six standard deviations of their difference,
# counted in standard errors of one of them.
APART = 6 * math.sqrt(2)

Options = dict[str, Any]


def shares_by_chance(count: int) -> Options:
    """The tolerance for a share of `count` independent random things, whatever the share is."""
    return _by_chance(0.0, 0.5 / math.sqrt(count), f"shares of {count} random things")


def means_by_chance(count: int, spread: float = 1.0) -> Options:
    """The tolerance for a mean of `count` random numbers whose standard deviation is `spread`."""
    return _by_chance(0.0, spread / math.sqrt(count), f"means of {count} random numbers")


def spreads_by_chance(count: int) -> Options:
    """The relative tolerance for a standard deviation of `count` normal numbers."""
    return _by_chance(1 / math.sqrt(2 * count), 0.0, f"the spread of {count} random numbers")


def _by_chance(relative: float, absolute: float, what: str) -> Options:
    return {
        "tolerance": (APART * relative, APART * absolute),
        "because": f"{what}, six standard deviations",
    }


def numbered(letters: Iterable[str]) -> dict[str, int]:
    """The dot and these letters, numbered in this order."""
    return {character: index for index, character in enumerate("." + "".join(letters))}


def twins(seed: int) -> tuple[torch.Generator, torch.Generator]:
    """Two generators with the same seed."""
    import torch

    return torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)


def gradients_of(**named: Any) -> dict[str, Any]:
    """The gradients that tensors or Values hold, in this order."""
    return {f"gradient of {name}": value.grad for name, value in named.items()}


def afterwards(**named: Any) -> dict[str, Any]:
    """Arguments after a call that must leave them as they were."""
    return {f"{name} afterwards": value for name, value in named.items()}


def streams_afterwards() -> dict[str, Any]:
    """What the global random streams give next: they begin alike in every process and item."""
    import numpy
    import torch

    return {
        "torch's next random number": torch.rand(1),
        "Python's next random number": random.random(),
        "numpy's next random number": numpy.random.random(),
    }


def draws_of(draw: Any, call: Callable[[torch.Generator], Any]) -> dict[str, Any]:
    """Whether the generator that is handed to `call` is the one that is used, and nothing else.

    What `call` returns is compared as text, so two results must hardly agree by chance. The order
    and the number of draws stay open.
    """
    import torch

    seed = draw.generator().initial_seed()
    one, same = twins(seed)
    before = one.get_state()
    first, second, again = repr(call(one)), repr(call(one)), repr(call(same))
    other = repr(call(torch.Generator().manual_seed(seed + 1)))
    return {
        "different results of two calls with the same seed": len({first, again}),
        "different results of two calls with different seeds": len({first, other}),
        "different results of one call after the other": len({first, second}),
        "the generator has moved on": not torch.equal(before, one.get_state()),
        **streams_afterwards(),
    }


def twice(
    call: Callable[..., Any], one: dict[str, Any], other: dict[str, Any], what: str = "result"
) -> dict[str, Any]:
    """What two calls give, and the arguments, all of it seen only when both calls are done.

    With other numbers of the same sizes it shows a result that is kept, or shared between calls.
    """
    import torch

    with torch.no_grad():
        first, second = call(*one.values()), call(*other.values())
    arguments = [*one.items(), *((f"second {name}", value) for name, value in other.items())]
    return {f"first {what}": first, f"second {what}": second, **afterwards(**dict(arguments))}
