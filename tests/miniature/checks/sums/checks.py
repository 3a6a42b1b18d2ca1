"""Checks of the miniature lesson."""

from autograder.checks import exercise


double = exercise("double")


@double.check
def doubles_numbers(lesson, draw):
    """A number is doubled."""
    return lesson.double(draw.number("x"))


@double.check
def doubles_integers(lesson, draw):
    """An integer is doubled."""
    return lesson.double(draw.integer("x", 3, 9))


mean = exercise("mean")


@mean.check
def mean_of_numbers(lesson, draw):
    """The mean is the sum divided by the count."""
    return {"mean": lesson.mean(draw.numbers("xs", draw.size(2, 6)))}


@mean.check
def mean_of_nothing(lesson, draw):
    """The mean of an empty list is 0.0."""
    return {"mean": lesson.mean(draw.given("xs", []))}


centred = exercise("centred")


@centred.check
def deviations(lesson, draw):
    """Every number loses the mean."""
    xs = draw.numbers("xs", draw.size(2, 5))
    return {"centred": lesson.centred(xs)}


@centred.check
def argument_unchanged(lesson, draw):
    """The argument is left as it was."""
    xs = draw.numbers("xs", 3)
    lesson.centred(xs)
    return {"xs afterwards": xs}


tally_add = exercise("Tally.add")


@tally_add.check
def counts_words(lesson, draw):
    """Every word is counted."""
    tally = lesson.Tally()
    for word in draw.words("words", draw.size(2, 9, name="count"), alphabet="ab", longest=1):
        tally.add(word)
    return {"counts": tally.counts}


@tally_add.check
def tallies_are_apart(lesson, draw):
    """Two tallies share nothing."""
    one, other = lesson.Tally(), lesson.Tally()
    one.add("a")
    return {"counts of the other": other.counts}


shares = exercise("shares", points=2)
shares.forbid("softmax", says="build softmax yourself here instead of calling it")


@shares.check
def shares_of_any_shape(lesson, draw):
    """The last dimension becomes shares."""
    x = draw.tensor("x", draw.size(1, 3), draw.size(2, 4))
    return {"shares": lesson.shares(x)}


@shares.check
def shares_of_large_numbers(lesson, draw):
    """Large numbers stay finite."""
    return {"shares": lesson.shares(draw.tensor("x", 3, low=900, high=1000))}
