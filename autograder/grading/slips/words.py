"""What a sentence may quote of the reference: the names that its stub has shown already."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Set
from dataclasses import dataclass

_LONGEST = 32


@dataclass(frozen=True)
class Words:
    """The names that may be said; everything else has other words."""

    known: Set[str]

    def quoted(self, node: ast.AST, otherwise: str) -> str:
        """An expression in quotes where all its names are known, or other words for it."""
        text = ast.unparse(node)
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        names |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
        plain = all(name in self.known or hasattr(builtins, name) for name in names)
        simple = isinstance(
            node, ast.Name | ast.Attribute | ast.Constant | ast.Subscript | ast.Call
        )
        return f"`{text}`" if plain and simple and len(text) <= _LONGEST else otherwise
