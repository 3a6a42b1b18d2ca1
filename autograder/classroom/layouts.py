"""Who handed in a file, by the way in which platforms lay out what they give out. Pure.

- nbgrader: `submitted/STUDENT/LESSON/FILE`
- Canvas: `NAME_123_456_FILE`, and `NAME_LATE_123_456_FILE`; 123 is the student's number
- Moodle: `NAME_1234_assignsubmission_file_/FILE`, or all of it in one name
- Gradescope: `submission_123/FILE`, and who that is in `submission_metadata.yml`
- GitHub Classroom: clones named `ASSIGNMENT-USERNAME`
- else a folder, or a zip, for each student
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

METADATA = "submission_metadata.yml"
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+_?(?P<file>.*)")
_CANVAS = re.compile(
    r"(?P<name>.+?)(?P<late>_LATE|_late)?_(?P<id>\d+)_(?P<submission>\d+)_(?P<file>.+)"
)
_LONGEST = 80


@dataclass(frozen=True)
class Origin:
    """Whose a file is: the student, the platform's number or address for them, and whether late.

    `file` is what the student called it, `lesson` the one that the layout names.
    """

    student: str
    id: str = ""
    late: bool = False
    file: str = ""
    lesson: str = ""


@dataclass(frozen=True)
class Layout:
    """What is known of a whole source: its lessons' names, clones, and Gradescope's metadata.

    `is_canvas` is whether most files are named as Canvas does it, which others may be by chance;
    `depth` is how many folders all files have in common, and `assignment` the same beginning of all
    clones' names.
    """

    lessons: Collection[str]
    clones: Collection[tuple[str, ...]] = ()
    submitters: Mapping[str, list[dict[str, str]]] | None = None
    is_canvas: bool = False
    depth: int = 0
    assignment: str = ""

    def origins(self, parts: tuple[str, ...]) -> list[Origin]:
        """Whose a file is: several students' of a group, and nobody's where it cannot be told."""
        if found := self._nbgrader(parts):
            return [found]
        for number, part in enumerate(parts):
            if members := (self.submitters or {}).get(part):
                return [_submitter(member, parts[-1]) for member in members]
            found = _moodle(part) or (_canvas(part) if self.is_canvas else None)
            if found:
                is_folder = number < len(parts) - 1 or not found.file
                return [replace(found, file=parts[-1]) if is_folder else found]
            if parts[: number + 1] in self.clones:
                return [Origin(self._username(part), file=parts[-1])]
        below = parts[self.depth :]
        return [Origin(below[0], file=parts[-1])] if len(below) > 1 else []

    def _nbgrader(self, parts: tuple[str, ...]) -> Origin | None:
        for student, lesson in zip(parts, parts[1:-1], strict=False):
            if lesson in self.lessons and not _moodle(student) and not _canvas(student):
                return Origin(student, file=parts[-1], lesson=lesson)
        return None

    def _username(self, clone: str) -> str:
        if self.assignment and clone.startswith(self.assignment):
            return clone[len(self.assignment) :]
        for lesson in sorted(self.lessons, key=len, reverse=True):
            for name in (lesson, lesson.replace("_", "-")):
                if clone.startswith(f"{name}-"):
                    return clone[len(name) + 1 :]
        return clone.partition("-")[2] or clone


def layout(
    lessons: Collection[str],
    paths: Sequence[tuple[str, ...]],
    clones: Collection[tuple[str, ...]],
    metadata: str,
) -> Layout:
    """What a source's files have in common. metadata: the text of Gradescope's file, or empty."""
    depth = len(os.path.commonprefix([path[:-2] for path in paths] or [()]))
    like_canvas = sum(any(map(_canvas, path)) for path in paths)
    is_canvas = 2 * like_canvas > len(paths)
    return Layout(lessons, clones, submitters(metadata), is_canvas, depth, _assignment(clones))


def submitters(metadata: str) -> dict[str, list[dict[str, str]]]:
    """Of each folder of Gradescope's who has handed it in; nothing where the file is damaged."""
    if not metadata:
        return {}
    import yaml

    # All is text, and of Ruby's own objects nothing is made.
    Loader: Any = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})
    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    try:
        data = yaml.load(metadata, Loader=Loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    found: dict[str, list[dict[str, str]]] = {}
    for folder, about in data.items() if isinstance(data, dict) else ():
        listed = about.get(":submitters") if isinstance(about, dict) else None
        members = [m for m in listed if isinstance(m, dict)] if isinstance(listed, list) else []
        found[str(folder)] = [{str(key): str(value) for key, value in m.items()} for m in members]
    return found


def safe_name(text: str) -> str:
    """A student's name as the name of a folder: one that leads nowhere else and hides nothing."""
    text = unicodedata.normalize("NFC", text)
    shown = "".join("_" if c in '/\\:*?"<>|' or not c.isprintable() else c for c in text)
    shown = shown.lstrip(" .-")
    while len(shown.encode()) > _LONGEST:
        shown = shown[:-1]
    return shown.rstrip(" .")


def folder_name(origin: Origin) -> str:
    """The folder of a student: nbgrader's own ids stay what they are, where they can."""
    name = origin.student
    is_plain = name.isprintable() and "/" not in name and len(name.encode("utf-8", "replace")) < 200
    return name if origin.lesson and is_plain and name != ".." else safe_name(name)


def _moodle(part: str) -> Origin | None:
    found = _MOODLE.fullmatch(part)
    return Origin(found["name"], found["id"], file=found["file"]) if found else None


def _canvas(part: str) -> Origin | None:
    found = _CANVAS.fullmatch(part)
    if not found or _MOODLE.fullmatch(part):
        return None
    return Origin(found["name"], found["id"], bool(found["late"]), found["file"])


def _submitter(member: dict[str, Any], file: str) -> Origin:
    names = [member.get(f":{key}", "").strip() for key in ("sid", "email", "name")]
    known = [name for name in names if name and name not in ("null", "~")]
    return Origin(known[0] if known else "", names[1], file=file)


def _assignment(clones: Collection[tuple[str, ...]]) -> str:
    """What the names of all clones begin with, up to a hyphen."""
    names = [clone[-1] for clone in clones if clone]
    if len(names) < 2:
        return ""
    common = os.path.commonprefix(names)
    return common[: common.rfind("-") + 1]
