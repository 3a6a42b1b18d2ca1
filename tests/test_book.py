"""`grad book`: the lessons as a site that needs no network, without their solutions."""

from __future__ import annotations

import re

import pytest

from autograder.book import pages
from autograder.lessons.course import Course
from tests.command import grad
from tests.conftest import MINIATURE
from tests.test_browser import chromium, page  # noqa: F401

REAL = Course.find()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book") / "site"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GRADSCHOOL_COURSE", str(MINIATURE))
        ran = grad("book", folder)
    assert (ran.code, ran.err) == (0, "") and "open" in ran.out
    return folder


def test_a_page_has_text_stubs_and_hints_and_no_solution(site):
    text = (site / "sums.html").read_text(encoding="utf-8")
    assert "<h1" in text and "NotImplementedError" in text and "Hints for mean" in text
    assert "return sum(xs) / len(xs)" not in re.sub(r"<[^>]*>", "", text)


@pytest.mark.parametrize("name", REAL.names)
def test_no_solution_of_the_course_is_in_its_pages(name):
    lesson = REAL.lesson(name)
    text = pages.page(lesson)
    for exercise in lesson.exercises.values():
        body = exercise.code.strip()
        assert exercise.worked or len(body.splitlines()) < 3 or body not in text
        assert f"Hints for {exercise.id}" in text or not exercise.hints
    assert "### BEGIN SOLUTION" not in text


def test_formulas_are_set_and_not_markup():
    text = pages.page(REAL.lesson("part1_bigrams"))
    assert "<math" in text
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert not re.search(r"\\frac|\\sum|\$\$", outside)


def test_nothing_comes_from_a_network(site):
    for path in site.rglob("*.html"):
        loaded = re.findall(r"""<(?:script|img|iframe)[^>]*src=["']([^"']+)""", path.read_text())
        styles = re.findall(r"""<link[^>]*rel="stylesheet"[^>]*href="([^"]+)""", path.read_text())
        assert not [address for address in loaded + styles if "//" in address]


def test_a_folder_with_something_else_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(MINIATURE))
    (tmp_path / "thesis.tex").write_text("mine")
    ran = grad("book", tmp_path)
    assert ran.code == 2 and "name a new folder" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1300])
def test_it_reads_at_two_widths_dark_and_light(site, page, width, scheme):  # noqa: F811
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto((site / "sums.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("details").first.is_visible()
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
