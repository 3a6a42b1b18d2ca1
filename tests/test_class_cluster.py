"""`grad class grade --dask`: a real scheduler and two real workers, one of them killed at work."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.classroom.cluster import DaskCrew
from autograder.classroom.grading import Asked, Grading, opened
from autograder.classroom.store import FILE, Store
from autograder.classroom.work import engine_id
from tests.command import grad
from tests.conftest import MINIATURE
from tests.made_class import LESSON, lay_out, made_class

pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.usefixtures("small_course")]


class Cluster:
    """A scheduler and workers on the loopback, in processes of their own that share no folder."""

    def __init__(self, folder: Path):
        self._folder, self.workers = folder, []
        folder.mkdir(exist_ok=True)
        self._scheduler = self._started("scheduler", "--port", "0", "--host", "127.0.0.1")
        self.address = self._found("scheduler", r"Scheduler at:\s+(tcp://\S+)")

    def add_worker(self, name: str, **more: str) -> None:
        """A worker of one thread and without a nanny: what is killed stays dead."""
        options = ("--nthreads", "1", "--no-nanny", "--name", name)
        worker = self._started("worker", self.address, *options, name=name, **more)
        self._found(name, r"(Registered to)")
        self.workers.append(worker)

    def close(self) -> None:
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()

    def _started(self, what: str, *options: str, name: str = "", **more: str) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *options, "--no-dashboard"]
        home = self._folder / (name or what)
        home.mkdir()
        course = {"GRADSCHOOL_COURSE": str(home), "GRADSCHOOL_CACHE": str(home)}  # none is there
        with (self._folder / f"{name or what}.log").open("w") as log:
            environment = {**os.environ, **course, **more}
            return subprocess.Popen(command, stderr=log, stdout=log, env=environment, cwd=home)

    def _found(self, name: str, pattern: str) -> str:
        for _ in range(600):
            if found := re.search(pattern, (self._folder / f"{name}.log").read_text()):
                return found[1]
            time.sleep(0.1)
        raise AssertionError((self._folder / f"{name}.log").read_text())


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.add_worker("one")
    cluster.add_worker("two")
    yield cluster
    cluster.close()


def judged(folder: Path) -> dict:
    with Store(folder / FILE) as store:
        return {
            each.student: (each.outcome, each.why, each.report and _without_times(each.report))
            for each in store.latest(LESSON)
        }


def _without_times(report) -> dict:
    return {**report.data(), "seconds": 0}


@pytest.mark.filterwarnings("ignore")  # of Dask's, when a worker is lost
def test_a_cluster_judges_as_this_machine_does_also_when_a_worker_is_lost(
    tmp_path, miniature, cluster
):
    handed_in = made_class(miniature, 30, hanging=0)
    here, there = lay_out(tmp_path / "here", handed_in), lay_out(tmp_path / "there", handed_in)
    assert grad("class", "grade", here, "--seed", "secret", "--jobs", "2").code == 3
    with opened(there) as store, DaskCrew(cluster.address) as crew:
        grading = Grading(there, store, miniature, Asked(seed="secret"))
        results = grading.results(crew)
        first = [next(results) for _ in range(5)]
        cluster.workers[1].send_signal(signal.SIGKILL)
        rest = list(results)
        assert len({each.student for each in (*first, *rest)}) == len(first) + len(rest) == 30
        assert len(list(store.of_run(grading.run))) == 30
    assert judged(there) == judged(here)


def test_the_command_goes_on_with_who_is_left(tmp_path, miniature, cluster):
    lay_out(tmp_path, made_class(miniature, 4, hanging=0))
    ran = grad("class", "grade", tmp_path, "--seed", "secret", "--dask", cluster.address)
    assert "4 graded, 0 unchanged" in ran.out and ran.code == 0, ran.err


def test_a_worker_with_another_engine_or_without_a_wall_refuses(
    tmp_path, miniature, cluster, monkeypatch
):
    lay_out(tmp_path, made_class(miniature, 2, hanging=0))
    monkeypatch.setattr("autograder.classroom.grading.engine_id", lambda: "0.0-another")
    ran = grad("class", "grade", tmp_path, "--seed", "secret", "--dask", cluster.address)
    assert ran.code == 2 and engine_id() in ran.err and "install the same on all" in ran.err
    monkeypatch.undo()
    bare = Cluster(tmp_path / "bare")
    monkeypatch.setenv("GRADSCHOOL_COURSE", str(MINIATURE))
    try:
        bare.add_worker("bare", GRADSCHOOL_ASSUME_NO_SANDBOX="1")
        ran = grad("class", "grade", tmp_path, "--seed", "secret", "--dask", bare.address)
    finally:
        bare.close()
    assert ran.code == 2 and "cannot shut submissions in" in ran.err


def test_without_a_scheduler_it_is_said(tmp_path, miniature, monkeypatch):
    lay_out(tmp_path, made_class(miniature, 1, hanging=0))
    monkeypatch.setattr("autograder.classroom.cluster._PATIENCE", 1)
    ran = grad("class", "grade", tmp_path, "--seed", "secret", "--dask", "tcp://127.0.0.1:9")
    assert ran.code == 2 and "no Dask scheduler" in ran.err
    assert threading.active_count() < 20
