"""Progress that lasts: attempts, hints, two processes, a damaged file."""

from __future__ import annotations

import subprocess
import sys

from autograder.reports.report import ExerciseReport, Report
from autograder.workspace.store import Store
from tests.command import grad


def report(**verdicts: str) -> Report:
    exercises = tuple(
        ExerciseReport(id, verdict, int(verdict == "passed"), 1) for id, verdict in verdicts.items()
    )
    return Report("sums", "sums.py", 0, 0.1, exercises)


def tried(store: Store) -> list[tuple[str, str]]:
    return [(attempt.exercise, attempt.verdict) for attempt in store.attempts()]


def test_attempts_are_counted_where_something_happened(tmp_path):
    store = Store(tmp_path)
    store.record(report(a="todo", b="wrong"), "one", now=1.0)
    store.record(report(a="todo", b="wrong"), "one", now=2.0)
    store.record(report(a="passed", b="wrong"), "two", now=3.0)
    store.record(report(a="passed", b="passed"), "three", now=4.0)
    assert tried(store) == [
        ("b", "wrong"),
        ("a", "passed"),
        ("b", "wrong"),
        ("b", "passed"),
    ]
    assert Store(tmp_path).verdicts("sums")["a"].points == 1


def test_a_half_written_line_is_no_attempt_at_every_exercise(tmp_path):
    store = Store(tmp_path)
    store.record(report(a="passed", b="wrong"), "one", now=1.0)
    broken = tuple(ExerciseReport(id, "crashed", 0, 1, kind="syntax", loading=True) for id in "ab")
    store.record(Report("sums", "sums.py", 0, 0.1, broken), "two", now=2.0)
    assert store.verdicts("sums")["a"].verdict == "crashed"
    store.record(report(a="passed", b="passed"), "three", now=3.0)
    assert tried(store) == [("a", "passed"), ("b", "wrong"), ("b", "passed")]


def test_hints_and_position_are_kept(tmp_path):
    store = Store(tmp_path)
    assert store.position() is None and store.hints("sums", "a") == 0
    store.set_hints("sums", "a", 2)
    store.set_position("sums", "a")
    assert Store(tmp_path).hints("sums", "a") == 2
    assert Store(tmp_path).position() == ("sums", "a")


def test_a_damaged_file_is_set_aside_and_progress_rebuilt_by_grading(workspace, miniature):
    (workspace / "exercises" / "sums.py").write_text(miniature.lesson("sums").source)
    assert grad("check").code == 0
    database = workspace / ".gradschool" / "progress.sqlite"
    database.write_bytes(b"no database" * 1000)
    ran = grad("status", "--grade")
    assert ran.code == 0 and "was damaged" in ran.err and "5 of  5" in ran.out
    (aside,) = database.parent.glob("progress.damaged-*.sqlite")
    assert aside.read_bytes().startswith(b"no database")


def test_two_processes_lose_nothing(tmp_path):
    program = """
import sys
from pathlib import Path
from tests.test_store import report
from autograder.workspace.store import Store
store = Store(Path(sys.argv[1]))
for number in range(50):
    store.record(report(**{sys.argv[2]: "wrong"}), str(number), now=float(number))
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name]) for name in "ab"
    ]
    assert [process.wait() for process in processes] == [0, 0]
    assert len(Store(tmp_path).attempts()) == 100


def test_a_file_that_hangs_while_it_loads_is_no_attempt_at_every_exercise(
    grade, solution, tmp_path, monkeypatch
):
    monkeypatch.setattr("autograder.pool.pool.LOAD_TIMEOUT", 1.0)
    monkeypatch.setattr("autograder.grading.findings.CUT_LOAD_TIMEOUT", 1.0)
    unheard = "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})"
    endless = f"class Endless:\n    import signal\n    {unheard}\n    while True: pass\n"
    hung = grade(endless + solution)
    assert hung.loading and all(exercise.loading for exercise in hung.exercises)
    store = Store(tmp_path)
    store.record(grade(solution), "one")
    tried_before = tried(store)
    store.record(hung, "two")
    killed = "class Killed:\n    import os\n    os.kill(os.getpid(), 9)\n"
    store.record(grade(killed + solution), "three")
    assert tried(store) == tried_before
