"""The engine lesson's references against torch's autograd in double precision and closed forms."""

import math
import sys
import types

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.references import load

lesson = load("part0_micrograd_engine")
Value = lesson.Value

# Each operation keeps numbers moderate and away from the kink of relu and the pole of a quotient.
UNARY = {
    "tanh": lambda a: a.tanh(),
    "exp": lambda a: a.tanh().exp(),
    "log": lambda a: (a * a + 1).log(),
    "relu": lambda a: a.relu(),
    "neg": lambda a: -a,
    "square": lambda a: a.tanh() ** 2,
    "root": lambda a: (a * a + 1) ** 0.5,
    "inverse": lambda a: (a * a + 1) ** -1,
    "number + a": lambda a: 1.5 + a,
    "a + number": lambda a: a + 2,
    "number - a": lambda a: 3 - a,
    "a - number": lambda a: a - 0.5,
    "number * a": lambda a: -0.5 * a,
    "a * number": lambda a: a * 0.25,
    "number / a": lambda a: 2 / (a * a + 1),
    "a / number": lambda a: a / -4,
}
BINARY = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a.tanh() * b.tanh(),
    "a / b": lambda a, b: a / (b * b + 1),
}
STEPS = st.lists(
    st.tuples(st.sampled_from([*UNARY, *BINARY]), st.integers(0, 1000), st.integers(0, 1000)),
    min_size=1,
    max_size=12,
)
NUMBERS = st.integers(-200, 200).filter(bool).map(lambda n: n / 100)


def build(steps, leaves):
    """Apply the steps in turn, each to results that are there already, and sum everything up."""
    results = list(leaves)
    for name, first, second in steps:
        a, b = results[first % len(results)], results[second % len(results)]
        results.append(UNARY[name](a) if name in UNARY else BINARY[name](a, b))
    return sum(results)


@settings(deadline=None)
@given(steps=STEPS, numbers=st.lists(NUMBERS, min_size=1, max_size=4))
def test_random_expressions_with_shared_nodes_agree_with_autograd(steps, numbers):
    values = [Value(number) for number in numbers]
    result = build(steps, values)
    result.backward()
    tensors = [torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in numbers]
    expected = build(steps, tensors)
    expected.backward()
    assert result.data == pytest.approx(expected.item(), rel=1e-9, abs=1e-9)
    got = [value.grad for value in values]
    assert got == pytest.approx([t.grad.item() for t in tensors], rel=1e-8, abs=1e-8)


@settings(deadline=None)
@given(numbers=st.lists(NUMBERS, min_size=1, max_size=4))
def test_gradient_of_polynomials(numbers):
    slopes = lesson.gradient(lambda *xs: sum(i * x**3 for i, x in enumerate(xs)), numbers)
    assert slopes == pytest.approx([3 * i * x**2 for i, x in enumerate(numbers)], abs=1e-7)


@pytest.mark.parametrize(
    ("f", "slope"),
    [(math.sin, math.cos), (math.exp, math.exp), (lambda x: x**3, lambda x: 3 * x**2)],
)
def test_derivative_of_known_functions(f, slope):
    for x in (-1.5, 0.0, 0.3, 2.0):
        assert lesson.derivative(f, x) == pytest.approx(slope(x), abs=1e-8)


@settings(deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=5, max_size=5))
def test_neuron_gradients_agree_with_autograd(inputs):
    x1, x2, w1, w2, b = tensors = [
        torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs
    ]
    torch.tanh(x1 * w1 + x2 * w2 + b).backward()
    found = lesson.neuron_gradients(*inputs)
    expected = dict(zip(("x1", "x2", "w1", "w2", "b"), tensors, strict=True))
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name] == pytest.approx(tensor.grad.item(), abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_expression_gradients_agree_with_autograd(inputs):
    a, b, c, f = tensors = [
        torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs
    ]
    ((a * b + c) * f).backward()
    expected = dict(zip("abcf", (tensor.grad.item() for tensor in tensors), strict=True))
    assert lesson.expression_gradients(*inputs) == pytest.approx(expected, abs=1e-12)


def random_graph(data, size):
    """Values of which each may use any earlier ones, some of them twice, in any order."""
    nodes = [Value(0.0)]
    for _ in range(size - 1):
        operands = data.draw(st.lists(st.sampled_from(nodes), max_size=3))
        nodes.append(Value(0.0, operands, "+"))
    return nodes


def ancestors(root):
    return {root}.union(*(ancestors(operand) for operand in root._prev))


@settings(deadline=None)
@given(data=st.data(), size=st.integers(1, 10))
def test_topological_order_and_trace_of_random_graphs(data, size):
    root = random_graph(data, size)[-1]
    order = lesson.topological_order(root)
    assert len(order) == len(set(order)) and set(order) == ancestors(root)
    place = {node: i for i, node in enumerate(order)}
    assert all(place[operand] < place[node] for node in order for operand in node._prev)
    nodes, edges = lesson.trace(root)
    assert nodes == ancestors(root)
    assert edges == {(operand, node) for node in nodes for operand in node._prev}


def test_a_chain_far_beyond_the_recursion_limit():
    leaf = Value(0.5)
    value = leaf
    for _ in range(20_000):
        value = value + 1
    value.backward()
    assert (value.data, leaf.grad) == (20_000.5, 1.0)


@pytest.mark.parametrize("x", [-1000.0, -400.0, 0.0, 400.0, 1000.0])
def test_tanh_of_large_numbers(x):
    a = Value(x)
    result = a.tanh()
    result.backward()
    assert (result.data, a.grad) == (math.tanh(x), 1 - math.tanh(x) ** 2)


@pytest.mark.parametrize("number", [-100.0, -1.5, 0.0, 0.3, 2.0, 100.0])
def test_tanh_from_exp_is_tanh(number):
    x, other = Value(number), Value(number)
    made, whole = lesson.tanh_from_exp(x), other.tanh()
    made.backward()
    whole.backward()
    assert (made.data, x.grad) == pytest.approx((whole.data, other.grad), abs=1e-12)


def test_gradient_check_finds_what_is_wrong_and_nothing_else():
    def f(a, b):
        return (a * b + a.exp()).tanh() / (b * b + 1)

    def without_b(a, b):
        return f(a, Value(b.data))

    assert lesson.gradient_check(f, [0.3, -0.7]) is True
    assert lesson.gradient_check(without_b, [0.3, -0.7]) is False


@settings(deadline=None)
@given(logits=st.lists(st.floats(-5, 5), min_size=1, max_size=6), data=st.data())
def test_softmax_nll_agrees_with_torch(logits, data):
    target = data.draw(st.integers(0, len(logits) - 1))
    values = [Value(logit) for logit in logits]
    loss = lesson.softmax_nll(values, target)
    loss.backward()
    tensor = torch.tensor([logits], dtype=torch.float64, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(tensor, torch.tensor([target]))
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), abs=1e-9)
    assert [v.grad for v in values] == pytest.approx(tensor.grad[0].tolist(), abs=1e-9)


def test_the_drawing_shows_every_value_and_operation(monkeypatch):
    class Digraph:
        def __init__(self, **_):
            self.nodes, self.edges = {}, []

        def node(self, name, label, **_):
            self.nodes[name] = label

        def edge(self, one, other):
            self.edges.append((one, other))

    monkeypatch.setitem(sys.modules, "graphviz", types.SimpleNamespace(Digraph=Digraph))
    drawing = lesson.draw_dot(Value(2.0) * Value(3.0) + 1)
    assert sorted(drawing.nodes.values())[:2] == ["*", "+"]
    assert len(drawing.nodes) == 7 and len(drawing.edges) == 6
