"""Refuse what runs native code past torch's dispatcher: ctypes, cffi, and torch's graph runtimes.

ctypes and cffi can start threads that Python does not know of, and call torch's C++ functions.
Python tells of each in an audit event; an audit hook is for good, so it sleeps until something is
refused. A package that uses ctypes for itself, as matplotlib does when it is imported, may.

torch has runtimes for TorchScript's graphs that call kernels without asking the dispatcher. They
are wrapped once and for all.
"""

from __future__ import annotations

import functools
import sys
import sysconfig
from collections.abc import Callable
from types import FrameType
from typing import Any

import torch

from autograder.worker.shortcuts.refusals import state

CALLS = ("ctypes.dlopen", "ctypes.dlsym", "ctypes.dlsym/handle", "ctypes.call_function")
THREADS = ("_thread.start_new_thread", "_thread.start_joinable_thread")
RUNTIMES = (
    "StaticModule",
    "_fuse_to_static_module",
    "_jit_to_static_module",
    "_jit_pass_convert_frozen_ops_to_mkldnn",
    # Tensor expressions: the compiler itself, and what lets TorchScript use it on a processor.
    "_te.TensorExprKernel",
    "_te.CodeGen",
    "_te.SimpleIREvaluator",
    "_te.construct_codegen",
    "_jit_override_can_fuse_on_cpu",
    "_jit_override_can_fuse_on_cpu_legacy",
    "_jit_pass_fuse",
    "_jit_pass_fuse_tensorexprs",
    "_jit_set_llga_enabled",
    "_jit_set_te_must_use_llvm_cpu",
    "_jit_set_texpr_fuser_enabled",
)
_PACKAGES = tuple({sysconfig.get_path(name) + "/" for name in ("stdlib", "purelib", "platlib")})
_PASSED_OVER = (sysconfig.get_path("stdlib") + "/ctypes/", "<frozen ")


@functools.cache
def watch(guarded: type) -> None:
    """Begin to watch, for good. guarded: the class of functions that a new thread may run."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if not state.active or event not in _WATCHED:
            return
        if event in CALLS:
            if not _asked_by_a_package():
                state.refuse(state.active[0], event)
        elif event == "import":
            if args[0] == "_cffi_backend":
                state.refuse(state.active[0], "cffi")
        elif "autograd" in state.active and type(args[0]) is not guarded:
            state.refuse("autograd", "a thread that was not started by threading")

    sys.addaudithook(hook)
    for path in RUNTIMES:
        holder, _, name = path.rpartition(".")
        module = getattr(torch._C, holder, None) if holder else torch._C
        if hasattr(module, name):
            setattr(module, name, _wrapped(getattr(module, name), path))


_WATCHED = {*CALLS, *THREADS, "import"}


def _asked_by_a_package() -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith(_PASSED_OVER):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(_PACKAGES)


def _wrapped(original: Callable[..., Any], name: str) -> Callable[..., Any]:
    def runtime(*args: Any, **kwargs: Any) -> Any:
        if state.active:
            state.refuse(state.active[0], f"torch._C.{name}")
        return original(*args, **kwargs)

    return runtime
