"""How a file is loaded: what fails by itself costs nothing, whoever grades, and is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autograder.lessons.course import Course
from autograder.reports.terminal import report_lines
from tests.conftest import MINIATURE, of, verdicts


def cells_of(source: str) -> list[str]:
    """The code of the miniature lesson: torch, double, means, a question, the rest, the end."""
    return [cell.split("# %% [markdown]")[0].strip() for cell in source.split("# %%\n")[1:]]


TORCH, DOUBLE, MEANS, _ASKED, REST, *_ = cells_of(Course.at(MINIATURE).lesson("sums").source)


def notebook(*cells: Any, grade_ids: tuple[str, ...] = ()) -> str:
    """A notebook of code cells; a pair has another kind of cell in front."""
    listed = []
    for cell in cells:
        kind, source = cell if isinstance(cell, tuple) else ("code", cell)
        listed.append({"cell_type": kind, "source": source, "metadata": {}})
    for cell, grade_id in zip(listed, grade_ids, strict=False):
        cell["metadata"] = {"nbgrader": {"grade_id": grade_id, "solution": True}}
    return json.dumps({"cells": listed, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def indented(source: str) -> str:
    return "\n".join(f"    {line}" for line in source.split("\n"))


def commented(source: str) -> str:
    return "\n".join(f"# {line}" for line in source.split("\n"))


def cells(
    torch: str = TORCH, double: str = DOUBLE, means: Any = MEANS, rest: Any = REST, **more: str
) -> list[Any]:
    """The lesson's cells; `first`, `then` (before the means) and `last` are further ones."""
    found = [more.get("first"), torch, double, more.get("then"), means, rest, more.get("last")]
    return [cell for cell in found if cell]


ABORTS = "import os\nos.abort()"
ENDLESS = "while True:\n    print(1)"
AWAITS = """import asyncio
await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0.01))
async with asyncio.Lock():
    pass
async def numbers():
    yield 1
async for number in numbers():
    pass
"""
JUPYTER = """from IPython.display import HTML, display
display(HTML("x"))
get_ipython().run_line_magic("matplotlib", "inline")
In, Out, _
"""
USES_PI, USES_TABLE = (MEANS.replace("if not", f"{x}\n    if not") for x in ("math.pi", "table[2]"))
# Cells, and words of the notes where something is to be told; all of the points are deserved.
NOTEBOOKS = {
    "a package of Colab's": (
        cells("from google.colab import drive\ndrive.mount('/x')\n" + TORCH),
        "ModuleNotFoundError: No module named 'google' (cell 1, line 1)",
    ),
    "a package that is missing among others": (
        cells(f"import os, nowhere, math\n{TORCH}", means=USES_PI),
        "No module named 'nowhere'",
    ),
    "a file that is not here": (
        cells(means="words = open('names.txt').read()\n" + MEANS),
        "FileNotFoundError",
    ),
    "a trial that fails": (cells(means=f"{MEANS}\nassert mean([1]) == 2"), "AssertionError"),
    "a failure in a block": (
        cells(means=f"if True:\n    import nowhere\n{indented(MEANS)}"),
        "(cell 3, line 2)",
    ),
    "an annotation of a package": (
        cells(first="from nowhere import Float", means=MEANS.replace("(xs):", "(xs: Float):")),
        "No module named 'nowhere'",
    ),
    "a shell line over two": (cells(f"!pip install -q \\\n  torch\n{TORCH}"), ""),
    "a shell line's value": (cells(f"n = !nproc\nfiles = %ls\n{TORCH}"), ""),
    "a shell line in a block": (
        cells(f"try:\n    import nowhere\nexcept ImportError:\n    !pip install it\n{TORCH}"),
        "",
    ),
    "help": (cells(f"torch?\n?torch\n{TORCH}\ntorch.nn??"), ""),
    "a cell in another language": (cells(first="%%bash\nls", last="%%html\n<b>"), ""),
    "cells with a clock": (
        cells(means=f"%%capture\n%%time\n{MEANS}", last="%time x = mean([1.0])\nassert x == 1.0"),
        "",
    ),
    "a file that is written": (
        cells(then=f"%%writefile more.py\n{MEANS}", means="from more import *"),
        "",
    ),
    "a file in a folder": (
        cells(then=f"%%writefile lib/more.py\n{MEANS}", means="from lib.more import *"),
        "",
    ),
    "await at the top": (cells(means=AWAITS + MEANS), ""),
    "what Jupyter has": (cells(JUPYTER + TORCH), ""),
    "calls of the course": (cells(first="grade('mean')\nprogress()\nplot('mean')"), ""),
    "an exit": (cells(means=f"exit()\n{MEANS}", last="import sys\nsys.exit(1)"), "SystemExit"),
    "an exit without a word": (cells(double=f"import os\nos._exit(0)\n{DOUBLE}"), "SystemExit"),
    "an abort": (cells(then=ABORTS), "ended the program"),
    "an abort beside a table": (
        cells(double=f"table = {{}}\nfor i in range(3):\n    table[i] = i\n{DOUBLE}",
              then=ABORTS, means=USES_TABLE),
        "ended the program",
    ),
    "definitions in blocks, and an abort": (
        cells(double=f"with torch.no_grad():\n{indented(DOUBLE)}",
              means=f"if True:\n{indented(MEANS)}", last=ABORTS),
        "ended the program",
    ),
    "an endless loop": (cells(then=ENDLESS), "cell 3, line 1: it did not end in time"),
    "a long sleep": (cells(then="import time\ntime.sleep(900)"), "cell 3, line 2: it did not end"),
    "a cell that is no Python": (cells(last="def broken(:"), "cell 5, line 1: syntax error"),
    "a name that holds a result": (
        cells(last="mean = mean([1.0, 2.0])"),
        "cell 5, line 1 gives the name mean to a float; what cell 3, line 1 defines is graded",
    ),
    "a name in a loop": (cells(last="for shares in [1]: pass"), "gives the name shares to an int"),
    "a class's name for an object": (cells(last="Tally = Tally()"), "gives the name Tally"),
    "a name that is deleted": (cells(last="del mean"), "takes the name mean away"),
    "an answer that became text": (cells(means=("markdown", MEANS)), "cell 3 is no code cell"),
    "an answer that became raw": (cells(means=("raw", MEANS)), "cell 3 is no code cell"),
    "line ends of Windows": ([cell.replace("\n", "\r\n") for cell in cells()], ""),
}  # fmt: skip
COLAB = "# Commented out IPython magic to ensure Python compatibility.\n"
WHOLE, HEAD = "\n\n".join(cells()), f"{TORCH}\n{DOUBLE}\n"
WRITES = f"{COLAB}# %%writefile more.py\n{commented(MEANS)}\n\nfrom more import *\n"
SCRIPTS = {
    "Colab's shell lines": (f"!pip install torch\n{COLAB}# %matplotlib inline\n{WHOLE}", ""),
    "Colab's clock": (f"{HEAD}{COLAB}# %%time\n{commented(MEANS)}\n\n{REST}", ""),
    "Colab's written file": (HEAD + WRITES + REST, ""),
    "nbconvert's calls": (
        "# In[1]:\nget_ipython().system('pip install it')\nn = get_ipython().getoutput('nproc')\n"
        f"get_ipython().run_line_magic('matplotlib', 'inline')\n{WHOLE}",
        "",
    ),
    "nbconvert's clock": (
        f"{HEAD}get_ipython().run_cell_magic('time', '', {MEANS!r})\n{REST}",
        "",
    ),
    "a scratch line": (f"print(mean(3))\n{WHOLE}\nmean(3)\n", "TypeError"),
    "the program itself": (f"{WHOLE}\nif __name__ == '__main__':\n    1 / 0\n", ""),
    "an exit": (f"import os\nos._exit(2)\n{WHOLE}", "SystemExit: 2 (line 2)"),
    "an endless loop": (f"{WHOLE}\nwhile True: pass\n", "did not end in time"),
}


@pytest.mark.parametrize("kind", NOTEBOOKS)
def test_what_costs_nothing_in_a_notebook(grade, monkeypatch, kind):
    monkeypatch.setattr("autograder.pool.pool.LOAD_TIMEOUT", 2.0)
    written, words = NOTEBOOKS[kind]
    check(grade(notebook(*written), "sums.ipynb"), words)


@pytest.mark.parametrize("kind", SCRIPTS)
def test_what_costs_nothing_in_a_script(grade, monkeypatch, kind):
    monkeypatch.setattr("autograder.pool.pool.LOAD_TIMEOUT", 2.0)
    source, words = SCRIPTS[kind]
    check(grade(source), words)


def check(report, words: str) -> None:
    assert report.all_passed, [exercise.message for exercise in report.exercises]
    if words:
        assert any(words in note for note in report.notes), report.notes


def test_what_depends_on_a_failure_fails_by_itself(grade):
    uses = MEANS.replace("return sum(xs)", "return offset + sum(xs)")
    fails = f"offset = int(open('zero.txt').read())\n{uses}"
    report = grade(notebook(*cells(means=fails)), "sums.ipynb")
    failed = {each.id for each in report.exercises if each.verdict == "crashed"}
    assert failed == {"mean"} and report.points == report.max_points - 1
    assert {each.id for each in report.exercises if each.carried} == {"centred"}
    assert "NameError: name 'offset' is not defined" in of(report, "mean").message


def test_an_exercise_whose_own_statement_fails_says_so(grade):
    failing = REST.replace("class Tally:", "class Tally(Nothing):")
    report = grade(notebook(*cells(rest=failing)), "sums.ipynb")
    words = "NameError: name 'Nothing' is not defined (cell 4, line 1)"
    assert words in of(report, "Tally.add").message
    assert of(report, "shares").verdict == "passed"


def test_a_later_definition_counts_over_an_earlier_one_and_a_result(grade):
    wrong = "def mean(xs): return 1"
    assert grade(notebook(*cells(first=wrong, then="mean = 3")), "sums.ipynb").all_passed
    later = grade(notebook(*cells(last=wrong), "mean = mean([])"), "sums.ipynb")
    assert of(later, "mean").verdict == "wrong"


def test_text_does_not_replace_an_answer(grade):
    old = ("markdown", "def mean(xs):\n    return 1")
    assert grade(notebook(*cells(), old), "sums.ipynb").all_passed


def test_lines_are_right_behind_a_shell_line_and_a_written_file(grade):
    wrong = MEANS.replace("return sum(xs)", "return None + sum(xs)")
    first, then = "!pip install \\\n  it\nimport os", f"%%writefile more.py\n{wrong}"
    written = cells(first=first, then=then, means="from more import *")
    report = grade(notebook(*written), "sums.ipynb")
    line = "return None + sum(xs) / len(xs)"
    number = then.split("\n").index(f"    {line}") + 1
    assert of(report, "mean").place == f"cell 4, line {number}: {line}"


def test_feedback_says_where_and_only_what_is_pythons_own(grade):
    raises = "class SECRET(Exception): pass\nraise SECRET('SECRET')"
    report = grade(notebook("import SECRET", raises, *cells()), "sums.ipynb").hidden()
    assert report.notes == ("cell 1, line 1: ModuleNotFoundError", "cell 2, line 2: an error")
    assert "SECRET" not in json.dumps(report.data())


def test_a_syntax_error_in_a_script_is_said_once_and_a_stub_stays_to_do(grade, miniature):
    stub = miniature.lesson("sums").stub().replace("return x + x", "return x +")
    report = grade(stub)
    assert verdicts(report)["mean"] == verdicts(report)["Tally.add"] == "todo"
    assert "syntax error" in of(report, "double").message
    said = list(report_lines(grade(WHOLE.replace("return x + x", "return x +"))))
    assert sum("return x +" in line.plain for line in said) == 1
    assert sum("the same syntax error" in line.plain for line in said) == 4
