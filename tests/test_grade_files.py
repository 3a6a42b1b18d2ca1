"""`grad grade`: many files and folders, and what is printed of them."""

from __future__ import annotations

import json

from tests.command import grad


def test_grade_takes_many_files_and_goes_on_after_an_unreadable_one(workspace, tmp_path, miniature):
    good, bad = tmp_path / "sums_of_ada.py", tmp_path / "sums_of_bob.py"
    good.write_text(miniature.lesson("sums").source)
    bad.write_bytes(b"\xff\xfe")
    ran = grad("grade", bad, good)
    assert ran.code == 2
    assert "is not UTF-8 at byte 0" in ran.err and "6 of 6 points" in ran.out
    ran = grad("grade", bad, good, "--json")
    assert ran.code == 2 and len(ran.json["reports"]) == 1
    assert ran.json["unreadable"] == [{"submission": str(bad), "error": ran.err[6:-1]}]
    ran = grad("grade", good, good, "--json")
    assert ran.code == 0 and ran.json["points"] == 12 and len(ran.json["reports"]) == 2


def test_grade_takes_folders_and_prints_a_report_a_line_as_it_comes(workspace, tmp_path, miniature):
    for name, text in (("ada/sums.py", miniature.lesson("sums").source), ("bob/sums.py", "\0")):
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "class" / "ada" / "autograder.py").write_text("")
    (tmp_path / "class" / ".hidden.py").write_text("")
    ran = grad("grade", tmp_path / "class", "--json-lines", "--lesson", "sums")
    first, second = map(json.loads, ran.out.splitlines())
    assert ran.code == 2 and first["points"] == 6 and "NUL byte" in second["error"]
    assert second["submission"].endswith("bob/sums.py")
    (tmp_path / "empty").mkdir()
    ran = grad("grade", tmp_path / "empty")
    assert ran.code == 2 and "no .py or .ipynb file in it" in ran.err


def test_what_is_to_be_looked_at_by_hand_has_an_exit_code_of_its_own(
    workspace, tmp_path, miniature
):
    solution = miniature.lesson("sums").source
    ended, wrong, unread = (tmp_path / f"sums_{name}.py" for name in ("ended", "wrong", "unread"))
    ended.write_text(f"class End:\n    import ctypes\n    ctypes.string_at(0)\n{solution}")
    wrong.write_text(solution.replace("sum(xs) / len(xs)", "sum(xs)"))
    unread.write_bytes(b"\xff\xfe")
    assert grad("grade", wrong).code == 1
    assert grad("grade", ended, wrong).code == 3
    assert grad("grade", ended, unread).code == 2
