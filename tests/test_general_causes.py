"""The rules of general causes, each on a wrong answer to the miniature course, files in, causes out."""

from __future__ import annotations

import pytest

from tests.conftest import of

MEAN = "    if not xs:\n        return 0.0\n    return sum(xs) / len(xs)\n"
CENTRED = "    middle = mean(xs)\n    return [x - middle for x in xs]\n"
ADD = "        self.counts[word] = self.counts.get(word, 0) + 1\n"
SHARES = (
    "    counts = (x - x.max(-1, keepdim=True).values).exp()\n"
    "    return counts / counts.sum(-1, keepdim=True)\n"
)
BODIES = {"mean": MEAN, "centred": CENTRED, "Tally.add": ADD, "shares": SHARES}

# exercise, what is written for its body, a part of the sentence, and the line in the body (from 1).
CERTAIN = [
    ("mean", "sum(xs) / max(len(xs), 1)", "nothing is returned: `return` is missing", 1),
    ("mean", "print(sum(xs) / max(len(xs), 1))", "printed and not returned", 1),
    ("mean", "if not xs:\n    return 0.0\nif len(xs) > 3:\n    return sum(xs) / len(xs)", "some path", 4),
    ("centred", "for x in xs:\n    return [x - mean(xs)]", "ends it in its first round", 2),
    ("mean", "return sum(xs) / len(xs) if xs else 0.0\n    raise NotImplementedError()", "", None),
    ("mean", "total = sum(xs)\nraise NotImplementedError()", "still there: take it out", 2),
    ("mean", "input()\nreturn 1", "waits for a person", 1),
    ("mean", "breakpoint()\nreturn 1", "waits for a person", 1),
    ("mean", "return mean(xs[1:])", "leads back into the function", 1),
    ("mean", "length = len(xs) or 1\nreturn sum(xs) / lenght", "`length` does: is it misspelt?", 2),
    ("mean", "return math.fsum(xs) / max(len(xs), 1)", "`import math` is missing", 1),
    ("Tally.add", "counts[word] = 1", "`self.` is forgotten before `counts`", 1),
    ("Tally.add", "self.count[word] = 1", "has no `count`, but it has `counts`", 1),
    ("Tally.add", "self.counts[word] += 1", "`.get(key, default)`", 1),
    ("mean", "if xs:\n    result = 0.0\n    del result\nreturn result", "before this function has given", 4),
    ("centred", "def move(x):\n    return x - mean(xs)\nreturn xs", "defined in here and never called", 1),
    ("centred", "[x - mean(xs) for x in xs].sort\nreturn xs", "are its `()` missing?", 1),
    ("centred", "ys = [x - mean(xs) for x in xs]\nsorted(ys)\nreturn ys + ys", "this line drops it", 2),
    ("mean", "return 1.0", "the argument `xs` is never used", 0),
    ("centred", "return (x - mean(xs) for x in xs)", "put list(...) round it", None),
    ("centred", "return xs - mean(xs)", "a list takes no part in arithmetic", 1),
    ("centred", "return [x - mean for x in xs]", "nothing says what `-` means", 1),
    ("mean", "return [sum(xs) / max(len(xs), 1)]", "inside a list or tuple of its own", None),
    ("mean", "return torch.tensor([sum(xs) / max(len(xs), 1)])", "take its item()", None),
    ("shares", "return [row.tolist() for row in x.exp() / x.exp().sum(-1, keepdim=True)]", "a list is there", None),
    ("shares", "e = (x - x.max()).exp()\nreturn (e / e.sum(-1)).T if x.dim() > 1 else e / e.sum()", "", None),
    ("shares", "return x.exp() @ x.exp()", "do not fit", 1),
    ("centred", "return [x - mean(xs) for x in range(xs)]", "", None),
    ("centred", "return [xs[i + 1] - mean(xs) for i in range(len(xs))]", "goes beyond the end", 1),
]  # fmt: skip
HEDGED = [
    ("mean", "return -sum(xs) / len(xs) if xs else 0.0", "sign", None),
    ("mean", "return 2 * sum(xs) / len(xs) if xs else 0.0", "twice what it has to be", None),
    ("centred", "return [x - mean(xs) for x in xs][::-1]", "reversed", None),
    ("centred", "return sorted(x - mean(xs) for x in xs)", "in another order", None),
    ("centred", "return [x - mean(xs) for x in xs[:-1]]", "the last is missing", None),
    ("centred", "m = mean(xs)\nfor i in range(len(xs)):\n    xs[i] -= m\nreturn xs", "argument", 3),
]


def swapped(solution: str, exercise: str, body: str) -> tuple[str, int]:
    """The lesson with another body of an exercise, and the line before that body."""
    there = BODIES[exercise]
    assert solution.count(there) == 1
    indent = " " * (len(there) - len(there.lstrip()))
    written = "".join(f"{indent}{line}\n" for line in body.split("\n"))
    return solution.replace(there, written), solution[: solution.index(there)].count("\n")


def check(grade, solution, exercise, body, words, line, hedged):
    source, before = swapped(solution, exercise, body)
    report = of(grade(source), exercise)
    assert report.verdict != "passed" or not words
    said = [(cause.says, cause.line and cause.line - before, cause.hedged) for cause in report.causes]
    if not words:
        return
    assert any(words in says and (line in (None, at) or line == 0) for says, at, _ in said), said
    assert all(sure == hedged for says, _, sure in said if words in says)


@pytest.mark.parametrize(("exercise", "body", "words", "line"), CERTAIN)
def test_what_is_certain_is_said_with_its_line(grade, solution, exercise, body, words, line):
    check(grade, solution, exercise, body, words, line, hedged=False)


@pytest.mark.parametrize(("exercise", "body", "words", "line"), HEDGED)
def test_what_only_looks_like_it_is_hedged(grade, solution, exercise, body, words, line):
    source, _ = swapped(solution, exercise, body)
    report = of(grade(source), exercise)
    said = [report.diagnosis, *(cause.says for cause in report.causes)]
    assert any(words in says for says in said), said
