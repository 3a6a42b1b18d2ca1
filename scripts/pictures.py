"""The README's pictures, made by what they show: `make pictures`, or some of them by their names.

`grad watch` as SVG, a lesson in JupyterLab, and a class's report, from real gradings. The last two
need chromium.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from autograder.grading.session import Session
from autograder.jupyter.lab import lab_command, lab_environment
from autograder.lessons.course import Course
from autograder.watch.grader import Delivery
from autograder.watch.loop import initial_state
from autograder.watch.messages import Place
from autograder.watch.screen import Screen
from autograder.workspace.workspace import Workspace
from tests import guide_class
from tests.test_browser import OPTIONS, free_port, rewrite_cell, run_below, serving

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
COLOURS = 96
MINUTES = 5 * 60_000
LESSON, EXERCISE = "part0_micrograd_engine", "Value.__mul__"
SLIP = ("self.grad +=", "self.grad =")
NO_SLOPE = """\
def gradient(f, inputs, h=1e-6):
    slopes = []
    for i in range(len(inputs)):
        up, down = list(inputs), list(inputs)
        up[i] += h
        down[i] -= h
        slopes.append(f(*up) - f(*down))
    return slopes
"""


def watch(folder: Path) -> None:
    """`grad watch` on a slip that many make."""
    course = Course.find()
    _grad(folder, "init", "workspace")
    os.chdir(folder / "workspace")
    workspace = Workspace(folder / "workspace", course)
    lesson = course.lesson(LESSON)
    wrong = lesson.exercises[EXERCISE].code.replace(*SLIP)
    workspace.path(LESSON).write_text(lesson.edited(EXERCISE, wrong), encoding="utf-8")
    with Session(course) as session:
        report = workspace.grade(session, LESSON)
    state = initial_state(workspace, Place(LESSON, EXERCISE))
    state.receive(Delivery(LESSON, report, workspace.fingerprint(LESSON)))
    console = Console(record=True, width=92, height=24, file=io.StringIO(), force_terminal=True)
    console.print(Screen(state, workspace), end="")
    # The font that rich names is elsewhere; a picture asks for nothing from there.
    drawn = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="grad watch"), flags=re.S)
    (PICTURES / "watch.svg").write_text(drawn, encoding="utf-8")


def jupyterlab(folder: Path) -> None:
    """A lesson as a notebook, with a verdict on a cell."""
    _grad(folder, "init", "workspace")
    workspace, port = folder / "workspace", free_port()
    command = lab_command(workspace, LESSON, port=port, browser=False)

    def act(page: Page) -> None:
        with serving(command, port, workspace, lab_environment(workspace)) as address:
            page.goto(f"{address}/lab/tree/exercises/{LESSON}.py")
            page.get_by_text("Python 3 | Idle").wait_for()
            rewrite_cell(page, "def gradient(", NO_SLOPE)
            run_below(page, 'grade("gradient")')
            page.locator(".jp-OutputArea-output").get_by_text("wrong").first.wait_for()
            _take(page, "jupyterlab")

    _in_chromium(act)


def class_report(folder: Path) -> None:
    """The report on the class of docs/class.md."""
    guide_class.lay_out(folder)
    for words in ("collect canvas.zip --into spring", "grade spring", "report spring"):
        _grad(folder, "class", *words.split())
    page_file = folder / "spring" / "report.html"

    def act(page: Page) -> None:
        page.goto(page_file.as_uri())
        _take(page, "class-report")

    _in_chromium(act)


def _grad(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "autograder", *words]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _in_chromium(act: Callable[[Page], Any]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
        page = browser.new_page(viewport={"width": 1100, "height": 720})
        page.set_default_timeout(MINUTES)
        act(page)
        browser.close()


def _take(page: Page, name: str) -> None:
    """A screenshot with few colours: a third of the size, and nobody sees it."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


ALL = {"watch": watch, "jupyterlab": jupyterlab, "class-report": class_report}


def main(names: list[str]) -> None:
    PICTURES.mkdir(exist_ok=True)
    for name in names or ALL:
        with tempfile.TemporaryDirectory() as folder:
            ALL[name](Path(folder))
            os.chdir(PICTURES)
        print(f"docs/pictures/{name} is drawn")


if __name__ == "__main__":
    main(sys.argv[1:])
