"""`grad report`: one page that refers to nothing outside, and fits a wide and a narrow window."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.reports.report import ExerciseReport, Report
from autograder.workspace.record import Figure, Record, workspace_record, write_record
from autograder.workspace.store import Store
from tests.command import grad
from tests.test_browser import OPTIONS, SCREENSHOTS, chromium  # noqa: F401

NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def page_file(workspace) -> Path:
    """The report of a workspace with attempts, hints and a milestone."""
    stands = {"double": "passed", "mean": "passed", "centred": "wrong", "shares": "crashed"}
    store = Store(workspace)
    for number in range(1, len(stands) + 1):
        graded = tuple(
            ExerciseReport(id, verdict, int(verdict == "passed"), 1, diagnosis=NASTY)
            for id, verdict in [*stands.items()][:number]
        )
        report = Report("sums", "sums.py", 0, 0.1, graded)
        store.record(report, f"save {number}", now=1.7e9 + 3600 * number)
    assert grad("hint", "centred").code == 0
    _milestone(workspace / "exercises")
    assert grad("report").out == "progress.html is written; open it in a browser.\n"
    return workspace / "progress.html"


def _milestone(exercises: Path) -> None:
    """A real record with a real plot."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(6, 3))
    drawing.add_subplot().plot([3.3, 2.6, 2.4, 2.3])
    drawing.savefig(exercises / "sums.loss.png")
    record = Record(
        lesson="sums",
        passed=True,
        figures=[
            Figure("dev loss", 2.21, lecture=2.17, passed=True),
            Figure("a sample", NASTY + " " + "long" * 40),
        ],
        seconds=61.0,
        steps=2000,
        full=False,
        interrupted=False,
        device="cpu",
        real_data=True,
        finished="2026-01-02T03:04:05",
        plots=["sums.loss.png"],
    )
    write_record(record, workspace_record(exercises / "sums.py"))


def test_the_page_refers_to_nothing_outside_and_escapes_everything(page_file):
    html = page_file.read_text(encoding="utf-8")
    assert NASTY not in html and "&lt;img src=x" in html
    assert set(re.findall(r'\b(?:src|href)="([^,"]*)', html)) == {"data:image/png;base64"}
    assert not re.search(r"https?:|@import|url\(|<script|<link", html)
    for words in ("2 of 5 exercises", "1 hint", "1 attempt", "dev loss 2.21 (lecture: 2.17)"):
        assert words in html


@pytest.mark.parametrize("width", [1100, 420])
def test_the_page_fits_the_window(page_file, width, chromium):  # noqa: F811
    from playwright.sync_api import sync_playwright

    SCREENSHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(page_file.as_uri())
        page.screenshot(path=SCREENSHOTS / f"progress-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.images[0].naturalWidth") > 0
        browser.close()
