"""Formulas for eyes that have no TeX: `\\frac{a + b}{2}` becomes (a + b)/2, `x_i^2` becomes xᵢ².

It knows what lessons use; what it does not know it leaves as a word, so that nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_&]|\s+|[A-Za-z0-9]|.", re.DOTALL)
_FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<!\\)\$((?:[^$\n]|\n(?!\n))+?)\$", re.DOTALL)


def _table(signs: str, meanings: str) -> dict[str, str]:
    return dict(zip(signs.split(), meanings.split(), strict=True))


_SYMBOLS = {
    **_table("alpha beta gamma delta epsilon varepsilon eta theta", "α β γ δ ε ε η θ"),
    **_table("kappa lambda mu pi rho sigma tau phi omega Delta", "κ λ μ π ρ σ τ φ ω Δ"),
    **_table("cdot times pm le leq ge geq ne neq approx sim gg ll", "· × ± ≤ ≤ ≥ ≥ ≠ ≠ ≈ ~ ≫ ≪"),
    **_table("to leftarrow rightarrow leftrightarrow mapsto", "→ ← → ↔ ↦"),
    **_table("sum prod int partial nabla infty in top odot oplus", "∑ ∏ ∫ ∂ ∇ ∞ ∈ ᵀ ⊙ ⊕"),
    **_table("ldots dots cdots ell propto mid Vert lVert rVert", "… … … ℓ ∝ | ‖ ‖ ‖"),
}
# The wide one is a single sign until the end, because runs of spaces become one.
_WIDE = "\u2003"
_SPACES = {r"\,": " ", r"\;": " ", r"\ ": " ", r"\quad": _WIDE, r"\qquad": _WIDE}
_NOTHING = {r"\!", r"\left", r"\right", r"\big", r"\Big", r"\bigg", r"\Bigg", r"\displaystyle"}
_ACCENTS = {r"\hat": "\u0302", r"\bar": "\u0304", r"\tilde": "\u0303", r"\vec": "\u20d7"}
_WORDS = {r"\text", r"\mathrm", r"\mathbf", r"\mathit", r"\operatorname"}
# After these a letter follows at once: ∂L, ∑ is set apart by its own space.
_CLINGS = "∂∇"
_SUPER = {
    **_table("0 1 2 3 4 5 6 7 8 9 + - − = ( ) T ᵀ", "⁰ ¹ ² ³ ⁴ ⁵ ⁶ ⁷ ⁸ ⁹ ⁺ ⁻ ⁻ ⁼ ⁽ ⁾ ᵀ ᵀ"),
    **_table("a b c d e f g h i j k l m", "ᵃ ᵇ ᶜ ᵈ ᵉ ᶠ ᵍ ʰ ⁱ ʲ ᵏ ˡ ᵐ"),
    **_table("n o p r s t u v w x y z", "ⁿ ᵒ ᵖ ʳ ˢ ᵗ ᵘ ᵛ ʷ ˣ ʸ ᶻ"),
}
_SUB = {
    **_table("0 1 2 3 4 5 6 7 8 9 + - − = ( )", "₀ ₁ ₂ ₃ ₄ ₅ ₆ ₇ ₈ ₉ ₊ ₋ ₋ ₌ ₍ ₎"),
    **_table("a e h i j k l m n o p r s t u v x", "ₐ ₑ ₕ ᵢ ⱼ ₖ ₗ ₘ ₙ ₒ ₚ ᵣ ₛ ₜ ᵤ ᵥ ₓ"),
}


def readable(text: str) -> str:
    """A text with its formulas, between dollar signs, in Unicode.

    >>> readable(r"the slope is $\\frac{f(x + h) - f(x)}{h}$")
    'the slope is (f(x + h) - f(x))/h'
    """
    return replaced(text, lambda formula, _: unicode_of(formula))


def replaced(text: str, write: Callable[[str, bool], str]) -> str:
    """A text whose formulas are what `write` makes of them, and of whether they are displayed."""

    def _one(match: re.Match[str]) -> str:
        displayed = match[1] is not None
        return write(match[1] if displayed else match[2], displayed)

    return _FORMULA.sub(_one, text)


def unicode_of(formula: str) -> str:
    """One formula, without its dollar signs.

    >>> unicode_of(r"\\frac{\\partial L}{\\partial W} = \\sum_{i=1}^n x_i^2")
    '∂L/∂W = ∑ᵢ₌₁ⁿ xᵢ²'
    """
    found = _Formula(_TOKEN.findall(formula)).until("")
    found = re.sub(r"([(\[]) +| +([)\],.;])", lambda match: match[1] or match[2], found)
    found = re.sub(r"[ \n]*\n[ \n]*", "\n", re.sub(r" {2,}", " ", found))
    return re.sub(f" *{_WIDE} *", "    ", found).strip()


class _Formula:
    """Reads tokens from the left; each method returns the text of what it has read."""

    def __init__(self, tokens: list[str]):
        self._left = tokens[::-1]

    def until(self, end: str) -> str:
        """Everything up to a closing brace, an `\\end`, or the end of the formula."""
        found = ""
        while self._left:
            token = self._left.pop()
            if token == end:
                break
            if token in "^_" and len(token) == 1:
                found = found.rstrip() + _script(token, self._argument())
            elif token.isspace():
                found += "" if found.endswith(tuple(_CLINGS)) else " "
            else:
                found += self._one(token)
        return found

    def _one(self, token: str) -> str:
        if token == "{":
            return self.until("}")
        if token == r"\frac":
            return f"{_grouped(self._argument())}/{_grouped(self._argument())}"
        if token == r"\sqrt":
            return "√" + _grouped(self._argument())
        if token in _ACCENTS:
            return self._argument() + _ACCENTS[token]
        if token in _WORDS:
            return self._argument()
        if token == r"\begin":
            return self._environment(self._argument())
        if token in _NOTHING:
            return ""
        return _SPACES.get(token) or _symbol(token)

    def _argument(self) -> str:
        """What a command or a script applies to: a group in braces, or one token."""
        while self._left and self._left[-1].isspace():
            self._left.pop()
        return self._one(self._left.pop()).strip() if self._left else ""

    def _environment(self, name: str) -> str:
        body = self.until(r"\end")
        self._argument()
        rows = [[cell.strip() for cell in row.split("&")] for row in body.split("\n")]
        if name == "cases":
            return "{ " + "; ".join(" if ".join(row) for row in rows) + " }"
        return "[" + "; ".join(" ".join(row) for row in rows) + "]"


def _symbol(token: str) -> str:
    if token == r"\\":
        return "\n"
    return _SYMBOLS.get(token.removeprefix("\\"), token.removeprefix("\\"))


def _grouped(text: str) -> str:
    """In brackets where it is more than one factor."""
    whole = re.fullmatch(r"[^\s+\-−=/,]+(\([^()]*\))?", text)
    return text if whole else f"({text})"


def _script(sign: str, text: str) -> str:
    """Raised or lowered where Unicode has every sign of it; else with the sign, in brackets."""
    signs = _SUPER if sign == "^" else _SUB
    dense = text.replace(" ", "")
    if all(character in signs for character in dense):
        return "".join(signs[character] for character in dense)
    return sign + (text if len(text) == 1 else f"({text})")
