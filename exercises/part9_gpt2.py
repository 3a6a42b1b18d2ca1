# %% [markdown]
# # Reproduce GPT-2
#
# Your GPT of part 6 works. Why then did OpenAI's GPT-2, the same idea from 2019, take so much more than a longer loop?
# Because at size, everything that was harmless begins to matter: how the last layers are initialized, which parameters
# decay, what a batch is when it doesn't fit into memory, how many of the processor's multiplications you really get.
# This lesson is about those things. You build GPT-2 as it was published, 124,439,808 parameters and not one more, train
# a small copy of it, let it write, score it, and read weights from a file byte by byte.
#
# The lecture is *Let's reproduce GPT-2 (124M)*: https://www.youtube.com/watch?v=l8pRSuU81PU
#
# It builds on the GPT of part 6. Its training uses the tokenizer of `part7_tokenizer`, where that is solved; where it
# isn't, the model reads plain bytes. `F.softmax`, `F.cross_entropy` and `torch.optim.AdamW` may be called. What is
# built here may not: attention, GELU and the clipping of gradients.
#
# The letters for shapes: B texts in a batch, T positions, C channels, V tokens in the vocabulary.

# %%
import contextlib
import copy
import json
import math
import time
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Config:
    """The sizes of a GPT-2; those of the smallest published one where nothing else is said."""

    vocab_size: int = 50257
    block_size: int = 1024
    n_layer: int = 12
    n_head: int = 12
    n_embd: int = 768


# %%
def share_of_the_token_table():
    """GPT-2 has 12 layers of width 768 and a table of 50,257 tokens. What share of its parameters is that table?

    Answer: a number, within 10 %.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 1. The model on paper
#
# Count the parameters before you write a line of the model. If your count and torch's agree, you have understood every
# shape. With C channels, these are the parts:
#
# | part | weights | biases |
# |---|---|---|
# | token table `wte` | V · C | |
# | position table `wpe` | T · C, for T = `block_size` | |
# | in each layer: queries, keys, values | C · 3C | 3C |
# | in each layer: projection of attention | C · C | C |
# | in each layer: MLP, up and down | C · 4C and 4C · C | 4C and C |
# | in each layer: two LayerNorms | C each | C each |
# | LayerNorm at the end | C | C |
# | output layer | the token table once more: nothing new | |
#
# The last row is a trick of GPT-2's that comes below. And where's the number of heads? Nowhere: heads only cut the same
# C channels into pieces.
#
# Once it passes, `grad plot part9_gpt2:count_parameters` shows where the parameters of the four GPT-2s are.

# %%
def count_parameters(config):
    """Count the parameters of a GPT-2 from its sizes.

    config: a Config. Returns an int. The output layer shares the token table, so it counts once.

    >>> count_parameters(Config())
    124439808
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def gelu_left_of_zero():
    """ReLU makes 0 of every negative number. GELU is a smooth ReLU, and it's 0 at 0 too. What does it make of -1?

    Answer: one of: something negative; exactly 0; something positive.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 2. GELU
#
# A unit behind a ReLU that is negative for every example has no slope at all: it's dead, and nothing revives it. GELU
# leaves a little slope on the left. It's $x \cdot P(Z < x)$ for a standard normal Z. In 2018 the exact function was
# slow in TensorFlow, so GPT-2 used an approximation by tanh, and whoever wants GPT-2's numbers uses it still:
#
# $$\mathrm{gelu}(x) = \frac{x}{2} \left(1 + \tanh\left(\sqrt{\frac{2}{\pi}} \, (x + 0.044715 \, x^3)\right)\right)$$
#
# Once it passes, `grad plot gelu` draws it beside ReLU, with its slope.

# %%
def gelu(x):
    """GELU in its approximation by tanh, element by element.

    x: float tensor of any shape; it is not changed. Returns a tensor of the same shape.

    >>> gelu(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-0.1588,  0.0000,  0.8412])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def shape_of_the_queries():
    """A fused layer gives queries, keys and values of all heads in one tensor (2, 8, 192): 2 texts, 8 positions, 192
    = 3 · 64 channels. There are 4 heads. What's the shape of the queries once they are split into heads?

    Answer: a shape.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 3. One product for all heads
#
# In part 6 each head made its own query, key and value: with 12 heads that's 36 small matrix products. A graphics
# processor likes one large product better. So GPT-2 has a single layer, `c_attn`, from C to 3C channels, and the result
# is cut up:
#
# ```
#            C            C            C
#       ┌─────────────┬────────────┬────────────┐
#       │   queries   │    keys    │   values   │      one position of c_attn's output
#       └─────────────┴────────────┴────────────┘
#        h0 │ h1 │ h2   h0│ h1│ h2   h0│ h1│ h2        each third holds the heads, side by side
# ```
#
# Each head then wants its own (T, head_size) matrix, so the heads must move in front of time. Beware of a `view` that
# only looks right: from (B, T, C), `view(B, n_head, T, head_size)` has the shape that you want and the wrong numbers.

# %%
def split_heads(qkv, n_head):
    """Cut the output of a fused layer into the queries, keys and values of each head.

    qkv: (B, T, 3 * C) float: C channels of queries, then C of keys, then C of values. In each of the three, the first
    C // n_head channels belong to the first head, and so on. Returns (query, key, value), each
    (B, n_head, T, C // n_head).

    >>> query, key, value = split_heads(torch.arange(12.0).view(1, 1, 12), n_head=2)
    >>> query.tolist(), value.tolist()
    ([[[[0.0, 1.0]], [[2.0, 3.0]]]], [[[[8.0, 9.0]], [[10.0, 11.0]]]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Attention itself is that of part 6, with one thing more. Later, while the model writes, keys and values of earlier
# positions will be kept, and only the *new* positions ask. Then there are T queries and S keys, with S larger than T,
# and the queries belong to the last T of the S positions:
#
# ```
#                    keys 0  1  2  3  4
# query of position 3:    x  x  x  x  .
# query of position 4:    x  x  x  x  x        T = 2 queries, S = 5 keys
# ```
#
# With T = S this is the triangle that you know.

# %%
def attention(query, key, value):
    """Causal attention of the last T of S positions.

    query: (..., T, d) float; key and value: (..., S, d), with S >= T and any leading dimensions. Query t stands at
    position S - T + t and looks at the positions up to its own. Returns (..., T, d): the values, averaged with the
    softmax of query . key / sqrt(d); finite for scores of 1,000 too.

    >>> value = torch.tensor([[2.0], [4.0], [9.0]])
    >>> attention(torch.zeros(3, 1), torch.zeros(3, 1), value).flatten().tolist()
    [2.0, 3.0, 5.0]
    >>> attention(torch.zeros(1, 1), torch.zeros(3, 1), value).flatten().tolist()
    [5.0]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Now the module. It holds two linear layers, and in `attend` the function that does the attending. Keep it apart like
# this, and it can be exchanged: later by torch's fast one, and by one that remembers.
#
# The names (`c_attn`, `c_proj`, below `wte`, `h`, `ln_1` and so on) are those in OpenAI's files. Use them, and the
# published weights fit without a dictionary of names.

# %%
class CausalSelfAttention(nn.Module):
    """All heads of a layer in one module."""

    def __init__(self, config):
        super().__init__()
        self.n_head = config.n_head
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.attend = attention

    def forward(self, x):
        """Let every position look back.

        x: (B, T, C). Returns (B, T, C): split_heads of c_attn(x), then self.attend(query, key, value), which gives
        (B, n_head, T, C // n_head), then the heads side by side, the first head first, through c_proj.

        >>> layer = CausalSelfAttention(Config(n_embd=2, n_head=2))
        >>> _ = nn.init.zeros_(layer.c_attn.weight), nn.init.zeros_(layer.c_proj.bias)
        >>> _ = layer.c_attn.bias.data.copy_(torch.tensor([0.0, 0, 0, 0, 5, 7])), nn.init.eye_(layer.c_proj.weight)
        >>> layer(torch.zeros(1, 3, 2))[0, 0].tolist()
        [5.0, 7.0]
        """
        # YOUR CODE HERE
        raise NotImplementedError()


class MLP(nn.Module):
    """Each position thinks for itself; given."""

    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        return self.c_proj(gelu(self.c_fc(x)))


class Block(nn.Module):
    """One layer: attention and MLP, each on its residual branch; given."""

    def __init__(self, config):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(config.n_embd), CausalSelfAttention(config)
        self.ln_2, self.mlp = nn.LayerNorm(config.n_embd), MLP(config)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


# %% [markdown]
# ## 4. GPT-2
#
# Token and position embeddings, the layers, a last norm, the logits: the same way as in part 6. New is `start`. A model
# that remembers reads text in pieces, and must be told where in the text a piece begins: its first token stands at
# position `start`.

# %%
class GPT(nn.Module):
    """GPT-2, under the names of the published files."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.block_size, config.n_embd)
        self.h = nn.ModuleList([Block(config) for _ in range(config.n_layer)])
        self.ln_f = nn.LayerNorm(config.n_embd)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)

    def forward(self, idx, targets=None, start=0):
        """Predict what follows each position.

        idx, targets: (B, T) int64; the first column stands at position start. Returns (logits, loss): logits (B, T, V),
        and the mean cross entropy over all B * T predictions, or None without targets.

        >>> model = GPT(Config(vocab_size=5, block_size=8, n_layer=1, n_head=2, n_embd=4))
        >>> _ = nn.init.zeros_(model.lm_head.weight)
        >>> logits, loss = model(torch.tensor([[0, 3, 1]]), torch.tensor([[3, 1, 2]]))
        >>> logits.shape, round(loss.item(), 4)
        (torch.Size([1, 3, 5]), 1.6094)
        """
        # YOUR CODE HERE
        raise NotImplementedError()


# %% [markdown]
# The table at the entrance turns a token into a vector. The layer at the exit scores a vector against every token.
# Shouldn't two words that mean the same have similar vectors in both? GPT-2 uses *one* matrix for both places: that's
# weight tying. It saves 38.6 million parameters, and each row learns from both ends.
#
# In torch a parameter may belong to two modules. What counts is that it's one and the same `nn.Parameter`. If two
# parameters merely hold the same numbers, or even the same memory, each still has its own gradient, and the optimizer
# moves both.

# %%
def tie_weights(model):
    """Let the output layer use the token table itself.

    model: a GPT; changed in place. Afterwards model.lm_head.weight is the very nn.Parameter model.wte.weight, with the
    values that model.wte.weight had. Returns None.

    >>> model = GPT(Config(vocab_size=5, block_size=8, n_layer=1, n_head=2, n_embd=4))
    >>> tie_weights(model)
    >>> model.lm_head.weight is model.wte.weight
    True
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def spread_behind_the_layers():
    """GPT-2's 12 layers add 24 branches to the residual stream, which begins at 0 here. Each branch adds independent
    numbers of spread (standard deviation) 1. What's the spread of the stream at the end?

    Answer: a number, within 8 %.
    """
    return None  # YOUR PREDICTION


def first_loss_of_gpt2():
    """A fresh GPT-2 with its small weights hardly prefers any of its 50,257 tokens. What's its first loss?

    Answer: a number, within 3 %.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 5. How it begins
#
# GPT-2 draws all weights of linear layers and embeddings from a normal distribution of spread 0.02, and sets the biases
# to zero. (OpenAI's code has 0.01 for the positions; here, as in the lecture, they are drawn like the rest.) There is one
# exception. Every layer adds two branches to the residual stream, and what is added piles up: after n
# independent additions the spread has grown by √n. With 12 layers that makes 24 additions. So the last layer of each
# branch, both `c_proj`s, gets smaller weights:
#
# $$\text{spread} = \frac{0.02}{\sqrt{2 \cdot \text{layers}}}$$
#
# The factor is 1 over the root of twice the layers: 0.20 for 12 layers. Of the people who have written this by hand,
# some got 2/√n, some had a slip in the exponent; all of their models trained. A wrong scale doesn't crash. You have to
# measure it.
#
# LayerNorms keep what torch gives them, ones and zeros. And why 0.02? It suits the width of 768, where it is a bit
# more than half of 1/√768. A narrow model wants larger weights, which is why the spread is an argument: ours, of
# width 128, begins with 0.05.
#
# What should the first loss be? The logarithm of the vocabulary, if no token is preferred; and a little more, since a
# tied model begins with one prejudice. What stands in the stream is the current token's own row of the table, and the
# row that fits it best at the exit is that very row: fresh from the draw, the model expects every token to come
# twice in a row.

# %%
def init_weights(model, std=0.02, generator=None):
    """Draw the weights of a GPT as GPT-2 does, in place.

    Normal with mean 0: of spread std in every nn.Linear and nn.Embedding, but of spread
    std / sqrt(2 * model.config.n_layer) in the layers named c_proj. The biases of linear layers become 0; LayerNorms
    stay as they are. generator: the torch.Generator that draws, or None. Returns None.

    >>> model = GPT(Config(vocab_size=500, block_size=8, n_layer=2, n_head=2, n_embd=64))
    >>> init_weights(model, generator=torch.Generator().manual_seed(0))
    >>> round(model.wte.weight.std().item(), 3), round(model.h[1].mlp.c_proj.weight.std().item(), 3)
    (0.02, 0.01)
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def make_model(config):
    """A GPT as GPT-2 begins: drawn, with 0.02 at width 768 and accordingly at others, then tied; given."""
    model = GPT(config)
    init_weights(model, 0.02 * math.sqrt(768 / config.n_embd), torch.Generator().manual_seed(1337))
    tie_weights(model)
    return model


# %% [markdown]
# Once it passes, `grad plot init_weights` follows the spread of the stream through 24 layers, with the small
# `c_proj`s and without.
#
# ## 6. More text than memory
#
# GPT-2's text doesn't fit into memory, so it lies on the disk in *shards*, files of many tokens each. Training reads
# it from the beginning to the end, without overlap, and begins anew. Here are two ways to lose text unnoticed. A
# loader that only reads whole batches from a shard drops the shard's tail. And where several processes train
# together, each must get pieces of its own.
#
# Both are easy if you think of all shards as one endless text: one shard behind the other, and after the last the first
# again. Write that first. Tokens of one call may come from two shards, or from many small ones.

# %%
def read_tokens(shards, start, count):
    """Read tokens of the endless text that the shards are, one behind the other and then from the first again.

    shards: a list of 1-D tensors of integers, none of them empty; not changed. start: the place of the first token,
    0 or more, and perhaps far beyond the end of the last shard. count: how many tokens, at least 1, perhaps more than
    there are. Returns (count,) int64.

    >>> shards = [torch.tensor([0, 1, 2]), torch.tensor([3, 4])]
    >>> read_tokens(shards, start=2, count=4).tolist()
    [2, 3, 4, 0]
    >>> read_tokens(shards, start=11, count=2).tolist()
    [1, 2]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# A loader then hands out pieces of B · T tokens. Let `world` processes train side by side, each with its `rank` from
# 0 on:
#
# ```
# piece      0   1   2   3   4   5   6   7  ...        each of B · T tokens
# rank       0   1   2   0   1   2   0   1             with three processes
# call       first       second      third
# ```
#
# The targets are one token further, so the last target of a piece is the first token of the next one.

# %%
class Loader:
    """Hands out batches of an endless text, each process its own."""

    def __init__(self, shards, batch_size, block_size, rank=0, world=1):
        self.shards, self.rank, self.world = shards, rank, world
        self.batch_size, self.block_size = batch_size, block_size
        self.calls = 0

    def next_batch(self):
        """Return this process's next piece of the text as (x, y), both (batch_size, block_size) int64.

        The text is cut into pieces of batch_size * block_size tokens. In the first call rank r takes piece r, in the
        next call piece r + world, and so on; the pieces go on without an end, as read_tokens does. x is the piece,
        row after row, and y holds the token that follows each token of x. self.calls counts the calls; nothing else
        changes.

        >>> loader = Loader([torch.arange(10)], batch_size=1, block_size=3, rank=1, world=2)
        >>> [x.tolist() for x, y in (loader.next_batch(), loader.next_batch())]
        [[[3, 4, 5]], [[9, 0, 1]]]
        >>> loader.calls
        2
        """
        # YOUR CODE HERE
        raise NotImplementedError()


# %% [markdown]
# ## 7. The optimizer's two groups
#
# Weight decay pulls every weight a little towards zero in each step, so that no weight is large without a reason.
# That makes sense for matrices, where many weights share the work. It makes none for a bias, or for the gain of a
# LayerNorm, which has to be about 1. The usual rule: tensors of two dimensions and more decay, the others don't.
# Optimizers of torch take *groups* of parameters for that, each a dict with its own settings.

# %%
def parameter_groups(model, weight_decay):
    """Sort a model's parameters into those that decay and those that don't.

    Returns a list of two dicts, each with "params", a list, and "weight_decay", a float: first the parameters of two
    and more dimensions with weight_decay, then the others with 0.0. Both in the order of model.parameters(); each
    parameter once, also where it is tied; without those that need no gradient.

    >>> groups = parameter_groups(nn.Linear(3, 2), weight_decay=0.1)
    >>> [(len(group["params"]), group["weight_decay"]) for group in groups]
    [(1, 0.1), (1, 0.0)]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def make_optimizer(model, fused=True):
    """AdamW with GPT-3's settings; fused does all parameters in one go; given."""
    groups = parameter_groups(model, weight_decay=0.1)
    return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95), eps=1e-8, fused=fused)


# %% [markdown]
# ## 8. The rate: up, and down along a cosine
#
# In the first steps Adam's averages know little, and a full step into a random direction does harm that takes long to
# repair. So the rate grows from a small value, step by step, during the *warm-up*. Afterwards it falls along half a
# cosine, slowly, then faster, then slowly again, to a tenth.
#
# ```
# rate
# peak      ┌╌╌───_
#          ╱       ╲_
#         ╱          ╲__
# least  ╱              ╲──────────
#        0  warmup          steps - 1
# ```
#
# The ends are where the slips are. A warm-up of `step / warmup` has a rate of 0 in step 0: a step that does nothing.
# And a cosine that would be done at `steps` never gets there, because the last step has the number steps - 1.
#
# Once it passes, `grad plot learning_rate` draws your schedule.

# %%
def learning_rate(step, steps, warmup, peak, least):
    """The rate for one step: linear warm-up, then half a cosine.

    step: from 0 on; of the training's steps, the first warmup warm up, with 0 <= warmup < steps. In the warm-up the
    rate grows linearly: step 0 has peak / warmup, step warmup - 1 has peak. Then comes half a cosine that begins with
    peak at step warmup and ends with least at the last step, steps - 1; where the two are one step, it has least. Later
    steps have least. Returns a float.

    >>> [round(learning_rate(step, 7, 2, 1.0, 0.2), 3) for step in range(8)]
    [0.5, 1.0, 1.0, 0.883, 0.6, 0.317, 0.2, 0.2]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 9. Clipping
#
# Once in a while a batch is so odd that its gradient is many times as long as usual, and one step along it can ruin
# hours. The cure: look at all gradients as *one* long vector. Where that is longer than a limit, shorten it, and keep
# its direction. The direction only stays if all parameters are shortened by the same factor. The length itself, the
# *norm*, is the best fever thermometer that a training has: print it.

# %%
def clip_gradients(parameters, limit):
    """Shorten all gradients together where they are longer than the limit, in place.

    parameters: an iterable of parameters, perhaps a generator such as model.parameters(), which can be walked over
    only once. Those without a gradient (None) are left alone. The norm is the root of the sum of all squared entries
    of all gradients. Where it is greater than limit, every gradient is multiplied by limit / norm. Returns the norm
    from before, a float or a tensor without dimensions. At least one parameter has a gradient.

    >>> a, b = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
    >>> a.grad, b.grad = torch.tensor([3.0]), torch.tensor([4.0])
    >>> float(clip_gradients([a, b], limit=1.0)), round(float(a.grad), 2), round(float(b.grad), 2)
    (5.0, 0.6, 0.8)
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def gradient_of_four_parts():
    """A batch is cut into four equal parts. You call `backward` on the mean loss of each part, and let the gradients
    add up. By what factor is the result too large, compared with the gradient of the mean loss of the whole batch?

    Answer: a number, within 1 %.
    """
    return None  # YOUR PREDICTION


def one_more_in_bfloat16():
    """bfloat16 has 8 significant bits. What's 256 + 1 in it, `torch.tensor(256, dtype=torch.bfloat16) + 1`?

    Answer: a number.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 10. One step of training
#
# GPT-3's paper asks for half a million tokens in a batch. No processor of ours holds that. But gradients add up: run
# many small batches one after the other, call `backward` on each, and step only once. That is *gradient accumulation*,
# and it gives the same step as the big batch, up to rounding, under one condition. The loss is a *mean*, and the sum of
# four means is four times too large. So divide each loss by the number of small batches before you go backward.
#
# The second thing in this step is *autocast*. Inside `with torch.autocast("cuda", dtype=torch.bfloat16):` torch does
# matrix products in bfloat16, which has float32's range and only 8 significant bits, and modern processors do it many
# times faster. What is delicate, such as the loss, stays in float32, and so do the parameters. Only the forward pass
# belongs inside.

# %%
def train_step(model, optimizer, batches, limit=1.0, dtype=torch.float32):
    """Make one step of training on several small batches, as though they were one.

    batches: a list of (x, y), all of one size. model(x, y) returns (logits, loss), the loss a mean. Gradients from
    before are cleared. Each batch goes forward and backward before the next, so that the graph of only one is in
    memory; their gradients add up to the gradient of the mean of the batches' losses. They are
    clipped with clip_gradients and limit; then the optimizer steps, once. Where dtype is not torch.float32, the
    forward passes alone run under torch.autocast with it, on the kind of device on which x is. Returns (loss, norm):
    the mean of the losses, before the step, and the norm before clipping, each a float or a tensor without
    dimensions, without a graph. The model's mode is left as it is.

    >>> model = GPT(Config(vocab_size=5, block_size=8, n_layer=1, n_head=2, n_embd=4))
    >>> _ = nn.init.zeros_(model.lm_head.weight)
    >>> batch = torch.tensor([[0, 3]]), torch.tensor([[3, 1]])
    >>> loss, norm = train_step(model, torch.optim.SGD(model.parameters(), lr=0.1), [batch, batch])
    >>> round(float(loss), 4)
    1.6094
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The first test of a new model and a new training loop: can it learn *one* batch by heart? If it can't, no amount of
# data will help. Once it passes, `grad plot part9_gpt2:train_step` does that with a small GPT-2, and compares one big batch with
# four small ones.
#
# ## 11. Numbers that processors like
#
# 50,257 is an odd number, and 50,257 = 29 · 1733. Graphics processors compute in blocks of 8, 64 or 128 numbers, and
# what's left over at the end is done slowly. So the lecture rounds the vocabulary up to 50,304, a multiple of 128.
# That's more work, and yet it's faster. The new 47 tokens never occur; the model learns within a few steps that they
# don't.

# %%
def round_up(size, multiple=128):
    """Return the least multiple of an integer that is not smaller than size.

    size, multiple: positive integers. Returns an int.

    >>> round_up(50257), round_up(50304), round_up(10, 8)
    (50304, 50304, 16)
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# How fast could it be? A processor has a *peak*, the operations per second that it could do at best: 312 · 10¹² for the
# lecture's A100 in bfloat16. How many does a token need? Count the matrix products; the rest hardly matters:
#
# * A matrix product uses every weight once for each token: a multiplication and an addition, 2 operations. The layers
#   have 12 C² such weights each, the output layer V · C. (Tables at the entrance are looked up, not multiplied.)
# * In attention each token's query meets the keys of all T positions, and then T values are added up: 2 · T · C
#   operations each, so 4 · T · C in every layer.
# * The backward pass does twice the work of the forward pass: gradients for the inputs, and gradients for the
#   weights. So everything counts three times.

# %%
def flops_per_token(config):
    """Count the operations that training takes for one token, forward and backward.

    config: a Config. As in the text above: three times the operations of the forward pass, which are 2 for each weight
    of a matrix (12 C² in a layer, V C at the end) and 4 T C for attention in each layer, with T = block_size and as
    though no key were masked. Biases, norms and lookups do not count. Returns an int.

    >>> flops_per_token(Config())
    854438400
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# What share of the peak do you get? That share is the *utilization*: 0.4 is decent, 0.6 is excellent, 0.05 means that
# the processor mostly waits.

# %%
def utilization(config, tokens_per_second, peak):
    """Return the share of a processor's peak that training uses.

    config: a Config. peak: the operations per second that the processor could do. Returns a float.

    >>> round(utilization(Config(), tokens_per_second=185_000, peak=312e12), 2)
    0.51
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 12. Stop, and go on as though nothing had happened
#
# A training of days will be interrupted. A checkpoint must hold everything that the next step depends on: the
# parameters, the optimizer's averages, where the loader is, and the state of torch's random numbers. If one is missing,
# the training goes on all right, only not quite the same, and nobody sees it. The test is to go on twice, with and
# without an interruption, and to compare *bit for bit*.
#
# The trap: `state_dict()` doesn't copy. It hands out the very tensors that training is about to change, so a
# checkpoint that you keep in memory would change along with them. `load_state_dict` of an optimizer has the same trap
# the other way round: it may keep the tensors that you give it.

# %%
def take_checkpoint(model, optimizer, loader, step):
    """Collect everything that the training needs to go on from here.

    Returns a dict: "model" and "optimizer", their state_dicts; "calls", the loader's; "step"; and "random", the state
    of torch's global generator (torch.get_rng_state()). What happens to the four arguments later does not change it.

    >>> model = nn.Linear(1, 1)
    >>> optimizer, loader = torch.optim.SGD(model.parameters(), lr=0.1), Loader([torch.arange(9)], 1, 2)
    >>> checkpoint = take_checkpoint(model, optimizer, loader, step=7)
    >>> sorted(checkpoint), checkpoint["step"]
    (['calls', 'model', 'optimizer', 'random', 'step'], 7)
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def resume(checkpoint, model, optimizer, loader):
    """Put a training back to where a checkpoint was taken.

    checkpoint: as from take_checkpoint; it can be used again later, whatever the training does meanwhile. model,
    optimizer, loader: made as they were then; changed in place. torch's global generator is put back too. Returns the
    step.

    >>> model = nn.Linear(1, 1)
    >>> optimizer, loader = torch.optim.SGD(model.parameters(), lr=0.1), Loader([torch.arange(9)], 1, 2)
    >>> checkpoint = take_checkpoint(model, optimizer, loader, step=7)
    >>> _ = nn.init.zeros_(model.weight), loader.next_batch()
    >>> resume(checkpoint, model, optimizer, loader), loader.calls
    (7, 0)
    >>> torch.equal(model.weight, checkpoint["model"]["weight"])
    True
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 13. Writing
#
# Draw from the model's probabilities as they are, and once in some fifty tokens an absurd one comes: each of 50,000
# absurd tokens is unlikely, but together they weigh several percent. And what follows an absurd token is absurd. Two
# ways to cut this tail off. *Top-k* keeps the k likeliest tokens. To drop a token before the softmax, set its logit to
# minus infinity.

# %%
def keep_top_k(logits, k):
    """Keep the k largest logits of each row, and set the others to minus infinity.

    logits: (..., V) float, not changed. k: at least 1; where it is V or more, all are kept. Returns a tensor of the
    same shape. (Which of several equal logits are kept is left open.)

    >>> keep_top_k(torch.tensor([1.0, 4.0, 2.0, 3.0]), k=2).tolist()
    [-inf, 4.0, -inf, 3.0]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def tokens_in_the_nucleus():
    """The probabilities are 0.5, 0.3, 0.15 and 0.05. How many tokens does top-p keep at p = 0.75: the fewest of the
    likeliest that have 0.75 together, or more?

    Answer: a number.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# But how large should k be? After "New" a few words are likely, after "I" hundreds are. *Top-p* adapts: it keeps the
# smallest number of likeliest tokens whose probabilities add up to p or more. The token that crosses the line belongs
# to them, so at least one is always kept.

# %%
def keep_top_p(logits, p):
    """Keep the fewest of the likeliest tokens that have a probability of p together, or more.

    logits: (..., V) float, not changed. p: above 0 and at most 1. Returns a tensor of the same shape: the logits of the
    tokens that are kept, and minus infinity for the others.

    >>> keep_top_p(torch.tensor([0.15, 0.5, 0.05, 0.3]).log(), p=0.75).exp()
    tensor([0.0000, 0.5000, 0.0000, 0.3000])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The third knob is *temperature*: divide the logits by it before anything else. Below 1 the likely tokens become
# likelier still, above 1 the choice evens out. At 0 it would be a division by zero; what's meant is its limit, the
# likeliest token every time.
#
# Once it passes, `grad plot pick_token` shows what each knob does to one row of probabilities.

# %%
def pick_token(logits, temperature=1.0, top_k=None, top_p=None, generator=None):
    """Draw the next token of each row.

    logits: (B, V) float, not changed. The logits are divided by temperature; then, where they are given, top_k and
    top_p cut the tail off, in this order; then a token is drawn from the softmax of what is left. A temperature of 0
    takes the likeliest token. generator: the torch.Generator that draws, or None. Returns (B, 1) int64.

    >>> logits = torch.tensor([[0.0, 5.0, 4.0]])
    >>> pick_token(logits, temperature=0).tolist(), pick_token(logits, top_k=1).tolist()
    ([[1]], [[1]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
@torch.no_grad()
def generate(model, idx, max_new_tokens, choose=pick_token):
    """Continue each row of idx (B, T), as in part 6: the whole window is read for every token; given.

    choose: takes logits (B, V) and gives the next tokens (B, 1).
    """
    for _ in range(max_new_tokens):
        logits, _ = model(idx[:, -model.config.block_size :])
        idx = torch.cat((idx, choose(logits[:, -1])), dim=1)
    return idx


# %%
def positions_without_a_cache():
    """A model continues a text of 10 tokens by 90. Without a cache it reads the whole text anew for every token. How
    many positions does it compute in all?

    Answer: a number, within 2 %.
    """
    return None  # YOUR PREDICTION


def keys_that_one_query_sees():
    """The model has kept 5 keys and sends one new query. You call torch's F.scaled_dot_product_attention with them and
    is_causal=True. How many of the 5 keys does the query see?

    Answer: a number.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 14. Remember what you have read
#
# `generate` is wasteful: for each new token the whole text goes through the model again, though nothing about the
# earlier positions has changed. Causal attention makes sure of that: no position depends on later ones. What do the
# later positions need of the earlier ones? Only their keys and values. So keep these, layer by layer, and let the
# model read each token once.
#
# A cache takes the place of a layer's `attend`. It appends the new keys and values to those that it has, and the new
# queries attend to all of them. That's why your `attention` can do with fewer queries than keys.

# %%
class KeyValueCache:
    """Takes the place of one layer's attention, and remembers keys and values."""

    def __init__(self):
        self.key = self.value = None

    def __call__(self, query, key, value):
        """Attend with the new queries to all keys and values so far.

        query, key, value: (B, n_head, T, d), those of T new positions, T >= 1. self.key and self.value become all keys
        and values of the calls so far, in order: (B, n_head, S, d). Returns (B, n_head, T, d), the attention of the new
        queries, which stand at the last T of the S positions. No tensor that was handed over is changed.

        >>> cache, zero = KeyValueCache(), torch.zeros(1, 1, 1, 1)
        >>> [cache(zero, zero, torch.full((1, 1, 1, 1), number)).item() for number in (2.0, 4.0, 9.0)]
        [2.0, 3.0, 5.0]
        """
        # YOUR CODE HERE
        raise NotImplementedError()


@contextlib.contextmanager
def caching(model):
    """Give every layer of a GPT a fresh cache while the block runs; given."""
    before = [block.attn.attend for block in model.h]
    for block in model.h:
        block.attn.attend = KeyValueCache()
    try:
        yield
    finally:
        for block, attend in zip(model.h, before, strict=True):
            block.attn.attend = attend


# %% [markdown]
# Now the loop. The prompt goes through the model in one piece. From then on each call gets a single token per row,
# the one that was just chosen, and must be told where it stands. The result is that of `generate`, token for token.
#
# Once it passes, `grad plot generate_cached` measures what it saves.

# %%
def generate_cached(model, idx, max_new_tokens, choose=pick_token):
    """Continue each row of idx, and let the model read every token only once.

    model: a GPT. idx: (B, T) int64, T >= 1, not changed; T + max_new_tokens is at most model.config.block_size, and
    max_new_tokens at least 1. choose: takes the logits (B, V) of the last position and gives the next tokens (B, 1).
    Under `caching(model)` and without a graph, the model is called max_new_tokens times: first with idx, then each
    time with the new tokens (B, 1) alone, and with start, the position of the first token that it gets. Returns (B, T
    + max_new_tokens).

    >>> model = GPT(Config(vocab_size=5, block_size=8, n_layer=2, n_head=2, n_embd=4))
    >>> likeliest = lambda logits: logits.argmax(-1, keepdim=True)
    >>> generate_cached(model, torch.tensor([[0]]), 7, likeliest).shape
    torch.Size([1, 8])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 15. An exam
#
# A loss says how well a model predicts, and not what it's good for. HellaSwag is an exam that even small models can
# sit: a context, and four endings, of which one makes sense. The model answers none of it in words. You compute how
# likely it finds each ending, and the likeliest is its answer.
#
# First pack the four into one batch. Every row is the context with one ending; shorter rows are filled up with zeros
# at the end. A *mask* says which tokens are to be judged: those of the ending alone. The context is the same for all
# four, and the filling is not text.

# %%
def pack_endings(context, endings):
    """Put a context and each of its endings into one batch.

    context: a list of ints, at least one. endings: a list of lists of ints, none of them empty; neither is changed.
    Returns (tokens, mask), both (N, L) int64, for N endings and the length L of the longest row. A row of tokens is the
    context, an ending, and zeros to fill up; the mask is 1 at the tokens of the ending, and 0 elsewhere.

    >>> tokens, mask = pack_endings([7, 8], [[1, 2, 3], [4]])
    >>> tokens.tolist(), mask.tolist()
    ([[7, 8, 1, 2, 3], [7, 8, 4, 0, 0]], [[0, 0, 1, 1, 1], [0, 0, 1, 0, 0]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Then the scores. Two traps. The logits at position t speak about the token at t + 1, so logits, tokens and mask must
# be *shifted* against each other. And take the *mean* over an ending's tokens; a sum would favor short endings.

# %%
def ending_losses(logits, tokens, mask):
    """Return how badly each row's ending was predicted.

    logits: (N, L, V) float; at [n, t] they predict tokens[n, t + 1]. tokens, mask: (N, L) int64, as from
    pack_endings; nothing is changed. Returns (N,): of each row the mean of the losses (-log of the probability) of
    those tokens at which the mask is 1. The mask is 0 at the first token.

    >>> logits = torch.zeros(2, 3, 4)
    >>> logits[0, 1, 2] = 100.0
    >>> ending_losses(logits, torch.tensor([[0, 1, 2], [0, 1, 2]]), torch.tensor([[0, 0, 1], [0, 1, 1]]))
    tensor([0.0000, 1.3863])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
@torch.no_grad()
def choose_ending(model, context, endings):
    """Which ending the model finds likeliest, as an index; given."""
    tokens, mask = (part.to(model.wte.weight.device) for part in pack_endings(context, endings))
    logits, _ = model(tokens)
    return int(ending_losses(logits, tokens, mask).argmin())


# %% [markdown]
# ## 16. OpenAI's weights
#
# Files of weights used to be *pickles*. A pickle is a program: to load one is to run it, and whoever wrote it decides
# what it does to your machine. `safetensors` is a format that can't do anything, and so simple that you can read it
# yourself:
#
# ```
# bytes 0 to 7     N, the length of the header, an integer, the least significant byte first
# next N bytes     the header in JSON: {"wte.weight": {"dtype": "F32", "shape": [50257, 768],
#                                                     "data_offsets": [0, 154389504]}, ...}
# all the rest     the numbers, row after row; the offsets count from here, begin and end
# ```
#
# A header may have an entry `__metadata__`, which is no tensor. And a file that isn't one of these must be refused,
# with an error that says so. How do you tell? The header is never longer than what's left of the file, and it begins
# with `{`. A pickle or a zip file that is read like this asks for a header of some exabytes.

# %%
DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64, "U8": torch.uint8}


def read_safetensors(data):
    """Read the tensors of a safetensors file.

    data: bytes, the whole file. Returns a dict from name to tensor, in the header's order, without `__metadata__`; the
    dtypes are those of DTYPES, and no tensor is empty. Raises ValueError where the file's first eight bytes ask for a
    header that ends beyond the file, or the header does not begin with `{`.

    >>> header = b'{"x": {"dtype": "U8", "shape": [2, 1], "data_offsets": [0, 2]}}'
    >>> read_safetensors(len(header).to_bytes(8, "little") + header + bytes([7, 8]))["x"].tolist()
    [[7], [8]]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Your names are OpenAI's names, so what's left is easy, but for one thing. GPT-2 was written with a layer called
# Conv1D, which keeps its weights as (in, out). `nn.Linear` keeps (out, in). Four kinds of weights must be transposed,
# and one of them, `attn.c_proj`, is square: if you forget it, every shape fits, and the model talks nonsense.
#
# A second trap: `parameter.copy_(tensor)` broadcasts. A row would fill a whole table without a word, so compare the
# shapes first. The file has more entries than you need (`attn.bias` is a mask, not a bias): go by the model's
# parameters.

# %%
TRANSPOSED = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")


def load_published(model, tensors):
    """Copy published weights into a GPT, in place.

    model: a GPT. tensors: a dict from name to tensor, not changed, with the names of
    model.named_parameters() and perhaps others, which are ignored. Where a name ends with one of TRANSPOSED, the tensor
    is the transpose of the parameter. Raises ValueError where a parameter's tensor is missing, or has another shape.
    Returns None. The parameters stay the same objects.

    >>> model, other = (GPT(Config(vocab_size=5, block_size=8, n_layer=1, n_head=2, n_embd=4)) for _ in range(2))
    >>> published = dict(other.named_parameters())
    >>> published = {name: w.T if name.endswith(TRANSPOSED) else w for name, w in published.items()}
    >>> load_published(model, published)
    >>> torch.equal(model.h[0].attn.c_attn.weight, other.h[0].attn.c_attn.weight)
    True
    """
    # YOUR CODE HERE
    raise NotImplementedError()

# %% [markdown]
# ## Milestone: your GPT-2
#
# Run this file (`python part9_gpt2.py`). It trains a GPT-2 of half a million parameters on plays, with every part
# that you have built. Its tokens are those of your tokenizer of part 7. Then it writes, sits a little exam, and
# measures what each of the lecture's speed-ups is worth on your machine. The number to beat is the short run of part
# 6: 1.99 nats per character, which is 2.87 bits per byte.
#
# `--full --device cuda` is the real thing: 124 million parameters, bfloat16, `torch.compile`, torch's fused
# attention. If you stop it and start it again, it goes on from its last checkpoint, a file beside this one. It reads
# plays too, and those it soon knows by heart: a text of a million characters is far too small for this model. For the
# lecture's training put shards of GPT-2 tokens (`*.bin` or `*.npy`, 16 bits for each token, such as the lecture's
# script makes of FineWeb-EDU) into a folder `part9_shards` beside this file. The last one in order is the validation
# text. The lecture's 19,073 steps are 10 billion tokens: on a GPU that does 180,000 tokens in a second, 15 hours.
#
# Do you have OpenAI's own weights? Save the file `model.safetensors` of their smallest GPT-2 beside this one, as
# `gpt2.safetensors`. It's read with your functions, and with the package `tiktoken` it continues a sentence.

# %%
SIZES = {
    "GPT-2": Config(),
    "medium": Config(n_layer=24, n_head=16, n_embd=1024),
    "large": Config(n_layer=36, n_head=20, n_embd=1280),
    "XL": Config(n_layer=48, n_head=25, n_embd=1600),
}
SMALL = Config(vocab_size=512, block_size=64, n_layer=2, n_head=4, n_embd=128)


def where_the_parameters_are(run):
    """The four GPT-2s that were published: how much of each is tables, and how much is layers."""
    ### STAGE count_parameters
    tables = [count_parameters(replace(config, n_layer=0)) / 1e6 for config in SIZES.values()]
    totals = [count_parameters(config) / 1e6 for config in SIZES.values()]
    with run.plot("parameters") as axes:
        axes.bar(list(SIZES), tables, label="tables, last norm")
        layers = [total - table for total, table in zip(totals, tables, strict=True)]
        bars = axes.bar(list(SIZES), layers, bottom=tables, label="layers")
        axes.bar_label(bars, [f"{total:,.0f}" for total in totals])
        axes.set(ylabel="million parameters", title="The larger, the more of it is layers")
        axes.legend()


def smooth_corner(run):
    """GELU beside ReLU, and their slopes: left of zero, GELU still has a slope."""
    ### STAGE gelu
    x = torch.linspace(-4, 4, 400, requires_grad=True)
    with run.plot("gelu", columns=2, size=(9, 4)) as (values, slopes):
        for name, function in (("ReLU", torch.relu), ("GELU", gelu)):
            y = function(x)
            values.plot(x.detach(), y.detach(), label=name)
            slopes.plot(x.detach(), torch.autograd.grad(y.sum(), x)[0], label=name)
        values.set(xlabel="x", title="value")
        slopes.set(xlabel="x", title="slope")
        values.legend()


def stream(run):
    """The spread of the residual stream, layer by layer: with the small c_proj of GPT-2, and without."""
    ### STAGE init_weights, CausalSelfAttention, attention, split_heads, gelu
    model = GPT(Config(vocab_size=8, block_size=32, n_layer=24, n_head=4, n_embd=192))
    x = 0.02 * torch.randn(2, 32, 192, generator=torch.Generator().manual_seed(0))
    with run.plot("stream") as axes:
        for name, factor in (("c_proj as GPT-2 has it", 1.0), ("c_proj like all others", math.sqrt(48))):
            init_weights(model, 0.05, torch.Generator().manual_seed(1))
            with torch.no_grad():
                for block in model.h:
                    block.attn.c_proj.weight *= factor
                    block.mlp.c_proj.weight *= factor
                spreads, y = [x.std()], x
                for block in model.h:
                    y = block(y)
                    spreads.append(y.std())
            axes.plot(torch.stack(spreads), marker=".", label=name)
        axes.set(xlabel="layers passed", ylabel="spread of the stream", ylim=0)
        axes.set_title("Depth piles up, unless the branches begin small")
        axes.legend()


def one_batch(run):
    """A small GPT-2 learns one batch by heart; and four small batches make the same step as one big one."""
    ### STAGE train_step, clip_gradients, GPT, CausalSelfAttention, attention, split_heads, gelu
    ### STAGE init_weights, tie_weights, parameter_groups
    config = replace(SMALL, n_embd=64)
    tokens = torch.randint(512, (8, 33), generator=torch.Generator().manual_seed(0))
    x, y = tokens[:, :-1], tokens[:, 1:]
    parts = [[(x, y)], list(zip(x.chunk(4), y.chunk(4), strict=True))]
    steps = []
    for batches in parts:
        model = make_model(config)
        train_step(model, torch.optim.SGD(model.parameters(), lr=1.0), batches)
        steps.append(torch.cat([parameter.detach().flatten() for parameter in model.parameters()]))
    apart = (steps[0] - steps[1]).abs().max()
    run.say(f"one big batch or four small ones: the parameters differ by {apart:.1e} at most")
    model = make_model(config)
    optimizer = make_optimizer(model)
    optimizer.param_groups[0]["lr"] = optimizer.param_groups[1]["lr"] = 3e-3
    losses = [float(train_step(model, optimizer, parts[0])[0]) for _ in range(60)]
    with run.plot("one-batch") as axes:
        axes.plot(losses)
        axes.axhline(math.log(512), color="gray", linestyle=":", label=f"ln 512 = {math.log(512):.2f}")
        axes.set(xlabel="step", ylabel="loss", ylim=0, title="One batch of chance, learned by heart")
        axes.legend()


def schedule(run):
    """The rate of each step: up in a line, down along a cosine, and the last step has the least."""
    ### STAGE learning_rate
    with run.plot("schedule") as axes:
        axes.plot([learning_rate(step, 400, 40, 6e-4, 6e-5) for step in range(400)])
        axes.set(xlabel="step", ylabel="rate", ylim=0, title=f"step 399: {learning_rate(399, 400, 40, 6e-4, 6e-5):.1e}")


def knobs(run):
    """What temperature, top-k and top-p do to one row of probabilities: counts of 4,000 drawn tokens."""
    ### STAGE pick_token, keep_top_k, keep_top_p
    logits = (0.75 ** torch.arange(16.0)).log().mul(1.2).expand(4000, 16)
    settings = {"as it is": {}, "temperature 0.5": {"temperature": 0.5}, "top_k 5": {"top_k": 5}}
    settings["top_p 0.6"] = {"top_p": 0.6}
    with run.plot("knobs", columns=4, size=(11, 3.2)) as panels:
        for axes, (name, setting) in zip(panels, settings.items(), strict=True):
            tokens = pick_token(logits, **setting, generator=torch.Generator().manual_seed(0))
            axes.bar(range(16), torch.bincount(tokens.flatten(), minlength=16) / 4000)
            axes.set(title=name, ylim=(0, 0.6), xlabel="token")


def cache_saves(run):
    """How long a text takes to write, with a cache and without; the texts are the same."""
    ### STAGE generate_cached, KeyValueCache, attention, split_heads, CausalSelfAttention, GPT, gelu
    ### STAGE pick_token, keep_top_k, keep_top_p
    model = GPT(replace(SMALL, block_size=256))
    start, lengths, texts = torch.zeros(1, 1, dtype=torch.long), (32, 64, 128, 255), []
    seconds = {"without a cache": [], "with a cache": []}

    def likeliest(logits):
        return pick_token(logits, temperature=0)

    for length in lengths:
        for name, write in zip(seconds, (generate, generate_cached), strict=True):
            begun = time.perf_counter()
            texts.append(write(model, start, length, likeliest).tolist())
            seconds[name].append(time.perf_counter() - begun)
    run.say("the same text both ways" if texts[-1] == texts[-2] else "the two texts differ")
    times_as_fast = seconds["without a cache"][-1] / seconds["with a cache"][-1]
    with run.plot("cache") as axes:
        for name, times in seconds.items():
            axes.plot(lengths, times, marker="o", label=name)
        axes.set(xlabel="tokens", ylabel="seconds", ylim=0, title=f"{times_as_fast:.1f} times as fast for 255 tokens")
        axes.legend()


# %%
@dataclass(frozen=True)
class Plan:
    """How a model is trained: batch_size texts at once, `parts` times for each step."""

    config: Config
    batch_size: int
    parts: int
    steps: int
    warmup: int
    peak: float
    least: float = 0.1  # of the peak, at the end


SHORT = Plan(SMALL, batch_size=8, parts=2, steps=700, warmup=40, peak=7e-3)
PLAYS = Plan(Config(vocab_size=50304), batch_size=16, parts=4, steps=300, warmup=30, peak=6e-4)
LECTURE = Plan(Config(vocab_size=50304), batch_size=16, parts=32, steps=19_073, warmup=715, peak=6e-4)

# Of each question the first ending is the one that makes sense.
EXAM = [
    ("KING RICHARD:\nMy lord, what is your", (" will?", " will the!", " are?", " gone him?")),
    ("First Citizen:\nSpeak, speak.\n\nSecond", (" Citizen:\n", " citizens\n", " of:\n", " Cat:\n")),
    ("JULIET:\nO Romeo, I love", (" thee.", " he.", " is.", " thy.")),
    ("Nurse:\nWhere is my", (" lady?", " is?", " to?", " gone?")),
    ("I pray you, tell me the", (" truth.", " is.", " thou.", " and.")),
    ("GLOUCESTER:\nI thank you, my good", (" lord.", " go.", " with.", " of.")),
    ("What, will you not", (" speak?", " speaks?", " the?", " him?")),
    ("He is the son of the", (" king.", " kings is.", " did.", " thee.")),
    ("I have not seen", (" him.", " he.", " they.", " is.")),
    ("Farewell, and let us", (" go.", " goes.", " gone the.", " king.")),
    ("They are dead, and I am", (" dead.", " is.", " are.", " have.")),
    ("Thou art a", (" man.", " men is.", " art.", " thou.")),
]


def read_text(run, text):
    """(encode, decode, number of ids): your tokenizer of part 7 where it is solved, and plain bytes where it is not."""
    try:
        from part7_tokenizer import build_vocab, decode, encode, split_text, train_chunks

        merges = train_chunks(text[: len(text) if run.full else 200_000], 2048 if run.full else 500)
        vocab, known = build_vocab(merges), {}
    except (ImportError, NotImplementedError):
        run.say("part7_tokenizer is not solved yet, so the model reads bytes")
        return lambda text: list(text.encode()), lambda ids: bytes(ids).decode(errors="replace"), 256

    def encode_all(text):
        ids = []
        for chunk in split_text(text):
            if chunk not in known:
                known[chunk] = encode(chunk, merges)
            ids.extend(known[chunk])
        return ids

    return encode_all, lambda ids: decode([i for i in ids if i in vocab], vocab), len(vocab)


def shuffled(tokens, length=128):
    """The text cut into pieces and shuffled, as the documents of real shards are: a batch then holds several scenes."""
    pieces = tokens[: len(tokens) // length * length].view(-1, length)
    return pieces[torch.randperm(len(pieces), generator=torch.Generator().manual_seed(1337))].flatten()


def open_shards(folder):
    """The token files of a folder as tensors that are read from the disk when they are used, the last one apart."""
    import numpy

    files = sorted([*folder.glob("*.bin"), *folder.glob("*.npy")])
    if len(files) < 2:
        raise ValueError(f"{folder} needs two files of tokens at least, *.bin or *.npy; it has {len(files)}")

    def opened(file):
        return numpy.load(file, mmap_mode="c") if file.suffix == ".npy" else numpy.memmap(file, numpy.uint16, "c")

    shards = [torch.from_numpy(opened(file)) for file in files]
    return shards[:-1], shards[-1:]


def flash(query, key, value):
    """Attention as torch does it, without ever storing the weights."""
    return F.scaled_dot_product_attention(query, key, value, is_causal=True)


def with_attention(model, attend):
    """The model, with this function in the place of each layer's attention."""
    for block in model.h:
        block.attn.attend = attend
    return model


def on(device, batch):
    return tuple(part.to(device) for part in batch)


@torch.no_grad()
def mean_loss(run, model, shards, plan, count, dtype):
    """The mean loss on the first batches of a text."""
    loader, losses = Loader(shards, plan.batch_size, plan.config.block_size), []
    for _ in range(count):
        with torch.autocast(run.device.split(":")[0], dtype=dtype, enabled=dtype != torch.float32):
            losses.append(model(*on(run.device, loader.next_batch()))[1])
    return float(torch.stack(losses).mean())


def train(
    run, model, plan, shards, held_out, dtype=torch.float32, compiled=False, place=None, limit=1.0, label="training"
):
    """Train a model; return the losses of all steps, and points (step, held-out loss).

    place: a file for checkpoints. Where it exists, training goes on from there.
    """
    optimizer = make_optimizer(model)
    loader = Loader(shards, plan.batch_size, plan.config.block_size)
    steps, first, losses, points = run.length(plan.steps), 0, [], []
    if place is not None and place.exists():
        saved = torch.load(place, map_location="cpu", weights_only=True)
        first = resume(saved, model, optimizer, loader)
        losses, points = saved["losses"], saved["points"]
        run.say(f"going on from step {first:,}, as {place.name} has it")
    moving = torch.compile(model) if compiled else model
    every = max(1, steps // 10)
    for step in run.steps(plan.steps, label=label):
        if step < first:
            continue
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps, min(plan.warmup, steps - 1), plan.peak, plan.least * plan.peak)
        batches = [on(run.device, loader.next_batch()) for _ in range(plan.parts)]
        loss, norm = train_step(moving, optimizer, batches, limit, dtype)
        losses.append(float(loss))
        if (step + 1) % every == 0 or step == steps - 1:
            points.append((step + 1, mean_loss(run, model, held_out, plan, 20, dtype)))
        if place is not None and ((step + 1) % 250 == 0 or step == steps - 1):
            saved = take_checkpoint(model, optimizer, loader, step + 1) | {"losses": losses, "points": points}
            torch.save(saved, place.with_suffix(".new"))
            place.with_suffix(".new").replace(place)
        run.show(loss=losses[-1], norm=norm, held_out=points[-1][1] if points else math.nan)
    return losses, points or [(len(losses), mean_loss(run, model, held_out, plan, 20, dtype))]


# %%
def step_seconds(run, plan, dtype, attend, compiled, fused, vocab_size):
    """Seconds for one step on one small batch, the first ones left out."""
    config = replace(plan.config, vocab_size=vocab_size)
    model = with_attention(make_model(config), attend).to(run.device)
    optimizer = make_optimizer(model, fused=fused)
    moving = torch.compile(model) if compiled else model
    tokens = torch.randint(vocab_size, (plan.batch_size, config.block_size + 1))
    batch = on(run.device, (tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()))
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        loss, _ = train_step(moving, optimizer, [batch], 1.0, dtype)
        float(loss)  # waits for the device
        times.append(time.perf_counter() - begun)
    return min(times[3:])


def speed_ups(run, plan):
    """What each of the lecture's speed-ups is worth here: each row adds one to those before it."""
    cuda, odd = run.device.startswith("cuda"), 50257 if run.full else 500
    settings = {"dtype": torch.float32, "attend": attention, "compiled": False, "fused": False, "vocab_size": odd}
    changes = [("float32", {})]
    changes += [("TF32", {"precision": "high"})] if cuda else []
    changes += [("bfloat16", {"dtype": torch.bfloat16})]
    changes += [("torch.compile", {"compiled": True})] if cuda else []
    changes += [("fused attention", {"attend": flash}), ("vocabulary rounded up", {"vocab_size": round_up(odd)})]
    changes += [("fused AdamW", {"fused": True})]
    rates, before = {}, torch.get_float32_matmul_precision()
    try:
        for name, change in changes:
            torch.set_float32_matmul_precision(change.pop("precision", torch.get_float32_matmul_precision()))
            settings |= change
            rates[name] = plan.batch_size * plan.config.block_size / step_seconds(run, plan, **settings)
            run.figure(f"tokens per second: {'+ ' if len(rates) > 1 else ''}{name}", round(rates[name]))
    finally:
        torch.set_float32_matmul_precision(before)
    with run.plot("speed") as axes:
        names = [name if name == "float32" else f"+ {name}" for name in rates]
        axes.barh(names, list(rates.values()))
        axes.invert_yaxis()
        axes.set(xlabel="tokens per second", title=f"One speed-up after the other, on {run.device}")
    return rates["fused AdamW"]


def peak_of(run, dtype):
    """Operations per second in a large matrix product: what this processor does at best."""
    size = 8192 if run.device.startswith("cuda") else 1024
    matrix, best = torch.randn(size, size, device=run.device, dtype=dtype), math.inf
    for _ in range(5):
        begun = time.perf_counter()
        (matrix @ matrix).sum().item()
        best = min(best, time.perf_counter() - begun)
    return 2 * size**3 / best


def sit_exam(run, model, encode):
    """The share of the exam's questions that a model answers rightly."""
    answers = [choose_ending(model, encode(context), list(map(encode, endings))) for context, endings in EXAM]
    return answers.count(0) / len(EXAM)


def published(run):
    """OpenAI's own weights continue a sentence, where the file lies beside the lesson."""
    file = run.lesson_file.with_name("gpt2.safetensors")
    if not file.exists():
        return
    model = make_model(Config())
    load_published(model, read_safetensors(file.read_bytes()))
    try:
        import tiktoken

        tokenizer = tiktoken.get_encoding("gpt2")
    except (ImportError, OSError) as error:
        run.say(f"{file.name} is read; to write, it needs the package tiktoken and its vocabulary ({error})")
        return
    idx = torch.tensor([tokenizer.encode("Hello, I'm a language model,")])
    idx = generate_cached(model, idx, 40, lambda logits: pick_token(logits, top_k=50))
    run.say(f"OpenAI's GPT-2: {tokenizer.decode(idx[0].tolist())}")
    run.figure("exam, OpenAI's GPT-2: share of right answers", sit_exam(run, model, tokenizer.encode))


# %%
def training(run):
    """A small GPT-2 learns plays, writes, sits an exam, and is timed."""
    ### STAGE train_step, GPT, CausalSelfAttention, attention, split_heads, gelu, Loader, read_tokens
    ### STAGE init_weights, tie_weights, parameter_groups, clip_gradients, learning_rate, round_up
    ### STAGE count_parameters, flops_per_token, utilization, take_checkpoint, resume
    ### STAGE pick_token, keep_top_k, keep_top_p, generate_cached, KeyValueCache
    ### STAGE pack_endings, ending_losses, read_safetensors, load_published
    torch.manual_seed(1337)
    cuda, folder = run.device.startswith("cuda"), run.lesson_file.with_name("part9_shards")
    dtype = torch.bfloat16 if run.full else torch.float32
    plan = SHORT if not run.full else LECTURE if folder.exists() else PLAYS
    if plan is LECTURE:
        shards, held_out = open_shards(folder)
        bytes_per_token = 1.0
    else:
        text = run.shakespeare()
        cut = int(0.9 * len(text))
        encode, decode, number = read_text(run, text[:cut])
        run.say(f"{number} tokens, in a vocabulary of {plan.config.vocab_size:,}")
        shards, held_out = [shuffled(torch.tensor(encode(text[:cut])))], [torch.tensor(encode(text[cut:]))]
        bytes_per_token = len(text[cut:].encode()) / len(held_out[0])
    model = with_attention(make_model(plan.config), flash).to(run.device)
    run.figure("parameters", count_parameters(plan.config))
    place = run.lesson_file.with_name(f"part9_gpt2.{run.length(plan.steps)}_steps.checkpoint") if run.full else None
    losses, points = train(run, model, plan, shards, held_out, dtype, compiled=run.full and cuda, place=place)
    run.figure(f"first loss (ln {plan.config.vocab_size} = {math.log(plan.config.vocab_size):.2f})", losses[0])
    best = min(loss for _, loss in points)
    report(run, plan, losses, points, best, bytes_per_token)
    with_attention(model, attention)
    if plan is not LECTURE:
        write(run, model, encode, decode, number)
    rate = speed_ups(run, plan)
    share = utilization(plan.config, rate, peak_of(run, torch.bfloat16))
    run.figure("utilization: share of a large matrix product here", share)
    published(run)


def report(run, plan, losses, points, best, bytes_per_token):
    """The losses as a picture, and the one that counts as a figure."""
    if plan is LECTURE:
        run.figure("validation loss", points[-1][1], lecture=3.29, passed=points[-1][1] < 3.29)
        scale, unit = 1.0, "loss"
    else:
        scale, unit = 1 / math.log(2) / bytes_per_token, "bits per byte"
        bar = 2.14 if run.full else 2.87 if bytes_per_token > 1 else 3.3  # bytes take longer to learn
        name = "bits per byte on held-out text (the character-level GPT: 2.87; its full run: 2.14)"
        run.figure(name, scale * best, passed=scale * best < bar)
    with run.plot("loss") as axes:
        axes.plot([scale * loss for loss in losses], linewidth=0.7, label="training")
        measured = [(step, scale * loss) for step, loss in points]
        axes.plot(*zip(*measured, strict=True), marker="o", label="held-out text")
        if plan is SHORT:
            axes.axhline(2.87, color="gray", linestyle=":", label="character-level GPT, part 6")
        axes.set(xlabel="step", ylabel=unit, title="A GPT-2 at work")
        axes.legend()


def write(run, model, encode, decode, number):
    """The model sits its exam, and writes."""
    run.figure("exam: share of right answers (by chance 0.25)", sit_exam(run, model, encode))

    def choose(logits):
        return pick_token(logits[:, :number], temperature=0.9, top_p=0.95)

    idx = torch.tensor([encode("\n")], device=run.device)
    length = min(200, model.config.block_size - idx.shape[1])
    for _ in range(3):
        run.say(decode(generate_cached(model, idx, length, choose)[0].tolist()).strip() + "\n")


# %% [markdown]
# ## Which part of the recipe was worth what?
#
# Five things in your training are there because somebody says so: the warm-up, the cosine, clipping, tying, the small
# `c_proj`s. `grad plot recipe` trains the small model anew with each of them left out, 150 steps each; it takes two
# or three minutes. Before you start it: which one do you expect to matter at this size? Some of them won't, and
# that's worth knowing too. What saves a training of 19,000 steps may be invisible in 150.

# %%
def recipe(run):
    """The same short training, each time with one part of the recipe left out."""
    ### ABLATION train_step, GPT, CausalSelfAttention, attention, split_heads, gelu, Loader, read_tokens
    ### ABLATION init_weights, tie_weights, parameter_groups, clip_gradients, learning_rate, take_checkpoint, resume
    text = run.shakespeare()
    encode, _, _ = read_text(run, text[:200_000])
    shards, held_out = [shuffled(torch.tensor(encode(text[:600_000])))], [torch.tensor(encode(text[-30_000:]))]
    plan, rows = replace(SHORT, steps=150), []

    def model_of(tied=True, scaled=True):
        model = GPT(plan.config)
        init_weights(model, 0.05, torch.Generator().manual_seed(1337))
        for block in [] if scaled else model.h:
            block.attn.c_proj.weight.data *= math.sqrt(2 * plan.config.n_layer)
            block.mlp.c_proj.weight.data *= math.sqrt(2 * plan.config.n_layer)
        if tied:
            tie_weights(model)
        return with_attention(model, flash).to(run.device)

    for name, model, changed, limit in [
        ("all of it", model_of(), plan, 1.0),
        ("no warm-up", model_of(), replace(plan, warmup=0), 1.0),
        ("no cosine", model_of(), replace(plan, least=1.0), 1.0),
        ("no clipping", model_of(), plan, math.inf),
        ("not tied", model_of(tied=False), plan, 1.0),
        ("c_proj not scaled", model_of(scaled=False), plan, 1.0),
    ]:
        _, points = train(run, model, changed, shards, held_out, limit=limit, label=name)
        rows.append((name, points[-1][1], None))
        run.figure(f"recipe: {name}", points[-1][1])
    run.ladder("recipe", rows, "held-out loss", title="What each part of the recipe is worth")


def milestone(run):
    """See parameters, GELU, the stream, one batch, the rate, the knobs and the cache; then train a GPT-2."""
    run.stages(where_the_parameters_are, smooth_corner, stream, one_batch, schedule, knobs, cache_saves, training)
    run.ablations(recipe)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
