"""In a real browser: a learner in JupyterLab, and an instructor in nbgrader's formgrader."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.jupyter.lab import lab_command, lab_environment
from tests.classroom import Classroom, edited, environment
from tests.conftest import MINIATURE

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("browser")

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "screenshots"
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOLUTION = """\
def mean(xs):
    if not xs:
        return 0.0
    return sum(xs) / len(xs)
"""
MINUTE = 40_000


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("GRADSCHOOL_REQUIRE_BROWSER") == "1":
            pytest.fail("GRADSCHOOL_REQUIRE_BROWSER is 1, and there is no chromium on the PATH")
        pytest.skip("no chromium on the PATH; `apt-get install chromium` to try the browser")
    return found


@pytest.fixture
def page(chromium: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    SCREENSHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.set_default_timeout(MINUTE)
        try:
            yield page
        finally:
            screenshot(page, f"{request.node.name}-end")
            browser.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(command: list[str], port: int, folder: Path, variables: dict) -> Iterator[str]:
    """A server while it is needed; its address."""
    with open(folder.parent / "server.log", "w") as log:
        process = subprocess.Popen(
            [*command, "--IdentityProvider.token=", "--ServerApp.port_retries=0"],
            cwd=folder,
            env=variables,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/api", process)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def wait_for(address: str, process: subprocess.Popen) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert process.poll() is None, "the server has ended"
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5).close()
            return
        time.sleep(0.3)
    pytest.fail(f"no answer from {address}")


def screenshot(page: Any, name: str) -> None:
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def run_below(page: Any, text: str) -> None:
    """Add a cell below the current one, fill it, and run it."""
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    _fill_and_run(page, text)


def rewrite_cell(page: Any, containing: str, text: str) -> None:
    """Replace the text of a cell, and run it."""
    page.locator(".jp-CodeCell .cm-content", has_text=containing).first.click()
    page.keyboard.press("Control+a")
    _fill_and_run(page, text)


def _fill_and_run(page: Any, text: str) -> None:
    page.locator(".jp-Cell.jp-mod-active .cm-content:focus").wait_for()
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")
    prompt = page.locator(".jp-Cell.jp-mod-active .jp-InputPrompt")
    prompt.filter(has_text=re.compile(r"\[\d+\]")).wait_for()
    page.locator(".jp-Notebook.jp-mod-commandMode").wait_for()


def test_a_learner_fails_and_passes_in_jupyterlab(page, tmp_path, monkeypatch):
    folder = tmp_path / "workspace"
    (folder / "exercises").mkdir(parents=True)
    script = folder / "exercises" / "sums.py"
    shutil.copy(MINIATURE / "exercises" / "sums.py", script)
    for name, value in environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    port = free_port()
    command = lab_command(folder, "sums", port=port, browser=False)
    with serving(command, port, folder, lab_environment(folder)) as address:
        page.goto(f"{address}/lab/tree/exercises/sums.py")
        page.locator(".jp-NotebookPanel").wait_for()
        page.get_by_text("Python 3 | Idle").wait_for()
        screenshot(page, "lesson")
        assert page.get_by_role("button", name="Validate").count() == 0, "nbgrader's are off"
        asks = page.locator(".jp-Cell").first.inner_text()
        assert 'grade("mean")' in asks and "progress()" in asks
        page.wait_for_timeout(2000)
        assert page.locator(".jp-mod-dirty").count() == 0, "nothing was changed by opening it"
        rewrite_cell(page, "def mean", "def mean(xs):\n    return sum(xs)")
        page.locator(".jp-mod-dirty").first.wait_for()
        run_below(page, 'grade("mean")')
        page.get_by_text("this is the sum; divide it by the count").wait_for()
        screenshot(page, "failure")
        rewrite_cell(page, "def mean", SOLUTION)
        run_below(page, 'grade("mean")')
        page.locator(".jp-OutputArea-output").get_by_text("passed", exact=True).wait_for()
        for said in ("What you learned: ", "Next: centred", "your own", "the reference"):
            page.locator(".jp-OutputArea-output").get_by_text(said).first.wait_for()
        screenshot(page, "pass")
        page.keyboard.press("Control+s")
        until = time.monotonic() + 20
        while "len(xs)" not in script.read_text() and time.monotonic() < until:
            time.sleep(0.2)
    saved = script.read_text()
    assert "return sum(xs) / len(xs)" in saved
    assert not saved.startswith("# ---")
    assert "not part of your file" not in saved


def test_an_instructor_sees_the_marks_in_the_formgrader(page, tmp_path):
    room = Classroom(tmp_path)
    room.release("sums")
    room.submit("amy", "sums", room.solved("sums"))
    room.submit("bob", "sums", edited(room.solved("sums"), "sum(xs) / len(xs)", "sum(xs)"))
    room.nbgrader("autograde", "sums")
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    command += ["--allow-root", f"--ServerApp.root_dir={room.folder}"]
    with serving(command, port, room.folder, room.environment) as address:
        page.goto(f"{address}/formgrader/manage_students/bob")
        page.get_by_text("sums").first.wait_for()
        page.get_by_text("5 / 6").first.wait_for()
        screenshot(page, "marks")
        page.goto(f"{address}/formgrader/gradebook/sums/sums")
        page.get_by_role("link", name="Submission #").first.wait_for()
        screenshot(page, "submissions")
        page.get_by_role("link", name="Submission #").first.click()
        page.get_by_text("passed").first.wait_for()
        screenshot(page, "submission")
