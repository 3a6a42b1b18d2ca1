"""Stages: the pieces of a lesson's milestone, each with the exercises that it needs.

A stage is a function of `run` whose body begins, behind the docstring, with marker lines:

    ### STAGE count_bigrams, vocabulary

The exercise that is named first is what the picture is about. A class stands for all of its
exercises, and `LESSON:NAME` is one of another lesson. The last stage is the final training. Behind
`### ABLATION` stands a table that takes minutes: the same training with one thing changed in each
row. It's no part of the milestone, and runs when it is asked for by its name. All of this is read
from the text: nothing is imported, so that light commands stay light.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.lessons.course import Course
from autograder.lessons.errors import LessonError
from autograder.lessons.lesson import Lesson
from autograder.lessons.markers import last_line
from autograder.lessons.units import Unit, parse

MARK, ABLATION = "### STAGE", "### ABLATION"
MILESTONE = "milestone"

_MARKER = re.compile(rf"^\s*({MARK}|{ABLATION})\b", re.MULTILINE)


@dataclass(frozen=True)
class Need:
    """An exercise that a stage calls."""

    lesson: str
    exercise: str


@dataclass(frozen=True)
class Stage:
    """A piece of a lesson's milestone, or an ablation beside it.

    says: its sentence. is_last: whether it is the final training.
    """

    lesson: str
    name: str
    line: int
    says: str
    needs: tuple[Need, ...]
    is_last: bool = False
    is_ablation: bool = False

    @property
    def about(self) -> Need:
        """The exercise whose idea the picture shows."""
        return self.needs[0]


def stages_of(course: Course, name: str) -> tuple[Stage, ...]:
    """A lesson's stages in their order; none where it has no marker.

    Raises LessonError where a marker breaks the grammar.
    """
    lesson = course.lesson(name)
    found = _declared(lesson.name, lesson.source) if _is_marked(lesson.source) else ()
    last = [each.name for each in found if not each.is_ablation][-1:]
    return tuple(
        Stage(
            lesson=lesson.name,
            name=each.name,
            line=each.line,
            says=each.says,
            needs=tuple(dict.fromkeys(_needs(course, lesson, each))),
            is_last=each.name in last,
            is_ablation=each.is_ablation,
        )
        for each in found
    )


def stages_called(lesson: Lesson, method: str = "stages") -> list[str]:
    """The names that `milestone(run)` hands to `run.stages`, or `run.ablations`, in their order."""
    milestones = [node for node in _functions(lesson.source) if node.name == MILESTONE]
    return [
        argument.id
        for node in milestones[-1:]
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == f"run.{method}"
        for argument in call.args
        if isinstance(argument, ast.Name)
    ]


@dataclass(frozen=True)
class _Declared:
    """A stage as it is written: `words` are the names behind its markers."""

    name: str
    line: int
    says: str
    words: tuple[str, ...]
    is_ablation: bool


@functools.lru_cache
def _declared(name: str, source: str) -> tuple[_Declared, ...]:
    """The stages of a lesson's text. It is parsed once: `grad watch` asks at every key."""
    lines = source.splitlines()
    found, owned = [], set[int]()
    for node in _functions(source):
        inside = range(node.lineno, last_line(node) + 1)
        marks = [n for n in inside if _is_marked(lines[n - 1])]
        listed = ",".join(_MARKER.sub("", lines[n - 1], count=1) for n in marks)
        if words := tuple(word.strip() for word in listed.split(",") if word.strip()):
            owned.update(marks)
            long = ABLATION in lines[marks[0] - 1]
            found.append(_Declared(node.name, node.lineno, _sentence(name, node), words, long))
    for number, line in enumerate(lines, 1):
        if _is_marked(line) and number not in owned:
            raise LessonError(
                f"{name}, line {number}: {line.strip()!r} names no exercise, or is in no "
                "function's own body; put it behind the docstring of a function of `run`"
            )
    return tuple(found)


def _is_marked(text: str) -> bool:
    return _MARKER.search(text) is not None


def _functions(source: str) -> list[ast.FunctionDef]:
    tree, _ = parse(Unit(source))
    return [node for node in (tree.body if tree else []) if isinstance(node, ast.FunctionDef)]


def _sentence(name: str, node: ast.FunctionDef) -> str:
    first = (ast.get_docstring(node) or "").partition("\n\n")[0]
    if not first:
        raise LessonError(
            f"{name}, line {node.lineno}: the stage `{node.name}` has no docstring; its first "
            "sentence is what a learner reads"
        )
    return re.sub(r"\s+", " ", first)


def _needs(course: Course, lesson: Lesson, declared: _Declared) -> Iterator[Need]:
    for word in declared.words:
        other, _, name = word.rpartition(":")
        owner = course.lesson(other) if other else lesson
        ids = [id for id in owner.exercises if id == name or id.startswith(f"{name}.")]
        if not ids:
            raise LessonError(
                f"{lesson.name}, line {declared.line}: the stage `{declared.name}` names {word}, "
                "which is no exercise"
            )
        yield from (Need(owner.name, id) for id in ids)
