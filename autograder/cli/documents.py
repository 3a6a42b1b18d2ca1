"""The command that shows the documents: `grad docs`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.console import console
from autograder.lessons.errors import WrongUse
from autograder.lessons.places import docs_folder, shown_path


def add_to(app: typer.Typer) -> None:
    app.command("docs", epilog="Example: grad docs grading")(docs)


def docs(
    page: Annotated[
        str, typer.Argument(metavar="PAGE", help="A page; the list of them by default.")
    ] = "",
) -> None:
    """List the documents, or show a page of them."""
    folder = docs_folder()
    pages = {path.stem: path for path in sorted(folder.glob("*.md"))}
    if not page:
        for name, path in pages.items():
            console().print(f"{name:18}{_title(path)}")
        console().print(f"\nThey lie in {shown_path(folder)}; `grad docs PAGE` shows one.")
        return
    if page.removesuffix(".md") not in pages:
        raise WrongUse(f"there is no page {page!r}; there are {', '.join(pages)}")
    _show(pages[page.removesuffix(".md")])


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return next(lines).removeprefix("# ").strip()


def _show(path: Path) -> None:
    """A page for reading on a terminal, and as it is elsewhere."""
    from autograder.reports.prose import Prose

    text = path.read_text(encoding="utf-8")
    if console().is_terminal:
        with console().pager():  # without styles: not every pager shows them
            console().print(Prose(text), soft_wrap=False)
    else:
        console().print(text, end="")
