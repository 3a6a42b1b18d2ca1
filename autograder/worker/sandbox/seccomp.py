"""seccomp: which system calls a process may still make.

The filter lists what Python, numpy and torch need in a process that only computes, reads the files
that Landlock leaves it, and writes to pipes. Every other call fails with EPERM, whether anybody
thought of it or not; a call by the numbers of another architecture (32 bit, x32) kills the process.
libseccomp turns names into the machine's numbers and compiles the filter; loading it is one call.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import tempfile
from typing import Any

from autograder.worker.sandbox import linux

ALLOWED = {
    "files": "stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat "
    "getdents getdents64 getcwd chdir fchdir fadvise64",
    "descriptors": "read readv pread64 preadv preadv2 write writev lseek pipe pipe2 eventfd "
    "eventfd2 close close_range dup dup2 dup3 poll ppoll select pselect6 epoll_create "
    "epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2",
    "memory": "brk mmap munmap mremap mprotect madvise msync get_mempolicy",
    "threads": "futex futex_waitv set_robust_list set_tid_address rseq membarrier sched_yield "
    "sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max "
    "sched_get_priority_min getcpu gettid exit exit_group",
    "signals": "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend "
    "rt_sigtimedwait sigaltstack restart_syscall pause alarm getitimer setitimer",
    "time": "nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times",
    "facts": "getpid getppid getpgrp getuid geteuid getgid getegid getresuid getresgid getgroups "
    "getrlimit getrusage uname sysinfo getrandom",
}

# Calls with one argument that decides: name -> (its position, the values that are allowed).
OPTIONS = {
    "prctl": (0, (3, 15, 16, 21, 39, 0x53564D41)),  # get dumpable, names, get seccomp, no_new_privs
    "arch_prctl": (0, (0x1021, 0x1022, 0x1023)),  # oneDNN asks for the AMX registers
    # Not F_SETOWN and F_SETSIG: a pipe could then send any signal to any process.
    "fcntl": (1, (0, 1, 2, 3, 4, 1030, 1032)),  # duplicate, flags, size of a pipe
    "ioctl": (1, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x802C542A)),  # is it a terminal
}

_CLONE3 = 435  # the same on every architecture
_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020000
# Stands for the process's own id while the filter is compiled, before the process exists.
_OWN_PID = 0x5EED0A1D
_OPEN_FLAGS = {"open": 1, "openat": 2}


def compile_filter(guard_truncation: bool) -> bytes:
    """Return the filter as BPF code for `load`.

    guard_truncation: also refuse opening a file for reading with O_TRUNC, which empties it and
    which Landlock refuses only from ABI 3. Raises ImportError or OSError if libseccomp cannot be
    used.
    """
    try:
        import pyseccomp  # type: ignore[import-untyped]
    except RuntimeError as error:  # the package says so if the shared library is missing
        raise ImportError(str(error)) from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    rules.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)
    _allow_plain(rules, pyseccomp)
    _allow_by_argument(rules, pyseccomp)
    _allow_opening(rules, pyseccomp, guard_truncation)
    # The C library then starts threads by clone, whose flags a filter can see.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), _CLONE3)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _allow(rules: Any, library: Any, name: str, *conditions: Any) -> None:
    number = library.resolve_syscall(library.Arch.NATIVE, name)
    if number >= 0:  # negative: this architecture has no such call, or libseccomp does not know it
        rules.add_rule(library.ALLOW, number, *conditions)


def _allow_plain(rules: Any, library: Any) -> None:
    for names in ALLOWED.values():
        for name in names.split():
            _allow(rules, library, name)


def _allow_by_argument(rules: Any, library: Any) -> None:
    for name, (position, values) in OPTIONS.items():
        for value in values:
            _allow(rules, library, name, library.Arg(position, library.EQ, value))
    for name in ("kill", "tgkill"):
        _allow(rules, library, name, library.Arg(0, library.EQ, _OWN_PID))
    # Reading limits is allowed, of this process only; a new limit is the third argument.
    own, read_only = library.Arg(0, library.EQ, 0), library.Arg(2, library.EQ, 0)
    _allow(rules, library, "prlimit64", own, read_only)
    mask = _CLONE_THREAD | _CLONE_NAMESPACES
    _allow(rules, library, "clone", library.Arg(0, library.MASKED_EQ, mask, _CLONE_THREAD))


def _allow_opening(rules: Any, library: Any, guard_truncation: bool) -> None:
    for name, position in _OPEN_FLAGS.items():
        if not guard_truncation:
            _allow(rules, library, name)
            continue
        for mask, value in (
            (os.O_TRUNC, 0),
            (os.O_ACCMODE, os.O_WRONLY),
            (os.O_ACCMODE, os.O_RDWR),
        ):
            _allow(rules, library, name, library.Arg(position, library.MASKED_EQ, mask, value))


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def load(code: bytes) -> None:
    """Hold this thread, and all that it starts, to a compiled filter for good; raises OSError.

    Needs no_new_privs. Nothing that the filter refuses can be done afterwards.
    """
    code = code.replace(struct.pack("=I", _OWN_PID), struct.pack("=I", os.getpid()))
    program = _Program(len(code) // 8, code)
    filter_mode = 2
    linux.prctl(linux.PR_SET_SECCOMP, filter_mode, ctypes.addressof(program))
