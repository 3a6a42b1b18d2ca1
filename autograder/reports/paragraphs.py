"""Text that fits a narrow window: paragraphs, words kept whole, and indents that last."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from autograder.reports.terminal import plain

# Lines that stand for themselves: empty, indented, an example, a heading, a rule, code, a formula.
_ALONE = re.compile(r"$|[ >#|]|--|```|\$\$")
# Lines that begin a paragraph: an argument, an item of a list.
_BEGINS = re.compile(r"[*-] |\d+\.|\w+: ")


def prose(text: str, width: int) -> Iterator[Text]:
    """A text whose paragraphs are too wide, as ones that wrap as a whole."""
    paragraph, fenced = "", False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        alone = fenced or _ALONE.match(line)
        if len(paragraph) > width and not alone and not _BEGINS.match(line):
            paragraph += " " + line
            continue
        if paragraph:
            yield Text(plain(paragraph))
        paragraph = ""
        if alone:
            yield Text(plain(line))
        else:
            paragraph = line
    if paragraph:
        yield Text(plain(paragraph))


def hanging(console: Console, text: Text, width: int) -> Iterator[Text]:
    """A line too wide goes on below, as far to the right as it began."""
    indent = len(text.plain) - len(text.plain.lstrip(" "))
    if text.cell_len <= width or indent >= width // 2:
        yield text
        return
    for part in text[indent:].wrap(console, width - indent):
        yield Text.assemble(" " * indent, part)
