"""The open task of `part6_gpt`: a GPT that adds."""

from autograder.checks import Asked, open_task

COUNT = 1000
TOKENS = "0123456789+="

adder = open_task(
    "adder",
    vocabulary=12,
    score="exact match",
    bar=0.99,
    parameters=60_000,
    tensors={
        "token_embedding_table.weight": (12, None),
        "position_embedding_table.weight": (None, None),
        "lm_head.weight": (12, None),
        "lm_head.bias": (12,),
    },
    as_reference=True,
)


@adder.hidden
def sums(random, words):
    """Sums of two numbers from 0 to 999, each pair as likely as the others."""
    for _ in range(COUNT):
        a, b = random.randrange(1000), random.randrange(1000)
        answer = f"{a + b:04d}"[::-1]
        yield Asked(_tokens(f"{a:03d}+{b:03d}="), _tokens(answer), "sums")


def _tokens(text):
    return [TOKENS.index(character) for character in text]
