"""Checks of `part9_gpt2`.

Models are small, with weights that are drawn and set under the names that the lesson gives. What
is tied, copied or kept is shown by changing one thing and looking at another. Random choices are
judged by their shares, or forced by logits of 1,000.
"""

import json
import math

import torch
from torch import nn

from autograder.checks import exercise, import_early
from autograder.checks.vocabulary import (
    afterwards,
    draws_of,
    shares_by_chance,
    spreads_by_chance,
    twice,
)

DEEP = {
    "tolerance": (1e-4, 1e-4),
    "because": "float32 sums in another order, through several layers",
}
# torch imports it with the first optimizer, which takes longer than all checks of an exercise.
import_early("torch._dynamo")

NUMBER_TYPES = ("U8", "I64", "F32", "BF16", "F16")


# --- helpers -------------------------------------------------------------------------------------


def put(parameter, values):
    """Give a parameter of the lesson these values."""
    with torch.no_grad():
        parameter.copy_(values)


def tiny(lesson, **sizes):
    """A configuration of a very small GPT."""
    smallest = {"vocab_size": 7, "block_size": 8, "n_layer": 1, "n_head": 2, "n_embd": 4}
    return lesson.Config(**smallest | sizes)


def drawn_config(lesson, draw):
    """A configuration with sizes of chance."""
    n_head = draw.integer("n_head", 1, 4)
    return lesson.Config(
        vocab_size=draw.integer("vocab_size", 3, 99),
        block_size=draw.integer("block_size", 2, 50),
        n_layer=draw.integer("n_layer", 1, 9),
        n_head=n_head,
        n_embd=draw.given("n_embd", n_head * draw.integer("size of a head", 1, 9)),
    )


def filled(draw, model):
    """The model with drawn parameters, those of its norms near one and zero."""
    generator = draw.generator()
    for name, parameter in model.named_parameters():
        values = 0.4 * torch.randn(parameter.shape, generator=generator)
        put(parameter, values + 1.0 if "ln_" in name and name.endswith("weight") else values)
    return model


def plain(value):
    """A number, whether it came as a float or as a tensor."""
    return value.detach() if isinstance(value, torch.Tensor) else value


def refused(call):
    """Whether the call raises a ValueError; json's errors are ValueErrors too."""
    try:
        call()
    except ValueError:
        return "ValueError"
    return "no error"


def shaped(draw, name, shape, **bounds):
    """A drawn tensor; without dimensions too."""
    return draw.tensor(name, *shape, **bounds) if shape else draw.tensor(name, 1, **bounds)[0]


def pair(draw, name, *shape, low=-2.0, high=2.0):
    """Two tensors of one shape, for two calls."""
    return [draw.tensor(which + name, *shape, low=low, high=high) for which in ("", "second ")]


# --- count_parameters ----------------------------------------------------------------------------


count_parameters = exercise("count_parameters")


@count_parameters.check(cases=5)
def counts_any_sizes(lesson, draw):
    """Sizes of any kind are counted; the number of heads makes no difference."""
    return {"parameters": lesson.count_parameters(drawn_config(lesson, draw))}


@count_parameters.check(cases=2)
def counts_large_ones(lesson, draw):
    """The published sizes are counted, and one like them."""
    sizes = [
        {},
        {"n_layer": draw.integer("n_layer", 20, 50), "n_head": 25, "n_embd": 1600},
    ][draw.case]
    return {"parameters": lesson.count_parameters(lesson.Config(**draw.given("sizes", sizes)))}


# --- gelu ----------------------------------------------------------------------------------------


gelu = exercise("gelu")
gelu.forbid("gelu", says="GELU is built here, from torch.tanh; torch's own may not be called")


@gelu.check
def values_of_gelu(lesson, draw):
    """The values, for numbers on both sides of zero, in any shape."""
    shape = [(5,), (1, 4), (2, 3, 2)][draw.case]
    x = draw.tensor("x", *shape, low=-3.5, high=3.5)
    return {"gelu(x)": lesson.gelu(x), **afterwards(x=x)}


@gelu.check(cases=2)
def gelu_is_not_exact(lesson, draw):
    """In double precision too it is the approximation by tanh, and not the exact function."""
    x = draw.tensor("x", 6, low=-3.0, high=3.0, dtype=torch.float64)
    return {"gelu(x)": lesson.gelu(x)}


@gelu.check(cases=1)
def slopes_of_gelu(lesson, draw):
    """Gradients flow through it; far to the left they are zero, far to the right one."""
    x = draw.given("x", torch.cat((draw.tensor("x", 4), torch.tensor([-40.0, 40.0]))))
    x.requires_grad_()
    lesson.gelu(x).sum().backward()
    return {"gradient of x": x.grad}


@gelu.check(cases=2)
def gelu_of_many(lesson, draw):
    """Every entry of a large tensor counts; each call has its own result."""
    one, other = pair(draw, "x", *[(1013, 2), (2, 1013)][draw.case])
    return twice(lesson.gelu, {"x": one}, {"x": other})


# --- split_heads ---------------------------------------------------------------------------------


split_heads = exercise("split_heads")


@split_heads.check
def heads_of_each_third(lesson, draw):
    """Queries, keys and values, each head's channels in a matrix of its own."""
    B, T, n_head = draw.size(1, 2), draw.size(2, 4), draw.size(2, 3, name="n_head")
    qkv = draw.tensor("qkv", B, T, 3 * 2 * n_head)
    query, key, value = lesson.split_heads(qkv, n_head)
    return {"query": query, "key": key, "value": value, **afterwards(qkv=qkv)}


@split_heads.check(cases=2)
def one_head_or_heads_of_one(lesson, draw):
    """One head keeps all channels; as many heads as channels have one each."""
    n_head = draw.given("n_head", [1, 4][draw.case])
    return {"query, key, value": list(lesson.split_heads(draw.tensor("qkv", 2, 3, 12), n_head))}


@split_heads.check(cases=2)
def many_heads(lesson, draw):
    """Many rows, positions, heads and channels are all there; each call has its own result."""
    shape, n_head = [((1013, 1, 12), 2), ((1, 35, 102), 17)][draw.case]
    draw.given("n_head", n_head)
    one, other = pair(draw, "qkv", *shape)

    def call(qkv):
        return list(lesson.split_heads(qkv, n_head))

    return twice(call, {"qkv": one}, {"qkv": other})


# --- attention -----------------------------------------------------------------------------------


attention = exercise("attention", points=2)
attention.forbid(
    "attention", says="attention is built here: write its scores, its mask and its softmax yourself"
)


@attention.check
def attends_as_in_part_six(lesson, draw):
    """With as many keys as queries: each position averages itself and those before it."""
    T, d = draw.size(2, 5), draw.size(2, 3)
    leading = [(), (2,), (2, 2)][draw.case]
    query, key, value = (draw.tensor(name, *leading, T, d) for name in ("query", "key", "value"))
    return {"output": lesson.attention(query, key, value)}


@attention.check(cases=4)
def last_of_many(lesson, draw):
    """With fewer queries than keys, they belong to the last positions."""
    S = draw.size(3, 6)
    query = draw.tensor("query", 2, draw.integer("number of queries", 1, 2), 2)
    key, value = (draw.tensor(name, 2, S, 2) for name in ("key", "value"))
    return {"output": lesson.attention(query, key, value), **afterwards(query=query, key=key)}


@attention.check(cases=2)
def a_large_score(lesson, draw):
    """A score of 1,000 either way leaves all outputs finite, also those of earlier positions."""
    query, key, value = (
        draw.tensor(name, 4, 2, low=0.5, high=1.5) for name in ("query", "key", "value")
    )
    place, factor = [(3, 1000.0), (0, -1000.0)][draw.case]
    key[place] *= factor
    return {"output": lesson.attention(query, draw.given("key", key), value)}


@attention.check(
    cases=1,
    tolerance=(1e-3, 1e-4),
    because="gradients of a softmax are differences that nearly cancel in float32",
)
def gradients_of_attention(lesson, draw):
    """Queries, keys and values get their gradients."""
    named = {name: draw.tensor(name, 4, 3).requires_grad_() for name in ("query", "key", "value")}
    (
        lesson.attention(*named.values()) * draw.tensor("gradient of the result", 4, 3)
    ).sum().backward()
    return {f"gradient of {name}": tensor.grad for name, tensor in named.items()}


@attention.check(cases=1)
def a_long_past(lesson, draw):
    """A single query looks back at more than a thousand positions."""
    query = draw.tensor("query", 1, 2)
    key, value = (draw.tensor(name, 1001, 2) for name in ("key", "value"))
    return {"output": lesson.attention(query, key, value)}


@attention.check(cases=2)
def many_positions(lesson, draw):
    """Many rows, and many positions with large heads; each call has its own result."""
    shape = [(113, 2, 2), (2, 35, 34)][draw.case]
    names = ("query", "key", "value")
    one, other = (
        {name: draw.tensor(which + name, *shape, low=-2, high=2) for name in names}
        for which in ("", "second ")
    )
    return twice(lesson.attention, one, other)


# --- CausalSelfAttention.forward -----------------------------------------------------------------


def attention_layer(lesson, draw, n_embd, n_head):
    """A layer with drawn weights."""
    layer = lesson.CausalSelfAttention(lesson.Config(n_embd=n_embd, n_head=n_head))
    for name in ("c_attn", "c_proj"):
        linear = getattr(layer, name)
        put(linear.weight, draw.tensor(f"{name}.weight", *linear.weight.shape, low=-1.0, high=1.0))
        put(linear.bias, draw.tensor(f"{name}.bias", *linear.bias.shape))
    return layer


def from_far_to_near(query, key, value):
    """Stands in for attention: every position adds its query, half the key and the value before."""
    return query + 0.5 * key + value.roll(1, -2)


causal_forward = exercise("CausalSelfAttention.forward", points=2)
causal_forward.forbid("attention", says="attention is built here: call self.attend")


@causal_forward.check
def attends_with_what_is_there(lesson, draw):
    """self.attend gets queries, keys and values of each head, and c_proj what it gives."""
    n_head = draw.size(1, 3, name="n_head")
    layer = attention_layer(lesson, draw, 2 * n_head, n_head)
    layer.attend = from_far_to_near
    x = draw.tensor("x", draw.size(1, 2), draw.size(2, 4), 2 * n_head)
    return {"output": layer(x), **afterwards(x=x)}


@causal_forward.check(cases=2, **DEEP)
def attends_causally(lesson, draw):
    """With its own attention, what comes later does not change what came before."""
    layer = attention_layer(lesson, draw, 4, 2)
    x = draw.tensor("x", 1, 4, 4)
    other = x.clone()
    other[:, draw.integer("first changed position", 1, 3) :] += 5.0
    return {"output": layer(x), "first output with another future": layer(other)[:, 0]}


@causal_forward.check(cases=2)
def many_rows_of_heads(lesson, draw):
    """Many rows and long ones pass; each call has its own result."""
    layer = attention_layer(lesson, draw, 6, 3)
    layer.attend = from_far_to_near
    one, other = pair(draw, "x", *[(35, 2, 6), (2, 35, 6)][draw.case])
    return twice(layer, {"x": one}, {"x": other})


@causal_forward.check(cases=1, **DEEP)
def gradients_of_a_layer(lesson, draw):
    """The input and both linear layers get their gradients."""
    layer = attention_layer(lesson, draw, 4, 2)
    layer.attend = from_far_to_near
    x = draw.tensor("x", 2, 3, 4).requires_grad_()
    (layer(x) * draw.tensor("gradient of the result", 2, 3, 4)).sum().backward()
    return {"x": x.grad, "c_attn": layer.c_attn.weight.grad, "c_proj": layer.c_proj.weight.grad}


# --- GPT.forward ---------------------------------------------------------------------------------


def drawn_linear(draw, name, width):
    """A linear layer whose weights are drawn; it stands in for a part of the model."""
    layer = nn.Linear(width, width, bias=False)
    put(layer.weight, draw.tensor(f"weight of {name}", width, width, low=-1.0, high=1.0))
    return layer


def gpt_of_stand_ins(lesson, draw, vocab_size=5, block_size=8, width=2):
    """A GPT with drawn tables, whose blocks and last norm are plain linear layers."""
    model = lesson.GPT(
        lesson.Config(
            vocab_size=vocab_size, block_size=block_size, n_layer=1, n_head=1, n_embd=width
        )
    )
    put(model.wte.weight, draw.tensor("wte", vocab_size, width))
    put(model.wpe.weight, draw.tensor("wpe", block_size, width))
    model.h = nn.ModuleList([drawn_linear(draw, f"block {i}", width) for i in range(2)])
    model.ln_f = drawn_linear(draw, "ln_f", width)
    put(model.lm_head.weight, draw.tensor("lm_head", vocab_size, width))
    return model


gpt_forward = exercise("GPT.forward", points=2)


@gpt_forward.check(cases=4, **DEEP)
def from_tokens_to_logits(lesson, draw):
    """Tokens and positions go in, logits (B, T, V) come out (blocks and ln_f are linear here)."""
    model = gpt_of_stand_ins(lesson, draw, width=draw.size(1, 3))
    logits, loss = model(draw.indices("idx", draw.size(1, 2), draw.size(1, 8), high=5))
    return {"logits": logits, "loss": loss}


@gpt_forward.check(**DEEP)
def begins_where_it_is_told(lesson, draw):
    """The first token stands at position start (blocks and ln_f are linear here)."""
    model = gpt_of_stand_ins(lesson, draw)
    start = draw.integer("start", 1, 5)
    logits, _ = model(draw.indices("idx", 2, draw.size(1, 3), high=5), start=start)
    return {"logits": logits}


@gpt_forward.check(**DEEP)
def loss_of_a_gpt(lesson, draw):
    """With targets the loss is the mean over all positions, and there are logits as well."""
    model = gpt_of_stand_ins(lesson, draw)
    B, T = draw.size(1, 3), draw.size(1, 4)
    idx, targets = (draw.indices(name, B, T, high=5) for name in ("idx", "targets"))
    logits, loss = model(idx, targets)
    return {"loss": loss, "logits": logits}


@gpt_forward.check(cases=1)
def everything_learns(lesson, draw):
    """With its own blocks, the loss sends a gradient to every parameter."""
    model = filled(draw, lesson.GPT(tiny(lesson, n_layer=2)))
    idx, targets = (draw.indices(name, 4, 8, high=7) for name in ("idx", "targets"))
    _, loss = model(idx, targets)
    loss.backward()
    missed = [name for name, p in model.named_parameters() if p.grad is None]
    return {"parameters without a gradient": missed, "loss": loss.detach()}


@gpt_forward.check(cases=1, **DEEP)
def many_tokens(lesson, draw):
    """Any number of rows and places counts, rows that repeat too; each call has its own result."""
    model = gpt_of_stand_ins(lesson, draw, block_size=40)
    rows = [draw.indices(name, 1013, 1, high=5) for name in ("idx of many rows", "their targets")]
    with torch.no_grad():
        logits, loss = model(*rows)
    one, other = (
        {name: draw.indices(which + name, 2, 35, high=5) for name in ("idx", "targets")}
        for which in ("", "second ")
    )
    return {"loss of 1,013 rows": loss, "logits of 1,013 rows": logits, **twice(model, one, other)}


# --- tie_weights ---------------------------------------------------------------------------------


def drawn_tables(lesson, draw):
    """A GPT whose two tables hold different drawn numbers."""
    model = lesson.GPT(tiny(lesson))
    put(model.wte.weight, draw.tensor("wte", 7, 4))
    put(model.lm_head.weight, draw.tensor("lm_head", 7, 4))
    return model


tie_weights = exercise("tie_weights")


@tie_weights.check(cases=1)
def one_table_for_both(lesson, draw):
    """The output layer has the numbers of the token table, and one table less is trained."""
    model = drawn_tables(lesson, draw)
    returned = lesson.tie_weights(model)
    return {
        "lm_head": model.lm_head.weight,
        "wte": model.wte.weight,
        "number of trained numbers": sum(p.numel() for p in model.parameters()),
        "returned": returned,
    }


@tie_weights.check(cases=1)
def changes_go_both_ways(lesson, draw):
    """What changes in the one table has changed in the other."""
    model = drawn_tables(lesson, draw)
    lesson.tie_weights(model)
    put(model.wte.weight, draw.tensor("new wte", 7, 4))
    first = model.lm_head.weight.detach().clone()
    put(model.lm_head.weight, draw.tensor("new lm_head", 7, 4))
    return {"lm_head after wte changed": first, "wte after lm_head changed": model.wte.weight}


@tie_weights.check(cases=1)
def gradients_of_both_uses(lesson, draw):
    """The gradients of both uses add up in the one parameter."""
    model = drawn_tables(lesson, draw)
    lesson.tie_weights(model)
    looked_up = model.wte(draw.indices("tokens", 5, high=7))
    (model.lm_head(draw.tensor("x", 4)).sum() + (looked_up**2).sum()).backward()
    return {"gradient of wte": model.wte.weight.grad, "of lm_head": model.lm_head.weight.grad}


# --- init_weights --------------------------------------------------------------------------------


def disturbed(model):
    """The model with weights of another scale, so that what is left alone shows."""
    for parameter in model.parameters():
        put(parameter, torch.full_like(parameter, 3.0))
    return model


def sizes_of_parameters(model):
    """The root of the mean square of every parameter."""
    with torch.no_grad():
        return {name: p.square().mean().sqrt() for name, p in model.named_parameters()}


# The smallest of the drawn tensors has 32 * 48 numbers.
SPREADS = {
    "tolerance": (6 * math.sqrt(2) / math.sqrt(2 * 1536), 0.0),
    "because": "the spread of 1,536 random numbers or more, six standard deviations",
}
init_weights = exercise("init_weights", points=2)


@init_weights.check(cases=2, **SPREADS)
def spread_of_each_part(lesson, draw):
    """The spread of every weight; biases are zero, LayerNorms are left alone."""
    n_layer = draw.given(
        "n_layer", [draw.integer("n_layer", 1, 2), draw.integer("n_layer", 4, 6)][draw.case]
    )
    model = disturbed(
        lesson.GPT(tiny(lesson, vocab_size=64, block_size=32, n_layer=n_layer, n_embd=48))
    )
    given = {} if draw.case == 0 else {"std": draw.number("std", 0.03, 0.09)}
    returned = lesson.init_weights(model, generator=draw.generator(), **given)
    return {**sizes_of_parameters(model), "returned": returned}


@init_weights.check(cases=2, **spreads_by_chance(50_000))
def spread_of_the_branches(lesson, draw):
    """The spread of all that ends a branch, and of all the rest, each taken together."""
    n_layer = draw.given("n_layer", [draw.integer("n_layer", 5, 6), 9][draw.case])
    sizes = {"vocab_size": 512, "block_size": 64, "n_layer": n_layer, "n_embd": 96}
    model = disturbed(lesson.GPT(tiny(lesson, **sizes)))
    lesson.init_weights(model, generator=draw.generator())
    ends = [f"h.{i}.{part}.c_proj.weight" for i in range(n_layer) for part in ("attn", "mlp")]
    rest = [f"h.{i}.{part}.weight" for i in range(n_layer) for part in ("attn.c_attn", "mlp.c_fc")]
    return {
        "end of the branches": pooled(model, ends).square().mean().sqrt(),
        "begin of the branches": pooled(model, rest).square().mean().sqrt(),
        "table": pooled(model, ["wte.weight"]).square().mean().sqrt(),
    }


def pooled(model, names):
    """All numbers of these weights of a model, divided by 0.02."""
    chosen = [p.detach().flatten() for name, p in model.named_parameters() if name in names]
    return torch.cat(chosen) / 0.02


@init_weights.check(cases=1, **shares_by_chance(12_000))
def drawn_normally(lesson, draw):
    """The numbers are normal: as many as there should be lie beyond one and two spreads."""
    n_embd = draw.given("n_embd", 96)
    model = lesson.GPT(tiny(lesson, vocab_size=130, block_size=4, n_embd=n_embd))
    lesson.init_weights(model, generator=draw.generator())
    numbers = pooled(model, ("wte.weight",))
    return {
        "share above 0": (numbers > 0).float().mean(),
        "share beyond one spread": (numbers.abs() > 1).float().mean(),
        "share beyond two spreads": (numbers.abs() > 2).float().mean(),
        "neighbors that are equal": (numbers[1:] == numbers[:-1]).float().mean().round(),
    }


@init_weights.check(cases=1)
def draws_from_the_generator(lesson, draw):
    """The numbers come from the generator that is handed over, and from nothing else."""
    torch.manual_seed(draw.integer("global seed", 0, 10_000))

    def call(generator):
        model = lesson.GPT(tiny(lesson))
        lesson.init_weights(model, generator=generator)
        return pooled(model, ("wte.weight", "h.0.attn.c_proj.weight")).tolist()

    model = lesson.GPT(tiny(lesson, n_layer=2))
    model.wte.weight.requires_grad_(draw.choice("wte learns", [True, False]))
    lesson.init_weights(model, generator=draw.generator())
    torch.manual_seed(0)
    return {"wte learns afterwards": model.wte.weight.requires_grad, **_without_streams(draw, call)}


def _without_streams(draw, call):
    """`draws_of`, but for the global streams: making a model draws from them."""
    seen = draws_of(draw, call)
    return {name: value for name, value in seen.items() if not name.startswith("torch's next")}


# --- read_tokens ---------------------------------------------------------------------------------


def drawn_shards(draw, lengths, dtype=torch.int64):
    """Shards of these lengths, with tokens of chance."""
    return draw.given(
        "shards", [draw.indices("shard", length, high=90).to(dtype) for length in lengths]
    )


read_tokens = exercise("read_tokens", points=2)


@read_tokens.check(cases=4)
def across_shards(lesson, draw):
    """Tokens are read across the ends of shards, and from the first one again."""
    shards = drawn_shards(draw, [3, 1, 4, 2][: draw.size(1, 4)])
    start, count = draw.integer("start", 0, 9), draw.integer("count", 1, 12)
    return {"tokens": lesson.read_tokens(shards, start, count), **afterwards(shards=shards)}


@read_tokens.check(cases=4)
def from_far_beyond(lesson, draw):
    """The start may lie many rounds behind the end, or right at the end of a shard."""
    shards = drawn_shards(draw, [4, 3])
    start = draw.given("start", [7, 4, 7 * draw.integer("rounds", 2, 9) + 3, 70_003][draw.case])
    return {"tokens": lesson.read_tokens(shards, start, draw.given("count", 2))}


@read_tokens.check(cases=2)
def more_than_there_are(lesson, draw):
    """More tokens than there are: the text goes round and round."""
    shards = drawn_shards(draw, [[2], [1, 2]][draw.case])
    return {
        "tokens": lesson.read_tokens(shards, draw.integer("start", 0, 5), draw.given("count", 11))
    }


@read_tokens.check(cases=2)
def small_integers(lesson, draw):
    """Shards of small integers come out as int64."""
    shards = drawn_shards(draw, [3, 2], dtype=[torch.int32, torch.int16][draw.case])
    tokens = lesson.read_tokens(shards, draw.integer("start", 0, 4), 4)
    return {"tokens": tokens, "dtype": str(tokens.dtype)}


@read_tokens.check(cases=1)
def many_shards(lesson, draw):
    """Many shards, and long ones; each call has its own result."""
    one, other = (
        [draw.indices("shard", length, high=90) for length in [1013, *range(1, 60)]]
        for _ in range(2)
    )

    def call(shards):
        return lesson.read_tokens(shards, 1000, 1500)

    return {
        **twice(call, {"shards": one}, {"shards": other}),
        "beginning again": lesson.read_tokens(one, 0, 60),
    }


# --- Loader.next_batch ---------------------------------------------------------------------------


loader_next_batch = exercise("Loader.next_batch", points=2)


@loader_next_batch.check(cases=4)
def pieces_one_after_another(lesson, draw):
    """Piece after piece, without overlap, across the end and into the next round."""
    shards = drawn_shards(draw, [5, 7, 4])
    B, T = draw.size(1, 2, name="batch_size"), draw.integer("block_size", 1, 4)
    loader = lesson.Loader(shards, B, T)
    batches = [list(loader.next_batch()) for _ in range(5)]
    return {"x and y of each call": batches, "calls": loader.calls}


@loader_next_batch.check(cases=3)
def every_rank_its_own(lesson, draw):
    """Processes that train side by side get different pieces, and leave none out."""
    shards, world = drawn_shards(draw, [11, 6]), draw.given("world", 2 + draw.case)
    loaders = [lesson.Loader(shards, 2, 2, rank, world) for rank in range(world)]
    batches = [[list(loader.next_batch()) for loader in loaders] for _ in range(3)]
    return {"x and y of each call and rank": batches}


@loader_next_batch.check(cases=2)
def goes_on_from_a_number(lesson, draw):
    """A loader whose number of calls is set goes on from there."""
    loader = lesson.Loader(drawn_shards(draw, [13]), 1, 3, rank=1, world=2)
    loader.calls = draw.integer("calls", 1, 400)
    return {"x and y": list(loader.next_batch()), "calls afterwards": loader.calls}


@loader_next_batch.check(cases=1)
def large_batches(lesson, draw):
    """Large batches of long rows are filled to the end; a second loader is apart."""
    shards = [draw.indices("shard", 1013, high=90), draw.indices("shard", 600, high=90)]
    one, other = lesson.Loader(shards, 35, 34), lesson.Loader(shards, 2, 1000)
    first, second, third = one.next_batch(), other.next_batch(), one.next_batch()
    return {"first": list(first), "of another": list(second), "second": list(third)}


# --- parameter_groups ----------------------------------------------------------------------------


class Odd(nn.Module):
    """Parameters of no, one, two, three and four dimensions, one tied and one frozen."""

    def __init__(self, draw):
        super().__init__()
        shapes = draw.shuffled("shapes", [(), (3,), (2, 3), (1, 2, 2), (2, 1, 1, 2), (1, 1), (1,)])
        self.all = nn.ParameterList([nn.Parameter(torch.zeros(shape)) for shape in shapes])
        self.bias = nn.Parameter(torch.zeros(2, 2))
        self.again = self.bias
        self.weight = nn.Parameter(torch.zeros(5))
        self.frozen = nn.Parameter(torch.zeros(4, 4), requires_grad=False)


def described(groups):
    """Of each group its settings and the shapes of its parameters."""
    return [
        {
            "shapes": [list(parameter.shape) for parameter in group["params"]],
            "weight_decay": group["weight_decay"],
        }
        for group in groups
    ]


parameter_groups = exercise("parameter_groups")


@parameter_groups.check
def by_dimensions(lesson, draw):
    """Two and more dimensions decay; whatever its name, and each parameter once."""
    groups = lesson.parameter_groups(Odd(draw), draw.number("weight_decay", 0.01, 0.5))
    return {"groups": described(groups)}


@parameter_groups.check(cases=1)
def groups_of_a_gpt(lesson, draw):
    """A GPT with one table for both ends; the groups go into an optimizer, and it decays them."""
    model = lesson.GPT(tiny(lesson))
    model.lm_head.weight = model.wte.weight
    filled(draw, model)
    groups = lesson.parameter_groups(model, draw.number("weight_decay", 0.1, 0.5))
    shapes = described(groups)
    optimizer = torch.optim.AdamW(groups, lr=0.5)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    return {
        "groups": shapes,
        "wte after a step without a gradient": model.wte.weight,
        "ln_f after it": model.ln_f.weight,
    }


@parameter_groups.check(cases=1)
def two_models(lesson, draw):
    """The groups hold the parameters of the model that is handed over, and not another's."""
    models = [nn.Linear(2, 3), nn.Linear(2, 3)]
    for i, model in enumerate(models):
        put(model.weight, draw.tensor(f"weight of model {i}", 3, 2))
        put(model.bias, draw.tensor(f"bias of model {i}", 3))
    groups = [lesson.parameter_groups(model, draw.given("weight_decay", 0.1)) for model in models]
    return {"parameters": [[group["params"] for group in each] for each in groups]}


@parameter_groups.check(cases=1)
def groups_of_many(lesson, draw):
    """Many parameters are all in a group, in their order."""
    widths = draw.shuffled("widths", range(1, 45))
    model = nn.ModuleList([nn.Linear(width, 1) for width in widths])
    return {"groups": described(lesson.parameter_groups(model, draw.given("weight_decay", 0.1)))}


# --- learning_rate -------------------------------------------------------------------------------


def drawn_schedule(draw, least_warmup=1):
    """Steps, warm-up, peak and least rate of chance."""
    warmup = draw.integer("warmup", least_warmup, 4)
    steps = draw.given("steps", warmup + draw.integer("steps after the warm-up", 3, 9))
    return steps, warmup, draw.number("peak", 1.0, 2.0), draw.number("least", 0.1, 0.5)


learning_rate = exercise("learning_rate")


@learning_rate.check
def every_step(lesson, draw):
    """The rate of every step, and of two steps after the last."""
    steps, *others = drawn_schedule(draw)
    rates = [lesson.learning_rate(step, steps, *others) for step in range(steps + 2)]
    return {"rate of each step": rates}


@learning_rate.check(cases=2)
def ends_of_a_schedule(lesson, draw):
    """The first step, the last of the warm-up, the first of the cosine, and the last of all."""
    steps, warmup, peak, least = drawn_schedule(draw)
    places = {"first": 0, "end of the warm-up": warmup - 1, "after it": warmup, "last": steps - 1}
    rate = lesson.learning_rate
    return {name: rate(step, steps, warmup, peak, least) for name, step in places.items()}


@learning_rate.check(cases=2)
def shortest_schedules(lesson, draw):
    """Without a warm-up the cosine begins at once; a warm-up of all steps but one has no cosine."""
    steps = draw.integer("steps", 2, 5)
    warmup = draw.given("warmup", [0, steps - 1][draw.case])
    peak, least = draw.number("peak", 1.0, 2.0), draw.number("least", 0.1, 0.5)
    rates = [lesson.learning_rate(step, steps, warmup, peak, least) for step in range(steps + 1)]
    return {"rate of each step": rates}


@learning_rate.check(cases=1)
def long_schedules(lesson, draw):
    """A training of many steps has the rates of its own length."""
    peak = draw.number("peak", 0.5, 1.0)
    return {
        f"rate of step {step}": lesson.learning_rate(step, 19_073, 715, peak, 0.05)
        for step in (0, 100, 714, 715, 2_000, 9_000, 17_000, 19_071, 19_072, 50_000)
    }


# --- clip_gradients ------------------------------------------------------------------------------


def with_gradients(draw, shapes, scale=1.0):
    """Parameters of these shapes with drawn gradients, and one without."""
    parameters = [nn.Parameter(torch.zeros(shape)) for shape in shapes]
    for i, parameter in enumerate(parameters):
        parameter.grad = scale * shaped(draw, f"gradient {i}", parameter.shape)
    return [*parameters[:1], nn.Parameter(torch.zeros(2)), *parameters[1:]]


def gradients(parameters):
    return [parameter.grad for parameter in parameters]


clip_gradients = exercise("clip_gradients")
clip_gradients.forbid("clip_gradients", says="clipping is built here: compute the norm yourself")


@clip_gradients.check
def clipped_together(lesson, draw):
    """Gradients that are too long together are shortened by one factor; the norm is told."""
    parameters = with_gradients(draw, [(3,), (2, 2), ()][: draw.size(1, 3)], scale=2.0)
    norm = lesson.clip_gradients(parameters, draw.number("limit", 0.1, 0.9))
    return {"norm": plain(norm), "gradients": gradients(parameters)}


@clip_gradients.check(cases=2)
def short_ones_stay(lesson, draw):
    """Gradients that are short enough stay as they are, however near zero."""
    parameters = with_gradients(draw, [(2,), (1, 3)], scale=[0.1, 1e-4][draw.case])
    norm = lesson.clip_gradients(parameters, draw.number("limit", 5.0, 9.0))
    return {"norm": plain(norm), "gradients": gradients(parameters)}


@clip_gradients.check(cases=1)
def handed_over_by_a_generator(lesson, draw):
    """The parameters may come from a generator, which can be walked over only once."""
    parameters = with_gradients(draw, [(3,), (2,)], scale=2.0)
    norm = lesson.clip_gradients(iter(parameters), draw.number("limit", 0.1, 0.9))
    return {"norm": plain(norm), "gradients": gradients(parameters)}


@clip_gradients.check(cases=1)
def the_very_gradients(lesson, draw):
    """It is the gradients that change, in place; the parameters do not."""
    parameters = with_gradients(draw, [(4,)], scale=3.0)
    kept, other = parameters[0].grad, parameters[0].detach().clone()
    limit = draw.number("limit", 0.1, 0.9)
    norm = lesson.clip_gradients(parameters, limit)
    again = lesson.clip_gradients(parameters, 10 * limit)
    return {
        "norm": plain(norm),
        "norm afterwards": plain(again),
        "the gradient": kept,
        "moved": parameters[0] - other,
    }


@clip_gradients.check(cases=1)
def many_gradients(lesson, draw):
    """Many parameters, and large ones, count to the last; each call has its own result."""
    both = [with_gradients(draw, [(1013,), *[(2,)] * 120, (40, 35)]) for _ in range(2)]
    limit = draw.number("limit", 1.0, 2.0)
    norms = [plain(lesson.clip_gradients(parameters, limit)) for parameters in both]
    return {"norms": norms, "gradients": [gradients(parameters) for parameters in both]}


# --- train_step ----------------------------------------------------------------------------------


class Line(nn.Module):
    """Predicts w x; the loss is the mean squared error. It notes under what it was called."""

    def __init__(self, w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([w]))
        self.seen = []

    def forward(self, x, y):
        on = torch.is_autocast_enabled("cpu")
        self.seen.append(str(torch.get_autocast_dtype("cpu")) if on else "no autocast")
        predicted = self.w * x
        return predicted, ((predicted - y) ** 2).mean()


class Noting(torch.autograd.Function):
    """The identity; on the way back it notes whether autocast is on."""

    @staticmethod
    def forward(context, x, notes):
        context.notes = notes
        return x.clone()

    @staticmethod
    def backward(context, gradient):
        context.notes.append(torch.is_autocast_enabled("cpu"))
        return gradient, None


class Watched(Line):
    """A Line that also notes what its backward pass runs under."""

    def forward(self, x, y):
        predicted, loss = super().forward(x, y)
        return predicted, Noting.apply(loss, self.seen)


class Descent:
    """Plain gradient descent; it keeps the gradients that it was stepped with."""

    def __init__(self, parameters, rate=0.1):
        self.parameters, self.rate, self.gradients = list(parameters), rate, []

    def zero_grad(self, set_to_none=True):
        for parameter in self.parameters:
            parameter.grad = None if set_to_none else torch.zeros_like(parameter)

    def step(self, closure=None):
        for parameter in self.parameters:
            self.gradients.append(None if parameter.grad is None else parameter.grad.clone())
            if parameter.grad is not None:
                put(parameter, parameter - self.rate * parameter.grad)


def line_and_parts(draw, count):
    """A model, its optimizer, and small batches."""
    model = Line(draw.number("w", 1.0, 2.0))
    x, y = (draw.tensor(name, count, 3, low=0.2, high=0.9) for name in ("x", "y"))
    return model, Descent(model.parameters()), [tuple(part) for part in zip(x, y, strict=True)]


train_step = exercise("train_step", points=3)


@train_step.check(cases=4)
def parts_as_one(lesson, draw):
    """Several small batches make the step of one big one; the loss is their mean."""
    model, optimizer, parts = line_and_parts(draw, draw.size(1, 4))
    loss, norm = lesson.train_step(model, optimizer, parts, draw.given("limit", 100.0))
    return {
        "gradients at the steps": optimizer.gradients,
        "loss": plain(loss),
        "norm": plain(norm),
        "w": model.w,
    }


@train_step.check(cases=2)
def step_after_step(lesson, draw):
    """Each step begins without the gradients of the one before, or of somebody else."""
    model, optimizer, parts = line_and_parts(draw, 4)
    model.w.grad = draw.given("gradient left from before", torch.tensor([5.0]))
    limit = draw.given("limit", 100.0)
    results = [lesson.train_step(model, optimizer, parts[i : i + 2], limit) for i in (0, 2)]
    return {
        "gradients at each step": optimizer.gradients,
        "losses": [plain(loss) for loss, _ in results],
        "norms": [plain(norm) for _, norm in results],
    }


@train_step.check(cases=2)
def clipped_before_the_step(lesson, draw):
    """What the optimizer sees is clipped; the norm is that from before, and 1 is the limit."""
    model, optimizer, parts = line_and_parts(draw, 2)
    parts = [(draw.given("x", 9.0 * x), y) for x, y in parts]
    given = [draw.number("limit", 0.2, 0.8)] if draw.case else []
    loss, norm = lesson.train_step(model, optimizer, parts, *given)
    return {"gradients": optimizer.gradients, "norm": plain(norm), "loss": plain(loss)}


@train_step.check(cases=3)
def forward_alone_under_autocast(lesson, draw):
    """The forward passes run under autocast where a dtype is asked for, and nothing else does."""
    model = Watched(draw.number("w", 1.0, 2.0))
    dtype = [torch.float32, torch.bfloat16, torch.float16][draw.case]
    parts = [tuple(draw.tensor(name, 3) for name in "xy") for _ in range(2)]
    loss, _ = lesson.train_step(
        model, Descent(model.parameters()), parts, dtype=draw.given("dtype", dtype)
    )
    return {
        "under what the model ran, and whether backward did": model.seen,
        "autocast afterwards": torch.is_autocast_enabled("cpu"),
        "loss": plain(loss),
    }


@train_step.check(cases=2)
def what_is_returned_has_no_graph(lesson, draw):
    """What is returned needs no graph; the list of batches and the model's mode stay."""
    model, optimizer, parts = line_and_parts(draw, 2)
    model.train(draw.given("in training mode before", draw.case == 0))
    loss, norm = lesson.train_step(model, optimizer, parts)
    return {
        "with a graph": [getattr(value, "requires_grad", False) for value in (loss, norm)],
        "number of batches": len(parts),
        "in training mode afterwards": model.training,
        "w": model.w,
    }


@train_step.check(cases=1)
def many_parts(lesson, draw):
    """Many small batches count, equal ones too."""
    model, optimizer, kinds = line_and_parts(draw, 30)
    order = draw.given("order of the batches", [*range(30), *range(20), 3, 3, 4])
    loss, norm = lesson.train_step(model, optimizer, [kinds[i] for i in order], 100.0)
    return {"gradients": optimizer.gradients, "loss": plain(loss), "norm": plain(norm)}


@train_step.check(cases=1, **DEEP)
def a_gpt_steps(lesson, draw):
    """A GPT with one table for both ends makes a step, on batches of tokens."""
    model = filled(draw, lesson.GPT(tiny(lesson)))
    model.lm_head.weight = model.wte.weight
    parts = [tuple(draw.indices(name, 2, 5, high=7) for name in "xy") for _ in range(3)]
    loss, norm = lesson.train_step(model, torch.optim.SGD(model.parameters(), lr=0.1), parts)
    return {"loss": plain(loss), "norm": plain(norm), "wte": model.wte.weight}


# --- round_up, flops_per_token, utilization ------------------------------------------------------


round_up = exercise("round_up")


@round_up.check(cases=5)
def next_multiple(lesson, draw):
    """The next multiple, or the size itself where it is one."""
    multiple = draw.integer("multiple", 2, 9)
    size = draw.given(
        "size",
        [1, multiple, 5 * multiple, 5 * multiple + 1, draw.integer("size", 9, 999)][draw.case],
    )
    return {"rounded up": lesson.round_up(size, multiple)}


@round_up.check(cases=2)
def multiples_of_128(lesson, draw):
    """Without a multiple it is 128; large sizes are exact."""
    size = draw.integer("size", 1, 60_000) if draw.case else 2**60 + draw.integer("size", 1, 99)
    return {"rounded up": lesson.round_up(draw.given("size", size))}


flops_per_token = exercise("flops_per_token")


@flops_per_token.check(cases=5)
def operations_of_any_sizes(lesson, draw):
    """Sizes of any kind are counted; the number of heads makes no difference."""
    return {"operations": lesson.flops_per_token(drawn_config(lesson, draw))}


@flops_per_token.check(cases=2)
def operations_of_long_texts(lesson, draw):
    """Attention grows with the length of the text, the rest does not."""
    lengths = draw.given("block_size", [draw.integer("block_size", 1, 9), 4096])
    return {
        f"operations {i}": lesson.flops_per_token(tiny(lesson, block_size=length))
        for i, length in enumerate(lengths)
    }


utilization = exercise("utilization")


@utilization.check
def share_of_the_peak(lesson, draw):
    """Operations per second, as a share of the peak."""
    config = drawn_config(lesson, draw)
    rate, peak = draw.number("tokens_per_second", 10, 900), draw.integer("peak", 10**7, 10**9)
    return {"utilization": lesson.utilization(config, rate, peak)}


@utilization.check(cases=2)
def share_of_a_gpu(lesson, draw):
    """GPT-2, and another of its kind, on a processor of any speed."""
    configs = {"GPT-2": lesson.Config(), "another": drawn_config(lesson, draw)}
    rate = draw.integer("tokens_per_second", 1_000, 900_000)
    peak = draw.choice("peak", [312e12, 19.5e12])
    return {name: lesson.utilization(each, rate, peak) for name, each in configs.items()}


# --- take_checkpoint, resume ---------------------------------------------------------------------


def small_training(lesson, draw):
    """A linear model with drawn weights, AdamW, and a loader."""
    model = nn.Linear(2, 1)
    put(model.weight, draw.tensor("weight", 1, 2))
    put(model.bias, draw.tensor("bias", 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=draw.number("lr", 0.05, 0.2))
    loader = lesson.Loader([draw.indices("shard", 23, high=9)], 1, 2)
    torch.manual_seed(draw.integer("seed", 0, 1000))
    return model, optimizer, loader


def trained(model, optimizer, loader, steps):
    """Train on what the loader's calls give and on noise from torch's global generator."""
    losses = []
    for _ in range(steps):
        piece = loader.calls % 11
        loader.calls += 1
        x = loader.shards[0][piece : piece + 2].float() + torch.randn(2)
        optimizer.zero_grad()
        loss = (model(x) - 3.0).square().sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return losses


def numbers_of(checkpoint):
    """What a checkpoint of `small_training` holds, as plain data."""
    state = checkpoint["optimizer"]["state"]
    return {
        "model": dict(checkpoint["model"]),
        "averages": [
            {name: entry[name] for name in ("step", "exp_avg", "exp_avg_sq")}
            for entry in state.values()
        ],
        "rates": [group["lr"] for group in checkpoint["optimizer"]["param_groups"]],
        "calls": checkpoint["calls"],
        "step": checkpoint["step"],
        "random": checkpoint["random"][:40],
    }


take_checkpoint = exercise("take_checkpoint")


@take_checkpoint.check(cases=2)
def holds_everything(lesson, draw):
    """Model, optimizer, calls, step and the random state are there; taking it changes nothing."""
    training = small_training(lesson, draw)
    trained(*training, 2 * draw.case)
    training[0].train(draw.given("in training mode before", draw.case == 0))
    checkpoint = lesson.take_checkpoint(*training, draw.integer("step", 1, 99))
    return {
        "keys": sorted(checkpoint),
        **numbers_of(checkpoint),
        "in training mode afterwards": training[0].training,
        "loss of the next step": trained(*training, 1),
    }


@take_checkpoint.check(cases=1)
def stays_as_it_was(lesson, draw):
    """Training on does not change a checkpoint, nor does a second one."""
    training = small_training(lesson, draw)
    trained(*training, 2)
    checkpoint = lesson.take_checkpoint(*training, draw.integer("step", 1, 99))
    trained(*training, 3)
    training[1].param_groups[0]["lr"] = 7.0
    second = lesson.take_checkpoint(*training, checkpoint["step"])
    return {"first": numbers_of(checkpoint), "second": numbers_of(second)}


@take_checkpoint.check(cases=1)
def checkpoint_of_a_gpt(lesson, draw):
    """A GPT, whose tied table is there under both names."""
    model = filled(draw, lesson.GPT(tiny(lesson)))
    model.lm_head.weight = model.wte.weight
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    checkpoint = lesson.take_checkpoint(model, optimizer, lesson.Loader([torch.arange(9)], 1, 2), 3)
    put(model.wte.weight, torch.zeros(7, 4))
    return {
        "names": sorted(checkpoint["model"]),
        "wte": checkpoint["model"]["wte.weight"],
        "lm_head": checkpoint["model"]["lm_head.weight"],
    }


resume = exercise("resume", points=2)


def checkpoint_of(model, optimizer, loader, step):
    """A checkpoint as the lesson describes it, made without the lesson's function."""
    states = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    copied = {name: _copied(state) for name, state in states.items()}
    return {**copied, "calls": loader.calls, "step": step, "random": torch.get_rng_state()}


def _copied(value):
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {name: _copied(entry) for name, entry in value.items()}
    return [_copied(entry) for entry in value] if isinstance(value, list) else value


@resume.check(cases=2)
def goes_on_bit_for_bit(lesson, draw):
    """Training goes on exactly as it would have gone without the interruption."""
    training = small_training(lesson, draw)
    trained(*training, 3)
    checkpoint = checkpoint_of(*training, draw.integer("step", 1, 99))
    without = trained(*training, 3)
    fresh = small_training(lesson, draw) if draw.case else training
    fresh[0].train(draw.given("in training mode before", draw.case == 0))
    step = lesson.resume(checkpoint, *fresh)
    return {
        "step": step,
        "in training mode afterwards": fresh[0].training,
        "losses": without,
        "losses when resumed": trained(*fresh, 3),
        "calls": fresh[2].calls,
    }


@resume.check(cases=1)
def good_for_a_second_time(lesson, draw):
    """The checkpoint can be used again, however the training went on meanwhile."""
    training = small_training(lesson, draw)
    trained(*training, 3)
    checkpoint = checkpoint_of(*training, draw.integer("step", 1, 99))
    losses = []
    for _ in range(2):
        lesson.resume(checkpoint, *training)
        losses.append(trained(*training, 3))
    return {"losses each time": losses, "checkpoint afterwards": numbers_of(checkpoint)}


@resume.check(cases=1)
def right_after_resuming(lesson, draw):
    """The parameters, the averages, the rate and the loader's calls are those of the checkpoint."""
    training = small_training(lesson, draw)
    trained(*training, 2)
    checkpoint = checkpoint_of(*training, draw.integer("step", 1, 99))
    trained(*training, 2)
    training[1].param_groups[0]["lr"] = 7.0
    step = lesson.resume(checkpoint, *training)
    return numbers_of(checkpoint_of(*training, step))


# --- keep_top_k, keep_top_p ----------------------------------------------------------------------


def apart(draw, name, rows, tokens):
    """Rows of logits in which no two are equal."""
    values = [draw.shuffled(name, range(tokens)) for _ in range(rows)]
    return draw.given(name, torch.tensor(values).float() / 4 - 1)


keep_top_k = exercise("keep_top_k")


@keep_top_k.check(cases=4)
def keeps_the_largest(lesson, draw):
    """The k largest of each row stay as they are, in their places."""
    logits = apart(draw, "logits", draw.size(1, 3), draw.size(4, 9))
    return {"kept": lesson.keep_top_k(logits, draw.integer("k", 1, 4)), **afterwards(logits=logits)}


@keep_top_k.check(cases=2)
def more_than_there_are_to_keep(lesson, draw):
    """Where k is the number of tokens or larger, all are kept."""
    logits = apart(draw, "logits", 2, 4)
    return {"kept": lesson.keep_top_k(logits, draw.given("k", [4, 50][draw.case]))}


@keep_top_k.check(cases=2)
def one_row_or_many_dimensions(lesson, draw):
    """A single row, or more dimensions before the last."""
    logits = apart(draw, "logits", 6, 5)
    logits = draw.given("logits", [logits[0], logits.view(3, 2, 5)][draw.case])
    return {"kept": lesson.keep_top_k(logits, draw.integer("k", 1, 3))}


@keep_top_k.check(cases=1)
def top_of_many(lesson, draw):
    """Many rows of many tokens; each call has its own result."""
    one, other = (apart(draw, name, 40, 113) for name in ("logits", "second logits"))
    k = draw.integer("k", 55, 99)
    return twice(lambda logits: lesson.keep_top_k(logits, k), {"logits": one}, {"logits": other})


# Sums of these are far from every p that is asked for.
SHARES = [0.4, 0.25, 0.15, 0.1, 0.06, 0.04]
LINES = [0.3, 0.5, 0.7, 0.85, 0.92, 0.98]


def shuffled_shares(draw, name, rows):
    """Logits of probabilities in another order in each row, not normalized."""
    shares = torch.tensor([draw.shuffled(name, SHARES) for _ in range(rows)])
    return draw.given(name, shares.log() + draw.number("what is added to all logits", -2.0, 2.0))


keep_top_p = exercise("keep_top_p", points=2)


@keep_top_p.check(cases=6)
def keeps_the_fewest(lesson, draw):
    """The fewest of the likeliest that reach p together; the one that crosses the line is kept."""
    logits = shuffled_shares(draw, "logits", draw.size(1, 3))
    p = draw.given("p", LINES[draw.case])
    return {"kept": lesson.keep_top_p(logits, p), **afterwards(logits=logits)}


@keep_top_p.check(cases=2)
def one_or_all(lesson, draw):
    """A tiny p keeps the likeliest token; p = 1 keeps all."""
    logits = shuffled_shares(draw, "logits", 2)
    return {"kept": lesson.keep_top_p(logits, draw.given("p", [1e-6, 1.0][draw.case]))}


@keep_top_p.check(cases=2)
def nucleus_of_other_shapes(lesson, draw):
    """A single row, or more dimensions before the last; rows keep different numbers of tokens."""
    steep = torch.tensor([1.0, 3.0, 0.5, 1.0, 2.0, 1.0]).view(6, 1)
    logits = shuffled_shares(draw, "logits", 6) * steep
    logits = draw.given("logits", [logits[1], logits.view(3, 2, 6)][draw.case])
    return {"kept": lesson.keep_top_p(logits, draw.given("p", 0.66))}


@keep_top_p.check(cases=1)
def nucleus_of_many(lesson, draw):
    """Many rows of many tokens; each call has its own result."""
    one, other = (apart(draw, name, 40, 113) / 8 for name in ("logits", "second logits"))
    p = draw.given("p", 0.612)
    return twice(lambda logits: lesson.keep_top_p(logits, p), {"logits": one}, {"logits": other})


# --- pick_token ----------------------------------------------------------------------------------


DRAWS = 6000


def picked_shares(lesson, draw, probabilities, **setting):
    """How often each token is drawn from one row of probabilities."""
    logits = torch.tensor(probabilities).log().expand(DRAWS, len(probabilities))
    tokens = lesson.pick_token(logits, **setting, generator=draw.generator())
    counts = torch.bincount(tokens.flatten(), minlength=len(probabilities))
    return {"shape": list(tokens.shape), "share of each token": counts / DRAWS}


pick_token = exercise("pick_token", points=2)


@pick_token.check(cases=4, **shares_by_chance(DRAWS))
def each_knob(lesson, draw):
    """How often tokens are drawn: as the softmax says, and with each knob alone."""
    settings = [
        {},
        {"temperature": draw.choice("temperature", [0.5, 2.0])},
        {"top_k": draw.integer("top_k", 1, 4)},
        {"top_p": draw.choice("top_p", LINES[:4])},
    ]
    setting = draw.given("setting", settings[draw.case])
    return picked_shares(lesson, draw, draw.shuffled("probabilities", SHARES), **setting)


@pick_token.check(cases=2, **shares_by_chance(DRAWS))
def temperature_comes_first(lesson, draw):
    """A temperature changes what top_p keeps; top_k cuts before top_p."""
    settings = [{"temperature": 2.5, "top_p": 0.6}, {"top_k": 3, "top_p": 0.7}]
    probabilities = draw.shuffled("probabilities", [0.42, 0.26, 0.12, 0.1, 0.06, 0.04])
    return picked_shares(lesson, draw, probabilities, **draw.given("setting", settings[draw.case]))


@pick_token.check(cases=2)
def likeliest_at_zero(lesson, draw):
    """A temperature of 0 takes the likeliest token of each row, whatever else is asked for."""
    logits = apart(draw, "logits", 3, 5)
    more = [{}, {"top_k": 2, "top_p": 0.9}][draw.case]
    tokens = lesson.pick_token(logits, temperature=draw.given("temperature", 0), **more)
    return {"tokens": tokens, **afterwards(logits=logits)}


@pick_token.check(cases=1)
def rows_of_their_own(lesson, draw):
    """Every row has its own token; many rows, and tokens that are certain."""
    tokens = []
    for setting in [{}, {"temperature": 0.5, "top_k": 55, "top_p": 0.9}, {"temperature": 0}]:
        following = draw.indices("the only token of each row", 1013, high=60)
        tokens.append(lesson.pick_token(1000.0 * torch.eye(60)[following], **setting))
    return {"tokens": tokens}


@pick_token.check(cases=1)
def picks_with_the_generator(lesson, draw):
    """The tokens come from the generator that is handed over, and from nothing else."""
    logits = draw.tensor("logits", 30, 40)
    return draws_of(
        draw, lambda generator: lesson.pick_token(logits, top_k=39, generator=generator).tolist()
    )


# --- KeyValueCache.__call__ ----------------------------------------------------------------------


def drawn_pieces(draw, lengths, leading=(2, 2)):
    """Queries, keys and values of several pieces of a text."""
    return [
        tuple(
            draw.tensor(f"{name} of piece {i}", *leading, length, 3)
            for name in ("query", "key", "value")
        )
        for i, length in enumerate(lengths)
    ]


cache_call = exercise("KeyValueCache.__call__", points=2)
cache_call.forbid("attention", says="use your own attention: torch's lets a lone query see one key")


@cache_call.check
def piece_after_piece(lesson, draw):
    """What each piece of a text gets; the keys and values of all are kept in order."""
    cache = lesson.KeyValueCache()
    pieces = drawn_pieces(draw, [[2], [3, 1], [2, 1, 2]][draw.case], leading=(1, 2))
    outputs = [cache(*piece) for piece in pieces]
    return {"outputs": outputs, "keys": cache.key, "values": cache.value}


@cache_call.check(cases=1)
def nothing_is_changed(lesson, draw):
    """What was handed over is not changed, and two caches are apart."""
    pieces = drawn_pieces(draw, [1, 1, 1])
    one, other = lesson.KeyValueCache(), lesson.KeyValueCache()
    outputs = [one(*pieces[0]), other(*pieces[1]), one(*pieces[2])]
    return {"outputs": outputs, **afterwards(pieces=[list(piece) for piece in pieces])}


@cache_call.check(cases=3)
def long_pieces(lesson, draw):
    """Long pieces, many rows and many heads are kept to the end."""
    cache = lesson.KeyValueCache()
    lengths, leading = [([35, 30], (1, 1)), ([2, 1], (113, 1)), ([2, 1], (1, 113))][draw.case]
    outputs = [cache(*piece) for piece in drawn_pieces(draw, lengths, leading)]
    return {"outputs": outputs, "keys": cache.key[:, :, -3:], "values": cache.value[:, :, -3:]}


@cache_call.check(cases=1)
def token_by_token(lesson, draw):
    """Many single tokens, one after the other."""
    cache = lesson.KeyValueCache()
    outputs = [cache(*piece) for piece in drawn_pieces(draw, [1] * 60, leading=(1, 1))]
    return {"last outputs": outputs[-3:], "keys": cache.key}


# --- generate_cached -----------------------------------------------------------------------------


def likeliest(logits):
    return logits.argmax(-1, keepdim=True)


def noting_gpt(lesson, draw, block_size=8, **sizes):
    """A GPT with drawn weights that notes what it is called with."""
    model = filled(draw, lesson.GPT(tiny(lesson, block_size=block_size, n_layer=2, **sizes)))
    calls = []

    def note(module, given, named):
        idx = given[0] if given else named["idx"]
        start = named["start"] if "start" in named else given[2] if len(given) > 2 else 0
        calls.append((idx.tolist(), start, torch.is_grad_enabled()))

    model.register_forward_pre_hook(note, with_kwargs=True)
    return model, calls


generate_cached = exercise("generate_cached", points=3)


@generate_cached.check
def reads_each_token_once(lesson, draw):
    """The prompt is read in one piece, every new token once, each from where it stands."""
    model, calls = noting_gpt(lesson, draw)
    T = draw.size(1, 4)
    idx = draw.indices("idx", draw.size(1, 2), T, high=7)
    text = lesson.generate_cached(model, idx, draw.integer("max_new_tokens", 1, 8 - T), likeliest)
    return {"text": text, "tokens, start and graph of each call": calls, **afterwards(idx=idx)}


@generate_cached.check(cases=2)
def to_the_end_of_the_window(lesson, draw):
    """The text may fill the window to its last position."""
    prompt, more = [(2, 4), (105, 15)][draw.case]
    model, _ = noting_gpt(lesson, draw, block_size=prompt + more)
    idx = draw.indices("idx", 2, prompt, high=7)
    return {"text": lesson.generate_cached(model, idx, more, likeliest)}


@generate_cached.check(cases=1)
def chooses_from_the_last_position(lesson, draw):
    """choose gets the logits (B, V) of the last position, and what it gives is appended."""
    model, _ = noting_gpt(lesson, draw)
    given, idx = [], draw.indices("idx", 3, 2, high=7)
    tokens = iter(draw.shuffled("what is chosen", range(7)))

    def choose(logits):
        given.append(logits.detach().clone())
        return torch.full((3, 1), next(tokens))

    text = lesson.generate_cached(model, idx, 4, choose)
    return {
        "text": text,
        "shapes of the logits": [list(each.shape) for each in given],
        "logits": given,
    }


@generate_cached.check(cases=1)
def model_is_given_back(lesson, draw):
    """Afterwards the layers attend as before, and a second text begins with empty caches."""
    model, _ = noting_gpt(lesson, draw)
    idx, other = (draw.indices(name, 1, 3, high=7) for name in ("idx", "second idx"))
    texts = [lesson.generate_cached(model, each, 4, likeliest) for each in (idx, other, idx)]
    with torch.no_grad():
        logits, _ = model(other)
    return {
        "texts": texts,
        "logits afterwards": logits,
        "gradients on afterwards": torch.is_grad_enabled(),
    }


@generate_cached.check(cases=1)
def draws_where_nothing_is_said(lesson, draw):
    """Without choose, tokens are drawn; many rows are all continued."""
    model, _ = noting_gpt(lesson, draw)
    put(model.lm_head.weight, torch.zeros(7, 4))
    torch.manual_seed(draw.integer("seed", 0, 10_000))
    text = lesson.generate_cached(model, draw.indices("idx", 400, 1, high=7), 2)
    return {
        "shape": list(text.shape),
        "first tokens": text[:, 0],
        "tokens that occur": sorted(set(text[:, 1:].flatten().tolist())),
    }


# --- pack_endings, ending_losses -----------------------------------------------------------------


def drawn_endings(draw, lengths):
    """Endings of these lengths, with tokens from 1 on: a 0 is filling."""
    endings = [
        [1 + token for token in draw.indices("ending", length, high=50).tolist()]
        for length in lengths
    ]
    return draw.given("endings", endings)


pack_endings = exercise("pack_endings")


@pack_endings.check(cases=4)
def rows_and_mask(lesson, draw):
    """Each row is the context, an ending and filling; the mask marks the ending alone."""
    context = draw.indices("context", draw.size(1, 4), high=50).tolist()
    lengths = draw.shuffled("lengths", [1, 2, 4, 3])[: draw.size(1, 4)]
    endings = drawn_endings(draw, lengths)
    tokens, mask = lesson.pack_endings(draw.given("context", context), endings)
    return {"tokens": tokens, "mask": mask, **afterwards(context=context, endings=endings)}


@pack_endings.check(cases=1)
def zeros_that_are_tokens(lesson, draw):
    """A 0 inside a text is a token like any other."""
    endings = draw.given("endings", [[0, draw.integer("token", 1, 9)], [5, 0, 0]])
    tokens, mask = lesson.pack_endings(draw.given("context", [0, 3]), endings)
    return {"tokens": tokens, "mask": mask}


@pack_endings.check(cases=1)
def many_endings(lesson, draw):
    """Many endings, and long texts; each call has its own result."""
    one, other = (
        draw.indices(name, 60, high=50).tolist() for name in ("context", "second context")
    )
    lengths = draw.shuffled("lengths", range(1, 61))
    endings = drawn_endings(draw, lengths)

    def call(context, endings):
        return list(lesson.pack_endings(context, endings))

    return twice(call, {"context": one, "endings": endings}, {"context": other, "endings": endings})


ending_losses = exercise("ending_losses", points=2)


def drawn_answers(draw, rows, length, which=""):
    """Logits, tokens and a mask of an ending in each row."""
    logits = draw.tensor(which + "logits", rows, length, 5, low=-3.0, high=3.0)
    tokens = draw.indices(which + "tokens", rows, length, high=5)
    mask = torch.zeros(rows, length, dtype=torch.int64)
    for row in range(rows):
        begin = draw.integer("begin of the ending", 1, length - 1)
        mask[row, begin : draw.integer("its end", begin + 1, length)] = 1
    return {"logits": logits, "tokens": tokens, "mask": draw.given(which + "mask", mask)}


@ending_losses.check(cases=4)
def mean_of_each_ending(lesson, draw):
    """The mean loss of the tokens that are marked, each predicted by the position before it."""
    given = drawn_answers(draw, draw.size(1, 4), draw.size(3, 6))
    return {"losses": lesson.ending_losses(*given.values()), **afterwards(**given)}


@ending_losses.check(cases=2)
def only_the_marked_ones(lesson, draw):
    """What is not marked makes no difference, neither the context nor the filling."""
    given = drawn_answers(draw, 2, 5)
    given["mask"] = draw.given("mask", torch.tensor([[0, 0, 1, 1, 0], [0, 0, 1, 0, 0]]))
    other = draw.indices("other tokens", 2, 5, high=5)
    changed = torch.where(given["mask"] == 1, given["tokens"], other)
    return {
        "losses": lesson.ending_losses(*given.values()),
        "with other tokens where nothing is marked": lesson.ending_losses(
            given["logits"], changed, given["mask"]
        ),
    }


@ending_losses.check(cases=1)
def certain_and_impossible(lesson, draw):
    """Logits of 1,000 give losses of 0 and 1,000, and all stays finite."""
    tokens = draw.indices("tokens", 2, 4, high=5)
    logits = 1000.0 * torch.eye(5)[tokens.roll(-1, 1)]
    logits[1] = logits[1].roll(1, -1)
    mask = draw.given("mask", torch.tensor([[0, 1, 1, 1]] * 2))
    return {"losses": lesson.ending_losses(logits, tokens, mask)}


@ending_losses.check(cases=1)
def losses_of_many(lesson, draw):
    """Many rows of many tokens; each call has its own result."""
    one, other = drawn_answers(draw, 1013, 3), drawn_answers(draw, 1013, 3, "second ")
    long = drawn_answers(draw, 2, 70, "long ")
    return {**twice(lesson.ending_losses, one, other), "long": lesson.ending_losses(*long.values())}


# --- read_safetensors ----------------------------------------------------------------------------


TYPES = {
    "U8": torch.uint8,
    "I64": torch.int64,
    "F32": torch.float32,
    "BF16": torch.bfloat16,
    "F16": torch.float16,
}


def raw(tensor):
    """The bytes of a tensor's numbers, row after row."""
    return tensor.contiguous().flatten().view(torch.uint8).numpy().tobytes()


def packed(tensors, spaces=0, **metadata):
    """A safetensors file of {name: (dtype, tensor)}."""
    header, body = ({"__metadata__": metadata} if metadata else {}), b""
    for name, (dtype, tensor) in tensors.items():
        piece = raw(tensor.to(TYPES[dtype]))
        offsets = [len(body), len(body) + len(piece)]
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": offsets}
        body += piece
    text = json.dumps(header).encode() + b" " * spaces
    return len(text).to_bytes(8, "little") + text + body


def drawn_file(draw, shapes, dtypes, **more):
    """A file of drawn tensors, and how long it is, for a report."""
    tensors = {
        f"{'abcdefgh'[i]}.weight": (dtype, shaped(draw, f"tensor {i}", shape, low=0.0, high=200.0))
        for i, (shape, dtype) in enumerate(zip(shapes, dtypes, strict=True))
    }
    return packed(tensors, **more)


def listed(tensors):
    """A dict of tensors in its order, with their dtypes as words."""
    return [[name, str(tensor.dtype), tensor.float()] for name, tensor in tensors.items()]


read_safetensors = exercise("read_safetensors", points=3)


@read_safetensors.check
def tensors_of_a_file(lesson, draw):
    """The tensors of a file, in the header's order, with shapes and numbers."""
    shapes = [(3,), (2, 3), (1, 2, 2)][: draw.size(1, 3)]
    return {
        "tensors": listed(lesson.read_safetensors(drawn_file(draw, shapes, ["F32"] * len(shapes))))
    }


@read_safetensors.check(cases=2)
def every_type(lesson, draw):
    """Numbers of one, two, four and eight bytes, behind each other; scalars too."""
    shapes = [(3,), (2,), (), (2, 1), (1,)]
    dtypes = draw.shuffled("dtypes", NUMBER_TYPES)
    return {"tensors": listed(lesson.read_safetensors(drawn_file(draw, shapes, dtypes)))}


@read_safetensors.check(cases=1)
def metadata_is_no_tensor(lesson, draw):
    """Metadata are passed over, a header may be filled up with spaces, and a file may be empty."""
    data = drawn_file(draw, [(2, 2)], ["F32"], spaces=draw.integer("spaces", 1, 7), format="pt")
    tensors = listed(lesson.read_safetensors(data))
    return {"tensors": tensors, "of a file without any": lesson.read_safetensors(packed({}))}


@read_safetensors.check(cases=1)
def header_of_any_length(lesson, draw):
    """A header of 128 bytes is no pickle, though its first byte is that of one."""
    data = drawn_file(draw, [(2,)], ["F32"])
    missing = 128 - int.from_bytes(data[:8], "little")
    data = packed({"a.weight": ("F32", draw.tensor("numbers", 2))}, spaces=missing % 128)
    return {"first byte": data[0], "tensors": listed(lesson.read_safetensors(data))}


@read_safetensors.check(cases=7)
def refuses_what_it_is_not(lesson, draw):
    """Pickles, zip files, files that were cut off and others are refused with a ValueError."""
    filling = draw.text("filling", 30).encode()
    good = drawn_file(draw, [(2,)], ["F32"])
    files = [
        b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}q\x00." + filling,
        b"PK\x03\x04\x14\x00\x08\x08" + filling,
        good[:20],
        (2**62).to_bytes(8, "little") + b"{" + filling,
        (5).to_bytes(8, "little") + b"[1,2]" + filling,
        good[:8],
        (1000).to_bytes(8, "little") + b"{}",
    ]
    return {
        "raised": refused(lambda: lesson.read_safetensors(files[draw.case])),
        "filling": filling.decode(),
    }


@read_safetensors.check(cases=1)
def large_files(lesson, draw):
    """Many tensors, and large ones; each call has its own result."""
    shapes = [(1013,), *[(1, 2)] * 7]
    one, other = (drawn_file(draw, shapes, ["F32"] * 8) for _ in range(2))
    first, second = lesson.read_safetensors(one), lesson.read_safetensors(other)
    many = packed({f"t{i}": ("U8", torch.tensor([i])) for i in range(120)})
    return {
        "first": listed(first),
        "second": listed(second),
        "names": list(lesson.read_safetensors(many)),
    }


# --- load_published ------------------------------------------------------------------------------


CONV1D = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")


def tied(lesson, **sizes):
    """A GPT with one table for both ends."""
    model = lesson.GPT(tiny(lesson, **sizes))
    model.lm_head.weight = model.wte.weight
    return model


def published(draw, model):
    """Drawn tensors for a model as a published file has them, and a few that it does not need."""
    tensors = {}
    generator = draw.generator()
    for name, parameter in model.named_parameters():
        shape = parameter.T.shape if name.endswith(CONV1D) else parameter.shape
        tensors[name] = torch.randn(shape, generator=generator)
    return tensors | {"h.0.attn.bias": torch.ones(1, 1, 8, 8)}


load_published = exercise("load_published", points=2)


@load_published.check(cases=2)
def weights_in_their_places(lesson, draw):
    """Every parameter has its numbers, those of Conv1D turned; what was handed over stays."""
    model = tied(lesson, n_layer=1 + draw.case)
    tensors = published(draw, model)
    returned = lesson.load_published(model, tensors)
    return {
        **dict(model.named_parameters()),
        "lm_head": model.lm_head.weight,
        "returned": returned,
        "one of the tensors afterwards": tensors["h.0.mlp.c_fc.weight"],
        "names afterwards": len(tensors),
    }


@load_published.check(cases=1, **DEEP)
def the_same_parameters(lesson, draw):
    """The parameters are the same objects: an optimizer from before goes on with them."""
    model = tied(lesson)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    tensors = published(draw, model)
    lesson.load_published(model, tensors)
    idx = draw.indices("idx", 2, 5, high=7)
    model(idx, idx)[1].backward()
    optimizer.step()
    return {
        "wte after a step": model.wte.weight,
        "lm_head after it": model.lm_head.weight,
        "c_proj": model.h[0].attn.c_proj.weight,
        "what was handed over": tensors["wte.weight"],
    }


@load_published.check(cases=4)
def refuses_what_does_not_fit(lesson, draw):
    """A tensor that is missing, or of another shape, is refused with a ValueError."""
    model = tied(lesson)
    tensors = published(draw, model)
    if draw.case == 0:
        del tensors[draw.choice("missing", ["wpe.weight", "h.0.ln_1.bias", "ln_f.weight"])]
    else:
        name, shape = [
            ("wpe.weight", (4,)),
            ("wte.weight", (1, 4)),
            ("h.0.mlp.c_fc.weight", (16, 4)),
        ][draw.case - 1]
        tensors[draw.given("of another shape", name)] = torch.zeros(shape)
    seen = draw.tensor("wte.weight", 7, 4) if draw.case != 2 else None
    if seen is not None:
        tensors["wte.weight"] = seen
    return {"raised": refused(lambda: lesson.load_published(model, tensors))}
