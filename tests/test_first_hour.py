"""A new learner's first steps in the real first lesson, as README tells them, in a terminal."""

from __future__ import annotations

import re
import shutil
import sys

import pytest

from autograder.lessons.course import Course
from autograder.lessons.stages import stages_of
from tests.test_watch import Terminal, save, solve

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not on this machine")

LESSON = "part0_micrograd_engine"
FIRST = ("gradient", "expression_gradients", "neuron_gradients")


@pytest.fixture
def terminal(tmp_path, cache):
    terminal = Terminal(tmp_path, 110, 40)
    grad = f'grad() {{ {sys.executable} -m autograder "$@"; }}'
    terminal.type(f"unset GRADSCHOOL_COURSE; export GRADSCHOOL_CACHE={cache} PS1='ready> '\n")
    terminal.type(f"{grad}; clear\n")
    yield terminal
    terminal.close()


def say(terminal: Terminal, command: str, *expected: str) -> str:
    """Type a command on an empty screen, and wait until it has said what is expected."""
    terminal.type(f"clear; {command}; echo ended $?\n")
    return terminal.wait_for("\nended ", *expected)


def leave(terminal: Terminal, key: str) -> None:
    """Leave a program that asks: as it goes, it throws away what is typed before the prompt."""
    terminal.press(key)
    terminal.wait_for("ready>")


def body(exercise: str, edit: tuple[str, str] = ("", "")) -> str:
    """The reference's body, as the learner types it."""
    code = Course.find().lesson(LESSON).exercises[exercise].code
    return "\n".join(f"    {line}".rstrip() for line in code.replace(*edit).splitlines())


def test_from_the_first_command_to_the_third_exercise(terminal, tmp_path):
    say(terminal, "grad", "make one with `grad init DIR`", "ended 2")
    say(terminal, "grad init course", "lessons are in course/exercises", "cd course")
    terminal.type("cd course\n")
    say(terminal, "grad", "not graded yet", "Next: derivative", "solved already, as an example")
    say(terminal, "grad check derivative", "passed     derivative", "Next: gradient", "ended 0")
    say(terminal, "grad", "1 of 19", "Next: gradient (todo)", "Stuck? grad hint gradient")
    say(terminal, "grad chek gradient", "did you mean 'check'?", "ended 2")
    say(terminal, "grad check gradiant", "did you mean gradient", "ended 2")
    stub = say(terminal, "grad check gradient", "todo       gradient  line ", "ended 1")
    assert "Write it there, save, and ask again. Stuck? grad hint gradient" in stub

    path = tmp_path / "course" / "exercises" / f"{LESSON}.py"
    terminal.type("clear; grad watch; echo ended $?\n")
    terminal.wait_for("gradient  todo", f"{LESSON}.py:", "Predict first: slope_at_a_corner")
    terminal.type("0")
    terminal.press("Enter")
    told = terminal.wait_for("Right, it is 0, because", "You predicted 1 of 1 right.", "goes on")
    assert "Esc later" not in told
    terminal.press("Escape")
    terminal.wait_for("partial derivatives", "? help")

    right = solve(path, "gradient", body("gradient"))
    save(path, solve(path, "gradient", body("gradient", ("(2 * h)", "h"))))
    terminal.wait_for("gradient  wrong", "expected", "it looks like this")
    terminal.press("h")
    terminal.wait_for("hint 1: ")
    save(path, right)
    for exercise, following in zip(FIRST, (*FIRST[1:], "topological_order"), strict=True):
        if exercise != FIRST[0]:
            save(path, solve(path, exercise, body(exercise)))
        passed = ("What you learned: ", "your own", f"Next, with n: {following}")
        terminal.wait_for(f"{exercise}  passed", *passed)
        terminal.press("n")
        if "Predict first" in terminal.wait_for(f"{following}  todo"):
            terminal.press("Escape")
            terminal.wait_for("? help")
    terminal.press("q")
    terminal.wait_for("ended 0")
    say(terminal, "grad", "5 of 19", "Next: topological_order (todo)", "ended 0")


def test_a_narrow_terminal_breaks_no_word(terminal):
    terminal.type("unset COLUMNS\n")
    terminal.tmux("resize-window", "-t", "main", "-x", "80", "-y", "40")
    say(terminal, "grad init course", "cd course")
    terminal.type("cd course; clear; grad predict slope_at_a_corner\n")
    screen = terminal.wait_for("Your prediction:")
    asked = Course.find().lesson(LESSON).predictions["slope_at_a_corner"].asked
    assert {"gradients", *asked.split()} <= set(screen.split())
    assert "What does `derivative(abs, 0.0)` say?" in screen, "a wide paragraph is one"
    leave(terminal, "C-c")
    says = "no picture shows gradient; `grad plot part0_micrograd_engine` lists them"
    assert set(says.split()) <= set(say(terminal, "grad plot gradient", "lists them").split())
    listed = say(terminal, "grad plot part0_micrograd_engine", "squash").split()
    for stage in stages_of(Course.find(), LESSON):
        assert set(stage.says.split()) <= set(listed)
    say(terminal, "grad check derivative", "ended 0")
    assert "tangents." in say(terminal, "grad plot parabola", "parabola.png", "ended 0").split()


def test_a_warm_server_a_prompt_and_an_update(terminal, tmp_path, runtime):
    terminal.type(f"unset GRADSCHOOL_SERVER; export XDG_RUNTIME_DIR={runtime}; clear\n")
    say(terminal, "grad init course", "cd course")
    path = tmp_path / "course" / "exercises" / f"{LESSON}.py"
    path.write_text(solve(path, "gradient", body("gradient")) + "\nundefined + 1\n")
    terminal.type("cd course\n")
    terminal.type("clear; grad check gradient; echo ended $?\n")
    terminal.wait_for("grading gradient ...")
    first = terminal.wait_for("passed     gradient", "What you learned: ", "ended 0")
    assert "grading" not in first and "NameError: name 'undefined' is not defined" in first
    say(terminal, "grad doctor", "a warm server answers grad check at once")
    again = say(terminal, "grad check gradient", "passed     gradient", "ended 0")
    assert _seconds(again) < _seconds(first)
    say(terminal, "grad check gradient --no-server", "passed     gradient", "ended 0")

    terminal.type(f"clear; grad play {LESSON}\n")
    terminal.wait_for(
        f"exercises/{LESSON}.py is loaded: derivative, gradient", "(left out)", "In ["
    )
    terminal.type("gradient(lambda a: a * a, [3.0])\n")
    terminal.wait_for("[6.0")
    leave(terminal, "C-d")
    say(terminal, "grad update", "Your exercises are up to date.", "ended 0")


def _seconds(screen: str) -> float:
    return float(re.findall(r"([\d.]+) s\n", screen)[0])
