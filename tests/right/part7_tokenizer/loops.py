"""Index loops and no library but for the pattern: UTF-8 by arithmetic, names found by hand."""

import binascii
import unicodedata

import regex

SPLIT_PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
)


def utf8_bytes(text):
    numbers = []
    for character in text:
        point = ord(character)
        if point < 0x80:
            numbers.append(point)
            continue
        followers = 1 + (point >= 0x800) + (point >= 0x10000)
        numbers.append(0xFF << 7 - followers & 0xFF | point >> 6 * followers)
        for i in range(followers - 1, -1, -1):
            numbers.append(0x80 | point >> 6 * i & 0x3F)
    return numbers


def count_pairs(ids):
    counts = {}
    for i in range(1, len(ids)):
        pair = (ids[i - 1], ids[i])
        if pair not in counts:
            counts[pair] = 0
        counts[pair] += 1
    return counts


def most_common_pair(counts):
    best = None
    for pair in counts:
        if best is None or counts[pair] > counts[best]:
            best = pair
    return best


def merge(ids, pair, new_id):
    left, right = pair
    result = []
    skip = False
    for i in range(len(ids)):
        if skip:
            skip = False
        elif i + 1 < len(ids) and ids[i] == left and ids[i + 1] == right:
            result.append(new_id)
            skip = True
        else:
            result.append(ids[i])
    return result


def train_bpe(text, vocab_size):
    merges = {}
    ids = utf8_bytes(text)
    next_id = 256
    while next_id < vocab_size and len(ids) > 1:
        pair = most_common_pair(count_pairs(ids))
        merges[pair] = next_id
        ids = merge(ids, pair, next_id)
        next_id += 1
    return merges


def build_vocab(merges):
    parts = {new_id: pair for pair, new_id in merges.items()}

    def spell(i):
        if i < 256:
            return bytes((i,))
        return spell(parts[i][0]) + spell(parts[i][1])

    vocab = {}
    for i in range(256):
        vocab[i] = spell(i)
    for i in parts:
        vocab[i] = spell(i)
    return vocab


def decode(ids, vocab):
    data = bytearray()
    for i in ids:
        data.extend(vocab[i])
    return str(data, "utf-8", "replace")


def next_merge(ids, merges):
    for pair in sorted(merges, key=lambda pair: merges[pair]):
        for i in range(len(ids) - 1):
            if ids[i] == pair[0] and ids[i + 1] == pair[1]:
                return pair
    return None


def encode(text, merges):
    """One pass over the merges in their order: a later merge never makes an earlier one possible."""
    ids = utf8_bytes(text)
    for pair in merges:
        ids = merge(ids, pair, merges[pair])
    return ids


def bytes_per_token(text, ids):
    number = 0
    for character in text:
        number += len(character.encode())
    return number / len(ids)


def split_text(text):
    pattern = regex.compile(SPLIT_PATTERN)
    chunks = []
    place = 0
    while place < len(text):
        found = pattern.match(text, place)
        chunks.append(found[0])
        place = found.end()
    return chunks


def encode_chunks(text, merges):
    ids = []
    for chunk in split_text(text):
        for i in encode(chunk, merges):
            ids.append(i)
    return ids


def chunk_counts(text):
    counts = {}
    for chunk in split_text(text):
        key = tuple(utf8_bytes(chunk))
        if key in counts:
            counts[key] += 1
        else:
            counts[key] = 1
    return counts


def count_chunk_pairs(chunks):
    counts = {}
    for ids in chunks:
        for i in range(len(ids) - 1):
            pair = (ids[i], ids[i + 1])
            counts[pair] = counts.get(pair, 0) + chunks[ids]
    return counts


def merge_step(chunks, new_id):
    pair = most_common_pair(count_chunk_pairs(chunks))
    after = {}
    for ids in chunks:
        key = ids if pair is None else tuple(merge(ids, pair, new_id))
        after[key] = chunks[ids]
    return pair, after


def train_chunks(text, vocab_size):
    """Over the chunks in the text's order, without counting equal ones together."""
    chunks = [utf8_bytes(chunk) for chunk in split_text(text)]
    merges = {}
    for new_id in range(256, vocab_size):
        counts = {}
        for ids in chunks:
            for pair, count in count_pairs(ids).items():
                counts[pair] = counts.get(pair, 0) + count
        pair = most_common_pair(counts)
        if pair is None:
            return merges
        chunks = [merge(ids, pair, new_id) for ids in chunks]
        merges[pair] = new_id
    return merges


def split_special(text, special):
    pieces = []
    start = place = 0
    while place < len(text):
        fitting = [name for name in special if text.startswith(name, place)]
        if not fitting:
            place += 1
            continue
        if start < place:
            pieces.append(text[start:place])
        name = max(fitting, key=len)
        pieces.append(name)
        place += len(name)
        start = place
    if start < len(text):
        pieces.append(text[start:])
    return pieces


def encode_special(text, merges, special):
    ids = []
    for piece in split_special(text, special):
        ids += [special[piece]] if piece in special else encode_chunks(piece, merges)
    return ids


def encode_allowed(text, merges, special, allowed, strict=True):
    counting = {}
    for name in special:
        if name in allowed:
            counting[name] = special[name]
        elif strict and text.find(name) >= 0:
            raise ValueError(name)
    return encode_special(text, merges, counting)


def kind_of(character):
    if character.isspace():
        return "space"
    return {"L": "letter", "N": "number"}.get(unicodedata.category(character)[0], "sign")


def split_gpt2(text):
    """By hand, one chunk after the other."""
    chunks = []
    place = 0
    while place < len(text):
        end = place + length_of_chunk(text[place:])
        chunks.append(text[place:end])
        place = end
    return chunks


def length_of_chunk(rest):
    for ending in ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d"):
        if rest.startswith(ending):
            return len(ending)
    start = 1 if rest[0] == " " and len(rest) > 1 else 0
    kind = kind_of(rest[start])
    if kind != "space":
        end = start
        while end < len(rest) and kind_of(rest[end]) == kind:
            end += 1
        return end
    end = 0
    while end < len(rest) and kind_of(rest[end]) == "space":
        end += 1
    return end - 1 if 1 < end < len(rest) else end


def write_ranks(vocab):
    text = ""
    for i in sorted(vocab.keys()):
        text += binascii.b2a_base64(vocab[i], newline=False).decode("ascii")
        text += " "
        text += str(i)
        text += "\n"
    return text


def read_ranks(text):
    ranks = {}
    for line in text.split("\n"):
        parts = line.split(" ")
        if len(parts) == 2:
            ranks[binascii.a2b_base64(parts[0])] = int(parts[1])
    return ranks


def merged_with(ids, merges):
    """Each known merge in its order, over all of the ids."""
    for pair in merges:
        ids = merge(ids, pair, merges[pair])
    return ids


def recover_merges(ranks):
    tokens = list(ranks.items())
    tokens.sort(key=lambda item: item[1])
    merges = {}
    for token, rank in tokens:
        if len(token) > 1:
            ids = []
            for i in range(len(token)):
                ids.append(ranks[token[i : i + 1]])
            left, right = merged_with(ids, merges)
            merges[(left, right)] = rank
    return merges


def encode_ranks(text, ranks, merges):
    ids = []
    for chunk in split_text(text):
        data = chunk.encode()
        ids += merged_with([ranks[data[i : i + 1]] for i in range(len(data))], merges)
    return ids


def encode_fallback(text, vocab):
    ids = []
    for character in text:
        if character in vocab:
            ids.append(vocab[character])
        else:
            for byte in character.encode():
                ids.append(byte + 3)
    return ids
