# %% [markdown]
# # micrograd, first half: an engine for gradients
#
# A neural network is a long expression with many numbers in it that can be turned: its weights. Training asks one
# question over and over: *if this weight were a little larger, how much would the result change?* The answers are
# called gradients, and backpropagation is the way to get all of them in a single walk through the expression.
# In this lesson you build that walk from nothing: about a hundred lines of Python, no library, one number at a time.
# Everything larger, PyTorch included, does the same with arrays.
#
# Lecture: *The spelled-out intro to neural networks and backpropagation: building micrograd*, its first half,
# https://www.youtube.com/watch?v=VMj-3S1tku0
#
# It builds on Python and on what a slope is. You need no calculus beyond that.

# %%
import math

# %% [markdown]
# ## 1. A slope is a small experiment
#
# The derivative of $f$ at $x$ says how $f$ answers to a nudge. It can be *measured*: move $x$ a little to the right
# and a little to the left, see how far $f$ moved, and divide by how far you went:
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# A positive slope means that $f$ grows with $x$, a negative one that it falls, and 0 that nothing happens at first.
# Going both ways makes the error shrink with $h^2$ instead of $h$. Too small an $h$ hurts again, because a float
# has only about 16 digits and the difference of two nearly equal numbers loses most of them.
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


# %% [markdown]
# ## 2. Many inputs, one at a time
#
# A function of several inputs has a slope in each of them, and its list of slopes is the *gradient*. Each is measured
# as before: nudge one input, hold all the others still. For $f(a, b) = a b$ at $(2, 3)$ a nudge of $a$ is
# multiplied by 3 and a nudge of $b$ by 2, so that the gradient is $(3, 2)$.
#
# Keep this function in mind. It is slow, as it runs $f$ again for every input, but it is too simple to be wrong.
# Later it tells you whether the fast way is right.

# %%
def gradient(f, xs, h=1e-6):
    """Measure the partial derivatives of `f` at the point `xs`.

    f: a function of len(xs) floats that returns a float. xs: a list of floats, which is not changed.
    h: the size of the nudge. Returns a list with one float for each input: the slope of f in that input, the others
    held still.

    >>> [round(float(slope), 4) for slope in gradient(lambda a, b: a * b, [2.0, 3.0])]
    [3.0, 2.0]
    """
    ### BEGIN SOLUTION
    # hint: to find one partial derivative, call f twice: with xs[i] + h and with xs[i] - h, all else as it was.
    # hint: never nudge xs itself. `xs[:i] + [xs[i] + h] + xs[i + 1:]` is a new list with one entry moved.
    # hint: `derivative` does the measuring if you hand it a function of the i-th input only.
    # learned: a gradient is one slope for each input, each measured while the others hold still
    slopes = []
    for i in range(len(xs)):
        up = f(*xs[:i], xs[i] + h, *xs[i + 1:])
        down = f(*xs[:i], xs[i] - h, *xs[i + 1:])
        slopes.append((up - down) / (2 * h))
    return slopes
    ### END SOLUTION


# %% [markdown]
# ## 3. The chain rule, by hand
#
# Measuring is too slow for a network with a million weights. The way out is to take the expression apart. Here is one
# neuron with two inputs, two weights and a bias, squashed by tanh into $(-1, 1)$:
#
# $$n = x_1 w_1 + x_2 w_2 + b \qquad o = \tanh(n)$$
#
# The chain rule says that slopes along a path multiply. If $n$ changes $o$ at a rate of $\partial o / \partial n$, and
# $x_1$ changes $n$ at a rate of $\partial n / \partial x_1$, then $x_1$ changes $o$ at a rate of
#
# $$\frac{\partial o}{\partial x_1} = \frac{\partial o}{\partial n} \cdot \frac{\partial n}{\partial x_1}$$
#
# Both factors are easy: the slope of tanh is $1 - \tanh^2(n) = 1 - o^2$, and in a sum of products the slope in
# one factor is the other factor. Note that the first factor is shared by all five inputs: it is computed once and
# passed back. That sharing is the whole economy of backpropagation.
#
# Once it passes, `grad plot neuron_gradients` shows your five gradients as tangents.

# %%
def neuron_gradients(x1, x2, w1, w2, b):
    """Gradients of o = tanh(x1 * w1 + x2 * w2 + b), by the chain rule, without any measuring.

    All inputs are floats, however large. Returns a dict of floats with the keys "x1", "x2", "w1", "w2", "b": the
    derivative of o by each. Write the chain rule out; torch's autograd is refused in this lesson.

    >>> neuron_gradients(0.0, 1.0, 2.0, 3.0, -3.0)
    {'x1': 2.0, 'x2': 3.0, 'w1': 0.0, 'w2': 1.0, 'b': 1.0}
    >>> lecture = neuron_gradients(2.0, 0.0, -3.0, 1.0, 6.8813735870195432)
    >>> {name: round(float(slope), 4) for name, slope in lecture.items()}
    {'x1': -1.5, 'x2': 0.5, 'w1': 1.0, 'w2': 0.0, 'b': 0.5}
    """
    ### BEGIN SOLUTION
    # hint: compute o first. The slope of o in n is 1 - o ** 2, and every one of the five answers has it as a factor.
    # hint: by how much does n change when x1 grows by a little? And when w1 does? And b?
    # hint: with `slope = 1 - math.tanh(n) ** 2` the entry for x1 is `slope * w1`.
    # learned: slopes along a path multiply, and the part of the path that is shared is computed once
    n = x1 * w1 + x2 * w2 + b
    slope = 1 - math.tanh(n) ** 2
    return {"x1": slope * w1, "x2": slope * w2, "w1": slope * x1, "w2": slope * x2, "b": slope}
    ### END SOLUTION


# %% [markdown]
# ## 4. An expression is a graph
#
# Now let the computer do the chain rule. For that it must remember how a number came about. Think of every number,
# given or computed, as a node. A computed node keeps in `_prev` the operands that it was made from; a given one, a
# *leaf*, has none. The neuron above becomes
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
# Gradients travel from right to left: $o$ has the gradient $\partial o / \partial o = 1$, and each node hands its own on
# to its operands, multiplied by the local slope. In which order should the nodes do that? A node may be used in
# several places, and it must not pass its gradient on before *all* of these places have sent theirs. So we need a list
# in which each node stands after everything that it was made from; backwards, it is the order that we want. Such
# a list is called a *topological order*. It is a question about `_prev` alone, so we can answer it
# before there is any arithmetic. (`Value`, in the example, is the class of the next section.)

# %%
def topological_order(root):
    """List the nodes of the graph that ends in `root`, operands first.

    root: a node; its operands are in `root._prev`, theirs in their `_prev`, and so on down to the leaves, where `_prev`
    is empty. Returns a list of all these nodes, `root` included, each exactly once and each after all of its own
    operands. A chain of a few hundred nodes must work.

    >>> a = Value(2.0)
    >>> b = Value(4.0, (a, a), "*")
    >>> c = Value(6.0, (b, a), "+")
    >>> [node.data for node in topological_order(c)]
    [2.0, 4.0, 6.0]
    """
    ### BEGIN SOLUTION
    # hint: a node may be listed as soon as all its operands are. So: first visit the operands, then append the node.
    # hint: a node that is used twice is reached twice. Keep a set of the nodes that you have already visited.
    # hint: def visit(node): if it is new, put it into the set, visit(operand) for each operand, then order.append(node).
    # learned: visiting operands first and then listing the node itself gives a topological order
    order, seen = [], set()
    stack = [(root, False)]  # A stack of our own, as Python's recursion ends at about 1,000 calls.
    while stack:
        node, operands_listed = stack.pop()
        if operands_listed:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((operand, False) for operand in node._prev)
    return order
    ### END SOLUTION


# %% [markdown]
# ## 5. Value: a number that remembers
#
# `Value` holds one number and what backpropagation needs to know about it. Its constructor and its printed form
# are given. You write the operations and, at the end, `backward`.
#
# **What an operation does.** It makes a new `Value` from the operands' data, with the operands and the operation's sign
# noted in it. Then it gives the new value, call it `out`, a small function `out._backward`, for later. When that
# function is called, `out.grad` holds the slope of the final result in `out`, and the function passes it on: to
# each operand it adds `out.grad` times the *local derivative*, the slope of `out` in that operand. Nothing more is
# needed to know about the rest of the expression. These are the local derivatives:
#
# | out | local derivative | in words |
# |---|---|---|
# | $a + b$ | $1$ and $1$ | a sum hands the gradient on to both, as it is |
# | $a \cdot b$ | $b$ and $a$ | each factor's slope is the *other* factor |
# | $a^k$ | $k\,a^{k-1}$ | for a constant number $k$ |
# | $e^a$ | $e^a$ | its own output |
# | $\ln a$ | $1 / a$ | steep near 0, flat far out |
# | $\tanh a$ | $1 - \tanh^2 a$ | flat where the output is near -1 or 1 |
# | $\max(0, a)$ | $1$ if $a > 0$, else $0$ | a gate: open or shut |
#
# **Why `+=`.** A value may be used more than once: in $a + a$, or in two far branches of an expression. A nudge of
# $a$ then reaches the result on every one of these paths, and the effects *add*. So `_backward` adds to `grad` and
# never overwrites it. Every gradient starts at 0.0 for that reason. This is the lecture's famous bug, and it hides
# well: in an expression where each value is used once, `=` gives the right answer.
#
# **Numbers.** `a + 1` and `2 * a` should work too. For `a + 1` turn the number into a `Value` at the start of the
# operation. For `2 * a` Python first asks the integer, which knows nothing of values, and then calls the *reflected*
# method `a.__rmul__(2)`. Sums and products may be turned around; differences and quotients may not.
#
# **Less is more.** Subtraction and division need no `_backward` of their own. $-a$ is $a \cdot (-1)$, $a - b$ is
# $a + (-b)$, and $a / b$ is $a \cdot b^{-1}$: written with the operations that you have, they get their gradients for nothing.
#
# **backward.** Last, the walk itself. The root gets the gradient 1, since $\partial o / \partial o = 1$; then each
# node, from the root back to the leaves, runs its `_backward`. `topological_order` has the nodes in the right
# order, only the wrong way round.
#
# As soon as `tanh` passes, `grad plot Value.tanh` draws it with its slope.

# %%
class Value:
    """A number that remembers how it was made, so that gradients can flow back to where it came from.

    Attributes, all of which may be read and set:
    data: the number.
    grad: the derivative of the final result by this value; 0.0 until a backward pass adds to it.
    _prev: the operands that it was made from, Values; empty for a leaf.
    _op: the sign of the operation, such as "+"; "" for a leaf.
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
        """Return self + other as a new Value; other is a Value or a number.

        `_prev` holds the two operands and `_op` is "+". The local derivative is 1 for both, so `_backward` adds the
        result's `grad` to each operand's `grad`, also where both are the same Value.

        >>> a, b = Value(2.0), Value(-3.0)
        >>> c = a + b
        >>> c.grad = 5.0; c._backward()
        >>> c.data, a.grad, b.grad
        (-1.0, 5.0, 5.0)
        >>> (a + 1).data
        3.0
        """
        ### BEGIN SOLUTION
        # hint: `other` may be a plain number. Make it a Value first, if it is not one already (isinstance).
        # hint: make `out = Value(<the sum>, (self, other), "+")` and define a function inside this method that uses it.
        # hint: def _backward(): self.grad += out.grad, and the same for other. Then `out._backward = _backward`, without calling it.
        # learned: a sum passes its gradient on unchanged, and gradients are added up, never overwritten
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def __mul__(self, other):
        """Return self * other as a new Value; other is a Value or a number.

        `_prev` holds the two operands and `_op` is "*". The local derivative for each factor is the other factor:
        `_backward` adds that, times the result's `grad`, to each operand's `grad`.

        >>> a, b = Value(2.0), Value(-3.0)
        >>> c = a * b
        >>> c.grad = 10.0; c._backward()
        >>> c.data, a.grad, b.grad
        (-6.0, -30.0, 20.0)
        """
        ### BEGIN SOLUTION
        # hint: the same shape as __add__; only the sign and the two local derivatives are new.
        # hint: nudge a in a * b by a little. By how much does the product change? That factor belongs to a.
        # hint: self.grad += other.data * out.grad, and the mirror image for other.
        # learned: each factor of a product gets the other factor times the gradient that arrives
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def __pow__(self, power):
        """Return self ** power as a new Value; power is an int or a float, never a Value.

        `_prev` holds self alone, and `_op` is "**", with the power behind it if you like. The local derivative of a ** k
        is k * a ** (k - 1).

        >>> a = Value(3.0)
        >>> c = a ** 2
        >>> c.grad = 1.0; c._backward()
        >>> c.data, a.grad
        (9.0, 6.0)
        """
        ### BEGIN SOLUTION
        # hint: the power is a constant: it is no operand and gets no gradient.
        # hint: the local derivative of a ** 3 is 3 * a ** 2. Write it for any power.
        # hint: self.grad += power * self.data ** (power - 1) * out.grad
        # learned: the power comes down as a factor and is lowered by one; the chain rule multiplies by what arrives
        out = Value(self.data**power, (self,), f"**{power}")

        def _backward():
            self.grad += power * self.data ** (power - 1) * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def exp(self):
        """Return e ** self as a new Value, with self in `_prev` and `_op` "exp".

        The local derivative is e ** a, which is the result itself.

        >>> a = Value(0.0)
        >>> c = a.exp()
        >>> c.grad = 3.0; c._backward()
        >>> c.data, a.grad
        (1.0, 3.0)
        """
        ### BEGIN SOLUTION
        # hint: math.exp gives the value.
        # hint: the slope of e ** a has been computed already: it is the output.
        # hint: self.grad += out.data * out.grad
        # learned: the exponential is its own derivative, so the output is the local derivative
        out = Value(math.exp(self.data), (self,), "exp")

        def _backward():
            self.grad += out.data * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def log(self):
        """Return the natural logarithm of self as a new Value, with self in `_prev` and `_op` "log".

        self.data is positive. The local derivative is 1 / a.

        >>> a = Value(0.5)
        >>> c = a.log()
        >>> c.grad = 3.0; c._backward()
        >>> c.data, a.grad
        (-0.6931471805599453, 6.0)
        """
        ### BEGIN SOLUTION
        # hint: math.log is the natural logarithm.
        # hint: the local derivative is one over the *input*, not over the output.
        # hint: self.grad += out.grad / self.data
        # learned: the logarithm divides the gradient by the input, so small inputs get large gradients
        out = Value(math.log(self.data), (self,), "log")

        def _backward():
            self.grad += out.grad / self.data

        out._backward = _backward
        return out
        ### END SOLUTION

    def tanh(self):
        """Return the hyperbolic tangent of self as a new Value, one node with self in `_prev` and `_op` "tanh".

        The local derivative is 1 - t ** 2, where t is the result. Large numbers must not overflow: the tanh of 1000 is
        1.0, with the local derivative 0.0.

        >>> a = Value(0.0)
        >>> c = a.tanh()
        >>> c.grad = 2.0; c._backward()
        >>> c.data, a.grad
        (0.0, 2.0)
        >>> Value(-1000.0).tanh().data
        -1.0
        """
        ### BEGIN SOLUTION
        # hint: tanh is (exp(2a) - 1) / (exp(2a) + 1), but exp overflows beyond 709. The math module has a safe one.
        # hint: as with exp, the local derivative can be written with the output alone.
        # hint: t = math.tanh(self.data), and in _backward: self.grad += (1 - t**2) * out.grad
        # learned: tanh passes gradients on near 0 and blocks them where its output is close to -1 or 1
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")

        def _backward():
            self.grad += (1 - t**2) * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def relu(self):
        """Return self where it is positive and 0 elsewhere, as a new Value with self in `_prev` and `_op` "relu".

        The local derivative is 1 where self.data is positive, and 0 elsewhere, also at 0 exactly.

        >>> a, b = Value(3.0), Value(-3.0)
        >>> a.relu().data, b.relu().data
        (3.0, 0.0)
        """
        ### BEGIN SOLUTION
        # hint: max(0.0, x) is the value.
        # hint: the gate is open for positive inputs and shut for all others. What passes through an open gate?
        # hint: self.grad += out.grad if self.data > 0 else 0.0
        # learned: a relu passes the whole gradient on or none of it
        out = Value(max(0.0, self.data), (self,), "relu")

        def _backward():
            self.grad += out.grad if self.data > 0 else 0.0

        out._backward = _backward
        return out
        ### END SOLUTION

    def __neg__(self):
        """Return -self as a new Value, made with the operations above.

        >>> a = Value(2.0)
        >>> (-a).data, a.data
        (-2.0, 2.0)
        """
        ### BEGIN SOLUTION
        # hint: no new _backward is needed if you use an operation that has one.
        # hint: which number turns a into -a when you multiply by it?
        # learned: what is made of operations with gradients has a gradient, for nothing
        return self * -1
        ### END SOLUTION

    def __sub__(self, other):
        """Return self - other as a new Value; other is a Value or a number.

        >>> (Value(2.0) - Value(5.0)).data
        -3.0
        >>> (Value(2.0) - 0.5).data
        1.5
        """
        ### BEGIN SOLUTION
        # hint: subtracting is adding the negative.
        # hint: `-other` works both for a number and, since __neg__, for a Value.
        # learned: a difference is a sum with a negated operand, and so are its gradients
        return self + (-other)
        ### END SOLUTION

    def __radd__(self, other):
        """Return other + self as a new Value; other is a number. Python calls it for `1 + a`, and sum() begins with `0 + a`.

        >>> (1 + Value(2.0)).data
        3.0
        >>> sum([Value(2.0), Value(3.0)]).data
        5.0
        """
        ### BEGIN SOLUTION
        # hint: the order does not matter in a sum. Which side must the Value be on for your __add__ to be called?
        # hint: `other + self` would come straight back here. Turn it around.
        # learned: Python asks the right operand when the left one does not know what to do
        return self + other
        ### END SOLUTION

    def __rsub__(self, other):
        """Return other - self as a new Value; other is a number.

        >>> (2 - Value(5.0)).data
        -3.0
        """
        ### BEGIN SOLUTION
        # hint: here the order matters: 2 - a is not a - 2.
        # hint: negate self, then add the number.
        # learned: in a reflected difference self is the right operand
        return -self + other
        ### END SOLUTION

    def __rmul__(self, other):
        """Return other * self as a new Value; other is a number.

        >>> (3 * Value(2.0)).data
        6.0
        """
        ### BEGIN SOLUTION
        # hint: the same trick as in __radd__.
        # hint: put the Value on the left, so that your __mul__ is called.
        # learned: a product may be turned around, so its reflected form is the product itself
        return self * other
        ### END SOLUTION

    def __truediv__(self, other):
        """Return self / other as a new Value; other is a Value or a number, not 0.

        >>> (Value(6.0) / Value(2.0)).data
        3.0
        >>> (Value(6.0) / 4).data
        1.5
        """
        ### BEGIN SOLUTION
        # hint: dividing by b is multiplying by b to the power of -1.
        # hint: `other ** -1` works both for a number and, since __pow__, for a Value.
        # learned: a quotient is a product with a power of -1
        return self * other**-1
        ### END SOLUTION

    def __rtruediv__(self, other):
        """Return other / self as a new Value; other is a number, and self is not 0.

        >>> (6 / Value(4.0)).data
        1.5
        """
        ### BEGIN SOLUTION
        # hint: 2 / a is not a / 2. Which of the two goes to the power of -1?
        # hint: self ** -1, times the number.
        # learned: in a reflected quotient self is the one below the line
        return self**-1 * other
        ### END SOLUTION

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
        ### BEGIN SOLUTION
        # hint: how much does the result change when the result itself grows by a little? That starts the walk.
        # hint: topological_order(self) has every operand before its result. Gradients go the other way.
        # hint: self.grad = 1.0, then node._backward() for each node in reversed(topological_order(self)).
        # learned: backpropagation is the chain rule, applied once at each node, from the result back to the leaves
        self.grad = 1.0
        for node in reversed(topological_order(self)):
            node._backward()
        ### END SOLUTION


# %% [markdown]
# Try it on the neuron of section 3: make five Values, write `o = (x1 * w1 + x2 * w2 + b).tanh()`, call `o.backward()`,
# and look at the gradients. They are those that you found by hand, and this time nobody did any calculus.
#
# Two things are worth knowing. Calling `backward` on a second expression *adds* to the gradients of the leaves,
# which is why training must set them back to 0 before each step. And `_prev` keeps all that a result was made from in
# memory for as long as the result lives, in PyTorch too.
#
# ## 6. Look at the graph
#
# A graph is easiest to trust when you have seen it. To draw one we need its nodes and its edges: an edge leads from an
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
    ### BEGIN SOLUTION
    # hint: you have a function already that lists every node of the graph once.
    # hint: each node has one edge from each of its operands. Which of the two comes first in the pair?
    # hint: edges = {(operand, node) for node in nodes for operand in node._prev}
    # learned: a graph is its nodes and its edges, and both can be read off `_prev`
    nodes = set(topological_order(root))
    edges = {(operand, node) for node in nodes for operand in node._prev}
    return nodes, edges
    ### END SOLUTION


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
# ## 7. Trust, but measure
#
# You now have two ways to a gradient: a fast one that could have a bug, and the slow one of section 2 that hardly could.
# Comparing them is called a *gradient check*, and it is what people still do when they write a new backward pass.
#
# For the fast one, call `f` with Values and go backward. For the slow one, `gradient` wants a function from floats to a
# float, and `f` goes from Values to a Value. So wrap it: numbers in, Values made of them, and the `data` of the result out.

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
    ### BEGIN SOLUTION
    # hint: make one Value for each number, call f with them, go backward, and read their gradients.
    # hint: for the other side hand `gradient` a function such as `lambda *numbers: f(*[Value(x) for x in numbers]).data`.
    # hint: all(abs(a - b) <= tolerance for a, b in zip(...)). Without abs a slope that is far too small would pass.
    # learned: a slow method that is plainly right is the best test of a fast one
    leaves = [Value(x) for x in xs]
    f(*leaves).backward()
    measured = gradient(lambda *numbers: f(*map(Value, numbers)).data, xs, h)
    return all(abs(leaf.grad - slope) <= tolerance for leaf, slope in zip(leaves, measured))
    ### END SOLUTION


# %% [markdown]
# ## 8. A loss out of your own operations
#
# To end with, the loss that trains nearly every model of this course. A classifier gives one score for each class, its
# *logits* $z_1 \dots z_n$. Exponentials make the scores positive, dividing by their sum makes them add up to 1, and so
# they become probabilities; that is the *softmax*. The loss is the negative logarithm of the probability that was given to the
# right class $t$, the *negative log likelihood*:
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}} \qquad \text{loss} = -\ln p_t$$
#
# It is 0 if the right class has probability 1 and grows without bound as that goes to 0. Its gradient is
# remarkably simple: $p_i$ for the wrong classes and $p_t - 1$ for the right one. Wrong classes are pushed down by as
# much as they were believed, and the right one is pulled up by what is missing. You need not program that:
# your engine finds it by itself. (`exp` overflows for logits beyond 709; part 2 deals with that.)

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
    ### BEGIN SOLUTION
    # hint: work with Values all the way. math.log of a Value's data would cut the graph.
    # hint: one exp for each logit, and sum() adds up Values, thanks to __radd__.
    # hint: divide the target's exponential by the sum, take its log(), and negate it.
    # learned: softmax and log likelihood need no gradient code of their own, the engine composes it
    counts = [logit.exp() for logit in logits]
    probability = counts[target] / sum(counts)
    return -probability.log()
    ### END SOLUTION


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
