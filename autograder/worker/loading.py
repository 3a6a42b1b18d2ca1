"""Executing a lesson's source as IPython would: what fails leaves all else standing.

A unit is executed as a whole, which costs nothing. Only where one of its statements fails, those
behind it are executed one by one.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import contextlib
import inspect
import os
import time
import types
from collections import deque
from collections.abc import Callable, Collection, Iterator
from typing import Any, NoReturn

from autograder.worker import posix

_FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
_ANNOTATIONS = __future__.annotations.compiler_flag
_STOPS = (ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar)


class OutOfTime(BaseException):
    """A statement that does not end; no `except Exception` around it keeps it going."""

    def __init__(self) -> None:
        super().__init__("it did not end in time")


# How often a file that takes long is looked at while it is loaded, in seconds.
TICK = 0.25


@contextlib.contextmanager
def interrupted(path: str, seconds: float) -> Iterator[None]:
    """Stop what runs for ever, so that the rest of a file can still be loaded in `seconds`.

    What counts is the processor's time, and the time in which hardly any of it was used: then the
    file sleeps, and no busy machine is to blame. Each statement may take most of what is left. One
    that calls os._exit has a SystemExit instead. What cannot be stopped so has the process killed
    from outside.
    """
    leave, watch = os._exit, _Watch(seconds)

    def stop(_: int, frame: types.FrameType | None) -> None:
        if not watch.is_due():
            return
        while frame is not None and frame.f_code.co_filename != path:
            frame = frame.f_back
        if frame is not None:
            raise OutOfTime

    def exits(status: int) -> NoReturn:
        raise SystemExit(status)

    os._exit = exits
    tick = min(TICK, seconds / 20)
    try:
        with posix.timer(tick, stop, again=tick):
            yield
    finally:
        os._exit = leave


class _Watch:
    """Counts what loading has used, from one look to the next."""

    def __init__(self, seconds: float):
        self._seconds, self._used, self._limit = seconds, 0.0, 0.8 * seconds
        self._at, self._worked = time.monotonic(), time.process_time()

    def is_due(self) -> bool:
        """Whether a statement has had its time; the next has half of what is left then."""
        at, worked = time.monotonic(), time.process_time()
        passed, work = at - self._at, worked - self._worked
        self._at, self._worked = at, worked
        self._used += passed if work < 0.1 * passed else work
        if self._used < self._limit:
            return False
        self._limit = self._used + max((self._seconds - self._used) / 2, 0.05)
        return True


class Loader:
    """Executes the units of one lesson in `names`, the module's own namespace.

    failed: called with each error and the line where the statement that failed begins. dropped:
    the statements to leave out, by line and column. watched: the names of which the last function
    or class is kept, whatever they hold later.
    """

    def __init__(
        self,
        path: str,
        names: dict[str, Any],
        failed: Callable[[int, BaseException], None],
        dropped: Collection[tuple[int, int]] = (),
        watched: Collection[str] = (),
    ):
        self._path, self._names, self._failed = path, names, failed
        self._dropped, self._watched = frozenset(dropped), watched
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._defined: dict[str, tuple[Any, int]] = {}
        self._changed: dict[str, int] = {}

    def load(self, source: str, line: int) -> None:
        """Execute a unit whose first line has this number."""
        text = "\n" * (line - 1) + source
        if self._dropped or self._watched:
            self._one_by_one(_without(ast.parse(text).body, self._dropped))
            return
        try:
            code = self._compiled(text)
        except SyntaxError:  # a `return` at the top, which only the compiler sees
            self._one_by_one(ast.parse(text).body)
            return
        try:
            _run(code, self._names)
        except BaseException as error:
            place = _place(error, code)
            self._one_by_one(self._behind(error, place, ast.parse(text).body))

    def restore(self) -> Iterator[tuple[str, int, int, str]]:
        """Give back the functions and classes whose names hold something else by now.

        Yields each name with the lines of that statement and of the definition, and what kind of
        thing the name held.
        """
        for name, (value, line) in self._defined.items():
            held = self._names.get(name)
            if not callable(held) or (isinstance(value, type) and isinstance(held, value)):
                kind = type(held).__name__ if name in self._names else ""
                self._names[name] = value
                yield name, self._changed.get(name, line), line, kind

    def _one_by_one(self, body: list[ast.stmt]) -> None:
        waiting = deque(body)
        while waiting:
            node = waiting.popleft()
            try:
                code = self._compiled(ast.Module([node], []))
            except BaseException as error:
                self._failed(_first_line(node), error)
                continue
            try:
                _run(code, self._names)
            except BaseException as error:
                waiting.extendleft(reversed(self._behind(error, _place(error, code), [node])))
            self._watch(node)

    def _behind(
        self, error: BaseException, place: tuple[int, int] | None, body: list[ast.stmt]
    ) -> list[ast.stmt]:
        """Report a failure; what is still to be executed of the statements that hold it."""
        if place is None:
            self._failed(_first_line(body[0]), error)
            return []
        number = max((i for i, node in enumerate(body) if _start(node) <= place), default=0)
        node, rest = body[number], body[number + 1 :]
        if isinstance(node, ast.Import | ast.ImportFrom) and len(node.names) > 1:
            return [*_single_imports(node), *rest]
        for block in _blocks(node):
            if block and _start(block[0]) <= place <= _end(block[-1]):
                return [*self._behind(error, place, block), *rest]
        if self._works_without_annotations(node, error):
            return rest
        self._failed(_first_line(node), error)
        return rest

    def _works_without_annotations(self, node: ast.stmt, error: BaseException) -> bool:
        """Whether a definition only lacks what its annotations name: they are nobody's business."""
        named = type(error) in (NameError, AttributeError, TypeError)
        if not named or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return False
        try:
            _run(self._compiled(ast.Module([node], []), _ANNOTATIONS), self._names)
        except BaseException:
            return False
        return True

    def _compiled(self, source: str | ast.Module, more: int = 0) -> types.CodeType:
        flags = self._flags | more
        code: types.CodeType = compile(source, self._path, "exec", flags=flags, dont_inherit=True)
        self._flags |= code.co_flags & _FUTURE & ~more
        return code

    def _watch(self, node: ast.stmt) -> None:
        for name in self._watched:
            value = self._names.get(name)
            last = self._defined.get(name, (None, 0))[0]
            if value is last or (last is None and not callable(value)):
                continue
            if not callable(value) or (isinstance(last, type) and isinstance(value, last)):
                self._changed.setdefault(name, _first_line(node))
            else:
                self._defined[name] = value, _first_line(node)
                self._changed.pop(name, None)


def _run(code: types.CodeType, names: dict[str, Any]) -> None:
    if code.co_flags & inspect.CO_COROUTINE:
        _loop().run_until_complete(eval(code, names))
    else:
        exec(code, names)


def _loop() -> asyncio.AbstractEventLoop:
    if not _LOOPS:
        _LOOPS.append(_Loop())
    return _LOOPS[0]


_LOOPS: list[asyncio.AbstractEventLoop] = []


class _Loop(asyncio.BaseEventLoop):
    """An event loop that waits for time and for nothing else: behind the wall are no sockets."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = self

    def select(self, timeout: float | None) -> list[Any]:
        time.sleep(0.001 if timeout is None else max(timeout, 0))
        return []

    def _process_events(self, events: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def _place(error: BaseException, code: types.CodeType) -> tuple[int, int] | None:
    """Where in the code of a module an error arose: its line and column."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    if trace is None:
        return None
    line, _, column, _ = list(code.co_positions())[trace.tb_lasti // 2]
    return (line or trace.tb_lineno, column or 0)


def _single_imports(node: ast.Import | ast.ImportFrom) -> Iterator[ast.stmt]:
    """One statement for every name: the others can be imported where one is missing."""
    for name in node.names:
        single = type(node)(**{**vars(node), "names": [name]})
        yield ast.copy_location(single, node)


def _without(body: list[ast.stmt], dropped: frozenset[tuple[int, int]]) -> list[ast.stmt]:
    """Statements without those that begin in one of some places."""
    kept = [node for node in body if (node.lineno, node.col_offset) not in dropped]
    for node in kept:
        for block in _blocks(node):
            block[:] = _without(block, dropped) or block and [ast.copy_location(ast.Pass(), node)]
    return kept


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    if not isinstance(node, _STOPS):
        return []
    handlers = [handler.body for handler in getattr(node, "handlers", [])]
    return [node.body, *handlers, *(getattr(node, n, []) for n in ("orelse", "finalbody"))]


def _first_line(node: ast.stmt) -> int:
    return _start(node)[0]


def _start(node: ast.stmt) -> tuple[int, int]:
    """Where a statement begins, or the first of its decorators."""
    nodes = [node, *getattr(node, "decorator_list", [])]
    return min((each.lineno, each.col_offset) for each in nodes)


def _end(node: ast.stmt) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0
