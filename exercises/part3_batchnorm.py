# %% [markdown]
# # Activations, gradients and batch normalization
#
# The network of part 2 learned, but nobody looked inside. In this lesson you open it up, and it isn't pretty. Its
# first loss was absurd, many of its neurons were stuck, and a deeper network of the same kind would hardly train at
# all. The cause is the same each time: numbers that grow or shrink on their way through the layers. First you cure
# it by choosing the initial weights well. Then you build *batch normalization*, which holds the numbers in range
# while the network trains. On the way you make the instruments with which people tell a healthy network from a sick
# one, and at the end you measure what each cure was worth.
#
# Lecture: *Building makemore part 3: activations & gradients, BatchNorm*,
# https://www.youtube.com/watch?v=P6sfmUTpUmc
#
# It builds on part 2: contexts of three characters, an embedding, a hidden tanh layer, cross-entropy. PyTorch
# may compute the gradients, and `F.cross_entropy` may be called: you have built both.

# %%
import math
import random

import torch
import torch.nn.functional as F

# %%
def loss_of_sure_and_wrong():
    """A network gives the logits 0, 0, 0 and 10. The right class is the first one. What's the loss?

    Answer: a number, within 3 %.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 1. What the first loss should be
#
# Before its first step a network knows nothing, so it should give each of the 27 characters the same probability. The
# loss of that guess is log 27 = 3.2958. A network like that of part 2, with weights straight from `torch.randn`,
# begins near 27 instead. It isn't ignorant, it's *confidently wrong*: large random logits put nearly all the
# probability on a random character, and the loss is large wherever that isn't the right one. The first steps of the
# training then do little but shrink the logits, which is why the curve of the loss looks like a hockey stick.
#
# The cure costs nothing. Multiply all logits by a small number s before you take the softmax. As s goes to 0, all
# logits go to 0, and all probabilities become equal. Measure how the loss gets there.
#
# Once it passes, `grad plot loss_by_scale` draws it.

# %%
def loss_by_scale(logits, targets, scales):
    """Measure the cross-entropy loss after multiplying all logits by each of the scales.

    logits: float tensor (N, V), however large, not changed. targets: int64 tensor (N,). scales: list of numbers.
    Returns a list of floats, for each scale the mean negative log likelihood of the N targets.

    >>> logits, targets = torch.tensor([[6.0, -6.0, 0.0]]), torch.tensor([1])
    >>> [round(float(loss), 2) for loss in loss_by_scale(logits, targets, [1.0, 0.1, 0.0])]
    [12.0, 1.82, 1.1]
    >>> round(math.log(3), 2)
    1.1
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def gradient_through_a_sure_neuron():
    """A tanh neuron gives 0.97. A gradient of 1 arrives at its output. How much of it gets through to its input?

    Answer: a number, within 0.02.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 2. Saturated neurons do not learn
#
# The second fault hides one layer further down. If the number that goes into a tanh is large, its output h lies
# close to -1 or 1: the neuron is *saturated*. Now look at the slope of tanh, because that's the factor that
# multiplies every gradient on the way back. It is `1 - h**2`:
#
#       1 |                      ______-------      h =  0.97   slope 0.06
#         |                 _.-''
#       0 |               .'                        h =  0      slope 1
#         |          _.-''
#      -1 | -------''                               h = -0.97   slope 0.06
#         +-----------------------------------
#          -3     -1      0      1       3   what goes in
#
# At h = 0 the gradient passes whole; at h = 0.97 only 6 % of it is left, and at the very ends nothing. A saturated
# neuron doesn't move the loss, whatever its weights do, so its weights aren't told where to go. One such example does
# no harm, for another one may catch the same neuron in its steep middle. So first measure how common it is.

# %%
def saturation(h, threshold=0.97):
    """Measure the share of activations whose absolute value is strictly above the threshold.

    h: float tensor of any shape, outputs of tanh. Returns a float from 0.0 to 1.0.

    >>> saturation(torch.tensor([[0.99, -0.98], [0.5, 0.0]]))
    0.5
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# It becomes serious where one neuron is saturated for *every* example. Hardly anything flows back through it, its
# weights hardly change, and it is *dead*. A tanh neuron may wake up when the layers below it change what it sees; a
# ReLU that is 0 for every example usually stays dead for good. (It may even die late: one step with too high a
# learning rate can push it over the edge.) Picture h as an image, a row for each example and a column for each
# neuron, with a mark where |h| is above the threshold:
#
#                  neuron  1 2 3 4 5
#     example 1            . # . # .
#     example 2            # # . . .
#     example 3            . # . . #
#     example 4            . # # . .
#                            ^ dead
#
# A dead neuron is a column that's marked from top to bottom.
#
# Once it passes, `grad plot saturation` shows the black-and-white image: a white column is a dead neuron.

# %%
def dead_neurons(h, threshold=0.97):
    """Count the neurons that are saturated (absolute value strictly above the threshold) for all examples.

    h: float tensor (N, H), a row for each example and a column for each neuron. Returns an int.

    >>> dead_neurons(torch.tensor([[0.99, 0.2, 0.98], [-0.99, 0.98, 1.0]]))
    2
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def deviation_of_a_sum():
    """100 inputs and 100 weights are drawn with `randn`. By how much does the sum of their products deviate from 0?

    Answer: a number, within 10 %.
    """
    return None  # YOUR PREDICTION


def deviation_after_tanh():
    """x deviates by 1 from 0, as `randn` makes it. By how much does tanh(x) deviate?

    Answer: a number, within 6 %.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 3. How wide should the weights be?
#
# You could shrink weights by hand until the histogram looks right. That works for one layer, but a network of fifty
# needs a rule. Take one neuron, `z = x1*w1 + x2*w2 + ... + xn*wn`, with n inputs (its *fan-in*), and let all x and w
# be independent random numbers with mean 0. Then the variances of the n products add up:
#
#     Var(z) = n * Var(x) * Var(w)
#
# With weights of standard deviation 1 the variance grows by n in every layer, and the spread by the square root of
# n: with 100 inputs, numbers of size 1 become numbers of size 10. To keep the spread, the weights must make up for
# it. By which factor? And there's more: a nonlinearity comes next, and tanh *contracts*. Its output is narrower than
# its input, and after many layers everything would be near 0. Some extra width makes up for that, the *gain*. It
# multiplies the standard deviation of the weights. The gain is 1 for a purely linear layer, the square root of 2 for
# ReLU, which throws half of its input away, and 5/3 is the usual choice for tanh.
#
# The rule is called Kaiming initialization, after the first author of the paper that derived it for ReLU (He et al.
# 2015, https://arxiv.org/abs/1502.01852). They also ask what happens to the gradients on their way *back*, where
# each layer sums over its outputs, so that the fan-out counts; it makes little difference which of the two you
# take. In PyTorch it's `torch.nn.init.kaiming_normal_`.

# %%
def kaiming_std(fan_in, gain=5 / 3):
    """Compute the standard deviation that the weights of a layer should start with.

    fan_in: number of inputs of each neuron, an int. gain: a number. Returns a float.

    >>> kaiming_std(100, gain=2.0)
    0.2
    >>> round(float(kaiming_std(30)), 4)
    0.3043
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 4. Layers as building blocks
#
# A deep network is a list of layers, each of which does one small thing. Yours have the shape of PyTorch's own
# (`torch.nn.Linear`, `torch.nn.BatchNorm1d`, `torch.nn.Tanh`): an object holds its parameters, is called like a
# function, and lists its parameters with `parameters()`. There's one addition. Each layer keeps what it returned
# last as `out`, so that you can look at it afterwards. That small habit is what makes all the plots of this lesson
# possible.
#
# A linear layer computes `x @ weight + bias`, with a weight of shape (fan_in, fan_out). The weights start with a
# standard deviation of 1 / sqrt(fan_in); the gain depends on what comes behind and is multiplied in later. The bias
# starts at zero. A layer with `bias=False` has none: its `bias` is None, and that's not a parameter. Random numbers
# come from the `generator`, so that an experiment can be repeated.
#
# Whether the parameters require gradients from the start is up to you: before the training, `trainable_parameters`
# (given, in section 5) asks it of all of them. It can do so only if each is a *leaf*: a tensor that stands on its
# own, and isn't the result of an operation that autograd has recorded. A weight that requires gradients and is then
# multiplied by something is no longer a leaf; multiply first.

# %%
class Linear:
    """A linear layer: x @ weight + bias.

    Attributes: `weight` (fan_in, fan_out); `bias` (fan_out,) or None; `out`, what the last call returned.
    """

    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        """Create the parameters: random weights of standard deviation 1 / sqrt(fan_in), and a bias of zeros.

        fan_in, fan_out: ints. bias: False for a layer without one. generator: a torch.Generator from
        which all the random numbers come; None means torch's own. The parameters are leaves.

        >>> layer = Linear(2, 3)
        >>> tuple(layer.weight.shape), layer.bias
        ((2, 3), tensor([0., 0., 0.]))
        >>> Linear(2, 3, bias=False).bias is None
        True
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def __call__(self, x):
        """Apply the layer to x, keep the result as `out`, and return it.

        x: float tensor (N, fan_in). Returns a tensor (N, fan_out).

        >>> layer = Linear(2, 1)
        >>> layer.weight.data = torch.tensor([[1.0], [10.0]])
        >>> layer.bias.data = torch.tensor([0.5])
        >>> layer(torch.tensor([[2.0, 3.0]])), layer.out
        (tensor([[32.5000]]), tensor([[32.5000]]))
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def parameters(self):
        """List the tensors to be trained: the weight, then the bias if there is one.

        They are the layer's own tensors, not copies, so that training them changes the layer.

        >>> [tuple(parameter.shape) for parameter in Linear(2, 3).parameters()]
        [(2, 3), (3,)]
        >>> len(Linear(2, 3, bias=False).parameters())
        1
        """
        # YOUR CODE HERE
        raise NotImplementedError()


# %% [markdown]
# The nonlinearity is a layer as well, one that has no parameters.

# %%
class Tanh:
    """A layer that squashes every number into (-1, 1). Attribute: `out`, what the last call returned."""

    def __call__(self, x):
        """Apply tanh to each element, keep the result as `out`, and return it.

        x: float tensor of any shape. Returns a tensor of the same shape. Large numbers must not overflow:
        100 becomes 1, and -100 becomes -1.

        >>> layer = Tanh()
        >>> layer(torch.tensor([0.0, 0.5, -9.0]))
        tensor([ 0.0000,  0.4621, -1.0000])
        >>> layer.out
        tensor([ 0.0000,  0.4621, -1.0000])
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def parameters(self):
        return []


# %%
def deviation_after_five_layers():
    """Five layers of 100 tanh neurons, their weights drawn with a deviation of 1 / sqrt(100), the gain 1. The inputs
    deviate by 1. By how much do the outputs of the fifth layer deviate?

    Answer: a number, within 15 %.
    """
    return None  # YOUR PREDICTION


def saturated_at_gain_three():
    """The same five layers, with the gain 3: the weights deviate by 3 / sqrt(100). What share of the fifth layer's
    outputs lies beyond 0.97 or -0.97? (A share of all is 1.)

    Answer: a number, within 0.08.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 5. A deep network
#
# Stack them: Linear, Tanh, Linear, Tanh, ..., and a last Linear that gives the logits. Two rules from above now
# become code. Each Linear in front of a Tanh has its weights multiplied by the gain, so that the spread of the
# activations survives from layer to layer. The last Linear has no Tanh behind it, so it needs no gain; it's shrunk to
# a tenth, so that the first loss is honest.

# %%
def deep_mlp(sizes, generator, gain=5 / 3):
    """Build a multilayer perceptron as a list of layers: Linear, Tanh, Linear, Tanh, ..., Linear.

    sizes: list of ints, the number of inputs, the widths of the hidden layers, the number of outputs;
    n sizes give n - 1 Linear layers, each with a bias, with a Tanh of its own between any two of them.
    The weights are Linear's own, multiplied by the gain; those of the last Linear are multiplied by 0.1
    instead. All of them are leaves. generator: a torch.Generator for all of them.

    >>> layers = deep_mlp([30, 100, 27], torch.Generator().manual_seed(1))
    >>> [type(layer).__name__ for layer in layers]
    ['Linear', 'Tanh', 'Linear']
    >>> [tuple(layer.weight.shape) for layer in layers[::2]]
    [(30, 100), (100, 27)]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# To run such a network, hand the output of each layer to the next.
#
# Once it passes, `grad plot deep_mlp` looks at the lecture's network before its first step.

# %%
def forward(layers, x):
    """Send x through all the layers in their order and return what the last one returns.

    layers: list of callables, each takes a tensor and returns one. x: tensor.

    >>> forward([torch.neg, torch.relu], torch.tensor([-1.0, 2.0]))
    tensor([1., 0.])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Two helpers are given. The first collects all parameters. The second makes one pass forward and one back, and asks
# autograd to keep the gradient of every layer's `out`, which it would otherwise throw away as soon as it's used.

# %%
def trainable_parameters(layers):
    """List the parameters of all layers, with their gradients switched on."""
    found = [parameter for layer in layers for parameter in layer.parameters()]
    for parameter in found:
        parameter.requires_grad_(True)
    return found


def forward_backward(layers, parameters, x, targets):
    """Compute the loss and all gradients, those of every layer's `out` included. Returns the loss."""
    logits = forward(layers, x)
    for layer in layers:
        if layer.out.requires_grad:
            layer.out.retain_grad()
    loss = F.cross_entropy(logits, targets)
    for parameter in parameters:
        parameter.grad = None
    loss.backward()
    return loss.detach()


# %% [markdown]
# ## 6. Four instruments
#
# Now look inside. The first instrument reads the activations on their way *forward*. In a healthy network all tanh
# layers have nearly the same spread, with a few percent saturated. With a gain of 1 the spread shrinks from layer to
# layer; with a gain of 3 nearly half of all activations sit at the ends.
#
# Once it passes, `grad plot activation_stats` draws the spread by layer for four gains.

# %%
def activation_stats(layers):
    """Describe the activations of every Tanh layer after a forward pass.

    layers: list of layers, each with its `out` from the last call.
    Returns a list with one dict for each Tanh layer, in order; other layers are left out. Its keys:
    "layer", the layer's position in `layers` (int); "mean" and "std", over all elements of `out`
    (floats, std as Tensor.std computes it: divided by the number of elements minus one);
    "saturation", the share of absolute values above 0.97 (float).

    >>> layer = Tanh()
    >>> activations = layer(torch.tensor([[-9.0, 0.0], [0.0, 9.0]]))
    >>> activation_stats([layer])[0]["saturation"]
    0.5
    >>> activation_stats([layer])[0]["layer"]
    0
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The second instrument reads the gradients on their way *back*. The same argument holds in the other direction: each
# layer multiplies the gradient by its weights and by the slopes of tanh. If the spread of the gradients grows or
# shrinks from layer to layer, then the first layers learn far faster or far slower than the last. Remove all the
# Tanh layers and you can watch both at once: with a gain of 5/3 the activations of a purely linear network explode
# towards the end, while the gradients explode towards the beginning; with a gain of 0.5 both vanish.
#
# Once it passes, `grad plot gradient_stats` draws just that.

# %%
def gradient_stats(layers):
    """Describe the gradients that reached the output of every Tanh layer after a backward pass.

    layers: list of layers, each with its `out` from the last call and with the gradient in `out.grad`.
    Returns a list with one dict for each Tanh layer, in order; other layers are left out. Its keys:
    "layer", the layer's position in `layers` (int); "mean" and "std", over all elements of `out.grad`
    (floats, std as Tensor.std computes it).

    >>> layer = Tanh()
    >>> out = layer(torch.tensor([0.0, 1.0], requires_grad=True))
    >>> out.retain_grad()
    >>> (out * torch.tensor([2.0, 4.0])).sum().backward()
    >>> gradient_stats([layer])[0]["mean"]
    3.0
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The third looks at the parameters themselves. Is a gradient of 0.01 large or small? You can't say; what counts is
# its size beside that of the numbers that it's going to change. So compare their spreads:
#
#     std(gradient) / std(data)
#
# A layer whose ratio is ten times that of the others will, for a while, learn ten times as fast. At the start that's
# the last layer, because you've shrunk its weights to a tenth.

# %%
def gradient_ratio(parameter):
    """Compare the spread of a parameter's gradient with the spread of the parameter.

    parameter: float tensor of at least two elements, with its `grad`. Returns a float: the standard
    deviation of the gradient divided by that of the parameter.

    >>> weight = torch.tensor([1.0, 3.0], requires_grad=True)
    >>> (weight * torch.tensor([0.1, 0.5])).sum().backward()
    >>> round(float(gradient_ratio(weight)), 4)
    0.2
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def exponent_of_an_update():
    """Weights deviate by 0.1, their gradients by 0.001, and the learning rate is 0.1. By which power of 10 is one update
    as large as the weights? (A thousandth is -3.)

    Answer: a number, within 0.1.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# The fourth is the most useful of all, because it contains the learning rate. One step of gradient descent changes a
# parameter by learning rate times gradient. How large is that change, compared with the parameter? Powers of ten
# are easiest to read:
#
#     log10( std(learning rate * gradient) / std(data) )
#
# Plotted over time, it should settle near -3: each step changes the weights by about a thousandth of their size. A
# factor of three more or less is nothing to worry about. But at -5 the learning rate is far too small and you're
# wasting your time, and at -1 the weights are being thrown about. And if you got the initialization wrong, you see
# it here at once: the lines of the layers lie far apart.

# %%
def update_ratio(parameter, learning_rate):
    """Measure by how much one step of gradient descent changes a parameter, as a power of ten.

    parameter: float tensor of at least two elements, with its `grad`; neither is changed.
    learning_rate: a positive number. Returns a float: the logarithm to base 10 of the standard
    deviation of the step (learning rate times gradient) divided by that of the parameter.

    >>> weight = torch.tensor([1.0, 3.0], requires_grad=True)
    >>> (weight * torch.tensor([0.1, 0.3])).sum().backward()
    >>> round(float(update_ratio(weight, 0.01)), 4)
    -3.0
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def shape_of_the_batch_mean():
    """x has the shape (32, 200): 32 examples of 200 neurons. What's the shape of `x.mean(0, keepdim=True)`?

    Answer: a shape, or error.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 7. If you want unit spread, make it so
#
# So far everything hangs on the initial weights, and nothing holds the activations in range once the weights begin
# to move. Batch normalization (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167) takes a bold step: you want
# what goes into tanh to have mean 0 and variance 1? Then *make* it so, in every forward pass. Take each column (one
# neuron, all examples of the batch), subtract its mean and divide by its standard deviation:
#
#     (x - mean) / sqrt(variance + eps)
#
# With numbers: a neuron gives 1, 2 and 6 for the three examples of a batch. The mean is 3, the differences are -2,
# -1 and 3, and their squares add up to 14. Divided by 3 - 1 that's a variance of 7, with the root 2.646, and the
# neuron's new values are -0.756, -0.378 and 1.134. All of this is differentiable, so the network simply trains
# through it.
#
# The small `eps` keeps a column of equal numbers from dividing by zero. The lecture divides by N - 1, the unbiased
# variance, and so does this lesson. (The paper and PyTorch divide by N here, and by N - 1 for the running variance
# below; for a batch of 32 that's 3 % of the variance.)

# %%
def normalize_batch(x, eps=1e-5):
    """Give each column the mean 0 and, up to eps, the variance 1.

    x: float tensor (N, D), a row for each example; N is at least 2. Returns a tensor (N, D): each
    column minus its mean, divided by sqrt(variance + eps), where variance is the unbiased one
    (divided by N - 1). Gradients flow through the mean and the variance too. Build it; torch's
    batch_norm is refused here.

    >>> normalize_batch(torch.tensor([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]), eps=0.0001)[:, 0].round(decimals=3)
    tensor([-1.,  0.,  1.])
    >>> normalize_batch(torch.tensor([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]))[:, 1]
    tensor([0., 0., 0.])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Unit spread is what we want at the *start*. Later the network should be free to choose: some neurons work better in
# the steep middle of tanh, others near its ends. So two trainable vectors follow, the gain `gamma` and the offset
# `beta`, which begin at 1 and 0 and so change nothing at first:
#
#     y = gamma * normalized + beta
#
# Two things about this layer are odd. The layer in front doesn't need a bias anymore: whatever constant it adds goes
# away again with the mean. And an example's output now depends on the other examples that happen to share its batch.
# That coupling is strange, and yet it acts as a mild noise that makes overfitting harder. It also raises a question.
#
# ## 8. One example at a time
#
# Which mean and variance does a single name get, when there is no batch? One answer: after the training, send the
# whole training set through the layers in front, once, and keep the statistics of what arrives. That's the
# *calibration*.

# %%
def calibrate(x):
    """Measure mean and standard deviation of each column over all rows.

    x: float tensor (N, D), what arrives at a BatchNorm for the whole training set.
    Returns `(mean, std)`, two tensors of shape (1, D); std is the unbiased one (divided by N - 1).

    >>> mean, std = calibrate(torch.tensor([[1.0, 0.0], [2.0, 4.0], [3.0, 8.0]]))
    >>> mean, std
    (tensor([[2., 4.]]), tensor([[1., 4.]]))
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# It works, but nobody likes a second stage after the training. So the statistics are estimated *while* training runs:
# keep a running value, and move it a little towards each batch's value. The *momentum* m is the weight of the new:
#
#     running = (1 - m) * running + m * batch
#
# With m = 0.1 the running value is roughly the mean of the last ten batches; small batches are noisy and want a
# smaller one, such as 0.001. This bookkeeping happens beside the gradient descent and isn't part of it: no gradient
# may flow into it. Otherwise the running value would drag the graph of every batch behind it, and memory would fill
# up.

# %%
def running_average(running, batch, momentum=0.1):
    """Move a running value towards the value of a new batch.

    running, batch: float tensors whose shapes broadcast; neither is changed. momentum: the share of
    the new value, from 0 to 1. Returns a new tensor that carries no graph: no gradient flows back
    to `running` or `batch`.

    >>> running_average(torch.tensor([0.0, 1.0]), torch.tensor([10.0, 1.0]), momentum=0.1)
    tensor([1., 1.])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def gradient_of_a_useless_bias():
    """A linear layer with a bias comes just before a batch normalization. You call backward on a loss. How large is
    the gradient of that bias?

    Answer: a number, within 0.0001.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 9. The layer
#
# Put the parts together. A `BatchNorm1d` has two *parameters*, `gamma` and `beta`, which gradient descent trains, and
# two *buffers*, `running_mean` and `running_var`, which the running average keeps. A flag, `training`, says which
# statistics to normalize with:
#
# | `training` | normalize with | buffers |
# |---|---|---|
# | True | mean and unbiased variance of the batch | move towards those |
# | False | `running_mean`, `running_var` | stay as they are |
#
# More people have lost a day to this flag than to any other bit of deep learning. Forget to switch it off, and a
# prediction depends on its neighbors in the batch; forget to switch it back on, and training goes on with stale
# statistics.

# %%
class BatchNorm1d:
    """Normalize each column over the batch, then scale and shift it.

    Attributes: the parameters `gamma` and `beta`, and the buffers `running_mean` and `running_var`,
    each a tensor of `dim` numbers; `training`, a bool; `eps`; `momentum`; `out`, what the last
    call returned.
    """

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        """Create a layer in training mode that at first only normalizes.

        dim: number of columns. eps: is added to the variance. momentum: the share of the new batch in
        the running values. `gamma` starts at ones, `beta` at zeros, and the running mean and variance
        at those of numbers that are normalized already: zeros and ones. All four have shape (dim,).

        >>> layer = BatchNorm1d(2)
        >>> layer.gamma, layer.beta, layer.training
        (tensor([1., 1.]), tensor([0., 0.]), True)
        >>> layer.running_mean, layer.running_var
        (tensor([0., 0.]), tensor([1., 1.]))
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def __call__(self, x):
        """Normalize x, scale by gamma, shift by beta; keep the result as `out` and return it.

        x: float tensor (N, dim). Returns a tensor (N, dim):
        gamma * (x - mean) / sqrt(variance + eps) + beta. While `training` is True, mean and variance
        (unbiased) are those of the batch, gradients flow through them, and afterwards
        `running_mean` and `running_var` have moved towards them by `momentum`, without any graph.
        While it is False, they are the running ones, which stay as they are. torch's batch_norm is
        refused here too.

        >>> layer = BatchNorm1d(1, momentum=0.5)
        >>> layer(torch.tensor([[0.0], [2.0], [4.0]])).round(decimals=3)
        tensor([[-1.],
                [ 0.],
                [ 1.]])
        >>> layer.running_mean.item(), layer.running_var.item()
        (1.0, 2.5)
        >>> layer.training = False
        >>> round(layer(torch.tensor([[1.0]])).item(), 3)
        0.0
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def parameters(self):
        """List what gradient descent trains: gamma, then beta. The layer's own tensors, not copies.

        >>> [parameter.tolist() for parameter in BatchNorm1d(2).parameters()]
        [[1.0, 1.0], [0.0, 0.0]]
        """
        # YOUR CODE HERE
        raise NotImplementedError()


# %% [markdown]
# ## 10. A deep network that can't go out of range
#
# Where does the layer go? Between each Linear and its Tanh, because that's where unit spread matters:
#
#     x -- Linear -- BatchNorm1d -- Tanh -- Linear -- BatchNorm1d -- Tanh -- ... -- Linear -- BatchNorm1d -- logits
#
# (Weights, normalization, nonlinearity: residual networks for images repeat the same three.) The biases of the
# Linear layers are dropped, since the normalization would subtract them anyway. The lecture puts one behind the last
# Linear too, and this brings a small puzzle: how do you now shrink the logits for an honest first loss? Multiplying
# the last *weights* by 0.1 does nothing, for the normalization scales them right back. It's the last `gamma` that has
# the last word.
#
# Once it passes, `grad plot batchnorm_mlp` draws the four gains again. Guess first.

# %%
def batchnorm_mlp(sizes, generator):
    """Build a deep network with batch normalization: Linear, BatchNorm1d, Tanh, ..., Linear, BatchNorm1d.

    sizes: as for deep_mlp. Each Linear has no bias and keeps the weights that it was made with; each
    is followed by a BatchNorm1d of its own width, and that by a Tanh, except for the last. The last
    BatchNorm1d has its gamma multiplied by 0.1, and that gamma is still a leaf. No layer stands in two
    places.
    generator: a torch.Generator for the weights.

    >>> layers = batchnorm_mlp([30, 100, 27], torch.Generator().manual_seed(1))
    >>> [type(layer).__name__ for layer in layers]
    ['Linear', 'BatchNorm1d', 'Tanh', 'Linear', 'BatchNorm1d']
    >>> round(layers[-1].gamma.mean().item(), 4)
    0.1
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# To judge such a network, switch every layer that has the flag to inference, take the loss over the *whole* split
# (the last minibatch's loss says next to nothing), and put the flags back as they were, so that the training can go
# on.

# %%
def evaluate(layers, x, targets):
    """Measure the mean loss at inference, and leave the layers as they were.

    layers: list of layers, some of which are BatchNorm1d with a flag `training`. x: float tensor (N, D).
    targets: int64 tensor (N,). Returns a float: the cross-entropy over all N examples, computed with
    every `training` False. Afterwards each flag is what it was before, no running value has moved, and
    gradients are recorded if they were before.

    >>> layer = BatchNorm1d(2)
    >>> layer.running_mean.data = torch.tensor([3.0, 4.0])
    >>> round(float(evaluate([layer], torch.tensor([[3.0, 4.0]]), torch.tensor([0]))), 4)
    0.6931
    >>> layer.training
    True
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 11. What was each cure worth?
#
# You have four cures by now: small logits, tanh layers that aren't saturated, Kaiming's rule, batch normalization. Do
# they help, and how much? Don't believe anybody, measure it. The lecture kept a log of its network with one hidden
# layer of 200 neurons, each row with one cure more than the row above:
#
# | cure | dev loss of the lecture |
# |---|---|
# | none: weights and biases of spread 1 | 2.168 |
# | softmax: the last layer times 0.01 | 2.131 |
# | tanh: the hidden layer times 0.2 | 2.103 |
# | Kaiming: the hidden layer by the rule | 2.107 |
# | BatchNorm: in front of the tanh | 2.105 |
#
# You'll fill the same table with your own network. One function is enough for the first three cures, because all
# of them multiply first weights by something: the last layer by one number, the others by a number that may depend
# on their fan-in. (For `softmax` alone the hidden layers are multiplied by 1.)

# %%
def rescale(layers, hidden, last):
    """Multiply the first weights of a network: one rule for its hidden layers, one factor for the last.

    layers: list of layers, in which Linear layers stand among others; there's at least one. hidden: a function
    that takes the fan-in of a Linear and returns a number; the weight of every Linear but the last one in
    the list is multiplied by it, and so is its bias if it has one. last: a number, the factor for weight and bias of
    the last Linear. All is changed in place, and the parameters stay leaves. Returns None.

    >>> layers = [Linear(4, 2), Tanh(), Linear(2, 1)]
    >>> layers[0].weight.data, layers[2].weight.data = torch.ones(4, 2), torch.ones(2, 1)
    >>> rescale(layers, lambda fan_in: 1 / fan_in, 0.5)
    >>> layers[0].weight[:, 0].tolist(), layers[2].weight[:, 0].tolist()
    ([0.25, 0.25, 0.25, 0.25], [0.5, 0.5])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The networks of the table are given. Each begins with weights and biases of spread 1, as a beginner would have them.

# %%
def raw_mlp(sizes, generator):
    """Linear, Tanh, ..., Linear, with weights and biases of spread 1."""
    layers = deep_mlp(sizes, generator)
    with torch.no_grad():
        for layer in layers:
            for parameter in layer.parameters():
                parameter.normal_(generator=generator)
    return layers


def insert_batchnorm(layers):
    """A new list, with a BatchNorm1d in front of each Tanh and no bias in the Linear before it."""
    found = []
    for layer, following in zip(layers, [*layers[1:], None]):
        found.append(layer)
        if isinstance(following, Tanh):
            layer.bias = None
            found.append(BatchNorm1d(layer.weight.shape[1]))
    return found


CURES = ["none", "softmax", "tanh", "Kaiming", "BatchNorm"]


def cured_mlp(cure, sizes, generator):
    """The network of one row of the table. `cure` is one of CURES, and includes those above it.

    (Kaiming's rule takes the place of the 0.2, of course.)
    """
    layers = raw_mlp(sizes, generator)
    if cure == "none":
        return layers
    hidden = {"softmax": lambda fan_in: 1.0, "tanh": lambda fan_in: 0.2}.get(cure, kaiming_std)
    rescale(layers, hidden, 0.01)
    return insert_batchnorm(layers) if cure == "BatchNorm" else layers


# %% [markdown]
# And each row has to be trained. Near the end of a training it pays to take smaller steps, so that the weights
# settle. The lecture lowers the rate from 0.1 to 0.01 after 150,000 of its 200,000 steps. Written as a fixed number,
# that's a trap: in a run of 20,000 steps the decay never comes. Written as a share of the run, it always does.

# %%
def learning_rate_at(step, steps, start=0.1, end=0.01):
    """Choose the learning rate of a step: `start` for the first three quarters of the run, then `end`.

    step: int from 0 to steps - 1. steps: length of the run. The last quarter begins with the first step
    that is not below three quarters of `steps`. Returns a float.

    >>> [learning_rate_at(step, 4) for step in range(4)]
    [0.1, 0.1, 0.1, 0.01]
    >>> [learning_rate_at(step, 5) for step in range(5)]
    [0.1, 0.1, 0.1, 0.1, 0.01]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def what_a_zero_network_trains():
    """A network with a hidden tanh layer starts with all its weights and biases at zero. What does gradient descent
    change?

    Answer: one of: everything; nothing; only the biases of the output; only the output's weights and biases.
    """
    return None  # YOUR PREDICTION


def where_a_zero_network_ends():
    """You train that zero network for a long time anyway. Half of the letters are a, a quarter b, and the others c or d
    in equal parts. Where does its loss end?

    Answer: one of: 0; 1.21; 1.39.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# The loop itself is that of part 2, for a list of layers. The embedding is a parameter like the others, but it isn't
# in any layer; for those of the layers ask the given `trainable_parameters`, which switches their gradients on. Three
# things happen in a step: draw rows and look up their embeddings; let the given `forward_backward` find the loss and
# all gradients; move every parameter against its own.

# %%
def train_on_batches(layers, embedding, contexts, targets, rates, batch_size, generator):
    """Train layers and embedding on minibatches, one step for each learning rate in the list.

    layers: list of layers as in `cured_mlp`, in training mode; their parameters are changed in place. embedding:
    float tensor (V, E), a leaf that requires gradients, changed in place too. contexts: int64 tensor
    (N, block_size). targets: int64 tensor (N,). rates: list of floats, the learning rates of the steps, in
    order. These three are not changed. Each minibatch has batch_size rows, drawn at random with the
    generator, a torch.Generator; of each row, the embeddings of its characters lie side by side as the
    layers' input. Returns a list of floats, one for each step: the loss of its minibatch before the step.

    >>> layers, embedding = [Linear(1, 2)], torch.ones(1, 1, requires_grad=True)
    >>> layers[0].weight.data = torch.zeros(1, 2)
    >>> contexts, targets, generator = torch.tensor([[0]]), torch.tensor([1]), torch.Generator().manual_seed(0)
    >>> losses = train_on_batches(layers, embedding, contexts, targets, [0.5, 0.0, 0.5], 1, generator)
    >>> [round(float(loss), 4) for loss in losses]
    [0.6931, 0.3133, 0.3133]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Now you can fill the table: for each cure a `cured_mlp`, `train_on_batches` with `learning_rate_at`, and `evaluate` on
# the dev split. Two warnings. In a network this shallow the cures are worth little after a long training, for it
# repairs itself. And two networks that differ in nothing but their seed differ by about a hundredth in the end; don't
# read more into the last digit. Then do the same with five hidden layers, and watch what the first row does.
#
# ## 12. Two experiments of the lecture
#
# **Where everything starts at zero (E01).** Why random weights at all? Set every weight and bias of a Linear and
# Tanh network to zero (`rescale` can do that) and look at the gradients. All activations are 0, so each weight's
# gradient, which is a product with the activation in front of it, is 0. And what flows back is multiplied by weights
# that are 0. Does any parameter still hear anything? Make the instrument that answers; the milestone then asks it.

# %%
def silent_parameters(parameters):
    """Find the parameters that gradient descent would not move.

    parameters: list of tensors after a backward pass. Returns a list of ints: the positions of those
    whose `grad` is None or zero everywhere, in order.

    >>> a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    >>> (a * torch.tensor([0.0, 3.0]) + 0 * b).sum().backward()
    >>> silent_parameters([a, b])
    [1]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# One parameter isn't silent: the bias of the last layer. It alone can learn, and what it learns is how common each
# character is, whatever came before. Train that network as long as you like, and its loss ends where a model ends
# that doesn't look at the context at all: at 2.82 on the real names. Better than 3.30, and a long way from 2.1.
#
# **Where the normalization disappears (E02).** At inference mean and variance are constants, so the normalization
# multiplies and shifts each column by fixed numbers, and those can be worked into the Linear in front of it. Call
# `s = gamma / sqrt(running_var + eps)`, one number for each column. A Linear and the BatchNorm1d behind it compute
#
#     ((x @ W + b) - running_mean) * s + beta
#
# Multiply that out, and sort it into a part with x and a part without. The part with x is a new weight, the part
# without is a new bias. Return these two. A network in use needs no BatchNorm at all: it trains with one and ships
# without.

# %%
def fold_batchnorm(linear, batchnorm):
    """Fold a BatchNorm1d into the Linear in front of it, as both behave at inference.

    linear: a Linear, whose bias may be None. batchnorm: the BatchNorm1d that follows. Neither is changed.
    Returns `(weight, bias)` of shapes (fan_in, fan_out) and (fan_out,): x @ weight + bias equals
    batchnorm(linear(x)) while batchnorm.training is False.

    >>> linear, batchnorm = Linear(1, 1, bias=False), BatchNorm1d(1, eps=0.0)
    >>> linear.weight.data = torch.tensor([[6.0]])
    >>> batchnorm.running_mean.data, batchnorm.running_var.data = torch.tensor([2.0]), torch.tensor([4.0])
    >>> fold_batchnorm(linear, batchnorm)
    (tensor([[3.]]), tensor([-1.]))
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## Milestone: a deep network on the names
#
# What follows is given. It looks at a network before its first step, once with weights of spread 1 and once with
# yours; it compares gains; it trains the lecture's deep network, six Linear layers with batch normalization; and it
# draws what you have learned to read:
#
# - **initialization**: histograms of the hidden layer before and after. Before, they pile up at -1 and 1; the image
#   below them shows each saturated activation as a white dot, and a dead neuron as a white column (don't be sad if
#   there is none: with tanh and a batch this large they're rare). Afterwards a quarter is still saturated: the
#   embedding has spread 1 and the gain makes 5/3 of it. Deeper layers settle at 6 %.
# - **gains**: the spread of the activations, layer by layer. Without normalization only a gain near 5/3 keeps it from
#   fading or saturating. With it, all the curves fall on one another: the gain has lost its say.
# - **diagnostics**, four panels, from the network in training. *Activations*: the layers' histograms lie on one
#   another, with shoulders towards -1 and 1. *Gradients*: the same, around 0; a layer that's much narrower or wider
#   than the rest is a vanishing or exploding gradient. *Weight gradients*: bells of nearly the same width, and a
#   ratio to the data that doesn't differ by powers of ten. *Update ratios*: lines that run side by side not far from
#   the dashed line at -3, somewhat above it at a rate of 0.1, and that fall by one when the rate falls to a tenth.
#   Lines far apart mean that some layers learn much faster than others.
#
# The loss over the dev split is taken twice: with the running statistics, and after calibrating on the whole training
# set. The two should nearly agree. The first one is the number to compare with the lecture's. Deeper isn't much
# better here: three characters don't tell more about the fourth, and what comes next in the course is a longer
# context.

# %%
def build_dataset(words, stoi, block_size=3):
    """Contexts (N, block_size) and the characters that follow them (N,), as in part 2."""
    contexts, targets = [], []
    for word in words:
        context = [0] * block_size
        for character in word + ".":
            contexts.append(context)
            targets.append(stoi[character])
            context = context[1:] + [stoi[character]]
    return torch.tensor(contexts), torch.tensor(targets)


def split_dataset(words):
    """The training split, the dev split (each contexts and targets), and the size of the vocabulary."""
    characters = ["."] + sorted(set("".join(words)))
    stoi = {character: index for index, character in enumerate(characters)}
    words = random.Random(42).sample(words, len(words))
    training, dev = words[: int(0.8 * len(words))], words[int(0.8 * len(words)) : int(0.9 * len(words))]
    return build_dataset(training, stoi), build_dataset(dev, stoi), len(characters)


def splits(run):
    """Training split, dev split, size of the vocabulary; made once for all stages."""
    return run.once("splits", lambda: split_dataset(run.names()))


def thousand(run, seed=42):
    """What a first layer sees: 1,000 contexts as embeddings (1000, 30), and their targets."""
    (contexts, targets), _, vocab_size = splits(run)
    generator = torch.Generator().manual_seed(seed)
    embedding = torch.randn((vocab_size, 10), generator=generator)
    rows = torch.randint(len(contexts), (1000,), generator=generator)
    return embedding[contexts[rows]].flatten(1), targets[rows]


def deep_sizes(run):
    return [30, 100, 100, 100, 100, 100, splits(run)[2]]


# %%
def first_loss(run):
    """The same random logits, larger and smaller: the loss of a network before its first step."""
    ### STAGE loss_by_scale
    vocab_size = 27
    generator = torch.Generator().manual_seed(42)
    logits = 14 * torch.randn((1000, vocab_size), generator=generator)
    targets = torch.randint(vocab_size, (1000,), generator=generator)
    scales = [0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    losses = loss_by_scale(logits, targets, scales)
    with run.plot("first-loss") as axes:
        axes.plot(scales, losses, marker="o", label="logits of spread 14, scaled")
        mark_uniform(axes, vocab_size)
        axes.set(xlabel="scale of the logits", ylabel="loss", title="Confident and wrong costs most")
        axes.legend()


def saturated(run):
    """Each dot is a neuron that is stuck at its end for one example; a white column is a dead neuron."""
    ### STAGE saturation, dead_neurons
    x, _ = thousand(run)
    generator = torch.Generator().manual_seed(42)
    weight = torch.randn((30, 200), generator=generator)
    bias = torch.zeros(200)
    bias[[50, 120]] = 60.0  # two neurons pushed so far that no input gets them back
    hidden = {"weights of spread 1": torch.tanh(x @ weight + bias), "a fifth of it": torch.tanh(0.2 * (x @ weight))}
    with run.plot("saturated", rows=2) as panels:
        for axes, (name, h) in zip(panels, hidden.items()):
            axes.imshow(h[:64].abs() > 0.97, cmap="gray", aspect="auto", interpolation="nearest")
            axes.set(xlabel="neuron", ylabel="example")
            axes.set_title(f"{name}: {saturation(h):.0%} white, {dead_neurons(h)} dead")
    with run.plot("hidden") as axes:
        for name, h in hidden.items():
            axes.hist(h.flatten().tolist(), bins=50, alpha=0.6, label=name)
        axes.set(xlabel="activation h = tanh(z)", ylabel="how many", title="At both ends tanh has no slope left")
        axes.legend(loc="upper center")
    with run.plot("tanh") as axes:
        z = torch.linspace(-4, 4, 200)
        axes.plot(z, z.tanh(), label="tanh(z)")
        axes.plot(z, 1 - z.tanh() ** 2, label="its slope")
        axes.axvspan(-4, -2.09, color="gray", alpha=0.2, label="|h| > 0.97: saturated")
        axes.axvspan(2.09, 4, color="gray", alpha=0.2)
        axes.set(xlabel="z", title="No slope where tanh is flat")
        axes.legend()


# %%
def first_network(run):
    """The lecture's first network before its first step, with weights of spread 1 and with yours."""
    ### STAGE deep_mlp, kaiming_std, Linear, Tanh, forward, saturation, dead_neurons
    x, targets = thousand(run)
    vocab_size = splits(run)[2]
    generator = torch.Generator().manual_seed(42)
    sizes = [x.shape[1], 200, vocab_size]
    networks = {
        "spread 1": raw_mlp(sizes, generator),
        "Kaiming": deep_mlp(sizes, generator),
    }
    losses = [F.cross_entropy(forward(layers, x), targets).item() for layers in networks.values()]
    hidden = [layers[1].out for layers in networks.values()]
    expected = math.log(vocab_size)
    run.figure("first loss, weights of spread 1", losses[0], lecture=27, passed=losses[0] > 10)
    run.figure("first loss, your initialization", losses[1], lecture=3.3, passed=abs(losses[1] - expected) < 0.1)
    run.say(f"a uniform guess has a loss of log {vocab_size} = {expected:.4f}")
    with run.plot("initialization", rows=2) as panels:
        for axes, (name, h) in zip(panels, zip(networks, hidden)):
            run.say(f"{name}: {saturation(h):.1%} saturated, {dead_neurons(h[:32])} dead neurons in a batch of 32")
            axes.hist(h.flatten().tolist(), bins=50)
            axes.set(xlabel="hidden activation", ylabel="how many", title=f"{name}: {saturation(h):.0%} saturated")


# %%
GAINS = {"0.5": 0.5, "1": 1.0, "5/3": 5 / 3, "3": 3.0}


def scale_weights(layers, factor):
    with torch.no_grad():
        for layer in layers:
            if isinstance(layer, Linear):
                layer.weight.mul_(factor)
    return layers


def plot_spreads(axes, build):
    """The spread of the activations, layer by layer, for several gains; returns the last statistics by gain."""
    found = {}
    for name, gain in GAINS.items():
        found[name] = stats = build(gain)
        numbers = [str(number) for number in range(1, len(stats) + 1)]
        axes.plot(numbers, [entry["std"] for entry in stats], marker="o", label=f"gain {name}")
    axes.set(xlabel="tanh layer", ylabel="std of the activations", ylim=(0, 1.02))
    axes.legend(loc="lower right")
    return found


def gains(run):
    """Activations on their way through six layers: only a gain near 5/3 keeps them alive."""
    ### STAGE activation_stats, saturation, deep_mlp, kaiming_std, Linear, Tanh, forward
    x, _ = thousand(run)
    generator = torch.Generator().manual_seed(42)

    def build(gain):
        layers = deep_mlp(deep_sizes(run), generator, gain)
        forward(layers, x)
        return activation_stats(layers)

    with run.plot("gains") as axes:
        stats = plot_spreads(axes, build)["5/3"]
        axes.set_title("Without BatchNorm the gain decides")
    shares = ", ".join(f"{entry['saturation']:.1%}" for entry in stats)
    run.say(f"plain, gain 5/3: saturated by layer {shares}")


def backward_spreads(run):
    """Gradients on their way back, by gain, and what a network without any tanh does to both."""
    ### STAGE gradient_stats, deep_mlp, kaiming_std, Linear, Tanh, forward
    x, targets = thousand(run)
    generator = torch.Generator().manual_seed(42)
    with run.plot("gradients") as axes:
        for name, gain in GAINS.items():
            layers = deep_mlp(deep_sizes(run), generator, gain)
            forward_backward(layers, trainable_parameters(layers), x, targets)
            stats = gradient_stats(layers)
            axes.plot([str(n) for n in range(1, len(stats) + 1)], [entry["std"] for entry in stats], marker="o", label=f"gain {name}")
        axes.set(xlabel="tanh layer", ylabel="std of the gradients", yscale="log", title="The way back: gradients by layer")
        axes.legend()
    with run.plot("linear-only", rows=2) as (above, below):
        for name, gain in GAINS.items():
            layers = [layer for layer in deep_mlp(deep_sizes(run), generator, gain) if isinstance(layer, Linear)]
            forward_backward(layers, trainable_parameters(layers), x, targets)
            numbers = [str(number) for number in range(1, len(layers))]
            above.plot(numbers, [layer.out.std().item() for layer in layers[:-1]], marker="o", label=f"gain {name}")
            below.plot(numbers, [layer.out.grad.std().item() for layer in layers[:-1]], marker="o", label=f"gain {name}")
        above.set(ylabel="std of the activations", yscale="log", title="No tanh: forward, only a gain of 1 is level")
        below.set(xlabel="layer", ylabel="std of the gradients", yscale="log", title="... and backward too")
        above.legend()


def normalized(run):
    """The same gains with batch normalization: the curves fall on one another."""
    ### STAGE batchnorm_mlp, BatchNorm1d, normalize_batch, running_average, activation_stats
    ### STAGE saturation, kaiming_std, Linear, Tanh, forward
    x, _ = thousand(run)
    generator = torch.Generator().manual_seed(42)

    def build(gain):
        layers = scale_weights(batchnorm_mlp(deep_sizes(run), generator), gain)
        forward(layers, x)
        return activation_stats(layers)

    with run.plot("normalized") as axes:
        stats = plot_spreads(axes, build)["5/3"]
        axes.set_title("With BatchNorm the gain has lost its say")
    shares = [entry["saturation"] for entry in stats]
    run.say(f"with BatchNorm, gain 5/3: saturated by layer {', '.join(f'{share:.1%}' for share in shares)}")
    run.figure("largest saturation with BatchNorm", max(shares), lecture=0.03, passed=max(shares) < 0.06)


def mark_uniform(axes, vocab_size):
    """A line where a uniform guess stands."""
    loss = math.log(vocab_size)
    axes.axhline(loss, color="gray", linestyle=":", label=f"uniform guess: {loss:.2f}")


# %%
def train(run, layers, embedding, contexts, targets, generator):
    """Train by gradient descent. Returns the losses, and by step the update ratio of each weight matrix."""
    trained = [embedding] + trainable_parameters(layers)
    matrices = [layer.weight for layer in layers if isinstance(layer, Linear)]
    short, full = 20_000, 200_000
    steps = run.length(short, full)
    losses, ratios = [], {}
    for step in run.steps(short=short, full=full):
        batch = torch.randint(len(contexts), (32,), generator=generator)
        x = embedding[contexts[batch]].flatten(1)
        loss = forward_backward(layers, trained, x, targets[batch])
        rate = learning_rate_at(step, steps)
        if step % max(1, steps // 400) == 0:
            ratios[step] = [update_ratio(matrix, rate) for matrix in matrices]
        for parameter in trained:
            parameter.data -= rate * parameter.grad
        losses.append(loss.item())
        run.show(loss=losses[-1])
    return losses, ratios


def calibrate_layers(layers, x):
    """Replace the running statistics by those of x, one BatchNorm after the other."""
    with torch.no_grad():
        for layer in layers:
            if isinstance(layer, BatchNorm1d):
                layer.training = False
                mean, std = calibrate(x)
                layer.running_mean, layer.running_var = mean.reshape(-1), std.reshape(-1) ** 2
            x = layer(x)


# %%
def density(axes, values, label):
    """The histogram of a tensor as a line."""
    heights, edges = torch.histogram(values.detach().flatten(), bins=60, density=True)
    axes.plot((edges[:-1] + edges[1:]) / 2, heights, label=label)


def draw_diagnostics(run, layers, ratios):
    """The four instruments after a pass forward and back in training mode."""
    with run.plot("activations", rows=2) as (above, below):
        for position, layer in enumerate(layers):
            if isinstance(layer, Tanh):
                density(above, layer.out, f"layer {position}")
                density(below, layer.out.grad, f"layer {position}")
        above.set(xlabel="activation", ylabel="density", title="Activations: the layers look alike")
        below.set(xlabel="gradient of an activation", ylabel="density", title="Gradients: none vanishes, none explodes")
        below.locator_params(axis="x", nbins=5)
        above.legend(fontsize="small")
    with run.plot("diagnostics", rows=2) as (above, below):
        for position, layer in enumerate(layers):
            if isinstance(layer, Linear):
                density(above, layer.weight.grad, f"layer {position}: gradient/data {gradient_ratio(layer.weight):.4f}")
        for index, line in enumerate(zip(*ratios.values())):
            below.plot(list(ratios), line, label=f"matrix {index}", linewidth=0.8)
        below.axhline(-3, linestyle="dashed", color="black", label="a good place")
        above.set(xlabel="gradient of a weight", ylabel="density", title="Weight gradients")
        below.set(xlabel="step", ylabel="log10 of update / data", title="Update ratios: they fall with the rate")
        above.legend(fontsize="small")
        below.legend(fontsize="small", ncols=3)


def silent_at_zero(sizes, x, targets, generator):
    """E01: what hears a gradient where every parameter is zero?"""
    layers = deep_mlp(sizes, generator)
    found = trainable_parameters(layers)
    for parameter in found:
        parameter.data.zero_()
    forward_backward(layers, found, x, targets)
    silent = silent_parameters(found)
    loud = [position for position in range(len(found)) if position not in silent]
    return f"{len(silent)} of {len(found)} parameters hear nothing; those that do: {loud} (the last is the bias of the logits)"


# %%
def training(run):
    """The lecture's deep network learns names, and its instruments are read.

    It runs on the CPU whatever --device says: matrices of 100 by 100 leave a GPU nothing to do.
    """
    ### STAGE update_ratio, gradient_ratio, gradient_stats, learning_rate_at, evaluate, calibrate
    ### STAGE silent_parameters, fold_batchnorm, running_average, normalize_batch, kaiming_std
    ### STAGE batchnorm_mlp, BatchNorm1d, deep_mlp, Linear, Tanh, forward
    (contexts, targets), (dev_contexts, dev_targets), vocab_size = splits(run)
    generator = torch.Generator().manual_seed(42)
    embedding = torch.randn((vocab_size, 10), generator=generator, requires_grad=True)
    sizes = deep_sizes(run)
    start = torch.randint(len(contexts), (1000,), generator=generator)
    x, y = embedding.detach()[contexts[start]].flatten(1), targets[start]
    run.say(f"all weights zero: {silent_at_zero(sizes, x, y, generator)}")

    layers = batchnorm_mlp(sizes, generator)
    losses, ratios = train(run, layers, embedding, contexts, targets, generator)
    early = torch.tensor(list(ratios.values()))[: max(1, len(ratios) * 3 // 4)]
    ratio = early[len(early) // 2 :].mean().item()
    run.figure("update ratio, log10, at a rate of 0.1", ratio, lecture=-3.0, passed=abs(ratio + 3) < 1)

    batch = embedding[contexts[start]].flatten(1)
    forward_backward(layers, [embedding] + trainable_parameters(layers), batch, targets[start])
    for entry in gradient_stats(layers):
        run.say(f"layer {entry['layer']}: gradient mean {entry['mean']:+.1e}, std {entry['std']:.1e}")
    draw_diagnostics(run, layers, ratios)

    dev = embedding.detach()[dev_contexts].flatten(1)
    loss = evaluate(layers, dev, dev_targets)
    calibrate_layers(layers, embedding.detach()[contexts].flatten(1))
    run.figure("dev loss, calibrated on the whole training set", evaluate(layers, dev, dev_targets))
    limit = (2.15 if run.full else 2.25) if run.real_data else 2.7
    run.figure("dev loss", loss, lecture=2.10, passed=loss < limit)
    weight, bias = fold_batchnorm(layers[0], layers[1])
    difference = (dev @ weight + bias - layers[1](layers[0](dev))).abs().max().item()
    run.figure("first layer folded, largest difference", difference, passed=difference < 1e-3)
    draw_loss(run, losses, vocab_size)


def draw_loss(run, losses, vocab_size):
    """The loss, each point the mean of a hundredth of the run; where the learning rate drops, a line."""
    with run.plot("loss") as axes:
        group = max(1, len(losses) // 100)
        whole = torch.tensor(losses[: len(losses) // group * group])
        axes.plot([group * (i + 1) for i in range(len(whole) // group)], whole.view(-1, group).mean(1), label="training")
        axes.axvline(len(losses) * 3 / 4, color="black", linestyle="--", linewidth=1, label="the learning rate drops to a tenth")
        mark_uniform(axes, vocab_size)
        axes.set(xlabel="step", ylabel="loss", title="No hockey stick: it begins below a uniform guess")
        axes.legend()


# %% [markdown]
# ## What does each cure bring?
#
# The lecture keeps a log: the dev loss after each cure. On the shallow network it reads 2.168, then 2.13 with the
# softmax mended, 2.103 with the tanh mended, 2.107 with Kaiming's rule, 2.105 with BatchNorm. `grad plot cures` makes
# that log with your functions, in short runs, and then once more for the deep network, with six layers. It takes some
# minutes. In which of the two will the cures matter more?
#
# The last row is the strangest network of the lesson: every weight and bias is zero, and it is trained all the same. You
# know which single parameter hears a gradient. So where can its loss end?

# %%
def cured(run, name, layers, generator):
    """Train the network of one row; returns its dev loss."""
    (contexts, targets), (dev_contexts, dev_targets), vocab_size = splits(run)
    embedding = torch.randn((vocab_size, 10), generator=generator).requires_grad_()
    steps, losses = run.length(4_000, 200_000), []
    for step in run.steps(4_000, 200_000, name):
        rates = [learning_rate_at(step, steps)]
        losses += train_on_batches(layers, embedding, contexts, targets, rates, 32, generator)
        run.show(loss=losses[-1])
    return evaluate(layers, embedding.detach()[dev_contexts].flatten(1), dev_targets)


def cures(run):
    """The lecture's log: what each cure brings to a shallow network, and what to a deep one."""
    ### ABLATION rescale, train_on_batches, learning_rate_at, evaluate, kaiming_std, deep_mlp
    ### ABLATION BatchNorm1d, normalize_batch, running_average, Linear, Tanh, forward
    vocab_size = splits(run)[2]
    lecture = dict(zip(CURES, (2.168, 2.13, 2.103, 2.107, 2.105)))
    for depth, sizes in (("shallow", [30, 200, vocab_size]), ("deep", deep_sizes(run))):
        rows = []
        for cure in CURES:
            generator = torch.Generator().manual_seed(42)
            loss = cured(run, f"{depth}: {cure}", cured_mlp(cure, sizes, generator), generator)
            rows.append((cure, loss, lecture[cure] if depth == "shallow" else None))
            run.figure(f"cures, {depth}: {cure}", loss, rows[-1][2])
        run.ladder(f"cures-{depth}", rows, title=f"What each cure brings to the {depth} network")
    generator = torch.Generator().manual_seed(42)
    layers = raw_mlp([30, 200, vocab_size], generator)
    rescale(layers, lambda fan_in: 0.0, 0.0)
    run.figure("cures: everything zero", cured(run, "everything zero", layers, generator))


def milestone(run):
    """Look at a network before its first step, train the deep one, and read the instruments."""
    run.stages(first_loss, saturated, first_network, gains, backward_spreads, normalized, training)
    run.ablations(cures)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
