"""When something was handed in or due: times as people and platforms write them, and as a text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

_FORM = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[ T](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?"
    r"(?: ?(?P<zone>Z|[+-]\d\d:?\d\d|[A-Za-z][A-Za-z_/+-]*))?"
)
_LAST_SECOND = "23:59:59"


def seconds_of(text: str, zone: tzinfo | None = None) -> float:
    """Seconds since 1970 of `2026-11-01 23:59`, with a time zone behind it or not.

    A date alone is its last second. zone: where the text has none; None is this machine's. Raises
    ValueError.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    when = datetime.fromisoformat(f"{found['date']}T{found['time'] or _LAST_SECOND}")
    try:
        where = _zone(found["zone"]) if found["zone"] else zone
        return (when.replace(tzinfo=where) if where else when.astimezone()).timestamp()
    except (KeyError, OSError, OverflowError) as error:
        raise ValueError(text) from error


def utc_seconds_of(text: str) -> float | None:
    """The same of what a program wrote, in UTC where it names no zone; None where it is no time."""
    try:
        return seconds_of(text, UTC)
    except ValueError:
        return None


def text_of(seconds: float | None) -> str:
    """A time with this machine's zone, as `seconds_of` reads it; nothing for None."""
    if seconds is None:
        return ""
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
    except (ValueError, OSError, OverflowError):  # of a file from before the year 1
        return ""


def _zone(name: str) -> tzinfo:
    if name in ("Z", "UTC"):
        return UTC
    if name[0] in "+-":
        zone = datetime.strptime(name, "%z").tzinfo
        assert zone
        return zone
    return ZoneInfo(name)
