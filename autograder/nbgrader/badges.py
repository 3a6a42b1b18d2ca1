"""Badges: links that open a notebook of a repository on GitHub in Colab, and in Kaggle."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from autograder.lessons.course import Course

_COLAB = "https://colab.research.google.com/github"
_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
_KAGGLE = "https://kaggle.com/kernels/welcome?src=https://github.com"
_ORIGIN = re.compile(r"github\.com[:/](?P<name>[^/]+/[^/]+?)(?:\.git)?/?$")


def address(course: Course, folder: Path) -> str:
    """Where GitHub shows a folder, as OWNER/NAME/blob/BRANCH/PLACE; "" where it is not known.

    In the course's own folder course.toml knows; elsewhere, or where that is silent, git does.
    """
    about, own = course.about, course.folder.resolve()
    if not (about.repository and folder.resolve().is_relative_to(own)):
        return _by_git(folder)
    place = folder.resolve().relative_to(own).as_posix()
    return f"{about.repository}/blob/{about.branch}/{place}".removesuffix("/.")


def table(course: Course, names: Iterable[str], at: str, folder: str = "") -> str:
    """Lessons as rows of Markdown, with badges where it is known `at` which address they lie.

    folder: where the notebooks are, seen from the page, with a slash behind it.
    """
    rows = (_row(course.lesson(name).title, f"{name}.ipynb", at, folder) for name in names)
    return "| lesson | Colab | Kaggle |\n| --- | --- | --- |\n" + "".join(rows)


def _row(title: str, file: str, at: str, folder: str) -> str:
    badge = f"[![Open in Colab]({_BADGE})]({_COLAB}/{at}/{file})" if at else ""
    kaggle = f"[Kaggle]({_KAGGLE}/{at}/{file})" if at else ""
    return f"| [{title}]({folder}{file}) | {badge} | {kaggle} |\n"


def _by_git(folder: Path) -> str:
    asked = ("remote get-url origin", "rev-parse --abbrev-ref HEAD", "rev-parse --show-prefix")
    remote, branch, place = (_git(folder, *words.split()) for words in asked)
    found = _ORIGIN.search(remote)
    return f"{found['name']}/blob/{branch}/{place}".rstrip("/") if found and branch else ""


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:  # there is no git
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
