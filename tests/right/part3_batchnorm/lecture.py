"""As one would type it along with the lecture: short names, gradients switched on only later."""

import math

import torch
import torch.nn.functional as F


def loss_by_scale(logits, targets, scales):
    out = []
    for s in scales:
        out.append(F.cross_entropy(logits * s, targets))
    return out

def saturation(h, threshold=0.97):
    return (h.abs() > threshold).float().mean()

def dead_neurons(h, threshold=0.97):
    return torch.all(h.abs() > threshold, 0).sum()

def kaiming_std(fan_in, gain=5/3):
    return gain / math.sqrt(fan_in)

class Linear:

    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = torch.randn((fan_in, fan_out), generator=generator) * (1 / fan_in**0.5)
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out += self.bias
        return self.out

    def parameters(self):
        ps = [self.weight]
        return ps + ([] if self.bias is None else [self.bias])

class Tanh:

    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def parameters(self):
        return []

def deep_mlp(sizes, generator, gain=5/3):
    layers = [Linear(sizes[0], sizes[1], generator=generator)]
    for i in range(2, len(sizes)):
        layers += [Tanh(), Linear(sizes[i-1], sizes[i], generator=generator)]
    with torch.no_grad():
        layers[-1].weight *= 0.1
        for layer in layers[:-1]:
            if isinstance(layer, Linear):
                layer.weight *= gain
    return layers

def forward(layers, x):
    for layer in layers:
        x = layer(x)
    return x

def activation_stats(layers):
    stats = []
    for i, layer in enumerate(layers):
        if isinstance(layer, Tanh):
            t = layer.out
            stats.append({'layer': i, 'mean': t.mean(), 'std': t.std(), 'saturation': (t.abs() > 0.97).float().mean()})
    return stats

def gradient_stats(layers):
    stats = []
    for i, layer in enumerate(layers):
        if isinstance(layer, Tanh):
            t = layer.out.grad
            stats.append({'layer': i, 'mean': t.mean(), 'std': t.std()})
    return stats

def gradient_ratio(parameter):
    return parameter.grad.std() / parameter.data.std()

def update_ratio(parameter, learning_rate):
    return ((learning_rate*parameter.grad).std() / parameter.data.std()).log10().item()

def normalize_batch(x, eps=1e-5):
    return (x - x.mean(0, keepdim=True)) / torch.sqrt(x.var(0, keepdim=True, unbiased=True) + eps)

def calibrate(x):
    with torch.no_grad():
        bnmean = x.mean(0, keepdim=True)
        bnstd = x.std(0, keepdim=True)
    return bnmean, bnstd

def running_average(running, batch, momentum=0.1):
    with torch.no_grad():
        return momentum * batch + (1 - momentum) * running

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
            mu, var = x.mean(0, keepdim=True), x.var(0, keepdim=True)
        else:
            mu, var = self.running_mean, self.running_var
        self.out = (x - mu) / torch.sqrt(var + self.eps) * self.gamma + self.beta
        if self.training:
            with torch.no_grad():
                m = self.momentum
                self.running_mean = (1 - m) * self.running_mean + m * mu
                self.running_var = (1 - m) * self.running_var + m * var
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]

def batchnorm_mlp(sizes, generator):
    layers = []
    for i, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        layers.append(Linear(n_in, n_out, bias=False, generator=generator))
        layers.append(BatchNorm1d(n_out))
        if i < len(sizes) - 2:
            layers.append(Tanh())
    with torch.no_grad():
        layers[-1].gamma *= 0.1
    return layers

@torch.no_grad()
def evaluate(layers, x, targets):
    before = [getattr(layer, 'training', None) for layer in layers]
    for layer in layers:
        layer.training = False
    loss = F.cross_entropy(forward(layers, x), targets)
    for layer, flag in zip(layers, before):
        layer.training = flag
    return loss.item()

def rescale(layers, hidden, last):
    mats = [layer for layer in layers if isinstance(layer, Linear)]
    with torch.no_grad():
        for layer in mats[:-1]:
            f = hidden(layer.weight.shape[0])
            layer.weight *= f
            if layer.bias is not None:
                layer.bias *= f
        mats[-1].weight *= last
        if mats[-1].bias is not None:
            mats[-1].bias *= last


def learning_rate_at(step, steps, start=0.1, end=0.01):
    return start if step < steps * 3 / 4 else end

def train_on_batches(layers, embedding, contexts, targets, rates, batch_size, generator):
    parameters = [embedding] + [p for layer in layers for p in layer.parameters()]
    for p in parameters:
        p.requires_grad = True
    lossi = []
    for i in range(len(rates)):
        ix = torch.randint(0, contexts.shape[0], (batch_size,), generator=generator)
        Xb, Yb = contexts[ix], targets[ix]
        emb = embedding[Xb]
        x = emb.view(emb.shape[0], -1)
        for layer in layers:
            x = layer(x)
        loss = F.cross_entropy(x, Yb)
        for p in parameters:
            p.grad = None
        loss.backward()
        lr = rates[i]
        for p in parameters:
            p.data += -lr * p.grad
        lossi.append(loss.item())
    return lossi


def silent_parameters(parameters):
    return [i for i, p in enumerate(parameters) if p.grad is None or (p.grad == 0).all()]

def fold_batchnorm(linear, batchnorm):
    invstd = 1 / torch.sqrt(batchnorm.running_var + batchnorm.eps)
    W = linear.weight * (batchnorm.gamma * invstd)
    b = 0 if linear.bias is None else linear.bias
    b = (b - batchnorm.running_mean) * batchnorm.gamma * invstd + batchnorm.beta
    return W, b
