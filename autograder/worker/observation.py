"""Observations: plain data that crosses the wall.

On the far side `encode` turns whatever a check returned into bytes: JSON for the structure, with
the dtype and shape of each tensor, and then the tensors' own numbers one after another. (A general
format for tensors costs twenty times as much for the small ones that a check returns.) It looks at
values only through their exact types and the base types' own methods, so that an object that lies
about itself is merely reported as an object. On the near side `decode` turns the bytes into a tree
of `Node`s and trusts none of them.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import torch

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

_HEADER = struct.Struct("!I")
_mro = type.__dict__["__mro__"].__get__


class Shown(str):
    """What an interactive Python would show for a value that is not plain data."""


class _Unencoded:
    """Stands for what is too long to be sent."""


_Unencoded.__name__ = "value too long to compare"


class Malformed(ValueError):
    """Bytes that are no observation."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of an observation.

    kind: none, bool, int, float, complex, str, bytes, list, dict, set, tensor, array, shown (the
    text that an interactive Python shows for an example's value), or object (something else that is
    not plain data; `value` names it). Containers hold Nodes, a dict pairs of
    them. `length` is a container's true length, larger than what it holds where it was cut. A tuple
    is a list that is shown with round brackets.
    """

    kind: str
    value: Any = None
    length: int = 0
    is_tuple: bool = False

    @property
    def is_tensor(self) -> bool:
        """Whether the value is a torch tensor: it came as one, or as an array of numpy's."""
        return self.kind in ("tensor", "array")


def dtype_name(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def encode(value: Any) -> bytes:
    """The bytes of an observation; never raises for anything that a learner may return."""
    encoder = _Encoder()
    text = _JSON.encode(encoder.tree(value, MAX_DEPTH)).encode()
    if len(text) > MAX_STRUCTURE // 2:
        # Of texts and long numbers, which are cut one by one, there are too many.
        return encode({"value": _Unencoded()})
    return b"".join([_HEADER.pack(len(text)), text, *encoder.numbers])


_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


class _Encoder:
    def __init__(self) -> None:
        self.numbers: list[bytes] = []
        self.budget = MAX_NODES
        self.bytes_left = MAX_BYTES // 2
        self.parents: set[int] = set()

    def tree(self, value: Any, depth: int) -> Tree:
        self.budget -= 1
        try:
            kind = type(value)
            leaf = _SCALARS.get(kind)
            return leaf(value) if leaf else self._tree(kind, value, depth)
        except Exception:
            return ["object", type(value).__name__[:100]]

    def _tree(self, kind: Any, value: Any, depth: int) -> Tree:
        if kind in _TENSORS:
            return self._tensor(value, "tensor")
        if kind is numpy.ndarray:
            return self._tensor(torch.from_numpy(numpy.array(value)), "array")
        for base in _mro(kind):
            if base in _SCALARS:
                return _SCALARS[base](value)
            if base in _CONTAINERS:
                return self._container(base, value, depth)
        if isinstance(kind, type) and numpy.generic in _mro(kind):
            return self.tree(numpy.generic.item(value), depth - 1) if depth else ["object", "?"]
        return ["object", str(kind.__name__)[:100]]

    def _container(self, base: Any, value: Any, depth: int) -> Tree:
        kind, items = _CONTAINERS[base]
        if id(value) in self.parents:
            return ["object", f"{kind} that contains itself"]
        if depth == 0:
            return ["object", f"{kind} nested more than {MAX_DEPTH} deep"]
        self.parents.add(id(value))
        nodes = []
        for item in items(value):
            if self.budget <= 0:
                break
            if kind == "dict":
                nodes.append([self.tree(item[0], depth - 1), self.tree(item[1], depth - 1)])
            else:
                nodes.append(self.tree(item, depth - 1))
        self.parents.discard(id(value))
        if kind == "set":
            nodes.sort(key=json.dumps)
        return [kind, base.__len__(value), nodes]

    def _tensor(self, tensor: torch.Tensor, kind: str) -> Tree:
        if tensor.layout != torch.strided:
            return ["object", "sparse tensor"]
        if tensor.device.type != "cpu":
            return ["object", f"{tensor.device.type} tensor"]
        if tensor.dim() > MAX_DIMENSIONS:
            return ["object", f"tensor of {tensor.dim()} dimensions"]
        if tensor.dtype not in _DTYPES:
            return ["object", f"tensor of dtype {dtype_name(tensor)}"]
        size = tensor.numel() * tensor.element_size()
        if size > self.bytes_left or (not size and _rows(tensor.shape) > MAX_EMPTY):
            return ["object", f"tensor of shape {tuple(tensor.shape)}, too large to compare"]
        self.bytes_left -= size
        plain = tensor.detach().resolve_conj().resolve_neg().contiguous()
        # numpy has no bfloat16; any dtype can be looked at as bytes, but not without a dimension.
        known = plain if tensor.dtype is not torch.bfloat16 else plain.view(torch.int16)
        self.numbers.append(known.numpy().tobytes())
        return [kind, dtype_name(tensor), list(tensor.shape)]


def _rows(shape: Sequence[int]) -> int:
    """How much a tensor without numbers may cost whoever walks along its other dimensions."""
    return math.prod(max(1, extent) for extent in shape)


def _empty(shape: list[int], dtype: torch.dtype) -> torch.Tensor:
    if _rows(shape) > MAX_EMPTY:
        raise Malformed("a tensor without numbers, too large to compare")
    return torch.empty(shape, dtype=dtype)


def _integer(value: int) -> Tree:
    number = int.__index__(value)
    if number.bit_length() > 4096:
        return ["object", f"int of {number.bit_length()} bits"]
    return ["int", str(number)]


def _text(value: str) -> Tree:
    text = str.__str__(value)[:MAX_TEXT]
    return ["str", text.encode("utf-8", "backslashreplace").decode()]


_TENSORS = {torch.Tensor, torch.nn.Parameter}
_DTYPES = {
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64,
}  # fmt: skip
_BY_NAME = {str(dtype).removeprefix("torch."): dtype for dtype in _DTYPES}
_SCALARS: dict[type, Callable[[Any], Tree]] = {
    type(None): lambda value: ["none"],
    bool: lambda value: ["bool", value],
    int: _integer,
    float: lambda value: ["float", float.__repr__(float.__float__(value))],
    complex: lambda value: ["complex", repr(value.real), repr(value.imag)],
    str: _text,
    Shown: lambda value: ["shown", *_text(value)[1:]],
    bytes: lambda value: ["bytes", bytes.hex(value[:MAX_TEXT])],
}
_CONTAINERS: dict[type, tuple[str, Callable[[Any], Iterator[Any]]]] = {
    list: ("list", list.__iter__),
    tuple: ("tuple", tuple.__iter__),
    dict: ("dict", lambda value: iter(dict.items(value))),
    set: ("set", set.__iter__),
    frozenset: ("set", frozenset.__iter__),
}


def decode(payload: bytes) -> Node:
    """The tree that the bytes hold; raises Malformed for what `encode` cannot have made."""
    try:
        if len(payload) > MAX_BYTES:
            raise Malformed(f"{len(payload)} bytes where at most {MAX_BYTES} are taken")
        (length,) = _HEADER.unpack_from(payload)
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
            return Node(kind, self._tensor(*rest))
        return Node(kind, _PLAIN[kind](*rest))

    def _tensor(self, name: str, shape: list[int]) -> torch.Tensor:
        """The next numbers as a tensor; the memory is that which arrived."""
        dtype = _BY_NAME[name]
        if len(shape) > MAX_DIMENSIONS:
            raise Malformed(f"a tensor of {len(shape)} dimensions")
        if any(type(extent) is not int or extent < 0 for extent in shape):
            raise Malformed("a shape that is none")
        count = math.prod(shape)
        begin, self.at = self.at, self.at + count * dtype.itemsize
        if self.at > len(self._numbers):
            raise Malformed("a tensor of more numbers than have arrived")
        if not count:
            return _empty(shape, dtype)
        if dtype is torch.bool:  # any byte may have arrived
            return self._flat(torch.uint8, begin, count).reshape(shape) != 0
        return self._flat(dtype, begin, count).reshape(shape)

    def _flat(self, dtype: torch.dtype, begin: int, count: int) -> torch.Tensor:
        if begin % dtype.itemsize:  # torch reads aligned numbers alone
            part = self._numbers[begin : begin + count * dtype.itemsize]
            return torch.frombuffer(part, dtype=dtype, count=count)
        return torch.frombuffer(self._numbers, dtype=dtype, count=count, offset=begin)


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
