"""The references of the bridge lesson against torch's own plans, shapes and operators."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.references import load

lesson = load("part0_tensors")
SEEDS = st.integers(0, 10_000)
SHAPES = st.lists(st.integers(1, 4), max_size=4).map(tuple)
quick = settings(deadline=None, max_examples=40)


def generator(seed):
    return torch.Generator().manual_seed(seed)


def same(actual, expected):
    torch.testing.assert_close(actual, expected)


def plan(x):
    """Shape, strides and start of a tensor, as torch says them."""
    return tuple(x.shape), x.stride(), x.storage_offset()


def view_of(draw):
    """A view of a new tensor: its dimensions permuted, one of them sliced, some expanded."""
    x = torch.arange(math.prod(shape := draw(SHAPES))).view(shape)
    x = x.permute(draw(st.permutations(range(x.dim()))))
    if x.dim():
        dim = draw(st.integers(0, x.dim() - 1))
        begin = draw(st.integers(0, x.shape[dim] - 1))
        x = x.narrow(dim, begin, draw(st.integers(1, x.shape[dim] - begin)))
    if draw(st.booleans()):
        x = x.expand(3, *x.shape)
    return x


VIEWS = st.composite(view_of)()


@quick
@given(SHAPES)
def test_strides_are_those_of_a_new_tensor(shape):
    assert lesson.strides_of(shape) == torch.empty(shape).stride()


@quick
@given(SHAPES)
def test_places_and_coordinates_are_inverse(shape):
    strides = lesson.strides_of(shape)
    every = list(itertools.product(*map(range, shape)))
    assert [lesson.offset(index, strides) for index in every] == list(range(len(every)))
    assert [lesson.coordinates(place, shape) for place in range(len(every))] == every


@quick
@given(VIEWS)
def test_a_storage_is_read_as_torch_reads_it(x):
    shape, strides, start = plan(x)
    storage = x.untyped_storage().tolist()
    cells = torch.tensor(storage, dtype=torch.uint8).view(torch.int64).tolist()
    assert lesson.read_storage(cells, shape, strides, start) == x.tolist()


@quick
@given(VIEWS, st.data())
def test_a_slice_is_torchs(x, data):
    if not x.dim():
        return
    dim = data.draw(st.integers(0, x.dim() - 1))
    begin = data.draw(st.integers(0, x.shape[dim] - 1))
    end, step = data.draw(st.integers(begin + 1, x.shape[dim])), data.draw(st.integers(1, 3))
    cut = x[(slice(None),) * dim + (slice(begin, end, step),)]
    assert lesson.sliced(*plan(x), dim, begin, end, step) == plan(cut)


@quick
@given(VIEWS)
def test_contiguous_is_what_torch_calls_so(x):
    assert lesson.is_contiguous(tuple(x.shape), x.stride()) == x.is_contiguous()


@quick
@given(SEEDS, st.integers(1, 4), st.integers(1, 5), st.integers(1, 3))
def test_windows_are_slices_of_the_same_storage(seed, size, more, stride):
    longer = torch.randint(9, (stride * (size + more),), generator=generator(seed))
    tokens = longer[::stride]
    contexts, targets = lesson.training_windows(tokens, size)
    for i, (context, target) in enumerate(zip(contexts, targets, strict=True)):
        same(context, tokens[i : i + size])
        same(target, tokens[i + size])
    pointers = {each.untyped_storage().data_ptr() for each in (longer, contexts, targets)}
    assert len(pointers) == 1


@pytest.mark.parametrize("heads", [1, 2, 3, 6])
def test_heads_are_chunks_of_the_channels(heads):
    x = torch.randn(2, 5, 6, generator=generator(0))
    separated = lesson.separate_heads(x, heads)
    same(separated, torch.stack(x.chunk(heads, dim=-1), 1))
    assert separated.data_ptr() == x.data_ptr()


@quick
@given(*[st.lists(st.integers(0, 3), max_size=4).map(tuple)] * 2)
def test_shapes_meet_as_in_torch(one, other):
    try:
        expected = tuple((torch.empty(one) + torch.empty(other)).shape)
    except RuntimeError:
        expected = None
    assert lesson.broadcast_shape(one, other) == expected


@quick
@given(*[st.lists(st.sampled_from([1, 2, "B", "T"]), max_size=3).map(tuple)] * 2)
def test_letters_are_sizes_of_their_own(one, other):
    """A letter acts like a prime number that nobody else has."""
    number = {"B": 5, "T": 7}
    numbered = [tuple(number.get(size, size) for size in shape) for shape in (one, other)]
    found, expected = lesson.broadcast_shape(one, other), lesson.broadcast_shape(*numbered)
    assert (found and tuple(number.get(size, size) for size in found)) == expected


@quick
@given(SEEDS, st.integers(-3, 2))
def test_shares_are_a_norm_of_one(seed, dim):
    counts = torch.randint(1, 9, (2, 3, 4), generator=generator(seed))
    same(lesson.shares(counts, dim), torch.nn.functional.normalize(counts.float(), p=1, dim=dim))


@quick
@given(SEEDS)
def test_hidden_scores_get_no_attention(seed):
    scores = torch.randn(4, 5, generator=generator(seed))
    lengths = torch.randint(1, 6, (4,), generator=generator(seed))
    weights = lesson.hide_padding(scores, lengths).softmax(1)
    for row, length in enumerate(lengths.tolist()):
        same(weights[row, :length], scores[row, :length].softmax(0))
        assert not weights[row, length:].any()


@quick
@given(SEEDS)
def test_hits_are_counted_one_by_one(seed):
    scores = torch.randn(7, 3, generator=generator(seed))
    targets = torch.randint(3, (7,), generator=generator(seed))
    hits = sum(row.index(max(row)) == t for row, t in zip(scores.tolist(), targets, strict=True))
    assert lesson.hit_rate(scores, targets) == pytest.approx(hits / 7)


@quick
@given(SEEDS)
def test_the_mean_of_picks_is_the_cross_entropy(seed):
    logits = torch.randn(2, 3, 5, generator=generator(seed))
    targets = torch.randint(5, (2, 3), generator=generator(seed))
    loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets)
    same(-lesson.pick(logits.log_softmax(-1), targets).mean(), loss)


@quick
@given(SEEDS, st.integers(0, 30), st.integers(1, 5))
def test_tallies_are_products_of_one_hot_rows(seed, count, size):
    first, second = torch.randint(size, (2, count), generator=generator(seed))
    one_hot = torch.nn.functional.one_hot
    same(lesson.tally_pairs(first, second, size), one_hot(first, size).T @ one_hot(second, size))


def test_a_tally_is_the_gradient_of_a_look_up():
    table = torch.zeros(3, 3, requires_grad=True)
    first, second = torch.tensor([0, 2, 0, 0]), torch.tensor([1, 2, 1, 0])
    table[first, second].sum().backward()
    same(lesson.tally_pairs(first, second, 3), table.grad.long())


@quick
@given(SEEDS, *[st.integers(1, 4)] * 5)
def test_scores_of_heads_are_a_matrix_product(seed, B, T, S, H, D):
    queries = torch.randn(B, T, H, D, generator=generator(seed))
    keys = torch.randn(B, S, H, D, generator=generator(seed + 1))
    expected = queries.transpose(1, 2) @ keys.permute(0, 2, 3, 1)
    torch.testing.assert_close(lesson.head_scores(queries, keys), expected, rtol=1e-4, atol=1e-5)


@quick
@given(SEEDS, st.integers(1, 4), st.integers(1, 6))
def test_the_newest_stands_in_front(seed, rows, columns):
    history = torch.randint(99, (rows, columns), generator=generator(seed))
    tokens = torch.randint(99, (rows,), generator=generator(seed + 1))
    expected = torch.cat([tokens[:, None], history], 1)[:, :-1]
    assert lesson.push_front(history, tokens) is None
    same(history, expected)
