"""Where the commands print: rich on a terminal, plain text elsewhere; NO_COLOR is respected."""

from __future__ import annotations

import functools
import sys

from rich.console import Console


@functools.cache
def console() -> Console:
    """Long lines are left to the terminal, and nothing in a text is read as markup."""
    return Console(soft_wrap=True, markup=False, highlight=False, emoji=False)


def error_line(sentence: str) -> None:
    """One sentence for a person on stderr."""
    from autograder.reports.terminal import plain

    print(f"grad: {plain(sentence)}", file=sys.stderr)
