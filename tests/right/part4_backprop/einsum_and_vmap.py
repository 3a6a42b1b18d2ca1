"""Einsum, matrix products for sums, one_hot for lookups, vmap for rows, a table of local rules."""

import math
from functools import reduce

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


def compare(name, mine, reference):
    match mine.shape == reference.shape, mine, reference:
        case True, a, b:
            gap = torch.sub(a, b).abs()
            close = (gap <= 1e-8 + 1e-5 * b.abs()).all()
            return {
                "name": name,
                "exact": (a == b).all(),
                "approximate": close,
                "difference": gap.max(),
            }
        case _:
            return {"name": name, "exact": False, "approximate": False, "difference": math.inf}


def sum_to_shape(gradient, shape):
    padded = (1,) * (gradient.ndim - len(shape)) + tuple(shape)
    stretched = [axis for axis, size in enumerate(padded) if size == 1]
    return reduce(lambda g, axis: g.sum(axis, keepdim=True), stretched, gradient).reshape(shape)


def column(values):
    return values.sum(-1).unsqueeze(-1)


def row(values):
    return torch.ones(1, len(values), dtype=values.dtype) @ values


def d_logprobs(cache, d):
    answers = torch.eye(cache["logits"].shape[1])[cache["Y"]]
    return answers / -len(answers)


def d_probs(cache, d):
    return d["logprobs"].div(cache["probs"])


def d_counts_sum_inv(cache, d):
    return torch.einsum("ij,ij->i", cache["counts"], d["probs"])[:, None]


def d_counts_sum(cache, d):
    return d["counts_sum_inv"] / -cache["counts_sum"].square()


def d_counts(cache, d):
    second = d["counts_sum"].expand_as(cache["counts"])
    return torch.addcmul(second, d["probs"], cache["counts_sum_inv"])


def d_norm_logits(cache, d):
    return d["counts"] * torch.exp(cache["norm_logits"])


def d_logit_maxes(cache, d):
    return column(d["norm_logits"]).neg()


def d_logits(cache, d):
    winners = cache["logits"].argmax(1, keepdim=True)
    return d["norm_logits"].scatter_add(1, winners, d["logit_maxes"])


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
    return (
        torch.einsum("no,io->ni", dout, W),
        torch.einsum("ni,no->io", x, dout),
        torch.einsum("no->o", dout),
    )


def backward_tanh(dout, h):
    return dout - dout * h * h


def d_bngain(cache, d):
    return row(cache["bnraw"] * d["hpreact"])


def d_bnbias(cache, d):
    return row(d["hpreact"])


def d_bnraw(cache, d):
    return d["hpreact"].mul(cache["bngain"])


def d_bnvar_inv(cache, d):
    return row(cache["bndiff"] * d["bnraw"])


def d_bnvar(cache, d):
    return d["bnvar_inv"] * cache["bnvar_inv"].pow(3).div(-2)


def d_bndiff2(cache, d):
    n = len(cache["bndiff2"])
    return d["bnvar"].div(n - 1).repeat(n, 1)


def d_bndiff(cache, d):
    return cache["bnvar_inv"] * d["bnraw"] + cache["bndiff"] * d["bndiff2"] * 2


def d_bnmeani(cache, d):
    return row(d["bndiff"]).neg()


def d_hprebn(cache, d):
    return torch.add(d["bndiff"], d["bnmeani"], alpha=1 / len(cache["hprebn"]))


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
    chosen = torch.nn.functional.one_hot(X, vocab_size).to(demb.dtype)
    return torch.tensordot(chosen, demb, dims=([0, 1], [0, 1]))


def cross_entropy_gradient(logits, targets):
    def one(logit, target):
        believed = (logit - logit.logsumexp(0)).exp()
        return believed - (torch.arange(len(logit)) == target).float()

    return torch.vmap(one)(logits, targets) / targets.numel()


def batchnorm_gradient(dhpreact, bngain, bnraw, bnvar_inv):
    centred = dhpreact - dhpreact.mean(0)
    share = torch.einsum("nh,nh->h", dhpreact, bnraw) / (len(bnraw) - 1)
    return bngain * bnvar_inv * (centred - bnraw * share)


def mlp_gradients(parameters, X, Y):
    cache = forward(parameters, X, Y)
    names = dict(zip(["C", "W1", "b1", "W2", "b2", "bngain", "bnbias"], parameters))
    grads = {}
    dh, grads["W2"], grads["b2"] = backward_linear(
        cross_entropy_gradient(cache["logits"], Y), cache["h"], names["W2"]
    )
    found = backward_batchnorm(cache, backward_tanh(dh, cache["h"]))
    grads.update(bngain=found["bngain"], bnbias=found["bnbias"])
    dembcat, grads["W1"], grads["b1"] = backward_linear(
        found["hprebn"], cache["embcat"], names["W1"]
    )
    grads["C"] = backward_embedding(dembcat.unflatten(1, (X.shape[1], -1)), X, len(names["C"]))
    return tuple(grads[name] for name in names)


def sgd_step(parameters, gradients, learning_rate):
    torch._foreach_sub_(list(parameters), [learning_rate * gradient for gradient in gradients])
