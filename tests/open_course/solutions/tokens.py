# %% [markdown]
# # Tokens
#
# A small lesson with two open tasks, which the tests of the engine try.

# %%
import torch


# %%
def table(count):
    """A square table of zeros, a row for each of `count` tokens.

    >>> table(2).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    ### BEGIN SOLUTION
    # hint: torch has a function for it
    # hint: torch.zeros(count, count)
    # learned: a table begins empty
    return torch.zeros(count, count)
    ### END SOLUTION


# %% [markdown]
# Four tokens go around in a circle. Learn which one follows.


# %%
def follows(weights, X):
    """Say which token follows, with a loss of at most 0.1 nats.

    weights: `T` (4, any) and `U` (any, 4). X: int64 (N, 1). Returns logits (N, 4).
    """
    ### BEGIN OPEN TASK
    return weights["T"][X[:, -1]] @ weights["U"]
    ### END OPEN TASK


def train_follows(run):
    """Return the weights for `follows`."""
    ### BEGIN TRAINING
    for _ in run.steps(2):
        circle = 9 * table(4).add(torch.eye(4)).roll(1, 1)
    return {"T": circle, "U": torch.eye(4)}
    ### END TRAINING


# %% [markdown]
# Of two tokens the sum is wanted, modulo 4, and then the sum again.


# %%
def twofold(weights, X):
    """Write the sum of two tokens, modulo 4, twice: right for 99 of 100.

    weights: `S` (4, 4, 4). X: int64 (N, 2), or (N, 3). Returns logits (N, 4).
    """
    ### BEGIN OPEN TASK
    return weights["S"][X[:, 0], X[:, 1]]
    ### END OPEN TASK


def train_twofold(run):
    """Return the weights for `twofold`."""
    ### BEGIN TRAINING
    a, b = torch.meshgrid(torch.arange(4), torch.arange(4), indexing="ij")
    return {"S": 9.0 * torch.eye(4)[(a + b) % 4]}
    ### END TRAINING
