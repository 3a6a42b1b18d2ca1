"""Release: lessons into an nbgrader course, ready for `nbgrader generate_assignment`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from autograder.grading.plan import Plan
from autograder.lessons.course import NBGRADER, Course
from autograder.lessons.disk import Written, write_where_changed
from autograder.lessons.errors import WrongUse
from autograder.lessons.finding import own_name
from autograder.lessons.lesson import Lesson
from autograder.lessons.names import imported_modules
from autograder.nbgrader.assignment import notebook
from autograder.nbgrader.needs import requirements, start_cell, student_module
from autograder.nbgrader.places import names_in_checks

HOOK = "autograder.nbgrader.config"


def release(course: Course, names: list[str], folder: Path) -> Iterator[Written]:
    """Write the sources of the assignments `names` and the configuration into `folder`.

    Only these files are written; the gradebook and the submissions are left as they are. Raises
    WrongUse where the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"{folder} is a file; name a folder for the course")
    yield _configuration(folder, course)
    for name in names:
        for path, text in sorted(assignment_files(course, name).items()):
            yield write_where_changed(folder / "source" / name / path, text)


def assignment_files(course: Course, name: str) -> dict[str, str]:
    """The files of one assignment's source folder, by name."""
    lesson = course.lesson(name)
    plan = Plan.load(course, name)
    needed = sorted(imported_modules(lesson.stub()))
    checks = [(check.exercise, check.name) for check in plan.declarations.checks]
    checked = names_in_checks(plan.checks_source, checks)
    files = {
        f"{name}.ipynb": notebook(lesson, plan.points, checked, start_cell(course, lesson)),
        "autograder.py": student_module(),
        "requirements.txt": requirements(needed, course),
    }
    for other in set(needed) & set(course.names):
        files[f"{other}.py"] = _own_copy(course.lesson(other))
    return files


def _own_copy(lesson: Lesson) -> str:
    """The stub of a lesson that another one builds on, for the learner to replace."""
    return (
        f"# This assignment imports {lesson.name}. Put your own solution of that lesson here:\n"
        "# in JupyterLab, File > Save and Export Notebook As > Executable Script.\n\n"
    ) + lesson.stub()


def _configuration(folder: Path, course: Course) -> Written:
    """The configuration is the instructor's: it is written once, and then only looked at."""
    path = folder / NBGRADER
    said = f"course={course.reference!r}, "
    if not path.exists():
        return write_where_changed(path, _new_configuration(folder, said))
    text = path.read_text(encoding="utf-8")
    if HOOK not in text:
        raise WrongUse(
            f"{path} does not say how to grade; add these lines to it: "
            f"`from {HOOK} import configure` and `configure(get_config(), {said}seed=...)`"
        )
    found = re.search(r"\bcourse\s*=\s*r?(?:'([^']+)|\"([^\"]+))", text)
    here = found and (found[1] or found[2]) or own_name()
    if not _is_same(here, course):
        raise WrongUse(
            f"{path} grades with {here}, and this lesson is of {course.reference}; "
            "use another folder, or name this course there: configure(c, course=..., seed=...)"
        )
    return Written(path, "kept")


def _is_same(named: str, course: Course) -> bool:
    """Whether a configuration's course is this one; one that is gone is not."""
    try:
        return Course.named(named, "").folder.resolve() == course.folder.resolve()
    except WrongUse:
        return False


def _new_configuration(folder: Path, said: str) -> str:
    seed = secrets.token_hex(16)
    return _CONFIGURATION.format(id=_course_id(folder), hook=HOOK, seed=seed, course=said)


def _course_id(folder: Path) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in folder.resolve().name)


_CONFIGURATION = '''\
"""nbgrader's configuration of this course. It is yours: `grad release` does not change it."""

c = get_config()

c.CourseDirectory.course_id = "{id}"

# Submissions are graded by Gradschool, each in a process that is shut in. nbgrader goes on where a
# configuration fails, and would run them beside your files; so nothing is run at all then.
try:
    from {hook} import configure

    # The inputs of the hidden checks come from this text: keep it to yourself, and keep it.
    configure(c, {course}seed="{seed}")
except Exception as error:
    raise SystemExit(f"Gradschool is needed where nbgrader runs: {{error}}") from None
'''
