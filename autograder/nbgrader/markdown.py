"""Markdown to HTML that may stand in anybody's page: no scripts, and formulas without a network."""

from __future__ import annotations

import html
import re
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.reports.mathml import formula

# HTML that people write into Markdown, and that can do nothing.
_HARMLESS = re.compile(r"</?(?:b|br|code|em|i|kbd|s|strong|sub|sup|u)\s*/?>", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):")
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


def rendered(
    source: str, attachments: dict[str, Any] | None = None, *, released: bool = False
) -> str:
    """A text as HTML. released: it is the course's own, and its HTML is left as it is."""
    return _render(source, pictures(attachments), released)[0]


def is_safe(source: str, attachments: dict[str, Any] | None = None) -> bool:
    """Whether nbconvert's own rendering of a text is harmless, and succeeds."""
    return not _render(source, pictures(attachments), False)[1].unsafe


def as_text(source: str) -> str:
    """A text as Markdown that shows it as it is, in a block of code."""
    longest = max((len(run) for run in re.findall(r"`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{source}\n{fence}"


def pictures(attachments: Any) -> dict[str, dict[str, str]]:
    """What of a cell's attachments is a picture; the rest could be a page with scripts."""
    found: dict[str, dict[str, str]] = {}
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        kinds = kinds if isinstance(kinds, dict) else {}
        kept = {kind: data for kind, data in kinds.items() if _is_picture(kind, data)}
        found |= {name: kept} if kept else {}
    return found


def _is_picture(kind: str, data: Any) -> bool:
    return kind in _PICTURES and isinstance(data, str) and _BASE64.fullmatch(data) is not None


def _render(
    source: str, attachments: dict[str, dict[str, str]], released: bool
) -> tuple[str, Renderer]:
    renderer = Renderer(attachments, released)
    try:
        return MarkdownWithMath(renderer=renderer).render(source), renderer
    except Exception:  # a text that its parser fails at, or quotes in quotes by the thousand
        renderer.unsafe = True
        return f"<pre>{html.escape(source)}</pre>", renderer


class Renderer(IPythonRenderer):
    """nbconvert's renderer, which itself lets scripts, links to scripts and diagrams through.

    `unsafe` is whether a text had anything of the kind. `released` text keeps its HTML.
    """

    def __init__(self, attachments: dict[str, dict[str, str]], released: bool):
        super().__init__(escape=False, attachments=attachments, exclude_anchor_links=True)
        self.unsafe = False
        self._released = released

    def block_html(self, html: str) -> str:
        return self._raw(html)

    def inline_html(self, html: str) -> str:
        return self._raw(html)

    def block_mermaidjs(self, code: str) -> str:
        self.unsafe = True
        return f"<pre>{html.escape(code)}</pre>"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return super().link(text, self._harmless(url, ("http", "https", "mailto")), title)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if url.startswith("attachment:") and url[len("attachment:") :] not in self.attachments:
            self.unsafe = True  # nbconvert would end with an error
            return f"[{html.escape(url)}]"
        return super().image(text, self._harmless(url, ("http", "https", "attachment")), title)

    def inline_math(self, body: str) -> str:
        return formula(body)

    def block_math(self, body: str) -> str:
        return formula(body, block=True)

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def _raw(self, markup: str) -> str:
        if self._released or "<" not in _HARMLESS.sub("", markup):
            return markup
        self.unsafe = True
        return html.escape(markup)

    def _harmless(self, url: str, schemes: tuple[str, ...]) -> str:
        bare = "".join(c for c in html.unescape(url).lower() if c > " " and c.isprintable())
        scheme = _SCHEME.match(bare)
        if self._released or scheme is None or scheme[1] in schemes:
            return url
        self.unsafe = True
        return "#"
