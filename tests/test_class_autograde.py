"""`grad class autograde`: the marks of `nbgrader autograde`, by several processes, resumable."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.classroom import BIN, Classroom, edited

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("nbgrader")


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Classroom:
    """A class of twelve: right, wrong, untouched, renamed, broken, and with no notebook at all."""
    room = Classroom(tmp_path_factory.mktemp("autograde"))
    room.release("sums")
    solved, stub = room.solved("sums"), room.released("sums")
    for number in range(6):
        room.submit(f"right{number}", "sums", solved)
    room.submit("wrong", "sums", edited(solved, "/ len(xs)", ""))
    room.submit("untouched", "sums", stub, at="2026-11-01 10:00:00 UTC")
    room.submit("li wei o'brien", "sums", solved)
    room.submit("broken", "sums", b"{")
    path = room.submit("renamed", "sums", solved)
    path.rename(path.with_name("sums (1).ipynb"))
    bare = room.folder / "submitted" / "bare" / "sums"
    bare.mkdir(parents=True)
    (bare / "essay.txt").write_text("words")
    return room


def autograde(room: Classroom, *more: str, code: int = 0) -> str:
    command = ("grad", "class", "autograde", "sums", "--course", str(room.folder), *more)
    return room.run(*command, code=code)


def test_the_marks_are_nbgraders_and_what_is_done_is_left(room, tmp_path):
    single = Classroom(tmp_path)
    shutil.copytree(room.folder, single.folder)
    single.nbgrader("autograde", "sums")
    assert "12 graded" in (said := autograde(room, "--jobs", "2", code=3))
    assert "renamed  renamed, sums: handed in as 'sums (1).ipynb'" in said
    assert room.scores("sums") == single.scores("sums")
    assert room.to_review("sums") == single.to_review("sums") >= {"broken", "bare"}
    assert room.totals("sums")["right0"] == 6.0 > room.totals("sums")["wrong"]
    said = autograde(room, "--jobs", "2", code=3)
    assert "12 skipped" in said
    assert "Look at 2 in the formgrader:\n  bare\n  broken\n" in said
    room.submit("untouched", "sums", room.solved("sums"), at="2026-11-02 10:00:00 UTC")
    said = autograde(room, "--jobs", "2", code=3)
    assert "1 graded" in said and "11 skipped" in said
    assert room.totals("sums")["untouched"] == 6.0


def test_what_was_killed_goes_on_and_nobody_is_left_half_done(room):
    shutil.rmtree(room.folder / "autograded", ignore_errors=True)
    command = [str(BIN / "grad"), "class", "autograde", "sums", "--course", str(room.folder)]
    process = subprocess.Popen([*command, "--jobs", "2"], env=room.environment, stdout=-1)
    at_work = room.folder / ".gradschool" / "autograding" / "sums"
    while not (at_work.exists() and list(at_work.iterdir())) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = len(list((room.folder / "autograded").glob("*/sums/sums.ipynb")))
    assert done < 12
    autograde(room, "--jobs", "2", code=3)
    graded = list((room.folder / "autograded").glob("*/sums/sums.ipynb"))
    assert len(graded) == 12 and not list(at_work.iterdir())
    shown = room.autograded("right0", "sums")
    tests = [c for c in shown["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]
    assert tests and all(cell["outputs"] for cell in tests)


@pytest.mark.parametrize(
    ("lesson", "folder", "sentence"),
    [
        ("sums", "nowhere", "is no nbgrader course"),
        ("other", "course", "nobody has handed in other"),
    ],
)
def test_what_cannot_be_graded_is_refused_in_a_sentence(room, lesson, folder, sentence):
    place = room.folder.with_name(folder)
    command = ("grad", "class", "autograde", lesson, "--course", str(place), "--jobs", "1")
    assert sentence in room.run(*command, code=2)


def test_a_course_that_would_run_submissions_unshut_is_refused(room, tmp_path):
    plain = Classroom(tmp_path)
    shutil.copytree(room.folder, plain.folder)
    config = Path(plain.folder / "nbgrader_config.py")
    config.write_text("c = get_config()\n")
    assert "does not grade with Gradschool" in autograde(plain, "--jobs", "1", code=2)
    config.write_text("raise SystemExit('no such day')\n")
    assert "no such day" in autograde(plain, "--jobs", "1", code=2)
