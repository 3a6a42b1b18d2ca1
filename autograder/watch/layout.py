"""The lines of a screen: texts that fit its width, and words packed into few lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from autograder.reports.paragraphs import hanging

Lines = list[list[Segment]]


def packed(words: Sequence[str], width: int) -> list[str]:
    """The words in as few lines as hold them, none of them broken."""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]}  {word}".strip()
        lines = [*lines[:-1], longer] if len(longer) <= width else [*lines, word]
    return lines


def wrapped(console: Console, options: ConsoleOptions, texts: Iterator[RenderableType]) -> Lines:
    """The lines of a screen, as segments, that hold the texts."""
    wide = options.update(height=None)
    lines = [
        line
        for text in texts
        for line in (
            hanging(console, text, options.max_width) if isinstance(text, Text) else [text]
        )
    ]
    return [part for line in lines for part in console.render_lines(line, wide, pad=False)]
