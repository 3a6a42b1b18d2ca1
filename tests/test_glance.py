"""What the text alone tells is told without torch, and as a run would tell it."""

import dataclasses
import subprocess
import sys

import pytest

from autograder.grading.glance import glance
from autograder.grading.plan import Plan
from autograder.lessons.course import Course
from autograder.lessons.files import read
from tests.command import grad

# What a run says differs in the hidden checks, which a glance does not know.
UNSEEN = {"checks": ()}


@pytest.fixture
def same(miniature, session, tmp_path):
    """Glance at a text and grade it; the report where both agree, or None where it has to run."""

    def same(source, only=None):
        path = tmp_path / "sums.py"
        path.write_text(source)
        seen = glance(miniature.lesson("sums"), read(path), miniature.checks_source("sums"), only)
        if seen is not None:
            graded = session.grade(path, "sums", only=only)
            told = [dataclasses.replace(each, **UNSEEN) for each in graded.exercises]
            assert list(seen.exercises) == told and seen.points == graded.points
            assert seen.max_points == graded.max_points
        return seen

    return same


def test_stubs_are_to_do(same, miniature):
    stub = miniature.lesson("sums").stub()
    assert same(stub, {"mean", "Tally.add"}).points == 0
    assert same(stub) is None, "one exercise of the lesson comes solved"


def test_a_file_that_is_not_python(same, miniature):
    report = same(miniature.lesson("sums").source.replace("def shares(", "def shares(]"))
    assert {each.kind for each in report.exercises} == {"syntax"}
    report = same(miniature.lesson("sums").stub().replace("def double(", "def double(]"))
    assert [each.verdict for each in report.exercises] == ["crashed", *["todo"] * 4]


def test_a_name_that_nothing_defines(same, solution):
    source = solution.replace("def mean(", "def average(")
    assert same(source, {"mean"}).exercises[0].kind == "missing"
    for bringing in ("from math import *", "globals()['mean'] = average", "mean = average"):
        assert same(f"{source}\n{bringing}\n", {"mean"}) is None


def test_what_is_written_has_to_run(same, solution):
    assert same(solution) is None and same(solution, {"mean"}) is None


def test_points_are_those_of_the_checks():
    course = Course.find()
    for name in course.names:
        lesson, plan = course.lesson(name), Plan.load(course, name)
        open_ones = {id for id, each in lesson.exercises.items() if not each.worked}
        source = lesson.stub().encode()
        path = course.solutions.parent / "exercises" / f"{name}.py"
        assert path.read_bytes() == source
        report = glance(lesson, read(path), course.checks_source(name), open_ones)
        assert {each.id: each.max_points for each in report.exercises} == {
            id: plan.points(id) for id in open_ones
        }


@pytest.mark.parametrize("source", ["", "def mean(]\n", None])
def test_grad_check_starts_nothing(workspace, source):
    if source is not None:
        (workspace / "exercises" / "sums.py").write_text(source)
    code = (
        "import sys, subprocess; sys.argv = ['grad', 'check', 'mean']; subprocess.Popen = None\n"
        "from autograder.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 1, end.code\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "0 of 1 exercises passed" in done.stdout


def test_the_verdict_is_kept_and_a_stub_is_never_broken(workspace):
    path = workspace / "exercises" / "sums.py"
    path.write_text(path.read_text() + "\ndef (\n")
    assert "todo       mean" in grad("check", "mean").out
    listed = grad("list", "sums").out
    assert "todo" in listed and "crashed" not in listed
