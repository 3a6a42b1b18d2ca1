"""Who grades: all cores of this machine, by threads of which each guards a grading process.

Another crew (`cluster`) has the same methods and other machines. Results come as they are made, and
only a bounded amount of work is under way, however large the class is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

from autograder.classroom.graded import Seed
from autograder.classroom.guards import Bounds, Guards
from autograder.classroom.work import TRUST, Done, KeyWanted, Place, Work
from autograder.grading.session import refuse_without_wall
from autograder.lessons.course import Course
from autograder.worker.posix import cores

# Submissions under way for each job, and their bytes in all.
_AHEAD = 3
_MOST_BYTES = 512 * 2**20


class Crew(Protocol):
    """Grades submissions; use it as a context manager, which ends all that is under way."""

    @property
    def jobs(self) -> int:
        """How many submissions are graded at the same time."""
        ...

    def prepare(self, course: Course, lesson: str, seed: Seed) -> None:
        """Make ready for a lesson, before its first submission."""
        ...

    def submit(self, work: Work) -> Future[Done]: ...


class LocalCrew:
    """Jobs on this machine; by default as many as this process has cores.

    Raises WrongUse where submissions cannot be shut in here.
    """

    def __init__(self, jobs: int = 0, bounds: Bounds | None = None):
        refuse_without_wall(TRUST)
        self.jobs = jobs or cores()
        self.guards = Guards(bounds)
        self._threads = ThreadPoolExecutor(self.jobs, thread_name_prefix="grading")
        self._places: dict[str, Place] = {}

    def __enter__(self) -> LocalCrew:
        return self

    def __exit__(self, *_: object) -> None:
        self.guards.stop()
        self._threads.shutdown(cancel_futures=True)
        self.guards.close()

    def prepare(self, course: Course, lesson: str, seed: Seed) -> None:
        """Make what everybody needs of the answer key once; the rest is made when it is needed.

        All jobs keep it in the same folder.
        """
        self._places[lesson] = Place.of(course)
        list(self.keys(lesson, seed, [()]))

    def keys(
        self, lesson: str, seed: Seed, shares: Iterable[tuple[str, ...]]
    ) -> Iterator[dict[str, bytes]]:
        """Parts of an answer key, for some exercises each, made by all jobs."""
        place = self._places[lesson]
        asked = [KeyWanted(lesson, seed, share) for share in shares]
        yield from self._threads.map(lambda wanted: self.guards.key(wanted, place), asked)

    def submit(self, work: Work) -> Future[Done]:
        return self._threads.submit(self.guards.grade, work, self._places[work.lesson])


def streamed(crew: Crew, works: Iterable[Work]) -> Iterator[Done]:
    """The results, in the order in which they come. Raises what the crew raises."""
    under_way: dict[Future[Done], int] = {}
    for work in works:
        while under_way and _is_enough(crew, under_way, work):
            yield from _finished(under_way)
        under_way[crew.submit(work)] = work.size
    while under_way:
        yield from _finished(under_way)


def _is_enough(crew: Crew, under_way: dict[Future[Done], int], work: Work) -> bool:
    heavy = sum(under_way.values()) + work.size > _MOST_BYTES
    return heavy or len(under_way) >= _AHEAD * crew.jobs


def _finished(under_way: dict[Future[Done], int]) -> Iterator[Done]:
    for future in wait(under_way, return_when=FIRST_COMPLETED).done:
        del under_way[future]
        yield future.result()
