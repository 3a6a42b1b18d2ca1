"""Other ways: one-hot products, bincount, numpy's einsum rules by broadcasting, recursion."""

import torch


def offset(index, strides, start=0):
    if not index:
        return start
    return offset(index[1:], strides[1:], start + index[0] * strides[0])


def strides_of(shape):
    if not shape:
        return ()
    rest = strides_of(shape[1:])
    return (shape[1] * rest[0] if rest else 1, *rest)


def coordinates(place, shape):
    if not shape:
        return ()
    rest, last = divmod(place, shape[-1])
    return (*coordinates(rest, shape[:-1]), last)


def read_storage(storage, shape, strides, start=0):
    def inner(dim, cell):
        if dim == len(shape):
            return storage[cell]
        return [inner(dim + 1, cell + step) for step in [strides[dim] * i for i in range(shape[dim])]]

    return inner(0, start)


def sliced(shape, strides, start, dim, begin, end, step=1):
    count = (end - begin + step - 1) // step
    sizes = tuple(count if d == dim else size for d, size in enumerate(shape))
    steps = tuple(stride * (step if d == dim else 1) for d, stride in enumerate(strides))
    return sizes, steps, start + strides[dim] * begin


def is_contiguous(shape, strides):
    kept = [dim for dim, size in enumerate(shape) if size != 1]
    wanted = strides_of(tuple(shape[dim] for dim in kept))
    return tuple(strides[dim] for dim in kept) == wanted


def training_windows(tokens, size):
    count = tokens.shape[0] - size
    pair = (tokens.stride()[0],) * 2
    contexts = torch.as_strided(tokens, (count, size), pair, tokens.storage_offset())
    return contexts, tokens.narrow(0, size, count)


def separate_heads(x, heads):
    B, T, C = x.shape
    D = C // heads
    return x.as_strided((B, heads, T, D), (T * C, D, C, 1), x.storage_offset())


def broadcast_shape(one, other):
    if len(one) < len(other):
        one, other = other, one
    result = list(one)
    for place in range(-1, -len(other) - 1, -1):
        if result[place] == 1:
            result[place] = other[place]
        elif other[place] not in (1, result[place]):
            return None
    return tuple(result)


def shares(counts, dim):
    moved = counts.movedim(dim, 0)
    return (moved / moved.sum(0)).movedim(0, dim)


def hide_padding(scores, lengths):
    kept = torch.ones(scores.shape, dtype=torch.int64).cumsum(1) <= lengths.reshape(-1, 1)
    hidden = torch.full_like(scores, -torch.inf)
    hidden[kept] = scores[kept]
    return hidden


def hit_rate(scores, targets):
    best = torch.topk(scores, 1).indices.squeeze(1)
    return torch.count_nonzero(best == targets) / len(targets)


def pick(log_probabilities, targets):
    chosen = torch.arange(log_probabilities.shape[-1]) == targets[..., None]
    return torch.where(chosen, log_probabilities, 0.0).sum(-1)


def tally_pairs(first, second, size):
    return torch.bincount(size * first + second, minlength=size**2).reshape(size, size)


def head_scores(queries, keys):
    q, k = queries.transpose(1, 2), keys.transpose(1, 2)
    return (q[:, :, :, None] * k[:, :, None]).sum(-1)


def push_front(history, tokens):
    history[:] = history.roll(1, 1)
    history[:, 0] = tokens
