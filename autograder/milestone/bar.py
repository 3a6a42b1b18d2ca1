"""How far a training loop has come: a bar in a terminal, a line in a notebook, lines elsewhere."""

import html
import shutil
import sys
import textwrap
import time
from collections.abc import Mapping
from typing import Any

REFRESH_SECONDS = 0.2
LINE_SECONDS = 30.0
# Names and numbers, or tensors of one element.
Figures = Mapping[str, Any]


def in_notebook() -> bool:
    """True in a Jupyter kernel; False in a file, a terminal and a terminal's IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def clock_text(seconds: float) -> str:
    """Seconds as minutes and seconds, with hours where there are any.

    >>> clock_text(75), clock_text(3675)
    ('1:15', '1:01:15')
    """
    minutes, seconds = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def fitting(text: str) -> str:
    """A text whose lines a terminal need not break within a word; elsewhere it stays as it is."""
    if not sys.stdout.isatty():
        return text
    width = shutil.get_terminal_size().columns
    lines = text.split("\n")
    return "\n".join(textwrap.fill(each, width) if len(each) > width else each for each in lines)


class Bar:
    """What the bars share: when to draw, and what a line says.

    A subclass has `draw(done, figures)`; `close(done, figures)` draws the last state.
    """

    def __init__(self, label: str, total: int):
        self.label, self.total = label, total
        self.started = self.drawn = time.monotonic()

    def update(self, done: int, figures: Figures) -> None:
        """Tell how many steps are done. Cheap enough for every step: it draws only now and then."""
        now = time.monotonic()
        if self.is_due(done, now):
            self.drawn = now
            self.draw(done, figures)

    def is_due(self, done: int, now: float) -> bool:
        return now - self.drawn >= REFRESH_SECONDS

    def close(self, done: int, figures: Figures) -> None:
        self.draw(done, figures)

    def draw(self, done: int, figures: Figures) -> None:
        raise NotImplementedError

    def line(self, done: int, figures: Figures) -> str:
        parts = [self.label, f"{done:,}/{self.total:,}", f"{done / max(self.total, 1):4.0%}"]
        parts += [figures_text(figures)] if figures else []
        return "  ".join([*parts, self.time_text(done)])

    def time_text(self, done: int) -> str:
        elapsed = time.monotonic() - self.started
        if not 0 < done < self.total:
            return f"{clock_text(elapsed)} in all"
        return f"{clock_text(elapsed / done * (self.total - done))} left"


def figures_text(figures: Figures) -> str:
    """Figures beside a bar; always four decimals, so that the line keeps its width."""

    def text(value: Any) -> str:
        return f"{value:,}" if isinstance(value, int) else f"{float(value):.4f}"

    return "  ".join(f"{name} {text(value)}" for name, value in figures.items())


class LineBar(Bar):
    """Plain lines for a file or a pipe: one for each tenth of the way, or every half minute."""

    tenth = 0

    def is_due(self, done: int, now: float) -> bool:
        tenth = 10 * done // max(self.total, 1)
        due = done < self.total and (tenth > self.tenth or now - self.drawn >= LINE_SECONDS)
        self.tenth = tenth
        return due

    def draw(self, done: int, figures: Figures) -> None:
        print(self.line(done, figures), flush=True)


class NotebookBar(Bar):
    """One display in the cell's output that is replaced as the loop goes on."""

    handle: Any = None

    def draw(self, done: int, figures: Figures) -> None:
        from IPython.display import display

        line = self.line(done, figures)
        bar = f'<progress value="{done}" max="{self.total}"></progress>'
        bundle = {"text/plain": line, "text/html": f"{bar} {html.escape(line)}"}
        if self.handle is None:
            self.handle = display(bundle, raw=True, display_id=True)
        else:
            self.handle.update(bundle, raw=True)


class TerminalBar(Bar):
    """A bar of rich's at the bottom of the terminal; what is printed meanwhile goes above it."""

    def __init__(self, label: str, total: int):
        from rich.progress import BarColumn, Progress, TextColumn

        super().__init__(label, total)
        text = TextColumn("{task.description}", markup=False)
        self.progress = Progress(BarColumn(bar_width=20), text, auto_refresh=False)
        self.task = self.progress.add_task(label, total=max(total, 1))
        self.progress.start()
        self.draw(0, {})

    def draw(self, done: int, figures: Figures) -> None:
        line = self.line(done, figures)
        self.progress.update(self.task, completed=done, description=line, refresh=True)

    def close(self, done: int, figures: Figures) -> None:
        super().close(done, figures)
        self.progress.stop()


def open_bar(label: str, total: int) -> Bar:
    """The bar that fits where the output goes."""
    if in_notebook():
        return NotebookBar(label, total)
    return TerminalBar(label, total) if is_terminal() else LineBar(label, total)


def is_terminal() -> bool:
    from rich.console import Console

    return sys.stdout.isatty() and not Console().is_dumb_terminal
