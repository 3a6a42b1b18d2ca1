"""Content on disk: written whole or not at all, and known by a short name."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder.lessons.errors import GradschoolError, Unusable, WrongUse

# The ending of a file that is still being written.
PART = ".part"


def write_atomically(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a whole file or none: a reader, or a run that is cut off, never meets half of it.

    Folders on the way are made. Raises Unusable where the disk does not take it.
    """
    beside = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = tempfile.NamedTemporaryFile(  # noqa: SIM115
            dir=file.parent, prefix=".", suffix=PART, delete=False
        )
        with beside:
            beside.write(content)
        os.chmod(beside.name, mode)
        os.replace(beside.name, file)
    except OSError as error:
        if beside:
            with contextlib.suppress(OSError):
                os.unlink(beside.name)
        error.filename = str(file)
        raise Unusable.because(error) from error


def refuse_used(folder: Path) -> None:
    """Raises WrongUse where a new folder cannot be: a file, or anything in it, is there."""
    if folder.is_file():
        raise WrongUse(f"{folder} is there already, and a file; name a new folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise WrongUse(f"{folder} is there already, and not empty; name a new folder")


def text_of(path: Path, wrong: type[GradschoolError]) -> str:
    """A file's text. Raises Unusable where it cannot be read, `wrong` where it is no UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unusable.because(error) from error
    except UnicodeDecodeError as error:
        raise wrong(f"{path} is not UTF-8 at byte {error.start}") from error


def digest(*parts: bytes, length: int) -> str:
    """A short name for contents, in so many hexadecimal digits.

    The name of several parts is made from each one's own, so that no other cut has the same.
    """
    whole = parts[0]
    if len(parts) > 1:
        whole = b"".join(hashlib.sha256(part).digest() for part in parts)
    return hashlib.sha256(whole).hexdigest()[:length]


@dataclass(frozen=True)
class Written:
    """A file, and what happened to it: new, updated, unchanged or kept."""

    path: Path
    what: str


def write_where_changed(path: Path, text: str) -> Written:
    """Write a text where another one stands, or none."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return Written(path, "unchanged")
    what = "updated" if path.exists() else "new"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Written(path, what)
