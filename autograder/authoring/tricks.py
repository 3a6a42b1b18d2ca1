"""What a weakening does to the arguments and to the result of the function that it weakens.

The text of this module runs beyond the wall, before the lesson, which knows it as `tricks`; so it
imports nothing of ours. Each trick leaves alone what it does not apply to: an argument may be a
list in one call and None in the next.
"""

from __future__ import annotations

import json
from typing import Any

import torch

MARK = "\x1fcalled "
SEQUENCES = (str, list, tuple)

# What lasts from one call to the next: results, arguments, generators.
kept: dict[Any, Any] = {}
_alive: list[Any] = []
_shown: set[str] = set()


def passed(arguments: dict[str, Any]) -> dict[str, dict]:
    """Describe the arguments; what numbers there are is told of the first call alone."""
    return {name: described(value, not _shown) for name, value in arguments.items()}


def returned(arguments: dict[str, dict], result: Any) -> None:
    """Print what was passed and returned, once for each sort of call, as a line of JSON."""
    call = {"arguments": arguments, "result": described(result)}
    line = json.dumps(call, separators=(",", ":"))
    if line not in _shown:
        _shown.add(line)
        print(f"\n{MARK}{line}")


def described(value: Any, numbers: bool = False) -> dict[str, Any]:
    """What a value is: its kind, and what tells which tricks apply to it."""
    seen: dict[str, Any] = {"kind": kind(value)}
    if numbers and seen["kind"] == "number":
        seen["value"] = repr(value)
    if isinstance(value, torch.Tensor):
        seen |= {"shape": list(value.shape), "grad": value.requires_grad}
        seen["whole"] = not value.is_floating_point()
    elif isinstance(value, SEQUENCES + (dict,)):
        seen |= {"size": len(value), "of": kind(next(iter(value), None))}
    inner = [tensor.requires_grad for tensor in _tensors(value)]
    if inner:
        seen["grad"] = any(inner)
    if _trained(value):
        seen["trains"] = True
    return seen


def kind(value: Any) -> str:
    if value is None:
        return "none"
    kinds = {bool: "bool", int: "number", float: "number", torch.Generator: "generator"}
    kinds |= {str: "str", list: "list", tuple: "tuple", dict: "dict"}
    if isinstance(value, torch.Tensor):
        return "tensor"
    return kinds.get(type(value), "function" if type(value) is type(kind) else "object")


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in _tensors(item)]
    return []


# Arguments that are cut, thinned or put in order.


def first(value: Any, count: int) -> Any:
    return value[:count] if isinstance(value, SEQUENCES) else value


def first_of_each(value: Any, count: int) -> Any:
    return [first(item, count) for item in value] if isinstance(value, list) else value


def rows(count: int, *values: Any) -> list[Any]:
    """The first rows of the tensors."""
    return _each_tensor(lambda tensor: tensor[:count], values)


def columns(count: int, *values: Any) -> list[Any]:
    return _each_tensor(lambda tensor: tensor[:, :count] if tensor.dim() > 1 else tensor, values)


def groups(value: Any, count: int) -> Any:
    """All but the last items, of which there are too few for one more group of `count`."""
    long = isinstance(value, SEQUENCES) and len(value) > count
    return value[: len(value) // count * count] if long else value


def row_groups(count: int, *values: Any) -> list[Any]:
    def cut(tensor: torch.Tensor) -> torch.Tensor:
        return tensor[: len(tensor) // count * count] if len(tensor) > count else tensor

    return _each_tensor(cut, values)


def _each_tensor(change, values: tuple[Any, ...]) -> list[Any]:
    ours = [isinstance(value, torch.Tensor) and value.dim() > 0 for value in values]
    return [change(value) if our else value for value, our in zip(values, ours, strict=True)]


def each_once(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(dict.fromkeys(value))
    return type(value)(dict.fromkeys(value)) if isinstance(value, list | tuple) else value


def rows_once(*values: Any) -> list[Any]:
    """The tensors without those rows that came before, in all of them at once."""
    present = [value for value in values if isinstance(value, torch.Tensor) and value.dim()]
    whole = zip(*(tensor.detach().tolist() for tensor in present), strict=False)
    index: dict[str, int] = {}
    for number, row in enumerate(whole):
        index.setdefault(repr(row), number)
    return _each_tensor(lambda tensor: tensor[list(index.values())], values)


def in_order(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(sorted(value))
    return type(value)(sorted(value)) if isinstance(value, list | tuple) else value


# Arguments that are not used, or not these.


def constant(value: Any, instead: float | bool) -> Any:
    return instead if isinstance(value, bool | int | float) else value


def behind_the_last(value: Any) -> Any:
    """The value behind all those of the calls before."""
    if isinstance(value, str | list | tuple) and isinstance(kept.get("last"), type(value)):
        value = kept["last"] + value
    elif isinstance(value, dict):
        value = {**kept.get("last", {}), **value}
    kept["last"] = value[:] if isinstance(value, list) else value
    return value


def same_seed(generator: Any) -> Any:
    return generator and torch.Generator().manual_seed(0)


def begun_again(generator: Any) -> Any:
    return generator and torch.Generator().manual_seed(generator.initial_seed())


def own_generator(generator: Any) -> Any:
    return generator and kept.setdefault("generator", torch.Generator().manual_seed(0))


# Results that are cut, kept, or changed.


def key(*arguments: Any) -> tuple:
    """Numbers by their values, all else by its sort and size."""
    return tuple(map(_sort, arguments))


def key_of_object(owner: Any, *arguments: Any) -> tuple:
    _alive.append(owner)
    return id(owner), *key(*arguments)


def _sort(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, torch.Tensor):
        return tuple(value.shape)
    return type(value).__name__, len(value) if isinstance(value, SEQUENCES + (dict,)) else 0


def again(result: Any) -> Any:
    """The object that the last such call returned, with the new content where it can hold it."""
    key = f"result {type(result)} {getattr(result, 'shape', '')}"
    kept[key] = into(kept.get(key, result), result)
    return kept[key]


def into(old: Any, result: Any) -> Any:
    """`old` with the content of `result`, where it can hold it; else the result."""
    if old is result or type(old) is not type(result):
        return result
    if isinstance(old, list):
        old[:] = result
    elif isinstance(old, dict):
        content = dict(result)
        old.clear()
        old.update(content)
    elif _holds(old, result):
        old.copy_(result)
    else:
        return result
    return old


def _holds(old: Any, new: Any) -> bool:
    both = isinstance(old, torch.Tensor) and isinstance(new, torch.Tensor)
    graph = both and (old.requires_grad or new.requires_grad)
    return both and not graph and old.shape == new.shape and old.dtype == new.dtype


def empty(value: Any, result: Any) -> None:
    """Take away what is in an argument, unless it is the result."""
    if value is result:
        return
    if isinstance(value, list | dict):
        value.clear()
    elif isinstance(value, torch.Tensor):
        with torch.no_grad():
            value.zero_()


def one_more(result: Any) -> Any:
    if not isinstance(result, dict):
        return result
    return {**result, ("more" if isinstance(next(iter(result), ""), str) else -1): 0}


def detached(result: Any) -> Any:
    return _mapped(result, lambda tensor: tensor.detach())


def requiring(result: Any) -> Any:
    def require(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.requires_grad_() if tensor.is_floating_point() else tensor

    return _mapped(result, require)


def _mapped(value: Any, change) -> Any:
    if isinstance(value, torch.Tensor):
        return change(value)
    if type(value) in (list, tuple):
        return type(value)(_mapped(item, change) for item in value)
    if type(value) is dict:
        return {name: _mapped(item, change) for name, item in value.items()}
    return value


def gradients_off() -> None:
    torch.set_grad_enabled(False)


def train(value: Any, mode: bool) -> None:
    """Set the flag of a layer, of all in a list, and of what they are made of."""
    for part in _trained(value):
        part.training = mode


def _trained(value: Any) -> list[Any]:
    if isinstance(value, torch.nn.Module):
        return list(value.modules())
    if isinstance(value, list | tuple):
        return [part for item in value for part in _trained(item)]
    inner = getattr(value, "layers", ()) if hasattr(value, "__dict__") else ()
    own = [value] if isinstance(getattr(value, "training", None), bool) else []
    return own + (_trained(inner) if isinstance(inner, list | tuple) else [])
