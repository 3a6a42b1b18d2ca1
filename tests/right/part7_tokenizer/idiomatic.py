"""Counters, generators, slices and a cache; pairs are found in linked lists with a heap."""

import base64
import heapq
import itertools
from collections import Counter, defaultdict
from functools import lru_cache, reduce

import regex as re

SPLIT_PATTERN = re.compile(
    r"""
      ' (?i: [sdmt] | ll | ve | re )
    | [^\r\n\p{L}\p{N}]?+ \p{L}+
    | \p{N}{1,3}
    | [ ]? [^\s\p{L}\p{N}]++ [\r\n]*
    | \s* [\r\n]
    | \s+ (?!\S)
    | \s+
    """,
    re.VERBOSE,
)


def utf8_bytes(text):
    return [*bytearray(text, "utf8")]


def count_pairs(ids):
    return Counter(itertools.pairwise(ids))


def most_common_pair(counts):
    return next(iter(Counter(counts).most_common(1)), (None, 0))[0]


def merge(ids, pair, new_id):
    def absorb(done, i):
        # A merged place is closed with None, so that its id is not taken for a member again.
        if done and done[-1] is not None and (done[-1], i) == pair:
            done[-1:] = [new_id, None]
        else:
            done.append(i)
        return done

    return [i for i in reduce(absorb, ids, []) if i is not None]


def train_bpe(text, vocab_size):
    return _train([utf8_bytes(text)], vocab_size)


def _train(sequences, vocab_size):
    merges = {}
    for new_id in itertools.count(256):
        counts = sum(map(count_pairs, sequences), Counter())
        if new_id >= vocab_size or not counts:
            break
        pair = most_common_pair(counts)
        merges |= {pair: new_id}
        sequences = [merge(ids, pair, new_id) for ids in sequences]
    return merges


def build_vocab(merges):
    vocab = {i: i.to_bytes(1, "big") for i in range(256)}
    vocab.update((i, b"") for i in merges.values())
    for pair, i in sorted(merges.items(), key=lambda item: item[1]):
        vocab[i] = b"".join(map(vocab.get, pair))
    return vocab


def decode(ids, vocab):
    return bytes(itertools.chain.from_iterable(map(vocab.__getitem__, ids))).decode(errors="replace")


def next_merge(ids, merges):
    here = set(zip(ids, ids[1:], strict=False)) & merges.keys()
    return sorted(here, key=lambda pair: merges[pair])[0] if here else None


def encode(text, merges):
    """A heap of (new id, place) over a doubly linked list of the ids."""
    ids = dict(enumerate(utf8_bytes(text)))
    after = {i: i + 1 for i in ids}
    before = {i: i - 1 for i in ids}
    heap = []

    def offer(place):
        pair = (ids.get(place), ids.get(after.get(place)))
        if pair in merges:
            heapq.heappush(heap, (merges[pair], place, pair))

    for place in list(ids):
        offer(place)
    while heap:
        new_id, place, pair = heapq.heappop(heap)
        right = after.get(place)
        if (ids.get(place), ids.get(right)) != pair:
            continue
        ids[place] = new_id
        del ids[right]
        after[place] = after.pop(right)
        before[after[place]] = place
        offer(place)
        if before[place] in ids:
            offer(before[place])
    return [ids[place] for place in sorted(ids)]


def bytes_per_token(text, ids):
    return float(memoryview(text.encode()).nbytes) / sum(1 for _ in ids)


def split_text(text):
    return [match.group() for match in SPLIT_PATTERN.finditer(text)]


def encode_chunks(text, merges):
    cached = lru_cache(maxsize=None)(lambda chunk: encode(chunk, merges))
    return list(itertools.chain(*map(cached, split_text(text))))


def chunk_counts(text):
    return Counter(tuple(chunk.encode()) for chunk in split_text(text))


def count_chunk_pairs(chunks):
    counts = defaultdict(int)
    for ids, times in chunks.items():
        for pair in zip(ids, ids[1:], strict=False):
            counts[pair] += times
    return counts


def merge_step(chunks, new_id):
    match most_common_pair(count_chunk_pairs(chunks)):
        case None:
            return None, dict(chunks)
        case pair:
            merged = ((tuple(merge(ids, pair, new_id)), n) for ids, n in chunks.items())
            return [pair, dict(merged)]


def train_chunks(text, vocab_size):
    return _train([list(chunk.encode()) for chunk in split_text(text)], vocab_size)


def split_special(text, special):
    if not special:
        return [text][: len(text)]
    names = sorted(map(re.escape, special), key=len, reverse=True)
    names.sort(key=lambda name: -len(re.sub(r"\\(.)", r"\1", name)))
    pieces, end = [], 0
    for match in re.finditer("|".join(names), text):
        pieces += [text[end : match.start()], match.group()]
        end = match.end()
    return list(filter(None, [*pieces, text[end:]]))


def encode_special(text, merges, special):
    def ids_of(piece):
        return (special[piece],) if piece in special else encode_chunks(piece, merges)

    return [i for piece in split_special(text, special) for i in ids_of(piece)]


def encode_allowed(text, merges, special, allowed, strict=True):
    forbidden = special.keys() - allowed
    if strict and (found := next((name for name in forbidden if name in text), None)):
        raise ValueError(f"{found!r} in the text")
    return encode_special(text, merges, {name: special[name] for name in special.keys() & allowed})


GPT2 = re.compile(
    r"""
    '(?:s|t|re|ve|m|ll|d)      # endings
    | [ ]?\p{L}+
    | [ ]?\p{N}+
    | [ ]?[^\s\p{L}\p{N}]+
    | \s+(?!\S)
    | \s+
    """,
    re.VERBOSE,
)


def split_gpt2(text):
    return [match.group() for match in GPT2.finditer(text)]


def write_ranks(vocab):
    return "".join(f"{base64.standard_b64encode(vocab[i]).decode()} {i:d}\n" for i in sorted(vocab))


def read_ranks(text):
    lines = (line.partition(" ") for line in filter(None, text.splitlines()))
    return {base64.b64decode(token): int(rank) for token, _, rank in lines}


def recover_merges(ranks):
    """Over the cuts of a token: its pair is the cut whose parts older merges leave whole."""
    merges = {}

    def whole(part):
        ids = [ranks[bytes([byte])] for byte in part]
        while (pair := next_merge(ids, merges)) is not None:
            ids = merge(ids, pair, merges[pair])
        return ids

    for token in sorted(filter(lambda token: len(token) > 1, ranks), key=ranks.__getitem__):
        merges[tuple(whole(token))] = ranks[token]
    return merges


def encode_ranks(text, ranks, merges):
    ids_of = lru_cache(maxsize=None)(lambda chunk: tuple(_by_rank(chunk, ranks, merges)))
    return [i for chunk in split_text(text) for i in ids_of(chunk)]


def _by_rank(chunk, ranks, merges):
    ids = [ranks[bytes((byte,))] for byte in chunk.encode()]
    while known := [pair for pair in itertools.pairwise(ids) if pair in merges]:
        first = min(known, key=merges.__getitem__)
        ids = merge(ids, first, merges[first])
    return ids


def encode_fallback(text, vocab):
    def ids_of(character):
        known = vocab.get(character)
        return [byte + 3 for byte in character.encode()] if known is None else [known]

    return list(itertools.chain.from_iterable(map(ids_of, text)))
