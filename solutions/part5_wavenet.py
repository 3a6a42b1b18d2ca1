# %% [markdown]
# # WaveNet: a tree over the characters
#
# So far the network has swallowed its whole context in one gulp: three characters side by side, squashed by the first
# layer. What if it sees more? Let it see eight, change nothing else, and the lecture's dev loss drops from 2.105 to
# 2.027. So context is worth having.
#
# But one gulp doesn't scale. Every further character makes that first layer wider, and whatever it learns about the
# pair "qu" in one place it must learn again in every other. In this lesson a *tree* reads the eight characters:
# neighbors are joined two by two, then the pairs, then the pairs of pairs.
#
# ```
#   e   m   m   a   n   u   e   l      8 characters
#   └─┬─┘   └─┬─┘   └─┬─┘   └─┬─┘      level 1: the same layer joins every pair
#     └───┬───┘       └───┬───┘        level 2: and every pair of pairs
#         └───────┬───────┘            level 3
#                 ?                    the next character
# ```
#
# Does the tree win, then? Not at once, and it's better to know that now than to wonder later. At equal size the lecture
# measures 2.029 for the tree and 2.027 for the gulp: no difference at all. The tree is worth it for two other reasons.
# It can *grow*: with more channels it reaches 1.993. And it never has to compute anything twice, as you'll see at the
# end. It is the shape of WaveNet, a network by DeepMind that wrote sound sample by sample (van den Oord and others,
# 2016). On the way you build the layers and the container that PyTorch keeps in `torch.nn`.
#
# Lecture: *Building makemore Part 5: Building a WaveNet*, https://www.youtube.com/watch?v=t3YJ5hKiMQ0
#
# It builds on `part3_batchnorm`: layers as small classes, batch normalization, and the names as data.

# %%
import random

import torch
import torch.nn.functional as F

# %% [markdown]
# ## 1. A loss that one can look at
#
# The loss of a single minibatch jumps up and down so much that its plot is a thick smear. Is training still getting
# anywhere? You can't tell. The remedy is to average: cut the list into groups of a thousand neighbors and plot the mean
# of each. In the small, with groups of two:
#
# ```
# 4.0  2.0 | 3.0  1.0 | 9.0          the 9.0 has no partner
#    3.0   |    2.0   |
# ```
#
# A last group that isn't full is left out, because the mean of a few jumps more than the others.
#
# Once it passes, `grad plot smooth` shows one training twice.

# %%
def smooth(losses, every=1000):
    """Average groups of neighboring losses.

    losses: a list of floats. Returns a 1-D float tensor with the mean of each full group of `every`, in order; what is
    left over at the end is dropped, and without a full group the tensor is empty.

    >>> smooth([4.0, 2.0, 3.0, 1.0, 9.0], every=2)
    tensor([3., 2.])
    """
    ### BEGIN SOLUTION
    # hint: How many full groups are there, and how many losses do they use?
    # hint: A tensor of that many losses, seen as (groups, every), has one group in each row.
    # hint: Cut the list to groups * every losses, make it a tensor, view it as rows, and take the mean of each row.
    # learned: `view` cuts a list into rows for free, and a mean over rows makes a noisy curve readable
    groups = len(losses) // every
    return torch.tensor(losses[: groups * every]).view(groups, every).mean(1)
    ### END SOLUTION


# %% [markdown]
# ## 2. Layers that you have, and layers that are new
#
# `Linear` and `Tanh` are those of part 3; here they are given. Look at `x @ weight` again, because it can do more than
# you've asked of it so far. For `x` of shape (N, C) it multiplies every row. For (N, T, C) it does the same at each of
# the T places, with the *same* weights. All dimensions but the last are just a bigger batch. The tree lives on this.

# %%
class Linear:
    """x @ weight + bias over the last dimension; weight is (fan_in, fan_out), bias (fan_out,) or None."""

    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


class Tanh:
    """tanh of each element."""

    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def parameters(self):
        return []


# %% [markdown]
# Looking up a character's vector was a line beside the network, `C[X]`. Make it a layer, and it can stand in a row with
# the others. Its table has one row for each character. The input holds indices, in any shape; the output has the same
# shape and one more dimension, the vector.

# %%
class Embedding:
    """A table of vectors. `weight` is (num_embeddings, embedding_dim)."""

    def __init__(self, num_embeddings, embedding_dim, generator=None):
        """Set `weight` to a float tensor of standard normal numbers, drawn with the generator.

        >>> layer = Embedding(27, 10)
        >>> layer.weight.shape
        torch.Size([27, 10])
        """
        ### BEGIN SOLUTION
        # hint: The table has one row for each character, one column for each number of its vector.
        # hint: torch.randn takes the two sizes, and generator=generator.
        # learned: an embedding is a plain table of numbers that training will move
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=generator)
        ### END SOLUTION

    def __call__(self, indices):
        """Look up the vectors.

        indices: int64 tensor of any shape. Returns the rows of `weight`: a tensor of shape (*indices.shape,
        embedding_dim).

        >>> layer = Embedding(3, 2)
        >>> layer.weight.data = torch.tensor([[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]])
        >>> layer(torch.tensor([[2, 0]]))
        tensor([[[2.0000, 2.5000],
                 [0.0000, 0.5000]]])
        """
        ### BEGIN SOLUTION
        # hint: What does a tensor give when you index it with a tensor of integers?
        # hint: It gives a row for each of them, in their shape. No loop is needed: self.weight[...].
        # learned: indexing a table with a tensor of indices looks up all of them at once, in any shape
        return self.weight[indices]
        ### END SOLUTION

    def parameters(self):
        """List the tensors that training moves: the table itself, not a copy.

        >>> layer = Embedding(27, 10)
        >>> len(layer.parameters()), layer.parameters()[0] is layer.weight
        (1, True)
        """
        ### BEGIN SOLUTION
        # hint: It is a list with one tensor in it. Which?
        # hint: The tensor itself, not a copy: return [self...].
        # learned: parameters() hands out the tensors themselves, so that an optimizer can change them in place
        return [self.weight]
        ### END SOLUTION


# %%
def shape_of_joined_pairs():
    """x has the shape (4, 8, 10): 4 examples, 8 characters, 10 numbers each. You lay neighbors side by side, two by two.
    What's the shape?

    Answer: a shape.
    """
    ### BEGIN PREDICTION
    # hint: no number is lost. There are half as many places, and each holds two characters.
    # because: eight characters become four pairs, and each pair has the twenty numbers of its two
    return torch.zeros(4, 8, 10).view(4, 4, 20)
    ### END PREDICTION


def shape_of_a_product_in_three_dimensions():
    """x has the shape (4, 4, 20) and W the shape (20, 68). What's the shape of `x @ W`?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: a matrix product works on the last dimension and leaves those before it alone.
    # because: the product replaces the last dimension, and all that stands before it is a batch
    return torch.zeros(4, 4, 20) @ torch.zeros(20, 68)
    ### END PREDICTION


# %% [markdown]
# ## 3. Joining neighbors
#
# Here is the idea of the tree. The embedded context has shape (B, T, C): B examples, T characters, C numbers each. The
# gulp flattens all of it into one wide row, (B, T·C). We flatten only a little: n neighbors in time become one place
# with n times the channels.
#
# ```
# (B, T, C)                                    one example, T = 4, C = 2
#     │  n = 2 neighbors side by side          [a a'] [b b'] [c c'] [d d']
#     ▼                                            ╰──┬──╯       ╰──┬──╯
# (B, T/n, C·n)                                [a a' b b']    [c c' d d']
# ```
#
# A Linear layer after it joins each group, with the same weights for all. With n = 2 and eight characters there are 8,
# 4, 2, 1 places. Once a single place is left, its dimension is useless, so the layer drops it, and the last Linear sees
# (B, C) as before.
#
# Mind the order: the channels of the earlier character come first, then those of the later one. That is how the numbers
# lie in memory already, so nothing has to move.

# %%
class FlattenConsecutive:
    """Joins `n` neighbors in time into one place. Has no parameters."""

    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        """Put the channels of each n neighbors side by side, the earlier first.

        x: tensor of shape (B, T, C), where T is a multiple of n. Returns a tensor of shape (B, T / n, C * n), or
        (B, C * n) where T / n is 1.

        >>> x = torch.arange(8.0).view(1, 4, 2)
        >>> FlattenConsecutive(2)(x)
        tensor([[[0., 1., 2., 3.],
                 [4., 5., 6., 7.]]])
        >>> FlattenConsecutive(4)(x)
        tensor([[0., 1., 2., 3., 4., 5., 6., 7.]])
        """
        ### BEGIN SOLUTION
        # hint: B, T, C = x.shape. Numbers that lie next to each other in memory can be grouped by `view`.
        # hint: The new shape has T // self.n places of C * self.n channels. `reshape` does it for any layout in memory.
        # hint: Then drop dimension 1, and only that one, where its size is 1: squeeze takes the dimension's number.
        # learned: neighbors in time become channels by a view that moves no number
        B, T, C = x.shape
        x = x.reshape(B, T // self.n, C * self.n)
        return x.squeeze(1)
        ### END SOLUTION

    def parameters(self):
        return []


# %%
def shape_of_too_many_means():
    """x has the shape (32, 4, 68). The batch normalization of the last lessons computes `x.mean(0, keepdim=True)`. What
    shape does it get, for its 68 channels?

    Answer: a shape.
    """
    ### BEGIN PREDICTION
    # hint: only dimension 0 is averaged away.
    # because: each of the four places has a mean of its own, 272 instead of 68, each from 32 numbers instead of 128
    return torch.zeros(32, 4, 68).mean(0, keepdim=True)
    ### END PREDICTION


# %% [markdown]
# ## 4. Batch normalization over two dimensions
#
# The layer is that of part 3, with one thing new, and that's where the bug of this lecture hides. Part 3 took the mean
# and the variance over dimension 0. Feed that layer (B, T, C), and it runs without a murmur: each of the T places gets
# its own statistics, from B numbers, while each channel should have one mean and one variance from all B·T.
# Broadcasting covers it up. The running mean quietly becomes (1, T, C), and the network is a little worse. No error, no
# warning; would you have noticed?
#
# Every dimension but the last belongs to the batch. With 32 examples and 4 places, each channel has N = 128 numbers:
#
# $$\mu = \frac{\text{sum of the } N \text{ numbers}}{N} \qquad
# \sigma^2 = \frac{\text{sum of their squared distances from } \mu}{N - 1}$$

# %%
class BatchNorm1d:
    """Normalizes each channel of (N, C) or (N, T, C).

    `gamma`, `beta` (C,) are trained; `running_mean`, `running_var` follow the batches; `training` is a bool. `eps` and
    `momentum` are floats.
    """

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        """Normalize each channel over all dimensions but the last.

        x: float tensor of shape (N, C) or (N, T, C), which is not changed. Returns a tensor of the same shape.
        `F.batch_norm` is refused here.

        The result is gamma * (x - mean) / sqrt(variance + eps) + beta. While `training`, mean and *unbiased* variance
        are those of x, gradients flow through them, and `running_mean` and `running_var` move towards them, without a
        graph: (1 - momentum) * old + momentum * that of x. They hold C numbers each; leading dimensions of size 1 are
        fine. Otherwise `running_mean` and `running_var` are used and stay as they are.

        >>> layer = BatchNorm1d(1, eps=0.0)
        >>> layer(torch.tensor([[[1.0], [2.0]], [[3.0], [6.0]]])).flatten()
        tensor([-0.9258, -0.4629,  0.0000,  1.3887])
        >>> layer.running_mean.flatten(), layer.running_var.flatten()
        (tensor([0.3000]), tensor([1.3667]))
        """
        ### BEGIN SOLUTION
        # hint: Which dimensions belong to the batch? Dimension 0 of two; dimensions 0 and 1 of three.
        # hint: x.mean(dims) and x.var(dims) take a tuple of dimensions; `var` is the unbiased one by default.
        # hint: The running ones move inside torch.no_grad(): (1 - self.momentum) of the old, self.momentum of the batch's.
        # hint: Divide by the root of variance + eps, then apply self.gamma and self.beta.
        # learned: every dimension but the channels is a batch dimension, and broadcasting will not tell you so
        if self.training:
            dims = tuple(range(x.dim() - 1))
            mean, variance = x.mean(dims), x.var(dims)
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * variance
        else:
            mean, variance = self.running_mean, self.running_var
        normalized = (x - mean) / torch.sqrt(variance + self.eps)
        return self.gamma * normalized + self.beta
        ### END SOLUTION

    def parameters(self):
        return [self.gamma, self.beta]


# %% [markdown]
# ## 5. A container
#
# Layers in a row are so common that they deserve a class: call it, and the input goes through all of them. Its
# parameters are those of its layers, in their order. And here's the nice part: since a `Sequential` has the same two
# methods as a layer, it *is* a layer, and can stand inside another one.

# %%
class Sequential:
    """Layers in a row. `layers` is the list of them."""

    def __init__(self, layers):
        self.layers = list(layers)

    def __call__(self, x):
        """Send x through all layers, in order. Returns what the last one returns; x itself where there is none.

        >>> Sequential([lambda x: x + 1, lambda x: x * 2])(3.0)
        8.0
        """
        ### BEGIN SOLUTION
        # hint: Each layer's output is the next layer's input.
        # hint: One name, x, is enough: in a loop over self.layers it is replaced by what the layer makes of it.
        # learned: a network is functions applied one after the other
        for layer in self.layers:
            x = layer(x)
        return x
        ### END SOLUTION

    def parameters(self):
        """List the parameters of all layers, in order, in one flat list: the tensors themselves.

        >>> model = Sequential([Linear(2, 3), Tanh(), Sequential([Linear(3, 1, bias=False)])])
        >>> [tuple(p.shape) for p in model.parameters()]
        [(2, 3), (3,), (3, 1)]
        """
        ### BEGIN SOLUTION
        # hint: Every layer has parameters(), which gives a list. These lists must become one.
        # hint: Two loops in one comprehension do it: [p for layer in self.layers for p in ...].
        # learned: a container with a layer's methods is a layer itself, so containers nest
        return [p for layer in self.layers for p in layer.parameters()]
        ### END SOLUTION


# %% [markdown]
# Some layers behave differently while training: here only BatchNorm, which has a flag `training`. Before you evaluate
# the model, the flag must be off in *all* of them, and on again afterwards. Forgetting it is a classic. With a batch of
# one example it even gives NaN: the variance of a single number divides by 1 - 1. Layers without the flag shouldn't get
# one.

# %%
def set_training(model, mode):
    """Set the flag `training` of every layer of a model that has this attribute.

    model: a Sequential, whose `layers` may hold further ones, to any depth. mode: a bool. Layers without the attribute
    are left alone. Returns nothing.

    >>> model = Sequential([BatchNorm1d(4), Tanh(), Sequential([BatchNorm1d(2)])])
    >>> set_training(model, False)
    >>> model.layers[0].training, hasattr(model.layers[1], "training"), model.layers[2].layers[0].training
    (False, False, False)
    """
    ### BEGIN SOLUTION
    # hint: Go through model.layers. What tells you whether a layer has the flag?
    # hint: `hasattr(layer, "training")`. And a layer that has `layers` itself is a model: call set_training on it.
    # learned: training and evaluation are two modes of one model, and every layer must be told
    for layer in model.layers:
        if hasattr(layer, "training"):
            layer.training = mode
        if hasattr(layer, "layers"):
            set_training(layer, mode)
    ### END SOLUTION


# %% [markdown]
# How large is a model? People say "76 thousand parameters" and mean the single numbers in all of its tensors.

# %%
def count_parameters(model):
    """Count the elements of all tensors in model.parameters(), whether they require a gradient or not.

    Returns an int.

    >>> count_parameters(Sequential([Linear(3, 5), BatchNorm1d(5)]))
    30
    """
    ### BEGIN SOLUTION
    # hint: A tensor knows how many elements it has.
    # hint: It says so as p.nelement(). Add them up over model.parameters().
    # learned: a model's size is the sum of its tensors' elements
    return sum(p.nelement() for p in model.parameters())
    ### END SOLUTION


# %% [markdown]
# ## 6. The tree
#
# Now the model. First the embedding. Then one *level* after the other until a single place is left: join two neighbors,
# Linear, BatchNorm, Tanh. Eight characters need three levels, since 2 · 2 · 2 = 8. Last comes a Linear layer to the
# logits.
#
# ```
# (B, 8)        indices
# (B, 8, 24)    Embedding
# (B, 4, 48)    FlattenConsecutive(2)
# (B, 4, 128)   Linear, BatchNorm, Tanh         level 1
# (B, 2, 256)   FlattenConsecutive(2)
# (B, 2, 128)   Linear, BatchNorm, Tanh         level 2
# (B, 256)      FlattenConsecutive(2)
# (B, 128)      Linear, BatchNorm, Tanh         level 3
# (B, 27)       Linear
# ```
#
# A Linear before a BatchNorm needs no bias: the mean is subtracted right after it, and the bias with it. And as in part
# 3, the last layer's weights start small, at a tenth, so that the untrained model isn't confidently wrong. Its first
# loss is then about ln 27, which is 3.3.
#
# With 27 characters, 24 channels of embedding and 128 hidden, this makes 76,579 parameters. Can you find them in the
# table above?
#
# Once it passes, `grad plot build_wavenet` prints all the shapes and draws the activations.

# %%
def build_wavenet(vocab_size, n_embd, n_hidden, block_size=8, generator=None):
    """Build the tree.

    block_size: length of the context, a power of two from 2 on. Returns a Sequential with these layers: an Embedding;
    for each level FlattenConsecutive(2), Linear to n_hidden without bias, BatchNorm1d, Tanh, with as many levels as turn
    block_size places into one; a Linear to vocab_size with bias, its weight multiplied by 0.1. All parameters are
    leaves with `requires_grad`. The generator, where given, draws all weights. The model maps (B, block_size) int64 to logits
    (B, vocab_size).

    >>> model = build_wavenet(27, 24, 128)
    >>> count_parameters(model)
    76579
    >>> [tuple(p.shape) for p in build_wavenet(5, 2, 3, block_size=4).parameters()]
    [(5, 2), (4, 3), (3,), (3,), (6, 3), (3,), (3,), (3, 5), (5,)]
    """
    ### BEGIN SOLUTION
    # hint: How wide is the input of the first Linear, and of the ones after it? Each joins two neighbors.
    # hint: Begin with places = block_size, and add a level as long as places > 1. Each level halves it.
    # hint: The width before a level is n_embd at first, then n_hidden; the level's Linear takes 2 * width.
    # hint: Shrink the last weight before requires_grad is set, or inside torch.no_grad(): a leaf can't change in place.
    # learned: the number of levels grows with the logarithm of the context, so a tree reads far with few weights
    layers = [Embedding(vocab_size, n_embd, generator)]
    width, places = n_embd, block_size
    while places > 1:
        linear = Linear(2 * width, n_hidden, bias=False, generator=generator)
        layers += [FlattenConsecutive(2), linear, BatchNorm1d(n_hidden), Tanh()]
        width, places = n_hidden, places // 2
    layers.append(Linear(width, vocab_size, generator=generator))
    layers[-1].weight *= 0.1
    model = Sequential(layers)
    for p in model.parameters():
        p.requires_grad = True
    return model
    ### END SOLUTION


# %%
def reach_of_three_layers():
    """Each layer joins two neighbors. Three such layers are stacked, and each looks at neighbors that lie directly side
    by side. How many characters can the output see?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: each layer adds one more character. Draw it.
    # because: every layer reaches one step farther, no more
    seen = {0}
    for apart in (1, 1, 1):
        seen |= {place + apart for place in seen}
    return len(seen)
    ### END PREDICTION


def reach_of_three_dilated_layers():
    """Now the layers join values that are 1, 2 and 4 steps apart. Still three layers of two each. How many characters
    can the output see?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: the reach doubles with each layer.
    # because: each layer joins two values that see different halves, so the reach doubles and costs no more
    seen = {0}
    for apart in (1, 2, 4):
        seen |= {place + apart for place in seen}
    return len(seen)
    ### END PREDICTION


# %% [markdown]
# ## 7. How far does it see?
#
# The paper draws WaveNet in another way: as a stack of *dilated convolutions*. A convolution of kernel size k makes
# each output from k inputs. With dilation d these are d steps apart:
#
# ```
# dilation 4     ●───────────────●       top: from places 4 apart
# dilation 2     ●───────●       ┊       middle: from places 2 apart
# dilation 1     ●───●           ┊       bottom: from neighbors
# steps back     7 6 5 4 3 2 1 0
# ```
#
# How far back does the top one see? Each layer looks (k - 1) · d steps further than the layer below it. For k = 2 and
# the dilations 1, 2, 4 that is 1 + 2 + 4 = 7 steps, so 8 characters with the present one: our tree. Keep doubling up to
# 512, and ten layers see 1,024 characters. That's how WaveNet could hear a stretch of sound.
#
# Once it passes, `grad plot receptive_field` draws the tree.

# %%
def receptive_field(kernel_size, dilations):
    """Count the inputs that one output of a stack of dilated convolutions depends on.

    dilations: a list of ints, one per layer; without any layer, an output is its input. Returns an int.

    >>> receptive_field(2, [1, 2, 4])
    8
    >>> receptive_field(3, [])
    1
    """
    ### BEGIN SOLUTION
    # hint: Begin with the place itself. How many steps further back does one layer look?
    # hint: Each layer adds (kernel_size - 1) * dilation. What is left where there is no layer?
    # learned: doubling dilations make the field of view grow exponentially with depth
    return 1 + (kernel_size - 1) * sum(dilations)
    ### END SOLUTION


# %% [markdown]
# ## 8. The same tree, without computing anything twice
#
# Suppose you want a prediction after *every* character of a long text. The tree would run once for each, on eight
# characters at a time, and these runs repeat each other's work: the pair (5, 6) is joined for the prediction after
# character 6, and again for those after 8, 10 and 12. A *causal convolution* joins every pair once and keeps it.
#
# Take an input x of shape (B, T, C_in) and weights of shape (K, C_in, C_out), one matrix for each of the K *taps*. The
# last tap sits on the present, the one before it d steps back, the next 2d steps back. For K = 2:
#
# ```
# y[t] = x[t - d] @ w[0]  +  x[t] @ w[1]
# ```
#
# With one channel, w = [2, 1] and x = [1, 10, 100], that is y = [0·2 + 1, 1·2 + 10, 10·2 + 100] = [1, 12, 120]. What
# lies before the beginning counts as zero. And nothing ever comes from the future: that's what *causal* means. If a
# single output could look ahead, the model would simply read the answer that it should predict, and the loss would look
# wonderful.
#
# Once it passes, `grad plot causal_convolution` shows a single letter echo forward, and never back.

# %%
def causal_convolution(x, weight, dilation=1):
    """Convolve over time, without looking ahead.

    x: float tensor (B, T, C_in). weight: float tensor (K, C_in, C_out); weight[K - 1] meets the present, weight[0] what
    lies (K - 1) * dilation steps back. Inputs before the beginning count as zero. Returns a tensor (B, T, C_out),
    differentiable in both.

    >>> x = torch.tensor([[[1.0], [10.0], [100.0]]])
    >>> weight = torch.tensor([[[2.0]], [[1.0]]])
    >>> causal_convolution(x, weight).flatten()
    tensor([  1.,  12., 120.])
    >>> causal_convolution(x, weight, dilation=2).flatten()
    tensor([  1.,  10., 102.])
    """
    ### BEGIN SOLUTION
    # hint: Which zeros are missing on the left? Put (K - 1) * dilation of them before the first character.
    # hint: F.pad(x, (0, 0, zeros, 0)) does so: its pairs go from the last dimension backwards, (left, right) each.
    # hint: Then tap k meets T steps of the padded input, from k * dilation on. Add up what the taps give.
    # learned: padding on the left makes a convolution causal: no output can see what comes after it
    taps, time = weight.shape[0], x.shape[1]
    padded = F.pad(x, (0, 0, (taps - 1) * dilation, 0))
    shifted = [padded[:, k * dilation : k * dilation + time] for k in range(taps)]
    return sum(shifted[k] @ weight[k] for k in range(taps))
    ### END SOLUTION


# %% [markdown]
# And now the two views meet. Joining two neighbors and multiplying by a (2·C, H) weight *is* a convolution with two
# taps: the upper half of the weight meets the earlier neighbor, the lower half the later one. On the first level the
# neighbors are 1 apart, on the second 2, on the third 4. So the tree that you trained on windows of eight can run as a
# stack of causal convolutions over text of any length, with a prediction at each place, and not one weight changes.
# BatchNorm and Tanh don't mind, once the model is in evaluation mode: they treat each place alone.

# %%
def logits_everywhere(model, indices):
    """Run the tree as causal convolutions: the logits after every character.

    model: as from build_wavenet, in evaluation mode; it is not changed. indices: int64 tensor (B, T), T of any size.
    Returns logits (B, T, vocab_size). From place block_size - 1 on, each row of logits is the model's answer for the
    window of block_size characters that ends there. At the places before that the window is not full: what is missing
    counts as zeros at every level, as it does in causal_convolution.

    >>> model = build_wavenet(5, 2, 3, block_size=4)
    >>> set_training(model, False)
    >>> indices = torch.tensor([[1, 2, 3, 4, 0]])
    >>> logits = logits_everywhere(model, indices)
    >>> logits.shape
    torch.Size([1, 5, 5])
    >>> bool((logits[:, 3] - model(indices[:, :4])).abs().max() < 1e-4)
    True
    """
    ### BEGIN SOLUTION
    # hint: Take the layers apart: embedding, *levels, output = model.layers. A level is four layers long.
    # hint: The level's FlattenConsecutive isn't called; causal_convolution does its work, with dilation 1, 2, 4, ...
    # hint: weight.view(2, -1, n_hidden) cuts the Linear's weight into its two taps, the earlier neighbor first.
    # hint: After the convolution come the level's own BatchNorm and Tanh, and at the end the output layer.
    # learned: a tree of joins and a stack of dilated convolutions are one model; the second computes nothing twice
    embedding, *levels, output = model.layers
    x, dilation = embedding(indices), 1
    while levels:
        _, linear, batchnorm, tanh, *levels = levels
        taps = linear.weight.view(2, -1, linear.weight.shape[1])
        x = tanh(batchnorm(causal_convolution(x, taps, dilation)))
        dilation *= 2
    return output(x)
    ### END SOLUTION


# %% [markdown]
# ## Milestone: train the tree
#
# The lecture's last run trains this very model, 76,579 parameters on eight characters of context, for 200,000 steps,
# and reaches a loss of 1.993 on the dev set. Run this file, or the cells below: a short run by default, `--full` for
# the lecture's length. Afterwards the trained model runs in both forms, as a tree over windows and as convolutions over
# whole names, and the two are compared. One plot shows the smoothed loss. For the other we exchange a single letter of
# the context, near or far, and look at how much of the prediction changes. Beyond eight characters it must be nothing
# at all.

# %%
def noisy_losses():
    """The losses of a small training: a table of next letters learns three words, 4 letters at a time."""
    generator = torch.Generator().manual_seed(42)
    pairs = [pair for word in (".emma.", ".olivia.", ".ava.") for pair in zip(word, word[1:], strict=False)]
    letters = sorted(set("".join(first for first, _ in pairs)))
    X = torch.tensor([letters.index(first) for first, _ in pairs])
    Y = torch.tensor([letters.index(second) for _, second in pairs])
    table, losses = torch.zeros(len(letters), len(letters)), []
    for _ in range(2000):
        rows = torch.randint(len(X), (4,), generator=generator)
        guess = table[X[rows]].softmax(-1)
        losses.append(-guess[range(4), Y[rows]].log().mean().item())
        guess[range(4), Y[rows]] -= 1
        table.index_add_(0, X[rows], guess, alpha=-0.1 / 4)
    return losses


def smoothed(run):
    """Two thousand noisy losses, and their means: only the means show where it is going."""
    ### STAGE smooth
    losses, every = noisy_losses(), 100
    means = smooth(losses, every)
    with run.plot("smoothed") as axes:
        axes.plot(losses, linewidth=0.4, color="lightsteelblue", label="each minibatch")
        axes.plot([every * i + every / 2 for i in range(len(means))], means, linewidth=2.5, label=f"mean of {every}")
        axes.set(xlabel="step", ylabel="loss", title="The same training, twice")
        axes.legend()


def sees(run):
    """A tree over eight characters, drawn: every layer doubles what it sees."""
    ### STAGE receptive_field
    dilations, places = [1, 2, 4], 12
    reached = {places - 1}
    with run.plot("tree", size=(6, 4.5)) as axes:
        for level in range(len(dilations), 0, -1):
            dilation = dilations[level - 1]
            for place in range(places):
                for start in (place - dilation, place):
                    used = place in reached
                    if start >= 0:
                        axes.plot([start, place], [level - 1, level], color="C1" if used else "lightgray", linewidth=2 if used else 0.7, zorder=1 + used)
            reached |= {place - dilation for place in reached}
        for level in range(len(dilations) + 1):
            axes.scatter(range(places), [level] * places, color="lightsteelblue", s=50, zorder=3)
        axes.scatter(sorted(reached), [0] * len(reached), color="C1", s=80, zorder=4)
        axes.set_yticks(range(4), ["characters", "dilation 1", "dilation 2", "dilation 4"])
        axes.set(xlabel="place", title=f"receptive_field(2, {dilations}) = {receptive_field(2, dilations)}")


def echo(run):
    """One letter at place 4: which outputs hear of it, after each layer? None before it ever does."""
    ### STAGE causal_convolution
    x = torch.zeros(1, 16, 1)
    x[0, 4] = 1.0
    rows, names = [x.flatten()], ["input"]
    for dilation in (1, 2, 4):
        x = causal_convolution(x, torch.ones(2, 1, 1), dilation)
        rows.append(x.flatten())
        names.append(f"dilation {dilation}")
    with run.plot("echo", size=(6, 3.6)) as axes:
        axes.imshow(torch.stack(rows) > 0, cmap="Blues", aspect="auto")
        axes.set_yticks(range(4), names)
        axes.set(xlabel="place", title="The letter echoes forward in time, never back")
        for place in range(16):
            axes.axvline(place + 0.5, color="white", linewidth=1)


def forms(run):
    """The numbers on their way through the tree: eight places become four, two, one."""
    ### STAGE build_wavenet, Embedding, FlattenConsecutive, BatchNorm1d, Sequential
    model = build_wavenet(27, 24, 128, generator=torch.Generator().manual_seed(42))
    x = torch.randint(27, (64, 8), generator=torch.Generator().manual_seed(1))
    stats = []
    with torch.no_grad():
        for layer in model.layers:
            x = layer(x)
            run.say(f"{type(layer).__name__:20} {tuple(x.shape)}")
            if isinstance(layer, Tanh):
                stats.append(x)
    with run.plot("forms") as axes:
        for number, h in enumerate(stats, 1):
            heights, edges = torch.histogram(h.flatten(), bins=50, density=True)
            axes.plot((edges[:-1] + edges[1:]) / 2, heights, label=f"level {number}: {tuple(h.shape)}")
        axes.set(xlabel="activation", ylabel="density", title="Before training: three levels, alike")
        axes.legend()


# %%
def build_dataset(words, stoi, block_size=8):
    """Contexts X (N, block_size) and next characters Y (N,), as in part 2."""
    contexts, targets = [], []
    for word in words:
        context = [0] * block_size
        for character in word + ".":
            contexts.append(context)
            targets.append(stoi[character])
            context = context[1:] + [stoi[character]]
    return torch.tensor(contexts), torch.tensor(targets)


def split_loss(model, X, Y):
    """The mean loss over a whole split, in evaluation mode and without a graph."""
    set_training(model, False)
    with torch.no_grad():
        losses = [F.cross_entropy(model(x), y, reduction="sum") for x, y in zip(X.split(4096), Y.split(4096), strict=True)]
    set_training(model, True)
    return sum(losses).item() / len(Y)


def train(run, model, X, Y, batch_size=32):
    """Stochastic gradient descent as in the lecture; the rate falls to a tenth for the last quarter. Returns the losses."""
    losses, weights = [], model.parameters()
    short, full = 10_000, 200_000
    for step in run.steps(short, full):
        rows = torch.randint(len(X), (batch_size,))
        loss = F.cross_entropy(model(X[rows]), Y[rows])
        for p in weights:
            p.grad = None
        loss.backward()
        rate = 0.1 if step < 0.75 * (full if run.full else short) else 0.01
        with torch.no_grad():
            for p in weights:
                p -= rate * p.grad
        losses.append(loss.item())
        if step % 100 == 99:
            run.show(loss=sum(losses[-100:]) / 100)
    return losses


def largest_difference(model, names, stoi, block_size=8):
    """Both forms of the model on names with dots before them: the largest difference of their logits."""
    worst = 0.0
    for name in names:
        indices = torch.tensor([[0] * block_size + [stoi[character] for character in name]])
        windows = indices[0].unfold(0, block_size, 1)
        with torch.no_grad():
            difference = logits_everywhere(model, indices)[0, block_size - 1 :] - model(windows)
        worst = max(worst, difference.abs().max().item())
    return worst


def influence(model, X, vocab_size):
    """How far another letter at each place of the contexts X moves the prediction: the mean share of it that changes."""

    def predict(contexts):
        return logits_everywhere(model, contexts)[:, -1].softmax(-1)

    moved = []
    with torch.no_grad():
        for place in range(X.shape[1]):
            contexts = X[X[:, place] > 0]
            changed = contexts.clone()
            changed[:, place] = torch.randint(1, vocab_size, (len(contexts),))
            moved.append((predict(changed) - predict(contexts)).abs().sum(1).mean().item() / 2)
    return moved


def split_names(run):
    """The characters' numbers, and the lecture's own split of the names: training words and dev words."""
    words = run.names()
    stoi = {character: i for i, character in enumerate(sorted(set(".".join(words) + ".")))}
    random.Random(42).shuffle(words)
    first, second = int(0.8 * len(words)), int(0.9 * len(words))
    return stoi, (words[:first], words[first:second])


def train_and_compare(run):
    torch.manual_seed(42)
    stoi, (training_words, dev_words) = split_names(run)
    X, Y = build_dataset(training_words, stoi)
    dev_X, dev_Y = build_dataset(dev_words, stoi)

    model = build_wavenet(len(stoi), 24, 128)
    run.figure("parameters", count_parameters(model), lecture=76_579, passed=count_parameters(model) == 76_579)
    losses = train(run, model, X, Y)
    run.figure("training loss", split_loss(model, X, Y), lecture=1.769)
    dev_loss = split_loss(model, dev_X, dev_Y)
    limit = (2.03 if run.full else 2.15) if run.real_data else 2.8
    run.figure("dev loss", dev_loss, lecture=1.993, passed=dev_loss < limit)

    set_training(model, False)
    worst = largest_difference(model, dev_words[:50], stoi)
    run.figure("largest difference between tree and convolutions", worst, passed=worst < 1e-3)
    with run.plot("loss") as axes:
        every = max(1, len(losses) // 200)
        means = smooth(losses, every).tolist()
        axes.plot([every * (i + 1) for i in range(len(means))], means, label="training")
        axes.axvline(0.75 * len(losses), color="black", linestyle="--", linewidth=1, label="the learning rate drops to a tenth")
        uniform = torch.tensor(float(len(stoi))).log().item()
        axes.axhline(uniform, color="gray", linestyle=":", label=f"uniform guess: {uniform:.2f}")
        axes.set(xlabel="step", ylabel=f"loss, mean of {every} steps", title="The tree learns")
        axes.legend()
    with run.plot("influence") as axes:
        X, _ = build_dataset(dev_words, stoi, block_size=12)
        axes.bar(range(12, 0, -1), influence(model, X[:5000], len(stoi)))
        axes.axvspan(8.5, 12.5, color="gray", alpha=0.2, label="beyond eight characters")
        axes.invert_xaxis()
        axes.set(xlabel="characters back", ylabel="share of the prediction that changes", title="How far the tree sees")
        axes.legend(loc="upper left")


def training(run):
    """The tree learns names, and is run as convolutions too."""
    ### STAGE build_wavenet, logits_everywhere, causal_convolution, smooth, set_training, count_parameters
    ### STAGE Embedding, FlattenConsecutive, BatchNorm1d, Sequential
    with torch.device(run.device):
        train_and_compare(run)


# %% [markdown]
# ## Context, tree, size: what brought what?
#
# The lecture's log has four runs, and its steps are worth looking at one by one. First only the context grows, from three
# characters to eight. Then the flat network becomes a tree of the same size. Then the tree gets wider. `grad plot reach`
# makes the same four runs with your layers, shorter ones, and takes two or three minutes. Which of the three steps would
# you bet on?

# %%
def flat(vocab_size, n_embd, n_hidden, block_size):
    """The network of part 2, from this lesson's layers: all characters side by side at once."""
    linear = Linear(n_embd * block_size, n_hidden, bias=False)
    output = Linear(n_hidden, vocab_size)
    output.weight *= 0.1
    layers = [Embedding(vocab_size, n_embd), FlattenConsecutive(block_size), linear, BatchNorm1d(n_hidden), Tanh(), output]
    model = Sequential(layers)
    for p in model.parameters():
        p.requires_grad = True
    return model


def reach(run):
    """The lecture's log: a longer context, a tree of the same size, a wider tree."""
    ### ABLATION build_wavenet, set_training, count_parameters
    ### ABLATION Embedding, FlattenConsecutive, BatchNorm1d, Sequential
    with torch.device(run.device):
        torch.manual_seed(42)
        stoi, parts = split_names(run)
        size = len(stoi)
        models = [
            ("3 characters, flat", 3, flat(size, 10, 200, 3), 2.105),
            ("8 characters, flat", 8, flat(size, 10, 200, 8), 2.027),
            ("8 characters, tree", 8, build_wavenet(size, 10, 68), 2.029),
            ("wider tree", 8, build_wavenet(size, 24, 128), 1.993),
        ]
        rows = []
        for name, block_size, model, lecture in models:
            (X, Y), (dev_X, dev_Y) = (build_dataset(part, stoi, block_size) for part in parts)
            train(run, model, X, Y)
            weights = f"{count_parameters(model):,} parameters"
            rows.append((f"{name}\n{weights}", split_loss(model, dev_X, dev_Y), lecture))
            run.figure(f"reach: {name}, {weights}", rows[-1][1], lecture)
        run.ladder("reach", rows, title="Context, tree, size: what brought what?")


def milestone(run):
    """Smooth a curve, see what a tree sees, then train it."""
    run.stages(smoothed, sees, echo, forms, training)
    run.ablations(reach)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
