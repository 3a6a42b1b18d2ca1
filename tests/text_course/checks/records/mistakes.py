"""Known mistakes of the lesson on records."""

from autograder.checks import mistakes, whole

mistakes("tidy", [
    ("word.capitalize()", "word", "every word is to begin with a capital letter"),
    ('" ".join', '"".join', "the words have lost the blank between them"),
    ("name.split()", 'name.split(" ")', 'split(" ") cuts at every single blank; split() at all in a row'),
])

mistakes("read_scores", [
    ("float(score)", "score", "a score is still a text; float makes it a number"),
    ("tidy(name)", "name", "the name is taken as it was typed"),
    ("scores.setdefault(tidy(name), []).append(float(score))", "scores[tidy(name)] = [float(score)]",
     "a later score takes the place of the earlier ones; add it to the list"),
    ("if line.strip():", "if line:", "an empty line still holds its line break; strip it first"),
])

mistakes("write_means", [
    ("\\n", "", "a line needs its line break: write adds none"),
    ("sorted(scores)", "scores", "the names are to come in the order of the alphabet"),
    (" / len(scores[name])", "", "this is the sum; divide it by how many there are"),
    (":.2f", "", "two decimals are asked for, however many there are"),
])

mistakes("standardized", [
    ("axis=0", "axis=1", "axis=1 runs along the rows; each column is wanted"),
    ("np.where(spread == 0, 1.0, spread)", "spread", "a column of equal numbers is divided by 0"),
    ("std(axis=0)", "var(axis=0)", "this is the variance; its square root is the spread"),
    whole("""
        table -= table.mean(axis=0)
        spread = table.std(axis=0)
        return table / np.where(spread == 0, 1.0, spread)
        """, "`-=` changes the table that was given"),
])

mistakes("Best.add", [
    (">", ">=", "an equal score is no better"),
    ("name not in self.scores or score > self.scores[name]", "score > self.scores.get(name, 0)",
     "a first score counts also where it is negative"),
    ("return better", "return self.scores[name]", "the call is to say True or False, and not the score"),
])
