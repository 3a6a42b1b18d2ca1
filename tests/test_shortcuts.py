"""Every spelling of a short cut is refused, right code is not, and nothing is left behind."""

import contextlib
import ctypes
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.autograd.forward_ad as forward_ad
import torch.nn.functional as F
from torch import nn
from torch.fx.experimental.proxy_tensor import make_fx

from autograder.authoring.shortcut_candidates import Candidate
from autograder.authoring.shortcut_search import reason_to_allow, results, search
from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.worker.shortcuts import (
    SHORTCUTS,
    ShortcutRefused,
    refusing,
    refusing_at_load,
    warm_up,
)
from autograder.worker.shortcuts.code import refusing_code

warm_up()

aten = torch.ops.aten
x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
targets = torch.tensor([0, 5, 2, 2])
weight = torch.randn(6, 3, requires_grad=True)
recorded = (x @ weight).tanh().sum()
ones, zeros = torch.ones(6), torch.zeros(6)
heads = x.view(1, 2, 2, 6)


def quietly(compiler, *arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compiler(*arguments)


def script(function):
    return quietly(torch.jit.script, function)


@script
def scripted_softmax(logits: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.softmax(logits, dim=-1)


@script
def scripted_norm(values: torch.Tensor) -> torch.Tensor:
    return torch.layer_norm(values, [6])


def softmax_graph():
    """A graph that torch's compiler of tensor expressions runs past the dispatcher."""
    row = "Float(4, 6, strides=[6, 1], requires_grad=0, device=cpu)"
    return torch._C.parse_ir(
        f"graph(%x : {row}):\n"
        "  %d : int = prim::Constant[value=1]()\n"
        "  %t : NoneType = prim::Constant()\n"
        f"  %y : {row} = aten::softmax(%x, %d, %t)\n"
        "  return (%y)"
    )


@script
def scripted_loss(w: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    return (inputs @ w).exp().sum()


@script
def scripted_backward(w: torch.Tensor) -> torch.Tensor:
    (w * w).sum().backward()
    return w


@script
def scripted_fork(w: torch.Tensor) -> torch.Tensor:
    return torch.jit.wait(torch.jit.fork(scripted_loss, w, w.t()))


traced_softmax = quietly(torch.jit.trace, lambda logits: logits.softmax(-1), (x,))
layer_norm, attention_layer = nn.LayerNorm(6), nn.MultiheadAttention(6, 2)
encoder = nn.TransformerEncoderLayer(6, 2, 8, batch_first=True).eval()
held_reference = torch._refs.softmax
math_attention = pkgutil.resolve_name("torch._higher_order_ops.flex_attention.math_attention")
traced_before = make_fx(torch.exp)
held_attention = F.multi_head_attention_forward
held_clipping = nn.utils.clip_grad_norm_


class Double(torch.autograd.Function):
    @staticmethod
    def forward(context, value):
        return 2 * value

    @staticmethod
    def backward(context, gradient):
        return 2 * gradient


def leaf():
    return torch.randn(6, 3, requires_grad=True)


def square(value):
    return (value * value).sum()


def dual():
    with forward_ad.dual_level():
        return forward_ad.unpack_dual(forward_ad.make_dual(x, x) * 2)


def level_by_hand():
    level = torch._C._functorch._grad_increment_nesting()
    try:
        inner = torch._functorch.eager_transforms._create_differentiable(
            torch._C._functorch._wrap_for_grad(x, level)
        )
        torch.autograd.Variable._execution_engine.run_backward(
            (square(inner),), (torch.ones(()),), False, False, (inner,), True, False
        )
    finally:
        torch._C._functorch._grad_decrement_nesting()


def out(operator, *arguments, like=x):
    return operator(*arguments, out=torch.empty_like(like))


SPELLINGS = {
    "softmax": {
        "F": lambda: F.softmax(x, -1),
        "torch": lambda: torch.softmax(x, -1),
        "Tensor": lambda: x.softmax(-1),
        "special": lambda: torch.special.softmax(x, -1),
        "module": lambda: nn.Softmax(-1)(x),
        "module 2d": lambda: nn.Softmax2d()(x.view(1, 4, 6, 1)),
        "softmin": lambda: F.softmin(-x, -1),
        "log": lambda: F.log_softmax(x, -1).exp(),
        "log of Tensor": lambda: x.log_softmax(-1),
        "log module": lambda: nn.LogSoftmax(-1)(x),
        "log special": lambda: torch.special.log_softmax(x, -1),
        "double": lambda: torch.softmax(x, -1, dtype=torch.float64),
        "half": lambda: torch.softmax(x.half(), -1),
        "gumbel": lambda: F.gumbel_softmax(x),
        "named": lambda: aten.softmax.int(x, -1),
        "packet": lambda: aten._softmax(x, -1, False),
        "overload": lambda: aten._softmax.default(x, -1, False),
        "out": lambda: out(aten._softmax.out, x, -1, False),
        "int out": lambda: out(aten.softmax.int_out, x, -1),
        "safe": lambda: aten._safe_softmax(x, -1),
        "masked": lambda: torch._masked_softmax(x, torch.zeros(4, 6, dtype=torch.bool), 1, 0),
        "torch.masked": lambda: torch.masked.softmax(x, -1),
        "sparse": lambda: torch.sparse.softmax(x.to_sparse(), 1),
        "sparse log": lambda: torch.sparse.log_softmax(x.to_sparse(), 1),
        "redispatched": lambda: aten._softmax.default.redispatch(
            torch._C.DispatchKeySet(torch._C.DispatchKey.CPU), x, -1, False
        ),
        "scripted": lambda: scripted_softmax(x),
        "traced": lambda: traced_softmax(x),
        "compiled": lambda: torch.compile(F.softmax, backend="eager")(x, -1),
        "compiled ahead of time": lambda: torch.compile(F.softmax, backend="aot_eager")(x, -1),
        "reference": lambda: torch._refs.softmax(x, -1),
        "reference in nn": lambda: torch._refs.nn.functional.log_softmax(x, -1),
        "reference held": lambda: held_reference(x, -1),
        "decomposition": lambda: torch._decomp.decompositions._softmax(x, -1, False),
        "decomposition table": lambda: torch._decomp.decomposition_table[aten._softmax.default](
            x, -1, False
        ),
        "vmap": lambda: torch.vmap(lambda row: row.softmax(-1))(x),
        "no grad": lambda: torch.no_grad()(F.softmax)(x, -1),
        "inference": lambda: torch.inference_mode()(F.softmax)(x, -1),
        "requires grad": lambda: leaf().softmax(-1),
        "cross entropy": lambda: F.cross_entropy(x, targets),
        "distribution": lambda: torch.distributions.Categorical(logits=x).probs,
        "transform": lambda: torch.distributions.transforms.SoftmaxTransform()(x),
        "one-hot distribution": lambda: torch.distributions.OneHotCategorical(logits=x).mean,
        "gradient": lambda: torch.autograd.grad(leaf().logsumexp(0).sum(), leaf()),
        "gradient in a function": lambda: torch.func.grad(lambda z: z.logsumexp(1).sum())(x),
        "scripted gradient": lambda: scripted_gradient(x),
        "attention": lambda: attention_layer(x, x, x),
        "adaptive": lambda: nn.AdaptiveLogSoftmaxWithLoss(6, 6, [3])(x, targets),
        "another thread": lambda: ThreadPoolExecutor(1).submit(F.softmax, x, -1).result(),
        "modes off": lambda: torch._C._DisableTorchDispatch() and F.softmax(x, -1),
        "tensor expression": lambda: torch._C._te.TensorExprKernel(softmax_graph()).run((x,)),
        "fused": lambda: torch._C._jit_pass_fuse_tensorexprs(softmax_graph()),
    },
    "logsumexp": {
        "torch": lambda: x.logsumexp(-1),
        "special": lambda: torch.special.logsumexp(x, -1),
        "cumulative": lambda: x.logcumsumexp(-1),
        "reference": lambda: torch._refs.logsumexp(x, -1),
        "distribution": lambda: torch.distributions.Categorical(logits=x),
    },
    "one_hot": {
        "F": lambda: F.one_hot(targets),
        "counted": lambda: F.one_hot(targets, num_classes=7),
        "binding": lambda: torch._C._nn.one_hot(targets),
        "operator": lambda: aten.one_hot(targets, 6),
        "compiled": lambda: torch.compile(F.one_hot, backend="aot_eager")(targets, 6),
        "vmap": lambda: torch.vmap(lambda row: F.one_hot(row, 6))(targets),
        "decomposition": lambda: torch._decomp.decompositions.one_hot(targets, 6),
    },
    "cross_entropy": {
        "F": lambda: F.cross_entropy(x, targets),
        "soft targets": lambda: F.cross_entropy(x, torch.softmax(x, -1)),
        "module": lambda: nn.CrossEntropyLoss()(x, targets),
        "nll": lambda: F.nll_loss(x, targets),
        "nll module": lambda: nn.NLLLoss()(x, targets),
        "nll 2d": lambda: F.nll_loss(x.view(1, 6, 2, 2), targets.view(1, 2, 2)),
        "binding": lambda: torch._C._nn.nll_loss_nd(x, targets),
        "operator": lambda: aten.nll_loss_forward(x, targets, None, 1, -100),
        "smoothed": lambda: F.cross_entropy(x, targets, label_smoothing=0.1),
        "divergence": lambda: F.kl_div(x, x.sigmoid()),
        "divergence of distributions": lambda: torch.distributions.kl_divergence(
            *[torch.distributions.Categorical(logits=x)] * 2
        ),
        "likelihood": lambda: torch.distributions.Categorical(logits=x).log_prob(targets),
        "connectionist": lambda: F.ctc_loss(
            x[None], targets[:, None].clamp(1), targets[:4].ne(9).long(), targets.ne(9).long()
        ),
        "margin": lambda: F.soft_margin_loss(x, x.sign()),
        "margin of labels": lambda: F.multilabel_soft_margin_loss(x, x.gt(0).float()),
        "binary": lambda: F.binary_cross_entropy(torch.sigmoid(x), x.sigmoid()),
        "binary of logits": lambda: F.binary_cross_entropy_with_logits(x, x.sigmoid()),
        "reference": lambda: torch._refs.nn.functional.nll_loss(x, targets),
        "decomposition": lambda: torch._decomp.decompositions.nll_loss_forward(
            x, targets, None, 1, -100
        ),
    },
    "layer_norm": {
        "F": lambda: F.layer_norm(x, (6,)),
        "module": lambda: layer_norm(x),
        "torch": lambda: torch.layer_norm(x, (6,)),
        "native": lambda: torch.native_layer_norm(x, (6,), None, None, 1e-5),
        "operator": lambda: aten.native_layer_norm.default(x, (6,), None, None, 1e-5),
        "one group": lambda: F.group_norm(x, 1),
        "instance": lambda: F.instance_norm(x.view(1, 4, 6)),
        "transposed batch": lambda: F.batch_norm(x.T, None, None, training=True).T,
        "rms": lambda: F.rms_norm(x - x.mean(-1, keepdim=True), (6,)),
        "reference": lambda: torch._refs.nn.functional.layer_norm(x, (6,)),
        "static runtime": lambda: torch._C._jit_to_static_module(scripted_norm.graph)(x),
        "native reference": lambda: torch._refs.native_layer_norm(x, (6,), None, None, 1e-5),
        "tensor expression": lambda: torch._C._te.TensorExprKernel(scripted_norm.graph),
    },
    "batch_norm": {
        "F": lambda: F.batch_norm(x, None, None, training=True),
        "inference": lambda: F.batch_norm(x, zeros, ones),
        "module": lambda: nn.BatchNorm1d(6)(x),
        "torch": lambda: torch.batch_norm(x, ones, zeros, None, None, True, 0.1, 1e-5, False),
        "native": lambda: torch.native_batch_norm(x, ones, zeros, None, None, True, 0.1, 1e-5),
        "legit": lambda: aten._native_batch_norm_legit.no_stats(x, ones, zeros, True, 0.1, 1e-5),
        "functional": lambda: aten._native_batch_norm_legit_functional(
            x, ones, zeros, zeros, ones, True, 0.1, 1e-5
        ),
        "normalised reference": lambda: torch._refs._normalize(x, [0], 1e-5),
        "statistics": lambda: torch.batch_norm_update_stats(x, None, None, 0.1),
        "instance": lambda: F.instance_norm(x.T.reshape(1, 6, 4)),
        "decomposition": lambda: torch._decomp.decompositions.native_batch_norm(
            x, ones, zeros, None, None, True, 0.1, 1e-5
        ),
    },
    "attention": {
        "F": lambda: F.scaled_dot_product_attention(heads, heads, heads, is_causal=True),
        "operator": lambda: aten.scaled_dot_product_attention(heads, heads, heads),
        "maths": lambda: aten._scaled_dot_product_attention_math(heads, heads, heads),
        "flash": lambda: aten._scaled_dot_product_flash_attention_for_cpu(heads, heads, heads),
        "module": lambda: attention_layer(x, x, x),
        "module without weights": lambda: attention_layer(x, x, x, need_weights=False),
        "held function": lambda: held_attention(x, x, x, 6, 2, *[None] * 8),
        "flexible": lambda: math_attention(
            heads, heads, heads, lambda score, *_: score, (), 1.0, {}
        ),
        "onnx": lambda: torch.onnx.ops.attention(heads, heads, heads),
        "encoder": lambda: encoder(x.view(1, 4, 6)),
        "encoder without grad": lambda: torch.no_grad()(encoder)(x.view(1, 4, 6)),
    },
    "gelu": {
        "F": lambda: F.gelu(x, approximate="tanh"),
        "module": lambda: nn.GELU("tanh")(x),
        "exact": lambda: F.gelu(x),
        "in place": lambda: torch._C._nn.gelu_(x.clone()),
        "out": lambda: out(aten.gelu.out, x),
        "reference": lambda: torch._refs.nn.functional.gelu(x, "tanh"),
    },
    "clip_gradients": {
        "utils": lambda: nn.utils.clip_grad_norm_([weight], 1.0),
        "without the norm": lambda: nn.utils.clip_grads_with_norm_([weight], 1.0, torch.ones(())),
        "held": lambda: held_clipping([weight], 1.0),
    },
    "gradients": {
        "forward": lambda: torch.func.jvp(lambda z: z.logsumexp(1), (x,), (x,)),
        "node by hand": lambda: torch.autograd.graph.get_gradient_edge(recorded).node,
    },
    "tracing": {
        "make_fx": lambda: make_fx(square)(x),
        "held": lambda: traced_before(x),
    },
    "autograd": {
        "backward": lambda: square(leaf()).backward(),
        "backward of a graph from before": lambda: recorded.backward(retain_graph=True),
        "grad of a graph from before": lambda: torch.autograd.grad(
            recorded, weight, retain_graph=True
        ),
        "engine of a graph from before": lambda: (
            torch.autograd.Variable._execution_engine.run_backward(
                (recorded,), (torch.ones(()),), True, False, (weight,), True, False
            )
        ),
        "node called by hand": lambda: recorded.grad_fn(torch.ones(())),
        "autograd.backward": lambda: torch.autograd.backward([recorded], retain_graph=True),
        "operator backward": lambda: aten._backward(recorded, [weight], None, True),
        "scripted": lambda: scripted_loss(weight, x),
        "scripted backward": lambda: scripted_backward(leaf()),
        "scripted fork": lambda: scripted_fork(weight),
        "recording": lambda: x @ weight,
        "recording in a module": lambda: nn.Linear(6, 3)(x),
        "enabled": lambda: torch.no_grad()(torch.enable_grad()(lambda: x @ weight))(),
        "vjp": lambda: torch.autograd.functional.vjp(square, x),
        "jacobian": lambda: torch.autograd.functional.jacobian(square, x),
        "func.grad": lambda: torch.func.grad(square)(x),
        "func.vjp": lambda: torch.func.vjp(square, x)[1](torch.ones(())),
        "func.jvp": lambda: torch.func.jvp(square, (x,), (x,)),
        "func.jacrev": lambda: torch.func.jacrev(square)(x),
        "func.jacfwd": lambda: torch.func.jacfwd(square)(x),
        "func.hessian": lambda: torch.func.hessian(square)(x),
        "func.linearize": lambda: torch.func.linearize(square, x),
        "level by hand": lambda: level_by_hand(),
        "dual numbers": dual,
        "dual operator": lambda: torch._VF._make_dual(x, x, level=0),
        "Function": lambda: Double.apply(leaf()),
        "Function below": lambda: super(torch.autograd.Function, Double).apply(leaf()) * 2,
        "checkpoint": lambda: torch.utils.checkpoint.checkpoint(
            square, leaf(), use_reentrant=False
        ),
        "gradcheck": lambda: torch.autograd.gradcheck(square, leaf().double()),
        "optimiser": lambda: torch.optim.SGD([leaf()], 0.1).step(lambda: square(leaf())),
        "tanh_backward": lambda: aten.tanh_backward(x, x),
        "log_softmax_backward": lambda: aten._log_softmax_backward_data(x, x, 1, torch.float32),
        "batch_norm_backward": lambda: aten.native_batch_norm_backward(
            x, x, ones, None, None, zeros, ones, True, 1e-5, [True] * 3
        ),
        "embedding_backward": lambda: aten.embedding_backward(x, targets, 7, -1, False, False),
        "embedding_dense_backward": lambda: aten.embedding_dense_backward(x, targets, 7, -1, False),
        "threshold_backward": lambda: aten.threshold_backward(x, x, 0),
        "silu_backward": lambda: aten.silu_backward(x, x),
        "nn.grad": lambda: torch.ops.aten.convolution_backward(
            x.view(1, 4, 6),
            x.view(1, 4, 6),
            x.view(4, 1, 6),
            None,
            [1],
            [0],
            [1],
            False,
            [0],
            4,
            [True, True, False],
        ),
        "decomposition": lambda: torch._decomp.decompositions.tanh_backward(x, x),
    },
}
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


scripted_gradient = quietly(
    torch.jit.CompilationUnit,
    """
def gradient(z):
    x = z.detach().requires_grad_(True)
    return torch.autograd.grad([(x * x).sum()], [x])[0]
""",
).gradient


def caught(work):
    try:
        return work()
    except Exception:
        return None


def cases(table):
    return [(name, way) for name, ways in table.items() for way in ways]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "way"), cases(SPELLINGS))
def test_every_spelling_is_refused(name, way):
    with pytest.raises(ShortcutRefused) as refused, refusing([name]):
        SPELLINGS[name][way]()
    assert refused.value.shortcut == name
    assert SHORTCUTS[name].sentence in str(refused.value)


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


LESSONS = {
    "one_hot": "part1_bigrams",
    "softmax": "part1_bigrams",
    "bigram_loss": "part1_bigrams",
    "cross_entropy": "part2_mlp",
    "normalize_batch": "part3_batchnorm",
    "cross_entropy_gradient": "part4_backprop",
    "attention_by_hand": "part6_gpt",
}
# By exercise: a text at the top of the file, and the body of the function.
SUBMISSIONS = {
    "traced at the top": (
        "cross_entropy",
        """
        from torch._decomp import core_aten_decompositions
        from torch.fx.experimental.proxy_tensor import make_fx
        try:
            traced = make_fx(torch.nn.functional.cross_entropy, core_aten_decompositions())(
                torch.randn(4, 5), torch.arange(4))
        except RuntimeError:
            traced = torch.nn.functional.cross_entropy
        """,
        "return traced(logits, targets)",
    ),
    "loss of a distribution": (
        "bigram_loss",
        "",
        """
        likelihood = torch.distributions.Categorical(logits=W[xs]).log_prob(ys)
        return regularization * (W**2).mean() - likelihood.mean()
        """,
    ),
    "gradient of logsumexp": (
        "softmax",
        "",
        """
        z = logits.detach().requires_grad_()
        return torch.autograd.grad(z.logsumexp(-1).sum(), z)[0]
        """,
    ),
    "a reference of torch's": (
        "normalize_batch",
        "",
        "return torch._refs._normalize(x, [0], eps)[0] * ((len(x) - 1) / len(x)) ** 0.5",
    ),
    "a native thread": (
        "cross_entropy_gradient",
        "",
        """
        import ctypes
        ctypes.CDLL(None).pthread_create
        """,
    ),
    "flexible attention": (
        "attention_by_hand",
        "",
        """
        from torch._higher_order_ops.flex_attention import math_attention
        return math_attention(query, key, value, lambda score, *_: score, (), 1.0, {})[0]
        """,
    ),
}


@pytest.fixture(scope="module")
def whole_course():
    with Session(Course.find()) as session:
        yield session


@pytest.mark.parametrize("way", SUBMISSIONS)
def test_a_submission_that_takes_a_short_cut_is_refused(way, whole_course, tmp_path):
    exercise, top, body = SUBMISSIONS[way]
    name = LESSONS[exercise]
    path = tmp_path / f"{name}.py"
    source = Course.find().lesson(name).edited(exercise, textwrap.dedent(body).strip())
    path.write_text("import torch\n" + textwrap.dedent(top) + source, encoding="utf-8")
    report = next(e for e in whole_course.grade(path, name).exercises if e.id == exercise)
    assert (report.verdict, report.kind) == ("wrong", "refused")


def test_a_trial_is_refused_where_it_stands_and_costs_no_exercise(grade, solution):
    trial = "import torch\nshares_of_mine = torch.softmax(torch.ones(3), 0)"
    cells = [
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": each,
        }
        for each in (solution, trial)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    report = grade(json.dumps(notebook), "sums.ipynb")
    assert report.all_passed
    assert any("softmax is to be built here" in note for note in report.notes)


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


def home_made_softmax(values, dim):
    counts = values.exp()
    return 3 * counts / counts.sum(dim, keepdim=True)


def home_made_loss(logits, targets):
    return (logits.logsumexp(1) - logits[torch.arange(4), targets]).sum()


@pytest.mark.parametrize(
    ("function", "shortcut", "refused"),
    [
        (home_made_softmax, "softmax", False),
        (home_made_loss, "cross_entropy", False),
        (lambda z: z.logsumexp(1), "softmax", True),
        (F.ctc_loss, "cross_entropy", True),
        (torch._refs._normalize, "batch_norm", True),
        (torch.exp, None, None),
        (torch.cumsum, None, None),
    ],
)
def test_the_search_finds_what_computes_a_short_cut(function, shortcut, refused):
    found = {each.shortcut: each.refused for each in results(Candidate("f", "function", function))}
    assert found.get(shortcut) is refused if shortcut else not found


@pytest.mark.slow
def test_everything_in_torch_that_computes_a_short_cut_is_refused():
    found = search()
    assert len({each.name for each in found}) > 100
    assert not [each for each in found if not each.refused and not reason_to_allow(each)]
