"""What a course says of itself, in its `course.toml`: name, title, a sentence, examples, data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from autograder.lessons.errors import CourseError, Unusable

FILE = "course.toml"
_REPOSITORY = re.compile(r"[\w-]+/[\w.-]+", re.ASCII)


@dataclass(frozen=True)
class DataSet:
    """A text that lessons' milestones read, as `[data.NAME]` has it.

    file: its name in the cache. small: the file in the course's `data/` that stands in where the
    text cannot be fetched from `address`. sha256, bytes: those of the whole file. words: whether a
    milestone gets a list of words, and not one text. The rest is told to people.
    """

    file: str
    small: str
    address: str
    sha256: str
    bytes: int
    contents: str
    license: str
    origin: str
    words: bool = False


@dataclass(frozen=True)
class About:
    """A course's `course.toml`; every part of it may be missing, and so may the file.

    name: what the course is called where several are installed. about: a sentence for `grad -h`.
    figures: whose figures stand beside a milestone's own, such as "lecture". example_lesson,
    example_exercise: what is typed in the examples of `grad COMMAND -h`. repository: OWNER/NAME on
    GitHub, where the course lies in `branch`; its badges lead there. lessons: all lessons in their
    order; where it is empty, they follow each other by name.
    """

    name: str
    title: str
    about: str = ""
    figures: str = "expected"
    example_lesson: str = "LESSON"
    example_exercise: str = "EXERCISE"
    repository: str = ""
    branch: str = "main"
    lessons: list[str] = field(default_factory=list)
    data: Mapping[str, DataSet] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> About:
        """What the file says. Raises CourseError with the file's name where it cannot be used."""
        try:
            said = _parsed(file)
            sets = _typed(said.get("data", {}), "data", dict)
            data = {name: _made(DataSet, of, f"data.{name}") for name, of in sets.items()}
            folder = file.parent.resolve().name
            names = {"name": folder, "title": said.get("name", folder)}
            about: About = _made(cls, {**names, **said, "data": data})
            if about.repository and not _REPOSITORY.fullmatch(about.repository):
                raise _Wrong("repository has to be OWNER/NAME, as GitHub has it")
            return about
        except _Wrong as wrong:
            raise CourseError(f"{file}: {wrong}") from None


class _Wrong(ValueError):
    """What is wrong with a file, without the file's name."""


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Unusable.because(error) from error
    except UnicodeDecodeError as error:
        raise _Wrong(f"it is not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise _Wrong(f"it is not TOML ({error})") from None


def _made(kind: Any, said: Any, table: str = "") -> Any:
    """What a table says as a `kind`: its keys are all known, needed ones there, types right."""
    place, types = f"{table}." if table else "", {each.name: each for each in fields(kind)}
    for name, value in _typed(said, table, dict).items():
        if name not in types:
            raise _Wrong(f"there is no {place}{name}; known are {', '.join(types)}")
        _typed(value, f"{place}{name}", _TYPES.get(str(types[name].type), dict))
    for name, each in types.items():
        if name not in said and each.default is each.default_factory is MISSING:
            raise _Wrong(f"{place}{name} is missing")
    return kind(**said)


_TYPES = {"str": str, "int": int, "bool": bool, "list[str]": list}
_WORDS = {
    str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table",
}  # fmt: skip


def _typed(value: Any, name: str, kind: type) -> Any:
    if type(value) is not kind:
        raise _Wrong(f"{name} has to be {_WORDS[kind]}")
    return value
