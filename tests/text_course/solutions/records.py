# %% [markdown]
# # Records
#
# The results of a test come as lines of text, and are wanted as a table. You'll read them, keep
# them, write them down again, and put the marks of different tests on one scale. You need to know
# functions, lists and dicts.

# %%
import numpy as np


# %% [markdown]
# ## A name as it should be
#
# People type names with blanks in odd places. `split()` cuts a text at its blanks, however many
# there are, and `" ".join(...)` puts the parts together again.

# %%
def tidy(name):
    """Return a name with one blank between its words, each of which begins with a capital letter.

    name: a text of letters and blanks. Returns a text.

    >>> tidy("  ada   lovelace ")
    'Ada Lovelace'
    """
    ### WORKED EXAMPLE
    return " ".join(word.capitalize() for word in name.split())


# %% [markdown]
# ## Reading a file
#
# An open file gives one line after the other in a `for` loop, each with its line break at the end.
# `io.StringIO(text)` is a file that lies in memory, so you can try this without a disk.

# %%
def read_scores(file):
    """Read scores from an open text file.

    file: lines of the form `name, score`; names are tidied, scores are numbers. Empty lines, and
    lines of blanks, say nothing. Returns a dict from each name to the list of its scores, as
    floats, in the order of the lines.

    >>> import io
    >>> read_scores(io.StringIO("ada, 3\\n\\nbob, 1.5\\nada, 4\\n"))
    {'Ada': [3.0, 4.0], 'Bob': [1.5]}
    """
    ### BEGIN SOLUTION
    # hint: What does `line.strip()` leave of an empty line?
    # hint: `line.split(",")` gives the two parts. A new name has no list yet: see `setdefault`.
    # learned: a file is read line by line; what it says is cleaned up once, at the door
    scores = {}
    for line in file:
        if line.strip():
            name, score = line.split(",")
            scores.setdefault(tidy(name), []).append(float(score))
    return scores
    ### END SOLUTION


# %% [markdown]
# ## Writing a file
#
# `file.write(text)` writes a text and nothing else: the line break is yours to add.

# %%
def write_means(scores, file):
    """Write the mean of everybody's scores into an open text file.

    scores: a dict as `read_scores` returns it; no list is empty. For each name one line is written,
    with two decimals and a line break: `Ada: 3.50`. The names come in the order of the alphabet.
    Returns nothing.

    >>> import io
    >>> file = io.StringIO()
    >>> write_means({"Bob": [1.5], "Ada": [3.0, 4.0]}, file)
    >>> file.getvalue()
    'Ada: 3.50\\nBob: 1.50\\n'
    """
    ### BEGIN SOLUTION
    # hint: Which built-in function gives the keys of a dict in order?
    # hint: In an f-string, `{value:.2f}` shows two decimals. What ends a line?
    # learned: a file gets exactly the characters that are written, line breaks included
    for name in sorted(scores):
        mean = sum(scores[name]) / len(scores[name])
        file.write(f"{name}: {mean:.2f}\n")
    ### END SOLUTION


# %% [markdown]
# ## One scale for all
#
# Marks of an easy test and of a hard one can't be compared. Take the mean of its column from each
# mark, and divide by the column's standard deviation: now every test has mean 0 and spread 1.

# %%
def standardized(table):
    """Return a table whose columns have mean 0 and standard deviation 1.

    table: float64 array of shape (rows, columns), with at least one row; it stays as it is. The
    standard deviation is numpy's own (divided by the number of rows). A column in which all numbers
    are equal becomes zeros. Returns a float64 array of the same shape.

    >>> standardized(np.array([[1.0, 5.0], [3.0, 5.0]]))
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    ### BEGIN SOLUTION
    # hint: Which axis do you go along to get a number for each column?
    # hint: Where the spread is 0, divide by 1 instead: `np.where` chooses.
    # learned: an axis is what a mean runs along, and broadcasting does the rest
    spread = table.std(axis=0)
    return (table - table.mean(axis=0)) / np.where(spread == 0, 1.0, spread)
    ### END SOLUTION


# %% [markdown]
# ## A class that keeps the best
#
# An object can remember. This one remembers everybody's best score, and nothing else.

# %%
class Best:
    """The best score of everybody, in `scores`: a dict from names to numbers."""

    def __init__(self):
        self.scores = {}

    def add(self, name, score):
        """Remember a score where it is the first one of that name, or better than the best so far.

        name: a text. score: a number, which may be negative. Returns whether it is remembered now:
        True or False.

        >>> best = Best()
        >>> best.add("Ada", 3), best.add("Ada", 2), best.scores
        (True, False, {'Ada': 3})
        """
        ### BEGIN SOLUTION
        # hint: There are two reasons to remember a score. What are they?
        # hint: Negative scores count too, so don't begin with 0. Ask `name not in self.scores`.
        # learned: what an object must remember between two calls lives in its attributes
        better = name not in self.scores or score > self.scores[name]
        if better:
            self.scores[name] = score
        return better
        ### END SOLUTION
