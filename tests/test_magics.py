"""Cells are read as IPython reads them, without IPython."""

from __future__ import annotations

import ast

import pytest

from autograder.lessons.magics import without_magics

CELLS = (
    "!pip install \\\n  it\nx = 1",
    "n = !nproc\nx = 1",
    "x = !ls \\\n  -l\ny = 4",
    "d['k'] = !ls\nx = 2",
    "a, b = %who_ls\nx = 1",
    "if a:\n    !ls\n    y = 2",
    "torch?\nx = 1",
    "?torch\nx = 1",
    "torch.nn.functional??\ny = 2",
    "x = 5 # really?\n!ls",
    "s = '''\n!no\n%no\nno?\n'''\n!ls\nt = 1",
    "x = (3\n % 2)\n!ls",
    "x = 5 \\\n  % 3\n!ls",
    "!echo it's \"fine\nx = 1",
    "f'{x!r}'\n!ls",
    "%pwd\nawait f()",
    "    def f():\n        return 1\n    !ls",
    ">>> x = 1\n>>> y = 2",
    "x == !ls",
    "f(x=!ls)",
    "if x: !ls",
    "def broken(:",
)


@pytest.mark.parametrize("source", CELLS)
def test_cells_are_read_as_ipython_reads_them(source):
    transformer = pytest.importorskip("IPython.core.inputtransformer2").TransformerManager()
    ours = without_magics(source)
    assert ours.count("\n") == source.count("\n")
    assert skeleton(ours) == skeleton(transformer.transform_cell(source))


def skeleton(source: str) -> str | None:
    """A cell's code with nothing where only Jupyter does something; None where it is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    return ast.dump(Emptied().visit(tree))


class Emptied(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        return ast.Pass() if asks_jupyter(node.value) else node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        if asks_jupyter(node.value) or isinstance(node.value, ast.List):
            node.value = ast.Constant(None)
        return node


def asks_jupyter(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and "get_ipython" in ast.dump(value.func)
