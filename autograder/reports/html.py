"""Reports as HTML: a fragment with its own styles, for a notebook's output or a page.

Everything that a learner's code could have put into a report is escaped, and control characters
are made visible, so that a report can neither mark up nor script the page that it stands in.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

from autograder.reports.report import (
    BLOCKED,
    CRASHED,
    PASSED,
    TIMED_OUT,
    TODO,
    WRONG,
    CheckReport,
    ExerciseReport,
    Report,
)
from autograder.reports.terminal import plain, summary

# Dark enough to be read on white, light enough to be read on a dark theme.
COLOURS = {
    PASSED: "#2e8b57",
    TODO: "#808080",
    WRONG: "#cc3333",
    CRASHED: "#cc3333",
    TIMED_OUT: "#cc3333",
    BLOCKED: "#b8860b",
}
_CHECK_COLOURS = {PASSED: COLOURS[PASSED], "failed": COLOURS[WRONG]}


def report_html(report: Report) -> str:
    """A whole report: what concerns the file, every exercise, and the sum."""
    notes = [_line(note, "color:#b8860b") for note in report.notes]
    parts = [exercise_html(exercise) for exercise in report.listed()]
    parts.append(_line(summary(report), "font-weight:bold;margin-top:0.5em"))
    return _block([*notes, *parts], "font-family:system-ui,sans-serif;line-height:1.45")


def exercise_html(exercise: ExerciseReport, *, checks: bool = False) -> str:
    """One exercise: the verdict, and below it what helps to mend it.

    With `checks`, each hidden check is listed by its sentence.
    """
    points = f"{exercise.points} of {exercise.max_points}"
    colour = COLOURS.get(exercise.verdict, COLOURS[TODO])
    head = (
        f'<span style="color:{colour};font-weight:bold">{text(exercise.verdict)}</span> '
        f"<code>{text(exercise.id)}</code> "
        f'<span style="color:#808080">{points} {"point" if points == "1 of 1" else "points"}</span>'
    )
    details = [] if exercise.verdict in (PASSED, TODO) else list(_details(exercise))
    if checks and exercise.verdict != TODO:
        details += [_check(check) for check in exercise.checks]
    if exercise.printed:
        details.append(_labelled("your code printed", exercise.printed.rstrip("\n")))
    style = f"border-left:3px solid {colour};padding:0.1em 0.7em;margin:0.35em 0"
    return _block([f"<div>{head}</div>", *details], style)


def text(value: str) -> str:
    """Any text as HTML that shows it as it is."""
    return html.escape(plain(value), quote=True)


def _details(exercise: ExerciseReport) -> Iterator[str]:
    if exercise.says:
        yield _line(exercise.says)
    if exercise.message:
        yield f'<pre style="{_PRE};font-weight:bold">{text(exercise.message)}</pre>'
    if exercise.place and not exercise.message.startswith(exercise.place):
        yield _labelled("in your code", exercise.place)
    for name, value in exercise.inputs.items():
        yield _labelled(f"with {name}", value)
    if exercise.diagnosis:
        yield _line(f"It looks like this: {exercise.diagnosis}", "font-style:italic")
    if exercise.first and exercise.verdict != BLOCKED:
        yield _line(f"Fix this first: {', '.join(exercise.first)}", f"color:{COLOURS[BLOCKED]}")


_PRE = "margin:0.2em 0;padding:0;background:none;white-space:pre-wrap;overflow-wrap:anywhere"


def _check(check: CheckReport) -> str:
    kind = f" ({check.kind})" if check.kind and check.verdict == "failed" else ""
    style = f"color:{_CHECK_COLOURS.get(check.verdict, COLOURS[BLOCKED])}"
    return (
        f'<div><span style="{style}">{text(check.verdict + kind)}</span> {text(check.says)}</div>'
    )


def _labelled(label: str, value: str) -> str:
    head = f'<span style="color:#808080">{text(label)}: </span>'
    return f'<pre style="{_PRE}">{head}{text(value)}</pre>'


def _line(value: str, style: str = "") -> str:
    return f'<div style="{style}">{text(value)}</div>' if style else f"<div>{text(value)}</div>"


def _block(parts: list[str], style: str) -> str:
    return f'<div style="{style}">{"".join(parts)}</div>'
