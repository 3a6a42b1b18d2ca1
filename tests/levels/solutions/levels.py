# %% [markdown]
# # Levels
#
# A small lesson whose exercises build on each other, for the tests of what is carried forward.

# %%
import math
import random


def total(xs):
    """The sum of a list, given with the lesson."""
    return math.fsum(xs)


# %%
def mean(xs):
    """The mean of a list of numbers.

    >>> mean([1.0, 2.0])
    1.5
    """
    ### BEGIN SOLUTION
    # hint: total is given
    # hint: divide by the count
    # learned: a mean is a sum divided by a count
    return total(xs) / len(xs)
    ### END SOLUTION


def centred(xs):
    """The list with its mean taken from every number.

    >>> centred([1.0, 3.0])
    [-1.0, 1.0]
    """
    ### BEGIN SOLUTION
    # hint: call mean once
    # hint: subtract it from each
    # learned: centred numbers sum to zero
    middle = mean(xs)
    return [x - middle for x in xs]
    ### END SOLUTION


def spread(xs):
    """The mean of the squares of the centred numbers.

    >>> spread([1.0, 3.0])
    1.0
    """
    ### BEGIN SOLUTION
    # hint: square what centred gives
    # hint: their mean is asked for, not their sum
    # learned: a variance is a mean of squares
    return mean([x * x for x in centred(xs)])
    ### END SOLUTION


# %%
class Plain:
    """A number in a box."""

    def __init__(self, number):
        self.number = number

    def value(self):
        """The number that is in the box."""
        return self.number


class Box(Plain):
    """A box that may be added to."""

    def __add__(self, other):
        """A new Box with the sum of two.

        >>> (Box(1.0) + Box(2.0)).number
        3.0
        """
        ### BEGIN SOLUTION
        # hint: the numbers are in .number
        # hint: return a new Box
        # learned: an operator is a method
        return Box(self.number + other.number)
        ### END SOLUTION

    def value(self):
        """The number, rounded to two digits.

        >>> Box(1.239).value()
        1.24
        """
        ### BEGIN SOLUTION
        # hint: the parent class has the number
        # hint: round takes the number of digits
        # learned: super() reaches the parent
        return round(super().value(), 2)
        ### END SOLUTION

    def __radd__(self, other):
        """The value of the sum with a plain number on the left, rounded.

        >>> 1.0 + Box(2.004)
        3.0
        """
        ### BEGIN SOLUTION
        # hint: put the number into a Box
        # hint: use what there is
        # learned: Python tries the right operand too
        return (Box(other) + self).value()
        ### END SOLUTION


def noise(count, low):
    """A list of `count` numbers, drawn evenly from low to 1.

    >>> len(noise(3, 0.0))
    3
    """
    ### BEGIN SOLUTION
    # hint: random.uniform
    # hint: one for each
    # learned: numbers can be drawn
    return [random.uniform(low, 1) for _ in range(count)]
    ### END SOLUTION
