"""A template repository for GitHub: stubs, a workflow that checks them, a container that is ready.

What a person may have made their own (the workflow, the container, the text) is written once and
then kept; the stubs follow the lessons.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.disk import Written, write_where_changed
from autograder.lessons.errors import WrongUse
from autograder.lessons.finding import requirement
from autograder.lessons.names import imported_modules

_KEPT = {
    ".github/workflows/check.yml": "workflow.yml",
    ".devcontainer/devcontainer.json": "devcontainer.json",
    "README.md": "README.md",
}
_IGNORED = ".gradschool/\n.venv/\n__pycache__/\n*.png\nprogress.html\nresults.xml\n"


def template(course: Course, lessons: list[str], folder: Path) -> Iterator[Written]:
    """Write the repository's files into a folder. Raises WrongUse where that is a file."""
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"{folder} is a file; name a folder for the repository")
    for name in _with_needed(course, lessons):
        path = folder / "exercises" / f"{name}.py"
        yield write_where_changed(path, course.lesson(name).stub())
    texts = Path(__file__).parent / "templates" / "github"
    titles = " and ".join(course.lesson(name).title for name in lessons)
    for name, source in _KEPT.items():
        text = (texts / source).read_text(encoding="utf-8")
        filled = text.replace("@LESSONS@", " ".join(lessons)).replace("@TITLE@", titles)
        yield _once(folder / name, filled)
    needed = [f"gradschool=={version('gradschool')}", requirement(course.reference)]
    yield _once(folder / "requirements.txt", "".join(f"{each}\n" for each in needed if each))
    yield _once(folder / ".gitignore", _IGNORED)


def _with_needed(course: Course, lessons: list[str]) -> list[str]:
    """The lessons, and those that they build on."""
    found = list(lessons)
    for name in found:  # it grows
        needed = imported_modules(course.lesson(name).stub()) & set(course.names)
        found += sorted(needed - set(found))
    return found


def _once(path: Path, text: str) -> Written:
    return Written(path, "kept") if path.exists() else write_where_changed(path, text)
