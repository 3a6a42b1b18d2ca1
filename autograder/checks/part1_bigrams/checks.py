"""Checks of part 1: bigrams, counted and trained."""

from string import ascii_lowercase

import torch

from autograder.checks import exercise
from autograder.checks.vocabulary import (
    afterwards,
    draws_of,
    gradients_of,
    numbered,
    shares_by_chance,
)

# Float32 sums of a thousand terms in another order; the same for all checks of one formula.
LONG_SUMS = {"tolerance": (1e-4, 1e-6), "because": "sums of a thousand float32 numbers"}


def many_words(draw, last, empty=1000):
    """Many words, of which the last alone is not empty: 1,001 where a word costs little."""
    draw.given("words", f'[""] * {empty} + [{last!r}]')
    return [""] * empty + [last]


def drawn_table(draw, *shape):
    """Probabilities over the last dimension whose rows and columns have nothing in common."""
    counts = draw.indices("probabilities", *shape, high=9) + 1
    return draw.given("probabilities", counts / counts.sum(-1, keepdim=True))


def spelling_table(path, size):
    """Probabilities without choice: 0 leads to path[0], that to path[1], all that is left to 0."""
    table = torch.zeros(size, size)
    table[:, 0] = 1.0
    for here, there in zip([0, *path], [*path, 0], strict=True):
        table[here] = 0.0
        table[here, there] = 1.0
    return table


def drawn_weights(draw, size):
    """Weights of the one-layer network as a leaf that requires gradients."""
    return draw.tensor("W", size, size).requires_grad_()


def drawn_pairs(draw, size, count):
    return draw.indices("xs", count, high=size), draw.indices("ys", count, high=size)


# vocabulary


vocabulary = exercise("vocabulary")


@vocabulary.check
def characters_numbered_from_one(lesson, draw):
    """The characters of the words are numbered from 1 on, sorted, and the dot is 0."""
    words = draw.words("words", draw.size(1, 6), alphabet="zkqtbm")
    stoi, itos = lesson.vocabulary(words)
    return {"stoi": stoi, "itos": itos, **afterwards(words=words)}


@vocabulary.check(cases=2)
def only_characters_that_occur(lesson, draw):
    """Characters that don't occur get no number, and those beyond a to z get one."""
    words = draw.words("words", 4, alphabet="éßzñb", shortest=2)
    words = draw.given("words", [*words, "jean-luc", "O'Neil"])
    stoi, itos = lesson.vocabulary(words)
    return {"size of stoi": len(stoi), "size of itos": len(itos), "stoi": stoi, "itos": itos}


@vocabulary.check(cases=2)
def words_of_any_number(lesson, draw):
    """All words count, even the last of 1,001; a word may be empty, and a letter may come once."""
    few, many = ["", "ba", "ba", ""], "a" * 45 + "zb"
    words = many_words(draw, many) if draw.case else draw.given("words", few)
    stoi, itos = lesson.vocabulary(words)
    return {"stoi": stoi, "itos": itos}


# bigrams


bigrams = exercise("bigrams")


@bigrams.check
def neighbors_with_dots(lesson, draw):
    """Each character is paired with the next one, from the dot before the word to the one after."""
    word = draw.text("word", draw.size(2, 7), alphabet="abcde")
    return {"bigrams": lesson.bigrams(word)}


@bigrams.check(cases=2)
def one_character(lesson, draw):
    """A word of one character has two bigrams."""
    return {"bigrams": lesson.bigrams(draw.text("word", 1, alphabet="abcde"))}


@bigrams.check(cases=2)
def any_characters(lesson, draw):
    """An empty word has one bigram, of the two dots; capitals and spaces count as they are."""
    return {"bigrams": lesson.bigrams(draw.given("word", ["", " Jo-Ann É "][draw.case]))}


@bigrams.check(cases=2)
def a_pair_that_comes_again(lesson, draw):
    """A pair that comes again is listed again, and a word may be long."""
    one = lesson.bigrams(draw.given("word", ["anana", "nab" * 40][draw.case]))
    return {"bigrams": one, "bigrams of ab": lesson.bigrams("ab")}


# count_bigrams


count_bigrams = exercise("count_bigrams")


@count_bigrams.check
def every_pair_counted(lesson, draw):
    """Entry [i, j] counts how often character j follows character i, with the dots."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "abc")))
    words = draw.words("words", draw.size(1, 8), alphabet="abc")
    return {"counts": lesson.count_bigrams(words, stoi), **afterwards(words=words, stoi=stoi)}


@count_bigrams.check
def repeated_pairs(lesson, draw):
    """A pair that occurs again is counted again, within a word, in other words and in the same."""
    stoi = draw.given("stoi", numbered("ab"))
    words = draw.words("words", draw.size(1, 5), "ab", shortest=5, longest=8)
    words = draw.given("words", [*words, words[0]])
    counts = lesson.count_bigrams(words, stoi)
    return {"number of bigrams": counts.sum(), "counts": counts}


@count_bigrams.check(cases=2)
def characters_without_counts(lesson, draw):
    """The table is as large as the vocabulary, even if some characters don't occur."""
    stoi = draw.given("stoi", numbered("abcdef"))
    return {"counts": lesson.count_bigrams(draw.words("words", 2, alphabet="ab"), stoi)}


@count_bigrams.check(cases=1)
def hundreds_of_one_pair(lesson, draw):
    """A count may be larger than 255, the last of many words counts, and an empty one too."""
    stoi = draw.given("stoi", numbered("ab"))
    one = lesson.count_bigrams(many_words(draw, "a" * 45 + "b", empty=300), stoi)
    return {"counts": one, 'counts of ["b"]': lesson.count_bigrams(["b"], stoi)}


# probabilities


probabilities = exercise("probabilities")


@probabilities.check
def rows_add_up(lesson, draw):
    """Each row of the result is a distribution: its entries add up to 1."""
    size = (2, 5, 37)[draw.case]
    counts = draw.indices("counts", size, size, high=9)
    counts[0, 1] += 1 + size
    result = lesson.probabilities(draw.given("counts", counts))
    return {"sums of the rows": result.sum(1), "probabilities": result}


@probabilities.check
def smoothing_of_any_size(lesson, draw):
    """Each count plus the smoothing is divided by the sum of its own row after smoothing."""
    size = draw.size(3, 5)
    counts = draw.indices("counts", size, size, high=9)
    smoothing = draw.number("smoothing", 0.1, 5.0)
    result = lesson.probabilities(counts, smoothing)
    return {"sums of the rows": result.sum(1), "probabilities": result}


@probabilities.check
def rows_without_counts(lesson, draw):
    """Without smoothing a row that has no counts is uniform, and the others are their shares."""
    size = draw.size(2, 5)
    empty = draw.integer("counts", 0, size - 1)
    counts = draw.indices("counts", size, size, high=9) + 1
    counts[empty] = 0
    counts[empty - 1, 0] = 0
    draw.given("counts", counts)
    result = lesson.probabilities(counts, draw.given("smoothing", 0.0))
    sums = result.sum(1)
    return {"probabilities": result, "sums of the rows": sums, "logarithms": result.log()}


@probabilities.check(cases=2)
def rows_of_a_single_count(lesson, draw):
    """Without smoothing a row with a single count is certain of that one character."""
    size = draw.size(3, 5)
    place = draw.integer("counts", 0, size - 1)
    counts = torch.eye(size, dtype=torch.int64).roll(place, 0)
    counts[0] *= 1 - draw.case
    result = lesson.probabilities(draw.given("counts", counts), draw.given("smoothing", 0.0))
    return {"probabilities": result}


@probabilities.check
def more_contexts_than_characters(lesson, draw):
    """The table may have more rows than columns, and some of them without counts."""
    columns = draw.size(2, 4)
    rows = (columns * columns, columns * columns, 1001)[draw.case]
    counts = draw.indices("counts", rows, columns, high=9)
    counts[1] = 0
    draw.given("counts", counts)
    smoothing = draw.given("smoothing", [0.5, 0.0, 2.0][draw.case])
    return {"probabilities": lesson.probabilities(counts, smoothing)}


@probabilities.check(cases=2)
def counts_stay(lesson, draw):
    """The counts aren't changed, of whatever width their integers are."""
    counts = draw.indices("counts", 3, 3, high=9).to((torch.int64, torch.int32)[draw.case])
    result = lesson.probabilities(counts, draw.given("smoothing", 2))
    return {"counts afterwards": counts, "probabilities": result}


# sample_word


sample_word = exercise("sample_word")


@sample_word.check
def no_choice(lesson, draw):
    """If each character has only one successor, the word spells that path, without dots."""
    size = draw.size(2, 26)
    path = draw.shuffled("probabilities", range(1, size + 1))[: size - 1]
    table = draw.given("probabilities", spelling_table(path, size + 1))
    itos = draw.given("itos", dict(enumerate("." + ascii_lowercase[:size])))
    words = [lesson.sample_word(table, itos, draw.generator()) for _ in range(3)]
    return {"three words": words}


@sample_word.check(cases=1)
def words_of_any_length(lesson, draw):
    """A word ends where the dot is drawn and not before, however long it is."""
    draw.given("probabilities", "letters 1 to 105 in order; of 1,002 letters the last, then 1")
    words = []
    for path in (torch.arange(106), torch.tensor([0, 1002, 1])):
        size = int(path.max()) + 1
        itos = dict(enumerate("." + "".join(chr(256 + number) for number in range(size - 1))))
        table = torch.zeros(size, size)
        table[path, path.roll(-1)] = 1.0
        words.append(lesson.sample_word(table, itos, draw.generator()))
    return {"words": words}


@sample_word.check(cases=1, **shares_by_chance(150))
def shares_of_words(lesson, draw):
    """Words come as often as their probabilities say, the empty word too."""
    table = torch.zeros(5, 5)
    table[0, :3] = torch.tensor([0.45, 0.07, 0.48])
    table[1:3, 3:] = torch.tensor([[0.6, 0.4], [0.3, 0.7]])
    table[3:, 0] = 1.0
    draw.given("probabilities", table)
    generator, itos = draw.generator(), draw.given("itos", dict(enumerate(".abcd")))
    words = [lesson.sample_word(table, itos, generator) for _ in range(150)]
    shares = {word: words.count(word) / 150 for word in ("", "ac", "ad", "bc", "bd")}
    return {f"about the share of {word!r}": share for word, share in shares.items()}


# A temperature, or noise of the wrong sign, moves the share of one likely character among hundreds
# of rare ones by a quarter; every other letter leads back to the dot, so that words stay short.
@sample_word.check(cases=1, **shares_by_chance(800))
def one_likely_among_rare(lesson, draw):
    """What is likely comes as often as its probability says beside hundreds of rare characters."""
    table = torch.zeros(201, 201)
    table[:, 0] = 1.0
    table[0] = 0.3 / 200
    table[0, 0] = 0.7
    draw.given("probabilities", "0.7 for no letter, 0.0015 for each of 200 letters; then the dot")
    generator, itos = draw.generator(), dict(enumerate("." + "".join(map(chr, range(256, 456)))))
    words = [lesson.sample_word(table, itos, generator) for _ in range(800)]
    return {"about the share of empty words": words.count("") / 800}


@sample_word.check(cases=1)
def the_word_may_be_empty(lesson, draw):
    """If the first draw is the dot, the word is empty."""
    table = draw.given("probabilities", torch.tensor([[1.0, 0.0], [0.5, 0.5]]))
    itos = draw.given("itos", {0: ".", 1: "a"})
    word = lesson.sample_word(table, itos, draw.generator())
    return {"word": word, **afterwards(probabilities=table, itos=itos)}


@sample_word.check(cases=1)
def only_the_generator(lesson, draw):
    """All random numbers come from the generator that's passed in, and from nowhere else."""
    table = torch.full((27, 27), 0.96 / 26)
    table[:, 0] = 0.04
    table[0] = 1 / 26
    table[0, 0] = 0.0
    draw.given("probabilities", "0.04 for the dot after a letter, and all letters are alike")
    itos = draw.given("itos", dict(enumerate("." + ascii_lowercase)))

    def two_words(generator):
        return [lesson.sample_word(table, itos, generator) for _ in range(2)]

    return draws_of(draw, two_words)


# average_nll


average_nll = exercise("average_nll")


@average_nll.check(**LONG_SUMS)
def mean_over_bigrams(lesson, draw):
    """The loss is the mean of -log of the probability over all bigrams, those with dots too."""
    stoi = draw.given("stoi", numbered("abc"))
    table = drawn_table(draw, 4, 4)
    words = draw.words("words", draw.size(1, 6), alphabet="abc")
    return {
        "average NLL": lesson.average_nll(words, table, stoi),
        **afterwards(probabilities=table, words=words),
    }


@average_nll.check(cases=2, **LONG_SUMS)
def words_that_come_twice(lesson, draw):
    """A word that is in the list twice counts twice, and an empty one has a bigram too."""
    stoi = draw.given("stoi", numbered("ab"))
    table = drawn_table(draw, 3, 3)
    words = [draw.text("words", draw.case, "ab"), draw.text("words", 5, "ab")]
    words = draw.given("words", [words[0], *words])
    return {"average NLL": lesson.average_nll(words, table, stoi)}


@average_nll.check(cases=1, **LONG_SUMS)
def many_characters(lesson, draw):
    """There may be hundreds of characters."""
    letters = [chr(256 + number) for number in range(202)]
    words = draw.given("words", [letters[-1], letters[0] + letters[-1]])
    table = drawn_table(draw, 203, 203)
    return {"average NLL": lesson.average_nll(words, table, numbered(letters))}


@average_nll.check(cases=2, **LONG_SUMS)
def long_and_short_words(lesson, draw):
    """Every bigram has the same weight, in a short word and in one that is very long."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "ab")))
    table = drawn_table(draw, 3, 3)
    length = [9, 300][draw.case]
    words = draw.given("words", ["a", draw.text("words", length, alphabet="ab")])
    return {"average NLL": lesson.average_nll(words, table, stoi)}


@average_nll.check(cases=3, **LONG_SUMS)
def impossible_bigram(lesson, draw):
    """One bigram of probability 0 makes the loss infinite, even in the last of many words."""
    stoi = draw.given("stoi", numbered("ab"))
    rows = [[0.1, 0.9, 0], [0.5, 0.5, 0], [0.2, 0.4, 0.4]]
    table = draw.given("probabilities", torch.tensor(rows))
    words = draw.words("words", 2, alphabet="a")
    possible = lesson.average_nll(words, table, stoi)
    if draw.case == 2:
        words = many_words(draw, "ab", empty=300)
    else:
        words = draw.given("words with an impossible bigram", [*words, "ab"])
    return {"without it": possible, "with it": lesson.average_nll(words, table, stoi)}


# bigram_pairs


bigram_pairs = exercise("bigram_pairs")


@bigram_pairs.check
def inputs_and_targets(lesson, draw):
    """xs holds the first and ys the next character of every bigram, in order and as int64."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "abc")))
    words = draw.words("words", draw.size(1, 5), alphabet="abc")
    xs, ys = lesson.bigram_pairs(words, stoi)
    return {"xs": xs, "ys": ys, "dtype of xs": str(xs.dtype), "dtype of ys": str(ys.dtype)}


@bigram_pairs.check(cases=2)
def every_occurrence(lesson, draw):
    """A pair that occurs several times is there several times."""
    stoi = draw.given("stoi", numbered("ab"))
    words = draw.words("words", 3, alphabet="ab", shortest=3, longest=6)
    xs, ys = lesson.bigram_pairs(draw.given("words", [*words, words[0], ""]), stoi)
    return {"number of inputs": len(xs), "number of targets": len(ys), "xs": xs, "ys": ys}


@bigram_pairs.check(cases=1)
def pairs_of_many_words(lesson, draw):
    """All words are written down, even the last of 1,001; an empty one is a pair of dots."""
    words, stoi = many_words(draw, "b" * 45 + "a"), draw.given("stoi", numbered("ab"))
    xs, ys = lesson.bigram_pairs(words, stoi)
    seen = {"number of pairs": len(xs), "the last inputs": xs[-4:], "the last targets": ys[-4:]}
    return {**seen, "number of words afterwards": len(words), **afterwards(stoi=stoi)}


# one_hot


one_hot = exercise("one_hot")
one_hot.forbid("one_hot", says="build one_hot here: zeros, and a 1 in each row")


@one_hot.check
def a_one_in_each_row(lesson, draw):
    """Row i is 1 in column xs[i] and 0 elsewhere, as float32."""
    classes = draw.size(2, 6, name="num_classes")
    xs = draw.indices("xs", (1, 7, 1001)[draw.case], high=classes)
    result = lesson.one_hot(xs, classes)
    return {"sums of the rows": result.sum(-1), "one-hot": result, "dtype": str(result.dtype)}


@one_hot.check(cases=2)
def classes_that_do_not_occur(lesson, draw):
    """There's a column for every class, even if no index asks for it."""
    count, classes = draw.given("N, num_classes", ((2, 3), (4, 7))[draw.case])
    xs, other = draw.indices("xs", count, high=2), draw.indices("other xs", count, high=3)
    one = lesson.one_hot(xs, classes)
    return {"one-hot": one, "of the other xs": lesson.one_hot(other, classes), **afterwards(xs=xs)}


# row_lookup


row_lookup = exercise("row_lookup")


@row_lookup.check
def rows_of_w(lesson, draw):
    """Row i of the result is row xs[i] of W, and an index may repeat."""
    W = draw.tensor("W", draw.size(2, 5), draw.size(3, 4))
    xs = draw.indices("xs", (1, 7, 1001)[draw.case], high=len(W))
    return {"rows": lesson.row_lookup(W, xs), "W afterwards": W}


@row_lookup.check(cases=2)
def as_many_rows_as_columns(lesson, draw):
    """A square W is read by rows too."""
    W = draw.tensor("W", 3, 3)
    return {"rows": lesson.row_lookup(W, draw.indices("xs", 3, high=3))}


@row_lookup.check(cases=2)
def rows_of_large_tables(lesson, draw):
    """A table may be long and wide, and each call returns its own rows."""
    W = draw.tensor("W", *((3, 2), (1003, 37))[draw.case])
    xs, other = torch.tensor([len(W) - 1, 0, 1]), draw.indices("other xs", 3, high=3)
    one = lesson.row_lookup(W, draw.given("xs", xs))
    return {"rows": one, "other rows": lesson.row_lookup(W, other)}


@row_lookup.check(cases=2)
def logarithm_of_no_count(lesson, draw):
    """An entry of -inf, the logarithm of a count of 0, is copied and touches no other row."""
    W = draw.indices("W", 3, 3, high=3)
    W[0, 1], W[1, 1] = 0, 2
    W = draw.given("W", W.float().log())
    return {"rows": lesson.row_lookup(W, draw.given("xs", torch.tensor([1, 2, 0, 1])))}


@row_lookup.check(cases=2)
def gradient_of_repeated_rows(lesson, draw):
    """A row that is read several times collects the gradient of each time."""
    W = draw.tensor("W", 3, 2).requires_grad_()
    xs = draw.given("xs", torch.tensor([1, 0, 1, 1]))
    arriving = draw.tensor("gradient of the result", 4, 2)
    (lesson.row_lookup(W, xs) * arriving).sum().backward()
    return gradients_of(W=W)


# softmax


softmax = exercise("softmax")
softmax.forbid("softmax", says="build softmax here, from exp and a sum")


@softmax.check
def any_number_of_dimensions(lesson, draw):
    """The last dimension becomes probabilities, whatever dimensions stand before it."""
    size = draw.size(2, 3)
    logits = draw.tensor("logits", *(size,) * (draw.case + 1))
    result = lesson.softmax(logits)
    other = lesson.softmax(torch.zeros_like(logits))
    sums = result.sum(-1)
    return {"sums over the last dimension": sums, "probabilities": result, "for zeros": other}


@softmax.check
def rows_and_columns(lesson, draw):
    """Each row becomes probabilities by itself, and the logits aren't changed."""
    logits = draw.tensor("logits", (2, 4, 1001)[draw.case], draw.size(3, 37))
    result = lesson.softmax(logits)
    return {"probabilities": result, "logits afterwards": logits}


@softmax.check(cases=2)
def gradients_of_probabilities(lesson, draw):
    """Gradients flow through the probabilities, the sum included."""
    logits = draw.tensor("logits", 2, 3).requires_grad_()
    arriving = draw.tensor("gradient of the probabilities", 2, 3)
    (lesson.softmax(logits) * arriving).sum().backward()
    return {"gradient of the logits": logits.grad}


# bigram_loss


bigram_loss = exercise("bigram_loss")
bigram_loss.forbid("cross_entropy", says="build the loss here, don't call it")


@bigram_loss.check
def mean_surprise(lesson, draw):
    """The loss is the mean of -log of each target's probability, without regularization."""
    size = draw.size(2, 5)
    W = draw.tensor("W", size, size)
    xs, ys = drawn_pairs(draw, size, (1, 8, 1001)[draw.case])
    return {"loss": lesson.bigram_loss(W, xs, ys), **afterwards(W=W, xs=xs, ys=ys)}


@bigram_loss.check(cases=1)
def losses_of_large_tables(lesson, draw):
    """All rows and columns of W count, however many, and each call returns its own loss."""
    W, other = draw.tensor("W", 103, 103), draw.tensor("other W", 103, 103)
    xs, ys = draw.given("xs", torch.tensor([102, 0])), draw.given("ys", torch.tensor([0, 102]))
    one = lesson.bigram_loss(W, xs, ys, draw.given("regularization", 1.0))
    return {"loss": one, "loss of the other W": lesson.bigram_loss(other, xs, ys, 1.0)}


@bigram_loss.check
def price_of_large_weights(lesson, draw):
    """Regularization adds its strength times the mean of the squares of W."""
    size = draw.size(2, 4)
    W = draw.tensor("W", size, size)
    xs, ys = drawn_pairs(draw, size, 4)
    strength = draw.number("regularization", 0.1, 2.0)
    return {"loss": lesson.bigram_loss(W, xs, ys, strength)}


@bigram_loss.check(cases=2)
def gradient_of_the_loss(lesson, draw):
    """The loss has a gradient in W, and so has the regularization."""
    W = drawn_weights(draw, 3)
    xs, ys = drawn_pairs(draw, 3, 5)
    loss = lesson.bigram_loss(W, xs, ys, draw.number("regularization", 0.1, 2.0))
    before = W.grad
    loss.backward()
    return {"gradient of W before backward": before, **gradients_of(W=W)}


@bigram_loss.check(cases=1)
def first_loss(lesson, draw):
    """With all weights 0 the loss is that of a uniform guess."""
    size = draw.integer("W", 3, 7)
    W = draw.given("W", torch.zeros(size, size))
    xs, ys = drawn_pairs(draw, size, 6)
    return {"loss": lesson.bigram_loss(W, xs, ys, draw.given("regularization", 1.0))}


# gradient_step


gradient_step = exercise("gradient_step", points=2)


@gradient_step.check
def one_step(lesson, draw):
    """W moves against its gradient by the learning rate; the loss before the step is returned."""
    size = (2, 4, 37)[draw.case]
    W = drawn_weights(draw, size)
    xs, ys = drawn_pairs(draw, size, (1, 6, 1001)[draw.case])
    loss = lesson.gradient_step(W, xs, ys, draw.number("learning_rate", 0.1, 5.0))
    return {
        "loss before the step": loss,
        "W after the step": W.detach(),
        "W requires gradients afterwards": W.requires_grad,
        "W is a leaf afterwards": W.is_leaf,
        **afterwards(xs=xs, ys=ys),
    }


@gradient_step.check(cases=2)
def old_gradient(lesson, draw):
    """A gradient that is left from an earlier step plays no role."""
    W = drawn_weights(draw, 2)
    W.grad = draw.tensor("old gradient of W", 2, 2)
    xs, ys = drawn_pairs(draw, 2, 3)
    lesson.gradient_step(W, xs, ys, draw.given("learning_rate", 1.0))
    return {"W after the step": W.detach()}


@gradient_step.check(cases=2)
def several_steps(lesson, draw):
    """Step after step the loss falls, and each begins where the last one ended."""
    W = drawn_weights(draw, 3)
    xs, ys = drawn_pairs(draw, 3, 5)
    rate = draw.given("learning_rate", 2.0)
    losses = [lesson.gradient_step(W, xs, ys, rate) for _ in range(4)]
    return {
        "losses": losses,
        "W after four steps": W.detach(),
        "recording afterwards": torch.is_grad_enabled(),
    }


@gradient_step.check(cases=2)
def step_with_regularization(lesson, draw):
    """The regularization is in the loss and in the gradient."""
    W = drawn_weights(draw, 2)
    xs, ys = drawn_pairs(draw, 2, 3)
    rate, strength = draw.given("learning_rate", 1.0), draw.number("regularization", 0.5, 2.0)
    loss = lesson.gradient_step(W, xs, ys, rate, regularization=strength)
    return {"loss before the step": loss, "W after the step": W.detach()}


# count_trigrams


count_trigrams = exercise("count_trigrams")


@count_trigrams.check
def every_triple_counted(lesson, draw):
    """Entry [i, j, k] counts how often k follows i and j, with two dots before and one after."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "abc")))
    words = draw.words("words", draw.size(1, 6), alphabet="abc")
    counts = lesson.count_trigrams(words, stoi)
    return {"number of trigrams": counts.sum(), "counts": counts}


@count_trigrams.check(cases=2)
def first_letters(lesson, draw):
    """After two dots come the first letters, each word's once; and repeated triples add up."""
    stoi = draw.given("stoi", numbered("ab"))
    words = draw.words("words", 5, alphabet="ab", shortest=1, longest=7)
    words = draw.given("words", [*words, words[0], words[0]])
    counts = lesson.count_trigrams(words, stoi)
    return {"counts after two dots": counts[0, 0], "counts": counts, **afterwards(words=words)}


@count_trigrams.check(cases=1)
def triples_of_rare_characters(lesson, draw):
    """The table is as large as the vocabulary, even if some characters don't occur."""
    stoi = draw.given("stoi", numbered("abcd"))
    return {"counts": lesson.count_trigrams(draw.words("words", 2, alphabet="ab"), stoi)}


@count_trigrams.check(cases=1)
def hundreds_of_one_triple(lesson, draw):
    """A count may be larger than 255, the last of many words counts, and an empty one too."""
    stoi = draw.given("stoi", numbered("ab"))
    one = lesson.count_trigrams(many_words(draw, "a" * 45 + "b", empty=300), stoi)
    other = lesson.count_trigrams(["b"], stoi)
    return {"counts": one, 'counts of ["b"]': other, **afterwards(stoi=stoi)}


# average_trigram_nll


average_trigram_nll = exercise("average_trigram_nll")


@average_trigram_nll.check(**LONG_SUMS)
def mean_over_trigrams(lesson, draw):
    """The loss is the mean of -log of the probability over all trigrams, the first letters too."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "ab")))
    table = drawn_table(draw, 3, 3, 3)
    words = draw.words("words", draw.size(1, 5), alphabet="ab", longest=8)
    return {
        "average NLL": lesson.average_trigram_nll(words, table, stoi),
        **afterwards(probabilities=table, words=words),
    }


@average_trigram_nll.check(cases=2, **LONG_SUMS)
def repeated_and_empty_words(lesson, draw):
    """A word that is in the list twice counts twice, and an empty one has a trigram too."""
    stoi = draw.given("stoi", numbered("ab"))
    table = drawn_table(draw, 3, 3, 3)
    words = [draw.text("words", draw.case, "ab"), draw.text("words", 90, "ab")]
    words = draw.given("words", [words[0], *words])
    return {"average NLL": lesson.average_trigram_nll(words, table, stoi)}


@average_trigram_nll.check(cases=1, **LONG_SUMS)
def dozens_of_characters(lesson, draw):
    """There may be dozens of characters."""
    letters = [chr(256 + number) for number in range(36)]
    words = draw.given("words", [letters[-1] + letters[0], letters[0] + letters[-1]])
    table = drawn_table(draw, 37, 37, 37)
    return {"average NLL": lesson.average_trigram_nll(words, table, numbered(letters))}


@average_trigram_nll.check(cases=1, **LONG_SUMS)
def trigrams_of_many_words(lesson, draw):
    """The last of many words counts like the others: the loss may be inf by it alone."""
    table = drawn_table(draw, 2, 2, 2)
    table[0, 1] = torch.tensor([1.0, 0.0])
    draw.given("probabilities without .aa", table)
    words = many_words(draw, "aa", empty=300)
    return {"average NLL": lesson.average_trigram_nll(words, table, numbered("a"))}


@average_trigram_nll.check(cases=1, **LONG_SUMS)
def impossible_trigram(lesson, draw):
    """One trigram of probability 0 makes the loss infinite where it occurs, and only there."""
    table = drawn_table(draw, 2, 2, 2)
    stoi = draw.given("stoi", numbered("a"))
    possible = lesson.average_trigram_nll(draw.given("words", ["aa"]), table, stoi)
    table[1, 1] = torch.tensor([1.0, 0.0])
    draw.given("probabilities without aaa", table)
    words = draw.given("words with aaa", ["aa", "aaa"])
    return {
        "without aaa": possible,
        "with aaa": lesson.average_trigram_nll(words, table, stoi),
        "where aaa does not occur": lesson.average_trigram_nll(words[:1], table, stoi),
    }


# smoothing_curves

CANDIDATES = [0.01, 0.1, 1.0, 10.0]


smoothing_curves = exercise("smoothing_curves", points=2)


def both_curves(lesson, train, words, candidates):
    bigram, trigram = lesson.smoothing_curves(train, words, candidates)
    return {
        "bigram losses": list(bigram),
        "trigram losses": list(trigram),
        **afterwards(train_words=train, words=words, candidates=candidates),
    }


@smoothing_curves.check(**LONG_SUMS)
def losses_for_each_smoothing(lesson, draw):
    """Each model has a loss for each candidate, in order, and no list is changed."""
    train = draw.words("train_words", draw.size(3, 8), "ab", longest=4)
    words = draw.words("words", draw.size(1, 4), "ab", longest=4)
    candidates = draw.shuffled("candidates", CANDIDATES)
    return both_curves(lesson, train, words, candidates)


@smoothing_curves.check(cases=2, **LONG_SUMS)
def letters_that_were_never_counted(lesson, draw):
    """The scored words may have letters that the training words lack; a smoothing may be 0."""
    train = draw.words("train_words", 4, "ab", shortest=2)
    words = draw.given("words", [*draw.words("words", 2, "abz", shortest=2), "z"])
    candidates = draw.given("candidates", [[1.0, 0.5], [0.1, 0.0, 0.1]][draw.case])
    return both_curves(lesson, train, words, candidates)


@smoothing_curves.check(cases=1, **LONG_SUMS)
def every_word_of_both_lists(lesson, draw):
    """All words count in both lists, as often as they come, to the last and to their ends."""
    train = draw.given("train_words", ["ab"] * 52 + ["a" * 22 + "b" * 83] + ["bb"] * 4)
    words = draw.given("words", ["ab"] * 53 + ["b" * 22 + "ab" * 41] * 3 + ["bbb"])
    candidates = draw.given("candidates", [draw.number("candidates", 0.5, 5.0)])
    return both_curves(lesson, train, words, candidates)


@smoothing_curves.check(cases=1, **LONG_SUMS)
def many_candidates(lesson, draw):
    """There may be many candidates, and each call returns its own lists."""
    candidates = draw.given("candidates", [0.1 * (57 - place) for place in range(57)])
    first, other = (draw.words(name, 2, "ab", shortest=2) for name in ("words", "other words"))
    curves = [lesson.smoothing_curves(["ab", "b"], words, candidates) for words in (first, other)]
    return {"losses of both calls": [[list(losses) for losses in both] for both in curves]}


# best_smoothing


best_smoothing = exercise("best_smoothing", points=2)


@best_smoothing.check(cases=5)
def lowest_dev_loss(lesson, draw):
    """The candidate with the lowest loss on the dev words is returned, and no list is changed."""
    train = draw.words("train_words", draw.size(3, 12), "ab", longest=4)
    dev = draw.words("dev_words", 4, "ab", longest=4)
    candidates = draw.shuffled("candidates", CANDIDATES)
    return {
        "smoothing": lesson.best_smoothing(train, dev, candidates),
        **afterwards(train_words=train, dev_words=dev, candidates=candidates),
    }


@best_smoothing.check(cases=2)
def unlike_the_training_words(lesson, draw):
    """Dev words that are unlike the training words call for much smoothing."""
    train = draw.given("train_words", ["ab"] * draw.integer("train_words", 15, 25))
    dev = draw.given("dev_words", ["b"])
    candidates = draw.shuffled("candidates", CANDIDATES)
    return {"smoothing": lesson.best_smoothing(train, dev, candidates)}


@best_smoothing.check(cases=1)
def every_word_to_its_end(lesson, draw):
    """All words count in both lists, as often as they come, to the last and to their ends."""
    train = draw.given("train_words", ["ab"] * 52 + ["a" * 22 + "b" * 23] + ["bb"] * 4)
    dev = draw.given("dev_words", ["ab"] * 53 + ["b" * 22 + "ab" * 11] * 3 + ["bbb"])
    # 4.3 is the best, and another one as soon as a word is cut off, left out or taken once.
    candidates = draw.shuffled("candidates", [3.4, 4.3, 6.0])
    return {"smoothing": lesson.best_smoothing(train, dev, candidates)}


@best_smoothing.check(cases=2)
def one_candidate_or_many(lesson, draw):
    """Of one candidate that one is returned; of many it may be the last."""
    train, dev = draw.given("train_words", ["ab"] * 20), draw.given("dev_words", ["ab"])
    many = [float(57 - place) for place in range(57)]
    candidates = draw.given("candidates", [[draw.number("one", 0.5, 5.0)], many][draw.case])
    return {"smoothing": lesson.best_smoothing(train, dev, candidates)}


@best_smoothing.check(cases=2)
def letters_of_the_dev_words(lesson, draw):
    """The dev words may have letters that the training words lack; a candidate may be 0."""
    train = draw.words("train_words", 4, "ab", shortest=2)
    dev = draw.given("dev_words", [*draw.words("dev_words", 3, "abz", shortest=3), "z"])
    candidates = draw.shuffled("candidates", [0.0, *CANDIDATES])
    return {"smoothing": lesson.best_smoothing(train, dev, candidates)}


# final_loss


final_loss = exercise("final_loss", points=2)


def lists_to_score(draw, letters):
    """Training words, and dev words that call for another smoothing than the test words do."""
    train = draw.given("train_words", ["ab"] * draw.integer("train_words", 15, 25) + ["bb", ""])
    return train, ["ab", "ab"], draw.words("test_words", draw.size(2, 4), letters, shortest=2)


@final_loss.check(cases=4, **LONG_SUMS)
def chosen_on_dev_scored_on_test(lesson, draw):
    """The smoothing suits the dev words, and the loss is that of the test words."""
    train, dev, test = lists_to_score(draw, "ab")
    if draw.case % 2:
        dev = ["b", "ba"]
    draw.given("dev_words", dev)
    candidates = draw.shuffled("candidates", CANDIDATES)
    return {
        "loss": lesson.final_loss(train, dev, test, candidates),
        **afterwards(train_words=train, dev_words=dev, test_words=test, candidates=candidates),
    }


@final_loss.check(cases=2, **LONG_SUMS)
def letters_of_the_test_words(lesson, draw):
    """Each of the three lists may have letters that the others lack."""
    train, dev, test = lists_to_score(draw, "abz")
    dev, test = draw.given("dev_words", [*dev, "y"]), draw.given("test_words", [*test, "z"])
    candidates = draw.shuffled("candidates", CANDIDATES)
    return {"loss": lesson.final_loss(train, dev, test, candidates)}


@final_loss.check(cases=1, **LONG_SUMS)
def every_test_word(lesson, draw):
    """All words count in all lists, as often as they come, to the last and to their ends."""
    train = draw.given("train_words", ["ab"] * 52 + ["a" * 22 + "b" * 83] + ["bb"] * 4)
    dev = draw.given("dev_words", ["ab"] * 53 + ["b" * 22 + "ab" * 11] * 3 + ["bbb"])
    one = draw.text("test_words", 4, "ab")
    test = draw.given("test_words", ["ab"] * 53 + ["b" * 22 + "ab" * 41] * 3 + [one])
    # 4.3 is the best, and another one as soon as a dev word is cut off, left out or taken once.
    candidates = draw.shuffled("candidates", [3.4, 4.3, 6.0])
    return {"loss": lesson.final_loss(train, dev, test, candidates)}


@final_loss.check(cases=1, **LONG_SUMS)
def many_candidates_for_one_loss(lesson, draw):
    """The best of many candidates may be the last, and each call returns its own loss."""
    train, dev = draw.given("train_words", ["ab"] * 20), draw.given("dev_words", ["ab"])
    candidates = draw.given("candidates", [float(57 - place) for place in range(57)])
    tests = [draw.words(name, 2, "ab", shortest=2) for name in ("test_words", "other test words")]
    return {"losses": [lesson.final_loss(train, dev, test, candidates) for test in tests]}
