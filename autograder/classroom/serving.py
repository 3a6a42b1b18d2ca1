"""The far side of a guard: a process that answers requests, and ends with its parent."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from autograder.lessons.errors import GradschoolError
from autograder.pool.processes import PoolError


def end_with_parent() -> None:
    """Call it first: while a process imports what is heavy its parent may end too."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def serve(answer: Callable[[Any], Any]) -> None:
    """Answer requests until there are no more; the last argument is a descriptor.

    A GradschoolError is an answer too. After any other error, and where the workers have died, this
    process ends, and its guard starts another.
    """
    connection = Connection(int(sys.argv[-1]))
    with contextlib.suppress(EOFError):
        while True:
            request = connection.recv()
            try:
                answered = answer(request)
            except PoolError:
                raise
            except GradschoolError as error:
                answered = error
            connection.send(answered)


def _end_with_parent() -> None:
    """Wait for the end of standard input, which only the parent keeps open."""
    while os.read(0, 1024):
        pass
    os._exit(1)
