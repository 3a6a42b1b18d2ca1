"""The network lesson's references against torch modules, torch optimisers and closed forms."""

import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.references import load

load("part0_micrograd_engine")
lesson = load("part0_micrograd_nn")
Value = lesson.Value

NUMBERS = st.integers(-200, 200).map(lambda n: n / 100)


def torch_twin(model):
    """A network of torch's own with the same numbers, in double precision."""
    layers = []
    for layer in model.layers:
        weight = [[w.data for w in neuron.w] for neuron in layer.neurons]
        linear = torch.nn.Linear(len(weight[0]), len(weight), dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weight, dtype=torch.float64))
            biases = [neuron.b.data for neuron in layer.neurons]
            linear.bias.copy_(torch.tensor(biases, dtype=torch.float64))
        layers += [linear, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers)


def flat(model, twin):
    """The parameters of both, in the same order."""
    mine, theirs = [], []
    for layer, linear in zip(model.layers, twin[::2], strict=True):
        for number, neuron in enumerate(layer.neurons):
            mine += [*neuron.w, neuron.b]
            theirs += [*linear.weight[number], linear.bias[number]]
    return [value.data for value in mine], [number.item() for number in theirs]


def gradients(model, twin):
    mine = [[*(w.grad for w in n.w), n.b.grad] for layer in model.layers for n in layer.neurons]
    theirs = [torch.cat([lin.weight.grad, lin.bias.grad[:, None]], 1) for lin in twin[::2]]
    return sum(mine, []), torch.cat([rows.flatten() for rows in theirs]).tolist()


@settings(max_examples=25, deadline=None)
@given(
    nouts=st.lists(st.integers(2, 4), max_size=2),
    xs=st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=1, max_size=3),
    seed=st.integers(0, 1000),
)
def test_networks_and_their_gradients_agree_with_torch(nouts, xs, seed):
    random.seed(seed)
    model = lesson.MLP(3, [*nouts, 1])
    twin = torch_twin(model)
    targets = [1.0, -1.0, 0.5][: len(xs)]
    predictions = [model(x) for x in xs]
    expected = twin(torch.tensor(xs, dtype=torch.float64)).squeeze(1)
    assert [p.data for p in predictions] == pytest.approx(expected.tolist(), abs=1e-12)
    loss = lesson.squared_error(predictions, targets)
    loss.backward()
    other = torch.nn.functional.mse_loss(expected, torch.tensor(targets).double(), reduction="sum")
    other.backward()
    assert loss.data == pytest.approx(other.item(), abs=1e-12)
    mine, theirs = gradients(model, twin)
    assert mine == pytest.approx(theirs, abs=1e-10)
    assert len(model.parameters()) == sum(p.numel() for p in twin.parameters())


def test_the_neuron_in_torch_agrees_with_the_neuron():
    o, x, w, b = lesson.neuron_in_torch([0.5, -1.0, 2.0], [0.25, 0.5, -0.75], 0.125)
    neuron, inputs = lesson.Neuron(3), [Value(number) for number in x.tolist()]
    for weight, number in zip(neuron.parameters(), [*w.tolist(), b.item()], strict=True):
        weight.data = number
    out = neuron(inputs)
    out.backward()
    assert out.data == pytest.approx(o.item(), abs=1e-12)
    assert [value.grad for value in inputs] == pytest.approx(x.grad.tolist(), abs=1e-12)
    found = [value.grad for value in neuron.parameters()]
    assert found == pytest.approx([*w.grad.tolist(), b.grad.item()], abs=1e-12)


def test_training_agrees_with_torchs_sgd():
    random.seed(7)
    xs, ys = [[2, 3, -1], [3, -1, 0.5], [0.5, 1, 1], [1, 1, -1]], [1.0, -1.0, -1.0, 1.0]
    model = lesson.MLP(3, [4, 4, 1])
    twin = torch_twin(model)
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.05)
    inputs, targets = torch.tensor(xs, dtype=torch.float64), torch.tensor(ys, dtype=torch.float64)
    expected = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = ((twin(inputs).squeeze(1) - targets) ** 2).sum()
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    assert lesson.train(model, xs, ys, 20, 0.05) == pytest.approx(expected, rel=1e-9)
    mine, theirs = flat(model, twin)
    assert mine == pytest.approx(theirs, abs=1e-10)


@settings(deadline=None)
@given(
    pairs=st.lists(st.tuples(NUMBERS, st.sampled_from([1, -1])), min_size=1, max_size=5),
    parameters=st.lists(NUMBERS, min_size=1, max_size=4),
    alpha=st.sampled_from([0.0, 1e-4, 0.3]),
)
def test_max_margin_loss_agrees_with_torch(pairs, parameters, alpha):
    numbers, targets = zip(*pairs, strict=True)
    scores, values = [Value(s) for s in numbers], [Value(p) for p in parameters]
    loss = lesson.max_margin_loss(scores, targets, values, alpha)
    loss.backward()
    s = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
    p = torch.tensor(parameters, dtype=torch.float64, requires_grad=True)
    hinge = torch.nn.functional.hinge_embedding_loss(
        s * torch.tensor(targets), -torch.ones(len(s), dtype=torch.float64)
    )
    expected = hinge + alpha * p.pow(2).sum()
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), abs=1e-12)
    # On the kink, where target * score is exactly 1, both slopes are right.
    off = [i for i, (score, target) in enumerate(pairs) if score * target != 1]
    assert [scores[i].grad for i in off] == pytest.approx([s.grad[i].item() for i in off])
    assert [value.grad for value in values] == pytest.approx(p.grad.tolist(), abs=1e-12)


def test_initial_numbers_are_uniform_and_differ():
    random.seed(3)
    neuron = lesson.Neuron(4000)
    weights = torch.tensor([w.data for w in neuron.w], dtype=torch.float64).sort().values
    even = torch.linspace(-1, 1, 4000, dtype=torch.float64)
    assert (weights - even).abs().max() < 0.08
    assert len(weights.unique()) == 4000


@settings(deadline=None)
@given(st.lists(st.tuples(NUMBERS.filter(bool), st.sampled_from([1, -1])), min_size=1))
def test_accuracy_by_counting(pairs):
    right = [score * target > 0 for score, target in pairs]
    found = lesson.accuracy([Value(score) for score, _ in pairs], [target for _, target in pairs])
    assert found == right.count(True) / len(right)


def test_two_moons_lie_apart_and_come_again():
    points, classes = lesson.two_moons(50, random.Random(1), noise=0.0)
    assert lesson.two_moons(50, random.Random(1), noise=0.0) == (points, classes)
    assert sum(classes) == 0
    for (x, y), label in zip(points, classes, strict=True):
        centre_x, centre_y = (0.0, 0.0) if label == -1 else (1.0, 0.5)
        assert (x - centre_x) ** 2 + (y - centre_y) ** 2 == pytest.approx(1.0)
        assert (y >= 0) if label == -1 else (y <= 0.5)


def test_forget_cuts_the_graph_and_leaves_the_leaves():
    a = Value(2.0)
    result = a * a + 1
    lesson.forget(result)
    assert result._prev == ()
    (a * 3).backward()
    assert a.grad == 3.0
