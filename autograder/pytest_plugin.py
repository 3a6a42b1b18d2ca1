"""pytest in a workspace: one item an exercise, and a failure is our report.

The plugin is loaded wherever Gradschool is installed, so it is light, and it does nothing but for
files of lessons in a folder named `exercises`.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError, WrongUse
from autograder.reports.report import PASSED, TODO

if TYPE_CHECKING:
    from autograder.grading.session import Session
    from autograder.reports.report import ExerciseReport


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".py" and file_path.parent.name == "exercises" and _is_lesson(file_path):
        return LessonFile.from_parent(parent, path=file_path)
    return None


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Keep pytest itself from importing a lesson that was named: its own lines may fail."""
    is_ours = module_path.parent.name == "exercises" and _is_lesson(module_path)
    return Elsewhere.from_parent(parent, path=module_path) if is_ours else None


def pytest_sessionfinish() -> None:
    while _open:
        _open.pop().pool.close()
    _session.cache_clear()


@functools.cache
def _course(folder: Path) -> Course:
    return Course.find(folder)


def _is_lesson(path: Path) -> bool:
    try:
        return path.stem in _course(path.parent).names
    except WrongUse:
        return False


@functools.cache
def _session(course: Course) -> Session:
    """Warm workers and keys for the whole run of pytest; torch is imported here."""
    from autograder.grading.session import Session

    session = Session(course)
    _open.append(session)
    return session


_open: list[Session] = []


class Elsewhere(pytest.File):
    """A lesson as a module of tests, which has none: LessonFile has its exercises."""

    def collect(self) -> Iterator[pytest.Item]:
        return iter(())


class LessonFile(pytest.File):
    """A learner's file of a lesson."""

    @property
    def course(self) -> Course:
        return _course(self.path.parent)

    def collect(self) -> Iterator[pytest.Item]:
        for id in self.course.lesson(self.path.stem).exercises:
            yield ExerciseItem.from_parent(self, name=id)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong with the course, in its own sentence."""
        if isinstance(excinfo.value, GradschoolError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    @functools.cached_property
    def reports(self) -> dict[str, ExerciseReport]:
        """The reports of this file's chosen exercises, graded together and kept as progress."""
        from autograder.workspace.workspace import Workspace

        chosen = {item.name for item in self.session.items if item.parent is self}
        workspace = Workspace(self.path.parent.parent, self.course)
        report = workspace.grade(_session(self.course), self.path.stem, only=chosen)
        return {exercise.id: exercise for exercise in report.exercises}


class ExerciseItem(pytest.Item):
    """One exercise: what is still to do is skipped, and whatever else has not passed has failed."""

    parent: LessonFile

    def runtest(self) -> None:
        exercise = self.parent.reports[self.name]
        if exercise.verdict == TODO:
            pytest.skip(f"still to do; stuck? grad hint {self.name}")
        if exercise.verdict != PASSED:
            raise NotPassed(exercise)
        if exercise.carried:
            from autograder.reports.details import details

            remark = "\n".join(detail.text for detail in details(exercise))
            self.add_report_section("call", "carried forward", remark)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report alone, and its place as editors link it: no frame of ours helps a learner."""
        if isinstance(excinfo.value, GradschoolError):
            return str(excinfo.value)
        if not isinstance(excinfo.value, NotPassed):
            return super().repr_failure(excinfo)
        from autograder.lessons.places import shown_path
        from autograder.reports.terminal import exercise_lines

        exercise = excinfo.value.exercise
        lines = [line.plain for line in exercise_lines(exercise)]
        lines.append(f"\n{shown_path(self.path)}:{self._line or 1}: {exercise.verdict}")
        return textwrap.dedent("\n".join(lines))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, (self._line or 1) - 1, self.name

    @functools.cached_property
    def _line(self) -> int | None:
        from autograder.lessons.files import Unreadable, read

        try:
            return read(self.path).line_of(self.name)
        except Unreadable:
            return None


class NotPassed(AssertionError):
    """An exercise that has not passed, with its report: a failure, not an error, to every tool."""

    def __init__(self, exercise: ExerciseReport):
        super().__init__(f"{exercise.id}: {exercise.verdict}")
        self.exercise = exercise
