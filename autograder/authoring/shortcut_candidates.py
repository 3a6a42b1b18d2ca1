"""The callables in which the search looks: by name, of torch and of what is installed beside it."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

NAMESPACES = [
    "torch",
    "torch.nn.functional",
    "torch.special",
    "torch.linalg",
    "torch.sparse",
    "torch.masked",
    "torch.nested",
    "torch.fft",
    "torch.func",
    "torch.signal",
    "torch._VF",
    "torch._C._nn",
    "torch._C._special",
    "torch._C._linalg",
    "torch._C._sparse",
    "torch._C._nested",
    "torch._C._VariableFunctions",
    "torch._refs",
    "torch._refs.nn.functional",
    "torch._refs.special",
    "torch._refs.linalg",
    "torch._prims",
    "torch._prims_common",
    "torch._decomp.decompositions",
    "torch._decomp.decompositions_for_rng",
    "torch._inductor.decomposition",
    "torch.onnx.ops",
    "torch.onnx.ops._impl",
    "torch.nn.attention.bias",
    "torch.nn.attention.flex_attention",
    "torch._higher_order_ops.flex_attention",
    "torch.nested._internal.sdpa",
    "torch.distributions",
    "torch.distributions.utils",
    "torch.distributions.kl",
    "torch.nn.utils",
    "torch.nn.init",
    "torch.autograd.functional",
    "torch._lowrank",
    "torch.functional",
    "torch.masked._ops",
    "torch.ao.nn.quantized.functional",
    "torch._tensor",
    "torch.Tensor",
    "numpy",
    "numpy.linalg",
    "scipy.special",
    "scipy.stats",
    "scipy.linalg",
]
CLASSES = ("torch.nn", "torch.distributions", "torch.distributions.transforms", "torch.ao.nn")
LIBRARIES = {"aten", "prims", "onnx", "quantized_decomposed", "mkldnn", "mkldnn_prepacked", "nnq"}
# They do not compute: they change the process, wait, write, or take code.
HARMFUL = re.compile(
    r"^_?_?(set_|use_|manual_|seed|exit|fork|abort|crash|breakpoint|save|load|hub|compile|register|"
    r"init_|import|wait|sleep|cuda|_cuda|mps|xpu|_assert|_initExtension|share|storage|rename|"
    r"backward|multiprocessing|reduce_ex|del|setattr|dir|class|subclass|new__|init__|typename|"
    r"vmap|Transformer|cond|while_loop|autocast|enable|disable|begin|end|from_file|unsafe|async|test)"
)


@dataclass(frozen=True)
class Candidate:
    """Something that can be called. kind: "function", "operator" or "class"."""

    name: str
    kind: str
    target: Any


def candidates() -> Iterator[Candidate]:
    seen: set[int] = set()
    for each in (*functions(), *classes(), *operators()):
        if id(each.target) not in seen:
            seen.add(id(each.target))
            yield each


def functions() -> Iterator[Candidate]:
    for namespace in NAMESPACES:
        for name, value in _members(namespace):
            if callable(value) and not inspect.isclass(value) and not HARMFUL.match(name):
                yield Candidate(f"{namespace}.{name}", "function", value)


def classes() -> Iterator[Candidate]:
    for namespace in CLASSES:
        for name, value in _members(namespace):
            if inspect.isclass(value) and not name.startswith("_"):
                yield Candidate(f"{namespace}.{name}", "class", value)


def operators() -> Iterator[Candidate]:
    for full_name in sorted(torch._C._dispatch_get_all_op_names()):
        library, _, name = full_name.partition("::")
        name, _, overload = name.partition(".")
        if library not in LIBRARIES or "backward" in name or HARMFUL.match(name):
            continue
        with contextlib.suppress(AttributeError, RuntimeError):
            packet = getattr(getattr(torch.ops, library), name)
            target = getattr(packet, overload or "default")
            if "out" not in overload:
                spelled = f"torch.ops.{library}.{name}.{overload or 'default'}"
                yield Candidate(spelled, "operator", target)


def _members(namespace: str) -> list[tuple[str, object]]:
    """The names of a module or class, its own first; none where it is not installed."""
    try:
        holder = pkgutil.resolve_name(namespace)
    except (ImportError, AttributeError):
        try:
            holder = importlib.import_module(namespace)
        except Exception:
            return []
    found = []
    for name in sorted(dir(holder)):
        with contextlib.suppress(Exception):
            value = getattr(holder, name)
            if not isinstance(value, types.ModuleType):
                found.append((name, value))
    return found
