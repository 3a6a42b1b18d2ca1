"""Nobody turns the refusal off, catches it, or works in a thread that it does not know."""

import ctypes
import importlib
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F

from autograder.worker.shortcuts import ShortcutRefused, refusing
from tests.shortcuts import caught, leaf, scripted_gradient, square, x

# What a learner might try to turn the guard off.
ESCAPES = {
    "_disable_current_modes": lambda: disabled_modes(),
    "_DisableTorchDispatch": lambda: with_switch(torch._C._DisableTorchDispatch),
    "_ExcludeDispatchKeyGuard": lambda: with_switch(
        lambda: torch._C._ExcludeDispatchKeyGuard(
            torch._C.DispatchKeySet(torch._C.DispatchKey.Python)
        )
    ),
    "excluded key": lambda: torch._C._dispatch_tls_set_dispatch_key_excluded(
        torch._C.DispatchKey.Python, True
    ),
    "the bare engine": lambda: engine_runs(square(leaf())),
    "an engine of one's own": lambda: engine_runs(square(leaf()), torch._C._ImperativeEngine()),
    "an engine from its module": lambda: engine_runs(
        square(leaf()), importlib.import_module("torch.autograd.variable").ImperativeEngine()
    ),
    "a fresh _thread": lambda: fresh_thread(lambda: engine_runs(square(leaf()))),
    "popped": lambda: torch._C._pop_torch_dispatch_stack(),
    "popped in python": lambda: torch.utils._python_dispatch._pop_mode(),
    "left": lambda: torch._C._get_dispatch_stack_at(0).__exit__(None, None, None),
    "thread": lambda: in_thread(lambda: square(leaf()).backward()),
    "thread pool": lambda: ThreadPoolExecutor(1).submit(square, leaf()).result(),
    "bare thread": lambda: bare_thread(lambda: square(leaf()).backward()),
    "subclass": lambda: x.clone().as_subclass(Sly) * 2,
    "caught": lambda: caught(lambda: square(leaf())),
    "compiled": lambda: torch.compile(square, backend="eager")(leaf()),
    "scripted": lambda: scripted_gradient(x),
    "native thread": lambda: native_thread(lambda: scripted_gradient(x)),
    "cffi": lambda: __import__("_cffi_backend"),
    "hook of the engine": lambda: (
        torch._C._dynamo.compiled_autograd.set_autograd_compiler(None, False),
        scripted_gradient(x),
    ),
}


class Sly(torch.Tensor):
    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        with torch.enable_grad():
            return torch.autograd.grad(square(leaf()), leaf())


def disabled_modes():
    with torch.utils._python_dispatch._disable_current_modes():
        return square(leaf())


def with_switch(switch):
    with switch():
        return square(leaf())


def in_thread(work):
    thread = threading.Thread(target=caught, args=[work])
    thread.start()
    thread.join()


def bare_thread(work):
    import _thread

    done = threading.Event()
    _thread.start_new_thread(lambda: (caught(work), done.set()), ())
    done.wait()


def engine_runs(loss, engine=None):
    engine = engine or torch.autograd.Variable._execution_engine
    return engine.run_backward(
        (loss,), (torch.ones_like(loss),), False, False, (), allow_unreachable=True,
        accumulate_grad=True,
    )  # fmt: skip


def fresh_thread(work):
    """Start a thread by a module that nobody has wrapped."""
    kept = sys.modules.pop("_thread")
    try:
        import _thread

        done = threading.Event()
        _thread.start_new_thread(lambda: (caught(work), done.set()), ())
        done.wait()
    finally:
        sys.modules["_thread"] = kept


def native_thread(work):
    """Run it in a thread that Python does not know of."""
    libc, kind = ctypes.CDLL(None), ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
    thread, function = ctypes.c_ulong(), kind(lambda _: caught(work) and None)
    libc.pthread_create(ctypes.byref(thread), None, function, None)
    libc.pthread_join(thread, None)


@pytest.mark.parametrize("way", ESCAPES)
def test_ways_out_of_the_guard_are_refused(way):
    with pytest.raises(ShortcutRefused), refusing(["autograd"]):
        ESCAPES[way]()


def test_a_switch_that_was_turned_before_is_turned_back():
    torch._C._dispatch_tls_set_dispatch_key_excluded(torch._C.DispatchKey.Python, True)
    with pytest.raises(ShortcutRefused), refusing(["autograd"]):
        square(leaf())


def test_no_kernel_can_be_kept_for_later():
    with pytest.raises(RuntimeError, match="not handed out"):
        torch.library.get_kernel("aten::_softmax", "CPU")


def test_catching_the_refusal_helps_nobody():
    with pytest.raises(ShortcutRefused, match="softmax"), refusing(["softmax"]):
        assert caught(lambda: F.softmax(x, -1)) is None
    with pytest.raises(ShortcutRefused, match="softmax"), refusing(["softmax"]):
        caught(lambda: F.softmax(x, -1))
        raise ValueError("hides the refusal")


def test_a_thread_from_before_is_guarded_too():
    go = threading.Event()
    thread = threading.Thread(target=lambda: (go.wait(), caught(lambda: square(leaf()))))
    thread.start()
    with pytest.raises(ShortcutRefused, match="requires grad"), refusing(["autograd"]):
        go.set()
        thread.join()


def test_threads_may_use_autograd_elsewhere():
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.func.grad(square), x).result().equal(2 * x)
