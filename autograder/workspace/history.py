"""The curve of the page of progress: how many exercises had passed, over the time at work.

A night, a week or a month between two attempts would squeeze all else to a line: what is longer
than a pause takes no more room than one, and a dashed line stands there.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import pairwise

from autograder.reports.report import PASSED
from autograder.workspace.store import Attempt

# Of the drawing's own coordinates; it is stretched to the width of the page.
WIDTH, HEIGHT, TICK = 1000, 160, 12
TOP, BOTTOM = 4, HEIGHT - 2 * TICK
# Seconds without an attempt that are a pause, and the time that a pause is drawn as.
PAUSE, DRAWN_AS = 3600.0, 600.0
MOST_LINES = 4

STYLE = """
.curve { display: flex; gap: .5rem; margin-top: .6rem; }
.curve svg { flex: 1; min-width: 0; height: 10rem; margin: 0; }
.scale { position: relative; width: 2rem; height: 10rem; font-size: .8rem; text-align: right; }
.scale span { position: absolute; right: 0; transform: translateY(-50%); }
.passed { stroke: var(--good); stroke-width: 2.5; } .grid { stroke: var(--line); }
.tick { stroke: var(--quiet); } .pause { stroke: var(--quiet); stroke-dasharray: 3 4; }
.dates { display: flex; justify-content: space-between; gap: 1rem; font-size: .85rem;
  margin-left: 2.5rem; }
"""


def history(attempts: list[Attempt]) -> str:
    """The section of the page as HTML; nothing before the second step."""
    steps = list(_passed_over_time(attempts))
    if len(steps) < 2:
        return ""
    places = _across([attempt.at for attempt in attempts])
    most = max(count for _, count in steps)
    label = f"{most} passed in {len(attempts)} attempts"
    lines = _scale(most)
    return (
        f'<section><div class="head"><h2>Exercises passed over time</h2><span>{label}</span></div>'
        f'<div class="curve"><div class="scale quiet">{"".join(_label(n, most) for n in lines)}'
        f'</div><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}"><g fill="none">{_grid(lines, most)}{_pauses(places)}'
        f"{_steps(steps, places, most)}{_ticks(places)}</g></svg></div>"
        f'<div class="dates quiet"><span>{minute(attempts[0].at)}</span><span>{_legend(places)}'
        f"</span><span>{minute(attempts[-1].at)}</span></div></section>"
    )


def minute(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def _across(times: list[float]) -> dict[float, float]:
    """Where each time is drawn, from left to right."""
    drawn = [0.0]
    for before, after in pairwise(times):
        gap = after - before
        drawn.append(drawn[-1] + (gap if gap <= PAUSE else DRAWN_AS))
    whole = max(drawn[-1], 1.0)
    return {at: 2 + here / whole * (WIDTH - 4) for at, here in zip(times, drawn, strict=True)}


def _up(count: float, most: int) -> float:
    return BOTTOM - count / most * (BOTTOM - TOP)


def _scale(most: int) -> list[int]:
    """The round numbers that have a line, 0 among them."""
    steps = (base * 10**power for power in range(9) for base in (1, 2, 5))
    step = next(step for step in steps if most // step <= MOST_LINES)
    return list(range(0, most + 1, step))


def _label(count: int, most: int) -> str:
    return f'<span style="top:{_up(count, most) / HEIGHT:.1%}">{count}</span>'


def _grid(lines: list[int], most: int) -> str:
    path = " ".join(f"M 2 {_up(count, most):.1f} H {WIDTH - 2}" for count in lines)
    return _path("grid", path)


def _pauses(places: dict[float, float]) -> str:
    path = " ".join(f"M {x:.1f} {TOP} V {BOTTOM}" for x in _pause_places(places))
    return _path("pause", path)


def _pause_places(places: dict[float, float]) -> list[float]:
    gaps = pairwise(places.items())
    return [(x + y) / 2 for (before, x), (after, y) in gaps if after - before > PAUSE]


def _legend(places: dict[float, float]) -> str:
    pauses = "; a dashed line is a pause" if _pause_places(places) else ""
    return f"each tick is an attempt{pauses}"


def _steps(steps: list[tuple[float, int]], places: dict[float, float], most: int) -> str:
    path = f"M 2 {BOTTOM}"
    for at, count in steps:
        path += f" H {places[at]:.1f} V {_up(count, most):.1f}"
    return _path("passed", path)


def _ticks(places: dict[float, float]) -> str:
    rounded = sorted({round(x) for x in places.values()})
    return _path("tick", " ".join(f"M {x} {HEIGHT} V {HEIGHT - TICK}" for x in rounded))


def _path(name: str, path: str) -> str:
    return f'<path class="{name}" d="{path}" vector-effect="non-scaling-stroke"/>' if path else ""


def _passed_over_time(attempts: list[Attempt]) -> Iterator[tuple[float, int]]:
    """After each attempt, how many exercises stand as passed."""
    standing: set[tuple[str, str]] = set()
    for attempt in attempts:
        place = (attempt.lesson, attempt.exercise)
        (standing.add if attempt.verdict == PASSED else standing.discard)(place)
        if standing:
            yield attempt.at, len(standing)
