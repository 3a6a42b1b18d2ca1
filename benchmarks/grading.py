"""Seconds a submission through the wall, beside the same checks run bare in one warm process.

Both run in this one run on one core, over the same submissions, so that their ratio says what the
wall, the comparison and the report cost, whatever the machine.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from autograder.grading.plan import Plan
from autograder.grading.session import Session
from autograder.lessons.course import Course
from autograder.lessons.submission import Submission, Unit
from autograder.worker import program, shortcuts
from benchmarks.processes import descendants, proportional_memory

SUBMISSIONS = 60
SAVES = 100


def figures(lesson: str) -> list[tuple[str, str]]:
    """The rows for one lesson: seconds a submission, the ratio to a bare run, latency, memory."""
    one_core()
    course = Course.find()
    with Session(course) as session:
        plan = session.key(lesson).plan
        submissions = mixed(plan)
        warm_key(session, lesson, submissions)
        walled = per_submission(submissions, lambda each: session.grade(each, lesson))
        bare = bare_seconds(plan, submissions)
        latencies, own = save_to_verdict(session, plan, lesson)
        memory = memory_in_use()
    slower = (walled - bare) * 1000
    return [
        (f"{lesson}: submissions graded in one process", str(len(submissions))),
        ("a submission through the wall", milliseconds(walled)),
        ("the same checks bare, without wall, reference and report", milliseconds(bare)),
        ("ratio", f"{walled / bare:.2f} (and {slower:.1f} ms more)"),
        ("the checks' own time for one right file", milliseconds(own)),
        ("save to verdict, p50", milliseconds(statistics.median(latencies))),
        ("save to verdict, p95", milliseconds(sorted(latencies)[int(0.95 * len(latencies))])),
        ("memory of grader and workers", f"{memory / 2**20:.0f} MB"),
    ]


def course_figures() -> list[tuple[str, str]]:
    """The processor time of all references together, after warm-up."""
    course, total = Course.find(), 0.0
    for name in course.names:
        plan = Plan.load(course, name)
        run_bare(plan, plan.lesson.source)
        begun = time.process_time()
        run_bare(plan, plan.lesson.source)
        total += time.process_time() - begun
    return [(f"all {len(course.names)} lessons' checks on the references", f"{total:.2f} s of CPU")]


def mixed(plan: Plan) -> list[Submission]:
    """Right, wrong and untouched submissions in turn."""
    lesson = plan.lesson
    wrong = []
    for mistake in plan.declarations.mistakes:
        solution = mistake.applied(lesson.exercises[mistake.exercise].code)
        wrong.append(lesson.edited(mistake.exercise, solution))
    sources = []
    for number in range(SUBMISSIONS):
        chosen = (lesson.source, wrong[number * 7 % len(wrong)], lesson.stub())[number % 3]
        # A remark makes each a file of its own, so that nothing can be remembered.
        sources.append(f"{chosen}\n# submission {number}\n")
    return [Submission(f"{n}.py", [Unit(source)]) for n, source in enumerate(sources)]


def warm_key(session: Session, lesson: str, submissions: list[Submission]) -> None:
    """The answer key is computed once a course and kept; it is not part of a submission's cost."""
    for submission in submissions:
        session.grade(submission, lesson)


def per_submission(submissions: list[Submission], grade: Callable) -> float:
    fresh = [Submission(each.path, each.units) for each in submissions]
    begun = time.perf_counter()
    for each in fresh:
        grade(each)
    return (time.perf_counter() - begun) / len(fresh)


def bare_seconds(plan: Plan, submissions: list[Submission]) -> float:
    """The mean time of loading a submission and running the checks of what is not untouched."""
    torch.set_num_threads(1)
    run_bare(plan, plan.lesson.source)
    begun = time.perf_counter()
    for submission in submissions:
        fresh = Submission(submission.path, submission.units)
        exercises = plan.lesson.exercises.values()
        open_ones = [each.id for each in exercises if not fresh.is_untouched(each)]
        run_bare(plan, fresh.units[0].source, open_ones)
    return (time.perf_counter() - begun) / len(submissions)


def run_bare(plan: Plan, source: str, exercises: list[str] | None = None) -> None:
    """What a worker does with a job, in this process, its answers dropped."""
    items = plan.items_of(*(plan.lesson.exercises if exercises is None else exercises))
    job = {
        **plan.job([(source, 1)], "bare.py", 0),
        "items": [item.message() for item in items],
        "load_timeout": 10.0,
    }
    shortcuts.warm_up()  # as the template does: loading hides the engine
    declarations = program.load_checks(job["checks"])
    planned = program.plan(job, declarations)
    with worker_modules(declarations.provided):
        lesson, *_ = program.load_lesson(job)
        program.run_items(lesson, planned, job, lambda payload: None)


def worker_modules(provided: dict):
    from unittest import mock

    return mock.patch.dict("sys.modules", provided)


def save_to_verdict(session: Session, plan: Plan, lesson: str) -> tuple[list[float], float]:
    """Wall times from a saved file to its report, and the bare time of the same checks."""
    begun = time.perf_counter()
    for _ in range(10):
        run_bare(plan, plan.lesson.source)
    own = (time.perf_counter() - begun) / 10
    latencies = []
    for path in saves(plan):
        begun = time.perf_counter()
        session.grade(path, lesson)
        latencies.append(time.perf_counter() - begun)
    return latencies, own


def saves(plan: Plan) -> Iterator[Path]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{plan.lesson.name}.py"
        for number in range(SAVES):
            path.write_text(f"{plan.lesson.source}\n# save {number}\n", encoding="utf-8")
            yield path


def memory_in_use() -> int:
    """Bytes of this process and all below it, shared pages counted once."""
    return sum(map(proportional_memory, [os.getpid(), *descendants(os.getpid())]))


def one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
