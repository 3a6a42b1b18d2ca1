"""The warm process that workers come from, and how each of them is shut in.

It runs in two ways: as a template that forks a child for every job (Linux), or once, for a single
job in a process of its own (elsewhere). It never sees a lesson itself: the child reads its job from
a pipe of its own, after the fork.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import marshal
import os
import socket
import sys

import torch

from autograder.worker import jupyter, observation, program, readable, sandbox, shortcuts
from autograder.worker.decoding import decode
from autograder.worker.wire import CPU_SECONDS, MEMORY, READY, Message, framed

# The exit code of a child that was to be shut in where the system cannot.
UNCONFINED = 71


def frame_sender(descriptor: int) -> program.Send:
    def send(payload: bytes) -> None:
        data = memoryview(framed(payload))
        while data:
            data = data[os.write(descriptor, data) :]

    return send


def read_all(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, 2**20):
        parts.append(part)
    return b"".join(parts)


def run_child(job_end: int, result_end: int, preparation: sandbox.Preparation) -> None:
    """Shut the process in, wait for one job, run it, and end without any clean-up code."""
    ends = {job_end, result_end}
    sandbox.enter(preparation, keep=ends, memory=MEMORY, cpu_seconds=CPU_SECONDS)
    job: Message = marshal.loads(read_all(job_end))
    os.close(job_end)
    if job["confined"] and not preparation.full:
        os._exit(UNCONFINED)
    program.run_job(job, frame_sender(result_end))
    os._exit(0)


def serve(control: socket.socket, closed: list[str]) -> None:
    """The template: fork a child for every pair of descriptors that arrives.

    Requests: b"fork" with two descriptors is answered by the child's number; b"wait NUMBER" by
    its exit status; b"import MODULE" by 0. The template never sees a lesson: the child reads its
    job itself.
    """
    warm_up()
    preparation = prepare(closed)
    gc.collect()
    gc.freeze()
    control.send(READY)
    while True:
        try:
            request, descriptors, _, _ = socket.recv_fds(control, 100, 2)
        except ConnectionResetError:  # the grader has gone without reading all answers
            return
        if not request:
            return
        if request == b"fork":
            answer = fork(control, descriptors, preparation)
        elif request.startswith(b"import "):
            answer = import_early(request.split()[1].decode())
        else:
            answer = os.waitpid(int(request.split()[1]), 0)[1]
        control.send(str(answer).encode())


def import_early(module: str) -> int:
    """Import what the checks of a lesson name, so that no child has to; it stays frozen as well."""
    with contextlib.suppress(ImportError):
        importlib.import_module(module)
    gc.freeze()
    return 0


def fork(control: socket.socket, descriptors: list[int], preparation: sandbox.Preparation) -> int:
    number = os.fork()
    if number == 0:
        try:
            control.close()
            job_end, result_end = descriptors
            run_child(job_end, result_end, preparation)
        finally:
            os._exit(70)
    for descriptor in descriptors:
        os.close(descriptor)
    return number


def prepare(closed: list[str]) -> sandbox.Preparation:
    """Shut everything but what `readable` lists; `closed` is closed wherever it lies."""
    shut = readable.closed(closed)
    return sandbox.prepare(readable.opened(shut), hidden=shut)


def warm_up() -> None:
    """Do once what every child would else do for the first time."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    with program.settled("warm"):  # numpy imports its random numbers when they are first asked for
        decode(observation.encode({"warm": torch.ones(2) @ torch.ones(2)}))
    shortcuts.warm_up()
    jupyter.hidden()


def main() -> None:
    """`template fork DESCRIPTOR`: serve; `template once`: one job from stdin, frames to stdout.

    Folders that nobody may read may follow.
    """
    _, way, *closed = sys.argv
    del sys.argv[1:]
    if way == "fork":
        serve(socket.socket(fileno=int(closed[0])), closed[1:])
        return
    result_end, job_end = os.dup(1), os.dup(0)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    warm_up()
    preparation = prepare(closed)
    os.write(result_end, READY)
    run_child(job_end, result_end, preparation)


if __name__ == "__main__":
    main()
