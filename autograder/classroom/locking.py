"""One at a time in a class's folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from autograder.lessons.errors import Unusable, WrongUse
from autograder.worker.posix import fcntl


@contextlib.contextmanager
def locked(folder: Path, name: str, command: str) -> Iterator[bool]:
    """Hold a lock that ends with this process, however it ends; False where there are none.

    Raises WrongUse where another process holds it. command: of `grad class`, that takes it.
    """
    if fcntl is None:
        yield False
        return
    try:
        file = (folder / name).open("w")
    except OSError as error:
        raise Unusable.because(error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WrongUse(
                f"another `grad class {command}` is at work in {folder}; wait for it, or stop it"
            ) from None
        yield True
