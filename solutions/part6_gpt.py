# %% [markdown]
# # GPT from scratch
#
# A language model reads some text and says which character comes next. So far the models saw one
# character (part 1), three (part 2) or eight (part 5) before it, and they treated each of them the
# same way whatever stood there. Here you build the Transformer: every position looks back at all the
# earlier ones, and decides for itself which of them matter. At the end a small GPT, made of nothing
# but your own functions, writes almost-Shakespeare.
#
# The lecture is *Let's build GPT: from scratch, in code, spelled out*:
# https://www.youtube.com/watch?v=kCc8FmEb1nY
#
# It builds on softmax, sampling and the negative log likelihood (part 1), on embeddings,
# minibatches and cross entropy (part 2), on normalization (part 3), and on modules
# (`part6_modules`). What you have built there you may call here: `F.softmax`, `F.cross_entropy`,
# `nn.Module` and torch's optimizers are allowed. Attention and layer normalization are what this
# lesson builds, so torch's own versions of these two are refused.
#
# Four letters name the shapes all through the lesson: B examples in a batch, T positions in time, C
# channels of a position, V tokens in the vocabulary.

# %%
import math

import torch
import torch.nn.functional as F
from torch import nn

# %% [markdown]
# ## Text as numbers
#
# The text is one long string: plays by Shakespeare, with the speakers' names and the line breaks.
# Its *vocabulary* is the set of characters that occur in it, in sorted order, and a token is a
# character's place in that order. A tokenizer is two functions, one for each direction. Real
# tokenizers use pieces of words (part 7). Characters keep the vocabulary small, and nothing else
# changes.


# %%
def build_tokenizer(text):
    """Make the two functions that turn text into tokens and back.

    text: str. Returns (encode, decode). encode takes a str and returns a list of int; decode takes
    a list of int and returns the str. The tokens number the distinct characters of text from 0 on,
    in sorted order.

    >>> encode, decode = build_tokenizer("hello")
    >>> encode("hole")
    [1, 3, 2, 0]
    >>> decode([1, 0, 2, 2])
    'hell'
    """
    ### BEGIN SOLUTION
    # hint: How do you get each character of a string once? In which order does a set give them?
    # hint: sorted(set(text)) is the vocabulary; make a dict from character to its index.
    # hint: Return two functions: one looks up every character in the dict, the other joins characters into a str.
    # learned: a tokenizer is a fixed, reversible map between text and integers
    characters = sorted(set(text))
    stoi = {character: index for index, character in enumerate(characters)}

    def encode(string):
        return [stoi[character] for character in string]

    def decode(tokens):
        return "".join(characters[token] for token in tokens)

    return encode, decode
    ### END SOLUTION


# %% [markdown]
# A model that has learned the text by heart would be perfect on that text and useless on any other.
# So you put the last tenth of the data aside and never train on it: the loss there says what was
# understood rather than memorized. Why cut the text in one place, and not shuffle it first? Because
# neighboring windows overlap, and half of the exam would have been in the homework.


# %%
def split_data(data, fraction=0.9):
    """Cut data in two: what to train on, and what to validate on.

    data: 1-D tensor of N tokens. Returns (train, validation): the first int(fraction * N) tokens,
    and all the others.

    >>> train, validation = split_data(torch.arange(10), fraction=0.75)
    >>> train.tolist(), validation.tolist()
    ([0, 1, 2, 3, 4, 5, 6], [7, 8, 9])
    """
    ### BEGIN SOLUTION
    # hint: At which index does the second part begin?
    # hint: A slice with an end and a slice with a start, both at int(fraction * len(data)).
    # learned: validation data are only worth something when not one token of them was trained on
    boundary = int(fraction * len(data))
    return data[:boundary], data[boundary:]
    ### END SOLUTION


# %% [markdown]
# The whole text is far too long to look at in one go. Training takes *windows* of it: `block_size`
# tokens in a row, from random places. Each window packs `block_size` examples: its first token
# predicts the second, its first two the third, and so on. So the targets `y` are the same window,
# one step later:
#
# ```
# text     F  i  r  s  t     C  i  t  i  z  e  n
# x           i  r  s  t                             block_size 4, from place 1 on
# y              r  s  t  ' '                        "i" is followed by "r", "ir" by "s", ...
# ```
#
# Several windows are stacked into a batch only to keep the processor busy; the rows of a batch never
# see each other.
#
# Where can a window begin? With N tokens, the last place is N - block_size - 1, so that there is
# still a token for the last target. Count twice: everybody is off by one here once.


# %%
def get_batch(data, block_size, batch_size, generator=None):
    """Draw batch_size windows of data from random places.

    data: 1-D int64 tensor of N > block_size tokens. Returns x and y, both (batch_size, block_size)
    int64: a row of x is block_size neighboring tokens, and the same row of y holds the token that
    follows each of them. The rows are drawn independently; each of the N - block_size places where
    a window can begin is equally likely. generator: the torch.Generator that draws them, or None.

    >>> x, y = get_batch(torch.tensor([5, 6, 7, 8]), block_size=3, batch_size=2)
    >>> x.tolist(), y.tolist()
    ([[5, 6, 7], [5, 6, 7]], [[6, 7, 8], [6, 7, 8]])
    """
    ### BEGIN SOLUTION
    # hint: torch.randint(high, (n,), generator=generator) draws n numbers from 0 to high - 1; what must high be?
    # hint: data[start : start + block_size] is a row of x. Where does the same row of y start?
    # hint: torch.stack makes one tensor of a list of rows.
    # learned: one window of T tokens trains T predictions at once, one for every length of context
    starts = torch.randint(len(data) - block_size, (batch_size,), generator=generator)
    x = torch.stack([data[start : start + block_size] for start in starts])
    y = torch.stack([data[start + 1 : start + block_size + 1] for start in starts])
    return x, y
    ### END SOLUTION


# %%
def loss_of_the_uniform_guess():
    """Shakespeare's text has 65 different characters. What is the loss of a model that takes all of them to be
    equally likely?

    Answer: a number, within 3 %.
    """
    ### BEGIN PREDICTION
    # hint: you may type a formula such as log(2).
    # because: it's log(65); anything above that at the first step means that the model is sure and wrong
    return F.cross_entropy(torch.zeros(10, 65), torch.arange(10))
    ### END PREDICTION


def first_loss_of_an_embedding():
    """`nn.Embedding(65, 65)` draws its table from `randn`, and its rows serve as logits. What is the first loss of such a
    bigram model?

    Answer: a number, within 4 %.
    """
    ### BEGIN PREDICTION
    # hint: logits with a variance of 1 are worse than none.
    # because: random logits cost half their variance more than log(65)
    losses = [F.cross_entropy(nn.Embedding(65, 65).weight, torch.randint(65, (65,))) for _ in range(100)]
    return torch.stack(losses).mean()
    ### END PREDICTION


# %% [markdown]
# ## The simplest model: bigrams again
#
# Start with the model of part 1, in the form that all the others will have: a `forward` that
# returns logits and loss, and a `generate`. A row of the table holds the logits of what follows one
# token, so `nn.Embedding(V, V)` *is* the whole model: looking up a batch of tokens (B, T) gives
# logits (B, T, V).
#
# From here on, models are `nn.Module`s. That's the base class of everything in torch that has
# parameters; in `part6_modules` you've built your own. Three things to remember:
#
# * Call `super().__init__()` first. It makes the lists in which the module will keep its parts.
# * Set an attribute to a layer (`self.table = nn.Embedding(...)`), and the module notices it:
#   `parameters()` hands out its weights, `eval()` and `train()` reach it, `to(device)` moves it.
# * Write `forward`, but call the model itself: `model(x)` runs `forward(x)`.
#
# The loss is the mean cross entropy over all B * T predictions. `F.cross_entropy` wants the classes
# in the second dimension, so flatten the two leading dimensions of logits and targets alike.
# Careful: `logits.view(B, V, T)` has a shape that passes, but it shuffles the numbers. What does a
# model pay that knows nothing? ln V, which is 4.17 for 65 characters.
#
# To generate, take the logits of the *last* position, turn them into probabilities, draw a token,
# append it, repeat. Draw; don't take the likeliest. A model that always says the likeliest thing
# soon goes around in circles.


# %%
class BigramLanguageModel(nn.Module):
    """Predicts the next token from the current one alone."""

    def __init__(self, vocab_size):
        """Make the table of logits.

        vocab_size: V. Keeps `token_embedding_table`, an nn.Embedding of weight (V, V): row i holds
        the logits of what follows token i. Call super().__init__() first, as in every nn.Module.

        >>> BigramLanguageModel(3).token_embedding_table.weight.shape
        torch.Size([3, 3])
        """
        ### BEGIN SOLUTION
        # hint: super().__init__() lets the module notice its parameters.
        # hint: nn.Embedding(rows, columns): a row for each token, and in it a logit for each token.
        # learned: an embedding whose width is the vocabulary already is a language model
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)
        ### END SOLUTION

    def forward(self, idx, targets=None):
        """Predict what follows each token.

        idx, targets: (B, T) int64. Returns (logits, loss): logits (B, T, V), with targets and
        without; loss the mean cross entropy over all B * T predictions, or None without targets.

        >>> model = BigramLanguageModel(4)
        >>> _ = nn.init.zeros_(model.token_embedding_table.weight)
        >>> logits, loss = model(torch.tensor([[0, 3]]), torch.tensor([[3, 1]]))
        >>> logits.shape, round(loss.item(), 4)
        (torch.Size([1, 2, 4]), 1.3863)
        """
        ### BEGIN SOLUTION
        # hint: The table looks up (B, T) tokens at once.
        # hint: For the loss, logits of shape (B * T, V) meet targets of shape (B * T,).
        # hint: Keep the logits' own shape for the result: F.cross_entropy(logits.flatten(0, 1), targets.flatten()).
        # learned: B and T are both just examples to the loss: flatten them together
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss
        ### END SOLUTION

    @torch.no_grad()
    def generate(self, idx, max_new_tokens, generator=None):
        """Continue each row of idx by max_new_tokens drawn tokens.

        idx: (B, T) int64, T >= 1; it is not changed. Returns (B, T + max_new_tokens): idx and what
        follows. Each new token is drawn from the softmax of the logits at the last position.
        generator: the torch.Generator that draws, or None. The model's mode is left as it is.

        >>> model = BigramLanguageModel(3)
        >>> _ = model.token_embedding_table.weight.data.copy_(1000 * torch.eye(3).roll(1, dims=1))
        >>> model.generate(torch.tensor([[0]]), max_new_tokens=4)
        tensor([[0, 1, 2, 0, 1]])
        """
        ### BEGIN SOLUTION
        # hint: self(idx) gives logits (B, T, V); only those of the last position say what comes next.
        # hint: Softmax over the last dimension, then torch.multinomial draws one column for each row.
        # hint: torch.cat((idx, next_token), dim=1) makes the longer idx; do this max_new_tokens times.
        # learned: generation is a loop: predict, draw, append
        for _ in range(max_new_tokens):
            logits, _ = self(idx)
            probabilities = F.softmax(logits[:, -1], dim=-1)
            next_token = torch.multinomial(probabilities, num_samples=1, generator=generator)
            idx = torch.cat((idx, next_token), dim=1)
        return idx
        ### END SOLUTION


# %% [markdown]
# ## Training, and knowing how well it goes
#
# An *optimizer* holds the parameters and changes them. It has two methods: `zero_grad` forgets the
# old gradients, `step` moves every parameter against its gradient. The class below is the gradient
# descent of part 2 in that form. The milestone uses `torch.optim.AdamW` instead, which has the
# same two methods. It also keeps running means of each gradient and of its square, so its steps
# have about the same size whatever the scale of the gradient.


# %%
class GradientDescent:
    """The simplest optimizer; given."""

    def __init__(self, parameters, learning_rate):
        self.parameters = list(parameters)
        self.learning_rate = learning_rate

    def zero_grad(self, set_to_none=True):
        for parameter in self.parameters:
            parameter.grad = None if set_to_none else torch.zeros_like(parameter)

    @torch.no_grad()
    def step(self):
        for parameter in self.parameters:
            parameter -= self.learning_rate * parameter.grad


# %% [markdown]
# One step of training: predict, forget the old gradients, go backward, move.


# %%
def train_step(model, optimizer, x, y):
    """Improve the model a little on one batch.

    model(x, y) returns (logits, loss); optimizer has zero_grad() and step(). Gradients that are
    left from before are cleared, not added to. Returns the loss before the step, a float.

    >>> model = BigramLanguageModel(4)
    >>> _ = nn.init.zeros_(model.token_embedding_table.weight)
    >>> optimizer = GradientDescent(model.parameters(), learning_rate=10.0)
    >>> x, y = torch.tensor([[0, 1]]), torch.tensor([[1, 2]])
    >>> [round(float(train_step(model, optimizer, x, y)), 4) for step in range(3)]
    [1.3863, 0.02, 0.0176]
    """
    ### BEGIN SOLUTION
    # hint: backward() adds to gradients that are there already; who empties them?
    # hint: optimizer.zero_grad(), loss.backward(), optimizer.step(), in this order.
    # hint: loss.item() is the float.
    # learned: clear, backward, step: every training loop in torch has these three lines
    _, loss = model(x, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% [markdown]
# The loss of one batch is noisy: the next batch is luckier or harder. To compare two models,
# average over many batches. Three things go with it. The model must be in *evaluation mode*
# (`model.eval()`), because dropout, which comes below, throws away a part of the activations while
# training. You don't want a graph, since nobody will go backward. And afterwards the model must be
# in the mode that it was in, or training goes on without dropout and nobody notices.
#
# Once it passes, `grad plot estimate_loss` trains your bigram model for 300 steps and lets it write.


# %%
def estimate_loss(model, batches):
    """Mean loss of a model over several batches.

    batches: list of (x, y); model(x, y) returns (logits, loss). Returns the mean of the losses,
    each batch counting the same, as a float. The model evaluates in evaluation mode and no graph is
    built. Afterwards the model is in the mode, training or evaluation, that it was in before, and
    gradients are on or off as they were.

    >>> model = BigramLanguageModel(4)
    >>> _ = nn.init.zeros_(model.token_embedding_table.weight)
    >>> batch = torch.tensor([[0, 1]]), torch.tensor([[1, 2]])
    >>> round(float(estimate_loss(model, [batch, batch])), 4), model.training
    (1.3863, True)
    """
    ### BEGIN SOLUTION
    # hint: model.training tells the mode; note it before you call model.eval().
    # hint: Inside `with torch.no_grad():` operations are not recorded.
    # hint: model.train(was_training) goes back to either mode.
    # learned: evaluation borrows the model and gives it back as it was
    was_training = model.training
    model.eval()
    with torch.no_grad():
        losses = [model(x, y)[1].item() for x, y in batches]
    model.train(was_training)
    return sum(losses) / len(losses)
    ### END SOLUTION


# %% [markdown]
# ## Looking back, first attempt: the average of the past
#
# The bigram model forgets all but one token. How can a position learn from what came before it? The
# simplest summary of the past is its mean. Position t may use the positions 0 to t, itself included,
# and nothing later: the later tokens are what it has to predict. Of the numbers 2, 4, 9 that makes
# 2, then (2 + 4) / 2 = 3, then (2 + 4 + 9) / 3 = 5.
#
# You'll write this three times. The first version says exactly what is meant, with loops. It's slow,
# but it's the one to compare the other two with. Only the averages are graded, not how you get
# there. Go all three ways anyway: the third is one small change away from attention.


# %%
def average_past_loop(x):
    """Average each position with all that came before it, with loops.

    x: (B, T, C) float. Returns (B, T, C): at [b, t] the mean of x[b, 0] ... x[b, t].

    >>> average_past_loop(torch.tensor([[[2.0], [4.0], [9.0]]]))
    tensor([[[2.],
             [3.],
             [5.]]])
    """
    ### BEGIN SOLUTION
    # hint: One loop over the batch, one over time.
    # hint: Which slice of x[b] holds the positions 0 to t, t included?
    # hint: averages[b, t] = x[b, : t + 1].mean(0), in a tensor made by torch.zeros_like(x).
    # learned: causal means: position t is made of positions up to t, and of no other row of the batch
    averages = torch.zeros_like(x)
    for b in range(x.shape[0]):
        for t in range(x.shape[1]):
            averages[b, t] = x[b, : t + 1].mean(0)
    return averages
    ### END SOLUTION


# %% [markdown]
# Second version. A mean is a weighted sum, and many weighted sums at once are a matrix product. Let
# A be a (T, T) matrix whose row t holds the weights with which position t collects the others:
# 1/(t + 1) up to the diagonal, zero after it.
#
# ```
#        A             x       A @ x
#  1    0    0         2         2
# 1/2  1/2   0    @    4    =    3
# 1/3  1/3  1/3        9         5
# ```
#
# `torch.tril` keeps the lower triangle of a matrix. In `A @ x` the (T, T) matrix meets (B, T, C),
# and torch repeats it for every row of the batch. Make the matrix on the device of x, with
# `device=x.device`: here that is always the CPU, but the same line then runs on a GPU too.
#
# Once it passes, `grad plot average_past_matmul` draws the matrix of weights.


# %%
def average_past_matmul(x):
    """Average each position with all that came before it, as one matrix product.

    x: (B, T, C) float. Returns (B, T, C), the same as average_past_loop.

    >>> average_past_matmul(torch.tensor([[[2.0], [4.0], [9.0]]]))
    tensor([[[2.],
             [3.],
             [5.]]])
    """
    ### BEGIN SOLUTION
    # hint: torch.tril(torch.ones(T, T)) has a one wherever a position may look.
    # hint: Divide each row by its own sum; keepdim, as in part 1.
    # hint: (T, T) @ (B, T, C) gives (B, T, C).
    # learned: a lower triangular matrix of weights collects the past of all positions at once
    T = x.shape[1]
    weights = torch.tril(torch.ones(T, T, device=x.device))
    weights = weights / weights.sum(1, keepdim=True)
    return weights @ x
    ### END SOLUTION


# %% [markdown]
# Third version, and the reason for all three. Write the rows of weights as a *softmax of scores*:
# score 0 wherever a position may look, and minus infinity where it may not, because e to that power
# is 0.
#
# ```
#     scores               softmax of each row
#  0   -∞   -∞              1    0    0
#  0    0   -∞      →      1/2  1/2   0
#  0    0    0             1/3  1/3  1/3
# ```
#
# With all scores equal, this is the mean again. But who says that scores must be equal? They can be
# computed from the data, and then each position chooses what it collects. That's attention; nothing
# else in the formula changes.


# %%
def average_past_softmax(x):
    """Average each position with all before it, with weights that are a softmax of scores.

    x: (B, T, C) float. Returns (B, T, C), the same as average_past_loop.

    >>> average_past_softmax(torch.tensor([[[2.0], [4.0], [9.0]]]))
    tensor([[[2.],
             [3.],
             [5.]]])
    """
    ### BEGIN SOLUTION
    # hint: Start from scores of zero, shape (T, T).
    # hint: scores.masked_fill(tril == 0, float("-inf")) returns a new tensor: keep it.
    # hint: Softmax over the last dimension, so that each row sums to one; then the matrix product.
    # learned: masking scores with minus infinity before the softmax removes the future, and the rest still sums to one
    T = x.shape[1]
    tril = torch.tril(torch.ones(T, T, device=x.device))
    scores = torch.zeros(T, T, device=x.device)
    scores = scores.masked_fill(tril == 0, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return weights @ x
    ### END SOLUTION


# %%
def shape_of_queries_times_keys():
    """Every position will have two vectors, a query and a key. For 4 texts of 8 positions, and vectors of 16
    numbers, `q` and `k` both have the shape (4, 8, 16). What's the shape of `q @ k`?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: a matrix product sums over the last dimension of the first and the last but one of the second.
    # because: 16 meets 8; the keys must be transposed first, `k.transpose(-2, -1)`
    return torch.zeros(4, 8, 16) @ torch.zeros(4, 8, 16)
    ### END PREDICTION


def shape_of_attention_weights():
    """The attention weights of those 4 texts are `(q @ k.transpose(-2, -1)).softmax(-1)`. What's their shape?

    Answer: a shape.
    """
    ### BEGIN PREDICTION
    # hint: who looks at whom? The 16 numbers are summed away.
    # because: every position has a weight for every position of its own text, however many numbers a key has
    q = k = torch.zeros(4, 8, 16)
    return (q @ k.transpose(-2, -1)).softmax(-1)
    ### END PREDICTION


def variance_of_query_times_key():
    """A query and a key have 64 numbers each, all drawn with `randn`. What's the variance of their dot product?

    Answer: a number, within 15 %.
    """
    ### BEGIN PREDICTION
    # hint: it's a sum of 64 products.
    # because: each of the 64 products has a variance of 1, and variances add up; that's why scores are divided by 8
    return (torch.randn(20_000, 64) * torch.randn(20_000, 64)).sum(1).var()
    ### END PREDICTION


def share_of_the_loudest():
    """Five scores are 0.1, -0.2, 0.3, -0.2 and 0.5; softmax gives the last one a weight of 0.29. All scores are multiplied
    by 8. What's its weight then?

    Answer: a number, within 0.1.
    """
    ### BEGIN PREDICTION
    # hint: the two largest scores are now 4 and 2.4.
    # because: the scores now lie 8 times as far apart, and softmax puts nearly everything on the largest
    return torch.softmax(8 * torch.tensor([0.1, -0.2, 0.3, -0.2, 0.5]), 0)[-1]
    ### END PREDICTION


def weight_of_the_first_position():
    """No position may look at those behind it. How much attention does the first position pay to itself, before any
    training?

    Answer: a number.
    """
    ### BEGIN PREDICTION
    # hint: whom else could it look at?
    # because: it sees nobody else, and its weights must add up to 1
    scores = torch.randn(8, 8).masked_fill(torch.ones(8, 8).triu(1).bool(), float("-inf"))
    return scores.softmax(-1)[0, 0]
    ### END PREDICTION


# %% [markdown]
# ## Attention
#
# Read "the cat sat". When you get to "sat", you want to know who did. So the position of "sat" sends
# out a *query*, a vector that says what it is looking for: a noun, the doer. Every position has also
# sent out a *key*, a vector that says what it has to offer: "I'm a noun". The score of one position
# for another is the dot product of query and key: large where the offer meets the need.
#
# In numbers, with four channels. Let channel 2 mean "noun":
#
# ```
# query of "sat"   ( 0  4  0  0)              looking for a noun, badly
# keys       the   ( 1  0  0  0)    dot product 0    / √4 =  0    softmax  0.11
#            cat   ( 0  1  0  0)                4            2             0.79
#            sat   ( 0  0  1  0)                0            0             0.11
# ```
#
# So "sat" collects mostly from "cat". Nobody programs the channels to mean "noun"; training finds
# out what is worth asking for. Each position is a node of a graph, with arrows from all the nodes
# before it, and attention sets their weights.
#
# Why divide by √4? If the numbers in query and key are independent, with mean 0 and variance 1, their
# dot product over d channels has variance d: with 64 channels, scores of 8 or -8 are nothing special.
# And softmax overreacts to large scores. Of 0.1, -0.2, 0.3, -0.2, 0.5 it makes weights of 0.19, 0.14,
# 0.24, 0.14, 0.29. Of the same numbers times 8 it makes 0.03, 0.00, 0.16, 0.00, 0.80: nearly all on one
# position, and hardly a gradient left for the others. Divided by √d, the scores have variance 1 again,
# whatever the size of the head:
#
# $$A = \mathrm{softmax}\left(\frac{Q K^\top}{\sqrt d}\right) \quad
# \text{with scores of } -\infty \text{ for all later positions}$$
#
# Here d is the size of the query, the *head size*. (In the video's code the scale is taken from the
# width of the input instead. The two are equal only with a single head that is as wide as its input.)
#
# Once it passes, `grad plot attention_weights` draws a map over a sentence, and shows what the division by the
# root is for.


# %%
def attention_weights(query, key):
    """Causal attention weights: how much each position takes from each other.

    query, key: (..., T, head_size) float, with any number of leading dimensions.
    Returns (..., T, T): in row t the softmax of query_t . key_s / sqrt(head_size) over the
    positions s <= t, and zero for every later s. All is finite for scores of 1,000 too, also where
    a later position has them: torch's softmax subtracts each row's maximum.

    >>> attention_weights(torch.zeros(3, 2), torch.zeros(3, 2))
    tensor([[1.0000, 0.0000, 0.0000],
            [0.5000, 0.5000, 0.0000],
            [0.3333, 0.3333, 0.3333]])
    """
    ### BEGIN SOLUTION
    # hint: All dot products at once: query @ key with its last two dimensions swapped.
    # hint: Multiply by head_size**-0.5, where head_size is the query's last dimension.
    # hint: Then as in average_past_softmax: tril, masked_fill with -inf, softmax over the last dimension.
    # learned: attention is the average of the past with weights that the data choose
    T, head_size = query.shape[-2:]
    scores = query @ key.transpose(-2, -1) * head_size**-0.5
    tril = torch.tril(torch.ones(T, T, device=query.device))
    scores = scores.masked_fill(tril == 0, float("-inf"))
    return F.softmax(scores, dim=-1)
    ### END SOLUTION


# %% [markdown]
# What does a position hand over? Not its key, which only advertises, but a third vector, its *value*.
# The output is the weighted average of the values. Torch computes this same function, fast and
# without ever storing the weights, as
# `F.scaled_dot_product_attention(query, key, value, is_causal=True)`. Yours gives the same numbers.


# %%
def attention_by_hand(query, key, value):
    """Causal scaled dot-product attention.

    query, key, value: (..., T, head_size) float, with any number of leading dimensions. Returns
    (..., T, head_size): each position's average of the values, with its attention weights; finite
    for large scores too.

    >>> value = torch.tensor([[2.0, 0.0], [4.0, 0.0], [9.0, 3.0]])
    >>> attention_by_hand(torch.zeros(3, 2), torch.zeros(3, 2), value)
    tensor([[2., 0.],
            [3., 0.],
            [5., 1.]])
    """
    ### BEGIN SOLUTION
    # hint: You have the weights already, from the function above.
    # hint: What was multiplied with x in the averages is multiplied with value here.
    # learned: queries and keys decide how much, values are what is passed on
    return attention_weights(query, key) @ value
    ### END SOLUTION


# %% [markdown]
# ## One head
#
# A *head* makes query, key and value from the same input, each with its own linear layer without a
# bias. That's why it's called *self*-attention. (In a translator, the queries may come from the
# English sentence so far and the keys and values from the French one: cross-attention, the same
# formula. And a model that only reads, and predicts nothing, can drop the mask and look both ways.)
#
# ```
#              ┌─ query ─┐
# x (B, T, C) ─┼─ key ───┴─ scores / √d ─ mask ─ softmax ─ dropout ─┐
#              └─ value ───────────────────────────────────────────┴─ weights @ value (B, T, d)
# ```
#
# The rest is what you have just written, and you may call it or spell it out once more. Two details:
#
# The mask is the same at every step, so the module keeps it as a *buffer*: a tensor that isn't a
# parameter, but moves to the GPU with the module. `self.register_buffer("tril", tensor)` makes one,
# and `self.tril` reads it. It's made for `block_size` positions; a shorter input needs its upper left
# corner.
#
# And *dropout* sets a random share of the attention weights to zero while training, and scales up the
# others. Imagine a team in which a different colleague is out sick every day: nobody can afford to rely
# on one person alone. In evaluation mode `nn.Dropout` does nothing.


# %%
class Head(nn.Module):
    """One head of causal self-attention."""

    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        """Make the three projections and the mask.

        n_embd: width of the input; head_size: width of the output; block_size: the longest input;
        dropout: the share of attention weights that is dropped while training.
        Keeps `key`, `query`, `value`, three nn.Linear from n_embd to head_size without bias; the
        buffer `tril` of shape (block_size, block_size), ones on and below the diagonal, zeros
        above; and an nn.Dropout of the share dropout, under any name.

        >>> head = Head(n_embd=4, head_size=3, block_size=2)
        >>> head.key.weight.shape, head.query.bias
        (torch.Size([3, 4]), None)
        >>> dict(head.named_buffers())["tril"].int().tolist()
        [[1, 0], [1, 1]]
        """
        ### BEGIN SOLUTION
        # hint: nn.Linear(n_embd, head_size, bias=False), three times.
        # hint: self.register_buffer("tril", ...) keeps a tensor that is not trained.
        # hint: Keep nn.Dropout(dropout) for forward.
        # learned: what is learned is a parameter; what is fixed but belongs to the module is a buffer
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))
        self.dropout = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x):
        """Let each position collect from itself and from the positions before it.

        x: (B, T, n_embd) float, 1 <= T <= block_size. Returns (B, T, head_size): causal attention,
        with scores scaled by 1 / sqrt(head_size), of query(x), key(x) and value(x), finite for large
        scores too. While training, dropout acts on the attention weights, after the softmax.

        >>> head = Head(n_embd=1, head_size=1, block_size=8)
        >>> _ = nn.init.zeros_(head.key.weight), nn.init.ones_(head.value.weight)
        >>> head(torch.tensor([[[2.0], [4.0], [9.0]]])).tolist()
        [[[2.0], [3.0], [5.0]]]
        """
        ### BEGIN SOLUTION
        # hint: Call self.key, self.query and self.value on x; then the scores as in attention_weights.
        # hint: The scale comes from the size of the key, not from the width of x.
        # hint: T may be smaller than block_size: use self.tril[:T, :T].
        # hint: weights = self.dropout(F.softmax(scores, dim=-1)); the result is weights @ value.
        # learned: self-attention: queries, keys and values are three views of the same input
        T = x.shape[1]
        key, query, value = self.key(x), self.query(x), self.value(x)
        scores = query @ key.transpose(-2, -1) * key.shape[-1] ** -0.5
        scores = scores.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        weights = self.dropout(F.softmax(scores, dim=-1))
        return weights @ value
        ### END SOLUTION


# %%
def weights_of_four_heads():
    """One head of size 32 becomes four heads of size 8 each. Do the four have more weights for queries, keys and values
    together, or fewer?

    Answer: one of: more; as many; fewer.
    """
    ### BEGIN PREDICTION
    # hint: a head of size 8 has three matrices of 32 by 8.
    # because: four matrices of 32 by 8 hold as many numbers as one of 32 by 32; more heads cost nothing extra
    def count(heads, size):
        return sum(nn.Linear(32, size, bias=False).weight.numel() for _ in range(3 * heads))

    four, one = count(4, 8), count(1, 32)
    return "more" if four > one else "as many" if four == one else "fewer"
    ### END PREDICTION


# %% [markdown]
# ## Several heads
#
# A vowel may look for the consonant before it, and also for the name of the speaker three lines up.
# One set of weights can't do both, so several heads run side by side, each with its own
# projections. Their outputs are joined along the channels, and one more linear layer mixes them.
#
# Keep the heads in an `nn.ModuleList`. In a plain Python list the module wouldn't find their
# parameters, and the optimizer would never see them. The nasty part: the model would still run.


# %%
class MultiHeadAttention(nn.Module):
    """Several heads of self-attention in parallel."""

    def __init__(self, n_embd, n_head, head_size, block_size, dropout=0.0):
        """Make the heads and the projection.

        n_embd, head_size, block_size, dropout: as in Head; n_head: the number of heads.
        Keeps `heads`, an nn.ModuleList of n_head Heads, and `proj`, an nn.Linear with bias from
        n_head * head_size back to n_embd. dropout goes to every head, and to an nn.Dropout, under
        any name, for the result of proj.

        >>> attention = MultiHeadAttention(n_embd=6, n_head=2, head_size=5, block_size=8)
        >>> len(attention.heads), attention.proj.weight.shape
        (2, torch.Size([6, 10]))
        """
        ### BEGIN SOLUTION
        # hint: nn.ModuleList([... for _ in range(n_head)]).
        # hint: Every head gives head_size channels, so how many come out of all of them together?
        # hint: nn.Linear(n_head * head_size, n_embd), and one more nn.Dropout(dropout).
        # learned: modules in a plain list are invisible to the optimizer; nn.ModuleList registers them
        super().__init__()
        self.heads = nn.ModuleList(
            [Head(n_embd, head_size, block_size, dropout) for _ in range(n_head)]
        )
        self.proj = nn.Linear(n_head * head_size, n_embd)
        self.dropout = nn.Dropout(dropout)
        ### END SOLUTION

    def forward(self, x):
        """Run all heads on x, join what they say, and mix it.

        x: (B, T, n_embd). Returns (B, T, n_embd): proj of the heads' outputs side by side in the
        last dimension, the first head first; while training, dropout on that.

        >>> attention = MultiHeadAttention(n_embd=2, n_head=2, head_size=2, block_size=4)
        >>> attention.heads = nn.ModuleList([nn.Identity(), nn.Identity()])
        >>> _ = attention.proj.weight.data.copy_(torch.tensor([[1.0, 0, 0, 0], [0, 0, 0, 10]]))
        >>> _ = nn.init.zeros_(attention.proj.bias)
        >>> attention(torch.tensor([[[1.0, 2.0]]])).tolist()
        [[[1.0, 20.0]]]
        """
        ### BEGIN SOLUTION
        # hint: Call every head on x, and join the results with torch.cat.
        # hint: torch.cat([...], dim=-1), then self.proj, then dropout.
        # learned: heads work side by side and meet only in the projection
        out = torch.cat([head(x) for head in self.heads], dim=-1)
        return self.dropout(self.proj(out))
        ### END SOLUTION


# %% [markdown]
# ## Time to think
#
# Attention moves information between positions, but it only averages. The positions have talked;
# now each needs to think about what it heard, by itself. That is a small MLP, the same for every
# position, four times as wide inside: Linear, ReLU, Linear.


# %%
class FeedForward(nn.Module):
    """A two-layer MLP that is applied to each position alone."""

    def __init__(self, n_embd, dropout=0.0):
        """Make the layers, as `net` for the given forward.

        Applied to x (..., n_embd): an nn.Linear from n_embd to 4 * n_embd, ReLU, an nn.Linear back
        to n_embd, both with bias, and last an nn.Dropout of the share dropout. There are no other
        parameters. (If you prefer other attributes than `net`, change forward with them.)

        >>> sum(parameter.numel() for parameter in FeedForward(3).parameters())
        87
        >>> FeedForward(3)(torch.zeros(2, 5, 3)).shape
        torch.Size([2, 5, 3])
        """
        ### BEGIN SOLUTION
        # hint: A linear layer out to 4 * n_embd, a ReLU, a linear layer back, a dropout.
        # hint: self.net = nn.Sequential(...) holds the four in order.
        # learned: attention communicates, the feed-forward layer computes; most parameters sit here
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.ReLU(),
            nn.Linear(4 * n_embd, n_embd),
            nn.Dropout(dropout),
        )
        ### END SOLUTION

    def forward(self, x):
        return self.net(x)


# %% [markdown]
# ## Making it deep: layer normalization
#
# Deep stacks need well-scaled activations, as part 3 showed. Batch normalization took the mean and
# the variance of each channel over the batch. That tied the examples of a batch together, and it
# needed running statistics. *Layer normalization* is the same formula, turned by ninety degrees: mean
# and variance of each *position*, over its own channels.
#
# ```
#              channels                         channels
#            ┌──────────┐                     ┌──────────┐
# positions  │ │ │ │ │ ││                     │ ──────── │
# of the     │ │ │ │ │ ││  batch norm         │ ──────── │  layer norm
# batch      │ │ │ │ │ ││  down each column   │ ──────── │  along each row
#            └──────────┘                     └──────────┘
# ```
#
# $$y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta$$
#
# Take a position with the channels 1, 1, 5, 5. Their mean μ is 3, their variance σ² is 4, and what comes
# out is -1, -1, 1, 1, before gamma scales it and beta shifts it.
#
# Training and evaluation are the same, and there is nothing to keep but the learned gamma and beta.
# The variance divides by the number of channels, as in `nn.LayerNorm`; torch's `var` divides by one
# less unless you tell it otherwise.


# %%
class LayerNorm(nn.Module):
    """Normalize each position over its channels."""

    def __init__(self, dim, eps=1e-5):
        """Make gamma and beta.

        dim: the number of channels; eps: what is added to the variance. Keeps `eps`, and two
        nn.Parameters: `gamma`, dim ones, and `beta`, dim zeros.

        >>> layer_norm = LayerNorm(2)
        >>> layer_norm.gamma.tolist(), layer_norm.beta.tolist()
        ([1.0, 1.0], [0.0, 0.0])
        """
        ### BEGIN SOLUTION
        # hint: A tensor becomes trainable when it is wrapped in nn.Parameter.
        # hint: At first the layer must only normalize: scale by one, shift by zero.
        # learned: gamma and beta let the network undo the normalization where that helps
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(dim))
        self.beta = nn.Parameter(torch.zeros(dim))
        ### END SOLUTION

    def forward(self, x):
        """Normalize the last dimension, then scale by gamma and shift by beta.

        x: (..., dim) float. Returns the same shape. The variance divides by dim, not by dim - 1,
        and eps is added under the root.

        >>> x = torch.tensor([[1.0, 1.0, 5.0, 5.0], [7.0, 7.0, 7.0, 7.0]])
        >>> LayerNorm(4)(x).detach()
        tensor([[-1.0000, -1.0000,  1.0000,  1.0000],
                [ 0.0000,  0.0000,  0.0000,  0.0000]])
        """
        ### BEGIN SOLUTION
        # hint: Mean and variance over the last dimension, with keepdim.
        # hint: x.var(-1, keepdim=True, unbiased=False) divides by the number of channels.
        # hint: Subtract the mean, divide by the root of variance plus eps, then gamma and beta.
        # learned: layer norm is batch norm along the other dimension, and needs neither batch nor memory
        mean = x.mean(-1, keepdim=True)
        variance = x.var(-1, keepdim=True, unbiased=False)
        normalized = (x - mean) / (variance + self.eps).sqrt()
        return self.gamma * normalized + self.beta
        ### END SOLUTION


# %% [markdown]
# ## The block
#
# A block communicates, then computes. Around each of the two runs a *residual connection*: the
# input goes on unchanged, and the layer only adds to it.
#
# ```
# x ──┬───────────────────(+)──┬─────────────────(+)── x
#     └─ ln1 ─ sa ──────────┘  └─ ln2 ─ ffwd ─────┘
# ```
#
# Why does that help? Remember what a sum does on the way back: it hands the gradient on to both sides,
# undiminished. So along the top line the gradient runs from the loss to the first layer as on a highway,
# however many blocks there are, and even a deep stack learns from the first step. The branches can
# begin as a whisper and grow.
#
# The normalization stands at the entrance of each branch (*pre-norm*), and never on the highway itself.


# %%
class Block(nn.Module):
    """One layer of the Transformer: attention, then feed-forward, both on a residual path."""

    def __init__(self, n_embd, n_head, block_size, dropout=0.0):
        """Make the parts of a block.

        n_embd must be a multiple of n_head; each head has size n_embd // n_head. Keeps `sa`, a
        MultiHeadAttention, `ffwd`, a FeedForward, and `ln1`, `ln2`, two LayerNorms of n_embd
        channels; dropout goes to the first two.

        >>> block = Block(n_embd=6, n_head=2, block_size=8)
        >>> len(block.sa.heads), block.sa.heads[0].key.weight.shape
        (2, torch.Size([3, 6]))
        """
        ### BEGIN SOLUTION
        # hint: With n_head heads of size n_embd // n_head, all heads together are as wide as the input.
        # hint: self.sa, self.ffwd, self.ln1, self.ln2: one line each; do not forget to pass dropout on.
        # learned: more heads do not cost more: the same width is cut into smaller pieces
        super().__init__()
        self.sa = MultiHeadAttention(n_embd, n_head, n_embd // n_head, block_size, dropout)
        self.ffwd = FeedForward(n_embd, dropout)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)
        ### END SOLUTION

    def forward(self, x):
        """Add what attention says, then add what the feed-forward layer says.

        x: (B, T, n_embd). Returns the same shape; x itself is not changed.

        >>> block = Block(n_embd=2, n_head=1, block_size=8)
        >>> block.ln1, block.ln2 = nn.Identity(), nn.Identity()
        >>> block.sa, block.ffwd = nn.Identity(), nn.Identity()
        >>> block(torch.tensor([[[1.0, 3.0]]])).tolist()
        [[[4.0, 12.0]]]
        """
        ### BEGIN SOLUTION
        # hint: The input of the second branch is the result of the first addition.
        # hint: Normalize inside the branch only: x + layer(norm(x)).
        # learned: residual paths carry the gradient, branches add what they have learned
        x = x + self.sa(self.ln1(x))
        return x + self.ffwd(self.ln2(x))
        ### END SOLUTION


# %%
def shape_of_tokens_and_positions():
    """The embeddings of the tokens have the shape (4, 8, 32), those of the positions (8, 32). What's the shape of their
    sum?

    Answer: a shape, or error.
    """
    ### BEGIN PREDICTION
    # hint: line the shapes up at the right. What about the 4?
    # because: lined up at the right the sizes agree, and the positions are the same for all four texts
    return torch.zeros(4, 8, 32) + torch.zeros(8, 32)
    ### END PREDICTION


# %% [markdown]
# ## GPT
#
# Now put it together. One thing is still missing. Attention has no notion of place: it averages a *set*
# of vectors. Turn "dog bites man" into "man bites dog", and the period behind it sees no difference. So
# each position adds the embedding of *where* it stands to the embedding of *what* stands there.
#
# ```
# tokens (B, T)
#    │
# token embedding + position embedding      (B, T, C)
#    │
# Block, Block, ..., Block                  (B, T, C)
#    │
# LayerNorm, Linear                         (B, T, V) logits
# ```
#
# With V = 65, width 384, 6 heads, 6 layers and 256 positions this is the lecture's model of
# 10,788,929 parameters.
#
# `generate` is that of the bigram model, with one difference: there are only `block_size`
# positions. When the text grows longer, the model sees its last `block_size` tokens. The text that it
# returns stays whole.


# %%
class GPT(nn.Module):
    """A Transformer that predicts the next token."""

    def __init__(self, vocab_size, n_embd, n_head, n_layer, block_size, dropout=0.0):
        """Make the embeddings, the blocks and the output layer.

        Keeps `block_size`; `token_embedding_table`, an nn.Embedding of weight (vocab_size, n_embd);
        `position_embedding_table`, one of weight (block_size, n_embd); `blocks`, an nn.Sequential
        of n_layer Blocks, each with its own weights; `ln_f`, a LayerNorm; `lm_head`, an nn.Linear
        with bias from n_embd to vocab_size. dropout goes to the blocks.

        >>> model = GPT(vocab_size=5, n_embd=4, n_head=2, n_layer=3, block_size=8)
        >>> len(model.blocks), model.position_embedding_table.weight.shape
        (3, torch.Size([8, 4]))
        """
        ### BEGIN SOLUTION
        # hint: Two embeddings of the same width: one row for each token, one row for each position.
        # hint: nn.Sequential(*[Block(...) for _ in range(n_layer)]) makes new weights for every layer.
        # hint: `generate` will want to know block_size, so keep it: self.block_size = block_size.
        # learned: a GPT is two tables, a stack of equal blocks, and a linear layer
        super().__init__()
        self.block_size = block_size
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.position_embedding_table = nn.Embedding(block_size, n_embd)
        self.blocks = nn.Sequential(
            *[Block(n_embd, n_head, block_size, dropout) for _ in range(n_layer)]
        )
        self.ln_f = LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)
        ### END SOLUTION

    def forward(self, idx, targets=None):
        """Predict what follows each position, from it and all positions before it.

        idx, targets: (B, T) int64, 1 <= T <= block_size. Returns (logits, loss): logits (B, T, V),
        with targets and without; loss the mean cross entropy over all B * T predictions, or None
        without targets.

        >>> model = GPT(vocab_size=4, n_embd=2, n_head=1, n_layer=1, block_size=8)
        >>> _ = nn.init.zeros_(model.lm_head.weight), nn.init.zeros_(model.lm_head.bias)
        >>> logits, loss = model(torch.tensor([[0, 3, 1]]), torch.tensor([[3, 1, 2]]))
        >>> logits.shape, round(loss.item(), 4)
        (torch.Size([1, 3, 4]), 1.3863)
        """
        ### BEGIN SOLUTION
        # hint: The positions are torch.arange(T, device=idx.device); their embedding is (T, C) and broadcasts over B.
        # hint: Add the two embeddings, then blocks, ln_f, lm_head, in this order.
        # hint: The loss as in the bigram model.
        # learned: what stands there plus where it stands goes in; logits for every position come out
        positions = torch.arange(idx.shape[1], device=idx.device)
        x = self.token_embedding_table(idx) + self.position_embedding_table(positions)
        logits = self.lm_head(self.ln_f(self.blocks(x)))
        if targets is None:
            return logits, None
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss
        ### END SOLUTION

    @torch.no_grad()
    def generate(self, idx, max_new_tokens, generator=None):
        """Continue each row of idx by max_new_tokens drawn tokens.

        As BigramLanguageModel.generate, but the model sees only the last block_size tokens of what
        is there; idx may be longer than that. The result holds all tokens: (B, T + max_new_tokens).

        >>> model = GPT(vocab_size=3, n_embd=2, n_head=1, n_layer=1, block_size=2)
        >>> _ = nn.init.zeros_(model.lm_head.weight)
        >>> _ = model.lm_head.bias.data.copy_(torch.tensor([0.0, 0.0, 1000.0]))
        >>> model.generate(torch.tensor([[0, 1]]), max_new_tokens=3)
        tensor([[0, 1, 2, 2, 2]])
        """
        ### BEGIN SOLUTION
        # hint: The position table has block_size rows; what happens with one token more?
        # hint: The model gets idx[:, -self.block_size :], but torch.cat appends to the whole idx.
        # learned: a GPT forgets whatever has left its window
        for _ in range(max_new_tokens):
            logits, _ = self(idx[:, -self.block_size :])
            probabilities = F.softmax(logits[:, -1], dim=-1)
            next_token = torch.multinomial(probabilities, num_samples=1, generator=generator)
            idx = torch.cat((idx, next_token), dim=1)
        return idx
        ### END SOLUTION


# %% [markdown]
# ## All heads at once
#
# The list of heads is easy to read and slow to run: each head makes its own small matrix products.
# But heads are just one more batch dimension. Stack their weights, make all queries in one product,
# and cut the channels:
#
# ```
# (B, T, n_head * head_size) ─ view ─ (B, T, n_head, head_size) ─ swap ─ (B, n_head, T, head_size)
# ```
#
# `attention_by_hand` doesn't mind how many leading dimensions it gets. This is the lecture's own
# exercise at the end of the video, and the way that every real implementation is written.


# %%
def all_heads_at_once(x, query_weight, key_weight, value_weight, n_head):
    """Causal self-attention of several heads without a loop over the heads.

    x: (B, T, n_embd). The weights are (n_head * head_size, n_embd), as nn.Linear keeps them: the
    first head_size rows belong to the first head, and so on. Returns (B, T, n_head * head_size),
    the heads' outputs side by side, the first head first; finite for large scores too.

    >>> x = torch.tensor([[[2.0], [4.0]]])
    >>> zeros, value_weight = torch.zeros(2, 1), torch.tensor([[1.0], [10.0]])
    >>> all_heads_at_once(x, zeros, zeros, value_weight, n_head=2)
    tensor([[[ 2., 20.],
             [ 3., 30.]]])
    """
    ### BEGIN SOLUTION
    # hint: x @ weight.T has n_head * head_size channels: view them as (B, T, n_head, head_size).
    # hint: Attention works on the last two dimensions, so time must stand there: swap dimensions 1 and 2.
    # hint: At the end swap back, then reshape to (B, T, n_head * head_size); a view of swapped dimensions fails.
    # learned: heads are a batch dimension; one product serves them all
    B, T, _ = x.shape

    def split(weight):
        return (x @ weight.T).view(B, T, n_head, -1).transpose(1, 2)

    out = attention_by_hand(split(query_weight), split(key_weight), split(value_weight))
    return out.transpose(1, 2).reshape(B, T, -1)
    ### END SOLUTION


# %%
def rms_of_a_shifted_row():
    """RMSNorm divides a row by the root of the mean of its squares and takes no mean away. The row 1, 1, 5, 5 becomes
    -1, -1, 1, 1 under layer normalization. Is what RMSNorm makes of it all positive?

    Answer: one of: yes; no.
    """
    ### BEGIN PREDICTION
    # hint: what can make a positive number negative here?
    # because: it only divides, by 3.61 here; the sign of a channel stays, and so does whatever all channels have in common
    return "yes" if bool((rms_norm(torch.tensor([1.0, 1.0, 5.0, 5.0]), torch.ones(4)) > 0).all()) else "no"
    ### END PREDICTION


def score_of_two_places_later():
    """With rotary positions, the score of a query at place 7 and a key at place 4 is 0.83. Both move on by a hundred places,
    to 107 and 104. What is the score now?

    Answer: a number, within 0.01.
    """
    ### BEGIN PREDICTION
    # hint: both arrows are turned by the same angle more.
    # because: the angle between the two stays, and with it their product: only the distance of 3 counts
    query, key = torch.tensor([[0.4, 0.2, 0.6, 0.1]]), torch.tensor([[0.3, 0.5, 0.7, 0.2]])

    def score(one, other):
        return (rotate(query, torch.tensor([one])) * rotate(key, torch.tensor([other]))).sum()

    return (0.83 * score(107, 104) / score(7, 4)).item()
    ### END PREDICTION


# %% [markdown]
# ## What has changed since: four small papers
#
# Open the code of a model of today and you'll find the GPT that you have built, with four parts exchanged. Each of them is
# a few lines, and each comes from one paper. Build them; `grad plot modern` then puts one after the other into a small GPT
# and trains it, so that you can see what each is worth at your size.
#
# **RMSNorm** (Zhang and Sennrich, 2019). Is it the mean in layer normalization that helps, or the scale? They left
# out the mean and the shift, and lost nothing:
#
# $$y = \gamma \, \frac{x}{\sqrt{\frac{1}{C} \sum_c x_c^2 + \varepsilon}}$$

# %%
def rms_norm(x, gain, eps=1e-5):
    """Divide each row by the root of the mean of its squares, and scale each channel.

    x: (..., C) float. gain: (C,). eps is added to the mean of the squares, under the root. Returns the shape of x.

    >>> rms_norm(torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([1.0, 10.0]))
    tensor([[ 0.8485, 11.3137],
            [ 0.0000,  0.0000]])
    """
    ### BEGIN SOLUTION
    # hint: x.square().mean(...) over which dimension? And what does keepdim do for the division?
    # hint: (x.square().mean(-1, keepdim=True) + eps).sqrt() is what to divide by.
    # learned: the scale is what helps: RMSNorm is layer norm without mean and shift, and a little cheaper
    return gain * x / (x.square().mean(-1, keepdim=True) + eps).sqrt()
    ### END SOLUTION


# %% [markdown]
# **SwiGLU** (Shazeer, 2020). The middle of the feed-forward layer gets a *gate*: two projections side by side, and one
# says how much of the other goes through. The gate is not a hard yes or no, but $\text{silu}(z) = z \cdot \sigma(z)$, a
# smooth relative of ReLU.
#
# ```
#        ┌─ gate_weight ─ silu ─┐
# x ─────┤                      × ─── down_weight ─── out
#        └─ up_weight ──────────┘
# ```
#
# Three matrices in place of two would make the layer half as large again. So the middle is made narrower, 8/3 of the
# width in place of 4, and the number of parameters stays. Why does a gate help? The paper doesn't say that it knows.
# It was tried, and it won.

# %%
def swiglu(x, gate_weight, up_weight, down_weight):
    """Apply a feed-forward layer with a gate.

    x: (..., C). gate_weight, up_weight: (H, C); down_weight: (C, H), all as nn.Linear keeps them; there is no bias.
    Returns (..., C): silu of the gate's projection, times the other projection, projected down.

    >>> one = torch.tensor([[1.0]])
    >>> swiglu(torch.tensor([[2.0], [-2.0]]), one, 10 * one, one)
    tensor([[35.2319],
            [ 4.7681]])
    """
    ### BEGIN SOLUTION
    # hint: nn.Linear multiplies by the transpose of its weight: x @ weight.T, or F.linear(x, weight).
    # hint: F.silu is given, and z * torch.sigmoid(z) is the same.
    # hint: (F.silu(x @ gate_weight.T) * (x @ up_weight.T)) is (..., H). And then down.
    # learned: a gate lets the layer switch channels on and off by what it reads, for a third matrix
    return (F.silu(x @ gate_weight.T) * (x @ up_weight.T)) @ down_weight.T
    ### END SOLUTION


# %% [markdown]
# **Rotary positions** (Su and others, 2021). Your GPT adds a vector for each place, and knows nothing of places that
# it wasn't trained on. The other way: *turn* queries and keys, by an angle that grows with their place. A score is the
# product of two arrows, and depends on the angle between them. Turn both by the same amount and it stays. So all that a
# score can see of the places is their distance.
#
# The channels are taken in pairs (0, 1), (2, 3), ..., each pair an arrow in a plane. The pair number i, counted from 0, of
# d channels turns by the angle
#
# $$\theta = t \cdot 10000^{-2i/d}$$
#
# at place t: the first pair by a whole radian a step, the last ones hardly, as the hands of a clock. An arrow (a, b) turned by
# θ is (a cos θ - b sin θ, a sin θ + b cos θ).

# %%
def rotate(x, places):
    """Turn the pairs of channels of queries or keys by their place.

    x: (..., T, d) float, d even. places: (T,), the place of each row of x. Returns the shape of x: at place t, the channels
    2i and 2i + 1 are turned by the angle t * 10000 ** (-2i / d).

    >>> rotate(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1]))
    tensor([[1.0000, 0.0000],
            [0.5403, 0.8415]])
    """
    ### BEGIN SOLUTION
    # hint: The angles are a table (T, d / 2): places[:, None] times 10000.0 ** (-torch.arange(0, d, 2) / d).
    # hint: x[..., 0::2] are the first members of all pairs, x[..., 1::2] the second ones.
    # hint: torch.stack((first, second), -1).flatten(-2) puts turned pairs back in their order.
    # learned: rotations keep lengths, and leave only the distance in a score: relative positions for free
    d = x.shape[-1]
    angles = places[:, None] * 10000.0 ** (-torch.arange(0, d, 2) / d)
    cos, sin = angles.cos().to(x), angles.sin().to(x)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)
    ### END SOLUTION


# %% [markdown]
# **Grouped queries** (Ainslie and others, 2023). When a model writes, it keeps the keys and values of all places so far:
# part 9 builds that cache. With a hundred thousand places, the cache is larger than the model. So let several heads of
# queries *share* one head of keys and values. With 8 heads of queries and 2 of keys, the heads 0 to 3 ask the first one
# and 4 to 7 the second, and the cache is a quarter.

# %%
def grouped_attention(query, key, value):
    """Causal attention of many heads of queries that share fewer heads of keys and values.

    query: (B, H, T, d). key, value: (B, G, T, d), where G divides H. The first H / G heads of queries belong to the first
    head of keys and values, the next H / G to the second, and so on. Returns (B, H, T, d), as attention_by_hand gives it.

    >>> query = torch.zeros(1, 4, 1, 1)
    >>> value = torch.tensor([5.0, 6.0]).view(1, 2, 1, 1)
    >>> grouped_attention(query, torch.zeros(1, 2, 1, 1), value).flatten()
    tensor([5., 5., 6., 6.])
    """
    ### BEGIN SOLUTION
    # hint: How often must each head of keys stand there so that attention_by_hand finds one for each query?
    # hint: `repeat` would put the heads as 0 1 0 1; you want 0 0 1 1. Which function repeats each item by itself?
    # hint: key.repeat_interleave(H // G, dim=1), the same with value, and attention_by_hand does the rest.
    # learned: heads of queries can share keys and values: nearly as good, and the cache is a fraction
    times = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(times, dim=1), value.repeat_interleave(times, dim=1)
    return attention_by_hand(query, key, value)
    ### END SOLUTION


# %% [markdown]
# ## An open task: a GPT that adds
#
# Your GPT doesn't know what its tokens mean. So let them be digits, and teach it to add: `123+456=` goes in, and out
# comes the sum, token by token. This is an open task: there's a bar, 99 of 100 sums, and no instructions. Train any
# GPT of at most 60,000 parameters as often as you like. `grad try adder --train` runs your training and tries the
# result on 1,000 sums that are drawn anew each time. There are a million; no small table holds them.
#
# A hint that's worth the whole task: the answer is written *backwards*, its last digit first. Why? The last digit
# depends on two digits alone. The first one depends on all of them, for a carry may run through from the very end.
# Written backwards, each digit needs two others and the carry before it, which the model has just worked out. You'd
# add the same way, from the right.
#
# And a question: over which positions should the loss run? `123+456=` are random digits, and nobody can predict them.
#
# The author's solution has 58,044 parameters and trains for a minute or so on one core. It gets all 1,000 right.
#
# Nobody believes a file of weights that comes with its own calculator, so the model is fixed: with your weights,
# `adder` must give the logits that this lesson's `GPT` gives. Its sizes are yours.

# %%
SUM_TOKENS = "0123456789+="
PROMPT = len("012+345=")


def written_sums(a, b):
    """Write sums as rows of tokens: 7 + 45 is `007+045=`, and then 2500, the answer backwards. Given.

    a, b: int64 tensors (N,) of numbers from 0 to 999. Returns an int64 tensor (N, 12).
    """
    def digits(numbers, count):
        return torch.stack([numbers // 10**place % 10 for place in range(count)], 1)

    plus, equals = (torch.full((len(a), 1), SUM_TOKENS.index(sign)) for sign in "+=")
    return torch.cat([digits(a, 3).flip(1), plus, digits(b, 3).flip(1), equals, digits(a + b, 4)], 1)


def adder(weights, idx):
    """Add three-digit numbers, 99 of 100 of them right, by a GPT of at most 60,000 parameters.

    weights: dict from names to float32 tensors, the parameters of a GPT for these 12 tokens, under the names that
    `named_parameters` gives them in this lesson (with the layers of FeedForward in `net`); its other sizes are free.
    idx: int64 tensor (N, T), the tokens of a sum so far, from `012+345=` (T = 8) to all but the last digit of the
    answer (T = 11). Returns a float tensor of logits (N, 12), those of the token that comes next. The likeliest one
    is appended, until the answer has four digits.
    """
    ### BEGIN OPEN TASK
    block_size, n_embd = weights["position_embedding_table.weight"].shape
    n_layer = len({name.split(".")[1] for name in weights if name.startswith("blocks.")})
    n_head = len({name for name in weights if name.startswith("blocks.0.") and name.endswith("key.weight")})
    model = GPT(len(SUM_TOKENS), n_embd, n_head, n_layer, block_size)
    model.load_state_dict({**dict(model.named_buffers()), **weights})
    return model(idx)[0][:, -1]
    ### END OPEN TASK


def train_adder(run):
    """Train for `adder`, and return the weights.

    run: as in a milestone; `for step in run.steps(1000)` shows a bar. Returns a dict from names to tensors.
    """
    ### BEGIN TRAINING
    torch.manual_seed(1)
    model = GPT(len(SUM_TOKENS), n_embd=48, n_head=3, n_layer=2, block_size=PROMPT + 3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(0.9, 0.99))
    steps = run.length(2000)
    for step in run.steps(2000):
        for group in optimizer.param_groups:  # warm up, then down along a cosine
            group["lr"] = 4e-3 * min(1, (step + 1) / 100) * (1 + math.cos(math.pi * step / steps)) / 2
        tokens = written_sums(*torch.randint(1000, (2, 128)))
        logits, _ = model(tokens[:, :-1])
        loss = F.cross_entropy(logits[:, PROMPT - 1 :].flatten(0, 1), tokens[:, PROMPT:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.show(loss=loss)
    return dict(model.named_parameters())
    ### END TRAINING


# %% [markdown]
# ## Milestone: a GPT writes
#
# Run this file (`python part6_gpt.py`). It trains your bigram model and then a small GPT on the
# text, both with your own functions, and compares their losses on the validation tenth. It saves three
# new pictures: the losses, what each head of the second layer looks at, and how alike the positions have
# become. At the end the GPT writes.
#
# The lecture reaches these validation losses on tiny Shakespeare as the model grows:
#
# | model | loss |
# |---|---|
# | bigrams | 2.49 |
# | one head | 2.4 |
# | four heads | 2.28 |
# | with feed-forward | 2.24 |
# | blocks with residual paths | 2.08 |
# | with layer norm | 2.06 |
# | 209,729 parameters, 2,000 steps | 1.99 |
# | the same after 5,000 steps | 1.82 |
# | 10.8 million parameters, on a GPU | 1.48 |
#
# The default run stops at 1.99, after 2,000 steps and about a minute on two cores. `--full --device cuda`
# trains the lecture's large model, with dropout, on 5,000 batches of 64 windows of 256 characters. It needs
# a GPU; on a CPU it would take days. The 1.48 is the lecture's number; nobody has repeated the full run
# for this course yet.


# %%
def averages(run):
    """The matrix that averages what came before: row t spreads its weight evenly over places 0 to t."""
    ### STAGE average_past_matmul
    weights = average_past_matmul(torch.eye(8)[None])[0]  # what comes of unit vectors are the weights themselves
    with run.plot("averages", size=(6, 6)) as axes:
        axes.imshow(weights, cmap="Blues", vmin=0, vmax=1)
        for row in range(8):
            for column in range(row + 1):
                color = "white" if weights[row, column] > 0.5 else "black"
                axes.text(column, row, f"{weights[row, column]:.2f}", ha="center", va="center", color=color)
        axes.set(xlabel="takes from place", ylabel="place", title="Averaging the past is a matrix")


SENTENCE = "the cat sat on the mat"


def same_letters(run):
    """Attention by hand: in a sentence, every letter looks for earlier letters like itself."""
    ### STAGE attention_weights
    letters = sorted(set(SENTENCE))
    one_hot = torch.eye(len(letters))[[letters.index(letter) for letter in SENTENCE]][None]
    weights = attention_weights(8 * one_hot, 2 * one_hot)[0]
    with run.plot("same-letters", size=(6.5, 6.5)) as axes:
        draw_map(axes, weights, SENTENCE)
        axes.set(xlabel="looks at", ylabel="letter", title="query = key: I look for what I am")


def scaled(run):
    """Why scores are divided by the root of their dimension: without it softmax bets everything on one place."""
    ### STAGE attention_weights
    generator = torch.Generator().manual_seed(42)
    sizes, spreads, tops = [4, 16, 64, 256], [], {"scaled": [], "not scaled": []}
    for size in sizes:
        query, key = (torch.randn((200, 16, size), generator=generator) for _ in range(2))
        products = query @ key.transpose(1, 2)
        spreads.append(products.var().item())
        # The last place sees all 16; a query that is √d times as long undoes the division.
        tops["scaled"].append(attention_weights(query, key)[:, -1].max(-1).values.mean().item())
        tops["not scaled"].append(attention_weights(query * size**0.5, key)[:, -1].max(-1).values.mean().item())
    run.say("variance of query·key: " + ", ".join(f"{spread:.0f} for d = {size}" for size, spread in zip(sizes, spreads, strict=True)))
    with run.plot("scaled") as axes:
        for name, values in tops.items():
            axes.plot([str(size) for size in sizes], values, marker="o", label=name)
        axes.axhline(1 / 16, color="gray", linestyle=":", label="even over 16 places")
        axes.set(xlabel="dimension of query and key", ylabel="largest weight of the last place", ylim=(0, 1), title="Division by √d keeps attention open")
        axes.legend()


def prepared(run):
    """The text's encode and decode, the size of the vocabulary, and the two splits on the run's device."""

    def make():
        text = run.shakespeare()
        encode, decode = build_tokenizer(text)
        splits = [data.to(run.device) for data in split_data(torch.tensor(encode(text)))]
        return encode, decode, len(set(text)), splits

    return run.once("text", make)


def mark_uniform(axes, vocab_size):
    """A line where a uniform guess stands."""
    loss = torch.tensor(float(vocab_size)).log().item()
    axes.axhline(loss, color="gray", linestyle=":", label=f"uniform guess: {loss:.2f}")


def bigrams_learn(run):
    """Your bigram model learns for three hundred steps, and writes."""
    ### STAGE train_step, get_batch, BigramLanguageModel, estimate_loss, build_tokenizer, split_data
    torch.manual_seed(1337)
    _, decode, vocab_size, splits = prepared(run)
    model = BigramLanguageModel(vocab_size).to(run.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-2)
    losses = [train_step(model, optimizer, *get_batch(splits[0], 32, 16)) for _ in range(300)]
    batches = evaluation_batches(splits[1], 32, 16, 50)
    run.say(f"validation loss {estimate_loss(model, batches):.4f}")
    run.say(decode(model.generate(torch.zeros(1, 1, dtype=torch.long, device=run.device), 120)[0].tolist()))
    with run.plot("bigrams") as axes:
        axes.plot(losses, linewidth=0.8, label="training")
        mark_uniform(axes, vocab_size)
        axes.set(xlabel="step", ylabel="loss", title="A table learns what follows what")
        axes.legend()


def draw_map(axes, weights, text):
    """Attention weights (T, T) as a map, the characters at its sides."""
    labels = [{"\n": "\\n", " ": "_"}.get(character, character) for character in text]
    axes.imshow(weights, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)


# %%
SHORT = {"n_embd": 64, "n_head": 4, "n_layer": 4, "block_size": 32, "dropout": 0.0}
LECTURE = {"n_embd": 384, "n_head": 6, "n_layer": 6, "block_size": 256, "dropout": 0.2}


def evaluation_batches(data, block_size, batch_size, count):
    """The same batches at every call, so that two models are compared on the same text."""
    generator = torch.Generator().manual_seed(1337)
    return [get_batch(data, block_size, batch_size, generator) for _ in range(count)]


def train_model(run, name, model, splits, block_size, steps, learning_rate):
    """Train with AdamW on the first of two splits; return points (step, loss of each split)."""
    batch_size, count = (64, 200) if run.full else (16, 50)
    batches = [evaluation_batches(data, block_size, batch_size, count) for data in splits]
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    curve = [(0, *(estimate_loss(model, some) for some in batches))]
    for step in run.steps(steps, steps, name):
        train_step(model, optimizer, *get_batch(splits[0], block_size, batch_size))
        if (step + 1) % (steps // 10) == 0:
            curve.append((step + 1, *(estimate_loss(model, some) for some in batches)))
            run.show(training=curve[-1][1], validation=curve[-1][2])
    if curve[-1][0] < step + 1:
        curve.append((step + 1, *(estimate_loss(model, some) for some in batches)))
    return curve


@torch.no_grad()
def attention_of_heads(model, idx, layer):
    """The attention weights of each head of a layer for idx (1, T), a list of (T, T) tensors."""
    inputs = []
    block = model.blocks[layer]
    hook = block.sa.register_forward_pre_hook(lambda module, given: inputs.append(given[0]))
    model(idx)
    hook.remove()
    x = inputs[0][0]
    return [attention_weights(head.query(x), head.key(x)).cpu() for head in block.sa.heads]


def plot_losses(run, curves, vocab_size):
    """Loss over steps of each model, training dotted and validation solid."""
    with run.plot("loss") as axes:
        for number, (name, curve) in enumerate(curves.items()):
            steps, training, validation = zip(*curve, strict=True)
            axes.plot(steps, training, f"C{number}:", label=f"{name}, training")
            axes.plot(steps, validation, f"C{number}-", label=f"{name}, validation")
        mark_uniform(axes, vocab_size)
        axes.set(xlabel="step", ylabel="mean cross entropy", title="Attention sees further than one character")
        axes.legend()


def plot_attention(run, model, line, encode):
    """What each head of the second layer looks at, for one line of text."""
    idx = torch.tensor([encode(line)], device=run.device)
    maps = attention_of_heads(model, idx, layer=1)
    with run.plot("attention", rows=2, columns=(len(maps) + 1) // 2, size=(9, 9)) as panels:
        for number, (axes, weights) in enumerate(zip(panels.flat, maps, strict=False), 1):
            draw_map(axes, weights, line)
            axes.set_title(f"head {number}")
        panels[0, 0].set_ylabel("who looks")
        panels[0, 0].set_xlabel("at whom")


def plot_positions(run, model):
    """How alike the learned embeddings of two positions are."""
    table = model.position_embedding_table.weight.detach().cpu()
    table = table / table.norm(dim=1, keepdim=True)
    with run.plot("positions", size=(6, 5)) as axes:
        picture = axes.imshow(table @ table.T, cmap="coolwarm", vmin=-1, vmax=1)
        axes.figure.colorbar(picture, label="cosine of the angle between them")
        axes.set(xlabel="position", ylabel="position", title="How alike two positions are to the GPT")


def judge(run, bigram_loss, loss):
    """Compare the losses with the lecture's; on other data than the lecture's, with each other."""
    lecture, limit = (1.48, 1.55) if run.full else (1.99, 2.1)
    if run.real_data:
        run.figure("bigrams, validation loss", bigram_loss, lecture=2.49, passed=bigram_loss < 2.6)
        run.figure("GPT, validation loss", loss, lecture=lecture, passed=loss < limit)
    else:
        run.figure("bigrams, validation loss", bigram_loss)
        run.figure("GPT, validation loss", loss, passed=loss < bigram_loss)


def training(run):
    """A GPT learns to write plays, beside the bigram model."""
    ### STAGE GPT, Block, LayerNorm, FeedForward, MultiHeadAttention, Head, attention_by_hand
    ### STAGE attention_weights, BigramLanguageModel, train_step, estimate_loss, get_batch
    ### STAGE build_tokenizer, split_data
    torch.manual_seed(1337)
    encode, decode, vocab_size, splits = prepared(run)
    settings = LECTURE if run.full else SHORT
    block_size = settings["block_size"]

    bigrams = BigramLanguageModel(vocab_size).to(run.device)
    gpt = GPT(vocab_size, **settings).to(run.device)
    size = sum(parameter.numel() for parameter in gpt.parameters())
    run.say(f"a GPT of {size:,} parameters for {vocab_size} characters")
    curves = {"bigrams": train_model(run, "bigrams", bigrams, splits, block_size, 1000, 1e-2)}
    steps, learning_rate = (5000, 3e-4) if run.full else (2000, 1e-3)
    curves["GPT"] = train_model(run, "GPT", gpt, splits, block_size, steps, learning_rate)

    judge(run, *(curve[-1][2] for curve in curves.values()))
    plot_losses(run, curves, vocab_size)
    gpt.eval()
    plot_attention(run, gpt, run.shakespeare()[: min(block_size, 24)], encode)
    if run.full:  # after a short run the positions are still as they were drawn
        plot_positions(run, gpt)
    start = torch.tensor([encode("\n")], device=run.device)
    run.say(decode(gpt.generate(start, max_new_tokens=300)[0].tolist()))


# %% [markdown]
# ## Which part was worth what?
#
# You have built a dozen parts. Which of them could you have left out? The table of the lecture gives its answer, and you
# can get your own: `grad plot growth` begins with the bigram model and adds one part at a time, from your own classes,
# each time with the same 2,000 steps. It takes two or three minutes. Before you start it: which step do you expect to
# bring the most? And does a stack of three layers learn better than one, *without* the residual paths?

# %%
class Grown(nn.Module):
    """Two embeddings, some parts of a Transformer, and a linear layer; given."""

    def __init__(self, vocab_size, body, n_embd=32, block_size=8):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)
        self.body, self.lm_head = body, nn.Linear(n_embd, vocab_size)

    def forward(self, idx, targets):
        places = torch.arange(idx.shape[1], device=idx.device)
        logits = self.lm_head(self.body(self.tokens(idx) + self.positions(places)))
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


class Residual(nn.Module):
    """x + layer(x); given."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return x + self.layer(x)


def bodies():
    """The middle of each model of the table, with the lecture's loss where it tells one."""

    def heads():
        return MultiHeadAttention(n_embd=32, n_head=4, head_size=8, block_size=8)

    def stack(wrap):
        return nn.Sequential(*[wrap(layer) for _ in range(3) for layer in (heads(), FeedForward(32))])

    return [
        ("one head", Head(n_embd=32, head_size=32, block_size=8), 2.40),
        ("four heads", heads(), 2.28),
        ("with feed-forward", nn.Sequential(heads(), FeedForward(32)), 2.24),
        ("three of these", stack(lambda layer: layer), None),
        ("with residual paths", stack(Residual), 2.08),
        ("with layer norm", nn.Sequential(*[Block(32, 4, 8) for _ in range(3)], LayerNorm(32)), 2.06),
        ("with dropout of 0.2", nn.Sequential(*[Block(32, 4, 8, 0.2) for _ in range(3)], LayerNorm(32)), None),
    ]


def growth(run):
    """From bigrams to a Transformer, one part at a time: what each part is worth."""
    ### ABLATION Block, LayerNorm, FeedForward, MultiHeadAttention, Head, BigramLanguageModel
    ### ABLATION train_step, estimate_loss, get_batch, build_tokenizer, split_data
    torch.manual_seed(1337)
    _, _, vocab_size, splits = prepared(run)
    models = [("bigrams", BigramLanguageModel(vocab_size), 2.49)]
    models += [(name, Grown(vocab_size, body), lecture) for name, body, lecture in bodies()]
    batches, rows = evaluation_batches(splits[1], 8, 32, 200), []
    for name, model, lecture in models:
        model.to(run.device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2 if name == "bigrams" else 3e-3)
        for _ in run.steps(2000, 5000, name):
            train_step(model, optimizer, *get_batch(splits[0], 8, 32))
        rows.append((name, estimate_loss(model, batches), lecture))
        run.figure(f"growth: {name}", rows[-1][1], lecture)
    run.ladder("growth", rows, "validation loss", title="From bigrams to a Transformer: what each part brings")


# %% [markdown]
# ## The papers in your GPT
#
# And the four parts of today's models? `grad plot modern` trains the block as you built it, then exchanges one
# part after the other and keeps it. Each row takes half a minute. Guess first: at 32 channels and 32 places, will
# any of them matter? They were found at sizes a thousand times larger.

# %%
class Modern(nn.Module):
    """A small GPT of two blocks, in which each part of the four papers can be switched on; given."""

    def __init__(self, vocab_size, rms=False, gated=False, rotary=False, groups=4, n_embd=32, n_head=4, block_size=32):
        super().__init__()
        self.rms, self.gated, self.rotary, self.groups, self.n_head = rms, gated, rotary, groups, n_head
        self.tokens, self.places = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(self.block(n_embd, n_embd // n_head) for _ in range(2))
        self.last = self.norm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def norm(self, n_embd):
        return nn.ParameterDict({"gain": torch.ones(n_embd)}) if self.rms else LayerNorm(n_embd)

    def block(self, n_embd, head_size):
        middle = 8 * n_embd // 3 if self.gated else 4 * n_embd
        ups = ("gate", "up") if self.gated else ("up",)
        shared = self.groups * head_size
        parts = {name: nn.Linear(n_embd, middle, bias=False) for name in ups}
        parts |= {"down": nn.Linear(middle, n_embd, bias=False), "proj": nn.Linear(n_embd, n_embd)}
        parts |= {"query": nn.Linear(n_embd, n_embd, bias=False)}
        parts |= {name: nn.Linear(n_embd, shared, bias=False) for name in ("key", "value")}
        return nn.ModuleDict(parts | {"ln1": self.norm(n_embd), "ln2": self.norm(n_embd)})

    def normalized(self, norm, x):
        return rms_norm(x, norm["gain"]) if self.rms else norm(x)

    def attend(self, block, x):
        B, T, C = x.shape
        query, key, value = (block[name](x).unflatten(-1, (-1, C // self.n_head)).transpose(1, 2) for name in ("query", "key", "value"))
        if self.rotary:
            query, key = (rotate(each, torch.arange(T, device=x.device)) for each in (query, key))
        out = grouped_attention(query, key, value) if self.groups < self.n_head else attention_by_hand(query, key, value)
        return block["proj"](out.transpose(1, 2).flatten(2))

    def think(self, block, x):
        if self.gated:
            return swiglu(x, *(block[name].weight for name in ("gate", "up", "down")))
        return block["down"](block["up"](x).relu())

    def forward(self, idx, targets):
        x = self.tokens(idx)
        if not self.rotary:
            x = x + self.places(torch.arange(idx.shape[1], device=idx.device))
        for block in self.blocks:
            x = x + self.attend(block, self.normalized(block["ln1"], x))
            x = x + self.think(block, self.normalized(block["ln2"], x))
        logits = self.lm_head(self.normalized(self.last, x))
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def modern(run):
    """Four parts of today's models, one after the other: what is each worth at this size?"""
    ### ABLATION rms_norm, swiglu, rotate, grouped_attention, attention_by_hand, attention_weights, LayerNorm
    ### ABLATION train_step, estimate_loss, get_batch, build_tokenizer, split_data
    _, _, vocab_size, splits = prepared(run)
    switches, rows = {}, []
    batches = evaluation_batches(splits[1], 32, 32, 100)
    for name, switch in [
        ("as in 2017", {}),
        ("RMSNorm", {"rms": True}),
        ("and SwiGLU", {"gated": True}),
        ("and rotary positions", {"rotary": True}),
        ("and two heads of keys", {"groups": 2}),
    ]:
        torch.manual_seed(1337)
        switches |= switch
        model = Modern(vocab_size, **switches).to(run.device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        for _ in run.steps(1500, 5000, name):
            train_step(model, optimizer, *get_batch(splits[0], 32, 16))
        rows.append((name, estimate_loss(model, batches), None))
        run.figure(f"modern: {name}", rows[-1][1])
    run.ladder("modern", rows, "validation loss", title="What four papers bring, one after the other")


# %% [markdown]
# ## Learn from much, then from little
#
# Large models are trained twice: once on everything that there is (*pretraining*), and then on the little that they are
# wanted for (*finetuning*). Does that work at your size? Here's a poor text, 200 given names, and a rich one, the plays.
# What has a play to do with names? No name is in the right place there. But letters follow each other in ways that
# both texts share: vowels and consonants take turns, q wants a u.
#
# `grad plot finetuned` trains the same GPT on the 200 names, once from its first random weights and once from weights
# that have seen the plays, and watches the loss on names that neither has seen. Guess before you start it: which one
# is better at first, which one at its best, and what becomes of both when they go on for too long?

# %%
def finetuned(run):
    """Two hundred names, learned from nothing and after the plays; the loss on other names."""
    ### ABLATION GPT, Block, LayerNorm, FeedForward, MultiHeadAttention, Head, attention_weights, attention_by_hand
    ### ABLATION train_step, estimate_loss, get_batch, build_tokenizer, split_data
    encode, _, vocab_size, splits = prepared(run)
    # The real names are sorted by how common they are, so both parts are taken from everywhere.
    names = ["\n" + name for name in run.names()]
    parts = names[:: len(names) // 200][:200], names[1 :: len(names) // 200][:200]
    few, others = (torch.tensor(encode("".join(part)), device=run.device) for part in parts)
    batches, curves = evaluation_batches(others, 16, 32, 40), {}
    for name, before in (("names alone", 0), ("plays first", 1000)):
        torch.manual_seed(1337)
        model = GPT(vocab_size, n_embd=32, n_head=4, n_layer=2, block_size=16).to(run.device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        for _ in run.steps(before, 5 * before, name) if before else ():
            train_step(model, optimizer, *get_batch(splits[0], 16, 32))
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        curves[name] = [estimate_loss(model, batches)]
        for step in run.steps(400, 2000, name):
            train_step(model, optimizer, *get_batch(few, 16, 32))
            if (step + 1) % 20 == 0:
                curves[name].append(estimate_loss(model, batches))
        run.figure(f"best loss on other names, {name}", min(curves[name]))
    with run.plot("finetuned") as axes:
        for name, curve in curves.items():
            axes.plot([20 * n for n in range(len(curve))], curve, label=f"{name}: {min(curve):.2f} at best")
        axes.set(xlabel="steps on 200 names", ylabel="loss on other names", title="A start from another text")
        axes.legend()


def milestone(run):
    """See averages and attention, then train the bigram model and a GPT, and let the GPT write."""
    run.stages(averages, same_letters, scaled, bigrams_learn, training)
    run.ablations(growth, modern, finetuned)


# %%
if __name__ == "__main__":
    from autograder.milestone import main

    main(milestone)
