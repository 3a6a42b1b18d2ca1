"""A crew on a Dask cluster that already runs: `pip install 'gradschool[cluster]'`.

Submissions, the course and the answer key travel as bytes; a worker shares no disk with anybody,
needs the same Gradschool, and refuses where it cannot shut code in. Where a worker is lost, its
submissions are graded elsewhere, and the course is sent there by the scheduler.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import socket
import tempfile
import threading
import warnings
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

from autograder.classroom.crew import LocalCrew
from autograder.classroom.graded import CRASHED, Seed
from autograder.classroom.guards import Guards
from autograder.classroom.work import Done, Place, Work, engine_id, packed, result, unpacked
from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError, Unusable, WrongUse

# How long to look for the scheduler, and for a first worker, in seconds.
_PATIENCE = 10


class DaskCrew:
    """The workers of the scheduler at `address`. Raises WrongUse where there is none."""

    def __init__(self, address: str):
        try:
            from distributed import Client
        except ImportError:
            raise WrongUse(
                "a cluster needs Dask; install it with pip install 'gradschool[cluster]'"
            ) from None
        try:
            self._client = Client(address, timeout=_PATIENCE)
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise WrongUse(
                f"no Dask scheduler with workers answers at {address!r} ({error}); see to it with"
                " `dask scheduler` and `dask worker`"
            ) from None
        self._executor = self._client.get_executor(pure=False)
        self._kits: dict[str, Any] = {}

    def __enter__(self) -> DaskCrew:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=False)
        self._client.close()

    @property
    def jobs(self) -> int:
        """The workers may become more, and fewer, at any time."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def prepare(self, course: Course, lesson: str, seed: Seed) -> None:
        """Make the whole answer key here, once, and let the workers have it."""
        keys: dict[str, bytes] = {}
        with LocalCrew() as local:
            local.prepare(course, lesson, seed)
            shares = [(exercise,) for exercise in course.lesson(lesson).exercises]
            for files in local.keys(lesson, seed, shares):
                keys |= files
        kit = packed(course, keys)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that some of them are large
            # A task rather than scattered data: what is lost with a worker is made again.
            self._kits[lesson] = self._client.submit(bytes, kit, pure=False)

    def submit(self, work: Work) -> Future[Done]:
        told: Future[Done] = Future()
        asked = self._executor.submit(grade_on_worker, work, self._kits[work.lesson])
        asked.add_done_callback(functools.partial(_tell, work, told))
        return told


def grade_on_worker(work: Work, kit: bytes) -> Done:
    """Grade one submission in a process of this worker's. Raises WrongUse where it must not."""
    if work.engine != engine_id():
        raise WrongUse(
            f"the worker on {socket.gethostname()} has Gradschool {engine_id()}, and not"
            f" {work.engine}; install the same on all"
        )
    return _guards().grade(work, _place(kit))


def _tell(work: Work, told: Future[Done], asked: Future[Done]) -> None:
    """What a task has come to; a submission that ends its workers has crashed."""
    from distributed import KilledWorker

    try:
        told.set_result(asked.result())
    except KilledWorker:
        why = "every worker that graded it was lost"
        told.set_result(Done(result(work, CRASHED, why, 0.0)))
    except GradschoolError as error:
        told.set_exception(error)
    except (CancelledError, Exception) as error:
        told.set_exception(
            Unusable(
                f"the cluster failed ({type(error).__name__}: {error}); see to it and run the same"
                " again, which goes on where this has ended"
            )
        )


@functools.cache
def _guards() -> Guards:
    """One grading process for each thread of this worker."""
    guards = Guards()
    atexit.register(guards.stop)
    return guards


_places: dict[bytes, Place] = {}
_placing = threading.Lock()


def _place(kit: bytes) -> Place:
    """Where a kit lies on this worker's disk; it is put there once, for its owner alone.

    It lies in the worker's own folder, which Dask clears away where a worker was killed.
    """
    from distributed import get_worker

    with _placing:
        if kit not in _places:
            own = get_worker().local_directory
            folder = tempfile.mkdtemp(prefix="gradschool-", dir=own)
            atexit.register(_remove, folder)
            _places[kit] = unpacked(kit, Path(folder))
        return _places[kit]


def _remove(folder: str) -> None:
    import shutil

    with contextlib.suppress(OSError):
        shutil.rmtree(folder)
