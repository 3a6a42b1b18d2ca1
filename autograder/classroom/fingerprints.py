"""What is left of a function's code when names, comments and layout are taken off: fingerprints.

A function becomes a row of tokens, one for each node of its syntax tree. Every few tokens in a row
are hashed, and of every few hashes that follow one another the smallest is kept, so that equal code
has equal fingerprints wherever it stands (Schleimer, Wilkerson and Aiken, "Winnowing: local
algorithms for document fingerprinting", 2003).
"""

from __future__ import annotations

import ast
import builtins
import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# So many tokens are one hash: shorter rows are in everybody's code.
GRAM = 12
# Of so many hashes one is kept: rows of GRAM + WINDOW - 1 tokens that are equal are always found.
WINDOW = 4
# Of one function; nobody writes more, and who pastes more costs no time.
MAX_TOKENS = 5_000

_BUILT_IN = frozenset(dir(builtins))


class Gram(NamedTuple):
    """A row of tokens by its hash, and the lines of the file that it spans."""

    hash: bytes
    first: int
    last: int


class _Token(NamedTuple):
    text: str
    line: int


def fingerprints(function: ast.FunctionDef, kept: frozenset[str]) -> list[Gram]:
    """The fingerprints of a function.

    kept: names that are told apart from others, besides Python's own; all others are one.
    """
    return _winnowed(grams(function, kept))


def grams(function: ast.FunctionDef, kept: frozenset[str]) -> list[Gram]:
    """The hashes of all rows of tokens; a function shorter than a row is one row."""
    tokens = _tokens(function, kept | _BUILT_IN)
    rows = (tokens[at : at + GRAM] for at in range(max(len(tokens) - GRAM + 1, 1)))
    return [_gram(row) for row in rows if row]


def _gram(row: list[_Token]) -> Gram:
    text = "\0".join(token.text for token in row).encode("utf-8", "surrogatepass")
    lines = [token.line for token in row]
    return Gram(hashlib.blake2b(text, digest_size=8).digest(), min(lines), max(lines))


def _winnowed(rows: list[Gram]) -> list[Gram]:
    """Of each window the smallest hash, the last one of several; each place once."""
    found: dict[int, Gram] = {}
    for start in range(max(len(rows) - WINDOW + 1, 1)):
        window = range(start, min(start + WINDOW, len(rows)))
        if window:
            at = min(window, key=lambda at: (rows[at].hash, -at))
            found[at] = rows[at]
    return list(found.values())


def _tokens(function: ast.FunctionDef, kept: frozenset[str]) -> list[_Token]:
    """A function's tree in the order of its text, without what is only written for people."""
    found: list[_Token] = []
    todo: list[tuple[ast.AST, int]] = [(part, 0) for part in reversed(_parts(function))]
    while todo and len(found) < MAX_TOKENS:  # not recursive: code may be nested deeply
        node, line = todo.pop()
        line = getattr(node, "lineno", line)
        found.append(_Token(_text(node, kept), line))
        todo += [(child, line) for child in reversed(list(_children(node)))]
    return found


def _parts(function: ast.FunctionDef) -> list[ast.AST]:
    return [function.args, *_code(function.body)]


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "ctx", "type_comment", "decorator_list"):
            continue
        if isinstance(value, list):
            children = [each for each in value if isinstance(each, ast.AST)]
            yield from _code(children) if name in ("body", "orelse", "finalbody") else children
        elif isinstance(value, ast.AST):
            yield value


def _code(statements: Iterable[ast.AST]) -> list[ast.AST]:
    return [each for each in statements if not isinstance(each, ast.Pass) and not _is_text(each)]


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a constant that stands alone: a docstring, or `...`."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _text(node: ast.AST, kept: frozenset[str]) -> str:
    if isinstance(node, ast.Name):
        return node.id if node.id in kept else "name"
    if isinstance(node, ast.Attribute):
        own = isinstance(node.value, ast.Name) and node.value.id == "self"
        return ".name" if own and node.attr not in kept else f".{node.attr}"
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.AnnAssign):
        return "Assign"
    return type(node).__name__


def _constant(value: object) -> str:
    """A number by its hash, which is the same everywhere: its digits may be millions."""
    if isinstance(value, str | bytes):
        return "text"
    counts = isinstance(value, int | float | complex) and not isinstance(value, bool)
    return f"number {hash(value)}" if counts else repr(value)
