"""Checks of `part7_tokenizer`.

Round trips prove little here: a tokenizer that never merges, or never splits, passes them all. So
the checks compare ids, on merges that are handed in and on texts where each rule makes a
difference.
"""

import base64

import torch

from autograder.checks import exercise
from autograder.checks.vocabulary import afterwards

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

# With another case, or without what is at one of their ends, they yield other merges.
AS_IT_IS = ["\n\n\n\nAb ab AB Ab", "Ba bA \t\t\t\t"]

# Where texts and ids are long, two of one length come one after the other, and what was made of
# the first is looked at last: nothing is cut off, kept from a call before, or spoiled by the next.
LONG = 203


def ids_of_chance(draw, length, high):
    """A list of ids below high that no report shows; a check records what it makes of them."""
    return torch.randint(high, (length,), generator=draw.generator()).tolist()


def above(least, ids):
    """The ids, counted from `least` on: beyond 256, each is an object of its own in Python."""
    return [least + i for i in ids]


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


def long_texts(draw, alphabet):
    return draw.text("text", LONG, alphabet), draw.text("other text", LONG, alphabet)


def ends(**named):
    """Of long lists how long they are and their last items: to send and compare all takes long."""
    numbers = {f"number of {name}": len(items) for name, items in named.items()}
    return numbers | {f"last of {name}": items[-20:] for name, items in named.items()}


def long_ids(draw, high):
    return ids_of_chance(draw, LONG, high), ids_of_chance(draw, LONG, high)


# --- utf8_bytes ----------------------------------------------------------------------------------


utf8_bytes = exercise("utf8_bytes")


@utf8_bytes.check(cases=len(SCRIPTS))
def any_script(lesson, draw):
    """Characters of any script become their UTF-8 bytes; an empty text becomes an empty list."""
    return {"bytes": lesson.utf8_bytes(text_of_case(draw, SCRIPTS))}


@utf8_bytes.check
def text_of_chance(lesson, draw):
    """Several characters in a row keep their order."""
    text = draw.text("text", draw.size(1, 8), alphabet="abcéñßΩж漢🙂")
    return {"bytes": lesson.utf8_bytes(text)}


@utf8_bytes.check(cases=1)
def first_and_last_of_each_length(lesson, draw):
    """The first and the last character of each length in bytes come out right."""
    borders = "\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"
    text = draw.given("text", "".join(draw.shuffled("characters", borders)))
    return {"bytes": lesson.utf8_bytes(text)}


@utf8_bytes.check(cases=1)
def bytes_of_long_texts(lesson, draw):
    """A text of any length is turned into bytes to the end; each call returns a new list."""
    one, other = map(lesson.utf8_bytes, long_texts(draw, "abcéñßΩж漢🙂"))
    return ends(bytes=one, others=other)


# --- count_pairs ---------------------------------------------------------------------------------


count_pairs = exercise("count_pairs")


@count_pairs.check(cases=4)
def pairs_and_their_order(lesson, draw):
    """Each pair has its count, and the pairs are in the order in which they first occur."""
    ids = draw.given("ids", ids_of_chance(draw, 3 + 3 * draw.case, high=3))
    counts = lesson.count_pairs(ids)
    return {"counts": counts, "pairs in order": list(counts), "ids afterwards": ids}


@count_pairs.check(cases=4)
def overlapping_places(lesson, draw):
    """In a run of one id, every place where two of them meet counts."""
    ids = draw.given("ids", ids_of_chance(draw, 1, high=300) * (3 + draw.case))
    return {"counts": lesson.count_pairs(ids)}


@count_pairs.check(cases=1)
def pairs_of_long_lists(lesson, draw):
    """All pairs of a long list are counted, and each call starts from zero."""
    one, other = map(lesson.count_pairs, long_ids(draw, 4))
    return {"counts": one, "counts of another list": other}


@count_pairs.check(cases=2)
def hardly_any_ids(lesson, draw):
    """With no id, or just one, there's no pair."""
    return {"counts": lesson.count_pairs(draw.given("ids", [[7], []][draw.case]))}


@count_pairs.check(cases=2)
def a_tuple_of_ids(lesson, draw):
    """A tuple of ids is counted just like a list."""
    ids = draw.given("ids", tuple(ids_of_chance(draw, 3 + 3 * draw.case, high=3)))
    return {"counts": lesson.count_pairs(ids)}


# --- most_common_pair ----------------------------------------------------------------------------


most_common_pair = exercise("most_common_pair")


@most_common_pair.check(cases=4)
def highest_count(lesson, draw):
    """The pair with the highest count wins, wherever it is in the dict."""
    pairs = draw.shuffled("counts", [(1, 2), (2, 9), (9, 1), (3, 3)])
    counts = dict(zip(pairs, draw.shuffled("counts", [2, 3, 5, 10]), strict=True))
    pair = lesson.most_common_pair(draw.given("counts", counts))
    return {"pair": pair, **afterwards(counts=counts)}


@most_common_pair.check(cases=1)
def the_last_of_many(lesson, draw):
    """The last of hundreds of pairs can win, and counts can be large."""
    counts = {(i, i + 1): 1000 + i for i in range(300)}
    draw.given("counts", "{(i, i + 1): 1000 + i for i in range(300)}")
    return {"pair": lesson.most_common_pair(counts)}


@most_common_pair.check(cases=4)
def tie(lesson, draw):
    """In a tie the pair that comes first in the dict wins, even if all of them occur once."""
    pairs = draw.shuffled("counts", [(5, 6), (1, 2), (9, 0), (7, 7), (2, 1)])
    counts = dict(zip(pairs, [1] * 5 if draw.case == 3 else [1, 4, 4, 4, 2], strict=True))
    return {"pair": lesson.most_common_pair(draw.given("counts", counts))}


@most_common_pair.check(cases=1)
def nothing_to_choose(lesson, draw):
    """If nothing was counted there's no pair: the answer is None."""
    return {"pair": lesson.most_common_pair(draw.given("counts", {}))}


# --- merge ---------------------------------------------------------------------------------------


merge = exercise("merge", points=2)


@merge.check(cases=4)
def every_occurrence(lesson, draw):
    """Every occurrence of the pair is replaced, the rest stays, and so does the argument."""
    least = 300 * (draw.case % 2)
    ids = above(least, [*ids_of_chance(draw, 2 + 3 * draw.case, high=3), 0, 1])
    pair = draw.given("pair", tuple(above(least, (0, 1))))
    return {"merged": lesson.merge(draw.given("ids", ids), pair, 256), "ids afterwards": ids}


@merge.check(cases=1)
def merging_long_lists(lesson, draw):
    """A long list is merged to the end, and each call returns a new list."""
    one, other = ([*ids, 0, 1] for ids in long_ids(draw, 3))
    pair = draw.given("pair", (0, 1))
    merged = lesson.merge(one, pair, 256)
    return ends(merged=merged, others=lesson.merge(other, pair, 256))


@merge.check(cases=5)
def runs_of_the_same_id(lesson, draw):
    """In a run of one id, pairs are taken from the left and don't overlap."""
    ids = draw.given("ids", [1] * (2 + draw.case) + [2] * (draw.case % 2))
    return {"merged": lesson.merge(ids, draw.given("pair", (1, 1)), 300)}


@merge.check(cases=5)
def edges(lesson, draw):
    """Pairs are found at both ends; an empty list, or a single id, comes back unchanged."""
    cases = [[5, 6], [5], [], [5, 6, 0, 6, 5, 5, 6], [15, 6, 5, 61, 305, 6, 5, 6]]
    ids = draw.given("ids", cases[draw.case])
    return {"merged": lesson.merge(ids, draw.given("pair", (5, 6)), 256)}


@merge.check(cases=2)
def tuple_in_list_out(lesson, draw):
    """A tuple is merged too, and the result is a new list."""
    ids = draw.given("ids", tuple(ids_of_chance(draw, 3 + 5 * draw.case, high=2)))
    merged = lesson.merge(ids, draw.given("pair", (0, 1)), 256)
    return {"merged": list(merged)}


@merge.check(cases=2)
def a_list_of_its_own(lesson, draw):
    """The result is a new list, even if there's nothing to merge."""
    ids = draw.given("ids", [[1, 2, 1], [5, 6, 1]][draw.case])
    merged = lesson.merge(ids, draw.given("pair", (5, 6)), 256)
    merged.append(0)
    return {"ids after the result was changed": ids}


@merge.check(cases=2)
def new_id_in_the_pair(lesson, draw):
    """What has just been merged isn't merged again in the same pass."""
    ids = draw.given("ids", [[1, 2, 2, 1], [1, 1, 2, 2, 2]][draw.case])
    return {"merged": lesson.merge(ids, draw.given("pair", (1, 2)), draw.given("new_id", 1))}


# --- train_bpe -----------------------------------------------------------------------------------


train_bpe = exercise("train_bpe", points=3)


@train_bpe.check(cases=4)
def merges_in_their_order(lesson, draw):
    """The merges are the most common pairs, one after the other, each with the next id."""
    text = draw.text("text", draw.size(6, 40), alphabet="abc ")
    merges = lesson.train_bpe(text, draw.size(257, 266, name="vocab_size"))
    return {"merges": merges, "pairs in order": list(merges)}


@train_bpe.check(cases=3)
def later_merges_use_earlier_ones(lesson, draw):
    """Words that repeat grow together: later merges contain the ids of earlier ones."""
    words = draw.words("text", 2, alphabet="xyz", shortest=3, longest=4)
    text = draw.given("text", " ".join(words * 4))
    return {"merges": lesson.train_bpe(text, draw.given("vocab_size", 262))}


@train_bpe.check(cases=2)
def text_as_it_is(lesson, draw):
    """Capitals, and white space at either end of the text, are trained on as they are."""
    text = draw.given("text", AS_IT_IS[draw.case])
    return {"merges": lesson.train_bpe(text, draw.given("vocab_size", 263))}


@train_bpe.check(cases=1)
def training_on_long_texts(lesson, draw):
    """A long text is read to the end, and each call starts over."""
    size = draw.given("vocab_size", 280)
    one, other = (lesson.train_bpe(text + "zyzyzy" * 9, size) for text in long_texts(draw, "abc "))
    return {"merges": one, "merges of another text": other}


@train_bpe.check(cases=4)
def pairs_run_out(lesson, draw):
    """Training stops early if no pair is left: a short, an empty or a one-byte text."""
    text = draw.given("text", ["ab", "", "a", "abcabc"][draw.case])
    return {"merges": lesson.train_bpe(text, draw.given("vocab_size", 270))}


@train_bpe.check(cases=3)
def no_room_for_merges(lesson, draw):
    """A vocab_size of 256 or less leaves no room for a merge."""
    size = draw.given("vocab_size", [256, 255, 0][draw.case])
    return {"merges": lesson.train_bpe(draw.given("text", "aaaa"), size)}


@train_bpe.check(cases=4)
def ties_while_training(lesson, draw):
    """Of equally common pairs, the one seen first in the text is merged."""
    text = draw.given("text", ["zyxw", "baba", "ba ab ba ab", "cdcd abab"][draw.case])
    return {"merges": lesson.train_bpe(text, draw.given("vocab_size", 259))}


@train_bpe.check(cases=3)
def several_bytes_a_character(lesson, draw):
    """Characters of several bytes are merged from their bytes, and no id is skipped."""
    text = draw.given("text", ["éé", "жук жук", "👍👍🏽 é"][draw.case])
    return {"merges": lesson.train_bpe(text, draw.given("vocab_size", 261))}


# --- build_vocab ---------------------------------------------------------------------------------


build_vocab = exercise("build_vocab")


def merged_entries(vocab, count):
    """The entries of the merges, and how many there are; single_bytes looks at the others."""
    merged = {new_id: vocab.get(new_id) for new_id in range(256, 256 + count)}
    return {"number of entries": len(vocab), "entries of the merges": merged}


@build_vocab.check(cases=2)
def bytes_of_merges(lesson, draw):
    """A merged id stands for the bytes of both its members, however deep they go."""
    merges = drawn_merges(draw)
    return merged_entries(lesson.build_vocab(merges), len(merges))


@build_vocab.check(cases=1)
def vocabularies_one_by_one(lesson, draw):
    """Each call makes a new vocabulary and leaves the merges alone."""
    merges = draw.given("merges", {(104, 105): 256, (256, 33): 257})
    fewer = draw.given("other merges", {(97, 98): 256})
    one, other = lesson.build_vocab(merges), lesson.build_vocab(fewer)
    seen = {"one": merged_entries(one, 2), "other": merged_entries(other, 2)}
    return {**seen, **afterwards(merges=merges)}


@build_vocab.check(cases=1)
def single_bytes(lesson, draw):
    """With no merges there are the 256 single bytes, including those above 127."""
    return {"vocabulary": lesson.build_vocab(draw.given("merges", {}))}


@build_vocab.check(cases=3)
def chains(lesson, draw):
    """Merges that build on each other give long tokens."""
    first, second = draw.integer("merges", 0, 127), draw.integer("merges", 128, 255)
    merges = {(first, second): 256}
    for new_id in range(257, 257 + draw.case):
        merges[(new_id - 1, draw.choice("merges", LETTERS))] = new_id
    return merged_entries(lesson.build_vocab(draw.given("merges", merges)), 1 + draw.case)


# --- decode --------------------------------------------------------------------------------------


def vocab_of(merges):
    """The bytes of the merges, so that the check needs no vocabulary of the lesson."""
    vocab = {byte: bytes([byte]) for byte in range(256)}
    for (left, right), new_id in merges.items():
        vocab[new_id] = vocab[left] + vocab[right]
    return vocab


decode = exercise("decode")


@decode.check(cases=len(SCRIPTS))
def characters_of_several_bytes(lesson, draw):
    """A character whose bytes are spread over several ids comes out whole."""
    ids = draw.given("ids", list(SCRIPTS[draw.case].encode("utf-8")))
    return {"text": lesson.decode(ids, vocab_of({}))}


@decode.check(cases=3)
def merged_ids(lesson, draw):
    """Merged ids are read with the vocabulary that's passed in."""
    ids = draw.indices("ids", draw.size(1, 6), high=5).add(256).tolist() + [258]
    merges = {(104, 105): 256, (256, 33): 257, (195, 169): 258, (32, 257): 259, (226, 130): 260}
    vocab = vocab_of(draw.given("vocabulary of the merges", merges))
    return {"text": lesson.decode(draw.given("ids", ids), vocab)}


@decode.check(cases=1)
def decoding_long_lists(lesson, draw):
    """A long list of ids is read to the end; neither the ids nor the vocabulary change."""
    ids = list(draw.text("ids, those of the text", LONG, "abéж").encode())
    vocab = vocab_of({})
    text = lesson.decode(ids, vocab)
    return {"text": text, "number of ids": len(ids), "size of the vocabulary": len(vocab)}


@decode.check(cases=6)
def not_utf8(lesson, draw):
    """Bytes that aren't UTF-8 become the replacement character; valid ones stay."""
    broken = [[128], [104, 195], [195, 40], [240, 159, 145], [255, 104, 254], [97, 226, 130, 98]]
    return {"text": lesson.decode(draw.given("ids", broken[draw.case]), vocab_of({}))}


@decode.check(cases=2)
def any_vocabulary(lesson, draw):
    """Any vocabulary will do, even one with a special token; no ids give an empty text."""
    vocab = draw.given("vocab", {7: b"<|end|>", 300: "né".encode(), 1: b"\xc3", 2: b"\xa9"})
    return {"text": lesson.decode(draw.given("ids", [[300, 1, 2, 7], []][draw.case]), vocab)}


# --- next_merge ----------------------------------------------------------------------------------


next_merge = exercise("next_merge")


@next_merge.check(cases=5)
def earliest(lesson, draw):
    """Of the pairs that occur in the ids, you get the one with the lowest new id."""
    ids = [draw.choice("ids", LETTERS) for _ in range(draw.size(2, 12))]
    return {"pair": lesson.next_merge(draw.given("ids", ids), drawn_merges(draw))}


@next_merge.check(cases=1)
def at_the_end_of_many(lesson, draw):
    """The pair may be at the end of a long list, and nothing is changed."""
    ids = [*ids_of_chance(draw, LONG, 3), 5, 6]
    draw.given("ids", ids)
    merges = draw.given("merges", {(1, 2): 257, (5, 6): 256})
    pair = lesson.next_merge(ids, merges)
    return {"pair": pair, "number of ids afterwards": len(ids), **afterwards(merges=merges)}


@next_merge.check(cases=4)
def nothing_to_merge(lesson, draw):
    """If nothing can be merged you get None: other pairs, a single id, or no ids at all."""
    ids = draw.given("ids", [[1, 2], [1], [], [2, 1, 3, 2]][draw.case])
    merges = draw.given("merges", [{}, {(1, 2): 256}, {(1, 2): 256}, {(1, 2): 256}][draw.case])
    return {"pair": lesson.next_merge(ids, merges)}


@next_merge.check(cases=2)
def later_but_more_common(lesson, draw):
    """It doesn't matter how often a pair occurs in the ids, nor where, nor how large they are."""
    least = 300 * draw.case
    one, other = tuple(above(least, (1, 2))), tuple(above(least, (3, 4)))
    ids = [[1, 2, 1, 2, 3, 4], [3, 4, 3, 4, 1, 2]][draw.case]
    ids = draw.given("ids", above(least, ids))
    merges = [{other: 256, one: 257}, {one: 256, other: 257}][draw.case]
    return {"pair": lesson.next_merge(ids, draw.given("merges", merges))}


@next_merge.check(cases=4)
def merges_in_any_order(lesson, draw):
    """The lowest new id counts, in whatever order the dict holds the merges."""
    orders = [[257, 256], [258, 256, 257], [257, 258, 256, 259], [259, 258, 257, 256]]
    pairs = [(1, 2), (2, 3), (3, 4), (4, 5)]
    merges = draw.given("merges", dict(zip(pairs, orders[draw.case], strict=False)))
    return {"pair": lesson.next_merge(draw.given("ids", [1, 2, 3, 4, 5]), merges)}


# --- encode --------------------------------------------------------------------------------------


encode = exercise("encode", points=2)


@encode.check(cases=5)
def merges_that_overlap(lesson, draw):
    """If merges compete for the same bytes, the one that was learned first wins."""
    text = draw.text("text", draw.size(2, 14), alphabet="abc ")
    return {"ids": lesson.encode(text, drawn_merges(draw))}


@encode.check(cases=1)
def encoding_long_texts(lesson, draw):
    """A long text is encoded to the end, and each call returns a new list."""
    merges = drawn_merges(draw)
    one, other = (lesson.encode(text, merges) for text in long_texts(draw, "abcé "))
    return {**ends(ids=one, others=other), **afterwards(merges=merges)}


@encode.check(cases=4)
def hardly_any_text(lesson, draw):
    """An empty text works, and so does a text of one byte or one character."""
    text = draw.given("text", ["", "a", "é", "ab"][draw.case])
    return {"ids": lesson.encode(text, draw.given("merges", {(97, 98): 256}))}


@encode.check(cases=3)
def across_words(lesson, draw):
    """Merges may cross spaces here, and build on each other to any depth."""
    merges = {(97, 32): 256, (256, 97): 257, (257, 257): 258, (97, 97): 259, (258, 98): 260}
    text = draw.given("text", ["a a", "a aa ab", "a aa aa aa ab"][draw.case])
    return {"ids": lesson.encode(text, draw.given("merges", merges)), "merges afterwards": merges}


@encode.check(cases=3)
def without_merges(lesson, draw):
    """With no merges, the ids are the bytes."""
    text = draw.text("text", draw.size(1, 5), alphabet="aéж漢🙂")
    return {"ids": lesson.encode(text, draw.given("merges", {}))}


@encode.check(cases=3)
def repeated_letters(lesson, draw):
    """Runs of the same letter are merged from the left, again and again."""
    merges = draw.given("merges", {(97, 97): 256, (256, 256): 257, (257, 97): 258})
    text = draw.given("text", "a" * draw.size(3, 9))
    return {"ids": lesson.encode(text, merges)}


# --- bytes_per_token -----------------------------------------------------------------------------


bytes_per_token = exercise("bytes_per_token")


@bytes_per_token.check(cases=5)
def ratio_on_any_script(lesson, draw):
    """Bytes are counted, not characters."""
    text = draw.given("text", ["ab", "é!", "жук", "漢字かな", "👍🏽 ok"][draw.case])
    ids = draw.indices("ids", draw.integer("ids", 1, 4), high=300).tolist()
    return {"bytes per token": lesson.bytes_per_token(text, ids)}


@bytes_per_token.check
def ratio_on_ascii(lesson, draw):
    """For ASCII, the ratio is the length of the text to the number of ids."""
    text = draw.text("text", draw.size(3, 30), alphabet="abc ")
    ids = draw.indices("ids", draw.integer("ids", 4, 7), high=3).tolist()
    return {"bytes per token": lesson.bytes_per_token(text, ids), **afterwards(ids=ids)}


@bytes_per_token.check(cases=1)
def ratio_of_long_texts(lesson, draw):
    """All bytes and all ids count, however many there are."""
    one, other = draw.text("text", LONG, "aé漢"), draw.text("other text", LONG, "ab")
    ids = ids_of_chance(draw, 111, 300)
    first = lesson.bytes_per_token(one, ids)
    return {"bytes per token": first, "of the other text": lesson.bytes_per_token(other, ids)}


# --- split_text ----------------------------------------------------------------------------------


split_text = exercise("split_text")


@split_text.check(cases=len(PROSE))
def chunks_of_prose(lesson, draw):
    """Contractions, digits, symbols, white space and any script's letters are cut correctly."""
    return {"chunks": lesson.split_text(text_of_case(draw, PROSE))}


@split_text.check(cases=4)
def chunks_of_chance(lesson, draw):
    """Symbols in any order are cut by the pattern, and none is lost."""
    text = draw.text("text", draw.size(4, 24), alphabet="ab'st 12\n\té🙂.!")
    return {"chunks": lesson.split_text(text)}


@split_text.check(cases=1)
def chunks_of_long_texts(lesson, draw):
    """A long text is cut to the end, and each call returns a new list."""
    one, other = map(lesson.split_text, long_texts(draw, "ab'st 12\n.!"))
    return ends(chunks=one, others=other)


# --- encode_chunks -------------------------------------------------------------------------------

WORDS = {
    (32, 97): 256, (97, 32): 257, (39, 116): 258, (110, 39): 259, (49, 50): 260, (51, 52): 261,
    (260, 51): 262, (262, 52): 263, (256, 98): 264, (33, 33): 265, (97, 98): 266, (206, 169): 267,
}  # fmt: skip


encode_chunks = exercise("encode_chunks")


@encode_chunks.check(cases=len(PROSE))
def no_merge_across_chunks(lesson, draw):
    """Merges stop at the borders of digits, contractions, words and white space."""
    texts = ["a a", "n't", "", "1234 12345", "a ab'tab", "don't a!! a!", " ab  ab\n a",
             "12a34 1234", "O'TTO ab", "ΩΩ éab 34", "a 👩‍👧 ab!!"]  # fmt: skip
    merges = draw.given("merges", WORDS)
    return {"ids": lesson.encode_chunks(text_of_case(draw, texts), merges)}


@encode_chunks.check(cases=1)
def other_merges_afterwards(lesson, draw):
    """Each call uses the merges that it's given, not earlier ones."""
    text = draw.given("text", "ab ab 12")
    return {
        "ids": lesson.encode_chunks(text, draw.given("merges", WORDS)),
        "ids with no merges": lesson.encode_chunks(text, {}),
    }


@encode_chunks.check(cases=4)
def chunks_of_chance_encoded(lesson, draw):
    """Any kind of text becomes one flat list of ids."""
    text = draw.text("text", draw.size(1, 20), alphabet="ab 1234'tn!Ω")
    return {"ids": lesson.encode_chunks(text, draw.given("merges", WORDS))}


@encode_chunks.check(cases=1)
def long_texts_in_chunks(lesson, draw):
    """A long text is encoded to the end; each call's list is new, and the merges don't change."""
    merges = draw.given("merges", dict(WORDS))
    one, other = (lesson.encode_chunks(text, merges) for text in long_texts(draw, "ab 12'tn!"))
    return {**ends(ids=one, others=other), **afterwards(merges=merges)}


# --- chunk_counts --------------------------------------------------------------------------------


chunk_counts = exercise("chunk_counts")


@chunk_counts.check(cases=6)
def repeated_chunks(lesson, draw):
    """Each chunk is counted, as a tuple of its bytes, in the order of first occurrence."""
    texts = ["b a b", "", "no no, no!", "né né\nné né", "12345 123", "the cat, the hat; the cat"]
    counts = lesson.chunk_counts(text_of_case(draw, texts))
    return {"counts": counts, "chunks in order": list(counts)}


@chunk_counts.check(cases=3)
def chunks_of_words(lesson, draw):
    """A word at the beginning and the same word after a space are different chunks."""
    words = draw.words("text", draw.size(3, 9), alphabet="ab", longest=2)
    counts = lesson.chunk_counts(draw.given("text", " ".join(words)))
    return {"counts": counts, "chunks in order": list(counts)}


@chunk_counts.check(cases=1)
def counts_of_long_texts(lesson, draw):
    """A long text is counted to the end, and each call starts from zero."""
    one, other = map(lesson.chunk_counts, long_texts(draw, "ab  1!"))
    return {"counts": one, "counts of another text": other}


# --- count_chunk_pairs ---------------------------------------------------------------------------


def drawn_chunks(draw):
    """Chunks over three ids, some of them of one id, with their counts; not recorded."""
    chunks = {}
    for _ in range(1 + draw.case):
        length, times = ids_of_chance(draw, 2, high=5)
        chunks[tuple(ids_of_chance(draw, 1 + length, high=3))] = 1 + 2 * times
    return chunks


count_chunk_pairs = exercise("count_chunk_pairs")


@count_chunk_pairs.check(cases=5)
def weighted_counts(lesson, draw):
    """A pair counts once for each time its chunk occurs, at each place in the chunk."""
    chunks = draw.given("chunks", drawn_chunks(draw))
    counts = lesson.count_chunk_pairs(chunks)
    return {"counts": counts, "pairs in order": list(counts), "chunks afterwards": chunks}


@count_chunk_pairs.check(cases=3)
def pairs_of_several_chunks(lesson, draw):
    """A pair's counts in several chunks add up; a chunk of one id has no pair."""
    chunks = [{(1, 2): 3, (0, 1, 2): 4}, {(5,): 9}, {(1, 1, 1): 2, (1, 1): 5, (2, 1, 1): 1}]
    return {"counts": lesson.count_chunk_pairs(draw.given("chunks", chunks[draw.case]))}


@count_chunk_pairs.check(cases=1)
def pairs_of_many_chunks(lesson, draw):
    """Dozens of chunks are counted, long ones too, and each call starts from zero."""
    draw.given("chunks", "{(i, i + 1): 2 for i in range(55)}, and (7, 8, 9) * 30, 5 times")
    chunks = {(i, i + 1): 2 for i in range(55)} | {(7, 8, 9) * 30: 5}
    one, other = lesson.count_chunk_pairs(chunks), lesson.count_chunk_pairs({(1, 2): 3})
    return {"counts": one, "counts of one chunk": other}


# --- merge_step ----------------------------------------------------------------------------------


merge_step = exercise("merge_step")


@merge_step.check(cases=5)
def one_step(lesson, draw):
    """The most common pair is returned, and merged in every chunk."""
    chunks = draw.given("chunks", {**drawn_chunks(draw), (2, 1, 2, 1, 0): 3})
    new_id = draw.integer("new_id", 256, 300)
    pair, merged = lesson.merge_step(chunks, new_id)
    observed = {"pair": pair, "chunks": merged, "chunks in order": list(merged)}
    return observed | {"the dict that was handed in, afterwards": chunks}


@merge_step.check(cases=2)
def no_pair_is_left(lesson, draw):
    """If every chunk is a single id, the pair is None and the chunks stay as they are."""
    pair, merged = lesson.merge_step(draw.given("chunks", [{(1,): 3, (2,): 1}, {}][draw.case]), 256)
    return {"pair": pair, "chunks": merged}


@merge_step.check(cases=1)
def step_by_step(lesson, draw):
    """One step's chunks go into the next, which leaves them alone."""
    chunks = {(i, 1, 2): 1 for i in range(15)} | {(1, 2) * 20: 400}
    draw.given("chunks", "{(i, 1, 2): 1 for i in range(15)}, and (1, 2) * 20, 400 times")
    pair, merged = lesson.merge_step(chunks, 500)
    second, again = lesson.merge_step(merged, 501)
    observed = {"pair": pair, "chunks": merged, "pair of the next step": second}
    return {**observed, "chunks of the next step": again}


@merge_step.check(cases=3)
def a_tie_between_chunks(lesson, draw):
    """A tie goes to the pair seen first."""
    pairs = draw.shuffled("chunks", [(1, 2), (2, 3), (3, 1), (0, 9)])
    chunks = draw.given("chunks", dict.fromkeys(pairs, 2))
    pair, merged = lesson.merge_step(chunks, 256)
    return {"pair": pair, "chunks": merged}


# --- train_chunks --------------------------------------------------------------------------------


train_chunks = exercise("train_chunks", points=2)


@train_chunks.check(cases=5)
def merges_within_chunks(lesson, draw):
    """Pairs are counted and merged only within chunks."""
    texts = ["a a a a", "12341234 1234", "it's he's she's it'll", "no no\nno no\nno",
             "ab-ab-ab ab!"]  # fmt: skip
    merges = lesson.train_chunks(text_of_case(draw, texts), draw.given("vocab_size", 262))
    return {"merges": merges, "pairs in order": list(merges)}


@train_chunks.check(cases=2)
def chunks_as_they_are(lesson, draw):
    """Capitals, and white space at either end of the text, are trained on as they are."""
    text = draw.given("text", AS_IT_IS[draw.case])
    return {"merges": lesson.train_chunks(text, draw.given("vocab_size", 263))}


@train_chunks.check(cases=4)
def words_of_chance(lesson, draw):
    """The most common pair is merged first; a tie goes to the pair seen first."""
    words = draw.words("text", draw.size(2, 12), alphabet="abé", longest=4)
    text = draw.given("text", " ".join(words + words[:2]))
    return {"merges": lesson.train_chunks(text, draw.size(257, 264, name="vocab_size"))}


@train_chunks.check(cases=4)
def chunks_run_out(lesson, draw):
    """Training stops early if every chunk is one id; 256 ids leave no room for a merge."""
    text = draw.given("text", ["hi hi", "", "a", "aaaa"][draw.case])
    vocab_size = draw.given("vocab_size", [300, 300, 300, 256][draw.case])
    return {"merges": lesson.train_chunks(text, vocab_size)}


@train_chunks.check(cases=1)
def training_on_chunks_of_long_texts(lesson, draw):
    """A long text is read to the end, and each call starts over."""
    size, end = draw.given("vocab_size", 270), " zyzyzy" * 9
    one, other = (lesson.train_chunks(text + end, size) for text in long_texts(draw, "abc "))
    return {"merges": one, "merges of another text": other}


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


split_special = exercise("split_special", points=2)


@split_special.check(cases=len(MARKED))
def names_are_found(lesson, draw):
    """A name is found literally, whatever characters it has, and stays whole."""
    text = text_of_case(draw, MARKED)
    return {"pieces": lesson.split_special(text, draw.given("special", NAMES))}


@split_special.check(cases=4)
def longest_first(lesson, draw):
    """If one name is the beginning of another, the longest that fits is taken."""
    names = draw.shuffled("special", ["<a>", "<a>b", "<a>bc", "b", "bb"])
    special = draw.given("special", {name: 300 + i for i, name in enumerate(names)})
    text = draw.given("text", ["<a>bcd", "<a>b<a>", "abbb<a>bb", "x<a>bcbb<a"][draw.case])
    return {"pieces": lesson.split_special(text, special)}


@split_special.check(cases=3)
def from_left_to_right(lesson, draw):
    """If names overlap, the one that starts first is taken, even if the other is longer."""
    names = [["ab", "bcd"], ["bcd", "ab"], ["bcde", "ab", "cd"]][draw.case]
    special = {name: 300 + i for i, name in enumerate(names)}
    text = draw.given("text", ["abcd", "xabcdab", "abcdebcde"][draw.case])
    return {"pieces": lesson.split_special(text, draw.given("special", special))}


@split_special.check(cases=2)
def no_names(lesson, draw):
    """With no names the text is one piece, and an empty text has none."""
    text = draw.given("text", ["some text", ""][draw.case])
    return {"pieces": lesson.split_special(text, draw.given("special", {}))}


@split_special.check(cases=1)
def names_in_long_texts(lesson, draw):
    """Names are found to the end of a long text, and the dict of names isn't changed."""
    special = draw.given("special", {"<a>": 300, "b": 301})
    one, other = (lesson.split_special(text, special) for text in long_texts(draw, "<a>bbbb"))
    return {**ends(pieces=one, others=other), **afterwards(special=special)}


# --- encode_special ------------------------------------------------------------------------------


encode_special = exercise("encode_special", points=2)


@encode_special.check(cases=len(MARKED))
def names_and_text(lesson, draw):
    """Names become their ids; the text between them is encoded chunk by chunk."""
    merges = {(101, 110): 256, (256, 100): 257, (104, 105): 258, (124, 257): 259, (97, 43): 260,
              (32, 32): 261, (111, 117): 262, (60, 124): 263}  # fmt: skip
    text = text_of_case(draw, MARKED)
    special = draw.given("special", NAMES)
    return {"ids": lesson.encode_special(text, draw.given("merges", merges), special)}


@encode_special.check(cases=5)
def merges_between_names(lesson, draw):
    """No merge crosses a name, and between names the text is cut into chunks."""
    texts = ["a<s> a", "a a<s>a a<s>", "1234<s>1234 12345", "n't<s>'t a", "<s> ab"]
    special = draw.given("special", {"<s>": draw.integer("special", 500, 600)})
    text = text_of_case(draw, texts)
    return {"ids": lesson.encode_special(text, draw.given("merges", WORDS), special)}


@encode_special.check(cases=1)
def names_and_long_texts(lesson, draw):
    """A long text is encoded to the end; each call's list is new, and nothing is changed."""
    merges, special = draw.given("merges", dict(WORDS)), draw.given("special", {"n": 301})
    texts = long_texts(draw, "ab 12'tn!")
    one, other = (lesson.encode_special(text, merges, special) for text in texts)
    return {**ends(ids=one, others=other), **afterwards(merges=merges, special=special)}


@encode_special.check(cases=2)
def without_names(lesson, draw):
    """With no special tokens, the ids are those of encode_chunks."""
    text = draw.given("text", ["a ab 1234 n't!!", ""][draw.case])
    merges, special = draw.given("merges", WORDS), draw.given("special", {})
    return {"ids": lesson.encode_special(text, merges, special)}


# --- encode_allowed ------------------------------------------------------------------------------

STRANGE = [
    "hi<|end|>you",
    "<|end|>",
    "a+b and (x)",
    "<|end|>![INST]",
    "no names, but a|b and end",
    "<|end|><|end|>!.*",
    "",
]


encode_allowed = exercise("encode_allowed", points=2)


def ids_or_error(call):
    """What a call returns, or that it raises a ValueError."""
    try:
        return call()
    except ValueError:
        return "ValueError"


def some_names(draw):
    """A set of names to allow; a set of chance."""
    names = draw.shuffled("allowed", list(NAMES))[: 1 + draw.case % 5]
    return draw.given("allowed", set(names))


@encode_allowed.check(cases=len(STRANGE))
def all_names_are_allowed(lesson, draw):
    """If all names are allowed, each becomes its id."""
    text, special = text_of_case(draw, STRANGE), draw.given("special", dict(NAMES))
    allowed = draw.given("allowed", set(NAMES))
    ids = lesson.encode_allowed(text, draw.given("merges", WORDS), special, allowed)
    return {"ids": ids, **afterwards(special=special, allowed=allowed)}


@encode_allowed.check(cases=2 * len(STRANGE))
def a_name_that_isnt_allowed(lesson, draw):
    """Strictly, a text that holds a name that isn't allowed raises a ValueError."""
    text = draw.given("text", STRANGE[draw.case % len(STRANGE)])
    merges, allowed = draw.given("merges", WORDS), some_names(draw)
    special = draw.given("special", dict(NAMES))
    return {"ids": ids_or_error(lambda: lesson.encode_allowed(text, merges, special, allowed))}


@encode_allowed.check(cases=2 * len(STRANGE))
def a_name_taken_as_text(lesson, draw):
    """If it isn't strict, names that aren't allowed are text, and the others are still ids."""
    text = draw.given("text", STRANGE[draw.case % len(STRANGE)])
    merges, allowed = draw.given("merges", WORDS), some_names(draw)
    special, strict = draw.given("special", dict(NAMES)), draw.given("strict", False)
    return {"ids": lesson.encode_allowed(text, merges, special, allowed, strict)}


@encode_allowed.check(cases=2)
def no_name_is_allowed(lesson, draw):
    """With no name allowed, a text that holds none is encoded as always."""
    text = draw.given("text", ["a ab 1234 n't!!", ""][draw.case])
    merges, special = draw.given("merges", WORDS), draw.given("special", {"<s>": 500})
    return {"ids": lesson.encode_allowed(text, merges, special, draw.given("allowed", set()))}


@encode_allowed.check(cases=1)
def allowed_names_in_long_texts(lesson, draw):
    """A long text is read to the end, and each call's list is new."""
    merges, special = draw.given("merges", WORDS), draw.given("special", {"n": 301, "<s>": 302})
    one, other = long_texts(draw, "ab 12'tn!")
    ids = [lesson.encode_allowed(text, merges, special, {"n"}) for text in (one, other)]
    refused = ids_or_error(lambda: lesson.encode_allowed(one + "<s>", merges, special, {"n"}))
    return {**ends(ids=ids[0], others=ids[1]), "a name at the end": refused}


# --- split_gpt2 ----------------------------------------------------------------------------------


split_gpt2 = exercise("split_gpt2", points=2)


@split_gpt2.check(cases=len(PROSE))
def gpt2s_chunks_of_prose(lesson, draw):
    """Contractions, digits, signs, white space and any script's letters are cut by the rules."""
    return {"chunks": lesson.split_gpt2(text_of_case(draw, PROSE))}


@split_gpt2.check(cases=6)
def gpt2s_chunks_of_chance(lesson, draw):
    """Signs in any order are cut by the rules, and none is lost."""
    text = draw.text("text", draw.size(4, 24), alphabet="ab'stdrvelm 12\n\té🙂.!")
    return {"chunks": lesson.split_gpt2(text)}


@split_gpt2.check(cases=4)
def gpt2s_corners(lesson, draw):
    """Every ending is known, in small letters; white space is kept at the end of a text."""
    texts = ["I'm he's can't you're we've she'll they'd", "I'M HE'S CAN'T", "x = 3;  \n\n  y\t",
             "don't_stop  ²³ Ⅻ x_1"]  # fmt: skip
    return {"chunks": lesson.split_gpt2(text_of_case(draw, texts))}


@split_gpt2.check(cases=1)
def gpt2s_chunks_of_long_texts(lesson, draw):
    """A long text is cut to the end, and each call returns a new list."""
    one, other = map(lesson.split_gpt2, long_texts(draw, "ab'st 12\n.!"))
    return ends(chunks=one, others=other)


# --- write_ranks, read_ranks ---------------------------------------------------------------------


def drawn_vocab(draw):
    """Some tokens of chance bytes under ids in an order of chance."""
    ids = draw.shuffled("vocab", range(5 + 3 * draw.case))
    return {i: bytes(ids_of_chance(draw, 1 + i % 5, high=256)) for i in ids}


write_ranks = exercise("write_ranks")


@write_ranks.check(cases=4)
def lines_in_order(lesson, draw):
    """Each token is a line: base64, a space, the id; the lowest id comes first."""
    vocab = draw.given("vocab", drawn_vocab(draw))
    return {"text": lesson.write_ranks(vocab), **afterwards(vocab=vocab)}


@write_ranks.check(cases=3)
def tokens_that_are_no_text(lesson, draw):
    """Line ends, halves of characters and many bytes are written too; no token makes no line."""
    vocabs = [{0: b"\n", 1: b" ", 2: b"\xc3"}, {}, {300: b"long " * 30, 10: b"\x00\xff"}]
    return {"text": lesson.write_ranks(draw.given("vocab", vocabs[draw.case]))}


read_ranks = exercise("read_ranks")


@read_ranks.check(cases=4)
def ranks_of_lines(lesson, draw):
    """Each line gives a token's bytes and its rank as an int, in the order of the lines."""
    vocab = drawn_vocab(draw)
    lines = [f"{base64.b64encode(token).decode()} {i}" for i, token in vocab.items()]
    ranks = lesson.read_ranks(draw.given("text", "\n".join(lines)))
    return {"ranks": ranks, "tokens in order": list(ranks)}


@read_ranks.check(cases=3)
def lines_without_anything(lesson, draw):
    """Empty lines are passed over; so is the end of the last line."""
    texts = ["IQ== 0\n\nIg== 1\n\n", "", "\nCg== 10\n/w== 255"]
    return {"ranks": lesson.read_ranks(draw.given("text", texts[draw.case]))}


@read_ranks.check(cases=1)
def files_one_by_one(lesson, draw):
    """A long file is read to the end, and each call returns a new dict."""
    draw.given("text", "200 lines: two bytes each, in base64, with the ranks 0 to 199")
    lines = [f"{base64.b64encode(bytes([i, 7])).decode()} {i}\n" for i in range(200)]
    one, other = lesson.read_ranks("".join(lines)), lesson.read_ranks("".join(lines[::-1]))
    return {**ends(tokens=list(one), others=list(other)), "last rank": list(one.values())[-1]}


# --- recover_merges ------------------------------------------------------------------------------


def rank_table(merges, order):
    """The ranks of a tokenizer whose single bytes have their ranks in this order."""
    tokens = [bytes([byte]) for byte in order]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    return {token: rank for rank, token in enumerate(tokens)}


def drawn_ranks(draw):
    """A tokenizer of few letters in an order of chance, its merges building on each other."""
    order = [ord(letter) for letter in draw.shuffled("ranks", "abc ")]
    merges, tokens = [], [bytes([byte]) for byte in order]
    for number in ids_of_chance(draw, 60, high=10_000):
        left, right = number // 100 % len(tokens), number % len(tokens)
        token = tokens[left] + tokens[right]
        if (
            token not in tokens
            and len(token) < 9
            and is_encoded_as(token, (left, right), merges, order)
        ):
            merges.append((left, right))
            tokens.append(token)
    return rank_table(merges[: 3 + 2 * draw.case], order)


def is_encoded_as(token, pair, merges, order):
    """Whether the merges so far leave just this pair of the token, as in training."""
    ids = [order.index(byte) for byte in token]
    for i, (left, right) in enumerate(merges):
        place, new = 0, []
        while place < len(ids):
            fits = ids[place : place + 2] == [left, right]
            new.append(len(order) + i if fits else ids[place])
            place += 1 + fits
        ids = new
    return tuple(ids) == pair


recover_merges = exercise("recover_merges", points=3)


@recover_merges.check(cases=5)
def merges_of_ranks(lesson, draw):
    """Each longer token is taken apart into the two tokens that it was made of."""
    ranks = draw.given("ranks", drawn_ranks(draw))
    merges = lesson.recover_merges(ranks)
    return {"merges": merges, "pairs in order": list(merges), **afterwards(ranks=ranks)}


@recover_merges.check(cases=4)
def ranks_in_any_order(lesson, draw):
    """The order of the dict doesn't matter, only the ranks do."""
    ranks = drawn_ranks(draw)
    mixed = draw.shuffled("ranks", list(ranks))
    merges = lesson.recover_merges(draw.given("ranks", {token: ranks[token] for token in mixed}))
    return {"merges": merges, "pairs in order": list(merges)}


@recover_merges.check(cases=3)
def not_every_cut_is_the_one(lesson, draw):
    """A token that could be cut into known tokens in two ways was made in one of them."""
    letters = [ord("a"), ord("b"), ord("c")]
    merges = [[(0, 1), (1, 2), (3, 2)], [(1, 2), (0, 1), (0, 3)], [(0, 0), (3, 0), (3, 3)]]
    ranks = rank_table(merges[draw.case], letters)
    return {"merges": lesson.recover_merges(draw.given("ranks", ranks))}


@recover_merges.check(cases=2)
def nothing_was_merged(lesson, draw):
    """Single bytes alone have no merges."""
    ranks = [{}, {b"b": 0, b"a": 1}][draw.case]
    return {"merges": lesson.recover_merges(draw.given("ranks", ranks))}


@recover_merges.check(cases=1)
def tokenizers_one_by_one(lesson, draw):
    """Each call finds the merges of its own tokenizer."""
    one = draw.given("ranks", {b"a": 0, b"b": 1, b"ab": 2, b"abb": 3})
    other = draw.given("other ranks", {b"b": 0, b"a": 1, b"ab": 2, b"bb": 3})
    merges, others = lesson.recover_merges(one), lesson.recover_merges(other)
    return {"merges": merges, "merges of the other": others}


# --- encode_ranks --------------------------------------------------------------------------------


def shuffled_tokenizer(draw):
    """Ranks of all bytes from a place of chance on, and some merges of common letters."""
    first = draw.integer("ranks: the rank of the byte 0", 1, 255)
    order = [(byte - first) % 256 for byte in range(256)]
    rank = {byte: order.index(byte) for byte in range(256)}
    merges = {}
    for left, right in [(32, 97), (97, 32), (98, 99), (97, 98), (49, 50), (39, 116), (206, 169)]:
        merges[rank[left], rank[right]] = 256 + len(merges)
    merges[256, rank[98]] = 256 + len(merges)
    return rank_table(merges, order), merges


encode_ranks = exercise("encode_ranks", points=2)


@encode_ranks.check(cases=len(PROSE))
def ids_by_rank(lesson, draw):
    """A byte becomes its rank, whatever its value is, and merges stop at the chunks' borders."""
    texts = ["a a", "n't", "", "12 1234", "a ab'tab", "don't a!! a!", " abc  abc\n a",
             "12a12 1212", "O'TTO ab", "ΩΩ éab 12", "a 👩‍👧 ab!!"]  # fmt: skip
    text = text_of_case(draw, texts)
    ranks, merges = shuffled_tokenizer(draw)
    ids = lesson.encode_ranks(text, ranks, draw.given("merges", merges))
    return {"ids": ids}


@encode_ranks.check(cases=4)
def ids_of_chance_by_rank(lesson, draw):
    """Any text becomes one flat list of ids."""
    text = draw.text("text", draw.size(1, 20), alphabet="ab 12'tn!Ω")
    ranks, merges = shuffled_tokenizer(draw)
    return {"ids": lesson.encode_ranks(text, ranks, draw.given("merges", merges))}


@encode_ranks.check(cases=1)
def long_texts_by_rank(lesson, draw):
    """A long text is encoded to the end, and nothing is changed."""
    ranks, merges = shuffled_tokenizer(draw)
    texts = long_texts(draw, "ab 12'tn!")
    one, other = (lesson.encode_ranks(text, ranks, merges) for text in texts)
    changed = {"merges afterwards": merges, "number of ranks afterwards": len(ranks)}
    return {**ends(ids=one, others=other), **changed}


# --- encode_fallback -----------------------------------------------------------------------------


encode_fallback = exercise("encode_fallback")


@encode_fallback.check(cases=len(SCRIPTS))
def characters_and_bytes(lesson, draw):
    """Known characters become their ids, all others the ids of their bytes."""
    text = text_of_case(draw, SCRIPTS)
    known = draw.shuffled("vocab", sorted(set("aeé Приветこ안" + text[::2])))
    vocab = draw.given("vocab", {character: 259 + i for i, character in enumerate(known)})
    return {"ids": lesson.encode_fallback(text, vocab), **afterwards(vocab=vocab)}


@encode_fallback.check(cases=3)
def known_or_unknown(lesson, draw):
    """Also the first and the last character are looked up, and those whose id is 0."""
    text = draw.given("text", ["xay", "aaa", "éa漢"][draw.case])
    vocab = {"a": draw.integer("vocab", 300, 400), "é": 0}
    return {"ids": lesson.encode_fallback(text, draw.given("vocab", vocab))}


@encode_fallback.check(cases=1)
def long_texts_with_unknown_characters(lesson, draw):
    """A long text is encoded to the end, and each call returns a new list."""
    vocab = draw.given("vocab", {"a": 259, "é": 260})
    one, other = (lesson.encode_fallback(text, vocab) for text in long_texts(draw, "aéñßΩж漢🙂"))
    return ends(ids=one, others=other)
