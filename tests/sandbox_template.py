"""A warm process for tests/test_sandbox.py: forks a child for each line of code that it is sent.

Its only argument is a JSON object with the paths for `sandbox.prepare`. A request is a JSON object:
`code` sets `result`; `confined` tells whether the child enters the sandbox; `memory`, `cpu_seconds`
and `abi` change how. The answer holds the result or the error, and the child's exit status.
"""

import ctypes
import errno
import json
import os
import sys

import numpy
import pyseccomp
import torch

from autograder.worker import sandbox
from autograder.worker.sandbox import landlock

INHERITED = (9, 200)  # the second is above the limit of open files
library = ctypes.CDLL(None, use_errno=True)
library.syscall.restype = ctypes.c_long


def call(name: str, *arguments: int) -> int:
    """Make a system call by its name on this machine; raises OSError."""
    number = name
    if isinstance(name, str):
        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        if number < 0:
            raise OSError(errno.ENOSYS, f"{name} does not exist here")
    result = library.syscall(*(ctypes.c_long(word) for word in (number, *arguments)))
    if result == -1:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def answer(request: dict, preparation: sandbox.Preparation, end: int) -> bytes:
    names = {"torch": torch, "numpy": numpy, "call": call, "os": os}
    names |= {"ctypes": ctypes, "preparation": preparation, "sandbox": sandbox, "end": end}
    try:
        if request.get("confined", True):
            limits = {name: request[name] for name in ("memory", "cpu_seconds") if name in request}
            sandbox.enter(
                preparation, keep={end}, **{"memory": 1 << 30, "cpu_seconds": 10} | limits
            )
        exec(request["code"], names)
        return json.dumps({"result": names.get("result")}).encode()
    except BaseException as error:
        number = getattr(error, "errno", None)
        return json.dumps({"error": type(error).__name__, "errno": number}).encode()


def run(request: dict, preparation: sandbox.Preparation) -> dict:
    begin, end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(begin)
        os.write(end, answer(request, preparation, end))
        os._exit(0)
    os.close(end)
    with os.fdopen(begin, "rb") as pipe:
        text = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"status": status, **json.loads(text or "{}")}


def main() -> None:
    paths = json.loads(sys.argv[1])
    for descriptor in INHERITED:
        os.dup2(0, descriptor)
    preparations = {None: sandbox.prepare(**paths)}
    for line in sys.stdin:
        request = json.loads(line)
        abi = request.get("abi")
        if abi not in preparations:
            known, landlock.abi = landlock.abi, lambda abi=abi: abi
            preparations[abi] = sandbox.prepare(**paths)
            landlock.abi = known
        print(json.dumps(run(request, preparations[abi])), flush=True)


if __name__ == "__main__":
    main()
