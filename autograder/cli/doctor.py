"""What this machine gives: versions, and the isolation that was really tried."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.errors import WrongUse
from autograder.lessons.places import cache_folder
from autograder.warm.place import connected, socket_of
from autograder.worker.sandbox import capabilities
from autograder.workspace.workspace import Workspace

OPTIONAL = {
    "jupyterlab": "to work in JupyterLab",
    "nbgrader": "to release and grade assignments",
}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's: what was found, and whether it is as it should be."""

    ok: bool
    text: str
    optional: bool = False


def findings() -> Iterator[Finding]:
    """Everything that is looked at, one after another."""
    yield Finding(sys.version_info >= (3, 11), f"Python {platform.python_version()}")
    for name in ("torch", "numpy"):
        yield _package(name)
    for name, purpose in OPTIONAL.items():
        yield _package(name, purpose)
    course = Course.find()
    yield from _isolation(course)
    yield from _workspace(course)
    yield Finding(True, f"the course {course.about.title}, in {course.folder}")


def _package(name: str, purpose: str = "") -> Finding:
    try:
        return Finding(True, f"{name} {metadata.version(name)}")
    except metadata.PackageNotFoundError:
        needed = f"{name} is not installed" + (f" ({purpose})" if purpose else "")
        return Finding(False, needed, optional=bool(purpose))


def _isolation(course: Course) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        submission = Path(folder) / "submission.py"
        submission.write_text("somebody else's\n", encoding="utf-8")
        found = capabilities([*_secrets(course), submission])
    abi = found.landlock_abi
    yield Finding(abi > 0, f"Landlock, ABI {abi}: files and network" if abi else "Landlock", True)
    yield Finding(found.seccomp, "seccomp: no processes, sockets or signals", True)
    for reason in found.reasons:
        yield Finding(False, reason, optional=True)
    if found.leaks:
        yield Finding(False, _told(found.leaks))
    elif found.full:
        yield Finding(True, "submissions are shut in; `grad grade` grades anybody's files")
        yield Finding(True, "they can read no solution, check, history, answer key or submission")
    else:
        text = "no full isolation; `grad check` works, `grad grade` wants --trust"
        yield Finding(False, text, optional=True)


def _secrets(course: Course) -> list[Path]:
    """What no submission may read, as far as it is there."""
    return [course.solutions, course.checks, course.solutions.parent / ".git", cache_folder()]


def _told(leaks: list[str]) -> str:
    more = f" and {len(leaks) - 1} more" if len(leaks) > 1 else ""
    return (
        f"a submission can read {leaks[0]}{more}; grade with Gradschool in a virtual environment "
        "of its own, away from the course"
    )


def _workspace(course: Course) -> Iterator[Finding]:
    try:
        workspace = Workspace.find(course)
    except WrongUse as error:
        yield Finding(False, str(error), optional=True)
        return
    yield Finding(True, f"the workspace {workspace.folder}")
    yield _server(workspace)


def _server(workspace: Workspace) -> Finding:
    path = socket_of(workspace)
    if path is None:
        named = os.environ.get("GRADSCHOOL_SERVER")
        why = f"GRADSCHOOL_SERVER is {named}" if named else "there is no safe place for one here"
        return Finding(True, f"no warm server: {why}; each grad check starts its own workers")
    if connection := connected(path):
        connection.close()
        return Finding(True, "a warm server answers grad check at once")
    return Finding(True, "no warm server is running; in a terminal grad check leaves one behind")
