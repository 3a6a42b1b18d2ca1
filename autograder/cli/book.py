"""`grad book`: all lessons as a site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.console import console
from autograder.lessons.course import Course
from autograder.lessons.places import shown_path
from autograder.reports.terminal import plain


def add_to(app: typer.Typer) -> None:
    app.command("book", epilog="Example: grad book site")(book)


def book(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the site goes.")],
) -> None:
    """Make a static site of all lessons, to read in a browser.

    Formulas are set, and hints are folded; the solutions are not in it. It needs no network: open
    FOLDER/index.html.
    """
    from autograder.book.site import build

    count = build(Course.find(), folder)
    index = plain(shown_path(folder / "index.html"))
    console().print(f"{count} pages are written; open {index} in a browser.")
