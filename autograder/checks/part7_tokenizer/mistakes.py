"""Known mistakes of `part7_tokenizer`."""

from autograder.checks import mistakes, whole

mistakes("utf8_bytes", [
    whole("return [ord(character) for character in text]",
          "these are the numbers of the characters, which go up to 1,114,111; the bytes of their "
          "UTF-8 are asked for"),
    ('"utf-8"', '"utf-16"',
     "UTF-16 writes a mark at the beginning and two bytes a letter; encode as UTF-8"),
    whole('return list(text.encode("latin-1", errors="replace"))',
          "Latin-1 knows 256 characters only and loses the others; UTF-8 knows all"),
    whole('return text.encode("utf-8")', "this is a bytes object; a list of ints is asked for"),
    whole('return list(text.encode("ascii", errors="ignore"))',
          "everything outside ASCII is dropped; UTF-8 can write every character"),
    whole("""
        import unicodedata
        return list(unicodedata.normalize("NFC", text).encode("utf-8"))
        """, "normalizing changes the text: e with a combining accent must stay two characters"),
])

mistakes("count_pairs", [
    ("counts.get(pair, 0) + 1", "1", "every pair is counted once; add 1 to what is there already"),
    ("pairwise(ids)", "zip(ids[::2], ids[1::2], strict=False)",
     "this looks at every second pair only; each place where two ids meet counts, so the second "
     "id of one pair is the first of the next"),
    ("pairwise(ids)", "pairwise(ids[:-1])", "the last pair is left out"),
    ("in pairwise(ids)", "in sorted(pairwise(ids))",
     "the pairs are sorted; they shall stand in the order in which they first occur"),
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
        """, "overlapping places all count here: [1, 1, 1] holds (1, 1) twice"),
    whole("""
        counts = {}
        for i in range(len(ids)):
            pair = (ids[i], ids[(i + 1) % len(ids)])
            counts[pair] = counts.get(pair, 0) + 1
        return counts
        """, "the last id and the first are no neighbors; there is one pair fewer than ids"),
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
        """, "a pair that occurs once is never chosen here; begin below 1"),
    ("max(", "min(", "this is the rarest pair; the most common one is asked for"),
    (", default=None", "",
     "max raises on an empty dict; give it a default for when no pair is left"),
    ("key=counts.get, ", "",
     "max without a key compares the pairs themselves; compare their counts"),
    ("key=counts.get", "key=lambda pair: (counts[pair], pair)",
     "a tie goes to the largest pair here; it shall go to the one that was seen first"),
    ("key=counts.get", "key=lambda pair: (counts[pair], -pair[0], -pair[1])",
     "a tie goes to the smallest pair here; it shall go to the one that was seen first"),
    ("max(counts,", "max(reversed(counts),",
     "a tie goes to the pair seen last here; it shall go to the one that was seen first"),
    whole("return max(counts.values(), default=None)",
          "this is the highest count; the pair that has it is asked for"),
    whole("""
        if not counts:
            return None
        pair = max(counts, key=counts.get)
        counts.pop(pair)
        return pair
        """, "the pair is taken out of the counts of whoever called; only look it up"),
])

mistakes("merge", [
    ("i += 2", "i += 1",
     "after a merge you step on by one, so the pair's second member is copied or used again; "
     "step over both"),
    ("while i < len(ids):", "while i < len(ids) - 1:",
     "the walk ends one id too early, so a last id that belongs to no pair is lost"),
    ("tuple(ids[i : i + 2]) == pair", "(ids[i], ids[i + 1]) == pair",
     "the last id has no right neighbor; look whether there is one before you read it"),
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
        """, "this merges from right to left; where places overlap, the left one goes first"),
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
        """, "the list that was handed in is changed; build a new one"),
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
        "an id that was just written is merged again; one pass uses the ids of the argument only"),
    whole("""
        merged = list(ids)
        for i in range(len(merged) - 1):
            if (merged[i], merged[i + 1]) == tuple(pair):
                merged[i : i + 2] = [new_id]
        return merged
        """,
        "the list gets shorter while the loop reads it, so that the last indices are not there any "
        "more; build a new list beside the one that you read"),
    whole("""
        for i in range(len(ids) - 1):
            if (ids[i], ids[i + 1]) == tuple(pair):
                ids[i] = new_id
                ids.pop(i + 1)
        return ids
        """,
        "the list that was handed in is changed while it is read, and gets shorter on the way; "
        "build a new one"),
    whole("""
        merged = list(ids)
        for i, number in enumerate(merged):
            if tuple(merged[i : i + 2]) == pair:
                merged[i] = new_id
                del merged[i + 1]
        return merged if merged != list(ids) else ids
        """, "where nothing is merged the argument itself is returned; return a list of its own"),
])

mistakes("train_bpe", [
    ("ids = merge(ids, pair, new_id)\n    ", "",
     "the original ids are counted in every round, so the same pair always wins; keep the merged "
     "ids and count those"),
    ("    if pair is None:\n        break\n", "",
     "a short text runs out of pairs; leave the loop where none is left"),
    ("range(256, vocab_size)", "range(256, 256 + vocab_size)",
     "vocab_size counts all ids, the 256 bytes included, not the merges alone"),
    ("range(256, vocab_size)", "range(256, vocab_size + 1)",
     "there is one merge too many: the last id is vocab_size - 1"),
    ("range(256, vocab_size)", "range(257, vocab_size)",
     "the first merge gets the id 256, as the bytes end at 255"),
    ("ids = utf8_bytes(text)", "ids = [ord(character) for character in text]",
     "training begins with the characters; begin with their UTF-8 bytes"),
    ("merges[pair] = new_id", "merges[new_id] = pair",
     "the dict goes from new id to pair; it shall go from pair to new id"),
    ("if pair is None:", "if pair is None or count_pairs(ids)[pair] < 2:",
     "training stops at pairs that occur once; here it goes on while there is a pair"),
    ("most_common_pair(count_pairs(ids))",
     "max(count_pairs(ids).items(), key=lambda item: (item[1], item[0]), default=(None,))[0]",
     "a tie goes to the largest pair here; it shall go to the one seen first"),
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
        "max of nothing raises once all of a short text is one token; leave the loop where no pair "
        "is left"),
    ("ids = utf8_bytes(text)", "ids = utf8_bytes(text[:100])",
     "only the beginning of the text is read; a slice for trying things out has been left in"),
])

mistakes("build_vocab", [
    ("vocab[left] + vocab[right]", "vocab[right] + vocab[left]",
     "the members are joined in the wrong order: the left one comes first"),
    ("vocab[left] + vocab[right]", "bytes([left % 256, right % 256])",
     "a member may be a merge itself; look up its bytes in the vocabulary"),
    ("range(256)", "range(255)", "the byte 255 is missing: range(256) goes up to it"),
    ("bytes([byte])", "bytes(byte)", "bytes(5) is five zero bytes; bytes([5]) is the byte 5"),
    ("bytes([byte])", 'chr(byte).encode("utf-8")',
     "chr(233) is a character, of two bytes in UTF-8; the byte itself is bytes([233])"),
    ("vocab[new_id] = vocab[left] + vocab[right]", "(vocab | {new_id: vocab[left] + vocab[right]})",
     "the new entry is computed and dropped; keep it in the vocabulary"),
    ("vocab[new_id] =", "vocab[(left, right)] =",
     "the entry is kept under the pair; it belongs under the new id"),
    ("vocab = {byte: bytes([byte]) for byte in range(256)}",
     ('vocab = build_vocab.__dict__.setdefault("kept", {})\n'
      "vocab.update({byte: bytes([byte]) for byte in range(256)})"),
     "one and the same dict is filled in every call, so that what an earlier call put in stays; "
     "make a new one"),
])

mistakes("decode", [
    whole('return "".join(vocab[i].decode("utf-8", errors="replace") for i in ids)',
          "each token is read on its own, which breaks characters that are spread over several; "
          "join all the bytes first"),
    (', errors="replace"', "",
     "this raises on bytes that are no UTF-8; a model may well emit such ids"),
    ('"replace"', '"ignore"',
     "bytes that cannot be read vanish; they shall show as the replacement character"),
    ('"replace"', '"backslashreplace"',
     "bytes that cannot be read show as \\x80; they shall become the replacement character"),
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
        """, "this is the first known pair in the order of the dict; compare the new ids"),
    whole("""
        pairs = zip(ids, ids[1:])
        return min(pairs, key=lambda pair: merges.get(pair, float("inf")), default=None)
        """,
        "where no pair is in merges, this returns one that was never merged; None is asked for"),
    ("min(known", "max(known",
     "this is the pair that was learned last; the one that was learned first goes first"),
    (", default=None", "",
     "min raises where no pair is known, as in a text of one byte; give it a default"),
    (" if pair in merges]", "]",
     "pairs that were never merged take part; keep only those that are in merges"),
    whole("return next((pair for pair in zip(ids, ids[1:]) if pair in merges), None)",
          "this is the leftmost known pair; the one with the lowest new id is asked for"),
    ("min(known, key=merges.get, default=None)", "max(known, key=known.count, default=None)",
     "this is the most common pair here; in encoding only the order of learning counts"),
    ("key=merges.get, ", "",
     "min without a key compares the pairs themselves; compare their new ids"),
])

mistakes("encode", [
    whole("return utf8_bytes(text)",
          "nothing is merged: the ids are the plain bytes, which decode to the right text all "
          "the same"),
    whole("""
        ids = utf8_bytes(text)
        pair = next_merge(ids, merges)
        return ids if pair is None else merge(ids, pair, merges[pair])
        """, "one merge is done and no more; go on until none fits"),
    whole("""
        ids = utf8_bytes(text)
        while len(ids) >= 2:
            pair = max(count_pairs(ids), key=lambda pair: merges.get(pair, -1))
            if pair not in merges:
                break
            ids = merge(ids, pair, merges[pair])
        return ids
        """, "the merge that was learned last goes first; the one with the lowest id must"),
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
        """, "the leftmost pair that fits goes first; the one that was learned first must"),
    whole("""
        ids = utf8_bytes(text)
        while True:
            pair = min(zip(ids, ids[1:]), key=lambda pair: merges.get(pair, float("inf")))
            if pair not in merges:
                return ids
            ids = merge(ids, pair, merges[pair])
        """,
        "min of nothing raises: text of no byte or of one has no pair, and a long word may be "
        "merged into one id"),
    ("ids = utf8_bytes(text)", "ids = [ord(character) for character in text]",
     "encoding begins with the characters; begin with their UTF-8 bytes"),
    whole("return [i for word in split_text(text) for i in (encode(word, merges) if word != text "
          "else merge(utf8_bytes(text), next_merge(utf8_bytes(text), merges), "
          "merges.get(next_merge(utf8_bytes(text), merges))))]",
          "the text is cut into words first; here merges may cross words, the cutting comes later"),
])

mistakes("bytes_per_token", [
    ("len(utf8_bytes(text))", "len(text)",
     "len(text) counts characters; outside ASCII there are more bytes than that"),
    ("len(utf8_bytes(text)) / len(ids)", "len(ids) / len(utf8_bytes(text))",
     "this is tokens per byte; bytes per token is the inverse"),
    (" / len(ids)", " // len(ids)", "the ratio is cut to a whole number; divide with /"),
    ("len(ids)", "len(set(ids))",
     "each id is counted once; a token that occurs twice counts twice"),
])

mistakes("split_text", [
    whole("return text.split()",
          "splitting at white space loses it; each character must be in a chunk"),
    ("regex.findall", "regex.split",
     "regex.split gives what lies between the matches; the matches themselves are the chunks"),
    whole('return regex.findall(SPLIT_PATTERN.replace("{1,3}", "+"), text)',
          "digits run on without end; GPT-4's pattern takes three at most"),
    whole('return regex.findall(SPLIT_PATTERN.replace("(?i:", "(?:"), text)',
          "contractions in capitals are not cut: 'LL must be taken as 'll is"),
    whole('return regex.findall(SPLIT_PATTERN.replace(r"|\\s+(?!\\S)", ""), text)',
          "white space before a word is taken whole; its last space belongs to the word"),
    whole("return [text]", "the text is not cut at all"),
    whole("return regex.findall(SPLIT_PATTERN, text.strip())",
          "white space at the edges is stripped; the chunks joined must be the whole text"),
    whole('return regex.findall(r"\\w+|\\W", text)',
          "this is another pattern; use SPLIT_PATTERN as it stands"),
    whole("""
        pattern = (r"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"
                   r"|\\s+(?!\\S)|\\s+")
        return regex.findall(pattern, text)
        """, "this is GPT-2's pattern; GPT-4's is asked for, which stands in SPLIT_PATTERN"),
])

mistakes("encode_chunks", [
    whole("return encode(text, merges)",
          "the text is not cut before it is encoded, so merges cross the borders of chunks"),
    whole("return [encode(chunk, merges) for chunk in split_text(text)]",
          "this is a list of lists; one flat list of ids is asked for"),
    ("split_text(text)", "text.split()",
     "cutting at white space loses it, and lets merges cross other borders; use split_text"),
    ("split_text(text)", "text",
     "every character is encoded on its own, so nothing is merged beyond it"),
    ("encode(chunk, merges)", "utf8_bytes(chunk)", "the chunks are not encoded: nothing is merged"),
    ("split_text(text)", "dict.fromkeys(split_text(text))",
     "a chunk that occurs again is left out; each occurrence must be encoded"),
])

mistakes("chunk_counts", [
    ("counts.get(ids, 0) + 1", "1", "each chunk is counted once; add 1 to what is there already"),
    ("tuple(utf8_bytes(chunk))", "chunk",
     "the keys are strings; tuples of byte values are asked for"),
    ("split_text(text)", "text.split()",
     "cutting at white space loses the space that belongs to a word; use split_text"),
    ("in split_text(text)", "in sorted(split_text(text))",
     "the chunks are sorted; they shall stand in the order in which they first occur"),
    ("tuple(utf8_bytes(chunk))", "tuple(map(ord, chunk))",
     "the keys hold the numbers of characters; the bytes of their UTF-8 are asked for"),
    ("split_text(text)", "text",
     "single characters are counted; chunks of split_text are asked for"),
])

mistakes("count_chunk_pairs", [
    ("count * times", "count",
     "how often a chunk occurs is left out; its pairs count that many times"),
    ("count * times", "times",
     "a pair that stands in a chunk twice counts twice for each time that the chunk occurs"),
    ("counts.get(pair, 0) + count * times", "count * times",
     "the count of the last chunk overwrites the others; add them up"),
    ("count * times", "count + times",
     "the pair's count and the chunk's are multiplied, not added"),
    whole("return count_pairs([i for ids, times in chunks.items() for i in ids * times])",
          "the chunks are joined before counting, so pairs across their borders count too"),
])

mistakes("merge_step", [
    ("tuple(merge(ids, pair, new_id)): times", "tuple(merge(ids, pair, new_id)): 1",
     "the chunks lose their counts; each keeps the number of times that it occurs"),
    ("if pair is None:\n    return None, chunks\n", "pair[0]\n",
     "where no pair is left there is nothing to merge; return None and the chunks"),
    ("merge(ids, pair, new_id)", "ids", "the pair is found but not merged"),
    whole("""
        pair = most_common_pair(count_chunk_pairs(dict.fromkeys(chunks, 1)))
        if pair is None:
            return None, chunks
        return pair, {tuple(merge(ids, pair, new_id)): times for ids, times in chunks.items()}
        """, "each chunk is counted once when the pair is chosen; use its count"),
    whole("""
        pair = most_common_pair(count_chunk_pairs(chunks))
        if pair is None:
            return None, chunks
        merged = {tuple(merge(ids, pair, new_id)): times for ids, times in chunks.items()}
        return pair, {ids: times for ids, times in merged.items() if new_id in ids}
        """, "chunks without the pair are dropped; they stay as they are"),
    whole("""
        pair = most_common_pair(count_chunk_pairs(chunks))
        if pair is None:
            return None, chunks
        for ids in list(chunks):
            chunks[tuple(merge(ids, pair, new_id))] = chunks.pop(ids)
        return pair, chunks
        """, "the dict that was handed in is changed; return a new one"),
])

mistakes("train_chunks", [
    whole("return train_bpe(text, vocab_size)",
          "the text is not cut, so merges cross the borders of chunks"),
    ("pair, chunks = merge_step(chunks, new_id)", "pair, _ = merge_step(chunks, new_id)",
     "the merged chunks are not kept, so the same pair wins every round"),
    ("    if pair is None:\n        break\n", "",
     "leave the loop where no pair is left; None is no merge"),
    ("chunks = chunk_counts(text)", "chunks = dict.fromkeys(chunk_counts(text), 1)",
     "each chunk is counted once, however often it occurs"),
    ("range(256, vocab_size)", "range(256, 256 + vocab_size)",
     "vocab_size counts all ids, the 256 bytes included, not the merges alone"),
    ("range(256, vocab_size)", "range(257, vocab_size)",
     "the first merge gets the id 256, as the bytes end at 255"),
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
        "max of nothing raises once every chunk is one id; leave the loop where no pair is left"),
])

mistakes("split_special", [
    ("regex.escape(name)", "name",
     "the names are not escaped, so | means 'or' and . means 'any character'"),
    ("sorted(special, key=len, reverse=True)", "list(special)",
     "the names are tried in the order of the dict; try the longest first"),
    ("sorted(special, key=len, reverse=True)", "sorted(special, key=len)",
     "the shortest name is tried first; try the longest first"),
    (" if piece]", "]",
     "there are empty strings at the edges and between neighboring names; leave them out"),
    ('f"({pattern})"', "pattern",
     "the names themselves are lost; a pattern in round brackets keeps what it splits at"),
    ("if not special:\n    return [text] if text else []\n", "",
     "no names make an empty pattern, which splits between all characters"),
    ("[text] if text else []", "[text]", "empty text has no piece, without names either"),
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
        "one name after the other is looked for, so a short one tears a longer one apart; look "
        "for all at once, the longest first"),
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
        "the longest name is cut out first, even from behind a name that begins before it; look "
        "for all names at once, from left to right"),
    whole("""
        pieces = []
        for word in text.split():
            pieces.append(word)
        return pieces
        """, "the text is cut at white space; cut it at the names and nowhere else"),
])

mistakes("encode_special", [
    whole("return encode_chunks(text, merges)",
          "special tokens are encoded like any text; each must become its own id"),
    ("encode_chunks(piece, merges)", "encode(piece, merges)",
     "the text between special tokens is not cut into chunks"),
    ("ids.append(special[piece])", "continue", "the special tokens are left out of the ids"),
    ("split_special(text, special)", "split_text(text)",
     "the text is cut into chunks before the special tokens are looked for, which tears them"),
    ("ids.extend(encode_chunks(piece, merges))", "ids.append(encode_chunks(piece, merges))",
     "the ids of a text piece are nested in the list; extend it instead"),
    whole("""
        for name, i in special.items():
            text = text.replace(name, chr(i))
        return [i for chunk in split_text(text) for i in encode(chunk, merges)]
        """, "an id put into the text as a character is encoded as one; ids belong into the list"),
    whole("""
        ids = []
        for piece in regex.split("(" + "|".join(map(regex.escape, special)) + ")", text):
            ids.extend([special[piece]] if piece in special else encode_chunks(piece, merges))
        return ids
        """, "the names are tried in the order of the dict; the longest that fits must be taken"),
])
