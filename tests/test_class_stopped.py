"""`grad class grade`, stopped at any time: it goes on where it was, nothing lost, nothing twice."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.classroom.crew import LocalCrew
from autograder.classroom.grading import Asked, Grading, opened
from autograder.classroom.store import FILE, Store
from tests.command import grad
from tests.grading_class import grade_with, hand_in, results
from tests.made_class import lay_out, made_class

# One worker runs all of this file: a class is dear.
pytestmark = [pytest.mark.xdist_group("class"), pytest.mark.usefixtures("small_course")]


def graders() -> list[str]:
    """The grading processes that this test's commands have started; they have its cache."""
    own = f"GRADSCHOOL_CACHE={os.environ['GRADSCHOOL_CACHE']}"
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if "autograder.classroom.process" in (path / "cmdline").read_text():
                found += [path.name] if own in (path / "environ").read_text() else []
    return found


def killed_at_random(folder: Path, times: int, seed: int) -> int:
    """Start grading and kill it, again and again; how many results there were in between."""
    chance, between = random.Random(seed), 0
    command = [sys.executable, "-m", "autograder", "class", "grade", folder, "--seed", "0"]
    for _ in range(times):
        process = subprocess.Popen([*map(str, command), "--jobs", "2"], stdout=subprocess.DEVNULL)
        try:
            process.wait(chance.uniform(0.3, 6.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.wait()
        if (folder / FILE).exists():
            rows = list(results(folder).items())
            assert len(rows) >= between
            between = len(rows)
    return between


def grading_in_a_shell(folder: Path, *options: str) -> subprocess.Popen[str]:
    """`grad class grade`, as a shell starts it in front, where Ctrl-C reaches it."""
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", "class", "grade", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Who runs the tests in the background has it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_ctrl_c_says_that_the_same_command_goes_on(tmp_path, miniature):
    lay_out(tmp_path, made_class(miniature, 6, hanging=3))
    process = grading_in_a_shell(tmp_path, "--jobs", "1")
    until = time.monotonic() + 60
    while time.monotonic() < until and not ((tmp_path / FILE).exists() and results(tmp_path)):
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and " graded, " not in out
    assert (
        err == "grad: stopped; what was graded is kept, and the same command goes on from there\n"
    )
    assert results(tmp_path)


@pytest.mark.parametrize("times", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(tmp_path, miniature, times):
    handed_in = made_class(miniature, 12 if times < 10 else 300, hanging=0)
    lay_out(tmp_path, handed_in)
    killed_at_random(tmp_path, times, seed=times)
    for _ in range(100):  # whoever was graded by a process that was killed is graded by nobody
        if not graders():
            break
        time.sleep(0.1)
    assert not graders()
    assert grad("class", "grade", tmp_path, "--seed", 0, "--jobs", 2).code == 3
    assert set(results(tmp_path)) == {each.student for each in handed_in}
    with Store(tmp_path / FILE) as store:
        rows = store._connection.execute("SELECT count(*), count(DISTINCT student) FROM results")
        assert rows.fetchone() == (len(handed_in), len(handed_in))
        assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_again_goes_on_too_where_it_was_stopped(tmp_path, miniature, solution):
    for number in range(4):
        hand_in(tmp_path, f"s{number}", f"{solution}\n# {number}")
    grade_with(tmp_path, miniature)
    with opened(tmp_path) as store, LocalCrew(1) as crew:
        stopped = Grading(tmp_path, store, miniature, Asked(seed=0, again=True))
        assert len(stopped.waiting) == 4
        next(stopped.results(crew))
    with opened(tmp_path) as store, LocalCrew(1) as crew:
        resumed = Grading(tmp_path, store, miniature, Asked(seed=0, again=True))
        assert resumed.run == stopped.run and len(resumed.waiting) < 4
        list(resumed.results(crew))
        assert len(list(store.of_run(resumed.run))) == 4


def test_ctrl_c_ends_it_in_silence_and_keeps_what_was_graded(tmp_path, miniature):
    lay_out(tmp_path, made_class(miniature, 60, hanging=0))
    process = grading_in_a_shell(tmp_path, "--seed", "0")
    while process.poll() is None:
        if (tmp_path / FILE).exists() and results(tmp_path):
            process.send_signal(signal.SIGINT)
            break
        time.sleep(0.05)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130 and "Traceback" not in error
    assert 0 < len(results(tmp_path)) < 60
