"""Bugs to hunt: a lesson's known mistakes, each put into the natural form of the reference.

A bug is nearly the solution, so it is for whoever has passed its exercise. Of the reference nothing
else is ever shown or run for a hunt.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from autograder.checks import Mistake
from autograder.grading.declaring import declare
from autograder.lessons.course import Course
from autograder.lessons.disk import digest
from autograder.lessons.lesson import Lesson
from autograder.workspace.scratch import Section

# More lines than these are another solution, and no slip in one.
MOST_LINES = 3


@dataclass(frozen=True)
class Bug:
    """A known mistake of one exercise."""

    lesson: Lesson
    mistake: Mistake

    @property
    def exercise(self) -> str:
        return self.mistake.exercise

    @cached_property
    def name(self) -> str:
        """What stands for it where hunts are kept; it says nothing about the mistake."""
        parts = (self.exercise, self.mistake.replace, self.mistake.by, self.mistake.body)
        return digest(*(part.encode() for part in parts), length=16)

    @cached_property
    def section(self) -> Section:
        """The exercise with the mistake in it. Raises ValueError where that does not fit."""
        return self._with(self.mistake.applied(self.lesson.exercises[self.exercise].code))

    def _with(self, solution: str) -> Section:
        return Section(self.lesson, self.exercise, self.lesson.edited(self.exercise, solution))

    @cached_property
    def wrong(self) -> frozenset[int]:
        """The lines of the section's text, from 0, in which it is wrong.

        Where a line is missing, those are its neighbours.
        """
        places = (range(a, b) if b > a else (a - 1, a) for a, b in self._changes)
        count = len(self.section.text.splitlines())
        return frozenset(n for place in places for n in place if n < count)

    @cached_property
    def _changes(self) -> list[tuple[int, int]]:
        """Where it differs from the reference: the first line of each place, and the one behind."""
        right = self._with(self.lesson.exercises[self.exercise].code).text.splitlines()
        here = self.section.text.splitlines()
        found = difflib.SequenceMatcher(None, right, here, autojunk=False).get_opcodes()
        return [(first, end) for kind, _, _, first, end in found if kind != "equal"]

    @property
    def is_hunt(self) -> bool:
        """Whether there is something to look for: a few wrong lines among others.

        An edit is wrong wherever it is; another body that differs in several places need not be.
        """
        try:
            if self.mistake.body and len(self._changes) > 1:
                return False
            return 0 < len(self.wrong) <= MOST_LINES and len(self.shown) > 1 + len(self.wrong)
        except (ValueError, SyntaxError):
            return False

    @cached_property
    def shown(self) -> list[int]:
        """The lines of the section's text, from 0, that hold code: no docstrings, no blanks."""
        lines = self.section.text.splitlines()
        tree = ast.parse(self.section.text)
        holders = (ast.FunctionDef, ast.ClassDef)
        inside = {
            number
            for node in ast.walk(tree)
            if isinstance(node, holders) and ast.get_docstring(node, clean=False) is not None
            for number in range(node.body[0].lineno - 1, node.body[0].end_lineno or 0)
        }
        return [n for n, line in enumerate(lines) if line.strip() and n not in inside]


def bugs_of(course: Course, name: str) -> Iterator[Bug]:
    """The known mistakes of a lesson, in their author's order. Raises CourseError."""
    lesson = course.lesson(name)
    source, file = course.mistakes_source(name), course.checks / name / "mistakes.py"
    for mistake in declare(source, file).mistakes:
        if mistake.exercise in lesson.exercises:
            yield Bug(lesson, mistake)
