"""Slots, tensors in double precision inside, every operation through one helper, own reflected forms."""

import torch


def _number(x):
    return torch.as_tensor(x, dtype=torch.float64).clone()


def derivative(f, x, h=1e-6):
    ahead, behind = f(x + h / 2), f(x - h / 2)
    return (ahead - behind) / h


def gradient(f, xs, h=1e-6):
    def partial(i):
        def along(t):
            return f(*(t if j == i else x for j, x in enumerate(xs)))

        return derivative(along, xs[i], 2 * h)

    return [partial(i) for i in range(len(xs))]


def expression_gradients(a, b, c, f):
    a, b, c, f = map(_number, (a, b, c, f))
    return {"a": b * f, "b": a * f, "c": f, "f": torch.addcmul(c, a, b)}


def neuron_gradients(x1, x2, w1, w2, b):
    n = _number(x1 * w1 + x2 * w2 + b)
    slope = 4 / (n.exp() + (-n).exp()) ** 2
    return {"x1": slope * w1, "x2": slope * w2, "w1": slope * x1, "w2": slope * x2, "b": slope * 1}


def topological_order(root):
    """Depth first with a stack of iterators."""
    order, begun = [], {id(root)}
    stack = [(root, iter(root._prev))]
    while stack:
        node, operands = stack[-1]
        for operand in operands:
            if id(operand) not in begun:
                begun.add(id(operand))
                stack.append((operand, iter(operand._prev)))
                break
        else:
            order.append(node)
            stack.pop()
    return tuple(order)


class Value:
    __slots__ = ("data", "grad", "_prev", "_op", "_backward", "_name")

    def __init__(self, data, operands=(), operation=""):
        self.data = _number(data)
        self.grad = _number(0.0)
        self._prev = frozenset(operands)
        self._op = operation
        self._backward = lambda: None

    def _make(self, data, operation, *shares):
        """A result, from pairs of an operand and its local derivative."""
        out = Value(data, [operand for operand, _ in shares], operation)

        def send():
            for operand, slope in shares:
                operand.grad = operand.grad + slope * out.grad

        out._backward = send
        return out

    def __add__(self, other):
        if not isinstance(other, Value):
            return self._make(self.data + other, "+", (self, 1.0))
        return self._make(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        if not isinstance(other, Value):
            return self._make(self.data * other, "*", (self, other))
        return self._make(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __pow__(self, power):
        return self._make(self.data**power, "**", (self, power * self.data ** (power - 1)))

    def exp(self):
        return self._make(self.data.exp(), "exp", (self, self.data.exp()))

    def log(self):
        return self._make(self.data.log(), "log", (self, 1 / self.data))

    def tanh(self):
        return self._make(self.data.tanh(), "tanh", (self, 1 - self.data.tanh() ** 2))

    def relu(self):
        return self._make(self.data.clamp(min=0), "relu", (self, (self.data > 0).double()))

    def __neg__(self):
        return self._make(-self.data, "neg", (self, -1.0))

    def __sub__(self, other):
        if not isinstance(other, Value):
            return self._make(self.data - other, "-", (self, 1.0))
        return self._make(self.data - other.data, "-", (self, 1.0), (other, -1.0))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other):
        return self._make(other - self.data, "-", (self, -1.0))

    def __truediv__(self, other):
        if not isinstance(other, Value):
            return self._make(self.data / other, "/", (self, 1 / other))
        mine, theirs = self.data, other.data
        return self._make(mine / theirs, "/", (self, 1 / theirs), (other, -mine / theirs**2))

    def __rtruediv__(self, other):
        return self._make(other / self.data, "/", (self, -other / self.data**2))

    def backward(self):
        self.grad = torch.ones((), dtype=torch.float64)
        for node in topological_order(self)[::-1]:
            node._backward()


def trace(root):
    nodes, edges, waiting = set(), set(), [root]
    while waiting:
        node = waiting.pop()
        if node in nodes:
            continue
        nodes.add(node)
        edges |= {(operand, node) for operand in node._prev}
        waiting += node._prev
    return nodes, edges


def gradient_check(f, xs, h=1e-6, tolerance=1e-4):
    values = [Value(x) for x in xs]
    f(*values).backward()
    slopes = torch.stack([value.grad for value in values])
    measured = _number(gradient(lambda *at: f(*[Value(x) for x in at]).data, xs, h))
    return bool((slopes - measured).abs().max() <= tolerance)


def tanh_from_exp(x):
    return 1 - 2 / ((x + x).exp() + 1)


def softmax_nll(logits, target):
    shares = [(other - logits[target]).exp() for other in logits]
    return sum(shares[1:], start=shares[0]).log()
