# %% [markdown]
# # Tensors: one long list, and ways to read it
#
# The engine that you built computes with single numbers. A network has thousands of them, and Python is far too slow
# to visit each. So from the next lesson on all numbers live in *tensors*, and PyTorch works on a whole tensor at a
# time. That's fast, and it has a price: most bugs no longer crash. A table is divided by the wrong sums, a vector is
# stretched into a square, a copy is changed where you meant the original. Every number comes out, and it's wrong.
#
# People who never fall into these traps don't know more functions than you. They have a picture in their heads, and
# this lesson draws it. You build the picture first, in plain Python: where a tensor's numbers lie, what a view is,
# when two shapes fit. Then you write the handful of moves that the rest of the course is made of.
#
# ```
# one list       0  1  2  3  4  5  6  7  8  9 10 11        the storage
#                └────────┘  └────────┘  └─────────┘
# read as           row 0       row 1       row 2          shape (3, 4)
# ```
#
# This lesson belongs to no lecture; it stands between *backpropagation* and *makemore*, and has what the second takes
# for granted. It builds on nothing but Python. If you know numpy, you'll meet old friends.

# %%
import time

import torch


# %% [markdown]
# ## 1. A list with a plan
#
# Memory has no rows and columns. It's one long list of cells, and so is the *storage* of a tensor. What makes a table
# of it is a plan: a *shape*, and for each dimension a *stride*, the number of cells that you go on when its index
# grows by one.
#
# ```
# storage    a  b  c  d  e  f  g  h  i  j  k  l
#
#            a  b  c  d         shape    (3, 4)
#            e  f  g  h         strides  (4, 1)    down 4 cells, right 1 cell
#            i  j  k  l
# ```
#
# Where's row 1, column 2? Go 1 times 4 cells, and 2 times 1 cell: that's cell 6, the `g`. With more dimensions it
# goes on like this, one product for each. And a tensor need not begin at cell 0, so there's one more number, the
# *start*.

# %%
def offset(index, strides, start=0):
    """Find the cell of the storage in which one number of a tensor lies.

    index, strides: tuples of ints of the same length, one for each dimension; there may be none, or many. The indices
    are 0 or more. start: the cell of the very first number. Returns an int.

    >>> offset((1, 2), (4, 1))
    6
    >>> offset((1, 2), (4, 1), start=10)
    16
    """
    ### BEGIN SOLUTION
    # hint: Each dimension moves you on by its index times its stride.
    # hint: zip gives you the index and the stride of each dimension together. Add up the products, and the start.
    # learned: a number is found by one product for each dimension, whatever the shape looks like
    return start + sum(place * stride for place, stride in zip(index, strides))
    ### END SOLUTION


# %% [markdown]
# How does PyTorch choose the strides of a new tensor? It lays the rows one behind the other, without a gap. So the
# last index moves by 1 cell. The one before it must jump over a whole row, and the one before that over a whole table
# of rows:
#
# ```
# shape      2    3    4
# strides   12    4    1
#            │    └────┴─ a row has 4 numbers
#            └─ a table has 3 rows of 4
# ```
#
# A tensor that is laid out like this is called *contiguous*. `x.stride()` tells you the strides of any tensor. Here
# you work them out yourself, so that they hold for shapes that are too large for any memory, too.
#
# Once it passes, `grad plot strides_of` draws the jumps.

# %%
def strides_of(shape):
    """Work out the strides of a contiguous tensor.

    shape: a tuple of ints, each 1 or more; it may be empty, and the product of the sizes may be far larger than what any
    tensor can hold. Returns a tuple of as many ints.

    >>> strides_of((3, 4))
    (4, 1)
    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    ### BEGIN SOLUTION
    # hint: Begin at the right end. How far does the last index move you?
    # hint: Keep a number `step`, 1 at first. Each size, from the right, makes the next step that many times as large.
    # hint: reversed(shape) goes from the right. Put each stride in front of those that you have, or reverse at the end.
    # learned: a stride is the product of all the sizes to its right
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step *= size
    return tuple(strides)
    ### END SOLUTION


# %%
def argmax_of_a_table():
    """A table has 3 rows and 4 columns, and its largest number is in row 1, column 2 (both count from 0). What does
    `table.argmax()` say?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: it's one number, not two. What could one number say about a place in a table?
    # because: argmax without a dimension tells the place in the flattened table, and before row 1 lie 4 numbers: 4 + 2
    table = torch.zeros(3, 4)
    table[1, 2] = 1.0
    return table.argmax()
    ### END PREDICTION


# %% [markdown]
# `argmax` of a whole table gives the place in the flattened tensor, so you need the way back: from one number to an
# index for each dimension. It's how you read a clock. 5,000 seconds are 1 hour, 23 minutes and 20 seconds, because
# you divide by 60 and keep the rest, twice. Here the sizes of the shape take the part of the 60s.
#
# At the end of this lesson it tells you which pair of letters is the most common one.

# %%
def coordinates(place, shape):
    """Turn a place in a flattened contiguous tensor into its index in each dimension.

    shape: a tuple of ints, each 1 or more, with a product as large as you like. place: an int from 0 to that product - 1.
    Returns a tuple of as many ints as the shape has.

    >>> coordinates(6, (3, 4))
    (1, 2)
    >>> coordinates(5000, (24, 60, 60))
    (1, 23, 20)
    """
    ### BEGIN SOLUTION
    # hint: What does the remainder of a division by the last size tell you?
    # hint: The remainder is the last index, and the quotient is the place among the rows. Go on with that.
    # hint: divmod(place, size) gives quotient and remainder. Go through the sizes from the right.
    # learned: a flat place and an index for each dimension say the same; strides lead one way, remainders the other
    index = []
    for size in reversed(shape):
        index.insert(0, place % size)
        place //= size
    return tuple(index)
    ### END SOLUTION


# %% [markdown]
# ## 2. Another plan, the same list
#
# Now the trick that makes tensors cheap. If a tensor is only a plan, then a *different* plan reads the same cells in
# another way, and nothing has to be moved:
#
# ```
# storage    a  b  c  d  e  f  g  h  i  j  k  l
#
#            a  b  c  d         a  e  i         b  d            b  c
#            e  f  g  h         b  f  j         f  h            f  g
#            i  j  k  l         c  g  k         j  l
#                               d  h  l
#
# shape      (3, 4)             (4, 3)          (3, 2)          (2, 2)
# strides    (4, 1)             (1, 4)          (4, 2)          (4, 1)
# start      0                  0               1               1
#            the table          transposed      every second    a corner
# ```
#
# Such a tensor is called a *view*. Transposing exchanges two strides. Taking every second column doubles one. A
# stride may even be 0, and then the same cell is read again and again; remember that one.
#
# Read a storage by any plan. The result is a list of lists, as `tolist()` would give it.
#
# Once it passes, `grad plot read_storage` reads one storage in four ways.

# %%
def read_storage(storage, shape, strides, start=0):
    """Read a storage by a plan, into nested lists.

    storage: a list of anything (numbers, letters), not changed. shape, strides: tuples of ints of the same length; sizes
    are 1 or more, strides 0 or more. start: the cell of the first item. Returns lists in lists, one level for each
    dimension; with an empty shape, the item itself.

    >>> read_storage([5, 6, 7, 8, 9, 10], (2, 3), (3, 1))
    [[5, 6, 7], [8, 9, 10]]
    >>> read_storage(list("abcdef"), (3, 2), (1, 3))
    [['a', 'd'], ['b', 'e'], ['c', 'f']]
    >>> read_storage(list("abcdef"), (), (), start=4)
    'e'
    """
    ### BEGIN SOLUTION
    # hint: Start with the easiest shape, the empty one. What do you return then?
    # hint: A tensor is a list of tensors with one dimension less. Where does the one with index i begin?
    # hint: Call read_storage itself with shape[1:], strides[1:] and a start that has moved on by i * strides[0].
    # learned: a tensor is a storage, a shape, strides and a start, and nothing else
    if not shape:
        return storage[start]
    starts = [start + i * strides[0] for i in range(shape[0])]
    return [read_storage(storage, shape[1:], strides[1:], there) for there in starts]
    ### END SOLUTION


# %% [markdown]
# When you write `x[:, 1:4:2]`, PyTorch doesn't look at a single number. It makes a new plan from the old one, and
# that's all. Which of the three parts changes, and how? Look at the pictures above again: the third one is
# `table[:, 1:4:2]`.

# %%
def sliced(shape, strides, start, dim, begin, end, step=1):
    """Make the plan of a slice `begin:end:step` in one dimension of a tensor.

    shape, strides: tuples of ints, one for each dimension. start: an int. dim: the dimension that is cut, 0 or more.
    begin, end: ints with 0 <= begin < end <= shape[dim]. step: an int, 1 or more; `end` itself is left out, as always.
    Returns `(shape, strides, start)` of the slice: two tuples and an int.

    >>> sliced((3, 4), (4, 1), 0, 1, 1, 4, 2)
    ((3, 2), (4, 2), 1)
    >>> sliced((3, 4), (4, 1), 0, 0, 1, 3)
    ((2, 4), (4, 1), 4)
    """
    ### BEGIN SOLUTION
    # hint: The first item of the slice lies `begin` strides further on than the first one of the whole.
    # hint: From one item of the slice to the next you make `step` of the old strides.
    # hint: How many items? len(range(begin, end, step)) counts them and rounds correctly.
    # learned: a slice copies nothing: it moves the start, and multiplies one stride by its step
    size = len(range(begin, end, step))
    new_shape = (*shape[:dim], size, *shape[dim + 1 :])
    new_strides = (*strides[:dim], strides[dim] * step, *strides[dim + 1 :])
    return new_shape, new_strides, start + begin * strides[dim]
    ### END SOLUTION


# %%
def shape_of_a_flattened_transpose():
    """x is contiguous and has the shape (3, 4). What's the shape of `x.T.view(-1)`, the flattened transpose?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: a view needs strides. Which single stride reads a e i b f j c g k d h l out of a b c d e f g h i j k l?
    # because: no stride reads the cells in that order, so there's no such view; `reshape` makes a copy in that case
    return torch.arange(12).view(3, 4).T.view(-1)
    ### END PREDICTION


# %% [markdown]
# A view can be flattened only if one stride leads through all of its numbers in the order in which they are read. In
# a contiguous tensor it does, from cell to cell. After a transpose it doesn't: `view` refuses, and three ways lead on. `x.contiguous()` copies the numbers into
# that order; `x.reshape(...)` views where it can and copies where it must; and often you had the dimensions in a
# different order than you thought. In the Transformer you'll meet this where the results of several heads are joined.
#
# One detail: in a dimension of size 1 nobody ever makes a step, so its stride may be anything.

# %%
def is_contiguous(shape, strides):
    """Tell whether a tensor of this plan is contiguous.

    shape, strides: tuples of ints of the same length; sizes are 1 or more, with a product as large as you like. Returns
    True if the strides are those of a new tensor of that shape, where those of dimensions of size 1 don't count, and
    False otherwise.

    >>> is_contiguous((3, 4), (4, 1)), is_contiguous((4, 3), (1, 4))
    (True, False)
    >>> is_contiguous((3, 1, 4), (4, 99, 1))
    True
    """
    ### BEGIN SOLUTION
    # hint: You have a function for the strides that a new tensor would have.
    # hint: Compare them dimension by dimension. When does a difference not matter?
    # hint: all(...) over a zip of the sizes, the strides and the wanted strides: size == 1 or stride == wanted.
    # learned: contiguous means that reading in order is walking through the storage cell by cell
    wanted = strides_of(shape)
    return all(size == 1 or stride == want for size, stride, want in zip(shape, strides, wanted))
    ### END SOLUTION


# %%
def what_a_list_of_rows_shares():
    """`x = torch.zeros(2, 3)`, then `y = x[[0, 1]]`, then `y += 1`. What's `x.sum()` now?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: `x[0:2]` would be a view, and then all six numbers of x would be 1. Is `x[[0, 1]]` a view too?
    # because: a list may name any rows in any order, which no stride can do, so it copies; x[0:2] would have given 6
    x = torch.zeros(2, 3)
    y = x[[0, 1]]
    y += 1
    return x.sum()
    ### END PREDICTION


# %% [markdown]
# ## 3. Views at work
#
# So integers and slices give views; lists, tensors of indices and masks give copies. `view`, `transpose`, `permute`,
# `T`, `unsqueeze`, `x[None]` and `expand` give views; arithmetic, `clone` and `contiguous` after a transpose give new
# storage. If you write into a view, you write into the original. That can be a nasty surprise, or just what you want.
#
# Here's a case where you want it. A language model learns from a text by looking at `size` characters and guessing
# the one that follows. Written out, nearly every character is there `size` times:
#
# ```
# tokens      5  3  8  8  1  4
#
# contexts    5  3  8        targets   8
#             3  8  8                  1
#             8  8  1                  4
# ```
#
# For a long text that's a lot of memory for nothing. One row down is one cell on, one column to the right is one cell
# on as well: both strides are the same! So a view will do. `x.as_strided(shape, strides)` makes any plan into a view
# that begins where x does, and `x.unfold(0, size, 1)` is windows ready-made.

# %%
def training_windows(tokens, size):
    """Cut a text into contexts and targets, without copying anything.

    tokens: int64 tensor (N,), not changed; it may itself be a view, such as every second number of a longer tensor.
    size: an int, 1 or more, less than N. Returns `(contexts, targets)` of shapes (N - size, size) and (N - size,):
    contexts[i] are `size` tokens from i on, and targets[i] is the one after them. Both share the storage of tokens.

    >>> contexts, targets = training_windows(torch.tensor([5, 3, 8, 8, 1, 4]), 3)
    >>> contexts
    tensor([[5, 3, 8],
            [3, 8, 8],
            [8, 8, 1]])
    >>> targets
    tensor([8, 1, 4])
    """
    ### BEGIN SOLUTION
    # hint: The targets are a slice of the tokens. From where on?
    # hint: unfold(0, size, 1) gives all windows. The last one has no token after it.
    # hint: With as_strided, both strides are that of the tokens, tokens.stride(0), which need not be 1.
    # learned: overlapping windows are a view with two equal strides, and cost no memory
    return tokens.unfold(0, size, 1)[:-1], tokens[size:]
    ### END SOLUTION


# %% [markdown]
# The second case is the one that bites. In a Transformer the C channels of every position are divided among several
# *heads*, and each head works on its own piece. It wants its piece as a table of its own, so the shape has to go from
# (B, T, C) to (B, heads, T, C / heads). Those are the same numbers in both, so why not
# `x.view(B, heads, T, C // heads)`? Try it on paper with one text of two positions, four channels and two heads:
#
# ```
# x[0]              a head has              view alone mixes:
#                   some channels           a head has
#  a0 a1 a2 a3      of all positions        some positions
#  b0 b1 b2 b3
#                   head 0   a0 a1          head 0   a0 a1
#                            b0 b1                   a2 a3
#                   head 1   a2 a3          head 1   b0 b1
#                            b2 b3                   b2 b3
# ```
#
# The right one is wrong, and nothing complains. `view` may only cut a dimension in pieces or join neighbors. To
# exchange dimensions is another step, `transpose`.
#
# Once it passes, `grad plot separate_heads` colors the channels.

# %%
def separate_heads(x, heads):
    """Divide the channels of every position among heads, without copying anything.

    x: tensor (B, T, C), contiguous, not changed. heads: an int that divides C. Returns a view (B, heads, T, C // heads)
    of the same storage: head 0 has the first C // heads channels of every position, head 1 the next ones, and so on.

    >>> separate_heads(torch.tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]]), 2).tolist()
    [[[[1, 2], [5, 6]], [[3, 4], [7, 8]]]]
    """
    ### BEGIN SOLUTION
    # hint: First cut the last dimension in two, and leave the others where they are. Which shape has four dimensions then?
    # hint: view(B, T, heads, C // heads) cuts the channels. Which two dimensions have to change places?
    # hint: transpose(1, 2) exchanges positions and heads; it only exchanges strides.
    # learned: view cuts and joins neighbors, transpose exchanges; to mix them up shuffles the numbers silently
    B, T, C = x.shape
    return x.view(B, T, heads, C // heads).transpose(1, 2)
    ### END SOLUTION


# %%
def shape_of_a_capital_tensor():
    """`torch.tensor(3)` is a tensor without dimensions that holds the number 3. What's the shape of `torch.Tensor(3)`, with
    a capital T?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: it's the name of the class. What might the class take an integer to be?
    # because: torch.Tensor takes a size, and hands you that many floats as they happen to lie in memory
    return torch.Tensor(3)
    ### END PREDICTION


def two_hundred_plus_a_hundred():
    """Images come as bytes. What's `torch.tensor(200, dtype=torch.uint8) + 100`?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: a byte holds 0 to 255. What comes after 255?
    # because: a Python number doesn't widen the tensor's type, and a byte begins again after 255: 300 - 256
    return torch.tensor(200, dtype=torch.uint8) + 100
    ### END PREDICTION


def dtype_of_counts_and_a_half():
    """`torch.tensor([1, 2])` holds whole numbers, int64. What's the dtype of `torch.tensor([1, 2]) + 0.5`?

    Answer: one of: int64; float32; float64; an error.
    """
    ### BEGIN PREDICTION
    # hint: numpy would say float64. Which floats does PyTorch make if nobody asks for others?
    # because: the kind of number wins and not its width, and PyTorch's own floats are float32
    return str((torch.tensor([1, 2]) + 0.5).dtype).removeprefix("torch.")
    ### END PREDICTION


# %% [markdown]
# ## 4. What kind of number?
#
# Every tensor has one *dtype* for all its numbers:
#
# | made by | dtype |
# |---|---|
# | `torch.tensor([1, 2])` | int64, because these are ints |
# | `torch.tensor([1.0, 2.0])`, `torch.zeros(2)`, `torch.randn(2)` | float32 |
# | `torch.Tensor([1, 2])`, the class itself | float32, whatever you give it |
# | `x > 0`, `x == y` | bool |
# | `x.argmax(1)`, `torch.arange(5)` | int64: they are indices |
# | `counts.sum()` of ints or bools | int64 |
#
# If two kinds meet, the higher one wins: bool, then int, then float. `/` always gives floats, `//` rounds down
# (`-7 // 2` is -4). `x.float()` and `x.long()` convert. And `mean` wants floats: of whole numbers or bools it's an error,
# one of the few cases where PyTorch does complain.
#
# Compare what a model says with what is true. For each example it gives a score to every class; it's right if the
# largest one is that of the true class. The share of right answers is called *accuracy*, and you'll report it often.

# %%
def hit_rate(scores, targets):
    """The share of the examples whose largest score stands at the target.

    scores: float tensor (N, V), N of at least 1, the largest score of each row there once; targets: int64 tensor (N,).
    Neither is changed. Returns a float from 0 to 1, or a float tensor without dimensions.

    >>> scores = torch.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    >>> float(hit_rate(scores, torch.tensor([1, 0, 0, 0])))
    0.75
    """
    ### BEGIN SOLUTION
    # hint: argmax along one dimension gives an index for each row. Along which one?
    # hint: Compare the indices with the targets: a bool for each example. What do you need before you can take the mean?
    # learned: comparisons give bools; turn them into floats, and their mean is a share
    return (scores.argmax(1) == targets).float().mean().item()
    ### END SOLUTION


# %%
def shape_of_what_a_mask_picks():
    """x has the shape (4, 5), and 7 of its 20 numbers are positive. What's the shape of `x[x > 0]`?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: in row 0 there may be three of them, and in row 1 none. Can they stay in rows?
    # because: the rows may have kept different numbers of them, so all that can be given is one flat list
    x = -torch.ones(20)
    x[torch.randperm(20)[:7]] = 1.0
    x = x.view(4, 5)
    return x[x > 0]
    ### END PREDICTION


# %% [markdown]
# ## 5. When shapes differ
#
# What may stand in the brackets, in one table:
#
# | index | what it does | of shape (4, 5) |
# |---|---|---|
# | `x[2]` | takes one, and the dimension is gone | (5,) |
# | `x[1:3]` | takes some, in a row | (2, 5) |
# | `x[[3, 0, 0]]`, a tensor of indices | takes any, as often as you like | (3, 5) |
# | `x[:, None]` | adds a dimension of size 1 | (4, 1, 5) |
# | `x[x > 0]` | takes what's true, flat | (7,) |
# | `x[[0, 1], [2, 4]]` | takes pairs: (0, 2) and (1, 4) | (2,) |
#
# The smallest of them is the most important: `None`. It turns a list of 4 numbers, (4,), into a column, (4, 1). And
# whether something is a row or a column decides everything in what comes now.
#
# If two tensors of different shapes meet, PyTorch *broadcasts*. The rule has three sentences. Line the shapes up **at
# the right**. Where one has no size, put a 1. Then in each place the sizes must be equal, or one of them is 1 and
# stretches.
#
# ```
# x      B  T  C     column  4  1     one    5  1  4     one    3
# mask      T  1     row        5     other     3  1     other  4
#        ───────             ────            ───────     does not fit
#        B  T  C             4  5            5  3  4
# ```
#
# Nothing is copied while it stretches: the stride is set to 0, and the same cell is read again and again.
#
# Shapes in docstrings often have letters, and you do this in your head with letters every day. So let your function
# do it with letters too.
#
# Once it passes, `grad plot broadcast_shape` draws four pairs.

# %%
def broadcast_shape(one, other):
    """Work out the shape in which two tensors meet, or that they don't.

    one, other: tuples of sizes, of any length. A size is an int, 0 or more, or a string such as "T", which stands for a
    size that isn't known: it's equal to itself, and to no other letter or number. A 1 stretches to it, as to any size.
    Returns the shape as a tuple, or None where the two don't fit.

    >>> broadcast_shape((5, 1, 4), (3, 1))
    (5, 3, 4)
    >>> broadcast_shape(("B", "T", "C"), ("T", 1))
    ('B', 'T', 'C')
    >>> print(broadcast_shape((3,), (4,)))
    None
    """
    ### BEGIN SOLUTION
    # hint: Make both equally long first. On which side, and with what?
    # hint: Then go through the pairs: equal sizes stay, a 1 gives way to whatever it meets, and all else doesn't fit.
    # hint: (1,) * 2 + shape puts two ones in front. `max` doesn't help: letters have no order, and 0 against 1 gives 0.
    # learned: broadcasting lines shapes up at the right, and only a 1, or what is missing, stretches
    length = max(len(one), len(other))
    one, other = ((1,) * (length - len(shape)) + tuple(shape) for shape in (one, other))
    result = []
    for a, b in zip(one, other):
        if a != b and a != 1 and b != 1:
            return None
        result.append(b if a == 1 else a)
    return tuple(result)
    ### END SOLUTION


# %%
def squares_in_a_mean_squared_error():
    """A network predicts 100 numbers, of shape (100,). The targets have the shape (100, 1). Over how many squares does
    `((predicted - targets) ** 2).mean()` take the mean?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: line up (100,) and (100, 1) at the right.
    # because: a row meets a column, both stretch, and every prediction is compared with every target: 100 times 100
    predicted, targets = torch.randn(100), torch.randn(100, 1)
    return ((predicted - targets) ** 2).numel()
    ### END PREDICTION


# %% [markdown]
# That's the worst trap of this library: (n,) against (n, 1) is no error, it's a square. It costs people days, because
# the loss even falls.
#
# With sums it has a twin. `table.sum(1)` adds up dimension 1, so it *removes* it: (3, 4) becomes (3,). (Think of
# `dim` as the one that disappears.) Put that below a table with `/`, and it's lined up at the right, against the
# columns:
#
# ```
#              sum(1)               sum(1, keepdim=True)
#
# table        3  3                 3  3
# sums            3    a row!       3  1    a column
# ```
#
# If the table has as many rows as columns, nothing complains, and each number is divided by the sum of a wrong row.
# `keepdim=True` keeps the summed dimension with size 1, and then everything falls into place, whatever the dimension
# is. In the next lesson this is how counts become probabilities.
#
# Once it passes, `grad plot shares` shows both ways, on the same table.

# %%
def shares(counts, dim):
    """Divide each number by the sum along a dimension.

    counts: tensor of ints or floats, of any shape with at least one dimension; no sum is 0. It's not changed. dim: the
    dimension to sum over; it may count from the end, as -1. Returns a float tensor of the same shape, whose sums along
    that dimension are 1.

    >>> shares(torch.tensor([[3, 1], [1, 4]]), 1)
    tensor([[0.7500, 0.2500],
            [0.2000, 0.8000]])
    >>> shares(torch.tensor([[3, 1], [1, 4]]), 0)
    tensor([[0.7500, 0.2000],
            [0.2500, 0.8000]])
    """
    ### BEGIN SOLUTION
    # hint: What shape must the sums have to stretch along the dimension that was summed?
    # hint: sum takes keepdim=True.
    # learned: normalize with keepdim, and the sums stretch along the dimension that they came from
    return counts / counts.sum(dim, keepdim=True)
    ### END SOLUTION


# %% [markdown]
# Now use the square on purpose. Texts in a batch have different lengths, and the short ones are filled up with
# *padding* that nobody may look at. Which places are padding? Compare every place with every length, a row with a
# column, and out comes a *mask*, a table of bools:
#
# ```
#                places   0  1  2  3
#  lengths  2             .  .  X  X        place >= length
#           4             .  .  .  .
#           1             .  X  X  X
# ```
#
# In attention the scores of hidden places become minus infinity, because the softmax turns that into a 0. Scores may
# be infinite already, so pick and don't calculate: 0 times infinity is not a number. `torch.where(mask, a, b)` takes
# a where the mask is true and b elsewhere; `x.masked_fill(mask, number)` fills a copy.
#
# Once it passes, `grad plot hide_padding` shows where attention goes.

# %%
def hide_padding(scores, lengths):
    """Set the scores behind the end of each text to minus infinity.

    scores: float tensor (B, T), which may hold infinities; not changed. lengths: int64 tensor (B,), each from 0 to T: of
    row b the first lengths[b] scores stay. Returns a new tensor (B, T), through which gradients flow.

    >>> hide_padding(torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), torch.tensor([1, 3]))
    tensor([[1., -inf, -inf],
            [4., 5., 6.]])
    """
    ### BEGIN SOLUTION
    # hint: torch.arange(T) numbers the places. It has the shape (T,); which shape do the lengths need?
    # hint: lengths[:, None] is a column (B, 1), so `places < lengths[:, None]` has the shape (B, T).
    # hint: torch.where(kept, scores, -torch.inf), or masked_fill with the opposite mask.
    # learned: a row compared with a column is a mask, and a mask picks where multiplying would make nan
    places = torch.arange(scores.shape[1])
    return torch.where(places < lengths[:, None], scores, -torch.inf)
    ### END SOLUTION


# %% [markdown]
# ## 6. Gather and scatter
#
# A loss wants, from each row of log-probabilities, the one at the target. With two dimensions you can index by pairs:
# `logp[torch.arange(N), targets]`. A Transformer has three, (B, T, V), and then `gather` is simpler. It goes along
# one dimension and takes the entry that the index names, so the index needs *as many dimensions* as the table:
#
# ```
# log_probabilities  (B, T, V)
# targets            (B, T)      one index for each place
# targets[..., None] (B, T, 1)   along the last dimension, take one
# gathered           (B, T, 1)
# ```
#
# `...` stands for all dimensions that you don't name. Minus the mean of what you pick is the cross-entropy, the loss
# of every model from here on.

# %%
def pick(log_probabilities, targets):
    """From each row of the last dimension, take the entry that the target names.

    log_probabilities: float tensor (..., V) with any number of dimensions before the last, at least one. targets: int64
    tensor (...) of the shape of those. Neither is changed. Returns a float tensor of the shape of targets; gradients flow
    through it into log_probabilities.

    >>> pick(torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]), torch.tensor([2, 0]))
    tensor([0.3000, 0.4000])
    """
    ### BEGIN SOLUTION
    # hint: Give the targets one more dimension, at the end, so that they have as many as the table.
    # hint: gather(-1, index) goes along the last dimension. What comes out has the shape of the index.
    # hint: Take the dimension of size 1 away again: [..., 0] or squeeze(-1).
    # learned: gather takes one entry along a dimension for each place; cross-entropy is minus the mean of such picks
    return log_probabilities.gather(-1, targets[..., None])[..., 0]
    ### END SOLUTION


# %%
def count_of_a_repeated_index():
    """`counts = torch.zeros(3)`, then `counts[[0, 0, 0, 2]] += 1`. What's `counts[0]`?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: it's `counts[list] = counts[list] + 1`. What is on the right of the `=`, and how often is it written?
    # because: four zeros are read, 1 is added to each, and then three times the same 1 is written into the same cell
    counts = torch.zeros(3)
    counts[[0, 0, 0, 2]] += 1
    return counts[0]
    ### END PREDICTION


# %% [markdown]
# Reading an index several times is fine. Adding to it is not: `counts[index] += 1` reads first and writes then, and
# forgets. Functions that *accumulate* exist for that: `x.scatter_add_(dim, index, source)` is gather backwards,
# `x.index_add_(dim, index, source)` adds whole rows, `x.index_put_(indices, source, accumulate=True)` takes pairs.
# It's also what happens behind the scenes when a gradient flows back through a look-up: a row that was read three
# times gets three gradients.
#
# Count pairs with it, all at once, without a loop. A pair (i, j) is a cell of a table, and you know since section 1
# what its place is in the flattened table.

# %%
def tally_pairs(first, second, size):
    """Count how often each pair of numbers occurs.

    first, second: int64 tensors (N,) with values from 0 to size - 1, not changed; N may be 0. size: an int, 1 or more.
    Returns an int64 tensor (size, size): entry [i, j] says for how many n first[n] is i and second[n] is j.

    >>> tally_pairs(torch.tensor([0, 2, 0, 0]), torch.tensor([1, 2, 1, 0]), 3)
    tensor([[1, 2, 0],
            [0, 0, 0],
            [0, 0, 1]])
    """
    ### BEGIN SOLUTION
    # hint: `counts[first, second] += 1` is the trap. Which functions add again for an index that comes again?
    # hint: In the flattened table the pair (i, j) is number i * size + j.
    # hint: Zeros of size * size as int64, scatter_add_ ones at those places, then view(size, size).
    # learned: scatter_add counts what indexing with += forgets; the gradient of a look-up is made the same way
    counts = torch.zeros(size * size, dtype=torch.int64)
    counts.scatter_add_(0, first * size + second, torch.ones_like(first))
    return counts.view(size, size)
    ### END SOLUTION


# %% [markdown]
# ## 7. Sums of products, by name
#
# Nearly everything a network computes is a sum of products: a matrix product, a dot product, a weighted mean.
# `einsum` lets you write one down by naming the dimensions. Letters before the arrow name those of the inputs; a
# letter that's missing after the arrow is summed over:
#
# ```python
# torch.einsum("ij,jk->ik", A, B)     # A @ B: the sum over j
# torch.einsum("bij,bjk->bik", A, B)  # the same for each b of a batch
# torch.einsum("nd,nd->n", x, y)      # dot products, row by row
# torch.einsum("ij->ji", A)           # A.T
# ```
#
# No transposing, no `None`, no counting dimensions. In attention every position asks every other one: how well does
# your *key* k answer my *query* q? The score is their dot product, for each text b and each head h:
#
# $$s_{bhts} = \sum_d q_{bthd} \, k_{bshd}$$
#
# In words: for position t asking position s, multiply the channels d and add them up. The positions of q and k have
# different letters, because each t meets each s.

# %%
def head_scores(queries, keys):
    """Dot products of every query with every key, for each text and head.

    queries: float tensor (B, T, H, D). keys: float tensor (B, S, H, D). Neither is changed. Returns a float tensor
    (B, H, T, S), through which gradients flow: entry [b, h, t, s] is the dot product of queries[b, t, h] and
    keys[b, s, h].

    >>> queries = torch.tensor([[[[1.0, 2.0]], [[0.0, 1.0]]]])
    >>> keys = torch.tensor([[[[3.0, 1.0]], [[1.0, 1.0]], [[0.0, 2.0]]]])
    >>> head_scores(queries, keys)
    tensor([[[[5., 3., 4.],
              [1., 1., 2.]]]])
    """
    ### BEGIN SOLUTION
    # hint: Write the letters of each input in its own order, and of the output in the order that is asked for.
    # hint: Which letters do the two inputs share? Which of them is missing in the output?
    # hint: queries are "bthd" and keys "bshd"; what's behind the arrow stands in the docstring.
    # learned: einsum names dimensions: what is missing after the arrow is summed over, and nothing has to be transposed
    return torch.einsum("bthd,bshd->bhts", queries, keys)
    ### END SOLUTION


# %% [markdown]
# ## 8. In place
#
# An operation with an underscore (`add_`, `zero_`, `scatter_add_`), an assignment to a part (`x[0] = ...`), and `+=`
# change a tensor *in place*: the storage stays, its numbers change, and everybody who holds a view sees it.
# `x = x + 1` makes a new tensor and gives it the old name, and nobody else notices. This is how parameters are updated, and
# how they fail to be.
#
# There's one more danger, and it's rare and ugly. When you write into a view of the very tensor that you read from,
# you may read what you have just written:
#
# ```
# history        7  5  3  1
# history[1:]       7  5  3       what you want to move there: history[:-1]
#
# cell by cell   7  7  .  .       cell 1 gets the 7 ...
#                7  7  7  .       ... and cell 2 gets what's in cell 1 now
# ```
#
# Now and then PyTorch notices and refuses, as in a row that lies in one piece. Mostly it doesn't. Read into a copy
# first, with `clone()`.
#
# A model that writes keeps the last few tokens of each of its texts. Put a new token in front of each row, in place.

# %%
def push_front(history, tokens):
    """Move each row of the history one place to the right, and put a new token in front; in place.

    history: int64 tensor (B, T), changed in place; what was in its last column is lost. It may be a view of a larger
    tensor, whose other numbers stay. tokens: int64 tensor (B,), not changed. Returns None.

    >>> history = torch.tensor([[7, 5, 3], [8, 6, 4]])
    >>> push_front(history, torch.tensor([9, 1]))
    >>> history
    tensor([[9, 7, 5],
            [1, 8, 6]])
    """
    ### BEGIN SOLUTION
    # hint: Which columns go where? All but the last become all but the first.
    # hint: Copy what you move before you write: history[:, :-1].clone().
    # hint: Then history[:, 0] = tokens. `history = ...` would only give a new tensor an old name.
    # learned: an assignment to a part writes through to everybody's storage; clone what you read if it overlaps
    history[:, 1:] = history[:, :-1].clone()
    history[:, 0] = tokens
    ### END SOLUTION


# %% [markdown]
# ## Milestone: every pair of letters, in one go
#
# Run this file. All the names become one long row of numbers, with a dot between them. Your windows cut it into pairs
# without copying, your tally counts the pairs, your coordinates name the most common one, and your shares turn the
# counts into what comes next. Picking the probability of what really came, and taking the mean of minus its
# logarithm, scores the table. That's the model of the next lesson; there you build it step by step and learn what it
# means.

# %%
COLORS = ["#cfe2f3", "#d9ead3", "#fff2cc", "#f4cccc", "#d9d2e9", "#fce5cd"]


def draw_cells(axes, rows, colors, at=(0.0, 0.0)):
    """Rows of items as cells, each in its color, from `at` on to the right and down."""
    for row, (items, shades) in enumerate(zip(rows, colors)):
        for column, (item, shade) in enumerate(zip(items, shades)):
            x, y = at[0] + column, at[1] + row
            axes.fill([x, x + 1, x + 1, x], [y, y, y + 1, y + 1], facecolor=shade, edgecolor="black", linewidth=0.8)
            axes.text(x + 0.5, y + 0.5, item, ha="center", va="center")


def memory(run):
    """A tensor of shape (2, 3, 4) in its storage: the larger a stride, the wider the jump."""
    ### STAGE strides_of, offset
    shape = (2, 3, 4)
    strides = strides_of(shape)
    cells = [offset((i, j, k), strides) for i in range(2) for j in range(3) for k in range(4)]
    with run.plot("memory", size=(8, 3.8)) as axes:
        colors = [COLORS[(cell // 4) % 6] for cell in cells]
        draw_cells(axes, [[str(cell) for cell in cells]], [colors])
        for dim, stride in enumerate(strides):
            height = -0.9 - 1.1 * (2 - dim)
            for index in range(shape[dim] - 1):
                begin, end = index * stride + 0.5, (index + 1) * stride + 0.5
                arrow = {"arrowstyle": "->", "color": f"C{dim}", "linewidth": 2}
                axes.annotate("", (end, height), (begin, height), arrowprops=arrow)
            axes.text(shape[dim] * stride - stride + 1, height, f"dimension {dim}: stride {stride}", color=f"C{dim}", va="center")
        axes.set(xlim=(-0.2, 24.2), ylim=(1.3, -4), xlabel="cell of the storage", yticks=[], title=f"shape {shape} has strides {strides}")
        axes.set_ylabel("one step in a dimension")


def readings(run):
    """One storage of twelve letters, read by four plans."""
    ### STAGE read_storage, strides_of
    letters = list("abcdefghijkl")
    plans = {
        "the table": ((3, 4), strides_of((3, 4)), 0),
        "transposed": ((4, 3), strides_of((3, 4))[::-1], 0),
        "every second column": ((3, 2), (4, 2), 1),
        "windows of three": ((10, 3), (1, 1), 0),
    }
    with run.plot("readings", rows=2, columns=2, size=(7, 8)) as panels:
        for axes, (name, (shape, strides, start)) in zip(panels.flat, plans.items()):
            rows = read_storage(letters, shape, strides, start)
            shades = [[COLORS[letters.index(letter) // 4] for letter in row] for row in rows]
            draw_cells(axes, rows, shades)
            axes.set(aspect="equal", xticks=[], yticks=[], xlim=(0, shape[1]), ylim=(shape[0], 0))
            axes.set(xlabel=f"stride {strides[1]}", ylabel=f"stride {strides[0]}", title=f"{name}, start {start}")


def heads(run):
    """Twelve numbers of two positions: your heads have channels of both positions, a view alone tears them apart."""
    ### STAGE separate_heads
    names = [f"{place}{channel}" for place in "ab" for channel in range(6)]
    x = torch.arange(12).view(1, 2, 6)
    both = {"separated, then transposed": separate_heads(x, 3)[0], "viewed at once: mixed up": x.view(3, 2, 2)}
    with run.plot("heads", rows=2, size=(7, 5)) as panels:
        for axes, (name, table) in zip(panels, both.items()):
            for head, rows in enumerate(table.tolist()):
                labels = [[names[number] for number in row] for row in rows]
                shades = [[COLORS[number % 6 // 2] for number in row] for row in rows]
                draw_cells(axes, labels, shades, at=(3.0 * head, 0.0))
            axes.set(aspect="equal", yticks=[0.5, 1.5], yticklabels=["first", "second"], xlim=(-0.2, 8.2), ylim=(2.1, -0.1))
            axes.set_xticks([1, 4, 7], [f"head {head}" for head in range(3)])
            axes.set(ylabel="row", title=name)
        panels[1].set_xlabel("color: the head that a channel belongs to; a, b: the position")


def stretching(run):
    """Four pairs of shapes: what is stored is blue, what is only read again is pale, and one pair doesn't fit."""
    ### STAGE broadcast_shape
    pairs = [((3, 1), (4,)), ((3, 4), (4,)), ((3,), (3, 1)), ((3, 4), (3,))]
    with run.plot("stretching", rows=4, size=(7, 8)) as panels:
        for axes, (one, other) in zip(panels, pairs):
            shape = broadcast_shape(one, other)
            for number, given in enumerate((one, other)):
                height, width = (1, *given)[-2:]
                wide = shape or (height, width)
                shades = [["C0" if row < height and column < width else COLORS[0] for column in range(wide[1])] for row in range(wide[0])]
                draw_cells(axes, [[""] * wide[1]] * wide[0], shades, at=(6.0 * number, 0.0))
            axes.text(5, 1.5, "+", fontsize=20, ha="center", va="center")
            axes.text(10.7, 1.5, f"= {shape}" if shape else "does not fit", fontsize=14, va="center")
            axes.set(aspect="equal", xticks=[2, 8], xticklabels=[str(one), str(other)], yticks=[], xlim=(-0.2, 15), ylim=(3.1, -0.1))
            axes.set_ylabel("rows")
        panels[0].set_title("(n,) is a row: it stretches downward")
        panels[2].set_title("(n,) against (n, 1) is a square")
        panels[3].set_xlabel("dark: stored; pale: read again, with a stride of 0")


def wrong_way(run):
    """A square table divided by the sums of its rows, with keepdim and without: only one adds up."""
    ### STAGE shares
    counts = torch.tensor([[8, 1, 1, 2], [1, 1, 0, 1], [3, 9, 2, 6], [1, 0, 1, 3]])
    sums = {"your shares": shares(counts, 1).sum(1), "counts / counts.sum(1)": (counts / counts.sum(1)).sum(1)}
    with run.plot("wrong-way") as axes:
        for number, (name, values) in enumerate(sums.items()):
            axes.bar(torch.arange(4) + 0.4 * number - 0.2, values, width=0.4, label=name)
        axes.axhline(1, color="black", linestyle="--")
        axes.set(xlabel="row", ylabel="sum of the row", xticks=range(4), title="Without keepdim, no row adds up to 1")
        axes.legend()


def padding(run):
    """Attention over padded texts: what is hidden gets a weight of exactly 0."""
    ### STAGE hide_padding
    texts = ["the cat", "a tensor", "no", "tokens"]
    width = max(map(len, texts))
    scores = 0.7 * torch.randn((4, width), generator=torch.Generator().manual_seed(3))
    weights = hide_padding(scores, torch.tensor([len(text) for text in texts])).softmax(1)
    with run.plot("padding", size=(7, 4)) as axes:
        image = axes.imshow(weights, cmap="Blues", vmin=0)
        for row, text in enumerate(texts):
            for place in range(width):
                axes.text(place, row, text[place] if place < len(text) else "×", ha="center", va="center", color="C3")
        axes.set(xlabel="place", ylabel="text", xticks=range(width), yticks=range(4), title="Nobody looks at the padding (×)")
        axes.figure.colorbar(image, ax=axes, label="weight", shrink=0.7)


def letters(run):
    """Count all pairs of letters of the names at once, and score the table that comes of it."""
    ### STAGE tally_pairs, training_windows, coordinates, shares, pick, hit_rate
    words = run.names()
    alphabet = "." + "".join(sorted(set("".join(words))))
    tokens = torch.tensor([alphabet.index(letter) for letter in "." + ".".join(words) + "."])
    began = time.perf_counter()
    contexts, targets = training_windows(tokens, 1)
    counts = tally_pairs(contexts[:, 0], targets, len(alphabet))
    run.say(f"counted in {1000 * (time.perf_counter() - began):.0f} ms")
    first, second = coordinates(counts.argmax().item(), tuple(counts.shape))
    run.say(f"the most common pair: {alphabet[first]}{alphabet[second]}, {counts.max().item():,} times")
    chances = shares(counts, 1)
    report(run, words, counts, -pick(chances.log()[contexts[:, 0]], targets).mean().item())
    run.figure("next letters that the likeliest guess gets right", hit_rate(chances[contexts[:, 0]], targets))
    with run.plot("letters", size=(7, 7)) as axes:
        image = axes.imshow(100 * chances, cmap="Blues")
        axes.plot(second, first, "s", color="C3", markersize=11, fillstyle="none")
        axes.set_xticks(range(len(alphabet)), alphabet)
        axes.set_yticks(range(len(alphabet)), alphabet)
        axes.set(xlabel="next letter", ylabel="letter", title="What follows what; red: the most common pair")
        axes.figure.colorbar(image, ax=axes, shrink=0.7, label="percent of the row")


def report(run, words, counts, loss):
    """Judge the number of pairs, and the average of -log of the probability of what came."""
    pairs = sum(len(word) + 1 for word in words)
    found = counts.sum().item()
    run.figure("pairs of letters", found, 228_146 if run.real_data else None, passed=found == pairs)
    uniform = torch.tensor(float(len(counts))).log().item()
    near = abs(loss - 2.4540) < 5e-4 if run.real_data else loss < uniform
    run.figure("average -log of the probability", loss, 2.4540 if run.real_data else None, passed=near)


def milestone(run):
    """Look at storage, views and broadcasting; then count every pair of letters of the names."""
    run.stages(memory, readings, heads, stretching, wrong_way, padding, letters)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
