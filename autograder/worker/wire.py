"""The wire between a pool and its workers: the message that a worker takes, the frames it answers.

Both sides import this file, so it knows neither torch nor a lesson.
"""

from __future__ import annotations

import struct
from types import CodeType
from typing import NotRequired, TypedDict

# What a worker says before its first frame, when torch is imported.
READY = b"ready"
HEADER = struct.Struct("!I")
# What no observation begins with: the frame holds the last words of something that does not end.
LATE = b"\xff\xff\xff\xff"
MAX_BYTES = 8 * 2**20
# What is read of one process at the most.
MAX_PROCESS_BYTES = 64 * 2**20
# Of what one item prints, in characters.
MAX_PRINTED = 2000
# What a worker may use: bytes beyond what it has mapped already, seconds of the processor.
MEMORY = 2 * 2**30
CPU_SECONDS = 60
# Bytes of what describes an observation, and the signs in them that part one value from the next: a
# tree in memory is many times as large as the JSON that it is read from.
MAX_STRUCTURE = 2 * 2**20
MAX_SIGNS = 60_000


class References(TypedDict):
    """The lesson's given code, and functions of its reference: owner, name, code of `make`."""

    given: CodeType
    functions: list[tuple[str, str, CodeType]]


# The numbers of a tensor: its shape, and their bytes, little-endian.
Numbers = tuple[tuple[int, ...], bytes]


class Job(TypedDict):
    """A lesson, how it is loaded and what its inputs are drawn from.

    `units` are the lesson's text in pieces, each (source, line number of its first line); `checks`
    is the compiled checks file, and `early` modules that may be imported before there is a job;
    `seeds` has one for each exercise; `record` asks for the inputs. `references` are functions to
    put in the place of the lesson's, or nothing. `files` are those that the lesson writes and
    imports, `dropped` the statements to leave out, by line and column, and `watched` the names of
    which the last function or class is kept. `weights` are those of an open task: float32.
    """

    lesson: str
    path: str
    units: list[tuple[str, int]]
    checks: CodeType
    early: NotRequired[list[str]]
    seeds: dict[str, int | str]
    record: bool
    references: References | None
    files: NotRequired[dict[str, list[tuple[str, int]]]]
    dropped: NotRequired[list[tuple[int, int]]]
    watched: NotRequired[tuple[str, ...]]
    weights: NotRequired[dict[str, Numbers]]


# A function that is tried in the place of the lesson's: its owner or "", its name, and the code of
# `make`, where `make(__class__)` returns it.
Edited = tuple[str, str, CodeType]


class ItemMessage(TypedDict):
    """One thing to run: case `case` of check number `check`, or the compiled examples in `code`.

    With `inputs`, int64, it is the function of an open task. `edited` is in the lesson meanwhile;
    `seconds` is when to interrupt it, and `timeout` when its process is ended; with `traced` the
    lesson's lines that ran are told.
    """

    exercise: str
    name: str
    check: NotRequired[int]
    case: NotRequired[int]
    code: NotRequired[list[tuple[str, CodeType]]]
    inputs: NotRequired[Numbers]
    edited: NotRequired[Edited]
    seconds: NotRequired[float]
    timeout: NotRequired[float]
    traced: NotRequired[bool]


class Message(Job):
    """All that one worker is told. With `confined` it runs nothing unless it can be shut in.

    `load_timeout` is how many seconds the lesson may take to load.
    """

    items: list[ItemMessage]
    confined: bool
    load_timeout: float


def structure(payload: bytes) -> int:
    """How many bytes of an observation describe it: its JSON, which the tensors' numbers follow."""
    if len(payload) < HEADER.size:
        return len(payload)
    return min(HEADER.size + int(HEADER.unpack_from(payload)[0]), len(payload))


def signs(text: bytes) -> int:
    """How many signs of a text could part one value from the next."""
    return sum(map(text.count, (b"[", b"{", b",")))


def framed(payload: bytes) -> bytes:
    """A payload with its length before it."""
    return HEADER.pack(len(payload)) + payload
