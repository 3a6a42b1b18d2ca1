"""The cells of a notebook, or of a script that was one, as the units that are executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.lessons.magics import (
    behind_magic,
    cell_magic,
    plain_lines,
    without_magics,
    written_file,
)
from autograder.lessons.submission import Submission
from autograder.lessons.units import Unit, parse
from autograder.worker.jupyter import PYTHON_CELLS

# Colab writes this above a cell that it has commented out, and Python it may still be.
_COMMENTED = "# Commented out IPython magic to ensure Python compatibility."
# The first line of the cell that brings what a released notebook needs; Colab shows it as a title.
START = "# @title Run this cell first: it brings what this lesson needs"
# Of notes that are alike.
_MOST = 20
_DEFINES = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A cell by its number in the notebook; `is_answer` is what nbgrader's metadata says of it."""

    source: str
    number: int
    is_code: bool = True
    is_answer: bool = False
    grade_id: str = ""


def from_cells(path: str, cells: Iterable[Cell]) -> Submission:
    """A notebook as a submission: its code, and the answers that stand in text cells by accident.

    The lines of the units are counted through.
    """
    cells = list(cells)
    strays = _strays(cells)
    read_as_code = set(map(id, strays))
    units, notes, line = [], [], 1
    for cell in cells:
        if cell.source and (cell.is_code or id(cell) in read_as_code):
            units.append(cell_unit(cell.source, line, f"cell {cell.number}"))
            line += cell.source.count("\n") + 1
    for cell in strays[:_MOST]:
        notes.append(f"cell {cell.number} is no code cell and holds an answer; it is read as code")
    if len(strays) > _MOST:
        notes.append(f"so are {len(strays) - _MOST} more cells")
    grade_ids = frozenset(cell.grade_id for cell in cells if cell.grade_id)
    return Submission(path, units, notes=tuple(notes), grade_ids=grade_ids)


def code_in(cells: Iterable[Cell]) -> list[str]:
    """The texts that may come to be read as code."""
    return [c.source for c in cells if c.is_code or c.is_answer or _DEFINES.search(c.source)]


def cell_unit(source: str, line: int = 1, label: str = "") -> Unit:
    """What one cell executes, or the module that it writes into a file."""
    if source.startswith(START):  # where a lesson is graded, all is there
        return Unit("\n" * source.count("\n"), line, label)
    file, appends = written_file(source)
    if file:
        return Unit(behind_magic(source), line, label, file, appends)
    return Unit(without_magics(source), line, label)


def _strays(cells: list[Cell]) -> list[Cell]:
    """Text cells that are answers: nbgrader says so, or they alone define something in Python."""
    found = [cell for cell in cells if not cell.is_code and cell.is_answer and cell.source.strip()]
    others = [c for c in cells if not c.is_code and not c.is_answer and _DEFINES.search(c.source)]
    if not others:
        return found
    sure = [cell for cell in cells if cell.is_code or cell.is_answer]
    known = {name for cell in sure for name in _names(cell)}
    return found + [cell for cell in others if (own := set(_names(cell))) and not own & known]


def _names(cell: Cell) -> Iterator[str]:
    """The functions and classes at the top of a cell, where it is Python."""
    tree, _ = parse(cell_unit(cell.source))
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def script_units(text: str) -> list[Unit]:
    """A script as units with its own lines: one, but where Colab has commented a cell out."""
    if _COMMENTED not in text:
        return [Unit(plain_lines(text))]
    lines = text.split("\n")
    units, start = [], 0
    for first, end in _commented_cells(lines):
        cell = [re.sub(r"^# ?", "", line) for line in lines[first:end]]
        file, appends = written_file("\n".join(cell))
        if file:
            units.append(Unit(plain_lines("\n".join(lines[start:first])), start + 1))
            body = "\n".join(["", *cell[1:]])
            units.append(Unit(body, first + 1, file=file, appends=appends))
            start = end
        elif cell_magic("\n".join(cell))[0] in PYTHON_CELLS:
            lines[first + 1 : end] = cell[1:]
    units.append(Unit(plain_lines("\n".join(lines[start:])), start + 1))
    return units


def _commented_cells(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Where cells begin and end that are comments as a whole, as indices of lines."""
    for number, line in enumerate(lines[:-1]):
        if line.strip() == _COMMENTED and lines[number + 1].startswith("# %%"):
            end = number + 1
            while end < len(lines) and _is_commented(lines[end]):
                end += 1
            yield number + 1, end


def _is_commented(line: str) -> bool:
    return line.startswith("#") and line.strip() != _COMMENTED
