"""How a lesson's hidden checks and known mistakes are declared.

Each folder beside this file belongs to the lesson of the same name. Its `checks.py` runs in the
learner's process and in the reference's; its `mistakes.py` never leaves the grader. What they
declare is collected into one `Declarations`, which `loading` activates around their execution.
"""

from __future__ import annotations

import contextlib
import inspect
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, overload

from autograder.checks.tasks import Asked, Task

__all__ = [
    "Asked", "Check", "Declarations", "Exercise", "Mistake", "Task", "exercise", "forbid",
    "import_early", "loading", "mistakes", "open_task", "outcome", "provide", "whole",
]  # fmt: skip

DEFAULT_TIMEOUT = 10.0

# A check: `function(lesson, draw)`. What it returns is as free as what lessons hold.
Function = Callable[..., Any]


@dataclass(frozen=True)
class Check:
    """A hidden test of one exercise: `function(lesson, draw)` returns an observation.

    `tolerance` is (relative, absolute) in place of the dtype's own, for the reason `because`.
    `timeout` is how many seconds the exercise may work or sleep (see `pool.clock`).
    """

    exercise: str
    name: str
    says: str
    function: Function
    cases: int = 3
    tolerance: tuple[float, float] | None = None
    because: str = ""
    timeout: float = DEFAULT_TIMEOUT


@dataclass(frozen=True)
class Mistake:
    """A known wrong variant of one exercise, and the sentence that explains it.

    Either `body` is the whole wrong solution, or every `replace` in the reference's solution
    becomes `by`.
    """

    exercise: str
    says: str
    replace: str = ""
    by: str = ""
    body: str = ""

    def applied(self, solution: str) -> str:
        """The reference's solution with this mistake in it; ValueError where it does not fit."""
        if self.body:
            return inspect.cleandoc(self.body)
        if not self.replace or self.replace not in solution:
            raise ValueError(f"{self.replace!r} is not in the solution of {self.exercise}")
        return solution.replace(self.replace, self.by)


@dataclass
class Declarations:
    """What the two files of one lesson declare."""

    checks: list[Check] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    forbidden: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    provided: dict[str, types.ModuleType] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    undrawn: dict[str, str] = field(default_factory=dict)
    early: list[str] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)

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


@dataclass(frozen=True)
class Exercise:
    """An exercise by its id, to declare checks and rules of it."""

    id: str

    @overload
    def check(self, function: Function, /) -> Function: ...

    @overload
    def check(
        self,
        /,
        *,
        cases: int = 3,
        tolerance: tuple[float, float] | None = None,
        because: str = "",
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Callable[[Function], Function]: ...

    def check(
        self,
        function: Function | None = None,
        /,
        *,
        cases: int = 3,
        tolerance: tuple[float, float] | None = None,
        because: str = "",
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Function | Callable[[Function], Function]:
        """Declare the decorated function a check; its docstring is for the learner."""
        if tolerance and not because:
            raise ValueError(f"the tolerance {tolerance} of a check of {self.id} needs a `because`")

        def declare(function: Function) -> Function:
            name, says = function.__name__, " ".join((function.__doc__ or "").split())
            _current.checks.append(
                Check(self.id, name, says, function, cases, tolerance, because, timeout)
            )
            return function

        return declare(function) if function else declare

    def draws_nothing(self, *, because: str) -> None:
        """Declare that no seed changes what this exercise's checks see, and why none could."""
        _current.undrawn[self.id] = because

    def forbid(self, *shortcuts: str, says: str) -> None:
        """Refuse short cuts (names of `autograder.shortcuts`) in this exercise."""
        forbid(self.id, *shortcuts, says=says)


def exercise(id: str, *, points: int = 1) -> Exercise:
    """An exercise of the lesson, and what it is worth: points, a whole number of at least 1."""
    if type(points) is not int or points < 1:
        raise ValueError(f"points are a whole number of at least 1, and not {points!r} for {id}")
    if points != 1:
        _current.points[id] = points
    return Exercise(id)


def mistakes(exercise: str, rows: Iterable[tuple[str, str, str] | Mistake]) -> None:
    """Declare the mistakes that people make in an exercise.

    A row is (what stands there, what people write, what is wrong), or made by `whole`.
    """
    for row in rows:
        if isinstance(row, Mistake):
            _current.mistakes.append(replace(row, exercise=exercise))
        elif len(row) == 3:
            stands, written, wrong = row
            _current.mistakes.append(Mistake(exercise, wrong, stands, written))
        else:
            raise ValueError(
                f"a mistake of {exercise} is (what stands there, what people write, what is "
                f"wrong), and not {row!r}"
            )


def whole(body: str, says: str) -> Mistake:
    """A row of `mistakes`: `body` is what people write in place of the whole solution."""
    return Mistake("", says, body=body)


def open_task(id: str, **settings: Any) -> Task:
    """Declare an open task of the lesson; `Task` says what its settings are."""
    task = _current.tasks[id] = Task(id, **settings)
    return task


def forbid(exercise: str, *shortcuts: str, says: str) -> None:
    """Refuse short cuts (names of `worker.shortcuts`) in an exercise, or in all with "*"."""
    _current.forbidden.append((exercise, shortcuts, says))


def provide(module: str, **attributes: Any) -> None:
    """Let the lesson's import of another lesson find a stand-in while it is graded."""
    stand_in = types.ModuleType(module)
    vars(stand_in).update(attributes)
    _current.provided[module] = stand_in


def import_early(module: str) -> None:
    """Have the lesson's workers begin with a module that torch imports late, and slowly.

    An import that every run would make anew is then made once.
    """
    _current.early.append(module)


def outcome(call: Callable[[], Any]) -> Any:
    """What the call returns, or {"raised": name of the error} where an error is the contract."""
    try:
        return call()
    except Exception as error:
        return {"raised": type(error).__name__}
