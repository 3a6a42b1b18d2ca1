"""A learner's workspace: the files of a course's lessons, and what is known of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from autograder.lessons.course import Course
from autograder.lessons.disk import digest
from autograder.lessons.errors import WrongUse
from autograder.lessons.files import read
from autograder.workspace.standing import LessonProgress, Progress, best_tries, lesson_progress
from autograder.workspace.store import Store
from autograder.workspace.tries import Tries

if TYPE_CHECKING:
    from autograder.grading.plan import Seed
    from autograder.reports.report import Report


class Grades(Protocol):
    """What grades a file of a lesson: a Session, or what asks one elsewhere."""

    def grade(
        self, submission: Path, lesson: str, seed: Seed, only: Collection[str] | None, /
    ) -> Report: ...


@dataclass(frozen=True)
class Workspace:
    """A folder with `exercises/` in it, and the course that the exercises are from."""

    folder: Path
    course: Course

    @classmethod
    def find(cls, course: Course, start: Path | None = None) -> Workspace:
        """The nearest one from `start` (by default the current folder) upwards.

        Raises WrongUse where there is none.
        """
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "exercises").is_dir():
                return cls(folder, course)
        raise WrongUse(
            f"no folder named exercises in {start} or above it; "
            "go to your workspace, or make one with `grad init DIR`"
        )

    @property
    def exercises(self) -> Path:
        return self.folder / "exercises"

    @cached_property
    def store(self) -> Store:
        """What is kept of the learner's progress; made when it is first asked for."""
        return Store(self.folder)

    def path(self, lesson: str) -> Path:
        """The learner's file of a lesson: the script, or the notebook where there is only that."""
        script = self.exercises / f"{lesson}.py"
        notebook = script.with_suffix(".ipynb")
        return notebook if notebook.exists() and not script.exists() else script

    def twice(self, lesson: str) -> str:
        """Which file counts where a lesson lies there as a script and as a notebook, else ""."""
        script = self.exercises / f"{lesson}.py"
        notebook = script.with_suffix(".ipynb")
        if not (script.exists() and notebook.exists()):
            return ""
        return f"{script.name} counts, and {notebook.name} beside it doesn't; keep one of them"

    def present(self, lesson: str) -> Path:
        """The learner's file of a lesson; raises WrongUse where the workspace has none."""
        path = self.path(lesson)
        if not path.exists():
            raise WrongUse(f"there is no exercises/{path.name}; `grad reset {lesson}` writes it")
        return path

    def fingerprint(self, lesson: str) -> str:
        """Of the learner's file together with the lesson that it is graded against."""
        path = self.path(lesson)
        try:
            theirs = path.read_bytes() if path.is_file() else b""
        except OSError:  # gone meanwhile, or not ours to read: grading it will say so
            theirs = b""
        return digest(theirs, self.course.lesson(lesson).source.encode(), length=16)

    def progress(self) -> Progress:
        """Where the learner stands, as the store has it; nothing is graded."""
        return Progress(tuple(self.standing(name) for name in self.course.names))

    def standing(self, name: str) -> LessonProgress:
        """The same of one lesson, by its full name."""
        known = self.store.verdicts(name)
        path, fingerprint = self.path(name), self.fingerprint(name)
        found = lesson_progress(self.course.lesson(name), path, fingerprint, known)
        tried = best_tries(self.course.lesson(name), Tries(self.store).of(name))
        return replace(found, predicted=self.store.predicted(name), tried=tried)

    def grade(
        self, session: Grades, lesson: str, seed: Seed = 0, only: Collection[str] | None = None
    ) -> Report:
        """Grade the learner's file of a lesson, and keep the verdicts."""
        fingerprint = self.fingerprint(lesson)  # a save meanwhile makes them stale
        report = session.grade(self.present(lesson), lesson, seed, only)
        self.store.record(report, fingerprint)
        return report

    def glance(self, lesson: str, only: Collection[str] | None = None) -> Report | None:
        """Verdicts that the text alone tells, kept as others are; None where code has to run."""
        from autograder.grading.glance import glance

        fingerprint, name = self.fingerprint(lesson), self.course.resolve_lesson(lesson)
        checks = self.course.checks_source(name)
        report = glance(self.course.lesson(name), read(self.present(name)), checks, only)
        if report is not None:
            self.store.record(report, fingerprint)
        return report
