"""Whatever a person can cause ends in one sentence and exit code 2, never in a traceback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import Ran, grad
from tests.conftest import MINIATURE

LESSON, CHECKS = "solutions/sums.py", "checks/sums/checks.py"


@pytest.fixture
def course(workspace, tmp_path, monkeypatch) -> Path:
    """A course that may be broken, and a workspace of it as the current folder."""
    folder = tmp_path / "course"
    shutil.copytree(MINIATURE, folder, ignore=shutil.ignore_patterns(".*"))
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(folder))
    return folder


def refused(*arguments: object) -> str:
    """The one sentence that a command ends with."""
    ran: Ran = grad(*arguments)
    assert ran.code == 2, ran.out
    assert ran.err.startswith("grad: ") and ran.err.count("\n") == 1
    return ran.err


@pytest.mark.parametrize("command", ["status", "check", "hint", "show", "list", "report"])
def test_a_lesson_that_is_not_python_is_the_courses_fault(course, command):
    (course / LESSON).write_text("x = 1\ndef broken(:\n")
    said = refused(command, *["mean"] * (command in ("hint", "show")))
    assert "the course is at fault, and not you: sums, line 2: invalid syntax" in said


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (LESSON, "return x + x", "return x + 'x'", "double/examples fails: TypeError"),
        (LESSON, "### END SOLUTION", "", "needs exactly one"),
        (LESSON, ">>> double(2)", ">>> double(2", "is not Python"),
        (LESSON, "import torch", "import nothing_at_all", "fails"),
        (CHECKS, "from", "raise ArithmeticError('so it is')\nfrom", "ArithmeticError: so it is"),
        (CHECKS, "from", "def (", "SyntaxError"),
        (
            CHECKS,
            'exercise("double"',
            'exercise("double", points="two"',
            "points are a whole number",
        ),
        (CHECKS, "@double", "double.forbid('softmaxx', says='')\n@double", "did you mean softmax?"),
    ],
)
def test_what_is_wrong_with_a_course_is_said_by_check(course, file, old, new, words):
    text = (course / file).read_text()
    assert old in text
    (course / file).write_text(text.replace(old, new, 1))
    said = refused("check", "double")
    assert "the course is at fault, and not you: " in said and words in said


def test_a_mistake_that_does_not_fit_is_the_courses_fault(course, workspace, solution):
    mistakes = course / "checks" / "sums" / "mistakes.py"
    mistakes.write_text(mistakes.read_text().replace('"x + x"', '"x ++ x"'))
    wrong = solution.replace("return x + x", "return x + 3")
    (workspace / "exercises" / "sums.py").write_text(wrong)
    assert "'x ++ x' is not in the solution of double" in refused("check", "double")


def test_files_of_a_course_that_are_missing(course, monkeypatch):
    (course / CHECKS).unlink()
    assert "the lesson sums has no checks" in refused("check")
    (course / LESSON).write_bytes(b"\xff")
    assert "is not UTF-8 at byte 0" in refused("status")
    (course / LESSON).unlink()
    for command in ("status", "check", "list", "report"):
        assert "has no lessons" in refused(command)
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(course / "nowhere"))
    assert "nowhere is no course" in refused("status")


def test_pytest_says_what_is_wrong_with_a_course_without_our_frames(course, workspace):
    (course / LESSON).write_text("def broken(:")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=workspace)
    assert "sums, line 1: invalid syntax" in ran.stdout and "course.py" not in ran.stdout


def test_a_notebook_without_a_course_is_told_so(workspace, monkeypatch):
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(workspace / "nowhere"))
    ran = subprocess.run(
        [sys.executable, "-m", "autograder.jupyter.server"],
        input="{}\n",
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0 and "nowhere is no course" in ran.stdout and not ran.stderr


def test_a_hidden_folder_that_cannot_be_made(workspace):
    (workspace / ".gradschool").write_text("a file where a folder should be")
    for command in (("status",), ("check", "double"), ("hint", "mean"), ("report",)):
        assert ".gradschool cannot be used: File exists" in refused(*command)
    assert ".gradschool" in refused("reset", "sums", "--yes")


def test_progress_that_cannot_be_opened_is_not_taken_for_damaged(workspace):
    database = workspace / ".gradschool" / "progress.sqlite"
    database.mkdir(parents=True)
    assert "progress.sqlite cannot be used (unable to open" in refused("status")
    assert list(database.parent.iterdir()) == [database]


def test_progress_that_is_damaged_inside_is_set_aside(workspace):
    assert grad("check", "double").code == 0
    database = workspace / ".gradschool" / "progress.sqlite"
    whole = database.read_bytes()
    database.write_bytes(whole[:4096] + b"\x7f" * (len(whole) - 4096))
    assert "progress.sqlite was damaged" in refused("status")
    assert "not graded yet" in grad("status").out
    assert grad("check", "double").code == 0


def test_a_file_that_is_not_text_cannot_be_reset_in_part(workspace):
    (workspace / "exercises" / "sums.py").write_bytes(b"def mean(xs): pass # \xff")
    assert "is not UTF-8 at byte 21" in refused("reset", "mean", "--yes")
    (workspace / "exercises" / "sums.py").write_bytes(b"def mean(xs): pass\0")
    assert "has a NUL byte at 18" in refused("reset", "mean", "--yes")


def test_where_nothing_can_be_written(workspace, tmp_path, monkeypatch):
    assert "exercises cannot be used: Is a directory" in refused("report", "-o", "exercises")
    (tmp_path / "cache").write_text("a file where a folder should be")
    monkeypatch.setenv("GRADSCHOOL_CACHE", str(tmp_path / "cache"))
    ran = grad("check", "double")
    assert ran.code == 0 and "1 of 1 exercises passed" in ran.out, "a cache is done without"
