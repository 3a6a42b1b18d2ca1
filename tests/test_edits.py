"""Edits of a function: each is Python again, changes one place, and leaves no trace behind."""

from __future__ import annotations

import ast
import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.lessons.lesson import functions
from autograder.repair.alignment import differences
from autograder.repair.candidates import generic_edits
from autograder.repair.edit import Edit, applied, compiled
from autograder.repair.scope import Scope

RIGHT = Path(__file__).parent / "right"


def parsed(text: str) -> ast.FunctionDef:
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    return function


def edits_of(function: ast.FunctionDef) -> list[Edit]:
    return list(generic_edits(function, Scope.of(function, ast.parse("import torch"))))


def becomes(text: str) -> set[str]:
    """What a function's body can become by one edit."""
    function = parsed(text)
    found = set()
    for edit in edits_of(function):
        with applied(edit):
            found.add(ast.unparse(function).partition("\n")[2].strip())
    return found


FUNCTIONS = [
    ast.unparse(node)
    for path in sorted(RIGHT.rglob("*.py"))
    for _, node in functions(ast.parse(path.read_text(encoding="utf-8")))
]
ODD = Path(__file__).parent / "edits" / "odd.py"
FUNCTIONS += [ast.unparse(node) for node in ast.parse(ODD.read_text(encoding="utf-8")).body]


@settings(max_examples=40)
@given(st.sampled_from(FUNCTIONS), st.data())
def test_every_edit_is_python_and_changes_one_place(text, data):
    function = parsed(text)
    before = ast.dump(function, include_attributes=True)
    statements = list(map(ast.dump, function.body))
    edits = edits_of(function)
    for edit in data.draw(st.lists(st.sampled_from(edits), max_size=60)) if edits else ():
        with applied(edit):
            ast.parse(ast.unparse(function))
            compiled(function, "<edit>")
            after = list(map(ast.dump, function.body))
        assert ast.dump(function, include_attributes=True) == before
        if len(after) == len(statements) and edit.owner is not function:
            changed = [n for n, one in enumerate(after) if one != statements[n]]
            assert len(changed) <= 1
            for n in changed:
                node = function.body[n]
                assert node.lineno <= edit.line <= edit.last_line <= node.end_lineno


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("def f(x):\n    return x - 1", "return x + 1"),
        ("def f(a, b):\n    return a / b", "return b / a"),
        ("def f(a, b):\n    return a < b", "return a <= b"),
        ("def f(x):\n    return g(x, 0)", "return g(0, x)"),
        ("def f(x):\n    return x.sum(1)", "return x.sum(1, keepdim=True)"),
        ("def f(x):\n    return x.sum()", "return x.sum(dim=-1)"),
        ("def f(x):\n    return x.max(0)", "return x.min(0)"),
        ("def f(x, y):\n    return x", "return y"),
        ("def f(x):\n    return x[1:]", "return x[:-1]"),
        ("def f(x):\n    return x", "return -x"),
        ("def f(x):\n    return range(x)", "return range(x + 1)"),
        ("def f(x):\n    return range(len(x))", "return range(len(x) - 1)"),
        ("def f(self):\n    self.a = 1\n    return a", "self.a = 1\n    return self.a"),
        ("def f(x):\n    x.y = 1", "x.y += 1"),
        ("def f(x):\n    x.y += 1", "x.y = 1"),
        ("def f(x):\n    y = x", "y = x\n    return y"),
        ("def f(x):\n    g(x)\n    return x", "return x"),
        ("def f(x):\n    g(x)\n    h(x)", "h(x)\n    g(x)"),
        ("def f(x):\n    if x:\n        g()", "if not x:\n        g()"),
        (
            "def f(x):\n    for y in x:\n        g(y)\n        return y",
            "for y in x:\n        g(y)\n    return y",
        ),
        ("def f(x):\n    x -= 1", "x = x - 1"),
        ("def f(x, y):\n    return g(x)", "return g(x, y)"),
        ("def f(x, y):\n    return g(x)", "return g(x) + y"),
        ("def f(x):\n    x.pop()", "x = list(x)\n    x.pop()"),
        ("def f(x):\n    def g(): h(x)\n    x = 1", "def g():\n        h(x)\n    g()\n    x = 1"),
        ("def f(x):\n    x -= 1", "with torch.no_grad():\n        x -= 1"),
    ],
)  # fmt: skip
def test_what_people_get_wrong_can_be_mended(text, mended):
    assert mended in becomes(text)


@settings(max_examples=40)
@given(st.sampled_from(FUNCTIONS), st.sampled_from(FUNCTIONS))
def test_all_differences_together_make_one_function_the_other(one, other):
    mine, theirs = parsed(one), parsed(other)
    before = ast.dump(mine)
    levels = differences(mine, theirs)
    with applied(*(each[-1] for each in levels)):
        body = [ast.unparse(node) for node in mine.body if not isinstance(node, ast.Pass)]
    bare = copy.deepcopy(theirs)
    assert body[ast.get_docstring(mine) is not None :] == [
        ast.unparse(node)
        for node in bare.body[ast.get_docstring(bare) is not None :]
        if not isinstance(node, ast.Pass)
    ]
    assert ast.dump(mine) == before
