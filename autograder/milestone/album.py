"""The pictures of a run: saved beside the lesson, and shown where a notebook runs."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from autograder.lessons.disk import write_atomically
from autograder.lessons.places import shown_path
from autograder.milestone.bar import in_notebook


class Album:
    """Saves pictures as `<lesson>.<name>.png` or `.svg`; `files` are the names, in their order."""

    def __init__(self, lesson_file: Path, say: Callable[[str], None]):
        self._lesson_file, self._say = lesson_file, say
        self.files: list[str] = []

    @contextmanager
    def page(
        self,
        name: str,
        rows: int,
        columns: int,
        size: tuple[float, float] | None,
        remark: Callable[[], str],
    ) -> Iterator[Any]:
        """Matplotlib axes to draw on; the picture is kept when the block ends.

        remark: what is to be written below it, asked for when it is done; empty for nothing.
        """
        from matplotlib.figure import Figure as Picture

        picture = Picture(figsize=size or (5 * columns + 1, 3.5 * rows + 0.5), layout="constrained")
        yield picture.subplots(rows, columns)
        if text := remark():
            picture.supxlabel(text, fontsize="small", color="grey")
        content = BytesIO()
        picture.savefig(content, format="png", dpi=120)
        self.keep(name, ".png", content.getvalue())

    def keep(self, name: str, suffix: str, content: bytes) -> None:
        """Write a picture, say where it is, and show it in a notebook."""
        file = self._lesson_file.parent / f"{self._lesson_file.stem}.{file_word(name)}{suffix}"
        write_atomically(file, content)
        self.files.append(file.name)
        self._say(f"plot: {shown_path(file)}")
        if in_notebook():
            from IPython.display import SVG, Image, display

            display((SVG if suffix == ".svg" else Image)(data=content))


def file_word(name: str) -> str:
    """A plot's name as a part of a file's name.

    >>> file_word("learning rate (log)")
    'learning-rate-log'
    """
    return re.sub(r"\W+", "-", name).strip("-")
