"""The command line. Commands import what they need when they run, so that light ones stay light."""

from __future__ import annotations

import functools
import sys
from typing import Any, NoReturn

import typer

from autograder.cli.console import STOPWATCH, error_line
from autograder.cli.help import Grad, name_examples
from autograder.lessons.errors import CourseError, GradschoolError, Unusable

# The error that typer raises for arguments it cannot use has no public name of its own.
WrongArguments: Any = typer.BadParameter.__base__

app = typer.Typer(
    name="grad",
    cls=Grad,
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@functools.cache
def command() -> Any:
    """`grad` with all its commands."""
    from autograder.cli import (
        book,
        class_feedback,
        class_grading,
        class_hand_in,
        class_results,
        classroom,
        developer,
        documents,
        grading,
        instructor,
        learner,
        play,
        predict,
        status,
        submissions,
        trying,
        update,
    )

    classes = (classroom, class_hand_in, class_grading, class_results, class_feedback)
    grades = (grading, submissions, instructor, *classes)
    learners = (status, learner, predict, trying, play, update, book)
    for module in (*learners, *grades, developer, documents):
        module.add_to(app)
    whole = typer.main.get_command(app)
    name_examples(whole)
    return whole


def main(already: float = 0.0) -> None:
    """Run `grad`; what a user can cause or mend is one sentence on stderr, and exit code 2.

    already: the seconds that its user has waited so far.
    """
    STOPWATCH.start(already)
    try:
        sys.exit(command()(prog_name="grad", standalone_mode=False) or 0)
    except (BrokenPipeError, typer.Abort):
        sys.exit(1)
    except CourseError as error:
        _refuse(f"the course is at fault, and not you: {error}")
    except GradschoolError as error:
        _refuse(str(error))
    except WrongArguments as error:
        _refuse(_wrong_arguments(error))
    except OSError as error:
        _refuse(str(Unusable.because(error)))


def _refuse(sentence: str) -> NoReturn:
    error_line(sentence.replace("\n", " "))
    sys.exit(2)


def _wrong_arguments(error: Any) -> str:
    """What typer says of wrong arguments, in one line, and where to read more."""
    command = error.ctx.command_path if error.ctx else "grad"
    if getattr(error, "option_name", "") == "--course":
        rest = command.removeprefix("grad ")
        return f"--course stands before the command: `grad --course FOLDER {rest} ...`"
    text = (
        error.format_message()
        .replace("\n", " ")
        .replace("Value error, ", "")
        .replace(". Did", "; did")
        .rstrip(".")
    )
    mark = "" if text.endswith("?") else ";"
    return f"{text[:1].lower()}{text[1:]}{mark} `{command} -h` explains"
