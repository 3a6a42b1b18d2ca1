"""What the tests of refused short cuts share: inputs, functions, and torch warm for refusing."""

import warnings

import pytest
import torch

from autograder.worker.shortcuts import SHORTCUTS, ShortcutRefused, refusing, warm_up

warm_up()

aten = torch.ops.aten
x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
targets = torch.tensor([0, 5, 2, 2])
weight = torch.randn(6, 3, requires_grad=True)
recorded = (x @ weight).tanh().sum()
ones, zeros = torch.ones(6), torch.zeros(6)


def quietly(compiler, *arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compiler(*arguments)


def script(function):
    return quietly(torch.jit.script, function)


def leaf():
    return torch.randn(6, 3, requires_grad=True)


def square(value):
    return (value * value).sum()


def caught(work):
    try:
        return work()
    except Exception:
        return None


scripted_gradient = quietly(
    torch.jit.CompilationUnit,
    """
def gradient(z):
    x = z.detach().requires_grad_(True)
    return torch.autograd.grad([(x * x).sum()], [x])[0]
""",
).gradient


def cases(table):
    return [(name, way) for name, ways in table.items() for way in ways]


def assert_refused(name, work):
    """The short cut is refused as itself, in the words that its author gave it."""
    with pytest.raises(ShortcutRefused) as refused, refusing([name]):
        work()
    assert refused.value.shortcut == name
    assert SHORTCUTS[name].sentence in str(refused.value)
