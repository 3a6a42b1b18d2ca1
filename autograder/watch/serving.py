"""While `grad watch` runs, its warm workers answer `grad check` too."""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Iterator

from autograder.warm.place import connected, listening, socket_of
from autograder.warm.server import Grade, Server
from autograder.workspace.workspace import Workspace


@contextlib.contextmanager
def serving(workspace: Workspace, grade: Grade) -> Iterator[None]:
    """Answer with `grade` in a thread, unless there is a server already or cannot be one."""
    server = _server(workspace, grade)
    if server is None:
        yield
        return
    thread = threading.Thread(target=server.run, args=(math.inf,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join(timeout=2)


def _server(workspace: Workspace, grade: Grade) -> Server | None:
    path = socket_of(workspace)
    if path is None:
        return None
    with contextlib.suppress(OSError):
        if there := connected(path):
            there.close()
            return None
        return Server(workspace, listening(path), path, grade)
    return None
