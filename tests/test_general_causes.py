"""The rules of general causes, each on a wrong answer to the miniature course."""

from __future__ import annotations

import ast
import os

import pytest

from autograder.grading.causes.source import Source
from autograder.grading.causes.unused import dropped_results, idle_lines
from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.lessons.lesson import functions
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
    ("mean", "if not xs:\n    return 0\nif xs[2:]:\n    return sum(xs) / len(xs)", "some path", 4),
    ("centred", "for x in xs:\n    return [x - mean(xs)]", "ends it in its first round", 2),
    ("mean", "total = sum(xs)\nraise NotImplementedError()", "still there: take it out", 2),
    ("mean", "input()\nreturn 1", "waits for a person", 1),
    ("mean", "exit()\nreturn 1", "ends the whole program", 1),
    ("mean", "breakpoint()\nreturn 1", "waits for a person", 1),
    ("mean", "return mean(xs[1:])", "leads back into the function", 1),
    ("mean", "length = len(xs) or 1\nreturn sum(xs) / lenght", "`length` does: is it misspelt?", 2),
    ("mean", "return math.fsum(xs) / max(len(xs), 1)", "`import math` is missing", 1),
    ("Tally.add", "counts[word] = 1", "`self.` is forgotten before `counts`", 1),
    ("Tally.add", "self.count[word] = 1", "has no `count`, but it has `counts`", 1),
    ("Tally.add", "self.counts[word] += 1", "`.get(key, default)`", 1),
    ("mean", "if xs:\n    y = 0.0\n    del y\nreturn y", "before this function has given", 4),
    ("centred", "def f(x):\n    return x - mean(xs)\nreturn xs", "here and never called", 1),
    ("centred", "[x - mean(xs) for x in xs].sort\nreturn xs", "are its `()` missing?", 1),
    ("centred", "ys = [x - mean(xs) for x in xs]\nsorted(ys)\nreturn xs", "this line drops it", 2),
    ("mean", "return 1.0", "the argument `xs` is never used", 0),
    ("centred", "return (x - mean(xs) for x in xs)", "put list(...) round it", None),
    ("centred", "return xs - mean(xs)", "a list takes no part in arithmetic", 1),
    ("centred", "return [x - mean for x in xs]", "nothing says what `-` means", 1),
    ("mean", "return [sum(xs) / max(len(xs), 1)]", "inside a list or tuple of its own", None),
    ("mean", "return torch.tensor([sum(xs) / max(len(xs), 1)])", "take its item()", None),
    ("shares", "return x.softmax(-1).tolist() if False else x.tolist()", "a list is there", None),
    ("shares", "return x.exp() @ x.exp()", "do not fit", 1),
    ("centred", "return [xs[i + 1] for i in range(len(xs))]", "goes beyond the end", 1),
    ("centred", "mean(xs)\nreturn xs", "`mean` returns something new and changes nothing", 1),
    ("shares",
     "w = x.clone().requires_grad_()\nw.sum().backward()\nw.grad = None\nreturn 2 * w.grad",
     "clears the gradients behind `backward`", 3),
]  # fmt: skip
SOFTMAX = "e = (x - x.max(-1, keepdim=True).values).exp()\n"
SHAPES = [
    ("return (e / e.sum(-1, keepdim=True)).unsqueeze(0)", "an axis of length 1 is too many"),
    ("return (e / e.sum(-1, keepdim=True)).flatten()[None]", "in another shape"),
    ("return (e / e.sum(-1, keepdim=True)).mT if x.dim() > 1 else e / e.sum()", "transposed"),
    ("return e", "nothing is divided"),
    ("return 1 - e / e.sum(-1, keepdim=True)", "the complement"),
    ("return (e / e.sum(-1, keepdim=True)).log()", "these are logarithms"),
    ("return 0.5 * e / e.sum(-1, keepdim=True) + 0.25", "0.5 times what it has to be, and +0.25"),
    ("return e / e.sum(-1, keepdim=True) + 0.25", "off by the same amount, +0.25"),
    ("return x.clone()", "softmax of these numbers would be right"),
    ("return (e / e.sum(-1, keepdim=True)) * float('nan')", "it is not a number (nan)"),
    ("return (e / e.sum(-1, keepdim=True)) * 0", "it is 0 in every failing case"),
]
HEDGED = [
    ("mean", "return -sum(xs) / len(xs) if xs else 0.0", "sign", None),
    ("mean", "return 2 * sum(xs) / len(xs) if xs else 0.0", "twice what it has to be", None),
    ("centred", "return [x - mean(xs) for x in xs][::-1]", "reversed", None),
    ("centred", "return sorted(x - mean(xs) for x in xs)", "in another order", None),
    ("centred", "return [x - mean(xs) for x in xs[:-1]]", "the last is missing", None),
    (
        "mean",
        "xs = xs[:-1]\nreturn sum(xs) / max(len(xs), 1)",
        "the last of `xs` is left out",
        None,
    ),
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
    assert report.verdict != "passed"
    said = [
        (cause.says, cause.line and cause.line - before, cause.hedged) for cause in report.causes
    ]
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


@pytest.mark.parametrize(("body", "words"), SHAPES)
def test_shapes_and_relations_of_numbers_are_told(grade, solution, body, words):
    source, _ = swapped(solution, "shares", SOFTMAX + body)
    report = of(grade(source), "shares")
    said = [report.diagnosis, *(cause.says for cause in report.causes)]
    assert any(words in says for says in said), said


@pytest.mark.parametrize(
    ("there", "written", "exercise"),
    [("def mean(", "def maen(", "mean"), ("def add(", "def ad(", "Tally.add"),
     ("class Tally", "class Taly", "Tally.add")],
)  # fmt: skip
def test_a_name_that_is_misspelt_is_found_where_it_is_defined(
    grade, solution, there, written, exercise
):
    report = of(grade(solution.replace(there, written)), exercise)
    (cause,) = report.causes
    assert report.kind == "missing" and f"`{written.split()[1].rstrip('(')}` stands" in cause.says
    assert cause.line == solution[: solution.index(there)].count("\n") + 1


def test_an_error_in_a_lambda_is_placed_there_and_not_in_what_calls_it(grade, solution):
    """Its line is run through twice: where it hands the lambda over, and in the lambda."""
    body = "return list(map(lambda x: x - mean(ys), xs))"
    helper = "def apply(f, xs):\n    return [f(x) for x in xs]\n\n\n"
    body = body.replace("list(map(", "apply(").replace("))", ")")
    source, before = swapped(helper + solution, "centred", body)
    assert f"(line {before + 1})" in of(grade(source), "centred").message


def test_a_forgotten_return_is_no_gradient_that_has_not_come(tmp_path):
    """In the first exercise of the course, whose name has the word gradient in it."""
    lesson = Course.find().lesson("part0_micrograd_engine")
    body = lesson.exercises["gradient"].code.replace("return slopes", "slopes")
    path = tmp_path / "part0_micrograd_engine.py"
    path.write_text(lesson.edited("gradient", body))
    with Session(Course.find()) as session:
        (report,) = session.grade(path, lesson.name, only={"gradient"}).exercises
    said = [cause.says for cause in report.causes]
    assert "nothing is returned: `return` is missing" in said
    assert not any("no gradient has come" in each for each in said)


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ({"h)": "tolerance)", "<= tolerance": "<= h"}, False),
        ({"return all(": "return not all("}, True),
    ],
)
def test_a_condition_is_the_wrong_way_round_where_no_answer_is_right(tmp_path, edits, told):
    lesson = Course.find().lesson("part0_micrograd_engine")
    body = "values = [Value(x) for x in xs]\nf(*values).backward()\n"
    body += "slopes = gradient(lambda *xs: f(*map(Value, xs)).data, xs, h)\n"
    body += "return all(abs(v.grad - s) <= tolerance for v, s in zip(values, slopes))\n"
    for there, written in edits.items():
        assert body.count(there) == 1
        body = body.replace(there, written)
    path = tmp_path / "part0_micrograd_engine.py"
    path.write_text(lesson.edited("gradient_check", body))
    with Session(Course.find()) as session:
        (report,) = session.grade(path, lesson.name, only={"gradient_check"}).exercises
    assert report.verdict == "wrong"
    assert any("yes and no are exchanged" in cause.says for cause in report.causes) == told


def test_a_line_that_tries_whether_it_can_be_done_is_not_called_idle(grade, solution):
    body = "try:\n    xs.append\nexcept AttributeError:\n    pass\nreturn xs"
    report = of(grade(swapped(solution, "centred", body)[0]), "centred")
    assert report.verdict == "wrong"
    assert not any(cause.name == "without effect" for cause in report.causes)


def test_of_a_call_that_is_not_made_nothing_is_said(grade, solution):
    said = {}
    for body in (
        "self.counts[word] = self.counts.get(word, -1) + 1",
        "if word in self.counts:\n    self.counts[word] += 1\nelse:\n    self.counts[word] = 0",
    ):
        report = of(grade(swapped(solution, "Tally.add", body)[0]), "Tally.add")
        said["get" in body] = [cause.says for cause in report.causes if "`get`" in cause.says]
    assert said[True] and not said[False]


def test_no_line_of_the_course_is_said_to_do_nothing():
    course = Course.find()
    for name in course.names:
        lesson = course.lesson(name)
        right = (course.solutions.parent / "tests" / "right" / name).glob("*.py")
        for path in (course.solutions / f"{name}.py", *right):
            for function, node in functions(ast.parse(path.read_text(encoding="utf-8"))):
                source = Source(node, "")
                assert not [*dropped_results(source, lesson.source)], (path, function)
                if function in lesson.exercises:
                    assert not [*idle_lines(source)], (path, function)


def test_right_code_is_told_nothing(grade, solution):
    assert not any(each.causes for each in grade(solution).exercises)


def test_what_never_ends_says_where_it_is_and_what_its_names_hold(grade, solution):
    body = "count = 0\nwhile len(xs) > count:\n    count = count // 2\nreturn mean(xs)"
    source, before = swapped(solution, "centred", body)
    whole = grade(source, carry_forward=False)
    report = of(whole, "centred")
    assert report.verdict == "timed out"
    line = int(report.place.removeprefix("line ").partition(":")[0])
    assert line - before in (2, 3) and "count = 0" in report.message
    hidden = of(whole.hidden(), "centred")
    assert "count" not in hidden.message and hidden.place == ""


def test_examples_that_never_end_are_not_waited_for(grade, solution):
    source, _ = swapped(solution, "centred", "while True:\n    xs = xs")
    report = grade(source, carry_forward=False)
    assert of(report, "centred").verdict == "timed out"
    # They are the processor's seconds, which take longer where others use it too.
    assert report.seconds < 8 or os.getloadavg()[0] > (os.cpu_count() or 1)


def test_a_default_that_is_one_object_for_all_calls_is_told(grade, solution):
    body = "seen.append(len(xs))\nreturn sum(xs) / len(seen) if xs else 0.0"
    source, before = swapped(solution, "mean", body)
    report = of(grade(source.replace("def mean(xs):", "def mean(xs, seen=[]):")), "mean")
    (cause,) = [each for each in report.causes if each.name == "default shared"]
    assert "the default of `seen` is one object for all calls" in cause.says
    assert (cause.hedged, cause.line) == (False, before + 1)


def test_what_a_loop_without_an_end_never_changes_is_told(grade, solution):
    body = "place = 0\nwhile True:\n    if place >= len(xs):\n        return xs"
    source, before = swapped(solution, "centred", body)
    report = of(grade(source, carry_forward=False), "centred")
    (cause,) = [each for each in report.causes if each.name == "stuck"]
    assert cause.hedged and "nothing in it gives `place` another value" in cause.says
    assert cause.line == before + 2
