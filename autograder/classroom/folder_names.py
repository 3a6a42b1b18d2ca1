"""Names of folders: what a platform has called one, and a student's that is safe on any disk."""

from __future__ import annotations

import unicodedata

from autograder.classroom.layouts import Origin

_LONGEST = 80


def given_name(path: str, part: str) -> str:
    """What a platform calls the file, zip or folder that is `part` in our paths.

    path: where the file was found; a zip's ending stands in it, and not in the part.
    """
    names = (name for name in path.split("/") if name == part or name[:-4] == part)
    return next(names, part)


def safe_name(text: str) -> str:
    """A student's name as the name of a folder: one that leads nowhere else and hides nothing."""
    text = text.encode("utf-8", "backslashreplace").decode()  # bytes that are no text
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
