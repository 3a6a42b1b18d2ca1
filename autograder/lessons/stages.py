"""Stages: the pieces of a lesson's milestone, each with the exercises that it needs.

A stage is a function of `run` whose body begins, behind the docstring, with marker lines:

    ### STAGE count_bigrams, vocabulary

The exercise that is named first is what the picture is about. A class stands for all of its
exercises, and `LESSON:NAME` is one of another lesson. The last stage is the final training. All of
it is read from the text: nothing is imported, so that light commands stay light.
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
from autograder.lessons.submission import Unit, parse

MARK = "### STAGE"
MILESTONE = "milestone"


@dataclass(frozen=True)
class Need:
    """An exercise that a stage calls."""

    lesson: str
    exercise: str


@dataclass(frozen=True)
class Stage:
    """A piece of a lesson's milestone; `says` is its sentence, `is_last` the final training."""

    lesson: str
    name: str
    line: int
    says: str
    needs: tuple[Need, ...]
    is_last: bool

    @property
    def about(self) -> Need:
        """The exercise whose idea the picture shows."""
        return self.needs[0]


def stages_of(course: Course, name: str) -> tuple[Stage, ...]:
    """A lesson's stages in their order; none where it has no marker.

    Raises LessonError where a marker breaks the grammar.
    """
    lesson = course.lesson(name)
    found = _declared(lesson.name, lesson.source) if MARK in lesson.source else ()
    return tuple(
        Stage(
            lesson=lesson.name,
            name=each.name,
            line=each.line,
            says=each.says,
            needs=tuple(dict.fromkeys(_needs(course, lesson, each))),
            is_last=number == len(found),
        )
        for number, each in enumerate(found, 1)
    )


def stages_called(lesson: Lesson) -> list[str]:
    """The names that `milestone(run)` hands to `run.stages`, in their order."""
    milestones = [node for node in _functions(lesson.source) if node.name == MILESTONE]
    return [
        argument.id
        for node in milestones[-1:]
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "run.stages"
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


@functools.lru_cache
def _declared(name: str, source: str) -> tuple[_Declared, ...]:
    """The stages of a lesson's text. It is parsed once: `grad watch` asks at every key."""
    lines = source.splitlines()
    found, owned = [], set[int]()
    for node in _functions(source):
        inside = range(node.lineno, last_line(node) + 1)
        marks = [n for n in inside if lines[n - 1].strip().startswith(MARK)]
        listed = ",".join(lines[n - 1].strip().removeprefix(MARK) for n in marks)
        if words := tuple(word.strip() for word in listed.split(",") if word.strip()):
            owned.update(marks)
            found.append(_Declared(node.name, node.lineno, _sentence(name, node), words))
    for number, line in enumerate(lines, 1):
        if line.strip().startswith(MARK) and number not in owned:
            raise LessonError(
                f"{name}, line {number}: {line.strip()!r} names no exercise, or is in no "
                "function's own body; put it behind the docstring of a function of `run`"
            )
    return tuple(found)


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
