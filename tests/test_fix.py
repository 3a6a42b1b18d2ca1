"""`grad fix`: a known mistake is shown, its line asked for, its repair graded and counted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command import grad

STUB = "raise NotImplementedError()"


@pytest.fixture
def passed(workspace, solution, runtime) -> Path:
    """A workspace where every exercise has passed."""
    (workspace / "exercises" / "sums.py").write_text(solution)
    assert grad("check").code == 0
    return workspace


def hunts() -> dict[str, int]:
    return grad("status", "--json").json["hunts"]


def shown(out: str) -> dict[int, str]:
    """The numbered lines of code on the screen."""
    return {int(n): line for n, line in re.findall(r"^  +(\d+)  (.*)$", out, re.MULTILINE)}


def the_line(out: str, text: str) -> int:
    return next(number for number, line in shown(out).items() if text in line)


def mend(workspace: Path, wrong: str, right: str) -> None:
    path = workspace / "practice" / "fix.py"
    text = path.read_text()
    assert wrong in text
    path.write_text(text.replace(wrong, right))


def test_a_bug_is_only_for_who_has_passed_its_exercise(workspace):
    ran = grad("fix")
    assert (ran.code, ran.err) == (0, "") and ran.out.startswith("No bug to hunt yet")
    ran = grad("fix", "mean")
    assert ran.code == 2 and ran.err.count("\n") == 1 and "mean has not passed yet" in ran.err
    ran = grad("fix", "double")
    assert ran.code == 2 and "double comes solved" in ran.err
    assert not (workspace / "practice").exists()
    assert hunts() == {"seen": 0, "solved": 0, "at_once": 0}


def test_the_line_is_found_and_the_mistake_told_only_then(passed):
    own = (passed / "exercises" / "sums.py").read_bytes()
    ran = grad("fix", "mean")
    says = "this is the sum; divide it by the count"
    assert (ran.code, ran.err) == (0, "") and says not in ran.out
    assert "expected 1.5, got 3.0" in ran.out and ">>> mean([1.0, 2.0])" in ran.out
    line = the_line(ran.out, "return sum(xs)")
    file = (passed / "practice" / "fix.py").read_text().split("\n")
    assert file[line - 1] == "    return sum(xs)", "as the editor counts them"
    assert not any('"""' in text or not text.strip() for text in shown(ran.out).values())
    assert grad("fix").out == ran.out, "asked again, it is the same hunt"
    wrong = grad("fix", "mean", "--line", line - 1)
    assert wrong.code == 1 and wrong.out.startswith(f"No, not line {line - 1}.")
    assert says not in wrong.out
    right = grad("fix", "--line", line)
    assert right.code == 0 and right.out.startswith(f"Yes, line {line}: {says}")
    mend(passed, "return sum(xs)", "return sum(xs) / (len(xs) + 1)")
    ran = grad("fix")
    assert ran.code == 1 and "Not mended yet." in ran.out and "wrong      mean" in ran.out
    mend(passed, "/ (len(xs) + 1)", "/ len(xs)")
    ran = grad("fix")
    assert ran.code == 0 and ran.out.startswith("Mended.\n")
    assert "You solved 1 of 1 bug hunts, 0 at the first try." in ran.out
    assert "You solved 1 of 1 bug hunts" in grad().out
    assert hunts() == {"seen": 1, "solved": 1, "at_once": 0}
    assert (passed / "exercises" / "sums.py").read_bytes() == own


def test_it_may_be_mended_without_naming_the_line(passed):
    grad("fix", "mean")
    mend(passed, "return sum(xs)", "return sum(xs) / (len(xs) or 1) + 0.0")
    ran = grad("fix")
    assert ran.code == 0 and "this is the sum; divide it by the count" in ran.out
    assert "1 at the first try" in ran.out


def test_a_repair_that_still_looks_like_the_mistake_is_not_told_which_it_is(passed):
    grad("fix", "mean")
    mend(passed, "return sum(xs)", "return sum(xs) * 1")
    ran = grad("fix")
    assert ran.code == 1 and "this is the sum" not in ran.out


def test_each_time_it_is_another_mistake_and_then_the_first_again(passed):
    seen = []
    for _ in range(3):
        assert grad("fix", "centred", "--new").code == 0
        seen.append((passed / "practice" / "fix.py").read_text())
    assert len(set(seen)) == 3
    assert grad("fix", "centred", "--new").code == 0
    assert (passed / "practice" / "fix.py").read_text() == seen[0]
    assert hunts()["seen"] == 4


def test_without_a_name_the_exercises_take_turns(passed):
    names = [grad("fix", "--new").out.split(",")[0] for _ in range(2)]
    assert len(set(names)) == 2


def test_what_crashes_or_is_a_single_line_is_no_hunt(passed):
    """A crash names its line, and a body of one line has nothing to look for."""
    for _ in range(3):
        grad("fix", "mean", "--new")
        assert "if not xs" in (passed / "practice" / "fix.py").read_text()


def test_work_is_backed_up_and_the_reference_is_not_in_the_workspace(passed):
    mine = (
        "    total = 0.0\n    for x in xs:\n        total += x\n    return total / max(len(xs), 1)"
    )
    own = passed / "exercises" / "sums.py"
    text = own.read_text()
    own.write_text(
        text[: text.index("    if not xs")] + mine + text[text.index("\n\n\ndef cent") :]
    )
    assert grad("check").code == 0
    assert grad("fix", "mean").code == 0
    mend(passed, "return sum(xs)", "return sum(xs) + 1")
    ran = grad("fix", "--new")
    (backup,) = (passed / ".gradschool" / "backups").glob("fix.*.py")
    assert (
        f"What you had there is in .gradschool/backups/{backup.name}" in ran.out
        and "+ 1" in backup.read_text()
    )
    files = [path for path in passed.rglob("*") if path.is_file()]
    assert not [path for path in files if b"return sum(xs) / len(xs)" in path.read_bytes()]


def test_wrong_answers_are_one_sentence(passed):
    ran = grad("fix", "--line", "3")
    assert ran.code == 2 and "there is no bug to hunt; say `grad fix`" in ran.err
    grad("fix", "mean")
    ran = grad("fix", "--line", "999")
    assert ran.code == 2 and "line 999 is none of those shown" in ran.err
    ran = grad("fix", "centred", "--line", "9")
    assert ran.code == 2 and "there is no bug to hunt in centred" in ran.err
    path = passed / "practice" / "fix.py"
    path.write_text("def (:\n")
    ran = grad("fix")
    assert ran.code == 2 and "practice/fix.py is not Python in line 1" in ran.err
    path.unlink()
    assert grad("fix", "mean").code == 0, "it is set anew"
    (passed / ".gradschool" / "practice" / "fix.py").unlink()
    assert "A bug in mean" in grad("fix", "mean").out
