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

from autograder.lessons.lesson import Lesson


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
    exec(compile(stub, place, "exec", dont_inherit=True), names)
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
