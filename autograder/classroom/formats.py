"""The names of the forms that a class's results are written in."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """What `grad class export` writes."""

    CSV = "csv"
    JSON = "json"
    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    CLASSROOM50 = "classroom50"
    JUNIT = "junit"
