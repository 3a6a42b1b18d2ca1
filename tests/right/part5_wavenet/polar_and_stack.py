"""Normal numbers from uniform ones, tensors that are Parameters, a stack instead of recursion."""

import torch
import torch.nn.functional as F


def smooth(losses, every=1000):
    lossi = losses[: len(losses) - len(losses) % every]
    return torch.tensor(lossi).view(-1, every).mean(1)


def normal(rows, columns, generator):
    """Box and Muller's way from uniform numbers to normal ones."""
    radius, angle = torch.rand(2, rows, columns, generator=generator, dtype=torch.float64)
    numbers = (-2 * torch.log1p(-radius)).sqrt() * torch.cos(2 * torch.pi * angle)
    return torch.nn.Parameter(numbers.float())


class Linear:
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = torch.randn((fan_in, fan_out), generator=generator) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out += self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)
        self.running_mean = torch.zeros(dim)
        self.running_var = torch.ones(dim)

    def __call__(self, x):
        if self.training:
            if x.ndim == 2:
                dim = 0
            elif x.ndim == 3:
                dim = (0, 1)
            xmean = x.mean(dim, keepdim=True)
            xvar = x.var(dim, keepdim=True)
        else:
            xmean = self.running_mean
            xvar = self.running_var
        xhat = (x - xmean) / torch.sqrt(xvar + self.eps)
        self.out = self.gamma * xhat + self.beta
        if self.training:
            with torch.no_grad():
                # The shape of the statistics changes with the input's.
                mean, var = xmean.flatten(), xvar.flatten()
                shape = xmean.shape
                self.running_mean = (
                    (1 - self.momentum) * self.running_mean.flatten() + self.momentum * mean
                ).view(shape)
                self.running_var = (
                    (1 - self.momentum) * self.running_var.flatten() + self.momentum * var
                ).view(shape)
        return self.out.view(x.shape)

    def parameters(self):
        return [self.gamma, self.beta]


class Tanh:
    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def parameters(self):
        return []


class Embedding:
    def __init__(self, num_embeddings, embedding_dim, generator=None):
        self.weight = normal(num_embeddings, embedding_dim, generator)

    def __call__(self, IX):
        self.out = self.weight[IX]
        return self.out

    def parameters(self):
        return [self.weight]


class FlattenConsecutive:
    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        B, T, C = x.shape
        x = x.view(B, T // self.n, C * self.n)
        if x.shape[1] == 1:
            x = x.squeeze(1)
        self.out = x
        return self.out

    def parameters(self):
        return []


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        self.out = x
        return self.out

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


def set_training(model, mode):
    waiting = [model]
    while waiting:
        layer = waiting.pop()
        if hasattr(layer, "training"):
            layer.training = mode
        waiting += getattr(layer, "layers", [])


def count_parameters(model):
    return sum(p.nelement() for p in model.parameters())


def build_wavenet(vocab_size, n_embd, n_hidden, block_size=8, generator=None):
    layers = [Embedding(vocab_size, n_embd, generator)]
    fan_in = n_embd
    while block_size > 1:
        layers.append(FlattenConsecutive(2))
        layers.append(Linear(fan_in * 2, n_hidden, bias=False, generator=generator))
        layers.append(BatchNorm1d(n_hidden))
        layers.append(Tanh())
        fan_in = n_hidden
        block_size //= 2
    layers.append(Linear(n_hidden, vocab_size, generator=generator))
    model = Sequential(layers)
    with torch.no_grad():
        model.layers[-1].weight *= 0.1
    for p in model.parameters():
        p.requires_grad = True
    return model


def receptive_field(kernel_size, dilations):
    field = 1
    for dilation in dilations:
        field += (kernel_size - 1) * dilation
    return field


def causal_convolution(x, weight, dilation=1):
    """torch's own convolution, with zeros on the left."""
    kernel = weight.permute(2, 1, 0)
    padded = F.pad(x.transpose(1, 2), ((weight.shape[0] - 1) * dilation, 0))
    return F.conv1d(padded, kernel, dilation=dilation).transpose(1, 2)


def logits_everywhere(model, indices):
    """Each level's own Linear, on every place beside the one `apart` places before it."""
    embedding, *levels, output = model.layers
    x, apart = embedding(indices), 1
    while levels:
        (join, *level), levels = levels[:4], levels[4:]
        earlier = F.pad(x, (0, 0, apart, 0))[:, : x.shape[1]]
        x = Sequential(level)(torch.cat([earlier, x], dim=-1))
        apart *= join.n
    return output(x)
