"""The site around the pages, built by MkDocs with its Material theme."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from autograder.book.pages import page
from autograder.lessons.course import Course
from autograder.lessons.errors import Unusable, WrongUse

# No font and no script comes from elsewhere.
_CONFIG = {
    "docs_dir": "pages",
    "strict": True,
    # A page is a file, so that links work from a folder too.
    "use_directory_urls": False,
    "theme": {
        "name": "material",
        "font": False,
        "features": ["navigation.footer", "navigation.top", "content.code.copy", "toc.follow"],
        "palette": [
            {
                "media": "(prefers-color-scheme: light)",
                "scheme": "default",
                "primary": "teal",
                "toggle": {"icon": "material/weather-night", "name": "Dark"},
            },
            {
                "media": "(prefers-color-scheme: dark)",
                "scheme": "slate",
                "primary": "teal",
                "toggle": {"icon": "material/weather-sunny", "name": "Light"},
            },
        ],
    },
    "plugins": ["search"],
    "markdown_extensions": [
        "admonition",
        "attr_list",
        "tables",
        "pymdownx.details",
        "pymdownx.superfences",
        "pymdownx.highlight",
        "pymdownx.magiclink",
        {"toc": {"permalink": True}},
    ],
    "extra_css": ["book.css"],
    "extra_javascript": ["book.js"],
}
_STYLE = """
.md-grid { max-width: 72rem; }
.formula { overflow-x: auto; padding: 0.3rem 0; }
math { font-size: 1.1em; }
.md-typeset pre > code { line-height: 1.35; }
.from-a-folder .md-search { display: none; }
"""
# The search needs a worker, which browsers refuse to pages that are opened from a folder.
_SCRIPT = """
if (location.protocol === "file:") document.documentElement.classList.add("from-a-folder");
"""


def build(course: Course, folder: Path) -> int:
    """Write the site of a course into a folder, new or written by this before. Counts its pages.

    Raises WrongUse where the folder holds something else, Unusable where MkDocs cannot build.
    """
    title, marker = course.about.title, folder / "book.css"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise WrongUse(f"{folder} holds something else; name a new folder")
    with tempfile.TemporaryDirectory() as place:
        pages = Path(place) / "pages"
        pages.mkdir()
        navigation = [{"Start": "index.md"}]
        for name in course.names:
            (pages / f"{name}.md").write_text(page(course.lesson(name)), encoding="utf-8")
            navigation.append({course.lesson(name).title: f"{name}.md"})
        (pages / "index.md").write_text(_index(course, title), encoding="utf-8")
        (pages / "book.css").write_text(_STYLE, encoding="utf-8")
        (pages / "book.js").write_text(_SCRIPT, encoding="utf-8")
        config = {"site_name": title, "site_dir": str(folder.resolve()), "nav": navigation}
        (Path(place) / "mkdocs.yml").write_text(yaml.safe_dump(config | _CONFIG, sort_keys=False))
        _run(Path(place))
    return len(course.names) + 1


def _index(course: Course, title: str) -> str:
    rows = [f"| [{course.lesson(n).title}]({n}.md) | `{n}` |" for n in course.names]
    start = "Read here, write in your editor: `grad watch` grades what you save."
    return "\n".join([f"# {title}", "", start, "", "| lesson | file |", "| --- | --- |", *rows, ""])


def _run(place: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", "mkdocs.yml"]
    ran = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if "No module named mkdocs" in ran.stderr:
        raise Unusable("the book needs MkDocs: pip install 'gradschool[book]'")
    if ran.returncode:
        raise Unusable(f"MkDocs could not build the book: {ran.stderr.strip()[-300:]}")
