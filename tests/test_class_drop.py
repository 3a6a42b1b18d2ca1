"""`grad class drop`: who has withdrawn is in nothing that a class gives out, and can come back."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from pathlib import Path

import pytest

from autograder.classroom.store import FILE
from tests.command import Ran, grad
from tests.grading_class import hand_in
from tests.small_class import graded_class, sources

pytestmark = pytest.mark.usefixtures("small_course")


@pytest.fixture
def folder(tmp_path, session, solution) -> Path:
    folder = graded_class(tmp_path / "spring", session, sources(solution))
    for student in ("ada", "bob"):
        hand_in(folder, student, solution)
    return folder


def drop(folder: Path, *more: object) -> Ran:
    return grad("class", "drop", folder, *more)


def given_out(folder: Path) -> str:
    """All that the class gives out, as one text."""
    for command in (("report",), ("export", "--to", "csv"), ("export", "--to", "json")):
        name, *options = command
        assert grad("class", name, folder, *options).code == 0
    assert grad("class", "feedback", folder, "--into", folder / "new").code == 0
    shown = [folder / "report.html", *sorted((folder / "export").iterdir())]
    pages = [path for path in sorted((folder / "new").rglob("*")) if path.is_file()]
    return "\n".join(f"{path}\n{path.read_text()}" for path in [*shown, *pages])


def test_who_was_dropped_is_in_nothing_and_comes_back_with_everything(folder):
    assert drop(folder, "bob").out == "bob is dropped\n"
    shown = given_out(folder)
    assert "ada" in shown and not re.search(r"\bbob\b", shown)
    assert "5 of 5 handed in" in _text(folder / "report.html")
    assert (folder / "submitted" / "bob" / "sums" / "sums.py").is_file()
    assert drop(folder).out == "bob is dropped\n"
    assert drop(folder, "bob", "--undo").out == "bob counts again\n"
    assert drop(folder).out == "Nobody is dropped.\n"
    with (folder / "export" / "lessons.csv").open(newline="") as file:
        assert "bob" not in [row["student"] for row in csv.DictReader(file)]
    shown = given_out(folder)
    bob = next(line for line in shown.splitlines() if line.startswith('{"student": "bob"'))
    assert json.loads(bob)["report"]["points"] == 5
    assert "6 of 6 handed in" in _text(folder / "report.html")


def test_who_was_dropped_is_not_graded_also_before_the_first_grading(tmp_path, solution):
    for student in ("ada", "bob"):
        hand_in(tmp_path, student, solution)
    assert drop(tmp_path, "bob").code == 0
    ran = grad("class", "grade", tmp_path, "--seed", 0, "--jobs", 1)
    assert "1 graded, 0 unchanged, 1 dropped" in ran.out and ran.code == 0
    drop(tmp_path, "bob", "--undo")
    ran = grad("class", "grade", tmp_path, "--seed", 0, "--jobs", 1)
    assert "1 graded, 1 unchanged, " in ran.out and "dropped" not in ran.out


def test_a_name_that_nobody_has_drops_nobody(folder):
    ran = drop(folder, "ada", "boob")
    assert ran.code == 2 and "has no student 'boob'; did you mean bob?" in ran.err
    assert drop(folder).out == "Nobody is dropped.\n"
    assert "'ada' was not dropped" in drop(folder, "ada", "--undo").err
    assert drop(folder / "nowhere", "ada").code == 2
    (folder / "empty").mkdir()
    assert drop(folder / "empty", "ada").code == 2 and not list((folder / "empty").iterdir())


def test_a_store_of_before_takes_the_command(folder):
    with sqlite3.connect(folder / FILE) as old:
        old.execute("DROP TABLE dropped")
        old.execute("PRAGMA user_version = 1")
    old.close()
    assert drop(folder, "bob").code == 0 and drop(folder).out == "bob is dropped\n"


def _text(page: Path) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.read_text()).split())
