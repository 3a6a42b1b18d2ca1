"""`grad dev check`: a course in order passes, and each rule finds what breaks it."""

from __future__ import annotations

import re
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
    ran = problems(course, "--no-weakenings")
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
    "one hint": (
        LESSON,
        "    # hint: an empty list has no count to divide by\n",
        "",
        "mean has 1 hint,",
    ),
    "no lesson learned": (LESSON, "# learned: a mean", "# about: a mean", "mean does not say what"),
    "one check": (CHECKS, "@double.check", "@exercise('mean').check", "double has 1 check,"),
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
    "points that are no number": (
        CHECKS,
        'exercise("double"',
        'exercise("double", points="two"',
        "points are a whole number of at least 1, and not 'two' for double",
    ),
    "points below zero": (
        CHECKS,
        'exercise("double"',
        'exercise("double", points=-3',
        "not -3 for",
    ),
    "half a point": (CHECKS, 'exercise("double"', 'exercise("double", points=1.5', "not 1.5 for"),
    "a short cut that is none": (
        CHECKS,
        "@double.check",
        "double.forbid('softmaxx', says='no')\n\n\n@double.check",
        "no short cut is named 'softmaxx'; did you mean softmax?",
    ),
    "a beginning that is missing": (
        LESSON,
        "    ### BEGIN SOLUTION\n",
        "",
        "needs exactly one ### BEGIN SOLUTION",
    ),
    "an exercise that is said to draw nothing": (
        CHECKS,
        "@double.check",
        "double.draws_nothing(because='it is short')\n\n\n@double.check",
        "double is declared to draw nothing, but a seed changes what its checks see",
    ),
    "an unknown exercise": (CHECKS, 'exercise("shares"', 'exercise("share"', "but is no exercise"),
    "mistakes of no exercise": (MISTAKES, '"shares"', '"share"', "but is no exercise"),
    "a prediction that chance decides": (
        LESSON,
        "return drawn.sum(1).std()",
        "return drawn[0, 0]",
        "allow for more",
    ),
    "a prediction of another kind": (
        LESSON,
        "return x[:, None] + y",
        "return 3.3",
        "shape_of_a_column_and_a_row cannot be measured at seed 0: ValueError: 3.3 is no shape",
    ),
    "a prediction that fails": (
        LESSON,
        "return drawn.sum(1).std()",
        "return drown",
        "spread_of_a_sum cannot be measured at seed 0: NameError",
    ),
    "a question that tells": (
        LESSON,
        "What is the deviation?",
        "Mind: the variance of the sum is 4, and the deviation its root. What is the deviation?",
        "the stub of spread_of_a_sum tells",
    ),
    "a prediction without its kind": (
        LESSON,
        "Answer: a number",
        "Answer: figures",
        "in `spread_of_a_sum`, 'figures, within 10 %' is no kind of answer",
    ),
    "a stage that needs more than it names": (
        LESSON,
        "axes.axhline(mean(numbers)",
        "axes.axhline(mean(centred(numbers))",
        "the stage middle, with what it names alone, does not succeed: ",
    ),
    "a stage without a picture": (
        LESSON,
        "    run.svg(",
        "    len(",
        "the stage around, with what it names alone, does not succeed: ",
    ),
    "a stage whose figure is not as it should be": (
        LESSON,
        "sum(centred([1.0, 2.0])), passed=True",
        "sum(centred([1.0, 2.0])), passed=False",
        "the stage around, with what it names alone, does not succeed: ",
    ),
    "a training without a picture": (
        LESSON,
        'with run.plot("loss") as axes:',
        "from unittest.mock import Mock\n    for axes in [Mock()]:",
        "the stage training, with what it names alone, draws nothing: ",
    ),
    "a stage that is never run": (
        LESSON,
        "run.stages(middle, around, training)",
        "run.stages(middle, training)",
        "all of them in the order of the file; it calls middle, training",
    ),
    "a stage of no exercise": (
        LESSON,
        "### STAGE Tally",
        "### STAGE Tallies",
        "the stage `around` names Tallies, which is no exercise",
    ),
    "a stage of nothing": (
        LESSON,
        "    ### STAGE mean\n",
        "    ### STAGE\n",
        "'### STAGE' names no exercise, or is in no function's own body",
    ),
    "a stage without a sentence": (
        LESSON,
        '    """Numbers and their mean."""\n',
        "",
        "the stage `middle` has no docstring",
    ),
    "a stub that does not import": (LESSON, "import torch", "import torch\ndouble(1)", "sums"),
    "a broken reference": (LESSON, "return sum(xs) / len(xs)", "return sums(xs)", "NameError"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_every_rule_finds_what_breaks_it(course, what):
    file, old, new, words = BREAKS[what]
    edit(course, file, old, new)
    if file != "exercises/sums.py":
        grad("dev", "build")
    ran = problems(course, "--no-mutants", "--no-weakenings")
    assert ran.code == 1
    assert words in ran.out


def test_an_exercise_that_no_seed_changes_is_named_unless_it_is_declared(course):
    path = course / CHECKS
    text = re.sub(r"draw\.(\w+)\(", "fixed(draw).\\1(", path.read_text())
    fixed = "\ndef fixed(draw):\n    return type(draw)(0, 'fixed', draw.case, draw.cases)\n\n"
    path.write_text(
        re.sub(r"(from autograder[^\n]*\n)", r"\1" + fixed.replace("\\", ""), text, count=1)
    )
    ran = problems(course, "--no-mutants", "--no-weakenings")
    assert "mean: no seed changes what its checks see" in ran.out
    edit(course, CHECKS, "@mean.check", "mean.draws_nothing(because='so it is')\n\n\n@mean.check")
    ran = problems(course, "--no-mutants", "--no-weakenings")
    assert "mean: no seed changes" not in ran.out
    assert "sums: mean draws nothing: so it is" in ran.out


def test_sentences_are_tidy(course):
    edit(course, LESSON, "    4\n", "    5\n")
    edit(course, LESSON, "return sum(xs) / len(xs)", "return sums(xs)")
    grad("dev", "build")
    ran = problems(course, "--no-mutants", "--no-weakenings")
    assert "sums: sums" not in ran.out and "***" not in ran.out
    edit(course, CHECKS, "double = ", "1 / 0\ndouble = ")
    assert "\n1 problem\n" in problems(course, "--no-mutants", "--no-weakenings").out


def test_nothing_is_built_of_a_solution_without_its_beginning(course):
    before = (course / "exercises" / "sums.py").read_bytes()
    edit(course, LESSON, "    ### BEGIN SOLUTION\n", "")
    ran = grad("dev", "build")
    assert ran.code == 2 and "needs exactly one ### BEGIN SOLUTION" in ran.err
    assert (course / "exercises" / "sums.py").read_bytes() == before


def test_the_exercises_of_a_course_are_built_beside_its_solutions(course, tmp_path, monkeypatch):
    shutil.rmtree(course / "exercises")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert grad("dev", "build").code == 0
    assert (course / "exercises" / "sums.py").exists()


BAD_LISTS = {
    '[[{}]]\nexercise = "mean"\n': "[[{}]] number 1 needs a text for",
    '[{}]\nexercise = "mean"\n': "each entry begins with [[{}]]",
    "[[{}]\n": "equivalent.toml is not TOML",
    '[[{}]]\nexercise = "a"\nline = "b"\nbecomes = "c"\nname = "d"\nbecause = "e"\n': "keys are",
}


@pytest.mark.parametrize("table", ["mutant", "weakening"])
@pytest.mark.parametrize("text", BAD_LISTS)
def test_a_list_that_cannot_be_read_is_named(course, table, text):
    (course / "checks" / "sums" / "equivalent.toml").write_text(text.format(table))
    left_out = {"mutant": "--no-weakenings", "weakening": "--no-mutants"}[table]
    ran = problems(course, left_out)
    assert ran.code == 1 and "equivalent.toml" in ran.out
    assert BAD_LISTS[text].format(table) in ran.out


def test_a_surviving_mutant_is_named_and_can_be_listed(course):
    edit(course, LESSON, "return x + x", "y = 3\n    return x + x")
    edit(course, MISTAKES, '"x + x", "x",', '"return x + x", "return x",')
    grad("dev", "build")
    ran = problems(course, "--no-weakenings")
    assert ran.code == 1 and "double: mutant survives: `y = 3` -> `y = 4`" in ran.out
    listed = course / "checks" / "sums" / "equivalent.toml"
    entry = '[[mutant]]\nexercise = "double"\nline = "{}"\nbecomes = "{}"\nbecause = "unused"\n'
    dropped = entry.format("y = 3 return x + x", "pass return x + x")
    listed.write_text(entry.format("y = 3", "y = 4") + dropped)
    assert "survives" not in problems(course, "--no-weakenings").out
    listed.write_text(listed.read_text() + entry.format("y = 3", "y = 9"))
    assert "lists what is no mutant" in problems(course, "--no-weakenings").out


def weaknesses(course: Path) -> set[str]:
    """The weakenings that survive, each behind the id of its exercise."""
    ran = problems(course, "--no-mutants", "--weakenings")
    found = re.findall(r"sums: (.+): weakening survives: (.+)", ran.out)
    assert ran.code == bool(found), ran.out
    return {": ".join(pair) for pair in found}


def test_a_weakening_survives_checks_of_small_inputs_alone(course):
    assert "mean: xs, the first 10 alone" in weaknesses(course)
    edit(course, CHECKS, "draw.size(2, 6)", "draw.size(2, 6 * 9)")
    assert not any(name.startswith("mean: xs, the first") for name in weaknesses(course))


def test_weakenings_that_the_contract_allows_are_listed(course):
    entry = '[[weakening]]\nexercise = "{}"\nname = "{}"\nbecause = "allowed"\n'
    listed = course / "checks" / "sums" / "equivalent.toml"
    listed.write_text("")
    while survivors := weaknesses(course):
        for survivor in survivors:
            listed.write_text(listed.read_text() + entry.format(*survivor.split(": ")))
    assert problems(course).code == 0
    listed.write_text(listed.read_text() + entry.format("mean", "xs, backwards"))
    ran = problems(course, "--no-mutants")
    assert ran.code == 1
    assert "lists what is no weakening of mean: 'xs, backwards'" in ran.out


PICK = '''

def pick(words, x, generator, count=2):
    """Some of the words, and the sum of x."""
    ### BEGIN SOLUTION
    row = torch.randint(len(words), (count,), generator=generator).tolist()
    with torch.no_grad():
        return {"words": [words[index] for index in row], "sum": x.sum()}
    ### END SOLUTION
'''
BLIND = '''

pick = exercise("pick")


@pick.check
def is_called(lesson, draw):
    """It can be called."""
    for count in (3, 2):
        lesson.pick(["b", "a"], torch.zeros(2, 3), draw.generator(), count=count)
'''
SEEING = '''

@pick.check(cases=1)
def sums_of_many_numbers(lesson, draw):
    """The sum is that of all numbers, which stay as they were, and of every call."""
    x, y = draw.tensor("x", 1001, 33), draw.tensor("y", 1001, 33)
    sums = [lesson.pick(["b", "a"], z, draw.generator())["sum"] for z in (x, y)]
    recording = (torch.ones(1, requires_grad=True) * 1).requires_grad
    return {"sums": sums, "x": x, "gradients": [recording, sums[0].requires_grad]}
'''
EVERY_KIND = {
    "words, the first 3 alone",
    "words, the first 10 of each",
    "words, each once",
    "words, in order",
    "words, behind those of the calls before",
    "words, emptied afterwards",
    "x, the first 8 rows alone",
    "x, the first 8 columns alone",
    "x, emptied afterwards",
    "generator, always with the seed 0",
    "generator, begun again with its seed",
    "generator, the global one",
    "count, always 2",
    "count, always 3",
    "result, that of the first call",
    "result, the same object in every call",
    "result, with one more key",
    "result, requiring gradients",
    "gradients, left off afterwards",
}


def test_every_kind_of_weakening_survives_a_check_that_sees_nothing(course):
    extend(course, LESSON, PICK)
    extend(course, CHECKS, "import torch" + BLIND)
    survivors = {name for name in weaknesses(course) if name.startswith("pick: ")}
    assert survivors == {f"pick: {name}" for name in EVERY_KIND}


def test_a_check_catches_what_it_sees(course):
    extend(course, LESSON, PICK)
    extend(course, CHECKS, "import torch" + BLIND + SEEING)
    seen = {name for name in EVERY_KIND if name.startswith(("x", "gradients"))}
    seen |= {"result, that of the first call", "result, requiring gradients"}
    survivors = {name for name in weaknesses(course) if name.startswith("pick: ")}
    assert survivors == {f"pick: {name}" for name in EVERY_KIND - seen}


def extend(course: Path, file: str, text: str) -> None:
    path = course / file
    path.write_text(path.read_text() + text)


def test_left_over_files_are_named(course):
    (course / "checks" / "old").mkdir()
    (course / "checks" / "old" / "checks.py").write_text("")
    (course / "exercises" / "older.py").write_text("")
    said = problems(course).out
    assert f"{Path('checks', 'old')} belongs to no lesson" in said
    assert f"{Path('exercises', 'older.py')} belongs to no lesson" in said


def test_right_files_must_pass_under_the_seed_of_the_run(course):
    right = course / "tests" / "right" / "sums" / "other.py"
    right.parent.mkdir(parents=True)
    right.write_text((course / LESSON).read_text())
    options = ("--no-mutants", "--no-weakenings", "--seed", "77")
    assert problems(course, *options).code == 0
    edit(right, "", "return x + x", "return x * x")
    assert (
        "other.py, which is right, at --seed 77: double is wrong" in problems(course, *options).out
    )
