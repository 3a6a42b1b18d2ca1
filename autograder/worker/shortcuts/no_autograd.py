"""Refuse autograd, however it is spelled: no graph is recorded, no backward pass runs.

A dispatch mode sees every operator that torch executes and refuses
- an operator that would record a graph: grad mode is on and an input requires grad;
- an operator that runs inside a backward pass of torch's engine, whoever started the engine;
- the operators that exist for gradients only (`tanh_backward`), and those of forward mode;
- tensor subclasses with a dispatch of their own, whose code would run unseen.

Reading `requires_grad`, `detach()`, `no_grad` and everything else that records nothing is allowed.
A mode belongs to one thread, so every new thread gets one, which sleeps until the guard is up. The
switches that turn modes off, and the engine that runs backward passes, are wrapped once and for
all, before a learner's code can take hold of them, and refuse while the guard is up. What a switch
has turned off before that is turned on again.
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import importlib
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import torch
from torch.utils import _python_dispatch
from torch.utils._pytree import tree_leaves

from autograder.worker.shortcuts import refusals

HARMLESS = {"detach", "empty_like", "full_like", "ones_like", "rand_like", "zeros_like"}
FORWARD_MODE = ("_has_same_storage_numel",)  # torch asks this of a tensor and its tangent only
POP = "_pop_torch_dispatch_stack"
SWITCHES = (
    "_DisableTorchDispatch",
    "_ExcludeDispatchKeyGuard",
    "_ForceDispatchKeyGuard",
    "_SetExcludeDispatchKeyGuard",
    "_dispatch_tls_set_dispatch_key_excluded",
    "_dispatch_tls_set_dispatch_key_included",
    POP,
)
THREAD_STARTS = (
    "start_new_thread",
    "start_new",
    "start_joinable_thread",
    "_start_new_thread",
    "_start_joinable_thread",
)
# Where torch looks for modes; a guard that is kept from earlier would hide them.
MODE_KEYS = (torch._C.DispatchKey.Python, torch._C.DispatchKey.PythonTLSSnapshot)
Switch = Callable[..., Any]
_wrapped: set[int] = set()
_pop_mode = torch._C._pop_torch_dispatch_stack
_exclude_key = torch._C._dispatch_tls_set_dispatch_key_excluded
_running_backward = torch._C._current_graph_task_id
_grad_is_on = torch.is_grad_enabled
_grad_fn: Any = torch._C.TensorBase.grad_fn
PLAIN = {torch.Tensor, torch.nn.Parameter, torch.nn.Buffer}


class Guard:
    """Whether autograd is being refused, in all threads."""

    up = False


def refuse(spelling: str) -> NoReturn:
    refusals.refuse("autograd", spelling)


class NoAutograd(_python_dispatch.TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The dispatch mode of the module's docstring."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch would import its compiler at the first operator: seconds

    def __exit__(self, *exception: object) -> None:
        refuse("leaving the mode that refuses it")

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if not Guard.up:
            return func(*args, **kwargs)
        if _exists_for_gradients(func):
            refuse(f"torch.ops.{func}")
        if _running_backward() != -1:
            refuse("a backward pass of torch's engine")
        if types and not PLAIN.issuperset(types):
            refuse("a tensor subclass with a dispatch of its own")
        result = func(*args, **kwargs)
        if _grad_is_on() and _requires_grad(args, kwargs) and _could_record(func, result):
            refuse(
                f"a tensor that requires grad went into torch.ops.{func}; "
                "use tensors that do not, or work under torch.no_grad()"
            )
        return result


@functools.cache
def _exists_for_gradients(func: Any) -> bool:
    name = _name(func)
    return "backward" in name or name in FORWARD_MODE


def _name(func: Any) -> str:
    return str(func._schema.name).partition("::")[2]


def _requires_grad(args: Any, kwargs: dict[str, Any]) -> bool:
    """Whether a tensor among the arguments does; plain code, because every operator runs it."""
    for value in (*args, *kwargs.values()) if kwargs else args:
        if getattr(value, "requires_grad", False):
            return True
        if type(value) in (list, tuple) and _requires_grad(value, {}):
            return True
    return False


def _could_record(func: Any, result: object) -> bool:
    """Whether the result is one that a gradient could flow back from."""
    return _name(func) not in HARMLESS and any(
        value.is_floating_point() or value.is_complex()
        for value in tree_leaves(result)
        if isinstance(value, torch.Tensor)
    )


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Refuse autograd while the block runs. `wrap_switches` must have been called before."""
    depth = torch._C._len_torch_dispatch_stack()
    disable_modes = inspect.unwrap(_python_dispatch._disable_current_modes)
    original_code = disable_modes.__code__
    for key in MODE_KEYS:
        _exclude_key(key, False)
    _python_dispatch._push_mode(NoAutograd())  # type: ignore[no-untyped-call]
    Guard.up = True
    disable_modes.__code__ = _disable_nothing.__code__  # printing a tensor calls it
    torch.Tensor.grad_fn = property(_no_node)  # type: ignore[assignment]
    try:
        yield
    finally:
        Guard.up = False
        while torch._C._len_torch_dispatch_stack() > depth:  # the code may have left some
            _pop_mode(None)
        disable_modes.__code__ = original_code
        del torch.Tensor.grad_fn


def _disable_nothing() -> Iterator[list[Any]]:
    yield []


def _no_node(tensor: torch.Tensor) -> None:
    """A node of a graph can be called by hand, past the engine; let none be had."""
    if _grad_fn.__get__(tensor) is not None:
        refuse("torch.Tensor.grad_fn")


@functools.cache
def wrap_switches() -> None:
    """Let torch's switches and engine, and starts of threads, know of the guard for good."""
    engine = _engine(torch.autograd.Variable._execution_engine)
    # Not `torch.autograd.variable`, which is a function of the same name.
    variables = importlib.import_module("torch.autograd.variable")
    for module, name in ((torch._C, "_ImperativeEngine"), (variables, "ImperativeEngine")):
        setattr(module, name, engine)
    torch.autograd.Variable._execution_engine = engine()
    for module in (torch._C, _python_dispatch):
        for name in SWITCHES:
            if hasattr(module, name):
                setattr(module, name, _switch(getattr(torch._C, name), name))
    for module in (_thread, threading):
        for name in THREAD_STARTS:
            if hasattr(module, name):
                setattr(module, name, _thread_start(getattr(module, name)))


def _engine(original: Any) -> Any:
    """In place of the engine's class: one whose backward pass refuses while the guard is up."""

    class Engine:
        def run_backward(self, *args: Any, **kwargs: Any) -> Any:
            if Guard.up:
                refuse("a backward pass of torch's engine")
            return original.run_backward(*args, **kwargs)

        def queue_callback(self, *args: Any) -> Any:
            return original.queue_callback(*args)

        def is_checkpoint_valid(self) -> Any:
            return original.is_checkpoint_valid()

    return Engine


# Not functools.wraps: it would leave the original within reach, as `__wrapped__`.


def _switch(original: Switch, name: str) -> Switch:
    if id(original) in _wrapped:
        return original

    def switch(*args: Any, **kwargs: Any) -> Any:
        current = _python_dispatch._get_current_dispatch_mode()
        if isinstance(current, NoAutograd) if name == POP else Guard.up:
            refuse(f"torch._C.{name}")
        return original(*args, **kwargs)

    _wrapped.add(id(switch))
    return switch


def _thread_start(original: Switch) -> Switch:
    def start(function: Switch, *args: Any, **kwargs: Any) -> Any:
        def run(*arguments: Any, **options: Any) -> Any:
            # A thread's modes end with it.
            _python_dispatch._push_mode(NoAutograd())  # type: ignore[no-untyped-call]
            return function(*arguments, **options)

        return original(run, *args, **kwargs)

    return start
