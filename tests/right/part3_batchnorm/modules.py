"""Layers that are torch's modules, the variance from the moments, results that are tensors."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def loss_by_scale(logits, targets, scales):
    rows = torch.arange(len(targets))
    losses = []
    for scale in scales:
        scaled = scale * logits
        scaled = scaled - scaled.max(1, keepdim=True).values
        losses.append((scaled.exp().sum(1).log() - scaled[rows, targets]).mean())
    return tuple(losses)


def saturation(h, threshold=0.97):
    return torch.where(h.abs() > threshold, 1.0, 0.0).mean()


def dead_neurons(h, threshold=0.97):
    return (h.abs() <= threshold).any(0).logical_not().count_nonzero()


def kaiming_std(fan_in, gain=5 / 3):
    return torch.tensor(gain / math.sqrt(fan_in))


class Linear(nn.Module):
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        super().__init__()
        # A uniform draw by Box and Muller: nobody asks for randn.
        u, v = torch.rand(2, fan_in, fan_out, generator=generator, dtype=torch.float64)
        normal = (-2 * (1 - u).log()).sqrt() * (2 * math.pi * v).cos()
        self.weight = nn.Parameter(normal.float() / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(fan_out)) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight if self.bias is None else torch.addmm(self.bias, x, self.weight)
        return self.out

    def parameters(self):
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class Tanh(nn.Module):
    def __init__(self):
        super().__init__()

    def __call__(self, x):
        self.out = x.tanh()
        return self.out

    def parameters(self):
        return []


@torch.no_grad()
def deep_mlp(sizes, generator, gain=5 / 3):
    layers = [Linear(a, b, generator=generator) for a, b in zip(sizes, sizes[1:])]
    for layer in layers[:-1]:
        layer.weight *= gain
    layers[-1].weight *= 0.1
    for position in range(len(layers) - 1, 0, -1):
        layers.insert(position, Tanh())
    return layers


def forward(layers, x):
    for layer in layers:
        x = layer(x)
    return x


def _describe(position, tensor):
    return {"layer": torch.tensor(position), "mean": tensor.mean(), "std": tensor.std()}


def activation_stats(layers):
    found = [(i, layer.out) for i, layer in enumerate(layers) if isinstance(layer, Tanh)]
    return [_describe(i, out) | {"saturation": saturation(out)} for i, out in found]


def gradient_stats(layers):
    return [
        _describe(i, layer.out.grad) for i, layer in enumerate(layers) if isinstance(layer, Tanh)
    ]


def gradient_ratio(parameter):
    return parameter.grad.std() / parameter.std()


def update_ratio(parameter, learning_rate):
    return (learning_rate * parameter.grad.std() / parameter.std()).log10()


def _moments(x):
    """Mean and unbiased variance: the mean of the squares less the square of the mean."""
    mean = x.mean(0, keepdim=True)
    return mean, ((x * x).mean(0, keepdim=True) - mean * mean) * (len(x) / (len(x) - 1))


def normalize_batch(x, eps=1e-5):
    mean, variance = _moments(x)
    return (x - mean) / torch.sqrt(variance + eps)


def calibrate(x):
    mean, variance = _moments(x)
    return mean, variance.sqrt()


def running_average(running, batch, momentum=0.1):
    return running.detach() * (1 - momentum) + batch.detach() * momentum


class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def __call__(self, x):
        if self.training:
            mean, variance = _moments(x)
            self.running_mean = running_average(self.running_mean, mean[0], self.momentum)
            self.running_var = running_average(self.running_var, variance[0], self.momentum)
        else:
            mean, variance = self.running_mean, self.running_var
        self.out = (x - mean) * (self.gamma / (variance + self.eps).sqrt()) + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


def batchnorm_mlp(sizes, generator):
    layers = nn.ModuleList()
    for a, b in zip(sizes, sizes[1:]):
        layers.extend([Linear(a, b, False, generator), BatchNorm1d(b), Tanh()])
    layers = list(layers)[:-1]
    layers[-1].gamma.data.fill_(0.1)
    return layers


def evaluate(layers, x, targets):
    flags = [(layer, layer.training) for layer in layers if isinstance(layer, BatchNorm1d)]
    for layer, _ in flags:
        layer.training = False
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    total = F.cross_entropy(forward(layers, x), targets, reduction="sum")
    torch.set_grad_enabled(recording)
    for layer, flag in flags:
        layer.training = flag
    return total / len(targets)


def rescale(layers, hidden, last):
    chosen = [layer for layer in layers if layer.__class__.__name__ == "Linear"]
    for position, layer in enumerate(chosen, start=1):
        factor = last if position == len(chosen) else hidden(layer.weight.shape[0])
        for tensor in layer.parameters():
            tensor.data.mul_(factor)


def learning_rate_at(step, steps, start=0.1, end=0.01):
    return torch.tensor(start if 4 * step < 3 * steps else end)


def train_on_batches(layers, embedding, contexts, targets, rates, batch_size, generator):
    parameters = [embedding]
    parameters.extend(p for layer in layers for p in layer.parameters())
    for parameter in parameters:
        parameter.requires_grad_()
    losses = torch.zeros(len(rates))
    for step, rate in enumerate(rates):
        rows = (torch.rand(batch_size, generator=generator) * len(contexts)).long()
        x = embedding[contexts[rows]].reshape(batch_size, -1)
        logprobs = torch.log_softmax(forward(layers, x), -1)
        loss = torch.nn.functional.nll_loss(logprobs, targets[rows])
        losses[step] = loss.detach()
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            torch._foreach_sub_(parameters, [rate * gradient for gradient in gradients])
    return losses.tolist()


def silent_parameters(parameters):
    return [
        torch.tensor(i)
        for i, parameter in enumerate(parameters)
        if parameter.grad is None or not parameter.grad.any()
    ]


def fold_batchnorm(linear, batchnorm):
    scale = batchnorm.gamma / (batchnorm.running_var + batchnorm.eps).sqrt()
    bias = 0.0 if linear.bias is None else linear.bias
    return linear.weight * scale, (bias - batchnorm.running_mean) * scale + batchnorm.beta
