"""Gradschool: a course that grades itself.

In a notebook, `from autograder import grade, hint, plot, predict, progress`. They are loaded when
they are asked for, so that importing the package stays light. No module of the package may be named
like them.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    if name in ("grade", "hint", "plot", "predict", "progress"):
        from autograder.jupyter import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
