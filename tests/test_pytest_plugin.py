"""pytest in a workspace: one item an exercise, and our report on failure."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest


@pytest.fixture
def run(workspace, miniature):
    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=workspace)

    wrong = miniature.lesson("sums").source.replace("sum(xs) / len(xs)", "sum(xs)")
    (workspace / "exercises" / "sums.py").write_text(wrong)
    return run


def test_one_item_an_exercise_in_the_order_of_the_lesson(run):
    lines = run("--collect-only", "-q").stdout.splitlines()
    assert [line for line in lines if "::" in line] == [
        f"exercises/sums.py::{id}" for id in ("double", "mean", "centred", "Tally.add", "shares")
    ]


def test_a_failure_is_our_report_without_our_frames(run):
    ran = run("-q")
    assert ran.returncode == 1
    assert "1 failed, 4 passed" in ran.stdout
    assert "it looks like this: this is the sum; divide it by the count" in ran.stdout
    assert "Traceback" not in ran.stdout and "pytest_plugin.py" not in ran.stdout


def test_what_passes_by_itself_alone_says_so_where_passing_tests_may_speak(run):
    assert "right by itself; fix mean first" in run("-q", "-rP").stdout


# What an editor's own plugin would tell the editor, written to a file.
EDITOR = """
import json, os, pathlib

seen = {"items": [], "reports": []}


def pytest_collection_finish(session):
    for item in session.items:
        seen["items"].append([item.nodeid, str(item.parent.path), item.location[1]])


def pytest_runtest_logreport(report):
    if report.when == "call":
        kept = [report.nodeid, report.outcome, report.location[1], report.longreprtext]
        seen["reports"].append(kept)


def pytest_sessionfinish():
    pathlib.Path(os.environ["SEEN"]).write_text(json.dumps(seen))
"""


@pytest.fixture
def seen(run, workspace, tmp_path, monkeypatch):
    (tmp_path / "editor.py").write_text(EDITOR)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("SEEN", str(tmp_path / "seen.json"))

    def seen(*arguments: str) -> tuple[int, dict]:
        ran = run("-q", "-p", "editor", f"--rootdir={workspace}", *arguments)
        return ran.returncode, json.loads((tmp_path / "seen.json").read_text())

    return seen


def test_an_editor_finds_each_exercise_at_its_definition(seen, workspace):
    path = workspace / "exercises" / "sums.py"
    _, found = seen("--collect-only")
    lines = path.read_text().splitlines()
    assert [lines[line].strip().split("(")[0] for _, _, line in found["items"]] == [
        f"def {name}" for name in ("double", "mean", "centred", "add", "shares")
    ]
    assert {where for _, where, _ in found["items"]} == {str(path)}
    path.write_text(path.read_text().replace("return sum(xs)", "return sum(xs"))
    assert seen("--collect-only")[1] == found, "half-written code"


def test_an_editor_runs_one_and_gets_our_report(seen, workspace):
    path = workspace / "exercises" / "sums.py"
    code, found = seen("--capture=no", f"{path}::mean")
    ((id, outcome, line, text),) = found["reports"]
    assert (code, id, outcome) == (1, "exercises/sums.py::mean", "failed")
    first, *_, last = text.splitlines()
    assert first.startswith("wrong      mean  line ")
    assert last == f"exercises/sums.py:{line + 1}: wrong"
    assert [item[0] for item in found["items"]] == ["exercises/sums.py::mean"]
    assert seen(f"{path}::Tally.add", f"{path}::double")[0] == 0


def test_selection_junit_and_xdist(run, workspace):
    ran = run("-k", "double or shares", "--junitxml=junit.xml")
    assert ran.returncode == 0 and "2 passed, 3 deselected" in ran.stdout
    cases = ElementTree.parse(workspace / "junit.xml").iter("testcase")
    assert [case.get("name") for case in cases] == ["double", "shares"]
    assert "1 failed, 1 passed" in run("-x").stdout
    assert "1 failed, 4 passed" in run("-n", "2").stdout


def test_the_plugin_leaves_other_folders_alone(tmp_path):
    (tmp_path / "test_mine.py").write_text("def test_one(): pass\n")
    (tmp_path / "sums.py").write_text("1 / 0\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert "1 passed" in ran.stdout


def test_what_is_still_to_do_is_skipped(workspace):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rs"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=workspace)
    assert ran.returncode == 0 and "1 passed, 4 skipped" in ran.stdout
    assert "still to do; stuck? grad hint Tally.add" in ran.stdout


def test_pytest_in_the_clone_runs_the_exercises():
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=root)
    items = [line for line in ran.stdout.splitlines() if "::" in line]
    assert items and all(item.startswith("exercises/") for item in items)
