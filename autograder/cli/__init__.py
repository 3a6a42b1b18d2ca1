"""The command line. Commands import what they need when they run, so that light ones stay light."""

from __future__ import annotations

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


def main() -> None:
    """Run `grad`; a user's mistake gives one sentence on stderr and exit code 2."""
    from autograder.cli import developer, grading, learner

    learner.add_to(app)
    grading.add_to(app)
    developer.add_to(app)
    try:
        app()
    except WrongUse as error:
        print(f"grad: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(1)
