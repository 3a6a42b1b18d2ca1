"""Checks and known mistakes of `part0_micrograd_engine`.

The checks of one operation do not go through `Value.backward`: they give the result a gradient and
let it send that back, so that every exercise can be graded before `backward` is written. Those of
the graph walks make their graphs with `Value`'s constructor, so that they need no operation.
"""

import math

from autograder.checks import check, forbid, mistake, points

forbid(
    "*",
    "autograd",
    says="this lesson builds what autograd does, so torch's own stays outside",
)
points("topological_order", 2)
points("Value.__add__", 2)
points("Value.__mul__", 2)
points("Value.backward", 3)
points("gradient_check", 2)

SLOPES = {"tolerance": (1e-4, 1e-4), "because": "one-sided differences are right too"}


# --- helpers -------------------------------------------------------------------------------------


def two_values(lesson, draw):
    """A positive and a negative Value, never close to 0, so that no mistake hides behind a 0."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    b = lesson.Value(draw.number("b", -2.0, -0.5))
    return a, b


def names_of(operands, **known):
    """The names by which the check knows the operands, each once, whatever their order."""
    names = {id(value): name for name, value in known.items()}
    return sorted({names.get(id(operand), "something else") for operand in operands})


def send(result, gradient):
    """Let one result hand a gradient to its operands."""
    result.grad = gradient
    result._backward()


def send_through(result, gradient):
    """The same for a result of several operations, where only leaves are used twice."""
    result.grad = gradient
    level = [result]
    for _ in range(6):
        for value in level:
            value._backward()
        level = [operand for value in level for operand in value._prev]


def observe_one_operand(value, result, gradient, earlier=0.0):
    """What a result of one operand is, and what it sends back."""
    value.grad = earlier
    send(result, gradient)
    return {"gradient": value.grad, "data of the operand": value.data}


# --- derivative, gradient, neuron_gradients ------------------------------------------------------


@check("derivative", **SLOPES)
def slope_of_a_parabola(lesson, draw):
    """The slope of a parabola is measured right."""
    a, b, x = draw.number("a", 0.5, 2.0), draw.number("b"), draw.number("x", 0.5, 2.0)
    draw.given("f", "a * x ** 2 + b * x")
    return {"slope": lesson.derivative(lambda x: a * x**2 + b * x, x)}


@check("derivative")
def slope_of_a_line_at_any_distance(lesson, draw):
    """A line has the same slope however far the two points are apart."""
    a, x, h = draw.number("a", 0.5, 2.0), draw.number("x"), draw.choice("h", [0.5, 1.0, 2.0])
    draw.given("f", "a * x")
    return {"slope": lesson.derivative(lambda x: a * x, x, h=h)}


@check("gradient", **SLOPES)
def one_slope_for_each_input(lesson, draw):
    """There is one slope for each input, also where the function is curved."""
    count = draw.size("xs", 1, 4)
    xs, factors = draw.numbers("xs", count, 0.5, 2.0), draw.numbers("factors", count, 0.5, 2.0)
    draw.given("f", "sum of factor * x ** 3")

    def f(*xs):
        return sum(factor * x**3 for factor, x in zip(factors, xs, strict=True))

    return {"gradient": lesson.gradient(f, xs)}


@check("gradient")
def the_others_hold_still(lesson, draw):
    """While one input is nudged, all the others stay where they were."""
    xs = draw.numbers("xs", draw.size("xs", 2, 4), 0.5, 2.0)
    h = draw.given("h", 0.25)
    draw.given("f", "product of all inputs")
    slopes = lesson.gradient(lambda *xs: math.prod(xs), xs, h=h)
    return {"gradient": slopes, "xs afterwards": xs}


@check("gradient", cases=2)
def a_wide_nudge(lesson, draw):
    """Each input is nudged by h, at 0 and where two inputs are equal too, and a slope may fall."""
    xs = draw.shuffled("xs", [0.0, 3.0, 3.0])
    factors = draw.numbers("factors", 3, -2.0, -0.5)
    draw.given("f", "sum of factor * round(x)")

    def f(*xs):
        return sum(factor * round(x) for factor, x in zip(factors, xs, strict=True))

    return {"gradient": lesson.gradient(f, xs, h=draw.given("h", 2.0))}


@check("neuron_gradients")
def any_neuron(lesson, draw):
    """All five gradients are right for any neuron."""
    inputs = [draw.number(name, 0.3, 0.9) for name in ("x1", "x2", "w1")]
    inputs += [draw.number("w2", -0.9, -0.3), draw.number("b", 0.3, 0.9)]
    if draw.case == 2:
        inputs[-1] = draw.given("b", 1000.0)
    return lesson.neuron_gradients(*inputs)


@check("neuron_gradients", cases=1)
def the_lectures_neuron(lesson, draw):
    """The lecture's neuron has the lecture's gradients."""
    names = ("x1", "x2", "w1", "w2", "b")
    numbers = (2.0, 0.0, -3.0, 1.0, 6.8813735870195432)
    inputs = [draw.given(name, number) for name, number in zip(names, numbers, strict=True)]
    return lesson.neuron_gradients(*inputs)


mistake("derivative", replace="(2 * h)", by="h",
        says="the two points are 2h apart, so the difference is to be divided by 2h, not by h")
mistake("derivative", replace="f(x - h)", by="f(x)",
        says="f was asked at x + h and x, which are h apart, and divided by 2h")
mistake("derivative", replace="(f(x + h) - f(x - h)) / (2 * h)", by="f(x + h) - f(x - h)",
        says="a difference is not yet a slope: divide it by the distance of the two points")
mistake("gradient", replace="(2 * h)", by="h",
        says="the two points are 2h apart, so the difference is to be divided by 2h, not by h")
mistake("gradient", replace="up - down", by="down - up",
        says="the sign is turned: subtract the value at x - h from the value at x + h")
mistake("gradient", says="all inputs were nudged at once; nudge one and hold the others still",
        body="""
        up, down = f(*[x + h for x in xs]), f(*[x - h for x in xs])
        return [(up - down) / (2 * h)] * len(xs)
        """)
mistake("gradient", says="the nudge is left in xs; work on a new list for each input",
        body="""
        slopes = []
        for i in range(len(xs)):
            before = f(*xs)
            xs[i] += h
            slopes.append((f(*xs) - before) / h)
        return slopes
        """)
mistake("gradient", says="f takes its inputs one by one: call f(*xs), not f(xs)",
        body="return [(f(xs[:i] + [xs[i] + h] + xs[i + 1:]) - f(xs)) / h for i in range(len(xs))]")
mistake("gradient", replace="(up - down)", by="abs(up - down)",
        says="abs takes the sign away; where f falls, the slope is negative")
mistake("gradient", says="the argument h is not used",
        body="return [derivative(lambda x, i=i: f(*xs[:i], x, *xs[i + 1:]), xs[i]) "
        "for i in range(len(xs))]")
mistake("gradient", says="index finds the first of two equal inputs; count with range(len(xs))",
        body="""
        slopes = []
        for x in xs:
            i = xs.index(x)
            slopes.append(derivative(lambda x: f(*xs[:i], x, *xs[i + 1:]), x, h))
        return slopes
        """)
mistake("gradient", says="the nudge is h itself, not h times the input, which is nothing at 0",
        body="""
        return [
            (f(*xs[:i], x * (1 + h), *xs[i + 1:]) - f(*xs[:i], x * (1 - h), *xs[i + 1:]))
            / (2 * h * x)
            for i, x in enumerate(xs)
        ]
        """)
mistake("neuron_gradients", replace="math.tanh(n) ** 2", by="n ** 2",
        says="the slope of tanh is 1 - o ** 2 with its output o, not with its input n")
mistake("neuron_gradients", replace="math.tanh(n) ** 2", by="math.tanh(n)",
        says="the slope of tanh is 1 - o ** 2; the square is missing")
mistake("neuron_gradients", replace="slope = 1 - math.tanh(n) ** 2", by="slope = 1",
        says="these are the gradients of n; the slope of tanh has to be multiplied in")
mistake("neuron_gradients", replace=" + b", by="",
        says="the bias is missing in n, where the slope of tanh is taken")
mistake("neuron_gradients", replace='"b": slope', by='"b": slope * b',
        says="n changes by as much as b does, so the local slope of b is 1, not b")
mistake("neuron_gradients",
        says="in a product the slope in one factor is the other factor: x1 gets w1, and w1 gets x1",
        body="""
        slope = 1 - math.tanh(x1 * w1 + x2 * w2 + b) ** 2
        return {"x1": slope * x1, "x2": slope * x2, "w1": slope * w1, "w2": slope * w2, "b": slope}
        """)


# --- + and * -------------------------------------------------------------------------------------


@check("Value.__add__")
def sum_of_two_values(lesson, draw):
    """A sum has the right value and knows its operands and its sign."""
    a, b = two_values(lesson, draw)
    result = a + b
    return {"data": result.data, "operands": names_of(result._prev, a=a, b=b), "_op": result._op}


@check("Value.__add__")
def sum_sends_back(lesson, draw):
    """A sum hands its gradient on to both operands."""
    a, b = two_values(lesson, draw)
    send(a + b, draw.number("gradient of the sum", 1.5, 3.0))
    return {"gradient of a": a.grad, "gradient of b": b.grad}


@check("Value.__add__")
def sum_adds_to_gradients(lesson, draw):
    """A sum adds to the gradients that its operands have already."""
    a, b = two_values(lesson, draw)
    a.grad = draw.number("gradient that a has already", 0.5, 1.0)
    b.grad = draw.number("gradient that b has already", -1.0, -0.5)
    send(a + b, draw.number("gradient of the sum", 1.5, 3.0))
    return {"gradient of a": a.grad, "gradient of b": b.grad}


@check("Value.__add__")
def sum_of_one_value_twice(lesson, draw):
    """In a + a both operands are the same value, and it collects both gradients."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a + a
    send(result, draw.number("gradient of a + a", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@check("Value.__add__")
def sum_with_a_number(lesson, draw):
    """A plain number may stand on the right of +."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a + draw.given("number", [3, 0.25, -1][draw.case])
    send(result, draw.number("gradient of the sum", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad, "a afterwards": a.data}


@check("Value.__mul__")
def product_of_two_values(lesson, draw):
    """A product has the right value and knows its operands and its sign."""
    a, b = two_values(lesson, draw)
    result = a * b
    return {"data": result.data, "operands": names_of(result._prev, a=a, b=b), "_op": result._op}


@check("Value.__mul__")
def product_sends_back(lesson, draw):
    """Each factor of a product gets the other factor times the gradient that arrives, also at 0."""
    a, b = two_values(lesson, draw)
    if draw.case == 2:
        a.data = draw.given("a", 0.0)
    send(a * b, draw.number("gradient of the product", 1.5, 3.0))
    return {"gradient of a": a.grad, "gradient of b": b.grad}


@check("Value.__mul__")
def product_adds_to_gradients(lesson, draw):
    """A product adds to the gradients that its operands have already."""
    a, b = two_values(lesson, draw)
    a.grad = draw.number("gradient that a has already", 0.5, 1.0)
    b.grad = draw.number("gradient that b has already", -1.0, -0.5)
    send(a * b, draw.number("gradient of the product", 1.5, 3.0))
    return {"gradient of a": a.grad, "gradient of b": b.grad}


@check("Value.__mul__")
def product_of_one_value_twice(lesson, draw):
    """In a * a both factors are the same value, and it collects both gradients."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a * a
    send(result, draw.number("gradient of a * a", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@check("Value.__mul__")
def product_with_a_number(lesson, draw):
    """A plain number may stand on the right of *."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a * draw.given("number", [3, 0.25, -2][draw.case])
    send(result, draw.number("gradient of the product", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad, "a afterwards": a.data}


mistake("Value.__add__", replace="grad += out.grad", by="grad = out.grad",
        says="`=` overwrites both gradients where `+=` must add to them")
mistake("Value.__add__", replace="self.grad +=", by="self.grad =",
        says="`=` overwrites the gradient of self where `+=` must add to it")
mistake("Value.__add__", replace="other.grad +=", by="other.grad =",
        says="`=` overwrites the gradient of other where `+=` must add to it")
mistake("Value.__add__", replace="other.grad +=", by="self.grad +=",
        says="the second line of _backward is meant for other, but adds to self again")
mistake("Value.__add__", replace="+= out.grad", by="+= 1.0",
        says="the local derivative is 1, but it has to be multiplied by the gradient that arrives")
mistake("Value.__add__", replace="+= out.grad", by="+= self.data * out.grad",
        says="the local derivative of a sum is 1 for both operands, whatever their data")
mistake("Value.__add__", replace=', (self, other), "+"', by="",
        says="the result does not know its operands: hand them to Value(...) with the sign")
mistake("Value.__add__", replace="(self, other)", by="(self,)",
        says="only self is noted as an operand; other belongs to them too")
mistake("Value.__mul__", replace="grad +=", by="grad =",
        says="`=` overwrites both gradients where `+=` must add to them")
mistake("Value.__mul__", replace="self.grad +=", by="self.grad =",
        says="`=` overwrites the gradient of self where `+=` must add to it")
mistake("Value.__mul__", replace="other.grad +=", by="other.grad =",
        says="`=` overwrites the gradient of other where `+=` must add to it")
mistake("Value.__mul__", replace="other.grad +=", by="self.grad +=",
        says="the second line of _backward is meant for other, but adds to self again")
mistake("Value.__mul__", replace=" * out.grad", by="",
        says="the local derivative has to be multiplied by the gradient that arrives in out.grad")
mistake("Value.__mul__", replace="data * out.grad", by="data + out.grad",
        says="slopes along a path multiply: local derivative times out.grad, not plus")
mistake("Value.__mul__", replace="+= other.data *", by="+= self.data *",
        says="the slope in self is the other factor, other.data, not self.data")
mistake("Value.__mul__",
        says="each factor got itself; the slope in one factor of a product is the other factor",
        body="""
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += self.data * out.grad
            other.grad += other.data * out.grad

        out._backward = _backward
        return out
        """)
mistake("Value.__mul__", says="out.data / self.data is the other factor only where self is not 0",
        body="""
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += out.data / self.data * out.grad
            other.grad += out.data / other.data * out.grad

        out._backward = _backward
        return out
        """)
mistake("Value.__mul__", replace=', (self, other), "*"', by="",
        says="the result does not know its operands: hand them to Value(...) with the sign")
for _operation in ("Value.__add__", "Value.__mul__"):
    mistake(_operation, replace="other if isinstance(other, Value) else Value(other)", by="other",
            says="a plain number on the right has no data and no grad; make a Value of it first")
    mistake(_operation, replace="other if isinstance(other, Value) else Value(other)",
            by="Value(other) if isinstance(other, int) else other",
            says="only an int is made a Value; a float on the right has to become one too")
    mistake(_operation, replace="    other.grad +=", by="    if other is not self: other.grad +=",
            says="where both operands are one Value, it has to collect both gradients")


# --- **, exp, log, tanh, relu --------------------------------------------------------------------


@check("Value.__pow__", cases=4)
def power_of_a_value(lesson, draw):
    """A power has the right value, one operand and its sign."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a ** draw.given("power", [2, 3, -1, 0.5][draw.case])
    operands = names_of(result._prev, a=a)
    return {"data": result.data, "operands": operands, "beginning of _op": str(result._op)[:2]}


@check("Value.__pow__", cases=4)
def power_sends_back(lesson, draw):
    """The gradient of a ** k is k * a ** (k - 1), for whole, negative and fractional k."""
    a = lesson.Value(draw.number("a", 0.5, 0.9))
    result = a ** draw.given("power", [3, 2, -2, 0.5][draw.case])
    return observe_one_operand(a, result, draw.number("gradient of the power", 1.5, 3.0))


@check("Value.__pow__")
def power_of_a_negative_number(lesson, draw):
    """A negative number and 0 may be raised to a whole power."""
    a = lesson.Value(draw.number("a", -2.0, -1.2) if draw.case < 2 else draw.given("a", 0.0))
    result = a ** draw.given("power", [3, 2, 2][draw.case])
    sent = observe_one_operand(a, result, draw.number("gradient of the power", 1.5, 3.0))
    return {"data": result.data, **sent}


@check("Value.__pow__", cases=2)
def power_adds_to_the_gradient(lesson, draw):
    """A power adds to the gradient that its operand has already."""
    a = lesson.Value(draw.number("a", 1.2, 2.0))
    earlier = draw.number("gradient that a has already", -1.0, -0.5)
    return observe_one_operand(a, a**3, draw.number("gradient of a ** 3", 1.5, 3.0), earlier)


@check("Value.exp")
def exponential_of_a_value(lesson, draw):
    """The exponential has the right value, one operand and its name."""
    a = lesson.Value(draw.number("a"))
    result = a.exp()
    return {"data": result.data, "operands": names_of(result._prev, a=a), "_op": result._op}


@check("Value.exp")
def exponential_sends_back(lesson, draw):
    """The local derivative of the exponential is its output."""
    a = lesson.Value(draw.number("a", -2.0, 0.5))
    return observe_one_operand(a, a.exp(), draw.number("gradient of the exponential", 1.5, 3.0))


@check("Value.exp", cases=2)
def exponential_adds_to_the_gradient(lesson, draw):
    """The exponential adds to the gradient that its operand has already."""
    a = lesson.Value(draw.number("a"))
    earlier = draw.number("gradient that a has already", -1.0, -0.5)
    gradient = draw.number("gradient of the exponential", 1.5, 3.0)
    return observe_one_operand(a, a.exp(), gradient, earlier)


@check("Value.log")
def logarithm_of_a_value(lesson, draw):
    """The logarithm has the right value, one operand and its name."""
    a = lesson.Value(draw.number("a", 0.2, 0.8) if draw.case else draw.given("a", 1e-4))
    result = a.log()
    return {"data": result.data, "operands": names_of(result._prev, a=a), "_op": result._op}


@check("Value.log")
def logarithm_sends_back(lesson, draw):
    """The local derivative of the logarithm is one over its input."""
    a = lesson.Value(draw.number("a", 1.5, 4.0))
    return observe_one_operand(a, a.log(), draw.number("gradient of the logarithm", 1.5, 3.0))


@check("Value.log", cases=2)
def logarithm_adds_to_the_gradient(lesson, draw):
    """The logarithm adds to the gradient that its operand has already."""
    a = lesson.Value(draw.number("a", 1.5, 4.0))
    earlier = draw.number("gradient that a has already", -1.0, -0.5)
    gradient = draw.number("gradient of the logarithm", 1.5, 3.0)
    return observe_one_operand(a, a.log(), gradient, earlier)


@check("Value.tanh")
def tanh_of_a_value(lesson, draw):
    """The tanh has the right value, one operand and its name."""
    a = lesson.Value(draw.number("a"))
    result = a.tanh()
    return {"data": result.data, "operands": names_of(result._prev, a=a), "_op": result._op}


@check("Value.tanh")
def tanh_sends_back(lesson, draw):
    """The local derivative of tanh is 1 - t ** 2 with its output t."""
    a = lesson.Value(draw.number("a", 0.3, 1.0))
    return observe_one_operand(a, a.tanh(), draw.number("gradient of the tanh", 1.5, 3.0))


@check("Value.tanh", cases=2)
def tanh_adds_to_the_gradient(lesson, draw):
    """The tanh adds to the gradient that its operand has already."""
    a = lesson.Value(draw.number("a", 0.3, 1.0))
    earlier = draw.number("gradient that a has already", -1.0, -0.5)
    return observe_one_operand(a, a.tanh(), draw.number("gradient of the tanh", 1.5, 3.0), earlier)


@check("Value.tanh")
def tanh_of_large_numbers(lesson, draw):
    """The tanh of a large number does not overflow."""
    a = lesson.Value(draw.given("a", [400.0, 1000.0, -1000.0][draw.case]))
    result = a.tanh()
    send(result, 1.0)
    return {"data": result.data, "gradient": a.grad}


@check("Value.relu", cases=2)
def relu_of_a_value(lesson, draw):
    """The relu has the right value, one operand and its name."""
    a = lesson.Value(draw.number("a", *[(-2.0, -0.5), (0.5, 2.0)][draw.case]))
    result = a.relu()
    return {"data": result.data, "operands": names_of(result._prev, a=a), "_op": result._op}


@check("Value.relu", cases=4)
def relu_sends_back(lesson, draw):
    """A relu passes the whole gradient on where its input is positive, and nothing elsewhere."""
    low, high = [(0.5, 0.9), (-2.0, -0.5), (1.1, 2.0), (-2.0, -0.5)][draw.case]
    a = lesson.Value(draw.number("a", low, high))
    low, high = (1.5, 3.0) if draw.case < 2 else (-3.0, -1.5)
    gradient = draw.number("gradient of the relu", low, high)
    return observe_one_operand(a, a.relu(), gradient)


@check("Value.relu", cases=1)
def relu_at_zero(lesson, draw):
    """At 0 exactly the gate is shut."""
    a = lesson.Value(draw.given("a", 0.0))
    result = a.relu()
    return {"data": result.data, **observe_one_operand(a, result, 2.0)}


@check("Value.relu", cases=2)
def relu_adds_to_the_gradient(lesson, draw):
    """A relu adds to the gradient that its operand has already, if only 0."""
    a = lesson.Value(draw.number("a", *[(0.5, 2.0), (-2.0, -0.5)][draw.case]))
    earlier = draw.number("gradient that a has already", -1.0, -0.5)
    return observe_one_operand(a, a.relu(), draw.number("gradient of the relu", 1.5, 3.0), earlier)


_ONE_OPERAND = ("Value.__pow__", "Value.exp", "Value.log", "Value.tanh", "Value.relu")
for _operation in _ONE_OPERAND:
    mistake(_operation, replace="self.grad +=", by="self.grad =",
            says="`=` overwrites the gradient where `+=` must add to it")
for _operation in ("Value.__add__", "Value.__mul__", *_ONE_OPERAND):
    mistake(_operation, replace="out._backward = _backward", by="self._backward = _backward",
            says="nothing is sent back: keep the function, without calling it, in out._backward, "
            "not in self, and let it read out.grad when it runs")
    mistake(_operation, replace="out._backward = _backward", by="out._backward = _backward()",
            says="_backward() runs the function at once; store it without the parentheses")
    mistake(_operation, replace="return out", by="return out.data",
            says="the number was returned; return the Value, or the graph ends here")

mistake("Value.__pow__", replace="power * self.data ** (power - 1)", by="self.data ** (power - 1)",
        says="the power has to come down as a factor: k * a ** (k - 1)")
mistake("Value.__pow__", replace="(power - 1)", by="power",
        says="the power has to be lowered by one in the derivative: k * a ** (k - 1)")
mistake("Value.__pow__", replace=" * out.grad", by="",
        says="the local derivative has to be multiplied by the gradient that arrives in out.grad")
mistake("Value.__pow__", replace="self.data ** (power - 1)", by="out.data ** (power - 1)",
        says="the derivative k * a ** (k - 1) is taken at the input a, not at the output")
mistake("Value.__pow__", replace="self.data ** (power - 1)", by="out.data / self.data",
        says="at 0 this divides by 0; lower the power instead: a ** (k - 1)")
mistake("Value.__pow__", replace="self.data**power", by="self.data*power",
        says="** is a power; this is a product")
mistake("Value.exp", replace="out.data * out.grad", by="self.data * out.grad",
        says="the derivative of the exponential is its output, not its input")
mistake("Value.exp", replace="out.data * out.grad", by="out.data",
        says="the local derivative has to be multiplied by the gradient that arrives in out.grad")
mistake("Value.exp", replace="out.data * out.grad",
        by="self.data * math.exp(self.data - 1) * out.grad",
        says="the power rule is for a constant power; e ** a is its own derivative")
mistake("Value.exp", replace="out.data * out.grad", by="out.grad",
        says="the gradient is passed on as it is; the local derivative, the output, is missing")
mistake("Value.log", replace="out.grad / self.data", by="out.grad / out.data",
        says="the derivative of the logarithm is one over its input, not over its output")
mistake("Value.log", replace="out.grad / self.data", by="1 / self.data",
        says="the local derivative has to be multiplied by the gradient that arrives in out.grad")
mistake("Value.log", replace="out.grad / self.data", by="out.grad * self.data",
        says="the gradient is to be divided by the input, not multiplied by it")
mistake("Value.log", replace="math.log(self.data)", by="math.log10(self.data)",
        says="the natural logarithm is math.log; this one has base 10")
mistake("Value.log", replace="math.log(self.data)", by="math.log2(self.data)",
        says="the natural logarithm is math.log; this one has base 2")
mistake("Value.tanh", replace="t = math.tanh(self.data)",
        by="t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)",
        says="exp(2x) overflows for large x; math.tanh does not")
mistake("Value.tanh", replace="1 - t**2", by="1 - self.data**2",
        says="the derivative is 1 - t ** 2 with the output t, not with the input")
mistake("Value.tanh", replace="1 - t**2", by="1 - t",
        says="the derivative is 1 - t ** 2; the square is missing")
mistake("Value.tanh", replace="(1 - t**2) * out.grad", by="1 - t**2",
        says="the local derivative has to be multiplied by the gradient that arrives in out.grad")
mistake("Value.tanh", replace="(1 - t**2) * out.grad", by="1 - t**2 * out.grad",
        says="the product is formed before the difference; 1 - t ** 2 needs parentheses")
mistake("Value.relu", replace="out.grad if self.data > 0 else 0.0", by="out.grad",
        says="the gradient passes where the input is not positive; the gate must be shut there")
mistake("Value.relu", replace="out.grad if", by="self.data * out.grad if",
        says="an open gate has the local derivative 1, not the input")
mistake("Value.relu", replace="self.data > 0", by="self.data >= 0",
        says="at 0 exactly the gate is to be shut")
mistake("Value.relu", replace="out.grad if self.data > 0 else 0.0", by="max(0.0, out.grad)",
        says="the gate opens by the sign of the input, not of the gradient")
mistake("Value.relu", replace="out.grad if", by="1.0 if",
        says="the local derivative has to be multiplied by the gradient that arrives in out.grad")


# --- the operations made of others ---------------------------------------------------------------


@check("Value.__neg__")
def negative_of_a_value(lesson, draw):
    """-a has the opposite value, and a stays as it was."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    return {"data of -a": (-a).data, "data of a": a.data}


@check("Value.__neg__")
def negative_sends_back(lesson, draw):
    """-a sends its gradient back with the opposite sign."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    send_through(-a, draw.number("gradient of -a", 1.5, 3.0))
    return {"gradient of a": a.grad}


@check("Value.__sub__")
def difference_of_two_values(lesson, draw):
    """A difference has the right value and sends the right gradients to both operands."""
    a, b = two_values(lesson, draw)
    result = a - b
    send_through(result, draw.number("gradient of the difference", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad, "gradient of b": b.grad}


@check("Value.__sub__")
def difference_with_a_number(lesson, draw):
    """A plain number may be subtracted."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a - draw.given("number", [3, 0.25, -1][draw.case])
    send_through(result, draw.number("gradient of the difference", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@check("Value.__sub__", cases=2)
def difference_with_itself(lesson, draw):
    """In a - a the two gradients cancel."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a - a
    send_through(result, draw.number("gradient of a - a", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@check("Value.__radd__")
def number_plus_value(lesson, draw):
    """A plain number may stand on the left of +."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = draw.given("number", [3, 0.25, -1][draw.case]) + a
    send_through(result, draw.number("gradient of the sum", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@check("Value.__radd__")
def sum_of_a_list(lesson, draw):
    """sum() adds up a list of values."""
    numbers = draw.numbers("numbers", draw.size("numbers", 1, 4), 0.5, 2.0)
    values = [lesson.Value(number) for number in numbers]
    result = sum(values)
    send_through(result, draw.number("gradient of the sum", 1.5, 3.0))
    return {"data": result.data, "gradients": [value.grad for value in values]}


@check("Value.__rsub__")
def number_minus_value(lesson, draw):
    """A value may be subtracted from a plain number."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = draw.given("number", [3, 0.25, -1][draw.case]) - a
    send_through(result, draw.number("gradient of the difference", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@check("Value.__rsub__", cases=2)
def number_minus_value_leaves_it(lesson, draw):
    """Subtracting a value from a number leaves the value as it was, and adds to its gradient."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    a.grad = draw.number("gradient that a has already", -1.0, -0.5)
    send_through(1 - a, draw.number("gradient of the difference", 1.5, 3.0))
    return {"data of a": a.data, "gradient of a": a.grad}


@check("Value.__rmul__")
def number_times_value(lesson, draw):
    """A plain number may stand on the left of *."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = draw.given("number", [3, 0.25, -2][draw.case]) * a
    send_through(result, draw.number("gradient of the product", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@check("Value.__rmul__", cases=2)
def number_times_value_leaves_it(lesson, draw):
    """A number times a value leaves the value as it was, and adds to its gradient."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    a.grad = draw.number("gradient that a has already", -1.0, -0.5)
    send_through(4 * a, draw.number("gradient of the product", 1.5, 3.0))
    return {"data of a": a.data, "gradient of a": a.grad}


@check("Value.__truediv__")
def quotient_of_two_values(lesson, draw):
    """A quotient has the right value and sends the right gradients to both operands."""
    a, b = two_values(lesson, draw)
    result = a / b
    send_through(result, draw.number("gradient of the quotient", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad, "gradient of b": b.grad}


@check("Value.__truediv__")
def quotient_by_a_number(lesson, draw):
    """A value may be divided by a plain number."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a / draw.given("number", [4, 0.25, -2][draw.case])
    send_through(result, draw.number("gradient of the quotient", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@check("Value.__rtruediv__")
def number_by_value(lesson, draw):
    """A plain number may be divided by a value."""
    a = lesson.Value(draw.number("a", 1.2, 2.0))
    result = draw.given("number", [3, 0.25, -2][draw.case]) / a
    send_through(result, draw.number("gradient of the quotient", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@check("Value.__rtruediv__", cases=2)
def one_by_value(lesson, draw):
    """1 / a leaves a as it was, and adds to its gradient."""
    a = lesson.Value(draw.number("a", -2.0, -1.2))
    a.grad = draw.number("gradient that a has already", 0.5, 1.0)
    send_through(1 / a, draw.number("gradient of the quotient", 1.5, 3.0))
    return {"data of a": a.data, "gradient of a": a.grad}


_CUT = "a new Value made from the bare number is a leaf, and no gradient flows through it"
mistake("Value.__neg__", body="return Value(-self.data)", says=_CUT)
mistake("Value.__neg__", body="return self",
        says="the value itself was returned, with its old sign")
mistake("Value.__neg__", body="self.data = -self.data\nreturn self",
        says="self was changed; an operation makes a new Value and leaves its operands alone")
mistake("Value.__neg__", body="return self ** -1",
        says="a ** -1 is one over a; the negative is a times -1")
mistake("Value.__sub__", says=_CUT,
        body="return Value(self.data - (other.data if isinstance(other, Value) else other))")
mistake("Value.__sub__", body="return -self + other",
        says="this is other - self; in self - other it is other that is negated")
mistake("Value.__sub__", body="return self + other",
        says="other was added; it has to be negated first")
mistake("Value.__sub__", says="other gets the gradient with the wrong sign: it is subtracted",
        body="""
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data - other.data, (self, other), "-")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out
        """)
mistake("Value.__sub__",
        says="the negative of other is a new leaf, so that no gradient reaches other",
        body="return self + Value(-other.data if isinstance(other, Value) else -other)")
mistake("Value.__radd__", body="return Value(other + self.data)", says=_CUT)
mistake("Value.__radd__", body="return other + self",
        says="other + self comes straight back to __radd__; the Value has to stand on the left")
mistake("Value.__radd__", body="return self",
        says="the number on the left is left out of the sum")
mistake("Value.__radd__", body="return self * other",
        says="this is the product; __radd__ is for a sum")
mistake("Value.__rsub__", body="return Value(other - self.data)", says=_CUT)
mistake("Value.__rsub__", body="return self - other",
        says="2 - a was computed as a - 2; in a reflected difference self is on the right")
mistake("Value.__rsub__", body="return self + other",
        says="self was added; in other - self it has to be negated")
mistake("Value.__rsub__", body="return other - self",
        says="other - self comes straight back to __rsub__; start from -self instead")
mistake("Value.__rmul__", body="return Value(other * self.data)", says=_CUT)
mistake("Value.__rmul__", body="return other * self",
        says="other * self comes straight back to __rmul__; the Value has to stand on the left")
mistake("Value.__rmul__", body="return self + other",
        says="this is the sum; __rmul__ is for a product")
mistake("Value.__truediv__", says=_CUT,
        body="return Value(self.data / (other.data if isinstance(other, Value) else other))")
mistake("Value.__truediv__", body="return self ** -1 * other",
        says="this is other / self; the one below the line, other, goes to the power of -1")
mistake("Value.__truediv__", replace="other**-1", by="(-other)",
        says="the power of -1 divides; a minus sign only negates")
mistake("Value.__truediv__",
        says="the number was returned; return a Value, or the graph ends here",
        body="return self.data / (other.data if isinstance(other, Value) else other)")
mistake("Value.__rtruediv__", body="return Value(other / self.data)", says=_CUT)
mistake("Value.__rtruediv__", body="return self / other",
        says="2 / a was computed as a / 2; in a reflected quotient self is below the line")
mistake("Value.__rtruediv__", body="return other / self",
        says="other / self comes straight back to __rtruediv__; start from self ** -1 instead")
mistake("Value.__rtruediv__", body="return self * other",
        says="this is the product; self has to go to the power of -1")


# --- the graph and the walk ----------------------------------------------------------------------


OPERANDS = "operands of nodes 0, 1, ..."


def chain(lesson, draw, length):
    """Nodes 0 to length - 1, each made from the one before and from others still earlier.

    Such a graph has one topological order only. A node's data is its number.
    """
    nodes = []
    operands = []
    for number in range(length):
        earlier = [number - 1] if number else []
        if number > 1:
            earlier = [draw.integer(OPERANDS, 0, number - 2), number - 1]
            earlier = earlier if number % 2 else earlier[::-1]
        operands.append(earlier)
        nodes.append(lesson.Value(float(number), tuple(nodes[i] for i in earlier), "+"))
    draw.given(OPERANDS, operands)
    return nodes


def with_slopes(nodes, slopes):
    """Give each node a `_backward` that hands slopes[number] of its gradient to each operand.

    Returns a list in which each node that has operands counts how often its `_backward` runs.
    """
    runs = [0] * len(nodes)

    def attach(number, node):
        operands = list(node._prev)

        def backward():
            runs[number] += bool(operands)
            for operand in operands:
                operand.grad += slopes[number] * node.grad

        node._backward = backward

    for number, node in enumerate(nodes):
        attach(number, node)
    return runs


@check("topological_order", cases=4)
def operands_come_first(lesson, draw):
    """Every node stands after all that it was made from, and the root is last."""
    nodes = chain(lesson, draw, draw.size(OPERANDS, 1, 7))
    data = draw.given("data of nodes 0, 1, ...", [float(i) for i in range(9, 9 - len(nodes), -1)])
    for node, number in zip(nodes, data, strict=True):
        node.data = number
    return {"data in order": [node.data for node in lesson.topological_order(nodes[-1])]}


@check("topological_order")
def every_node_once(lesson, draw):
    """Every node of the graph is listed once, however often it is used."""
    count = draw.size("operands by data", 2, 5)
    leaves = [lesson.Value(float(number)) for number in range(count)]
    pairs = [lesson.Value(10.0 + i, (leaves[i], leaves[i - 1]), "*") for i in range(count)]
    doubled = lesson.Value(20.0, (pairs[0], pairs[0]), "+")
    root = lesson.Value(30.0, (*pairs, doubled), "+")
    nodes = [*pairs, doubled, root]
    operands = {node.data: [operand.data for operand in node._prev] for node in nodes}
    draw.given("operands by data", operands)
    order = lesson.topological_order(root)
    return {"data of the nodes, sorted": sorted(float(node.data) for node in order)}


@check("topological_order", cases=2)
def equal_numbers_are_different_nodes(lesson, draw):
    """Two nodes that hold the same number are still two nodes."""
    number = draw.number("number of both leaves", 0.5, 2.0)
    a, b = lesson.Value(number), lesson.Value(number)
    order = lesson.topological_order(lesson.Value(2 * number, (a, b), "+"))
    return {"data of the nodes": [node.data for node in order]}


@check("topological_order", cases=1)
def a_part_of_a_graph(lesson, draw):
    """Only what the root was made from belongs to its graph, and each call begins afresh."""
    nodes = chain(lesson, draw, 6)
    roots = draw.given("roots, one call for each", [3, 5, 3])
    return [[node.data for node in lesson.topological_order(nodes[root])] for root in roots]


@check("topological_order", cases=1)
def a_long_chain(lesson, draw):
    """A chain of a few hundred nodes works."""
    node = lesson.Value(0.0)
    for number in range(1, draw.given("nodes in the chain", 300)):
        node = lesson.Value(float(number), (node,), "exp")
    order = lesson.topological_order(node)
    return {"first": order[0].data, "last": order[-1].data, "data": [node.data for node in order]}


mistake("topological_order",
        says="a node that is used twice is listed twice; keep a set of visited nodes",
        body="""
        order = []
        for operand in root._prev:
            order += topological_order(operand)
        return order + [root]
        """)
mistake("topological_order",
        says="nodes are listed before their operands; visit the operands first",
        body="""
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                order.append(node)
                for operand in node._prev:
                    visit(operand)

        visit(root)
        return order
        """)
mistake("topological_order", replace="return order", by="return order[:-1]",
        says="the root itself is missing; it belongs to the list, as its last node")
mistake("topological_order", replace="return order", by="return order[::-1]",
        says="the list is the wrong way round: operands come first, the root last")
mistake("topological_order",
        says="level by level is not enough: a node may be needed earlier than its level says",
        body="""
        order, seen, level = [], set(), [root]
        while level:
            fresh = [node for node in dict.fromkeys(level) if node not in seen]
            seen.update(fresh)
            order += fresh
            level = [operand for node in fresh for operand in node._prev]
        return order[::-1]
        """)
mistake("topological_order",
        says="nodes with the same number were taken for one; ask whether the node itself is new",
        body="""
        order, seen = [], set()

        def visit(node):
            if node.data not in seen:
                seen.add(node.data)
                for operand in node._prev:
                    visit(operand)
                order.append(node)

        visit(root)
        return order
        """)
mistake("topological_order", replace="return order",
        by="return sorted(order, key=lambda node: node.data)",
        says="the numbers that the nodes hold say nothing about their order; `_prev` does")
mistake("topological_order", body="return [*dict.fromkeys(root._prev), root]",
        says="only the root's own operands are listed; their operands belong to the graph too")


@check("Value.backward", cases=4)
def through_a_graph(lesson, draw):
    """The root's gradient is 1, and each node hands its own on once, when all of it is there."""
    nodes = chain(lesson, draw, draw.size(OPERANDS, 2, 7))
    slopes = draw.numbers("local slope of each node", len(nodes), 1.1, 1.9)
    runs = with_slopes(nodes, slopes)
    if draw.case == 1:
        nodes[-1].grad = draw.given("gradient that the root has already", 0.5)
    nodes[-1].backward()
    return {
        "gradient of the root": nodes[-1].grad,
        "gradients": [node.grad for node in nodes],
        "times that _backward was run": runs,
    }


@check("Value.backward", cases=2)
def gradients_of_leaves_add_up(lesson, draw):
    """A leaf that holds a gradient already gets the new one added."""
    draw.given("operands", {"middle": ["leaf"], "root": ["middle", "leaf"]})
    leaf = lesson.Value(draw.number("leaf", 0.5, 2.0))
    leaf.grad = draw.number("gradient that leaf has already", 0.5, 1.0)
    middle = lesson.Value(3.0, (leaf,), "exp")
    root = lesson.Value(4.0, (middle, leaf), "+")
    with_slopes([middle, root], draw.numbers("local slopes of middle and root", 2, 1.1, 1.9))
    root.backward()
    return {"gradient of the leaf": leaf.grad}


@check("Value.backward", cases=1)
def the_neuron_of_the_lecture(lesson, draw):
    """The lecture's neuron gets the lecture's gradients."""
    numbers = draw.given("x1, x2, w1, w2, b", [2.0, 0.0, -3.0, 1.0, 6.8813735870195432])
    x1, x2, w1, w2, b = values = [lesson.Value(number) for number in numbers]
    output = (x1 * w1 + x2 * w2 + b).tanh()
    output.backward()
    return {"output": output.data, "gradients": [value.grad for value in values]}


@check("Value.backward", cases=1)
def through_a_long_chain(lesson, draw):
    """A chain of a few hundred nodes works."""
    nodes = [lesson.Value(0.0)]
    for number in range(1, draw.given("nodes in the chain", 300)):
        nodes.append(lesson.Value(float(number), (nodes[-1],), "exp"))
    with_slopes(nodes, [1.01] * len(nodes))
    nodes[-1].backward()
    return {"gradient of the first": nodes[0].grad, "gradient of the last": nodes[-1].grad}


mistake("Value.backward", replace="self.grad = 1.0", by="pass",
        says="every gradient stays 0: the walk has to start with a gradient of 1 for the root")
mistake("Value.backward", replace="self.grad = 1.0", by="self.grad += 1.0",
        says="the root's gradient is set to 1, not raised by 1: it may hold one from before")
mistake("Value.backward", replace="self.grad = 1.0", by="self.grad = self.data",
        says="the root's gradient is the slope of the result in itself, 1, not its data")
mistake("Value.backward", replace="reversed(topological_order(self))",
        by="topological_order(self)",
        says="the nodes run from the leaves to the root; gradients go the other way")
mistake("Value.backward", body="self.grad = 1.0\nself._backward()",
        says="only the root passes its gradient on; every node of the graph has to")
mistake("Value.backward",
        says="each operand starts its own backward and sets its gradient to 1 again",
        body="""
        self.grad = 1.0
        self._backward()
        for operand in self._prev:
            operand.backward()
        """)
mistake("Value.backward",
        says="a node that is used twice runs twice, the first time too early; "
        "follow the topological order",
        body="""
        def walk(node):
            node._backward()
            for operand in node._prev:
                walk(operand)

        self.grad = 1.0
        walk(self)
        """)
mistake("Value.backward",
        says="the gradients are set to 0 before the walk, and what a leaf held already is lost",
        body="""
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()
        """)


@check("trace", cases=4)
def nodes_and_edges(lesson, draw):
    """All nodes and all edges of the graph are found, each edge from operand to result."""
    nodes = chain(lesson, draw, draw.size(OPERANDS, 1, 6))
    found, edges = lesson.trace(nodes[-1])
    return {
        "data of the nodes, sorted": sorted(float(node.data) for node in found),
        "data of the edges, sorted": sorted((float(a.data), float(b.data)) for a, b in edges),
    }


@check("trace", cases=1)
def an_operand_used_twice(lesson, draw):
    """In a + a there are two nodes and one edge."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    found, edges = lesson.trace(lesson.Value(9.0, (a, a), "+"))
    return {
        "data of the nodes, sorted": sorted(float(node.data) for node in found),
        "data of the edges, sorted": sorted((float(a.data), float(b.data)) for a, b in edges),
    }


mistake("trace", replace="(operand, node)", by="(node, operand)",
        says="the edges are the wrong way round: first the operand, then the result")
mistake("trace", replace="for node in nodes for", by="for node in [root] for",
        says="only the edges into the root are there; every node has edges from its operands")
mistake("trace", replace="return nodes, edges", by="return nodes - {root}, edges",
        says="the root is missing among the nodes")
mistake("trace", replace="nodes = set(topological_order(root))",
        by="nodes = {node for node in topological_order(root) if node._prev}",
        says="the leaves are missing among the nodes")
mistake("trace", replace="nodes = set(topological_order(root))", by="nodes = {root, *root._prev}",
        says="the walk stops at the root's operands; their operands belong to the graph too")
mistake("trace", body="""
        nodes = topological_order(root)
        return nodes, [(operand, node) for node in nodes for operand in node._prev]
        """,
        says="an operand that is used twice gives the same edge twice; collect the edges in a set")


# --- gradient_check and softmax_nll --------------------------------------------------------------


def bent(lesson, draw, factors, errors):
    """The function sum of factor * x ** 3, with `errors` added to its backward slopes."""
    draw.given("f", "sum of factor * x ** 3")
    draw.given("errors in the gradients that backward finds", list(errors))

    def f(*values):
        terms = zip(factors, values, strict=True)
        result = lesson.Value(sum(factor * float(x.data) ** 3 for factor, x in terms), values, "f")

        def backward():
            for factor, error, x in zip(factors, errors, values, strict=True):
                x.grad += (3 * factor * float(x.data) ** 2 + error) * result.grad

        result._backward = backward
        return result

    return f


@check("gradient_check")
def right_gradients_agree(lesson, draw):
    """A function with the right gradients passes, whatever the number of inputs."""
    count = draw.size("xs", 1, 4)
    xs, factors = draw.numbers("xs", count, 0.5, 1.5), draw.numbers("factors", count, 0.5, 2.0)
    f = bent(lesson, draw, factors, [0.0] * count)
    return {"agrees": lesson.gradient_check(f, xs), "xs afterwards": xs}


@check("gradient_check", cases=6)
def one_wrong_gradient_is_found(lesson, draw):
    """One wrong gradient is enough to fail, whichever it is and on whichever side it lies."""
    xs, factors = draw.numbers("xs", 3, 0.5, 1.5), draw.numbers("factors", 3, 0.5, 2.0)
    errors = [0.0, 0.0, 0.0]
    errors[draw.case % 3] = 0.5 if draw.case < 3 else -0.5
    return {"agrees": lesson.gradient_check(bent(lesson, draw, factors, errors), xs)}


@check("gradient_check", cases=5)
def the_tolerance_counts(lesson, draw):
    """Errors below the tolerance pass, each for itself, and one above it fails."""
    xs, factors = draw.numbers("xs", 2, 0.5, 1.5), draw.numbers("factors", 2, 0.5, 2.0)
    errors = [[0.05, 0.05], [-0.05, -0.05], [0.15, 0.0], [0.09, 0.09], [0.15, -0.15]][draw.case]
    f = bent(lesson, draw, factors, errors)
    return {
        "agrees at tolerance 0.1": lesson.gradient_check(f, xs, tolerance=0.1),
        "agrees at tolerance 0.01": lesson.gradient_check(f, xs, tolerance=0.01),
    }


@check("gradient_check", cases=2)
def an_error_as_large_as_the_tolerance(lesson, draw):
    """Two slopes that differ by exactly the tolerance still agree."""
    draw.given("f", "2 * x")
    error = draw.given("error in the gradient that backward finds", [0.25, -0.25][draw.case])

    def f(x):
        result = lesson.Value(2.0 * x.data, (x,), "f")

        def backward():
            x.grad += (2.0 + error) * result.grad

        result._backward = backward
        return result

    xs, h = draw.given("xs", [1.0]), draw.given("h", 0.5)
    tolerance = draw.given("tolerance", 0.25)
    return {"agrees": lesson.gradient_check(f, xs, h=h, tolerance=tolerance)}


@check("gradient_check", cases=1)
def the_nudge_is_handed_on(lesson, draw):
    """With a coarse nudge h a curved function is measured badly, and the two slopes differ."""
    xs, factors = draw.numbers("xs", 2, 0.5, 1.5), draw.numbers("factors", 2, 1.0, 2.0)
    f = bent(lesson, draw, factors, [0.0, 0.0])
    return {"agrees at h = 0.5": lesson.gradient_check(f, xs, h=draw.given("h", 0.5))}


mistake("gradient_check", replace="all(", by="any(",
        says="one input that agrees is enough here; every input has to agree")
mistake("gradient_check", replace="abs(leaf.grad - slope)", by="leaf.grad - slope",
        says="without abs a slope that is far too small passes")
mistake("gradient_check", replace="f(*leaves).backward()", by="f(*leaves)",
        says="nobody went backward, so that all gradients are still 0")
for _by, _says in (
    ("abs(sum({}))", "the errors are added up, where they cancel; judge each by itself"),
    ("sum(map(abs, {}))", "the errors are added up; each may be as large as the tolerance"),
    ("sum(map(abs, {})) / len(xs)", "this judges the mean error; no single one may be too large"),
):
    _errors = "[leaf.grad - slope for leaf, slope in zip(leaves, measured)]"
    mistake("gradient_check", replace="all(abs(leaf.grad - slope) <= tolerance "
            "for leaf, slope in zip(leaves, measured))",
            by=_by.format(_errors) + " <= tolerance", says=_says)
mistake("gradient_check", replace="<= tolerance", by="<= 1e-4",
        says="the argument tolerance is not used")
mistake("gradient_check", replace="zip(leaves, measured)", by="zip(leaves[:1], measured)",
        says="only the first input is compared")
mistake("gradient_check", replace="xs, h)", by="xs)",
        says="the argument h is not handed on to gradient")
mistake("gradient_check", replace="all(", by="list(",
        says="a list of answers was returned; all(...) makes one answer of it")


@check("softmax_nll", cases=4)
def loss_of_a_classifier(lesson, draw):
    """The loss is the negative logarithm of the probability of the target."""
    count = draw.size("logits", 1, 4)
    logits = [lesson.Value(number) for number in draw.numbers("logits", count)]
    return {"loss": lesson.softmax_nll(logits, draw.integer("target", 0, count - 1)).data}


@check("softmax_nll", cases=4)
def gradients_of_the_logits(lesson, draw):
    """The loss sends each logit its gradient: the probability, less 1 for the target."""
    count = draw.size("logits", 2, 5)
    logits = [lesson.Value(number) for number in draw.numbers("logits", count)]
    lesson.softmax_nll(logits, draw.integer("target", 0, count - 1)).backward()
    return {"gradients": [logit.grad for logit in logits], "logits": [v.data for v in logits]}


mistake("softmax_nll", replace="return -probability.log()", by="return probability.log()",
        says="the minus sign is missing: a log likelihood is negative, a loss is not")
mistake("softmax_nll", replace="return -probability.log()", by="return -probability",
        says="the logarithm is missing")
mistake("softmax_nll", replace="return -probability.log()",
        by="return Value(-math.log(probability.data))",
        says="a Value made from the bare number cuts the graph; use the method log()")
mistake("softmax_nll", replace="counts[target] / sum(counts)", by="logits[target] / sum(logits)",
        says="the logits themselves were divided by their sum; take their exponentials first")
mistake("softmax_nll", replace="sum(counts)", by="sum(logits)",
        says="the exponential was divided by the sum of the logits, not of the exponentials")
mistake("softmax_nll", replace="counts[target] / sum(counts)", by="counts[target]",
        says="an exponential is no probability until it is divided by the sum of all")
mistake("softmax_nll", replace="counts[target]", by="counts[0]",
        says="this is the loss of the first class; take the one that target names")
mistake("softmax_nll", replace="return -probability.log()",
        by="return -probability.log() / len(logits)",
        says="the loss of one example is not divided by the number of classes")
