"""A course of one's own, and assignments that are nobody's: nothing runs unshut without a word."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from autograder.lessons.course import NBGRADER, Course, WrongUse
from autograder.nbgrader.config import configure
from autograder.nbgrader.release import release
from tests.classroom import Classroom, cell_of, code_cell
from tests.conftest import MINIATURE

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("own course")

FULL = 6.0


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    room = Classroom(tmp_path_factory.mktemp("own"))
    room.release("sums")
    return room


@pytest.fixture
def room(released: Classroom, tmp_path: Path) -> Classroom:
    """A released own course in a shell that does not know of it; one submission writes a file."""
    room = Classroom(tmp_path)
    shutil.copytree(released.folder, room.folder)
    del room.environment["GRADSCHOOL_COURSE"]
    writes = code_cell(f"open({str(trace(room))!r}, 'w').write('was here')")
    solved = room.solved("sums")
    room.submit("amy", "sums", {**solved, "cells": [*solved["cells"], writes]})
    return room


def trace(room: Classroom) -> Path:
    return room.folder.parent / "trace"


def edit_config(room: Classroom, pattern: str, new: str) -> None:
    path = room.folder / NBGRADER
    text, count = re.subn(pattern, new, path.read_text())
    assert count == 1
    path.write_text(text)


def refused(room: Classroom, assignment: str) -> str:
    """Autograding that stops with an error; nothing is run and nothing is left behind."""
    log = room.nbgrader("autograde", assignment, code=1)
    assert not trace(room).exists()
    assert not (room.folder / "autograded").exists()
    assert log.count("ERROR") == 1 and "Traceback" not in log
    return log


def test_the_configuration_names_the_course_and_any_shell_grades_with_it(room):
    room.nbgrader("autograde", "sums")
    assert room.totals("sums") == {"amy": FULL}
    assert not trace(room).exists()


def test_a_lesson_of_no_known_course_stops_autograde(room):
    edit_config(room, r"course='[^']+', ", "")
    assert "is of the lesson 'sums', which is not in" in refused(room, "sums")


def test_an_exercise_that_the_lesson_has_no_more_stops_autograde(room, tmp_path):
    later = tmp_path / "later"
    for kind in ("solutions", "checks"):
        shutil.copytree(MINIATURE / kind, later / kind)
    for file in later.rglob("*.py"):
        file.write_text(re.sub(r"\bshares\b", "portions", file.read_text()))
    edit_config(room, r"course='[^']+'", f"course={str(later)!r}")
    assert "has no exercise 'shares'" in refused(room, "sums")


def test_a_course_that_is_gone_stops_nbgrader(room, tmp_path):
    edit_config(room, r"course='[^']+'", f"course={str(tmp_path / 'gone')!r}")
    log = room.nbgrader("autograde", "sums", code=1)
    assert "gone is no course: there is no such folder" in log
    assert "see to configure(c, course=...)" in log
    assert not trace(room).exists()


def plain(room: Classroom) -> None:
    """An assignment of plain nbgrader in the same course, and what a student hands in."""
    about = {"grade": True, "locked": True, "solution": False, "schema_version": 3, "points": 2}
    test = code_cell("assert 1 + 1 == 2", nbgrader={**about, "grade_id": "sum", "task": False})
    path = room.folder / "source" / "plain" / "plain.ipynb"
    path.parent.mkdir()
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    head = {"metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps({**head, "cells": [test]}))
    room.nbgrader("generate_assignment", "plain")
    released = room.released("plain")
    writes = code_cell(f"open({str(trace(room))!r}, 'w').write('was here')")
    room.submit("amy", "plain", {**released, "cells": [writes, *released["cells"]]})
    assert cell_of(released, "sum")


def test_an_assignment_that_is_not_gradschools_runs_only_where_the_configuration_says_so(room):
    plain(room)
    log = refused(room, "plain")
    assert "plain has no cell of Gradschool's" in log and 'configure(c, others="run")' in log
    edit_config(room, r'seed="', 'others="run", seed="')
    room.nbgrader("autograde", "plain")
    assert room.totals("plain") == {"amy": 2.0}
    assert trace(room).exists()
    trace(room).unlink()
    room.nbgrader("autograde", "sums")
    assert room.totals("sums") == {"amy": FULL} and not trace(room).exists()
    for assignment in ("plain", "sums"):
        room.nbgrader("generate_feedback", assignment)
        assert room.feedback("amy", assignment)


def test_one_configuration_has_one_course(tmp_path):
    mine, real = Course.at(MINIATURE), Course.find()
    list(release(mine, ["sums"], tmp_path / "mine"))
    list(release(mine, ["sums"], tmp_path / "mine"))
    with pytest.raises(WrongUse, match="grades with .*miniature, and this lesson is of"):
        list(release(real, ["part1_bigrams"], tmp_path / "mine"))
    list(release(real, ["part1_bigrams"], tmp_path / "real"))
    assert "course='zero-to-hero'" in (tmp_path / "real" / NBGRADER).read_text()
    with pytest.raises(WrongUse, match="grades with zero-to-hero, and this lesson is of"):
        list(release(mine, ["sums"], tmp_path / "real"))


def test_another_word_than_stop_or_run_is_refused():
    with pytest.raises(WrongUse, match="others='maybe' is neither"):
        configure(None, others="maybe")
