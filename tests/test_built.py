"""`grad report` at the end of the course, and before: what was built, on one page to be shown."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import pytest

from autograder.reports.report import ExerciseReport, Report
from autograder.workspace.pictures import Drawn, keep_drawn
from autograder.workspace.store import Predicted, Store
from tests.command import grad
from tests.conftest import MINIATURE
from tests.test_browser import OPTIONS, SCREENSHOTS, chromium  # noqa: F401

DAY = 86400
NASTY = "<script>alert(1)</script>"
IDS = ["double", "mean", "centred", "Tally.add", "shares"]
OWN = """\
    # the sum first
    total = 0.0
    for x in xs:
        total += x  # <b>

    return total / max(len(xs), 1)"""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400" viewBox="0 0 6 4">'
    '<rect width="6" height="4" fill="#e8f0fe"/><path d="M0 4 Q3 0 6 1" stroke="#36c" '
    'stroke-width=".1" fill="none"/></svg>'
)


def attempt(store: Store, id: str, verdict: str, at: float) -> None:
    graded = (ExerciseReport(id, verdict, int(verdict == "passed"), 1, diagnosis="a mistake"),)
    store.record(Report("sums", "sums.py", 0, 0.1, graded), f"{at}", now=at)


@pytest.fixture
def finished(workspace, solution) -> Path:
    """A workspace where all has passed within twelve days, with pictures and predictions."""
    start, _, rest = solution.partition("    if not xs")
    text = start + OWN + rest[rest.index("\n    ### END") :]
    (workspace / "exercises" / "sums.py").write_text(text)
    store, begun = Store(workspace), time.time() - 12 * DAY - 3600
    attempt(store, "mean", "wrong", begun)
    for number, id in enumerate(IDS):
        attempt(store, id, "passed", begun + 1800 + 3 * DAY * number)
    store.predict("sums", Predicted("spread_of_a_sum", NASTY, "2.0", False))
    (workspace / "exercises" / "sums.middle.svg").write_text(PICTURE)
    drawn = Drawn("middle", "Numbers and their mean.", ("sums.middle.svg",), (f"made up: {NASTY}",))
    keep_drawn(workspace / "exercises" / "sums.py", drawn)
    return workspace


def page(workspace: Path, name: str = "progress.html") -> str:
    assert grad("report", "--output", name).code == 0
    return (workspace / name).read_text(encoding="utf-8")


def facts(html: str) -> dict[str, str]:
    found = re.findall(r"<dd>([^<]*)</dd><dt>([^<]*)</dt>", html)
    return {of.partition(",")[0]: number for number, of in found}


def test_the_end_is_celebrated_and_points_to_the_page(finished):
    out = grad().out
    assert "That is all of it: every exercise has passed." in out
    days = [
        time.strftime("%Y-%m-%d", time.localtime(time.time() - n * DAY - 1800)) for n in (12, 0)
    ]
    assert f"It took you 6 attempts, from {days[0]} to {days[1]}." in out
    assert "What you have built, on a page to show to a friend: grad report" in out


def test_the_page_tells_in_numbers_what_was_built(finished):
    html = page(finished)
    assert "Every exercise has passed, with 5 of 5 points" in html
    found = facts(html)
    assert found["exercises passed"] == "5 of 5" and found["attempts"] == "6"
    assert found["lines of code"] == "9", "without blanks, comments, and what comes solved"
    assert found["from the first pass to the last"] == "12 days"
    assert found["predictions right"] == "0 of 1"
    assert "What is built</h2>" in html and "Shares that are watched" in html
    assert "reviews that came back" not in found and "bugs found and mended" not in found


def test_reviews_and_hunts_are_on_it_too(finished):
    grad("review", "mean")
    path = finished / "practice" / "review.py"
    path.write_text(path.read_text().replace("raise NotImplementedError()", OWN.strip()))
    assert grad("review").code == 0
    grad("fix", "mean")
    found = facts(page(finished))
    assert found["reviews that came back"] == "1 of 1"
    assert found["bugs found and mended"] == "0 of 1"


def test_pictures_samples_and_ones_own_code_are_in_it_and_escaped(finished):
    html = page(finished)
    assert html.count("data:image/svg+xml;base64,") == 1 and "Numbers and their mean." in html
    assert f"made up: {NASTY.replace('<', '&lt;').replace('>', '&gt;')}" in html
    assert "total += x  # &lt;b&gt;" in html and "<b>" not in html
    assert not re.search(r"<script|<link|https?:|@import|url\(|\bon\w+=", html)
    assert set(re.findall(r'\b(?:src|href)="([^,"]*)', html)) == {"data:image/svg+xml;base64"}
    assert "prefers-color-scheme: dark" in html


def test_nothing_of_the_reference_or_of_the_hidden_checks_is_in_it(finished, miniature):
    html = page(finished)
    lesson = miniature.lesson("sums")
    assert "if not xs" in lesson.exercises["mean"].code and "if not xs" not in html
    assert lesson.exercises["double"].code.strip() not in html, "what comes solved is nobody's work"
    assert "sum is divided by the count" not in html and "a mistake" not in html


def test_earlier_it_says_what_is_there_so_far(workspace):
    html = page(workspace)
    assert "points so far" in html and "What is built" not in html
    assert facts(html) == {"exercises passed": "0 of 5"} and "<details>" not in html
    attempt(Store(workspace), "mean", "passed", time.time())
    assert facts(page(workspace))["exercises passed"] == "1 of 5"
    assert "every exercise has passed" not in grad().out


def test_what_a_stage_says_is_kept_for_the_page(workspace, tmp_path, monkeypatch):
    """A course whose picture comes with what a model has written."""
    shutil.copytree(MINIATURE, tmp_path / "course")
    file = tmp_path / "course" / "solutions" / "sums.py"
    says = '    run.say("made up: <i>")\n    with run.plot("middle")'
    file.write_text(file.read_text().replace('    with run.plot("middle")', says))
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(tmp_path / "course"))
    shutil.copy(file, workspace / "exercises" / "sums.py")
    assert "That is all of it. What you have built, on one page: grad report" in grad("check").out
    assert grad("plot", "middle").code == 0
    html = page(workspace)
    assert html.count("data:image/png;base64,") == 1 and "made up: &lt;i&gt;" in html
    assert "plot:" not in html and "Numbers and their mean." in html


@pytest.mark.parametrize("width", [1200, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_window(finished, width, scheme, chromium):  # noqa: F811
    from playwright.sync_api import sync_playwright

    page(finished)
    SCREENSHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        shown = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        shown.goto((finished / "progress.html").as_uri())
        shown.screenshot(path=SCREENSHOTS / f"built-{width}-{scheme}.png", full_page=True)
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.evaluate("document.images[0].naturalWidth") > 0
        browser.close()
