"""Checks of the lesson."""

from autograder.checks import exercise

table = exercise("table")


@table.check
def of_any_size(lesson, draw):
    """It has as many rows and columns as there are tokens."""
    return lesson.table(draw.size(1, 6, name="count"))


@table.check
def drawn(lesson, draw):
    """Every call has a table of its own."""
    count = draw.integer("count", 2, 40)
    return [lesson.table(count), lesson.table(count)]
