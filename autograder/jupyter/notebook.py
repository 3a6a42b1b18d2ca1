"""In a notebook: `grade("softmax")` grades what the kernel holds, `progress()` the whole lesson.

`plot("softmax")` draws what it does, in the kernel and with the kernel's own functions.

The kernel only sends its own cells' text to a grader in another process, and shows the report that
comes back. No reference, check or mistake is ever in the kernel, and torch is not imported here.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import IO, Any, cast

from autograder.jupyter.kernel import History
from autograder.lessons.errors import WrongUse
from autograder.lessons.finding import VARIABLE
from autograder.lessons.places import running_notebook
from autograder.reports.html import beside_html, exercise_html, report_html
from autograder.reports.report import TODO, Report
from autograder.reports.terminal import exercise_lines, report_lines

# What names an exercise, a prediction or a picture: its name, or the function itself.
Step = str | Callable[..., Any]


class Graded:
    """What `grade` and `progress` return: a report that shows itself, and its points.

    In Jupyter it is HTML, elsewhere text. While nbgrader executes a notebook its text is the number
    of points, because that is what nbgrader reads as a mark.
    """

    def __init__(self, report: Report, html: str, text: str):
        self.report = report
        self._html = html
        self._text = text

    @property
    def points(self) -> int:
        return self.report.points

    def __float__(self) -> float:
        return float(self.points)

    def __repr__(self) -> str:
        return str(self.points) if os.environ.get("NBGRADER_EXECUTION") else self._text

    def _repr_html_(self) -> str:
        return self._html


class NotYet(AssertionError):
    """Says under nbgrader's Validate, which shows errors only, what a mark cannot say."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Absent:
    """What the calls return where no notebook runs: a lesson's script may hold a `grade(...)`."""

    points = 0

    def __repr__(self) -> str:
        return "grade and progress work in a notebook; for files there is `grad check`"


def grade(exercise: Step = "", lesson: str = "") -> Graded | Absent:
    """Grade one exercise as the kernel holds it now; without one, the whole lesson.

    exercise: its name, or the function itself. lesson: the lesson's name; by default the one that
    the notebook is named after, else the only one that has such an exercise. Raises WrongUse where
    that does not say which one is meant, and under nbgrader's Validate NotYet where the exercise
    has not passed.
    """
    shell = _shell()
    if shell is None:
        return Absent()
    if not exercise:
        return progress(lesson)
    answer = _ask(shell, exercise, lesson)
    report, more = Report.of(answer["report"]), answer["more"]
    shown = report.exercises[0]
    beside: dict[str, str] = answer["beside"]
    lines = "\n".join([*(line.plain for line in exercise_lines(shown)), *more])
    below = "".join(f"\n\n{label}\n\n{code}" for label, code in beside.items())
    if os.environ.get("NBGRADER_EXECUTION") == "validate" and not report.all_passed:
        todo = f"{shown.id}: todo: fill in its cell, and run it"
        raise NotYet(todo if shown.verdict == TODO else inspect.cleandoc(lines))
    html = exercise_html(shown) + _paragraphs(more) + beside_html(beside)
    return Graded(report, html, lines + below)


def progress(lesson: str = "") -> Graded | Absent:
    """Grade the whole lesson as the kernel holds it now."""
    shell = _shell()
    if shell is None:
        return Absent()
    answer = _ask(shell, "", lesson)
    report, more = Report.of(answer["report"]), answer["more"]
    lines = [line.plain for line in report_lines(report, verbose=True)]
    return Graded(report, report_html(report) + _paragraphs(more), "\n".join([*lines, *more]))


def _paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def hint(exercise: Step = "", lesson: str = "") -> Said:
    """The next hint for an exercise; each call gives away one more."""
    shell = _shell()
    if shell is None:
        return Said("hint works in a notebook; elsewhere there is `grad hint`")
    return Said(_ask(shell, exercise, lesson, wish="hint")["hint"])


def predict(prediction: Step = "", answer: object = None, lesson: str = "") -> Said:
    """Answer a prediction before it is measured; without an answer the question is shown.

    answer: a number, a shape as a tuple, or a text. The first answer is kept in the workspace.
    """
    shell = _shell()
    if shell is None:
        return Said("predict works in a notebook; elsewhere there is `grad predict`")
    text = "" if answer is None else str(answer)
    return Said(_ask(shell, prediction, lesson, wish="predict", answer=text)["told"])


def plot(name: Step = "", lesson: str = "") -> Said | None:
    """Draw the pictures of an exercise, or of one stage, with the functions of this kernel.

    Returns a sentence where something has still to pass.
    """
    shell = _shell()
    if shell is None:
        return Said("plot works in a notebook; elsewhere there is `grad plot`")
    answer = _ask(shell, name, lesson, wish="plot")
    if answer["stages"]:
        from autograder.milestone.composed import composed
        from autograder.milestone.program import run_milestone

        told = running_notebook(shell.user_ns)
        folder = told.parent if told.is_absolute() and told.parent.is_dir() else Path.cwd()
        file = folder / f"{answer['lesson']}.py"
        names = composed(answer["stub"], file, shell.user_ns, answer["taken"])
        stages = [word for stage in answer["stages"] for word in ("--stage", stage)]
        run_milestone(names["milestone"], stages)
    return Said("\n".join(answer["missing"])) if answer["missing"] else None


class Said:
    """A text that shows itself as it is."""

    def __init__(self, text: str):
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _ask(
    shell: Any, step: Step, lesson: str, wish: str = "report", answer: str = ""
) -> dict[str, Any]:
    cells = list(shell.history_manager.input_hist_raw) if wish != "hint" else []
    units = History(cells, shell.user_ns).units()
    question = {
        "wish": wish,
        "exercise": _word(step, shell.user_ns),
        "lesson": lesson,
        "file": str(running_notebook(shell.user_ns)),
        "units": [list(dataclasses.astuple(unit)) for unit in units],
        "answer": answer,
    }
    found = _grader().ask(question)
    if "error" in found:
        raise Refused(found["error"])
    return found


def _word(step: Step, held: dict[str, Any]) -> str:
    """The name of a step, which the function itself has too; a lambda has that which holds it."""
    name = step if isinstance(step, str) else getattr(step, "__qualname__", None)
    if name == "<lambda>":
        name = next((each for each, value in held.items() if value is step), name)
    if not isinstance(name, str):
        raise Refused(f'{step!r:.40} names nothing; write the name in quotation marks: "NAME"')
    return name


class Refused(WrongUse):
    """A question that cannot be answered; IPython shows the sentence without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def _shell() -> Any:
    """The running IPython, or None."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


class GraderProcess:
    """The grader's process, started at once; it ends with this one."""

    def __init__(self) -> None:
        # A session of its own: the interrupt that stops a cell is not for the grader.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder.jupyter.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=os.sep,
            env=_environment(),
            start_new_session=True,
            text=True,
        )
        # Both are pipes, as asked for.
        self._questions = cast(IO[str], self._process.stdin)
        self._answers = cast(IO[str], self._process.stdout)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Send a question and wait for its answer; an interrupt ends this grader."""
        try:
            self._questions.write(json.dumps(question) + "\n")
            self._questions.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = ""
        except BaseException:
            self.close()
            raise
        if not line:
            self.close()
            return {"error": "the grader has ended; call it again, or see `grad doctor`"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        _grader.cache_clear()
        with contextlib.suppress(BrokenPipeError):
            self._questions.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()


def _environment() -> dict[str, str]:
    """The kernel's environment; a course that is named from the kernel's folder is made whole."""
    environment = dict(os.environ)
    if (course := environment.get(VARIABLE)) and Path(course).is_dir():
        environment[VARIABLE] = str(Path(course).absolute())
    return environment


@functools.cache
def _grader() -> GraderProcess:
    grader = GraderProcess()
    atexit.register(grader.close)
    return grader


# The grader imports torch meanwhile, and is warm when it is first asked.
if _shell() is not None:
    _grader()
