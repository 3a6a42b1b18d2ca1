"""The pool's book-keeping, with scripted workers and a clock of its own in place of processes."""

from __future__ import annotations

import marshal
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import groupby
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.pool import budget as budgets
from autograder.pool import pool as module
from autograder.pool.pool import Fate, Item, Pool
from autograder.worker.wire import HEADER, framed

ENDS = {"hangs": Fate.TIMED_OUT, "dies": Fate.DIED, "floods": Fate.MALFORMED}
JOB = {"lesson": "sums", "path": "", "units": [], "checks": None, "seeds": {}, "record": False}


class Scripted:
    """A starter whose children do at each item what the script says, and a clock."""

    def __init__(self, script: dict[str, str], payloads: dict[str, bytes]):
        self.script, self.payloads = script, payloads
        self.now = 0.0
        self.jobs: list[list[str]] = []

    def start(self, early: Sequence[str] = ()) -> Child:
        return Child(self)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Child:
    threads = 1

    def __init__(self, starter: Scripted):
        self.starter = starter
        self.begun = starter.now
        self.due: list[str] = []

    def charged(self) -> float:
        return self.starter.now - self.begun

    def send(self, job: bytes) -> None:
        names = [item["name"] for item in marshal.loads(job)["items"]]
        self.starter.jobs.append(names)
        self.due = ["load", *names]

    def read(self, timeout: float) -> bytes | None:
        name = self.due[0] if self.due else ""
        does = self.starter.script.get(name, "dies")
        if does != "hangs":
            del self.due[:1]
        self.starter.now += timeout if does == "hangs" else 0.1
        frame = framed(self.starter.payloads.get(name, name.encode()))
        return {"hangs": None, "dies": b"", "floods": b"\xff" * 9, "answers": frame}[does]

    def end(self) -> int:
        return int(signal.SIGKILL)

    def close(self) -> None:
        pass


def run(script: dict[str, str], items: list[Item], longest: float = 10.0, payloads=None):
    """The answers, and the starter with its clock and the names that each process was sent."""
    starter = Scripted({"load": "answers"} | script, payloads or {})
    pool = object.__new__(Pool)
    pool.longest, pool._confined, pool._starter = longest, False, starter
    pool.stopped, pool._running = lambda: False, set()
    with mock.patch.object(module, "time", starter), mock.patch.object(budgets, "time", starter):
        return pool.run(JOB, items), starter


behaviour = st.sampled_from(["answers", "answers", *ENDS])
scripts = st.lists(st.lists(behaviour, min_size=1, max_size=4), max_size=5).map(
    lambda exercises: {
        f"e{number}/{case}": does
        for number, cases in enumerate(exercises)
        for case, does in enumerate(cases)
    }
)


@given(scripts)
@settings(max_examples=300)
def test_every_item_has_its_own_answer_until_its_exercise_fails(script):
    items = [Item(name.partition("/")[0], name) for name in script]
    found, starter = run(script, items)
    assert found.load.payload == b"load"
    assert found.answers.keys() == script.keys()
    ended = 0
    for _, own in groupby(items, lambda item: item.exercise):
        end = Fate.ANSWERED
        for item in own:
            if end is Fate.ANSWERED and script[item.name] != "answers":
                end = ENDS[script[item.name]]
                ended += 1
            assert found.answers[item.name].fate is end
            due = item.name.encode() if end is Fate.ANSWERED else b""
            assert found.answers[item.name].payload == due
    assert len(starter.jobs) in (ended, ended + 1), "one process, and one more after each failure"


def test_a_job_without_items_is_loaded_once():
    found, starter = run({}, [])
    assert (found.load.fate, found.answers, starter.jobs) == (Fate.ANSWERED, {}, [[]])


def test_what_ends_the_loading_ends_every_item():
    items = [Item("double", "double/0"), Item("mean", "mean/0")]
    for does, fate in ENDS.items():
        found, starter = run({"load": does}, items)
        assert found.load.fate is fate and len(starter.jobs) == 1
        assert found.answers == {item.name: found.load for item in items}


def test_after_two_hanging_exercises_the_others_get_less_time():
    items = [Item(f"e{number}", f"e{number}/0", timeout=30.0) for number in range(4)]
    _, starter = run(dict.fromkeys((item.name for item in items), "hangs"), items, longest=10.0)
    assert 24 <= starter.now < 25, "10 + 10 + 2 + 2 seconds, and a moment for loading"


def test_a_run_ends_at_its_deadline():
    items = [Item(f"e{number}", f"e{number}/0", timeout=50.0) for number in range(90)]
    found, starter = run(dict.fromkeys((item.name for item in items), "hangs"), items, 50.0)
    assert starter.now <= budgets.LONGEST_RUN + 1
    assert {answer.fate for answer in found.answers.values()} == {Fate.TIMED_OUT}
    assert len(found.answers) == 90 > len(starter.jobs)


def test_what_a_flood_sends_costs_the_exercise_that_sends_it():
    """Each has a share of its own, of bytes and of values; beyond those all have another one."""
    items = [Item(f"e{number}", f"e{number}/{case}") for number in range(30) for case in (0, 1)]
    script = {item.name: "answers" for item in items}
    values = b"[" * (budgets.OWN_SIGNS + 20_000)
    for flood in (bytes(3 * 2**20), HEADER.pack(len(values)) + values):
        large = {item.name: flood for item in items[::6]}
        found, starter = run(script, items, payloads=large)
        flooded = [name for name, each in found.answers.items() if each.fate is Fate.MALFORMED]
        assert {name.partition("/")[0] for name in flooded} <= {f"e{n}" for n in range(0, 30, 3)}
        assert 4 <= len(flooded) // 2 < 10, "the first ones found room in what all share"
        assert "are taken" in found.answers[flooded[0]].detail
        assert len(starter.jobs) <= 11


def test_busy_seconds_of_a_whole_file_are_counted_too():
    items = [Item(f"e{number}", f"e{number}/0") for number in range(400)]
    found, starter = run(dict.fromkeys((item.name for item in items), "answers"), items)
    ended = [name for name, answer in found.answers.items() if answer.fate is Fate.TIMED_OUT]
    assert starter.now <= budgets.LONGEST_WORK + 1 and len(ended) == 400 - 299


def test_the_near_side_of_the_wire_does_without_torch():
    program = "import autograder.pool.pool, sys; print('torch' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "False\n"
