"""The references of part 3 against torch's own layers, optimizer and schedule, and closed forms."""

import math
import os
import statistics
from pathlib import Path

import numpy
import pytest
import torch
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from tests.references import load

lesson = load("part3_batchnorm")

SEEDS = st.integers(0, 10_000)
SIZES = st.integers(1, 6)


def given(*strategies):
    """Hypothesis without a deadline: torch's first call of anything is slow."""
    return lambda test: settings(deadline=None)(hypothesis_given(*strategies)(test))


def numbers(seed, *shape, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def close(actual, expected, **tolerances):
    torch.testing.assert_close(actual, expected, **tolerances)


def batchnorm(seed, dim, eps=1e-5, momentum=0.1):
    """The lesson's layer and torch's, with the same parameters and buffers, in double precision."""
    ours = lesson.BatchNorm1d(dim, eps=eps, momentum=momentum)
    theirs = nn.BatchNorm1d(dim, eps=eps, momentum=momentum, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(numbers(seed, dim))
        theirs.bias.copy_(numbers(seed + 1, dim))
        theirs.running_mean.copy_(numbers(seed + 2, dim))
        theirs.running_var.copy_(numbers(seed + 3, dim).exp())
    ours.gamma, ours.beta = theirs.weight.detach().clone(), theirs.bias.detach().clone()
    ours.running_mean, ours.running_var = theirs.running_mean.clone(), theirs.running_var.clone()
    return ours, theirs


@given(SEEDS, SIZES, st.integers(2, 6), st.floats(0.0, 20.0))
def test_loss_by_scale_is_torchs_cross_entropy(seed, rows, columns, scale):
    logits = numbers(seed, rows, columns)
    targets = torch.randint(columns, (rows,), generator=torch.Generator().manual_seed(seed))
    uniform, scaled = lesson.loss_by_scale(logits, targets, [0.0, scale])
    assert uniform == pytest.approx(math.log(columns))
    expected = nn.CrossEntropyLoss()(logits * scale, targets).item()
    assert scaled == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_saturation_of_a_normal_preactivation():
    """tanh(z) exceeds 0.97 where |z| exceeds artanh(0.97), which has a closed probability."""
    grid = (torch.arange(100_000, dtype=torch.float64) + 0.5) / 100_000
    z = torch.special.ndtri(grid)
    for spread in (0.5, 1.0, 5 / 3):
        expected = math.erfc(math.atanh(0.97) / spread / math.sqrt(2))
        assert lesson.saturation(torch.tanh(spread * z)) == pytest.approx(expected, abs=2e-5)


@given(SEEDS, SIZES, SIZES)
def test_dead_neurons_by_brute_force(seed, rows, columns):
    h = torch.tanh(3 * numbers(seed, rows, columns))
    dead = [all(abs(number) > 0.97 for number in column) for column in h.t().tolist()]
    assert lesson.dead_neurons(h) == sum(dead)


@pytest.mark.parametrize(("name", "gain"), [("linear", 1.0), ("tanh", 5 / 3), ("relu", 2**0.5)])
def test_kaiming_std_is_torchs(name, gain):
    assert nn.init.calculate_gain(name) == pytest.approx(gain)
    weight = nn.init.kaiming_normal_(torch.empty(300, 400), nonlinearity="relu")
    assert lesson.kaiming_std(400, 2**0.5) == pytest.approx(weight.std().item(), rel=0.02)
    assert lesson.kaiming_std(400, gain) == pytest.approx(gain / 20)


@given(SEEDS, SIZES, SIZES, st.booleans())
def test_linear_is_torchs(seed, fan_in, fan_out, bias):
    theirs = nn.Linear(fan_in, fan_out, bias=bias, dtype=torch.float64)
    ours = lesson.Linear(fan_in, fan_out, bias=bias)
    expected = [(fan_in, fan_out), (fan_out,)][: 1 + bias]
    assert [tuple(parameter.shape) for parameter in ours.parameters()] == expected
    ours.weight = theirs.weight.detach().t()
    ours.bias = theirs.bias.detach() if bias else None
    x = numbers(seed, 3, fan_in)
    result = ours(x)
    close(result, theirs(x).detach())
    assert ours.out is result


def test_spread_survives_a_linear_layer():
    generator = torch.Generator().manual_seed(0)
    x = numbers(1, 200, 400, dtype=torch.float32)
    out = lesson.Linear(400, 300, generator=generator)(x)
    assert out.std().item() == pytest.approx(1.0, abs=0.03)


def test_deep_mlp_is_a_sequential_of_torchs():
    generator = torch.Generator().manual_seed(0)
    layers = lesson.deep_mlp([5, 7, 6, 4], generator, gain=2.0)
    theirs = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 6), nn.Tanh(), nn.Linear(6, 4))
    with torch.no_grad():
        for ours, other in zip(layers[::2], theirs[::2], strict=True):
            other.weight.copy_(ours.weight.t())
            other.bias.copy_(ours.bias)
    x = numbers(2, 3, 5, dtype=torch.float32)
    close(lesson.forward(layers, x), theirs(x).detach())


@given(SEEDS, st.integers(2, 6))
def test_stats_are_numpys(seed, rows):
    layers = lesson.deep_mlp([3, 4, 4, 2], torch.Generator().manual_seed(seed))
    lesson.forward_backward(
        layers,
        lesson.trainable_parameters(layers),
        3 * numbers(seed, rows, 3, dtype=torch.float32),
        torch.zeros(rows, dtype=torch.int64),
    )
    forward, backward = lesson.activation_stats(layers), lesson.gradient_stats(layers)
    assert [entry["layer"] for entry in forward] == [entry["layer"] for entry in backward] == [1, 3]
    for entry, gradient in zip(forward, backward, strict=True):
        out = layers[entry["layer"]].out
        array, slopes = out.detach().double().numpy(), out.grad.double().numpy()
        assert entry["mean"] == pytest.approx(array.mean(), rel=1e-4, abs=1e-6)
        assert entry["std"] == pytest.approx(array.std(ddof=1), rel=1e-4)
        assert entry["saturation"] == pytest.approx(numpy.mean(numpy.abs(array) > 0.97))
        assert gradient["mean"] == pytest.approx(slopes.mean(), rel=1e-4, abs=1e-6)
        assert gradient["std"] == pytest.approx(slopes.std(ddof=1), rel=1e-4, abs=1e-9)


@given(SEEDS, st.floats(1e-4, 1.0))
def test_update_ratio_is_that_of_a_real_step(seed, rate):
    weight = nn.Parameter(numbers(seed, 4, 3))
    weight.grad = numbers(seed + 1, 4, 3)
    before = weight.detach().clone()
    told = lesson.update_ratio(weight, rate)
    assert lesson.gradient_ratio(weight) * rate == pytest.approx(10**told)
    torch.optim.SGD([weight], lr=rate).step()
    step = (weight.detach() - before).flatten().tolist()
    expected = statistics.stdev(step) / statistics.stdev(before.flatten().tolist())
    assert told == pytest.approx(math.log10(expected))


@given(SEEDS, st.integers(2, 8), SIZES, st.floats(1e-5, 2.0))
def test_normalize_batch_is_torchs_but_for_the_divisor(seed, rows, columns, eps):
    """torch divides by N: with eps (N - 1) / N it differs by the constant sqrt((N - 1) / N)."""
    x, share = numbers(seed, rows, columns), (rows - 1) / rows
    theirs = nn.functional.batch_norm(x, None, None, training=True, eps=eps * share)
    close(lesson.normalize_batch(x, eps), theirs * share**0.5)


def test_gradients_through_the_statistics():
    x = numbers(3, 4, 3).requires_grad_(True)
    assert torch.autograd.gradcheck(lesson.normalize_batch, (x,))
    layer, _ = batchnorm(4, 3)

    def call(x, gamma, beta):
        layer.gamma, layer.beta = gamma, beta
        return layer(x)

    gamma, beta = (numbers(seed, 3).requires_grad_(True) for seed in (5, 6))
    assert torch.autograd.gradcheck(call, (x, gamma, beta))
    layer.training = False
    assert torch.autograd.gradcheck(call, (x, gamma, beta))


@given(SEEDS, SIZES, st.lists(st.integers(2, 6), min_size=1, max_size=4), st.floats(0.001, 1.0))
def test_batchnorm_follows_torchs(seed, dim, batches, momentum):
    """Training moves the buffers as torch's does, and inference is torch's."""
    ours, theirs = batchnorm(seed, dim, momentum=momentum)
    for number, rows in enumerate(batches):
        x, share = numbers(seed + number, rows, dim), (rows - 1) / rows
        theirs.eps = ours.eps * share
        expected = (theirs(x) - theirs.bias) * share**0.5 + theirs.bias
        close(ours(x), expected.detach())
        close(ours.running_mean.reshape(-1), theirs.running_mean)
        close(ours.running_var.reshape(-1), theirs.running_var)
    theirs.eps, ours.training = ours.eps, False
    theirs.eval()
    before = ours.running_mean.clone(), ours.running_var.clone()
    x = numbers(seed, 1, dim)
    close(ours(x), theirs(x).detach())
    assert torch.equal(before[0], ours.running_mean) and torch.equal(before[1], ours.running_var)


@given(SEEDS, st.integers(2, 8), SIZES)
def test_calibrate_is_numpys(seed, rows, columns):
    x = numbers(seed, rows, columns)
    mean, std = lesson.calibrate(x)
    close(mean, torch.from_numpy(x.numpy().mean(0, keepdims=True)))
    close(std, torch.from_numpy(x.numpy().std(0, ddof=1, keepdims=True)))


@given(st.integers(1, 30), st.floats(0.001, 1.0))
def test_running_average_of_a_constant(steps, momentum):
    """After n steps towards 1 a running value that began at 0 is 1 - (1 - momentum) ** n."""
    running = torch.zeros(1, dtype=torch.float64)
    for _ in range(steps):
        running = lesson.running_average(running, torch.ones(1, dtype=torch.float64), momentum)
    assert running.item() == pytest.approx(1 - (1 - momentum) ** steps)


def test_batchnorm_mlp_starts_honest_whatever_its_weights():
    generator = torch.Generator().manual_seed(0)
    layers = lesson.batchnorm_mlp([10, 50, 50, 27], generator)
    x, targets = numbers(1, 64, 10, dtype=torch.float32), torch.arange(64) % 27
    logits = lesson.forward(layers, x)
    loss = nn.functional.cross_entropy(logits, targets).item()
    assert loss == pytest.approx(math.log(27), abs=0.1)
    layers[-2].weight *= 100
    close(lesson.forward(layers, x), logits, rtol=1e-3, atol=1e-4)


@given(SEEDS, st.booleans())
def test_evaluate_is_torchs_eval_mode(seed, flag):
    ours, theirs = batchnorm(seed, 3)
    ours.training = flag
    x, targets = numbers(seed, 5, 3), torch.tensor([0, 1, 2, 1, 0])
    expected = nn.functional.cross_entropy(theirs.eval()(x), targets).item()
    assert lesson.evaluate([ours], x, targets) == pytest.approx(expected)
    assert ours.training is flag


@pytest.mark.parametrize("steps", [4, 5, 6, 7, 40, 101])
@pytest.mark.filterwarnings("ignore:Detected call of")
def test_learning_rate_is_a_step_schedule(steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    milestone = math.ceil(steps * 3 / 4)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [milestone], gamma=0.1)
    for step in range(steps):
        assert lesson.learning_rate_at(step, steps) == pytest.approx(schedule.get_last_lr()[0])
        schedule.step()


def test_at_zero_only_the_last_bias_hears_anything():
    layers = lesson.deep_mlp([3, 4, 4, 5], torch.Generator().manual_seed(0))
    parameters = lesson.trainable_parameters(layers)
    x, targets = numbers(1, 6, 3, dtype=torch.float32), torch.tensor([0, 1, 2, 3, 4, 0])
    lesson.forward_backward(layers, parameters, x, targets)
    assert lesson.silent_parameters(parameters) == []
    for parameter in parameters:
        parameter.data.zero_()
    lesson.forward_backward(layers, parameters, x, targets)
    assert lesson.silent_parameters(parameters) == [0, 1, 2, 3, 4]


def test_a_network_of_zeros_learns_how_common_the_characters_are():
    """Its loss ends at their entropy, whatever the contexts say."""
    layers = lesson.raw_mlp([4, 5, 3], torch.Generator().manual_seed(0))
    lesson.rescale(layers, lambda fan_in: 0.0, 0.0)
    contexts = torch.arange(60).remainder(4).view(-1, 2).repeat(2, 1)
    targets = torch.tensor([0] * 30 + [1] * 20 + [2] * 10)
    embedding = numbers(0, 4, 2, dtype=torch.float32).requires_grad_()
    first = embedding.detach().clone()
    generator = torch.Generator().manual_seed(1)
    rates = [1.0] * 100 + [0.01] * 400
    lesson.train_on_batches(layers, embedding, contexts, targets, rates, 30, generator)
    shares = [1 / 2, 1 / 3, 1 / 6]
    entropy = -sum(share * math.log(share) for share in shares)
    x = embedding.detach()[contexts].flatten(1)
    assert lesson.evaluate(layers, x, targets) == pytest.approx(entropy, abs=5e-3)
    close(embedding.detach(), first)
    close(layers[0].weight.detach(), torch.zeros(4, 5))


def test_each_cure_does_what_the_table_says():
    sizes, x = [30, 200, 100, 27], numbers(3, 500, 30, dtype=torch.float32)
    found = {}
    for cure in lesson.CURES:
        layers = lesson.cured_mlp(cure, sizes, torch.Generator().manual_seed(4))
        logits = lesson.forward(layers, x).std().item()
        found[cure] = logits, lesson.activation_stats(layers)[0]["saturation"]
    assert found["none"][0] > 5 and found["none"][1] > 0.6
    assert found["softmax"][0] < 0.2 and found["softmax"][1] > 0.6
    for cure in ("tanh", "Kaiming", "BatchNorm"):
        assert found[cure][0] < 0.2 and found[cure][1] < 0.3
    assert [type(layer).__name__ for layer in layers[:3]] == ["Linear", "BatchNorm1d", "Tanh"]
    assert layers[0].bias is None and layers[-1].bias is not None


@given(SEEDS, SIZES, SIZES, st.booleans())
def test_fold_is_torchs_fusion(seed, fan_in, fan_out, bias):
    """torch fuses a Linear with a BatchNorm1d as well; its Linear then always has a bias."""
    linear = nn.Linear(fan_in, fan_out, bias=bias, dtype=torch.float64).eval()
    ours, theirs = batchnorm(seed, fan_out)
    fused = fuse_linear_bn_eval(linear, theirs.eval())
    mine = lesson.Linear(fan_in, fan_out, bias=bias)
    mine.weight, mine.bias = linear.weight.detach().t(), linear.bias
    weight, constant = lesson.fold_batchnorm(mine, ours)
    close(weight.detach(), fused.weight.t().detach())
    close(constant.detach(), fused.bias.detach())


@pytest.mark.skipif("GRADSCHOOL_DATA" not in os.environ, reason="GRADSCHOOL_DATA names no folder")
def test_first_losses_on_the_names():
    """There are 228,146 contexts; a careful network starts at log 27, a careless one near 27."""
    words = Path(os.environ["GRADSCHOOL_DATA"], "names.txt").read_text().split()
    training, dev, vocab_size = lesson.split_dataset(words[:3000])
    assert vocab_size == 27
    assert len(training[0]) + len(dev[0]) < sum(len(word) + 1 for word in words[:3000])
    assert sum(len(word) + 1 for word in words) == 228_146
    generator = torch.Generator().manual_seed(0)
    x = torch.randn((27, 10), generator=generator)[training[0][:1000]].flatten(1)
    careful = lesson.deep_mlp([30, 200, 27], generator)
    loss = nn.functional.cross_entropy(lesson.forward(careful, x), training[1][:1000]).item()
    assert loss == pytest.approx(math.log(27), abs=0.1)
    careless = lesson.raw_mlp([30, 200, 27], generator)
    loss = nn.functional.cross_entropy(lesson.forward(careless, x), training[1][:1000]).item()
    assert 20 < loss < 35
