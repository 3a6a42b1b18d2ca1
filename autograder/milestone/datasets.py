"""A course's data: fetched from its origin, checked, cached; or the small data that ships.

`course.toml` says what is fetched from where, with its SHA-256. The environment variable
GRADSCHOOL_DATA names a folder that already holds the real files; nothing is fetched then.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.lessons.about import DataSet
from autograder.lessons.course import Course
from autograder.lessons.errors import CourseError, GradschoolError
from autograder.milestone import download


class DataError(GradschoolError):
    """The data that was asked for cannot be had; the message is a sentence for the user."""


@dataclass(frozen=True)
class Dataset:
    """A text, whether it is the real one, and the sentence that says which it is and why."""

    text: str
    real: bool
    sentence: str


@cache
def load(course: Course, name: str, source: str = "auto") -> Dataset:
    """A data set of a course. A process asks the network for it once.

    source: "real" or "small" insist on one; "auto" takes the real data where it can be had.
    Raises DataError where the real data cannot be had, or GRADSCHOOL_DATA holds a wrong file.
    """
    entry, beside = course.about.data[name], course.folder / "data"
    if source == "small":
        return small(name, entry, beside, "as asked")
    folder = os.environ.get("GRADSCHOOL_DATA")
    if folder:
        return real(name, entry, given(entry, Path(folder)), "from GRADSCHOOL_DATA")
    address = download.from_origin(entry.address, entry.file)
    try:
        file = download.cached(entry.file, address, entry.sha256, entry.bytes)
        return real(name, entry, file.read_bytes(), "as registered")
    except (OSError, ValueError) as error:
        reason = f"{address} cannot be had: {download.why(error)}"
        if source == "real":
            hint = f"GRADSCHOOL_DATA may name a folder that holds {entry.file}"
            raise DataError(f"{name}: {reason}; {hint}") from error
        return small(name, entry, beside, reason)


def real(name: str, entry: DataSet, content: bytes, origin: str) -> Dataset:
    text = content.decode("utf-8")
    return Dataset(text, True, f"{name}: the real data, {entry.contents} ({origin})")


def small(name: str, entry: DataSet, folder: Path, reason: str) -> Dataset:
    try:
        text = (folder / entry.small).read_bytes().decode("utf-8")
    except OSError as error:
        raise CourseError(f"the small data of {name} cannot be read: {error}") from error
    return Dataset(text, False, f"{name}: the small data that comes with the course ({reason})")


def given(entry: DataSet, folder: Path) -> bytes:
    """The file's content in the folder that the user named: checked, and nothing else tried."""
    file = folder / entry.file
    try:
        content = file.read_bytes()
    except OSError as error:
        words = f"GRADSCHOOL_DATA: {file} cannot be read ({error.strerror})"
        raise DataError(f"{words}; name a folder that holds it, or unset the variable") from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        words = f"GRADSCHOOL_DATA: {file} is not the registered file ({len(content):,} bytes"
        raise DataError(f"{words}, another SHA-256); replace it, or unset the variable")
    return content
