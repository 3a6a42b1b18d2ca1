"""Whatever is handed in, reading and cutting it cost a little time and memory, and a sentence."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.jupyter.kernel import History
from autograder.lessons.definitions import definitions_only
from autograder.lessons.files import Unreadable, read
from autograder.lessons.submission import Submission, Unit
from tests.command import grad
from tests.conftest import MINIATURE

CODE = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
COLAB = "# Commented out IPython magic to ensure Python compatibility.\n# %%bash\n"
COUNTED = "+".join(f"x{n}" for n in range(2000))


def notebook(*cells: str, **more: object) -> str:
    listed = [{**CODE, "source": source, **more} for source in cells]
    return json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


REFUSED = {
    "a large notebook": (".ipynb", lambda: notebook("x = 1" + " " * 9 * 2**20), "8 MiB"),
    "a large script": (".py", lambda: "#" * 3 * 2**20, "2 MiB"),
    "empty cells": (".ipynb", lambda: notebook("x = 1", *[""] * 50_000), "50001 cells"),
    "text cells": (".ipynb", lambda: notebook("x = 1", *["x"] * 3000, cell_type="markdown"), ""),
    "outputs of lists": (".ipynb", lambda: notebook("x = 1", outputs=[[]] * 600_000), "values"),
    "statements": (".py", lambda: "a;" * 2**20, "takes too long to read, or too much memory"),
    "names": (".py", lambda: "a\n" * 30_000, "more code than the 32768"),
    "classes": (".py", lambda: "class C:\n  def m(self): pass\n" * 10_000, "more code than"),
    "code in text cells": (
        ".ipynb",
        lambda: notebook("x = 1", *["def f(): pass\n" * 3000] * 9, cell_type="markdown"),
        "",
    ),
}
READ = {
    "brackets": (".py", lambda: "(" * 190 + "a" + ")" * 190),
    "a deep sum": (".py", lambda: "x = " + "a+" * 5000 + "a"),
    "minus signs": (".py", lambda: "x = " + "-" * 9000 + "1"),
    "a long chain of elif": (".py", lambda: "if a: b\n" + "elif a: b\n" * 2500),
    "nested functions": (
        ".py",
        lambda: "".join(" " * n + f"def f{n}():\n" for n in range(90)) + " " * 90 + "a.b;" * 7000,
    ),
    "a long name": (".py", lambda: "a" * 2_000_000 + " = 1"),
    "many quotes": (".py", lambda: "'\"\"'\"'" * 9000 + "\n%time x\n"),
    "cells that Colab left": (".py", lambda: COLAB * 20_000),
    "decorators": (".py", lambda: "@property\n" * 7000 + "def mean(xs): return 1"),
    "one value of many names": (
        ".py",
        lambda: f"def g(): return {COUNTED}\n{COUNTED.replace('+', '=')}={COUNTED}",
    ),
    "loops in loops": (".py", lambda: "".join(" " * n + "for a in b:\n" for n in range(19)) * 50),
    "wide letters": (".py", lambda: "".join(f"{chr(0x4E00 + n)} = 1\n" for n in range(6000))),
    "huge numbers": (".py", lambda: "x = " + "9" * 4000 + "\ny = 0x" + "f" * 100_000),
    "cells that are no Python": (".ipynb", lambda: notebook(*["def (mean"] * 1990, "x = 1")),
    "data as text": (".py", lambda: 'names = """' + "emma\nolivia\n" * 100_000 + '"""\n'),
}


@contextmanager
def costs_little(seconds: float = 8.0) -> Iterator[None]:
    """The processor time of this process and of those that it has started and ended."""
    before = _used()
    yield
    assert _used() - before < seconds


def _used() -> float:
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + below.ru_utime + below.ru_stime


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_too_large_is_one_sentence(tmp_path, what):
    suffix, make, words = REFUSED[what]
    path = tmp_path / f"sums{suffix}"
    path.write_text(make())
    with costs_little(), pytest.raises(Unreadable) as caught:
        read(path)
    assert words in str(caught.value) and str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("what", READ)
def test_what_is_strange_is_read_and_cut_in_little_time(tmp_path, what, miniature):
    suffix, make = READ[what]
    path = tmp_path / f"sums{suffix}"
    path.write_text(make())
    exercises = miniature.lesson("sums").exercises.values()
    with costs_little():
        submission = read(path)
        definitions_only(submission)
        submission.rebound({"mean"})
        for each in exercises:
            assert not submission.is_untouched(each) or not submission.defines(each.id)
            submission.mentions(each.id, "double")
            submission.fails_with(each.id, 1)
            submission.broken_unit(each.id)


def test_a_rehearsal_holds_little_memory(tmp_path):
    path = tmp_path / "sums.py"
    path.write_text("a;" * 2**20)
    with pytest.raises(Unreadable):
        read(path)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2**20, "in KiB"


CHAINS = {
    "functions": lambda n: "".join(f"def f{i}(a=f{i - 1}): f{i - 1}\n" for i in range(1, n)),
    "backwards": lambda n: "".join(f"def f{i}(a=f{i + 1}): 0\n" for i in range(n)),
    "lambdas": lambda n: "".join(f"f{i}=lambda:f{i - 1}\n" for i in range(1, n)) + "def g(): f9",
    "one line": lambda n: ";".join(["x=1"] * n) + "\ndef f(): x\n",
    "elif": lambda n: "if a: x=1\n" + "elif a: x=1\n" * min(n, 2500) + "def f(): x\n",
}


@pytest.mark.parametrize("chain", CHAINS)
def test_cutting_is_linear(chain):
    source = CHAINS[chain](8000)
    with costs_little(6.0):
        assert History([source]).units()
        assert not definitions_only(Submission("sums.py", [Unit(source)])).problems


def test_one_file_that_is_too_large_does_not_stop_the_others(workspace, tmp_path, solution):
    large, good = tmp_path / "sums_large.py", tmp_path / "sums.py"
    large.write_text("a;" * 2**20)
    good.write_text(solution)
    ran = grad("grade", large, good)
    assert ran.code == 2 and "6 of 6 points" in ran.out
    assert ran.err.count("\n") == 1 and "sums_large.py takes too long" in ran.err
    Path("exercises/sums.py").write_text("a;" * 2**20)
    ran = grad("check", "sums")
    assert ran.code == 2 and "takes too long to read" in ran.err and MINIATURE.exists()


COSTLY = {
    "a name beside thousands like it": lambda right: (
        right.replace("return x + x", "return " + "ab" * 90)
        + "".join(f"{'ba' * 40}{number:05} = 1\n" for number in range(4000))
    ),
    "a large tensor where a list is due": lambda right: right.replace(
        "return [x - middle for x in xs]",
        "return torch.arange(3_000_000, dtype=torch.uint8)",
    ),
}


@pytest.mark.parametrize("what", COSTLY)
def test_what_is_said_of_a_wrong_answer_costs_little(grade, solution, what):
    source = COSTLY[what](solution)
    assert source.count(solution.splitlines()[-1]) and source != solution
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with costs_little(6.0):
        report = grade(source)
    assert not report.all_passed
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024, "in KiB"
