"""Whatever lies in a submission's folder, every student of the class has a row and a reason."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from tests.classroom import Classroom

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("folders")

LARGE = b'{"cells": [], "metadata": {"x": "' + b"x" * 9 * 2**20 + b'"}, "nbformat": 4}'
STAMPS = {
    "stamp-garbled": lambda path: path.write_bytes(b"\xff\xfe no time"),
    "stamp-overflows": lambda path: path.write_text("9" * 100),
    "stamp-folder": lambda path: path.mkdir(),
    "stamp-pipe": os.mkfifo,
    "stamp-nowhere": lambda path: path.symlink_to("nowhere"),
}
ODD = {
    "pipe": lambda folder: os.mkfifo(folder / "data.txt"),
    "broken-link": lambda folder: (folder / "data.txt").symlink_to("nowhere"),
    "loop": lambda folder: (folder / "round").symlink_to(folder, target_is_directory=True),
    "strange-name": lambda folder: Path(os.fsdecode(bytes(folder) + b"/\xff.ipynb")).touch(),
    "device": lambda folder: (folder / "zeros").symlink_to("/dev/zero"),
    "sparse": lambda folder: os.truncate(_made(folder / "huge.bin"), 2**40),
    "many": lambda folder: [(folder / f"{n}.txt").touch() for n in range(600)],
    "brackets": lambda folder: os.mkfifo(folder / "[a]*.txt"),
}


def _made(path: Path) -> Path:
    path.touch()
    return path


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    room = Classroom(tmp_path_factory.mktemp("class"))
    room.release("sums")
    solved = room.solved("sums")
    for student, put in STAMPS.items():
        put(room.submit(student, "sums", solved).with_name("timestamp.txt"))
    for student, put in ODD.items():
        put(room.submit(student, "sums", solved).parent)
    peer = room.submit("peer", "sums", solved)
    copied = room.submit("copied", "sums", solved)
    copied.unlink()
    os.link(peer, copied)
    room.submit("large", "sums", LARGE)
    room.submit("folder", "sums", solved).unlink()
    (room.folder / "submitted" / "folder" / "sums" / "sums.ipynb").mkdir()
    room.log = room.nbgrader("autograde", "sums")
    return room


def test_every_student_is_recorded(room):
    students = {path.name for path in (room.folder / "submitted").iterdir()}
    assert set(room.totals("sums")) == students
    room.nbgrader("export")
    with (room.folder / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: row["state"] for row in csv.DictReader(file)}
    assert rows.keys() == students and "missing" not in rows.values()
    assert "Traceback" not in room.log


def test_what_lies_beside_a_notebook_costs_no_point(room):
    totals, review = room.totals("sums"), room.to_review("sums")
    assert {totals[student] for student in ODD} == {6.0}
    assert not review & ODD.keys()
    assert "'data.txt' cannot be copied; left out" in room.log


def test_a_stamp_that_is_none_is_for_a_person_to_look_at(room):
    totals, review = room.totals("sums"), room.to_review("sums")
    assert {totals[student] for student in STAMPS} == {6.0}
    assert review >= STAMPS.keys()
    assert "its timestamp.txt holds no time; see yourself whether it is late" in room.log


def test_a_file_that_is_somebody_elses_is_not_graded(room):
    totals, review = room.totals("sums"), room.to_review("sums")
    for student in ("peer", "copied", "large", "folder"):
        assert totals[student] == 0 and student in review
    assert "the same file as another one (a hard link)" in room.log
    assert "more than the 8 MiB that are read" in room.log
