# %% [markdown]
# # Sums
#
# A small lesson that the tests of the engine grade. It has the course's grammar, and nothing else.
# The video: https://www.youtube.com/watch?v=VMj-3S1tku0

# %%
import torch


# %% [markdown]
# A worked example comes first.

# %%
def double(x):
    """Twice x.

    >>> double(2)
    4
    """
    ### WORKED EXAMPLE
    # hint: add it to itself
    # hint: x + x
    # learned: a number can be doubled
    return x + x


# %% [markdown]
# The mean is the sum divided by the count.

# %%
def mean(xs):
    """The mean of a list of numbers; 0.0 for an empty list.

    >>> mean([1.0, 2.0])
    1.5
    >>> mean([])
    0.0
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def centred(xs):
    """The list with its mean taken from every number.

    >>> centred([1.0, 3.0])
    [-1.0, 1.0]
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %%
def spread_of_a_sum():
    """Ten thousand numbers are drawn with randn, four each are added. What is the deviation?

    Answer: a number, within 10 %.
    """
    return None  # YOUR PREDICTION


def shape_of_a_column_and_a_row():
    """x and y have the shape (3,). What is the shape of x[:, None] + y?

    Answer: a shape, or error.
    """
    return None  # YOUR PREDICTION


# %% [markdown]
# A class, and a tensor.

# %%
class Tally:
    """Counts words; `counts` is a dict."""

    def __init__(self):
        self.counts = {}

    def add(self, word):
        """Count one more of a word.

        >>> tally = Tally()
        >>> tally.add("a")
        >>> tally.counts
        {'a': 1}
        """
        # YOUR CODE HERE
        raise NotImplementedError()


def shares(x):
    """Softmax over the last dimension, without torch's: a float tensor of x's shape.

    >>> shares(torch.zeros(2))
    tensor([0.5000, 0.5000])
    """
    # YOUR CODE HERE
    raise NotImplementedError()


# %% [markdown]
# ## Milestone
#
# The numbers are drawn, and then shares of them are watched.

# %%
def middle(run):
    """Numbers and their mean."""
    ### STAGE mean
    numbers = [1.0, 2.0, 6.0]
    with run.plot("middle") as axes:
        axes.plot(numbers, "o", label="numbers")
        axes.axhline(mean(numbers), label="their mean")
        axes.set(xlabel="which", ylabel="number", title="A mean lies in between")
        axes.legend()


def around(run):
    """The same numbers around zero, and how often each word comes.

    Only the first sentence is shown.
    """
    ### STAGE centred, mean
    ### STAGE Tally
    tally = Tally()
    tally.add("a")
    run.svg("around", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    run.figure("sum of what is centred", sum(centred([1.0, 2.0])), passed=True)


def training(run):
    """Shares that are watched while nothing is trained."""
    ### STAGE shares, double, mean
    losses = []
    for step in run.steps(4, 8):
        losses.append(double(shares(torch.zeros(2))[0].item()) / (step + 1))
    with run.plot("loss") as axes:
        axes.plot(losses)
        axes.set(xlabel="step", ylabel="loss", title="A loss")
    run.figure("loss", mean(losses), passed=mean(losses) < 0.9)


def milestone(run):
    """Two pictures, and the training."""
    run.stages(middle, around, training)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
