"""Known mistakes of the miniature lesson."""

from autograder.checks import mistakes, whole

mistakes("double", [
    ("x + x", "x * x", "x * x is the square, not the double"),
    ("x + x", "x", "x is returned as it came"),
    whole("return -(x + x)", "the sign is turned round"),
])

mistakes("mean", [
    (" / len(xs)", "", "this is the sum; divide it by the count"),
    ("len(xs)", "(len(xs) - 1)", "the sum is divided by one too few"),
    ("if not xs:\n    return 0.0", "", "an empty list divides by zero"),
])

mistakes("centred", [
    ("x - middle", "middle - x", "the difference is turned round"),
    ("x - middle", "x + middle", "the mean is added, not taken away"),
    whole("""
        middle = mean(xs)
        xs[:] = [x - middle for x in xs]
        return xs
        """, "the argument itself is changed"),
])

mistakes("Tally.add", [
    (" + 1", "", "nothing is added to the count"),
    (".get(word, 0)", "[word]", "a new word has no count yet"),
    (", 0) + 1", ", 1) + 1", "a new word's count starts at 1, not 0"),
])

mistakes("shares", [
    ("(x - x.max(-1, keepdim=True).values)", "x", "exp overflows"),
    ("sum(-1, keepdim=True)", "sum()", "the sum runs over everything"),
    (" / counts.sum(-1, keepdim=True)", "", "nothing is divided"),
])
