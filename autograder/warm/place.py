"""Where a warm server is reached: a socket that its owner alone can open, named after the code.

The name is made of the workspace, the course, the engine and the settings as they are. So whoever
has changed any of them finds no server, and the old one is asked nothing any more.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import struct
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder.lessons.disk import digest
from autograder.lessons.places import PACKAGE
from autograder.worker.readable import CHOSEN
from autograder.workspace.workspace import Workspace

# No system takes a longer path for a socket.
_LONGEST = 100
_WAITING = 8


def is_wanted() -> bool:
    """Whether GRADSCHOOL_SERVER leaves a server be, and the system has such sockets."""
    wanted = os.environ.get("GRADSCHOOL_SERVER", "").lower() not in ("0", "no", "off")
    return wanted and hasattr(socket, "AF_UNIX") and hasattr(os, "geteuid")


def socket_of(workspace: Workspace) -> Path | None:
    """Where the server of a workspace listens, as its code is now; None where it cannot be safe."""
    folder = _folder() if is_wanted() else None
    if folder is None:
        return None
    path = folder / f"{identity(workspace)}.sock"
    return path if len(os.fsencode(path)) <= _LONGEST else None


def identity(workspace: Workspace) -> str:
    """A name for a workspace with the course, the engine and the settings that grade it now."""
    course = workspace.course
    parts = [str(path.resolve()) for path in (workspace.folder, course.solutions, course.checks)]
    parts += [sys.executable, sys.version]
    parts += sorted(f"{name}={value}" for name, value in settings().items())
    for folder in (PACKAGE, course.solutions, course.checks):
        parts += _state(folder)
    # Another version of a package is another entry of this folder.
    with contextlib.suppress(OSError):
        parts.append(str(os.stat(sysconfig.get_path("purelib")).st_mtime_ns))
    return digest("\n".join(parts).encode(errors="surrogateescape"), length=20)


def settings() -> dict[str, str]:
    """The settings of the environment that grading depends on, true in any folder."""
    own = {name: value for name, value in os.environ.items() if name.startswith("GRADSCHOOL_")}
    own.pop("GRADSCHOOL_SERVER", None)
    return own | {name: os.path.abspath(own[name]) for name in CHOSEN if own.get(name)}


def _state(folder: Path) -> Iterator[str]:
    """Name, time and size of the files below a folder."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if entry.name.startswith((".", "__pycache__")):
                continue
            if entry.is_dir():
                yield from _state(Path(entry.path))
            else:
                about = entry.stat()
                yield f"{entry.path} {about.st_mtime_ns} {about.st_size}"


def _folder() -> Path | None:
    """The user's own folder for sockets; None where somebody else could put something there."""
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(base) / f"gradschool-{os.geteuid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.lstat()
        own = stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid()
        if own and not about.st_mode & 0o077:
            return folder
    return None


def listening(path: Path) -> socket.socket:
    """A socket that listens at a path, in place of whatever was there. Raises OSError."""
    beside = path.with_name(f"{os.getpid()}.new")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        server.bind(str(beside))
        beside.chmod(0o600)
        server.listen(_WAITING)
        beside.replace(path)
    except OSError:
        server.close()
        raise
    return server


def connected(path: Path) -> socket.socket | None:
    """A connection to the server that listens at a path; None where there is none of one's own."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
        if is_own(connection):
            return connection
    except OSError:
        pass
    connection.close()
    return None


def is_own(connection: socket.socket) -> bool:
    """Whether the same user is at the other end, where the system tells."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the folder lets nobody else in
    credentials = struct.Struct("3i")
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
    return bool(credentials.unpack(told)[1] == os.geteuid())
