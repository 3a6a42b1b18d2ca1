"""Parameters that require gradients from the start, buffers moved in place, other torch calls."""

import math
from collections import deque
from contextlib import contextmanager
from functools import reduce

import torch
from torch import nn
from torch.nn import functional


def loss_by_scale(logits, targets, scales):
    factors = torch.tensor(scales)
    logprobs = (factors[:, None, None] * logits).log_softmax(-1)
    picked = logprobs[:, torch.arange(len(targets)), targets]
    return picked.mean(1).neg().tolist()


def saturation(h, threshold=0.97):
    return torch.count_nonzero(h.abs().gt(threshold)).item() / h.numel()


def dead_neurons(h, threshold=0.97):
    return int((h.abs().amin(dim=0) > threshold).sum())


def kaiming_std(fan_in, gain=5 / 3):
    return gain * math.pow(fan_in, -0.5)


class Linear:
    __slots__ = ("weight", "bias", "out")

    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        weight = torch.empty(fan_in, fan_out).normal_(0, kaiming_std(fan_in, 1), generator=generator)
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None
        self.out = None

    def __call__(self, x):
        self.out = functional.linear(x, self.weight.T, self.bias)
        return self.out

    def parameters(self):
        return [tensor for tensor in (self.weight, self.bias) if tensor is not None]


class Tanh:
    __slots__ = ("out",)

    def __call__(self, x):
        self.out = 2 * torch.sigmoid(2 * x) - 1
        return self.out

    def parameters(self):
        return ()


def deep_mlp(sizes, generator, gain=5 / 3):
    *hidden, (width, vocabulary) = zip(sizes[:-1], sizes[1:])
    layers = [
        layer
        for fan_in, fan_out in hidden
        for layer in (Linear(fan_in, fan_out, generator=generator), Tanh())
    ]
    layers.append(Linear(width, vocabulary, generator=generator))
    for layer in layers:
        match layer:
            case Linear() if layer is layers[-1]:
                layer.weight.data.div_(10)
            case Linear():
                layer.weight.data.mul_(gain)
    return layers


def forward(layers, x):
    return reduce(lambda state, layer: layer(state), layers, x)


def _tanh_layers(layers):
    return ((i, layer) for i, layer in enumerate(layers) if isinstance(layer, Tanh))


def activation_stats(layers):
    def describe(position, h):
        std, mean = torch.std_mean(h.detach())
        share = saturation(h)
        return {"layer": position, "mean": float(mean), "std": float(std), "saturation": share}

    return [describe(position, layer.out) for position, layer in _tanh_layers(layers)]


def gradient_stats(layers):
    names = ("std", "mean")
    return [
        {"layer": i} | dict(zip(names, map(float, torch.std_mean(layer.out.grad))))
        for i, layer in _tanh_layers(layers)
    ]


def gradient_ratio(parameter):
    with torch.no_grad():
        return torch.div(parameter.grad.var(), parameter.var()).sqrt()


def update_ratio(parameter, learning_rate):
    with torch.no_grad():
        return torch.log10(torch.std(learning_rate * parameter.grad) / torch.std(parameter))


def normalize_batch(x, eps=1e-5):
    centred = x - x.mean(dim=0)
    return centred * torch.rsqrt(centred.square().sum(dim=0) / (len(x) - 1) + eps)


def calibrate(x):
    std, mean = torch.std_mean(x, dim=0, keepdim=True)
    return mean, std


def running_average(running, batch, momentum=0.1):
    return torch.lerp(running.expand(batch.shape), batch, momentum).detach()


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)
        self.__statistics = {True: self.__batch, False: self.__remembered}

    def __batch(self, x):
        variance, mean = torch.var_mean(x, dim=0)
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance, self.momentum)
        return mean, variance

    def __remembered(self, _):
        return self.running_mean, self.running_var

    def __call__(self, x):
        mean, variance = self.__statistics[self.training](x)
        self.out = torch.addcmul(self.beta, self.gamma, (x - mean) * (variance + self.eps).rsqrt())
        return self.out

    def parameters(self):
        return self.gamma, self.beta


def batchnorm_mlp(sizes, generator):
    layers = deque()
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        layers.extend([Linear(fan_in, fan_out, False, generator), BatchNorm1d(fan_out), Tanh()])
    layers.pop()
    nn.init.constant_(layers[-1].gamma, 0.1)
    return list(layers)


@contextmanager
def _inference(layers):
    flags = {layer: layer.training for layer in layers if hasattr(layer, "training")}
    try:
        for layer in flags:
            layer.training = False
        yield
    finally:
        for layer, flag in flags.items():
            layer.training = flag


@torch.inference_mode()
def evaluate(layers, x, targets):
    with _inference(layers):
        return functional.cross_entropy(forward(layers, x), targets)


@torch.no_grad()
def rescale(layers, hidden, last):
    *others, final = (layer for layer in layers if isinstance(layer, Linear))
    factors = {layer: hidden(len(layer.weight)) for layer in others} | {final: last}
    for layer, factor in factors.items():
        for tensor in filter(torch.is_tensor, (layer.weight, layer.bias)):
            tensor.mul_(factor)


def learning_rate_at(step, steps, start=0.1, end=0.01):
    return (start, end)[step / steps >= 0.75]


def train_on_batches(layers, embedding, contexts, targets, rates, batch_size, generator):
    parameters = [embedding, *(p.requires_grad_() for layer in layers for p in layer.parameters())]

    def step(rate):
        rows = torch.randperm(len(contexts), generator=generator)[:batch_size]
        x = functional.embedding(contexts[rows], embedding).flatten(1)
        loss = functional.cross_entropy(forward(layers, x), targets[rows])
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter.data.sub_(gradient, alpha=rate)
        return loss.detach()

    return [step(rate) for rate in rates]


def silent_parameters(parameters):
    speaks = (p.grad is not None and p.grad.count_nonzero().item() > 0 for p in parameters)
    return [i for i, it_does in enumerate(speaks) if not it_does]


@torch.no_grad()
def fold_batchnorm(linear, batchnorm):
    """By asking both layers: what they make of nothing is the bias, of unit vectors the weight."""
    flag, batchnorm.training = batchnorm.training, False
    fan_in = linear.weight.shape[0]
    bias = batchnorm(linear(torch.zeros(1, fan_in))).squeeze(0)
    weight = batchnorm(linear(torch.eye(fan_in))) - bias
    batchnorm.training = flag
    return weight, bias
