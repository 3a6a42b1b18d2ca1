"""Checks and known mistakes of `part7_tokenizer`.

Round trips prove little here: a tokenizer that never merges, or never splits, passes them all. So
the checks compare ids, on merges that are handed in and on texts where each rule makes a
difference. A size is drawn under the name of the input that it is a size of, which then takes its
place in the report.
"""

import torch

from autograder.checks import check, mistake, points

points("merge", 2)
points("train_bpe", 3)
points("encode", 2)
points("train_chunks", 2)
points("split_special", 2)
points("encode_special", 2)

SCRIPTS = [
    "é",
    "",
    "x",
    "naïve façade, 12°C",
    "Καλημέρα κόσμε",
    "Привет, мир",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "こんにちは世界",
    "안녕하세요",
    "👍🏽 👩‍👩‍👧 🇫🇷",
    " \ta\r\nb\n ",
    "e\u0301 a\u200db\u200cc\ufeff",
    "𝔘𝔫𝔦 \U0001f9d1\u200d\U0001f680",
]

PROSE = [
    " a",
    "don't",
    "",
    "in 1234567 days",
    "I'LL say: he'd've gone!!",
    "O'SULLIVAN'S and O'sullivan's",
    "one  two   three ",
    "line\n\n  next\r\nlast \t",
    "x=f(y)+100; // why?\n",
    "Ωμέγα-3 und Ähre, 東京2024年",
    "नमस्ते 👩‍👧 ok",
]

LETTERS = [97, 98, 99, 32]


def ids_of_chance(draw, length, high):
    """A list of ids below high that no report shows; a check records what it makes of them."""
    return torch.randint(high, (length,), generator=draw.generator()).tolist()


# --- helpers -------------------------------------------------------------------------------------


def drawn_merges(draw):
    """Merges of a, b, c and the space in an order of chance, and some that build on them."""
    bytes_first = [(97, 98), (98, 97), (97, 97), (98, 99), (99, 97), (32, 97), (97, 32)]
    pairs = draw.shuffled("merges", bytes_first)
    merges = {pair: 256 + i for i, pair in enumerate(pairs)}
    for pair in [(256, 257), (257, 256), (256, 256), (258, 97), (263, 99)]:
        merges[pair] = 256 + len(merges)
    return draw.given("merges", merges)


def text_of_case(draw, texts):
    return draw.given("text", texts[draw.case])


# --- utf8_bytes ----------------------------------------------------------------------------------


@check("utf8_bytes", cases=len(SCRIPTS))
def any_script(lesson, draw):
    """Characters of every script become their UTF-8 bytes; empty text becomes an empty list."""
    return {"bytes": lesson.utf8_bytes(text_of_case(draw, SCRIPTS))}


@check("utf8_bytes")
def text_of_chance(lesson, draw):
    """Several characters in a row keep their order."""
    text = draw.text("text", draw.size("text", 1, 8), alphabet="abcéñßΩж漢🙂")
    return {"bytes": lesson.utf8_bytes(text)}


mistake(
    "utf8_bytes",
    body="return [ord(character) for character in text]",
    says="these are the numbers of the characters, which go up to 1,114,111; "
    "the bytes of their UTF-8 are asked for",
)
mistake(
    "utf8_bytes",
    replace='"utf-8"',
    by='"utf-16"',
    says="UTF-16 writes a mark at the beginning and two bytes a letter; encode as UTF-8",
)
mistake(
    "utf8_bytes",
    body='return list(text.encode("latin-1", errors="replace"))',
    says="Latin-1 knows 256 characters only and loses the others; UTF-8 knows all",
)
mistake(
    "utf8_bytes",
    body='return text.encode("utf-8")',
    says="this is a bytes object; a list of ints is asked for",
)
mistake(
    "utf8_bytes",
    body='return list(text.encode("ascii", errors="ignore"))',
    says="everything outside ASCII is dropped; UTF-8 can write every character",
)
mistake(
    "utf8_bytes",
    body='import unicodedata\nreturn list(unicodedata.normalize("NFC", text).encode("utf-8"))',
    says="normalising changes the text: e with a combining accent must stay two characters",
)


# --- count_pairs ---------------------------------------------------------------------------------


@check("count_pairs", cases=4)
def pairs_and_their_order(lesson, draw):
    """Each pair has its count, and the pairs stand in the order in which they first occur."""
    ids = draw.given("ids", ids_of_chance(draw, 3 + 3 * draw.case, high=3))
    counts = lesson.count_pairs(ids)
    return {"counts": counts, "pairs in order": list(counts), "ids afterwards": ids}


@check("count_pairs", cases=4)
def overlapping_places(lesson, draw):
    """In a run of the same id every place where two meet counts."""
    ids = draw.given("ids", ids_of_chance(draw, 1, high=300) * (3 + draw.case))
    return {"counts": lesson.count_pairs(ids)}


@check("count_pairs", cases=2)
def hardly_any_ids(lesson, draw):
    """No id, or a single one, holds no pair."""
    return {"counts": lesson.count_pairs(draw.given("ids", [[7], []][draw.case]))}


@check("count_pairs", cases=2)
def a_tuple_of_ids(lesson, draw):
    """A tuple of ids is counted as a list is."""
    ids = draw.given("ids", tuple(ids_of_chance(draw, 3 + 3 * draw.case, high=3)))
    return {"counts": lesson.count_pairs(ids)}


mistake(
    "count_pairs",
    replace="counts.get(pair, 0) + 1",
    by="1",
    says="every pair is counted once; add 1 to what is there already",
)
mistake(
    "count_pairs",
    replace="pairwise(ids)",
    by="zip(ids[::2], ids[1::2], strict=False)",
    says="this looks at every second pair only; each place where two ids meet counts, "
    "so the second id of one pair is the first of the next",
)
mistake(
    "count_pairs",
    replace="pairwise(ids)",
    by="pairwise(ids[:-1])",
    says="the last pair is left out",
)
mistake(
    "count_pairs",
    replace="in pairwise(ids)",
    by="in sorted(pairwise(ids))",
    says="the pairs are sorted; they shall stand in the order in which they first occur",
)
mistake(
    "count_pairs",
    replace="in pairwise(ids)",
    by="in map(tuple, map(sorted, pairwise(ids)))",
    says="(1, 2) and (2, 1) are different pairs; the order within a pair matters",
)
mistake(
    "count_pairs",
    body="""
    counts = {}
    last = None
    for i, pair in enumerate(zip(ids, ids[1:])):
        if last is not None and last[0] == pair and last[1] == i - 1:
            last = None
            continue
        counts[pair] = counts.get(pair, 0) + 1
        last = (pair, i)
    return counts
    """,
    says="overlapping places all count here: [1, 1, 1] holds (1, 1) twice",
)
mistake(
    "count_pairs",
    body="""
    counts = {}
    for i in range(len(ids)):
        pair = (ids[i], ids[(i + 1) % len(ids)])
        counts[pair] = counts.get(pair, 0) + 1
    return counts
    """,
    says="the last id and the first are no neighbours; there is one pair fewer than ids",
)
mistake(
    "count_pairs",
    replace="pairwise(ids)",
    by="zip(ids, ids[2:], strict=False)",
    says="these are ids two places apart; neighbours are one place apart",
)


# --- most_common_pair ----------------------------------------------------------------------------


@check("most_common_pair", cases=4)
def highest_count(lesson, draw):
    """The pair with the highest count wins, wherever it stands."""
    pairs = draw.shuffled("counts", [(1, 2), (2, 9), (9, 1), (3, 3)])
    counts = dict(zip(pairs, draw.shuffled("counts", [2, 3, 5, 10]), strict=True))
    return {"pair": lesson.most_common_pair(draw.given("counts", counts))}


@check("most_common_pair", cases=4)
def tie(lesson, draw):
    """Among equals the pair that stands first in the dict wins, also where all occur once."""
    pairs = draw.shuffled("counts", [(5, 6), (1, 2), (9, 0), (7, 7), (2, 1)])
    counts = dict(zip(pairs, [1] * 5 if draw.case == 3 else [1, 4, 4, 4, 2], strict=True))
    return {"pair": lesson.most_common_pair(draw.given("counts", counts))}


@check("most_common_pair", cases=1)
def nothing_to_choose(lesson, draw):
    """Where nothing is counted there is no pair: None."""
    return {"pair": lesson.most_common_pair(draw.given("counts", {}))}


mistake(
    "most_common_pair",
    body="""
    best, most = None, 1
    for pair, count in counts.items():
        if count > most:
            best, most = pair, count
    return best
    """,
    says="a pair that occurs once is never chosen here; begin below 1",
)
mistake(
    "most_common_pair",
    replace="max(",
    by="min(",
    says="this is the rarest pair; the most common one is asked for",
)
mistake(
    "most_common_pair",
    replace=", default=None",
    by="",
    says="max raises on an empty dict; give it a default for when no pair is left",
)
mistake(
    "most_common_pair",
    replace="key=counts.get, ",
    by="",
    says="max without a key compares the pairs themselves; compare their counts",
)
mistake(
    "most_common_pair",
    replace="key=counts.get",
    by="key=lambda pair: (counts[pair], pair)",
    says="a tie goes to the largest pair here; it shall go to the one that was seen first",
)
mistake(
    "most_common_pair",
    replace="key=counts.get",
    by="key=lambda pair: (counts[pair], -pair[0], -pair[1])",
    says="a tie goes to the smallest pair here; it shall go to the one that was seen first",
)
mistake(
    "most_common_pair",
    replace="max(counts,",
    by="max(reversed(counts),",
    says="a tie goes to the pair seen last here; it shall go to the one that was seen first",
)
mistake(
    "most_common_pair",
    body="return max(counts.values(), default=None)",
    says="this is the highest count; the pair that has it is asked for",
)


# --- merge ---------------------------------------------------------------------------------------


@check("merge", cases=4)
def every_occurrence(lesson, draw):
    """Every occurrence of the pair is replaced, and all else stays; the argument too."""
    ids = draw.given("ids", [*ids_of_chance(draw, 2 + 3 * draw.case, high=3), 0, 1])
    return {"merged": lesson.merge(ids, draw.given("pair", (0, 1)), 256), "ids afterwards": ids}


@check("merge", cases=5)
def runs_of_the_same_id(lesson, draw):
    """In a run of the same id pairs are taken from the left and do not overlap."""
    ids = draw.given("ids", [1] * (2 + draw.case) + [2] * (draw.case % 2))
    return {"merged": lesson.merge(ids, draw.given("pair", (1, 1)), 300)}


@check("merge", cases=5)
def edges(lesson, draw):
    """Pairs at both ends are found, of any ids; no id, or a single one, comes through."""
    cases = [[5, 6], [5], [], [5, 6, 0, 6, 5, 5, 6], [15, 6, 5, 61, 305, 6, 5, 6]]
    ids = draw.given("ids", cases[draw.case])
    return {"merged": lesson.merge(ids, draw.given("pair", (5, 6)), 256)}


@check("merge", cases=2)
def tuple_in_list_out(lesson, draw):
    """A tuple is merged as well, and the result is a list of its own."""
    ids = draw.given("ids", tuple(ids_of_chance(draw, 3 + 5 * draw.case, high=2)))
    merged = lesson.merge(ids, draw.given("pair", (0, 1)), 256)
    return {"merged": list(merged)}


@check("merge", cases=2)
def a_list_of_its_own(lesson, draw):
    """The result is a new list, also where there is nothing to merge."""
    ids = draw.given("ids", [[1, 2, 1], [5, 6, 1]][draw.case])
    merged = lesson.merge(ids, draw.given("pair", (5, 6)), 256)
    merged.append(0)
    return {"ids after the result was changed": ids}


@check("merge", cases=2)
def new_id_in_the_pair(lesson, draw):
    """What has just been merged is not merged again in the same pass."""
    ids = draw.given("ids", [[1, 2, 2, 1], [1, 1, 2, 2, 2]][draw.case])
    return {"merged": lesson.merge(ids, draw.given("pair", (1, 2)), draw.given("new_id", 1))}


mistake(
    "merge",
    replace="i += 2",
    by="i += 1",
    says="after a merge you step on by one, so the pair's second member is copied or used again; "
    "step over both",
)
mistake(
    "merge",
    replace="while i < len(ids):",
    by="while i < len(ids) - 1:",
    says="the walk ends one id too early, so a last id that belongs to no pair is lost",
)
mistake(
    "merge",
    replace="tuple(ids[i : i + 2]) == pair",
    by="(ids[i], ids[i + 1]) == pair",
    says="the last id has no right neighbour; look whether there is one before you read it",
)
mistake(
    "merge",
    replace="tuple(ids[i : i + 2]) == pair",
    by="ids[i] == pair[0]",
    says="only the first member of the pair is compared; both must be there",
)
mistake(
    "merge",
    replace="tuple(ids[i : i + 2]) == pair",
    by="set(ids[i : i + 2]) == set(pair)",
    says="the pair is found in either order; (1, 2) is not (2, 1)",
)
mistake(
    "merge",
    body="""
    merged = list(ids)
    for i in range(len(merged) - 1, 0, -1):
        if tuple(merged[i - 1 : i + 1]) == pair:
            merged[i - 1 : i + 1] = [new_id]
    return merged
    """,
    says="this merges from right to left; where places overlap, the left one goes first",
)
mistake(
    "merge",
    body="""
    merged = list(ids)
    for i in range(len(merged)):
        if tuple(merged[i : i + 2]) == pair:
            merged[i : i + 2] = [new_id]
            break
    return merged
    """,
    says="only the first occurrence is replaced; go on to the end",
)
mistake(
    "merge",
    body="""
    i = 0
    ids = list(ids) if isinstance(ids, tuple) else ids
    while i < len(ids):
        if tuple(ids[i : i + 2]) == pair:
            ids[i : i + 2] = [new_id]
        i += 1
    return ids
    """,
    says="the list that was handed in is changed; build a new one",
)
mistake(
    "merge",
    body="""
    merged = list(ids)
    i = 0
    while i < len(merged):
        if tuple(merged[i : i + 2]) == pair and len(merged) > 1:
            merged[i : i + 2] = [new_id]
        else:
            i += 1
    return merged
    """,
    says="an id that was just written is merged again; one pass uses the ids of the argument only",
)


# --- train_bpe -----------------------------------------------------------------------------------


@check("train_bpe", cases=4)
def merges_in_their_order(lesson, draw):
    """The merges are the most common pairs, one after the other, each with the next id."""
    text = draw.text("text", draw.size("text", 6, 40), alphabet="abc ")
    merges = lesson.train_bpe(text, draw.size("vocab_size", 257, 266))
    return {"merges": merges, "pairs in order": list(merges)}


@check("train_bpe", cases=3)
def later_merges_use_earlier_ones(lesson, draw):
    """Words that repeat grow together: ids of earlier merges occur in later ones."""
    words = draw.words("text", 2, alphabet="xyz", shortest=3, longest=4)
    text = draw.given("text", " ".join(words * 4))
    return {"merges": lesson.train_bpe(text, draw.given("vocab_size", 262))}


@check("train_bpe", cases=4)
def pairs_run_out(lesson, draw):
    """Training stops early where no pair is left: for a short, an empty or a one-byte text."""
    text = draw.given("text", ["ab", "", "a", "abcabc"][draw.case])
    return {"merges": lesson.train_bpe(text, draw.given("vocab_size", 270))}


@check("train_bpe", cases=3)
def no_room_for_merges(lesson, draw):
    """A vocab_size of 256 or less leaves no room for a merge."""
    size = draw.given("vocab_size", [256, 255, 0][draw.case])
    return {"merges": lesson.train_bpe(draw.given("text", "aaaa"), size)}


@check("train_bpe", cases=4)
def ties_while_training(lesson, draw):
    """Where pairs are equally common, the one seen first in the text is merged."""
    text = draw.given("text", ["zyxw", "baba", "ba ab ba ab", "cdcd abab"][draw.case])
    return {"merges": lesson.train_bpe(text, draw.given("vocab_size", 259))}


@check("train_bpe", cases=3)
def several_bytes_a_character(lesson, draw):
    """Characters of several bytes are merged from their bytes; ids stay without a gap."""
    text = draw.given("text", ["éé", "жук жук", "👍👍🏽 é"][draw.case])
    return {"merges": lesson.train_bpe(text, draw.given("vocab_size", 261))}


mistake(
    "train_bpe",
    replace="ids = merge(ids, pair, new_id)\n    ",
    by="",
    says="the original ids are counted in every round, so the same pair always wins; "
    "keep the merged ids and count those",
)
mistake(
    "train_bpe",
    replace="    if pair is None:\n        break\n",
    by="",
    says="a short text runs out of pairs; leave the loop where none is left",
)
mistake(
    "train_bpe",
    replace="range(256, vocab_size)",
    by="range(256, 256 + vocab_size)",
    says="vocab_size counts all ids, the 256 bytes included, not the merges alone",
)
mistake(
    "train_bpe",
    replace="range(256, vocab_size)",
    by="range(256, vocab_size + 1)",
    says="there is one merge too many: the last id is vocab_size - 1",
)
mistake(
    "train_bpe",
    replace="range(256, vocab_size)",
    by="range(257, vocab_size)",
    says="the first merge gets the id 256, as the bytes end at 255",
)
mistake(
    "train_bpe",
    replace="ids = utf8_bytes(text)",
    by="ids = [ord(character) for character in text]",
    says="training begins with the characters; begin with their UTF-8 bytes",
)
mistake(
    "train_bpe",
    replace="merges[pair] = new_id",
    by="merges[new_id] = pair",
    says="the dict goes from new id to pair; it shall go from pair to new id",
)
mistake(
    "train_bpe",
    replace="if pair is None:",
    by="if pair is None or count_pairs(ids)[pair] < 2:",
    says="training stops at pairs that occur once; here it goes on while there is a pair",
)
mistake(
    "train_bpe",
    replace="most_common_pair(count_pairs(ids))",
    by="max(count_pairs(ids).items(), key=lambda item: (item[1], item[0]), default=(None,))[0]",
    says="a tie goes to the largest pair here; it shall go to the one seen first",
)


# --- build_vocab ---------------------------------------------------------------------------------


@check("build_vocab", cases=2)
def bytes_of_merges(lesson, draw):
    """A merged id stands for the bytes of both its members, however deep they go."""
    return {"vocabulary": lesson.build_vocab(drawn_merges(draw))}


@check("build_vocab", cases=1)
def single_bytes(lesson, draw):
    """Without merges there are the 256 single bytes, those above 127 too."""
    return {"vocabulary": lesson.build_vocab(draw.given("merges", {}))}


@check("build_vocab", cases=3)
def chains(lesson, draw):
    """Merges that build on each other give long tokens."""
    first, second = draw.integer("merges", 0, 127), draw.integer("merges", 128, 255)
    merges = {(first, second): 256}
    for new_id in range(257, 257 + draw.case):
        merges[(new_id - 1, draw.choice("merges", LETTERS))] = new_id
    return {"vocabulary": lesson.build_vocab(draw.given("merges", merges))}


mistake(
    "build_vocab",
    replace="vocab[left] + vocab[right]",
    by="vocab[right] + vocab[left]",
    says="the members are joined in the wrong order: the left one comes first",
)
mistake(
    "build_vocab",
    replace="vocab[left] + vocab[right]",
    by="bytes([left % 256, right % 256])",
    says="a member may be a merge itself; look up its bytes in the vocabulary",
)
mistake(
    "build_vocab",
    replace="range(256)",
    by="range(255)",
    says="the byte 255 is missing: range(256) goes up to it",
)
mistake(
    "build_vocab",
    replace="bytes([byte])",
    by="bytes(byte)",
    says="bytes(5) is five zero bytes; bytes([5]) is the byte 5",
)
mistake(
    "build_vocab",
    replace="bytes([byte])",
    by='chr(byte).encode("utf-8")',
    says="chr(233) is a character, of two bytes in UTF-8; the byte itself is bytes([233])",
)
mistake(
    "build_vocab",
    replace="vocab[new_id] = vocab[left] + vocab[right]",
    by="(vocab | {new_id: vocab[left] + vocab[right]})",
    says="the new entry is computed and dropped; keep it in the vocabulary",
)
mistake(
    "build_vocab",
    replace="vocab[new_id] =",
    by="vocab[(left, right)] =",
    says="the entry is kept under the pair; it belongs under the new id",
)


# --- decode --------------------------------------------------------------------------------------


def vocab_of(merges):
    """The bytes of the merges, so that the check needs no vocabulary of the lesson."""
    vocab = {byte: bytes([byte]) for byte in range(256)}
    for (left, right), new_id in merges.items():
        vocab[new_id] = vocab[left] + vocab[right]
    return vocab


@check("decode", cases=len(SCRIPTS))
def characters_of_several_bytes(lesson, draw):
    """A character whose bytes are spread over several ids comes out whole."""
    ids = draw.given("ids", list(SCRIPTS[draw.case].encode("utf-8")))
    return {"text": lesson.decode(ids, vocab_of({}))}


@check("decode", cases=3)
def merged_ids(lesson, draw):
    """Ids of merges are read with the vocabulary that is handed in."""
    ids = draw.indices("ids", draw.size("ids", 1, 6), high=5).add(256).tolist() + [258]
    merges = {(104, 105): 256, (256, 33): 257, (195, 169): 258, (32, 257): 259, (226, 130): 260}
    vocab = vocab_of(draw.given("vocabulary of the merges", merges))
    return {"text": lesson.decode(draw.given("ids", ids), vocab)}


@check("decode", cases=6)
def not_utf8(lesson, draw):
    """Bytes that are no UTF-8 become the replacement character; what is valid stays."""
    broken = [[128], [104, 195], [195, 40], [240, 159, 145], [255, 104, 254], [97, 226, 130, 98]]
    return {"text": lesson.decode(draw.given("ids", broken[draw.case]), vocab_of({}))}


@check("decode", cases=2)
def any_vocabulary(lesson, draw):
    """Any vocabulary will do, such as one with a special token; no ids give empty text."""
    vocab = draw.given("vocab", {7: b"<|end|>", 300: "né".encode(), 1: b"\xc3", 2: b"\xa9"})
    return {"text": lesson.decode(draw.given("ids", [[300, 1, 2, 7], []][draw.case]), vocab)}


mistake(
    "decode",
    body='return "".join(vocab[i].decode("utf-8", errors="replace") for i in ids)',
    says="each token is read on its own, which breaks characters that are spread over several; "
    "join all the bytes first",
)
mistake(
    "decode",
    replace=', errors="replace"',
    by="",
    says="this raises on bytes that are no UTF-8; a model may well emit such ids",
)
mistake(
    "decode",
    replace='"replace"',
    by='"ignore"',
    says="bytes that cannot be read vanish; they shall show as the replacement character",
)
mistake(
    "decode",
    replace='"replace"',
    by='"backslashreplace"',
    says="bytes that cannot be read show as \\x80; they shall become the replacement character",
)
mistake(
    "decode",
    body='return "".join(chr(i) for i in ids)',
    says="the ids are read as characters; look up their bytes in the vocabulary",
)
mistake(
    "decode",
    replace='.decode("utf-8", errors="replace")',
    by="",
    says="these are the bytes; decode them to a string",
)
mistake(
    "decode",
    replace='decode("utf-8", errors="replace")',
    by='decode("latin-1")',
    says="Latin-1 reads each byte as a character; the bytes are UTF-8",
)


# --- next_merge ----------------------------------------------------------------------------------


@check("next_merge", cases=5)
def earliest(lesson, draw):
    """Of the pairs that stand in the ids, the one with the lowest new id is found."""
    ids = [draw.choice("ids", LETTERS) for _ in range(draw.size("ids", 2, 12))]
    return {"pair": lesson.next_merge(draw.given("ids", ids), drawn_merges(draw))}


@check("next_merge", cases=4)
def nothing_to_merge(lesson, draw):
    """None where nothing can be merged: ids of other pairs, one id, or none at all."""
    ids = draw.given("ids", [[1, 2], [1], [], [2, 1, 3, 2]][draw.case])
    merges = draw.given("merges", [{}, {(1, 2): 256}, {(1, 2): 256}, {(1, 2): 256}][draw.case])
    return {"pair": lesson.next_merge(ids, merges)}


@check("next_merge", cases=2)
def later_but_more_common(lesson, draw):
    """How often a pair stands in the ids does not matter, nor where."""
    one, other = (1, 2), (3, 4)
    ids = draw.given("ids", [[1, 2, 1, 2, 3, 4], [3, 4, 3, 4, 1, 2]][draw.case])
    merges = [{other: 256, one: 257}, {one: 256, other: 257}][draw.case]
    return {"pair": lesson.next_merge(ids, draw.given("merges", merges))}


@check("next_merge", cases=4)
def merges_in_any_order(lesson, draw):
    """The lowest new id counts, in whatever order the merges stand in their dict."""
    orders = [[257, 256], [258, 256, 257], [257, 258, 256, 259], [259, 258, 257, 256]]
    pairs = [(1, 2), (2, 3), (3, 4), (4, 5)]
    merges = draw.given("merges", dict(zip(pairs, orders[draw.case], strict=False)))
    return {"pair": lesson.next_merge(draw.given("ids", [1, 2, 3, 4, 5]), merges)}


mistake(
    "next_merge",
    body="""
    pairs = set(zip(ids, ids[1:]))
    for pair in merges:
        if pair in pairs:
            return pair
    return None
    """,
    says="this is the first known pair in the order of the dict; compare the new ids",
)
mistake(
    "next_merge",
    body="""
    pairs = zip(ids, ids[1:])
    return min(pairs, key=lambda pair: merges.get(pair, float("inf")), default=None)
    """,
    says="where no pair is in merges, this returns one that was never merged; None is asked for",
)
mistake(
    "next_merge",
    replace="min(known",
    by="max(known",
    says="this is the pair that was learnt last; the one that was learnt first goes first",
)
mistake(
    "next_merge",
    replace=", default=None",
    by="",
    says="min raises where no pair is known, as in a text of one byte; give it a default",
)
mistake(
    "next_merge",
    replace=" if pair in merges]",
    by="]",
    says="pairs that were never merged take part; keep only those that are in merges",
)
mistake(
    "next_merge",
    body="return next((pair for pair in zip(ids, ids[1:]) if pair in merges), None)",
    says="this is the leftmost known pair; the one with the lowest new id is asked for",
)
mistake(
    "next_merge",
    replace="min(known, key=merges.get, default=None)",
    by="max(known, key=known.count, default=None)",
    says="this is the most common pair here; in encoding only the order of learning counts",
)
mistake(
    "next_merge",
    replace="key=merges.get, ",
    by="",
    says="min without a key compares the pairs themselves; compare their new ids",
)


# --- encode --------------------------------------------------------------------------------------


@check("encode", cases=5)
def merges_that_overlap(lesson, draw):
    """Where merges compete for the same bytes, the one that was learnt first wins."""
    text = draw.text("text", draw.size("text", 2, 14), alphabet="abc ")
    return {"ids": lesson.encode(text, drawn_merges(draw))}


@check("encode", cases=4)
def hardly_any_text(lesson, draw):
    """Text of no byte, of one byte or of one character comes through."""
    text = draw.given("text", ["", "a", "é", "ab"][draw.case])
    return {"ids": lesson.encode(text, draw.given("merges", {(97, 98): 256}))}


@check("encode", cases=3)
def across_words(lesson, draw):
    """Merges may cross spaces here, and run to any depth."""
    merges = {(97, 32): 256, (256, 97): 257, (257, 257): 258, (97, 97): 259, (258, 98): 260}
    text = draw.given("text", ["a a", "a aa ab", "a aa aa aa ab"][draw.case])
    return {"ids": lesson.encode(text, draw.given("merges", merges)), "merges afterwards": merges}


@check("encode", cases=3)
def without_merges(lesson, draw):
    """Without merges the ids are the bytes."""
    text = draw.text("text", draw.size("text", 1, 5), alphabet="aéж漢🙂")
    return {"ids": lesson.encode(text, draw.given("merges", {}))}


@check("encode", cases=3)
def repeated_letters(lesson, draw):
    """Runs of the same letter are merged from the left, again and again."""
    merges = draw.given("merges", {(97, 97): 256, (256, 256): 257, (257, 97): 258})
    text = draw.given("text", "a" * draw.size("text", 3, 9))
    return {"ids": lesson.encode(text, merges)}


mistake(
    "encode",
    body="return utf8_bytes(text)",
    says="nothing is merged: the ids are the plain bytes, which decode to the right text all the "
    "same",
)
mistake(
    "encode",
    body="""
    ids = utf8_bytes(text)
    pair = next_merge(ids, merges)
    return ids if pair is None else merge(ids, pair, merges[pair])
    """,
    says="one merge is done and no more; go on until none fits",
)
mistake(
    "encode",
    body="""
    ids = utf8_bytes(text)
    while len(ids) >= 2:
        pair = max(count_pairs(ids), key=lambda pair: merges.get(pair, -1))
        if pair not in merges:
            break
        ids = merge(ids, pair, merges[pair])
    return ids
    """,
    says="the merge that was learnt last goes first; the one with the lowest id must",
)
mistake(
    "encode",
    body="""
    ids = utf8_bytes(text)
    done = False
    while not done:
        done = True
        for pair in zip(ids, ids[1:]):
            if pair in merges:
                ids = merge(ids, pair, merges[pair])
                done = False
                break
    return ids
    """,
    says="the leftmost pair that fits goes first; the one that was learnt first must",
)
mistake(
    "encode",
    body="""
    ids = utf8_bytes(text)
    while True:
        pair = min(zip(ids, ids[1:]), key=lambda pair: merges.get(pair, float("inf")))
        if pair not in merges:
            return ids
        ids = merge(ids, pair, merges[pair])
    """,
    says="min of nothing raises: text of no byte or of one has no pair, and a long word may be "
    "merged into one id",
)
mistake(
    "encode",
    replace="ids = utf8_bytes(text)",
    by="ids = [ord(character) for character in text]",
    says="encoding begins with the characters; begin with their UTF-8 bytes",
)
mistake(
    "encode",
    body="return [i for word in split_text(text) for i in (encode(word, merges) if word != text "
    "else merge(utf8_bytes(text), next_merge(utf8_bytes(text), merges), "
    "merges.get(next_merge(utf8_bytes(text), merges))))]",
    says="the text is cut into words first; here merges may cross words, the cutting comes later",
)


# --- bytes_per_token -----------------------------------------------------------------------------


@check("bytes_per_token", cases=5)
def ratio_on_any_script(lesson, draw):
    """Bytes are counted, not characters."""
    text = draw.given("text", ["ab", "é!", "жук", "漢字かな", "👍🏽 ok"][draw.case])
    ids = draw.indices("ids", draw.integer("ids", 1, 4), high=300).tolist()
    return {"bytes per token": lesson.bytes_per_token(text, ids)}


@check("bytes_per_token")
def ratio_on_ascii(lesson, draw):
    """The ratio is that of the text's length to the number of ids."""
    text = draw.text("text", draw.size("text", 3, 30), alphabet="abc ")
    ids = draw.indices("ids", draw.integer("ids", 4, 7), high=3).tolist()
    return {"bytes per token": lesson.bytes_per_token(text, ids)}


mistake(
    "bytes_per_token",
    replace="len(utf8_bytes(text))",
    by="len(text)",
    says="len(text) counts characters; outside ASCII there are more bytes than that",
)
mistake(
    "bytes_per_token",
    replace="len(utf8_bytes(text)) / len(ids)",
    by="len(ids) / len(utf8_bytes(text))",
    says="this is tokens per byte; bytes per token is the inverse",
)
mistake(
    "bytes_per_token",
    replace=" / len(ids)",
    by=" // len(ids)",
    says="the ratio is cut to a whole number; divide with /",
)
mistake(
    "bytes_per_token",
    replace="len(ids)",
    by="len(set(ids))",
    says="each id is counted once; a token that occurs twice counts twice",
)


# --- split_text ----------------------------------------------------------------------------------


@check("split_text", cases=len(PROSE))
def chunks_of_prose(lesson, draw):
    """Contractions, digits, signs, white space and letters of any script are cut as they should."""
    return {"chunks": lesson.split_text(text_of_case(draw, PROSE))}


@check("split_text", cases=4)
def chunks_of_chance(lesson, draw):
    """Signs in any order are cut by the pattern, and none is lost."""
    text = draw.text("text", draw.size("text", 4, 24), alphabet="ab'st 12\n\té🙂.!")
    return {"chunks": lesson.split_text(text)}


mistake(
    "split_text",
    body="return text.split()",
    says="splitting at white space loses it; each character must be in a chunk",
)
mistake(
    "split_text",
    replace="regex.findall",
    by="regex.split",
    says="regex.split gives what lies between the matches; the matches themselves are the chunks",
)
mistake(
    "split_text",
    body='return regex.findall(SPLIT_PATTERN.replace("{1,3}", "+"), text)',
    says="digits run on without end; GPT-4's pattern takes three at most",
)
mistake(
    "split_text",
    body='return regex.findall(SPLIT_PATTERN.replace("(?i:", "(?:"), text)',
    says="contractions in capitals are not cut: 'LL must be taken as 'll is",
)
mistake(
    "split_text",
    body=r'return regex.findall(SPLIT_PATTERN.replace(r"|\s+(?!\S)", ""), text)',
    says="white space before a word is taken whole; its last space belongs to the word",
)
mistake(
    "split_text",
    body="return [text]",
    says="the text is not cut at all",
)
mistake(
    "split_text",
    body="return regex.findall(SPLIT_PATTERN, text.strip())",
    says="white space at the edges is stripped; the chunks joined must be the whole text",
)
mistake(
    "split_text",
    body=r'return regex.findall(r"\w+|\W", text)',
    says="this is another pattern; use SPLIT_PATTERN as it stands",
)
mistake(
    "split_text",
    body="""
    pattern = (r"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
               r"|\\s+(?!\\S)|\\s+")
    return regex.findall(pattern, text)
    """,
    says="this is GPT-2's pattern; GPT-4's is asked for, which stands in SPLIT_PATTERN",
)


# --- encode_chunks -------------------------------------------------------------------------------

WORDS = {
    (32, 97): 256, (97, 32): 257, (39, 116): 258, (110, 39): 259, (49, 50): 260, (51, 52): 261,
    (260, 51): 262, (262, 52): 263, (256, 98): 264, (33, 33): 265, (97, 98): 266, (206, 169): 267,
}  # fmt: skip


@check("encode_chunks", cases=len(PROSE))
def no_merge_across_chunks(lesson, draw):
    """Merges stop at the borders: of digits, contractions, words and white space."""
    texts = ["a a", "n't", "", "1234 12345", "a ab'tab", "don't a!! a!", " ab  ab\n a",
             "12a34 1234", "O'TTO ab", "ΩΩ éab 34", "a 👩‍👧 ab!!"]  # fmt: skip
    merges = draw.given("merges", WORDS)
    return {"ids": lesson.encode_chunks(text_of_case(draw, texts), merges)}


@check("encode_chunks", cases=1)
def other_merges_afterwards(lesson, draw):
    """Each call goes by the merges that it is given."""
    text = draw.given("text", "ab ab 12")
    return {
        "ids": lesson.encode_chunks(text, draw.given("merges", WORDS)),
        "ids with no merges": lesson.encode_chunks(text, {}),
    }


@check("encode_chunks", cases=4)
def chunks_of_chance_encoded(lesson, draw):
    """Text of many kinds gives one flat list of ids."""
    text = draw.text("text", draw.size("text", 1, 20), alphabet="ab 1234'tn!Ω")
    return {"ids": lesson.encode_chunks(text, draw.given("merges", WORDS))}


mistake(
    "encode_chunks",
    body="return encode(text, merges)",
    says="the text is not cut before it is encoded, so merges cross the borders of chunks",
)
mistake(
    "encode_chunks",
    body="return [encode(chunk, merges) for chunk in split_text(text)]",
    says="this is a list of lists; one flat list of ids is asked for",
)
mistake(
    "encode_chunks",
    replace="split_text(text)",
    by="text.split()",
    says="cutting at white space loses it, and lets merges cross other borders; use split_text",
)
mistake(
    "encode_chunks",
    replace="split_text(text)",
    by="text",
    says="every character is encoded on its own, so nothing is merged beyond it",
)
mistake(
    "encode_chunks",
    replace="encode(chunk, merges)",
    by="utf8_bytes(chunk)",
    says="the chunks are not encoded: nothing is merged",
)
mistake(
    "encode_chunks",
    replace="split_text(text)",
    by="dict.fromkeys(split_text(text))",
    says="a chunk that occurs again is left out; each occurrence must be encoded",
)


# --- chunk_counts --------------------------------------------------------------------------------


@check("chunk_counts", cases=6)
def repeated_chunks(lesson, draw):
    """Each chunk is counted, in the order of its first occurrence, as a tuple of its bytes."""
    texts = ["b a b", "", "no no, no!", "né né\nné né", "12345 123", "the cat, the hat; the cat"]
    counts = lesson.chunk_counts(text_of_case(draw, texts))
    return {"counts": counts, "chunks in order": list(counts)}


@check("chunk_counts", cases=3)
def chunks_of_words(lesson, draw):
    """A word at the beginning and the same word after a space are different chunks."""
    words = draw.words("text", draw.size("text", 3, 9), alphabet="ab", longest=2)
    counts = lesson.chunk_counts(draw.given("text", " ".join(words)))
    return {"counts": counts, "chunks in order": list(counts)}


mistake(
    "chunk_counts",
    replace="counts.get(ids, 0) + 1",
    by="1",
    says="each chunk is counted once; add 1 to what is there already",
)
mistake(
    "chunk_counts",
    replace="tuple(utf8_bytes(chunk))",
    by="chunk",
    says="the keys are strings; tuples of byte values are asked for",
)
mistake(
    "chunk_counts",
    replace="split_text(text)",
    by="text.split()",
    says="cutting at white space loses the space that belongs to a word; use split_text",
)
mistake(
    "chunk_counts",
    replace="in split_text(text)",
    by="in sorted(split_text(text))",
    says="the chunks are sorted; they shall stand in the order in which they first occur",
)
mistake(
    "chunk_counts",
    replace="tuple(utf8_bytes(chunk))",
    by="tuple(map(ord, chunk))",
    says="the keys hold the numbers of characters; the bytes of their UTF-8 are asked for",
)
mistake(
    "chunk_counts",
    replace="split_text(text)",
    by="text",
    says="single characters are counted; chunks of split_text are asked for",
)


# --- count_chunk_pairs ---------------------------------------------------------------------------


def drawn_chunks(draw):
    """Chunks over three ids, some of them of one id, with their counts; not recorded."""
    chunks = {}
    for _ in range(1 + draw.case):
        length, times = ids_of_chance(draw, 2, high=5)
        chunks[tuple(ids_of_chance(draw, 1 + length, high=3))] = 1 + 2 * times
    return chunks


@check("count_chunk_pairs", cases=5)
def weighted_counts(lesson, draw):
    """A pair counts as often as its chunk occurs, in each place where it stands."""
    chunks = draw.given("chunks", drawn_chunks(draw))
    counts = lesson.count_chunk_pairs(chunks)
    return {"counts": counts, "pairs in order": list(counts), "chunks afterwards": chunks}


@check("count_chunk_pairs", cases=3)
def pairs_of_several_chunks(lesson, draw):
    """The counts of a pair that stands in several chunks add up; chunks of one id hold none."""
    chunks = [{(1, 2): 3, (0, 1, 2): 4}, {(5,): 9}, {(1, 1, 1): 2, (1, 1): 5, (2, 1, 1): 1}]
    return {"counts": lesson.count_chunk_pairs(draw.given("chunks", chunks[draw.case]))}


mistake(
    "count_chunk_pairs",
    replace="count * times",
    by="count",
    says="how often a chunk occurs is left out; its pairs count that many times",
)
mistake(
    "count_chunk_pairs",
    replace="count * times",
    by="times",
    says="a pair that stands in a chunk twice counts twice for each time that the chunk occurs",
)
mistake(
    "count_chunk_pairs",
    replace="counts.get(pair, 0) + count * times",
    by="count * times",
    says="the count of the last chunk overwrites the others; add them up",
)
mistake(
    "count_chunk_pairs",
    replace="count * times",
    by="count + times",
    says="the pair's count and the chunk's are multiplied, not added",
)
mistake(
    "count_chunk_pairs",
    body="return count_pairs([i for ids, times in chunks.items() for i in ids * times])",
    says="the chunks are joined before counting, so pairs across their borders count too",
)


# --- merge_step ----------------------------------------------------------------------------------


@check("merge_step", cases=5)
def one_step(lesson, draw):
    """The most common pair is returned, and merged in every chunk."""
    chunks = draw.given("chunks", {**drawn_chunks(draw), (2, 1, 2, 1, 0): 3})
    new_id = draw.integer("new_id", 256, 300)
    pair, merged = lesson.merge_step(chunks, new_id)
    observed = {"pair": pair, "chunks": merged, "chunks in order": list(merged)}
    return observed | {"the dict that was handed in, afterwards": chunks}


@check("merge_step", cases=2)
def no_pair_is_left(lesson, draw):
    """Where every chunk is one id long, the pair is None and the chunks stay."""
    pair, merged = lesson.merge_step(draw.given("chunks", [{(1,): 3, (2,): 1}, {}][draw.case]), 256)
    return {"pair": pair, "chunks": merged}


@check("merge_step", cases=3)
def a_tie_between_chunks(lesson, draw):
    """A tie goes to the pair seen first."""
    pairs = draw.shuffled("chunks", [(1, 2), (2, 3), (3, 1), (0, 9)])
    chunks = draw.given("chunks", dict.fromkeys(pairs, 2))
    pair, merged = lesson.merge_step(chunks, 256)
    return {"pair": pair, "chunks": merged}


mistake(
    "merge_step",
    replace="tuple(merge(ids, pair, new_id)): times",
    by="tuple(merge(ids, pair, new_id)): 1",
    says="the chunks lose their counts; each keeps the number of times that it occurs",
)
mistake(
    "merge_step",
    replace="if pair is None:\n    return None, chunks\n",
    by="pair[0]\n",
    says="where no pair is left there is nothing to merge; return None and the chunks",
)
mistake(
    "merge_step",
    replace="merge(ids, pair, new_id)",
    by="ids",
    says="the pair is found but not merged",
)
mistake(
    "merge_step",
    body="""
    pair = most_common_pair(count_chunk_pairs(dict.fromkeys(chunks, 1)))
    if pair is None:
        return None, chunks
    return pair, {tuple(merge(ids, pair, new_id)): times for ids, times in chunks.items()}
    """,
    says="each chunk is counted once when the pair is chosen; use its count",
)
mistake(
    "merge_step",
    body="""
    pair = most_common_pair(count_chunk_pairs(chunks))
    if pair is None:
        return None, chunks
    merged = {tuple(merge(ids, pair, new_id)): times for ids, times in chunks.items()}
    return pair, {ids: times for ids, times in merged.items() if new_id in ids}
    """,
    says="chunks without the pair are dropped; they stay as they are",
)
mistake(
    "merge_step",
    body="""
    pair = most_common_pair(count_chunk_pairs(chunks))
    if pair is None:
        return None, chunks
    for ids in list(chunks):
        chunks[tuple(merge(ids, pair, new_id))] = chunks.pop(ids)
    return pair, chunks
    """,
    says="the dict that was handed in is changed; return a new one",
)


# --- train_chunks --------------------------------------------------------------------------------


@check("train_chunks", cases=5)
def merges_within_chunks(lesson, draw):
    """Pairs are counted and merged within chunks only."""
    texts = ["a a a a", "12341234 1234", "it's he's she's it'll", "no no\nno no\nno",
             "ab-ab-ab ab!"]  # fmt: skip
    merges = lesson.train_chunks(text_of_case(draw, texts), draw.given("vocab_size", 262))
    return {"merges": merges, "pairs in order": list(merges)}


@check("train_chunks", cases=4)
def words_of_chance(lesson, draw):
    """The most common pair is merged first; a tie goes to the pair seen first."""
    words = draw.words("text", draw.size("text", 2, 12), alphabet="abé", longest=4)
    text = draw.given("text", " ".join(words + words[:2]))
    return {"merges": lesson.train_chunks(text, draw.size("vocab_size", 257, 264))}


@check("train_chunks", cases=4)
def chunks_run_out(lesson, draw):
    """Training stops early where every chunk is one id; 256 ids leave no room for a merge."""
    text = draw.given("text", ["hi hi", "", "a", "aaaa"][draw.case])
    vocab_size = draw.given("vocab_size", [300, 300, 300, 256][draw.case])
    return {"merges": lesson.train_chunks(text, vocab_size)}


mistake(
    "train_chunks",
    body="return train_bpe(text, vocab_size)",
    says="the text is not cut, so merges cross the borders of chunks",
)
mistake(
    "train_chunks",
    replace="pair, chunks = merge_step(chunks, new_id)",
    by="pair, _ = merge_step(chunks, new_id)",
    says="the merged chunks are not kept, so the same pair wins every round",
)
mistake(
    "train_chunks",
    replace="    if pair is None:\n        break\n",
    by="",
    says="leave the loop where no pair is left; None is no merge",
)
mistake(
    "train_chunks",
    replace="chunks = chunk_counts(text)",
    by="chunks = dict.fromkeys(chunk_counts(text), 1)",
    says="each chunk is counted once, however often it occurs",
)
mistake(
    "train_chunks",
    replace="range(256, vocab_size)",
    by="range(256, 256 + vocab_size)",
    says="vocab_size counts all ids, the 256 bytes included, not the merges alone",
)
mistake(
    "train_chunks",
    replace="range(256, vocab_size)",
    by="range(257, vocab_size)",
    says="the first merge gets the id 256, as the bytes end at 255",
)


# --- split_special -------------------------------------------------------------------------------

NAMES = {"<|end|>": 300, "<|end|>!": 301, "a+b": 302, "(x)": 303, "[INST]": 304, ".*": 305}
MARKED = [
    "hi<|end|>you",
    "<|end|>",
    "",
    "no names, but a|b and end",
    "<|end|><|end|>!<|end|>!",
    "a+b aab a++b (x) x [INST] I .* dots",
    " <|end|> [INST]",
    "<|end|>! end <|end|!>",
    "<<|end|>>.*.*",
    "end.*",
    "<|END|> no [inst] here",
]


@check("split_special", cases=len(MARKED))
def names_are_found(lesson, draw):
    """Names with any characters in them are found literally, and stay whole."""
    text = text_of_case(draw, MARKED)
    return {"pieces": lesson.split_special(text, draw.given("special", NAMES))}


@check("split_special", cases=4)
def longest_first(lesson, draw):
    """Where one name begins another, the longest that fits is taken."""
    names = draw.shuffled("special", ["<a>", "<a>b", "<a>bc", "b", "bb"])
    special = draw.given("special", {name: 300 + i for i, name in enumerate(names)})
    text = draw.given("text", ["<a>bcd", "<a>b<a>", "abbb<a>bb", "x<a>bcbb<a"][draw.case])
    return {"pieces": lesson.split_special(text, special)}


@check("split_special", cases=3)
def from_left_to_right(lesson, draw):
    """Where names overlap, the one that begins first is taken, even if the other is longer."""
    names = [["ab", "bcd"], ["bcd", "ab"], ["bcde", "ab", "cd"]][draw.case]
    special = {name: 300 + i for i, name in enumerate(names)}
    text = draw.given("text", ["abcd", "xabcdab", "abcdebcde"][draw.case])
    return {"pieces": lesson.split_special(text, draw.given("special", special))}


@check("split_special", cases=2)
def no_names(lesson, draw):
    """Without names the text is one piece, and empty text is none."""
    text = draw.given("text", ["some text", ""][draw.case])
    return {"pieces": lesson.split_special(text, draw.given("special", {}))}


mistake(
    "split_special",
    replace="regex.escape(name)",
    by="name",
    says="the names are not escaped, so | means 'or' and . means 'any character'",
)
mistake(
    "split_special",
    replace="sorted(special, key=len, reverse=True)",
    by="list(special)",
    says="the names are tried in the order of the dict; try the longest first",
)
mistake(
    "split_special",
    replace="sorted(special, key=len, reverse=True)",
    by="sorted(special, key=len)",
    says="the shortest name is tried first; try the longest first",
)
mistake(
    "split_special",
    replace=" if piece]",
    by="]",
    says="there are empty strings at the edges and between neighbouring names; leave them out",
)
mistake(
    "split_special",
    replace='f"({pattern})"',
    by="pattern",
    says="the names themselves are lost; a pattern in round brackets keeps what it splits at",
)
mistake(
    "split_special",
    replace="if not special:\n    return [text] if text else []\n",
    by="",
    says="no names make an empty pattern, which splits between all characters",
)
mistake(
    "split_special",
    replace="[text] if text else []",
    by="[text]",
    says="empty text has no piece, without names either",
)
mistake(
    "split_special",
    body="""
    pieces = [text]
    for name in special:
        cut = []
        for piece in pieces:
            parts = [piece] if piece in special else piece.split(name)
            for i, part in enumerate(parts):
                cut += [name] * (i > 0) + [part] * bool(part)
        pieces = cut
    return pieces
    """,
    says="one name after the other is looked for, so a short one tears a longer one apart; "
    "look for all at once, the longest first",
)
mistake(
    "split_special",
    body="""
    pieces = [text]
    for name in sorted(special, key=len, reverse=True):
        cut = []
        for piece in pieces:
            parts = [piece] if piece in special else piece.split(name)
            for i, part in enumerate(parts):
                cut += [name] * (i > 0) + [part] * bool(part)
        pieces = cut
    return pieces
    """,
    says="the longest name is cut out first, even from behind a name that begins before it; "
    "look for all names at once, from left to right",
)
mistake(
    "split_special",
    body="""
    pieces = []
    for word in text.split():
        pieces.append(word)
    return pieces
    """,
    says="the text is cut at white space; cut it at the names and nowhere else",
)


# --- encode_special ------------------------------------------------------------------------------


@check("encode_special", cases=len(MARKED))
def names_and_text(lesson, draw):
    """Names become their ids; the text between them is encoded chunk by chunk."""
    merges = {(101, 110): 256, (256, 100): 257, (104, 105): 258, (124, 257): 259, (97, 43): 260,
              (32, 32): 261, (111, 117): 262, (60, 124): 263}  # fmt: skip
    text = text_of_case(draw, MARKED)
    special = draw.given("special", NAMES)
    return {"ids": lesson.encode_special(text, draw.given("merges", merges), special)}


@check("encode_special", cases=5)
def merges_between_names(lesson, draw):
    """No merge crosses a name, and between names the rules of chunks hold."""
    texts = ["a<s> a", "a a<s>a a<s>", "1234<s>1234 12345", "n't<s>'t a", "<s> ab"]
    special = draw.given("special", {"<s>": draw.integer("special", 500, 600)})
    text = text_of_case(draw, texts)
    return {"ids": lesson.encode_special(text, draw.given("merges", WORDS), special)}


@check("encode_special", cases=2)
def without_names(lesson, draw):
    """Without special tokens the ids are those of encode_chunks."""
    text = draw.given("text", ["a ab 1234 n't!!", ""][draw.case])
    merges, special = draw.given("merges", WORDS), draw.given("special", {})
    return {"ids": lesson.encode_special(text, merges, special)}


mistake(
    "encode_special",
    body="return encode_chunks(text, merges)",
    says="special tokens are encoded like any text; each must become its own id",
)
mistake(
    "encode_special",
    replace="encode_chunks(piece, merges)",
    by="encode(piece, merges)",
    says="the text between special tokens is not cut into chunks",
)
mistake(
    "encode_special",
    replace="ids.append(special[piece])",
    by="continue",
    says="the special tokens are left out of the ids",
)
mistake(
    "encode_special",
    replace="split_special(text, special)",
    by="split_text(text)",
    says="the text is cut into chunks before the special tokens are looked for, which tears them",
)
mistake(
    "encode_special",
    replace="ids.extend(encode_chunks(piece, merges))",
    by="ids.append(encode_chunks(piece, merges))",
    says="the ids of a text piece are nested in the list; extend it instead",
)
mistake(
    "encode_special",
    body="""
    for name, i in special.items():
        text = text.replace(name, chr(i))
    return [i for chunk in split_text(text) for i in encode(chunk, merges)]
    """,
    says="an id put into the text as a character is encoded as one; ids belong into the list",
)
mistake(
    "encode_special",
    body="""
    ids = []
    for piece in regex.split("(" + "|".join(map(regex.escape, special)) + ")", text):
        ids.extend([special[piece]] if piece in special else encode_chunks(piece, merges))
    return ids
    """,
    says="the names are tried in the order of the dict; the longest that fits must be taken",
)
