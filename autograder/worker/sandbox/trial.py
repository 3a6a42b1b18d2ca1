"""The program that `sandbox.capabilities` starts: enter the sandbox, then try to get out of it.

`trial FOLDER SECRET...` prints one JSON object with the fields of `Capabilities`. The folder is
there to be written to; of the secrets, and of what lies in them, nothing should be readable.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from autograder.worker import readable, sandbox

# How many files of a folder of secrets are tried.
MOST = 50


def refused(attempt: Callable[[], object]) -> bool:
    """Whether the system refuses an attempt."""
    try:
        attempt()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def file_attempts(folder: str) -> dict[str, Callable[[], object]]:
    return {
        "reading a file": lambda: open(__file__).close(),
        # Of the folder that a package is installed in the names are open: imports need them.
        "listing a folder": lambda: os.listdir("/"),
        "writing a file": lambda: open(os.path.join(folder, "written"), "w").close(),
    }


def call_attempts() -> dict[str, Callable[[], object]]:
    return {
        "starting a process": fork,
        "opening a socket": lambda: socket.socket().close(),
        "signalling its parent": lambda: os.kill(os.getppid(), 0),
    }


def escapes(attempts: dict[str, Callable[[], object]], mechanism: str) -> list[str]:
    """The attempts that succeeded, as sentences."""
    names = [name for name, attempt in attempts.items() if not refused(attempt)]
    return [f"{mechanism} did not keep a trial from {name}" for name in names]


def sample(secret: Path) -> list[Path]:
    """A file, or a folder's first files, found while it can still be listed."""
    return [path for path in islice(secret.rglob("*"), MOST) if path.is_file()] or [secret]


def confine_and_try(folder: str, secrets: list[str]) -> dict[str, Any]:
    """Enter the sandbox as a worker does; return the fields of `Capabilities`."""
    paths = [path for secret in map(Path, secrets) if secret.exists() for path in sample(secret)]
    closed = readable.closed(readable.chosen())
    preparation = sandbox.prepare([folder, *readable.opened(closed)], hidden=closed)
    reasons = list(preparation.reasons)
    try:
        sandbox.enter(preparation, memory=1 << 30, cpu_seconds=10, keep={1})
    except sandbox.SandboxError as error:
        return {"landlock_abi": 0, "seccomp": False, "reasons": [*reasons, str(error)]}
    files: list[str] = []
    calls: list[str] = []
    leaks: list[str] = []
    if preparation.ruleset is not None:
        files = escapes(file_attempts(folder), "Landlock")
        leaks = [str(path) for path in paths if not refused(path.read_bytes)]
    if preparation.seccomp_code is not None:
        calls = escapes(call_attempts(), "seccomp")
    return {
        "landlock_abi": 0 if preparation.ruleset is None or files else preparation.landlock_abi,
        "seccomp": preparation.seccomp_code is not None and not calls,
        "reasons": [*reasons, *files, *calls],
        "leaks": leaks,
    }


if __name__ == "__main__":
    print(json.dumps(confine_and_try(sys.argv[1], sys.argv[2:])))
