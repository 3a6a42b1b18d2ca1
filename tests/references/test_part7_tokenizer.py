"""The tokenizer's references against brute force, tiktoken and Unicode itself."""

import os
import unicodedata
from pathlib import Path

import pytest
import regex
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.references import load

lesson = load("part7_tokenizer")
# A busy machine is no fault of the lesson.
UNHURRIED = settings(deadline=None)

unicode = st.text(max_size=60)
few_letters = st.text(alphabet="ab ", max_size=40)
corpora = st.one_of(few_letters, unicode)
SAMPLE = (
    "I don't know; she'd know. I'LL ask, 12345 times 2024!\n\n  Ωμέγα, жук и жуки, 東京都, "
    "नमस्ते 👩‍👩‍👧 naïve façade e\u0301\u200b\tthe the then there 3.14159 …\r\n"
)


def brute_force_training(chunks, vocab_size):
    """Count by looking at every place; equal counts are decided by the first place in the text."""
    sequences = [list(chunk.encode()) for chunk in chunks]
    merges = {}
    while 256 + len(merges) < vocab_size:
        places = [(s[i], s[i + 1]) for s in sequences for i in range(len(s) - 1)]
        if not places:
            break
        best = max(places.count(pair) for pair in places)
        pair = next(pair for pair in places if places.count(pair) == best)
        merges[pair] = 256 + len(merges)
        sequences = [replaced(s, pair, merges[pair]) for s in sequences]
    return merges


def replaced(ids, pair, new_id):
    """Leftmost occurrences by recursion on the rest."""
    if len(ids) < 2:
        return list(ids)
    if (ids[0], ids[1]) == tuple(pair):
        return [new_id, *replaced(ids[2:], pair, new_id)]
    return [ids[0], *replaced(ids[1:], pair, new_id)]


def in_order_of_learning(data, merges):
    """Encoding in one pass over the merges: a later one never makes an earlier one possible."""
    ids = list(data)
    for pair, new_id in merges.items():
        ids = replaced(ids, pair, new_id)
    return ids


@settings(UNHURRIED)
@given(st.lists(st.integers(0, 3), max_size=30))
def test_pairs_are_counted_place_by_place(ids):
    places = [tuple(ids[i : i + 2]) for i in range(len(ids) - 1)]
    counts = lesson.count_pairs(ids)
    assert counts == {pair: places.count(pair) for pair in places}
    assert list(counts) == sorted(counts, key=places.index)
    winner = lesson.most_common_pair(counts)
    assert winner == max(places, key=places.count, default=None)


@settings(UNHURRIED)
@given(st.lists(st.integers(0, 2), max_size=30), st.tuples(st.integers(0, 2), st.integers(0, 2)))
def test_merge_against_recursion_and_against_str_replace(ids, pair):
    merged = lesson.merge(ids, pair, 9)
    assert merged == replaced(ids, pair, 9)
    text = "".join(map(str, ids)).replace("".join(map(str, pair)), "9")
    assert "".join(map(str, merged)) == text


@settings(UNHURRIED, max_examples=50)
@given(corpora, st.integers(250, 270))
def test_training_against_brute_force(text, vocab_size):
    assert lesson.train_bpe(text, vocab_size) == brute_force_training([text], vocab_size)
    chunks = lesson.split_text(text)
    assert lesson.train_chunks(text, vocab_size) == brute_force_training(chunks, vocab_size)


@settings(UNHURRIED, max_examples=100)
@given(corpora, corpora, st.integers(256, 280))
def test_encoding_any_text_with_merges_of_any_other(text, corpus, vocab_size):
    merges = lesson.train_bpe(corpus, vocab_size)
    vocab = lesson.build_vocab(merges)
    ids = lesson.encode(text, merges)
    assert ids == in_order_of_learning(text.encode(), merges)
    assert lesson.decode(ids, vocab) == text
    assert b"".join(vocab[i] for i in ids) == text.encode()
    assert lesson.encode(corpus, merges) == in_order_of_learning(corpus.encode(), merges)
    if text:
        assert lesson.bytes_per_token(text, ids) == len(text.encode()) / len(ids) >= 1


@settings(UNHURRIED)
@given(corpora)
def test_chunks_lose_nothing_and_are_never_empty(text):
    chunks = lesson.split_text(text)
    assert "".join(chunks) == text
    assert all(chunks)
    counts = lesson.chunk_counts(text)
    assert counts == {tuple(chunk.encode()): chunks.count(chunk) for chunk in chunks}


@settings(UNHURRIED)
@given(st.lists(st.integers(0, 255), max_size=20))
def test_decoding_bytes_of_any_kind(ids):
    vocab = lesson.build_vocab({})
    assert lesson.decode(ids, vocab) == bytes(ids).decode("utf-8", errors="replace")


@settings(UNHURRIED, max_examples=100)
@given(
    st.lists(st.sampled_from(["a", "<a>", "<a>b", "(", "|", ".*", "é", " ", "b"]), max_size=12),
    st.lists(st.sampled_from(["<a>", "<a>b", "(", "|", ".*", "a|b"]), max_size=4, unique=True),
)
def test_special_tokens_by_scanning(parts, names):
    text = "".join(parts)
    special = {name: 1000 + i for i, name in enumerate(names)}
    expected, plain, place = [], "", 0
    while place < len(text):
        fitting = [name for name in names if text.startswith(name, place)]
        if not fitting:
            plain += text[place]
            place += 1
            continue
        longest = max(fitting, key=len)
        expected += ([plain] if plain else []) + [longest]
        plain, place = "", place + len(longest)
    assert lesson.split_special(text, special) == expected + ([plain] if plain else [])
    merges = {(97, 32): 256, (32, 98): 257, (60, 97): 258}
    ids = lesson.encode_special(text, merges, special)
    vocab = lesson.build_vocab(merges) | {i: name.encode() for name, i in special.items()}
    assert lesson.decode(ids, vocab) == text
    assert [i for i in ids if i >= 1000] == [special[name] for name in expected if name in special]


def as_tiktoken(merges, special):
    vocab = lesson.build_vocab(merges)
    ranks = {token: i for i, token in vocab.items()}
    assert len(ranks) == len(vocab), "tiktoken knows a token by its bytes, so they must differ"
    return tiktoken.Encoding(
        "ours", pat_str=lesson.SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens=special
    )


def test_ids_are_those_of_tiktoken():
    merges = lesson.train_chunks(SAMPLE * 3, 300)
    special = {"<|endoftext|>": 1000, "<|a.b(c|>": 1001}
    ours = as_tiktoken(merges, special)
    for text in [SAMPLE, SAMPLE[::-1], "", "x", " then  the\n\nother 123456 👩‍👩‍👧"]:
        assert lesson.encode_chunks(text, merges) == ours.encode(text)
    text = f"{SAMPLE}<|endoftext|><|a.b(c|>the then<|endoftext|>"
    assert lesson.encode_special(text, merges, special) == ours.encode(text, allowed_special="all")


@settings(UNHURRIED, max_examples=100)
@given(unicode)
def test_ids_of_random_unicode_are_those_of_tiktoken(text):
    merges = lesson.train_chunks(SAMPLE, 290)
    assert lesson.encode_chunks(text, merges) == as_tiktoken(merges, {}).encode(text)


def test_the_pattern_is_gpt4s():
    published = r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"""  # noqa: E501
    assert regex.findall(published, SAMPLE) == lesson.split_text(SAMPLE)
    assert published == lesson.SPLIT_PATTERN


GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


@settings(UNHURRIED, max_examples=200)
@given(st.one_of(unicode, st.text(alphabet="abst'lLREve 1²\n\t.!é", max_size=40)))
def test_the_older_pattern_is_gpt2s(text):
    chunks = lesson.split_gpt2(text)
    assert chunks == regex.findall(GPT2, text)
    assert "".join(chunks) == text
    ranks = {bytes([byte]): byte for byte in range(256)}
    theirs = tiktoken.Encoding("gpt2's", pat_str=GPT2, mergeable_ranks=ranks, special_tokens={})
    assert [i for chunk in chunks for i in chunk.encode()] == theirs.encode(text)


@settings(UNHURRIED, max_examples=100)
@given(
    st.lists(st.sampled_from(["<a>", "<|c|>", "x", " ", "<", "b"]), max_size=8),
    st.sets(st.sampled_from(["<a>", "<|c|>", "<b>"])),
)
def test_what_is_allowed_as_tiktoken_does(parts, allowed):
    text = "".join(parts)
    merges, special = {(120, 120): 256}, {"<a>": 1000, "<|c|>": 1001, "<b>": 1002}
    theirs = as_tiktoken(merges, special)
    if any(name in text for name in special.keys() - allowed):
        with pytest.raises(ValueError, match="isn't allowed"):
            lesson.encode_allowed(text, merges, special, allowed)
        with pytest.raises(ValueError, match="disallowed"):
            theirs.encode(text, allowed_special=allowed)
    else:
        ids = theirs.encode(text, allowed_special=allowed)
        assert lesson.encode_allowed(text, merges, special, allowed) == ids
    loose = lesson.encode_allowed(text, merges, special, allowed, strict=False)
    assert lesson.decode(loose, theirs_vocab(merges, special)) == text
    alone = {name: i for name, i in special.items() if name in allowed}
    assert loose == lesson.encode_special(text, merges, alone)


def theirs_vocab(merges, special):
    return lesson.build_vocab(merges) | {i: name.encode() for name, i in special.items()}


def shuffled(merges):
    """The ranks of a tokenizer whose bytes are out of order, as they are in GPT-4's file."""
    place = {byte: (byte * 7 + 3) % 256 for byte in range(256)}
    vocab = lesson.build_vocab(merges)
    return {token: place.get(i, i) for i, token in vocab.items()}


@settings(UNHURRIED, max_examples=60)
@given(corpora, unicode, st.integers(256, 290))
def test_a_file_of_ranks_is_the_tokenizer(corpus, text, vocab_size):
    merges = lesson.train_chunks(corpus, vocab_size)
    assert len(set(lesson.build_vocab(merges).values())) == 256 + len(merges)
    ranks = shuffled(merges)
    by_rank = {rank: token for token, rank in ranks.items()}
    assert lesson.read_ranks(lesson.write_ranks(by_rank)) == ranks
    recovered = lesson.recover_merges(ranks)
    assert [by_rank[left] + by_rank[right] for left, right in recovered] == [
        by_rank[rank] for rank in recovered.values()
    ]
    theirs = tiktoken.Encoding(
        "read", pat_str=lesson.SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens={}
    )
    assert lesson.encode_ranks(text, ranks, recovered) == theirs.encode(text)
    if merges:
        plain = {token: i for i, token in lesson.build_vocab(merges).items()}
        assert lesson.recover_merges(plain) == merges


def test_ranks_are_read_by_tiktoken(tmp_path):
    from tiktoken.load import load_tiktoken_bpe

    vocab = lesson.build_vocab(lesson.train_chunks(SAMPLE * 3, 300))
    path = tmp_path / "ours.tiktoken"
    path.write_text(lesson.write_ranks(vocab))
    assert load_tiktoken_bpe(str(path)) == {token: i for i, token in vocab.items()}


@settings(UNHURRIED)
@given(unicode, st.sets(st.characters(codec="utf-8"), max_size=9))
def test_fallback_loses_nothing(text, known):
    vocab = {character: 259 + i for i, character in enumerate(sorted(known | set(text[::2])))}
    characters = {i: character.encode() for character, i in vocab.items()}
    ids = lesson.encode_fallback(text, vocab)
    data = b"".join(characters.get(i) or bytes([i - 3]) for i in ids)
    assert data.decode() == text
    assert len(ids) == sum(1 if c in vocab else len(c.encode()) for c in text)


def test_every_letter_of_unicode_survives():
    letters = [c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] in "LMNPSZ"]
    merges = lesson.train_chunks(SAMPLE, 280)
    vocab = lesson.build_vocab(merges)
    text = " ".join(letters[::7])
    assert lesson.decode(lesson.encode_chunks(text, merges), vocab) == text


@pytest.mark.skipif("GRADSCHOOL_DATA" not in os.environ, reason="needs the real plays")
def test_shakespeare_in_the_ids_of_tiktoken():
    text = (Path(os.environ["GRADSCHOOL_DATA"]) / "tinyshakespeare.txt").read_text()
    merges = lesson.train_chunks(text[:50_000], 356)
    assert len(merges) == 100
    held_out = text[-20_000:]
    ids = lesson.encode_chunks(held_out, merges)
    assert ids == as_tiktoken(merges, {}).encode(held_out)
    assert 1.5 < lesson.bytes_per_token(held_out, ids) < 2.0
