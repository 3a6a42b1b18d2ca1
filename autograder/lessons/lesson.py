"""Lessons: percent scripts read as cells and exercises, and written again as stubs.

One file per lesson holds everything that a person writes. This module knows its grammar:

- cells begin with `# %%` (code) or `# %% [markdown]` (text), as jupytext writes them;
- an exercise is a function whose body stands between nbgrader's solution markers;
- in a solution, `# hint:` lines are given away one by one, and `# learned:` says what it taught;
- a function marked `### WORKED EXAMPLE` is an exercise that stays solved in the stub;
- a prediction is a question, and between markers of its own the code that measures the answer;
- an open task is a pair of functions with markers of their own (see `open_tasks`).
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import re
import textwrap
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from autograder.lessons import open_tasks, predictions
from autograder.lessons.errors import LessonError
from autograder.lessons.markers import last_line, lines_of, marked, refuse_strays, remarks
from autograder.lessons.open_tasks import OpenTask, Region
from autograder.lessons.percent import Cell, split_cells
from autograder.lessons.predictions import Prediction

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
WORKED = "### WORKED EXAMPLE"
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")


@dataclass(frozen=True)
class Example:
    """One doctest of a docstring: its source, what it prints, and its line in the file."""

    source: str
    want: str


@dataclass(frozen=True)
class Exercise:
    """One function that a learner writes.

    `first` and `last` are the line numbers (from 1) of the solution's markers, or of the whole
    body of a worked example. `solution` is the dedented text between them.
    """

    id: str
    line: int
    first: int
    last: int
    docstring: str
    solution: str
    worked: bool

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        found = doctest.DocTestParser().get_examples(self.docstring)
        return tuple(Example(_undirected(e.source), e.want) for e in found)

    @cached_property
    def code(self) -> str:
        """The solution without its remarks to the learner."""
        return re.sub(r"^\s*# (hint|learned): .+\n?", "", self.solution, flags=re.MULTILINE)

    @cached_property
    def hints(self) -> tuple[str, ...]:
        return remarks(self.solution, "hint")

    @cached_property
    def learned(self) -> str:
        return next(iter(remarks(self.solution, "learned")), "")


# What stands between two markers.
Place = Exercise | Prediction | Region


class Lesson:
    """A lesson's script: `name` is the file's name without its ending, `source` its text."""

    def __init__(self, name: str, source: str):
        self.name = name
        self.source = source
        self.lines = source.splitlines()

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(split_cells(self.source))

    @cached_property
    def title(self) -> str:
        """The first heading of the text, or the name where there is none."""
        for line in self.lines:
            if line.startswith("# # "):
                return line[4:].strip()
        return self.name

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises by their ids, in the order of the file."""
        with self._named():
            found = [self._exercise(name, node) for name, node in functions(self._tree)]
            exercises = {exercise.id: exercise for exercise in found if exercise}
            refuse_strays(self.lines, (BEGIN, END), _ends(exercises.values()))
        return exercises

    @property
    def has_milestone(self) -> bool:
        """Whether it ends by training something: `milestone(run)` at its top level."""
        return any(line.startswith("def milestone(") for line in self.lines)

    @cached_property
    def predictions(self) -> dict[str, Prediction]:
        """The predictions by their ids, in the order of the file."""
        with self._named():
            found = [self._prediction(name, node) for name, node in functions(self._tree)]
            asked = {prediction.id: prediction for prediction in found if prediction}
            refuse_strays(self.lines, predictions.MARKERS, _ends(asked.values()))
            self._refuse_company(asked.values())
        return asked

    @cached_property
    def steps(self) -> tuple[Exercise | Prediction, ...]:
        """Exercises and predictions, in the order of the file."""
        found: list[Exercise | Prediction] = [*self.exercises.values()]
        found += self.predictions.values()
        return tuple(sorted(found, key=lambda step: step.line))

    @cached_property
    def tasks(self) -> dict[str, OpenTask]:
        """The open tasks by their ids, in the order of the file."""
        with self._named():
            return open_tasks.open_tasks(self.lines, functions(self._tree))

    @cached_property
    def _tree(self) -> ast.Module:
        try:
            return ast.parse(self.source)
        except SyntaxError as error:
            message = f"line {error.lineno}: {error.msg}; the script is not Python"
            raise LessonError(message) from error

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """An error in the script has the lesson's name before its line."""
        try:
            yield
        except LessonError as error:
            raise LessonError(f"{self.name}, {error}") from error

    def predictions_before(self, exercise: str) -> list[Prediction]:
        """Those between the exercise before this one and this one; with "", behind the last."""
        found: list[Prediction] = []
        for step in self.steps:
            if step.id == exercise:
                return found
            found = [*found, step] if isinstance(step, Prediction) else []
        return found

    def text_before(self, line: int) -> str:
        """The text cell that introduces the code at a line."""
        texts = [c.source for c in self.cells if c.line <= line and c.kind == "markdown"]
        return texts[-1] if texts else ""

    def stub(self, ids: set[str] | None = None) -> str:
        """The script with the solutions of `ids` cleared as nbgrader clears them.

        By default all of it is cleared, what measures the predictions and open tasks too.
        """
        wanted = self.exercises if ids is None else ids
        cleared: list[tuple[Place, str]] = []
        for exercise in self.exercises.values():
            if exercise.id in wanted and not exercise.worked:
                cleared.append((exercise, "\n".join(STUB)))
            elif exercise.id in wanted and ids is not None:
                cleared.append((exercise, STUB[1]))
        return self._replaced([*cleared, *(self._asking() if ids is None else ())])

    def asking(self) -> str:
        """The script with its solutions, without what measures predictions and does open tasks."""
        return self._replaced(self._asking())

    def _asking(self) -> list[tuple[Place, str]]:
        regions = (region for task in self.tasks.values() for region in task.regions)
        asked = [(each, predictions.STUB) for each in self.predictions.values()]
        return [*asked, *((region, open_tasks.STUB) for region in regions)]

    def edited(self, id: str, solution: str) -> str:
        """The script with another text in place of one exercise's solution.

        What follows on stays on the same lines where the text has as many lines.
        """
        return self._replaced([(self.exercises[id], solution)])

    def _replaced(self, texts: Iterable[tuple[Place, str]]) -> str:
        """The script with texts in the places of what stands between the markers."""
        lines = list(self.lines)
        for place, text in sorted(texts, key=lambda each: each[0].first, reverse=True):
            line = self.lines[place.first - 1]
            indent = line[: len(line) - len(line.lstrip())]
            lines[place.first - 1 : place.last] = textwrap.indent(text, indent).splitlines()
        return "\n".join(lines) + "\n"

    def _exercise(self, name: str, node: ast.FunctionDef) -> Exercise | None:
        worked = [n for n in lines_of(node) if self.lines[n - 1].strip() == WORKED]
        pair = marked(self.lines, name, node, (BEGIN, END)) if not worked else None
        if not worked and pair is None:
            return None
        first, last = pair or (worked[0], last_line(node))
        inner = self.lines[first - 1 : last] if worked else self.lines[first : last - 1]
        return Exercise(
            id=name,
            line=node.lineno,
            first=first,
            last=last,
            docstring=ast.get_docstring(node) or "",
            solution=textwrap.dedent("\n".join(inner)),
            worked=bool(worked),
        )

    def _prediction(self, name: str, node: ast.FunctionDef) -> Prediction | None:
        pair = marked(self.lines, name, node, predictions.MARKERS)
        if pair is None:
            return None
        if name != node.name or name in self.exercises:
            raise LessonError(
                f"line {node.lineno}: the prediction `{name}` is a function of its own, "
                "and neither a method nor an exercise"
            )
        measured = textwrap.dedent("\n".join(self.lines[pair[0] : pair[1] - 1]))
        return predictions.prediction(node, *pair, measured)

    def _refuse_company(self, asked: Collection[Prediction]) -> None:
        """A prediction's cell becomes a question and a place for the answer, and nothing else."""
        for cell in self.cells:
            own = [each for each in asked if cell.line <= each.line <= cell.last]
            if own and len(ast.parse(cell.source).body) > len(own):
                raise LessonError(
                    f"line {cell.line}: the cell of `{own[0].id}` holds something "
                    "else too; give predictions a cell of their own"
                )


def _ends(places: Iterable[Exercise | Prediction]) -> set[int]:
    return {line for each in places for line in (each.first, each.last)}


def _undirected(source: str) -> str:
    """An example without what it tells doctest, which is nothing to a learner."""
    return re.sub(r"  # doctest: .*", "", source)


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods at the top of a module, with their qualified names."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield f"{node.name}.{member.name}", member
