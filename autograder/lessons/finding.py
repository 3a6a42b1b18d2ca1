"""Which course is meant, where nobody has said it in words: by a project, a workspace, a package.

In this order: the variable GRADSCHOOL_COURSE (`grad --course` sets it for its own command),
`[tool.gradschool] course` in the nearest pyproject.toml that has it, the record of the workspace,
the one course that is installed, and else the one that the program came with. A course is named by
its folder, or, where it is installed, by its name.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from autograder.lessons.about import FILE, About
from autograder.lessons.disk import text_of
from autograder.lessons.errors import WrongUse
from autograder.lessons.places import KEPT, installed_root

VARIABLE = "GRADSCHOOL_COURSE"
# Below a workspace's hidden folder; and the group of entry points of packages that are courses.
RECORD, GROUP = "course", "gradschool.courses"
_TABLE = "[tool.gradschool]"


@dataclass(frozen=True)
class Found:
    """A course's folder, and who said so. No folder stands for the course that came along."""

    folder: Path | None
    where: str = ""


def found(start: Path) -> Found:
    """The course that is meant in a folder. Raises WrongUse, which says who named a wrong one."""
    if value := os.environ.get(VARIABLE):
        return named(value, VARIABLE)
    folders = (start, *start.parents)
    for said in (_by_project(folders), _by_workspace(folders)):
        if said:
            return said
    courses = installed()
    if len(courses) > 1:
        raise WrongUse(
            f"several courses are installed: {', '.join(courses)}; say which one is meant with "
            f"`grad --course NAME`, or set {VARIABLE}"
        )
    return next(
        (Found(path, f"installed as {name}") for name, path in courses.items()), Found(None)
    )


def named(value: str, where: str, base: Path | None = None) -> Found:
    """The course that a value names: a folder, from `base` on, or the name of one that is there.

    Raises WrongUse with `where`, which says whose value it is.
    """
    folder = (base or Path.cwd()) / Path(value).expanduser()
    if (folder / "solutions").is_dir():
        return Found(folder, where)
    if value == own_name():
        return Found(None, where)
    if value in (courses := installed()):
        return Found(courses[value], where)
    if folder.is_dir():  # and no course, which `Course.at` will say
        return Found(folder, where)
    known = ", ".join((own_name(), *courses))
    raise WrongUse(
        f"{value} is no course: there is no such folder, and of the installed courses ({known}) "
        f"none has that name; see to {where}"
    )


def _by_project(folders: tuple[Path, ...]) -> Found | None:
    for folder in folders:
        path = folder / "pyproject.toml"
        if path.is_file() and _TABLE in (text := text_of(path, WrongUse)):
            try:
                value = tomllib.loads(text)["tool"]["gradschool"]["course"]
            except (tomllib.TOMLDecodeError, KeyError) as error:
                raise WrongUse(f"{path}: {_TABLE} names no course ({error})") from None
            return named(str(value), f"{_TABLE} in {path}", folder)
    return None


def _by_workspace(folders: tuple[Path, ...]) -> Found | None:
    """What `grad init` wrote down. The exercises of a clone are those of its own course."""
    for folder in folders:
        path = folder / KEPT / RECORD
        if path.is_file():
            return named(text_of(path, WrongUse).strip(), str(path), folder)
        if folder == installed_root():
            return Found(None)
    return None


@cache
def own_name() -> str:
    """The name of the course that the program came with."""
    return About.read(installed_root() / FILE).name


def installed() -> dict[str, Path]:
    """The courses that are installed as packages, with their folders. Raises WrongUse."""
    entries = metadata.entry_points(group=GROUP)
    return {entry.name: _package(entry) for entry in sorted(entries, key=lambda each: each.name)}


def requirement(name: str) -> str:
    """What pip is asked for to have an installed course; nothing where it is not installed."""
    entries = metadata.entry_points(group=GROUP, name=name)
    found = (f"{entry.dist.name}=={entry.dist.version}" for entry in entries if entry.dist)
    return next(found, "")


def _package(entry: metadata.EntryPoint) -> Path:
    """The folder beside the distribution; its code, if it has any, is not run."""
    folder = Path(str(entry.dist.locate_file(entry.value))) if entry.dist else Path(entry.value)
    if not folder.is_dir():
        raise WrongUse(
            f"the installed course {entry.name} is to lie in {folder}, and does not; install it "
            "again (not as editable), or uninstall it"
        )
    return folder
