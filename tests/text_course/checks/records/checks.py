"""Checks of the lesson on records."""

import io

from autograder.checks import exercise
from autograder.checks.vocabulary import afterwards, twice

tidy = exercise("tidy")


@tidy.check
def blanks_and_capitals(lesson, draw):
    """One blank between words, each with a capital letter, whatever was typed."""
    words = draw.words("words", draw.size(1, 30), alphabet="abCD", longest=6)
    return {"name": lesson.tidy("  ".join(words))}


@tidy.check(cases=2)
def blanks_around(lesson, draw):
    """Blanks before and behind the name go."""
    one, other = (f"  {draw.text(name, 6)}   x " for name in ("one", "other"))
    return twice(lesson.tidy, {"name": one}, {"name": other})


read_scores = exercise("read_scores", points=2)


def lines_of(draw, name, count):
    """Lines of a file of scores, as a text that reports show."""
    people = draw.words(f"names in {name}", count, alphabet="ab", longest=2)
    scores = draw.numbers(f"scores in {name}", count)
    return "".join(f" {who} , {score}\n" for who, score in zip(people, scores, strict=True))


@read_scores.check
def scores_of_several(lesson, draw):
    """Everybody has the list of their scores, in order."""
    text = lines_of(draw, "the file", draw.size(1, 120))
    return {"scores": lesson.read_scores(io.StringIO(text))}


@read_scores.check
def lines_that_say_nothing(lesson, draw):
    """Empty lines and lines of blanks are passed over; the last line may lack its line break."""
    score = draw.integer("score", 1, 9)
    text = draw.given("file", f"\n  \nada lovelace,{score}\n\t\nbob,{score + 1}")
    return {"scores": lesson.read_scores(io.StringIO(text))}


@read_scores.check(cases=2)
def read_anew(lesson, draw):
    """A second file is read anew."""
    one, other = (io.StringIO(lines_of(draw, name, 4)) for name in ("one", "other"))
    return {"one": lesson.read_scores(one), "other": lesson.read_scores(other)}


write_means = exercise("write_means", points=2)


def scores_of(draw, name, people, longest):
    counts = [1 + place % longest for place in range(people)]
    names = [f"{chr(97 + place % 26)}{place}" for place in range(people)]
    drawn = {who: draw.numbers(who, count) for who, count in zip(names, counts, strict=True)}
    return dict(draw.shuffled(name, list(drawn.items())))


@write_means.check
def means_in_order(lesson, draw):
    """A line for everybody, in the order of the alphabet, with two decimals."""
    scores = scores_of(draw, "scores", draw.size(1, 30), 3)
    file = io.StringIO()
    returned = lesson.write_means(scores, file)
    return {"file": file.getvalue(), "returned": returned, **afterwards(scores=scores)}


@write_means.check(cases=2)
def a_file_goes_on(lesson, draw):
    """What stands in the file stays, and what is written comes behind it."""
    file = io.StringIO()
    file.write("Means\n")
    lesson.write_means(scores_of(draw, "scores", 3, 12), file)
    lesson.write_means(scores_of(draw, "others", 3, 12), file)
    return {"file": file.getvalue()}


standardized = exercise("standardized", points=2)


@standardized.check
def mean_and_spread(lesson, draw):
    """Every column has mean 0 and spread 1, and the table stays as it was."""
    table = draw.tensor("table", draw.size(2, 1200), draw.size(1, 3)).double().numpy()
    return {"standardized": lesson.standardized(table), **afterwards(table=table)}


@standardized.check
def equal_numbers(lesson, draw):
    """A column of equal numbers becomes zeros, also where there is one row."""
    table = draw.tensor("table", draw.size(1, 4), 3).double().numpy()
    table[:, 1] = draw.number("second column")
    return {"standardized": lesson.standardized(table)}


@standardized.check(cases=2)
def two_tables(lesson, draw):
    """A second table has a result of its own."""
    one, other = (draw.tensor(name, 4, 2).double().numpy() for name in ("one", "other"))
    return twice(lesson.standardized, {"table": one}, {"table": other})


add = exercise("Best.add")


@add.check
def the_best_of_many(lesson, draw):
    """The best score of everybody is kept, negative ones too; each call says what it did."""
    best, kept = lesson.Best(), []
    people = draw.words("names", draw.size(2, 40), alphabet="abc", longest=1)
    for name, score in zip(people, draw.numbers("scores", len(people)), strict=True):
        kept.append(best.add(name, score))
    return {"kept": kept, "scores": best.scores}


@add.check
def equal_scores(lesson, draw):
    """A score that is as good as the best so far is no better."""
    best, score = lesson.Best(), draw.integer("score", -9, -1)
    return {"first": best.add("ada", score), "again": best.add("ada", score), "all": best.scores}


@add.check(cases=1)
def names_that_begin_alike(lesson, draw):
    """Names that differ at their very end are different names."""
    best, begin = lesson.Best(), draw.text("how both begin", 120)
    return {"first": best.add(f"{begin}a", 2), "second": best.add(f"{begin}b", 1)}


@add.check(cases=1)
def objects_are_apart(lesson, draw):
    """Two objects share nothing."""
    one, other = lesson.Best(), lesson.Best()
    one.add("ada", draw.integer("score", 1, 9))
    return {"of the other": other.scores}
