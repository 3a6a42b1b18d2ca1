# %% [markdown]
# # micrograd, first half: an engine for gradients
#
# A neural network is one long expression with many knobs in it: its weights. Training asks the same question over and
# over: *if I turned this knob up a little, how much would the result change?* The answers are called gradients, and
# backpropagation is how you get all of them in a single walk through the expression.
#
# In this lesson you build that walk from nothing: about a hundred lines of Python, no library, one number at a time.
# Everything bigger, PyTorch included, does the same thing with arrays.
#
# Lecture: *The spelled-out intro to neural networks and backpropagation: building micrograd*, its first half,
# https://www.youtube.com/watch?v=VMj-3S1tku0
#
# You need Python, and you need to know what a slope is. The rest (partial derivatives, the chain rule, and a function
# inside a function) is explained when its turn comes, each time with numbers that you can check by hand.

# %%
import math

# %% [markdown]
# ## 1. A slope is a small experiment
#
# The derivative of `f` at `x` tells you how much `f` responds to a nudge. You can *measure* it: move `x` a little to
# the right and a little to the left, see how far `f` moved, and divide by how far you went:
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# In words: rise over run, where the run is 2h. Try it on f(x) = 3x² - 4x + 5 at x = 3, with a nudge of h = 0.001:
#
# ```
# f(3.001) = 20.014003        rise = 0.028
# f(2.999) = 19.986003        run  = 0.002        slope = 0.028 / 0.002 = 14
# ```
#
# A positive slope means that `f` grows with `x`, a negative one that it falls. And 0? Then a small nudge does nothing;
# for this `f` that happens at x = 2/3, the bottom of the bowl.
#
# Why go both ways? Because the errors of the two sides nearly cancel. So is a smaller `h` always better? No: a float
# has only about 16 digits, and the difference of two nearly equal numbers loses most of them.
#
# This first exercise is solved, so that you see what one looks like. Read it, run it, and go on.
#
# See it now: `grad plot derivative` draws a parabola with the slopes that this function measures.

# %%
def derivative(f, x, h=1e-6):
    """Measure the slope of `f` at `x`.

    f: a function of one float that returns a float. h: the size of the nudge. Returns a float.

    >>> round(float(derivative(lambda x: x ** 2, 3.0)), 4)
    6.0
    >>> round(float(derivative(lambda x: 1 / x, 2.0)), 4)
    -0.25
    """
    ### WORKED EXAMPLE
    return (f(x + h) - f(x - h)) / (2 * h)


# %%
def slope_at_a_corner():
    """f(x) = |x| falls with a slope of -1 on the left of 0, and grows with a slope of 1 on the right. What does
    `derivative(abs, 0.0)` say?

    Answer: a number, within 0.1.
    """
    return None  # YOUR PREDICTION


def slope_with_a_tiny_nudge():
    """A smaller nudge should be more exact. What does `derivative(lambda x: x ** 2, 3.0, h=1e-16)` return?
    (The slope is 6.)

    Answer: a number, within 0.5.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 2. Many inputs, one at a time
#
# Most functions have more than one input. Then there is one slope for each of them, called a *partial derivative*, and
# you measure it as before: nudge one input and hold all the others still. The list of all the slopes is the *gradient*.
#
# Take f(a, b) = a · b at (2, 3). Nudge `a` to 2.001, and the product goes from 6 to 6.003: the nudge came out 3 times as
# large, because `b` is 3. Nudge `b` instead, and it comes out 2 times as large. So the gradient is (3, 2).
#
# Keep this function around. It is slow, because it runs `f` again for every input, but it's too simple to be wrong.
# Later it will tell you whether the fast way is right.

# %%
def gradient(f, xs, h=1e-6):
    """Measure the partial derivatives of `f` at the point `xs`.

    f: a function of len(xs) floats that returns a float; it is called as f(x0, x1, ...). xs: a list of floats, which is
    not changed. h: the size of the nudge. Returns a list with one float for each input: the slope of f in that input,
    the others held still.

    >>> [round(float(slope), 4) for slope in gradient(lambda a, b: a * b, [2.0, 3.0])]
    [3.0, 2.0]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def a_nudge_of_b():
    """L = (a * b + c) * f with a = 2, b = -3, c = 10 and f = -2, so L is -8. You make b larger by 0.001. By how much
    does L change? Mind the sign.

    Answer: a number, within 0.0005.
    """
    return None  # YOUR PREDICTION


def slope_of_tanh_at_three():
    """The slope of tanh at 0 is 1. What is it at 3?

    Answer: a number, within 0.02.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 3. The chain rule, with numbers
#
# Measuring is far too slow for a network with a million weights. The way out is to take the expression apart. Here is
# a small one, L = (a·b + c) · f, with a number in every place. The two results on the way have names of their own:
#
# ```
# a = 2 ──┐
#         * ── e = -6 ──┐
# b = -3 ─┘             + ── d = 4 ──┐
# c = 10 ───────────────┘            * ── L = -8
# f = -2 ────────────────────────────┘
# ```
#
# How much does L change when you nudge each number? Walk from the right to the left, one operation at a time. Each
# operation asks only about *its own* inputs, and that is always easy:
#
# * L itself: nudge L by a bit, and L changes by that bit. Slope 1.
# * L = d · f. In a product the slope in one factor is the other factor. So d gets f = **-2**, and f gets d = **4**.
# * d = e + c. Nudge `c` by a bit, and `d` moves by the same bit; this *local* slope is 1. But the question is about L.
#   A bit of `c` is a bit of `d`, and each bit of `d` is worth -2 in L. So `c` gets 1 · (-2) = **-2**, and so does `e`.
# * e = a · b. Nudge `a` by a bit, and `e` moves by b = -3 bits, each of which is worth -2 in L. So `a` gets
#   -3 · (-2) = **6**. In the same way `b` gets 2 · (-2) = **-4**.
#
# That's the *chain rule*: **slopes along a path multiply**. What arrives from the right, times the local slope, is what
# goes on to the left. In symbols, where ∂L/∂a is the usual way to write "the slope of L in a":
#
# $$\frac{\partial L}{\partial a} = \frac{\partial L}{\partial d} \cdot \frac{\partial d}{\partial e} \cdot
#   \frac{\partial e}{\partial a} = -2 \cdot 1 \cdot (-3) = 6$$
#
# Do you believe it? Move a, b, c and f, each by a hundredth of its slope: a = 2.06, b = -3.04, c = 9.98,
# f = -1.96. All the slopes promise that L goes up. By how much? By 0.01 · (6² + 4² + 2² + 4²) = 0.72. Now compute L
# again: it goes from -8 to -7.29. That's all there is to training, except that
# training wants its loss to go *down*.
#
# Write it once for any numbers.

# %%
def expression_gradients(a, b, c, f):
    """Gradients of L = (a * b + c) * f by the chain rule, without any measuring.

    All inputs are floats. Returns a dict of floats with the keys "a", "b", "c", "f": the slope of L in each.

    >>> expression_gradients(2.0, -3.0, 10.0, -2.0)
    {'a': 6.0, 'b': -4.0, 'c': -2.0, 'f': 4.0}
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ### The same for a neuron
#
# A neuron multiplies each input by a weight, adds everything up with a bias, and squashes the sum into (-1, 1):
#
# $$n = x_1 w_1 + x_2 w_2 + b \qquad o = \tanh(n)$$
#
# `tanh` is a smooth step: steep in the middle, flat far out. Its slope at n is 1 - tanh²(n), or 1 - o², because o is
# the tanh already. (Check it with your own tool: `derivative(math.tanh, 0.5)` is 0.7864.)
#
# ```
#    1 ┤          ╭─────          n       o = tanh(n)     slope = 1 - o²
#      │        ╱                -3         -0.995           0.010     flat: nothing gets through
#    0 ┤      ╱                   0          0               1         steepest: everything does
#      │    ╱                     0.5        0.462           0.786
#   -1 ┤ ──╯                      3          0.995           0.010     flat again
# ```
#
# Take x1 = 1, x2 = 2, w1 = 0.5, w2 = -0.5 and b = 1. Then n = 0.5 - 1 + 1 = 0.5 and o = 0.4621. From the right: o has the
# slope 1; n gets 1 · 0.7864. The sum passes that on to each of its three terms. So b gets 0.7864. And w2, which is
# multiplied by x2 = 2, gets 2 · 0.7864 = 1.5729.
#
# Look at what happened: the factor 0.7864 is shared by all five inputs. You compute it once and pass it back. This
# sharing is the whole economy of backpropagation.
#
# Once it passes, `grad plot neuron_gradients` shows your five gradients as tangents.

# %%
def neuron_gradients(x1, x2, w1, w2, b):
    """Gradients of o = tanh(x1 * w1 + x2 * w2 + b), by the chain rule, without any measuring.

    All inputs are floats, however large. Returns a dict of floats with the keys "x1", "x2", "w1", "w2", "b": the
    slope of o in each. Write the chain rule out; torch's autograd is refused in this lesson.

    >>> slopes = neuron_gradients(1.0, 2.0, 0.5, -0.5, 1.0)
    >>> {name: round(float(slope), 4) for name, slope in slopes.items()}
    {'x1': 0.3932, 'x2': -0.3932, 'w1': 0.7864, 'w2': 1.5729, 'b': 0.7864}
    >>> lecture = neuron_gradients(2.0, 0.0, -3.0, 1.0, 6.8813735870195432)
    >>> {name: round(float(slope), 4) for name, slope in lecture.items()}
    {'x1': -1.5, 'x2': 0.5, 'w1': 1.0, 'w2': 0.0, 'b': 0.5}
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 4. An expression is a graph
#
# Nobody wants to do this by hand for a million weights. So let the computer do it. For that it must remember how each
# number came about. Think of every number, given or computed, as a node. A computed node keeps in `_prev` the operands
# that it was made from; a given one, a *leaf*, has none. The neuron above becomes
#
# ```
# x1 ─┐
#     * ─┐
# w1 ─┘  │
#        + ─┐
# x2 ─┐  │  │
#     * ─┘  + ── tanh ── o
# w2 ─┘     │
# b ────────┘
# ```
#
# Gradients travel from right to left, as they did when you did it by hand. In which order should the nodes take their
# turns? A node may be used in several places, and it must not pass its gradient on before *all* of these places have
# sent theirs. In this graph `a` is used twice:
#
# ```
# a ─┬──> b = a * a ──> c = b + a        operands first:   a, b, c
#    └──────────────────────^            backward:         c, b, a     (a has to wait for b's share)
# ```
#
# So we need a list in which each node stands after everything that it was made from; read backwards, it's the order
# that we want. Such a list is called a *topological order*. It is a question about `_prev` alone, so you can answer it
# before there is any arithmetic. (`Value`, in the example, is the class of section 6.)

# %%
def topological_order(root):
    """List the nodes of the graph that ends in `root`, operands first.

    root: a node; its operands are in `root._prev`, theirs in their `_prev`, and so on down to the leaves, where `_prev`
    is empty. Returns a list of all these nodes, `root` included, each exactly once and each after all of its own
    operands. A chain of a few hundred nodes must work. Two nodes that hold the same number are still two nodes.

    >>> a = Value(2.0)
    >>> b = Value(4.0, (a, a), "*")
    >>> c = Value(6.0, (b, a), "+")
    >>> [node.data for node in topological_order(c)]
    [2.0, 4.0, 6.0]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def nodes_of_an_expression():
    """You compute c = (a + a) * a. How many nodes does the graph of c have?

    Answer: a number.
    """
    return None  # YOUR PREDICTION


def gradient_that_overwrites():
    """The slope of b = a + a in a is 2, of course. Now an engine walks back from b and, on each of the two roads to a,
    says `a.grad = 1 * b.grad` where it should say `+=`. What gradient does a end up with?

    Answer: a number.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 5. A function that waits
#
# One bit of Python before we go on. You can define a function *inside* another one, and the inner function remembers
# the names around it, even after the outer function has returned:
#
# ```python
# def times(factor):
#     def multiply(x):
#         return factor * x
#     return multiply           # no parentheses: hand the function over, don't call it
#
# triple = times(3)
# triple(5)                     # 15: it still knows that factor is 3
# ```
#
# Such a function is called a *closure*. It's a little errand, with everything it needs in its pocket, that can be
# run later. And later is just what we need: when you write `a + b`, nobody knows the gradients yet. They come only when
# the whole expression is there and the walk back begins. So each operation prepares its errand and leaves it lying.

# %% [markdown]
# ## 6. Value: a number that remembers
#
# `Value` holds one number and all that backpropagation needs to know about it:
#
# ```
# ┌──────────────────────────────────────────────────────────────┐
# │ data        the number itself                                │
# │ grad        the slope of the final result in this number     │
# │ _prev, _op  the operands it was made from, and how           │
# │ _backward   the errand: send my gradient to my operands      │
# └──────────────────────────────────────────────────────────────┘
# ```
#
# Every operation does the same three things. It makes a new Value `out` from the operands' data, and notes down the
# operands and the operation's symbol in it. It prepares a closure `out._backward`, without calling it. And it returns
# `out`. When the closure is called, some day, `out.grad` will hold the slope of the final result in `out`, and the
# closure passes it on: to each operand it adds `out.grad` times the local slope.
#
# `__add__`, which Python calls for `a + b`, is written out below as an example. Follow it by hand:
#
# ```
# a, b = Value(2.0), Value(-3.0)
# c = a + b          # now:    c.data = -1.0, c._prev = (a, b), c._op = "+"; the errand is stored, nothing else happens
#                    #         a.grad = 0.0, b.grad = 0.0, c.grad = 0.0
# c.grad = 5.0       # pretend that the rest of some long expression has sent this
# c._backward()      # later:  a.grad += 5.0, b.grad += 5.0, because both local slopes of a sum are 1
# ```
#
# **Why `+=` and not `=`?** Look at b = a + a, which is 2a, so that its slope in `a` is 2. Here `self` and `other` are one and
# the same Value. Run the errand with b.grad = 1:
#
# ```
#                             with `=`            with `+=`
# at first                    a.grad = 0.0        a.grad = 0.0
# self.grad  ...  b.grad      a.grad = 1.0        a.grad = 1.0
# other.grad ...  b.grad      a.grad = 1.0        a.grad = 2.0
#                             wrong!              right
# ```
#
# A nudge of `a` reaches the result on two paths, and the effects *add*. The same goes for a Value that is used in two
# far corners of an expression. This is the most famous bug of the lecture, and it hides well: as long as each Value is
# used once, `=` gives the right answer.

# %% [markdown]
# ### The operations that you write
#
# They all look like `__add__`. Two things change from one to the next: how the number is computed, and the local slopes.
#
# | out | local slope | in words |
# |---|---|---|
# | `a + b` | 1 and 1 | a sum hands the gradient on to both, as it is |
# | `a * b` | b and a | each factor's slope is the *other* factor |
# | `a ** k` | k · a^(k - 1) | for a constant number k: it comes down as a factor, and the power drops by one |
# | `a.exp()` | e^a | its own output |
# | `a.log()` | 1 / a | steep near 0, flat far out |
# | `a.tanh()` | 1 - tanh²(a) | flat where the output is near -1 or 1 |
# | `a.relu()` | 1 if a > 0, else 0 | a gate: open or shut |
#
# **Plain numbers.** `a * 3` should work too. So `__add__` and `__mul__` first turn a plain number into a Value.
#
# **Free of charge.** Subtraction and division need no closure of their own: -a is a · (-1), a - b is a + (-b), and a / b
# is a · b^(-1). Written with operations that have gradients, they get their gradients for free. These are given.
#
# **The number on the left.** For `2 + a` Python first asks the integer 2, which has never heard of Values. Then it tries
# the *reflected* method of the right operand, `a.__radd__(2)`. A sum and a product may be turned around, so these two
# are given. A difference and a quotient may not: 2 - a is not a - 2. They are for you.
#
# As soon as `tanh` passes, `grad plot Value.tanh` draws it with its slope.

# %%
class Value:
    """A number that remembers how it was made, so that gradients can flow back to where it came from.

    Attributes, all of which may be read and set:
    data: the number.
    grad: the derivative of the final result by this value; 0.0 until a backward pass adds to it.
    _prev: the operands that it was made from, Values; empty for a leaf.
    _op: the symbol of the operation, such as "+"; "" for a leaf.
    label: a name to be shown in drawings, if you like.
    _backward: a function without arguments that adds this value's share to the `grad` of its operands.
    """

    def __init__(self, data, operands=(), operation="", label=""):
        self.data = data
        self.label = label
        self.grad = 0.0
        self._prev = tuple(operands)
        self._op = operation
        self._backward = lambda: None

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

    def __add__(self, other):
        """Return self + other as a new Value; other is a Value or a number. This one is solved: read it, then go on.

        `_prev` holds the two operands and `_op` is "+". The local slope is 1 for both, so `_backward` adds the
        result's `grad` to each operand's `grad`, even if both are the same Value.

        >>> a, b = Value(2.0), Value(-3.0)
        >>> c = a + b
        >>> c.grad = 5.0; c._backward()
        >>> c.data, a.grad, b.grad
        (-1.0, 5.0, 5.0)
        >>> (a + 1).data
        3.0
        """
        ### WORKED EXAMPLE
        # A plain number becomes a Value, so that everything below may count on one.
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        # The errand for later. It reads out.grad when it runs, which is not now.
        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        # Store it: no parentheses, or it would run at once.
        out._backward = _backward
        return out

    def __mul__(self, other):
        """Return self * other as a new Value; other is a Value or a number.

        `_prev` holds the two operands and `_op` is "*". The local slope for each factor is the other factor:
        `_backward` adds that, times the result's `grad`, to each operand's `grad`.

        >>> a, b = Value(2.0), Value(-3.0)
        >>> c = a * b
        >>> c.grad = 10.0; c._backward()
        >>> c.data, a.grad, b.grad
        (-6.0, -30.0, 20.0)
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def __pow__(self, power):
        """Return self ** power as a new Value; power is an int or a float, never a Value.

        `_prev` holds self alone, and `_op` is "**", with the power behind it if you like. The local slope of a ** k
        is k * a ** (k - 1).

        >>> a = Value(3.0)
        >>> c = a ** 2
        >>> c.grad = 1.0; c._backward()
        >>> c.data, a.grad
        (9.0, 6.0)
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def exp(self):
        """Return e ** self as a new Value, with self in `_prev` and `_op` "exp".

        The local slope is e ** a, which is the result itself.

        >>> a = Value(0.0)
        >>> c = a.exp()
        >>> c.grad = 3.0; c._backward()
        >>> c.data, a.grad
        (1.0, 3.0)
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def log(self):
        """Return the natural logarithm of self as a new Value, with self in `_prev` and `_op` "log".

        self.data is positive. The local slope is 1 / a.

        >>> a = Value(0.5)
        >>> c = a.log()
        >>> c.grad = 3.0; c._backward()
        >>> c.data, a.grad
        (-0.6931471805599453, 6.0)
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def tanh(self):
        """Return the hyperbolic tangent of self as a new Value, one node with self in `_prev` and `_op` "tanh".

        The local slope is 1 - t ** 2, where t is the result. Large numbers must not overflow: the tanh of 1000 is
        1.0, with the local slope 0.0.

        >>> a = Value(0.0)
        >>> c = a.tanh()
        >>> c.grad = 2.0; c._backward()
        >>> c.data, a.grad
        (0.0, 2.0)
        >>> Value(-1000.0).tanh().data
        -1.0
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def relu(self):
        """Return self where it is positive and 0 elsewhere, as a new Value with self in `_prev` and `_op` "relu".

        The local slope is 1 where self.data is positive, and 0 elsewhere, also at 0 exactly.

        >>> a, b = Value(3.0), Value(-3.0)
        >>> a.relu().data, b.relu().data
        (3.0, 0.0)
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    # Given: these are made of the operations above, and so their gradients come for free.

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    # Given: Python calls these for `1 + a` and `3 * a`, where the number stands on the left.
    # sum() needs the first, because it begins with `0 + ...`.

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        """Return other - self as a new Value; other is a number. Python calls it for `2 - a`.

        Gradients must flow back to self, so make it with the operations above.

        >>> (2 - Value(5.0)).data
        -3.0
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def __rtruediv__(self, other):
        """Return other / self as a new Value; other is a number, and self is not 0. Python calls it for `6 / a`.

        Gradients must flow back to self, so make it with the operations above.

        >>> (6 / Value(4.0)).data
        1.5
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def backward(self):
        """Backpropagate: find the derivative of this Value by every Value that it depends on.

        Sets this Value's own `grad` to 1.0. Then runs `_backward` of every Value in its graph exactly once, in an order in
        which each comes after all the Values that were made from it. A leaf that holds a gradient already keeps it:
        the new one is added. Returns nothing.

        >>> a, b = Value(2.0), Value(-3.0)
        >>> c = a * b
        >>> d = c * c + a
        >>> d.backward()
        >>> a.grad, b.grad, c.grad, d.grad
        (37.0, -24.0, -12.0, 1.0)
        """
        # YOUR CODE HERE
        raise NotImplementedError()


# %% [markdown]
# Try it on the neuron of section 3: make five Values, write `o = (x1 * w1 + x2 * w2 + b).tanh()`, call `o.backward()`,
# and look at the gradients. They are the ones that you found by hand, and this time nobody did any calculus.
#
# Two things are worth knowing. Calling `backward` on a second expression *adds* to the gradients of the leaves,
# which is why training must set them back to 0 before each step. And `_prev` keeps everything that a result was made
# from in memory for as long as the result lives, in PyTorch too.
#
# ## 7. Look at the graph
#
# It's easier to trust a graph that you have seen. To draw one we need its nodes and its edges: an edge leads from an
# operand to the result that was made from it. A walk from the root through `_prev` meets them all.
#
# `grad plot Value.backward` draws the lecture's neuron with everything that your `backward` found.

# %%
def trace(root):
    """Collect the nodes and the edges of the graph that ends in `root`.

    Returns (nodes, edges), two sets: the Values, root included, and the pairs (operand, result).

    >>> a = Value(2.0)
    >>> b = Value(4.0, (a, a), "*")
    >>> nodes, edges = trace(b)
    >>> len(nodes), [(operand.data, result.data) for operand, result in edges]
    (2, [(2.0, 4.0)])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# The next function is given. In a notebook, `draw_dot(o)` shows the graph if the graphviz package and its program
# `dot` are installed. A box is a value with its gradient, an oval is the operation that made it.

# %%
def draw_dot(root):
    """Return a graphviz drawing of the graph that ends in `root`, from left to right."""
    from graphviz import Digraph

    drawing = Digraph(graph_attr={"rankdir": "LR"})
    nodes, edges = trace(root)
    for node in nodes:
        name = str(id(node))
        label = f"{node.label} | " if node.label else ""
        label += f"data {node.data:.4f} | grad {node.grad:.4f}"
        drawing.node(name, label, shape="record")
        if node._op:
            drawing.node(name + node._op, node._op)
            drawing.edge(name + node._op, name)
    for operand, result in edges:
        drawing.edge(str(id(operand)), str(id(result)) + result._op)
    return drawing


# %% [markdown]
# ## 8. Trust, but measure
#
# You now have two ways to a gradient: a fast one that could have a bug, and the slow one of section 2 that hardly could.
# Comparing them is called a *gradient check*. People still do it whenever they write a new backward pass.
#
# For the fast way, call `f` with Values and go backward. For the slow one, `gradient` wants a function from floats to a
# float, but `f` goes from Values to a Value. So wrap it:
#
# ```
# floats ──> Values ──> f ──> Value ──> .data
# └─────────── what `gradient` gets ────────┘
# ```

# %%
def gradient_check(f, xs, h=1e-6, tolerance=1e-4):
    """Say whether backpropagation through `f` agrees with the measured gradient.

    f: a function of len(xs) Values that returns a Value. xs: a list of floats, which is not changed.
    h: the nudge that `gradient` measures with. Returns True if for *every* input the two slopes differ by at most
    `tolerance`, up or down, and False otherwise.

    >>> gradient_check(lambda a, b: (a * b + a).tanh(), [0.5, -1.0])
    True
    >>> def forgetful(a):
    ...     return Value(a.data * 3) + a
    >>> gradient_check(forgetful, [0.5])
    False
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def loss_of_three_equal_logits():
    """A network gives the same logit to each of three classes. What's its loss, the negative log of the probability
    of the right class?

    Answer: a number, within 3 %.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# ## 9. How finely you cut is up to you
#
# You made tanh a single node. Was that necessary? tanh can be put together from smaller parts:
#
# $$\tanh(x) = \frac{e^{2x} - 1}{e^{2x} + 1}$$
#
# In words: take e to the power of 2x; that minus 1, divided by that plus 1. Your engine has all of these operations, so
# write tanh with them and go backward:
#
# ```
# one node       x ── tanh ── o
# six or more    x ── *2 ── exp ──┬─ -1 ────────── * ── o
#                                 └─ +1 ── **-1 ───┘
# ```
#
# The gradient is the same, to the last digit or so. An operation may be as large or as small as you like: all that the
# engine ever asks of it is its output and its local slope. That's why PyTorch can have one node for a whole layer.
#
# Then why have a tanh at all? One node is faster than six. And it stays calm far out, where e to the power of 2x
# no longer fits into a float.

# %%
def tanh_from_exp(x):
    """tanh of a Value, built from exp and arithmetic.

    x: a Value whose data lies between -100 and 100. Returns a Value that is made by `exp` and by operations such as
    +, -, * and /, and not by `tanh`. Gradients flow back to x, as those of `x.tanh()` do.

    >>> x = Value(0.5)
    >>> o = tanh_from_exp(x)
    >>> o.backward()
    >>> round(float(o.data), 4), round(float(x.grad), 4)
    (0.4621, 0.7864)
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## 10. A loss out of your own operations
#
# Finally, the loss that trains nearly every model of this course. A classifier gives one score for each class, its
# *logits*. How do you turn scores into probabilities? Exponentials make them positive, and dividing by their sum makes
# them add up to 1; that's the *softmax*. The loss is minus the logarithm of the probability that the right class got,
# the *negative log likelihood*:
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}} \qquad \text{loss} = -\ln p_t$$
#
# In words: p[i] = exp(z[i]) / sum of all exp(z[j]), and the loss is -log(p[target]). With numbers:
#
# ```
# logits         2.0     1.0     0.0
# exp            7.389   2.718   1.000     sum = 11.107
# probability    0.665   0.245   0.090
# target: class 1        loss = -log(0.245) = 1.408
# gradient       0.665  -0.755   0.090
# ```
#
# The loss is 0 if the right class has probability 1, and grows without bound as that goes to 0. Look at the gradient:
# it is the probability itself for the wrong classes, and the probability minus 1 for the right one. Wrong classes are
# pushed down by as much as they were believed, and the right one is pulled up by what is missing. You need not program
# that: your engine finds it by itself. (`exp` overflows for logits beyond 709; part 2 deals with that.)

# %%
def softmax_nll(logits, target):
    """Negative log likelihood of class `target` under the softmax of `logits`.

    logits: a list of n Values. target: an int from 0 to n - 1.
    Returns a Value that was made from the logits, so that its backward() gives their gradients.

    >>> logits = [Value(0.0), Value(0.0)]
    >>> loss = softmax_nll(logits, 1)
    >>> loss.backward()
    >>> loss.data, [logit.grad for logit in logits]
    (0.6931471805599453, [0.5, -0.5])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## Milestone: one neuron learns
#
# First your engine meets the lecture's neuron, and its output and gradients are put beside the lecture's. Then it is put to
# work: twenty points lie on a curve that one neuron could have drawn, $y = s \tanh(w x + b)$, and nobody tells
# it $s$, $w$ and $b$. In each step your `backward` says in which direction each of them makes the error grow, and each
# takes a small step the other way. That is gradient descent, and the next lesson does it with a whole network.

# %%
def parabola(run):
    """A slope is what a small experiment measures: 3x² - 4x + 5 and its tangents.

    The lecture's first function. At x = 2/3 the slope is 0.
    """
    ### STAGE derivative
    def f(x):
        return 3 * x**2 - 4 * x + 5

    xs = [-2 + 5 * i / 100 for i in range(101)]
    with run.plot("parabola") as axes:
        axes.plot(xs, [f(x) for x in xs], color="black", label="f(x) = 3x² - 4x + 5")
        for x in (-1, 2 / 3, 2):
            slope = round(derivative(f, x), 4) + 0.0  # a slope of -0.0 is 0 too
            run.say(f"slope at x = {x:.4g}: {slope:.4f}")
            near = [x - 0.7, x + 0.7]
            axes.plot(near, [f(x) + slope * (each - x) for each in near], linewidth=3, label=f"slope {slope:+.2f} at x = {x:.2g}")
        axes.set(xlabel="x", ylabel="f(x)", title="A slope tells how f responds to a nudge")
        axes.legend()


def nudges(run):
    """One neuron, nudged at one input or weight at a time: your gradients are the tangents."""
    ### STAGE neuron_gradients
    names, point = ["x1", "x2", "w1", "w2", "b"], [2.0, 0.0, -3.0, 1.0, 6.8813735870195432]
    slopes = neuron_gradients(*point)

    def neuron(values):
        x1, x2, w1, w2, b = values
        return math.tanh(x1 * w1 + x2 * w2 + b)

    steps = [-1 + i / 50 for i in range(101)]
    with run.plot("nudges") as axes:
        for index, name in enumerate(names):
            moved = [neuron([value + step * (i == index) for i, value in enumerate(point)]) for step in steps]
            axes.plot(steps, moved, color=f"C{index}", label=f"{name}: gradient {slopes[name]:+.2f}")
            near = [-0.25, 0.25]
            axes.plot(near, [neuron(point) + slopes[name] * step for step in near], ":", color=f"C{index}", linewidth=4)
        axes.set(xlabel="how far one of them is moved", ylabel="output of the neuron", title="Dotted: what the gradient promises")
        axes.legend()


def squash(run):
    """tanh and its slope: far from 0 it is flat, and nothing gets through."""
    ### STAGE Value.tanh
    xs = [-4 + 8 * i / 100 for i in range(101)]
    outputs, slopes = [], []
    for x in xs:
        value = Value(x)
        out = value.tanh()
        out.grad = 1.0
        out._backward()
        outputs.append(out.data)
        slopes.append(value.grad)
    with run.plot("tanh") as axes:
        axes.plot(xs, outputs, label="tanh(x)")
        axes.plot(xs, slopes, label="its slope, 1 - tanh(x)²")
        axes.axhline(0, color="gray", linewidth=0.5)
        axes.set(xlabel="x", title="tanh squashes; where it is flat, its slope is gone")
        axes.legend()


def lecture_neuron():
    """The lecture's neuron after a backward pass: its output, and its inputs by name."""
    numbers = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 6.8813735870195432}
    inputs = {name: Value(number, label=name) for name, number in numbers.items()}
    x1, x2, w1, w2, b = inputs.values()
    first, second = x1 * w1, x2 * w2
    both = first + second
    n = both + b
    output = n.tanh()
    for value, label in ((first, "x1·w1"), (second, "x2·w2"), (both, "their sum"), (n, "n"), (output, "output")):
        value.label = label
    output.backward()
    return output, inputs


def graph(run):
    """The graph of the lecture's neuron, with all data and gradients."""
    ### STAGE Value.backward, Value.__add__, Value.__mul__, Value.tanh, topological_order
    from autograder.milestone.graph import Box, graph_svg

    output, inputs = lecture_neuron()
    run.figure("output of the neuron", output.data, lecture=0.7071, passed=abs(output.data - 0.7071) < 1e-4)
    for (name, value), expected in zip(inputs.items(), [-1.5, 0.5, 1.0, 0.0, 0.5]):
        run.figure(f"gradient of {name}", value.grad, lecture=expected, passed=abs(value.grad - expected) < 1e-4)
    boxes = {}
    for node in dict.fromkeys([*inputs.values(), *topological_order(output)]):
        rows = [f"data {node.data:7.4f}", f"grad {node.grad:7.4f}"]
        boxes[str(id(node))] = Box(node.label, node._op, rows, [str(id(operand)) for operand in node._prev])
    run.svg("graph", graph_svg(boxes, "A neuron, and what backward() found"))


def fit(run):
    """One neuron learns to pass through twenty points."""
    ### STAGE Value, topological_order
    xs = [-2 + 4 * i / 19 for i in range(20)]
    ys = [1.5 * math.tanh(2 * x - 1) for x in xs]
    scale, weight, bias = parameters = [Value(0.5), Value(0.5), Value(0.0)]

    def curve():
        return [scale.data * math.tanh(weight.data * x + bias.data) for x in places]

    places = [-2 + 4 * i / 200 for i in range(201)]
    before, losses = curve(), []
    for _ in run.steps(short=300, full=2000):
        loss = sum((scale * (weight * x + bias).tanh() - y) ** 2 for x, y in zip(xs, ys)) / len(xs)
        for parameter in parameters:
            parameter.grad = 0.0
        loss.backward()
        for parameter in parameters:
            parameter.data -= 0.2 * parameter.grad
        losses.append(loss.data)
        run.show(loss=loss.data)
    run.figure("loss of the fitted neuron", losses[-1], passed=losses[-1] < 0.01)
    run.say(f"s = {scale.data:.3f}, w = {weight.data:.3f}, b = {bias.data:.3f}; the points were made with 1.5, 2 and -1.")

    with run.plot("fit", rows=2) as (above, below):
        above.plot(places, before, label="before training")
        above.plot(places, curve(), label="after training")
        above.scatter(xs, ys, color="black", label="points")
        above.set(xlabel="x", ylabel="y", title="One neuron learns a curve")
        above.legend()
        below.plot(losses)
        below.set(xlabel="step", ylabel="mean squared error", yscale="log", title="The error falls")


def milestone(run):
    """Look at slopes and graphs, compare with the lecture's neuron, then fit one neuron to points."""
    run.stages(parabola, nudges, squash, graph, fit)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
