"""Whole tensors at a time; the look-up is a product with one-hot rows, as in the lecture."""

from collections import Counter
from itertools import chain

import torch
import torch.nn.functional as F


def vocabulary(words):
    _letters = sorted(set(chain.from_iterable(words)))
    stoi = {".": 0} | {letter: i + 1 for i, letter in enumerate(_letters)}
    return stoi, {i: s for s, i in stoi.items()}


def bigrams(word):
    chs = ["."] + list(word) + ["."]
    return list(zip(chs, chs[1:]))


def _codes(words, stoi, dots):
    return [[0] * dots + [stoi[letter] for letter in word] + [0] for word in words]


def count_bigrams(words, stoi):
    xs, ys = bigram_pairs(words, stoi)
    size = len(stoi)
    return torch.bincount(xs * size + ys, minlength=size * size).view(size, size)


def probabilities(counts, smoothing=1.0):
    mass = counts.to(torch.float32).add(smoothing)
    mass[mass.sum(dim=1) == 0] = 1
    return F.normalize(mass, p=1, dim=1)


def sample_word(probabilities, itos, generator):
    def letters():
        ix = 0
        while ix := int(torch.multinomial(probabilities[ix], 1, True, generator=generator)):
            yield itos[ix]

    return "".join(letters())


def average_nll(words, probabilities, stoi):
    xs, ys = bigram_pairs(words, stoi)
    return -probabilities[xs, ys].log().mean()


def bigram_pairs(words, stoi):
    codes = _codes(words, stoi, 1)
    xs = list(chain.from_iterable(code[:-1] for code in codes))
    ys = list(chain.from_iterable(code[1:] for code in codes))
    return torch.LongTensor(xs), torch.LongTensor(ys)


def one_hot(xs, num_classes):
    return (xs[:, None] == torch.arange(num_classes)).float()


def row_lookup(W, xs):
    return F.embedding(xs, W)


def softmax(logits):
    shifted = logits - logits.amax(dim=-1, keepdim=True)
    return shifted.exp() / torch.einsum("...v->...", shifted.exp()).unsqueeze(-1)


def bigram_loss(W, xs, ys, regularization=0.0):
    logits = one_hot(xs, W.shape[0]) @ W
    counts = logits.exp()
    probs = counts / counts.sum(1, keepdims=True)
    return -probs.gather(1, ys.unsqueeze(1)).log().mean() + regularization * W.pow(2).mean()


def gradient_step(W, xs, ys, learning_rate, regularization=0.0):
    optimizer = torch.optim.SGD([W], lr=learning_rate)
    optimizer.zero_grad()
    loss = bigram_loss(W, xs, ys, regularization)
    loss.backward()
    optimizer.step()
    return loss.detach()


def count_trigrams(words, stoi):
    counter = Counter(
        triple
        for code in _codes(words, stoi, 2)
        for triple in zip(code, code[1:], code[2:])
    )
    counts = torch.zeros(len(stoi), len(stoi), len(stoi), dtype=torch.int32)
    for triple, number in counter.items():
        counts[triple] = number
    return counts


def average_trigram_nll(words, probabilities, stoi):
    seen = torch.stack(
        [
            probabilities[a, b, c]
            for code in _codes(words, stoi, 2)
            for a, b, c in zip(code, code[1:], code[2:])
        ]
    )
    return seen.log().neg().mean().item()


def best_smoothing(train_words, dev_words, candidates):
    stoi, _ = vocabulary([*train_words, *dev_words])
    counts = count_trigrams(train_words, stoi)
    dev = count_trigrams(dev_words, stoi)
    losses = []
    for candidate in candidates:
        mass = counts.double() + candidate
        mass[mass.sum(-1) == 0] = 1
        table = mass / mass.sum(-1, keepdim=True)
        seen = dev > 0
        losses.append(-(dev[seen] * table[seen].log()).sum().item() / dev.sum().item())
    return candidates[losses.index(min(losses))]


def smoothing_curves(train_words, words, candidates):
    stoi, _ = vocabulary([*train_words, *words])
    models = (
        (count_bigrams, average_nll),
        (count_trigrams, average_trigram_nll),
    )
    curves = []
    for count, score in models:
        counts = count(train_words, stoi)
        tables = [_shares(counts, candidate) for candidate in candidates]
        curves.append([score(words, table, stoi) for table in tables])
    return curves


def _shares(counts, smoothing):
    mass = counts.double() + smoothing
    mass[mass.sum(-1) == 0] = 1
    return mass / mass.sum(-1, keepdim=True)


def final_loss(train_words, dev_words, test_words, candidates):
    stoi, _ = vocabulary([*train_words, *dev_words, *test_words])
    table = _shares(
        count_trigrams(train_words, stoi), best_smoothing(train_words, dev_words, candidates)
    )
    return average_trigram_nll(test_words, table, stoi)
