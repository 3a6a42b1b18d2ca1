"""The page of all commands, `docs/commands.md`, written from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from autograder.cli.help import exampled
from autograder.lessons.about import FILE, About
from autograder.lessons.places import PACKAGE, installed_root

PAGE = PACKAGE.parent / "docs" / "commands.md"
_HEAD = """# Commands

Every command has `--help`. You can name an exercise by any part of its name that no other has, or
as LESSON:EXERCISE; a lesson by any part of its own. `grad dev docs` writes this page.

A command ends with exit code 0 where all is well; with 1 where something is not, such as an
exercise that did not pass; with 2 where it could not do what it was asked, and one sentence says
why; and with 3 where all was done, and something waits for a person to look at it.

Before a command, `grad --course FOLDER` takes the lessons of another course: its folder, or the
name of one that is installed ([how a course is chosen](own-course.md#which-course-is-taken)).
"""


def reference(group: Any) -> str:
    """The page as text; `group` is `grad` itself, with its commands."""
    parts = [_HEAD, *(section(path, command) for path, command in commands(group))]
    return "\n".join(parts)


def commands(group: Any, path: str = "grad") -> Iterator[tuple[str, Any]]:
    """Each command with what is typed for it, in the order of `grad --help`."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def section(path: str, command: Any) -> str:
    """One command: what it does, an example, and what it takes."""
    text = inspect.cleandoc(command.help or "")
    rows = [f"| `{usage}` | {help} |" for usage, help in options(command)]
    table = ["| | |", "| --- | --- |", *rows, ""] if rows else []
    return "\n".join([f"## {path}", "", text, "", f"    {example(command)}", "", *table])


def example(command: Any) -> str:
    """The command line that its help ends with."""
    about = About.read(installed_root() / FILE)
    return exampled((command.epilog or "").removeprefix("Example: "), about)


def options(command: Any) -> Iterator[tuple[str, str]]:
    """Arguments and options with their help, as they are typed."""
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            name = parameter.metavar or parameter.name.upper()
            yield name + " ..." * (parameter.nargs == -1), parameter.help or ""
        elif parameter.name != "help":
            names = [*parameter.opts, *(parameter.secondary_opts if parameter.default else [])]
            value = "" if parameter.is_flag else f" {parameter.name.upper()}"
            yield ", ".join(names) + value, parameter.help or ""
