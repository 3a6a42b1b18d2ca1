"""The references of part 1 against brute force, torch's own functions and the lecture's figures."""

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

lesson = load("part1_bigrams")

some_words = st.lists(st.text("abcz", min_size=1, max_size=6), min_size=1, max_size=8)
relaxed = settings(deadline=None, max_examples=50)


def joined(words):
    """The words as one text: a single dot between two words ends one and begins the next."""
    return "." + ".".join(words) + "."


def drawn_counts(seed, *shape):
    return torch.randint(0, 9, shape, generator=torch.Generator().manual_seed(seed))


def drawn_case(seed, size=4, count=7):
    """Weights in double precision, inputs and targets."""
    generator = torch.Generator().manual_seed(seed)
    W = torch.randn(size, size, generator=generator, dtype=torch.float64, requires_grad=True)
    xs, ys = torch.randint(size, (2, count), generator=generator)
    return W, xs, ys


@pytest.fixture(scope="module")
def names():
    folder = os.environ.get("GRADSCHOOL_DATA")
    if not folder:
        pytest.skip("GRADSCHOOL_DATA names no folder with the real names.txt")
    return (Path(folder) / "names.txt").read_text().split()


@relaxed
@given(some_words)
def test_vocabulary_is_a_bijection_onto_sorted_characters(words):
    stoi, itos = lesson.vocabulary(words)
    assert [itos[i] for i in range(len(itos))] == [
        ".",
        *sorted({c for word in words for c in word}),
    ]
    assert {itos[index]: index for index in itos} == stoi


@relaxed
@given(some_words)
def test_bigrams_are_the_pairs_of_the_joined_text(words):
    text = joined(words)
    pairs = [pair for word in words for pair in lesson.bigrams(word)]
    assert pairs == [(text[i], text[i + 1]) for i in range(len(text) - 1)]


@relaxed
@given(some_words)
def test_counts_agree_with_a_counter(words):
    stoi, itos = lesson.vocabulary(words)
    counts = lesson.count_bigrams(words, stoi)
    counter = Counter(itertools.pairwise(joined(words)))
    for first, second in itertools.product(stoi, repeat=2):
        assert counts[stoi[first], stoi[second]] == counter[first, second]
    assert not counts.is_floating_point()


@relaxed
@given(some_words)
def test_every_character_is_entered_as_often_as_it_is_left(words):
    # Why the average loss of real words cannot show a division along the wrong axis.
    counts = lesson.count_bigrams(words, lesson.vocabulary(words)[0])
    assert counts.sum(0).tolist() == counts.sum(1).tolist()


@pytest.mark.parametrize("smoothing", [0.0, 0.5, 1, 20.0])
@pytest.mark.parametrize("shape", [(4, 4), (9, 3)])
def test_probabilities_agree_with_a_categorical_distribution(smoothing, shape):
    counts = drawn_counts(1, *shape)
    counts[:, 0] += 1
    expected = torch.distributions.Categorical(counts + smoothing).probs
    torch.testing.assert_close(lesson.probabilities(counts, smoothing), expected)


def test_shares_are_the_most_likely_table():
    words = ["abba", "ab", "ba", "b"]
    stoi, _ = lesson.vocabulary(words)
    best = lesson.probabilities(lesson.count_bigrams(words, stoi), 0.0)
    lowest = lesson.average_nll(words, best, stoi)
    for seed in range(20):
        noise = torch.rand(best.shape, generator=torch.Generator().manual_seed(seed))
        other = F.normalize(best + 0.1 * noise, p=1, dim=1)
        assert lesson.average_nll(words, other, stoi) > lowest


def test_a_row_without_counts_is_uniform_and_finite():
    table = lesson.probabilities(torch.zeros(3, 5, dtype=torch.int64), 0.0)
    torch.testing.assert_close(table, torch.full((3, 5), 0.2))


def test_sampled_words_are_as_frequent_as_the_product_of_their_probabilities():
    table = torch.tensor([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3], [0.4, 0.4, 0.2]])
    generator, itos = torch.Generator().manual_seed(1), {0: ".", 1: "a", 2: "b"}
    number = 4000
    drawn = Counter(lesson.sample_word(table, itos, generator) for _ in range(number))
    for word in ("", "a", "b", "ab", "ba", "aa"):
        path = [0, *(".ab".index(c) for c in word), 0]
        share = math.prod(table[i, j].item() for i, j in itertools.pairwise(path))
        deviation = math.sqrt(share * (1 - share) / number)
        assert abs(drawn[word] / number - share) < 6 * deviation


def test_sampling_repeats_with_the_seed():
    table = lesson.probabilities(drawn_counts(2, 5, 5))
    itos = dict(enumerate(".abcd"))
    first, second = (
        [lesson.sample_word(table, itos, generator) for _ in range(20)]
        for generator in (torch.Generator().manual_seed(5), torch.Generator().manual_seed(5))
    )
    assert first == second and len(set(first)) > 5


@relaxed
@given(some_words, st.integers(0, 1000))
def test_average_nll_is_torchs_nll_loss(words, seed):
    stoi, _ = lesson.vocabulary(words)
    table = lesson.probabilities(drawn_counts(seed, len(stoi), len(stoi)))
    xs, ys = lesson.bigram_pairs(words, stoi)
    expected = F.nll_loss(table.log()[xs], ys).item()
    assert lesson.average_nll(words, table, stoi) == pytest.approx(expected, rel=1e-5)


@relaxed
@given(some_words)
def test_pairs_add_up_to_the_counts(words):
    stoi, _ = lesson.vocabulary(words)
    xs, ys = lesson.bigram_pairs(words, stoi)
    table = torch.zeros(len(stoi), len(stoi), dtype=torch.int64)
    table.index_put_((xs, ys), torch.tensor(1), accumulate=True)
    assert torch.equal(table, lesson.count_bigrams(words, stoi))
    assert xs.dtype == ys.dtype == torch.int64


@pytest.mark.parametrize("count", [0, 1, 9])
def test_one_hot_is_torchs(count):
    xs = torch.randint(5, (count,), generator=torch.Generator().manual_seed(count))
    assert torch.equal(lesson.one_hot(xs, 5), F.one_hot(xs, 5).float())


def test_look_up_is_the_product_with_one_hot_rows():
    W, xs, _ = drawn_case(3)
    product = F.one_hot(xs, 4).double() @ W
    torch.testing.assert_close(lesson.row_lookup(W, xs), product)
    weights = torch.arange(28.0).view(7, 4)
    expected = torch.autograd.grad((product * weights).sum(), W)
    actual = torch.autograd.grad((lesson.row_lookup(W, xs) * weights).sum(), W)
    torch.testing.assert_close(actual, expected)


def test_look_up_copies_the_logarithm_of_no_count():
    W = torch.tensor([[2.0, 0.0], [1.0, 3.0]]).log()
    rows = lesson.row_lookup(W, torch.tensor([1, 0, 1]))
    assert rows.tolist() == [W.tolist()[index] for index in (1, 0, 1)]


@pytest.mark.parametrize("shape", [(5,), (1,), (3, 4), (2, 3, 4), (0, 3)])
def test_softmax_is_torchs(shape):
    logits = torch.randn(shape, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    torch.testing.assert_close(lesson.softmax(logits), torch.softmax(logits, -1))
    if logits.numel():
        assert torch.autograd.gradcheck(lesson.softmax, logits.requires_grad_())


@pytest.mark.parametrize("regularization", [0.0, 0.7])
def test_bigram_loss_is_cross_entropy_and_a_price(regularization):
    W, xs, ys = drawn_case(5)
    expected = F.cross_entropy(W[xs], ys) + regularization * F.mse_loss(W, torch.zeros_like(W))
    torch.testing.assert_close(lesson.bigram_loss(W, xs, ys, regularization), expected)
    assert torch.autograd.gradcheck(lambda W: lesson.bigram_loss(W, xs, ys, regularization), W)


def test_gradient_of_the_loss_is_probabilities_minus_one_hot():
    W, xs, ys = drawn_case(6)
    lesson.bigram_loss(W, xs, ys).backward()
    surplus = torch.softmax(W.detach()[xs], 1) - F.one_hot(ys, 4)
    expected = torch.zeros(4, 4, dtype=torch.float64).index_add_(0, xs, surplus / len(xs))
    torch.testing.assert_close(W.grad, expected)


def test_gradient_steps_are_torchs_sgd():
    W, xs, ys = drawn_case(7)
    other = W.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([other], lr=3.0)
    for _ in range(5):
        expected = F.cross_entropy(other[xs], ys) + 0.1 * other.square().mean()
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert lesson.gradient_step(W, xs, ys, 3.0, 0.1) == pytest.approx(expected.item())
    torch.testing.assert_close(W, other)


def test_training_ends_at_the_counted_table():
    words = ["abba", "ab", "ba", "b", "aab"]
    stoi, _ = lesson.vocabulary(words)
    counted = lesson.probabilities(lesson.count_bigrams(words, stoi), 0.0)
    xs, ys = lesson.bigram_pairs(words, stoi)
    W = torch.zeros(3, 3, requires_grad=True)
    for _ in range(2000):
        loss = lesson.gradient_step(W, xs, ys, 10.0)
    torch.testing.assert_close(torch.softmax(W.detach(), 1), counted, atol=1e-3, rtol=0)
    assert loss == pytest.approx(lesson.average_nll(words, counted, stoi), abs=1e-3)


@relaxed
@given(some_words)
def test_trigram_counts_agree_with_a_counter(words):
    stoi, itos = lesson.vocabulary(words)
    counts = lesson.count_trigrams(words, stoi)
    texts = [f"..{word}." for word in words]
    counter = Counter(text[i : i + 3] for text in texts for i in range(len(text) - 2))
    assert counts.sum() == sum(counter.values()) == sum(len(word) + 1 for word in words)
    for place in counts.nonzero().tolist():
        assert counts[tuple(place)] == counter["".join(itos[index] for index in place)]


@relaxed
@given(some_words, st.integers(0, 1000))
def test_trigram_nll_weighs_surprise_by_counts(words, seed):
    stoi, _ = lesson.vocabulary(words)
    counts = lesson.count_trigrams(words, stoi)
    table = F.normalize(drawn_counts(seed, *counts.shape) + 1.0, p=1, dim=-1)
    expected = -(counts * table.log()).sum().item() / counts.sum().item()
    assert lesson.average_trigram_nll(words, table, stoi) == pytest.approx(expected, rel=1e-5)


@relaxed
@given(some_words, some_words)
def test_best_smoothing_is_the_argmin_of_the_closed_form(train, dev):
    stoi, _ = lesson.vocabulary(train + dev)
    counts = lesson.count_trigrams(train, stoi).double()
    seen = lesson.count_trigrams(dev, stoi)
    candidates = [0.01, 0.2, 1.0, 30.0]

    def loss(smoothing):
        rows = (counts + smoothing).sum(-1, keepdim=True)
        return -(seen * ((counts + smoothing) / rows).log()).sum().item()

    chosen = lesson.best_smoothing(train, dev, candidates)
    assert loss(chosen) == pytest.approx(min(map(loss, candidates)), rel=1e-5)


@relaxed
@given(some_words, some_words)
def test_smoothing_curves_are_the_scores_of_each_table(train, words):
    stoi, _ = lesson.vocabulary(train + words)
    curves = lesson.smoothing_curves(train, words, [0.5, 0.1, 3.0])
    for context, losses in zip((1, 2), curves, strict=True):
        texts = [["." * context + word + "." for word in each] for each in (train, words)]
        counted, scored = (
            Counter(t[i : i + context + 1] for t in each for i in range(len(t) - context))
            for each in texts
        )
        rows = Counter()
        for text, number in counted.items():
            rows[text[:-1]] += number
        for smoothing, loss in zip([0.5, 0.1, 3.0], losses, strict=True):
            total = sum(
                -number
                * math.log((counted[text] + smoothing) / (rows[text[:-1]] + smoothing * len(stoi)))
                for text, number in scored.items()
            )
            assert loss == pytest.approx(total / sum(scored.values()), rel=1e-5)


@relaxed
@given(some_words, some_words, some_words)
def test_the_final_loss_is_that_of_the_chosen_smoothing(train, dev, test):
    chosen = lesson.best_smoothing(train, dev, [0.1, 1.0, 10.0])
    stoi, _ = lesson.vocabulary(train + dev + test)
    counts = lesson.count_trigrams(train, stoi).double() + chosen
    table = counts / counts.sum(-1, keepdim=True)
    expected = lesson.average_trigram_nll(test, table, stoi)
    found = lesson.final_loss(train, dev, test, [0.1, 1.0, 10.0])
    assert found == pytest.approx(expected, rel=1e-5)


def test_names_give_the_lectures_figures(names):
    stoi, _ = lesson.vocabulary(names)
    counts = lesson.count_bigrams(names, stoi)
    assert len(names) == 32_033
    assert counts.shape == (27, 27) and counts.sum() == 228_146
    tables = {smoothing: lesson.probabilities(counts, smoothing) for smoothing in (0.0, 1.0)}
    figures = {s: lesson.average_nll(names, table, stoi) for s, table in tables.items()}
    assert figures[0.0] == pytest.approx(2.45401, abs=1e-5)
    assert figures[1.0] == pytest.approx(2.45458, abs=1e-5)
    xs, ys = lesson.bigram_pairs(names, stoi)
    assert len(xs) == len(ys) == 228_146
    trained = lesson.bigram_loss(tables[0.0].clamp(min=1e-30).log(), xs, ys).item()
    assert trained == pytest.approx(2.45401, abs=5e-4)


def test_names_give_one_trigram_for_each_bigram(names):
    stoi, _ = lesson.vocabulary(names)
    counts = lesson.count_trigrams(names, stoi)
    assert counts.sum() == 228_146
    assert counts[0, 0].sum() == 32_033
    table = lesson.probabilities(counts.flatten(0, 1), 1.0).view_as(counts)
    assert lesson.average_trigram_nll(names, table, stoi) == pytest.approx(2.2126, abs=5e-4)
