"""Plain loops and double precision inside, numpy where it is handy."""

import math

import numpy as np
import torch


def smooth(losses, every=1000):
    means = []
    group = []
    for loss in losses:
        group.append(loss)
        if len(group) == every:
            means.append(math.fsum(group) / every)
            group = []
    return torch.from_numpy(np.array(means, dtype=np.float64))


class Linear:
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        columns = [torch.randn(fan_in, generator=generator) for _ in range(fan_out)]
        self.weight = torch.stack(columns, 1) * fan_in**-0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        out = torch.matmul(x, self.weight)
        return out if self.bias is None else out + self.bias

    def parameters(self):
        return [p for p in (self.weight, self.bias) if p is not None]


class Tanh:
    def __call__(self, x):
        return 2 / (1 + torch.exp(-2 * x)) - 1

    def parameters(self):
        return []


class Embedding:
    def __init__(self, num_embeddings, embedding_dim, generator=None):
        rows = [torch.randn(embedding_dim, generator=generator) for _ in range(num_embeddings)]
        self.weight = torch.stack(rows)

    def __call__(self, indices):
        rows = [self.weight[int(i)] for i in indices.flatten()]
        return torch.stack(rows).reshape(*indices.shape, self.weight.shape[1])

    def parameters(self):
        return [self.weight]


class FlattenConsecutive:
    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        places = []
        for start in range(0, x.shape[1], self.n):
            neighbours = [x[:, start + i] for i in range(self.n)]
            places.append(torch.cat(neighbours, dim=1))
        if len(places) == 1:
            return places[0]
        return torch.stack(places, dim=1)

    def parameters(self):
        return []


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)
        self.running_mean = torch.zeros(1, dim)
        self.running_var = torch.ones(1, dim)

    def __call__(self, x):
        rows = x.reshape(-1, x.shape[-1]).double()
        if self.training:
            n = len(rows)
            mean = sum(rows[i] for i in range(n)) / n
            var = sum((rows[i] - mean) ** 2 for i in range(n)) / (n - 1)
            for name, new in (("running_mean", mean), ("running_var", var)):
                old = getattr(self, name).reshape(1, -1)
                moved = old + self.momentum * (new.detach().float() - old)
                setattr(self, name, moved)
        else:
            mean, var = self.running_mean.reshape(-1), self.running_var.reshape(-1)
        out = torch.stack([(row - mean) * (var + self.eps) ** -0.5 for row in rows])
        return (out * self.gamma + self.beta).reshape(x.shape).float()

    def parameters(self):
        return [self.gamma, self.beta]


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        i = 0
        while i < len(self.layers):
            x = self.layers[i](x)
            i += 1
        return x

    def parameters(self):
        found = []
        for layer in self.layers:
            found.extend(layer.parameters())
        return found


def set_training(model, mode):
    waiting = list(model.layers)
    while waiting:
        layer = waiting.pop()
        waiting.extend(getattr(layer, "layers", []))
        try:
            layer.training  # noqa: B018
        except AttributeError:
            continue
        layer.training = mode


def count_parameters(model):
    total = 0
    for p in model.parameters():
        total += math.prod(p.shape)
    return total


def build_wavenet(vocab_size, n_embd, n_hidden, block_size=8, generator=None):
    layers = [Embedding(vocab_size, n_embd, generator=generator)]
    for level in range(int(math.log2(block_size))):
        width = n_hidden if level else n_embd
        layers.append(FlattenConsecutive(2))
        layers.append(Linear(width * 2, n_hidden, False, generator))
        layers.append(BatchNorm1d(n_hidden))
        layers.append(Tanh())
    last = Linear(n_hidden, vocab_size, True, generator)
    last.weight = last.weight / 10
    model = Sequential(layers + [last])
    for p in model.parameters():
        p.requires_grad_(True)
    return model


def receptive_field(kernel_size, dilations):
    """The oldest input that the last of many places depends on, found by walking down."""
    reached = {0}
    for dilation in reversed(dilations):
        reached = {place - k * dilation for place in reached for k in range(kernel_size)}
    return 1 - min(reached)


def causal_convolution(x, weight, dilation=1):
    B, T, _ = x.shape
    K, _, C_out = weight.shape
    outputs = []
    for t in range(T):
        total = torch.zeros(B, C_out, dtype=torch.float64)
        for k in range(K):
            source = t - (K - 1 - k) * dilation
            if source >= 0:
                total = total + x[:, source].double() @ weight[k].double()
        outputs.append(total)
    return torch.stack(outputs, dim=1).float()


def logits_everywhere(model, indices):
    x = model.layers[0](indices)
    for i in range(1, len(model.layers) - 1, 4):
        linear, batchnorm, tanh = model.layers[i + 1 : i + 4]
        half = len(linear.weight) // 2
        taps = torch.stack([linear.weight[:half], linear.weight[half:]])
        x = causal_convolution(x, taps, dilation=2 ** (i // 4))
        x = tanh(batchnorm(x))
    return model.layers[-1](x)
