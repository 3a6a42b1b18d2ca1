"""What `grad -h` and `grad COMMAND -h` say of the course that is meant here."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from autograder.lessons.about import About
from autograder.lessons.course import Course
from autograder.lessons.errors import GradschoolError

_DOCS = "Every command has -h. `grad docs` shows the documents, and says where they lie."


class Grad(TyperGroup):
    """`grad` itself."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        about = _about()
        formatter.write_paragraph()
        formatter.write_text(about.title)
        formatter.write_paragraph()
        formatter.write_text(f"{about.about} {_DOCS}".strip())


def help_alone(context: typer.Context) -> None:
    """The help of a group of commands, where none of them was asked for."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def exampled(text: str, about: About) -> str:
    """A text with LESSON and EXERCISE as one would type them in a course."""
    named = text.replace("LESSON", about.example_lesson)
    return named.replace("EXERCISE", about.example_exercise)


def name_examples(group: Any) -> None:
    """Let the example that ends a command's help be one of the course that is meant then."""
    for command in _all(group):
        command.format_epilog = functools.partial(_format_epilog, command)


def _all(group: Any) -> Iterator[Any]:
    for command in group.commands.values():
        if hasattr(command, "commands"):
            yield from _all(command)
        else:
            yield command


def _format_epilog(command: Any, ctx: Any, formatter: Any) -> None:
    formatter.write_paragraph()
    formatter.write_text(exampled(command.epilog or "", _about()))


def _about() -> About:
    """Help is given also where no course can be found."""
    try:
        return Course.find().about
    except GradschoolError as error:
        return About("", f"The course cannot be shown: {error}")
