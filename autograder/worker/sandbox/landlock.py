"""Landlock: which files a process may still open, decided by the process itself.

The packages for Landlock know its rules for files, and none also refuses the network and the
scopes (signals, abstract sockets), so this module makes the three system calls. A kernel tells the
version of its interface (the ABI), and each version can refuse more than the one before; whatever
a version knows is refused here, except reading what is listed. Landlock never covers looking
without opening: `stat`, `readlink` and `chdir` work on any path that file permissions show.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.worker.sandbox import linux

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1
_PATH_BENEATH = 1
_LOG_OFF = 1

_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_FOLDER = 1 << 3

_READ = _READ_FILE | _READ_FOLDER

# What every process may have. torch asks the last two for the processor's abilities.
ALWAYS = {
    "/dev/null": _READ_FILE | _WRITE_FILE,
    "/dev/zero": _READ_FILE,
    "/dev/urandom": _READ_FILE,
    "/proc/cpuinfo": _READ_FILE,
    "/sys/devices/system/cpu": _READ,
}

PathLike = str | os.PathLike[str]


class _RulesetAttributes(ctypes.Structure):
    _fields_ = [
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def abi() -> int:
    """The version of Landlock that the running kernel offers; 0 where there is none."""
    try:
        return linux.system_call("landlock_create_ruleset", _CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def _attributes(version: int) -> tuple[_RulesetAttributes, int]:
    """Everything that `version` can refuse, and how many bytes of the structure it knows."""
    files = 13 + (version >= 2) + (version >= 3) + (version >= 5)  # refer, truncate, device ioctl
    attributes = _RulesetAttributes(files=(1 << files) - 1)
    if version >= 4:
        attributes.network = 0b11  # TCP bind and connect
    if version >= 6:
        attributes.scoped = 0b11  # abstract unix sockets and signals
    return attributes, 8 * (1 + (version >= 4) + (version >= 6))


def ruleset(readable: Iterable[PathLike], hidden: Iterable[PathLike], version: int) -> int:
    """Return the descriptor of a ruleset that allows reading and nothing else.

    readable: files, and folders with all that is in them but what is hidden. hidden: files and
    folders that cannot be read; their names can. Of a hidden folder and a readable one in it, each
    counts for what is below it. Paths that do not exist are left out. The descriptor is not
    inherited by programs. Raises OSError.
    """
    secrets = [Path(path).resolve() for path in hidden]
    attributes, size = _attributes(version)
    name = "landlock_create_ruleset"
    descriptor = linux.system_call(name, _CREATE_RULESET, ctypes.byref(attributes), size, 0)
    for path in readable:
        whole = Path(path).resolve()
        inside = [secret for secret in secrets if secret.is_relative_to(whole)]
        for part, access in _around(whole, inside):
            _allow(descriptor, part, access)
    for path, access in ALWAYS.items():
        _allow(descriptor, path, access)
    return descriptor


def _around(path: Path, secrets: list[Path]) -> Iterator[tuple[Path, int]]:
    """The rules that open a path but not the secrets in it.

    A rule for a folder opens all that is in it, and no rule takes a part back. So a folder with a
    secret is opened entry by entry; listing it stays allowed, because importing needs that.
    """
    if path in secrets:
        return
    if not any(secret.is_relative_to(path) for secret in secrets):
        yield path, _READ
        return
    yield path, _READ_FOLDER
    for entry in path.iterdir():
        if not entry.is_symlink():  # no rule follows a link that lies in a folder
            yield from _around(entry, secrets)


def _allow(descriptor: int, path: PathLike, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            access &= ~_READ_FOLDER  # the kernel refuses a folder's right on a file
        if access:
            rule = _PathBeneath(access, place)
            linux.system_call(
                "landlock_add_rule", _ADD_RULE, descriptor, _PATH_BENEATH, ctypes.byref(rule), 0
            )
    finally:
        os.close(place)


def restrict(descriptor: int, version: int) -> None:
    """Hold this thread, and all that it starts, to a ruleset for good; raises OSError.

    Needs no_new_privs. From ABI 7 the kernel logs each refusal unless told not to, and a
    submission could fill the log.
    """
    flags = _LOG_OFF if version >= 7 else 0
    linux.system_call("landlock_restrict_self", _RESTRICT_SELF, descriptor, flags)
