"""The open tasks of the lesson."""

from autograder.checks import Asked, open_task

follows = open_task(
    "follows",
    vocabulary=4,
    bar=0.1,
    parameters=40,
    tensors={"T": (4, None), "U": (None, 4)},
    renamed={"T": 0, "U": 1},
    bytes=4096,
    seconds=5.0,
)


@follows.hidden
def circle(random, words):
    """Tokens and those that follow them; zeros are a part of their own."""
    for _ in range(200):
        token = random.randrange(4)
        yield Asked([token], [(token + 1) % 4], "zeros" if token == 0 else "others", token % 2)


twofold = open_task(
    "twofold",
    vocabulary=4,
    score="exact match",
    bar=0.99,
    parameters=64,
    tensors={"S": (4, 4, 4)},
    others=False,
    as_reference=True,
)


@twofold.hidden
def sums(random, words):
    """Pairs of tokens."""
    for _ in range(50):
        a, b = random.randrange(4), random.randrange(4)
        yield Asked([a, b], [(a + b) % 4, (a + b) % 4])
