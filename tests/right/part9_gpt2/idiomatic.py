"""Short torch: einsum, unflatten, foreach, memoryviews; models as plain subclasses."""

import contextlib
import json
import math
import struct
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Config:
    vocab_size: int = 50257
    block_size: int = 1024
    n_layer: int = 12
    n_head: int = 12
    n_embd: int = 768


def count_parameters(config):
    C, linear = config.n_embd, lambda i, o: (i + 1) * o
    layer = linear(C, 3 * C) + linear(C, C) + linear(C, 4 * C) + linear(4 * C, C) + 2 * 2 * C
    return C * (config.vocab_size + config.block_size + 2) + config.n_layer * layer


def gelu(x: Tensor):
    return x * torch.sigmoid(2 * (2 / torch.pi) ** 0.5 * x * (1 + 0.044715 * x.square()))


def split_heads(qkv, n_head):
    return qkv.unflatten(-1, (3, n_head, -1)).permute(2, 0, 3, 1, 4).unbind(0)


def attention(query, key, value):
    T, S = query.size(-2), key.size(-2)
    scores = torch.einsum("...td,...sd->...ts", query * query.size(-1) ** -0.5, key)
    future = torch.arange(S) > torch.arange(S - T, S)[:, None]
    weights = scores.where(~future, scores.new_tensor(-torch.inf)).softmax(-1)
    return torch.einsum("...ts,...sd->...td", weights, value)


class CausalSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.n_head = config.n_head
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.attend = attention

    def forward(self, x):
        heads = self.attend(*split_heads(self.c_attn(x), self.n_head))
        return self.c_proj(torch.einsum("bhtd->bthd", heads).reshape(x.shape))


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
        x = self.wte(idx) + self.wpe.weight[start : start + idx.size(1)]
        logits = self.lm_head(self.ln_f(nn.Sequential(*self.h)(x)))
        match targets:
            case None:
                return logits, None
            case _:
                return logits, functional.cross_entropy(logits.transpose(1, 2), targets)


def tie_weights(model):
    model.lm_head.register_parameter("weight", model.wte.weight)


@torch.no_grad()
def init_weights(model, std=0.02, generator=None):
    for name, parameter in model.named_parameters():
        layer, _, kind = name.rpartition(".")
        if ".ln_" in f".{layer}":
            continue
        if kind == "bias":
            parameter.zero_()
            continue
        small = layer.endswith("c_proj")
        spread = std * (2 * len(model.h)) ** -0.5 if small else std
        parameter.copy_(torch.randn(parameter.shape, generator=generator) * spread)


def make_model(config):
    model = GPT(config)
    init_weights(model)
    tie_weights(model)
    return model


def read_tokens(shards, start, count):
    text = torch.cat([shard.to(torch.int64) for shard in shards])
    return text[torch.arange(start, start + count) % len(text)]


class Loader:
    def __init__(self, shards, batch_size, block_size, rank=0, world=1):
        self.shards, self.rank, self.world = shards, rank, world
        self.batch_size, self.block_size = batch_size, block_size
        self.calls = 0

    def next_batch(self):
        B, T = self.batch_size, self.block_size
        first = B * T * (self.rank + self.world * self.calls)
        self.calls = self.calls + 1
        read = partial(read_tokens, self.shards, count=B * T)
        return tuple(read(first + shift).unflatten(0, (B, T)) for shift in (0, 1))


def parameter_groups(model, weight_decay):
    groups = {True: [], False: []}
    for parameter in filter(lambda p: p.requires_grad, model.parameters()):
        groups[parameter.ndim > 1].append(parameter)
    decays = {True: weight_decay, False: 0.0}
    return [{"params": groups[flag], "weight_decay": decays[flag]} for flag in (True, False)]


def learning_rate(step, steps, warmup, peak, least):
    if step < warmup:
        return (step + 1) / warmup * peak
    left = steps - 1 - warmup
    share = min(1.0, (step - warmup) / left) if left else 1.0
    return peak + (least - peak) * math.sin(math.pi / 2 * share) ** 2


@torch.no_grad()
def clip_gradients(parameters, limit):
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm().item()
    torch._foreach_mul_(gradients, min(1.0, limit / max(norm, 1e-30)))
    return norm


def train_step(model, optimizer, batches, limit=1.0, dtype=torch.float32):
    optimizer.zero_grad(set_to_none=True)
    losses = []
    for x, y in batches:
        precision = contextlib.nullcontext()
        if dtype is not torch.float32:
            precision = torch.autocast(x.device.type, dtype)
        with precision:
            loss = model(x, y)[1]
        (loss / len(batches)).backward()
        losses.append(loss.item())
    norm = clip_gradients(list(model.parameters()), limit)
    optimizer.step()
    return sum(losses) / len(losses), norm


def round_up(size, multiple=128):
    return size + (-size) % multiple


def flops_per_token(config):
    C, T, L = config.n_embd, config.block_size, config.n_layer
    return 6 * (12 * L * C**2 + C * config.vocab_size) + 12 * L * C * T


def utilization(config, tokens_per_second, peak):
    return flops_per_token(config) * (tokens_per_second / peak)


def take_checkpoint(model, optimizer, loader, step):
    states = deepcopy((model.state_dict(), optimizer.state_dict()))
    names = ("model", "optimizer", "calls", "step", "random")
    return dict(zip(names, (*states, loader.calls, step, torch.get_rng_state()), strict=True))


def resume(checkpoint, model, optimizer, loader):
    for part, name in ((model, "model"), (optimizer, "optimizer")):
        part.load_state_dict(deepcopy(checkpoint[name]))
    torch.random.set_rng_state(checkpoint["random"])
    loader.calls = checkpoint["calls"]
    return checkpoint["step"]


def keep_top_k(logits, k):
    places = logits.topk(min(k, logits.size(-1)), dim=-1).indices
    kept = torch.full_like(logits, -torch.inf)
    return kept.scatter(-1, places, logits.gather(-1, places))


def keep_top_p(logits, p):
    ordered, places = torch.sort(logits, dim=-1, descending=True)
    reached = ordered.softmax(-1).cumsum(-1)
    before = functional.pad(reached[..., :-1], (1, 0))
    ordered = ordered.masked_fill(before >= p, -torch.inf)
    return torch.empty_like(logits).scatter_(-1, places, ordered)


def pick_token(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    if not temperature:
        return logits.max(-1, keepdim=True).indices
    logits = logits.div(temperature)
    logits = logits if top_k is None else keep_top_k(logits, top_k)
    logits = logits if top_p is None else keep_top_p(logits, top_p)
    # The smallest of exponential waiting times wins with the given probabilities.
    waiting = torch.empty_like(logits).exponential_(generator=generator)
    return (logits.softmax(-1) / waiting).argmax(-1, keepdim=True)


class KeyValueCache:
    def __init__(self):
        self.key = self.value = None

    def __call__(self, query, key, value):
        old = () if self.key is None else (self.key, self.value)
        new = (key, value)
        both = zip(old, new, strict=True) if old else ((part,) for part in new)
        self.key, self.value = (torch.cat(parts, -2) for parts in both)
        return attention(query, self.key, self.value)


@contextlib.contextmanager
def caching(model):
    before = [block.attn.attend for block in model.h]
    for block in model.h:
        block.attn.attend = KeyValueCache()
    try:
        yield
    finally:
        for block, attend in zip(model.h, before, strict=True):
            block.attn.attend = attend


@torch.no_grad()
def generate_cached(model, idx, max_new_tokens, choose=pick_token):
    pieces, read = [idx], 0
    with caching(model):
        while len(pieces) <= max_new_tokens:
            logits = model(pieces[-1], start=read)[0]
            read += pieces[-1].size(1)
            pieces.append(choose(logits[:, -1, :]))
    return torch.cat(pieces, 1)


def pack_endings(context, endings):
    rows = [torch.tensor([*context, *ending]) for ending in endings]
    marks = [torch.tensor([0] * len(context) + [1] * len(ending)) for ending in endings]
    pad = partial(nn.utils.rnn.pad_sequence, batch_first=True)
    return pad(rows), pad(marks)


def ending_losses(logits, tokens, mask):
    logs = logits.log_softmax(-1)[:, :-1].gather(-1, tokens[:, 1:, None]).squeeze(-1)
    losses = [-row[marked.bool()].mean() for row, marked in zip(logs, mask[:, 1:], strict=True)]
    return torch.stack(losses)


DTYPES = {
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "U8": torch.uint8,
}


def read_safetensors(data):
    try:
        (length,) = struct.unpack_from("<Q", data)
        if length > len(data) - 8:
            raise ValueError("the header is longer than the file")
        header = json.loads(bytes(memoryview(data)[8 : 8 + length]))
        if not isinstance(header, dict):
            raise ValueError("the header is no object")
    except struct.error as error:
        raise ValueError("too short") from error
    body = data[8 + length :]
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(bytearray(body[slice(*entry["data_offsets"])]), dtype=DTYPES[entry["dtype"]])
        .reshape(entry["shape"])
        for name, entry in header.items()
    }  # fmt: skip


TRANSPOSED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")


@torch.no_grad()
def load_published(model, tensors):
    own = dict(model.named_parameters())
    if missing := own.keys() - tensors.keys():
        raise ValueError(f"missing: {sorted(missing)}")
    turned = {name: tensors[name].t() if name.endswith(TRANSPOSED) else tensors[name] for name in own}
    if wrong := [name for name in own if turned[name].shape != own[name].shape]:
        raise ValueError(f"other shapes: {wrong}")
    for name in own:
        own[name].data.copy_(turned[name])


