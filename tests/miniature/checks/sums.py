"""Checks of the miniature lesson."""

from autograder.checks import check, forbid, mistake, points


@check("double")
def doubles_numbers(lesson, draw):
    """A number is doubled."""
    return lesson.double(draw.number("x"))


@check("double")
def doubles_integers(lesson, draw):
    """An integer is doubled."""
    return lesson.double(draw.integer("x", 3, 9))


mistake("double", replace="x + x", by="x * x", says="x * x is the square, not the double")
mistake("double", replace="x + x", by="x", says="x is returned as it came")
mistake("double", body="return -(x + x)", says="the sign is turned round")


@check("mean")
def mean_of_numbers(lesson, draw):
    """The mean is the sum divided by the count."""
    return {"mean": lesson.mean(draw.numbers("xs", draw.size("count", 2, 6)))}


@check("mean")
def mean_of_nothing(lesson, draw):
    """The mean of an empty list is 0.0."""
    return {"mean": lesson.mean(draw.given("xs", []))}


mistake("mean", replace=" / len(xs)", by="", says="this is the sum; divide it by the count")
mistake("mean", replace="len(xs)", by="(len(xs) - 1)", says="the sum is divided by one too few")
mistake("mean", replace="if not xs:\n    return 0.0", by="", says="an empty list divides by zero")


@check("centred")
def deviations(lesson, draw):
    """Every number loses the mean."""
    xs = draw.numbers("xs", draw.size("count", 2, 5))
    return {"centred": lesson.centred(xs)}


@check("centred")
def argument_unchanged(lesson, draw):
    """The argument is left as it was."""
    xs = draw.numbers("xs", 3)
    lesson.centred(xs)
    return {"xs afterwards": xs}


mistake("centred", replace="x - middle", by="middle - x", says="the difference is turned round")
mistake("centred", replace="x - middle", by="x + middle", says="the mean is added, not taken away")
mistake(
    "centred",
    body="middle = mean(xs)\nxs[:] = [x - middle for x in xs]\nreturn xs",
    says="the argument itself is changed",
)


@check("Tally.add")
def counts_words(lesson, draw):
    """Every word is counted."""
    tally = lesson.Tally()
    for word in draw.words("words", draw.size("count", 2, 9), alphabet="ab", longest=1):
        tally.add(word)
    return {"counts": tally.counts}


@check("Tally.add")
def tallies_are_apart(lesson, draw):
    """Two tallies share nothing."""
    one, other = lesson.Tally(), lesson.Tally()
    one.add("a")
    return {"counts of the other": other.counts}


mistake("Tally.add", replace=" + 1", by="", says="nothing is added to the count")
mistake("Tally.add", replace=".get(word, 0)", by="[word]", says="a new word has no count yet")
mistake("Tally.add", replace=", 0) + 1", by=", 1) + 1", says="a new word's count starts at 1, not 0")

points("shares", 2)
forbid("shares", "softmax", says="softmax is to be built here, not called")


@check("shares")
def shares_of_any_shape(lesson, draw):
    """The last dimension becomes shares."""
    x = draw.tensor("x", draw.size("rows", 1, 3), draw.size("columns", 2, 4))
    return {"shares": lesson.shares(x)}


@check("shares")
def shares_of_large_numbers(lesson, draw):
    """Large numbers stay finite."""
    return {"shares": lesson.shares(draw.tensor("x", 3, low=900, high=1000))}


mistake("shares", replace="(x - x.max(-1, keepdim=True).values)", by="x", says="exp overflows")
mistake("shares", replace="sum(-1, keepdim=True)", by="sum()", says="the sum runs over everything")
mistake("shares", replace=" / counts.sum(-1, keepdim=True)", by="", says="nothing is divided")
