"""The references of part 2 against torch's own functions, gradcheck, closed forms, brute force."""

import itertools
import math
import os
from collections import Counter
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.references import load

lesson = load("part2_mlp")

some_words = st.lists(st.text("abcz", min_size=1, max_size=6), min_size=1, max_size=8)
relaxed = settings(deadline=None, max_examples=50)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def drawn_parameters(seed, block_size=2, dtype=torch.float64):
    made = lesson.init_parameters(5, block_size, 3, 4, seeded(seed))
    return [parameter.detach().to(dtype).requires_grad_() for parameter in made]


def drawn_rows(seed, count=6, block_size=2):
    generator = seeded(seed)
    X = torch.randint(5, (count, block_size), generator=generator)
    return X, torch.randint(5, (count,), generator=generator)


def torch_layers(parameters, block_size=2):
    """The same network from torch's own layers."""
    C, W1, b1, W2, b2 = (parameter.detach().clone() for parameter in parameters)
    hidden = torch.nn.Linear(*W1.shape, dtype=C.dtype)
    output = torch.nn.Linear(*W2.shape, dtype=C.dtype)
    for layer, weight, bias in ((hidden, W1, b1), (output, W2, b2)):
        layer.weight.data, layer.bias.data = weight.T.contiguous(), bias
    embedding = torch.nn.Embedding.from_pretrained(C, freeze=False)
    return torch.nn.Sequential(embedding, torch.nn.Flatten(), hidden, torch.nn.Tanh(), output)


@pytest.fixture(scope="module")
def names():
    folder = os.environ.get("GRADSCHOOL_DATA")
    if not folder:
        pytest.skip("GRADSCHOOL_DATA names no folder with the real names.txt")
    return (Path(folder) / "names.txt").read_text().split()


@relaxed
@given(st.text("abc", min_size=1, max_size=9), st.integers(1, 6))
def test_contexts_spell_the_word(word, block_size):
    pairs = lesson.contexts(word, block_size)
    assert "".join(following for _, following in pairs) == word + "."
    for number, (context, _) in enumerate(pairs):
        assert context == ("." * block_size + word[:number])[-block_size:]


@relaxed
@given(some_words, st.integers(1, 5))
def test_dataset_is_a_window_over_the_codes(words, block_size):
    stoi, _ = lesson.vocabulary(words)
    codes = [[0] * block_size + [stoi[c] for c in word] + [0] for word in words]
    windows = torch.cat([torch.tensor(code).unfold(0, block_size + 1, 1) for code in codes])
    X, Y = lesson.build_dataset(words, stoi, block_size)
    assert torch.equal(X, windows[:, :-1]) and torch.equal(Y, windows[:, -1])
    assert X.dtype == Y.dtype == torch.int64


@relaxed
@given(some_words, st.integers(0, 50))
def test_split_is_a_partition(words, seed):
    before = list(words)
    parts = lesson.split_words(words, (0.5, 0.3, 0.2), seed)
    assert Counter(itertools.chain(*parts)) == Counter(words)
    assert words == before
    assert parts == lesson.split_words(words, (0.5, 0.3, 0.2), seed)
    assert all(
        abs(len(part) - share * len(words)) <= 1
        for part, share in zip(parts, (0.5, 0.3, 0.2), strict=True)
    )


@relaxed
@given(some_words, some_words)
def test_leaked_words_are_those_of_both_lists(train, other):
    leaked = lesson.leaked_words(train, other)
    common = Counter({word: count for word, count in Counter(other).items() if word in train})
    assert Counter(leaked) == common
    rest = iter(other)
    assert all(word in rest for word in leaked)


def test_the_figures_of_the_text(names):
    """One in eight dev names is a training name: names.txt is girls, then boys."""
    assert (len(names), len(set(names))) == (32_033, 29_494)
    assert names[18_029:18_031] == ["liam", "noah"]
    train, dev, _ = lesson.split_words(names)
    assert (len(lesson.leaked_words(train, dev)), len(dev)) == (424, 3_203)


def test_embedding_is_torchs():
    C = drawn_parameters(1)[0]
    X, _ = drawn_rows(1)
    torch.testing.assert_close(lesson.embed(C, X), F.embedding(X, C).flatten(1))
    assert torch.autograd.gradcheck(lambda C: lesson.embed(C, X), C)


def test_first_weights_are_standard_normal():
    made = lesson.init_parameters(50, 3, 20, 300, seeded(2), output_scale=0.01)
    C, W1, b1, W2, b2 = made
    for parameter, scale in ((C, 1), (W1, 1), (b1, 1), (W2, 0.01), (b2, 0.01)):
        values = parameter.detach() / scale
        count = values.numel()
        assert abs(values.mean()) < 6 / math.sqrt(count)
        assert abs(values.std() - 1) < 6 / math.sqrt(2 * count)
        assert parameter.is_leaf and parameter.requires_grad and parameter.dtype == torch.float32


def test_forward_is_torchs_layers():
    parameters, (X, _) = drawn_parameters(3), drawn_rows(3)
    torch.testing.assert_close(lesson.forward(parameters, X), torch_layers(parameters)(X))
    assert torch.autograd.gradcheck(lambda *p: lesson.forward(p, X), parameters)


@pytest.mark.parametrize("scale", [0.0, 1.0, 1000.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_cross_entropy_is_torchs(scale, dtype):
    logits = scale * torch.randn(20, 7, generator=seeded(4), dtype=dtype)
    targets = torch.randint(7, (20,), generator=seeded(5))
    torch.testing.assert_close(
        lesson.cross_entropy(logits, targets), F.cross_entropy(logits, targets)
    )


def test_cross_entropy_has_the_right_gradient():
    logits = torch.randn(4, 5, generator=seeded(6), dtype=torch.float64, requires_grad=True)
    targets = torch.tensor([0, 4, 2, 2])
    assert torch.autograd.gradcheck(lambda z: lesson.cross_entropy(z, targets), logits)


def test_cross_entropy_at_the_extremes():
    logits = torch.tensor([[1000.0, -1000.0], [-1000.0, 1000.0]], requires_grad=True)
    loss = lesson.cross_entropy(logits, torch.tensor([1, 1]))
    loss.backward()
    assert loss.item() == 1000.0
    torch.testing.assert_close(logits.grad, torch.tensor([[0.5, -0.5], [0.0, 0.0]]))


@pytest.mark.parametrize("size", [1, 2, 27, 65])
def test_first_loss_is_that_of_equal_logits(size):
    logits, targets = torch.zeros(3, size), torch.zeros(3, dtype=torch.int64)
    expected = F.cross_entropy(logits, targets).item()
    assert lesson.expected_initial_loss(size) == pytest.approx(expected, rel=1e-6)


def test_a_small_last_layer_starts_at_the_expected_loss():
    X, Y = torch.randint(27, (500, 3), generator=seeded(7)), torch.arange(500) % 27
    careful = lesson.init_parameters(27, 3, 10, 200, seeded(8), output_scale=0.01)
    careless = lesson.init_parameters(27, 3, 10, 200, seeded(8))
    expected = lesson.expected_initial_loss(27)
    assert lesson.evaluate(careful, X, Y) == pytest.approx(expected, abs=0.1)
    assert lesson.evaluate(careless, X, Y) > 10


def test_minibatch_draws_every_row_equally_often_with_its_target():
    X, Y = torch.arange(5).view(5, 1), torch.arange(5) + 10
    generator = seeded(9)
    batches = [lesson.minibatch(X, Y, 8, generator) for _ in range(500)]
    assert all(torch.equal(Xb[:, 0] + 10, Yb) for Xb, Yb in batches)
    counts = torch.cat([Xb[:, 0] for Xb, _ in batches]).bincount(minlength=5)
    assert ((counts - 800).abs() < 6 * math.sqrt(4000 * 0.2 * 0.8)).all()


def test_sgd_steps_are_torchs():
    parameters, (X, Y) = drawn_parameters(10), drawn_rows(10)
    model = torch_layers(parameters)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for _ in range(5):
        lesson.sgd_step(parameters, F.cross_entropy(lesson.forward(parameters, X), Y), 0.3)
        optimizer.zero_grad()
        F.cross_entropy(model(X), Y).backward()
        optimizer.step()
    torch.testing.assert_close(lesson.forward(parameters, X), model(X))


def test_32_examples_are_learned_as_well_as_they_can_be():
    words = ["emma", "olivia", "ava", "isabella", "sophia"]
    stoi, _ = lesson.vocabulary(words)
    X, Y = lesson.build_dataset(words, stoi)
    assert len(X) == 32
    parameters = lesson.init_parameters(len(stoi), 3, 2, 100, seeded(3), output_scale=0.01)
    losses = lesson.overfit(parameters, X, Y, 1000, 0.1)
    floor = 5 * math.log(5) / 32
    assert losses[0] == pytest.approx(math.log(len(stoi)), abs=0.1)
    assert floor < losses[-1] < floor + 0.1


def test_training_is_torchs_where_all_rows_are_alike():
    parameters, (X, Y) = drawn_parameters(10), drawn_rows(10, count=1)
    model, rates = torch_layers(parameters), [0.3, 0.1, 0.2]
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    expected = []
    for rate in rates:
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X), Y)
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    losses = lesson.train_on_batches(parameters, X.repeat(7, 1), Y.repeat(7), rates, 4, seeded(1))
    assert losses == pytest.approx(expected)


def test_the_sweep_is_a_valley():
    X, Y = drawn_rows(10, count=60)
    losses = lesson.sweep_learning_rates(
        [1e-4, 0.3, 3e3], lambda: drawn_parameters(4), (X, X[:, 0]), (X, X[:, 0]), 60, 8, seed=5
    )
    assert losses[1] < losses[0] and not losses[2] < losses[0]


@relaxed
@given(st.integers(-6, -1), st.integers(0, 3), st.integers(2, 40))
def test_learning_rates_are_torchs_logspace(low, high, count):
    expected = torch.logspace(low, high, count)
    torch.testing.assert_close(lesson.learning_rates(low, high, count), expected, rtol=1e-5, atol=0)


@relaxed
@given(
    st.lists(st.sampled_from([math.nan, math.inf, -math.inf, 0.5, 2.5, 3.0, -1.0]), max_size=6),
    st.floats(-10, 10, width=32),
    st.integers(0, 6),
)
def test_best_rate_is_the_lowest_finite_loss(others, finite, place):
    losses = [*others[:place], finite, *others[place:]]
    rates = torch.arange(1.0, len(losses) + 1)
    best = lesson.best_learning_rate(rates, torch.tensor(losses))
    lowest = min(loss for loss in losses if math.isfinite(loss))
    assert losses[int(best) - 1] == lowest


@pytest.mark.parametrize("steps", [2, 3, 10, 200_000])
def test_decay_gives_each_rate_its_half(steps):
    rates = [lesson.decayed_rate(step, steps, 1.0) for step in range(steps)]
    assert rates == [1.0] * math.ceil(steps / 2) + [0.1] * (steps // 2)


def test_evaluation_is_torchs_loss_and_leaves_no_trace():
    parameters, (X, Y) = drawn_parameters(11), drawn_rows(11, count=100)
    expected = F.cross_entropy(torch_layers(parameters)(X), Y).item()
    assert lesson.evaluate(parameters, X, Y) == pytest.approx(expected)
    assert all(parameter.grad is None for parameter in parameters)
    assert torch.is_grad_enabled()


def test_names_are_as_frequent_as_the_product_of_their_probabilities():
    parameters = drawn_parameters(12, dtype=torch.float32)
    parameters[4].data[0] += 3.0  # short names, so that the common ones are drawn often
    itos, generator, number = dict(enumerate(".abcd")), seeded(13), 1000
    drawn = Counter(lesson.sample_name(parameters, itos, 2, generator) for _ in range(number))
    stoi = {character: index for index, character in itos.items()}
    for name, _ in drawn.most_common(4):
        X, Y = lesson.build_dataset([name], stoi, 2) if name else (torch.zeros(1, 2).long(), [0])
        table = lesson.forward(parameters, X).softmax(1)
        share = math.prod(row[target].item() for row, target in zip(table, Y, strict=True))
        deviation = math.sqrt(share * (1 - share) / number)
        assert abs(drawn[name] / number - share) < 6 * deviation


def test_training_learns_the_sound_of_names(names):
    stoi, _ = lesson.vocabulary(names)
    train, dev, test = (lesson.build_dataset(part, stoi) for part in lesson.split_words(names))
    assert len(train[0]) + len(dev[0]) + len(test[0]) == 228_146
    parameters = lesson.init_parameters(27, 3, 10, 100, seeded(14), output_scale=0.01)
    generator = seeded(15)
    for step in range(2000):
        X, Y = lesson.minibatch(*train, 32, generator)
        loss = lesson.cross_entropy(lesson.forward(parameters, X), Y)
        lesson.sgd_step(parameters, loss, lesson.decayed_rate(step, 2000))
    assert lesson.evaluate(parameters, *dev) < 2.5
