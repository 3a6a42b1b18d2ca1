"""Pairs that look alike: what is found in a made class, and what is never named."""

from __future__ import annotations

import ast
import random
import textwrap
from pathlib import Path

import pytest

from autograder.classroom.alike import Alike, Pair
from autograder.classroom.fingerprints import fingerprints
from autograder.classroom.listing import anonymous, side_by_side
from autograder.lessons.course import Course
from autograder.lessons.names import definitions
from autograder.lessons.submission import Submission, Unit
from tests import alike_class
from tests.conftest import MINIATURE

ROOT = Path(__file__).resolve().parent.parent
REAL = Course(ROOT / "solutions", ROOT / "autograder" / "checks")
LESSON = "part1_bigrams"


def submission(text: str) -> Submission:
    return Submission("file.py", [Unit(textwrap.dedent(text))])


def prints(text: str) -> set[bytes]:
    (node,) = dict(definitions(ast.parse(textwrap.dedent(text)))).values()
    return {gram.hash for gram in fingerprints(node, frozenset({"torch"}))}


def search(count: int, copies: int, seed: int) -> tuple[list[Pair], set[tuple[str, str]]]:
    """The pairs that are named in a made class, and those that were planted in it."""
    chooses = random.Random(seed)
    styles = alike_class.variants(REAL, LESSON)
    answers = {f"s{n:04}": alike_class.honest(chooses, styles) for n in range(count - copies)}
    planted = set()
    for n, name in enumerate(chooses.sample(sorted(answers), copies)):
        own = alike_class.honest(chooses, styles)
        answers[f"x{n:04}"] = alike_class.copied(chooses, answers[name], own)
        planted.add((name, f"x{n:04}"))
    alike = Alike(REAL.lesson(LESSON))
    for name, answer in answers.items():
        alike.add(name, submission(alike_class.source(answer)))
    return alike.pairs(), planted


def test_planted_pairs_of_a_class_are_found_and_honest_ones_are_not():
    found, planted = search(80, 3, seed=1)
    assert {(pair.one, pair.other) for pair in found} == planted
    assert all(pair.shared[0].having < 5 and pair.shared[0].similarity > 0.5 for pair in found)


@pytest.mark.slow
def test_twenty_planted_pairs_of_a_thousand():
    found, planted = search(1000, 20, seed=1)
    named = {(pair.one, pair.other) for pair in found}
    print(
        f"{len(named & planted)} of 20 found, {len(named - planted)} honest pairs of 499,500 named"
    )
    assert len(named & planted) >= 19 and len(named - planted) <= 10


WRITTEN = """
    def total(xs, start=0):
        \"\"\"The sum.\"\"\"
        result = start  # begin
        for x in xs:
            result = result + abs(x) * 2
        return torch.tensor(result)
"""


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN.replace("result", "acc").replace("x ", "each ").replace("(x)", "(each)"),
        WRITTEN.replace("  # begin", "").replace('"""The sum."""', "pass"),
        WRITTEN.replace("(xs, start=0)", "(xs: list, start: int = 0) -> float"),
        WRITTEN.replace(
            "result + abs(x) * 2", "(\n                result\n                + abs(x) * 2)"
        ),
    ],
)
def test_names_comments_and_layout_are_not_seen(text):
    assert text != WRITTEN and prints(text) == prints(WRITTEN)


@pytest.mark.parametrize(("old", "new"), [("* 2", "* 3"), ("abs", "len"), ("result + ", "1 - ")])
def test_what_is_computed_is_seen(old, new):
    assert prints(WRITTEN.replace(old, new)) != prints(WRITTEN)


def test_what_half_of_a_class_writes_says_nothing():
    styles = alike_class.variants(REAL, LESSON)
    one, two = ({id: nodes[n] for id, nodes in styles.items()} for n in (0, 1))
    alike = Alike(REAL.lesson(LESSON))
    for number in range(40):
        alike.add(str(number), submission(alike_class.source((one, two)[number % 2])))
    assert alike.pairs() == []


def test_stubs_and_the_reference_itself_say_nothing():
    alike = Alike(REAL.lesson(LESSON))
    for name, text in (("a", REAL.lesson(LESSON).stub()), ("b", REAL.lesson(LESSON).source)):
        alike.add(name, submission(text))
        alike.add(name * 2, submission(text))
    for number in range(20):
        alike.add(str(number), submission("x = 1"))
    assert alike.pairs() == []


@pytest.mark.parametrize("count", [0, 1])
def test_a_class_of_one_has_no_pairs(count):
    alike = Alike(REAL.lesson(LESSON))
    for number in range(count):
        alike.add(str(number), submission(REAL.lesson(LESSON).source))
    assert alike.pairs() == []


@pytest.mark.parametrize(
    "value",
    [
        "-" * 3000 + "1",
        "0x" + "f" * 50_000,
        "[" * 150 + "]" * 150,
        "1e999",
        "'\\ud800'",
        "x" + ".a" * 900,
    ],
)
def test_code_that_is_made_to_break_readers_is_read(value):
    made = submission(f"def softmax(logits):\n    return {value}\n")
    alike = Alike(REAL.lesson(LESSON))
    alike.add("eve", made)
    alike.add("ada", made)
    assert alike.pairs() == []
    anonymous(made, "softmax")


def test_the_lines_that_are_the_same_are_marked():
    course = Course.at(MINIATURE)
    one = submission(
        "def mean(xs):\n    # mine\n    s = 0\n    for x in xs:\n"
        "        s += x\n    return s / len(xs)"
    )
    other = submission(
        "def mean(v):\n    t = 0\n    for y in v:\n        t += y\n    return t / max(len(v), 7)"
    )
    left, right = side_by_side(Alike(course.lesson("sums")), "mean", one, other)
    assert [line.same for line in left][2:5] == [True] * 3
    assert [line.text for line in right][0] == "def mean(v):"
    assert "mine" not in anonymous(one, "mean") and "s += x" in anonymous(one, "mean")


def test_the_lines_of_a_notebook_are_counted_through_its_cells():
    course = Course.at(MINIATURE)
    code = "def mean(xs):\n    total = 0\n    for x in xs:\n        total += x\n    return total"
    notebook = Submission("n.ipynb", [Unit("x = 1\ny = 2", 1, "cell 1"), Unit(code, 3, "cell 2")])
    left, right = side_by_side(Alike(course.lesson("sums")), "mean", notebook, submission(code))
    assert left == right and [line.text for line in left] == code.splitlines()
    assert all(line.same for line in left[1:])
