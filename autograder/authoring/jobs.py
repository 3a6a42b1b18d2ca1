"""Work of an author's commands in several processes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any


@contextlib.contextmanager
def mapping(jobs: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """`map`, in so many processes; they are spawned, because torch has threads."""
    if jobs == 1:
        yield map
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent) as executor:
        yield executor.map


def _end_with_parent() -> None:
    """A killed command takes its processes along, and these the workers that they have started."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
