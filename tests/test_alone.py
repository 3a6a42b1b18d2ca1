"""Notebooks that work alone: what is in them, where they lead, and that they are graded."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from autograder.lessons.cells import START
from autograder.nbgrader.badges import address
from autograder.nbgrader.release import assignment_files
from tests.command import grad
from tests.test_release import REAL, leaks


def sources(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_a_notebook_has_stubs_and_brings_what_it_needs(tmp_path):
    ran = grad("release", "part0_micrograd_nn", "part1_bigrams", "--colab", tmp_path / "own")
    assert ran.code == 0
    first, *others = sources(tmp_path / "own" / "part1_bigrams.ipynb")
    assert first.startswith(START) and "'torch': 'torch>=" in first
    assert sum("raise NotImplementedError()" in source for source in others) > 10
    assert leaks(tmp_path / "own", REAL, "part1_bigrams") == []
    first, *_ = sources(tmp_path / "own" / "part0_micrograd_nn.ipynb")
    assert "['part0_micrograd_engine']" in first
    text = (tmp_path / "own" / "part1_bigrams.ipynb").read_text()
    assert '"nbgrader": {' not in text
    assert "How this notebook works" in text and "How this assignment works" not in text


def test_a_second_time_changes_nothing(tmp_path):
    again = [grad("release", "part1_bigrams", "--colab", tmp_path / "own").out for _ in range(2)]
    assert again[0].count("new ") == 2 and again[1].count("unchanged") == 2


def test_in_a_repository_each_lesson_has_a_badge(tmp_path):
    for words in ("init -b main", "remote add origin git@github.com:ada/course.git"):
        subprocess.run(["git", "-C", tmp_path, *words.split()], check=True, capture_output=True)
    assert address(REAL, tmp_path) == "", "a branch without a commit has no page"
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    commit = ["commit", "--allow-empty", "-m", "first"]
    subprocess.run(["git", "-C", tmp_path, *who, *commit], check=True, capture_output=True)
    assert grad("release", "part1_bigrams", "--colab", tmp_path / "notebooks").code == 0
    again = grad("release", "part1_bigrams", "--colab", tmp_path / "notebooks")
    assert "no badges" not in again.out
    page = (tmp_path / "notebooks" / "README.md").read_text(encoding="utf-8")
    place = "github/ada/course/blob/main/notebooks/part1_bigrams.ipynb"
    assert f"(https://colab.research.google.com/{place})" in page


def test_elsewhere_the_page_has_no_badges(tmp_path):
    ran = grad("release", "part1_bigrams", "--colab", tmp_path / "own")
    assert ran.code == 0 and "The page has no badges" in ran.out
    page = (tmp_path / "own" / "README.md").read_text(encoding="utf-8")
    assert "[Bigrams: one language model, built twice](part1_bigrams.ipynb)" in page
    assert "colab.research" not in page


def test_the_first_cell_costs_nothing_where_the_lesson_is_graded(session, miniature, tmp_path):
    notebook = tmp_path / "sums.ipynb"
    notebook.write_text(assignment_files(miniature, "sums")["sums.ipynb"], encoding="utf-8")
    report = session.grade(notebook, "sums")
    assert report.points == report.max_points and report.notes == ()


def test_a_file_in_the_way_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    ran = grad("release", "part1_bigrams", "--colab", tmp_path / "file")
    assert ran.code == 2 and "is a file; name a folder for the notebooks" in ran.err
