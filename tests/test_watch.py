"""`grad watch` in a real terminal (tmux), with real keys and real saves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.conftest import MINIATURE

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not on this machine")

PATIENCE = 60.0


class Terminal:
    """A tmux session of its own with a shell in it."""

    def __init__(self, folder: Path, width: int, height: int):
        self.name = f"gradschool-{uuid.uuid4().hex}"
        size = ["-x", str(width), "-y", str(height)]
        self.tmux("new-session", "-d", "-s", "main", *size, "-c", str(folder), "sh")

    def tmux(self, *arguments: str) -> str:
        command = ["tmux", "-L", self.name, "-f", "/dev/null", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-t", "main", "-l", text)

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "main", *keys)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-t", "main")

    def wait_for(self, *words: str) -> str:
        """The screen once it shows all the words."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            screen = self.screen()
            if all(word in screen for word in words):
                return screen
            time.sleep(0.05)
        raise AssertionError(f"{words} never came; the screen is\n{screen}")

    def wait_without(self, word: str) -> None:
        """Until the screen does not show a word any more."""
        deadline = time.monotonic() + PATIENCE
        while word in self.screen():
            assert time.monotonic() < deadline, f"{word!r} stays"
            time.sleep(0.05)

    def close(self) -> None:
        self.tmux("kill-server")


@pytest.fixture
def terminal(workspace, cache):
    terminals = []

    def start(width: int = 100, height: int = 30, *arguments: str) -> Terminal:
        terminal = Terminal(workspace, width, height)
        terminals.append(terminal)
        environment = f"GRADSCHOOL_COURSE={MINIATURE} GRADSCHOOL_CACHE={cache} PS1='ready> '"
        program = f"{sys.executable} -m autograder watch {' '.join(arguments)}"
        terminal.type(f"export {environment}; clear; {program}; echo left with $?\n")
        return terminal

    yield start
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def lesson(workspace) -> Path:
    return workspace / "exercises" / "sums.py"


def save(path: Path, text: str) -> None:
    """As many editors do: write another file and rename it."""
    other = path.with_suffix(".swp")
    other.write_text(text)
    os.replace(other, path)


def begin(screen: Terminal) -> None:
    """Past the worked example, which has passed already."""
    screen.wait_for("double  passed", "What you learned: a number can be doubled", "Next, with n")
    screen.press("n")
    screen.wait_for("mean  todo", "sums.py:", "1 of 5 exercises")


def solve(path: Path, name: str, body: str) -> str:
    """The file's text with the stub of one function replaced."""
    before, after = path.read_text().split(f"def {name}(", 1)
    stub = "    # YOUR CODE HERE\n    raise NotImplementedError()"
    return f"{before}def {name}({after.replace(stub, body, 1)}"


def test_a_learner_saves_reads_asks_and_goes_on(terminal, lesson, solution):
    screen = terminal()
    begin(screen)

    lesson.write_text(solve(lesson, "mean", "    return sum(xs)"))
    screen.wait_for("mean  wrong", "this is the sum; divide it by the count", "got 3.0")

    screen.press("h")
    screen.wait_for("the place: a change in line", "hint 1: what is the sum divided by?")
    screen.press("h")
    screen.wait_for("hint 2: an empty list has no count to divide by")

    save(lesson, lesson.read_text().replace("return sum(xs)", "return sum(xs) / (len(xs) or"))
    calm = screen.wait_for("mean  crashed", "was never closed", "^", "1 of 5 exercises")
    assert calm.count("line ") == 1
    screen.press("?")
    screen.wait_for("put the stub back")

    right = "return sum(xs) / (len(xs) or 1)"
    save(lesson, lesson.read_text().replace("return sum(xs) / (len(xs) or", right))
    screen.wait_for(
        "mean  passed", "a mean is a sum divided by a count", "the reference", "Next, with n"
    )
    screen.press("n")
    screen.wait_for("centred  todo", "2 of 5 exercises")
    screen.press("t")
    screen.wait_for("The mean is the sum divided by the count.")
    screen.press("?")
    screen.wait_for("put the stub back")
    screen.press("Escape")
    screen.press("s")
    screen.wait_for("Show the solution all the same? y/n")
    screen.press("n")
    screen.wait_for("Nothing was changed.")
    screen.press("s", "y")
    screen.wait_for("return [x - middle for x in xs]")
    screen.press("l")
    screen.wait_for("> todo       centred", "  todo       shares")
    screen.press("Down", "Down", "Enter")
    screen.wait_for("shares  todo")
    screen.press("p")
    screen.wait_for("Tally.add  todo", "Predict first: spread_of_a_sum", "What is the deviation?")
    screen.type("fourq")
    screen.wait_for("> fourq")
    screen.press("Enter")
    screen.wait_for("'fourq' is no number", "> fourq")
    screen.press("BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "2", "Enter")
    screen.wait_for("Right: you said 2, it is 2.0", "You predicted 1 of 1 right.")
    screen.press("Enter")
    screen.wait_for("Predict first: shape_of_a_column_and_a_row")
    screen.press("Escape")
    screen.wait_for("Count one more of a word.", "n next")
    stub = "return None  # YOUR PREDICTION"
    kept = lesson.read_text().split("def shape_of_a_column_and_a_row", 1)
    save(lesson, kept[0] + "def shape_of_a_column_and_a_row" + kept[1].replace(stub, "return 3, 3"))
    screen.wait_for("Right, it is (3, 3)")
    screen.press("g")
    screen.wait_for("No question waits before this exercise.")
    screen.press("p", "p", "r", "y")
    screen.wait_for("mean  todo", "The stub is back.")
    save(lesson, solution)
    screen.press("a")
    screen.wait_for("5 of 5 exercises", "mean  passed")
    screen.press("q")
    assert "5 of 5 exercises" not in screen.wait_for("left with 0")


def test_what_has_passed_is_seen_with_one_key(terminal, lesson):
    screen = terminal()
    begin(screen)
    screen.press("v")
    screen.wait_for("No picture shows this exercise yet")
    save(lesson, solve(lesson, "mean", "    return sum(xs) / (len(xs) or 1)"))
    screen.wait_for("mean  passed", "See it, with v: Numbers and their mean.")
    screen.press("v")
    screen.wait_for("plot: exercises/sums.middle.png")
    assert (lesson.parent / "sums.middle.png").exists()


def test_it_resumes_where_it_was(terminal):
    first = terminal(100, 30, "shares")
    first.wait_for("shares  todo")
    first.press("q")
    first.wait_for("left with 0")
    terminal().wait_for("shares  todo")


def test_control_c_and_a_narrow_window_leave_the_terminal_as_it_was(terminal):
    screen = terminal(60, 16)
    begin(screen)
    shown = screen.wait_for("q quit")
    assert max(map(len, shown.splitlines())) <= 60
    screen.tmux("resize-window", "-t", "main", "-x", "44", "-y", "12")
    screen.wait_for("mean  todo")
    screen.press("C-c")
    screen.wait_for("left with 0")
    screen.type("echo seen\n")
    assert screen.wait_for("\nseen\n").count("seen") == 2, "what is typed is seen again"


def test_what_does_not_fit_says_so_and_a_note_goes_with_the_next_save(terminal, lesson):
    screen = terminal(60, 16)
    begin(screen)
    screen.press("r", "n")
    screen.wait_for("Nothing was changed.")
    save(lesson, lesson.read_text() + "\n")
    screen.wait_without("Nothing was changed.")
    screen.wait_for("mean  todo")
    time.sleep(1.0)  # one save may be announced twice, and shows the exercise
    screen.press("?")
    screen.wait_for("more lines: down, page down")
    screen.press("PageDown")
    screen.wait_for("Write in your editor and save")
    screen.wait_without("more lines")


def test_saves_that_come_faster_than_grading_end_with_the_last(terminal, lesson, solution):
    screen = terminal()
    begin(screen)
    wrong = solution.replace("sum(xs) / len(xs)", "sum(xs)")
    for number in range(20):
        save(lesson, f"{wrong}\n# {number}\n")
    save(lesson, solution)
    screen.wait_for("mean  passed", "5 of 5 exercises")
    time.sleep(1.0)
    assert "mean  passed" in screen.screen()


def test_without_a_terminal_it_says_what_to_use_instead(workspace):
    command = [sys.executable, "-m", "autograder", "watch"]
    ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ran.returncode == 2 and "needs a terminal" in ran.stderr
