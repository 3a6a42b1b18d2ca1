"""Code objects that refuse, to be put in place of a function's own. This module needs no torch."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from autograder.worker.shortcuts.refusals import state

PLACEHOLDER = "the function that refuses"


def refusing_code(function: FunctionType, shortcut: str, spelling: str) -> CodeType:
    """Code that this function can be given: of the same kind, with the same free variables.

    Python 3.13 warns where a generator is given the code of a function, or the other way round.
    """
    free_variables = function.__code__.co_freevars
    code = _kind(function).__code__
    refuse = functools.partial(state.refuse, shortcut, spelling)
    return code.replace(
        co_consts=tuple(refuse if value == PLACEHOLDER else value for value in code.co_consts),
        co_freevars=free_variables,
    )


def _kind(function: FunctionType) -> Callable[..., Any]:
    kinds = {
        inspect.isgeneratorfunction: _generator,
        inspect.iscoroutinefunction: _coroutine,
        inspect.isasyncgenfunction: _asynchronous_generator,
    }
    return next((ours for is_kind, ours in kinds.items() if is_kind(function)), _function)


# None of them may use a name of its own module: they run among another module's.


def _function(*args: Any, **kwargs: Any) -> None:
    refuse: Any = "the function that refuses"
    refuse()


def _generator(*args: Any, **kwargs: Any) -> Iterator[None]:
    refuse: Any = "the function that refuses"
    yield refuse()


async def _coroutine(*args: Any, **kwargs: Any) -> None:
    refuse: Any = "the function that refuses"
    refuse()


async def _asynchronous_generator(*args: Any, **kwargs: Any) -> AsyncIterator[None]:
    refuse: Any = "the function that refuses"
    yield refuse()
