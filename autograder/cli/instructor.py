"""Commands for Jupyter and nbgrader: `grad lab` and `grad release`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.chosen import refuse_lessons
from autograder.cli.console import console
from autograder.lessons.course import Course
from autograder.lessons.disk import Written
from autograder.lessons.errors import WrongUse
from autograder.lessons.finding import requirement
from autograder.lessons.places import shown_path
from autograder.workspace.workspace import Workspace


def add_to(app: typer.Typer) -> None:
    app.command("lab", epilog="Example: grad lab LESSON")(lab)
    app.command("release", epilog="Example: grad release LESSON --course school")(release)


def lab(
    lesson: Annotated[
        str, typer.Argument(metavar="LESSON", help="A lesson; the folder by default.")
    ] = "",
    port: Annotated[int, typer.Option(help="The first port to try.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Open your lessons as notebooks in JupyterLab.

    The files stay plain Python scripts.
    """
    from autograder.jupyter.lab import run_lab

    course = Course.find()
    workspace = Workspace.find(course)
    name = course.resolve_lesson(lesson) if lesson else ""
    if name and not (workspace.exercises / f"{name}.py").exists():
        raise WrongUse(f"there is no exercises/{name}.py; `grad reset {name}` writes it")
    raise typer.Exit(run_lab(workspace.folder, name, port=port, browser=browser))


Lessons = Annotated[list[str], typer.Argument(metavar="LESSON", help="The lessons to hand out.")]
CourseFolder = Annotated[
    Path | None,
    typer.Option("--course", help="The nbgrader course to write; made where there is none."),
]
GitHub = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="A template repository for GitHub, in this folder."),
]
Colab = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Notebooks that work alone, for Colab and Kaggle."),
]


def release(
    lessons: Lessons,
    course_folder: CourseFolder = None,
    github: GitHub = None,
    colab: Colab = None,
) -> None:
    """Write lessons for nbgrader or GitHub, or as notebooks.

    Run it again after a change.
    """
    course = Course.find()
    names = [course.resolve_lesson(lesson) for lesson in lessons]
    asked = ((_for_nbgrader, course_folder), (_for_github, github), (_alone, colab))
    wanted = [(write, folder) for write, folder in asked if folder]
    if not wanted:
        raise WrongUse(
            "say where to: --course FOLDER for nbgrader, --github FOLDER, or --colab FOLDER"
        )
    for write, folder in wanted:
        write(course, names, folder)


def _for_nbgrader(course: Course, names: list[str], folder: Path) -> None:
    from autograder.nbgrader.release import release as write

    refuse_lessons(folder)
    _tell(write(course, names, folder))
    console().print("\nNext, in that folder:")
    for name in names:
        console().print(f"  nbgrader generate_assignment {name}")


def _for_github(course: Course, names: list[str], folder: Path) -> None:
    from autograder.classroom.github import template

    _tell(template(course, names, folder))
    console().print("\nIts requirements.txt takes Gradschool from PyPI; if yours is from")
    console().print("elsewhere, put its address there.")
    console().print("\nNext: push that folder, and tick Template repository in its settings.")
    if course.is_own and not requirement(course.reference):
        console().print(
            "Its workflow needs your course: install the course's wheel here and release "
            "again, or add it to requirements.txt."
        )


def _alone(course: Course, names: list[str], folder: Path) -> None:
    from autograder.nbgrader.alone import release_alone
    from autograder.nbgrader.badges import address

    _tell(release_alone(course, names, folder))
    if not address(course, folder):
        console().print(
            "\nThe page has no badges: it is in no repository whose origin is on GitHub.\n"
            "Put it into one, commit, and release again."
        )


def _tell(files: Iterable[Written]) -> None:
    for written in files:
        console().print(f"{written.what:10}{shown_path(written.path.resolve())}")
