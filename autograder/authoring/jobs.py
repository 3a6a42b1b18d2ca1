"""Work of an author's commands in several processes."""

from __future__ import annotations

import contextlib
import multiprocessing
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
    with ProcessPoolExecutor(jobs, mp_context=context) as executor:
        yield executor.map
