"""`grad dev check`: a course in order passes, and each rule finds what breaks it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.command import Ran, grad
from tests.conftest import MINIATURE


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "course"
    shutil.copytree(MINIATURE, folder, ignore=shutil.ignore_patterns(".*"))
    (folder / "exercises").mkdir(exist_ok=True)
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(folder))
    monkeypatch.chdir(folder)
    assert grad("dev", "build").code == 0
    return folder


def edit(course: Path, file: str, old: str, new: str) -> None:
    path = course / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def problems(course: Path, *options: str) -> Ran:
    return grad("dev", "check", "--seeds", 1, *options)


def test_a_course_in_order(course):
    ran = problems(course)
    assert ran.code == 0, ran.out
    assert "The course is in order." in ran.out


def test_build_is_the_same_every_time_and_backs_up(course):
    before = (course / "exercises" / "sums.py").read_bytes()
    assert grad("dev", "build").out == ""
    (course / "exercises" / "sums.py").write_text("mine")
    assert "backup" in grad("dev", "build").out
    assert (course / "exercises" / "sums.py").read_bytes() == before
    (backup,) = (course / ".gradschool" / "backups").iterdir()
    assert backup.read_text() == "mine"


LESSON = "solutions/sums.py"
CHECKS, MISTAKES = "checks/sums/checks.py", "checks/sums/mistakes.py"
BREAKS = {
    "a stub edited by hand": ("exercises/sums.py", "Twice x", "Thrice x", "is not what the"),
    "an example that lies": (LESSON, "    4\n", "    5\n", "double: an example is wrong"),
    "one hint": (LESSON, "    # hint: an empty list has no count to divide by\n", "", "1 hints"),
    "no lesson learned": (LESSON, "# learned: a mean", "# about: a mean", "mean does not say what"),
    "one check": (CHECKS, "@double.check", "@exercise('mean').check", "double has 1 checks"),
    "no sentence": (CHECKS, '"""A number is doubled."""', "", "doubles_numbers has no docstring"),
    "a mistake that is right": (MISTAKES, '"x * x",', '"2 * x",', "is not caught"),
    "two mistakes alike": (MISTAKES, '"x * x",', '"x",', "is diagnosed as"),
    "a mistake that does not fit": (
        MISTAKES,
        '("x + x"',
        '("x ++ x"',
        "is not in the solution of double",
    ),
    "a mistake that is not Python": (MISTAKES, '"x * x",', '"x *",', "is not Python once"),
    "a mistake of two parts": (
        MISTAKES,
        '"x + x", "x * x"',
        '"x + x"',
        "a mistake of double is (what stands there, what people write, what is wrong)",
    ),
    "a mistake among the checks": (
        CHECKS,
        "double = ",
        "from autograder.checks import mistakes\nmistakes('double', [('x', 'y', 'z')])\ndouble = ",
        "declare them in mistakes.py",
    ),
    "an unknown exercise": (CHECKS, 'exercise("shares"', 'exercise("share"', "but is no exercise"),
    "mistakes of no exercise": (MISTAKES, '"shares"', '"share"', "but is no exercise"),
    "a stub that does not import": (LESSON, "import torch", "import torch\ndouble(1)", "sums"),
    "a broken reference": (LESSON, "return sum(xs) / len(xs)", "return sums(xs)", "NameError"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_every_rule_finds_what_breaks_it(course, what):
    file, old, new, words = BREAKS[what]
    edit(course, file, old, new)
    if file != "exercises/sums.py":
        grad("dev", "build")
    ran = problems(course, "--no-mutants")
    assert ran.code == 1
    assert words in ran.out


def test_a_surviving_mutant_is_named_and_can_be_listed(course):
    edit(course, LESSON, "return x + x", "y = 3\n    return x + x")
    edit(course, MISTAKES, '"x + x", "x",', '"return x + x", "return x",')
    grad("dev", "build")
    ran = problems(course)
    assert ran.code == 1 and "double: mutant survives: `y = 3` -> `y = 4`" in ran.out
    listed = course / "checks" / "sums" / "equivalent.toml"
    entry = '[[mutant]]\nexercise = "double"\nline = "{}"\nbecomes = "{}"\nbecause = "unused"\n'
    dropped = entry.format("y = 3 return x + x", "pass return x + x")
    listed.write_text(entry.format("y = 3", "y = 4") + dropped)
    assert "survives" not in problems(course).out
    listed.write_text(listed.read_text() + entry.format("y = 3", "y = 9"))
    assert "lists what is no mutant" in problems(course).out


def test_left_over_files_are_named(course):
    (course / "checks" / "old").mkdir()
    (course / "checks" / "old" / "checks.py").write_text("")
    (course / "exercises" / "older.py").write_text("")
    said = problems(course).out
    assert f"{Path('checks', 'old')} belongs to no lesson" in said
    assert f"{Path('exercises', 'older.py')} belongs to no lesson" in said
