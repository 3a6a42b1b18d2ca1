"""As one writes it along with the lecture: `get_stats`, infinity for unknown pairs, `while True`."""

import base64

import regex as re

GPT4_SPLIT_PATTERN = r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"""


def utf8_bytes(text):
    return list(map(int, text.encode("utf-8")))


def get_stats(ids, counts=None):
    counts = {} if counts is None else counts
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def count_pairs(ids):
    return get_stats(ids)


def most_common_pair(counts):
    if not counts:
        return None
    return max(counts, key=counts.get)


def merge(ids, pair, new_id):
    newids = []
    i = 0
    while i < len(ids):
        if i < len(ids) - 1 and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            newids.append(new_id)
            i += 2
        else:
            newids.append(ids[i])
            i += 1
    return newids


def train_bpe(text, vocab_size):
    num_merges = vocab_size - 256
    ids = list(text.encode("utf-8"))
    merges = {}
    for i in range(num_merges):
        stats = get_stats(ids)
        if len(stats) == 0:
            break
        pair = max(stats, key=stats.get)
        idx = 256 + i
        print(f"merging {pair} into a new token {idx}")
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


def build_vocab(merges):
    vocab = {idx: bytes([idx]) for idx in range(256)}
    for (p0, p1), idx in merges.items():
        vocab[idx] = vocab[p0] + vocab[p1]
    return vocab


def decode(ids, vocab):
    tokens = b"".join(vocab[idx] for idx in ids)
    return tokens.decode("utf-8", errors="replace")


def next_merge(ids, merges):
    stats = get_stats(ids)
    pair = min(stats, key=lambda p: merges.get(p, float("inf")), default=None)
    return pair if pair in merges else None


def encode(text, merges):
    tokens = list(text.encode("utf-8"))
    while len(tokens) >= 2:
        stats = get_stats(tokens)
        pair = min(stats, key=lambda p: merges.get(p, float("inf")))
        if pair not in merges:
            break
        idx = merges[pair]
        tokens = merge(tokens, pair, idx)
    return tokens


def bytes_per_token(text, ids):
    return len(text.encode("utf-8")) / len(ids)


def split_text(text):
    return re.findall(re.compile(GPT4_SPLIT_PATTERN), text)


def encode_chunks(text, merges):
    ids = []
    for chunk in split_text(text):
        ids.extend(encode(chunk, merges))
    return ids


def chunk_counts(text):
    counts = {}
    for chunk in split_text(text):
        chunk_bytes = tuple(chunk.encode("utf-8"))
        counts[chunk_bytes] = counts.get(chunk_bytes, 0) + 1
    return counts


def count_chunk_pairs(chunks):
    stats = {}
    for ids, n in chunks.items():
        for _ in range(n):
            get_stats(ids, stats)
    return stats


def merge_step(chunks, new_id):
    stats = count_chunk_pairs(chunks)
    if not stats:
        return None, chunks
    pair = max(stats, key=stats.get)
    return pair, {tuple(merge(list(ids), pair, new_id)): n for ids, n in chunks.items()}


def train_chunks(text, vocab_size):
    ids = [list(ch.encode("utf-8")) for ch in split_text(text)]
    merges = {}
    for i in range(vocab_size - 256):
        stats = {}
        for chunk_ids in ids:
            get_stats(chunk_ids, stats)
        if not stats:
            break
        pair = max(stats, key=stats.get)
        idx = 256 + i
        ids = [merge(chunk_ids, pair, idx) for chunk_ids in ids]
        merges[pair] = idx
    return merges


def split_special(text, special):
    if not special:
        return [text] if text else []
    names = sorted(special, key=lambda k: -len(k))
    special_pattern = "(" + "|".join(re.escape(k) for k in names) + ")"
    return [part for part in re.split(special_pattern, text) if part != ""]


def encode_special(text, merges, special):
    special_chunks = split_special(text, special)
    ids = []
    for part in special_chunks:
        if part in special:
            ids.append(special[part])
        else:
            ids.extend(encode_chunks(part, merges))
    return ids


def encode_allowed(text, merges, special, allowed, strict=True):
    found = {k: v for k, v in special.items() if k in allowed}
    if strict:
        rest = [k for k in special if k not in allowed]
        if any(token in text for token in rest):
            raise ValueError("special tokens that are not allowed in the text")
    return encode_special(text, merges, found)


GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def split_gpt2(text):
    return re.findall(re.compile(GPT2_SPLIT_PATTERN), text)


def write_ranks(vocab):
    out = ""
    for idx, token in sorted(vocab.items()):
        out += base64.b64encode(token).decode("ascii") + " " + str(idx) + "\n"
    return out


def read_ranks(text):
    return {
        base64.b64decode(token): int(rank)
        for token, rank in (line.split() for line in text.splitlines() if line)
    }


def bpe(mergeable_ranks, token, max_rank):
    parts = [bytes([b]) for b in token]
    while True:
        min_idx = None
        min_rank = None
        for i, pair in enumerate(zip(parts[:-1], parts[1:])):
            rank = mergeable_ranks.get(pair[0] + pair[1])
            if rank is not None and (min_rank is None or rank < min_rank):
                min_idx = i
                min_rank = rank
        if min_rank is None or min_rank >= max_rank:
            break
        parts = parts[:min_idx] + [parts[min_idx] + parts[min_idx + 1]] + parts[min_idx + 2 :]
    return parts


def recover_merges(ranks):
    merges = {}
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) == 1:
            continue
        p0, p1 = bpe(ranks, token, max_rank=rank)
        merges[(ranks[p0], ranks[p1])] = rank
    return merges


def encode_ranks(text, ranks, merges):
    byte_shuffle = {i: ranks[bytes([i])] for i in range(256)}
    ids = []
    for chunk in split_text(text):
        tokens = [byte_shuffle[b] for b in chunk.encode("utf-8")]
        while len(tokens) >= 2:
            pair = min(get_stats(tokens), key=lambda p: merges.get(p, float("inf")))
            if pair not in merges:
                break
            tokens = merge(tokens, pair, merges[pair])
        ids.extend(tokens)
    return ids


def encode_fallback(text, vocab):
    ids = []
    for ch in text:
        ids += [vocab[ch]] if ch in vocab else [b + 3 for b in ch.encode("utf-8")]
    return ids
