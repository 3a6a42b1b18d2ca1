"""Verdicts: files in, reports out, on the miniature course."""

from __future__ import annotations

import json
from unittest import mock

import pytest

from autograder.reports.report import Report, to_json
from tests.conftest import of, verdicts


def swap(source: str, old: str, new: str) -> str:
    assert old in source
    return source.replace(old, new)


def notebook(*cells: str) -> str:
    listed = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": listed, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def test_reference_passes_with_all_points(grade, solution):
    report = grade(solution)
    assert set(verdicts(report).values()) == {"passed"}
    assert report.points == report.max_points == 6


def test_stub_is_todo_but_for_the_worked_example(grade, miniature):
    report = grade(miniature.lesson("sums").stub())
    assert verdicts(report) == {
        "double": "passed",
        "mean": "todo",
        "centred": "todo",
        "Tally.add": "todo",
        "shares": "todo",
    }


def test_wrong_value_is_shown_with_its_smallest_inputs_and_diagnosed(grade, solution):
    report = grade(swap(solution, "return sum(xs) / len(xs)", "return sum(xs)"))
    mean = of(report, "mean")
    assert mean.verdict == "wrong" and mean.points == 0
    assert mean.message.startswith(">>> mean([1.0, 2.0])")
    assert "expected 1.5, got 3.0" in mean.message
    assert mean.diagnosis == "this is the sum; divide it by the count"
    assert [check.verdict for check in mean.checks] == ["failed", "failed", "passed"]


def test_inputs_of_the_smallest_failing_case(grade, solution):
    wrong = swap(solution, "[word] = self.counts.get(word, 0) + 1", "[word] = 1")
    tally = of(grade(wrong), "Tally.add")
    assert set(tally.inputs) == {"words", "count"}
    assert "counts" in tally.message


def test_a_size_without_a_name_is_not_among_the_inputs(grade, solution):
    wrong = swap(solution, "sum(-1, keepdim=True)", "sum()")
    assert set(of(grade(wrong), "shares").inputs) == {"x"}


def test_dependent_of_an_untouched_exercise_is_blocked(grade, solution):
    wrong = swap(
        solution,
        "    if not xs:\n        return 0.0\n    return sum(xs) / len(xs)",
        "    raise NotImplementedError()",
    )
    report = grade(wrong, carry_forward=False)
    assert verdicts(report)["mean"] == "todo"
    assert of(report, "centred").verdict == "blocked"
    assert of(report, "centred").first == ("mean",)


def test_one_exercise_alone_also_says_what_to_fix_first(grade, solution):
    wrong = swap(solution, "return sum(xs) / len(xs)", "return sum(xs) / 2 / len(xs)")
    (centred,) = grade(wrong, only={"centred"}, carry_forward=False).exercises
    assert centred.first == ("mean",)


def test_an_untouched_stub_that_only_this_solution_calls_blocks_it(grade, solution):
    stub = swap(
        solution,
        "if not xs:\n        return 0.0\n    return sum(xs) / len(xs)",
        "raise NotImplementedError()",
    )
    own_way = "self.counts[word] = self.counts.get(word, 0) + 1"
    own_way_too = swap(stub, own_way, f"mean([1])\n        {own_way}")
    report = grade(own_way_too, carry_forward=False)
    assert of(report, "Tally.add").verdict == "blocked"
    assert of(report, "Tally.add").first == ("mean",)


def test_dependent_of_a_wrong_exercise_says_what_to_fix_first(grade, solution):
    wrong = swap(solution, "return sum(xs) / len(xs)", "return sum(xs) / 2 / len(xs)")
    report = grade(wrong, carry_forward=False)
    assert of(report, "centred").verdict == "wrong"
    assert of(report, "centred").first == ("mean",)


def test_one_hanging_exercise_costs_only_itself(grade, solution, session):
    hangs = swap(solution, "counts = (x - x.max", "while True: pass\n    counts = (x - x.max")
    with mock.patch.object(session.pool, "longest", 1.0):
        report = grade(hangs)
    assert of(report, "shares").verdict == "timed out"
    assert list(verdicts(report).values()).count("passed") == 4


def test_a_comparison_that_fails_costs_only_its_exercise(grade, solution, monkeypatch):
    from autograder.grading import result

    def fails(expected, actual, tolerance):
        if actual.kind == "list":
            raise ArithmeticError("nobody thought of this")
        return compare(expected, actual, tolerance)

    compare = result.compare
    monkeypatch.setattr(result, "compare", fails)
    wrong = swap(solution, "return sum(xs) / len(xs)", "return 0.0")
    report = grade(swap(wrong, "return [x - middle", "return [x + middle"))
    assert of(report, "centred").verdict == of(report, "mean").verdict == "wrong"
    assert "cannot be compared (ArithmeticError)" in str(of(report, "centred").message)
    assert list(verdicts(report).values()).count("passed") == 3


@pytest.mark.parametrize(
    ("crash", "words"),
    [
        ("import os; os._exit(0)", "exit code 0"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("import ctypes; ctypes.string_at(0)", "segmentation fault"),
        ("import os; os.abort()", "aborted"),
        ("return shares(x)", "RecursionError"),
        ("y = bytearray(30 * 2**30); y[::4096] = b'1' * len(y[::4096])", "MemoryError"),
        ("y = torch.ones(30 * 2**27)", "RuntimeError"),
        ("raise BaseException('no')", "BaseException: no"),
        ("raise NotImplementedError('later')", "NotImplementedError"),
    ],
)
def test_one_crashing_exercise_costs_only_itself(grade, solution, crash, words):
    report = grade(swap(solution, "counts = (x - x.max", f"{crash}\n    counts = (x - x.max"))
    assert of(report, "shares").verdict == "crashed"
    assert words in of(report, "shares").message
    assert list(verdicts(report).values()).count("passed") == 4


@pytest.mark.parametrize(
    "body",
    [
        "import os; os._exit(0)",
        "import sys; sys.exit()",
        "import ctypes; ctypes.string_at(0)",
        "raise ValueError('at once')",
        "import a_module_that_nobody_has",
        "def f(): f()\nf()",
        "1 / 0",
    ],
)
def test_a_statement_that_fails_costs_nothing_by_itself(grade, solution, body):
    report = grade(body + "\n" + solution)
    assert report.all_passed and report.notes
    assert grade(body).points == 0


def test_a_loop_that_never_ends_costs_nothing_by_itself(grade, solution, monkeypatch):
    monkeypatch.setattr("autograder.pool.pool.LOAD_TIMEOUT", 1.0)
    report = grade("while True: pass\n" + solution)
    assert report.all_passed
    assert report.notes == ("line 1: it did not end in time and was stopped",)


def test_a_file_that_cannot_be_stopped_passes_nothing(grade, solution, monkeypatch):
    monkeypatch.setattr("autograder.pool.pool.LOAD_TIMEOUT", 1.0)
    monkeypatch.setattr("autograder.grading.findings.CUT_LOAD_TIMEOUT", 1.0)
    unheard = "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})"
    endless = f"class Endless:\n    import signal\n    {unheard}\n    while True: pass\n"
    report = grade(endless + solution)
    assert set(verdicts(report).values()) == {"timed out"}
    assert "while the file was loading" in report.exercises[0].message


def test_syntax_error_is_shown_with_line_and_caret(grade, solution):
    report = grade(swap(solution, "return x + x", "return x +"))
    assert set(verdicts(report).values()) == {"crashed"}
    message = report.exercises[0].message
    assert "line " in message and "return x +\n" in message and message.rstrip().endswith("^")


def test_checks_of_a_file_that_cannot_be_used_have_not_run(grade, solution):
    report = grade(swap(solution, "return x + x", "return x +"))
    assert {check.verdict for each in report.exercises for check in each.checks} == {"not run"}
    assert all(each.loading for each in report.exercises) and not report.loading


def test_a_report_is_the_same_after_a_way_through_json(grade, solution):
    report = grade(swap(solution, "return sum(xs) / len(xs)", "return sum(xs)"))
    assert Report.of(json.loads(to_json(report.data()))).data() == report.data()


def test_empty_file_passes_nothing(grade):
    report = grade("")
    assert report.points == 0
    assert "not defined in this file" in report.exercises[0].message


def test_renamed_exercise_is_missing(grade, solution):
    report = grade(swap(solution, "def centred(", "def centered("))
    assert of(report, "centred").verdict == "wrong"
    assert "centred is not defined" in of(report, "centred").message


def test_other_parameters_quote_the_lessons_signature(grade, solution):
    report = grade(swap(solution, "def centred(xs):", "def centred():\n    xs = [1.0]"))
    assert "the lesson calls it as centred(xs)" in of(report, "centred").message


def test_an_error_shows_the_learners_own_line(grade, solution):
    report = grade(swap(solution, "middle = mean(xs)", "middle = xs['a']"))
    centred = of(report, "centred")
    assert centred.verdict == "crashed"
    assert "TypeError" in centred.message
    assert centred.place.endswith("middle = xs['a']")
    assert "autograder" not in centred.message + centred.place


def test_short_cut_is_refused_however_it_is_caught(grade, solution):
    for spelling in (
        "return torch.softmax(x, -1)",
        "return torch.nn.functional.softmax(x, dim=-1)",
        "return x.log_softmax(-1).exp()",
        "try:\n        x.softmax(-1)\n    except BaseException:\n        pass",
    ):
        report = grade(
            swap(solution, "counts = (x - x.max", f"{spelling}\n    counts = (x - x.max")
        )
        assert of(report, "shares").verdict == "wrong"
        assert of(report, "shares").message == "build softmax yourself here instead of calling it"


def test_prints_warnings_and_stderr_cost_nothing(grade, solution):
    noisy = "import sys, warnings\nprint('hello')\nwarnings.warn('careful')\n"
    noisy += "print('oh', file=sys.stderr)\n"
    inside = "print('called', xs)\n    warnings.warn('again')\n    middle = mean(xs)"
    report = grade(noisy + swap(solution, "middle = mean(xs)", inside))
    assert report.all_passed
    assert "called" in of(report, "centred").printed


def test_what_an_example_does_not_show_is_not_graded(grade, solution):
    chatty = swap(
        solution, "self.counts.get(word, 0) + 1", "self.counts.get(word, 0) + 1\n        return 7"
    )
    assert grade(chatty).all_passed


def test_a_hundred_megabytes_of_output_cost_nothing(grade, solution):
    loud = "for _ in range(100): print('x' * 2**20)\n    middle = mean(xs)"
    report = grade(swap(solution, "middle = mean(xs)", loud), only={"centred"})
    assert report.all_passed
    assert len(of(report, "centred").printed) <= 2000


RIGHT = {
    "closures": """
import torch
def _make(f): return lambda x: f(x, x)
double = _make(lambda a, b: a + b)
mean = lambda xs: sum(xs) / len(xs) if len(xs) else 0.0
def centred(xs):
    def middle(): return mean(xs)
    m = middle()
    return tuple(x - m for x in xs)
class Tally:
    __slots__ = ("counts", "extra")
    def __init__(self): self.counts, self.extra = {}, []
def add(self, word):
    match word in self.counts:
        case True: self.counts[word] += 1
        case False: self.counts[word] = 1
Tally.add = add
def shares(x):
    x = x.double()
    rows = (x - x.max()).exp().reshape(-1, x.shape[-1])
    return torch.stack([row / sum(row) for row in rows]).view(x.shape)
""",
    "numpy": """
import numpy as np, torch
from collections import Counter
def double(x): return np.float64(x) * 2
def mean(xs): return np.mean(xs) if len(xs) else np.float64(0)
def centred(xs): return list(np.array(xs) - np.mean(xs))
class Tally:
    def __init__(self): self.counts = Counter()
    def add(self, word): self.counts.update([word])
def shares(x):
    y = np.exp(x.numpy() - x.numpy().max(-1, keepdims=True))
    return torch.from_numpy(y / y.sum(-1, keepdims=True))
""",
}


@pytest.mark.parametrize("style", RIGHT)
@pytest.mark.parametrize("seed", range(5))
def test_right_code_in_another_style_passes(grade, style, seed):
    report = grade(RIGHT[style], seed=seed)
    assert report.all_passed, [exercise.message for exercise in report.exercises]


def test_the_last_definition_counts(grade, solution):
    assert grade(
        swap(solution, "import torch\n", "import torch\ndef mean(xs): return 1\n")
    ).all_passed
    later = grade(solution + "\ndef mean(xs):\n    return 1\n")
    assert of(later, "mean").verdict == "wrong"


def test_notebook_cells_are_independent_and_magics_are_ignored(grade, solution):
    cells = solution.split("# %%\n")[1:]
    report = grade(
        notebook(
            "%matplotlib inline\n!pip install nothing\nimport os",
            "%%bash\nrm -rf nothing",
            "%%time\ny = 1",
            "raise RuntimeError('this cell fails')",
            "from autograder import grade, progress\ngrade('mean')\nprogress()",
            *cells,
            "def broken(:",
            "torch?",
        ),
        "sums.ipynb",
    )
    assert report.all_passed
    assert any("RuntimeError: this cell fails (cell 4, line 1)" in note for note in report.notes)
    assert any("cell " in note and "def broken(:" in note for note in report.notes)


def test_notebook_cell_with_a_syntax_error_costs_its_own_exercises(grade, solution):
    cells = solution.split("# %%\n")[1:]
    report = grade(
        notebook(*[cell.replace("return x + x", "return x +") for cell in cells]), "s.ipynb"
    )
    assert of(report, "double").verdict == "crashed"
    assert "return x +" in of(report, "double").message
    assert list(verdicts(report).values()).count("passed") == 4


def test_seeds_draw_other_inputs(grade, solution):
    wrong = swap(solution, "return x + x", "return x + x if x == 2 else 0")
    inputs = {str(of(grade(wrong, seed=seed), "double").inputs) for seed in range(4)}
    assert len(inputs) > 1


def test_fifty_runs_agree(grade, solution):
    wrong = swap(solution, "return sum(xs) / len(xs)", "return max(xs, default=0.0)")
    found = {json.dumps({**grade(wrong).data(), "seconds": 0}) for _ in range(50)}
    assert len(found) == 1


def test_hidden_report_repeats_nothing_of_the_submission(grade, solution):
    secret = "raise ValueError('SECRET')"
    broken = swap(solution, "middle = mean(xs)", f"print('SECRET')\n    {secret}")
    report = grade(swap(broken, "return sum(xs) / len(xs)", "return -777.125")).hidden()
    text = json.dumps(report.data())
    assert "SECRET" not in text and "777" not in text
    assert report.data()["seed"] is None
    assert of(report, "centred").message == "the code raised a ValueError"
    assert of(report, "mean").message == "a value differs"
    assert of(report, "mean").says


def test_hidden_report_names_no_error_of_the_submissions_own(grade, solution):
    secret = "raise type('SECRET', (Exception,), {})()"
    report = grade(swap(solution, "middle = mean(xs)", secret)).hidden()
    assert of(report, "centred").message == "the code raised an error"
    assert "SECRET" not in json.dumps(report.data())


def test_spawned_workers_give_the_same_verdicts(miniature, solution, tmp_path, monkeypatch):
    from autograder.grading.session import Session
    from autograder.pool.pool import Pool

    wrong = swap(solution, "middle = mean(xs)", "import os; os._exit(1)")
    path = tmp_path / "sums.py"
    path.write_text(wrong)
    with Session(miniature, Pool("spawn")) as session:
        report = session.grade(path, "sums")
    assert verdicts(report) == {
        "double": "passed",
        "mean": "passed",
        "centred": "crashed",
        "Tally.add": "passed",
        "shares": "passed",
    }


def test_an_object_in_an_example_is_shown_as_python_shows_it(grade, solution):
    report = grade(swap(solution, "return sum(xs) / len(xs)", "return object()"))
    assert (
        of(report, "mean").message
        == ">>> mean([1.0, 2.0])\nexpected a number (1.5), got <object object>"
    )
