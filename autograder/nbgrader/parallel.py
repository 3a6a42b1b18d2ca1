"""nbgrader's autograde for a whole class, by several processes on one gradebook."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.guards import Ended, Guard, Late
from autograder.lessons.course import NBGRADER
from autograder.lessons.errors import Unusable, WrongUse
from autograder.lessons.places import KEPT

GRADED, SKIPPED, FAILED = "graded", "skipped", "failed"
# Below the course's folder: the students that are at work, each an empty file.
AT_WORK = Path(KEPT) / "autograding"
# For one student, in seconds; and for a process that imports nbgrader and torch.
LONGEST = 900.0
_START = 120.0


@dataclass(frozen=True)
class Part:
    """What became of one student, with the warnings and errors of nbgrader's log.

    `waits` is whether a person has to give some of the points in the formgrader.
    """

    student: str
    what: str
    lines: tuple[str, ...] = ()
    waits: bool = False


class ClassAutograde:
    """Autograde of one assignment; use it as a context manager.

    `students` are all that have handed in. Raises WrongUse where the course cannot be graded.
    """

    def __init__(self, folder: Path, lesson: str, jobs: int, *, again: bool = False):
        if not (folder / NBGRADER).is_file():
            raise WrongUse(
                f"{folder} is no nbgrader course: it has no nbgrader_config.py; `grad release"
                f" {lesson} --course {folder}` writes one"
            )
        command = ["autograder.nbgrader.part", lesson, "again" if again else "once"]
        self._guards = [Guard(command, _START, folder) for _ in range(jobs)]
        self._stopped = False
        self._threads = ThreadPoolExecutor(jobs)
        try:
            self.students: list[str] = self._guards[0].ask(None, LONGEST)
        except (Ended, Late) as error:
            raise Unusable(f"nbgrader does not start in {folder} ({error})") from None
        if not self.students:
            raise WrongUse(f"nobody has handed in {lesson} in {folder}; see to submitted/")
        # Whoever was at work when a run was stopped comes first.
        left = {path.name for path in (folder / AT_WORK / lesson).glob("*")}
        self.students.sort(key=lambda student: (student not in left, student))

    def __enter__(self) -> ClassAutograde:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        for guard in self._guards:
            guard.kill()
        self._threads.shutdown(cancel_futures=True)
        for guard in self._guards:
            guard.close()

    def parts(self) -> Iterator[Part]:
        """What became of each student, as it comes."""
        idle: queue.SimpleQueue[Guard] = queue.SimpleQueue()
        for guard in self._guards:
            idle.put(guard)
        waiting: set[Future[Part]] = {
            self._threads.submit(self._graded, idle, student) for student in self.students
        }
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()

    def _graded(self, idle: queue.SimpleQueue[Guard], student: str) -> Part:
        """Where a process ends, once more in a new one; who is not done is graded next time."""
        guard = idle.get()
        try:
            for _ in range(2):
                try:
                    part: Part = guard.ask(student, LONGEST)
                    return part
                except Late:
                    return Part(student, FAILED, (f"not done after {LONGEST:g} seconds",))
                except Ended as error:
                    if self._stopped:
                        raise
                    how = str(error)
            return Part(student, FAILED, (f"the process that graded it ended twice ({how})",))
        finally:
            idle.put(guard)
