"""Whatever a file is called and whatever a student did to it: the same points, and it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.lessons.course import Course, WrongUse
from autograder.lessons.files import read
from autograder.lessons.naming import lesson_of
from tests.classroom import Classroom, changed, code_cell, edited
from tests.test_loading import ABORTS, AWAITS, MEANS, NOTEBOOKS, notebook

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("collected")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sums (1).ipynb", "x = 1"),
        ("Copy of sums.ipynb", "x = 1"),
        ("lovelaceada_12345_678901_sums-1.ipynb", "x = 1"),
        ("Ada Lovelace_4711_assignsubmission_file_sums.ipynb", "x = 1"),
        ("homework.ipynb", MEANS),
    ],
)
def test_a_lesson_is_known_by_its_exercises_or_its_name(tmp_path, miniature, name, content):
    (tmp_path / name).write_text(notebook(content))
    assert lesson_of(miniature, read(tmp_path / name)) == "sums"


def test_grade_ids_say_more_than_a_name(tmp_path):
    path = tmp_path / "part1_bigrams.ipynb"
    path.write_text(notebook("x = 1", grade_ids=("part2_mlp-minibatch-code",)))
    assert lesson_of(Course.find(), read(path)) == "part2_mlp"


def test_a_file_that_could_be_anything_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "homework.py"
    for content in ("x = 1", "def forward(): return 1"):
        path.write_text(content)
        with pytest.raises(WrongUse, match="homework.py is named like no lesson.*--lesson NAME"):
            lesson_of(Course.find(), read(path))


def class_of(solved: dict) -> dict[str, tuple[str, Any]]:
    """Students, each with the file's name and what is in it; all of them have done everything."""
    plain = {**solved, "cells": [{**cell, "metadata": {}} for cell in solved["cells"]]}
    odd = [code_cell(NOTEBOOKS[kind][0][0]) for kind in ("a package of Colab's", "help")]
    more = {name: [*solved["cells"], code_cell(code)] for name, code in ADDED.items()}
    return {
        "renamed": ("sums (1).ipynb", solved),
        "canvas": ("lovelaceada_12345_678901_sums-1.ipynb", solved),
        "own-name": ("homework.ipynb", solved),
        "windows": ("sums.ipynb", changed(solved, lambda source: source.replace("\n", "\r\n"))),
        "lost": ("sums.ipynb", plain),
        "text": ("sums.ipynb", as_text(solved)),
        "lost-text": ("sums.ipynb", as_text(plain)),
        "colab": ("sums.ipynb", {**solved, "cells": [*odd, *solved["cells"]]}),
        "written": ("sums.ipynb", changed(solved, written)),
        "awaits": ("sums.ipynb", changed(solved, lambda s: AWAITS + s if "def mean" in s else s)),
        **{name: ("sums.ipynb", {**solved, "cells": cells}) for name, cells in more.items()},
    }


ADDED = {
    "shadowed": "mean = mean([1.0])",
    "aborts": ABORTS,
    "endless": "while True: pass",
    "exits": "import os\nos._exit(0)",
    "reads": "words = open('names.txt')",
}


def written(source: str) -> str:
    module = f"import importlib\n{source}"
    if "def mean" not in source:
        return source
    return f"get_ipython().run_cell_magic('writefile', 'more.py', {module!r})\nfrom more import *"


def as_text(notebook: dict) -> dict:
    """The answer's cell as Markdown."""
    cells = []
    for cell in notebook["cells"]:
        if "def mean" in cell["source"]:
            kept = {key: cell[key] for key in ("id", "metadata", "source")}
            cell = {**kept, "cell_type": "markdown"}
        cells.append(cell)
    return {**notebook, "cells": cells}


# Students with two notebooks of the lesson, and which of them counts.
TWO = {
    "two-stub-first": "sums (1).ipynb",
    "two-stub-second": "sums.ipynb",
    "two-begun": "sums.ipynb",
    "two-broken-first": "sums (1).ipynb",
    "three-begun": "sums.ipynb",
}


def hand_in_two(room: Classroom) -> None:
    """Students with two notebooks: the one of the right name first, with another name's below."""
    stub, solved = room.released("sums"), room.solved("sums")
    half = edited(solved, "sum(xs) / len(xs)", "sum(xs)")
    for student, first, *others in (
        ("two-stub-first", stub, solved),
        ("two-stub-second", solved, stub),
        ("two-begun", half, solved),
        ("two-broken-first", b"{", solved),
        ("three-begun", stub, solved, half),
    ):
        path = room.submit(student, "sums", first)
        for number, other in enumerate(others, 1):
            path.with_name(f"sums ({number}).ipynb").write_text(json.dumps(other))


def hand_in_none(room: Classroom) -> None:
    for student, names in {"pdf": ["work.pdf", "timestamp.txt"], "empty": []}.items():
        folder = room.folder / "submitted" / student / "sums"
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text("2026-01-01 12:00:00 UTC\n")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    room = Classroom(tmp_path_factory.mktemp("class"))
    room.release("sums")
    for student, (name, content) in class_of(room.solved("sums")).items():
        path = room.submit(student, "sums", content)
        path.rename(path.with_name(name))
    other = {**room.solved("sums"), "cells": [code_cell("x = 1")]}
    first = room.submit("unplaced", "sums", other)
    first.with_name("a.ipynb").write_bytes(first.read_bytes())
    first.rename(first.with_name("b.ipynb"))
    hand_in_two(room)
    hand_in_none(room)
    (room.folder / "submitted" / "linked").symlink_to("pdf")
    room.before = everything_in(room.folder / "submitted")
    room.log = room.nbgrader("autograde", "sums")
    room.nbgrader("generate_feedback", "sums")
    return room


@pytest.fixture
def students(room) -> dict[str, tuple[str, Any]]:
    return class_of(room.solved("sums"))


def test_nbgrader_gives_the_same_points(room, students):
    zero = dict.fromkeys(["unplaced", "pdf", "empty"], 0.0)
    totals = room.totals("sums")
    two = {name: totals.pop(name) for name in TWO}
    assert totals == {**dict.fromkeys(students, 6.0), **zero}
    assert room.to_review("sums") == {*zero, *two}


def test_of_two_notebooks_the_one_with_the_right_name_counts_unless_it_is_untouched(room):
    totals = room.totals("sums")
    assert all(totals[name] == 6 for name in ("two-stub-first", "two-stub-second"))
    assert totals["two-broken-first"] == 6
    assert 1 < totals["two-begun"] < 6  # the wrong one is begun, and has the name
    assert totals["three-begun"] == 1  # nobody knows which of the other two is meant


@pytest.mark.parametrize(("student", "counts"), TWO.items())
def test_of_two_notebooks_the_log_and_the_feedback_say_which_counts(room, student, counts):
    lines = [line for line in room.log.splitlines() if f"{student}, sums:" in line]
    (line,) = [line for line in lines if "ERROR" in line]
    assert "'sums.ipynb' and 'sums (1).ipynb'" in line
    assert f"'{counts}' counts" in line
    assert f"{counts}" in room.feedback(student, "sums")
    assert not any("handed in as" in line for line in lines)


@pytest.mark.parametrize("student", ["pdf", "empty"])
def test_a_folder_without_a_notebook_is_an_error_in_the_log(room, student):
    lines = [line for line in room.log.splitlines() if f"{student}, sums" in line]
    (line,) = [line for line in lines if "ERROR" in line]
    assert "hand in sums.ipynb" in line


def test_a_folder_behind_a_link_is_not_copied(room):
    assert "linked" not in room.totals("sums")
    assert not (room.folder / "autograded" / "linked").exists()


def test_nothing_is_written_where_students_hand_in(room):
    assert everything_in(room.folder / "submitted") == room.before


def everything_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_grad_gives_the_same_points_for_the_same_files(room, students, session):
    for student, (name, _) in students.items():
        path = room.folder / "submitted" / student / "sums" / name
        assert session.grade(path, lesson_of(session.course, read(path))).points == 6, student


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("colab", "cell 1, line 1: ModuleNotFoundError"),
        ("shadowed", "gives the name mean to a float"),
        ("text", "is no code cell and holds an answer"),
        ("aborts", "ended the program"),
        ("endless", "line 1: it did not end in time"),
        ("unplaced", "a.ipynb"),
        ("unplaced", "notebook; hand in sums.ipynb"),
        ("pdf", "work.pdf"),
        ("pdf", "notebook; hand in sums.ipynb"),
        ("empty", "the folder is empty; hand in sums.ipynb"),
    ],
)
def test_feedback_tells_what_concerns_the_whole(room, student, words):
    assert words in room.feedback(student, "sums")


def test_the_log_tells_each_thing_once(room):
    lines = [line for line in room.log.splitlines() if "WARNING" in line]
    assert not any("windows," in line for line in lines)
    assert sum("lost," in line for line in lines) == 1
    assert any(
        "canvas, sums: handed in as 'lovelaceada_12345_678901_sums-1.ipynb'" in each
        for each in lines
    )
