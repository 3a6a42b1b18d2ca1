"""Deadlines count what a submission's own process does, whatever the machine does besides."""

from __future__ import annotations

import multiprocessing
import time
from unittest import mock

import pytest

from autograder.pool import budget
from autograder.worker import sandbox
from tests.conftest import of, verdicts

HANGS = {
    "sleeps": "import time\ndef double(x): time.sleep(100)",
    "spins": "def double(x):\n    while True: pass",
    "spins in a thread and waits": """
import threading
def spin():
    while True: pass
def double(x):
    threading.Thread(target=spin, daemon=True).start()
    threading.Event().wait()
""",
    "stops itself": "import os, signal\ndef double(x): os.kill(os.getpid(), signal.SIGSTOP)",
    "stops half-way through a frame": """
import os, time
def double(x):
    for descriptor in range(3, 64):
        try: os.write(descriptor, b"\\0\\0\\1\\0half")
        except OSError: pass
    time.sleep(100)
""",
    "sends a byte at a time": """
import os, time
def double(x):
    for number in range(10**9):
        for descriptor in range(3, 64):
            try: os.write(descriptor, b"\\0\\1\\0\\0" if not number else b"[")
            except OSError: pass
        time.sleep(0.01)
""",
}


@pytest.mark.parametrize("way", HANGS)
def test_what_hangs_ends_in_time_and_costs_only_itself(session, grade, solution, way):
    source = solution.replace("def double(", "def _(") + "\n" + HANGS[way]
    begun, used = time.monotonic(), time.process_time()
    with mock.patch.object(session.pool, "longest", 1.0):
        report = grade(source)
    assert of(report, "double").verdict == "timed out", report
    others = {id: verdict for id, verdict in verdicts(report).items() if id != "double"}
    assert set(others.values()) == {"passed"}
    assert time.monotonic() - begun < 30 and time.process_time() - used < 3


TRICKLES = """
import os, stat, struct
def trickle():
    pipes = [n for n in range(3, 64) if os.path.exists(f"/proc/self/fd/{n}")]
    pipe = next(n for n in pipes if stat.S_ISFIFO(os.fstat(n).st_mode))
    os.write(pipe, struct.pack("!I", 2**20))
    while True:
        os.write(pipe, b"x")
        time.sleep(0.02)
"""


@pytest.mark.parametrize("how", ["time.sleep(100)", "trickle()"])
def test_a_file_that_hangs_everywhere_ends(session, grade, solution, how):
    hanging = (
        f"\nimport time\n{TRICKLES}\ndef hang(*a): {how}\ndouble = mean = centred = shares = hang\n"
    )
    begun = time.monotonic()
    short = mock.patch.multiple(budget, LONGEST_RUN=4.0)
    with mock.patch.object(session.pool, "longest", 1.0), short:
        report = grade(solution + hanging)
    assert report.points < report.max_points
    assert time.monotonic() - begun < 60


@pytest.mark.skipif(not sandbox.capabilities().full, reason="needs /proc")
def test_a_crowd_of_threads_is_no_answer(session, grade, solution):
    source = solution.replace("def double(", "def _(") + (
        "\nimport threading, time\n"
        "def double(x):\n"
        "    threading.stack_size(65536)\n"
        "    for _ in range(5000): threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "    time.sleep(60)\n"
    )
    begun = time.monotonic()
    report = of(grade(source, only={"double"}), "double")
    assert report.verdict == "crashed" and "more threads than the 64" in report.message
    assert time.monotonic() - begun < 30


def test_a_pool_of_threads_is_fine(grade, solution):
    source = solution.replace("def double(", "def twice(") + (
        "\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "import time\n"
        "def double(x):\n"
        "    with ThreadPoolExecutor(32) as pool:\n"
        "        list(pool.map(time.sleep, [0.1] * 32))\n"
        "    return twice(x)\n"
    )
    assert of(grade(source, only={"double"}), "double").verdict == "passed"


def _spin(end: float) -> None:
    while time.monotonic() < end:
        pass


@pytest.mark.slow
def test_a_busy_machine_changes_no_verdict(session, grade, solution):
    """Eight times as much to do as there are processors, and limits that are just enough."""
    context = multiprocessing.get_context("spawn")
    crowd = [context.Process(target=_spin, args=(time.monotonic() + 40,)) for _ in range(16)]
    for each in crowd:
        each.start()
    try:
        busy = solution.replace("return x + x", "sum(range(10**7)); return x + x")
        with mock.patch.object(session.pool, "longest", 3.0):
            assert all(grade(busy, only={"double"}).all_passed for _ in range(3))
            assert all(grade(solution).all_passed for _ in range(10))
    finally:
        for each in crowd:
            each.kill()
            each.join()
