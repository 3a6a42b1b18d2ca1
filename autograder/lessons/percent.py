"""Percent scripts cut into cells, as jupytext writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CELL = re.compile(r"^# %%(?P<options>.*)$")


@dataclass(frozen=True)
class Cell:
    """A cell of a percent script; `line` is the number of its first source line, from 1."""

    kind: str
    source: str
    line: int

    @property
    def last(self) -> int:
        return self.line + self.source.count("\n")


def split_cells(source: str) -> Iterator[Cell]:
    """Cut a percent script into its cells; text cells lose their comment signs."""
    kind, start = "code", 1
    lines: list[str] = []
    for number, line in enumerate(source.splitlines(), 1):
        if header := _CELL.match(line):
            yield from _cell(kind, lines, start)
            kind = "markdown" if "[markdown]" in header["options"] else "code"
            start, lines = number + 1, []
        else:
            lines.append(line)
    yield from _cell(kind, lines, start)


def _cell(kind: str, lines: list[str], start: int) -> Iterator[Cell]:
    while lines and not lines[0].strip():
        lines, start = lines[1:], start + 1
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    if not lines:
        return
    if kind == "markdown":
        lines = [re.sub(r"^# ?", "", line) for line in lines]
    yield Cell(kind, "\n".join(lines), start)
