"""The hand-made gradients against autograd in double precision, name by name."""

import math
import os
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from tests.references import load

lesson = load("part4_backprop")

SEEDS = st.integers(0, 10_000)
PARAMETERS = ["C", "W1", "b1", "W2", "b2", "bngain", "bnbias"]


def given(**strategies):
    """Hypothesis without a deadline: torch's first call of anything is slow."""
    return lambda test: settings(deadline=None)(hypothesis_given(**strategies)(test))


def network(seed, n=6, vocab_size=5, block_size=3, n_embd=2, n_hidden=4):
    generator = torch.Generator().manual_seed(seed)
    parameters = lesson.init_parameters(vocab_size, block_size, n_embd, n_hidden, generator)
    X = torch.randint(vocab_size, (n, block_size), generator=generator)
    X[:, 0] = torch.arange(n) % vocab_size
    Y = torch.randint(vocab_size, (n,), generator=generator)
    return [parameter.double().requires_grad_() for parameter in parameters], X, Y


def by_autograd(value, inputs):
    """The gradients of a scalar by several tensors of its graph."""
    return torch.autograd.grad(value, inputs)


def close(mine, right):
    assert mine.shape == right.shape
    torch.testing.assert_close(mine, right, rtol=1e-9, atol=1e-12)


@given(seed=SEEDS, n=st.integers(1, 7), vocab_size=st.integers(2, 6))
def test_every_step_from_the_loss_to_the_logits(seed, n, vocab_size):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(n, vocab_size, generator=generator, dtype=torch.float64)
    targets = torch.randint(vocab_size, (n,), generator=generator)
    cache = lesson.forward_loss(logits.requires_grad_(), targets)
    close(cache["loss"], F.cross_entropy(logits, targets))
    with torch.no_grad():
        gradients = lesson.backward_log_softmax_nll(cache)
    for name, right in zip(
        gradients, by_autograd(cache["loss"], [cache[name] for name in gradients]), strict=True
    ):
        close(gradients[name], right)
    close(lesson.cross_entropy_gradient(logits.detach(), targets), gradients["logits"])


@given(
    seed=SEEDS, n=st.integers(2, 8), width=st.integers(1, 4), spread=st.sampled_from([0.01, 1, 9])
)
def test_every_step_of_batch_normalisation(seed, n, width, spread):
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    hprebn, bngain, bnbias = spread * normal(n, width), normal(1, width), normal(1, width)
    leaves = [value.requires_grad_() for value in (hprebn, bngain, bnbias)]
    cache, dhpreact = lesson.forward_batchnorm(*leaves), normal(n, width)
    with torch.no_grad():
        gradients = lesson.backward_batchnorm(cache, dhpreact)
        short = lesson.batchnorm_gradient(dhpreact, bngain, cache["bnraw"], cache["bnvar_inv"])
    value = (cache["hpreact"] * dhpreact).sum()
    for name, right in zip(
        gradients, by_autograd(value, [cache[name] for name in gradients]), strict=True
    ):
        assert gradients[name].shape == right.shape == cache[name].shape
        torch.testing.assert_close(gradients[name], right, rtol=1e-7, atol=1e-7)
    torch.testing.assert_close(short, gradients["hprebn"], rtol=1e-7, atol=1e-7)


def test_batch_normalisation_is_torchs():
    hprebn = torch.randn(9, 4, dtype=torch.float64)
    gain, bias = torch.randn(1, 4, dtype=torch.float64), torch.randn(1, 4, dtype=torch.float64)
    mine = lesson.forward_batchnorm(hprebn, gain, bias)
    mean, variance = hprebn.mean(0), hprebn.var(0)
    right = F.batch_norm(hprebn, mean, variance, gain[0], bias[0], eps=lesson.EPSILON)
    torch.testing.assert_close(mine["hpreact"], right)


@given(seed=SEEDS)
def test_linear_tanh_and_embedding(seed):
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()

    x, W, b, C = normal(5, 3), normal(3, 4), normal(4), normal(6, 2)
    X = torch.randint(6, (5, 3), generator=generator)
    dout, demb = normal(5, 4).detach(), normal(5, 3, 2).detach()
    out = x @ W + b
    for mine, right in zip(
        lesson.backward_linear(dout, x.detach(), W.detach()),
        by_autograd((out * dout).sum(), [x, W, b]),
        strict=True,
    ):
        close(mine, right)
    h = torch.tanh(x @ W)
    mine = lesson.backward_tanh(dout, h.detach()) @ W.detach().T
    close(mine, by_autograd((h * dout).sum(), [x])[0])
    close(lesson.backward_embedding(demb, X, 6), by_autograd((C[X] * demb).sum(), [C])[0])


@given(seed=SEEDS)
def test_all_gradients_of_the_network(seed):
    parameters, X, Y = network(seed)
    cache = lesson.forward(parameters, X, Y)
    right = by_autograd(cache["loss"], parameters)
    with torch.no_grad():
        mine = lesson.mlp_gradients(parameters, X, Y)
    for name, a, b in zip(PARAMETERS, mine, right, strict=True):
        assert a.shape == b.shape, name
        torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-8)


@given(seed=SEEDS)
def test_each_of_the_26_gradients_is_pytorchs(seed):
    parameters, X, Y = network(seed)
    parameters = [parameter.detach() for parameter in parameters]
    rows = lesson.compare_with_pytorch(parameters, X, Y)
    assert len({row["name"] for row in rows}) == 26
    far = [row for row in rows if not (row["approximate"] or row["difference"] < 1e-7)]
    assert not far, far


@given(seed=SEEDS, n=st.integers(1, 6), vocab_size=st.integers(2, 6))
def test_the_road_over_the_maximum(seed, n, vocab_size):
    """In the real network it brings 0, so here both gradients from above are made up."""
    generator = torch.Generator().manual_seed(seed)
    shapes = (n, vocab_size), (n, vocab_size), (n, 1)
    logits, straight, over = (
        torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes
    )
    logits.requires_grad_()
    maxes = logits.max(1, keepdim=True).values
    value = ((logits - maxes.detach()) * straight).sum() + (maxes * over).sum()
    mine = lesson.d_logits(
        {"logits": logits.detach()}, {"norm_logits": straight, "logit_maxes": over}
    )
    close(mine, by_autograd(value, [logits])[0])


def test_the_cache_holds_every_name_of_the_lecture():
    cache = lesson.forward(*network(0))
    names = (
        "X Y emb embcat hprebn bnmeani bndiff bndiff2 bnvar bnvar_inv bnraw hpreact h logits "
        "logit_maxes norm_logits counts counts_sum counts_sum_inv probs logprobs loss"
    )
    assert set(names.split()) <= cache.keys()


SHAPES = st.lists(st.integers(1, 3), max_size=3)


@given(shape=SHAPES, front=st.lists(st.integers(1, 3), max_size=2), data=st.data())
def test_sum_to_shape_is_the_gradient_of_a_broadcast(shape, front, data):
    full = front + [data.draw(st.integers(1, 3)) if size == 1 else size for size in shape]
    operand = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    gradient = torch.randn(full, dtype=torch.float64)
    right = by_autograd((operand.expand(full) * gradient).sum(), [operand])[0]
    close(lesson.sum_to_shape(gradient, tuple(shape)), right)


def test_compare():
    a = torch.tensor([1.0, 2.0])
    same = {"name": "a", "exact": True, "approximate": True, "difference": 0.0}
    assert lesson.compare("a", a, a.clone()) == same
    nearly = lesson.compare("a", a * (1 + 1e-6), a)
    assert (nearly["exact"], nearly["approximate"]) == (False, True)
    assert lesson.compare("a", a, a[None])["difference"] == math.inf
    assert lesson.compare("a", a, torch.tensor([1.0, math.nan]))["approximate"] is False


def test_a_step_lowers_the_loss():
    parameters, X, Y = network(3)
    parameters = [parameter.detach() for parameter in parameters]
    before = lesson.forward(parameters, X, Y)["loss"]
    lesson.sgd_step(parameters, lesson.mlp_gradients(parameters, X, Y), 0.1)
    assert lesson.forward(parameters, X, Y)["loss"] < before


def test_names_are_learned():
    folder = os.environ.get("GRADSCHOOL_DATA")
    if not folder:
        pytest.skip("GRADSCHOOL_DATA does not name a folder with names.txt")
    words = (Path(folder) / "names.txt").read_text().split()
    (X, Y), dev, vocab_size = lesson.split_names(words, 3)
    assert (len(X) + len(dev[0]), vocab_size) == (228_146, 27)
    generator = torch.Generator().manual_seed(0)
    parameters = lesson.init_parameters(vocab_size, 3, 10, 64, generator)
    for _ in range(1500):
        batch = torch.randint(len(X), (32,), generator=generator)
        lesson.sgd_step(parameters, lesson.mlp_gradients(parameters, X[batch], Y[batch]), 0.1)
    assert lesson.dev_loss(parameters, (X, Y), dev) < 2.6
