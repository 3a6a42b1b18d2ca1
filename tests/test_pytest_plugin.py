"""pytest in a workspace: one item an exercise, and our report on failure."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

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
    assert "2 failed, 3 passed" in ran.stdout
    assert "it looks like this: this is the sum; divide it by the count" in ran.stdout
    assert "Traceback" not in ran.stdout and "pytest_plugin.py" not in ran.stdout


def test_selection_junit_and_xdist(run, workspace):
    ran = run("-k", "double or shares", "--junitxml=junit.xml")
    assert ran.returncode == 0 and "2 passed, 3 deselected" in ran.stdout
    cases = ElementTree.parse(workspace / "junit.xml").iter("testcase")
    assert [case.get("name") for case in cases] == ["double", "shares"]
    assert "1 failed, 1 passed" in run("-x").stdout
    assert "2 failed, 3 passed" in run("-n", "2").stdout


def test_the_plugin_leaves_other_folders_alone(tmp_path):
    (tmp_path / "test_mine.py").write_text("def test_one(): pass\n")
    (tmp_path / "sums.py").write_text("1 / 0\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert "1 passed" in ran.stdout
