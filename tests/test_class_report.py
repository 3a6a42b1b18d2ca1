"""`grad class report` and `alike`: one page, offline, that runs nothing of what students wrote."""

from __future__ import annotations

import html
import random
import re

import pytest

from tests import alike_class
from tests.command import grad
from tests.small_class import HTML, graded_class, sources
from tests.test_browser import OPTIONS, SCREENSHOTS, chromium  # noqa: F401

pytestmark = pytest.mark.usefixtures("small_course")

OWN = """
import torch

def double(x):
    parts = [x, x]
    return sum(parts)

def mean(xs):
    total, count = 0.0, 0
    for x in xs:
        total += x
        count += 1
    if count == 0:
        return 0.0
    return total / count

def centred(xs):
    middle, found = mean(xs), []
    for x in xs:
        found.append(x - middle)
    while False:
        found.clear()
    return found

class Tally:
    def add(self, word):
        for known in list(self.counts):
            if known == word:
                self.counts[known] += 1
                return
        self.counts.update({word: 1})

def shares(x):
    highest = torch.amax(x, dim=-1).unsqueeze(-1)
    powers = torch.exp(x - highest)
    total = torch.sum(powers, dim=-1)
    return torch.div(powers, total.unsqueeze(-1))
"""


@pytest.fixture
def folder(tmp_path, session, solution):
    return graded_class(tmp_path / "spring", session, sources(solution))


@pytest.fixture
def text(folder) -> str:
    ran = grad("class", "report", folder)
    assert (ran.code, ran.err) == (0, "") and "report.html is written" in ran.out
    return (folder / "report.html").read_text(encoding="utf-8")


def shown(text: str) -> str:
    """What is to be read on a page, in one line."""
    body = re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_the_page_says_how_the_class_fared(text):
    page = shown(text)
    assert "6 of 6 handed in" in page and "1 to look at" in page
    assert "2 &times; this is the sum; divide it by the count" in page
    assert page.index("Right") < page.index("centred") and "KeyError" in page
    assert "zed unreadable: sums.py is not UTF-8" in page
    assert "No two submissions look alike" in page


def test_who_was_not_graded_has_no_points_and_an_earned_0_is_one(tmp_path, session):
    nothing = "def double(x):\n    return None\n"
    folder = graded_class(tmp_path / "two", session, {"ada": nothing, "zed": None})
    assert grad("class", "report", folder).code == 0
    rows = (folder / "report.html").read_text(encoding="utf-8").partition("Everybody")[2]
    assert ">ada</th><td>0</td>" in rows and ">zed</th><td>–</td>" in rows


def test_the_example_for_the_lecture_does_not_say_whose_it_is(text):
    lecture = text[text.index("For the lecture") : text.index("To look at by hand")]
    assert "return sum(xs)" in lecture
    assert not any(name in lecture for name in ("ada", "bob", "cem"))


def test_what_nobody_got_right_is_said(tmp_path, session, solution):
    wrong = solution.replace("return sum(xs) / len(xs)", "return sum(xs)")
    folder = graded_class(tmp_path / "spring", session, {"ada": wrong, "bob": wrong})
    assert grad("class", "report", folder, "--to", tmp_path / "page.html").code == 0
    assert "Nobody got mean right." in shown((tmp_path / "page.html").read_text())


def test_a_mistake_that_follows_from_what_was_seen_is_counted(tmp_path, session, solution):
    forgotten = [
        solution.replace("return sum(xs) / len(xs)", f"{name} = sum(xs) / len(xs)")
        for name in ("result", "average")
    ]
    folder = graded_class(tmp_path / "spring", session, dict(zip("ab", forgotten, strict=True)))
    assert grad("class", "report", folder, "--to", tmp_path / "page.html").code == 0
    page = shown((tmp_path / "page.html").read_text())
    assert "2 &times; on some path nothing is returned" in page


def test_the_page_needs_no_network_and_allows_one_script_of_ours(text):
    assert not re.search(r"""(src|href)=["']?(http|//)|@import|url\(""", text.replace(HTML, ""))
    assert text.count("<script>") == 1 and HTML not in text
    policy = r"default-src 'none'; script-src 'sha256-[^']+'; style-src"
    assert re.search(policy, html.unescape(text))


def test_a_class_that_was_not_graded_is_told_how(tmp_path):
    ran = grad("class", "report", tmp_path)
    assert ran.code == 2 and "grad class grade" in ran.err


def test_an_empty_class_has_a_page(tmp_path, session):
    assert grad("class", "report", graded_class(tmp_path / "none", session, {})).code == 0
    assert grad("class", "alike", tmp_path / "none").out == "No two submissions look alike.\n"


@pytest.mark.parametrize("width", [1300, 390])
def test_the_page_in_a_browser(text, folder, chromium, width):  # noqa: F811
    from playwright.sync_api import sync_playwright

    SCREENSHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        try:
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto((folder / "report.html").as_uri())
            fits = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            first = "table.map tbody tr:first-child .student"
            before = page.locator(first).inner_text()
            page.get_by_role("button", name="Points").click()
            lowest = page.locator(first).inner_text()
            page.get_by_role("button", name="Points").click()
            highest = page.locator("table.map tbody tr:first-child td").first.inner_text()
            page.get_by_label("Hide the names").check()
            hidden = page.locator(first).evaluate("node => getComputedStyle(node).visibility")
            page.screenshot(path=SCREENSHOTS / f"class-report-{width}.png", full_page=True)
            pwned = page.evaluate("window.pwned")
        finally:
            browser.close()
    assert fits and (before, lowest, highest) == (HTML, "zed", "6")
    assert hidden == "hidden" and pwned is None


def test_alike_pairs_are_named_and_stand_side_by_side(tmp_path, session, miniature):
    chooses = random.Random(1)
    functions = alike_class.functions(OWN)
    theirs = alike_class.source(
        {id: alike_class.disguised(node, chooses) for id, node in reversed(functions.items())}
    )
    honest = {f"s{n:02}": miniature.lesson("sums").source for n in range(40)}
    texts = {**honest, "ada": OWN, "eve": theirs}
    folder = graded_class(tmp_path / "spring", session, {**texts})
    ran = grad("class", "alike", folder)
    first, last = ran.out.splitlines()
    assert first.startswith("sums  ada  eve  ") and last == "1 pair to look at"
    # What the lesson's own text has too, in whatever function, says nothing of a pair.
    named = set(first[16:].split(", "))
    assert named <= set(functions) and len(named) >= 4
    assert grad("class", "report", folder).code == 0
    page = (folder / "report.html").read_text()
    assert page.count('<div class="pair">') == 3 and "<mark>    parts = [x, x]</mark>" in page
    assert "copied" not in shown(page)
