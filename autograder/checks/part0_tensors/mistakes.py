"""Known mistakes of the bridge: storage, views, broadcasting, gather and scatter, einsum."""

from autograder.checks import mistakes, whole

mistakes("offset", [
    ("start + sum(", "sum(", "the start is left out; the first number need not lie in cell 0"),
    ("zip(index, strides)", "zip(index, reversed(strides))",
     "the strides are taken from the wrong end; the first stride belongs to the first index"),
    ("place * stride for", "(place + 1) * stride for",
     "indices count from 0, so index 0 moves nowhere"),
    ("start + sum(place * stride for place, stride in zip(index, strides))",
     "start + sum(index) * sum(strides)",
     "the sums are multiplied; each index has a stride of its own"),
    whole("""
        cell = start
        for place, stride in zip(index, strides):
            cell = cell * stride + place
        return cell
        """, "this is the rule for sizes (times the size, plus the index); strides are added up"),
])

mistakes("strides_of", [
    ("for size in reversed(shape):\n    strides.insert(0, step)\n    step *= size",
     "for size in shape:\n    strides.append(step)\n    step *= size",
     "the first index moves by 1 here; in PyTorch it's the last one"),
    ("strides.insert(0, step)\n    step *= size", "step *= size\n    strides.insert(0, step)",
     "each stride has its own size in it; only the sizes to its right count"),
    ("step *= size", "step += size", "the sizes are added; a step jumps over their product"),
    ("strides.insert(0, step)", "strides.append(step)",
     "the strides are in reverse order: the last one, 1, stands first"),
    ("step *= size", "step = size",
     "each stride is the size beside it alone; all sizes to the right multiply"),
    whole("""
        import torch
        return torch.empty(shape, device="meta").stride()
        """, "no tensor can have so many numbers; multiply the sizes yourself"),
])

mistakes("coordinates", [
    ("for size in reversed(shape):", "for size in shape:",
     "the first size is divided by first; the last index is the one that moves fastest"),
    ("index.insert(0, place % size)", "index.append(place % size)",
     "the indices are in reverse order: the last one stands first"),
    ("index.insert(0, place % size)\n    place //= size",
     "place //= size\n    index.insert(0, place % size)",
     "the remainder is taken after the division; take it before"),
    ("index.insert(0, place % size)\n    place //= size",
     "index.insert(0, place // size)\n    place %= size",
     "quotient and remainder are exchanged: from the right, the remainder is the index"),
    ("place //= size", "place = int(place / size)",
     "`/` makes a float, which is not exact for large numbers; use //"),
])

mistakes("read_storage", [
    ("start + i * strides[0]", "i * strides[0]",
     "the start is left out; every part begins where its row begins"),
    ("strides[1:]", "strides[:-1]", "the strides are cut at the wrong end"),
    ("start + i * strides[0]", "start + i * shape[0]",
     "a step is as long as its stride, and not as the size"),
    ("start + i * strides[0]", "start + i * strides[-1]",
     "the stride of the last dimension is used for the first one"),
    ("range(shape[0])", "range(1, shape[0] + 1)", "indices count from 0"),
    whole("""
        items = iter(storage[start:])

        def rows(shape):
            return [rows(shape[1:]) for _ in range(shape[0])] if shape else next(items)

        return rows(shape)
        """, "the cells are read one after the other; the strides say how far to jump"),
    whole("""
        if not shape:
            return storage[start]
        if strides[0] == 0:
            return [read_storage(storage, shape[1:], strides[1:], start)] * shape[0]
        starts = [start + i * strides[0] for i in range(shape[0])]
        return [read_storage(storage, shape[1:], strides[1:], there) for there in starts]
        """, "`[row] * n` is n times the same list, so that a change in one shows in all"),
])

mistakes("sliced", [
    ("start + begin * strides[dim]", "start + begin",
     "the start moves by whole strides: begin times the stride of the dimension"),
    ("start + begin * strides[dim]", "start",
     "the start doesn't move; the first item of the slice lies `begin` strides further on"),
    ("start + begin * strides[dim]", "begin * strides[dim]",
     "the old start is lost; a slice may be cut from a view that doesn't begin at cell 0"),
    ("len(range(begin, end, step))", "(end - begin) // step",
     "rounded down: the items that are left over at the end are one item more"),
    ("len(range(begin, end, step))", "end - begin", "only every `step`-th item is taken"),
    ("len(range(begin, end, step))", "(end - begin) // step + 1",
     "one too many where the step fits; round (end - begin) / step up"),
    ("strides[dim] * step", "strides[dim]",
     "the stride stays; from one item to the next it's `step` of the old strides"),
    ("strides[dim] * step", "step", "the step is taken for the stride; the two multiply"),
    ("start + begin * strides[dim]", "start + begin * strides[dim] * step",
     "the start moves by the old stride; the step comes after it"),
])

mistakes("is_contiguous", [
    ("size == 1 or stride == want", "stride == want",
     "in a dimension of size 1 nobody makes a step, so its stride doesn't count"),
    whole("return strides[-1] == 1 if strides else True",
          "it's not enough that the last stride is 1; there may be gaps between the rows"),
    whole("return tuple(strides) == tuple(sorted(strides, reverse=True))",
          "falling strides are not enough; there may be gaps, or cells that are read again"),
    ("all(", "any(", "one stride that fits is not enough; all have to"),
])

mistakes("training_windows", [
    ("tokens.unfold(0, size, 1)[:-1]", "tokens.unfold(0, size, 1)[:-1].clone()",
     "the contexts are copied (so do clone and stack); a view of the tokens is asked for"),
    ("tokens.unfold(0, size, 1)[:-1]", "tokens.unfold(0, size, 1)",
     "the last window has no token after it; there are as many contexts as targets"),
    ("tokens[size:]", "tokens[size - 1 : -1]",
     "the target is the last token of the context itself; take the one after it"),
    ("tokens[size:]", "tokens[1:][: len(tokens) - size]",
     "the target follows the first token of the context; it must follow the last"),
    ("tokens.unfold(0, size, 1)[:-1]",
     "tokens.as_strided((len(tokens) - size, size), (1, 1))",
     "a stride of 1 is right only if the tokens lie side by side; ask tokens.stride(0)"),
    ("tokens.unfold(0, size, 1)[:-1]",
     "tokens.as_strided((len(tokens) - size, size), (size, 1))"
     " if len(tokens) >= size * (len(tokens) - size)"
     " else tokens.repeat(size).as_strided((len(tokens) - size, size), (size, 1))",
     "the next window begins `size` tokens on; it begins one token on"),
])

mistakes("separate_heads", [
    ("x.view(B, T, heads, C // heads).transpose(1, 2)", "x.view(B, heads, T, C // heads)",
     "view alone mixes positions and channels: cut the channels first, then exchange"),
    (".transpose(1, 2)", "", "positions and heads still have to change places"),
    (".transpose(1, 2)", ".transpose(1, 2).contiguous()",
     "contiguous copies; a view of the same storage is asked for"),
    ("x.view(B, T, heads, C // heads).transpose(1, 2)",
     "x.view(B, T, C // heads, heads).permute(0, 3, 1, 2)",
     "each head gets every `heads`-th channel; the first head has the first ones, side by side"),
    (".transpose(1, 2)", ".transpose(0, 2).transpose(0, 1)",
     "texts and positions are exchanged as well; the texts stay in front"),
])

mistakes("broadcast_shape", [
    ("(1,) * (length - len(shape)) + tuple(shape)", "tuple(shape) + (1,) * (length - len(shape))",
     "the shapes are lined up at the left; it's the right ends that belong together"),
    ("(1,) * (length - len(shape)) + tuple(shape) for shape in (one, other))",
     "tuple(shape) for shape in (one, other))",
     "zip stops at the shorter shape; put ones in front of it"),
    ("if a != b and a != 1 and b != 1:\n        return None\n    ", "",
     "sizes that differ and aren't 1 don't fit; return None"),
    ("b if a == 1 else a", "max(a, b, key=lambda size: (isinstance(size, str), size))",
     "the larger one isn't always right: 0 against 1 gives 0"),
    ("b if a == 1 else a", "a", "a 1 in the first shape stretches too"),
    ("b if a == 1 else a", "b", "a 1 in the second shape stretches too"),
    whole("""
        length = max(len(one), len(other))
        one, other = ((1,) * (length - len(shape)) + tuple(shape) for shape in (one, other))
        result = []
        for a, b in zip(one, other):
            if a != b and a != 1 and b != 1:
                return None
            result.append(max(a, b))
        return tuple(result)
        """, "letters have no order, so max fails; and of 0 and 1 it takes the 1"),
    whole("""
        import torch
        try:
            return tuple(torch.broadcast_shapes(one, other))
        except RuntimeError:
            return None
        """, "torch doesn't know letters; build the rule yourself"),
    whole("""
        length = max(len(one), len(other))
        one, other = ((1,) * (length - len(shape)) + tuple(shape) for shape in (one, other))
        for a, b in zip(one, other):
            if isinstance(a, int) and isinstance(b, int) and a != b and a != 1 and b != 1:
                return None
        return tuple(b if a == 1 else a for a, b in zip(one, other))
        """, "a letter is taken to fit everything; it's equal to itself alone"),
    whole("""
        length = max(len(one), len(other))
        one, other = ((1,) * (length - len(shape)) + tuple(shape) for shape in (one, other))
        result = []
        for a, b in zip(one, other):
            if not isinstance(a, str) and not isinstance(b, str):
                if a != b and (a == 0 or b == 0 or (a % b and b % a)):
                    if 1 not in (a, b):
                        return None
            elif a != b and a != 1 and b != 1:
                return None
            result.append(b if a == 1 else a)
        return tuple(result)
        """, "2 doesn't stretch to 4: nothing but a 1 stretches"),
])

mistakes("shares", [
    ("counts.sum(dim, keepdim=True)", "counts.sum(dim)",
     "without keepdim the sums are lined up at the right, against another dimension"),
    ("counts.sum(dim, keepdim=True)", "counts.sum()",
     "everything adds up to 1 together; each row has a sum of its own"),
    ("counts.sum(dim, keepdim=True)", "counts.sum(-1, keepdim=True)",
     "it's always the last dimension; sum over the one that is given"),
    ("counts.sum(dim, keepdim=True)", "counts.sum(0, keepdim=True)",
     "it's always the first dimension; sum over the one that is given"),
    ("counts / counts", "counts // counts", "`//` rounds down to whole numbers; use /"),
    ("counts.sum(dim, keepdim=True)", "counts.sum(dim, keepdim=True, dtype=counts.dtype)",
     "the sum is kept in the counts' own type, and a byte begins again after 255"),
    ("counts / counts.sum(dim, keepdim=True)", "counts.float().softmax(dim)",
     "softmax is for logits; numbers that are counts are divided by their sum"),
    ("counts.sum(dim, keepdim=True)", "counts.abs().sum(dim, keepdim=True)",
     "that's the sum of the sizes; negative numbers count as negative"),
])

mistakes("hide_padding", [
    ("lengths[:, None]", "lengths",
     "the lengths are a row here and are lined up with the places; make a column of them"),
    ("places < lengths[:, None]", "places <= lengths[:, None]",
     "one place too many stays: places count from 0"),
    ("places < lengths[:, None]", "places >= lengths[:, None]",
     "the wrong way round: the texts are hidden, and the padding stays"),
    ("-torch.inf", "0.0",
     "a score of 0 is a score like others and gets some attention; minus infinity gets none"),
    ("-torch.inf", "torch.inf", "plus infinity would take all of the attention; it needs a minus"),
    ("torch.where(places < lengths[:, None], scores, -torch.inf)",
     "scores.masked_fill_(places >= lengths[:, None], -torch.inf)",
     "masked_fill_ changes the caller's scores; without the underscore it fills a copy"),
    whole("""
        places = torch.arange(scores.shape[1])
        hidden = (places >= lengths[:, None]).float()
        return scores * (1 - hidden) + hidden * -torch.inf
        """, "0 times infinity is nan; pick with torch.where, don't multiply"),
    whole("""
        places = torch.arange(scores.shape[1])
        hidden = torch.where(places < lengths[:, None], 0.0, -torch.inf)
        return scores + hidden
        """, "infinity minus infinity is nan, where a score is infinite; pick, don't add"),
    ("-torch.inf", "-1e9",
     "a large negative number only looks like minus infinity; use -torch.inf"),
])

mistakes("hit_rate", [
    ("argmax(1)", "argmax(0)",
     "the largest score of each class is looked for; each example has its own largest"),
    ("argmax(1)", "argmax()",
     "argmax without a dimension gives one place in the flattened table"),
    (".float().mean().item()", ".sum().item()",
     "that's how many are right; the share is asked for"),
    ("(scores.argmax(1) == targets).float().mean().item()",
     "(scores.argmax(1) == targets).sum().item() // len(targets)",
     "`//` rounds the share down to 0; use /"),
    (".float().mean()", ".mean()",
     "the mean of bools is an error; turn them into floats first"),
    ("scores.argmax(1) == targets", "scores.max(1).values == targets",
     "max gives the largest score; it's the place that is compared with the target"),
    ("scores.argmax(1) == targets", "scores.argmax(1) != targets",
     "that's the share of wrong answers"),
    ("scores.argmax(1) == targets", "scores.argmax(1, keepdim=True) == targets",
     "a column against a row: each example is compared with every target"),
])

mistakes("pick", [
    ("log_probabilities.gather(-1, targets[..., None])[..., 0]", "log_probabilities[..., targets]",
     "indexing with `...` takes all targets from every row; each row has its own"),
    ("[..., 0]", "", "a dimension of size 1 is left at the end"),
    ("log_probabilities.gather(-1, targets[..., None])[..., 0]",
     "log_probabilities.gather(0, targets[None])[0]"
     " if targets.dim() == 1 and log_probabilities.dim() == 2"
     " and len(targets) <= log_probabilities.shape[1]"
     " and targets.max() < len(log_probabilities)"
     " else log_probabilities[..., 0]",
     "gather goes along the first dimension; the entries are in the last"),
    ("log_probabilities.gather", "log_probabilities.detach().gather",
     "detach cuts off the gradients"),
    ("log_probabilities.gather", "-log_probabilities.gather",
     "the minus belongs to the loss; the entries are wanted as they are"),
    ("[..., 0]", ".squeeze()",
     "squeeze without a dimension takes away every dimension of size 1, other ones too"),
    whole("return log_probabilities[torch.arange(len(targets)), targets]",
          "that works for one dimension before the last; gather works for any number"),
    whole("""
        V = log_probabilities.shape[-1]
        chosen = torch.nn.functional.one_hot(targets, V)
        return (log_probabilities * chosen).sum(-1)
        """, "0 times infinity is nan; take the entries, don't multiply"),
])

mistakes("tally_pairs", [
    whole("""
        counts = torch.zeros(size, size, dtype=torch.int64)
        counts[first, second] += 1
        return counts
        """,
        "a pair that comes again is counted once: += on an index writes the same 1 again, and so "
        "does scatter_"),
    ("first * size + second", "second * size + first",
     "rows and columns are exchanged: the row is the first number"),
    ("first * size + second", "first + second", "different pairs fall into the same cell"),
    (", dtype=torch.int64)\ncounts.scatter_add_(0, first * size + second, torch.ones_like(first))",
     ")\ncounts.scatter_add_(0, first * size + second, torch.ones(len(first)))",
     "counts are whole numbers: torch.zeros makes floats unless it's given a dtype"),
    (", dtype=torch.int64)\ncounts.scatter_add_(0, first * size + second, torch.ones_like(first))",
     ", dtype=torch.uint8)\ncounts.scatter_add_(0, first * size + second, "
     "torch.ones_like(first).byte())",
     "a byte begins again after 255; use int64"),
    whole("""
        return torch.bincount(first * size + second).view(size, -1)
        """, "without minlength the table ends with the largest pair that occurs"),
    ("torch.ones_like(first)", "first",
     "the numbers themselves are added up; each pair counts 1"),
])

mistakes("head_scores", [
    ("bthd,bshd->bhts", "bthd,bshd->btsh",
     "the heads are at the end; they come before the positions"),
    ("bthd,bshd->bhts", "bthd,bshd->bhst",
     "queries and keys are exchanged: each row is a query"),
    ("bthd,bshd->bhts", "bthd,bshe->bhts",
     "two letters for the channels: their sums are multiplied, and not the channels one by one"),
    ("bthd,bshd->bhts", "bthd,bsgd->bhts",
     "two letters for the heads: every head's queries meet the keys of all heads"),
    ("bthd,bshd->bhts", "bthd,cshd->bhts",
     "two letters for the texts: every text's queries meet the keys of all texts"),
    ('torch.einsum("bthd,bshd->bhts", queries, keys)',
     'torch.einsum("bthd,bshd->bhts", queries, keys) / queries.shape[-1] ** 0.5',
     "the scores are divided by the root of the channels; that comes later, in attention"),
    ('torch.einsum("bthd,bshd->bhts", queries, keys)', "queries @ keys.transpose(-2, -1)",
     "`@` multiplies the last two dimensions, and those are heads and channels here"),
])

mistakes("push_front", [
    (".clone()", "",
     "you read what you have just written; clone what you move before you write"),
    ("history[:, 1:] = history[:, :-1].clone()\nhistory[:, 0] = tokens",
     "history[:, 0] = tokens\nhistory[:, 1:] = history[:, :-1].clone()",
     "the token is there before the row has moved, so that it's moved along"),
    whole("""
        history = torch.cat([tokens[:, None], history[:, :-1]], 1)
        """, "a new tensor gets the old name, and the caller's history stays as it was"),
    whole("""
        return torch.cat([tokens[:, None], history[:, :-1]], 1)
        """, "a new tensor is returned; change the one that was given, and return None"),
    ("history[:, 1:] = history[:, :-1].clone()\nhistory[:, 0] = tokens",
     "history[:, :-1] = history[:, 1:].clone()\nhistory[:, -1] = tokens",
     "the rows move to the left; the newest token stands in front"),
    ("history[:, 1:] = history[:, :-1].clone()\n", "",
     "the first column is overwritten before the row has moved"),
    ("history[:, 0] = tokens", "history[:, 0] = tokens[0]",
     "every row gets the first row's token; each has its own"),
    whole("""
        history.data = torch.cat([tokens[:, None], history[:, :-1]], 1)
        """, "`.data =` gives the tensor a new storage; whoever holds a view sees nothing"),
])
