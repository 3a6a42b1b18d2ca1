"""Every spelling is refused of a function that a lesson builds."""

import pkgutil
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.fx.experimental.proxy_tensor import make_fx

from tests.shortcuts import (
    assert_refused,
    aten,
    cases,
    leaf,
    ones,
    quietly,
    script,
    scripted_gradient,
    square,
    targets,
    x,
    zeros,
)

heads = x.view(1, 2, 2, 6)


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


traced_softmax = quietly(torch.jit.trace, lambda logits: logits.softmax(-1), (x,))
layer_norm, attention_layer = nn.LayerNorm(6), nn.MultiheadAttention(6, 2)
encoder = nn.TransformerEncoderLayer(6, 2, 8, batch_first=True).eval()
held_reference = torch._refs.softmax
math_attention = pkgutil.resolve_name("torch._higher_order_ops.flex_attention.math_attention")
traced_before = make_fx(torch.exp)
held_attention = F.multi_head_attention_forward


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
    "tracing": {
        "make_fx": lambda: make_fx(square)(x),
        "held": lambda: traced_before(x),
    },
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "way"), cases(SPELLINGS))
def test_every_spelling_is_refused(name, way):
    assert_refused(name, SPELLINGS[name][way])
