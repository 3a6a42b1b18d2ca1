# %% [markdown]
# # Becoming a backprop ninja
#
# Until now `loss.backward()` did the work. In this lesson you do. You take the network of part 3 (an embedding, a
# linear layer, batch normalization, tanh, another linear layer, the cross-entropy loss) and send the gradient back
# through it by hand, one operation at a time. In micrograd you did that with single numbers; now it's whole tensors.
#
# Why bother, if PyTorch can do it? Because backpropagation is a *leaky abstraction*. You can't just stack layers,
# call `backward` and hope. Gradients vanish in saturated neurons, die in a ReLU, explode in a deep network, get cut
# where nobody meant to cut them, and the only people who see it are those who know what the backward pass computes.
# It's also less work than you fear. Three rules carry the whole network, and two long chains collapse into a single
# line in the end. There are 26 gradients to find, and you get a yes for each of them.
#
# Lecture: *Building makemore part 4: becoming a backprop ninja*, https://www.youtube.com/watch?v=q8SA3rM6ckI
#
# It builds on part 3 (batch normalization) and on the first lesson (the chain rule). Autograd stays off: while your
# work is checked, no tensor here requires a gradient, and calling `backward` or anything like it is refused.
# Keep pen and paper at hand. You'll want them.

# %%
import math
import random

import torch

EPSILON = 1e-5  # keeps batch normalization from dividing by zero

# %% [markdown]
# ## 1. The network, in small steps
#
# The forward pass is given. It's written in steps so small that each has a simple derivative, and every
# intermediate result is kept under its name in a dict, the *cache*, because the backward pass will need most of
# them. There are three pieces. The last one turns logits into the loss, spelled out rather than called:
#
# | name | shape | is |
# |---|---|---|
# | `logits` | (n, V) | what the network says, for n examples and V characters |
# | `logit_maxes` | (n, 1) | the largest logit of each row |
# | `norm_logits` | (n, V) | `logits - logit_maxes`: at most 0, so that exp can't overflow |
# | `counts` | (n, V) | `norm_logits.exp()` |
# | `counts_sum` | (n, 1) | the sum of each row of `counts` |
# | `counts_sum_inv` | (n, 1) | `counts_sum ** -1` |
# | `probs` | (n, V) | `counts * counts_sum_inv` |
# | `logprobs` | (n, V) | `probs.log()` |
# | `loss` | () | minus the mean of the n entries `logprobs[i, Y[i]]` |
#
# `Y`, the n right answers, is in the cache as well.

# %%
def forward_loss(logits, Y):
    """Compute the loss from logits (n, V) and targets Y (n,) in small steps. Returns the cache, a dict."""
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


# %% [markdown]
# The middle piece is batch normalization, for a batch of n examples and H neurons:
#
# | name | shape | is |
# |---|---|---|
# | `hprebn` | (n, H) | what comes in |
# | `bnmeani` | (1, H) | the mean of each column of `hprebn` |
# | `bndiff` | (n, H) | `hprebn - bnmeani` |
# | `bndiff2` | (n, H) | `bndiff ** 2` |
# | `bnvar` | (1, H) | the sum of each column of `bndiff2`, divided by n - 1 |
# | `bnvar_inv` | (1, H) | `(bnvar + EPSILON) ** -0.5`, one over the standard deviation |
# | `bnraw` | (n, H) | `bndiff * bnvar_inv`: every column with mean 0 and variance 1 |
# | `bngain`, `bnbias` | (1, H) | parameters |
# | `hpreact` | (n, H) | `bngain * bnraw + bnbias`: what goes out |

# %%
def forward_batchnorm(hprebn, bngain, bnbias):
    """Normalize hprebn (n, H) over the batch, in small steps. Returns the cache, a dict."""
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


# %% [markdown]
# The rest of the network stands around them. `X` (n, block_size) holds the contexts. `C[X]` looks up an embedding
# for each character, `emb` (n, block_size, E); they are laid side by side as `embcat` (n, block_size * E), and a
# linear layer turns that into `hprebn`. After batch normalization comes `h`, the tanh of `hpreact`, and a second
# linear layer makes the `logits`.
#
# The parameters are always in the order `[C, W1, b1, W2, b2, bngain, bnbias]`. Their first values look a little
# odd: the biases and the gain could be plain zeros and ones, but a wrong gradient hides easily behind a 0 or a 1, so
# a bit of noise is added.

# %%
def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator):
    """Make the parameters C, W1, b1, W2, b2, bngain, bnbias, a list in this order. None requires a gradient."""

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
    """Run the whole network on contexts X (n, block_size) and targets Y (n,), both int64.

    Returns the cache: a dict with X, emb, embcat, h, all that `forward_batchnorm` and `forward_loss`
    keep, and the loss.
    """
    C, W1, b1, W2, b2, bngain, bnbias = parameters
    emb = C[X]
    embcat = emb.view(X.shape[0], -1)
    cache = {"X": X, "emb": emb, "embcat": embcat}
    cache.update(forward_batchnorm(embcat @ W1 + b1, bngain, bnbias))
    cache["h"] = torch.tanh(cache["hpreact"])
    cache.update(forward_loss(cache["h"] @ W2 + b2, Y))
    return cache


# %% [markdown]
# ## 2. When are two gradients equal?
#
# Work that nobody checks goes wrong, so begin with the ruler. Two gradients that were computed in different ways
# can agree to the last bit; they can agree up to rounding, because floating-point sums depend on their order; or
# they don't agree at all. One number helps to tell these apart: the largest difference between any two elements.
#
# There's a trap. Compare a gradient of shape (64,) with one of shape (1, 64), and PyTorch broadcasts the first:
# every element fits, and the comparison is happy. But a gradient must have *exactly* the shape of the thing it's
# the gradient of. With other sizes the same slip turns a vector into a matrix, and your update fails loudly or,
# worse, quietly does something else. So the shape comes first.

# %%
def compare(name, mine, reference):
    """Compare a gradient with another one that is known to be right.

    name: string. mine, reference: float tensors of one dtype. Returns a dict with the keys
    "name"; "exact", True if shapes and all elements are equal; "approximate", True if the shapes are equal
    and |mine - reference| <= 1e-8 + 1e-5 |reference| for all elements (that is what torch.allclose
    asks); "difference", a float, the largest |mine - reference|, or math.inf where the shapes differ,
    even if one would broadcast to the other.

    >>> compare("db", torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.25]))
    {'name': 'db', 'exact': False, 'approximate': False, 'difference': 0.25}
    >>> compare("db", torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 2.0]]))["difference"]
    inf
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def shape_of_a_stretched_gradient():
    """z = x * y, where x has the shape (32, 1) and y the shape (64,). What's the shape of the gradient of x?

    Answer: a shape, or error.
    """
    return None  # YOUR PREDICTION


def gradient_of_a_shared_bias():
    """x has the shape (32, 10), b the shape (10,), and the loss is `(x + b).sum()`. What's the gradient of each entry
    of b?

    Answer: a number.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 3. Three rules, and one that everybody forgets
#
# We write `dx` for the derivative of the loss with respect to `x`: if you nudge an element of `x`, how much does
# the loss respond? Going backward through `y = f(x)` we know `dy` and want `dx`.
#
# 1. *Elementwise*: `dx = f'(x) * dy`. If `y = x ** 2`, then `dx = 2 * x * dy`. It's the chain rule of micrograd, for
#    each element on its own.
# 2. *Two roads*: where `x` is used twice, the gradients that come back on the two roads add up.
# 3. *Shapes agree*: `dx` has the shape of `x`. Often this alone tells you which of two formulas is right.
#
# The one that everybody forgets is rule 2 in disguise. In `Y = A + b` with `A` of shape (3, 4) and `b` of shape
# (1, 4), the row `b` is broadcast: each of its elements is used three times, once in each row. Three roads lead
# back, so three gradients are added, and `db` is the sum of `dY` over the rows. The other way around, in a sum over
# rows each element goes into just one result, so on the way back that result's gradient is handed to all of them:
#
#     forward: broadcast   <->   backward: sum
#     forward: sum         <->   backward: broadcast
#
# Let's do one case with numbers, all the way. Take a row, add it up, and multiply the row by its own sum:
#
#     x = [1, 2, 3] ──┬──────────────── (*) ── y = x * s = [6, 12, 18] ──> loss
#                     └── sum ── s = 6 ──┘
#
# Somebody tells us `dy = [1, 0, 2]`: the loss rises by 1 for each unit of `y[0]`, doesn't care about `y[1]`, and
# rises by 2 for each unit of `y[2]`. What are `ds` and `dx`? Walk from right to left.
#
# * `s`. In the product, the derivative of `x * s` with respect to `s` is `x`, so each element sends back
#   `x * dy = [1, 0, 6]`. But `s` is one number that was broadcast to three places. Broadcast forward, sum backward:
#   `ds = 1 + 0 + 6 = 7`.
# * `x`, first road, straight up through the product. The derivative of `x * s` with respect to `x` is `s`:
#   `6 * dy = [6, 0, 12]`.
# * `x`, second road, down through the sum. Sum forward, broadcast backward: each element gets `ds`: `[7, 7, 7]`.
# * The two roads add: `dx = [13, 7, 19]`.
#
# Do you believe it? Nudge `x[0]` from 1 to 1.001. Then `s = 6.001`, `y[0]` grows from 6 to 6.007, `y[2]` from 18 to
# 18.003, and the loss by 0.007 + 2 * 0.003 = 0.013. That's 13 for each unit, and nothing you could see by looking
# at one road alone. Everything that follows is this, again and again.
#
# First a tool. Broadcasting does two things: it puts dimensions of size 1 in front of a shape that's too short, and
# it stretches dimensions of size 1. Undo both, and you can send a gradient back through any broadcast.

# %%
def sum_to_shape(gradient, shape):
    """Undo a broadcast: sum a gradient over all dimensions that were added or stretched.

    gradient: float tensor, the gradient of the broadcast result. shape: tuple of ints, the shape of the
    operand, which broadcasts to gradient's; () is that of a scalar. Returns a tensor of exactly that shape;
    gradient is not changed.

    >>> dY = torch.tensor([[1.0, 2.0], [10.0, 20.0]])
    >>> sum_to_shape(dY, (1, 2)), sum_to_shape(dY, (2, 1))
    (tensor([[11., 22.]]), tensor([[ 3.],
            [30.]]))
    >>> sum_to_shape(dY, (2,))
    tensor([11., 22.])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def gradient_of_the_maximum():
    """Softmax first subtracts each row's largest logit, for safety. What's the gradient of the loss with
    respect to that maximum, taken as a number of its own?

    Answer: a number, within 0.0001.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 4. From the loss to the logits
#
# Now go backward through the first table, from the bottom up. Here is the graph. Wherever a line forks, two roads
# come back:
#
#     logits ──┬────────────────────── (-) ── norm_logits ── exp ── counts
#              └── max ── logit_maxes ──┘
#
#     counts ──┬───────────────────────────────────────────── (*) ── probs ── log ── logprobs ── loss
#              └── sum ── counts_sum ── 1/x ── counts_sum_inv ─┘
#
# It's eight steps, and each is an exercise of its own: a function that gets the cache of the forward pass and `d`,
# a dict with the gradients found so far (`d["probs"]` is the gradient of `probs`), and returns the next one, of the
# shape of the value that it belongs to. It changes neither of them.
#
# One rule of the game: a step is *local*. It looks only at the gradients of what its value flows into directly, and
# trusts them blindly. That's how backpropagation works, and the grader makes use of it: it hands you made-up
# numbers in `d`. So each step is judged by itself, and a mistake in one never spoils the next.
#
# For each step ask the same three questions. *Where does this value go?* Find it in the graph; that tells you which
# entries of `d` you need. *What's the local derivative?* Each operation is one that you could do in high school.
# *Was anything broadcast or summed?* Compare the shapes in the table.
#
# The first one has no gradient before it: you start from the loss itself. It's a mean of n log probabilities, with
# a minus. Which of the n * V entries of `logprobs` does it touch at all, and how strongly does it respond to each?

# %%
def d_logprobs(cache, d):
    """Find the gradient of `logprobs` (n, V), the first step back from the loss.

    cache: what `forward_loss` returned, with the right answers `Y`. d: an empty dict, as nothing comes
    before. Neither is changed. Returns a float tensor (n, V).

    >>> cache = forward_loss(torch.tensor([[1.0, 2.0, 1.0]]).log(), torch.tensor([0]))
    >>> d_logprobs(cache, {})
    tensor([[-1.,  0.,  0.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def d_probs(cache, d):
    """Find the gradient of `probs` (n, V), which goes through the logarithm.

    cache: what `forward_loss` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, V).

    >>> cache = forward_loss(torch.tensor([[1.0, 2.0, 1.0]]).log(), torch.tensor([0]))
    >>> d_probs(cache, {"logprobs": torch.tensor([[-1.0, 0.0, 0.0]])})
    tensor([[-4.,  0.,  0.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The next value is the column `counts_sum_inv`. Two operations hide in `counts * counts_sum_inv`: the column is
# first broadcast to V columns, and then multiplied. You've seen this one; it was `s` in the worked case.

# %%
def d_counts_sum_inv(cache, d):
    """Find the gradient of `counts_sum_inv` (n, 1), a factor of `probs`.

    cache: what `forward_loss` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, 1).

    >>> cache = forward_loss(torch.tensor([[1.0, 2.0, 1.0]]).log(), torch.tensor([0]))
    >>> d_counts_sum_inv(cache, {"probs": torch.tensor([[-4.0, 0.0, 0.0]])})
    tensor([[-2.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def d_counts_sum(cache, d):
    """Find the gradient of `counts_sum` (n, 1), whose inverse is taken.

    cache: what `forward_loss` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, 1).

    >>> cache = forward_loss(torch.tensor([[1.0, 2.0, 1.0]]).log(), torch.tensor([0]))
    >>> d_counts_sum(cache, {"counts_sum_inv": torch.tensor([[-2.0]])})
    tensor([[0.5000]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Now the fork. Find `counts` in the graph. One road goes straight into `probs`, the other one dives through
# `counts_sum` and comes up in the same product. Somebody who forgets the second road still gets numbers that look
# perfectly reasonable.

# %%
def d_counts(cache, d):
    """Find the gradient of `counts` (n, V), on all the roads that lead back to it.

    cache: what `forward_loss` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, V).

    >>> cache = forward_loss(torch.tensor([[1.0, 2.0, 1.0]]).log(), torch.tensor([0]))
    >>> d_counts(cache, {"probs": torch.tensor([[-4.0, 0.0, 0.0]]), "counts_sum": torch.tensor([[0.5]])})
    tensor([[-1.5000,  0.5000,  0.5000]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def d_norm_logits(cache, d):
    """Find the gradient of `norm_logits` (n, V), which goes through the exponential.

    cache: what `forward_loss` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, V).

    >>> cache = forward_loss(torch.tensor([[1.0, 2.0, 1.0]]).log(), torch.tensor([0]))
    >>> d_norm_logits(cache, {"counts": torch.tensor([[-1.5, 0.5, 0.5]])})
    tensor([[-0.7500,  0.5000,  0.2500]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The maximum was subtracted for safety only. Softmax doesn't change when a whole row is shifted, so the loss can't
# depend on it, and in the real network this gradient comes out as 0, but for rounding. It's a free test of all that
# came before. (The grader's made-up numbers know nothing of softmax, so there it isn't 0.)

# %%
def d_logit_maxes(cache, d):
    """Find the gradient of `logit_maxes` (n, 1), which is subtracted from each row.

    cache: what `forward_loss` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, 1).

    >>> cache = forward_loss(torch.tensor([[1.0, 2.0, 1.0]]).log(), torch.tensor([0]))
    >>> d_logit_maxes(cache, {"norm_logits": torch.tensor([[-0.75, 0.5, 0.25]])})
    tensor([[0.]])
    >>> d_logit_maxes(cache, {"norm_logits": torch.tensor([[1.0, 2.0, 4.0]])})
    tensor([[-7.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The last fork. A logit goes straight into the subtraction, and the largest one of each row is also *picked* by the
# maximum. Picking is like the look-up in the loss: only the element that was picked feels anything.

# %%
def d_logits(cache, d):
    """Find the gradient of `logits` (n, V), on both roads. No row has its largest logit twice.

    cache: what `forward_loss` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, V).

    >>> cache = forward_loss(torch.tensor([[1.0, 2.0, 1.0]]).log(), torch.tensor([0]))
    >>> straight = torch.tensor([[-0.75, 0.5, 0.25]])
    >>> d_logits(cache, {"norm_logits": straight, "logit_maxes": torch.tensor([[0.0]])})
    tensor([[-0.7500,  0.5000,  0.2500]])
    >>> d_logits(cache, {"norm_logits": straight, "logit_maxes": torch.tensor([[8.0]])})
    tensor([[-0.7500,  8.5000,  0.2500]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Put together, the eight steps are a backward pass. This is given:

# %%
def backward_log_softmax_nll(cache):
    """Send the gradient from the loss back to the logits. Returns d, the dict of all eight gradients."""
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


# %% [markdown]
# ## 5. A linear layer
#
# `logits = h @ W2 + b2`. Derive this one once in your life, on the smallest case there is. Let `x` be 2 by 2, `W`
# 2 by 2, and `b` have two elements. Written out, `y = x @ W + b` is four equations:
#
#     y11 = x11 W11 + x12 W21 + b1        y12 = x11 W12 + x12 W22 + b2
#     y21 = x21 W11 + x22 W21 + b1        y22 = x21 W12 + x22 W22 + b2
#
# Take one letter and look for it. `W11` stands in two of them, in `y11` with the factor `x11`, and in `y21` with
# the factor `x21`. Two roads, so `dW11 = x11 dy11 + x21 dy21`. Do the same for `W12`, and then for `x11`, and a
# pattern appears: both `dW` and `dx` are matrix products again. Of which matrices, and which of them is transposed?
# (And `b1`?)
#
# You needn't remember the answer. Rule 3 finds it for you each time: there's only one way to multiply an (n, O) and
# an (I, O) matrix so that an (n, I) matrix comes out.

# %%
def backward_linear(dout, x, W):
    """Send a gradient back through out = x @ W + b.

    dout: (n, O), the gradient of out. x: (n, I). W: (I, O). None of them is changed.
    Returns the tuple (dx, dW, db) of shapes (n, I), (I, O), (O,).

    >>> dout, x = torch.tensor([[1.0, 2.0]]), torch.tensor([[10.0, 20.0, 30.0]])
    >>> dx, dW, db = backward_linear(dout, x, torch.ones(3, 2))
    >>> dx, db
    (tensor([[3., 3., 3.]]), tensor([1., 2.]))
    >>> dW
    tensor([[10., 20.],
            [20., 40.],
            [30., 60.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 6. Tanh
#
# You met the slope of tanh in part 3. The pleasant thing about it is that it can be written with the *output* `h`
# alone, so the input isn't needed anymore. This is also the line where a saturated neuron stops learning: at
# `h = 1` or `h = -1` nothing passes.
#
# Once it passes, `grad plot backward_tanh` shows what gets through.

# %%
def backward_tanh(dout, h):
    """Send a gradient back through h = tanh(a).

    dout: the gradient of h, of h's shape. h: float tensor of any shape, the output of tanh.
    Returns the gradient of a, of the same shape; the arguments are not changed.

    >>> backward_tanh(torch.tensor([2.0, 2.0, 2.0]), torch.tensor([0.0, 0.5, -1.0]))
    tensor([2.0000, 1.5000, 0.0000])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 7. Batch normalization
#
# The second table, again from the bottom up. This time nine steps, and two forks:
#
#     hprebn ──┬────────────────── (-) ── bndiff
#              └── mean ── bnmeani ─┘
#
#     bndiff ──┬─────────────────────────────────────────────────────────────────── (*) ── bnraw
#              └── square ── bndiff2 ── sum/(n-1) ── bnvar ── (..)**-0.5 ── bnvar_inv ─┘
#
#     bnraw ── (* bngain) ── (+ bnbias) ── hpreact
#
# The same three questions: where does it go, what's the local derivative, was anything broadcast or summed? What
# comes in is `d["hpreact"]`, (n, H). Notice that rows and columns have traded places: the statistics of a neuron
# run over the examples, so now it's the *rows* (1, H) that are broadcast, down over dimension 0.
#
# Begin with the two parameters and `bnraw`, the three values that make up `hpreact = bngain * bnraw + bnbias`.

# %%
def d_bngain(cache, d):
    """Find the gradient of `bngain` (1, H), a factor of `hpreact`.

    cache: what `forward_batchnorm` returned. d: the gradients so far, by name; "hpreact" (n, H) comes in.
    Neither is changed. Returns a float tensor (1, H).

    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[3.0]]), torch.ones(1, 1))
    >>> cache["bnraw"].round(decimals=3).T
    tensor([[-1.,  0.,  1.]])
    >>> d_bngain(cache, {"hpreact": torch.tensor([[4.0], [1.0], [0.0]])})
    tensor([[-4.0000]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def d_bnbias(cache, d):
    """Find the gradient of `bnbias` (1, H), which is added to every row of `hpreact`.

    cache: what `forward_batchnorm` returned. d: the gradients so far, by name; "hpreact" (n, H) comes in.
    Neither is changed. Returns a float tensor (1, H).

    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[3.0]]), torch.ones(1, 1))
    >>> d_bnbias(cache, {"hpreact": torch.tensor([[4.0], [1.0], [0.0]])})
    tensor([[5.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def d_bnraw(cache, d):
    """Find the gradient of `bnraw` (n, H), the other factor of `hpreact`.

    cache: what `forward_batchnorm` returned. d: the gradients so far, by name; "hpreact" (n, H) comes in.
    Neither is changed. Returns a float tensor (n, H).

    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[3.0]]), torch.ones(1, 1))
    >>> d_bnraw(cache, {"hpreact": torch.tensor([[4.0], [1.0], [0.0]])}).T
    tensor([[12.,  3.,  0.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Next is `bnraw = bndiff * bnvar_inv`, a product with a broadcast once more. `bndiff` gets its first share here; it
# has to wait until its second one is known, so follow the other road first: `bnvar_inv`, `bnvar`, `bndiff2`.

# %%
def d_bnvar_inv(cache, d):
    """Find the gradient of `bnvar_inv` (1, H), a factor of `bnraw`.

    cache: what `forward_batchnorm` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (1, H).

    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[3.0]]), torch.ones(1, 1))
    >>> d_bnvar_inv(cache, {"bnraw": torch.tensor([[12.0], [3.0], [0.0]])})
    tensor([[-24.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def d_bnvar(cache, d):
    """Find the gradient of `bnvar` (1, H), from that of `bnvar_inv = (bnvar + EPSILON) ** -0.5`.

    cache: what `forward_batchnorm` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (1, H).

    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[3.0]]), torch.ones(1, 1))
    >>> d_bnvar(cache, {"bnvar_inv": torch.tensor([[-24.0]])})
    tensor([[1.5000]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# `bnvar` is a sum over the rows of `bndiff2`, divided by n - 1. (Why n - 1 and not n? The batch is a small sample,
# and a sample spreads a little too little around its *own* mean. Dividing by n - 1 makes up for it, on average;
# it's called Bessel's correction.) A sum going forward, so what on the way back?

# %%
def d_bndiff2(cache, d):
    """Find the gradient of `bndiff2` (n, H), whose columns are summed and divided by n - 1.

    cache: what `forward_batchnorm` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, H), with all its rows written out.

    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[3.0]]), torch.ones(1, 1))
    >>> d_bndiff2(cache, {"bnvar": torch.tensor([[1.5]])}).T
    tensor([[0.7500, 0.7500, 0.7500]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Both roads to `bndiff` are known now: the straight one through the product, and the long one through the variance.

# %%
def d_bndiff(cache, d):
    """Find the gradient of `bndiff` (n, H), on all the roads that lead back to it.

    cache: what `forward_batchnorm` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, H).

    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[3.0]]), torch.ones(1, 1))
    >>> known = {"bnraw": torch.tensor([[12.0], [3.0], [0.0]]), "bndiff2": torch.full((3, 1), 0.75)}
    >>> d_bndiff(cache, known).T
    tensor([[3.0000, 1.5000, 3.0000]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def d_bnmeani(cache, d):
    """Find the gradient of `bnmeani` (1, H), which is subtracted from every row.

    cache: what `forward_batchnorm` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (1, H).

    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[3.0]]), torch.ones(1, 1))
    >>> d_bnmeani(cache, {"bndiff": torch.tensor([[3.0], [1.5], [3.0]])})
    tensor([[-7.5000]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def d_hprebn(cache, d):
    """Find the gradient of `hprebn` (n, H), on all the roads that lead back to it.

    cache: what `forward_batchnorm` returned. d: the gradients so far, by name; only those of what this
    value flows into directly count. Neither is changed. Returns a float tensor (n, H).

    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), torch.tensor([[3.0]]), torch.ones(1, 1))
    >>> known = {"bndiff": torch.tensor([[3.0], [1.5], [3.0]]), "bnmeani": torch.tensor([[-7.5]])}
    >>> d_hprebn(cache, known).T
    tensor([[ 0.5000, -1.0000,  0.5000]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# And again they make a backward pass, which is given. Look at the last example: what do the three numbers of `hprebn`
# add up to? Section 10 comes back to that.

# %%
def backward_batchnorm(cache, dhpreact):
    """Send the gradient of hpreact (n, H) back to hprebn. Returns the dict of all nine gradients."""
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


# %% [markdown]
# ## 8. The embedding
#
# `hprebn = embcat @ W1 + b1` is a linear layer, and you have that one. `embcat` is only another view of `emb`, so
# the gradient is viewed back, to (n, block_size, E).
#
# What remains is `emb = C[X]`. Indexing copies rows: `emb[i, t]` is row `X[i, t]` of `C`. A letter that occurs a
# hundred times in the batch was copied a hundred times, so a hundred gradients come home to its row (rule 2 once
# more), and a letter that doesn't occur gets 0. Beware of `dC[X] += demb`: PyTorch reads the rows, adds, and writes
# them back, and of several writes to the same row only one survives.
#
# Once it passes, `grad plot backward_embedding` shows which letters hear of a batch.

# %%
def backward_embedding(demb, X, vocab_size):
    """Send the gradient of emb = C[X] back to C.

    demb: (n, block_size, E), not changed. X: int64 tensor (n, block_size). vocab_size: int, the number of
    rows of C. Returns dC (vocab_size, E): each row the sum of the gradients of all its copies, zeros where a
    character does not occur in X.

    >>> demb = torch.tensor([[[1.0, 2.0], [10.0, 20.0]]])
    >>> backward_embedding(demb, torch.tensor([[2, 2]]), 3)
    tensor([[ 0.,  0.],
            [ 0.,  0.],
            [11., 22.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# That was the whole way. Put together, it's 26 gradients, from the loss down to the embeddings. The milestone
# lays each of them beside PyTorch's own, as in the lecture, and tells you with your `compare` how many agree.

# %%
def all_gradients(parameters, cache):
    """Go back through the whole network. Returns the dict of all 26 gradients, in the order of the way back."""
    C, W1, b1, W2, b2, bngain, bnbias = parameters
    d = backward_log_softmax_nll(cache)
    d["h"], d["W2"], d["b2"] = backward_linear(d["logits"], cache["h"], W2)
    d["hpreact"] = backward_tanh(d["h"], cache["h"])
    d.update(backward_batchnorm(cache, d["hpreact"]))
    d["embcat"], d["W1"], d["b1"] = backward_linear(d["hprebn"], cache["embcat"], W1)
    d["emb"] = d["embcat"].view(cache["emb"].shape)
    d["C"] = backward_embedding(d["emb"], cache["X"], C.shape[0])
    return d


def compare_with_pytorch(parameters, X, Y):
    """Compare all 26 gradients with those of autograd. Returns a list of what `compare` says of each."""
    mine = all_gradients(parameters, forward(parameters, X, Y))
    leaves = [parameter.clone().requires_grad_() for parameter in parameters]
    cache = forward(leaves, X, Y)
    values = {**cache, **dict(zip(["C", "W1", "b1", "W2", "b2", "bngain", "bnbias"], leaves))}
    theirs = torch.autograd.grad(cache["loss"], [values[name] for name in mine])
    return [compare(name, mine[name], right) for name, right in zip(mine, theirs)]


# %%
def sum_of_a_row_of_gradients():
    """You take the gradient of the cross-entropy with respect to the logits. What's the sum of one row of it,
    over the 27 classes?

    Answer: a number, within 0.0001.
    """
    return None  # YOUR PREDICTION


def pull_at_the_right_logit():
    """All 27 logits of an example are equal. It's alone in its batch. What's the gradient of the loss with respect
    to the logit of the right class?

    Answer: a number, within 3 %.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 9. Cross-entropy in one line
#
# Eight steps led from the loss to the logits. With pen and paper nearly all of it cancels, and you should see that
# happen once. Forget the batch and take one example with logits `z`, right answer `y`, and probabilities
# `p = softmax(z)`. Its loss is
#
#     loss = -log p[y] = -z[y] + log(e^z[0] + e^z[1] + ... + e^z[V-1])
#
# Take the derivative with respect to one logit `z[j]`. The logarithm of the sum gives the same expression for every
# `j`; which one is it, and does it have a name? The term in front depends on `z[y]` alone, so there are two cases,
# `j = y` and `j != y`. Write both down, simplify, and then remember that the loss of a batch is a mean over n examples.
#
# You'll know that you have it when each row adds up to 0.
#
# Once it passes, `grad plot cross_entropy_gradient` draws the lecture's picture of pushes and pulls.

# %%
def cross_entropy_gradient(logits, targets):
    """Compute the gradient of the mean cross-entropy loss with respect to the logits, in one expression.

    logits: (n, V). targets: int64 tensor (n,). Returns dlogits (n, V); logits is not changed.
    All is finite for logits of 1,000 too, so use torch.softmax or subtract each row's maximum.

    >>> cross_entropy_gradient(torch.tensor([[0.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
    tensor([[-0.2500,  0.2500],
            [ 0.2500, -0.2500]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Think of each row as a little tug of war. The logit of the right answer is pulled up, the others are pushed down,
# each in proportion to the probability that it wrongly claims, and the forces balance: the row adds up to 0. A model
# that is sure and right feels almost no force; one that is sure and wrong feels a lot. The milestone draws this
# matrix. It looks like rows of shades with one dark spot in each.

# %%
def sum_of_a_column_of_gradients():
    """Batch normalization subtracts the mean of the batch. Every value of a neuron before it, one for each example,
    has a gradient. What do these gradients of one neuron add up to?

    Answer: a number, within 0.001.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 10. Batch normalization in one line
#
# The same for batch normalization; this is the hard one. Take one column and forget the gain for a moment: let `g`
# be the gradient of `bnraw`, `s` one over the standard deviation, and `u` the normalized column `bnraw` itself, so
# that `x - mean = u / s`. Three roads lead back to `x[i]`:
#
#     x[i] ──┬── straight ──────────────┐
#            ├── through the variance ──┼── bnraw
#            └── through the mean ──────┘
#
# 1. *Straight*: what you'd get if mean and variance were constants.
# 2. *Through the variance*. Your `d_bnvar_inv`, `d_bnvar`, `d_bndiff2` and the second half of `d_bndiff` are this
#    road. Chain them with symbols in place of tensors, and write `x - mean` as `u / s` wherever it turns up. Most
#    powers of `s` cancel.
# 3. *Through the mean*. Careful: the mean also feeds the variance. But that road is closed. It carries the factor
#    sum of `(x[j] - mean)`, and what's that sum?
#
# Add the three, put the gain back, and pull `bngain * bnvar_inv / n` out in front of a bracket. It has three terms.
#
# How will you know? Batch normalization doesn't care if you shift or stretch a whole column (but for EPSILON): its
# output stays the same, so no gradient may ask for a shift or a stretch. Each column of the result therefore adds up
# to 0, and so does each column of the result times `bnraw`.
#
# Once it passes, `grad plot batchnorm_gradient` shows what the bracket takes out.

# %%
def batchnorm_gradient(dhpreact, bngain, bnraw, bnvar_inv):
    """Compute the gradient of hprebn from that of hpreact, in one expression.

    dhpreact, bnraw: (n, H). bngain, bnvar_inv: (1, H). The variance is the one of `forward_batchnorm`,
    divided by n - 1. Returns dhprebn (n, H); the arguments are not changed.

    >>> bnraw = torch.tensor([[-1.0], [0.0], [1.0]])
    >>> batchnorm_gradient(torch.tensor([[1.0], [0.0], [0.0]]), torch.ones(1, 1), bnraw, torch.ones(1, 1))
    tensor([[ 0.1667],
            [-0.3333],
            [ 0.1667]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# So the batch takes two things out of the gradient: its mean, and whatever part of it points along `bnraw`. There's
# a corollary that you've already used in part 3. `b1` shifts a whole column, and nothing may ask for a shift, so its
# gradient is always 0. In front of batch normalization a bias is useless.
#
# ## 11. All gradients of the parameters
#
# Now the short form of everything. Run the given `forward` for the cache, then go back: loss, linear layer, tanh,
# batch normalization, linear layer, embedding. With the two one-liners it's a dozen lines, and that's all it takes
# to train the network.

# %%
def mlp_gradients(parameters, X, Y):
    """Compute the gradients of the loss with respect to all parameters of the network.

    parameters: the list [C, W1, b1, W2, b2, bngain, bnbias] as `init_parameters` makes it, not changed.
    X: int64 tensor (n, block_size). Y: int64 tensor (n,). Returns the list of gradients
    [dC, dW1, db1, dW2, db2, dbngain, dbnbias], each of its parameter's shape.

    >>> parameters = init_parameters(5, 3, 2, 4, torch.Generator().manual_seed(1))
    >>> X, Y = torch.tensor([[0, 0, 1], [0, 1, 2]]), torch.tensor([1, 2])
    >>> gradients = mlp_gradients(parameters, X, Y)
    >>> [tuple(gradient.shape) for gradient in gradients]
    [(5, 2), (6, 4), (4,), (4, 5), (5,), (1, 4), (1, 4)]
    >>> gradients[0][3:]
    tensor([[0., 0.],
            [0., 0.]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# One thing is left, the step downhill: every parameter moves against its gradient.

# %%
def sgd_step(parameters, gradients, learning_rate):
    """Move every parameter against its gradient: the parameter minus learning_rate times the gradient.

    parameters: list of float tensors, changed in place. gradients: list of tensors of the same shapes, not
    changed. learning_rate: float. Returns None.

    >>> weight, bias = torch.tensor([1.0, 2.0]), torch.tensor([0.5])
    >>> sgd_step([weight, bias], [torch.tensor([10.0, 0.0]), torch.tensor([-10.0])], 0.1)
    >>> weight, bias
    (tensor([0., 2.]), tensor([1.5000]))
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 12. The milestone: a net that learns from your gradients
#
# First your gradients are compared with PyTorch's, all 26, and then with finite differences: move one element of a
# parameter a little up and a little down, in double precision, and see how the loss moves. That's slow, one pair of
# forward passes for each element, but it shares no code with anything else. Then the network trains on names with
# nothing but `mlp_gradients` and `sgd_step`. The lecture's net reaches a dev loss of 2.11 after 200,000 steps; a
# default run takes 60,000 of them and comes close. After the training the mean and variance of the whole training
# set stand in for those of the batch.

# %%
def split_names(words, block_size):
    """Shuffle the words, split off a tenth for dev, and make (X, Y) of both parts. Returns them and the vocabulary's size."""
    characters = ["."] + sorted(set("".join(words)))
    stoi = {character: index for index, character in enumerate(characters)}
    words = random.Random(42).sample(words, len(words))
    parts = []
    for part in (words[: int(0.9 * len(words))], words[int(0.9 * len(words)) :]):
        contexts, targets = [], []
        for word in part:
            context = [0] * block_size
            for index in [stoi[character] for character in word + "."]:
                contexts.append(context)
                targets.append(index)
                context = context[1:] + [index]
        parts.append((torch.tensor(contexts), torch.tensor(targets)))
    return *parts, len(characters)


# %%
def small_batch(run):
    """The network of the lecture before its first step, and a batch of 32: parameters, X and Y."""
    train, _, vocab_size = names_split(run)
    generator = torch.Generator().manual_seed(2147483647)
    parameters = init_parameters(vocab_size, 3, 10, 200, generator)
    rows = torch.randint(len(train[0]), (32,), generator=generator)
    return parameters, train[0][rows], train[1][rows]


def names_split(run):
    return run.once("split", lambda: split_names(run.names(), block_size=3))


def flat(run):
    """What tanh lets through on the way back: all of it in the middle, nothing at the ends."""
    ### STAGE backward_tanh
    h = torch.linspace(-0.999, 0.999, 200)
    with run.plot("tanh") as axes:
        axes.plot(h, backward_tanh(torch.ones_like(h), h))
        axes.set(xlabel="h = tanh(a), which the way forward has left behind", ylabel="share of the gradient that gets through", title="dh/da needs only h")


def touched(run):
    """Which rows of the embedding table a batch can teach: those of the characters that occur in it."""
    ### STAGE backward_embedding
    parameters, X, _ = small_batch(run)
    vocab_size = len(parameters[0])
    dC = backward_embedding(torch.ones(*X.shape, 10), X, vocab_size)
    letters = list(".abcdefghijklmnopqrstuvwxyz")[:vocab_size]
    with run.plot("embedding") as axes:
        axes.bar(letters, dC[:, 0], color=["C0" if row.any() else "C3" for row in dC])
        axes.set(xlabel="character", ylabel="gradient, where each place sends a 1", title="A row that is used often hears often")


def pull(run):
    """The gradient of the logits: a push on every wrong character, and one pull on the right one."""
    ### STAGE cross_entropy_gradient
    parameters, X, Y = small_batch(run)
    dlogits = cross_entropy_gradient(forward(parameters, X, Y)["logits"], Y)
    characters = list(".abcdefghijklmnopqrstuvwxyz")
    with run.plot("dlogits", size=(6, 7)) as axes:
        axes.imshow(dlogits, cmap="gray")
        axes.set(xlabel="character", ylabel="example", title="Gradient of the logits: the right ones are black")
        axes.set_xticks(range(len(dlogits[0])), characters[: len(dlogits[0])])
    first = dlogits[0] * len(Y)
    with run.plot("dlogits-row") as axes:
        colors = ["C3" if index == Y[0] else "C0" for index in range(len(first))]
        axes.bar(characters[: len(first)], first, color=colors)
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set(xlabel="character", ylabel="gradient × 32", title=f"One row: it sums to {abs(first.sum().item()):.4f}")
    run.say(f"largest sum of a row: {dlogits.sum(1).abs().max().item():.1e}")


def removed(run):
    """What batch normalization takes out of a gradient: its mean, and its slope along the input."""
    ### STAGE batchnorm_gradient
    generator = torch.Generator().manual_seed(42)
    raw = torch.randn((64, 1), generator=generator)
    raw = (raw - raw.mean(0)) / raw.std(0)
    before = 1 + 0.8 * raw + 0.5 * torch.randn((64, 1), generator=generator)
    one = torch.ones(1, 1)
    after = batchnorm_gradient(before, one, raw, one)
    with run.plot("removed") as axes:
        for label, gradient in (("gradient that comes in", before), ("gradient that goes out", after)):
            slope = (raw * gradient).sum() / (raw * raw).sum()
            points = axes.scatter(raw[:, 0], gradient[:, 0], s=18, label=f"{label}: mean {round(gradient.mean().item(), 2) + 0.0:.2f}")
            ends = torch.tensor([raw.min(), raw.max()])
            axes.plot(ends, gradient.mean() + slope * ends, color=points.get_facecolor()[0])
        axes.set(xlabel="normalized input of one neuron", ylabel="gradient, 64 examples", title="No push in common, and none along the input")
        axes.legend()


# %%
def numerical_gradient(parameters, which, elements, X, Y, h=1e-5):
    """The derivative of the loss with respect to some elements of one parameter, by finite differences."""
    values, slopes = parameters[which].view(-1), []
    for element in elements:
        value = values[element].item()
        values[element] = value + h
        above = forward(parameters, X, Y)["loss"]
        values[element] = value - h
        below = forward(parameters, X, Y)["loss"]
        values[element] = value
        slopes.append((above - below) / (2 * h))
    return torch.stack(slopes)


def check_gradients(run, parameters, X, Y, generator):
    """Compare all gradients with finite differences, and print the lecture's table. Returns how many agree."""
    parameters = [parameter.double() for parameter in parameters]
    names, agreeing = ["C", "W1", "b1", "W2", "b2", "bngain", "bnbias"], 0
    for which, gradient in enumerate(mlp_gradients(parameters, X, Y)):
        elements = torch.randperm(gradient.numel(), generator=generator)[:30].tolist()
        slopes = numerical_gradient(parameters, which, elements, X, Y)
        result = compare(names[which], gradient.reshape(-1)[elements], slopes)
        close = result["approximate"] or result["difference"] < 1e-8
        run.say(f"d{result['name']:8} agrees: {str(close):5}  largest difference {result['difference']:.1e}")
        agreeing += close
    return agreeing


# %%
def dev_loss(parameters, train, dev):
    """The loss on dev, with batch statistics of the whole training set."""
    C, W1, b1, W2, b2, bngain, bnbias = parameters
    hprebn = C[train[0]].flatten(1) @ W1 + b1
    mean, deviation = hprebn.mean(0, keepdim=True), hprebn.var(0, keepdim=True).add(EPSILON).sqrt()
    normalized = (C[dev[0]].flatten(1) @ W1 + b1 - mean) / deviation
    return forward_loss(torch.tanh(bngain * normalized + bnbias) @ W2 + b2, dev[1])["loss"].item()


def train_by_hand(run, parameters, X, Y, generator):
    """Train on minibatches of 32 with the learner's own gradients. Returns every 200th step's loss on 1,000 examples."""
    short, full = 60_000, 200_000
    length = run.length(short, full)
    fixed = torch.randperm(len(X), generator=generator)[:1000].to(X.device)
    losses = []
    for step in run.steps(short=short, full=full):
        if step % 200 == 0:
            losses.append(forward(parameters, X[fixed], Y[fixed])["loss"].item())
            run.show(loss=losses[-1])
        batch = torch.randint(len(X), (32,), generator=generator).to(X.device)
        gradients = mlp_gradients(parameters, X[batch], Y[batch])
        sgd_step(parameters, gradients, 0.1 if step < length / 2 else 0.01)
    return losses


# %%
def by_hand(run):
    """All gradients are checked, and a network is trained on them alone."""
    ### STAGE mlp_gradients, compare, sgd_step, sum_to_shape, cross_entropy_gradient
    ### STAGE batchnorm_gradient, backward_linear, backward_tanh, backward_embedding
    ### STAGE d_logprobs, d_probs, d_counts_sum_inv, d_counts_sum, d_counts, d_norm_logits, d_logit_maxes, d_logits, d_bngain
    ### STAGE d_bnbias, d_bnraw, d_bnvar_inv, d_bnvar, d_bndiff2, d_bndiff, d_bnmeani, d_hprebn
    train, dev, _ = names_split(run)
    parameters, X, Y = small_batch(run)
    generator = torch.Generator().manual_seed(42)
    agreeing = check_gradients(run, parameters, X, Y, generator)
    run.figure("gradients that agree with finite differences, of 7", agreeing, passed=agreeing == 7)
    exact = [parameter.double() for parameter in parameters]
    rows = compare_with_pytorch(exact, X, Y)
    equal = [row["name"] for row in rows if row["approximate"] or row["difference"] < 1e-9]
    run.say(f"equal to PyTorch's: {', '.join(equal)}")
    run.figure("gradients that agree with PyTorch's, of 26", len(equal), passed=len(equal) == 26)

    parameters = [parameter.to(run.device) for parameter in parameters]
    train, dev = ([part.to(run.device) for part in pair] for pair in (train, dev))
    losses = train_by_hand(run, parameters, *train, generator)
    value = dev_loss(parameters, train, dev)
    limit = 2.25 if run.real_data else 2.5
    run.figure("dev loss", value, lecture=2.11 if run.real_data else None, passed=value < limit)
    with run.plot("loss") as axes:
        steps = [200 * index for index in range(len(losses))]
        axes.plot(steps, losses, label="training")
        axes.axvline(steps[-1] / 2, color="black", linestyle="--", linewidth=1, label="the learning rate drops to a tenth")
        axes.axhline(math.log(27), color="gray", linestyle=":", label=f"uniform guess: {math.log(27):.2f}")
        axes.set(xlabel="step", ylabel="loss of 1,000 examples", title="Trained on gradients made by hand")
        axes.legend()


def milestone(run):
    """See what single gradients do, check them all, and train on them."""
    run.stages(flat, touched, pull, removed, by_hand)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
