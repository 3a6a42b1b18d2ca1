"""`grad class export`: what spreadsheets, Canvas, Moodle, Gradescope and others are given."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from autograder.classroom.spreadsheets import as_csv, defused
from tests.command import Ran, grad
from tests.small_class import FORMULA, HTML, graded_class, sources

pytestmark = pytest.mark.usefixtures("small_course")


@pytest.fixture
def folder(tmp_path, session, solution) -> Path:
    return graded_class(tmp_path / "spring", session, sources(solution))


@pytest.fixture
def people(tmp_path, session, solution) -> Path:
    """A class whose names are as the downloads of Canvas and Moodle have them."""
    wrong = solution.replace("return sum(xs) / len(xs)", "return sum(xs)")
    named = {"lovelaceada": solution, "bob": wrong, "Çem Öz_7003": wrong, "stranger": solution}
    return graded_class(tmp_path / "autumn", session, named)


def export(folder: Path, format: str, *more: object) -> Ran:
    ran = grad("class", "export", folder, "--to", format, *more)
    assert ran.code == 0, ran.err
    return ran


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_tables_by_exercise_and_by_lesson(folder):
    assert export(folder, "csv").out.startswith("2 files are written to ")
    rows = table(folder / "export" / "sums.csv")
    assert rows[0][:4] == ["student", "double", "mean", "centred"]
    assert rows[0][-5:] == ["points", "max_points", "look at", "handed_in", "late"]
    by_name = {row[0]: row[1:] for row in rows}
    assert by_name["ada"] == ["1", "1", "1", "1", "2", "6", "6", "", "", ""]
    assert by_name["bob"][:4] == ["1", "0", "1", "1"] and by_name["bob"][5] == "5"
    assert by_name["zed"] == [*[""] * 6, "6", "unreadable: sums.py is not UTF-8", "", ""]
    assert table(folder / "export" / "lessons.csv")[:2] == [
        ["student", "sums", "points", "max_points", "late"],
        [HTML, "6", "6", "6", ""],
    ]


def test_no_cell_is_a_formula(folder):
    export(folder, "csv")
    for path in (folder / "export").glob("*.csv"):
        assert f"'{FORMULA}" in [row[0] for row in table(path)]
        assert not [cell for row in table(path) for cell in row if cell[:1] in set("=+-@\t\r")]


@pytest.mark.parametrize(
    "text", ["=1", "+A1", "-A1", "@x", "\tx", "\rx", "＝1", "-1-1", "\n=1", "-1e5x"]
)
def test_what_a_spreadsheet_would_execute_is_text(text):
    assert defused(text) == f"'{text}"
    assert list(csv.reader(io.StringIO(as_csv([[text]]), newline=""))) == [[f"'{text}"]]


@pytest.mark.parametrize("cell", ["-1", "-1.5", "+2", "a=b", "", "o'brien", 3, -2.5])
def test_numbers_and_words_stay(cell):
    assert defused(cell) == cell


def test_json_has_a_line_a_submission_and_not_the_seed(folder):
    export(folder, "json")
    text = (folder / "export" / "results.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["student"] for line in lines] == sorted(line["student"] for line in lines)
    bob = next(line for line in lines if line["student"] == "bob")
    assert bob["report"]["points"] == 5 and bob["outcome"] == "graded"
    assert next(line for line in lines if line["student"] == "zed")["report"] is None
    assert {line["seed"] for line in lines} == {None} and '"seed": "' not in text


CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Week 1 (77),Sums (901),Current Score
,,,,,Manual Posting,,
    Points Possible,,,,,10,12,(read only)
"Lovelace, Ada",123,m1,ada@uni.edu,A,9,,90
"Baker, Bob",124,m2,bob@uni.edu,A,8,3,80
"Öz, Çem",7003,m3,cem.oz,B,8,,80
"Student, Test",999,,x,A,,,
"""


def test_a_grade_book_of_canvas_is_filled_in(people, tmp_path):
    (tmp_path / "book.csv").write_text(CANVAS, encoding="utf-8-sig")
    ran = export(people, "canvas", "--gradebook", tmp_path / "book.csv")
    assert table(people / "export" / "canvas.csv") == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Sums (901)"],
        ["    Points Possible", "", "", "", "", "12"],
        ["Lovelace, Ada", "123", "m1", "ada@uni.edu", "A", "12"],
        ["Baker, Bob", "124", "m2", "bob@uni.edu", "A", "10"],
        ["Öz, Çem", "7003", "m3", "cem.oz", "B", "10"],
        ["Student, Test", "999", "", "x", "A", ""],
    ]
    assert "stranger: no row of book.csv" in ran.err and "6 points are 12 there" in ran.err


def test_the_number_that_was_collected_counts_more_than_a_name(people, tmp_path):
    head = "what,student,lesson,file,source,id,late,why\n"
    (people / "collected.csv").write_text(f"{head}taken,bob,sums,a.py,a.py,999,,\n")
    (tmp_path / "book.csv").write_text(CANVAS)
    export(people, "canvas", "--gradebook", tmp_path / "book.csv")
    points = {row[0]: row[-1] for row in table(people / "export" / "canvas.csv")}
    assert (points["Student, Test"], points["Baker, Bob"]) == ("10", "")


def test_a_lesson_that_canvas_does_not_have_is_a_new_assignment(people, tmp_path):
    (tmp_path / "book.csv").write_text(CANVAS.replace("Sums (901)", "Other (5)"))
    ran = export(people, "canvas", "--gradebook", tmp_path / "book.csv")
    rows = table(people / "export" / "canvas.csv")
    assert rows[0][-1] == "sums" and rows[1][-1] == "6" and rows[3][-1] == "5"
    assert "sums: book.csv has no assignment of this name" in ran.err


@pytest.mark.parametrize("name", ["Homework 2: sums", "Homework 2: sums (901)"])
def test_an_assignment_of_another_name_is_filled_in_when_it_is_named(people, tmp_path, name):
    book = tmp_path / "book.csv"
    book.write_text(CANVAS.replace("Sums (901)", "Homework 2: sums (901)"))
    ran = export(people, "canvas", "--gradebook", book, "--assignment", name)
    rows = table(people / "export" / "canvas.csv")
    assert rows[0][-1] == "Homework 2: sums (901)" and rows[3][-1] == "10"
    assert "no assignment" not in ran.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("canvas", "--assignment", "Homework"), "has no assignment 'Homework'"),
        (("moodle", "--assignment", "Sums"), "--assignment is for Canvas"),
        (("csv",), "--gradebook goes with --to canvas or --to moodle"),
    ],
)
def test_an_option_that_does_not_fit_writes_nothing(people, tmp_path, options, sentence):
    (tmp_path / "book.csv").write_text(CANVAS)
    book = ("--gradebook", tmp_path / "book.csv")
    ran = grad("class", "export", people, "--to", *options, *book)
    assert ran.code == 2 and sentence in ran.err and not (people / "export").exists()


def test_who_was_not_graded_has_no_mark(folder, tmp_path):
    (tmp_path / "book.csv").write_text(CANVAS + '"Zed",7,,zed,A,,,\n')
    ran = export(folder, "canvas", "--gradebook", tmp_path / "book.csv")
    assert table(folder / "export" / "canvas.csv")[-1][-1] == ""
    assert "zed: not graded, so its cell is empty; unreadable" in ran.err


def test_a_row_that_two_could_mean_is_told_and_left(people, tmp_path):
    twice = CANVAS + '"Baker, Bob",125,m5,bob@other.edu,B,,,\n'
    (tmp_path / "book.csv").write_text(twice)
    ran = export(people, "canvas", "--gradebook", tmp_path / "book.csv")
    assert "bob: no row of book.csv, or several, is this one's" in ran.err
    assert [row[-1] for row in table(people / "export" / "canvas.csv") if "Bob" in row[0]] == [
        "",
        "",
    ]


WORKSHEET = """\
Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum grade",\
"Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 7001","Ada Lovelace",,ada@uni.edu,Submitted,,100.00,Yes,"Monday, 9:00 AM",-,
"Participant 7002",Bob,,bob@uni.edu,Submitted,,100.00,No,-,-,
"Participant 7003","Çem Öz",,cem@uni.edu,Submitted,,100.00,Yes,-,-,kept
"""


def test_a_grading_worksheet_of_moodle_is_filled_in(people, tmp_path):
    (tmp_path / "sheet.csv").write_text(WORKSHEET, encoding="utf-8")
    ran = export(people, "moodle", "--gradebook", tmp_path / "sheet.csv")
    rows, before = table(people / "export" / "moodle.csv"), table(tmp_path / "sheet.csv")
    assert rows[0] == before[0] and [row[5] for row in rows[1:]] == ["", "", "83.33"]
    for row in (*rows, *before):
        del row[5]
    assert rows == before
    assert "bob: Moodle says that this grade cannot be changed" in ran.err
    assert "lovelaceada: no row" in ran.err


def test_a_grade_book_of_moodle_is_filled_in(people, tmp_path):
    head = '"First name","Last name","ID number",Institution,"Email address","Quiz (Real)"\n'
    rows = "Ada,Lovelace,7001,Uni,ada@uni.edu,4\nBob,Baker,,Uni,bob@uni.edu,-\n"
    (tmp_path / "book.csv").write_text(head + rows)
    ran = export(people, "moodle", "--gradebook", tmp_path / "book.csv")
    assert table(people / "export" / "moodle.csv") == [
        ["First name", "Last name", "ID number", "Email address", "sums"],
        ["Ada", "Lovelace", "7001", "ada@uni.edu", "6"],
        ["Bob", "Baker", "", "bob@uni.edu", "5"],
    ]
    assert ran.err.count("no row") == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "has no column"),
        ("Student,ID\nÄ,1\n".encode("latin-1"), "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_grade_book_is_told(people, tmp_path, content, sentence):
    (tmp_path / "book.csv").write_bytes(content)
    ran = grad("class", "export", people, "--to", "canvas", "--gradebook", tmp_path / "book.csv")
    assert ran.code == 2 and sentence in ran.err
    assert grad("class", "export", people, "--to", "canvas").code == 2


def test_a_place_that_cannot_be_used_is_told_with_what_helps(people, tmp_path):
    (tmp_path / "file").write_text("")
    for options, words in (
        (("canvas", "--gradebook", tmp_path / "nowhere.csv"), "see to its spelling"),
        (("canvas", "--gradebook", tmp_path), "it is a folder, so name a file"),
        (("csv", "--into", tmp_path / "file"), "a file stands where a folder is needed"),
    ):
        ran = grad("class", "export", people, "--to", *options)
        assert ran.code == 2 and words in ran.err and "permissions" not in ran.err


def test_the_grade_book_itself_is_never_overwritten(people, tmp_path):
    book = tmp_path / "canvas.csv"
    book.write_text(CANVAS)
    options = ("--to", "canvas", "--gradebook", book, "--into", tmp_path)
    ran = grad("class", "export", people, *options)
    assert ran.code == 2 and "would be overwritten" in ran.err and book.read_text() == CANVAS


def each(folder: Path, format: str, name: str) -> dict[str, Any]:
    export(folder, format)
    paths = (folder / "export" / format).glob(f"*/*/{name}")
    return {path.parts[-3]: json.loads(path.read_text()) for path in paths}


def test_gradescope_reads_the_results(folder):
    found = each(folder, "gradescope", "results.json")
    top = {"score", "execution_time", "output", "output_format", "visibility", "stdout_visibility"}
    for result in found.values():
        assert set(result) - {"execution_time"} == top - {"execution_time"} | {"tests"}
        assert isinstance(result["output"], str) and result["stdout_visibility"] == "hidden"
        for test in result["tests"]:
            assert (
                test["status"] in ("passed", "failed") and 0 <= test["score"] <= test["max_score"]
            )
            assert test["visibility"] == "visible" and test["output_format"] == "text"
    bob = found["bob"]
    assert bob["score"] == 5 == sum(test["score"] for test in bob["tests"])
    mean = next(test for test in bob["tests"] if test["name"] == "mean")
    assert (mean["status"], mean["score"], mean["max_score"]) == ("failed", 0, 1)
    assert "this is the sum; divide it by the count" in mean["output"]
    assert "right by itself; fix mean first" in json.dumps(bob)
    assert found["zed"]["score"] == 0 and "not UTF-8" in found["zed"]["output"]
    assert "window.pwned" not in json.dumps(found[FORMULA])


def test_classroom_50_reads_the_results(folder):
    found = each(folder, "classroom50", "result.json")
    assert "zed" not in found
    for student, result in found.items():
        assert result["schema"] == "classroom50/result/v1"
        assert (result["classroom"], result["assignment"]) == ("spring", "sums")
        assert (result["owner"], result["assignment_type"]) == (student, "individual")
        for name in ("submission", "commit", "release", "review"):
            assert isinstance(result[name], str) and result[name]
        for name in ("datetime", "graded_at"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result[name])
        for test in result["tests"]:
            assert {"test-name", "passed", "score", "max-score"} <= set(test)
            assert isinstance(test["passed"], bool) and isinstance(test["score"], int)
        assert result["score"] == sum(test["score"] for test in result["tests"])
        assert result["max-score"] == sum(test["max-score"] for test in result["tests"]) == 6


def test_junit_is_well_formed_and_counts(folder):
    export(folder, "junit")
    suites = ElementTree.parse(folder / "export" / "junit" / "bob" / "sums" / "junit.xml").getroot()
    (suite,) = suites
    assert (suites.tag, suite.tag, suite.get("name")) == ("testsuites", "testsuite", "sums")
    counts = {
        name: int(suite.get(name) or 0) for name in ("tests", "failures", "errors", "skipped")
    }
    assert counts == {"tests": 5, "failures": 1, "errors": 0, "skipped": 0}
    (failure,) = suite.iter("failure")
    assert failure.get("message") == "this is the sum; divide it by the count"
    assert [case.get("classname") for case in suite] == ["sums"] * 5
    assert suite.find(".//property[@name='max_points']").get("value") == "1"  # type: ignore[union-attr]
