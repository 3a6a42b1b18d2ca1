"""`grad play`: a prompt with all that a learner's own file defines."""

from __future__ import annotations

import code
import sys
import types
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from autograder.cli.console import console
from autograder.lessons.course import Course
from autograder.lessons.files import read
from autograder.lessons.places import shown_path
from autograder.reports.terminal import plain
from autograder.worker.jupyter import COURSE, Nothing
from autograder.worker.loading import Loader
from autograder.workspace.workspace import Workspace

# Of the names that are listed; nobody reads more.
MOST = 12


def add_to(app: typer.Typer) -> None:
    app.command("play", epilog="Example: grad play part0_micrograd_engine")(play)


def play(lesson: Annotated[str, typer.Argument(metavar="LESSON", help="A lesson.")]) -> None:
    """Try things at a prompt that has all names of your file.

    It's IPython if that is installed. A statement of the file that fails is named, and left out.
    """
    course = Course.find()
    name = course.resolve_lesson(lesson)
    path = Workspace.find(course).present(name)
    names = loaded(name, path)
    asked = course.lesson(name).predictions
    own = [n for n, v in names.items() if getattr(v, "__module__", "") == name and n not in asked]
    listed = ", ".join(own[:MOST]) + (f" and {len(own) - MOST} more" if len(own) > MOST else "")
    console().print(f"{shown_path(path)} is loaded: {plain(listed) or 'it defines nothing'}")
    console().print("What you change here is not saved. Control-D leaves.")
    _prompt(names)


def loaded(name: str, path: Path) -> dict[str, Any]:
    """What a lesson's file defines, executed as when it is graded; what fails is told by its line.

    Raises Unreadable where it is no file of Python.
    """
    submission = read(path)
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    names = vars(module)
    nothing = Nothing()  # the file may ask to be graded, which is for notebooks
    names.update(dict.fromkeys(COURSE, nothing))

    def failed(line: int, error: BaseException) -> None:
        where = submission.place(line)[0]
        text = f"{where}: {type(error).__name__}: {error}".removesuffix(": ")
        console().print(plain(f"{text} (left out)"), style="yellow")

    for problem in submission.problems:
        where = submission.place(problem.line)[0]
        console().print(plain(f"{where}: {problem.message} (left out)"), style="yellow")
    loader = Loader(str(path), names, failed)
    for source, line in submission.sources():
        loader.load(source, line)
    for given in COURSE:
        if names.get(given) is nothing:
            del names[given]
    return names


def _prompt(names: dict[str, Any]) -> None:
    if find_spec("IPython") is None:
        code.interact(banner="", local=names, exitmsg="")
        return
    from IPython import start_ipython

    start_ipython(argv=["--no-banner", "--no-confirm-exit"], user_ns=names)
