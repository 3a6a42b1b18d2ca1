"""`grad class feedback`: what each student may be sent, and that nothing secret is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import grad
from tests.small_class import FORMULA, HTML, graded_class, sources
from tests.test_feedback import chromium, is_pwned, rows  # noqa: F401

pytestmark = pytest.mark.usefixtures("small_course")


@pytest.fixture
def folder(tmp_path, session, solution) -> Path:
    folder = graded_class(tmp_path / "spring", session, sources(solution))
    ran = grad("class", "feedback", folder)
    assert (ran.code, ran.err) == (0, "") and "on 6 submissions is in" in ran.out
    return folder


def feedback(folder: Path, student: str, ending: str) -> str:
    return (folder / "feedback" / student / "sums" / f"sums.{ending}").read_text("utf-8")


def test_a_page_has_a_table_and_a_section_an_exercise(folder):
    page = feedback(folder, "bob", "html")
    assert [row[:3] for row in rows(page)] == [
        ("double", "double", "passed"),
        ("mean", "mean", "wrong"),
        ("centred", "centred", "passed"),
        ("Tally-add", "Tally.add", "passed"),
        ("shares", "shares", "passed"),
    ]
    assert all(page.count(f'<section id="{row[0]}">') == 1 for row in rows(page))
    assert "5 of 6 points" in page and 'Begin with <a href="#mean">mean</a>' in page
    assert "this is the sum; divide it by the count" in page
    assert "Try the example in its docstring" in page and "right by itself; fix mean first" in page


def test_the_markdown_says_the_same(folder):
    text = feedback(folder, "bob", "md")
    assert text.startswith("# Sums\n\n**5 of 6 points**; 4 of 5 exercises passed.\n")
    assert "| `mean` | wrong | 0 of 1 |" in text and "\n## `mean`: wrong\n" in text
    assert "- It looks like this: this is the sum; divide it by the count" in text
    assert text.count("The examples in the docstring.") == text.count("## `")


def test_what_could_not_be_graded_says_why(folder):
    for ending in ("html", "md"):
        text = feedback(folder, "zed", ending)
        assert "It could not be graded: sums.py is not UTF-8" in text
        assert "of 0 points" not in text and "of 0 exercises" not in text


@pytest.mark.parametrize("ending", ["html", "md"])
def test_nothing_of_the_submission_or_of_the_checks_is_told(folder, ending):
    crashed = feedback(folder, FORMULA, ending)
    assert "the code raised a KeyError" in crashed and "pwned" not in crashed
    for student in ("ada", "bob", FORMULA):
        text = feedback(folder, student, ending)
        assert "lesson.mean" not in text and "xs =" not in text and "seed" not in text


def test_a_lesson_alone_and_another_folder(folder, tmp_path):
    ran = grad("class", "feedback", folder, "--lesson", "sums", "--into", tmp_path / "out")
    assert ran.code == 0 and (tmp_path / "out" / "ada" / "sums" / "sums.html").is_file()


def test_a_syntax_error_has_its_line_and_nothing_of_what_stands_there(tmp_path, session, solution):
    broken = f"{solution}\ndef SECRET(:\n    pass\n"
    folder = graded_class(tmp_path / "broken", session, {"ada": broken})
    assert grad("class", "feedback", folder).code == 0
    line = len(solution.splitlines()) + 2
    for ending in ("html", "md"):
        text = feedback(folder, "ada", ending)
        assert f"line {line}: its cell or file is not Python" in text and "SECRET" not in text


def test_a_class_of_which_nothing_was_graded_has_no_feedback(tmp_path, session):
    ran = grad("class", "feedback", graded_class(tmp_path / "none", session, {}))
    assert ran.code == 2 and "nothing of any lesson was graded" in ran.err


def test_no_attack_runs_in_a_browser(folder, chromium):  # noqa: F811
    from playwright.sync_api import sync_playwright

    from tests.test_browser import OPTIONS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        try:
            for student in (HTML, FORMULA):
                page = folder / "feedback" / student / "sums" / "sums.html"
                assert not is_pwned(browser, page)
        finally:
            browser.close()
