"""The few calls of Linux that Python does not offer, as functions that raise OSError.

Every name here can be imported on any system; the calls themselves need Linux.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38

_CAPABILITY_VERSION_3 = 0x20080522

# dlopen(NULL) is the C library that Python runs on; nobody has to start ldconfig to find it.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

if _libc is not None:
    _libc.syscall.restype = ctypes.c_long
    _libc.prctl.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)
    _libc.capset.argtypes = (ctypes.c_void_p, ctypes.c_void_p)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def _checked(result: int, name: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def system_call(name: str, number: int, *arguments: Any) -> int:
    """Make a system call; integers travel as 64 bits, ctypes objects and None as pointers.

    Raises OSError with `name` in its text if the kernel refuses, or if this is not Linux.
    """
    if _libc is None:
        raise OSError(f"{name}: this is not Linux")
    # Without a type ctypes would pass an int in 32 bits; the rest of the register is undefined.
    words = (ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)
    return _checked(_libc.syscall(ctypes.c_long(number), *words), name)


def prctl(option: int, value: int = 0, pointer: int = 0) -> int:
    """Change a property of this process or thread; raises OSError."""
    if _libc is None:
        raise OSError("prctl: this is not Linux")
    return _checked(_libc.prctl(option, value, pointer, 0, 0), f"prctl {option}")


def drop_privileges() -> None:
    """Give up every capability of this thread for good, which anybody may do; raises OSError."""
    if _libc is None:
        raise OSError("capset: this is not Linux")
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")
