"""Checks and known mistakes of part 1: bigrams, counted and trained.

Here and in the later lessons a size is drawn under the name of the input that it is a size of. A
report shows what was drawn last under a name: the input, and not the size.
"""

import random
from string import ascii_lowercase

import torch

from autograder.checks import check, forbid, mistake, points


def numbered(letters):
    """The dot and these letters, numbered in this order."""
    return {character: index for index, character in enumerate("." + "".join(letters))}


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


@check("vocabulary")
def characters_numbered_from_one(lesson, draw):
    """The characters of the words are numbered from 1 in sorted order, and the dot is 0."""
    words = draw.words("words", draw.size("words", 1, 6), alphabet="zkqtbm")
    stoi, itos = lesson.vocabulary(words)
    return {"stoi": stoi, "itos": itos}


@check("vocabulary", cases=2)
def only_characters_that_occur(lesson, draw):
    """Characters that do not occur get no number, and those beyond a to z get one."""
    words = draw.words("words", 4, alphabet="éßzñb", shortest=2)
    words = draw.given("words", [*words, "jean-luc", "O'Neil"])
    stoi, itos = lesson.vocabulary(words)
    return {"size of stoi": len(stoi), "size of itos": len(itos), "stoi": stoi, "itos": itos}


mistake(
    "vocabulary",
    body="""
    characters = sorted(set("".join(words)))
    stoi = {character: index for index, character in enumerate(characters)}
    stoi["."] = 0
    return stoi, {index: character for character, index in stoi.items()}
    """,
    says="the letters must begin at 1: one of them has taken the index 0, which belongs to the dot",
)
mistake(
    "vocabulary",
    body="""
    characters = sorted(set("".join(words)))
    stoi = {character: index for index, character in enumerate(characters)}
    stoi["."] = len(characters)
    return stoi, {index: character for character, index in stoi.items()}
    """,
    says="the dot has been put at the end of the vocabulary; its index must be 0",
)
mistake(
    "vocabulary",
    replace='["."] + sorted(set("".join(words)))',
    by='sorted({".", *"".join(words)})',
    says="the dot is sorted in among the characters, and some come before it; its index must be 0",
)
mistake(
    "vocabulary",
    replace='"".join(words)',
    by='"".join(words).lower()',
    says="capitals have been made small; they are characters of their own",
)
mistake(
    "vocabulary",
    replace='sorted(set("".join(words)))',
    by='list(dict.fromkeys("".join(words)))',
    says="the characters are numbered as they first occur; they must be sorted first",
)
mistake(
    "vocabulary",
    replace='sorted(set("".join(words)))',
    by='sorted("".join(words))',
    says="a character that occurs twice must be numbered once; a set keeps each only once",
)
mistake(
    "vocabulary",
    replace='["."] + sorted(set("".join(words)))',
    by='list(".abcdefghijklmnopqrstuvwxyz")',
    says="the alphabet is taken for granted; number the characters that occur in the words",
)
mistake(
    "vocabulary",
    replace="itos = dict(enumerate(characters))",
    by="itos = stoi",
    says="itos must lead from the index to the character; it leads the same way as stoi",
)
mistake(
    "vocabulary",
    replace="itos = dict(enumerate(characters))",
    by="itos = dict(enumerate(characters[1:], start=1))",
    says="itos lacks the dot: index 0 must lead back to it",
)
mistake(
    "vocabulary",
    replace='"".join(words)',
    by="words[0]",
    says="only the first word is looked at; the vocabulary is that of all words",
)


# bigrams


@check("bigrams")
def neighbours_with_dots(lesson, draw):
    """Each character is paired with the next one, from the dot before the word to the one after."""
    word = draw.text("word", draw.size("word", 2, 7), alphabet="abcde")
    return {"bigrams": lesson.bigrams(word)}


@check("bigrams", cases=2)
def one_character(lesson, draw):
    """A word of one character has two bigrams."""
    return {"bigrams": lesson.bigrams(draw.text("word", 1, alphabet="abcde"))}


@check("bigrams", cases=1)
def a_pair_that_comes_again(lesson, draw):
    """A pair that comes again is listed again."""
    return {"bigrams": lesson.bigrams(draw.given("word", "anana"))}


mistake(
    "bigrams",
    replace='list(pairwise("." + word + "."))',
    by='list(dict.fromkeys(pairwise("." + word + ".")))',
    says="a pair that comes again is left out; list it each time that it comes",
)
mistake(
    "bigrams",
    replace='"." + word + "."',
    by="word",
    says="the dots are missing: a word's beginning and its end are bigrams too",
)
mistake(
    "bigrams",
    replace='"." + word + "."',
    by='"." + word',
    says="the last bigram is missing: without the dot at the end the model never learns to stop",
)
mistake(
    "bigrams",
    replace='"." + word + "."',
    by='word + "."',
    says="the first bigram is missing: without the dot before it no word ever begins",
)
mistake(
    "bigrams",
    replace="list(pairwise(",
    by="(lambda chain: list(zip(chain[::2], chain[1::2])))((",
    says="the pairs must overlap: each character ends one pair and begins the next",
)
mistake(
    "bigrams",
    body="""
    chain = "." + word + "."
    return sorted(set(pairwise(chain)))
    """,
    says="pairs are lost or reordered; keep them all, from left to right",
)
mistake(
    "bigrams",
    body="""
    chain = "." + word + "."
    return [(second, first) for first, second in pairwise(chain)]
    """,
    says="the pairs are turned around; the character on the left comes first",
)
mistake(
    "bigrams",
    replace='"." + word + "."',
    by='".." + word + "."',
    says="one dot before the word is enough for pairs",
)


# count_bigrams


@check("count_bigrams")
def every_pair_counted(lesson, draw):
    """Entry [i, j] counts how often character j follows character i, with the dots."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "abc")))
    words = draw.words("words", draw.size("words", 1, 8), alphabet="abc")
    return {"counts": lesson.count_bigrams(words, stoi)}


@check("count_bigrams")
def repeated_pairs(lesson, draw):
    """A pair that occurs again is counted again, within a word and in other words."""
    stoi = draw.given("stoi", numbered("ab"))
    words = draw.words("words", draw.size("words", 1, 5), "ab", shortest=5, longest=8)
    counts = lesson.count_bigrams(words, stoi)
    return {"number of bigrams": counts.sum(), "counts": counts}


@check("count_bigrams", cases=2)
def characters_without_counts(lesson, draw):
    """The table is as large as the vocabulary, also where characters do not occur."""
    stoi = draw.given("stoi", numbered("abcdef"))
    return {"counts": lesson.count_bigrams(draw.words("words", 2, alphabet="ab"), stoi)}


@check("count_bigrams", cases=1)
def hundreds_of_one_pair(lesson, draw):
    """A count may be larger than 255."""
    stoi = draw.given("stoi", numbered("a"))
    draw.given("words", '["a" * 301]')
    return {"counts": lesson.count_bigrams(["a" * 301], stoi)}


mistake(
    "count_bigrams",
    replace="dtype=torch.int64",
    by="dtype=torch.uint8",
    says="a uint8 goes back to 0 after 255, and the names have pairs that come thousands of times; "
    "use int64",
)
mistake(
    "count_bigrams",
    replace="counts[stoi[first], stoi[second]]",
    by="counts[stoi[second], stoi[first]]",
    says="rows and columns are exchanged: the row is the first character, the column the next",
)
mistake(
    "count_bigrams",
    replace="+= 1",
    by="= 1",
    says="a pair that occurs again must add one; with `=`, or with `+=` on a whole tensor of "
    "indices at once, it is counted only once",
)
mistake(
    "count_bigrams",
    replace=", dtype=torch.int64",
    by="",
    says="counts are whole numbers: torch.zeros makes floats unless it is given an integer dtype",
)
mistake(
    "count_bigrams",
    replace="bigrams(word)",
    by="pairwise(word)",
    says="the dots are missing: how words begin and end is counted too",
)
mistake(
    "count_bigrams",
    replace="bigrams(word)",
    by='pairwise("." + word)',
    says="how words end is not counted: the dot after each word is missing",
)
mistake(
    "count_bigrams",
    replace="bigrams(word)",
    by='pairwise(word + ".")',
    says="how words begin is not counted: the dot before each word is missing",
)
mistake(
    "count_bigrams",
    replace="for word in words:",
    by='for word in ["".join(words)]:',
    says="the words are run together, so the end of one is counted as leading to the next; "
    "each word has its own dots",
)
mistake(
    "count_bigrams",
    replace="torch.zeros((len(stoi), len(stoi)), dtype=torch.int64)",
    by='torch.zeros((len(set("".join(words))) + 1,) * 2, dtype=torch.int64)',
    says="the table must have a row and a column for each entry of stoi, whether it occurs or not",
)
mistake(
    "count_bigrams",
    replace="torch.zeros((len(stoi), len(stoi)), dtype=torch.int64)",
    by="torch.ones((len(stoi), len(stoi)), dtype=torch.int64)",
    says="the counts begin at 1; smoothing belongs into `probabilities`, counting begins at 0",
)
mistake(
    "count_bigrams",
    body="""
    counts = torch.zeros((27, 27), dtype=torch.int64)
    for word in words:
        for first, second in bigrams(word):
            counts[stoi[first], stoi[second]] += 1
    return counts
    """,
    says="27 is the size for one vocabulary; take it from stoi",
)


# probabilities


@check("probabilities")
def rows_add_up(lesson, draw):
    """Each row of the result is a distribution: its entries add up to 1."""
    size = draw.size("counts", 2, 6)
    counts = draw.indices("counts", size, size, high=9)
    counts[0, 1] += 1 + size
    result = lesson.probabilities(draw.given("counts", counts))
    return {"sums of the rows": result.sum(1), "probabilities": result}


@check("probabilities")
def smoothing_of_any_size(lesson, draw):
    """Each count plus the smoothing is divided by the sum of its own row after smoothing."""
    size = draw.size("counts", 3, 5)
    counts = draw.indices("counts", size, size, high=9)
    smoothing = draw.number("smoothing", 0.1, 5.0)
    result = lesson.probabilities(counts, smoothing)
    return {"sums of the rows": result.sum(1), "probabilities": result}


@check("probabilities")
def rows_without_counts(lesson, draw):
    """Without smoothing a row that has no counts is uniform, and the others are their shares."""
    size = draw.size("counts", 2, 5)
    empty = draw.integer("counts", 0, size - 1)
    counts = draw.indices("counts", size, size, high=9) + 1
    counts[empty] = 0
    counts[empty - 1, 0] = 0
    draw.given("counts", counts)
    result = lesson.probabilities(counts, draw.given("smoothing", 0.0))
    sums = result.sum(1)
    return {"probabilities": result, "sums of the rows": sums, "logarithms": result.log()}


@check("probabilities")
def more_contexts_than_characters(lesson, draw):
    """The table may have more rows than columns, and some of them without counts."""
    columns = draw.size("counts", 2, 4)
    counts = draw.indices("counts", columns * columns, columns, high=9)
    counts[1] = 0
    draw.given("counts", counts)
    smoothing = draw.given("smoothing", [0.5, 0.0, 2.0][draw.case])
    return {"probabilities": lesson.probabilities(counts, smoothing)}


@check("probabilities", cases=2)
def counts_stay(lesson, draw):
    """The counts are not changed."""
    counts = draw.indices("counts", 3, 3, high=9)
    result = lesson.probabilities(counts, draw.given("smoothing", 2))
    return {"counts afterwards": counts, "probabilities": result}


mistake(
    "probabilities",
    replace="smoothed / smoothed.sum(1, keepdim=True)",
    by="smoothed / smoothed.sum(1)",
    says="without keepdim the sums broadcast along the wrong axis: every column was divided by the "
    "sum of a row; on the names the average loss cannot show it, the sums of the rows do",
)
mistake(
    "probabilities",
    replace="smoothed / smoothed.sum(1, keepdim=True)",
    by="smoothed / smoothed.sum(0, keepdim=True)",
    says="the columns add up to 1; divide each row by its own sum",
)
mistake(
    "probabilities",
    replace="smoothed / smoothed.sum(1, keepdim=True)",
    by="smoothed / smoothed.sum(0).unsqueeze(1)",
    says="each row is divided by the sum of a column; divide it by its own sum",
)
mistake(
    "probabilities",
    replace="smoothed / smoothed.sum(1, keepdim=True)",
    by="smoothed / smoothed.sum()",
    says="the whole table adds up to 1; each row must",
)
mistake(
    "probabilities",
    replace="smoothed / smoothed.sum(1, keepdim=True)",
    by="smoothed / torch.where(totals == 0, 1.0, totals)",
    says="a row without counts became all ones; it is uniform, 1 / V everywhere",
)
for _by in (
    "return torch.where(totals == 0, 1 / counts.shape[1], (counts + smoothing) / totals)",
    "return (counts + smoothing) / totals",
):
    mistake(
        "probabilities",
        body="totals = counts.sum(1, keepdim=True)\n" + _by,
        says="the smoothing is in the numerator only, so the rows add up to more than 1 and the "
        "loss looks better than is possible; sum the rows after smoothing",
    )
mistake(
    "probabilities",
    body="""
    smoothed = counts + float(smoothing)
    totals = smoothed.sum(1, keepdim=True)
    return torch.where(totals == 0, 1 / len(counts), smoothed / totals)
    """,
    says="a row without counts is 1 over the number of columns, not over that of rows",
)
mistake(
    "probabilities",
    replace="counts + float(smoothing)",
    by="counts + float(smoothing) + 1e-8",
    says="a small number added to every count gives a chance to what was never seen; without "
    "smoothing, treat the empty rows alone",
)
mistake(
    "probabilities",
    replace="float(smoothing)",
    by="int(smoothing)",
    says="int cuts off what is behind the point, so that a smoothing of 0.5 becomes 0",
)
mistake(
    "probabilities",
    replace="totals = smoothed.sum(1, keepdim=True)\n",
    by="totals = smoothed.sum(1, keepdim=True)\n"
    "return counts / torch.where(totals == 0, 1.0, totals)\n",
    says="the smoothing is in the denominator only; each count must have it too",
)
mistake(
    "probabilities",
    replace="smoothed = counts + float(smoothing)",
    by="smoothed = counts.float()",
    says="no smoothing is added here; add it to every count, 1 where nothing else is said",
)
mistake(
    "probabilities",
    replace="smoothed = counts + float(smoothing)",
    by="smoothed = counts + 1.0",
    says="1 is added whatever the smoothing is; add `smoothing`",
)
mistake(
    "probabilities",
    body="""
    smoothed = counts + float(smoothing)
    return smoothed / smoothed.sum(1)
    """,
    says="without keepdim the sums broadcast along the wrong axis, so every column was divided by "
    "the sum of a row; and a row without counts must become uniform",
)
mistake(
    "probabilities",
    body="""
    smoothed = counts + float(smoothing)
    return smoothed / smoothed.sum(0, keepdim=True)
    """,
    says="the columns add up to 1; divide each row by its own sum, and make a row without counts "
    "uniform",
)
mistake(
    "probabilities",
    body="""
    smoothed = counts + float(smoothing)
    return smoothed / smoothed.sum()
    """,
    says="the whole table adds up to 1; each row must, and a row without counts is uniform",
)
mistake(
    "probabilities",
    body="""
    smoothed = counts + float(smoothing)
    return smoothed / smoothed.sum(1, keepdim=True)
    """,
    says="a row without counts gives 0 / 0, which is NaN, when the smoothing is 0; "
    "such a row is uniform",
)
mistake(
    "probabilities",
    body="""
    smoothed = counts + float(smoothing)
    return (smoothed / smoothed.sum(1, keepdim=True)).nan_to_num(0.0)
    """,
    says="a row without counts became all zeros, which is no distribution; it is uniform",
)
mistake(
    "probabilities",
    body="""
    return torch.softmax(counts + float(smoothing), dim=1)
    """,
    says="softmax is for logits; counts are positive already and are only divided by their sum",
)
mistake(
    "probabilities",
    body="""
    counts += int(smoothing)
    smoothed = torch.where(counts.sum(1, keepdim=True) == 0, 1.0, counts.float())
    return smoothed / smoothed.sum(1, keepdim=True)
    """,
    says="`counts += smoothing` changes the caller's table, and a smoothing of 0.5 becomes 0; "
    "make a new tensor",
)


# sample_word


@check("sample_word")
def no_choice(lesson, draw):
    """Where each character has one possible successor, the word spells that path, without dots."""
    size = draw.size("probabilities", 2, 26)
    path = draw.shuffled("probabilities", range(1, size + 1))[: size - 1]
    table = draw.given("probabilities", spelling_table(path, size + 1))
    itos = draw.given("itos", dict(enumerate("." + ascii_lowercase[:size])))
    words = [lesson.sample_word(table, itos, draw.generator()) for _ in range(3)]
    return {"three words": words}


@check(
    "sample_word",
    cases=1,
    tolerance=(0.0, 0.19),
    because="shares of 400 random words, six standard deviations",
)
def shares_of_words(lesson, draw):
    """Words come as often as their probabilities say, the empty word too."""
    table = torch.zeros(5, 5)
    table[0, :3] = torch.tensor([0.25, 0.3, 0.45])
    table[1:3, 3:] = torch.tensor([[0.6, 0.4], [0.3, 0.7]])
    table[3:, 0] = 1.0
    draw.given("probabilities", table)
    generator, itos = draw.generator(), draw.given("itos", dict(enumerate(".abcd")))
    words = [lesson.sample_word(table, itos, generator) for _ in range(400)]
    shares = {word: words.count(word) / 400 for word in ("", "ac", "ad", "bc", "bd")}
    return {f"about the share of {word!r}": share for word, share in shares.items()}


@check("sample_word", cases=1)
def the_word_may_be_empty(lesson, draw):
    """If the first draw is the dot, the word is empty."""
    table = draw.given("probabilities", torch.tensor([[1.0, 0.0], [0.5, 0.5]]))
    itos = draw.given("itos", {0: ".", 1: "a"})
    return {"word": lesson.sample_word(table, itos, draw.generator())}


@check("sample_word", cases=1)
def only_the_generator(lesson, draw):
    """All random numbers come from the generator, so torch's own stream is left where it was."""
    table = draw.given("probabilities", torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    itos = draw.given("itos", {0: ".", 1: "a"})
    torch.manual_seed(7)
    random.seed(7)
    word = lesson.sample_word(table, itos, draw.generator())
    return {
        "word": word,
        "torch's next random number": torch.rand(1),
        "Python's next random number": random.random(),
    }


mistake(
    "sample_word",
    replace=", generator=generator",
    by="",
    says="multinomial is not given the generator, so the same seed does not give the same word",
)
mistake(
    "sample_word",
    replace="torch.multinomial(probabilities[index], 1, generator=generator).item()",
    by="probabilities[index].argmax().item()",
    says="the same word comes each time: draw by probability instead of taking the most probable "
    "character, and never seed the generator anew",
)
for _seed in ("42", "generator.initial_seed()"):
    mistake(
        "sample_word",
        replace='index, word = 0, ""',
        by=f'generator = torch.Generator().manual_seed({_seed})\nindex, word = 0, ""',
        says="seeded anew in every call, the generator gives the same word again and again",
    )
mistake(
    "sample_word",
    replace="word += itos[index]",
    by="word = itos[index] + word",
    says="each character is put in front of the word; it belongs behind the ones before it",
)
mistake(
    "sample_word",
    body="""
    index, word = 0, ""
    for _ in range(20):
        index = torch.multinomial(probabilities[index], 1, generator=generator).item()
        if index == 0:
            break
        word += itos[index]
    return word
    """,
    says="the word is cut off after a number of characters; it goes on until the dot comes",
)
mistake(
    "sample_word",
    body="""
    for _ in range(50):
        index, word = 0, ""
        while index := torch.multinomial(probabilities[index], 1, generator=generator).item():
            word += itos[index]
        if word:
            break
    return word
    """,
    says="an empty word is drawn again; where the dot is drawn first, the word is empty",
)
mistake(
    "sample_word",
    replace="probabilities[index], 1",
    by="probabilities[index].exp(), 1",
    says="the probabilities are put through an exponential once more, as if they were logits, "
    "so what is impossible gets drawn",
)
mistake(
    "sample_word",
    replace="index, word = 0,",
    by="index, word = 1,",
    says="the word begins in the row of another character; begin at index 0, the dot",
)
mistake(
    "sample_word",
    replace="probabilities[index], 1",
    by="probabilities[:, index], 1",
    says="the column of the current character is drawn from; what follows it is in its row",
)
mistake(
    "sample_word",
    replace="return word",
    by="return word + itos[0]",
    says="the dot at the end is not a part of the word",
)
mistake(
    "sample_word",
    replace='index, word = 0, ""',
    by='index, word = 0, "."',
    says="the dot at the beginning is not a part of the word",
)
mistake(
    "sample_word",
    replace="probabilities[index], 1",
    by="torch.ones(len(itos)), 1",
    says="every character is equally likely, whatever the table says; draw from the current row",
)
mistake(
    "sample_word",
    body="""
    index = torch.multinomial(probabilities[0], 1, generator=generator).item()
    return itos[index]
    """,
    says="only one character is drawn; go on from row to row until the dot comes",
)
mistake(
    "sample_word",
    body="""
    index, word = 0, []
    while True:
        index = torch.multinomial(probabilities[index], 1, generator=generator).item()
        if index == 0:
            return word
        word.append(itos[index])
    """,
    says="a list of characters is returned; join them into one string",
)


# average_nll


@check("average_nll")
def mean_over_bigrams(lesson, draw):
    """The loss is the mean of -log of the probability over all bigrams, also those with dots."""
    stoi = draw.given("stoi", numbered("abc"))
    table = drawn_table(draw, 4, 4)
    words = draw.words("words", draw.size("words", 1, 6), alphabet="abc")
    return {"average NLL": lesson.average_nll(words, table, stoi)}


@check("average_nll", cases=2)
def long_and_short_words(lesson, draw):
    """Every bigram has the same weight, in a short word and in one that is very long."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "ab")))
    table = drawn_table(draw, 3, 3)
    length = [9, 700][draw.case]
    words = draw.given("words", ["a", draw.text("words", length, alphabet="ab")])
    return {"average NLL": lesson.average_nll(words, table, stoi)}


@check("average_nll", cases=2)
def impossible_bigram(lesson, draw):
    """One bigram of probability 0 makes the loss infinite."""
    stoi = draw.given("stoi", numbered("ab"))
    table = draw.given("probabilities", torch.tensor([[0, 1, 0], [0.5, 0.5, 0], [0.2, 0.4, 0.4]]))
    words = draw.words("words", 2, alphabet="a")
    possible = lesson.average_nll(words, table, stoi)
    words = draw.given("words with an impossible bigram", [*words, "ab"])
    return {"without it": possible, "with it": lesson.average_nll(words, table, stoi)}


mistake(
    "average_nll",
    replace="sum(seen) / len(seen)",
    by="sum(seen)",
    says="this is the sum over the bigrams; divide it by their number",
)
mistake(
    "average_nll",
    replace="sum(seen) / len(seen)",
    by="sum(seen) / len(words)",
    says="the sum is divided by the number of words; divide it by the number of bigrams",
)
mistake(
    "average_nll",
    replace="-probabilities.log()",
    by="probabilities.log()",
    says="the minus sign is missing: logarithms of probabilities are negative, the loss is not",
)
mistake(
    "average_nll",
    replace="-probabilities.log()",
    by="-probabilities.log2()",
    says="this is the logarithm to base 2; the natural one is asked for",
)
mistake(
    "average_nll",
    replace="-probabilities.log()",
    by="probabilities",
    says="this is the mean of the probabilities; take minus the logarithm of each first",
)
mistake(
    "average_nll",
    body="""
    seen = [probabilities[stoi[a], stoi[b]] for word in words for a, b in bigrams(word)]
    return -(sum(seen) / len(seen)).log().item()
    """,
    says="this is the logarithm of the mean; take the mean of the logarithms",
)
mistake(
    "average_nll",
    body="""
    seen = [probabilities[stoi[a], stoi[b]] for word in words for a, b in bigrams(word)]
    return -torch.stack(seen).prod().log().item() / len(seen)
    """,
    says="a product of many probabilities is too small for a float and becomes 0; take the "
    "logarithm of each and add",
)
mistake(
    "average_nll",
    replace="surprise[stoi[first], stoi[second]]",
    by="surprise[stoi[second], stoi[first]]",
    says="rows and columns are exchanged: the row is the first character, the column the next",
)
mistake(
    "average_nll",
    replace="in bigrams(word)",
    by="in pairwise('.' + word)",
    says="the last bigram of each word is left out: the end is predicted too",
)
mistake(
    "average_nll",
    replace="in bigrams(word)",
    by="in pairwise(word + '.')",
    says="the first bigram of each word is left out: the first letter is predicted too",
)
mistake(
    "average_nll",
    replace="sum(seen) / len(seen)",
    by="torch.tensor(sum(seen) / len(seen)).exp().item()",
    says="this is the perplexity, the exponential of what is asked for",
)
mistake(
    "average_nll",
    replace="-probabilities.log()",
    by="-torch.softmax(probabilities, dim=1).log()",
    says="the table holds probabilities already; no softmax is due",
)
mistake(
    "average_nll",
    replace="-probabilities.log()",
    by="-probabilities.clamp(min=1e-10).log()",
    says="a probability of 0 has been lifted to hide the infinity, which was the honest answer",
)
mistake(
    "average_nll",
    body="""
    means = []
    for word in words:
        seen = [-probabilities[stoi[a], stoi[b]].log().item() for a, b in bigrams(word)]
        means.append(sum(seen) / len(seen))
    return sum(means) / len(means)
    """,
    says="this is the mean over words of each word's mean, so that bigrams of short words weigh "
    "more; take one mean over all bigrams",
)


# bigram_pairs


@check("bigram_pairs")
def inputs_and_targets(lesson, draw):
    """xs holds the first and ys the next character of every bigram, in order and as int64."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "abc")))
    words = draw.words("words", draw.size("words", 1, 5), alphabet="abc")
    xs, ys = lesson.bigram_pairs(words, stoi)
    return {"xs": xs, "ys": ys, "dtype of xs": str(xs.dtype), "dtype of ys": str(ys.dtype)}


@check("bigram_pairs", cases=2)
def every_occurrence(lesson, draw):
    """A pair that occurs several times is there several times."""
    stoi = draw.given("stoi", numbered("ab"))
    words = draw.words("words", 3, alphabet="ab", shortest=3, longest=6)
    xs, ys = lesson.bigram_pairs(draw.given("words", [*words, words[0]]), stoi)
    return {"number of inputs": len(xs), "number of targets": len(ys), "xs": xs, "ys": ys}


mistake(
    "bigram_pairs",
    replace="return xs, ys",
    by="return ys, xs",
    says="inputs and targets are exchanged: xs holds the first characters",
)
mistake(
    "bigram_pairs",
    replace="return xs, ys",
    by="return xs.int(), ys.int()",
    says="the tensors are int32; they must be int64",
)
mistake(
    "bigram_pairs",
    replace="torch.tensor",
    by="torch.Tensor",
    says="torch.Tensor with a capital T makes floats; indices must be int64, as torch.tensor makes",
)
mistake(
    "bigram_pairs",
    replace="for pair in bigrams(word)]",
    by="for pair in pairwise(word)]",
    says="the bigrams with dots are missing",
)
mistake(
    "bigram_pairs",
    replace="for pair in bigrams(word)]",
    by="for pair in pairwise('.' + word)]",
    says="the last bigram of each word, which ends it, is missing",
)
mistake(
    "bigram_pairs",
    replace="pairs = [pair for word in words for pair in bigrams(word)]",
    by="pairs = sorted({pair for word in words for pair in bigrams(word)})",
    says="each pair is there once; keep every occurrence: how often it occurs is what is learned",
)
mistake(
    "bigram_pairs",
    replace="ys = torch.tensor([stoi[second] for _, second in pairs])",
    by="ys = torch.tensor([stoi[first] for first, _ in pairs])",
    says="ys repeats xs; the target is the character that follows",
)
mistake(
    "bigram_pairs",
    replace="pairs = [pair for word in words for pair in bigrams(word)]",
    by="pairs = [pair for pair in bigrams(words[0])]",
    says="only the first word is used",
)
mistake(
    "bigram_pairs",
    replace="return xs, ys",
    by="return xs.sort().values, ys",
    says="inputs and targets are no longer in step: what is done to the order of one must be done "
    "to the other",
)


# one_hot

forbid("one_hot", "one_hot", says="one_hot is to be built here: zeros, and a 1 in each row")


@check("one_hot")
def a_one_in_each_row(lesson, draw):
    """Row i is 1 in column xs[i] and 0 elsewhere, as float32."""
    classes = draw.size("num_classes", 2, 6)
    xs = draw.indices("xs", draw.size("xs", 1, 7), high=classes)
    result = lesson.one_hot(xs, classes)
    return {"sums of the rows": result.sum(-1), "one-hot": result, "dtype": str(result.dtype)}


@check("one_hot", cases=2)
def classes_that_do_not_occur(lesson, draw):
    """There is a column for every class, also where no index asks for it."""
    xs = draw.indices("xs", 4, high=3)
    return {"one-hot": lesson.one_hot(xs, draw.integer("num_classes", 5, 8)), "xs afterwards": xs}


mistake(
    "one_hot",
    replace="num_classes)",
    by="int(xs.max()) + 1)",
    says="the number of columns is num_classes, not the largest index that happens to occur",
)
mistake(
    "one_hot",
    replace="rows = torch.zeros(len(xs), num_classes)",
    by="rows = torch.zeros(len(xs), num_classes, dtype=torch.int64)",
    says="the result is of whole numbers; it is to be multiplied by floats, so it must be float32",
)
mistake(
    "one_hot",
    replace="return rows",
    by="return rows.double()",
    says="the result is float64; the weights that it is multiplied by are float32",
)
mistake(
    "one_hot",
    replace="rows[torch.arange(len(xs)), xs] = 1.0",
    by="rows[:, xs] = 1.0",
    says="`[:, xs]` sets these columns in every row; each row has a single 1, in its own column",
)
mistake(
    "one_hot",
    replace="return rows",
    by="return rows.T",
    says="the result is transposed: a row for each index, a column for each class",
)
mistake(
    "one_hot",
    replace="rows[torch.arange(len(xs)), xs] = 1.0",
    by="rows[torch.arange(len(xs)), xs - 1] = 1.0",
    says="the 1 is one column too far to the left; the indices begin at 0",
)
mistake(
    "one_hot",
    replace="= 1.0",
    by="= xs.float()",
    says="the index itself is written into its place; a one-hot row holds a 1 there",
)
mistake(
    "one_hot",
    body="""
    rows = torch.zeros(len(xs), num_classes)
    rows[0, xs] = 1.0
    return rows
    """,
    says="all the ones are in the first row; each row has its own",
)


# row_lookup


@check("row_lookup")
def rows_of_w(lesson, draw):
    """Row i of the result is row xs[i] of W, and an index may repeat."""
    W = draw.tensor("W", draw.size("W", 2, 5), draw.size("W", 3, 4))
    xs = draw.indices("xs", draw.size("xs", 1, 7), high=len(W))
    return {"rows": lesson.row_lookup(W, xs), "W afterwards": W}


@check("row_lookup", cases=2)
def as_many_rows_as_columns(lesson, draw):
    """A square W is read by rows too."""
    W = draw.tensor("W", 3, 3)
    return {"rows": lesson.row_lookup(W, draw.indices("xs", 3, high=3))}


@check("row_lookup", cases=2)
def logarithm_of_no_count(lesson, draw):
    """An entry of -inf, the logarithm of a count of 0, is copied and touches no other row."""
    W = draw.indices("W", 3, 3, high=3)
    W[0, 1], W[1, 1] = 0, 2
    W = draw.given("W", W.float().log())
    return {"rows": lesson.row_lookup(W, draw.given("xs", torch.tensor([1, 2, 0, 1])))}


@check("row_lookup", cases=2)
def gradient_of_repeated_rows(lesson, draw):
    """A row that is read several times collects the gradient of each time."""
    W = draw.tensor("W", 3, 2).requires_grad_()
    xs = draw.given("xs", torch.tensor([1, 0, 1, 1]))
    arriving = draw.tensor("gradient of the result", 4, 2)
    (lesson.row_lookup(W, xs) * arriving).sum().backward()
    return {"gradient of W": W.grad}


mistake(
    "row_lookup",
    replace="W[xs]",
    by="torch.eye(len(W))[xs] @ W",
    says="this is the product again, in which 0 times -inf is not a number; copy the rows instead",
)
mistake(
    "row_lookup",
    replace="W[xs]",
    by="W[:, xs]",
    says="this reads columns; a character's logits are a row of W",
)
mistake(
    "row_lookup",
    replace="W[xs]",
    by="W.T[xs % W.shape[1]]",
    says="W is transposed first; its rows are what is looked up",
)
mistake(
    "row_lookup",
    replace="W[xs]",
    by="W[xs].detach()",
    says="the result is cut off from W: detach, .data or torch.tensor(...) let no gradient back",
)
mistake(
    "row_lookup",
    replace="W[xs]",
    by="W[xs.unique()]",
    says="an index that occurs twice needs its row twice",
)
mistake(
    "row_lookup",
    replace="W[xs]",
    by="W[: len(xs)]",
    says="the first rows of W are returned, whatever the indices are",
)
mistake(
    "row_lookup",
    replace="W[xs]",
    by="W[xs].sum(0, keepdim=True)",
    says="the rows are added up; there is one row for each index",
)


# softmax

forbid("softmax", "softmax", says="softmax is to be built here from exp and a sum")


@check("softmax")
def any_number_of_dimensions(lesson, draw):
    """The last dimension becomes probabilities, whatever dimensions stand before it."""
    size = draw.size("logits", 2, 3)
    logits = draw.tensor("logits", *(size,) * (draw.case + 1))
    result = lesson.softmax(logits)
    return {"sums over the last dimension": result.sum(-1), "probabilities": result}


@check("softmax")
def rows_and_columns(lesson, draw):
    """Each row becomes probabilities by itself, and the logits are not changed."""
    logits = draw.tensor("logits", draw.size("logits", 2, 4), draw.size("logits", 3, 6))
    result = lesson.softmax(logits)
    return {"probabilities": result, "logits afterwards": logits}


@check("softmax", cases=2)
def gradients_of_probabilities(lesson, draw):
    """Gradients flow through the probabilities, the sum included."""
    logits = draw.tensor("logits", 2, 3).requires_grad_()
    arriving = draw.tensor("gradient of the probabilities", 2, 3)
    (lesson.softmax(logits) * arriving).sum().backward()
    return {"gradient of the logits": logits.grad}


mistake(
    "softmax",
    replace="counts.sum(-1, keepdim=True)",
    by="counts.sum(-1)",
    says="without keepdim the sums broadcast along the wrong axis",
)
mistake(
    "softmax",
    replace="counts.sum(-1, keepdim=True)",
    by="counts.sum(0, keepdim=True)",
    says="the sum runs over the first dimension; it must run over the last",
)
mistake(
    "softmax",
    replace="counts.sum(-1, keepdim=True)",
    by="counts.sum(1, keepdim=True)",
    says="dimension 1 is the last one of a matrix only; count from the end with -1",
)
mistake(
    "softmax",
    replace="counts.sum(-1, keepdim=True)",
    by="counts.sum()",
    says="the whole tensor adds up to 1; each row must",
)
mistake(
    "softmax",
    replace="return counts / counts.sum(-1, keepdim=True)",
    by="return counts",
    says="exponentials are not probabilities until they are divided by their sum",
)
mistake(
    "softmax",
    replace="logits.exp()",
    by="logits",
    says="logits may be negative; exponentiate them before you normalise",
)
mistake(
    "softmax",
    replace="logits.exp()",
    by="logits**2",
    says="squares are positive too, but -2 and 2 would be equally likely; use the exponential",
)
mistake(
    "softmax",
    replace="logits.exp()",
    by="logits.sigmoid()",
    says="a sigmoid squashes each logit by itself; softmax exponentiates, then normalises",
)
mistake(
    "softmax",
    replace="logits.exp()",
    by="2**logits",
    says="the base is 2; softmax uses e",
)
mistake(
    "softmax",
    replace="return counts / counts.sum(-1, keepdim=True)",
    by="return (counts / counts.sum(-1, keepdim=True)).log()",
    says="these are the logarithms of the probabilities",
)
mistake(
    "softmax",
    replace="logits.exp()",
    by="logits.data.exp_()",
    says="exp_ with an underscore overwrites the caller's logits; use exp",
)
mistake(
    "softmax",
    replace="logits.exp()",
    by="logits.detach().exp()",
    says="detach and .data cut the result off from the logits, and no gradient reaches them",
)
mistake(
    "softmax",
    replace="counts.sum(-1, keepdim=True)",
    by="counts.sum(-1, keepdim=True).detach()",
    says="the sum depends on the logits too, so it must not be cut off from the gradient",
)


# bigram_loss

forbid("bigram_loss", "cross_entropy", says="the loss is to be built here, not called")


@check("bigram_loss")
def mean_surprise(lesson, draw):
    """The loss is the mean of -log of each target's probability, without regularization."""
    size = draw.size("W", 2, 5)
    W = draw.tensor("W", size, size)
    xs, ys = drawn_pairs(draw, size, draw.size("xs", 1, 8))
    return {"loss": lesson.bigram_loss(W, xs, ys)}


@check("bigram_loss")
def price_of_large_weights(lesson, draw):
    """Regularization adds its strength times the mean of the squares of W."""
    size = draw.size("W", 2, 4)
    W = draw.tensor("W", size, size)
    xs, ys = drawn_pairs(draw, size, 4)
    strength = draw.number("regularization", 0.1, 2.0)
    return {"loss": lesson.bigram_loss(W, xs, ys, strength)}


@check("bigram_loss", cases=2)
def gradient_of_the_loss(lesson, draw):
    """The loss has a gradient in W, of the regularization too."""
    W = drawn_weights(draw, 3)
    xs, ys = drawn_pairs(draw, 3, 5)
    lesson.bigram_loss(W, xs, ys, draw.number("regularization", 0.1, 2.0)).backward()
    return {"gradient of W": W.grad}


@check("bigram_loss", cases=1)
def first_loss(lesson, draw):
    """With all weights 0 the loss is that of a uniform guess."""
    size = draw.integer("W", 3, 7)
    W = draw.given("W", torch.zeros(size, size))
    xs, ys = drawn_pairs(draw, size, 6)
    return {"loss": lesson.bigram_loss(W, xs, ys, draw.given("regularization", 1.0))}


mistake(
    "bigram_loss",
    replace="-picked.log().mean()",
    by="-picked.log().sum()",
    says="the loss is a sum over the examples; it must be their mean",
)
mistake(
    "bigram_loss",
    replace="-picked.log().mean()",
    by="picked.log().mean()",
    says="the minus sign is missing, so that training would make the data less likely",
)
mistake(
    "bigram_loss",
    replace="-picked.log().mean()",
    by="-picked.mean()",
    says="the logarithm is missing",
)
mistake(
    "bigram_loss",
    replace="-picked.log().mean()",
    by="-picked.mean().log()",
    says="this is the logarithm of the mean; take the mean of the logarithms",
)
mistake(
    "bigram_loss",
    replace="probs[torch.arange(len(xs)), ys]",
    by="probs[:, ys]",
    says="`[:, ys]` takes every target from every example; take ys[n] from row n only, with the "
    "pair of indices torch.arange(N), ys",
)
mistake(
    "bigram_loss",
    replace="softmax(row_lookup(W, xs))",
    by="softmax(softmax(row_lookup(W, xs)))",
    says="softmax is applied twice; after the first time they are probabilities already",
)
mistake(
    "bigram_loss",
    replace="row_lookup(W, xs)",
    by="row_lookup(W, ys)",
    says="the targets are used as inputs; the network sees xs",
)
mistake(
    "bigram_loss",
    replace="row_lookup(W, xs)",
    by="row_lookup(W.T, xs)",
    says="the columns of W are read; a character's logits are in its row",
)
mistake(
    "bigram_loss",
    replace="(W**2).mean()",
    by="(W**2).sum()",
    says="the squares are summed; their mean is asked for",
)
mistake(
    "bigram_loss",
    replace="(W**2).mean()",
    by="W.mean() ** 2",
    says="this is the square of the mean, in which large weights of both signs cancel; take the "
    "mean of the squares",
)
mistake(
    "bigram_loss",
    replace="(W**2).mean()",
    by="W.abs().mean()",
    says="absolute values are priced; squares are asked for",
)
mistake(
    "bigram_loss",
    replace=" + regularization * (W**2).mean()",
    by="",
    says="the regularization has no effect",
)
mistake(
    "bigram_loss",
    replace="+ regularization * (W**2).mean()",
    by="- regularization * (W**2).mean()",
    says="large weights are rewarded; the regularization is added",
)
mistake(
    "bigram_loss",
    replace="regularization * (W**2).mean()",
    by="(regularization or 0.01) * (W**2).mean()",
    says="a price on the weights is in the loss even where none was asked for, so that it cannot "
    "be compared with other losses",
)
mistake(
    "bigram_loss",
    replace="(W**2).mean()",
    by="(W.data**2).mean()",
    says="the regularization has no gradient: W.data and detach cut it off",
)
mistake(
    "bigram_loss",
    replace="return -picked.log().mean() + regularization * (W**2).mean()",
    by="return (-picked.log().mean() + regularization * (W**2).mean()).item()",
    says="a float has no gradient; return the tensor, without item",
)
mistake(
    "bigram_loss",
    replace="softmax(row_lookup(W, xs))",
    by="softmax(row_lookup(W, xs).T).T",
    says="the probabilities of each column add up to 1; softmax runs over the characters of a row",
)


# gradient_step

points("gradient_step", 2)


@check("gradient_step")
def one_step(lesson, draw):
    """W moves against its gradient by the learning rate; the loss before the step is returned."""
    size = draw.size("W", 2, 4)
    W = drawn_weights(draw, size)
    xs, ys = drawn_pairs(draw, size, draw.size("xs", 1, 6))
    loss = lesson.gradient_step(W, xs, ys, draw.number("learning_rate", 0.1, 5.0))
    return {"loss before the step": loss, "W after the step": W.detach()}


@check("gradient_step", cases=2)
def old_gradient(lesson, draw):
    """A gradient that is left from an earlier step plays no role."""
    W = drawn_weights(draw, 2)
    W.grad = draw.tensor("old gradient of W", 2, 2)
    xs, ys = drawn_pairs(draw, 2, 3)
    lesson.gradient_step(W, xs, ys, draw.given("learning_rate", 1.0))
    return {"W after the step": W.detach()}


@check("gradient_step", cases=2)
def several_steps(lesson, draw):
    """Step after step the loss falls, and each begins where the last one ended."""
    W = drawn_weights(draw, 3)
    xs, ys = drawn_pairs(draw, 3, 5)
    rate = draw.given("learning_rate", 2.0)
    losses = [lesson.gradient_step(W, xs, ys, rate) for _ in range(4)]
    return {"losses": losses, "W after four steps": W.detach()}


@check("gradient_step", cases=2)
def step_with_regularization(lesson, draw):
    """The regularization is in the loss and in the gradient."""
    W = drawn_weights(draw, 2)
    xs, ys = drawn_pairs(draw, 2, 3)
    rate, strength = draw.given("learning_rate", 1.0), draw.number("regularization", 0.5, 2.0)
    loss = lesson.gradient_step(W, xs, ys, rate, regularization=strength)
    return {"loss before the step": loss, "W after the step": W.detach()}


mistake(
    "gradient_step",
    replace="W.grad = None\n",
    by="",
    says="the old gradient is not cleared, and backward adds to it",
)
mistake(
    "gradient_step",
    replace="W -= learning_rate * W.grad",
    by="W += learning_rate * W.grad",
    says="the step goes uphill: the gradient points to where the loss grows",
)
mistake(
    "gradient_step",
    replace="W -= learning_rate * W.grad",
    by="W = W - learning_rate * W.grad",
    says="W has not moved: `W = W - ...` makes a new tensor and leaves the caller's W as it was; "
    "change it in place",
)
mistake(
    "gradient_step",
    replace="W -= learning_rate * W.grad",
    by="W -= W.grad",
    says="the learning rate has no effect",
)
mistake(
    "gradient_step",
    replace="W -= learning_rate * W.grad",
    by="W -= learning_rate * W.grad.sign()",
    says="only the gradient's sign is used; a steep slope calls for a larger step",
)
mistake(
    "gradient_step",
    replace="return loss.item()",
    by="return bigram_loss(W, xs, ys, regularization).item()",
    says="this is the loss after the step; return the one before it",
)
mistake(
    "gradient_step",
    replace="bigram_loss(W, xs, ys, regularization)",
    by="bigram_loss(W, xs, ys)",
    says="the regularization is not passed on",
)
mistake(
    "gradient_step",
    replace="return loss.item()",
    by="return bigram_loss(W.data + learning_rate * W.grad, xs, ys).item()",
    says="the loss that is returned lacks the regularization",
)
mistake(
    "gradient_step",
    replace="W.grad = None\nloss.backward()",
    by="loss.backward()\nW.grad = None",
    says="the gradient is cleared after backward, so that there is none to step along; clear the "
    "old one before",
)
mistake(
    "gradient_step",
    replace="with torch.no_grad():\n    W -= learning_rate * W.grad",
    by="W -= learning_rate * W.grad",
    says="the update is recorded as a part of the graph, which torch refuses for a leaf; do it "
    "under torch.no_grad() or on W.data",
)
mistake(
    "gradient_step",
    replace="return loss.item()",
    by="return None",
    says="nothing is returned; return the loss before the step",
)


# count_trigrams


@check("count_trigrams")
def every_triple_counted(lesson, draw):
    """Entry [i, j, k] counts how often k follows i and j, with two dots before and one after."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "abc")))
    words = draw.words("words", draw.size("words", 1, 6), alphabet="abc")
    counts = lesson.count_trigrams(words, stoi)
    return {"number of trigrams": counts.sum(), "counts": counts}


@check("count_trigrams", cases=2)
def first_letters(lesson, draw):
    """After two dots come the first letters, each word's once; and repeated triples add up."""
    stoi = draw.given("stoi", numbered("ab"))
    words = draw.words("words", 5, alphabet="ab", shortest=1, longest=7)
    counts = lesson.count_trigrams(words, stoi)
    return {"counts after two dots": counts[0, 0], "counts": counts}


@check("count_trigrams", cases=1)
def triples_of_rare_characters(lesson, draw):
    """The table is as large as the vocabulary, also where characters do not occur."""
    stoi = draw.given("stoi", numbered("abcd"))
    return {"counts": lesson.count_trigrams(draw.words("words", 2, alphabet="ab"), stoi)}


@check("count_trigrams", cases=1)
def hundreds_of_one_triple(lesson, draw):
    """A count may be larger than 255."""
    stoi = draw.given("stoi", numbered("a"))
    draw.given("words", '["a" * 302]')
    return {"counts": lesson.count_trigrams(["a" * 302], stoi)}


mistake(
    "count_trigrams",
    replace="dtype=torch.int64",
    by="dtype=torch.uint8",
    says="a uint8 goes back to 0 after 255; use int64",
)
mistake(
    "count_trigrams",
    body="""
    counts = torch.zeros((len(stoi),) * 3, dtype=torch.int64)
    first, second = 0, 0
    for word in words:
        for character in word + ".":
            third = stoi[character]
            counts[first, second, third] += 1
            first, second = second, third
    return counts
    """,
    says="the context runs on from one word into the next; every word starts from two dots again",
)
mistake(
    "count_trigrams",
    body="""
    counts = torch.zeros((len(stoi),) * 3, dtype=torch.int64)
    for word in words:
        chain = "." + word + "."
        for first, second, third in zip(chain, chain[1:], chain[2:]):
            counts[stoi[first], stoi[second], stoi[third]] += 1
    return counts
    """,
    says="there is only one dot before each word, so that its first letter is never predicted: the "
    "loss would look better than it is",
)
mistake(
    "count_trigrams",
    replace='".." + word + "."',
    by='"." + word + ".."',
    says="two dots belong before the word and one after it",
)
mistake(
    "count_trigrams",
    body="""
    counts = torch.zeros((len(stoi),) * 3, dtype=torch.int64)
    for word in words:
        chain = ".." + word + ".."
        for first, second, third in zip(chain, chain[1:], chain[2:]):
            counts[stoi[first], stoi[second], stoi[third]] += 1
    return counts
    """,
    says="one dot ends a word; a second one is counted as if a character followed the end",
)
mistake(
    "count_trigrams",
    replace="range(len(word) + 1)",
    by="range(len(word))",
    says="the last trigram of each word, which ends it, is missing",
)
mistake(
    "count_trigrams",
    replace="counts[first, second, third]",
    by="counts[third, second, first]",
    says="the order is reversed: index by first, second and third character",
)
mistake(
    "count_trigrams",
    replace="counts[first, second, third]",
    by="counts[second, first, third]",
    says="the two characters of context are exchanged",
)
mistake(
    "count_trigrams",
    replace="+= 1",
    by="= 1",
    says="a trigram that occurs again must add one",
)
mistake(
    "count_trigrams",
    replace=", dtype=torch.int64",
    by="",
    says="counts are whole numbers: give torch.zeros an integer dtype",
)


# average_trigram_nll


@check("average_trigram_nll")
def mean_over_trigrams(lesson, draw):
    """The loss is the mean of -log of the probability over all trigrams, the first letters too."""
    stoi = draw.given("stoi", numbered(draw.shuffled("stoi", "ab")))
    table = drawn_table(draw, 3, 3, 3)
    words = draw.words("words", draw.size("words", 1, 5), alphabet="ab", longest=8)
    return {"average NLL": lesson.average_trigram_nll(words, table, stoi)}


@check("average_trigram_nll", cases=1)
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


mistake(
    "average_trigram_nll",
    replace="sum(seen) / len(seen)",
    by="sum(seen)",
    says="this is the sum over the trigrams; divide it by their number",
)
mistake(
    "average_trigram_nll",
    replace="sum(seen) / len(seen)",
    by="sum(seen) / len(words)",
    says="the sum is divided by the number of words; divide it by the number of trigrams",
)
mistake(
    "average_trigram_nll",
    body="""
    surprise = -probabilities.log()
    seen = []
    for word in words:
        chain = "." + word + "."
        for first, second, third in zip(chain, chain[1:], chain[2:]):
            seen.append(surprise[stoi[first], stoi[second], stoi[third]].item())
    return sum(seen) / len(seen)
    """,
    says="the first letters are left out of the score, which makes it look better; two dots stand "
    "before each word",
)
mistake(
    "average_trigram_nll",
    replace="range(len(word) + 1)",
    by="range(len(word))",
    says="the ends of the words are left out of the score",
)
mistake(
    "average_trigram_nll",
    replace="-probabilities.log()",
    by="probabilities.log()",
    says="the minus sign is missing",
)
mistake(
    "average_trigram_nll",
    body="""
    counts = count_trigrams(words, stoi)
    return -(counts * probabilities.log()).sum().item() / counts.sum().item()
    """,
    says="0 times the logarithm of 0 is not a number; look up those trigrams only that occur",
)
mistake(
    "average_trigram_nll",
    replace="surprise[first, second, third]",
    by="surprise[second, first, third]",
    says="the two characters of context are exchanged",
)
mistake(
    "average_trigram_nll",
    replace="surprise[first, second, third]",
    by="surprise[third, second, first]",
    says="the order is reversed: index by first, second and third character",
)
mistake(
    "average_trigram_nll",
    replace="-probabilities.log()",
    by="-probabilities.clamp(min=1e-10).log()",
    says="a probability of 0 has been lifted to hide the infinity, which was the honest answer",
)


# best_smoothing

points("best_smoothing", 2)
CANDIDATES = [0.01, 0.1, 1.0, 10.0]


@check("best_smoothing", cases=5)
def lowest_dev_loss(lesson, draw):
    """The candidate with the lowest loss on the dev words is returned, and no list is changed."""
    train = draw.words("train_words", draw.size("train_words", 3, 12), "ab", longest=4)
    dev = draw.words("dev_words", 4, "ab", longest=4)
    candidates = draw.shuffled("candidates", CANDIDATES)
    return {
        "smoothing": lesson.best_smoothing(train, dev, candidates),
        "train_words afterwards": train,
        "dev_words afterwards": dev,
        "candidates afterwards": candidates,
    }


@check("best_smoothing", cases=2)
def unlike_the_training_words(lesson, draw):
    """Dev words that are unlike the training words call for much smoothing."""
    train = draw.given("train_words", ["ab"] * draw.integer("train_words", 15, 25))
    dev = draw.given("dev_words", ["b"])
    candidates = draw.shuffled("candidates", CANDIDATES)
    return {"smoothing": lesson.best_smoothing(train, dev, candidates)}


@check("best_smoothing", cases=2)
def letters_of_the_dev_words(lesson, draw):
    """The dev words may have letters that the training words lack; a candidate may be 0."""
    train = draw.words("train_words", 4, "ab", shortest=2)
    dev = draw.given("dev_words", [*draw.words("dev_words", 3, "abz", shortest=3), "z"])
    candidates = draw.shuffled("candidates", [0.0, *CANDIDATES])
    return {"smoothing": lesson.best_smoothing(train, dev, candidates)}


mistake(
    "best_smoothing",
    replace="average_trigram_nll(dev_words, table, stoi)",
    by="average_trigram_nll(train_words, table, stoi)",
    says="the candidates are judged on the words that were counted, where less smoothing always "
    "looks better; count the training words and judge on the dev words",
)
mistake(
    "best_smoothing",
    replace="count_trigrams(train_words, stoi)",
    by="count_trigrams(train_words + dev_words, stoi)",
    says="the dev words are among the words that are counted, so that they are no longer unseen",
)
mistake(
    "best_smoothing",
    replace="min(candidates",
    by="max(candidates",
    says="the candidate with the highest loss is returned; the lowest is the best",
)
mistake(
    "best_smoothing",
    replace="return min",
    by="candidates.sort()\nreturn min",
    says="sort changes the list of whoever called; sorted makes a new one",
)
mistake(
    "best_smoothing",
    replace="stoi, _ = vocabulary(train_words + dev_words)",
    by="number = len(train_words)\ntrain_words += dev_words\nstoi, _ = vocabulary(train_words)\n"
    "train_words = train_words[:number]",
    says="`+=` changes the list of whoever called; train_words + dev_words makes a new one",
)
mistake(
    "best_smoothing",
    replace="return min(candidates, key=dev_loss)",
    by="return min(dev_loss(smoothing) for smoothing in candidates)",
    says="this is the lowest loss; return the smoothing that gives it",
)
mistake(
    "best_smoothing",
    replace="return min(candidates, key=dev_loss)",
    by="return min(range(len(candidates)), key=lambda i: dev_loss(candidates[i]))",
    says="this is the position of the best candidate in the list; return the candidate",
)
mistake(
    "best_smoothing",
    replace="vocabulary(train_words + dev_words)",
    by="vocabulary(train_words)",
    says="the vocabulary lacks letters that occur in the dev words only; make it from both lists",
)
mistake(
    "best_smoothing",
    replace="probabilities(counts.flatten(0, 1), smoothing).view_as(counts)",
    by="probabilities(counts.flatten(1, 2), smoothing).view_as(counts)",
    says="the second and the third character are normalised together; a row is a pair of "
    "characters: flatten the first two dimensions",
)
mistake(
    "best_smoothing",
    body="""
    stoi, _ = vocabulary(train_words + dev_words)
    counts = count_bigrams(train_words, stoi)
    return min(candidates, key=lambda s: average_nll(dev_words, probabilities(counts, s), stoi))
    """,
    says="this chooses for the bigram model; the trigram model, with its many empty rows, is meant",
)
