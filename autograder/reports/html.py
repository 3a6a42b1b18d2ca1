"""Reports as HTML: a fragment with its own styles, for a notebook's output or a page.

Everything that a learner's code could have put into a report is escaped, and control characters
are made visible, so that a report can neither mark up nor script the page that it stands in.
"""

from __future__ import annotations

import html
from collections.abc import Mapping

from autograder.reports.details import Detail, Tone, details
from autograder.reports.report import (
    KINDS,
    TODO,
    CheckReport,
    CheckVerdict,
    ExerciseReport,
    Kind,
    Report,
    Verdict,
)
from autograder.reports.terminal import plain, summary

# Dark enough to be read on white, light enough to be read on a dark theme.
GREEN, GREY, RED, YELLOW = "#2e8b57", "#808080", "#cc3333", "#b8860b"
COLOURS: dict[str, str] = {
    Verdict.PASSED: GREEN,
    Verdict.TODO: GREY,
    Verdict.WRONG: RED,
    Verdict.CRASHED: RED,
    Verdict.TIMED_OUT: RED,
    Verdict.BLOCKED: YELLOW,
}
_CHECK_COLOURS: dict[str, str] = {CheckVerdict.PASSED: GREEN, CheckVerdict.FAILED: RED}
_TONES = {Tone.MISTAKE: "font-style:italic", Tone.FIRST: f"color:{YELLOW}"}


def report_html(report: Report) -> str:
    """A whole report: what concerns the file, every exercise, and the sum."""
    notes = [_line(note, f"color:{YELLOW}") for note in report.notes]
    absent = report.absent
    parts = [exercise_html(each) for each in report.listed() if each.id not in absent]
    if absent:
        parts.append(_line(f"not run yet: {', '.join(absent)}", f"color:{GREY}"))
    parts.append(_line(summary(report), "font-weight:bold;margin-top:0.5em"))
    return _block([*notes, *parts], "font-family:system-ui,sans-serif;line-height:1.45")


def exercise_html(exercise: ExerciseReport, *, checks: bool = False) -> str:
    """One exercise: the verdict, and below it what helps to mend it.

    With `checks`, each hidden check is listed by its sentence.
    """
    points = f"{exercise.points} of {exercise.max_points}"
    colour = COLOURS.get(exercise.verdict, GREY)
    head = (
        f'<span style="color:{colour};font-weight:bold">{text(exercise.verdict)}</span> '
        f"<code>{text(exercise.id)}</code> "
        f'<span style="color:{GREY}">{points} {"point" if points == "1 of 1" else "points"}</span>'
    )
    style = f"border-left:3px solid {colour};padding:0.1em 0.7em;margin:0.35em 0"
    return _block([f"<div>{head}</div>", details_html(exercise, checks=checks)], style)


def details_html(exercise: ExerciseReport, *, checks: bool = False) -> str:
    """What helps to mend an exercise, without its verdict.

    The sentence of a check that is listed below is not said twice.
    """
    listed = exercise.checks if checks and exercise.verdict != TODO else ()
    sentences = {check.says for check in listed}
    shown = [detail for detail in details(exercise) if detail.text not in sentences]
    return "".join([*map(_detail, shown), *(_check(check, exercise.kind) for check in listed)])


def beside_html(codes: Mapping[str, str]) -> str:
    """Pieces of code beside one another where there is room, each below its label."""
    style = f"{_PRE};font-family:monospace"
    parts = [
        f'<div>{_line(label, f"color:{GREY}")}<pre style="{style}">{text(code)}</pre></div>'
        for label, code in codes.items()
    ]
    return _block(parts, "display:flex;flex-wrap:wrap;gap:0.5em 3em") if parts else ""


def text(value: str) -> str:
    """Any text as HTML that shows it as it is."""
    return html.escape(plain(value), quote=True)


_PRE = (
    "margin:0.2em 0;padding:0;border:none;background:none;color:inherit;font-size:inherit;"
    "white-space:pre-wrap;overflow-wrap:anywhere"
)


def _detail(detail: Detail) -> str:
    label, value, tone = detail
    if tone is Tone.VALUE:
        return _labelled(label, value)
    if tone is Tone.MAIN:
        return f'<pre style="{_PRE};font-weight:bold">{text(value)}</pre>'
    return _line(f"{label.capitalize()}: {value}" if label else value, _TONES.get(tone, ""))


def _check(check: CheckReport, known: Kind | None) -> str:
    """A check by its sentence, and how it failed where that is not `known` to the reader."""
    kind = check.kind if check.verdict == CheckVerdict.FAILED and check.kind != known else None
    how = f' <span style="color:{GREY}">({text(KINDS.get(kind, kind))})</span>' if kind else ""
    style = f"color:{_CHECK_COLOURS.get(check.verdict, YELLOW)}"
    verdict = f'<span style="{style}">{text(check.verdict)}</span>'
    return f"<div>{verdict} {text(check.says)}{how}</div>"


def _labelled(label: str, value: str) -> str:
    head = f'<span style="color:{GREY}">{text(label)}: </span>'
    return f'<pre style="{_PRE}">{head}{text(value)}</pre>'


def _line(value: str, style: str = "") -> str:
    return f'<div style="{style}">{text(value)}</div>' if style else f"<div>{text(value)}</div>"


def _block(parts: list[str], style: str) -> str:
    return f'<div style="{style}">{"".join(parts)}</div>'
