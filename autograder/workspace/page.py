"""`grad report`: one HTML file, offline and printable: what a learner has built, and the way there.

Pictures come first and names of exercises are folded once a lesson is complete, so that it can be
shown to a friend.
"""

from __future__ import annotations

import base64
import time
from collections import Counter
from pathlib import Path

from autograder.lessons.stages import stages_called
from autograder.reports.html import COLOURS, text
from autograder.reports.report import TODO
from autograder.workspace.built import STYLE as FACTS
from autograder.workspace.built import Built, Code, built_html, code_html, facts_html, written_code
from autograder.workspace.history import STYLE as CURVE
from autograder.workspace.history import history, minute
from autograder.workspace.pictures import SUFFIXES, Drawn, drawn
from autograder.workspace.record import Record, read_records
from autograder.workspace.standing import STAR, LessonProgress, Progress, Standing
from autograder.workspace.store import Attempt, Store
from autograder.workspace.workspace import Workspace

# Of what a stage has said, in characters.
MOST_SAID = 900

_STYLE = """
:root { color-scheme: light dark; print-color-adjust: exact; -webkit-print-color-adjust: exact;
  --text: #1d2430; --page: #f6f7f9; --card: #fff; --line: #e1e5ea; --quiet: #5b6675;
  --good: #2e8b57; }
@media screen and (prefers-color-scheme: dark) { :root { --text: #e3e7ee; --page: #14171c;
  --card: #1d2127; --line: #363c46; --quiet: #9aa5b4; --good: #46b37a; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
  margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; } p { margin: .2rem 0; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0; } h3 { font-size: 1rem; margin: 1rem 0 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1rem 1.2rem; margin-top: 1rem; }
.head { display: flex; flex-wrap: wrap; gap: .1rem 1rem; align-items: baseline;
  justify-content: space-between; break-after: avoid; }
.head span, .quiet, li small { color: var(--quiet); }
.bar { height: .5rem; border-radius: .25rem; background: var(--line); margin: .5rem 0 .8rem; }
.bar div { height: 100%; border-radius: .25rem; background: var(--good); }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .35rem;
  grid-template-columns: repeat(auto-fill, minmax(min(12.5rem, 46%), 1fr)); }
li { border: 1px solid var(--line); border-left: 4px solid; border-radius: .3rem;
  padding: .25rem .6rem; break-inside: avoid; line-height: 1.35; }
code { font-size: .9em; overflow-wrap: anywhere; } li code { display: block; }
figure { margin: 0; break-inside: avoid; }
figcaption { font-size: .85rem; color: var(--quiet); }
img { max-width: 100%; height: auto; background: #fff; border-radius: .3rem; }
svg { display: block; width: 100%; }
table { border-collapse: collapse; margin: .3rem 0 .6rem; }
td { padding: .1rem .9rem .1rem 0; text-align: left; vertical-align: top; }
td:first-child { overflow-wrap: anywhere; }
.plots { columns: 20rem; column-gap: .8rem; } .plots > * { margin: 0 0 .8rem; }
@media (max-width: 30rem) { section { padding: .8rem; } li { padding: .25rem .4rem; }
  li code { font-size: .8em; } }
@media print { body { background: #fff; font-size: 13px; } main { max-width: none; padding: 0; } }
"""


def page(workspace: Workspace) -> str:
    """The whole page as text; it refers to nothing outside itself."""
    progress, store = workspace.progress(), workspace.store
    attempts = store.attempts()
    records = read_records(workspace.folder)
    codes = {each.lesson.name: written_code(each) for each in progress.lessons}
    built = Built.of(workspace, progress)
    parts = [
        _heading(workspace.course.about.title, progress, built, facts_html(built, codes.values())),
        built_html(workspace.course, progress),
        history(attempts),
    ]
    for lesson in progress.lessons:
        own = [attempt for attempt in attempts if attempt.lesson == lesson.lesson.name]
        record, code = records.get(lesson.lesson.name), codes[lesson.lesson.name]
        parts.append(_lesson(lesson, own, store, record, code))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(workspace.course.about.title)}: {'built' if built.is_whole else 'progress'}"
        f"</title><style>{_STYLE}{FACTS}{CURVE}</style></head>\n"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _heading(title: str, progress: Progress, built: Built, facts: str) -> str:
    points = f"{progress.points} of {progress.max_points} points"
    if built.is_whole:
        says = f"Every exercise has passed, with {points}: all of this was written by hand."
    else:
        says = f"{points[:1].upper()}{points[1:]} so far. {_next(progress)}"
    return (
        f"<h1>{text(title)}</h1><p>{says}</p>{_bar(built.passed, built.total)}"
        f'{facts}<p class="quiet">As of {minute(time.time())}.</p>'
    )


def _next(progress: Progress) -> str:
    lesson, standing = next(progress.open())
    name = f"{lesson.lesson.name}:{standing.exercise.id}"
    return f"Next: <code>{text(name)}</code> ({standing.verdict})."


def _bar(done: int, total: int) -> str:
    share = 100 * done / total if total else 0
    label = f"{done} of {total} exercises passed"
    inner = f'<div style="width:{share:.1f}%"></div>'
    return f'<div class="bar" role="img" aria-label="{label}">{inner}</div>'


def _lesson(
    lesson: LessonProgress,
    attempts: list[Attempt],
    store: Store,
    record: Record | None,
    code: Code,
) -> str:
    tries = Counter(attempt.exercise for attempt in attempts)
    passed = f"{lesson.passed} of {len(lesson.standings)} exercises"
    count = f"{passed}, {lesson.points} of {lesson.max_points} points"
    milestone = _milestone(record) if record else ""
    pictures = _pictures(lesson, record)
    return (
        f'<section><div class="head"><h2>{text(lesson.lesson.title)}</h2><span>{count}</span></div>'
        f"{_bar(lesson.passed, len(lesson.standings))}{pictures}{milestone}{_predictions(lesson)}"
        f"{_tasks(lesson)}{_exercises(lesson, tries, store)}{code_html(code)}</section>"
    )


def _exercises(lesson: LessonProgress, tries: Counter[str], store: Store) -> str:
    """A cell for each exercise; the names alone, where the lesson is still to be begun."""
    cells = [_exercise(lesson, standing, tries, store) for standing in lesson.standings]
    if lesson.passed == len(cells):
        head = f"The exercises: {len(cells)}, in {sum(tries.values())} attempts"
        return f"<details><summary>{head}</summary><ul>{''.join(cells)}</ul></details>"
    if tries or any(standing.verdict != TODO for standing in lesson.standings):
        return f"<ul>{''.join(cells)}</ul>"
    names = ", ".join(f"<code>{text(each.exercise.id)}</code>" for each in lesson.standings)
    return f'<p class="quiet">{TODO}: {names}</p>'


def _exercise(lesson: LessonProgress, standing: Standing, tries: Counter[str], store: Store) -> str:
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


def _predictions(lesson: LessonProgress) -> str:
    """What was predicted and what it is, each with the reason; nothing where nothing was."""
    asked = lesson.lesson.predictions
    rows = "".join(
        f"<tr><td>{text(asked[each.prediction].question)}</td><td>{text(each.said)}</td>"
        f"<td>{text(each.true)}</td><td>{text(asked[each.prediction].because)}</td></tr>"
        for each in lesson.answered
    )
    if not rows:
        return ""
    right = sum(each.right for each in lesson.answered)
    head = "<tr><th></th><th>you&nbsp;said</th><th>it&nbsp;is</th><th>because</th></tr>"
    count = f"Predictions: {right} of {len(lesson.answered)} right"
    return f"<details><summary>{count}</summary><table>{head}{rows}</table></details>"


def _tasks(lesson: LessonProgress) -> str:
    """The best try of each open task that was tried."""
    rows = "".join(
        f"<tr><td>{text(lesson.lesson.tasks[each.task].says)}</td><td>{each.score:.4g}</td>"
        f"<td>{each.bar:g}</td><td>{STAR if each.passed else 'not met yet'}</td></tr>"
        for each in lesson.tried.values()
    )
    head = "<tr><th></th><th>best</th><th>bar</th><th></th></tr>"
    return f"<h3>Open tasks</h3><table>{head}{rows}</table>" if rows else ""


def _milestone(record: Record) -> str:
    rows = "".join(
        f"<tr><td>{text(figure.text())}</td><td>{_judged(figure.passed)}</td></tr>"
        for figure in record.figures
    )
    verdict = "passed" if record.passed else "not passed yet"
    return f"<h3>Milestone: {verdict}</h3><table>{rows}</table>"


def _pictures(lesson: LessonProgress, record: Record | None) -> str:
    """What the lesson's stages have drawn and said, in their order; then its milestone's plots."""
    folder = lesson.path.parent
    order = stages_called(lesson.lesson)
    kept = [each for each in drawn(folder.parent, lesson.path.stem) if each.stage in order]
    kept.sort(key=lambda each: order.index(each.stage))
    parts = [_stage(folder, each) for each in kept]
    known = {name for each in kept for name in each.files}
    parts += (
        [_image(folder / name, "") for name in record.plots if name not in known] if record else []
    )
    return f'<div class="plots">{"".join(parts)}</div>' if any(parts) else ""


def _stage(folder: Path, stage: Drawn) -> str:
    """A stage's pictures above its sentence, and what it said."""
    images = "".join(_image(folder / name, stage.says) for name in stage.files)
    said = "\n".join(stage.said)[:MOST_SAID]
    told = f'<pre class="said">{text(said)}</pre>' if said else ""
    if not (images or told):
        return ""
    return f"<figure>{images}<figcaption>{text(stage.says)}</figcaption>{told}</figure>"


def _judged(passed: bool | None) -> str:
    return "" if passed is None else "passed" if passed else "not passed"


def _image(path: Path, says: str) -> str:
    if path.suffix not in SUFFIXES or not path.is_file():
        return ""
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    source = f"data:{SUFFIXES[path.suffix]};base64,{data}"
    return f'<img alt="{text(says or path.stem)}" src="{source}">'
