"""A bound of this process's memory, where the system has one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from autograder.worker.posix import resource


@contextlib.contextmanager
def bounded_memory(more: int) -> Iterator[None]:
    """Let this process take so many bytes more than it has; beyond them there is MemoryError.

    Processes that it has started before have bounds of their own.
    """
    before = _bound(more)
    try:
        yield
    finally:
        if before is not None:
            resource.setrlimit(resource.RLIMIT_DATA, before)


def _bound(more: int) -> tuple[int, int] | None:
    """Set the bound; what it was, or None where there is none to set."""
    if resource is None:
        return None
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[5])
        before: tuple[int, int] = resource.getrlimit(resource.RLIMIT_DATA)
        own = pages * resource.getpagesize() + more
        hard = before[1]
        resource.setrlimit(
            resource.RLIMIT_DATA,
            (own if hard == resource.RLIM_INFINITY else min(own, hard), hard),
        )
        return before
    except (OSError, ValueError):
        return None
