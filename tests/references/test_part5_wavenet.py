"""The WaveNet lesson's references against torch's own modules, gradcheck and plain loops."""

import itertools
import math
import os
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.references import load

lesson = load("part5_wavenet")
# A busy machine is no fault of the lesson.
UNHURRIED = settings(deadline=None)
sizes = st.integers(1, 4)


def randn(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def in_double_precision(layer):
    for name, value in vars(layer).items():
        if isinstance(value, torch.Tensor):
            setattr(layer, name, value.double())
    return layer


def trained_model(block_size=8):
    """A tree whose parameters and statistics are all different from where they begin."""
    generator = torch.Generator().manual_seed(1)
    model = lesson.build_wavenet(7, 3, 5, block_size, generator)
    with torch.no_grad():
        for p in model.parameters():
            p += 0.3 * torch.randn(p.shape, generator=generator)
        for _ in range(20):
            model(torch.randint(7, (16, block_size), generator=generator))
    lesson.set_training(model, False)
    return model


@settings(UNHURRIED)
@given(st.lists(st.floats(-5, 5, width=32), max_size=30), st.integers(1, 6))
def test_smooth_against_slices(losses, every):
    groups = [losses[i : i + every] for i in range(0, len(losses), every)]
    means = [math.fsum(group) / every for group in groups if len(group) == every]
    expected = torch.tensor(means, dtype=torch.float32)
    torch.testing.assert_close(lesson.smooth(losses, every), expected, rtol=1e-5, atol=1e-5)


def test_embedding_against_torchs():
    ours, theirs = lesson.Embedding(5, 3), nn.Embedding(5, 3)
    theirs.weight.data = ours.weight.clone()
    indices = torch.tensor([[0, 4, 4], [1, 2, 3]])
    torch.testing.assert_close(ours(indices), theirs(indices).detach())


@settings(UNHURRIED)
@given(sizes, sizes, sizes, sizes)
def test_flatten_consecutive_against_unfold(batch, places, n, channels):
    x = randn(batch, places * n, channels)
    expected = x.unfold(1, n, n).transpose(2, 3).flatten(2)
    expected = expected[:, 0] if places == 1 else expected
    assert torch.equal(lesson.FlattenConsecutive(n)(x), expected)
    elsewhere = x.transpose(0, 1).contiguous().transpose(0, 1)
    assert torch.equal(lesson.FlattenConsecutive(n)(elsewhere), expected)


@pytest.mark.parametrize("shape", [(6, 3), (4, 5, 3)])
def test_batchnorm_against_torchs(shape):
    ours, theirs = lesson.BatchNorm1d(3), nn.BatchNorm1d(3)
    ours.gamma, ours.beta = randn(3, seed=1), randn(3, seed=2)
    theirs.weight.data, theirs.bias.data = ours.gamma, ours.beta
    number = math.prod(shape[:-1])
    for seed in range(3):
        x = randn(*shape, seed=seed)
        channels_second = x.movedim(-1, 1)
        # torch normalises with the biased variance, the lecture with the unbiased one.
        biased = theirs(channels_second).movedim(1, -1) - theirs.bias
        unbiased = biased * math.sqrt((number - 1) / number) + theirs.bias
        torch.testing.assert_close(ours(x), unbiased.detach(), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ours.running_mean.reshape(-1), theirs.running_mean)
    torch.testing.assert_close(ours.running_var.reshape(-1), theirs.running_var)
    ours.training = theirs.training = False
    torch.testing.assert_close(ours(x), theirs(channels_second).movedim(1, -1).detach())


@pytest.mark.parametrize("shape", [(4, 2), (3, 2, 2)])
def test_batchnorm_gradients(shape):
    layer = in_double_precision(lesson.BatchNorm1d(2))
    x = randn(*shape, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(layer, (x,))
    assert not layer.running_mean.requires_grad


def as_torch_module(model):
    """The same network from torch's own modules, with the reference's weights."""
    modules = []
    for layer in model.layers:
        match layer:
            case lesson.Embedding():
                modules.append(nn.Embedding.from_pretrained(layer.weight.detach()))
            case lesson.FlattenConsecutive():
                modules.append(Pairs())
            case lesson.Linear():
                modules.append(nn.Linear(*layer.weight.shape, bias=layer.bias is not None))
                modules[-1].weight.data = layer.weight.detach().T
                if layer.bias is not None:
                    modules[-1].bias.data = layer.bias.detach()
            case lesson.BatchNorm1d():
                modules.append(ChannelsLast(layer.gamma.numel()))
                modules[-1].weight.data, modules[-1].bias.data = layer.gamma, layer.beta
                modules[-1].running_mean = layer.running_mean.reshape(-1)
                modules[-1].running_var = layer.running_var.reshape(-1)
            case lesson.Tanh():
                modules.append(nn.Tanh())
    return nn.Sequential(*modules).eval()


class Pairs(nn.Module):
    def forward(self, x):
        joined = torch.cat([x[:, 0::2], x[:, 1::2]], dim=2)
        return joined.squeeze(1)


class ChannelsLast(nn.BatchNorm1d):
    def forward(self, x):
        return super().forward(x.movedim(-1, 1)).movedim(1, -1)


@pytest.mark.parametrize("block_size", [2, 4, 8, 16])
def test_wavenet_against_torchs_modules(block_size):
    model = trained_model(block_size)
    contexts = torch.randint(7, (5, block_size), generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(
        model(contexts), as_torch_module(model)(contexts), rtol=1e-5, atol=1e-5
    )


def test_the_lectures_size_and_first_loss():
    torch.manual_seed(0)
    model = lesson.build_wavenet(27, 24, 128)
    assert lesson.count_parameters(model) == 76_579
    contexts, targets = torch.randint(27, (200, 8)), torch.randint(27, (200,))
    loss = F.cross_entropy(model(contexts), targets)
    assert abs(loss.item() - math.log(27)) < 0.1
    loss.backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_set_training_reaches_every_batchnorm():
    model = lesson.Sequential([lesson.build_wavenet(5, 2, 3), lesson.BatchNorm1d(5)])
    lesson.set_training(model, False)
    flags = [layer.training for layer in [*model.layers[0].layers, model.layers[1]]
             if isinstance(layer, lesson.BatchNorm1d)]  # fmt: skip
    assert flags == [False] * 4


@settings(UNHURRIED)
@given(sizes, st.lists(st.integers(1, 5), max_size=4))
def test_receptive_field_by_walking_down(kernel_size, dilations):
    reached = {0}
    for dilation in dilations:
        taps = itertools.product(reached, range(kernel_size))
        reached = {place - tap * dilation for place, tap in taps}
    assert lesson.receptive_field(kernel_size, dilations) == 1 - min(reached)


@settings(UNHURRIED)
@given(sizes, st.integers(1, 8), sizes, sizes, sizes, st.integers(1, 5))
def test_causal_convolution_against_conv1d_and_loops(batch, time, taps, inputs, outputs, dilation):
    x, weight = randn(batch, time, inputs), randn(taps, inputs, outputs, seed=1)
    ours = lesson.causal_convolution(x, weight, dilation)
    padded = F.pad(x.transpose(1, 2), ((taps - 1) * dilation, 0))
    theirs = F.conv1d(padded, weight.permute(2, 1, 0), dilation=dilation).transpose(1, 2)
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    looped = torch.zeros(batch, time, outputs)
    for t, k in itertools.product(range(time), range(taps)):
        source = t - (taps - 1 - k) * dilation
        if source >= 0:
            looped[:, t] += x[:, source] @ weight[k]
    torch.testing.assert_close(ours, looped, rtol=1e-5, atol=1e-5)


def test_causal_convolution_gradients_and_causality():
    x = randn(2, 5, 2, dtype=torch.float64).requires_grad_()
    weight = randn(3, 2, 2, seed=1, dtype=torch.float64).requires_grad_()

    def dilated(x, weight):
        return lesson.causal_convolution(x, weight, dilation=2)

    assert torch.autograd.gradcheck(dilated, (x, weight))
    (slopes,) = torch.autograd.grad(lesson.causal_convolution(x, weight)[:, 2].sum(), x)
    assert slopes[:, 3:].abs().sum() == 0 and slopes[:, 2].abs().sum() > 0


@pytest.mark.parametrize("block_size", [2, 4, 8])
def test_tree_and_convolutions_are_one_model(block_size):
    model = trained_model(block_size)
    indices = torch.randint(7, (3, block_size + 6), generator=torch.Generator().manual_seed(5))
    logits = lesson.logits_everywhere(model, indices)
    for t in range(block_size - 1, indices.shape[1]):
        window = indices[:, t - block_size + 1 : t + 1]
        torch.testing.assert_close(logits[:, t], model(window), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("length", [1, 3, 9])
def test_zeros_stand_before_the_beginning_of_every_level(length):
    model = trained_model(8)
    indices = torch.randint(7, (2, length), generator=torch.Generator().manual_seed(6))
    embedding, *levels, output = model.layers
    rows = [list(row) for row in embedding(indices)]
    for level in range(3):
        _, linear, batchnorm, tanh = levels[4 * level : 4 * level + 4]
        apart = 2**level
        for row in rows:
            zeros = [torch.zeros_like(row[0])] * apart
            pairs = [torch.cat(pair) for pair in zip(zeros + row, row, strict=False)]
            row[:] = tanh(batchnorm(linear(torch.stack(pairs))))
    expected = torch.stack([output(torch.stack(row)) for row in rows])
    torch.testing.assert_close(lesson.logits_everywhere(model, indices), expected)


def test_an_output_sees_its_receptive_field_and_no_more():
    model = trained_model()
    indices = torch.zeros(1, 20, dtype=torch.long)
    before = lesson.logits_everywhere(model, indices)
    seen = []
    for place in range(20):
        changed = indices.clone()
        changed[0, place] = 3
        if not torch.equal(lesson.logits_everywhere(model, changed)[0, 15], before[0, 15]):
            seen.append(place)
    assert seen == list(range(16 - lesson.receptive_field(2, [1, 2, 4]), 16))


@pytest.mark.skipif("GRADSCHOOL_DATA" not in os.environ, reason="needs the real names")
def test_a_short_training_on_the_names():
    words = (Path(os.environ["GRADSCHOOL_DATA"]) / "names.txt").read_text().split()[:3000]
    stoi = {character: i for i, character in enumerate(".abcdefghijklmnopqrstuvwxyz")}
    X, Y = lesson.build_dataset(words, stoi)
    assert X.shape == (sum(len(word) + 1 for word in words), 8)
    assert X[0].tolist() == [0] * 8 and Y[0] == stoi[words[0][0]]
    torch.manual_seed(0)
    model = lesson.build_wavenet(27, 8, 32)
    for _ in range(300):
        rows = torch.randint(len(X), (64,))
        loss = F.cross_entropy(model(X[rows]), Y[rows])
        for p in model.parameters():
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= 0.1 * p.grad
    assert lesson.split_loss(model, X, Y) < 2.55
