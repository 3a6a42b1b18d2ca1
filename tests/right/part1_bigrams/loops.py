"""Plain Python, numpy and double precision."""

import math

import numpy as np
import torch


def vocabulary(words):
    seen = []
    for word in words:
        for letter in word:
            if letter not in seen:
                seen.append(letter)
    seen.sort()
    stoi, itos = {}, {}
    number = 1
    for letter in seen:
        stoi[letter] = number
        itos[number] = letter
        number += 1
    stoi["."] = 0
    itos[0] = "."
    return stoi, itos


def bigrams(word):
    result = []
    before = "."
    for letter in word:
        result.append((before, letter))
        before = letter
    result.append((before, "."))
    return result


def count_bigrams(words, stoi):
    size = len(stoi)
    counts = np.zeros((size, size), dtype=np.int32)
    for word in words:
        row = 0
        for letter in word + ".":
            column = stoi[letter]
            counts[row, column] += 1
            row = column
    return torch.from_numpy(counts)


def probabilities(counts, smoothing=1.0):
    table = []
    for row in counts.tolist():
        smoothed = [count + smoothing for count in row]
        total = math.fsum(smoothed)
        if total > 0:
            table.append([value / total for value in smoothed])
        else:
            table.append([1 / len(row) for _ in row])
    return torch.tensor(table, dtype=torch.float64)


def sample_word(probabilities, itos, generator):
    word = []
    current = 0
    while True:
        threshold = torch.rand(1, generator=generator).item()
        row = probabilities[current].tolist()
        total = 0.0
        for current, share in enumerate(row):
            total += share
            if threshold < total:
                break
        if itos[current] == ".":
            return "".join(word)
        word.append(itos[current])


def average_nll(words, probabilities, stoi):
    total, number = 0.0, 0
    for word in words:
        previous = "."
        for letter in word + ".":
            share = float(probabilities[stoi[previous]][stoi[letter]])
            if share == 0:
                return math.inf
            total -= math.log(share)
            number += 1
            previous = letter
    return total / number


def bigram_pairs(words, stoi):
    xs, ys = [], []
    for word in words:
        for position in range(len(word) + 1):
            xs.append(stoi[word[position - 1]] if position > 0 else 0)
            ys.append(stoi[word[position]] if position < len(word) else 0)
    return torch.tensor(xs, dtype=torch.int64), torch.tensor(ys, dtype=torch.int64)


def one_hot(xs, num_classes):
    rows = np.zeros((len(xs), num_classes), dtype=np.float32)
    for number, index in enumerate(xs.tolist()):
        rows[number][index] = 1
    return torch.from_numpy(rows)


def row_lookup(W, xs):
    return torch.stack([W[int(index)] for index in xs])


def softmax(logits):
    double = logits.double()
    powers = torch.pow(math.e, double)
    total = torch.zeros(logits.shape[:-1], dtype=torch.float64)
    for column in range(logits.shape[-1]):
        total = total + powers[..., column]
    return torch.stack([powers[..., k] / total for k in range(logits.shape[-1])], dim=-1)


def bigram_loss(W, xs, ys, regularization=0.0):
    total = 0.0
    for x, y in zip(xs.tolist(), ys.tolist()):
        row = W[x].double()
        total = total + row.exp().sum().log() - row[y]
    loss = total / len(xs)
    squares = 0.0
    for row in W:
        for weight in row:
            squares = squares + weight * weight
    return loss + regularization * squares / (W.shape[0] * W.shape[1])


def gradient_step(W, xs, ys, learning_rate, regularization=0.0):
    if W.grad is not None:
        W.grad.zero_()
    loss = bigram_loss(W, xs, ys, regularization)
    loss.backward()
    W.data = W.data - learning_rate * W.grad
    return float(loss)


def count_trigrams(words, stoi):
    size = len(stoi)
    counts = [[[0] * size for _ in range(size)] for _ in range(size)]
    for word in words:
        first = second = 0
        for letter in word + ".":
            third = stoi[letter]
            counts[first][second][third] += 1
            first, second = second, third
    return torch.tensor(counts)


def average_trigram_nll(words, probabilities, stoi):
    total, number = 0.0, 0
    for word in words:
        first = second = 0
        for letter in word + ".":
            third = stoi[letter]
            share = float(probabilities[first, second, third])
            total += -math.log(share) if share > 0 else math.inf
            number += 1
            first, second = second, third
    return total / number


def best_smoothing(train_words, dev_words, candidates):
    stoi, _ = vocabulary(list(train_words) + list(dev_words))
    counts = count_trigrams(train_words, stoi).tolist()
    best, best_loss = None, math.inf
    for candidate in candidates:
        total, number = 0.0, 0
        for word in dev_words:
            first = second = 0
            for letter in word + ".":
                row = counts[first][second]
                third = stoi[letter]
                mass = sum(row) + candidate * len(row)
                share = (row[third] + candidate) / mass if mass else 1 / len(row)
                total += -math.log(share) if share else math.inf
                number += 1
                first, second = second, third
        if total / number < best_loss:
            best, best_loss = candidate, total / number
    return best


def smoothing_curves(train_words, words, candidates):
    stoi, _ = vocabulary(list(train_words) + list(words))
    curves = ([], [])
    for candidate in candidates:
        for curve, length in zip(curves, (2, 3)):
            curve.append(_surprise(train_words, words, len(stoi), candidate, length))
    return curves


def _windows(words, length):
    for word in words:
        chain = "." * (length - 1) + word + "."
        for i in range(len(word) + 1):
            yield chain[i : i + length - 1], chain[i + length - 1]


def _surprise(train_words, words, size, smoothing, length):
    rows = {}
    for context, following in _windows(train_words, length):
        row = rows.setdefault(context, {})
        row[following] = row.get(following, 0) + 1
    total, number = 0.0, 0
    for context, following in _windows(words, length):
        row = rows.get(context, {})
        mass = sum(row.values()) + smoothing * size
        share = (row.get(following, 0) + smoothing) / mass if mass else 1 / size
        total += -math.log(share) if share else math.inf
        number += 1
    return total / number


def final_loss(train_words, dev_words, test_words, candidates):
    smoothing = best_smoothing(train_words, dev_words, candidates)
    size = len(set("".join(train_words) + "".join(dev_words) + "".join(test_words))) + 1
    return _surprise(train_words, test_words, size, smoothing, 3)
