"""How a lesson's hidden checks and known mistakes are declared.

Each file of this folder belongs to the lesson of the same name. Its checks run in the learner's
process and in the reference's; its mistakes never leave the grader. The declarations of a file
are collected into one `Declarations`, which `loading` activates around the file's execution.
"""

from __future__ import annotations

import contextlib
import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

DEFAULT_TIMEOUT = 10.0


@dataclass(frozen=True)
class Check:
    """A hidden test of one exercise: `function(lesson, draw)` returns an observation.

    `tolerance` is (relative, absolute) in place of the dtype's own, for the reason `because`.
    `timeout` is the wall time in seconds that the exercise may take.
    """

    exercise: str
    name: str
    says: str
    function: Callable
    cases: int = 3
    tolerance: tuple[float, float] | None = None
    because: str = ""
    timeout: float = DEFAULT_TIMEOUT


@dataclass(frozen=True)
class Mistake:
    """A known wrong variant of one exercise, and the sentence that explains it.

    Either `body` is the whole wrong solution, or every `replace` in the reference's solution
    becomes `by` (the first `count` of them where `count` is given).
    """

    exercise: str
    says: str
    replace: str = ""
    by: str = ""
    count: int = -1
    body: str = ""

    def applied(self, solution: str) -> str:
        """The reference's solution with this mistake in it; ValueError where it does not fit."""
        if self.body:
            return inspect.cleandoc(self.body)
        if not self.replace or self.replace not in solution:
            raise ValueError(f"{self.replace!r} is not in the solution of {self.exercise}")
        return solution.replace(self.replace, self.by, self.count)


@dataclass
class Declarations:
    """What one checks file declares."""

    checks: list[Check] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    forbidden: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    provided: dict[str, types.ModuleType] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)

    def shortcuts(self, exercise: str) -> tuple[str, ...]:
        """The short cuts that are refused while this exercise's checks run."""
        return tuple(
            name for who, names, _ in self.forbidden if who in (exercise, "*") for name in names
        )

    def sentence(self, exercise: str, shortcut: str) -> str:
        """What the author says about a short cut that was taken."""
        return next(
            (
                says
                for who, names, says in self.forbidden
                if who in (exercise, "*") and shortcut in names
            ),
            "",
        )


_current = Declarations()


@contextlib.contextmanager
def loading() -> Iterator[Declarations]:
    """Collect what is declared inside into fresh Declarations."""
    global _current
    previous, _current = _current, Declarations()
    try:
        yield _current
    finally:
        _current = previous


def check(
    exercise: str,
    *,
    cases: int = 3,
    tolerance: tuple[float, float] | None = None,
    because: str = "",
    timeout: float = DEFAULT_TIMEOUT,
) -> Callable:
    """Declare the decorated function a check of `exercise`; its docstring is for the learner."""
    if tolerance and not because:
        raise ValueError(f"the tolerance {tolerance} of a check of {exercise} needs a `because`")

    def declare(function: Callable) -> Callable:
        says = " ".join((function.__doc__ or "").split())
        _current.checks.append(
            Check(exercise, function.__name__, says, function, cases, tolerance, because, timeout)
        )
        return function

    return declare


def mistake(
    exercise: str, *, says: str, replace: str = "", by: str = "", count: int = -1, body: str = ""
) -> None:
    """Declare a mistake that people make in `exercise`."""
    _current.mistakes.append(Mistake(exercise, says, replace, by, count, body))


def forbid(exercise: str, *shortcuts: str, says: str) -> None:
    """Refuse short cuts (names of `worker.shortcuts`) in an exercise, or in all with "*"."""
    _current.forbidden.append((exercise, shortcuts, says))


def provide(module: str, **attributes: Any) -> None:
    """Let the lesson's import of another lesson find a stand-in while it is graded."""
    stand_in = types.ModuleType(module)
    vars(stand_in).update(attributes)
    _current.provided[module] = stand_in


def points(exercise: str, number: int) -> None:
    """Give an exercise more points than one."""
    _current.points[exercise] = number


def outcome(call: Callable[[], Any]) -> Any:
    """What the call returns, or {"raised": name of the error} where an error is the contract."""
    try:
        return call()
    except Exception as error:
        return {"raised": type(error).__name__}
