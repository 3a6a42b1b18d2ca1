"""What an assignment needs where it is opened, and its first cell, which brings that.

A notebook often comes alone: whoever opens it in Colab, Kaggle or VS Code has not the files that
were released beside it.
"""

from __future__ import annotations

import sys
from importlib import metadata

from packaging.requirements import Requirement

from autograder.lessons.cells import START
from autograder.lessons.course import Course
from autograder.lessons.lesson import Lesson
from autograder.lessons.names import imported_modules
from autograder.lessons.places import PACKAGE
from autograder.nbgrader.assignment import released_texts

# What a notebook itself needs, beside what its lesson imports.
_ALWAYS = ("jupyterlab",)


def requirements(modules: list[str], course: Course) -> str:
    """What a learner has to install, in the oldest versions that Gradschool itself works with.

    Whoever has a newer one keeps it: in Colab nothing then replaces the torch that is there.
    """
    named = sorted({*_ALWAYS, *_foreign(modules, course)})
    oldest = _oldest()
    return "".join(f"{name}{oldest.get(name, '')}\n" for name in named)


def student_module() -> str:
    """The `autograder.py` of students: it runs the examples, and knows nothing else."""
    return (PACKAGE / "nbgrader" / "student.py").read_text(encoding="utf-8")


def start_cell(course: Course, lesson: Lesson) -> str:
    """The first cell of an assignment: it installs what is missing and writes `autograder.py`.

    Where all is there it changes nothing. A lesson that this one builds on is the learner's own
    work, which nobody can bring: the cell asks for it.
    """
    modules = sorted(imported_modules(lesson.stub()))
    oldest = _oldest()
    needs = {name: f"{name}{oldest.get(name, '')}" for name in sorted(_foreign(modules, course))}
    lessons = sorted(set(modules) & set(course.names))
    return _START.format(start=START, needs=needs, lessons=lessons, examples=student_module())


def all_released(course: Course, name: str) -> set[str]:
    """Every cell of an assignment that is the same for all students, by what it says."""
    lesson = course.lesson(name)
    return released_texts(lesson, start_cell(course, lesson))


def _foreign(modules: list[str], course: Course) -> set[str]:
    """The modules that have to be installed."""
    return set(modules) - {*sys.stdlib_module_names, *course.names, PACKAGE.name}


def _oldest() -> dict[str, str]:
    """What Gradschool asks for, by name: `>=` and a version."""
    try:
        asked = [Requirement(line) for line in metadata.requires("gradschool") or []]
    except metadata.PackageNotFoundError:  # run from a folder, without an installation
        return {}
    return {
        each.name: str(bound)
        for each in asked
        for bound in each.specifier
        if bound.operator == ">="
    }


_START = """\
{start}
import importlib.util
import pathlib
import subprocess
import sys

_needs = {needs}
_missing = [_needs[_name] for _name in _needs if importlib.util.find_spec(_name) is None]
if _missing:
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *_missing], check=True)
for _name in {lessons}:
    if not pathlib.Path(_name + ".py").exists():
        print(f"Put your own {{_name}}.py beside this notebook: this lesson builds on it.")
try:
    import autograder
except ImportError:
    pathlib.Path("autograder.py").write_text(r\'\'\'{examples}\'\'\', encoding="utf-8")
    importlib.invalidate_caches()"""
