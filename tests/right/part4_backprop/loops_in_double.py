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


def floats(tensor):
    return tensor.double().numpy()


def d_logprobs(cache, d):
    n, V = cache["logprobs"].shape
    return back([[-1 / n if j == target else 0.0 for j in range(V)] for target in cache["Y"].tolist()])


def d_probs(cache, d):
    """From the logits; of the cache nothing else is used."""
    counts = np.exp(floats(cache["logits"]) - floats(cache["logits"]).max(axis=1, keepdims=True))
    return back(floats(d["logprobs"]) * counts.sum(axis=1, keepdims=True) / counts)


def d_counts_sum_inv(cache, d):
    pairs = zip(cache["counts"].tolist(), d["probs"].tolist())
    return back([[sum(a * b for a, b in zip(one, other))] for one, other in pairs])


def d_counts_sum(cache, d):
    return back([[-b / a / a] for [a], [b] in zip(cache["counts_sum"].tolist(), d["counts_sum_inv"].tolist())])


def d_counts(cache, d):
    total = floats(cache["counts"]).sum(axis=1, keepdims=True)
    result = np.repeat(floats(d["counts_sum"]), cache["counts"].shape[1], axis=1)
    result += floats(d["probs"]) / total
    return back(result)


def d_norm_logits(cache, d):
    n, V = cache["counts"].shape
    slopes, arriving = cache["norm_logits"].tolist(), d["counts"].tolist()
    return back([[math.exp(slopes[i][j]) * arriving[i][j] for j in range(V)] for i in range(n)])


def d_logit_maxes(cache, d):
    return back([[0.0 - sum(gradients)] for gradients in d["norm_logits"].tolist()])


def d_logits(cache, d):
    result = d["norm_logits"].tolist()
    for i, logits in enumerate(cache["logits"].tolist()):
        result[i][logits.index(max(logits))] += d["logit_maxes"][i, 0].item()
    return back(result)


def backward_log_softmax_nll(cache):
    d = {}
    d["logprobs"] = d_logprobs(cache, d)
    d["probs"] = d_probs(cache, d)
    d["counts_sum_inv"] = d_counts_sum_inv(cache, d)
    d["counts_sum"] = d_counts_sum(cache, d)
    d["counts"] = d_counts(cache, d)
    d["norm_logits"] = d_norm_logits(cache, d)
    d["logit_maxes"] = d_logit_maxes(cache, d)
    d["logits"] = d_logits(cache, d)
    return d


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


def over_rows(values):
    return values.sum(axis=0, keepdims=True)


def d_bngain(cache, d):
    x = floats(cache["hprebn"])
    s = 1 / np.sqrt(x.var(axis=0, ddof=1, keepdims=True) + EPSILON)
    return back(over_rows((x - x.mean(axis=0)) * s * floats(d["hpreact"])))


def d_bnbias(cache, d):
    return back([[sum(neuron) for neuron in zip(*d["hpreact"].tolist())]])


def d_bnraw(cache, d):
    return back(np.tile(floats(cache["bngain"]), (len(d["hpreact"]), 1)) * floats(d["hpreact"]))


def d_bnvar_inv(cache, d):
    x = floats(cache["hprebn"])
    return back(over_rows((x - x.mean(axis=0, keepdims=True)) * floats(d["bnraw"])))


def d_bnvar(cache, d):
    variance = floats(cache["bnvar"]) + EPSILON
    return back(-floats(d["bnvar_inv"]) / (2 * variance * np.sqrt(variance)))


def d_bndiff2(cache, d):
    n = len(cache["bndiff"])
    return back(np.repeat(floats(d["bnvar"]) / (n - 1), n, axis=0))


def d_bndiff(cache, d):
    x = floats(cache["bndiff"])
    s = 1 / np.sqrt((x**2).sum(axis=0) / (len(x) - 1) + EPSILON)
    return back(s * floats(d["bnraw"]) + 2 * x * floats(d["bndiff2"]))


def d_bnmeani(cache, d):
    return back(0 - over_rows(floats(d["bndiff"])))


def d_hprebn(cache, d):
    rows = []
    for gradients in d["bndiff"].tolist():
        rows.append([a + b / len(d["bndiff"]) for a, b in zip(gradients, d["bnmeani"][0].tolist())])
    return back(rows)


def backward_batchnorm(cache, dhpreact):
    d = {"hpreact": dhpreact}
    d["bngain"] = d_bngain(cache, d)
    d["bnbias"] = d_bnbias(cache, d)
    d["bnraw"] = d_bnraw(cache, d)
    d["bnvar_inv"] = d_bnvar_inv(cache, d)
    d["bnvar"] = d_bnvar(cache, d)
    d["bndiff2"] = d_bndiff2(cache, d)
    d["bndiff"] = d_bndiff(cache, d)
    d["bnmeani"] = d_bnmeani(cache, d)
    d["hprebn"] = d_hprebn(cache, d)
    del d["hpreact"]
    return d


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
