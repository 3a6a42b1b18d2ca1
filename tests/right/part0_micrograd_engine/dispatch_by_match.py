"""No closures: `_backward` is a method that asks the operation's sign with `match`; numpy inside."""

import numpy as np


def derivative(f, x, h=1e-6):
    return gradient(f, [x], h)[0]


def gradient(f, xs, h=1e-6):
    steps = h * np.eye(len(xs))
    return [float((f(*(xs + step)) - f(*(xs - step))) / (2 * h)) for step in steps]


def expression_gradients(a, b, c, f):
    factors = np.array([b, a, 1.0])
    return dict(zip("abcf", [*(factors * f), np.array([a, c]) @ [b, 1.0]]))


def neuron_gradients(x1, x2, w1, w2, b):
    x, w = np.array([x1, x2]), np.array([w1, w2])
    slope = 1 / np.cosh(x @ w + b) ** 2
    d_x, d_w = slope * w, slope * x
    return {"x1": d_x[0], "x2": d_x[1], "w1": d_w[0], "w2": d_w[1], "b": slope}


def topological_order(root):
    """Kahn's algorithm, from the root down, turned round at the end."""
    uses = {root: 0}
    to_visit = [root]
    while to_visit:
        for operand in to_visit.pop()._prev:
            if operand not in uses:
                uses[operand] = 0
                to_visit.append(operand)
            uses[operand] += 1
    order, ready = [], [root]
    while ready:
        node = ready.pop()
        order.append(node)
        for operand in node._prev:
            uses[operand] -= 1
            if uses[operand] == 0:
                ready.append(operand)
    order.reverse()
    return order


class Value:
    def __init__(self, data, operands=(), operation="", constant=None):
        self.data = np.float64(data)
        self.grad = np.float64(0.0)
        self._prev = list(operands)
        self._op = operation
        self._constant = constant

    @staticmethod
    def _of(other):
        match other:
            case Value():
                return other
            case _:
                return Value(other)

    def _backward(self):
        match self._op, self._prev:
            case "+", [a, b]:
                a.grad += self.grad
                b.grad += self.grad
            case "*", [a, b]:
                a.grad, b.grad = (
                    (a.grad + b.data * self.grad, b.grad + a.data * self.grad)
                    if a is not b
                    else (a.grad + 2 * a.data * self.grad,) * 2
                )
            case "**", [a]:
                a.grad += self._constant * a.data ** (self._constant - 1.0) * self.grad
            case "exp", [a]:
                a.grad += np.exp(a.data) * self.grad
            case "log", [a]:
                a.grad += self.grad / a.data
            case "tanh", [a]:
                a.grad += (1 - np.tanh(a.data) ** 2) * self.grad
            case "relu", [a]:
                a.grad += np.heaviside(a.data, 0.0) * self.grad

    def __add__(self, other):
        other = self._of(other)
        return Value(self.data + other.data, (self, other), "+")

    def __mul__(self, other):
        other = self._of(other)
        return Value(self.data * other.data, (self, other), "*")

    def __pow__(self, power):
        return Value(self.data ** float(power), (self,), "**", constant=power)

    def exp(self):
        return Value(np.exp(self.data), (self,), "exp")

    def log(self):
        return Value(np.log(self.data), (self,), "log")

    def tanh(self):
        return Value(np.tanh(self.data), (self,), "tanh")

    def relu(self):
        return Value(np.maximum(self.data, 0), (self,), "relu")

    def __neg__(self):
        return Value(0) - self

    def __sub__(self, other):
        return self + self._of(other) * -1

    def __rsub__(self, other):
        return self._of(other) - self

    def __radd__(self, other):
        return self._of(other) + self

    def __rmul__(self, other):
        return self._of(other) * self

    def __truediv__(self, other):
        return self * self._of(other) ** -1

    def __rtruediv__(self, other):
        return self._of(other) / self

    def backward(self):
        self.grad = np.float64(1.0)
        order = topological_order(self)
        while order:
            order.pop()._backward()


def trace(root):
    edges = {(operand, node) for node in topological_order(root) for operand in node._prev}
    nodes = {root}.union(*edges)
    return nodes, edges


def gradient_check(f, xs, h=1e-6, tolerance=1e-4):
    values = list(map(Value, xs))
    f(*values).backward()
    mine = np.array([value.grad for value in values])
    measured = gradient(lambda *numbers: f(*map(Value, numbers)).data, xs, h)
    return bool(np.all(np.abs(mine - measured) <= tolerance))


def tanh_from_exp(x):
    up, down = x.exp(), (-x).exp()
    return (up - down) / (up + down)


def softmax_nll(logits, target):
    highest = max(logit.data for logit in logits)
    total = Value(0.0)
    for logit in logits:
        total = total + (logit - highest).exp()
    return total.log() - (logits[target] - highest)
