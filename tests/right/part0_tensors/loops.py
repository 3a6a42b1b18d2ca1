"""Plain loops and lists, as somebody writes who has just come from Python."""

import torch


def offset(index, strides, start=0):
    cell = start
    for dim in range(len(index)):
        cell = cell + index[dim] * strides[dim]
    return cell


def strides_of(shape):
    strides = []
    for dim in range(len(shape)):
        product = 1
        for size in shape[dim + 1 :]:
            product *= size
        strides.append(product)
    return tuple(strides)


def coordinates(place, shape):
    result = []
    for stride in strides_of(shape):
        result.append(place // stride)
        place = place - result[-1] * stride
    return result


def read_storage(storage, shape, strides, start=0):
    if len(shape) == 0:
        return storage[start]
    result = []
    for i in range(shape[0]):
        part = read_storage(storage, shape[1:], strides[1:], start)
        result.append(part)
        start = start + strides[0]
    return result


def sliced(shape, strides, start, dim, begin, end, step=1):
    shape = list(shape)
    strides = list(strides)
    count = 0
    where = begin
    while where < end:
        count += 1
        where += step
    start += strides[dim] * begin
    shape[dim] = count
    strides[dim] *= step
    return tuple(shape), tuple(strides), start


def is_contiguous(shape, strides):
    expected = 1
    for dim in range(len(shape) - 1, -1, -1):
        if shape[dim] == 1:
            continue
        if strides[dim] != expected:
            return False
        expected *= shape[dim]
    return True


def training_windows(tokens, size):
    step = tokens.stride(0)
    rows = len(tokens) - size
    contexts = tokens.as_strided((rows, size), (step, step))
    targets = tokens[size:]
    return contexts, targets


def separate_heads(x, heads):
    size = x.shape[2] // heads
    pieces = x.unflatten(2, (heads, size))
    return pieces.permute(0, 2, 1, 3)


def broadcast_shape(one, other):
    one, other = list(one), list(other)
    result = []
    while one or other:
        a = one.pop() if one else 1
        b = other.pop() if other else 1
        if a == b:
            result.append(a)
        elif a == 1:
            result.append(b)
        elif b == 1:
            result.append(a)
        else:
            return None
    result.reverse()
    return tuple(result)


def shares(counts, dim):
    total = torch.sum(counts.double(), dim=dim)
    total = total.unsqueeze(dim)
    return (counts.double() / total).float()


def hide_padding(scores, lengths):
    hidden = scores.clone()
    for row in range(scores.shape[0]):
        length = int(lengths[row])
        hidden[row, length:] = float("-inf")
    return hidden


def hit_rate(scores, targets):
    right = 0
    for row, target in zip(scores.tolist(), targets.tolist()):
        if row.index(max(row)) == target:
            right += 1
    return right / len(targets)


def pick(log_probabilities, targets):
    V = log_probabilities.shape[-1]
    rows = log_probabilities.reshape(-1, V)
    flat = targets.reshape(-1)
    picked = rows[torch.arange(len(flat)), flat]
    return picked.reshape(targets.shape)


def tally_pairs(first, second, size):
    table = [[0] * size for _ in range(size)]
    for i, j in zip(first.tolist(), second.tolist()):
        table[i][j] += 1
    return torch.tensor(table)


def head_scores(queries, keys):
    B, T, H, D = queries.shape
    texts = []
    for b in range(B):
        heads = []
        for h in range(H):
            heads.append(queries[b, :, h] @ keys[b, :, h].T)
        texts.append(torch.stack(heads))
    return torch.stack(texts)


def push_front(history, tokens):
    for column in range(history.shape[1] - 1, 0, -1):
        history[:, column] = history[:, column - 1]
    history[:, 0] = tokens
