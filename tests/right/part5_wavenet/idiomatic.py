"""Modules with torch's own Parameters and buffers, slots, einsum, unfold and recursion."""

import itertools
import operator
from functools import reduce

import torch
from torch import nn


def smooth(losses, every=1000):
    return torch.as_tensor(losses, dtype=torch.float32).unfold(0, every, every).mean(-1) if (
        len(losses) >= every
    ) else torch.empty(0)


class Linear:
    __slots__ = ("weight", "bias")

    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = torch.empty(fan_in, fan_out).normal_(0, fan_in**-0.5, generator=generator)
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        out = torch.einsum("...i,io->...o", x, self.weight)
        return out if self.bias is None else out + self.bias

    def parameters(self):
        return [self.weight, self.bias][: 1 + (self.bias is not None)]


class Tanh:
    __slots__ = ()
    __call__ = staticmethod(torch.tanh)

    def parameters(self):
        return []


class Embedding(nn.Module):
    def __init__(self, num_embeddings, embedding_dim, generator=None):
        super().__init__()
        table = torch.empty(num_embeddings, embedding_dim).normal_(generator=generator)
        self.weight = nn.Parameter(table)

    def __call__(self, indices):
        return self.weight.index_select(0, indices.flatten()).unflatten(0, indices.shape)

    def parameters(self):
        return [self.weight]


class FlattenConsecutive:
    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        joined = torch.cat([x[:, i :: self.n] for i in range(self.n)], dim=-1)
        return joined[:, 0] if joined.size(1) == 1 else joined

    def parameters(self):
        return []


class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def __call__(self, x):
        statistics = self.running_mean, self.running_var
        if self.training:
            var, mean = torch.var_mean(x.flatten(0, -2), 0)
            for running, batch in zip(statistics, (mean, var), strict=True):
                running.lerp_(batch.detach(), self.momentum)
            statistics = mean, var
        mean, var = statistics
        return torch.addcmul(self.beta, self.gamma, (x - mean) * (var + self.eps).rsqrt())

    def parameters(self):
        return [self.gamma, self.beta]


class Sequential:
    def __init__(self, layers):
        self.layers = tuple(layers)

    def __call__(self, x):
        return reduce(lambda value, layer: layer(value), self.layers, x)

    def parameters(self):
        return list(itertools.chain.from_iterable(layer.parameters() for layer in self.layers))


def set_training(model, mode):
    for layer in model.layers:
        match layer:
            case Sequential():
                set_training(layer, mode)
            case object(training=_):
                layer.training = mode


def count_parameters(model):
    return sum(map(torch.numel, model.parameters()))


def build_wavenet(vocab_size, n_embd, n_hidden, block_size=8, generator=None):
    levels = block_size.bit_length() - 1
    widths = [n_embd] + [n_hidden] * levels

    def level(width):
        linear = Linear(2 * width, n_hidden, bias=False, generator=generator)
        return [FlattenConsecutive(2), linear, BatchNorm1d(n_hidden), Tanh()]

    last = Linear(widths[-1], vocab_size, generator=generator)
    last.weight.mul_(0.1)
    embedding = Embedding(vocab_size, n_embd, generator)
    model = Sequential([embedding, *itertools.chain(*map(level, widths[:-1])), last])
    for p in model.parameters():
        p.requires_grad_()
    return model


def receptive_field(kernel_size, dilations):
    steps = map(operator.mul, dilations, itertools.repeat(kernel_size - 1))
    return reduce(operator.add, steps, 1)


def causal_convolution(x, weight, dilation=1):
    """Row t of a 0/1 matrix of each tap picks the input that the tap meets at t."""
    taps, time = len(weight), x.shape[1]
    picks = [
        torch.diag_embed(torch.ones(max(time - back * dilation, 0)), -min(back * dilation, time))
        for back in reversed(range(taps))
    ]
    return torch.einsum("kts,bsi,kio->bto", torch.stack(picks), x, weight)


def logits_everywhere(model, indices):
    embedding, *levels, output = model.layers
    x = embedding(indices)
    for number, (_, linear, *rest) in enumerate(zip(*[iter(levels)] * 4, strict=True)):
        earlier, later = linear.weight.chunk(2)
        x = Sequential(rest)(causal_convolution(x, torch.stack([earlier, later]), 1 << number))
    return output(x)
