"""A new course: a folder with one small lesson that proves itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from autograder.lessons.disk import refuse_used, write_atomically
from autograder.lessons.errors import WrongUse
from autograder.lessons.finding import installed, own_name

_TEMPLATES = Path(__file__).parent / "templates" / "course"


def new_course(folder: Path, title: str) -> list[Path]:
    """Write the course into a new or an empty folder, and name the files.

    title: by default the folder's name in words. Raises WrongUse where the folder is in use, or its
    name can be no course's.
    """
    refuse_used(folder)
    if re.search(r'["\\\n@]', title):
        raise WrongUse(f"the title {title!r} has a sign that course.toml cannot hold; leave it out")
    name = _name(folder.resolve().name)
    words = name.replace("-", " ")
    # Among the packages it lies beside everybody else's, and its own name may be taken there.
    package = f"{name.removesuffix('-course').replace('-', '_')}_course"
    said = {"NAME": name, "PACKAGE": package, "TITLE": title or words.capitalize()}
    return [_written(folder / path, text, said) for path, text in _files()]


def _name(folder: str) -> str:
    """A name for pip and for Python alike, from a folder's."""
    name = re.sub(r"[\W_]+", "-", folder.lower(), flags=re.ASCII).strip("-")
    if not re.match("[a-z]", name):
        raise WrongUse(f"{folder!r} can be no course's name; begin it with a letter from a to z")
    if name in (own_name(), "gradschool", "autograder") or name in installed():
        raise WrongUse(f"there is a course named {name} already; take another name")
    return name


def _files() -> Iterator[tuple[str, str]]:
    """Templates whose name would mean something to tools that pass by end in .txt."""
    for path in sorted(_TEMPLATES.rglob("*.*")):
        name = path.relative_to(_TEMPLATES).as_posix().removesuffix(".txt")
        yield {"gitignore": ".gitignore"}.get(name, name), path.read_text(encoding="utf-8")


def _written(path: Path, text: str, said: dict[str, str]) -> Path:
    for word, value in said.items():
        text = text.replace(f"@{word}@", value)
    write_atomically(path, text.encode())
    return path
