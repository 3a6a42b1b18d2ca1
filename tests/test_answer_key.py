"""The answer key on disk: kept, rebuilt when something changes, safe under several processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.grading.session import Session
from autograder.lessons.course import Course
from tests.conftest import MINIATURE

WRONG = "def double(x): return x\ndef mean(xs): return 1\n"


@pytest.fixture
def own_course(tmp_path) -> Path:
    shutil.copytree(MINIATURE, tmp_path / "course", ignore=shutil.ignore_patterns(".*"))
    return tmp_path / "course"


@pytest.fixture
def keys(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr("autograder.grading.cache._told", set())
    monkeypatch.setenv("GRADSCHOOL_CACHE", str(tmp_path / "keys"))
    return tmp_path / "keys" / "answer_keys"


def grade(folder: Path, source: str = WRONG, seed: int = 0):
    path = folder.parent / "sums.py"
    path.write_text(source)
    with Session(Course.at(folder)) as session:
        return session.grade(path, "sums", seed)


def diagnosis(report) -> str:
    return report.exercises[0].diagnosis


def files(keys: Path) -> set[str]:
    return {path.name for path in keys.iterdir()}


def test_a_second_grading_writes_nothing_new(own_course, keys):
    first = grade(own_course)
    before = files(keys)
    assert grade(own_course).data()["exercises"] == first.data()["exercises"]
    assert files(keys) == before
    grade(own_course, seed=1)
    assert files(keys) > before


def test_a_changed_lesson_and_changed_checks_make_a_new_key(own_course, keys):
    assert diagnosis(grade(own_course)) == "x is returned as it came"
    mistakes = own_course / "checks" / "sums" / "mistakes.py"
    text = mistakes.read_text()
    mistakes.write_text(text.replace("x is returned as it came", "nothing was done"))
    assert diagnosis(grade(own_course)) == "nothing was done"
    lesson = own_course / "solutions" / "sums.py"
    lesson.write_text(lesson.read_text().replace("return x + x", "return 3 * x"))
    report = grade(own_course, "def double(x): return 3 * x\n")
    assert report.exercises[0].checks[1].verdict == "passed"


@pytest.mark.parametrize("damage", [b"", b"[[", b'[["answered", "", 4000]]\nshort', b"\xff" * 99])
def test_a_damaged_key_is_made_again(own_course, keys, damage):
    expected = grade(own_course).data()["exercises"]
    for path in keys.iterdir():
        path.write_bytes(damage)
    assert grade(own_course).data()["exercises"] == expected


def test_one_flipped_bit_costs_nobody_a_point(own_course, keys):
    right = (own_course / "solutions" / "sums.py").read_text()
    assert grade(own_course, right).all_passed
    for path in keys.iterdir():
        held = bytearray(path.read_bytes())
        held[-1] ^= 1
        path.write_bytes(held)
    assert grade(own_course, right).all_passed
    assert grade(own_course, right).all_passed, "what was damaged is mended"


def test_a_key_under_another_name_is_not_believed(own_course, keys):
    right = (own_course / "solutions" / "sums.py").read_text()
    grade(own_course, right)
    one, other = (set(keys.iterdir()) for _ in range(2))
    grade(own_course, right, seed=1)
    (old,), (new,) = one, set(keys.iterdir()) - other
    new.write_bytes(old.read_bytes())
    assert grade(own_course, right, seed=1).all_passed


@pytest.mark.parametrize("odd", ["a link", "a pipe", "a folder", "no folder"])
def test_a_cache_that_cannot_be_used_is_told_of_once_and_done_without(
    own_course, keys, caplog, odd
):
    right = (own_course / "solutions" / "sums.py").read_text()
    assert grade(own_course, right).all_passed
    if odd == "no folder":
        shutil.rmtree(keys)
        keys.write_text("")
    for path in [] if odd == "no folder" else list(keys.iterdir()):
        path.rename(keys.parent / path.name)
        make = {"a link": lambda p: p.symlink_to(keys.parent / p.name), "a pipe": os.mkfifo}
        make.get(odd, Path.mkdir)(path)
    assert grade(own_course, right).all_passed
    assert grade(own_course, right).all_passed
    if odd in ("a folder", "no folder"):
        (said,) = [r.getMessage() for r in caplog.records if "answer keys" in r.getMessage()]
        assert str(keys) in said and "\n" not in said


def test_what_a_killed_process_has_left_half_written_goes(own_course, keys):
    keys.mkdir(parents=True)
    for name, age in (("old", 7200), ("new", 0)):
        (keys / f".{name}.part").write_text("half")
        os.utime(keys / f".{name}.part", (time.time() - age,) * 2)
    grade(own_course)
    assert {name for name in files(keys) if name.endswith(".part")} == {".new.part"}


def test_several_processes_and_a_killed_one_build_the_same_key(own_course, keys, tmp_path):
    path = tmp_path / "sums.py"
    path.write_text(WRONG)
    command = [sys.executable, "-m", "autograder", "grade", str(path), "--json"]
    environment = {
        "GRADSCHOOL_COURSE": str(own_course),
        "GRADSCHOOL_CACHE": str(keys.parent),
        "PATH": "/usr/bin:/bin",
    }
    start = {"env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    killed, *others = [subprocess.Popen(command, **start) for _ in range(3)]
    deadline = time.monotonic() + 60
    while not keys.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    outputs = [process.communicate()[0] for process in others]
    killed.communicate()
    assert [process.returncode for process in others] == [1, 1]
    for output in outputs:
        assert b"x is returned as it came" in output
    assert diagnosis(grade(own_course)) == "x is returned as it came"


def test_a_broken_reference_is_the_courses_fault(own_course, keys):
    from autograder.grading.answer_key import BrokenReference

    lesson = own_course / "solutions" / "sums.py"
    lesson.write_text(lesson.read_text().replace("return x + x", "return x + 'x'"))
    with pytest.raises(BrokenReference, match="double"):
        grade(own_course)
