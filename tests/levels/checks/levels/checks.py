"""Checks of the lesson of levels."""

from autograder.checks import exercise

mean = exercise("mean")


@mean.check
def mean_of_numbers(lesson, draw):
    """The mean is the sum divided by the count."""
    return {"mean": lesson.mean(draw.numbers("xs", draw.size(2, 6)))}


@mean.check
def mean_of_one(lesson, draw):
    """The mean of one number is that number."""
    return {"mean": lesson.mean([draw.number("x")])}


centred = exercise("centred")


@centred.check
def deviations(lesson, draw):
    """Every number loses the mean."""
    return {"centred": lesson.centred(draw.numbers("xs", draw.size(2, 5)))}


@centred.check
def all_alike(lesson, draw):
    """Numbers that are alike become zeros."""
    return {"centred": lesson.centred([draw.number("x")] * 3)}


spread = exercise("spread")


@spread.check
def mean_of_squares(lesson, draw):
    """The spread is the mean of squares."""
    return {"spread": lesson.spread(draw.numbers("xs", draw.size(2, 5)))}


@spread.check
def no_spread(lesson, draw):
    """Numbers that are alike have none, and two that are one apart a quarter."""
    x = draw.number("x")
    return {"alike": lesson.spread([x] * 3), "apart": lesson.spread([x, x + 1])}


box_add = exercise("Box.__add__")


@box_add.check
def adds(lesson, draw):
    """The numbers are added."""
    box = lesson.Box(draw.number("a")) + lesson.Box(draw.number("b"))
    return {"sum": box.number, "class": type(box).__name__}


@box_add.check
def operands_stay(lesson, draw):
    """The operands stay as they are."""
    one, other = lesson.Box(draw.number("a")), lesson.Box(draw.number("b"))
    one + other
    return {"a": one.number, "b": other.number, "sum": (one + other).number}


box_value = exercise("Box.value")


@box_value.check
def rounds(lesson, draw):
    """The number is rounded to two digits."""
    return {"value": lesson.Box(draw.number("x") / 7).value()}


@box_value.check
def rounds_large_numbers(lesson, draw):
    """Large numbers are rounded too."""
    return {"value": lesson.Box(1000 + draw.number("x") / 7).value()}


box_radd = exercise("Box.__radd__")


@box_radd.check
def adds_on_the_left(lesson, draw):
    """A plain number may stand on the left."""
    return {"sum": draw.number("a") + lesson.Box(draw.number("b"))}


@box_radd.check
def rounds_the_sum(lesson, draw):
    """The sum is rounded."""
    return {"sum": draw.number("a") / 7 + lesson.Box(draw.number("b") / 7)}


noise = exercise("noise")


@noise.check(tolerance=(0.0, 0.5), because="they are drawn: six deviations of a mean of 50")
def evenly(lesson, draw):
    """The numbers are spread evenly."""
    numbers = lesson.noise(50, draw.given("low", -1.0))
    return {"mean": sum(numbers) / 50, "smallest": min(numbers), "largest": max(numbers)}


@noise.check
def as_many(lesson, draw):
    """There are as many as were asked for."""
    return {"count": len(lesson.noise(draw.integer("count", 3, 9), 0.0))}
