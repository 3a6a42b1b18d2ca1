"""A common base class, slots, parameter lists kept from the start, numpy for numbers and for sums."""

import functools
import itertools
import operator

import numpy as np
import torch
from part0_micrograd_engine import Value


class Module:
    __slots__ = ("_kept",)

    def parameters(self):
        return list(self._kept)


class Neuron(Module):
    __slots__ = ("w", "b")

    def __init__(self, nin):
        *weights, bias = self._kept = [Value(x) for x in np.random.uniform(-1, 1, size=nin + 1)]
        self.w, self.b = weights, bias

    def __call__(self, x):
        return (np.dot(np.array(self.w, dtype=object), np.array(x, dtype=object)) + self.b).tanh()


class Layer(Module):
    __slots__ = ("neurons",)

    def __init__(self, nin, nout):
        self.neurons = tuple(Neuron(nin) for _ in range(nout))
        self._kept = [p for n in self.neurons for p in n.parameters()]

    def __call__(self, x):
        match [neuron(x) for neuron in self.neurons]:
            case [single]:
                return single
            case several:
                return tuple(several)


class MLP(Module):
    __slots__ = ("layers",)

    def __init__(self, nin, nouts):
        self.layers = [Layer(a, b) for a, b in itertools.pairwise((nin, *nouts))]
        self._kept = [*itertools.chain.from_iterable(layer.parameters() for layer in self.layers)]

    def __call__(self, x):
        return functools.reduce(lambda signal, layer: layer(signal), self.layers, x)


def squared_error(predictions, targets):
    return np.sum((np.array(predictions, dtype=object) - np.array(targets)) ** 2)


def max_margin_loss(scores, targets, parameters, alpha=1e-4):
    shares = map(lambda s, t: (1.0 - s * t).relu() / len(scores), scores, targets)
    penalty = functools.reduce(operator.add, (p * p for p in parameters))
    return functools.reduce(operator.add, shares) + penalty * alpha


def zero_grad(parameters):
    any(setattr(p, "grad", 0.0) for p in parameters)


def sgd_step(parameters, learning_rate):
    new = np.array([p.data for p in parameters]) - learning_rate * np.array([p.grad for p in parameters])
    for p, x in zip(parameters, new):
        p.data = x


def forget(result):
    waiting = [result]
    while waiting:
        node = waiting.pop()
        if node._prev:
            waiting.extend(node._prev)
            node._prev, node._backward = (), None


def _step(model, xs, ys, learning_rate):
    parameters = model.parameters()
    loss = squared_error([*map(model, xs)], ys)
    zero_grad(parameters)
    loss.backward()
    sgd_step(parameters, learning_rate)
    forget(loss)
    return np.float64(loss.data)


def train(model, xs, ys, steps, learning_rate):
    return [_step(model, xs, ys, learning_rate) for _ in range(steps)]


def accuracy(scores, targets):
    return np.mean(np.sign([s.data for s in scores]) == np.sign(targets))


def neuron_in_torch(x, w, b):
    x, w, b = (torch.from_numpy(np.array(each, dtype=float)).requires_grad_() for each in (x, w, b))
    o = torch.addmv(b[None], x[None], w).squeeze().tanh()
    x.grad, w.grad, b.grad = torch.autograd.grad(o, (x, w, b))
    return o, x, w, b
