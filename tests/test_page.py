"""`grad report`: one page that refers to nothing outside, and fits a wide and a narrow window."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from autograder.reports.report import ExerciseReport, Report
from autograder.workspace.history import history
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


def curve(store: Store, hours: list[float]) -> tuple[str, list[float]]:
    """The curve of attempts at these times, and where its steps stand, in shares of the width."""
    for number, hour in enumerate(hours):
        exercise = ExerciseReport(f"e{number}", "passed", 1, 1)
        report = Report("sums", "sums.py", 0, 0.1, (exercise,))
        store.record(report, f"save {number}", now=1.7e9 + 3600 * hour)
    html = history(store.attempts())
    (path,) = re.findall(r'class="passed" d="([^"]+)"', html)
    return html, [float(x) / 1000 for x in re.findall(r"H ([\d.]+)", path)]


def test_a_pause_does_not_squeeze_the_curve(tmp_path):
    """Two sittings of half an hour, and a month between them."""
    html, places = curve(Store(tmp_path), [0, 0.25, 0.5, 720, 720.25, 720.5])
    gaps = [after - before for before, after in pairwise(places)]
    assert min(gaps) > 0.1 and gaps[2] < gaps[0]
    assert "a dashed line is a pause" in html and html.count('class="pause"') == 1


def test_one_sitting_has_no_pause(tmp_path):
    html, places = curve(Store(tmp_path), [0, 0.1, 0.3])
    assert places == [0.002, 0.334, 0.998]
    assert "pause" not in html.replace(".pause", "")


def test_the_curve_has_a_scale_of_round_numbers(tmp_path):
    html, _ = curve(Store(tmp_path), [number / 60 for number in range(12)])
    assert re.findall(r'style="top:[\d.]+%">(\d+)<', html) == ["0", "5", "10"]


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
