"""As one would type it along with the lecture."""

import random

import torch
import torch.nn.functional as F


def vocabulary(words):
    chars = sorted(set("".join(words)))
    stoi = {s: i + 1 for i, s in enumerate(chars)}
    stoi["."] = 0
    return stoi, {i: s for s, i in stoi.items()}


def contexts(word, block_size):
    out = []
    context = "." * block_size
    for ch in word + ".":
        out.append((context, ch))
        context = context[1:] + ch
    return out


def build_dataset(words, stoi, block_size=3):
    X, Y = [], []
    for w in words:
        context = [0] * block_size
        for ch in w + ".":
            ix = stoi[ch]
            X.append(context)
            Y.append(ix)
            context = context[1:] + [ix]
    X = torch.tensor(X)
    Y = torch.tensor(Y)
    print(X.shape, Y.shape)
    return X, Y


def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    words = words[:]
    random.seed(seed)
    random.shuffle(words)
    n1 = int(fractions[0] * len(words))
    n2 = int((1 - fractions[2]) * len(words))
    return words[:n1], words[n1:n2], words[n2:]


def leaked_words(train, other):
    out = []
    known = dict.fromkeys(train, True)
    for w in other:
        if w in known:
            out.append(w)
    return out


def embed(C, X):
    emb = C[X]
    return torch.cat(torch.unbind(emb, 1), 1)


def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator, output_scale=1.0):
    g = generator
    C = torch.randn((vocab_size, n_embd), generator=g)
    W1 = torch.randn((block_size * n_embd, n_hidden), generator=g)
    b1 = torch.randn(n_hidden, generator=g)
    W2 = torch.randn((n_hidden, vocab_size), generator=g) * output_scale
    b2 = torch.randn(vocab_size, generator=g) * output_scale
    parameters = [C, W1, b1, W2, b2]
    for p in parameters:
        p.requires_grad = True
    return parameters


def forward(parameters, X):
    C, W1, b1, W2, b2 = parameters
    emb = C[X]
    h = torch.tanh(emb.view(emb.shape[0], -1) @ W1 + b1)
    logits = h @ W2 + b2
    return logits


def cross_entropy(logits, targets):
    logit_maxes = logits.max(1, keepdim=True).values
    norm_logits = logits - logit_maxes
    counts = norm_logits.exp()
    counts_sum_log = counts.sum(1, keepdims=True).log()
    logprobs = norm_logits - counts_sum_log
    return -logprobs[range(len(targets)), targets].mean()


def expected_initial_loss(vocab_size):
    return -torch.log(torch.tensor(1 / vocab_size)).item()


def minibatch(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return X[ix], Y[ix]


def sgd_step(parameters, loss, learning_rate):
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data += -learning_rate * p.grad


def overfit(parameters, X, Y, steps, learning_rate):
    lossi = []
    for k in range(steps):
        logits = forward(parameters, X)
        loss = F.cross_entropy(logits, Y)
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -learning_rate * p.grad
        lossi.append(loss.item())
    return lossi


def train_on_batches(parameters, X, Y, rates, batch_size, generator):
    lossi = []
    for i in range(len(rates)):
        ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
        loss = F.cross_entropy(forward(parameters, X[ix]), Y[ix])
        for p in parameters:
            p.grad = None
        loss.backward()
        lr = rates[i]
        for p in parameters:
            p.data += -lr * p.grad
        lossi.append(loss.item())
    return lossi


def learning_rates(low, high, n):
    lre = torch.linspace(low, high, n)
    lrs = 10**lre
    return lrs


def sweep_learning_rates(rates, make_parameters, train, dev, steps, batch_size, seed):
    Xtr, Ytr = train
    Xdev, Ydev = dev
    out = []
    for i in range(len(rates)):
        g = torch.Generator().manual_seed(seed)
        parameters = make_parameters()
        for k in range(steps):
            Xb, Yb = minibatch(Xtr, Ytr, batch_size, g)
            sgd_step(parameters, cross_entropy(forward(parameters, Xb), Yb), float(rates[i]))
        out.append(evaluate(parameters, Xdev, Ydev))
    return out


def best_learning_rate(rates, losses):
    losses = losses.clone()
    losses[~torch.isfinite(losses)] = float("inf")
    return rates[torch.argmin(losses)].item()


def decayed_rate(step, steps, learning_rate=0.1):
    return learning_rate if step < steps / 2 else learning_rate * 0.1


@torch.no_grad()
def evaluate(parameters, X, Y):
    logits = forward(parameters, X)
    loss = F.cross_entropy(logits, Y)
    return loss.item()


def sample_name(parameters, itos, block_size, generator):
    out = []
    context = [0] * block_size
    while True:
        logits = forward(parameters, torch.tensor([context]))
        probs = F.softmax(logits, dim=1)
        ix = torch.multinomial(probs, num_samples=1, generator=generator).item()
        context = context[1:] + [ix]
        out.append(ix)
        if ix == 0:
            break
    return "".join(itos[i] for i in out[:-1])
