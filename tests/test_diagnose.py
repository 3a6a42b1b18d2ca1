"""`grad dev diagnose`: wrong answers are graded, what is said about them is judged, and counted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.authoring.wrong import read_wrong
from autograder.lessons.course import Course
from tests.command import Ran, grad
from tests.conftest import MINIATURE

RIGHT = """import torch


def double(x):
    return x + x


def mean(xs):
    if len(xs) == 0:
        return 0.0
    total = 0.0
    for x in xs:
        total += x
    return total / len(xs)


def centred(xs):
    middle = mean(xs)
    return [
        x - middle
        for x in xs
    ]


class Tally:
    def __init__(self):
        self.counts = {}

    def add(self, word):
        if word not in self.counts:
            self.counts[word] = 0
        self.counts[word] += 1


def shares(x):
    return x.exp() / x.exp().sum(-1, keepdim=True)
"""
SUM = """[[wrong]]
name = "sum"
exercise = "mean"
base = "loops"
edits = [["return total / len(xs)", "return total"]]
wrong = "It is the sum."
true = ["divide it by the count"]
"""


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """The miniature course with a right file, and nothing wrong yet."""
    folder = tmp_path / "course"
    shutil.copytree(MINIATURE, folder, ignore=shutil.ignore_patterns(".*"))
    right = folder / "tests" / "right" / "sums"
    right.mkdir(parents=True)
    (right / "loops.py").write_text(RIGHT)
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(folder))
    monkeypatch.chdir(folder)
    return folder


def diagnose(course: Path, text: str, *options: object) -> Ran:
    (course / "sums.toml").write_text(text)
    return grad("dev", "diagnose", "sums.toml", "--jobs", 1, *options)


def only(course: Path, text: str, *options: object):
    """What JSON says about the only answer."""
    (told,) = diagnose(course, text, "--json", *options).json["told"]
    return told


def test_a_true_cause_is_counted_in_a_table(course):
    ran = diagnose(course, SUM, "--least", 1.0, "--most-misled", 0.0)
    assert ran.code == 0, ran.err
    head, row = ran.out.splitlines()
    assert head.split()[:4] == ["lesson", "answers", "cause", "line"]
    assert row.split()[:8] == ["sums", "1", "1", "0", "0", "0", "0", "100%"]
    part = diagnose(course, SUM, "--json").json["lessons"]["sums"]
    assert (part["answers"], part["cause"], part["helped"], part["misled"]) == (1, 1, 1.0, 0.0)
    assert 0 < part["median"] <= part["p95"]


def test_what_nobody_has_judged_is_listed_and_does_not_count(course):
    text = SUM.replace("divide it by the count", "elephants")
    ran = diagnose(course, text, "--least", 0.5)
    assert ran.code == 1 and "0.0% are told what or where" in ran.err
    assert "sums/sum, mean: It is the sum." in ran.out
    assert "unjudged, mistake: this is the sum; divide it by the count" in ran.out
    assert only(course, text)["outcome"] in ("unjudged", "line")


def test_what_is_false_counts_against_it(course):
    text = SUM + 'false = ["this is the SUM"]\n'
    ran = diagnose(course, text, "--most-misled", 0.5)
    assert ran.code == 1 and "100.0% are misled" in ran.err
    assert "false, mistake: this is the sum" in ran.out
    assert only(course, text)["outcome"] == "false"


def test_the_lines_of_an_edit_are_those_of_its_statements(course):
    crash = """[[wrong]]
name = "misspelt"
exercise = "centred"
base = "loops"
edits = [["x - middle", "x - midle"]]
wrong = "A name is misspelt."
"""
    assert "error" in only(course, crash)["lines"]
    # The error comes from the line above the one that was edited, which is not wrong.
    elsewhere = crash.replace(
        'edits = [["x - middle", "x - midle"]]',
        ('edits = [["middle = mean(xs)", "midle = mean(xs)"]]'),
    )
    assert "error" not in only(course, elsewhere)["lines"]
    also = elsewhere + 'also = ["x - middle"]\n'
    assert "error" in only(course, also)["lines"]


def test_an_answer_that_is_right_is_named(course):
    right = SUM.replace('return total"', 'return total / float(len(xs))"')
    ran = diagnose(course, right)
    assert ran.code == 1 and "sums/sum is passed: It is the sum." in ran.out
    assert "1 of the answers are not graded as wrong" in ran.err


def test_a_sample_is_each_so_many_th_answer(course):
    several = "".join(SUM.replace('"sum"', f'"sum {number}"') for number in range(5))
    told = diagnose(course, several, "--every", 2, "--json").json["told"]
    assert [each["id"] for each in told] == ["sums/sum 0", "sums/sum 2", "sums/sum 4"]


def test_a_whole_body_and_a_place(course):
    body = """[[wrong]]
name = "backwards"
exercise = "centred"
base = "loops"
body = '''
middle = mean(xs)
return [middle - x for x in xs]
'''
at = ["middle - x"]
wrong = "The difference is turned round."
true = ["turned round"]
"""
    told = only(course, body, "--places")
    assert told["outcome"] == "cause" and told["place"] and not told["astray"]
    assert "search" in told["lines"]
    # The sentence of a place that is not among the wrong lines is there to be judged.
    moved = body.replace('at = ["middle - x"]', 'at = ["middle = mean"]')
    assert only(course, moved, "--places")["astray"]


def test_a_wrong_file_has_a_sidecar(course):
    (course / "sum.py").write_text(RIGHT.replace("total / len(xs)", "total"))
    sidecar = course / "sum.toml"
    sidecar.write_text('lesson = "sums"\nexercise = "mean"\nlines = [13]\n'
                       'wrong = "It is the sum."\ntrue = ["divide it"]\n')  # fmt: skip
    ran = grad("dev", "diagnose", "sum.py", "--jobs", 1, "--json")
    assert ran.code == 0 and ran.json["told"][0]["id"] == "sums/sum"
    sidecar.unlink()
    ran = grad("dev", "diagnose", "sum.py")
    assert ran.code == 2 and "sum.toml cannot be read: No such file" in ran.err


def test_a_sentence_that_leads_nowhere_is_no_cause(course):
    text = SUM.replace("divide it by the count", "elephants") + 'vague = ["count"]\n'
    told = only(course, text)
    assert told["sentences"][0]["judged"] == "vague"
    assert told["outcome"] in ("nothing", "line")


BROKEN = {
    "no TOML": ("[[wrong]", "sums.toml is not TOML: "),
    "no entries": ("wrong = 3", "lists no wrong answers; each begins with [[wrong]]"),
    "no base": (SUM.replace("base", "wase"), "number 1 needs a text for 'base'"),
    "an unknown base": (SUM.replace("loops", "hoops"), "hoops.py, which is not there"),
    "an unknown key": (SUM + 'colour = "red"', "has 'colour'; its keys are also, at,"),
    "a text for a list": (SUM + 'false = "x"', "has 'x' for 'false'; it needs a list of texts"),
    "half an edit": (SUM.replace(', "return total"', ""), "it needs a list of pairs"),
    "no pattern": (SUM.replace("divide it", "(divide"), "is no pattern: "),
    "not in it": (SUM.replace("return total /", "return totals /"), "number 1, sum: no 'return t"),
    "twice in it": (SUM.replace("return total / len(xs)", "x.exp()"), "stands in it 2 times"),
    "no change": (SUM.replace('"return total"', '"return total / len(xs)"'), "changes nothing"),
    "no exercise": (SUM.replace('"mean"', '"mead"'), "is about 'mead', which is no exercise of"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_file_that_cannot_be_used_is_one_sentence(course, what):
    text, words = BROKEN[what]
    ran = diagnose(course, text)
    assert ran.code == 2 and words in ran.err, ran.err
    assert len(ran.err.splitlines()) == 1


def test_the_course_has_wrong_answers_to_every_exercise():
    course = Course.find()
    files = sorted((Path(__file__).parent / "wrong").rglob("*.toml"))
    answers = [answer for path in files for answer in read_wrong(path, course)]
    assert len(answers) == len({answer.id for answer in answers}) >= 300
    assert all(answer.lines for answer in answers)
    answered = {(answer.lesson, answer.exercise) for answer in answers}
    asked = {
        (name, exercise.id)
        for name in course.names
        for exercise in course.lesson(name).exercises.values()
        if not exercise.worked
    }
    assert answered >= asked
