"""Edits of one function, tried one after another in a process that has loaded the lesson once.

The grader's side searches so for the place of a mistake. What an edit leaves behind in the lesson
can spoil those after it, so nothing here is a verdict.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from autograder.worker import posix
from autograder.worker.loading import OutOfTime
from autograder.worker.wire import Edited

# Of the lines that ran, told of one item.
MAX_LINES = 2000
# After the time is over, an edit that swallows the interruption has another one this much later.
AGAIN = 0.05


@contextlib.contextmanager
def in_place(lesson: types.ModuleType, edited: Edited | None) -> Iterator[None]:
    """Have an edited function in the lesson."""
    if edited is None:
        yield
        return
    with contextlib.ExitStack() as undone:
        with contextlib.suppress(BaseException):
            undone.callback(_put(lesson, *edited))
        yield


def _put(lesson: Any, owner: str, name: str, code: types.CodeType) -> Callable[[], None]:
    """Put a function in place; what takes it away again.

    Where that can be, the function that is there has its code changed: whoever kept it under
    another name (`__radd__ = __add__`) has the edit too.
    """
    holder = getattr(lesson, owner) if owner else lesson
    made: dict[str, Any] = {}
    exec(code, vars(lesson), made)
    function = made["make"](holder)
    before = vars(holder)[name]
    inner, other = _innermost(before), _innermost(function)
    if inner.__code__.co_freevars != other.__code__.co_freevars:
        setattr(holder, name, function)
        return lambda: setattr(holder, name, before)
    kept = inner.__code__, inner.__defaults__, inner.__kwdefaults__

    def give(code: types.CodeType, defaults: Any, keywords: Any) -> None:
        inner.__code__, inner.__defaults__, inner.__kwdefaults__ = code, defaults, keywords

    give(other.__code__, other.__defaults__, other.__kwdefaults__)
    return lambda: give(*kept)


def _innermost(value: Any) -> Any:
    """The function as it was written, inside of what decorators have made of it."""
    value = value.fget if isinstance(value, property) else value
    return inspect.unwrap(getattr(value, "__func__", value))


@contextlib.contextmanager
def watched(seconds: float, traced: str, result: dict[str, Any]) -> Iterator[None]:
    """Interrupt what runs after so many seconds, and tell which lines of a file ran, if asked to.

    traced: the path of that file. What was asked is 0 and "" otherwise.
    """
    lines: dict[int, None] = {}
    if traced:
        sys.settrace(_tracer(traced, lines))
    bounded = posix.timer(seconds, _out_of_time, again=AGAIN)
    try:
        with bounded if seconds else contextlib.nullcontext():
            yield
    finally:
        if traced:
            sys.settrace(None)
            result["lines"] = list(lines)


def _out_of_time(*_: Any) -> None:
    raise OutOfTime


def _tracer(path: str, lines: dict[int, None]) -> Callable[..., Any]:
    def trace(frame: types.FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != path:
            return None
        if event == "line" and len(lines) < MAX_LINES:
            lines[frame.f_lineno] = None
        return trace

    return trace
