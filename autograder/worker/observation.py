"""Observations: plain data that crosses the wall.

On the far side `encode` turns whatever a check returned into bytes: JSON for the structure, with
the dtype and shape of each tensor, and then the tensors' own numbers one after another. (A general
format for tensors costs twenty times as much for the small ones that a check returns.) It looks at
values only through their exact types and the base types' own methods, so that an object that lies
about itself is merely reported as an object. On the near side `decoding` reads the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import torch

from autograder.worker.decoding import (
    HEADER,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_EMPTY,
    MAX_NODES,
    MAX_TEXT,
    Tree,
    rows,
)
from autograder.worker.wire import MAX_BYTES, MAX_STRUCTURE

_mro = type.__dict__["__mro__"].__get__


class Shown(str):
    """What an interactive Python would show for a value that is not plain data."""


class _Unencoded:
    """Stands for what is too long to be sent."""


_Unencoded.__name__ = "value too long to compare"


def dtype_name(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def encode(value: Any) -> bytes:
    """The bytes of an observation; never raises for anything that a learner may return."""
    encoder = _Encoder()
    text = _JSON.encode(encoder.tree(value, MAX_DEPTH)).encode()
    if len(text) > MAX_STRUCTURE // 2:
        # Of texts and long numbers, which are cut one by one, there are too many.
        return encode({"value": _Unencoded()})
    return b"".join([HEADER.pack(len(text)), text, *encoder.numbers])


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
        if size > self.bytes_left or (not size and rows(tensor.shape) > MAX_EMPTY):
            return ["object", f"tensor of shape {tuple(tensor.shape)}, too large to compare"]
        self.bytes_left -= size
        plain = tensor.detach().resolve_conj().resolve_neg().contiguous()
        # numpy has no bfloat16; any dtype can be looked at as bytes, but not without a dimension.
        known = plain if tensor.dtype is not torch.bfloat16 else plain.view(torch.int16)
        self.numbers.append(known.numpy().tobytes())
        return [kind, dtype_name(tensor), list(tensor.shape)]


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
