"""`grad review`: what has passed is set once more, graded beside one's own lesson, and counted."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from autograder.reports.report import ExerciseReport, Report
from autograder.workspace.store import Store
from tests.command import grad
from tests.made_class import as_notebook

DAY = 86400
STUB = "# YOUR CODE HERE\n{}raise NotImplementedError()"
RIGHT = {
    "mean": "return sum(xs) / len(xs) if xs else 0.0",
    "centred": "return [x - mean(xs) for x in xs]",
    "Tally.add": "self.counts[word] = self.counts.get(word, 0) + 1",
}


@pytest.fixture
def passed(workspace, solution, runtime) -> Path:
    """A workspace where every exercise has passed: mean first, and with the most trouble."""
    (workspace / "exercises" / "sums.py").write_text(solution)
    store, then = Store(workspace), time.time() - 30 * DAY
    for number in range(3):
        wrong = ExerciseReport("mean", "wrong", 0, 1)
        store.record(Report("sums", "sums.py", 0, 0.1, (wrong,)), f"{number}", now=then + number)
    ids = ["double", "mean", "centred", "Tally.add", "shares"]
    for number, id in enumerate(ids):
        report = Report("sums", "sums.py", 0, 0.1, (ExerciseReport(id, "passed", 1, 1),))
        store.record(report, "now", now=then + DAY * number)
    store.set_hints("sums", "centred", 2)
    return workspace


def write(workspace: Path, **bodies: str) -> Path:
    """Write bodies into the scratch file; `_` stands for the dot of a method."""
    path = workspace / "practice" / "review.py"
    text = path.read_text()
    for name, body in bodies.items():
        before, after = text.split(f"def {name.rpartition('_')[2]}(", 1)
        indent = "        " if "_" in name else "    "
        after = after.replace(STUB.format(indent), body, 1)
        text = f"{before}def {name.rpartition('_')[2]}({after}"
    path.write_text(text)
    return path


def rows(workspace: Path) -> list[tuple[str, int, int, int | None]]:
    with closing(sqlite3.connect(workspace / ".gradschool" / "progress.sqlite")) as connection:
        query = "SELECT exercise, seed, tries, back FROM reviews ORDER BY rowid"
        return connection.execute(query).fetchall()


def ago(workspace: Path, days: float) -> None:
    """Let what was reviewed lie so many days back."""
    with closing(sqlite3.connect(workspace / ".gradschool" / "progress.sqlite")) as connection:
        connection.execute("UPDATE reviews SET at = at - ?", (days * DAY,))
        connection.commit()


def test_where_nothing_has_passed_one_sentence_says_so(workspace):
    for ran in (grad("review"), grad("review", "--new")):
        assert (ran.code, ran.err) == (0, "") and ran.out.count("\n") == 1
        assert ran.out.startswith("Nothing to review yet")
    assert not (workspace / "practice").exists()
    ran = grad("review", "mean")
    assert ran.code == 2 and "mean has not passed yet" in ran.err and "grad check mean" in ran.err


def test_the_hardest_and_oldest_are_set_as_stubs_and_the_lesson_stays(passed):
    own = (passed / "exercises" / "sums.py").read_bytes()
    ran = grad("review")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "3 exercises to write once more, in practice/review.py:"
    assert [line.split()[0] for line in lines[1:4]] == ["mean", "centred", "Tally.add"]
    assert "passed 29 days ago in 4 attempts" in lines[1] and "with 2 hints" in lines[2]
    text = (passed / "practice" / "review.py").read_text()
    compile(text, "review.py", "exec")
    assert text.count("raise NotImplementedError()") == 3 and "return sum" not in text
    assert "class Tally:" in text and "double" not in text, "what comes solved is never set"
    assert (passed / "exercises" / "sums.py").read_bytes() == own
    assert len(grad("review", "--new", "--count", "1").out.splitlines()) == 3


def test_what_is_written_is_graded_beside_the_lesson_with_a_seed_of_its_own(passed):
    grad("review")
    ran = grad("review")
    assert ran.code == 1 and "0 of 3 came back" in ran.out and "todo" in ran.out
    assert [row[2] for row in rows(passed)] == [0, 0, 0], "a stub is no try"
    # It builds on mean, which is a stub here, and right in the lesson.
    path = write(passed, centred=RIGHT["centred"], Tally_add="self.counts[word] = 1")
    ran = grad("review")
    assert ran.code == 1 and "1 of 3 came back" in ran.out
    assert "came back  centred  at the first try; again on " in ran.out
    line = path.read_text().split("def add(")[0].count("\n") + 1
    assert f"wrong      Tally.add  line {line}" in ran.out
    assert rows(passed) == [("mean", 1, 0, None), ("centred", 1, 1, 1), ("Tally.add", 1, 1, None)]
    assert grad("review").out == ran.out, "asked twice, it is no other try"
    path.write_text(path.read_text().replace("] = 1", "] = self.counts.get(word, 0) + 1"))
    write(passed, mean=RIGHT["mean"])
    ran = grad("review")
    assert ran.code == 0 and "All of it came back" in ran.out and "after 2 tries" in ran.out
    assert [row[2:] for row in rows(passed)] == [(1, 1), (1, 1), (2, 1)]
    assert "You reviewed 3: 3 came back, 2 at the first try." in grad().out


def test_spacing_grows_with_each_success_and_begins_again_without(passed):
    def due(body: str) -> int:
        ago(passed, 100)
        assert grad("review", "mean").code == 0
        write(passed, mean=body)
        out = grad("review", "mean").out
        then = out.partition("again on ")[2].split()[0] if "again on " in out else ""
        midnight = time.mktime(time.strptime(then, "%Y-%m-%d")) if then else 0
        return round((midnight - time.time()) / DAY + 0.5) if then else 0

    assert [due(RIGHT["mean"]) for _ in range(3)] == [3, 7, 16]
    assert due("return 1.0") == 0
    grad("review", "centred")  # given up
    assert rows(passed)[-2] == ("mean", 4, 1, 0)
    assert due(RIGHT["mean"]) == 3


def test_work_is_backed_up_before_it_is_written_over(passed):
    grad("review")
    assert "What you had" not in grad("review", "--new").out, "there was nothing to keep"
    path = passed / "practice" / "review.py"
    path.write_text(path.read_text() + "# mine\n")
    ran = grad("review", "mean")
    (backup,) = (passed / ".gradschool" / "backups").glob("review.*.py")
    assert f"What you had there is in .gradschool/backups/{backup.name}" in ran.out
    assert backup.read_text().endswith("# mine\n") and "# mine" not in path.read_text()


def test_a_helper_and_an_import_of_ones_own_come_along_without_a_server_too(passed, monkeypatch):
    monkeypatch.setenv("GRADSCHOOL_SERVER", "0")
    grad("review", "mean")
    path = write(passed, mean="return _total(xs) / len(xs) if xs else float(math.sin(0))")
    text = path.read_text().replace("# %% mean", "import math\n\n\ndef _total(xs):\n"
                                    "    return sum(xs)\n\n\n# %% mean")  # fmt: skip
    path.write_text(text)
    assert grad("review").code == 0


def test_the_lesson_may_have_changed_or_be_a_notebook(passed, solution):
    lesson = passed / "exercises" / "sums.py"
    without = solution.replace("def centred(xs):", "def centered(xs):")
    lesson.write_text(without.replace("    def add(self, word):", "    def put(self, word):"))
    grad("review", "centred", "Tally.add")
    write(passed, centred=RIGHT["centred"], Tally_add=RIGHT["Tally.add"])
    assert grad("review").code == 0
    lesson.unlink()
    (passed / "exercises" / "sums.ipynb").write_text(as_notebook(solution))
    grad("review", "Tally.add")
    path = write(passed, Tally_add="return self.nothing")
    line = path.read_text().split("return self.nothing")[0].count("\n") + 1
    assert f"(line {line})" in grad("review").out
    (passed / "exercises" / "sums.ipynb").unlink()
    ran = grad("review")
    assert ran.code == 2 and "`grad reset sums` writes it" in ran.err


def test_what_it_builds_on_is_ones_own_and_never_the_reference(passed, solution):
    wrong = solution.replace("return sum(xs) / len(xs)", "return sum(xs)")
    (passed / "exercises" / "sums.py").write_text(wrong)
    grad("review", "centred")
    write(passed, centred=RIGHT["centred"])
    ran = grad("review")
    assert ran.code == 1 and "fix this first: mean" in ran.out
    (passed / "exercises" / "sums.py").write_text(solution)
    assert grad("review").code == 0


def test_what_cannot_be_graded_is_one_sentence(passed):
    grad("review", "mean")
    path = passed / "practice" / "review.py"
    text = path.read_text()
    for wrong, words in (
        (text + "def (:\n", "is not Python in line "),
        ("", "doesn't define mean"),
    ):
        path.write_text(wrong)
        ran = grad("review")
        assert ran.code == 2 and ran.err.count("\n") == 1 and words in ran.err
    assert rows(passed) == [("mean", 1, 0, None)]
    path.unlink()
    assert "One exercise to write" in grad("review", "mean").out, "it is set anew"
    for name, words in (("nosuch", "no exercise named 'nosuch'"), ("double", "comes solved")):
        ran = grad("review", name)
        assert ran.code == 2 and words in ran.err


def test_what_is_due_is_told_with_the_progress(passed):
    assert "4 passed exercises are due again: grad review" in grad().out
    assert grad("status", "--json").json["reviews"] == {"due": 4, "ended": 0, "back": 0}
    grad("review", "mean")
    write(passed, mean=RIGHT["mean"])
    grad("review")
    out = grad().out
    assert "You reviewed 1: 1 came back, 1 at the first try. 3 passed exercises are due" in out
    assert json.loads(grad("status", "--json").out)["reviews"]["back"] == 1
    ago(passed, 4)
    assert "4 passed exercises are due again" in grad().out
