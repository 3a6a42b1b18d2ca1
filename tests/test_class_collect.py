"""`grad class collect`: what platforms give out, into nbgrader's layout, and nothing else."""

from __future__ import annotations

import os

import pytest

from tests.collecting import archive, collect, submitted, write
from tests.command import grad
from tests.made_class import LESSON, as_notebook, canvas, made_class, moodle, zipped
from tests.test_loading import notebook

pytestmark = pytest.mark.usefixtures("small_course")


METADATA = b"""---
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0123'
    :email: ada@example.edu
  - :name: Bob
    :sid:
    :email: bob@example.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-11-01
submission_12:
  :submitters:
  - :name: Cy Young
"""
CASES = {
    "nbgrader": (
        {"submitted/-a'da/sums/sums.ipynb": 1, "submitted/-a'da/sums/helper.py": 0},
        {"-a'da/sums/sums.ipynb"},
    ),
    "nbgrader, renamed": (
        {"ada/sums/X (1).ipynb": 1, "ada/sums/autograder.py": 0},
        {"ada/sums/sums.ipynb"},
    ),
    "canvas": (
        {"lovelaceada_123_456_sums-1.ipynb": 1, "bob_LATE_7_8_homework.ipynb": 1},
        {"lovelaceada/sums/sums.ipynb", "bob/sums/sums.ipynb"},
    ),
    "canvas, two of a name": (
        {"smithjo_1_9_sums.ipynb": 1, "smithjo_2_9_sums.ipynb": 1},
        {"smithjo/sums/sums.ipynb", "smithjo_2/sums/sums.ipynb"},
    ),
    "moodle": (
        {
            "Ada L._71_assignsubmission_file/Copy of sums.ipynb": 1,
            "Bob_72_assignsubmission_file_/sums.ipynb": 1,
            "Cy_73_assignsubmission_file_sums.ipynb": 1,
        },
        {"Ada L/sums/sums.ipynb", "Bob/sums/sums.ipynb", "Cy/sums/sums.ipynb"},
    ),
    "gradescope": (
        {
            "assignment_9_export/submission_metadata.yml": METADATA,
            "assignment_9_export/submission_11/hw.ipynb": 1,
            "assignment_9_export/submission_12/hw.ipynb": 1,
        },
        {
            "0123/sums/sums.ipynb",
            "bob@example.edu/sums/sums.ipynb",
            "Cy Young/sums/sums.ipynb",
        },
    ),
    "github": (
        {
            "week-one-ada-l/.git/HEAD": 0,
            "week-one-ada-l/work/sums.ipynb": 1,
            "week-one-bob/.git/HEAD": 0,
            "week-one-bob/sums.ipynb": 1,
        },
        {"ada-l/sums/sums.ipynb", "bob/sums/sums.ipynb"},
    ),
    "one clone": ({"sums-ada/.git/HEAD": 0, "sums-ada/x.ipynb": 1}, {"ada/sums/sums.ipynb"}),
    "folders": (
        {"ada/a.ipynb": 1, "bob/b.ipynb": 1, "bob/data.csv": 0},
        {"ada/sums/sums.ipynb", "bob/sums/sums.ipynb"},
    ),
}


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_students_and_lessons_are_found_by_the_layout(tmp_path, right, case, as_zip):
    files, expected = CASES[case]
    given = {
        name: right if content == 1 else content or b"x = 1" for name, content in files.items()
    }
    source = (
        archive(tmp_path / "download.zip", given) if as_zip else write(tmp_path / "given", given)
    )
    ran, rows = collect(tmp_path, source)
    assert set(submitted(tmp_path)) == expected, ran.out
    assert set(submitted(tmp_path).values()) == {right}
    assert {row["what"] for row in rows.values() if row["file"]} == {"new"}
    assert ran.code == 0, ran.out


def test_late_and_numbers_are_in_the_table(tmp_path, right):
    _, rows = collect(tmp_path, archive(tmp_path / "c.zip", {"bob_LATE_7_8_sums.ipynb": right}))
    (row,) = rows.values()
    assert (row["student"], row["id"], row["late"], row["what"]) == ("bob", "7", "yes", "new")


def test_a_lesson_is_known_by_grade_ids_then_exercises_then_name(tmp_path, right):
    given = {
        "ada_1_2_whatever.ipynb": notebook("x = 1", grade_ids=("sums-mean-code",)).encode(),
        "bob_3_4_homework.ipynb": right,
        "cy_5_6_sums-2.ipynb": notebook("x = 1").encode(),
        "dan_7_8_essay.ipynb": notebook("x = 1").encode(),
    }
    ran, rows = collect(tmp_path, archive(tmp_path / "c.zip", given))
    assert {name.partition("/")[0] for name in submitted(tmp_path)} == {"ada", "bob", "cy"}
    why = rows["dan", "dan_7_8_essay.ipynb"]["why"]
    assert ran.code == 1 and "named like no lesson" in why and why in ran.out


def test_a_script_and_a_broken_notebook_are_taken_as_they_are(tmp_path, solution):
    given = {"ada_1_2_hw.py": solution.encode(), "bob_3_4_sums-1.ipynb": b"{broken"}
    collect(tmp_path, archive(tmp_path / "c.zip", given))
    assert set(submitted(tmp_path)) == {"ada/sums/sums.py", "bob/sums/sums.ipynb"}


def test_a_zip_in_a_zip_is_opened_once(tmp_path, right):
    inner = zipped([("work/sums.ipynb", right)])
    deep = zipped([("more.zip", inner)])
    given = {"ada_1_2_hw.zip": inner, "bob_3_4_hw.zip": deep, "cy_5_6_hw.ipynb": right}
    ran, _ = collect(tmp_path, archive(tmp_path / "c.zip", given))
    assert set(submitted(tmp_path)) == {"ada/sums/sums.ipynb", "cy/sums/sums.ipynb"}
    assert "a zip in a zip in a zip" in ran.out and ran.code == 1


def test_of_several_files_the_one_that_is_begun_counts_then_the_newest(
    tmp_path, miniature, solution, right
):
    stub = as_notebook(miniature.lesson(LESSON).stub()).encode()
    given = write(tmp_path / "given", {"ada/one.ipynb": right, "ada/sums.ipynb": stub})
    write(given, {"bob/old.ipynb": right, "bob/new.py": solution.encode()})
    os.utime(given / "bob/old.ipynb", (10**9, 10**9))
    ran, rows = collect(tmp_path, given)
    assert submitted(tmp_path) == {
        "ada/sums/sums.ipynb": right,
        "bob/sums/sums.py": solution.encode(),
    }
    assert rows["ada", "sums.ipynb"]["what"] == rows["bob", "old.ipynb"]["what"] == "left out"
    assert "it is the newest" in rows["bob", "old.ipynb"]["why"] and ran.code == 0


def test_newer_replaces_older_with_a_backup_and_older_is_left_out(tmp_path, right):
    given = write(tmp_path / "given", {"ada/sums.ipynb": right, "bob/sums.ipynb": right})
    path = given / "ada/sums.ipynb"
    assert collect(tmp_path, given)[0].code == 0
    assert "2 unchanged" in collect(tmp_path, given)[0].out
    newer = right.replace(b"Sums", b"Sums!")
    path.write_bytes(newer)
    os.utime(path, (4 * 10**9, 4 * 10**9))
    ran, rows = collect(tmp_path, given)
    assert "1 replaced" in ran.out and submitted(tmp_path)["ada/sums/sums.ipynb"] == newer
    backup = tmp_path / "class" / rows["ada", "sums.ipynb"]["why"].removeprefix("the old one is ")
    assert backup.read_bytes() == right
    path.write_bytes(right)
    os.utime(path, (10**9, 10**9))
    ran, rows = collect(tmp_path, given)
    assert "what is there is newer" in rows["ada", "sums.ipynb"]["why"]
    assert submitted(tmp_path)["ada/sums/sums.ipynb"] == newer


def test_the_table_keeps_what_was_taken_before_and_names_stay(tmp_path, right):
    collect(tmp_path, archive(tmp_path / "a.zip", {"jo_1_9_sums.ipynb": right}))
    _, rows = collect(tmp_path, archive(tmp_path / "b.zip", {"jo_2_9_sums.ipynb": right}))
    assert {student for student, _ in rows} == {"jo", "jo_2"}
    assert set(submitted(tmp_path)) == {"jo/sums/sums.ipynb", "jo_2/sums/sums.ipynb"}


def test_what_cannot_be_placed_is_told_each_in_a_sentence(tmp_path, right):
    given = write(
        tmp_path / "given",
        {
            "alone.ipynb": right,
            "ada/sums.ipynb": right,
            "ada/curve.png": b"PNG",
            "README.md": b"# The assignment",
            "bob/essay.pdf": b"%PDF",
            "cy/damaged.zip": b"PK\x03\x04no",
            "=cmd()/sums.ipynb": right,
        },
    )
    (given / "dan").symlink_to(given / "ada")
    ran, rows = collect(tmp_path, given)
    assert ran.code == 1
    assert "who handed it in cannot be told" in rows["", "alone.ipynb"]["why"]
    assert "neither a notebook nor a script" in rows["bob", "essay.pdf"]["why"]
    assert "no zip that can be read" in rows["cy", "damaged.zip"]["why"]
    assert "it is a link" in rows["", "dan"]["why"]
    for student, file in (("ada", "curve.png"), ("", "README.md")):
        assert rows[student, file]["what"] == "left out" and rows[student, file]["why"]
        assert f"{file}: {rows[student, file]['why']}" in ran.out
    assert rows["'=cmd()", "sums.ipynb"]["what"] == "new"
    assert set(submitted(tmp_path)) == {"ada/sums/sums.ipynb", "=cmd()/sums/sums.ipynb"}


def test_many_files_that_are_left_out_for_one_reason_are_told_together(tmp_path, right):
    people = [f"student{number}" for number in range(9)]
    given = {f"{name}/sums.ipynb": right for name in people}
    given |= {f"{name}/curve.png": b"PNG" for name in people}
    given |= {f"{name}/old{name}.ipynb": right for name in people}
    given["zoe/essay.pdf"] = b"%PDF"
    write(tmp_path / "given", given)
    for path in (tmp_path / "given").glob("*/old*"):
        os.utime(path, (10**9, 10**9))
    ran, rows = collect(tmp_path, tmp_path / "given")
    *_, picture, other, essay, counts = ran.out.splitlines()
    named = "(student0, student1, student2 and 6 more)"
    assert picture == f"left out   9 files: it is neither a notebook nor a script {named}"
    assert other.startswith("left out   9 files: ... and ... are of this lesson; ... counts, ")
    assert other.endswith(f"because it is the newest {named}")
    assert essay.endswith("zoe/essay.pdf: it is neither a notebook nor a script")
    assert counts == "9 new, 18 left out, 1 not placed" and len(rows) == 28


def test_a_source_that_is_none_is_refused(tmp_path):
    ran = grad("class", "collect", tmp_path / "no.zip", "--into", tmp_path / "class")
    assert ran.code == 2 and "there is no" in ran.err


def test_the_made_class_comes_in_by_canvas_and_moodle(tmp_path, miniature):
    handed_in = made_class(miniature)
    (tmp_path / "canvas.zip").write_bytes(zipped(canvas(handed_in[:15])))
    (tmp_path / "moodle.zip").write_bytes(zipped(moodle(handed_in[15:])))
    ran, _ = collect(tmp_path, tmp_path / "canvas.zip", tmp_path / "moodle.zip")
    assert ran.code == 0 and "30 new" in ran.out
    assert submitted(tmp_path) == {f"{e.student}/{LESSON}/{e.file}": e.content for e in handed_in}
