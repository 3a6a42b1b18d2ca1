"""Refuse autograd, however it is spelled: no graph is recorded, no backward pass runs.

A dispatch mode sees every operator that torch executes and refuses
- an operator that would record a graph: grad mode is on and an input requires grad;
- an operator that runs inside a backward pass of torch's engine, whoever started the engine;
- the operators that exist for gradients only (`tanh_backward`), and those of forward mode;
- tensor subclasses with a dispatch of their own, whose code would run unseen.

Reading `requires_grad`, `detach()`, `no_grad` and everything else that records nothing is allowed.
A mode belongs to one thread, so every new thread gets one, which sleeps until the guard is up. The
switches that turn modes off are wrapped once and for all, before a learner's code can take hold of
them, and refuse while the guard is up. What a switch has turned off before that is turned on again.
Backward passes are refused in `engine` too, in threads that have no mode, and `native` refuses to
make such threads.
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch._ops import OpOverload
from torch.utils import _python_dispatch
from torch.utils._pytree import tree_leaves

from autograder.worker.shortcuts.refusals import state

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
_wrapped: set[int] = set()
_pop_mode = torch._C._pop_torch_dispatch_stack
_exclude_key = torch._C._dispatch_tls_set_dispatch_key_excluded
_running_backward = torch._C._current_graph_task_id
_grad_is_on = torch.is_grad_enabled
PLAIN = {torch.Tensor, torch.nn.Parameter, torch.nn.Buffer}


class Guard:
    """Whether autograd is being refused, in all threads."""

    up = False


def refuse(spelling: str) -> None:
    state.refuse("autograd", spelling)


class NoAutograd(_python_dispatch.TorchDispatchMode):
    """The dispatch mode of the module's docstring."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch would import its compiler at the first operator: seconds

    def __exit__(self, *exception: object) -> None:
        refuse("leaving the mode that refuses it")

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
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
def _exists_for_gradients(func: OpOverload) -> bool:
    name = _name(func)
    return "backward" in name or name in FORWARD_MODE


def _name(func: OpOverload) -> str:
    name: str = func._schema.name
    return name.partition("::")[2]


def _requires_grad(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a tensor among the arguments does; plain code, because every operator runs it."""
    for value in (*args, *kwargs.values()) if kwargs else args:
        if getattr(value, "requires_grad", False):
            return True
        if type(value) in (list, tuple) and _requires_grad(value, {}):
            return True
    return False


def _could_record(func: OpOverload, result: object) -> bool:
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
    _python_dispatch._push_mode(NoAutograd())
    Guard.up = True
    disable_modes.__code__ = _disable_nothing.__code__  # printing a tensor calls it
    try:
        yield
    finally:
        Guard.up = False
        while torch._C._len_torch_dispatch_stack() > depth:  # the code may have left some
            _pop_mode(None)
        disable_modes.__code__ = original_code


def _disable_nothing() -> Iterator[list[Any]]:
    yield []


@functools.cache
def wrap_switches() -> None:
    """Let torch's switches, and starts of threads, know of the guard for good."""
    for module in (torch._C, _python_dispatch):
        for name in SWITCHES:
            if hasattr(module, name):
                setattr(module, name, _switch(getattr(torch._C, name), name))
    for module in (_thread, threading):
        for name in THREAD_STARTS:
            if hasattr(module, name):
                setattr(module, name, _thread_start(getattr(module, name)))


# Not functools.wraps: it would leave the original within reach, as `__wrapped__`.


def _switch(original: Callable[..., Any], name: str) -> Callable[..., Any]:
    if id(original) in _wrapped:
        return original

    def switch(*args: Any, **kwargs: Any) -> Any:
        current = _python_dispatch._get_current_dispatch_mode()
        if isinstance(current, NoAutograd) if name == POP else Guard.up:
            refuse(f"torch._C.{name}")
        return original(*args, **kwargs)

    _wrapped.add(id(switch))
    return switch


class Guarded:
    """What a new thread runs: first it gets a mode, which ends with it."""

    def __init__(self, function: Callable[..., Any]):
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        _python_dispatch._push_mode(NoAutograd())
        return self.function(*args, **kwargs)


def _thread_start(original: Callable[..., Any]) -> Callable[..., Any]:
    def start(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return original(Guarded(function), *args, **kwargs)

    return start
