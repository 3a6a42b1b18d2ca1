# %% [markdown]
# # Optimization: the start, the rate and the rule
#
# A training that fails says little. The loss stands still, or jumps, or falls and isn't as low as it could be. The code
# may be right all the same, because three things besides code decide: where the weights *start*, how large the steps
# are (the *rate*), and by which *rule* a gradient becomes a step. Most people copy all three from somewhere. In this
# lesson you learn to choose them.
#
# You begin in a landscape so simple that everything can be computed, a bowl. There you meet the one number that makes
# training slow. Then you build the rules that fight it, from momentum to Adam and Muon, and a way to find the rate that
# each of them wants. You send signals through fifty layers. At the end eleven networks wait in a clinic: you read their
# instruments, name what ails each, and change one line.
#
# No lecture has this; it grew out of what the others leave open. The instruments are those of part 3 (*activations &
# gradients*, https://www.youtube.com/watch?v=P6sfmUTpUmc), and the settings with which GPT-2 was trained are in
# *Let's reproduce GPT-2*, https://www.youtube.com/watch?v=l8pRSuU81PU
#
# It builds on part 2 (an MLP, minibatches, a rate that is searched) and on part 3 (the spread of activations and
# gradients, the update ratio). Autograd may compute the gradients. What `torch.optim` has is refused in the exercises
# that build it.

# %%
import math
import random

import torch
import torch.nn.functional as F


# %% [markdown]
# ## 1. A bowl
#
# Near a minimum every smooth loss looks like a bowl: it rises with the square of the distance. How fast it rises is
# its *curvature*, and that differs from one direction to another. With a curvature c in each direction,
#
#     loss = (c1 * x1**2 + c2 * x2**2 + ...) / 2        gradient = (c1 * x1, c2 * x2, ...)
#
# The minimum is at 0. Gradient descent subtracts rate times gradient, over and over. Follow it.
#
# Once it passes, `grad plot descend` draws three walks in the same bowl.

# %%
def descend(curvatures, start, rate, steps):
    """Walk down a bowl by gradient descent, and note where you have been.

    The loss is half the sum of curvatures * x**2. curvatures, start: float tensors (D,), not changed. rate: a number.
    steps: an int, 0 or more. Returns a tensor (steps + 1, D): the start, and the place after each step.

    >>> descend(torch.tensor([1.0, 4.0]), torch.tensor([8.0, 8.0]), 0.25, 2)
    tensor([[8.0000, 8.0000],
            [6.0000, 0.0000],
            [4.5000, 0.0000]])
    """
    ### BEGIN SOLUTION
    # hint: The gradient at x is curvatures * x, number by number.
    # hint: Each step makes a new x: x - rate * gradient. Put every one into a list, the start first.
    # hint: torch.stack makes one tensor of the list.
    # learned: in a bowl each step multiplies every coordinate by 1 - rate * curvature
    places = [start]
    for _ in range(steps):
        places.append(places[-1] - rate * curvatures * places[-1])
    return torch.stack(places)
    ### END SOLUTION


# %%
def where_descent_begins_to_diverge():
    """A bowl has the curvatures 1 and 10. From which rate on does gradient descent leave it for good?

    Answer: a number, within 3 %.
    """
    ### BEGIN PREDICTION
    # hint: a step multiplies each coordinate by 1 - rate * curvature. When is that below -1?
    # because: a step multiplies the steep coordinate by 1 - 10 * rate, and from 0.2 on that's larger than 1 in size
    curvatures, start = torch.tensor([1.0, 10.0]), torch.ones(2)
    rates = [step / 1000 for step in range(1, 1000)]
    return next(rate for rate in rates if descend(curvatures, start, rate, 100)[-1].norm() > 1)
    ### END PREDICTION


# %% [markdown]
# A step multiplies a coordinate of curvature c by `1 - rate * c`. Below -1 each step overshoots by more than it has
# gained, and the walk diverges. So there's a largest stable rate, and the *steepest* direction alone sets it.
#
# A real bowl isn't lined up with the axes. Its curvatures hide in the *Hessian*, the table of the second derivatives: they
# are its eigenvalues, and its eigenvectors are the directions that they belong to.

# %%
def largest_stable_rate(hessian):
    """Compute the rate above which gradient descent diverges in a bowl.

    hessian: float tensor (D, D), symmetric, all its eigenvalues above 0; not changed. Returns a float: 2 divided by the
    largest curvature.

    >>> round(float(largest_stable_rate(torch.tensor([[2.0, 0.0], [0.0, 5.0]]))), 4)
    0.4
    >>> round(float(largest_stable_rate(torch.tensor([[2.0, 1.0], [1.0, 2.0]]))), 4)
    0.6667
    """
    ### BEGIN SOLUTION
    # hint: The curvatures are the eigenvalues of the Hessian, and not the numbers on its diagonal.
    # hint: torch.linalg.eigvalsh gives the eigenvalues of a symmetric matrix, in rising order.
    # hint: Divide 2 by the last of them, and make it a float.
    # learned: the steepest direction limits the rate of all the others: 2 / largest curvature
    return 2 / torch.linalg.eigvalsh(hessian)[-1].item()
    ### END SOLUTION


# %%
def steps_in_a_long_valley():
    """A bowl has the curvatures 1 and 100. With the best rate there is, how many steps does gradient descent take to come
    ten times nearer to the minimum?

    Answer: a number, within 15 %.
    """
    ### BEGIN PREDICTION
    # hint: with a rate near 2 / 101 a step shrinks the distance to 99 / 101 of it.
    # because: the best rate leaves 99/101 of the distance in each step, and it takes about 115 such steps to leave a tenth
    path = descend(torch.tensor([1.0, 100.0]), torch.ones(2), 2 / 101, 300).norm(dim=1)
    return float((path > path[0] / 10).sum())
    ### END PREDICTION


# %% [markdown]
# The steep direction limits the rate, and the flat one has to live with it. Let L be the largest curvature and l the
# smallest. A small rate leaves nearly all of the flat coordinate; a large one throws the steep coordinate from side to
# side. Best is the rate at which both shrink by the same factor:
#
#     1 - rate * l = -(1 - rate * L)
#
# Solve that for the rate, and put it back to get the factor. What comes out depends on L / l alone, the *condition
# number*: with 1 you arrive in one step, with 100 you keep 98 % of the distance in each.

# %%
def best_rate(curvatures):
    """Find the rate at which gradient descent shrinks the worst coordinate of a bowl most.

    curvatures: float tensor (D,) of positive numbers in any order, not changed. Returns `(rate, factor)`, two floats:
    the best rate, and the factor by which each step then multiplies the size of the worst coordinate.

    >>> rate, factor = best_rate(torch.tensor([3.0, 1.0]))
    >>> float(rate), float(factor)
    (0.5, 0.5)
    """
    ### BEGIN SOLUTION
    # hint: Only the largest and the smallest curvature count.
    # hint: From 1 - rate * l = rate * L - 1 follows the rate. The factor is 1 - rate * l at that rate.
    # hint: The rate is 2 / (L + l), and the factor (L - l) / (L + l).
    # learned: the condition number sets the pace: near 1 training is quick, and with 100 it crawls
    steep, flat = curvatures.max().item(), curvatures.min().item()
    return 2 / (steep + flat), (steep - flat) / (steep + flat)
    ### END SOLUTION


# %% [markdown]
# ## 2. Momentum
#
# In a long valley the gradients of the steep direction point to and fro, and those of the flat one always the same way.
# So add them up: what alternates cancels, what persists grows. The *velocity* keeps a share of what it was (the
# *momentum*, often 0.9) and takes in the new gradient whole, which is PyTorch's convention:
#
#     velocity = momentum * velocity + gradient          (in the first step: the gradient)
#     parameter = parameter - rate * velocity
#
# With a gradient that stays the same, the velocity grows to gradient / (1 - momentum). So 0.9 makes the steps ten times
# as large, and a rate that was right without momentum may be too high with it.
#
# *Nesterov's* variant looks ahead. In place of the velocity it takes `gradient + momentum * velocity`, with the velocity
# that has the new gradient in it already.
#
# The price is one more number for each parameter. From here on every rule has the same form: a function that is given
# a parameter, its gradient, and a `state`, a dict that is empty at first and is kept for this parameter alone. Whatever
# you need to remember goes into it, under names of your own. The parameter is changed *in place* and without a graph:
# `with torch.no_grad():`, and then `parameter -= ...` or `parameter.add_(...)`. Others hold the same tensor, so
# `parameter = ...` would change nothing for them.

# %%
def momentum_step(parameter, gradient, state, rate, momentum=0.9, nesterov=False):
    """Make one step of gradient descent with momentum, in PyTorch's convention.

    parameter: float tensor of any shape, a leaf that may require gradients; changed in place, without a graph.
    gradient: tensor of the same shape and dtype, not changed; whoever made it may write other numbers into it afterwards.
    state: a dict, empty before the parameter's first step and the same one in each later step; what is in it is up to
    you. rate, momentum: numbers. nesterov: take gradient + momentum * velocity in place of the velocity. Returns None.
    torch.optim is refused.

    >>> parameter, state = torch.tensor([10.0]), {}
    >>> for _ in range(3):
    ...     momentum_step(parameter, torch.tensor([1.0]), state, 1.0, momentum=0.5)
    ...     print(parameter.item())
    9.0
    7.5
    5.75
    """
    ### BEGIN SOLUTION
    # hint: In the first step there is no velocity yet: state.get("velocity") is None, or take zeros.
    # hint: The velocity takes in the whole gradient: momentum * velocity + gradient.
    # hint: Keep a tensor of your own in the state. The gradient's may be used again by whoever made it.
    # hint: With nesterov the direction is gradient + momentum * velocity, else it's the velocity.
    # learned: momentum adds up what persists and cancels what alternates, for one more number per parameter
    with torch.no_grad():
        velocity = momentum * state.get("velocity", torch.zeros_like(gradient)) + gradient
        state["velocity"] = velocity
        parameter -= rate * (gradient + momentum * velocity if nesterov else velocity)
    ### END SOLUTION


# %% [markdown]
# How much does it save? In a bowl that is known too (Polyak 1964). With the roots of the largest and the smallest
# curvature, call them R and r, the best pair is
#
#     rate = (2 / (R + r))**2          momentum = ((R - r) / (R + r))**2
#
# and in the long run the distance shrinks by (R - r) / (R + r) in each step. That's the factor of plain descent with the
# *root* of the condition number in the place of the number: with 100 it is 9/11 and not 99/101, eleven steps and not 115.
#
# Once it passes, `grad plot best_momentum` lets the two race.

# %%
def best_momentum(curvatures):
    """Find the rate and the momentum that are best in a bowl.

    curvatures: float tensor (D,) of positive numbers in any order, not changed. Returns `(rate, momentum)`, two floats.

    >>> rate, momentum = best_momentum(torch.tensor([1.0, 9.0]))
    >>> float(rate), float(momentum)
    (0.25, 0.25)
    """
    ### BEGIN SOLUTION
    # hint: Take the roots of the largest and the smallest curvature first.
    # hint: Both formulas of the text are squares of something simple.
    # learned: momentum replaces the condition number by its root
    steep, flat = curvatures.max().item() ** 0.5, curvatures.min().item() ** 0.5
    return (2 / (steep + flat)) ** 2, ((steep - flat) / (steep + flat)) ** 2
    ### END SOLUTION


# %% [markdown]
# ## 3. A rate for each number
#
# A valley that runs along an axis has another cure: give each number a rate of its own. *RMSProp* (Hinton, in a lecture
# of 2012) keeps a running average of the squared gradient and divides by its root:
#
#     square = decay * square + (1 - decay) * gradient**2          (it begins at 0)
#     parameter = parameter - rate * gradient / (root of square + eps)
#
# The gradient's size cancels, so a step is about as large as the rate, whatever the loss is multiplied by. The small eps
# stands *outside* of the root, as in PyTorch, and keeps a gradient of 0 from dividing by 0.

# %%
def rmsprop_step(parameter, gradient, state, rate, decay=0.99, eps=1e-8):
    """Make one step of RMSProp, in PyTorch's convention.

    parameter, gradient, state, rate: as for momentum_step. decay: the share of the average of squares that stays. eps: is
    added to the root. Returns None. torch.optim is refused.

    >>> parameter, state = torch.tensor([10.0, 10.0]), {}
    >>> rmsprop_step(parameter, torch.tensor([3.0, -300.0]), state, 1.0, decay=0.75)
    >>> parameter
    tensor([ 8., 12.])
    """
    ### BEGIN SOLUTION
    # hint: The new average is decay * old + (1 - decay) * gradient**2; old is zeros at first.
    # hint: Update the average first, then divide the gradient by its root plus eps.
    # learned: dividing by the root of the average square makes the step independent of the gradient's scale
    with torch.no_grad():
        square = decay * state.get("square", torch.zeros_like(gradient)) + (1 - decay) * gradient**2
        state["square"] = square
        parameter -= rate * gradient / (square.sqrt() + eps)
    ### END SOLUTION


# %%
def first_step_of_adam():
    """Adam's rate is 0.1, and the very first gradient is 0.0002. How far does the parameter move?

    Answer: a number, within 5 %.
    """
    ### BEGIN PREDICTION
    # hint: both averages are corrected, so the first one is the gradient and the second one its square.
    # because: the gradient is divided by its own size, so the first step is as long as the rate
    parameter = torch.zeros(1)
    adam_step(parameter, torch.tensor([0.0002]), {}, 0.1)
    return parameter.abs()
    ### END PREDICTION


def first_step_without_correction():
    """Now leave out Adam's correction; the betas are 0.9 and 0.999. How many times as long is that first step?

    Answer: a number, within 5 %.
    """
    ### BEGIN PREDICTION
    # hint: without it the averages are 0.1 of the gradient and 0.001 of its square.
    # because: a tenth of the gradient is divided by the root of a thousandth of its square, and 0.1 / 0.0316 is 3.16
    right, wrong = torch.zeros(1), torch.zeros(1)
    adam_step(right, torch.tensor([0.0002]), {}, 0.1)
    adam_step(wrong, torch.tensor([0.0002]), {}, 0.1, correct=False)
    return wrong / right
    ### END PREDICTION


# %% [markdown]
# *Adam* (Kingma and Ba 2014, https://arxiv.org/abs/1412.6980) has both: an average of the gradient, which is a
# momentum, and one of its square.
#
#     mean = b1 * mean + (1 - b1) * gradient
#     square = b2 * square + (1 - b2) * gradient**2
#
# Both begin at 0, and that shows: after the first step the mean is a tenth of the gradient, and the square a thousandth
# of its square. After t steps the weights that an average has given away add up to 1 - b**t and not to 1. So divide by
# that, and the averages are fair from the first step on:
#
#     parameter = parameter - rate * (mean / (1 - b1**t)) / (root of (square / (1 - b2**t)) + eps)
#
# Without the correction the second average is more wrong than the first one, and the first steps are too long, just
# when the network is most fragile. Once it passes, `grad plot adam_step` shows for how long.

# %%
def adam_step(parameter, gradient, state, rate, betas=(0.9, 0.999), eps=1e-8, correct=True):
    """Make one step of Adam, in PyTorch's convention.

    parameter, gradient, state, rate: as for momentum_step. betas: the pair (b1, b2). eps: is added to the root of the
    corrected square. correct: False leaves out both corrections. Returns None. torch.optim is refused.

    >>> parameter, state = torch.tensor([10.0]), {}
    >>> for gradient in (0.01, 0.01, -0.01):
    ...     adam_step(parameter, torch.tensor([gradient]), state, 1.0, betas=(0.5, 0.5))
    ...     print(round(parameter.item(), 4))
    9.0
    8.0
    8.1429
    """
    ### BEGIN SOLUTION
    # hint: Three things are remembered: the two averages, and the number of steps made so far.
    # hint: Count the step before you use t: in the first step t is 1.
    # hint: Don't write the corrected averages back into the state; the correction is made anew in each step.
    # hint: eps is added after the root is taken.
    # learned: an average that begins at 0 is too small at first, and dividing by 1 - b**t mends it
    b1, b2 = betas
    with torch.no_grad():
        zeros = torch.zeros_like(gradient)
        state["steps"] = steps = state.get("steps", 0) + 1
        state["mean"] = mean = b1 * state.get("mean", zeros) + (1 - b1) * gradient
        state["square"] = square = b2 * state.get("square", zeros) + (1 - b2) * gradient**2
        if correct:
            mean, square = mean / (1 - b1**steps), square / (1 - b2**steps)
        parameter -= rate * mean / (square.sqrt() + eps)
    ### END SOLUTION


# %%
def who_shrinks_under_adam_with_l2():
    """Two weights are 1. One has gradients of size 10, the other of size 0.001, both with random signs. An L2 penalty adds
    0.01 times the weight to each gradient, and Adam makes the steps. Which weight shrinks sooner?

    Answer: one of: the one with large gradients; the one with small gradients; both alike.
    """
    ### BEGIN PREDICTION
    # hint: Adam divides by the size of the gradient, and the penalty is a part of that gradient.
    # because: Adam divides the penalty by the size of the gradients too: beside 10 it's nothing, and beside 0.001 it's the whole step
    generator = torch.Generator().manual_seed(0)
    weights, state = torch.ones(2), {}
    for _ in range(300):
        noise = torch.tensor([10.0, 0.001]) * torch.randn(2, generator=generator).sign()
        adamw_step(weights, noise, state, 0.001, decay=0.01, decoupled=False)
    loud, quiet = weights.tolist()
    names = ("the one with large gradients", "the one with small gradients")
    return "both alike" if abs(loud - quiet) < 0.02 else names[quiet < loud]
    ### END PREDICTION


# %% [markdown]
# Large weights are punished so that a network stays simple. In plain gradient descent there are two ways to do it that
# are one and the same: add `decay * parameter` to the gradient (an *L2 penalty* in the loss does that), or multiply the
# parameter by `1 - rate * decay` in each step (*weight decay*). Behind Adam they're not. Whatever is in the gradient is
# divided by the gradient's size, the penalty too. So the weights that matter most, those with large gradients, are
# hardly punished. *AdamW* (Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101) decouples the two: the
# parameter shrinks first, by a factor that knows nothing of gradients, and Adam's step follows.
#
# Once it passes, `grad plot adamw_step` shows the two beside each other.

# %%
def adamw_step(parameter, gradient, state, rate, decay=0.01, decoupled=True, betas=(0.9, 0.999), eps=1e-8):
    """Make one step of AdamW, or of Adam with an L2 penalty, in PyTorch's convention.

    parameter, gradient, state, rate, betas, eps: as for adam_step. decay: a number. decoupled: True multiplies the
    parameter by 1 - rate * decay, and then makes Adam's step with the gradient as it is; False makes Adam's step with
    gradient + decay * parameter. Returns None. torch.optim is refused.

    >>> parameter = torch.tensor([10.0])
    >>> adamw_step(parameter, torch.tensor([0.01]), {}, 0.5, decay=0.25)
    >>> round(parameter.item(), 4)
    8.25
    >>> parameter = torch.tensor([10.0])
    >>> adamw_step(parameter, torch.tensor([0.01]), {}, 0.5, decay=0.25, decoupled=False)
    >>> round(parameter.item(), 4)
    9.5
    """
    ### BEGIN SOLUTION
    # hint: You have adam_step already, and both variants end with one call of it. Hand betas and eps on.
    # hint: Decoupled: multiply the parameter in place (`*=`, without a graph) before the step.
    # hint: Otherwise make a new gradient, gradient + decay * parameter; the old one is not to be changed.
    # learned: decay belongs to the weight and not into the gradient, for Adam divides whatever is in there by its size
    with torch.no_grad():
        if decoupled:
            parameter *= 1 - rate * decay
        else:
            gradient = gradient + decay * parameter
    adam_step(parameter, gradient, state, rate, betas, eps)
    ### END SOLUTION


# %% [markdown]
# ### A matrix is more than its numbers
#
# All rules so far treat a matrix as a heap of numbers. But a matrix of weights is a map, with directions that it
# stretches a lot (large *singular values*) and others that it hardly does. Gradients of matrices are lopsided: a few
# directions have nearly all their size, and the step goes there alone. *Muon* (Jordan and others 2024,
# https://kellerjordan.github.io/posts/muon/) makes all singular values of the step about 1: from $U S V^T$ it keeps
# $U V^T$. So every direction gets its turn.
#
# A singular value decomposition in each step would be slow. A few products of matrices do nearly the same. Divide the
# matrix by its norm, so that all its singular values are at most 1. Then repeat
#
#     A = X @ X.T
#     X = a * X + (b * A + c * A @ A) @ X
#
# Each singular value s becomes a*s + b*s**3 + c*s**5, and the directions stay. With (a, b, c) = (1.5, -0.5, 0) it
# creeps up to exactly 1: that's Newton and Schulz's old iteration. Muon's three numbers rise far more steeply at 0, and
# end between 0.7 and 1.2, which is near enough.
#
# Once it passes, `grad plot orthogonalize` follows the singular values from step to step.

# %%
def orthogonalize(matrix, steps=5, coefficients=(3.4445, -4.7750, 2.0315)):
    """Bring all singular values of a matrix near 1, by Newton and Schulz's iteration.

    matrix: float tensor (N, M), not changed. steps: how often to repeat. coefficients: the numbers (a, b, c) of the
    text. First the matrix is divided by its Frobenius norm (the root of the sum of its squares), or by 1e-7 where that
    is larger: a matrix of zeros stays zeros. Returns a tensor (N, M).

    >>> orthogonalize(torch.tensor([[3.0, 0.0], [0.0, -4.0]]), 1, (1.5, -0.5, 0.0)).round(decimals=3)
    tensor([[ 0.7920,  0.0000],
            [ 0.0000, -0.9440]])
    >>> orthogonalize(torch.tensor([[3.0, 0.0], [0.0, -4.0]]), 20, (1.5, -0.5, 0.0)).round(decimals=3)
    tensor([[ 1.,  0.],
            [ 0., -1.]])
    """
    ### BEGIN SOLUTION
    # hint: matrix.norm() is the Frobenius norm, and clamp(min=1e-7) keeps it from being 0.
    # hint: In each round make A anew from the present X.
    # hint: The bracket is a matrix (N, N), and stands on the left of X.
    # learned: a polynomial of a matrix acts on its singular values and leaves its directions alone
    a, b, c = coefficients
    X = matrix / matrix.norm().clamp(min=1e-7)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    return X
    ### END SOLUTION


# %% [markdown]
# The rule itself is short: average the gradients, orthogonalize the average, step. One factor comes on top. A weight of
# shape (fan_in, fan_out) with more outputs than inputs gets longer steps, by the root of fan_out / fan_in. Muon is meant
# for the hidden matrices. Biases, embeddings and the last layer stay with AdamW.

# %%
def muon_step(parameter, gradient, state, rate, momentum=0.95):
    """Make one step of Muon.

    parameter: float tensor (fan_in, fan_out), a leaf that may require gradients; changed in place, without a graph.
    gradient, state, rate: as for momentum_step. The average of the gradients begins at 0 and becomes momentum * average
    + (1 - momentum) * gradient. The step is rate * the root of max(1, fan_out / fan_in) * orthogonalize(average), with
    the default steps and coefficients, and is subtracted. Returns None. torch.optim is refused.

    >>> parameter = torch.zeros(1, 4)
    >>> muon_step(parameter, torch.tensor([[0.0, 0.0, 0.5, 0.0]]), {}, 0.1)
    >>> parameter.round(decimals=2) + 0.0
    tensor([[ 0.0000,  0.0000, -0.1400,  0.0000]])
    """
    ### BEGIN SOLUTION
    # hint: The average is kept as it is; only the step is orthogonalized.
    # hint: parameter.shape is (fan_in, fan_out), and the factor is at least 1.
    # hint: Take the average, then orthogonalize it, then subtract, all of it without a graph.
    # learned: Muon gives each direction of a matrix a step of the same length
    with torch.no_grad():
        average = momentum * state.get("average", torch.zeros_like(gradient)) + (1 - momentum) * gradient
        state["average"] = average
        fan_in, fan_out = parameter.shape
        parameter -= rate * max(1, fan_out / fan_in) ** 0.5 * orthogonalize(average)
    ### END SOLUTION


# %% [markdown]
# ## 4. From a rule to a training
#
# A network has many parameters, and they need not all be treated alike. An optimizer gets them in *groups*: dicts with
# the list `parameters` and, beside it, what the rule is to be called with, such as `rate` and `decay`. A schedule may
# change a group's rate between two steps, so the group is read anew each time.

# %%
class Optimizer:
    """A rule, and the groups of parameters that it is applied to.

    Attributes: `groups`, a list of dicts; `rule`, a function such as adamw_step; `states`, a dict that is empty at first
    and that `step` may fill as it likes.
    """

    def __init__(self, groups, rule):
        """Given. groups: list of dicts, each with a list "parameters" and with the rule's other arguments by name."""
        self.groups, self.rule, self.states = groups, rule, {}

    def zero_grad(self):
        """Given. Forget the gradients of all parameters."""
        for group in self.groups:
            for parameter in group["parameters"]:
                parameter.grad = None

    def step(self):
        """Apply the rule to every parameter that has a gradient.

        The rule is called as rule(parameter, gradient, state, **options): options are all entries of the parameter's
        group but "parameters", as they are at this moment; state is a dict that is empty at first and belongs to this
        parameter alone, the same one in each step. Parameters whose `grad` is None are left out. No gradient is changed.
        Returns None. torch.optim is refused.

        >>> one, two = torch.tensor([1.0], requires_grad=True), torch.tensor([1.0], requires_grad=True)
        >>> optimizer = Optimizer([{"parameters": [one, two], "rate": 0.5, "momentum": 0.0}], momentum_step)
        >>> one.grad = torch.tensor([1.0])
        >>> optimizer.step()
        >>> one.item(), two.item()
        (0.5, 1.0)
        """
        ### BEGIN SOLUTION
        # hint: Two loops: over the groups, and over each group's parameters. Skip those whose grad is None.
        # hint: The options are a new dict without "parameters". Don't take the entry out of the group itself.
        # hint: self.states.setdefault(parameter, {}) finds a parameter's dict, or puts an empty one there.
        # learned: an optimizer is a rule, a memory for each parameter, and options for each group
        for group in self.groups:
            options = {name: value for name, value in group.items() if name != "parameters"}
            for parameter in group["parameters"]:
                if parameter.grad is not None:
                    state = self.states.setdefault(parameter, {})
                    self.rule(parameter, parameter.grad, state, **options)
        ### END SOLUTION


# %% [markdown]
# Which parameters should decay? The large matrices, whose sizes can be traded against one another. A bias or the gain of
# a normalization has a place to be, and pulling it to 0 only moves it away from there. A simple test tells the two kinds
# apart, and GPT-2's training uses it as well: matrices have two dimensions or more, biases and gains have one.

# %%
def parameter_groups(parameters, rate, decay):
    """Sort parameters into two groups: those that decay, and those that don't.

    parameters: list of tensors, not changed. rate, decay: numbers. Returns a list of two dicts with the entries
    "parameters", "rate" and "decay". The first has the parameters of two dimensions or more and the given decay, the
    second all others and a decay of 0. Both have the given rate, and their lists keep the order.

    >>> groups = parameter_groups([torch.zeros(3, 2), torch.zeros(2)], 0.1, 0.01)
    >>> [tuple(parameter.shape) for parameter in groups[0]["parameters"]], groups[0]["rate"], groups[0]["decay"]
    ([(3, 2)], 0.1, 0.01)
    >>> [tuple(parameter.shape) for parameter in groups[1]["parameters"]], groups[1]["rate"], groups[1]["decay"]
    ([(2,)], 0.1, 0.0)
    """
    ### BEGIN SOLUTION
    # hint: `parameter.ndim`, or `parameter.dim()`, is the number of dimensions.
    # hint: Two list comprehensions, one for 2 and more, one for less than 2. A group may be empty.
    # learned: decay is for matrices; a bias or a gain has a place to be
    matrices = [parameter for parameter in parameters if parameter.ndim >= 2]
    others = [parameter for parameter in parameters if parameter.ndim < 2]
    return [
        {"parameters": matrices, "rate": rate, "decay": decay},
        {"parameters": others, "rate": rate, "decay": 0.0},
    ]
    ### END SOLUTION


# %% [markdown]
# One strange batch can throw a network far away from where it was. *Clipping* is the seat belt: where the gradient of the
# whole network is longer than some limit, shrink it to that length. All of it is shrunk by *one* factor, so that it
# keeps its direction. Clipping each tensor by itself would turn it. What the norm was is worth logging: it's the first
# number to move when a training goes wrong.

# %%
def clip_by_norm(parameters, largest):
    """Shrink the gradients of all parameters together where they are longer than allowed.

    parameters: list of tensors; some may have None as their `grad`, and are left alone. largest: a positive number. The
    norm is the root of the sum of the squares of all gradients together. Where it is above `largest`, every gradient is
    multiplied, in place, by the one factor that makes it `largest`; else nothing changes. Returns the norm before, as a
    float; 0.0 where there is no gradient. torch's own clipping is refused.

    >>> one, two = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    >>> one.grad, two.grad = torch.tensor([3.0]), torch.tensor([4.0])
    >>> float(clip_by_norm([one, two], 1.0))
    5.0
    >>> one.grad, two.grad
    (tensor([0.6000]), tensor([0.8000]))
    """
    ### BEGIN SOLUTION
    # hint: Collect the gradients that are there, and add up the sums of their squares.
    # hint: The norm is the root of that one sum, and not a sum of roots.
    # hint: Where the norm is above `largest`, multiply each gradient in place (`mul_`) by largest / norm.
    # learned: clipping by the global norm shortens a step and keeps its direction
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = sum(gradient.square().sum().item() for gradient in gradients) ** 0.5
    if norm > largest:
        for gradient in gradients:
            gradient.mul_(largest / norm)
    return norm
    ### END SOLUTION


# %%
def noise_of_a_larger_batch():
    """A minibatch grows from 4 examples to 64. By which factor does the noise of its gradient shrink?

    Answer: a number, within 15 %.
    """
    ### BEGIN PREDICTION
    # hint: a mean of n numbers deviates by 1 / sqrt(n).
    # because: the noise of a mean shrinks with the root of the number of examples, so sixteen times the work buys a factor of 4
    gradients = torch.randn(2_000, 64)
    return gradients[:, :4].mean(1).std() / gradients.mean(1).std()
    ### END PREDICTION


# %% [markdown]
# How large should a batch be? Its gradient is a mean over examples, and its noise shrinks with the root of their number.
# As long as the noise is larger than the gradient itself, twice the batch is worth nearly twice the rate. Once it's
# smaller, more examples tell you what you know already. The two are equally large at a batch of about
#
#     (sum of the variances of all numbers of the gradient) / (squared length of the mean gradient)
#
# It's called the *noise scale* (McCandlish and others 2018, https://arxiv.org/abs/1812.06162). It grows while a network
# learns, because the gradient shrinks and the noise doesn't.

# %%
def noise_scale(gradients):
    """Estimate the batch size at which noise and gradient are equally large.

    gradients: float tensor (N, D), the gradient of each of N examples; N is at least 2; not changed. Returns a float:
    the sum over the D columns of their unbiased variances (divided by N - 1), divided by the sum of the squares of
    their means.

    >>> noise_scale(torch.tensor([[1.0, 0.0], [3.0, 0.0], [1.0, 4.0], [3.0, 4.0]]))
    0.8333333730697632
    """
    ### BEGIN SOLUTION
    # hint: Each column has a variance and a mean over the examples: dimension 0.
    # hint: gradients.var(0).sum() is the noise. What is the squared length of the mean?
    # learned: below the noise scale a larger batch pays, above it you buy what you know already
    return (gradients.var(0).sum() / gradients.mean(0).square().sum()).item()
    ### END SOLUTION


# %% [markdown]
# ## 5. Which rate?
#
# The rate is the one setting that can't be left to a default, and no theory tells it for a real network. Measure it. A
# *range test* is one short training in which the rate grows from step to step, from far too small to far too large. At
# first the loss doesn't move, then it falls, then it rises steeply. The losses of minibatches jump, so smooth them: each
# smoothed loss keeps nine tenths of the one before. And stop when it's clear: when a loss is no number anymore, or when
# the smoothed loss is several times the smallest one.

# %%
def growing_rates(low, high, count):
    """Given: `count` rates from low to high, each the same factor larger than the one before."""
    return [low * (high / low) ** (index / (count - 1)) for index in range(count)]


def range_test(take_step, rates, keep=0.9, stop=4.0):
    """Train with one rate after the other, until the loss has run away.

    take_step: a function that is given a rate, makes one step of training with it, and returns the loss as a float.
    rates: list of floats, not changed. The first smoothed loss is the first loss; after that it is keep * the smoothed
    loss before + (1 - keep) * the loss. The test ends before the next rate where a loss is not finite (infinite or NaN),
    or where the smoothed loss is above `stop` times the smallest smoothed loss so far; that last one is not kept. Returns
    the list of smoothed losses, one for each rate from the first on, as far as the test came.

    >>> losses = iter([4.0, 2.0, 1.0, 99.0, 1.0])
    >>> range_test(lambda rate: next(losses), [0.1, 0.2, 0.4, 0.8, 1.6], keep=0.5)
    [4.0, 3.0, 2.0]
    """
    ### BEGIN SOLUTION
    # hint: One loop over the rates; each calls take_step exactly once, and makes one smoothed loss.
    # hint: math.isfinite tells numbers from infinity and NaN. Ask before the loss gets into the average.
    # hint: Compare with min(smoothed) before you append. The very first loss has nothing to be compared with.
    # learned: one growing run shows the whole range of rates, from too small to too large
    smoothed = []
    for rate in rates:
        loss = take_step(rate)
        if not math.isfinite(loss):
            break
        if smoothed:
            loss = keep * smoothed[-1] + (1 - keep) * loss
            if loss > stop * min(smoothed):
                break
        smoothed.append(loss)
    return smoothed
    ### END SOLUTION


# %% [markdown]
# Now read the curve. The rate of the lowest point is already too high: there the loss is about to rise, and it came down
# with the smaller rates before. So step back from it, by a factor of ten for a long training. (Smoothing delays the
# curve, which is one reason more.)
#
# Once it passes, `grad plot pick_rate` draws the test for two rules.

# %%
def pick_rate(rates, smoothed, back=10.0):
    """Choose a rate from a range test: that of the lowest smoothed loss, divided by `back`.

    rates: list of floats, each larger than the one before. smoothed: the losses of range_test, at least one; it may be
    shorter than rates. Of equal losses the one with the smallest rate counts. Neither list is changed. Returns a float.

    >>> pick_rate([0.01, 0.1, 1.0, 10.0], [3.0, 2.0, 2.5])
    0.01
    """
    ### BEGIN SOLUTION
    # hint: You need the position of the smallest loss: smoothed.index(min(smoothed)).
    # hint: The rate at that position, divided by `back`.
    # learned: the best rate lies before the rise, and not at the bottom of the curve
    return rates[smoothed.index(min(smoothed))] / back
    ### END SOLUTION


# %% [markdown]
# ### A rate that changes
#
# Early steps go far, late steps settle: whatever noise the last steps bring in stays in the weights. The oldest
# schedule is a staircase, a constant rate that's multiplied by a factor every so many steps.

# %%
def step_decay(step, peak, every, factor=0.1):
    """Choose the rate of a step by a staircase.

    step: int, 0 for the first step. peak: the rate of the first `every` steps. After each further `every` steps it is
    multiplied by `factor`. Returns a float.

    >>> [step_decay(step, 8.0, 2, factor=0.5) for step in range(6)]
    [8.0, 8.0, 4.0, 4.0, 2.0, 2.0]
    """
    ### BEGIN SOLUTION
    # hint: How many stairs lie behind a step? That's a division without a remainder.
    # hint: `step // every` stairs, and each one multiplies by the factor.
    # learned: a staircase keeps the rate high for long, and lets the loss settle with each stair
    return peak * factor ** (step // every)
    ### END SOLUTION


# %% [markdown]
# Two things have changed since. At the start the averages of Adam know nothing and the network is fragile, so the rate
# *warms up* in even steps. And it falls smoothly, along half a cosine:
#
#     warm-up of 3, 9 steps           rate
#     step 0, 1, 2                    1/3, 2/3, 3/3 of the peak
#     step 3                          the peak: cos(0) = 1
#     ...                             (1 + cos(pi * progress)) / 2 of the way from the end to the peak
#     step 8, the last one            the end: cos(pi) = -1
#
# Two steps go wrong most often. The first one should do something, so its rate isn't 0. And the last one should be at the
# very end of the cosine, so the progress is 1 at step `steps - 1`, not one later. Once it passes,
# `grad plot warmup_cosine` draws all schedules of this section as soon as you have them.

# %%
def warmup_cosine(step, steps, peak, warmup, end=0.0):
    """Choose the rate of a step: an even warm-up, then half a cosine from the peak down to the end.

    step: int from 0 to steps - 1. steps: length of the run, at least warmup + 2. warmup: an int, 0 or more: step
    s of these has the rate peak * (s + 1) / warmup. From step `warmup` on, which has the peak, the rate follows the
    cosine; the last step, steps - 1, has the rate `end`. Returns a float.

    >>> [round(float(warmup_cosine(step, 7, 1.0, 2, end=0.2)), 4) for step in range(7)]
    [0.5, 1.0, 1.0, 0.8828, 0.6, 0.3172, 0.2]
    """
    ### BEGIN SOLUTION
    # hint: During the warm-up, return peak * (step + 1) / warmup at once.
    # hint: The progress is 0 at step `warmup` and 1 at step `steps - 1`. What do you divide by?
    # hint: end + (peak - end) * (1 + cos(pi * progress)) / 2.
    # learned: warm up while nothing is known, and be at the end of the cosine in the last step
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = (step - warmup) / (steps - 1 - warmup)
    return end + (peak - end) * (1 + math.cos(math.pi * progress)) / 2
    ### END SOLUTION


# %% [markdown]
# A cosine has to know the end before it begins: a run that's stopped at half its length was never settled. *Warm-up,
# stable, decay* waits. The rate stays at its peak for as long as you like, and only the last steps bring it down in a
# straight line. So one run can be continued, and each of its states can be settled when it's wanted.

# %%
def warmup_stable_decay(step, steps, peak, warmup, decay):
    """Choose the rate of a step: an even warm-up, a plateau, and an even fall.

    step: int from 0 to steps - 1. warmup, decay: ints of 0 or more, together at most `steps`. The warm-up is that of
    warmup_cosine. In the last `decay` steps the rate falls by peak / decay from step to step: the first of them still has
    the peak, and the last one, steps - 1, has peak / decay. All steps between have the peak. Returns a float.

    >>> [warmup_stable_decay(step, 8, 1.0, 2, 4) for step in range(8)]
    [0.5, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    ### BEGIN SOLUTION
    # hint: How many steps are left, with this one? steps - step. In the last step that's 1.
    # hint: Where fewer than `decay` are left, the rate is peak * left / decay.
    # learned: only the end needs a falling rate, and where the end is can be decided late
    if step < warmup:
        return peak * (step + 1) / warmup
    if steps - step < decay:
        return peak * (steps - step) / decay
    return peak
    ### END SOLUTION


# %% [markdown]
# ### How much does it matter?
#
# Is one rule better than another? Asked at one rate, that means nothing: each rule wants its own. So train with many
# rates, and draw the final loss over the logarithm of the rate: a *sensitivity curve*. Two things can be read from it. How
# deep is the basin? And how *wide* is it? A rule whose basin spans two powers of ten forgives a guess. That, more than its
# depth, is why people reach for AdamW first.
#
# Once it passes, `grad plot basin_width` draws the curves of three rules.

# %%
def basin_width(rates, losses, slack=0.1):
    """Measure over how many powers of ten of the rate a training ends nearly as well as it can.

    rates: list of positive floats, each larger than the one before. losses: the final loss of each; NaN or infinite where the training
    diverged, which is worse than any number. At least one is finite. Start at the rate with the lowest loss (of equal
    ones the first), and go to both sides as long as the loss is at most `slack` above that lowest one. Neither list is
    changed. Returns a float: log10 of the largest rate reached, divided by the smallest.

    >>> basin_width([0.001, 0.01, 0.1, 1.0, 10.0], [0.5, 0.55, 2.0, 0.5, float("nan")])
    1.0
    """
    ### BEGIN SOLUTION
    # hint: First give every loss that is not finite the value math.inf; comparisons with NaN are always False.
    # hint: Find the position of the lowest, then move one index down and another up while the neighbor is good enough.
    # hint: Mind both ends of the list. A good loss beyond a bad one doesn't count.
    # learned: compare rules by their whole curve: a wide basin forgives a guess
    known = [loss if math.isfinite(loss) else math.inf for loss in losses]
    low = high = known.index(min(known))
    limit = known[low] + slack
    while low > 0 and known[low - 1] <= limit:
        low -= 1
    while high + 1 < len(known) and known[high + 1] <= limit:
        high += 1
    return math.log10(rates[high] / rates[low])
    ### END SOLUTION


# %%
def what_equal_weights_learn():
    """All weights of a hidden layer of 100 tanh units start at 0.1. After a long training, how many different units does
    the layer have?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: units with the same weights get the same gradients.
    # because: equal units get equal gradients, so they stay equal for ever; random numbers are what tells them apart
    x = torch.randn(64, 5, generator=torch.Generator().manual_seed(0))
    targets = (x[:, 0] * x[:, 1] > 0).long()
    weights = [torch.full((5, 100), 0.1), torch.full((100, 2), 0.1)]
    weights[1][:, 1] = -0.1
    for _ in range(50):
        for weight in weights:
            weight.requires_grad_()
        loss = F.cross_entropy((x @ weights[0]).tanh() @ weights[1], targets)
        gradients = torch.autograd.grad(loss, weights)
        weights = [(weight - 0.1 * gradient).detach() for weight, gradient in zip(weights, gradients)]
    return len(weights[0].mul(1e4).round().unique(dim=1).t())
    ### END PREDICTION


# %% [markdown]
# ## 6. The start
#
# Weights that are all 0 pass nothing on. Weights that are all equal make all units of a layer the same unit. So they are
# random, and one question is left: how wide? Part 3 gave one answer, forward: a unit adds up `fan_in` numbers, and a
# spread of gain / sqrt(fan_in) keeps the size of what is added. Backward, each input adds up `fan_out` gradients, and by
# the same reasoning wants gain / sqrt(fan_out). You can't have both unless the layer is square. Kaiming's rule takes
# either of the two; Xavier's (Glorot and Bengio 2010) takes the mean of both fans, a compromise.

# %%
def initial_std(fan_in, fan_out, mode="fan_in", gain=1.0):
    """Compute the standard deviation with which a layer's weights should start.

    fan_in, fan_out: ints, the number of inputs and of outputs. mode: "fan_in" (Kaiming, which keeps the size on the way
    forward), "fan_out" (Kaiming, on the way back) or "average" (Xavier, the mean of the two). gain: a number, such as
    the root of 2 for ReLU. Returns a float: gain divided by the root of that fan.

    >>> initial_std(25, 100, gain=2.0), initial_std(25, 100, mode="fan_out"), initial_std(2, 6, mode="average")
    (0.4, 0.1, 0.5)
    """
    ### BEGIN SOLUTION
    # hint: First choose the number of terms in the sum: fan_in, fan_out, or (fan_in + fan_out) / 2.
    # hint: Variances add up, so the spread is divided by the root of that number.
    # learned: fan-in keeps the signal, fan-out the gradient, and Xavier stands between the two
    fan = {"fan_in": fan_in, "fan_out": fan_out, "average": (fan_in + fan_out) / 2}[mode]
    return gain / fan**0.5
    ### END SOLUTION


# %% [markdown]
# Random numbers of the right spread keep the size of a signal *on average*. Some directions are stretched and others
# squeezed all the same, and through many layers that adds up. An *orthogonal* matrix stretches nothing: it turns. Draw
# normal numbers and let a QR decomposition make them orthogonal: A = Q R, and Q is what you want. Two details. Where the
# weight isn't square, only its rows *or* its columns can be orthogonal, the shorter side's: make the tall one and
# transpose it. And QR alone isn't fair. Which sign a column gets is a habit of the library, and favors some matrices.
# Multiply each column of Q by the sign of R's diagonal, and every rotation is equally likely.

# %%
def orthogonal_weight(fan_in, fan_out, generator, gain=1.0):
    """Draw a random orthogonal weight, times a gain.

    fan_in, fan_out: ints. generator: the torch.Generator from which all random numbers come. Returns a float tensor
    (fan_in, fan_out). With W the weight divided by the gain: if fan_in <= fan_out the rows of W are orthogonal to each
    other and have length 1, else its columns. Each such matrix is equally likely.

    >>> weight = orthogonal_weight(3, 2, torch.Generator().manual_seed(0), gain=2.0)
    >>> tuple(weight.shape)
    (3, 2)
    >>> (weight.T @ weight).round(decimals=3).abs()
    tensor([[4., 0.],
            [0., 4.]])
    """
    ### BEGIN SOLUTION
    # hint: Draw a tall matrix, (max(fan_in, fan_out), min(fan_in, fan_out)), with torch.randn and the generator.
    # hint: Q, R = torch.linalg.qr(tall). The columns of Q are orthogonal.
    # hint: Q * R.diagonal().sign() gives each column its fair sign. Transpose where the weight is to be wide.
    # learned: an orthogonal layer keeps the length of every signal, not only of the average one
    rows, columns = max(fan_in, fan_out), min(fan_in, fan_out)
    Q, R = torch.linalg.qr(torch.randn(rows, columns, generator=generator))
    Q = Q * R.diagonal().sign()
    return gain * (Q if fan_in >= fan_out else Q.T)
    ### END SOLUTION


# %%
def spread_after_fifty_layers():
    """50 layers of 200 ReLU units have weights of spread 1 / sqrt(200), so the gain for ReLU is missing. A signal of size 1
    goes in. By which power of 10 is what comes out smaller? (A thousandth is -3.)

    Answer: a number, within 1.
    """
    ### BEGIN PREDICTION
    # hint: ReLU throws half of the variance away, so each layer divides the size by the root of 2.
    # because: each layer lets half of the variance through, and the root of a half to the power of 50 is 10 to the power of -7.5
    x = torch.randn(500, 200)
    weights = [torch.randn(200, 200) / 200**0.5 for _ in range(50)]
    for weight in weights:
        x = (x @ weight).relu()
    return x.square().mean().sqrt().log10()
    ### END PREDICTION


# %% [markdown]
# Being wrong by a little in one layer is nothing. Being wrong by a little in fifty is everything. Send a signal through
# and write down its spread behind each layer.
#
# Once it passes, `grad plot signal_by_layer` draws seven starts.

# %%
def signal_by_layer(x, weights, activation):
    """Measure the spread of a signal behind each layer.

    x: float tensor (N, D). weights: list of float tensors, each of shape (fan_in, fan_out). Neither is changed.
    activation: a function such as torch.tanh, which is applied behind each product. Returns a list of floats: the
    standard deviation (torch's std, over all numbers) of what comes out of each layer.

    >>> signal_by_layer(torch.tensor([[1.0], [-3.0]]), [torch.tensor([[2.0]]), torch.tensor([[0.5]])], torch.relu)
    [1.4142135381698608, 0.7071067690849304]
    """
    ### BEGIN SOLUTION
    # hint: What comes out of one layer goes into the next: x = activation(x @ weight).
    # hint: Note x.std().item() in each round.
    # learned: what one layer does to the size, fifty layers do to its fiftieth power
    spreads = []
    for weight in weights:
        x = activation(x @ weight)
        spreads.append(x.std().item())
    return spreads
    ### END SOLUTION


# %%
def spread_of_a_residual_stream():
    """A signal of spread 1 goes along a residual stream. Each of 50 blocks adds numbers of spread 1 that have nothing to do
    with it. What's the spread at the end?

    Answer: a number, within 10 %.
    """
    ### BEGIN PREDICTION
    # hint: variances add up.
    # because: the variances add up to 51, and the spread is the root of that
    return torch.randn(20_000, 51).sum(1).std()
    ### END PREDICTION


# %% [markdown]
# Residual networks take the product out of it. A block *adds* to the stream, so the variance grows by a sum and not by a
# power. Fifty blocks still make a spread of 7 from one of 1, and the later blocks find their say getting smaller beside
# it. So their last weights start smaller: each block adds numbers of spread `scale`, and after all blocks the stream
# has grown by a factor that you choose. GPT-2 divides by the root of the number of additions, for a growth of the root
# of 2. (Once it passes, `grad plot residual_scale` draws both streams.)

# %%
def residual_scale(blocks, growth):
    """Find the spread of what each block may add to a residual stream.

    The stream starts with a spread of 1, and each of the blocks (an int, at least 1) adds independent numbers of mean 0
    and of the spread that is wanted. growth: the spread of the stream behind the last block, a number above 1. Returns a
    float.

    >>> residual_scale(3, 2.0)
    1.0
    """
    ### BEGIN SOLUTION
    # hint: The variance behind the last block is 1 + blocks * scale**2. What should it be?
    # hint: Solve 1 + blocks * scale**2 = growth**2 for the scale.
    # learned: in a residual stream variances add up, so each block gets a share of 1 / sqrt(blocks)
    return ((growth**2 - 1) / blocks) ** 0.5
    ### END SOLUTION


# %%
def change_of_a_wider_neuron():
    """With Adam each of a neuron's n weights moves by the rate, in the direction that helps. The layer gets four times as
    wide, and so does n; the rate stays. How many times as far does the neuron's output move in one step?

    Answer: a number, within 15 %.
    """
    ### BEGIN PREDICTION
    # hint: the output is a sum of n products, and all of them now move the same way.
    # because: all n terms move the same way, so their sum moves n times as far and not sqrt(n) times: the rate must shrink with n
    def change(width):
        x = torch.randn(500, width)
        return (0.01 * x.sign() * x).sum(1).mean()

    return change(400) / change(100)
    ### END PREDICTION


# %% [markdown]
# ### When the network grows
#
# You've found the best rate for a small network. Does it hold for one that's four times as wide? With Adam it doesn't.
# At the start the n terms of a unit's sum have random signs, and add up to a size of sqrt(n). A step makes all of
# them move the same way, and the sum moves by n. So the wider the layer, the further the same rate throws it, and the
# best rate shrinks. *muP* (Yang and others 2022, https://arxiv.org/abs/2203.03466) puts that into rules, under which the
# rate that was best for a small network stays best for a wide one. With m = fan_in / base, where base is the fan-in of
# the network in which you searched, and for Adam:
#
# | kind of weight | fan-in | spread at the start | rate |
# |---|---|---|---|
# | input (and all biases) | doesn't grow | as it was | as it was |
# | hidden | grows | divided by the root of m | divided by m |
# | output | grows | divided by m | divided by m |
#
# The output's spread has one root more: its first logits shrink as the network grows, and leave the say to its steps,
# which don't. A search in a network of a tenth of the width costs a hundredth, and that's the point of it.
#
# Once it passes, `grad plot mup_scales` draws the loss over the rate for three widths, without muP and with it.

# %%
def mup_scales(kind, fan_in, base, std, rate):
    """Carry spread and rate of a weight from a narrow network to a wide one, by muP's rules for Adam.

    kind: "input", "hidden" or "output". fan_in: of the weight in the wide network. base: its fan-in in the narrow one.
    std, rate: what was best there. Returns `(std, rate)` for the wide network, two floats, by the table above.

    >>> mup_scales("hidden", 256, 64, 0.5, 0.1)
    (0.25, 0.025)
    >>> mup_scales("output", 256, 64, 0.5, 0.1)
    (0.125, 0.025)
    """
    ### BEGIN SOLUTION
    # hint: Compute m = fan_in / base first. For "input" nothing changes, whatever m is.
    # hint: The rate is divided by m for both other kinds; the spread by sqrt(m) or by m.
    # learned: with muP the rate that is best in a narrow network is best in a wide one
    m = fan_in / base
    if kind == "input":
        return std, rate
    return std / (m**0.5 if kind == "hidden" else m), rate / m
    ### END SOLUTION


# %% [markdown]
# ## 7. The clinic
#
# Eleven networks don't learn what they should. Each has one thing wrong, and you aren't told which: you see the loss,
# and the instruments of part 3. The task is small. Points in a plane belong to one of four classes, by which side they
# are on and by how far from the middle they lie; log 4 = 1.386 is the loss of a uniform guess, and a healthy network gets
# below 0.3. It has three hidden layers of 32 units, starts with Kaiming's spread and biases of 0, and takes steps of
# plain gradient descent with a rate of 0.1, which falls to a tenth for the last fifth of its steps.
#
# All that is set in a *recipe*. A patient's recipe has one entry that differs from a healthy one (or two, where
# the illness needs a tanh or a dropout to show; that entry is no illness).
#
# | entry | healthy | what it does |
# |---|---|---|
# | `"activation"` | `"relu"` or `"tanh"` | behind each hidden layer |
# | `"gain"` | 1.0 | multiplies the spread of the first weights |
# | `"first bias"` | 0.0 | what the biases of the hidden layers start with |
# | `"rate"` | 0.1 | of every step |
# | `"zero_grad"` | True | whether the gradients are forgotten before each backward pass |
# | `"shuffled"` | False | whether the labels of the training set are shuffled against its points |
# | `"reduction"` | `"mean"` | how the losses of a minibatch become one: `"mean"` or `"sum"` |
# | `"dropout"` | 0.0, or more | the share of hidden activations that are dropped in training mode |
# | `"evaluate in"` | `"evaluation"` | the mode in which the dev loss is taken: `"evaluation"` or `"training"` |
# | `"bias decay"` | 0.0 | the decay of the biases |
#
# The code is given, and the same for all; what a patient has is in the recipe, which you don't see. Read it once: it's
# short, and everything that can go wrong is in it.

# %%
HEALTHY = {
    "activation": "relu",
    "gain": 1.0,
    "first bias": 0.0,
    "rate": 0.1,
    "zero_grad": True,
    "shuffled": False,
    "reduction": "mean",
    "dropout": 0.0,
    "evaluate in": "evaluation",
    "bias decay": 0.0,
}
ILLNESSES = (
    "dead units",
    "saturated units",
    "exploding",
    "vanishing",
    "wrong loss scale",
    "rate too high",
    "rate too low",
    "evaluation in training mode",
    "no zero_grad",
    "labels shuffled",
    "decay on biases",
)


def patient(illness, generator):
    """The recipe of a network with this illness; how bad it is comes from the generator."""
    badness = torch.rand((), generator=generator).item()
    sick = {
        "dead units": {"first bias": -6 - 4 * badness},
        "saturated units": {"activation": "tanh", "gain": 8 + 7 * badness},
        "exploding": {"gain": 5 + 3 * badness},
        "vanishing": {"gain": 0.05 + 0.1 * badness},
        "wrong loss scale": {"reduction": "sum"},
        "rate too high": {"rate": 5 + 5 * badness},
        "rate too low": {"rate": 1e-4 + 2e-4 * badness},
        "evaluation in training mode": {"dropout": 0.2 + 0.2 * badness, "evaluate in": "training"},
        "no zero_grad": {"zero_grad": False},
        "decay on biases": {"bias decay": 5 + 3 * badness},
        "labels shuffled": {"shuffled": True},
        "healthy": {},
    }
    return HEALTHY | sick[illness]


def points(count, generator):
    """Points in a plane (count, 2), and their classes: by the side, and by the distance."""
    x = torch.randn((count, 2), generator=generator)
    return x, 2 * (x.norm(dim=1) > 1.18) + (x[:, 0] > 0)


def make_network(recipe, generator):
    """Weights and biases in turn, of three hidden layers and an output layer."""
    parameters, gain = [], recipe["gain"] * {"relu": 2**0.5, "tanh": 5 / 3}[recipe["activation"]]
    for fan_in, fan_out in ((2, 32), (32, 32), (32, 32), (32, 4)):
        weight = gain / fan_in**0.5 * torch.randn((fan_in, fan_out), generator=generator)
        bias = torch.full((fan_out,), recipe["first bias"] if fan_out == 32 else 0.0)
        parameters += [weight.requires_grad_(), bias.requires_grad_()]
    return parameters


def predict(parameters, x, recipe, training, generator):
    """The logits, and what comes out of each hidden layer."""
    hidden = []
    for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        x = x @ weight + bias
        x = x.relu() if recipe["activation"] == "relu" else x.tanh()
        hidden.append(x)
        if training and recipe["dropout"]:
            keep = 1 - recipe["dropout"]
            x = x * (torch.rand(x.shape, generator=generator) < keep) / keep
    return x @ parameters[-2] + parameters[-1], hidden


def dev_loss(parameters, recipe, generator):
    """The mean loss over 512 points that are not trained on, in the mode that the recipe says."""
    x, y = points(512, torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits, _ = predict(parameters, x, recipe, recipe["evaluate in"] == "training", generator)
        return F.cross_entropy(logits, y).item()


def size_of(tensor):
    return tensor.square().mean().sqrt().item()


def exponent(ratio):
    """The power of ten; minus infinity for 0, infinity for what is no number."""
    return math.log10(ratio) if 0 < ratio < math.inf else -math.inf if ratio == 0 else math.inf


def train_network(recipe, generator, steps):
    """Train a network by its recipe. Returns its parameters, and what the instruments show."""
    x, y = points(512, generator)
    if recipe["shuffled"]:
        y = y[torch.randperm(len(y), generator=generator)]
    parameters, seen = make_network(recipe, generator), {"losses": [], "update ratios": []}
    for step in range(steps):
        rate = recipe["rate"] * (1.0 if step < 0.8 * steps else 0.1)
        rows = torch.randint(len(x), (32,), generator=generator)
        logits, hidden = predict(parameters, x[rows], recipe, True, generator)
        loss = F.cross_entropy(logits, y[rows], reduction=recipe["reduction"])
        if recipe["zero_grad"]:
            for parameter in parameters:
                parameter.grad = None
        if step == 0:
            for h in hidden:
                h.retain_grad()
        loss.backward()
        seen["losses"].append(loss.item())
        if step == 0:
            seen["activations"] = [h.std().item() for h in hidden]
            seen["dead"] = [(h == 0).all(0).float().mean().item() for h in hidden]
            seen["saturated"] = [(h.abs() > 0.97).float().mean().item() * (recipe["activation"] == "tanh") for h in hidden]
            seen["gradients"] = [h.grad.std().item() for h in hidden]
        with torch.no_grad():
            if step % 5 == 0:
                moves = [rate * size_of(weight.grad) / size_of(weight) for weight in parameters[::2]]
                seen["update ratios"].append(sum(map(exponent, moves)) / len(moves))
            if step == steps - 1:
                ratios = [size_of(parameter.grad) / max(size_of(parameter), 1e-30) for parameter in parameters]
                seen["weight gradients"], seen["bias gradients"] = ratios[::2], ratios[1::2]
            for position, parameter in enumerate(parameters):
                decay = recipe["bias decay"] if position % 2 else 0.0
                parameter -= rate * (parameter.grad + decay * parameter)
    seen["dev losses"] = [dev_loss(parameters, recipe, generator) for _ in range(2)]
    return parameters, seen


def examine(illness, seed=0):
    """What the instruments show of one patient after 60 steps; try it in `grad play part8_optimization`."""
    generator = torch.Generator().manual_seed(seed)
    return train_network(patient(illness, generator), generator, 60)[1]


# %% [markdown]
# ### Name it
#
# Read the instruments in the order in which the trouble would show: first what's seen before any step, then the steps,
# then the curve. These are the ranges of many patients, so a limit of your own choice between the two columns will do.
#
# | illness | instrument | sick | the others, healthy ones too |
# |---|---|---|---|
# | dead units | `"dead"`, the largest share | 1 | at most 0.35 |
# | saturated units | `"saturated"`, the largest share | above 0.8 | 0 |
# | exploding | `"activations"`, last layer / first | above 15 | at most 4 |
# | vanishing | `"activations"`, last layer / first | below 0.05 | at least 0.3 |
# | wrong loss scale | `"losses"`, the first one | above 30 | at most 10 |
# | rate too high | `"update ratios"`, the first one | above -0.5 | at most -1 |
# | rate too low | `"update ratios"`, the first one | below -3.8 | at least -2.6 |
# | evaluation in training mode | `"dev losses"`, twice the same thing | differ | agree |
# | no zero_grad | `"update ratios"`, mean of `[4:8]`, steps 20 to 35 | above -1.6 | at most -1.7 |
# | labels shuffled | `"losses"`, mean of the last ten | above 1.3 | at most 1 |
# | decay on biases | `"bias gradients"`, smallest of the hidden layers | above 2 | at most 1 |
#
# Each row speaks of networks that have none of the illnesses above it. The order matters for another reason too: a
# network that has exploded shows NaN everywhere further down, and a comparison with NaN is False.
#
# Why these? A dead ReLU gives 0 for every example. Without `zero_grad` the gradients pile up, so the updates grow where
# they should shrink. The loss that nobody divided by 32 starts 32 times too high. Shuffled labels can be
# learned by heart only, and slowly. And a bias that's pulled to 0 never comes to rest: its gradient stays large beside
# it, because it has to hold against the pull.
#
# Look at some before you write: `grad play part8_optimization`, and then `examine("vanishing")`, `examine("healthy", 3)`.

# %%
def diagnose(seen):
    """Name what ails a network, by what its instruments show.

    seen: a dict, as `examine` returns it: the network has made 60 steps. It's not changed. Its entries are lists of floats,
    some of which may be NaN or infinite:

    - "losses": of each step's minibatch, as it was reduced.
    - "activations", "gradients": for each of the three hidden layers the spread of what comes out of it, and of the
      gradient that arrives there; "dead": the share of units that are 0 for all examples; "saturated": the share of
      activations beyond 0.97, 0 for ReLU. All of these in the first step.
    - "update ratios": in steps 0, 5, 10, ..., 55 the power of ten of update / weight, the mean of the four weights.
    - "weight gradients", "bias gradients": for each of the four layers gradient / parameter, in the last step.
    - "dev losses": the same network on the same points, taken twice.

    Returns one of ILLNESSES, the first in the table above that fits, or "healthy".

    >>> seen = {
    ...     "losses": [2.0, 1.0] + [0.5] * 58, "dev losses": [0.45, 0.45],
    ...     "activations": [0.8, 0.7, 0.7], "gradients": [0.01] * 3, "dead": [0.0] * 3, "saturated": [0.0] * 3,
    ...     "update ratios": [-1.8] + [-2.2] * 11, "weight gradients": [0.1] * 4, "bias gradients": [0.3] * 4,
    ... }
    >>> diagnose(seen), diagnose({**seen, "activations": [0.1, 0.01, 0.001]})
    ('healthy', 'vanishing')
    """
    ### BEGIN SOLUTION
    # hint: Go down the table: one `if` for each row, with a limit between its two columns, and return the name at once.
    # hint: Ask for dead units before you divide: where nothing comes out of the first layer, last / first is 0 / 0.
    # hint: The first three entries of "bias gradients" are those of the hidden layers; the fourth is the output's.
    # hint: "differ" is `!=`: the two dev losses of a healthy network are the same number.
    # learned: read the instruments from the first step on, because an early illness shows in all that comes later
    if max(seen["dead"]) > 0.6:
        return "dead units"
    growth = exponent(seen["activations"][-1] / seen["activations"][0])
    first, middle = seen["update ratios"][0], sum(seen["update ratios"][4:8]) / 4
    signs = [
        ("saturated units", max(seen["saturated"]), 0.5),
        ("exploding", growth, 0.9),
        ("vanishing", -growth, 0.9),
        ("wrong loss scale", exponent(seen["losses"][0]), 1.3),
        ("rate too high", first, -0.75),
        ("rate too low", -first, 3.2),
        ("evaluation in training mode", seen["dev losses"][0] != seen["dev losses"][1], 0.5),
        ("no zero_grad", middle, -1.65),
        ("labels shuffled", sum(seen["losses"][-10:]) / 10, 1.15),
        ("decay on biases", exponent(min(seen["bias gradients"][:3])), 0.2),
    ]
    return next((illness for illness, sign, limit in signs if sign > limit), "healthy")
    ### END SOLUTION


# %% [markdown]
# ### Cure it
#
# One entry of the recipe ails. Put it right and leave all others as they are: a cure that changes ten things
# teaches nothing. The tanh of the patient with saturated units isn't the trouble, nor is the dropout of the one that's
# evaluated in training mode.
#
# The cured network then trains for 500 steps from its own start, and its dev loss must come down to where the cured
# networks of the course are: near 0.1, or 0.3 with dropout. A rate or gain that's a little different does as well.
#
# Once it passes, `grad plot cure` shows the whole ward, before and after.

# %%
def cure(illness, recipe):
    """Change the one entry of a recipe that ails.

    illness: one of ILLNESSES, or "healthy". recipe: a dict with the entries of HEALTHY, not changed. Returns a new dict
    with the same entries, of which one is different, the one that makes a network ill in this way; none for "healthy".

    >>> sick = HEALTHY | {"gain": 7.0}
    >>> [name for name, value in cure("exploding", sick).items() if value != sick[name]]
    ['gain']
    """
    ### BEGIN SOLUTION
    # hint: `recipe | {"gain": 1.0}` is a new dict with one entry changed.
    # hint: The table of the recipe says which entry each illness is about; two illnesses share the gain.
    # hint: Make a dict from illness to entry, and take the healthy value from HEALTHY.
    # learned: one change at a time, and measure: else you never know what helped
    entries = {
        "dead units": "first bias",
        "saturated units": "gain",
        "exploding": "gain",
        "vanishing": "gain",
        "wrong loss scale": "reduction",
        "rate too high": "rate",
        "rate too low": "rate",
        "evaluation in training mode": "evaluate in",
        "no zero_grad": "zero_grad",
        "decay on biases": "bias decay",
        "labels shuffled": "shuffled",
    }
    changed = [entries[illness]] if illness in entries else []
    return recipe | {name: HEALTHY[name] for name in changed}
    ### END SOLUTION


# %% [markdown]
# ## Milestone: every rule at its best rate
#
# What follows is given. Most of it is pictures that come as soon as their exercises have passed. The last one is the
# experiment that papers on optimizers so often get wrong: *one* network, the MLP of part 2 on the names, and seven rules,
# each with a rate of its own from a search, and the same schedule for all. Look at how much is left of the differences
# once each rule has its rate. And look at the price: how far the wrong rate would have thrown you back. (The search is
# made in shorter runs, which like rates that are a little too high for a long one. Whoever reports such a table should
# say so.)
#
# `grad plot part8_optimization:starts` makes one table more, which takes a minute: a network of twelve hidden layers under
# seven ways to start. Which of them train at all?

# %%
def bowl(run):
    """Three rates in one bowl: too careful, best, and nearly too large."""
    ### STAGE descend, best_rate
    curvatures, start = torch.tensor([1.0, 10.0]), torch.tensor([10.0, 2.0])
    best, factor = best_rate(curvatures)
    run.say(f"the best rate is {best:.4f}, and leaves {factor:.3f} of the distance in each step")
    x, y = torch.meshgrid(torch.linspace(-11, 11, 80), torch.linspace(-3, 3, 80), indexing="xy")
    with run.plot("bowl", rows=3, size=(6, 9)) as panels:
        for axes, rate in zip(panels, (0.03, best, 0.195)):
            path = descend(curvatures, start, rate, 25)
            axes.contour(x, y, (curvatures[0] * x**2 + curvatures[1] * y**2) / 2, levels=15, colors="lightgray")
            axes.plot(path[:, 0], path[:, 1], marker=".", linewidth=1)
            axes.set_title(f"rate {rate:.3f}: after 25 steps at a distance of {path[-1].norm():.2f}")


def race(run):
    """Descent and momentum in a valley of condition 100, each at its best."""
    ### STAGE best_momentum, momentum_step, best_rate, descend
    curvatures, start, steps = torch.tensor([1.0, 100.0]), torch.ones(2), 120
    rate, momentum = best_momentum(curvatures)
    place, state, distances = start.clone(), {}, [start.norm().item()]
    for _ in range(steps):
        momentum_step(place, curvatures * place, state, rate, momentum)
        distances.append(place.norm().item())
    plain = descend(curvatures, start, best_rate(curvatures)[0], steps).norm(dim=1)
    with run.plot("race") as axes:
        axes.plot(plain, label="gradient descent, best rate")
        axes.plot(distances, label=f"momentum {momentum:.2f}, best rate")
        axes.set(xlabel="step", ylabel="distance to the minimum", yscale="log", title="The root of the condition number")
        axes.legend()


def first_steps(run):
    """How long Adam's first steps are, with and without the correction."""
    ### STAGE adam_step
    with run.plot("first-steps") as axes:
        for correct in (True, False):
            parameter, state, lengths = torch.zeros(1), {}, []
            for _ in range(60):
                before = parameter.item()
                adam_step(parameter, torch.ones(1), state, 1.0, correct=correct)
                lengths.append(before - parameter.item())
            axes.plot(range(1, 61), lengths, label="corrected" if correct else "not corrected")
        axes.set(xlabel="step", ylabel="length / rate", ylim=0, title="A gradient of 1, over and over")
        axes.legend()


def two_decays(run):
    """Nine weights of 1 and gradients of all sizes: AdamW shrinks them alike, an L2 penalty does not."""
    ### STAGE adamw_step, adam_step
    sizes = torch.logspace(-3, 1, 9)
    with run.plot("two-decays") as axes:
        for decoupled in (True, False):
            generator = torch.Generator().manual_seed(0)
            weights, state = torch.ones(9), {}
            for _ in range(500):
                noise = sizes * torch.randn(9, generator=generator).sign()
                adamw_step(weights, noise, state, 0.001, decay=0.5 if decoupled else 0.01, decoupled=decoupled)
            axes.plot(sizes, weights, marker="o", label="AdamW, decay 0.5" if decoupled else "Adam, L2 of 0.01")
        axes.set(xlabel="size of the gradients", ylabel="weight after 500 steps", xscale="log")
        axes.set_title("Whom does the decay reach?")
        axes.legend()


def singular_values(run):
    """The singular values of one matrix on their way to 1."""
    ### STAGE orthogonalize
    generator = torch.Generator().manual_seed(0)
    U, _ = torch.linalg.qr(torch.randn(12, 12, generator=generator))
    V, _ = torch.linalg.qr(torch.randn(12, 12, generator=generator))
    matrix = U @ torch.diag(torch.logspace(-2, 0, 12)) @ V
    with run.plot("singular-values", rows=2) as panels:
        named = {"Muon's numbers": (3.4445, -4.7750, 2.0315), "Newton and Schulz": (1.5, -0.5, 0.0)}
        for axes, (name, coefficients) in zip(panels, named.items()):
            found = [torch.linalg.svdvals(orthogonalize(matrix, steps, coefficients)) for steps in range(11)]
            axes.plot(torch.stack(found), color="steelblue", marker=".")
            axes.axhline(1, color="gray", linestyle=":")
            axes.set(ylabel="singular values", title=name)
        panels[-1].set(xlabel="step of the iteration")


# %%
def small_task(seed):
    """The healthy network of the clinic before its first step, and its training set."""
    x, y = points(512, torch.Generator().manual_seed(1))
    return make_network(HEALTHY, torch.Generator().manual_seed(seed)), x, y


def stepper(groups, rule, parameters, x, y, generator):
    """A function that makes one step of training with a rate, and returns the loss of its minibatch."""
    optimizer = Optimizer(groups, rule)

    def take_step(rate):
        for group in optimizer.groups:
            group["rate"] = rate
        rows = torch.randint(len(x), (32,), generator=generator)
        loss = F.cross_entropy(predict(parameters, x[rows], HEALTHY, True, generator)[0], y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return take_step


SMALL_RULES = {
    "SGD": (lambda *given, rate: momentum_step(*given, rate, momentum=0.0)),
    "momentum 0.9": (lambda *given, rate: momentum_step(*given, rate)),
    "AdamW": (lambda *given, rate: adamw_step(*given, rate)),
}  # fmt: skip


def small_stepper(name):
    parameters, x, y = small_task(2)
    generator = torch.Generator().manual_seed(3)
    return stepper([{"parameters": parameters}], SMALL_RULES[name], parameters, x, y, generator)


def growing_run(run):
    """One growing run for each of two rules, and the rate that is picked from it."""
    ### STAGE pick_rate, range_test, momentum_step, Optimizer.step, adamw_step, adam_step
    rates = growing_rates(1e-5, 10, 200)
    with run.plot("range-test") as axes:
        for name in ("SGD", "AdamW"):
            smoothed = range_test(small_stepper(name), rates)
            rate = pick_rate(rates, smoothed)
            run.say(f"{name}: the test ended at a rate of {rates[len(smoothed) - 1]:.3g}, and {rate:.3g} is picked")
            (line,) = axes.plot(rates[: len(smoothed)], smoothed, label=f"{name}: pick {rate:.2g}")
            axes.axvline(rate, color=line.get_color(), linestyle="--", linewidth=1)
        axes.set(xlabel="rate", ylabel="smoothed loss", xscale="log", title="One growing run shows all rates")
        axes.legend()


def schedules(run):
    """Four schedules of one run."""
    ### STAGE warmup_cosine, warmup_stable_decay, step_decay
    steps = 100
    named = {
        "constant": lambda step: 1.0,
        "staircase": lambda step: step_decay(step, 1.0, 30, 0.3),
        "warm-up and cosine": lambda step: warmup_cosine(step, steps, 1.0, 10),
        "warm-up, stable, decay": lambda step: warmup_stable_decay(step, steps, 1.0, 10, 25),
    }
    with run.plot("schedules") as axes:
        for name, rate in named.items():
            axes.plot([rate(step) for step in range(steps)], label=name)
        axes.set(xlabel="step", ylabel="rate / peak", title="What the rate does during a run")
        axes.legend(fontsize="small")


def sensitivity(run):
    """The final loss over the rate, for three rules: how wide is the basin?"""
    ### STAGE basin_width, Optimizer.step, momentum_step, adamw_step, adam_step
    rates = growing_rates(1e-4, 10, 16)
    with run.plot("sensitivity") as axes:
        for name in SMALL_RULES:
            losses = []
            for rate in rates:
                take_step = small_stepper(name)
                found = [take_step(rate) for _ in range(120)]
                losses.append(sum(found[-20:]) / 20)
            width = basin_width(rates, losses)
            run.say(f"{name}: within 0.1 of its best over {width:.1f} powers of ten of the rate")
            axes.plot(rates, losses, marker=".", label=f"{name}: {width:.1f} powers of ten wide")
        axes.set(xlabel="rate", ylabel="loss after 120 steps", xscale="log", ylim=(0, 2.5))
        axes.set_title("How wide is the basin of each rule?")
        axes.legend(fontsize="small")


# %%
def stretched(size, start, gain, generator):
    """One square weight, started in one of seven ways."""
    if start == "orthogonal":
        return orthogonal_weight(size, size, generator, gain)
    if start in ("zeros", "constant"):
        return torch.full((size, size), 0.0 if start == "zeros" else 1 / size)
    mode = "average" if start == "Xavier" else "fan_in"
    gain = {"too small": 0.3, "too large": 3.0, "Xavier": 1.0}.get(start, gain)
    return initial_std(size, size, mode, gain) * torch.randn((size, size), generator=generator)


STARTS = ("zeros", "constant", "too small", "too large", "Xavier", "Kaiming", "orthogonal")


def fifty_layers(run):
    """A signal on its way through fifty ReLU layers and fifty tanh layers, from seven starts."""
    ### STAGE signal_by_layer, initial_std, orthogonal_weight
    x = torch.randn((200, 128), generator=torch.Generator().manual_seed(0))
    with run.plot("fifty-layers", rows=2, size=(6, 7)) as panels:
        for axes, (activation, gain) in zip(panels, ((torch.relu, 2**0.5), (torch.tanh, 1.0))):
            for start in STARTS:
                generator = torch.Generator().manual_seed(1)
                weights = [stretched(128, start, gain, generator) for _ in range(50)]
                spreads = signal_by_layer(x, weights, activation)
                axes.plot([max(spread, 1e-12) for spread in spreads], label=start)
            axes.set(ylabel="spread", yscale="log", ylim=(1e-12, 1e6), title=activation.__name__)
        panels[0].legend(fontsize="small", ncols=2)
        panels[1].set(xlabel="layer")


def streams(run):
    """A residual stream through fifty blocks, with and without the scale."""
    ### STAGE residual_scale
    generator = torch.Generator().manual_seed(0)
    with run.plot("stream") as axes:
        for name, scale in (("blocks of spread 1", 1.0), ("scaled for a growth of 1.4", residual_scale(50, 2**0.5))):
            stream, spreads = torch.randn((2000,), generator=generator), []
            for _ in range(50):
                stream = stream + scale * torch.randn((2000,), generator=generator)
                spreads.append(stream.std().item())
            axes.plot(range(1, 51), spreads, label=name)
        axes.set(xlabel="block", ylabel="spread of the stream", ylim=0, title="Sums grow by their root")
        axes.legend()


def wide_loss(width, rate, mup):
    """Train a network of this width with Adam for 12 steps; the mean loss of the last ones."""
    generator = torch.Generator().manual_seed(0)
    x, y = points(256, generator)
    groups = []
    for kind, fan_in, fan_out in (("input", 2, width), ("hidden", width, width), ("output", width, 4)):
        base = 32 if kind != "input" else 2
        std = initial_std(base, fan_out, gain=2**0.5)
        scaled = mup_scales(kind, fan_in, base, std, rate) if mup else (std * (base / fan_in) ** 0.5, rate)
        weight = (scaled[0] * torch.randn((fan_in, fan_out), generator=generator)).requires_grad_()
        groups.append({"parameters": [weight, torch.zeros(fan_out, requires_grad=True)], "rate": scaled[1]})
    optimizer, losses = Optimizer(groups, adam_step), []
    (W1, b1), (W2, b2), (W3, b3) = (group["parameters"] for group in groups)
    for _ in range(12):
        logits = ((x @ W1 + b1).relu() @ W2 + b2).relu() @ W3 + b3
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses[-3:]) / 3


def widths(run):
    """The best rate of Adam as the network grows: it moves, and with muP it stays."""
    ### STAGE mup_scales, initial_std, adam_step, Optimizer.step
    rates = growing_rates(1e-3, 0.2, 9)
    with run.plot("widths", rows=2, size=(6, 7)) as panels:
        for axes, mup in zip(panels, (False, True)):
            for width in (32, 128, 384):
                losses = [wide_loss(width, rate, mup) for rate in rates]
                best = rates[losses.index(min(losses))]
                axes.plot(rates, losses, marker=".", label=f"width {width}: best {best:.2g}")
            axes.set(ylabel="loss after 12 steps", xscale="log", ylim=(0, 2), title="muP" if mup else "the same rate for all")
            axes.legend(fontsize="small")
        panels[1].set(xlabel="rate")


# %%
def ward(run):
    """All eleven patients: what you said they have, and their losses before and after the cure."""
    ### STAGE cure, diagnose
    right = 0
    with run.plot("ward", rows=4, columns=3, size=(10, 10)) as panels:
        for axes, illness in zip(panels.flat, (*ILLNESSES, "healthy")):
            named = diagnose(examine(illness, seed=5))
            right += named == illness
            generator = torch.Generator().manual_seed(5)
            recipe = patient(illness, generator)
            for label, tried in (("sick", recipe), ("cured", cure(named, recipe))):
                generator.manual_seed(6)
                axes.plot(train_network(tried, generator, 250)[1]["losses"], label=label, linewidth=0.8)
            axes.set(title=named, ylim=(0, 4))
        for axes in panels[-1]:
            axes.set_xlabel("step")
        for axes in panels[:, 0]:
            axes.set_ylabel("loss")
        panels.flat[0].legend(fontsize="small")
    run.figure("patients named right, of 12", right, passed=right == 12)


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


def names_network(vocab_size):
    """The parameters of part 2's MLP: embedding, hidden layer, output layer."""
    generator = torch.Generator().manual_seed(42)
    shapes = {(vocab_size, 10): 1.0, (30, 100): initial_std(30, 100, gain=5 / 3), (100, vocab_size): 0.01}
    weights = [(std * torch.randn(shape, generator=generator)).requires_grad_() for shape, std in shapes.items()]
    biases = [torch.zeros(count, requires_grad=True) for count in (100, vocab_size)]
    return [*weights, *biases]


def names_loss(parameters, contexts, targets):
    embedding, W1, W2, b1, b2 = parameters
    hidden = (embedding[contexts].flatten(1) @ W1 + b1).tanh()
    return F.cross_entropy(hidden @ W2 + b2, targets)


# Each rule, looked up only when it is called, and the rates that are tried.
RULES = {
    "SGD": (lambda *given, rate, **_: momentum_step(*given, rate, momentum=0.0), (0.3, 1.0, 3.0)),
    "momentum": (lambda *given, rate, **_: momentum_step(*given, rate), (0.03, 0.1, 0.3)),
    "Nesterov": (lambda *given, rate, **_: momentum_step(*given, rate, nesterov=True), (0.03, 0.1, 0.3)),
    "RMSProp": (lambda *given, rate, **_: rmsprop_step(*given, rate), (0.003, 0.01, 0.03)),
    "Adam": (lambda *given, rate, **_: adam_step(*given, rate), (0.01, 0.03, 0.1)),
    "AdamW": (lambda *given, **options: adamw_step(*given, **options), (0.01, 0.03, 0.1)),
    "Muon": (lambda *given, **options: muon_step(*given, **options), (0.01, 0.03, 0.1)),
}


def optimizers(name, parameters, rate):
    """The optimizers of one rule. Muon takes the hidden matrix, and leaves all else to AdamW at a rate of 0.01."""
    if name == "Muon":
        others = [parameter for parameter in parameters if parameter is not parameters[1]]
        return [
            Optimizer([{"parameters": [parameters[1]], "rate": rate}], muon_step),
            Optimizer(parameter_groups(others, 0.01, 0.01), adamw_step),
        ]
    return [Optimizer(parameter_groups(parameters, rate, 0.01), RULES[name][0])]


def train_names(run, name, rate, loop, steps):
    """Train the MLP on the names by one rule. Returns its parameters and the losses of its minibatches."""
    (contexts, targets), _, vocab_size = splits(run)
    parameters, losses = names_network(vocab_size), []
    generator = torch.Generator().manual_seed(7)
    chosen = optimizers(name, parameters, rate)
    peaks = [group["rate"] for optimizer in chosen for group in optimizer.groups]
    for step in loop:
        rows = torch.randint(len(contexts), (64,), generator=generator)
        loss = names_loss(parameters, contexts[rows], targets[rows])
        for optimizer in chosen:
            optimizer.zero_grad()
        loss.backward()
        clip_by_norm(parameters, 1.0)
        scale = warmup_cosine(step, steps, 1.0, steps // 20, end=0.02)
        for group, peak in zip((group for optimizer in chosen for group in optimizer.groups), peaks):
            group["rate"] = scale * peak
        for optimizer in chosen:
            optimizer.step()
        losses.append(loss.item())
        run.show(loss=losses[-1])
    return parameters, losses


def searched(run, name):
    """The rate of those tried that ends lowest in a short run, and the loss of each."""
    found = {}
    for rate in RULES[name][1]:
        _, losses = train_names(run, name, rate, range(600), 600)
        mean = sum(losses[-50:]) / 50
        found[rate] = mean if math.isfinite(mean) else math.inf
    return min(found, key=found.__getitem__), found


def training(run):
    """One network on the names, seven rules, each at the best of its rates."""
    ### STAGE muon_step, orthogonalize, adamw_step, adam_step, rmsprop_step, momentum_step, Optimizer.step
    ### STAGE parameter_groups, clip_by_norm, warmup_cosine, initial_std
    _, (dev_contexts, dev_targets), _ = splits(run)
    short, full, results = 2_000, 20_000, {}
    with run.plot("rules") as axes:
        for name in RULES:
            rate, tried = searched(run, name)
            worst = max(tried.values()) - min(tried.values())
            loop = run.steps(short, full, f"{name}, rate {rate:g}")
            parameters, losses = train_names(run, name, rate, loop, run.length(short, full))
            with torch.no_grad():
                results[name] = names_loss(parameters, dev_contexts, dev_targets).item()
            run.figure(f"dev loss, {name} at a rate of {rate:g}", results[name])
            run.say(f"  the worst of the three rates would have cost {worst:.2f} in the search")
            group = max(1, len(losses) // 50)
            means = [sum(losses[i : i + group]) / group for i in range(0, len(losses) - group + 1, group)]
            axes.plot([group * (i + 1) for i in range(len(means))], means, label=f"{name}: {results[name]:.3f}")
        axes.set(xlabel="step", ylabel="loss", title="Seven rules, each at its best rate")
        axes.legend(fontsize="small")
    limit = (2.2 if run.full else 2.4) if run.real_data else 2.9
    best = min(results, key=results.__getitem__)
    run.figure(f"dev loss of the best rule, {best}", results[best], passed=results[best] < limit)
    run.figure("what the best rule gains over SGD", results["SGD"] - results[best])


# %%
def deep_loss(run, start):
    """Train twelve hidden tanh layers from one start with Adam; the mean loss of the last steps."""
    generator = torch.Generator().manual_seed(0)
    x, y = points(512, generator)
    first = torch.randn((2, 32), generator=generator) / 2**0.5
    weights = [first, *(stretched(32, start, 5 / 3, generator) for _ in range(12))]
    last = torch.zeros((32, 4)) if start == "zeros" else torch.randn((32, 4), generator=generator) / 32**0.5
    parameters = [weight.requires_grad_() for weight in (*weights, last)]
    parameters += [torch.zeros(32, requires_grad=True) for _ in weights]
    optimizer, losses = Optimizer([{"parameters": parameters, "rate": 0.003}], adam_step), []
    for _ in run.steps(400, 2000, start):
        h = x
        for weight, bias in zip(weights, parameters[len(weights) + 1 :]):
            h = (h @ weight + bias).tanh()
        loss = F.cross_entropy(h @ last, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses[-20:]) / len(losses[-20:])


def starts(run):
    """Twelve hidden layers under seven starts: which of them train?"""
    ### ABLATION initial_std, orthogonal_weight, adam_step, Optimizer.step
    rows = [(start, deep_loss(run, start), None) for start in STARTS]
    for start, loss, _ in rows:
        run.figure(f"starts: {start}", loss)
    run.ladder("starts", rows, label="training loss", title="Twelve hidden layers, seven starts")


def milestone(run):
    """Look at bowls, rules, rates and starts, cure eleven networks, and compare seven rules on the names."""
    run.stages(
        bowl, race, first_steps, two_decays, singular_values, growing_run, schedules, sensitivity, fifty_layers,
        streams, widths, ward, training,
    )  # fmt: skip
    run.ablations(starts)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
