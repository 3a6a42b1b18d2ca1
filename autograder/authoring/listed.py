"""What is listed beside a lesson's checks, in `equivalent.toml`, with the reason for each entry."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

from autograder.lessons.errors import CourseError

Entry = TypeVar("Entry")


def read_listed(path: Path, table: str, kind: type[Entry]) -> list[Entry]:
    """The entries under `[[table]]`, whose keys are the fields of `kind`; none without a file.

    Raises CourseError, which names the file, where an entry is not as it should be.
    """
    if not path.exists():
        return []
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CourseError(f"{path} is not TOML: {error}") from error
    entries = data.get(table, [])
    if not isinstance(entries, list):
        raise CourseError(f"{path} has a [{table}]; each entry begins with [[{table}]]")
    return [_entry(path, f"[[{table}]] number {n}", e, kind) for n, e in enumerate(entries, 1)]


def _entry(path: Path, which: str, entry: object, kind: type[Entry]) -> Entry:
    keys = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    given = entry if isinstance(entry, dict) else {}
    if missing := [key for key in keys if not isinstance(given.get(key), str)]:
        raise CourseError(f"{path}: {which} needs a text for {' and '.join(missing)}")
    if unknown := [key for key in given if key not in keys]:
        raise CourseError(f"{path}: {which} has {unknown[0]!r}; its keys are {', '.join(keys)}")
    return kind(**given)
