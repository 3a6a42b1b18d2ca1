"""The command line. Commands import what they need when they run, so that light ones stay light."""

from __future__ import annotations

import functools
import sys

import typer

from autograder.course import WrongUse

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
    from autograder.cli import developer, grading, instructor, learner

    for module in (learner, grading, instructor, developer):
        module.add_to(app)


def main() -> None:
    """Run `grad`; a user's mistake gives one sentence on stderr and exit code 2."""
    register()
    try:
        app()
    except WrongUse as error:
        print(f"grad: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(1)
