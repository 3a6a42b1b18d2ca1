"""Checks of the bridge from micrograd to makemore: storage, views, broadcasting, gather, einsum."""

import math

import torch

from autograder.checks import exercise
from autograder.checks.vocabulary import afterwards, gradients_of, twice

# A product of sizes beyond what 64 bits can count: no tensor of such a shape can be made.
HUGE = (10**9, 7, 10**9, 13, 10**9)


def integers(draw, name, count, low, high):
    """A tuple of drawn ints."""
    return draw.given(name, tuple(draw.integer(name, low, high) for _ in range(count)))


def shuffled_numbers(draw, name, *shape):
    """Different whole numbers in any order, so that each shows where it has gone."""
    count = math.prod(shape)
    numbers = torch.randperm(count, generator=draw.generator()) + 10
    return draw.given(name, numbers.view(shape))


# offset


offset = exercise("offset")


@offset.check
def a_product_for_each_dimension(lesson, draw):
    """Each index counts times its stride, and the start is added."""
    count = draw.size(1, 4)
    index, strides = integers(draw, "index", count, 0, 9), integers(draw, "strides", count, 1, 20)
    start = draw.integer("start", 1, 50)
    return {
        "from cell 0": lesson.offset(index, strides),
        "with a start": lesson.offset(index, strides, start),
    }


@offset.check(cases=2)
def strides_of_zero_and_none_at_all(lesson, draw):
    """A stride of 0 moves nothing, and without dimensions there's only the start."""
    index, start = integers(draw, "index", 3, 1, 9), draw.integer("start", 0, 50)
    strides = draw.given("strides", (0, *integers(draw, "strides", 1, 1, 9), 0))
    found = lesson.offset(index, strides, start)
    return {"cell": found, "without dimensions": lesson.offset((), (), start)}


@offset.check(cases=1)
def many_dimensions(lesson, draw):
    """There may be many dimensions, and the next call has a result of its own."""
    one, other = (integers(draw, name, 70, 1, 9) for name in ("index", "other index"))
    strides = integers(draw, "strides", 70, 1, 99)
    return {
        "first": lesson.offset(one, strides, 3),
        "second": lesson.offset(other, strides, 3),
    }


# strides_of


strides_of = exercise("strides_of")


@strides_of.check
def products_of_the_sizes_to_the_right(lesson, draw):
    """Each stride is the number of cells that one step in its dimension jumps over."""
    shape = integers(draw, "shape", draw.size(1, 4), 2, 7)
    return {"strides": lesson.strides_of(shape)}


@strides_of.check(cases=2)
def sizes_of_one(lesson, draw):
    """A size of 1 changes no other stride, and an empty shape has no strides."""
    middle = draw.integer("shape", 2, 9)
    shape = draw.given("shape", [(1, middle, 1, 4), (middle, 1)][draw.case])
    return {"strides": lesson.strides_of(shape), "of an empty shape": lesson.strides_of(())}


@strides_of.check(cases=1)
def shapes_too_large_for_memory(lesson, draw):
    """It's arithmetic: no tensor of the shape has to exist."""
    shape = draw.given("shape", (*integers(draw, "shape", 2, 2, 9), *HUGE))
    return {"strides": lesson.strides_of(shape)}


@strides_of.check(cases=1)
def strides_of_many_dimensions(lesson, draw):
    """There may be many dimensions, and the next shape has strides of its own."""
    one, other = (integers(draw, name, 110, 1, 3) for name in ("shape", "other shape"))
    return {"first": lesson.strides_of(one), "second": lesson.strides_of(other)}


# coordinates


coordinates = exercise("coordinates")


@coordinates.check
def every_place(lesson, draw):
    """Place by place, the last index moves first."""
    shape = integers(draw, "shape", draw.size(1, 3), 2, 4)
    places = range(math.prod(shape))
    return {"index of every place": [lesson.coordinates(place, shape) for place in places]}


@coordinates.check(cases=2)
def one_place_of_many(lesson, draw):
    """A single place in a larger table, and in one without dimensions."""
    shape = integers(draw, "shape", draw.size(2, 4), 3, 9)
    place = draw.integer("place", 0, math.prod(shape) - 1)
    return {"index": lesson.coordinates(place, shape), "no dims": lesson.coordinates(0, ())}


@coordinates.check(cases=1)
def places_beyond_any_memory(lesson, draw):
    """Whole numbers stay exact, however large the shape is."""
    shape = draw.given("shape", HUGE)
    place = math.prod(shape) - draw.integer("from the end", 1, 10**6)
    return {"index": lesson.coordinates(draw.given("place", place), shape)}


@coordinates.check(cases=1)
def indices_in_many_dimensions(lesson, draw):
    """There may be many dimensions, and the next shape has an index of its own."""
    shape = integers(draw, "shape", 110, 2, 3)
    place = math.prod(shape) * 4 // 7
    return {
        "first": lesson.coordinates(place, shape),
        "with the sizes reversed": lesson.coordinates(place, shape[::-1]),
    }


# read_storage


read_storage = exercise("read_storage")


@read_storage.check
def tables(lesson, draw):
    """A table is read row by row, each cell where its strides lead."""
    storage = draw.shuffled("storage", range(60))
    shape, strides = integers(draw, "shape", 2, 2, 4), integers(draw, "strides", 2, 1, 9)
    start = draw.integer("start", 1, 9)
    return {
        "from cell 0": lesson.read_storage(storage, shape, strides),
        "with a start": lesson.read_storage(storage, shape, strides, start),
        **afterwards(storage=storage),
    }


@read_storage.check
def any_number_of_dimensions(lesson, draw):
    """There's one level of lists for each dimension; with none it's the item itself."""
    storage = draw.shuffled("storage", "abcdefghijklmnopqrstuvwxyz")
    count = draw.size(0, 4)
    shape, strides = integers(draw, "shape", count, 1, 3), integers(draw, "strides", count, 0, 2)
    start = draw.integer("start", 0, 9)
    return {"read": lesson.read_storage(storage, shape, strides, start)}


@read_storage.check(cases=1)
def cells_that_are_read_again(lesson, draw):
    """With a stride of 0 the same cells are read again; items that are alike stay apart."""
    storage = draw.given("storage", ["b", "b", "a", "c"] + [draw.text("word", 23, "abc")])
    first = lesson.read_storage(storage, (3, 5), (0, 1))
    return {"read": first, "read backwards": lesson.read_storage(storage[::-1], (3, 5), (0, 1))}


@read_storage.check(cases=1)
def long_storages(lesson, draw):
    """A storage may be long, and a result has lists of its own."""
    storage = draw.shuffled("storage", range(230))
    rows = lesson.read_storage(storage, (115, 2), (2, 1))
    rows[0][0] = "changed"
    same = lesson.read_storage(storage, (2, 115), (0, 2))
    same[0][0] = "changed"
    return {"after a change": rows, "with a stride of 0, after a change": same}


@read_storage.check(cases=1)
def dozens_of_dimensions(lesson, draw):
    """There may be many dimensions."""
    storage = draw.shuffled("storage", range(150))
    shape = draw.given("shape", (*(1, 2, 1, 2) * 2, *(1,) * 25, 2, 2))
    strides = draw.given("strides", (*(5, 17, 3, 8, 2, 31, 7, 4), *(9,) * 25, 2, 60))
    return {"read": lesson.read_storage(storage, shape, strides)}


# sliced


sliced = exercise("sliced")


@sliced.check
def any_dimension(lesson, draw):
    """The start moves, one stride is multiplied by the step, and one size counts the items."""
    count = draw.size(1, 3)
    shape, strides = integers(draw, "shape", count, 4, 9), integers(draw, "strides", count, 2, 30)
    start, dim = draw.integer("start", 0, 50), draw.integer("dim", 0, count - 1)
    begin = draw.integer("begin", 1, 2)
    end, step = draw.integer("end", begin + 1, shape[dim]), draw.integer("step", 2, 3)
    plan = lesson.sliced(shape, strides, start, dim, begin, end, step)
    return {"shape, strides and start": plan}


@sliced.check
def steps_that_do_not_fit(lesson, draw):
    """What is left over at the end counts as an item; without a step it's 1."""
    size, step = (7, 10, 11)[draw.case], draw.choice("step", [2, 3, 4])
    shape, strides = draw.given("shape", (size, 3)), draw.given("strides", (3, 1))
    begins = draw.given("begins", [0, 1, 2, 3])
    with_step = [lesson.sliced(shape, strides, 0, 0, begin, size, step) for begin in begins]
    return {"with a step": with_step, "without": lesson.sliced(shape, strides, 0, 0, 1, size)}


@sliced.check(cases=1)
def slices_of_a_slice(lesson, draw):
    """A slice may be sliced again, and a plan may have many dimensions."""
    shape, strides = integers(draw, "shape", 70, 5, 9), integers(draw, "strides", 70, 1, 99)
    start = draw.integer("start", 1, 50)
    once = lesson.sliced(shape, strides, start, 68, 1, 5, 1)
    other = lesson.sliced(shape[::-1], strides, start, 68, 1, 5, 1)
    return {"once": once, "twice": lesson.sliced(*once, 2, 1, 4, 2), "another": other}


# is_contiguous


is_contiguous = exercise("is_contiguous")


def contiguous(shape):
    """The strides of a new tensor of this shape."""
    return tuple(math.prod(shape[dim + 1 :]) for dim in range(len(shape)))


@is_contiguous.check
def tables_and_their_views(lesson, draw):
    """A new tensor is contiguous; transposed, with gaps, or stretched it isn't."""
    shape = draw.given("shape", tuple(draw.shuffled("sizes", [2, 3, 5])))
    strides = contiguous(shape)
    others = [strides[::-1], (2 * strides[0], *strides[1:]), (*strides[:2], 2), (*strides[:2], 0)]
    plans = draw.shuffled("strides", [strides, strides, *others, (strides[0], *strides[:0:-1])])
    return {"contiguous": [lesson.is_contiguous(shape, plan) for plan in plans]}


@is_contiguous.check
def dimensions_of_size_one(lesson, draw):
    """In a dimension of size 1 any stride will do; in all others it counts."""
    sizes = draw.shuffled("sizes", [1, 3, 1, 4])
    shape, strides = draw.given("shape", tuple(sizes)), contiguous(sizes)
    odd = tuple(77 if size == 1 else stride for size, stride in zip(shape, strides, strict=True))
    gap = tuple(stride + (size == 3) for size, stride in zip(shape, odd, strict=True))
    plans = draw.shuffled("strides", [strides, odd, gap])
    return {"contiguous": [lesson.is_contiguous(shape, plan) for plan in plans]}


@is_contiguous.check(cases=1)
def plans_without_a_tensor(lesson, draw):
    """A plan may be larger than any memory, have many dimensions, or none."""
    shapes = draw.shuffled("shapes", [HUGE, (2,) * 110, ()])
    plans = [(shape, contiguous(shape)) for shape in shapes]
    plans += [(shape, (*strides[:-1], 2)) for shape, strides in plans if shape]
    return {"contiguous": [lesson.is_contiguous(*plan) for plan in plans]}


# training_windows


training_windows = exercise("training_windows")


@training_windows.check
def windows_and_what_follows(lesson, draw):
    """Each row has the tokens from there on, and its target is the one after them."""
    size = draw.size(1, 4, name="size")
    tokens = shuffled_numbers(draw, "tokens", size + draw.size(1, 6))
    contexts, targets = lesson.training_windows(tokens, size)
    return {"contexts": contexts, "targets": targets, **afterwards(tokens=tokens)}


@training_windows.check(cases=2)
def nothing_is_copied(lesson, draw):
    """A number that changes in the tokens afterwards changes in the windows too."""
    tokens, place = shuffled_numbers(draw, "tokens", 7), draw.integer("place", 3, 5)
    contexts, targets = lesson.training_windows(tokens, 2)
    tokens[place] = -1
    return {"contexts, then": contexts, "targets, then": targets}


@training_windows.check(cases=2)
def tokens_that_are_a_view(lesson, draw):
    """The tokens may be a part of a longer tensor, or every second number of it."""
    longer = shuffled_numbers(draw, "longer tensor", 12)
    tokens = draw.given("tokens", (longer[3:10], longer[1::2])[draw.case])
    contexts, targets = lesson.training_windows(tokens, draw.given("size", 3))
    longer += 100
    return {"contexts, then": contexts, "targets, then": targets}


@training_windows.check(cases=1)
def long_texts(lesson, draw):
    """A text may be long, and the next one has windows of its own."""
    one, other = draw.indices("one", 1013, high=99), draw.indices("other", 1013, high=99)
    return twice(lesson.training_windows, {"one": one, "size": 37}, {"other": other, "size": 37})


# separate_heads


separate_heads = exercise("separate_heads")


@separate_heads.check
def channels_of_every_position(lesson, draw):
    """Each head has its own channels, of all positions."""
    B, T, heads = draw.size(1, 2), draw.size(2, 3), draw.integer("heads", 2, 3)
    x = shuffled_numbers(draw, "x", B, T, heads * draw.size(1, 2))
    return {"heads": lesson.separate_heads(x, heads), **afterwards(x=x)}


@separate_heads.check(cases=2)
def heads_share_the_storage(lesson, draw):
    """A number that changes in x afterwards changes in the heads too."""
    x, place = shuffled_numbers(draw, "x", 2, 3, 4), draw.integer("channel", 0, 3)
    separated = lesson.separate_heads(x, 2)
    x[1, :, place] = -1
    return {"heads, then": separated}


@separate_heads.check(cases=2)
def gradients_of_the_channels(lesson, draw):
    """Gradients flow back to the channels that they belong to."""
    x = draw.tensor("x", 1, 3, 4).requires_grad_()
    arriving = draw.tensor("gradient of the heads", 1, 2, 3, 2)
    (lesson.separate_heads(x, 2) * arriving).sum().backward()
    return gradients_of(x=x)


@separate_heads.check(cases=1)
def large_batches(lesson, draw):
    """There may be many texts, positions and channels, and the next batch has its own."""
    one, other = (shuffled_numbers(draw, name, 37, 39, 6) for name in ("one", "other"))
    inputs = {"one": one, "heads": 3}, {"other": other, "heads": 3}
    seen = twice(lesson.separate_heads, *inputs)
    return {**seen, "of one wide text": lesson.separate_heads(one.view(1, 6, -1), 13)}


# broadcast_shape


broadcast_shape = exercise("broadcast_shape", points=2)


def related_shapes(draw, sizes):
    """A shape, and another that it could meet: ones here and there, and some left out in front."""
    one = [draw.choice("one", [size, size, 1]) for size in sizes]
    other = [draw.choice("other", [size, size, 1]) for size in sizes]
    cut = draw.integer("left out", 0, len(sizes))
    return draw.given("one", tuple(one)), draw.given("other", tuple(other[cut:]))


@broadcast_shape.check(cases=5)
def shapes_that_meet(lesson, draw):
    """Lined up at the right, a 1 and what is missing stretch, in either of the two."""
    one, other = related_shapes(draw, draw.shuffled("sizes", [2, 3, 4, 5])[: draw.size(2, 4)])
    return {
        "one with other": lesson.broadcast_shape(one, other),
        "other with one": lesson.broadcast_shape(other, one),
    }


@broadcast_shape.check
def shapes_that_do_not_fit(lesson, draw):
    """Sizes that differ and aren't 1 don't fit, and neither are they stretched to multiples."""
    a, b, c = draw.shuffled("sizes", [2, 3, 4])
    pairs = [((a,), (b,)), ((a, b), (a,)), ((a, c), (b, c)), ((2, a), (4, a)), ((a, 1), (a, c))]
    pairs = draw.shuffled("pairs", [*pairs, ((b, c, a), (c, a)), ((b, a, c), (c, a))])
    return {"shapes": [lesson.broadcast_shape(*pair) for pair in pairs]}


@broadcast_shape.check
def sizes_that_are_letters(lesson, draw):
    """A letter is equal to itself alone, and a 1 stretches to it."""
    B, T, C = draw.shuffled("letters", ["B", "T", "C"])
    size = draw.integer("size", 2, 9)
    pairs = [
        ((B, T, C), (T, 1)), ((B, 1, C), (T, C)), ((T, C), (B, T, C)), ((B, T), (T, B)), ((T,), ()),
        ((B, size), (1, 1, C, 1)), ((B, T), (size, T)), ((size, T), (1,)), ((1,), (C,)),
    ]  # fmt: skip
    pairs = draw.shuffled("pairs", pairs)
    return {"shapes": [lesson.broadcast_shape(*pair) for pair in pairs]}


@broadcast_shape.check(cases=1)
def nothing_at_all(lesson, draw):
    """A size of 0 is a size like others, and a tensor without dimensions meets everything."""
    size = draw.integer("size", 2, 9)
    pairs = [((0,), (1,)), ((1, 0), (size, 1)), ((0,), (size,)), ((), (size, 0)), ((), ())]
    pairs = draw.given("pairs", [*pairs, ((size,), ())])
    return {"shapes": [lesson.broadcast_shape(*pair) for pair in pairs]}


@broadcast_shape.check(cases=1)
def shapes_of_many_dimensions(lesson, draw):
    """There may be many dimensions, and the next pair has a shape of its own."""
    one = integers(draw, "one", 110, 2, 9)
    other = tuple(draw.choice("other", [1, size]) for size in one)
    long = lesson.broadcast_shape(one, draw.given("other", other))
    again = lesson.broadcast_shape(one[::-1], other[::-1])
    turned = lesson.broadcast_shape(other[9:], one)
    return {"first": long, "second": again, "the longer one second": turned}


# shares


shares = exercise("shares")


@shares.check
def square_tables_of_counts(lesson, draw):
    """In a square table each number is divided by the sum of its own row, or of its column."""
    size = draw.size(2, 4)
    counts = draw.indices("counts", size, size, high=9) + 1
    counts = draw.given("counts", counts + torch.arange(size)[:, None] ** 2)
    return {
        "shares of the rows": lesson.shares(counts, 1),
        "shares of the columns": lesson.shares(counts, 0),
        **afterwards(counts=counts),
    }


@shares.check
def any_dimension_of_any_number(lesson, draw):
    """The dimension may be any, counted from the front or from the end."""
    shape = [(4,), (3, 2), (2, 3, 2)][draw.case]
    counts = draw.tensor("counts", *shape, low=0.5, high=3.0)
    dim = draw.integer("dim", -len(shape), len(shape) - 1)
    return {"shares": lesson.shares(counts, dim), "over the last": lesson.shares(counts, -1)}


@shares.check(cases=1)
def negative_numbers(lesson, draw):
    """Numbers may be negative: it's their sum that counts, and not the sum of their sizes."""
    counts = draw.tensor("counts", 3, 2, low=0.5, high=2.0)
    counts = draw.given("counts", torch.cat([counts, -counts[:, :1] / 4], 1))
    return {"shares": lesson.shares(counts, 1)}


@shares.check(cases=1)
def bytes_that_would_overflow(lesson, draw):
    """Counts may be bytes, whose sum is more than a byte can hold."""
    counts = draw.given("counts", (draw.indices("counts", 2, 3, high=90) + 160).byte())
    return {"shares": lesson.shares(counts, 1)}


@shares.check(cases=1)
def large_tables(lesson, draw):
    """A table may be large, and the next one has shares of its own."""
    one, other = (draw.tensor(n, 1013, 37, low=0.5, high=2.0) for n in ("one", "other"))
    seen = twice(lesson.shares, {"one": one, "dim": 1}, {"other": other, "dim": 1})
    return {**seen, "over the first": lesson.shares(one, 0)}


# hide_padding


hide_padding = exercise("hide_padding")


@hide_padding.check
def the_first_ones_stay(lesson, draw):
    """Of each row as many scores stay as its text is long, and those behind are hidden."""
    B, T = draw.size(2, 4), draw.size(3, 5)
    scores, lengths = draw.tensor("scores", B, T), draw.indices("lengths", B, high=T + 1)
    hidden = lesson.hide_padding(scores, lengths)
    return {"hidden": hidden, **afterwards(scores=scores, lengths=lengths)}


@hide_padding.check(cases=2)
def as_many_texts_as_places(lesson, draw):
    """In a square batch, too, every row has its own length."""
    scores = draw.tensor("scores", 4, 4)
    lengths = draw.given("lengths", torch.tensor(draw.shuffled("lengths", [0, 1, 2, 4])))
    return {"hidden": lesson.hide_padding(scores, lengths)}


@hide_padding.check(cases=2)
def infinite_scores(lesson, draw):
    """Scores may be infinite already, on both sides of the end, and none becomes nan."""
    scores, length = draw.tensor("scores", 2, 4), draw.integer("length", 1, 3)
    scores[0], scores[1, ::2] = torch.inf, -torch.inf
    draw.given("scores", scores)
    lengths = draw.given("lengths", torch.tensor([length, 4 - length]))
    return {"hidden": lesson.hide_padding(scores, lengths)}


@hide_padding.check(cases=1)
def full_texts(lesson, draw):
    """Where no text ends early the result is a new tensor all the same, and gradients flow."""
    scores = draw.tensor("scores", 2, 3).requires_grad_()
    hidden = lesson.hide_padding(scores, draw.given("lengths", torch.tensor([3, 3])))
    hidden.sum().backward()
    return {"gradient of the scores": scores.grad, "it is the same tensor": hidden is scores}


@hide_padding.check(cases=1)
def long_batches(lesson, draw):
    """A batch may be large, and the next one has scores of its own."""
    one, other = draw.tensor("one", 1013, 37), draw.tensor("other", 1013, 37)
    lengths = draw.indices("lengths", 1013, high=38)
    inputs = {"one": one, "lengths": lengths}, {"other": other, "more": lengths.flip(0)}
    return twice(lesson.hide_padding, *inputs)


# hit_rate


hit_rate = exercise("hit_rate")


@hit_rate.check
def the_share_that_is_right(lesson, draw):
    """An example counts if its largest score stands at its target."""
    count, classes = (1, 6, 1013)[draw.case], draw.size(2, 5)
    scores = draw.tensor("scores", count, classes)
    scores += torch.arange(classes) / 1000
    right, targets = scores.argmax(1), draw.indices("targets", count, high=classes)
    targets = torch.where(draw.indices("which", count, high=2) == 0, right, targets)
    rate = lesson.hit_rate(draw.given("scores", scores), draw.given("targets", targets))
    return {"share": rate, **afterwards(scores=scores, targets=targets)}


@hit_rate.check(cases=2)
def as_many_classes_as_examples(lesson, draw):
    """It's each example that has a class, in a square table too; negative scores are scores."""
    order = torch.tensor(draw.shuffled("order", range(4)))
    scores = -draw.tensor("scores", 4, 4, low=1.0, high=2.0)
    scores[torch.arange(4), order] = -0.5
    targets = draw.given("targets", torch.where(torch.arange(4) < 2 + draw.case, order, 3 - order))
    return {"share": lesson.hit_rate(draw.given("scores", scores), targets)}


@hit_rate.check(cases=2)
def examples_that_come_again(lesson, draw):
    """An example that's there several times counts every time."""
    right = draw.indices("largest scores", 3, high=37)
    scores, targets = torch.eye(37)[right], (right + torch.tensor([0, 0, 1])) % 37
    rows = draw.given("which of them", torch.tensor([0] * (3 + draw.case) + [1] + [2] * 7))
    return {"share": lesson.hit_rate(scores[rows], targets[rows])}


@hit_rate.check(cases=1)
def always_and_never(lesson, draw):
    """All right is 1, all wrong is 0, and each call has its own result."""
    scores = draw.tensor("scores", 113, 37) + torch.arange(37) / 1000
    right = scores.argmax(1)
    some = torch.where(draw.indices("which", 113, high=3) == 0, right, (right + 1) % 37)
    targets = {"all": right, "none": (right + 1) % 37, "some": some}
    return {name: lesson.hit_rate(scores, target) for name, target in targets.items()}


# pick


pick = exercise("pick")


@pick.check
def any_number_of_dimensions_before(lesson, draw):
    """Of every row of the last dimension the entry of its own target is taken."""
    shape = [(1,), (3, 1), (2, 2, 3)][draw.case]
    classes = draw.size(3, 5)
    logp = draw.tensor("log_probabilities", *shape, classes)
    targets = draw.indices("targets", *shape, high=classes)
    picked = lesson.pick(logp, targets)
    return {"picked": picked, **afterwards(log_probabilities=logp, targets=targets)}


@pick.check(cases=2)
def as_many_rows_as_entries(lesson, draw):
    """Rows are rows, even if there are as many of them as entries, and may hold infinities."""
    shape = [(3,), (3, 3)][draw.case]
    logp = draw.tensor("log_probabilities", *shape, 3)
    logp[..., 0, 1] = -torch.inf
    targets = draw.indices("targets", *shape, high=3)
    return {"picked": lesson.pick(draw.given("log_probabilities", logp), targets)}


@pick.check(cases=2)
def gradients_of_what_is_picked(lesson, draw):
    """The gradient of each pick arrives at the entry that was picked."""
    logp = draw.tensor("log_probabilities", 2, 2, 3).requires_grad_()
    targets = draw.indices("targets", 2, 2, high=3)
    arriving = draw.tensor("gradient of the picked", 2, 2)
    (lesson.pick(logp, targets) * arriving).sum().backward()
    return gradients_of(log_probabilities=logp)


@pick.check(cases=1)
def many_rows(lesson, draw):
    """There may be many rows and entries, and the next call has picks of its own."""
    one, other = draw.tensor("one", 1013, 37), draw.tensor("other", 1013, 37)
    targets, more = (draw.indices(name, 1013, high=37) for name in ("targets", "other targets"))
    batch = lesson.pick(one[:1011].view(3, 337, 37), targets[:1011].view(3, 337))
    inputs = {"one": one, "targets": targets}, {"other": other, "more": more}
    return {**twice(lesson.pick, *inputs), "of a batch": batch}


# tally_pairs


tally_pairs = exercise("tally_pairs", points=2)


@tally_pairs.check
def pairs_are_counted(lesson, draw):
    """Row i, column j counts the pairs (i, j), and a pair that comes again counts again."""
    size, count = draw.size(2, 4, name="size"), (3, 12, 1013)[draw.case]
    first, second = (draw.indices(name, count, high=size) for name in ("first", "second"))
    counts = lesson.tally_pairs(first, second, size)
    return {
        "sum of the counts": counts.sum(),
        "counts": counts,
        **afterwards(first=first, second=second),
    }


@tally_pairs.check(cases=2)
def numbers_without_pairs(lesson, draw):
    """The table has a row and a column for every number, and no pair at all makes zeros."""
    size = draw.integer("size", 5, 7)
    first, second = draw.indices("first", 4, high=3), draw.indices("second", 4, high=2)
    none = torch.zeros(0, dtype=torch.int64)
    return {
        "counts": lesson.tally_pairs(first, second, size),
        "of no pairs": lesson.tally_pairs(none, none, size),
    }


@tally_pairs.check(cases=1)
def hundreds_of_one_pair(lesson, draw):
    """A pair may come hundreds of times."""
    i, j = draw.indices("pair", 2, high=3).tolist()
    first, second = torch.full((700,), i), torch.full((700,), j)
    return {"counts": lesson.tally_pairs(first, second, draw.given("size", 3))}


@tally_pairs.check(cases=1)
def tallies_of_large_tables(lesson, draw):
    """A table may be large, and the next pairs have one of their own."""
    one, other = draw.indices("one", 2, 64, high=113), draw.indices("other", 2, 64, high=113)
    counts = [lesson.tally_pairs(*pairs, 113) for pairs in (one, other)]
    return {"counts": counts[0], "counts of the other": counts[1]}


# head_scores


head_scores = exercise("head_scores")
LONG_SUMS = {"tolerance": (1e-4, 1e-5), "because": "the order of the sums is left open"}


@head_scores.check(**LONG_SUMS)
def every_query_with_every_key(lesson, draw):
    """Each position of the queries meets each one of the keys, in the same text and head."""
    B, H, D = draw.size(1, 2), draw.size(1, 3), draw.size(1, 4)
    queries = draw.tensor("queries", B, draw.size(2, 3), H, D)
    keys = draw.tensor("keys", B, draw.size(3, 2), H, D)
    scores = lesson.head_scores(queries, keys)
    return {"scores": scores, **afterwards(queries=queries, keys=keys)}


@head_scores.check(cases=2, **LONG_SUMS)
def sizes_that_are_all_alike(lesson, draw):
    """Texts, positions, heads and channels stay apart, even where there are as many of each."""
    queries, keys = draw.tensor("queries", 2, 2, 2, 2), draw.tensor("keys", 2, 2, 2, 2)
    return {"scores": lesson.head_scores(queries, keys)}


@head_scores.check(cases=2, **LONG_SUMS)
def gradients_of_both(lesson, draw):
    """Gradients flow back to the queries and to the keys."""
    queries = draw.tensor("queries", 1, 2, 2, 3).requires_grad_()
    keys = draw.tensor("keys", 1, 3, 2, 3).requires_grad_()
    arriving = draw.tensor("gradient of the scores", 1, 2, 2, 3)
    (lesson.head_scores(queries, keys) * arriving).sum().backward()
    return gradients_of(queries=queries, keys=keys)


@head_scores.check(cases=1, **LONG_SUMS)
def large_heads(lesson, draw):
    """There may be many of all, and the next call has scores of its own."""
    one, other = draw.tensor("one", 37, 5, 2, 3), draw.tensor("other", 37, 5, 2, 3)
    wide = draw.tensor("wide", 1, 37, 2, 41)
    inputs = {"one": one, "its keys": one + 1}, {"other": other, "more keys": other - 1}
    return {**twice(lesson.head_scores, *inputs), "of wide ones": lesson.head_scores(wide, wide)}


# push_front


push_front = exercise("push_front")


@push_front.check
def moved_and_put_in_front(lesson, draw):
    """Every row moves by one place, and its own token stands in front."""
    history = shuffled_numbers(draw, "history", draw.size(1, 4), draw.size(2, 6))
    tokens = draw.indices("tokens", len(history), high=9)
    result = lesson.push_front(history, tokens)
    return {"history afterwards": history, "returned": result, **afterwards(tokens=tokens)}


@push_front.check(cases=2)
def parts_of_a_larger_tensor(lesson, draw):
    """The history may be a part of a larger tensor; its other numbers stay."""
    larger = shuffled_numbers(draw, "larger tensor", 4, 5)
    history = draw.given("history", (larger[1:3, 1:4], larger.T[:, :2])[draw.case])
    lesson.push_front(history, draw.indices("tokens", len(history), high=9))
    return {"larger tensor afterwards": larger}


@push_front.check(cases=3)
def again_and_again(lesson, draw):
    """After several tokens the last ones are there, the newest in front; one column is enough."""
    history = shuffled_numbers(draw, "history", *[(2, 4), (2, 1), (1, 5)][draw.case])
    for tokens in draw.indices("tokens", 3, len(history), high=9):
        lesson.push_front(history, tokens)
    return {"history afterwards": history}


@push_front.check(cases=1)
def long_histories(lesson, draw):
    """A history may be long and wide, and another one has its own."""
    one, other = (shuffled_numbers(draw, name, 1013, 33) for name in ("one", "other"))
    for history in (one, other):
        lesson.push_front(history, draw.indices("tokens", 1013, high=9))
    return {"one": one, "other": other}
