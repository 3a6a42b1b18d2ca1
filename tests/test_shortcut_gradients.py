"""Every way to torch's own gradients is refused where a lesson writes them by hand."""

import pytest
import torch
import torch.autograd.forward_ad as forward_ad
from torch import nn

from tests.shortcuts import (
    assert_refused,
    aten,
    cases,
    leaf,
    ones,
    recorded,
    script,
    square,
    targets,
    weight,
    x,
    zeros,
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


class Double(torch.autograd.Function):
    @staticmethod
    def forward(context, value):
        return 2 * value

    @staticmethod
    def backward(context, gradient):
        return 2 * gradient


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


SPELLINGS = {
    "gradients": {
        "forward": lambda: torch.func.jvp(lambda z: z.logsumexp(1), (x,), (x,)),
        "node by hand": lambda: torch.autograd.graph.get_gradient_edge(recorded).node,
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


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "way"), cases(SPELLINGS))
def test_every_spelling_is_refused(name, way):
    assert_refused(name, SPELLINGS[name][way])
