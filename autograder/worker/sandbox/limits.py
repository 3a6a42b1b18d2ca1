"""Limits of memory, time and files on this process, on every system that has any of them."""

from __future__ import annotations

from autograder.worker.posix import resource

OPEN_FILES = 64


def own_figures() -> tuple[int, int]:
    """The number of threads and the bytes mapped, or zeros where there is no /proc."""
    try:
        with open("/proc/self/stat", "rb") as file:
            # The second field is the program's name and may hold blanks and brackets.
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0, 0
    return int(fields[17]), int(fields[20])


def apply(address_space: int | None, cpu_seconds: int) -> None:
    """Set the limits for good. address_space: bytes in all, or None for no limit. Raises OSError.

    Writing any file fails from the first byte on; pipes are no files.
    """
    # No RLIMIT_NPROC: it counts all of the user's threads, so on a busy machine it would refuse
    # honest ones. The filter refuses processes; the address space bounds threads.
    limits = {
        "RLIMIT_CPU": cpu_seconds,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": OPEN_FILES,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    if address_space is not None:
        limits["RLIMIT_AS"] = address_space
    for name, value in limits.items():
        if hasattr(resource, name):
            _set(getattr(resource, name), value)


def _set(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))
