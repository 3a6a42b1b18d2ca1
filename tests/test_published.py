"""What a course shows on GitHub follows from one line of course.toml: notebooks, and badges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.nbgrader.published import BEGIN, END
from tests.command import grad

# One worker runs all of this file: a course is made for each test.
pytestmark = pytest.mark.xdist_group("new course")
PLACE = "github/ada/verses/blob/main/notebooks/first_words.ipynb"


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """A new course, in its folder."""
    monkeypatch.delenv("GRADSCHOOL_COURSE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert grad("new", "verses").code == 0
    monkeypatch.chdir(tmp_path / "verses")
    return tmp_path / "verses"


def say(course: Path, line: str) -> None:
    """Put a line before all others of course.toml."""
    file = course / "course.toml"
    file.write_text(f"{line}\n{file.read_text()}")


def test_without_a_repository_there_is_neither_a_notebook_nor_a_badge(course):
    before = (course / "README.md").read_text()
    assert BEGIN + END in before
    assert grad("dev", "build").out == ""
    assert (course / "README.md").read_text() == before
    assert not (course / "notebooks").exists()


def test_with_one_each_lesson_has_a_notebook_and_a_badge_that_opens_it(course):
    say(course, 'repository = "ada/verses"')
    built = grad("dev", "build").out
    assert "notebooks/first_words.ipynb is written" in built and "README.md is written" in built
    readme = (course / "README.md").read_text()
    assert f"(https://colab.research.google.com/{PLACE})" in readme
    assert "[First words](notebooks/first_words.ipynb)" in readme
    page = (course / "notebooks" / "README.md").read_text()
    assert f"(https://colab.research.google.com/{PLACE})" in page
    assert "[First words](first_words.ipynb)" in page
    notebook = json.loads((course / "notebooks" / "first_words.ipynb").read_text())
    code = "".join("".join(cell["source"]) for cell in notebook["cells"])
    assert "raise NotImplementedError()" in code and "BEGIN SOLUTION" not in code
    assert grad("dev", "build").out == "", "a second time changes nothing"


def test_the_branch_can_be_another_and_the_badges_go_with_the_setting(course):
    file = course / "course.toml"
    before = file.read_text()
    say(course, 'repository = "ada/verses"\nbranch = "master"')
    grad("dev", "build")
    assert PLACE.replace("main", "master") in (course / "README.md").read_text()
    file.write_text(before)
    grad("dev", "build")
    assert BEGIN + END in (course / "README.md").read_text()


def test_a_release_into_the_course_has_the_same_address(course):
    say(course, 'repository = "ada/verses"')
    ran = grad("release", "first_words", "--colab", "shared")
    assert "no badges" not in ran.out
    page = (course / "shared" / "README.md").read_text()
    assert PLACE.replace("notebooks", "shared") in page
    assert "no badges" in grad("release", "first_words", "--colab", "../elsewhere").out


def test_what_is_out_of_date_is_found(course):
    say(course, 'repository = "ada/verses"')
    ran = grad("dev", "check", "--no-mutants", "--no-weakenings", "--jobs", "1")
    assert ran.code == 1 and "not what the course makes; run `grad dev build`" in ran.err
    grad("dev", "build")
    ran = grad("dev", "check", "--no-mutants", "--no-weakenings", "--jobs", "1")
    assert ran.code == 0 and "The course is in order." in ran.out


def test_half_a_pair_of_lines_is_one_sentence(course):
    readme = course / "README.md"
    readme.write_text(readme.read_text().replace(END, ""))
    ran = grad("dev", "build")
    assert ran.code != 0 and "has only one of two lines for its notebooks; add <!--" in ran.err
    assert "Traceback" not in ran.err


def test_the_course_that_comes_along_has_the_two_lines_too():
    readme = Path(__file__).resolve().parent.parent / "README.md"
    assert BEGIN in readme.read_text(encoding="utf-8") and END in readme.read_text(encoding="utf-8")
