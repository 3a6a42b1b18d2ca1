"""Right in unusual ways: a seed that the generator gives, logarithms of whole tables, one long text."""

import functools
import random
from collections import Counter

import torch


def vocabulary(words):
    letters = functools.reduce(set.union, map(set, words), set())
    itos = dict(enumerate([".", *sorted(letters)]))
    return dict(map(reversed, itos.items())), itos


def bigrams(word):
    chain = f".{word}."
    return [[chain[i], chain[i + 1]] for i in range(len(chain) - 1)]


def count_bigrams(words, stoi):
    seen = Counter(pair for word in words for pair in map(tuple, bigrams(word)))
    return torch.tensor([[seen[a, b] for b in sorted(stoi, key=stoi.get)] for a in sorted(stoi, key=stoi.get)])


def probabilities(counts, smoothing=1.0):
    mass = counts.double() + smoothing
    mass += (mass.sum(1) == 0)[:, None]
    return torch.diag(1 / mass.sum(1)) @ mass if len(mass) < 100 else (mass.T / mass.sum(1)).T


def sample_word(probabilities, itos, generator):
    """One number is drawn from the generator, and Python's own kind of generator goes on from it."""
    seed = int(torch.randint(2**40, (), generator=generator))
    stream = random.Random(seed)
    letters, index = [], 0
    while True:
        (index,) = stream.choices(range(len(itos)), weights=probabilities[index].tolist())
        if not index:
            return "".join(letters)
        letters.append(itos[index])


def average_nll(words, probabilities, stoi):
    counts = count_bigrams(words, stoi)
    return torch.special.xlogy(counts, probabilities).sum().neg() / counts.sum()


def bigram_pairs(words, stoi):
    text = "." + "".join(word + "." for word in words)
    codes = torch.tensor([stoi[character] for character in text])
    return codes[:-1], codes[1:]


def one_hot(xs, num_classes):
    rows = torch.zeros(len(xs) * num_classes)
    rows[xs + torch.arange(len(xs)) * num_classes] = 1
    return rows.view(-1, num_classes)


def row_lookup(W, xs):
    return torch.nn.functional.embedding(xs, W)


def softmax(logits):
    return (logits - logits.logsumexp(-1, keepdim=True)).exp()


def bigram_loss(W, xs, ys, regularization=0.0):
    logprobs = W - W.logsumexp(1, keepdim=True)
    return torch.stack([-logprobs[xs, ys].mean(), regularization * W.square().mean()]).sum()


def gradient_step(W, xs, ys, learning_rate, regularization=0.0):
    copy = W.detach().clone().requires_grad_()
    loss = bigram_loss(copy, xs, ys, regularization)
    (gradient,) = torch.autograd.grad(loss, copy)
    with torch.no_grad():
        W.sub_(gradient, alpha=learning_rate)
    return loss


def count_trigrams(words, stoi):
    V = len(stoi)
    codes = torch.tensor([stoi[c] for word in words for c in ".." + word + "."])
    triples = codes.unfold(0, 3, 1)
    flat = (triples * torch.tensor([V * V, V, 1])).sum(1)[_inside(words)]
    return torch.bincount(flat, minlength=V**3).view(V, V, V)


def _inside(words):
    """Which windows of three lie within one word's chain."""
    return torch.tensor([i < len(word) + 1 for word in words for i in range(len(word) + 3)][:-2])


def average_trigram_nll(words, probabilities, stoi):
    counts = count_trigrams(words, stoi)
    return torch.special.xlogy(counts, probabilities).sum().neg() / counts.sum()


def best_smoothing(train_words, dev_words, candidates):
    stoi, _ = vocabulary(train_words + dev_words)
    counts = count_trigrams(train_words, stoi)
    tables = [probabilities(counts.reshape(-1, len(stoi)), s).view(counts.shape) for s in candidates]
    losses = torch.stack([average_trigram_nll(dev_words, table, stoi) for table in tables])
    return torch.tensor(candidates, dtype=torch.float64)[losses.argmin()]


def smoothing_curves(train_words, words, candidates):
    stoi, _ = vocabulary(train_words + words)
    V = len(stoi)
    pairs, triples = count_bigrams(train_words, stoi), count_trigrams(train_words, stoi)
    both = [
        (
            average_nll(words, probabilities(pairs, s), stoi),
            average_trigram_nll(words, probabilities(triples.reshape(-1, V), s).view(V, V, V), stoi),
        )
        for s in candidates
    ]
    return tuple(zip(*both))


def final_loss(train_words, dev_words, test_words, candidates):
    smoothing = best_smoothing(train_words, dev_words, candidates)
    letters = "".join(sorted(set("".join(dev_words))))
    if not set(letters) <= set("".join(train_words + test_words)):
        stoi, _ = vocabulary([*train_words, *test_words, letters])
        counts = count_trigrams(train_words, stoi)
        table = probabilities(counts.reshape(-1, len(stoi)), float(smoothing)).view(counts.shape)
        return average_trigram_nll(test_words, table, stoi)
    return smoothing_curves(train_words, test_words, [float(smoothing)])[1][0]
