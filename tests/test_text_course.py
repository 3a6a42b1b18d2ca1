"""A course from another field, by the documents alone: from its proof to the report on a class."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.classroom import Classroom, cell_of, code_cell, edited
from tests.command import grad

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("text course")

COURSE = Path(__file__).parent / "text_course"
FULL = 8.0


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Classroom:
    """The course released, and handed in by three, in a shell that knows of no course."""
    room = Classroom(tmp_path_factory.mktemp("text"))
    del room.environment["GRADSCHOOL_COURSE"]
    shutil.copytree(COURSE, room.folder.parent / "lessons")
    lessons = str(room.folder.parent / "lessons")
    room.run("grad", "--course", lessons, "release", "records", "--course", str(room.folder))
    room.nbgrader("generate_assignment", "records")
    solved = room.solved("records")
    room.submit("amy", "records", solved)
    room.submit("bob", "records", edited(solved, "tidy(name), []", "name, []"))
    reads = f"open({str(COURSE / 'solutions' / 'records.py')!r}).read()"
    room.submit("cem", "records", {**solved, "cells": [*solved["cells"], code_cell(reads)]})
    return room


def test_the_course_proves_itself(monkeypatch):
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    quick = ("--no-mutants", "--no-weakenings", "--jobs", "1")
    ran = grad("--course", COURSE, "dev", "check", *quick)
    assert "The course is in order." in ran.out, ran.out


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (".tolist()", "a list is there where a numpy array is due: np.array(...) makes one"),
        (".sum()", "one number is there where a whole array is due"),
    ],
)
def test_reports_speak_of_arrays_where_the_course_does(tmp_path, made, said):
    text = (COURSE / "solutions" / "records.py").read_text()
    old = "(table - table.mean(axis=0)) / np.where(spread == 0, 1.0, spread)"
    (tmp_path / "records.py").write_text(text.replace(old, f"({old}){made}"))
    assert said in grad("--course", COURSE, "grade", tmp_path / "records.py").out


def test_nbgrader_grades_it_by_what_the_release_wrote_down(room):
    room.nbgrader("autograde", "records")
    assert room.totals("records") == {"amy": FULL, "bob": FULL - 2, "cem": FULL}
    room.nbgrader("generate_feedback", "records")
    assert "the name is taken as it was typed" in room.feedback("bob", "records")
    assert "PermissionError" in room.feedback("cem", "records")


def test_the_released_notebook_runs_its_examples(room):
    source = cell_of(room.released("records"), "records-read_scores-code")["source"]
    assert "io.StringIO" in source and "setdefault" not in source


def test_a_class_is_graded_and_reported_with_the_same_marks(room, tmp_path):
    lessons = str(room.folder.parent / "lessons")
    shutil.copytree(room.folder / "submitted", tmp_path / "class" / "submitted")
    place = str(tmp_path / "class")
    shown = room.run("grad", "class", "--course", lessons, "grade", place, "--jobs", "1")
    assert "3 graded" in shown
    room.run("grad", "--course", lessons, "class", "export", place, "--to", "json")
    lines = (tmp_path / "class" / "export" / "results.jsonl").read_text().splitlines()
    points = {each["student"]: each["report"]["points"] for each in map(json.loads, lines)}
    assert points == {"amy": 8, "bob": 6, "cem": 8}
    room.run("grad", "--course", lessons, "class", "report", place)
    page = (tmp_path / "class" / "report.html").read_text()
    assert "Records" in page and "read_scores" in page
