# %% [markdown]
# # Bigrams: one language model, built twice
#
# A language model answers one question: *given what is written so far, what comes next?* This lesson builds the
# smallest one that deserves the name. It looks at a single character and guesses the one after it. With nothing
# more than that, it can make up names that sound a little like names.
#
# You build it twice. First by *counting* how often each character follows each other one, which gives the
# answer at once. Then as a *neural network* of one layer that knows nothing of counts and only follows its
# gradient downhill. Both arrive at the same table. That's the point of the lesson: the second way is no better
# here, but it's the way that still works when counting no longer does, and it trains every later model of this
# course.
#
# ```
#                    ┌─ count pairs ─ divide each row by its sum ─┐
# "emma" ── .e em mm ma a.                                        ├── a table: what follows what?
#                    └─ network: loss, gradient, small step, again ┘
# ```
#
# Lecture: *The spelled-out intro to language modeling: building makemore*,
# https://www.youtube.com/watch?v=PaCmpygFfXo
#
# It builds on the two lessons about micrograd: you know what a gradient is and that `backward` finds it. From
# here on PyTorch does that, for whole tensors at a time. How tensors work was the lesson on tensors.

# %%
from itertools import pairwise

import torch

# %% [markdown]
# ## 1. Characters become numbers
#
# Tensors hold numbers, so each character gets an index. Two dictionaries are all it takes: `stoi` leads from the
# string to the integer, and `itos` back. Sorting the characters first makes the numbering the same on every run.
#
# One character never occurs in the data: the dot. It marks where a word begins and where it ends, and it gets
# index 0. Without it the model could neither start a word nor decide that it's finished.

# %%
def vocabulary(words):
    """Number the characters of the words.

    words: list of strings without a dot, which is not changed. In this and all other lists words may
    repeat and may be empty. Returns two dicts `(stoi, itos)`: stoi maps "." to 0 and the characters
    that occur to 1, 2, ... in sorted order; itos is the inverse, from index to character.

    >>> stoi, itos = vocabulary(["bob", "abe"])
    >>> stoi
    {'.': 0, 'a': 1, 'b': 2, 'e': 3, 'o': 4}
    >>> itos[2]
    'b'
    """
    ### BEGIN SOLUTION
    # hint: A set keeps each character once. Which characters are in all the words joined together?
    # hint: Sort the set, and number from 1 with enumerate(..., start=1), because 0 is taken by the dot.
    # hint: itos is stoi with its keys and values swapped. A dict comprehension over stoi.items() does it.
    # learned: a model of text sees only indices, so everybody agrees on one fixed numbering first
    characters = ["."] + sorted(set("".join(words)))
    stoi = {character: index for index, character in enumerate(characters)}
    itos = dict(enumerate(characters))
    return stoi, itos
    ### END SOLUTION


# %% [markdown]
# ## 2. A word is a chain of pairs
#
# A *bigram* is a character together with the one after it. The word `ann` holds four of them:
#
# ```
# .   a   n   n   .
# └─.a┘   │   │   │       it starts with a
#     └─an┘   │   │
#         └─nn┘   │
#             └─n.┘       it ends after n
# ```
#
# A word of n characters therefore gives n + 1 small examples of what may follow what. This is how a mere list of
# words turns into training data: the text is its own answer key.

# %%
def bigrams(word):
    """List the pairs of neighboring characters in a word, with "." before and after it.

    word: a string; an empty one has the one pair (".", "."). Returns a list of len(word) + 1 tuples
    (first, next), from left to right.

    >>> bigrams("ann")
    [('.', 'a'), ('a', 'n'), ('n', 'n'), ('n', '.')]
    """
    ### BEGIN SOLUTION
    # hint: Put the dots on first: which characters does the whole chain consist of?
    # hint: Pair each character with the one behind it. zip stops at the end of the shorter of two sequences.
    # hint: `chain[1:]` is the chain without its first character. zip makes an iterator; list(...) a list of it.
    # learned: text is its own training data, because every character is the answer to the one before it
    return list(pairwise("." + word + "."))
    ### END SOLUTION


# %% [markdown]
# ## 3. Learning by counting
#
# Now count all pairs of all words. The counts go into a square table N with a row for the first character and
# a column for the next: `N[i, j]` is how often character j followed character i. On the lecture's names it
# has 27 rows and 27 columns, and its entries add up to 228,146. This table is everything that the model will
# ever know. The milestone at the end draws it. You will see that three out of four `q` are followed by `u`, and
# that more than a third of all `n` end a name.
#
# ### Tensors in one page
#
# The table is a *tensor*, PyTorch's array. If you know numpy or did the lesson on tensors, you know most of this.
# If not, type it in and look:
#
# ```python
# N = torch.zeros((2, 3))        # 2 rows, 3 columns, filled with 0.0
# N.shape, N.dtype               # (torch.Size([2, 3]), torch.float32): floats, unless you say otherwise
# N[1, 2] += 5                   # one entry: row 1, column 2
# N[1]                           # a whole row: tensor([0., 0., 5.])
# N[:, 2]                        # a whole column: tensor([0., 5.])
# N.sum()                        # tensor(5.): still a tensor; .item() makes a plain number of it
# N.sum(1)                       # tensor([0., 5.]): dimension 1 is summed away, so one number for each row
# N.sum(1, keepdim=True)         # tensor([[0.], [5.]]): the same numbers as a column, shape (2, 1)
# torch.tensor([1, 2])           # dtype torch.int64, because these are ints
# torch.Tensor([1, 2])           # with a capital T: floats, always. A classic.
# ```
#
# If two shapes differ, PyTorch *broadcasts*: it lines the shapes up **from the right**, and stretches every
# dimension that is 1 or missing.
#
# ```
# N         2, 3          N         2, 3          N         2, 3
# column    2, 1          row          3          two          2
#           ────                    ────                    ────
# N / col   2, 3          N / row   2, 3          error: 3 against 2
# ```
#
# Once it passes, `grad plot count_bigrams` draws the table of all the names.

# %%
def count_bigrams(words, stoi):
    """Count the bigrams of all words in a table.

    words: list of strings. stoi: dict from character to index, with "." at 0; it may know
    characters that do not occur in the words. Neither is changed. Returns an integer tensor (V, V)
    with V = len(stoi): the row is the index of the first character, the column that of the next.
    The dots before and after each word are counted too, and a word that comes again counts again.

    >>> count_bigrams(["ab", "bb"], {".": 0, "a": 1, "b": 2})
    tensor([[0, 1, 1],
            [0, 0, 1],
            [2, 0, 1]])
    """
    ### BEGIN SOLUTION
    # hint: Start with a table of zeros. torch.zeros makes floats unless you give it dtype=torch.int64.
    # hint: Go through the words and their bigrams; each pair adds one to one entry of the table.
    # hint: stoi turns both characters of a pair into the entry's row and column.
    # learned: for a bigram model, training by counting is one pass over the data
    counts = torch.zeros((len(stoi), len(stoi)), dtype=torch.int64)
    for word in words:
        for first, second in bigrams(word):
            counts[stoi[first], stoi[second]] += 1
    return counts
    ### END SOLUTION


# %%
def shape_of_a_column_and_a_row():
    """x and y have the shape (3,). What's the shape of `x[:, None] + y`?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: `x[:, None]` is a column of shape (3, 1). Line the shapes up at the right; what does a 1 do?
    # because: the shapes are lined up at the right, a missing size counts as 1, and every 1 stretches
    x = y = torch.zeros(3)
    return x[:, None] + y
    ### END PREDICTION


def shape_of_two_that_stretch():
    """x has the shape (5, 1, 4), y the shape (3, 1). What's the shape of `x + y`?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: go from the right: 4 and 1, then 1 and 3, then 5 and nothing.
    # because: from the right, every 1 stretches to what it meets, in x as well as in y, and what's missing counts as 1
    return torch.zeros(5, 1, 4) + torch.zeros(3, 1)
    ### END PREDICTION


def what_a_forgotten_keepdim_does():
    """Each row should be divided by its own sum. Somebody writes `counts / counts.sum(1)`, without keepdim, for counts
    of shape (27, 27). What comes out?

    Answer: one of: an error; rows that add up to 1; column j divided by the sum of row j.
    """
    ### BEGIN PREDICTION
    # hint: the sums have the shape (27,). At which side are shapes lined up?
    # because: a shape of (27,) counts as (1, 27), a row, so the sums lie along the columns, and nothing complains
    counts = torch.rand(27, 27) + torch.arange(27)[:, None]
    divided = counts / counts.sum(1)
    wrong = torch.stack([counts[:, j] / counts[j].sum() for j in range(27)], dim=1)
    if torch.allclose(divided.sum(1), torch.ones(27)):
        return "rows that add up to 1"
    return "column j divided by the sum of row j" if torch.allclose(divided, wrong) else "an error"
    ### END PREDICTION


# %% [markdown]
# ## 4. From counts to probabilities
#
# If `n` was followed by `a` in 30 of 100 cases, the model should say 0.3. So each *row* is divided by its sum,
# and becomes a distribution over the next character:
#
# $$P_{ij} = \frac{N_{ij} + s}{\sum_k (N_{ik} + s)}$$
#
# In words: add s to every count, then divide each row by its sum. The number s is the *smoothing*: pretend that
# you saw every pair s times more than you did. With s = 0 a pair that never occurred has probability zero, and a
# single such pair in a new word makes the model call that word impossible. A little smoothing leaves a small
# chance for everything. The larger s is, the more alike all the probabilities become:
#
# ```
# counts  3  1        s = 0     0.75  0.25
#                     s = 1     0.67  0.33        (3 + 1) / 6,  (1 + 1) / 6
#                     s = 100   0.505 0.495
# ```
#
# Here lies the trap of this lesson. The sums of the rows of a (V, V) table are V numbers, and PyTorch will happily
# divide a (V, V) table by V numbers. But it lines shapes up from the right, so those V numbers are a *row*, where
# you meant a column. Then every entry is divided by the sum of the wrong character. Nothing crashes. Worse, on
# text like ours even the average loss can't tell: each character is entered as often as it is left, so row sums
# and column sums are equal. Look at the shapes, and check that each row of the result adds up to 1.
#
# Once it passes, `grad plot probabilities` draws the rows: look for the q.

# %%
def probabilities(counts, smoothing=1.0):
    """Turn counts into probabilities, row by row.

    counts: integer tensor (R, V), which is not changed: R contexts (here R = V, later more), V
    possible next characters. smoothing: a float >= 0 that is added to every count.
    Returns a float tensor (R, V) in which every row adds up to 1. A row that has no counts is
    uniform (1 / V everywhere), with smoothing 0 too.

    >>> probabilities(torch.tensor([[3, 1], [0, 0]]), smoothing=0.0)
    tensor([[0.7500, 0.2500],
            [0.5000, 0.5000]])
    >>> probabilities(torch.tensor([[3, 1], [0, 0]]))
    tensor([[0.6667, 0.3333],
            [0.5000, 0.5000]])
    """
    ### BEGIN SOLUTION
    # hint: The sum of each row must have shape (R, 1), so that it is stretched along its own row. What does keepdim do?
    # hint: A row without counts and without smoothing divides 0 by 0. What may you put there before dividing?
    # hint: torch.where(condition, a, b) picks a where the condition holds, and b elsewhere. Pick ones in the rows whose sum is 0.
    # learned: normalize along the dimension of the outcomes, and keep that dimension so that broadcasting lines up
    smoothed = counts + float(smoothing)
    totals = smoothed.sum(1, keepdim=True)
    smoothed = torch.where(totals == 0, 1.0, smoothed)
    return smoothed / smoothed.sum(1, keepdim=True)
    ### END SOLUTION


# %% [markdown]
# ## 5. Let it speak
#
# A model that gives probabilities can write. Start at the dot. Draw the next character from the row of the
# current one, go to that character's row, draw again, and stop when the dot comes back:
#
# ```
# row .  ── draws m ──> row m ── draws i ──> row i ── draws a ──> row a ── draws . ──> "mia"
# ```
#
# Each word must begin anew at the dot. If the model went on from where the last word stopped, the first letters
# would come from the wrong row, and the words would look just good enough for nobody to notice.
#
# `torch.multinomial` draws indices from a distribution. All randomness comes out of a `torch.Generator`, so
# that with the same seed you get the same words again.
#
# Once it passes, `grad plot sample_word` makes up 2,000 names and shows what the table does not know.

# %%
def sample_word(probabilities, itos, generator):
    """Draw one word from the model.

    probabilities: float tensor (V, V), row i the distribution of what follows character i. itos:
    dict from index to character, 0 for ".". Neither is changed. generator: a torch.Generator, from
    which all random numbers are drawn, and from nowhere else. Returns the characters between the
    first and the last dot as a string, without the dots; it may be empty, and of any length.

    >>> always = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    >>> sample_word(always, {0: ".", 1: "h", 2: "i"}, torch.Generator().manual_seed(0))
    'hi'
    """
    ### BEGIN SOLUTION
    # hint: Keep the index of the current character. Which one do you start with, and when do you stop?
    # hint: torch.multinomial(row, 1, generator=generator) draws from one row and gives a tensor with one index.
    # hint: `.item()` makes a plain number of it. At 0 return what you have; else add the character, and go to its row.
    # learned: sampling is a walk from row to row, from the dot back to the dot
    index, word = 0, ""
    while True:
        index = torch.multinomial(probabilities[index], 1, generator=generator).item()
        if index == 0:
            return word
        word += itos[index]
    ### END SOLUTION


# %%
def loss_of_the_uniform_guess():
    """A model gives each of the 27 characters the same probability. What's its average negative log-likelihood, on any
    text?

    Answer: a number, within 3 %.
    """
    ### BEGIN PREDICTION
    # hint: you may type a formula such as log(2).
    # because: it's -log(1/27) for every character; whoever loses more than that would do better to throw dice
    return -(torch.full((1000,), 1 / 27).log()).mean()
    ### END PREDICTION


def loss_of_one_impossible_pair():
    """A model is good: it gives a probability of 0.5 to 9,999 of 10,000 pairs. The last one it holds to be impossible,
    with a probability of 0. What's its average negative log-likelihood?

    Answer: one of: about 0.7; about 1; about 9; infinite.
    """
    ### BEGIN PREDICTION
    # hint: what's the logarithm of 0? And a mean of numbers, one of which is that?
    # because: -log(0) is infinite, and one infinite number among 10,000 makes the mean infinite
    chances = torch.full((10_000,), 0.5)
    chances[-1] = 0.0
    return "infinite" if torch.isinf(-chances.log().mean()) else "about 0.7"
    ### END PREDICTION


def shape_of_rows_then_columns():
    """P has the shape (27, 27); xs and ys are five indices each. `P[xs, ys]` has the shape (5,). What's the shape of
    `P[xs][:, ys]`?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: first five rows are taken. Of what are the columns taken then?
    # because: five whole rows are taken, then five columns of all of them; only `P[xs, ys]` goes through both in step
    P, xs, ys = torch.zeros(27, 27), torch.arange(5), torch.arange(5)
    return P[xs][:, ys]
    ### END PREDICTION


# %% [markdown]
# ## 6. How good is it? Maximum likelihood
#
# The words look odd, but are they better than chance? Ask the model how probable it finds the *real* words.
# Their joint probability is the product of the probabilities of all their bigrams; it's called the *likelihood*
# of the data. A model that expects what really happens gives it a high likelihood, so training means making the
# likelihood as large as possible. (Our table of shares is already the best there is: no other bigram table gives
# its own training data more. That's what makes counting an honest method and not just a plausible one.)
#
# A product of 228,146 numbers below 1 is far too small for a float. Its logarithm is fine, and turns the
# product into a sum. Two more habits: a minus sign, so that smaller is better, and the mean, so that data
# sets of different size can be compared. That gives the *average negative log likelihood*:
#
# $$\text{NLL} = -\frac{1}{n} \sum_{\text{bigrams}} \log P_{ij}$$
#
# In words: the mean of -log(probability) over all bigrams. Say a word has three bigrams, with these
# probabilities:
#
# ```
# probability    0.5      0.25     0.9
# -log           0.693    1.386    0.105       mean = 2.184 / 3 = 0.728
# ```
#
# How do you read such a number? A model that is certain and right scores 0. One that finds all 27 characters
# equally likely scores log 27 = 3.2958. In between, e^NLL is the number of characters that the model is in
# effect still choosing from. And one that gives probability 0 to something that happens scores infinity: it was
# certain, and wrong.
#
# Once it passes, `grad plot average_nll` shows how surprised the model is by single names.

# %%
def average_nll(words, probabilities, stoi):
    """Average negative log likelihood of the words, over all of their bigrams.

    words: list of at least one string. probabilities: float tensor (V, V), row the first character,
    column the next. stoi: dict from character to index. None of them is changed. Uses the natural
    logarithm. Returns a float: the mean over all the bigrams (not over the words) of minus the log of
    their probability, those of a word that comes again too. It is `inf` where a bigram has the
    probability 0.

    >>> table = torch.tensor([[0.5, 0.5], [0.75, 0.25]])
    >>> round(float(average_nll(["aa"], table, {".": 0, "a": 1})), 4)
    0.789
    >>> average_nll(["a"], torch.tensor([[0.0, 1.0], [1.0, 0.0]]), {".": 0, "a": 1})
    0.0
    """
    ### BEGIN SOLUTION
    # hint: A word of n characters has n + 1 bigrams, and each has one entry in the table.
    # hint: Sum minus the logarithms, count the bigrams, and divide one by the other at the very end.
    # hint: math.log(0.0) is an error, but a tensor's log is -inf. So take the log of the whole table once, then look entries up.
    # learned: maximum likelihood is the same as minimum average surprise, -log p
    surprise = -probabilities.log()
    seen = [
        surprise[stoi[first], stoi[second]].item()
        for word in words
        for first, second in bigrams(word)
    ]
    return sum(seen) / len(seen)
    ### END SOLUTION


# %% [markdown]
# ## 7. The same problem, posed to a network
#
# Forget the counts. Write the training data as two lists of the same length: `xs`, what the network sees, and
# `ys`, what it should say. Every bigram is one example. The word `ann` becomes
#
# | x | y |
# |---|---|
# | `.` | `a` |
# | `a` | `n` |
# | `n` | `n` |
# | `n` | `.` |
#
# with the indices in place of the characters. Nothing is added up anymore: a pair that occurs a thousand times
# is there a thousand times.

# %%
def bigram_pairs(words, stoi):
    """Write all bigrams of the words as inputs and targets.

    words: list of strings. stoi: dict from character to index. Returns two int64 tensors `(xs, ys)`
    of shape (N,): the indices of the first and of the next characters of the N bigrams, word by
    word, from left to right.

    >>> xs, ys = bigram_pairs(["ab", "b"], {".": 0, "a": 1, "b": 2})
    >>> xs
    tensor([0, 1, 2, 0, 2])
    >>> ys
    tensor([1, 2, 0, 2, 0])
    """
    ### BEGIN SOLUTION
    # hint: Fill two lists in the same loop over words and bigrams, so that they stay in step.
    # hint: torch.tensor of a list of ints is int64; torch.Tensor with a capital T would make floats.
    # hint: The first character of each pair goes into xs, the second into ys, both as indices.
    # learned: inputs and targets are the same text, shifted by one
    pairs = [pair for word in words for pair in bigrams(word)]
    xs = torch.tensor([stoi[first] for first, _ in pairs])
    ys = torch.tensor([stoi[second] for _, second in pairs])
    return xs, ys
    ### END SOLUTION


# %% [markdown]
# ## 8. One-hot, or how an index enters a network
#
# An index is a name and not a quantity: `m` is not thirteen times `a`. If you multiplied it by weights as a
# number, the network would have to treat it as one. So each index becomes a vector that is 0 everywhere except
# for a 1 in its own place. Now all characters are equally far from each other.

# %%
def one_hot(xs, num_classes):
    """Turn each index into a row that is 1 at that index and 0 elsewhere.

    xs: int64 tensor (N,) with values from 0 to num_classes - 1. Returns a float32 tensor
    (N, num_classes). Build it; torch's own one_hot is refused here.

    >>> one_hot(torch.tensor([2, 0]), 3)
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    ### BEGIN SOLUTION
    # hint: Row i has its 1 in column xs[i]. Make zeros first; how can you address one column in each row at once?
    # hint: Two tensors of indices pick pairs: rows[torch.arange(N), xs] is one entry in each of the N rows.
    # hint: Or think of the identity matrix: its row number 2 is the one-hot vector of the index 2. torch.eye makes one.
    # learned: a one-hot row says which one, and nothing about how much
    rows = torch.zeros(len(xs), num_classes)
    rows[torch.arange(len(xs)), xs] = 1.0
    return rows
    ### END SOLUTION


# %%
def one_hot_times_matrix():
    """A row with a 1 in place 5 and zeros elsewhere is multiplied by a matrix W, `row @ W`. What comes out?

    Answer: one of: row 5 of W; column 5 of W; the sum of W; a single number.
    """
    ### BEGIN PREDICTION
    # hint: each output is a sum of products with one column of W. Which of the products isn't 0?
    # because: in each column of W only the entry in row 5 meets a 1
    W, row = torch.randn(27, 27), torch.eye(27)[5]
    return "row 5 of W" if torch.equal(row @ W, W[5]) else "column 5 of W"
    ### END PREDICTION


# %% [markdown]
# ## 9. A matrix product that only looks something up
#
# The network is a single matrix W of shape (V, V), and its output is `one_hot(xs, V) @ W`. Look at one example:
#
# ```
#                  10 11 12
# [0, 0, 1]   @    20 21 22     =   0·10 + 0·20 + 1·30,  0·11 + 0·21 + 1·31,  ...   =   [30, 31, 32]
#                  30 31 32
# ```
#
# All those multiplications by 0 and 1 do nothing but copy a row of W. The layer is a *table with one row for each
# character*, just as the table of counts was, and you can read a table without multiplying. In the next lesson
# such a table is called an embedding.
#
# Write the same layer as a look-up. It must carry gradients as the product does: a row that is read for three
# examples receives the gradients of all three. And it can do something that the product cannot. The logarithm
# of a count of 0 is -inf. In the product, a single such entry of W would reach the other rows as well, because
# 0 · inf is not a number. A look-up copies it where it belongs and nowhere else.

# %%
def row_lookup(W, xs):
    """Compute what one_hot(xs, V) @ W computes, without that product: row xs[i] of W for each i.

    W: float tensor (V, C), which may hold infinities. xs: int64 tensor (N,). Returns a float tensor
    (N, C), an exact copy of the rows that xs names, through which gradients flow back into W.

    >>> W = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> row_lookup(W, torch.tensor([2, 0, 2]))
    tensor([[5., 6.],
            [1., 2.],
            [5., 6.]])
    """
    ### BEGIN SOLUTION
    # hint: W[2] is a row. What do you get if you put a whole tensor of indices into the brackets? Try it.
    # hint: Indexing acts on the first dimension, the first dimension of W is its rows, and an index may repeat.
    # learned: one-hot times a matrix is a row look-up, and the look-up is the cheaper way to write it
    return W[xs]
    ### END SOLUTION


# %% [markdown]
# ## 10. Softmax: any numbers become probabilities
#
# The rows of W may hold any numbers, negative ones too, but we want probabilities. What did the counts have
# that these numbers lack? They were positive. So read the outputs as *logarithms of counts*; they are called
# *logits*. The exponential turns them into something like counts, and dividing by the sum does the rest,
# exactly as before:
#
# $$p_j = \frac{e^{z_j}}{\sum_k e^{z_k}}$$
#
# In words: p = exp(z) / sum of exp(z) over the row.
#
# ```
# logits         0.0     1.1    -0.7
# exp            1.0     3.0     0.5      sum 4.5
# probability    0.22    0.67    0.11
# ```
#
# This is the softmax. It can be differentiated everywhere, which the network needs, and equal logits give equal
# probabilities. (The exponential of a large number overflows. Our logits stay small; the next lesson deals with
# it.)

# %%
def softmax(logits):
    """Turn the last dimension of logits into probabilities.

    logits: float tensor of any shape (..., V), with at least one dimension; it is not changed.
    Returns a tensor of the same shape that is positive and adds up to 1 over the last dimension.
    Gradients flow through it. Build it; torch's own softmax and log_softmax are refused here.

    >>> softmax(torch.tensor([0.0, 0.0]))
    tensor([0.5000, 0.5000])
    >>> softmax(torch.tensor([[1.0, 3.0], [2.0, 2.0]]).log())
    tensor([[0.2500, 0.7500],
            [0.5000, 0.5000]])
    """
    ### BEGIN SOLUTION
    # hint: Which function makes every number positive, and a larger one larger still?
    # hint: Then divide by the sum over the last dimension. Count from the end: -1 is the last one, whatever comes before.
    # hint: The sum must keep its dimension, so that it broadcasts along its own row: keepdim=True.
    # learned: softmax is exponentiate, then normalize: logits are logarithms of counts
    counts = logits.exp()
    return counts / counts.sum(-1, keepdim=True)
    ### END SOLUTION


# %%
def first_loss_of_random_logits():
    """Twenty-seven logits are drawn with `randn`. The uniform guess loses 3.30. What does this one lose, on average,
    before any training?

    Answer: a number, within 4 %.
    """
    ### BEGIN PREDICTION
    # hint: random opinions are worse than none. By how much? The logits deviate by 1, not by 10.
    # because: an opinion that knows nothing costs more than no opinion: about half the variance of the logits, here 0.5
    logits = torch.randn(20_000, 27)
    return -torch.log_softmax(logits, 1)[:, 0].mean()
    ### END PREDICTION


# %% [markdown]
# ## 11. The loss, and what regularization has to do with smoothing
#
# Put the pieces together:
#
# ```
# xs ── rows of W ── logits ── softmax ── probabilities ── the one of ys ── -log ── mean ── loss
# (N,)                (N, V)               (N, V)           (N,)             (N,)           one number
# ```
#
# The loss is the NLL from above, to which we may add a price for large weights:
#
# $$L(W) = -\frac{1}{N} \sum_{n=1}^{N} \log p_{n, y_n} + \lambda \cdot \frac{1}{V^2} \sum_{ij} W_{ij}^2$$
#
# In words: the mean of -log of the probability of the character that really came, plus λ (lambda, the
# regularization) times the mean of all squares of W.
#
# Only one probability of each row enters the loss, the one of the character that came. The other logits count
# through the sum that the softmax divides by. And the price? If all of W is 0, every row is uniform. So the price
# pulls W towards 0, and with it the probabilities towards uniform: it does to the network what adding s to
# every count does to the table. Smoothing and regularization are one idea.
#
# It's a training aid, not part of the result. Report a model's loss with λ = 0, or you can't compare two models.

# %%
def bigram_loss(W, xs, ys, regularization=0.0):
    """Loss of the one-layer network on the given bigrams.

    W: float tensor (V, V) of logits, row the first character. xs, ys: int64 tensors (N,).
    None of them is changed.
    Returns a float tensor of no dimension, differentiable in W: the mean over the N examples of the
    negative log of the probability (softmax of row xs[n] of W) of character ys[n], plus
    `regularization` times the mean of all squares of W. Build it; F.cross_entropy and F.nll_loss
    are refused here, torch.logsumexp is allowed.

    >>> W = torch.tensor([[1.0, 1.0], [2.0, 4.0]]).log()
    >>> bigram_loss(W, torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]))
    tensor(0.7324)
    >>> bigram_loss(torch.ones(2, 2), torch.tensor([0]), torch.tensor([1]), regularization=0.5)
    tensor(1.1931)
    """
    ### BEGIN SOLUTION
    # hint: You have written both halves: the logits of the examples, then their probabilities.
    # hint: From row n take column ys[n] only: index with a pair, as in one_hot, torch.arange(N) and ys.
    # hint: Then -log, and the mean; plus regularization times the mean of W squared. Keep it a tensor, don't call item.
    # learned: the loss is the mean surprise, and a price on large weights acts like smoothing
    probs = softmax(row_lookup(W, xs))
    picked = probs[torch.arange(len(xs)), ys]
    return -picked.log().mean() + regularization * (W**2).mean()
    ### END SOLUTION


# %% [markdown]
# ## 12. Downhill
#
# Now train. Compute the loss, ask for its gradient in every entry of W, and move W a little against it:
#
# $$W \leftarrow W - \eta \frac{\partial L}{\partial W}$$
#
# In words: the new W is the old W minus the learning rate times the gradient, as in `sgd_step`.
#
# Two things go wrong easily. `backward` *adds* to `W.grad`, so you must clear a gradient that is left from the
# step before. And the update is not part of the model: it must change W itself (under `torch.no_grad()` or
# through `W.data`) and not make a new tensor of the same name.
#
# What does the gradient say? Take one example: the character x came before y. In row x, the gradient is p - 1 at
# y and p at all the others, where p is what the model gave to each. So the step lifts what happened, and lowers
# everything else by as much as the model believed in it. Over all the examples, these pulls cancel when the
# probabilities in each row equal the shares in the data. But those shares are what counting gave! So the network
# must end where counting began. The learning rate may be as large as 50 here, because the mean over all examples
# leaves very little gradient for each of 729 weights.

# %%
def gradient_step(W, xs, ys, learning_rate, regularization=0.0):
    """Take one step of gradient descent on bigram_loss.

    W: float tensor (V, V) that requires gradients; it is changed in place, and stays a leaf that
    requires gradients. Its old gradient, if it has one, must play no role. xs, ys: int64 tensors
    (N,), not changed. learning_rate: a float. Whether torch records gradients is left as it was.
    Returns the loss (with the regularization) before the step, as a float.

    >>> W = torch.zeros(2, 2, requires_grad=True)
    >>> round(float(gradient_step(W, torch.tensor([0]), torch.tensor([1]), 1.0)), 4)
    0.6931
    >>> W.tolist()
    [[-0.5, 0.5], [0.0, 0.0]]
    """
    ### BEGIN SOLUTION
    # hint: There are four acts, in this order: loss, clear the old gradient, backward, update.
    # hint: W.grad = None clears it. The update must not be recorded as a part of the graph, and must change W itself.
    # hint: Put the update into a `with torch.no_grad():` block, and write it with -=. The loss as a float is loss.item().
    # learned: forward, clear, backward, update: this loop trains every network of the course
    loss = bigram_loss(W, xs, ys, regularization)
    W.grad = None
    loss.backward()
    with torch.no_grad():
        W -= learning_rate * W.grad
    return loss.item()
    ### END SOLUTION


# %% [markdown]
# ## 13. Two characters of context
#
# The obvious next step is to look at *two* characters: a *trigram* model. Counting still works; the table now
# has a row for each pair of characters, so 729 rows. There are two dots before each word, so that its first
# letter has two characters of context as well:
#
# ```
# . . a n n .        ..a   .an   ann   nn.        four trigrams for three letters
# ```
#
# It's easy to put only one dot there. Then the first letter of every word is never predicted, the names give
# 196,113 trigrams instead of 228,146, and the loss looks far better than it is: 2.09 in place of 2.21. When a
# number is too good, check *what was counted*.

# %%
def count_trigrams(words, stoi):
    """Count the trigrams of all words, with two dots before each word and one after it.

    words: list of strings. stoi: dict from character to index. Returns an integer tensor (V, V, V)
    with V = len(stoi), indexed by first, second and third character. A word of n characters counts
    n + 1 times, and again where it comes again. The words are not changed.

    >>> counts = count_trigrams(["ab"], {".": 0, "a": 1, "b": 2})
    >>> counts.nonzero().tolist()
    [[0, 0, 1], [0, 1, 2], [1, 2, 0]]
    """
    ### BEGIN SOLUTION
    # hint: It's the same as for bigrams, with a window of three. What must the chain look like for ("..a") to be in it?
    # hint: With chain = ".." + word + "." the windows are chain[i : i + 3] for i from 0 to len(word).
    # hint: Each window of three characters gives three indices, and they name one entry of the table.
    # learned: the number of examples is a check: any context gives one for each character and one for the end
    counts = torch.zeros((len(stoi),) * 3, dtype=torch.int64)
    for word in words:
        chain = ".." + word + "."
        for start in range(len(word) + 1):
            first, second, third = (stoi[character] for character in chain[start : start + 3])
            counts[first, second, third] += 1
    return counts
    ### END SOLUTION


# %% [markdown]
# A pair of characters is just a longer name for a row. So `probabilities` works for trigrams as it is: flatten
# the first two dimensions into one, normalize the rows, and unflatten again:
#
# ```python
# table = probabilities(counts.flatten(0, 1), smoothing).view_as(counts)
# #                     (V * V, V)                       (V, V, V)
# ```
#
# What is left to write is the score.

# %%
def average_trigram_nll(words, probabilities, stoi):
    """Average negative log likelihood of the words under a trigram model, over all trigrams.

    words: list of at least one string. probabilities: float tensor (V, V, V): the probability of
    the third character after the first and the second. stoi: dict from character to index. There
    are two dots before each word and one after it, and the logarithm is natural. Nothing is changed.
    Returns a float, `inf` where a trigram has the probability 0.

    >>> table = torch.tensor([[[0.5, 0.5], [0.75, 0.25]], [[0.5, 0.5], [0.5, 0.5]]])
    >>> round(float(average_trigram_nll(["a"], table, {".": 0, "a": 1})), 4)
    0.4904
    """
    ### BEGIN SOLUTION
    # hint: Use the same windows as in count_trigrams, and the same mean as in average_nll.
    # hint: Every window of three characters picks one entry of the table: probabilities[first, second, third].
    # hint: Collect -log of each entry in a list. Its sum divided by its length is the answer.
    # learned: the score does not change with the model: the mean of -log p over the same characters
    surprise = -probabilities.log()
    seen = []
    for word in words:
        chain = ".." + word + "."
        for start in range(len(word) + 1):
            first, second, third = (stoi[character] for character in chain[start : start + 3])
            seen.append(surprise[first, second, third].item())
    return sum(seen) / len(seen)
    ### END SOLUTION


# %%
def smoothing_without_end():
    """You add not 1 but 1,000,000 to every count of 27 by 27 pairs, and then compute the probabilities. The data has a
    few thousand pairs. What loss does the model have?

    Answer: a number, within 3 %.
    """
    ### BEGIN PREDICTION
    # hint: what do the data still have to say?
    # because: next to a million, no count matters, and the model is the uniform guess again
    counts = torch.randint(0, 100, (27, 27)).float()
    P = (counts + 1e6) / (counts + 1e6).sum(1, keepdim=True)
    return -(P.log() * counts).sum() / counts.sum()
    ### END PREDICTION


# %% [markdown]
# ## 14. Is the trigram model better, or does it only remember better?
#
# Two characters of context must help on the words that you counted. But that's not what a model is for. It should
# be good at words that it has *not* seen. So split the words: count the *training* words alone, and keep some
# words apart, the *dev* words (short for development), to see how the model does on new ones.
#
# And how much smoothing is right? Let's not guess, let's look. For each amount of smoothing, count on the training
# words, and score both models on whatever words you like: the training words themselves, or the dev words. Before
# you plot the four curves, take a pen and sketch them. Where is each one lowest, and which models are hurt by too
# little smoothing, which by too much?

# %%
def smoothing_curves(train_words, words, candidates):
    """The losses on `words` of a bigram and a trigram model of `train_words`, for each smoothing.

    train_words, words: lists of strings, words of at least one. The vocabulary is that of both lists
    together; what is counted is train_words alone. candidates: list of floats >= 0. No list is
    changed. Returns two lists of floats, `(bigram, trigram)`, with a loss for each candidate, in
    order: average_nll and average_trigram_nll of `words`.

    >>> bigram, trigram = smoothing_curves(["ab", "ab", "ba"], ["ba"], [0.0, 1.0])
    >>> [round(float(loss), 4) for loss in bigram]
    [1.0986, 1.0986]
    >>> [round(float(loss), 4) for loss in trigram]
    [0.3662, 0.8283]
    """
    ### BEGIN SOLUTION
    # hint: Count twice, once for each model, before the loop over the candidates. Only the division depends on the smoothing.
    # hint: `probabilities` wants rows: counts.flatten(0, 1) has V * V of them; view_as(counts) goes back to (V, V, V).
    # hint: You have a function for each step: vocabulary, count_bigrams, count_trigrams, probabilities, and the two scores.
    # learned: what a model does on the words that it was counted from says little about new words
    stoi, _ = vocabulary(train_words + words)
    pairs, triples = count_bigrams(train_words, stoi), count_trigrams(train_words, stoi)
    bigram, trigram = [], []
    for smoothing in candidates:
        bigram.append(average_nll(words, probabilities(pairs, smoothing), stoi))
        table = probabilities(triples.flatten(0, 1), smoothing).view_as(triples)
        trigram.append(average_trigram_nll(words, table, stoi))
    return bigram, trigram
    ### END SOLUTION


# %% [markdown]
# On the lecture's names, with a tenth of them as dev words (and another tenth put away for later), it looks like
# this:
#
# ```
# smoothing         0       0.01    0.1     1       10      100
# bigram   train    2.455   2.455   2.455   2.456   2.466   2.556
# bigram   dev      inf     2.453   2.452   2.453   2.462   2.553
# trigram  train    2.184   2.184   2.188   2.216   2.357   2.747
# trigram  dev      inf     2.234   2.224   2.237   2.363   2.745
# ```
#
# On the training words less smoothing is always better, and 0 is best, because the shares maximize the likelihood
# of just these words. So the training words can't tell you how much you need. On the dev words each curve is a
# valley. Too little smoothing, and every pair or triple that was never seen costs dearly (with 0, infinitely). Too
# much, and everything that was learned is washed out.
#
# And the two models differ. 618 of the 729 entries of the bigram table were seen at least once, most of them often.
# So the bigram model hardly cares, and its train and dev losses are nearly the same. Of the trigram table's 19,683
# entries only 5,804 were ever seen. So it remembers more than it has understood: its two losses lie apart, and
# the choice matters. Still, on words that it has never seen it beats the bigram model clearly.
#
# A number that is chosen in this way, and not by counting or by gradient, is called a *hyperparameter*. This is how
# all of them are chosen, up to the largest models.
#
# Once it passes, `grad plot best_smoothing` draws the four curves.

# %%
def best_smoothing(train_words, dev_words, candidates):
    """Choose the smoothing with which a trigram model of train_words suits dev_words best.

    train_words, dev_words: lists of strings. The vocabulary is that of both lists together; what is
    counted is train_words alone. candidates: list of floats >= 0, at least one of which gives the
    dev words a finite loss. No list is changed. Returns the candidate with the lowest
    average_trigram_nll on dev_words.

    >>> best_smoothing(["ab", "ab", "ba"], ["ba"], [0.0, 1.0, 10.0])
    0.0
    >>> best_smoothing(["ab", "ab", "ba"], ["bb"], [0.0, 1.0, 10.0])
    10.0
    """
    ### BEGIN SOLUTION
    # hint: You have just written the curve. Which of the two losses of `smoothing_curves` is asked for, and on which words?
    # hint: You don't want the lowest loss, but the candidate that it belongs to. They have the same place in their lists.
    # hint: min(candidates, key=f) returns the candidate for which f is lowest; or look up losses.index(min(losses)).
    # learned: parameters are fitted on the training data, hyperparameters are chosen on data that was kept apart
    stoi, _ = vocabulary(train_words + dev_words)
    counts = count_trigrams(train_words, stoi)

    def dev_loss(smoothing):
        table = probabilities(counts.flatten(0, 1), smoothing).view_as(counts)
        return average_trigram_nll(dev_words, table, stoi)

    return min(candidates, key=dev_loss)
    ### END SOLUTION


# %% [markdown]
# ## 15. The test words, once
#
# You picked the smoothing that happens to suit the dev words best. So the dev loss is a little too good: some of it
# is luck, and you kept the lucky one. With eight candidates that's very little; with a thousand experiments it
# isn't. Therefore a third part is kept apart, the *test* words. Nobody looks at them until everything is chosen, and
# then exactly once. Their loss is the number to report.
#
# ```
# train 80 %    count                 as often as you like
# dev   10 %    choose                as often as you need
# test  10 %    report                once
# ```

# %%
def final_loss(train_words, dev_words, test_words, candidates):
    """Choose the smoothing on dev_words, then score the trigram model once on test_words.

    train_words, dev_words, test_words: lists of strings. candidates: as in best_smoothing, which
    chooses among them. The vocabulary of the model that is scored is that of all three lists; what
    is counted is train_words alone. No list is changed. Returns the average_trigram_nll of
    test_words, a float.

    >>> round(float(final_loss(["ab", "ab", "ba"], ["ba"], ["ab"], [0.0, 1.0, 10.0])), 4)
    0.1352
    """
    ### BEGIN SOLUTION
    # hint: First choose. Which of the three lists may that depend on?
    # hint: Then count the training words once more, with a vocabulary that knows the letters of all three lists.
    # hint: The table of probabilities needs the smoothing that you chose; the score needs the test words.
    # learned: the test data is looked at once, when nothing is left to be chosen
    smoothing = best_smoothing(train_words, dev_words, candidates)
    stoi, _ = vocabulary(train_words + dev_words + test_words)
    counts = count_trigrams(train_words, stoi)
    table = probabilities(counts.flatten(0, 1), smoothing).view_as(counts)
    return average_trigram_nll(test_words, table, stoi)
    ### END SOLUTION


# %% [markdown]
# ## Milestone: two ways, one table
#
# Run this file. Your functions count the bigrams of all the names, draw the table, score it and make up some
# names. Then they train the network on the same pairs, from random weights. Watch its loss sink towards the
# counted one and never below it: no bigram model can get lower on these names. Last, two characters of context,
# with your choice of smoothing.

# %%
def data(run):
    """The words, and the two dictionaries of their characters."""
    words = run.names()
    return words, *run.once("vocabulary", lambda: vocabulary(words))


def counted(run):
    """The table of counts of all words."""
    words, stoi, _ = data(run)
    return run.once("counts", lambda: count_bigrams(words, stoi))


def heat_map(run):
    """How often one character follows another, in all of the names."""
    ### STAGE count_bigrams, bigrams, vocabulary
    _, _, itos = data(run)
    plot_table(run, "counts", counted(run), itos, "How often one character follows another")


def chances(run):
    """The same table as probabilities: each row adds up to 1, so a rare letter shows as much as a common one."""
    ### STAGE probabilities, count_bigrams, bigrams, vocabulary
    _, _, itos = data(run)
    percent = (100 * probabilities(counted(run))).round().int()
    plot_table(run, "probabilities", percent, itos, "What comes next, in percent of each row")


def lengths(run):
    """The lengths of names, real and made up: a bigram model has no idea how long its name is already."""
    ### STAGE sample_word, probabilities, count_bigrams, bigrams, vocabulary
    words, _, itos = data(run)
    generator = torch.Generator().manual_seed(2147483647)
    table = probabilities(counted(run))
    made_up = [sample_word(table, itos, generator) for _ in range(2_000)]
    run.say("made up: " + ", ".join(made_up[:10]))
    with run.plot("lengths") as axes:
        bins = [i + 0.5 for i in range(21)]
        for label, some in (("real names", words), ("made up by the table", made_up)):
            axes.hist([len(word) for word in some], bins=bins, density=True, alpha=0.6, label=label)
        axes.set(xlabel="letters", ylabel="share of the names", title="The table never knows how far it has come")
        axes.legend()


def surprise(run):
    """How surprised the model is by a name: its average negative log likelihood."""
    ### STAGE average_nll, probabilities, count_bigrams, bigrams, vocabulary
    words, stoi, _ = data(run)
    table = probabilities(counted(run))
    names = ["anna", "maria", "emma", "andrej", "max", "zoltan", "jq"]
    losses = [average_nll([name], table, stoi) for name in names]
    with run.plot("surprise") as axes:
        axes.barh(names, losses)
        axes.axvline(uniform_loss(stoi), color="black", linestyle="--", label=f"uniform guess: {uniform_loss(stoi):.2f}")
        axes.axvline(average_nll(words, table, stoi), color="C1", label="all names together")
        axes.set(xlabel="average NLL", title="Odd names cost more")
        axes.invert_yaxis()
        axes.legend()


CANDIDATES = [0.001, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0]


def smoothing(run):
    """The losses by smoothing: on their own words less is better, on other words some is needed."""
    ### STAGE vocabulary, bigrams, count_bigrams, probabilities, average_nll, count_trigrams
    ### STAGE average_trigram_nll, smoothing_curves, best_smoothing
    train, dev, _ = three_parts(data(run)[0])
    with run.plot("smoothing") as axes:
        for name, scored, style in (("train", train[: len(dev)], "--"), ("dev", dev, "-")):
            bigram, trigram = smoothing_curves(train, scored, CANDIDATES)
            axes.semilogx(CANDIDATES, bigram, f"C0{style}", label=f"bigram, {name}")
            axes.semilogx(CANDIDATES, trigram, f"C1{style}", label=f"trigram, {name}")
        axes.axvline(best_smoothing(train, dev, CANDIDATES), color="black", linestyle=":", label="your choice")
        axes.set(xlabel="smoothing: what is added to every count", ylabel="average NLL")
        axes.set_title("Too little, too much, and just right")
        axes.legend()


def three_parts(words):
    """The words in another order: eight tenths to train on, a tenth as dev words, a tenth as test words."""
    order = torch.randperm(len(words), generator=torch.Generator().manual_seed(42)).tolist()
    shuffled, tenth = [words[i] for i in order], len(words) // 10
    return shuffled[2 * tenth :], shuffled[:tenth], shuffled[tenth : 2 * tenth]


def two_ways(run):
    """Count, and train a network until it agrees; then trigrams."""
    ### STAGE bigram_loss, gradient_step, bigram_pairs, softmax, one_hot, row_lookup
    ### STAGE vocabulary, bigrams, count_bigrams, probabilities, sample_word, average_nll
    ### STAGE count_trigrams, average_trigram_nll, best_smoothing, final_loss
    words, stoi, itos = data(run)
    counts = counted(run)
    loss = score_counts(run, words, counts, stoi)
    say_samples(run, probabilities(counts), itos)
    W = train_network(run, words, stoi, loss)
    say_samples(run, softmax(W.detach()), itos)
    try_trigrams(run, words, stoi)
    score_at_last(run, words)


def score_counts(run, words, counts, stoi):
    """The figures of the counted model; returns its loss without smoothing."""
    bigram_count = counts.sum().item()
    expected = sum(len(word) + 1 for word in words)
    run.figure(
        "bigrams", bigram_count, 228_146 if run.real_data else None, bigram_count == expected
    )
    losses = {}
    for amount, lecture in ((0.0, 2.4540), (1.0, 2.4546)):
        table = probabilities(counts, amount)
        losses[amount] = loss = average_nll(words, table, stoi)
        near = abs(loss - lecture) < 5e-4 if run.real_data else loss < uniform_loss(stoi)
        rows_add_up = (table.sum(1) - 1).abs().max() < 1e-4
        run.figure(
            f"average NLL, smoothing {amount:g}",
            loss,
            lecture if run.real_data else None,
            near and rows_add_up,
        )
    return losses[0.0]


def uniform_loss(stoi):
    """The loss of a model that finds every character equally likely."""
    return torch.tensor(float(len(stoi))).log().item()


def train_network(run, words, stoi, counted_loss):
    """Train W by gradient descent on all bigrams; pass where it agrees with the counted model."""
    xs, ys = bigram_pairs(words, stoi)
    generator = torch.Generator().manual_seed(2147483647)
    W = torch.randn((len(stoi), len(stoi)), generator=generator, requires_grad=True)
    losses = []
    for _ in run.steps(short=150, full=2_000):
        losses.append(gradient_step(W, xs, ys, learning_rate=50.0))
        run.show(loss=losses[-1])
    with torch.no_grad():
        final = bigram_loss(W, xs, ys).item()
    agrees = counted_loss - 1e-4 < final < counted_loss + 0.02
    run.figure("trained network", final, 2.4540 if run.real_data else None, agrees)
    plot_losses(run, losses, counted_loss, uniform_loss(stoi))
    return W


def try_trigrams(run, words, stoi):
    """Score trigrams on all words, and choose the smoothing on words that were kept apart."""
    counts = count_trigrams(words, stoi)
    table = probabilities(counts.flatten(0, 1), 1.0).view_as(counts)
    loss = average_trigram_nll(words, table, stoi)
    near = abs(loss - 2.2126) < 5e-4 if run.real_data else None
    run.figure("trigrams: average NLL, smoothing 1", loss, 2.2126 if run.real_data else None, near)
    train, dev, _ = three_parts(words)
    chosen = best_smoothing(train, dev, CANDIDATES)
    run.figure("trigrams: smoothing chosen on a tenth of the names", chosen, passed=0.0 < chosen < 10.0)


def score_at_last(run, words):
    """Choose the smoothing on the dev words, then score the test words once."""
    loss = final_loss(*three_parts(words), CANDIDATES)
    near = abs(loss - 2.2173) < 5e-4 if run.real_data else loss < uniform_loss(vocabulary(words)[0])
    run.figure("trigrams: loss on the test words, looked at once", loss, passed=near)


def say_samples(run, table, itos, number=10):
    """Print some words of a model."""
    generator = torch.Generator().manual_seed(2147483647)
    run.say("made up: " + ", ".join(sample_word(table, itos, generator) for _ in range(number)))


def plot_table(run, name, table, itos, title):
    """A table of whole numbers as a heat map, each cell with its pair and its number."""
    size = len(itos)
    with run.plot(name, size=(0.55 * size, 0.55 * size)) as axes:
        axes.imshow(table, cmap="Blues")
        for i in range(size):
            for j in range(size):
                color = "white" if table[i, j] > table.max() / 2 else "black"
                label = f"{itos[i]}{itos[j]}\n{table[i, j].item()}"
                axes.text(j, i, label, ha="center", va="center", color=color, fontsize=7)
        axes.set_xticks(range(size), [itos[j] for j in range(size)], fontsize=20)
        axes.set_yticks(range(size), [itos[i] for i in range(size)], fontsize=20)
        axes.set_xlabel("next character", fontsize=24)
        axes.set_ylabel("first character", fontsize=24)
        axes.set_title(title, fontsize=28)


def plot_losses(run, losses, counted_loss, uniform):
    """The network's loss on its way to the loss of the counted table."""
    with run.plot("loss") as axes:
        axes.plot(losses, label="network, gradient descent")
        axes.axhline(uniform, color="gray", linestyle=":", label=f"uniform guess: {uniform:.4f}")
        axes.axhline(counted_loss, color="black", linestyle="--", label=f"counting: {counted_loss:.4f}")
        axes.set(xlabel="step", ylabel="average NLL", title="The network arrives where counting was at once")
        axes.legend()


def milestone(run):
    """Count, score and sample; then train the network until it agrees; then try trigrams."""
    run.stages(heat_map, chances, lengths, surprise, smoothing, two_ways)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
