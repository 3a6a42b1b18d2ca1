"""A lesson in which the functions are a learner's, and the stages of its milestone the course's.

So a picture appears whatever else stands in the learner's file: a note that fails, a variable named
like a helper, a last cell that was changed or never run.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autograder.lessons.definitions import definitions_only
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import read
from autograder.lessons.lesson import Lesson
from autograder.worker.loading import Loader


def composed(
    stub: str, file: Path, theirs: Mapping[str, Any], taken: Iterable[str]
) -> dict[str, Any]:
    """The names of a lesson's module: those of its stub, with the learner's functions in it.

    file: the learner's, beside which pictures go. theirs: what the learner has defined. taken: the
    functions and classes that are the learner's where there are such.
    """
    place = str(file.with_name(f"{file.stem} of the course"))
    linecache.cache[place] = (len(stub), None, stub.splitlines(keepends=True), place)
    names: dict[str, Any] = {"__name__": file.stem, "__file__": str(file)}
    exec(compile(stub, place, "exec"), names)
    for name in taken:
        own = theirs.get(name)
        if callable(own) and isinstance(own, type) == isinstance(names.get(name), type):
            names[name] = own
    return names


def taken_names(lesson: Lesson) -> list[str]:
    """The functions and classes of a lesson up to its last exercise: a learner may change them."""
    end = max((exercise.last for exercise in lesson.exercises.values()), default=0)
    return [
        node.name
        for node in ast.parse(lesson.source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.lineno <= end
    ]


def learners(file: Path) -> dict[str, Any]:
    """What a learner's file defines; a statement that fails leaves the others standing.

    Raises Unreadable where it cannot be read, and WrongUse where none of it is Python.
    """
    submission = read(file)
    if not submission.readable:
        raise WrongUse(f"{file.name}, {submission.problems[0].message}")
    names: dict[str, Any] = {"__name__": file.stem, "__file__": str(file)}
    dropped = definitions_only(submission).dropped
    loader = Loader(str(file), names, lambda line, error: None, dropped)
    for source, line in submission.sources():
        loader.load(source, line)
    return names
