"""The ways in which the search calls a candidate."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.authoring import shortcut_targets as targets_of
from autograder.authoring.shortcut_candidates import Candidate

ANY = frozenset(
    {
        "softmax",
        "logsumexp",
        "one_hot",
        "cross_entropy",
        "layer_norm",
        "batch_norm",
        "attention",
    }
)
# Of whether the logits require a gradient: the result, and what it was computed from.
Call = Callable[[bool], tuple[Any, list[Tensor]]]
LOSS = frozenset({"cross_entropy"})
CONSTANTS = {
    "none": None, "true": True, "false": False, "sum": "sum", "each": "none", "eps": 1e-5,
    "rows": [1], "columns": [0], "width": [targets_of.CLASSES], "float": torch.float32,
    "tenth": 0.1, "ignored": -100, "classes": targets_of.CLASSES,
}  # fmt: skip
# Arguments by name, or a number; what is written NAME=ARGUMENT is passed by name.
WAYS = """
x | x 0 | x 1 | x -1 | x rows | x columns | x width | x -1 true | x -1 false | x 1 none | x 0 none
x none 1 | x -1 float | x dim=1 | x dim=0 | x axis=1 | x axis=0 | x 1 eps | x rows eps
x columns eps | x width none none eps | x width ones zeros eps | x width eps | x zeros ones
x ones zeros | x none none none none true | x none none true | x zeros ones none none true
x zeros ones none none true tenth eps | x zeros ones ones zeros true tenth eps
x ones zeros none none true tenth eps | x ones zeros none none true tenth eps false
x ones zeros true tenth eps | x none none tenth | x ones zeros | x ones zeros eps
x 1 ones zeros eps | x signs | x signs reduction=each | x signs reduction=sum | x signs none 0
x signs 0 | x signs 1 | x binary | x binary reduction=each | x binary reduction=sum
x binary none none 0 | x y | x y reduction=each | x y reduction=sum | x y none 1 ignored
x y none 0 ignored | x hot | x hot reduction=each | x hot reduction=sum | hot x | y x
x y none none 0 | x hot 0 | logp y | logp y reduction=each | logp y reduction=sum
logp y none 1 ignored | p y | x soft | x soft reduction=each | x soft reduction=sum | soft logp
soft p | logp soft | logp soft reduction=each | logp soft reduction=sum | logp soft 0
logp soft 1 | logp soft 2 | soft_distribution x_distribution | ctc_logp ctc_y ctc_n ctc_n
ctc_logp ctc_y ctc_n ctc_n reduction=sum | ctc_logp ctc_y ctc_n ctc_n reduction=each
ctc_logp ctc_y ctc_n ctc_n 0 | y | y classes | y classes 1 | classes y | y num_classes=classes
q k v | q k v is_causal=true | q k v none tenth0 true | q k v none 0 true | q3 k3 v3 | q k v scale
q3 k3 v3 is_causal=true | q k v none none true | q2 k2 v2 | q k v causal_mod | q k v same_mod
q k v same_mod blocks scale holder | q k v causal_mod blocks scale holder | q k v mask
q k v none none none q_num_heads=2 kv_num_heads=2 | q k v is_causal=1 | q3 k3 v3 mask | x x
x x x
"""


def _inputs(with_grad: bool) -> dict[str, Any]:
    """Fresh ones for every call: it may write into them. Made anew, so that none is shared."""
    x = targets_of.logits.clone().requires_grad_(with_grad)
    y, hot = targets_of.targets.clone(), targets_of.one_hot.clone()
    q, k, v = (each.clone() for each in (targets_of.query, targets_of.key, targets_of.value))
    return {
        **CONSTANTS, "x": x, "y": y, "hot": hot, "soft": targets_of.soft.clone(),
        "signs": targets_of.signs.clone(), "binary": (targets_of.signs + 1) / 2,
        "ones": torch.ones(6), "zeros": torch.zeros(6), "holder": {},
        "logp": targets_of.log_probabilities.clone(), "p": targets_of.probabilities.clone(),
        "ctc_logp": targets_of.with_blank.clone(), "ctc_y": y[:, None] + 1,
        "ctc_n": torch.ones(len(x), dtype=torch.int64),
        "q": q, "k": k, "v": v, "q3": q[0], "k3": k[0], "v3": v[0],
        "q2": q[0, 0], "k2": k[0, 0], "v2": v[0, 0], "tenth0": 0.0, "scale": q.shape[-1] ** -0.5,
        "mask": torch.ones(len(x), len(x), dtype=torch.bool).tril(),
        "same_mod": _same_scores, "causal_mod": _causal_scores,
    }  # fmt: skip


def _same_scores(score: Tensor, batch: Tensor, head: Tensor, row: Tensor, column: Tensor) -> Tensor:
    return score


def _causal_scores(
    score: Tensor, batch: Tensor, head: Tensor, row: Tensor, column: Tensor
) -> Tensor:
    return torch.where(row >= column, score, -torch.inf)


def _argument(name: str, inputs: dict[str, Any]) -> Any:
    if name.lstrip("-").isdigit():
        return int(name)
    if name == "blocks":
        from torch.nn.attention import flex_attention

        return flex_attention._create_empty_block_mask(inputs["q"], inputs["k"]).as_tuple()
    if name == "x_distribution":
        return torch.distributions.Categorical(logits=inputs["x"])
    if name == "soft_distribution":
        return torch.distributions.Categorical(probs=inputs["soft"])
    return inputs[name]


@functools.cache
def ways() -> list[tuple[str, list[str], dict[str, str]]]:
    found = []
    for way in WAYS.replace("\n", "|").split("|"):
        words = way.split()
        named = dict(word.split("=") for word in words if "=" in word)
        if words:
            found.append((" ".join(words), [word for word in words if "=" not in word], named))
    return found


def calls_of(candidate: Candidate) -> Iterator[tuple[str, frozenset[str], Call]]:
    """(how, what may be found in that way, the call)."""
    if candidate.kind == "operator":
        yield from _operator_calls(candidate)
        return
    makers = _MAKERS if candidate.kind == "class" else [("", lambda target, _: target)]
    numpy_like = candidate.name.startswith(("numpy", "scipy"))
    for made, make in makers:
        for way, names, named in ways():
            if (
                candidate.kind != "class"
                or way in _CLASS_WAYS
                or made.startswith(("reduction", "()"))
            ):
                call = functools.partial(_call, candidate.target, make, names, named, numpy_like)
                yield f"{made}({way})", _possible(names), call
    if candidate.kind == "class":
        for given in _DISTRIBUTIONS:
            yield str(given), ANY, functools.partial(_distribution, candidate.target, given)


def _possible(names: list[str]) -> frozenset[str]:
    """With probabilities given, only losses count; with rows of a unit matrix, not one_hot."""
    given = set(names)
    if given & {"logp", "p", "ctc_logp", "soft"}:
        return LOSS
    if given & {"hot", "signs", "binary"}:
        return ANY - {"one_hot"}
    return ANY if "y" not in given or "x" in given else frozenset({"one_hot"})


def _call(
    target: Any,
    make: Callable[[Any, dict[str, Any]], Any],
    names: list[str],
    named: dict[str, str],
    numpy_like: bool,
    with_grad: bool,
) -> tuple[Any, list[Tensor]]:
    inputs = _inputs(with_grad)
    positional = [_argument(name, inputs) for name in names]
    by_name = {name: _argument(value, inputs) for name, value in named.items()}
    if numpy_like:
        positional = [each.numpy() if isinstance(each, Tensor) else each for each in positional]
    return make(target, inputs)(*positional, **by_name), [inputs["x"], *positional]


_MAKERS = [
    ("()", lambda target, _: target()),
    ("(-1)", lambda target, _: target(-1)),
    ("(0)", lambda target, _: target(0)),
    ("(6)", lambda target, _: target(6)),
    ("(1, 6)", lambda target, _: target(1, 6)),
    ("reduction=none", lambda target, _: target(reduction="none")),
    ("reduction=sum", lambda target, _: target(reduction="sum")),
]
_CLASS_WAYS = {"x", "x y", "y"}
_DISTRIBUTIONS: tuple[dict[str, str], ...] = (
    {"logits": "x"}, {"total_count": "1", "logits": "x"}, {"temperature": "ones1", "logits": "x"},
    {"loc": "x", "scale": "ones"}, {"df": "ones", "loc": "x"},
)  # fmt: skip


def _distribution(target: Any, way: dict[str, str], with_grad: bool) -> tuple[Any, list[Tensor]]:
    inputs = {**_inputs(with_grad), "ones1": torch.ones(1)}
    named = {name: _argument(value, inputs) for name, value in way.items()}
    return target(**named), [inputs["x"]]


def _operator_calls(candidate: Candidate) -> Iterator[tuple[str, frozenset[str], Call]]:
    """An operator says what it takes; up to some dozens of combinations."""
    arguments = candidate.target._schema.arguments
    options = [_options(number, argument) for number, argument in enumerate(arguments)]
    for chosen in itertools.islice(itertools.product(*options), 96):
        call = functools.partial(_call_operator, candidate.target, chosen)
        yield " ".join(map(str, chosen)), _possible([str(each) for each in chosen]), call


def _call_operator(
    target: Any, chosen: tuple[Any, ...], with_grad: bool
) -> tuple[Any, list[Tensor]]:
    inputs = _inputs(with_grad)
    values = [
        _argument(each, inputs) if isinstance(each, str) and each not in ("none",) else each
        for each in chosen
    ]
    values = [None if value == "none" and isinstance(value, str) else value for value in values]
    positional, named = [], {}
    for argument, value in zip(target._schema.arguments, values, strict=True):
        if argument.kwarg_only:
            named[argument.name] = value
        else:
            positional.append(value)
    return target(*positional, **named), [inputs["x"]]


def _options(number: int, argument: Any) -> list[Any]:
    kind, name = str(argument.type), argument.name
    if kind == "Tensor":
        return _tensor_options(number, name)
    if kind == "bool":
        return [argument.default_value] if "half" in name else [False, True]
    if kind == "int" and name == "reduction":
        return [0, 2, 1]
    if argument.has_default_value():
        return [argument.default_value]
    if kind.startswith("Optional"):
        return [None]
    if kind == "List[int]":
        return [[6], [1], [0]]
    if kind == "List[Tensor]":
        return [[]]
    if kind == "float":
        return [1e-5] if "eps" in name else [0.0]
    if kind == "int":
        return {
            "N": [4], "C": [6], "HxW": [1], "group": [1], "ignore_index": [-100],
            "num_classes": [6],
        }.get(name, [-1, 0, 1])  # fmt: skip
    return [1]


_BY_NAME = {
    "weight": ["ones"], "bias": ["zeros"], "running_mean": ["zeros"], "running_var": ["ones"],
    "mean": ["zeros"], "var": ["ones"], "query": ["q", "q3"], "key": ["k", "k3"],
    "value": ["v", "v3"], "target": ["y", "signs", "binary", "soft"], "targets": ["ctc_y", "y"],
    "log_probs": ["ctc_logp"], "input_lengths": ["ctc_n"], "target_lengths": ["ctc_n"],
    "mask": ["mask"], "labels": ["y"],
}  # fmt: skip


def _tensor_options(number: int, name: str) -> list[str]:
    if name.lower() in _BY_NAME:
        return _BY_NAME[name.lower()]
    return ["x", "logp", "y", "q"] if number == 0 else ["y", "soft", "x", "k", "v"]
