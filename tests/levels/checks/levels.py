"""Checks of the lesson of levels."""

from autograder.checks import check, mistake


@check("mean")
def mean_of_numbers(lesson, draw):
    """The mean is the sum divided by the count."""
    return {"mean": lesson.mean(draw.numbers("xs", draw.size("count", 2, 6)))}


@check("mean")
def mean_of_one(lesson, draw):
    """The mean of one number is that number."""
    return {"mean": lesson.mean([draw.number("x")])}


mistake("mean", replace=" / len(xs)", by="", says="this is the sum; divide it by the count")
mistake("mean", replace="len(xs)", by="(len(xs) + 1)", says="the sum is divided by one too many")
mistake("mean", replace="total(xs)", by="-total(xs)", says="the sign is turned round")


@check("centred")
def deviations(lesson, draw):
    """Every number loses the mean."""
    return {"centred": lesson.centred(draw.numbers("xs", draw.size("count", 2, 5)))}


@check("centred")
def all_alike(lesson, draw):
    """Numbers that are alike become zeros."""
    return {"centred": lesson.centred([draw.number("x")] * 3)}


mistake("centred", replace="x - middle", by="middle - x", says="the difference is turned round")
mistake("centred", replace="x - middle", by="x + middle", says="the mean is added, not taken away")
mistake("centred", replace="x - middle", by="x", says="nothing is taken away")


@check("spread")
def mean_of_squares(lesson, draw):
    """The spread is the mean of squares."""
    return {"spread": lesson.spread(draw.numbers("xs", draw.size("count", 2, 5)))}


@check("spread")
def no_spread(lesson, draw):
    """Numbers that are alike have none, and two that are one apart a quarter."""
    x = draw.number("x")
    return {"alike": lesson.spread([x] * 3), "apart": lesson.spread([x, x + 1])}


mistake("spread", replace="x * x", by="abs(x)", says="the distances are averaged, not squares")
mistake("spread", replace="mean([", by="total([", says="the squares are summed, not averaged")
mistake("spread", replace="centred(xs)", by="xs", says="the numbers are not centred")


@check("Box.__add__")
def adds(lesson, draw):
    """The numbers are added."""
    box = lesson.Box(draw.number("a")) + lesson.Box(draw.number("b"))
    return {"sum": box.number, "class": type(box).__name__}


@check("Box.__add__")
def operands_stay(lesson, draw):
    """The operands stay as they are."""
    one, other = lesson.Box(draw.number("a")), lesson.Box(draw.number("b"))
    one + other
    return {"a": one.number, "b": other.number, "sum": (one + other).number}


mistake("Box.__add__", replace=" + ", by=" - ", says="the numbers are subtracted")
mistake("Box.__add__", replace=" + other.number", by="", says="the other number is left out")
mistake("Box.__add__", replace=" + ", by=" * ", says="the numbers are multiplied")


@check("Box.value")
def rounds(lesson, draw):
    """The number is rounded to two digits."""
    return {"value": lesson.Box(draw.number("x") / 7).value()}


@check("Box.value")
def rounds_large_numbers(lesson, draw):
    """Large numbers are rounded too."""
    return {"value": lesson.Box(1000 + draw.number("x") / 7).value()}


mistake("Box.value", replace=", 2", by="", says="everything behind the point is lost")
mistake("Box.value", replace=", 2", by=", 1", says="one digit is left, not two")
mistake("Box.value", replace="super().value()", by="-super().value()", says="the sign is turned")


@check("Box.__radd__")
def adds_on_the_left(lesson, draw):
    """A plain number may stand on the left."""
    return {"sum": draw.number("a") + lesson.Box(draw.number("b"))}


@check("Box.__radd__")
def rounds_the_sum(lesson, draw):
    """The sum is rounded."""
    return {"sum": draw.number("a") / 7 + lesson.Box(draw.number("b") / 7)}


mistake("Box.__radd__", replace=".value()", by="", says="a Box is returned where a number is due")
mistake("Box.__radd__", replace="Box(other) + self", by="self", says="the left number is left out")
mistake("Box.__radd__", replace=" + self", by="", says="the Box's own number is left out")


@check("noise", tolerance=(0.0, 0.5), because="they are drawn: six deviations of a mean of 50")
def evenly(lesson, draw):
    """The numbers are spread evenly."""
    numbers = lesson.noise(50, draw.given("low", -1.0))
    return {"mean": sum(numbers) / 50, "smallest": min(numbers), "largest": max(numbers)}


@check("noise")
def as_many(lesson, draw):
    """There are as many as were asked for."""
    return {"count": len(lesson.noise(draw.integer("count", 3, 9), 0.0))}


mistake("noise", replace="random.uniform(low, 1)", by="0.0", says="the numbers are always 0")
mistake("noise", replace="range(count)", by="range(count - 1)", says="one number is missing")
mistake("noise", replace="(low, 1)", by="(low, 9)", says="the numbers go beyond 1")
