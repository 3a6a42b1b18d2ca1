"""A made class for the search for alike code: honest answers, and some that are copies.

An honest answer takes each exercise from one of the right files in other styles and rewrites it at
random, as people write differently. A copy is somebody's answer with other names, its definitions
in another order, laid out anew, and with a statement added here and there that does nothing.
"""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.names import definitions

RIGHT = Path(__file__).parent / "right"
NAMES = "acc b block buf cur data e elem h item k left n out part q r row s t tmp total u val w z"


def variants(course: Course, lesson: str) -> dict[str, list[ast.FunctionDef]]:
    """Each exercise in every style that there is."""
    styles = [path.read_text(encoding="utf-8") for path in (RIGHT / lesson).glob("*.py")]
    styles.append(course.lesson(lesson).source)
    found: dict[str, list[ast.FunctionDef]] = {id: [] for id in course.lesson(lesson).exercises}
    for source in styles:
        for id, node in definitions(ast.parse(source)):
            if id in found:
                found[id].append(node)
    return {id: nodes for id, nodes in found.items() if nodes}


def functions(source: str) -> Answer:
    """The functions of a file by their qualified names."""
    return dict(definitions(ast.parse(source)))


def honest(chooses: random.Random, styles: dict[str, list[ast.FunctionDef]]) -> Answer:
    """Somebody's own answer: by exercise, a function."""
    return {id: rewritten(chooses.choice(nodes), chooses) for id, nodes in styles.items()}


def copied(chooses: random.Random, answer: Answer, own: Answer, share: float = 0.7) -> Answer:
    """A copy of a share of an answer, disguised; the rest is one's own."""
    ids = list(answer)
    chooses.shuffle(ids)
    taken = set(ids[: max(2, round(share * len(ids)))])
    return {id: disguised(answer[id], chooses) if id in taken else own[id] for id in ids}


Answer = dict[str, ast.FunctionDef]


def source(answer: Answer) -> str:
    """A file with these functions, methods in their classes."""
    parts: dict[str, list[str]] = {}
    for id, node in answer.items():
        owner, _, _ = id.rpartition(".")
        parts.setdefault(owner, []).append(ast.unparse(node))
    texts = []
    for owner, functions in parts.items():
        if owner:
            inner = "\n\n".join(functions).replace("\n", "\n    ")
            texts.append(f"class {owner}:\n    {inner}")
        else:
            texts += functions
    return "import torch\n\n\n" + "\n\n\n".join(texts) + "\n"


def rewritten(node: ast.FunctionDef, chooses: random.Random) -> ast.FunctionDef:
    """The same answer as another person would write it."""
    node = renamed(copy.deepcopy(node), chooses)
    for rewrite in (Turned(chooses), Unrolled(chooses), Named(chooses)):
        node = ast.fix_missing_locations(rewrite.visit(node))
    return node


def disguised(node: ast.FunctionDef, chooses: random.Random) -> ast.FunctionDef:
    """A copy whose copier has taken trouble."""
    node = renamed(copy.deepcopy(node), chooses)
    if chooses.random() < 0.5:
        dead = ast.parse(chooses.choice(["unused = 0", "tmp = None", "flag = True", "pass"])).body
        node.body.insert(chooses.randrange(len(node.body)), dead[0])
    return ast.fix_missing_locations(node)


def renamed(node: ast.FunctionDef, chooses: random.Random) -> ast.FunctionDef:
    """The function with other names for its own variables."""
    own = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    free = [f"{name}{chooses.choice(['', '1', '_'])}" for name in NAMES.split()]
    chooses.shuffle(free)
    names = dict(zip(sorted(own), free, strict=False))
    for n in ast.walk(node):
        if isinstance(n, ast.Name):
            n.id = names.get(n.id, n.id)
    return node


class Rewriter(ast.NodeTransformer):
    """Rewrites some of the places that it could."""

    def __init__(self, chooses: random.Random):
        self.chooses = chooses
        self.often = chooses.choice([0.1, 0.3, 0.6])

    def wants(self) -> bool:
        return self.chooses.random() < self.often


class Turned(Rewriter):
    """Operands, comparisons and short assignments the other way round."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult) and self.wants():
            node.left, node.right = node.right, node.left
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not self.wants():
            return node
        left = copy.deepcopy(node.target)
        left.ctx = ast.Load()  # type: ignore[attr-defined]
        return ast.Assign([node.target], ast.BinOp(left, node.op, node.value))

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        turned: dict[type, Callable[[], ast.cmpop]] = {ast.Lt: ast.Gt, ast.Gt: ast.Lt}
        if len(node.ops) == 1 and type(node.ops[0]) in turned and self.wants():
            return ast.Compare(node.comparators[0], [turned[type(node.ops[0])]()], [node.left])
        return node


class Unrolled(Rewriter):
    """Comprehensions as loops, and what is decided as a statement or as an expression."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [made for each in node.body for made in self.made(each)]
        return node

    def made(self, node: ast.stmt) -> list[ast.stmt]:
        value = getattr(node, "value", None)
        simple = isinstance(value, ast.ListComp) and len(value.generators) == 1
        if not simple or not isinstance(node, ast.Return | ast.Assign) or not self.wants():
            return [node]
        (loop,) = value.generators
        add = ast.parse("found.append(x)").body[0]
        add.value.args = [value.elt]  # type: ignore[attr-defined]
        body: list[ast.stmt] = [add]
        for test in reversed(loop.ifs):
            body = [ast.If(test, body, [])]
        node.value = ast.Name("found", ast.Load())
        return [ast.parse("found = []").body[0], ast.For(loop.target, loop.iter, body, []), node]


class Named(Rewriter):
    """Values that are given a name before they are used."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [made for each in node.body for made in self.made(each)]
        return node

    def made(self, node: ast.stmt) -> list[ast.stmt]:
        if not isinstance(node, ast.Return | ast.Assign) or not node.value or not self.wants():
            return [node]
        name = self.chooses.choice(NAMES.split()) + str(self.chooses.randrange(9))
        inner = [n for n in ast.walk(node.value) if isinstance(n, ast.Call | ast.BinOp)]
        outer = isinstance(node, ast.Return) and self.wants()
        if outer or not inner or any(isinstance(n, SCOPES) for n in ast.walk(node.value)):
            value, node.value = node.value, ast.Name(name, ast.Load())
            return [ast.Assign([ast.Name(name, ast.Store())], value), node]
        taken = self.chooses.choice(inner)
        node.value = Replaced(taken, ast.Name(name, ast.Load())).visit(node.value)
        return [ast.Assign([ast.Name(name, ast.Store())], taken), node]


SCOPES = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda


class Replaced(ast.NodeTransformer):
    """One node by another."""

    def __init__(self, node: ast.AST, by: ast.AST):
        self.node, self.by = node, by

    def visit(self, node: ast.AST) -> ast.AST:
        return self.by if node is self.node else super().visit(node)
