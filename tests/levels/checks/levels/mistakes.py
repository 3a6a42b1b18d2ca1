"""Known mistakes of the lesson of levels."""

from autograder.checks import mistakes

mistakes("mean", [
    (" / len(xs)", "", "this is the sum; divide it by the count"),
    ("len(xs)", "(len(xs) + 1)", "the sum is divided by one too many"),
    ("total(xs)", "-total(xs)", "the sign is turned round"),
])

mistakes("centred", [
    ("x - middle", "middle - x", "the difference is turned round"),
    ("x - middle", "x + middle", "the mean is added, not taken away"),
    ("x - middle", "x", "nothing is taken away"),
])

mistakes("spread", [
    ("x * x", "abs(x)", "the distances are averaged, not squares"),
    ("mean([", "total([", "the squares are summed, not averaged"),
    ("centred(xs)", "xs", "the numbers are not centred"),
])

mistakes("Box.__add__", [
    (" + ", " - ", "the numbers are subtracted"),
    (" + other.number", "", "the other number is left out"),
    (" + ", " * ", "the numbers are multiplied"),
])

mistakes("Box.value", [
    (", 2", "", "everything behind the point is lost"),
    (", 2", ", 1", "one digit is left, not two"),
    ("super().value()", "-super().value()", "the sign is turned"),
])

mistakes("Box.__radd__", [
    (".value()", "", "a Box is returned where a number is due"),
    ("Box(other) + self", "self", "the left number is left out"),
    (" + self", "", "the Box's own number is left out"),
])

mistakes("noise", [
    ("random.uniform(low, 1)", "0.0", "the numbers are always 0"),
    ("range(count)", "range(count - 1)", "one number is missing"),
    ("(low, 1)", "(low, 9)", "the numbers go beyond 1"),
])
