"""Replace torch's operators and Python functions by ones that refuse, and put them back.

An operator's kernel is replaced in the dispatcher itself, for each key that has one; the newest
registration wins, and dropping the registrations brings torch's own back. Of a Python function the
code object is replaced, so that a reference that was taken earlier is refused too.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import pkgutil
import re
import warnings
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any, NoReturn

import torch

from autograder.worker.shortcuts import SHORTCUTS, refusals

KEYS = (
    "CPU",
    "SparseCPU",
    "SparseCsrCPU",
    "MkldnnCPU",
    "NestedTensorCPU",
    "FuncTorchBatched",
    "CompositeImplicitAutograd",
    "CompositeExplicitAutograd",
    "CompositeExplicitAutogradNonFunctional",
)
SPELLED_AGAIN = (
    "torch._refs",
    "torch._refs.nn.functional",
    "torch._refs.special",
    "torch._decomp.decompositions",
)
Replacement = Callable[..., Any]
PLACEHOLDER = "the function that refuses"


@dataclass(frozen=True)
class Replacements:
    """Of one short cut: (operator, key, kernel that refuses) and (function, code that refuses)."""

    kernels: list[tuple[str, str, Replacement]]
    codes: list[tuple[FunctionType, CodeType]]


@functools.cache
def keep_kernels() -> None:
    """Hand out no kernel: one that is kept would run past its replacement."""

    def refuse(*args: object) -> NoReturn:
        raise RuntimeError("torch's kernels are not handed out here; call the operator")

    torch._C._dispatch_get_computed_kernel_for_dispatch_key = refuse  # type: ignore[assignment]


@functools.cache
def plan() -> dict[str, Replacements]:
    """Return the replacements of every short cut by its name; about 20 ms the first time."""
    found = {name: Replacements(_kernels(name), _codes(name)) for name in SHORTCUTS}
    with warnings.catch_warnings():  # of overrides torch warns once in a process: here
        warnings.simplefilter("ignore")
        _register(found["one_hot"].kernels).reset()
    return found


@contextlib.contextmanager
def replaced(names: Collection[str]) -> Iterator[None]:
    """Replace all that belongs to these short cuts while the block runs."""
    chosen = [plan()[name] for name in sorted(names)]
    originals: dict[FunctionType, CodeType] = {}
    library = _register([kernel for each in chosen for kernel in each.kernels])
    try:
        for function, code in (pair for each in chosen for pair in each.codes):
            originals.setdefault(function, function.__code__)
            function.__code__ = code
        yield
    finally:
        library.reset()
        for function, code in originals.items():
            function.__code__ = code


def _register(kernels: list[tuple[str, str, Replacement]]) -> Any:
    library: Any = torch._C._dispatch_library("IMPL", "aten", "", __file__, 1)
    for (operator, key), kernel in {entry[:2]: entry[2] for entry in kernels}.items():
        library.impl(operator, key, kernel, False)
    return library


def _kernels(shortcut: str) -> list[tuple[str, str, Replacement]]:
    wanted = set(SHORTCUTS[shortcut].operators.split())
    found = []
    for full_name in sorted(torch._C._dispatch_get_all_op_names()):
        library, _, operator = full_name.partition("::")
        if library == "aten" and operator.split(".")[0] in wanted:
            refuse = _kernel(shortcut, f"torch.ops.aten.{operator}")
            found += [(operator, key, refuse) for key in KEYS if _has_kernel(full_name, key)]
    return found


def _has_kernel(operator: str, key: str) -> bool:
    return torch._C._dispatch_has_kernel_for_dispatch_key(operator, key)


def _kernel(shortcut: str, spelling: str) -> Replacement:
    return lambda *args, **kwargs: refusals.refuse(shortcut, spelling)


def _codes(shortcut: str) -> list[tuple[FunctionType, CodeType]]:
    functions = {}
    for name in SHORTCUTS[shortcut].functions:
        with contextlib.suppress(AttributeError):  # not every version of torch has each
            functions[name] = pkgutil.resolve_name(name)
    for module in SPELLED_AGAIN:
        for name, value in vars(importlib.import_module(module)).items():
            if inspect.isroutine(value) and re.search(SHORTCUTS[shortcut].again, name):
                functions[f"{module}.{name}"] = value
    innermost = ((name, _innermost(function)) for name, function in functions.items())
    return [
        (function, _code(shortcut, name, function.__code__.co_freevars))
        for name, function in innermost
        if isinstance(function, FunctionType)
    ]


def _innermost(function: Any) -> Any:
    return inspect.unwrap(getattr(function, "__func__", function))


def _code(shortcut: str, spelling: str, free_variables: tuple[str, ...]) -> CodeType:
    """Code that a function with these free variables can be given; it uses none of its names."""

    def refused(*args: Any, **kwargs: Any) -> None:
        refuse: Any = "the function that refuses"
        refuse()

    refuse = functools.partial(refusals.refuse, shortcut, spelling)
    constants = refused.__code__.co_consts
    return refused.__code__.replace(
        co_consts=tuple(refuse if value == PLACEHOLDER else value for value in constants),
        co_freevars=free_variables,
    )
