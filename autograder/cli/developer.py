"""Commands for those who write the course: `grad dev build`, `check`, `diagnose` and others."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.console import console, error_line
from autograder.cli.help import help_alone
from autograder.lessons.course import Course
from autograder.lessons.disk import write_where_changed
from autograder.lessons.errors import WrongUse
from autograder.lessons.places import shown_path
from autograder.workspace.workspace import Workspace

dev = typer.Typer(help="For authors of the course.", invoke_without_command=True)


def add_to(app: typer.Typer) -> None:
    app.command("new", epilog="Example: grad new verses")(new)
    dev.callback()(help_alone)
    app.add_typer(dev, name="dev")


def new(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="The new course: a new folder, or an empty one."),
    ],
    title: Annotated[str, typer.Option(help="Its title; by default the folder's name.")] = "",
) -> None:
    """Make a course of your own, with one small lesson to begin with."""
    from autograder.authoring.new_course import new_course

    for path in new_course(folder, title):
        console().print(f"new       {path}")
    _build(Course.at(folder), None)
    console().print(f"\nNext: cd {folder}, then grad dev check")
    console().print("`grad docs own-course` leads from there to a released assignment.")


Lessons = Annotated[
    list[str] | None, typer.Argument(metavar="LESSON", help="Lessons; all by default.")
]

CORES = os.cpu_count() or 1
Jobs = Annotated[int, typer.Option(min=1, help="How many lessons to look at at a time.")]


@dev.command("build", epilog="Example: grad dev build")
def build(lessons: Lessons = None) -> None:
    """Write `exercises/` from `solutions/`, and notebooks for GitHub.

    A file that has changed is backed up first.
    """
    _build(Course.find(), lessons)


def _build(course: Course, lessons: list[str] | None) -> None:
    from autograder.workspace.reset import reset_lesson

    if course.is_own:
        (course.folder / "exercises").mkdir(exist_ok=True)
    # An author's course has its exercises where `grad dev check` looks for them.
    workspace = Workspace(course.folder, course) if course.is_own else Workspace.find(course)
    for name in _resolved(course, lessons):
        lesson, path = course.lesson(name), workspace.path(name)
        now = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        if now != lesson.stub():
            backup = reset_lesson(workspace, lesson)
            console().print(f"{name}.py is written" + (f"; backup {backup}" if backup else ""))
    for path, text in _published(course).items():
        if write_where_changed(path, text).what != "unchanged":
            console().print(f"{shown_path(path)} is written")


def _published(course: Course) -> dict[Path, str]:
    """What a course shows on GitHub, as it ought to be."""
    from autograder.nbgrader.published import published

    return published(course)


@dev.command("check", epilog="Example: grad dev check LESSON --no-mutants")
def check(
    lessons: Lessons = None,
    every: Annotated[int, typer.Option(min=1, help="Try each known mistake, or each Nth.")] = 1,
    neighbors: Annotated[
        bool, typer.Option(help="Whether to try what each mistake costs the exercises beside it.")
    ] = True,
    mutants: Annotated[
        bool, typer.Option(help="Whether to try generic mutants of the solutions.")
    ] = True,
    weakenings: Annotated[
        bool, typer.Option(help="Whether to try solutions that are right for tame inputs alone.")
    ] = True,
    seeds: Annotated[int, typer.Option(help="How many seeds the references must pass.")] = 3,
    seed: Annotated[
        int | None,
        typer.Option(help="One more seed, for right files too; another one each time by default."),
    ] = None,
    jobs: Jobs = CORES,
) -> None:
    """Prove what a course must prove about itself.

    The exit code is 0 where all of it holds, and 1 where something does not.
    """
    from autograder.authoring.devcheck import check_course

    course = Course.find()
    names = _resolved(course, lessons)
    if not names:
        raise WrongUse(f"{course.solutions} has no lessons")
    _refuse_what_is_not_built(course)
    in_order = check_course(
        course,
        names,
        every=every,
        neighbors=neighbors,
        mutants=mutants,
        weakenings=weakenings,
        seeds=[*range(seeds), secrets.randbelow(10**6) if seed is None else seed],
        jobs=jobs,
        say=console().print,
    )
    if not in_order:
        raise typer.Exit(1)


def _refuse_what_is_not_built(course: Course) -> None:
    for path, text in _published(course).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            error_line(f"{shown_path(path)} is not what the course makes; run `grad dev build`")
            raise typer.Exit(1)


def _resolved(course: Course, lessons: list[str] | None) -> list[str]:
    return [course.resolve_lesson(name) for name in lessons or course.names]


@dev.command("diagnose", epilog="Example: grad dev diagnose tests/wrong/part0_micrograd_nn.toml")
def diagnose(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE", help="TOML files of edits, or wrong files with a TOML file beside."
        ),
    ],
    places: Annotated[
        bool, typer.Option("--places", help="Search for the place of a change too.")
    ] = False,
    least: Annotated[
        float, typer.Option(min=0, max=1, help="The share that must be told what or where.")
    ] = 0.0,
    most_misled: Annotated[
        float, typer.Option(min=0, max=1, help="The share that may be told something false.")
    ] = 1.0,
    every: Annotated[int, typer.Option(min=1, help="Take only one answer in so many.")] = 1,
    jobs: Jobs = CORES,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="List all that is said, not only what to judge.")
    ] = False,
) -> None:
    """Grade wrong answers, and say how many are told what is wrong, or where.

    The exit code is 0 where the bounds hold and every answer is wrong indeed, and 1 otherwise.
    """
    from autograder.authoring.diagnose import broken, measure, remarks, table, whole
    from autograder.reports.report import to_json

    measured = measure(Course.find(), files, places=places, every=every, jobs=jobs)
    if json:
        print(to_json(whole(measured)))
    else:
        for line in (*remarks(measured, verbose=verbose), *table(measured)):
            console().print(line)
    problems = list(broken(measured, least, most_misled))
    for problem in problems:
        error_line(problem)
    if problems:
        raise typer.Exit(1)


@dev.command("shortcuts", epilog="Example: grad dev shortcuts")
def shortcuts() -> None:
    """Look in torch for what computes a short cut and is not refused; minutes.

    The exit code is 0 where all that is found is refused or allowed for a reason, and 1 otherwise.
    """
    from autograder.authoring.shortcut_search import reason_to_allow, search

    found = search(console().print)
    still_open = [each for each in found if not each.refused and not reason_to_allow(each)]
    for each in still_open:
        console().print(f"{each.name} computes {each.shortcut}: {each.call}")
    console().print(f"{len(found)} found, {len(still_open)} of them neither refused nor allowed")
    if still_open:
        raise typer.Exit(1)


@dev.command("docs", epilog="Example: grad dev docs")
def docs(context: typer.Context) -> None:
    """Write `docs/commands.md` from the commands themselves."""
    from autograder.cli.reference import PAGE, reference

    PAGE.write_text(reference(context.find_root().command), encoding="utf-8")
    console().print(f"{PAGE.name} is written")
