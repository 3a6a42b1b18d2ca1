"""`nbgrader autograde` with the real command line: marks, messages, and what goes wrong elsewhere.

A class of one hand each, graded in one run: every student is one case.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from traitlets.config import Config

from autograder.lessons.submission import Submission, Unit
from autograder.nbgrader.config import configure
from autograder.nbgrader.grading import GradeLesson
from tests.classroom import Classroom, cell_of, changed, code_cell, edited

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("nbgrader")

FULL = {"double": 1.0, "mean": 1.0, "centred": 1.0, "Tally-add": 1.0, "shares": 2.0}
SECRET = "KEEP-THIS-OUT"


def without(notebook: dict, *grade_ids: str) -> dict:
    gone = [cell_of(notebook, grade_id) for grade_id in grade_ids]
    return {**notebook, "cells": [cell for cell in notebook["cells"] if cell not in gone]}


def with_cells(notebook: dict, *cells: dict) -> dict:
    return {**notebook, "cells": [*notebook["cells"], *cells]}


def with_metadata(notebook: dict, grade_id: str, **changes: Any) -> dict:
    """A cell's nbgrader metadata changed; None takes a key away."""
    cell = cell_of(notebook, grade_id)
    about = {**cell["metadata"]["nbgrader"], **changes}
    about = {key: value for key, value in about.items() if value is not None}
    new = {**cell, "metadata": {"nbgrader": about}}
    return {**notebook, "cells": [new if c is cell else c for c in notebook["cells"]]}


def with_outputs(notebook: dict, outputs: list) -> dict:
    cells = [
        {**cell, "outputs": outputs} if cell["cell_type"] == "code" else cell
        for cell in notebook["cells"]
    ]
    return {**notebook, "cells": cells}


def solution_elsewhere(solved: dict) -> dict:
    """The solution cells stand last and first-written last, as ordinary cells."""
    ids = ("sums-mean-code", "sums-Tally-add-code")
    own = [code_cell(cell_of(solved, id)["source"]) for id in ids]
    return {**solved, "cells": [*reversed(own), *without(solved, *ids)["cells"]]}


def class_of(room: Classroom) -> dict[str, Any]:
    """Every student of the class, by the case that he is; a notebook or a file's bytes."""
    solved, released = room.solved("sums"), room.released("sums")
    mean, test = cell_of(solved, "sums-mean-code"), cell_of(solved, "sums-mean")
    stream = {"output_type": "stream", "name": "stdout", "text": "x" * 80 + "\n"}
    slow_call = "    import time; time.sleep(100)\n    counts = (x - x.max"
    return {
        "honest": solved,
        "untouched": released,
        "predicted": edited(solved, "None, lesson=", "4, lesson="),
        "predicted-wildly": edited(released, "None, lesson=", "[][1], lesson="),
        "partial": edited(solved, "return sum(xs) / len(xs)", "return sum(xs)"),
        "stderr": changed(solved, lambda s: s.replace("import torch", _NOISE, 1)),
        "print": edited(solved, "    middle = mean(xs)", "    middle = mean(xs); print(middle)"),
        "slow-function": edited(solved, "    counts = (x - x.max", slow_call),
        "test-copied": with_cells(solved, test, test),
        "test-deleted": without(solved, "sums-mean", "sums-shares"),
        "test-unlocked": with_metadata(released, "sums-mean", locked=False, solution=True),
        "test-edited": edited(released, 'grade("mean", lesson="sums")', "1.0"),
        "test-reordered": {**solved, "cells": list(reversed(solved["cells"]))},
        "test-claimed": with_cells(released, _claim("sums-mean", points=1000)),
        "points-raised": with_metadata(solved, "sums-mean", points=1000),
        "points-broken": with_metadata(released, "sums-mean", points="many", schema_version=99),
        "ids-doubled": {**solved, "cells": [{**cell, "id": "same"} for cell in solved["cells"]]},
        "solution-added": solution_elsewhere(solved),
        "solution-redefined": with_cells(released, code_cell("def mean(xs): return 1"), mean),
        "redefined-wrongly": with_cells(solved, code_cell("def mean(xs): return 1")),
        "syntax": edited(solved, "        self.counts[word] =", "        self.counts[word] = = "),
        "large-outputs": with_outputs(solved, [stream] * 2_000),
        "too-large": with_outputs(solved, [stream] * 60_000),
        "attachments": _with_attachments(solved),
        "endless-cell": with_cells(solved, code_cell("while True: pass")),
        "endless-function": edited(solved, "    counts = (x - x.max", _ENDLESS),
        "exit-cell": with_cells(solved, code_cell("import os\nos._exit(0)")),
        "exit-function": edited(solved, "    middle = mean(xs)", "    import os; os._exit(0)"),
        "message": edited(solved, "    middle = mean(xs)", f"    raise ValueError('{SECRET}')"),
        "deletes": with_cells(solved, code_cell(_DELETES.format(folder=room.folder))),
        "broken-json": b"{",
        "not-a-notebook": b"[1, 2]",
        "empty": b"",
        "not-text": b"\xff\xfe\x00",
        "odd-cells": odd_cells(solved),
        "long-sum": with_cells(solved, code_cell(_LONG_SUM), code_cell("import os\nos._exit(0)")),
        "definitions-exit": with_cells(solved, code_cell(_EXITS_WHILE_DEFINING)),
    }


def odd_cells(solved: dict) -> dict:
    """Cells that no editor writes, beside those that count."""
    odd = [
        {"cell_type": "markdown", "metadata": {}, "source": 5},
        {"cell_type": "markdown", "metadata": {}, "source": None},
        {"cell_type": "markdown", "metadata": {}, "source": ["a", 5, "b"]},
        {"cell_type": "markdown", "metadata": {}, "source": "half of a pair: \ud83d"},
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": []}}, "source": "x = 1"},
    ]
    return {**solved, "cells": [*solved["cells"], *odd]}


_LONG_SUM = "a = 1; total = " + " + ".join(["a"] * 1500) + "\ndef mine(): return total"
_NOISE = """\
import sys, warnings
import torch
print("careful", file=sys.stderr)
warnings.warn("a warning of torch's own")"""
_ENDLESS = "    while True: pass\n    counts = (x - x.max"
_EXITS_WHILE_DEFINING = """\
import os
def leave(value=os.abort()):
    return value"""
_DELETES = """\
import os, shutil
for place in ({folder!r}, os.path.expanduser("~"), os.getcwd(), "/tmp"):
    shutil.rmtree(place, ignore_errors=True)"""


def _claim(grade_id: str, points: float) -> dict:
    """A cell that claims to be a released test cell, and to have passed."""
    claim = {"grade": True, "grade_id": grade_id, "locked": True, "solution": False}
    cell = code_cell("1000.0", nbgrader={**claim, "schema_version": 3, "points": points})
    result = {"output_type": "execute_result", "data": {"text/plain": "1000.0"}}
    return {**cell, "outputs": [{**result, "metadata": {}, "execution_count": 1}]}


def _with_attachments(notebook: dict) -> dict:
    picture = {
        "cell_type": "markdown",
        "id": "picture",
        "metadata": {},
        "source": "![](attachment:dot.png)",
        "attachments": {"dot.png": {"image/png": "iVBORw0KGgo="}},
    }
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"broken": 1}}}}
    about = {**notebook["metadata"], "widgets": widgets}
    return {**notebook, "metadata": about, "cells": [picture, *notebook["cells"]]}


EXPECTED = {
    **dict.fromkeys(
        (
            *("honest", "predicted", "stderr", "print", "test-copied", "test-deleted"),
            *("test-reordered", "points-raised", "ids-doubled", "solution-added"),
            *("large-outputs", "attachments", "odd-cells", "endless-cell", "exit-cell", "deletes"),
            "long-sum",
        ),
        FULL,
    ),
    **dict.fromkeys(
        (
            "untouched",
            "predicted-wildly",
            "test-unlocked",
            "test-edited",
            "test-claimed",
            "points-broken",
        ),
        {**dict.fromkeys(FULL, 0.0), "double": 1.0},
    ),
    "partial": {**FULL, "mean": 0.0},
    "slow-function": {**FULL, "shares": 0.0},
    "solution-redefined": {**dict.fromkeys(FULL, 0.0), "double": 1.0, "mean": 1.0, "centred": 1.0},
    "redefined-wrongly": {**FULL, "mean": 0.0},
    "syntax": {**FULL, "Tally-add": 0.0, "shares": 0.0},
    "endless-function": {**FULL, "shares": 0.0},
    "exit-function": {**FULL, "centred": 0.0},
    "message": {**FULL, "centred": 0.0},
    **dict.fromkeys(
        (
            *("broken-json", "not-a-notebook", "empty", "not-text", "definitions-exit"),
            *("link", "linked-folder", "too-large"),
        ),
        dict.fromkeys(FULL, 0.0),
    ),
}
REVIEWED = {
    *("broken-json", "not-a-notebook", "empty", "not-text", "definitions-exit"),
    *("link", "linked-folder", "too-large"),
}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """The class with its assignment released, handed in, graded, and given feedback."""
    room = Classroom(tmp_path_factory.mktemp("class"))
    room.release("sums")
    for student, notebook in class_of(room).items():
        room.submit(student, "sums", notebook)
    link = room.submit("link", "sums", b"")
    link.unlink()
    link.symlink_to("../../honest/sums/sums.ipynb")
    (room.folder / "submitted" / "linked-folder").mkdir()
    (room.folder / "submitted" / "linked-folder" / "sums").symlink_to("../honest/sums")
    stolen = room.folder / "submitted" / "honest" / "sums" / "notes.txt"
    stolen.symlink_to("../../../source/sums/sums.ipynb")
    room.log = room.nbgrader("autograde", "sums")
    room.nbgrader("generate_feedback", "sums")
    return room


@pytest.mark.parametrize("student", EXPECTED)
def test_marks(room, student):
    assert room.scores("sums")[student] == EXPECTED[student]


def test_every_student_of_the_class_is_expected_and_graded(room):
    assert set(room.scores("sums")) == set(EXPECTED)


def test_a_submission_that_cannot_be_run_is_told_apart_from_an_earned_zero(room):
    assert room.to_review("sums") == REVIEWED
    for student in REVIEWED:
        assert f"{student}, sums" in room.log


def test_honest_submissions_are_not_warned_about(room):
    for student in ("untouched", "predicted", "partial", "stderr", "message"):
        assert f"WARNING] {student}" not in room.log


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("test-edited", "the locked cell sums-mean is put back"),
        ("test-deleted", "missing cell sums-mean is added"),
        ("test-copied", "a copy of the cell sums-mean is not scored"),
        ("link", "symbolic link"),
        ("honest", "notes.txt was a symbolic link and is removed"),
    ],
)
def test_what_was_tampered_with_is_logged(room, student, words):
    assert any(student in line and words in line for line in room.log.splitlines())


def test_feedback_has_a_message_for_every_exercise_and_repeats_nothing(room):
    page = room.feedback("partial", "sums")
    assert "it looks like this: this is the sum; divide it by the count" in page.lower()
    assert "The mean of an empty list is 0.0." in page
    assert "a value differs" in page
    assert "right by itself; fix mean first" in page
    assert SECRET not in json.dumps(
        [cell.get("outputs") for cell in room.autograded("message", "sums")["cells"]]
    )


def test_feedback_holds_no_solution_and_no_check(room):
    checks = (room.folder / "source" / "sums" / "sums.ipynb").read_text()
    assert "if not xs:" in checks
    page = room.feedback("untouched", "sums")
    for secret in ("if not xs:", "lesson.double(", "draw.", "counts.sum(-1, keepdim=True)"):
        assert secret not in page


def test_unreadable_submissions_get_feedback_that_says_why(room):
    assert "is not a notebook; save it again" in room.feedback("broken-json", "sums")
    assert "take out what is not code, such as the outputs" in room.feedback("too-large", "sums")
    assert "symbolic link" in room.feedback("link", "sums")


def test_nothing_is_copied_through_links_or_deleted(room):
    assert not (room.folder / "autograded" / "honest" / "sums" / "notes.txt").exists()
    assert (room.folder / "submitted" / "honest" / "sums" / "sums.ipynb").is_file()
    assert (room.folder / "gradebook.db").is_file()


def test_large_outputs_are_left_behind(room):
    path = room.folder / "autograded" / "large-outputs" / "sums" / "sums.ipynb"
    assert path.stat().st_size < 2**16


def test_a_rerun_grades_only_what_is_new(room):
    room.submit("newcomer", "sums", room.solved("sums"))
    log = room.nbgrader("autograde", "sums")
    assert log.count("Autograding ") == 1
    assert room.scores("sums")["newcomer"] == FULL
    room.nbgrader("export", "--to", "grades.csv")
    exported = (room.folder / "grades.csv").read_text().splitlines()
    found = {line.split(",")[3]: line.split(",")[-3:] for line in exported[1:]}
    assert found["newcomer"] == ["6.0", "6.0", "graded"]
    assert found["broken-json"] == ["0.0", "6.0", "to review"]


def test_answers_prepared_for_the_common_seed_earn_nothing(room, session, solution):
    """Who has the course can draw its inputs; `grad release` gave this class a seed of its own."""
    answers = {(1.0, 2.0): 1.5, (): 0.0}
    for name, given in session.key("sums").inputs.items():
        if name.startswith("mean/") and given:
            xs = tuple(value.value for value in dict(given)["xs"].value)
            answers[xs] = sum(xs) / len(xs) if xs else 0.0
    looks_up = f"return {answers}[tuple(xs)]"
    old = "if not xs:\n        return 0.0\n    return sum(xs) / len(xs)"
    prepared = Submission("sums.py", [Unit(solution.replace(old, looks_up))])
    (mean,) = session.grade(prepared, "sums", only={"mean"}).exercises
    assert mean.verdict == "passed"
    room.submit("prepared", "sums", edited(room.solved("sums"), old, looks_up))
    room.nbgrader("autograde", "sums")
    assert room.scores("sums")["prepared"] == {**FULL, "mean": 0.0}


@pytest.mark.parametrize(("carry_forward", "points"), [(True, 5), (False, 4)])
def test_marks_can_be_for_what_works_as_a_whole(session, solution, carry_forward, points):
    config = Config()
    configure(config, carry_forward=carry_forward)
    options = {"seed": 0, "carry_forward": GradeLesson(config=config).carry_forward}
    wrong = Unit(solution.replace("return sum(xs) / len(xs)", "return sum(xs)"))
    report = session.grade(Submission("the notebook", [wrong]), "sums", **options)
    assert report.points == points
