"""The lectures' data: fetched from their origin, checked, cached; or the small data that ships.

`data/registry.toml` says what is fetched from where, with its SHA-256. The environment variable
GRADSCHOOL_DATA names a folder that already holds the real files; nothing is fetched then.
"""

import hashlib
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.lessons.errors import GradschoolError
from autograder.lessons.places import installed_root
from autograder.milestone import download


class DataError(GradschoolError):
    """The data that was asked for cannot be had; the message is a sentence for the user."""


@dataclass(frozen=True)
class Entry:
    """One data set of the registry; `bytes` and `sha256` are those of the real file."""

    file: str
    small: str
    address: str
    sha256: str
    bytes: int
    contents: str
    licence: str
    origin: str


@dataclass(frozen=True)
class Dataset:
    """A text, whether it is the lecture's own, and the sentence that says which it is and why."""

    text: str
    real: bool
    sentence: str


@cache
def load(name: str, source: str = "auto") -> Dataset:
    """The data set "names" or "shakespeare". A process asks the network for it once.

    source: "real" or "small" insist on one; "auto" takes the real data where it can be had.
    Raises DataError where the real data cannot be had, or GRADSCHOOL_DATA holds a wrong file.
    """
    entry = registry()[name]
    if source == "small":
        return small(name, entry, "as asked")
    folder = os.environ.get("GRADSCHOOL_DATA")
    if folder:
        return real(name, entry, given(entry, Path(folder)), "from GRADSCHOOL_DATA")
    address = download.from_origin(entry.address, entry.file)
    try:
        file = download.cached(entry.file, address, entry.sha256, entry.bytes)
        return real(name, entry, file.read_bytes(), "the lecture's")
    except (OSError, ValueError) as error:
        reason = f"{address} cannot be had: {download.why(error)}"
        if source == "real":
            hint = f"GRADSCHOOL_DATA may name a folder that holds {entry.file}"
            raise DataError(f"{name}: {reason}; {hint}") from error
        return small(name, entry, reason)


def real(name: str, entry: Entry, content: bytes, origin: str) -> Dataset:
    text = content.decode("utf-8")
    return Dataset(text, True, f"{name}: the real data, {entry.contents} ({origin})")


def small(name: str, entry: Entry, reason: str) -> Dataset:
    text = (data_folder() / entry.small).read_bytes().decode("utf-8")
    return Dataset(text, False, f"{name}: the small data that comes with the course ({reason})")


def given(entry: Entry, folder: Path) -> bytes:
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


def data_folder() -> Path:
    """The data that ships: inside an installed package, or at the top of a clone."""
    return installed_root() / "data"


@cache
def registry() -> dict[str, Entry]:
    """What can be fetched, by name."""
    text = (data_folder() / "registry.toml").read_text(encoding="utf-8")
    return {name: Entry(**fields) for name, fields in tomllib.loads(text).items()}
