"""Plain loops, math, numpy and double precision; one number at a time where that is possible."""

import copy
import math
import statistics

import numpy as np
import torch


def loss_by_scale(logits, targets, scales):
    losses = []
    for scale in scales:
        total = 0.0
        for row, target in zip(logits.tolist(), targets.tolist()):
            scaled = [scale * number for number in row]
            top = max(scaled)
            total += math.log(sum(math.exp(number - top) for number in scaled)) - (scaled[target] - top)
        losses.append(total / len(targets))
    return losses


def saturation(h, threshold=0.97):
    numbers = h.detach().numpy().astype(np.float64).ravel()
    return float(np.mean(np.abs(numbers) > threshold))


def dead_neurons(h, threshold=0.97):
    dead = 0
    for column in h.t().tolist():
        if min(abs(number) for number in column) > threshold:
            dead += 1
    return dead


def kaiming_std(fan_in, gain=5 / 3):
    return math.sqrt(gain * gain / fan_in)


class Linear:
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = torch.empty(fan_in, fan_out)
        for i in range(fan_in):
            self.weight[i] = torch.randn(fan_out, generator=generator) * fan_in**-0.5
        self.bias = None
        if bias:
            self.bias = torch.tensor([0.0] * fan_out)
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        rows = []
        for example in x.double():
            row = 0.0 if self.bias is None else self.bias.double()
            for number, weights in zip(example, self.weight.double()):
                row = row + number * weights
            rows.append(row)
        self.out = torch.stack(rows).float()
        return self.out

    def parameters(self):
        found = [self.weight]
        if self.bias is not None:
            found.append(self.bias)
        return found


class Tanh:
    def __call__(self, x):
        grown = torch.exp(2 * x.double())
        self.out = ((grown - 1) / (grown + 1)).float()
        return self.out

    def parameters(self):
        return []


def deep_mlp(sizes, generator, gain=5 / 3):
    layers = []
    last = len(sizes) - 2
    for i in range(len(sizes) - 1):
        layer = Linear(sizes[i], sizes[i + 1], True, generator)
        layer.weight = layer.weight * (0.1 if i == last else gain)
        layers.append(layer)
        if i != last:
            layers.append(Tanh())
    return layers


def forward(layers, x):
    if not layers:
        return x
    return forward(layers[1:], layers[0](x))


def _numbers(tensor):
    return [float(number) for number in tensor.detach().double().flatten()]


def activation_stats(layers):
    stats = []
    for i in range(len(layers)):
        if type(layers[i]).__name__ == "Tanh":
            numbers = _numbers(layers[i].out)
            stats.append({})
            stats[-1]["saturation"] = sum(abs(number) > 0.97 for number in numbers) / len(numbers)
            stats[-1]["std"] = statistics.stdev(numbers)
            stats[-1]["mean"] = statistics.fmean(numbers)
            stats[-1]["layer"] = i
    return stats


def gradient_stats(layers):
    stats = []
    for i, layer in enumerate(layers):
        if isinstance(layer, (Linear, BatchNorm1d)):
            continue
        numbers = _numbers(layer.out.grad)
        stats.append({"layer": i, "mean": statistics.fmean(numbers), "std": statistics.stdev(numbers)})
    return stats


def gradient_ratio(parameter):
    # The same divisor above and below the line, so that it does not matter which.
    return statistics.pstdev(_numbers(parameter.grad)) / statistics.pstdev(_numbers(parameter))


def update_ratio(parameter, learning_rate):
    steps = [learning_rate * number for number in _numbers(parameter.grad)]
    return math.log(statistics.stdev(steps), 10) - math.log(statistics.stdev(_numbers(parameter)), 10)


def _column_statistics(x):
    means, variances = [], []
    for j in range(x.shape[1]):
        column = x[:, j]
        mean = sum(column) / len(column)
        means.append(mean)
        variances.append(sum((number - mean) ** 2 for number in column) / (len(column) - 1))
    return torch.stack(means), torch.stack(variances)


def normalize_batch(x, eps=1e-5):
    wide = x.double()
    means, variances = _column_statistics(wide)
    rows = [(row - means) / (variances + eps) ** 0.5 for row in wide]
    return torch.stack(rows).to(x.dtype)


def calibrate(x):
    table = x.detach().numpy().astype(np.float64)
    mean = table.mean(axis=0, keepdims=True)
    std = table.std(axis=0, keepdims=True, ddof=1)
    return torch.from_numpy(mean).float(), torch.from_numpy(std).float()


def running_average(running, batch, momentum=0.1):
    return running.detach() + momentum * (batch.detach() - running.detach())


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.dim, self.eps, self.momentum = dim, eps, momentum
        self.gamma = torch.tensor([1.0 for _ in range(dim)])
        self.beta = torch.tensor([0.0 for _ in range(dim)])
        self.running_mean = torch.zeros_like(self.beta)
        self.running_var = torch.ones_like(self.beta)
        self.training = True

    def __call__(self, x):
        wide = x.double()
        if self.training:
            mean, variance = _column_statistics(wide)
            for j in range(self.dim):
                old, new = 1 - self.momentum, self.momentum
                self.running_mean[j] = old * self.running_mean[j] + new * mean[j].item()
                self.running_var[j] = old * self.running_var[j] + new * variance[j].item()
        else:
            mean, variance = self.running_mean.double(), self.running_var.double()
        columns = []
        for j in range(self.dim):
            column = (wide[:, j] - mean[j]) / torch.sqrt(variance[j] + self.eps)
            columns.append(self.gamma[j] * column + self.beta[j])
        self.out = torch.stack(columns, dim=1).float()
        return self.out

    def parameters(self):
        found = []
        found.append(self.gamma)
        found.append(self.beta)
        return found


def batchnorm_mlp(sizes, generator):
    layers = []
    for i in range(1, len(sizes)):
        if i > 1:
            layers.append(Tanh())
        layers.append(Linear(sizes[i - 1], sizes[i], False, generator))
        layers.append(BatchNorm1d(sizes[i]))
    for j in range(sizes[-1]):
        layers[-1].gamma[j] = 0.1
    return layers


def evaluate(layers, x, targets):
    shadow = copy.deepcopy(layers)
    for layer in shadow:
        layer.training = False
    total = 0.0
    for start in range(0, len(x), 7):
        logits = forward(shadow, x[start : start + 7]).detach()
        wanted = targets[start : start + 7]
        total += loss_by_scale(logits, wanted, [1.0])[0] * len(wanted)
    return total / len(x)


def rescale(layers, hidden, last):
    seen_last = False
    for layer in reversed(layers):
        if type(layer) is not Linear:
            continue
        factor = hidden(layer.weight.size(0)) if seen_last else last
        seen_last = True
        for tensor in layer.parameters():
            tensor.data = tensor.data * factor


def learning_rate_at(step, steps, start=0.1, end=0.01):
    if 4 * step >= 3 * steps:
        return end
    return start


def train_on_batches(layers, embedding, contexts, targets, rates, batch_size, generator):
    losses = []
    parameters = [embedding]
    for layer in layers:
        parameters += list(layer.parameters())
    for parameter in parameters:
        parameter.requires_grad_(True)
    for rate in rates:
        rows = [int(torch.randint(len(targets), (), generator=generator)) for _ in range(batch_size)]
        x = torch.stack([torch.cat([embedding[i] for i in contexts[row]]) for row in rows])
        logits = forward(layers, x)
        loss = 0
        for logit, row in zip(logits, rows):
            loss = loss + (logit.logsumexp(0) - logit[targets[row]]) / batch_size
        gradients = torch.autograd.grad(loss, parameters)
        for parameter, gradient in zip(parameters, gradients):
            parameter.data = parameter.data - rate * gradient
        losses.append(float(loss))
    return losses


def silent_parameters(parameters):
    positions = []
    for i in range(len(parameters)):
        gradient = parameters[i].grad
        if gradient is None:
            positions.append(i)
        elif max(abs(number) for number in gradient.flatten().tolist()) == 0.0:
            positions.append(i)
    return positions


def fold_batchnorm(linear, batchnorm):
    fan_in, fan_out = linear.weight.shape
    weight, bias = torch.zeros(fan_in, fan_out), torch.zeros(fan_out)
    gamma, beta = batchnorm.gamma.tolist(), batchnorm.beta.tolist()
    mean = batchnorm.running_mean.flatten().tolist()
    variance = batchnorm.running_var.flatten().tolist()
    for j in range(fan_out):
        scale = gamma[j] / math.sqrt(variance[j] + batchnorm.eps)
        for i in range(fan_in):
            weight[i, j] = linear.weight[i, j].item() * scale
        constant = 0.0 if linear.bias is None else linear.bias[j].item()
        bias[j] = (constant - mean[j]) * scale + beta[j]
    return weight, bias
