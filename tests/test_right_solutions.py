"""Fairness: right files in other styles pass every lesson, whatever the seed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.lessons.submission import Submission, Unit

RIGHT = Path(__file__).parent / "right"
FILES = sorted(RIGHT.glob("*/*.py"))
SEEDS = 3
MANY_SEEDS = 200


@pytest.fixture(scope="module")
def course() -> Iterator[Session]:
    with Session(Course.find()) as session:
        yield session


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_right_file_passes_under_every_seed(course, path):
    assert_passes(course, path, range(SEEDS))


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_right_file_passes_under_many_seeds(course, path):
    assert_passes(course, path, range(SEEDS, MANY_SEEDS))


def assert_passes(course, path, seeds):
    for seed in seeds:
        report = course.grade(path, path.parent.name, seed)
        wrong = {each.id: each.message for each in report.exercises if each.verdict != "passed"}
        assert not wrong, f"seed {seed}"


def test_every_lesson_has_two_right_files_in_other_styles():
    for name in Course.find().names:
        assert len(list((RIGHT / name).glob("*.py"))) >= 2, name


def test_verdicts_do_not_depend_on_the_run(course):
    """One right file of every lesson, graded three times, passes three times."""
    for name in Course.find().names:
        path = sorted((RIGHT / name).glob("*.py"))[0]
        assert all(course.grade(path, name, seed=99).all_passed for _ in range(3)), name


def test_workers_have_imported_early_what_a_lesson_names(course):
    """A second file of the lesson on GPT-2 finds the module that its checks name in memory."""
    source = (RIGHT / "part9_gpt2" / "idiomatic.py").read_text()
    seen = "\nimport sys\nassert 'torch._dynamo' in sys.modules\n"
    files = [Submission("part9_gpt2.py", [Unit(f"{source}{seen}# {n}\n")]) for n in range(3)]
    reports = [course.grade(file, "part9_gpt2") for file in files]
    assert reports[0].all_passed and not any("AssertionError" in n for n in reports[-1].notes)
