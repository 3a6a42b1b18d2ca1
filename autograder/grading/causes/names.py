"""Names that are not there: misspelt, without `self.`, not imported, or set too late."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.grading.causes.evidence import Evidence
from autograder.grading.causes.source import called, is_builtin
from autograder.grading.result import Raised
from autograder.lessons.spelling import nearest
from autograder.reports.cause import Cause

IMPORTS = {
    "math": "import math",
    "random": "import random",
    "torch": "import torch",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "F": "import torch.nn.functional as F",
    "nn": "import torch.nn as nn",
    "plt": "import matplotlib.pyplot as plt",
    "re": "import re",
    "regex": "import regex",
    "itertools": "import itertools",
    "functools": "import functools",
    "collections": "import collections",
    "Counter": "from collections import Counter",
    "defaultdict": "from collections import defaultdict",
    "copy": "import copy",
    "sqrt": "from math import sqrt",
    "exp": "from math import exp",
    "log": "from math import log",
}
_UNKNOWN = re.compile(r"name '(\w+)' is not defined")
_UNSET = re.compile(r"(?:local|free) variable '(\w+)'")
_LACKS = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
_MODULE_LACKS = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")


def unknown_name(evidence: Evidence, error: Raised) -> Cause | None:
    found = _UNKNOWN.search(error.message) if error.type == "NameError" else None
    if found is None:
        return None
    name, line = found[1], evidence.at(error)
    source, names = evidence.source, evidence.names
    scope = source.locals if source else set()
    if source and source.owner and name in names.attributes.get(source.owner, ()):
        return _told(
            evidence, "self forgotten", f"`self.` is forgotten before `{name}`", line, name
        )
    if name in IMPORTS and name not in names.lesson | names.module:
        says = f"`{name}` is not imported: `{IMPORTS[name]}` is missing at the top"
        return evidence.cause("import missing", says, line=line)
    if meant := nearest(name, {*scope, *names.module, *names.lesson}):
        says = f"`{name}` does not exist; `{meant}` does: is it misspelt?"
        return _told(evidence, "misspelt", says, line, meant)
    if name in IMPORTS:
        says = f"`{name}` is not imported: `{IMPORTS[name]}` is missing at the top"
        return evidence.cause("import missing", says, line=line)
    says = f"nothing gives `{name}` a value before this line uses it"
    return _told(evidence, "unknown name", says, line, name)


def unset_name(evidence: Evidence, error: Raised) -> Cause | None:
    found = _UNSET.search(error.message)
    if found is None or error.type not in ("UnboundLocalError", "NameError"):
        return None
    name = found[1]
    says = (
        f"`{name}` is used before this function has given it a value: a name that is set anywhere "
        "in a function is its own from the first line on"
    )
    if name in evidence.names.module:
        says += ", and hides the one at the top of the file"
    safe = "a local name is used before it has a value"
    return evidence.cause("set too late", says, line=evidence.at(error), safe=safe)


def missing_attribute(evidence: Evidence, error: Raised) -> Cause | None:
    found = _LACKS.search(error.message) if error.type == "AttributeError" else None
    if found is None:
        return None
    kind, name = found.groups()
    line, held = evidence.at(error), evidence.names.attributes.get(kind)
    if held is None:
        return _of_another_kind(evidence, kind, name, line)
    if meant := nearest(name, held):
        says = f"a {kind} has no `{name}`, but it has `{meant}`: one of them is misspelt"
        return _told(evidence, "misspelt", says, line, name, kind)
    says = f"no method gives a {kind} its `{name}`: `self.{name} = ...` is missing, or not reached"
    return _told(evidence, "attribute missing", says, line, name, kind)


def _of_another_kind(evidence: Evidence, kind: str, name: str, line: int | None) -> Cause | None:
    if kind == "NoneType":
        return _of_none(evidence, name, line)
    if kind in ("function", "method", "builtin_function_or_method"):
        says = f"`.{name}` is asked of a {_PLAIN.get(kind, kind)} itself: its `()` are missing"
        return _told(evidence, "not called", says, line, name)
    holders = [each for each in evidence.names.holders(name) if each in evidence.names.lesson]
    if holders and kind in _PLAIN:
        says = f"{_PLAIN[kind]} stands where a {holders[0]} is needed: only that has `.{name}`"
        return _told(evidence, "not wrapped", says, line, name)
    if kind in _PLAIN:
        says = f"`.{name}` is asked of {_PLAIN[kind]}, which has none"
        if kind in ("list", "tuple", "float", "int", "bool") and name in _TENSORS:
            says += "; a tensor has it"
        return _told(evidence, "another kind", says, line, name)
    if kind == "Tensor" and (meant := _TENSOR_HABITS.get(name, "")):
        says = f"a tensor has no `.{name}`; torch calls it `{meant}`"
        return evidence.cause("another library", says, line=line)
    return None


def _of_none(evidence: Evidence, name: str, line: int | None) -> Cause:
    for call, target in _results_of_nothing(evidence):
        says = f"`{call}` changes its list and returns None, and that is kept in `{target}`"
        return evidence.cause("None kept", says, line=line, safe="what a method returns is None")
    says = f"`.{name}` is asked of None: what should have a value here was never given one"
    if name == "grad" or "grad" in name or name in ("data", "zero_", "add_"):
        says += ", or its gradient is not there (yet)"
    return _told(evidence, "None used", says, line, name)


def _results_of_nothing(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """The assignments of what `append`, `sort` and their like return, which is nothing."""
    for node in ast.walk(evidence.source.node) if evidence.source else ():
        call = node.value if isinstance(node, ast.Assign) else None
        if isinstance(call, ast.Call) and called(call) in _RETURN_NOTHING:
            yield f".{called(call)}()", ast.unparse(getattr(node, "targets", [call])[0])


def missing_in_module(evidence: Evidence, error: Raised) -> Cause | None:
    found = _MODULE_LACKS.search(error.message) if error.type == "AttributeError" else None
    if found is None or not error.lines:
        return None
    module, name = found.groups()
    says = f"`{module}` has no `{name}`"
    if meant := nearest(name, _members(module)):
        says += f"; is `{meant}` meant?"
    return _told(evidence, "misspelt", says, evidence.at(error), name)


def _members(module: str) -> list[str]:
    import sys

    return dir(sys.modules[module]) if module in sys.modules else []


def _told(evidence: Evidence, name: str, says: str, line: int | None, *quoted: str) -> Cause:
    """A cause whose sentence feedback may have where it quotes only names of the lesson's."""
    words = {*quoted, *re.findall(r"`\.?([\w.]+)`", says)} - {"self."}
    ours = all(word in evidence.names.lesson or is_builtin(word) for word in words)
    return evidence.cause(name, says, line=line, safe=says if ours else "")


_PLAIN = {
    "int": "a plain number", "float": "a plain number", "bool": "a bool", "list": "a list",
    "tuple": "a tuple", "str": "a string", "dict": "a dict", "function": "function",
    "method": "method", "builtin_function_or_method": "method", "set": "a set",
    "generator": "a generator", "map": "what `map` gives",
}  # fmt: skip
_TENSORS = {
    "shape", "sum", "mean", "item", "tolist", "float", "exp", "log", "view", "reshape", "T", "dim",
    "size", "backward", "grad", "std", "var", "max", "abs", "tanh", "long", "numel", "unsqueeze",
}  # fmt: skip
_TENSOR_HABITS = {"astype": ".to(dtype)", "copy": ".clone()", "concatenate": "torch.cat"}
_RETURN_NOTHING = {"append", "extend", "sort", "reverse", "insert", "remove", "clear", "update"}
