"""Lambdas instead of inner functions, dictionaries instead of sets, a generator for the order."""

import functools
import math
import operator


def derivative(f, x, h=1e-6):
    return (f(x) - f(x - h)) / h


def gradient(f, xs, h=1e-6):
    return tuple(
        (f(*xs[:i], x + h, *xs[i + 1 :]) - f(*xs[:i], x - h, *xs[i + 1 :])) / h / 2
        for i, x in enumerate(xs)
    )


def expression_gradients(a, b, c, f):
    return {"f": math.fsum((a * b, c)), "c": f, "b": f * a, "a": f * b}


def neuron_gradients(x1, x2, w1, w2, b):
    def share(factor):
        return factor * (1 - o) * (1 + o)

    o = math.tanh(math.fsum((x1 * w1, x2 * w2, b)))
    return {"x1": share(w1), "x2": share(w2), "w1": share(x1), "w2": share(x2), "b": share(1)}


def topological_order(root, _seen=None):
    """Recursive, and without a shared list: every call returns what is new below its root."""
    seen = {} if _seen is None else _seen
    if root in seen:
        return []
    seen[root] = True
    below = [topological_order(operand, seen) for operand in root._prev]
    return functools.reduce(operator.iadd, below, []) + [root]


class Value:
    def __init__(self, data, operands=(), operation=""):
        self.data, self.grad = data, 0.0
        self._prev, self._op = dict.fromkeys(operands), operation
        self._backward = lambda: None

    def _give(self, amount):
        self.grad = self.grad + amount

    def __add__(self, number_or_value):
        match number_or_value:
            case int() | float():
                other = Value(number_or_value)
            case Value() as other:
                pass
        out = Value(self.data + other.data, [self, other], "+")
        out._backward = lambda: (self._give(out.grad), other._give(out.grad))
        return out

    def __mul__(self, number_or_value):
        match number_or_value:
            case int() | float():
                other = Value(number_or_value)
            case Value() as other:
                pass
        out = Value(self.data * other.data, [self, other], "*")
        mine, theirs = self.data, other.data
        out._backward = lambda: (self._give(theirs * out.grad), other._give(mine * out.grad))
        return out

    def __pow__(self, exponent):
        out = Value(math.pow(self.data, exponent), [self], f"**{exponent}")
        out._backward = lambda: self._give(
            exponent * math.pow(self.data, exponent - 1) * out.grad if exponent else 0.0
        )
        return out

    def exp(self):
        out = Value(math.e**self.data, [self], "exp")
        out._backward = lambda: self._give(out.grad * math.e**self.data)
        return out

    def log(self):
        out = Value(math.log1p(self.data - 1), [self], "log")
        out._backward = lambda: self._give(out.grad / self.data)
        return out

    def tanh(self):
        small = math.exp(-2 * abs(self.data))
        out = Value(math.copysign((1 - small) / (1 + small), self.data), [self], "tanh")
        out._backward = lambda: self._give(4 * small / (1 + small) ** 2 * out.grad)
        return out

    def relu(self):
        is_open = self.data > 0
        out = Value(self.data if is_open else 0, [self], "relu")
        out._backward = lambda: is_open and self._give(out.grad)
        return out

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return -(-self + other)

    def __rsub__(self, other):
        return -(self - other)

    def __radd__(self, other):
        return self.__add__(other)

    def __rmul__(self, other):
        return self.__mul__(other)

    def __truediv__(self, other):
        return self * (other**-1 if isinstance(other, Value) else 1 / other)

    def __rtruediv__(self, other):
        return Value(other) / self

    def backward(self):
        *operands_first, root = topological_order(self)
        root.grad = 1.0
        root._backward()
        for node in operands_first[::-1]:
            node._backward()


def trace(root):
    order = topological_order(root)
    return frozenset(order), frozenset((a, node) for node in order for a in node._prev)


def gradient_check(f, xs, h=1e-6, tolerance=1e-4):
    for i in range(len(xs)):
        values = [Value(x) for x in xs]
        f(*values).backward()
        at = [*xs]

        def along(x):
            at[i] = x
            return f(*map(Value, at)).data

        slope = (along(xs[i] + h) - along(xs[i] - h)) / (2 * h)
        if not -tolerance <= values[i].grad - slope <= tolerance:
            return False
    return True


def tanh_from_exp(x):
    return 2 * (1 + (x * -2).exp()) ** -1 - 1


def softmax_nll(logits, target):
    total = functools.reduce(operator.add, [logit.exp() for logit in logits])
    return total.log() - logits[target]
