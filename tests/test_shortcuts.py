"""Right code is not refused, nothing is left behind, and refusing takes no time."""

import contextlib
import inspect
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.worker.shortcuts import SHORTCUTS, ShortcutRefused, refusing, refusing_at_load
from autograder.worker.shortcuts.code import refusing_code
from tests.shortcuts import caught, leaf, script, square, targets, x

attention_layer = nn.MultiheadAttention(6, 2)


def hand_made_gradients():
    logits = torch.randn(5, 7)
    probabilities = (logits - logits.logsumexp(-1, keepdim=True)).exp()
    gradient = probabilities.clone()
    gradient[torch.arange(5), torch.tensor([0, 1, 2, 3, 6])] -= 1
    table = torch.zeros(7, 5).index_add_(0, torch.tensor([1, 1, 2, 3, 3, 0, 6]), gradient.T)
    hidden = torch.tanh(gradient @ table)
    return torch.vmap(lambda row: row * (1 - row**2))(hidden)


def with_parameters():
    parameter = nn.Parameter(torch.randn(3, 2))
    assert parameter.requires_grad and parameter.grad_fn is None
    parameter.data -= 0.1
    with torch.no_grad():
        parameter -= 0.1 * (parameter @ parameter.T @ parameter)
    print(parameter, torch.randn(2))
    print((parameter > 0).sum(), parameter.argmax(), torch.zeros_like(parameter))
    return parameter.detach() * 2


def with_threads():
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda row: (row * 2).sum(), x))


def with_other_modes():
    with torch.device("cpu"), torch.inference_mode():
        return script(plain_softmax)(x)


def plain_softmax(logits: torch.Tensor) -> torch.Tensor:
    counts = logits.exp()
    return counts / counts.sum(-1, keepdim=True)


@pytest.mark.parametrize(
    "work", [hand_made_gradients, with_parameters, with_threads, with_other_modes]
)
@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_right_code_is_not_refused(work):
    with refusing(set(SHORTCUTS) - {"logsumexp"}):
        work()


def test_all_is_as_before_afterwards():
    with pytest.raises(ShortcutRefused), refusing(SHORTCUTS):
        F.softmax(x, -1)
    assert torch.allclose(F.softmax(x, -1).sum(-1), torch.ones(4))
    assert F.one_hot(targets, 6).sum() == 4
    parameter = leaf()
    normal = F.layer_norm(F.batch_norm(x, None, None, training=True), (6,))
    loss = F.cross_entropy(normal @ parameter, targets % 3)
    loss.backward()
    assert parameter.grad is not None and loss.grad_fn is not None
    assert torch.func.grad(square)(x).equal(2 * x)
    assert attention_layer(x, x, x)[0].shape == (4, 6)
    assert torch._refs.softmax(x, -1).shape == (4, 6)
    assert "grad_fn" not in vars(torch.Tensor)


def test_an_unknown_name_is_an_error():
    with pytest.raises(ValueError, match="'sofmax' is no short cut"), refusing(["sofmax"]):
        pass


def test_names_are_known_without_torch():
    program = "import sys, autograder.worker.shortcuts; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_the_first_refusal_of_a_process_warns_of_nothing():
    program = (
        "from autograder.worker.shortcuts import *; import torch\n"
        "with refusing(SHORTCUTS): torch.ones(2).exp()"
    )
    ran = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True)
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.parametrize("name", SHORTCUTS)
def test_entering_is_quick(name):
    def seconds():
        start = time.perf_counter()
        with refusing([name]):
            pass
        return time.perf_counter() - start

    assert min(seconds() for _ in range(20)) < 0.6e-3


def test_loading_under_refusal_is_quick():
    def seconds():
        start = time.perf_counter()
        with refusing_at_load(["softmax", "one_hot", "cross_entropy", "tracing"]):
            pass
        return time.perf_counter() - start

    assert min(seconds() for _ in range(20)) < 1e-3


def test_a_model_may_be_trained_at_the_top_of_a_file():
    with refusing_at_load(["softmax", "tracing"]):
        parameter = leaf()
        square(parameter).backward()
    assert parameter.grad is not None


def test_what_was_caught_at_the_top_of_a_file_is_forgotten():
    with refusing_at_load(["softmax"]):
        assert caught(lambda: F.softmax(x, -1)) is None
    with refusing(["one_hot"]):
        pass


def test_the_checks_may_take_gradients_where_the_lesson_may_not():
    module = {"torch": torch}
    exec("def gradient(loss, x): return torch.autograd.grad(loss(x), x)[0]", module)
    with refusing(["softmax"], trusted=[module]):
        assert module["gradient"](square, leaf()).shape == (6, 3)
    with pytest.raises(ShortcutRefused), refusing(["softmax"], trusted=[module]):
        torch.autograd.grad(square(leaf()), leaf())


def test_packages_that_use_ctypes_may_be_imported_meanwhile():
    program = (
        "from autograder.worker.shortcuts import *; warm_up()\n"
        "with refusing_at_load(SHORTCUTS): import matplotlib.pyplot, numpy.ctypeslib, PIL.Image"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def kinds_of_functions():
    def plain(a, b=2):
        return a + b

    def generator():
        yield 1

    async def coroutine():
        return 1

    async def asynchronous_generator():
        yield 1

    return plain, generator, coroutine, asynchronous_generator


@pytest.mark.parametrize("function", kinds_of_functions(), ids=lambda each: each.__name__)
def test_code_that_refuses_is_of_its_function_s_kind(function):
    """Python 3.13 warns where a generator is given another kind of code, and 3.14 may refuse."""
    kinds = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
    code = refusing_code(function, "softmax", "here")
    assert code.co_flags & kinds == function.__code__.co_flags & kinds


def test_a_generator_refuses_when_it_is_entered():
    @contextlib.contextmanager
    def manager():
        yield

    function = inspect.unwrap(manager)
    function.__code__ = refusing_code(function, "softmax", "here")
    with pytest.raises(ShortcutRefused), manager():
        pass
