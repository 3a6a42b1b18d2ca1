"""The course that the program came with: its lessons and checks, and how one names them."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.lessons.errors import Ambiguous, CourseError, Unusable, WrongUse
from autograder.lessons.lesson import Exercise, Lesson
from autograder.lessons.places import PACKAGE, installed_root

_DEFINED = re.compile(r"^[ \t]*(?:def|class)[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Course:
    """Lessons in `solutions`, a file each; in `checks` a folder each, of checks and mistakes."""

    solutions: Path
    checks: Path

    @classmethod
    def find(cls) -> Course:
        """The course of this installation, or the folder that GRADSCHOOL_COURSE names.

        Raises WrongUse where there is none, or it has no lesson.
        """
        if folder := os.environ.get("GRADSCHOOL_COURSE"):
            course = cls.at(Path(folder))
        else:
            course = cls(installed_root() / "solutions", PACKAGE / "checks")
        if not course.names:
            raise WrongUse(f"{course.solutions} has no lessons; see to GRADSCHOOL_COURSE")
        return course

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
        """The hidden checks of a lesson, which run on both sides of the wall."""
        return self._declared(name, "checks.py")

    def mistakes_source(self, name: str) -> str:
        """The known mistakes of a lesson, which never leave the grader."""
        return self._declared(name, "mistakes.py")

    def _declared(self, name: str, file: str) -> str:
        path = self.checks / name / file
        if not path.exists():
            raise CourseError(f"the lesson {name} has no {path.stem}: there is no file {path}")
        return _text(path)

    def resolve_lesson(self, word: str) -> str:
        """The one lesson that `word` means: a file's, a full name or an unambiguous part of one."""
        return _resolve(_without_file(word), self.names, "lesson", "`grad list` shows them all")

    def matching(self, word: str) -> tuple[str, ...]:
        """The lessons that `word` may mean: the one, or all of which it is an ambiguous part."""
        try:
            return (self.resolve_lesson(word),)
        except Ambiguous:
            return tuple(name for name in self.names if word.lower() in name.lower())

    def resolve_either(self, word: str) -> tuple[Lesson, Exercise | None]:
        """A lesson's full name, else an exercise, else a part of a lesson's name."""
        if (name := _without_file(word)) in self.names:
            return self.lesson(name), None
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
        among = self._defining(exercise)
        owners = [name for name in among if exercise in self.lesson(name).exercises]
        return exercise if len(owners) == 1 else f"{lesson}:{exercise}"

    def resolve(self, word: str) -> tuple[Lesson, Exercise]:
        """The one exercise that `word` means, as `LESSON:EXERCISE` or as a part of its id."""
        lesson_word, colon, exercise_word = word.rpartition(":")
        among = self._defining(exercise_word)
        names = (self.resolve_lesson(lesson_word),) if colon else among
        known = [f"{name}:{id}" for name in names for id in self.lesson(name).exercises]
        full = _resolve(exercise_word, known, "exercise", "`grad list` shows them all")
        name, _, id = full.partition(":")
        lesson = self.lesson(name)
        return lesson, lesson.exercises[id]

    def _defining(self, word: str) -> tuple[str, ...]:
        """The lessons of which an exercise may be called so, or all; only those need be parsed."""
        part = word.rpartition(".")[2].lower()
        sources = {name: self._lessons[name].source for name in self.names}
        defined = {name: _DEFINED.findall(source) for name, source in sources.items()}
        found = [name for name in self.names if any(part in each.lower() for each in defined[name])]
        return tuple(found) or self.names


def _without_file(word: str) -> str:
    """`exercises/part1.py` is the lesson part1; whatever is no file's name stays."""
    return Path(word).stem if word.endswith((".py", ".ipynb")) else word


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unusable.because(error) from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} is not UTF-8 at byte {error.start}") from error


class _Lessons(dict[str, Lesson]):
    """Lessons read when they are first asked for: `status` must not parse what it does not show."""

    def __init__(self, folder: Path):
        self._folder = folder

    def __missing__(self, name: str) -> Lesson:
        self[name] = Lesson(name, _text(self._folder / f"{name}.py"))
        return self[name]


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
    nearest = difflib.get_close_matches(word, short, n=3, cutoff=0.6)
    hint = f"did you mean {_several(nearest)}?" if nearest else f"{advice}."
    raise WrongUse(f"there is no {kind} named {word!r}; {hint}")


def _several(names: list[str]) -> str:
    shown = names[:5] + (["..."] if len(names) > 5 else [])
    return ", ".join(shown)
