"""Lessons: percent scripts read as cells and exercises, and written again as stubs.

One file per lesson holds everything that a person writes. This module knows its grammar:

- cells begin with `# %%` (code) or `# %% [markdown]` (text), as jupytext writes them;
- an exercise is a function whose body stands between nbgrader's solution markers;
- in a solution, `# hint:` lines are given away one by one, and `# learned:` says what it taught;
- a function marked `### WORKED EXAMPLE` is an exercise that stays solved in the stub.
"""

from __future__ import annotations

import ast
import doctest
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from autograder.lessons.errors import CourseError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
WORKED = "### WORKED EXAMPLE"
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")

_CELL = re.compile(r"^# %%(?P<options>.*)$")


class LessonError(CourseError):
    """A lesson's script breaks the grammar; the message names the line and says what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell of a percent script; `line` is the number of its first source line, from 1."""

    kind: str
    source: str
    line: int


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
        return _remarks(self.solution, "hint")

    @cached_property
    def learned(self) -> str:
        return next(iter(_remarks(self.solution, "learned")), "")


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
        try:
            tree = ast.parse(self.source)
        except SyntaxError as error:
            message = f"{self.name}, line {error.lineno}: {error.msg}; the script is not Python"
            raise LessonError(message) from error
        found = [self._exercise(name, node) for name, node in functions(tree)]
        exercises = {exercise.id: exercise for exercise in found if exercise}
        self._refuse_stray_markers(exercises)
        return exercises

    @property
    def has_milestone(self) -> bool:
        """Whether it ends by training something: `milestone(run)` at its top level."""
        return any(line.startswith("def milestone(") for line in self.lines)

    def text_before(self, line: int) -> str:
        """The text cell that introduces the code at a line."""
        texts = [c.source for c in self.cells if c.line <= line and c.kind == "markdown"]
        return texts[-1] if texts else ""

    def stub(self, ids: set[str] | None = None) -> str:
        """The script with the solutions of `ids` (default: all) cleared as nbgrader clears them."""
        wanted = self.exercises if ids is None else ids
        lines = list(self.lines)
        for exercise in reversed(self.exercises.values()):
            if exercise.id in wanted and not exercise.worked:
                self._replace(lines, exercise, "\n".join(STUB))
            elif exercise.id in wanted and ids is not None:
                self._replace(lines, exercise, STUB[1])
        return "\n".join(lines) + "\n"

    def edited(self, id: str, solution: str) -> str:
        """The script with another text in place of one exercise's solution.

        What follows on stays on the same lines where the text has as many lines.
        """
        lines = list(self.lines)
        self._replace(lines, self.exercises[id], solution)
        return "\n".join(lines) + "\n"

    def _replace(self, lines: list[str], exercise: Exercise, text: str) -> None:
        line = self.lines[exercise.first - 1]
        indent = line[: len(line) - len(line.lstrip())]
        lines[exercise.first - 1 : exercise.last] = textwrap.indent(text, indent).splitlines()

    def _exercise(self, name: str, node: ast.FunctionDef) -> Exercise | None:
        body = range(node.lineno, last_line(node) + 1)
        begin = [n for n in body if self.lines[n - 1].strip() == BEGIN]
        end = [n for n in body if self.lines[n - 1].strip() == END]
        end += [n for n in self._trailing(node) if not end]
        worked = [n for n in body if self.lines[n - 1].strip() == WORKED]
        if worked:
            begin, end = worked, [last_line(node)]
        if not begin and not end:
            return None
        if len(begin) != 1 or len(end) != 1:
            raise LessonError(f"{self.name}: `{name}` needs exactly one {BEGIN} and one {END}")
        first, last = begin[0], end[0]
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

    def _trailing(self, node: ast.FunctionDef) -> Iterator[int]:
        """The end marker is a comment, so it lies behind the last statement that `ast` sees."""
        for number in range(last_line(node) + 1, len(self.lines) + 1):
            text = self.lines[number - 1].strip()
            if text == END:
                yield number
            if text and not text.startswith("#"):
                return
            if text in (END, BEGIN):
                return

    def _refuse_stray_markers(self, exercises: dict[str, Exercise]) -> None:
        owned = {line for each in exercises.values() for line in (each.first, each.last)}
        for number, line in enumerate(self.lines, 1):
            if ("BEGIN SOLUTION" in line or "END SOLUTION" in line) and number not in owned:
                raise LessonError(
                    f"{self.name}, line {number}: {line.strip()!r} is in no function's own body; "
                    "put one pair of markers into each exercise"
                )


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


def last_line(node: ast.stmt) -> int:
    """Where a statement ends; what was parsed always says it."""
    return node.end_lineno or node.lineno


def split_cells(source: str) -> Iterator[Cell]:
    """Cut a percent script into its cells; text cells lose their comment signs."""
    kind, start = "code", 1
    lines: list[str] = []
    for number, line in enumerate(source.splitlines(), 1):
        if header := _CELL.match(line):
            yield from _cell(kind, lines, start)
            kind = "markdown" if "[markdown]" in header["options"] else "code"
            start, lines = number + 1, []
        else:
            lines.append(line)
    yield from _cell(kind, lines, start)


def _cell(kind: str, lines: list[str], start: int) -> Iterator[Cell]:
    while lines and not lines[0].strip():
        lines, start = lines[1:], start + 1
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    if not lines:
        return
    if kind == "markdown":
        lines = [re.sub(r"^# ?", "", line) for line in lines]
    yield Cell(kind, "\n".join(lines), start)


def _remarks(solution: str, word: str) -> tuple[str, ...]:
    return tuple(re.findall(rf"^\s*# {word}: (.+)$", solution, re.MULTILINE))
