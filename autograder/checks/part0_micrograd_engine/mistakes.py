"""Known mistakes of `part0_micrograd_engine`."""

from autograder.checks import mistakes, whole

mistakes("derivative", [
    ("(2 * h)", "h",
     "the two points are 2h apart, so divide the difference by 2h, not by h"),
    ("f(x - h)", "f(x)",
     "f is asked at x + h and x, which are h apart, but the difference is divided by 2h"),
    ("(f(x + h) - f(x - h)) / (2 * h)", "f(x + h) - f(x - h)",
     "a difference isn't a slope yet: divide it by the distance between the two points"),
    whole("return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6", "the argument h isn't used"),
])

mistakes("gradient", [
    ("(2 * h)", "h",
     "the two points are 2h apart, so divide the difference by 2h, not by h"),
    ("up - down", "down - up",
     "the sign is flipped: subtract the value at x - h from the value at x + h"),
    whole("""
        up, down = f(*[x + h for x in xs]), f(*[x - h for x in xs])
        return [(up - down) / (2 * h)] * len(xs)
        """, "all inputs are nudged at once; nudge one and hold the others still"),
    whole("""
        slopes = []
        for i in range(len(xs)):
            before = f(*xs)
            xs[i] += h
            slopes.append((f(*xs) - before) / h)
        return slopes
        """, "the nudge is left in xs; work on a new list for each input"),
    whole("return [(f(xs[:i] + [xs[i] + h] + xs[i + 1:]) - f(xs)) / h for i in range(len(xs))]",
          "f takes its inputs one by one: call f(*xs), not f(xs)"),
    ("(up - down)", "abs(up - down)",
     "abs takes the sign away, but where f falls the slope is negative"),
    whole("""
    return [derivative(lambda x, i=i: f(*xs[:i], x, *xs[i + 1:]), xs[i]) for i in range(len(xs))]
    """, "the argument h isn't used"),
    whole("""
        slopes = []
        for x in xs:
            i = xs.index(x)
            slopes.append(derivative(lambda x: f(*xs[:i], x, *xs[i + 1:]), x, h))
        return slopes
        """, "index finds the first of two equal inputs; count with range(len(xs))"),
    whole("""
        return [
            (f(*xs[:i], x * (1 + h), *xs[i + 1:]) - f(*xs[:i], x * (1 - h), *xs[i + 1:]))
            / (2 * h * x)
            for i, x in enumerate(xs)
        ]
        """, "the nudge is h itself, not h times the input, which is nothing at 0"),
    ("range(len(xs))", "range(min(len(xs), 50))",
     "only the first inputs have a slope; there's one for each, however many there are"),
])

mistakes("expression_gradients", [
    ('"a": b * f, "b": a * f', '"a": a * f, "b": b * f',
     "in a product each factor's slope is the *other* factor: a gets b, and b gets a"),
    ('"a": b * f, "b": a * f', '"a": b, "b": a',
     "these are the slopes of e = a * b; multiply them by what arrives there, which is f"),
    ('"c": f', '"c": 1.0',
     "1 is the local slope of the sum; multiply it by what arrives there, which is f"),
    ('"c": f', '"c": c * f', "c is added, not multiplied: its local slope is 1, not c"),
    ("d = a * b + c", "d = a * b", "f's slope is the other factor, d, and c is a part of d"),
    ('"f": d', '"f": d * f', "f's slope is the other factor alone: d, without f"),
    whole("""
        L = (a * b + c) * f
        return {"a": L / a, "b": L / b, "c": L / c, "f": L / f}
        """,
        "a slope isn't a share of the result; walk from L to each input, one local slope at a "
        "time"),
])

mistakes("neuron_gradients", [
    ("math.tanh(n) ** 2", "n ** 2",
     "the slope of tanh is 1 - o ** 2 with its output o, not with its input n"),
    ("math.tanh(n) ** 2", "math.tanh(n)", "the slope of tanh is 1 - o ** 2; the square is missing"),
    ("slope = 1 - math.tanh(n) ** 2", "slope = 1",
     "these are the gradients of n; multiply each by the slope of tanh"),
    (" + b", "", "the bias is missing in n, where the slope of tanh is taken"),
    ('"b": slope', '"b": slope * b',
     "n changes by as much as b does, so the local slope of b is 1, not b"),
    whole("""
        slope = 1 - math.tanh(x1 * w1 + x2 * w2 + b) ** 2
        return {"x1": slope * x1, "x2": slope * x2, "w1": slope * w1, "w2": slope * w2, "b": slope}
        """,
        "in a product the slope in one factor is the other factor: x1 gets w1, and w1 gets x1"),
    ("math.tanh(n)", "((math.exp(2 * n) - 1) / (math.exp(2 * n) + 1))",
     "exp(2n) overflows for large n; math.tanh doesn't"),
    whole("""
        slope = 1 - math.tanh(x1 * w1 + x2 * w2 + b) ** 2
        return {"x1": w1, "x2": w2, "w1": x1, "w2": x2, "b": slope}
        """, "the slope of tanh is a factor of all five, not of b alone"),
])

mistakes("topological_order", [
    whole("""
        order = []
        for operand in root._prev:
            order += topological_order(operand)
        return order + [root]
        """, "a node that's used twice is listed twice; keep a set of visited nodes"),
    whole("""
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                order.append(node)
                for operand in node._prev:
                    visit(operand)

        visit(root)
        return order
        """, "nodes are listed before their operands; visit the operands first"),
    ("return order", "return order[:-1]",
     "the root itself is missing; it belongs to the list, as its last node"),
    ("return order", "return order[::-1]",
     "the list is the wrong way round: operands come first, the root last"),
    whole("""
        order, seen, level = [], set(), [root]
        while level:
            fresh = [node for node in dict.fromkeys(level) if node not in seen]
            seen.update(fresh)
            order += fresh
            level = [operand for node in fresh for operand in node._prev]
        return order[::-1]
        """, "level by level isn't enough: a node may be needed earlier than its level says"),
    whole("""
        order, seen = [], set()

        def visit(node):
            if node.data not in seen:
                seen.add(node.data)
                for operand in node._prev:
                    visit(operand)
                order.append(node)

        visit(root)
        return order
        """, "nodes with the same number are taken for one; ask whether the node itself is new"),
    ("return order", "return sorted(order, key=lambda node: node.data)",
     "the numbers in the nodes say nothing about their order; `_prev` does"),
    whole("return [*dict.fromkeys(root._prev), root]",
          "only the root's own operands are listed; their operands belong to the graph too"),
])

mistakes("Value.__add__", [
    ("grad += out.grad", "grad = out.grad",
     "`=` overwrites both gradients where `+=` must add to them"),
    ("self.grad +=", "self.grad =",
     "`=` overwrites the gradient of self where `+=` must add to it"),
    ("other.grad +=", "other.grad =",
     "`=` overwrites the gradient of other where `+=` must add to it"),
    ("other.grad +=", "self.grad +=",
     "the second line of _backward is meant for other, but adds to self again"),
    ("+= out.grad", "+= 1.0",
     "the local slope is 1, but it must be multiplied by the gradient that arrives"),
    ("+= out.grad", "+= self.data * out.grad",
     "the local slope of a sum is 1 for both operands, whatever their data"),
    (', (self, other), "+"', "",
     "the result doesn't know its operands: hand them to Value(...) together with the symbol"),
    ("(self, other)", "(self,)", "only self is noted as an operand; other belongs to them too"),
    ("other if isinstance(other, Value) else Value(other)", "other",
     "a plain number on the right has no data and no grad; make a Value of it first"),
    ("other if isinstance(other, Value) else Value(other)",
     "Value(other) if isinstance(other, int) else other",
     "only an int becomes a Value here; a float on the right must become one too"),
    ("    other.grad +=", "    if other is not self: other.grad +=",
     "where both operands are the same Value, it must collect both gradients"),
    ("out._backward = _backward", "self._backward = _backward",
     "nothing is sent back: keep the function, without calling it, in out._backward, not in "
     "self, and let it read out.grad when it runs"),
    ("out._backward = _backward", "out._backward = _backward()",
     "_backward() runs the function at once; store it without the parentheses"),
    ("return out", "return out.data",
     "this returns the bare number; return the Value, or the graph ends here"),
    ("other = other if isinstance(other, Value) else Value(other)",
     "if not isinstance(other, Value):\n    if other == 0:\n        return self\n"
     "    other = Value(other)",
     "a + 0 must be a new Value too, and not a itself"),

    whole("""
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out
        """, "this is the backward of a product; in a sum both slopes are 1"),
    ("+= out.grad", "+= out.data",
     "what is handed on is the gradient of the result, out.grad, and not its data"),
])

mistakes("Value.__mul__", [
    ("grad +=", "grad =", "`=` overwrites both gradients where `+=` must add to them"),
    ("self.grad +=", "self.grad =",
     "`=` overwrites the gradient of self where `+=` must add to it"),
    ("other.grad +=", "other.grad =",
     "`=` overwrites the gradient of other where `+=` must add to it"),
    ("other.grad +=", "self.grad +=",
     "the second line of _backward is meant for other, but adds to self again"),
    (" * out.grad", "",
     "multiply the local slope by the gradient that arrives in out.grad"),
    ("data * out.grad", "data + out.grad",
     "slopes along a path multiply: local slope times out.grad, not plus"),
    ("+= other.data *", "+= self.data *",
     "the slope in self is the other factor, other.data, not self.data"),
    whole("""
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += self.data * out.grad
            other.grad += other.data * out.grad

        out._backward = _backward
        return out
        """, "each factor got itself; the slope in one factor of a product is the other factor"),
    whole("""
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += out.data / self.data * out.grad
            other.grad += out.data / other.data * out.grad

        out._backward = _backward
        return out
        """, "out.data / self.data is the other factor only where self isn't 0"),
    (', (self, other), "*"', "",
     "the result doesn't know its operands: hand them to Value(...) together with the symbol"),
    ("other if isinstance(other, Value) else Value(other)", "other",
     "a plain number on the right has no data and no grad; make a Value of it first"),
    ("other if isinstance(other, Value) else Value(other)",
     "Value(other) if isinstance(other, int) else other",
     "only an int becomes a Value here; a float on the right must become one too"),
    ("    other.grad +=", "    if other is not self: other.grad +=",
     "where both operands are the same Value, it must collect both gradients"),
    ("out._backward = _backward", "self._backward = _backward",
     "nothing is sent back: keep the function, without calling it, in out._backward, not in "
     "self, and let it read out.grad when it runs"),
    ("out._backward = _backward", "out._backward = _backward()",
     "_backward() runs the function at once; store it without the parentheses"),
    ("return out", "return out.data",
     "this returns the bare number; return the Value, or the graph ends here"),
    ("other = other if isinstance(other, Value) else Value(other)",
     "if not isinstance(other, Value):\n    if other == 1:\n        return self\n"
     "    other = Value(other)",
     "a * 1 must be a new Value too, and not a itself"),

    whole("""
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out
        """, "this is the backward of a sum; each factor's slope is the other factor"),
    ("other.data * out.grad", "other.grad * out.grad",
     "self gets the *data* of the other factor times out.grad, not its grad"),
    whole("""
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.grad * out.grad
            other.grad += self.grad * out.grad

        out._backward = _backward
        return out
        """, "each factor's slope is the *data* of the other; here it's the other's grad"),
    ("* out.grad", "* out.data",
     "multiply the local slope by the gradient that arrives, out.grad, not by out.data"),
])

mistakes("Value.__pow__", [
    ("self.grad +=", "self.grad =", "`=` overwrites the gradient where `+=` must add to it"),
    ("out._backward = _backward", "self._backward = _backward",
     "nothing is sent back: keep the function, without calling it, in out._backward, not in "
     "self, and let it read out.grad when it runs"),
    ("out._backward = _backward", "out._backward = _backward()",
     "_backward() runs the function at once; store it without the parentheses"),
    ("return out", "return out.data",
     "this returns the bare number; return the Value, or the graph ends here"),
    ("power * self.data ** (power - 1)", "self.data ** (power - 1)",
     "the power must come down as a factor: k * a ** (k - 1)"),
    ("(power - 1)", "power",
     "the power must drop by one in the slope: k * a ** (k - 1)"),
    (" * out.grad", "",
     "multiply the local slope by the gradient that arrives in out.grad"),
    ("self.data ** (power - 1)", "out.data ** (power - 1)",
     "the derivative k * a ** (k - 1) is taken at the input a, not at the output"),
    ("self.data ** (power - 1)", "out.data / self.data",
     "at 0 this divides by 0; lower the power instead: a ** (k - 1)"),
    ("self.data**power", "self.data*power", "** is a power; this is a product"),
    ("out = Value(", "if power == 1:\n    return self\nout = Value(",
     "a ** 1 must be a new Value too, and not a itself"),
])

mistakes("Value.exp", [
    ("self.grad +=", "self.grad =", "`=` overwrites the gradient where `+=` must add to it"),
    ("out._backward = _backward", "self._backward = _backward",
     "nothing is sent back: keep the function, without calling it, in out._backward, not in "
     "self, and let it read out.grad when it runs"),
    ("out._backward = _backward", "out._backward = _backward()",
     "_backward() runs the function at once; store it without the parentheses"),
    ("return out", "return out.data",
     "this returns the bare number; return the Value, or the graph ends here"),
    ("out.data * out.grad", "self.data * out.grad",
     "the derivative of the exponential is its output, not its input"),
    ("out.data * out.grad", "out.data",
     "multiply the local slope by the gradient that arrives in out.grad"),
    ("out.data * out.grad", "self.data * math.exp(self.data - 1) * out.grad",
     "the power rule is for a constant power; e ** a is its own derivative"),
    ("out.data * out.grad", "out.grad",
     "the gradient is passed on as it is; the local derivative, the output, is missing"),
    ("out.data * out.grad", "math.exp(out.data) * out.grad",
     "the exponential was taken twice; the local derivative is the output itself"),
])

mistakes("Value.log", [
    ("self.grad +=", "self.grad =", "`=` overwrites the gradient where `+=` must add to it"),
    ("out._backward = _backward", "self._backward = _backward",
     "nothing is sent back: keep the function, without calling it, in out._backward, not in "
     "self, and let it read out.grad when it runs"),
    ("out._backward = _backward", "out._backward = _backward()",
     "_backward() runs the function at once; store it without the parentheses"),
    ("return out", "return out.data",
     "this returns the bare number; return the Value, or the graph ends here"),
    ("out.grad / self.data", "out.grad / out.data",
     "the derivative of the logarithm is one over its input, not over its output"),
    ("out.grad / self.data", "1 / self.data",
     "multiply the local slope by the gradient that arrives in out.grad"),
    ("out.grad / self.data", "out.grad * self.data",
     "divide the gradient by the input instead of multiplying"),
    ("math.log(self.data)", "math.log10(self.data)",
     "the natural logarithm is math.log; this one has base 10"),
    ("math.log(self.data)", "math.log2(self.data)",
     "the natural logarithm is math.log; this one has base 2"),
    ("out.grad / self.data", "1 / self.data + out.grad",
     "slopes along a path multiply: the gradient that arrives times 1 / a, not plus"),
])

mistakes("Value.tanh", [
    ("self.grad +=", "self.grad =", "`=` overwrites the gradient where `+=` must add to it"),
    ("out._backward = _backward", "self._backward = _backward",
     "nothing is sent back: keep the function, without calling it, in out._backward, not in "
     "self, and let it read out.grad when it runs"),
    ("out._backward = _backward", "out._backward = _backward()",
     "_backward() runs the function at once; store it without the parentheses"),
    ("return out", "return out.data",
     "this returns the bare number; return the Value, or the graph ends here"),
    ("t = math.tanh(self.data)",
     "t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)",
     "exp(2x) overflows for large x; math.tanh doesn't"),
    ("1 - t**2", "1 - self.data**2",
     "the derivative is 1 - t ** 2 with the output t, not with the input"),
    ("1 - t**2", "1 - t", "the derivative is 1 - t ** 2; the square is missing"),
    ("(1 - t**2) * out.grad", "1 - t**2",
     "multiply the local slope by the gradient that arrives in out.grad"),
    ("(1 - t**2) * out.grad", "1 - t**2 * out.grad",
     "the product is formed before the difference; 1 - t ** 2 needs parentheses"),
    whole("""
        e = (self * 2).exp()
        return (e - 1) / (e + 1)
        """, "this tanh is put together from other operations; here it must be a single node"),
    whole("""
        out = Value(math.tanh(self.data), (self,), "tanh")

        def _backward():
            self.grad += (1 - out.grad**2) * out.grad

        out._backward = _backward
        return out
        """, "the local derivative is 1 - t ** 2 with the output's data, not with its grad"),
])

mistakes("Value.relu", [
    ("self.grad +=", "self.grad =", "`=` overwrites the gradient where `+=` must add to it"),
    ("out._backward = _backward", "self._backward = _backward",
     "nothing is sent back: keep the function, without calling it, in out._backward, not in "
     "self, and let it read out.grad when it runs"),
    ("out._backward = _backward", "out._backward = _backward()",
     "_backward() runs the function at once; store it without the parentheses"),
    ("return out", "return out.data",
     "this returns the bare number; return the Value, or the graph ends here"),
    ("out.grad if self.data > 0 else 0.0", "out.grad",
     "the gradient passes where the input isn't positive; the gate must be shut there"),
    ("out.grad if", "self.data * out.grad if",
     "an open gate has the local slope 1, not the input"),
    ("self.data > 0", "self.data >= 0", "at exactly 0 the gate is shut"),
    ("out.grad if self.data > 0 else 0.0", "max(0.0, out.grad)",
     "the gate opens by the sign of the input, not of the gradient"),
    ("out.grad if", "1.0 if",
     "multiply the local slope by the gradient that arrives in out.grad"),
    ("out = Value(", "if self.data > 0:\n    return self\nout = Value(",
     "where the gate is open this returns self; the result must be a new Value"),
])

mistakes("Value.__rsub__", [
    whole("return Value(other - self.data)",
          "a new Value made from the bare number is a leaf, and no gradient flows through it"),
    whole("return self - other",
          "this computes a - 2 in place of 2 - a; in a reflected difference self is on the right"),
    whole("return self + other", "this adds self; in other - self it must be negated"),
    whole("return other - self",
          "other - self comes straight back to __rsub__; start from -self instead"),
])

mistakes("Value.__rtruediv__", [
    whole("return Value(other / self.data)",
          "a new Value made from the bare number is a leaf, and no gradient flows through it"),
    whole("return self / other",
          "this computes a / 2 in place of 2 / a; in a reflected quotient self is below the line"),
    whole("return other / self",
          "other / self comes straight back to __rtruediv__; start from self ** -1 instead"),
    whole("return self * other", "this is the product; self must go to the power of -1"),
    whole("""
        out = Value(other / self.data, (self,), "/")

        def _backward():
            self.grad += out.grad * other / self.data**2

        out._backward = _backward
        return out
        """, "the gradient has the wrong sign: the slope of 1 / a is -1 / a ** 2"),
])

mistakes("Value.backward", [
    ("self.grad = 1.0", "pass",
     "every gradient stays 0: the walk must start with a gradient of 1 at the root"),
    ("self.grad = 1.0", "self.grad += 1.0",
     "set the root's gradient to 1, don't raise it by 1: it may hold one from before"),
    ("self.grad = 1.0", "self.grad = self.data",
     "the root's gradient is the slope of the result in itself, 1, not its data"),
    ("reversed(topological_order(self))", "topological_order(self)",
     "the nodes run from the leaves to the root; gradients go the other way"),
    whole("""
        self.grad = 1.0
        self._backward()
        """, "only the root passes its gradient on; every node of the graph must"),
    whole("""
        self.grad = 1.0
        self._backward()
        for operand in self._prev:
            operand.backward()
        """, "each operand starts its own backward and sets its gradient to 1 again"),
    whole("""
        def walk(node):
            node._backward()
            for operand in node._prev:
                walk(operand)

        self.grad = 1.0
        walk(self)
        """,
        "a node that's used twice runs twice, the first time too early; follow the topological "
        "order"),
    whole("""
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()
        """, "the gradients are set to 0 before the walk, and what a leaf held already is lost"),
    whole("""
        self.grad = 1.0
        waiting, seen = [self], {self}
        while waiting:
            node = waiting.pop(0)
            node._backward()
            for operand in node._prev:
                if operand not in seen:
                    seen.add(operand)
                    waiting.append(operand)
        """,
        "this walk goes level by level; a node may run before all that it's used in have run"),
    ("node._backward()", "node._backward()\nreturn self", "backward returns nothing"),
])

mistakes("trace", [
    ("(operand, node)", "(node, operand)",
     "the edges are the wrong way round: first the operand, then the result"),
    ("for node in nodes for", "for node in [root] for",
     "only the edges into the root are there; every node has edges from its operands"),
    ("return nodes, edges", "return nodes - {root}, edges", "the root is missing among the nodes"),
    ("nodes = set(topological_order(root))",
     "nodes = {node for node in topological_order(root) if node._prev}",
     "the leaves are missing among the nodes"),
    ("nodes = set(topological_order(root))", "nodes = {root, *root._prev}",
     "the walk stops at the root's operands; their operands belong to the graph too"),
    whole("""
        nodes = topological_order(root)
        return nodes, [(operand, node) for node in nodes for operand in node._prev]
        """, "an operand that's used twice gives the same edge twice; collect the edges in a set"),
])

mistakes("gradient_check", [
    ("all(", "any(", "one input that agrees is enough here; every input must agree"),
    ("abs(leaf.grad - slope)", "leaf.grad - slope",
     "without abs a slope that is far too small passes"),
    ("f(*leaves).backward()", "f(*leaves)",
     "backward was never called, so all gradients are still 0"),
    ("all(abs(leaf.grad - slope) <= tolerance for leaf, slope in zip(leaves, measured))",
     "abs(sum([leaf.grad - slope for leaf, slope in zip(leaves, measured)])) <= tolerance",
     "the errors are added up, and so they cancel; judge each one alone"),
    ("all(abs(leaf.grad - slope) <= tolerance for leaf, slope in zip(leaves, measured))",
     "sum(map(abs, [leaf.grad - slope for leaf, slope in zip(leaves, measured)])) <= tolerance",
     "the errors are added up; each may be as large as the tolerance"),
    ("all(abs(leaf.grad - slope) <= tolerance for leaf, slope in zip(leaves, measured))",
     ("sum(map(abs, [leaf.grad - slope for leaf, slope in zip(leaves, measured)])) / len(xs) <= "
      "tolerance"), "this judges the mean error; no single one may be too large"),
    ("<= tolerance", "<= 1e-4", "the argument tolerance isn't used"),
    ("zip(leaves, measured)", "zip(leaves[:1], measured)", "only the first input is compared"),
    ("xs, h)", "xs)", "the argument h isn't handed on to gradient"),
    ("all(", "list(", "this returns a list of answers; all(...) makes one answer of it"),
])

mistakes("tanh_from_exp", [
    whole("return x.tanh()",
          "this is the ready-made tanh; put it together from exp and arithmetic"),
    ("(2 * x).exp()", "x.exp()",
     "it takes e to the power of 2x; with e to the x it's the tanh of x / 2"),
    ("(e - 1) / (e + 1)", "(e + 1) / (e - 1)", "the fraction is upside down: e - 1 goes on top"),
    ("(e - 1) / (e + 1)", "e - 1 / (e + 1)",
     "without parentheses only the 1 is divided; it's the whole of e - 1 that goes on top"),
    whole("return Value(math.tanh(x.data))",
          "a Value made from a bare number is a leaf: the graph is cut, and no gradient reaches x"),
    ("return (e - 1) / (e + 1)", "return e / (e + 1)",
     "this is a sigmoid, which runs from 0 to 1; above the line belongs e - 1"),
])

mistakes("softmax_nll", [
    ("return -probability.log()", "return probability.log()",
     "the minus sign is missing: a log likelihood is negative, a loss isn't"),
    ("return -probability.log()", "return -probability", "the logarithm is missing"),
    ("return -probability.log()", "return Value(-math.log(probability.data))",
     "a Value made from the bare number cuts the graph; use the method log()"),
    ("counts[target] / sum(counts)", "logits[target] / sum(logits)",
     "the logits themselves are divided by their sum; take their exponentials first"),
    ("sum(counts)", "sum(logits)",
     "the exponential is divided by the sum of the logits, not of the exponentials"),
    ("counts[target] / sum(counts)", "counts[target]",
     "an exponential isn't a probability until it's divided by the sum of all of them"),
    ("counts[target]", "counts[0]",
     "this is the loss of the first class; take the one that target names"),
    ("return -probability.log()", "return -probability.log() / len(logits)",
     "the loss of one example isn't divided by the number of classes"),
])
