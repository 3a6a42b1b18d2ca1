"""`grad report`: one HTML file, offline and printable, that shows where a learner stands."""

from __future__ import annotations

import base64
import datetime
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from autograder.html import COLOURS, text
from autograder.milestone.record import Record, read_records
from autograder.progress import LessonProgress, Progress
from autograder.report import PASSED
from autograder.store import Attempt, Store

WIDTH, HEIGHT, MARGIN = 720, 180, 28

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1d2430; background: #f6f7f9; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 0; }
section { background: #fff; border: 1px solid #e1e5ea; border-radius: .6rem; padding: 1rem 1.2rem;
  margin-top: 1rem; break-inside: avoid; }
.head { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline; }
.head span { color: #5b6675; margin-left: auto; }
.bar { height: .5rem; border-radius: .25rem; background: #e1e5ea; margin: .5rem 0 .8rem; }
.bar div { height: 100%; border-radius: .25rem; background: #2e8b57; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .35rem;
  grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); }
li { border: 1px solid #e1e5ea; border-left: 4px solid; border-radius: .3rem;
  padding: .3rem .6rem; }
li code { display: block; overflow-wrap: anywhere; } li small { color: #5b6675; }
figure { margin: .8rem 0 0; } img, svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin-top: .6rem; }
td { padding: .1rem .9rem .1rem 0; text-align: left; vertical-align: top; }
td:first-child { overflow-wrap: anywhere; } h3 { font-size: 1rem; margin: 1rem 0 0; }
.plots { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); }
@media print { body { background: #fff; } main { max-width: none; padding: 0; } }
"""


def page(progress: Progress, store: Store, workspace: Path) -> str:
    """The whole page as text; it refers to nothing outside itself."""
    attempts = store.attempts()
    records = read_records(workspace)
    parts = [_heading(progress), _history(attempts)]
    for lesson in progress.lessons:
        own = [attempt for attempt in attempts if attempt.lesson == lesson.lesson.name]
        parts.append(_lesson(lesson, own, store, records.get(lesson.lesson.name)))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Gradschool: progress</title><style>{_STYLE}</style></head>\n"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _heading(progress: Progress) -> str:
    passed = sum(lesson.passed for lesson in progress.lessons)
    total = sum(len(lesson.standings) for lesson in progress.lessons)
    return (
        "<h1>Neural Networks: Zero to Hero</h1>"
        f"<p>{passed} of {total} exercises passed, "
        f"{progress.points} of {progress.max_points} points.</p>{_bar(passed, total)}"
    )


def _bar(done: int, total: int) -> str:
    share = 100 * done / total if total else 0
    label = f"{done} of {total} exercises passed"
    inner = f'<div style="width:{share:.1f}%"></div>'
    return f'<div class="bar" role="img" aria-label="{label}">{inner}</div>'


def _lesson(
    lesson: LessonProgress, attempts: list[Attempt], store: Store, record: Record | None
) -> str:
    tries = Counter(attempt.exercise for attempt in attempts)
    cells = "".join(_exercise(lesson, standing, tries, store) for standing in lesson.standings)
    passed = f"{lesson.passed} of {len(lesson.standings)} exercises"
    count = f"{passed}, {lesson.points} of {lesson.max_points} points"
    milestone = _milestone(record, lesson.path.parent) if record else ""
    return (
        f'<section><div class="head"><h2>{text(lesson.lesson.title)}</h2><span>{count}</span></div>'
        f"{_bar(lesson.passed, len(lesson.standings))}<ul>{cells}</ul>{milestone}</section>"
    )


def _exercise(lesson: LessonProgress, standing, tries: Counter, store: Store) -> str:
    details = [standing.verdict]
    if count := tries[standing.exercise.id]:
        details.append(f"{count} {'attempt' if count == 1 else 'attempts'}")
    if hints := store.hints(lesson.lesson.name, standing.exercise.id):
        details.append(f"{hints} {'hint' if hints == 1 else 'hints'}")
    colour = COLOURS[standing.verdict]
    return (
        f'<li style="border-left-color:{colour}"><code>{text(standing.exercise.id)}</code>'
        f"<small>{text(', '.join(details))}</small></li>"
    )


def _milestone(record: Record, folder: Path) -> str:
    rows = "".join(
        f"<tr><td>{text(figure.text())}</td><td>{_judged(figure.passed)}</td></tr>"
        for figure in record.figures
    )
    plots = "".join(_plot(folder / name) for name in record.plots)
    verdict = "passed" if record.passed else "not passed yet"
    return f'<h3>Milestone: {verdict}</h3><table>{rows}</table><div class="plots">{plots}</div>'


def _judged(passed: bool | None) -> str:
    return "" if passed is None else "passed" if passed else "not passed"


def _plot(path: Path) -> str:
    if not path.is_file():
        return ""
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    name = text(path.stem)
    return f'<figure><img alt="{name}" src="data:image/png;base64,{data}"></figure>'


def _history(attempts: list[Attempt]) -> str:
    """How many exercises had passed, as a line over time; nothing before the second step."""
    steps = list(_passed_over_time(attempts))
    if len(steps) < 2:
        return ""
    begin, end, most = steps[0][0], steps[-1][0], max(count for _, count in steps)
    span = max(end - begin, 1.0)
    points = [
        (
            MARGIN + (at - begin) / span * (WIDTH - 2 * MARGIN),
            HEIGHT - MARGIN - count / most * (HEIGHT - 2 * MARGIN),
        )
        for at, count in steps
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    label = f"{len(attempts)} attempts, {most} exercises passed"
    return (
        f'<section><div class="head"><h2>Exercises passed over time</h2><span>{label}</span></div>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
        f'<polyline points="{line}" fill="none" stroke="#2e8b57" stroke-width="2.5"/>'
        f"{_axis(begin, end, most)}</svg></section>"
    )


def _axis(begin: float, end: float, most: int) -> str:
    style = 'font-size="12" fill="#5b6675"'
    bottom = HEIGHT - 8
    return (
        f'<text x="{MARGIN}" y="{bottom}" {style}>{_day(begin)}</text>'
        f'<text x="{WIDTH - MARGIN}" y="{bottom}" text-anchor="end" {style}>{_day(end)}</text>'
        f'<text x="2" y="{MARGIN}" {style}>{most}</text>'
    )


def _day(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def _passed_over_time(attempts: list[Attempt]) -> Iterator[tuple[float, int]]:
    """After each attempt, how many exercises stand as passed."""
    standing: set[tuple[str, str]] = set()
    for attempt in attempts:
        place = (attempt.lesson, attempt.exercise)
        (standing.add if attempt.verdict == PASSED else standing.discard)(place)
        if standing:
            yield attempt.at, len(standing)
