"""Plain Python loops over floats in double precision; NumPy for what is left."""

import math

import numpy as np
import torch

EPSILON = 1e-5


def forward_loss(logits, Y):
    n = logits.shape[0]
    cache = {"logits": logits, "Y": Y}
    cache["logit_maxes"] = logits.max(1, keepdim=True).values
    cache["norm_logits"] = logits - cache["logit_maxes"]
    cache["counts"] = cache["norm_logits"].exp()
    cache["counts_sum"] = cache["counts"].sum(1, keepdim=True)
    cache["counts_sum_inv"] = cache["counts_sum"] ** -1
    cache["probs"] = cache["counts"] * cache["counts_sum_inv"]
    cache["logprobs"] = cache["probs"].log()
    cache["loss"] = -cache["logprobs"][torch.arange(n), Y].mean()
    return cache


def forward_batchnorm(hprebn, bngain, bnbias):
    n = hprebn.shape[0]
    cache = {"hprebn": hprebn, "bngain": bngain, "bnbias": bnbias}
    cache["bnmeani"] = hprebn.sum(0, keepdim=True) / n
    cache["bndiff"] = hprebn - cache["bnmeani"]
    cache["bndiff2"] = cache["bndiff"] ** 2
    cache["bnvar"] = cache["bndiff2"].sum(0, keepdim=True) / (n - 1)
    cache["bnvar_inv"] = (cache["bnvar"] + EPSILON) ** -0.5
    cache["bnraw"] = cache["bndiff"] * cache["bnvar_inv"]
    cache["hpreact"] = bngain * cache["bnraw"] + bnbias
    return cache


def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator):

    def normal(*shape):
        return torch.randn(shape, generator=generator)

    fan_in = block_size * n_embd
    return [
        normal(vocab_size, n_embd),
        normal(fan_in, n_hidden) * (5 / 3) / fan_in**0.5,
        normal(n_hidden) * 0.1,
        normal(n_hidden, vocab_size) * 0.1,
        normal(vocab_size) * 0.1,
        normal(1, n_hidden) * 0.1 + 1.0,
        normal(1, n_hidden) * 0.1,
    ]


def forward(parameters, X, Y):
    C, W1, b1, W2, b2, bngain, bnbias = parameters
    emb = C[X]
    embcat = emb.view(X.shape[0], -1)
    cache = {"X": X, "emb": emb, "embcat": embcat}
    cache.update(forward_batchnorm(embcat @ W1 + b1, bngain, bnbias))
    cache["h"] = torch.tanh(cache["hpreact"])
    cache.update(forward_loss(cache["h"] @ W2 + b2, Y))
    return cache


def back(rows):
    return torch.tensor(np.array(rows), dtype=torch.float32)


def compare(name, mine, reference):
    result = {"name": name, "exact": False, "approximate": False, "difference": math.inf}
    if mine.size() == reference.size():
        pairs = list(zip(mine.flatten().tolist(), reference.flatten().tolist()))
        result["exact"] = all(a == b for a, b in pairs)
        result["approximate"] = all(abs(a - b) <= 1e-8 + 1e-5 * abs(b) for a, b in pairs)
        result["difference"] = max(abs(a - b) for a, b in pairs)
    return result


def sum_to_shape(gradient, shape):
    values = gradient.numpy().astype(float)
    values = values.sum(axis=tuple(range(values.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return back(values.sum(axis=stretched, keepdims=True) if stretched else values)


def backward_log_softmax_nll(cache):
    """Straight from the logits; of the cache nothing else is used."""
    logits, targets = cache["logits"].double().numpy(), cache["Y"].tolist()
    n, V = logits.shape
    counts = np.exp(logits - logits.max(axis=1, keepdims=True))
    total = counts.sum(axis=1)
    d = {
        name: np.zeros((n, V)) for name in ["logprobs", "probs", "counts", "norm_logits", "logits"]
    }
    d |= {name: np.zeros((n, 1)) for name in ["counts_sum_inv", "counts_sum", "logit_maxes"]}
    for i, target in enumerate(targets):
        d["logprobs"][i, target] = -1 / n
        d["probs"][i, target] = -1 / n * total[i] / counts[i, target]
        d["counts_sum_inv"][i, 0] = -total[i] / n
        d["counts_sum"][i, 0] = 1 / (n * total[i])
        for j in range(V):
            d["counts"][i, j] = 1 / (n * total[i]) - (j == target) / (n * counts[i, j])
            d["norm_logits"][i, j] = counts[i, j] * d["counts"][i, j]
    d["logits"] = d["norm_logits"]
    return {name: back(values) for name, values in d.items()}


def backward_linear(dout, x, W):
    dout, x, W = dout.tolist(), x.tolist(), W.tolist()
    n, inputs, outputs = len(x), len(W), len(W[0])
    dx = [
        [sum(dout[i][j] * W[k][j] for j in range(outputs)) for k in range(inputs)] for i in range(n)
    ]
    dW = [
        [sum(dout[i][j] * x[i][k] for i in range(n)) for j in range(outputs)] for k in range(inputs)
    ]
    db = [sum(row[j] for row in dout) for j in range(outputs)]
    return [back(dx), back(dW), back(db)]


def backward_tanh(dout, h):
    return back((1 - h.numpy()) * (1 + h.numpy()) * dout.numpy())


def backward_batchnorm(cache, dhpreact):
    x, dy = cache["hprebn"].double().numpy(), dhpreact.double().numpy()
    gain = cache["bngain"].double().numpy()
    n = len(x)
    mean = x.sum(axis=0, keepdims=True) / n
    s = 1 / np.sqrt(x.var(axis=0, ddof=1, keepdims=True) + EPSILON)
    d = {"bngain": ((x - mean) * s * dy).sum(axis=0, keepdims=True)}
    d["bnbias"] = dy.sum(axis=0, keepdims=True)
    d["bnraw"] = gain * dy
    d["bnvar_inv"] = (d["bnraw"] * (x - mean)).sum(axis=0, keepdims=True)
    d["bnvar"] = -(s**3) / 2 * d["bnvar_inv"]
    d["bndiff2"] = np.repeat(d["bnvar"] / (n - 1), n, axis=0)
    d["bndiff"] = s * d["bnraw"] + 2 * (x - mean) * d["bndiff2"]
    d["bnmeani"] = -(s * d["bnraw"]).sum(axis=0, keepdims=True)
    d["hprebn"] = d["bndiff"] + d["bnmeani"] / n
    return {name: back(values) for name, values in d.items()}


def backward_embedding(demb, X, vocab_size):
    rows = [[0.0] * demb.shape[2] for _ in range(vocab_size)]
    for context, gradients in zip(X.tolist(), demb.tolist()):
        for character, gradient in zip(context, gradients):
            rows[character] = [a + b for a, b in zip(rows[character], gradient)]
    return back(rows)


def cross_entropy_gradient(logits, targets):
    result = []
    for row, target in zip(logits.tolist(), targets.tolist()):
        counts = [math.exp(value - max(row)) for value in row]
        probabilities = [count / sum(counts) for count in counts]
        probabilities[target] -= 1
        result.append([p / len(logits) for p in probabilities])
    return back(result)


def batchnorm_gradient(dhpreact, bngain, bnraw, bnvar_inv):
    g = (bngain * dhpreact).double()
    xhat, s = bnraw.double(), bnvar_inv.double()
    dvar = -0.5 * s**2 * (g * xhat).sum(0, keepdim=True)
    direct = s * g + dvar * 2 * xhat / s / (len(g) - 1)
    return (direct - direct.mean(0, keepdim=True)).float()


def mlp_gradients(parameters, X, Y):
    C, W1, b1, W2, b2, bngain, bnbias = parameters
    cache = forward(parameters, X, Y)
    dlogits = backward_log_softmax_nll(cache)["logits"]
    dh, dW2, db2 = backward_linear(dlogits, cache["h"], W2)
    normal = backward_batchnorm(cache, backward_tanh(dh, cache["h"]))
    dembcat, dW1, db1 = backward_linear(normal["hprebn"], cache["embcat"], W1)
    dC = backward_embedding(dembcat.reshape(cache["emb"].shape), X, len(C))
    return [dC, dW1, db1, dW2, db2, normal["bngain"], normal["bnbias"]]


def sgd_step(parameters, gradients, learning_rate):
    for index in range(len(parameters)):
        flat = parameters[index].view(-1)
        for place, slope in enumerate(gradients[index].reshape(-1).tolist()):
            flat[place] = flat[place] - learning_rate * slope
