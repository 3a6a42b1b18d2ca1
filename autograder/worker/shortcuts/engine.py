"""Refuse the backward passes of torch's engine, in every thread and whoever starts them.

Two gates, both in one process for all threads:
- the engine's Python class is replaced for good; its passes ask who started them;
- the engine itself knows one hook, for compiled autograd, that every pass goes through, also one
  that TorchScript starts in a thread that Python has never heard of. While passes are refused the
  hook refuses.

Where all gradients are to be worked out by hand, nobody may start a pass. Where something else is
forbidden, the checks may and the lesson may not: the gradient of logsumexp is softmax.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from autograder.worker.shortcuts.refusals import state

# Whose arguments depend on torch's version.
_set_compiler: Callable[..., Any] = torch._C._dynamo.compiled_autograd.set_autograd_compiler
_node_of = vars(torch._C.TensorBase)["grad_fn"].__get__
# Whose frames are passed over: torch calls itself, and the checks go through the engine's helpers.
_PASSED_OVER = (
    str(Path(torch.__file__).parent) + "/",
    str(Path(__file__).resolve().parents[2]) + "/",
)
_TORCH = _PASSED_OVER[0]


class Passes:
    """What backward passes count as while they are refused, and whose they are nevertheless.

    trusted: the `id` of each module's names whose code may start one.
    """

    refused_as: str | None = None
    trusted: frozenset[int] = frozenset()


@contextlib.contextmanager
def refused(name: str, trusted: frozenset[int] = frozenset()) -> Iterator[None]:
    """Refuse backward passes as the short cut of this name while the block runs."""
    before = Passes.refused_as, Passes.trusted
    Passes.refused_as, Passes.trusted = name, trusted
    hook = _hook(_refuse_pass)
    torch.Tensor.grad_fn = property(_no_node)  # type: ignore[assignment]  # its stub has a node
    try:
        yield
    finally:
        Passes.refused_as, Passes.trusted = before
        _hook(hook)
        if Passes.refused_as is None:
            del torch.Tensor.grad_fn


def _hook(compiler: Callable[..., Any] | None) -> Any:
    """Set the hook of compiled autograd; the one that was there."""
    try:
        before = _set_compiler(compiler, False)
    except TypeError:  # before torch 2.6
        before = _set_compiler(compiler)
    return before[0] if isinstance(before, tuple) else before


def _refuse_pass(*_: Any) -> None:
    state.refuse(Passes.refused_as or "autograd", "a backward pass of torch's engine")


def _is_trusted() -> bool:
    """Whether the nearest frame that is neither torch's nor the engine's own may go backward."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PASSED_OVER):
        frame = frame.f_back
    return frame is not None and id(frame.f_globals) in Passes.trusted


def _no_node(tensor: torch.Tensor) -> Any:
    """A node of a graph can be called by hand, past the engine; let none be had."""
    node = _node_of(tensor)
    if node is None or _is_trusted():
        return node
    by_torch = sys._getframe(1).f_code.co_filename.startswith(_TORCH)  # which prints its name
    if Passes.refused_as == "autograd" or not by_torch:
        state.refuse(Passes.refused_as or "autograd", "torch.Tensor.grad_fn")
    return node


@functools.cache
def wrap_engine() -> None:
    """Let torch's engine know of the refusals for good."""
    engine = _engine(torch.autograd.Variable._execution_engine)
    # Not `torch.autograd.variable`, which is a function of the same name.
    variables = importlib.import_module("torch.autograd.variable")
    for module, name in ((torch._C, "_ImperativeEngine"), (variables, "ImperativeEngine")):
        setattr(module, name, engine)
    torch.autograd.Variable._execution_engine = engine()
    torch._C._dynamo.compiled_autograd.set_autograd_compiler = _setter(_hook)


def _setter(hook: Callable[..., Any]) -> Callable[..., Any]:
    def set_autograd_compiler(
        compiler: Callable[..., Any] | None, dynamic: bool = False
    ) -> tuple[Any, bool]:
        if Passes.refused_as:  # torch's own compiler turns the hook off and on again: to no effect
            return None, False
        return hook(compiler), dynamic

    return set_autograd_compiler


def _engine(original: Any) -> type:
    """In place of the engine's class: one whose backward passes may be refused."""

    class Engine:
        def run_backward(self, *args: Any, **kwargs: Any) -> Any:
            if Passes.refused_as is None:
                return original.run_backward(*args, **kwargs)
            if not _is_trusted():
                _refuse_pass()
            _hook(None)
            try:
                return original.run_backward(*args, **kwargs)
            finally:
                _hook(_refuse_pass)

        def queue_callback(self, *args: Any) -> Any:
            return original.queue_callback(*args)

        def is_checkpoint_valid(self) -> Any:
            return original.is_checkpoint_valid()

    return Engine
