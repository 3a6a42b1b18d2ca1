"""Known mistakes of `part7_tokenizer`."""

from autograder.checks import mistakes, whole

mistakes("utf8_bytes", [
    whole("return [ord(character) for character in text]",
          "these are the characters' numbers, which go up to 1,114,111; return the bytes of "
          "their UTF-8"),
    ('"utf-8"', '"utf-16"',
     "UTF-16 writes a mark at the beginning and two bytes per letter; encode as UTF-8"),
    whole('return list(text.encode("latin-1", errors="replace"))',
          "Latin-1 knows only 256 characters and loses the others; UTF-8 knows them all"),
    whole('return text.encode("utf-8")', "this is a bytes object; return a list of ints"),
    whole('return list(text.encode("ascii", errors="ignore"))',
          "everything outside ASCII is dropped; UTF-8 can write every character"),
    whole("""
        import unicodedata
        return list(unicodedata.normalize("NFC", text).encode("utf-8"))
        """, "normalizing changes the text: e with a combining accent must stay two characters"),
])

mistakes("count_pairs", [
    ("counts.get(pair, 0) + 1", "1",
     "every pair is counted once; add 1 to the count that's already there"),
    ("pairwise(ids)", "zip(ids[::2], ids[1::2], strict=False)",
     "this looks only at every second pair; each place where two ids meet counts, so the second "
     "id of one pair is the first of the next"),
    ("pairwise(ids)", "pairwise(ids[:-1])", "the last pair is left out"),
    ("in pairwise(ids)", "in sorted(pairwise(ids))",
     "the pairs are sorted; keep them in the order in which they first occur"),
    ("in pairwise(ids)", "in map(tuple, map(sorted, pairwise(ids)))",
     "(1, 2) and (2, 1) are different pairs; the order within a pair matters"),
    whole("""
        counts = {}
        last = None
        for i, pair in enumerate(zip(ids, ids[1:])):
            if last is not None and last[0] == pair and last[1] == i - 1:
                last = None
                continue
            counts[pair] = counts.get(pair, 0) + 1
            last = (pair, i)
        return counts
        """, "overlapping places are skipped; they all count, so [1, 1, 1] has (1, 1) twice"),
    whole("""
        counts = {}
        for i in range(len(ids)):
            pair = (ids[i], ids[(i + 1) % len(ids)])
            counts[pair] = counts.get(pair, 0) + 1
        return counts
        """,
        "the last id is paired with the first; they aren't neighbors, so there's one pair fewer "
        "than ids"),
    ("pairwise(ids)", "zip(ids, ids[2:], strict=False)",
     "these are ids two places apart; neighbors are one place apart"),
])

mistakes("most_common_pair", [
    whole("""
        best, most = None, 1
        for pair, count in counts.items():
            if count > most:
                best, most = pair, count
        return best
        """, "a pair that occurs only once is never chosen; start with a count below 1"),
    ("max(", "min(", "this is the rarest pair; return the most common one"),
    (", default=None", "",
     "max raises an error on an empty dict; give it a default for when no pair is left"),
    ("key=counts.get, ", "",
     "max without a key compares the pairs themselves; compare their counts"),
    ("key=counts.get", "key=lambda pair: (counts[pair], pair)",
     "a tie goes to the largest pair; it should go to the one that was seen first"),
    ("key=counts.get", "key=lambda pair: (counts[pair], -pair[0], -pair[1])",
     "a tie goes to the smallest pair; it should go to the one that was seen first"),
    ("max(counts,", "max(reversed(counts),",
     "a tie goes to the pair that was seen last; it should go to the one that was seen first"),
    whole("return max(counts.values(), default=None)",
          "this is the highest count; return the pair that has it"),
    whole("""
        if not counts:
            return None
        pair = max(counts, key=counts.get)
        counts.pop(pair)
        return pair
        """, "the pair is removed from the caller's counts; only look it up"),
])

mistakes("merge", [
    ("i += 2", "i += 1",
     "after a merge you move on by one, so the pair's second member is copied or used again; "
     "step over both"),
    ("while i < len(ids):", "while i < len(ids) - 1:",
     "the loop ends one id too early, so a last id that isn't part of a pair is lost"),
    ("tuple(ids[i : i + 2]) == pair", "(ids[i], ids[i + 1]) == pair",
     "the last id has no right neighbor; check that there is one before you read it"),
    ("tuple(ids[i : i + 2]) == pair", "ids[i] == pair[0]",
     "only the first member of the pair is compared; both must be there"),
    ("tuple(ids[i : i + 2]) == pair", "set(ids[i : i + 2]) == set(pair)",
     "the pair is found in either order; (1, 2) is not (2, 1)"),
    whole("""
        merged = list(ids)
        for i in range(len(merged) - 1, 0, -1):
            if tuple(merged[i - 1 : i + 1]) == pair:
                merged[i - 1 : i + 1] = [new_id]
        return merged
        """, "this merges from right to left; where places overlap, the left one should win"),
    whole("""
        merged = list(ids)
        for i in range(len(merged)):
            if tuple(merged[i : i + 2]) == pair:
                merged[i : i + 2] = [new_id]
                break
        return merged
        """, "only the first occurrence is replaced; go on to the end"),
    whole("""
        i = 0
        ids = list(ids) if isinstance(ids, tuple) else ids
        while i < len(ids):
            if tuple(ids[i : i + 2]) == pair:
                ids[i : i + 2] = [new_id]
            i += 1
        return ids
        """, "the caller's list is changed; build a new one"),
    whole("""
        merged = list(ids)
        i = 0
        while i < len(merged):
            if tuple(merged[i : i + 2]) == pair and len(merged) > 1:
                merged[i : i + 2] = [new_id]
            else:
                i += 1
        return merged
        """,
        "an id that was just written is merged again; in one pass, merge only ids of the argument"),
    whole("""
        merged = list(ids)
        for i in range(len(merged) - 1):
            if (merged[i], merged[i + 1]) == tuple(pair):
                merged[i : i + 2] = [new_id]
        return merged
        """,
        "the list gets shorter while the loop reads it, so the last indices don't exist anymore; "
        "build a new list beside the one that you read"),
    whole("""
        for i in range(len(ids) - 1):
            if (ids[i], ids[i + 1]) == tuple(pair):
                ids[i] = new_id
                ids.pop(i + 1)
        return ids
        """,
        "the caller's list is changed while you read it, and gets shorter on the way; build a "
        "new one"),
    whole("""
        merged = list(ids)
        for i, number in enumerate(merged):
            if tuple(merged[i : i + 2]) == pair:
                merged[i] = new_id
                del merged[i + 1]
        return merged if merged != list(ids) else ids
        """, "if there's nothing to merge, the argument itself is returned; return a new list"),
])

mistakes("train_bpe", [
    ("ids = utf8_bytes(text)", "ids = utf8_bytes(text.lower())",
     "capitals are turned into small letters; train on the text as it is"),
    ("ids = utf8_bytes(text)", "ids = utf8_bytes(text.strip())",
     "white space at the ends of the text is dropped; train on the text as it is"),
    ("ids = merge(ids, pair, new_id)\n    ", "",
     "the original ids are counted in every round, so the same pair always wins; keep the merged "
     "ids and count those"),
    ("    if pair is None:\n        break\n", "",
     "a short text runs out of pairs; leave the loop when none is left"),
    ("range(256, vocab_size)", "range(256, 256 + vocab_size)",
     "there are vocab_size merges; vocab_size counts all ids, the 256 bytes included"),
    ("range(256, vocab_size)", "range(256, vocab_size + 1)",
     "there's one merge too many; the last id is vocab_size - 1"),
    ("range(256, vocab_size)", "range(257, vocab_size)",
     "the merges start at 257; the bytes end at 255, so the first merge gets the id 256"),
    ("ids = utf8_bytes(text)", "ids = [ord(character) for character in text]",
     "training starts with the characters' numbers; start with their UTF-8 bytes"),
    ("merges[pair] = new_id", "merges[new_id] = pair",
     "the dict maps new ids to pairs; it should map pairs to new ids"),
    ("if pair is None:", "if pair is None or count_pairs(ids)[pair] < 2:",
     "training stops when pairs occur only once; go on as long as there's a pair"),
    ("most_common_pair(count_pairs(ids))",
     "max(count_pairs(ids).items(), key=lambda item: (item[1], item[0]), default=(None,))[0]",
     "a tie goes to the largest pair; it should go to the one that was seen first"),
    whole("""
        ids = utf8_bytes(text)
        merges = {}
        for new_id in range(256, vocab_size):
            counts = count_pairs(ids)
            pair = max(counts, key=counts.get)
            ids = merge(ids, pair, new_id)
            merges[pair] = new_id
        return merges
        """,
        "once a short text is a single token, max of nothing raises an error; leave the loop "
        "when no pair is left"),
    ("ids = utf8_bytes(text)", "ids = utf8_bytes(text[:100])",
     "only the beginning of the text is read; did you leave in a slice from trying things out?"),
])

mistakes("build_vocab", [
    ("vocab[left] + vocab[right]", "vocab[right] + vocab[left]",
     "the members are joined in the wrong order; the left one comes first"),
    ("vocab[left] + vocab[right]", "bytes([left % 256, right % 256])",
     "a member may be a merge itself; look up its bytes in the vocabulary"),
    ("range(256)", "range(255)", "the byte 255 is missing; range(256) goes up to it"),
    ("bytes([byte])", "bytes(byte)", "bytes(5) is five zero bytes; bytes([5]) is the byte 5"),
    ("bytes([byte])", 'chr(byte).encode("utf-8")',
     "chr(233) is a character with two bytes in UTF-8; the byte itself is bytes([233])"),
    ("vocab[new_id] = vocab[left] + vocab[right]", "(vocab | {new_id: vocab[left] + vocab[right]})",
     "the new entry is computed and thrown away; keep it in the vocabulary"),
    ("vocab[new_id] =", "vocab[(left, right)] =",
     "the entry is kept under the pair; it belongs under the new id"),
    ("vocab = {byte: bytes([byte]) for byte in range(256)}",
     ('vocab = build_vocab.__dict__.setdefault("kept", {})\n'
      "vocab.update({byte: bytes([byte]) for byte in range(256)})"),
     "every call fills the same dict, so what an earlier call put in is still there; make a new "
     "one"),
])

mistakes("decode", [
    whole('return "".join(vocab[i].decode("utf-8", errors="replace") for i in ids)',
          "each token is decoded on its own, which breaks characters that are spread over "
          "several tokens; join all the bytes first"),
    (', errors="replace"', "",
     "this raises an error on bytes that aren't UTF-8, and a model may well emit such ids"),
    ('"replace"', '"ignore"',
     "bytes that can't be decoded vanish; they should become the replacement character"),
    ('"replace"', '"backslashreplace"',
     "bytes that can't be decoded show up as \\x80; they should become the replacement character"),
    whole('return "".join(chr(i) for i in ids)',
          "the ids are read as characters; look up their bytes in the vocabulary"),
    ('.decode("utf-8", errors="replace")', "", "these are the bytes; decode them to a string"),
    ('decode("utf-8", errors="replace")', 'decode("latin-1")',
     "Latin-1 reads each byte as a character; the bytes are UTF-8"),
])

mistakes("next_merge", [
    whole("""
        pairs = set(zip(ids, ids[1:]))
        for pair in merges:
            if pair in pairs:
                return pair
        return None
        """, "this is the known pair that comes first in the dict; compare the new ids"),
    whole("""
        pairs = zip(ids, ids[1:])
        return min(pairs, key=lambda pair: merges.get(pair, float("inf")), default=None)
        """,
        "if no pair is in merges, this returns one that was never merged; return None"),
    ("min(known", "max(known",
     "this is the pair that was learned last; the one that was learned first comes first"),
    (", default=None", "",
     "min raises an error if no pair is known, as in a text of one byte; give it a default"),
    (" if pair in merges]", "]",
     "pairs that were never merged take part too; keep only those that are in merges"),
    whole("return next((pair for pair in zip(ids, ids[1:]) if pair in merges), None)",
          "this is the leftmost known pair; return the one with the lowest new id"),
    ("min(known, key=merges.get, default=None)", "max(known, key=known.count, default=None)",
     "this is the most common of the known pairs; in encoding, only the order of learning counts"),
    ("key=merges.get, ", "",
     "min without a key compares the pairs themselves; compare their new ids"),
])

mistakes("encode", [
    whole("return utf8_bytes(text)",
          "nothing is merged: the ids are the plain bytes, which still decode to the right text"),
    whole("""
        ids = utf8_bytes(text)
        pair = next_merge(ids, merges)
        return ids if pair is None else merge(ids, pair, merges[pair])
        """, "this does one merge and stops; go on until no merge fits"),
    whole("""
        ids = utf8_bytes(text)
        while len(ids) >= 2:
            pair = max(count_pairs(ids), key=lambda pair: merges.get(pair, -1))
            if pair not in merges:
                break
            ids = merge(ids, pair, merges[pair])
        return ids
        """, "the merge that was learned last goes first; the one with the lowest id should"),
    whole("""
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
        """, "the leftmost pair that fits goes first; the one that was learned first should"),
    whole("""
        ids = utf8_bytes(text)
        while True:
            pair = min(zip(ids, ids[1:]), key=lambda pair: merges.get(pair, float("inf")))
            if pair not in merges:
                return ids
            ids = merge(ids, pair, merges[pair])
        """,
        "min of nothing raises an error: a text of one byte or none has no pair, and a long word "
        "may end as one id"),
    ("ids = utf8_bytes(text)", "ids = [ord(character) for character in text]",
     "encoding starts with the characters' numbers; start with their UTF-8 bytes"),
    whole("return [i for word in split_text(text) for i in (encode(word, merges) if word != text "
          "else merge(utf8_bytes(text), next_merge(utf8_bytes(text), merges), "
          "merges.get(next_merge(utf8_bytes(text), merges))))]",
          "the text is cut into words first; here merges may cross words, and the cutting comes "
          "later"),
])

mistakes("bytes_per_token", [
    ("len(utf8_bytes(text))", "len(text)",
     "len(text) counts characters; outside ASCII there are more bytes than characters"),
    ("len(utf8_bytes(text)) / len(ids)", "len(ids) / len(utf8_bytes(text))",
     "this is tokens per byte; bytes per token is the inverse"),
    (" / len(ids)", " // len(ids)", "the ratio is rounded down to a whole number; divide with /"),
    ("len(ids)", "len(set(ids))",
     "repeated ids count once; a token that occurs twice counts twice"),
])

mistakes("split_text", [
    whole("return text.split()",
          "splitting at white space loses the white space; every character must be in a chunk"),
    ("regex.findall", "regex.split",
     "regex.split returns what's between the matches; the matches themselves are the chunks"),
    whole('return regex.findall(SPLIT_PATTERN.replace("{1,3}", "+"), text)',
          "digits go on and on in one chunk; GPT-4's pattern takes three at most"),
    whole('return regex.findall(SPLIT_PATTERN.replace("(?i:", "(?:"), text)',
          "contractions in capitals aren't cut off; 'LL should be, just as 'll is"),
    whole('return regex.findall(SPLIT_PATTERN.replace(r"|\\s+(?!\\S)", ""), text)',
          "all the white space before a word is one chunk; its last space belongs to the word"),
    whole("return [text]", "the text isn't cut at all"),
    whole("return regex.findall(SPLIT_PATTERN, text.strip())",
          "white space at both ends is stripped; the chunks, joined, must be the whole text"),
    whole('return regex.findall(r"\\w+|\\W", text)',
          "this is another pattern; use SPLIT_PATTERN as it is"),
    whole("""
        pattern = (r"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
                   r"|\\s+(?!\\S)|\\s+")
        return regex.findall(pattern, text)
        """, "this is GPT-2's pattern; use GPT-4's, which is in SPLIT_PATTERN"),
])

mistakes("encode_chunks", [
    whole("return encode(text, merges)",
          "the text isn't cut before it's encoded, so merges cross the borders of chunks"),
    whole("return [encode(chunk, merges) for chunk in split_text(text)]",
          "this is a list of lists; return one flat list of ids"),
    ("split_text(text)", "text.split()",
     "cutting at white space loses the white space, and merges cross other borders; use "
     "split_text"),
    ("split_text(text)", "text",
     "every character is encoded on its own, so no merge goes beyond a character; encode chunks"),
    ("encode(chunk, merges)", "utf8_bytes(chunk)",
     "the chunks become plain bytes, so nothing is merged; encode them"),
    ("split_text(text)", "dict.fromkeys(split_text(text))",
     "a chunk that occurs again is left out; encode each occurrence"),
])

mistakes("chunk_counts", [
    ("counts.get(ids, 0) + 1", "1",
     "each chunk is counted once; add 1 to the count that's already there"),
    ("tuple(utf8_bytes(chunk))", "chunk",
     "the keys are strings; make them tuples of byte values"),
    ("split_text(text)", "text.split()",
     "cutting at white space loses the space that belongs to a word; use split_text"),
    ("in split_text(text)", "in sorted(split_text(text))",
     "the chunks are sorted; keep them in the order in which they first occur"),
    ("tuple(utf8_bytes(chunk))", "tuple(map(ord, chunk))",
     "the keys hold the characters' numbers; they should hold the bytes of their UTF-8"),
    ("split_text(text)", "text",
     "single characters are counted; count the chunks of split_text"),
])

mistakes("count_chunk_pairs", [
    ("count * times", "count",
     "how often a chunk occurs is ignored; its pairs count that many times"),
    ("count * times", "times",
     "a pair counts once per chunk; if it's in the chunk twice, it counts twice each time the "
     "chunk occurs"),
    ("counts.get(pair, 0) + count * times", "count * times",
     "the count of the last chunk overwrites the others; add them up"),
    ("count * times", "count + times",
     "the pair's count and the chunk's are added; multiply them"),
    whole("return count_pairs([i for ids, times in chunks.items() for i in ids * times])",
          "the chunks are joined before counting, so pairs across their borders count too"),
])

mistakes("merge_step", [
    ("tuple(merge(ids, pair, new_id)): times", "tuple(merge(ids, pair, new_id)): 1",
     "the chunks lose their counts; each one keeps the number of times it occurs"),
    ("if pair is None:\n    return None, chunks\n", "pair[0]\n",
     "if no pair is left there's nothing to merge; return None and the chunks"),
    ("merge(ids, pair, new_id)", "ids", "the pair is found but never merged"),
    whole("""
        pair = most_common_pair(count_chunk_pairs(dict.fromkeys(chunks, 1)))
        if pair is None:
            return None, chunks
        return pair, {tuple(merge(ids, pair, new_id)): times for ids, times in chunks.items()}
        """, "each chunk counts once when the pair is chosen; use its count"),
    whole("""
        pair = most_common_pair(count_chunk_pairs(chunks))
        if pair is None:
            return None, chunks
        merged = {tuple(merge(ids, pair, new_id)): times for ids, times in chunks.items()}
        return pair, {ids: times for ids, times in merged.items() if new_id in ids}
        """, "chunks without the pair are lost; keep them as they are"),
    whole("""
        pair = most_common_pair(count_chunk_pairs(chunks))
        if pair is None:
            return None, chunks
        for ids in list(chunks):
            chunks[tuple(merge(ids, pair, new_id))] = chunks.pop(ids)
        return pair, chunks
        """, "the caller's dict is changed; return a new one"),
])

mistakes("train_chunks", [
    ("chunks = chunk_counts(text)", "chunks = chunk_counts(text.lower())",
     "capitals are turned into small letters; train on the text as it is"),
    ("chunks = chunk_counts(text)", "chunks = chunk_counts(text.strip())",
     "white space at the ends of the text is dropped; train on the text as it is"),
    whole("return train_bpe(text, vocab_size)",
          "the text isn't cut, so merges cross the borders of chunks"),
    ("pair, chunks = merge_step(chunks, new_id)", "pair, _ = merge_step(chunks, new_id)",
     "the merged chunks aren't kept, so the same pair wins every round"),
    ("    if pair is None:\n        break\n", "",
     "None ends up among the merges; leave the loop when no pair is left"),
    ("chunks = chunk_counts(text)", "chunks = dict.fromkeys(chunk_counts(text), 1)",
     "each chunk is counted once, however often it occurs; use its count"),
    ("range(256, vocab_size)", "range(256, 256 + vocab_size)",
     "there are vocab_size merges; vocab_size counts all ids, the 256 bytes included"),
    ("range(256, vocab_size)", "range(257, vocab_size)",
     "the merges start at 257; the bytes end at 255, so the first merge gets the id 256"),
    whole("""
        chunks = chunk_counts(text)
        merges = {}
        for new_id in range(256, vocab_size):
            counts = count_chunk_pairs(chunks)
            pair = max(counts, key=counts.get)
            chunks = {tuple(merge(ids, pair, new_id)): times for ids, times in chunks.items()}
            merges[pair] = new_id
        return merges
        """,
        "once every chunk is one id, max of nothing raises an error; leave the loop when no pair "
        "is left"),
])

mistakes("split_special", [
    ("regex.escape(name)", "name",
     "the names aren't escaped, so | means 'or' and . means 'any character'"),
    ("sorted(special, key=len, reverse=True)", "list(special)",
     "the names are tried in the order of the dict; try the longest first"),
    ("sorted(special, key=len, reverse=True)", "sorted(special, key=len)",
     "the shortest name is tried first; try the longest first"),
    (" if piece]", "]",
     "there are empty strings at both ends and between neighboring names; leave them out"),
    ('f"({pattern})"', "pattern",
     "the names themselves are lost; a pattern in parentheses keeps what it splits at"),
    ("if not special:\n    return [text] if text else []\n", "",
     "with no names the pattern is empty, and splits between all characters; treat that case "
     "first"),
    ("[text] if text else []", "[text]", "an empty text has no piece, even if there are no names"),
    whole("""
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
        "the names are looked for one after the other, so a short one tears a longer one apart; "
        "look for all at once, the longest first"),
    whole("""
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
        "the longest name is cut out first, even if another name starts before it and overlaps; "
        "look for all names at once, from left to right"),
    whole("""
        pieces = []
        for word in text.split():
            pieces.append(word)
        return pieces
        """, "the text is cut at white space; cut it only at the names"),
])

mistakes("encode_special", [
    whole("return encode_chunks(text, merges)",
          "special tokens are encoded like any other text; each one should become its id"),
    ("encode_chunks(piece, merges)", "encode(piece, merges)",
     "the text between special tokens isn't cut into chunks"),
    ("ids.append(special[piece])", "continue", "the special tokens are left out of the ids"),
    ("split_special(text, special)", "split_text(text)",
     "the text is cut into chunks before the special tokens are looked for, which tears them "
     "apart"),
    ("ids.extend(encode_chunks(piece, merges))", "ids.append(encode_chunks(piece, merges))",
     "the ids of a piece of text are nested in the list; extend the list with them instead"),
    whole("""
        for name, i in special.items():
            text = text.replace(name, chr(i))
        return [i for chunk in split_text(text) for i in encode(chunk, merges)]
        """,
        "an id that's put into the text as a character is encoded as a character; put it into "
        "the list of ids"),
    whole("""
        ids = []
        for piece in regex.split("(" + "|".join(map(regex.escape, special)) + ")", text):
            ids.extend([special[piece]] if piece in special else encode_chunks(piece, merges))
        return ids
        """, "the names are tried in the order of the dict; take the longest that fits"),
])

mistakes("encode_allowed", [
    ("{name: i for name, i in special.items() if name in allowed}", "special",
     "names that aren't allowed become ids all the same"),
    ("if name not in allowed and name in text:", "if name not in allowed:",
     "an error is raised for names that aren't in the text at all"),
    ("if strict:", "if not strict:", "strict is turned around: the error is for strict=True"),
    ("if strict:\n    for name in special:\n        if name not in allowed and name in text:\n"
     "            raise ValueError(f\"the text holds {name!r}, which isn't allowed here\")\n", "",
     "no error is raised for a name that isn't allowed"),
    ("name not in allowed and name in text", "name in allowed and name in text",
     "the error is raised for the names that are allowed"),
    ("encode_special(text, merges, {name: i for name, i in special.items() if name in allowed})",
     "encode_chunks(text, merges)", "the names that are allowed aren't looked for"),
    ("name not in allowed and name in text", "name not in allowed and text == name",
     "the text is compared with the name; the name can stand anywhere in the text"),
    whole("""
        if strict:
            for piece in split_special(text, special):
                if piece in special and piece not in allowed:
                    raise ValueError(piece)
        ids = []
        for piece in split_special(text, special):
            if piece in special and piece in allowed:
                ids.append(special[piece])
            else:
                ids.extend(encode_chunks(piece, merges))
        return ids
        """,
        "the text is cut at all names, also at those that count as text here; look only for the "
        "names that are allowed"),
    whole("""
        if strict and any(name in text for name in special):
            raise ValueError("special token in the text")
        return encode_special(text, merges, {n: i for n, i in special.items() if n in allowed})
        """, "any special token raises the error, even one that's allowed"),
])

mistakes("split_gpt2", [
    ("'(?:[stmd]|re|ve|ll)", "'(?i:[stmd]|re|ve|ll)",
     "the endings are found in capitals too; that's GPT-4's rule, GPT-2 knows small letters only"),
    (r" ?\p{N}+", r"\p{N}{1,3}",
     "digits are cut into groups of three and take no space; GPT-2 takes them all, with the "
     "space"),
    (r" ?\p{N}+", r"\p{N}+", "a number doesn't take the space before it"),
    (r" ?\p{L}+", r"\p{L}+", "a word doesn't take the space before it"),
    (r"| ?[^\s\p{L}\p{N}]+", r"|[^\s\p{L}\p{N}]+", "signs don't take the space before them"),
    (r"\s+(?!\S)|", "",
     "white space before a word is taken whole; the last one belongs to the word"),
    ("'(?:[stmd]|re|ve|ll)| ?", "'(?:[stmd])| ?", "the endings re, ve and ll are missing"),
    ("'(?:[stmd]|re|ve|ll)|", "", "the endings of contractions aren't cut off as one piece"),
    (r"\p{L}", "[a-zA-Z]", "only the letters of English count; \\p{L} is any script's"),
    (r" ?\p{N}+", " ?[0-9]+", "only the digits 0 to 9 count; \\p{N} is any script's"),
    (r" ?\p{L}+", r"\s?\p{L}+", "any white space goes with the word; only a space does"),
    whole("return split_text(text)", "this is GPT-4's pattern; the table has GPT-2's rules"),
])

mistakes("write_ranks", [
    ("base64.b64encode(vocab[i]).decode()", "base64.b64encode(vocab[i])",
     "b64encode gives bytes, and these show with a b and quotes in a string; decode them"),
    ("sorted(vocab)", "vocab", "the lines are in the order of the dict; sort them by id"),
    whole("""
        lines = [vocab[i].decode("utf-8", errors="replace") + f" {i}\\n" for i in sorted(vocab)]
        return "".join(lines)
        """,
     "the tokens are written as text, which loses bytes that are no text; write base64"),
    ('\\n"', '"', "the lines have no ends"),
    (" {i}", " {len(vocab) - i}", "the ranks count down; write the ids"),
    ('return "".join(lines)', 'return "".join(lines).rstrip()',
     "the last line has no end; each line has one"),
    (" {i}", ",{i}", "a comma is between token and id; write a space"),
])

mistakes("read_ranks", [
    ("int(rank)", "rank", "the ranks are still strings; make ints of them"),
    ("base64.b64decode(token)", "token", "the tokens are still in base64; decode them"),
    ("base64.b64decode(token)", 'base64.b64decode(token).decode("utf-8", errors="replace")',
     "the tokens are strings; keep them as bytes"),
    ("ranks[base64.b64decode(token)] = int(rank)", "ranks[int(rank)] = base64.b64decode(token)",
     "the dict goes from rank to bytes; turn it around"),
    ("base64.b64decode(token)", "token.encode()", "the base64 itself became bytes; decode it"),
    ("    if line:\n        token, rank = line.split()\n"
     "        ranks[base64.b64decode(token)] = int(rank)",
     "    token, rank = line.split()\n    ranks[base64.b64decode(token)] = int(rank)",
     "an empty line has no token and no rank, and raises an error; pass it over"),
    whole("""
        ranks = {}
        for i, line in enumerate(line for line in text.splitlines() if line):
            ranks[base64.b64decode(line.split()[0])] = i
        return ranks
        """, "the lines are numbered; the rank is in the line"),
])

mistakes("recover_merges", [
    ("ranks[bytes([byte])] for byte in token", "byte for byte in token",
     "a byte is taken for its own rank; look its rank up"),
    ("sorted(ranks, key=ranks.get)", "ranks",
     "the tokens are gone through in the order of the dict; go by rank"),
    ("sorted(ranks, key=ranks.get)", "sorted(ranks, key=len)",
     "the shortest tokens come first; a long one can be older than a short one, so go by rank"),
    ("sorted(ranks, key=ranks.get)", "sorted(ranks)",
     "the tokens are sorted by their bytes; go by rank"),
    ("merges[tuple(ids)] = ranks[token]", "merges[tuple(ids)] = 256 + len(merges)",
     "the new ids are counted from 256; a merge's id is the rank of its token"),
    ("merges[tuple(ids)] = ranks[token]", "merges[ranks[token]] = tuple(ids)",
     "the dict goes from id to pair; turn it around"),
    whole("""
        merges = {}
        for token in sorted(ranks, key=ranks.get):
            for i in range(1, len(token)):
                if token[:i] in ranks and token[i:] in ranks:
                    merges[ranks[token[:i]], ranks[token[i:]]] = ranks[token]
        return merges
        """,
        "every way to cut a token into two known ones is taken; it was made in one way, which "
        "the older merges show"),
    whole("""
        merges = {}
        for token in sorted(ranks, key=ranks.get):
            for i in range(1, len(token)):
                if token[:i] in ranks and token[i:] in ranks:
                    merges[ranks[token[:i]], ranks[token[i:]]] = ranks[token]
                    break
        return merges
        """,
        "the first cut into two known tokens is taken; the older merges decide which cut it was"),
    whole("""
        merges = {}
        for token in sorted(ranks, key=ranks.get):
            if len(token) == 2:
                merges[ranks[token[:1]], ranks[token[1:]]] = ranks[token]
        return merges
        """, "only tokens of two bytes are taken apart; longer ones were merged too"),
])

mistakes("encode_ranks", [
    ("[ranks[bytes([byte])] for byte in utf8_bytes(chunk)]", "utf8_bytes(chunk)",
     "bytes are taken for their own ranks; look the ranks up"),
    ("for chunk in split_text(text)", "for chunk in [text]",
     "the text isn't cut into chunks, so merges cross their borders"),
    ("for chunk in split_text(text)", "for chunk in split_gpt2(text)",
     "the text is cut by GPT-2's pattern; use split_text"),
    ("ids.extend(part)", "ids.append(part)",
     "the ids of a chunk are nested in the list; extend the list with them instead"),
    ("while (pair", "if (pair", "each chunk gets one merge at most; go on until none fits"),
    ("ids.extend(part)", "ids = part", "only the ids of the last chunk are kept"),
    whole("""
        ids = []
        for chunk in split_text(text):
            data = chunk.encode()
            while data:
                n = next(n for n in range(len(data), 0, -1) if data[:n] in ranks)
                ids.append(ranks[data[:n]])
                data = data[n:]
        return ids
        """,
        "the longest token that fits is taken; take the merges in the order they were learned"),
])

mistakes("encode_fallback", [
    ("3 + byte for byte in utf8_bytes(character)", "byte for byte in utf8_bytes(character)",
     "the ids of the bytes begin at 0; the byte b has the id 3 + b"),
    ("ids.extend(3 + byte for byte in utf8_bytes(character))", "ids.append(0)",
     "an unknown character becomes one id, and what it was is lost; use its bytes"),
    ("3 + byte for byte in utf8_bytes(character)", "[3 + ord(character)]",
     "that's the character's number; use the bytes of its UTF-8"),
    ("ids.extend(3 + byte for byte in utf8_bytes(character))",
     "ids.append([3 + byte for byte in utf8_bytes(character)])",
     "the ids of the bytes are nested in the list; extend the list with them instead"),
    ("if character in vocab:", "if vocab.get(character):",
     "an id of 0 counts as false; ask whether the character is in vocab"),
    ("else:\n        ids.extend(3 + byte for byte in utf8_bytes(character))", "",
     "unknown characters are left out; use their bytes"),
    whole("""
        if all(character in vocab for character in text):
            return [vocab[character] for character in text]
        return [3 + byte for byte in utf8_bytes(text)]
        """, "one unknown character turns the whole text into bytes; only that one should be"),
])
