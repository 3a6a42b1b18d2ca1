"""A lesson as a page of Markdown: its text, its stubs, and its hints folded away.

Nothing of a solution gets in: code comes from the stub, and of an exercise only what a learner can
ask for anyway.
"""

from __future__ import annotations

import re
import textwrap

from autograder.lessons.lesson import Exercise, Lesson
from autograder.lessons.percent import Cell, split_cells
from autograder.reports.formulas import replaced
from autograder.reports.mathml import formula

# What Markdown would take for markup inside of a formula.
_MARKUP = str.maketrans({"*": "&#42;", "_": "&#95;", "`": "&#96;", "|": "&#124;", "\\": "&#92;"})


def page(lesson: Lesson, pictures: dict[int, list[str]] | None = None) -> str:
    """The page of a lesson.

    pictures: the names of files to show behind the cells, by the cells' numbers from 0.
    """
    parts = []
    stubs = list(split_cells(lesson.stub()))
    for number, (cell, stub) in enumerate(zip(lesson.cells, stubs, strict=True)):
        parts += [_text(cell) if cell.kind == "markdown" else _code(lesson, cell, stub.source)]
        parts += [f"![]({name})" for name in (pictures or {}).get(number, [])]
    return "\n\n".join(parts) + "\n"


def _text(cell: Cell) -> str:
    """The text with its formulas set; blocks of code keep their dollars."""
    pieces = re.split(r"(^```.*?^```$|`[^`\n]+`)", cell.source, flags=re.MULTILINE | re.DOTALL)
    return "".join(
        piece if number % 2 else replaced(piece, _set) for number, piece in enumerate(pieces)
    )


def _set(latex: str, displayed: bool) -> str:
    markup = formula(latex, block=displayed).translate(_MARKUP)
    return f'\n\n<div class="formula">{markup}</div>\n\n' if displayed else markup


def _code(lesson: Lesson, cell: Cell, stub: str) -> str:
    """A cell of code; what is given and needs no reading, such as a milestone, is folded."""
    exercises = [each for each in lesson.exercises.values() if _is_in(each, cell)]
    block = f"```python\n{stub}\n```"
    if not exercises and len(stub.splitlines()) > 30:
        return _folded("example", "Given: the code of the milestone", block)
    return "\n\n".join([block, *map(_hints, exercises)])


def _is_in(exercise: Exercise, cell: Cell) -> bool:
    return cell.line <= exercise.line < cell.line + len(cell.source.splitlines())


def _hints(exercise: Exercise) -> str:
    """All hints in one box, each folded, so that one can be read without the next."""
    folded = [
        _folded("note", f"Hint {number}", replaced(hint, _set))
        for number, hint in enumerate(exercise.hints, 1)
    ]
    return _folded("tip", f"Hints for {exercise.id}", "\n\n".join(folded)) if folded else ""


def _folded(kind: str, title: str, body: str) -> str:
    title = title.replace('"', "'")
    return f'??? {kind} "{title}"\n\n{textwrap.indent(body, "    ")}'
