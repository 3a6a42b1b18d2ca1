"""Text as a terminal shows it: Markdown by rich, and a lesson's formulas in Unicode."""

from __future__ import annotations

import re
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.padding import Padding
from rich.text import Text
from rich.theme import Theme

from autograder.reports.formulas import replaced, unicode_of
from autograder.reports.terminal import plain

# No background: it is a patch on a terminal of the other color.
THEME = Theme(
    {
        "markdown.code": "cyan",
        "markdown.h1": "bold underline",
        "markdown.h2": "bold",
        "markdown.table.header": "bold",
        "markdown.table.border": "dim",
    }
)
WIDEST = 96


class Prose(Markdown):
    """Rich's Markdown without its boxes: headings at the left, code indented."""

    elements: ClassVar[dict[str, type[MarkdownElement]]]

    def __init__(self, text: str):
        super().__init__(plain(text), hyperlinks=False)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with console.use_theme(THEME):
            width = min(options.max_width, WIDEST)
            yield from super().__rich_console__(console, options.update(width=width))


class _Heading(Heading):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


class _Block(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Padding(Text(str(self.text).rstrip("\n")), (0, 0, 0, 4))


Prose.elements = {
    **Markdown.elements,
    "heading_open": _Heading,
    "fence": _Block,
    "code_block": _Block,
}


class LessonText(Prose):
    """Prose with formulas; elsewhere a dollar sign may be a shell's."""

    def __init__(self, text: str):
        super().__init__(replaced(text, _written))


def _written(latex: str, displayed: bool) -> str:
    formula = unicode_of(latex)
    if displayed:
        return f"\n```\n{formula}\n```\n"
    return re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", formula)
