"""Wrong answers, as learners write them: with what is wrong in each, and where.

They are written as edits of right files in other styles, one TOML file for each lesson, or as a
wrong file with a TOML file of the same name beside it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.edited import edited, lines_of, with_body
from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse

_TEXTS = {"name", "exercise", "base", "body", "wrong"}
_PATTERNS = ("true", "false", "vague")
_LISTS = {*_PATTERNS, "at", "also"}
_KNOWN = _TEXTS | _LISTS | {"edits", "lines"}


@dataclass(frozen=True)
class WrongAnswer:
    """A file that is wrong in one exercise.

    `lines` are those of the statements that are wrong, or where a change could as well be made;
    `wrong` says what is. Of the sentences that are said about it, those that a pattern of `true`
    matches lead to what is wrong, those that one of `false` matches lead astray, and those of
    `vague` lead nowhere.
    """

    name: str
    lesson: str
    exercise: str
    source: str
    lines: frozenset[int]
    wrong: str
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.lesson}/{self.name}"


def read_wrong(path: Path, course: Course) -> list[WrongAnswer]:
    """The wrong answers of a TOML file of edits, or of a wrong file with its sidecar.

    Raises WrongUse, which names the file and the entry, where it cannot be read.
    """
    if path.suffix != ".toml":
        return [_whole_file(path, course)]
    data = _toml(path)
    entries = data.get("wrong")
    if not isinstance(entries, list):
        raise WrongUse(f"{path} lists no wrong answers; each begins with [[wrong]]")
    lesson = _lesson(path, data, course)
    return [
        _edited(path, f"[[wrong]] number {number}", entry, lesson, course)
        for number, entry in enumerate(entries, 1)
    ]


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(f"{path} is not TOML: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise WrongUse(f"{path} cannot be read: {error}") from error


def _lesson(path: Path, data: dict[str, Any], course: Course) -> str:
    return course.resolve_lesson(str(data.pop("lesson", path.stem)))


def _whole_file(path: Path, course: Course) -> WrongAnswer:
    sidecar = path.with_suffix(".toml")
    data = _toml(sidecar)
    lesson = _lesson(sidecar, data, course)
    entry = {"name": path.stem, **data}
    _check(sidecar, "it", entry, {"exercise", "wrong"})
    lines = frozenset(entry.get("lines", ()))
    return _answer(sidecar, "it", entry, course, lesson, _text(path), lines)


def _edited(path: Path, which: str, entry: Any, lesson: str, course: Course) -> WrongAnswer:
    _check(path, which, entry, {"name", "exercise", "base", "wrong"})
    base = course.solutions.parent / "tests" / "right" / lesson / f"{entry['base']}.py"
    if not base.is_file():
        raise WrongUse(f"{path}: {which} builds on {base}, which is not there")
    text, exercise = _text(base), entry["exercise"]
    try:
        if "body" in entry:
            source, lines = with_body(text, exercise, entry["body"], entry.get("at", ()))
        else:
            source, lines = edited(text, exercise, entry.get("edits", ()))
        lines |= lines_of(source, exercise, entry.get("also", ()))
    except ValueError as error:
        raise WrongUse(f"{path}: {which}, {entry['name']}: {error}") from error
    if source == text:
        raise WrongUse(f"{path}: {which}, {entry['name']}, changes nothing; give edits or a body")
    return _answer(path, which, entry, course, lesson, source, lines)


def _answer(
    path: Path,
    which: str,
    entry: dict[str, Any],
    course: Course,
    lesson: str,
    source: str,
    lines: frozenset[int],
) -> WrongAnswer:
    exercise = entry["exercise"]
    if exercise not in course.lesson(lesson).exercises:
        raise WrongUse(f"{path}: {which} is about {exercise!r}, which is no exercise of {lesson}")
    said = [tuple(entry.get(key, ())) for key in _PATTERNS]
    return WrongAnswer(entry["name"], lesson, exercise, source, lines, entry["wrong"], *said)


def _check(path: Path, which: str, entry: Any, needed: set[str]) -> None:
    given = entry if isinstance(entry, dict) else {}
    if missing := sorted(needed - set(given)):
        raise WrongUse(f"{path}: {which} needs a text for {missing[0]!r}")
    for key, value in given.items():
        if key not in _KNOWN:
            known = ", ".join(sorted(_KNOWN))
            raise WrongUse(f"{path}: {which} has {key!r}; its keys are {known}")
        if not _is_right(key, value):
            raise WrongUse(f"{path}: {which} has {value!r} for {key!r}; it needs {_NEEDS[key]}")
    for pattern in (each for key in _PATTERNS for each in given.get(key, ())):
        try:
            re.compile(pattern)
        except re.error as error:
            raise WrongUse(f"{path}: {which}: {pattern!r} is no pattern: {error}") from error


def _is_right(key: str, value: Any) -> bool:
    if key in _TEXTS:
        return isinstance(value, str)
    if not isinstance(value, list):
        return False
    if key == "edits":
        return all(_are_texts(pair) and len(pair) == 2 for pair in value)
    if key == "lines":
        return all(type(line) is int for line in value)
    return _are_texts(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_NEEDS = {
    **dict.fromkeys(_TEXTS, "a text"),
    **dict.fromkeys(_LISTS, "a list of texts"),
    "edits": "a list of pairs: what stands there, what is written",
    "lines": "a list of line numbers",
}
