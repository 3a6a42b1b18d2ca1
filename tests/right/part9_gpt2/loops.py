"""Loops and plain Python where others use torch, in double precision where it is handy."""

import copy
import io
import json
import math
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    vocab_size: int = 50257
    block_size: int = 1024
    n_layer: int = 12
    n_head: int = 12
    n_embd: int = 768


def count_parameters(config):
    c = config.n_embd
    total = config.vocab_size * c
    total += config.block_size * c
    for _ in range(config.n_layer):
        total += 2 * c  # ln_1
        total += c * 3 * c + 3 * c
        total += c * c + c
        total += 2 * c  # ln_2
        total += c * 4 * c + 4 * c
        total += 4 * c * c + c
    total += 2 * c
    return total


def gelu(x):
    x3 = torch.pow(x, 3.0)
    return x / 2 + x / 2 * torch.tanh(0.7978845608028654 * x + 0.7978845608028654 * 0.044715 * x3)


def split_heads(qkv, n_head):
    C = qkv.shape[2] // 3
    size = C // n_head
    parts = []
    for third in range(3):
        heads = []
        for head in range(n_head):
            first = third * C + head * size
            heads.append(qkv[:, :, first : first + size])
        parts.append(torch.stack(heads, dim=1))
    query, key, value = parts
    return query, key, value


def attention(query, key, value):
    T = query.shape[-2]
    S = key.shape[-2]
    rows = []
    for t in range(T):
        seen = S - T + t + 1
        keys, values = key[..., :seen, :], value[..., :seen, :]
        scores = (query[..., t : t + 1, :] * keys).sum(-1) / query.shape[-1] ** 0.5
        weights = torch.softmax(scores, dim=-1)
        rows.append((weights.unsqueeze(-1) * values).sum(-2))
    return torch.stack(rows, dim=-2)


class CausalSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.n_head = config.n_head
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.attend = attention

    def forward(self, x):
        q, k, v = split_heads(self.c_attn(x), self.n_head)
        y = self.attend(q, k, v)
        heads = [y[:, head] for head in range(self.n_head)]
        return self.c_proj(torch.cat(heads, dim=2))


class MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        return self.c_proj(gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(config.n_embd), CausalSelfAttention(config)
        self.ln_2, self.mlp = nn.LayerNorm(config.n_embd), MLP(config)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.block_size, config.n_embd)
        self.h = nn.ModuleList([Block(config) for _ in range(config.n_layer)])
        self.ln_f = nn.LayerNorm(config.n_embd)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)

    def forward(self, idx, targets=None, start=0):
        B, T = idx.shape
        positions = torch.tensor([start + t for t in range(T)])
        x = self.wte(idx) + self.wpe(positions)
        for layer in self.h:
            x = layer(x)
        x = self.ln_f(x)
        logits = self.lm_head(x)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.reshape(B * T, -1), targets.reshape(B * T))
        return logits, loss


def tie_weights(model):
    shared = model.wte.weight
    del model.lm_head.weight
    setattr(model.lm_head, "weight", shared)


def init_weights(model, std=0.02, generator=None):
    with torch.no_grad():
        tables = [model.wte, model.wpe, model.lm_head]
        for table in tables:
            table.weight.normal_(0.0, std, generator=generator)
        branches = (2 * model.config.n_layer) ** 0.5
        for block in model.h:
            for layer in (block.attn.c_attn, block.mlp.c_fc):
                layer.weight.normal_(0.0, std, generator=generator)
                layer.bias.fill_(0.0)
            for layer in (block.attn.c_proj, block.mlp.c_proj):
                layer.weight.normal_(0.0, std / branches, generator=generator)
                layer.bias.fill_(0.0)


def make_model(config):
    model = GPT(config)
    init_weights(model)
    tie_weights(model)
    return model


def read_tokens(shards, start, count):
    total = 0
    for shard in shards:
        total += len(shard)
    tokens = []
    place = start % total
    number = 0
    while place >= len(shards[number]):
        place -= len(shards[number])
        number += 1
    while len(tokens) < count:
        wanted = count - len(tokens)
        tokens.extend(shards[number][place : place + wanted].tolist())
        place = 0
        number = (number + 1) % len(shards)
    return torch.tensor(tokens, dtype=torch.long)


class Loader:
    def __init__(self, shards, batch_size, block_size, rank=0, world=1):
        self.shards, self.rank, self.world = shards, rank, world
        self.batch_size, self.block_size = batch_size, block_size
        self.calls = 0

    def next_batch(self):
        B, T = self.batch_size, self.block_size
        place = (self.calls * self.world + self.rank) * B * T
        x, y = [], []
        for row in range(B):
            tokens = read_tokens(self.shards, place + row * T, T + 1)
            x.append(tokens[:T])
            y.append(tokens[1:])
        self.calls += 1
        return torch.stack(x), torch.stack(y)


def parameter_groups(model, weight_decay):
    decay, no_decay = [], []
    for _, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if len(parameter.shape) >= 2:
            decay.append(parameter)
        else:
            no_decay.append(parameter)
    return [
        {"params": decay, "weight_decay": weight_decay},
        {"params": no_decay, "weight_decay": 0.0},
    ]


def learning_rate(step, steps, warmup, peak, least):
    last = steps - 1
    if step < warmup:
        return peak * (step + 1) / warmup
    if step > last or last == warmup:
        return least
    ratio = (step - warmup) / (last - warmup)
    coefficient = 0.5 * (1.0 + math.cos(math.pi * ratio))
    return least + coefficient * (peak - least)


def clip_gradients(parameters, limit):
    with_gradient = []
    total = 0.0
    for parameter in parameters:
        if parameter.grad is not None:
            with_gradient.append(parameter)
            total += float((parameter.grad.double() ** 2).sum())
    norm = math.sqrt(total)
    if norm > limit:
        for parameter in with_gradient:
            parameter.grad *= limit / norm
    return norm


def train_step(model, optimizer, batches, limit=1.0, dtype=torch.float32):
    optimizer.zero_grad()
    total = 0.0
    n = len(batches)
    for x, y in batches:
        if dtype == torch.float32:
            logits, loss = model(x, y)
        else:
            with torch.autocast(device_type=x.device.type, dtype=dtype):
                logits, loss = model(x, y)
        loss = loss / n
        total += loss.item()
        loss.backward()
    norm = clip_gradients(model.parameters(), limit)
    optimizer.step()
    return torch.tensor(total), norm


def round_up(size, multiple=128):
    while size % multiple != 0:
        size += 1
    return size


def flops_per_token(config):
    c = config.n_embd
    forward = 0
    for _ in range(config.n_layer):
        forward += 2 * (3 * c * c + c * c + 4 * c * c + 4 * c * c)
        forward += 2 * config.block_size * c  # queries and keys
        forward += 2 * config.block_size * c  # weights and values
    forward += 2 * config.vocab_size * c
    backward = 2 * forward
    return forward + backward


def utilization(config, tokens_per_second, peak):
    done = flops_per_token(config) * tokens_per_second
    return done / peak


def take_checkpoint(model, optimizer, loader, step):
    buffer = io.BytesIO()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, buffer)
    buffer.seek(0)
    checkpoint = torch.load(buffer, weights_only=True)
    checkpoint["calls"] = loader.calls
    checkpoint["step"] = step
    checkpoint["random"] = torch.get_rng_state().clone()
    return checkpoint


def resume(checkpoint, model, optimizer, loader):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(copy.deepcopy(checkpoint["optimizer"]))
    loader.calls = checkpoint["calls"]
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["step"]


def keep_top_k(logits, k):
    flat = logits.reshape(-1, logits.shape[-1])
    rows = []
    for row in flat:
        order = sorted(range(len(row)), key=lambda token: -float(row[token]))
        kept = set(order[:k])
        values = [float(row[token]) if token in kept else -math.inf for token in range(len(row))]
        rows.append(torch.tensor(values))
    return torch.stack(rows).reshape(logits.shape)


def keep_top_p(logits, p):
    flat = logits.reshape(-1, logits.shape[-1])
    result = torch.full_like(flat, -math.inf)
    for number, row in enumerate(flat):
        probabilities = torch.softmax(row.double(), dim=0).tolist()
        order = sorted(range(len(row)), key=lambda token: -probabilities[token])
        together = 0.0
        for token in order:
            if together >= p:
                break
            result[number, token] = row[token]
            together += probabilities[token]
    return result.reshape(logits.shape)


def pick_token(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if temperature == 0:
        return torch.argmax(logits, dim=-1).unsqueeze(1)
    scaled = logits / temperature
    if top_k is not None:
        limit = torch.sort(scaled, descending=True).values[:, min(top_k, scaled.shape[1]) - 1]
        scaled = torch.where(scaled < limit[:, None], torch.tensor(-math.inf), scaled)
    if top_p is not None:
        values, places = torch.sort(scaled, descending=True)
        sums = torch.cumsum(torch.softmax(values, dim=-1), dim=-1)
        values[:, 1:][sums[:, :-1] >= top_p] = -math.inf
        scaled = torch.zeros_like(scaled)
        scaled.scatter_(1, places, values)
    probabilities = torch.softmax(scaled, dim=-1)
    return torch.multinomial(probabilities, num_samples=1, generator=generator)


class KeyValueCache:
    def __init__(self):
        self.key = self.value = None

    def __call__(self, query, key, value):
        if self.key is not None:
            key = torch.cat([self.key, key], dim=2)
            value = torch.cat([self.value, value], dim=2)
        self.key = key
        self.value = value
        return attention(query, key, value)


class caching:
    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.before = [block.attn.attend for block in self.model.h]
        for block in self.model.h:
            block.attn.attend = KeyValueCache()

    def __exit__(self, *_):
        for block, attend in zip(self.model.h, self.before, strict=True):
            block.attn.attend = attend


def generate_cached(model, idx, max_new_tokens, choose=pick_token):
    with torch.no_grad(), caching(model):
        logits, _ = model(idx, None, 0)
        for number in range(max_new_tokens):
            token = choose(logits[:, -1])
            idx = torch.cat([idx, token], dim=1)
            if number < max_new_tokens - 1:
                logits, _ = model(token, None, idx.shape[1] - 1)
    return idx


def pack_endings(context, endings):
    longest = 0
    for ending in endings:
        longest = max(longest, len(ending))
    tokens, mask = [], []
    for ending in endings:
        filling = [0] * (longest - len(ending))
        tokens.append(list(context) + list(ending) + filling)
        mask.append([0] * len(context) + [1] * len(ending) + filling)
    return torch.tensor(tokens), torch.tensor(mask)


def ending_losses(logits, tokens, mask):
    results = []
    for n in range(len(tokens)):
        losses = []
        for t in range(1, tokens.shape[1]):
            if mask[n, t] == 1:
                losses.append(F.cross_entropy(logits[n, t - 1], tokens[n, t]))
        results.append(sum(losses) / len(losses))
    return torch.stack(results)


DTYPES = {
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "U8": torch.uint8,
}


def read_safetensors(data):
    length = 0
    for place in range(7, -1, -1):
        if place >= len(data):
            raise ValueError("there are no eight bytes")
        length = 256 * length + data[place]
    file = io.BytesIO(data)
    file.seek(8)
    header = file.read(min(length, len(data)))
    if len(header) < length or not header.startswith(b"{"):
        raise ValueError("this does not look like safetensors")
    body = file.read()
    tensors = {}
    for name, about in json.loads(header.decode()).items():
        if name == "__metadata__":
            continue
        first, last = about["data_offsets"]
        numbers = torch.tensor(list(body[first:last]), dtype=torch.uint8)
        tensors[name] = numbers.view(DTYPES[about["dtype"]]).reshape(about["shape"])
    return tensors


TRANSPOSED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")


def load_published(model, tensors):
    for name, parameter in model.named_parameters():
        if name not in tensors:
            raise ValueError("there is no " + name)
        tensor = tensors[name]
        for ending in TRANSPOSED:
            if name.endswith(ending):
                tensor = tensor.transpose(0, 1)
        if list(tensor.shape) != list(parameter.shape):
            raise ValueError("another shape: " + name)
        parameter.data[:] = tensor
