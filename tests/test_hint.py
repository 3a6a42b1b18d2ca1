"""`grad hint` knows what one has written: the diagnosis, the place, then the author's hints."""

from __future__ import annotations

import queue
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.lessons.lesson import Lesson
from autograder.watch.grader import Delivery, Grader, Located
from autograder.workspace.hints import LAST, give, next_hint
from autograder.workspace.workspace import Workspace
from tests.command import grad

STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()"
LAST_ALONE = """\
    total = 0.0
    for x in xs:
        total = x
    return total / max(len(xs), 1)"""
PLACE = "a change in line 42 alone would make it pass: how something is assigned"


def write(workspace: Path, body: str) -> Path:
    """The learner's file, with this body for `mean`."""
    path = workspace / "exercises" / "sums.py"
    before, after = path.read_text().split("def mean(", 1)
    path.write_text(f"{before}def mean({after.replace(STUB, body, 1)}")
    return path


def test_the_diagnosis_comes_first_then_the_place_then_the_hints(workspace):
    write(workspace, "    return sum(xs)")
    assert "it looks like this" not in grad("hint", "mean", "--level", 0).out
    grad("check", "mean")
    lines = grad("hint", "mean").out.splitlines()
    assert lines[0] == "it looks like this: this is the sum; divide it by the count"
    assert lines[1].startswith("the place: a change in line 40 alone would make it pass: ")
    assert lines[2] == "1. what is the sum divided by?"


def test_the_place_is_looked_for_once_for_a_file(workspace):
    path = write(workspace, LAST_ALONE)
    first = grad("hint", "mean").out
    assert first.startswith(f"Looking for the place in your code ...\nthe place: {PLACE}\n1. ")
    program = (
        "import sys\nfrom autograder.cli import main\nsys.argv = ['grad', 'hint', 'mean']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint('torch' in sys.modules)"
    )
    again = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert f"the place: {PLACE}\n1. " in again.stdout and again.stdout.endswith("False\n")
    path.write_text(path.read_text().replace("total = x", "total += x"))
    assert "No one change" in grad("hint", "mean").out
    grad("check", "mean")
    assert "place" not in grad("hint", "mean").out


@pytest.mark.parametrize("body", [STUB, "    return sum(xs"])
def test_where_nothing_can_be_tried_the_hints_alone_are_given(workspace, body):
    write(workspace, body)
    assert grad("hint", "mean").out.startswith("1. what is the sum")


def test_no_hint_shows_tex_wherever_it_is_asked_for(workspace, miniature):
    formula = r"# hint: it is $\frac{\partial L}{\partial W}$"
    source = miniature.lesson("sums").source.replace("# hint: exponentiate", formula)
    lesson = Lesson("sums", source)
    place, shares = Workspace(workspace, miniature), lesson.exercises["shares"]
    assert next_hint(place, lesson, shares) == "1. it is ∂L/∂W\n1 more"
    assert next_hint(place, lesson, shares).endswith(LAST)
    assert give(place, lesson, shares, 1).told == ["1. it is ∂L/∂W"]
    assert place.store.hints("sums", "shares") == 2, "none is taken back"


@pytest.fixture
def grader(workspace, miniature):
    """A grader of the workspace, and what it delivers."""
    heard: queue.Queue[Delivery | Located] = queue.Queue()
    grader = Grader(Workspace(workspace, miniature), heard.put, heard.put)
    yield grader, lambda: heard.get(timeout=60)
    grader.close()


def test_while_one_thinks_the_place_is_searched_for(grader, workspace):
    grader, heard = grader
    write(workspace, LAST_ALONE)
    grader.request("sums")
    grader.locate("sums", "mean")
    assert isinstance(heard(), Delivery)
    located = heard()
    assert isinstance(located, Located) and located.says == PLACE
    grader.locate("sums", "mean")
    assert heard() == located


def test_a_save_ends_the_grading_of_what_the_file_was(grader, workspace):
    grader, heard = grader
    grader.request("sums")
    heard()
    path = workspace / "exercises" / "sums.py"
    stubs = path.read_text()
    path.write_text(stubs.replace(STUB, "    while True:\n        pass"))
    grader.request("sums")
    time.sleep(1.0)
    path.write_text(stubs)
    begun = time.monotonic()
    grader.request("sums")
    # Two exercises that hang would have been waited for twice as long.
    assert isinstance(heard(), Delivery) and time.monotonic() - begun < 10.0


def test_a_save_ends_a_search(grader, workspace):
    grader, heard = grader
    path = write(workspace, "    return xs.__class__.__name__[len(xs):]")
    grader.request("sums")
    grader.locate("sums", "mean")
    heard()
    time.sleep(0.3)
    path.write_text(path.read_text() + "\n")
    begun = time.monotonic()
    grader.request("sums")
    while not isinstance(heard(), Delivery):  # the search may have been quicker
        pass
    assert time.monotonic() - begun < 10.0
