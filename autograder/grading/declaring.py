"""Reading what an author declares: a lesson's `checks.py` and `mistakes.py` are executed here.

The grader wants the sentences and the tolerances alone and calls none of the checks, so what they
import from elsewhere is not imported here: stand-ins take its place. torch would cost a second and
hundreds of megabytes. A file that asks more of a stand-in is executed anew with what it imports.
"""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from types import CodeType
from typing import Any

from autograder.checks import Declarations, loading
from autograder.lessons.errors import CourseError
from autograder.lessons.places import PACKAGE

_OWN = {*sys.stdlib_module_names, PACKAGE.name}


class _Asked(Exception):
    """More is asked of a stand-in than it has."""


class _StandIn:
    """In the place of a module and of all that is in it; a class may be derived from it."""

    def __getattr__(self, name: str) -> _StandIn:
        return _StandIn()

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise _Asked


def declare(source: str, path: Path) -> Declarations:
    """What a file declares; raises CourseError where it fails."""
    try:
        code = compile(source, str(path), "exec")
        return _without_imports(code, path) or _executed(code, path, {})
    except Exception as error:
        message = f"{path} cannot be loaded: {type(error).__name__}: {error}"
        raise CourseError(message) from error


def _without_imports(code: CodeType, path: Path) -> Declarations | None:
    """The same, or None where a stand-in does not do."""
    own = {**vars(builtins), "__import__": _import}
    try:
        declared = _executed(code, path, {"__builtins__": own})
    except Exception:  # what a stand-in brought about, or the file itself: the second time tells
        return None
    return declared if _is_plain(declared) else None


def _executed(code: CodeType, path: Path, names: dict[str, Any]) -> Declarations:
    with loading() as declared:
        exec(code, {"__name__": f"checks.{path.parent.name}", **names})
    return declared


def _is_plain(declared: Declarations) -> bool:
    """Whether no stand-in is where a number has to be."""
    return all(
        isinstance(number, int | float)
        for check in declared.checks
        for number in (check.cases, check.timeout, *(check.tolerance or ()))
    )


def _import(name: str, *args: Any) -> Any:
    """An import of the standard library and of Gradschool's own; a stand-in for any other."""
    if name.partition(".")[0] in _OWN or (len(args) > 3 and args[3]):
        return __import__(name, *args)
    return _StandIn()
