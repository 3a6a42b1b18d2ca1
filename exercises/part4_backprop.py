# %% [markdown]
# # Becoming a backprop ninja
#
# Until now `loss.backward()` did the work. In this lesson you do it yourself: you take the network of part 3, an
# embedding, a linear layer, batch normalisation, tanh, another linear layer and the cross-entropy loss, and send
# the gradient back through it by hand, one operation at a time. No scalars this time as in micrograd, but whole
# tensors.
#
# Why, if PyTorch can do it? Because backpropagation is a *leaky abstraction*. It does not simply work just because
# it runs: gradients vanish in saturated neurons, die in a ReLU, explode in a deep network, are cut where nobody
# meant to cut them. All of that can be seen only by somebody who knows what the backward pass computes. It is also
# less work than one fears. A handful of rules carries the whole network, and some long chains shrink to a single
# line in the end.
#
# Lecture: *Building makemore part 4: becoming a backprop ninja*, https://www.youtube.com/watch?v=q8SA3rM6ckI
#
# It builds on part 3 (batch normalisation) and on the first lesson (the chain rule). Autograd stays off: while your
# work is checked, no tensor here requires a gradient, and calling `backward` or anything like it is refused.

# %%
import math
import random

import torch

EPSILON = 1e-5  # keeps batch normalisation from dividing by zero

# %% [markdown]
# ## 1. The network, in small steps
#
# The forward pass is given. It is written in steps so small that each has a simple derivative, and every
# intermediate result is kept under its name in a dict, the *cache*: the backward pass will need most of them. There
# are three pieces. The last one turns logits into the loss, spelled out rather than called:
#
# | name | shape | is |
# |---|---|---|
# | `logits` | (n, V) | what the network says, for n examples and V characters |
# | `logit_maxes` | (n, 1) | the largest logit of each row |
# | `norm_logits` | (n, V) | `logits - logit_maxes`: at most 0, so that exp cannot overflow |
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
# The middle piece is batch normalisation, for a batch of n examples and H neurons:
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
    """Normalise hprebn (n, H) over the batch, in small steps. Returns the cache, a dict."""
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
# Around them stands the rest of the network. `X` (n, block_size) holds the contexts. `C[X]` looks up an embedding
# for each character, `emb` (n, block_size, E); they are put side by side as `embcat` (n, block_size * E), and a
# linear layer makes `hprebn` of them. After batch normalisation comes `h`, the tanh of `hpreact`, and a second
# linear layer makes the `logits`.
#
# The parameters are always in the order `[C, W1, b1, W2, b2, bngain, bnbias]`. Their initial values are a little
# odd: the biases and the gain could be plain zeros and ones, but a wrong gradient can hide behind those, so a bit
# of noise is added.

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
# can agree in three senses: to the last bit; up to rounding, because floating-point sums depend on their order; or
# not at all. A number helps to tell the cases apart, the largest difference between any two elements.
#
# There is a trap. Compare a gradient of shape (64,) with one of shape (1, 64), and PyTorch broadcasts the first:
# every element fits, and the comparison is happy. But a gradient must have *exactly* the shape of what it is the
# gradient of. With other sizes the same mistake makes a matrix of a vector, and an update that would fail loudly
# or, worse, quietly do something else. So the shape comes first.

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


# %% [markdown]
# ## 3. Three rules, and one that is forgotten
#
# Write $dx$ for the derivative of the loss with respect to $x$; in code, `dx`. Going backward through $y = f(x)$ we
# know $dy$ and want $dx$.
#
# 1. *Elementwise*: $dx = f'(x) \cdot dy$. If $y = x^2$ then $dx = 2x \, dy$. This is the chain rule as in micrograd,
#    for each element on its own.
# 2. *Two roads*: where $x$ is used twice, the gradients that come back on the two roads add up. Hence `+=` for the second.
# 3. *Shapes agree*: $dx$ has the shape of $x$. Often this alone tells which of two formulas is right.
#
# The one that is forgotten is rule 2 in disguise. In $Y = A + b$ with $A$ of shape (3, 4) and $b$ of shape (1, 4),
# the row $b$ is broadcast: each of its elements is used three times, once for each row. Three roads lead back, so
# three gradients are added: $db$ is the sum of $dY$ over the rows. And the other way round: in a sum over rows each
# element goes into one result, so on the way back that result's gradient is handed to all of them. In short,
#
# $$\text{broadcast forward} \leftrightarrow \text{sum backward}, \qquad \text{sum forward} \leftrightarrow \text{broadcast backward}.$$
#
# Broadcasting does two things. It puts dimensions of size 1 in front of a shape that is too short, and it stretches
# dimensions of size 1. Undo both, and you can send a gradient back through any broadcast.

# %%
def sum_to_shape(gradient, shape):
    """Undo a broadcast: sum a gradient over all dimensions that were added or stretched.

    gradient: float tensor, the gradient of the broadcast result. shape: tuple of ints, the shape of the
    operand, which broadcasts to gradient's; () is that of a scalar. Returns a tensor of exactly that shape.

    >>> dY = torch.tensor([[1.0, 2.0], [10.0, 20.0]])
    >>> sum_to_shape(dY, (1, 2)), sum_to_shape(dY, (2, 1))
    (tensor([[11., 22.]]), tensor([[ 3.],
            [30.]]))
    >>> sum_to_shape(dY, (2,))
    tensor([11., 22.])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 4. From the loss to the logits
#
# Now backward through the first table, from the bottom up.
#
# **logprobs** (n, V). The loss is minus the mean of n of its elements, one in each row: each of those has the
# derivative $-\frac{1}{n}$. All others do not touch the loss, and theirs is 0.
#
# **probs** (n, V). $\text{logprobs} = \log(\text{probs})$, elementwise, and the derivative of $\log$ is
# $\frac{1}{x}$. Look at what it does: where the right character had a small probability, its gradient is boosted.
#
# **counts_sum_inv** (n, 1). `probs = counts * counts_sum_inv` is two operations in one: the column `counts_sum_inv`
# is broadcast to V columns, then multiplied. Back through the product: `counts * dprobs`, of shape (n, V). Back
# through the broadcast: the sum over each row, and the shape stays (n, 1).
#
# **counts_sum** (n, 1). The derivative of $x^{-1}$ is $-x^{-2}$.
#
# **counts** (n, V) is used twice. In the product its derivative is `counts_sum_inv`, broadcast. In the sum each
# element counts once, so `dcounts_sum` is handed to all columns. The two roads add.
#
# **norm_logits** (n, V). The derivative of $e^x$ is $e^x$, and that is `counts` already.
#
# **logit_maxes** (n, 1). A subtraction, with a broadcast: a minus sign and a sum over each row. What comes out is
# practically 0, and must be: softmax does not change when all logits of a row are shifted, so their maximum,
# subtracted for safety only, cannot matter to the loss. A check that costs nothing.
#
# **logits** (n, V) is used twice again. In the subtraction the derivative is 1. In the maximum it is 1 for the
# largest element of the row, 0 for the others: `dlogit_maxes` goes to the position of the maximum.
#
# Return them all under their names, in this order: if something is wrong, the report shows the first one that
# differs, and those after it are usually wrong only because of it.

# %%
def backward_log_softmax_nll(cache):
    """Send the gradient from the loss back to the logits, step by step.

    cache: what `forward_loss` returned (the cache of `forward` holds the same and more); not changed.
    Returns a dict of tensors, the derivative of the loss by each of `logprobs`, `probs`,
    `counts_sum_inv`, `counts_sum`, `counts`, `norm_logits`, `logit_maxes` and `logits`, under these
    names and no others, each of its forward value's shape.

    >>> cache = forward_loss(torch.tensor([[1.0, 2.0, 1.0]]).log(), torch.tensor([0]))
    >>> backward_log_softmax_nll(cache)  # doctest: +NORMALIZE_WHITESPACE
    {'logprobs': tensor([[-1.,  0.,  0.]]),
     'probs': tensor([[-4.,  0.,  0.]]),
     'counts_sum_inv': tensor([[-2.]]),
     'counts_sum': tensor([[0.5000]]),
     'counts': tensor([[-1.5000,  0.5000,  0.5000]]),
     'norm_logits': tensor([[-0.7500,  0.5000,  0.2500]]),
     'logit_maxes': tensor([[0.]]),
     'logits': tensor([[-0.7500,  0.5000,  0.2500]])}
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 5. A linear layer
#
# `logits = h @ W2 + b2`. It is worth deriving once for $y = xW + b$ with $x$ of shape (n, I), $W$ (I, O) and $b$
# (O,). Written with indices,
#
# $$y_{ij} = \sum_k x_{ik} W_{kj} + b_j .$$
#
# $x_{ik}$ occurs in all outputs $j$ of its row, and there it is multiplied by $W_{kj}$. So $dx_{ik} = \sum_j
# dy_{ij} W_{kj}$, which is a matrix product with $W$ transposed. $W_{kj}$ occurs in all rows $i$, so $dW_{kj} =
# \sum_i x_{ik} \, dy_{ij}$, and $b_j$ is broadcast over the rows:
#
# $$dx = dy \, W^\top, \qquad dW = x^\top dy, \qquad db = \sum_i dy_i .$$
#
# You need not remember this. Rule 3 is enough: there is only one way to multiply an (n, O) and an (I, O) matrix so
# that (n, I) comes out.

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
# With $h = \tanh(a)$ the derivative is $1 - h^2$. It is written with the *output*, so the input is not needed any
# more. This is the line that stops learning in a saturated neuron: at $h = \pm 1$ nothing passes.
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
# ## 7. Batch normalisation
#
# The second table, again from the bottom up. `dhpreact` (n, H) comes in.
#
# **bngain**, **bnbias** (1, H). In `bngain * bnraw + bnbias` both are broadcast over the n rows, so both gradients
# end in a sum over dimension 0, and keep it.
#
# **bnraw** (n, H). The product, elementwise: `bngain * dhpreact`.
#
# **bnvar_inv** (1, H). `bnraw = bndiff * bnvar_inv`: a product with a broadcast, so again a sum over the rows.
# `bndiff` gets its first share here too; keep it for later.
#
# **bnvar** (1, H). The derivative of $(x + \varepsilon)^{-\frac12}$ is $-\frac12 (x + \varepsilon)^{-\frac32}$.
#
# **bndiff2** (n, H). A sum over the rows, divided by $n - 1$: the gradient is broadcast back to all rows, divided
# by $n - 1$. The division by $n - 1$ instead of $n$ is Bessel's correction: the batch is a small sample, and its
# spread around its own mean is a little too small.
#
# **bndiff** (n, H). The second road: the square, $2 \cdot \text{bndiff}$. Add it to the first.
#
# **bnmeani** (1, H). `bndiff = hprebn - bnmeani`: a minus sign, and a sum over the rows.
#
# **hprebn** (n, H). Two roads: straight through the subtraction, and through the mean, of which each row is one
# n-th.

# %%
def backward_batchnorm(cache, dhpreact):
    """Send the gradient of hpreact back through batch normalisation, step by step.

    cache: what `forward_batchnorm` returned (the cache of `forward` holds the same and more).
    dhpreact: (n, H). Neither is changed. Returns a dict of tensors, the derivative of the loss by each
    of `bngain`, `bnbias`, `bnraw`, `bnvar_inv`, `bnvar`, `bndiff2`, `bndiff`, `bnmeani` and `hprebn`,
    under these names and no others, each of its forward value's shape, with both roads of `bndiff` and
    of `hprebn` added up.
    (The example shows columns as rows, with .T, so that they fit on a line.)

    >>> one = torch.ones(1, 1)
    >>> cache = forward_batchnorm(torch.tensor([[0.0], [2.0], [4.0]]), 3 * one, one)
    >>> gradients = backward_batchnorm(cache, torch.tensor([[4.0], [1.0], [0.0]]))
    >>> {name: gradient.T for name, gradient in gradients.items()}  # doctest: +NORMALIZE_WHITESPACE
    {'bngain': tensor([[-4.0000]]),
     'bnbias': tensor([[5.]]),
     'bnraw': tensor([[12.,  3.,  0.]]),
     'bnvar_inv': tensor([[-24.]]),
     'bnvar': tensor([[1.5000]]),
     'bndiff2': tensor([[0.7500, 0.7500, 0.7500]]),
     'bndiff': tensor([[3.0000, 1.5000, 3.0000]]),
     'bnmeani': tensor([[-7.5000]]),
     'hprebn': tensor([[ 0.5000, -1.0000,  0.5000]])}
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 8. The embedding
#
# `hprebn = embcat @ W1 + b1` is a linear layer, and you have that one. `embcat` is only another view of `emb`: the
# gradient is viewed back, to (n, block_size, E).
#
# What remains is `emb = C[X]`. Indexing copies rows: `emb[i, t]` is row `X[i, t]` of `C`. A character that occurs a
# hundred times in the batch was copied a hundred times, so its row collects a hundred gradients (rule 2 once more),
# and a character that does not occur gets 0. Beware of `dC[X] += demb`: PyTorch reads the rows, adds, and writes
# them back, and of several writes to one row only one survives.
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
# That was the whole backward pass. Every derivative in it is one of those you have just written.
#
# ## 9. Cross-entropy in one line
#
# Eight steps led from the loss to the logits. With pen and paper most of it cancels. Take one example with target
# $y$ and probabilities $p = \text{softmax}(z)$. Its loss is
#
# $$L = -\log p_y = -z_y + \log \sum_k e^{z_k}, \qquad \frac{\partial L}{\partial z_j} = \frac{e^{z_j}}{\sum_k e^{z_k}} - [j = y] = p_j - [j = y].$$
#
# With a mean over n examples everything is divided by n. So `dlogits` is the probabilities, with 1 subtracted at
# the right answers, over n. Each row sums to 0. Think of it as a pull: the right logit is pulled up, the others are
# pushed down in proportion to the probability that they wrongly claim, and the two forces balance.
#
# The milestone draws this matrix: rows of shades for the probabilities, and one dark spot in each where the 1 is
# subtracted.
#
# Once it passes, `grad plot cross_entropy_gradient` draws the lecture's picture of pushes and pulls.

# %%
def cross_entropy_gradient(logits, targets):
    """Compute the gradient of the mean cross-entropy loss by the logits, in one expression.

    logits: (n, V). targets: int64 tensor (n,). Returns dlogits (n, V); logits is not changed.
    All is finite for logits of 1,000 too, so use torch.softmax or subtract each row's maximum.

    >>> cross_entropy_gradient(torch.tensor([[0.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
    tensor([[-0.2500,  0.2500],
            [ 0.2500, -0.2500]])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 10. Batch normalisation in one line
#
# The same for batch normalisation, in one column, with $s = (\sigma^2 + \varepsilon)^{-\frac12}$ for `bnvar_inv`,
# $\hat x = s (x - \mu)$ for `bnraw`, $\gamma$ for the gain and $dy$ for `dhpreact`. Write $g = \gamma \, dy$ for
# the gradient of $\hat x$.
#
# First the variance: $d\sigma^2 = -\frac12 s^3 \sum_j g_j (x_j - \mu) = -\frac12 s^2 \sum_j g_j \hat x_j$.
#
# Then the mean: $d\mu = -s \sum_j g_j$. It also reaches the loss through the variance, but that road is closed: it
# carries the factor $\sum_j (x_j - \mu)$, which is 0.
#
# Now $x_i$ has three roads: straight, through the variance with $\frac{2 (x_i - \mu)}{n - 1}$, and through the mean
# with $\frac1n$:
#
# $$dx_i = s \, g_i - \frac{s}{n-1} \hat x_i \sum_j g_j \hat x_j - \frac{s}{n} \sum_j g_j
#   = \frac{\gamma s}{n} \Big( n \, dy_i - \sum_j dy_j - \frac{n}{n-1} \hat x_i \sum_j dy_j \hat x_j \Big) .$$
#
# Read the bracket: batch normalisation removes from the gradient its mean and whatever part of it points along
# $\hat x$. It has to. A shift or a stretch of the whole column does not change the output (but for $\varepsilon$), so
# no gradient may ask for one. It also means that `b1`, a shift of the whole column, gets gradient 0: in front of batch normalisation a
# bias is useless.
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
# ## 11. All gradients of the network
#
# Put it together. Run the given `forward` for the cache, then go back: loss, linear layer, tanh, batch
# normalisation, linear layer, embedding. The short forms make it a dozen lines, and they are all that is needed to
# train.

# %%
def mlp_gradients(parameters, X, Y):
    """Compute the gradients of the loss by all parameters of the network.

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
# First your gradients are compared with finite differences: move one element of a parameter a little up and a
# little down, in double precision, and see how the loss moves. It is slow, one pair of forward passes for each
# element, and it shares no code with what you wrote. Then the network trains on names with nothing but
# `mlp_gradients` and `sgd_step`. The lecture's net reaches a dev loss of 2.11 after 200,000 steps; a default run
# takes 60,000 of them and comes close. After the training the mean and variance of the whole training set stand in
# for those of the batch.

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
    with run.plot("dlogits", size=(6, 7)) as axes:
        axes.imshow(dlogits, cmap="gray")
        axes.set(xlabel="character", ylabel="example", title="Gradient of the logits: the right ones are black")
    first = dlogits[0] * len(Y)
    with run.plot("dlogits-row") as axes:
        colors = ["C3" if index == Y[0] else "C0" for index in range(len(first))]
        axes.bar(range(len(first)), first, color=colors)
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
    """The derivative of the loss by some elements of one parameter, by finite differences."""
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
    normalised = (C[dev[0]].flatten(1) @ W1 + b1 - mean) / deviation
    return forward_loss(torch.tanh(bngain * normalised + bnbias) @ W2 + b2, dev[1])["loss"].item()


def train_by_hand(run, parameters, X, Y, generator):
    """Train on minibatches of 32 with the learner's own gradients. Returns every 200th step's loss on 1,000 examples."""
    short, full = (60_000, 200_000) if run.real_data else (2_000, 2_000)
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
    train, dev, _ = names_split(run)
    parameters, X, Y = small_batch(run)
    generator = torch.Generator().manual_seed(42)
    agreeing = check_gradients(run, parameters, X, Y, generator)
    run.figure("gradients that agree with finite differences, of 7", agreeing, passed=agreeing == 7)

    parameters = [parameter.to(run.device) for parameter in parameters]
    train, dev = ([part.to(run.device) for part in pair] for pair in (train, dev))
    losses = train_by_hand(run, parameters, *train, generator)
    value = dev_loss(parameters, train, dev)
    if run.real_data:
        run.figure("dev loss", value, lecture=2.11, passed=value < 2.25)
    else:  # too few names to learn for others: see whether they are learned themselves
        run.figure("dev loss", value)
        run.figure("training loss", losses[-1], passed=losses[-1] < 2.3)
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
