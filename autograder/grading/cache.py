"""The answers that are kept on disk from one run to the next, and what of them is believed.

A file counts only where it is a plain one of this user's and its contents are those that were
written under its name: a flipped bit would cost every right submission a point. What is damaged is
made again; a folder that cannot be used is told of once, and done without.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path

from autograder.lessons.disk import PART, digest, write_atomically
from autograder.lessons.errors import Unusable
from autograder.pool.pool import Answer, Fate
from autograder.worker import posix

# Nobody takes an hour to write a file.
_LEFT_OVER = 3600.0
_DIGITS = 64
_told: set[Path] = set()


class Foreign(OSError):
    """A file that is not this user's own plain one."""


class Cache:
    """Answers by name in a folder, which need not be there."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._is_tidy = False

    def read(self, name: str) -> list[Answer] | None:
        """The kept answers, or None where there are none that can be used."""
        try:
            held, _, content = _own_bytes(self._folder / name).partition(b"\n")
            if held.decode("ascii") == _digest(name, content):
                return _answers(content)
        except FileNotFoundError:
            pass
        except OSError as error:
            self._tell(error.strerror or str(error))
        except ValueError:
            pass
        return None

    def write(self, name: str, answers: list[Answer]) -> None:
        """Keep answers: a digest, a line of JSON that lists them, and their bytes."""
        index = [[answer.fate, answer.detail, len(answer.payload)] for answer in answers]
        payloads = [answer.payload for answer in answers]
        content = b"".join([json.dumps(index).encode(), b"\n", *payloads])
        whole = _digest(name, content).encode() + b"\n" + content
        try:
            self._tidy()
            # Nobody else on the machine may read what a secret seed yields.
            write_atomically(self._folder / name, whole, mode=0o600)
        except (OSError, Unusable) as error:
            self._tell(str(error))

    def files(self, names: Iterable[str]) -> dict[str, bytes]:
        """What is kept under some names, as another folder can keep it."""
        kept = ((name, self._folder / name) for name in names)
        return {name: path.read_bytes() for name, path in kept if path.exists()}

    def _tidy(self) -> None:
        """Remove what processes have left that were killed while they wrote."""
        old = time.time() - _LEFT_OVER
        for part in [] if self._is_tidy else self._folder.glob(f"*{PART}"):
            with contextlib.suppress(OSError):
                if part.lstat().st_mtime < old:
                    part.unlink()
        self._is_tidy = True

    def _tell(self, why: str) -> None:
        if self._folder not in _told:
            _told.add(self._folder)
            sentence = "answer keys are not kept, which makes grading slower: %s (in %s)"
            logging.getLogger(__name__).warning(sentence, why, self._folder)


def _own_bytes(path: Path) -> bytes:
    """What is in a file; raises Foreign where it is somebody else's, or no plain file."""
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
        flags |= getattr(os, name, 0)
    with open(os.open(path, flags), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise Foreign(f"{path.name} is no plain file; remove it")
        if posix.user() not in (None, about.st_uid):
            raise Foreign(
                f"{path.name} belongs to another user; remove it, or set GRADSCHOOL_CACHE"
            )
        return file.read()


def _digest(name: str, content: bytes) -> str:
    """Of the contents under this name: no other key's file can stand in for it."""
    return digest(name.encode(), content, length=_DIGITS)


def _answers(content: bytes) -> list[Answer]:
    """Raises ValueError where the contents are no answers."""
    first, _, blob = content.partition(b"\n")
    answers, at = [], 0
    try:
        for kind, detail, length in json.loads(first):
            answers.append(Answer(Fate(kind), blob[at : at + length], detail))
            at += length
    except TypeError as error:
        raise ValueError(str(error)) from None
    if at != len(blob):
        raise ValueError("more or less bytes than the answers have")
    return answers
