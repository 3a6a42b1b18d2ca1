# %% [markdown]
# # Activations, gradients and batch normalisation
#
# The network of part 2 learned, but nobody looked inside. In this lesson you open it up. You will see that
# its first loss was absurd, that many of its neurons were stuck, and that a deeper network of the same kind
# would hardly train at all. The cause is the same each time: numbers that grow or shrink on their way through
# the layers. First you cure it by choosing the initial weights well, then you build *batch normalisation*,
# which holds the numbers in range while the network trains. On the way you make the instruments with which
# people tell a healthy network from a sick one.
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

# %% [markdown]
# ## 1. What the first loss should be
#
# Before its first step a network knows nothing, so it should give each of the 27 characters the same
# probability. The loss of that guess is $-\log \frac{1}{27} = \log 27 = 3.2958$. A network like that of part
# 2, with weights straight from `torch.randn`, begins near 27 instead. It is not ignorant but *confidently
# wrong*: large random logits put nearly all the probability on a random character, and the loss is large
# wherever that is not the right one. The first steps of the training then do little but shrink the logits,
# which is why the curve of the loss looks like a hockey stick.
#
# The cure costs nothing. Multiply the logits by a small number $s$, and as $s \to 0$ all probabilities become
# equal:
#
# $$\text{loss}(s) = -\frac{1}{N} \sum_i \log \, \text{softmax}(s \, z_i)_{t_i}$$
#
# Measure that.
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
    ### BEGIN SOLUTION
    # hint: the scale acts on the logits, before the loss is taken. Is that the same as scaling the loss?
    # hint: F.cross_entropy(logits, targets) is the mean over the rows already, and `.item()` makes it a float.
    # hint: one line: a list of F.cross_entropy(scale * logits, targets).item() for scale in scales.
    # learned: small logits mean an honest "I do not know", so the last layer should start out small
    return [F.cross_entropy(scale * logits, targets).item() for scale in scales]
    ### END SOLUTION


# %% [markdown]
# ## 2. Saturated neurons do not learn
#
# The second fault hides one layer further down. If what goes into a tanh is large, then its output $h$ lies
# close to $-1$ or $1$: the neuron is *saturated*. Now recall the slope of tanh, which multiplies every
# gradient on the way back:
#
# $$\frac{\partial \tanh(z)}{\partial z} = 1 - h^2$$
#
# At $h = 0$ the gradient passes whole; at $h = 0.97$ only 6 % of it is left, and at $h = \pm 1$ nothing. A
# saturated neuron does not move the loss, whatever its weights do, so its weights are not told where to go.
# One such example is no harm, for another may catch the same neuron in its steep middle. So first measure how
# common it is.

# %%
def saturation(h, threshold=0.97):
    """Measure the share of activations whose absolute value is strictly above the threshold.

    h: float tensor of any shape, outputs of tanh. Returns a float from 0.0 to 1.0.

    >>> saturation(torch.tensor([[0.99, -0.98], [0.5, 0.0]]))
    0.5
    """
    ### BEGIN SOLUTION
    # hint: both ends of tanh are flat. Which function of h treats -0.99 and 0.99 alike?
    # hint: a comparison gives a tensor of True and False; the mean of its floats is the share of True.
    # hint: (h.abs() > threshold).float().mean().item()
    # learned: where |h| is near 1 the slope 1 - h**2 is near 0, and the gradient stops there
    return (h.abs() > threshold).float().mean().item()
    ### END SOLUTION


# %% [markdown]
# It becomes serious where one neuron is saturated for *every* example. Hardly anything flows back through it,
# its weights hardly change, and it is *dead*. A tanh neuron may wake up when the layers below it change what it
# sees; a ReLU that is 0 for every example usually stays dead for good. Picture $h$ as a black and white image, a
# row for each example and a column for each neuron, white where $|h|$ is above the threshold. A dead neuron is a
# column that is white from top to bottom.
#
# Once it passes, `grad plot saturation` shows the black-and-white image: a white column is a dead neuron.

# %%
def dead_neurons(h, threshold=0.97):
    """Count the neurons that are saturated (absolute value strictly above the threshold) for all examples.

    h: float tensor (N, H), a row for each example and a column for each neuron. Returns an int.

    >>> dead_neurons(torch.tensor([[0.99, 0.2, 0.98], [-0.99, 0.98, 1.0]]))
    2
    """
    ### BEGIN SOLUTION
    # hint: for each column ask whether all of its entries are saturated, then count the columns that are.
    # hint: a neuron at 0.99 for one example and at -0.99 for another is as dead as any.
    # hint: tensor.all(dim) works on True and False. Which dimension are the examples in?
    # learned: one saturated example is harmless, a neuron that is saturated for all of them cannot learn
    return (h.abs() > threshold).all(dim=0).sum().item()
    ### END SOLUTION


# %% [markdown]
# ## 3. How wide should the weights be?
#
# Shrinking weights by hand until the histogram looks right works for one layer, but a network of fifty needs
# a rule. Take one neuron, $z = \sum_{i=1}^{n} x_i w_i$, with $n$ inputs (its *fan-in*), and let all $x_i$ and
# $w_i$ be independent, with mean 0. Then the variances of the $n$ products add up:
#
# $$\text{Var}(z) = n \, \text{Var}(x) \, \text{Var}(w)$$
#
# With weights of standard deviation 1 the spread grows by $\sqrt{n}$ in every layer. It is kept for
# $\text{std}(w) = 1 / \sqrt{n}$. But a nonlinearity comes next, and tanh *contracts*: what comes out is
# narrower than what went in, and after many layers everything would be near 0. Some extra width makes up for
# it, the *gain*:
#
# $$\text{std}(w) = \frac{\text{gain}}{\sqrt{\text{fan-in}}}$$
#
# The gain is 1 for a purely linear layer, $\sqrt 2$ for ReLU, which throws half of its input away, and 5/3 is
# the usual choice for tanh. The rule is called Kaiming initialisation, after the first author of the paper
# that derived it for ReLU (He et al. 2015, https://arxiv.org/abs/1502.01852).

# %%
def kaiming_std(fan_in, gain=5 / 3):
    """Compute the standard deviation that the weights of a layer should start with.

    fan_in: number of inputs of each neuron, an int. gain: a number. Returns a float.

    >>> kaiming_std(100, gain=2.0)
    0.2
    >>> round(float(kaiming_std(30)), 4)
    0.3043
    """
    ### BEGIN SOLUTION
    # hint: variances add up, so the variance must shrink with fan_in. And the standard deviation?
    # hint: divide the gain by the square root of fan_in; `fan_in ** 0.5` or math.sqrt.
    # learned: a sum of n terms spreads by sqrt(n), and 1 / sqrt(n) in the weights takes that back
    return gain / fan_in**0.5
    ### END SOLUTION


# %% [markdown]
# ## 4. Layers as building blocks
#
# A deep network is a list of layers, each of which does one small thing. Yours have the shape of PyTorch's
# own (`torch.nn.Linear`, `torch.nn.BatchNorm1d`, `torch.nn.Tanh`): an object holds its parameters, is called
# like a function, and lists its parameters with `parameters()`. There is one addition. Each layer keeps what
# it returned last as `out`, so that you can look at it afterwards. That small habit is what makes all the
# plots of this lesson possible.
#
# A linear layer computes $x W + b$ with weights of shape (fan_in, fan_out). They start with a standard
# deviation of $1 / \sqrt{\text{fan-in}}$; the gain depends on what comes behind and is multiplied in later.
# The bias starts at zero. A layer with `bias=False` has none: its `bias` is None, and it is no parameter.
# Random numbers come from the `generator`, so that an experiment can be repeated.
#
# Whether the parameters require gradients from the start is up to you: before the training,
# `trainable_parameters` (given, in section 5) asks it of all of them. It can do so only if each is a *leaf*: a
# tensor that stands on its own, and not the result of an operation that autograd has recorded. A weight that
# requires gradients and is then multiplied by something is no leaf any more; multiply first.

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
        ### BEGIN SOLUTION
        # hint: torch.randn(shape, generator=generator) has a standard deviation of 1. What do you multiply it by?
        # hint: kaiming_std with a gain of 1 is the factor, or divide by fan_in ** 0.5.
        # hint: for the bias: torch.zeros(fan_out) if bias else None.
        # learned: weights are scaled by their fan-in from the start, whatever the size of the layer
        self.weight = torch.randn((fan_in, fan_out), generator=generator) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None
        ### END SOLUTION

    def __call__(self, x):
        """Apply the layer to x, keep the result as `out`, and return it.

        x: float tensor (N, fan_in). Returns a tensor (N, fan_out).

        >>> layer = Linear(2, 1)
        >>> layer.weight.data = torch.tensor([[1.0], [10.0]])
        >>> layer.bias.data = torch.tensor([0.5])
        >>> layer(torch.tensor([[2.0, 3.0]])), layer.out
        (tensor([[32.5000]]), tensor([[32.5000]]))
        """
        ### BEGIN SOLUTION
        # hint: x has one row for each example, so it stands on the left of the matrix product.
        # hint: add the bias only where there is one: `if self.bias is not None`. A tensor is no True or False.
        # hint: put the result into self.out before you return it.
        # learned: a layer that remembers its output can be inspected later
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out
        ### END SOLUTION

    def parameters(self):
        """List the tensors to be trained: the weight, then the bias if there is one.

        They are the layer's own tensors and no copies, so that training them changes the layer.

        >>> [tuple(parameter.shape) for parameter in Linear(2, 3).parameters()]
        [(2, 3), (3,)]
        >>> len(Linear(2, 3, bias=False).parameters())
        1
        """
        ### BEGIN SOLUTION
        # hint: two lists are possible, one for a layer with a bias and one for a layer without.
        # hint: [self.weight] if self.bias is None, and [self.weight, self.bias] otherwise.
        # learned: whatever is to be trained must be in parameters(), and nothing else
        return [self.weight] if self.bias is None else [self.weight, self.bias]
        ### END SOLUTION


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
        ### BEGIN SOLUTION
        # hint: torch.tanh does the squashing.
        # hint: as in Linear: self.out first, then return it.
        # learned: a nonlinearity is a layer like any other, only without parameters
        self.out = torch.tanh(x)
        return self.out
        ### END SOLUTION

    def parameters(self):
        return []


# %% [markdown]
# ## 5. A deep network
#
# Stack them: Linear, Tanh, Linear, Tanh, ..., and a last Linear that gives the logits. Two rules from above
# now become code. Each Linear in front of a Tanh has its weights multiplied by the gain, so that the spread
# of the activations survives from layer to layer. The last Linear has no Tanh behind it, so it needs no gain;
# it is shrunk to a tenth, so that the first loss is honest.

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
    ### BEGIN SOLUTION
    # hint: zip(sizes, sizes[1:]) gives each pair of fan_in and fan_out.
    # hint: add a Linear and a Tanh for every pair, and drop the Tanh that is then left at the end.
    # hint: `layer.weight *= gain` for every Linear but the last, and `layers[-1].weight *= 0.1` for that one.
    # hint: if your weights require gradients already, change them inside `with torch.no_grad():`.
    # learned: gain where a tanh follows, a small last layer: with two factors a deep network starts healthy
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        layers += [Linear(fan_in, fan_out, generator=generator), Tanh()]
    layers.pop()
    with torch.no_grad():
        for layer in layers[:-1]:
            if isinstance(layer, Linear):
                layer.weight *= gain
        layers[-1].weight *= 0.1
    return layers
    ### END SOLUTION


# %% [markdown]
# To run such a network is to hand the output of each layer to the next.
#
# Once it passes, `grad plot deep_mlp` looks at the lecture's network before its first step.

# %%
def forward(layers, x):
    """Send x through all the layers in their order and return what the last one returns.

    layers: list of callables, each takes a tensor and returns one. x: tensor.

    >>> forward([torch.neg, torch.relu], torch.tensor([-1.0, 2.0]))
    tensor([1., 0.])
    """
    ### BEGIN SOLUTION
    # hint: keep one variable for the present state, and replace it with every layer's result.
    # hint: for layer in layers: x = layer(x)
    # learned: a network is a composition of functions, and the loop writes it down
    for layer in layers:
        x = layer(x)
    return x
    ### END SOLUTION


# %% [markdown]
# Two helpers are given. The first collects all parameters. The second makes one pass forward and one back,
# and asks autograd to keep the gradient of every layer's `out`, which it would otherwise throw away as soon
# as it is used.

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
# Now look inside. The first instrument reads the activations on their way *forward*. In a healthy network all
# tanh layers have nearly the same spread, with a few percent saturated. With a gain of 1 the spread shrinks
# from layer to layer; with a gain of 3 nearly half of all activations sit at $\pm 1$.
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
    ### BEGIN SOLUTION
    # hint: enumerate(layers) gives the positions, isinstance(layer, Tanh) picks the layers.
    # hint: layer.out.mean() and layer.out.std() without a dimension work on all elements; `.item()` makes floats.
    # hint: you have written `saturation` already.
    # learned: healthy layers look alike: the same spread everywhere, a few percent saturated
    return [
        {
            "layer": position,
            "mean": layer.out.mean().item(),
            "std": layer.out.std().item(),
            "saturation": saturation(layer.out),
        }
        for position, layer in enumerate(layers)
        if isinstance(layer, Tanh)
    ]
    ### END SOLUTION


# %% [markdown]
# The second instrument reads the gradients on their way *back*. The same argument holds in the other
# direction: each layer multiplies the gradient by its weights and by the slopes of tanh. If the spread of the
# gradients grows or shrinks from layer to layer, then the first layers learn far faster or far slower than
# the last. Remove all the Tanh layers and you can watch both at once: with a gain of 5/3 the activations of a
# purely linear network explode towards the end, while the gradients explode towards the beginning; with a
# gain of 0.5 both vanish.
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
    ### BEGIN SOLUTION
    # hint: as in activation_stats, of another tensor.
    # hint: the tensor is layer.out.grad: the slope of the loss in each activation.
    # learned: gradients have a spread too, and it should be the same in all layers as well
    return [
        {
            "layer": position,
            "mean": layer.out.grad.mean().item(),
            "std": layer.out.grad.std().item(),
        }
        for position, layer in enumerate(layers)
        if isinstance(layer, Tanh)
    ]
    ### END SOLUTION


# %% [markdown]
# The third looks at the parameters themselves. A gradient is neither large nor small as such; what counts is
# its size beside that of the numbers that it is going to change. So compare their spreads:
#
# $$\frac{\text{std}(\text{gradient})}{\text{std}(\text{data})}$$
#
# A layer whose ratio is ten times that of the others will, for a while, learn ten times as fast. At the start
# that is the last layer, because you have shrunk its weights to a tenth.

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
    ### BEGIN SOLUTION
    # hint: both tensors have a method std(). Which of the two spreads goes below the line?
    # hint: (parameter.grad.std() / parameter.std()).item()
    # learned: whether a gradient is large can be said only beside the numbers that it changes
    return (parameter.grad.std() / parameter.std()).item()
    ### END SOLUTION


# %% [markdown]
# The fourth is the most useful of all, because it contains the learning rate. One step of gradient descent
# changes a parameter by learning rate times gradient. How large is that change, compared with the parameter?
# Powers of ten are easiest to read:
#
# $$\log_{10} \frac{\text{std}(\text{learning rate} \cdot \text{gradient})}{\text{std}(\text{data})}$$
#
# Plotted over time, it should settle near $-3$: each step changes the weights by about a thousandth of their
# size. A factor of three more or less is no cause for worry. But at $-5$ the learning rate is far too small
# and you are wasting time, and at $-1$ the weights are being thrown about. Whoever got the initialisation
# wrong sees it here at once, because the lines of the layers lie far apart.

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
    ### BEGIN SOLUTION
    # hint: the learning rate multiplies the gradient, and so its spread too.
    # hint: you have the ratio of gradient to data already. What is missing is the rate and the logarithm.
    # hint: math.log10(learning_rate * gradient_ratio(parameter))
    # learned: near -3 is a good pace: a step changes the weights by about a thousandth
    return math.log10(learning_rate * gradient_ratio(parameter))
    ### END SOLUTION


# %% [markdown]
# ## 7. If you want unit spread, make it so
#
# So far everything hangs on the initial weights, and nothing holds the activations in range once the weights
# begin to move. Batch normalisation (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167) takes a bold
# step: if you want what goes into tanh to have mean 0 and variance 1, then *make* it so, in every forward
# pass. Take each column (one neuron, all examples of the batch), subtract its mean and divide by its standard
# deviation. All of that is differentiable, so the network simply trains through it:
#
# $$\hat{x} = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}
# \qquad \mu = \frac{1}{N} \sum_i x_i \qquad \sigma^2 = \frac{1}{N - 1} \sum_i (x_i - \mu)^2$$
#
# The small $\epsilon$ keeps a column of equal numbers from dividing by zero. The lecture divides by $N - 1$,
# the unbiased variance, and so does this lesson. (The paper and PyTorch divide by $N$ here, and by $N - 1$
# for the running variance below; for a batch of 32 that is 3 % of the variance.)

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
    ### BEGIN SOLUTION
    # hint: the statistics are taken over the examples, so over dimension 0. How many means are there?
    # hint: x.mean(0, keepdim=True) and x.var(0, keepdim=True) have the shape (1, D) and broadcast over the rows.
    # hint: eps belongs under the square root, beside the variance.
    # learned: to normalise is to subtract the mean and to divide by the spread, each neuron by its own
    mean = x.mean(0, keepdim=True)
    variance = x.var(0, keepdim=True)
    return (x - mean) / (variance + eps).sqrt()
    ### END SOLUTION


# %% [markdown]
# Forced unit spread is what we want at the *start*. Later the network should be free to choose: some neurons
# work better in the steep middle of tanh, others near its ends. So two trainable vectors follow, the gain
# $\gamma$ and the offset $\beta$, which begin at 1 and 0 and so change nothing at first:
#
# $$y = \gamma \hat{x} + \beta$$
#
# Two things about this layer are odd. The layer in front needs no bias any more: whatever constant it adds is
# taken off again with the mean. And an example's output now depends on the other examples that happen to
# share its batch. That coupling is strange, yet it acts as a mild noise that makes overfitting harder. It
# also raises a question.
#
# ## 8. One example at a time
#
# Which mean and variance does a single name get, when there is no batch? One answer: after the training, send
# the whole training set through the layers in front, once, and keep the statistics of what arrives. That is
# the *calibration*.

# %%
def calibrate(x):
    """Measure mean and standard deviation of each column over all rows.

    x: float tensor (N, D), what arrives at a BatchNorm for the whole training set.
    Returns `(mean, std)`, two tensors of shape (1, D); std is the unbiased one (divided by N - 1).

    >>> mean, std = calibrate(torch.tensor([[1.0, 0.0], [2.0, 4.0], [3.0, 8.0]]))
    >>> mean, std
    (tensor([[2., 4.]]), tensor([[1., 4.]]))
    """
    ### BEGIN SOLUTION
    # hint: one number for each column, so the mean runs over dimension 0.
    # hint: keepdim=True keeps the result a row of shape (1, D).
    # learned: at inference the statistics are constants, measured once on the training set
    return x.mean(0, keepdim=True), x.std(0, keepdim=True)
    ### END SOLUTION


# %% [markdown]
# It works, but nobody likes a second stage after the training. So the statistics are estimated *while*
# training runs: keep a running value, and move it a little towards each batch's value.
#
# $$\text{running} \leftarrow (1 - m) \cdot \text{running} + m \cdot \text{batch}$$
#
# The *momentum* $m$ is the weight of the new. With $m = 0.1$ the running value is roughly the mean of the
# last ten batches; small batches are noisy and want a smaller one, such as 0.001. This bookkeeping happens
# beside the gradient descent and is no part of it: no gradient may flow into it. Otherwise the running value
# would drag the graph of every batch behind it, and memory would fill up.

# %%
def running_average(running, batch, momentum=0.1):
    """Move a running value towards the value of a new batch.

    running, batch: float tensors whose shapes broadcast; neither is changed. momentum: the share of
    the new value, from 0 to 1. Returns a new tensor that carries no graph: no gradient flows back
    to `running` or `batch`.

    >>> running_average(torch.tensor([0.0, 1.0]), torch.tensor([10.0, 1.0]), momentum=0.1)
    tensor([1., 1.])
    """
    ### BEGIN SOLUTION
    # hint: check both ends: with momentum 0 nothing changes, with momentum 1 the new value takes over.
    # hint: (1 - momentum) * running + momentum * batch
    # hint: compute it inside `with torch.no_grad():`, or call detach() on the result.
    # learned: an exponential average needs no memory but itself, and it must carry no graph
    with torch.no_grad():
        return (1 - momentum) * running + momentum * batch
    ### END SOLUTION


# %% [markdown]
# ## 9. The layer
#
# Put the parts together. A `BatchNorm1d` has two *parameters*, `gamma` and `beta`, which gradient descent
# trains, and two *buffers*, `running_mean` and `running_var`, which the running average keeps. A flag,
# `training`, says which statistics to normalise with:
#
# | `training` | normalise with | buffers |
# |---|---|---|
# | True | mean and unbiased variance of the batch | move towards those |
# | False | `running_mean`, `running_var` | stay as they are |
#
# More people have lost a day to this flag than to any other bit of deep learning. Forget to switch it off,
# and a prediction depends on its neighbours in the batch; forget to switch it back on, and training goes on
# with stale statistics.

# %%
class BatchNorm1d:
    """Normalise each column over the batch, then scale and shift it.

    Attributes: the parameters `gamma` and `beta`, and the buffers `running_mean` and `running_var`,
    each a tensor of `dim` numbers; `training`, a bool; `eps`; `momentum`; `out`, what the last
    call returned.
    """

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        """Create a layer in training mode that at first only normalises.

        dim: number of columns. eps: is added to the variance. momentum: the share of the new batch in
        the running values. `gamma` starts at ones, `beta` at zeros, and the running mean and variance
        at those of numbers that are normalised already: zeros and ones. All four have shape (dim,).

        >>> layer = BatchNorm1d(2)
        >>> layer.gamma, layer.beta, layer.training
        (tensor([1., 1.]), tensor([0., 0.]), True)
        >>> layer.running_mean, layer.running_var
        (tensor([0., 0.]), tensor([1., 1.]))
        """
        ### BEGIN SOLUTION
        # hint: seven attributes: eps, momentum, training, gamma, beta, running_mean, running_var.
        # hint: torch.ones(dim) and torch.zeros(dim). Each attribute needs a tensor of its own.
        # learned: parameters are trained by gradients, buffers by a running average
        self.eps = eps
        self.momentum = momentum
        self.training = True
        self.gamma = torch.ones(dim)
        self.beta = torch.zeros(dim)
        self.running_mean = torch.zeros(dim)
        self.running_var = torch.ones(dim)
        ### END SOLUTION

    def __call__(self, x):
        """Normalise x, scale by gamma, shift by beta; keep the result as `out` and return it.

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
        ### BEGIN SOLUTION
        # hint: first settle which mean and variance to use: the batch's, or the running ones.
        # hint: in training call running_average for both buffers; at inference leave them alone.
        # hint: x.mean(0, keepdim=True) and x.var(0, keepdim=True) are the batch's; var is unbiased by default.
        # hint: self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        # learned: one flag decides between a batch's own statistics and the remembered ones
        if self.training:
            mean, variance = x.mean(0, keepdim=True), x.var(0, keepdim=True)
            self.running_mean = running_average(self.running_mean, mean, self.momentum)
            self.running_var = running_average(self.running_var, variance, self.momentum)
        else:
            mean, variance = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / (variance + self.eps).sqrt() + self.beta
        return self.out
        ### END SOLUTION

    def parameters(self):
        """List what gradient descent trains: gamma, then beta. The layer's own tensors, no copies.

        >>> [parameter.tolist() for parameter in BatchNorm1d(2).parameters()]
        [[1.0, 1.0], [0.0, 0.0]]
        """
        ### BEGIN SOLUTION
        # hint: which of the four tensors are changed by gradients, and which by the running average?
        # hint: a list of self.gamma and self.beta.
        # learned: buffers are state, but they are no parameters
        return [self.gamma, self.beta]
        ### END SOLUTION


# %% [markdown]
# ## 10. A deep network that cannot go out of range
#
# Where does the layer go? Between each Linear and its Tanh: that is where unit spread matters. (Weights,
# normalisation, nonlinearity: residual networks for images repeat the same three.) The biases of the Linear
# layers are dropped, since the normalisation would subtract them anyway. The lecture puts one behind the last
# Linear too, and this brings a small puzzle: how do you now shrink the logits for an honest first loss?
# Multiplying the last *weights* by 0.1 does nothing, for the normalisation scales them right back. It is the
# last `gamma` that has the last word.
#
# Once it passes, `grad plot batchnorm_mlp` draws the four gains again. Guess first.

# %%
def batchnorm_mlp(sizes, generator):
    """Build a deep network with batch normalisation: Linear, BatchNorm1d, Tanh, ..., Linear, BatchNorm1d.

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
    ### BEGIN SOLUTION
    # hint: deep_mlp shows the way: three layers for each pair of sizes, then drop the last Tanh.
    # hint: Linear(fan_in, fan_out, bias=False, generator=generator), BatchNorm1d(fan_out), Tanh()
    # hint: the last layer is a BatchNorm1d now: layers[-1].gamma *= 0.1, inside torch.no_grad() to be safe.
    # learned: behind a normalisation the scale of the weights is lost, and gamma decides
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = Linear(fan_in, fan_out, bias=False, generator=generator)
        layers += [linear, BatchNorm1d(fan_out), Tanh()]
    layers.pop()
    with torch.no_grad():
        layers[-1].gamma *= 0.1
    return layers
    ### END SOLUTION


# %% [markdown]
# To judge such a network, switch every layer that has the flag to inference, take the loss over the *whole*
# split (the last minibatch's loss says next to nothing), and put the flags back as they were, so that the
# training can go on.

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
    ### BEGIN SOLUTION
    # hint: three parts: note the flags and set them to False, compute the loss, restore what you noted.
    # hint: only some layers have the flag: hasattr(layer, "training"), or isinstance(layer, BatchNorm1d).
    # hint: a layer may have been at inference before, so True for all is not a restoration.
    # hint: F.cross_entropy(forward(layers, x), targets).item() inside `with torch.no_grad():`.
    # learned: evaluation changes nothing: it looks at a network, and leaves no trace in it
    normalisations = [layer for layer in layers if isinstance(layer, BatchNorm1d)]
    flags = [layer.training for layer in normalisations]
    for layer in normalisations:
        layer.training = False
    with torch.no_grad():
        loss = F.cross_entropy(forward(layers, x), targets).item()
    for layer, flag in zip(normalisations, flags):
        layer.training = flag
    return loss
    ### END SOLUTION


# %% [markdown]
# Near the end of a training it pays to take smaller steps, so that the weights settle. The lecture lowers the
# rate from 0.1 to 0.01 after 150,000 of its 200,000 steps. Written as a fixed number, that is a trap: in a
# run of 20,000 steps the decay never comes. Written as a share of the run, it always does.

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
    ### BEGIN SOLUTION
    # hint: compare the step with three quarters of `steps`, whatever `steps` is.
    # hint: start if step < 0.75 * steps else end
    # learned: a schedule belongs to the length of the run, not to a number of steps
    return start if step < 0.75 * steps else end
    ### END SOLUTION


# %% [markdown]
# ## 11. Two experiments of the lecture
#
# **Where everything starts at zero (E01).** Why random weights at all? Set every weight and bias of a Linear
# and Tanh network to zero and look at the gradients. All activations are 0, so each weight's gradient, which
# is a product with the activation in front of it, is 0. And what flows back is multiplied by weights that
# are 0. Which parameter still hears anything? Make the instrument that answers; the milestone then asks it.

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
    ### BEGIN SOLUTION
    # hint: two ways to be silent: no gradient at all (None), or one whose entries are all 0.
    # hint: ask for None first, for None has no method any().
    # hint: a parameter speaks if `grad` is not None and (grad != 0).any().
    # learned: zero everywhere keeps all signals at zero, and random weights are what breaks the tie
    return [
        position
        for position, parameter in enumerate(parameters)
        if parameter.grad is None or not (parameter.grad != 0).any()
    ]
    ### END SOLUTION


# %% [markdown]
# **Where the normalisation disappears (E02).** At inference mean and variance are constants, so the
# normalisation is a fixed scaling and shift of each column, and those can be worked into the Linear in front
# of it. With $s = \gamma / \sqrt{\sigma^2 + \epsilon}$:
#
# $$\gamma \, \frac{(x W + b) - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta = x \, (W s) + \big( (b - \mu) \, s + \beta \big)$$
#
# Here $W s$ multiplies each *column* of $W$ by that column's $s$. Return the new weight and the new bias: the
# two brackets on the right. A network in use needs no BatchNorm at all: it trains with one and ships without.

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
    ### BEGIN SOLUTION
    # hint: start with the scale of each column: gamma / sqrt(running_var + eps).
    # hint: the weight is linear.weight * scale. Along which dimension of the weight does that broadcast?
    # hint: the bias is (b - running_mean) * scale + beta, with b = 0 for a Linear without one.
    # hint: after training the running values may have the shape (1, dim); reshape(-1) makes (dim,) of it.
    # learned: at inference a normalisation is a linear map, and two linear maps are one
    scale = batchnorm.gamma / (batchnorm.running_var.reshape(-1) + batchnorm.eps).sqrt()
    offset = -batchnorm.running_mean.reshape(-1)
    if linear.bias is not None:
        offset = offset + linear.bias
    return linear.weight * scale, offset * scale + batchnorm.beta
    ### END SOLUTION


# %% [markdown]
# ## Milestone: a deep network on the names
#
# What follows is given. It looks at a network before its first step, once with weights of spread 1 and once
# with yours; it compares gains; it trains the lecture's deep network, six Linear layers with batch
# normalisation; and it draws what you have learned to read:
#
# - **initialisation**: histograms of the hidden layer before and after. Before, they pile up at $-1$ and $1$.
#   Afterwards a quarter is still saturated: the embedding has spread 1 and the gain makes 5/3 of it. Deeper
#   layers settle at 6 %.
# - **gains** and **normalized**: the spread of the activations, layer by layer. Without normalization only a
#   gain near 5/3 keeps it from fading or saturating. With it, all the curves fall on one another: the gain has
#   lost its say.
# - **activations**, from the network in training: the layers' histograms lie on one another, with shoulders
#   towards $\pm 1$. Below them the gradients, around 0; a layer that is much narrower or wider than the rest is
#   a vanishing or exploding gradient.
# - **diagnostics**. *Weight gradients*: bells of nearly the same width, and a ratio to the data that does not
#   differ by powers of ten. *Update ratios*: lines that
#   run side by side not far from the dashed line at $-3$, somewhat above it at a rate of 0.1, and that fall
#   by one when the rate falls to a tenth. Lines far apart mean that some layers learn much faster than
#   others.
#
# The loss over the dev split is taken twice: with the running statistics, and after calibrating on the whole
# training set. The two should nearly agree. The first one is the figure to compare with the lecture's. Deeper
# is not much better here: three characters do not tell more about the fourth, and what comes next in the
# course is a longer context.

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
def widen(layers, generator):
    """Give every weight and bias a spread of 1, as a beginner would."""
    with torch.no_grad():
        for layer in layers:
            for parameter in layer.parameters():
                parameter.normal_(generator=generator)
    return layers


def first_network(run):
    """The lecture's first network before its first step, with weights of spread 1 and with yours."""
    ### STAGE deep_mlp, kaiming_std, Linear, Tanh, forward, saturation, dead_neurons
    x, targets = thousand(run)
    vocab_size = splits(run)[2]
    generator = torch.Generator().manual_seed(42)
    sizes = [x.shape[1], 200, vocab_size]
    networks = {
        "spread 1": widen(deep_mlp(sizes, generator), generator),
        "Kaiming": deep_mlp(sizes, generator),
    }
    losses = [F.cross_entropy(forward(layers, x), targets).item() for layers in networks.values()]
    hidden = [layers[1].out for layers in networks.values()]
    expected = math.log(vocab_size)
    run.figure("first loss, weights of spread 1", losses[0], lecture=27, passed=losses[0] > 10)
    run.figure("first loss, your initialisation", losses[1], lecture=3.3, passed=abs(losses[1] - expected) < 0.1)
    run.say(f"a uniform guess has a loss of log {vocab_size} = {expected:.4f}")
    with run.plot("initialisation", rows=2) as panels:
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


def milestone(run):
    """Look at a network before its first step, train the deep one, and read the instruments."""
    run.stages(first_loss, saturated, first_network, gains, backward_spreads, normalized, training)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
