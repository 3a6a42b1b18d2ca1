"""A course: its lessons and checks, and how one names them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.lessons.about import FILE, About
from autograder.lessons.disk import text_of
from autograder.lessons.errors import Ambiguous, CourseError, WrongUse
from autograder.lessons.finding import Found, found, installed, named
from autograder.lessons.lesson import Exercise, Lesson
from autograder.lessons.open_tasks import OpenTask
from autograder.lessons.places import PACKAGE, installed_root
from autograder.lessons.predictions import Prediction
from autograder.lessons.spelling import similar

_DEFINED = re.compile(r"^[ \t]*(?:def|class)[ \t]+(\w+)", re.MULTILINE)

# A folder with this file is an nbgrader course, which has a `--course` of its own.
NBGRADER = "nbgrader_config.py"


@dataclass(frozen=True)
class Course:
    """Lessons in `solutions`, a file each; in `checks` a folder each, of checks and mistakes."""

    solutions: Path
    checks: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """The course that is meant in a folder, by default the current one; `finding` says how.

        Raises WrongUse where it is none, or has no lesson.
        """
        return cls._of(found((start or Path.cwd()).resolve()))

    @classmethod
    def named(cls, value: str, where: str) -> Course:
        """The course of a name or a folder; `where` says whose value it is. Raises WrongUse."""
        return cls._of(named(value, where))

    @classmethod
    def _of(cls, meant: Found) -> Course:
        if meant.folder is None:
            course = cls(installed_root() / "solutions", PACKAGE / "checks")
        else:
            course = cls.at(meant.folder.resolve(), meant.where)
        if not course.names:
            raise WrongUse(f"{course.solutions} has no lessons; see to {meant.where}")
        return course

    @classmethod
    def at(cls, folder: Path, where: str = "") -> Course:
        course = cls(folder / "solutions", folder / "checks")
        if not course.solutions.is_dir() and (folder / NBGRADER).exists():
            raise WrongUse(
                f"{folder} is an nbgrader course and holds no lessons; it is named behind a "
                f"command: grad release LESSON --course {folder}"
            )
        if not course.solutions.is_dir():
            whose = f"; see to {where}" if where else ""
            raise WrongUse(f"{folder} is no course: it has no folder named solutions{whose}")
        return course

    @property
    def folder(self) -> Path:
        """The folder that `at` takes."""
        return self.solutions.parent

    @property
    def is_own(self) -> bool:
        """Whether it is another course than the one that the program came with."""
        return self.folder.resolve() != installed_root().resolve()

    @property
    def reference(self) -> str:
        """What names it on this machine, from any folder: its name where it is installed."""
        if not self.is_own:
            return self.about.name
        place = self.folder.resolve()
        known = (name for name, folder in installed().items() if folder.resolve() == place)
        return next(known, str(place))

    @cached_property
    def about(self) -> About:
        """What it says of itself. Raises CourseError."""
        return About.read(self.folder / FILE)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The lessons in course.toml's order, else by name. Raises CourseError."""
        there = sorted(path.stem for path in self.solutions.glob("*.py"))
        ordered = self.about.lessons
        if not ordered or not there:
            return tuple(there)
        if problem := next(_disorder(ordered, there), ""):
            raise CourseError(f"{self.folder / FILE}: lessons {problem}")
        return tuple(ordered)

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

    def tasks_source(self, name: str) -> str:
        """What is declared of a lesson's open tasks; "" where it has no such file."""
        here = (self.checks / name / "tasks.py").exists()
        return self._declared(name, "tasks.py") if here else ""

    def _declared(self, name: str, file: str) -> str:
        path = self.checks / name / file
        if not path.exists():
            raise CourseError(f"the lesson {name} has no {path.stem}: there is no file {path}")
        return text_of(path, CourseError)

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

    def shortest(self, lesson: str, id: str) -> str:
        """What to type for a step or task: its id, behind its lesson's where others have it."""
        lessons = [self.lesson(name) for name in self._defining(id)]
        ids = ({*(step.id for step in each.steps), *each.tasks} for each in lessons)
        owners = [each for each in ids if id in each]
        return id if len(owners) == 1 else f"{lesson}:{id}"

    def resolve(self, word: str) -> tuple[Lesson, Exercise]:
        """The one exercise that `word` means, as `LESSON:EXERCISE` or as a part of its id."""
        try:
            lesson, id = self._named(word, "exercise", lambda lesson: lesson.exercises)
        except WrongUse as error:
            if not isinstance(error, Ambiguous):
                self._refuse_others(word)
            raise
        return lesson, lesson.exercises[id]

    def _refuse_others(self, word: str) -> None:
        for name in self.names:
            if word in self.lesson(name).predictions:
                raise WrongUse(f"{word} is a prediction; answer it with `grad predict {word}`")
            if word in self.lesson(name).tasks:
                raise WrongUse(f"{word} is an open task; try it with `grad try {word}`")

    def resolve_task(self, word: str) -> tuple[Lesson, OpenTask]:
        """The one open task that `word` means, named as exercises are."""
        lesson, id = self._named(word, "open task", lambda lesson: lesson.tasks)
        return lesson, lesson.tasks[id]

    def resolve_prediction(self, word: str) -> tuple[Lesson, Prediction]:
        """The one prediction that `word` means, named as exercises are."""
        lesson, id = self._named(word, "prediction", lambda lesson: lesson.predictions)
        return lesson, lesson.predictions[id]

    def resolve_step(self, word: str) -> tuple[Lesson, Exercise | Prediction]:
        """The exercise that `word` means, or else the prediction."""
        try:
            return self.resolve(word)
        except Ambiguous:
            raise
        except WrongUse:
            with contextlib.suppress(WrongUse):
                return self.resolve_prediction(word)
            raise

    def _named(
        self, word: str, kind: str, of: Callable[[Lesson], Collection[str]]
    ) -> tuple[Lesson, str]:
        lesson_word, colon, step_word = word.rpartition(":")
        names = (self.resolve_lesson(lesson_word),) if colon else self._defining(step_word)
        known = [f"{name}:{id}" for name in names for id in of(self.lesson(name))]
        full = _resolve(step_word, known, kind, "`grad list` shows them all")
        name, _, id = full.partition(":")
        return self.lesson(name), id

    def _defining(self, word: str) -> tuple[str, ...]:
        """The lessons of which a step may be called so, or all; only those need be parsed."""
        part = word.rpartition(".")[2].lower()
        sources = {name: self._lessons[name].source for name in self.names}
        defined = {name: _DEFINED.findall(source) for name, source in sources.items()}
        found = [name for name in self.names if any(part in each.lower() for each in defined[name])]
        return tuple(found) or self.names


def _disorder(ordered: list[str], there: list[str]) -> Iterator[str]:
    """What is wrong with an order of the lessons that are there."""
    for place, name in enumerate(ordered):
        if name not in there:
            meant = similar(name, there) if isinstance(name, str) else []
            hint = f"did you mean {_several(meant)}?" if meant else "take it out"
            yield f"names {name!r}, and solutions/ has no such lesson; {hint}"
        if name in ordered[:place]:
            yield f"names {name!r} twice; take one of the two out"
    for name in there:
        if name not in ordered:
            yield f"leaves out {name!r}; put it where it belongs, or take the whole list out"


def _without_file(word: str) -> str:
    """`exercises/part1.py` is the lesson part1; whatever is no file's name stays."""
    return Path(word).stem if word.endswith((".py", ".ipynb")) else word


class _Lessons(dict[str, Lesson]):
    """Lessons read when they are first asked for: `status` must not parse what it does not show."""

    def __init__(self, folder: Path):
        self._folder = folder

    def __missing__(self, name: str) -> Lesson:
        self[name] = Lesson(name, text_of(self._folder / f"{name}.py", CourseError))
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
    meant = similar(word, short, alike=0.6)
    hint = f"did you mean {_several(meant)}?" if meant else f"{advice}."
    raise WrongUse(f"there is no {kind} named {word!r}; {hint}")


def _several(names: list[str]) -> str:
    shown = names[:5] + (["..."] if len(names) > 5 else [])
    return ", ".join(shown)
