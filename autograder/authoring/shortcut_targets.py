"""What the forbidden functions give for the search's inputs, and how a result is compared."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy
import torch
from torch import Tensor, nn

ROWS, CLASSES = 4, 6
_generator = torch.Generator().manual_seed(0)


def _random(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=_generator)


logits = _random(ROWS, CLASSES)
targets = torch.tensor([0, 5, 2, 3])
one_hot = torch.eye(CLASSES)[targets]
# Made here, once: where softmax is refused the search could not make them.
probabilities, log_probabilities = logits.softmax(1), logits.log_softmax(1)
with_blank = torch.cat([torch.full((ROWS, 1), -1e9), logits], 1).log_softmax(1)[None]
soft = _random(ROWS, CLASSES).softmax(1)  # targets that are probabilities
signs = 1 - 2 * one_hot
query, key, value = (_random(1, 2, ROWS, CLASSES) for _ in range(3))


@functools.cache
def forms() -> list[tuple[str, Tensor]]:
    """(short cut, what it gives); single numbers are in `scalar_forms`."""
    x = logits.double()
    found: list[tuple[str, Tensor]] = []
    for dimension in (0, 1):
        for sign in (1, -1):
            found.append(("softmax", (sign * x).softmax(dimension)))
            found.append(("softmax", (sign * x).log_softmax(dimension)))
            found.append(("logsumexp", (sign * x).logsumexp(dimension)))
            found.append(("logsumexp", (sign * x).logcumsumexp(dimension)))
    found.append(("one_hot", one_hot))
    found.append(("gelu", nn.functional.gelu(x, approximate="tanh")))
    found += [("cross_entropy", loss) for loss in losses() if loss.dim()]
    for name, dimension in (("batch_norm", 0), ("layer_norm", 1)):
        centred = x - x.mean(dimension, keepdim=True)
        found.append((name, centred / centred.pow(2).mean(dimension, keepdim=True).sqrt()))
    q, k, v = query.double(), key.double(), value.double()
    attention = nn.functional.scaled_dot_product_attention
    for causal in (False, True):
        found.append(("attention", attention(q, k, v, is_causal=causal)))
        found.append(("attention", attention(q, k, torch.eye(ROWS).double(), is_causal=causal)))
        found.append(("attention", attention(q, k, v, is_causal=causal).transpose(1, 2)))
    return [(name, form.double()) for name, form in found]


@functools.cache
def scalar_forms() -> list[tuple[str, float]]:
    sums = [loss.sum() / count for loss in losses() for count in (1, ROWS, ROWS * CLASSES)]
    everything = logits.double().flatten().logsumexp(0)
    return [("cross_entropy", each.item()) for each in sums] + [("logsumexp", everything.item())]


@functools.cache
def losses() -> list[Tensor]:
    """Cross entropies before they are added up: of classes, of probabilities, of yes and no.

    Not -soft * log softmax: any product gives that where the log softmax is handed over.
    """
    x = logits.double()
    of_classes = nn.functional.cross_entropy(x, targets, reduction="none")
    divergence = soft.double() * (soft.double().log() - x.log_softmax(1))
    binary = (-x * signs).exp().log1p()
    return [
        of_classes,
        divergence,
        divergence.sum(1),
        binary,
        binary.mean(1),
        binary.sum(0),
    ]


def matches(result: Any, _: Any = None) -> set[str]:
    """The short cuts whose result is among `result`'s tensors."""
    return {name for tensor in tensors(result) for name in _names(tensor)}


def _names(tensor: Tensor) -> Iterator[str]:
    if tensor.is_complex() or not 0 < tensor.numel() <= 4096:
        return
    value = tensor.detach().to_dense().double().cpu()
    if value.numel() == 1:
        yield from _scalar_names(value.item())
        return
    for changed in (value, value.exp(), value.log()):
        if changed.isfinite().all():
            for name, form in forms():
                if form.numel() == changed.numel() and _along(changed, form):
                    yield name
    yield from _scalar_names(value.mean().item())
    yield from _scalar_names(value.sum().item())


def _scalar_names(number: float) -> Iterator[str]:
    for name, form in scalar_forms():
        if abs(abs(number) - abs(form)) < 5e-7 * abs(form):
            yield name


def gradient_matches(result: Any, inputs: list[Tensor]) -> set[str]:
    """{"softmax"} where the gradient of a result is softmax, or softmax less the targets."""
    x = next(each for each in inputs if each.requires_grad)
    softmax = [logits.double().softmax(dimension) for dimension in (0, 1)]
    for tensor in tensors(result):
        if tensor.requires_grad and tensor.is_floating_point() and tensor is not x:
            gradient = torch.autograd.grad(tensor.sum(), x, retain_graph=True)[0].double()
            less = [scale * gradient + one_hot for scale in (1, -1, ROWS, -ROWS)]
            if any(_along(each, form) for each in (gradient, *less) for form in softmax):
                return {"softmax"}
    return set()


def _along(one: Tensor, other: Tensor) -> bool:
    """Whether one is a multiple of the other."""
    length = one.norm() * other.norm()
    return bool(length) and abs(one.flatten() @ other.flatten()) > (1 - 1e-8) * length


ATTRIBUTES = ("probs", "logits", "mean", "variance", "loss", "output", "_param", "weights")


def tensors(result: Any, depth: int = 2) -> Iterator[Tensor]:
    """The tensors in a result, in what it holds, and in the attributes of a distribution."""
    if isinstance(result, Tensor):
        if type(result) is not Tensor:
            yield result.as_subclass(Tensor)
        elif result.layout in (torch.strided, torch.sparse_coo) and not result.is_nested:
            yield result
    elif isinstance(result, numpy.ndarray | numpy.generic) and result.dtype.kind in "biuf":
        yield torch.as_tensor(result)
    elif isinstance(result, float):
        yield torch.tensor(result, dtype=torch.float64)
    elif depth and isinstance(result, list | tuple):
        for each in result[:10]:
            yield from tensors(each, depth - 1)
    elif depth and isinstance(result, dict):
        yield from tensors(list(result.values()), depth - 1)
    elif isinstance(result, torch.distributions.Distribution):
        yield from distribution_tensors(result)


def distribution_tensors(distribution: torch.distributions.Distribution) -> Iterator[Tensor]:
    for name in ATTRIBUTES:
        try:
            value = getattr(distribution, name)
        except Exception:
            continue
        if isinstance(value, Tensor):
            yield value
    for outcome in (targets, one_hot):
        try:
            yield distribution.log_prob(outcome)
        except Exception:
            continue
