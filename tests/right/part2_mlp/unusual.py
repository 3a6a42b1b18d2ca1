"""Right in unusual ways: other kinds of draws from the generator, tensors of no dimension."""

import bisect

import torch
from torch import nn


def vocabulary(words):
    letters = sorted({letter for word in words for letter in word})
    return {letter: i for i, letter in enumerate([".", *letters])}, dict(enumerate([".", *letters]))


def contexts(word, block_size):
    pairs, before = [], block_size * "." + word
    for i, character in enumerate(word + "."):
        pairs.append([before[i : i + block_size], character])
    return pairs


def build_dataset(words, stoi, block_size=3):
    pairs = [pair for word in words for pair in contexts(word, block_size)]
    X = torch.zeros(len(pairs), block_size, dtype=torch.long)
    for i, (context, _) in enumerate(pairs):
        X[i] = torch.tensor(list(map(stoi.get, context)))
    return X, torch.LongTensor([stoi[character] for _, character in pairs])


def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    """Each word gets a number of chance, and the numbers are ranked."""
    chance = torch.rand(len(words), generator=torch.Generator().manual_seed(seed))
    ranked = [words[i] for i in chance.argsort().tolist()]
    dev, test = (round(fraction * len(words)) for fraction in fractions[1:])
    cut = max(len(words) - dev - test, 0)
    return ranked[:cut], ranked[cut : cut + dev], ranked[cut + dev :]


def leaked_words(train, other):
    known, found = sorted(train), []
    for word in other:
        place = bisect.bisect_left(known, word)
        if known[place : place + 1] == [word]:
            found.append(word)
    return found


def embed(C, X):
    onehot = nn.functional.one_hot(X, len(C)).to(C.dtype)
    return torch.einsum("nbv,ve->nbe", onehot, C).reshape(X.shape[0], -1)


def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator, output_scale=1.0):
    shapes = [(vocab_size, n_embd), (block_size * n_embd, n_hidden), (n_hidden,)]
    parameters = [nn.Parameter(torch.empty(shape)) for shape in shapes]
    parameters += [nn.Parameter(torch.empty(n_hidden, vocab_size)), nn.Parameter(torch.empty(vocab_size))]
    for i, parameter in enumerate(parameters):
        nn.init.normal_(parameter, generator=generator)
        if i > 2:
            parameter.data *= output_scale
    return parameters


def forward(parameters, X):
    C, W1, b1, W2, b2 = parameters
    # The tanh through the sigmoid.
    hidden = 2 * torch.sigmoid(2 * (embed(C, X) @ W1 + b1)) - 1
    return hidden @ W2 + b2


def cross_entropy(logits, targets):
    others = logits - logits.gather(1, targets[:, None])
    return torch.logsumexp(others, 1).mean()


def expected_initial_loss(vocab_size):
    return torch.logsumexp(torch.zeros(vocab_size), 0)


def minibatch(X, Y, batch_size, generator):
    rows = (torch.rand(batch_size, generator=generator) * len(X)).long()
    return X[rows], Y[rows]


def sgd_step(parameters, loss, learning_rate):
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.copy_(parameter - learning_rate * gradient)


def overfit(parameters, X, Y, steps, learning_rate):
    """The losses as tensors of no dimension."""
    losses = []
    for _ in range(steps):
        loss = cross_entropy(forward(parameters, X), Y)
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            torch._foreach_sub_(parameters, [learning_rate * gradient for gradient in gradients])
        losses.append(loss.detach())
    return losses


def train_on_batches(parameters, X, Y, rates, batch_size, generator):
    """One step at a time, each on rows that are never drawn twice in a batch."""
    losses = []
    for rate in rates:
        rows = torch.randperm(len(X), generator=generator)[:batch_size]
        losses += overfit(parameters, X[rows], Y[rows], 1, rate)
    return losses


def learning_rates(low, high, n):
    return [torch.tensor(10.0) ** (low + (high - low) * i / (n - 1)) for i in range(n)]


def sweep_learning_rates(rates, make_parameters, train, dev, steps, batch_size, seed):
    """All networks side by side, a step for each in turn."""
    networks = [(float(r), make_parameters(), torch.Generator().manual_seed(seed)) for r in rates]
    for _ in range(steps):
        for rate, parameters, generator in networks:
            train_on_batches(parameters, *train, [rate], batch_size, generator)
    return [evaluate(parameters, *dev) for _, parameters, _ in networks]


def best_learning_rate(rates, losses):
    order = losses.nan_to_num(torch.inf, posinf=torch.inf, neginf=torch.inf).argsort()
    return rates[order[0]]


def decayed_rate(step, steps, learning_rate=0.1):
    return torch.tensor([1.0, 0.1])[int(2 * step >= steps)] * learning_rate


def evaluate(parameters, X, Y):
    with torch.no_grad():
        losses = [cross_entropy(forward(parameters, X[i : i + 1]), Y[i : i + 1]) for i in range(len(X))]
        return torch.stack(losses).mean()


def sample_name(parameters, itos, block_size, generator):
    """The largest of logits with Gumbel's noise is a draw from their softmax."""
    name, context = "", torch.zeros(block_size, dtype=torch.long)
    while True:
        logits = forward(parameters, context[None]).detach()[0].double()
        noise = torch.rand(len(logits), generator=generator, dtype=torch.float64)
        index = (logits - (-noise.log()).log()).argmax()
        if index == 0:
            return name
        name += itos[int(index)]
        context = torch.cat([context[1:], index[None]])
