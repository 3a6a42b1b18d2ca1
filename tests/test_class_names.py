"""`grad class grade` and folders, files and links of odd names: nobody else's results change."""

from __future__ import annotations

import csv
import os
import sys

import pytest

from autograder.classroom.graded import GRADED, UNREADABLE, Graded
from autograder.classroom.store import FILE, Store
from tests.command import grad
from tests.grading_class import grade_with, hand_in, results
from tests.made_class import LESSON

# One worker runs all of this file: a class is dear.
pytestmark = [
    pytest.mark.usefixtures("small_course"),
    pytest.mark.xdist_group("class"),
    pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names"),
]
ESCAPING = "esc\x1b[31m\nada  sums  6\u202e\\"
SHOWN = "esc\\x1b[31m\\nada  sums  6\\u202e\\\\"
BYTES = os.fsdecode(b"bad\xff")


@pytest.fixture(scope="module")
def folder(miniature, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    right = miniature.lesson(LESSON).source
    for student in ("ada", "bob", ESCAPING, BYTES):
        hand_in(folder, student, right)
    hand_in(folder, "cy", right, os.fsdecode(b"sums\xff.py"))
    hand_in(folder, "dan", right, os.fsdecode(b"x\xff.py"))
    hand_in(folder, "dan", right)
    hand_in(folder, "eve", "")
    own = folder / "submitted" / "eve" / LESSON / "sums.py"
    own.unlink()
    os.link(folder / "submitted" / "bob" / LESSON / "sums.py", own)
    grade_with(folder, miniature)
    return folder


def test_only_who_has_a_name_that_is_no_text_is_unreadable(folder):
    found = results(folder)
    assert found["ada"].points == found["dan"].points == found[SHOWN].points == 6
    for student, what in (("bad\\udcff", "folder 'bad\\udcff'"), ("cy", "file 'sums\\udcff.py'")):
        assert found[student].outcome is UNREADABLE
        assert found[student].why == f"the name of the {what} is not UTF-8; rename it"


def test_a_file_of_two_students_is_graded_for_neither_and_both_are_listed(folder):
    ran = grad("class", "grade", folder)
    assert "0 graded, 7 unchanged" in ran.out and ran.code == 3
    for student in ("bob", "eve"):
        assert f"  {student}  sums  unreadable: sums.py is the same file as another one" in ran.out
        assert results(folder)[student].report is None


def test_a_name_is_one_line_in_all_that_is_printed(folder):
    (folder / "submitted" / ESCAPING / LESSON / "sums.py").write_bytes(b"\xff")
    ran = grad("class", "grade", folder)
    assert f"\n  {SHOWN}  sums  unreadable" in ran.out and not {"\x1b", "\u202e"} & set(ran.out)
    assert not [line for line in ran.out.splitlines() if line.startswith("ada")]


@pytest.mark.parametrize("form", ["csv", "json", "gradescope", "classroom50", "junit"])
def test_no_export_and_no_path_has_what_moves_a_cursor(folder, form):
    assert grad("class", "export", folder, "--to", form).code == 0
    says_nothing_that_hides(folder / "export")
    assert grad("class", "feedback", folder).code == 0
    says_nothing_that_hides(folder / "feedback")
    assert (folder / "feedback" / SHOWN / LESSON / f"{LESSON}.html").is_file()


def test_results_of_an_older_version_are_made_visible_too(tmp_path):
    with Store(tmp_path / FILE) as store:
        common = (ESCAPING, LESSON, "sums.py", "digest", GRADED, f"see {ESCAPING}")
        store.put(Graded(*common, 0.0, "seed", "course", "1"))
    for form in ("csv", "json", "gradescope"):
        assert grad("class", "export", tmp_path, "--to", form).code == 0
    assert grad("class", "feedback", tmp_path).code == 0
    says_nothing_that_hides(tmp_path)
    with (tmp_path / "export" / "lessons.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 2


def says_nothing_that_hides(folder) -> None:
    paths = [path for path in folder.rglob("*") if FILE not in path.name]
    assert paths and not {"\x1b", "\n", "\u202e"} & set("".join(map(str, paths)))
    for path in paths:
        if path.is_file():
            text = path.read_text()
            assert not {"\x1b", "\u202e"} & set(text) and "\nada  sums" not in text
