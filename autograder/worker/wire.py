"""Frames: how a worker's answers are cut on the pipe, and how large they may be."""

from __future__ import annotations

import struct

# What a worker says before its first frame, when torch is imported.
READY = b"ready"
HEADER = struct.Struct("!I")
MAX_BYTES = 32 * 2**20
MAX_JOB_BYTES = 2 * MAX_BYTES
# Of what one item prints, in characters.
MAX_PRINTED = 2000


def framed(payload: bytes) -> bytes:
    """A payload with its length before it."""
    return HEADER.pack(len(payload)) + payload
