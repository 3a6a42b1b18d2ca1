"""Values of an observation as a person reads them: what they are, and what they hold."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from autograder.worker.decoding import Node, rows

_NAMES = {
    "none": "None", "bool": "a bool", "int": "a number", "float": "a number",
    "complex": "a complex number", "str": "a string", "bytes": "bytes", "list": "a list",
    "dict": "a dict", "set": "a set", "tensor": "a tensor", "array": "a numpy array",
}  # fmt: skip


# As many numbers are shown one by one; more are a wall that nobody reads.
WALL = 16


def kind_of(node: Node) -> str:
    """What a value is, in a learner's words."""
    if node.kind == "object":
        article = "an" if node.value[:1].lower() in "aeiou" else "a"
        return f"{article} {node.value}"
    if node.kind == "shown":
        return show(node, 60)
    if node.is_tensor:
        return f"{_NAMES[node.kind]} {_shape_and_dtype(node)}"
    if node.kind in ("str", "int", "float", "bool"):
        return f"{_NAMES[node.kind]} ({show(node, 40)})"
    return _NAMES[node.kind]


def show(node: Node, width: int = 200) -> str:
    """A value as a person reads it, cut to `width` characters."""
    text = _show(node, width)
    return text if len(text) <= width else text[: width - 3] + "..."


def _show(node: Node, width: int) -> str:
    if node.kind == "list":
        inner = _joined((_show(item, width) for item in node.value), width)
        comma = "," if len(node.value) == 1 else ""
        return f"({inner}{comma})" if node.is_tuple else f"[{inner}]"
    if node.kind == "set":
        return "{" + _joined((_show(item, width) for item in node.value), width) + "}"
    if node.kind == "dict":
        pairs = (f"{_show(key, width)}: {_show(value, width)}" for key, value in node.value)
        return "{" + _joined(pairs, width) + "}"
    if node.is_tensor:
        return _show_tensor(node)
    if node.kind == "object":
        return kind_of(node)
    if node.kind == "shown":
        return str(node.value)
    if node.kind == "float":
        return show_float(node.value)
    return repr(node.value)


def _joined(parts: Iterable[str], width: int) -> str:
    """The parts with commas between; stops once the text is longer than anybody will see."""
    text = ""
    for part in parts:
        text += (", " if text else "") + part
        if len(text) > width:
            break
    return text


def show_float(value: float) -> str:
    """Six digits, and never mistaken for an integer."""
    short = f"{value:.6g}"
    return short if "." in short or not math.isfinite(value) or "e" in short else short + ".0"


def _show_tensor(node: Node) -> str:
    # Without elements, a tensor may still have a million rows to write.
    if rows(node.value.shape) > WALL:
        return f"a tensor {_shape_and_dtype(node)}{_beginning(node)}"

    def nested(values: Any) -> str:
        if isinstance(values, list):
            return "[" + ", ".join(nested(value) for value in values) + "]"
        return show_float(values) if isinstance(values, float) else str(values)

    return nested(node.value.tolist())


def _beginning(node: Node) -> str:
    """The first few numbers, which tell one large tensor from another."""
    if not node.value.size or node.value.dtype.kind == "c":
        return ""
    first = node.value.ravel()[:4].tolist()
    texts = [show_float(value) if isinstance(value, float) else str(value) for value in first]
    return f" ({', '.join(texts)}, ...)"


def _shape_and_dtype(node: Node) -> str:
    return f"of shape {node.value.shape} and dtype {node.dtype}"
