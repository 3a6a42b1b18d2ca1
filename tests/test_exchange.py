"""The whole way of a class with the real nbgrader, and the same without our configuration.

Two lessons, three students: release, fetch, submit, collect, grade, give feedback, fetch it.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.classroom import Classroom, edited
from tests.conftest import MINIATURE

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("exchange")

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = """
c.CourseDirectory.course_id = "deep"
c.Exchange.root = {exchange!r}
"""
LATE = """
from late import HalfAPointADay
c.AssignLatePenalties.plugin_class = HalfAPointADay
"""
POLICY = """
from nbgrader.plugins import BasePlugin


class HalfAPointADay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 0.5 * (total_seconds_late // 86400 + 1)
"""
FIRST_LESSON = "part0_micrograd_engine"


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of two lessons: the miniature one, and the real course's first."""
    folder = tmp_path_factory.mktemp("lessons") / "lessons"
    shutil.copytree(MINIATURE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "solutions" / f"{FIRST_LESSON}.py", folder / "solutions")
    checks = Path("checks", FIRST_LESSON)
    shutil.copytree(ROOT / "autograder" / checks, folder / checks)
    return folder


class Student(Classroom):
    """A student with a home of his own, who meets the instructor in the exchange only."""

    def __init__(self, folder: Path, name: str, exchange: Path):
        super().__init__(folder / name)
        self.name = name
        self.folder.mkdir(parents=True)
        text = "c = get_config()\n" + CONFIGURATION.format(exchange=str(exchange))
        (self.folder / "nbgrader_config.py").write_text(text)

    def hand_in(self, lesson: str, notebook: dict) -> None:
        (self.folder / lesson / f"{lesson}.ipynb").write_text(json.dumps(notebook))
        self.nbgrader("submit", lesson, f"--student={self.name}")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, lessons: Path) -> Classroom:
    """The class after the whole way."""
    folder = tmp_path_factory.mktemp("school")
    exchange = folder / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    room = Classroom(folder, GRADSCHOOL_COURSE=str(lessons))
    both = ("sums", FIRST_LESSON)
    room.release(*both)
    config = room.folder / "nbgrader_config.py"
    config.write_text(config.read_text() + CONFIGURATION.format(exchange=str(exchange)) + LATE)
    room.environment["PYTHONPATH"] = str(folder)
    (folder / "late.py").write_text(POLICY)
    for lesson in both:
        room.nbgrader("release_assignment", lesson)
    room.nbgrader("db", "assignment", "add", "sums", "--duedate=2026-01-01 12:00:00 UTC")
    room.students = hand_in_everything(room, folder, exchange)
    for lesson in both:
        room.nbgrader("collect", lesson)
    set_times(room.folder / "submitted")
    for lesson in both:
        room.nbgrader("autograde", lesson)
        room.nbgrader("generate_feedback", lesson)
        room.nbgrader("release_feedback", lesson)
    room.nbgrader("export", "--to", "grades.csv")
    return room


def hand_in_everything(room: Classroom, folder: Path, exchange: Path) -> dict[str, Student]:
    names = ("amy", "bob", "late")
    students = {name: Student(folder, name, exchange) for name in names}
    for lesson in ("sums", FIRST_LESSON):
        students["amy"].nbgrader("fetch_assignment", lesson)
        for name in ("bob", "late"):
            shutil.copytree(students["amy"].folder / lesson, students[name].folder / lesson)
    sums, engine = room.solved("sums"), room.solved(FIRST_LESSON)
    wrong = edited(engine, "self.grad +=", "self.grad =")
    for name, notebook in {"amy": sums, "bob": room.released("sums"), "late": sums}.items():
        students[name].hand_in("sums", notebook)
    for name, notebook in {"amy": engine, "bob": wrong, "late": engine}.items():
        students[name].hand_in(FIRST_LESSON, notebook)
    return students


def set_times(submitted: Path) -> None:
    """Everybody was in time but one student, who was a day and an hour late."""
    times = {"late": "2026-01-02 13:00:00 UTC"}
    for stamp in submitted.glob("*/*/timestamp.txt"):
        stamp.write_text(times.get(stamp.parts[-3], "2026-01-01 11:00:00 UTC"))


def rows(room: Classroom) -> dict[tuple[str, str], dict[str, str]]:
    with open(room.folder / "grades.csv") as file:
        return {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}


def test_marks_of_everybody(school):
    exported = rows(school)
    assert exported["amy", "sums"]["score"] == "6.0"
    assert exported["bob", "sums"]["score"] == "1.0"
    full = exported["amy", FIRST_LESSON]
    assert full["score"] == full["max_score"]
    assert 0 < float(exported["bob", FIRST_LESSON]["score"]) < float(full["max_score"])


def test_the_late_penalty_is_nbgraders(school):
    late = rows(school)["late", "sums"]
    marks = [late[key] for key in ("raw_score", "late_submission_penalty", "score")]
    assert marks == ["6.0", "1.0", "5.0"]


def test_everybody_gets_feedback_through_the_exchange(school):
    student = school.students["bob"]
    student.nbgrader("fetch_feedback", FIRST_LESSON, f"--student={student.name}")
    pages = list(student.folder.rglob("feedback/**/*.html"))
    assert len(pages) == 1
    page = pages[0].read_text()
    assert "passed" in page and "It looks like this" in page
    assert "Hidden" not in page and "lesson.Value(" not in page


def test_stock_preprocessors_give_the_same_marks(school, lessons, tmp_path):
    """Without our configuration the notebook runs in a kernel, which asks the installed engine."""
    room = Classroom(tmp_path, GRADSCHOOL_COURSE=str(lessons))
    shutil.copytree(school.folder, room.folder)
    (room.folder / "nbgrader_config.py").write_text("c = get_config()\n")
    shutil.rmtree(room.folder / "autograded")
    expected = school.scores("sums")
    room.nbgrader("autograde", "sums", "--student=amy")
    room.nbgrader("autograde", "sums", "--student=bob")
    found = room.scores("sums")
    assert found["amy"] == expected["amy"] and found["bob"] == expected["bob"]
