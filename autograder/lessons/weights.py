"""A file of weights read as data: safetensors, and nothing that could hold code.

The format is eight bytes with the length of a header, a JSON header with each tensor's dtype, shape
and place, and the numbers. It's read here without torch, and nothing in it is believed before it is
counted. `write` makes such a file.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy

from autograder.lessons.disk import write_atomically
from autograder.lessons.errors import WrongUse

Array = numpy.ndarray[Any, numpy.dtype[Any]]
Weights = dict[str, Array]

SUFFIX = ".safetensors"
_LENGTH = struct.Struct("<Q")
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_METADATA = "__metadata__"
MAX_TENSORS, MAX_DIMENSIONS = 1000, 8
# What other programs write, by its first bytes.
_OTHERS = {
    b"PK": "a zip archive, as torch.save and numpy.savez write it",
    b"\x80": "a pickle, which may hold code",
    b"\x93N": "an array of numpy's",
    b"\x89H": "an HDF5 file",
}


def read_weights(path: Path, most: int) -> Weights:
    """The tensors of a safetensors file of at most so many bytes, as float32, by their names.

    Raises WrongUse, in one sentence, for any other file.
    """
    content = _content(path, most)
    for begin, what in _OTHERS.items():
        if content.startswith(begin) and not _is_header(content):
            raise WrongUse(f"{path} is {what}, and is not read; write a safetensors file")
    try:
        return _tensors(content)
    except ValueError as error:
        raise WrongUse(
            f"{path} is no safetensors file of weights: {error}; write it anew"
        ) from None


def write_weights(path: Path, weights: Mapping[str, Array]) -> None:
    """Write arrays of numbers as float32."""
    header: dict[str, Any] = {}
    parts: list[bytes] = []
    end = 0
    for name, array in weights.items():
        parts.append(numpy.ascontiguousarray(array, "<f4").tobytes())
        begin, end = end, end + len(parts[-1])
        shape = list(numpy.shape(array))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    write_atomically(path, b"".join([_LENGTH.pack(len(text)), text, *parts]))


def parameters_of(weights: Mapping[str, Array]) -> int:
    return sum(array.size for array in weights.values())


def _content(path: Path, most: int) -> bytes:
    if path.is_symlink():
        raise WrongUse(f"{path} is a link; put the file of weights itself there")
    if not path.is_file():
        raise WrongUse(f"{path} is not a plain file; put a file of weights there")
    if (size := path.stat().st_size) > most:
        raise WrongUse(f"{path} has {size:,} bytes, more than the {most:,} that are read")
    with path.open("rb") as file:
        return file.read(most + 1)


def _is_header(content: bytes) -> bool:
    """Whether a header's length and its brace come first, whatever the length begins with."""
    return content[8:9] == b"{" and _LENGTH.unpack_from(content)[0] <= len(content) - 8


def _tensors(content: bytes) -> Weights:
    if len(content) < _LENGTH.size or not _is_header(content):
        raise ValueError("it has no header")
    end = _LENGTH.size + _LENGTH.unpack_from(content)[0]
    header, numbers = _header(content[_LENGTH.size : end]), content[end:]
    header.pop(_METADATA, None)
    if not header or len(header) > MAX_TENSORS:
        raise ValueError(f"it has {len(header)} tensors, where 1 to {MAX_TENSORS} are due")
    found, places = {}, []
    for name, about in header.items():
        begin, stop, found[name] = _tensor(name, about, numbers)
        places.append((begin, stop))
    # All bytes are somebody's, and nobody's twice: nothing else is in the file.
    places.sort()
    if [0, *(stop for _, stop in places)] != [*(begin for begin, _ in places), len(numbers)]:
        raise ValueError("its tensors overlap, or bytes belong to none of them")
    return found


def _header(text: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a name stands twice in its header")
        return dict(pairs)

    try:
        header = json.loads(text, object_pairs_hook=unique)
    except RecursionError:
        raise ValueError("its header is nested too deeply") from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise ValueError("its header is no JSON") from None
    if not isinstance(header, dict):
        raise ValueError("its header is no JSON object")
    return header


def _tensor(name: str, about: Any, numbers: bytes) -> tuple[int, int, Array]:
    """Where a tensor's numbers begin and end, and the tensor; raises ValueError."""
    try:
        kind, shape, (begin, stop) = about["dtype"], about["shape"], about["data_offsets"]
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"its header doesn't describe {name!r}") from None
    if type(kind) is not str or kind not in _DTYPES:
        raise ValueError(f"{name!r} has the dtype {kind!r}; there may be {', '.join(_DTYPES)}")
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS or not all(map(_is_size, shape)):
        raise ValueError(f"{name!r} has a shape that is none")
    dtype = numpy.dtype(_DTYPES[kind])
    if not (_is_size(begin) and _is_size(stop) and begin <= stop <= len(numbers)):
        raise ValueError(f"the numbers of {name!r} lie outside of the file")
    if stop - begin != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name!r} has {stop - begin} bytes, which do not fit its shape {shape}")
    array = numpy.frombuffer(numbers[begin:stop], dtype)
    if kind == "BF16":  # the upper half of a float32
        array = (array.astype("<u4") << 16).view("<f4")
    with numpy.errstate(over="ignore"):
        array = array.astype("float32").reshape(shape)
    if not numpy.isfinite(array).all():
        raise ValueError(f"{name!r} holds a number that is not finite")
    return begin, stop, array


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**40
