"""Checks and known mistakes of part 2: the multilayer perceptron.

A size is drawn under the name of the input that it is a size of, which then takes its place in the
report.
"""

import math
import random

import torch

from autograder.checks import check, forbid, mistake, points

PARAMETERS = ("C", "W1", "b1", "W2", "b2")


def numbered(letters):
    """The dot and these letters, numbered in this order."""
    return {character: index for index, character in enumerate("." + "".join(letters))}


def drawn_parameters(draw, block_size, vocab_size=4, n_embd=2, n_hidden=3):
    """Parameters [C, W1, b1, W2, b2] of a small network, all sizes different."""
    return [
        draw.tensor("C", vocab_size, n_embd),
        draw.tensor("W1", block_size * n_embd, n_hidden),
        draw.tensor("b1", n_hidden),
        draw.tensor("W2", n_hidden, vocab_size),
        draw.tensor("b2", vocab_size),
    ]


def spelling_parameters(draw, successors, block_size, position):
    """A network without a choice: context[position] = i is followed by successors[i]."""
    size = len(successors)
    W1 = torch.zeros(block_size * size, size)
    W1[position * size : (position + 1) * size] = 3 * torch.eye(size)
    W2 = torch.zeros(size, size)
    W2[torch.arange(size), torch.tensor(successors)] = 80.0
    parameters = [torch.eye(size), W1, torch.zeros(size), W2, torch.zeros(size)]
    for name, parameter in zip(PARAMETERS, parameters, strict=True):
        draw.given(name, parameter)
    return [parameter.requires_grad_() for parameter in parameters]


def constant_parameters(shares):
    """A network that ignores its context: the next character always has these probabilities."""
    size = len(shares)
    sizes = [(size, 2), (4, 3), (3,), (3, size)]
    zeros = [torch.zeros(shape) for shape in sizes]
    return [parameter.requires_grad_() for parameter in [*zeros, torch.tensor(shares).log()]]


# contexts


@check("contexts")
def windows_over_a_word(lesson, draw):
    """Each character of a word, and the dot that ends it, comes with the characters before it."""
    word = draw.text("word", draw.size("word", 2, 7), alphabet="abcde")
    return {"contexts": lesson.contexts(word, draw.size("block_size", 2, 4))}


@check("contexts")
def block_size_one(lesson, draw):
    """With a block size of 1 the contexts are those of the bigrams."""
    word = draw.text("word", draw.size("word", 1, 5), alphabet="abc")
    return {"contexts": lesson.contexts(word, draw.given("block_size", 1))}


@check("contexts", cases=2)
def block_longer_than_the_word(lesson, draw):
    """A block that is longer than the word is filled up with dots on the left."""
    word = draw.text("word", 2, alphabet="abc")
    return {"contexts": lesson.contexts(word, draw.integer("block_size", 5, 8))}


mistake(
    "contexts",
    replace="range(len(word) + 1)",
    by="range(len(word))",
    says="the last pair is missing: the dot that ends the word must be predicted too",
)
mistake(
    "contexts",
    replace="range(len(word) + 1)",
    by="range(1, len(word) + 1)",
    says="the first pair is missing: the first letter must be predicted too, from dots alone",
)
mistake(
    "contexts",
    replace='"." * block_size + word + "."',
    by='"..." + word + "."',
    says="three dots are put before the word, whatever the block size is",
)
mistake(
    "contexts",
    body="""
    chain = "." * block_size + word + "."
    return [
        (chain[start + 1 : start + 1 + block_size], chain[start + block_size])
        for start in range(len(word) + 1)
    ]
    """,
    says="the context already contains the character that is to be predicted",
)
mistake(
    "contexts",
    replace="(chain[start : start + block_size],",
    by="(chain[start : start + block_size][::-1],",
    says="the context runs backwards: the oldest character comes first",
)
mistake(
    "contexts",
    body="""
    chain = word + "."
    return [
        (chain[max(0, end - block_size) : end], chain[end]) for end in range(len(chain))
    ]
    """,
    says="the first contexts are too short; dots fill them up to the block size",
)
mistake(
    "contexts",
    body="""
    chain = word + "."
    return [
        (chain[max(0, end - block_size) : end].ljust(block_size, "."), chain[end])
        for end in range(len(chain))
    ]
    """,
    says="the dots are on the right of the context; they stand for what is before the word",
)
mistake(
    "contexts",
    body="""
    chain = "." * block_size + word + "." * block_size
    return [
        (chain[start : start + block_size], chain[start + block_size])
        for start in range(len(chain) - block_size)
    ]
    """,
    says="one dot ends the word; after it there is nothing left to predict",
)


# build_dataset

points("build_dataset", 2)


@check("build_dataset")
def contexts_of_all_words(lesson, draw):
    """X holds the contexts of all words and Y what comes next, as indices."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "abc")))
    words = draw.words("words", draw.size("words", 1, 4), alphabet="abc")
    X, Y = lesson.build_dataset(words, stoi)
    return {"number of examples": len(X), "X": X, "Y": Y}


@check("build_dataset")
def other_block_sizes(lesson, draw):
    """The rows of X are as long as the block size says."""
    stoi = draw.given("stoi", numbered("abc"))
    words = draw.words("words", 2, alphabet="abc")
    X, Y = lesson.build_dataset(words, stoi, block_size=draw.choice("block_size", [1, 2, 5]))
    return {"X": X, "Y": Y}


@check("build_dataset", cases=1)
def whole_numbers_of_64_bits(lesson, draw):
    """Both tensors are int64, the type that indexes other tensors."""
    stoi = draw.given("stoi", numbered("ab"))
    X, Y = lesson.build_dataset(draw.given("words", ["ab"]), stoi)
    return {"X": X, "Y": Y, "dtype of X": str(X.dtype), "dtype of Y": str(Y.dtype)}


mistake(
    "build_dataset",
    replace="return torch.tensor(X), torch.tensor(Y)",
    by="return torch.tensor(X, dtype=torch.int32), torch.tensor(Y, dtype=torch.int32)",
    says="the tensors are int32; they must be int64",
)


@check("build_dataset", cases=2)
def a_new_word_begins_from_dots(lesson, draw):
    """The first context of each word is all dots, whatever the word before it was."""
    stoi = draw.given("stoi", numbered("ab"))
    words = draw.words("words", 3, alphabet="ab", shortest=2)
    X, _ = lesson.build_dataset(words, stoi, block_size=draw.given("block_size", 2))
    starts = [sum(len(word) + 1 for word in words[:number]) for number in range(len(words))]
    return {"first contexts of the words": [X[start] for start in starts]}


mistake(
    "build_dataset",
    body="""
    X, Y = [], []
    context = [0] * block_size
    for word in words:
        for character in word + ".":
            X.append(context)
            Y.append(stoi[character])
            context = context[1:] + [stoi[character]]
    return torch.tensor(X), torch.tensor(Y)
    """,
    says="the context runs on from one word into the next; every word starts from dots again",
)
mistake(
    "build_dataset",
    body="""
    X, Y = [], []
    for word in words:
        context = [0] * block_size
        for character in word + ".":
            X.append(context)
            Y.append(stoi[character])
            context.pop(0)
            context.append(stoi[character])
    return torch.tensor(X), torch.tensor(Y)
    """,
    says="all contexts of a word are one and the same list, which was changed after it was noted "
    "down; make a new list for each",
)
mistake(
    "build_dataset",
    replace="return torch.tensor(X), torch.tensor(Y)",
    by="return torch.Tensor(X), torch.Tensor(Y)",
    says="torch.Tensor with a capital T makes floats; indices must be int64",
)
mistake(
    "build_dataset",
    replace="return torch.tensor(X), torch.tensor(Y)",
    by="return torch.tensor(X), torch.tensor(Y).unsqueeze(1)",
    says="Y must be one-dimensional, a single index for each example",
)
mistake(
    "build_dataset",
    replace="contexts(word, block_size)",
    by="contexts(word, 3)",
    says="the block size is always 3; use the argument",
)
mistake(
    "build_dataset",
    replace="contexts(word, block_size)",
    by="contexts(word, block_size)[:-1]",
    says="the example that ends each word is missing",
)
mistake(
    "build_dataset",
    replace="for character in context]",
    by="for character in reversed(context)]",
    says="the context runs backwards: the oldest character comes first",
)
mistake(
    "build_dataset",
    replace="Y.append(stoi[following])",
    by="Y.append(stoi[context[-1]])",
    says="Y repeats the last character of the context; it must hold the one after it",
)
mistake(
    "build_dataset",
    replace="return torch.tensor(X), torch.tensor(Y)",
    by="return torch.tensor(X[: len(words)]), torch.tensor(Y[: len(words)])",
    says="there are too few examples; a word of n characters gives n + 1",
)
mistake(
    "build_dataset",
    replace="return torch.tensor(X), torch.tensor(Y)",
    by="return torch.tensor(sorted(X)), torch.tensor(Y)",
    says="X and Y are no longer in step: what is done to the order of one must be done to both",
)


# split_words


def some_words(draw, count):
    """Distinct words whose order can be read from them."""
    draw.given("words", f'[f"{{i:04d}}" for i in range({count})]')
    return [f"{number:04d}" for number in range(count)]


@check("split_words")
def nothing_shared_nothing_missing(lesson, draw):
    """Each word is in exactly one of the three lists, and the argument stays as it was."""
    words = some_words(draw, draw.size("words", 10, 40))
    parts = lesson.split_words(words)
    return {
        "all words of the three lists, sorted": sorted(word for part in parts for word in part),
        "words afterwards": words,
    }


@check("split_words", cases=2)
def words_that_come_twice(lesson, draw):
    """A word that is in the list twice is in the three lists twice."""
    words = draw.given("words", [f"{number // 2}" for number in range(12 + 8 * draw.case)])
    parts = lesson.split_words(words)
    return {"all words of the three lists, sorted": sorted(word for part in parts for word in part)}


mistake(
    "split_words",
    replace="shuffled = list(words)",
    by="shuffled = list(dict.fromkeys(words))",
    says="a word that is there twice is kept once; every entry of the list must survive",
)


@check("split_words", tolerance=(0.0, 1.01), because="a size may be rounded up or down by one word")
def sizes_of_the_parts(lesson, draw):
    """The three lists have the shares that the fractions say."""
    words = some_words(draw, draw.size("words", 40, 100))
    fractions = draw.choice("fractions", [(0.8, 0.1, 0.1), (0.5, 0.3, 0.2), (0.2, 0.2, 0.6)])
    parts = lesson.split_words(words, fractions)
    return {"sizes": torch.tensor([float(len(part)) for part in parts])}


@check(
    "split_words",
    cases=1,
    tolerance=(0.0, 0.13),
    because="means of 200 of 400 random places, six standard deviations",
)
def shuffled_before_the_cut(lesson, draw):
    """The words are shuffled before they are cut, so that each list is like the others."""
    words, fractions = some_words(draw, 400), draw.given("fractions", (0.5, 0.25, 0.25))
    parts = lesson.split_words(words, fractions, seed=draw.integer("seed", 1, 1000))
    places = [[int(word) / 400 for word in part] for part in parts]
    return {
        "about the mean place of a training word": sum(places[0]) / len(places[0]),
        "about the share of neighbours that are still neighbours": share_of_neighbours(parts[0]),
    }


def share_of_neighbours(part):
    places = [int(word) for word in part]
    steps = [abs(there - here) for here, there in zip(places, places[1:], strict=False)]
    return steps.count(1) / len(steps)


@check(
    "split_words",
    cases=1,
    tolerance=(0.0, 60.0),
    because="words that change sides between two random splits, six standard deviations",
)
def seed_decides(lesson, draw):
    """The same seed gives the same split, another seed another one."""
    words, fractions = some_words(draw, 400), draw.given("fractions", (0.5, 0.25, 0.25))
    seed = draw.integer("seed", 1, 1000)

    def training_words(seed):
        return set(lesson.split_words(words, fractions, seed)[0])

    first, again, other = training_words(seed), training_words(seed), training_words(seed + 1)
    return {
        "words that moved with the same seed": sorted(first ^ again),
        "about how many words moved with another seed": float(len(first ^ other)),
    }


mistake(
    "split_words",
    replace="shuffled = list(words)",
    by="shuffled = words",
    says="the caller's list is shuffled too: `shuffled = words` is no copy",
)
mistake(
    "split_words",
    replace="random.Random(seed).shuffle(shuffled)\n",
    by="random.Random(seed).sample(shuffled, len(shuffled))\n",
    says="the words are not shuffled before they are cut, or the shuffled copy is not the one that "
    "is cut",
)
mistake(
    "split_words",
    replace="random.Random(seed).shuffle(shuffled)",
    by="random.shuffle(shuffled)",
    says="the seed is not used, so that every call gives another split",
)
mistake(
    "split_words",
    replace="random.Random(seed)",
    by="random.Random(42)",
    says="the seed is always 42; use the argument",
)
mistake(
    "split_words",
    replace="shuffled[first:second], shuffled[second:]",
    by="shuffled[first:second], shuffled[first:]",
    says="the dev words are among the test words too; the third list begins where the second ends",
)
mistake(
    "split_words",
    replace="shuffled[first:second], shuffled[second:]",
    by="shuffled[first + 1 : second], shuffled[second + 1 :]",
    says="the word at each cut is lost; a slice begins exactly where the one before it ended",
)
mistake(
    "split_words",
    replace="second = int((fractions[0] + fractions[1]) * len(words))",
    by="second = int(fractions[1] * len(words))",
    says="the second cut is at the wrong place; it comes after the first two shares together",
)
mistake(
    "split_words",
    body="""
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    first, second = int(0.8 * len(words)), int(0.9 * len(words))
    return shuffled[:first], shuffled[first:second], shuffled[second:]
    """,
    says="the fractions are always 0.8, 0.1 and 0.1; use the argument",
)
mistake(
    "split_words",
    body="""
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    sizes = [int(fraction * len(words)) for fraction in fractions]
    return [shuffled[:size] for size in sizes]
    """,
    says="all three lists begin at the first word, so that they share words",
)
mistake(
    "split_words",
    body="""
    generator = random.Random(seed)
    return [generator.sample(words, int(fraction * len(words))) for fraction in fractions]
    """,
    says="each list is drawn by itself, so that a word may be in two of them or in none",
)


# embed


@check("embed")
def side_by_side(lesson, draw):
    """The embeddings of a context stand side by side, in the order of its characters."""
    C = draw.tensor("C", 4, draw.size("C", 2, 3))
    X = draw.indices("X", draw.size("X", 1, 4), draw.size("X", 2, 4), high=4)
    return {"embedded": lesson.embed(C, X)}


@check("embed", cases=2)
def order_of_the_context(lesson, draw):
    """The same characters in another order give another row."""
    C = draw.tensor("C", 3, 2)
    X = draw.given("X", torch.tensor([[1, 2], [2, 1]]))
    return {"embedded": lesson.embed(C, X)}


@check("embed", cases=2)
def gradient_of_the_embedding(lesson, draw):
    """Gradients flow back into C; a character that occurs twice collects both."""
    C = draw.tensor("C", 3, 2).requires_grad_()
    X = draw.given("X", torch.tensor([[0, 2, 2], [2, 1, 0]]))
    arriving = draw.tensor("gradient of the result", 2, 6)
    (lesson.embed(C, X) * arriving).sum().backward()
    return {"gradient of C": C.grad}


mistake(
    "embed",
    replace="C[X].flatten(1)",
    by="C[X].sum(1)",
    says="the embeddings of a context are added up, so that `ab` and `ba` look the same; lay them "
    "side by side",
)
mistake(
    "embed",
    replace="C[X].flatten(1)",
    by="C[X].mean(1)",
    says="the embeddings of a context are averaged, which loses their order; lay them side by side",
)
mistake(
    "embed",
    replace="C[X].flatten(1)",
    by="C[X]",
    says="the result has three dimensions; join the last two",
)
mistake(
    "embed",
    replace="C[X].flatten(1)",
    by="C[X].transpose(0, 1).reshape(len(X), -1)",
    says="the examples are mixed: after this transposition a row holds characters of several "
    "contexts",
)
mistake(
    "embed",
    replace="C[X].flatten(1)",
    by="C[X].transpose(1, 2).flatten(1)",
    says="the numbers of the embeddings are interleaved; each embedding stays together",
)
mistake(
    "embed",
    replace="C[X].flatten(1)",
    by="C[X].view(-1, 6)",
    says="the width is always 6; it is block_size times E",
)
mistake(
    "embed",
    replace="C[X].flatten(1)",
    by="torch.cat([C[X[:, i]] for i in range(X.shape[1])], 0)",
    says="the embeddings are stacked below each other; concatenate them along dimension 1",
)
mistake(
    "embed",
    replace="C[X].flatten(1)",
    by="C[X.flip(1)].flatten(1)",
    says="the order of the context is reversed",
)
mistake(
    "embed",
    replace="C[X].flatten(1)",
    by="C.data[X].flatten(1)",
    says="no gradient flows back into C: C.data and detach cut it off",
)


# init_parameters


@check("init_parameters")
def shapes_and_leaves(lesson, draw):
    """The five parameters have their shapes, and each is a leaf that requires gradients."""
    sizes = [draw.integer("vocab_size", 5, 40), draw.size("block_size", 1, 3)]
    sizes += [draw.size("n_embd", 2, 4), draw.integer("n_hidden", 41, 80)]
    parameters = lesson.init_parameters(*sizes, draw.generator())
    named = dict(zip(PARAMETERS, parameters, strict=False))
    seen = {"number of parameters": len(parameters)}
    seen |= {f"shape of {name}": tuple(made.shape) for name, made in named.items()}
    seen |= {f"dtype of {name}": str(made.dtype) for name, made in named.items()}
    seen |= {f"{name} requires gradients": made.requires_grad for name, made in named.items()}
    return seen | {f"{name} is a leaf": made.is_leaf for name, made in named.items()}


@check(
    "init_parameters",
    cases=2,
    tolerance=(0.0, 0.42),
    because="means and spreads of at least 400 random numbers, six standard deviations",
)
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


@check("init_parameters", cases=1)
def first_weights_from_the_generator(lesson, draw):
    """All random numbers come from the generator, and torch's own stream is left where it was."""
    torch.manual_seed(7)
    sizes = draw.given("vocab_size, block_size, n_embd, n_hidden", [5, 2, 3, 4])
    generator = draw.generator()
    parameters = lesson.init_parameters(*sizes, generator)
    again = lesson.init_parameters(*sizes, generator)
    seen = {"number of parameters": len(parameters), "torch's next random number": torch.rand(1)}
    for name, made, other in zip(PARAMETERS, parameters, again, strict=False):
        seen[f"entries of {name} that differ in a second call"] = (made - other).count_nonzero()
    return seen


@check("init_parameters", cases=1)
def last_layer_of_zeros(lesson, draw):
    """With an output_scale of 0 the last layer is 0 and the others are not."""
    sizes = draw.given("vocab_size, block_size, n_embd, n_hidden", [5, 2, 3, 4])
    made = lesson.init_parameters(*sizes, draw.generator(), draw.given("output_scale", 0.0))
    named = zip(PARAMETERS, made, strict=False)
    return {f"non-zero entries of {name}": made.count_nonzero() for name, made in named}


mistake(
    "init_parameters",
    replace="for parameter in parameters:\n    parameter.requires_grad = True\n",
    by="",
    says="the parameters do not require gradients, so that they cannot be trained",
)
mistake(
    "init_parameters",
    replace="return parameters",
    by="return [parameter * 1.0 for parameter in parameters]",
    says="these are results of a computation and no leaves, so their grad stays None; scale first, "
    "then set requires_grad",
)
mistake(
    "init_parameters",
    replace="torch.randn",
    by="torch.rand",
    says="rand is uniform between 0 and 1; standard normal numbers come from randn",
)
mistake(
    "init_parameters",
    replace=", generator=generator",
    by="",
    says="the generator is not used, so that each run starts from other weights",
)
mistake(
    "init_parameters",
    replace="C = torch.randn(",
    by="generator = torch.Generator().manual_seed(2147483647)\nC = torch.randn(",
    says="a generator is made and seeded here, so that every network starts from the same numbers; "
    "draw from the one that is passed in",
)
mistake(
    "init_parameters",
    replace=", generator=generator) * output_scale",
    by=", generator=generator, requires_grad=True) * output_scale",
    says="W2 and b2 were multiplied after they required gradients, so that they are results of a "
    "computation and no leaves; scale first, then set requires_grad",
)
mistake(
    "init_parameters",
    body="""
    C = torch.randn((vocab_size, n_embd), generator=generator)
    W1 = torch.randn((block_size * n_embd, n_hidden), generator=generator)
    W2 = torch.randn((n_hidden, vocab_size), generator=generator) * output_scale
    parameters = [C, W1, torch.zeros(n_hidden), W2, torch.zeros(vocab_size)]
    for parameter in parameters:
        parameter.requires_grad = True
    return parameters
    """,
    says="both biases are all zeros; here the biases are standard normal too",
)
mistake(
    "init_parameters",
    replace="torch.randn(n_hidden, generator=generator)",
    by="torch.zeros(n_hidden)",
    says="b1 is all zeros; here the biases are standard normal too",
)
mistake(
    "init_parameters",
    replace="torch.randn(n_hidden, generator=generator)",
    by="torch.randn((1, n_hidden), generator=generator)",
    says="a bias has one dimension, of the length of its layer",
)
mistake(
    "init_parameters",
    replace="block_size * n_embd, n_hidden",
    by="n_embd, n_hidden",
    says="W1 receives the embeddings of the whole context: block_size * n_embd numbers",
)
mistake(
    "init_parameters",
    replace="(block_size * n_embd, n_hidden)",
    by="(n_hidden, block_size * n_embd)",
    says="W1 is transposed: its rows belong to the inputs and its columns to the neurons",
)
mistake(
    "init_parameters",
    replace=" * output_scale",
    by="",
    says="output_scale has no effect; W2 and b2 are multiplied by it",
)
mistake(
    "init_parameters",
    replace="b2 = torch.randn(vocab_size, generator=generator) * output_scale",
    by="b2 = torch.randn(vocab_size, generator=generator)",
    says="b2 is not multiplied by output_scale; it shifts the first logits as much as W2 does",
)
mistake(
    "init_parameters",
    replace="for parameter in parameters:\n",
    by="for parameter in parameters:\n    parameter *= output_scale\n",
    says="output_scale is applied to all parameters; only the last layer is meant",
)
mistake(
    "init_parameters",
    replace="[C, W1, b1, W2, b2]",
    by="[C, W1, W2, b1, b2]",
    says="the order is C, W1, b1, W2, b2: a weight, then its bias",
)
mistake(
    "init_parameters",
    replace="(n_hidden, vocab_size)",
    by="(n_hidden, 27)",
    says="the vocabulary has always 27 characters here; use vocab_size",
)


# forward

points("forward", 2)


@check("forward")
def logits_of_contexts(lesson, draw):
    """The logits are tanh of the embedded context times W1 plus b1, times W2 plus b2."""
    block_size = draw.size("X", 1, 3)
    parameters = drawn_parameters(draw, block_size)
    X = draw.indices("X", draw.size("X", 1, 4), block_size, high=4)
    return {"logits": lesson.forward(parameters, X)}


@check("forward", cases=2)
def large_hidden_values(lesson, draw):
    """The hidden layer stays between -1 and 1 however large what goes in is."""
    parameters = drawn_parameters(draw, 2)
    parameters[0] *= 5
    draw.given("C", parameters[0])
    return {"logits": lesson.forward(parameters, draw.indices("X", 3, 2, high=4))}


@check("forward", cases=2)
def gradients_of_all_parameters(lesson, draw):
    """Every parameter gets its gradient."""
    parameters = [parameter.requires_grad_() for parameter in drawn_parameters(draw, 2)]
    X = draw.indices("X", 3, 2, high=4)
    arriving = draw.tensor("gradient of the logits", 3, 4)
    (lesson.forward(parameters, X) * arriving).sum().backward()
    pairs = zip(PARAMETERS, parameters, strict=True)
    return {f"gradient of {name}": parameter.grad for name, parameter in pairs}


mistake(
    "forward",
    replace="torch.tanh(embed(C, X) @ W1 + b1)",
    by="(embed(C, X) @ W1 + b1)",
    says="the tanh is missing, and without it the two layers are no more than one linear layer",
)
mistake(
    "forward",
    replace="torch.tanh(",
    by="torch.relu(",
    says="the hidden layer uses relu; it is to be tanh",
)
mistake(
    "forward",
    replace="torch.tanh(",
    by="torch.sigmoid(",
    says="the hidden layer uses the sigmoid; it is to be tanh",
)
mistake(
    "forward",
    replace="torch.tanh(embed(C, X) @ W1 + b1)",
    by="torch.tanh(embed(C, X) @ W1)",
    says="b1 is left out",
)
mistake(
    "forward",
    replace="torch.tanh(embed(C, X) @ W1 + b1)",
    by="torch.tanh(embed(C, X) @ W1) + b1",
    says="b1 is added after the tanh; it belongs inside",
)
mistake(
    "forward",
    replace="return hidden @ W2 + b2",
    by="return hidden @ W2",
    says="b2 is left out",
)
mistake(
    "forward",
    replace="return hidden @ W2 + b2",
    by="return torch.tanh(hidden @ W2 + b2)",
    says="the logits go through a tanh too; they must be free to take any value",
)
mistake(
    "forward",
    replace="return hidden @ W2 + b2",
    by="return torch.softmax(hidden @ W2 + b2, 1)",
    says="these are probabilities; the logits are asked for, and the loss does the softmax",
)
mistake(
    "forward",
    replace="embed(C, X)",
    by="C[X]",
    says="the embeddings of a context are not joined into one row",
)
mistake(
    "forward",
    replace="C, W1, b1, W2, b2 = parameters",
    by="C, W1, b1, W2, b2 = [p.detach() for p in parameters]",
    says="the parameters are cut off from the graph, so none of them gets a gradient",
)
mistake(
    "forward",
    replace="embed(C, X) @ W1",
    by="embed(C.detach(), X) @ W1",
    says="the embedding gets no gradient; it is learned like the other parameters",
)


# cross_entropy

points("cross_entropy", 2)
COARSE = "float32 numbers near 1,000 are 0.00006 apart"
forbid(
    "cross_entropy",
    "softmax",
    "cross_entropy",
    says="the loss is to be built here from max, exp, sum and log",
)


@check("cross_entropy")
def mean_over_examples(lesson, draw):
    """The loss is the mean over the examples of minus the log of the target's probability."""
    logits = draw.tensor("logits", draw.size("logits", 1, 5), draw.size("logits", 2, 6))
    targets = draw.indices("targets", len(logits), high=logits.shape[1])
    return {"loss": lesson.cross_entropy(logits, targets), "logits afterwards": logits}


@check("cross_entropy", tolerance=(1e-5, 1e-3), because=COARSE)
def large_logits(lesson, draw):
    """The loss is right and finite for logits of 1,000 and more."""
    logits = draw.tensor("logits", 3, 3)
    logits[0, 0] = draw.number("logits", 990.0, 1010.0)
    logits[1] += 1000
    draw.given("logits", logits)
    targets = draw.given("targets", torch.tensor([0, 1, draw.case]))
    return {"loss": lesson.cross_entropy(logits, targets)}


@check("cross_entropy", cases=2, tolerance=(1e-5, 1e-3), because=COARSE)
def very_small_probabilities(lesson, draw):
    """A target of hardly any probability costs much, but a finite amount."""
    logits = draw.tensor("logits", 2, 3)
    logits[:, 0] -= draw.number("logits", 900.0, 1100.0)
    draw.given("logits", logits)
    return {"loss": lesson.cross_entropy(logits, draw.given("targets", torch.tensor([0, 1])))}


@check("cross_entropy", cases=2, tolerance=(1e-5, 1e-3), because=COARSE)
def rows_of_different_size(lesson, draw):
    """Each row counts by itself: one of large logits next to one of very small ones."""
    logits = draw.tensor("logits", 2, 3) + torch.tensor([[1000.0], [-1000.0]])
    draw.given("logits", logits)
    return {"loss": lesson.cross_entropy(logits, draw.indices("targets", 2, high=3))}


@check("cross_entropy", cases=2, tolerance=(1e-3, 1e-4), because=COARSE)
def gradient_of_cross_entropy(lesson, draw):
    """The loss has a gradient in the logits, also where they are large."""
    logits = draw.tensor("logits", 3, 4)
    logits[0] += (0.0, 1000.0)[draw.case]
    logits = draw.given("logits", logits).requires_grad_()
    lesson.cross_entropy(logits, draw.indices("targets", 3, high=4)).backward()
    return {"gradient of the logits": logits.grad}


mistake(
    "cross_entropy",
    replace="shifted = logits - logits.max(1, keepdim=True).values",
    by="shifted = logits",
    says="the exponential of 1,000 is infinite; subtract each row's largest logit first",
)
mistake(
    "cross_entropy",
    replace="logits.max(1, keepdim=True).values",
    by="logits.max()",
    says="the largest logit of the whole tensor is subtracted, and rows that lie far below it "
    "vanish; subtract each row's own",
)
mistake(
    "cross_entropy",
    replace="logits.max(1, keepdim=True).values",
    by="logits.mean(1, keepdim=True)",
    says="the mean is subtracted, above which large logits still overflow; subtract the maximum",
)
mistake(
    "cross_entropy",
    body="""
    counts = logits.exp()
    probabilities = counts / counts.sum(1, keepdim=True)
    return -probabilities[torch.arange(len(targets)), targets].log().mean()
    """,
    says="this is the recipe of part 1, which breaks for large logits, as infinity divided by "
    "infinity is nan; subtract each row's largest logit, and take the logarithm of the sum",
)
mistake(
    "cross_entropy",
    body="""
    counts = (logits - logits.max(1, keepdim=True).values).exp()
    probabilities = counts / counts.sum(1, keepdim=True)
    return -probabilities[torch.arange(len(targets)), targets].log().mean()
    """,
    says="a very small probability becomes exactly 0 before its logarithm is taken, which is minus "
    "infinity; take the logarithm of the sum and subtract",
)
mistake(
    "cross_entropy",
    body="""
    counts = (logits - logits.max(1, keepdim=True).values).exp()
    probabilities = counts / counts.sum(1, keepdim=True)
    return -(probabilities[torch.arange(len(targets)), targets] + 1e-10).log().mean()
    """,
    says="adding a small number under the logarithm hides the infinity and gives a wrong loss; "
    "take the logarithm of the sum and subtract",
)
mistake(
    "cross_entropy",
    replace="return (log_totals - picked).mean()",
    by="return (log_totals - picked).sum()",
    says="the losses are added up; take their mean over the examples",
)
mistake(
    "cross_entropy",
    replace="return (log_totals - picked).mean()",
    by="return (picked - log_totals).mean()",
    says="the sign is wrong: this is the log likelihood, the loss is minus that",
)
mistake(
    "cross_entropy",
    replace="shifted[torch.arange(len(targets)), targets]",
    by="shifted[:, targets]",
    says="`[:, targets]` takes every target from every row; take targets[n] from row n only",
)
mistake(
    "cross_entropy",
    replace="picked = shifted[",
    by="picked = logits[",
    says="the target's logit is not shifted while the others are; use the shifted ones throughout",
)
mistake(
    "cross_entropy",
    replace="shifted.exp().sum(1).log()",
    by="shifted.exp().sum(0).log()[targets]",
    says="the sum runs over the examples; it must run over the characters of each row",
)
mistake(
    "cross_entropy",
    replace="shifted.exp().sum(1).log()",
    by="shifted.exp().sum(1).log2()",
    says="the logarithm is to base 2; the natural one is asked for",
)
mistake(
    "cross_entropy",
    replace="return (log_totals - picked).mean()",
    by="return (log_totals - picked).mean().item()",
    says="a float has no gradient; return the tensor, without item",
)
mistake(
    "cross_entropy",
    replace="shifted = logits - logits.max(1, keepdim=True).values",
    by="shifted = logits.data.sub_(logits.data.max(1, keepdim=True).values) + 0 * logits",
    says="the caller's logits are changed in place; make a new tensor",
)
mistake(
    "cross_entropy",
    replace="shifted = logits - logits.max(1, keepdim=True).values",
    by="shifted = logits.clamp(-50, 50)",
    says="clamping changes logits beyond the limits, and with them the loss and its gradient; "
    "shift each row by its maximum",
)


# expected_initial_loss


@check("expected_initial_loss")
def loss_of_a_uniform_guess(lesson, draw):
    """A uniform guess costs the natural logarithm of the number of characters."""
    return {"loss": lesson.expected_initial_loss(draw.integer("vocab_size", 28, 400))}


@check("expected_initial_loss", cases=1)
def only_one_character(lesson, draw):
    """With a single character there is nothing to guess."""
    return {"loss": lesson.expected_initial_loss(draw.given("vocab_size", 1))}


mistake(
    "expected_initial_loss",
    replace="math.log(vocab_size)",
    by="-math.log(vocab_size)",
    says="the sign is wrong: the logarithm of a probability is negative, the loss is minus that",
)
mistake(
    "expected_initial_loss",
    replace="math.log(vocab_size)",
    by="math.log2(vocab_size)",
    says="this is in bits, the logarithm to base 2; the losses here use the natural one",
)
mistake(
    "expected_initial_loss",
    replace="math.log(vocab_size)",
    by="math.log10(vocab_size)",
    says="this is the logarithm to base 10; the losses here use the natural one",
)
mistake(
    "expected_initial_loss",
    replace="math.log(vocab_size)",
    by="1 / vocab_size",
    says="this is the probability; the loss is minus its logarithm",
)
mistake(
    "expected_initial_loss",
    replace="math.log(vocab_size)",
    by="3.2958",
    says="this is the value for 27 characters only",
)
mistake(
    "expected_initial_loss",
    replace="math.log(vocab_size)",
    by="math.log(max(vocab_size - 1, 1))",
    says="the dot is a character that can come next too",
)


# minibatch


def labelled_rows(draw, count):
    """X and Y in which every row, and what belongs to it, can be recognised."""
    numbers = torch.arange(count)
    X = draw.given("X", torch.stack([numbers, numbers + 100, numbers + 200], 1))
    return X, draw.given("Y", numbers + 1000)


@check("minibatch")
def shapes_of_a_batch(lesson, draw):
    """A batch has as many rows as were asked for."""
    X, Y = labelled_rows(draw, 12)
    Xb, Yb = lesson.minibatch(X, Y, draw.size("batch_size", 1, 8), draw.generator())
    return {"shape of X's batch": tuple(Xb.shape), "shape of Y's batch": tuple(Yb.shape)}


@check("minibatch", cases=2)
def pairs_stay_together(lesson, draw):
    """Every row can be drawn, the last one too, and each comes with its own target."""
    X, Y = labelled_rows(draw, draw.size("X", 4, 6))
    batch_size, generator = draw.given("batch_size", 2), draw.generator()
    seen = set()
    for _ in range(70):
        Xb, Yb = lesson.minibatch(X, Y, batch_size, generator)
        seen |= {(*x, y) for x, y in zip(Xb.tolist(), Yb.tolist(), strict=True)}
    return {"pairs that were drawn": seen}


@check(
    "minibatch",
    cases=1,
    tolerance=(0.0, 90.0),
    because="steps between random rows, in any order, more than six standard deviations",
)
def rows_drawn_one_by_one(lesson, draw):
    """The rows of one batch are drawn independently of each other and are not neighbours in X."""
    X, Y = labelled_rows(draw, 100)
    batch_size, generator = draw.given("batch_size", 4), draw.generator()
    steps = set()
    for _ in range(60):
        rows = lesson.minibatch(X, Y, batch_size, generator)[1].tolist()
        places = enumerate(zip(rows, rows[1:], strict=False))
        steps |= {(place, there - here) for place, (here, there) in places}
    return {"about how many different steps from row to row in 60 batches": float(len(steps))}


mistake(
    "minibatch",
    replace="rows = torch.randint(0, len(X), (batch_size,), generator=generator)",
    by="start = torch.randint(0, len(X), (1,), generator=generator)\n"
    "rows = (start + torch.arange(batch_size)) % len(X)",
    says="one draw decides the whole batch, a slice of X, where one word's examples stand "
    "together, or one row again and again; draw every row by itself",
)


@check("minibatch", cases=1)
def one_row(lesson, draw):
    """From a single row there is only one batch of one."""
    X, Y = draw.indices("X", 1, 3, high=5), draw.indices("Y", 1, high=5)
    Xb, Yb = lesson.minibatch(X, Y, draw.given("batch_size", 1), draw.generator())
    return {"X's batch": Xb, "Y's batch": Yb}


@check("minibatch", cases=1)
def rows_from_the_generator(lesson, draw):
    """All random numbers come from the generator, so torch's own stream is left where it was."""
    X, Y = labelled_rows(draw, 5)
    batch_size = draw.given("batch_size", 2)
    torch.manual_seed(7)
    random.seed(7)
    Xb, _ = lesson.minibatch(X, Y, batch_size, draw.generator())
    return {
        "rows": len(Xb),
        "torch's next random number": torch.rand(1),
        "Python's next random number": random.random(),
    }


mistake(
    "minibatch",
    replace="return X[rows], Y[rows]",
    by="other = torch.randint(0, len(X), (batch_size,), generator=generator)\n"
    "return X[rows], Y[other]",
    says="the rows of X and of Y are drawn separately, so that inputs get the targets of others",
)
mistake(
    "minibatch",
    replace="return X[rows], Y[rows]",
    by="return X[rows], Y[:batch_size]",
    says="the targets are always the first ones of Y; take the same rows as of X",
)
mistake(
    "minibatch",
    replace="rows = torch.randint(0, len(X), (batch_size,), generator=generator)",
    by="rows = torch.arange(batch_size)",
    says="the batch is always the same rows; draw them at random",
)
mistake(
    "minibatch",
    replace="len(X)",
    by="max(len(X) - 1, 1)",
    says="the last row is never drawn: randint's upper limit is not included already",
)
mistake(
    "minibatch",
    replace="torch.randint(0, len(X)",
    by="torch.randint(min(1, len(X) - 1), len(X)",
    says="the first row is never drawn: rows begin at 0",
)
mistake(
    "minibatch",
    replace=", generator=generator",
    by="",
    says="the generator is not used, so that a run cannot be repeated",
)
mistake(
    "minibatch",
    replace="(batch_size,)",
    by="(32,)",
    says="the batch has always 32 rows; use batch_size",
)
mistake(
    "minibatch",
    replace="torch.randint(0, len(X)",
    by="torch.randint(0, X.shape[1]",
    says="X.shape[1] is the block size; the rows are counted by X.shape[0]",
)
mistake(
    "minibatch",
    replace="(batch_size,)",
    by="(1,)",
    says="a single row is drawn; batch_size rows are asked for",
)
mistake(
    "minibatch",
    replace="return X[rows], Y[rows]",
    by="return Y[rows], X[rows]",
    says="X's batch comes first, then Y's",
)


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


@check("sgd_step")
def all_parameters_move(lesson, draw):
    """Every parameter moves against its gradient by the learning rate."""
    named, loss = small_model(draw)
    lesson.sgd_step(list(named.values()), loss(), draw.number("learning_rate", 0.01, 0.5))
    return after_the_step(named)


@check("sgd_step", cases=2)
def gradients_from_before(lesson, draw):
    """Gradients that are left from before play no role."""
    named, loss = small_model(draw)
    for name, parameter in named.items():
        parameter.grad = draw.tensor(f"old gradient of {name}", *parameter.shape)
    lesson.sgd_step(list(named.values()), loss(), draw.given("learning_rate", 0.1))
    return after_the_step(named)


@check("sgd_step", cases=2)
def step_after_step(lesson, draw):
    """Each step begins where the one before it ended."""
    named, loss = small_model(draw)
    losses, rate = [], draw.given("learning_rate", 0.05)
    for _ in range(3):
        current = loss()
        losses.append(current.detach())
        lesson.sgd_step(list(named.values()), current, rate)
    return {"losses": losses, **after_the_step(named)}


mistake(
    "sgd_step",
    replace="for parameter in parameters:\n    parameter.grad = None\nloss.backward()",
    by="loss.backward()",
    says="the old gradients are not cleared, and backward adds to them",
)
mistake(
    "sgd_step",
    replace="parameter -= learning_rate * parameter.grad",
    by="parameter += learning_rate * parameter.grad",
    says="the step goes uphill; subtract the gradient",
)
mistake(
    "sgd_step",
    replace="parameter -= learning_rate * parameter.grad",
    by="parameter = parameter - learning_rate * parameter.grad",
    says="nothing has moved: `parameter = parameter - ...` only makes a new tensor of this name, "
    "and gradients that are cleared after backward are 0; clear before, and change in place",
)
mistake(
    "sgd_step",
    replace="        parameter -= learning_rate * parameter.grad",
    by="        parameter -= learning_rate * parameter.grad\n        break",
    says="only the first parameter is trained: the loop ends too early",
)
mistake(
    "sgd_step",
    replace="parameter -= learning_rate * parameter.grad",
    by="parameter -= parameter.grad",
    says="the learning rate has no effect",
)
mistake(
    "sgd_step",
    replace="parameter -= learning_rate * parameter.grad",
    by="parameter -= learning_rate * parameter.grad.sign()",
    says="only the sign of the gradient is used",
)
mistake(
    "sgd_step",
    replace="parameter -= learning_rate * parameter.grad",
    by="parameter -= learning_rate * parameter.grad / len(parameters)",
    says="the gradient is divided by a number once more; the loss is a mean already",
)
mistake(
    "sgd_step",
    replace="with torch.no_grad():",
    by="if True:",
    says="the update is recorded as a part of the graph, which torch refuses for a leaf; do it "
    "under torch.no_grad() or on parameter.data",
)
mistake(
    "sgd_step",
    replace="    parameter.grad = None",
    by="    parameter.grad.zero_()",
    says="before the first step grad is None, which has no zero_; set it to None, or test for it",
)


# learning_rates


@check("learning_rates", tolerance=(1e-5, 1e-12), because="powers of ten magnify float32 rounding")
def powers_of_ten(lesson, draw):
    """The rates run from 10**low to 10**high, both included."""
    low = draw.integer("low", -5, -2)
    high = draw.integer("high", -1, 2)
    rates = lesson.learning_rates(low, high, draw.size("n", 2, 6))
    return {"number of rates": len(rates), "rates": torch.as_tensor(rates)}


@check(
    "learning_rates",
    cases=2,
    tolerance=(1e-4, 0.0),
    because="ratios of powers of ten magnify float32 rounding",
)
def constant_ratio(lesson, draw):
    """Each rate is the same number of times larger than the one before it."""
    low, high = draw.number("low", -4.0, -2.5), draw.number("high", -1.0, 0.5)
    rates = torch.as_tensor(lesson.learning_rates(low, high, draw.integer("n", 4, 7)))
    return {"ratios of neighbours": rates[1:] / rates[:-1]}


mistake(
    "learning_rates",
    replace="10 ** torch.linspace(low, high, n)",
    by="torch.linspace(10**low, 10**high, n)",
    says="the rates are evenly spaced themselves, so that nearly all lie in the top decade; space "
    "the exponents evenly and raise 10 to them",
)
mistake(
    "learning_rates",
    replace="10 ** torch.linspace(low, high, n)",
    by="torch.linspace(low, high, n)",
    says="these are the exponents; raise 10 to them",
)
mistake(
    "learning_rates",
    replace="10 ** torch.linspace(low, high, n)",
    by="torch.linspace(low, high, n).exp()",
    says="the base is e; the exponents are of 10",
)
mistake(
    "learning_rates",
    replace="10 ** torch.linspace(low, high, n)",
    by="2 ** torch.linspace(low, high, n)",
    says="the base is 2; the exponents are of 10",
)
mistake(
    "learning_rates",
    replace="torch.linspace(low, high, n)",
    by="torch.linspace(low, high, n + 1)[:-1]",
    says="the upper end is missing; both ends are included",
)
mistake(
    "learning_rates",
    replace="torch.linspace(low, high, n)",
    by="torch.linspace(high, low, n)",
    says="the rates fall; the rate for `low` comes first",
)
mistake(
    "learning_rates",
    replace="torch.linspace(low, high, n)",
    by="torch.linspace(low, high, n + 1)",
    says="there is one rate too many; n counts both ends",
)
mistake(
    "learning_rates",
    replace="torch.linspace(low, high, n)",
    by="torch.linspace(-3, 0, n)",
    says="the exponents are always -3 to 0; use low and high",
)
mistake(
    "learning_rates",
    replace="torch.linspace(low, high, n)",
    by="(low + (high - low) * torch.rand(n)).sort().values",
    says="the exponents are random; they are to be evenly spaced",
)


# best_learning_rate


@check("best_learning_rate")
def rate_of_the_lowest_loss(lesson, draw):
    """The rate with the lowest loss is returned."""
    count = draw.size("rates", 3, 6)
    rates = draw.given("rates", torch.tensor([2.0**-k for k in range(count)]).flip(0))
    losses = draw.given("losses", torch.tensor(draw.shuffled("losses", range(2, count + 2))) / 4)
    return {"rate": lesson.best_learning_rate(rates, losses)}


@check("best_learning_rate", cases=6)
def losses_that_are_not_finite(lesson, draw):
    """A loss of nan, inf or -inf never wins, wherever it stands."""
    bad = (math.nan, math.inf, -math.inf)[draw.case % 3]
    losses = draw.shuffled("losses", [bad, 2.5, 2.25, 3.5])
    rates = draw.given("rates", torch.tensor([0.125, 0.25, 0.5, 1.0]))
    if draw.case < 3:
        losses = draw.given("losses", sorted(losses, key=lambda loss: math.isfinite(loss)))
    return {"rate": lesson.best_learning_rate(rates, torch.tensor(losses))}


@check("best_learning_rate", cases=2)
def one_finite_loss(lesson, draw):
    """Where one loss only is finite, its rate is the best, however large the loss is."""
    losses = draw.shuffled("losses", [math.nan, math.inf, -math.inf, 1e30])
    rates = draw.given("rates", torch.tensor([0.125, 0.25, 0.5, 1.0]))
    return {"rate": lesson.best_learning_rate(rates, torch.tensor(losses))}


mistake(
    "best_learning_rate",
    replace="usable.argmin()",
    by="losses.argmin()",
    says="argmin takes nan for the smallest, and -inf is smaller than all; leave out losses that "
    "are not finite",
)
mistake(
    "best_learning_rate",
    replace="losses.isfinite()",
    by="~losses.isnan()",
    says="nan is left out but -inf still wins; only finite losses count",
)
mistake(
    "best_learning_rate",
    replace="torch.where(losses.isfinite(), losses, math.inf)",
    by="losses.nan_to_num(0.0)",
    says="nan has become 0, which wins; put inf in its place",
)
mistake(
    "best_learning_rate",
    body="""
    best = 0
    for number, loss in enumerate(losses.tolist()):
        if loss < losses[best]:
            best = number
    return rates[best].item()
    """,
    says="a comparison with nan is false, so that nan wins if it comes first; leave it out before "
    "you compare",
)
mistake(
    "best_learning_rate",
    replace="usable.argmin()",
    by="torch.where(losses.isfinite(), losses, -math.inf).argmax()",
    says="the rate with the highest loss is returned; the lowest is the best",
)
mistake(
    "best_learning_rate",
    replace="rates[usable.argmin()].item()",
    by="usable.min().item()",
    says="this is the lowest loss; return the rate that gave it",
)
mistake(
    "best_learning_rate",
    replace="rates[usable.argmin()].item()",
    by="usable.argmin().item()",
    says="this is the position of the best rate; return the rate",
)
mistake(
    "best_learning_rate",
    replace="rates[usable.argmin()]",
    by="rates[losses.isfinite()].min()",
    says="this is the smallest usable rate; return the one with the lowest loss",
)
mistake(
    "best_learning_rate",
    body="""
    usable = losses.isfinite()
    return rates[losses[usable].argmin()].item()
    """,
    says="after the bad losses are left out the positions no longer fit; leave out the same rates",
)


# decayed_rate


@check("decayed_rate")
def both_halves(lesson, draw):
    """The first half of the steps has the full rate, the second half a tenth, the last step too."""
    steps = draw.size("steps", 2, 9)
    rate = draw.number("learning_rate", 0.1, 2.0)
    return {"rates": [lesson.decayed_rate(step, steps, rate) for step in range(steps)]}


@check("decayed_rate", cases=2)
def long_training(lesson, draw):
    """The decay comes at half of the steps, however many there are."""
    steps = draw.choice("steps", [1000, 20_000, 200_000, 400_000])
    places = [0, steps // 2 - 1, steps // 2, steps - 1]
    return {f"rate at step {step}": lesson.decayed_rate(step, steps) for step in places}


mistake(
    "decayed_rate",
    body="return learning_rate if step < 100_000 else learning_rate / 10",
    says="the decay comes at step 100,000, which a shorter training never reaches; take half of "
    "steps",
)
mistake(
    "decayed_rate",
    replace="step < steps / 2",
    by="step <= steps",
    says="the decay never comes: the steps end before it",
)
mistake(
    "decayed_rate",
    replace="step < steps / 2",
    by="step <= steps / 2",
    says="the decay comes one step late: at steps / 2 the rate is a tenth already",
)
mistake(
    "decayed_rate",
    replace="step < steps / 2",
    by="step < steps // 2",
    says="`//` rounds half of an odd number down, so that the decay comes one step early; "
    "compare with steps / 2",
)
mistake(
    "decayed_rate",
    replace="step < steps / 2",
    by="step > steps / 2",
    says="the halves are exchanged: the full rate comes first",
)
mistake(
    "decayed_rate",
    replace="learning_rate / 10",
    by="0.01",
    says="the later rate is always 0.01; take a tenth of learning_rate",
)
mistake(
    "decayed_rate",
    replace="learning_rate / 10",
    by="learning_rate / 2",
    says="the later rate is a half of the full one; a tenth is asked for",
)
mistake(
    "decayed_rate",
    replace="learning_rate if step < steps / 2 else learning_rate / 10",
    by="learning_rate * (1 - 0.9 * step / steps)",
    says="the rate falls a little with every step; it is to fall once, at half of the steps",
)


# evaluate


def drawn_split(draw, count):
    X = draw.indices("X", count, 2, high=4)
    return X, draw.indices("Y", count, high=4)


@check("evaluate")
def loss_over_the_whole_split(lesson, draw):
    """The result is the mean loss over all rows, of which there may be more than a batch holds."""
    parameters = [parameter.requires_grad_() for parameter in drawn_parameters(draw, 2)]
    X, Y = drawn_split(draw, (3, 30, 90)[draw.case])
    return {"loss": lesson.evaluate(parameters, X, Y)}


@check("evaluate", cases=1)
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


@check("evaluate", cases=1)
def recording_left_as_it_was(lesson, draw):
    """Where recording was off before, it is off afterwards."""
    parameters = [parameter.requires_grad_() for parameter in drawn_parameters(draw, 2)]
    with torch.no_grad():
        loss = lesson.evaluate(parameters, *drawn_split(draw, 3))
        recording = torch.is_grad_enabled()
    return {"loss": loss, "recording afterwards, inside torch.no_grad": recording}


mistake(
    "evaluate",
    replace="with torch.no_grad():\n    return cross_entropy(forward(parameters, X), Y).item()",
    by="torch.set_grad_enabled(False)\n"
    "loss = cross_entropy(forward(parameters, X), Y).item()\n"
    "torch.set_grad_enabled(True)\n"
    "return loss",
    says="the recording is always switched on at the end, also where it was off before; "
    "`with torch.no_grad():` leaves it as it was",
)


@check("evaluate", cases=2)
def parameters_untouched(lesson, draw):
    """The parameters, their gradients and their flags are as they were before."""
    named = dict(zip(PARAMETERS, drawn_parameters(draw, 2), strict=True))
    for parameter in named.values():
        parameter.requires_grad_()
        parameter.grad = torch.ones_like(parameter)
    loss = lesson.evaluate(list(named.values()), *drawn_split(draw, 5))
    seen = {"loss": loss}
    for name, parameter in named.items():
        seen[f"{name} afterwards"] = parameter.detach()
        seen[f"gradient of {name} afterwards"] = parameter.grad
        seen[f"requires_grad of {name} afterwards"] = parameter.requires_grad
    return seen


mistake(
    "evaluate",
    replace="    return cross_entropy(forward(parameters, X), Y).item()",
    by="    return cross_entropy(forward(parameters, X[-32:]), Y[-32:]).item()",
    says="this is the loss of one batch; evaluate on the whole split",
)
mistake(
    "evaluate",
    replace="    return cross_entropy(forward(parameters, X), Y).item()",
    by="    losses = [cross_entropy(forward(parameters, X[i:i + 32]), Y[i:i + 32]).item()\n"
    "              for i in range(0, len(X), 32)]\n"
    "    return sum(losses) / len(losses)",
    says="the mean of the batches' means gives the rows of a shorter last batch too much weight",
)
mistake(
    "evaluate",
    replace="with torch.no_grad():",
    by="if True:",
    says="a graph is recorded and thrown away; `item` at the end does not prevent it, "
    "torch.no_grad() does",
)
mistake(
    "evaluate",
    replace="with torch.no_grad():\n    return",
    by="torch.set_grad_enabled(False)\nreturn",
    says="the recording is switched off and never on again, so that no training can follow; use "
    "`with torch.no_grad():`",
)
mistake(
    "evaluate",
    replace="with torch.no_grad():\n    return",
    by="for parameter in parameters:\n    parameter.requires_grad = False\nreturn",
    says="the parameters no longer require gradients afterwards, so that no training can follow",
)
mistake(
    "evaluate",
    replace="with torch.no_grad():\n    return cross_entropy(forward(parameters, X), Y).item()",
    by="loss = cross_entropy(forward(parameters, X), Y)\nloss.backward()\nreturn loss.item()",
    says="backward is called, which changes the gradients; an evaluation needs none",
)
mistake(
    "evaluate",
    replace=".item()",
    by=".exp().item()",
    says="this is the exponential of the loss, the perplexity",
)
mistake(
    "evaluate",
    replace="forward(parameters, X), Y)",
    by="forward(parameters, X).softmax(1), Y)",
    says="softmax is applied before the loss, which applies it again; hand the logits over",
)
mistake(
    "evaluate",
    replace="cross_entropy(forward(parameters, X), Y).item()",
    by="cross_entropy(forward(parameters, X), Y).item() * len(X)",
    says="this is the sum over the rows; take the mean",
)


# sample_name

points("sample_name", 2)


@check("sample_name")
def no_choice_by_the_last_character(lesson, draw):
    """Where the last character decides what follows, the name spells that path."""
    size = draw.size("what follows the last character", 2, 5)
    path = draw.shuffled("what follows the last character", range(1, size + 1))
    successors = [0] * (size + 1)
    for here, there in zip([0, *path], [*path, 0], strict=True):
        successors[here] = there
    itos = dict(enumerate(".abcdef"[: size + 1]))
    follows = {itos[here]: itos[there] for here, there in enumerate(successors)}
    draw.given("what follows the last character", follows)
    draw.given("itos", itos)
    block_size = draw.size("block_size", 1, 3)
    parameters = spelling_parameters(draw, successors, block_size, position=block_size - 1)
    names = [lesson.sample_name(parameters, itos, block_size, draw.generator()) for _ in range(3)]
    return {"three names": names}


@check("sample_name", cases=2)
def no_choice_by_the_oldest_character(lesson, draw):
    """Where the oldest character decides, it is the one from block_size steps ago."""
    draw.given("what follows the oldest character", {".": "a", "a": "b", "b": "."})
    itos = draw.given("itos", {0: ".", 1: "a", 2: "b"})
    block_size = draw.given("block_size", 2 + draw.case)
    parameters = spelling_parameters(draw, [1, 2, 0], block_size, position=0)
    return {"name": lesson.sample_name(parameters, itos, block_size, draw.generator())}


@check(
    "sample_name",
    cases=1,
    tolerance=(0.0, 0.3),
    because="shares of 200 random names, six standard deviations",
)
def shares_of_names(lesson, draw):
    """Characters come as often as the softmax of the logits says."""
    shares = draw.given("probabilities of . a b", [0.5, 0.4, 0.1])
    parameters = constant_parameters(shares)
    generator, itos = draw.generator(), draw.given("itos", {0: ".", 1: "a", 2: "b"})
    block_size = draw.given("block_size", 2)
    names = [lesson.sample_name(parameters, itos, block_size, generator) for _ in range(200)]
    return {
        "about the share of empty names": names.count("") / len(names),
        "about a tenth of the mean length": sum(map(len, names)) / len(names) / 10,
    }


@check("sample_name", cases=1)
def names_from_the_generator(lesson, draw):
    """All random numbers come from the generator, so torch's own stream is left where it was."""
    itos, block_size = draw.given("itos", {0: ".", 1: "a"}), draw.given("block_size", 2)
    parameters = spelling_parameters(draw, [1, 0], block_size, position=1)
    torch.manual_seed(7)
    random.seed(7)
    name = lesson.sample_name(parameters, itos, block_size, draw.generator())
    return {
        "name": name,
        "torch's next random number": torch.rand(1),
        "Python's next random number": random.random(),
    }


mistake(
    "sample_name",
    replace=", generator=generator",
    by="",
    says="multinomial is not given the generator, so the same seed does not give the same name",
)
mistake(
    "sample_name",
    replace="torch.multinomial(probabilities[0], 1, generator=generator).item()",
    by="probabilities[0].argmax().item()",
    says="every name is the same: the most probable character is always taken, or the generator is "
    "seeded anew; draw each character by its probability, from the generator that is passed in",
)
mistake(
    "sample_name",
    replace=".softmax(1)",
    by="",
    says="the characters are drawn from the logits; turn them into probabilities first",
)
mistake(
    "sample_name",
    replace=".softmax(1)",
    by=".softmax(1).exp()",
    says="the probabilities are put through an exponential once more, so what is all but "
    "impossible gets drawn",
)
mistake(
    "sample_name",
    replace="context = context[1:] + [index]",
    by="context = [index] + context[:-1]",
    says="the new character is put in at the left; the oldest stands there and is to fall out",
)
mistake(
    "sample_name",
    replace="context = context[1:] + [index]",
    by="context = [index] * block_size",
    says="the whole context is overwritten by the last character; only move it on by one",
)
mistake(
    "sample_name",
    replace="context, name = [0] * block_size",
    by="context, name = [1] * block_size",
    says="the name begins from a context of another character; begin from dots, index 0",
)
mistake(
    "sample_name",
    replace="return name",
    by="return name + itos[0]",
    says="the dot at the end is not a part of the name",
)
mistake(
    "sample_name",
    replace='[0] * block_size, ""',
    by="[0] * block_size, itos[0] * block_size",
    says="the dots of the first context are not a part of the name",
)
mistake(
    "sample_name",
    body="""
    context, name = getattr(sample_name, "context", [0] * block_size)[:block_size], ""
    context = [0] * (block_size - len(context)) + context
    while True:
        probabilities = forward(parameters, torch.tensor([context])).softmax(1)
        index = torch.multinomial(probabilities[0], 1, generator=generator).item()
        if index == 0:
            sample_name.context = context
            return name
        name += itos[index]
        context = context[1:] + [index]
    """,
    says="the context is not reset: a name begins from where the one before it ended",
)
mistake(
    "sample_name",
    body="""
    context, name = [0] * block_size, []
    while True:
        probabilities = forward(parameters, torch.tensor([context])).softmax(1)
        index = torch.multinomial(probabilities[0], 1, generator=generator).item()
        if index == 0:
            return name
        name.append(itos[index])
        context = context[1:] + [index]
    """,
    says="a list of characters is returned; join them into one string",
)
