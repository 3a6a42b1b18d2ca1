"""The command line. Commands import what they need when they run, so that light ones stay light."""

from __future__ import annotations

import functools
import sys

import typer

from autograder.cli.console import error_line
from autograder.lessons.course import WrongUse

# The error that typer raises for arguments it cannot use has no public name of its own.
WrongArguments = typer.BadParameter.__base__

app = typer.Typer(
    name="grad",
    help="Neural Networks: Zero to Hero, as a course that grades itself.",
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@functools.cache
def register() -> None:
    """Give the application its commands, once."""
    from autograder.cli import developer, grading, instructor, learner, status

    for module in (status, learner, grading, instructor, developer):
        module.add_to(app)


def main() -> None:
    """Run `grad`; a user's mistake gives one sentence on stderr and exit code 2."""
    register()
    try:
        sys.exit(app(prog_name="grad", standalone_mode=False) or 0)
    except WrongUse as error:
        error_line(str(error))
        sys.exit(2)
    except WrongArguments as error:
        error_line(_sentence(error))
        sys.exit(2)
    except (BrokenPipeError, typer.Abort):
        sys.exit(1)


def _sentence(error: Exception) -> str:
    """What typer says of wrong arguments, in one line, and where to read more."""
    command = error.ctx.command_path if error.ctx else "grad"
    text = (
        error.format_message()
        .replace("\n", " ")
        .replace("Value error, ", "")
        .replace(". Did", "; did")
        .rstrip(".")
    )
    mark = "" if text.endswith("?") else ";"
    return f"{text[:1].lower()}{text[1:]}{mark} `{command} -h` explains"
