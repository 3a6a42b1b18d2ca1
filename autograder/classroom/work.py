"""What travels between a class's grading and its workers: a submission as bytes, and a course.

A worker on another machine shares no disk with this one, so whatever it needs is in here.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from autograder.classroom.graded import Graded, Key, Outcome, Seed
from autograder.lessons.course import Course
from autograder.lessons.disk import digest
from autograder.lessons.files import Unreadable
from autograder.lessons.places import PACKAGE
from autograder.reports.report import Report

# What a machine is told that cannot shut submissions in.
TRUST = "use `grad grade --trust` for files that you trust"
# The parts of the program that a verdict may depend on.
_DECIDING = ("checks/__init__.py", "checks/vocabulary.py", "worker", "lessons", "pool", "grading")


@dataclass(frozen=True)
class Work:
    """One submission to grade: the candidates' names and bytes, the newest last.

    `folder` is below the class's, for people; `refused` says why nothing of it was read.
    """

    student: str
    lesson: str
    folder: str
    files: tuple[tuple[str, bytes], ...]
    seed: Seed
    carry_forward: bool
    course: str
    engine: str
    refused: Unreadable | None = None

    @property
    def digest(self) -> str:
        names = "\n".join([name for name, _ in self.files] + [str(self.refused or "")]).encode()
        return digest(names, *(content for _, content in self.files), length=32)

    @property
    def size(self) -> int:
        return sum(len(content) for _, content in self.files)

    @property
    def key(self) -> Key:
        """What the result will depend on, as `Graded.key`."""
        return self.digest, self.seed, self.course, self.engine


@dataclass(frozen=True)
class Done:
    """A result, and the submission as it was graded, packed."""

    graded: Graded
    content: bytes = b""


@dataclass(frozen=True)
class KeyWanted:
    """A request: the answer key of these exercises, as `AnswerKey.files` has it."""

    lesson: str
    seed: Seed
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a worker finds the course and the answer key on its own disk."""

    solutions: Path
    checks: Path
    keys: Path | None = None

    @classmethod
    def of(cls, course: Course) -> Place:
        return cls(course.solutions, course.checks)

    @property
    def course(self) -> Course:
        return Course(self.solutions, self.checks)


def result(
    work: Work,
    outcome: Outcome,
    why: str,
    seconds: float,
    name: str = "",
    report: Report | None = None,
) -> Graded:
    """What became of a submission, whether or not anything of it was read."""
    name = name or (work.files[0][0] if len(work.files) == 1 else "")
    file = f"{work.folder}/{name}" if name else work.folder
    return Graded(
        work.student,
        work.lesson,
        file,
        work.digest,
        outcome,
        why,
        round(seconds, 4),
        work.seed,
        work.course,
        work.engine,
        report,
    )


def packed(course: Course, keys: dict[str, bytes]) -> bytes:
    """A course and a part of its answer key for a worker on another machine: a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in course.names:
            archive.write(course.solutions / f"{name}.py", f"solutions/{name}.py")
            for file in ("checks.py", "mistakes.py"):
                if (path := course.checks / name / file).is_file():
                    archive.write(path, f"checks/{name}/{file}")
        for name, content in keys.items():
            archive.writestr(f"keys/{name}", content)
    return buffer.getvalue()


def unpacked(kit: bytes, folder: Path) -> Place:
    """The place that `packed` was made of, in an empty folder."""
    with zipfile.ZipFile(io.BytesIO(kit)) as archive:
        archive.extractall(folder)
    return Place(folder / "solutions", folder / "checks", folder / "keys")


def course_id(course: Course, lesson: str, *, carry_forward: bool = True) -> str:
    """What a lesson's results depend on: its text, checks, known mistakes, and the rules."""
    parts = [lesson, course.lesson(lesson).source, course.checks_source(lesson)]
    parts += [course.mistakes_source(lesson), str(carry_forward)]
    return digest(*(part.encode() for part in parts), length=16)


@cache
def engine_id() -> str:
    """The program's version, what its code decides by, and what that is built on."""
    hashed = hashlib.sha256()
    for path in _deciding():
        hashed.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    built_on = (python_version(), version("torch"), version("numpy"))
    return f"{_own_version()}-{hashed.hexdigest()[:10]} on " + "/".join(built_on)


def _deciding() -> Iterable[Path]:
    for name in _DECIDING:
        path = PACKAGE / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _own_version() -> str:
    from importlib.metadata import PackageNotFoundError

    try:
        return version("gradschool")
    except PackageNotFoundError:  # run from a folder, without an installation
        return "0"
