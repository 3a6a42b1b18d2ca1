"""Observations on the near side: bytes that crossed the wall, read as a tree of `Node`s.

None of them is trusted. Tensors are arrays of numpy's here: importing torch takes a second and
hundreds of megabytes, and comparing numbers needs none of it.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from autograder.worker.wire import MAX_BYTES, MAX_SIGNS, MAX_STRUCTURE, signs, structure

# A node is two lists and three commas at the most, a pair of a dict one of each more.
MAX_NODES = MAX_SIGNS // 6
MAX_DEPTH = 40
MAX_TEXT = 100_000
MAX_DIGITS = 1300
MAX_EMPTY = 10**6
# As many as torch can add; a report prints every one of them.
MAX_DIMENSIONS = 64
# An encoder may go beyond its budget by a key and a value at every depth.
MOST_SIGNS = 6 * (MAX_NODES + 2 * MAX_DEPTH)

# What JSON holds of a value: its kind, and what there is to say of it.
Tree = list[Any]

Array = numpy.ndarray[Any, numpy.dtype[Any]]

HEADER = struct.Struct("!I")
# What each dtype of torch's is in memory.
_DTYPES = {
    name: numpy.dtype({"bool": "uint8", "bfloat16": "uint16"}.get(name, name))
    for name in (
        "bool", "uint8", "int8", "int16", "int32", "int64",
        "float16", "bfloat16", "float32", "float64", "complex64",
    )
}  # fmt: skip


class Malformed(ValueError):
    """Bytes that are no observation."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of an observation.

    kind: none, bool, int, float, complex, str, bytes, list, dict, set, tensor, array, shown (the
    text that an interactive Python shows for an example's value), or object (something else that is
    not plain data; `value` names it). Containers hold Nodes, a dict pairs of
    them. `length` is a container's true length, larger than what it holds where it was cut. A tuple
    is a list that is shown with round brackets. A tensor is an array of numpy's here, and `dtype`
    the name that torch has for its dtype: numpy has no bfloat16, whose numbers are float32 here.
    """

    kind: str
    value: Any = None
    length: int = 0
    is_tuple: bool = False
    dtype: str = ""

    @property
    def is_tensor(self) -> bool:
        """Whether it came as a tensor of torch's, or as an array of numpy's."""
        return self.kind in ("tensor", "array")


def decode(payload: bytes) -> Node:
    """The tree that the bytes hold; raises Malformed for what `encode` cannot have made."""
    try:
        if len(payload) > MAX_BYTES:
            raise Malformed(f"{len(payload)} bytes where at most {MAX_BYTES} are taken")
        (length,) = HEADER.unpack_from(payload)
        if structure(payload) > MAX_STRUCTURE:
            raise Malformed(f"more structure than the {MAX_STRUCTURE} bytes that are taken")
        text, blob = payload[4 : 4 + length], payload[4 + length :]
        if signs(text) > MOST_SIGNS and signs(_STRING.sub(b"", text)) > MOST_SIGNS:
            raise Malformed(f"more values than the {MAX_NODES} that are taken")
        decoder = _Decoder(bytearray(blob))
        node = decoder.node(json.loads(text), MAX_DEPTH + 8)
        if decoder.at != len(blob):
            raise Malformed(f"{len(blob) - decoder.at} bytes that belong to no tensor")
        return node
    except Malformed:
        raise
    except Exception as error:
        raise Malformed(f"not an observation: {type(error).__name__}") from None


# Nothing fails to match, so that no text takes long.
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)


class _Decoder:
    """Holds what arrives to the limits that the encoder keeps: it may not come from the encoder."""

    def __init__(self, numbers: bytearray):
        self._numbers, self.at = numbers, 0
        self._budget = MAX_NODES + 2 * MAX_DEPTH

    def node(self, tree: Tree, depth: int) -> Node:
        self._budget -= 1
        kind, *rest = tree
        if self._budget < 0 or depth < 0 or type(kind) is not str:
            raise Malformed("larger, deeper or stranger than an observation can be")
        if kind in ("list", "tuple", "set"):
            length, items = rest
            nodes = [self.node(item, depth - 1) for item in items]
            held = "list" if kind == "tuple" else kind
            return Node(held, nodes, _length(length), is_tuple=kind == "tuple")
        if kind == "dict":
            length, items = rest
            pairs = [(self.node(k, depth - 1), self.node(v, depth - 1)) for k, v in items]
            return Node(kind, pairs, _length(length))
        if kind in ("tensor", "array"):
            return Node(kind, self._tensor(*rest), dtype=rest[0])
        return Node(kind, _PLAIN[kind](*rest))

    def _tensor(self, name: str, shape: list[int]) -> Array:
        """The next numbers as an array; the memory is that which arrived."""
        dtype = _DTYPES[name]
        if len(shape) > MAX_DIMENSIONS:
            raise Malformed(f"a tensor of {len(shape)} dimensions")
        if any(type(extent) is not int or extent < 0 for extent in shape):
            raise Malformed("a shape that is none")
        count = math.prod(shape)
        begin, self.at = self.at, self.at + count * dtype.itemsize
        if self.at > len(self._numbers):
            raise Malformed("a tensor of more numbers than have arrived")
        if not count and rows(shape) > MAX_EMPTY:
            raise Malformed("a tensor without numbers, too large to compare")
        held = numpy.empty(0, dtype)
        if count:
            held = numpy.frombuffer(self._numbers, dtype, count, begin)
        if name == "bool":  # any byte may have arrived
            held = held != 0
        elif name == "bfloat16":  # the upper half of a float32
            held = (held.astype(numpy.uint32) << 16).view(numpy.float32)
        return held.reshape(shape)


def rows(shape: Sequence[int]) -> int:
    """How much a tensor without numbers may cost whoever walks along its other dimensions."""
    return math.prod(max(1, extent) for extent in shape)


def _length(value: int) -> int:
    if type(value) is not int:
        raise Malformed("a length that is no number")
    return value


def _of(most: int, make: Callable[..., Any]) -> Callable[..., Any]:
    """A reader of leaves: each part is a text no longer than it may be."""

    def read(*parts: Any) -> Any:
        if any(type(part) is not str or len(part) > most for part in parts):
            raise Malformed(f"a leaf that is no text of at most {most} characters")
        return make(*parts)

    return read


def _bool(value: bool) -> bool:
    if type(value) is not bool:
        raise Malformed("a bool that is none")
    return value


_PLAIN: dict[str, Callable[..., Any]] = {
    "none": lambda: None,
    "bool": _bool,
    "int": _of(MAX_DIGITS, lambda digits: int(digits)),
    "float": _of(40, lambda digits: float(digits)),
    "complex": _of(40, lambda real, imaginary: complex(float(real), float(imaginary))),
    "str": _of(10 * MAX_TEXT, lambda text: text),
    "shown": _of(10 * MAX_TEXT, lambda text: text),
    "bytes": _of(2 * MAX_TEXT, bytes.fromhex),
    "object": _of(200, lambda name: name),
}
