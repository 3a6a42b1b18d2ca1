"""`grad new`: a course that proves itself, and that its wheel brings to whoever installs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import grad
from tests.wall import Layout, open_ones

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("new course")


@pytest.fixture
def new(tmp_path, monkeypatch) -> Path:
    """A course that `grad new` has made."""
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    monkeypatch.chdir(tmp_path)
    ran = grad("new", "Old Verses", "--title", "Verses, read and counted")
    assert ran.code == 0, ran.err
    return tmp_path / "Old Verses"


def test_it_is_in_order_and_is_found_in_its_folder(new, monkeypatch):
    monkeypatch.chdir(new / "checks")
    # The guide for authors runs all of it.
    ran = grad("dev", "check", "--no-mutants", "--no-weakenings", "--jobs", "1")
    assert "The course is in order." in ran.out, ran.out
    assert "Verses, read and counted" in grad("--help").out
    assert grad("check", "initials").code == 0 and grad("check", "longest_word").code == 1


def test_what_is_there_already_is_left_alone(new, tmp_path):
    before = {path: path.read_bytes() for path in new.rglob("*.*") if path.is_file()}
    (tmp_path / "file").write_text("mine")
    for folder, why in {"Old Verses": "not empty", "file": "a file"}.items():
        for command in ("new", "init"):
            ran = grad(command, folder)
            assert ran.code == 2 and f"is there already, and {why}; name a new" in ran.err
    assert {path: path.read_bytes() for path in before} == before
    (tmp_path / "empty").mkdir()
    assert grad("new", "empty").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["7 days"], "'7 days' can be no course's name"),
        (["Zero to Hero"], "there is a course named zero-to-hero already"),
        (["verses", "--title", 'so "called"'], "has a sign that course.toml cannot hold"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_a_sentence(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    ran = grad("new", *arguments)
    assert ran.code == 2 and said in ran.err and ran.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_its_wheel_brings_the_course_and_the_wall_hides_it(new, tmp_path):
    run = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheel = [*run, "wheel", "--no-build-isolation", "--no-deps", "-w", str(tmp_path), str(new)]
    subprocess.run(wheel, check=True)
    layout = Layout(tmp_path / "environment")
    layout.wheel()
    install = ["install", "--no-deps", "--no-index", "--target", str(layout.site)]
    (built,) = tmp_path.glob("*.whl")
    subprocess.run([*run, *install, str(built)], check=True)
    # Where nobody says which course is meant.
    shown = subprocess.run(
        [layout.python, "-m", "autograder", "init", "workspace"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert "1 lesson is in workspace/exercises" in shown.stdout, shown.stderr
    assert (tmp_path / "workspace" / ".gradschool" / "course").read_text() == "old-verses\n"
    assert "Verses, read and counted" in (tmp_path / "workspace" / "README.md").read_text()
    course = layout.site / "old_verses_course"
    secrets = {path.name: path for path in course.rglob("*.py")}
    assert {"first_words.py", "checks.py", "mistakes.py"} == set(secrets)
    assert open_ones(secrets, layout.python) == set()
