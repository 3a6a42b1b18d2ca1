"""Checks of part 2: the multilayer perceptron."""

import math
from string import ascii_lowercase

import torch

from autograder.checks import exercise
from autograder.checks.vocabulary import (
    afterwards,
    draws_of,
    gradients_of,
    means_by_chance,
    numbered,
    shares_by_chance,
)

PARAMETERS = ("C", "W1", "b1", "W2", "b2")


def drawn_parameters(draw, block_size, vocab_size=4, n_embd=2, n_hidden=3):
    """Parameters [C, W1, b1, W2, b2] of a small network, all sizes different."""
    return [
        draw.tensor("C", vocab_size, n_embd),
        draw.tensor("W1", block_size * n_embd, n_hidden),
        draw.tensor("b1", n_hidden),
        draw.tensor("W2", n_hidden, vocab_size),
        draw.tensor("b2", vocab_size),
    ]


def spelling_parameters(successors, block_size, position):
    """A network without a choice: context[position] = i is followed by successors[i]."""
    size = len(successors)
    W1 = torch.zeros(block_size * size, size)
    W1[position * size : (position + 1) * size] = 3 * torch.eye(size)
    W2 = torch.zeros(size, size)
    W2[torch.arange(size), torch.tensor(successors)] = 120.0
    parameters = [torch.eye(size), W1, torch.zeros(size), W2, torch.zeros(size)]
    return [parameter.requires_grad_() for parameter in parameters]


def constant_parameters(shares):
    """A network that ignores its context: the next character always has these probabilities."""
    size = len(shares)
    sizes = [(size, 2), (4, 3), (3,), (3, size)]
    zeros = [torch.zeros(shape) for shape in sizes]
    return [parameter.requires_grad_() for parameter in [*zeros, torch.tensor(shares).log()]]


# contexts


contexts = exercise("contexts")


@contexts.check
def windows_over_a_word(lesson, draw):
    """Each character of a word, and the dot that ends it, comes with the characters before it."""
    word = draw.text("word", draw.size(2, 7), alphabet="abcde")
    return {"contexts": lesson.contexts(word, draw.size(2, 4, name="block_size"))}


@contexts.check
def block_size_one(lesson, draw):
    """With a block size of 1 the contexts are those of the bigrams."""
    word = draw.text("word", draw.size(1, 5), alphabet="abc")
    return {"contexts": lesson.contexts(word, draw.given("block_size", 1))}


@contexts.check(cases=2)
def block_longer_than_the_word(lesson, draw):
    """A block that is longer than the word is filled with dots on the left."""
    word = draw.text("word", 2, alphabet="abc")
    return {"contexts": lesson.contexts(word, draw.integer("block_size", 5, 8))}


@contexts.check
def any_word(lesson, draw):
    """An empty word has one context, all dots; any character counts; a long word isn't cut off."""
    word = draw.given("word", ["", " Jo-Ann É ", "nab" * 35][draw.case])
    return {"contexts": lesson.contexts(word, draw.integer("block_size", 2, 4))}


# build_dataset


build_dataset = exercise("build_dataset", points=2)


@build_dataset.check
def contexts_of_all_words(lesson, draw):
    """X holds the contexts of all words and Y what comes next, as indices."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "abc")))
    words = draw.words("words", draw.size(1, 4), alphabet="abc")
    X, Y = lesson.build_dataset(words, stoi)
    seen = {"number of examples": len(X), "X": X, "Y": Y}
    return {**seen, **afterwards(words=words, stoi=stoi)}


@build_dataset.check(cases=2)
def words_of_any_number(lesson, draw):
    """All words are written down: the last of 1,001, one that comes again, and an empty one."""
    stoi = draw.given("stoi", numbered("ab"))
    if draw.case:
        draw.given("words", '[""] * 1000 + ["b" * 45 + "a"]')
        X, Y = lesson.build_dataset([""] * 1000 + ["b" * 45 + "a"], stoi)
    else:
        X, Y = lesson.build_dataset(draw.given("words", ["ab", "b", "", "ab", "ab"]), stoi)
    return {"number of examples": len(X), "last contexts": X[-13:], "last characters": Y[-13:]}


@build_dataset.check
def other_block_sizes(lesson, draw):
    """The rows of X are as long as the block size says."""
    stoi = draw.given("stoi", numbered("abc"))
    words = draw.words("words", 2, alphabet="abc")
    X, Y = lesson.build_dataset(words, stoi, block_size=draw.choice("block_size", [1, 2, 5]))
    return {"X": X, "Y": Y}


@build_dataset.check(cases=1)
def whole_numbers_of_64_bits(lesson, draw):
    """Both tensors are int64, the type that indexes other tensors."""
    stoi = draw.given("stoi", numbered("ab"))
    X, Y = lesson.build_dataset(draw.given("words", ["ab"]), stoi)
    return {"X": X, "Y": Y, "dtype of X": str(X.dtype), "dtype of Y": str(Y.dtype)}


@build_dataset.check(cases=2)
def a_new_word_begins_from_dots(lesson, draw):
    """The first context of each word is all dots, whatever the word before it was."""
    stoi = draw.given("stoi", numbered("ab"))
    words = draw.words("words", 3, alphabet="ab", shortest=2)
    X, _ = lesson.build_dataset(words, stoi, block_size=draw.given("block_size", 2))
    starts = [sum(len(word) + 1 for word in words[:number]) for number in range(len(words))]
    return {"first contexts of the words": [X[start] for start in starts]}


# split_words


def some_words(draw, count):
    """Distinct words whose order can be read from them."""
    draw.given("words", f'[f"{{i:04d}}" for i in range({count})]')
    return [f"{number:04d}" for number in range(count)]


split_words = exercise("split_words")


@split_words.check
def nothing_shared_nothing_missing(lesson, draw):
    """Each word is in exactly one of the three lists, and the argument isn't changed."""
    words = some_words(draw, (1, 37, 1001)[draw.case])
    parts = lesson.split_words(words)
    others = lesson.split_words([f"other {word}" for word in words])
    return {
        "all words of the three lists, sorted": " ".join(sorted(sum(map(list, parts), []))),
        "words afterwards": " ".join(words),
        "all other words, sorted": " ".join(sorted(sum(map(list, others), []))),
    }


@split_words.check(cases=2)
def words_that_come_twice(lesson, draw):
    """A word that is in the list twice is in the three lists twice."""
    twice = [f"{'long' * 12 * draw.case}{number // 2}" for number in range(12 + 8 * draw.case)]
    words = draw.given("words", twice)
    parts = lesson.split_words(words)
    return {"all words of the three lists, sorted": sorted(word for part in parts for word in part)}


@split_words.check(tolerance=(0.0, 1.01), because="a size may be rounded up or down by one word")
def sizes_of_the_parts(lesson, draw):
    """The three lists have the shares that the fractions say."""
    words = some_words(draw, draw.size(40, 100))
    fractions = draw.choice("fractions", [(0.8, 0.1, 0.1), (0.5, 0.3, 0.2), (0.2, 0.2, 0.6)])
    parts = lesson.split_words(words, fractions)
    return {"sizes": torch.tensor([float(len(part)) for part in parts])}


# Half of 400 places, none of them twice: their mean varies as that of 400 places does.
@split_words.check(cases=1, **means_by_chance(400, spread=0.29))
def shuffled_before_the_cut(lesson, draw):
    """The words are shuffled before they are cut, so that each list is like the others."""
    words, fractions = some_words(draw, 400), draw.given("fractions", (0.5, 0.25, 0.25))
    parts = lesson.split_words(words, fractions, seed=draw.integer("seed", 1, 1000))
    places = [[int(word) / 400 for word in part] for part in parts]
    return {
        "about the mean place of a training word": sum(places[0]) / len(places[0]),
        "about the share of neighbors that are still neighbors": share_of_neighbors(parts[0]),
    }


def share_of_neighbors(part):
    places = [int(word) for word in part]
    steps = [abs(there - here) for here, there in zip(places, places[1:], strict=False)]
    return steps.count(1) / len(steps)


@split_words.check(cases=1, **shares_by_chance(400))
def seed_decides(lesson, draw):
    """The same seed gives the same split, another seed another one."""
    words, fractions = some_words(draw, 400), draw.given("fractions", (0.5, 0.25, 0.25))
    seed = draw.integer("seed", 1, 1000)

    def training_words(seed):
        return set(lesson.split_words(words, fractions, seed)[0])

    first, again, other = training_words(seed), training_words(seed), training_words(seed + 1)
    return {
        "words that moved with the same seed": sorted(first ^ again),
        "about the share of words that moved with another seed": len(first ^ other) / len(words),
    }


# leaked_words


leaked_words = exercise("leaked_words")


@leaked_words.check
def words_of_both_lists(lesson, draw):
    """Each word of the other split that is a training word too is listed, in order, and again."""
    count = draw.size(3, 9)
    train = draw.words("train", count, alphabet="ab", longest=2)
    other = draw.words("other", count + 2, alphabet="abc", longest=2)
    leaked = lesson.leaked_words(train, other)
    return {"leaked words": leaked, **afterwards(train=train, other=other)}


@leaked_words.check(cases=1)
def whole_words_alone(lesson, draw):
    """Only whole words count: neither a part of one nor one that is nearly the same."""
    word = draw.text("word", 4, alphabet="abcdef")
    near = [word[:2], word.upper(), word + "x", word[::-1] + "y", ""]
    leaked = lesson.leaked_words([word], draw.given("other", [*near, word]))
    none = lesson.leaked_words(draw.given("train of a second call", near), [word])
    return {"leaked words": leaked, "leaked words of the second call": none}


@leaked_words.check(cases=2)
def words_of_large_splits(lesson, draw):
    """All of a thousand words are looked at, and long words are compared to their last letter."""
    train = [f"{'long' * 15 * draw.case}{number:04d}" for number in range(1500)]
    other = draw.shuffled("other", [*train[1100:], "another", train[1499]])
    draw.given("train", "1,500 words, 0000 to 1499, in the second case with a long beginning")
    return {"leaked words": lesson.leaked_words(train, other)}


# embed


embed = exercise("embed")


@embed.check
def side_by_side(lesson, draw):
    """The embeddings of a context are put side by side, in the order of its characters."""
    C = draw.tensor("C", 4, draw.size(2, 3))
    X = draw.indices("X", (1, 4, 1001)[draw.case], draw.size(2, 4), high=4)
    return {"embedded": lesson.embed(C, X), **afterwards(C=C, X=X)}


@embed.check(cases=2)
def large_tables_and_long_contexts(lesson, draw):
    """A table may be long and wide, a context long, and each call returns a new result."""
    rows, width, block_size = ((3, 2, 2), (1003, 33, 35))[draw.case]
    C, X = draw.tensor("C", rows, width), draw.indices("X", 2, block_size, high=rows)
    X[0, 0] = rows - 1
    other = draw.indices("other X", 2, block_size, high=rows)
    one = lesson.embed(C, draw.given("X", X))
    return {"embedded": one, "the other embedded": lesson.embed(C, other)}


@embed.check(cases=2)
def order_of_the_context(lesson, draw):
    """The same characters in another order give another row."""
    C = draw.tensor("C", 3, 2)
    X = draw.given("X", torch.tensor([[1, 2], [2, 1]]))
    return {"embedded": lesson.embed(C, X)}


@embed.check(cases=2)
def gradient_of_the_embedding(lesson, draw):
    """Gradients flow back into C; a character that occurs twice collects both."""
    C = draw.tensor("C", 3, 2).requires_grad_()
    X = draw.given("X", torch.tensor([[0, 2, 2], [2, 1, 0]]))
    arriving = draw.tensor("gradient of the result", 2, 6)
    (lesson.embed(C, X) * arriving).sum().backward()
    return gradients_of(C=C)


# init_parameters


init_parameters = exercise("init_parameters")


@init_parameters.check
def shapes_and_leaves(lesson, draw):
    """The five parameters have their shapes, and each is a leaf that requires gradients."""
    sizes = [draw.integer("vocab_size", 5, 40), draw.size(1, 3, name="block_size")]
    sizes += [draw.size(2, 4, name="n_embd"), draw.integer("n_hidden", 41, 80)]
    parameters = lesson.init_parameters(*sizes, draw.generator())
    named = dict(zip(PARAMETERS, parameters, strict=False))
    seen = {"number of parameters": len(parameters)}
    seen |= {f"shape of {name}": tuple(made.shape) for name, made in named.items()}
    seen |= {f"dtype of {name}": str(made.dtype) for name, made in named.items()}
    seen |= {f"{name} requires gradients": made.requires_grad for name, made in named.items()}
    return seen | {f"{name} is a leaf": made.is_leaf for name, made in named.items()}


@init_parameters.check(cases=2, **means_by_chance(400))
def spread_of_the_first_weights(lesson, draw):
    """All parameters are standard normal, W2 and b2 multiplied by output_scale."""
    scale = draw.given("output_scale", (1.0, 3.0)[draw.case])
    sizes = draw.given("vocab_size, block_size, n_embd, n_hidden", [400, 2, 5, 400])
    made = lesson.init_parameters(*sizes, draw.generator(), output_scale=scale)
    named = dict(zip(PARAMETERS, made, strict=False))
    divisors = {"W2": scale, "b2": scale}
    return {
        f"about the {what} of {name}": getattr(parameter.detach(), call)() / divisors.get(name, 1.0)
        for name, parameter in named.items()
        for what, call in (("standard deviation", "std"), ("mean", "mean"))
    }


# A bell and a flat line of the same spread differ by 0.1 in this share.
@init_parameters.check(cases=2, **shares_by_chance(6000))
def bell_of_the_first_weights(lesson, draw):
    """The entries of each parameter are normal: two thirds of them lie between -1 and 1."""
    sizes = [[2, 1, 1, 6000], [6000, 1, 1, 2]][draw.case]
    sizes = draw.given("vocab_size, block_size, n_embd, n_hidden", sizes)
    made = lesson.init_parameters(*sizes, draw.generator())
    return {
        f"about the share of {name} between -1 and 1": (parameter.detach().abs() < 1).float().mean()
        for name, parameter in zip(PARAMETERS, made, strict=False)
        if parameter.numel() >= 6000
    }


@init_parameters.check(cases=1)
def first_weights_from_the_generator(lesson, draw):
    """All random numbers come from the generator that's passed in, and from nowhere else."""
    sizes = draw.given("vocab_size, block_size, n_embd, n_hidden", [5, 2, 3, 4])

    def entries(generator):
        return [parameter.tolist() for parameter in lesson.init_parameters(*sizes, generator)]

    seen = draws_of(draw, entries)
    generator = draw.generator()
    parameters = lesson.init_parameters(*sizes, generator)
    again = lesson.init_parameters(*sizes, generator)
    seen["number of parameters"] = len(parameters)
    for name, made, other in zip(PARAMETERS, parameters, again, strict=False):
        seen[f"entries of {name} that differ in a second call"] = (made - other).count_nonzero()
    return seen | different_rows(*(parameter.tolist() for parameter in parameters))


def different_rows(C, W1, b1, W2, b2):
    """How many of the rows that have one length are different: no two are, by chance, the same."""
    rows = {"C": C, "W1 and b1": [*W1, b1], "W2 and b2": [*W2, b2]}
    return {f"different rows of {name}": len(set(map(tuple, made))) for name, made in rows.items()}


@init_parameters.check(cases=1)
def last_layer_of_zeros(lesson, draw):
    """With an output_scale of 0 the last layer is 0 and the others aren't."""
    sizes = draw.given("vocab_size, block_size, n_embd, n_hidden", [5, 2, 3, 4])
    made = lesson.init_parameters(*sizes, draw.generator(), draw.given("output_scale", 0.0))
    named = zip(PARAMETERS, made, strict=False)
    return {f"non-zero entries of {name}": made.count_nonzero() for name, made in named}


# forward


forward = exercise("forward", points=2)


@forward.check
def logits_of_contexts(lesson, draw):
    """The logits are tanh of the embedded context times W1 plus b1, times W2 plus b2."""
    block_size = draw.size(1, 3)
    parameters = drawn_parameters(draw, block_size)
    X = draw.indices("X", (1, 4, 1001)[draw.case], block_size, high=4)
    logits = lesson.forward(parameters, X)
    named = dict(zip(PARAMETERS, parameters, strict=True))
    return {"logits": logits, **afterwards(X=X, **named)}


@forward.check(cases=2)
def logits_of_long_contexts(lesson, draw):
    """A context may be long, and each call returns a new result."""
    block_size = (2, 35)[draw.case]
    parameters = drawn_parameters(draw, block_size, vocab_size=2)
    X, other = (draw.indices(name, 1, block_size, high=2) for name in ("X", "other X"))
    one = lesson.forward(parameters, X)
    return {"logits": one, "logits of the other X": lesson.forward(parameters, other)}


@forward.check(cases=2)
def large_hidden_values(lesson, draw):
    """The hidden layer stays between -1 and 1 however large what goes in is."""
    parameters = drawn_parameters(draw, 2)
    parameters[0] *= 3
    draw.given("C", parameters[0])
    return {"logits": lesson.forward(parameters, draw.indices("X", 3, 2, high=4))}


@forward.check(cases=2)
def gradients_of_all_parameters(lesson, draw):
    """Every parameter gets a gradient."""
    parameters = [parameter.requires_grad_() for parameter in drawn_parameters(draw, 2)]
    X = draw.indices("X", 3, 2, high=4)
    arriving = draw.tensor("gradient of the logits", 3, 4)
    (lesson.forward(parameters, X) * arriving).sum().backward()
    pairs = zip(PARAMETERS, parameters, strict=True)
    return {f"gradient of {name}": parameter.grad for name, parameter in pairs}


# cross_entropy

COARSE = "float32 numbers near 1,000 are 0.00006 apart"


cross_entropy = exercise("cross_entropy", points=2)
cross_entropy.forbid(
    "softmax", "cross_entropy", says="build the loss yourself here, from max, exp, sum and log"
)


@cross_entropy.check
def mean_over_examples(lesson, draw):
    """The loss is the mean over the examples of minus the log of the target's probability."""
    logits = draw.tensor("logits", (1, 5, 1001)[draw.case], draw.size(2, 6))
    targets = draw.indices("targets", len(logits), high=logits.shape[1])
    return {"loss": lesson.cross_entropy(logits, targets), "logits afterwards": logits}


@cross_entropy.check(cases=1)
def rows_that_come_again(lesson, draw):
    """A row that comes again counts again, and there may be many columns."""
    logits, targets = draw.tensor("logits", 2, 37), draw.given("targets", torch.tensor([36, 0]))
    again = draw.given("order of the rows", torch.tensor([0, 1, 0, 0]))
    return {"loss": lesson.cross_entropy(logits[again], targets[again])}


@cross_entropy.check(tolerance=(1e-5, 1e-3), because=COARSE)
def large_logits(lesson, draw):
    """The loss is right and finite for logits of 100 and of 1,000."""
    logits = draw.tensor("logits", 3, 3)
    size = (100.0, 400.0, 1000.0)[draw.case]
    logits[0, 0] = draw.number("logits", 0.9 * size, size)
    logits[1] += size - 10
    draw.given("logits", logits)
    targets = draw.given("targets", torch.tensor([0, 1, draw.case]))
    return {"loss": lesson.cross_entropy(logits, targets)}


@cross_entropy.check(cases=2, tolerance=(1e-5, 1e-3), because=COARSE)
def very_small_probabilities(lesson, draw):
    """A target with hardly any probability costs a lot, but not infinitely much."""
    logits = draw.tensor("logits", 2, 3)
    logits[:, 0] -= draw.number("logits", *((90.0, 120.0), (900.0, 990.0))[draw.case])
    draw.given("logits", logits)
    return {"loss": lesson.cross_entropy(logits, draw.given("targets", torch.tensor([0, 1])))}


@cross_entropy.check(cases=2, tolerance=(1e-5, 1e-3), because=COARSE)
def rows_of_different_size(lesson, draw):
    """Each row stands on its own: one of large logits next to one of very small ones."""
    logits = draw.tensor("logits", 2, 3) + torch.tensor([[990.0], [-990.0]])
    draw.given("logits", logits)
    return {"loss": lesson.cross_entropy(logits, draw.indices("targets", 2, high=3))}


@cross_entropy.check(cases=2, tolerance=(1e-3, 1e-4), because=COARSE)
def gradient_of_cross_entropy(lesson, draw):
    """The loss has a gradient in the logits, even where they are large."""
    logits = draw.tensor("logits", 3, 4)
    logits[0] += (0.0, 990.0)[draw.case]
    logits = draw.given("logits", logits).requires_grad_()
    lesson.cross_entropy(logits, draw.indices("targets", 3, high=4)).backward()
    return {"gradient of the logits": logits.grad}


# expected_initial_loss


expected_initial_loss = exercise("expected_initial_loss")


@expected_initial_loss.check
def loss_of_a_uniform_guess(lesson, draw):
    """A uniform guess costs the natural logarithm of the number of characters."""
    return {"loss": lesson.expected_initial_loss(draw.integer("vocab_size", 28, 400))}


@expected_initial_loss.check(cases=1)
def only_one_character(lesson, draw):
    """With a single character there's nothing to guess."""
    return {"loss": lesson.expected_initial_loss(draw.given("vocab_size", 1))}


# minibatch


def labelled_rows(draw, count):
    """X and Y in which every row, and what belongs to it, can be recognized."""
    numbers = torch.arange(count)
    X = draw.given("X", torch.stack([numbers, numbers + 100, numbers + 200], 1))
    return X, draw.given("Y", numbers + 1000)


minibatch = exercise("minibatch")


@minibatch.check
def shapes_of_a_batch(lesson, draw):
    """A batch has as many rows as were asked for."""
    X, Y = labelled_rows(draw, 12)
    Xb, Yb = lesson.minibatch(X, Y, (1, 8, 12)[draw.case], draw.generator())
    seen = {"shape of X's batch": tuple(Xb.shape), "shape of Y's batch": tuple(Yb.shape)}
    return {**seen, **afterwards(X=X, Y=Y)}


@minibatch.check
def pairs_stay_together(lesson, draw):
    """Every row can be drawn, the last one too, and each comes with its own target."""
    X, Y = labelled_rows(draw, (4, 6, 37)[draw.case])
    batch_size, generator = draw.given("batch_size", (2, 2, 30)[draw.case]), draw.generator()
    seen = set()
    for _ in range((70, 70, 40)[draw.case]):
        Xb, Yb = lesson.minibatch(X, Y, batch_size, generator)
        seen |= {(*x, y) for x, y in zip(Xb.tolist(), Yb.tolist(), strict=True)}
    return {"pairs that were drawn": seen}


@minibatch.check(
    cases=1,
    tolerance=(0.0, 90.0),
    because="steps between random rows, in any order, more than six standard deviations",
)
def rows_drawn_one_by_one(lesson, draw):
    """The rows of a batch are drawn one by one; they aren't neighbors in X."""
    X, Y = labelled_rows(draw, 100)
    batch_size, generator = draw.given("batch_size", 4), draw.generator()
    steps = set()
    for _ in range(60):
        rows = lesson.minibatch(X, Y, batch_size, generator)[1].tolist()
        places = enumerate(zip(rows, rows[1:], strict=False))
        steps |= {(place, there - here) for place, (here, there) in places}
    return {"about how many different steps from row to row in 60 batches": float(len(steps))}


@minibatch.check(cases=1)
def one_row(lesson, draw):
    """From a single row there's only one batch of one."""
    X, Y = draw.indices("X", 1, 37, high=5), draw.indices("Y", 1, high=5)
    Xb, Yb = lesson.minibatch(X, Y, draw.given("batch_size", 1), draw.generator())
    return {"X's batch": Xb, "Y's batch": Yb}


@minibatch.check(cases=1, **shares_by_chance(1000))
def rows_of_a_large_split(lesson, draw):
    """Every row is as likely as the others, in a split of thousands that has equal rows."""
    X, Y = labelled_rows(draw, 3000)
    X[2000:], Y[2000:] = X[-1], Y[-1]
    draw.given("the rows from 2000 on", "all like the last")
    rows = lesson.minibatch(X, Y, draw.given("batch_size", 1000), draw.generator())[1] - 1000
    thirds = [((rows >= start) & (rows < start + 1000)).float().mean() for start in (0, 1000, 2000)]
    return {f"about the share of rows in third {i + 1}": third for i, third in enumerate(thirds)}


@minibatch.check(cases=1)
def rows_from_the_generator(lesson, draw):
    """All random numbers come from the generator that's passed in, and from nowhere else."""
    X, Y = labelled_rows(draw, 1000)
    batch_size = draw.given("batch_size", 32)

    def rows(generator):
        return [part.tolist() for part in lesson.minibatch(X, Y, batch_size, generator)]

    return draws_of(draw, rows)


# sgd_step


def small_model(draw):
    """Three parameters and a loss that involves all of them."""
    weights = draw.tensor("weights", 2, 3).requires_grad_()
    bias = draw.tensor("bias", 3).requires_grad_()
    scale = draw.tensor("scale", 1).requires_grad_()
    x = draw.tensor("x", 4, 2)
    draw.given("loss", "(((x @ weights + bias) * scale) ** 2).mean()")

    def loss():
        return (((x @ weights + bias) * scale) ** 2).mean()

    return {"weights": weights, "bias": bias, "scale": scale}, loss


def after_the_step(named):
    return {f"{name} after the step": parameter.detach() for name, parameter in named.items()}


sgd_step = exercise("sgd_step")


@sgd_step.check
def all_parameters_move(lesson, draw):
    """Every parameter moves against its gradient by the learning rate."""
    named, loss = small_model(draw)
    rate = draw.number("learning_rate", 0.01, 0.5)
    returned = lesson.sgd_step(list(named.values()), loss(), rate)
    seen = {**after_the_step(named), "returned": returned}
    for name, parameter in named.items():
        seen[f"{name} requires gradients afterwards"] = parameter.requires_grad
        seen[f"{name} is a leaf afterwards"] = parameter.is_leaf
    return seen


@sgd_step.check(cases=2)
def gradients_from_before(lesson, draw):
    """Old gradients play no role."""
    named, loss = small_model(draw)
    for name, parameter in named.items():
        parameter.grad = draw.tensor(f"old gradient of {name}", *parameter.shape)
    lesson.sgd_step(list(named.values()), loss(), draw.given("learning_rate", 0.1))
    return after_the_step(named)


@sgd_step.check(cases=1)
def many_parameters(lesson, draw):
    """However many parameters there are, all of them move, and the list isn't changed."""
    parameters = list(draw.tensor("parameters, one number each", 57).unbind())
    for parameter in parameters:
        parameter.requires_grad_()
    draw.given("loss", "the sum of their squares")
    loss = sum(parameter**2 for parameter in parameters)
    lesson.sgd_step(parameters, loss, draw.given("learning_rate", 0.25))
    after = torch.stack([parameter.detach() for parameter in parameters])
    return {"number of parameters": len(parameters), "parameters after the step": after}


@sgd_step.check(cases=2)
def step_after_step(lesson, draw):
    """Each step begins where the one before it ended."""
    named, loss = small_model(draw)
    losses, rate = [], draw.given("learning_rate", 0.05)
    for _ in range(3):
        current = loss()
        losses.append(current.detach())
        lesson.sgd_step(list(named.values()), current, rate)
    recording = {"recording afterwards": torch.is_grad_enabled()}
    return {"losses": losses, **after_the_step(named), **recording}


# overfit

STEPS = {"tolerance": (1e-4, 1e-5), "because": "rounding goes on from step to step"}


def drawn_split(draw, count, block_size=2):
    X = draw.indices("X", count, block_size, high=4)
    return X, draw.indices("Y", count, high=4)


def trainable(draw, block_size=2):
    """Drawn parameters that require gradients."""
    return [parameter.requires_grad_() for parameter in drawn_parameters(draw, block_size)]


def after_training(parameters):
    named = zip(PARAMETERS, parameters, strict=False)
    return {f"{name} afterwards": parameter.detach() for name, parameter in named}


overfit = exercise("overfit")


@overfit.check(**STEPS)
def losses_of_the_same_rows(lesson, draw):
    """Every step is on all the rows, and the losses are those before the steps."""
    parameters = trainable(draw)
    X, Y = drawn_split(draw, draw.size(1, 5))
    rate, steps = draw.number("learning_rate", 0.1, 0.5), draw.size(1, 4, name="steps")
    losses = lesson.overfit(parameters, X, Y, steps, rate)
    return {"losses": losses, **after_training(parameters), **afterwards(X=X, Y=Y)}


@overfit.check(cases=3, **STEPS)
def many_steps_or_rows(lesson, draw):
    """It works for a hundred steps, a thousand rows or a long context."""
    # A long run of a wide network magnifies rounding: right answers differ.
    sizes = [(2, 2, 131, 0.05), (1013, 2, 2, 1.05), (2, 35, 2, 0.05)]
    rows, block_size, steps, rate = sizes[draw.case]
    parameters = trainable(draw, block_size)
    X, Y = drawn_split(draw, rows, block_size)
    losses = lesson.overfit(parameters, X, Y, draw.given("steps", steps), rate)
    return {"losses": losses, **after_training(parameters)}


@overfit.check(cases=1, **STEPS)
def training_goes_on(lesson, draw):
    """A second call goes on from where the first one ended."""
    parameters = trainable(draw)
    X, Y = drawn_split(draw, 4)
    calls = [lesson.overfit(parameters, X, Y, 2, draw.given("learning_rate", 0.3)) for _ in "ab"]
    return {"losses of both calls": calls}


# train_on_batches


train_on_batches = exercise("train_on_batches", points=2)


@train_on_batches.check(**STEPS)
def a_rate_for_each_step(lesson, draw):
    """Each step takes its own rate, and the losses are those before the steps."""
    # A long run of a wide network, or at a large rate, magnifies rounding: right answers differ.
    block_size, steps, most = ((2, 1, 0.4), (3, 5, 0.4), (35, 5, 0.05))[draw.case]
    parameters, (X, Y) = trainable(draw, block_size), alike(draw, 40, block_size)
    rates = draw.numbers("rates", steps, 0.0, most)
    losses = lesson.train_on_batches(parameters, X, Y, rates, 4, draw.generator())
    seen = {"losses": losses, **after_training(parameters)}
    return {**seen, **afterwards(X=X, Y=Y, rates=rates)}


def alike(draw, count, block_size=2):
    """A split whose rows are all the same, so that it does not matter which are drawn."""
    X, Y = drawn_split(draw, 1, block_size)
    return X.repeat(count, 1), Y.repeat(count)


def two_kinds(draw, cheap, dear):
    """A network that ignores its context, and examples that cost it little, then dear ones."""
    parameters = constant_parameters(draw.given("probabilities of the characters", [0.8, 0.2]))
    Y = draw.given("Y", torch.tensor([0] * cheap + [1] * dear))
    return parameters, torch.zeros(cheap + dear, 2, dtype=torch.int64), Y


@train_on_batches.check(cases=1)
def batches_of_one(lesson, draw):
    """Each step has its own minibatch, as large as batch_size says; every row can be in it."""
    parameters, X, Y = two_kinds(draw, 34, 1)
    rates, batch_size = draw.given("rates", [0.0] * 700), draw.given("batch_size", 1)
    losses = lesson.train_on_batches(parameters, X, Y, rates, batch_size, draw.generator())
    second = lesson.train_on_batches(parameters, X, Y, [0.0], batch_size, draw.generator())
    seen = {"number of losses": len(losses), "lowest": min(losses), "highest": max(losses)}
    return {**seen, "number of losses of a second call": len(second)}


@train_on_batches.check(
    cases=1,
    tolerance=(0.0, 0.16),
    because="shares of 400 random rows, the extremes of five, six standard deviations",
)
def batches_of_many(lesson, draw):
    """A large minibatch has rows of the whole split in it, and its loss is their mean."""
    parameters, X, Y = two_kinds(draw, 1400, 600)
    rates, batch_size = draw.given("rates", [0.0] * 5), draw.given("batch_size", 400)
    losses = lesson.train_on_batches(parameters, X, Y, rates, batch_size, draw.generator())
    cheap, dear = -math.log(0.8), -math.log(0.2)
    shares = [(float(loss) - cheap) / (dear - cheap) for loss in losses]
    return {"about the least share of dear rows": min(shares), "about the largest": max(shares)}


@train_on_batches.check(cases=1)
def batches_from_the_generator(lesson, draw):
    """All random numbers come from the generator that's passed in, and from nowhere else."""
    first = [parameter.tolist() for parameter in drawn_parameters(draw, 2)]
    X, Y = drawn_split(draw, 300)

    def losses(generator):
        parameters = [torch.tensor(numbers).requires_grad_() for numbers in first]
        return lesson.train_on_batches(parameters, X, Y, [0.1] * 8, 3, generator)

    return draws_of(draw, losses)


# learning_rates


POWERS = {"tolerance": (1e-4, 1e-12), "because": "powers of ten magnify float32 rounding"}


learning_rates = exercise("learning_rates")


@learning_rates.check(**POWERS)
def powers_of_ten(lesson, draw):
    """The rates run from 10**low to 10**high, both included."""
    low = draw.integer("low", -5, -2)
    high = draw.integer("high", -1, 2)
    rates = lesson.learning_rates(low, high, draw.given("n", (2, 6, 1001)[draw.case]))
    return {"number of rates": len(rates), "rates": torch.as_tensor(rates)}


@learning_rates.check(cases=2, **POWERS)
def constant_ratio(lesson, draw):
    """Each rate is the same number of times larger than the one before it."""
    low, high = draw.number("low", -4.0, -2.5), draw.number("high", -1.0, 0.5)
    n = draw.given("n", (4, 7)[draw.case])
    rates = lesson.learning_rates(low, high, n)
    other = torch.as_tensor(lesson.learning_rates(-1, 1, n))
    rates = torch.as_tensor(rates)
    return {"ratios of neighbors": rates[1:] / rates[:-1], "rates from -1 to 1": other}


# sweep_learning_rates


sweep_learning_rates = exercise("sweep_learning_rates", points=2)


def factory(draw, block_size=2):
    """A function that makes parameters with the same numbers each time."""
    first = [parameter.clone() for parameter in drawn_parameters(draw, block_size)]
    return lambda: [parameter.clone().requires_grad_() for parameter in first]


@sweep_learning_rates.check(**STEPS)
def loss_after_each_training(lesson, draw):
    """Each rate trains a fresh network, and the loss is that on the dev split."""
    make, train = factory(draw), alike(draw, 40)
    dev = draw.indices("X of dev", 5, 2, high=4), draw.indices("Y of dev", 5, high=4)
    rates = draw.numbers("rates", (1, 4, 4)[draw.case], 0.1, 0.9)
    rates = torch.tensor(rates) if draw.case == 1 else rates
    steps = draw.size(2, 4, name="steps")
    losses = lesson.sweep_learning_rates(rates, make, train, dev, steps, 3, seed=1)
    second = lesson.sweep_learning_rates(rates, factory(draw), train, dev, steps, 3, seed=1)
    pairs = {"X": train[0], "Y": train[1], "X of dev": dev[0], "Y of dev": dev[1]}
    both = {"losses": losses, "losses of other first parameters": second}
    return {**both, **afterwards(rates=rates, **pairs)}


@sweep_learning_rates.check(cases=3, **STEPS)
def many_rates_or_rows(lesson, draw):
    """There may be many rates, and all rows of a large dev split count."""
    rows, count = [(3, 131), (1013, 2), (3, 131)][draw.case]
    make, train = factory(draw), alike(draw, 8)
    dev = draw.indices("X of dev", rows, 2, high=4), draw.indices("Y of dev", rows, high=4)
    rates = draw.numbers("rates", count, 0.0, 0.9)
    rates = torch.tensor(rates) if draw.case == 2 else rates
    return {"losses": lesson.sweep_learning_rates(rates, make, train, dev, 2, 3, seed=1)}


@sweep_learning_rates.check(
    cases=1, tolerance=(0.0, 0.1), because="half of 400 random rows, give or take a few"
)
def batches_as_large_as_asked(lesson, draw):
    """The minibatches are as large as batch_size says: large ones are balanced, small ones not."""
    first = [parameter.detach() for parameter in constant_parameters([0.5, 0.5])]
    X, Y = torch.zeros(1000, 2, dtype=torch.int64), torch.arange(1000) % 2
    draw.given("X and Y", "1,000 equal contexts, followed by two characters in turn")
    losses = lesson.sweep_learning_rates(
        draw.given("rates", [2.0]),
        lambda: [parameter.clone().requires_grad_() for parameter in first],
        (X, Y),
        (X[:2], Y[:2]),
        draw.given("steps", 1),
        draw.given("batch_size", 400),
        seed=draw.integer("seed", 1, 1000),
    )
    return {"about the loss": float(losses[0])}


@sweep_learning_rates.check(cases=1)
def only_the_rate_differs(lesson, draw):
    """The same rate gives the same loss again, from the same minibatches; another seed doesn't."""
    make, train = factory(draw), drawn_split(draw, 200)
    rates, steps = draw.given("rates", [0.5, 0.25, 0.5]), draw.given("steps", 9)

    def losses(seed):
        found = lesson.sweep_learning_rates(rates, make, train, train, steps, 2, seed=seed)
        return [float(loss) for loss in found]

    one, again, other = losses(1), losses(1), losses(2)
    return {
        "difference between the two losses of the same rate": one[0] - one[2],
        "difference from a second sweep": [a - b for a, b in zip(one, again, strict=False)],
        "losses that are the same with another seed": len(set(one) & set(other)),
    }


# best_learning_rate


best_learning_rate = exercise("best_learning_rate")


@best_learning_rate.check
def rate_of_the_lowest_loss(lesson, draw):
    """The rate with the lowest loss is returned, whether there's one or 1,001, and below 0 too."""
    count = (1, 6, 1001)[draw.case]
    rates = draw.given("rates", torch.arange(1, count + 1) / 64)
    losses = torch.tensor(draw.shuffled("losses", range(2, count + 2))) / 4 - draw.case
    losses[-1] -= 999.0 * (draw.case == 2)
    draw.given("losses", losses)
    rate = lesson.best_learning_rate(rates, losses)
    return {"rate": rate, **afterwards(rates=rates, losses=losses)}


@best_learning_rate.check(cases=6)
def losses_that_are_not_finite(lesson, draw):
    """A loss of nan, inf or -inf never wins, wherever it is."""
    bad = (math.nan, math.inf, -math.inf)[draw.case % 3]
    losses = draw.shuffled("losses", [bad, 2.5, 2.25, 3.5])
    rates = draw.given("rates", torch.tensor([0.125, 0.25, 0.5, 1.0]))
    if draw.case < 3:
        losses = draw.given("losses", sorted(losses, key=lambda loss: math.isfinite(loss)))
    losses = torch.tensor(losses)
    return {"rate": lesson.best_learning_rate(rates, losses), **afterwards(losses=losses)}


@best_learning_rate.check(cases=2)
def one_finite_loss(lesson, draw):
    """If only one loss is finite, its rate is the best, however large the loss."""
    losses = draw.shuffled("losses", [math.nan, math.inf, -math.inf, 1e30])
    rates = draw.given("rates", torch.tensor([0.125, 0.25, 0.5, 1.0]))
    return {"rate": lesson.best_learning_rate(rates, torch.tensor(losses))}


# decayed_rate


decayed_rate = exercise("decayed_rate")


@decayed_rate.check
def both_halves(lesson, draw):
    """The first half of the steps has the full rate; the second half, to the last step, a tenth."""
    steps = draw.given("steps", (1, 6, 9)[draw.case])
    rate = draw.number("learning_rate", 0.1, 2.0)
    return {"rates": [lesson.decayed_rate(step, steps, rate) for step in range(steps)]}


@decayed_rate.check(cases=2)
def long_training(lesson, draw):
    """The decay comes at half of the steps, however many there are."""
    steps = draw.choice("steps", [1000, 20_000, 200_000, 400_000])
    places = [0, steps // 2 - 1, steps // 2, steps - 1]
    return {f"rate at step {step}": lesson.decayed_rate(step, steps) for step in places}


# evaluate


evaluate = exercise("evaluate")


@evaluate.check
def loss_over_the_whole_split(lesson, draw):
    """The result is the mean loss over all rows, even if there are more than a batch holds."""
    block_size = (1, 2, 35)[draw.case]
    parameters = [parameter.requires_grad_() for parameter in drawn_parameters(draw, block_size)]
    X, Y = drawn_split(draw, (1, 90, 1001)[draw.case], block_size)
    return {"loss": lesson.evaluate(parameters, X, Y), **afterwards(X=X, Y=Y)}


@evaluate.check(cases=1)
def no_graph(lesson, draw):
    """No graph is recorded during the evaluation, and recording is on again afterwards."""
    parameters = [parameter.requires_grad_() for parameter in drawn_parameters(draw, 2)]
    kept = []

    def keep(tensor):
        kept.append(None)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = lesson.evaluate(parameters, *drawn_split(draw, 5))
    return {
        "loss": loss,
        "tensors kept for a backward pass": len(kept),
        "recording afterwards": torch.is_grad_enabled(),
    }


@evaluate.check(cases=1)
def recording_left_as_it_was(lesson, draw):
    """Where recording was off before, it's off afterwards."""
    parameters = [parameter.requires_grad_() for parameter in drawn_parameters(draw, 2)]
    with torch.no_grad():
        loss = lesson.evaluate(parameters, *drawn_split(draw, 3))
        recording = torch.is_grad_enabled()
    return {"loss": loss, "recording afterwards, inside torch.no_grad": recording}


@evaluate.check(cases=2)
def parameters_untouched(lesson, draw):
    """The parameters, their gradients and their flags are as they were before."""
    named = dict(zip(PARAMETERS, drawn_parameters(draw, 2), strict=True))
    for parameter in named.values():
        parameter.requires_grad_()
        parameter.grad = torch.ones_like(parameter)
    parameters = list(named.values())
    loss = lesson.evaluate(parameters, *drawn_split(draw, 5))
    seen = {"loss": loss, "number of parameters afterwards": len(parameters)}
    for name, parameter in named.items():
        seen[f"{name} afterwards"] = parameter.detach()
        seen[f"gradient of {name} afterwards"] = parameter.grad
        seen[f"requires_grad of {name} afterwards"] = parameter.requires_grad
    return seen


# sample_name


sample_name = exercise("sample_name", points=2)


@sample_name.check
def no_choice_by_the_last_character(lesson, draw):
    """Where the last character decides what follows, the name spells that path."""
    size = draw.size(2, 5)
    path = draw.shuffled("what follows the last character", range(1, size + 1))
    successors = [0] * (size + 1)
    for here, there in zip([0, *path], [*path, 0], strict=True):
        successors[here] = there
    itos = dict(enumerate(".abcdef"[: size + 1]))
    follows = {itos[here]: itos[there] for here, there in enumerate(successors)}
    draw.given("what follows the last character", follows)
    draw.given("itos", itos)
    block_size = draw.size(1, 3, name="block_size")
    parameters = spelling_parameters(successors, block_size, position=block_size - 1)
    names = [lesson.sample_name(parameters, itos, block_size, draw.generator()) for _ in range(3)]
    return {"three names": names}


@sample_name.check(cases=1)
def names_of_any_length(lesson, draw):
    """A name ends where the dot is drawn and not before, however long it is."""
    parameters = spelling_parameters([*range(1, 105), 0], 1, position=0)
    draw.given("what follows", "each of 104 letters is followed by the next, the last by the dot")
    itos = dict(enumerate("." + "".join(chr(256 + number) for number in range(104))))
    return {"name": lesson.sample_name(parameters, itos, 1, draw.generator())}


@sample_name.check(cases=2)
def no_choice_by_the_oldest_character(lesson, draw):
    """Where the oldest character decides, it's the one from block_size steps ago."""
    draw.given("what follows the oldest character", {".": "a", "a": "b", "b": "."})
    itos = draw.given("itos", {0: ".", 1: "a", 2: "b"})
    block_size = draw.given("block_size", 2 + draw.case)
    parameters = spelling_parameters([1, 2, 0], block_size, position=0)
    name = lesson.sample_name(parameters, itos, block_size, draw.generator())
    left = [parameter.detach() for parameter in parameters]
    return {"name": name, **afterwards(parameters=left, itos=itos)}


@sample_name.check(cases=2)
def logits_of_any_size(lesson, draw):
    """Only the differences of logits count, however large or small they are."""
    *others, bias = spelling_parameters([1, 2, 0], 1, position=0)
    shift = draw.given("added to each logit", [1000.0, -1000.0][draw.case])
    itos = draw.given("itos", {0: ".", 1: draw.choice("letter", "abc"), 2: "d"})
    return {"name": lesson.sample_name([*others, bias + shift], itos, 1, draw.generator())}


def one_letter_at_most(shares):
    """A network that gives these probabilities after a dot, and only a dot after a letter."""
    size = len(shares)
    C, W2 = torch.ones(size, 1), torch.zeros(1, size)
    C[0], W2[0, 0] = 0.0, 120.0
    parameters = [C, 3 * torch.ones(1, 1), torch.zeros(1), W2, torch.tensor(shares).log()]
    return [parameter.requires_grad_() for parameter in parameters]


# A temperature, or noise of the wrong sign, moves the share of one likely character among a
# hundred rare ones by a quarter at least.
@sample_name.check(cases=1, **shares_by_chance(500))
def shares_of_names(lesson, draw):
    """Characters come as often as the softmax of the logits says."""
    draw.given("probabilities", "0.65 for no letter, 0.0035 for each of 100 letters; then the dot")
    parameters = one_letter_at_most([0.65, *[0.35 / 100] * 100])
    generator, itos = draw.generator(), dict(enumerate("." + "".join(map(chr, range(256, 356)))))
    names = [lesson.sample_name(parameters, itos, 1, generator) for _ in range(500)]
    return {"about the share of empty names": names.count("") / len(names)}


@sample_name.check(cases=1)
def names_from_the_generator(lesson, draw):
    """All random numbers come from the generator that's passed in, and from nowhere else."""
    draw.given("probabilities", "0.2 for the dot, and all 26 letters are alike")
    parameters = constant_parameters([0.2, *[0.8 / 26] * 26])
    itos, block_size = dict(enumerate("." + ascii_lowercase)), draw.given("block_size", 2)

    def five_names(generator):
        return [lesson.sample_name(parameters, itos, block_size, generator) for _ in range(5)]

    return draws_of(draw, five_names)
