"""As in the lecture: one_hot for the maximum, `**`, chained one-liners, and updates under no_grad."""

import torch
import torch.nn.functional as F

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
    fits = list(mine.shape) == list(reference.shape)
    ex = fits and torch.all(mine == reference).item()
    app = fits and torch.allclose(mine, reference)
    maxdiff = float((mine - reference).abs().amax()) if fits else float("inf")
    return {"name": name, "exact": ex, "approximate": app, "difference": maxdiff}


def sum_to_shape(gradient, shape):
    return gradient.sum_to_size(shape)


def d_logprobs(cache, d):
    n = cache["logits"].shape[0]
    dlogprobs = torch.zeros_like(cache["logprobs"])
    dlogprobs[range(n), cache["Y"]] = -1.0 / n
    return dlogprobs


def d_probs(cache, d):
    dprobs = (1.0 / cache["probs"]) * d["logprobs"]
    return dprobs


def d_counts_sum_inv(cache, d):
    dcounts_sum_inv = (cache["counts"] * d["probs"]).sum(1, keepdim=True)
    return dcounts_sum_inv


def d_counts_sum(cache, d):
    dcounts_sum = (-(cache["counts_sum"] ** -2)) * d["counts_sum_inv"]
    return dcounts_sum


def d_counts(cache, d):
    dcounts = cache["counts_sum_inv"] * d["probs"]
    dcounts += torch.ones_like(cache["counts"]) * d["counts_sum"]
    return dcounts


def d_norm_logits(cache, d):
    dnorm_logits = cache["norm_logits"].exp() * d["counts"]
    return dnorm_logits


def d_logit_maxes(cache, d):
    dlogit_maxes = (-d["norm_logits"]).sum(1, keepdims=True)
    return dlogit_maxes


def d_logits(cache, d):
    n, V = cache["logits"].shape
    dlogits = d["norm_logits"].clone()
    dlogits += F.one_hot(cache["logits"].max(1).indices, num_classes=V) * d["logit_maxes"]
    return dlogits


def backward_linear(dout, x, W):
    dx = dout @ W.T
    dW = x.T @ dout
    db = dout.sum(0)
    return dx, dW, db


def backward_tanh(dout, h):
    return (1.0 - h**2) * dout


def d_bngain(cache, d):
    dbngain = (cache["bnraw"] * d["hpreact"]).sum(0, keepdim=True)
    return dbngain


def d_bnbias(cache, d):
    dbnbias = d["hpreact"].sum(0, keepdim=True)
    return dbnbias


def d_bnraw(cache, d):
    dbnraw = cache["bngain"] * d["hpreact"]
    return dbnraw


def d_bnvar_inv(cache, d):
    dbnvar_inv = (cache["bndiff"] * d["bnraw"]).sum(0, keepdim=True)
    return dbnvar_inv


def d_bnvar(cache, d):
    dbnvar = (-0.5 * (cache["bnvar"] + 1e-5) ** -1.5) * d["bnvar_inv"]
    return dbnvar


def d_bndiff2(cache, d):
    n = cache["hprebn"].shape[0]
    dbndiff2 = (1.0 / (n - 1)) * torch.ones_like(cache["bndiff2"]) * d["bnvar"]
    return dbndiff2


def d_bndiff(cache, d):
    dbndiff = cache["bnvar_inv"] * d["bnraw"]
    dbndiff += (2 * cache["bndiff"]) * d["bndiff2"]
    return dbndiff


def d_bnmeani(cache, d):
    dbnmeani = (-d["bndiff"]).sum(0)[None]
    return dbnmeani


def d_hprebn(cache, d):
    n = cache["hprebn"].shape[0]
    dhprebn = d["bndiff"].clone()
    dhprebn += 1.0 / n * (torch.ones_like(cache["hprebn"]) * d["bnmeani"])
    return dhprebn


def backward_embedding(demb, X, vocab_size):
    dC = torch.zeros((vocab_size, demb.shape[2]))
    for k in range(X.shape[0]):
        for j in range(X.shape[1]):
            ix = X[k, j]
            dC[ix] += demb[k, j]
    return dC


def cross_entropy_gradient(logits, targets):
    n = logits.shape[0]
    dlogits = F.softmax(logits, 1)
    dlogits[range(n), targets] -= 1
    dlogits /= n
    return dlogits


def batchnorm_gradient(dhpreact, bngain, bnraw, bnvar_inv):
    n = dhpreact.shape[0]
    return (
        bngain * bnvar_inv / n
        * (n * dhpreact - dhpreact.sum(0) - n / (n - 1) * bnraw * (dhpreact * bnraw).sum(0))
    )  # fmt: skip


@torch.no_grad()
def mlp_gradients(parameters, X, Y):
    C, W1, b1, W2, b2, bngain, bnbias = [p.detach().requires_grad_() for p in parameters]
    emb = C[X]
    embcat = emb.view(emb.shape[0], -1)
    hprebn = embcat @ W1 + b1
    bnmean = hprebn.mean(0, keepdim=True)
    bnvar = hprebn.var(0, keepdim=True, unbiased=True)
    bnvar_inv = (bnvar + 1e-5) ** -0.5
    bnraw = (hprebn - bnmean) * bnvar_inv
    h = torch.tanh(bngain * bnraw + bnbias)
    dlogits = cross_entropy_gradient(h @ W2 + b2, Y)
    dh, dW2, db2 = backward_linear(dlogits, h, W2)
    dhpreact = (1.0 - h**2) * dh
    dbngain = (bnraw * dhpreact).sum(0, keepdim=True)
    dbnbias = dhpreact.sum(0, keepdim=True)
    dhprebn = batchnorm_gradient(dhpreact, bngain, bnraw, bnvar_inv)
    dembcat, dW1, db1 = backward_linear(dhprebn, embcat, W1)
    dC = backward_embedding(dembcat.view(emb.shape), X, C.shape[0])
    return [dC, dW1, db1, dW2, db2, dbngain, dbnbias]


def sgd_step(parameters, gradients, learning_rate):
    for p, grad in zip(parameters, gradients):
        p.data += -learning_rate * grad
