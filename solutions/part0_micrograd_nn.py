# %% [markdown]
# # micrograd, second half: a neural network and its training
#
# You have an engine that finds gradients. Now you put it to use: you build neurons, set them side by side into
# layers, stack layers into a network, and train that network by gradient descent. None of it is new mathematics.
# It's the neuron of the first lesson, many times over, and one loop: *predict, measure the error, go backward, take a
# small step downhill*. Every model of this course, GPT included, is trained by that same loop.
#
# Lecture: *The spelled-out intro to neural networks and backpropagation: building micrograd*, its second half,
# https://www.youtube.com/watch?v=VMj-3S1tku0
#
# It builds on `Value` from your `part0_micrograd_engine`. While this lesson is graded, a stand-in takes the place of
# your `Value`, so that a bug over there costs you nothing here. The milestone at the end runs on your own.

# %%
import gc
import math
import random

from part0_micrograd_engine import Value

# %% [markdown]
# ## 1. A neuron
#
# A neuron has one *weight* for each input and one *bias*. It multiplies each input by its weight, adds everything up
# together with the bias, and squashes the sum into (-1, 1):
#
# ```
# x[0] ── * w[0] ─┐
# x[1] ── * w[1] ─┼── + ── tanh ── o          o = tanh(w[0] x[0] + w[1] x[1] + ... + b)
#  ...            │
#       b ────────┘
# ```
#
# A weight says how much an input matters, and in which direction. The bias says how easily the neuron fires, whatever
# the input. With w = [2, -1], b = 0.5 and x = [0.25, 1] the sum is 0.5 - 1 + 0.5 = 0, and so is the output.
#
# Weights and bias are Values, because they are what training will change. They begin as random numbers. Why? If they
# all began alike, all neurons of a layer would compute the same, get the same gradient, and stay alike forever. For the
# same reason each one is drawn on its own. `[Value(...)] * 3` would be one single Value in three places.
#
# The network's `parameters()` are all the Values that training may change. A neuron lists its own, a layer collects
# those of its neurons, and the network those of its layers. So the training loop never needs to know how a network is
# built inside.
#
# Once they pass, `grad plot Neuron.__call__` shows what a single neuron can say: its border is a straight line.

# %%
class Neuron:
    """tanh of a weighted sum.

    Attributes: w, a list of Values, one for each input; b, a Value.
    """

    # Given: the weights and the bias begin as random numbers from -1 to 1.
    def __init__(self, nin):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(random.uniform(-1, 1))

    def __call__(self, x):
        """Return the neuron's output for the input `x`, a Value. Python calls this for `neuron(x)`.

        x: a list of numbers or Values, as many as there are weights. Gradients flow to the weights, to the bias, and to
        those inputs that are Values.

        >>> neuron = Neuron(2)
        >>> neuron.w[0].data, neuron.w[1].data, neuron.b.data = 2.0, -1.0, 0.5
        >>> neuron([0.25, 1.0]).data
        0.0
        >>> round(float(neuron([0.5, 0.5]).data), 4)
        0.7616
        """
        ### BEGIN SOLUTION
        # hint: zip(self.w, x) pairs each weight with its input.
        # hint: sum() takes a second argument, the value to start from. The bias is a good start.
        # hint: Products of weights and inputs, summed up from self.b on; what is still missing has a method in Value.
        # learned: a neuron multiplies, adds and squashes, and since it does so with Values it can be trained
        total = sum((w * number for w, number in zip(self.w, x)), self.b)
        return total.tanh()
        ### END SOLUTION

    def parameters(self):
        """Return a flat list of the neuron's own Values, not copies: its weights and its bias.

        >>> len(Neuron(3).parameters())
        4
        """
        ### BEGIN SOLUTION
        # hint: The answer is one list with nin + 1 Values in it, no list inside a list.
        # hint: Two lists are joined by +. How do you make a list of the bias alone?
        # learned: the parameters are what training may change, so the bias is one of them
        return self.w + [self.b]
        ### END SOLUTION


# %% [markdown]
# ## 2. A layer
#
# One neuron draws one soft line through its inputs. A layer is a number of neurons that look at the *same* input, each
# with its own weights, so that each learns to see something else in it. Its output is the list of their outputs.
#
# ```
#            ┌── neuron 0 ── out[0]
# x ─────────┼── neuron 1 ── out[1]        every neuron gets all of x
#            └── neuron 2 ── out[2]
# ```
#
# If there is only one neuron, a list around its output would just be in the way. So that layer returns the Value itself.

# %%
class Layer:
    """Neurons side by side, all with the same inputs.

    Attribute: neurons, a list of Neuron.
    """

    # Given: nout neurons of nin inputs each, every one of them made anew.
    def __init__(self, nin, nout):
        self.neurons = [Neuron(nin) for _ in range(nout)]

    def __call__(self, x):
        """Return the list of the neurons' outputs for `x`; for a layer of one neuron that output itself, a Value.

        >>> layer = Layer(1, 2)
        >>> for neuron in layer.neurons:
        ...     neuron.w[0].data, neuron.b.data = 0.0, 0.0
        >>> [out.data for out in layer([5.0])]
        [0.0, 0.0]
        >>> single = Layer(1, 1)
        >>> single.neurons[0].w[0].data, single.neurons[0].b.data = 1.0, -2.0
        >>> single([2.0]).data
        0.0
        """
        ### BEGIN SOLUTION
        # hint: Every neuron is called with the whole of x.
        # hint: Collect the outputs in a list first, then look how many there are.
        # learned: all neurons of a layer see the same input and answer independently
        outs = [neuron(x) for neuron in self.neurons]
        return outs[0] if len(outs) == 1 else outs
        ### END SOLUTION

    def parameters(self):
        """Return a flat list of the parameters of all its neurons.

        >>> len(Layer(2, 3).parameters())
        9
        """
        ### BEGIN SOLUTION
        # hint: Each neuron has a list of parameters. What you want is one list of Values, not a list of lists.
        # hint: Two `for`s do it, as two nested loops or in one comprehension: first the neurons, then each one's parameters.
        # learned: a whole collects the parameters of its parts
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]
        ### END SOLUTION


# %%
def parameters_of_a_small_network():
    """A network takes 3 numbers, has two hidden layers of 4 neurons each, and gives 1 number. How many parameters can
    training turn?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: every neuron has a weight for each input. And what else?
    # because: the layers have 4 * (3 + 1), 4 * (4 + 1) and 1 * (4 + 1) parameters; each neuron has a bias as well
    return len(MLP(3, [4, 4, 1]).parameters())
    ### END PREDICTION


# %% [markdown]
# ## 3. A multilayer perceptron
#
# Layers in a row, each with the output of the one before as its input, make a *multilayer perceptron*, MLP for short.
# `MLP(3, [4, 4, 1])` takes three numbers, has two hidden layers of four neurons, and gives one number:
#
# ```
# sizes     3 ────────> 4 ────────> 4 ────────> 1
# layers    Layer(3, 4)  Layer(4, 4)  Layer(4, 1)
# ```
#
# The first layer combines inputs, the next one combines those combinations, and so it can draw shapes that no single
# line could. Counting is a good test of understanding. Each neuron has a weight for each input, and a bias. So there
# are 4·(3 + 1) + 4·(4 + 1) + 1·(4 + 1) = 41 parameters.
#
# Once they pass, `grad plot MLP.__call__` shows what a random network answers.

# %%
class MLP:
    """Layers one after another.

    Attribute: layers, a list of Layer.
    """

    def __init__(self, nin, nouts):
        """Make a network of `nin` inputs and a layer for each number in the list `nouts`, which is not changed.

        >>> model = MLP(3, [4, 2, 1])
        >>> [(len(layer.neurons[0].w), len(layer.neurons)) for layer in model.layers]
        [(3, 4), (4, 2), (2, 1)]
        """
        ### BEGIN SOLUTION
        # hint: The inputs of a layer are the outputs of the one before; those of the first are the network's own.
        # hint: [nin] + nouts is the list of all sizes, and each layer stands between two neighbors in it.
        # hint: zip pairs a list with itself moved by one: with the same list from its second entry on.
        # learned: the output size of each layer is the input size of the next
        sizes = [nin] + nouts
        self.layers = [Layer(size, following) for size, following in zip(sizes, sizes[1:])]
        ### END SOLUTION

    def __call__(self, x):
        """Return the last layer's output for the list `x`: a list of Values, or one Value where nouts ends in 1.

        Every layer but the last has at least two neurons.

        >>> model = MLP(1, [2, 1])
        >>> for parameter in model.parameters():
        ...     parameter.data = 0.0
        >>> model([3.0]).data
        0.0
        """
        ### BEGIN SOLUTION
        # hint: What the first layer returns is the input of the second.
        # hint: One variable is enough: in each turn of the loop it becomes the output of the next layer.
        # learned: a network is its layers, each applied to what the one before gave
        for layer in self.layers:
            x = layer(x)
        return x
        ### END SOLUTION

    def parameters(self):
        """Return a flat list of the parameters of all its layers.

        >>> len(MLP(3, [4, 4, 1]).parameters())
        41
        """
        ### BEGIN SOLUTION
        # hint: It's the same as in Layer, one floor up.
        # hint: First the layers, then each one's parameters().
        # learned: parameters() hides the inside of a network from the training loop
        return [parameter for layer in self.layers for parameter in layer.parameters()]
        ### END SOLUTION


# %% [markdown]
# ## 4. The loss: one number for how bad it is
#
# To improve a network we must say in a single number how far its predictions are from the targets. The *squared error*
# takes each difference and squares it. Then it doesn't matter on which side the prediction lies, and large errors count
# more than small ones:
#
# $$L = \sum_i (p_i - t_i)^2$$
#
# In words: the sum of (prediction - target)². Predictions 1 and -0.5 for the targets 1 and 1 give 0² + 1.5² = 2.25.
#
# It is 0 when every prediction is perfect. Because L is made of Values, `L.backward()` runs back through the loss, through
# the network, once for each example, and into every weight. All examples share the weights, so what arrives there is a
# sum. That's your `+=` from the first lesson at work.

# %%
def squared_error(predictions, targets):
    """Return the sum of the squared differences of predictions and targets, a Value.

    predictions: a list of Values, at least one. targets: as many numbers.

    >>> squared_error([Value(1.0), Value(-0.5)], [1.0, 1.0]).data
    2.25
    """
    ### BEGIN SOLUTION
    # hint: Pair them up with zip, and let the Values do the arithmetic.
    # hint: A Value may be raised to a power, and sum() adds up Values.
    # learned: a loss is one Value at the end of the graph, and everything before it gets a gradient
    return sum((prediction - target) ** 2 for prediction, target in zip(predictions, targets))
    ### END SOLUTION


# %%
def five_steps_without_zeroing():
    """The slope of a loss is 1, always. Five steps with a learning rate of 0.1 should move the weight by 0.5. Somebody
    forgets to set the gradient back to zero before each step. How far does the weight move?

    Answer: a number, within 1 %.
    """
    ### BEGIN PREDICTION
    # hint: after two steps the gradient that was collected is 2. And then?
    # because: the gradients pile up, and the steps are 0.1, 0.2, 0.3, 0.4 and 0.5 long
    w = Value(0.0)
    for _ in range(5):
        (w * 1.0).backward()
        w.data -= 0.1 * w.grad
    return -w.data
    ### END PREDICTION


# %% [markdown]
# ## 5. One step downhill
#
# The gradient of a parameter tells you in which direction the loss *grows*. So each parameter takes a small step the
# other way:
#
# $$p \leftarrow p - \eta \, \frac{\partial L}{\partial p}$$
#
# In words: the new p is the old p minus the learning rate times p's gradient. A weight of 3 with the gradient 2 goes to
# 3 - 0.5 · 2 = 2 at a learning rate of 0.5.
#
# ```
# loss                              the gradient here is positive: the loss grows to the right,
#  \              o                 so the step goes to the left
#   \           ╱
#     \      <-
#       ╲__╱            parameter
# ```
#
# The *learning rate*, η (eta) in the formula, sets the length of the step. Too small, and training takes forever. Too
# large, and the step jumps right over the valley, because a gradient speaks only for its close neighborhood; then the
# loss grows.
#
# There is one trap, and the lecture falls into it for all to see. Gradients are *added* to `grad`, so those of the last
# step are still there at the next one. Unless you set them to 0 before each backward pass, every step follows the sum
# of all gradients so far, like a ball that never loses speed. It hides well: on an easy problem the loss still falls at
# first.
#
# `grad plot zero_grad` trains with it and without it.

# %%
def zero_grad(parameters):
    """Set the gradient of every parameter to 0.0, in place. Returns nothing.

    >>> p = Value(3.0)
    >>> p.grad = 5.0
    >>> zero_grad([p])
    >>> p.data, p.grad
    (3.0, 0.0)
    """
    ### BEGIN SOLUTION
    # hint: Go through the parameters and set one attribute of each.
    # hint: Mind that `=` sets, and `==` only compares.
    # learned: gradients add up until somebody sets them back, so that must happen before each backward pass
    for parameter in parameters:
        parameter.grad = 0.0
    ### END SOLUTION


def sgd_step(parameters, learning_rate):
    """Move the data of every parameter against its gradient, by learning_rate times the gradient, in place.

    Returns nothing. (SGD is short for stochastic gradient descent.)

    >>> p = Value(3.0)
    >>> p.grad = 2.0
    >>> sgd_step([p], 0.5)
    >>> p.data
    2.0
    """
    ### BEGIN SOLUTION
    # hint: Change the attribute `data`. `p = p - ...` would only give the name p to a new Value.
    # hint: The gradient points uphill. Which sign leads down?
    # learned: gradient descent subtracts the gradient, scaled by the learning rate, from the data
    for parameter in parameters:
        parameter.data -= learning_rate * parameter.grad
    ### END SOLUTION


# %%
def downhill_in_strides():
    """The loss is w², and w starts at 1. You take ten steps of gradient descent with a learning rate of 1.1. Where's w
    after that?

    Answer: one of: near 0; still at 1; farther away than 1.
    """
    ### BEGIN PREDICTION
    # hint: the gradient is 2w. Do the first two steps by hand.
    # because: each step goes 2.2 w back, past the floor and up the other side, to -1.2 w; after ten of them it's at 6.2
    w = 1.0
    for _ in range(10):
        w -= 1.1 * 2 * w
    return "near 0" if abs(w) < 0.5 else "still at 1" if abs(w) < 1.5 else "farther away than 1"
    ### END PREDICTION


# %% [markdown]
# ## 6. The training loop
#
# Now everything comes together. Each step of training has four parts, always in this order:
#
# ```
#        ┌──> 1. forward    predictions for all examples, and the loss
#        │    2. zero       set all gradients back to 0
#        │    3. backward   fill them anew
#        └─── 4. update     one step downhill
# ```
#
# Note down the loss of each step, as a plain number: a Value in that list would keep the whole graph of its step in
# memory. Watching this list is what training a network feels like. It should fall, fast at first and then ever more
# slowly.

# %%
def train(model, xs, ys, steps, learning_rate):
    """Train `model` on all examples at once with `squared_error`, and return the losses.

    model: called with one x it returns a Value; model.parameters() is a list of Values. xs: a list of inputs.
    ys: a list of as many numbers, the targets. Returns a list of `steps` numbers: the loss of each step, as it was before
    that step's update. Gradients that the parameters hold from before must not count.

    >>> class Guess:
    ...     def __init__(self):
    ...         self.value = Value(0.0)
    ...     def __call__(self, x):
    ...         return self.value * 1
    ...     def parameters(self):
    ...         return [self.value]
    >>> guess = Guess()
    >>> train(guess, [None, None], [1.0, 1.0], 3, 0.125)
    [2.0, 0.5, 0.125]
    >>> guess.value.data
    0.875
    """
    ### BEGIN SOLUTION
    # hint: Inside the loop: forward, zero, backward, update. You have written a function for each of them but backward.
    # hint: The predictions are `[model(x) for x in xs]`, made anew in every step. The loss is a Value; its .data goes into the list.
    # hint: model.parameters() is what both zero_grad and sgd_step want. Return the list after the loop.
    # learned: training is forward, zero, backward, update, over and over
    losses = []
    for _ in range(steps):
        loss = squared_error([model(x) for x in xs], ys)
        zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), learning_rate)
        losses.append(loss.data)
    return losses
    ### END SOLUTION


# %%
def loss_of_no_opinion():
    """A classifier gives the score 0 to every point; the targets are 1 and -1. What does it lose for each point,
    if the loss is relu(1 - target * score)?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: put 0 into the formula. Does the target matter?
    # because: a margin of 1 is asked for, and without an opinion the whole margin is missing
    losses = [max(0.0, 1 - target * 0.0) for target in (1, -1, 1, -1)]
    return sum(losses) / len(losses)
    ### END PREDICTION


# %% [markdown]
# The lecture's data set has four examples: inputs `[2, 3, -1]`, `[3, -1, 0.5]`, `[0.5, 1, 1]`, `[1, 1, -1]` with the targets
# 1, -1, -1, 1. Train an `MLP(3, [4, 4, 1])` on it with a learning rate of 0.05 and look at the losses. Then
# forget `zero_grad` on purpose and look again. What do you expect?
#
# ## 7. Sorting points into two classes
#
# A network with one output can also be a *classifier*: its output is a *score*, and the sign of the score is the
# answer, +1 or -1. Then the score need not be any particular number, it only has to be on the right side. The
# *max-margin loss* asks for just that. With a target y of 1 or -1 and a score s, the product y·s is positive if the
# answer is right, and the loss wants it to be at least 1, a margin of safety:
#
# $$L = \frac{1}{n} \sum_i \mathrm{relu}(1 - y_i s_i) + \alpha \sum_p p^2$$
#
# In words: the mean of relu(1 - y·s) over the examples, plus α (alpha) times the sum of p² over all parameters.
#
# ```
# y = 1,  s = 2       relu(1 - 2)    = 0        right, and with a margin to spare
# y = 1,  s = 0.3     relu(1 - 0.3)  = 0.7      right, but only just
# y = -1, s = 0.5     relu(1 + 0.5)  = 1.5      wrong
# ```
#
# The second term, *regularization*, pulls all parameters gently towards 0. Of two networks that explain the data
# equally well it prefers the one with smaller weights, which draws the smoother border.

# %%
def max_margin_loss(scores, targets, parameters, alpha=1e-4):
    """Return the mean of relu(1 - target * score) plus alpha times the sum of the squared parameters, a Value.

    scores: a list of Values, at least one. targets: as many numbers, each 1 or -1. parameters: a list of Values, at
    least one.

    >>> scores = [Value(2.0), Value(0.5)]
    >>> max_margin_loss(scores, [1, -1], [Value(3.0)], alpha=0.5).data
    5.25
    """
    ### BEGIN SOLUTION
    # hint: There are two parts: a mean over the examples, and a sum over the parameters. Only the first is divided by n.
    # hint: One example's share is (1 - target * score).relu().
    # hint: Make a list of the shares; its sum divided by its length is the mean. Then add alpha times the other sum.
    # learned: a classifier is asked for a margin, not for a number; regularization keeps its weights small
    margins = [(1 - target * score).relu() for score, target in zip(scores, targets)]
    return sum(margins) / len(margins) + alpha * sum(p * p for p in parameters)
    ### END SOLUTION


# %% [markdown]
# The loss is what the training follows. What *we* want to know is simpler: how many points are on the right
# side? That share is the *accuracy*. Why not train on it directly? Because it doesn't change at all when a weight moves
# by a little. Its slope is 0 nearly everywhere, and a slope of 0 points nowhere.
#
# `grad plot max_margin_loss` draws both beside the squared error.

# %%
def accuracy(scores, targets):
    """Return the share of scores that have the sign of their target, a float from 0.0 to 1.0.

    scores: a list of Values, none of them exactly 0. targets: as many numbers, each 1 or -1.

    >>> accuracy([Value(0.3), Value(-2.0), Value(0.1), Value(-0.2)], [1, -1, -1, -1])
    0.75
    """
    ### BEGIN SOLUTION
    # hint: Look at score.data. When do a score and its target have the same sign?
    # hint: Two numbers have the same sign where (a > 0) == (b > 0); Python counts True as 1 in a sum.
    # hint: Divide the number of right answers by the number of all.
    # learned: accuracy is for people to read; its slope is 0, so that training needs a loss instead
    right = [(score.data > 0) == (target > 0) for score, target in zip(scores, targets)]
    return sum(right) / len(right)
    ### END SOLUTION


# %% [markdown]
# ## 8. The same neuron in PyTorch
#
# We said that PyTorch does what your engine does. Now see for yourself. Here is the small expression of the first lesson,
# L = (a·b + c) · f, once more:
#
# ```python
# import torch
#
# a = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)      # yours: a = Value(2.0)
# b = torch.tensor(-3.0, dtype=torch.float64, requires_grad=True)
# c = torch.tensor(10.0, dtype=torch.float64, requires_grad=True)
# f = torch.tensor(-2.0, dtype=torch.float64, requires_grad=True)
# L = (a * b + c) * f
# L.backward()
# a.grad                 # tensor(6., dtype=torch.float64), as by hand
# L.item(), a.grad.item()      # (-8.0, 6.0): the same as plain floats
# ```
#
# Nearly word for word your own engine. What's different?
#
# | yours | PyTorch | remark |
# |---|---|---|
# | `Value(2.0)` | `torch.tensor(2.0, requires_grad=True)` | leaves don't collect gradients unless you ask for it |
# | 64-bit floats | 32-bit floats | unless you say `dtype=torch.float64` |
# | one number | a whole array: `torch.tensor([2.0, 0.0])` | `x * w` multiplies number by number, `.sum()` adds them up |
# | `v.data` | `v.item()`, for arrays `v.tolist()` | |
# | `v.grad` starts at 0.0 | `v.grad` starts as `None` | and then it adds up, as yours does |
# | `v.tanh()`, `v.exp()`, `o.backward()` | the same names | |
#
# The third row is why everybody uses it: one operation on an array of a million numbers is one node in the graph. In the
# lessons to come you'll work with such arrays. This last exercise is the first step.

# %%
import torch


def neuron_in_torch(x, w, b):
    """Run a neuron forward and backward in PyTorch.

    x, w: lists of as many floats, which are not changed. b: a float. Makes a leaf tensor of each, with
    dtype torch.float64, that requires gradients: x and w of shape (n,), b of no dimension. Returns the four tensors
    (o, x, w, b): o = tanh(x[0] * w[0] + x[1] * w[1] + ... + b), of no dimension; the other three are the leaves,
    which hold the gradients of o in `.grad`.

    >>> o, x, w, b = neuron_in_torch([2.0, 0.0], [-3.0, 1.0], 6.8813735870195432)
    >>> round(o.item(), 4)
    0.7071
    >>> [round(slope, 4) for slope in x.grad.tolist()], [round(slope, 4) for slope in w.grad.tolist()]
    ([-1.5, 0.5], [1.0, 0.0])
    >>> round(b.grad.item(), 4)
    0.5
    """
    ### BEGIN SOLUTION
    # hint: torch.tensor takes a list as well as a number. Make the three leaves first, as in the text.
    # hint: Products number by number, then their sum, then the bias, then the tanh: all of it with tensors, no loop.
    # hint: Nothing is in `.grad` until somebody calls `o.backward()`.
    # learned: PyTorch is your engine with arrays: the same graph, the same backward, the same gradients
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    w = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    b = torch.tensor(b, dtype=torch.float64, requires_grad=True)
    o = ((x * w).sum() + b).tanh()
    o.backward()
    return o, x, w, b
    ### END SOLUTION


# %% [markdown]
# Those are the numbers that you found by hand, that your engine found, and that the lecture's engine found. Try it the
# other way around too: make a `Neuron(2)`, give its weights and its bias these numbers, call it and go backward. Its
# gradients agree with PyTorch's to the last digit or so. You *built* this thing.

# %% [markdown]
# ## Milestone: two moons
#
# The two moons are two half circles of points that reach into each other, so that no straight line can part them.
# Their generator is given. First the lecture's four examples are learned with your `train`. Then an `MLP(2, [16, 16, 1])`, 337
# parameters on your own engine, learns the moons. The loop is that of `train` with three changes: the loss is
# `max_margin_loss`, the learning rate shrinks, and each step looks at 20 points drawn at random instead of all 100.
# Such a *minibatch* gives a gradient that is a little wrong and five times cheaper, and many cheap steps beat few exact
# ones; it is what the S, *stochastic*, in SGD stands for. The plot shows the losses and, as colors over the
# plane, what the network answers everywhere: the border winds between the moons.
#
# Training is a walk from a random beginning, and about one beginning in a hundred leads nowhere: the border stays
# nearly straight. That is easy to notice, because no straight line gets more than 92 of these 100 points right. The
# milestone then does what people do with real networks, and begins again from other weights.
#
# Each step builds some 15,000 Values, which is why this takes half a minute where PyTorch would need a second. The
# idea is the same; in the lessons to come whole arrays take the place of single numbers.

# %%
def two_moons(count, generator, noise=0.1):
    """Return `count` points [x, y] and their classes 1 or -1. generator: a random.Random."""
    points, classes = [], []
    for i in range(count):
        angle = math.pi * generator.random()
        upper = i % 2 == 0
        x = math.cos(angle) if upper else 1 - math.cos(angle)
        y = math.sin(angle) if upper else 0.5 - math.sin(angle)
        points.append([x + generator.gauss(0, noise), y + generator.gauss(0, noise)])
        classes.append(-1 if upper else 1)
    return points, classes


def plot_plane(axes, model, cells=30):
    """Color the plane by the model's answer; the black line is where it changes its mind."""
    xs = [-1.6 + 4.2 * i / (cells - 1) for i in range(cells)]
    ys = [-1.1 + 2.7 * i / (cells - 1) for i in range(cells)]
    answers = [[model([x, y]).data for x in xs] for y in ys]
    axes.contourf(xs, ys, answers, levels=[-1.01, -0.5, 0, 0.5, 1.01], cmap="coolwarm", alpha=0.6)
    axes.contour(xs, ys, answers, levels=[0], colors="black")
    axes.set(xlabel="first input", ylabel="second input")


def plot_boundary(axes, model, points, classes, cells=30):
    """Color the plane by the model's score and draw the points on top."""
    plot_plane(axes, model, cells)
    axes.scatter(*zip(*points), c=classes, cmap="coolwarm", edgecolor="black")
    axes.set(title="What the network answers")


def one_neuron(run):
    """What a single neuron answers over the plane: its border is a straight line."""
    ### STAGE Neuron, part0_micrograd_engine:Value
    random.seed(3)
    with run.plot("one-neuron") as axes:
        plot_plane(axes, Neuron(2), cells=20)
        axes.set(title="One neuron: red is +1, blue is -1")


def untrained(run):
    """What a network answers before any training: the border bends already."""
    ### STAGE MLP, Layer, Neuron, part0_micrograd_engine:Value
    random.seed(4)
    model = MLP(2, [16, 16, 1])
    with run.plot("untrained") as axes:
        plot_plane(axes, model, cells=16)
        axes.set(title=f"{len(model.parameters())} random parameters")


def forgotten(run):
    """The loss on the lecture's four examples, with zero_grad and without it.

    Without it each step goes on in all the earlier directions too: a ball that rolls, and overshoots.
    """
    ### STAGE zero_grad, sgd_step, squared_error, MLP, Layer, Neuron
    ### STAGE part0_micrograd_engine:Value, part0_micrograd_engine:topological_order
    with run.plot("forgotten") as axes:
        for label, forgets in (("with zero_grad", False), ("zero_grad forgotten", True)):
            random.seed(1337)
            model, losses = MLP(3, [4, 4, 1]), []
            for _ in range(60):
                loss = squared_error([model(x) for x in LECTURE_INPUTS], LECTURE_TARGETS)
                if not forgets:
                    zero_grad(model.parameters())
                loss.backward()
                sgd_step(model.parameters(), 0.05)
                losses.append(loss.data)
            axes.plot(losses, label=label)
        axes.set(xlabel="step", ylabel="squared error", title="The lecture's most common bug")
        axes.legend()


def margin(run):
    """For a target of 1, what each score costs: accuracy has no slope, the two losses have one."""
    ### STAGE max_margin_loss, accuracy, squared_error, part0_micrograd_engine:Value
    scores = [-2 + i / 25 for i in range(101)]
    with run.plot("margin") as axes:
        axes.plot(scores, [max_margin_loss([Value(s)], [1], []).data for s in scores], label="max-margin loss")
        axes.plot(scores, [squared_error([Value(s)], [1]).data for s in scores], label="squared error")
        axes.plot(scores, [1 - accuracy([Value(s)], [1]) for s in scores], "k--", label="share of wrong answers")
        axes.set(xlabel="score, where +1 is right", ylabel="loss", ylim=(-0.2, 4), title="Being right with a margin costs nothing")
        axes.legend()


LECTURE_INPUTS = [[2, 3, -1], [3, -1, 0.5], [0.5, 1, 1], [1, 1, -1]]
LECTURE_TARGETS = [1, -1, -1, 1]
BENT = 0.95  # An accuracy beyond the reach of any straight line, which ends at 0.92.


def forget(result):
    """Cut the graph behind `result`: its Values and their functions hold each other in memory."""
    waiting = [result]
    while waiting:
        node = waiting.pop()
        if node._prev:
            waiting.extend(node._prev)
            node._prev, node._backward = (), None


def learn_moons(run, model, points, classes):
    """Train on minibatches of 20 points; return the losses."""
    losses = []
    for step in run.steps(short=600, full=1500):
        batch = random.sample(range(len(points)), 20)
        scores, targets = [model(points[i]) for i in batch], [classes[i] for i in batch]
        loss = max_margin_loss(scores, targets, model.parameters())
        zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), 0.5 * 0.999**step)
        losses.append(loss.data)
        run.show(loss=loss.data, accuracy=accuracy(scores, targets))
        forget(loss)
    return losses


def new_classifier():
    """A network for the moons, its last neuron in the steep middle of tanh: far out it would learn nothing."""
    model = MLP(2, [16, 16, 1])
    for parameter in model.layers[-1].parameters():
        parameter.data *= 0.3
    return model


def part_moons(run, points, classes, tries=3):
    """Train until the border bends, each time from other weights; return model, losses and accuracy."""
    model = new_classifier()
    losses = learn_moons(run, model, points, classes)
    reached = accuracy([model(point) for point in points], classes)
    if reached < BENT and tries > 1 and not run.interrupted:
        run.say(f"accuracy {reached:.2f}: the border is nearly straight; again from other weights")
        return part_moons(run, points, classes, tries - 1)
    return model, losses, reached


def moons(run):
    """Your network learns the lecture's four examples, and then to part two moons."""
    ### STAGE train, max_margin_loss, accuracy, zero_grad, sgd_step, squared_error, MLP, Layer, Neuron
    ### STAGE part0_micrograd_engine:Value, part0_micrograd_engine:topological_order
    random.seed(1337)
    losses = train(MLP(3, [4, 4, 1]), LECTURE_INPUTS, LECTURE_TARGETS, steps=100, learning_rate=0.05)
    run.figure("loss on the lecture's four examples", losses[-1], passed=losses[-1] < 0.3)

    points, classes = two_moons(100, random.Random(42))
    gc.disable()  # It would search the living graph many times a step; `forget` frees it without.
    try:
        model, losses, reached = part_moons(run, points, classes)
    finally:
        gc.enable()
    run.say(f"the network for the moons has {len(model.parameters())} parameters")
    run.figure("accuracy on the two moons", reached, lecture=1.0, passed=reached >= BENT)

    with run.plot("moons", rows=2) as (above, below):
        plot_boundary(above, model, points, classes)
        below.plot(losses)
        below.set(xlabel="step", ylabel="max-margin loss", title="The loss falls")


def milestone(run):
    """See what neurons answer and what losses ask for, then learn two moons."""
    run.stages(one_neuron, untrained, forgotten, margin, moons)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
