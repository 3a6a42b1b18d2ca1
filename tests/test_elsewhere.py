"""The learner's way on a system without fork, signals, Landlock and seccomp."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import MINIATURE
from tests.elsewhere import made


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("elsewhere") / "venv")


@pytest.fixture
def grad(python, tmp_path):
    """Run `grad` there, in a workspace that it has made itself."""
    environment = {**os.environ, "GRADSCHOOL_ASSUME_NO_SANDBOX": "1"}
    environment["GRADSCHOOL_COURSE"] = str(MINIATURE)
    environment.pop("GRADSCHOOL_START", None)
    where = {"cwd": tmp_path}

    def grad(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [python, "-m", "autograder", *arguments]
        return subprocess.run(command, **where, env=environment, capture_output=True, text=True)

    ran = grad("init", "work")
    assert ran.returncode == 0, ran.stderr
    where["cwd"] = tmp_path / "work"
    return grad


def test_it_really_lacks_what_it_is_to_lack(python):
    asked = "import os, signal, socket; from autograder.worker import posix as p;" + (
        "print(hasattr(os, 'fork'), hasattr(signal, 'SIGALRM'), hasattr(socket, 'AF_UNIX'),"
        " p.CAN_FORK, p.HAS_TIMERS, p.resource, p.fcntl, p.termios, p.user())"
    )
    ran = subprocess.run([python, "-c", asked], capture_output=True, text=True)
    assert ran.stdout.split() == ["False"] * 5 + ["None"] * 4, ran.stderr


def test_the_learners_way(grad, tmp_path):
    """Status, a hint, a wrong answer, the right one, the page, and the stub."""
    lesson = tmp_path / "work" / "exercises" / "sums.py"
    assert "0 of 5 exercises passed" in grad("status").stdout
    assert "todo" in grad("check", "mean").stdout
    assert "1." in grad("hint", "mean").stdout
    stub = lesson.read_text(encoding="utf-8")

    written = {
        "return sum(xs) / 2": "wrong",
        "return sum(xs) / len(xs) if xs else 0.0": "passed",
    }
    for body, verdict in written.items():
        lesson.write_text(filled(stub, body), encoding="utf-8")
        ran = grad("check", "mean", "--json")
        (exercise,) = json.loads(ran.stdout)["exercises"]
        assert (exercise["id"], exercise["verdict"]) == ("mean", verdict), ran.stderr
        assert ran.returncode == (verdict != "passed")
    assert "it runs in a process of its own" in grad("check", "mean").stderr

    assert "2 of 5 exercises passed" in grad("status", "--grade").stdout
    assert grad("report").returncode == 0 and (lesson.parent.parent / "progress.html").exists()
    ran = grad("reset", "mean", "--yes")
    assert "has the stub of mean again" in ran.stdout
    assert lesson.read_text(encoding="utf-8") == stub


def filled(stub: str, body: str) -> str:
    """The stub with this as the body of `mean`."""
    before, mean, after = stub.partition("def mean(xs):")
    return before + mean + after.replace("raise NotImplementedError()", body, 1)
