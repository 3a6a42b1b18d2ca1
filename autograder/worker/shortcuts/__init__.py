"""Refuse a short cut while a lesson that is meant to build it is loaded and graded.

A short cut has many spellings: `torch.softmax`, `nn.Softmax`, a scripted or compiled function, the
bare operator under `torch.ops`. They all end in a few operators of torch's dispatcher, so that is
where they are refused: as long as `refusing` lasts, those operators' kernels are replaced by one
that raises `ShortcutRefused`. This holds in every thread and for functions compiled before. What
torch spells a second time in Python, out of other operators (`torch._refs`, `torch._decomp`), is
replaced as well. `grad dev shortcuts` looks for what computes the same under other names. Autograd
is no operator: `engine` and `no_autograd` say how it is refused, `native` what runs past torch.

What is not promised: a learner's code shares its process with this package, so whoever rewrites the
interpreter's memory, registers kernels of their own or copies torch's source can still get past.
Native code compiled from a short cut is not looked for (no compiler can start in the sandbox), nor
are kernels for devices other than the CPU.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Collection, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from autograder.worker.shortcuts.refusals import (
    EVERYWHERE,
    SHORTCUTS,
    Refusals,
    ShortcutRefused,
    state,
)

__all__ = [
    "EVERYWHERE",
    "SHORTCUTS",
    "Refusals",
    "ShortcutRefused",
    "refusing",
    "refusing_at_load",
    "warm_up",
]


def warm_up() -> None:
    """Do once what is slow (import torch, list its operators), so that `refusing` costs little.

    It also wraps torch's own switches that could turn a refusal off. Call it before a learner's
    code is loaded, which could otherwise keep the bare ones.
    """
    tools = _tools()
    tools.overrides.plan()
    tools.overrides.keep_kernels()
    tools.no_autograd.wrap_switches()
    tools.engine.wrap_engine()
    tools.native.watch(tools.no_autograd.Guarded)


@functools.cache
def _tools() -> SimpleNamespace:
    """The modules that need torch; kept, because a learner's process cannot import them anew."""
    from autograder.worker.shortcuts import engine, native, no_autograd, overrides

    return SimpleNamespace(
        engine=engine, native=native, no_autograd=no_autograd, overrides=overrides
    )


@contextlib.contextmanager
def refusing(names: Collection[str], trusted: Iterable[dict[str, Any]] = ()) -> Iterator[Refusals]:
    """Refuse the short cuts of these names inside the `with` block; blocks may stand in each other.

    Something that is forbidden may not be had as a gradient either, so backward passes are refused
    unless code of a module whose names are among `trusted` starts them: the checks may.

    Raises ShortcutRefused where one is called, and again at the end of the block where the code
    inside caught it and nobody has taken it from the Refusals. Raises ValueError for a name that
    `SHORTCUTS` does not have.
    """
    forbidden = set(names) - set(EVERYWHERE)
    with _refusing(tuple(names), bool(forbidden), frozenset(map(id, trusted))) as refusals:
        yield refusals


@contextlib.contextmanager
def refusing_at_load(names: Collection[str]) -> Iterator[Refusals]:
    """Refuse these short cuts while a lesson's file is loaded.

    What a file computes there can be kept for later, such as a function traced from a short cut.
    A learner may train at the top of a file, so backward passes run unless "autograd" is forbidden.
    What a statement has caught costs nothing.
    """
    with _refusing(tuple(names), "autograd" in names) as refusals:
        yield refusals
        refusals.take()


@contextlib.contextmanager
def _refusing(
    names: tuple[str, ...], passes: bool, trusted: frozenset[int] = frozenset()
) -> Iterator[Refusals]:
    unknown = sorted(set(names) - SHORTCUTS.keys())
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no short cut; choose from {', '.join(SHORTCUTS)}")
    state.take()
    if not names:
        yield state
        return
    warm_up()
    tools = _tools()
    by_hand = "autograd" in names
    nothing = contextlib.nullcontext()
    refused_as, trusted = ("autograd", frozenset()) if by_hand else (names[0], trusted)
    active, state.active = state.active, names
    try:
        with (
            tools.overrides.replaced(names),
            tools.engine.refused(refused_as, trusted) if passes else nothing,
            tools.no_autograd.guarded() if by_hand else nothing,
        ):
            yield state
    finally:
        state.active = active
        if (refused := state.take()) is not None:
            raise refused
