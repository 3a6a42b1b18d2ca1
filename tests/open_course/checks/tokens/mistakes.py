"""Known mistakes of the lesson."""

from autograder.checks import mistakes

mistakes(
    "table",
    [
        ("zeros", "ones", "a table begins with zeros"),
        ("zeros(count, count)", "zeros(count)", "a table has rows and columns"),
        ("zeros(count, count)", "zeros(count, count + 1)", "a table of tokens is square"),
    ],
)
