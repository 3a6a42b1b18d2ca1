"""An author's command that is killed takes its processes along."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.worker import sandbox
from benchmarks.processes import descendants

WORKS = """
import time
from autograder.authoring.jobs import mapping
if __name__ == "__main__":
    with mapping(2) as mapped:
        list(mapped(time.sleep, [60, 60]))
"""


@pytest.mark.skipif(not sandbox.capabilities().full, reason="needs /proc")
def test_what_a_killed_command_has_started_ends(tmp_path):
    script = tmp_path / "works.py"
    script.write_text(WORKS)
    command = subprocess.Popen([sys.executable, script])
    started = wait(lambda: len(found := list(descendants(command.pid))) >= 2 and found)
    command.kill()
    command.wait()
    assert wait(lambda: not any(map(runs, started)))


def wait(condition):
    end = time.monotonic() + 60
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return value


def runs(process: int) -> bool:
    """Whether it is there, and no zombie that nobody has asked about yet."""
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
