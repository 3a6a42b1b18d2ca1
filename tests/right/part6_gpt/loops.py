"""Plain Python and loops, double precision inside, sampling by the cumulated probabilities."""

import math
import random

import numpy
import torch
from torch import nn


def build_tokenizer(text):
    vocabulary = []
    for character in text:
        if character not in vocabulary:
            vocabulary.append(character)
    vocabulary.sort()

    def encode(string):
        tokens = []
        for character in string:
            tokens.append(vocabulary.index(character))
        return tokens

    def decode(tokens):
        string = ""
        for token in tokens:
            string += vocabulary[token]
        return string

    return encode, decode


def split_data(data, fraction=0.9):
    many = math.floor(len(data) * fraction)
    return torch.narrow(data, 0, 0, many), torch.narrow(data, 0, many, len(data) - many)


def get_batch(data, block_size, batch_size, generator=None):
    chance = random.Random(torch.randint(2**31, (1,), generator=generator).item())
    xs, ys = [], []
    for _ in range(batch_size):
        start = chance.randrange(len(data) - block_size)
        xs.append([int(data[start + t]) for t in range(block_size)])
        ys.append([int(data[start + t + 1]) for t in range(block_size)])
    return torch.tensor(xs), torch.tensor(ys)


def cross_entropy(logits, targets):
    total = 0.0
    for row, target in zip(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1), strict=True):
        total = total + torch.logsumexp(row.double(), 0) - row[target].double()
    return (total / targets.numel()).float()


def draw_token(logits, generator):
    probabilities = torch.softmax(logits.double(), -1)
    chance = torch.rand(len(logits), 1, generator=generator, dtype=torch.float64)
    return (probabilities.cumsum(-1) <= chance).sum(-1).clamp(max=logits.shape[-1] - 1)


class BigramLanguageModel(nn.Module):
    def __init__(self, vocab_size):
        nn.Module.__init__(self)
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)
        self.vocab_size = vocab_size

    def forward(self, idx, targets=None):
        rows = []
        for row in idx:
            rows.append(torch.stack([self.token_embedding_table.weight[token] for token in row]))
        logits = torch.stack(rows)
        return (logits, None) if targets is None else (logits, cross_entropy(logits, targets))

    def generate(self, idx, max_new_tokens, generator=None):
        longer = idx.clone()
        while longer.shape[1] < idx.shape[1] + max_new_tokens:
            logits = self.forward(longer)[0].detach()
            token = draw_token(logits[:, longer.shape[1] - 1], generator)
            longer = torch.hstack((longer, token[:, None]))
        return longer


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
    for parameter in model.parameters():
        parameter.grad = None
    loss = model.forward(x, y)[1]
    before = float(loss)
    torch.autograd.backward([loss])
    optimizer.step()
    return before


def estimate_loss(model, batches):
    modes = {module: module.training for module in model.modules()}
    total, number = 0.0, 0
    try:
        model.train(False)
        for x, y in batches:
            with torch.inference_mode():
                total += float(model(x, y)[1])
            number += 1
    finally:
        for module, mode in modes.items():
            module.training = mode
    return total / number


def average_past_loop(x):
    values = x.tolist()
    averages = []
    for row in values:
        sums, means = [0.0] * x.shape[2], []
        for number, channels in enumerate(row, 1):
            sums = [one + other for one, other in zip(sums, channels, strict=True)]
            means.append([one / number for one in sums])
        averages.append(means)
    return torch.tensor(averages, dtype=torch.float64)


def average_past_matmul(x):
    T = x.shape[1]
    weights = numpy.array([[1 / (t + 1) if s <= t else 0.0 for s in range(T)] for t in range(T)])
    return torch.from_numpy(numpy.stack([weights @ row for row in x.double().numpy()]))


def average_past_softmax(x):
    T = x.shape[1]
    scores = numpy.zeros((T, T))
    scores[numpy.triu_indices(T, 1)] = -numpy.inf
    weights = numpy.exp(scores)
    weights /= weights.sum(axis=1, keepdims=True)
    return torch.from_numpy(numpy.einsum("ts,bsc->btc", weights, x.double().numpy())).float()


def rows_of_weights(query, key):
    rows = []
    for t in range(len(query)):
        scores = [(query[t] * key[s]).sum() / math.sqrt(len(query[t])) for s in range(t + 1)]
        counts = (torch.stack(scores) - max(scores)).exp()
        rows.append(torch.cat((counts / counts.sum(), torch.zeros(len(query) - t - 1))))
    return torch.stack(rows)


def attention_weights(query, key):
    if query.dim() == 2:
        return rows_of_weights(query.double(), key.double()).double()
    return torch.stack([attention_weights(q, k) for q, k in zip(query, key, strict=True)])


def attention_by_hand(query, key, value):
    weights = attention_weights(query, key)
    T = weights.shape[-1]
    out = torch.zeros_like(value, dtype=torch.float64)
    for t in range(T):
        for s in range(t + 1):
            out[..., t, :] = out[..., t, :] + weights[..., t, s, None] * value[..., s, :].double()
    return out


class Head(nn.Module):
    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        for name in ("value", "query", "key"):
            setattr(self, name, nn.Linear(n_embd, head_size, bias=False))
        mask = torch.zeros(block_size, block_size, dtype=torch.bool)
        for t in range(block_size):
            mask[t, : t + 1] = True
        self.register_buffer("tril", mask)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        rows = []
        for row in x:
            query, key, value = (
                layer(row).double() for layer in (self.query, self.key, self.value)
            )
            weights = attention_weights(query, key).float()
            rows.append(self.drop(weights) @ value.float())
        return torch.stack(rows)


class MultiHeadAttention(nn.Module):
    def __init__(self, n_embd, n_head, head_size, block_size, dropout=0.0):
        super().__init__()
        self.heads = nn.ModuleList()
        while len(self.heads) < n_head:
            self.heads.append(Head(n_embd, head_size, block_size, dropout))
        self.proj = nn.Linear(head_size * n_head, n_embd)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        out = self.heads[0](x)
        for head in list(self.heads)[1:]:
            out = torch.cat((out, head(x)), 2)
        return self.drop(self.proj(out))


class FeedForward(nn.Module):
    def __init__(self, n_embd, dropout=0.0):
        super().__init__()
        self.second = nn.Linear(n_embd * 4, n_embd)
        self.first = nn.Linear(n_embd, n_embd * 4)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1])
        rows = [self.second(self.first(row).clamp(min=0)) for row in flat]
        return self.drop(torch.stack(rows).reshape(x.shape))


class LayerNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.beta = nn.Parameter(torch.tensor([0.0] * dim))
        self.gamma = nn.Parameter(torch.tensor([1.0] * dim))
        self.dim, self.eps = dim, eps

    def forward(self, x):
        rows = []
        for row in x.reshape(-1, self.dim).double():
            centred = row - row.sum() / self.dim
            variance = (centred * centred).sum() / self.dim
            rows.append(centred / (variance + self.eps) ** 0.5 * self.gamma + self.beta)
        return torch.stack(rows).reshape(x.shape).float()


class Block(nn.Module):
    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        super().__init__()
        size = n_embd // n_head
        self.ln2, self.ln1 = LayerNorm(n_embd), LayerNorm(n_embd)
        self.ffwd = FeedForward(dropout=dropout, n_embd=n_embd)
        self.sa = MultiHeadAttention(n_embd, n_head, size, block_size, dropout=dropout)

    def forward(self, x):
        for norm, layer in ((self.ln1, self.sa), (self.ln2, self.ffwd)):
            x = layer(norm(x)) + x
        return x


class GPT(nn.Module):
    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        super().__init__()
        self.lm_head = nn.Linear(n_embd, vocab_size)
        self.ln_f = LayerNorm(n_embd)
        self.blocks = nn.Sequential()
        for _ in range(n_layer):
            self.blocks.append(Block(n_embd, n_head, block_size, dropout))
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.block_size = block_size

    def forward(self, idx, targets=None):
        positions = []
        for t in range(idx.shape[1]):
            where = self.position_embedding_table.weight[t]
            positions.append(self.token_embedding_table.weight[idx[:, t]] + where)
        x = torch.stack(positions, dim=1)
        for block in self.blocks:
            x = block(x)
        logits = self.lm_head(self.ln_f(x))
        return (logits, None) if targets is None else (logits, cross_entropy(logits, targets))

    def generate(self, idx, max_new_tokens, generator=None):
        tokens = [idx[:, t] for t in range(idx.shape[1])]
        for _ in range(max_new_tokens):
            seen = torch.stack(tokens[-len(self.position_embedding_table.weight) :], dim=1)
            logits = self(seen)[0].detach()
            tokens.append(draw_token(logits[:, -1], generator))
        return torch.stack(tokens, dim=1)


def all_heads_at_once(x, query_weight, key_weight, value_weight, n_head):
    outputs = []
    size = len(query_weight) // n_head
    for h in range(n_head):
        rows = slice(h * size, (h + 1) * size)
        query, key, value = (x @ w[rows].T for w in (query_weight, key_weight, value_weight))
        outputs.append(attention_by_hand(query, key, value))
    return torch.cat(outputs, dim=-1)


def rms_norm(x, gain, eps=1e-5):
    channels = x.shape[-1]
    squares = torch.zeros(x.shape[:-1], dtype=torch.float64)
    for c in range(channels):
        squares = squares + x[..., c].double() * x[..., c].double()
    size = (squares / channels + eps) ** 0.5
    columns = []
    for c in range(channels):
        columns.append(gain[c] * x[..., c].double() / size)
    return torch.stack(columns, -1).float()


def swiglu(x, gate_weight, up_weight, down_weight):
    hidden = []
    for gate, up in zip(gate_weight, up_weight, strict=True):
        z = (x * gate).sum(-1)
        hidden.append(z * torch.sigmoid(z) * (x * up).sum(-1))
    middle = torch.stack(hidden, -1)
    return torch.stack([(middle * row).sum(-1) for row in down_weight], -1)


def rotate(x, places):
    d = x.shape[-1]
    rows = []
    for t, place in enumerate(places.tolist()):
        row = []
        for i in range(d // 2):
            angle = place * 10000 ** (-2 * i / d)
            a, b = x[..., t, 2 * i], x[..., t, 2 * i + 1]
            row.append(a * math.cos(angle) - b * math.sin(angle))
            row.append(a * math.sin(angle) + b * math.cos(angle))
        rows.append(torch.stack(row, -1))
    return torch.stack(rows, -2)


def grouped_attention(query, key, value):
    share = query.shape[1] // key.shape[1]
    outs = []
    for head in range(query.shape[1]):
        group = head // share
        outs.append(attention_by_hand(query[:, head], key[:, group], value[:, group]))
    return torch.stack(outs, 1)
