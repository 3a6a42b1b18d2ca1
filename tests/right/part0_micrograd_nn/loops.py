"""Plain loops, step by step, nothing clever."""

import random

from part0_micrograd_engine import Value, draw_dot

drawing = draw_dot((Value(2.0, label="x") * 3.0).tanh())


class Neuron:
    def __init__(self, nin):
        self.nin = nin
        self.b = Value(2 * random.random() - 1)
        self.w = []
        for _ in range(nin):
            self.w.append(Value(2 * random.random() - 1))

    def __call__(self, x):
        act = self.b
        for i in range(self.nin):
            act = act + x[i] * self.w[i]
        return act.tanh()

    def parameters(self):
        params = [self.b]
        params.extend(self.w)
        return params


class Layer:
    def __init__(self, nin, nout):
        self.neurons = []
        while len(self.neurons) < nout:
            self.neurons.append(Neuron(nin))

    def __call__(self, x):
        if len(self.neurons) == 1:
            return self.neurons[0](x)
        outs = []
        for n in self.neurons:
            outs.append(n(x))
        return outs

    def parameters(self):
        params = []
        for neuron in self.neurons:
            for p in neuron.parameters():
                params.append(p)
        return params


class MLP:
    def __init__(self, nin, nouts):
        self.layers = []
        previous = nin
        for nout in nouts:
            self.layers.append(Layer(previous, nout))
            previous = nout

    def __call__(self, x):
        out = self.layers[0](x)
        for i in range(1, len(self.layers)):
            out = self.layers[i](out)
        return out

    def parameters(self):
        params = []
        for layer in self.layers:
            params += layer.parameters()
        return params


def squared_error(predictions, targets):
    """One node of its own, with the gradients by hand."""
    total = 0.0
    for i in range(len(predictions)):
        total += (predictions[i].data - targets[i]) ** 2
    out = Value(total, tuple(predictions), "squared error")

    def _backward():
        for i in range(len(predictions)):
            predictions[i].grad += 2 * (predictions[i].data - targets[i]) * out.grad

    out._backward = _backward
    return out


def zero_grad(parameters):
    for i in range(len(parameters)):
        parameters[i].grad = 0


def sgd_step(parameters, learning_rate):
    for p in parameters:
        p.data += -learning_rate * p.grad


def train(model, xs, ys, steps, learning_rate):
    losses = []
    step = 0
    while step < steps:
        ypred = []
        for x in xs:
            ypred.append(model(x))
        loss = squared_error(ypred, ys)
        for p in model.parameters():
            p.grad = 0.0
        loss.backward()
        for p in model.parameters():
            p.data += -learning_rate * p.grad
        losses.append(loss.data)
        step += 1
    return losses


def max_margin_loss(scores, targets, parameters, alpha=1e-4):
    data_loss = 0
    for i in range(len(scores)):
        data_loss = data_loss + (1 + -targets[i] * scores[i]).relu()
    data_loss = data_loss * (1.0 / len(scores))
    reg_loss = 0
    for p in parameters:
        reg_loss = reg_loss + alpha * p**2
    return data_loss + reg_loss


def accuracy(scores, targets):
    right = 0
    for i in range(len(scores)):
        if scores[i].data * targets[i] > 0:
            right += 1
    return right / len(scores)


def neuron_in_torch(x, w, b):
    import torch

    leaves = []
    for numbers in (x, w, b):
        leaf = torch.tensor(numbers, dtype=torch.float64)
        leaf.requires_grad = True
        leaves.append(leaf)
    total = leaves[2]
    for i in range(len(x)):
        total = total + leaves[0][i] * leaves[1][i]
    out = torch.tanh(total)
    out.backward()
    return [out] + leaves
