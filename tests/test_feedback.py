"""Feedback pages as `nbgrader generate_feedback` writes them, and what a submission can do."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from autograder.lessons.course import Course
from autograder.nbgrader.markdown import as_text, is_safe, rendered
from tests.classroom import Classroom, code_cell, edited
from tests.test_browser import OPTIONS

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("feedback")

ROOT = Path(__file__).resolve().parent.parent
REAL = Course(ROOT / "solutions", ROOT / "autograder" / "checks")

ATTACKS = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<svg onload='window.pwned = 1'></svg>",
    "text <iframe srcdoc='<script>parent.pwned = 1</script>'></iframe> text",
    "[click](javascript:window.pwned=1)",
    "[click](java&Tab;script:window.pwned=1)",
    "[click](&#106;avascript:window.pwned=1)",
    "<javascript:window.pwned=1>",
    "[click][there]\n\n[there]: javascript:window.pwned=1",
    "[click](data:text/html,<script>opener.pwned=1</script>)",
    '[click](http://a.b/"onclick="window.pwned=1)',
    "```mermaid\n</pre><script>window.pwned = 1</script>\n```",
    "# <b onmouseover='window.pwned = 1'>heading</b>",
    "$\\text{<img src=x onerror='window.pwned = 1'>}$",
    "$$</math><img src=x onerror='window.pwned = 1'>$$",
    "![](attachment:page.html)",
    "![](attachment:missing.png)",
    "![](attachment:quoted.png)",
    "<style>* { display: none }</style>",
    "````\n```\n<script>window.pwned = 1</script>",
    "<!--> <script>window.pwned = 1</script> -->",
]
ATTACHED = {
    "page.html": {"text/html": "<script>window.pwned = 1</script>"},
    "quoted.png": {"image/png": '" onerror="window.pwned = 1'},
}
HARMLESS = [
    "My **notes** on $a < b$, with `x < y` and a < b.",
    "Line<br>break, x<sub>i</sub>, <b>bold</b>, a [link](https://example.org/?a=1&b=2).",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "```python\nif a < b: print('<p>')\n```",
]


def attacking(solved: dict[str, Any]) -> dict[str, Any]:
    """A right solution with every attack in it: as text, raw, in code and in its output."""
    texts = [
        {"cell_type": "markdown", "id": f"m{n}", "metadata": {}, "source": source}
        for n, source in enumerate(ATTACKS)
    ]
    for cell in texts:
        cell["attachments"] = ATTACHED
    raw = [
        {"cell_type": "raw", "id": f"r{n}", "metadata": {"raw_mimetype": "text/html"}, "source": s}
        for n, s in enumerate(ATTACKS)
    ]
    code = code_cell("'</pre><script>window.pwned = 1</script>'")
    page = {"text/html": "<script>window.pwned = 1</script>"}
    code["outputs"] = [{"output_type": "display_data", "data": page, "metadata": {}}]
    return {**solved, "cells": [*texts, *raw, code, *solved["cells"]]}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    room = Classroom(tmp_path_factory.mktemp("feedback"))
    room.release("sums")
    solved = room.solved("sums")
    notes = [
        {"cell_type": "markdown", "id": f"n{n}", "metadata": {}, "source": source}
        for n, source in enumerate(HARMLESS)
    ]
    room.submit("right", "sums", {**solved, "cells": [*notes, *solved["cells"]]})
    room.submit("wrong", "sums", edited(solved, "return sum(xs) / len(xs)", "return sum(xs)"))
    crashing = "    raise KeyError('KEEP-THIS-OUT')\n    middle = mean(xs)"
    room.submit("crashed", "sums", edited(solved, "    middle = mean(xs)", crashing))
    own = "    raise type('KEEP_THIS_OUT', (Exception,), {})()\n    middle = mean(xs)"
    room.submit("own-error", "sums", edited(solved, "    middle = mean(xs)", own))
    room.submit("untouched", "sums", room.released("sums"))
    room.submit("broken", "sums", b"{")
    room.submit("eve", "sums", attacking(solved))
    room.log = room.nbgrader("autograde", "sums") + room.nbgrader("generate_feedback", "sums")
    return room


def rows(page: str) -> list[tuple[str, ...]]:
    """The table: link, name, verdict and points of each exercise."""
    pattern = (
        r'<tr><td>(?:<a href="#([^"]+)">)?<code>([^<]+)</code>(?:</a>)?</td>\s*'
        r"<td class=\"verdict\"[^>]*>([^<]*)</td>\s*<td class=\"points\">([^<]+)</td></tr>"
    )
    return re.findall(pattern, page)


def test_a_table_leads_to_every_exercise_by_its_name(room):
    page = room.feedback("wrong", "sums")
    assert rows(page) == [
        ("sums-double", "double", "passed", "1 of 1"),
        ("sums-mean", "mean", "wrong", "0 of 1"),
        ("sums-centred", "centred", "passed", "1 of 1"),
        ("sums-Tally-add", "Tally.add", "passed", "1 of 1"),
        ("sums-shares", "shares", "passed", "2 of 2"),
    ]
    assert all(page.count(f'<section id="{row[0]}">') == 1 for row in rows(page))
    assert "5 of 6 points" in page and 'Begin with <a href="#sums-mean">mean</a>' in page
    assert page.index("<table>") < page.index("The lesson: Sums") < page.index("<section")


def test_a_failure_is_told_once_with_what_to_do_next(room):
    page = room.feedback("wrong", "sums")
    mean = page[page.index('<section id="sums-mean">') : page.index('<section id="sums-centred">')]
    assert mean.count("The examples in the docstring.") == 1
    assert "this is the sum; divide it by the count" in mean and "a value differs" in mean
    assert "Run the locked cell in your notebook" in mean
    assert "right by itself; fix mean first" in page
    assert "Not begun yet" in room.feedback("untouched", "sums")
    assert "No response." not in room.feedback("untouched", "sums")


def test_a_crash_is_told_by_pythons_own_errors_only(room):
    assert "the code raised a KeyError" in room.feedback("crashed", "sums")
    assert "the code raised an error" in room.feedback("own-error", "sums")
    for student in ("crashed", "own-error"):
        shown = [c.get("outputs") for c in room.autograded(student, "sums")["cells"]]
        assert "KEEP" not in str(shown)


def test_what_concerns_the_whole_submission_is_told_once(room):
    page = room.feedback("broken", "sums")
    assert page.count("could not be read") == 1
    assert {row[2] for row in rows(page)} == {"not graded"} and "<section" not in page


def test_the_log_holds_no_warnings_of_libraries(room):
    assert "SAWarning" not in room.log and "warnings.warn" not in room.log


def test_the_page_needs_no_network_and_has_no_script(room):
    for student in ("right", "eve"):
        page = room.feedback(student, "sums").lower()
        head = page[: page.index("</head>")]
        assert "<script" not in page and "src=" not in head and "@import" not in head
        assert "content-security-policy" in head


def test_a_students_own_notes_stay_as_they_are(room):
    texts = ["".join(c["source"]) for c in room.autograded("right", "sums")["cells"]]
    assert texts[: len(HARMLESS)] == HARMLESS
    assert "<strong>notes</strong>" in room.feedback("right", "sums")


def test_the_autograded_notebook_shows_no_html_of_the_submission(room):
    cells = room.autograded("eve", "sums")["cells"]
    assert not any(cell["cell_type"] == "raw" for cell in cells)
    for cell in cells:
        attached = cell.get("attachments", {})
        assert "text/html" not in str(attached) and "onerror" not in str(attached)
        assert cell["cell_type"] == "code" or is_safe("".join(cell["source"]), attached)
    assert room.totals("sums")["eve"] == 6.0


@pytest.mark.parametrize("source", ATTACKS)
def test_a_text_as_a_block_of_code_is_harmless(source):
    assert is_safe(as_text(source)) and "<script" not in rendered(as_text(source))


def test_no_attack_runs_in_a_browser(room, chromium, tmp_path):
    """The feedback page, and the autograded notebook as nbconvert shows it in the formgrader."""
    import nbformat
    from nbconvert.exporters import HTMLExporter
    from playwright.sync_api import sync_playwright

    source = room.folder / "autograded" / "eve" / "sums" / "sums.ipynb"
    notebook = nbformat.read(source, as_version=4)
    for name, cells in (("formgrader", notebook.cells), ("attacks", attack_cells())):
        shown = nbformat.from_dict({**notebook, "cells": cells})
        html, _ = HTMLExporter(template_name="classic").from_notebook_node(shown)
        (tmp_path / f"{name}.html").write_text(html)
    feedback = room.folder / "feedback" / "eve" / "sums" / "sums.html"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        try:
            assert is_pwned(browser, tmp_path / "attacks.html")
            assert not is_pwned(browser, tmp_path / "formgrader.html")
            assert not is_pwned(browser, feedback)
        finally:
            browser.close()


def attack_cells() -> list[Any]:
    """What the page would be without cleaning: the test must be able to fail."""
    from nbformat.v4 import new_markdown_cell

    return [new_markdown_cell(source) for source in ATTACKS if "attachment:" not in source]


def is_pwned(browser: Any, path: Path) -> bool:
    """Whether a page's own content runs, by itself or when its links are clicked."""
    page = browser.new_page()
    page.route("http*://**", lambda route: route.abort())
    page.goto(path.as_uri(), wait_until="load")
    page.wait_for_timeout(300)
    found = has_run(page)
    for link in page.get_by_text("click", exact=True).all():
        if not found and link.is_visible():
            link.dispatch_event("click")
            page.wait_for_timeout(50)
            found = found or has_run(page)
    page.close()
    return found


def has_run(page: Any) -> bool:
    """Ask the page; a plain link may lead elsewhere just then, and it is asked again there."""
    from playwright.sync_api import Error

    for _ in range(20):
        try:
            return page.evaluate("window.pwned === 1")
        except Error:
            page.wait_for_timeout(100)
    raise AssertionError("the page never came to rest")


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("GRADSCHOOL_REQUIRE_BROWSER") == "1":
            pytest.fail("GRADSCHOOL_REQUIRE_BROWSER is 1, and there is no chromium on the PATH")
        pytest.skip("no chromium on the PATH; `apt-get install chromium` to try the browser")
    return found


@pytest.mark.parametrize("name", REAL.names)
def test_every_formula_of_a_lesson_is_set(name):
    for cell in REAL.lesson(name).cells:
        if cell.kind == "markdown" and "$" in cell.source:
            shown = rendered(cell.source, released=True)
            assert "<math" in shown
            assert "<code>\\" not in shown and "$" not in re.sub(r"<code>.*?</code>", "", shown)


def test_a_formula_that_is_none_is_shown_as_it_was_written():
    assert "<code>\\frac{</code>" in rendered("$\\frac{$")
