"""Every spelling is refused of what trains: optimizers, clipping, modules, and an activation."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.shortcuts import assert_refused, aten, cases, ones, x, zeros

moved = nn.Parameter(torch.ones(3, 3))
moved.grad = torch.ones(3, 3)
held_optimizer, held_muon = torch.optim.SGD([moved], lr=0.1), torch.optim.Muon([moved])
held_module = nn.Sequential(nn.Linear(6, 2))
held_adam, held_clipping = torch.optim._functional.adam, nn.utils.clip_grad_norm_

SPELLINGS = {
    "optimizer": {
        "SGD": lambda: torch.optim.SGD([moved], lr=0.1),
        "AdamW": lambda: torch.optim.AdamW([moved]),
        "Muon": lambda: torch.optim.Muon([moved]),
        "a class of one's own": lambda: type("Mine", (torch.optim.Adam,), {})([moved]),
        "held": lambda: held_optimizer.step(),
        "held Muon": lambda: held_muon.step(),
        "functional": lambda: torch.optim._functional.sgd(
            [ones],
            [ones],
            [None],
            weight_decay=0.0,
            momentum=0.0,
            lr=0.1,
            dampening=0.0,
            nesterov=False,
            maximize=False,
        ),
        "held function": lambda: held_adam(
            [ones],
            [ones],
            [zeros],
            [zeros],
            [],
            [torch.zeros(())],
            amsgrad=False,
            beta1=0.9,
            beta2=0.99,
            lr=0.1,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        ),
        "iteration": lambda: torch.optim._muon._zeropower_via_newtonschulz(
            x, (3.4, -4.7, 2.0), 5, 1e-7
        ),
        "fused": lambda: torch._fused_sgd_(
            [ones.clone()],
            [ones],
            [],
            weight_decay=0.0,
            momentum=0.0,
            lr=0.1,
            dampening=0.0,
            nesterov=False,
            maximize=False,
            is_first_step=True,
        ),
    },
    "clip_gradients": {
        "torch's": lambda: nn.utils.clip_grad_norm_([moved], 1.0),
        "held": lambda: held_clipping([moved], 1.0),
        "its norm": lambda: nn.utils.get_total_norm([ones]),
        "in two steps": lambda: nn.utils.clip_grads_with_norm_([moved], 1.0, torch.ones(())),
    },
    "module": {
        "a layer": lambda: nn.Linear(2, 3),
        "a class of one's own": lambda: type("Mine", (nn.Module,), {})(),
        "a list": lambda: nn.ModuleList(),
        "held": lambda: held_module(x),
        "its walk": lambda: list(nn.Module.named_modules(held_module)),
        "its walk by another name": lambda: list(held_module.modules()),
        "its parameters": lambda: list(held_module.parameters()),
        "its state": lambda: nn.Module.state_dict(held_module),
        "its loading": lambda: held_module.load_state_dict({}),
        "its mode": lambda: nn.Module.eval(held_module),
    },
    "gelu": {
        "F": lambda: F.gelu(x, approximate="tanh"),
        "module": lambda: nn.GELU("tanh")(x),
        "exact": lambda: F.gelu(x),
        "in place": lambda: torch._C._nn.gelu_(x.clone()),
        "out": lambda: aten.gelu.out(x, out=torch.empty_like(x)),
        "reference": lambda: torch._refs.nn.functional.gelu(x, "tanh"),
    },
}


@pytest.mark.parametrize(("name", "way"), cases(SPELLINGS))
def test_every_spelling_is_refused(name, way):
    assert_refused(name, SPELLINGS[name][way])
