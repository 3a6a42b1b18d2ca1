"""What the names of files say: the lesson that a file is of, and the notebook that is running."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from autograder.lessons.course import Course


def lesson_of(course: Course, path: Path) -> str:
    """The lesson that a file's name says: its own, perhaps with more behind it; else nothing."""
    fitting = [name for name in course.names if path.stem.startswith(name)]
    return max(fitting, key=len, default="")


def running_notebook(names: Mapping[str, object]) -> Path:
    """The notebook in whose kernel this runs, as Jupyter or VS Code tell it; else an empty path.

    names: what the kernel holds.
    """
    return Path(str(names.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME") or ""))
