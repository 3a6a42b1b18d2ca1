"""The warm server of `grad check`: the same words sooner, for its owner alone."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder.lessons.course import Course
from autograder.warm.client import Sitting
from autograder.warm.place import connected, listening, socket_of
from autograder.warm.server import Server
from autograder.watch.grader import Grader
from autograder.watch.serving import serving
from autograder.workspace.workspace import Workspace
from tests.command import grad
from tests.conftest import MINIATURE, process_at, sockets
from tests.test_watch import solve

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such sockets")

WRONG = "    return sum(xs)"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: Path) -> Path:
    """The workspace's course, in a folder where it can be changed."""
    folder = shutil.copytree(MINIATURE, tmp_path / "course")
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(folder))
    return folder


def check(*arguments: str) -> tuple[int, str, bool]:
    """`grad check` in a process of its own: exit code, what it says, whether it imported torch.

    The seconds are left out, which no two runs share.
    """
    program = "import sys; sys.argv = ['grad', 'check', *sys.argv[1:]]\n"
    program += (
        "from autograder.cli import main\ntry: main()\nexcept SystemExit as end: code = end.code\n"
    )
    program += "print(code, 'torch' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    *lines, last = ran.stdout.splitlines()
    code, torch = last.split()
    said = re.sub(r"\d+\.\d+ s|\"seconds\": [\d.]+", "... s", "\n".join(lines) + ran.stderr)
    return int(code or 0), said, torch == "True"


@pytest.mark.parametrize("arguments", [("mean",), ("sums", "--seed", "3"), ("mean", "--json")])
def test_the_same_words_and_exit_code_without_torch(workspace, runtime, arguments):
    path = workspace / "exercises" / "sums.py"
    path.write_text(solve(path, "mean", WRONG))
    alone = check(*arguments, "--no-server")
    assert "this is the sum" in alone[1] and alone[0] == 1
    assert not sockets(runtime)
    for _ in range(2):
        assert check(*arguments) == (*alone[:2], False)
    assert len(sockets(runtime)) == 1


def test_the_socket_is_its_owners_alone(workspace, runtime):
    check("double")
    (path,) = sockets(runtime)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_others_could_write_to_is_not_used(workspace, runtime):
    folder = runtime / f"gradschool-{os.geteuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    assert check("double")[0] == 0
    assert not list(folder.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_somebody_else_gets_no_answer_even_through_an_open_door(workspace, runtime, monkeypatch):
    path = runtime / "open.sock"
    monkeypatch.setattr("autograder.warm.server.socket_of", lambda _: path)
    place = Workspace(workspace, Course.find())
    server = Server(place, listening(path), path, lambda *_: 1 / 0)
    runtime.chmod(0o755)
    path.chmod(0o666)
    asked = []
    for user in (65534, 0):
        connection = socket.socket(socket.AF_UNIX)
        os.seteuid(user)
        try:
            connection.connect(str(path))
        finally:
            os.seteuid(0)
        connection.sendall(b"{}\n")
        asked.append(connection)
    threading.Thread(target=server.run, daemon=True).start()
    stranger, owner = asked
    with stranger, owner:
        assert b"error" in owner.recv(100)
        with contextlib.suppress(ConnectionResetError):
            assert stranger.recv(100) == b""
    server.stop()


def test_a_server_that_was_killed_is_no_error_and_replaced(workspace, runtime):
    check("double")
    (path,) = sockets(runtime)
    first = process_at(path)
    os.kill(first, signal.SIGKILL)
    code, said, torch = check("double")
    assert (code, torch) == (0, False) and "passed     double" in said
    assert process_at(path) != first
    os.kill(process_at(path), signal.SIGKILL)
    time.sleep(0.2)
    assert check("double", "--no-server")[0] == 0


def test_a_changed_course_is_graded_by_a_fresh_server_and_the_old_one_ends(
    workspace, course, runtime
):
    path = workspace / "exercises" / "sums.py"
    path.write_text(solve(path, "mean", WRONG))
    assert "divide it by the count" in check("mean")[1]
    (old,) = sockets(runtime)
    mistakes = course / "checks" / "sums" / "mistakes.py"
    mistakes.write_text(mistakes.read_text().replace("divide it by the count", "share it out"))
    assert "share it out" in check("mean")[1]
    deadline = time.monotonic() + 30
    while old.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(sockets(runtime)) == 1 and old not in sockets(runtime)


def test_it_ends_by_itself(workspace, runtime):
    place = Workspace(workspace, Course.find())
    path = socket_of(place)
    Server(place, listening(path), path, lambda *_: 1 / 0).run(idle=0.1)
    assert not path.exists() and connected(path) is None


def test_what_it_cannot_grade_is_said_as_without_it(workspace, runtime):
    (workspace / "exercises" / "sums.py").write_bytes(b"\xff")
    alone = grad("check", "mean", "--json", "--no-server")
    ran = grad("check", "mean", "--json")
    assert ran == alone and ran.code == 2 and "is not UTF-8" in ran.err


def test_nobody_at_a_terminal_leaves_no_server_behind(workspace, runtime, monkeypatch):
    monkeypatch.delenv("GRADSCHOOL_SERVER")
    assert grad("check", "double").code == 0
    assert not sockets(runtime)
    assert "no warm server is running" in grad("doctor").out
    monkeypatch.setenv("GRADSCHOOL_SERVER", "0")
    assert "no warm server: GRADSCHOOL_SERVER is 0" in grad("doctor").out


def test_a_watch_answers_too(workspace, runtime):
    place = Workspace(workspace, Course.find())
    file = place.path("sums")
    grader = Grader(place, lambda _: None, lambda _: None)
    try:
        with serving(place, grader.grade), Sitting(place) as sitting:
            assert process_at(socket_of(place)) == os.getpid()
            assert sitting.grade(file, "sums", 0, {"double"}).all_passed
            file.write_text(solve(file, "mean", "    while True: pass"))
            grader.request("sums")  # the watch may give way as often as it likes
            answers = []
            ask = threading.Thread(
                target=lambda: answers.append(sitting.grade(file, "sums", 0, {"double"}))
            )
            ask.start()
            for number in range(5):
                file.write_text(file.read_text() + f"# {number}\n")
                grader.request("sums")
                time.sleep(0.05)
            ask.join(60)
            assert answers[0].all_passed
            assert sitting._session is None, "it was the watch that has graded"
    finally:
        grader.close()
    assert not sockets(runtime)
