"""The store of a class: what is put in comes out, once, and whatever stops it loses nothing."""

from __future__ import annotations

import dataclasses
import sqlite3
import stat

import pytest

from autograder.classroom.graded import GRADED, UNREADABLE, Graded, changes, packed_submission
from autograder.classroom.store import FILE, Store
from autograder.lessons.cells import Cell, from_cells
from autograder.lessons.errors import Unusable, WrongUse

WRONG = "def mean(xs): return sum(xs)\ndef double(x): return x + x"


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / FILE) as store:
        yield store


def result(report, student="ada", **changes) -> Graded:
    about = {"digest": "d1", "seed": "secret", "course": "c1", "engine": "e1"}
    made = Graded(
        student,
        "sums",
        "submitted/ada",
        outcome=GRADED,
        why="",
        seconds=1.5,
        report=report,
        **about,
    )
    return dataclasses.replace(made, **changes)


def test_a_result_comes_back_as_it_was_with_what_feedback_may_say(store, grade):
    report = grade("import os\nraise ValueError\n" + WRONG)
    assert report.hidden().notes
    graded = result(report)
    store.put(graded, run=1)
    (back,) = store.latest()
    rounded = dataclasses.replace(report, seconds=round(report.seconds, 4))
    assert back == dataclasses.replace(graded, report=rounded)
    assert back.report.hidden() == rounded.hidden()


def test_a_submission_has_one_result_a_run_and_the_newest_run_counts(store):
    store.put(result(None, why="first"), run=1)
    store.put(result(None, why="again"), run=1)
    assert [each.why for each in store.of_run(1)] == ["again"]
    store.put(result(None, why="second"), run=2)
    assert [each.why for each in store.latest()] == ["second"]
    assert store.before(2, "ada", "sums").why == "again"
    assert store.before(1, "ada", "sums") is None


def test_results_come_by_lesson_and_student(store):
    for lesson, student in (("b", "x"), ("a", "z"), ("a", "y")):
        store.put(result(None, student, lesson=lesson))
    assert [(each.lesson, each.student) for each in store.latest()] == [
        ("a", "y"),
        ("a", "z"),
        ("b", "x"),
    ]
    assert [each.student for each in store.latest("b")] == ["x"]
    assert store.key("x", "b") == ("d1", "secret", "c1", "e1")
    assert store.key("x", "a") is store.key("x", "b", 7) is None


def test_a_run_that_was_stopped_goes_on_and_one_that_has_ended_does_not(store):
    first = store.begin({"again": True})
    assert store.begin({"again": True}) == first
    store.end(first)
    second = store.begin({"again": True})
    assert second != first
    assert store.begin({"again": False}) not in (first, second)


def test_the_source_is_the_text_that_was_graded(store):
    submission = from_cells("x.ipynb", [Cell("a = 1", 1), Cell("# text", 2, False), Cell("b", 3)])
    store.put(result(None), packed_submission(submission))
    assert store.source("ada", "sums") == "a = 1\nb"
    assert [unit.label for unit in store.submission("ada", "sums").units] == ["cell 1", "cell 3"]
    store.put(result(None, digest="other", outcome=UNREADABLE), run=1)
    assert store.source("ada", "sums") == ""
    assert store.source("nobody", "sums") == ""


def test_changes_name_what_is_judged_otherwise(grade):
    old, new = result(grade(WRONG)), result(grade(WRONG.replace("sum(xs)", "0.0")))
    assert changes(old, old) == []
    gone = result(None, outcome=UNREADABLE)
    (mean,) = [each for each in changes(gone, old) if each.exercise == "double"]
    assert (mean.before, mean.after, mean.points_before, mean.points_after) == (
        "unreadable",
        "passed",
        0,
        1,
    )
    assert changes(old, new) == []  # another mistake, the same verdict


def test_only_its_owner_may_read_it(store):
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_what_is_no_store_or_a_newer_one_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(WrongUse, match="grad class grade"):
        Store.of(tmp_path)
    (tmp_path / "text.db").write_text("x" * 5000)
    with pytest.raises(Unusable, match="text.db cannot be used"):
        Store(tmp_path / "text.db")
    with sqlite3.connect(tmp_path / "new.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(Unusable, match="newer Gradschool"):
        Store(tmp_path / "new.db")


def test_one_reads_while_another_writes(store):
    store.put(result(None, "ada"))
    store.put(result(None, "bob"))
    with Store(store.path) as other:
        reading = store.latest()
        assert next(reading).student == "ada"
        other.put(result(None, "cy"))
        assert [each.student for each in reading] == ["bob"]
    assert len(list(store.latest())) == 3
