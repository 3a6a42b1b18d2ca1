# %% [markdown]
# # MLP: a network that reads three characters
#
# Counting hit a wall in the last lesson. With one character of context the table had 27 rows, with two 729, with
# three it would have 19,683, and nearly all of them would be empty: there just aren't enough names to fill them.
# The table fails because it treats every context as a stranger. It may have seen `emm` a hundred times, and that
# teaches it nothing about `imm`.
#
# The network of this lesson shares what it learns. Each character becomes a short list of numbers, its
# *embedding*, and these numbers are learned. Characters that are used alike, such as the vowels, move close to each
# other, and whatever the network learns about one of them then holds, roughly, for its neighbors too. The idea comes
# from Bengio and others (*A Neural Probabilistic Language Model*, 2003), who did it with words.
#
# On the way you'll do what everybody does who trains networks: cut the data into three parts, work in small
# batches, overfit a handful of examples on purpose, hunt for a learning rate, and look hard at the very first loss.
#
# Lecture: *Building makemore part 2: MLP*, https://www.youtube.com/watch?v=TCH_1BHY58I
#
# It builds on part 1: one-hot rows, softmax, the negative log likelihood and gradient descent on a single
# layer.

# %%
import math
import random

import torch


def vocabulary(words):
    """Number the characters of the words from 1, the dot being 0. Given; you wrote it in part 1."""
    characters = ["."] + sorted(set("".join(words)))
    stoi = {character: index for index, character in enumerate(characters)}
    return stoi, dict(enumerate(characters))


# %% [markdown]
# ## 1. What comes after what, with a longer memory
#
# The network sees a *context* of `block_size` characters and is asked for the next one. A word begins before its
# first letter, so the first contexts are filled up with dots. For `ann` and a block size of 3:
#
# | context | next |
# |---|---|
# | `...` | `a` |
# | `..a` | `n` |
# | `.an` | `n` |
# | `ann` | `.` |
#
# The window moves by one character: the oldest drops out on the left, the newest comes in on the right. As with
# bigrams, a word of n characters gives n + 1 examples. Every word starts again from dots. What would happen if it
# didn't? The network would learn that the end of `anna` says something about the first letter of `bob`, just
# because they happen to stand next to each other in the file.

# %%
def contexts(word, block_size):
    """List the contexts of a word, each with the character that comes next.

    word: a string, which may be empty. block_size: an int of at least 1. Returns a list of
    len(word) + 1 pairs (context, next), from left to right: context a string of block_size
    characters, with dots where the word has not begun; the last next is the dot that ends the word.

    >>> contexts("ann", 3)
    [('...', 'a'), ('..a', 'n'), ('.an', 'n'), ('ann', '.')]
    >>> contexts("ann", 1)
    [('.', 'a'), ('a', 'n'), ('n', 'n'), ('n', '.')]
    """
    ### BEGIN SOLUTION
    # hint: Write the whole chain down once: block_size dots, the word, one dot. Where in it is each context?
    # hint: The context that starts at position i of the chain is chain[i : i + block_size].
    # hint: The character after it is chain[i + block_size], and i runs from 0 to len(word).
    # learned: a window over the text makes one example of every character, however long the window is
    chain = "." * block_size + word + "."
    return [
        (chain[start : start + block_size], chain[start + block_size])
        for start in range(len(word) + 1)
    ]
    ### END SOLUTION


# %% [markdown]
# Now for all the words, and with indices in place of characters. The network will get a whole tensor of
# contexts, one in each row, and a tensor of what comes next.

# %%
def build_dataset(words, stoi, block_size=3):
    """Write all the contexts of all the words as inputs and targets.

    words: list of strings, which may repeat and may be empty. stoi: dict from character to index,
    "." being 0. Neither is changed. Returns two int64 tensors `(X, Y)`: X (N, block_size) the indices
    of the contexts, oldest character first; Y (N,) the indices of the next characters. The examples
    come word by word, from left to right.

    >>> X, Y = build_dataset(["ab"], {".": 0, "a": 1, "b": 2})
    >>> X
    tensor([[0, 0, 0],
            [0, 0, 1],
            [0, 1, 2]])
    >>> Y
    tensor([1, 2, 0])
    """
    ### BEGIN SOLUTION
    # hint: `contexts` has done the work for one word; what's left is a loop over the words, and the indices.
    # hint: Collect the rows in a list, [stoi[character] for character in context], and the targets in another.
    # hint: At the end torch.tensor makes int64 tensors of both lists.
    # learned: a data set for a network is two tensors in step: row i of X belongs to entry i of Y
    X, Y = [], []
    for word in words:
        for context, following in contexts(word, block_size):
            X.append([stoi[character] for character in context])
            Y.append(stoi[following])
    return torch.tensor(X), torch.tensor(Y)
    ### END SOLUTION


# %% [markdown]
# ## 2. Three parts of the data
#
# A network with ten thousand parameters can learn its examples by heart. Then its loss on them is excellent and
# tells you nothing. So the words are split, once, before anything else:
#
# * the *training* words (80 %) fit the parameters;
# * the *dev* words (10 %) compare designs: block size, width, learning rate. You look at them often;
# * the *test* words (10 %) are used at the very end, once or twice. Each time you look at them and then change
#   something, they become a little more like training data.
#
# Two things matter. Split the *words* and not the examples, or the beginning of a name lands in one part and its
# end in another. And shuffle first, because files are hardly ever in random order. `names.txt` is really two lists:
# girls first, from the most common name to the rarest (lines 1 to 18,029), then boys in the same order. Cut off its
# last tenth, and you get nothing but rare names of boys.

# %%
def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    """Shuffle the words and split them into three lists.

    words: a list of strings, which is not changed. fractions: the shares of the three lists, which
    add up to 1; sizes may be off by one word through rounding. seed: the same seed gives the same
    split, another seed another one. Returns three lists `(train, dev, test)`; each entry of `words`
    is in exactly one of them.

    >>> train, dev, test = split_words(["a", "b", "c", "d"], (0.5, 0.25, 0.25))
    >>> len(train), len(dev), len(test)
    (2, 1, 1)
    >>> sorted([*train, *dev, *test])
    ['a', 'b', 'c', 'd']
    """
    ### BEGIN SOLUTION
    # hint: random.shuffle works in place, so it needs a list of your own. How do you copy a list?
    # hint: random.Random(seed).shuffle(copy) shuffles alike each time; then cut the copy at two places.
    # hint: Cut at int(fractions[0] * n) and int((fractions[0] + fractions[1]) * n). The third part is what's left.
    # learned: training data fits parameters, dev data compares designs, test data is for the end
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    first = int(fractions[0] * len(words))
    second = int((fractions[0] + fractions[1]) * len(words))
    return shuffled[:first], shuffled[first:second], shuffled[second:]
    ### END SOLUTION


# %%
def shape_of_the_looked_up_table():
    """C has the shape (27, 2), one row for each character. X has the shape (32, 3), and holds the numbers of characters.
    What's the shape of `C[X]`?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: each number in X is replaced by a row of C.
    # because: each of the 32 by 3 numbers becomes the 2 numbers of its row
    return torch.zeros(27, 2)[torch.zeros(32, 3, dtype=torch.int64)]
    ### END PREDICTION


# %% [markdown]
# Is the dev set clean now? Surprisingly, no. Since `names.txt` is two lists, a name that girls and boys share stands
# in it twice: 32,033 lines, but only 29,494 different names. Shuffle, cut, and one copy of `riley` may land in
# training and the other one in dev. The network is then tested on a word that it has been drilled on. That's called
# *leakage*, and it's one of the most common ways to fool yourself. Measure it. What's your guess: 1 % of the dev
# words, 5 %, 10 %?

# %%
def leaked_words(train, other):
    """List the words of another split that stand in the training split as well.

    train, other: lists of strings, which may repeat; they are not changed. Returns a list: those entries of
    `other` that also occur in `train`, in the order of `other`, each as often as it stands there.

    >>> leaked_words(["ann", "bob", "eve"], ["bob", "joe", "ann", "bob"])
    ['bob', 'ann', 'bob']
    """
    ### BEGIN SOLUTION
    # hint: Go through the other split, and keep each word that the training split has too.
    # hint: Looking through a list of 25,000 words again and again takes long. What finds a word at once?
    # hint: A set of the training words; `word in seen` is then quick.
    # learned: before you trust a number, check that the test isn't in the textbook
    seen = set(train)
    return [word for word in other if word in seen]
    ### END SOLUTION


# %% [markdown]
# On the real names the answer is 424 of 3,203 dev words: 13 %! So dev losses here look a little better than
# they'd be on names that are truly new. The lecture leaves it like that, and so do we, so that your numbers can be
# compared with its. For a clean split you'd shuffle and cut the *different* names.
#
# ## 3. Embeddings
#
# Here's the whole network on one page, with a context of three characters, embeddings of two numbers, and 100
# hidden neurons. Keep it in sight until the end of section 5:
#
#        .            .            e           the context
#        0            0            5           as indices: a row of X
#        |            |            |           look up row 0, row 0, row 5 of C
#     [.3 -.1]     [.3 -.1]     [.9  .4]       three embeddings
#         \            |            /          laid side by side
#       [ .3  -.1  .3  -.1  .9  .4 ]           one row of 3 * 2 = 6 numbers
#                      |                       times W1, plus b1, then tanh
#            [ h1  h2  ...  h100 ]             the hidden layer
#                      |                       times W2, plus b2
#           [ .   a   b   ...   z ]            27 logits
#                      |                       softmax
#           [.02 .01 .03  ... .01 ]            27 probabilities of the next character
#
# In part 1 a one-hot row times a matrix picked out a row. Here that matrix is called `C`: it has a row of E numbers
# for each character, its embedding. With E = 2 each character is a point in the plane, and the milestone draws them.
#
# `C[X]` looks up all contexts at once: X has shape (N, block_size), and so `C[X]` has (N, block_size, E). The next
# layer wants one row for each example, so the embeddings of a context are laid *side by side*, in order. They
# mustn't be added up, for then `ab` and `ba` would look the same; and they mustn't be mixed with those of other
# examples. A *reshape* is what you need. It moves nothing in memory, it only reads the same numbers as wider rows.

# %%
def embed(C, X):
    """Look up the embeddings of each context and lay them side by side.

    C: float tensor (V, E). X: int64 tensor (N, block_size). Neither is changed. Returns a float tensor
    (N, block_size * E), in row i the embeddings of X[i, 0], X[i, 1], ... in this order. Gradients
    flow back into C.

    >>> C = torch.tensor([[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]])
    >>> embed(C, torch.tensor([[0, 2], [1, 1]]))
    tensor([[0.0000, 0.5000, 2.0000, 2.5000],
            [1.0000, 1.5000, 1.0000, 1.5000]])
    """
    ### BEGIN SOLUTION
    # hint: A tensor may be indexed by a tensor of any shape. What is the shape of C[X]?
    # hint: Keep the first dimension and join the other two; with view, -1 stands for "whatever is left".
    # hint: Both `view(len(X), -1)` and `flatten(1)` do that.
    # learned: an embedding is a table of learned rows, and laying them side by side keeps their order
    return C[X].flatten(1)
    ### END SOLUTION


# %%
def parameters_of_the_mlp():
    """27 characters with an embedding of 10 numbers each, a context of 3 characters, 200 hidden neurons, and 27 logits;
    both layers have biases. How many parameters is that?

    Answer: a number, within 1 %.
    """
    ### BEGIN PREDICTION
    # hint: the table, two weight matrices, two biases. The hidden layer takes 3 * 10 numbers.
    # because: it's 270 for the table, 6,000 + 200 for the hidden layer and 5,400 + 27 for the logits
    shapes = [(27, 10), (3 * 10, 200), (200,), (200, 27), (27,)]
    return sum(torch.zeros(shape).numel() for shape in shapes)
    ### END PREDICTION


def shape_of_a_bias_for_each_example():
    """h has the shape (32, 100): 32 examples, 100 neurons. Somebody adds a bias of shape (32,), one for each example.
    What's the shape of `h + b`?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: line (32, 100) and (32,) up at the right.
    # because: lined up at the right, 100 meets 32, and neither is 1; a bias of shape (32, 1) would have worked
    return torch.zeros(32, 100) + torch.zeros(32)
    ### END PREDICTION


# %% [markdown]
# ## 4. The parameters
#
# After the embedding come a *hidden layer* of H neurons with tanh and an output layer with 27 logits:
#
#     h      = tanh(x @ W1 + b1)          x: the row of embeddings, block_size * E numbers
#     logits = h @ W2 + b2
#
# Every parameter starts as a random number. Why not all at the same one? Because then all hidden neurons would
# compute the same, get the same gradient, and stay the same forever: a hundred neurons doing the work of one.
#
# Each must be a *leaf*: a tensor that requires gradients and wasn't computed from one that does.
# `torch.randn(..., requires_grad=True) * 0.1` looks like a parameter, but it's the result of a product; its `grad`
# stays `None`, and it's never trained. No error, no warning, just a network that doesn't learn. So scale first, then
# ask for gradients. What the scale is good for you'll see in section 6.

# %%
def init_parameters(vocab_size, block_size, n_embd, n_hidden, generator, output_scale=1.0):
    """Make the parameters of the network.

    All sizes are ints. generator: a torch.Generator, from which all random numbers are drawn, and
    from nowhere else.
    Returns a list [C, W1, b1, W2, b2] of float32 leaf tensors with requires_grad=True, of shapes
    (vocab_size, n_embd), (block_size * n_embd, n_hidden), (n_hidden,), (n_hidden, vocab_size) and
    (vocab_size,). All entries, the biases' too, are standard normal (mean 0, standard deviation 1);
    those of W2 and b2 are multiplied by output_scale.

    >>> parameters = init_parameters(27, 3, 2, 100, torch.Generator().manual_seed(0))
    >>> [tuple(parameter.shape) for parameter in parameters]
    [(27, 2), (6, 100), (100,), (100, 27), (27,)]
    >>> sum(parameter.numel() for parameter in parameters)
    3481
    """
    ### BEGIN SOLUTION
    # hint: torch.randn(shape, generator=generator) draws standard normal numbers. Note the five shapes down first.
    # hint: Multiply W2 and b2 by output_scale while they're still plain tensors.
    # hint: Last, in a loop over all of them: parameter.requires_grad = True.
    # learned: parameters are random leaf tensors that require gradients; scale them before, never after
    C = torch.randn((vocab_size, n_embd), generator=generator)
    W1 = torch.randn((block_size * n_embd, n_hidden), generator=generator)
    b1 = torch.randn(n_hidden, generator=generator)
    W2 = torch.randn((n_hidden, vocab_size), generator=generator) * output_scale
    b2 = torch.randn(vocab_size, generator=generator) * output_scale
    parameters = [C, W1, b1, W2, b2]
    for parameter in parameters:
        parameter.requires_grad = True
    return parameters
    ### END SOLUTION


# %% [markdown]
# ## 5. Forward, and the loss in one piece
#
# The forward pass is the picture above, for all rows of X at the same time. The output layer has no tanh: logits
# must be free to take any value.

# %%
def forward(parameters, X):
    """Compute the logits of the next character for each context.

    parameters: list [C, W1, b1, W2, b2] as made by init_parameters, of any sizes that fit together.
    X: int64 tensor (N, block_size). Nothing is changed. Returns a float tensor of logits (N, V).

    >>> one = torch.ones(1, 1)
    >>> forward([one, one, torch.zeros(1), torch.tensor([[1.0, -1.0]]), torch.zeros(2)], torch.tensor([[0]]))
    tensor([[ 0.7616, -0.7616]])
    """
    ### BEGIN SOLUTION
    # hint: Follow the picture from top to bottom: embed, a linear layer and tanh, another linear layer.
    # hint: A linear layer is x @ W + b; the bias broadcasts over the rows.
    # hint: The tanh goes around the first linear layer as a whole, its bias included; the second one has none.
    # learned: a multilayer perceptron is linear, bend, linear; without the bend it would be one linear layer
    C, W1, b1, W2, b2 = parameters
    hidden = torch.tanh(embed(C, X) @ W1 + b1)
    return hidden @ W2 + b2
    ### END SOLUTION


# %%
def loss_of_shifted_logits():
    """You add 100 to all of a network's logits. By how much does its cross-entropy grow?

    Answer: a number, within 0.01.
    """
    ### BEGIN PREDICTION
    # hint: softmax divides exp(logit) by the sum of all of them. Which factor do they share?
    # because: each exp(logit) grows by the same factor, which cancels; only differences between logits count
    logits, targets = torch.randn(50, 27), torch.randint(27, (50,))
    before, after = (torch.nn.functional.cross_entropy(x, targets) for x in (logits, logits + 100))
    return after - before
    ### END PREDICTION


def softmax_of_a_hundred():
    """The logits are 0 and 100, in float32, and somebody computes `logits.exp() / logits.exp().sum()`. What's the second
    probability that comes out?

    Answer: one of: 0; 1; inf; nan.
    """
    ### BEGIN PREDICTION
    # hint: the largest float32 is about 3e38. And exp(100)?
    # because: exp(100) is too large for float32 and becomes inf, and inf / inf is not a number
    counts = torch.tensor([0.0, 100.0]).exp()
    return f"{(counts / counts.sum())[1].item():g}"
    ### END PREDICTION


# %% [markdown]
# The loss is the same as in part 1: softmax, pick the target's probability, minus log, mean. Taken in these steps
# it breaks down, though. The exponential of 1,000 is infinite in any float, and the exponential of -1,000 is 0, whose
# logarithm is minus infinity. Both are avoided if you take the logarithm on paper first. For one example with logits
# z and the target t:
#
#     loss = -log( exp(z[t]) / (exp(z[0]) + exp(z[1]) + ...) )
#          =  log( exp(z[0]) + exp(z[1]) + ... ) - z[t]
#
# Softmax doesn't change when you add the same number to all logits of a row. So subtract the row's largest logit:
# then the largest exponential is 1, nothing overflows, and the sum is at least 1, so its logarithm is harmless too.
# That's what `F.cross_entropy` does, only faster; after this exercise you may use it with a clear conscience.

# %%
def cross_entropy(logits, targets):
    """Mean negative log likelihood of the targets under the softmax of the logits.

    logits: float tensor (N, V), not changed. targets: int64 tensor (N,) with values below V. Returns
    a float tensor of no dimension, differentiable in logits. It is right, and so finite, for logits
    as large as 1,000 and as small as -1,000, which can make it 2,000. Build it; torch's softmax,
    log_softmax, cross_entropy and nll_loss are refused here, torch.logsumexp is allowed.

    >>> cross_entropy(torch.tensor([[1.0, 3.0]]).log(), torch.tensor([1]))
    tensor(0.2877)
    >>> cross_entropy(torch.tensor([[1000.0, 0.0], [-1000.0, 1000.0]]), torch.tensor([1, 1]))
    tensor(500.)
    """
    ### BEGIN SOLUTION
    # hint: Subtract each row's largest logit first; max(1, keepdim=True) gives `values` of shape (N, 1).
    # hint: Never form the probability itself: log of the sum of the exponentials, minus the target's logit.
    # hint: The target's logit of every row is shifted[torch.arange(N), targets]; at the end take the mean.
    # learned: -log softmax is log-sum-exp minus the target's logit, and shifting a row by its maximum keeps it finite
    shifted = logits - logits.max(1, keepdim=True).values
    log_totals = shifted.exp().sum(1).log()
    picked = shifted[torch.arange(len(targets)), targets]
    return (log_totals - picked).mean()
    ### END SOLUTION


# %%
def first_loss_of_randn():
    """The whole network is drawn with `randn`: embeddings of 10 numbers, 3 characters of context, 200 tanh neurons,
    and weights, not scaled in any way, to 27 logits. The uniform guess loses 3.3. What's the first loss,
    before any step?

    Answer: a number, within 30 %.
    """
    ### BEGIN PREDICTION
    # hint: a logit is a sum of 200 terms, each a random weight times something near 1 or -1. How far from 0 is that?
    # because: logits that deviate by 14 make the network sure of itself and, 26 times out of 27, wrong
    C, W1, W2 = torch.randn(27, 10), torch.randn(30, 200), torch.randn(200, 27)
    X, Y = torch.randint(27, (5000, 3)), torch.randint(27, (5000,))
    h = torch.tanh(C[X].view(-1, 30) @ W1 + torch.randn(200))
    return torch.nn.functional.cross_entropy(h @ W2 + torch.randn(27), Y)
    ### END PREDICTION


# %% [markdown]
# ## 6. What the first loss should be
#
# Stop before you train anything. A network that knows nothing should find all characters equally likely. What's
# its loss, then? You can work that out with pen and paper, and you should, whenever you start a training: write the
# number down, and compare. It's the cheapest test in the book.
#
# Once it passes, `grad plot expected_initial_loss` shows the first loss by the size of the last layer.

# %%
def expected_initial_loss(vocab_size):
    """The cross-entropy of a uniform guess over vocab_size characters, a float.

    >>> round(float(expected_initial_loss(27)), 4)
    3.2958
    """
    ### BEGIN SOLUTION
    # hint: Which probability does a uniform guess give to each of the characters?
    # hint: The loss is minus the natural logarithm of that probability.
    # hint: Minus the log of one over n is the log of n.
    # learned: know the loss of an ignorant model before you train; a larger first loss is a bad initialization
    return math.log(vocab_size)
    ### END SOLUTION


# %%
def noise_of_a_minibatch():
    """The losses of single examples deviate by 1 from their mean. By how much does the mean of 32 of them deviate?

    Answer: a number, within 15 %.
    """
    ### BEGIN PREDICTION
    # hint: not by 1/32. Variances add up.
    # because: it's 1 divided by the root of 32; four times as many examples only halve the noise
    return torch.randn(20_000, 32).mean(1).std()
    ### END PREDICTION


# %% [markdown]
# Now the bad news: our network fails this test. All its weights are standard normal. A logit is a sum of H terms,
# one from each hidden neuron, and each term is a random number of size about 1. Such a sum spreads by about the
# square root of H, which is 14 for the 200 neurons of the milestone's large network. Some logits are near 20, others
# near -20, and the softmax puts nearly everything on one character, mostly the wrong one. The first loss is above 25
# instead of 3.3. That's worse than ignorant, it's *sure and wrong*.
#
# Training repairs it, of course. It does so first of all, by squashing the weights of the last layer, and those steps
# are missing elsewhere. The remedy is `output_scale`: with 0.01 the logits start near 0 and the probabilities nearly
# uniform. The milestone trains both ways with the same number of steps, so that you can see what this one factor
# buys. (It's worth more in a short run than in a long one: do you see why?)
#
# ## 7. A little data, many steps
#
# The training words give 182,000 examples. The gradient over all of them is exact and slow. The gradient over 32
# that are drawn at random is noisy, thousands of times cheaper, and points roughly the same way. It's far better to
# take many steps that are roughly right than a few exact ones. This is *stochastic* gradient descent. Each row of
# the *minibatch* must keep its own target: draw the rows' numbers once and use them for both tensors.

# %%
def minibatch(X, Y, batch_size, generator):
    """Draw a minibatch: random rows of X, and the same rows of Y.

    X: tensor (N, block_size). Y: tensor (N,). Neither is changed. batch_size: an int, at most N.
    generator: a torch.Generator, from which all random numbers are drawn, and from nowhere else.
    Each row of the batch is drawn on its own, every one of the N rows as likely as
    the others; whether a row may come twice is up to you. Returns a pair of tensors,
    (batch_size, block_size) and (batch_size,).

    >>> X, Y = torch.tensor([[7, 8]]), torch.tensor([9])
    >>> minibatch(X, Y, 1, torch.Generator().manual_seed(0))
    (tensor([[7, 8]]), tensor([9]))
    """
    ### BEGIN SOLUTION
    # hint: Draw batch_size row numbers from 0 to N - 1. torch.randint's upper limit is not included.
    # hint: Index both tensors with the same numbers; drawing twice would tear the pairs apart.
    # hint: torch.randint(0, len(X), (batch_size,), generator=generator) draws the numbers.
    # learned: a small random batch gives a noisy gradient that is good enough and much cheaper
    rows = torch.randint(0, len(X), (batch_size,), generator=generator)
    return X[rows], Y[rows]
    ### END SOLUTION


# %% [markdown]
# The step itself is that of part 1, now for a list of parameters. All of them must move.
#
# Once it passes, `grad plot by_heart` learns one batch of 32 by heart. If that fails, nothing else will work.

# %%
def sgd_step(parameters, loss, learning_rate):
    """Take one step of gradient descent: clear the gradients, go backward, update.

    parameters: list of leaf tensors that require gradients; each is changed in place, by minus the
    learning rate times its gradient, and stays a leaf that requires them. Gradients that are left
    from before must play no role. loss: a tensor of no dimension that was computed from the
    parameters; each of them is involved in it. Returns nothing, and leaves the recording as it was.

    >>> a, b = torch.tensor([1.0], requires_grad=True), torch.tensor([2.0], requires_grad=True)
    >>> sgd_step([a, b], (3 * a + b * b).sum(), 0.1)
    >>> [round(p.item(), 4) for p in (a, b)]
    [0.7, 1.6]
    """
    ### BEGIN SOLUTION
    # hint: One loop clears, then backward once, then one loop updates.
    # hint: Setting grad to None clears it. Update under torch.no_grad(), in place, and go through all parameters.
    # hint: In the last loop use -= with the learning rate times parameter.grad.
    # learned: the update changes the tensors themselves, each by its own gradient
    for parameter in parameters:
        parameter.grad = None
    loss.backward()
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad
    ### END SOLUTION


# %%
def halfway_between_two_rates():
    """You try learning rates from 0.001 to 1, evenly spread on a logarithmic scale. Which one is in the middle?

    Answer: a number, within 10 %.
    """
    ### BEGIN PREDICTION
    # hint: not 0.5. The exponents run from -3 to 0.
    # because: the exponent in the middle is -1.5, and 10 to that is as many times 0.001 as 1 is times it
    return 10 ** torch.linspace(-3, 0, 1001)[500]
    ### END PREDICTION


# %% [markdown]
# ## 8. First learn 32 examples by heart
#
# Before you let a network loose on 182,000 examples, give it 32, the same ones in every step, and see whether it can
# learn them by heart. With embeddings of two numbers and 100 hidden neurons it has 3,481 parameters, a hundred for
# each example. It should. If the loss doesn't fall to nearly nothing, something is broken, and you've found out
# within a second instead of an hour. People who train networks for a living do this first, always.
#
# Nearly nothing, but not nothing. The five names at the top of the file, `emma`, `olivia`, `ava`, `isabella` and
# `sophia`, make exactly 32 examples. Five of them have the context `...`, and they're to be followed by `e`, `o`,
# `a`, `i` and `s`. No network can get all five right from the same input. The best it can do is to give each a
# fifth, which costs log 5 for each of the five. Spread over 32 examples that's 5 * log(5) / 32 = 0.2515, and below
# that no training will ever get.

# %%
def overfit(parameters, X, Y, steps, learning_rate):
    """Train on the same rows in every step, and note how the loss falls.

    parameters: as for `forward`, leaf tensors that require gradients; they are changed in place by `steps`
    steps of gradient descent, each on all rows of X (N, block_size) and Y (N,), which are not changed.
    learning_rate: a float, the same for all steps. Returns a list of `steps` floats: the loss before each step.

    >>> parameters = [torch.zeros(shape).requires_grad_() for shape in [(2, 1), (1, 1), (1,), (1, 2), (2,)]]
    >>> losses = overfit(parameters, torch.tensor([[0]]), torch.tensor([1]), 3, 1.0)
    >>> [round(float(loss), 4) for loss in losses]
    [0.6931, 0.3133, 0.1946]
    """
    ### BEGIN SOLUTION
    # hint: Three things happen in each round: logits, loss, step. You have a function for each.
    # hint: Note the loss as a float: the tensor would drag its graph along.
    # hint: loss = cross_entropy(forward(parameters, X), Y), then append loss.item(), then sgd_step.
    # learned: a network that can't learn 32 examples by heart is broken, and it takes a second to find out
    losses = []
    for _ in range(steps):
        loss = cross_entropy(forward(parameters, X), Y)
        losses.append(loss.item())
        sgd_step(parameters, loss, learning_rate)
    return losses
    ### END SOLUTION


# %% [markdown]
# Try it yourself, in a notebook or at Python's prompt, with `init_parameters` and the first five names. A rate of
# 0.1 and 1,000 steps will do.
#
# ## 9. Training, and an honest number
#
# The real thing differs in one point only: every step gets a minibatch of its own. Here the learning rates come as a
# list, one for each step. That looks odd now, but it means that this one loop will serve for everything that
# follows: the same rate a hundred times over, or a large rate first and a small one later.
#
# `grad plot best_learning_rate` runs the sweep and draws the valley (it needs `evaluate` too).

# %%
def train_on_batches(parameters, X, Y, rates, batch_size, generator):
    """Train on minibatches, one step for each learning rate in the list.

    parameters: as for `forward`, leaf tensors that require gradients; they are changed in place. X, Y: the
    training split, at least batch_size rows; not changed. rates: list of floats, the learning rates of the
    steps, in order; not changed. generator: a torch.Generator for all the random numbers.
    Returns a list of floats, one for each step: the loss of its minibatch before the step.

    >>> parameters = [torch.zeros(shape).requires_grad_() for shape in [(2, 1), (1, 1), (1,), (1, 2), (2,)]]
    >>> X, Y, generator = torch.tensor([[0]]), torch.tensor([1]), torch.Generator().manual_seed(0)
    >>> losses = train_on_batches(parameters, X, Y, [1.0, 0.0, 1.0], 1, generator)
    >>> [round(float(loss), 4) for loss in losses]
    [0.6931, 0.3133, 0.3133]
    """
    ### BEGIN SOLUTION
    # hint: It's the loop of `overfit`, but over the rates. What has to be new in each round?
    # hint: Draw a minibatch inside the loop; both the loss and the step belong to it.
    # hint: Xb, Yb = minibatch(X, Y, batch_size, generator), and then as in overfit, with this round's rate.
    # learned: training is four lines: draw, predict, measure, step
    losses = []
    for rate in rates:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        loss = cross_entropy(forward(parameters, Xb), Yb)
        losses.append(loss.item())
        sgd_step(parameters, loss, rate)
    return losses
    ### END SOLUTION


# %% [markdown]
# The loss of a minibatch of 32 jumps up and down by a tenth from step to step. It steers the training, but it's not
# a result. The result is the loss over a *whole* split, and without recording a graph: nothing is going to be
# differentiated, and a graph over 182,000 rows costs hundreds of megabytes. `torch.no_grad()` switches the recording
# off.
#
# If the loss on the training words is far below the one on the dev words, the network is learning by heart
# (overfitting). If the two are nearly equal, it's too small for the data (underfitting), and more neurons or more
# dimensions will help. The milestone prints both for its first network, with two-dimensional embeddings and 100
# hidden neurons. Which of the two is it, do you think?
#
# Once it passes, `grad plot embed` trains a small network and shows where it puts the letters.

# %%
def evaluate(parameters, X, Y):
    """Loss of the network on all rows of X and Y.

    parameters: as for `forward`; neither they nor their gradients are changed. X, Y: a whole split,
    of any number of rows; not changed.
    Returns the mean cross-entropy as a float. No graph is recorded, and recording is left as it was.

    >>> one = torch.ones(1, 1)
    >>> parameters = [one, one, torch.zeros(1), torch.zeros(1, 2), torch.zeros(2)]
    >>> round(float(evaluate(parameters, torch.tensor([[0], [0]]), torch.tensor([0, 1]))), 4)
    0.6931
    """
    ### BEGIN SOLUTION
    # hint: Use `forward` and `cross_entropy` on all rows; a batch would only be an estimate.
    # hint: Switch off the recording around both calls: `with torch.no_grad():` switches it on again by itself.
    # hint: A tensor of no dimension becomes a float with item().
    # learned: report the loss over a whole split, never that of the last minibatch
    with torch.no_grad():
        return cross_entropy(forward(parameters, X), Y).item()
    ### END SOLUTION


# %% [markdown]
# ## 10. The learning rate
#
# It's the number that matters most. Too small, and the loss creeps; too large, and it leaps about or explodes. The
# right value may lie anywhere between 0.0001 and 10. Which ten values would you try first? Evenly spaced ones, 0.001,
# 1.1, 2.2, ..., would put nine of ten into the top decade. So search for the *order of magnitude*: evenly spaced
# *exponents* give every decade its share, and neighboring rates then have the same ratio.

# %%
def learning_rates(low, high, n):
    """List n learning rates from 10**low to 10**high, evenly spaced in the exponent.

    low, high: numbers, the exponents of the ends, which are both included. n: an int of at least 2.
    Returns a float tensor (n,), or a list of n floats, with the rate for `low` first.

    >>> [round(float(rate), 4) for rate in learning_rates(-3, 0, 4)]
    [0.001, 0.01, 0.1, 1.0]
    """
    ### BEGIN SOLUTION
    # hint: Even spacing is easy to get for the exponents; torch.linspace(start, end, n) includes both ends.
    # hint: Then raise 10 to each of them.
    # learned: search a number of unknown size in its logarithm, so that each decade gets the same share
    return 10 ** torch.linspace(low, high, n)
    ### END SOLUTION


# %% [markdown]
# Now run the experiment. For each rate take a *fresh* network, train it for a short while, and note the loss on the
# dev words. For the comparison to be fair, only one thing may differ: the rate. So all of them start from the same
# first weights, and see the same minibatches. How do you make sure of that? Every training gets a generator of its
# own, with the same seed.

# %%
def sweep_learning_rates(rates, make_parameters, train, dev, steps, batch_size, seed):
    """Train a fresh network for a short while with each learning rate, and measure what became of it.

    rates: what `learning_rates` returns, a tensor or list of n floats. make_parameters: a function without
    arguments that returns new parameters, the same numbers each time. train, dev: pairs (X, Y). None of
    them is changed. For each rate, a new torch.Generator with this seed draws all the minibatches of its
    training, which takes `steps` steps.
    Returns a list of n floats, the loss on all of dev after each training; it may be inf or nan.

    >>> def zeros():
    ...     return [torch.zeros(shape).requires_grad_() for shape in [(2, 1), (1, 1), (1,), (1, 2), (2,)]]
    >>> row = (torch.tensor([[0]]), torch.tensor([1]))
    >>> losses = sweep_learning_rates([0.0, 1.0], zeros, row, row, steps=2, batch_size=1, seed=0)
    >>> [round(float(loss), 4) for loss in losses]
    [0.6931, 0.1946]
    """
    ### BEGIN SOLUTION
    # hint: What has to be made anew for each rate, inside the loop? Two things.
    # hint: make_parameters() and torch.Generator().manual_seed(seed). Then train, then evaluate on dev.
    # hint: train_on_batches wants one rate for each step: a list with `steps` times the same number.
    # learned: a fair comparison changes one thing and holds everything else still
    losses = []
    for rate in rates:
        parameters = make_parameters()
        generator = torch.Generator().manual_seed(seed)
        train_on_batches(parameters, *train, [float(rate)] * steps, batch_size, generator)
        losses.append(evaluate(parameters, *dev))
    return losses
    ### END SOLUTION


# %% [markdown]
# Plotted over the exponent the losses form a valley, and the milestone draws yours:
#
#     loss
#      |                                     |
#      |--.__                               /     left: too timid, hardly anything learned
#      |     '--.__                        /      floor: this is where you want to be
#      |           '--.__                _/       right: it leaps about, and then explodes
#      |                 '--.________.--'
#      +------------------------------------
#       0.0001   0.001    0.01    0.1     1
#
# Read it like a map. The left slope is long and harmless, the right one is a cliff. So pick a rate on the floor, and
# in case of doubt a little to the left of the cliff: a training that's too slow you'll notice, one that explodes after
# an hour ruins your evening.
#
# Beyond the cliff the loss may become infinite or `nan`, not a number. Beware of `nan`: every comparison with it is
# false, so a plain minimum may well return it.

# %%
def best_learning_rate(rates, losses):
    """The rate with the lowest finite loss.

    rates, losses: float tensors (n,), of which losses[i] belongs to rates[i]; not changed. Losses may be
    nan, inf or -inf, and these never win; at least one is finite. Returns a float.

    >>> best_learning_rate(torch.tensor([0.25, 0.5, 1.0]), torch.tensor([2.5, 2.25, float("nan")]))
    0.5
    """
    ### BEGIN SOLUTION
    # hint: torch.isfinite tells the usable losses from nan, inf and -inf.
    # hint: Put inf in place of the others, and the minimum can't choose them.
    # hint: torch.where(losses.isfinite(), losses, math.inf) does that; argmin gives the position, and item() a float.
    # learned: a loss that is not a number compares with nothing, so take it out before you look for the best
    usable = torch.where(losses.isfinite(), losses, math.inf)
    return rates[usable.argmin()].item()
    ### END SOLUTION


# %% [markdown]
# A rate that's right at first is too large towards the end. Near the bottom of the valley the noise of the
# minibatches keeps the parameters jumping about, and smaller steps let them settle. The lecture does the simplest
# thing: the full rate for the first half of the training, then a tenth of it. You can see the loss drop at that
# moment. Mind the boundary: a decay whose step never comes is a common and silent mistake.
#
# With this, `[decayed_rate(step, steps) for step in range(steps)]` is a list for `train_on_batches`.

# %%
def decayed_rate(step, steps, learning_rate=0.1):
    """The learning rate at a step: the full one in the first half of the training, then a tenth.

    step: an int from 0 to steps - 1. steps: the number of all steps. Returns `learning_rate` while
    step < steps / 2, and a tenth of it from there on.

    >>> [round(float(decayed_rate(step, 4)), 4) for step in range(4)]
    [0.1, 0.1, 0.01, 0.01]
    """
    ### BEGIN SOLUTION
    # hint: Compare step with half of steps, whatever steps is.
    # hint: With 4 steps, steps 0 and 1 have the full rate, 2 and 3 a tenth.
    # learned: large steps get near, small steps settle
    return learning_rate if step < steps / 2 else learning_rate / 10
    ### END SOLUTION


# %% [markdown]
# ## 11. New names
#
# Sampling works as in part 1, with a window in place of the single character. Begin with a context of dots for each
# name, draw a character from the softmax of the logits, move the window on by one, and stop at the dot.

# %%
def sample_name(parameters, itos, block_size, generator):
    """Draw one name from the network.

    parameters: as for `forward`; logits may be of any size, as in `cross_entropy`. itos: dict from
    index to character, 0 for ".". Neither is changed. block_size: the number of characters that the
    network sees. generator: a torch.Generator, from which all random numbers are drawn, and from
    nowhere else. Returns the characters before the first dot as a string; it may be empty, and of
    any length.

    >>> one = torch.ones(1, 1)
    >>> always_stop = [one, one, torch.zeros(1), torch.zeros(1, 2), torch.tensor([50.0, 0.0])]
    >>> sample_name(always_stop, {0: ".", 1: "a"}, 1, torch.Generator().manual_seed(0))
    ''
    """
    ### BEGIN SOLUTION
    # hint: Keep a list of block_size indices. What's in it at first, and how does it change with each character?
    # hint: `forward` wants a row for each example: torch.tensor([context]) has one. Softmax, then torch.multinomial.
    # hint: After a draw the window drops its first index and gets the new one at the end. At index 0 you're done.
    # learned: to generate is to predict, draw, move the window on, and predict again
    context, name = [0] * block_size, ""
    while True:
        probabilities = forward(parameters, torch.tensor([context])).softmax(1)
        index = torch.multinomial(probabilities[0], 1, generator=generator).item()
        if index == 0:
            return name
        name += itos[index]
        context = context[1:] + [index]
    ### END SOLUTION


# %% [markdown]
# ## 12. An open task: names that nobody has trained on
#
# So far every exercise had one right answer. This one has a bar, and how you get over it is up to you: train any
# network of at most 12,000 parameters, as often as you like, and `grad try hidden_names` measures its loss on names
# that were put aside. Meeting the bar is a star, falling short costs nothing, and your best try is kept.
#
# The bar is **2.12 nats** on the real names, and **2.36** on the small list that comes with the course. The lecture's
# network, 3 characters of context and 200 hidden neurons, is just within the 12,000; trained well it reaches 2.16. So
# it won't do to train longer. What does the network not see that would help it? And what could you spend fewer
# parameters on? (The author's solution trains for half a minute on one core, and reaches 2.07, or 2.30 on the small
# list.)
#
# Which names are put aside? Not the last tenth of the file, and not a shuffled tenth either, or one copy of `riley`
# would be here and the other there. A *hash* decides, a number that's computed from the letters of the name alone:
# all copies of a name are on the same side, whatever file they stand in. The loss on as many other names is measured
# too, and the worse of the two is the one that counts. So there's nothing to be had from learning the hidden ones alone.
#
# You write two functions. `hidden_names` uses weights; it's pure inference. `train_hidden_names` makes them;
# `grad try hidden_names --train` runs it, writes what it returns beside this file as
# `part2_mlp.hidden_names.safetensors`, and then measures. A file of that name may come from anywhere else, too.
#
# One thing is odd at first: at every try the characters are numbered anew, in `X` as in the weights. The `a` may be 17,
# and row 17 of your `C` is then the embedding of `a`. A network computes the same as before, since it knows characters
# only by their rows. A table that you've written into your code wouldn't.

# %%
import hashlib

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def is_hidden(word):
    """Whether a name is put aside for the open task: one in ten, by a hash of its letters. Given."""
    return hashlib.sha256(word.encode()).digest()[0] < 26


def hidden_names(weights, X):
    """Reach a loss of at most 2.12 nats on hidden names, with at most 12,000 parameters.

    weights: dict from names to float32 tensors, the file that your training left. It holds `C` (27, ...), of which
    row i belongs to character i, `W2` (..., 27) and `b2` (27,), whose column i makes the logit of character i, and
    whatever other tensors you like, under any names. Only these three know which character is which: the characters
    are numbered anew at every try, and those rows, columns and entries with them. X: int64 tensor (N, 8), the last 8
    characters before the one that's asked for, oldest first, filled up on the left with whatever number the dot has.
    Returns a float tensor of logits (N, 27).
    """
    ### BEGIN OPEN TASK
    parameters = [weights[name] for name in ("C", "W1", "b1", "W2", "b2")]
    block_size = len(parameters[1]) // parameters[0].shape[1]
    return forward(parameters, X[:, -block_size:])
    ### END OPEN TASK


def train_hidden_names(run):
    """Train for `hidden_names`, on names that aren't hidden, and return the weights.

    run: as in a milestone; `run.names()` are all the names, and `for step in run.steps(1000)` shows a bar. Number the
    characters as `vocabulary([ALPHABET])` does: the dot is 0. Returns a dict from names to tensors.
    """
    ### BEGIN TRAINING
    words = [word for word in run.names() if not is_hidden(word)]
    X, Y = build_dataset(words, vocabulary([ALPHABET])[0], block_size=5)
    generator = torch.Generator().manual_seed(1)
    parameters = init_parameters(27, 5, 12, 132, generator, output_scale=0.03)
    with torch.no_grad():  # smaller first weights: tanh isn't saturated (part 3 is about that)
        parameters[0] *= 0.3
        parameters[1] *= 0.2
        parameters[2] *= 0
    optimizer = torch.optim.AdamW(parameters, lr=0.005, betas=(0.9, 0.99), weight_decay=0.05)
    steps = run.length(15_000)
    for step in run.steps(15_000):
        for group in optimizer.param_groups:
            group["lr"] = 0.0025 * (1 + math.cos(math.pi * step / steps)) + 1e-5
        Xb, Yb = minibatch(X, Y, 256, generator)
        loss = cross_entropy(forward(parameters, Xb), Yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.show(loss=loss)
    return dict(zip(("C", "W1", "b1", "W2", "b2"), parameters))
    ### END TRAINING


# %% [markdown]
# ## Milestone: better than any table
#
# Run this file. It sweeps the learning rate, trains a small network with two-dimensional embeddings and draws them,
# and then trains the lecture's network twice: from the lecture's first weights, and with a last layer that starts
# small. The bigrams of part 1 ended at 2.454 and the trigrams near 2.2, on words that they had counted. `--full`
# trains for the lecture's 200,000 steps.
#
# What did the small last layer buy? On the real names it's more than 0.1 in the short run, and about 0.05 with
# `--full`. Given ten times as long, the network has repaired most of the damage by itself.

# %%
BLOCK_SIZE = 3
BATCH_SIZE = 32
VOWELS = "aeiou"


def prepared(run):
    """Training, dev and test split on the run's device, and the list of characters."""

    def make():
        words = run.names()
        stoi, itos = vocabulary(words)
        splits = [build_dataset(part, stoi, BLOCK_SIZE) for part in split_words(words)]
        return [(X.to(run.device), Y.to(run.device)) for X, Y in splits], itos

    return run.once("splits", make)


def make_parameters(run, vocab_size, n_embd, n_hidden, output_scale):
    """Parameters on the run's device, the same random numbers each time."""
    generator = torch.Generator().manual_seed(2147483647)
    made = init_parameters(vocab_size, BLOCK_SIZE, n_embd, n_hidden, generator, output_scale)
    return [parameter.detach().to(run.device).requires_grad_() for parameter in made]


def first_guess(run):
    """The loss before the first step, by the size of the last layer's weights."""
    ### STAGE expected_initial_loss, forward, embed, cross_entropy, init_parameters
    ### STAGE build_dataset, contexts, split_words
    (train, _, _), itos = prepared(run)
    X, Y = train[0][:2_000], train[1][:2_000]
    scales, losses = [0.0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0], []
    for scale in scales:
        parameters = make_parameters(run, len(itos), 10, 200, scale)
        losses.append(cross_entropy(forward(parameters, X), Y).item())
    with run.plot("first-guess") as axes:
        axes.plot(scales, losses, marker="o")
        mark_uniform(axes, len(itos))
        axes.set(xlabel="output_scale, the size of the last layer's weights", ylabel="first loss", title="Large first logits: sure of itself, and wrong")
        axes.legend()


def by_heart(run):
    """One batch of 32 examples, learned by heart: if that fails, something is broken."""
    ### STAGE overfit, sgd_step, forward, embed, cross_entropy, init_parameters
    ### STAGE build_dataset, contexts, split_words
    (train, _, _), itos = prepared(run)
    X, Y = train[0][:BATCH_SIZE], train[1][:BATCH_SIZE]
    losses = overfit(make_parameters(run, len(itos), 10, 200, 0.01), X, Y, 500, 0.1)
    with run.plot("by-heart") as axes:
        axes.plot(losses)
        mark_uniform(axes, len(itos))
        axes.set(xlabel="step", ylabel="loss", ylim=(0, 3.6), title="32 examples by heart: down, and yet not to 0")
        axes.legend()
    run.say("It cannot reach 0: after the context ... several characters are right.")


def valley(run):
    """The learning rate: too small crawls, too large explodes, and in between is a valley."""
    ### STAGE best_learning_rate, learning_rates, sweep_learning_rates, train_on_batches, minibatch, evaluate
    ### STAGE sgd_step
    ### STAGE forward, embed, cross_entropy, init_parameters, build_dataset, contexts, split_words
    (train, dev, _), itos = prepared(run)
    rates = [float(rate) for rate in learning_rates(-4, 1, 26)]
    losses = []
    some = dev[0][:4000], dev[1][:4000]

    def fresh():
        return make_parameters(run, len(itos), 2, 100, 0.01)

    for rate, _ in zip(rates, run.steps(len(rates), len(rates), "learning rates"), strict=False):
        losses += sweep_learning_rates([rate], fresh, train, some, 100, BATCH_SIZE, seed=1)
    tried = rates[: len(losses)]
    best = best_learning_rate(torch.tensor(tried), torch.tensor(losses))
    run.figure("learning rate with the lowest loss after 100 steps", best, 0.1, 0.01 <= best <= 2.0)
    with run.plot("learning-rate") as axes:
        axes.plot(tried, losses, marker="o", markersize=4)
        axes.axvline(best, color="black", linestyle="--", label=f"lowest at {best:.3g}")
        mark_uniform(axes, len(itos))
        axes.set(xscale="log", xlim=(8e-5, 12), ylim=(2.4, 4.5), xlabel="learning rate", ylabel="dev loss after 100 steps")
        axes.set_title("The valley of the learning rate")
        axes.legend(loc="lower left")


def train_network(run, parameters, train, short, full, label):
    """Train in place; returns the loss of each minibatch."""
    generator = torch.Generator().manual_seed(2147483647)
    losses = []
    length = run.length(short, full)
    for step in run.steps(short, full, label):
        X, Y = minibatch(*train, BATCH_SIZE, generator)
        loss = cross_entropy(forward(parameters, X), Y)
        sgd_step(parameters, loss, decayed_rate(step, length))
        losses.append(loss.item())
        run.show(loss=losses[-1])
    return losses


def embedding(run):
    """A small network is trained, and shows where it puts the characters: the vowels huddle."""
    ### STAGE embed, decayed_rate, minibatch, evaluate, sgd_step
    ### STAGE forward, cross_entropy, init_parameters, build_dataset, contexts, split_words
    (train, dev, _), itos = prepared(run)
    parameters = make_parameters(run, len(itos), 2, 100, 0.01)
    train_network(run, parameters, train, 12_000, 50_000, "embedding in the plane")
    run.figure("train loss of the small network", evaluate(parameters, *train))
    run.figure("dev loss of the small network", evaluate(parameters, *dev))
    points = parameters[0].detach().cpu()
    colors = ["orange" if c in VOWELS else "lightgray" if c == "." else "lightsteelblue" for c in itos.values()]
    with run.plot("embedding", size=(6.5, 6.5)) as axes:
        axes.scatter(points[:, 0], points[:, 1], s=260, color=colors)
        for index, (x, y) in enumerate(points.tolist()):
            axes.text(x, y, itos[index], ha="center", va="center", fontsize=13)
        axes.set(xlabel="first number of the embedding", ylabel="second number of the embedding", title="Where the network puts the characters; vowels are orange")


def training(run):
    """The lecture's network, trained from its own first weights and with a last layer that starts small."""
    ### STAGE forward, cross_entropy, init_parameters, embed, contexts, build_dataset, split_words
    ### STAGE minibatch, sgd_step, decayed_rate, evaluate, expected_initial_loss, sample_name
    splits, itos = prepared(run)
    losses = {}
    for output_scale, name in ((1.0, "the lecture's first weights"), (0.01, "small last layer")):
        parameters = make_parameters(run, len(itos), 10, 200, output_scale)
        report_first_loss(run, parameters, splits[0], name, output_scale)
        losses[name] = train_network(run, parameters, splits[0], 15_000, 200_000, name)
        report_result(run, parameters, splits, name, output_scale)
    generator = torch.Generator().manual_seed(2147483647 + 10)
    on_cpu = [parameter.detach().cpu() for parameter in parameters]
    names = (sample_name(on_cpu, itos, BLOCK_SIZE, generator) for _ in range(15))
    run.say("made up: " + ", ".join(names))
    plot_losses(run, losses, len(itos))


def report_first_loss(run, parameters, train, name, output_scale):
    """The loss before training; with a small last layer it is that of a uniform guess."""
    loss = evaluate(parameters, *train)
    expected = expected_initial_loss(parameters[4].numel())
    near = abs(loss - expected) < 0.2 if output_scale < 1 else None
    run.figure(f"first loss, {name}", loss, passed=near)
    if near is not None:
        run.say(f"a uniform guess costs {expected:.4f}")


def report_result(run, parameters, splits, name, output_scale):
    """The losses over whole splits. Only the real names have the lecture's figures to meet."""
    train, dev, test = (evaluate(parameters, X, Y) for X, Y in splits)
    careful = output_scale < 1
    limit = (2.20 if run.full else 2.35) if run.real_data else 2.65
    run.figure(f"train loss, {name}", train)
    lecture = 2.17 if run.real_data and not careful else None
    run.figure(f"dev loss, {name}", dev, lecture, dev < limit if careful or run.full else None)
    if careful:
        run.figure("test loss", test)


def mark_uniform(axes, vocab_size):
    """A line where a uniform guess stands."""
    loss = math.log(vocab_size)
    axes.axhline(loss, color="gray", linestyle=":", label=f"uniform guess: {loss:.2f}")


def batched(values, size):
    """The values in consecutive groups; the last one may be shorter."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def plot_losses(run, losses, vocab_size, group=100):
    """The loss of both trainings, each point the mean of a hundred minibatches; the very first ones too."""
    with run.plot("loss") as axes:
        for number, (name, values) in enumerate(losses.items()):
            means = [sum(part) / len(part) for part in batched(values, group)]
            places = [group * i + group / 2 for i in range(len(means))]
            axes.plot([0, *places], [values[0], *means], color=f"C{number}", label=f"{name}: starts at {values[0]:.1f}", linewidth=1)
            axes.plot(0, values[0], "o", color=f"C{number}")
        axes.axvline(len(values) / 2, color="black", linestyle="--", linewidth=1, label="here the learning rate drops to a tenth")
        mark_uniform(axes, vocab_size)
        axes.set(xlabel="step", ylabel="loss, mean of 100 minibatches", yscale="log", title="Where you begin decides what the first steps are for")
        ticks = [2, 2.5, 3, 4, 6, 10, 20, 30]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.legend()


def milestone(run):
    """Look at the first loss, sweep the learning rate, draw an embedding, train the lecture's network two ways."""
    run.stages(first_guess, by_heart, valley, embedding, training)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
