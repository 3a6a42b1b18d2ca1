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

from autograder.worker.shortcuts.code import refusing_code
from autograder.worker.shortcuts.refusals import SHORTCUTS, state

OTHER_DEVICES = "CompositeExplicitAutogradNonFunctional"
KEYS = (
    "CPU",
    "SparseCPU",
    "SparseCsrCPU",
    "MkldnnCPU",
    "NestedTensorCPU",
    "FuncTorchBatched",
    "CompositeImplicitAutograd",
    "CompositeExplicitAutograd",
    OTHER_DEVICES,
)
SPELLED_AGAIN = (
    "torch._refs",
    "torch._refs.nn.functional",
    "torch._refs.special",
    "torch._decomp.decompositions",
    "torch.onnx.ops._impl",
)


# An operator, a key of the dispatcher, and the kernel that refuses.
Kernel = tuple[str, str, Callable[..., Any]]


@dataclass(frozen=True)
class Replacements:
    """Of one short cut: the kernels that refuse, and (function, code that refuses)."""

    kernels: list[Kernel]
    codes: list[tuple[FunctionType, CodeType]]


@functools.cache
def keep_kernels() -> None:
    """Hand out no kernel: one that is kept would run past its replacement."""

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError("torch's kernels are not handed out here; call the operator")

    torch._C._dispatch_get_computed_kernel_for_dispatch_key = refuse


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
    chosen = _together(frozenset(names))
    originals = [(function, function.__code__) for function, _ in chosen.codes]
    library = _register(chosen.kernels)
    try:
        for function, code in chosen.codes:
            function.__code__ = code
        yield
    finally:
        library.reset()
        for function, code in originals:
            function.__code__ = code


@functools.cache
def _together(names: frozenset[str]) -> Replacements:
    """What several short cuts replace, each operator and function once."""
    chosen = [plan()[name] for name in sorted(names)]
    kernels = {entry[:2]: entry for each in chosen for entry in each.kernels}
    codes = {function: code for each in chosen for function, code in each.codes}
    return Replacements(list(kernels.values()), list(codes.items()))


def _register(kernels: list[Kernel]) -> Any:
    library: Any = torch._C._dispatch_library("IMPL", "aten", "", __file__, 1)
    for operator, key, kernel in kernels:
        library.impl(operator, key, kernel, False)
    return library


def _kernels(shortcut: str) -> list[Kernel]:
    wanted = set(SHORTCUTS[shortcut].operators.split())
    found = []
    for full_name in sorted(torch._C._dispatch_get_all_op_names()):
        library, _, operator = full_name.partition("::")
        name, _, overload = operator.partition(".")
        if library != "aten" or not wanted.intersection((name, operator)):
            continue
        if not _calls_another(name, overload):
            refuse = _kernel(shortcut, f"torch.ops.aten.{operator}")
            found += [(operator, key, refuse) for key in _keys(full_name)]
    return found


def _calls_another(name: str, overload: str) -> bool:
    """Whether torch has generated it to call the operator that it is a variant of."""
    operator = getattr(getattr(torch.ops.aten, name), overload or "default", None)
    return operator is not None and torch.Tag.generated in operator.tags


def _keys(operator: str) -> list[str]:
    has_kernel = torch._C._dispatch_has_kernel_for_dispatch_key
    keys = [key for key in KEYS if has_kernel(operator, key)]
    # Beside a kernel of the CPU's own it serves other devices only.
    return [key for key in keys if "CPU" not in keys or key != OTHER_DEVICES]


def _kernel(shortcut: str, spelling: str) -> Callable[..., Any]:
    return lambda *args, **kwargs: state.refuse(shortcut, spelling)


def _codes(shortcut: str) -> list[tuple[FunctionType, CodeType]]:
    functions = {}
    for name in SHORTCUTS[shortcut].functions:
        with contextlib.suppress(
            AttributeError, ImportError
        ):  # not every version of torch has each
            functions[name] = pkgutil.resolve_name(name)
    for module in SPELLED_AGAIN:
        with contextlib.suppress(ModuleNotFoundError):
            for name, value in vars(importlib.import_module(module)).items():
                if inspect.isroutine(value) and re.search(SHORTCUTS[shortcut].again, name):
                    functions[f"{module}.{name}"] = value
    innermost = ((name, _innermost(function)) for name, function in functions.items())
    return [
        (function, refusing_code(function, shortcut, name))
        for name, function in innermost
        if isinstance(function, FunctionType)
    ]


def _innermost(function: Any) -> Any:
    return inspect.unwrap(getattr(function, "__func__", function))
