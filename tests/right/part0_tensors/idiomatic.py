"""Short, with what the standard library and torch offer."""

import itertools
import math
from operator import mul

import torch


def offset(index, strides, start=0):
    return start + sum(map(mul, index, strides))


def strides_of(shape):
    return tuple(math.prod(shape[i:]) for i in range(1, len(shape) + 1))


def coordinates(place, shape):
    found = ()
    for size in shape[::-1]:
        place, rest = divmod(place, size)
        found = (rest, *found)
    return found


def read_storage(storage, shape, strides, start=0):
    cells = [storage[offset(index, strides, start)] for index in itertools.product(*map(range, shape))]
    for size in shape[:0:-1]:
        cells = [cells[i : i + size] for i in range(0, len(cells), size)]
    return cells if shape else cells[0]


def sliced(shape, strides, start, dim, begin, end, step=1):
    def put(old, new):
        return old[:dim] + (new,) + old[dim + 1 :]

    return put(shape, -(-(end - begin) // step)), put(strides, step * strides[dim]), start + begin * strides[dim]


def is_contiguous(shape, strides):
    plan = [(size, stride) for size, stride in zip(shape, strides) if size > 1]
    return [stride for _, stride in plan] == [math.prod(size for size, _ in plan[i + 1 :]) for i in range(len(plan))]


def training_windows(tokens, size):
    windows = tokens.unfold(0, size + 1, 1)
    return windows[:, :-1], windows[:, -1]


def separate_heads(x, heads):
    return x.unflatten(-1, (heads, -1)).movedim(2, 1)


def broadcast_shape(one, other):
    pairs = list(itertools.zip_longest(one[::-1], other[::-1], fillvalue=1))[::-1]
    sizes = [{a, b} - {1} or {1} for a, b in pairs]
    return tuple(size.pop() for size in sizes) if all(len(size) == 1 for size in sizes) else None


def shares(counts, dim):
    return counts.div(counts.sum(dim, True))


def hide_padding(scores, lengths):
    return scores.masked_fill(torch.arange(scores.size(1)).expand_as(scores) >= lengths.unsqueeze(1), -math.inf)


def hit_rate(scores, targets):
    return torch.eq(scores.max(dim=-1).indices, targets).double().mean()


def pick(log_probabilities, targets):
    return torch.take_along_dim(log_probabilities, targets.unsqueeze(-1), -1).squeeze(-1)


def tally_pairs(first, second, size):
    counts = torch.zeros(size, size, dtype=torch.long)
    return counts.index_put_((first, second), torch.tensor(1), accumulate=True)


def head_scores(queries, keys):
    return queries.permute(0, 2, 1, 3) @ keys.permute(0, 2, 3, 1)


def push_front(history, tokens):
    history.copy_(torch.cat([tokens.unsqueeze(1), history], 1)[:, :-1])
