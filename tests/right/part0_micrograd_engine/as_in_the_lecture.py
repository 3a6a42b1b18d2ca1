"""The lecture's own style: sets of children, one closure an operation, a recursive sort."""

import math


def derivative(f, x, h=1e-6):
    return (f(x + h) - f(x)) / h


def gradient(f, xs, h=1e-6):
    here = f(*xs)
    slopes = []
    for i in range(len(xs)):
        nudged = list(xs)
        nudged[i] += h
        slopes.append((f(*nudged) - here) / h)
    return slopes


def expression_gradients(a, b, c, f):
    e = a * b
    d = e + c
    dd, df = f, d
    dc, de = 1.0 * dd, 1.0 * dd
    da, db = de * b, de * a
    return {"a": da, "b": db, "c": dc, "f": df}


def neuron_gradients(x1, x2, w1, w2, b):
    o = math.tanh(x1 * w1 + x2 * w2 + b)
    dn = 1 - o**2
    return {"b": dn, "w2": x2 * dn, "w1": x1 * dn, "x2": w2 * dn, "x1": w1 * dn}


def topological_order(root):
    topo = []
    visited = set()

    def build_topo(v):
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build_topo(child)
            topo.append(v)

    build_topo(root)
    return topo


class Value:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op
        self.label = label

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def __pow__(self, other):
        assert isinstance(other, (int, float)), "only int and float powers"
        out = Value(self.data**other, (self,), f"**{other}")

        def _backward():
            self.grad += other * (self.data ** (other - 1)) * out.grad

        out._backward = _backward
        return out

    def __rmul__(self, other):
        return self * other

    def __radd__(self, other):
        return self + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return other * self**-1

    def __neg__(self):
        return -1 * self

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return other + (-self)

    def tanh(self):
        x = self.data
        t = 1.0 if x > 300 else -1.0 if x < -300 else (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1)
        out = Value(t, (self,), "tanh")

        def _backward():
            self.grad += (1 - t**2) * out.grad

        out._backward = _backward
        return out

    def exp(self):
        x = self.data
        out = Value(math.exp(x), (self,), "exp")

        def _backward():
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    def log(self):
        out = Value(math.log(self.data), (self,), "log")

        def _backward():
            self.grad += self.data**-1 * out.grad

        out._backward = _backward
        return out

    def relu(self):
        out = Value(0 if self.data < 0 else self.data, (self,), "ReLU")

        def _backward():
            self.grad += (out.data > 0) * out.grad

        out._backward = _backward
        return out

    def backward(self):
        self.grad = 1.0
        for node in reversed(topological_order(self)):
            node._backward()


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def gradient_check(f, xs, h=1e-6, tolerance=1e-4):
    values = [Value(x) for x in xs]
    f(*values).backward()
    ok = True
    for i, value in enumerate(values):
        up = [Value(x) for x in xs]
        up[i] = Value(xs[i] + h)
        down = [Value(x) for x in xs]
        down[i] = Value(xs[i] - h)
        numeric = (f(*up).data - f(*down).data) / (2 * h)
        if abs(numeric - value.grad) > tolerance:
            ok = False
    return ok


def tanh_from_exp(x):
    e = (2 * x).exp()
    return (e - 1) / (e + 1)


def softmax_nll(logits, target):
    counts = [logit.exp() for logit in logits]
    denominator = sum(counts)
    probs = [c / denominator for c in counts]
    return -probs[target].log()
