"""What a course shows on GitHub: its notebooks, and a table in its README whose badges open them.

All of it follows from `repository` in course.toml.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.disk import text_of
from autograder.lessons.errors import CourseError
from autograder.nbgrader.alone import files_alone
from autograder.nbgrader.badges import address, table

FOLDER = "notebooks"
BEGIN = "<!-- notebooks: `grad dev build` writes what is between these lines -->\n"
END = "<!-- end of notebooks -->"


def published(course: Course) -> dict[Path, str]:
    """The files by their paths. Without a repository there is no notebook, and the table is empty.

    A course without a README shows nothing. Raises CourseError where the README cannot be used.
    """
    readme = course.folder / "README.md"
    if not readme.exists():
        return {}
    folder = course.folder / FOLDER
    notebooks: dict[str, str] = {}
    rows = ""
    if course.about.repository:
        at = address(course, folder)
        notebooks = files_alone(course, course.names, at)
        rows = table(course, course.names, at, f"{FOLDER}/")
    files = {folder / name: text for name, text in notebooks.items()}
    return {**files, readme: _with_rows(text_of(readme, CourseError), rows, readme)}


def _with_rows(text: str, rows: str, readme: Path) -> str:
    """The README with these rows between its lines; as it is where it has no such lines."""
    if text.count(BEGIN) != text.count(END):
        missing = END if BEGIN in text else BEGIN.strip()
        raise CourseError(f"{readme} has only one of two lines for its notebooks; add {missing}")
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return between.sub(lambda _: f"{BEGIN}{rows}{END}", text)
