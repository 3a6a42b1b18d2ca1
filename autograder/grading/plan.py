"""What is run for a lesson: its docstrings' examples and its hidden checks, as items in order.

A lesson's `checks.py` is read twice. The grader executes it, for the sentences and the tolerances,
and `mistakes.py` after it. Workers get a compiled copy of `checks.py` without any docstring, so
that neither a piece of the reference nor a check's text is in a learner's process.
"""

from __future__ import annotations

import ast
import hmac
import inspect
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType
from typing import Any

from autograder.checks import Check, Declarations
from autograder.grading.comparison import Tolerance
from autograder.grading.declaring import declare
from autograder.grading.references import References
from autograder.lessons.course import Course
from autograder.lessons.errors import CourseError
from autograder.lessons.lesson import Example, Exercise, Lesson
from autograder.lessons.spelling import similar
from autograder.pool.pool import Item
from autograder.worker.shortcuts.refusals import SHORTCUTS
from autograder.worker.wire import Job

EXAMPLES = "examples"
Seed = int | str


@dataclass(frozen=True)
class Plan:
    """A lesson with its declarations, and `code`, the compiled checks for the workers."""

    lesson: Lesson
    checks_source: str
    declarations: Declarations
    code: CodeType

    @classmethod
    def load(cls, course: Course, name: str) -> Plan:
        lesson = course.lesson(name)
        source = course.checks_source(lesson.name)
        folder = course.checks / lesson.name
        declarations = declare(source, folder / "checks.py")
        if declarations.mistakes:
            raise CourseError(
                f"{folder / 'checks.py'} declares mistakes, but learners' processes hold it; "
                "declare them in mistakes.py"
            )
        for _, shortcuts, _ in declarations.forbidden:
            known_shortcuts(shortcuts, folder / "checks.py")
        mistakes = declare(course.mistakes_source(lesson.name), folder / "mistakes.py").mistakes
        declarations.mistakes.extend(mistakes)
        declarations.tasks |= declare(course.tasks_source(lesson.name), folder / "tasks.py").tasks
        return cls(lesson, source, declarations, for_workers(source))

    @cached_property
    def items(self) -> dict[str, Item]:
        """Everything that can be run, by name; the examples of an exercise before its checks."""
        found = {}
        for exercise in self.lesson.exercises.values():
            if exercise.examples:
                item = example_item(exercise)
                found[item.name] = item
            for number, check in enumerate(self.declarations.checks):
                if check.exercise == exercise.id:
                    found |= {item.name: item for item in check_items(number, check)}
        return found

    def items_of(self, *exercises: str) -> list[Item]:
        """The items of some exercises, in the lesson's order."""
        return [item for id, own in self._items.items() if id in exercises for item in own]

    @cached_property
    def _items(self) -> dict[str, list[Item]]:
        return {
            id: [item for item in self.items.values() if item.exercise == id]
            for id in self.lesson.exercises
        }

    @cached_property
    def _references(self) -> References:
        return References(self.lesson)

    def check_of(self, item: Item) -> Check | None:
        """The check that an item runs a case of; None for examples."""
        return None if item.is_examples else self.declarations.checks[item.check]

    def tolerance(self, item: Item) -> Tolerance:
        check = self.check_of(item)
        return check.tolerance if check else None

    def says(self, item: Item) -> str:
        """What an item tries, for the learner."""
        check = self.check_of(item)
        return check.says if check else "The examples in the docstring."

    def signature(self, exercise: str) -> str:
        """An exercise's first line as the lesson has it, without `def` and the colon."""
        line = self.lesson.lines[self.lesson.exercises[exercise].line - 1].strip()
        return inspect.cleandoc(line.removeprefix("def ").rstrip(":"))

    def points(self, exercise: str) -> int:
        return self.declarations.points.get(exercise, 1)

    def job(
        self,
        units: list[tuple[str, int]],
        path: str,
        seed: Seed,
        *,
        record: bool = False,
        references: Collection[str] = (),
    ) -> Job:
        """The message to a worker, but for the items.

        references: exercises whose reference is put in the place of the submission's.
        """
        exercises = self.lesson.exercises
        return {
            "lesson": self.lesson.name,
            "path": path,
            "units": units,
            "checks": self.code,
            "early": self.declarations.early,
            "seeds": {id: seed_of(seed, self.lesson.name, id) for id in exercises},
            "record": record,
            "references": self._references.message(references) if references else None,
        }


def seed_of(seed: Seed, lesson: str, exercise: str) -> Seed:
    """What an exercise's inputs are drawn from, which its own process can read.

    A number is no secret and is handed on as it is. A text is one: an exercise gets a seed that
    tells nothing of the text, nor of other exercises' seeds (HMAC, RFC 2104).
    """
    if isinstance(seed, int):
        return seed
    return hmac.new(seed.encode(), f"{lesson}/{exercise}".encode(), "sha256").hexdigest()


def check_items(number: int, check: Check) -> list[Item]:
    return [
        Item(
            exercise=check.exercise,
            name=f"{check.exercise}/{check.name}/{case}",
            check=number,
            case=case,
            timeout=check.timeout,
        )
        for case in range(check.cases)
    ]


def example_item(exercise: Exercise) -> Item:
    """All examples of a docstring as one item: they share their names, as in a doctest."""
    pieces = tuple(map(compile_example, exercise.examples))
    return Item(exercise=exercise.id, name=f"{exercise.id}/{EXAMPLES}", code=pieces)


def compile_example(example: Example) -> tuple[str, CodeType]:
    """One `>>>` statement and how to run it: "eval" where the docstring shows what it gives."""
    try:
        if example.want:
            return "eval", compile(example.source.strip(), "<example>", "eval")
    except SyntaxError:
        pass
    try:
        return "exec", compile(example.source, "<example>", "exec")
    except SyntaxError as error:
        raise CourseError(f"the example {example.source.strip()!r} is not Python") from error


def known_shortcuts(names: Iterable[str], path: Path) -> None:
    """Raise CourseError where a file forbids what is no short cut."""
    for name in names:
        if name not in SHORTCUTS:
            meant = similar(name, SHORTCUTS, 1, 0.6)
            hint = f"did you mean {meant[0]}?" if meant else f"there are {', '.join(SHORTCUTS)}"
            raise CourseError(f"{path}: no short cut is named {name!r}; {hint}")


def for_workers(source: str) -> CodeType:
    """A checks file without docstrings, compiled."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            _drop_docstring(node)
    return compile(ast.fix_missing_locations(tree), "<checks>", "exec", dont_inherit=True)


def _drop_docstring(node: Any) -> None:
    if ast.get_docstring(node) is not None:
        node.body[0] = ast.Pass()
