"""Runs the examples of an assignment. This file belongs beside the notebook.

`grade("softmax")` runs the examples that stand in the text of `softmax`, on what the notebook has
defined. The hidden checks run when you submit. Where the whole Gradschool is installed, it is used
instead of this file, and says more.
"""

import doctest
import html
import importlib.machinery
import importlib.util
import math
import os
import re
import sys

TODO = "todo: fill in the cell above, and run it"
LATER = "hidden checks run when you submit"
PASSED = f"examples passed; {LATER}"
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)(?![\w])", re.IGNORECASE)
_DECORATION = re.compile(r",\s*(?:grad_fn=<\w+>|requires_grad=True|dtype=[\w.]+)")


class ExamplesFailed(AssertionError):
    """An example printed something else; Jupyter shows the sentence without a traceback."""

    def _render_traceback_(self):
        return [str(self)]


class Outcome:
    """What `grade` returns: it shows itself as HTML in Jupyter, and as text elsewhere."""

    def __init__(self, exercise, passed, text):
        self.passed = passed
        self.text = f"{exercise}: {text}"

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        colour = "#2e8b57" if self.passed else "#cc3333"
        style = f"border-left:3px solid {colour};padding:0.1em 0.7em;white-space:pre-wrap"
        return f'<pre style="{style}">{html.escape(self.text)}</pre>'


def grade(exercise, lesson=""):
    """Run the examples of an exercise, for instance "softmax" or "Value.tanh"."""
    names = _names()
    function = _find(names, exercise)
    if function is None:
        return _outcome(exercise, False, "it is not defined; run the cell that defines it")
    failed = _first_failure(function, exercise, names)
    return _outcome(exercise, not failed, failed or PASSED)


def predict(prediction, answer=None, lesson=""):
    """Take an answer to a question of the text; what is true, only the whole course can measure."""
    if answer is None:
        return Outcome(prediction, True, "put your answer in place of None, and run the cell")
    kept = "keep it in mind while you read on; the whole course can measure it"
    return Outcome(prediction, True, f"you said {answer}; {kept}")


def progress(lesson=""):
    """Say what there is instead of the course's `progress`."""
    return Outcome("progress", True, "it comes with the whole course; here, run the test cells")


def _outcome(exercise, passed, text):
    """In a notebook a thing to show. Under nbgrader, which looks at errors only, an error."""
    execution = os.environ.get("NBGRADER_EXECUTION")
    if execution == "autograde":
        raise ExamplesFailed(
            f"{exercise} cannot be graded: Gradschool is not installed where nbgrader runs"
        )
    outcome = Outcome(exercise, passed, text)
    if execution is None:
        return outcome
    if not passed:
        raise ExamplesFailed(f"{outcome.text}\n{LATER}")
    print(outcome.text)
    return None


def _names():
    """What the notebook has defined."""
    if "IPython" in sys.modules:
        from IPython import get_ipython

        if get_ipython() is not None:
            return get_ipython().user_ns
    return vars(sys.modules["__main__"])


def _find(names, exercise):
    first, *rest = exercise.split(".")
    found = names.get(first)
    for name in rest:
        found = getattr(found, name, None)
    return found


def _first_failure(function, exercise, names):
    """The first example that does not do what its text says, in words; or nothing."""
    source = getattr(function, "__doc__", None) or ""
    test = doctest.DocTestParser().get_doctest(source, dict(names), exercise, None, 0)
    if not test.examples:
        return "its text has no examples any more; put the text back to see them run"
    report = _Report(checker=_Checker(), verbose=False, optionflags=doctest.ELLIPSIS)
    report.run(test, out=lambda text: None)
    return report.failure


class _Report(doctest.DocTestRunner):
    """Keeps the first failure, in the form in which a learner reads it."""

    failure = ""

    def report_failure(self, out, test, example, got):
        lines = ["an example of its text gives something else", f">>> {example.source.strip()}"]
        lines += [f"expected: {example.want.strip()}"]
        self._keep("\n".join([*lines, f"got: {got.strip() or 'nothing'}"]))

    def report_unexpected_exception(self, out, test, example, exc_info):
        error = exc_info[1]
        if isinstance(error, NotImplementedError):
            self._keep(TODO)
        else:
            lines = ["an example of its text raises an error", f">>> {example.source.strip()}"]
            self._keep("\n".join([*lines, f"{type(error).__name__}: {error}"]))

    def _keep(self, text):
        self.failure = self.failure or text


class _Checker(doctest.OutputChecker):
    """Compares values where both sides print alike: how many digits are shown is not graded."""

    def check_output(self, want, got, optionflags):
        if super().check_output(want, got, optionflags):
            return True
        want, got = (" ".join(_DECORATION.sub("", text).split()) for text in (want, got))
        if _NUMBER.sub("#", want).replace(" ", "") != _NUMBER.sub("#", got).replace(" ", ""):
            return False
        pairs = zip(_NUMBER.findall(want), _NUMBER.findall(got), strict=True)
        return all(_close(*map(float, pair)) for pair in pairs)


def _close(want, got):
    same = math.isnan(want) and math.isnan(got)
    return same or want == got or math.isclose(want, got, rel_tol=1e-3, abs_tol=1e-4)


def _give_way():
    """Put the installed Gradschool in the place of this file, where there is one.

    This file is found first because it lies beside the notebook.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    elsewhere = [path for path in sys.path if os.path.abspath(path or os.curdir) != here]
    spec = _installed(elsewhere)
    if spec is None or not spec.submodule_search_locations:
        return
    if importlib.machinery.PathFinder.find_spec(
        "autograder.jupyter", spec.submodule_search_locations
    ):
        engine = importlib.util.module_from_spec(spec)
        sys.modules["autograder"] = engine
        spec.loader.exec_module(engine)


def _installed(elsewhere):
    """Find another `autograder`, also one that is installed as editable."""
    for finder in sys.meta_path:
        own = finder is importlib.machinery.PathFinder
        find = getattr(finder, "find_spec", None)
        spec = finder.find_spec("autograder", elsewhere if own else None) if find else None
        if spec is not None:
            return spec
    return None


if __name__ == "autograder":
    _give_way()
elif __name__ == "__main__":
    # `python -m autograder` beside the notebook means the installed Gradschool too.
    _give_way()
    if "autograder" not in sys.modules:
        sys.exit("autograder.py serves the notebook beside it; open that")
    importlib.import_module("autograder.__main__").main()
