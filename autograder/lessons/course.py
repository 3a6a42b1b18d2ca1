"""Where things are: the course that the program came with, and the workspace of a learner."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.lessons.lesson import Exercise, Lesson

PACKAGE = Path(__file__).resolve().parents[1]


class WrongUse(Exception):
    """Bad input by a person: one sentence that quotes it and says what to do (exit code 2)."""


class Ambiguous(WrongUse):
    """A part of a name that several names have."""


@dataclass(frozen=True)
class Course:
    """Lessons in `solutions`, their hidden checks in `checks`; both hold one file a lesson."""

    solutions: Path
    checks: Path

    @classmethod
    def find(cls) -> Course:
        """The course of this installation, or the folder that GRADSCHOOL_COURSE names."""
        if folder := os.environ.get("GRADSCHOOL_COURSE"):
            return cls.at(Path(folder))
        return cls(installed_root() / "solutions", PACKAGE / "checks")

    @classmethod
    def at(cls, folder: Path) -> Course:
        course = cls(folder / "solutions", folder / "checks")
        if not course.solutions.is_dir():
            raise WrongUse(f"{folder} is no course: it has no folder named solutions")
        return course

    @property
    def folder(self) -> Path:
        """The folder that `at` takes."""
        return self.solutions.parent

    @property
    def is_own(self) -> bool:
        """Whether it is another course than the one that the program came with."""
        return self.folder.resolve() != installed_root().resolve()

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in self.solutions.glob("*.py")))

    def lesson(self, name: str) -> Lesson:
        """Read a lesson by its full name."""
        return self._lessons[self.resolve_lesson(name)]

    @cached_property
    def _lessons(self) -> dict[str, Lesson]:
        return _Lessons(self.solutions)

    def checks_source(self, name: str) -> str:
        path = self.checks / f"{name}.py"
        if not path.exists():
            raise WrongUse(f"the lesson {name} has no checks: there is no file {path}")
        return path.read_text(encoding="utf-8")

    def resolve_lesson(self, word: str) -> str:
        """The one lesson that `word` means: a full name or an unambiguous part of one."""
        word = word.removesuffix(".py").removesuffix(".ipynb")
        return _resolve(word, self.names, "lesson", "`grad list` shows them all")

    def resolve_either(self, word: str) -> tuple[Lesson, Exercise | None]:
        """A lesson's full name, else an exercise, else a part of a lesson's name."""
        if word.removesuffix(".py") in self.names:
            return self.lesson(word), None
        try:
            return self.resolve(word)
        except WrongUse as error:
            reason = error
        if ":" not in word:
            try:
                return self.lesson(word), None
            except Ambiguous as error:
                reason = reason if isinstance(reason, Ambiguous) else error
            except WrongUse:
                pass
        raise reason

    def shortest(self, lesson: str, exercise: str) -> str:
        """What to type for an exercise: its id, behind its lesson's name where others have it."""
        owners = [name for name in self.names if exercise in self.lesson(name).exercises]
        return exercise if len(owners) == 1 else f"{lesson}:{exercise}"

    def resolve(self, word: str) -> tuple[Lesson, Exercise]:
        """The one exercise that `word` means, as `LESSON:EXERCISE` or as a part of its id."""
        lesson_word, colon, exercise_word = word.rpartition(":")
        names = (self.resolve_lesson(lesson_word),) if colon else self.names
        known = [f"{name}:{id}" for name in names for id in self.lesson(name).exercises]
        full = _resolve(exercise_word, known, "exercise", "`grad list` shows them all")
        name, _, id = full.partition(":")
        lesson = self.lesson(name)
        return lesson, lesson.exercises[id]


def installed_root() -> Path:
    """Where `solutions/` and `data/` lie: in an installed package, or at the top of a clone."""
    installed = PACKAGE / "_course"
    return installed if installed.is_dir() else PACKAGE.parent


class _Lessons(dict):
    """Lessons read when they are first asked for: `status` must not parse what it does not show."""

    def __init__(self, folder: Path):
        self._folder = folder

    def __missing__(self, name: str) -> Lesson:
        source = (self._folder / f"{name}.py").read_text(encoding="utf-8")
        self[name] = Lesson(name, source)
        return self[name]


def workspace(start: Path | None = None) -> Path:
    """The nearest folder from `start` upwards that holds `exercises/`.

    Raises WrongUse where there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "exercises").is_dir():
            return folder
    raise WrongUse(
        f"no folder named exercises in {start} or above it; "
        "go to your workspace, or make one with `grad init DIR`"
    )


def _resolve(word: str, known: list[str] | tuple[str, ...], kind: str, advice: str) -> str:
    """Exact name, exact last part, beginning, then any part; the first kind that fits decides.

    Of `LESSON:EXERCISE` the exercise counts.
    """
    short = [name.partition(":")[2] or name for name in known]
    tests = (
        lambda name: name == word,
        lambda name: name.rpartition(".")[2] == word,
        lambda name: name.startswith(word),
        lambda name: word.lower() in name.lower(),
    )
    for fits in tests:
        found = [full for full, name in zip(known, short, strict=True) if word and fits(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Ambiguous(f"{word!r} could be any of {_several(found)}; write more of the name")
    nearest = difflib.get_close_matches(word, short, n=3, cutoff=0.4)
    hint = f"did you mean {_several(nearest)}?" if nearest else f"{advice}."
    raise WrongUse(f"there is no {kind} named {word!r}; {hint}")


def _several(names: list[str]) -> str:
    shown = names[:5] + (["..."] if len(names) > 5 else [])
    return ", ".join(shown)
