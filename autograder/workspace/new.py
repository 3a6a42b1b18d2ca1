"""A new workspace: the stubs of a course, and which course they are of."""

from __future__ import annotations

from pathlib import Path

from autograder.lessons.course import Course
from autograder.lessons.disk import write_atomically
from autograder.lessons.finding import RECORD
from autograder.lessons.places import KEPT
from autograder.workspace.places import kept
from autograder.workspace.scratch import FOLDER
from autograder.workspace.stubs import remember
from autograder.workspace.workspace import Workspace

_IGNORED = f"{KEPT}/\n{FOLDER}/\n*.png\n*.svg\n*.safetensors\nprogress.html\n"


def write_workspace(folder: Path, course: Course) -> None:
    """Write all stubs, a README, and the course's name or folder. Raises Unusable."""
    files = {f"exercises/{name}.py": course.lesson(name).stub() for name in course.names}
    files["README.md"] = _readme(course)
    files[".gitignore"] = _IGNORED
    for name, text in files.items():
        write_atomically(folder / name, text.encode())
    write_atomically(kept(folder) / RECORD, f"{course.reference}\n".encode())
    for name in course.names:
        remember(Workspace(folder, course), name)


def _readme(course: Course) -> str:
    template = Path(__file__).parent / "templates" / "README.md"
    text = template.read_text(encoding="utf-8")
    rows = [f"| `{name}` | {course.lesson(name).title} |" for name in course.names]
    words = {"TITLE": course.about.title, "ABOUT": course.about.about, "LESSONS": "\n".join(rows)}
    for word, said in words.items():
        text = text.replace(f"@{word}@", said)
    return text.replace("\n\n\n", "\n\n")
