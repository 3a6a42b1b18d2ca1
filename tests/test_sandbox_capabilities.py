"""What the sandbox says that it can do, and what it does where the system gives less."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autograder.worker import sandbox
from autograder.worker.sandbox import landlock, seccomp
from tests.sandbox_client import ENVIRONMENT

LINUX = sys.platform == "linux"

needs_sandbox = pytest.mark.skipif(
    not sandbox.capabilities().full, reason="this machine has no full sandbox to test"
)


def python(code: str, **environment: str) -> str:
    """The last line that a fresh Python prints."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    options = {"capture_output": True, "text": True, "timeout": 30, "check": True}
    done = subprocess.run(command, env={**ENVIRONMENT, **environment}, **options)
    return done.stdout.strip().rpartition("\n")[2]


@needs_sandbox
def test_dies_with_its_parent():
    # The child holds standard output open; the run ends only when the child does.
    code = """
        import os, time
        from autograder.worker import sandbox
        preparation = sandbox.prepare([])
        begin, end = os.pipe()
        if os.fork() == 0:
            sandbox.enter(preparation, memory=1 << 30, cpu_seconds=60, keep={1, end})
            os.write(end, b'x')
            time.sleep(60)
        os.read(begin, 1)
        os.write(1, b'ready')
    """
    assert python(code) == "ready"


@needs_sandbox
def test_capabilities_are_those_that_were_tried():
    found = sandbox.capabilities()
    assert (found.landlock_abi, found.seccomp, found.reasons) == (landlock.abi(), True, [])


@needs_sandbox
def test_capabilities_tell_which_secrets_could_be_read(tmp_path):
    hidden, folder = tmp_path / "secret", tmp_path / "folder"
    folder.mkdir()
    for path in (hidden, folder / "one", folder / "two"):
        path.write_text("secret")
    found = sandbox.capabilities([hidden, folder, tmp_path / "missing", Path(json.__file__)])
    assert found.full and found.leaks == [json.__file__]


def test_capabilities_can_be_pretended_away(monkeypatch):
    monkeypatch.setenv(sandbox.ASSUME_NONE, "1")
    found = sandbox.capabilities()
    assert (found.landlock_abi, found.seccomp, found.full) == (0, False, False)
    assert found.reasons == [f"{sandbox.ASSUME_NONE} is set"]


def test_capabilities_say_why_there_is_no_trial(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    found = sandbox.capabilities()
    assert not found.full and "could not be tried" in found.reasons[0]


@pytest.mark.skipif(not LINUX, reason="limits of memory are known to hold on Linux")
def test_without_a_sandbox_limits_remain():
    code = """
        import os
        from autograder.worker import sandbox
        preparation = sandbox.prepare([])
        assert not preparation.full
        if os.fork() == 0:
            sandbox.enter(preparation, memory=100 << 20, cpu_seconds=5, keep={1})
            open(sandbox.__file__).close()
            try:
                bytearray(200 << 20)
            except MemoryError:
                os.write(1, b"limited")
            os._exit(0)
        os.wait()
    """
    assert python(code, **{sandbox.ASSUME_NONE: "1"}) == "limited"


@pytest.mark.parametrize("missing", ["platform", "seccomp", "landlock"])
def test_says_what_is_missing(missing):
    code = """
        import sys
        missing = {missing!r}
        if missing == "platform":
            sys.platform, sys.modules["resource"] = "darwin", None
        elif missing == "seccomp":
            sys.modules["pyseccomp"] = None
        from autograder.worker import sandbox
        from autograder.worker.sandbox import landlock
        if missing == "landlock":
            landlock.abi = lambda: 0
        preparation = sandbox.prepare(["/usr"])
        assert not preparation.full
        print(preparation.reasons)
    """
    assert {"platform": "darwin", "seccomp": "seccomp", "landlock": "Landlock"}[missing] in python(
        code.format(missing=missing)
    )


def test_every_allowed_call_exists_somewhere():
    pyseccomp = pytest.importorskip("pyseccomp")
    names = " ".join(seccomp.ALLOWED.values()).split() + list(seccomp.OPTIONS)
    architectures = (pyseccomp.Arch.X86_64, pyseccomp.Arch.AARCH64)
    unknown = [
        name
        for name in names
        if all(pyseccomp.resolve_syscall(machine, name) < 0 for machine in architectures)
    ]
    assert not unknown and len(names) == len(set(names))
