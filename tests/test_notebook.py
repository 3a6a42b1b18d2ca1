"""In a notebook: what the kernel holds is graded, in another process, and shown."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.jupyter.kernel import History, KernelSubmission
from autograder.reports.html import exercise_html, report_html
from autograder.reports.report import CheckReport, ExerciseReport, Report
from autograder.workspace.store import Store
from tests.classroom import environment

# One worker runs all of this file: what it sets up is dear.
pytestmark = pytest.mark.xdist_group("notebook")

RUN_CELLS = """
import json, sys, warnings
warnings.simplefilter("ignore")
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance()
answers = []
for cell in json.load(sys.stdin):
    with capture_output() as captured:
        result = shell.run_cell(cell, store_history=True).result
    html = result._repr_html_() if hasattr(result, "_repr_html_") else ""
    answers.append({"text": repr(result), "html": html, "printed": captured.stdout})
engine = [name for name in sys.modules if name.startswith("autograder.")]
print(json.dumps({"answers": answers, "modules": engine, "torch": "torch" in sys.modules}))
"""
STUB = "def mean(xs):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
MEAN = "def mean(xs):\n    if not xs: return 0.0\n    return sum(xs) / len(xs)"
CENTRED = "def centred(xs):\n    middle = mean(xs)\n    return [x - middle for x in xs]"


def run_cells(folder: Path, cells: list[str], **more: str) -> dict:
    """What IPython shows for each cell, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_CELLS],
        input=json.dumps(cells),
        env=environment(folder / "home", **more),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


CELLS = {
    "import": "from autograder import grade, progress",
    "stub": STUB,
    "todo": "grade('mean')",
    "stub again": STUB,
    "still todo": "grade('mean')",
    "sum": "def mean(xs):\n    return sum(xs)",
    "wrong": "grade('mean')",
    "dependent": CENTRED,
    "after the wrong one": "grade('centred')",
    "right": MEAN,
    "slow": "import time\nfor step in range(2):\n    time.sleep(0.3)\nlosses = time.sleep(0.2)",
    "passed": "grade('mean')",
    "by lesson": "grade('mean', lesson='sums').points",
    "with colon": "grade('sums:centred')",
    "syntax error": "def broken(:",
    "fails": "def mean(xs):\n    return 1\nraise ValueError('after the definition')",
    "held though the cell failed": "grade('mean')",
    "mended": MEAN,
    "class": "class Tally:\n    def __init__(self): self.counts = {}\n"
    "    def add(self, word): raise NotImplementedError()",
    "method": "grade('Tally.add')",
    "missing": "grade('shares')",
    "unknown": "grade('meant')",
    "progress": "progress('sums')",
    "which lesson": "progress()",
    "alias": "double = lambda x: x + x",
    "lambda": "grade('double')",
    "deleted": "del mean\ngrade('mean')",
    "the function itself": "grade(double)",
    "the method itself": "grade(Tally.add)",
    "no name": "grade(3.0)",
    "no hint": "from autograder import hint, plot, predict\nhint()",
    "no prediction": "predict()",
    "no picture": "plot()",
}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What one kernel answers to all cells in order."""
    found = run_cells(tmp_path_factory.mktemp("kernel"), list(CELLS.values()))
    found["answers"] = dict(zip(CELLS, found["answers"], strict=True))
    return found


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("todo", "todo       mean"),
        ("still todo", "todo       mean"),
        ("wrong", "expected 1.5, got 3.0"),
        ("wrong", "it looks like this: this is the sum; divide it by the count"),
        ("after the wrong one", "right by itself; fix mean first"),
        ("passed", "passed     mean"),
        ("by lesson", "1"),
        ("with colon", "passed     centred"),
        ("held though the cell failed", "wrong      mean"),
        ("method", "todo       Tally.add"),
        ("missing", "shares is not defined in this kernel; run its cell first"),
        ("missing", "todo       shares"),
        ("the function itself", "passed     double"),
        ("the method itself", "todo       Tally.add"),
        ("progress", "2 of 5 exercises passed, 2 of 6 points"),
        ("progress", "not run yet: double, shares\n"),
        ("lambda", "passed     double"),
        ("deleted", "mean is not defined in this kernel"),
    ],
)
def test_what_the_kernel_holds_is_graded(kernel, cell, words):
    assert words in kernel["answers"][cell]["text"]


def test_reports_are_html_in_jupyter(kernel):
    assert "divide it by the count" in kernel["answers"]["wrong"]["html"]
    html = kernel["answers"]["progress"]["html"]
    assert html.count("<code>") == 3 and html.count("not run yet: double, shares") == 1


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("unknown", "did you mean mean"),
        ("which lesson", "say which lesson is meant"),
        ("no name", '3.0 names nothing; write the name in quotation marks: "NAME"'),
        ("no hint", 'say for which exercise: hint("NAME")'),
        ("no prediction", 'say which prediction: predict("NAME", ANSWER)'),
        ("no picture", 'say which exercise or picture: plot("NAME")'),
    ],
)
def test_wrong_use_is_one_sentence_without_a_traceback(kernel, cell, words):
    printed = kernel["answers"][cell]["printed"]
    assert words in printed and "Traceback" not in printed


def test_nothing_of_the_reference_and_no_torch_is_in_the_kernel(kernel):
    assert not kernel["torch"]
    loaded = {name.removeprefix("autograder.") for name in kernel["modules"]}
    engine = {"checks", "pool", "grading", "authoring"}
    assert not {name for name in loaded if name.split(".")[0] in engine}
    assert {name for name in loaded if name.startswith("worker.")} <= {"worker.jupyter"}


def test_the_lesson_is_the_one_that_the_notebook_is_named_after(tmp_path):
    cells = ["from autograder import grade, progress", MEAN, "grade('mean')", "progress()"]
    found = run_cells(
        tmp_path, cells, JPY_SESSION_NAME="/home/anna/sums-1.ipynb", NBGRADER_EXECUTION="validate"
    )
    marks = [answer["text"] for answer in found["answers"]]
    assert marks[2:] == ["1", "1"], "while nbgrader executes, the text is the number of points"


def test_a_script_with_grade_in_it_still_runs(tmp_path):
    code = "from autograder import grade, progress; grade('mean'); print(repr(progress()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "work in a notebook" in done.stdout


def sources(*cells: str, names=None) -> list[str]:
    return [unit.source.strip() for unit in History(["", *cells], names).units()]


def test_nothing_slow_runs_again():
    assert sources("import math", "for i in range(9**9): pass", "train()", "model = train()") == [
        "import math"
    ]
    assert sources("if __name__ == '__main__':\n    main()", "while True: pass") == []


def test_assignments_that_definitions_use_stay():
    cells = ("n = 3", "m = n + 1", "unused = 5", "def f():\n    return m")
    assert sources(*cells) == ["n = 3", "m = n + 1", "def f():\n    return m"]
    assert sources("class A: pass", "A.b = 1") == ["class A: pass", "A.b = 1"]


def test_the_last_definition_moves_up_to_where_it_was_needed():
    cells = ("def build(): return 1", "table = build()", "def use(): return table")
    assert sources(*cells, "def build(): return 2") == [
        "def build(): return 2",
        "table = build()",
        "def use(): return table",
    ]


def test_a_base_class_that_was_defined_later_comes_first():
    cells = ("class A: pass", "class Base: pass", "class A(Base): pass")
    assert sources(*cells) == ["class Base: pass", "class A(Base): pass"]


def test_functions_that_need_each_other():
    cells = ("def even(n): return odd(n - 1)", "def odd(n): return even(n - 1)", "x = even(2)")
    assert sources(*cells, "def g(): return x")[-2:] == ["x = even(2)", "def g(): return x"]


def test_places_are_those_of_the_cell():
    units = History(["", "x = 1\n\n@wrap\ndef f():\n    return 1  # one"]).units()
    submission = KernelSubmission("this notebook", units)
    assert submission.place(units[-1].line + 4) == ("In [1], line 5", "return 1  # one")


def test_what_is_gone_from_the_kernel_is_gone():
    assert sources("def f(): pass", "def g(): pass", names={"g"}) == ["def g(): pass"]


def test_html_shows_everything_and_marks_up_nothing():
    evil = "</pre><script>alert(1)</script>\x1b[2J\u202e"
    report = ExerciseReport(
        evil,
        "wrong",
        0,
        1,
        message=evil,
        diagnosis=evil,
        inputs={evil: evil},
        checks=(CheckReport(evil, evil, "failed", evil, evil),),
        says=evil,
        place=evil,
        first=(evil,),
        printed=evil,
    )
    shown = exercise_html(report, checks=True)
    whole = report_html(Report("sums", evil, 0, 0.1, (report,), (evil,)))
    for page in (shown, whole):
        assert "<script" not in page and "\x1b" not in page and "\u202e" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_what_passes_in_the_kernel_can_be_seen_at_once(tmp_path, miniature):
    exercises = tmp_path / "workspace" / "exercises"
    exercises.mkdir(parents=True)
    (exercises / "sums.py").write_text(miniature.lesson("sums").stub())
    cells = ["from autograder import grade, plot", "training = 'a name of the stages'", STUB]
    cells += ["plot('mean')", MEAN, "grade('mean')", "plot('mean')", "plot('around')", "plot('no')"]
    cells += ["def centred(xs):\n    return xs[3]", "grade('centred')", "plot('centred')"]
    ran = run_cells(tmp_path, cells, JPY_SESSION_NAME=str(exercises / "sums.py"))["answers"]
    assert "the picture middle still needs mean" in ran[3]["text"]
    assert 'See it: plot("middle")  (Numbers and their mean.)' in ran[5]["text"]
    assert "plot: " in ran[6]["printed"] and ran[6]["text"] == "None"
    assert (exercises / "sums.middle.png").read_bytes().startswith(b"\x89PNG")
    assert "around still needs centred, Tally.add" in ran[7]["text"]
    assert '`grade("centred")` says how that one is doing' in ran[7]["text"]
    assert "there is no exercise named 'no'" in ran[8]["printed"]
    assert "around still needs centred, Tally.add" in ran[11]["text"]


def test_a_pass_in_a_workspace_is_kept_and_says_what_comes_next(tmp_path, miniature):
    exercises = tmp_path / "workspace" / "exercises"
    exercises.mkdir(parents=True)
    (exercises / "sums.py").write_text(miniature.lesson("sums").stub())
    cells = ["from autograder import grade, hint, progress", MEAN, "grade('mean')", "progress()"]
    cells += ["hint('shares')", "hint('shares')", "hint('nosuch')", "grade()"]
    answers = run_cells(tmp_path, cells, JPY_SESSION_NAME=str(exercises / "sums.py"))["answers"]
    assert "What you learned: " in answers[2]["text"] and "Next: centred" in answers[2]["text"]
    assert "What you learned: " in answers[2]["html"]
    for shown in (answers[2]["text"], answers[2]["html"]):
        own, _, reference = shown.partition("your own")[2].partition("the reference")
        assert "if not xs: return 0.0" in own and "if not xs:\n        return 0.0" not in own
        assert "if not xs:\n    return 0.0" in reference and "hint" not in reference
    assert "not run yet: double, centred, Tally.add, shares" in answers[3]["text"]
    assert answers[4]["text"] == "1. exponentiate\n1 more"
    assert answers[5]["text"].startswith("2. divide")
    assert "there is no exercise named 'nosuch'" in answers[6]["printed"]
    assert "not run yet: double, centred" in answers[7]["text"], "grade() is progress()"
    known = Store(tmp_path / "workspace").verdicts("sums")
    assert {id: each.verdict for id, each in known.items()} == {"mean": "passed"}


def test_a_prediction_is_answered_in_a_cell_and_the_first_answer_is_kept(tmp_path, miniature):
    exercises = tmp_path / "workspace" / "exercises"
    exercises.mkdir(parents=True)
    (exercises / "sums.py").write_text(miniature.lesson("sums").stub())
    shape = "shape_of_a_column_and_a_row"
    cells = ["from autograder import hint, predict", "predict('spread_of')"]
    cells += ["predict('spread_of', 'two')", "predict('spread_of', 4)", "predict('spread_of', 2)"]
    cells += [f"def {shape}():\n    return (3, 3)", f"predict('{shape}')", "hint('spread_of')"]
    ran = run_cells(tmp_path, cells, JPY_SESSION_NAME=str(exercises / "sums.py"))
    _, asked, refused, first, second, _, written, hint = ran["answers"]
    assert "What is the deviation?" in asked["text"]
    assert 'Your prediction: predict("spread_of_a_sum", ANSWER)' in asked["text"]
    assert "'two' is no number" in refused["printed"] and "Traceback" not in refused["printed"]
    assert "You said 4, it is 2.0" in first["text"] and "because the variance" in first["text"]
    assert "Your first answer was 4" in second["text"]
    assert "Right, it is (3, 3)" in written["text"]
    assert hint["text"].startswith("1. variances add")
    assert not ran["torch"]
    kept = Store(tmp_path / "workspace").predicted("sums")
    assert {id: each.said for id, each in kept.items()} == {"spread_of_a_sum": "4", shape: "(3, 3)"}
