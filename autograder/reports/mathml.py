"""Formulas as MathML, which browsers set themselves, without a network and without scripts."""

from __future__ import annotations

import html
from xml.etree import ElementTree

_LONGEST_FORMULA = 2000
_MATHML = "http://www.w3.org/1998/Math/MathML"
_MATH_TAGS = """
math menclose mfrac mi mn mo mover mpadded mphantom mroot mrow ms mspace msqrt mstyle msub msubsup
msup mtable mtd mtext mtr munder munderover
"""
_MATH_ATTRIBUTES = """
accent columnalign columnspacing depth display displaystyle fence form height largeop linebreak
linethickness lspace mathsize mathvariant maxsize minsize movablelimits notation rowspacing rspace
scriptlevel separator stretchy symmetric voffset width
"""


def formula(latex: str, *, block: bool = False) -> str:
    """A formula as MathML, which browsers set themselves; as its own text where that fails."""
    from latex2mathml.converter import convert

    plain = f"<code>{html.escape(latex)}</code>"
    if len(latex) > _LONGEST_FORMULA:
        return plain
    try:
        tree = ElementTree.fromstring(convert(latex, display="block" if block else "inline"))
    except Exception:  # it raises what it likes, and nests as deep
        return plain
    if not all(_is_math(node) for node in tree.iter()):
        return plain
    ElementTree.register_namespace("", _MATHML)
    return ElementTree.tostring(tree, encoding="unicode")


def _is_math(node: ElementTree.Element) -> bool:
    """Text in a formula is handed on by the library as it came, with whatever tags it holds."""
    namespace, _, tag = node.tag.removeprefix("{").partition("}")
    known = tag in _MATH_TAGS.split() and set(node.attrib) <= set(_MATH_ATTRIBUTES.split())
    return namespace == _MATHML and known
