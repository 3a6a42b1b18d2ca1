"""The open task of `part2_mlp`: a loss on names that were put aside."""

import hashlib

from autograder.checks import Asked, open_task

CONTEXT = 8
NUMBERS = {character: number for number, character in enumerate(".abcdefghijklmnopqrstuvwxyz")}

hidden_names = open_task(
    "hidden_names",
    vocabulary=27,
    bar=2.12,
    small_bar=2.36,
    parameters=12_000,
    tensors={"C": (27, None), "W2": (None, 27), "b2": (27,)},
    renamed={"C": 0, "W2": 1, "b2": 0},
    data="names",
)


def is_hidden(word):
    """As in the lesson."""
    return hashlib.sha256(word.encode()).digest()[0] < 26


@hidden_names.hidden
def contexts(random, words):
    """Every context of every hidden name, and of as many others.

    Names are public. Whoever trains on the hidden ones alone does badly on the others, and the
    worse of the two losses counts. A round has the contexts with the same number of characters
    before them: none of them goes on where another one ends.
    """
    different = sorted(set(words))
    hidden = [word for word in different if is_hidden(word)]
    others = [word for word in different if not is_hidden(word)]
    asked = [
        *_of_words(hidden, "hidden names"),
        *_of_words(random.sample(others, min(len(hidden), len(others))), "other names"),
    ]
    random.shuffle(asked)
    return asked


def _of_words(words, among):
    for word in words:
        numbers = [NUMBERS[character] for character in f"{word}."]
        chain = [NUMBERS["."]] * CONTEXT + numbers
        for place, following in enumerate(numbers):
            yield Asked(chain[place : place + CONTEXT], [following], among, round=place)
