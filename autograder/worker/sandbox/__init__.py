"""One way into a process that can compute and do nothing else.

A warm process calls `prepare` once. Each child that it forks calls `enter`, which takes about a
millisecond and cannot be undone. On Linux with Landlock and seccomp the child can then read the
listed files, compute, start threads and write to the descriptors that it was left, within its
limits. Where the system gives less, `enter` applies what there is; `capabilities` tries what that
is.

`GRADSCHOOL_ASSUME_NO_SANDBOX=1` in the environment pretends a system that offers limits only.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.worker.sandbox import landlock, limits, linux, seccomp

ASSUME_NONE = "GRADSCHOOL_ASSUME_NO_SANDBOX"


class SandboxError(RuntimeError):
    """The process could not be confined as it was prepared: it must not run anybody's code."""


@dataclass(frozen=True)
class Preparation:
    """What `enter` needs: made once by `prepare`, used by every child of that process."""

    owner: int
    landlock_abi: int = 0
    ruleset: int | None = None
    seccomp_code: bytes | None = field(default=None, repr=False)
    reasons: tuple[str, ...] = ()

    @property
    def full(self) -> bool:
        """Whether `enter` will confine files and system calls, not only set limits."""
        return self.ruleset is not None and self.seccomp_code is not None


def prepare(
    readable: Sequence[landlock.PathLike], *, hidden: Sequence[landlock.PathLike] = ()
) -> Preparation:
    """Build everything that does not depend on the child; call it once, in the process that forks.

    readable: files and folders that the children may read. hidden: files and folders that they may
    not read even if they lie in a readable folder, but for what is readable in them. Never raises
    for what the system lacks: see `reasons` and `full`.
    """
    if os.environ.get(ASSUME_NONE) == "1":
        return Preparation(os.getpid(), reasons=(f"{ASSUME_NONE} is set",))
    if sys.platform != "linux":
        return Preparation(os.getpid(), reasons=(f"{sys.platform} has no Landlock and no seccomp",))
    reasons: list[str] = []
    version, ruleset = _prepare_landlock(readable, hidden, reasons)
    code = _prepare_seccomp(version, reasons)
    return Preparation(os.getpid(), version, ruleset, code, tuple(reasons))


def _prepare_landlock(
    readable: Sequence[landlock.PathLike],
    hidden: Sequence[landlock.PathLike],
    reasons: list[str],
) -> tuple[int, int | None]:
    version = landlock.abi()
    if version == 0:
        reasons.append("the kernel does not offer Landlock")
        return 0, None
    try:
        return version, landlock.ruleset(readable, hidden, version)
    except OSError as error:
        reasons.append(f"Landlock could not be set up ({error})")
        return version, None


def _prepare_seccomp(version: int, reasons: list[str]) -> bytes | None:
    try:
        return seccomp.compile_filter(guard_truncation=version < 3)
    except (ImportError, OSError) as error:
        reasons.append(f"seccomp could not be set up ({error})")
        return None


def enter(
    preparation: Preparation, *, memory: int, cpu_seconds: int, keep: Collection[int]
) -> None:
    """Confine this process for good; call it in a freshly forked child, before any thread starts.

    memory: bytes beyond what the process has mapped already. cpu_seconds: processor time of the
    process, after which it is killed. keep: descriptors that stay open (pipes: files cannot be
    written, and sockets only by `write`); 0, 1 and 2 become /dev/null unless kept, all others are
    closed. The child dies with the thread that forked it. Raises SandboxError if anything that was
    prepared cannot be applied: the caller must end the process then.
    """
    if os.name != "posix":
        return
    threads, mapped = limits.own_figures()
    confined = preparation.ruleset is not None or preparation.seccomp_code is not None
    if confined and threads != 1:
        raise SandboxError(f"{threads} threads are running; only the calling one would be confined")
    try:
        _close_descriptors(preparation, keep)
        limits.apply(mapped + memory if mapped else None, cpu_seconds)
        if sys.platform == "linux":
            _give_up_privileges(preparation)
        if confined:
            _confine(preparation)
    except OSError as error:
        raise SandboxError(f"the process could not be confined: {error}") from error


def _close_descriptors(preparation: Preparation, keep: Collection[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in {0, 1, 2}.difference(keep):
        os.dup2(null, standard)
    ruleset = [] if preparation.ruleset is None else [preparation.ruleset]
    limit = 2**31 - 1 if sys.platform == "linux" else min(os.sysconf("SC_OPEN_MAX"), 65536)
    first = 3
    for kept in sorted({*keep, *ruleset}):
        if kept >= first:
            os.closerange(first, kept)
            first = kept + 1
    os.closerange(first, limit)


def _give_up_privileges(preparation: Preparation) -> None:
    linux.drop_privileges()
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have died before the line above; then no signal will come.
    if preparation.owner not in (os.getppid(), os.getpid()):
        raise SandboxError("the process that prepared the sandbox is gone")
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)


def _confine(preparation: Preparation) -> None:
    if preparation.ruleset is not None:
        landlock.restrict(preparation.ruleset, preparation.landlock_abi)
        os.close(preparation.ruleset)
    if preparation.seccomp_code is not None:
        seccomp.load(preparation.seccomp_code)


@dataclass(frozen=True)
class Capabilities:
    """What the sandbox was seen to do on this machine."""

    landlock_abi: int  # 0 unless files were really refused
    seccomp: bool
    reasons: list[str]  # why something is missing, one sentence each
    leaks: list[str] = field(default_factory=list)  # the secrets that could be read all the same

    @property
    def full(self) -> bool:
        """Whether a process can be kept from files, other processes and the network."""
        return self.landlock_abi > 0 and self.seccomp


def capabilities(secrets: Sequence[landlock.PathLike] = ()) -> Capabilities:
    """Enter the sandbox in a throw-away process, try what must fail there, and tell what held.

    secrets: files and folders that the process tries to read, beside all else.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            return Capabilities(**_trial(folder, list(map(str, secrets))))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError) as error:
        return Capabilities(0, False, [f"the sandbox could not be tried ({error})"])


def _trial(folder: str, secrets: list[str]) -> dict[str, Any]:
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    # -P: the current folder may hold a submission, and nothing may be imported from there.
    module = ["-m", "autograder.worker.sandbox.trial", folder, *secrets]
    command = [sys.executable, "-s", "-P", "-B", *module]
    trial = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=30
    )
    if trial.returncode:
        lines = trial.stderr.decode(errors="replace").splitlines() or [""]
        raise ValueError(f"status {trial.returncode}: {lines[-1]}")
    return dict(json.loads(trial.stdout))
