"""Plain Python, numpy and double precision."""

import math

import numpy as np
import torch


def vocabulary(words):
    letters = sorted(set("".join(words)))
    return {".": 0, **{c: i + 1 for i, c in enumerate(letters)}}, dict(enumerate([".", *letters]))


def contexts(word, block_size):
    pairs = []
    window = ["."] * block_size
    for character in [*word, "."]:
        pairs.append(("".join(window), character))
        window.append(character)
        del window[0]
    return pairs


def build_dataset(words, stoi, block_size=3):
    rows, answers = [], []
    for word in words:
        before = [0] * block_size + [stoi[character] for character in word]
        for position in range(len(word)):
            rows.append(before[position : position + block_size])
            answers.append(stoi[word[position]])
        rows.append(before[len(word) :])
        answers.append(stoi["."])
    return torch.from_numpy(np.array(rows, dtype=np.int64)), torch.from_numpy(np.array(answers))


def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    order = np.random.default_rng(seed).permutation(len(words)).tolist()
    n_train = round(fractions[0] * len(words))
    n_dev = round(fractions[1] * len(words))
    train = [words[i] for i in order[:n_train]]
    dev = [words[i] for i in order[n_train : n_train + n_dev]]
    test = [words[i] for i in order[n_train + n_dev :]]
    return [train, dev, test]


def leaked_words(train, other):
    counts = {}
    for word in train:
        counts[word] = counts.get(word, 0) + 1
    return [word for word in other if counts.get(word, 0) > 0]


def embed(C, X):
    rows = []
    for context in X.tolist():
        row = []
        for index in context:
            for column in range(C.shape[1]):
                row.append(C[index, column])
        rows.append(torch.stack(row))
    return torch.stack(rows)


def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator, output_scale=1.0):
    def normal(*shape, scale=1.0):
        values = torch.empty(shape).normal_(generator=generator)
        return torch.nn.Parameter(values * scale)

    return [
        normal(vocab_size, n_embd),
        normal(n_embd * block_size, n_hidden),
        normal(n_hidden),
        normal(n_hidden, vocab_size, scale=output_scale),
        normal(vocab_size, scale=output_scale),
    ]


def forward(parameters, X):
    C, W1, b1, W2, b2 = [parameter.double() for parameter in parameters]
    rows = []
    for context in X:
        x = torch.cat([C[index] for index in context])
        up = (x @ W1 + b1).exp()
        down = (-(x @ W1 + b1)).exp()
        hidden = torch.where(up.isinf() | down.isinf(), torch.sign(x @ W1 + b1), (up - down) / (up + down))
        rows.append(hidden @ W2 + b2)
    return torch.stack(rows)


def cross_entropy(logits, targets):
    total = 0.0
    for row, target in zip(logits.double(), targets.tolist()):
        largest = max(row.tolist())
        mass = 0.0
        for logit in row:
            mass = mass + torch.exp(logit - largest)
        total = total + torch.log(mass) + largest - row[target]
    return total / len(targets)


def expected_initial_loss(vocab_size):
    return sum(-math.log(1 / vocab_size) / vocab_size for _ in range(vocab_size))


def minibatch(X, Y, batch_size, generator):
    numbers = [int(torch.randint(len(Y), (), generator=generator)) for _ in range(batch_size)]
    return torch.stack([X[i] for i in numbers]), torch.stack([Y[i] for i in numbers])


def sgd_step(parameters, loss, learning_rate):
    for p in parameters:
        if p.grad is not None:
            p.grad.zero_()
    loss.backward()
    for p in parameters:
        p.data = p.data - learning_rate * p.grad


def overfit(parameters, X, Y, steps, learning_rate):
    losses, step = [], 0
    while step < steps:
        loss = cross_entropy(forward(parameters, X), Y)
        losses += [float(loss)]
        sgd_step(parameters, loss, learning_rate)
        step += 1
    return losses


def train_on_batches(parameters, X, Y, rates, batch_size, generator):
    losses = np.zeros(len(rates))
    for step, rate in enumerate(rates):
        loss = cross_entropy(forward(parameters, *(b := minibatch(X, Y, batch_size, generator))[:1]), b[1])
        losses[step] = loss.detach().numpy()
        sgd_step(parameters, loss, rate)
    return losses.tolist()


def learning_rates(low, high, n):
    step = (high - low) / (n - 1)
    return [10.0 ** (low + i * step) for i in range(n)]


def sweep_learning_rates(rates, make_parameters, train, dev, steps, batch_size, seed):
    losses = []
    for rate in rates:
        trained = make_parameters()
        dice = torch.Generator()
        dice.manual_seed(seed)
        for _ in range(steps):
            train_on_batches(trained, train[0], train[1], [float(rate)], batch_size, dice)
        losses.append(evaluate(trained, dev[0], dev[1]))
    return losses


def best_learning_rate(rates, losses):
    best_rate, best_loss = None, None
    for rate, loss in zip(rates.tolist(), losses.tolist()):
        if math.isfinite(loss) and (best_loss is None or loss < best_loss):
            best_rate, best_loss = rate, loss
    return best_rate


def decayed_rate(step, steps, learning_rate=0.1):
    lr = learning_rate
    if 2 * step >= steps:
        lr = lr * 0.1
    return lr


def evaluate(parameters, X, Y):
    total = 0.0
    copies = [parameter.detach() for parameter in parameters]
    for start in range(0, len(X), 7):
        x, y = X[start : start + 7], Y[start : start + 7]
        total += float(cross_entropy(forward(copies, x), y)) * len(x)
    return total / len(X)


def sample_name(parameters, itos, block_size, generator):
    seen = [0] * block_size
    while True:
        X = torch.tensor(seen[len(seen) - block_size :]).reshape(1, block_size)
        logits = forward(parameters, X)[0].tolist()
        masses = [math.exp(logit - max(logits)) for logit in logits]
        ticket = torch.rand(1, generator=generator).item() * sum(masses)
        for index, mass in enumerate(masses):
            ticket -= mass
            if ticket < 0:
                break
        if index == 0:
            return "".join(itos[i] for i in seen[block_size:])
        seen.append(index)
