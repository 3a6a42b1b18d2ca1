"""`grad play`: a prompt with what a learner's file defines, whatever else stands in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.command import grad
from tests.test_watch import solve

SCRATCH = """
grade("mean")
hint("mean")
plot("mean")
progress()
print("a line of my own")
shares(undefined)
mine = double(4)
"""


@pytest.fixture
def lesson(workspace):
    path = workspace / "exercises" / "sums.py"
    path.write_text(solve(path, "mean", "    return sum(xs) / (len(xs) or 1)") + SCRATCH)
    return path


def play(*lines: str, without: str = "", environment: dict[str, str] | None = None):
    """`grad play sums` with these lines typed, where a package may be missing."""
    program = "import sys; sys.argv = ['grad', 'play', 'sums']\n"
    program += f"sys.modules[{without!r}] = None\n" if without else ""
    program += "from autograder.cli import main\nmain()"
    typed = "".join(f"{line}\n" for line in lines)
    command = [sys.executable, "-c", program]
    return subprocess.run(command, input=typed, capture_output=True, text=True)


@pytest.mark.parametrize("without", ["", "IPython"], ids=["IPython", "Python"])
def test_the_names_of_ones_own_file_are_there_and_a_failing_line_is_told(lesson, without):
    ran = play("print('it is', mean([1.0, 3.0]) + mine)", "shares(1)", "grade", without=without)
    assert ran.returncode == 0
    line = lesson.read_text().split("\n").index("shares(undefined)") + 1
    assert f"line {line}: NameError: name 'undefined' is not defined (left out)" in ran.stdout
    assert "exercises/sums.py is loaded: double, mean, centred, Tally, shares" in ran.stdout
    assert "a line of my own" in ran.stdout and "it is 10.0" in ran.stdout
    assert "NotImplementedError" in ran.stdout + ran.stderr
    assert "name 'grade' is not defined" in ran.stdout + ran.stderr


def test_a_file_that_is_not_python_is_told(lesson):
    lesson.write_text("def mean(xs:\n")
    ran = play("1")
    assert "line 1: syntax error:" in ran.stdout and "it defines nothing" in ran.stdout


def test_scratch_lines_cost_no_exercise_anything(lesson):
    ran = grad("check", "sums")
    line = lesson.read_text().split("\n").index("shares(undefined)") + 1
    assert f"line {line}" in ran.out and "passed     double" in ran.out
    assert "passed     mean" in ran.out and "crashed" not in ran.out
    panel = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(lesson)],
        capture_output=True,
        text=True,
    ).stdout
    assert "2 passed, 3 skipped" in panel
