"""Checks of `part0_micrograd_engine`.

The checks of one operation do not go through `Value.backward`: they give the result a gradient and
let it send that back, so that each exercise can be graded before `backward` is written. Those of
the graph walks make their graphs with `Value`'s constructor, so that they need no operation.
"""

import math
import operator

from autograder.checks import exercise, forbid
from autograder.checks.vocabulary import gradients_of

forbid(
    "*",
    "autograd",
    says="this lesson builds what autograd does, so torch's own stays outside",
)

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


def symbol_of(result):
    """The symbol of the operation; large and small letters are one."""
    return str(result._op).lower()


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


def one_after_another(lesson, draw, operation):
    """What an operation makes of a Value whose number changes, as it does in training."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    a.grad = draw.number("gradient that a already has", -1.0, -0.5)
    results = []
    for step in draw.given("added to a.data before each operation", [0.0, 2.25]):
        a.data = a.data + step
        results.append(operation(a))
        send_through(results[-1], draw.number("gradient of each result", 1.5, 3.0))
    return {"data of the results": [each.data for each in results], "gradient of a": a.grad}


# --- derivative, gradient, the chain rule --------------------------------------------------------


derivative = exercise("derivative")


@derivative.check(**SLOPES)
def slope_of_a_parabola(lesson, draw):
    """The slope of a parabola is measured right."""
    a, b, x = draw.number("a", 0.5, 2.0), draw.number("b"), draw.number("x", 0.5, 2.0)
    draw.given("f", "a * x ** 2 + b * x")
    return {"slope": lesson.derivative(lambda x: a * x**2 + b * x, x)}


@derivative.check
def slope_of_a_line_at_any_distance(lesson, draw):
    """A line has the same slope, however far apart the two points are."""
    a, x, h = draw.number("a", 0.5, 2.0), draw.number("x"), draw.choice("h", [0.5, 1.0, 2.0])
    draw.given("f", "a * x")
    return {"slope": lesson.derivative(lambda x: a * x, x, h=h)}


@derivative.check(cases=1, **SLOPES)
def a_nudge_of_h(lesson, draw):
    """The nudge is as large as h, and each function has its own slope at the same place."""
    x, h = draw.given("x", 3.0), draw.given("h", 2.0)
    draw.given("f", "factor * round(x), for each factor")
    factors = draw.numbers("factors", 2, 0.5, 2.0)
    functions = [lambda x, factor=factor: factor * round(x) for factor in factors]
    return {"slopes": [lesson.derivative(f, x, h=h) for f in functions]}


gradient = exercise("gradient")


@gradient.check(**SLOPES)
def one_slope_for_each_input(lesson, draw):
    """There's one slope for each input, even where the function is curved."""
    count = draw.size(1, 4)
    xs, factors = draw.numbers("xs", count, 0.5, 2.0), draw.numbers("factors", count, 0.5, 2.0)
    draw.given("f", "sum of factor * x ** 3")

    def f(*xs):
        return sum(factor * x**3 for factor, x in zip(factors, xs, strict=True))

    return {"gradient": lesson.gradient(f, xs)}


@gradient.check
def the_others_hold_still(lesson, draw):
    """While one input is nudged, all the others stay where they were."""
    xs = draw.numbers("xs", draw.size(2, 4), 0.5, 2.0)
    h = draw.given("h", 0.25)
    draw.given("f", "product of all inputs")
    slopes = lesson.gradient(lambda *xs: math.prod(xs), xs, h=h)
    return {"gradient": slopes, "xs afterwards": xs}


@gradient.check(cases=2)
def a_wide_nudge(lesson, draw):
    """Each input is nudged by h, even at 0 or if two inputs are equal; a slope may be negative."""
    xs = draw.shuffled("xs", [0.0, 3.0, 3.0])
    factors = draw.numbers("factors", 3, -2.0, -0.5)
    draw.given("f", "sum of factor * round(x)")

    def f(*xs):
        return sum(factor * round(x) for factor, x in zip(factors, xs, strict=True))

    return {"gradient": lesson.gradient(f, xs, h=draw.given("h", 2.0))}


@gradient.check(cases=1, **SLOPES)
def many_inputs_and_another_call(lesson, draw):
    """It works for a hundred inputs, and each call returns a new result."""
    count = 103
    factors = draw.numbers("factors", count, -2.0, 2.0)
    xs, others = draw.numbers("xs", count), draw.numbers("xs of a second call", 2)
    draw.given("f", "sum of factor * x")
    products = operator.mul
    many = lesson.gradient(lambda *xs: sum(map(products, factors, xs)), xs)
    few = lesson.gradient(lambda *xs: sum(map(products, factors[2:], xs)), others)
    return {"gradient": many, "gradient of the second call": few, "xs afterwards": xs}


expression_gradients = exercise("expression_gradients")


@expression_gradients.check
def any_expression(lesson, draw):
    """All four gradients are right, whatever the numbers are."""
    inputs = [draw.number(name, 0.5, 2.0) for name in ("a", "b")]
    inputs += [draw.number("c", -2.0, -0.5), draw.number("f", 1.2, 3.0)]
    return lesson.expression_gradients(*inputs)


@expression_gradients.check
def a_zero_among_the_inputs(lesson, draw):
    """An input may be 0, and the others still get their gradients."""
    names = ("a", "b", "c", "f")
    inputs = [
        draw.given(name, 0.0) if name == "abf"[draw.case] else draw.number(name, 0.5, 2.0)
        for name in names
    ]
    return lesson.expression_gradients(*inputs)


@expression_gradients.check(cases=1)
def expressions_one_after_another(lesson, draw):
    """Each call returns its own dict."""
    calls = [draw.numbers(f"inputs, {name} call", 4) for name in ("first", "second")]
    return {"of both calls": [lesson.expression_gradients(*inputs) for inputs in calls]}


neuron_gradients = exercise("neuron_gradients")


@neuron_gradients.check
def any_neuron(lesson, draw):
    """All five gradients are right for any neuron."""
    inputs = [draw.number(name, 0.3, 0.9) for name in ("x1", "x2", "w1")]
    inputs += [draw.number("w2", -0.9, -0.3), draw.number("b", 0.3, 0.9)]
    if draw.case == 2:
        inputs[-1] = draw.given("b", 1000.0)
    return lesson.neuron_gradients(*inputs)


@neuron_gradients.check(cases=1)
def the_lectures_neuron(lesson, draw):
    """The lecture's neuron has the lecture's gradients."""
    names = ("x1", "x2", "w1", "w2", "b")
    numbers = (2.0, 0.0, -3.0, 1.0, 6.8813735870195432)
    inputs = [draw.given(name, number) for name, number in zip(names, numbers, strict=True)]
    return lesson.neuron_gradients(*inputs)


@neuron_gradients.check(cases=1)
def neurons_one_after_another(lesson, draw):
    """Each call returns its own dict."""
    calls = [
        draw.numbers(f"inputs of the {name} call", 5, 0.3, 0.9) for name in ("first", "second")
    ]
    return {"of both calls": [lesson.neuron_gradients(*inputs) for inputs in calls]}


# --- + and * -------------------------------------------------------------------------------------


value_add = exercise("Value.__add__")


@value_add.check
def sum_of_two_values(lesson, draw):
    """A sum has the right value and knows its operands and its symbol."""
    a, b = two_values(lesson, draw)
    result = a + b
    operands = names_of(result._prev, a=a, b=b)
    return {"data": result.data, "operands": operands, "_op": symbol_of(result)}


@value_add.check
def sum_sends_back(lesson, draw):
    """A sum hands its gradient on to both operands."""
    a, b = two_values(lesson, draw)
    send(a + b, draw.number("gradient of the sum", 1.5, 3.0))
    return gradients_of(a=a, b=b)


@value_add.check
def sum_adds_to_gradients(lesson, draw):
    """A sum adds to the gradients that its operands already have."""
    a, b = two_values(lesson, draw)
    a.grad = draw.number("gradient that a already has", 0.5, 1.0)
    b.grad = draw.number("gradient that b already has", -1.0, -0.5)
    send(a + b, draw.number("gradient of the sum", 1.5, 3.0))
    return gradients_of(a=a, b=b)


@value_add.check
def sum_of_one_value_twice(lesson, draw):
    """In a + a both operands are the same Value, and it collects both gradients."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a + a
    send(result, draw.number("gradient of a + a", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@value_add.check
def sum_with_a_number(lesson, draw):
    """A plain number may stand on the right of +."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a + draw.given("number", [3, 0.25, -1][draw.case])
    send(result, draw.number("gradient of the sum", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad, "a afterwards": a.data}


@value_add.check(cases=2)
def every_sum_is_new(lesson, draw):
    """Every sum is a new Value, even a + 0, made from what the operands hold now."""
    if draw.case == 0:
        draw.given("operation", "a + 0")
        return one_after_another(lesson, draw, lambda a: a + 0)
    b = lesson.Value(draw.number("b", -2.0, -0.5))
    draw.given("operation", "a + b")
    return one_after_another(lesson, draw, lambda a: a + b)


value_mul = exercise("Value.__mul__", points=2)


@value_mul.check
def product_of_two_values(lesson, draw):
    """A product has the right value and knows its operands and its symbol."""
    a, b = two_values(lesson, draw)
    result = a * b
    operands = names_of(result._prev, a=a, b=b)
    return {"data": result.data, "operands": operands, "_op": symbol_of(result)}


@value_mul.check
def product_sends_back(lesson, draw):
    """Each factor of a product gets the other factor times the gradient that arrives, even at 0."""
    a, b = two_values(lesson, draw)
    if draw.case == 2:
        a.data = draw.given("a", 0.0)
    send(a * b, draw.number("gradient of the product", 1.5, 3.0))
    return gradients_of(a=a, b=b)


@value_mul.check
def product_adds_to_gradients(lesson, draw):
    """A product adds to the gradients that its operands already have."""
    a, b = two_values(lesson, draw)
    a.grad = draw.number("gradient that a already has", 0.5, 1.0)
    b.grad = draw.number("gradient that b already has", -1.0, -0.5)
    send(a * b, draw.number("gradient of the product", 1.5, 3.0))
    return gradients_of(a=a, b=b)


@value_mul.check
def product_of_one_value_twice(lesson, draw):
    """In a * a both factors are the same Value, and it collects both gradients."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a * a
    send(result, draw.number("gradient of a * a", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@value_mul.check
def product_with_a_number(lesson, draw):
    """A plain number may stand on the right of *."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a * draw.given("number", [3, 0.25, -2][draw.case])
    send(result, draw.number("gradient of the product", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad, "a afterwards": a.data}


@value_mul.check(cases=2)
def every_product_is_new(lesson, draw):
    """Every product is a new Value, even a * 1, made from what the factors hold now."""
    if draw.case == 0:
        draw.given("operation", "a * 1")
        return one_after_another(lesson, draw, lambda a: a * 1)
    b = lesson.Value(draw.number("b", -2.0, -0.5))
    draw.given("operation", "a * b")
    return one_after_another(lesson, draw, lambda a: a * b)


# --- **, exp, log, tanh, relu --------------------------------------------------------------------


value_pow = exercise("Value.__pow__")


@value_pow.check(cases=4)
def power_of_a_value(lesson, draw):
    """A power has the right value, one operand and its symbol."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = a ** draw.given("power", [2, 3, -1, 0.5][draw.case])
    operands = names_of(result._prev, a=a)
    return {"data": result.data, "operands": operands, "beginning of _op": symbol_of(result)[:2]}


@value_pow.check(cases=4)
def power_sends_back(lesson, draw):
    """The gradient of a ** k is k * a ** (k - 1), for whole, negative and fractional k."""
    a = lesson.Value(draw.number("a", 0.5, 0.9))
    result = a ** draw.given("power", [3, 2, -2, 0.5][draw.case])
    return observe_one_operand(a, result, draw.number("gradient of the power", 1.5, 3.0))


@value_pow.check
def power_of_a_negative_number(lesson, draw):
    """A negative number and 0 may be raised to a whole power."""
    a = lesson.Value(draw.number("a", -2.0, -1.2) if draw.case < 2 else draw.given("a", 0.0))
    result = a ** draw.given("power", [3, 2, 2][draw.case])
    sent = observe_one_operand(a, result, draw.number("gradient of the power", 1.5, 3.0))
    return {"data": result.data, **sent}


@value_pow.check(cases=2)
def power_adds_to_the_gradient(lesson, draw):
    """A power adds to the gradient that its operand already has."""
    a = lesson.Value(draw.number("a", 1.2, 2.0))
    earlier = draw.number("gradient that a already has", -1.0, -0.5)
    return observe_one_operand(a, a**3, draw.number("gradient of a ** 3", 1.5, 3.0), earlier)


@value_pow.check(cases=2)
def every_power_is_new(lesson, draw):
    """Every power is a new Value, even a ** 1, made from what the operand holds now."""
    shown, operation = [
        ("a ** 1", lambda a: a**1),
        ("a ** 2", lambda a: a**2),
    ][draw.case]
    draw.given("operation", shown)
    return one_after_another(lesson, draw, operation)


value_exp = exercise("Value.exp")


@value_exp.check
def exponential_of_a_value(lesson, draw):
    """The exponential has the right value, one operand and its name."""
    a = lesson.Value(draw.number("a"))
    result = a.exp()
    return {"data": result.data, "operands": names_of(result._prev, a=a), "_op": symbol_of(result)}


@value_exp.check
def exponential_sends_back(lesson, draw):
    """The local slope of the exponential is its output."""
    a = lesson.Value(draw.number("a", -2.0, 0.5))
    return observe_one_operand(a, a.exp(), draw.number("gradient of the exponential", 1.5, 3.0))


@value_exp.check(cases=2)
def exponential_adds_to_the_gradient(lesson, draw):
    """The exponential adds to the gradient that its operand already has."""
    a = lesson.Value(draw.number("a"))
    earlier = draw.number("gradient that a already has", -1.0, -0.5)
    gradient = draw.number("gradient of the exponential", 1.5, 3.0)
    return observe_one_operand(a, a.exp(), gradient, earlier)


@value_exp.check(cases=1)
def every_exponential_is_new(lesson, draw):
    """Every exponential is a new Value, made from what the operand holds now."""
    draw.given("operation", "a.exp()")
    return one_after_another(lesson, draw, lambda a: a.exp())


value_log = exercise("Value.log")


@value_log.check
def logarithm_of_a_value(lesson, draw):
    """The logarithm has the right value, one operand and its name."""
    a = lesson.Value(draw.number("a", 0.2, 0.8) if draw.case else draw.given("a", 1e-4))
    result = a.log()
    return {"data": result.data, "operands": names_of(result._prev, a=a), "_op": symbol_of(result)}


@value_log.check
def logarithm_sends_back(lesson, draw):
    """The local slope of the logarithm is one over its input."""
    a = lesson.Value(draw.number("a", 1.5, 4.0))
    return observe_one_operand(a, a.log(), draw.number("gradient of the logarithm", 1.5, 3.0))


@value_log.check(cases=2)
def logarithm_adds_to_the_gradient(lesson, draw):
    """The logarithm adds to the gradient that its operand already has."""
    a = lesson.Value(draw.number("a", 1.5, 4.0))
    earlier = draw.number("gradient that a already has", -1.0, -0.5)
    gradient = draw.number("gradient of the logarithm", 1.5, 3.0)
    return observe_one_operand(a, a.log(), gradient, earlier)


@value_log.check(cases=1)
def every_logarithm_is_new(lesson, draw):
    """Every logarithm is a new Value, made from what the operand holds now."""
    draw.given("operation", "a.log()")
    return one_after_another(lesson, draw, lambda a: a.log())


value_tanh = exercise("Value.tanh")


@value_tanh.check
def tanh_of_a_value(lesson, draw):
    """The tanh has the right value, one operand and its name."""
    a = lesson.Value(draw.number("a"))
    result = a.tanh()
    return {"data": result.data, "operands": names_of(result._prev, a=a), "_op": symbol_of(result)}


@value_tanh.check
def tanh_sends_back(lesson, draw):
    """The local slope of tanh is 1 - t ** 2 with its output t."""
    a = lesson.Value(draw.number("a", 0.3, 1.0))
    return observe_one_operand(a, a.tanh(), draw.number("gradient of the tanh", 1.5, 3.0))


@value_tanh.check(cases=2)
def tanh_adds_to_the_gradient(lesson, draw):
    """The tanh adds to the gradient that its operand already has."""
    a = lesson.Value(draw.number("a", 0.3, 1.0))
    earlier = draw.number("gradient that a already has", -1.0, -0.5)
    return observe_one_operand(a, a.tanh(), draw.number("gradient of the tanh", 1.5, 3.0), earlier)


@value_tanh.check
def tanh_of_large_numbers(lesson, draw):
    """The tanh of a large number doesn't overflow."""
    a = lesson.Value(draw.given("a", [400.0, 1000.0, -1000.0][draw.case]))
    result = a.tanh()
    send(result, 1.0)
    return {"data": result.data, "gradient": a.grad}


@value_tanh.check(cases=1)
def every_tanh_is_new(lesson, draw):
    """Every tanh is a new Value, made from what the operand holds now."""
    draw.given("operation", "a.tanh()")
    return one_after_another(lesson, draw, lambda a: a.tanh())


value_relu = exercise("Value.relu")


@value_relu.check(cases=2)
def relu_of_a_value(lesson, draw):
    """The relu has the right value, one operand and its name."""
    a = lesson.Value(draw.number("a", *[(-2.0, -0.5), (0.5, 2.0)][draw.case]))
    result = a.relu()
    return {"data": result.data, "operands": names_of(result._prev, a=a), "_op": symbol_of(result)}


@value_relu.check(cases=4)
def relu_sends_back(lesson, draw):
    """A relu passes the whole gradient on where its input is positive, and nothing elsewhere."""
    low, high = [(0.5, 0.9), (-2.0, -0.5), (1.1, 2.0), (-2.0, -0.5)][draw.case]
    a = lesson.Value(draw.number("a", low, high))
    low, high = (1.5, 3.0) if draw.case < 2 else (-3.0, -1.5)
    gradient = draw.number("gradient of the relu", low, high)
    return observe_one_operand(a, a.relu(), gradient)


@value_relu.check(cases=1)
def relu_at_zero(lesson, draw):
    """At 0 exactly the gate is shut."""
    a = lesson.Value(draw.given("a", 0.0))
    result = a.relu()
    return {"data": result.data, **observe_one_operand(a, result, 2.0)}


@value_relu.check(cases=2)
def relu_adds_to_the_gradient(lesson, draw):
    """A relu adds to the gradient that its operand already has, even if it adds 0."""
    a = lesson.Value(draw.number("a", *[(0.5, 2.0), (-2.0, -0.5)][draw.case]))
    earlier = draw.number("gradient that a already has", -1.0, -0.5)
    return observe_one_operand(a, a.relu(), draw.number("gradient of the relu", 1.5, 3.0), earlier)


@value_relu.check(cases=1)
def every_relu_is_new(lesson, draw):
    """Every relu is a new Value, made from what the operand holds now."""
    draw.given("operation", "a.relu()")
    return one_after_another(lesson, draw, lambda a: a.relu())


# --- the reflected operations --------------------------------------------------------------------


value_rsub = exercise("Value.__rsub__")


@value_rsub.check
def number_minus_value(lesson, draw):
    """A Value may be subtracted from a plain number."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    result = draw.given("number", [3, 0.25, -1][draw.case]) - a
    send_through(result, draw.number("gradient of the difference", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@value_rsub.check(cases=2)
def number_minus_value_leaves_it(lesson, draw):
    """Subtracting a Value from a number leaves the Value as it was, and adds to its gradient."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    a.grad = draw.number("gradient that a already has", -1.0, -0.5)
    send_through(1 - a, draw.number("gradient of the difference", 1.5, 3.0))
    return {"data of a": a.data, "gradient of a": a.grad}


@value_rsub.check(cases=2)
def every_number_minus_value_is_new(lesson, draw):
    """Every difference is a new Value, made from what the operand holds now."""
    shown, operation = [
        ("0 - a", lambda a: 0 - a),
        ("2 - a", lambda a: 2 - a),
    ][draw.case]
    draw.given("operation", shown)
    return one_after_another(lesson, draw, operation)


value_rtruediv = exercise("Value.__rtruediv__")


@value_rtruediv.check
def number_by_value(lesson, draw):
    """A plain number may be divided by a Value."""
    a = lesson.Value(draw.number("a", 1.2, 2.0))
    result = draw.given("number", [3, 0.25, -2][draw.case]) / a
    send_through(result, draw.number("gradient of the quotient", 1.5, 3.0))
    return {"data": result.data, "gradient of a": a.grad}


@value_rtruediv.check(cases=2)
def one_by_value(lesson, draw):
    """1 / a leaves a as it was, and adds to its gradient."""
    a = lesson.Value(draw.number("a", -2.0, -1.2))
    a.grad = draw.number("gradient that a already has", 0.5, 1.0)
    send_through(1 / a, draw.number("gradient of the quotient", 1.5, 3.0))
    return {"data of a": a.data, "gradient of a": a.grad}


@value_rtruediv.check(cases=2)
def every_number_by_value_is_new(lesson, draw):
    """Every quotient is a new Value, made from what the operand holds now."""
    shown, operation = [
        ("1 / a", lambda a: 1 / a),
        ("2 / a", lambda a: 2 / a),
    ][draw.case]
    draw.given("operation", shown)
    return one_after_another(lesson, draw, operation)


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


topological_order = exercise("topological_order", points=2)


@topological_order.check(cases=4)
def operands_come_first(lesson, draw):
    """Every node comes after everything that it was made from, and the root is last."""
    nodes = chain(lesson, draw, draw.size(1, 7))
    data = draw.given("data of nodes 0, 1, ...", [float(i) for i in range(9, 9 - len(nodes), -1)])
    for node, number in zip(nodes, data, strict=True):
        node.data = number
    return {"data in order": [node.data for node in lesson.topological_order(nodes[-1])]}


@topological_order.check
def every_node_once(lesson, draw):
    """Every node of the graph is listed once, however often it's used."""
    count = draw.size(2, 5)
    leaves = [lesson.Value(float(number)) for number in range(count)]
    pairs = [lesson.Value(10.0 + i, (leaves[i], leaves[i - 1]), "*") for i in range(count)]
    doubled = lesson.Value(20.0, (pairs[0], pairs[0]), "+")
    root = lesson.Value(30.0, (*pairs, doubled), "+")
    nodes = [*pairs, doubled, root]
    operands = {node.data: [operand.data for operand in node._prev] for node in nodes}
    draw.given("operands by data", operands)
    order = lesson.topological_order(root)
    return {"data of the nodes, sorted": sorted(float(node.data) for node in order)}


@topological_order.check(cases=2)
def equal_numbers_are_different_nodes(lesson, draw):
    """Two nodes that hold the same number are still two nodes."""
    number = draw.number("number of both leaves", 0.5, 2.0)
    a, b = lesson.Value(number), lesson.Value(number)
    order = lesson.topological_order(lesson.Value(2 * number, (a, b), "+"))
    return {"data of the nodes": [node.data for node in order]}


@topological_order.check(cases=1)
def a_part_of_a_graph(lesson, draw):
    """Only what the root was made from is in its graph, and each call returns its own list."""
    nodes = chain(lesson, draw, 6)
    roots = draw.given("roots, one call for each", [3, 5, 3])
    orders = [lesson.topological_order(nodes[root]) for root in roots]
    return [[node.data for node in order] for order in orders]


@topological_order.check(cases=1)
def a_long_chain(lesson, draw):
    """A chain of a few hundred nodes works."""
    node = lesson.Value(0.0)
    for number in range(1, draw.given("nodes in the chain", 300)):
        node = lesson.Value(float(number), (node,), "exp")
    order = lesson.topological_order(node)
    return {"first": order[0].data, "last": order[-1].data, "data": [node.data for node in order]}


value_backward = exercise("Value.backward", points=3)


@value_backward.check(cases=4)
def through_a_graph(lesson, draw):
    """The root's gradient is 1, and each node passes its own on once, when it's complete."""
    nodes = chain(lesson, draw, draw.size(2, 7))
    slopes = draw.numbers("local slope of each node", len(nodes), 1.1, 1.9)
    runs = with_slopes(nodes, slopes)
    if draw.case == 1:
        nodes[-1].grad = draw.given("gradient that the root already has", 0.5)
    nodes[-1].backward()
    return {
        "gradient of the root": nodes[-1].grad,
        "gradients": [node.grad for node in nodes],
        "times that _backward was run": runs,
    }


@value_backward.check(cases=2)
def gradients_of_leaves_add_up(lesson, draw):
    """A leaf that already holds a gradient gets the new one added."""
    draw.given("operands", {"middle": ["leaf"], "root": ["middle", "leaf"]})
    leaf = lesson.Value(draw.number("leaf", 0.5, 2.0))
    leaf.grad = draw.number("gradient that leaf already has", 0.5, 1.0)
    middle = lesson.Value(3.0, (leaf,), "exp")
    root = lesson.Value(4.0, (middle, leaf), "+")
    with_slopes([middle, root], draw.numbers("local slopes of middle and root", 2, 1.1, 1.9))
    root.backward()
    return {"gradient of the leaf": leaf.grad}


@value_backward.check(cases=1)
def the_neuron_of_the_lecture(lesson, draw):
    """The lecture's neuron gets the lecture's gradients."""
    numbers = draw.given("x1, x2, w1, w2, b", [2.0, 0.0, -3.0, 1.0, 6.8813735870195432])
    x1, x2, w1, w2, b = values = [lesson.Value(number) for number in numbers]
    output = (x1 * w1 + x2 * w2 + b).tanh()
    output.backward()
    return {"output": output.data, "gradients": [value.grad for value in values]}


@value_backward.check(cases=1)
def through_a_long_chain(lesson, draw):
    """A chain of a few hundred nodes works."""
    nodes = [lesson.Value(0.0)]
    for number in range(1, draw.given("nodes in the chain", 300)):
        nodes.append(lesson.Value(float(number), (nodes[-1],), "exp"))
    with_slopes(nodes, [1.01] * len(nodes))
    nodes[-1].backward()
    return {"gradient of the first": nodes[0].grad, "gradient of the last": nodes[-1].grad}


@value_backward.check(cases=1)
def twice_from_one_root(lesson, draw):
    """Each call walks the graph again, so that a leaf collects twice; it returns nothing."""
    leaf = lesson.Value(draw.number("leaf", 0.5, 2.0))
    root = lesson.Value(draw.given("root", 4.0), (leaf,), "exp")
    runs = with_slopes([leaf, root], [0.0, draw.number("local slope of the root", 1.1, 1.9)])
    returned = [root.backward(), root.backward()]
    return {"gradient of the leaf": leaf.grad, "times run": runs, "returned": returned}


trace = exercise("trace")


@trace.check(cases=4)
def nodes_and_edges(lesson, draw):
    """All nodes and all edges of the graph are found, each edge from operand to result."""
    nodes = chain(lesson, draw, draw.size(1, 6))
    found, edges = lesson.trace(nodes[-1])
    return {
        "data of the nodes, sorted": sorted(float(node.data) for node in found),
        "data of the edges, sorted": sorted((float(a.data), float(b.data)) for a, b in edges),
    }


@trace.check(cases=1)
def an_operand_used_twice(lesson, draw):
    """In a + a there are two nodes and one edge."""
    a = lesson.Value(draw.number("a", 0.5, 2.0))
    found, edges = lesson.trace(lesson.Value(9.0, (a, a), "+"))
    return {
        "data of the nodes, sorted": sorted(float(node.data) for node in found),
        "data of the edges, sorted": sorted((float(a.data), float(b.data)) for a, b in edges),
    }


# --- gradient_check, tanh_from_exp and softmax_nll -----------------------------------------------


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


gradient_check = exercise("gradient_check", points=2)


@gradient_check.check
def right_gradients_agree(lesson, draw):
    """A function with the right gradients passes, whatever the number of inputs."""
    count = draw.size(1, 4)
    xs, factors = draw.numbers("xs", count, 0.5, 1.5), draw.numbers("factors", count, 0.5, 2.0)
    f = bent(lesson, draw, factors, [0.0] * count)
    return {"agrees": lesson.gradient_check(f, xs), "xs afterwards": xs}


@gradient_check.check(cases=6)
def one_wrong_gradient_is_found(lesson, draw):
    """One wrong gradient is enough to fail, whichever it is, too large or too small."""
    xs, factors = draw.numbers("xs", 3, 0.5, 1.5), draw.numbers("factors", 3, 0.5, 2.0)
    errors = [0.0, 0.0, 0.0]
    errors[draw.case % 3] = 0.5 if draw.case < 3 else -0.5
    return {"agrees": lesson.gradient_check(bent(lesson, draw, factors, errors), xs)}


@gradient_check.check(cases=5)
def the_tolerance_counts(lesson, draw):
    """Errors below the tolerance pass, however many there are, and one above it fails."""
    xs, factors = draw.numbers("xs", 2, 0.5, 1.5), draw.numbers("factors", 2, 0.5, 2.0)
    errors = [[0.05, 0.05], [-0.05, -0.05], [0.15, 0.0], [0.09, 0.09], [0.15, -0.15]][draw.case]
    f = bent(lesson, draw, factors, errors)
    return {
        "agrees at tolerance 0.1": lesson.gradient_check(f, xs, tolerance=0.1),
        "agrees at tolerance 0.01": lesson.gradient_check(f, xs, tolerance=0.01),
    }


@gradient_check.check(cases=2)
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


@gradient_check.check(cases=1)
def the_nudge_is_handed_on(lesson, draw):
    """With a coarse nudge h a curved function is measured badly, and the two slopes differ."""
    xs, factors = draw.numbers("xs", 2, 0.5, 1.5), draw.numbers("factors", 2, 1.0, 2.0)
    f = bent(lesson, draw, factors, [0.0, 0.0])
    return {"agrees at h = 0.5": lesson.gradient_check(f, xs, h=draw.given("h", 0.5))}


@gradient_check.check(cases=2)
def many_inputs_in_any_order(lesson, draw):
    """Every input is compared in its own place, even if there are many, or some are equal."""
    numbers = draw.numbers("xs", draw.size(0, 53), 0.5, 1.5)
    xs = draw.given("xs", [2.0, 0.5, *numbers, 0.5, 0.25])
    draw.given("f", "sum of all x")
    where = ["where it is smaller than the first", "where it is larger than the first"][draw.case]
    draw.given("error in the gradient of the last x", where)

    def f(*values):
        data = [float(x.data) for x, _ in zip(values, xs, strict=True)]
        error = 0.5 * ((data[0] > data[-1]) == (draw.case == 0))
        result = lesson.Value(sum(data), values, "f")

        def backward():
            for value in values:
                value.grad += result.grad
            values[-1].grad += error * result.grad

        result._backward = backward
        return result

    return {"agrees": lesson.gradient_check(f, xs), "xs afterwards": xs}


def everything_before(result):
    """All the Values that a result was made from, itself included."""
    found, waiting = {}, [result]
    while waiting:
        value = waiting.pop()
        if id(value) not in found:
            found[id(value)] = value
            waiting.extend(value._prev)
    return list(found.values())


tanh_from_exp = exercise("tanh_from_exp")


@tanh_from_exp.check
def the_same_as_tanh(lesson, draw):
    """The result and its gradient are those of tanh."""
    x = lesson.Value(draw.number("x", *[(0.2, 0.9), (-2.0, -1.2), (1.2, 2.0)][draw.case]))
    result = lesson.tanh_from_exp(x)
    result.backward()
    return {"data": result.data, "gradient of x": x.grad, "data of x": x.data}


@tanh_from_exp.check(cases=2)
def made_of_smaller_parts(lesson, draw):
    """The result is made from x, by exp and not by tanh."""
    x = lesson.Value(draw.number("x", 0.2, 0.9))
    before = everything_before(lesson.tanh_from_exp(x))
    symbols = " ".join(symbol_of(value) for value in before)
    return {
        "exp is among the operations": "exp" in symbols,
        "tanh is among the operations": "tanh" in symbols,
        "x is among the operands": any(value is x for value in before),
    }


@tanh_from_exp.check(cases=1)
def inside_of_an_expression(lesson, draw):
    """It works far from 0 and inside a larger expression, and adds to the gradient of x."""
    x, far = lesson.Value(draw.number("x", 0.2, 0.9)), lesson.Value(draw.given("far", -90.0))
    x.grad = draw.number("gradient that x already has", 1.2, 2.0)
    (lesson.tanh_from_exp(x) * 3 + x).backward()
    return {"gradient of x": x.grad, "tanh of far": lesson.tanh_from_exp(far).data}


softmax_nll = exercise("softmax_nll")


@softmax_nll.check(cases=4)
def loss_of_a_classifier(lesson, draw):
    """The loss is the negative logarithm of the probability of the target."""
    count = draw.size(1, 4)
    logits = [lesson.Value(number) for number in draw.numbers("logits", count)]
    return {"loss": lesson.softmax_nll(logits, draw.integer("target", 0, count - 1)).data}


@softmax_nll.check(cases=4)
def gradients_of_the_logits(lesson, draw):
    """The loss sends each logit its gradient: its probability, minus 1 for the target."""
    count = draw.size(2, 5)
    logits = [lesson.Value(number) for number in draw.numbers("logits", count)]
    lesson.softmax_nll(logits, draw.integer("target", 0, count - 1)).backward()
    return {"gradients": [logit.grad for logit in logits], "logits": [v.data for v in logits]}


@softmax_nll.check(cases=1)
def many_classes(lesson, draw):
    """There may be many classes, and some logits may be equal."""
    count = 57
    numbers = draw.numbers("logits", count - 3, -1.0, 1.0)
    logits = [lesson.Value(number) for number in draw.given("logits", numbers[:3] + numbers)]
    loss = lesson.softmax_nll(logits, draw.given("target", count - 1))
    loss.backward()
    return {"loss": loss.data, "gradients": [logit.grad for logit in logits]}
