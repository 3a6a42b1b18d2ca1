"""What the tests of the engine share: the miniature course, and one warm pool a process."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.reports.report import Report
from tests.made_class import as_notebook

MINIATURE = Path(__file__).parent / "miniature"
# That a machine is busy is no failure.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own answer keys, or asks a server of the user's."""
    monkeypatch.setenv("GRADSCHOOL_CACHE", str(cache))
    monkeypatch.setenv("GRADSCHOOL_SERVER", "0")


@pytest.fixture(scope="session")
def miniature() -> Course:
    return Course.at(MINIATURE)


@pytest.fixture(scope="session")
def session(miniature: Course) -> Iterator[Session]:
    with Session(miniature) as session:
        yield session


@pytest.fixture
def solution(miniature: Course) -> str:
    """The miniature lesson's reference."""
    return miniature.lesson("sums").source


@pytest.fixture
def small_course(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are about the miniature course."""
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(MINIATURE))


@pytest.fixture
def right(solution: str) -> bytes:
    """The miniature lesson's reference as a notebook's file."""
    return as_notebook(solution).encode()


@pytest.fixture
def grade(session: Session, tmp_path: Path, _own_cache: None) -> Callable[..., Report]:
    """Grade a text as a submission of the miniature lesson."""

    def grade(source: str | bytes, name: str = "sums.py", **options) -> Report:
        path = tmp_path / name
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return session.grade(path, "sums", **options)

    return grade


@pytest.fixture
def workspace(tmp_path: Path, miniature: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of the miniature course, and the current folder in it."""
    folder = tmp_path / "workspace"
    (folder / "exercises").mkdir(parents=True)
    (folder / "exercises" / "sums.py").write_text(miniature.lesson("sums").stub())
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(MINIATURE))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for sockets, short enough for one; the servers in it end with the test."""
    folder = Path(tempfile.mkdtemp(prefix="gs"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("GRADSCHOOL_SERVER", "1")
    yield folder
    for path in sockets(folder):
        with contextlib.suppress(OSError):
            if (process := process_at(path)) not in (0, os.getpid()):
                os.kill(process, signal.SIGKILL)
    shutil.rmtree(folder)


def sockets(runtime: Path) -> list[Path]:
    return sorted(runtime.glob("gradschool-*/*.sock"))


def process_at(path: Path) -> int:
    """The number of the process that listens at a path; raises OSError where none does."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return struct.unpack("3i", told)[0]


def verdicts(report: Report) -> dict[str, str]:
    return {exercise.id: exercise.verdict for exercise in report.exercises}


def of(report: Report, id: str):
    """One exercise's report."""
    return next(exercise for exercise in report.exercises if exercise.id == id)
