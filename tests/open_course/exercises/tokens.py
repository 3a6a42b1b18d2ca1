# %% [markdown]
# # Tokens
#
# A small lesson with two open tasks, which the tests of the engine try.

# %%


# %%
def table(count):
    """A square table of zeros, a row for each of `count` tokens.

    >>> table(2).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Four tokens go around in a circle. Learn which one follows.


# %%
def follows(weights, X):
    """Say which token follows, with a loss of at most 0.1 nats.

    weights: `T` (4, any) and `U` (any, 4). X: int64 (N, 1). Returns logits (N, 4).
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def train_follows(run):
    """Return the weights for `follows`."""
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# Of two tokens the sum is wanted, modulo 4, and then the sum again.


# %%
def twofold(weights, X):
    """Write the sum of two tokens, modulo 4, twice: right for 99 of 100.

    weights: `S` (4, 4, 4). X: int64 (N, 2), or (N, 3). Returns logits (N, 4).
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def train_twofold(run):
    """Return the weights for `twofold`."""
    # YOUR CODE HERE
    raise NotImplementedError()
