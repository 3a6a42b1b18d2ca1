"""Known mistakes of part 1: bigrams, counted and trained."""

from autograder.checks import mistakes, whole

mistakes("vocabulary", [
    whole("""
        characters = sorted(set("".join(words)))
        stoi = {character: index for index, character in enumerate(characters)}
        stoi["."] = 0
        return stoi, {index: character for character, index in stoi.items()}
        """,
        "the letters must begin at 1: one of them has taken the index 0, which belongs to the dot"),
    whole("""
        characters = sorted(set("".join(words)))
        stoi = {character: index for index, character in enumerate(characters)}
        stoi["."] = len(characters)
        return stoi, {index: character for character, index in stoi.items()}
        """, "the dot is at the end of the vocabulary; its index must be 0"),
    ('["."] + sorted(set("".join(words)))', 'sorted({".", *"".join(words)})',
     "the dot is sorted in among the characters, and some come before it; its index must be 0"),
    ('"".join(words)', '"".join(words).lower()',
     "capitals are turned into small letters; they are characters of their own"),
    ('sorted(set("".join(words)))', 'list(dict.fromkeys("".join(words)))',
     "the characters are numbered as they first occur; they must be sorted first"),
    ('sorted(set("".join(words)))', 'sorted("".join(words))',
     "a character that occurs twice must be numbered once; a set keeps each only once"),
    ('["."] + sorted(set("".join(words)))', 'list(".abcdefghijklmnopqrstuvwxyz")',
     "the alphabet is fixed in the code; number the characters that occur in the words"),
    ("itos = dict(enumerate(characters))", "itos = stoi",
     "itos must lead from the index to the character; it leads the same way as stoi"),
    ("itos = dict(enumerate(characters))", "itos = dict(enumerate(characters[1:], start=1))",
     "itos lacks the dot: index 0 must lead back to it"),
    ('"".join(words)', "words[0]",
     "only the first word is looked at; the vocabulary is that of all words"),
    whole("""
        words.sort()
        characters = ["."] + sorted(set("".join(words)))
        stoi = {character: index for index, character in enumerate(characters)}
        return stoi, dict(enumerate(characters))
        """, "sort changes the caller's list; sort the characters, not the words"),
    ('"".join(words)', '"".join(words[:10])',
     "only the first words are looked at; a slice from trying things out is still there"),
    ('"".join(words)', '"".join(word[1:] + word[0] for word in words)',
     "word[0] fails for an empty word; join the words as they are"),
])

mistakes("bigrams", [
    ('list(pairwise("." + word + "."))', 'list(dict.fromkeys(pairwise("." + word + ".")))',
     "a pair that comes again is left out; list it each time that it comes"),
    ('"." + word + "."', "word",
     "the dots are missing: a word's beginning and its end are bigrams too"),
    ('"." + word + "."', '"." + word',
     "the last bigram is missing: without the dot at the end the model never learns to stop"),
    ('"." + word + "."', 'word + "."',
     "the first bigram is missing: without the dot before it no word ever begins"),
    ("list(pairwise(", "(lambda chain: list(zip(chain[::2], chain[1::2])))((",
     "the pairs must overlap: each character ends one pair and begins the next"),
    whole("""
        chain = "." + word + "."
        return sorted(set(pairwise(chain)))
        """, "pairs are lost or reordered; keep them all, from left to right"),
    whole("""
        chain = "." + word + "."
        return [(second, first) for first, second in pairwise(chain)]
        """, "the pairs are turned around; the character on the left comes first"),
    ('"." + word + "."', '".." + word + "."', "one dot before the word is enough for pairs"),
    ('"." + word + "."', '"." + word.lower() + "."',
     "capitals are turned into small letters; they are characters of their own"),
    ('"." + word + "."', '"." + word.strip() + "."',
     "strip takes white space off the word; each character counts"),
    ('pairwise("." + word + ".")', 'pairwise(("." + word + ".")[:50])',
     "the word is cut off after a number of characters; it may have any length"),
    whole("""
        pairs = [(".", word[0])]
        pairs += zip(word, word[1:])
        return pairs + [(word[-1], ".")]
        """, "word[0] fails for an empty word; put the dots around it first, then pair"),
])

mistakes("count_bigrams", [
    ("dtype=torch.int64", "dtype=torch.uint8",
     "a uint8 goes back to 0 after 255, and the names have pairs that come thousands of times; "
     "use int64"),
    ("counts[stoi[first], stoi[second]]", "counts[stoi[second], stoi[first]]",
     "rows and columns are swapped: the row is the first character, the column the next"),
    ("+= 1", "= 1",
     "a pair that occurs again must add one; with `=`, or with `+=` on a whole tensor of indices "
     "at once, it's counted only once"),
    (", dtype=torch.int64", "",
     "counts are whole numbers: torch.zeros makes floats unless it's given an integer dtype"),
    ("bigrams(word)", "pairwise(word)",
     "the dots are missing: how words begin and end is counted too"),
    ("bigrams(word)", 'pairwise("." + word)',
     "how words end isn't counted: the dot after each word is missing"),
    ("bigrams(word)", 'pairwise(word + ".")',
     "how words begin isn't counted: the dot before each word is missing"),
    ("for word in words:", 'for word in ["".join(words)]:',
     "the words are run together, so the end of one is counted as leading to the next; each word "
     "has its own dots"),
    ("torch.zeros((len(stoi), len(stoi)), dtype=torch.int64)",
     'torch.zeros((len(set("".join(words))) + 1,) * 2, dtype=torch.int64)',
     "the table must have a row and a column for each entry of stoi, whether it occurs or not"),
    ("torch.zeros((len(stoi), len(stoi)), dtype=torch.int64)",
     "torch.ones((len(stoi), len(stoi)), dtype=torch.int64)",
     "the counts begin at 1; smoothing belongs in `probabilities`, counting begins at 0"),
    whole("""
        counts = torch.zeros((27, 27), dtype=torch.int64)
        for word in words:
            for first, second in bigrams(word):
                counts[stoi[first], stoi[second]] += 1
        return counts
        """, "27 is the size for one vocabulary; take it from stoi"),
    ("for word in words:", "for word in set(words):",
     "a word that is in the list twice is counted once; count each time that it comes"),
    ("for word in words:", "for word in filter(None, words):",
     "empty words are left out; an empty word has a bigram too, of its two dots"),
    ("for word in words:", "for word in words[:100]:",
     "only the first words are counted; a slice from trying things out is still there"),
])

mistakes("probabilities", [
    ("smoothed / smoothed.sum(1, keepdim=True)", "smoothed / smoothed.sum(1)",
     "without keepdim the sums broadcast along the wrong axis: every column was divided by the "
     "sum of a row; on the names the average loss can't show it, the sums of the rows do"),
    ("smoothed / smoothed.sum(1, keepdim=True)", "smoothed / smoothed.sum(0, keepdim=True)",
     "the columns add up to 1; divide each row by its own sum"),
    ("smoothed / smoothed.sum(1, keepdim=True)", "smoothed / smoothed.sum(0).unsqueeze(1)",
     "each row is divided by the sum of a column; divide it by its own sum"),
    ("smoothed / smoothed.sum(1, keepdim=True)", "smoothed / smoothed.sum()",
     "the whole table adds up to 1; each row must"),
    ("smoothed / smoothed.sum(1, keepdim=True)", "smoothed / torch.where(totals == 0, 1.0, totals)",
     "a row without counts became all ones; it's uniform, 1 / V everywhere"),
    whole("""
        totals = counts.sum(1, keepdim=True)
        return torch.where(totals == 0, 1 / counts.shape[1], (counts + smoothing) / totals)
        """,
        "the smoothing is in the numerator only, so the rows add up to more than 1 and the loss "
        "looks better than is possible; sum the rows after smoothing"),
    whole("""
        totals = counts.sum(1, keepdim=True)
        return (counts + smoothing) / totals
        """,
        "the smoothing is in the numerator only, so the rows add up to more than 1 and the loss "
        "looks better than is possible; sum the rows after smoothing"),
    whole("""
        smoothed = counts + float(smoothing)
        totals = smoothed.sum(1, keepdim=True)
        return torch.where(totals == 0, 1 / len(counts), smoothed / totals)
        """, "a row without counts is 1 over the number of columns, not over that of rows"),
    ("counts + float(smoothing)", "counts + float(smoothing) + 1e-8",
     "a small number added to every count gives a chance to what was never seen; without "
     "smoothing, treat the empty rows alone"),
    ("float(smoothing)", "int(smoothing)",
     "int cuts off the decimals, so a smoothing of 0.5 becomes 0"),
    ("totals = smoothed.sum(1, keepdim=True)\n",
     ("totals = smoothed.sum(1, keepdim=True)\n"
      "return counts / torch.where(totals == 0, 1.0, totals)\n"),
     "the smoothing is in the denominator only; each count must have it too"),
    ("smoothed = counts + float(smoothing)", "smoothed = counts.float()",
     "no smoothing is added here; add it to every count, 1 by default"),
    ("smoothed = counts + float(smoothing)", "smoothed = counts + 1.0",
     "1 is added whatever the smoothing is; add `smoothing`"),
    whole("""
        smoothed = counts + float(smoothing)
        return smoothed / smoothed.sum(1)
        """,
        "without keepdim the sums broadcast along the wrong axis, so every column was divided by "
        "the sum of a row; and a row without counts must become uniform"),
    whole("""
        smoothed = counts + float(smoothing)
        return smoothed / smoothed.sum(0, keepdim=True)
        """,
        "the columns add up to 1; divide each row by its own sum, and make a row without counts "
        "uniform"),
    whole("""
        smoothed = counts + float(smoothing)
        return smoothed / smoothed.sum()
        """, "the whole table adds up to 1; each row must, and a row without counts is uniform"),
    whole("""
        smoothed = counts + float(smoothing)
        return smoothed / smoothed.sum(1, keepdim=True)
        """,
        "a row without counts gives 0 / 0, which is NaN, when the smoothing is 0; such a row is "
        "uniform"),
    whole("""
        smoothed = counts + float(smoothing)
        return (smoothed / smoothed.sum(1, keepdim=True)).nan_to_num(0.0)
        """, "a row without counts became all zeros, which is no distribution; it's uniform"),
    whole("return torch.softmax(counts + float(smoothing), dim=1)",
          "softmax is for logits; counts are positive already and are only divided by their sum"),
    whole("""
        counts += int(smoothing)
        smoothed = torch.where(counts.sum(1, keepdim=True) == 0, 1.0, counts.float())
        return smoothed / smoothed.sum(1, keepdim=True)
        """,
        "`counts += smoothing` changes the caller's table, and a smoothing of 0.5 becomes 0; "
        "make a new tensor"),
    whole("""
        totals = counts.sum(1, keepdim=True)
        return torch.where(totals == 0, 1 / counts.shape[1], counts / totals) + smoothing
        """,
        "the smoothing is added to the shares, after dividing; add it to the counts, before"),
    whole("return counts / counts.sum(1, keepdim=True) + smoothing",
          "the smoothing is added to the shares, after dividing; add it to the counts, before"),
    whole("""
        shares = counts / counts.sum(1, keepdim=True) + smoothing
        return shares / shares.sum(1, keepdim=True)
        """,
        "the smoothing is added to the shares, where it weighs as much as a whole row; add it to "
        "the counts, before dividing"),
])

mistakes("sample_word", [
    (", generator=generator", "",
     "multinomial isn't given the generator, so the same seed doesn't give the same word"),
    ("torch.multinomial(probabilities[index], 1, generator=generator).item()",
     "probabilities[index].argmax().item()",
     "the same word comes each time: draw by probability instead of taking the most probable "
     "character, and don't seed the generator again"),
    ('index, word = 0, ""', 'generator = torch.Generator().manual_seed(42)\nindex, word = 0, ""',
     "seeded again in every call, the generator gives the same word over and over"),
    ('index, word = 0, ""',
     'generator = torch.Generator().manual_seed(generator.initial_seed())\nindex, word = 0, ""',
     "seeded again in every call, the generator gives the same word over and over"),
    ("word += itos[index]", "word = itos[index] + word",
     "each character is put in front of the word; it belongs at its end"),
    whole("""
        index, word = 0, ""
        for _ in range(20):
            index = torch.multinomial(probabilities[index], 1, generator=generator).item()
            if index == 0:
                break
            word += itos[index]
        return word
        """, "the word is cut off after a number of characters; it goes on until the dot comes"),
    whole("""
        for _ in range(50):
            index, word = 0, ""
            while index := torch.multinomial(probabilities[index], 1, generator=generator).item():
                word += itos[index]
            if word:
                break
        return word
        """, "an empty word is drawn again; where the dot is drawn first, the word is empty"),
    ("probabilities[index], 1", "probabilities[index].exp(), 1",
     "the probabilities are put through an exponential once more, as if they were logits, so "
     "what is impossible gets drawn"),
    ("index, word = 0,", "index, word = 1,",
     "the word begins in the row of another character; begin at index 0, the dot"),
    ("probabilities[index], 1", "probabilities[:, index], 1",
     "this draws from the column of the current character; what follows is in its row"),
    ("return word", "return word + itos[0]", "the dot at the end isn't part of the word"),
    ('index, word = 0, ""', 'index, word = 0, "."',
     "the dot at the beginning isn't part of the word"),
    ("probabilities[index], 1", "torch.ones(len(itos)), 1",
     "every character is equally likely, whatever the table says; draw from the current row"),
    whole("""
        index = torch.multinomial(probabilities[0], 1, generator=generator).item()
        return itos[index]
        """, "only one character is drawn; go on from row to row until the dot comes"),
    whole("""
        index, word = 0, []
        while True:
            index = torch.multinomial(probabilities[index], 1, generator=generator).item()
            if index == 0:
                return word
            word.append(itos[index])
        """, "a list of characters is returned; join them into one string"),
    whole("""
        index, word = 0, ""
        for _ in range(100):
            index = torch.multinomial(probabilities[index], 1, generator=generator).item()
            if index == 0:
                break
            word += itos[index]
        return word
        """, "the word is cut off after a number of characters; it goes on until the dot comes"),
    ('index, word = 0, ""',
     ('if not hasattr(sample_word, "g"):\n'
      "    sample_word.g = torch.Generator().manual_seed(2147483647)\n"
      'generator, index, word = sample_word.g, 0, ""'),
     "this draws from a generator outside the function, so the one that's passed in has no "
     "effect; use the argument"),
    ('index, word = 0, ""',
     'torch.manual_seed(generator.initial_seed())\ngenerator, index, word = None, 0, ""',
     "this seeds torch's own stream and draws from it; draw from the generator that's passed in"),
    whole("""
        import numpy as np
        index, word = 0, ""
        while True:
            shares = probabilities[index].double().numpy()
            index = int(np.random.choice(len(shares), p=shares / shares.sum()))
            if index == 0:
                return word
            word += itos[index]
        """,
        "numpy draws here, from its own stream; draw from the generator that's passed in"),
    whole("""
        import random
        index, word = 0, ""
        while True:
            index = random.choices(range(len(itos)), weights=probabilities[index].tolist())[0]
            if index == 0:
                return word
            word += itos[index]
        """, "Python's random draws here; draw from the generator that's passed in"),
])

mistakes("average_nll", [
    ("sum(seen) / len(seen)", "sum(seen)",
     "this is the sum over the bigrams; divide it by their number"),
    ("sum(seen) / len(seen)", "sum(seen) / len(words)",
     "the sum is divided by the number of words; divide it by the number of bigrams"),
    ("-probabilities.log()", "probabilities.log()",
     "the minus sign is missing: logarithms of probabilities are negative, the loss isn't"),
    ("-probabilities.log()", "-probabilities.log2()",
     "this is the logarithm to base 2; use the natural one"),
    ("-probabilities.log()", "probabilities",
     "this is the mean of the probabilities; take minus the logarithm of each first"),
    whole("""
        seen = [probabilities[stoi[a], stoi[b]] for word in words for a, b in bigrams(word)]
        return -(sum(seen) / len(seen)).log().item()
        """, "this is the logarithm of the mean; take the mean of the logarithms"),
    whole("""
        seen = [probabilities[stoi[a], stoi[b]] for word in words for a, b in bigrams(word)]
        return -torch.stack(seen).prod().log().item() / len(seen)
        """,
        "a product of many probabilities is too small for a float and becomes 0; take the "
        "logarithm of each and add"),
    ("surprise[stoi[first], stoi[second]]", "surprise[stoi[second], stoi[first]]",
     "rows and columns are swapped: the row is the first character, the column the next"),
    ("in bigrams(word)", "in pairwise('.' + word)",
     "the last bigram of each word is left out: the end is predicted too"),
    ("in bigrams(word)", "in pairwise(word + '.')",
     "the first bigram of each word is left out: the first letter is predicted too"),
    ("sum(seen) / len(seen)", "torch.tensor(sum(seen) / len(seen)).exp().item()",
     "this is the perplexity, the exponential of the average NLL; leave the exponential out"),
    ("-probabilities.log()", "-torch.softmax(probabilities, dim=1).log()",
     "the table already holds probabilities; leave the softmax out"),
    ("-probabilities.log()", "-probabilities.clamp(min=1e-10).log()",
     "a probability of 0 is lifted to hide the infinity, which was the honest answer"),
    whole("""
        means = []
        for word in words:
            seen = [-probabilities[stoi[a], stoi[b]].log().item() for a, b in bigrams(word)]
            means.append(sum(seen) / len(seen))
        return sum(means) / len(means)
        """,
        "this is the mean over words of each word's mean, so that bigrams of short words weigh "
        "more; take one mean over all bigrams"),
    ("for word in words", "for word in set(words)",
     "a word that is in the list twice counts once; every entry of the list counts"),
    ("for word in words", "for word in filter(None, words)",
     "empty words are left out; an empty word has a bigram too, of its two dots"),
    ("for word in words", "for word in words[:100]",
     "only the first words count; a slice from trying things out is still there"),
    ("-probabilities.log()", "-probabilities.log_()",
     "log_ with an underscore overwrites the caller's table; use log"),
])

mistakes("bigram_pairs", [
    ("return xs, ys", "return ys, xs",
     "inputs and targets are swapped: xs holds the first characters"),
    ("return xs, ys", "return xs.int(), ys.int()", "the tensors are int32; they must be int64"),
    ("torch.tensor", "torch.Tensor",
     "torch.Tensor with a capital T makes floats; indices must be int64, as torch.tensor makes"),
    ("for pair in bigrams(word)]", "for pair in pairwise(word)]",
     "the bigrams with dots are missing"),
    ("for pair in bigrams(word)]", "for pair in pairwise('.' + word)]",
     "the last bigram of each word, which ends it, is missing"),
    ("pairs = [pair for word in words for pair in bigrams(word)]",
     "pairs = sorted({pair for word in words for pair in bigrams(word)})",
     "each pair is there once; keep every occurrence: how often it occurs is what is learned"),
    ("ys = torch.tensor([stoi[second] for _, second in pairs])",
     "ys = torch.tensor([stoi[first] for first, _ in pairs])",
     "ys repeats xs; the target is the character that follows"),
    ("pairs = [pair for word in words for pair in bigrams(word)]",
     "pairs = [pair for pair in bigrams(words[0])]", "only the first word is used"),
    ("return xs, ys", "return xs.sort().values, ys",
     "inputs and targets no longer belong together: what is done to the order of one must be done "
     "to the other"),
    ("for word in words for", "for word in dict.fromkeys(words) for",
     "a word that is in the list twice is written down once; keep every occurrence"),
    ("for word in words for", "for word in words if word for",
     "empty words are left out; an empty word has a bigram too, of its two dots"),
    ("for word in words for", "for word in words[:1000] for",
     "only the first words are used; a slice from trying things out is still there"),
])

mistakes("one_hot", [
    ("num_classes)", "int(xs.max()) + 1)",
     "the number of columns is num_classes, not the largest index that happens to occur"),
    ("rows = torch.zeros(len(xs), num_classes)",
     "rows = torch.zeros(len(xs), num_classes, dtype=torch.int64)",
     "the result has whole numbers; it will be multiplied by floats, so it must be float32"),
    ("return rows", "return rows.double()",
     "the result is float64; the weights that it's multiplied by are float32"),
    ("rows[torch.arange(len(xs)), xs] = 1.0", "rows[:, xs] = 1.0",
     "`[:, xs]` sets these columns in every row; each row has a single 1, in its own column"),
    ("return rows", "return rows.T",
     "the result is transposed: a row for each index, a column for each class"),
    ("rows[torch.arange(len(xs)), xs] = 1.0", "rows[torch.arange(len(xs)), xs - 1] = 1.0",
     "the 1 is one column too far to the left; the indices begin at 0"),
    ("= 1.0", "= xs.float()",
     "the index itself is written into its place; a one-hot row holds a 1 there"),
    whole("""
        rows = torch.zeros(len(xs), num_classes)
        rows[0, xs] = 1.0
        return rows
        """, "all the ones are in the first row; each row has its own"),
])

mistakes("row_lookup", [
    ("W[xs]", "torch.eye(len(W))[xs] @ W",
     "this is the product again, in which 0 times -inf is nan; copy the rows instead"),
    ("W[xs]", "W[:, xs]", "this reads columns; a character's logits are a row of W"),
    ("W[xs]", "W.T[xs % W.shape[1]]", "W is transposed first; its rows are what is looked up"),
    ("W[xs]", "W[xs].detach()",
     "the result is cut off from W: detach, .data or torch.tensor(...) let no gradient back"),
    ("W[xs]", "W[xs.unique()]", "an index that occurs twice needs its row twice"),
    ("W[xs]", "W[: len(xs)]", "the first rows of W are returned, whatever the indices are"),
    ("W[xs]", "W[xs].sum(0, keepdim=True)",
     "the rows are added up; there's one row for each index"),
])

mistakes("softmax", [
    ("counts.sum(-1, keepdim=True)", "counts.sum(-1)",
     "without keepdim the sums broadcast along the wrong axis"),
    ("counts.sum(-1, keepdim=True)", "counts.sum(0, keepdim=True)",
     "the sum runs over the first dimension; it must run over the last"),
    ("counts.sum(-1, keepdim=True)", "counts.sum(1, keepdim=True)",
     "dimension 1 is the last one of a matrix only; count from the end with -1"),
    ("counts.sum(-1, keepdim=True)", "counts.sum()",
     "the whole tensor adds up to 1; each row must"),
    ("return counts / counts.sum(-1, keepdim=True)", "return counts",
     "exponentials aren't probabilities until they are divided by their sum"),
    ("logits.exp()", "logits", "logits may be negative; exponentiate them before you normalize"),
    ("logits.exp()", "logits**2",
     "squares are positive too, but -2 and 2 would be equally likely; use the exponential"),
    ("logits.exp()", "logits.sigmoid()",
     "a sigmoid squashes each logit by itself; softmax exponentiates, then normalizes"),
    ("logits.exp()", "2**logits", "the base is 2; softmax uses e"),
    ("return counts / counts.sum(-1, keepdim=True)",
     "return (counts / counts.sum(-1, keepdim=True)).log()",
     "these are the logarithms of the probabilities"),
    ("logits.exp()", "logits.data.exp_()",
     "exp_ with an underscore overwrites the caller's logits; use exp"),
    ("logits.exp()", "logits.detach().exp()",
     "detach and .data cut the result off from the logits, and no gradient reaches them"),
    ("counts.sum(-1, keepdim=True)", "counts.sum(-1, keepdim=True).detach()",
     "the sum depends on the logits too, so it must not be cut off from the gradient"),
])

mistakes("bigram_loss", [
    ("-picked.log().mean()", "-picked.log().sum()",
     "the loss is a sum over the examples; it must be their mean"),
    ("-picked.log().mean()", "picked.log().mean()",
     "the minus sign is missing, so training would make the data less likely"),
    ("-picked.log().mean()", "-picked.mean()", "the logarithm is missing"),
    ("-picked.log().mean()", "-picked.mean().log()",
     "this is the logarithm of the mean; take the mean of the logarithms"),
    ("probs[torch.arange(len(xs)), ys]", "probs[:, ys]",
     "`[:, ys]` takes every target from every example; take ys[n] from row n only, with the pair "
     "of indices torch.arange(N), ys"),
    ("softmax(row_lookup(W, xs))", "softmax(softmax(row_lookup(W, xs)))",
     "softmax is applied twice; after the first time they are probabilities already"),
    ("row_lookup(W, xs)", "row_lookup(W, ys)",
     "the targets are used as inputs; the network sees xs"),
    ("row_lookup(W, xs)", "row_lookup(W.T, xs)",
     "the columns of W are read; a character's logits are in its row"),
    ("(W**2).mean()", "(W**2).sum()", "the squares are summed; take their mean"),
    ("(W**2).mean()", "W.mean() ** 2",
     "this is the square of the mean, in which large weights of both signs cancel; take the mean "
     "of the squares"),
    ("(W**2).mean()", "W.abs().mean()", "absolute values are priced; take squares"),
    (" + regularization * (W**2).mean()", "", "the regularization has no effect"),
    ("+ regularization * (W**2).mean()", "- regularization * (W**2).mean()",
     "large weights are rewarded; the regularization is added"),
    ("regularization * (W**2).mean()", "(regularization or 0.01) * (W**2).mean()",
     "a price on the weights is in the loss even if none was asked for, so it can't be compared "
     "with other losses"),
    ("(W**2).mean()", "(W.data**2).mean()",
     "the regularization has no gradient: W.data and detach cut it off"),
    ("return -picked.log().mean() + regularization * (W**2).mean()",
     "return (-picked.log().mean() + regularization * (W**2).mean()).item()",
     "a float has no gradient; return the tensor, without item"),
    ("softmax(row_lookup(W, xs))", "softmax(row_lookup(W, xs).T).T",
     "the probabilities of each column add up to 1; softmax runs over the characters of a row"),
    ("return -picked.log().mean() + regularization * (W**2).mean()",
     ("loss = -picked.log().mean() + regularization * (W**2).mean()\n"
      "if W.requires_grad:\n"
      "    loss.backward(retain_graph=True)\n"
      "return loss"),
     "backward is called here already, so that the gradients come twice; only return the loss"),
])

mistakes("gradient_step", [
    ("W.grad = None\n", "", "the old gradient isn't cleared, and backward adds to it"),
    ("W -= learning_rate * W.grad", "W += learning_rate * W.grad",
     "the step goes uphill: the gradient points to where the loss grows"),
    ("W -= learning_rate * W.grad", "W = W - learning_rate * W.grad",
     "W hasn't moved: `W = W - ...` makes a new tensor and leaves the caller's W as it was, so "
     "change it in place (a gradient that's cleared right after backward moves nothing either)"),
    ("W -= learning_rate * W.grad", "W -= W.grad", "the learning rate has no effect"),
    ("W -= learning_rate * W.grad", "W -= learning_rate * W.grad.sign()",
     "only the gradient's sign is used; a steep slope calls for a larger step"),
    ("return loss.item()", "return bigram_loss(W, xs, ys, regularization).item()",
     "this is the loss after the step; return the one before it"),
    ("bigram_loss(W, xs, ys, regularization)", "bigram_loss(W, xs, ys)",
     "the regularization isn't passed on"),
    ("return loss.item()", "return bigram_loss(W.data + learning_rate * W.grad, xs, ys).item()",
     "the loss that's returned lacks the regularization"),
    ("W.grad = None\nloss.backward()", "loss.backward()\nW.grad = None",
     "the gradient is cleared after backward, so that there's none to step along; clear the old "
     "one before"),
    ("with torch.no_grad():\n    W -= learning_rate * W.grad", "W -= learning_rate * W.grad",
     "the update is recorded as a part of the graph, which torch refuses for a leaf; do it under "
     "torch.no_grad() or on W.data"),
    ("return loss.item()", "return None", "nothing is returned; return the loss before the step"),
    whole("""
        loss = bigram_loss(W, xs, ys, regularization)
        loss.backward()
        with torch.no_grad():
            W -= learning_rate * W.grad
        W.grad = None
        return loss.item()
        """,
        "the gradient is cleared after the step, so that what was there before it takes part; "
        "clear before backward"),
    ("with torch.no_grad():\n    W -=",
     "torch.set_grad_enabled(False)\nW -=",
     "the recording is switched off and never on again; use `with torch.no_grad():`"),
    ("with torch.no_grad():\n    W -= learning_rate * W.grad",
     "W.requires_grad = False\nW -= learning_rate * W.grad",
     "W no longer requires gradients afterwards, so that no second step can follow; use "
     "torch.no_grad()"),
])

mistakes("count_trigrams", [
    ("dtype=torch.int64", "dtype=torch.uint8", "a uint8 goes back to 0 after 255; use int64"),
    whole("""
        counts = torch.zeros((len(stoi),) * 3, dtype=torch.int64)
        first, second = 0, 0
        for word in words:
            for character in word + ".":
                third = stoi[character]
                counts[first, second, third] += 1
                first, second = second, third
        return counts
        """,
        "the context runs on from one word into the next; every word starts from two dots again"),
    whole("""
        counts = torch.zeros((len(stoi),) * 3, dtype=torch.int64)
        for word in words:
            chain = "." + word + "."
            for first, second, third in zip(chain, chain[1:], chain[2:]):
                counts[stoi[first], stoi[second], stoi[third]] += 1
        return counts
        """,
        "there's only one dot before each word, so that its first letter is never predicted: the "
        "loss would look better than it is"),
    ('".." + word + "."', '"." + word + ".."', "two dots belong before the word and one after it"),
    whole("""
        counts = torch.zeros((len(stoi),) * 3, dtype=torch.int64)
        for word in words:
            chain = ".." + word + ".."
            for first, second, third in zip(chain, chain[1:], chain[2:]):
                counts[stoi[first], stoi[second], stoi[third]] += 1
        return counts
        """, "one dot ends a word; a second one is counted as if a character followed the end"),
    ("range(len(word) + 1)", "range(len(word))",
     "the last trigram of each word, which ends it, is missing"),
    ("counts[first, second, third]", "counts[third, second, first]",
     "the order is reversed: index by first, second and third character"),
    ("counts[first, second, third]", "counts[second, first, third]",
     "the two characters of context are swapped"),
    ("+= 1", "= 1", "a trigram that occurs again must add one"),
    (", dtype=torch.int64", "", "counts are whole numbers: give torch.zeros an integer dtype"),
    ("for word in words:", "for word in set(words):",
     "a word that is in the list twice is counted once; count each time that it comes"),
    ("for word in words:", "for word in filter(None, words):",
     "empty words are left out; an empty word has a trigram too, of its three dots"),
    ("for word in words:", "for word in words[:100]:",
     "only the first words are counted; a slice from trying things out is still there"),
])

mistakes("average_trigram_nll", [
    ("sum(seen) / len(seen)", "sum(seen)",
     "this is the sum over the trigrams; divide it by their number"),
    ("sum(seen) / len(seen)", "sum(seen) / len(words)",
     "the sum is divided by the number of words; divide it by the number of trigrams"),
    whole("""
        surprise = -probabilities.log()
        seen = []
        for word in words:
            chain = "." + word + "."
            for first, second, third in zip(chain, chain[1:], chain[2:]):
                seen.append(surprise[stoi[first], stoi[second], stoi[third]].item())
        return sum(seen) / len(seen)
        """,
        "the first letters are left out of the score, which makes it look better; two dots stand "
        "before each word"),
    ("range(len(word) + 1)", "range(len(word))", "the ends of the words are left out of the score"),
    ("-probabilities.log()", "probabilities.log()", "the minus sign is missing"),
    whole("""
        counts = count_trigrams(words, stoi)
        return -(counts * probabilities.log()).sum().item() / counts.sum().item()
        """, "0 times the logarithm of 0 is nan; look up only those trigrams that occur"),
    ("surprise[first, second, third]", "surprise[second, first, third]",
     "the two characters of context are swapped"),
    ("surprise[first, second, third]", "surprise[third, second, first]",
     "the order is reversed: index by first, second and third character"),
    ("-probabilities.log()", "-probabilities.clamp(min=1e-10).log()",
     "a probability of 0 is lifted to hide the infinity, which was the honest answer"),
    ("for word in words:", "for word in set(words):",
     "a word that is in the list twice counts once; every entry of the list counts"),
    ("for word in words:", "for word in filter(None, words):",
     "empty words are left out; an empty word has a trigram too, of its three dots"),
    ("for word in words:", "for word in words[:100]:",
     "only the first words count; a slice from trying things out is still there"),
    ("-probabilities.log()", "-probabilities.log_()",
     "log_ with an underscore overwrites the caller's table; use log"),
    whole("""
        seen = [
            probabilities[stoi[a], stoi[b], stoi[c]]
            for word in words
            for a, b, c in zip(".." + word, "." + word + ".", word + ".")
        ]
        return -torch.stack(seen).prod().log().item() / len(seen)
        """,
        "a product of many probabilities is too small for a float and becomes 0; take the "
        "logarithm of each and add"),
])

mistakes("smoothing_curves", [
    whole("""
        stoi, _ = vocabulary(train_words + words)
        both = train_words + words
        pairs, triples = count_bigrams(both, stoi), count_trigrams(both, stoi)
        bigram, trigram = [], []
        for smoothing in candidates:
            bigram.append(average_nll(words, probabilities(pairs, smoothing), stoi))
            table = probabilities(triples.flatten(0, 1), smoothing).view_as(triples)
            trigram.append(average_trigram_nll(words, table, stoi))
        return bigram, trigram
        """, "the scored words are counted as well, so they are no longer new to the model"),
    ("_nll(words,", "_nll(train_words,",
     "these are the losses of the training words; the ones that are scored are `words`"),
    ("vocabulary(train_words + words)", "vocabulary(train_words)",
     "the vocabulary lacks letters that occur in the scored words only; make it from both lists"),
    ("probabilities(pairs, smoothing)", "probabilities(pairs)",
     "the smoothing isn't passed on for the bigrams, so their curve is flat"),
    ("probabilities(triples.flatten(0, 1), smoothing)", "probabilities(triples.flatten(0, 1))",
     "the smoothing isn't passed on for the trigrams, so their curve is flat"),
    ("return bigram, trigram", "return trigram, bigram",
     "the two lists are swapped: the bigram model comes first"),
    ("triples.flatten(0, 1)", "triples.flatten(1, 2)",
     "the second and the third character are normalized together; a row is a pair of characters: "
     "flatten the first two dimensions"),
    ("probabilities(triples.flatten(0, 1), smoothing).view_as(triples)",
     "probabilities(triples, smoothing)",
     "the table of trigrams has three dimensions, and so the sum runs over the second character; "
     "flatten the first two, and unflatten afterwards"),
    ("in candidates:", "in sorted(candidates):",
     "the losses come in another order than the candidates; keep theirs"),
])

mistakes("best_smoothing", [
    ("average_trigram_nll(dev_words, table, stoi)", "average_trigram_nll(train_words, table, stoi)",
     "the candidates are judged on the words that were counted, where less smoothing always "
     "looks better; count the training words and judge on the dev words"),
    ("count_trigrams(train_words, stoi)", "count_trigrams(train_words + dev_words, stoi)",
     "the dev words are among the words that are counted, so they are no longer unseen"),
    ("min(candidates", "max(candidates",
     "the candidate with the highest loss is returned; the lowest is the best"),
    ("return min", "candidates.sort()\nreturn min",
     "sort changes the caller's list; sorted makes a new one"),
    ("stoi, _ = vocabulary(train_words + dev_words)",
     ("number = len(train_words)\n"
      "train_words += dev_words\n"
      "stoi, _ = vocabulary(train_words)\n"
      "train_words = train_words[:number]"),
     "`+=` changes the caller's list; train_words + dev_words makes a new one"),
    ("return min(candidates, key=dev_loss)",
     "return min(dev_loss(smoothing) for smoothing in candidates)",
     "this is the lowest loss; return the smoothing that gives it"),
    ("return min(candidates, key=dev_loss)",
     "return min(range(len(candidates)), key=lambda i: dev_loss(candidates[i]))",
     "this is the position of the best candidate in the list; return the candidate"),
    ("vocabulary(train_words + dev_words)", "vocabulary(train_words)",
     "the vocabulary lacks letters that occur in the dev words only; make it from both lists"),
    ("probabilities(counts.flatten(0, 1), smoothing).view_as(counts)",
     "probabilities(counts.flatten(1, 2), smoothing).view_as(counts)",
     "the second and the third character are normalized together; a row is a pair of characters: "
     "flatten the first two dimensions"),
    whole("""
        stoi, _ = vocabulary(train_words + dev_words)
        counts = count_bigrams(train_words, stoi)
        return min(candidates, key=lambda s: average_nll(dev_words, probabilities(counts, s), stoi))
        """,
        "this chooses for the bigram model; the trigram model, with its many empty rows, is the "
        "one to choose for"),
    ("count_trigrams(train_words, stoi)", "count_trigrams(list(dict.fromkeys(train_words)), stoi)",
     "a training word that comes several times is counted once; count it each time"),
    ("average_trigram_nll(dev_words, table, stoi)",
     "average_trigram_nll(list(dict.fromkeys(dev_words)), table, stoi)",
     "a dev word that comes several times counts once; it counts each time"),
    ("return min(candidates, key=dev_loss)", "return min([0.01, 0.1, 1.0, 10.0], key=dev_loss)",
     "the candidates are fixed in the code; choose among those that are passed in"),
])

mistakes("final_loss", [
    ("best_smoothing(train_words, dev_words, candidates)",
     "best_smoothing(train_words, test_words, candidates)",
     "the smoothing is chosen on the test words, so their loss is too good to report; choose on "
     "the dev words"),
    ("best_smoothing(train_words, dev_words, candidates)",
     "best_smoothing(train_words, train_words, candidates)",
     "the smoothing is chosen on the training words, where less always looks better; choose on the "
     "dev words"),
    ("count_trigrams(train_words, stoi)", "count_trigrams(train_words + dev_words, stoi)",
     "the dev words are counted as well; count the training words alone"),
    ("average_trigram_nll(test_words,", "average_trigram_nll(dev_words,",
     "this is the loss of the dev words, the ones that the choice was made for; score the test "
     "words"),
    ("counts.flatten(0, 1), smoothing)", "counts.flatten(0, 1))",
     "the smoothing that was chosen isn't used: the table has the default, 1"),
    ("vocabulary(train_words + dev_words + test_words)", "vocabulary(train_words + dev_words)",
     "the vocabulary lacks letters that occur in the test words only; make it from all three"),
    ("return average_trigram_nll(test_words, table, stoi)", "return smoothing",
     "this is the smoothing that was chosen; return the loss on the test words"),
])
