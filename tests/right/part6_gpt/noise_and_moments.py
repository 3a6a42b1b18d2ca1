"""Sampling by noise and by uniform numbers, moments in layer norm, softmax from a log."""

from functools import partial
from itertools import count

import torch
from torch import Tensor, nn
from torch.nn import functional


def build_tokenizer(text: str):
    alphabet = "".join(sorted({*text}))
    numbers = dict(zip(alphabet, count(), strict=False))
    return lambda s: list(map(numbers.__getitem__, s)), lambda ids: "".join(
        alphabet[i] for i in ids
    )


def split_data(data: Tensor, fraction=0.9):
    cut = int(len(data) * fraction)
    return tuple(data.split([cut, len(data) - cut]))


def get_batch(data, block_size, batch_size, generator=None):
    windows = data.unfold(0, block_size + 1, 1)
    places = torch.rand(batch_size, generator=generator, dtype=torch.float64) * len(windows)
    chosen = windows[places.long()]
    return chosen[:, :-1], chosen[:, 1:]


class _LanguageModel(nn.Module):
    """What both models share."""

    window = None

    def _with_loss(self, logits, targets):
        match targets:
            case None:
                return logits, None
            case _:
                return logits, functional.cross_entropy(logits.transpose(1, 2), targets)

    @torch.no_grad()
    def _continue(self, idx, max_new_tokens, generator):
        for _ in range(max_new_tokens):
            seen = idx if self.window is None else idx[:, -self.window :]
            logits = self(seen)[0][:, -1].double()
            # The largest of logits with Gumbel noise wins with the softmax's probabilities.
            uniform = torch.rand(logits.shape, generator=generator, dtype=torch.float64)
            noise = -torch.log(-torch.log(uniform.clamp(min=1e-300)))
            idx = torch.cat([idx, (logits + noise).argmax(1, keepdim=True)], 1)
        return idx


class BigramLanguageModel(_LanguageModel):
    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        return self._with_loss(self.token_embedding_table(idx), targets)

    def generate(self, idx, max_new_tokens, generator=None):
        return self._continue(idx, max_new_tokens, generator)


class GradientDescent:
    """Given by the lesson."""

    def __init__(self, parameters, learning_rate):
        self.parameters = list(parameters)
        self.learning_rate = learning_rate

    def zero_grad(self):
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self):
        for parameter in self.parameters:
            parameter -= self.learning_rate * parameter.grad


def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    (loss := model(x, y)[1]).backward()
    optimizer.step()
    return loss.detach()


def estimate_loss(model, batches):
    mode, mean = model.training, 0.0
    for number, (x, y) in enumerate(batches, 1):
        with torch.no_grad():
            mean += (model.eval()(x, y)[1].double() - mean) / number
    model.train(mode)
    return mean


def average_past_loop(x):
    total, averages = torch.zeros_like(x[:, 0]), []
    for number, now in enumerate(x.unbind(1), start=1):
        total = total + now
        averages.append(total / number)
    return torch.stack(averages, 1)


def average_past_matmul(x):
    lower = x.new_ones(x.size(1), x.size(1)).tril_()
    return torch.einsum("ts,bsc->btc", nn.functional.normalize(lower, p=1, dim=1), x)


def average_past_softmax(x):
    future = torch.full((x.size(1),) * 2, -torch.inf).triu(1)
    return torch.matmul(future.softmax(1), x)


def attention_weights(query, key):
    T = query.size(-2)
    scores = torch.einsum("...td,...sd->...ts", query / query.size(-1) ** 0.5, key)
    hidden = torch.ones(T, T, dtype=torch.bool).triu(1)
    scores = scores.masked_fill(hidden, -torch.inf)
    return (scores - scores.logsumexp(-1, keepdim=True)).exp()


def attention_by_hand(query, key, value):
    return torch.einsum("...ts,...sc->...tc", attention_weights(query, key), value)


class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        linear = partial(nn.Linear, n_embd, head_size, bias=False)
        self.query, self.key, self.value = linear(), linear(), linear()
        self.register_buffer("tril", torch.ones(block_size, block_size).tril(), persistent=False)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(attention_weights(self.query(x), self.key(x))) @ self.value(x)


class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, head_size, block_size, dropout=0.0):
        super().__init__()
        heads = (Head(n_embd, head_size, block_size, dropout) for _ in range(n_head))
        self.heads, self.proj = nn.ModuleList(heads), nn.Linear(n_head * head_size, n_embd)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        return self.drop(self.proj(torch.stack([h(x) for h in self.heads], -2).flatten(-2)))


class FeedForward(nn.Sequential):
    def __init__(self, n_embd, dropout=0.0):
        wide = 4 * n_embd
        layers = nn.Linear(n_embd, wide), nn.ReLU(), nn.Linear(wide, n_embd), nn.Dropout(dropout)
        super().__init__(*layers)

    def forward(self, x):
        return super().forward(x)


class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.register_parameter("gamma", nn.Parameter(torch.ones(dim)))
        self.register_parameter("beta", nn.Parameter(torch.zeros(dim)))
        self.eps = eps

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        variance = x.square().mean(-1, keepdim=True) - mean.square()
        return self.gamma * (x - mean) / torch.sqrt(variance + self.eps) + self.beta


class Block(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        self.ln1, self.ln2 = LayerNorm(n_embd), LayerNorm(n_embd)
        self.sa = MultiHeadAttention(n_embd, n_head, n_embd // n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)

    def forward(self, x):
        talked = x + self.sa(self.ln1(x))
        return talked + self.ffwd(self.ln2(talked))


class GPT(_LanguageModel):
    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        self.window = self.block_size = block_size
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        blocks = (Block(n_embd, n_head, block_size, dropout) for _ in range(n_layer))
        self.blocks, self.ln_f = nn.Sequential(*blocks), LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets=None):
        x = self.token_embedding_table(idx) + self.position_embedding_table.weight[: idx.size(1)]
        return self._with_loss(self.lm_head(self.ln_f(self.blocks(x))), targets)

    def generate(self, idx, max_new_tokens, generator=None):
        return self._continue(idx, max_new_tokens, generator)


def all_heads_at_once(x, query_weight, key_weight, value_weight, n_head):
    stacked = torch.stack((query_weight, key_weight, value_weight)).unflatten(1, (n_head, -1))
    q, k, v = torch.einsum("btc,nhdc->nbhtd", x, stacked)
    return torch.einsum("bhtd->bthd", attention_by_hand(q, k, v)).flatten(2)


def rms_norm(x, gain, eps=1e-5):
    """The mean of the squares by the two moments: the variance and the square of the mean."""
    variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return x / (variance + mean**2 + eps).sqrt() * gain


def swiglu(x, gate_weight, up_weight, down_weight):
    gate = functional.linear(x, gate_weight)
    return functional.linear(gate * gate.sigmoid() * functional.linear(x, up_weight), down_weight)


def rotate(x, places):
    """Each pair by a matrix of its own."""
    d = x.shape[-1]
    angles = places.double()[:, None] * torch.logspace(0, 2 / d - 1, d // 2, 10000.0).double()
    cos, sin = angles.cos(), angles.sin()
    matrices = torch.stack((cos, -sin, sin, cos), -1).view(*angles.shape, 2, 2).to(x.dtype)
    return torch.einsum("tpij,...tpj->...tpi", matrices, x.unflatten(-1, (-1, 2))).flatten(-2)


def grouped_attention(query, key, value):
    share = query.shape[1] // key.shape[1]
    groups = zip(query.split(share, 1), key.split(1, 1), value.split(1, 1), strict=True)
    outs = [attention_by_hand(q, k.expand_as(q), v.expand_as(q)) for q, k, v in groups]
    return torch.cat(outs, 1)
