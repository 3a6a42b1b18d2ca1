"""What `grad class collect` says on the screen: a line for what was taken, and why others were not.

Files that were left out for the same reason are told together, where they are many.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from autograder.classroom.placing import LEFT_OUT, NOT_PLACED, Row
from autograder.classroom.table import shown
from autograder.reports.terminal import few, one_line

# So many of one reason have a line each.
_ALONE = 3
# What differs between two sentences that say the same: names in quotes, numbers and dates.
_PARTICULAR = re.compile(r"'[^']*'|\"[^\"]*\"|\d[\d :.-]*(?<=\d)")


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """Taken files first, by student; then what was left out, and last what could not be placed."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.what == NOT_PLACED, row.student, row.lesson)):
        if row.what in (LEFT_OUT, NOT_PLACED):
            groups.setdefault((row.what, _PARTICULAR.sub("...", row.why)), []).append(row)
        else:
            yield _line(row)
    for (what, reason), group in groups.items():
        if len(group) <= _ALONE:
            yield from map(_line, group)
        else:
            same = len({row.why for row in group}) == 1
            why = group[0].why if same else reason
            yield f"{what:11}{len(group)} files: {shown(why)} ({_named(group)})"


def counted(rows: Iterable[Row]) -> str:
    """How many of each kind, in a line."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.what] += 1
        counts["late"] += row.late and row.is_taken
    told = [f"{number} {what}" for what, number in counts.items() if number and what != "late"]
    return ", ".join([*told, *([f"{counts['late']} late"] * bool(counts["late"]))]) or "nothing"


def _line(row: Row) -> str:
    late = "  late" * row.late
    where = f"{row.student or '?'}  {row.lesson or '?'}{late}"
    why = f": {shown(row.why)}" if row.why else ""
    return f"{row.what:11}{one_line(where)}  {shown(row.source)}{why}"


def _named(group: list[Row]) -> str:
    return few(row.student or row.source.rpartition("/")[2] for row in group)
