"""What Linux tells of a process and those below it; of one that has ended meanwhile, nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def descendants(process: int) -> Iterator[int]:
    """The processes below one."""
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from descendants(int(child))


def processor_time(process: int) -> float:
    """Seconds, also of those below it that have ended."""
    fields = _text(process, "stat").rpartition(")")[2].split()[11:15]
    return sum(map(int, fields)) / os.sysconf("SC_CLK_TCK")


def proportional_memory(process: int) -> int:
    """Bytes; a page that several processes share counts by parts."""
    return _kilobytes(_text(process, "smaps_rollup"), "Pss:") * 1024


def peak_memory(process: int) -> float:
    """The most memory that a process has had, in MiB."""
    return _kilobytes(_text(process, "status"), "VmHWM:") / 1024


def _text(process: int, name: str) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/{name}").read_text()
    return ""


def _kilobytes(text: str, field: str) -> int:
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(field)), 0)
